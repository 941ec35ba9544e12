/*
 * sheet.c and png_sheet.c: pixels where they were put, pictures as they were,
 * and letters upright.
 */
#include "base/base.h"
#include "image/generator.h"
#include "image/sheet.h"
#include "tests/support/picture.h"

#include <setjmp.h>

#include <cmocka.h>

static const struct sheet_colour white = {255, 255, 255};
static const struct sheet_colour red = {200, 10, 20};

static struct sheet sheet;
static struct cf_error err;

static int set_up(void **state)
{
	(void)state;
	err = (struct cf_error)CF_ERROR_INIT;
	return sheet_init(&sheet, 120, 60, white, &err) != CF_OK;
}

static int tear_down(void **state)
{
	(void)state;
	sheet_release(&sheet);
	return 0;
}

static bool is_at(int32_t x, int32_t y, struct sheet_colour c)
{
	const uint8_t *p = sheet.pixels +
			   ((size_t)y * (size_t)sheet.width_px + (size_t)x) * 3;

	return p[0] == c.r && p[1] == c.g && p[2] == c.b;
}

static int n_not_white(void)
{
	int n = 0;

	for (int32_t y = 0; y < sheet.height_px; y++)
		for (int32_t x = 0; x < sheet.width_px; x++)
			n += !is_at(x, y, white);
	return n;
}

static void a_rectangle_is_cut_at_the_sides(void **state)
{
	(void)state;
	assert_int_equal(n_not_white(), 0);
	sheet_fill(&sheet, 118, 58, 10, 10, red);
	assert_int_equal(n_not_white(), 4);
	assert_true(is_at(119, 59, red));
	sheet_fill(&sheet, -5, -5, 7, 8, red);
	assert_int_equal(n_not_white(), 4 + 2 * 3);
	sheet_fill(&sheet, 500, 500, 5, 5, red);
	assert_int_equal(n_not_white(), 4 + 2 * 3);
}

static void a_sheet_goes_into_a_png_and_back(void **state)
{
	struct picture picture;
	struct buf png;

	(void)state;
	sheet_fill(&sheet, 3, 4, 50, 20, red);
	buf_init(&png, SHEET_PNG_MAX_BYTES);
	assert_int_equal(sheet_to_png(&sheet, &png, &err), CF_OK);
	assert_true(picture_decode(&picture, (struct str){png.ptr, png.len}));
	assert_int_equal(picture.width_px, 120);
	assert_int_equal(picture.height_px, 60);
	assert_memory_equal(picture.rgb, sheet.pixels, 120 * 60 * 3);
	picture_release(&picture);
	buf_release(&png);
	/* a buffer that is too small */
	buf_init(&png, 100);
	assert_int_equal(sheet_to_png(&sheet, &png, &err), CF_TOO_LARGE);
	buf_release(&png);
}

static void a_picture_lies_where_it_is_put_as_it_was(void **state)
{
	struct generator_options options = {
		.width_px = 60,
		.height_px = 24,
		.alphabet = "AB",
		.fonts = data_path("sans.ttf"),
		.ink = {false, 1, 2, 250},
		.paper = {false, 250, 240, 9},
		.quality = 1,
	};
	struct generator *gen = generator_new(&options);
	struct picture picture;
	struct buf png;

	(void)state;
	assert_non_null(gen);
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	assert_int_equal(generator_draw(gen, 1, "AB", &png, &err), CF_OK);
	assert_true(picture_decode(&picture, (struct str){png.ptr, png.len}));
	/* the right part is beyond the side */
	assert_int_equal(sheet_add_png(&sheet, 70, 30,
				       (struct str){png.ptr, png.len}, &err),
			 CF_OK);
	for (int32_t y = 0; y < 24; y++)
		for (int32_t x = 0; x < 50; x++) {
			const uint8_t *p = picture_at(&picture, x, y);

			assert_true(is_at(70 + x, 30 + y,
					  (struct sheet_colour){p[0], p[1],
								p[2]}));
		}
	assert_int_equal(n_not_white(), 50 * 24);
	/* half of it is no picture */
	assert_int_equal(sheet_add_png(&sheet, 0, 0,
				       (struct str){png.ptr, png.len / 2},
				       &err), CF_BAD_INPUT);
	assert_int_equal(sheet_add_png(&sheet, 0, 0, STR_LIT("GIF89a"), &err),
			 CF_BAD_INPUT);
	assert_int_equal(n_not_white(), 50 * 24);
	picture_release(&picture);
	buf_release(&png);
	generator_free(gen);
}

static void letters_stand_on_their_line_and_upright(void **state)
{
	int32_t left = 120, right = 0, top = 60, bottom = 0;

	(void)state;
	assert_int_equal(sheet_write(&sheet, 10, 40, "hh", data_path("sans.ttf"),
				     20, red, &err), CF_OK);
	for (int32_t y = 0; y < 60; y++)
		for (int32_t x = 0; x < 120; x++) {
			if (!is_at(x, y, red))
				continue;
			left = x < left ? x : left;
			right = x > right ? x : right;
			top = y < top ? y : top;
			bottom = y > bottom ? y : bottom;
		}
	/* two H: from x on, above the base line, some 0.7 em high */
	assert_in_range(left, 9, 12);
	assert_in_range(right, 30, 50);
	assert_in_range(bottom, 38, 39);
	assert_in_range(top, 23, 28);
	/* their stems are straight: full ink in one column, all the way */
	for (int32_t y = top; y <= bottom; y++)
		assert_true(is_at(left, y, red));
}

static void headings_may_run_over_the_side(void **state)
{
	char text[SHEET_TEXT_MAX + 1];

	(void)state;
	memset(text, 'H', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(sheet_write(&sheet, 100, 10, text,
				     data_path("sans.ttf"), SHEET_TEXT_MAX_PX,
				     red, &err), CF_OK);
	assert_true(n_not_white() > 0);
	assert_int_equal(sheet_write(&sheet, 0, 10, "   ",
				     data_path("sans.ttf"), 10, red, &err),
			 CF_OK);
}

static void a_font_without_the_letters_writes_nothing(void **state)
{
	(void)state;
	assert_int_equal(sheet_write(&sheet, 0, 40, "AQ",
				     data_path("serif-no-q.ttf"), 20, red,
				     &err), CF_FONT);
	assert_int_equal(sheet_write(&sheet, 0, 40, "A", "/none.ttf", 20, red,
				     &err), CF_FONT);
	assert_int_equal(n_not_white(), 0);
}

static void a_sheet_past_the_limit_is_refused(void **state)
{
	struct sheet large = {0};

	(void)state;
	assert_int_equal(sheet_init(&large, SHEET_MAX_PIXELS / 1000 + 1, 1000,
				    white, &err), CF_TOO_LARGE);
	assert_non_null(strstr(err.text, "pixels"));
	sheet_release(&large);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_rectangle_is_cut_at_the_sides),
		TEST(a_sheet_goes_into_a_png_and_back),
		TEST(a_picture_lies_where_it_is_put_as_it_was),
		TEST(letters_stand_on_their_line_and_upright),
		TEST(headings_may_run_over_the_side),
		TEST(a_font_without_the_letters_writes_nothing),
		TEST(a_sheet_past_the_limit_is_refused),
	};

	return cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
}
