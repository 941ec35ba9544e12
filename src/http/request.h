/*
 * A request as CGI gives it: variables and a body become a struct with
 * limits. The limits of the whole layer stand here.
 *
 * request_init with the variables, then request_read_body for routes that
 * want a body.
 */
#ifndef CF_HTTP_REQUEST_H
#define CF_HTTP_REQUEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "http/http.h"

/*
 * The limits of requests and responses, and the status beyond each. route.h
 * has those that differ by route.
 */
enum {
	REQUEST_PATH_MAX_BYTES = 256,	/* PATH_INFO; 404 */
	REQUEST_PREFIX_MAX_BYTES = 512, /* SCRIPT_NAME; 400 where it is used */
	REQUEST_QUERY_MAX_BYTES = 1024, /* of most routes; 400 */
	REQUEST_ORIGIN_MAX_BYTES = 256, /* Origin; then it is ignored */
	REQUEST_HOST_MAX_BYTES = 262,	/* Host; then it is ignored */
	REQUEST_TYPE_MAX_BYTES = 256,	/* Content-Type; 415 */
	/* X-Forwarded-For, Forwarded; then the proxy counts as the visitor */
	REQUEST_FORWARDED_MAX_BYTES = 1024,
	REQUEST_REFERER_MAX_BYTES = 2048, /* Referer; then it is ignored */
	/* Accept-Language, Accept-Encoding, If-None-Match; then ignored */
	REQUEST_LIST_MAX_BYTES = 512,
	REQUEST_FIELDS_MAX = 16,	/* of a query or a body; 400 */
	REQUEST_BOUNDARY_MAX_BYTES = 70,   /* RFC 2046, section 5.1.1; 400 */
	REQUEST_PART_HEAD_MAX_BYTES = 512, /* of multipart/form-data; 400 */
	REQUEST_JSON_DEPTH_MAX = 8,	/* brackets within brackets; 400 */
	RESPONSE_HEAD_MAX_BYTES = 4096, /* 500 */
	RESPONSE_BODY_MAX_BYTES = 1024 * 1024, /* 500 */
};

/* Bits, so that a route can have several. */
enum request_method {
	REQUEST_OTHER = 0, /* a method that no route takes */
	REQUEST_GET = 1,
	REQUEST_HEAD = 2,
	REQUEST_POST = 4,
	REQUEST_OPTIONS = 8,
};

/* The method's name for logs. */
const char *request_method_name(enum request_method method);

enum request_type {
	REQUEST_TYPE_NONE,
	REQUEST_TYPE_FORM,	/* application/x-www-form-urlencoded */
	REQUEST_TYPE_MULTIPART, /* multipart/form-data */
	REQUEST_TYPE_JSON,	/* application/json */
	REQUEST_TYPE_OTHER,	/* a type that this program does not read */
};

/* Strings are borrowed from the variables, body from the arena. */
struct http_request {
	enum request_method method;
	struct str path; /* PATH_INFO without the slash in front */
	struct str query;
	struct str prefix; /* SCRIPT_NAME without slashes at its ends */
	bool is_prefix_bad; /* too long or control bytes; prefix is empty */
	struct str host; /* Host, or else SERVER_NAME; empty when too long */
	struct str origin; /* empty when absent, too long or control bytes */
	/* Fetch Metadata (W3C). Cross-site: a page of another site makes the
	 * request. Navigation: for a window or a frame. Followed link: the
	 * visitor opens the page by a click, not a script or a prefetch. */
	bool is_cross_site, is_navigation, is_followed_link;
	bool is_same_origin; /* a page of this origin makes it */
	/* empty when absent or too long; a Referer with control bytes, too */
	struct str referer, accept_language, accept_encoding, if_none_match;
	struct str range, if_range;
	struct str remote; /* REMOTE_ADDR */
	struct str x_forwarded_for, forwarded; /* of any length */
	/* Via or X-Real-IP: a proxy has passed the request on */
	bool is_passed_on;
	/* X-Forwarded-For or Forwarded is present twice */
	bool is_forwarded_twice;
	bool is_ambiguous; /* any other variable has two values */
	enum request_type type;
	struct str type_params; /* "; name=value", of a known type */
	/* CONTENT_LENGTH as text_parse_decimal reads it: 0 when absent, -1
	 * when it is no decimal number */
	int64_t n_body_bytes;
	struct str body;
	bool is_body_read; /* to its end */
};

/* Whether request_init looks at a variable of this name. */
CF_MUST_CHECK
bool request_wants(struct str name);

/* Never fails: the struct shows faults. Of a repeated variable the first value
 * counts. */
void request_init(struct http_request *req, char *const *envp);

/*
 * Read the body, which must be as long as CONTENT_LENGTH says.
 *
 * arena    the body is put there; takes one byte more than it has
 * returns  CF_OK; CF_BAD_INPUT, CONTENT_LENGTH is no number, or the body is
 *          shorter or longer; CF_TOO_LARGE, over max_bytes; CF_BAD_TYPE, a
 *          body of no type that this program reads; CF_GONE; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status request_read_body(struct http_request *req, int64_t max_bytes,
				 struct arena *arena, http_read_fn *read_fn,
				 void *read_ctx, struct cf_error *err);

#endif
