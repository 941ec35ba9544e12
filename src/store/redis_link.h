/*
 * A connection to one Redis server, made when it is needed, and the replies
 * that come over it; private to the store layer. Only redis_link.c knows
 * hiredis.
 *
 * After any trouble a link is closed: no late reply is taken for that of
 * another command, and no command is sent twice. The breaker (breaker.h) then
 * keeps all processes from the server for a while.
 */
#ifndef CF_STORE_REDIS_LINK_H
#define CF_STORE_REDIS_LINK_H

#include "base/buf.h"
#include "base/clk.h"
#include "base/server_url.h"
#include "store/breaker.h"

#include <stdarg.h>

enum {
	REDIS_ADDRESSES_MAX = 4, /* of one server */
	REDIS_HOST_BYTES = 64,
	REDIS_LINK_NAME_BYTES = 128,
};

/* A numeric address and a port, or, with port 0, the path of a socket. */
struct redis_address {
	char host[SERVER_URL_PATH_BYTES];
	int port;
};

/* HOST:PORT, [HOST]:PORT for IPv6, or the path. */
void redis_address_show(const struct redis_address *address, char *out,
			size_t size);

/* What all links of a store share; outlives them. */
struct redis_link_rules {
	const char *url_text; /* part of the breaker's name for a server */
	struct server_url url; /* login and database */
	struct clk clk;
	int64_t timeout_ms; /* to send, and for the replies to come */
	int64_t connect_timeout_ms;
	struct breaker *breaker;
};

/* How a new connection begins. */
enum redis_link_to {
	REDIS_LINK_TO_SERVER, /* login and database */
	REDIS_LINK_TO_MASTER, /* the same, and the server must be a master */
	REDIS_LINK_TO_SENTINEL, /* nothing */
};

struct redis_link;

/* Not connected yet. Messages show the name. NULL: no memory. */
CF_MUST_CHECK
struct redis_link *redis_link_new(const struct redis_link_rules *rules,
				  enum redis_link_to to, const char *name,
				  const struct redis_address *addresses,
				  size_t n_addresses);
void redis_link_free(struct redis_link *link); /* accepts NULL */

const char *redis_link_name(const struct redis_link *link);
const struct redis_address *redis_link_address(const struct redis_link *link);

/* Whether the link is connected. Closes it when the server has. */
CF_MUST_CHECK
bool redis_link_is_up(struct redis_link *link);

/*
 * Keep the connection that is up, or make one.
 * returns  CF_OK; CF_IO, the server is out of reach, or the breaker forbids to
 *          try; as redis_refused when the server refuses login or database;
 *          CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status redis_link_connect(struct redis_link *link,
				  struct cf_error *err);

/* A command as Redis reads it, by a format of hiredis; NULL: no memory. The
 * caller's to redis_command_free. */
CF_MUST_CHECK
char *redis_command(size_t *len, const char *format, va_list args);
void redis_command_free(char *command); /* accepts NULL */

/* Add such a command to what redis_link_send sends. */
CF_MUST_CHECK
enum cf_status redis_link_append(struct redis_link *link, struct str command,
				 struct cf_error *err);
CF_MUST_CHECK
enum cf_status redis_link_send(struct redis_link *link, struct cf_error *err);

struct redis_reply;

/* Wait for the next reply until until_mono_ms. A read that has begun by then
 * may wait for the whole timeout. *out is the caller's to redis_reply_free. */
CF_MUST_CHECK
enum cf_status redis_link_read(struct redis_link *link, int64_t until_mono_ms,
			       struct redis_reply **out, struct cf_error *err);

/* Connect, send one command and wait for its reply; the argument is for a %s in
 * the format. To a sentinel a login goes first, if the rules have a password,
 * and its reply is ignored: a sentinel may have none. A reply that is an error
 * is a failure: redis_refused. */
CF_MUST_CHECK
enum cf_status redis_link_ask(struct redis_link *link, const char *format,
			      const char *argument, struct redis_reply **out,
			      struct cf_error *err);

/* Close the connection, so that no late reply is read. */
void redis_link_close(struct redis_link *link);

/* Close the connection and tell the breaker that the server has failed. why
 * goes into err, and into later errors while the breaker forbids to try.
 * Returns rc. */
enum cf_status redis_link_fail(struct redis_link *link, enum cf_status rc,
			       const char *why, struct cf_error *err);

/* --- replies -------------------------------------------------------------- */

enum redis_reply_type {
	REDIS_NIL,
	REDIS_TEXT,
	REDIS_STATUS,
	REDIS_NUMBER,
	REDIS_LIST,
	REDIS_ERROR,
};

enum redis_reply_type redis_reply_type(const struct redis_reply *reply);

/* Of a text, status or error; NUL-terminated. Otherwise empty. */
struct str redis_reply_text(const struct redis_reply *reply);

/* Of a number; otherwise 0. */
int64_t redis_reply_number(const struct redis_reply *reply);

/* The length of a list, otherwise 0; and one item, i below that. */
size_t redis_reply_count(const struct redis_reply *reply);
const struct redis_reply *redis_reply_item(const struct redis_reply *reply,
					   size_t i);

/* Whether the reply is an error that begins with this word. */
bool redis_reply_is_error(const struct redis_reply *reply, const char *word);

void redis_reply_free(struct redis_reply *reply); /* accepts NULL */

/* The status of an error that a server of that name replied; err gives a
 * remedy. */
enum cf_status redis_refused(const char *name, const struct redis_reply *reply,
			     struct cf_error *err);

#endif
