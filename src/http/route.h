/*
 * Which handler serves which path and method.
 */
#ifndef CF_HTTP_ROUTE_H
#define CF_HTTP_ROUTE_H

#include "http/handlers.h"

enum route_flag {
	ROUTE_HAS_CORS = 1, /* other sites' pages may be let in */
	ROUTE_IS_DEMO = 2,  /* there only when the setting demo is on */
	ROUTE_COUNTS = 4,   /* uses up what a visitor may do */
};

struct route {
	const char *pattern; /* as the log shows it */
	const char *allow;   /* its methods, for Allow */
	unsigned methods;    /* bits of enum request_method */
	unsigned flags;	     /* bits of enum route_flag */
	http_handler_fn *handle;
	const char *problem_members; /* of response.h, for this route */
};

/*
 * The route of a path without the slash in front; NULL when there is none.
 * pid  that of the path; of a route without one, untouched
 */
CF_MUST_CHECK
const struct route *route_find(struct str path, bool has_demo, struct pid *pid);

#endif
