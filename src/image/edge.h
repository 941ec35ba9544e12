/*
 * Edges: wavy lines from the top of a picture to its foot, at which ink and
 * paper change places.
 *
 * An edge through a letter takes the stroke away that tells it from another,
 * and people misread it; a machine is hardly troubled more than by one that
 * leaves the letters whole. So an edge finds its way between two letters, as
 * a seam does in seam carving (Avidan and Shamir, 2007): of all paths it is
 * one that costs least, where ink is dear, straying from a wave left to
 * chance is cheaper, and moving sideways nearly free.
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
	int32_t height_px, width_px; /* of the band an edge may use */
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
 * Let ink and paper change places to the right of an edge that runs somewhere
 * between left_px and right_px, and in the picture; after raster_finish. The
 * band between them is taken as wide as a multiple of the block that raster.h
 * sums at once, at least one and at most half the picture. Cutting again turns
 * what lies right of the new edge back; with the same rng that need not be the
 * same edge, since the ink is another.
 */
void edge_cut(struct edges *edges, struct raster *raster, int32_t left_px,
	      int32_t right_px, struct rng *rng);

#endif
