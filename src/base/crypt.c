/*
 * Secrets by libsodium: see crypt.h.
 */
#include "base/base.h"
#include "base/crypt.h"

#include <sodium.h>

enum cf_status crypt_open(struct cf_error *err)
{
	if (sodium_init() < 0)
		return cf_fail(err, CF_IO, "libsodium: no source of randomness");
	return CF_OK;
}

void crypt_random(void *ptr, size_t len)
{
	randombytes_buf(ptr, len);
}

uint32_t crypt_uniform(uint32_t bound)
{
	assert(bound > 0);
	return randombytes_uniform(bound);
}

void crypt_random_text(char *out, size_t len, const char *alphabet, size_t n)
{
	uint8_t bytes[32];
	size_t at = sizeof(bytes);
	unsigned limit;

	assert(n >= 2 && n <= 256);
	limit = 256 / (unsigned)n * (unsigned)n; /* refuse the uneven rest */
	for (size_t i = 0; i < len; i++) {
		do {
			if (at == sizeof(bytes)) {
				randombytes_buf(bytes, sizeof(bytes));
				at = 0;
			}
		} while (bytes[at++] >= limit);
		out[i] = alphabet[bytes[at - 1] % n];
	}
	sodium_memzero(bytes, sizeof(bytes));
}

uint64_t crypt_hash64(const uint8_t key[CRYPT_KEY_BYTES], const void *ptr,
		      size_t len)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint64_t value = 0;

	/* fails only for sizes out of its range */
	(void)crypto_generichash(hash, sizeof(hash), ptr, len, key,
				 CRYPT_KEY_BYTES);
	for (size_t i = 0; i < sizeof(value); i++)
		value = value << 8 | hash[i];
	return value;
}

bool crypt_equal(const void *a, const void *b, size_t len)
{
	return !len || sodium_memcmp(a, b, len) == 0;
}

void crypt_zero(void *ptr, size_t len)
{
	sodium_memzero(ptr, len);
}
