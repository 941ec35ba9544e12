/*
 * edge.c: an edge follows its line in each row, and turns exactly the pixels
 * right of it.
 */
#include "base/base.h"
#include "image/edge.h"
#include "tests/support/check.h"

static struct raster raster;

static void make(int32_t width_px, int32_t height_px)
{
	assert_true(raster_init(&raster, width_px, height_px));
	raster_finish(&raster);
}

static uint8_t *row(int32_t y)
{
	return raster.cover + (size_t)y * raster.stride;
}

/* The sum of a row of pixels, in parts of 255. */
static int32_t sum_of(int32_t y)
{
	int32_t sum = 0;

	for (int32_t x = 0; x < raster.width_px; x++)
		sum += row(y)[x];
	return sum;
}

/* Blank paper right of x becomes ink, so that the ink of a row says where it
 * turned. */
static void check_row(int32_t y, int32_t x, int32_t soft_px)
{
	int32_t most = raster.width_px * ONE_PX;
	int32_t ink = most - within(0, x, most);
	bool is_one_turn = true;

	for (int32_t k = 0; k < raster.width_px; k++) {
		int32_t off_px = (k * ONE_PX + ONE_PX / 2 - x) / ONE_PX;

		is_one_turn &= (off_px >= -soft_px || row(y)[k] == 0) &&
			       (off_px <= soft_px || row(y)[k] == 255) &&
			       (k == 0 || row(y)[k] >= row(y)[k - 1]);
	}
	assert_true(is_one_turn);
	assert_in_range(sum_of(y) + 300, ink * 255 / ONE_PX,
			ink * 255 / ONE_PX + 600);
}

static void each_row_turns_where_the_line_is(void **state)
{
	/* in thousandths of the width: at the top, and at the foot */
	static const int32_t lines[][2] = {
		{500, 500}, {300, 700}, {700, 300}, {0, 1000}, {1000, 0},
		{-200, 200}, {800, 1300}, {-500, -100}, {1100, 1200},
	};
	static const int32_t sizes[][2] = {
		{60, 24}, {240, 80}, {1000, 500}, {61, 25}, {1, 1}, {333, 111},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		int32_t width = sizes[i][0] * ONE_PX;
		int32_t height = sizes[i][1] * ONE_PX;

		make(sizes[i][0], sizes[i][1]);
		for (size_t k = 0; k < CF_ARRAY_LEN(lines); k++) {
			int64_t top = width * lines[k][0] / 1000;
			int64_t foot = width * lines[k][1] / 1000;
			struct point line[] = {
				{(int32_t)top, 0},
				{(int32_t)((top + foot) / 2), height / 2},
				{(int32_t)foot, height},
			};
			int32_t lean = abs((int)((foot - top) / height));

			raster_finish(&raster);
			edge_turn(&raster, line, 3);
			for (int32_t y = 0; y < sizes[i][1]; y++) {
				int64_t at = y * ONE_PX + ONE_PX / 2;

				check_row(y, (int32_t)(top + (foot - top) * at /
							     height),
					  lean + 2);
			}
		}
		raster_release(&raster);
	}
}

static void beyond_its_ends_a_line_is_upright(void **state)
{
	static const struct point line[] = {{100 * ONE_PX, 30 * ONE_PX},
					    {140 * ONE_PX, 50 * ONE_PX}};

	make(240, 80);
	edge_turn(&raster, line, 2);
	for (int32_t y = 0; y < 30; y++)
		check_row(y, 100 * ONE_PX, 2);
	for (int32_t y = 50; y < 80; y++)
		check_row(y, 140 * ONE_PX, 3);
	raster_release(&raster);
}

/* Half-tones turn, too. */
static void a_second_call_turns_pixels_back(void **state)
{
	static const struct point line[] = {{90 * ONE_PX, 0},
					    {130 * ONE_PX, 80 * ONE_PX}};

	make(240, 80);
	for (int32_t y = 0; y < 80; y++)
		for (int32_t x = 0; x < 240; x++)
			row(y)[x] = (uint8_t)(x + y);
	edge_turn(&raster, line, 2);
	for (int32_t y = 0; y < 80; y++)
		for (int32_t x = 140; x < 240; x++)
			assert_int_equal(row(y)[x], 255 - ((x + y) & 255));
	edge_turn(&raster, line, 2);
	for (int32_t y = 0; y < 80; y++)
		for (int32_t x = 0; x < 240; x++)
			if (x < 85 || x > 135)
				assert_int_equal(row(y)[x], (x + y) & 255);
	raster_release(&raster);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_turns_where_the_line_is),
		cmocka_unit_test(beyond_its_ends_a_line_is_upright),
		cmocka_unit_test(a_second_call_turns_pixels_back),
	};

	return cmocka_run_group_tests_name("edge", tests, NULL, NULL);
}
