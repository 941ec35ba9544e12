/*
 * Which handlers serve which path and method, and all in which routes differ.
 */
#ifndef CF_HTTP_ROUTE_H
#define CF_HTTP_ROUTE_H

#include "http/context.h"

enum route_flag {
	ROUTE_HAS_CORS = 1, /* pages of allow_origin may read the answer */
	ROUTE_IS_DEMO = 2,  /* exists only while the setting demo is on */
	/* pages of sites that allow_origin does not list may not ask */
	ROUTE_REFUSES_STRANGERS = 4,
	/* for this machine and the addresses of metrics_allow alone */
	ROUTE_IS_FOR_OPERATOR = 8,
	/* a problem has the members "success" and "error-codes", so that
	 * clients of a check read one shape */
	ROUTE_HAS_ERROR_CODES = 16,
};

/* One step of a request. */
struct act {
	unsigned methods; /* that have it: bits of enum request_method */
	http_handler_fn *handle;
	enum limit_kind limit; /* whose credit it spends */
	bool reads_body;
	/* a failure that the client cannot mend, and a limit, look like the
	 * demo page with this sentence; NOTICE_NONE: like a problem */
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
	int64_t body_max_bytes;		    /* 413; 0: reads none */
	int64_t field_max_bytes;	    /* of a name or a value; 400 */
	/* those of the request's method are done in this order */
	struct act acts[ROUTE_ACTS_MAX];
};

/*
 * The route of a path without the slash in front; NULL when there is none.
 * pid  that of the path; of a route without one, untouched
 */
CF_MUST_CHECK
const struct route *route_find(struct str path, bool has_demo, struct pid *pid);

bool route_has_method(const struct route *route, enum request_method method);

/* The longest body of any route. */
int64_t route_body_max_bytes(void);

#endif
