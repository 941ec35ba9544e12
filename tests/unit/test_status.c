/*
 * status.c: an error is filled, cut and named, and never fails itself.
 */
#include "base/base.h"
#include "tests/support/check.h"

static void failing_fills_the_error_and_returns_the_status(void **state)
{
	struct cf_error err = CF_ERROR_INIT;

	(void)state;
	errno = ENOSPC;
	assert_int_equal(cf_fail(&err, CF_FULL, "no room for %d of %s", 7,
				 "them"), CF_FULL);
	assert_int_equal(err.status, CF_FULL);
	assert_int_equal(err.sys_errno, ENOSPC);
	assert_string_equal(err.text, "no room for 7 of them");
	assert_int_equal(errno, ENOSPC); /* for the caller's own use */
}

static void an_errno_that_cannot_be_the_cause_is_left_out(void **state)
{
	static const struct {
		enum cf_status status;
		int sys_errno;
		bool is_kept;
	} cases[] = {
		{CF_FULL, ENOSPC, true},  {CF_FULL, EDQUOT, true},
		{CF_FULL, EFBIG, true},	  {CF_FULL, EPERM, false},
		{CF_NOMEM, ENOMEM, true}, {CF_NOMEM, EAGAIN, false},
		{CF_IO, EACCES, true},	  {CF_BUSY, EAGAIN, true},
		{CF_BUG, ENOENT, false},  {CF_BAD_INPUT, ENOENT, false},
	};
	struct cf_error err = CF_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		errno = cases[i].sys_errno;
		(void)cf_fail(&err, cases[i].status, "x");
		assert_int_equal(err.sys_errno,
				 cases[i].is_kept ? cases[i].sys_errno : 0);
		assert_int_equal(errno, cases[i].sys_errno);
	}
}

static void an_error_that_nobody_wants_is_no_fault(void **state)
{
	(void)state;
	assert_int_equal(cf_fail(NULL, CF_IO, "%s", "x"), CF_IO);
}

static void a_long_text_is_cut_at_its_end(void **state)
{
	struct {
		struct cf_error err;
		char after;
	} s = {CF_ERROR_INIT, 'x'};
	char text[2 * CF_ERROR_TEXT_BYTES];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(cf_fail(&s.err, CF_BUG, "%s", text), CF_BUG);
	assert_int_equal(strlen(s.err.text), CF_ERROR_TEXT_BYTES - 1);
	assert_int_equal(s.after, 'x');
}

static void every_status_has_a_name_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(cf_status_name(CF_OK), "ok");
	assert_string_equal(cf_status_name(CF_NOT_FOUND), "not-found");
	for (int a = 0; a < CF_STATUS_COUNT; a++) {
		const char *name = cf_status_name((enum cf_status)a);

		assert_non_null(name);
		assert_string_not_equal(name, "unknown");
		for (int b = 0; b < a; b++)
			assert_string_not_equal(
				name, cf_status_name((enum cf_status)b));
	}
	assert_string_equal(cf_status_name(CF_STATUS_COUNT), "unknown");
	assert_string_equal(cf_status_name((enum cf_status)-1), "unknown");
	assert_string_equal(cf_status_name((enum cf_status)9999), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			failing_fills_the_error_and_returns_the_status),
		cmocka_unit_test(an_errno_that_cannot_be_the_cause_is_left_out),
		cmocka_unit_test(an_error_that_nobody_wants_is_no_fault),
		cmocka_unit_test(a_long_text_is_cut_at_its_end),
		cmocka_unit_test(every_status_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
