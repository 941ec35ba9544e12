/*
 * A connection to one Redis server, kept or made anew, and the answers that
 * come over it; private to the store layer. redis_link.c alone knows hiredis.
 *
 * After any trouble the connection is closed, so that a late answer is never
 * taken for that of another question, and nothing is asked twice. Then the
 * server is let alone for a while: breaker.h.
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

/* The place as text, IPv6 in brackets. */
void redis_address_show(const struct redis_address *address, char *out, size_t size);

/* What all links of a store have in common; outlives them. */
struct redis_link_rules {
	const char *url_text; /* servers are known to the breaker by it */
	struct server_url url; /* login and database */
	struct clk clk;
	int64_t timeout_ms; /* to send, and for the answers to come */
	int64_t connect_timeout_ms;
	struct breaker *breaker;
};

/* What is command to a server that is new. */
enum redis_link_to {
	REDIS_LINK_TO_SERVER, /* login and database */
	REDIS_LINK_TO_MASTER, /* the same, and it has to be a master */
	REDIS_LINK_TO_SENTINEL, /* nothing */
};

struct redis_link;

/* Not connected yet. The name is for messages. NULL: no memory. */
CF_MUST_CHECK
struct redis_link *redis_link_new(const struct redis_link_rules *rules,
				  enum redis_link_to to, const char *name,
				  const struct redis_address *addresses,
				  size_t n_addresses);
void redis_link_free(struct redis_link *link); /* accepts NULL */

const char *redis_link_name(const struct redis_link *link);
const struct redis_address *redis_link_address(const struct redis_link *link);

/* Whether there is a connection; one that the server has closed since the last
 * exchange is none. */
CF_MUST_CHECK
bool redis_link_is_up(struct redis_link *link);

/*
 * Have a connection: the one that is up, or a new one.
 * returns  CF_OK; CF_IO, the server is out of reach, or is let alone; what
 *          redis_refused says when it refuses login or database; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status redis_link_connect(struct redis_link *link, struct cf_error *err);

/* Add a command to what redis_link_send sends; it is owed an answer. By a
 * format of hiredis, or as redis_command gives it. */
CF_MUST_CHECK
enum cf_status redis_link_append(struct redis_link *link, struct cf_error *err,
			      const char *format, ...);
/* The same for AUTH, if the rules have a password; adds to *n_owed then. */
CF_MUST_CHECK
enum cf_status redis_link_append_login(struct redis_link *link, int *n_owed,
				    struct cf_error *err);
CF_MUST_CHECK
enum cf_status redis_link_append_raw(struct redis_link *link, struct str command,
			      struct cf_error *err);
CF_MUST_CHECK
enum cf_status redis_link_send(struct redis_link *link, struct cf_error *err);

struct redis_reply;

/* Wait for the next answer, at the longest until then, and as long once more
 * for a part of it. *out is the caller's to redis_reply_free. */
CF_MUST_CHECK
enum cf_status redis_link_read(struct redis_link *link, int64_t until_mono_ms,
			       struct redis_reply **out,
			       struct cf_error *err);

/* Close it: it is not needed, or not known what is still to come. */
void redis_link_close(struct redis_link *link);

/* Close it because of trouble with the server, of which the breaker is told.
 * why goes to those who ask meanwhile, too. Returns rc, err filled. */
enum cf_status redis_link_fail(struct redis_link *link, enum cf_status rc,
			       const char *why, struct cf_error *err);

/* A command as Redis reads it, by a format of hiredis; NULL: no memory. The
 * caller's to redis_command_free. */
CF_MUST_CHECK
char *redis_command(size_t *len, const char *format, va_list args);
void redis_command_free(char *command); /* accepts NULL */

/* --- answers -------------------------------------------------------------- */

enum redis_reply_type {
	REDIS_NIL,
	REDIS_TEXT,
	REDIS_STATUS,
	REDIS_NUMBER,
	REDIS_LIST,
	REDIS_ERROR,
};

enum redis_reply_type redis_reply_type(const struct redis_reply *reply);

/* Of a text, status or error; NUL-terminated; otherwise empty. */
struct str redis_reply_text(const struct redis_reply *reply);

/* Of a number; otherwise 0. */
int64_t redis_reply_number(const struct redis_reply *reply);

/* How many are in a list; otherwise 0. And one of them, i below that. */
size_t redis_reply_count(const struct redis_reply *reply);
const struct redis_reply *redis_reply_item(const struct redis_reply *reply,
					   size_t i);

/* Whether it is an error that begins with this word. */
bool redis_reply_is_error(const struct redis_reply *reply,
			   const char *word);

void redis_reply_free(struct redis_reply *reply); /* accepts NULL */

/* The status of an answer that is an error of the server of that name; err has
 * a remedy. */
enum cf_status redis_refused(const char *name,
			     const struct redis_reply *reply,
			     struct cf_error *err);

#endif
