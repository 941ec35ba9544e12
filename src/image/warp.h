/*
 * Bending: each point moves by the sum of a few sine waves that run across the
 * picture. Waves move points by much less than their length, so shapes bend and
 * neither tear nor fold.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_WARP_H
#define CF_IMAGE_WARP_H

#include "image/linear.h"
#include "image/look.h"
#include "image/outline.h"

enum {
	WARP_N_WAVES = 3
};

/* A wave moves (x, y) by (dx, dy) times the sine of kx * x + ky * y + phase;
 * angles as in sine(), lengths in parts of ONE_PX. */
struct warp_wave {
	uint32_t kx, ky, phase;
	int32_t dx, dy;
};

struct warp {
	struct warp_wave waves[WARP_N_WAVES];
};

/* Draw the waves. em is the size of the letters to be bent, in parts of ONE_PX,
 * above 0. Lengths and movements of waves are in proportion to it. */
void warp_init(struct warp *warp, const struct look *look, struct rng *rng,
	       int32_t em);

void warp_bend(const struct warp *warp, struct outline *outline);

/* The map that bending is near a point, in parts of ONE_LINEAR. */
struct linear warp_near(const struct warp *warp, struct point point);

#endif
