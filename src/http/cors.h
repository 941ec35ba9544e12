/*
 * Pages of other sites that ask by their visitor's browser: CORS (the Fetch
 * Standard) and Fetch Metadata (W3C).
 */
#ifndef CF_HTTP_CORS_H
#define CF_HTTP_CORS_H

#include "http/request.h"
#include "http/response.h"

/* The entry of the setting allow_origin that lets this origin in; empty for
 * none. The bytes are the setting's, not the client's. */
struct str cors_allowed(const char *allow_origin, struct str origin);

/*
 * Whether the browser says that a page of a site which allow_origin does not
 * list makes the request. Such a page can use up what its visitor may do,
 * though it reads no answer: also by a window that it opened, or by having
 * pages fetched in advance. Older browsers say nothing.
 *
 * has_links  a link to this route, which the visitor follows, is not meant
 */
bool cors_is_stranger(const struct http_request *req, const char *allow_origin,
		      bool has_links);

/* Answer what a browser asks before a page of another site may call.
 * allow  the methods */
void cors_answer_preflight(struct response *res, const char *allow);

#endif
