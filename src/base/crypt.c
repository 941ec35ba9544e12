/*
 * Secrets: see crypt.h. Random bytes come from getrandom(2). libsodium is set
 * up for the first BLAKE2b, not at the start: it reads the features of the
 * processor, which under a hypervisor takes longer than many a request.
 */
#include "base/base.h"
#include "base/crypt.h"

#include <sodium.h>
#include <sys/random.h>

_Static_assert(CRYPT_TABLE_KEY_BYTES == crypto_shorthash_KEYBYTES,
	       "the key of SipHash");
_Static_assert(CRYPT_SHA256_BYTES == crypto_hash_sha256_BYTES &&
		       CRYPT_SHA256_BYTES == crypto_auth_hmacsha256_BYTES &&
		       CRYPT_KEY_BYTES == crypto_auth_hmacsha256_KEYBYTES,
	       "the sizes of SHA-256");

/* False when the kernel has no random bytes. */
static bool get_random(void *ptr, size_t len)
{
	char *to = ptr;

	while (len) {
		ssize_t n = getrandom(to, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to += n;
		len -= (size_t)n;
	}
	return true;
}

enum cf_status crypt_open(struct cf_error *err)
{
	char byte;

	if (!get_random(&byte, 1))
		return cf_fail(err, CF_IO, "getrandom: %s", strerror(errno));
	return CF_OK;
}

void crypt_random(void *ptr, size_t len)
{
	if (!get_random(ptr, len))
		abort(); /* never go on without random bytes */
}

void crypt_uniforms(uint32_t *out, size_t len, uint32_t bound)
{
	uint32_t uneven;

	assert(bound > 0);
	uneven = -bound % bound; /* 2^32 mod bound: refuse smaller numbers */
	crypt_random(out, len * sizeof(*out));
	for (size_t i = 0; i < len; i++) {
		while (out[i] < uneven)
			crypt_random(&out[i], sizeof(*out));
		out[i] %= bound;
	}
}

void crypt_random_text(char *out, size_t len, const char *alphabet, size_t n)
{
	uint32_t places[32];

	while (len) {
		size_t some = len < CF_ARRAY_LEN(places) ? len
							 : CF_ARRAY_LEN(places);

		crypt_uniforms(places, some, (uint32_t)n);
		for (size_t i = 0; i < some; i++)
			*out++ = alphabet[places[i]];
		len -= some;
	}
	sodium_memzero(places, sizeof(places));
}

uint64_t crypt_hash64(const uint8_t key[CRYPT_KEY_BYTES], const void *ptr,
		      size_t len)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint64_t value = 0;

	if (sodium_init() < 0) /* from the second call on it does nothing */
		abort();
	/* fails only for sizes out of its range */
	(void)crypto_generichash(hash, sizeof(hash), ptr, len, key,
				 CRYPT_KEY_BYTES);
	for (size_t i = 0; i < sizeof(value); i++)
		value = value << 8 | hash[i];
	return value;
}

uint64_t crypt_table_hash64(const uint8_t key[CRYPT_TABLE_KEY_BYTES],
			    const void *ptr, size_t len)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t value = 0;

	/* one implementation for all processors: nothing to set up */
	(void)crypto_shorthash(hash, ptr, len, key);
	for (size_t i = sizeof(hash); i-- > 0;)
		value = value << 8 | hash[i];
	return value;
}

void crypt_sha256(const void *ptr, size_t len, uint8_t out[CRYPT_SHA256_BYTES])
{
	/* one implementation for all processors, here and below */
	(void)crypto_hash_sha256(out, ptr, len);
}

void crypt_hmac_sha256(const uint8_t key[CRYPT_KEY_BYTES], const void *ptr,
		       size_t len, uint8_t out[CRYPT_SHA256_BYTES])
{
	(void)crypto_auth_hmacsha256(out, ptr, len, key);
}

enum {
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	SEALED_MAX_BYTES = NONCE_BYTES + CRYPT_SEALED_MAX_BYTES + TAG_BYTES,
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};
_Static_assert(NONCE_BYTES == 24 && TAG_BYTES == 16 &&
		       CRYPT_KEY_BYTES ==
			       crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	       "the sizes of XChaCha20-Poly1305");

void crypt_base64url(const void *ptr, size_t n, char *out)
{
	(void)sodium_bin2base64(out, CRYPT_BASE64URL_CHARS(n) + 1, ptr, n,
				BASE64);
}

void crypt_seal(const uint8_t key[CRYPT_KEY_BYTES], const char *purpose,
		const void *ptr, size_t n, char *out)
{
	uint8_t sealed[SEALED_MAX_BYTES];

	assert(n <= CRYPT_SEALED_MAX_BYTES);
	if (sodium_init() < 0)
		abort();
	crypt_random(sealed, NONCE_BYTES);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		sealed + NONCE_BYTES, NULL, ptr, n, (const uint8_t *)purpose,
		strlen(purpose), NULL, sealed, key);
	crypt_base64url(sealed, NONCE_BYTES + n + TAG_BYTES, out);
}

bool crypt_unseal(const uint8_t key[CRYPT_KEY_BYTES], const char *purpose,
		  const char *text, size_t n_chars, void *out, size_t n)
{
	uint8_t sealed[SEALED_MAX_BYTES];
	size_t n_sealed;

	assert(n <= CRYPT_SEALED_MAX_BYTES);
	memset(out, 0, n);
	if (sodium_init() < 0)
		abort();
	return n_chars == CRYPT_SEALED_CHARS(n) &&
	       !sodium_base642bin(sealed, sizeof(sealed), text, n_chars, NULL,
				  &n_sealed, NULL, BASE64) &&
	       n_sealed == NONCE_BYTES + n + TAG_BYTES &&
	       !crypto_aead_xchacha20poly1305_ietf_decrypt(
		       out, NULL, NULL, sealed + NONCE_BYTES, n + TAG_BYTES,
		       (const uint8_t *)purpose, strlen(purpose), sealed, key);
}

bool crypt_equal(const void *a, const void *b, size_t len)
{
	return !len || sodium_memcmp(a, b, len) == 0;
}

void crypt_zero(void *ptr, size_t len)
{
	sodium_memzero(ptr, len);
}
