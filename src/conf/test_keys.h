/*
 * The public test keys of other captcha services. Everybody knows them, and
 * they pass everybody: they count only with `test_keys = yes`, and no site may
 * have them.
 *
 * Source: the vendors' pages for developers.
 */
#ifndef CF_CONF_TEST_KEYS_H
#define CF_CONF_TEST_KEYS_H

#include "base/text.h"

enum test_outcome {
	TEST_PASSES,
	TEST_IS_WRONG, /* as a token that nobody issued */
	TEST_IS_USED,  /* as a token that has been redeemed */
};

struct test_keys {
	const char *sitekey;
	const char *secret;
	const char *token;    /* the only one that passes; NULL: any */
	const char *hostname; /* of an answer that passes */
	enum test_outcome outcome;
};

/* By the secret. Two pairs of a vendor may share it: then the first. NULL when
 * it is none of them. */
const struct test_keys *test_keys_find(struct str secret);

/* By the sitekey. */
const struct test_keys *test_keys_find_sitekey(struct str sitekey);

bool test_keys_have_token(struct str token);

#endif
