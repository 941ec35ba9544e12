/*
 * Every unit test includes this after base.h: cmocka, and checks that show the
 * text of an error.
 */
#ifndef CF_TESTS_CHECK_H
#define CF_TESTS_CHECK_H

#include "base/status.h"

#include <setjmp.h>

#include <cmocka.h>

/* cmocka passes a state that few tests need. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* Leave a test that needs what is not there. skip() of cmocka writes "not ok",
 * which automake takes for a failure. */
#define leave_test(missing)                                              \
	do {                                                             \
		print_message("# not tested: %s is missing\n", (missing)); \
		return;                                                  \
	} while (0)

/* Fail with the text of err unless status is wanted. */
static inline void check_status(enum cf_status status, enum cf_status wanted,
				const struct cf_error *err, const char *file,
				int line)
{
	if (status == wanted)
		return;
	print_error("status %s, not %s: %s\n", cf_status_name(status),
		    cf_status_name(wanted), err ? err->text : "");
	_fail(file, line);
}

#define assert_status(rc, wanted, err) \
	check_status((rc), (wanted), (err), __FILE__, __LINE__)
#define assert_ok(rc, err) assert_status(rc, CF_OK, err)

/* Fail unless text contains part. */
static inline void check_has(const char *text, const char *part,
			     const char *file, int line)
{
	if (!strstr(text, part)) {
		print_error("\"%s\" is not in \"%s\"\n", part, text);
		_fail(file, line);
	}
}

/* cmocka 1.1 has this for unsigned numbers alone, and 2.0 deprecates it. */
static inline void check_in_range(int64_t n, int64_t min, int64_t max,
				  const char *file, int line)
{
	if (n < min || n > max) {
		print_error("%lld is not within %lld to %lld\n", (long long)n,
			    (long long)min, (long long)max);
		_fail(file, line);
	}
}

#undef assert_in_range
#define assert_in_range(n, min, max) \
	check_in_range((int64_t)(n), (int64_t)(min), (int64_t)(max), __FILE__, \
		       __LINE__)

#define assert_has(text, part) check_has((text), (part), __FILE__, __LINE__)

#endif
