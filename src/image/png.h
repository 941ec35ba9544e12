/*
 * PNG: a canvas of a few levels and a palette as the bytes of a file.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_PNG_H
#define CF_IMAGE_PNG_H

#include "base/buf.h"

enum {
	/* More levels of antialiasing cost bytes (16: 15 % more); fewer levels
	 * can be seen. */
	CANVAS_LEVELS = 6,
	/* The step of lengths is PNG_STEP_BYTES for each PNG_STEP_PX begun, and
	 * at least two of them: 2,560 bytes for 240x80. generator.c draws again
	 * what takes more. */
	PNG_STEP_BYTES = 1280,
	PNG_STEP_PX = 9600,
};

/*
 * height_px rows of stride bytes, as a PNG has them (PNG specification, 7.2):
 * a byte 0, which is the filter type None, then two samples a byte, the left
 * one in the high bits. A sample is the level of ink, 0 for paper to
 * CANVAS_LEVELS - 1. An odd width leaves the last four bits of a row unused.
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
	return 1 + ((size_t)width_px + 1) / 2;
}

/* The length of each PNG of that size is a multiple of this. */
static inline size_t png_step_bytes(int32_t width_px, int32_t height_px)
{
	size_t area_px = (size_t)width_px * (size_t)height_px;

	size_t n = (area_px + PNG_STEP_PX - 1) / PNG_STEP_PX;

	return (n < 2 ? 2 : n) * PNG_STEP_BYTES;
}

/*
 * Append the canvas as a PNG of 4 bits a pixel, not interlaced, with a palette
 * of CANVAS_LEVELS and without time, text or gamma chunks. The bytes are the
 * same on any machine.
 *
 * out      the chunks are IHDR PLTE IDAT IEND. IDAT is filled up to a multiple
 *          of png_step_bytes(). Each picture takes one step, so the length
 *          tells nothing of the picture
 * returns  CF_OK; CF_NOMEM; CF_TOO_LARGE if out's maximum has no room for
 *          canvas_png_max_bytes() more
 * promise  leaves the heap as it found it, but for out
 */
CF_MUST_CHECK
enum cf_status canvas_to_png(const struct canvas *canvas,
			     const struct canvas_colour palette[CANVAS_LEVELS],
			     struct buf *out, struct cf_error *err);

/* The most bytes that a canvas of that size can take. */
size_t canvas_png_max_bytes(int32_t width_px, int32_t height_px);

#endif
