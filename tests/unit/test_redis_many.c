/*
 * The Redis store over many real servers: behind sentinels, and in a cluster.
 * The contract of a store, and what happens when servers change their roles.
 */
#include "base/base.h"
#include "base/metrics.h"
#include "store/redis.h"
#include "store/redis_client.h"
#include "store_contract.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/redis_server.h"
#include "tests/support/redis_topology.h"
#include "tests/support/temp_dir.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define NOW FAKE_NOON_UNIX_MS

enum { TIMEOUT_MS = 5000, TURN_MS = 50, TURNS_MAX = 1200, N_NODES = 6 };

static char dir[TEMP_PATH_BYTES];
static const char *kind;
static struct redis_topology topology;
static struct settings settings;
static struct fake_clk clock_;
static struct cf_error err;

/* --- other programs' view ------------------------------------------------- */

static redisContext *connect_to(int port)
{
	redisContext *c = redisConnect("127.0.0.1", port);

	assert_non_null(c);
	if (c->err)
		fail_msg("port %d: %s", port, c->errstr);
	return c;
}

/* What a server says, as text; of a list its first. Borrowed until the next
 * call. */
static const char *ask(int port, const char *format, ...)
{
	static char text[65536];
	redisContext *c = connect_to(port);
	const redisReply *say;
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = redisvCommand(c, format, args);
	va_end(args);
	if (!reply)
		fail_msg("%s: %s", format, c->errstr);
	say = reply;
	while (say->type == REDIS_REPLY_ARRAY && say->elements)
		say = say->element[0];
	if (say->type == REDIS_REPLY_INTEGER)
		(void)snprintf(text, sizeof(text), "%lld", say->integer);
	else
		(void)snprintf(text, sizeof(text), "%s",
			       say->str ? say->str : "");
	freeReplyObject(reply);
	redisFree(c);
	return text;
}

static int node_port(int node)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "node%d", node);
	return redis_topology_number(&topology, name, "port");
}

/* Real time, and that of the store. */
static void pass_turn(void)
{
	const struct timespec turn = {.tv_nsec = TURN_MS * 1000000L};

	(void)nanosleep(&turn, NULL);
	fake_clk_forward(&clock_, TURN_MS);
}

/* The master as a sentinel knows it. */
static int master_port(void)
{
	redisContext *c = connect_to(
		redis_topology_number(&topology, "sentinel1", "port"));
	redisReply *reply = redisCommand(
		c, "SENTINEL get-master-addr-by-name captcha");
	int port;

	assert_non_null(reply);
	assert_int_equal(reply->elements, 2);
	port = (int)strtol(reply->element[1]->str, NULL, 10);
	freeReplyObject(reply);
	redisFree(c);
	return port;
}

/* --- a world for each test ------------------------------------------------ */

static void empty_cluster(void)
{
	for (int i = 1; i <= N_NODES; i++) {
		int port = node_port(i);

		if (!strcmp(ask(port, "ROLE"), "master"))
			(void)ask(port, "FLUSHALL");
	}
}

static void begin(void)
{
	err = (struct cf_error)CF_ERROR_INIT;
	fake_clk_init(&clock_);
	settings_init(&settings);
	settings.store = SETTINGS_STORE_REDIS;
	settings.redis_timeout_ms = TIMEOUT_MS;
	settings.attempts_max = 5;
	(void)snprintf(settings.redis_url, sizeof(settings.redis_url), "%s",
		       redis_topology_get(&topology, "URL"));
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       dir);
	(void)unlink(temp_path(dir, "breaker"));
	if (!strcmp(kind, "sentinel"))
		(void)ask(master_port(), "FLUSHALL");
	else
		empty_cluster();
}

static void end(void)
{
}

static enum cf_status try_open(enum store_use use, struct store **out)
{
	enum cf_status rc;
	void *impl;

	*out = NULL;
	rc = redis_store_open(&settings, use, fake_clk_get(&clock_), &impl,
			      &err);
	if (rc)
		return rc;
	*out = store_new(&redis_store_ops, impl);
	assert_non_null(*out);
	return CF_OK;
}

static struct store *open_store(void)
{
	struct store *store;

	assert_ok(try_open(STORE_FOR_MANY, &store), &err);
	return store;
}

const struct store_contract_backend store_contract_backend = {
	.begin = begin, .open = open_store, .end = end, .ends_expired = true};

static int set_up(void **state)
{
	(void)state;
	assert_ok(crypt_open(&err), &err);
	begin();
	return 0;
}

/* Numbers that no test uses twice, so that no put finds its pid there. */
static struct store_entry next_entry(void)
{
	static unsigned number = 1000;
	struct clk clk = fake_clk_get(&clock_);

	return store_contract_entry(number++, clk_unix_ms(&clk));
}

static struct store_entry put(struct store *store)
{
	struct store_entry entry = next_entry();

	assert_ok(store_put(store, &entry, 1, &err), &err);
	return entry;
}

static enum cf_status take(struct store *store, const char *pid)
{
	struct store_entry out;

	return store_take(store, pid, &out, &err);
}

/* Put until it succeeds; how often it did not. Trouble is CF_IO or CF_BUSY,
 * nothing else. */
static int put_at_last(struct store *store, struct store_entry *entry)
{
	enum cf_status rc = CF_IO;
	int n;

	for (n = 0; n < TURNS_MAX; n++) {
		*entry = next_entry();
		rc = store_put(store, entry, 1, &err);
		if (!rc)
			return n;
		if (rc != CF_IO && rc != CF_BUSY)
			assert_ok(rc, &err);
		pass_turn();
	}
	assert_ok(rc, &err);
	return n;
}

/* --- sentinels ------------------------------------------------------------ */

static void wait_for_replicas(void)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		if (strstr(ask(master_port(), "INFO replication"),
			   "connected_slaves:2"))
			return;
		pass_turn();
	}
	fail_msg("the replicas did not come back");
}

static const char *name_of_port(int port)
{
	static const char *const names[] = {"master", "replica1", "replica2"};

	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		if (redis_topology_number(&topology, names[i], "port") == port)
			return names[i];
	fail_msg("port %d is nobody's", port);
	return NULL;
}

static void a_dead_master_is_followed_by_the_next(void **state)
{
	struct store *many = open_store(), *one;
	struct store_entry used = put(many), left = put(many), fresh;
	const char *dead = name_of_port(master_port());

	(void)state;
	settings.redis_wait_replicas = 2;
	assert_ok(try_open(STORE_FOR_ONE, &one), &err);
	assert_ok(take(one, used.pid), &err); /* all know, of `left` too */
	redis_topology_kill(&topology, dead);
	assert_status(take(many, left.pid), CF_IO, &err);
	(void)put_at_last(many, &fresh);
	assert_string_not_equal(name_of_port(master_port()), dead);
	assert_status(take(many, used.pid), CF_NOT_FOUND, &err);
	assert_ok(take(many, left.pid), &err);
	assert_status(take(many, left.pid), CF_NOT_FOUND, &err);
	assert_ok(take(many, fresh.pid), &err);
	redis_topology_restart(&topology, dead);
	wait_for_replicas();
	store_close(one);
	store_close(many);
}

/* The old master takes questions all the time, and says READONLY. */
static void a_master_that_steps_down_sends_on(void **state)
{
	struct store *store = open_store();
	struct store_entry entry = put(store);
	int before = master_port();

	(void)state;
	for (int i = 0; strcmp(ask(redis_topology_number(&topology,
							  "sentinel1", "port"),
				   "SENTINEL FAILOVER captcha"), "OK") != 0;
	     i++) {
		assert_true(i < TURNS_MAX); /* one was not long ago */
		pass_turn();
	}
	for (int i = 0; strcmp(ask(before, "ROLE"), "slave") != 0; i++) {
		assert_true(i < TURNS_MAX);
		pass_turn();
	}
	(void)put_at_last(store, &entry);
	assert_int_not_equal(master_port(), before);
	assert_string_equal(ask(master_port(), "GET %s", entry.pid),
			    entry.code);
	store_close(store);
	wait_for_replicas();
}

/* Not by the sentinels, who would have closed its connections. */
static void a_master_that_takes_no_writes_is_left(void **state)
{
	struct store *store = open_store();
	struct store_entry entry = next_entry();
	int port = master_port(), other = 0;

	(void)state;
	for (int i = 1; i <= 2; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "replica%d", i);
		other = redis_topology_number(&topology, name, "port");
		if (other != port)
			break;
	}
	assert_string_equal(ask(port, "REPLICAOF 127.0.0.1 %d", other), "OK");
	assert_status(store_put(store, &entry, 1, &err), CF_IO, &err);
	/* they were asked, and named it again */
	assert_has(err.text, "the master no more, or not yet");
	assert_string_equal(ask(port, "REPLICAOF NO ONE"), "OK");
	(void)put_at_last(store, &entry);
	store_close(store);
	wait_for_replicas();
}

static void who_asks_for_too_many_replicas_is_told(void **state)
{
	struct store *store;
	struct store_entry entry;

	(void)state;
	settings.redis_wait_replicas = 2;
	store = open_store();
	entry = put(store);
	assert_ok(take(store, entry.pid), &err);
	store_close(store);
	settings.redis_wait_replicas = 3;
	settings.redis_timeout_ms = 200;
	store = open_store();
	entry = put(store);
	assert_status(take(store, entry.pid), CF_IO, &err);
	assert_has(err.text, "2 of redis_wait_replicas = 3");
	assert_status(take(store, entry.pid), CF_NOT_FOUND, &err);
	store_close(store);
}

static void a_name_that_no_sentinel_knows_is_told(void **state)
{
	struct store *store;

	(void)state;
	memcpy(strrchr(settings.redis_url, '/'), "/other", sizeof("/other"));
	assert_status(try_open(STORE_FOR_MANY, &store), CF_CONFIG, &err);
	assert_has(err.text, "\"other\"");
	assert_ok(try_open(STORE_FOR_ONE, &store), &err);
	assert_status(take(store, next_entry().pid), CF_CONFIG, &err);
	store_close(store);
}

static void sentinels_without_a_password_do_not_mind_one(void **state)
{
	char url[256];
	struct store *store;

	(void)state;
	(void)snprintf(url, sizeof(url), "%.255s", settings.redis_url);
	(void)snprintf(settings.redis_url, sizeof(settings.redis_url),
		       "redis+sentinel://:hush@%s",
		       strstr(url, "://") + 3);
	/* the master does, which they have named */
	assert_status(try_open(STORE_FOR_MANY, &store), CF_CONFIG, &err);
	assert_has(err.text, "see user and password in redis_url");
	assert_null(strstr(err.text, "hush"));
}

static void some_sentinels_are_enough(void **state)
{
	char url[256];
	struct store_entry entry;
	struct store *store;

	(void)state;
	(void)snprintf(url, sizeof(url), "%.255s", settings.redis_url);
	(void)snprintf(settings.redis_url, sizeof(settings.redis_url),
		       "redis+sentinel://127.0.0.1:1,no.such.host.invalid,%s",
		       strstr(url, "://") + 3);
	store = open_store();
	entry = put(store);
	assert_ok(take(store, entry.pid), &err);
	store_close(store);
	(void)snprintf(settings.redis_url, sizeof(settings.redis_url),
		       "redis+sentinel://127.0.0.1:1,127.0.0.1:2/captcha");
	store = open_store(); /* they may come yet */
	assert_status(take(store, entry.pid), CF_IO, &err);
	store_close(store);
}

/* --- cluster -------------------------------------------------------------- */

static void slots_are_those_of_redis(void **state)
{
	static const char *const keys[] = {
		"",	"a",	 "123456789", "0000000001AbCdEf", "{a}b",
		"b{a}", "{}a",	 "{a",	      "a}",		  "x{}{a}",
		"{{a}", "{a}{b}", "\xff\xfe",
	};

	(void)state;
	assert_int_equal(redis_slot("123456789"), 0x31c3);
	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++)
		assert_int_equal(redis_slot(keys[i]),
				 strtol(ask(node_port(1), "CLUSTER KEYSLOT %s",
					    keys[i]), NULL, 10));
}

/* The number of the node that has a slot now. */
static int owner_of(const char *pid)
{
	for (int i = 1; i <= N_NODES; i++)
		if (!strcmp(ask(node_port(i), "ROLE"), "master") &&
		    strncmp(ask(node_port(i), "GET %s", pid), "MOVED", 5) != 0)
			return i;
	fail_msg("nobody has %s", pid);
	return 0;
}

static void challenges_lie_on_all_servers(void **state)
{
	struct store_entry entries[STORE_PUT_MAX];
	struct store *store = open_store();
	int64_t n, n_there = 0;

	(void)state;
	for (size_t i = 0; i < STORE_PUT_MAX; i++)
		entries[i] = next_entry();
	assert_ok(store_put(store, entries, STORE_PUT_MAX, &err), &err);
	for (int i = 1; i <= N_NODES; i++) {
		int port = node_port(i);

		if (strcmp(ask(port, "ROLE"), "master") != 0)
			continue;
		n = strtol(ask(port, "DBSIZE"), NULL, 10);
		assert_true(n > 0);
		n_there += n;
	}
	assert_int_equal(n_there, STORE_PUT_MAX);
	assert_ok(store_count(store, 0, &n, &err), &err);
	assert_int_equal(n, STORE_PUT_MAX);
	for (size_t i = 0; i < STORE_PUT_MAX; i++)
		assert_ok(take(store, entries[i].pid), &err);
	store_close(store);
}

static void one_server_that_is_known_is_enough(void **state)
{
	struct store_entry entries[STORE_PUT_MAX];
	struct store *store;

	(void)state;
	for (int i = 1; i <= N_NODES; i++) { /* a replica, too */
		(void)snprintf(settings.redis_url, sizeof(settings.redis_url),
			       "redis+cluster://127.0.0.1:1,127.0.0.1:%d",
			       node_port(i));
		assert_ok(try_open(i % 2 ? STORE_FOR_ONE : STORE_FOR_MANY,
				   &store), &err);
		for (size_t k = 0; k < STORE_PUT_MAX; k++)
			entries[k] = next_entry();
		assert_ok(store_put(store, entries, STORE_PUT_MAX, &err),
			  &err);
		for (size_t k = 0; k < STORE_PUT_MAX; k++)
			assert_ok(take(store, entries[k].pid), &err);
		store_close(store);
	}
}

static void tell_all(const char *format, unsigned slot, const char *id)
{
	for (int i = 1; i <= N_NODES; i++)
		if (!strcmp(ask(node_port(i), "ROLE"), "master"))
			assert_string_equal(ask(node_port(i), format, slot,
						id), "OK");
}

/* A slot on its way: some of its keys are here, some there. */
static void a_slot_that_moves_is_followed(void **state)
{
	struct store *store = open_store();
	int attempts;

	(void)state;
	for (attempts = 1; attempts <= 5; attempts += 4) {
		struct store_entry here, gone, again;
		char from_id[64], to_id[64];
		int from, to = 0;
		unsigned slot;

		store_close(store);
		settings.attempts_max = attempts;
		settings.redis_wait_replicas = attempts > 1;
		store = open_store();
		here = put(store);
		slot = redis_slot(here.pid);
		from = owner_of(here.pid);
		for (int i = 1; !to; i++)
			if (i != from &&
			    !strcmp(ask(node_port(i), "ROLE"), "master"))
				to = i;
		(void)snprintf(from_id, sizeof(from_id), "%s",
			       ask(node_port(from), "CLUSTER MYID"));
		(void)snprintf(to_id, sizeof(to_id), "%s",
			       ask(node_port(to), "CLUSTER MYID"));
		assert_string_equal(
			ask(node_port(to), "CLUSTER SETSLOT %u IMPORTING %s",
			    slot, from_id), "OK");
		assert_string_equal(
			ask(node_port(from), "CLUSTER SETSLOT %u MIGRATING %s",
			    slot, to_id), "OK");
		/* still here */
		assert_ok(take(store, here.pid), &err);
		/* what is not here is asked for there */
		assert_status(take(store, here.pid), CF_NOT_FOUND, &err);
		gone = here;
		assert_ok(store_put(store, &gone, 1, &err), &err);
		assert_has(ask(node_port(from), "GET %s", gone.pid), "ASK ");
		assert_ok(take(store, gone.pid), &err);
		assert_status(store_drop(store, gone.pid, &err), CF_NOT_FOUND,
			      &err);
		/* there for good */
		tell_all("CLUSTER SETSLOT %u NODE %s", slot, to_id);
		again = here;
		assert_ok(store_put(store, &again, 1, &err), &err);
		assert_int_equal(owner_of(again.pid), to);
		assert_ok(take(store, again.pid), &err);
		assert_status(take(store, again.pid), CF_NOT_FOUND, &err);
		/* and back */
		tell_all("CLUSTER SETSLOT %u NODE %s", slot, from_id);
		assert_ok(store_put(store, &again, 1, &err), &err);
		assert_ok(store_drop(store, again.pid, &err), &err);
	}
	store_close(store);
}

/* The one replica of a master. */
static pid_t replica_of(int node)
{
	char id[64], name[16], place[32];
	const char *line;

	(void)snprintf(id, sizeof(id), "%s",
		       ask(node_port(node), "CLUSTER MYID"));
	line = ask(node_port(node), "CLUSTER REPLICAS %s", id);
	for (int i = 1; i <= N_NODES; i++) {
		(void)snprintf(place, sizeof(place), ":%d@", node_port(i));
		if (!strstr(line, place))
			continue;
		(void)snprintf(name, sizeof(name), "node%d", i);
		return redis_topology_number(&topology, name, "pid");
	}
	fail_msg("node%d has no replica", node);
	return 0;
}

/* Whose answer to WAIT counts is the one that has ended the challenge. */
static void replicas_are_those_of_the_right_server(void **state)
{
	struct store *store;
	struct store_entry entry;
	char from_id[64], to_id[64];
	int from, to;
	unsigned slot;
	enum cf_status rc;

	(void)state;
	settings.redis_wait_replicas = 1;
	settings.redis_timeout_ms = 1000;
	settings.attempts_max = 1;
	store = open_store(); /* with the map as it is now */
	entry = put(store);
	slot = redis_slot(entry.pid);
	from = owner_of(entry.pid);
	for (to = 1; to == from ||
		     strcmp(ask(node_port(to), "ROLE"), "master") != 0;)
		to++;
	(void)snprintf(from_id, sizeof(from_id), "%s",
		       ask(node_port(from), "CLUSTER MYID"));
	(void)snprintf(to_id, sizeof(to_id), "%s",
		       ask(node_port(to), "CLUSTER MYID"));
	assert_ok(take(store, entry.pid), &err);
	tell_all("CLUSTER SETSLOT %u NODE %s", slot, to_id);
	assert_string_equal(ask(node_port(to), "SET %s %s", entry.pid,
				entry.code), "OK");
	assert_int_equal(kill(replica_of(to), SIGSTOP), 0);
	rc = take(store, entry.pid);
	assert_int_equal(kill(replica_of(to), SIGCONT), 0);
	assert_status(rc, CF_IO, &err);
	assert_has(err.text, "0 of redis_wait_replicas = 1");
	tell_all("CLUSTER SETSLOT %u NODE %s", slot, from_id);
	store_close(store);
}

static void others_go_on_when_a_server_dies(void **state)
{
	struct store *store = open_store();
	struct store_entry lost = put(store), entry;
	int dead = owner_of(lost.pid), n_well = 0;
	char name[16];
	bool is_back = false;

	(void)state;
	(void)snprintf(name, sizeof(name), "node%d", dead);
	redis_topology_kill(&topology, name);
	for (int i = 0; !is_back; i++) {
		assert_true(i < TURNS_MAX);
		for (int k = 0; k < 8; k++) {
			enum cf_status rc;

			entry = next_entry();
			rc = store_put(store, &entry, 1, &err);
			n_well += !rc;
			if (rc && rc != CF_IO && rc != CF_BUSY)
				assert_ok(rc, &err);
		}
		is_back = store_peek(store, lost.pid, &entry, &err) != CF_IO;
		pass_turn();
	}
	assert_true(n_well > 0);
	(void)put_at_last(store, &entry);
	redis_topology_restart(&topology, name);
	for (int i = 0; strcmp(ask(node_port(dead), "ROLE"), "slave") != 0;
	     i++) {
		assert_true(i < TURNS_MAX);
		pass_turn();
	}
	store_close(store);
}

static void a_cluster_taken_for_one_server_is_told(void **state)
{
	struct store *store;
	enum cf_status rc = CF_OK;

	(void)state;
	(void)snprintf(settings.redis_url, sizeof(settings.redis_url),
		       "redis://127.0.0.1:%d", node_port(1));
	store = open_store();
	for (int i = 0; !rc && i < 1000; i++) {
		struct store_entry entry = next_entry();

		rc = store_put(store, &entry, 1, &err);
	}
	assert_status(rc, CF_IO, &err);
	assert_has(err.text, "write redis+cluster://");
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

static int run(const char *which, const struct CMUnitTest *tests, size_t n)
{
	char own[TEMP_PATH_BYTES];
	int n_failed;

	kind = which;
	(void)snprintf(own, sizeof(own), "%s", temp_path(dir, "%s", which));
	redis_topology_start(&topology, which, own);
	n_failed = _cmocka_run_group_tests(which, tests, n, NULL, NULL);
	redis_topology_stop(&topology);
	return n_failed;
}

int main(void)
{
	const struct CMUnitTest sentinel[] = {
		STORE_CONTRACT_TESTS
		TEST(who_asks_for_too_many_replicas_is_told),
		TEST(a_master_that_takes_no_writes_is_left),
		TEST(a_name_that_no_sentinel_knows_is_told),
		TEST(sentinels_without_a_password_do_not_mind_one),
		TEST(some_sentinels_are_enough),
		TEST(a_dead_master_is_followed_by_the_next),
		TEST(a_master_that_steps_down_sends_on),
	};
	const struct CMUnitTest cluster[] = {
		STORE_CONTRACT_TESTS
		TEST(slots_are_those_of_redis),
		TEST(challenges_lie_on_all_servers),
		TEST(one_server_that_is_known_is_enough),
		TEST(a_slot_that_moves_is_followed),
		TEST(replicas_are_those_of_the_right_server),
		TEST(a_cluster_taken_for_one_server_is_told),
		TEST(others_go_on_when_a_server_dies),
	};
	int n_failed;

	if (!redis_server_is_there()) {
		(void)puts("1..0 # SKIP no redis-server");
		return 0;
	}
	temp_dir_make(dir);
	n_failed = run("sentinel", sentinel, CF_ARRAY_LEN(sentinel));
	n_failed += run("cluster", cluster, CF_ARRAY_LEN(cluster));
	temp_dir_remove(dir);
	return n_failed;
}
