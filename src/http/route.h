/*
 * Routes: path, methods, handlers, and how each is limited, read and refused.
 */
#ifndef CF_HTTP_ROUTE_H
#define CF_HTTP_ROUTE_H

#include "http/context.h"

enum route_flag {
	ROUTE_HAS_CORS = 1, /* pages of allow_origin may read the answer */
	ROUTE_IS_DEMO = 2,  /* exists only while the setting demo is on */
	/* refuses pages of sites that allow_origin does not list */
	ROUTE_REFUSES_STRANGERS = 4,
	/* only for this machine and the addresses of metrics_allow */
	ROUTE_IS_FOR_OPERATOR = 8,
	/* problems have the members "success" and "error-codes", as the
	 * response to a check has */
	ROUTE_HAS_ERROR_CODES = 16,
	/* failures are told as siteverify tells them */
	ROUTE_IS_SITEVERIFY = 32,
	/* pages of other sites may show it, but not send forms to it */
	ROUTE_IS_FRAME = 64,
};

/* One step of a request. */
struct act {
	unsigned methods; /* that run it: bits of enum request_method */
	http_handler_fn *handle;
	enum limit_kind limit; /* whose credit it spends */
	bool reads_body;
	bool is_after_failure; /* not after a right answer */
	/* the sentence of the route's page for a limit, or for a failure that
	 * is not the client's fault; NOTICE_NONE: answer with a problem */
	enum notice sorry;
};

enum {
	ROUTE_ACTS_MAX = 3
};

struct route {
	const char *pattern;		    /* as the log shows it */
	const char *allow;		    /* its methods, for Allow */
	unsigned flags;			    /* bits of enum route_flag */
	unsigned query_fields, body_fields; /* bits of enum field */
	int64_t query_max_bytes; /* 400; 0: REQUEST_QUERY_MAX_BYTES */
	int64_t body_max_bytes;		    /* 413; 0: reads none */
	int64_t field_max_bytes;	    /* of a name or a value; 400 */
	/* append the page for an act that has `sorry` */
	http_apology_fn *apologise;
	/* those of the request's method run, in this order */
	struct act acts[ROUTE_ACTS_MAX];
	enum flavour flavour;
};

/*
 * The route of a path without the slash in front; NULL when there is none.
 * pid  filled from the path, if the route has a pid in its path
 */
CF_MUST_CHECK
const struct route *route_find(struct str path, bool has_demo, struct pid *pid);

bool route_has_method(const struct route *route, enum request_method method);

/* The longest body, and the longest query, of any route. */
int64_t route_body_max_bytes(void);
int64_t route_query_max_bytes(void);

#endif
