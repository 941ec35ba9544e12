/*
 * A thin line across the word in the colour of its ink, for those who set it:
 * it costs a machine something, and people the letters whose strokes it looks
 * like.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_STROKE_H
#define CF_IMAGE_STROKE_H

#include "base/rng.h"
#include "image/outline.h"

enum {
	STROKE_STEPS = 32, /* pieces of its length */
	STROKE_POINTS = 2 * (STROKE_STEPS + 1)
};

/*
 * A wave from the left to the right of a room, about a sixtieth of its height
 * thick.
 *
 * room  at least one pixel each way; no point of the line is outside
 * out   empty on entry, with room for STROKE_POINTS and one contour
 */
void stroke_draw(struct box room, struct rng *rng, struct outline *out);

#endif
