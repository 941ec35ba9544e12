/*
 * Challenges of sites, for the routes that issue and check them.
 */
#ifndef CF_HTTP_BOX_H
#define CF_HTTP_BOX_H

#include "base/crypt.h"
#include "challenge/token.h"
#include "http/context.h"

enum {
	BOX_SEALED_CHARS = CRYPT_SEALED_CHARS(PID_CHARS)
};

/* A challenge of a site. */
struct box_challenge {
	char sealed[BOX_SEALED_CHARS + 1]; /* its pid, for the site */
	char heard[BOX_SEALED_CHARS + 1];  /* for the address of its sound */
	struct challenge_issued issued;
	bool has_picture, has_sound; /* one at least */
};

/* Issue a challenge of reply->site, with its picture in reply->png. language:
 * that of the page */
CF_MUST_CHECK
enum cf_status box_issue(const struct context *ctx, struct reply *reply,
			 struct str language, struct box_challenge *out,
			 struct cf_error *err);

/* The pid that was sealed for a purpose, as the name of a site is; *is_sealed
 * is false for another text. */
CF_MUST_CHECK
enum cf_status box_unseal(const struct context *ctx, const char *purpose,
			  struct str sealed, struct pid *pid, bool *is_sealed,
			  struct cf_error *err);

/* Check the answer of call->body for a sealed pid, as http_check does. */
CF_MUST_CHECK
enum cf_status box_check(const struct context *ctx, const struct call *call,
			 struct reply *reply, struct cf_error *err);

/* Record a token for a right answer. */
CF_MUST_CHECK
enum cf_status box_give_token(const struct context *ctx,
			      const struct call *call, struct reply *reply,
			      char token[TOKEN_CHARS + 1],
			      struct cf_error *err);

/* The token that a public test sitekey gives without a challenge; NULL for any
 * other sitekey, or when test keys do not count. */
const char *box_test_token(const struct context *ctx, struct str sitekey);

/* The host in "https://HOST:PORT"; empty for any other text. */
struct str box_host_of(struct str origin);

/* "https://HOST:PORT" of an address; empty for any other text. */
struct str box_origin_of(struct str address);

#endif
