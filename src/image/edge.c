/*
 * Edges: see edge.h. All in whole numbers; the costs of a row are computed
 * for many columns at once.
 */
#include "base/base.h"
#include "image/edge.h"

#include "base/mem.h"

enum {
	BLOCK = 16,    /* columns at once: a fixed count vectorises */
	GUARD = 2,     /* columns at either side that no path takes */
	/* costs use the whole of 16 bits with a sign, which is what vector
	 * units compare at once: */
	NO_COST = -30000,
	WALL = 30000,  /* of those columns: above that of any path */
	STEP_1 = 1,    /* cost of one column sideways, */
	STEP_2 = 4,    /* of two */
	STRAY_MAX = 40,
	/* straying by this share of the height costs as much as STRAY_MAX */
	STRAY_HEIGHTS = 500,
	SWING = 175,   /* of the wave, in thousandths of the height */
	WAVE_MIN = 500, /* its length, likewise */
	WAVE_MAX = 1000,
	SMOOTH_ROWS = 2 /* above and below, over which a path is evened out */
};

/* The dearest path: each row's ink, straying and step. */
_Static_assert((255 * 15 / 52 + STRAY_MAX + STEP_2) * 500 < WALL - NO_COST,
	       "costs of the highest picture stay below the wall");

static size_t stride_of(const struct edges *edges)
{
	return (size_t)edges->width_px + 2 * GUARD;
}

bool edges_init(struct edges *out, const struct raster *raster)
{
	int32_t band = raster->width_px / 2;

	*out = (struct edges){0};
	out->height_px = raster->height_px;
	out->width_px = (band + BLOCK - 1) / BLOCK * BLOCK;
	out->costs = mem_alloc(MEM_GENERATOR, (size_t)raster->height_px,
			       stride_of(out) * sizeof(*out->costs));
	out->path = mem_alloc(MEM_GENERATOR, (size_t)raster->height_px,
			      sizeof(*out->path));
	out->stray = mem_alloc(MEM_GENERATOR, (size_t)out->width_px,
			       2 * sizeof(*out->stray));
	if (!out->costs || !out->path || !out->stray) {
		edges_release(out);
		return false;
	}
	for (int32_t i = 0; i < 2 * out->width_px; i++) {
		int64_t off = (int64_t)(i - out->width_px) * 1000 /
			      STRAY_HEIGHTS;
		int64_t cost = off * off * STRAY_MAX / raster->height_px /
			       raster->height_px;

		out->stray[i] = (uint16_t)(cost < STRAY_MAX ? cost : STRAY_MAX);
	}
	return true;
}

void edges_release(struct edges *edges)
{
	mem_free(edges->costs);
	mem_free(edges->path);
	mem_free(edges->stray);
	*edges = (struct edges){0};
}

static inline int16_t lower(int16_t a, int16_t b)
{
	return a < b ? a : b;
}

/* Costs of BLOCK columns of a row, from the ink there and the row above. */
static void cost_block(int16_t *restrict cost, const int16_t *restrict above,
		       const uint8_t *restrict ink,
		       const uint16_t *restrict stray)
{
	for (int32_t k = 0; k < BLOCK; k++) {
		uint16_t near = (uint16_t)(3 * (ink[k - 2] + ink[k - 1] +
						ink[k] + ink[k + 1] +
						ink[k + 2]));
		int16_t side = lower(above[k - 1], above[k + 1]);
		int16_t far = lower(above[k - 2], above[k + 2]);
		int16_t best = lower(above[k], (int16_t)(side + STEP_1));

		best = lower(best, (int16_t)(far + STEP_2));
		cost[k] = (int16_t)(best + stray[k] + near / 52);
	}
}

/* The columns that no path takes. */
static void wall(int16_t *cost, int32_t width)
{
	cost[-2] = cost[-1] = cost[width] = cost[width + 1] = WALL;
}

/* The path in pixels from `left` on, from the costs, lowest row first. */
static void walk_back(struct edges *edges, int32_t left, int32_t width)
{
	static const struct {
		int8_t by;
		uint8_t cost;
	} steps[] = {{-1, STEP_1}, {1, STEP_1}, {-2, STEP_2}, {2, STEP_2}};
	size_t stride = stride_of(edges);
	int32_t y = edges->height_px - 1, x = 0;
	const int16_t *cost = edges->costs + (size_t)y * stride + GUARD;

	for (int32_t k = 1; k < width; k++)
		if (cost[k] < cost[x])
			x = k;
	for (;; y--) {
		int32_t best, least;

		edges->path[y] = (left + x) * ONE_PX + ONE_PX / 2;
		if (!y)
			return;
		cost -= stride;
		best = x;
		least = cost[x];
		for (size_t i = 0; i < CF_ARRAY_LEN(steps); i++) {
			int32_t there = cost[x + steps[i].by] + steps[i].cost;

			best = there < least ? x + steps[i].by : best;
			least = there < least ? there : least;
		}
		x = best;
	}
}

static void find_path(struct edges *edges, const struct raster *raster,
		      int32_t left, int32_t width, struct rng *rng)
{
	int32_t height = edges->height_px;
	int32_t wave = height * (WAVE_MIN + (int32_t)rng_below(
					rng, WAVE_MAX - WAVE_MIN)) / 1000 + 1;
	int32_t swing = height * SWING / 1000;
	uint32_t phase = (uint32_t)rng_u64(rng);
	uint32_t per_row = UINT32_MAX / (uint32_t)wave;
	size_t stride = stride_of(edges);
	int16_t *cost = edges->costs + GUARD;

	/* a row of no cost above the first would need room of its own: the
	 * first row is itself without cost */
	for (int32_t k = 0; k < width; k++)
		cost[k] = NO_COST;
	wall(cost, width);
	for (int32_t y = 0; y < height; y++) {
		const uint8_t *ink =
			raster->cover + (size_t)y * raster->stride + left;
		int32_t middle = within(0, width / 2 + swing * sine(phase) /
						   ONE_SINE, width);
		const int16_t *above = y ? cost - stride : cost;

		phase += per_row;
		for (int32_t k = 0; y && k < width; k += BLOCK)
			cost_block(cost + k, above + k, ink + k,
				   edges->stray + edges->width_px - middle + k);
		wall(cost, width);
		cost += stride;
	}
	walk_back(edges, left, width);
}

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

/* Turn what is right of x, whose edge passes `ramp` wide from full to none. */
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

/* Where the path is in a row, evened out. */
static int32_t even(const struct edges *edges, int32_t y)
{
	const int32_t *at = edges->path + y;
	int32_t sum = 0, n = 0;

	_Static_assert(SMOOTH_ROWS == 2, "five rows");
	if (y >= SMOOTH_ROWS && y < edges->height_px - SMOOTH_ROWS)
		return (at[-2] + at[-1] + at[0] + at[1] + at[2]) / 5;
	for (int32_t i = y - SMOOTH_ROWS; i <= y + SMOOTH_ROWS; i++) {
		if (i < 0 || i >= edges->height_px)
			continue;
		sum += edges->path[i];
		n++;
	}
	return sum / n;
}

void edge_cut(struct edges *edges, struct raster *raster, int32_t left_px,
	      int32_t right_px, struct rng *rng)
{
	/* whole blocks, in the picture */
	int32_t most = (raster->width_px - 2 * GUARD) / BLOCK * BLOCK;
	int32_t wanted = (right_px - left_px + BLOCK - 1) / BLOCK * BLOCK;
	int32_t width = within(
		BLOCK, wanted, most < edges->width_px ? most : edges->width_px);
	int32_t left = within(GUARD, (left_px + right_px - width) / 2,
			      raster->width_px - width - GUARD);
	int32_t before;

	assert(edges->height_px == raster->height_px);
	find_path(edges, raster, left, width, rng);
	before = even(edges, 0);
	for (int32_t y = 0; y < raster->height_px; y++) {
		int32_t x = even(edges, y);
		int32_t lean = abs(x - before);

		turn_row(raster->cover + (size_t)y * raster->stride,
			 raster->width_px, (int32_t)raster->stride, x,
			 lean > ONE_PX ? lean : ONE_PX);
		before = x;
	}
}
