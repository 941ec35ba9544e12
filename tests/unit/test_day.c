/*
 * day.c: names of days, and which days have a directory.
 */
#include "base/base.h"
#include "base/file.h"
#include "pool/days.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <sys/stat.h>

static char dir[TEMP_PATH_BYTES];
static struct cf_error err;

static int set_up(void **state)
{
	temp_dir_make(dir);
	return 0;
}

static int tear_down(void **state)
{
	temp_dir_remove(dir);
	return 0;
}

static void a_moment_has_the_day_of_utc(void **state)
{
	static const struct {
		int64_t unix_ms;
		const char *day;
	} rows[] = {
		{0, "1970-01-01"},
		{86399999, "1970-01-01"},
		{86400000, "1970-01-02"},
		{INT64_C(1795435200000), "2026-11-23"},
		{INT64_C(1795391999999), "2026-11-22"},
		{INT64_C(1795392000000), "2026-11-23"},
		{INT64_C(1835395200000), "2028-02-29"},
		{INT64_C(253402300799999), "9999-12-31"},
		/* beyond four digits: the nearest day */
		{-1, "1970-01-01"},
		{INT64_MIN, "1970-01-01"},
		{INT64_C(253402300800000), "9999-12-31"},
		{INT64_MAX, "9999-12-31"},
	};
	char day[DAY_BYTES];

	(void)setenv("TZ", "Pacific/Kiritimati", 1); /* 14 hours ahead */
	tzset();
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		day_of(rows[i].unix_ms, day);
		assert_string_equal(day, rows[i].day);
	}
	(void)unsetenv("TZ");
	tzset();
}

static void every_day_agrees_with_the_c_library(void **state)
{
	char day[DAY_BYTES], wanted[32];
	struct tm tm;

	/* each day of two centuries, then one in 97 to the year 9999 */
	for (time_t s = 0; s < 253402300800; s += s < 7000000000 ? 86400
								: 8380800) {
		assert_non_null(gmtime_r(&s, &tm));
		assert_true(strftime(wanted, sizeof(wanted), "%Y-%m-%d", &tm));
		day_of((int64_t)s * 1000, day);
		assert_string_equal(day, wanted);
	}
}

static void only_ten_characters_of_the_form_are_a_day(void **state)
{
	static const char *const bad[] = {
		"",	       "2026",	      "2026-11-2",   "2026-11-233",
		"2026-11-23 ", "2026/11/23",  "x026-11-23",  "2026-1a-23",
		".",	       "..",	      "tmp",	     "fill.lock",
		"2026-11-23/", "-026-11-23",  "2026-11--3",  "20261-1-23",
	};

	assert_true(day_is("2026-11-23"));
	assert_true(day_is("0000-00-00"));
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++)
		assert_false(day_is(bad[i]));
}

static int open_dir(void)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void days_come_oldest_first_and_other_names_are_skipped(void **state)
{
	static const char *const names[] = {"2026-11-23", "2025-12-31",
					    "2026-11-03", "tmp",
					    "2026-11-23.old", "2026-02-30"};
	struct days days;
	int fd = open_dir();

	assert_ok(days_list(fd, "", &days, &err), &err);
	assert_int_equal(days.n, 0);
	assert_int_not_equal(days_list(-1, "", &days, &err), CF_OK);
	assert_int_equal(days.n, 0);
	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		assert_int_equal(mkdir(temp_path(dir, "%s", names[i]), 0700),
				 0);
	assert_ok(days_list(fd, "", &days, &err), &err);
	assert_int_equal(days.n, 4);
	assert_string_equal(days.day[0], "2025-12-31");
	assert_string_equal(days.day[1], "2026-02-30");
	assert_string_equal(days.day[2], "2026-11-03");
	assert_string_equal(days.day[3], "2026-11-23");
	(void)close(fd);
}

static void of_too_many_days_the_oldest_are_listed(void **state)
{
	struct days days;
	int fd = open_dir();

	for (int i = 0; i < 28; i++) { /* in no order of the file system's */
		assert_int_equal(mkdir(temp_path(dir, "2026-03-%02d",
						 (i * 11) % 28 + 1), 0700), 0);
		assert_int_equal(mkdir(temp_path(dir, "2025-03-%02d",
						 (i * 5) % 28 + 1), 0700), 0);
	}
	assert_ok(days_list(fd, "", &days, &err), &err);
	assert_int_equal(days.n, DAY_LIST_MAX);
	assert_string_equal(days.day[0], "2025-03-01");
	assert_string_equal(days.day[27], "2025-03-28");
	assert_string_equal(days.day[28], "2026-03-01");
	assert_string_equal(days.day[DAY_LIST_MAX - 1], "2026-03-04");
	assert_ok(days_list(fd, "2026-03-05", &days, &err), &err);
	assert_int_equal(days.n, 24);
	assert_string_equal(days.day[0], "2026-03-05");
	assert_string_equal(days.day[23], "2026-03-28");
	assert_ok(days_list(fd, "2027-01-01", &days, &err), &err);
	assert_int_equal(days.n, 0);
	(void)close(fd);
}

static void a_walk_visits_all_days(void **state)
{
	enum { N = 3 * DAY_LIST_MAX };
	enum cf_status rc = CF_OK;
	struct days_walk walk;
	const char *day;
	int fd = open_dir();

	for (int n_days = 0; n_days <= N; n_days++) {
		char wanted[32];
		int n = 0;

		days_walk_init(&walk, fd, "");
		while ((day = days_walk_next(&walk, &rc, &err))) {
			(void)snprintf(wanted, sizeof(wanted), "2026-%02d-%02d",
				       n / 28 + 1, n % 28 + 1);
			assert_string_equal(day, wanted);
			n++;
		}
		assert_ok(rc, &err);
		assert_int_equal(n, n_days);
		assert_int_equal(mkdir(temp_path(dir, "2026-%02d-%02d",
						 n_days / 28 + 1,
						 n_days % 28 + 1), 0700), 0);
	}
	(void)close(fd);
	days_walk_init(&walk, -1, "");
	assert_null(days_walk_next(&walk, &rc, &err));
	assert_int_not_equal(rc, CF_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moment_has_the_day_of_utc),
		cmocka_unit_test(every_day_agrees_with_the_c_library),
		cmocka_unit_test(only_ten_characters_of_the_form_are_a_day),
		TEST(days_come_oldest_first_and_other_names_are_skipped),
		TEST(of_too_many_days_the_oldest_are_listed),
		TEST(a_walk_visits_all_days),
	};

	return cmocka_run_group_tests_name("day", tests, NULL, NULL);
}
