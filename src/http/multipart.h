/*
 * multipart/form-data (RFC 7578 over RFC 2046, section 5.1): what FormData of
 * browsers, curl's -F and PHP's curl with an array send. Text fields alone:
 * files are refused.
 */
#ifndef CF_HTTP_MULTIPART_H
#define CF_HTTP_MULTIPART_H

#include "http/form.h"

/*
 * The boundary among the parameters of a Content-Type, "; boundary=x".
 *
 * boundary  borrowed from params
 * returns   CF_OK; CF_BAD_INPUT, none or two of them, not 1 to
 *           REQUEST_BOUNDARY_MAX_BYTES of the characters of RFC 2046, or
 *           parameters that are broken
 */
CF_MUST_CHECK
enum cf_status multipart_boundary(struct str params, struct str *boundary,
				  struct cf_error *err);

/*
 * Read a body: each part is a field, and its value the part's bytes as they
 * are. What stands before the first boundary and after the closing one is
 * left out (RFC 2046), a closing one there must be. A name is a token, or
 * quoted as browsers and curl do it: %0A, %0D and %22 stand for bytes (HTML
 * Standard, multipart form data), and a backslash for itself. Headers of a
 * part but its Content-Disposition say nothing here, yet an encoding other
 * than 7bit, 8bit or binary is refused.
 *
 * text      borrowed as long as the form, as are the values in it
 * arena     takes as many bytes as text has
 * detail    set on CF_BAD_INPUT where there is more for the client to know
 *           than that the request is malformed: a fixed sentence
 * returns   CF_OK; CF_BAD_INPUT, not of this form, a file, a head of a part
 *           over REQUEST_PART_HEAD_MAX_BYTES, too many or too long fields as
 *           in form_parse; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status multipart_parse(struct form *form, struct str text,
			       struct str boundary, struct arena *arena,
			       int64_t max_field_bytes, const char **detail,
			       struct cf_error *err);

#endif
