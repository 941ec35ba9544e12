/*
 * A thin line: see stroke.h.
 */
#include "base/base.h"
#include "image/stroke.h"

/* In thousandths of the room's height, but for the wave. */
enum {
	THICK = 17,
	MIDDLE_MIN = 350,
	MIDDLE_MAX = 650,
	SWING_MIN = 80,
	SWING_MAX = 250,
	WAVES_MIN = 700, /* thousandths of a wave, across the room */
	WAVES_MAX = 1600,
	MILLE = 1000
};

static int32_t between(struct rng *rng, int32_t min, int32_t max)
{
	return min + (int32_t)rng_below(rng, (uint32_t)(max - min + 1));
}

void stroke_draw(struct box room, struct rng *rng, struct outline *out)
{
	int64_t width = room.x1 - room.x0, height = room.y1 - room.y0;
	int64_t middle = height * between(rng, MIDDLE_MIN, MIDDLE_MAX) / MILLE;
	int64_t swing = height * between(rng, SWING_MIN, SWING_MAX) / MILLE;
	int64_t half = height * THICK / (2 * MILLE) + 1;
	uint32_t turn = (uint32_t)((INT64_C(1) << 32) / STROKE_STEPS *
				   between(rng, WAVES_MIN, WAVES_MAX) / MILLE);
	uint32_t phase = (uint32_t)rng_u64(rng);

	assert(out->max_points >= STROKE_POINTS && !out->n_points);
	assert(out->max_contours && !out->n_contours);
	for (int32_t i = 0; i <= STROKE_STEPS; i++, phase += turn) {
		int32_t x = room.x0 + (int32_t)(width * i / STROKE_STEPS);
		int32_t y = room.y0 +
			    (int32_t)(middle + swing * sine(phase) / ONE_SINE);

		/* there above, and back below */
		out->points[i] = (struct point){x, y - (int32_t)half};
		out->points[STROKE_POINTS - 1 - i] =
			(struct point){x, y + (int32_t)half};
	}
	out->n_points = STROKE_POINTS;
	out->ends[out->n_contours++] = STROKE_POINTS;
}
