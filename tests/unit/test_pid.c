/*
 * pid.c: order by time, bounds at both ends of the count, and what is no
 * pid.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/pid.h"
#include "tests/support/check.h"

#define EPOCH  INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define N_SECS INT64_C(916132832)     /* 62^5 */

static int set_up(void **state)
{
	(void)state;
	return crypt_open(NULL) != CF_OK;
}

static void a_pid_is_sixteen_letters_and_digits(void **state)
{
	struct pid pid, copy;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		pid_make(&pid, EPOCH + i * INT64_C(777777777));
		assert_int_equal(strlen(pid.text), PID_CHARS);
		assert_true(pid_parse(&copy, str_from(pid.text)));
		assert_string_equal(copy.text, pid.text);
	}
}

static void a_pid_tells_its_second(void **state)
{
	static const int64_t times[] = {
		EPOCH,
		EPOCH + 999,
		EPOCH + 1000,
		EPOCH + 61999,
		EPOCH + 62000,
		INT64_C(1795435200123),
		PID_LAST_UNIX_MS,
	};
	struct pid pid;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(times); i++) {
		pid_make(&pid, times[i]);
		assert_int_equal(pid_unix_ms(&pid), times[i] / 1000 * 1000);
	}
}

static void pids_sort_as_their_seconds_do(void **state)
{
	struct pid earlier, later;

	(void)state;
	/* over each carry of the count, upper and lower case and digits */
	for (int64_t s = 1; s < N_SECS; s = s * 3 + 1) {
		pid_make(&earlier, EPOCH + (s - 1) * 1000);
		pid_make(&later, EPOCH + s * 1000);
		assert_true(strcmp(earlier.text, later.text) < 0);
	}
}

static void a_bound_lies_between_two_seconds(void **state)
{
	struct pid bound, pid, copy;

	(void)state;
	for (int64_t s = 1; s < N_SECS; s = s * 5 + 3) {
		pid_bound(&bound, EPOCH + s * 1000 + 500);
		assert_true(pid_parse(&copy, str_from(bound.text)));
		for (int i = 0; i < 20; i++) {
			pid_make(&pid, EPOCH + s * 1000 - 1);
			assert_true(strcmp(pid.text, bound.text) < 0);
			pid_make(&pid, EPOCH + s * 1000);
			assert_true(strcmp(pid.text, bound.text) >= 0);
		}
	}
}

static void times_outside_the_count_stay_at_its_ends(void **state)
{
	struct pid pid;

	(void)state;
	pid_make(&pid, 0);
	assert_int_equal(pid_unix_ms(&pid), EPOCH);
	pid_make(&pid, EPOCH - 1);
	assert_memory_equal(pid.text, "00000", 5);
	pid_make(&pid, -5);
	assert_memory_equal(pid.text, "00000", 5);
	pid_bound(&pid, INT64_MIN);
	assert_string_equal(pid.text, "0000000000000000");
	pid_make(&pid, PID_LAST_UNIX_MS);
	assert_memory_equal(pid.text, "zzzzz", 5);
	pid_make(&pid, PID_LAST_UNIX_MS + 1);
	assert_memory_equal(pid.text, "zzzzz", 5);
	pid_bound(&pid, INT64_MAX);
	assert_string_equal(pid.text, "zzzzz00000000000");
}

static void pids_of_one_moment_differ(void **state)
{
	enum {
		N = 2000
	};
	static struct pid pids[N];

	(void)state;
	for (int i = 0; i < N; i++)
		pid_make(&pids[i], EPOCH);
	for (int i = 0; i < N; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(pids[i].text, pids[j].text);
}

static void each_random_character_takes_every_value(void **state)
{
	static int seen[PID_CHARS][128];
	struct pid pid;

	(void)state;
	for (int i = 0; i < 62 * 30; i++) {
		pid_make(&pid, EPOCH);
		for (int k = 5; k < PID_CHARS; k++)
			seen[k][(unsigned char)pid.text[k]]++;
	}
	for (int k = 5; k < PID_CHARS; k++)
		for (const char *c = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
		     *c; c++)
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
	struct pid pid = {"untouched"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++)
		assert_false(pid_parse(&pid, bad[i]));
	assert_string_equal(pid.text, "untouched");
}

static void of_a_longer_text_only_the_given_bytes_count(void **state)
{
	struct pid pid;

	(void)state;
	assert_true(pid_parse(&pid, (struct str){"0abcdefghijklmnO/../", 16}));
	assert_string_equal(pid.text, "0abcdefghijklmnO");
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

	return cmocka_run_group_tests_name("pid", tests, set_up, NULL);
}
