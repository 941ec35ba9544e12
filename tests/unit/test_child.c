/*
 * child.c: programs that a command runs.
 */
#include "base/base.h"
#include "ctl/child.h"
#include "tests/support/check.h"

enum { SOON_MS = 60 * 1000, OUT_BYTES = 1000 };

static char *const no_environment[] = {NULL};

static enum cf_status run(const char *script, int timeout_ms, struct buf *out,
			  struct cf_error *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	*err = (struct cf_error)CF_ERROR_INIT;
	buf_init(out, OUT_BYTES);
	return child_run(argv, no_environment, timeout_ms, out, err);
}

static void output_is_appended(void **state)
{
	struct cf_error err;
	struct buf out;

	assert_ok(run("printf one; echo two >&2; printf three", SOON_MS, &out,
		      &err), &err);
	assert_string_equal(out.ptr, "onethree");
	buf_release(&out);
}

static void it_has_no_input_and_no_environment(void **state)
{
	struct cf_error err;
	struct buf out;

	assert_int_equal(setenv("CF_TEST_SECRET", "x", 1), 0);
	assert_ok(run("cat; echo ${CF_TEST_SECRET-none}", SOON_MS, &out, &err),
		  &err);
	assert_string_equal(out.ptr, "none\n");
	buf_release(&out);
}

static void all_of_the_room_may_be_used_and_not_a_byte_more(void **state)
{
	struct cf_error err;
	struct buf out;

	assert_ok(run("printf %1000s x", SOON_MS, &out, &err), &err);
	assert_int_equal(out.len, OUT_BYTES);
	buf_release(&out);
	assert_status(run("printf %1001s x", SOON_MS, &out, &err),
		      CF_TOO_LARGE, &err);
	assert_has(err.text, "sh -c printf");
	buf_release(&out);
	/* one that would never end is killed */
	assert_status(run("while :; do echo x; done", SOON_MS, &out, &err),
		      CF_TOO_LARGE, &err);
	buf_release(&out);
}

static void one_that_takes_too_long_is_killed(void **state)
{
	static const char *const scripts[] = {
		"exec sleep 1000",
		"exec sleep 1000 >&-", /* it has ended its output */
		"sleep 10 & exit 0",   /* another has its output */
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(scripts); i++) {
		struct cf_error err;
		struct buf out;

		assert_status(run(scripts[i], 50, &out, &err), CF_IO, &err);
		buf_release(&out);
	}
}

static void a_failure_is_told_with_the_arguments(void **state)
{
	static const char *const missing[] = {"cf-no-such-program", NULL};
	struct cf_error err;
	struct buf out;

	assert_status(run("exit 3", SOON_MS, &out, &err), CF_IO, &err);
	assert_string_equal(err.text, "sh -c exit 3: ended with exit code 3");
	buf_release(&out);
	assert_status(run("kill -KILL $$", SOON_MS, &out, &err), CF_IO, &err);
	assert_has(err.text, "was ended by signal 9");
	buf_release(&out);
	err = (struct cf_error)CF_ERROR_INIT;
	assert_status(child_run(missing, no_environment, SOON_MS, &out, &err),
		      CF_NOT_FOUND, &err);
	assert_has(err.text, "cf-no-such-program is not installed");
}

static void a_program_is_looked_for_in_PATH(void **state)
{
	assert_true(child_is_installed("sh"));
	assert_false(child_is_installed("cf-no-such-program"));
	assert_int_equal(setenv("PATH", "/nowhere:/also-nowhere", 1), 0);
	assert_false(child_is_installed("sh"));
	assert_int_equal(unsetenv("PATH"), 0);
	assert_false(child_is_installed("sh"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_appended),
		cmocka_unit_test(it_has_no_input_and_no_environment),
		cmocka_unit_test(
			all_of_the_room_may_be_used_and_not_a_byte_more),
		cmocka_unit_test(one_that_takes_too_long_is_killed),
		cmocka_unit_test(a_failure_is_told_with_the_arguments),
		cmocka_unit_test(a_program_is_looked_for_in_PATH),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
