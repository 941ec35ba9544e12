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

/* Small enough that the product of two squares fits. */
static struct linear halved(struct linear map)
{
	while (largest(map) >= 1 << 14)
		map = (struct linear){map.xx / 2, map.xy / 2, map.yx / 2,
				      map.yy / 2};
	return map;
}

/* The square of a length. */
static int64_t square(int64_t x, int64_t y)
{
	return x * x + y * y;
}

/* Whether a is too long against b; both are squares. */
static bool is_longer(int64_t a, int64_t b, int64_t aspect_max)
{
	return a * 1000000 > b * aspect_max * aspect_max;
}

static struct linear widened(struct linear map, int32_t thousandths)
{
	map.xx = map.xx * thousandths / 1000;
	map.xy = map.xy * thousandths / 1000;
	return map;
}

bool linear_is_lost(struct linear map, const struct linear_limits *limits,
		    int32_t narrowest, int32_t widest)
{
	struct linear narrow, wide;

	map = halved(map);
	narrow = widened(map, narrowest);
	wide = widened(map, widest);
	if (!is_near(wide.xx, wide.yx, limits->tilt_max_deg) ||
	    !is_near(narrow.yy, narrow.xy, limits->tilt_max_deg))
		return true;
	/* else a bar grows less than a stem does when both become wider */
	if ((int64_t)map.xx * map.yy <= llabs((int64_t)map.xy * map.yx))
		return false;
	return is_longer(square(narrow.xx, narrow.yx),
			 square(narrow.xy, narrow.yy), limits->aspect_max) ||
	       is_longer(square(wide.xy, wide.yy),
			 square(wide.xx, wide.yx), limits->aspect_max);
}

bool linear_is_plain(struct linear map, const struct linear_limits *limits)
{
	int64_t bar, stem, area, s;

	map = halved(map);
	if (!is_near(map.xx, map.yx, limits->tilt_max_deg) ||
	    !is_near(map.yy, map.xy, limits->tilt_max_deg))
		return false;
	bar = square(map.xx, map.yx);
	stem = square(map.xy, map.yy);
	if (is_longer(bar, stem, limits->aspect_max) ||
	    is_longer(stem, bar, limits->aspect_max))
		return false;
	/* area = |bar| |stem| sin(corner) */
	area = (int64_t)map.xx * map.yy - (int64_t)map.xy * map.yx;
	s = sine(turn_of(limits->corner_min_deg)) * 1000 / ONE_SINE;
	return area > 0 && area * area >= bar * stem / 1000000 * s * s;
}
