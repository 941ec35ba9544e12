/*
 * A response: status line, headers, body. Only this file turns a status of
 * the program into one of HTTP.
 *
 * response_init once. For each request: response_reset; then add to the body
 * and call response_begin or response_fail, in any order; response_add_header;
 * response_end. At last response_release. A later begin or fail drops the head
 * made so far; fail drops the body, too.
 */
#ifndef CF_HTTP_RESPONSE_H
#define CF_HTTP_RESPONSE_H

#include "base/buf.h"
#include "http/http.h"

/* Buffers keep their memory between requests, but for that of a body with more
 * than RESPONSE_KEPT_BYTES, as a sound has: a process may send one in a day. */
enum { RESPONSE_KEPT_BYTES = 128 * 1024 };

struct response {
	struct buf head;
	struct buf body;
	int status;
	/* Set after response_reset, before begin or fail: */
	bool is_head;		 /* the body is not sent */
	struct str allow_origin; /* for CORS; empty for none */
	const char *cache;	 /* Cache-Control; NULL: no-store */
	int64_t retry_after_s;	 /* of CF_LIMITED */
	/* A problem of status 4xx also gets the members of a failed check,
	 * with this error code; NULL: no such members. */
	const char *error_code;
	/* Set before response_end: */
	bool has_no_length; /* send no Content-Length */
	size_t n_left_out;  /* of HEAD: bytes of a body that was not made */
};

void response_init(struct response *res);
void response_release(struct response *res);
void response_reset(struct response *res);

/* Begin the head: status line, and headers of every response. type may be
 * NULL. */
void response_begin(struct response *res, int status, const char *type);

/* Add a header. The caller makes sure that the value has no control bytes. */
void response_add_header(struct response *res, const char *name,
			 struct str value);

/* The HTTP status of a status of the program. */
int response_status(enum cf_status status);

/* Answer with a problem (RFC 9457) and, with 429 and 503, Retry-After.
 * detail   a fixed sentence; NULL for that of the status */
void response_fail(struct response *res, enum cf_status status,
		   const char *detail);

/* Answer with a problem of this HTTP status. detail: a fixed sentence */
void response_refuse(struct response *res, int status, const char *detail);

/* Add the Retry-After of the status, if it has one. */
void response_add_retry(struct response *res, enum cf_status status);

/* Close the head and fill out. When a buffer has failed, err is filled and the
 * response is a 500 or 503. */
void response_end(struct response *res, struct http_response *out,
		  struct cf_error *err);

#endif
