/*
 * The two clocks. Wall time, for challenges and directories, may jump; elapsed
 * time, for waits, never does. Tests use a fake.
 */
#ifndef CF_BASE_CLK_H
#define CF_BASE_CLK_H

#include "base/base.h"

struct clk {
	int64_t (*unix_ms)(void *ctx); /* since 1970-01-01T00:00:00Z */
	int64_t (*mono_ms)(void *ctx); /* since some fixed moment */
	void *ctx;
};

/* The kernel's clocks. */
struct clk clk_system(void);

static inline int64_t clk_unix_ms(const struct clk *clk)
{
	return clk->unix_ms(clk->ctx);
}

static inline int64_t clk_mono_ms(const struct clk *clk)
{
	return clk->mono_ms(clk->ctx);
}

#endif
