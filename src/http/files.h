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

#endif
