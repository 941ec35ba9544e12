/*
 * page.c: templates and their marks.
 */
#include "base/base.h"
#include "http/page.h"
#include "tests/support/check.h"

static const struct page_mark marks[] = {
	{"text", PAGE_TEXT, {"<\"&x", 4}, 0},
	{"html", PAGE_HTML, {"<b>", 3}, 0},
	{"png", PAGE_PNG, {"\0\1\2", 3}, 0},
	{"dark", PAGE_DARK, {"\0\1\2", 3}, 0},
	{"bright", PAGE_DARK, {"", 0}, 0},
	{"number", PAGE_NUMBER, STR_INIT, 320},
	{"empty", PAGE_TEXT, STR_INIT, 0},
};

static void marks_are_replaced_by_their_values(void **state)
{
	static const struct {
		const char *page, *out;
	} cases[] = {
		{"", ""},
		{"plain", "plain"},
		{"{{html}}", "<b>"},
		{"a{{html}}b{{html}}c", "a<b>b<b>c"},
		{"{{empty}}", ""},
		{"{{number}}", "320"},
		{"{{png}}", "data:image/png;base64,AAEC"},
		{"{{dark}}", "<source media=\"(prefers-color-scheme: dark)\" "
			     "srcset=\"data:image/png;base64,AAEC\">"},
		{"{{bright}}", ""},
		{"x=\"{{text}}\"", "x=\"&lt;&quot;&amp;x\""},
		{"{{html", "{{html"},
		{"}}{{html}}", "}}<b>"},
		{"{html}}", "{html}}"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct buf out;

		buf_init(&out, 256);
		page_render(&out, str_from(cases[i].page), marks,
			    CF_ARRAY_LEN(marks));
		assert_int_equal(buf_status(&out, NULL), CF_OK);
		assert_string_equal(out.ptr ? out.ptr : "", cases[i].out);
		buf_release(&out);
	}
}

static void a_page_that_is_too_long_shows_in_buf_status(void **state)
{
	struct buf out;

	buf_init(&out, 8);
	page_render(&out, STR_LIT("123456{{html}}"), marks,
		    CF_ARRAY_LEN(marks));
	assert_int_equal(buf_status(&out, NULL), CF_TOO_LARGE);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_are_replaced_by_their_values),
		cmocka_unit_test(a_page_that_is_too_long_shows_in_buf_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
