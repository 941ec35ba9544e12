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
		STR_LIT("k7xq\xc2\xa0"), /* a space, but not of ASCII */
		STR_LIT("\xe2\x84\xaa" "7xq"), /* KELVIN SIGN */
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
	assert_memory_equal(answer.bytes + 4, zero, sizeof(answer.bytes) - 4);
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
	};

	return cmocka_run_group_tests_name("answer", tests, set_up, NULL);
}
