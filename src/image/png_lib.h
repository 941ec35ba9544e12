/*
 * PNG by libpng, for the qualities that png_run.c has not.
 *
 * Layer: private to image, behind png.h.
 */
#ifndef CF_IMAGE_PNG_LIB_H
#define CF_IMAGE_PNG_LIB_H

#include "image/png.h"

/* canvas_to_png() of png.h, for any quality of 0 to CANVAS_QUALITY_MAX. */
CF_MUST_CHECK
enum cf_status png_lib_write(const struct canvas *canvas,
			     const struct canvas_colour palette[CANVAS_LEVELS],
			     int quality, struct buf *out,
			     struct cf_error *err);

#endif
