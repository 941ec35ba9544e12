/*
 * buf.c: a buffer grows to its maximum and then refuses; texts that are
 * borrowed; HTML, numbers and JSON.
 */
#include "base/base.h"
#include "base/buf.h"
#include "tests/support/check.h"

static struct cf_error err;
static struct buf buf;

static int tear_down(void **state)
{
	buf_release(&buf);
	return 0;
}

static void adds_are_appended(void **state)
{
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
}

static void a_buffer_grows_to_its_maximum(void **state)
{
	static const size_t maxima[] = {0, 1, 255, 256, 257, 511, 512, 10000};

	for (size_t i = 0; i < CF_ARRAY_LEN(maxima); i++) {
		buf_init(&buf, maxima[i]);
		for (size_t n = 0; n < maxima[i]; n++)
			buf_add_char(&buf, 'x');
		assert_ok(buf_status(&buf, &err), &err);
		buf_add_char(&buf, 'x');
		assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
		assert_int_equal(buf.len, maxima[i]);
		buf_release(&buf);
	}
}

static void a_poisoned_buffer_refuses_until_reset(void **state)
{
	buf_init(&buf, 5);
	buf_add_str(&buf, "1234");
	buf_add_str(&buf, "too long");
	buf_add_str(&buf, "5"); /* which would fit */
	buf_addf(&buf, "%d", 5);
	assert_null(buf_room(&buf, 0));
	assert_string_equal(buf.ptr, "1234");
	assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
	assert_has(err.text, "5 bytes");
	buf_reset(&buf);
	assert_ok(buf_status(&buf, &err), &err);
	buf_add_str(&buf, "12345");
	assert_string_equal(buf.ptr, "12345");
	buf_addf(&buf, "%s", "6");
	assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
	buf_truncate(&buf, 3);
	assert_ok(buf_status(&buf, &err), &err);
	assert_string_equal(buf.ptr, "123");
	buf_release(&buf);
	assert_int_equal(buf.max, 5);
	buf_add_str(&buf, "again");
	assert_ok(buf_status(&buf, &err), &err);
}

static void lengths_without_room_poison(void **state)
{
	static const struct {
		size_t max, n;
		enum cf_status status;
	} rows[] = {
		{1000, SIZE_MAX, CF_TOO_LARGE},
		{1000, SIZE_MAX - 1, CF_TOO_LARGE},
		{1000, SIZE_MAX - 4, CF_TOO_LARGE},
		{1000, SIZE_MAX / 2 + 1, CF_TOO_LARGE},
		{SIZE_MAX - 1, SIZE_MAX / 2, CF_NOMEM},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		buf_init(&buf, rows[i].max);
		buf_add_str(&buf, "four");
		assert_null(buf_room(&buf, rows[i].n));
		assert_status(buf_status(&buf, &err), rows[i].status, &err);
		buf_add_str(&buf, "no");
		assert_string_equal(buf.ptr, "four");
		assert_int_equal(buf.len, 4);
		buf_release(&buf);
	}
}

static void the_caller_writes_into_room(void **state)
{
	char *room;

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
}

static void a_reset_keeps_the_memory(void **state)
{
	char *ptr = NULL;

	buf_init(&buf, 5000);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 4000; i++)
			buf_add_char(&buf, 'x');
		if (round)
			assert_ptr_equal(buf.ptr, ptr);
		ptr = buf.ptr;
		buf_reset(&buf);
		assert_string_equal(buf.ptr, "");
	}
}

static void texts_compare_by_their_length(void **state)
{
	static const struct {
		struct str a;
		const char *b;
		bool eq, eq_nocase, starts, ends;
	} rows[] = {
		{{"abcdef", 3}, "abc", true, true, true, true},
		{{"abcdef", 3}, "abcd", false, false, false, false},
		{{"abcdef", 3}, "ab", false, false, true, false},
		{{"abcdef", 3}, "bc", false, false, false, true},
		{{"abcdef", 3}, "", false, false, true, true},
		{{"abcdef", 3}, "AbC", false, true, false, false},
		{{"abcdef", 3}, "AbD", false, false, false, false},
		{{"abcdef", 3}, "xabc", false, false, false, false},
		{{"a\0b", 3}, "a", false, false, true, false},
		{{NULL, 0}, "", true, true, true, true},
		{{NULL, 0}, "c", false, false, false, false},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct str a = rows[i].a;
		const char *b = rows[i].b;

		assert_int_equal(str_eq(a, b), rows[i].eq);
		assert_int_equal(str_eq_nocase(a, b), rows[i].eq_nocase);
		assert_int_equal(str_starts(a, b), rows[i].starts);
		assert_int_equal(str_ends(a, b), rows[i].ends);
	}
	assert_int_equal(str_from(NULL).len, 0);
	assert_int_equal(str_from("four").len, 4);
}

static void white_space_is_trimmed_at_the_ends(void **state)
{
	static const char *const rows[][2] = {
		{" \t\n\v\f\ra \xa0\r\n", "a \xa0"},
		{" \t ", ""},
		{"\xe" "a\b", "\xe" "a\b"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		assert_true(str_eq(str_trim(str_from(rows[i][0])), rows[i][1]));
	assert_int_equal(str_trim((struct str)STR_INIT).len, 0);
}

static void numbers_are_decimal(void **state)
{
	static const struct {
		int64_t n;
		const char *text;
	} rows[] = {
		{0, "0"},
		{7, "7"},
		{-10, "-10"},
		{INT64_MAX, "9223372036854775807"},
		{INT64_MIN, "-9223372036854775808"},
	};

	buf_init(&buf, 64);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		buf_reset(&buf);
		buf_add_number(&buf, rows[i].n);
		assert_string_equal(buf.ptr, rows[i].text);
	}
}

static void html_is_escaped(void **state)
{
	buf_init(&buf, 1000);
	buf_add_html(&buf, STR_LIT("<a href=\"x\" id='y'>&amp;\xc3\xa9\0</a>"));
	assert_string_equal(buf.ptr,
			    "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;"
			    "&amp;amp;\xc3\xa9");
	assert_has(buf.ptr + strlen(buf.ptr) + 1, "&lt;/a&gt;");
	buf_release(&buf);
	buf_init(&buf, 4); /* no half of an escape */
	buf_add_html(&buf, STR_LIT("'"));
	assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
	assert_int_equal(buf.len, 0);
}

static void json_has_its_commas_and_escapes(void **state)
{
	static const char expected[] =
		"{\"a\":\"\",\"b\":-5,\"c\":[\"x\",\"y\"],\"d\":[],"
		"\"e\":{\"f\":true,\"g\":false},\"h\":\"raw\","
		"\"q\\\"\\\\\":\"\\\"\\\\\\u0000\\u001f/\xc3\xbc{\",\"z\":1}";
	static const char text[] = "\"\\\0\x1f/\xc3\xbc{";

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
	buf_init(&buf, 8);
	buf_open_json(&buf, NULL, '{');
	buf_add_json(&buf, "name", STR_LIT("value"));
	buf_close_json(&buf, '}');
	assert_status(buf_status(&buf, &err), CF_TOO_LARGE, &err);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(adds_are_appended),
		TEST(a_buffer_grows_to_its_maximum),
		TEST(a_poisoned_buffer_refuses_until_reset),
		TEST(lengths_without_room_poison),
		TEST(the_caller_writes_into_room),
		TEST(a_reset_keeps_the_memory),
		TEST(texts_compare_by_their_length),
		TEST(white_space_is_trimmed_at_the_ends),
		TEST(numbers_are_decimal),
		TEST(html_is_escaped),
		TEST(json_has_its_commas_and_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
