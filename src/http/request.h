/*
 * A request as CGI gives it: variables and a body become a struct with
 * limits. The limits of the whole layer stand here.
 *
 * request_init with the variables, then, for routes that want a body,
 * request_check_length and request_read_body.
 */
#ifndef CF_HTTP_REQUEST_H
#define CF_HTTP_REQUEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "http/http.h"

/*
 * Every limit on what comes in and goes out, and what is done beyond it. The
 * longest body (413) and field (400) are of a route: route.h.
 */
enum {
	REQUEST_PATH_MAX_BYTES = 256,	/* PATH_INFO; 404 */
	REQUEST_PREFIX_MAX_BYTES = 512, /* SCRIPT_NAME; 400 where it is used */
	REQUEST_QUERY_MAX_BYTES = 1024, /* QUERY_STRING; 400 */
	REQUEST_ORIGIN_MAX_BYTES = 256, /* Origin; as if it were absent */
	REQUEST_TYPE_MAX_BYTES = 256,	/* Content-Type; 415 */
	/* X-Forwarded-For, Forwarded; the proxy counts as the visitor */
	REQUEST_FORWARDED_MAX_BYTES = 1024,
	REQUEST_FIELDS_MAX = 16,	/* of a query or a body; 400 */
	REQUEST_BOUNDARY_MAX_BYTES = 70,   /* RFC 2046, section 5.1.1; 400 */
	REQUEST_PART_HEAD_MAX_BYTES = 512, /* of multipart/form-data; 400 */
	REQUEST_JSON_DEPTH_MAX = 8,	/* brackets within brackets; 400 */
	RESPONSE_HEAD_MAX_BYTES = 4096, /* 500 */
	RESPONSE_BODY_MAX_BYTES = 1024 * 1024, /* 500 */
};

/* Bits, so that a route can have several. */
enum request_method {
	REQUEST_OTHER = 0, /* no route has it */
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
	REQUEST_TYPE_OTHER,	/* one that this program does not read */
};

/* Strings are borrowed from the variables, body from the arena. */
struct http_request {
	enum request_method method;
	struct str path; /* PATH_INFO without the slash in front */
	struct str query;
	struct str prefix; /* SCRIPT_NAME without slashes at its ends */
	bool is_prefix_bad; /* too long or control bytes; prefix is empty */
	struct str origin; /* empty when absent, too long or control bytes */
	/* What a browser says (Fetch Metadata, W3C): a page of another site
	 * is behind it; it is to be shown as a page, as by a link that was
	 * followed, not as a part of one. */
	bool is_cross_site, is_for_a_page;
	struct str remote; /* REMOTE_ADDR */
	struct str x_forwarded_for, forwarded; /* of any length */
	/* Via or X-Real-IP: a proxy has passed it on, which is all they tell */
	bool is_passed_on;
	bool is_forwarded_twice; /* one of the two is there again */
	bool is_ambiguous; /* another variable has two values */
	enum request_type type;
	struct str type_params; /* "; name=value", of a type that is known */
	/* CONTENT_LENGTH: 0 when absent or empty, -1 when it is no decimal
	 * number, INT64_MAX when it is beyond counting. */
	int64_t n_body_bytes;
	struct str body;
	bool is_body_read; /* whole */
};

/* Whether request_init looks at a variable of this name. */
CF_MUST_CHECK
bool request_wants(struct str name);

/* Never fails: what is wrong shows in the fields. A variable given twice
 * counts as first given. */
void request_init(struct http_request *req, char *const *envp);

/* CF_BAD_INPUT when CONTENT_LENGTH is not a number, CF_TOO_LARGE when it is
 * over max_bytes. */
CF_MUST_CHECK
enum cf_status request_check_length(const struct http_request *req,
				    int64_t max_bytes, struct cf_error *err);

/*
 * Read the body, which must be as long as CONTENT_LENGTH says. Its length has
 * been checked.
 *
 * arena    where the body is put: one byte more than it has
 * returns  CF_OK; CF_BAD_INPUT, shorter or longer; CF_GONE; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status request_read_body(struct http_request *req, struct arena *arena,
				 http_read_fn *read_fn, void *read_ctx,
				 struct cf_error *err);

#endif
