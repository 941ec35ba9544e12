/*
 * HTTP as CGI/1.1 has it (RFC 3875): an environment and a body come in, a
 * header block and a body go out. No sockets here, so tests need no server.
 *
 * http_new, any number of http_serve, http_free.
 *
 * Layer: http uses base and challenge.
 */
#ifndef CF_HTTP_HTTP_H
#define CF_HTTP_HTTP_H

#include "base/buf.h"
#include "conf/settings.h"
#include "challenge/challenge.h"

struct http;

/* All borrowed until http_free. NULL when out of memory. After crypt_open. */
CF_MUST_CHECK
struct http *http_new(const struct settings *settings,
		      struct challenge *challenge, const struct log *log);
void http_free(struct http *http);

/*
 * Read up to n bytes of the request body into ptr.
 * returns  how many; 0 at the end of the body; -1 when the peer is gone
 */
typedef ptrdiff_t http_read_fn(void *ctx, char *ptr, size_t n);

/*
 * head  "Status: 200 OK\r\n...\r\n\r\n", ready to be sent
 * body  what follows; empty for HEAD
 * why   what failed; CF_OK when nothing did
 * These are borrowed until the next http_serve or http_free.
 * The whole body of the request was read when body_was_read is true.
 */
struct http_response {
	int status;
	const struct cf_error *why;
	struct str head;
	struct str body;
	bool body_was_read;
};

/* A request, as the web server gave it. */
struct http_input {
	char *const *envp; /* "NAME=value" strings, NULL at the end */
	/* gives the body; it is asked for at most one byte more than
	 * CONTENT_LENGTH, and not at all past the limit */
	http_read_fn *read_fn;
	void *read_ctx;
	int64_t n_body_bytes; /* of the whole body; -1: known when it is read */
	/* a sentence for the client that says why the request is refused
	 * before it is looked at, with 400; NULL */
	const char *fault;
};

/*
 * Serve one request. There is always a response, if only 503. What failed is
 * logged here, once a minute for each cause: nobody above needs to.
 */
void http_serve(struct http *http, const struct http_input *in,
		struct http_response *res);

/* Whether a variable of this name is read at all. */
CF_MUST_CHECK
bool http_wants(struct str name);

/* The longest body that any route takes. */
size_t http_body_max_bytes(const struct http *http);

#endif
