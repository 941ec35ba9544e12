/*
 * stroke.c: one line from side to side, in its room, thin, different each
 * time.
 */
#include "base/base.h"
#include "image/stroke.h"

#include <setjmp.h>

#include <cmocka.h>

static struct outline outline;

static int set_up(void **state)
{
	(void)state;
	return outline_init(&outline, STROKE_POINTS, 1) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	outline_release(&outline);
	return 0;
}

static void draw(struct box room, uint64_t seed)
{
	struct rng rng;

	rng_init(&rng, seed);
	outline.n_points = outline.n_contours = 0;
	stroke_draw(room, &rng, &outline);
	assert_int_equal(outline.n_contours, 1);
	assert_int_equal(outline.ends[0], outline.n_points);
}

static void a_line_runs_from_side_to_side_inside_its_room(void **state)
{
	static const struct box rooms[] = {
		{6 * ONE_PX, 6 * ONE_PX, 234 * ONE_PX, 74 * ONE_PX},
		{0, 0, 1000 * ONE_PX, 500 * ONE_PX},
		{0, 0, 2 * ONE_PX, 2 * ONE_PX},
		{ONE_PX, ONE_PX, 2 * ONE_PX, 2 * ONE_PX},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rooms); i++)
		for (uint64_t seed = 0; seed < 500; seed++) {
			struct box box;

			draw(rooms[i], seed);
			box = outline_bounds(&outline, 0);
			assert_int_equal(box.x0, rooms[i].x0);
			assert_int_equal(box.x1, rooms[i].x1);
			assert_true(box.y0 >= rooms[i].y0);
			assert_true(box.y1 <= rooms[i].y1);
		}
}

static void it_is_thin_and_no_two_are_the_same(void **state)
{
	struct box room = {0, 0, 240 * ONE_PX, 80 * ONE_PX};
	int32_t before = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 500; seed++) {
		const struct point *p = outline.points;

		draw(room, seed);
		for (size_t i = 0; i <= STROKE_STEPS; i++) {
			const struct point *below = &p[STROKE_POINTS - 1 - i];

			assert_int_equal(below->x, p[i].x);
			assert_in_range(below->y - p[i].y, ONE_PX,
					2 * ONE_PX);
		}
		assert_int_not_equal(p[0].y, before);
		before = p[0].y;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_runs_from_side_to_side_inside_its_room),
		cmocka_unit_test(it_is_thin_and_no_two_are_the_same),
	};

	return cmocka_run_group_tests_name("stroke", tests, set_up, tear_down);
}
