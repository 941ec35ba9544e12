/*
 * Filling: outlines become coverage, 0 for paper to 255 for ink, with
 * antialiased edges.
 *
 * raster_init, then for each picture any number of raster_add and one
 * raster_finish, raster_release. Nothing is allocated after init.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_RASTER_H
#define CF_IMAGE_RASTER_H

#include "image/outline.h"

enum {
	RASTER_SIDE_MAX_PX = 4096, /* of a canvas */
	RASTER_BLOCK_PX = 32
};

/*
 * cover    height_px rows of stride bytes, a multiple of RASTER_BLOCK_PX, of
 *          which width_px are the picture; filled by raster_finish
 * cells    changes of coverage from a row to the next; all zero between
 *          pictures
 */
struct raster {
	int32_t width_px, height_px;
	size_t stride;
	uint8_t *cover;
	int16_t *cells;
	int16_t *sums;
	int32_t row_lo, row_hi; /* rows with changes; none when lo > hi */
};

/* Sides of 1 to RASTER_SIDE_MAX_PX. False when out of memory, out empty. */
CF_MUST_CHECK
bool raster_init(struct raster *out, int32_t width_px, int32_t height_px);
void raster_release(struct raster *raster);

/*
 * Add the inside of the contours. Every point must lie in the canvas, sides
 * included. Where contours overlap, there is ink. A contour that runs the other
 * way round inside another is a hole, as in fonts.
 */
void raster_add(struct raster *raster, const struct outline *outline);

/* Turn all that was added into coverage. The next picture may begin. */
void raster_finish(struct raster *raster);

#endif
