/*
 * clk.c: the kernel's two clocks, in milliseconds.
 */
#include "base/base.h"
#include "base/clk.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"

static void wall_time_is_that_of_the_kernel(void **state)
{
	struct clk clk = clk_system();
	struct timespec before, after;
	int64_t ms;

	(void)state;
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &before), 0);
	ms = clk_unix_ms(&clk);
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &after), 0);
	/* a clock that is set back in between would be bad luck */
	assert_true(ms >= (int64_t)before.tv_sec * 1000 +
				  before.tv_nsec / 1000000);
	assert_true(ms <= (int64_t)after.tv_sec * 1000 +
				  after.tv_nsec / 1000000);
}

static void elapsed_time_never_goes_back(void **state)
{
	struct clk clk = clk_system();
	int64_t last = clk_mono_ms(&clk), now;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		now = clk_mono_ms(&clk);
		assert_true(now >= last);
		last = now;
	}
}

static void a_fake_takes_their_place(void **state)
{
	struct fake_clk fake;
	struct clk clk;

	(void)state;
	fake_clk_init(&fake);
	clk = fake_clk_get(&fake);
	assert_int_equal(clk_unix_ms(&clk), FAKE_NOON_UNIX_MS);
	fake_clk_forward(&fake, 5);
	fake.mono_ms += 3;
	assert_int_equal(clk_unix_ms(&clk), FAKE_NOON_UNIX_MS + 5);
	assert_int_equal(clk_mono_ms(&clk), fake.mono_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wall_time_is_that_of_the_kernel),
		cmocka_unit_test(elapsed_time_never_goes_back),
		cmocka_unit_test(a_fake_takes_their_place),
	};

	return cmocka_run_group_tests_name("clk", tests, NULL, NULL);
}
