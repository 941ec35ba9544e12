/*
 * multipart/form-data (RFC 7578 over RFC 2046, section 5.1), as FormData of
 * browsers, curl's -F and PHP's curl with an array send it. A file is refused.
 */
#ifndef CF_HTTP_MULTIPART_H
#define CF_HTTP_MULTIPART_H

#include "http/form.h"

/*
 * Find the boundary in the parameters of a Content-Type, "; boundary=x".
 *
 * boundary  borrowed from params
 * returns   CF_OK; CF_BAD_INPUT, no boundary or two, a boundary that is not 1
 *           to REQUEST_BOUNDARY_MAX_BYTES characters of RFC 2046, or
 *           malformed parameters
 */
CF_MUST_CHECK
enum cf_status multipart_boundary(struct str params, struct str *boundary,
				  struct cf_error *err);

/*
 * Parse a body: each part becomes a field with the part's bytes as its value.
 * Text before the first boundary and after the closing boundary is skipped
 * (RFC 2046); a closing boundary is required. A name is a token, or quoted as
 * browsers and curl do it: %0A, %0D and %22 stand for bytes (HTML Standard,
 * multipart form data), and a backslash stands for itself. Of other headers
 * only Content-Transfer-Encoding is read: it must be 7bit, 8bit or binary.
 *
 * text      borrowed as long as the form, as are the values in it
 * boundary  as multipart_boundary gives it
 * returns   CF_OK; CF_BAD_INPUT, a malformed body, a file, a head of a part
 *           over REQUEST_PART_HEAD_MAX_BYTES, too many or too long fields;
 *           CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status multipart_parse(struct form *form, struct str text,
			       struct str boundary, struct cf_error *err);

#endif
