/*
 * See fake_clk.h.
 */
#include "base/base.h"
#include "tests/support/fake_clk.h"

static int64_t get_unix_ms(void *ctx)
{
	return ((struct fake_clk *)ctx)->unix_ms;
}

static int64_t get_mono_ms(void *ctx)
{
	return ((struct fake_clk *)ctx)->mono_ms;
}

void fake_clk_init(struct fake_clk *fake)
{
	fake->unix_ms = FAKE_NOON_UNIX_MS;
	fake->mono_ms = 5000000;
}

struct clk fake_clk_get(struct fake_clk *fake)
{
	struct clk clk = {get_unix_ms, get_mono_ms, fake};

	return clk;
}

void fake_clk_forward(struct fake_clk *fake, int64_t ms)
{
	fake->unix_ms += ms;
	fake->mono_ms += ms;
}
