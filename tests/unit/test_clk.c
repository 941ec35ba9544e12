/*
 * clk.c: the kernel's two clocks, in milliseconds.
 */
#include "base/base.h"
#include "base/clk.h"
#include "tests/support/check.h"

static int64_t kernel_ms(clockid_t id)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(id, &ts), 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void clocks_are_those_of_the_kernel(void **state)
{
	struct clk clk = clk_system();
	int64_t before, ms;

	before = kernel_ms(CLOCK_REALTIME);
	ms = clk_unix_ms(&clk);
	assert_in_range(ms, before, kernel_ms(CLOCK_REALTIME));
	before = kernel_ms(CLOCK_MONOTONIC);
	ms = clk_mono_ms(&clk);
	assert_in_range(ms, before, kernel_ms(CLOCK_MONOTONIC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_are_those_of_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
