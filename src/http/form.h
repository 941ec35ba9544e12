/*
 * Fields: names with values, of a query, a form body or a JSON object.
 */
#ifndef CF_HTTP_FORM_H
#define CF_HTTP_FORM_H

#include "base/arena.h"
#include "base/buf.h"
#include "http/request.h"

enum form_type {
	FORM_OTHER, /* a JSON value of another type: it has no text */
	FORM_TEXT,
	FORM_INTEGER, /* a JSON number without fraction and exponent */
};

struct form_field {
	struct str name;
	struct str value; /* any bytes, NUL too; of FORM_INTEGER its digits */
	enum form_type type;
};

/*
 * form_init, then one of form_parse, http_json_parse and multipart_parse. All
 * of them refuse more than REQUEST_FIELDS_MAX fields, and names and values over
 * field_max_bytes, and take as many bytes of the arena as the text has.
 */
struct form {
	struct arena *arena; /* names and values are put there */
	int64_t field_max_bytes;
	/* on CF_BAD_INPUT: a fixed sentence that tells the client the fault, or
	 * NULL */
	const char *detail;
	struct form_field fields[REQUEST_FIELDS_MAX];
	size_t n_fields;
};

void form_init(struct form *form, struct arena *arena, int64_t field_max_bytes);

/*
 * Read "name=value&name=value" (application/x-www-form-urlencoded, as in the
 * URL Standard): '+' is a space, %XX a byte. A part without '=' is a name
 * with an empty value; an empty part is skipped.
 *
 * returns  CF_OK; CF_BAD_INPUT, a % without two hexadecimal digits, too many
 *          or too long fields; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status form_parse(struct form *form, struct str text,
			  struct cf_error *err);

/* Add a field. CF_BAD_INPUT when it is too long, or there are too many. */
CF_MUST_CHECK
enum cf_status form_add(struct form *form, struct form_field field,
			struct cf_error *err);

/* The number of fields with this name; *field is the first of them, or NULL. */
size_t form_find(const struct form *form, const char *name,
		 const struct form_field **field);

/* Whether two fields have the same name. */
bool form_has_repeat(const struct form *form);

#endif
