/*
 * form.c: parsing of name=value pairs.
 */
#include "base/base.h"
#include "http/form.h"

#include "tests/support/form_check.h"

#include <setjmp.h>

#include <cmocka.h>

static int set_up(void **state)
{
	(void)state;
	form_check_open(form_parse);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	form_check_close();
	return 0;
}

static void fields_are_decoded(void **state)
{
	static const struct form_case cases[] = {
		{"", 0, NULL, NULL},
		{"&", 0, NULL, NULL},
		{"&&&", 0, NULL, NULL},
		{"a=b", 1, "a", "b"},
		{"a=", 1, "a", ""},
		{"a", 1, "a", ""},
		{"=b", 1, "", "b"},
		{"=", 1, "", ""},
		{"a=b=c", 1, "a", "b=c"},
		{"a=b&c=d", 2, "c", "d"},
		{"&&a=b&", 1, "a", "b"},
		{"a=x+y", 1, "a", "x y"},
		{"a=x%2By", 1, "a", "x+y"},
		{"a=%c3%BC", 1, "a", "\xc3\xbc"},
		{"%61=%26%3d", 1, "a", "&="},
		{"a=%2525", 1, "a", "%25"},
		{"a=../../etc/passwd", 1, "a", "../../etc/passwd"},
		{"a=\xff\x01", 1, "a", "\xff\x01"},
	};

	(void)state;
	form_check_accepts(cases, CF_ARRAY_LEN(cases));
}

static void a_nul_is_a_byte(void **state)
{
	struct form form;

	(void)state;
	assert_int_equal(form_check_parse(&form, STR_LIT("a=x%00y")), CF_OK);
	assert_int_equal(form.fields[0].value.len, 3);
	assert_memory_equal(form.fields[0].value.ptr, "x\0y", 3);
	assert_int_equal(form_check_parse(&form, STR_LIT("a=x\0y")), CF_OK);
	assert_int_equal(form.fields[0].value.len, 3);
}

static void bad_escapes_are_refused(void **state)
{
	static const char *const texts[] = {
		"a=%",	 "a=%4",  "a=%zz",  "a=%4g",	"a=%g4",
		"%=a",	 "%4=a",  "a=%&b=", "a=%%%",	"a=%-1",
		"a=% 1", "a=%0x", "a=%+1",  "%%=a",	"a&b%",
		"a=b&c=%2",	  "a=%u0041",
	};

	(void)state;
	form_check_refuses(texts, CF_ARRAY_LEN(texts));
}

/* Decoded lengths count. */
static void write_form(char *text, size_t size, size_t n_fields,
		       int name_bytes, int value_bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < n_fields; i++) {
		n += (size_t)snprintf(text + n, size - n, "%s%0*zu=",
				      i ? "&" : "", name_bytes, i);
		for (int j = 0; j < value_bytes; j++)
			n += (size_t)snprintf(text + n, size - n, "%%41");
	}
}

static void limits_are_kept(void **state)
{
	(void)state;
	form_check_limits(write_form);
}

static void find_counts_and_gives_the_first(void **state)
{
	const struct form_field *field;
	struct form form;

	(void)state;
	assert_int_equal(form_check_parse(&form, STR_LIT("a=1&b=2&a=3&aa=4")),
			 CF_OK);
	assert_int_equal(form_find(&form, "a", &field), 2);
	assert_true(str_eq(field->value, "1"));
	assert_int_equal(form_find(&form, "b", &field), 1);
	assert_int_equal(form_find(&form, "A", &field), 0);
	assert_null(field);
}

static void repeats_are_seen_after_decoding(void **state)
{
	static const struct {
		const char *text;
		bool has_repeat;
	} cases[] = {
		{"a=1&b=2", false}, {"a=1&a=1", true}, {"a=1&%61=2", true},
		{"a&b&c&b", true},  {"=1&=2", true},   {"a&A", false},
		{"a", false},	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct form form;

		assert_int_equal(form_check_parse(&form,
						  str_from(cases[i].text)),
				 CF_OK);
		assert_int_equal(form_has_repeat(&form), cases[i].has_repeat);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded),
		cmocka_unit_test(a_nul_is_a_byte),
		cmocka_unit_test(bad_escapes_are_refused),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(find_counts_and_gives_the_first),
		cmocka_unit_test(repeats_are_seen_after_decoding),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
