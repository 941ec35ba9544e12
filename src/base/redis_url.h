/*
 * Addresses of Redis, as people and other programs write them:
 *
 *	redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]
 *	unix://[[USER]:PASSWORD@]/PATH[?db=DB]
 *
 * User and password may have %XX in them, and must for / and @. An IPv6 address
 * stands in brackets.
 */
#ifndef CF_BASE_REDIS_URL_H
#define CF_BASE_REDIS_URL_H

#include "base/status.h"

enum {
	REDIS_URL_PATH_BYTES = 108, /* as in struct sockaddr_un */
	REDIS_URL_HOST_BYTES = 254,
	REDIS_URL_WORD_BYTES = 256,
	REDIS_URL_DB_MAX = 9999,
};

struct redis_url {
	char path[REDIS_URL_PATH_BYTES]; /* of a Unix socket; "": host it is */
	char host[REDIS_URL_HOST_BYTES];
	int port;
	char user[REDIS_URL_WORD_BYTES]; /* "" for the one without a name */
	char password[REDIS_URL_WORD_BYTES]; /* "" for none */
	int db;
};

/* CF_CONFIG when it is none; err says why and has nothing of a password. */
CF_MUST_CHECK
enum cf_status redis_url_parse(struct redis_url *out, const char *text,
			       struct cf_error *err);

/* The address for people to read, with *** for a password, also where it
 * cannot be parsed. Cut if it is too long. */
void redis_url_show(const char *text, char *out, size_t size);

#endif
