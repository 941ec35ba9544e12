/*
 * CORS and Fetch Metadata: see cors.h.
 */
#include "base/base.h"
#include "http/cors.h"

#include "base/text.h"

struct str cors_allowed(const char *list, struct str origin)
{
	struct str entry;

	if (!origin.len)
		return (struct str)STR_INIT;
	while ((entry = text_next_word(&list)).len)
		if (str_eq(entry, "*") ||
		    (entry.len == origin.len &&
		     !memcmp(entry.ptr, origin.ptr, origin.len)))
			return entry;
	return (struct str)STR_INIT;
}

bool cors_is_stranger(const struct http_request *req, const char *allow_origin,
		      bool has_links)
{
	bool is_link = has_links && req->is_followed_link &&
		       (req->method & (REQUEST_GET | REQUEST_HEAD));

	return req->is_cross_site && !is_link &&
	       !cors_allowed(allow_origin, req->origin).len;
}

void cors_answer_preflight(struct response *res, const char *allow)
{
	response_begin(res, 204, NULL);
	response_add_header(res, "Access-Control-Allow-Methods",
			    str_from(allow));
	response_add_header(res, "Access-Control-Allow-Headers",
			    STR_LIT("Content-Type"));
	response_add_header(res, "Access-Control-Max-Age", STR_LIT("600"));
	res->has_no_length = true;
}
