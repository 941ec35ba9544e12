/*
 * Challenges in Redis: see redis.h.
 */
#include "base/base.h"
#include "store/redis.h"

#include "store/redis_client.h"

enum {
	/* code, attempts, profile, note, and a space between */
	VALUE_BYTES = STORE_CODE_MAX_BYTES + 4 + 1 + STORE_PROFILE_MAX_BYTES +
		      1 + STORE_NOTE_MAX_BYTES + 1,
	ATTEMPTS_MAX = 999,
	PROBE_TTL_MS = 1000,
	KEY_BYTES = STORE_PREFIX_BYTES + 64,
	PICTURE_KEY_BYTES = KEY_BYTES + sizeof("{}.png"),
};

#define SECRET_KEY "captcha-fcgi:secret"
#define PROBE_KEY  "captcha-fcgi:probe:"

/* Use one attempt of a challenge that may have several; gives the value before.
 * Redis runs nothing else meanwhile. */
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
/* The SHA-1 of the script: its name on a server that has run it. */
#define TAKE_SHA "9b35cf9522025e535f17402c9e433a0760a1ae4d"

/* Give a challenge the code ARGV[2] if its code is ARGV[1]; end it if ARGV[2]
 * is empty. */
#define SWAP_SCRIPT \
	"local value = redis.pcall('GET', KEYS[1])\n" \
	"if type(value) ~= 'string' then return value end\n" \
	"local code, rest = value:match('^(%S+)(.*)$')\n" \
	"if code ~= ARGV[1] then return 0 end\n" \
	"if ARGV[2] == '' then\n" \
	"  redis.call('DEL', KEYS[1])\n" \
	"else\n" \
	"  redis.call('SET', KEYS[1], ARGV[2] .. rest, 'KEEPTTL')\n" \
	"end\n" \
	"return 1\n"
#define SWAP_SHA "655607a89f60782514b8b4dd2fd8e3f77e87c2a7"

struct redis_store {
	struct redis_client *client;
	char prefix[STORE_PREFIX_BYTES];
	struct clk clk;
	int64_t timeout_ms;
	int64_t n_replicas; /* that must know when a challenge ends */
	bool has_attempts;  /* challenges may have more than one */
};

_Static_assert((int)REDIS_COMMANDS_MAX >= (int)STORE_PUT_MAX,
	       "a put is one exchange");

static void op_end(void *impl)
{
	redis_clear(((struct redis_store *)impl)->client);
}

static void op_close(void *impl)
{
	struct redis_store *s = impl;

	redis_client_close(s->client);
	mem_free(s);
}

enum cf_status redis_store_open(const struct store_options *options,
				enum store_use use, struct clk clk,
				void **impl, struct cf_error *err)
{
	struct redis_store *s = mem_alloc(MEM_STORE, 1, sizeof(*s));
	enum cf_status rc;

	*impl = NULL;
	if (!s)
		return cf_fail(err, CF_NOMEM, "no memory for the store");
	(void)snprintf(s->prefix, sizeof(s->prefix), "%s",
		       options->key_prefix);
	s->clk = clk;
	s->timeout_ms = options->timeout_ms;
	s->n_replicas = options->redis_wait_replicas;
	s->has_attempts = options->has_attempts;
	rc = redis_client_open(options, use, clk, &s->client, err);
	if (rc)
		op_close(s);
	else
		*impl = s;
	return rc;
}

/* The key of a challenge by its pid, or another key by its name. */
static const char *key_of(const struct redis_store *s, const char *name,
			  char out[KEY_BYTES])
{
	(void)snprintf(out, KEY_BYTES, "%s%s", s->prefix, name);
	return out;
}

/* The key of a picture. The braces put it into its challenge's slot of a
 * cluster, as a prefix has none. */
static const char *picture_key_of(const struct redis_store *s,
				  const struct pid *pid,
				  char out[PICTURE_KEY_BYTES])
{
	(void)snprintf(out, PICTURE_KEY_BYTES, "{%s%s}.png", s->prefix,
		       pid->text);
	return out;
}

/* --- values --------------------------------------------------------------- */

static enum cf_status make_value(const struct store_entry *entry,
				 char out[VALUE_BYTES], struct cf_error *err)
{
	if (strchr(entry->code, ' ') || entry->attempts_left > ATTEMPTS_MAX)
		return cf_fail(err, CF_BUG, "redis: a code with a space, or "
			       "%d attempts", entry->attempts_left);
	if (entry->note[0])
		(void)snprintf(out, VALUE_BYTES, "%s %d %s %s", entry->code,
			       entry->attempts_left,
			       entry->profile[0] ? entry->profile : ".",
			       entry->note);
	else if (entry->profile[0])
		(void)snprintf(out, VALUE_BYTES, "%s %d %s", entry->code,
			       entry->attempts_left, entry->profile);
	else if (entry->attempts_left > 1)
		(void)snprintf(out, VALUE_BYTES, "%s %d", entry->code,
			       entry->attempts_left);
	else
		(void)snprintf(out, VALUE_BYTES, "%s", entry->code);
	return CF_OK;
}

/* Read "PROFILE" or "PROFILE NOTE". */
static bool read_profile(const char *text, struct store_entry *out)
{
	size_t n = strcspn(text, " ");
	const char *note = text[n] ? text + n + 1 : "";

	if (!n || n > STORE_PROFILE_MAX_BYTES ||
	    strlen(note) > STORE_NOTE_MAX_BYTES)
		return false;
	if (n != 1 || *text != '.')
		memcpy(out->profile, text, n);
	memcpy(out->note, note, strlen(note));
	return true;
}

/* False: the value is no challenge, but another program's. */
static bool read_value(const struct pid *pid, struct str value,
		       struct store_entry *out)
{
	const char *space = memchr(value.ptr, ' ', value.len);
	size_t n = space ? (size_t)(space - value.ptr) : value.len;
	char *end;
	long left;

	if (!n || n > STORE_CODE_MAX_BYTES || value.len >= VALUE_BYTES ||
	    memchr(value.ptr, 0, value.len))
		return false;
	*out = (struct store_entry){.attempts_left = 1,
				    .expires_unix_ms = INT64_MAX};
	out->pid = *pid;
	memcpy(out->code, value.ptr, n);
	if (!space)
		return true;
	left = strtol(space + 1, &end, 10);
	if (space[1] < '1' || space[1] > '9' || left > ATTEMPTS_MAX)
		return false;
	out->attempts_left = (int)left;
	return !*end || (*end == ' ' && read_profile(end + 1, out));
}

/* Read reply i, the value of a challenge. */
static enum cf_status read_entry(struct redis_store *s, const struct pid *pid,
				 size_t i, struct store_entry *out,
				 struct cf_error *err)
{
	const struct redis_reply *reply = redis_get_reply(s->client, i);
	enum redis_reply_type type = redis_reply_type(reply);

	if (type == REDIS_TEXT &&
	    read_value(pid, redis_reply_text(reply), out))
		return CF_OK;
	if (type == REDIS_TEXT || type == REDIS_NIL ||
	    redis_reply_is_error(reply, "WRONGTYPE"))
		return CF_NOT_FOUND;
	return redis_bad_reply(s->client, i, err);
}

/* --- the operations ------------------------------------------------------- */

static enum redis_reply_type type_of(const struct redis_store *s, size_t i)
{
	return redis_reply_type(redis_get_reply(s->client, i));
}

static bool is_ok(const struct redis_store *s, size_t i)
{
	return type_of(s, i) == REDIS_STATUS &&
	       str_eq(redis_reply_text(redis_get_reply(s->client, i)), "OK");
}

/* Remove the challenges that a failed put has recorded. */
static void undo_put(struct redis_store *s, const struct store_entry **entries,
		     size_t n)
{
	bool is_made[STORE_PUT_MAX], any = false;
	char key[KEY_BYTES];

	for (size_t i = 0; i < n; i++)
		any |= is_made[i] = is_ok(s, i);
	if (!any)
		return;
	redis_clear(s->client);
	for (size_t i = 0; i < n; i++)
		if (is_made[i])
			redis_queue(s->client,
				    key_of(s, entries[i]->pid.text, key),
				    "DEL %s", key);
	(void)!redis_exchange(s->client, NULL);
}

static enum cf_status op_put(void *impl, const struct store_entry *entries,
			     size_t n, struct cf_error *err)
{
	const struct store_entry *live[STORE_PUT_MAX];
	struct redis_store *s = impl;
	int64_t now_unix_ms = clk_unix_ms(&s->clk);
	char key[KEY_BYTES], value[VALUE_BYTES];
	enum cf_status rc = CF_OK;
	size_t n_live = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		int64_t ttl_ms = entries[i].expires_unix_ms - now_unix_ms;

		rc = make_value(&entries[i], value, err);
		if (rc || ttl_ms <= 0)
			continue; /* it would be gone at once */
		redis_queue(s->client, key_of(s, entries[i].pid.text, key),
			    "SET %s %s PX %lld NX", key, value,
			    (long long)ttl_ms);
		live[n_live++] = &entries[i];
	}
	crypt_zero(value, sizeof(value));
	if (!rc && n_live)
		rc = redis_exchange(s->client, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < n_live && !rc; i++) {
		if (type_of(s, i) == REDIS_NIL)
			rc = cf_fail(err, CF_BUG,
				     "redis %.110s: pid %.5s... "
				     "is there already",
				     redis_server_name(s->client, i),
				     live[i]->pid.text);
		else if (!is_ok(s, i))
			rc = redis_bad_reply(s->client, i, err);
	}
	if (rc)
		undo_put(s, live, n_live);
	return rc;
}

static enum cf_status op_peek(void *impl, const struct pid *pid,
			      struct store_entry *out, struct cf_error *err)
{
	struct redis_store *s = impl;
	char key[KEY_BYTES];
	enum cf_status rc;

	redis_queue(s->client, key_of(s, pid->text, key), "GET %s", key);
	rc = redis_exchange(s->client, err);
	return rc ? rc : read_entry(s, pid, 0, out, err);
}

/* After the end of a challenge: wait for replicas, if the settings say so. The
 * server gives up before the timeout, and says how many know. */
static void queue_wait(struct redis_store *s)
{
	if (s->n_replicas)
		redis_queue(s->client, NULL, "WAIT %lld %lld",
			    (long long)s->n_replicas,
			    (long long)(s->timeout_ms / 2));
}

/* The WAIT is command 1. */
static enum cf_status check_wait(struct redis_store *s, struct cf_error *err)
{
	int64_t n;

	if (!s->n_replicas)
		return CF_OK;
	if (type_of(s, 1) != REDIS_NUMBER)
		return redis_bad_reply(s->client, 1, err);
	n = redis_reply_number(redis_get_reply(s->client, 1));
	if (n >= s->n_replicas)
		return CF_OK;
	redis_doubt_server(s->client, 1);
	return cf_fail(err, CF_IO, "redis %.110s: %lld replicas know that a "
		       "challenge is used up: wait=%lld",
		       redis_server_name(s->client, 1), (long long)n,
		       (long long)s->n_replicas);
}

/* Remove the picture of a challenge that ends. If that fails, it expires. */
static void queue_picture_removal(struct redis_store *s, const struct pid *pid)
{
	char picture[PICTURE_KEY_BYTES];

	redis_queue(s->client, picture_key_of(s, pid, picture), "DEL %s",
		    picture);
}

/* A script that changes the challenge of a key: its text, its name on a server
 * that has run it, and its arguments, of which a NULL is left out. */
struct script {
	const char *text, *sha;
	const char *arguments[2];
};

static void queue_script(struct redis_store *s, const struct script *script,
			 bool is_known, const char *key)
{
	const char *command = is_known ? "EVALSHA" : "EVAL";
	const char *which = is_known ? script->sha : script->text;

	redis_clear(s->client);
	if (script->arguments[0])
		redis_queue(s->client, key, "%s %s 1 %s %s %s", command, which,
			    key, script->arguments[0], script->arguments[1]);
	else
		redis_queue(s->client, key, "%s %s 1 %s", command, which, key);
	queue_wait(s);
}

static enum cf_status run_script(struct redis_store *s,
				 const struct script *script, const char *key,
				 struct cf_error *err)
{
	enum cf_status rc;

	queue_script(s, script, true, key);
	rc = redis_exchange(s->client, err);
	/* the server has not run the script before, and has done nothing */
	if (rc || !redis_reply_is_error(redis_get_reply(s->client, 0),
					"NOSCRIPT"))
		return rc;
	queue_script(s, script, false, key);
	return redis_exchange(s->client, err);
}

static enum cf_status take_by_script(struct redis_store *s,
				     const struct pid *pid,
				     struct store_entry *out,
				     struct cf_error *err)
{
	static const struct script take = {TAKE_SCRIPT, TAKE_SHA, {NULL, NULL}};
	char key[KEY_BYTES];
	enum cf_status rc = run_script(s, &take, key_of(s, pid->text, key),
				       err);

	if (!rc)
		rc = read_entry(s, pid, 0, out, err);
	if (rc)
		return rc;
	out->attempts_left--;
	rc = check_wait(s, err);
	if (!rc && !out->attempts_left) {
		/* not in the script: while a slot moves, a script may have no
		 * more than one key */
		redis_clear(s->client);
		queue_picture_removal(s, pid);
		(void)!redis_exchange(s->client, NULL);
	}
	return rc;
}

static enum cf_status op_take(void *impl, const struct pid *pid,
			      struct store_entry *out, struct cf_error *err)
{
	struct redis_store *s = impl;
	char key[KEY_BYTES];
	enum cf_status rc;

	if (s->has_attempts)
		return take_by_script(s, pid, out, err);
	redis_queue(s->client, key_of(s, pid->text, key), "GETDEL %s", key);
	queue_wait(s);
	queue_picture_removal(s, pid);
	rc = redis_exchange(s->client, err);
	if (!rc)
		rc = read_entry(s, pid, 0, out, err);
	if (rc)
		return rc;
	/* GETDEL ends also a challenge to which earlier settings gave more */
	out->attempts_left = 0;
	return check_wait(s, err);
}

static enum cf_status op_drop(void *impl, const struct pid *pid,
			      struct cf_error *err)
{
	struct redis_store *s = impl;
	char key[KEY_BYTES];
	enum cf_status rc;

	redis_queue(s->client, key_of(s, pid->text, key), "DEL %s", key);
	queue_wait(s);
	queue_picture_removal(s, pid);
	rc = redis_exchange(s->client, err);
	if (rc)
		return rc;
	if (type_of(s, 0) != REDIS_NUMBER)
		return redis_bad_reply(s->client, 0, err);
	return redis_reply_number(redis_get_reply(s->client, 0)) == 1
		       ? check_wait(s, err)
		       : CF_NOT_FOUND;
}

static enum cf_status op_swap(void *impl, const struct pid *pid,
			      const char *code, const char *new_code,
			      struct cf_error *err)
{
	const struct script script = {SWAP_SCRIPT, SWAP_SHA,
				      {code, new_code ? new_code : ""}};
	struct redis_store *s = impl;
	char key[KEY_BYTES];
	enum cf_status rc = run_script(s, &script, key_of(s, pid->text, key),
				       err);

	if (rc)
		return rc;
	if (type_of(s, 0) == REDIS_NIL ||
	    redis_reply_is_error(redis_get_reply(s->client, 0), "WRONGTYPE"))
		return CF_NOT_FOUND;
	if (type_of(s, 0) != REDIS_NUMBER)
		return redis_bad_reply(s->client, 0, err);
	return redis_reply_number(redis_get_reply(s->client, 0)) == 1
		       ? check_wait(s, err)
		       : CF_NOT_FOUND;
}

static enum cf_status op_put_picture(void *impl, const struct pid *pid,
				     struct str png, int64_t expires_unix_ms,
				     struct cf_error *err)
{
	struct redis_store *s = impl;
	int64_t ttl_ms = expires_unix_ms - clk_unix_ms(&s->clk);
	char picture[PICTURE_KEY_BYTES];
	enum cf_status rc;

	if (ttl_ms <= 0)
		return CF_OK; /* it would be gone at once */
	redis_queue(s->client, picture_key_of(s, pid, picture),
		    "SET %s %b PX %lld", picture, png.ptr, png.len,
		    (long long)ttl_ms);
	rc = redis_exchange(s->client, err);
	if (!rc && !is_ok(s, 0))
		rc = redis_bad_reply(s->client, 0, err);
	return rc;
}

static enum cf_status op_load_picture(void *impl, const struct pid *pid,
				      struct buf *png, struct cf_error *err)
{
	struct redis_store *s = impl;
	char picture[PICTURE_KEY_BYTES];
	struct str bytes;
	enum cf_status rc;

	redis_queue(s->client, picture_key_of(s, pid, picture), "GET %s",
		    picture);
	rc = redis_exchange(s->client, err);
	if (rc)
		return rc;
	if (type_of(s, 0) == REDIS_NIL)
		return CF_NOT_FOUND;
	if (type_of(s, 0) != REDIS_TEXT)
		return redis_bad_reply(s->client, 0, err);
	bytes = redis_reply_text(redis_get_reply(s->client, 0));
	if (!bytes.len || bytes.len > STORE_PICTURE_MAX_BYTES)
		return CF_NOT_FOUND; /* another program's */
	buf_add(png, bytes.ptr, bytes.len);
	return buf_status(png, err);
}

/* Count all keys of the database, in a cluster those of each server. To count
 * only keys with the prefix, Redis would have to go through all. */
static enum cf_status op_count(void *impl, int64_t *n, struct cf_error *err)
{
	struct redis_store *s = impl;
	enum cf_status rc = redis_queue_each(s->client, err, "DBSIZE");

	if (!rc)
		rc = redis_exchange(s->client, err);
	for (size_t i = 0; !rc && i < redis_n_replies(s->client); i++) {
		int64_t more =
			redis_reply_number(redis_get_reply(s->client, i));

		if (type_of(s, i) != REDIS_NUMBER || more < 0 ||
		    more > INT64_MAX - *n)
			rc = redis_bad_reply(s->client, i, err);
		else
			*n += more;
	}
	return rc;
}

static enum cf_status op_secret(void *impl, uint8_t key[CRYPT_KEY_BYTES],
				struct cf_error *err)
{
	struct redis_store *s = impl;
	uint8_t fresh[CRYPT_KEY_BYTES];
	char name[KEY_BYTES];
	struct str text;
	enum cf_status rc;

	crypt_random(fresh, sizeof(fresh));
	redis_queue(s->client, key_of(s, SECRET_KEY, name), "SET %s %b NX",
		    name, fresh, sizeof(fresh));
	redis_queue(s->client, NULL, "GET %s", name);
	crypt_zero(fresh, sizeof(fresh));
	rc = redis_exchange(s->client, err);
	if (rc)
		return rc;
	if (type_of(s, 0) == REDIS_ERROR)
		return redis_bad_reply(s->client, 0, err);
	if (type_of(s, 1) != REDIS_TEXT)
		return redis_bad_reply(s->client, 1, err);
	text = redis_reply_text(redis_get_reply(s->client, 1));
	if (text.len != CRYPT_KEY_BYTES)
		return cf_fail(err, CF_CORRUPT, "redis %.110s: the secret in "
			       SECRET_KEY " is damaged: remove it",
			       redis_server_name(s->client, 1));
	memcpy(key, text.ptr, CRYPT_KEY_BYTES);
	return CF_OK;
}

static enum cf_status op_probe(void *impl, struct cf_error *err)
{
	struct redis_store *s = impl;
	char name[64], key[KEY_BYTES];
	uint64_t chance; /* in the name: another process may probe, too */
	enum cf_status rc;

	crypt_random(&chance, sizeof(chance));
	(void)snprintf(name, sizeof(name), PROBE_KEY "%llx",
		       (unsigned long long)chance);
	redis_queue(s->client, key_of(s, name, key), "SET %s 1 PX %d NX", key,
		    PROBE_TTL_MS);
	redis_queue(s->client, NULL, "GETDEL %s", key);
	rc = redis_exchange(s->client, err);
	if (rc)
		return rc;
	if (!is_ok(s, 0))
		return redis_bad_reply(s->client, 0, err);
	return type_of(s, 1) == REDIS_TEXT ? CF_OK
					   : redis_bad_reply(s->client, 1, err);
}

/* Without sweep: Redis itself removes what has expired. */
const struct store_ops redis_store_ops = {
	.end = op_end,
	.put = op_put,
	.peek = op_peek,
	.take = op_take,
	.drop = op_drop,
	.swap = op_swap,
	.put_picture = op_put_picture,
	.load_picture = op_load_picture,
	.count = op_count,
	.secret = op_secret,
	.probe = op_probe,
	.close = op_close,
};
