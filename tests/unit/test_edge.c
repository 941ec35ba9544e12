/*
 * edge.c: an edge is one line from the top to the foot. It stays in its band
 * and between letters, and turns exactly the pixels right of it.
 */
#include "base/base.h"
#include "image/edge.h"
#include "tests/support/check.h"

enum {
	BLOCK = 16, /* bands are made a multiple of it */
	/* pixels on either side of an edge that are neither paper nor ink: half
	 * of STEP_PX, and one more */
	SOFT_PX = 2,
	STEP_PX = 3, /* at most, from one row to the next */
	SEEDS = 40,
	SEEDS_OF_LARGE = 4, /* pictures, which take long */
	LARGE_PX = 100000,
};

static struct raster raster;
static struct edges edges;

static void make(int32_t width_px, int32_t height_px)
{
	assert_true(raster_init(&raster, width_px, height_px));
	assert_true(edges_init(&edges, &raster));
	raster_finish(&raster);
}

static void drop(void)
{
	edges_release(&edges);
	raster_release(&raster);
}

static uint64_t n_seeds(void)
{
	return raster.width_px * raster.height_px < LARGE_PX ? SEEDS
							     : SEEDS_OF_LARGE;
}

static uint8_t *row(int32_t y)
{
	return raster.cover + (size_t)y * raster.stride;
}

static void cut(int32_t left_px, int32_t right_px, uint64_t seed)
{
	struct rng rng;

	rng_init(&rng, seed);
	edge_cut(&edges, &raster, left_px, right_px, &rng);
}

/* Ink in a rectangle, as it comes from raster_finish. */
static void blot(int32_t x0, int32_t y0, int32_t x1, int32_t y1, uint8_t ink)
{
	for (int32_t y = y0; y < y1; y++)
		memset(row(y) + x0, ink, (size_t)(x1 - x0));
}

/* Where a row of blank paper has turned: the first pixel that is more ink than
 * paper. Fails unless pixels left of it are paper, pixels right of it are ink,
 * and pixels between rise. */
static int32_t turn_of(int32_t y)
{
	const uint8_t *at = row(y);
	bool is_one_turn = true;
	int32_t x = 0;

	while (x < raster.width_px && at[x] < 128)
		x++;
	for (int32_t k = 0; k < raster.width_px; k++)
		is_one_turn &= (k >= x - SOFT_PX || at[k] == 0) &&
			       (k <= x + SOFT_PX || at[k] == 255) &&
			       (k == 0 || at[k] >= at[k - 1]);
	assert_true(is_one_turn);
	return x;
}

/* --- on blank paper ------------------------------------------------------ */

/* Cut blank paper: all rows turn within [low, high]. How far the edge waves. */
static int32_t check_blank(int32_t left_px, int32_t right_px, int32_t low,
			   int32_t high, uint64_t seed)
{
	int32_t before = -1, least = INT32_MAX, most = 0;

	raster_finish(&raster);
	cut(left_px, right_px, seed);
	for (int32_t y = 0; y < raster.height_px; y++) {
		int32_t x = turn_of(y);

		assert_true(before < 0 || abs(x - before) <= STEP_PX);
		before = x;
		least = x < least ? x : least;
		most = x > most ? x : most;
	}
	if (least < low - 1 || most > high + 1)
		fail_msg("%dx%d, band %d to %d, seed %d: an edge from %d to %d",
			 raster.width_px, raster.height_px, left_px, right_px,
			 (int)seed, least, most);
	return most - least;
}

static const int32_t sizes[][2] = {
	{60, 24}, {240, 80}, {1000, 500}, {60, 500}, {1000, 24}, {61, 25},
	{333, 111},
};

static void each_row_turns_once_and_inside_the_band(void **state)
{
	/* in thousandths of the width */
	static const int32_t bands[][2] = {
		{250, 750}, {300, 600}, {450, 550}, {100, 300}, {0, 500},
		{0, 100}, {500, 1000}, {900, 1000}, {490, 500}, {0, 0},
		{1000, 1000}, {500, 500}, {-130, -90}, {1080, 1120},
		/* wider than half, less than none, beside the picture */
		{0, 1000}, {-10000, 11000}, {667, 333}, {1000, -1000},
		{-3000, -2000}, {2000, 3000},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		int32_t width = sizes[i][0];

		make(width, sizes[i][1]);
		for (size_t k = 0; k < CF_ARRAY_LEN(bands); k++) {
			int32_t left = width * bands[k][0] / 1000;
			int32_t right = width * bands[k][1] / 1000;
			/* a band is widened to whole blocks, or to one, and
			 * moved in where it would stick out */
			int32_t half = right - left > BLOCK
					       ? (right - left + BLOCK) / 2
					       : BLOCK;
			int32_t low = (left + right) / 2 - half;
			int32_t high = (left + right) / 2 + half;

			if (low > width - 2 * half - 2)
				low = width - 2 * half - 2;
			if (high < 2 * half + 2)
				high = 2 * half + 2;
			if (right < left || right - left > width / 2) {
				low = 2;
				high = width - 2;
			}
			for (uint64_t seed = 0; seed < n_seeds(); seed++) {
				int32_t swing = check_blank(left, right, low,
							    high, seed);

				/* a program finds a straight line at once */
				if (!k && width == 240)
					assert_true(swing >= 4);
			}
		}
		drop();
	}
}

/* --- between letters ----------------------------------------------------- */

/*
 * Two blocks of ink with a gap between; their sides may be slanted. Where the
 * gap is far from the middle of the band, an edge may cut corners of the
 * blocks: in corner_rows rows at either end.
 */
struct pair {
	int32_t gap_x, gap_px, slant_px, corner_rows;
};

static int32_t top_of_pair(void)
{
	return raster.height_px / 8;
}

static int32_t foot_of_pair(void)
{
	return raster.height_px * 7 / 8;
}

/* Where the gap begins in a row. */
static int32_t gap_of(const struct pair *pair, int32_t y)
{
	return pair->gap_x + pair->slant_px * (2 * y - raster.height_px) /
				     (2 * raster.height_px);
}

static void draw_pair(const struct pair *pair)
{
	int32_t width = raster.width_px;

	raster_finish(&raster);
	for (int32_t y = top_of_pair(); y < foot_of_pair(); y++) {
		int32_t x = gap_of(pair, y);

		blot(width / 8, y, x, y + 1, 255);
		blot(x + pair->gap_px, y, width * 7 / 8, y + 1, 255);
	}
}

/* All the ink left of the gap is still there and none right of it. */
static void check_sides(const struct pair *pair)
{
	int32_t width = raster.width_px;
	int n_wrong = 0;

	for (int32_t y = top_of_pair(); y < foot_of_pair(); y++) {
		int32_t x = gap_of(pair, y);

		if (y < top_of_pair() + pair->corner_rows ||
		    y >= foot_of_pair() - pair->corner_rows)
			continue;
		for (int32_t k = width / 8; k < x; k++)
			n_wrong += row(y)[k] != 255;
		for (int32_t k = x + pair->gap_px; k < width * 7 / 8; k++)
			n_wrong += row(y)[k] != 0;
	}
	assert_int_equal(n_wrong, 0);
}

static void an_edge_runs_in_the_gap_of_two_letters(void **state)
{
	static const struct pair pairs[] = {
		{115, 10, 0, 0},  {118, 6, 0, 0},   {110, 10, 0, 0},
		{115, 10, 20, 0}, {115, 10, -20, 0}, {100, 8, 0, 4},
		{130, 8, 0, 4},	  {105, 8, 30, 4},  {125, 12, -40, 4},
	};

	make(240, 80);
	for (size_t i = 0; i < CF_ARRAY_LEN(pairs); i++)
		for (uint64_t seed = 0; seed < n_seeds(); seed++) {
			draw_pair(&pairs[i]);
			cut(80, 160, seed);
			check_sides(&pairs[i]);
		}
	drop();
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		int32_t width = sizes[i][0];
		struct pair pair = {width / 2 - 4, 8, 0, 0};

		make(width, sizes[i][1]);
		for (uint64_t seed = 0; seed < n_seeds(); seed++) {
			draw_pair(&pair);
			cut(width / 4, width * 3 / 4, seed);
			check_sides(&pair);
		}
		drop();
	}
}

/* The second edge finds other ink than the first, so a strip between the two
 * may stay turned. Pixels left of both edges and right of both are as they
 * were. */
static void a_second_cut_turns_pixels_back(void **state)
{
	static const struct pair pair = {115, 10, 20, 0};
	static uint8_t before[80][240];

	make(240, 80);
	for (uint64_t seed = 0; seed < n_seeds(); seed++) {
		draw_pair(&pair);
		blot(20, 20, 40, 60, 77); /* half-tones go back as well */
		blot(200, 20, 220, 60, 201);
		for (int32_t y = 0; y < 80; y++)
			memcpy(before[y], row(y), 240);
		cut(80, 160, seed);
		assert_memory_not_equal(before[40] + 180, row(40) + 180, 60);
		cut(80, 160, seed);
		for (int32_t y = 0; y < 80; y++) {
			assert_memory_equal(row(y), before[y], 80 - BLOCK / 2);
			assert_memory_equal(row(y) + 169, before[y] + 169,
					    240 - 169);
		}
	}
	drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_turns_once_and_inside_the_band),
		cmocka_unit_test(an_edge_runs_in_the_gap_of_two_letters),
		cmocka_unit_test(a_second_cut_turns_pixels_back),
	};

	return cmocka_run_group_tests_name("edge", tests, NULL, NULL);
}
