/*
 * base64.c: the vectors of RFC 4648, and libsodium's output for all else.
 */
#include "base/base.h"
#include "base/base64.h"
#include "tests/support/check.h"

#include <sodium.h>

static struct cf_error err;

static void vectors_of_rfc_4648(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},	      {"f", "Zg=="},
		{"fo", "Zm8="},	      {"foo", "Zm9v"},
		{"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
	};
	struct buf out;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		buf_init(&out, 100);
		buf_add_str(&out, ">");
		base64_add(&out, rows[i][0], strlen(rows[i][0]));
		assert_ok(buf_status(&out, &err), &err);
		assert_string_equal(out.ptr + 1, rows[i][1]);
		buf_release(&out);
	}
}

static void any_bytes_are_as_libsodium_has_them(void **state)
{
	uint8_t in[1000];
	char wanted[2000];
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 167 + i / 256);
	buf_init(&out, 2000);
	for (size_t len = 0; len <= sizeof(in); len++) {
		(void)sodium_bin2base64(wanted, sizeof(wanted),
					in + sizeof(in) - len, len,
					sodium_base64_VARIANT_ORIGINAL);
		buf_reset(&out);
		base64_add(&out, in + sizeof(in) - len, len);
		assert_ok(buf_status(&out, &err), &err);
		assert_int_equal(out.len, strlen(wanted));
		assert_string_equal(out.ptr, wanted);
	}
	buf_release(&out);
}

static void text_fits_to_the_byte_or_not_at_all(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 8);
	base64_add(&out, "foobar", 6);
	assert_ok(buf_status(&out, &err), &err);
	assert_string_equal(out.ptr, "Zm9vYmFy");
	buf_reset(&out);
	base64_add(&out, "foobar!", 7);
	assert_status(buf_status(&out, &err), CF_TOO_LARGE, &err);
	assert_int_equal(out.len, 0);
	buf_release(&out);
}

static void a_length_that_overflows_is_refused(void **state)
{
	struct buf out;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		buf_init(&out, SIZE_MAX - 1);
		base64_add(&out, "x", SIZE_MAX - i);
		assert_status(buf_status(&out, &err), CF_TOO_LARGE, &err);
		buf_reset(&out);
		/* times four thirds it passes 64 bits */
		base64_add(&out, "x", SIZE_MAX / 4 * 3 + 4 + i);
		assert_status(buf_status(&out, &err), CF_TOO_LARGE, &err);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_rfc_4648),
		cmocka_unit_test(any_bytes_are_as_libsodium_has_them),
		cmocka_unit_test(text_fits_to_the_byte_or_not_at_all),
		cmocka_unit_test(a_length_that_overflows_is_refused),
	};

	return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
