/*
 * breaker.c: who may try a server, when, and what processes know of each other.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "store/breaker.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <sys/wait.h>

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

static void a_server_that_nothing_is_known_of_may_be_tried(void **state)
{
	assert_int_equal(wait_ms(*state, "a", 0), 0);
	assert_int_equal(wait_ms(*state, "a", 0), 0);
	breaker_worked(*state, "a");
	assert_int_equal(wait_ms(*state, "a", 0), 0);
}

static void pauses_double_up_to_a_limit(void **state)
{
	int64_t now = 1000, longest = BREAKER_PAUSE_MIN_MS;

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

static void one_tries_and_the_others_wait(void **state)
{
	int64_t now = 1000;

	breaker_failed(*state, "a", now);
	now += BREAKER_PAUSE_MIN_MS;
	assert_int_equal(wait_ms(*state, "a", now), 0);
	assert_int_equal(wait_ms(*state, "a", now), TRIAL_MS);
	/* it was killed, say */
	assert_int_equal(wait_ms(*state, "a", now + TRIAL_MS - 1), 1);
	assert_int_equal(wait_ms(*state, "a", now + TRIAL_MS), 0);
	assert_int_equal(wait_ms(*state, "a", now + TRIAL_MS), TRIAL_MS);
	breaker_worked(*state, "a");
	assert_int_equal(wait_ms(*state, "a", now + TRIAL_MS), 0);
	assert_int_equal(wait_ms(*state, "a", now + TRIAL_MS), 0);
}

/* They lose the connections they had: that is one failure. */
static void many_that_fail_at_once_count_as_one(void **state)
{
	for (int i = 0; i < 20; i++)
		breaker_failed(*state, "a", 1000);
	assert_in_range(wait_ms(*state, "a", 1000), BREAKER_PAUSE_MIN_MS / 2,
			BREAKER_PAUSE_MIN_MS);
}

static void what_is_from_before_a_restart_says_nothing(void **state)
{
	breaker_failed(*state, "a", INT64_C(900000000));
	assert_int_equal(wait_ms(*state, "a", 5000), 0);
	/* and who tries now is waited for */
	assert_int_equal(wait_ms(*state, "a", 5000), TRIAL_MS);
}

static void all_processes_know(void **state)
{
	struct breaker *other = breaker_open(dir);
	int status;
	pid_t pid;

	assert_non_null(other);
	breaker_failed(*state, "a", 1000);
	assert_true(wait_ms(other, "a", 1000) > 0);
	breaker_close(other);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		other = breaker_open(dir);
		if (!other || !wait_ms(other, "a", 1000))
			_exit(1);
		breaker_worked(other, "a");
		breaker_close(other);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(wait_ms(*state, "a", 1000), 0);
}

/* Of many who ask at the end of a pause, one is let through. */
static void of_many_processes_one_tries(void **state)
{
	enum { N = 16 };
	int fd[2], n_let = 0;
	char go, let;

	breaker_failed(*state, "a", 1000);
	assert_int_equal(pipe(fd), 0);
	for (int i = 0; i < N; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			struct breaker *b = breaker_open(dir);

			let = !b || !wait_ms(b, "a", 2000);
			_exit(write(fd[1], &let, 1) != 1);
		}
	}
	for (int i = 0; i < N; i++) {
		assert_int_equal(read(fd[0], &go, 1), 1);
		n_let += go;
	}
	while (wait(NULL) > 0)
		;
	(void)close(fd[0]);
	(void)close(fd[1]);
	assert_int_equal(n_let, 1);
}

static void without_a_directory_it_is_a_process_s_own(void **state)
{
	struct breaker *b = breaker_open("/dev/null/nowhere");

	(void)state;
	assert_non_null(b);
	breaker_failed(b, "a", 1000);
	assert_true(wait_ms(b, "a", 1000) > 0);
	breaker_close(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_server_that_nothing_is_known_of_may_be_tried),
		TEST(pauses_double_up_to_a_limit),
		TEST(one_tries_and_the_others_wait),
		TEST(many_that_fail_at_once_count_as_one),
		TEST(what_is_from_before_a_restart_says_nothing),
		TEST(all_processes_know),
		TEST(of_many_processes_one_tries),
		TEST(without_a_directory_it_is_a_process_s_own),
	};
	int n_failed;

	temp_dir_make(dir);
	n_failed = cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
	temp_dir_remove(dir);
	return n_failed;
}
