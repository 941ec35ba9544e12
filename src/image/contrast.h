/*
 * Contrast: how much of a letter's outline can be seen in the picture.
 *
 * People misread a letter when a part of its outline is lost: where it touches
 * its neighbour, where an edge cuts it, or where a hairline is too fine for the
 * pixels. So the generator draws such pictures again.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_CONTRAST_H
#define CF_IMAGE_CONTRAST_H

#include "image/layout.h"
#include "image/raster.h"

/*
 * After raster_finish: the share of a letter's outline on which the pixels just
 * inside and just outside hardly differ, in thousandths of its length.
 *
 * word     fitted, and drawn into the raster
 * depth    how far inside and outside, in parts of ONE_PX; at least ONE_PX
 */
int32_t contrast_lost(const struct raster *raster, const struct word *word,
		      size_t letter, int32_t depth);

#endif
