/*
 * The Redis store behind real sentinels: the contract of a store, and another
 * server that becomes the master.
 */
#include "base/base.h"
#include "base/metrics.h"
#include "redis_world.h"
#include "store_contract.h"

/* The master as a sentinel knows it. */
static int master_port(void)
{
	const char *address = world_ask(world_port("sentinel1"), "SENTINEL "
					"get-master-addr-by-name captcha");

	return (int)strtol(strchr(address, ' '), NULL, 10);
}

static void empty(void)
{
	(void)world_ask(master_port(), "FLUSHALL");
}

static void wait_for_replicas(void)
{
	for (int i = 0; i < WORLD_TURNS_MAX; i++) {
		if (strstr(world_ask(master_port(), "INFO replication"),
			   "connected_slaves:2"))
			return;
		world_pass_turn();
	}
	fail_msg("the replicas did not come back");
}

/* The server that is the master now, or a replica. */
static const char *server_of(bool is_master)
{
	static const char *const names[] = {"master", "replica1", "replica2"};
	int port = master_port();

	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		if ((world_port(names[i]) == port) == is_master)
			return names[i];
	fail_msg("no server has port %d", port);
	return NULL;
}

/* Set the URL of the sentinels, with text in place of its scheme. */
static void set_url_behind(const char *text)
{
	world_set_url("%s%s", text, strstr(world_server_url(), "://") + 3);
}

/* Let the sentinels replace a dead master soon. Until then a busy machine must
 * not make them replace a live one. */
static void make_impatient(void)
{
	static const char *const names[] = {"sentinel1", "sentinel2",
					    "sentinel3"};

	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		assert_string_equal(world_ask(world_port(names[i]),
					      "SENTINEL SET captcha "
					      "down-after-milliseconds 500"),
				    "OK");
}

static void a_dead_master_is_followed_by_the_next(void **state)
{
	struct store *store = world_open(), *waiting;
	struct store_entry used = world_put(store), left = world_put(store);
	struct store_entry fresh;
	const char *dead = server_of(true);

	(void)state;
	world.options.redis_wait_replicas = 2;
	assert_ok(world_try_open(STORE_FOR_ONE, &waiting), &world.err);
	/* replicas now know of both entries */
	assert_ok(world_take(waiting, &used.pid), &world.err);
	make_impatient();
	world_kill(dead);
	assert_status(world_take(store, &left.pid), CF_IO, &world.err);
	fresh = world_put_at_last(store);
	assert_string_not_equal(server_of(true), dead);
	assert_status(world_take(store, &used.pid), CF_NOT_FOUND, &world.err);
	assert_ok(world_take(store, &left.pid), &world.err);
	assert_status(world_take(store, &left.pid), CF_NOT_FOUND, &world.err);
	assert_ok(world_take(store, &fresh.pid), &world.err);
	world_restart(dead);
	wait_for_replicas();
	store_close(waiting);
	store_close(store);
}

/* When sentinels make a master step down, they close its connections. */
static void a_master_that_steps_down_by_itself_is_left(void **state)
{
	struct store *store = world_open();
	struct store_entry entry = world_next_entry();
	int port = master_port();

	(void)state;
	assert_string_equal(world_ask(port, "REPLICAOF 127.0.0.1 %d",
				      world_port(server_of(false))), "OK");
	assert_status(store_put(store, &entry, 1, &world.err), CF_IO,
		      &world.err);
	/* the sentinels named the same server again */
	assert_has(world.err.text, "no longer the master, or not yet");
	assert_string_equal(world_ask(port, "REPLICAOF NO ONE"), "OK");
	(void)world_put_at_last(store);
	store_close(store);
	wait_for_replicas();
}

static void too_few_replicas_are_a_failure(void **state)
{
	struct store *store;
	struct store_entry entry;
	uint64_t before;

	(void)state;
	world.options.redis_wait_replicas = 2;
	store = world_open();
	entry = world_put(store);
	assert_ok(world_take(store, &entry.pid), &world.err);
	store_close(store);
	world.options.redis_wait_replicas = 3;
	world.options.timeout_ms = 3000; /* half of it for replicas */
	store = world_open();
	entry = world_put(store);
	assert_status(world_take(store, &entry.pid), CF_IO, &world.err);
	assert_has(world.err.text, "2 replicas know");
	/* the master may be cut off from replicas: ask the sentinels */
	before = world_count(METRIC_STORE_CONNECT);
	assert_status(world_take(store, &entry.pid), CF_NOT_FOUND, &world.err);
	assert_int_equal(world_count(METRIC_STORE_CONNECT), before + 1);
	store_close(store);
}

static void a_master_that_lacks_replicas_is_doubted(void **state)
{
	struct store *store = world_open();
	struct store_entry entry = world_next_entry();
	uint64_t before = world_count(METRIC_STORE_CONNECT);
	int port = master_port();

	(void)state;
	(void)world_ask(port, "CONFIG SET min-replicas-to-write 3");
	assert_status(store_put(store, &entry, 1, &world.err), CF_IO,
		      &world.err);
	(void)world_ask(port, "CONFIG SET min-replicas-to-write 0");
	assert_has(world.err.text, "NOREPLICAS");
	assert_ok(store_put(store, &entry, 1, &world.err), &world.err);
	assert_int_equal(world_count(METRIC_STORE_CONNECT), before + 1);
	store_close(store);
}

static void an_unknown_name_stops_the_start(void **state)
{
	static const struct pid pid = {"0000000001AbCdEf"};
	struct store *store;

	(void)state;
	memcpy(strrchr(world.url, '/'), "/other", sizeof("/other"));
	assert_status(world_try_open(STORE_FOR_MANY, &store), CF_CONFIG,
		      &world.err);
	assert_has(world.err.text, "\"other\"");
	assert_ok(world_try_open(STORE_FOR_ONE, &store), &world.err);
	assert_status(world_take(store, &pid), CF_CONFIG, &world.err);
	store_close(store);
}

static void a_password_that_sentinels_refuse_is_for_the_master(void **state)
{
	struct store *store;

	(void)state;
	set_url_behind("redis+sentinel://:hush@");
	assert_status(world_try_open(STORE_FOR_MANY, &store), CF_CONFIG,
		      &world.err);
	assert_has(world.err.text, "see user and password in store");
	assert_null(strstr(world.err.text, "hush"));
}

static void one_sentinel_is_enough(void **state)
{
	struct store_entry entry;
	struct store *store;

	(void)state;
	set_url_behind("redis+sentinel://127.0.0.1:1,no.such.host.invalid,");
	store = world_open();
	entry = world_put(store);
	assert_ok(world_take(store, &entry.pid), &world.err);
	store_close(store);
	world_set_url("redis+sentinel://127.0.0.1:1,127.0.0.1:2/captcha");
	store = world_open(); /* sentinels may come yet */
	assert_status(world_take(store, &entry.pid), CF_IO, &world.err);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup(name, world_set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		TEST(too_few_replicas_are_a_failure),
		TEST(a_master_that_steps_down_by_itself_is_left),
		TEST(a_master_that_lacks_replicas_is_doubted),
		TEST(an_unknown_name_stops_the_start),
		TEST(a_password_that_sentinels_refuse_is_for_the_master),
		TEST(one_sentinel_is_enough),
		TEST(a_dead_master_is_followed_by_the_next),
	};

	(void)setenv("DOWN_AFTER_MS", "60000", 1); /* of tests/redis/topology */
	return world_run("sentinel", empty, tests, CF_ARRAY_LEN(tests));
}
