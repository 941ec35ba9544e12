/*
 * answer.c: what people may add to a right answer, and what nothing equals.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "challenge/answer.h"
#include "tests/support/check.h"

static bool equals(struct str typed, const char *code)
{
	struct answer answer;

	memset(&answer, 0x55, sizeof(answer));
	answer_init(&answer, typed);
	return answer_is(&answer, code);
}

static int set_up(void **state)
{
	(void)state;
	return crypt_open(NULL) != CF_OK;
}

static void case_and_white_space_do_not_count(void **state)
{
	static const struct str good[] = {
		STR_LIT("k7xq"),     STR_LIT("K7XQ"),
		STR_LIT("k7Xq"),     STR_LIT(" k7xq "),
		STR_LIT("k 7 x q"),  STR_LIT("\tk7\r\nxq\v\f"),
		STR_LIT("k7xq                                                 "
			"                                                     "),
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(good); i++)
		assert_true(equals(good[i], "k7xq"));
	assert_true(equals(STR_LIT("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
			   "abcdefghijklmnopqrstuvwxyz0123456789"));
}

static void anything_else_counts(void **state)
{
	static const struct str bad[] = {
		STR_LIT("k7xqq"),    STR_LIT("k7x"),	  STR_LIT("k7x0"),
		STR_LIT("k7xq\0"),   STR_LIT("\0k7xq"),	  STR_LIT("k7\0xq"),
		STR_LIT("k7xq\0\0"), STR_LIT("k7xq."),	  STR_LIT("'k7xq'"),
		STR_LIT("k7xq\xc2"), STR_LIT("k7xq\xff"),
		STR_LIT("\xc1\xab" "7xq"), /* k, overlong */
		STR_LIT("k7xq\xed\xa0\x80"), /* a lone surrogate */
		STR_LIT("k7xq\xcc\x81"), /* with an acute accent */
		STR_LIT("k7xq\xc0\x80"),
		STR_LIT("7kxq"),     STR_LIT("%6b7xq"),
		STR_LIT("k7xqk7xq"), STR_LIT(""),	  {NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++)
		assert_false(equals(bad[i], "k7xq"));
}

static void nothing_equals_an_answer_that_is_empty_or_too_long(void **state)
{
	char code[STORE_CODE_MAX_BYTES + 1], typed[STORE_CODE_MAX_BYTES + 8];

	(void)state;
	assert_false(equals(STR_LIT(""), ""));
	assert_false(equals(STR_LIT("   "), ""));
	assert_false(equals(STR_LIT("\0"), ""));
	assert_false(equals(STR_LIT("\xe2\x80\x8b\xe3\x80\x80"), ""));
	memset(code, 'w', sizeof(code) - 1);
	code[sizeof(code) - 1] = '\0';
	memset(typed, 'W', sizeof(typed));
	assert_true(equals((struct str){typed, STORE_CODE_MAX_BYTES}, code));
	assert_false(equals((struct str){typed, STORE_CODE_MAX_BYTES - 1},
			    code));
	assert_false(equals((struct str){typed, STORE_CODE_MAX_BYTES + 1},
			    code));
	assert_false(equals((struct str){typed, STORE_CODE_MAX_BYTES + 1}, ""));
	typed[STORE_CODE_MAX_BYTES] = ' '; /* which is no part of it */
	assert_true(equals((struct str){typed, STORE_CODE_MAX_BYTES + 1},
			   code));
}

static void a_code_too_long_for_any_answer_equals_none(void **state)
{
	char code[STORE_CODE_MAX_BYTES + 2];

	(void)state;
	memset(code, 'w', sizeof(code) - 1);
	code[sizeof(code) - 1] = '\0';
	assert_false(equals(str_from(code), code));
}

static void an_answer_keeps_nothing_of_what_was_refused(void **state)
{
	static const char zero[sizeof(struct answer)];
	struct answer answer;

	(void)state;
	memset(&answer, 0x55, sizeof(answer));
	answer_init(&answer, STR_LIT("k7\0xq"));
	assert_memory_equal(&answer, zero, sizeof(zero));
	/* zero to the end, so that all of it may be compared */
	answer_init(&answer, STR_LIT("k7xq"));
	assert_memory_equal(answer.folded + 4, zero,
			    sizeof(answer.folded) - 4);
	assert_memory_equal(answer.latin + 4, zero, sizeof(answer.latin) - 4);
	answer_init(&answer, STR_LIT("k7xq\xff"));
	assert_memory_equal(&answer, zero, sizeof(zero));
}

static void each_byte_of_a_code_decides(void **state)
{
	static const char code[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char typed[sizeof(code)];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(code); i++) {
		memcpy(typed, code, sizeof(code));
		typed[i] ^= 1;
		assert_false(equals(str_from(typed), code));
	}
	assert_true(equals(str_from(code), code));
}

/* Folding itself is test_utf8's. */
static void every_spelling_of_a_code_is_right(void **state)
{
	static const char *const rows[][2] = {
		{"ＡＣＥ３", "ace3"},
		{"ａｃｅ３", "ace3"},
		{"Ａ\u3000Ｃ\u00a0Ｅ\u2003３", "ace3"},
		{"\ufeffa\u200bc\u00ade\u200f3\u202c", "ace3"},
		{"a\ufe0fce3\U000e0100", "ace3"},
		{"\u212a7xq", "k7xq"}, /* the Kelvin sign */
		{"\u00c9A", "\u00e9a"},
		{"E\u0301A", "\u00e9a"},
		{"ΣΑΣ", "σασ"},
		{"σας", "σασ"},
		{"ЖУК", "жук"},
		{"жу к", "жук"},
		{"山 水", "山水"},
		{"\uf9d1水", "六水"}, /* a compatibility ideograph */
		{"２３４５", "2345"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		if (!equals(str_from(rows[i][0]), rows[i][1]))
			fail_msg("%s is not %s", rows[i][0], rows[i][1]);
}

static void another_letter_is_wrong(void **state)
{
	static const char *const rows[][2] = {
		{"山木", "山水"},   {"i", "\u0131"}, /* dotless */
		{"\u0131", "i"},    {"\u0130", "i"},
		{"е\u0308", "е"},   {"ß", "s"},
		{"ß", "s\u00e9"},   {"\ufb01", "f"},
		{"山\u0301水", "山水"}, {"жукк", "жук"},
		{"山", "山水"},	    {"山水山", "山水"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		if (equals(str_from(rows[i][0]), rows[i][1]))
			fail_msg("%s is %s", rows[i][0], rows[i][1]);
}

static void lookalikes_count_where_the_code_is_ascii(void **state)
{
	(void)state;
	assert_true(equals(str_from("АВЕЗКМНОРСТУХЅІЈ"), "abe3kmhopctyxsij"));
	assert_true(equals(str_from("авезкмнорстухѕіј"), "abe3kmhopctyxsij"));
	assert_true(equals(str_from("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"), "abezhikmnoptyx"));
	assert_true(equals(str_from("АсE3"), "ace3"));
	/* alphabets stay apart otherwise */
	assert_false(equals(str_from("ace"), "асе"));
	assert_false(equals(str_from("ΑΒ"), "ав"));
	assert_false(equals(str_from("AВ"), "ав"));
	assert_true(equals(str_from("АСЕ"), "асе"));
	/* one that looks like none is none */
	assert_false(equals(str_from("Ж"), "x"));
	assert_false(equals(str_from("Σ"), "e"));
}

/* What grows when it is folded stays in its bounds. */
static void no_answer_is_longer_than_its_room(void **state)
{
	static const char *const parts[] = {"\ufdfa", "ß", "\ufb03", "\u0390",
					    "a\u0301", "\u0301\u0323",
					    "\u33a1", "\U0001f600", "ж"};
	char typed[20000];

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(parts); i++) {
		size_t size = strlen(parts[i]), len = 0;

		while (len + size <= sizeof(typed)) {
			memcpy(typed + len, parts[i], size);
			len += size;
			if (len < 600 || len > sizeof(typed) - 50)
				assert_false(equals((struct str){typed, len},
						    "x"));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(case_and_white_space_do_not_count),
		cmocka_unit_test(anything_else_counts),
		cmocka_unit_test(
			nothing_equals_an_answer_that_is_empty_or_too_long),
		cmocka_unit_test(a_code_too_long_for_any_answer_equals_none),
		cmocka_unit_test(an_answer_keeps_nothing_of_what_was_refused),
		cmocka_unit_test(each_byte_of_a_code_decides),
		cmocka_unit_test(every_spelling_of_a_code_is_right),
		cmocka_unit_test(another_letter_is_wrong),
		cmocka_unit_test(lookalikes_count_where_the_code_is_ascii),
		cmocka_unit_test(no_answer_is_longer_than_its_room),
	};

	return cmocka_run_group_tests_name("answer", tests, set_up, NULL);
}
