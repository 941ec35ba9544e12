/*
 * ready.c: names of ready pictures, and walks over many of them.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "pool/ready.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <sys/stat.h>

static char dir[TEMP_PATH_BYTES];
static struct ready ready; /* large */
static int root_fd;

static int set_up(void **state)
{
	if (crypt_open(NULL))
		return -1;
	temp_dir_make(dir);
	root_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ready_init(&ready, "ready");
	return root_fd < 0;
}

static int tear_down(void **state)
{
	ready_release(&ready);
	(void)close(root_fd);
	temp_dir_remove(dir);
	return 0;
}

/* n ready pictures of a day; the code of each is its number. */
static void make_ready(const char *day, int first, int n)
{
	(void)mkdir(temp_path(dir, "%s", day), 0700);
	(void)mkdir(temp_path(dir, "%s/ready", day), 0700);
	for (int i = first; i < first + n; i++) {
		char code[16], name[READY_NAME_BYTES];

		(void)snprintf(code, sizeof(code), "%d", i);
		ready_make(code, name);
		temp_write(temp_path(dir, "%s/ready/%s", day, name), "x");
	}
}

/* The number in the code of the next name, -1 at the end. Remove the file, as
 * callers do: a round may read a place twice. */
static int next_number(const char *from_day, const char **day)
{
	const char *name = ready_next(&ready, root_fd, from_day, day);
	char code[POOL_CODE_MAX_BYTES + 1];
	int n = -1;

	if (!name)
		return -1;
	assert_true(ready_parse(name, code));
	assert_int_equal(sscanf(code, "%d", &n), 1);
	assert_int_equal(unlink(temp_path(dir, "%s/ready/%s", *day, name)), 0);
	return n;
}

static void any_code_goes_into_a_name_and_back(void **state)
{
	static const char *const codes[] = {"k7xq", "3fkl9w",
					    "\x01\x7f\x80\xff/. \n"};
	char name[READY_NAME_BYTES], code[POOL_CODE_MAX_BYTES + 1];
	char longest[POOL_CODE_MAX_BYTES + 1];

	for (size_t i = 0; i < CF_ARRAY_LEN(codes); i++) {
		ready_make(codes[i], name);
		assert_true(ready_is_name(name));
		assert_null(strchr(name, '/'));
		assert_null(strstr(name, codes[i])); /* not in the clear */
		assert_true(ready_parse(name, code));
		assert_string_equal(code, codes[i]);
	}
	memset(longest, 'w', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ready_make(longest, name);
	assert_int_equal(strlen(name), READY_NAME_BYTES - 1);
	assert_true(ready_parse(name, code));
	assert_string_equal(code, longest);
}

/* The nonce of a ready name has each digit as often, whatever the code: a
 * picture's place among names tells nothing. (The rest of the name is the code
 * by design, in a directory that nobody else may read; a live picture's name is
 * its pid, and no more: test_pool.c.) */
static void a_nonce_tells_nothing_of_its_code(void **state)
{
	enum { N = 20000, DIGITS = 16 };
	static const char *const codes[] = {"aaaaa", "wwwwww"};
	static const char digits[] = "0123456789abcdef";
	static int counts[2][READY_NONCE_CHARS][DIGITS];
	double apart = 0, uneven = 0;

	memset(counts, 0, sizeof(counts));
	for (int i = 0; i < 2 * N; i++) {
		char name[READY_NAME_BYTES];

		ready_make(codes[i % 2], name);
		for (size_t k = 0; k < READY_NONCE_CHARS; k++)
			counts[i % 2][k][strchr(digits, name[k]) - digits]++;
	}
	for (size_t k = 0; k < READY_NONCE_CHARS; k++)
		for (size_t d = 0; d < DIGITS; d++) {
			double a = counts[0][k][d], b = counts[1][k][d];
			double each = (double)(N / DIGITS);

			apart += (a - b) * (a - b) / (a + b);
			uneven += (a + b - 2 * each) * (a + b - 2 * each) /
				  (2 * each);
		}
	/* 16 * 15 degrees of freedom: above 358.9 once in 10^6 times */
	assert_true(apart < 358.9);
	assert_true(uneven < 358.9);
}

static void names_of_another_form_have_no_code(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"0123456789abcdef",
		"0123456789abcdef-",
		"0123456789abcdef-.png",
		"0123456789abcdef-6.png",
		"0123456789abcdef-616.png",
		"0123456789abcdef-61",
		"0123456789abcdef-61.pn",
		"0123456789abcdef-61.png~",
		"0123456789abcdef-61.png.tmp",
		"0123456789abcdef-61.PNG",
		"0123456789abcdef-6G.png",
		"0123456789abcdef-6A.png", /* lower case only */
		"0123456789ABCDEF-61.png",
		"0123456789abcde-61.png",
		"0123456789abcdef0-61.png",
		"0123456789abcdef_61.png",
		"0123456789abcdef-00.png", /* a code has no NUL */
		"0123456789abcdef-6100.png",
		"../456789abcdef0-61.png",
	};
	char code[POOL_CODE_MAX_BYTES + 1];
	char long_name[READY_NAME_BYTES + 8];

	assert_true(ready_is_name("0123456789abcdef-61.png"));
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++) {
		assert_false(ready_parse(bad[i], code));
		assert_false(ready_is_name(bad[i]));
	}
	(void)snprintf(long_name, sizeof(long_name), "0123456789abcdef-");
	for (int i = 0; i <= POOL_CODE_MAX_BYTES; i++)
		memcpy(long_name + 17 + 2 * i, "61", 2);
	memcpy(long_name + 17 + 2 * (POOL_CODE_MAX_BYTES + 1), ".png", 5);
	assert_false(ready_is_name(long_name));
}

static void each_name_is_given_once_in_a_round(void **state)
{
	enum { N = 2 * READY_MAX + 30 };
	static bool seen[N];
	const char *day;
	int n;

	for (int round = 0; round < 2; round++) {
		make_ready("2026-11-23", 0, N);
		memset(seen, 0, sizeof(seen));
		for (int i = 0; i < N; i++) {
			n = next_number("", &day);
			assert_in_range(n, 0, N - 1);
			assert_false(seen[n]);
			seen[n] = true;
			assert_string_equal(day, "2026-11-23");
		}
		assert_int_equal(next_number("", &day), -1);
	}
}

static void names_are_shuffled_and_days_come_oldest_first(void **state)
{
	const char *day;
	int n_rising = 0, last = -1;

	make_ready("2026-11-22", 0, 100);
	make_ready("2026-11-23", 100, 100);
	make_ready("2026-11-21", 200, 100);
	for (int i = 0; i < 300; i++) {
		static const char *const order[] = {"2026-11-21", "2026-11-22",
						    "2026-11-23"};
		int n = next_number("", &day);

		assert_string_equal(day, order[i / 100]);
		n_rising += n > last;
		last = n;
	}
	assert_in_range(n_rising, 60, 240);
	assert_int_equal(next_number("", &day), -1);
}

/* Also days that grow too old within a round. */
static void earlier_days_are_skipped(void **state)
{
	static const struct {
		const char *from_day;
		int number;
	} rows[] = {{"2026-11-23", 3}, {"2026-11-23", -1}, {"2026-11-24", -1},
		    {"2026-11-21", 1}, {"2026-11-23", 4},  {"2026-11-23", -1}};
	const char *day;

	make_ready("2026-11-21", 1, 1);
	make_ready("2026-11-22", 2, 1);
	make_ready("2026-11-23", 3, 1);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_int_equal(next_number(rows[i].from_day, &day),
				 rows[i].number);
		if (i == 2)
			make_ready("2026-11-23", 4, 1);
	}
}

static void other_files_are_left_out(void **state)
{
	const char *day;
	char elsewhere[TEMP_PATH_BYTES];

	assert_int_equal(next_number("", &day), -1); /* it can fill up later */
	make_ready("2026-11-23", 7, 1);
	temp_write(temp_path(dir, "2026-11-23/ready/core"), "x");
	temp_write(temp_path(dir, "2026-11-23/ready/.hidden"), "x");
	temp_write(temp_path(dir, "2026-11-23/ready/0123456789abcdef-.png"),
		   "x");
	assert_int_equal(mkdir(temp_path(dir, "2026-11-24"), 0700), 0);
	temp_write(temp_path(dir, "2026-11-25"), "a file named as a day");
	assert_int_equal(next_number("", &day), 7);
	assert_int_equal(next_number("", &day), -1);
	/* a directory that is a link is not followed */
	make_ready("2026-11-23", 7, 1);
	(void)snprintf(elsewhere, sizeof(elsewhere), "%s",
		       temp_path(dir, "elsewhere"));
	assert_int_equal(rename(temp_path(dir, "2026-11-23/ready"), elsewhere),
			 0);
	assert_int_equal(symlink(elsewhere,
				 temp_path(dir, "2026-11-23/ready")), 0);
	assert_int_equal(next_number("", &day), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_code_goes_into_a_name_and_back),
		TEST(a_nonce_tells_nothing_of_its_code),
		TEST(names_of_another_form_have_no_code),
		TEST(each_name_is_given_once_in_a_round),
		TEST(names_are_shuffled_and_days_come_oldest_first),
		TEST(earlier_days_are_skipped),
		TEST(other_files_are_left_out),
	};

	return cmocka_run_group_tests_name("ready", tests, NULL, NULL);
}
