/*
 * Parse the JSON object of a request body into fields. Only json.c uses
 * jansson; buf_add_json writes the JSON of responses.
 *
 * The functions are named http_json_, since json_ is jansson's.
 */
#ifndef CF_HTTP_JSON_H
#define CF_HTTP_JSON_H

#include "http/form.h"

/* Call once per process: then the first body opens no file for random bytes. */
void http_json_open(void);

/*
 * Parse one JSON object (RFC 8259): each member becomes a field. An integer is
 * a field of its digits.
 *
 * returns  CF_OK; CF_BAD_INPUT, not one whole object, a name given twice, a
 *          NUL in a string, nested deeper than REQUEST_JSON_DEPTH_MAX, a
 *          number that no int64_t or double holds, too many or too long
 *          fields; CF_NOMEM
 * promise  leaves the heap as it found it
 */
CF_MUST_CHECK
enum cf_status http_json_parse(struct form *form, struct str text,
			       struct cf_error *err);

#endif
