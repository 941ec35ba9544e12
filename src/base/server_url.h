/*
 * Addresses of Redis:
 *
 *	redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]
 *	unix://[[USER]:PASSWORD@]/PATH[?db=DB]
 *	redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT][,...]/NAME[/DB]
 *	redis+cluster://[[USER]:PASSWORD@]HOST[:PORT][,...]
 *
 * Each may end in ?prefix=TEXT, ?wait=REPLICAS, or both with & between. USER,
 * PASSWORD and NAME write / and @ as %XX. An IPv6 address stands in brackets.
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
	SERVER_URL_SENTINEL, /* the hosts are sentinels */
	SERVER_URL_CLUSTER, /* the hosts are some of the cluster's servers */
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
	char name[SERVER_URL_WORD_BYTES]; /* of the master, for sentinels */
	char user[SERVER_URL_WORD_BYTES]; /* "" for the default user */
	char password[SERVER_URL_WORD_BYTES]; /* "" for none */
	int db;
	char prefix[SERVER_URL_PREFIX_BYTES]; /* of keys */
	int n_wait; /* replicas that a check waits for */
};

/* CF_CONFIG: text is no such address; err says why, without the password. */
CF_MUST_CHECK
enum cf_status server_url_parse(struct server_url *out, const char *text,
				struct cf_error *err);

/* The address with *** for its password. In a text that cannot be parsed, ***
 * hides all that may be a password. Cut at size. */
void server_url_show(const char *text, char *out, size_t size);

#endif
