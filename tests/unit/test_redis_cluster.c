/*
 * The Redis store in a real cluster: the contract of a store, slots that move,
 * and servers that die.
 */
#include "base/base.h"
#include "redis_many.h"
#include "store_contract.h"
#include "store/redis_client.h"

#include <signal.h>

enum { N_NODES = 6 };

static int node_port(int node)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "node%d", node);
	return redis_topology_number(&many.topology, name, "port");
}

static void empty(void)
{
	for (int i = 1; i <= N_NODES; i++) {
		int port = node_port(i);

		if (!strcmp(many_ask(port, "ROLE"), "master"))
			(void)many_ask(port, "FLUSHALL");
	}
}

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
				 strtol(many_ask(node_port(1),
						 "CLUSTER KEYSLOT %s",
						 keys[i]), NULL, 10));
}

/* The number of the node that has a slot now. */
static int owner_of(const char *pid)
{
	for (int i = 1; i <= N_NODES; i++)
		if (!strcmp(many_ask(node_port(i), "ROLE"), "master") &&
		    strncmp(many_ask(node_port(i), "GET %s", pid), "MOVED",
			    5) != 0)
			return i;
	fail_msg("nobody has %s", pid);
	return 0;
}

static void challenges_lie_on_all_servers(void **state)
{
	struct store_entry entries[STORE_PUT_MAX];
	struct store *store = many_open();
	int64_t n, n_there = 0;

	(void)state;
	for (size_t i = 0; i < STORE_PUT_MAX; i++)
		entries[i] = many_next_entry();
	assert_ok(store_put(store, entries, STORE_PUT_MAX, &many.err),
		  &many.err);
	for (int i = 1; i <= N_NODES; i++) {
		int port = node_port(i);

		if (strcmp(many_ask(port, "ROLE"), "master") != 0)
			continue;
		n = strtol(many_ask(port, "DBSIZE"), NULL, 10);
		assert_true(n > 0);
		n_there += n;
	}
	assert_int_equal(n_there, STORE_PUT_MAX);
	assert_ok(store_count(store, 0, &n, &many.err), &many.err);
	assert_int_equal(n, STORE_PUT_MAX);
	for (size_t i = 0; i < STORE_PUT_MAX; i++)
		assert_ok(many_take(store, &entries[i].pid), &many.err);
	store_close(store);
}

static void one_server_that_is_known_is_enough(void **state)
{
	struct store_entry entries[STORE_PUT_MAX];
	struct store *store;

	(void)state;
	for (int i = 1; i <= N_NODES; i++) { /* a replica, too */
		(void)snprintf(many.settings.redis_url,
			       sizeof(many.settings.redis_url), "redis+cluster://127.0.0.1:1,127.0.0.1:%d",
			       node_port(i));
		assert_ok(many_try_open(i % 2 ? STORE_FOR_ONE : STORE_FOR_MANY,
				   &store), &many.err);
		for (size_t k = 0; k < STORE_PUT_MAX; k++)
			entries[k] = many_next_entry();
		assert_ok(store_put(store, entries, STORE_PUT_MAX, &many.err),
			  &many.err);
		for (size_t k = 0; k < STORE_PUT_MAX; k++)
			assert_ok(many_take(store, &entries[k].pid), &many.err);
		store_close(store);
	}
}

static void tell_all(const char *format, unsigned slot, const char *id)
{
	for (int i = 1; i <= N_NODES; i++)
		if (!strcmp(many_ask(node_port(i), "ROLE"), "master"))
			assert_string_equal(many_ask(node_port(i), format, slot,
						id), "OK");
}

/* A slot on its way: some of its keys are here, some there. */
static void a_slot_that_moves_is_followed(void **state)
{
	struct store *store = many_open();
	int attempts;

	(void)state;
	for (attempts = 1; attempts <= 5; attempts += 4) {
		struct store_entry here, gone, again;
		char from_id[64], to_id[64];
		int from, to = 0;
		unsigned slot;

		store_close(store);
		many.settings.attempts_max = attempts;
		many.settings.redis_wait_replicas = attempts > 1;
		store = many_open();
		here = many_put(store);
		slot = redis_slot(here.pid.text);
		from = owner_of(here.pid.text);
		for (int i = 1; !to; i++)
			if (i != from &&
			    !strcmp(many_ask(node_port(i), "ROLE"), "master"))
				to = i;
		(void)snprintf(from_id, sizeof(from_id), "%s",
			       many_ask(node_port(from), "CLUSTER MYID"));
		(void)snprintf(to_id, sizeof(to_id), "%s",
			       many_ask(node_port(to), "CLUSTER MYID"));
		assert_string_equal(
			many_ask(node_port(to),
				 "CLUSTER SETSLOT %u IMPORTING %s",
			    slot, from_id), "OK");
		assert_string_equal(
			many_ask(node_port(from),
				 "CLUSTER SETSLOT %u MIGRATING %s",
			    slot, to_id), "OK");
		/* still here */
		assert_ok(many_take(store, &here.pid), &many.err);
		/* what is not here is asked for there */
		assert_status(many_take(store, &here.pid), CF_NOT_FOUND,
			      &many.err);
		gone = here;
		assert_ok(store_put(store, &gone, 1, &many.err), &many.err);
		assert_has(many_ask(node_port(from), "GET %s", gone.pid.text),
			   "ASK ");
		assert_ok(many_take(store, &gone.pid), &many.err);
		assert_status(store_drop(store, &gone.pid, &many.err),
			      CF_NOT_FOUND, &many.err);
		/* there for good */
		tell_all("CLUSTER SETSLOT %u NODE %s", slot, to_id);
		again = here;
		assert_ok(store_put(store, &again, 1, &many.err), &many.err);
		assert_int_equal(owner_of(again.pid.text), to);
		assert_ok(many_take(store, &again.pid), &many.err);
		assert_status(many_take(store, &again.pid), CF_NOT_FOUND,
			      &many.err);
		/* and back */
		tell_all("CLUSTER SETSLOT %u NODE %s", slot, from_id);
		assert_ok(store_put(store, &again, 1, &many.err), &many.err);
		assert_ok(store_drop(store, &again.pid, &many.err), &many.err);
	}
	store_close(store);
}

/* The one replica of a master. */
static pid_t replica_of(int node)
{
	char id[64], name[16], place[32];
	const char *line;

	(void)snprintf(id, sizeof(id), "%s",
		       many_ask(node_port(node), "CLUSTER MYID"));
	line = many_ask(node_port(node), "CLUSTER REPLICAS %s", id);
	for (int i = 1; i <= N_NODES; i++) {
		(void)snprintf(place, sizeof(place), ":%d@", node_port(i));
		if (!strstr(line, place))
			continue;
		(void)snprintf(name, sizeof(name), "node%d", i);
		return redis_topology_number(&many.topology, name, "pid");
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
	many.settings.redis_wait_replicas = 1;
	many.settings.store_timeout_ms = 4000; /* half of it for them */
	many.settings.attempts_max = 1;
	store = many_open(); /* with the map as it is now */
	entry = many_put(store);
	slot = redis_slot(entry.pid.text);
	from = owner_of(entry.pid.text);
	for (to = 1; to == from ||
		     strcmp(many_ask(node_port(to), "ROLE"), "master") != 0;)
		to++;
	(void)snprintf(from_id, sizeof(from_id), "%s",
		       many_ask(node_port(from), "CLUSTER MYID"));
	(void)snprintf(to_id, sizeof(to_id), "%s",
		       many_ask(node_port(to), "CLUSTER MYID"));
	assert_ok(many_take(store, &entry.pid), &many.err);
	tell_all("CLUSTER SETSLOT %u NODE %s", slot, to_id);
	assert_string_equal(many_ask(node_port(to), "SET %s %s", entry.pid.text,
				     entry.code),
			    "OK");
	assert_int_equal(kill(replica_of(to), SIGSTOP), 0);
	rc = many_take(store, &entry.pid);
	assert_int_equal(kill(replica_of(to), SIGCONT), 0);
	assert_status(rc, CF_IO, &many.err);
	assert_has(many.err.text, "0 replicas know");
	tell_all("CLUSTER SETSLOT %u NODE %s", slot, from_id);
	store_close(store);
}

static void others_go_on_when_a_server_dies(void **state)
{
	struct store *store = many_open();
	struct store_entry lost = many_put(store), entry;
	int dead = owner_of(lost.pid.text), n_well = 0;
	char name[16];
	bool is_back = false;

	(void)state;
	(void)snprintf(name, sizeof(name), "node%d", dead);
	redis_topology_kill(&many.topology, name);
	for (int i = 0; !is_back; i++) {
		assert_true(i < MANY_TURNS_MAX);
		for (int k = 0; k < 8; k++) {
			enum cf_status rc;

			entry = many_next_entry();
			rc = store_put(store, &entry, 1, &many.err);
			n_well += !rc;
			if (rc && rc != CF_IO && rc != CF_BUSY)
				assert_ok(rc, &many.err);
		}
		is_back = store_peek(store, &lost.pid, &entry, &many.err) !=
			  CF_IO;
		many_pass_turn();
	}
	assert_true(n_well > 0);
	(void)many_put_at_last(store, &entry);
	redis_topology_restart(&many.topology, name);
	for (int i = 0; !strstr(many_ask(node_port(dead), "INFO replication"),
				"master_link_status:up"); i++) {
		assert_true(i < MANY_TURNS_MAX);
		many_pass_turn();
	}
	store_close(store);
}

static void a_cluster_taken_for_one_server_is_told(void **state)
{
	struct store *store;
	enum cf_status rc = CF_OK;

	(void)state;
	(void)snprintf(many.settings.redis_url, sizeof(many.settings.redis_url),
		       "redis://127.0.0.1:%d", node_port(1));
	store = many_open();
	for (int i = 0; !rc && i < 1000; i++) {
		struct store_entry entry = many_next_entry();

		rc = store_put(store, &entry, 1, &many.err);
	}
	assert_status(rc, CF_IO, &many.err);
	assert_has(many.err.text, "write redis+cluster://");
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup(name, many_set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		TEST(slots_are_those_of_redis),
		/* before slots are moved by hand, of which replicas know
		 * nothing */
		TEST(others_go_on_when_a_server_dies),
		TEST(challenges_lie_on_all_servers),
		TEST(one_server_that_is_known_is_enough),
		TEST(a_slot_that_moves_is_followed),
		TEST(replicas_are_those_of_the_right_server),
		TEST(a_cluster_taken_for_one_server_is_told),
	};

	return many_run("cluster", empty, tests, CF_ARRAY_LEN(tests));
}
