/*
 * Linear maps: turning, slanting, stretching and, near a point, bending. Their
 * product says whether people can still read a letter.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_LINEAR_H
#define CF_IMAGE_LINEAR_H

#include "image/outline.h"

/* Moves (x, y) to (xx * x + xy * y, yx * x + yy * y); y is down. The function
 * that makes a map names the unit of these numbers. */
struct linear {
	int32_t xx, xy, yx, yy;
};

enum { LINEAR_BITS = 15, ONE_LINEAR = 1 << LINEAR_BITS };

/* The product of two maps. second is in parts of ONE_LINEAR, the result in
 * those of first. Neither stretches by more than thousands. */
static inline struct linear linear_then(struct linear first,
					struct linear second)
{
	int64_t xx = first.xx, xy = first.xy, yx = first.yx, yy = first.yy;

	return (struct linear){
		(int32_t)((second.xx * xx + second.xy * yx) >> LINEAR_BITS),
		(int32_t)((second.xx * xy + second.xy * yy) >> LINEAR_BITS),
		(int32_t)((second.yx * xx + second.yy * yx) >> LINEAR_BITS),
		(int32_t)((second.yx * xy + second.yy * yy) >> LINEAR_BITS),
	};
}

/* How far from upright a letter may be. */
struct linear_limits {
	int32_t tilt_max_deg;  /* of its stems and of its bars, below 90 */
	int32_t corner_min_deg; /* between the two, at most 90 */
	int32_t aspect_max; /* ratio of their stretches, either way, in
			       thousandths */
};

/* Whether the map keeps to the limits, and does not turn over. */
CF_MUST_CHECK
bool linear_is_plain(struct linear map, const struct linear_limits *limits);

/* Whether the map tilts too far, or is too slim or too wide, however its width
 * is stretched: by at least `narrowest` and at most `widest` thousandths of its
 * height's stretch, both at most 2000. */
CF_MUST_CHECK
bool linear_is_lost(struct linear map, const struct linear_limits *limits,
		    int32_t narrowest, int32_t widest);

#endif
