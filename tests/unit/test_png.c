/*
 * png.c: libpng and a strict reader find what was written, in as many bytes as
 * png.h says.
 */
#include "base/base.h"
#include "base/rng.h"
#include "image/generator.h"
#include "image/png.h"
#include "tests/support/check.h"
#include "tests/support/picture.h"
#include "tests/support/strict_png.h"

enum {
	PALETTE = 3,
	MAX_BYTES = 1 << 20
};

static struct canvas_colour palette[CANVAS_LEVELS];

/* Runs of random samples, some `longest` bytes long; 0: full ink alone. */
static struct canvas make_canvas(int32_t width_px, int32_t height_px,
				 uint32_t longest, uint64_t seed)
{
	struct canvas canvas = {.width_px = width_px, .height_px = height_px};
	uint8_t four = 0xff;
	struct rng rng;

	canvas.stride = canvas_stride(width_px);
	canvas.rows = calloc((size_t)height_px, canvas.stride);
	assert_non_null(canvas.rows);
	rng_init(&rng, seed);
	for (size_t i = 0; i < canvas.stride * (size_t)height_px; i++) {
		if (longest && !rng_below(&rng, longest))
			four = (uint8_t)rng_below(&rng, 256);
		if (i % canvas.stride)
			canvas.rows[i] = four;
	}
	return canvas;
}

static uint8_t sample(const struct canvas *canvas, int32_t x, int32_t y)
{
	const uint8_t *row = canvas->rows + (size_t)y * canvas->stride + 1;

	return row[x / 4] >> (6 - 2 * (x % 4)) & 3;
}

static int make_palette(void **state)
{
	for (size_t i = 0; i < CANVAS_LEVELS; i++)
		palette[i] = (struct canvas_colour){(uint8_t)(i * 3),
						    (uint8_t)(255 - i),
						    (uint8_t)(i * i)};
	return 0;
}

static void check_by_libpng(const struct canvas *canvas, struct str png)
{
	struct picture picture;

	assert_true(picture_decode(&picture, png));
	assert_int_equal(picture.width_px, canvas->width_px);
	assert_int_equal(picture.height_px, canvas->height_px);
	assert_int_equal(picture.bits, 2);
	assert_int_equal(picture.type, PALETTE);
	for (int32_t y = 0; y < canvas->height_px; y++)
		for (int32_t x = 0; x < canvas->width_px; x++)
			if (memcmp(picture_at(&picture, x, y),
				   &palette[sample(canvas, x, y)], 3) != 0)
				fail_msg("%dx%d: pixel %d,%d", canvas->width_px,
					 canvas->height_px, x, y);
	picture_release(&picture);
}

static void check_by_strict(const struct canvas *canvas, struct str png)
{
	struct strict_png read;
	const char *wrong = strict_png_read(&read, png);

	if (wrong)
		fail_msg("%dx%d: %s", canvas->width_px, canvas->height_px,
			 wrong);
	assert_int_equal(read.width_px, canvas->width_px);
	assert_int_equal(read.height_px, canvas->height_px);
	assert_memory_equal(read.palette, palette, sizeof(palette));
	strict_png_release(&read);
}

static void check_canvas(int32_t width_px, int32_t height_px, uint32_t longest,
			 uint64_t seed)
{
	struct canvas canvas =
		make_canvas(width_px, height_px, longest, seed);
	struct str png;
	struct buf out;

	buf_init(&out, canvas_png_max_bytes(width_px, height_px));
	assert_ok(canvas_to_png(&canvas, palette, &out, NULL), NULL);
	png = (struct str){out.ptr, out.len};
	assert_int_equal(png.len % png_step_bytes(width_px, height_px), 0);
	check_by_libpng(&canvas, png);
	check_by_strict(&canvas, png);
	buf_release(&out);
	free(canvas.rows);
}

static void any_canvas_comes_back_from_both_readers(void **state)
{
	static const int32_t sizes[][2] = {
		{60, 24}, {1000, 500}, {241, 81}, {1000, 24}, {1, 500},
		{999, 1}, {240, 80},   {333, 111},
	};
	static const uint32_t longest[] = {0, 1, 9, 100};

	for (size_t k = 0; k < CF_ARRAY_LEN(longest); k++) {
		for (int32_t width_px = 1; width_px <= 70; width_px++)
			for (uint64_t seed = 1; seed <= 10; seed++)
				check_canvas(width_px,
					     1 + (int32_t)(seed * 7) % 40,
					     longest[k], seed);
		for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++)
			check_canvas(sizes[i][0], sizes[i][1], longest[k], i);
	}
}

static void steps_and_maxima_are_those_of_the_header(void **state)
{
	assert_int_equal(png_step_bytes(240, 80), 2048);
	assert_int_equal(png_step_bytes(241, 80), 2512);
	assert_int_equal(png_step_bytes(480, 160), 4832);
	assert_int_equal(png_step_bytes(60, 24), 2048);
	assert_true(canvas_png_max_bytes(1000, 500) <= GENERATOR_PNG_MAX_BYTES);
}

static void a_png_is_appended(void **state)
{
	struct canvas canvas = make_canvas(60, 24, 1, 1);
	struct buf out;

	buf_init(&out, MAX_BYTES);
	buf_add_str(&out, "before");
	assert_ok(canvas_to_png(&canvas, palette, &out, NULL), NULL);
	assert_memory_equal(out.ptr, "before\x89PNG", 10);
	buf_release(&out);
	free(canvas.rows);
}

static void a_full_buffer_is_too_large(void **state)
{
	struct canvas canvas = make_canvas(240, 80, 1, 1);
	struct cf_error err = CF_ERROR_INIT;
	struct buf out;

	for (size_t max = 0; max < 300; max += 7) {
		buf_init(&out, max);
		assert_status(canvas_to_png(&canvas, palette, &out, &err),
			      CF_TOO_LARGE, &err);
		assert_int_equal(err.status, CF_TOO_LARGE);
		buf_release(&out);
	}
	free(canvas.rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_canvas_comes_back_from_both_readers),
		cmocka_unit_test(steps_and_maxima_are_those_of_the_header),
		cmocka_unit_test(a_png_is_appended),
		cmocka_unit_test(a_full_buffer_is_too_large),
	};

	return cmocka_run_group_tests(tests, make_palette, NULL);
}
