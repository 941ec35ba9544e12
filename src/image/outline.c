/*
 * Outlines: see outline.h.
 */
#include "base/base.h"
#include "image/outline.h"

#include "base/mem.h"

bool outline_init(struct outline *out, size_t max_points)
{
	size_t n_bytes = max_points * sizeof(*out->points);
	size_t ends_bytes = max_points * sizeof(*out->ends);

	*out = (struct outline){.max_points = max_points};
	out->points = mem_alloc(MEM_GENERATOR, n_bytes, 1);
	out->ends = mem_alloc(MEM_GENERATOR, ends_bytes, 1);
	if (!out->points || !out->ends) {
		outline_release(out);
		return false;
	}
	/* Touch all pages now, so that a process does not grow when the longest
	 * word comes. */
	memset(out->points, 0xff, n_bytes);
	memset(out->ends, 0xff, ends_bytes);
	return true;
}

void outline_release(struct outline *out)
{
	mem_free(out->points);
	mem_free(out->ends);
	*out = (struct outline){0};
}

struct box outline_bounds(const struct outline *out, size_t first, size_t end)
{
	struct box box = {0, 0, 0, 0};

	assert(end <= out->n_points && out->n_points <= out->max_points);
	if (first >= end)
		return box;
	box = (struct box){INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
	for (size_t i = first; i < end; i++) {
		struct point p = out->points[i];

		box.x0 = p.x < box.x0 ? p.x : box.x0;
		box.x1 = p.x > box.x1 ? p.x : box.x1;
		box.y0 = p.y < box.y0 ? p.y : box.y0;
		box.y1 = p.y > box.y1 ? p.y : box.y1;
	}
	return box;
}

void outline_shift(struct outline *out, size_t first, int32_t dx, int32_t dy)
{
	for (size_t i = first; i < out->n_points; i++) {
		out->points[i].x += dx;
		out->points[i].y += dy;
	}
}

void outline_reverse(struct outline *out, size_t first, size_t end)
{
	for (; first + 1 < end; first++, end--) {
		struct point swap = out->points[first];

		out->points[first] = out->points[end - 1];
		out->points[end - 1] = swap;
	}
}
