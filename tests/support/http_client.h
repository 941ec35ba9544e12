/*
 * A web server for one request: variables and a body go into http_serve, and
 * the answer can be looked at. Over the fake challenge layer.
 *
 * client_init, set client.settings and client.challenge, any number of
 * client_ask, client_release.
 */
#ifndef CF_TESTS_HTTP_CLIENT_H
#define CF_TESTS_HTTP_CLIENT_H

#include "conf/settings.h"
#include "http/http.h"
#include "tests/support/fake_challenge.h"

#define FORM  "application/x-www-form-urlencoded"
#define IMAGE "/image/" FAKE_PID ".png"
#define GOOD  "pid=" FAKE_PID "&code=" FAKE_CODE
#define FAKE_CODE "K7XQ"

/* Stands for all that must not leave the inside. */
#define CLIENT_SECRET "/var/secret.db: SELECT"

struct client_request {
	const char *method;
	const char *path;
	const char *query;	/* NULL: variable absent, as all below */
	const char *prefix;	/* SCRIPT_NAME */
	const char *origin;
	/* Sec-Fetch-… */
	const char *fetch_site, *fetch_mode, *fetch_dest, *fetch_user;
	const char *remote;	/* REMOTE_ADDR */
	const char *x_forwarded_for;
	const char *via;
	const char *x_real_ip;
	const char *type;
	const char *length;	/* NULL: that of body */
	const char *body;
	size_t body_bytes;	/* 0: that of the string */
	size_t chunk_bytes;	/* of each read; 0: all at once */
	bool is_gone;		/* reading fails at the end of body */
};

struct client {
	struct settings settings;
	struct log log;
	struct challenge challenge;
	struct http *http;
	struct http_response res;
	size_t n_read; /* bytes of the body that were asked for and given */
	int n_reads;
};

void client_init(struct client *client);
void client_release(struct client *client);

/* The same as fixtures of a test whose state is the client. */
int client_set_up(void **state);
int client_tear_down(void **state);

/* Serve it, and check what every answer must be. */
void client_ask(struct client *client, const struct client_request *req);

/* The value of a header of the last answer; "" when there is none. Borrowed
 * until the next call. */
const char *client_header(const struct client *client, const char *name);

bool client_body_has(const struct client *client, const char *text);
bool client_body_is(const struct client *client, const char *text);

/* What was written to standard error since the last begin, NUL-terminated;
 * borrowed until the next call. */
void client_log_begin(void);
const char *client_log_end(void);

#endif
