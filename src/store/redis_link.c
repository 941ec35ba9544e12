/*
 * A connection to Redis: see redis_link.h.
 *
 * hiredis takes its memory from libc: it has no hooks for mem.h before 1.0.
 *
 * source: redis.io/commands, redis.io/docs/reference/protocol-spec
 */
#include "base/base.h"
#include "store/redis_link.h"
#include "store/store.h"

#include "base/crypt.h"
#include "base/mem.h"
#include "base/metrics.h"

#include <hiredis/hiredis.h>
#include <poll.h>

enum {
	/* of one answer: the slots of a cluster of a hundred servers are
	 * 64 KiB, a picture is half of this, the rest is far shorter */
	ANSWER_MAX_BYTES = 1024 * 1024,
	/* none is shorter than ":1\r\n" */
	ANSWER_MAX_ITEMS = ANSWER_MAX_BYTES / 4,
	WHY_BYTES = 96,
	REFUSAL_CHARS = 70, /* of an error's text, so that a remedy fits */
};

#if HIREDIS_MAJOR >= 1
typedef size_t list_count;
#else
typedef int list_count;
#endif

struct redis_link {
	const struct redis_link_rules *rules;
	enum redis_link_to to;
	char name[REDIS_LINK_NAME_BYTES];
	/* the breaker's name for it: who asks with another login is not let
	 * alone because of this one */
	char key[STORE_PATH_BYTES + REDIS_LINK_NAME_BYTES];
	struct redis_address addresses[REDIS_ADDRESSES_MAX];
	size_t n_addresses;
	redisContext *c; /* NULL: not connected */
	bool has_answered; /* on this connection */
	/* what hiredis makes an answer with: its own but for lists */
	redisReplyObjectFunctions make;
	void *(*make_list)(const redisReadTask *task, list_count n);
	size_t n_items; /* of the lists of this answer */
	char why[WHY_BYTES]; /* of the last trouble; "": there was none */
};

void redis_address_show(const struct redis_address *address, char *out, size_t size)
{
	if (!address->port)
		(void)snprintf(out, size, "%s", address->host);
	else if (strchr(address->host, ':'))
		(void)snprintf(out, size, "[%s]:%d", address->host, address->port);
	else
		(void)snprintf(out, size, "%s:%d", address->host, address->port);
}

struct redis_link *redis_link_new(const struct redis_link_rules *rules,
				  enum redis_link_to to, const char *name,
				  const struct redis_address *addresses,
				  size_t n_addresses)
{
	struct redis_link *link = mem_alloc(MEM_STORE, 1, sizeof(*link));

	assert(n_addresses && n_addresses <= REDIS_ADDRESSES_MAX);
	if (!link)
		return NULL;
	link->rules = rules;
	link->to = to;
	(void)snprintf(link->name, sizeof(link->name), "%s", name);
	(void)snprintf(link->key, sizeof(link->key), "%s %s", rules->url_text,
		       name);
	memcpy(link->addresses, addresses, n_addresses * sizeof(addresses[0]));
	link->n_addresses = n_addresses;
	return link;
}

void redis_link_close(struct redis_link *link)
{
	redisFree(link->c); /* accepts NULL */
	link->c = NULL;
}

void redis_link_free(struct redis_link *link)
{
	if (!link)
		return;
	redis_link_close(link);
	crypt_zero(link->key, sizeof(link->key));
	mem_free(link);
}

const char *redis_link_name(const struct redis_link *link)
{
	return link->name;
}

const struct redis_address *redis_link_address(const struct redis_link *link)
{
	return &link->addresses[0];
}

/* --- trouble -------------------------------------------------------------- */

enum cf_status redis_link_fail(struct redis_link *link, enum cf_status rc,
			       const char *why, struct cf_error *err)
{
	(void)snprintf(link->why, sizeof(link->why), "%s", why);
	redis_link_close(link);
	breaker_failed(link->rules->breaker, link->key,
		       clk_mono_ms(&link->rules->clk));
	return cf_fail(err, rc, "redis %.110s: %s", link->name, link->why);
}

static enum cf_status lose_silent(struct redis_link *link,
				  struct cf_error *err)
{
	char why[WHY_BYTES];

	(void)snprintf(why, sizeof(why), "no answer within store_timeout_ms = "
		       "%lld", (long long)link->rules->timeout_ms);
	return redis_link_fail(link, CF_IO, why, err);
}

/* What hiredis says has failed. */
static enum cf_status lose_failed(struct redis_link *link,
				  struct cf_error *err)
{
	if (link->n_items > ANSWER_MAX_ITEMS)
		return redis_link_fail(link, CF_IO, "an answer of more parts "
				       "than it may have bytes for", err);
	if (link->c->err == REDIS_ERR_OOM)
		return redis_link_fail(link, CF_NOMEM, "no memory for it",
				       err);
	if (link->c->err == REDIS_ERR_IO &&
	    (errno == EAGAIN || errno == EWOULDBLOCK))
		return lose_silent(link, err);
	return redis_link_fail(link, CF_IO, link->c->errstr, err);
}

enum cf_status redis_refused(const char *name,
			     const struct redis_reply *reply,
			     struct cf_error *err)
{
	static const struct {
		const char *begin;
		enum cf_status status;
		const char *remedy;
	} kinds[] = {
		{"NOAUTH ", CF_CONFIG, ": give a password in store"},
		{"WRONGPASS ", CF_CONFIG, ": see user and password in "
					  "store"},
		{"ERR invalid password", CF_CONFIG, ": see store"},
		{"ERR AUTH ", CF_CONFIG, ": see user and password in "
					 "store"},
		{"ERR DB ", CF_CONFIG, ": see the database in store"},
		{"NOPERM ", CF_CONFIG, ": see the rights of the user in "
				       "store"},
		{"ERR unknown command", CF_CONFIG, ": Redis 6.2 or later is "
						   "needed"},
		{"ERR This instance has cluster support disabled", CF_CONFIG,
		 ": store names a cluster"},
		{"LOADING ", CF_BUSY, ""},
		{"BUSY ", CF_BUSY, ""},
		{"TRYAGAIN ", CF_BUSY, ""},
		{"OOM ", CF_FULL, ": raise maxmemory of Redis"},
		{"READONLY ", CF_IO, ": store names a replica"},
		{"MOVED ", CF_IO, ": write redis+cluster:// in store"},
	};
	struct str text = redis_reply_text(reply);
	/* servers repeat what they do not know: a password, or a pid */
	const char *args = strstr(text.ptr, ", with args");
	int n = args ? (int)(args - text.ptr) : REFUSAL_CHARS;
	enum cf_status rc = CF_IO;
	const char *remedy = "";

	for (size_t i = 0; i < CF_ARRAY_LEN(kinds); i++)
		if (str_starts(text, kinds[i].begin)) {
			rc = kinds[i].status;
			remedy = kinds[i].remedy;
		}
	return cf_fail(err, rc, "redis %.110s: %.*s%s", name,
		       n < REFUSAL_CHARS ? n : REFUSAL_CHARS, text.ptr,
		       remedy);
}

/* --- exchanges ------------------------------------------------------------ */

char *redis_command(size_t *len, const char *format, va_list args)
{
	char *command;
	int n = redisvFormatCommand(&command, format, args);

	*len = n > 0 ? (size_t)n : 0;
	return n > 0 ? command : NULL;
}

void redis_command_free(char *command)
{
	redisFreeCommand(command);
}

enum cf_status redis_link_append(struct redis_link *link, struct cf_error *err,
			      const char *format, ...)
{
	va_list args;
	int rc;

	va_start(args, format);
	rc = redisvAppendCommand(link->c, format, args);
	va_end(args);
	return rc ? lose_failed(link, err) : CF_OK;
}

enum cf_status redis_link_append_login(struct redis_link *link, int *n_owed,
				    struct cf_error *err)
{
	const struct server_url *url = &link->rules->url;

	if (!url->password[0])
		return CF_OK;
	++*n_owed;
	return url->user[0] ? redis_link_append(link, err, "AUTH %s %s",
					     url->user, url->password)
			    : redis_link_append(link, err, "AUTH %s",
					     url->password);
}

enum cf_status redis_link_append_raw(struct redis_link *link, struct str command,
			      struct cf_error *err)
{
	if (redisAppendFormattedCommand(link->c, command.ptr, command.len))
		return lose_failed(link, err);
	return CF_OK;
}

enum cf_status redis_link_send(struct redis_link *link, struct cf_error *err)
{
	int64_t until_mono_ms = clk_mono_ms(&link->rules->clk) +
				link->rules->timeout_ms;
	int is_sent = 0;

	for (;;) {
		if (redisBufferWrite(link->c, &is_sent))
			return lose_failed(link, err);
		if (is_sent)
			return CF_OK;
		/* each write waits as long, for a byte */
		if (clk_mono_ms(&link->rules->clk) > until_mono_ms)
			return lose_silent(link, err);
	}
}

/* A list has room for as many parts as it announces before one of them has
 * come. So those are counted, over all lists of the answer. */
static void *make_list(const redisReadTask *task, list_count n)
{
	struct redis_link *link = task->privdata;

	if ((size_t)n > ANSWER_MAX_ITEMS - link->n_items) {
		link->n_items = ANSWER_MAX_ITEMS + 1;
		return NULL;
	}
	link->n_items += (size_t)n;
	return link->make_list(task, n);
}

static void count_lists(struct redis_link *link)
{
	redisReader *reader = link->c->reader;

	link->make = *reader->fn;
	link->make_list = link->make.createArray;
	link->make.createArray = make_list;
	reader->fn = &link->make;
	reader->privdata = link;
}

enum cf_status redis_link_read(struct redis_link *link, int64_t until_mono_ms,
			       struct redis_reply **out,
			       struct cf_error *err)
{
	size_t n_read = 0; /* the reader keeps no more than it has to */
	void *reply = NULL;

	*out = NULL;
	link->n_items = 0;
	for (;;) {
		size_t before;

		if (redisGetReplyFromReader(link->c, &reply))
			return lose_failed(link, err);
		if (reply)
			break;
		if (n_read > ANSWER_MAX_BYTES)
			return redis_link_fail(link, CF_IO,
					       "an answer without end", err);
		/* each read waits as long, for a byte */
		if (clk_mono_ms(&link->rules->clk) > until_mono_ms)
			return lose_silent(link, err);
		before = link->c->reader->len;
		if (redisBufferRead(link->c))
			return lose_failed(link, err);
		n_read += link->c->reader->len - before;
	}
	*out = reply;
	if (!link->has_answered) {
		link->has_answered = true;
		breaker_worked(link->rules->breaker, link->key);
	}
	return CF_OK;
}

/* --- connecting ----------------------------------------------------------- */

static struct timeval timeval_of(int64_t ms)
{
	return (struct timeval){.tv_sec = (time_t)(ms / 1000),
				.tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

/* The connection; its err says whether it is one. NULL: no memory. */
static redisContext *dial(const struct redis_link *link)
{
	int64_t ms = link->rules->connect_timeout_ms /
			     (int64_t)link->n_addresses + 1;
	redisContext *c = NULL;

	for (size_t i = 0; i < link->n_addresses; i++) {
		const struct redis_address *at = &link->addresses[i];

		redisFree(c);
		c = at->port ? redisConnectWithTimeout(at->host, at->port,
						       timeval_of(ms))
			     : redisConnectUnixWithTimeout(at->host,
							   timeval_of(ms));
		if (!c || !c->err)
			break;
	}
	return c;
}

/* What the server thinks of an introduction: login and database are fine, or
 * it has a role. */
static enum cf_status check_greeting(struct redis_link *link, bool is_role,
				     const struct redis_reply *reply,
				     struct cf_error *err)
{
	struct str role;

	if (redis_reply_type(reply) == REDIS_ERROR)
		return redis_refused(link->name, reply, err);
	if (!is_role && redis_reply_type(reply) == REDIS_STATUS)
		return CF_OK;
	if (!is_role || redis_reply_type(reply) != REDIS_LIST)
		return redis_link_fail(link, CF_IO, "an answer that does not "
				       "fit the introduction", err);
	role = redis_reply_count(reply)
		       ? redis_reply_text(redis_reply_item(reply, 0))
		       : (struct str)STR_INIT;
	if (str_eq(role, "master"))
		return CF_OK;
	return cf_fail(err, CF_IO, "redis %.110s: it is the master no more, or "
		       "not yet", link->name);
}

/* Say who asks, and of which database. */
static enum cf_status introduce(struct redis_link *link, struct cf_error *err)
{
	const struct server_url *url = &link->rules->url;
	int64_t until_mono_ms = clk_mono_ms(&link->rules->clk) +
				link->rules->timeout_ms;
	enum cf_status rc;
	int n = 0;

	if (link->to == REDIS_LINK_TO_SENTINEL)
		return CF_OK;
	rc = redis_link_append_login(link, &n, err);
	if (!rc && url->db) {
		rc = redis_link_append(link, err, "SELECT %d", url->db);
		n++;
	}
	if (!rc && link->to == REDIS_LINK_TO_MASTER) {
		rc = redis_link_append(link, err, "ROLE");
		n++;
	}
	if (!rc && n)
		rc = redis_link_send(link, err);
	for (; !rc && n; n--) {
		struct redis_reply *reply;

		rc = redis_link_read(link, until_mono_ms, &reply, err);
		if (!rc)
			rc = check_greeting(
				link,
				n == 1 && link->to == REDIS_LINK_TO_MASTER,
				reply, err);
		redis_reply_free(reply);
	}
	return rc;
}

/* How long a read or a write waits. There are other sentinels. */
static int64_t patience_ms(const struct redis_link *link)
{
	return link->to == REDIS_LINK_TO_SENTINEL
		       ? (link->rules->timeout_ms + 1) / 2
		       : link->rules->timeout_ms;
}

static enum cf_status connect_link(struct redis_link *link,
				   struct cf_error *err)
{
	enum cf_status rc;

	link->has_answered = false;
	link->n_items = 0;
	link->c = dial(link);
	if (!link->c)
		return cf_fail(err, CF_NOMEM, "no memory for a connection");
	if (link->c->err)
		return lose_failed(link, err);
	if (link->to != REDIS_LINK_TO_SENTINEL)
		metrics_add(METRIC_STORE_CONNECT, 1);
	count_lists(link);
	if (redisSetTimeout(link->c, timeval_of(patience_ms(link))))
		return lose_failed(link, err);
	if (link->addresses[0].port)
		(void)redisEnableKeepAlive(link->c);
	rc = introduce(link, err);
	/* a refused login is no outage: the breaker does not trip */
	if (rc)
		redis_link_close(link);
	return rc;
}

bool redis_link_is_up(struct redis_link *link)
{
	struct pollfd at = {.events = POLLIN};

	if (!link->c)
		return false;
	/* Nothing is due from the server, so whatever there is to read is the
	 * end, or not for us; so is what has been read already. */
	at.fd = link->c->fd;
	if (link->c->reader->pos < link->c->reader->len ||
	    poll(&at, 1, 0) != 0)
		redis_link_close(link);
	return link->c;
}

enum cf_status redis_link_connect(struct redis_link *link, struct cf_error *err)
{
	int64_t wait_ms;

	if (redis_link_is_up(link))
		return CF_OK;
	wait_ms = breaker_wait_ms(link->rules->breaker, link->key,
				  clk_mono_ms(&link->rules->clk),
				  link->rules->timeout_ms * 2);
	if (!wait_ms)
		return connect_link(link, err);
	metrics_add(METRIC_STORE_UNTRIED, 1);
	return cf_fail(err, CF_IO, "redis %.110s: %s; not tried for another "
		       "%lld ms", link->name,
		       link->why[0] ? link->why
				    : "another process found it silent",
		       (long long)wait_ms);
}

/* --- answers -------------------------------------------------------------- */

static const redisReply *raw_of(const struct redis_reply *reply)
{
	return (const redisReply *)(const void *)reply;
}

enum redis_reply_type redis_reply_type(const struct redis_reply *reply)
{
	switch (raw_of(reply)->type) {
	case REDIS_REPLY_STRING:
		return REDIS_TEXT;
	case REDIS_REPLY_STATUS:
		return REDIS_STATUS;
	case REDIS_REPLY_INTEGER:
		return REDIS_NUMBER;
	case REDIS_REPLY_ARRAY:
		return REDIS_LIST;
	case REDIS_REPLY_ERROR:
		return REDIS_ERROR;
	default:
		return REDIS_NIL;
	}
}

struct str redis_reply_text(const struct redis_reply *reply)
{
	const redisReply *raw = raw_of(reply);

	switch (raw->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
	case REDIS_REPLY_ERROR:
		return (struct str){raw->str, (size_t)raw->len};
	default:
		return (struct str){"", 0};
	}
}

int64_t redis_reply_number(const struct redis_reply *reply)
{
	const redisReply *raw = raw_of(reply);

	return raw->type == REDIS_REPLY_INTEGER ? raw->integer : 0;
}

size_t redis_reply_count(const struct redis_reply *reply)
{
	const redisReply *raw = raw_of(reply);

	return raw->type == REDIS_REPLY_ARRAY ? raw->elements : 0;
}

const struct redis_reply *redis_reply_item(const struct redis_reply *reply,
					   size_t i)
{
	const redisReply *raw = raw_of(reply);

	assert(i < redis_reply_count(reply));
	return (const struct redis_reply *)(const void *)raw->element[i];
}

bool redis_reply_is_error(const struct redis_reply *reply, const char *word)
{
	struct str text = redis_reply_text(reply);

	return redis_reply_type(reply) == REDIS_ERROR &&
	       str_starts(text, word) && text.len > strlen(word) &&
	       text.ptr[strlen(word)] == ' ';
}

void redis_reply_free(struct redis_reply *reply)
{
	freeReplyObject(reply); /* accepts NULL */
}
