/*
 * Questions to Redis: see redis_client.h.
 *
 * Of one server there is one link. Sentinels are asked for theirs whenever it
 * has to be connected. Of a cluster there is a link for each server, and the
 * number of one for each slot; the map is read when it is missing, and again
 * when a server was lost or named another.
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
	TURNS_MAX = 5, /* a question is put to so many servers */
	READ_MAP_EVERY_MS = 100,
	NO_SERVER = 0xff, /* has a slot */
};

_Static_assert(SERVERS_MAX <= NO_SERVER, "numbers of servers fit a byte");

/* A command of the exchange under way. */
struct command {
	char *text;
	size_t len;
	unsigned slot; /* of its question's key; of a cluster */
	bool is_first; /* of its question */
	bool is_due; /* not answered yet, or to be asked again */
	bool is_asking; /* a server that is only about to have the slot */
	int server; /* to which it goes; -1: to the one of the slot */
	struct redis_link *link; /* that answers */
	struct redis_reply *reply;
};

struct redis_client {
	struct redis_link_rules rules;
	char shown_url[STORE_PATH_BYTES + sizeof("***")]; /* for messages */
	struct redis_address seeds[SEEDS_MAX];
	size_t n_seeds;
	size_t next_seed; /* the one that answered last */
	/* of a cluster all that have slots; otherwise one. Some are NULL. */
	struct redis_link *servers[SERVERS_MAX];
	uint8_t *owner; /* of N_SLOTS; NULL: not a cluster */
	bool is_map_stale;
	int64_t next_map_mono_ms; /* not read before this */
	struct command commands[REDIS_COMMANDS_MAX];
	size_t n_commands;
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

/* The addresses of a host's name. */
static int find_host(struct redis_client *client,
		     const struct server_url_host *host)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	size_t max = client->n_seeds + REDIS_ADDRESSES_MAX;
	int code = getaddrinfo(host->host, NULL, &hints, &list);

	for (struct addrinfo *at = list; !code && at; at = at->ai_next) {
		struct redis_address *to = &client->seeds[client->n_seeds];

		if (client->n_seeds == SEEDS_MAX || client->n_seeds == max)
			break;
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

enum cf_status redis_client_find(struct redis_client *client,
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
		int one = find_host(client, &url->hosts[i]);

		code = one ? one : code;
	}
	if (client->n_seeds)
		return CF_OK;
	return cf_fail(err, CF_IO, "redis %.110s: host not found: %s",
		       client->shown_url, code ? gai_strerror(code) : "no address");
}

/* The one link where there is no cluster. */
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

static enum cf_status make_map(struct redis_client *client,
			       struct cf_error *err)
{
	client->owner = mem_alloc(MEM_STORE, N_SLOTS, 1);
	if (!client->owner)
		return cf_fail(err, CF_NOMEM, "no memory for a cluster");
	memset(client->owner, NO_SERVER, N_SLOTS);
	client->is_map_stale = true;
	return CF_OK;
}

static enum cf_status open_client(struct redis_client *client,
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
	/* of many servers some may be gone: leave time for the others */
	rules->connect_timeout_ms = rules->url.n_hosts > 1
					    ? rules->timeout_ms / 4
					    : rules->timeout_ms;
	rules->breaker = breaker_open(options->breaker_dir);
	if (!rules->breaker)
		return cf_fail(err, CF_NOMEM, "no memory for a breaker");
	return kind_of(client) == SERVER_URL_CLUSTER ? make_map(client, err)
						    : CF_OK;
}

enum cf_status redis_client_open(const struct store_options *options,
				 struct clk clk, struct redis_client **out,
				 struct cf_error *err)
{
	struct redis_client *client = mem_alloc(MEM_STORE, 1, sizeof(*client));
	enum cf_status rc;

	*out = NULL;
	if (!client)
		return cf_fail(err, CF_NOMEM, "no memory for the store");
	/* hiredis writes to who may be gone, and reads its errno */
	(void)signal(SIGPIPE, SIG_IGN);
	client->rules.clk = clk;
	rc = open_client(client, options, err);
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

/* Forget a server. */
static void drop_server(struct redis_client *client, size_t i)
{
	for (size_t k = 0; k < client->n_commands; k++)
		if (client->commands[k].link == client->servers[i])
			client->commands[k].link = NULL;
	redis_link_free(client->servers[i]);
	client->servers[i] = NULL;
}

/* A place that a server names: by its address, since names cannot be looked up
 * any more. An empty host is that of the server itself. */
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

/* What one of them says: the master's place. Those that have passwords have
 * the servers' own; those that have none do not mind being given one.
 * returns  CF_NOT_FOUND, it knows no such master */
static enum cf_status ask_sentinel(struct redis_client *client,
				   struct redis_link *sentinel,
				   struct redis_address *out,
				   struct cf_error *err)
{
	const char *master = client->rules.url.name;
	struct redis_reply *reply = NULL;
	int64_t until_mono_ms = mono_ms(client) + client->rules.timeout_ms / 2;
	enum cf_status rc = redis_link_connect(sentinel, err);
	int n_owed = 0;

	if (!rc)
		rc = redis_link_append_login(sentinel, &n_owed, err);
	if (!rc)
		rc = redis_link_append(sentinel, err,
				    "SENTINEL get-master-addr-by-name %s",
				    master);
	if (!rc)
		rc = redis_link_send(sentinel, err);
	for (n_owed++; !rc && n_owed; n_owed--) {
		redis_reply_free(reply);
		rc = redis_link_read(sentinel, until_mono_ms, &reply, err);
	}
	if (rc)
		return rc;
	if (redis_reply_type(reply) == REDIS_ERROR) {
		rc = redis_refused(redis_link_name(sentinel), reply, err);
	} else if (redis_reply_count(reply) != 2) {
		rc = cf_fail(err, CF_NOT_FOUND, "redis %.110s: no sentinel "
			     "knows a master \"%.60s\": see the name in "
			     "store", client->shown_url, master);
	} else if (!redis_reply_text(redis_reply_item(reply, 0)).len ||
		   !read_address(sentinel,
			       redis_reply_text(redis_reply_item(reply, 0)),
			       strtol(redis_reply_text(
					      redis_reply_item(reply, 1)).ptr,
				      NULL, 10), out)) {
		rc = redis_link_fail(sentinel, CF_IO, "no address of a "
				     "master: see announce-ip", err);
	}
	redis_reply_free(reply);
	return rc;
}

/* Ask one after the other, first the one that answered last, for as long as a
 * visitor may be kept waiting. */
static enum cf_status find_master(struct redis_client *client,
				  struct redis_address *out,
				  struct cf_error *err)
{
	enum cf_status rc = CF_IO, worst = CF_IO;
	int64_t until_mono_ms = mono_ms(client) + client->rules.timeout_ms;

	for (size_t i = 0; rc && i < client->n_seeds &&
			   mono_ms(client) < until_mono_ms; i++) {
		size_t k = (client->next_seed + i) % client->n_seeds;
		char name[REDIS_LINK_NAME_BYTES];
		struct redis_link *sentinel;

		redis_address_show(&client->seeds[k], name, sizeof(name));
		sentinel = redis_link_new(&client->rules,
					  REDIS_LINK_TO_SENTINEL, name,
					  &client->seeds[k], 1);
		if (!sentinel)
			return cf_fail(err, CF_NOMEM, "no memory for a "
				       "connection");
		rc = ask_sentinel(client, sentinel, out, err);
		redis_link_free(sentinel);
		if (rc == CF_NOT_FOUND || rc == CF_CONFIG)
			worst = CF_CONFIG;
		if (!rc)
			client->next_seed = k;
	}
	return rc ? worst : CF_OK;
}

/* A link to what is the master now. */
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

/* Whether a server may be asked for a key by the map, or now. */
static bool is_needed(const struct redis_client *client, int i)
{
	for (size_t k = 0; k < client->n_commands; k++)
		if (client->commands[k].server == i ||
		    client->commands[k].link == client->servers[i])
			return true;
	return memchr(client->owner, i, N_SLOTS);
}

/* Drop servers that only a rejected map of slots named. */
static void drop_unneeded_servers(struct redis_client *client,
			    const struct redis_link *but)
{
	for (int i = 0; i < SERVERS_MAX; i++)
		if (client->servers[i] && client->servers[i] != but &&
		    !is_needed(client, i))
			drop_server(client, (size_t)i);
}

/* The number of the server at this place; -1 when there is no more room. */
static int server_at(struct redis_client *client,
		     const struct redis_address *address)
{
	char name[REDIS_LINK_NAME_BYTES];
	int room = -1;

	redis_address_show(address, name, sizeof(name));
	for (int i = 0; i < SERVERS_MAX; i++) {
		const struct redis_link *link = client->servers[i];

		if (link && !strcmp(redis_link_name(link), name))
			return i;
		if (!link && room < 0)
			room = i;
	}
	if (room < 0)
		return -1;
	client->servers[room] = redis_link_new(&client->rules,
					       REDIS_LINK_TO_SERVER, name,
					       address, 1);
	return client->servers[room] ? room : -1;
}

/* One range of it: first slot, last slot, the master as host and port, and
 * replicas. */
static bool read_range(struct redis_client *client,
		       const struct redis_link *from,
		       const struct redis_reply *range, uint8_t *owner,
		       bool *is_used)
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
	is_used[server] = true;
	return true;
}

/* Take the whole map over, and let those go who have no slot in it. */
static enum cf_status take_map(struct redis_client *client,
			       struct redis_link *from,
			       const struct redis_reply *map,
			       struct cf_error *err)
{
	bool is_used[SERVERS_MAX] = {false};
	uint8_t owner[N_SLOTS];

	memset(owner, NO_SERVER, sizeof(owner));
	if (!redis_reply_count(map))
		return cf_fail(err, CF_IO, "redis %.110s: the cluster has no "
			       "slots: make it with redis-cli --cluster create",
			       redis_link_name(from));
	for (size_t i = 0; i < redis_reply_count(map); i++)
		if (!read_range(client, from, redis_reply_item(map, i), owner,
				is_used)) {
			drop_unneeded_servers(client, from);
			return redis_link_fail(from, CF_IO, "a map of slots "
					       "that makes no sense, or names "
					       "hosts by no address", err);
		}
	memcpy(client->owner, owner, sizeof(owner));
	client->is_map_stale = false;
	for (size_t i = 0; i < SERVERS_MAX; i++)
		if (!is_used[i])
			drop_server(client, i);
	return CF_OK;
}

static enum cf_status ask_for_map(struct redis_client *client,
				  struct redis_link *from,
				  struct cf_error *err)
{
	int64_t until_mono_ms = mono_ms(client) + client->rules.timeout_ms;
	struct redis_reply *map = NULL;
	enum cf_status rc = redis_link_connect(from, err);

	if (!rc)
		rc = redis_link_append(from, err, "CLUSTER SLOTS");
	if (!rc)
		rc = redis_link_send(from, err);
	if (!rc)
		rc = redis_link_read(from, until_mono_ms, &map, err);
	if (!rc && redis_reply_type(map) == REDIS_ERROR)
		rc = redis_refused(redis_link_name(from), map, err);
	else if (!rc)
		rc = take_map(client, from, map, err);
	redis_reply_free(map);
	return rc;
}

/* Whoever is connected is asked first, then those of the address, then those
 * who were known; for as long as a visitor may be kept waiting. */
static enum cf_status read_map(struct redis_client *client,
			       struct cf_error *err)
{
	int64_t now_mono_ms = mono_ms(client);
	int64_t until_mono_ms = now_mono_ms + client->rules.timeout_ms;
	enum cf_status rc = CF_IO;

	client->next_map_mono_ms = now_mono_ms + READ_MAP_EVERY_MS;
	for (size_t i = 0; rc && i < SERVERS_MAX &&
			   mono_ms(client) < until_mono_ms; i++)
		if (client->servers[i] && redis_link_is_up(client->servers[i]))
			rc = ask_for_map(client, client->servers[i], err);
	for (size_t i = 0; rc && i < client->n_seeds &&
			   mono_ms(client) < until_mono_ms; i++) {
		size_t k = (client->next_seed + i) % client->n_seeds;
		int server = server_at(client, &client->seeds[k]);

		if (server < 0)
			continue;
		rc = ask_for_map(client, client->servers[server], err);
		if (!rc)
			client->next_seed = k;
	}
	for (size_t i = 0; rc && i < SERVERS_MAX &&
			   mono_ms(client) < until_mono_ms; i++)
		if (client->servers[i])
			rc = ask_for_map(client, client->servers[i], err);
	return rc;
}

static enum cf_status have_map(struct redis_client *client,
			       struct cf_error *err)
{
	bool has_any = false;

	if (!client->is_map_stale)
		return CF_OK;
	for (size_t i = 0; i < SERVERS_MAX; i++)
		has_any |= client->servers[i] != NULL;
	/* one that may be outdated leads to those who know better */
	if (has_any && mono_ms(client) < client->next_map_mono_ms)
		return CF_OK;
	return read_map(client, err);
}

/* --- finding the server --------------------------------------------------- */

/* Be ready to ask somebody at all. */
static enum cf_status have_servers(struct redis_client *client,
				   struct cf_error *err)
{
	enum cf_status rc = redis_client_find(client, err);

	if (rc)
		return rc;
	switch (kind_of(client)) {
	case SERVER_URL_CLUSTER:
		return have_map(client, err);
	case SERVER_URL_SENTINEL:
		/* who is gone may be the master no more */
		if (client->servers[0] && redis_link_is_up(client->servers[0]))
			return CF_OK;
		return follow_master(client, err);
	case SERVER_URL_SERVER:
	case SERVER_URL_SOCKET:
	default:
		if (client->servers[0])
			return CF_OK;
		return make_link(client, REDIS_LINK_TO_SERVER, client->shown_url,
				 client->seeds, client->n_seeds, err);
	}
}

enum cf_status redis_client_connect(struct redis_client *client,
				    struct cf_error *err)
{
	enum cf_status rc = have_servers(client, err);

	if (rc || kind_of(client) == SERVER_URL_CLUSTER)
		return rc;
	return redis_link_connect(client->servers[0], err);
}

/* --- exchanges ------------------------------------------------------------ */

static void say(struct redis_client *client, struct command command,
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
	struct command command = {.is_first = true, .server = -1};
	va_list args;

	if (client->owner)
		command.slot = redis_slot(key);
	va_start(args, format);
	say(client, command, format, args);
	va_end(args);
}

void redis_queue_same(struct redis_client *client, const char *format, ...)
{
	struct command command = {.server = -1};
	va_list args;

	if (client->n_commands)
		command.slot = client->commands[client->n_commands - 1].slot;
	va_start(args, format);
	say(client, command, format, args);
	va_end(args);
}

enum cf_status redis_queue_each(struct redis_client *client,
				 struct cf_error *err, const char *format, ...)
{
	enum cf_status rc = have_servers(client, err);

	for (int i = 0; !rc && i < SERVERS_MAX; i++) {
		struct command command = {.is_first = true, .server = i};
		va_list args;

		if (!client->servers[i])
			continue;
		va_start(args, format);
		say(client, command, format, args);
		va_end(args);
	}
	return rc;
}

/* Find the server that a command goes to, and have a connection to it. */
static enum cf_status find_link(struct redis_client *client,
				struct command *command, bool is_ready[SERVERS_MAX],
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
	bool is_ready[SERVERS_MAX] = {false};
	enum cf_status rc = CF_OK;

	for (size_t i = 0; !rc && i < client->n_commands; i++) {
		struct command *command = &client->commands[i];

		if (!command->is_due)
			continue;
		rc = find_link(client, command, is_ready, err);
		if (!rc && command->is_asking)
			rc = redis_link_append(command->link, err, "ASKING");
		if (!rc)
			rc = redis_link_append_raw(command->link,
					    (struct str){command->text,
							 command->len}, err);
	}
	for (size_t i = 0; !rc && i < SERVERS_MAX; i++)
		if (is_ready[i])
			rc = redis_link_send(client->servers[i], err);
	return rc;
}

static enum cf_status read_due(struct redis_client *client,
			       struct cf_error *err)
{
	int64_t until_mono_ms = mono_ms(client) + client->rules.timeout_ms;
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < client->n_commands; i++) {
		struct command *command = &client->commands[i];

		if (!command->is_due)
			continue;
		if (command->is_asking) { /* that it may: nothing to know */
			rc = redis_link_read(command->link, until_mono_ms,
					     &command->reply, err);
			redis_reply_free(command->reply);
			command->reply = NULL;
		}
		if (!rc)
			rc = redis_link_read(command->link, until_mono_ms,
					     &command->reply, err);
		if (rc)
			return rc;
		command->is_due = false;
	}
	return CF_OK;
}

/* Nobody reads what is still to come. */
static void hang_up_due(struct redis_client *client)
{
	for (size_t i = 0; i < client->n_commands; i++)
		if (client->commands[i].is_due && client->commands[i].link)
			redis_link_close(client->commands[i].link);
	client->is_map_stale = true;
}

/* "MOVED SLOT HOST:PORT", or ASK: the number of that server; -1 when it makes
 * no sense. */
static int named_server(struct redis_client *client, const struct command *command)
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

/* Whether an answer sends the question to another server; which. One that has
 * lost its replicas may have been lost by the others: that is for the next
 * question, since it may as well be the master still. */
static bool is_redirected(struct redis_client *client, size_t i)
{
	struct command *command = &client->commands[i];

	if (kind_of(client) == SERVER_URL_SENTINEL &&
	    redis_reply_is_error(command->reply, "READONLY")) {
		redis_doubt_server(client, i); /* and ask the sentinels */
		return true;
	}
	if (redis_reply_is_error(command->reply, "NOREPLICAS"))
		redis_doubt_server(client, i);
	if (!client->owner)
		return false;
	if (redis_reply_is_error(command->reply, "MOVED")) {
		int server = named_server(client, command);

		client->is_map_stale = true;
		if (server < 0)
			return false;
		client->owner[command->slot] = (uint8_t)server;
		command->server = -1;
		command->is_asking = false;
		return true;
	}
	if (redis_reply_is_error(command->reply, "ASK")) {
		command->server = named_server(client, command);
		command->is_asking = true;
		return command->server >= 0;
	}
	client->is_map_stale |= redis_reply_is_error(command->reply,
						      "CLUSTERDOWN");
	return false;
}

/* Make due again what was sent to the wrong server, and what depends on it:
 * the rest of its question. */
static bool redirect(struct redis_client *client)
{
	bool any = false;

	for (size_t i = 0; i < client->n_commands; i++) {
		struct command *from = &client->commands[i];

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
		} while (++i < client->n_commands && !client->commands[i].is_first);
		i--;
	}
	return any;
}

enum cf_status redis_exchange(struct redis_client *client, struct cf_error *err)
{
	enum cf_status rc = CF_OK;
	int turn = 0;

	if (client->has_failed)
		return cf_fail(err, CF_NOMEM, "no memory for a question");
	do {
		/* what is known of a cluster has just been put right */
		if (!turn || !client->owner)
			rc = have_servers(client, err);
		if (!rc)
			rc = send_due(client, err);
		if (!rc)
			rc = read_due(client, err);
	} while (!rc && ++turn < TURNS_MAX && redirect(client));
	if (rc)
		hang_up_due(client);
	return rc;
}

enum cf_status redis_exchange_well(struct redis_client *client,
			       struct cf_error *err)
{
	enum cf_status rc = redis_exchange(client, err);

	for (size_t i = 0; !rc && i < client->n_commands; i++)
		if (redis_reply_type(client->commands[i].reply) == REDIS_ERROR)
			rc = redis_reply_error(client, i, err);
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
		struct command *command = &client->commands[--client->n_commands];

		redis_command_free(command->text);
		redis_reply_free(command->reply);
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

enum cf_status redis_reply_error(struct redis_client *client, size_t i,
				 struct cf_error *err)
{
	return redis_refused(redis_server_name(client, i),
			     redis_get_reply(client, i), err);
}

enum cf_status redis_reply_unexpected(struct redis_client *client, size_t i,
				    struct cf_error *err)
{
	static const char why[] = "an answer that does not fit the question";
	struct redis_link *link = client->commands[i].link;

	return link ? redis_link_fail(link, CF_IO, why, err)
		    : cf_fail(err, CF_IO, "redis %.110s: %s", client->shown_url,
			      why);
}
