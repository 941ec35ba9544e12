/*
 * base64.c: the output of libsodium, and RFC 4648, section 10.
 */
#include "base/base.h"
#include "base/base64.h"
#include "tests/support/check.h"

#include <sodium.h>

static struct cf_error err;
static struct buf out;

static void bytes_are_encoded_as_by_libsodium(void **state)
{
	uint8_t in[1000];
	char wanted[2000];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 167 + i / 256);
	buf_init(&out, 2000);
	for (size_t len = 0; len <= sizeof(in); len++) {
		(void)sodium_bin2base64(wanted, sizeof(wanted),
					in + sizeof(in) - len, len,
					sodium_base64_VARIANT_ORIGINAL);
		buf_reset(&out);
		buf_add_char(&out, '>');
		base64_add(&out, in + sizeof(in) - len, len);
		assert_ok(buf_status(&out, &err), &err);
		assert_int_equal(out.len, strlen(wanted) + 1);
		assert_string_equal(out.ptr + 1, wanted);
	}
	buf_release(&out);
}

static void text_fits_to_the_byte_or_not_at_all(void **state)
{
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
	for (size_t i = 0; i < 8; i++) {
		/* the second times four thirds passes 64 bits */
		const size_t lengths[] = {SIZE_MAX - i,
					  SIZE_MAX / 4 * 3 + 4 + i};

		for (size_t k = 0; k < CF_ARRAY_LEN(lengths); k++) {
			buf_init(&out, SIZE_MAX - 1);
			base64_add(&out, "x", lengths[k]);
			assert_status(buf_status(&out, &err), CF_TOO_LARGE,
				      &err);
			buf_release(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_encoded_as_by_libsodium),
		cmocka_unit_test(text_fits_to_the_byte_or_not_at_all),
		cmocka_unit_test(a_length_that_overflows_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
