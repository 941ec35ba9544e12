/*
 * Addresses of Redis, as people and other programs write them:
 *
 *	redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]
 *	unix://[[USER]:PASSWORD@]/PATH[?db=DB]
 *	redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT][,...]/NAME[/DB]
 *	redis+cluster://[[USER]:PASSWORD@]HOST[:PORT][,...]
 *
 * Behind each may stand ?prefix=TEXT, ?wait=REPLICAS, or both with & between.
 * User and password may have %XX in them, and must for / and @. An IPv6 address
 * stands in brackets.
 */
#ifndef CF_BASE_SERVER_URL_H
#define CF_BASE_SERVER_URL_H

#include "base/status.h"

enum {
	SERVER_URL_PATH_BYTES = 108, /* as in struct sockaddr_un */
	SERVER_URL_HOST_BYTES = 254,
	SERVER_URL_HOSTS_MAX = 16,
	SERVER_URL_WORD_BYTES = 256,
	SERVER_URL_DB_MAX = 9999,
	SERVER_URL_PREFIX_BYTES = 128,
	SERVER_URL_WAIT_MAX = 100,
};

enum server_url_kind {
	SERVER_URL_SERVER,
	SERVER_URL_SOCKET,
	SERVER_URL_SENTINEL, /* the hosts are sentinels, who know the server */
	SERVER_URL_CLUSTER, /* the hosts are some of its servers */
};

struct server_url_host {
	char host[SERVER_URL_HOST_BYTES];
	int port;
};

struct server_url {
	enum server_url_kind kind;
	char path[SERVER_URL_PATH_BYTES]; /* of a socket */
	struct server_url_host hosts[SERVER_URL_HOSTS_MAX];
	size_t n_hosts; /* 1 of a server, 0 of a socket */
	char name[SERVER_URL_WORD_BYTES]; /* by which sentinels know it */
	char user[SERVER_URL_WORD_BYTES]; /* "" for the one without a name */
	char password[SERVER_URL_WORD_BYTES]; /* "" for none */
	int db;
	char prefix[SERVER_URL_PREFIX_BYTES]; /* of the names of keys */
	int n_wait; /* replicas that a check waits for */
};

/* CF_CONFIG when it is none; err says why and has nothing of a password. */
CF_MUST_CHECK
enum cf_status server_url_parse(struct server_url *out, const char *text,
				struct cf_error *err);

/* The address for people to read, with *** for a password, also where it
 * cannot be parsed. Cut if it is too long. */
void server_url_show(const char *text, char *out, size_t size);

#endif
