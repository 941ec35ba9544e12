/*
 * Checks of a response of http_serve. Needs no test library.
 */
#ifndef CF_TESTS_HTTP_ANSWER_H
#define CF_TESTS_HTTP_ANSWER_H

#include "http/http.h"

/* The value of a header; {NULL, 0} when there is none. */
struct str http_answer_header(const struct http_response *res,
			      const char *name);

/* The fault of a response; NULL when it is well formed. is_head: the response
 * to a HEAD request. */
const char *http_answer_fault(const struct http_response *res, bool is_head);

bool http_answer_has(struct str text, const char *part);

#endif
