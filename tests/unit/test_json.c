/*
 * json.c: parsing of a JSON object into fields.
 */
#include "base/base.h"
#include "http/json.h"

#include "tests/support/form_check.h"

#include <setjmp.h>

#include <cmocka.h>

static int set_up(void **state)
{
	(void)state;
	http_json_open();
	form_check_open(http_json_parse);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	form_check_close();
	return 0;
}

static void members_become_fields(void **state)
{
	static const struct form_case cases[] = {
		{"{}", 0, NULL, NULL},
		{" {\"pid\":\"p\"}\r\n", 1, "pid", "p"},
		{"{\"a\":1, \"code\" : \"\\u00fc\\\"\\n\"}", 2, "code",
		 "\xc3\xbc\"\n"},
		{"{\"n\":1}", 1, "n", NULL},
		{"{\"o\":{\"x\":[]}}", 1, "o", NULL},
		{"{\"z\":null}", 1, "z", NULL},
		/* brackets in a string do not nest */
		{"{\"a\":\"[[[[[[[[[[[[\\\"[[[[\"}", 1, "a",
		 "[[[[[[[[[[[[\"[[[["},
	};

	(void)state;
	form_check_accepts(cases, CF_ARRAY_LEN(cases));
}

static void text_other_than_one_object_is_refused(void **state)
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
	form_check_refuses(texts, CF_ARRAY_LEN(texts));
}

static void raw_nuls_are_refused(void **state)
{
	static const struct str texts[] = {
		{"{\"a\":\"b\0c\"}", 11}, {"{}\0", 3}, {"\0{}", 3}};
	struct form form;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++)
		assert_int_equal(form_check_parse(&form, texts[i]),
				 CF_BAD_INPUT);
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
	assert_int_equal(form_check_parse(&form, str_from(text)), CF_OK);
	nest(text, sizeof(text), REQUEST_JSON_DEPTH_MAX + 1);
	assert_int_equal(form_check_parse(&form, str_from(text)), CF_BAD_INPUT);
	nest(text, sizeof(text), 5000);
	assert_int_equal(form_check_parse(&form, str_from(text)), CF_BAD_INPUT);
}

static void write_json(char *text, size_t size, size_t n_fields,
		       int name_bytes, int value_bytes)
{
	size_t n = (size_t)snprintf(text, size, "{");

	for (size_t i = 0; i < n_fields; i++)
		n += (size_t)snprintf(text + n, size - n,
				      "%s\"%0*zu\":\"%0*d\"", i ? "," : "",
				      name_bytes, i, value_bytes, 0);
	(void)snprintf(text + n, size - n, "}");
}

static void limits_are_kept(void **state)
{
	(void)state;
	form_check_limits(write_json);
}

static void the_error_does_not_repeat_an_answer(void **state)
{
	struct arena *arena = arena_new(1024);
	struct cf_error err = CF_ERROR_INIT;
	struct form form;

	(void)state;
	assert_int_equal(http_json_parse(&form, STR_LIT("{\"code\":K7XQ}"),
					 arena, FORM_CHECK_FIELD_BYTES, &err),
			 CF_BAD_INPUT);
	assert_null(strstr(err.text, "K7XQ"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_become_fields),
		cmocka_unit_test(text_other_than_one_object_is_refused),
		cmocka_unit_test(raw_nuls_are_refused),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(the_error_does_not_repeat_an_answer),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
