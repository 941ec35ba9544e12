/*
 * token.c: order by time, bounds at both ends of the count, and what is no
 * pid.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "challenge/token.h"
#include "tests/support/check.h"

#define EPOCH	INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define N_SECS	INT64_C(916132832)     /* 62^5 */
#define LAST_MS (EPOCH + N_SECS * 1000 - 1)

enum { BYTES = CHALLENGE_PID_CHARS + 1 };

static int set_up(void **state)
{
	(void)state;
	return crypt_open(NULL) != CF_OK;
}

static void a_pid_is_sixteen_letters_and_digits(void **state)
{
	char pid[BYTES], copy[BYTES];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		token_make(EPOCH + i * INT64_C(777777777), pid);
		assert_int_equal(strlen(pid), CHALLENGE_PID_CHARS);
		assert_true(token_parse(str_from(pid), copy));
		assert_string_equal(copy, pid);
	}
}

static void a_pid_tells_its_second(void **state)
{
	static const int64_t times[] = {
		EPOCH, EPOCH + 999, EPOCH + 1000, EPOCH + 61999,
		EPOCH + 62000, INT64_C(1795435200123), LAST_MS,
	};
	char pid[BYTES];

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(times); i++) {
		token_make(times[i], pid);
		assert_int_equal(token_unix_ms(pid), times[i] / 1000 * 1000);
	}
}

static void pids_sort_as_their_seconds_do(void **state)
{
	char earlier[BYTES], later[BYTES];

	(void)state;
	/* over each carry of the count, upper and lower case and digits */
	for (int64_t s = 1; s < N_SECS; s = s * 3 + 1) {
		token_make(EPOCH + (s - 1) * 1000, earlier);
		token_make(EPOCH + s * 1000, later);
		assert_true(strcmp(earlier, later) < 0);
	}
}

static void a_bound_lies_between_two_seconds(void **state)
{
	char bound[BYTES], pid[BYTES], copy[BYTES];

	(void)state;
	for (int64_t s = 1; s < N_SECS; s = s * 5 + 3) {
		token_bound(EPOCH + s * 1000 + 500, bound);
		assert_true(token_parse(str_from(bound), copy));
		for (int i = 0; i < 20; i++) {
			token_make(EPOCH + s * 1000 - 1, pid);
			assert_true(strcmp(pid, bound) < 0);
			token_make(EPOCH + s * 1000, pid);
			assert_true(strcmp(pid, bound) >= 0);
		}
	}
}

static void times_outside_the_count_stay_at_its_ends(void **state)
{
	char pid[BYTES];

	(void)state;
	token_make(0, pid);
	assert_int_equal(token_unix_ms(pid), EPOCH);
	token_make(EPOCH - 1, pid);
	assert_memory_equal(pid, "00000", 5);
	token_make(-5, pid);
	assert_memory_equal(pid, "00000", 5);
	token_bound(INT64_MIN, pid);
	assert_string_equal(pid, "0000000000000000");
	token_make(LAST_MS, pid);
	assert_memory_equal(pid, "zzzzz", 5);
	token_make(LAST_MS + 1, pid);
	assert_memory_equal(pid, "zzzzz", 5);
	token_bound(INT64_MAX, pid);
	assert_string_equal(pid, "zzzzz00000000000");
}

static void pids_of_one_moment_differ(void **state)
{
	enum { N = 2000 };
	static char pids[N][BYTES];

	(void)state;
	for (int i = 0; i < N; i++)
		token_make(EPOCH, pids[i]);
	for (int i = 0; i < N; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(pids[i], pids[j]);
}

static void each_random_character_takes_every_value(void **state)
{
	static int seen[CHALLENGE_PID_CHARS][128];
	char pid[BYTES];

	(void)state;
	for (int i = 0; i < 62 * 30; i++) {
		token_make(EPOCH, pid);
		for (int k = 5; k < CHALLENGE_PID_CHARS; k++)
			seen[k][(unsigned char)pid[k]]++;
	}
	for (int k = 5; k < CHALLENGE_PID_CHARS; k++)
		for (const char *c = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"; *c; c++)
			assert_in_range(seen[k][(unsigned char)*c], 1, 90);
}

static void what_has_not_the_shape_is_no_pid(void **state)
{
	static const struct str bad[] = {
		STR_LIT(""),
		STR_LIT("0"),
		STR_LIT("0abcdefghijklmn"),
		STR_LIT("0abcdefghijklmnop"),
		STR_LIT("0abcdefghijklm\0n"),
		STR_LIT("\0abcdefghijklmno"),
		STR_LIT("0abcdefghijklmn\0"),
		STR_LIT("0abcdefghijklm\xc3\xa9"),
		STR_LIT("\xff\xff\xff\xff\xff\xff\xff\xff"
			"\xff\xff\xff\xff\xff\xff\xff\xff"),
		STR_LIT("../../etc/passwd"),
		STR_LIT("0abcdefghijklmn/"),
		STR_LIT("0abcdefghijklmn."),
		STR_LIT("0abcdefghijklmn-"),
		STR_LIT("0abcdefghijklmn_"),
		STR_LIT("0abcdefghijklmn "),
		STR_LIT("0abcdefghijklmn\n"),
		STR_LIT("0abcdefghijkl%41"),
		STR_LIT("0abcdefghijklmn@"),
		STR_LIT("0abcdefghijklmn["),
		STR_LIT("0abcdefghijklmn`"),
		STR_LIT("0abcdefghijklmn{"),
		STR_LIT("0abcdefghijklmn:"),
		{NULL, 0},
	};
	char pid[BYTES] = "untouched";

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++)
		assert_false(token_parse(bad[i], pid));
	assert_string_equal(pid, "untouched");
}

static void of_a_longer_text_only_the_given_bytes_count(void **state)
{
	char pid[BYTES];

	(void)state;
	assert_true(token_parse((struct str){"0abcdefghijklmnO/../", 16},
				pid));
	assert_string_equal(pid, "0abcdefghijklmnO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pid_is_sixteen_letters_and_digits),
		cmocka_unit_test(a_pid_tells_its_second),
		cmocka_unit_test(pids_sort_as_their_seconds_do),
		cmocka_unit_test(a_bound_lies_between_two_seconds),
		cmocka_unit_test(times_outside_the_count_stay_at_its_ends),
		cmocka_unit_test(pids_of_one_moment_differ),
		cmocka_unit_test(each_random_character_takes_every_value),
		cmocka_unit_test(what_has_not_the_shape_is_no_pid),
		cmocka_unit_test(of_a_longer_text_only_the_given_bytes_count),
	};

	return cmocka_run_group_tests_name("token", tests, set_up, NULL);
}
