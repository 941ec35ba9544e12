/*
 * Percent-decoding of key=value pairs: the URL Standard's parser of
 * application/x-www-form-urlencoded, but strict about escapes, which no
 * browser writes wrongly.
 */
#include "base/base.h"
#include "http/form.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decode text to *to, which is moved past it; false for a bad escape. */
static bool decode(struct str text, char **to, struct str *out)
{
	char *end = *to;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high, low;

			if (text.len - i < 3)
				return false;
			high = hex_digit(text.ptr[i + 1]);
			low = hex_digit(text.ptr[i + 2]);
			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		}
		*end++ = c;
	}
	*out = (struct str){*to, (size_t)(end - *to)};
	*to = end;
	return true;
}

/* Cut text at the first c: what is before it is returned, text is what is
 * behind it. Without c, all of text, and text is empty. */
static struct str cut(struct str *text, char c)
{
	struct str part = *text;
	const char *at = text->len ? memchr(text->ptr, c, text->len) : NULL;

	if (!at) {
		text->len = 0;
		return part;
	}
	part.len = (size_t)(at - text->ptr);
	text->ptr += part.len + 1;
	text->len -= part.len + 1;
	return part;
}

enum cf_status form_add(struct form *form, struct form_field field,
			int64_t max_field_bytes, struct cf_error *err)
{
	if (form->n_fields == REQUEST_FIELDS_MAX)
		return cf_fail(err, CF_BAD_INPUT, "more than %d fields",
			       REQUEST_FIELDS_MAX);
	if (field.name.len > (uint64_t)max_field_bytes ||
	    field.value.len > (uint64_t)max_field_bytes)
		return cf_fail(err, CF_BAD_INPUT,
			       "field %zu has more than %lld bytes",
			       form->n_fields + 1, (long long)max_field_bytes);
	form->fields[form->n_fields++] = field;
	return CF_OK;
}

enum cf_status form_parse(struct form *form, struct str text,
			  struct arena *arena, int64_t max_field_bytes,
			  struct cf_error *err)
{
	char *to;

	form->n_fields = 0;
	if (!text.len)
		return CF_OK;
	to = arena_alloc(arena, text.len); /* decoding never makes longer */
	if (!to)
		return cf_fail(err, CF_NOMEM, "no room for %zu bytes of fields",
			       text.len);
	while (text.len) {
		struct str value = cut(&text, '&');
		struct form_field field = {.is_text = true};
		struct str name;
		enum cf_status rc;

		if (!value.len)
			continue;
		name = cut(&value, '=');
		if (!decode(name, &to, &field.name) ||
		    !decode(value, &to, &field.value))
			return cf_fail(err, CF_BAD_INPUT,
				       "field %zu: %% without two hexadecimal "
				       "digits",
				       form->n_fields + 1);
		rc = form_add(form, field, max_field_bytes, err);
		if (rc)
			return rc;
	}
	return CF_OK;
}

size_t form_find(const struct form *form, const char *name,
		 const struct form_field **field)
{
	size_t n = 0;

	*field = NULL;
	for (size_t i = 0; i < form->n_fields; i++) {
		if (!str_eq(form->fields[i].name, name))
			continue;
		if (!n++)
			*field = &form->fields[i];
	}
	return n;
}

static bool same_name(const struct form_field *a, const struct form_field *b)
{
	return a->name.len == b->name.len &&
	       (!a->name.len ||
		!memcmp(a->name.ptr, b->name.ptr, a->name.len));
}

bool form_has_repeat(const struct form *form)
{
	for (size_t i = 1; i < form->n_fields; i++)
		for (size_t j = 0; j < i; j++)
			if (same_name(&form->fields[i], &form->fields[j]))
				return true;
	return false;
}
