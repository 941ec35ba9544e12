/*
 * Exchanges with Redis: see redis_client.h.
 *
 * There is one link to a single server, or to the master that the sentinels
 * name. To a cluster there is a link for each server, and a map from slots to
 * servers, which is read again after a server was lost or named another
 * server.
 *
 * source: redis.io/docs/reference/sentinel-clients,
 *	   redis.io/docs/reference/cluster-spec
 */
#include "base/base.h"
#include "store/redis_client.h"

#include "base/crypt.h"
#include "base/mem.h"
#include "base/net.h"

#include <netdb.h>
#include <signal.h>

enum {
	SEEDS_MAX = 32, /* addresses of all hosts */
	SERVERS_MAX = 128, /* of a cluster, that have slots */
	N_SLOTS = 16384,
	TURNS_MAX = 5, /* a command is sent to at most so many servers */
	READ_MAP_EVERY_MS = 100,
	NO_SERVER = 0xff, /* the owner of a slot that no server has */
};

_Static_assert(SERVERS_MAX <= NO_SERVER, "numbers of servers fit a byte");

/* A command of the exchange under way. */
struct command {
	char *text;
	size_t len;
	unsigned slot; /* of its key, in a cluster */
	bool is_first; /* has a key of its own */
	bool is_due; /* has no reply yet */
	bool is_asking; /* goes to a server that is yet to get the slot */
	int server; /* its number; -1: the server of the slot */
	struct redis_link *link; /* to the server that replies */
	struct redis_reply *reply;
};

struct redis_client {
	struct redis_link_rules rules;
	char shown_url[STORE_PATH_BYTES + sizeof("***")]; /* for messages */
	struct redis_address seeds[SEEDS_MAX];
	size_t n_seeds;
	size_t next_seed; /* to ask first: seeds before it have failed */
	/* All servers of a cluster that have slots, or one. Some are NULL. */
	struct redis_link *servers[SERVERS_MAX];
	uint8_t *owner; /* of N_SLOTS; NULL: not a cluster */
	bool is_map_stale;
	int64_t next_map_mono_ms; /* not read before this */
	struct command commands[REDIS_COMMANDS_MAX];
	size_t n_commands;
	unsigned slot; /* of the last key */
	bool has_failed; /* there was no memory for a command */
};

static enum server_url_kind kind_of(const struct redis_client *client)
{
	return client->rules.url.kind;
}

static int64_t mono_ms(const struct redis_client *client)
{
	return clk_mono_ms(&client->rules.clk);
}

/* --- opening -------------------------------------------------------------- */

/* Add the addresses of a host to the seeds; returns as getaddrinfo(3). */
static int look_up_host(struct redis_client *client,
			const struct server_url_host *host)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	size_t max = client->n_seeds + REDIS_ADDRESSES_MAX;
	int code = getaddrinfo(host->host, NULL, &hints, &list);

	if (max > SEEDS_MAX)
		max = SEEDS_MAX;
	for (struct addrinfo *at = code ? NULL : list;
	     at && client->n_seeds < max; at = at->ai_next) {
		struct redis_address *to = &client->seeds[client->n_seeds];

		if (getnameinfo(at->ai_addr, at->ai_addrlen, to->host,
				REDIS_HOST_BYTES, NULL, 0, NI_NUMERICHOST))
			continue;
		to->port = host->port;
		client->n_seeds++;
	}
	if (list)
		freeaddrinfo(list);
	return code;
}

/* Fill the seeds once. CF_IO: no host has an address. */
static enum cf_status find_seeds(struct redis_client *client,
				 struct cf_error *err)
{
	const struct server_url *url = &client->rules.url;
	int code = 0;

	if (client->n_seeds)
		return CF_OK;
	if (url->kind == SERVER_URL_SOCKET) {
		memcpy(client->seeds[0].host, url->path, sizeof(url->path));
		client->n_seeds = 1;
		return CF_OK;
	}
	for (size_t i = 0; i < url->n_hosts; i++) {
		int host_code = look_up_host(client, &url->hosts[i]);

		code = host_code ? host_code : code;
	}
	if (client->n_seeds)
		return CF_OK;
	return cf_fail(err, CF_IO, "redis %.110s: host not found: %s",
		       client->shown_url,
		       code ? gai_strerror(code) : "no address");
}

/* Make the only link of a client without a cluster. */
static enum cf_status make_link(struct redis_client *client,
				enum redis_link_to to, const char *name,
				const struct redis_address *addresses,
				size_t n_addresses, struct cf_error *err)
{
	client->servers[0] = redis_link_new(&client->rules, to, name, addresses,
					    n_addresses);
	return client->servers[0] ? CF_OK
				  : cf_fail(err, CF_NOMEM, "no memory for a "
					    "connection");
}

static enum cf_status set_up(struct redis_client *client,
			     const struct store_options *options,
			     struct cf_error *err)
{
	struct redis_link_rules *rules = &client->rules;
	enum cf_status rc;

	server_url_show(options->redis_url, client->shown_url,
			sizeof(client->shown_url));
	rc = server_url_parse(&rules->url, options->redis_url, err);
	if (rc)
		return rc;
	rules->url_text = options->redis_url;
	rules->timeout_ms = options->timeout_ms;
	/* when some of several servers are gone, leave time for the rest */
	rules->connect_timeout_ms = rules->url.n_hosts > 1
					    ? rules->timeout_ms / 4
					    : rules->timeout_ms;
	rules->breaker = breaker_open(options->breaker_dir);
	if (!rules->breaker)
		return cf_fail(err, CF_NOMEM, "no memory for a breaker");
	if (kind_of(client) != SERVER_URL_CLUSTER)
		return CF_OK;
	client->owner = mem_alloc(MEM_STORE, N_SLOTS, 1);
	if (!client->owner)
		return cf_fail(err, CF_NOMEM, "no memory for a cluster");
	memset(client->owner, NO_SERVER, N_SLOTS);
	client->is_map_stale = true;
	return CF_OK;
}

static enum cf_status connect_now(struct redis_client *client,
				  struct cf_error *err);

enum cf_status redis_client_open(const struct store_options *options,
				 enum store_use use, struct clk clk,
				 struct redis_client **out,
				 struct cf_error *err)
{
	struct redis_client *client = mem_alloc(MEM_STORE, 1, sizeof(*client));
	enum cf_status rc;

	*out = NULL;
	if (!client)
		return cf_fail(err, CF_NOMEM, "no memory for the store");
	/* hiredis needs EPIPE when it writes to a closed connection */
	(void)signal(SIGPIPE, SIG_IGN);
	client->rules.clk = clk;
	rc = set_up(client, options, err);
	if (!rc && use == STORE_FOR_MANY)
		rc = connect_now(client, err);
	if (rc)
		redis_client_close(client);
	else
		*out = client;
	return rc;
}

void redis_client_close(struct redis_client *client)
{
	if (!client)
		return;
	redis_clear(client);
	for (size_t i = 0; i < SERVERS_MAX; i++)
		redis_link_free(client->servers[i]);
	breaker_close(client->rules.breaker);
	mem_free(client->owner);
	crypt_zero(&client->rules.url, sizeof(client->rules.url));
	mem_free(client);
}

static void drop_server(struct redis_client *client, size_t i)
{
	for (size_t k = 0; k < client->n_commands; k++)
		if (client->commands[k].link == client->servers[i])
			client->commands[k].link = NULL;
	redis_link_free(client->servers[i]);
	client->servers[i] = NULL;
}

/* Read an address that a server names. It must be numeric: a process that shut
 * itself in cannot look names up. Without a host it is that of the server
 * itself. False: it makes no sense. */
static bool read_address(const struct redis_link *from, struct str host,
			 int64_t port, struct redis_address *out)
{
	struct net_addr addr;

	if (!host.len)
		host = str_from(redis_link_address(from)->host);
	if (host.len >= REDIS_HOST_BYTES || !net_parse(host, &addr) ||
	    port < 1 || port > 65535)
		return false;
	*out = (struct redis_address){.port = (int)port};
	memcpy(out->host, host.ptr, host.len);
	return true;
}

/* --- sentinels ------------------------------------------------------------ */

/* Ask one sentinel for the master. CF_CONFIG: it knows none of that name. */
static enum cf_status ask_sentinel(struct redis_client *client,
				   struct redis_link *sentinel,
				   struct redis_address *out,
				   struct cf_error *err)
{
	const char *master = client->rules.url.name;
	struct redis_reply *reply;
	struct str host, port;
	enum cf_status rc;

	rc = redis_link_ask(sentinel, "SENTINEL get-master-addr-by-name %s",
			    master, &reply, err);
	if (rc)
		return rc;
	if (redis_reply_count(reply) != 2) {
		redis_reply_free(reply);
		return cf_fail(err, CF_CONFIG, "redis %.110s: no sentinel "
			       "knows a master \"%.60s\": see the name in "
			       "store", client->shown_url, master);
	}
	host = redis_reply_text(redis_reply_item(reply, 0));
	port = redis_reply_text(redis_reply_item(reply, 1));
	if (!host.len || !read_address(sentinel, host,
				       strtol(port.ptr, NULL, 10), out))
		rc = redis_link_fail(sentinel, CF_IO, "no address of a "
				     "master: see announce-ip", err);
	redis_reply_free(reply);
	return rc;
}

/* Ask the sentinels in turn, for as long as a visitor may have to wait. */
static enum cf_status find_master(struct redis_client *client,
				  struct redis_address *out,
				  struct cf_error *err)
{
	enum cf_status rc = CF_IO, worst = CF_IO;
	int64_t until_mono_ms = mono_ms(client) + client->rules.timeout_ms;

	for (size_t i = 0; rc && i < client->n_seeds &&
			   mono_ms(client) < until_mono_ms; i++) {
		struct redis_address *seed = &client->seeds[client->next_seed];
		char name[REDIS_LINK_NAME_BYTES];
		struct redis_link *sentinel;

		redis_address_show(seed, name, sizeof(name));
		sentinel = redis_link_new(&client->rules,
					  REDIS_LINK_TO_SENTINEL, name, seed,
					  1);
		if (!sentinel)
			return cf_fail(err, CF_NOMEM, "no memory for a "
				       "connection");
		rc = ask_sentinel(client, sentinel, out, err);
		redis_link_free(sentinel);
		if (rc == CF_CONFIG)
			worst = CF_CONFIG;
		if (rc)
			client->next_seed =
				(client->next_seed + 1) % client->n_seeds;
	}
	return rc ? worst : CF_OK;
}

/* Make a link to the server that is the master now, unless there is one. */
static enum cf_status follow_master(struct redis_client *client,
				    struct cf_error *err)
{
	struct redis_address address = {.port = 0};
	char name[REDIS_LINK_NAME_BYTES];
	enum cf_status rc = find_master(client, &address, err);

	if (rc)
		return rc;
	redis_address_show(&address, name, sizeof(name));
	if (client->servers[0] &&
	    !strcmp(redis_link_name(client->servers[0]), name))
		return CF_OK;
	drop_server(client, 0);
	return make_link(client, REDIS_LINK_TO_MASTER, name, &address, 1, err);
}

/* --- a cluster's map ------------------------------------------------------ */

unsigned redis_slot(const char *key)
{
	const char *open = strchr(key, '{');
	const char *close = open ? strchr(open + 1, '}') : NULL;
	size_t len = strlen(key);
	unsigned crc = 0; /* CRC-16/XMODEM */

	if (close && close > open + 1) {
		key = open + 1;
		len = (size_t)(close - key);
	}
	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned)(unsigned char)key[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
	}
	return crc % N_SLOTS;
}

/* The number of the server at this address; -1: there are too many. */
static int server_at(struct redis_client *client,
		     const struct redis_address *address)
{
	char name[REDIS_LINK_NAME_BYTES];
	int unused = -1;

	redis_address_show(address, name, sizeof(name));
	for (int i = 0; i < SERVERS_MAX; i++) {
		const struct redis_link *link = client->servers[i];

		if (link && !strcmp(redis_link_name(link), name))
			return i;
		if (!link && unused < 0)
			unused = i;
	}
	if (unused < 0)
		return -1;
	client->servers[unused] = redis_link_new(&client->rules,
						 REDIS_LINK_TO_SERVER, name,
						 address, 1);
	return client->servers[unused] ? unused : -1;
}

/* Read one range of a map into owner: first slot, last slot, the master's host
 * and port, and replicas. False: it makes no sense. */
static bool read_range(struct redis_client *client,
		       const struct redis_link *from,
		       const struct redis_reply *range, uint8_t *owner)
{
	const struct redis_reply *master;
	struct redis_address address;
	int64_t first, last;
	int server;

	if (redis_reply_count(range) < 3)
		return false;
	first = redis_reply_number(redis_reply_item(range, 0));
	last = redis_reply_number(redis_reply_item(range, 1));
	master = redis_reply_item(range, 2);
	if (first < 0 || last < first || last >= N_SLOTS ||
	    redis_reply_count(master) < 2 ||
	    !read_address(from, redis_reply_text(redis_reply_item(master, 0)),
			  redis_reply_number(redis_reply_item(master, 1)),
			  &address))
		return false;
	server = server_at(client, &address);
	if (server < 0)
		return false;
	memset(owner + first, server, (size_t)(last - first + 1));
	return true;
}

/* Use this map from now on, or reject it whole. Then drop servers that have no
 * slot. */
static enum cf_status use_map(struct redis_client *client,
			      struct redis_link *from,
			      const struct redis_reply *map,
			      struct cf_error *err)
{
	size_t n = redis_reply_count(map), n_read = 0;
	uint8_t owner[N_SLOTS];
	enum cf_status rc = CF_OK;

	if (!n)
		return cf_fail(err, CF_IO, "redis %.110s: the cluster has no "
			       "slots: make it with redis-cli --cluster create",
			       redis_link_name(from));
	memset(owner, NO_SERVER, sizeof(owner));
	while (n_read < n && read_range(client, from,
					redis_reply_item(map, n_read), owner))
		n_read++;
	if (n_read == n) {
		memcpy(client->owner, owner, sizeof(owner));
		client->is_map_stale = false;
	} else {
		rc = redis_link_fail(from, CF_IO, "a map of slots that makes "
				     "no sense, or names hosts by no address",
				     err);
	}
	for (int i = 0; i < SERVERS_MAX; i++)
		if (client->servers[i] && (!rc || client->servers[i] != from) &&
		    !memchr(client->owner, i, N_SLOTS))
			drop_server(client, (size_t)i);
	return rc;
}

/* The i-th link to ask for the map: links that are up come first, then the
 * seeds, then all links. NULL: there is no i-th link, but there may be more. */
static struct redis_link *map_source(struct redis_client *client, size_t i)
{
	struct redis_link *link;
	int server;

	if (i < SERVERS_MAX) {
		link = client->servers[i];
		return link && redis_link_is_up(link) ? link : NULL;
	}
	i -= SERVERS_MAX;
	if (i >= client->n_seeds)
		return client->servers[i - client->n_seeds];
	if (i > 0) /* the seed before has failed */
		client->next_seed = (client->next_seed + 1) % client->n_seeds;
	server = server_at(client, &client->seeds[client->next_seed]);
	return server < 0 ? NULL : client->servers[server];
}

/* Ask for the map, for as long as a visitor may have to wait. */
static enum cf_status read_map(struct redis_client *client,
			       struct cf_error *err)
{
	size_t n_sources = 2 * SERVERS_MAX + client->n_seeds;
	int64_t now_mono_ms = mono_ms(client);
	int64_t until_mono_ms = now_mono_ms + client->rules.timeout_ms;
	enum cf_status rc = CF_IO;

	client->next_map_mono_ms = now_mono_ms + READ_MAP_EVERY_MS;
	for (size_t i = 0; rc && i < n_sources &&
			   mono_ms(client) < until_mono_ms; i++) {
		struct redis_link *from = map_source(client, i);
		struct redis_reply *map;

		if (!from)
			continue;
		rc = redis_link_ask(from, "CLUSTER SLOTS", NULL, &map, err);
		if (rc)
			continue;
		rc = use_map(client, from, map, err);
		redis_reply_free(map);
	}
	return rc;
}

/* Read the map if it is stale, but not soon after the last try: servers of a
 * stale map redirect to the right ones. */
static enum cf_status refresh_map(struct redis_client *client,
				  struct cf_error *err)
{
	if (!client->is_map_stale ||
	    mono_ms(client) < client->next_map_mono_ms)
		return CF_OK;
	return read_map(client, err);
}

/* --- finding the server --------------------------------------------------- */

/* Have a link to the server, or the map of the cluster. */
static enum cf_status find_servers(struct redis_client *client,
				   struct cf_error *err)
{
	enum cf_status rc = find_seeds(client, err);

	if (rc)
		return rc;
	switch (kind_of(client)) {
	case SERVER_URL_CLUSTER:
		return refresh_map(client, err);
	case SERVER_URL_SENTINEL:
		/* a server that is gone may no longer be the master */
		if (client->servers[0] && redis_link_is_up(client->servers[0]))
			return CF_OK;
		return follow_master(client, err);
	case SERVER_URL_SERVER:
	case SERVER_URL_SOCKET:
	default:
		if (client->servers[0])
			return CF_OK;
		return make_link(client, REDIS_LINK_TO_SERVER,
				 client->shown_url, client->seeds,
				 client->n_seeds, err);
	}
}

/* Connect at the start. A server that is out of reach may come back. A refused
 * login is a failure. */
static enum cf_status connect_now(struct redis_client *client,
				  struct cf_error *err)
{
	struct cf_error trouble = CF_ERROR_INIT;
	enum cf_status rc = find_seeds(client, err);

	if (rc)
		return rc;
	rc = find_servers(client, &trouble);
	if (!rc && kind_of(client) != SERVER_URL_CLUSTER)
		rc = redis_link_connect(client->servers[0], &trouble);
	return rc == CF_CONFIG ? cf_fail(err, rc, "%s", trouble.text) : CF_OK;
}

/* --- exchanges ------------------------------------------------------------ */

static void queue(struct redis_client *client, struct command command,
		  const char *format, va_list args)
{
	assert(client->n_commands < REDIS_COMMANDS_MAX);
	command.is_due = true;
	command.text = redis_command(&command.len, format, args);
	if (command.text)
		client->commands[client->n_commands++] = command;
	else
		client->has_failed = true;
}

void redis_queue(struct redis_client *client, const char *key,
		 const char *format, ...)
{
	struct command command = {.is_first = key, .server = -1};
	va_list args;

	if (key && client->owner)
		client->slot = redis_slot(key);
	command.slot = client->slot;
	va_start(args, format);
	queue(client, command, format, args);
	va_end(args);
}

enum cf_status redis_queue_each(struct redis_client *client,
				struct cf_error *err, const char *format, ...)
{
	enum cf_status rc = find_servers(client, err);

	for (int i = 0; !rc && i < SERVERS_MAX; i++) {
		va_list args;

		if (!client->servers[i])
			continue;
		va_start(args, format);
		queue(client, (struct command){.is_first = true, .server = i},
		      format, args);
		va_end(args);
	}
	return rc;
}

/* Find the server that a command goes to, and connect to it. */
static enum cf_status find_link(struct redis_client *client,
				struct command *command,
				bool is_ready[SERVERS_MAX],
				struct cf_error *err)
{
	int server = command->server;
	enum cf_status rc;

	if (server < 0)
		server = client->owner ? client->owner[command->slot] : 0;
	if (server == NO_SERVER || !client->servers[server])
		return cf_fail(err, CF_IO, "redis %.110s: no server has slot "
			       "%u", client->shown_url, command->slot);
	command->link = client->servers[server];
	rc = is_ready[server] ? CF_OK : redis_link_connect(command->link, err);
	is_ready[server] = !rc;
	return rc;
}

static enum cf_status send_due(struct redis_client *client,
			       struct cf_error *err)
{
	size_t n_servers = client->owner ? SERVERS_MAX : 1;
	bool is_ready[SERVERS_MAX] = {false};
	enum cf_status rc = CF_OK;

	for (size_t i = 0; !rc && i < client->n_commands; i++) {
		struct command *command = &client->commands[i];
		struct str text = {command->text, command->len};

		if (!command->is_due)
			continue;
		rc = find_link(client, command, is_ready, err);
		if (!rc && command->is_asking)
			rc = redis_link_append(command->link,
					       STR_LIT("*1\r\n$6\r\n"
						       "ASKING\r\n"), err);
		if (!rc)
			rc = redis_link_append(command->link, text, err);
	}
	for (size_t i = 0; !rc && i < n_servers; i++)
		if (is_ready[i])
			rc = redis_link_send(client->servers[i], err);
	return rc;
}

static enum cf_status read_due(struct redis_client *client,
			       struct cf_error *err)
{
	int64_t until_mono_ms = mono_ms(client) + client->rules.timeout_ms;
	enum cf_status rc = CF_OK;

	for (size_t i = 0; !rc && i < client->n_commands; i++) {
		struct command *command = &client->commands[i];

		if (!command->is_due)
			continue;
		if (command->is_asking) { /* the reply to ASKING is of no use */
			rc = redis_link_read(command->link, until_mono_ms,
					     &command->reply, err);
			redis_reply_free(command->reply);
			command->reply = NULL;
		}
		if (!rc)
			rc = redis_link_read(command->link, until_mono_ms,
					     &command->reply, err);
		command->is_due = rc;
	}
	return rc;
}

/* After a failure: close connections over which replies may still come. */
static void close_due(struct redis_client *client)
{
	for (size_t i = 0; i < client->n_commands; i++)
		if (client->commands[i].is_due && client->commands[i].link)
			redis_link_close(client->commands[i].link);
	client->is_map_stale = true;
}

/* The number of the server in "MOVED SLOT HOST:PORT" or "ASK SLOT HOST:PORT";
 * -1: it makes no sense. */
static int named_server(struct redis_client *client,
			const struct command *command)
{
	const char *text = redis_reply_text(command->reply).ptr;
	const char *host = strrchr(text, ' ');
	const char *colon = strrchr(text, ':');
	struct redis_address address;

	if (!host || !colon || colon < host ||
	    !read_address(command->link,
			  (struct str){host + 1, (size_t)(colon - host - 1)},
			  strtol(colon + 1, NULL, 10), &address))
		return -1;
	return server_at(client, &address);
}

/* Whether a reply sends its command to another server; the command then says
 * to which. */
static bool is_redirected(struct redis_client *client, size_t i)
{
	struct command *command = &client->commands[i];
	bool is_ask, is_moved;
	int server;

	if (redis_reply_type(command->reply) != REDIS_ERROR)
		return false;
	/* The sentinels may name another master than this one. */
	if (redis_reply_is_error(command->reply, "NOREPLICAS"))
		redis_doubt_server(client, i);
	if (kind_of(client) == SERVER_URL_SENTINEL &&
	    redis_reply_is_error(command->reply, "READONLY")) {
		redis_doubt_server(client, i);
		return true;
	}
	if (!client->owner)
		return false;
	is_ask = redis_reply_is_error(command->reply, "ASK");
	is_moved = redis_reply_is_error(command->reply, "MOVED");
	client->is_map_stale |= is_moved || redis_reply_is_error(command->reply,
								 "CLUSTERDOWN");
	server = is_ask || is_moved ? named_server(client, command) : -1;
	if (server < 0)
		return false;
	if (is_moved)
		client->owner[command->slot] = (uint8_t)server;
	command->server = is_ask ? server : -1;
	command->is_asking = is_ask;
	return true;
}

/* Make redirected commands due again, each with the commands without a key that
 * follow it. */
static bool redirect(struct redis_client *client)
{
	bool any = false;

	for (size_t i = 0; i < client->n_commands; i++) {
		const struct command *from = &client->commands[i];

		if (!is_redirected(client, i))
			continue;
		any = true;
		do {
			struct command *command = &client->commands[i];

			command->server = from->server;
			command->is_asking = from->is_asking;
			command->is_due = true;
			redis_reply_free(command->reply);
			command->reply = NULL;
		} while (++i < client->n_commands &&
			 !client->commands[i].is_first);
		i--;
	}
	return any;
}

enum cf_status redis_exchange(struct redis_client *client, struct cf_error *err)
{
	enum cf_status rc = CF_OK;
	int turn = 0;

	if (client->has_failed)
		return cf_fail(err, CF_NOMEM, "no memory for a command");
	do {
		/* a redirection has just corrected the map of a cluster */
		if (!turn || !client->owner)
			rc = find_servers(client, err);
		if (!rc)
			rc = send_due(client, err);
		if (!rc)
			rc = read_due(client, err);
	} while (!rc && ++turn < TURNS_MAX && redirect(client));
	if (rc)
		close_due(client);
	return rc;
}

size_t redis_n_replies(const struct redis_client *client)
{
	return client->n_commands;
}

const struct redis_reply *redis_get_reply(const struct redis_client *client,
				       size_t i)
{
	assert(i < client->n_commands && client->commands[i].reply);
	return client->commands[i].reply;
}

void redis_clear(struct redis_client *client)
{
	while (client->n_commands) {
		client->n_commands--;
		redis_command_free(client->commands[client->n_commands].text);
		redis_reply_free(client->commands[client->n_commands].reply);
	}
	client->has_failed = false;
}

void redis_doubt_server(struct redis_client *client, size_t i)
{
	if (kind_of(client) == SERVER_URL_SENTINEL && client->commands[i].link)
		redis_link_close(client->commands[i].link);
	client->is_map_stale = true;
}

const char *redis_server_name(const struct redis_client *client, size_t i)
{
	const struct redis_link *link = client->commands[i].link;

	return link ? redis_link_name(link) : client->shown_url;
}

enum cf_status redis_bad_reply(struct redis_client *client, size_t i,
			       struct cf_error *err)
{
	static const char why[] = "an answer that does not fit the question";
	const struct redis_reply *reply = redis_get_reply(client, i);
	struct redis_link *link = client->commands[i].link;

	if (redis_reply_type(reply) == REDIS_ERROR)
		return redis_refused(redis_server_name(client, i), reply, err);
	return link ? redis_link_fail(link, CF_IO, why, err)
		    : cf_fail(err, CF_IO, "redis %.110s: %s",
			      client->shown_url, why);
}
