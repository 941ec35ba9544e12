/*
 * edge.c: an edge is one line from the top to the foot, keeps to its band and
 * between letters, and turns all that lies right of it, exactly.
 */
#include "base/base.h"
#include "image/edge.h"

#include <setjmp.h>

#include <cmocka.h>

enum {
	BLOCK = 16, /* bands are made a multiple of it */
	/* an edge passes from paper to ink within so many pixels of its middle:
	 * half of as many as it moves from one row to the next, and one more */
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

static uint8_t *copy_cover(void)
{
	size_t n = raster.stride * (size_t)raster.height_px;
	uint8_t *copy = malloc(n);

	assert_non_null(copy);
	memcpy(copy, raster.cover, n);
	return copy;
}

/* Where a row of blank paper has turned: the first pixel that is more ink than
 * paper. Fails unless all left of it is paper, all right of it ink, and what
 * lies between rises. */
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

/* Cut blank paper and check that all rows turn within [low, high]. */
static void check_blank(int32_t left_px, int32_t right_px, int32_t low,
			int32_t high, uint64_t seed)
{
	int32_t before = -1;

	raster_finish(&raster);
	cut(left_px, right_px, seed);
	for (int32_t y = 0; y < raster.height_px; y++) {
		int32_t x = turn_of(y);

		if (x < low - 1 || x > high + 1)
			fail_msg("%dx%d, band %d to %d, seed %d: row %d turns "
				 "at %d", raster.width_px, raster.height_px,
				 left_px, right_px, (int)seed, y, x);
		assert_true(before < 0 || abs(x - before) <= STEP_PX);
		before = x;
	}
}

static const int32_t sizes[][2] = {
	{60, 24}, {240, 80}, {1000, 500}, {60, 500}, {1000, 24}, {61, 25},
	{333, 111},
};

static void each_row_turns_once_and_inside_the_band(void **state)
{
	/* in thousandths of the width, none above half */
	static const int32_t bands[][2] = {
		{250, 750}, {300, 600}, {450, 550}, {100, 300}, {0, 500},
		{0, 100},   {500, 1000}, {900, 1000}, {490, 500},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		int32_t width = sizes[i][0];

		make(width, sizes[i][1]);
		for (size_t k = 0; k < CF_ARRAY_LEN(bands); k++) {
			int32_t left = width * bands[k][0] / 1000;
			int32_t right = width * bands[k][1] / 1000;
			/* a band is widened to whole blocks, or to one, and
			 * moved in where it would stick out */
			int32_t low = (left + right) / 2 - BLOCK;
			int32_t high = low + 2 * BLOCK;

			if (right - left > BLOCK) {
				low = left - BLOCK / 2;
				high = right + BLOCK / 2;
			}
			low = low < width - BLOCK - 2 ? low : width - BLOCK - 2;
			high = high > BLOCK + 2 ? high : BLOCK + 2;
			for (uint64_t seed = 0; seed < n_seeds(); seed++)
				check_blank(left, right, low, high, seed);
		}
		drop();
	}
}

static void no_band_is_too_odd(void **state)
{
	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		int32_t width = sizes[i][0];
		const int32_t bands[][2] = {
			{0, width},
			{-10 * width, 11 * width}, /* wider than the picture */
			{0, 0},
			{width, width},
			{width / 2, width / 2},	 /* none */
			{width * 2 / 3, width / 3}, /* less than none */
			{width, -width},
			{-3 * width, -2 * width}, /* beside the picture */
			{2 * width, 3 * width},
		};

		make(width, sizes[i][1]);
		for (size_t k = 0; k < CF_ARRAY_LEN(bands); k++)
			for (uint64_t seed = 0; seed < n_seeds(); seed++)
				check_blank(bands[k][0], bands[k][1], 2,
					    width - 2, seed);
		drop();
	}
}

/* One at the far side would have nothing to turn. */
static void bands_beside_the_picture_mean_its_side(void **state)
{
	(void)state;
	make(240, 80);
	for (uint64_t seed = 0; seed < n_seeds(); seed++) {
		check_blank(-300, -200, 2, 2 + 112, seed);
		check_blank(-30, -20, 2, 2 + BLOCK, seed);
		check_blank(260, 270, 238 - BLOCK, 238, seed);
	}
	drop();
}

static void an_edge_waves(void **state)
{
	int32_t lowest_swing = 1000, highest_swing = 0;

	(void)state;
	make(240, 80);
	for (uint64_t seed = 0; seed < n_seeds(); seed++) {
		int32_t low = 1000, high = 0;

		raster_finish(&raster);
		cut(80, 144, seed);
		for (int32_t y = 0; y < 80; y++) {
			int32_t x = turn_of(y);

			low = x < low ? x : low;
			high = x > high ? x : high;
		}
		if (high - low < lowest_swing)
			lowest_swing = high - low;
		if (high - low > highest_swing)
			highest_swing = high - low;
	}
	/* no straight line, which a program finds at once */
	assert_in_range(lowest_swing, 4, 40);
	assert_in_range(highest_swing, 12, 60);
	drop();
}

/* --- between letters ----------------------------------------------------- */

/*
 * Two blocks of ink with a gap between; their sides may be slanted. Where the
 * gap is far from the middle of the band, an edge that leaves it may take a
 * short cut over the corners: so many rows at the blocks' ends may be cut.
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

static bool is_corner(const struct pair *pair, int32_t y)
{
	return y < top_of_pair() + pair->corner_rows ||
	       y >= foot_of_pair() - pair->corner_rows;
}

/* Pixels are as before left of the edge and exactly turned right of it. What
 * lies within the edge was paper. */
static void check_between(const uint8_t *before, const struct pair *pair)
{
	for (int32_t y = 0; y < raster.height_px; y++) {
		const uint8_t *old = before + (size_t)y * raster.stride;
		const uint8_t *at = row(y);
		int32_t first = 0, last = raster.width_px - 1;

		while (first < raster.width_px && at[first] == old[first])
			first++;
		while (last >= 0 && at[last] == 255 - old[last])
			last--;
		/* [first, last]: partly turned; none when first > last */
		assert_true(first - last <= 1);
		assert_true(last - first <= 2 * SOFT_PX);
		if (is_corner(pair, y))
			continue;
		for (int32_t x = first; x <= last; x++)
			if (old[x])
				fail_msg("gap of %d at %d, slant %d: ink at "
					 "%d,%d is cut", pair->gap_px,
					 pair->gap_x, pair->slant_px, x, y);
	}
}

/* Whether all the ink left of the gap is still there and none right of it. */
static void check_sides(const struct pair *pair)
{
	int32_t width = raster.width_px;
	int n_wrong = 0;

	for (int32_t y = top_of_pair(); y < foot_of_pair(); y++) {
		int32_t x = gap_of(pair, y);

		if (is_corner(pair, y))
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

	(void)state;
	make(240, 80);
	for (size_t i = 0; i < CF_ARRAY_LEN(pairs); i++)
		for (uint64_t seed = 0; seed < n_seeds(); seed++) {
			uint8_t *before;

			draw_pair(&pairs[i]);
			before = copy_cover();
			cut(80, 160, seed);
			check_between(before, &pairs[i]);
			check_sides(&pairs[i]);
			free(before);
		}
	drop();
}

static void a_gap_is_found_at_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		int32_t width = sizes[i][0];
		struct pair pair = {width / 2 - 4, 8, 0, 0};

		make(width, sizes[i][1]);
		for (uint64_t seed = 0; seed < n_seeds(); seed++) {
			uint8_t *before;

			draw_pair(&pair);
			before = copy_cover();
			cut(width / 4, width * 3 / 4, seed);
			check_between(before, &pair);
			check_sides(&pair);
			free(before);
		}
		drop();
	}
}

/* Where there is no way around, the edge still is one line. */
static void ink_without_a_gap_is_cut_once(void **state)
{
	(void)state;
	make(240, 80);
	for (uint64_t seed = 0; seed < n_seeds(); seed++) {
		blot(0, 0, 240, 80, 255);
		cut(60, 180, seed);
		for (int32_t y = 0; y < 80; y++) /* seen as its negative */
			for (int32_t x = 0; x < 240; x++)
				row(y)[x] ^= 255;
		for (int32_t y = 0; y < 80; y++)
			assert_in_range(turn_of(y), 60 - BLOCK, 180 + BLOCK);
	}
	drop();
}

/* --- cutting again ------------------------------------------------------- */

/* The second edge finds other ink than the first, so it may run elsewhere: a
 * strip between the two may stay turned. What lies left of both and right of
 * both is as it was, to the bit. */
static void cutting_again_turns_it_back(void **state)
{
	(void)state;
	make(240, 80);
	for (uint64_t seed = 0; seed < n_seeds(); seed++) {
		const struct pair pair = {115, 10, 20, 0};
		uint8_t *before;

		draw_pair(&pair);
		blot(20, 20, 40, 60, 77); /* half-tones go back as well */
		blot(200, 20, 220, 60, 201);
		before = copy_cover();
		cut(80, 160, seed);
		assert_true(memcmp(before + 180, raster.cover + 180, 60) != 0);
		cut(80, 160, seed);
		for (int32_t y = 0; y < 80; y++) {
			const uint8_t *old = before + (size_t)y * raster.stride;

			assert_memory_equal(row(y), old, 80 - BLOCK / 2 - 1);
			assert_memory_equal(row(y) + 169, old + 169, 240 - 169);
		}
		free(before);
	}
	drop();
}

/* --- the same each time -------------------------------------------------- */

static uint64_t hash_cover(uint64_t hash)
{
	for (int32_t y = 0; y < raster.height_px; y++)
		for (int32_t x = 0; x < raster.width_px; x++)
			hash = (hash ^ row(y)[x]) * UINT64_C(1099511628211);
	return hash;
}

/* Any compiler and machine must come to this. */
static void pinned_seeds_give_pinned_edges(void **state)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		int32_t width = sizes[i][0];
		const struct pair pair = {width / 2 - 4, 8, 6, 0};

		make(width, sizes[i][1]);
		for (uint64_t seed = 0; seed < 8; seed++) {
			draw_pair(&pair);
			cut(width / 4, width * 3 / 4, seed);
			cut(width / 2, width - 1, seed + 1);
			hash = hash_cover(hash);
		}
		drop();
	}
	assert_int_equal(hash, UINT64_C(0x0137cbe52ccc932b));
}

static void what_was_cut_before_leaves_no_trace(void **state)
{
	uint64_t first;

	(void)state;
	make(240, 80);
	cut(80, 160, 7);
	first = hash_cover(1);
	blot(0, 0, 240, 80, 255);
	cut(0, 240, 8);
	raster_finish(&raster);
	cut(80, 160, 7);
	assert_int_equal(hash_cover(1), first);
	cut(80, 160, 8);
	assert_int_not_equal(hash_cover(1), first);
	drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_turns_once_and_inside_the_band),
		cmocka_unit_test(no_band_is_too_odd),
		cmocka_unit_test(bands_beside_the_picture_mean_its_side),
		cmocka_unit_test(an_edge_waves),
		cmocka_unit_test(an_edge_runs_in_the_gap_of_two_letters),
		cmocka_unit_test(a_gap_is_found_at_any_size),
		cmocka_unit_test(ink_without_a_gap_is_cut_once),
		cmocka_unit_test(cutting_again_turns_it_back),
		cmocka_unit_test(pinned_seeds_give_pinned_edges),
		cmocka_unit_test(what_was_cut_before_leaves_no_trace),
	};

	return cmocka_run_group_tests_name("edge", tests, NULL, NULL);
}
