/*
 * Filling: see raster.h.
 *
 * The principle is that of signed areas: a side that runs to the right covers
 * the pixels below it, and a side that runs to the left uncovers them. A side
 * changes only the cells it passes through: each holds the difference of
 * coverage to the pixel above. A running sum down the columns makes the
 * picture. The sum runs down, and not along the rows, so that a compiler adds
 * many columns at once.
 *
 * Cells count in 1/1024 of a pixel. In 16 bits that leaves room for more layers
 * of ink than a picture has letters. A side's width is split over cells by
 * rounding, and the parts add up to exactly that width, so nothing leaks below
 * a closed contour.
 */
#include "base/base.h"
#include "image/raster.h"

#include "base/mem.h"

enum {
	BLOCK = 16,	/* columns summed at once: a fixed count vectorises */
	SPARE_ROWS = 2, /* a side on the lower border touches two rows more */
	FRACTION = ONE_PX - 1,
	CELL_BITS = 2, /* of a cell, below 1/256 px */
	CELL_PARTS = 1 << CELL_BITS,
	FULL = (255 << CELL_BITS) + CELL_PARTS - 1, /* all ink, in cells */
	/* from twice the area in parts of a pixel, rounded to the nearest */
	CELL_SHIFT = 9 - CELL_BITS,
	CELL_HALF = 1 << (CELL_SHIFT - 1)
};

_Static_assert(ONE_PX == 256, "cells and coverage are bytes");

bool raster_init(struct raster *out, int32_t width_px, int32_t height_px)
{
	size_t rows;

	assert(width_px > 0 && width_px <= RASTER_SIDE_MAX_PX);
	assert(height_px > 0 && height_px <= RASTER_SIDE_MAX_PX);
	*out = (struct raster){0};
	out->width_px = width_px;
	out->height_px = height_px;
	out->stride = ((size_t)width_px + RASTER_BLOCK_PX - 1) /
		      RASTER_BLOCK_PX * RASTER_BLOCK_PX;
	out->row_lo = INT32_MAX;
	out->row_hi = -1;
	rows = (size_t)height_px;
	out->cover = mem_alloc(MEM_GENERATOR, rows, out->stride);
	out->cells = mem_alloc(MEM_GENERATOR, rows + SPARE_ROWS,
			       out->stride * sizeof(*out->cells));
	out->sums = mem_alloc(MEM_GENERATOR, out->stride, sizeof(*out->sums));
	if (out->cover && out->cells && out->sums)
		return true;
	raster_release(out);
	return false;
}

void raster_release(struct raster *raster)
{
	mem_free(raster->cover);
	mem_free(raster->cells);
	mem_free(raster->sums);
	*raster = (struct raster){0};
}

/* How much of a side of that width the cell below gets, when the side is on
 * average `depth` / 2 below the top of its cell. */
static inline int32_t part_below(int32_t width, int32_t depth)
{
	return (width * depth + CELL_HALF) >> CELL_SHIFT;
}

static inline void add_to(int16_t *cell, int32_t change)
{
	*cell = (int16_t)(*cell + change);
}

/* The part of a side within a column: `width` wide, below 0 if the side runs to
 * the left, and from height y to y_end or back. per_height is about the width
 * for each part of its height, in parts of 2^16. */
static inline void add_piece(int16_t *column, size_t stride, int32_t y,
			     int32_t y_end, int32_t width, int64_t per_height)
{
	int32_t row = y >> 8, last = y_end >> 8;
	int32_t lo = y & FRACTION, hi = y_end & FRACTION;
	int32_t below, done, passed;
	int16_t *cell;

	if (row == last) {
		cell = column + (size_t)row * stride;
		below = part_below(width, lo + hi);
		add_to(cell, width * CELL_PARTS - below);
		add_to(cell + stride, below);
		return;
	}
	if (row > last) {
		row = y_end >> 8;
		last = y >> 8;
		lo = y_end & FRACTION;
		hi = y & FRACTION;
	}
	cell = column + (size_t)row * stride;
	passed = ONE_PX - lo;
	done = (int32_t)(per_height * passed >> 16);
	below = part_below(done, lo + ONE_PX);
	add_to(cell, done * CELL_PARTS - below);
	for (row++, cell += stride; row < last; row++, cell += stride) {
		int32_t until, half;

		passed += ONE_PX;
		until = (int32_t)(per_height * passed >> 16);
		half = (until - done) * (CELL_PARTS / 2);
		add_to(cell, below + half);
		below = half;
		done = until;
	}
	width -= done;
	done = part_below(width, hi);
	add_to(cell, below + width * CELL_PARTS - done);
	add_to(cell + stride, done);
}

/* 2^16 times a / b, where that fits by a division of 32 bits, which takes a
 * third of the time. */
static inline int64_t ratio(int32_t a, int32_t b)
{
	if (abs(a) < 1 << 15)
		return a * 65536 / b;
	return (int64_t)a * 65536 / b;
}

static void add_side(struct raster *raster, struct point from, struct point to)
{
	int16_t *column;
	size_t stride = raster->stride;
	int32_t sign = 1, width, left, y;
	int64_t slope = 0, per_height = 0, fine;

	if (from.x == to.x)
		return; /* covers nothing below it */
	if (from.x > to.x) {
		struct point swap = from;

		from = to;
		to = swap;
		sign = -1;
	}
	if (from.x >> 8 != to.x >> 8)
		slope = ratio(to.y - from.y, to.x - from.x);
	if (from.y >> 8 != to.y >> 8)
		per_height = sign * ratio(to.x - from.x, abs(to.y - from.y));
	column = raster->cells + (from.x >> 8);
	width = ONE_PX - (from.x & FRACTION);
	left = to.x - from.x;
	y = from.y;
	fine = (int64_t)y * 65536 + slope * width;
	while (width < left) {
		int32_t y_end = (int32_t)(fine >> 16);

		add_piece(column, stride, y, y_end, sign * width, per_height);
		column++;
		left -= width;
		width = ONE_PX;
		y = y_end;
		fine += slope * ONE_PX;
	}
	add_piece(column, stride, y, to.y, sign * left, per_height);
}

void raster_add(struct raster *raster, const struct outline *outline)
{
	uint32_t width = (uint32_t)raster->width_px * ONE_PX;
	uint32_t height = (uint32_t)raster->height_px * ONE_PX;
	size_t first = 0;

	for (size_t i = 0; i < outline->n_contours; i++) {
		size_t end = outline->ends[i];
		struct point from;

		assert(end > first && end <= outline->n_points);
		from = outline->points[end - 1];
		for (; first < end; first++) {
			struct point to = outline->points[first];
			int32_t row = to.y >> 8;

			/* it would write outside the cells */
			assert((uint32_t)to.x <= width &&
			       (uint32_t)to.y <= height);
			if (row < raster->row_lo)
				raster->row_lo = row;
			if (row > raster->row_hi)
				raster->row_hi = row;
			add_side(raster, from, to);
			from = to;
		}
	}
}

/* One row of sums and of coverage, BLOCK columns at a time; the cells are then
 * zero. Signed numbers of 16 bits are what vector units compare. */
static void sum_row(uint8_t *restrict cover, int16_t *restrict sums,
		    int16_t *restrict cells, size_t n)
{
	for (size_t i = 0; i < n; i += BLOCK) {
		for (size_t k = 0; k < BLOCK; k++) {
			int16_t sum = (int16_t)(sums[k] + cells[k]);
			int16_t less = (int16_t)-sum;
			int16_t full = sum > less ? sum : less;

			sums[k] = sum;
			cells[k] = 0;
			full = full < FULL ? full : FULL;
			cover[k] = (uint8_t)(full >> CELL_BITS);
		}
		cover += BLOCK;
		sums += BLOCK;
		cells += BLOCK;
	}
}

void raster_finish(struct raster *raster)
{
	size_t stride = raster->stride;
	int32_t lo = raster->row_lo, hi = raster->row_hi;

	if (lo > hi) {
		memset(raster->cover, 0, (size_t)raster->height_px * stride);
		return;
	}
	memset(raster->sums, 0, stride * sizeof(*raster->sums));
	memset(raster->cover, 0, (size_t)lo * stride);
	for (int32_t row = lo; row < raster->height_px; row++) {
		uint8_t *cover = raster->cover + (size_t)row * stride;

		if (row > hi + 1) /* all contours are closed by now */
			memset(cover, 0, stride);
		else
			sum_row(cover, raster->sums,
				raster->cells + (size_t)row * stride, stride);
	}
	memset(raster->cells + (size_t)raster->height_px * stride, 0,
	       SPARE_ROWS * stride * sizeof(*raster->cells));
	raster->row_lo = INT32_MAX;
	raster->row_hi = -1;
}
