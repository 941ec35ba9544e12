/*
 * See form_check.h.
 */
#include "base/base.h"
#include "tests/support/form_check.h"

#include "base/utf8.h"
#include "http/json.h"
#include "http/multipart.h"

enum {
	ROUNDING_BYTES = 64,
	WRITTEN_MAX_BYTES = 1 << 20
};

struct str form_boundary = {"B", 1};

/* --- formats -------------------------------------------------------------- */

static void add_urlencoded(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		buf_addf(out, "%%%02x", (unsigned char)text.ptr[i]);
}

static void write_urlencoded(struct buf *out, const struct form_field *fields,
			     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_add_str(out, i ? "&" : "");
		add_urlencoded(out, fields[i].name);
		buf_add_char(out, '=');
		add_urlencoded(out, fields[i].value);
	}
}

/* RFC 8259, section 7 */
static void add_json(struct buf *out, struct str text)
{
	buf_add_char(out, '"');
	while (text.len) {
		uint32_t c = 0;
		size_t n = utf8_first(text, &c);

		if (c > 0xffff)
			buf_addf(out, "\\u%04x\\u%04x",
				 0xd800 + ((c - 0x10000) >> 10),
				 0xdc00 + ((c - 0x10000) & 0x3ff));
		else
			buf_addf(out, "\\u%04x", c);
		text.ptr += n;
		text.len -= n;
	}
	buf_add_char(out, '"');
}

static void write_json(struct buf *out, const struct form_field *fields,
		       size_t n)
{
	buf_add_char(out, '{');
	for (size_t i = 0; i < n; i++) {
		buf_add_str(out, i ? "," : "");
		add_json(out, fields[i].name);
		buf_add_char(out, ':');
		if (fields[i].type == FORM_TEXT)
			add_json(out, fields[i].value);
		else if (fields[i].type == FORM_INTEGER)
			buf_add(out, fields[i].value.ptr, fields[i].value.len);
		else
			buf_add_str(out, "[{}]");
	}
	buf_add_char(out, '}');
}

static enum cf_status parse_parts(struct form *form, struct str text,
				  struct cf_error *err)
{
	return multipart_parse(form, text, form_boundary, err);
}

/* As browsers write names: a CR cannot be told from %0D. */
static void write_parts(struct buf *out, const struct form_field *fields,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str name = fields[i].name;
		struct str value = fields[i].value;

		buf_addf(out,
			 "--%.*s\r\ncontent-disposition: form-data; name=\"",
			 (int)form_boundary.len, form_boundary.ptr);
		for (size_t k = 0; k < name.len; k++)
			if (strchr("\"\r\n", name.ptr[k]) && name.ptr[k])
				add_urlencoded(out,
					       (struct str){name.ptr + k, 1});
			else
				buf_add_char(out, name.ptr[k]);
		buf_add_str(out, "\"\r\n\r\n");
		buf_add(out, value.ptr, value.len);
		buf_add_str(out, "\r\n");
	}
	buf_addf(out, "--%.*s--", (int)form_boundary.len, form_boundary.ptr);
}

const struct form_format form_urlencoded = {form_parse, write_urlencoded};
const struct form_format form_json = {http_json_parse, write_json};
const struct form_format form_multipart = {parse_parts, write_parts};

/* --- checks --------------------------------------------------------------- */

enum cf_status form_check_parse(const struct form_format *format,
				struct form *form, struct str text)
{
	static struct memory {
		struct arena *arena;
		char *copy;
	} memories[2];
	static int n_calls;
	struct memory *memory = &memories[n_calls++ % 2];
	struct cf_error err = CF_ERROR_INIT;
	enum cf_status rc;

	arena_free(memory->arena);
	free(memory->copy);
	memory->arena = arena_new(text.len + ROUNDING_BYTES);
	memory->copy = malloc(text.len ? text.len : 1);
	if (!memory->arena || !memory->copy)
		abort();
	if (text.len)
		memcpy(memory->copy, text.ptr, text.len);
	form_init(form, memory->arena, FORM_CHECK_FIELD_BYTES);
	rc = format->parse(form, (struct str){memory->copy, text.len}, &err);
	if (rc != err.status)
		abort();
	return rc;
}

bool form_check_is_same(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

static const char *compare(const struct form_format *format,
			   const struct form *a, const struct form *b)
{
	if (a->n_fields != b->n_fields)
		return "it comes back with other fields";
	for (size_t i = 0; i < a->n_fields; i++) {
		const struct form_field *x = &a->fields[i], *y = &b->fields[i];
		bool is_plain = format != &form_multipart || !x->name.len ||
				!memchr(x->name.ptr, '%', x->name.len);

		if (is_plain && !form_check_is_same(x->name, y->name))
			return "a name comes back as another name";
		if (!form_check_is_same(x->value, y->value) ||
		    x->type != y->type)
			return "a value comes back as another value";
	}
	return NULL;
}

const char *form_check_fault(const struct form_format *format,
			     const struct form *form, struct str text)
{
	size_t n_bytes = 0;
	const char *fault;
	struct form again;
	struct buf out;

	if (form->n_fields > REQUEST_FIELDS_MAX)
		return "too many fields";
	for (size_t i = 0; i < form->n_fields; i++) {
		const struct form_field *field = &form->fields[i];

		if (field->name.len > FORM_CHECK_FIELD_BYTES ||
		    field->value.len > FORM_CHECK_FIELD_BYTES)
			return "a field that is too long";
		if (field->type != FORM_TEXT && format != &form_json)
			return "a value that is no text";
		if (field->type == FORM_OTHER && field->value.len)
			return "a value of another type with a text";
		n_bytes += field->name.len + field->value.len;
	}
	if (n_bytes > text.len)
		return "fields that are longer than the text";
	buf_init(&out, WRITTEN_MAX_BYTES);
	format->write(&out, form->fields, form->n_fields);
	if (buf_status(&out, NULL) ||
	    form_check_parse(format, &again, (struct str){out.ptr, out.len}))
		fault = "it is refused when it is written";
	else
		fault = compare(format, form, &again);
	buf_release(&out);
	return fault;
}
