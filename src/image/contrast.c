/*
 * Contrast: see contrast.h. Every third piece of an outline stands for three.
 * Lengths are those of the larger coordinate and half the smaller, which are
 * right to an eighth.
 */
#include "base/base.h"
#include "image/contrast.h"

enum {
	SEEN_MIN = 110, /* difference of coverage */
	DEPTH_PARTS = 1 << 12, /* of the depth, so that products fit */
};

struct lengths {
	int64_t all, lost;
};

static int32_t length_of(int32_t dx, int32_t dy)
{
	int32_t x = abs(dx), y = abs(dy);

	return x > y ? x + y / 2 : y + x / 2;
}

static int32_t cover_at(const struct raster *raster, int32_t x, int32_t y)
{
	x = within(0, x >> 8, raster->width_px - 1);
	y = within(0, y >> 8, raster->height_px - 1);
	return raster->cover[(size_t)y * raster->stride + (size_t)x];
}

/* Look at either side of the piece between two points. */
static void look_beside(const struct raster *raster, struct point from,
			struct point to, int32_t depth, struct lengths *sum)
{
	int32_t dx = to.x - from.x, dy = to.y - from.y;
	int32_t length = length_of(dx, dy);
	int32_t share, across_x, across_y, x, y, off;

	if (!length)
		return;
	share = depth * DEPTH_PARTS / length;
	across_x = dy * share / DEPTH_PARTS;
	across_y = -dx * share / DEPTH_PARTS;
	x = (from.x + to.x) / 2;
	y = (from.y + to.y) / 2;
	off = cover_at(raster, x + across_x, y + across_y) -
	      cover_at(raster, x - across_x, y - across_y);
	sum->all += length;
	if (abs(off) < SEEN_MIN)
		sum->lost += length;
}

int32_t contrast_lost(const struct raster *raster, const struct word *word,
		      size_t letter, int32_t depth)
{
	const struct outline *outline = word->outline;
	size_t first = letter ? word->ends[letter - 1] : 0, contour = 0;
	struct lengths sum = {0, 0};

	assert(depth >= ONE_PX);
	while (outline->ends[contour] <= first)
		contour++;
	for (; first < word->ends[letter]; contour++) {
		size_t end = outline->ends[contour];

		for (; first + 1 < end; first += 3)
			look_beside(raster, outline->points[first],
				    outline->points[first + 1], depth, &sum);
		first = end;
	}
	return sum.all ? (int32_t)(sum.lost * 1000 / sum.all) : 0;
}
