/*
 * alphabet.c: presets, refused alphabets, and spelled codes.
 */
#include "base/base.h"
#include "base/alphabet.h"
#include "tests/support/check.h"

static struct cf_error err;

static void presets_are_alphabets(void **state)
{
	for (size_t i = 0; alphabet_names[i]; i++) {
		const char *text = alphabet_characters(alphabet_names[i]);

		assert_ptr_not_equal(text, alphabet_names[i]);
		assert_ok(alphabet_check(alphabet_names[i], &err), &err);
		assert_ok(alphabet_check(text, &err), &err);
		assert_true(utf8_count(text) >= 6);
	}
	assert_true(utf8_count(alphabet_characters("chinese")) >= 150);
	assert_string_equal(alphabet_characters("digits"), "2345679");
}

/* Of each group that looks alike an alphabet has at most one. Latin is measured
 * by script/strength. */
static void presets_have_no_twins(void **state)
{
	static const char *const twins[] = {
		"未末", "土士", "己已巳", "人入", "大太犬", "日曰", "千干于",
		"王玉主", "牛午", "鸟乌", "天夫", "今令", "田由甲申", "刀力",
		"木本术", "问间闪", "晴睛", "兔免", "石右", "毛手", "贝见",
		"住往", "侯候", "折拆", "析折", "没设", "治冶", "爪瓜", "拔拨",
		"外处", "历厉", "卡卞", "市巿", "衣农", "乒乓兵", "折析",
		"ОС", "ЛП", "ЗЭ", "ИНЙ", "ЕЁ", "ЦЩ", "ЬЪЫ", "ВБ",
		"ΟΘΦ", "ΛΑ", "ΖΞ", "ΗΝ", "01", "17", "08", "38",
	};

	for (size_t i = 1; alphabet_names[i]; i++) {
		const char *text = alphabet_characters(alphabet_names[i]);

		for (size_t k = 0; k < CF_ARRAY_LEN(twins); k++) {
			struct str rest = str_from(twins[k]);
			int n_there = 0;
			uint32_t code;

			while (rest.len) {
				size_t n = utf8_first(rest, &code);

				n_there += memmem(text, strlen(text), rest.ptr,
						  n) != NULL;
				rest.ptr += n;
				rest.len -= n;
			}
			if (n_there > 1)
				fail_msg("%s has twins: %s", alphabet_names[i],
					 twins[k]);
		}
	}
}

static void letters_of_any_script_are_accepted(void **state)
{
	static const char *const good[] = {
		"AB",	     "LATIN",	"abcdefghijklmnopqrstuvwxyz0123456789",
		"ÄÖÜ",	     "αβγ",	"бвг",
		"山水火",    "가나다",	"かきく",
		"AБΓ山",     "e\xc3\xa9",
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(good); i++) {
		assert_ok(alphabet_check(good[i], &err), &err);
		assert_ptr_equal(alphabet_characters(good[i]), good[i]);
	}
}

static void a_refusal_names_character_and_place(void **state)
{
	static const char *const rows[][2] = {
		{"", "0 characters"},
		{"A", "must be 2 to 4096"},
		{"ABCA", "character 4, 'A' (U+0041), stands twice"},
		{"ABCa", "character 4, 'A' (U+0041), stands twice"},
		{"AB\xef\xbc\xa1", "3, 'A' (U+0041), stands twice"},
		{"山水山", "3, '山' (U+5C71), stands twice"},
		{"σως", "3, 'Σ' (U+03A3), stands twice"},
		{"AB C", "character 3 (U+0020)"},
		{"AB\tC", "character 3 (U+0009)"},
		{"AB-", "character 3 (U+002D) is no letter or digit"},
		{"A,C,E", "character 2 (U+002C)"},
		{"AB\xf0\x9f\x98\x80", "U+1F600) is no letter"},
		{"AB\xcc\x81", "character 3 (U+0301) cannot stand alone"},
		{"AB\xe2\x80\x8b", "(U+200B) cannot stand alone"},
		{"AB\xc3\x9f", "(U+00DF) cannot stand alone"},
		{"AB\xd7\x90", "(U+05D0) cannot stand alone"},
		{"AB\xc3", "byte 3 (0xC3) is not UTF-8"},
		{"AB\xff", "byte 3 (0xFF) is not UTF-8"},
		{"AB\xed\xa0\x80", "byte 3 (0xED) is not UTF-8"},
		{"\x80\x80", "0 characters"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		err = (struct cf_error)CF_ERROR_INIT;
		assert_status(alphabet_check(rows[i][0], &err), CF_CONFIG,
			      &err);
		assert_has(err.text, rows[i][1]);
	}
}

static void an_alphabet_has_its_limit(void **state)
{
	static char text[ALPHABET_MAX_BYTES + 8];
	size_t len = 0;

	for (uint32_t i = 0; i < ALPHABET_MAX; i++)
		len += utf8_put(0x4e00 + i, text + len);
	assert_ok(alphabet_check(text, &err), &err);
	text[len] = 'A';
	assert_status(alphabet_check(text, &err), CF_CONFIG, &err);
	assert_has(err.text, "4097 characters");
}

static void a_code_is_spelled_in_folded_letters(void **state)
{
	static const uint32_t places[] = {0, 2, 1, 3, 0, 4};
	char out[CF_ARRAY_LEN(places) * UTF8_MAX_BYTES + 1];

	alphabet_spell("A\xef\xbc\xa2Σ山7", places, CF_ARRAY_LEN(places), out);
	assert_string_equal(out, "aσb山a7");
	alphabet_spell("AB", places, 0, out);
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets_are_alphabets),
		cmocka_unit_test(presets_have_no_twins),
		cmocka_unit_test(letters_of_any_script_are_accepted),
		cmocka_unit_test(a_refusal_names_character_and_place),
		cmocka_unit_test(an_alphabet_has_its_limit),
		cmocka_unit_test(a_code_is_spelled_in_folded_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
