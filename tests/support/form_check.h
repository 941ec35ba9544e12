/*
 * The tests that all parsers of fields share: of forms, of several parts, and
 * JSON. Each test program has its own texts.
 *
 * form_check_open, any number of the others, form_check_close.
 */
#ifndef CF_TESTS_FORM_CHECK_H
#define CF_TESTS_FORM_CHECK_H

#include "http/form.h"

enum {
	FORM_CHECK_FIELD_BYTES = 32
}; /* the longest name and value */

typedef enum cf_status form_check_parse_fn(struct form *form, struct str text,
					   struct arena *arena,
					   int64_t max_field_bytes,
					   struct cf_error *err);

/* The text of a form of n fields; names are to differ where they must. */
typedef void form_check_write_fn(char *text, size_t size, size_t n_fields,
				 int name_bytes, int value_bytes);

struct form_case {
	const char *text;
	size_t n_fields;
	const char *name, *value; /* of the last; value NULL: it is no text */
};

void form_check_open(form_check_parse_fn *parse);
void form_check_close(void);

/* Parse a copy of just its size, so that a sanitizer sees an overread. The
 * copy and the fields last until the next call. */
enum cf_status form_check_parse(struct form *form, struct str text);

void form_check_accepts(const struct form_case *cases, size_t n);
void form_check_refuses(const char *const *texts, size_t n);

/* Too many fields, and names and values that are too long, are CF_BAD_INPUT;
 * an arena without room is CF_NOMEM. */
void form_check_limits(form_check_write_fn *write);

#endif
