/*
 * Clocks that stand still until the test moves them.
 */
#ifndef CF_TESTS_FAKE_CLK_H
#define CF_TESTS_FAKE_CLK_H

#include "base/clk.h"

/* 2026-11-23T12:00:00Z, a Monday */
#define FAKE_NOON_UNIX_MS INT64_C(1795435200000)

struct fake_clk {
	int64_t unix_ms;
	int64_t mono_ms;
};

/* Noon, and some elapsed time. fake is borrowed by the clk. */
void fake_clk_init(struct fake_clk *fake);
struct clk fake_clk_get(struct fake_clk *fake);

/* Move both clocks. */
void fake_clk_forward(struct fake_clk *fake, int64_t ms);

#endif
