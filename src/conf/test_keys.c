/*
 * Public test keys: see test_keys.h.
 */
#include "base/base.h"
#include "conf/test_keys.h"

#define TURNSTILE_TOKEN "XXXX.DUMMY.TOKEN.XXXX"

static const struct test_keys all[] = {
	/* reCAPTCHA */
	{"6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI",
	 "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe", NULL,
	 "testkey.google.com", TEST_PASSES},
	/* hCaptcha */
	{"10000000-ffff-ffff-ffff-000000000001",
	 "0x0000000000000000000000000000000000000000",
	 "10000000-aaaa-bbbb-cccc-000000000001", "dummy-key-pass", TEST_PASSES},
	/* Turnstile */
	{"1x00000000000000000000AA", "1x0000000000000000000000000000000AA",
	 TURNSTILE_TOKEN, "example.com", TEST_PASSES},
	{"1x00000000000000000000BB", "1x0000000000000000000000000000000AA",
	 TURNSTILE_TOKEN, "example.com", TEST_PASSES},
	{"2x00000000000000000000AB", "2x0000000000000000000000000000000AA",
	 NULL, NULL, TEST_IS_WRONG},
	{"2x00000000000000000000BB", "2x0000000000000000000000000000000AA",
	 NULL, NULL, TEST_IS_WRONG},
	{"3x00000000000000000000FF", "3x0000000000000000000000000000000AA",
	 NULL, NULL, TEST_IS_USED},
};

const struct test_keys *test_keys_find(struct str secret)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(all); i++)
		if (str_eq(secret, all[i].secret))
			return &all[i];
	return NULL;
}

const struct test_keys *test_keys_find_sitekey(struct str sitekey)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(all); i++)
		if (str_eq(sitekey, all[i].sitekey))
			return &all[i];
	return NULL;
}

bool test_keys_have_token(struct str token)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(all); i++)
		if (all[i].token && str_eq(token, all[i].token))
			return true;
	return false;
}
