/*
 * text.c: hexadecimal digits, escapes of URLs and cutting.
 */
#include "base/base.h"
#include "base/text.h"
#include "tests/support/check.h"

static void hex_digits_are_read_and_written(void **state)
{
	char out[2];

	for (int c = 0; c < 256; c++) {
		static const char digits[] = "0123456789abcdefABCDEF";
		const char *at = c ? strchr(digits, c) : NULL;
		int value = at ? (int)(at - digits) : -1;

		assert_int_equal(text_hex_value((char)c),
				 value > 15 ? value - 6 : value);
		text_put_hex(out, (char)c);
		assert_int_equal(text_hex_value(out[0]) * 16 +
					 text_hex_value(out[1]), c);
	}
	text_put_hex(out, (char)0xaf);
	assert_memory_equal(out, "af", 2);
}

static void text_is_cut_at_the_first_of_a_character(void **state)
{
	static const struct {
		const char *text, *head, *rest; /* rest NULL: not found */
	} rows[] = {
		{"a=b=c", "a", "b=c"}, {"=b", "", "b"}, {"a=", "a", ""},
		{"ab", "ab", NULL},    {"", "", NULL},
	};
	struct str none = STR_INIT;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct str text = str_from(rows[i].text);

		assert_true(str_eq(text_cut(&text, '='), rows[i].head));
		assert_true((text.ptr != NULL) == (rows[i].rest != NULL));
		assert_true(str_eq(text, rows[i].rest ? rows[i].rest : ""));
	}
	assert_int_equal(text_cut(&none, '=').len, 0);
}

static void words_of_a_list_come_one_by_one(void **state)
{
	const char *list = "  a \tbc\td  ", *none = " \t ";

	assert_true(str_eq(text_next_word(&list), "a"));
	assert_true(str_eq(text_next_word(&list), "bc"));
	assert_true(str_eq(text_next_word(&list), "d"));
	for (int i = 0; i < 2; i++)
		assert_int_equal(text_next_word(&list).len, 0);
	assert_int_equal(text_next_word(&none).len, 0);
}

static void a_list_has_whole_words_alone(void **state)
{
	assert_true(text_has_word("a bc\td", STR_LIT("bc")));
	assert_true(text_has_word(" bc ", STR_LIT("bc")));
	assert_false(text_has_word("a bcd", STR_LIT("bc")));
	assert_false(text_has_word("abc", STR_LIT("bc")));
	assert_false(text_has_word("", STR_LIT("bc")));
}

static void a_tag_has_letters_digits_and_hyphens(void **state)
{
	static const char *const tags[] = {"en", "pt-BR", "zh-Hant", "es-419"};
	static const char *const others[] = {"",      "pt_BR", "zh-Hant2",
					     "../x", "d\xc3\xa9", "a b"};

	for (size_t i = 0; i < CF_ARRAY_LEN(tags); i++)
		assert_true(text_is_tag(str_from(tags[i])));
	for (size_t i = 0; i < CF_ARRAY_LEN(others); i++)
		assert_false(text_is_tag(str_from(others[i])));
	assert_false(text_is_tag((struct str){"e\0", 2}));
}

static void escapes_of_urls_are_decoded(void **state)
{
	static const struct {
		const char *text;
		bool plus;
		const char *decoded; /* NULL: refused */
	} rows[] = {
		{"a%20b", false, "a b"}, {"%41%4a%4A", false, "AJJ"},
		{"a+b", false, "a+b"},	 {"a+b%2B", true, "a b+"},
		{"", false, ""},	 {"%", false, NULL},
		{"%4", false, NULL},	 {"%4g", false, NULL},
		{"%%41", false, NULL},	 {"123456789", false, NULL},
		{"12345678", false, "12345678"},
	};
	char out[8];

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		const char *wanted = rows[i].decoded;
		ssize_t n = text_decode_url(str_from(rows[i].text),
					    rows[i].plus, out, sizeof(out));

		assert_int_equal(n, wanted ? (ssize_t)strlen(wanted) : -1);
		if (wanted)
			assert_memory_equal(out, wanted, (size_t)n);
	}
}

static void bytes_outside_urls_are_escaped(void **state)
{
	static const char *const rows[][3] = {
		{"/a~b-c_d.e", "", "/a~b-c_d.e"},
		{" \"<>\\^`{|}\x7f\xc3\xa9", "",
		 "%20%22%3C%3E%5C%5E%60%7B%7C%7D%7F%C3%A9"},
		{"a%2F?b#c", "", "a%2F?b#c"},
		{"a%2F?b#c", "%?#", "a%252F%3Fb%23c"},
	};
	struct buf out;

	buf_init(&out, 200);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		buf_reset(&out);
		text_add_url(&out, str_from(rows[i][0]), rows[i][1]);
		assert_string_equal(out.ptr, rows[i][2]);
	}
	buf_release(&out);
}

static void a_decimal_number_is_digits_alone(void **state)
{
	static const struct {
		const char *text;
		int64_t n;
	} cases[] = {
		{"", 0},
		{"0", 0},
		{"007", 7},
		{"9223372036854775807", INT64_MAX},
		{"9223372036854775808", INT64_MAX},
		{"99999999999999999999999999", INT64_MAX},
		{"99999999999999999999x", -1},
		{"-1", -1},
		{"+1", -1},
		{" 1", -1},
		{"1 ", -1},
		{"0x10", -1},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++)
		assert_true(text_parse_decimal(str_from(cases[i].text)) ==
			    cases[i].n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_digits_are_read_and_written),
		cmocka_unit_test(text_is_cut_at_the_first_of_a_character),
		cmocka_unit_test(words_of_a_list_come_one_by_one),
		cmocka_unit_test(a_list_has_whole_words_alone),
		cmocka_unit_test(a_tag_has_letters_digits_and_hyphens),
		cmocka_unit_test(escapes_of_urls_are_decoded),
		cmocka_unit_test(bytes_outside_urls_are_escaped),
		cmocka_unit_test(a_decimal_number_is_digits_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
