/*
 * Exchanges with Redis. Each command goes to the server that has its key: the
 * server of the address, the master that the sentinels name, or the server of
 * a cluster that has the key's slot. Private to the store layer.
 *
 * redis_client_open; any number of exchanges, each of
 *
 *	redis_queue	a command
 *	redis_exchange	sends all commands and waits for all replies
 *	redis_get_reply	the replies, in the order of the commands
 *	redis_clear	before the next exchange
 *
 * redis_client_close.
 *
 * A server that names another server for the key, or is no longer the master,
 * has done nothing: redis_exchange then sends the command to the right server.
 * No command is sent again when its reply is missing.
 */
#ifndef CF_STORE_REDIS_CLIENT_H
#define CF_STORE_REDIS_CLIENT_H

#include "store/redis_link.h"
#include "store/store.h"

enum { REDIS_COMMANDS_MAX = 128 }; /* of one exchange */

struct redis_client;

/*
 * Client of the servers that options->redis_url names. STORE_FOR_MANY looks up
 * the names of hosts and connects now, since a process that shut itself in
 * cannot look them up. STORE_FOR_ONE does both at the first exchange.
 *
 * returns  CF_OK, also when the server is out of reach; CF_CONFIG, the address
 *          is none, or the server refuses login or database; CF_IO, no host has
 *          an address; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status redis_client_open(const struct store_options *options,
				 enum store_use use, struct clk clk,
				 struct redis_client **out,
				 struct cf_error *err);
void redis_client_close(struct redis_client *client); /* accepts NULL */

/* Queue a command for the server that has the key; without a key, for the
 * server of the command before it. Formats are those of hiredis. redis_exchange
 * reports what fails. */
void redis_queue(struct redis_client *client, const char *key,
		 const char *format, ...);

/* Queue a command for each server that has keys. Returns as redis_exchange. */
CF_MUST_CHECK
enum cf_status redis_queue_each(struct redis_client *client,
				struct cf_error *err, const char *format, ...);

/*
 * returns  CF_OK, all replies are there, errors among them; CF_IO, the servers
 *          may have done what they were asked, or not; CF_CONFIG; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status redis_exchange(struct redis_client *client,
			      struct cf_error *err);

size_t redis_n_replies(const struct redis_client *client);
const struct redis_reply *redis_get_reply(const struct redis_client *client,
					  size_t i);
void redis_clear(struct redis_client *client);

/* The status for reply i, which is an error, or does not fit its command: then
 * its connection is closed, too. */
CF_MUST_CHECK
enum cf_status redis_bad_reply(struct redis_client *client, size_t i,
			       struct cf_error *err);

/* Reply i may come from the wrong server: look for the right one before the
 * next exchange. */
void redis_doubt_server(struct redis_client *client, size_t i);

/* For messages: the name of the server of reply i. */
const char *redis_server_name(const struct redis_client *client, size_t i);

/* The slot of a key in a cluster.
 * source: redis.io/docs/reference/cluster-spec, "Key distribution model" */
unsigned redis_slot(const char *key);

#endif
