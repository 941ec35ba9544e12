/*
 * The Redis store in a real cluster: the contract of a store, slots that move,
 * and servers that die.
 */
#include "base/base.h"
#include "redis_world.h"
#include "store/redis_client.h"
#include "store_contract.h"

#include <signal.h>

enum { N_NODES = 6 };

#define ask(node, ...) world_ask(node_port(node), __VA_ARGS__)

static const char *node_name(int node)
{
	static char name[16];

	(void)snprintf(name, sizeof(name), "node%d", node);
	return name;
}

static int node_port(int node)
{
	return world_port(node_name(node));
}

static bool is_master(int node)
{
	return !strncmp(ask(node, "ROLE"), "master", 6);
}

static void empty(void)
{
	for (int i = 1; i <= N_NODES; i++)
		if (is_master(i))
			(void)ask(i, "FLUSHALL");
}

static void put_many(struct store *store, struct store_entry *entries)
{
	for (size_t i = 0; i < STORE_PUT_MAX; i++)
		entries[i] = world_next_entry();
	assert_ok(store_put(store, entries, STORE_PUT_MAX, &world.err),
		  &world.err);
}

static void take_many(struct store *store, const struct store_entry *entries)
{
	for (size_t i = 0; i < STORE_PUT_MAX; i++)
		assert_ok(world_take(store, &entries[i].pid), &world.err);
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
				 world_ask_number(node_port(1),
						  "CLUSTER KEYSLOT %s",
						  keys[i]));
}

static void challenges_lie_on_all_masters(void **state)
{
	struct store_entry entries[STORE_PUT_MAX];
	struct store *store = world_open();
	int64_t n, n_there = 0;

	(void)state;
	put_many(store, entries);
	for (int i = 1; i <= N_NODES; i++) {
		if (!is_master(i))
			continue;
		n = world_ask_number(node_port(i), "DBSIZE");
		assert_true(n > 0);
		n_there += n;
	}
	assert_int_equal(n_there, STORE_PUT_MAX);
	assert_ok(store_count(store, 0, &n, &world.err), &world.err);
	assert_int_equal(n, STORE_PUT_MAX);
	take_many(store, entries);
	store_close(store);
}

static void one_server_of_the_address_is_enough(void **state)
{
	struct store_entry entries[STORE_PUT_MAX];
	struct store *store;

	(void)state;
	for (int i = 1; i <= N_NODES; i++) { /* a replica, too */
		world_set_url("redis+cluster://127.0.0.1:1,127.0.0.1:%d",
			      node_port(i));
		assert_ok(world_try_open(i % 2 ? STORE_FOR_ONE
					       : STORE_FOR_MANY, &store),
			  &world.err);
		put_many(store, entries);
		take_many(store, entries);
		store_close(store);
	}
}

/* --- slots that move ------------------------------------------------------ */

/* A slot, the master that has it, and another master. */
struct move {
	unsigned slot;
	int from, to;
	char from_id[64], to_id[64];
};

static long epoch_of(int node)
{
	static const char name[] = "cluster_current_epoch:";
	const char *line = strstr(ask(node, "CLUSTER INFO"), name);

	assert_non_null(line);
	return strtol(line + sizeof(name) - 1, NULL, 10);
}

/* Until all nodes know the last move. A node that does not know it would give
 * the next move the same epoch: then the old owner may win. */
static void await_one_epoch(void)
{
	bool is_one;

	for (int turn = 0; turn < WORLD_TURNS_MAX; turn++) {
		is_one = true;
		for (int i = 2; i <= N_NODES; i++)
			is_one = is_one && epoch_of(i) == epoch_of(1);
		if (is_one)
			return;
		world_pass_turn();
	}
	fail_msg("nodes do not agree on an epoch");
}

/* The node that has the slot of a pid now. On a busy machine a node may miss
 * the others for a moment: it says CLUSTERDOWN of all slots, also of those that
 * other nodes have. */
static int owner_of(const char *pid)
{
	const char *answer;

	for (int turn = 0; turn < WORLD_TURNS_MAX; turn++) {
		for (int i = 1; i <= N_NODES; i++) {
			if (!is_master(i))
				continue;
			answer = ask(i, "GET %s", pid);
			if (strncmp(answer, "MOVED", 5) &&
			    strncmp(answer, "CLUSTERDOWN", 11))
				return i;
		}
		world_pass_turn();
	}
	fail_msg("no node has the slot of %s", pid);
	return 0;
}

static struct move plan_move(const struct pid *pid)
{
	struct move move = {.slot = redis_slot(pid->text), .to = 1};

	await_one_epoch();
	move.from = owner_of(pid->text);
	while (move.to == move.from || !is_master(move.to))
		move.to++;
	(void)snprintf(move.from_id, sizeof(move.from_id), "%s",
		       ask(move.from, "CLUSTER MYID"));
	(void)snprintf(move.to_id, sizeof(move.to_id), "%s",
		       ask(move.to, "CLUSTER MYID"));
	return move;
}

/* Begin to move the slot: old keys stay at the old node, new keys go to the new
 * node. */
static void begin_move(const struct move *move)
{
	assert_string_equal(ask(move->to, "CLUSTER SETSLOT %u IMPORTING %s",
				move->slot, move->from_id), "OK");
	assert_string_equal(ask(move->from, "CLUSTER SETSLOT %u MIGRATING %s",
				move->slot, move->to_id), "OK");
}

/* End the move. A node that was importing gets a higher epoch: without it, an
 * old message of the other node would give the slot back. */
static void end_move(const struct move *move)
{
	assert_string_equal(ask(move->to, "CLUSTER SETSLOT %u NODE %s",
				move->slot, move->to_id), "OK");
	for (int i = 1; i <= N_NODES; i++)
		if (is_master(i))
			assert_string_equal(ask(i, "CLUSTER SETSLOT %u NODE %s",
						move->slot, move->to_id), "OK");
	await_one_epoch();
}

static void move_slot(const struct move *move)
{
	begin_move(move);
	end_move(move);
}

static struct move turn_round(const struct move *move)
{
	struct move back = {.slot = move->slot, .from = move->to,
			    .to = move->from};

	memcpy(back.from_id, move->to_id, sizeof(back.from_id));
	memcpy(back.to_id, move->from_id, sizeof(back.to_id));
	return back;
}

static void a_slot_that_moves_is_followed(void **state)
{
	(void)state;
	for (int several = 0; several < 2; several++) {
		struct store_entry entry;
		struct store *store;
		struct move move, back;

		world.options.has_attempts = several;
		world.options.redis_wait_replicas = several;
		store = world_open();
		entry = world_put(store);
		move = plan_move(&entry.pid);
		back = turn_round(&move);
		begin_move(&move);
		assert_ok(world_take(store, &entry.pid), &world.err);
		assert_status(world_take(store, &entry.pid), CF_NOT_FOUND,
			      &world.err);
		assert_ok(store_put(store, &entry, 1, &world.err), &world.err);
		assert_has(ask(move.from, "GET %s", entry.pid.text), "ASK ");
		assert_ok(world_take(store, &entry.pid), &world.err);
		assert_status(store_drop(store, &entry.pid, &world.err),
			      CF_NOT_FOUND, &world.err);
		end_move(&move);
		assert_ok(store_put(store, &entry, 1, &world.err), &world.err);
		assert_int_equal(owner_of(entry.pid.text), move.to);
		assert_ok(world_take(store, &entry.pid), &world.err);
		assert_status(world_take(store, &entry.pid), CF_NOT_FOUND,
			      &world.err);
		move_slot(&back);
		assert_ok(store_put(store, &entry, 1, &world.err), &world.err);
		assert_ok(store_drop(store, &entry.pid, &world.err),
			  &world.err);
		store_close(store);
	}
}

/* Signal all replicas of a master: after a failover it may have two. */
static void signal_replicas(int node, int signal)
{
	char id[64], address[32];
	const char *line;
	int n = 0;

	(void)snprintf(id, sizeof(id), "%s", ask(node, "CLUSTER MYID"));
	line = ask(node, "CLUSTER REPLICAS %s", id);
	for (int i = 1; i <= N_NODES; i++) {
		(void)snprintf(address, sizeof(address), ":%d@", node_port(i));
		if (!strstr(line, address))
			continue;
		assert_int_equal(kill(world_pid(node_name(i)), signal), 0);
		n++;
	}
	assert_true(n > 0);
}

/* The WAIT goes to the server that ended the challenge. */
static void wait_follows_the_slot(void **state)
{
	struct store *store;
	struct store_entry entry;
	struct move move, back;
	enum cf_status rc;

	(void)state;
	world.options.redis_wait_replicas = 1;
	world.options.timeout_ms = 4000; /* half of it for replicas */
	world.options.has_attempts = false;
	store = world_open(); /* with the map as it is now */
	entry = world_put(store);
	move = plan_move(&entry.pid);
	back = turn_round(&move);
	assert_ok(world_take(store, &entry.pid), &world.err);
	move_slot(&move);
	assert_string_equal(ask(move.to, "SET %s %s", entry.pid.text,
				entry.code), "OK");
	signal_replicas(move.to, SIGSTOP);
	rc = world_take(store, &entry.pid);
	signal_replicas(move.to, SIGCONT);
	assert_status(rc, CF_IO, &world.err);
	assert_has(world.err.text, "0 replicas know");
	move_slot(&back);
	store_close(store);
}

/* --- trouble -------------------------------------------------------------- */

static void other_servers_go_on_when_one_dies(void **state)
{
	struct store *store = world_open();
	struct store_entry lost = world_put(store), entry;
	int dead = owner_of(lost.pid.text), n_well = 0;
	enum cf_status rc = CF_IO;

	(void)state;
	world_kill(node_name(dead));
	for (int i = 0; rc == CF_IO; i++) {
		assert_true(i < WORLD_TURNS_MAX);
		for (int k = 0; k < 8; k++) {
			entry = world_next_entry();
			rc = store_put(store, &entry, 1, &world.err);
			n_well += !rc;
			if (rc != CF_IO && rc != CF_BUSY)
				assert_ok(rc, &world.err);
		}
		rc = store_peek(store, &lost.pid, &entry, &world.err);
		world_pass_turn();
	}
	assert_true(n_well > 0);
	(void)world_put_at_last(store);
	world_restart(node_name(dead));
	for (int i = 0; !strstr(ask(dead, "INFO replication"),
				"master_link_status:up"); i++) {
		assert_true(i < WORLD_TURNS_MAX);
		world_pass_turn();
	}
	store_close(store);
}

static void a_cluster_taken_for_one_server_is_named(void **state)
{
	struct store_entry entry;
	struct store *store;
	enum cf_status rc = CF_OK;

	(void)state;
	world_set_url("redis://127.0.0.1:%d", node_port(1));
	store = world_open();
	for (int i = 0; !rc && i < 1000; i++) {
		entry = world_next_entry();
		rc = store_put(store, &entry, 1, &world.err);
	}
	assert_status(rc, CF_IO, &world.err);
	assert_has(world.err.text, "write redis+cluster://");
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup(name, world_set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		TEST(slots_are_those_of_redis),
		/* before slots are moved by hand, unknown to replicas */
		TEST(other_servers_go_on_when_one_dies),
		TEST(challenges_lie_on_all_masters),
		TEST(one_server_of_the_address_is_enough),
		TEST(a_slot_that_moves_is_followed),
		TEST(wait_follows_the_slot),
		TEST(a_cluster_taken_for_one_server_is_named),
	};

	return world_run("cluster", empty, tests, CF_ARRAY_LEN(tests));
}
