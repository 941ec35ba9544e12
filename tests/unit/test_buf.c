/*
 * buf.c: growth up to the maximum, poison beyond it, and borrowed texts.
 */
#include "base/base.h"
#include "base/buf.h"
#include "tests/support/check.h"

static struct cf_error err;

static void adds_follow_one_another(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	assert_ok(buf_status(&buf, &err), &err);
	buf_add_str(&buf, "a");
	buf_add_char(&buf, 'b');
	buf_add(&buf, "c\0d", 3);
	buf_addf(&buf, "%d-%s", 42, "e");
	buf_add(&buf, NULL, 0);
	buf_add_str(&buf, "");
	assert_int_equal(buf.len, 9);
	assert_memory_equal(buf.ptr, "abc\0d42-e", 10); /* with a NUL */
	assert_ok(buf_status(&buf, &err), &err);
	buf_release(&buf);
	assert_null(buf.ptr);
	assert_int_equal(buf.len, 0);
	buf_release(&buf); /* empty: no fault */
}

static void content_grows_to_the_maximum_and_no_further(void **state)
{
	static const size_t maxima[] = {0, 1, 255, 256, 257, 511, 512, 10000};
	struct buf buf;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(maxima); i++) {
		buf_init(&buf, maxima[i]);
		for (size_t n = 0; n < maxima[i]; n++)
			buf_add_char(&buf, 'x');
		assert_ok(buf_status(&buf, &err), &err);
		assert_int_equal(buf.len, maxima[i]);
		buf_add_char(&buf, 'x');
		assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
		assert_int_equal(buf.len, maxima[i]);
		buf_release(&buf);
	}
}

static void a_poisoned_buffer_takes_nothing_until_reset(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	buf_add_str(&buf, "1234");
	buf_add_str(&buf, "too long");
	buf_add_str(&buf, "5"); /* which would fit */
	buf_addf(&buf, "%d", 5);
	buf_add(&buf, NULL, 0);
	assert_null(buf_room(&buf, 0));
	assert_string_equal(buf.ptr, "1234");
	assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
	assert_has(err.text, "5 bytes");
	buf_reset(&buf);
	assert_ok(buf_status(&buf, &err), &err);
	assert_int_equal(buf.len, 0);
	buf_add_str(&buf, "12345");
	assert_ok(buf_status(&buf, &err), &err);
	assert_string_equal(buf.ptr, "12345");
	buf_addf(&buf, "%s", "6");
	assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
	buf_truncate(&buf, 3);
	assert_ok(buf_status(&buf, &err), &err);
	assert_string_equal(buf.ptr, "123");
	buf_release(&buf);
	assert_int_equal(buf.max, 5); /* and it can be used again */
	buf_add_str(&buf, "again");
	assert_ok(buf_status(&buf, &err), &err);
	buf_release(&buf);
}

static void lengths_that_overflow_are_too_large(void **state)
{
	static const size_t lengths[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 4,
					 SIZE_MAX / 2 + 1};
	struct buf buf;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(lengths); i++) {
		buf_init(&buf, 1000);
		buf_add_str(&buf, "four");
		assert_null(buf_room(&buf, lengths[i]));
		assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
		assert_string_equal(buf.ptr, "four");
		buf_release(&buf);
	}
}

static void no_memory_poisons_as_well(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX / 4);
	buf_add_str(&buf, "kept");
	assert_null(buf_room(&buf, SIZE_MAX / 8));
	assert_status(buf_status(&buf, &err), CF_NOMEM, &err);
	assert_string_equal(buf.ptr, "kept");
	buf_add_str(&buf, "no");
	assert_int_equal(buf.len, 4);
	buf_release(&buf);
}

static void room_is_written_by_the_caller(void **state)
{
	struct buf buf;
	char *room;

	(void)state;
	buf_init(&buf, 300);
	room = buf_room(&buf, 300);
	assert_non_null(room);
	memset(room, 'y', 300);
	buf_grow(&buf, 0);
	assert_int_equal(buf.len, 0);
	memset(room, 'y', 300);
	buf_grow(&buf, 299);
	assert_int_equal(buf.len, 299);
	assert_int_equal(buf.ptr[299], '\0');
	assert_non_null(buf_room(&buf, 1));
	assert_null(buf_room(&buf, 2));
	buf_release(&buf);
}

static void memory_is_kept_over_a_reset(void **state)
{
	struct buf buf;
	char *ptr;

	(void)state;
	buf_init(&buf, 5000);
	for (int i = 0; i < 4000; i++)
		buf_add_char(&buf, 'x');
	ptr = buf.ptr;
	buf_reset(&buf);
	assert_string_equal(buf.ptr, "");
	for (int i = 0; i < 4000; i++)
		buf_add_char(&buf, 'z');
	assert_ptr_equal(buf.ptr, ptr);
	buf_release(&buf);
}

static void html_is_escaped(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	buf_add_html(&buf, STR_LIT("<a href=\"x\" id='y'>&amp;\xc3\xa9</a>"));
	assert_string_equal(buf.ptr,
			    "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;"
			    "&amp;amp;\xc3\xa9&lt;/a&gt;");
	buf_release(&buf);
	buf_init(&buf, 4); /* half an escape would be no text */
	buf_add_html(&buf, STR_LIT("'"));
	assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
	assert_int_equal(buf.len, 0);
	buf_release(&buf);
}

static void texts_compare_by_their_length(void **state)
{
	struct str text = {"abcdef", 3};

	(void)state;
	assert_true(str_eq(text, "abc"));
	assert_false(str_eq(text, "abcd"));
	assert_false(str_eq(text, "ab"));
	assert_true(str_eq((struct str)STR_INIT, ""));
	assert_false(str_eq((struct str){"a\0b", 3}, "a"));
	assert_true(str_eq_nocase(text, "AbC"));
	assert_false(str_eq_nocase(text, "AbD"));
	assert_true(str_starts(text, ""));
	assert_true(str_starts(text, "ab"));
	assert_false(str_starts(text, "abcd")); /* though it stands there */
	assert_true(str_ends(text, "bc"));
	assert_true(str_ends(text, ""));
	assert_false(str_ends(text, "xabc"));
	assert_false(str_ends((struct str)STR_INIT, "c"));
	assert_int_equal(str_from(NULL).len, 0);
	assert_int_equal(str_from("four").len, 4);
	text = str_trim(str_from(" \t\n\v\f\ra \xa0\r\n"));
	assert_int_equal(text.len, 3);
	assert_memory_equal(text.ptr, "a \xa0", 3);
	assert_int_equal(str_trim(str_from(" \t ")).len, 0);
	assert_int_equal(str_trim((struct str)STR_INIT).len, 0);
}

static void numbers_are_decimal(void **state)
{
	static const struct {
		int64_t n;
		const char *text;
	} cases[] = {
		{0, "0"},
		{7, "7"},
		{-10, "-10"},
		{INT64_MAX, "9223372036854775807"},
		{INT64_MIN, "-9223372036854775808"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct buf buf;

		buf_init(&buf, 64);
		buf_add_number(&buf, cases[i].n);
		assert_string_equal(buf.ptr, cases[i].text);
		buf_release(&buf);
	}
}

static void json_has_its_commas_and_escapes(void **state)
{
	static const char expected[] =
		"{\"a\":\"\",\"b\":-5,\"c\":[\"x\",\"y\"],\"d\":[],"
		"\"e\":{\"f\":true,\"g\":false},\"h\":\"raw\","
		"\"q\\\"\\\\\":\"\\\"\\\\\\u0000\\u001f/\xc3\xbc{\",\"z\":1}";
	static const char text[] = "\"\\\0\x1f/\xc3\xbc{";
	struct buf buf;

	(void)state;
	buf_init(&buf, 1024);
	buf_open_json(&buf, NULL, '{');
	buf_add_json(&buf, "a", (struct str)STR_INIT);
	buf_add_json_number(&buf, "b", -5);
	buf_open_json(&buf, "c", '[');
	buf_add_json(&buf, NULL, STR_LIT("x"));
	buf_add_json(&buf, NULL, STR_LIT("y"));
	buf_close_json(&buf, ']');
	buf_open_json(&buf, "d", '[');
	buf_close_json(&buf, ']');
	buf_open_json(&buf, "e", '{');
	buf_add_json_bool(&buf, "f", true);
	buf_add_json_bool(&buf, "g", false);
	buf_close_json(&buf, '}');
	buf_open_json(&buf, "h", '"');
	buf_add_str(&buf, "raw");
	buf_close_json(&buf, '"');
	buf_add_json(&buf, "q\"\\", STR_LIT(text));
	buf_add_json_number(&buf, "z", 1);
	buf_close_json(&buf, '}');
	assert_string_equal(buf.ptr, expected);
	buf_release(&buf);
}

static void json_without_room_poisons_the_buffer(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 8);
	buf_open_json(&buf, NULL, '{');
	buf_add_json(&buf, "name", STR_LIT("value"));
	buf_add_json_number(&buf, "n", 1);
	buf_close_json(&buf, '}');
	assert_int_equal(buf_status(&buf, NULL), CF_TOO_LARGE);
	buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_decimal),
		cmocka_unit_test(json_has_its_commas_and_escapes),
		cmocka_unit_test(json_without_room_poisons_the_buffer),
		cmocka_unit_test(adds_follow_one_another),
		cmocka_unit_test(content_grows_to_the_maximum_and_no_further),
		cmocka_unit_test(a_poisoned_buffer_takes_nothing_until_reset),
		cmocka_unit_test(lengths_that_overflow_are_too_large),
		cmocka_unit_test(no_memory_poisons_as_well),
		cmocka_unit_test(room_is_written_by_the_caller),
		cmocka_unit_test(memory_is_kept_over_a_reset),
		cmocka_unit_test(html_is_escaped),
		cmocka_unit_test(texts_compare_by_their_length),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
