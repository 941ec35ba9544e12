/*
 * See redis_many.h.
 */
#include "base/base.h"
#include "redis_many.h"
#include "store_contract.h"
#include "tests/support/redis_server.h"

#include <time.h>

enum { TIMEOUT_MS = 5000 };

struct many many;
static void (*empty_all)(void);

/* --- other programs' view ------------------------------------------------- */

redisContext *many_connect(int port)
{
	redisContext *c = redisConnect("127.0.0.1", port);

	assert_non_null(c);
	if (c->err)
		fail_msg("port %d: %s", port, c->errstr);
	return c;
}

/* What a server says, as text; of a list its first. Borrowed until the next
 * call. */
const char *many_ask(int port, const char *format, ...)
{
	static char text[65536];
	redisContext *c = many_connect(port);
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

/* Real time, and that of the store. */
void many_pass_turn(void)
{
	const struct timespec turn = {.tv_nsec = MANY_TURN_MS * 1000000L};

	(void)nanosleep(&turn, NULL);
	fake_clk_forward(&many.clock, MANY_TURN_MS);
}

/* --- a world for each test ------------------------------------------------ */

static void begin(void)
{
	many.err = (struct cf_error)CF_ERROR_INIT;
	fake_clk_init(&many.clock);
	settings_init(&many.settings);
	many.settings.store = SETTINGS_STORE_REDIS;
	many.settings.store_timeout_ms = TIMEOUT_MS;
	many.settings.attempts_max = 5;
	(void)snprintf(many.settings.redis_url,
		       sizeof(many.settings.redis_url), "%s",
		       redis_topology_get(&many.topology, "URL"));
	(void)snprintf(many.settings.cache_dir,
		       sizeof(many.settings.cache_dir), "%s", many.dir);
	(void)unlink(temp_path(many.dir, "breaker"));
	empty_all();
}

static void end(void)
{
}

enum cf_status many_try_open(enum store_use use, struct store **out)
{
	const struct store_options options = {
		.kind = STORE_REDIS,
		.redis_url = many.settings.redis_url,
		.key_prefix = many.settings.key_prefix,
		.timeout_ms = many.settings.store_timeout_ms,
		.redis_wait_replicas = many.settings.redis_wait_replicas,
		.breaker_dir = many.settings.cache_dir,
		.has_attempts = many.settings.attempts_max > 1,
	};
	enum cf_status rc;
	void *impl;

	*out = NULL;
	rc = redis_store_open(&options, use, fake_clk_get(&many.clock),
			      &impl, &many.err);
	if (rc)
		return rc;
	*out = store_new(&redis_store_ops, impl);
	assert_non_null(*out);
	return CF_OK;
}

struct store *many_open(void)
{
	struct store *store;

	assert_ok(many_try_open(STORE_FOR_MANY, &store), &many.err);
	return store;
}

const struct store_contract_backend store_contract_backend = {
	.begin = begin, .open = many_open, .end = end, .ends_expired = true,
	.has_pictures = true};

int many_set_up(void **state)
{
	(void)state;
	assert_ok(crypt_open(&many.err), &many.err);
	begin();
	return 0;
}

/* Numbers that no test uses twice, so that no put finds its pid there. */
struct store_entry many_next_entry(void)
{
	static unsigned number = 1000;
	struct clk clk = fake_clk_get(&many.clock);

	return store_contract_entry(number++, clk_unix_ms(&clk));
}

struct store_entry many_put(struct store *store)
{
	struct store_entry entry = many_next_entry();

	assert_ok(store_put(store, &entry, 1, &many.err), &many.err);
	return entry;
}

enum cf_status many_take(struct store *store, const struct pid *pid)
{
	struct store_entry out;

	return store_take(store, pid, &out, &many.err);
}

/* Put until it succeeds; how often it did not. Trouble is CF_IO or CF_BUSY,
 * nothing else. */
int many_put_at_last(struct store *store, struct store_entry *entry)
{
	enum cf_status rc = CF_IO;
	int n;

	for (n = 0; n < MANY_TURNS_MAX; n++) {
		*entry = many_next_entry();
		rc = store_put(store, entry, 1, &many.err);
		if (!rc)
			return n;
		if (rc != CF_IO && rc != CF_BUSY)
			assert_ok(rc, &many.err);
		many_pass_turn();
	}
	assert_ok(rc, &many.err);
	return n;
}


int many_run(const char *kind, void (*empty)(void),
	     const struct CMUnitTest *tests, size_t n)
{
	char own[TEMP_PATH_BYTES];
	int n_failed;

	if (!redis_server_is_there()) {
		(void)puts("1..0 # SKIP no redis-server");
		return 0;
	}
	empty_all = empty;
	temp_dir_make(many.dir);
	(void)snprintf(own, sizeof(own), "%s", temp_path(many.dir, "servers"));
	redis_topology_start(&many.topology, kind, own);
	n_failed = _cmocka_run_group_tests(kind, tests, n, NULL, NULL);
	redis_topology_stop(&many.topology);
	temp_dir_remove(many.dir);
	return n_failed;
}
