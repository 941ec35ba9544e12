/*
 * Requests of pages of other sites, in their visitors' browsers: CORS (the
 * Fetch Standard) and Fetch Metadata (W3C).
 */
#ifndef CF_HTTP_CORS_H
#define CF_HTTP_CORS_H

#include "http/request.h"
#include "http/response.h"

/* The entry of the setting allow_origin that lets this origin in; empty for
 * none. The bytes are the setting's, not the client's. */
struct str cors_allowed(const char *allow_origin, struct str origin);

/*
 * Whether a page of a site that allow_origin does not list makes the request,
 * by the browser's own headers; older browsers send none. Such a page reads no
 * response, but uses up the limits of its visitor: by a script, by a window
 * that it opens, or by pages that it has fetched in advance.
 *
 * has_links  other sites may link to this route, for visitors to follow
 */
bool cors_is_stranger(const struct http_request *req, const char *allow_origin,
		      bool has_links);

/* Answer the OPTIONS request that a browser sends before it lets a page of
 * another site call. allow: the methods of the route */
void cors_answer_preflight(struct response *res, const char *allow);

#endif
