/*
 * redis.c over a real server: the contract of a store, the keys that other
 * programs read and write, and every kind of trouble.
 */
#include "base/base.h"
#include "base/metrics.h"
#include "redis_world.h"
#include "store_contract.h"

#include <signal.h>

enum { TTL_MS = 300000, SHORT_MS = 2000 };

#define ask(...)	world_ask(port, __VA_ARGS__)
#define ask_number(...) world_ask_number(port, __VA_ARGS__)

static int port;
static const struct pid first_pid = {"0000000001AbCdEf"};
static const struct pid second_pid = {"0000000002AbCdEf"};
static const struct pid unknown_pid = {"0000000009AbCdEf"};
static const struct pid foreign_pid = {"Zz09aBcDeFgHiJkL"};

static void empty(void)
{
	port = world_port("server");
	(void)kill(world_pid("server"), SIGCONT); /* a failed test stopped it */
	(void)ask("FLUSHALL");
	(void)ask("SCRIPT FLUSH");
	(void)ask("CONFIG RESETSTAT");
}

/* Set the login and the number of the database in the URL. */
static void set_url(const char *login, const char *db)
{
	const char *url = world_server_url();

	world_set_url("unix://%s%s%s%s", login, strchr(url, '/') + 2,
		      db ? "?db=" : "", db ? db : "");
}

/* The number after a name in INFO. */
static long info(const char *section, const char *name)
{
	const char *at = strstr(ask("INFO %s", section), name);

	return at ? strtol(at + strlen(name), NULL, 10) : 0;
}

static struct store_entry put(struct store *store, unsigned number,
			      int attempts, const char *profile)
{
	struct store_entry entry = store_contract_entry(number,
							FAKE_NOON_UNIX_MS);

	entry.attempts_left = attempts;
	(void)snprintf(entry.profile, sizeof(entry.profile), "%s", profile);
	assert_ok(store_put(store, &entry, 1, &world.err), &world.err);
	return entry;
}

static enum cf_status take(struct store *store, const struct pid *pid)
{
	return world_take(store, pid);
}

/* --- keys and values ------------------------------------------------------ */

static void a_value_is_code_attempts_and_profile(void **state)
{
	static const struct {
		const char *prefix;
		int attempts;
		const char *profile, *value, *value_after_take;
	} rows[] = {
		{"", 1, "", "code1", ""},
		{"", 3, "", "code1 3", "code1 2"},
		{"", 1, "login", "code1 1 login", ""},
		{"", 5, "login", "code1 5 login", "code1 4 login"},
		{"shop:%s:", 2, "", "code1 2", "code1 1"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		char key[64];
		struct store_entry entry, out;
		struct store *store;

		world.options.key_prefix = rows[i].prefix;
		store = world_open();
		entry = put(store, 1, rows[i].attempts, rows[i].profile);
		(void)snprintf(key, sizeof(key), "%s%s", rows[i].prefix,
			       entry.pid.text);
		assert_string_equal(ask("GET %s", key), rows[i].value);
		assert_int_equal(ask_number("DBSIZE"), 1);
		assert_ok(store_peek(store, &entry.pid, &out, &world.err),
			  &world.err);
		assert_ok(take(store, &entry.pid), &world.err);
		assert_string_equal(ask("GET %s", key),
				    rows[i].value_after_take);
		if (rows[i].value_after_take[0]) {
			assert_in_range(ask_number("PTTL %s", key), TTL_MS / 2,
					TTL_MS);
			assert_ok(store_drop(store, &entry.pid, &world.err),
				  &world.err);
		}
		assert_int_equal(ask_number("DBSIZE"), 0);
		store_close(store);
	}
}

static void the_prefix_is_before_the_secret_and_probes_too(void **state)
{
	uint8_t key[CRYPT_KEY_BYTES];
	struct store *store;

	(void)state;
	world.options.key_prefix = "shop:%s:";
	store = world_open();
	assert_ok(store_secret(store, key, &world.err), &world.err);
	assert_int_equal(ask_number("STRLEN shop:%%s:captcha-fcgi:secret"), 32);
	(void)ask("ACL SETUSER default resetkeys ~shop:%%s:*");
	assert_ok(store_probe(store, &world.err), &world.err);
	(void)ask("ACL SETUSER default ~*");
	assert_int_equal(ask_number("DBSIZE"), 1);
	(void)ask("SET shop:%%s:captcha-fcgi:secret short");
	assert_status(store_secret(store, key, &world.err), CF_CORRUPT,
		      &world.err);
	assert_has(world.err.text, "captcha-fcgi:secret");
	store_close(store);
}

static void a_key_of_another_program_is_a_challenge(void **state)
{
	struct store_entry out;

	(void)state;
	for (int several = 0; several < 2; several++) {
		struct store *store;

		world.options.has_attempts = several;
		store = world_open();
		(void)ask("SETEX Zz09aBcDeFgHiJkL 600 k7mq3x");
		assert_ok(store_peek(store, &foreign_pid, &out, &world.err),
			  &world.err);
		assert_int_equal(out.attempts_left, 1);
		assert_ok(store_take(store, &foreign_pid, &out, &world.err),
			  &world.err);
		assert_string_equal(out.code, "k7mq3x");
		assert_string_equal(out.pid.text, foreign_pid.text);
		assert_string_equal(out.profile, "");
		assert_int_equal(out.attempts_left, 0);
		assert_true(out.expires_unix_ms > FAKE_NOON_UNIX_MS);
		assert_status(take(store, &foreign_pid), CF_NOT_FOUND,
			      &world.err);
		store_close(store);
	}
}

static void getdel_ends_a_challenge_that_has_attempts(void **state)
{
	struct store *store = world_open();
	struct store_entry several = put(store, 1, 3, "login"), out;

	(void)state;
	store_close(store);
	world.options.has_attempts = false; /* changed since */
	store = world_open();
	assert_ok(store_take(store, &several.pid, &out, &world.err),
		  &world.err);
	assert_string_equal(out.profile, "login");
	assert_int_equal(out.attempts_left, 0);
	assert_int_equal(ask_number("DBSIZE"), 0);
	store_close(store);
}

static void a_picture_lies_beside_its_challenge(void **state)
{
	struct store *store;
	struct store_entry entry;
	struct buf png;

	(void)state;
	world.options.key_prefix = "s:";
	world.options.has_attempts = false;
	store = world_open();
	entry = put(store, 1, 1, "");
	assert_ok(store_put_picture(store, &entry.pid, STR_LIT("png"),
				    entry.expires_unix_ms, &world.err),
		  &world.err);
	assert_string_equal(ask("GET {s:%s}.png", entry.pid.text), "png");
	assert_in_range(ask_number("PTTL {s:%s}.png", entry.pid.text),
			TTL_MS / 2, TTL_MS);
	assert_ok(take(store, &entry.pid), &world.err);
	assert_int_equal(ask_number("DBSIZE"), 0);
	/* a key of another program */
	buf_init(&png, STORE_PICTURE_MAX_BYTES * 4);
	(void)ask("SETRANGE {s:%s}.png %d x", entry.pid.text,
		  STORE_PICTURE_MAX_BYTES);
	assert_status(store_load_picture(store, &entry.pid, &png, &world.err),
		      CF_NOT_FOUND, &world.err);
	(void)ask("DEL {s:%s}.png", entry.pid.text);
	(void)ask("RPUSH {s:%s}.png x", entry.pid.text);
	assert_status(store_load_picture(store, &entry.pid, &png, &world.err),
		      CF_IO, &world.err);
	buf_release(&png);
	store_close(store);
}

#define TEN "1234567890"

static void a_value_that_is_no_challenge_is_not_found(void **state)
{
	static const struct str values[] = {
		STR_LIT(""),	    STR_LIT(" 1"),	STR_LIT("code "),
		STR_LIT("code 0"),  STR_LIT("code x"),	STR_LIT("code 1x"),
		STR_LIT("code 1 "), STR_LIT("code 1000"), STR_LIT("code  1"),
		STR_LIT("code -1"), STR_LIT("code 01"), STR_LIT("a\0b"),
		STR_LIT("code 4294967297"),
		STR_LIT("code 1 " TEN TEN TEN "123"),
		STR_LIT(TEN TEN TEN TEN TEN TEN "12345"),
	};
	const struct pid *pid = &first_pid;
	struct store_entry out;

	(void)state;
	for (int several = 0; several < 2; several++) {
		struct store *store;

		world.options.has_attempts = several;
		store = world_open();
		for (size_t i = 0; i <= CF_ARRAY_LEN(values); i++) {
			if (i < CF_ARRAY_LEN(values))
				(void)ask("SETEX %s 600 %b", pid->text,
					  values[i].ptr, values[i].len);
			else
				(void)ask("RPUSH %s code", pid->text);
			assert_status(store_peek(store, pid, &out, &world.err),
				      CF_NOT_FOUND, &world.err);
			assert_status(take(store, pid), CF_NOT_FOUND,
				      &world.err);
		}
		assert_int_equal(ask_number("LLEN %s", pid->text), 1);
		(void)ask("DEL %s", pid->text);
		store_close(store);
	}
}

/* --- exchanges ------------------------------------------------------------ */

/* How often the server has read since the last call, but for this INFO. */
static long n_reads(void)
{
	static long before;
	long now = info("stats", "total_reads_processed:");
	long n = now - before - 1;

	before = now;
	return n;
}

/* But for a take by script, which removes the picture in a second one. */
static void each_call_is_one_exchange(void **state)
{
	struct store_entry entries[STORE_PUT_MAX], out;
	struct store *store = world_open();
	uint8_t key[CRYPT_KEY_BYTES];
	int64_t n;

	(void)state;
	for (unsigned i = 0; i < STORE_PUT_MAX; i++)
		entries[i] = store_contract_entry(i, FAKE_NOON_UNIX_MS);
	(void)n_reads();
	assert_ok(store_put(store, entries, STORE_PUT_MAX, &world.err),
		  &world.err);
	assert_int_equal(n_reads(), 1);
	assert_ok(store_peek(store, &entries[0].pid, &out, &world.err),
		  &world.err);
	assert_int_equal(n_reads(), 1);
	assert_ok(take(store, &entries[0].pid), &world.err);
	assert_int_equal(n_reads(), 3); /* the first sends the script */
	assert_ok(take(store, &entries[1].pid), &world.err);
	assert_int_equal(n_reads(), 2);
	assert_ok(store_drop(store, &entries[2].pid, &world.err), &world.err);
	assert_int_equal(n_reads(), 1);
	assert_ok(store_count(store, 0, &n, &world.err), &world.err);
	assert_int_equal(n_reads(), 1);
	assert_ok(store_secret(store, key, &world.err), &world.err);
	assert_int_equal(n_reads(), 1);
	assert_ok(store_probe(store, &world.err), &world.err);
	assert_int_equal(n_reads(), 1);
	store_close(store);
}

static void take_is_getdel_unless_there_are_attempts(void **state)
{
	struct store *store;

	(void)state;
	for (int several = 0; several < 2; several++) {
		world.options.has_attempts = several;
		store = world_open();
		(void)put(store, 1, 1 + several, "");
		for (int i = 0; i <= several; i++)
			assert_ok(take(store, &first_pid), &world.err);
		assert_int_equal(info("commandstats", "cmdstat_getdel:calls="),
				 1);
		assert_int_equal(info("commandstats", "cmdstat_evalsha:calls="),
				 2 * several);
		assert_int_equal(info("commandstats", "cmdstat_eval:calls="),
				 several);
		store_close(store);
	}
}

/* --- login and database --------------------------------------------------- */

static void a_password_is_used_and_never_shown(void **state)
{
	struct store *store;

	(void)state;
	(void)ask("CONFIG SET requirepass hush/@");
	(void)ask("AUTH hush/@");
	(void)ask("ACL SETUSER me on >hush +@all ~*");
	set_url(":wrong@", NULL);
	assert_status(world_try_open(STORE_FOR_MANY, &store), CF_CONFIG,
		      &world.err);
	assert_has(world.err.text, "WRONGPASS");
	assert_has(world.err.text, "password in store");
	assert_has(world.err.text, ":***@");
	assert_null(strstr(world.err.text, ":wrong"));
	assert_ok(world_try_open(STORE_FOR_ONE, &store), &world.err);
	assert_status(take(store, &first_pid), CF_CONFIG, &world.err);
	store_close(store);
	set_url("", NULL);
	store = world_open(); /* sends no command yet */
	assert_status(take(store, &first_pid), CF_CONFIG, &world.err);
	assert_has(world.err.text, "give a password in store");
	store_close(store);
	set_url(":hush%2F%40@", NULL);
	store = world_open();
	(void)put(store, 1, 1, "");
	store_close(store);
	set_url("me:hush@", NULL);
	store = world_open();
	assert_ok(take(store, &first_pid), &world.err);
	(void)ask("ACL SETUSER me -getdel -set");
	assert_status(store_probe(store, &world.err), CF_CONFIG, &world.err);
	assert_has(world.err.text, "rights of the user");
	store_close(store);
	(void)ask("ACL DELUSER me");
	(void)ask("CONFIG SET requirepass %s", "");
}

static void a_database_is_chosen_by_its_number(void **state)
{
	struct store_entry entry;
	struct store *store;

	(void)state;
	set_url("", "7");
	store = world_open();
	entry = put(store, 1, 1, "");
	assert_string_equal(ask("GET %s", entry.pid.text), "");
	(void)ask("SELECT 7");
	assert_string_equal(ask("GET %s", entry.pid.text), entry.code);
	store_close(store);
	set_url("", "99");
	assert_status(world_try_open(STORE_FOR_MANY, &store), CF_CONFIG,
		      &world.err);
	assert_has(world.err.text, "see the database in store");
}

static void a_host_without_an_address_stops_the_start(void **state)
{
	struct store *store;

	(void)state;
	world_set_url("redis://no.such.host.invalid:1");
	assert_status(world_try_open(STORE_FOR_MANY, &store), CF_IO,
		      &world.err);
	assert_has(world.err.text, "host not found");
	assert_ok(world_try_open(STORE_FOR_ONE, &store), &world.err);
	assert_status(take(store, &first_pid), CF_IO, &world.err);
	store_close(store);
}

/* --- trouble -------------------------------------------------------------- */

static void a_dead_server_is_tried_less_and_less_often(void **state)
{
	struct store *store = world_open();
	uint64_t before = world_count(METRIC_STORE_UNTRIED);
	long wait_ms = 0;

	(void)state;
	world_kill("server");
	assert_status(take(store, &first_pid), CF_IO, &world.err);
	assert_has(world.err.text, "refused");
	assert_int_equal(world_count(METRIC_STORE_UNTRIED), before);
	for (int i = 0; i < 3; i++)
		assert_status(store_probe(store, &world.err), CF_IO,
			      &world.err);
	assert_int_equal(world_count(METRIC_STORE_UNTRIED), before + 3);
	assert_has(world.err.text, "refused; not tried for another ");
	for (uint64_t turn = 0; turn < 10; turn++) {
		const char *at;
		long last_ms = wait_ms;

		fake_clk_forward(&world.clock, 5000);
		assert_status(store_probe(store, &world.err), CF_IO,
			      &world.err);
		assert_int_equal(world_count(METRIC_STORE_UNTRIED),
				 before + 3 + turn);
		assert_status(store_probe(store, &world.err), CF_IO,
			      &world.err);
		at = strstr(world.err.text, "another ");
		assert_non_null(at);
		wait_ms = strtol(at + strlen("another "), NULL, 10);
		assert_in_range(wait_ms, 100, 5000);
		if (turn < 3)
			assert_true(wait_ms >= last_ms);
	}
	assert_in_range(wait_ms, 2500, 5000);
	world_restart("server");
	fake_clk_forward(&world.clock, 60000);
	(void)put(store, 1, 1, "");
	assert_ok(take(store, &first_pid), &world.err);
	store_close(store);
}

static void a_server_that_restarted_serves_the_next_call(void **state)
{
	struct store *store = world_open();

	(void)state;
	world_kill("server");
	world_restart("server");
	(void)put(store, 1, 1, "");
	assert_ok(take(store, &first_pid), &world.err);
	store_close(store);
}

static void a_store_opens_without_a_server(void **state)
{
	struct store *store;

	(void)state;
	world_kill("server");
	store = world_open();
	assert_status(take(store, &first_pid), CF_IO, &world.err);
	world_restart("server");
	fake_clk_forward(&world.clock, 5000);
	assert_ok(store_probe(store, &world.err), &world.err);
	store_close(store);
}

static void a_silent_server_gives_no_second_success(void **state)
{
	(void)state;
	world.options.timeout_ms = SHORT_MS;
	for (int several = 0; several < 2; several++) {
		struct store *store;

		world.options.has_attempts = several;
		store = world_open();
		(void)put(store, 1, 1, "");
		/* now the server has the script */
		assert_status(take(store, &unknown_pid), CF_NOT_FOUND,
			      &world.err);
		assert_int_equal(kill(world_pid("server"), SIGSTOP), 0);
		assert_status(take(store, &first_pid), CF_IO, &world.err);
		assert_has(world.err.text,
			   "no answer within store_timeout_ms = 2000");
		assert_status(take(store, &first_pid), CF_IO, &world.err);
		assert_has(world.err.text, "not tried");
		assert_int_equal(kill(world_pid("server"), SIGCONT), 0);
		/* the server still does the command */
		for (int i = 0; i < 100000; i++)
			if (!ask_number("EXISTS %s", first_pid.text))
				break;
		fake_clk_forward(&world.clock, 5000);
		assert_status(take(store, &first_pid), CF_NOT_FOUND,
			      &world.err);
		store_close(store);
	}
}

static void errors_name_a_full_memory_and_a_replica(void **state)
{
	struct store_entry entries[2] = {world_next_entry(),
					 world_next_entry()};
	struct store *store = world_open();

	(void)state;
	(void)ask("CONFIG SET maxmemory 1");
	assert_status(store_put(store, entries, 1, &world.err), CF_FULL,
		      &world.err);
	assert_has(world.err.text, "raise maxmemory");
	(void)ask("CONFIG SET maxmemory 0");
	(void)ask("REPLICAOF 127.0.0.1 1");
	assert_status(store_put(store, entries, 2, &world.err), CF_IO,
		      &world.err);
	assert_has(world.err.text, "replica");
	(void)ask("REPLICAOF NO ONE");
	assert_ok(store_put(store, entries, 2, &world.err), &world.err);
	store_close(store);
}

static void an_end_that_no_replica_knows_is_a_failure(void **state)
{
	(void)state;
	world.options.redis_wait_replicas = 1;
	world.options.timeout_ms = WORLD_TIMEOUT_MS / 5;
	for (int several = 0; several < 2; several++) {
		struct store *store;

		world.options.has_attempts = several;
		store = world_open();
		(void)put(store, 1, 1, "");
		assert_status(take(store, &first_pid), CF_IO, &world.err);
		fake_clk_forward(&world.clock, 5000);
		(void)put(store, 2, 1, "");
		assert_status(store_drop(store, &second_pid, &world.err),
			      CF_IO, &world.err);
		fake_clk_forward(&world.clock, 5000);
		assert_int_equal(ask_number("DBSIZE"), 0);
		assert_status(take(store, &first_pid), CF_NOT_FOUND,
			      &world.err);
		assert_status(store_drop(store, &second_pid, &world.err),
			      CF_NOT_FOUND, &world.err);
		store_close(store);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, world_set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		TEST(a_value_is_code_attempts_and_profile),
		TEST(the_prefix_is_before_the_secret_and_probes_too),
		TEST(a_key_of_another_program_is_a_challenge),
		TEST(getdel_ends_a_challenge_that_has_attempts),
		TEST(a_picture_lies_beside_its_challenge),
		TEST(a_value_that_is_no_challenge_is_not_found),
		TEST(each_call_is_one_exchange),
		TEST(take_is_getdel_unless_there_are_attempts),
		TEST(a_password_is_used_and_never_shown),
		TEST(a_database_is_chosen_by_its_number),
		TEST(a_host_without_an_address_stops_the_start),
		TEST(a_dead_server_is_tried_less_and_less_often),
		TEST(a_server_that_restarted_serves_the_next_call),
		TEST(a_store_opens_without_a_server),
		TEST(a_silent_server_gives_no_second_success),
		TEST(errors_name_a_full_memory_and_a_replica),
		TEST(an_end_that_no_replica_knows_is_a_failure),
	};

	return world_run("single", empty, tests, CF_ARRAY_LEN(tests));
}
