/*
 * Fields: names with values, of a query, a form body or a JSON object.
 */
#ifndef CF_HTTP_FORM_H
#define CF_HTTP_FORM_H

#include "base/arena.h"
#include "base/buf.h"
#include "http/request.h"

struct form_field {
	struct str name;
	struct str value; /* any bytes, NUL too */
	bool is_text;	  /* false: a JSON value other than a string */
};

/* Names and values live in the arena. */
struct form {
	struct form_field fields[REQUEST_FIELDS_MAX];
	size_t n_fields;
};

/*
 * Read "name=value&name=value" (application/x-www-form-urlencoded, as in the
 * URL Standard): '+' is a space, %XX a byte. A part without '=' is a name
 * with an empty value; an empty part is skipped.
 *
 * arena    takes as many bytes as text has
 * returns  CF_OK; CF_BAD_INPUT, a % without two hexadecimal digits, more than
 *          REQUEST_FIELDS_MAX fields, a name or value over max_field_bytes;
 *          CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status form_parse(struct form *form, struct str text,
			  struct arena *arena, int64_t max_field_bytes,
			  struct cf_error *err);

/*
 * Add a field, within the limits of form_parse.
 * returns  CF_OK; CF_BAD_INPUT, the field is too long, or there are too many
 */
CF_MUST_CHECK
enum cf_status form_add(struct form *form, struct form_field field,
			int64_t max_field_bytes, struct cf_error *err);

/* The number of fields with this name; *field is the first of them, or NULL. */
size_t form_find(const struct form *form, const char *name,
		 const struct form_field **field);

/* Whether two fields have the same name. */
bool form_has_repeat(const struct form *form);

#endif
