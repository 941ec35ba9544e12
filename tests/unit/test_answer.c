/*
 * answer.c: what may differ in a right answer, and answers that equal no code.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "challenge/answer.h"
#include "tests/support/check.h"

static bool equals_of(struct str typed, const char *code,
		      const char *characters)
{
	struct answer answer;

	memset(&answer, 0x55, sizeof(answer));
	answer_init(&answer, typed);
	return answer_is(&answer, code, characters);
}

static bool equals(struct str typed, const char *code)
{
	return equals_of(typed, code, NULL);
}

static int set_up(void **state)
{
	return crypt_open(NULL) != CF_OK;
}

static void only_case_and_white_space_may_differ(void **state)
{
	static const struct {
		struct str typed;
		bool is_right;
	} rows[] = {
		{STR_LIT("k7xq"), true},
		{STR_LIT("K7XQ"), true},
		{STR_LIT("k7Xq"), true},
		{STR_LIT(" k7xq "), true},
		{STR_LIT("k 7 x q"), true},
		{STR_LIT("\tk7\r\nxq\v\f"), true},
		{STR_LIT("k7xq                                              "
			 "                                                  "),
		 true},
		{STR_LIT("k7xqq"), false},
		{STR_LIT("k7x"), false},
		{STR_LIT("k7x0"), false},
		{STR_LIT("k7xq\0"), false},
		{STR_LIT("\0k7xq"), false},
		{STR_LIT("k7\0xq"), false},
		{STR_LIT("k7xq\0\0"), false},
		{STR_LIT("k7xq."), false},
		{STR_LIT("'k7xq'"), false},
		{STR_LIT("k7xq\xc2"), false},
		{STR_LIT("k7xq\xff"), false},
		{STR_LIT("\xc1\xab" "7xq"), false}, /* k, overlong */
		{STR_LIT("k7xq\xed\xa0\x80"), false}, /* a lone surrogate */
		{STR_LIT("k7xq\xcc\x81"), false}, /* with an acute accent */
		{STR_LIT("k7xq\xc0\x80"), false},
		{STR_LIT("7kxq"), false},
		{STR_LIT("%6b7xq"), false},
		{STR_LIT("k7xqk7xq"), false},
		{STR_LIT(""), false},
		{{NULL, 0}, false},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		assert_int_equal(equals(rows[i].typed, "k7xq"),
				 rows[i].is_right);
	assert_true(equals(STR_LIT("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
			   "abcdefghijklmnopqrstuvwxyz0123456789"));
}

static void an_empty_or_too_long_answer_equals_no_code(void **state)
{
	char code[STORE_CODE_MAX_BYTES + 2], typed[STORE_CODE_MAX_BYTES + 8];

	assert_false(equals(STR_LIT(""), ""));
	assert_false(equals(STR_LIT("   "), ""));
	assert_false(equals(STR_LIT("\0"), ""));
	assert_false(equals(STR_LIT("\xe2\x80\x8b\xe3\x80\x80"), ""));
	memset(code, 'w', sizeof(code) - 1);
	code[sizeof(code) - 1] = '\0';
	assert_false(equals(str_from(code), code)); /* longer than any code */
	code[STORE_CODE_MAX_BYTES] = '\0';
	memset(typed, 'W', sizeof(typed));
	assert_true(equals((struct str){typed, STORE_CODE_MAX_BYTES}, code));
	assert_false(equals((struct str){typed, STORE_CODE_MAX_BYTES - 1},
			    code));
	assert_false(equals((struct str){typed, STORE_CODE_MAX_BYTES + 1},
			    code));
	assert_false(equals((struct str){typed, STORE_CODE_MAX_BYTES + 1}, ""));
	typed[STORE_CODE_MAX_BYTES] = ' '; /* not a part of the answer */
	assert_true(equals((struct str){typed, STORE_CODE_MAX_BYTES + 1},
			   code));
}

static void a_refused_answer_leaves_no_bytes(void **state)
{
	static const char zero[sizeof(struct answer)];
	struct answer answer;

	memset(&answer, 0x55, sizeof(answer));
	answer_init(&answer, STR_LIT("k7\0xq"));
	assert_memory_equal(&answer, zero, sizeof(zero));
	/* padded with zeroes, since all bytes are compared */
	answer_init(&answer, STR_LIT("k7xq"));
	assert_memory_equal(answer.folded + 4, zero,
			    sizeof(answer.folded) - 4);
	assert_memory_equal(answer.latin + 4, zero, sizeof(answer.latin) - 4);
	answer_init(&answer, STR_LIT("k7xq\xff"));
	assert_memory_equal(&answer, zero, sizeof(zero));
}

static void a_letter_that_is_left_out_counts_as_its_like(void **state)
{
	static const struct {
		const char *typed, *code, *characters;
		bool is_right;
	} rows[] = {
		{"bard", "rarp", "ARP", true},
		{"BARD", "rarp", "arp", true},
		{"bard", "rarp", "ABDRP", false}, /* it has B and D */
		{"bard", "bard", "ABDRP", true},
		{"bard", "rarp", NULL, false},
		{"bard", "rarp", "AR", false}, /* no P, so D is D */
		{"\xd0\xb2" "ard", "rarp", "ARP", true}, /* a Cyrillic В */
		{"bard", "bard", "ARP", true}, /* of another alphabet */
		{"rarp", "bard", "ABD", false}, /* not the other way round */
		{"v1y", "u1x", "UX1", true},
		{"258", "zsb", "BSZ", true},
		{"258", "zsb", "258BSZ", false},
		/* full-width K, Kelvin's sign and Cyrillic К are a K */
		{"k", "k", "\xef\xbc\xabX", true},
		{"k", "x", "\xef\xbc\xabX", false},
		{"k", "x", "\xe2\x84\xaaX", false},
		{"k", "x", "\xd0\x9aX", false},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		assert_int_equal(equals_of(str_from(rows[i].typed),
					   rows[i].code, rows[i].characters),
				 rows[i].is_right);
}

static void each_byte_of_a_code_decides(void **state)
{
	static const char code[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char typed[sizeof(code)];

	for (size_t i = 0; i + 1 < sizeof(code); i++) {
		memcpy(typed, code, sizeof(code));
		typed[i] ^= 1;
		assert_false(equals(str_from(typed), code));
	}
	assert_true(equals(str_from(code), code));
}

/* Folding is tested by test_utf8. Alphabets stay apart, but for look-alikes of
 * the letters of an ASCII code. */
static void other_spellings_are_right_and_other_letters_wrong(void **state)
{
	static const struct {
		const char *typed, *code;
		bool is_right;
	} rows[] = {
		{"ＡＣＥ３", "ace3", true},
		{"ａｃｅ３", "ace3", true},
		{"Ａ\u3000Ｃ\u00a0Ｅ\u2003３", "ace3", true},
		{"\ufeffa\u200bc\u00ade\u200f3\u202c", "ace3", true},
		{"a\ufe0fce3\U000e0100", "ace3", true},
		{"\u212a7xq", "k7xq", true}, /* the Kelvin sign */
		{"\u00c9A", "\u00e9a", true},
		{"E\u0301A", "\u00e9a", true},
		{"ΣΑΣ", "σασ", true},
		{"σας", "σασ", true},
		{"ЖУК", "жук", true},
		{"жу к", "жук", true},
		{"山 水", "山水", true},
		{"\uf9d1水", "六水", true}, /* a compatibility ideograph */
		{"２３４５", "2345", true},
		{"山木", "山水", false},
		{"i", "\u0131", false}, /* dotless */
		{"\u0131", "i", false},
		{"\u0130", "i", false},
		{"е\u0308", "е", false},
		{"ß", "s", false},
		{"ß", "s\u00e9", false},
		{"\ufb01", "f", false},
		{"山\u0301水", "山水", false},
		{"жукк", "жук", false},
		{"山", "山水", false},
		{"山水山", "山水", false},
		{"АВЕЗКМНОРСТУХЅІЈ", "abe3kmhopctyxsij", true},
		{"авезкмнорстухѕіј", "abe3kmhopctyxsij", true},
		{"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", true},
		{"АсE3", "ace3", true},
		{"ace", "асе", false},
		{"ΑΒ", "ав", false},
		{"AВ", "ав", false},
		{"АСЕ", "асе", true},
		{"Ж", "x", false},
		{"Σ", "e", false},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		if (equals(str_from(rows[i].typed), rows[i].code) !=
		    rows[i].is_right)
			fail_msg("%s for %s", rows[i].typed, rows[i].code);
}

/* Texts that grow when they are folded stay within the buffer. */
static void no_answer_overflows_its_buffer(void **state)
{
	static const char *const parts[] = {"\ufdfa", "ß", "\ufb03", "\u0390",
					    "a\u0301", "\u0301\u0323",
					    "\u33a1", "\U0001f600", "ж"};
	char typed[20000];

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

static void digits_count_in_any_script_with_hyphens(void **state)
{
	static const struct {
		struct str typed;
		const char *digits; /* NULL: not six digits alone */
	} rows[] = {
		{STR_LIT("899064"), "899064"},
		{STR_LIT("8 9 9 0 6 4"), "899064"},
		{STR_LIT(" 899-064\n"), "899064"},
		{STR_LIT("8-9-9-0-6-4"), "899064"},
		{STR_LIT("8\xe2\x80\x93" "9\xe2\x88\x92" "9064"), "899064"},
		{STR_LIT("８９９０６４"), "899064"},
		{STR_LIT("８９９－０６４"), "899064"},
		{STR_LIT("٨٩٩٠٦٤"), "899064"},
		{STR_LIT("۸۹۹۰۶۴"), "899064"},
		{STR_LIT("८९९०६४"), "899064"},
		{STR_LIT("৮৯৯০৬৪"), "899064"},
		{STR_LIT("๘๙๙๐๖๔"), "899064"},
		{STR_LIT("٨9९064"), "899064"},
		{STR_LIT("⑧⑨⑨⓪⑥④"), "899064"},
		{STR_LIT("\xe2\x80\x8e" "899064\xe2\x80\xac"), "899064"},
		{STR_LIT("89906"), NULL},
		{STR_LIT("8990644"), NULL},
		{STR_LIT("899 06a"), NULL},
		{STR_LIT("899,064"), NULL},
		{STR_LIT("899.064"), NULL},
		{STR_LIT("+899064"), NULL},
		{STR_LIT("八九九〇六四"), NULL},
		{STR_LIT("89906\xff" "4"), NULL},
		{STR_LIT("------"), NULL},
		{STR_LIT(""), NULL},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct answer answer;
		char digits[6 + 1] = "";
		bool is_read;

		answer_init(&answer, rows[i].typed);
		is_read = answer_read_digits(&answer, digits, 6);
		if (is_read != !!rows[i].digits ||
		    (is_read && strcmp(digits, rows[i].digits) != 0))
			fail_msg("%s is %s", rows[i].typed.ptr,
				 is_read ? digits : "refused");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_case_and_white_space_may_differ),
		cmocka_unit_test(an_empty_or_too_long_answer_equals_no_code),
		cmocka_unit_test(a_refused_answer_leaves_no_bytes),
		cmocka_unit_test(
			a_letter_that_is_left_out_counts_as_its_like),
		cmocka_unit_test(each_byte_of_a_code_decides),
		cmocka_unit_test(digits_count_in_any_script_with_hyphens),
		cmocka_unit_test(
			other_spellings_are_right_and_other_letters_wrong),
		cmocka_unit_test(no_answer_overflows_its_buffer),
	};

	return cmocka_run_group_tests_name("answer", tests, set_up, NULL);
}
