/*
 * HTTP as CGI/1.1 has it (RFC 3875): an environment and a body come in, a
 * header block and a body go out. No sockets here, so tests need no server.
 *
 * http_new, any number of http_serve, http_free.
 *
 * Layer: http uses base, conf and challenge.
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
 * head           "Status: 200 OK\r\n...\r\n\r\n", ready to be sent
 * body           follows the head; empty for HEAD
 * why            the failure; its status is CF_OK when nothing failed
 * body_was_read  the request's body was read to its end
 * head, body and why are borrowed until the next http_serve or http_free.
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
	/* reads the body. http_serve asks for at most one byte more than
	 * CONTENT_LENGTH, and for no byte of a body that is over its limit */
	http_read_fn *read_fn;
	void *read_ctx;
	int64_t n_body_bytes; /* of the whole body; -1: not known yet */
	/* a sentence for the client: refuse the request with 400, unread; NULL:
	 * serve it */
	const char *fault;
};

/*
 * Serve one request. There is always a response. Failures are logged here,
 * once a minute for each cause: callers do not log them.
 */
void http_serve(struct http *http, const struct http_input *in,
		struct http_response *res);

/* Whether http_serve reads a variable of this name. */
CF_MUST_CHECK
bool http_wants(struct str name);

/* The longest body that any route takes. */
size_t http_body_max_bytes(const struct http *http);

#endif
