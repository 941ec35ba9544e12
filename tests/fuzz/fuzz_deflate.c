/*
 * A strict reader reads back any canvas that png.c writes.
 *
 * The input's first two bytes are the width, the third is the height. The rest
 * fills the rows, repeated when it is too short.
 */
#include "base/base.h"
#include "image/png.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/strict_png.h"

enum {
	WIDTH_MAX_PX = 1000,
	HEIGHT_MAX_PX = 100,
	HEAD_BYTES = 3
};

static void check(const struct canvas *canvas, struct str png)
{
	struct strict_png read;
	const char *wrong = strict_png_read(&read, png);

	FUZZ_CHECK(!wrong);
	FUZZ_CHECK(read.width_px == canvas->width_px);
	FUZZ_CHECK(read.height_px == canvas->height_px);
	FUZZ_CHECK(png.len % png_step_bytes(canvas->width_px,
					    canvas->height_px) == 0);
	for (int32_t y = 0; y < canvas->height_px; y++)
		for (int32_t x = 0; x < canvas->width_px; x++) {
			const uint8_t *row =
				canvas->rows + (size_t)y * canvas->stride + 1;

			FUZZ_CHECK(read.samples[y * canvas->width_px + x] ==
				   (row[x / 4] >> (6 - 2 * (x % 4)) & 3));
		}
	strict_png_release(&read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct canvas_colour palette[CANVAS_LEVELS] = {{1, 2, 3}};
	struct canvas canvas;
	struct buf out;
	size_t i = HEAD_BYTES;

	if (n <= HEAD_BYTES)
		return 0;
	canvas.width_px = (data[0] * 256 + data[1]) % WIDTH_MAX_PX + 1;
	canvas.height_px = data[2] % HEIGHT_MAX_PX + 1;
	canvas.stride = canvas_stride(canvas.width_px);
	canvas.rows = calloc((size_t)canvas.height_px, canvas.stride);
	FUZZ_CHECK(canvas.rows);
	for (size_t at = 0; at < (size_t)canvas.height_px * canvas.stride;
	     at++) {
		if (at % canvas.stride == 0)
			continue; /* the filter type */
		canvas.rows[at] = data[i++];
		if (i == n)
			i = HEAD_BYTES;
	}
	buf_init(&out, 1 << 20);
	FUZZ_CHECK(!canvas_to_png(&canvas, palette, &out, NULL));
	check(&canvas, (struct str){out.ptr, out.len});
	buf_release(&out);
	free(canvas.rows);
	return 0;
}
