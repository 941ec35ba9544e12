/*
 * deflate.c: zlib reads any bytes back, and the stream has exactly the length
 * that was asked for.
 */
#include "base/base.h"
#include "base/rng.h"
#include "image/deflate.h"
#include "tests/support/check.h"
#include "tests/support/strict_png.h"

enum {
	BYTES_MAX = 300000,
	PIECES = 6 /* kinds of pseudo-random bytes */
};

/* In a block of the exact size, so that the sanitizer sees a byte too many. */
static uint8_t *write_stream(const uint8_t *bytes, size_t n, size_t step,
			     size_t beside, size_t *n_stream)
{
	size_t max = deflate_max_bytes(n, step);
	uint8_t *out = malloc(max);

	assert_non_null(out);
	*n_stream = deflate_write(out, bytes, n, step, beside);
	assert_true(*n_stream <= max);
	return out;
}

static void check(const uint8_t *bytes, size_t n, size_t step, size_t beside)
{
	uint8_t *back = malloc(n), *out;
	const char *wrong;
	size_t n_stream;

	assert_non_null(back);
	out = write_stream(bytes, n, step, beside, &n_stream);
	assert_int_equal((n_stream + beside) % step, 0);

	wrong = strict_inflate(back, n, (struct str){(char *)out, n_stream});
	if (wrong)
		fail_msg("%zu bytes, step %zu: %s", n, step, wrong);
	assert_memory_equal(back, bytes, n);
	free(back);
	free(out);
}

/* Noise; runs of any length, short ones, of two values; edges and paper. */
static void fill(uint8_t *bytes, size_t n, struct rng *rng, uint32_t kind)
{
	static const uint32_t longest[PIECES] = {1, 2, 5, 300, 2000, 9};

	for (size_t i = 0; i < n;) {
		size_t run = 1 + rng_below(rng, longest[kind]);
		uint8_t byte = (uint8_t)rng_below(rng, kind == 5 ? 2 : 256);

		for (; run && i < n; run--)
			bytes[i++] = byte;
	}
}

static void any_bytes_come_back(void **state)
{
	uint8_t *bytes = malloc(BYTES_MAX);
	struct rng rng;

	assert_non_null(bytes);
	rng_init(&rng, 1);
	for (size_t n = 1; n <= 300; n++)
		for (uint32_t kind = 0; kind < PIECES; kind++) {
			fill(bytes, n, &rng, kind);
			check(bytes, n, 1, 0);
		}
	for (int i = 0; i < 600; i++) {
		size_t n = 1 + rng_below(&rng, 12000);

		fill(bytes, n, &rng, rng_below(&rng, PIECES));
		check(bytes, n, 1 + rng_below(&rng, 5000),
		      rng_below(&rng, 5000));
	}
	fill(bytes, BYTES_MAX, &rng, 0);
	check(bytes, BYTES_MAX, 1024, 117);
	free(bytes);
}

static void runs_of_every_length_come_back(void **state)
{
	uint8_t bytes[1500];

	for (size_t length = 1; length <= 1100; length++) {
		size_t n = length + 70;

		memset(bytes, 1, sizeof(bytes));
		memset(bytes + 3, 7, length);
		check(bytes, n, 1, 0);
		check(bytes, 3 + length, 1, 0); /* to the very end */
		check(bytes + 3, length, 1, 0); /* and nothing but it */
	}
}

static void every_byte_has_a_code(void **state)
{
	uint8_t bytes[256 * 7];

	for (size_t i = 0; i < 256; i++)
		memset(bytes + 7 * i, (int)i, 7);
	check(bytes, sizeof(bytes), 1, 0);
	for (size_t i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	check(bytes, 256, 1, 0);
}

/* No code is longer than its limit, so no bytes take more than
 * deflate_max_bytes() says. */
static void the_worst_case_is_the_longest_code(void **state)
{
	uint8_t bytes[4096];
	size_t longest = 0, n_stream;
	uint8_t worst[2] = {0, 0}, *out;

	for (size_t i = 0; i < 256; i++) {
		size_t n_bits = deflate_literals[i][0] & 255;

		assert_in_range(n_bits, 1, DEFLATE_CODE_MAX_BITS);
		assert_int_equal(deflate_literals[i][2] & 255, 3 * n_bits);
		if (n_bits >= longest) {
			longest = n_bits;
			worst[1] = worst[0];
			worst[0] = (uint8_t)i;
		}
	}
	for (size_t i = 1; i <= DEFLATE_RUN_MAX; i++) {
		assert_in_range(deflate_runs[i].n_literals, 1, 3);
		assert_true(deflate_runs[i].n_bits <=
			    DEFLATE_CODE_MAX_BITS + 5 + 1);
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = worst[i % 2];
	check(bytes, sizeof(bytes), 1, 0);
	out = write_stream(bytes, sizeof(bytes), 1, 0, &n_stream);
	assert_true(n_stream >= sizeof(bytes) * longest / 8);
	free(out);
}

/* From each bit of a byte, and for each remainder. */
static void every_length_can_be_filled_up_to(void **state)
{
	uint8_t bytes[64] = {0};
	struct rng rng;

	rng_init(&rng, 2);
	for (int i = 0; i < 64; i++) {
		size_t n = 20 + (size_t)i % 32, n_least, n_stream;
		uint8_t *out;

		fill(bytes, n, &rng, 0);
		out = write_stream(bytes, n, 1, 0, &n_least);
		free(out);
		for (size_t beside = 0; beside < 64; beside++) {
			check(bytes, n, 64, beside);
			out = write_stream(bytes, n, 64, beside, &n_stream);
			assert_in_range(n_stream, n_least, n_least + 63 + 10);
			free(out);
		}
	}
	check(bytes, sizeof(bytes), DEFLATE_STEP_MAX_BYTES, 117);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes_come_back),
		cmocka_unit_test(runs_of_every_length_come_back),
		cmocka_unit_test(every_byte_has_a_code),
		cmocka_unit_test(the_worst_case_is_the_longest_code),
		cmocka_unit_test(every_length_can_be_filled_up_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
