/*
 * warp.c and the sine of outline.h: smooth, bounded, the same each time.
 */
#include "base/base.h"
#include "image/warp.h"

#include <setjmp.h>

#include <cmocka.h>

enum {
	EM = 54 * ONE_PX,
	STEP = EM / 16,
	FAR = EM * 53 / 100, /* three times 7.3 % of the longest wave */
	ACROSS = 64
};

static void sine_has_the_values_of_a_sine(void **state)
{
	/* of 0, 1/12, 1/8, 1/4 turn, in parts of ONE_SINE */
	static const struct {
		uint32_t turn;
		int32_t value;
	} known[] = {
		{0, 0},
		{357913941, 16384},
		{536870912, 23170},
		{1073741824, 32768},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(known); i++) {
		int32_t s = sine(known[i].turn);

		assert_in_range(s + 40, known[i].value, known[i].value + 80);
		s = -sine(-known[i].turn);
		assert_in_range(s + 40, known[i].value, known[i].value + 80);
	}
	assert_in_range(cosine(0), ONE_SINE - 40, ONE_SINE);
}

static void sine_and_cosine_lie_on_a_circle(void **state)
{
	(void)state;
	for (uint32_t turn = 0; turn < UINT32_MAX - 100003; turn += 100003) {
		int64_t s = sine(turn), c = cosine(turn);
		int64_t square = s * s + c * c;

		assert_in_range(square,
				INT64_C(996) * ONE_SINE * ONE_SINE / 1000,
				INT64_C(1004) * ONE_SINE * ONE_SINE / 1000);
	}
}

/* A sheet of points before and after. */
static void bend_sheet(uint64_t seed, struct outline *sheet)
{
	struct warp warp;
	struct rng rng;

	sheet->n_points = 0;
	for (int32_t y = 0; y < ACROSS; y++)
		for (int32_t x = 0; x < ACROSS; x++)
			sheet->points[sheet->n_points++] =
				(struct point){x * STEP, y * STEP};
	rng_init(&rng, seed);
	warp_init(&warp, look_of(GENERATOR_NORMAL), &rng, EM);
	warp_bend(&warp, sheet);
}

static void same_seed_bends_alike_and_another_does_not(void **state)
{
	size_t bytes = ACROSS * ACROSS * sizeof(struct point);
	struct outline a, b, c;

	(void)state;
	assert_true(outline_init(&a, ACROSS * ACROSS, 1));
	assert_true(outline_init(&b, ACROSS * ACROSS, 1));
	assert_true(outline_init(&c, ACROSS * ACROSS, 1));
	bend_sheet(1, &a);
	bend_sheet(1, &b);
	bend_sheet(2, &c);
	assert_memory_equal(a.points, b.points, bytes);
	assert_memory_not_equal(a.points, c.points, bytes);
	outline_release(&a);
	outline_release(&b);
	outline_release(&c);
}

/* Each small square of the sheet keeps its area's sign: it is not turned over.
 */
static void no_place_is_folded_or_moved_far(void **state)
{
	struct outline sheet;

	(void)state;
	assert_true(outline_init(&sheet, ACROSS * ACROSS, 1));
	for (uint64_t seed = 0; seed < 500; seed++) {
		bend_sheet(seed, &sheet);
		for (int32_t y = 0; y + 1 < ACROSS; y++)
			for (int32_t x = 0; x + 1 < ACROSS; x++) {
				struct point *p = &sheet.points[y * ACROSS + x];
				struct point right = p[1], down = p[ACROSS];
				int64_t area = (int64_t)(right.x - p->x) *
						       (down.y - p->y) -
					       (int64_t)(right.y - p->y) *
						       (down.x - p->x);

				assert_true(area > 0);
				assert_true(abs(p->x - x * STEP) < FAR);
				assert_true(abs(p->y - y * STEP) < FAR);
			}
	}
	outline_release(&sheet);
}

/* Up to rounding, of points and of the sine, which is right to a thousandth. */
static void check_step(int32_t moved, int32_t share, int32_t step)
{
	int32_t said = (int32_t)((int64_t)share * step / ONE_LINEAR);

	if (abs(moved - said) > 6)
		fail_msg("moves %d, not %d", (int)moved, (int)said);
}

/* A step to the right and one down from a place, before and after. */
static void near_a_point_it_is_the_map_it_says(void **state)
{
	enum { SMALL = ONE_PX / 2 };
	struct outline cross;

	(void)state;
	assert_true(outline_init(&cross, 4, 1));
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct point at = {(int32_t)(seed * 7919 % 60000),
				   (int32_t)(seed * 104729 % 30000) - 15000};
		struct linear map;
		struct warp warp;
		struct rng rng;
		struct point *p = cross.points;

		rng_init(&rng, seed);
		warp_init(&warp, look_of(GENERATOR_HARD), &rng, EM);
		map = warp_near(&warp, at);
		p[0] = (struct point){at.x - SMALL, at.y};
		p[1] = (struct point){at.x + SMALL, at.y};
		p[2] = (struct point){at.x, at.y - SMALL};
		p[3] = (struct point){at.x, at.y + SMALL};
		cross.n_points = 4;
		warp_bend(&warp, &cross);
		check_step(p[1].x - p[0].x, map.xx, 2 * SMALL);
		check_step(p[1].y - p[0].y, map.yx, 2 * SMALL);
		check_step(p[3].x - p[2].x, map.xy, 2 * SMALL);
		check_step(p[3].y - p[2].y, map.yy, 2 * SMALL);
	}
	outline_release(&cross);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sine_has_the_values_of_a_sine),
		cmocka_unit_test(sine_and_cosine_lie_on_a_circle),
		cmocka_unit_test(same_seed_bends_alike_and_another_does_not),
		cmocka_unit_test(no_place_is_folded_or_moved_far),
		cmocka_unit_test(near_a_point_it_is_the_map_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
