/*
 * Edges: curves from the top of a picture to its foot, at which ink and paper
 * change places.
 *
 * layout.c decides where they run: between two letters, clear of the ink of
 * both. People misread a letter when an edge takes a stroke of it away, and an
 * edge that leaves letters whole troubles a recogniser as much.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_EDGE_H
#define CF_IMAGE_EDGE_H

#include "image/raster.h"

/*
 * After raster_finish: let ink and paper change places to the right of a line.
 * A second call with the same line turns the picture back, but for the pixels
 * that the line passes.
 *
 * line     n points, at least two, from above to below. It may leave the
 *          picture. Beyond its ends it goes on straight up and down
 */
void edge_turn(struct raster *raster, const struct point *line, size_t n);

#endif
