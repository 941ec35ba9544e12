/*
 * pid.c: order by time, the ends of the count, and texts that are no pids.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/pid.h"
#include "tests/support/check.h"

#define EPOCH  INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define N_SECS INT64_C(916132832)     /* 62^5 */

static int set_up(void **state)
{
	return crypt_open(NULL) != CF_OK;
}

static void a_pid_has_its_second(void **state)
{
	static const struct {
		int64_t unix_ms, second_ms;
		const char *time;
	} rows[] = {
		{EPOCH, EPOCH, "00000"},
		{EPOCH + 999, EPOCH, "00000"},
		{EPOCH + 1000, EPOCH + 1000, "00001"},
		{EPOCH + 61999, EPOCH + 61000, "0000z"},
		{EPOCH + 62000, EPOCH + 62000, "00010"},
		/* times outside the count stay at its ends */
		{EPOCH - 1, EPOCH, "00000"},
		{0, EPOCH, "00000"},
		{INT64_MIN, EPOCH, "00000"},
		{PID_LAST_UNIX_MS, PID_LAST_UNIX_MS, "zzzzz"},
		{PID_LAST_UNIX_MS + 1, PID_LAST_UNIX_MS, "zzzzz"},
		{PID_LAST_UNIX_MS + 1000, PID_LAST_UNIX_MS, "zzzzz"},
		{INT64_MAX, PID_LAST_UNIX_MS, "zzzzz"},
	};
	struct pid pid, bound, copy;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		pid_make(&pid, rows[i].unix_ms);
		assert_memory_equal(pid.text, rows[i].time, 5);
		assert_int_equal(pid_unix_ms(&pid), rows[i].second_ms);
		assert_int_equal(strlen(pid.text), PID_CHARS);
		assert_true(pid_parse(&copy, str_from(pid.text)));
		assert_string_equal(copy.text, pid.text);
		pid_bound(&bound, rows[i].unix_ms);
		assert_memory_equal(bound.text, rows[i].time, 5);
		assert_string_equal(bound.text + 5, "00000000000");
	}
}

/* Over each carry of the count, upper and lower case and digits. */
static void pids_sort_as_their_seconds_do(void **state)
{
	struct pid earlier, bound, later;

	for (int64_t s = 1; s < N_SECS; s = s * 3 + 1) {
		pid_make(&earlier, EPOCH + s * 1000 - 1);
		pid_bound(&bound, EPOCH + s * 1000 + 500);
		pid_make(&later, EPOCH + s * 1000);
		assert_true(strcmp(earlier.text, bound.text) < 0);
		assert_true(strcmp(bound.text, later.text) <= 0);
	}
}

static void each_random_character_takes_every_value(void **state)
{
	static int seen[PID_CHARS][128];
	struct pid pid;

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

static void other_texts_are_no_pids(void **state)
{
	static const struct str bad[] = {
		STR_LIT(""),
		STR_LIT("0abcdefghijklmn"),
		STR_LIT("0abcdefghijklmnop"),
		STR_LIT("0abcdefghijklm\0n"),
		STR_LIT("\0abcdefghijklmno"),
		STR_LIT("0abcdefghijklmn\0"),
		STR_LIT("0abcdefghijklm\xc3\xa9"),
		STR_LIT("../../etc/passwd"),
		{NULL, 0},
	};
	struct pid pid = {"untouched"};
	char text[] = "0abcdefghijklmnX";

	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++)
		assert_false(pid_parse(&pid, bad[i]));
	for (const char *c = "/.-_ \n@[`{:%\xff"; *c; c++) {
		text[15] = *c;
		assert_false(pid_parse(&pid, str_from(text)));
	}
	assert_string_equal(pid.text, "untouched");
	/* bytes behind the text do not count */
	assert_true(pid_parse(&pid, (struct str){"0abcdefghijklmnO/../", 16}));
	assert_string_equal(pid.text, "0abcdefghijklmnO");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pid_has_its_second),
		cmocka_unit_test(pids_sort_as_their_seconds_do),
		cmocka_unit_test(each_random_character_takes_every_value),
		cmocka_unit_test(other_texts_are_no_pids),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
