/*
 * status.c: an error is filled and cut, and a status has a name.
 */
#include "base/base.h"
#include "tests/support/check.h"

static void errno_is_kept_when_it_can_be_the_cause(void **state)
{
	static const struct {
		enum cf_status status;
		int sys_errno;
		bool is_kept;
	} rows[] = {
		{CF_FULL, ENOSPC, true},	{CF_FULL, EDQUOT, true},
		{CF_FULL, EFBIG, true},		{CF_FULL, EPERM, false},
		{CF_NOMEM, ENOMEM, true},	{CF_NOMEM, EAGAIN, false},
		{CF_IO, EACCES, true},		{CF_BUSY, EAGAIN, true},
		{CF_NOT_FOUND, ENOENT, true},	{CF_CONFIG, ENOENT, true},
		{CF_GONE, EPIPE, true},		{CF_CORRUPT, EIO, true},
		{CF_BUG, ENOENT, false},	{CF_BAD_INPUT, ENOENT, false},
		{CF_TOO_LARGE, ENOENT, false},	{CF_FONT, ENOENT, false},
		{CF_BAD_TYPE, ENOENT, false},	{CF_TOO_NEW, ENOENT, false},
		{CF_LIMITED, EAGAIN, false},
	};
	struct cf_error err = CF_ERROR_INIT;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		errno = rows[i].sys_errno;
		assert_int_equal(cf_fail(&err, rows[i].status, "%s %d", "x", 7),
				 rows[i].status);
		assert_int_equal(errno, rows[i].sys_errno);
		assert_int_equal(err.status, rows[i].status);
		assert_string_equal(err.text, "x 7");
		assert_int_equal(err.sys_errno,
				 rows[i].is_kept ? rows[i].sys_errno : 0);
	}
	assert_int_equal(cf_fail(NULL, CF_IO, "%s", "x"), CF_IO);
}

static void a_long_text_is_cut_at_its_end(void **state)
{
	struct {
		struct cf_error err;
		char after;
	} s = {CF_ERROR_INIT, 'x'};
	char text[2 * CF_ERROR_TEXT_BYTES];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(cf_fail(&s.err, CF_BUG, "%s", text), CF_BUG);
	assert_int_equal(strlen(s.err.text), CF_ERROR_TEXT_BYTES - 1);
	assert_int_equal(s.after, 'x');
}

static void each_status_has_its_name(void **state)
{
	static const char *const names[CF_STATUS_COUNT + 1] = {
		"ok",	    "empty", "not-found", "bad-input", "too-large",
		"bad-type", "config", "font",	  "too-new",   "corrupt",
		"limited",  "busy",  "full",	  "io",	       "no-memory",
		"peer-gone", "bug",  "unknown",
	};

	for (int i = 0; i <= CF_STATUS_COUNT; i++)
		assert_string_equal(cf_status_name((enum cf_status)i),
				    names[i]);
	assert_string_equal(cf_status_name((enum cf_status)-1), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errno_is_kept_when_it_can_be_the_cause),
		cmocka_unit_test(a_long_text_is_cut_at_its_end),
		cmocka_unit_test(each_status_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
