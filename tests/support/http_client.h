/*
 * A web server for tests of http: it gives a request to http_serve and checks
 * the response. The challenge layer is fake_challenge.h.
 *
 * client_init, any number of client_ask and client_run, client_release. After
 * a change of client.settings that http_new reads, client_restart.
 */
#ifndef CF_TESTS_HTTP_CLIENT_H
#define CF_TESTS_HTTP_CLIENT_H

#include "conf/settings.h"
#include "http/http.h"
#include "tests/support/fake_challenge.h"

#define FORM	  "application/x-www-form-urlencoded"
#define JSON	  "application/json"
#define IMAGE	  "/image/" FAKE_PID ".png"
#define GOOD	  "pid=" FAKE_PID "&code=" FAKE_CODE
#define FAKE_CODE "K7XQ"

/* A text that no response may show. */
#define CLIENT_SECRET "/var/secret.db: SELECT"

struct client {
	struct settings settings;
	struct log log;
	struct challenge challenge;
	struct http *http;
	/* how the body is read */
	size_t chunk_bytes; /* a read; 0: all at once */
	bool is_gone;	    /* reading fails at the end of the body */
	/* of the last request */
	struct http_response res;
	size_t n_read; /* bytes of the body */
	int n_reads;
	const char *logged; /* borrowed until the next request */
};

void client_init(struct client *client);
void client_restart(struct client *client);
void client_release(struct client *client);

/* Fixtures for a test whose state is the client. */
int client_set_up(void **state);
int client_tear_down(void **state);

#define client_set(client, field, value)          \
	((void)snprintf((client)->settings.field, \
			sizeof((client)->settings.field), "%s", (value)))

/*
 * Serve a request, and check what holds of every response.
 *
 * request  "METHOD /path?query", then a line "NAME=value" for each other
 *          variable of CGI; without a line CONTENT_LENGTH, that of the body
 * body     NULL for none
 */
void client_ask(struct client *client, const char *request, const char *body);

/* A row of a table may end early. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* A request, and the response to it. */
struct exchange {
	const char *request, *body;
	int status;
	const char *answer; /* the body; a * is any text; NULL: any body */
	/* of the challenge layer, as in fake_challenge.h; a * is any text;
	 * NULL: none */
	const char *calls;
	const char *header; /* lines "Name: value"; an empty value: has none */
	const char *logged; /* a * is any text; NULL: any log */
	struct challenge fake; /* the challenge layer before the request */
	int times;	       /* how often it is asked; 0 for once */
};

void client_run(struct client *client, const struct exchange *rows, size_t n);
#define client_run_all(client, rows) \
	client_run((client), (rows), CF_ARRAY_LEN(rows))

/* About the last response. An empty value: it has no such header. */
bool client_has_header(const struct client *client, const char *name,
		       const char *value);
bool client_body_has(const struct client *client, const char *text);

#endif
