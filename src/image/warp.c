/*
 * Bending: see warp.h. Works on points only; whoever cut the lines into pieces
 * decided how well a straight line follows.
 */
#include "base/base.h"
#include "image/warp.h"

/* In thousandths of the em: how long the waves are, and how far one of the
 * shortest and of the longest moves a point at most. Movement grows with
 * length, so that each wave bends about as sharply. */
enum {
	WAVE_MIN = 850,
	WAVE_MAX = 2400,
	MOVE_PER_WAVE_MIN = 20, /* thousandths of the wave length */
	MOVE_PER_WAVE_MAX = 42,
};

static int32_t between(struct rng *rng, int32_t lo, int32_t hi)
{
	return lo + (int32_t)rng_below(rng, (uint32_t)(hi - lo + 1));
}

/* length * part / whole, where the product may pass 32 bits. */
static int32_t scale(int64_t length, int64_t part, int64_t whole)
{
	return (int32_t)(length * part / whole);
}

void warp_init(struct warp *warp, struct rng *rng, int32_t em)
{
	assert(em > 0);
	for (size_t i = 0; i < WARP_N_WAVES; i++) {
		struct warp_wave *wave = &warp->waves[i];
		int32_t length =
			scale(em, between(rng, WAVE_MIN, WAVE_MAX), 1000) + 1;
		int32_t move = scale(length,
				     between(rng, MOVE_PER_WAVE_MIN,
					     MOVE_PER_WAVE_MAX),
				     1000);
		int64_t turn = (INT64_C(1) << 32) / length;
		uint32_t run = (uint32_t)rng_u64(rng);
		uint32_t push = (uint32_t)rng_u64(rng);

		wave->kx = (uint32_t)(turn * cosine(run) / ONE_SINE);
		wave->ky = (uint32_t)(turn * sine(run) / ONE_SINE);
		wave->phase = (uint32_t)rng_u64(rng);
		wave->dx = scale(move, cosine(push), ONE_SINE);
		wave->dy = scale(move, sine(push), ONE_SINE);
	}
}

void warp_bend(const struct warp *warp, struct outline *outline)
{
	for (size_t i = 0; i < outline->n_points; i++) {
		struct point *p = &outline->points[i];
		uint32_t x = (uint32_t)p->x, y = (uint32_t)p->y;
		int64_t dx = 0, dy = 0;

		for (size_t k = 0; k < WARP_N_WAVES; k++) {
			const struct warp_wave *wave = &warp->waves[k];
			int64_t s =
				sine(wave->kx * x + wave->ky * y + wave->phase);

			dx += wave->dx * s;
			dy += wave->dy * s;
		}
		p->x += (int32_t)(dx >> 15);
		p->y += (int32_t)(dy >> 15);
	}
}
