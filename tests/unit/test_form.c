/*
 * form.c: percent-decoding of key=value pairs.
 */
#include "base/base.h"
#include "http/form.h"

#include <setjmp.h>

#include <cmocka.h>

enum { ARENA_BYTES = 1 << 16, MAX_FIELD = 32 };

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
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
	/* a copy of just its size, so that a sanitizer sees an overread */
	char *copy = malloc(text.len ? text.len : 1);
	enum cf_status rc;

	assert_non_null(copy);
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	arena_reset(arena);
	rc = form_parse(form, (struct str){copy, text.len}, arena, MAX_FIELD,
			NULL);
	free(copy);
	return rc;
}

static void fields_are_decoded(void **state)
{
	static const struct {
		const char *text;
		size_t n_fields;
		const char *name;
		const char *value;
	} cases[] = {
		{"a=b", 1, "a", "b"},
		{"a=", 1, "a", ""},
		{"a", 1, "a", ""},
		{"=b", 1, "", "b"},
		{"=", 1, "", ""},
		{"a=b=c", 1, "a", "b=c"},
		{"a=b&c=d", 2, "a", "b"},
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
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct form form;

		assert_int_equal(parse(&form, str_from(cases[i].text)), CF_OK);
		assert_int_equal(form.n_fields, cases[i].n_fields);
		assert_true(str_eq(form.fields[0].name, cases[i].name));
		assert_true(str_eq(form.fields[0].value, cases[i].value));
		assert_true(form.fields[0].is_text);
	}
}

static void nothing_has_no_fields(void **state)
{
	static const char *const texts[] = {"", "&", "&&&"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++) {
		struct form form;

		assert_int_equal(parse(&form, str_from(texts[i])), CF_OK);
		assert_int_equal(form.n_fields, 0);
	}
}

static void a_nul_is_a_byte(void **state)
{
	struct form form;

	(void)state;
	assert_int_equal(parse(&form, STR_LIT("a=x%00y")), CF_OK);
	assert_int_equal(form.fields[0].value.len, 3);
	assert_memory_equal(form.fields[0].value.ptr, "x\0y", 3);
	assert_int_equal(parse(&form, STR_LIT("a=x\0y")), CF_OK);
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
	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++) {
		struct form form;

		assert_int_equal(parse(&form, str_from(texts[i])),
				 CF_BAD_INPUT);
	}
}

static void one_field_too_many_is_refused(void **state)
{
	char text[2 * (REQUEST_FIELDS_MAX + 1) + 1];
	struct form form;

	(void)state;
	for (size_t i = 0; i <= REQUEST_FIELDS_MAX; i++)
		memcpy(text + 2 * i, "a&", 3);
	text[2 * REQUEST_FIELDS_MAX] = '\0';
	assert_int_equal(parse(&form, str_from(text)), CF_OK);
	assert_int_equal(form.n_fields, REQUEST_FIELDS_MAX);
	text[2 * REQUEST_FIELDS_MAX] = 'a';
	assert_int_equal(parse(&form, str_from(text)), CF_BAD_INPUT);
}

static void a_field_too_long_is_refused(void **state)
{
	/* lengths after decoding count */
	for (size_t over = 0; over < 2; over++) {
		char name[MAX_FIELD + 2], text[4 * MAX_FIELD];
		struct form form;
		char *end = text + 2;

		(void)state;
		memset(name, 'n', MAX_FIELD + over);
		name[MAX_FIELD + over] = '\0';
		assert_int_equal(parse(&form, str_from(name)),
				 over ? CF_BAD_INPUT : CF_OK);
		memcpy(text, "a=", 2);
		for (size_t i = 0; i < MAX_FIELD + over; i++, end += 3)
			memcpy(end, "%41", 3);
		assert_int_equal(parse(&form, (struct str){text,
						    (size_t)(end - text)}),
				 over ? CF_BAD_INPUT : CF_OK);
	}
}

static void find_counts_and_gives_the_first(void **state)
{
	const struct form_field *field;
	struct form form;

	(void)state;
	assert_int_equal(parse(&form, STR_LIT("a=1&b=2&a=3&aa=4")), CF_OK);
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

		assert_int_equal(parse(&form, str_from(cases[i].text)), CF_OK);
		assert_int_equal(form_has_repeat(&form), cases[i].has_repeat);
	}
}

static void fields_without_room_are_no_memory(void **state)
{
	struct arena *small = arena_new(16);
	struct form form;

	(void)state;
	assert_non_null(small);
	assert_int_equal(form_parse(&form, STR_LIT("a=01234567890123456789"),
				    small, MAX_FIELD, NULL),
			 CF_NOMEM);
	arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded),
		cmocka_unit_test(nothing_has_no_fields),
		cmocka_unit_test(a_nul_is_a_byte),
		cmocka_unit_test(bad_escapes_are_refused),
		cmocka_unit_test(one_field_too_many_is_refused),
		cmocka_unit_test(a_field_too_long_is_refused),
		cmocka_unit_test(find_counts_and_gives_the_first),
		cmocka_unit_test(repeats_are_seen_after_decoding),
		cmocka_unit_test(fields_without_room_are_no_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
