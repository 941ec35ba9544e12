/*
 * breaker.c: when a process may try a server. All processes share this.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "store/breaker.h"
#include "tests/support/check.h"
#include "tests/support/processes.h"
#include "tests/support/temp_dir.h"

enum { TRIAL_MS = 2000 };

static char dir[TEMP_PATH_BYTES];

static int set_up(void **state)
{
	struct cf_error err = CF_ERROR_INIT;

	assert_ok(crypt_open(&err), &err);
	(void)unlink(temp_path(dir, "breaker"));
	*state = breaker_open(dir);
	assert_non_null(*state);
	return 0;
}

static int tear_down(void **state)
{
	breaker_close(*state);
	return 0;
}

static int64_t wait_ms(struct breaker *b, const char *server, int64_t now)
{
	return breaker_wait_ms(b, server, now, TRIAL_MS);
}

static void pauses_double_up_to_a_limit(void **state)
{
	int64_t now = 1000, longest = BREAKER_PAUSE_MIN_MS;

	/* a server that nothing is known of may be tried */
	breaker_worked(*state, "a");
	assert_int_equal(wait_ms(*state, "a", now), 0);
	assert_int_equal(wait_ms(*state, "a", now), 0);
	for (int i = 0; i < 12; i++) {
		int64_t ms;

		breaker_failed(*state, "a", now);
		ms = wait_ms(*state, "a", now);
		assert_in_range(ms, longest / 2, longest);
		assert_int_equal(wait_ms(*state, "a", now + ms - 1), 1);
		assert_int_equal(wait_ms(*state, "b", now), 0);
		now += ms;
		assert_int_equal(wait_ms(*state, "a", now), 0);
		longest = longest * 2 < BREAKER_PAUSE_MAX_MS
				  ? longest * 2
				  : BREAKER_PAUSE_MAX_MS;
	}
	breaker_worked(*state, "a");
	breaker_failed(*state, "a", now);
	assert_in_range(wait_ms(*state, "a", now), BREAKER_PAUSE_MIN_MS / 2,
			BREAKER_PAUSE_MIN_MS);
}

static void one_process_tries_and_the_others_wait(void **state)
{
	int64_t now = 1000 + BREAKER_PAUSE_MIN_MS;

	breaker_failed(*state, "a", 1000);
	assert_int_equal(wait_ms(*state, "a", now), 0);
	assert_int_equal(wait_ms(*state, "a", now), TRIAL_MS);
	/* the process that tries may have been killed */
	now += TRIAL_MS;
	assert_int_equal(wait_ms(*state, "a", now - 1), 1);
	assert_int_equal(wait_ms(*state, "a", now), 0);
	assert_int_equal(wait_ms(*state, "a", now), TRIAL_MS);
	breaker_worked(*state, "a");
	assert_int_equal(wait_ms(*state, "a", now), 0);
	assert_int_equal(wait_ms(*state, "a", now), 0);
}

/* All connections of all processes fail: that is one failure. */
static void failures_at_once_count_as_one(void **state)
{
	for (int i = 0; i < 20; i++)
		breaker_failed(*state, "a", 1000);
	assert_in_range(wait_ms(*state, "a", 1000), BREAKER_PAUSE_MIN_MS / 2,
			BREAKER_PAUSE_MIN_MS);
}

static void a_time_from_before_a_reboot_does_not_count(void **state)
{
	breaker_failed(*state, "a", INT64_C(900000000));
	assert_int_equal(wait_ms(*state, "a", 5000), 0);
	assert_int_equal(wait_ms(*state, "a", 5000), TRIAL_MS);
}

/* 1 if this process may try. */
static int ask(int i)
{
	struct breaker *b = breaker_open(dir);

	return b && !wait_ms(b, "a", 2000);
}

static int report_success(int i)
{
	struct breaker *b = breaker_open(dir);

	if (b)
		breaker_worked(b, "a");
	return !b;
}

static void of_many_processes_one_tries(void **state)
{
	breaker_failed(*state, "a", 1000);
	assert_int_equal(processes_run(16, ask), 1);
	assert_true(wait_ms(*state, "a", 2000) > 0);
	assert_int_equal(processes_run(1, report_success), 0);
	assert_int_equal(wait_ms(*state, "a", 2000), 0);
}

static void without_a_directory_a_process_is_alone(void **state)
{
	struct breaker *b = breaker_open("/dev/null/nowhere");

	assert_non_null(b);
	breaker_failed(b, "a", 1000);
	assert_true(wait_ms(b, "a", 1000) > 0);
	assert_int_equal(wait_ms(*state, "a", 1000), 0);
	breaker_close(b);
	breaker_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pauses_double_up_to_a_limit),
		TEST(one_process_tries_and_the_others_wait),
		TEST(failures_at_once_count_as_one),
		TEST(a_time_from_before_a_reboot_does_not_count),
		TEST(of_many_processes_one_tries),
		TEST(without_a_directory_a_process_is_alone),
	};
	int n_failed;

	temp_dir_make(dir);
	n_failed = cmocka_run_group_tests(tests, NULL, NULL);
	temp_dir_remove(dir);
	return n_failed;
}
