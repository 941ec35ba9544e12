/*
 * PNG: a canvas of 16 levels as the bytes of a file.
 *
 * Layer: private to image; png.c alone knows libpng, so that another encoder
 * may take its place behind this one function.
 */
#ifndef CF_IMAGE_PNG_H
#define CF_IMAGE_PNG_H

#include "base/buf.h"

enum {
	CANVAS_LEVELS = 16,
	CANVAS_QUALITY_MAX = 9
};

/*
 * Two samples a byte, the left one in the high bits; height_px rows of
 * stride bytes, stride >= (width_px + 1) / 2. In an odd width the last four
 * bits of a row are of no account.
 */
struct canvas {
	int32_t width_px, height_px;
	size_t stride;
	uint8_t *rows;
};

struct canvas_colour {
	uint8_t r, g, b;
};

/*
 * Append the canvas as a PNG without time, text or gamma chunks.
 *
 * palette  CANVAS_LEVELS colours, or NULL: samples are greys from black to
 *          white
 * quality  0 is quickest, CANVAS_QUALITY_MAX smallest; the same picture
 *          either way, and the same bytes for the same zlib
 * returns  CF_OK; CF_NOMEM; CF_TOO_LARGE past out's maximum; CF_BUG when
 *          libpng refuses, err with its reason
 * promise  leaves the heap as it found it, but for out
 */
CF_MUST_CHECK
enum cf_status canvas_to_png(const struct canvas *canvas,
			     const struct canvas_colour *palette, int quality,
			     struct buf *out, struct cf_error *err);

#endif
