/*
 * Linear maps: see linear.h.
 */
#include "base/base.h"
#include "image/linear.h"

/* 2^32 is a full turn. */
static uint32_t turn_of(int32_t deg)
{
	return (uint32_t)deg * UINT32_C(11930465);
}

/* Whether a direction is within deg degrees of the axis it started on. */
static bool is_near(int64_t along, int64_t across, int32_t deg)
{
	uint32_t turn = turn_of(deg);

	return along > 0 &&
	       llabs(across) * cosine(turn) <= along * sine(turn);
}

static int32_t largest(struct linear map)
{
	int32_t a = abs(map.xx) > abs(map.xy) ? abs(map.xx) : abs(map.xy);
	int32_t b = abs(map.yx) > abs(map.yy) ? abs(map.yx) : abs(map.yy);

	return a > b ? a : b;
}

bool linear_is_plain(struct linear map, const struct linear_limits *limits)
{
	int64_t bar, stem, area, aspect = limits->aspect_max, s;

	/* so that the product of two squares fits */
	while (largest(map) >= 1 << 14)
		map = (struct linear){map.xx / 2, map.xy / 2, map.yx / 2,
				      map.yy / 2};
	if (!is_near(map.xx, map.yx, limits->tilt_max_deg) ||
	    !is_near(map.yy, map.xy, limits->tilt_max_deg))
		return false;
	bar = (int64_t)map.xx * map.xx + (int64_t)map.yx * map.yx;
	stem = (int64_t)map.xy * map.xy + (int64_t)map.yy * map.yy;
	if (bar * 1000000 > stem * aspect * aspect ||
	    stem * 1000000 > bar * aspect * aspect)
		return false;
	/* area = |bar| |stem| sin(corner) */
	area = (int64_t)map.xx * map.yy - (int64_t)map.xy * map.yx;
	s = sine(turn_of(limits->corner_min_deg)) * 1000 / ONE_SINE;
	return area > 0 && area * area >= bar * stem / 1000000 * s * s;
}
