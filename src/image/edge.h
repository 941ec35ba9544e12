/*
 * Edges: wavy lines from the top of a picture to its foot, at which ink and
 * paper change places.
 *
 * People misread a letter when an edge takes a stroke of it away. An edge
 * between two letters troubles a recogniser nearly as much. So an edge finds
 * its way between two letters, as a seam does in seam carving (Avidan and
 * Shamir, 2007). It is the path of least cost: passing ink is dear, leaving a
 * random wave is cheaper, and moving sideways is nearly free.
 *
 * edges_init, any number of edge_cut, edges_release. Nothing is allocated
 * after init.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_EDGE_H
#define CF_IMAGE_EDGE_H

#include "base/rng.h"
#include "image/raster.h"

/* Invariant: width_px is a multiple of the block that raster.h sums at once. */
struct edges {
	int32_t height_px, width_px; /* of the widest band */
	int16_t *costs;		     /* of the best path to each pixel */
	int32_t *path;		     /* x in each row, parts of ONE_PX */
	uint16_t *stray;	     /* by distance from the wave */
};

/* For pictures as large as the raster's. False when out of memory, out
 * empty. */
CF_MUST_CHECK
bool edges_init(struct edges *out, const struct raster *raster);
void edges_release(struct edges *edges);

/*
 * After raster_finish: let ink and paper change places to the right of an edge
 * between left_px and right_px. The band between them is first rounded to whole
 * blocks of raster.h, at least one and at most half the picture, and moved into
 * the picture. A second cut turns the pixels right of its own edge back. That
 * edge may run elsewhere, since the ink has changed.
 */
void edge_cut(struct edges *edges, struct raster *raster, int32_t left_px,
	      int32_t right_px, struct rng *rng);

#endif
