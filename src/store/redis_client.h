/*
 * Questions to Redis, each to the server that has its key: the one of the
 * address, the one that sentinels name, or of a cluster the one that has the
 * key's slot. Private to the store layer.
 *
 * redis_client_open; any number of exchanges, each of
 *
 *	redis_queue	opens a question about a key
 *	redis_queue_same	one more command of the same question
 *	redis_exchange	sends all questions and waits for all answers
 *	redis_get_reply	the answers, in the order of the commands
 *	redis_clear	before the next exchange
 *
 * redis_client_close.
 *
 * A server that says that another one has the key, or that it is no longer the
 * master, has done nothing: the question is then put to the right one, within
 * the same redis_exchange. What was sent and not answered is not sent again.
 */
#ifndef CF_STORE_REDIS_CLIENT_H
#define CF_STORE_REDIS_CLIENT_H

#include "store/store.h"
#include "store/redis_link.h"

enum { REDIS_COMMANDS_MAX = 128 };

struct redis_client;

/* CF_OK; CF_CONFIG, the address is none; CF_NOMEM */
CF_MUST_CHECK
enum cf_status redis_client_open(const struct store_options *options,
				 struct clk clk, struct redis_client **out,
				 struct cf_error *err);
void redis_client_close(struct redis_client *client); /* accepts NULL */

/*
 * Look the names of hosts up, once: a process that is shut in cannot. Otherwise
 * the first question does.
 *
 * returns  CF_OK; CF_IO, no host has an address
 */
CF_MUST_CHECK
enum cf_status redis_client_find(struct redis_client *client,
				 struct cf_error *err);

/* Be connected to a server, as far as can be before the first question. */
CF_MUST_CHECK
enum cf_status redis_client_connect(struct redis_client *client,
				    struct cf_error *err);

/* Formats are those of hiredis. What fails is told by redis_exchange. */
void redis_queue(struct redis_client *client, const char *key,
	       const char *format, ...);
void redis_queue_same(struct redis_client *client, const char *format, ...);

/* A question to each server that has keys. Returns as redis_exchange. */
CF_MUST_CHECK
enum cf_status redis_queue_each(struct redis_client *client,
				 struct cf_error *err, const char *format,
				 ...);

/*
 * returns  CF_OK, and all answers are there, errors among them; CF_IO, it is
 *          not known what was done; CF_CONFIG; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status redis_exchange(struct redis_client *client, struct cf_error *err);

/* The same, and an answer that is an error is a failure. */
CF_MUST_CHECK
enum cf_status redis_exchange_well(struct redis_client *client,
			       struct cf_error *err);

size_t redis_n_replies(const struct redis_client *client);
const struct redis_reply *redis_get_reply(const struct redis_client *client,
				       size_t i);
void redis_clear(struct redis_client *client);

/* What to return for answer i, which is an error; or which is none that fits:
 * then the connection is closed, too. */
enum cf_status redis_reply_error(struct redis_client *client, size_t i,
				 struct cf_error *err);
enum cf_status redis_reply_unexpected(struct redis_client *client, size_t i,
				    struct cf_error *err);

/* The server that gave answer i may be the right one no more: see to that
 * before the next question. */
void redis_doubt_server(struct redis_client *client, size_t i);

/* For messages: the name of the server that gave answer i. */
const char *redis_server_name(const struct redis_client *client, size_t i);

/* The slot of a key in a cluster.
 * source: redis.io/docs/reference/cluster-spec, "Key distribution model" */
unsigned redis_slot(const char *key);

#endif
