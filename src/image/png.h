/*
 * PNG: a canvas of a few levels and a palette as the bytes of a file.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_PNG_H
#define CF_IMAGE_PNG_H

#include "base/buf.h"

enum {
	/* More levels of antialiasing take more than two bits a pixel, and a
	 * fifth more bytes (6 levels); fewer levels can be seen. */
	CANVAS_BITS = 2,
	CANVAS_LEVELS = 1 << CANVAS_BITS,
	CANVAS_PER_BYTE = 8 / CANVAS_BITS, /* samples */
	/* The step of lengths is PNG_STEP_FIRST_BYTES, and PNG_STEP_BYTES for
	 * each PNG_STEP_PX begun, at least two of them: 2,048 for 240x80, and
	 * 4,832 for 480x160, since outlines grow less than their picture.
	 * generator.c draws again what takes more: one of a hundred of the
	 * default. */
	PNG_STEP_FIRST_BYTES = 1120,
	PNG_STEP_BYTES = 464,
	PNG_STEP_PX = 9600,
};

/*
 * height_px rows of stride bytes, as a PNG has them (PNG specification, 7.2):
 * a byte 0, which is the filter type None, then CANVAS_PER_BYTE samples a byte,
 * the leftmost one in the high bits. A sample is the level of ink, 0 for paper
 * to CANVAS_LEVELS - 1. The last bits of a row may be unused.
 *
 * Invariant: stride == canvas_stride(width_px).
 */
struct canvas {
	int32_t width_px, height_px;
	size_t stride;
	uint8_t *rows;
};

struct canvas_colour {
	uint8_t r, g, b;
};

static inline size_t canvas_stride(int32_t width_px)
{
	size_t width = (size_t)width_px;

	return 1 + (width + CANVAS_PER_BYTE - 1) / CANVAS_PER_BYTE;
}

/* The length of each PNG of that size is a multiple of this. */
static inline size_t png_step_bytes(int32_t width_px, int32_t height_px)
{
	size_t area_px = (size_t)width_px * (size_t)height_px;
	size_t n = (area_px + PNG_STEP_PX - 1) / PNG_STEP_PX;

	return PNG_STEP_FIRST_BYTES + (n < 2 ? 2 : n) * PNG_STEP_BYTES;
}

/*
 * Append the canvas as a PNG of CANVAS_BITS a pixel, not interlaced, with a
 * palette of CANVAS_LEVELS and without time, text or gamma chunks. The bytes
 * are the same on any machine.
 *
 * out      the chunks are IHDR PLTE IDAT IEND. IDAT is filled up to a multiple
 *          of png_step_bytes(). Pictures of the presets take one step, so the
 *          length tells nothing of the picture
 * returns  CF_OK; CF_NOMEM; CF_TOO_LARGE if out's maximum has no room for
 *          canvas_png_max_bytes() more
 * promise  leaves the heap as it found it, but for out
 */
CF_MUST_CHECK
enum cf_status canvas_to_png(const struct canvas *canvas,
			     const struct canvas_colour palette[CANVAS_LEVELS],
			     struct buf *out, struct cf_error *err);

/* Read the palette of the PNG of a canvas. False for other bytes. */
CF_MUST_CHECK
bool png_get_palette(const void *png, size_t len,
		     struct canvas_colour palette[CANVAS_LEVELS]);

/* Replace that palette. */
void png_set_palette(void *png,
		     const struct canvas_colour palette[CANVAS_LEVELS]);

/* The most bytes that a canvas of that size can take. */
size_t canvas_png_max_bytes(int32_t width_px, int32_t height_px);

#endif
