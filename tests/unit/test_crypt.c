/*
 * crypt.c: bounds and evenness of random numbers, keyed hashes against values
 * of other implementations, comparing and erasing.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "tests/support/check.h"

static int set_up(void **state)
{
	struct cf_error err = CF_ERROR_INIT;

	return crypt_open(&err) || crypt_open(&err); /* twice is no fault */
}

static void random_bytes_fill_and_differ(void **state)
{
	uint8_t a[64] = {0}, b[64] = {0};
	int n_zero = 0;

	crypt_random(a, sizeof(a));
	crypt_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	for (size_t i = 0; i < sizeof(a); i++)
		n_zero += !a[i];
	assert_in_range(n_zero, 0, 8);
	crypt_random(a, 0);
}

static void uniform_numbers_stay_below_their_bound(void **state)
{
	static const uint32_t bounds[] = {1, 2, 3, 17, 255, 256, 257,
					  UINT32_C(0x80000001), UINT32_MAX};
	uint32_t many[1000];

	for (size_t i = 0; i < CF_ARRAY_LEN(bounds); i++) {
		uint32_t max = 0;

		crypt_uniforms(many, CF_ARRAY_LEN(many), bounds[i]);
		for (size_t k = 0; k < CF_ARRAY_LEN(many); k++) {
			assert_true(many[k] < bounds[i]);
			max = many[k] > max ? many[k] : max;
		}
		assert_true(max >= bounds[i] / 20 * 19);
	}
	crypt_uniforms(many, 0, 7);
}

/* The bound divides 2^32 least evenly: a remainder would be below a third of
 * the bound in half of the cases. */
static void uniform_numbers_are_equally_likely(void **state)
{
	enum { N = 9000 };
	static uint32_t many[N];
	int n_low = 0;

	crypt_uniforms(many, N, UINT32_C(3) << 30);
	for (int i = 0; i < N; i++)
		n_low += many[i] < UINT32_C(1) << 30;
	assert_in_range(n_low, N / 3 - 300, N / 3 + 300); /* 6.7 sigma */
}

static void each_letter_of_an_alphabet_is_as_likely(void **state)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	enum { N_LETTERS = sizeof(alphabet) - 1, N = N_LETTERS * 1000 };
	static char text[N + 1];
	int n_of[256] = {0};

	crypt_random_text(text, N, alphabet, N_LETTERS);
	for (int i = 0; i < N; i++)
		n_of[(unsigned char)text[i]]++;
	for (int i = 0; i < 256; i++)
		if (i && strchr(alphabet, i))
			assert_in_range(n_of[i], 780, 1220); /* 7 sigma */
		else
			assert_int_equal(n_of[i], 0);
}

static void a_text_is_as_long_as_asked(void **state)
{
	char text[70];

	for (size_t len = 0; len < 66; len++) { /* over blocks of its source */
		memset(text, '#', sizeof(text));
		crypt_random_text(text, len, "ab", 2);
		assert_null(memchr(text, '#', len));
		assert_int_equal(text[len], '#');
	}
}

static void hashes_are_those_of_their_authors(void **state)
{
	uint8_t bytes[CRYPT_KEY_BYTES];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	/* first eight bytes of 16, by Python's hashlib.blake2b */
	assert_true(crypt_hash64(bytes, "abc", 3) ==
		    UINT64_C(0x1a64be47e4729d95));
	assert_true(crypt_hash64(bytes, "", 0) == UINT64_C(0x3daf97bce7888fd5));
	/* appendix A of the paper of SipHash by Aumasson and Bernstein */
	assert_true(crypt_table_hash64(bytes, bytes, 15) ==
		    UINT64_C(0xa129ca6149be45e5));
	/* the last byte of each key counts */
	bytes[CRYPT_KEY_BYTES - 1] ^= 1;
	assert_true(crypt_hash64(bytes, "abc", 3) !=
		    UINT64_C(0x1a64be47e4729d95));
	bytes[CRYPT_TABLE_KEY_BYTES - 1] ^= 1;
	assert_true(crypt_table_hash64(bytes, bytes, 15) !=
		    UINT64_C(0xa129ca6149be45e5));
}

/* FIPS 180-2, appendix B.1 */
static void sha256_is_that_of_the_standard(void **state)
{
	static const uint8_t abc[] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
		0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
		0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
		0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	uint8_t hash[CRYPT_SHA256_BYTES];

	crypt_sha256("abc", 3, hash);
	assert_memory_equal(hash, abc, sizeof(abc));
}

static void comparing_looks_at_every_byte(void **state)
{
	char a[64], b[64];

	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	assert_true(crypt_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] ^= (char)0x80;
		assert_false(crypt_equal(a, b, sizeof(a)));
		assert_true(crypt_equal(a, b, i));
		b[i] ^= (char)0x80;
	}
	assert_true(crypt_equal(NULL, NULL, 0));
}

static void erasing_erases(void **state)
{
	char secret[] = "secret";

	crypt_zero(secret, 5);
	assert_memory_equal(secret, "\0\0\0\0\0t", 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_fill_and_differ),
		cmocka_unit_test(uniform_numbers_stay_below_their_bound),
		cmocka_unit_test(uniform_numbers_are_equally_likely),
		cmocka_unit_test(each_letter_of_an_alphabet_is_as_likely),
		cmocka_unit_test(a_text_is_as_long_as_asked),
		cmocka_unit_test(hashes_are_those_of_their_authors),
		cmocka_unit_test(sha256_is_that_of_the_standard),
		cmocka_unit_test(comparing_looks_at_every_byte),
		cmocka_unit_test(erasing_erases),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
