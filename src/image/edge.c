/*
 * Edges: see edge.h. Pixels right of a line are turned many at once.
 */
#include "base/base.h"
#include "image/edge.h"

enum {
	BLOCK = 16, /* columns at once: a fixed count vectorises */
};

/* Turn from a column to the end of the row, whole blocks at once. */
static void turn_rest(uint8_t *row, int32_t from, int32_t stride)
{
	int32_t in_block = from % BLOCK;

	for (row += from - in_block; from < stride; row += BLOCK) {
		for (int32_t k = 0; k < BLOCK; k++)
			row[k] ^= (uint8_t)(k < in_block ? 0 : 255);
		from += BLOCK - in_block;
		in_block = 0;
	}
}

/* Turn the pixels right of x. From none to full takes `ramp`. */
static void turn_row(uint8_t *row, int32_t width, int32_t stride, int32_t x,
		     int32_t ramp)
{
	int32_t first = (x - ramp / 2) >> 8, last = (x + ramp / 2) >> 8;
	int32_t per_part = ONE_PX * 65536 / ramp;

	for (int32_t k = first < 0 ? 0 : first; k <= last && k < width; k++) {
		int32_t beyond = k * ONE_PX + ONE_PX / 2 - x;
		int32_t share = (beyond * per_part >> 16) + ONE_PX / 2;

		if (share <= 0)
			continue;
		if (share > ONE_PX)
			share = ONE_PX;
		row[k] = (uint8_t)((row[k] * (ONE_PX - share) +
				    (255 - row[k]) * share) >> 8);
	}
	turn_rest(row, last + 1 < 0 ? 0 : last + 1, stride);
}

/* Where the line from p[0] to p[1] is at a height. */
static int32_t line_at(const struct point *p, int32_t y)
{
	if (p[1].y <= p[0].y || y >= p[1].y)
		return p[1].x;
	if (y <= p[0].y)
		return p[0].x;
	return p[0].x + (int32_t)((int64_t)(p[1].x - p[0].x) * (y - p[0].y) /
				  (p[1].y - p[0].y));
}

void edge_turn(struct raster *raster, const struct point *line, size_t n)
{
	int32_t width = raster->width_px, before = 0;
	const struct point *last = line + n - 2;

	assert(n >= 2);
	for (int32_t y = 0; y < raster->height_px; y++) {
		int32_t middle = y * ONE_PX + ONE_PX / 2, x, lean;

		while (line < last && line[1].y < middle)
			line++;
		/* far enough out that no pixel of the row is on the line */
		x = within(-ONE_PX, line_at(line, middle),
			   (width + 1) * ONE_PX);
		lean = y ? abs(x - before) : 0;
		turn_row(raster->cover + (size_t)y * raster->stride, width,
			 (int32_t)raster->stride, x,
			 lean > ONE_PX ? lean : ONE_PX);
		before = x;
	}
}
