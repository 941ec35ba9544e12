/*
 * range.c: the part of a body that each Range asks for.
 */
#include "base/base.h"
#include "http/range.h"
#include "tests/support/check.h"

#define MARK "\"0123abcd\""

enum { TOTAL = 256044 };

static void each_header_has_its_part(void **state)
{
#define WHOLE	     RANGE_WHOLE, 0, TOTAL
#define BEYOND	     RANGE_BEYOND, 0, 0
#define PART(at, n)  RANGE_PART, (at), (n)
	static const struct {
		const char *header;
		enum range_kind kind;
		size_t first, n_bytes;
	} cases[] = {
		{"", WHOLE},
		{"items=0-1", WHOLE},
		{"bytes=5-2", WHOLE},
		{"bytes=x", WHOLE},
		{"bytes=0-1,4-5", WHOLE},
		{"bytes=0-1, 4-", WHOLE},
		{"bytes=0-,", WHOLE},
		{"bytes=", WHOLE},
		{"bytes=-", WHOLE},
		{"bytes=--5", WHOLE},
		{"bytes=-5-", WHOLE},
		{"bytes=5-6-", WHOLE},
		{"bytes=+0-1", WHOLE},
		{"bytes=0x0-1", WHOLE},
		{"bytes=0 -1", WHOLE},
		{"bytes=0- 1", WHOLE},
		{"bytes 0-1", WHOLE},
		{"bytes", WHOLE},
		{" bytes=0-1", WHOLE},
		{"bytes=0-1", PART(0, 2)},
		{"Bytes=0-1", PART(0, 2)},
		{"bytes= 0-1 ", PART(0, 2)},
		{"bytes=0-0", PART(0, 1)},
		{"bytes=0-", PART(0, TOTAL)},
		{"bytes=1-", PART(1, TOTAL - 1)},
		{"bytes=007-8", PART(7, 2)},
		{"bytes=256000-", PART(256000, 44)},
		{"bytes=-44", PART(256000, 44)},
		{"bytes=256043-", PART(256043, 1)},
		{"bytes=-1", PART(256043, 1)},
		{"bytes=0-999999", PART(0, TOTAL)},
		{"bytes=5-99999999999999999999", PART(5, TOTAL - 5)},
		{"bytes=-256044", PART(0, TOTAL)},
		{"bytes=-256045", PART(0, TOTAL)},
		{"bytes=-99999999999999999999", PART(0, TOTAL)},
		{"bytes=256044-", BEYOND},
		{"bytes=256044-256050", BEYOND},
		{"bytes=99999999999999999999-", BEYOND},
		{"bytes=-0", BEYOND},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct range range =
			range_find(str_from(cases[i].header),
				   (struct str)STR_INIT, MARK, TOTAL);

		if (range.kind != cases[i].kind ||
		    range.first != cases[i].first ||
		    range.n_bytes != cases[i].n_bytes)
			fail_msg("%s: %d, %zu bytes from %zu on",
				 cases[i].header, range.kind, range.n_bytes,
				 range.first);
	}
}

/* By the strong comparison: RFC 9110 section 13.1.5. */
static void if_range_must_be_the_mark(void **state)
{
	static const char *const others[] = {
		"\"0123abce\"", "0123abcd", ("W/" MARK), "*",
		"Sun, 29 Nov 2026 06:40:00 GMT"};
	struct str header = STR_LIT("bytes=5-6");

	assert_int_equal(
		range_find(header, STR_LIT(MARK), MARK, TOTAL).kind,
		RANGE_PART);
	for (size_t i = 0; i < CF_ARRAY_LEN(others); i++)
		assert_int_equal(range_find(header, str_from(others[i]), MARK,
					    TOTAL)
					 .kind,
				 RANGE_WHOLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_header_has_its_part),
		cmocka_unit_test(if_range_must_be_the_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
