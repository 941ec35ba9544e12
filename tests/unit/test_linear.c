/*
 * linear.c: which maps leave a letter upright, at any size.
 */
#include "base/base.h"
#include "image/linear.h"
#include "tests/support/check.h"

static const struct linear_limits limits = {.tilt_max_deg = 30,
					    .corner_min_deg = 60,
					    .aspect_max = 2000};

/* The map whose columns are a bar and a stem of these lengths and tilts, in
 * degrees clockwise. */
static struct linear map_of(double bar, int bar_deg, double stem, int stem_deg)
{
	uint32_t a = (uint32_t)bar_deg * UINT32_C(11930465);
	uint32_t b = (uint32_t)stem_deg * UINT32_C(11930465);
	const double one = ONE_SINE;

	return (struct linear){
		(int32_t)(bar * cosine(a) / one),
		(int32_t)(-stem * sine(b) / one),
		(int32_t)(bar * sine(a) / one),
		(int32_t)(stem * cosine(b) / one),
	};
}

static void letters_up_to_the_limits_are_plain(void **state)
{
	static const struct {
		double bar, stem;
		int bar_deg, stem_deg;
		bool is_plain;
	} rows[] = {
		{1, 1, 0, 0, true},
		{1, 1, 29, 29, true},	 /* turned */
		{1, 1, 31, 31, false},
		{1, 1, -29, -29, true},
		{1, 1, -31, -31, false},
		{1, 1, 0, 29, true},	 /* slanted */
		{1, 1, 0, 31, false},
		{1, 1, -29, -2, true},
		{1, 1, -31, -2, false},
		{1, 1, -14, 14, true},	 /* both ways */
		{1, 1, -16, 16, false},
		{1, 1, 16, -16, false},
		{1.95, 1, 0, 0, true},	 /* wide */
		{2.05, 1, 0, 0, false},
		{1, 1.95, 0, 0, true},	 /* high */
		{1, 2.05, 0, 0, false},
		{-1, 1, 0, 0, false},	 /* a mirror's */
		{1, -1, 0, 0, false},
		{1, 1, 180, 180, false}, /* upside down */
		{1, 1, 90, 90, false},
		{0, 1, 0, 0, false},
		{0, 0, 0, 0, false},
	};
	static const double sizes[] = {500, 14000, 300000, 2e9};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		for (size_t k = 0; k < CF_ARRAY_LEN(sizes); k++) {
			double size = sizes[k] / 2.1;
			struct linear map = map_of(rows[i].bar * size,
						   rows[i].bar_deg,
						   rows[i].stem * size,
						   rows[i].stem_deg);

			if (linear_is_plain(map, &limits) != rows[i].is_plain)
				fail_msg("row %zu of size %zu", i, k);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_up_to_the_limits_are_plain),
	};

	return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
