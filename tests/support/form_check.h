/*
 * Checks of all parsers of fields, for unit tests and fuzz targets: parsing of
 * forms, JSON and multipart bodies, and writing in these formats. Needs no test
 * library: a fault is returned as a text.
 */
#ifndef CF_TESTS_FORM_CHECK_H
#define CF_TESTS_FORM_CHECK_H

#include "http/form.h"

enum {
	FORM_CHECK_FIELD_BYTES = 32
}; /* the longest name and value */

struct form_format {
	enum cf_status (*parse)(struct form *form, struct str text,
				struct cf_error *err);
	/* write the fields, and escape every byte where the format has
	 * escapes */
	void (*write)(struct buf *out, const struct form_field *fields,
		      size_t n);
};

extern const struct form_format form_urlencoded, form_json, form_multipart;
extern struct str form_boundary; /* of form_multipart; "B" at first */

/* Parse a copy in memory of its exact size, so that a sanitizer finds an
 * overread. The copy and the fields last until the second call from now. */
enum cf_status form_check_parse(const struct form_format *format,
				struct form *form, struct str text);

/* The fault of fields that were parsed from text; NULL when they are within
 * their limits, are no longer than text, and stay the same when they are
 * written and parsed again. */
const char *form_check_fault(const struct form_format *format,
			     const struct form *form, struct str text);

bool form_check_is_same(struct str a, struct str b);

#endif
