/*
 * The kernel's clocks: see clk.h.
 */
#include "base/base.h"
#include "base/clk.h"

static int64_t read_ms(clockid_t id)
{
	struct timespec ts = {0, 0};

	(void)clock_gettime(id, &ts); /* cannot fail for these two clocks */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t system_unix_ms(void *ctx)
{
	(void)ctx;
	return read_ms(CLOCK_REALTIME);
}

static int64_t system_mono_ms(void *ctx)
{
	(void)ctx;
	return read_ms(CLOCK_MONOTONIC);
}

struct clk clk_system(void)
{
	struct clk clk = {system_unix_ms, system_mono_ms, NULL};

	return clk;
}
