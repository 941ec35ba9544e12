/*
 * Outlines: closed contours of straight pieces. In this form letters are
 * placed, bent and filled, all by moving points; glyph.c cut the curves.
 *
 * Drawing counts in whole numbers only, so that every compiler and machine
 * draws the same canvas.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_OUTLINE_H
#define CF_IMAGE_OUTLINE_H

#include "base/base.h"

enum {
	ONE_PX = 256,	 /* coordinates count in parts of a pixel */
	ONE_SINE = 32768 /* what sine() counts in */
};

static inline int64_t at_most(int64_t value, int64_t limit)
{
	return value < limit ? value : limit;
}

static inline int64_t at_least(int64_t value, int64_t limit)
{
	return value > limit ? value : limit;
}

static inline int32_t within(int32_t low, int32_t x, int32_t high)
{
	return (int32_t)at_most(at_least(x, low), high);
}

/* x to the right, y down, from the top left corner of the canvas. */
struct point {
	int32_t x, y;
};

/* x0 < x1 and y0 < y1 unless there is nothing inside. */
struct box {
	int32_t x0, y0, x1, y1;
};

/*
 * Contours one after the other; contour i ends before point ends[i], and its
 * last point joins its first. Storage is fixed at init.
 *
 * Invariant: n_contours <= n_points <= max_points.
 */
struct outline {
	struct point *points;
	uint32_t *ends;
	size_t n_points, n_contours;
	size_t max_points;
};

/* Empty, with room for so many points. False when out of memory, and then
 * nothing is to be released. */
CF_MUST_CHECK
bool outline_init(struct outline *out, size_t max_points);
void outline_release(struct outline *out);

/* The box of the points from first until before end. All zero if none. */
struct box outline_bounds(const struct outline *out, size_t first, size_t end);

/* Turn the order of the points from first until before end round. */
void outline_reverse(struct outline *out, size_t first, size_t end);

/* Move points first, first + 1, ... to the end. */
void outline_shift(struct outline *out, size_t first, int32_t dx, int32_t dy);

/* Division by a power of two that rounds down is written >>, which gcc and
 * clang define for negative numbers as well. */
_Static_assert(-3 >> 1 == -2, ">> of negative numbers rounds down");

/*
 * The sine of an angle, in parts of ONE_SINE, right to a thousandth and
 * smooth. 2^32 is a full turn, so angles wrap by themselves.
 *
 * With p the angle in half turns, 4p(1 - |p|) has the sine's zeros and peaks;
 * a share of 0.225 of its own square brings it within 0.0011.
 */
static inline int32_t sine(uint32_t turn)
{
	int32_t p = (int32_t)turn >> 16;
	int32_t y = p * (ONE_SINE - abs(p)) >> 13;
	int32_t square = y * abs(y) >> 15;

	return y + ((square - y) * 7373 >> 15);
}

static inline int32_t cosine(uint32_t turn)
{
	return sine(turn + (UINT32_C(1) << 30));
}

#endif
