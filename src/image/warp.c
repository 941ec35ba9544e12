/*
 * Bending: see warp.h. Only points move, so a line bends at the points that
 * glyph.c put into it.
 */
#include "base/base.h"
#include "image/warp.h"

/* length * part / whole, where the product may pass 32 bits. */
static int32_t scale(int64_t length, int64_t part, int64_t whole)
{
	return (int32_t)(length * part / whole);
}

void warp_init(struct warp *warp, const struct look *look, struct rng *rng,
	       int32_t em)
{
	assert(em > 0);
	for (size_t i = 0; i < WARP_N_WAVES; i++) {
		struct warp_wave *wave = &warp->waves[i];
		int32_t length =
			scale(em, look_draw(rng, look->wave), 1000) + 1;
		int32_t move = scale(length,
				     look_draw(rng, look->move), 1000);
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

/* The derivative of dx * sin(k * x) with respect to x, in parts of ONE_LINEAR:
 * 2 pi times that with angles in turns. */
static int32_t slope(int32_t dx, uint32_t k, int32_t cos)
{
	int64_t steep = ((int64_t)dx * (int32_t)k >> 16) * cos >> 16;

	return (int32_t)(steep * 6434 >> 10);
}

struct linear warp_near(const struct warp *warp, struct point point)
{
	uint32_t x = (uint32_t)point.x, y = (uint32_t)point.y;
	struct linear map = {ONE_LINEAR, 0, 0, ONE_LINEAR};

	for (size_t i = 0; i < WARP_N_WAVES; i++) {
		const struct warp_wave *wave = &warp->waves[i];
		int32_t c = cosine(wave->kx * x + wave->ky * y + wave->phase);

		map.xx += slope(wave->dx, wave->kx, c);
		map.xy += slope(wave->dx, wave->ky, c);
		map.yx += slope(wave->dy, wave->kx, c);
		map.yy += slope(wave->dy, wave->ky, c);
	}
	return map;
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
