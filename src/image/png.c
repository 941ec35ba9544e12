/*
 * PNG: see png.h.
 */
#include "base/base.h"
#include "image/png.h"

#include "image/png_lib.h"
#include "image/png_run.h"

#ifdef CF_PNG_BY_LIBPNG
#define HAS_RUN false
#else
#define HAS_RUN true
#endif

enum cf_status canvas_to_png(const struct canvas *canvas,
			     const struct canvas_colour palette[CANVAS_LEVELS],
			     int quality, struct buf *out,
			     struct cf_error *err)
{
	assert(quality >= 0 && quality <= CANVAS_QUALITY_MAX);
	assert(canvas->width_px > 0 && canvas->height_px > 0);
	assert(canvas->stride == canvas_stride(canvas->width_px));
	if (HAS_RUN && quality == CANVAS_QUALITY_RUN)
		return png_run_write(canvas, palette, out, err);
	return png_lib_write(canvas, palette, quality, out, err);
}
