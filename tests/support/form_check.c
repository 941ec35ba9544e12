/*
 * See form_check.h.
 */
#include "base/base.h"
#include "tests/support/form_check.h"

#include <setjmp.h>

#include <cmocka.h>

enum {
	ARENA_BYTES = 1 << 16,
	SMALL_ARENA_BYTES = 16
};

static form_check_parse_fn *parse_fn;
static struct arena *arena;
static char *copy;

void form_check_open(form_check_parse_fn *parse)
{
	parse_fn = parse;
	arena = arena_new(ARENA_BYTES);
	assert_non_null(arena);
}

void form_check_close(void)
{
	arena_free(arena);
	free(copy);
	copy = NULL;
}

static enum cf_status parse_in(struct form *form, struct str text,
			       struct arena *in)
{
	free(copy);
	copy = malloc(text.len ? text.len : 1);
	assert_non_null(copy);
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	return parse_fn(form, (struct str){copy, text.len}, in,
			FORM_CHECK_FIELD_BYTES, NULL);
}

enum cf_status form_check_parse(struct form *form, struct str text)
{
	arena_reset(arena);
	return parse_in(form, text, arena);
}

void form_check_accepts(const struct form_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct form_field *last;
		struct form form;

		assert_int_equal(form_check_parse(&form,
						  str_from(cases[i].text)),
				 CF_OK);
		assert_int_equal(form.n_fields, cases[i].n_fields);
		if (!form.n_fields)
			continue;
		last = &form.fields[form.n_fields - 1];
		assert_true(str_eq(last->name, cases[i].name));
		assert_int_equal(last->is_text, cases[i].value != NULL);
		if (last->is_text)
			assert_true(str_eq(last->value, cases[i].value));
	}
}

void form_check_refuses(const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct form form;

		assert_int_equal(form_check_parse(&form, str_from(texts[i])),
				 CF_BAD_INPUT);
	}
}

void form_check_limits(form_check_write_fn *write)
{
	enum {
		MAX = FORM_CHECK_FIELD_BYTES
	};
	static const struct {
		size_t n_fields;
		int name_bytes, value_bytes;
		enum cf_status rc;
	} cases[] = {
		{1, MAX, MAX, CF_OK},
		{1, MAX + 1, 1, CF_BAD_INPUT},
		{1, 1, MAX + 1, CF_BAD_INPUT},
		{REQUEST_FIELDS_MAX, 2, 1, CF_OK},
		{REQUEST_FIELDS_MAX + 1, 2, 1, CF_BAD_INPUT},
	};
	struct arena *small = arena_new(SMALL_ARENA_BYTES);
	static char text[ARENA_BYTES / 2];
	struct form form;

	assert_non_null(small);
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		write(text, sizeof(text), cases[i].n_fields,
		      cases[i].name_bytes, cases[i].value_bytes);
		assert_int_equal(form_check_parse(&form, str_from(text)),
				 cases[i].rc);
		if (!cases[i].rc)
			assert_int_equal(form.n_fields, cases[i].n_fields);
	}
	write(text, sizeof(text), 1, MAX, MAX);
	assert_int_equal(parse_in(&form, str_from(text), small), CF_NOMEM);
	arena_free(small);
}
