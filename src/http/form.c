/*
 * Parse application/x-www-form-urlencoded as in the URL Standard, but refuse
 * broken escapes: no browser writes them.
 */
#include "base/base.h"
#include "http/form.h"

#include "base/text.h"

/* Decode text to *to, and move *to past it; false for a bad escape. */
static bool decode(struct str text, char **to, struct str *out)
{
	ssize_t n = text_decode_url(text, true, *to, text.len);

	if (n < 0)
		return false;
	*out = (struct str){*to, (size_t)n};
	*to += n;
	return true;
}

void form_init(struct form *form, struct arena *arena, int64_t field_max_bytes)
{
	form->arena = arena;
	form->field_max_bytes = field_max_bytes;
	form->detail = NULL;
	form->n_fields = 0;
}

enum cf_status form_add(struct form *form, struct form_field field,
			struct cf_error *err)
{
	uint64_t max = (uint64_t)form->field_max_bytes;

	if (form->n_fields == REQUEST_FIELDS_MAX)
		return cf_fail(err, CF_BAD_INPUT, "more than %d fields",
			       REQUEST_FIELDS_MAX);
	if (field.name.len > max || field.value.len > max)
		return cf_fail(err, CF_BAD_INPUT,
			       "field %zu has more than %lld bytes",
			       form->n_fields + 1,
			       (long long)form->field_max_bytes);
	form->fields[form->n_fields++] = field;
	return CF_OK;
}

enum cf_status form_parse(struct form *form, struct str text,
			  struct cf_error *err)
{
	char *to;

	if (!text.len)
		return CF_OK;
	to = arena_alloc(form->arena, text.len); /* decoded, never longer */
	if (!to)
		return cf_fail(err, CF_NOMEM, "no room for %zu bytes of fields",
			       text.len);
	while (text.len) {
		struct str value = text_cut(&text, '&');
		struct form_field field = {.type = FORM_TEXT};
		struct str name;
		enum cf_status rc;

		if (!value.len)
			continue;
		name = text_cut(&value, '=');
		if (!decode(name, &to, &field.name) ||
		    !decode(value, &to, &field.value))
			return cf_fail(err, CF_BAD_INPUT,
				       "field %zu: %% without two hexadecimal "
				       "digits",
				       form->n_fields + 1);
		rc = form_add(form, field, err);
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
