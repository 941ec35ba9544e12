/*
 * GET and HEAD of files that browsers load and keep: conditional requests
 * (RFC 9110 section 13), gzip, and pages of any site.
 */
#ifndef CF_HTTP_FILES_H
#define CF_HTTP_FILES_H

#include "assets/assets.h"
#include "http/request.h"
#include "http/response.h"

/* Write the whole response with this file. */
void files_write(struct response *res, const struct http_request *req,
		 const struct assets_file *file);

/* Whether If-None-Match has the ETag `mark`, by the weak comparison: RFC 9110
 * section 13.1.2. */
CF_MUST_CHECK
bool files_have_mark(struct str if_none_match, const char *mark);

#endif
