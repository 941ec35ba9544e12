/*
 * The Redis store behind real sentinels: the contract of a store, and what
 * happens when another server becomes the master.
 */
#include "base/base.h"
#include "redis_many.h"
#include "base/metrics.h"
#include "store_contract.h"

/* The master as a sentinel knows it. */
static int master_port(void)
{
	redisContext *c = many_connect(
		redis_topology_number(&many.topology, "sentinel1", "port"));
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

static void empty(void)
{
	(void)many_ask(master_port(), "FLUSHALL");
}

static void wait_for_replicas(void)
{
	for (int i = 0; i < MANY_TURNS_MAX; i++) {
		if (strstr(many_ask(master_port(), "INFO replication"),
			   "connected_slaves:2"))
			return;
		many_pass_turn();
	}
	fail_msg("the replicas did not come back");
}

static const char *name_of_port(int port)
{
	static const char *const names[] = {"master", "replica1", "replica2"};

	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		if (redis_topology_number(&many.topology, names[i], "port") ==
		    port)
			return names[i];
	fail_msg("port %d is nobody's", port);
	return NULL;
}

static void a_dead_master_is_followed_by_the_next(void **state)
{
	struct store *store = many_open(), *one;
	struct store_entry used = many_put(store), left = many_put(store);
	struct store_entry fresh;
	const char *dead = name_of_port(master_port());

	(void)state;
	many.settings.redis_wait_replicas = 2;
	assert_ok(many_try_open(STORE_FOR_ONE, &one), &many.err);
	/* all know, of `left` too */
	assert_ok(many_take(one, &used.pid), &many.err);
	redis_topology_kill(&many.topology, dead);
	assert_status(many_take(store, &left.pid), CF_IO, &many.err);
	(void)many_put_at_last(store, &fresh);
	assert_string_not_equal(name_of_port(master_port()), dead);
	assert_status(many_take(store, &used.pid), CF_NOT_FOUND, &many.err);
	assert_ok(many_take(store, &left.pid), &many.err);
	assert_status(many_take(store, &left.pid), CF_NOT_FOUND, &many.err);
	assert_ok(many_take(store, &fresh.pid), &many.err);
	redis_topology_restart(&many.topology, dead);
	wait_for_replicas();
	store_close(one);
	store_close(store);
}

/* One that steps down without the sentinels, who would have closed its
 * connections. */
static void a_master_that_takes_no_writes_is_left(void **state)
{
	struct store *store = many_open();
	struct store_entry entry = many_next_entry();
	int port = master_port(), other = 0;

	(void)state;
	for (int i = 1; i <= 2; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "replica%d", i);
		other = redis_topology_number(&many.topology, name, "port");
		if (other != port)
			break;
	}
	assert_string_equal(many_ask(port, "REPLICAOF 127.0.0.1 %d", other),
			    "OK");
	assert_status(store_put(store, &entry, 1, &many.err), CF_IO, &many.err);
	/* they were asked, and named it again */
	assert_has(many.err.text, "the master no more, or not yet");
	assert_string_equal(many_ask(port, "REPLICAOF NO ONE"), "OK");
	(void)many_put_at_last(store, &entry);
	store_close(store);
	wait_for_replicas();
}

static uint64_t n_connected(void)
{
	struct metrics_view view;

	metrics_read(&view, 0);
	return view.counts[METRIC_STORE_CONNECT];
}

static void who_asks_for_too_many_replicas_is_told(void **state)
{
	struct store *store;
	struct store_entry entry;
	uint64_t before;

	(void)state;
	many.settings.redis_wait_replicas = 2;
	store = many_open();
	entry = many_put(store);
	assert_ok(many_take(store, &entry.pid), &many.err);
	store_close(store);
	many.settings.redis_wait_replicas = 3;
	many.settings.store_timeout_ms = 3000; /* half of it for them */
	store = many_open();
	entry = many_put(store);
	assert_status(many_take(store, &entry.pid), CF_IO, &many.err);
	assert_has(many.err.text, "2 replicas know");
	/* it may be cut off from them: the sentinels are asked */
	before = n_connected();
	assert_status(many_take(store, &entry.pid), CF_NOT_FOUND, &many.err);
	assert_int_equal(n_connected(), before + 1);
	store_close(store);
}

/* Nothing was done, and the sentinels are asked before the next try. */
static void a_master_without_replicas_enough_is_doubted(void **state)
{
	struct store *store = many_open();
	struct store_entry entry = many_next_entry();
	uint64_t before = n_connected();
	int port = master_port();

	(void)state;
	assert_string_equal(many_ask(port, "CONFIG SET min-replicas-to-write 3"),
			    "OK");
	assert_status(store_put(store, &entry, 1, &many.err), CF_IO,
		      &many.err);
	assert_string_equal(many_ask(port, "CONFIG SET min-replicas-to-write 0"),
			    "OK");
	assert_has(many.err.text, "NOREPLICAS");
	assert_ok(store_put(store, &entry, 1, &many.err), &many.err);
	assert_int_equal(n_connected(), before + 1);
	store_close(store);
}

static void a_name_that_no_sentinel_knows_is_told(void **state)
{
	struct store_entry entry = many_next_entry();
	struct store *store;

	(void)state;
	memcpy(strrchr(many.settings.redis_url, '/'), "/other",
	       sizeof("/other"));
	assert_status(many_try_open(STORE_FOR_MANY, &store), CF_CONFIG,
		      &many.err);
	assert_has(many.err.text, "\"other\"");
	assert_ok(many_try_open(STORE_FOR_ONE, &store), &many.err);
	assert_status(many_take(store, &entry.pid), CF_CONFIG, &many.err);
	store_close(store);
}

static void sentinels_without_a_password_do_not_mind_one(void **state)
{
	char url[256];
	struct store *store;

	(void)state;
	(void)snprintf(url, sizeof(url), "%.255s", many.settings.redis_url);
	(void)snprintf(many.settings.redis_url, sizeof(many.settings.redis_url),
		       "redis+sentinel://:hush@%s",
		       strstr(url, "://") + 3);
	/* the master does, which they have named */
	assert_status(many_try_open(STORE_FOR_MANY, &store), CF_CONFIG,
		      &many.err);
	assert_has(many.err.text, "see user and password in store");
	assert_null(strstr(many.err.text, "hush"));
}

static void some_sentinels_are_enough(void **state)
{
	char url[256];
	struct store_entry entry;
	struct store *store;

	(void)state;
	(void)snprintf(url, sizeof(url), "%.255s", many.settings.redis_url);
	(void)snprintf(many.settings.redis_url, sizeof(many.settings.redis_url),
		       "redis+sentinel://127.0.0.1:1,no.such.host.invalid,%s",
		       strstr(url, "://") + 3);
	store = many_open();
	entry = many_put(store);
	assert_ok(many_take(store, &entry.pid), &many.err);
	store_close(store);
	(void)snprintf(many.settings.redis_url, sizeof(many.settings.redis_url),
		       "redis+sentinel://127.0.0.1:1,127.0.0.1:2/captcha");
	store = many_open(); /* they may come yet */
	assert_status(many_take(store, &entry.pid), CF_IO, &many.err);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup(name, many_set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		TEST(who_asks_for_too_many_replicas_is_told),
		TEST(a_master_that_takes_no_writes_is_left),
		TEST(a_master_without_replicas_enough_is_doubted),
		TEST(a_name_that_no_sentinel_knows_is_told),
		TEST(sentinels_without_a_password_do_not_mind_one),
		TEST(some_sentinels_are_enough),
		TEST(a_dead_master_is_followed_by_the_next),
	};

	return many_run("sentinel", empty, tests, CF_ARRAY_LEN(tests));
}
