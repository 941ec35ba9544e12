/*
 * redis.c over a real server: the contract of a store, what other programs
 * read and write there, and every kind of trouble.
 */
#include "base/base.h"
#include "conf/settings.h"
#include "base/metrics.h"
#include "store/redis.h"
#include "store_contract.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_dir.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define NOW FAKE_NOON_UNIX_MS

enum { TTL_MS = 300000, TIMEOUT_MS = 5000, SHORT_MS = 50 };

static char dir[TEMP_PATH_BYTES];
static struct redis_server server;
static struct settings settings;
static struct fake_clk clock_;
static const struct pid first_pid = {"0000000001AbCdEf"};
static const struct pid second_pid = {"0000000002AbCdEf"};
static const struct pid unknown_pid = {"0000000009AbCdEf"};
static const struct pid foreign_pid = {"Zz09aBcDeFgHiJkL"};
static struct cf_error err;
static redisContext *other; /* another program's connection */

static void set_url(const char *login, const char *db)
{
	(void)snprintf(settings.redis_url, sizeof(settings.redis_url),
		       "unix://%s%s%s%s", login, server.path, db ? "?db=" : "",
		       db ? db : "");
}

/* One server for all; each test begins with nothing in it. */
static void begin(void)
{
	if (!server.pid)
		redis_server_start(&server, dir);
	/* a test that failed may have left it stopped */
	assert_int_equal(kill(server.pid, SIGCONT), 0);
	other = redisConnectUnix(server.path);
	assert_non_null(other);
	freeReplyObject(redisCommand(other, "FLUSHALL"));
	freeReplyObject(redisCommand(other, "SCRIPT FLUSH"));
	freeReplyObject(redisCommand(other, "CONFIG RESETSTAT"));
	err = (struct cf_error)CF_ERROR_INIT;
	fake_clk_init(&clock_);
	settings_init(&settings);
	settings.store = SETTINGS_STORE_REDIS;
	/* what other tests have found out of reach is tried again */
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       dir);
	(void)unlink(temp_path(dir, "breaker"));
	settings.store_timeout_ms = TIMEOUT_MS;
	settings.attempts_max = 5;
	set_url("", NULL);
}

static void end(void)
{
	redisFree(other);
	other = NULL;
}

static enum cf_status try_open(enum store_use use, struct store **out)
{
	const struct store_options options = {
		.kind = STORE_REDIS,
		.redis_url = settings.redis_url,
		.key_prefix = settings.key_prefix,
		.timeout_ms = settings.store_timeout_ms,
		.redis_wait_replicas = settings.redis_wait_replicas,
		.breaker_dir = settings.cache_dir,
		.has_attempts = settings.attempts_max > 1,
	};
	enum cf_status rc;
	void *impl;

	*out = NULL;
	rc = redis_store_open(&options, use, fake_clk_get(&clock_), &impl,
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
	.begin = begin, .open = open_store, .end = end, .ends_expired = true,
	.has_pictures = true};

static int set_up(void **state)
{
	(void)state;
	assert_ok(crypt_open(&err), &err);
	begin();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	end();
	return 0;
}

/* What another program is told, as text; borrowed until the next call. */
static const char *ask(const char *format, ...)
{
	static char text[8192];
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = redisvCommand(other, format, args);
	va_end(args);
	if (!reply)
		fail_msg("%s: %s", format, other->errstr);
	if (reply->type == REDIS_REPLY_INTEGER)
		(void)snprintf(text, sizeof(text), "%lld", reply->integer);
	else
		(void)snprintf(text, sizeof(text), "%s",
			       reply->str ? reply->str : "");
	freeReplyObject(reply);
	return text;
}

/* A number that INFO has behind this. */
static long info(const char *section, const char *name)
{
	const char *at = strstr(ask("INFO %s", section), name);

	return at ? strtol(at + strlen(name), NULL, 10) : 0;
}

static struct store_entry put(struct store *store, unsigned number,
			      int attempts, const char *profile)
{
	struct store_entry entry = store_contract_entry(number, NOW);

	entry.attempts_left = attempts;
	(void)snprintf(entry.profile, sizeof(entry.profile), "%s", profile);
	assert_ok(store_put(store, &entry, 1, &err), &err);
	return entry;
}

static enum cf_status take(struct store *store, const struct pid *pid)
{
	struct store_entry out;

	return store_take(store, pid, &out, &err);
}

/* --- what is kept --------------------------------------------------------- */

static void others_find_the_code_under_the_pid(void **state)
{
	struct store *store = open_store();
	struct store_entry entry = put(store, 1, 1, "");
	long ttl_ms;

	(void)state;
	assert_string_equal(ask("GET %s", entry.pid.text), entry.code);
	assert_string_equal(ask("DBSIZE"), "1");
	ttl_ms = strtol(ask("PTTL %s", entry.pid.text), NULL, 10);
	assert_in_range(ttl_ms, TTL_MS / 2, TTL_MS);
	store_close(store);
}

static void what_others_put_is_a_challenge(void **state)
{
	struct store_entry out;

	(void)state;
	for (int attempts = 1; attempts <= 5; attempts += 4) {
		struct store *store;

		settings.attempts_max = attempts;
		store = open_store();
		(void)ask("SETEX Zz09aBcDeFgHiJkL 600 k7mq3x");
		assert_ok(store_peek(store, &foreign_pid, &out, &err), &err);
		assert_int_equal(out.attempts_left, 1);
		assert_ok(store_take(store, &foreign_pid, &out, &err), &err);
		assert_string_equal(out.code, "k7mq3x");
		assert_string_equal(out.pid.text, "Zz09aBcDeFgHiJkL");
		assert_string_equal(out.profile, "");
		assert_int_equal(out.attempts_left, 0);
		assert_true(out.expires_unix_ms > NOW);
		assert_status(take(store, &foreign_pid), CF_NOT_FOUND, &err);
		store_close(store);
	}
}

static void more_stands_behind_the_code_where_there_is_more(void **state)
{
	struct store *store = open_store();
	struct store_entry several = put(store, 1, 3, "");
	struct store_entry named = put(store, 2, 1, "login");
	struct store_entry both = put(store, 3, 5, "login");

	(void)state;
	assert_string_equal(ask("GET %s", several.pid.text), "code1 3");
	assert_string_equal(ask("GET %s", named.pid.text), "code2 1 login");
	assert_string_equal(ask("GET %s", both.pid.text), "code3 5 login");
	assert_ok(take(store, &both.pid), &err);
	assert_string_equal(ask("GET %s", both.pid.text), "code3 4 login");
	assert_in_range(strtol(ask("PTTL %s", both.pid.text), NULL, 10),
			TTL_MS / 2, TTL_MS);
	store_close(store);
}

static void one_attempt_is_all_that_getdel_gives(void **state)
{
	struct store *store = open_store();
	struct store_entry named = put(store, 1, 1, "login");
	struct store_entry several = put(store, 2, 3, "");
	struct store_entry out;

	(void)state;
	store_close(store);
	settings.attempts_max = 1; /* changed since */
	store = open_store();
	assert_ok(store_take(store, &named.pid, &out, &err), &err);
	assert_string_equal(out.profile, "login");
	assert_int_equal(out.attempts_left, 0);
	assert_ok(store_take(store, &several.pid, &out, &err), &err);
	assert_int_equal(out.attempts_left, 0);
	assert_string_equal(ask("DBSIZE"), "0");
	store_close(store);
}

static void a_prefix_stands_before_every_key(void **state)
{
	uint8_t key[CRYPT_KEY_BYTES];
	struct store *store;
	struct store_entry entry, out;

	(void)state;
	(void)snprintf(settings.key_prefix, sizeof(settings.key_prefix), "%s",
		       "shop:%s:");
	store = open_store();
	entry = put(store, 1, 1, "");
	assert_string_equal(ask("GET shop:%%s:%s", entry.pid.text), entry.code);
	assert_ok(store_secret(store, key, &err), &err);
	assert_string_equal(ask("STRLEN shop:%%s:captcha-fcgi:secret"), "32");
	assert_string_equal(ask("DBSIZE"), "2");
	assert_ok(store_peek(store, &entry.pid, &out, &err), &err);
	assert_ok(take(store, &entry.pid), &err);
	(void)put(store, 1, 1, "");
	assert_ok(store_drop(store, &entry.pid, &err), &err);
	assert_ok(store_probe(store, &err), &err);
	assert_string_equal(ask("DBSIZE"), "1");
	store_close(store);
}

#define TEN "1234567890"

static void a_picture_lies_beside_its_challenge(void **state)
{
	struct store *store;
	struct store_entry entry;
	struct buf png;

	(void)state;
	(void)snprintf(settings.key_prefix, sizeof(settings.key_prefix), "s:");
	settings.attempts_max = 1;
	store = open_store();
	entry = put(store, 1, 1, "");
	assert_ok(store_put_picture(store, &entry.pid, STR_LIT("png"),
				    entry.expires_unix_ms, &err),
		  &err);
	assert_string_equal(ask("GET {s:%s}.png", entry.pid.text), "png");
	assert_in_range(strtol(ask("PTTL {s:%s}.png", entry.pid.text), NULL,
			       10),
			TTL_MS / 2, TTL_MS);
	assert_ok(take(store, &entry.pid), &err);
	assert_string_equal(ask("DBSIZE"), "0");
	/* another program's */
	buf_init(&png, STORE_PICTURE_MAX_BYTES * 4);
	(void)ask("SETRANGE {s:%s}.png %d x", entry.pid.text,
		  STORE_PICTURE_MAX_BYTES);
	assert_status(store_load_picture(store, &entry.pid, &png, &err),
		      CF_NOT_FOUND, &err);
	(void)ask("DEL {s:%s}.png", entry.pid.text);
	(void)ask("RPUSH {s:%s}.png x", entry.pid.text);
	assert_status(store_load_picture(store, &entry.pid, &png, &err), CF_IO,
		      &err);
	buf_release(&png);
	store_close(store);
}

static void what_is_no_challenge_is_not_found(void **state)
{
	static const char *const values[] = {
		"",	    " 1",	"code ",     "code 0", "code x",
		"code 1x",  "code 1 ",	"code 1000", "code  1", "code -1",
		"code 01",  "code 4294967297",
		"code 1 123456789012345678901234567890123",
		TEN TEN TEN TEN TEN TEN "12345",
	};
	const struct pid *pid = &first_pid;
	struct store_entry out;

	(void)state;
	for (int attempts = 1; attempts <= 5; attempts += 4) {
		struct store *store;

		settings.attempts_max = attempts;
		store = open_store();
		for (size_t i = 0; i < CF_ARRAY_LEN(values); i++) {
			(void)ask("SETEX %s 600 %s", pid->text, values[i]);
			assert_status(store_peek(store, pid, &out, &err),
				      CF_NOT_FOUND, &err);
			assert_status(take(store, pid), CF_NOT_FOUND, &err);
		}
		(void)ask("SETEX %s 600 %b", pid->text, "a\0b", (size_t)3);
		assert_status(take(store, pid), CF_NOT_FOUND, &err);
		(void)ask("RPUSH %s code", pid->text);
		assert_status(store_peek(store, pid, &out, &err), CF_NOT_FOUND,
			      &err);
		assert_status(take(store, pid), CF_NOT_FOUND, &err);
		assert_string_equal(ask("LLEN %s", pid->text), "1");
		(void)ask("DEL %s", pid->text);
		store_close(store);
	}
}

static void a_damaged_secret_is_told(void **state)
{
	struct store *store = open_store();
	uint8_t key[CRYPT_KEY_BYTES];

	(void)state;
	(void)ask("SET captcha-fcgi:secret short");
	assert_status(store_secret(store, key, &err), CF_CORRUPT, &err);
	assert_has(err.text, "captcha-fcgi:secret");
	store_close(store);
}

/* --- exchanges ------------------------------------------------------------ */

/* How often the server has read from anybody, without this question. */
static long n_reads(void)
{
	static long n_asked;

	return info("stats", "total_reads_processed:") - ++n_asked;
}

/* But for a take by script, which removes the picture in a second one. */
static void each_call_is_one_exchange(void **state)
{
	struct store_entry entries[STORE_PUT_MAX], out;
	struct store *store;
	uint8_t key[CRYPT_KEY_BYTES];
	int64_t n;
	long before;

	(void)state;
	store = open_store();
	for (unsigned i = 0; i < STORE_PUT_MAX; i++)
		entries[i] = store_contract_entry(i, NOW);
	before = n_reads();
	assert_ok(store_put(store, entries, STORE_PUT_MAX, &err), &err);
	assert_int_equal(n_reads(), before + 1);
	assert_ok(store_peek(store, &entries[0].pid, &out, &err), &err);
	assert_int_equal(n_reads(), before + 2);
	assert_ok(take(store, &entries[0].pid), &err); /* brings the script */
	assert_int_equal(n_reads(), before + 5);
	assert_ok(take(store, &entries[1].pid), &err);
	assert_int_equal(n_reads(), before + 7);
	assert_ok(store_drop(store, &entries[2].pid, &err), &err);
	assert_int_equal(n_reads(), before + 8);
	assert_ok(store_count(store, 0, &n, &err), &err);
	assert_int_equal(n_reads(), before + 9);
	assert_ok(store_secret(store, key, &err), &err);
	assert_int_equal(n_reads(), before + 10);
	assert_ok(store_probe(store, &err), &err);
	assert_int_equal(n_reads(), before + 11);
	store_close(store);
}

static void take_is_getdel_unless_there_are_attempts(void **state)
{
	struct store *store;

	(void)state;
	settings.attempts_max = 1;
	store = open_store();
	(void)put(store, 1, 1, "");
	assert_ok(take(store, &first_pid), &err);
	assert_int_equal(info("commandstats", "cmdstat_getdel:calls="), 1);
	assert_int_equal(info("commandstats", "cmdstat_evalsha:calls="), 0);
	store_close(store);
	settings.attempts_max = 2;
	store = open_store();
	(void)put(store, 1, 2, "");
	assert_ok(take(store, &first_pid), &err);
	assert_ok(take(store, &first_pid), &err);
	assert_int_equal(info("commandstats", "cmdstat_getdel:calls="), 1);
	assert_int_equal(info("commandstats", "cmdstat_evalsha:calls="), 2);
	assert_int_equal(info("commandstats", "cmdstat_eval:calls="), 1);
	store_close(store);
}

/* --- who asks ------------------------------------------------------------- */

static void a_password_is_asked_for_and_told_to_nobody(void **state)
{
	struct store *store;

	(void)state;
	(void)ask("CONFIG SET requirepass hush/@");
	(void)ask("AUTH hush/@");
	(void)ask("ACL SETUSER me on >hush +@all ~*");
	set_url(":wrong@", NULL);
	assert_status(try_open(STORE_FOR_MANY, &store), CF_CONFIG, &err);
	assert_has(err.text, "WRONGPASS");
	assert_has(err.text, "password in store");
	assert_has(err.text, ":***@");
	assert_null(strstr(err.text, ":wrong"));
	assert_ok(try_open(STORE_FOR_ONE, &store), &err);
	assert_status(take(store, &first_pid), CF_CONFIG, &err);
	store_close(store);
	set_url("", NULL);
	store = open_store(); /* which asks for nothing yet */
	assert_status(take(store, &first_pid), CF_CONFIG, &err);
	assert_has(err.text, "give a password in store");
	store_close(store);
	set_url(":hush%2F%40@", NULL);
	store = open_store();
	(void)put(store, 1, 1, "");
	store_close(store);
	set_url("me:hush@", NULL);
	store = open_store();
	assert_ok(take(store, &first_pid), &err);
	store_close(store);
	(void)ask("ACL SETUSER me -getdel -set");
	store = open_store();
	assert_status(store_probe(store, &err), CF_CONFIG, &err);
	assert_has(err.text, "rights of the user");
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
	store = open_store();
	entry = put(store, 1, 1, "");
	assert_string_equal(ask("GET %s", entry.pid.text), "");
	(void)ask("SELECT 7");
	assert_string_equal(ask("GET %s", entry.pid.text), entry.code);
	store_close(store);
	set_url("", "99");
	assert_status(try_open(STORE_FOR_MANY, &store), CF_CONFIG, &err);
	assert_has(err.text, "see the database in store");
}

static void a_host_that_is_nowhere_stops_the_start(void **state)
{
	struct store *store;

	(void)state;
	(void)snprintf(settings.redis_url, sizeof(settings.redis_url),
		       "redis://no.such.host.invalid:1");
	assert_status(try_open(STORE_FOR_MANY, &store), CF_IO, &err);
	assert_has(err.text, "host not found");
	assert_ok(try_open(STORE_FOR_ONE, &store), &err);
	assert_status(take(store, &first_pid), CF_IO, &err);
	store_close(store);
}

/* --- trouble -------------------------------------------------------------- */

static uint64_t n_untried(void)
{
	struct metrics_view view;

	metrics_read(&view, NOW);
	return view.counts[METRIC_STORE_UNTRIED];
}

static void a_server_that_is_gone_is_not_asked_again_at_once(void **state)
{
	struct store *store = open_store();
	uint64_t before = n_untried();
	long wait_ms = 0;

	(void)state;
	redis_server_kill(&server);
	assert_status(take(store, &first_pid), CF_IO, &err);
	assert_has(err.text, "refused");
	assert_int_equal(n_untried(), before);
	for (int i = 0; i < 3; i++)
		assert_status(store_probe(store, &err), CF_IO, &err);
	assert_int_equal(n_untried(), before + 3);
	assert_has(err.text, "refused; not tried for another ");
	/* longer and longer, up to a limit */
	for (int turn = 0; turn < 10; turn++) {
		const char *at;
		long last_ms = wait_ms;

		fake_clk_forward(&clock_, 5000);
		assert_status(store_probe(store, &err), CF_IO, &err);
		assert_int_equal(n_untried(), before + 3 + (uint64_t)turn);
		assert_status(store_probe(store, &err), CF_IO, &err);
		at = strstr(err.text, "another ");
		assert_non_null(at);
		wait_ms = strtol(at + strlen("another "), NULL, 10);
		assert_in_range(wait_ms, 100, 5000);
		if (turn < 3)
			assert_true(wait_ms >= last_ms);
	}
	assert_in_range(wait_ms, 2500, 5000);
	/* and once it is back, without more ado */
	end();
	begin();
	fake_clk_forward(&clock_, 60000);
	(void)put(store, 1, 1, "");
	assert_ok(take(store, &first_pid), &err);
	store_close(store);
}

static void a_server_that_came_back_is_not_noticed(void **state)
{
	struct store *store = open_store();

	(void)state;
	redis_server_kill(&server);
	end();
	begin();
	(void)put(store, 1, 1, "");
	assert_ok(take(store, &first_pid), &err);
	store_close(store);
}

static void a_start_without_a_server_is_no_failure(void **state)
{
	struct store *store;

	(void)state;
	redis_server_kill(&server);
	store = open_store();
	assert_status(take(store, &first_pid), CF_IO, &err);
	end();
	begin();
	fake_clk_forward(&clock_, 5000);
	assert_ok(store_probe(store, &err), &err);
	store_close(store);
}

static void a_server_that_is_silent_gives_no_second_success(void **state)
{
	struct store *store;
	enum cf_status rc;

	(void)state;
	settings.store_timeout_ms = SHORT_MS;
	for (int attempts = 1; attempts <= 5; attempts += 4) {
		settings.attempts_max = attempts;
		store = open_store();
		(void)put(store, 1, 1, "");
		/* the server has the script by now, if one is asked for */
		assert_status(take(store, &unknown_pid), CF_NOT_FOUND, &err);
		assert_int_equal(kill(server.pid, SIGSTOP), 0);
		assert_status(take(store, &first_pid), CF_IO, &err);
		assert_has(err.text, "no answer within store_timeout_ms = 50");
		/* by a circuit that is open now */
		assert_status(take(store, &first_pid), CF_IO, &err);
		assert_has(err.text, "not tried");
		assert_int_equal(kill(server.pid, SIGCONT), 0);
		/* what was asked is done all the same; nobody was told */
		for (int i = 0; i < 100000; i++)
			if (ask("EXISTS 0000000001AbCdEf")[0] == '0')
				break;
		fake_clk_forward(&clock_, 5000);
		rc = take(store, &first_pid);
		assert_status(rc, CF_NOT_FOUND, &err);
		store_close(store);
	}
}

static void what_the_server_lacks_is_told(void **state)
{
	struct store_entry entry = store_contract_entry(1, NOW);
	struct store_entry more[2] = {store_contract_entry(2, NOW),
				      store_contract_entry(3, NOW)};
	struct store *store = open_store();

	(void)state;
	(void)ask("CONFIG SET maxmemory 1");
	assert_status(store_put(store, &entry, 1, &err), CF_FULL, &err);
	assert_has(err.text, "raise maxmemory");
	(void)ask("CONFIG SET maxmemory 0");
	(void)ask("REPLICAOF 127.0.0.1 1");
	assert_status(store_put(store, more, 2, &err), CF_IO, &err);
	assert_has(err.text, "replica");
	(void)ask("REPLICAOF NO ONE");
	assert_ok(store_put(store, more, 2, &err), &err);
	store_close(store);
}

static void an_end_that_replicas_do_not_know_is_no_end(void **state)
{
	struct store *store;

	(void)state;
	settings.redis_wait_replicas = 1;
	settings.store_timeout_ms = TIMEOUT_MS / 5;
	for (int attempts = 1; attempts <= 5; attempts += 4) {
		settings.attempts_max = attempts;
		store = open_store();
		(void)put(store, 1, 1, "");
		assert_status(take(store, &first_pid), CF_IO, &err);
		fake_clk_forward(&clock_, 5000);
		(void)put(store, 2, 1, "");
		assert_status(store_drop(store, &second_pid, &err), CF_IO,
			      &err);
		fake_clk_forward(&clock_, 5000);
		assert_string_equal(ask("DBSIZE"), "0");
		assert_status(take(store, &first_pid), CF_NOT_FOUND, &err);
		assert_status(store_drop(store, &second_pid, &err),
			      CF_NOT_FOUND, &err);
		store_close(store);
	}
}

/* A server that gives every connection this answer to its first words, and
 * hangs up. */
static pid_t start_liar(const char *answer, size_t len)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s",
		       temp_path(dir, "liar"));
	(void)unlink(at.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 8), 0);
	pid = fork();
	assert_true(pid >= 0);
	while (!pid) {
		char words[4096];
		int c = accept(fd, NULL, NULL);

		(void)signal(SIGPIPE, SIG_IGN);
		if (read(c, words, sizeof(words)) > 0)
			(void)!write(c, answer, len);
		(void)close(c);
	}
	(void)close(fd);
	return pid;
}

static void an_answer_that_makes_no_sense_is_none(void **state)
{
	static char endless[1200000] = "$1190000\r\n";
	static const struct {
		const char *answer;
		size_t len;
	} rows[] = {
		{"", 0},
		{"x", 1},
		{"x\r\n", 3},
		{"$6\r\nk7m", 7},
		{":1\r\n", 4},
		{"+OK\r\n", 5},
		{"*1\r\n$6\r\nk7mq3x\r\n", 16},
		{"*0\r\n", 4},
		{"\0\0\0\0", 4},
		{endless, sizeof(endless) - 1},
	};

	(void)state;
	memset(endless + strlen(endless), 'x',
	       sizeof(endless) - strlen(endless) - 1);
	(void)snprintf(settings.redis_url, sizeof(settings.redis_url),
		       "unix://%s", temp_path(dir, "liar"));
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		pid_t liar = start_liar(rows[i].answer, rows[i].len);
		struct store_entry entry = store_contract_entry(1, NOW), out;
		struct store *store;
		uint8_t key[CRYPT_KEY_BYTES];
		int64_t n;

		settings.attempts_max = i % 2 ? 1 : 5;
		store = open_store();
		assert_status(take(store, &entry.pid), CF_IO, &err);
		fake_clk_forward(&clock_, 5000);
		assert_status(store_peek(store, &entry.pid, &out, &err), CF_IO,
			      &err);
		fake_clk_forward(&clock_, 5000);
		assert_status(store_secret(store, key, &err), CF_IO, &err);
		fake_clk_forward(&clock_, 5000);
		assert_status(store_probe(store, &err), CF_IO, &err);
		fake_clk_forward(&clock_, 5000);
		if (rows[i].answer[0] != ':') {
			assert_status(store_count(store, 0, &n, &err), CF_IO,
				      &err);
			fake_clk_forward(&clock_, 5000);
			assert_status(store_drop(store, &entry.pid, &err),
				      CF_IO, &err);
		}
		store_close(store);
		(void)kill(liar, SIGKILL);
		(void)waitpid(liar, NULL, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		TEST(others_find_the_code_under_the_pid),
		TEST(what_others_put_is_a_challenge),
		TEST(more_stands_behind_the_code_where_there_is_more),
		TEST(one_attempt_is_all_that_getdel_gives),
		TEST(a_prefix_stands_before_every_key),
		TEST(a_picture_lies_beside_its_challenge),
		TEST(what_is_no_challenge_is_not_found),
		TEST(a_damaged_secret_is_told),
		TEST(each_call_is_one_exchange),
		TEST(take_is_getdel_unless_there_are_attempts),
		TEST(a_password_is_asked_for_and_told_to_nobody),
		TEST(a_database_is_chosen_by_its_number),
		TEST(a_host_that_is_nowhere_stops_the_start),
		TEST(a_server_that_is_gone_is_not_asked_again_at_once),
		TEST(a_server_that_came_back_is_not_noticed),
		TEST(a_start_without_a_server_is_no_failure),
		TEST(a_server_that_is_silent_gives_no_second_success),
		TEST(what_the_server_lacks_is_told),
		TEST(an_end_that_replicas_do_not_know_is_no_end),
		TEST(an_answer_that_makes_no_sense_is_none),
	};
	int n_failed;

	if (!redis_server_is_there()) {
		(void)puts("1..0 # SKIP no redis-server");
		return 0;
	}
	temp_dir_make(dir);
	n_failed = cmocka_run_group_tests_name("redis", tests, NULL, NULL);
	redis_server_kill(&server);
	temp_dir_remove(dir);
	return n_failed;
}
