/*
 * PNG by runs: quick, with one fixed code (deflate.h).
 *
 * Layer: private to image, behind png.h.
 */
#ifndef CF_IMAGE_PNG_RUN_H
#define CF_IMAGE_PNG_RUN_H

#include "image/png.h"

/*
 * canvas_to_png() of png.h, for CANVAS_QUALITY_RUN. Allocates once at most:
 * the worst case in out.
 */
CF_MUST_CHECK
enum cf_status png_run_write(const struct canvas *canvas,
			     const struct canvas_colour palette[CANVAS_LEVELS],
			     struct buf *out, struct cf_error *err);

/* What out is to have room for, for a canvas of that size. */
size_t png_run_max_bytes(int32_t width_px, int32_t height_px);

#endif
