/*
 * rng.c: pinned values: a seed draws the same picture on every machine and in
 * every version.
 */
#include "base/base.h"
#include "base/rng.h"
#include "tests/support/check.h"

static void numbers_are_those_of_the_reference(void **state)
{
	/* xoshiro256** from the state 1, 2, 3, 4, by the authors' C code */
	static const uint64_t wanted[] = {
		UINT64_C(11520),
		UINT64_C(0),
		UINT64_C(1509978240),
		UINT64_C(1215971899390074240),
		UINT64_C(1216172134540287360),
		UINT64_C(607988272756665600),
		UINT64_C(16172922978634559625),
		UINT64_C(8476171486693032832),
		UINT64_C(10595114339597558777),
		UINT64_C(2904607092377533576),
	};
	struct rng rng = {{1, 2, 3, 4}};

	for (size_t i = 0; i < CF_ARRAY_LEN(wanted); i++)
		assert_true(rng_u64(&rng) == wanted[i]);
}

static void a_seed_is_spread_by_splitmix64(void **state)
{
	static const struct {
		uint64_t seed, s[4], first;
	} rows[] = {
		{0,
		 {UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4),
		  UINT64_C(0x06c45d188009454f), UINT64_C(0xf88bb8a8724c81ec)},
		 UINT64_C(0x99ec5f36cb75f2b4)},
		{1,
		 {UINT64_C(0x910a2dec89025cc1), UINT64_C(0xbeeb8da1658eec67),
		  UINT64_C(0xf893a2eefb32555e), UINT64_C(0x71c18690ee42c90b)},
		 UINT64_C(0xb3f2af6d0fc710c5)},
		{UINT64_C(0xdeadbeef),
		 {UINT64_C(0x4adfb90f68c9eb9b), UINT64_C(0xde586a3141a10922),
		  UINT64_C(0x021fbc2f8e1cfc1d), UINT64_C(0x7466ce737be16790)},
		 UINT64_C(0xc5555444a74d7e83)},
	};
	struct rng rng;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		rng_init(&rng, rows[i].seed);
		for (size_t k = 0; k < 4; k++)
			assert_true(rng.s[k] == rows[i].s[k]);
		assert_true(rng_u64(&rng) == rows[i].first);
	}
}

static void below_uses_the_upper_half(void **state)
{
	static const uint32_t bounds[] = {1, 2, 6, 1000, UINT32_C(1) << 31,
					  UINT32_MAX};
	struct rng a, b;

	rng_init(&a, 7);
	b = a;
	for (int i = 0; i < 1000; i++) {
		uint32_t bound = bounds[i % (int)CF_ARRAY_LEN(bounds)];
		uint64_t upper = rng_u64(&b) >> 32;
		uint32_t n = rng_below(&a, bound);

		assert_true(n == (upper * bound) >> 32);
		assert_true(n < bound);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_the_reference),
		cmocka_unit_test(a_seed_is_spread_by_splitmix64),
		cmocka_unit_test(below_uses_the_upper_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
