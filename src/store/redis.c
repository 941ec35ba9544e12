/*
 * Challenges in Redis: one connection for the life of the process, each call
 * one exchange over it. The only code that knows hiredis.
 *
 * After any trouble the connection is closed, so that a late answer is never
 * taken for that of another question, and nothing is asked twice. Then calls
 * fail at once for a while, which grows while the trouble lasts: a server that
 * does not answer would hold up each process for the whole of its timeout.
 *
 * hiredis takes its memory from libc: it has no hooks for mem.h before 1.0.
 *
 * source: redis.io/commands, redis.io/docs/reference/protocol-spec
 */
#include "base/base.h"
#include "base/metrics.h"
#include "base/redis_url.h"
#include "store/redis.h"

#include <hiredis/hiredis.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>

enum {
	/* of addresses of a host's name, so many are tried */
	ADDRESSES_MAX = 4,
	ADDRESS_BYTES = 64,
	/* of an answer that is not complete yet; values are far shorter */
	ANSWER_MAX_BYTES = 64 * 1024,
	/* of a value: code, attempts, profile, and a space between */
	VALUE_BYTES = STORE_CODE_MAX_BYTES + 4 + 1 + STORE_PROFILE_MAX_BYTES +
		      1,
	ATTEMPTS_MAX = 999,
	/* between two tries to connect */
	PAUSE_FIRST_MS = 100,
	PAUSE_MAX_MS = 5000,
	PROBE_TTL_MS = 1000,
	WHY_BYTES = 96,
};

#define SECRET_KEY "captcha-fcgi:secret"
#define PROBE_KEY  "captcha-fcgi:probe:"

/*
 * Use one attempt of a challenge that may have several; the value before. A
 * script runs alone, from its beginning to its end.
 */
#define TAKE_SCRIPT \
	"local value = redis.pcall('GET', KEYS[1])\n" \
	"if type(value) ~= 'string' then return value end\n" \
	"local code, left, rest = value:match('^(%S+) (%d+)(.*)$')\n" \
	"left = tonumber(left)\n" \
	"if left and left > 1 then\n" \
	"  redis.call('SET', KEYS[1], code .. ' ' .. left - 1 .. rest, " \
	"'KEEPTTL')\n" \
	"else\n" \
	"  redis.call('DEL', KEYS[1])\n" \
	"end\n" \
	"return value\n"
/* Its SHA-1, by which the server knows it once it was run. */
#define TAKE_SHA "9b35cf9522025e535f17402c9e433a0760a1ae4d"

struct redis_store {
	struct redis_url url;
	char place[SETTINGS_PATH_BYTES + sizeof("***")]; /* for messages */
	char prefix[SETTINGS_WORD_BYTES];
	struct clk clk;
	int64_t timeout_ms;
	int64_t n_replicas; /* that are to know of an end */
	bool has_attempts;  /* challenges may have more than one */
	/* where the host is; none for a socket */
	char address[ADDRESSES_MAX][ADDRESS_BYTES];
	size_t n_addresses;
	redisContext *c; /* NULL: not connected */
	/* after trouble: what it was, until when nothing is tried, and how
	 * long that is; 0 when the last exchange went well */
	char why[WHY_BYTES];
	int64_t closed_until_mono_ms;
	int64_t pause_ms;
	/* the exchange under way */
	redisReply *heard[STORE_PUT_MAX];
	size_t n_said, n_heard;
};

/* --- trouble -------------------------------------------------------------- */

static void forget(struct redis_store *s)
{
	while (s->n_heard)
		freeReplyObject(s->heard[--s->n_heard]);
	s->n_said = 0;
}

static void hang_up(struct redis_store *s)
{
	redisFree(s->c); /* accepts NULL */
	s->c = NULL;
}

/* Try nothing for a while: longer each time, and never the same, or all
 * processes would come back at once. */
static void pause_tries(struct redis_store *s)
{
	uint16_t chance;

	s->pause_ms = s->pause_ms ? s->pause_ms * 2 : PAUSE_FIRST_MS;
	if (s->pause_ms > PAUSE_MAX_MS)
		s->pause_ms = PAUSE_MAX_MS;
	crypt_random(&chance, sizeof(chance));
	s->closed_until_mono_ms = clk_mono_ms(&s->clk) + s->pause_ms / 2 +
				  s->pause_ms / 2 * chance / UINT16_MAX;
}

/* Give the connection up; why goes to those who ask meanwhile, too. */
static enum cf_status lose(struct redis_store *s, enum cf_status rc,
			   const char *why, struct cf_error *err)
{
	(void)snprintf(s->why, sizeof(s->why), "%s", why);
	hang_up(s);
	pause_tries(s);
	return cf_fail(err, rc, "redis %.110s: %s", s->place, s->why);
}

static enum cf_status lose_silent(struct redis_store *s, struct cf_error *err)
{
	char why[WHY_BYTES];

	(void)snprintf(why, sizeof(why), "no answer within redis_timeout_ms = "
		       "%lld", (long long)s->timeout_ms);
	return lose(s, CF_IO, why, err);
}

/* What hiredis says has failed. */
static enum cf_status lose_failed(struct redis_store *s, struct cf_error *err)
{
	if (s->c->err == REDIS_ERR_OOM)
		return lose(s, CF_NOMEM, "no memory for it", err);
	if (s->c->err == REDIS_ERR_IO &&
	    (errno == EAGAIN || errno == EWOULDBLOCK))
		return lose_silent(s, err);
	return lose(s, CF_IO, s->c->errstr, err);
}

/* The status of an answer that is an error. */
static enum cf_status refused(struct redis_store *s, const redisReply *reply,
			      struct cf_error *err)
{
	static const struct {
		const char *begin;
		enum cf_status status;
		const char *remedy;
	} kinds[] = {
		{"NOAUTH ", CF_CONFIG, ": give a password in redis_url"},
		{"WRONGPASS ", CF_CONFIG, ": see user and password in "
					  "redis_url"},
		{"ERR invalid password", CF_CONFIG, ": see redis_url"},
		{"ERR AUTH ", CF_CONFIG, ": see user and password in "
					 "redis_url"},
		{"ERR DB ", CF_CONFIG, ": see the database in redis_url"},
		{"NOPERM ", CF_CONFIG, ": see the rights of the user in "
				       "redis_url"},
		{"ERR unknown command", CF_CONFIG, ": Redis 6.2 or later is "
						   "needed"},
		{"LOADING ", CF_BUSY, ""},
		{"BUSY ", CF_BUSY, ""},
		{"OOM ", CF_FULL, ": raise maxmemory of Redis"},
		{"READONLY ", CF_IO, ": redis_url names a replica"},
	};
	enum cf_status rc = CF_IO;
	const char *remedy = "";

	for (size_t i = 0; i < CF_ARRAY_LEN(kinds); i++)
		if (!strncmp(reply->str, kinds[i].begin,
			     strlen(kinds[i].begin))) {
			rc = kinds[i].status;
			remedy = kinds[i].remedy;
		}
	return cf_fail(err, rc, "redis %.110s: %.70s%s", s->place, reply->str,
		       remedy);
}

static enum cf_status unexpected(struct redis_store *s, struct cf_error *err)
{
	return lose(s, CF_IO, "an answer that does not fit the question", err);
}

/* --- exchanges ------------------------------------------------------------ */

/* Ask this in the next exchange; formats are those of redisCommand. */
static void say(struct redis_store *s, const char *format, ...)
{
	va_list args;

	assert(s->n_said < CF_ARRAY_LEN(s->heard));
	va_start(args, format);
	/* a failure stays in the connection, where hear finds it */
	(void)redisvAppendCommand(s->c, format, args);
	va_end(args);
	s->n_said++;
}

/* Send all that was said, and wait for the answers. */
static enum cf_status hear(struct redis_store *s, struct cf_error *err)
{
	int64_t until_mono_ms = clk_mono_ms(&s->clk) + s->timeout_ms;
	int is_sent = 0;

	while (!is_sent)
		if (redisBufferWrite(s->c, &is_sent))
			return lose_failed(s, err);
	while (s->n_heard < s->n_said) {
		void *reply = NULL;

		if (redisGetReplyFromReader(s->c, &reply))
			return lose_failed(s, err);
		if (reply) {
			s->heard[s->n_heard++] = reply;
			continue;
		}
		if (s->c->reader->len > ANSWER_MAX_BYTES)
			return lose(s, CF_IO, "an answer without end", err);
		/* each read waits as long, for a byte */
		if (clk_mono_ms(&s->clk) > until_mono_ms)
			return lose_silent(s, err);
		if (redisBufferRead(s->c))
			return lose_failed(s, err);
	}
	s->pause_ms = 0;
	return CF_OK;
}

/* The answers of an exchange that has none in it that is an error. */
static enum cf_status hear_well(struct redis_store *s, struct cf_error *err)
{
	enum cf_status rc = hear(s, err);

	for (size_t i = 0; !rc && i < s->n_heard; i++)
		if (s->heard[i]->type == REDIS_REPLY_ERROR)
			rc = refused(s, s->heard[i], err);
	return rc;
}

/* --- connecting ----------------------------------------------------------- */

/* Where the host is. Not looked up again: a process that is shut in cannot. */
static enum cf_status find_host(struct redis_store *s, struct cf_error *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	int code;

	if (s->url.path[0] || s->n_addresses)
		return CF_OK;
	code = getaddrinfo(s->url.host, NULL, &hints, &list);
	for (struct addrinfo *at = list; !code && at; at = at->ai_next)
		if (s->n_addresses < ADDRESSES_MAX &&
		    !getnameinfo(at->ai_addr, at->ai_addrlen,
				 s->address[s->n_addresses], ADDRESS_BYTES,
				 NULL, 0, NI_NUMERICHOST))
			s->n_addresses++;
	if (list)
		freeaddrinfo(list);
	if (!s->n_addresses)
		return cf_fail(err, CF_IO, "redis %.110s: host not found: %s",
			       s->place, code ? gai_strerror(code)
					      : "no address");
	return CF_OK;
}

static struct timeval timeval_of(int64_t ms)
{
	return (struct timeval){.tv_sec = (time_t)(ms / 1000),
				.tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

/* The connection; its err says whether it is one. NULL: no memory. */
static redisContext *dial(struct redis_store *s)
{
	struct timeval timeout = timeval_of(s->timeout_ms);
	redisContext *c = NULL;

	if (s->url.path[0])
		return redisConnectUnixWithTimeout(s->url.path, timeout);
	timeout = timeval_of(s->timeout_ms / (int64_t)s->n_addresses + 1);
	for (size_t i = 0; i < s->n_addresses; i++) {
		redisFree(c);
		c = redisConnectWithTimeout(s->address[i], s->url.port,
					    timeout);
		if (!c || !c->err)
			break;
	}
	return c;
}

/* Say who asks, and of which database. */
static enum cf_status introduce(struct redis_store *s, struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	if (s->url.password[0] && s->url.user[0])
		say(s, "AUTH %s %s", s->url.user, s->url.password);
	else if (s->url.password[0])
		say(s, "AUTH %s", s->url.password);
	if (s->url.db)
		say(s, "SELECT %d", s->url.db);
	if (s->n_said)
		rc = hear_well(s, err);
	forget(s);
	return rc;
}

static enum cf_status connect_redis(struct redis_store *s,
				    struct cf_error *err)
{
	enum cf_status rc = find_host(s, err);

	if (rc)
		return rc;
	s->c = dial(s);
	if (!s->c)
		return cf_fail(err, CF_NOMEM, "no memory for a connection");
	if (s->c->err)
		return lose_failed(s, err);
	metrics_add(METRIC_STORE_CONNECT, 1);
	if (redisSetTimeout(s->c, timeval_of(s->timeout_ms)))
		return lose_failed(s, err);
	if (!s->url.path[0])
		(void)redisEnableKeepAlive(s->c);
	rc = introduce(s, err);
	if (rc && s->c) /* it answered; err has what */
		(void)lose(s, rc, "it refused AUTH or SELECT", NULL);
	return rc;
}

/* Whether the server has hung up since the last exchange. Nothing is due from
 * it, so whatever there is to read is the end, or not for us. */
static bool is_stale(const redisContext *c)
{
	struct pollfd at = {.fd = c->fd, .events = POLLIN};

	return poll(&at, 1, 0) != 0;
}

static enum cf_status op_begin(void *impl, struct cf_error *err)
{
	struct redis_store *s = impl;
	int64_t wait_ms = s->closed_until_mono_ms - clk_mono_ms(&s->clk);

	if (s->c && is_stale(s->c))
		hang_up(s);
	if (s->c)
		return CF_OK;
	if (s->pause_ms && wait_ms > 0) {
		metrics_add(METRIC_STORE_UNTRIED, 1);
		return cf_fail(err, CF_IO, "redis %.110s: %s; not tried for "
			       "another %lld ms", s->place, s->why,
			       (long long)wait_ms);
	}
	return connect_redis(s, err);
}

static void op_end(void *impl)
{
	forget(impl);
}

static void op_close(void *impl)
{
	struct redis_store *s = impl;

	forget(s);
	hang_up(s);
	crypt_zero(&s->url, sizeof(s->url));
	mem_free(s);
}

enum cf_status redis_store_open(const struct settings *settings,
				enum store_use use, struct clk clk,
				void **impl, struct cf_error *err)
{
	struct redis_store *s = mem_alloc(MEM_STORE, 1, sizeof(*s));
	struct cf_error trouble = CF_ERROR_INIT;
	enum cf_status rc;

	*impl = NULL;
	if (!s)
		return cf_fail(err, CF_NOMEM, "no memory for the store");
	/* hiredis writes to who may be gone, and reads its errno */
	(void)signal(SIGPIPE, SIG_IGN);
	redis_url_show(settings->redis_url, s->place, sizeof(s->place));
	(void)snprintf(s->prefix, sizeof(s->prefix), "%s",
		       settings->key_prefix);
	s->clk = clk;
	s->timeout_ms = settings->redis_timeout_ms;
	s->n_replicas = settings->redis_wait_replicas;
	s->has_attempts = settings->attempts_max > 1;
	rc = redis_url_parse(&s->url, settings->redis_url, err);
	if (!rc && use == STORE_FOR_MANY)
		rc = find_host(s, err);
	if (!rc && use == STORE_FOR_MANY &&
	    connect_redis(s, &trouble) == CF_CONFIG) {
		rc = CF_CONFIG;
		if (err)
			*err = trouble;
	}
	if (rc)
		op_close(s);
	else
		*impl = s;
	return rc;
}

/* --- values --------------------------------------------------------------- */

static enum cf_status make_value(const struct store_entry *entry,
				 char out[VALUE_BYTES], struct cf_error *err)
{
	if (strchr(entry->code, ' ') || entry->attempts_left > ATTEMPTS_MAX)
		return cf_fail(err, CF_BUG, "redis: a code with a space, or "
			       "%d attempts", entry->attempts_left);
	if (entry->profile[0])
		(void)snprintf(out, VALUE_BYTES, "%s %d %s", entry->code,
			       entry->attempts_left, entry->profile);
	else if (entry->attempts_left > 1)
		(void)snprintf(out, VALUE_BYTES, "%s %d", entry->code,
			       entry->attempts_left);
	else
		(void)snprintf(out, VALUE_BYTES, "%s", entry->code);
	return CF_OK;
}

/* False when it is no challenge: keys of this shape may be other programs'. */
static bool read_value(const char *pid, struct str value,
		       struct store_entry *out)
{
	const char *space = memchr(value.ptr, ' ', value.len);
	size_t n = space ? (size_t)(space - value.ptr) : value.len;
	char *end;

	if (!n || n > STORE_CODE_MAX_BYTES || value.len >= VALUE_BYTES ||
	    memchr(value.ptr, 0, value.len))
		return false;
	*out = (struct store_entry){.attempts_left = 1,
				    .expires_unix_ms = INT64_MAX};
	memcpy(out->pid, pid, STORE_PID_CHARS);
	memcpy(out->code, value.ptr, n);
	if (!space)
		return true;
	out->attempts_left = (int)strtol(space + 1, &end, 10);
	if (space[1] < '1' || space[1] > '9' ||
	    out->attempts_left > ATTEMPTS_MAX)
		return false;
	if (!*end)
		return true;
	if (*end != ' ' || !end[1] || strlen(end + 1) > STORE_PROFILE_MAX_BYTES)
		return false;
	memcpy(out->profile, end + 1, strlen(end + 1));
	return true;
}

/* What an answer with a value says. */
static enum cf_status read_entry(struct redis_store *s, const char *pid,
				 const redisReply *reply,
				 struct store_entry *out, struct cf_error *err)
{
	if (reply->type == REDIS_REPLY_NIL)
		return CF_NOT_FOUND;
	if (reply->type == REDIS_REPLY_ERROR)
		return strncmp(reply->str, "WRONGTYPE", 9)
			       ? refused(s, reply, err)
			       : CF_NOT_FOUND;
	if (reply->type != REDIS_REPLY_STRING)
		return unexpected(s, err);
	return read_value(pid, (struct str){reply->str, (size_t)reply->len},
			  out)
		       ? CF_OK
		       : CF_NOT_FOUND;
}

/* --- the operations ------------------------------------------------------- */

/* Remove those of a put that failed which it has made. */
static void undo_put(struct redis_store *s, const struct store_entry **entries,
		     size_t n)
{
	bool is_made[STORE_PUT_MAX];

	for (size_t i = 0; i < n; i++)
		is_made[i] = s->heard[i]->type == REDIS_REPLY_STATUS;
	forget(s);
	for (size_t i = 0; i < n; i++)
		if (is_made[i])
			say(s, "DEL %s%s", s->prefix, entries[i]->pid);
	if (s->n_said)
		(void)hear(s, NULL);
}

static enum cf_status op_put(void *impl, const struct store_entry *entries,
			     size_t n, struct cf_error *err)
{
	const struct store_entry *live[STORE_PUT_MAX];
	struct redis_store *s = impl;
	int64_t now_unix_ms = clk_unix_ms(&s->clk);
	char value[VALUE_BYTES];
	enum cf_status rc = CF_OK;
	size_t n_live = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		int64_t ttl_ms = entries[i].expires_unix_ms - now_unix_ms;

		rc = make_value(&entries[i], value, err);
		if (rc || ttl_ms <= 0)
			continue; /* it would be gone at once */
		say(s, "SET %s%s %s PX %lld NX", s->prefix, entries[i].pid,
		    value, (long long)ttl_ms);
		live[n_live++] = &entries[i];
	}
	crypt_zero(value, sizeof(value));
	if (rc) {
		hang_up(s); /* with what was said */
		return rc;
	}
	rc = hear(s, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < n_live && !rc; i++)
		if (s->heard[i]->type == REDIS_REPLY_ERROR)
			rc = refused(s, s->heard[i], err);
		else if (s->heard[i]->type != REDIS_REPLY_STATUS)
			rc = cf_fail(err, CF_BUG, "redis %.110s: pid %.5s... "
				     "is there already", s->place,
				     live[i]->pid);
	if (rc)
		undo_put(s, live, n_live);
	return rc;
}

static enum cf_status op_peek(void *impl, const char *pid,
			      struct store_entry *out, struct cf_error *err)
{
	struct redis_store *s = impl;
	enum cf_status rc;

	say(s, "GET %s%s", s->prefix, pid);
	rc = hear(s, err);
	return rc ? rc : read_entry(s, pid, s->heard[0], out, err);
}

/* After what ends a challenge: wait until replicas know, if that is wanted.
 * Less than the timeout, so that it is the server who says that they do not. */
static void say_wait(struct redis_store *s)
{
	if (s->n_replicas)
		say(s, "WAIT %lld %lld", (long long)s->n_replicas,
		    (long long)(s->timeout_ms / 2));
}

static enum cf_status check_wait(struct redis_store *s, struct cf_error *err)
{
	const redisReply *reply = s->heard[s->n_heard - 1];

	if (!s->n_replicas)
		return CF_OK;
	if (reply->type == REDIS_REPLY_ERROR)
		return refused(s, reply, err);
	if (reply->type != REDIS_REPLY_INTEGER)
		return unexpected(s, err);
	if (reply->integer < s->n_replicas)
		return cf_fail(err, CF_IO, "redis %.110s: %lld of "
			       "redis_wait_replicas = %lld know that a "
			       "challenge is used up", s->place,
			       reply->integer, (long long)s->n_replicas);
	return CF_OK;
}

static enum cf_status take_by_script(struct redis_store *s, const char *pid,
				     struct cf_error *err)
{
	enum cf_status rc;

	say(s, "EVALSHA %s 1 %s%s", TAKE_SHA, s->prefix, pid);
	say_wait(s);
	rc = hear(s, err);
	if (rc || s->heard[0]->type != REDIS_REPLY_ERROR ||
	    strncmp(s->heard[0]->str, "NOSCRIPT", 8))
		return rc;
	/* the first since the server began: nothing was done */
	forget(s);
	say(s, "EVAL %s 1 %s%s", TAKE_SCRIPT, s->prefix, pid);
	say_wait(s);
	return hear(s, err);
}

static enum cf_status op_take(void *impl, const char *pid,
			      struct store_entry *out, struct cf_error *err)
{
	struct redis_store *s = impl;
	enum cf_status rc;

	if (s->has_attempts) {
		rc = take_by_script(s, pid, err);
	} else {
		say(s, "GETDEL %s%s", s->prefix, pid);
		say_wait(s);
		rc = hear(s, err);
	}
	if (!rc)
		rc = read_entry(s, pid, s->heard[0], out, err);
	if (rc)
		return rc;
	/* GETDEL ends also what has attempts left, by settings that were */
	out->attempts_left = s->has_attempts ? out->attempts_left - 1 : 0;
	return check_wait(s, err);
}

static enum cf_status op_drop(void *impl, const char *pid,
			      struct cf_error *err)
{
	struct redis_store *s = impl;
	enum cf_status rc;

	say(s, "DEL %s%s", s->prefix, pid);
	say_wait(s);
	rc = hear_well(s, err);
	if (rc)
		return rc;
	if (s->heard[0]->type != REDIS_REPLY_INTEGER)
		return unexpected(s, err);
	return s->heard[0]->integer == 1 ? check_wait(s, err) : CF_NOT_FOUND;
}

/* Redis removes what has expired. */
static enum cf_status op_sweep(void *impl, const char *before_pid,
			       int64_t now_unix_ms, size_t max_rows,
			       size_t *n_rows, struct cf_error *err)
{
	(void)impl;
	(void)before_pid;
	(void)now_unix_ms;
	(void)max_rows;
	(void)err;
	*n_rows = 0;
	return CF_OK;
}

static int64_t op_at_most(void *impl)
{
	(void)impl;
	return INT64_MAX; /* it has to be asked for */
}

/* All keys of the database: those of the prefix would have to be looked for. */
static enum cf_status op_count(void *impl, int64_t *n, struct cf_error *err)
{
	struct redis_store *s = impl;
	enum cf_status rc;

	say(s, "DBSIZE");
	rc = hear_well(s, err);
	if (rc)
		return rc;
	if (s->heard[0]->type != REDIS_REPLY_INTEGER)
		return unexpected(s, err);
	*n = s->heard[0]->integer;
	return CF_OK;
}

static enum cf_status op_secret(void *impl, uint8_t key[CRYPT_KEY_BYTES],
				struct cf_error *err)
{
	struct redis_store *s = impl;
	uint8_t fresh[CRYPT_KEY_BYTES];
	const redisReply *reply;
	enum cf_status rc;

	crypt_random(fresh, sizeof(fresh));
	say(s, "SET %s" SECRET_KEY " %b NX", s->prefix, fresh, sizeof(fresh));
	crypt_zero(fresh, sizeof(fresh));
	say(s, "GET %s" SECRET_KEY, s->prefix);
	rc = hear_well(s, err);
	if (rc)
		return rc;
	reply = s->heard[1];
	if (reply->type != REDIS_REPLY_STRING ||
	    reply->len != CRYPT_KEY_BYTES)
		return cf_fail(err, CF_CORRUPT, "redis %.110s: the secret in "
			       SECRET_KEY " is damaged: remove it", s->place);
	memcpy(key, reply->str, CRYPT_KEY_BYTES);
	return CF_OK;
}

static enum cf_status op_probe(void *impl, struct cf_error *err)
{
	struct redis_store *s = impl;
	uint64_t chance; /* others may probe now */
	enum cf_status rc;

	crypt_random(&chance, sizeof(chance));
	say(s, "SET %s" PROBE_KEY "%llx 1 PX %d NX", s->prefix,
	    (unsigned long long)chance, PROBE_TTL_MS);
	say(s, "GETDEL %s" PROBE_KEY "%llx", s->prefix,
	    (unsigned long long)chance);
	rc = hear_well(s, err);
	if (rc)
		return rc;
	return s->heard[0]->type == REDIS_REPLY_STATUS &&
			       s->heard[1]->type == REDIS_REPLY_STRING
		       ? CF_OK
		       : unexpected(s, err);
}

static enum cf_status op_tidy(void *impl, bool is_thorough,
			      struct cf_error *err)
{
	(void)impl;
	(void)is_thorough;
	(void)err;
	return CF_OK;
}

const struct store_ops redis_store_ops = {
	.begin = op_begin,
	.end = op_end,
	.at_most = op_at_most,
	.put = op_put,
	.peek = op_peek,
	.take = op_take,
	.drop = op_drop,
	.sweep = op_sweep,
	.count = op_count,
	.secret = op_secret,
	.probe = op_probe,
	.tidy = op_tidy,
	.close = op_close,
};
