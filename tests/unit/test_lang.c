/*
 * lang.c and the files of lang/: each language has each text, with the marks of
 * the English one, and visitors get the language that they can read.
 */
#include "base/base.h"
#include "assets/assets.h"
#include "assets/lang.h"

#include "tests/support/check.h"

static const struct lang *english(void)
{
	return lang_choose(STR_LIT("en"), (struct str)STR_INIT);
}

static size_t count(const char *text, const char *mark)
{
	size_t n = 0;

	for (; (text = strstr(text, mark)); text += strlen(mark))
		n++;
	return n;
}

static void each_language_has_each_text_with_its_marks(void **state)
{
	assert_int_equal(lang_table_len, 23);
	for (size_t i = 0; i < lang_table_len; i++)
		for (size_t k = 0; k < LANG_TEXTS; k++) {
			const char *text = lang_table[i].text[k];

			if (!text || !text[0] ||
			    count(text, "{n}") !=
				    count(english()->text[k], "{n}") ||
			    count(text, "{") != count(text, "{n}"))
				fail_msg("lang/%s.ini: text %zu: %s",
					 lang_table[i].tag, k,
					 text ? text : "missing");
		}
}

/* The alternative text of the picture has {n} for the name of a button. */
static void texts_that_send_to_a_button_name_it(void **state)
{
	for (size_t i = 0; i < lang_table_len; i++)
		if (!strstr(lang_table[i].text[LANG_OFFLINE],
			    lang_table[i].text[LANG_NEW]) ||
		    !strstr(lang_table[i].text[LANG_ALT], "{n}"))
			fail_msg("lang/%s.ini: %s", lang_table[i].tag,
				 lang_table[i].text[LANG_OFFLINE]);
}

static void the_languages_from_right_to_left_say_so(void **state)
{
	for (size_t i = 0; i < lang_table_len; i++) {
		const char *tag = lang_table[i].tag;
		bool is_rtl = !strcmp(tag, "ar") || !strcmp(tag, "he") ||
			      !strcmp(tag, "fa");

		assert_string_equal(lang_table[i].text[LANG_DIR],
				    is_rtl ? "rtl" : "ltr");
	}
}

static void tables_are_sorted_and_have_the_same_languages(void **state)
{
	for (size_t i = 0; i < lang_table_len; i++) {
		char end[32];
		int n = snprintf(end, sizeof(end), "/%s.sound.json",
				 lang_table[i].tag);

		assert_true(n > 0 && (size_t)n < sizeof(end));
		assert_true(
			str_ends(str_from(assets_files[2 * i + 1].path), end));
		if (i)
			assert_true(strcmp(lang_table[i - 1].tag,
					   lang_table[i].tag) < 0);
	}
	assert_int_equal(assets_files_len, 2 * lang_table_len + 9);
}

static void visitors_get_a_language_that_they_read(void **state)
{
	static const struct {
		const char *tag, *accepted, *got;
	} cases[] = {
		{"", "", "en"},
		{"de", "", "de"},
		{"DE", "", "de"},
		{"de-AT", "fr", "de"},
		{"iw", "", "he"},
		{"no", "", "nb"},
		{"nn-NO", "", "nb"},
		{"zh", "", "zh-CN"},
		{"zh-cn", "", "zh-CN"},
		{"zh-SG", "", "zh-CN"},
		{"zh-HK", "", "zh-TW"},
		{"zh-Hant-HK", "", "zh-TW"},
		{"pt-BR", "", "pt"},
		{"xx", "fr", "fr"},
		{"-", "", "en"},
		{"d", "", "en"},
		{"", "fr", "fr"},
		{"", "xx, de;q=0.5, fr;q=0.7", "fr"},
		{"", "de;q=0.5,it", "it"},
		{"", "de;q=0, fr;q=0.001", "fr"},
		{"", "en;q=0.8, pl;q=0.80", "en"},
		{"", "fr;q=x", "en"},
		{"", "*", "en"},
		{"", ",,;q=1,", "en"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++)
		assert_string_equal(lang_choose(str_from(cases[i].tag),
						str_from(cases[i].accepted))
					    ->tag,
				    cases[i].got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_language_has_each_text_with_its_marks),
		cmocka_unit_test(texts_that_send_to_a_button_name_it),
		cmocka_unit_test(the_languages_from_right_to_left_say_so),
		cmocka_unit_test(tables_are_sorted_and_have_the_same_languages),
		cmocka_unit_test(visitors_get_a_language_that_they_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
