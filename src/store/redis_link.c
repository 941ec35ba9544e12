/*
 * A connection to Redis: see redis_link.h.
 *
 * hiredis takes its memory from libc: it has no hooks for mem.h before 1.0. It
 * takes a struct timeval, which in 32-bit libraries has half the size of that
 * in the rest of the program.
 *
 * source: redis.io/commands, redis.io/docs/reference/protocol-spec
 */
#define CF_TIME_OF_LIBRARIES
#include "base/base.h"
#include "store/redis_link.h"
#include "store/store.h"

#include "base/crypt.h"
#include "base/mem.h"
#include "base/metrics.h"

#include <hiredis/hiredis.h>
#include <poll.h>

enum {
	/* The slots of a cluster of a hundred servers are 64 KiB, a picture is
	 * half of this, and all other replies are far shorter. */
	REPLY_MAX_BYTES = 1024 * 1024,
	/* no item is shorter than ":1\r\n" */
	REPLY_MAX_ITEMS = REPLY_MAX_BYTES / 4,
	/* Lists within lists, which hiredis frees by recursion, and since 1.0
	 * takes to any depth. The slots of a cluster have four levels. */
	REPLY_MAX_DEPTH = 6,
	WHY_BYTES = 96,
	REFUSAL_CHARS = 70, /* of an error, so that the remedy fits, too */
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
	/* The breaker's name for the server. The login is in it: a refused
	 * login keeps no process with another login from the server. */
	char key[STORE_PATH_BYTES + REDIS_LINK_NAME_BYTES];
	struct redis_address addresses[REDIS_ADDRESSES_MAX];
	size_t n_addresses;
	redisContext *c; /* NULL: not connected */
	bool has_answered; /* on this connection */
	/* hiredis makes replies with these: its own functions, but for lists */
	redisReplyObjectFunctions make;
	void *(*make_list)(const redisReadTask *task, list_count n);
	size_t n_items; /* of all lists of the reply under way */
	const char *refusal; /* of a list of that reply; NULL: none */
	char why[WHY_BYTES]; /* of the last trouble; "": there was none */
};

void redis_address_show(const struct redis_address *address, char *out,
			size_t size)
{
	bool is_ipv6 = strchr(address->host, ':');

	if (address->port)
		(void)snprintf(out, size, is_ipv6 ? "[%s]:%d" : "%s:%d",
			       address->host, address->port);
	else
		(void)snprintf(out, size, "%s", address->host);
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

static enum cf_status fail_timeout(struct redis_link *link,
				   struct cf_error *err)
{
	char why[WHY_BYTES];

	(void)snprintf(why, sizeof(why), "no answer within store_timeout_ms = "
		       "%lld", (long long)link->rules->timeout_ms);
	return redis_link_fail(link, CF_IO, why, err);
}

/* A call of hiredis has failed. */
static enum cf_status fail_call(struct redis_link *link, struct cf_error *err)
{
	if (link->refusal)
		return redis_link_fail(link, CF_IO, link->refusal, err);
	if (link->c->err == REDIS_ERR_OOM)
		return redis_link_fail(link, CF_NOMEM, "no memory for it",
				       err);
	if (link->c->err == REDIS_ERR_IO &&
	    (errno == EAGAIN || errno == EWOULDBLOCK))
		return fail_timeout(link, err);
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
		{"WRONGPASS ", CF_CONFIG, ": see user and password in store"},
		{"ERR invalid password", CF_CONFIG, ": see store"},
		{"ERR AUTH ", CF_CONFIG, ": see user and password in store"},
		{"ERR DB ", CF_CONFIG, ": see the database in store"},
		{"NOPERM ", CF_CONFIG, ": see the rights of the user in store"},
		{"ERR unknown command", CF_CONFIG,
		 ": Redis 6.2 or later is needed"},
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
	/* a server repeats arguments: a password, or a pid */
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

enum cf_status redis_link_append(struct redis_link *link, struct str command,
				 struct cf_error *err)
{
	if (redisAppendFormattedCommand(link->c, command.ptr, command.len))
		return fail_call(link, err);
	return CF_OK;
}

/* Add a command by a format of hiredis, and count its reply in *n_due. */
static enum cf_status append(struct redis_link *link, int *n_due,
			     struct cf_error *err, const char *format, ...)
{
	va_list args;
	int rc;

	++*n_due;
	va_start(args, format);
	rc = redisvAppendCommand(link->c, format, args);
	va_end(args);
	return rc ? fail_call(link, err) : CF_OK;
}

static enum cf_status append_login(struct redis_link *link, int *n_due,
				   struct cf_error *err)
{
	const struct server_url *url = &link->rules->url;

	if (!url->password[0])
		return CF_OK;
	return url->user[0] ? append(link, n_due, err, "AUTH %s %s", url->user,
				     url->password)
			    : append(link, n_due, err, "AUTH %s",
				     url->password);
}

enum cf_status redis_link_send(struct redis_link *link, struct cf_error *err)
{
	int64_t until_mono_ms = clk_mono_ms(&link->rules->clk) +
				link->rules->timeout_ms;
	int is_sent = 0;

	for (;;) {
		if (redisBufferWrite(link->c, &is_sent))
			return fail_call(link, err);
		if (is_sent)
			return CF_OK;
		/* each write alone may wait for the whole timeout */
		if (clk_mono_ms(&link->rules->clk) > until_mono_ms)
			return fail_timeout(link, err);
	}
}

/* hiredis makes room for all items that a list announces, before any has come.
 * So the items are counted, over all lists of the reply. NULL ends the reply:
 * see fail_call. */
static void *make_list(const redisReadTask *task, list_count n)
{
	struct redis_link *link = task->privdata;
	const redisReadTask *outer = task;
	int depth = 0;

	while (outer) {
		depth++;
		outer = outer->parent;
	}
	if (depth > REPLY_MAX_DEPTH)
		link->refusal = "an answer of lists too deep within lists";
	else if ((size_t)n > REPLY_MAX_ITEMS - link->n_items)
		link->refusal = "an answer of more parts than it may have "
				"bytes for";
	if (link->refusal)
		return NULL;
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
	size_t n_read = 0;
	void *reply = NULL;

	*out = NULL;
	link->n_items = 0;
	link->refusal = NULL;
	for (;;) {
		size_t before;

		if (redisGetReplyFromReader(link->c, &reply))
			return fail_call(link, err);
		if (reply)
			break;
		if (n_read > REPLY_MAX_BYTES)
			return redis_link_fail(link, CF_IO,
					       "an answer without end", err);
		/* each read alone may wait for the whole timeout */
		if (clk_mono_ms(&link->rules->clk) > until_mono_ms)
			return fail_timeout(link, err);
		before = link->c->reader->len;
		if (redisBufferRead(link->c))
			return fail_call(link, err);
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

/* Connect to the first address that accepts. On failure the result has an err,
 * or is NULL: no memory. */
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

/* How long a read or a write waits: for a sentinel half the timeout, since
 * another sentinel may answer. */
static int64_t patience_ms(const struct redis_link *link)
{
	return link->to == REDIS_LINK_TO_SENTINEL
		       ? (link->rules->timeout_ms + 1) / 2
		       : link->rules->timeout_ms;
}

/* Check the reply to AUTH or SELECT, or with is_role that to ROLE. */
static enum cf_status check_greeting(struct redis_link *link, bool is_role,
				     const struct redis_reply *reply,
				     struct cf_error *err)
{
	enum redis_reply_type type = redis_reply_type(reply);

	if (type == REDIS_ERROR)
		return redis_refused(link->name, reply, err);
	if (type != (is_role ? REDIS_LIST : REDIS_STATUS))
		return redis_link_fail(link, CF_IO, "an answer that does not "
				       "fit the introduction", err);
	if (is_role && (!redis_reply_count(reply) ||
			!str_eq(redis_reply_text(redis_reply_item(reply, 0)),
				"master")))
		return cf_fail(err, CF_IO, "redis %.110s: it is no longer the "
			       "master, or not yet", link->name);
	return CF_OK;
}

/* Log in, choose the database, and see that a master is one. */
static enum cf_status greet(struct redis_link *link, struct cf_error *err)
{
	bool has_role = link->to == REDIS_LINK_TO_MASTER;
	int db = link->rules->url.db;
	int64_t until_mono_ms = clk_mono_ms(&link->rules->clk) +
				link->rules->timeout_ms;
	enum cf_status rc;
	int n_due = 0;

	rc = append_login(link, &n_due, err);
	if (!rc && db)
		rc = append(link, &n_due, err, "SELECT %d", db);
	if (!rc && has_role)
		rc = append(link, &n_due, err, "ROLE");
	if (!rc && n_due)
		rc = redis_link_send(link, err);
	for (; !rc && n_due; n_due--) {
		struct redis_reply *reply;

		rc = redis_link_read(link, until_mono_ms, &reply, err);
		if (!rc)
			rc = check_greeting(link, has_role && n_due == 1,
					    reply, err);
		redis_reply_free(reply);
	}
	return rc;
}

static enum cf_status make_connection(struct redis_link *link,
				      struct cf_error *err)
{
	bool is_sentinel = link->to == REDIS_LINK_TO_SENTINEL;
	enum cf_status rc = CF_OK;

	link->has_answered = false;
	link->n_items = 0;
	link->refusal = NULL;
	link->c = dial(link);
	if (!link->c)
		return cf_fail(err, CF_NOMEM, "no memory for a connection");
	if (link->c->err)
		return fail_call(link, err);
	if (!is_sentinel)
		metrics_add(METRIC_STORE_CONNECT, 1);
	count_lists(link);
	if (redisSetTimeout(link->c, timeval_of(patience_ms(link))))
		return fail_call(link, err);
	if (link->addresses[0].port)
		(void)redisEnableKeepAlive(link->c);
	if (!is_sentinel)
		rc = greet(link, err);
	/* a refused login is no outage: the breaker is not told */
	if (rc)
		redis_link_close(link);
	return rc;
}

bool redis_link_is_up(struct redis_link *link)
{
	struct pollfd at = {.events = POLLIN};

	if (!link->c)
		return false;
	/* No reply is due, so anything to read is the end of the connection,
	 * or a reply too many. */
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
		return make_connection(link, err);
	metrics_add(METRIC_STORE_UNTRIED, 1);
	return cf_fail(err, CF_IO, "redis %.110s: %s; not tried for another "
		       "%lld ms", link->name,
		       link->why[0] ? link->why
				    : "another process found it silent",
		       (long long)wait_ms);
}

enum cf_status redis_link_ask(struct redis_link *link, const char *format,
			      const char *argument, struct redis_reply **out,
			      struct cf_error *err)
{
	int64_t until_mono_ms = clk_mono_ms(&link->rules->clk) +
				patience_ms(link);
	enum cf_status rc = redis_link_connect(link, err);
	int n_due = 0;

	*out = NULL;
	if (!rc && link->to == REDIS_LINK_TO_SENTINEL)
		rc = append_login(link, &n_due, err);
	if (!rc)
		rc = append(link, &n_due, err, format, argument);
	if (!rc)
		rc = redis_link_send(link, err);
	for (; !rc && n_due; n_due--) {
		redis_reply_free(*out);
		rc = redis_link_read(link, until_mono_ms, out, err);
	}
	if (!rc && redis_reply_type(*out) == REDIS_ERROR) {
		rc = redis_refused(link->name, *out, err);
		redis_reply_free(*out);
		*out = NULL;
	}
	return rc;
}

/* --- replies -------------------------------------------------------------- */

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

	return raw->str ? (struct str){raw->str, (size_t)raw->len}
			: (struct str){"", 0};
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
