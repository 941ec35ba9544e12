/*
 * json.c: a JSON object into fields.
 */
#include "base/base.h"
#include "http/json.h"

#include <setjmp.h>

#include <cmocka.h>

enum { ARENA_BYTES = 1 << 16, MAX_FIELD = 32 };

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	http_json_open();
	arena = arena_new(ARENA_BYTES);
	return arena ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static enum cf_status parse(struct form *form, struct str text)
{
	char *copy = malloc(text.len ? text.len : 1);
	enum cf_status rc;

	assert_non_null(copy);
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	arena_reset(arena);
	rc = http_json_parse(form, (struct str){copy, text.len}, arena,
			     MAX_FIELD, NULL);
	free(copy);
	return rc;
}

static void members_become_fields(void **state)
{
	const struct form_field *field;
	struct form form;

	(void)state;
	assert_int_equal(parse(&form, STR_LIT(" {\"pid\":\"p\", \"code\" : "
					      "\"\\u00fc\\\"\\n\",\"n\":1,"
					      "\"o\":{\"x\":[]},"
					      "\"z\":null}\r\n")),
			 CF_OK);
	assert_int_equal(form.n_fields, 5);
	assert_int_equal(form_find(&form, "pid", &field), 1);
	assert_true(field->is_text && str_eq(field->value, "p"));
	assert_int_equal(form_find(&form, "code", &field), 1);
	assert_true(field->is_text && str_eq(field->value, "\xc3\xbc\"\n"));
	assert_int_equal(form_find(&form, "n", &field), 1);
	assert_false(field->is_text);
	assert_int_equal(form_find(&form, "o", &field), 1);
	assert_false(field->is_text);
	assert_int_equal(form_find(&form, "z", &field), 1);
	assert_false(field->is_text);
	assert_int_equal(parse(&form, STR_LIT("{}")), CF_OK);
	assert_int_equal(form.n_fields, 0);
}

static void what_is_not_one_object_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"{",
		"}",
		"[]",
		"[{\"pid\":\"p\"}]",
		"\"pid\"",
		"1",
		"null",
		"{\"pid\":\"p\"} x",
		"{\"pid\":\"p\"}{}",
		"{\"pid\":\"p\"},",
		"{\"pid\":\"p\",}",
		"{pid:\"p\"}",
		"{'pid':'p'}",
		"{\"pid\":\"p\",\"pid\":\"q\"}",
		"{\"pid\":\"p\",\"p\\u0069d\":\"q\"}",
		"{\"o\":{\"a\":1,\"a\":2}}",
		"{\"pid\":\"a\\u0000b\"}",
		"{\"a\\u0000b\":\"p\"}",
		"{\"pid\":\"\\ud800\"}",
		"{\"pid\":\"\\x41\"}",
		"{\"pid\":\"\xff\"}",
		"{\"pid\":\"a\nb\"}",
		"{\"pid\":\"p\"",
		"{\"pid\":\"p",
		"{\"pid\":1e999}",
		"{\"pid\":NaN}",
		"\xef\xbb\xbf{}",
		"/**/{}",
		"pid=p&code=c",
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++) {
		struct form form;

		assert_int_equal(parse(&form, str_from(texts[i])),
				 CF_BAD_INPUT);
	}
}

static void raw_nuls_are_refused(void **state)
{
	struct form form;

	(void)state;
	assert_int_equal(parse(&form, STR_LIT("{\"a\":\"b\0c\"}")),
			 CF_BAD_INPUT);
	assert_int_equal(parse(&form, STR_LIT("{}\0")), CF_BAD_INPUT);
	assert_int_equal(parse(&form, STR_LIT("\0{}")), CF_BAD_INPUT);
}

/* {"a":[[...1...]]}, depth brackets in all */
static void nest(char *text, size_t size, int depth)
{
	size_t n = (size_t)snprintf(text, size, "{\"a\":");

	for (int i = 1; i < depth; i++)
		text[n++] = '[';
	text[n++] = '1';
	for (int i = 1; i < depth; i++)
		text[n++] = ']';
	text[n++] = '}';
	text[n] = '\0';
}

static void depth_has_a_limit(void **state)
{
	static char text[20000];
	struct form form;

	(void)state;
	nest(text, sizeof(text), REQUEST_JSON_DEPTH_MAX);
	assert_int_equal(parse(&form, str_from(text)), CF_OK);
	nest(text, sizeof(text), REQUEST_JSON_DEPTH_MAX + 1);
	assert_int_equal(parse(&form, str_from(text)), CF_BAD_INPUT);
	nest(text, sizeof(text), 5000);
	assert_int_equal(parse(&form, str_from(text)), CF_BAD_INPUT);
}

static void brackets_in_strings_are_no_depth(void **state)
{
	struct form form;

	(void)state;
	assert_int_equal(parse(&form,
			       STR_LIT("{\"a\":\"[[[[[[[[[[[[\\\"[[[[\"}")),
			 CF_OK);
	assert_true(str_eq(form.fields[0].value, "[[[[[[[[[[[[\"[[[["));
}

static void one_field_too_many_is_refused(void **state)
{
	char text[512];
	struct form form;

	(void)state;
	for (int over = 0; over < 2; over++) {
		size_t n = 1;

		text[0] = '{';
		for (int i = 0; i < REQUEST_FIELDS_MAX + over; i++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
					      "%s\"k%d\":\"\"", i ? "," : "",
					      i);
		(void)snprintf(text + n, sizeof(text) - n, "}");
		assert_int_equal(parse(&form, str_from(text)),
				 over ? CF_BAD_INPUT : CF_OK);
	}
}

static void a_field_too_long_is_refused(void **state)
{
	char text[128];
	struct form form;

	(void)state;
	for (int over = 0; over < 2; over++) {
		(void)snprintf(text, sizeof(text), "{\"a\":\"%0*d\"}",
			       MAX_FIELD + over, 0);
		assert_int_equal(parse(&form, str_from(text)),
				 over ? CF_BAD_INPUT : CF_OK);
		(void)snprintf(text, sizeof(text), "{\"%0*d\":0}",
			       MAX_FIELD + over, 0);
		assert_int_equal(parse(&form, str_from(text)),
				 over ? CF_BAD_INPUT : CF_OK);
	}
}

static void what_was_typed_stays_out_of_the_error(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	struct form form;

	(void)state;
	assert_int_equal(http_json_parse(&form, STR_LIT("{\"code\":K7XQ}"),
					 arena, MAX_FIELD, &err),
			 CF_BAD_INPUT);
	assert_null(strstr(err.text, "K7XQ"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_become_fields),
		cmocka_unit_test(what_is_not_one_object_is_refused),
		cmocka_unit_test(raw_nuls_are_refused),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(brackets_in_strings_are_no_depth),
		cmocka_unit_test(one_field_too_many_is_refused),
		cmocka_unit_test(a_field_too_long_is_refused),
		cmocka_unit_test(what_was_typed_stays_out_of_the_error),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
