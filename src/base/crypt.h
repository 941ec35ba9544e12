/*
 * Secrets: random bytes from the kernel, keyed hashes, comparing in constant
 * time and erasing. The only code that knows libsodium.
 *
 * crypt_open() once per process, first.
 */
#ifndef CF_BASE_CRYPT_H
#define CF_BASE_CRYPT_H

#include "base/status.h"

enum {
	CRYPT_KEY_BYTES = 32,
	CRYPT_TABLE_KEY_BYTES = 16,
	CRYPT_SHA256_BYTES = 32,
};

CF_MUST_CHECK
enum cf_status crypt_open(struct cf_error *err);

/* len random bytes. Cannot fail after crypt_open. */
void crypt_random(void *ptr, size_t len);

/* len whole numbers in [0, bound), bound > 0, each independent and equally
 * likely. One read of the random source for all. */
void crypt_uniforms(uint32_t *out, size_t len, uint32_t bound);

/* len of the n characters of an alphabet, n > 0, each independent and equally
 * likely; not NUL-terminated. One read of the random source for 32. */
void crypt_random_text(char *out, size_t len, const char *alphabet, size_t n);

/* 64 bits of BLAKE2b over the bytes under the key. */
uint64_t crypt_hash64(const uint8_t key[CRYPT_KEY_BYTES], const void *ptr,
		      size_t len);

/* SipHash-2-4, for places in a hash table: without the key nobody can choose
 * bytes that meet in one place. Not for secrets. */
uint64_t crypt_table_hash64(const uint8_t key[CRYPT_TABLE_KEY_BYTES],
			    const void *ptr, size_t len);

void crypt_sha256(const void *ptr, size_t len, uint8_t out[CRYPT_SHA256_BYTES]);

/* HMAC-SHA-256 (RFC 2104). */
void crypt_hmac_sha256(const uint8_t key[CRYPT_KEY_BYTES], const void *ptr,
		       size_t len, uint8_t out[CRYPT_SHA256_BYTES]);

/* Base64url without padding (RFC 4648): CRYPT_BASE64URL_CHARS(n) characters and
 * a NUL, in a time that does not depend on the bytes. */
#define CRYPT_BASE64URL_CHARS(n) ((n) / 3 * 4 + (n) % 3 + !!((n) % 3))
void crypt_base64url(const void *ptr, size_t n, char *out);

/*
 * Seal n bytes for `purpose`, a text that unseal must name again
 * (XChaCha20-Poly1305). out gets CRYPT_SEALED_CHARS(n) characters of base64url
 * and a NUL; no two are the same.
 */
#define CRYPT_SEALED_CHARS(n) CRYPT_BASE64URL_CHARS((n) + 24 + 16)
void crypt_seal(const uint8_t key[CRYPT_KEY_BYTES], const char *purpose,
		const void *ptr, size_t n, char *out);

/* False, and out is zeroed, when it was not sealed so. n: how many bytes were
 * sealed, up to CRYPT_SEALED_MAX_BYTES */
enum { CRYPT_SEALED_MAX_BYTES = 64 };
CF_MUST_CHECK
bool crypt_unseal(const uint8_t key[CRYPT_KEY_BYTES], const char *purpose,
		  const char *text, size_t n_chars, void *out, size_t n);

/* Whether len bytes are equal; takes as long whether or not they are. */
CF_MUST_CHECK
bool crypt_equal(const void *a, const void *b, size_t len);

/* Erase, and not optimised away. */
void crypt_zero(void *ptr, size_t len);

#endif
