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

/* Issue a challenge of reply->site: its pid, sealed for the site, and its
 * picture in reply->png. */
CF_MUST_CHECK
enum cf_status box_issue(const struct context *ctx, struct reply *reply,
			 char sealed[BOX_SEALED_CHARS + 1],
			 struct challenge_issued *issued, struct cf_error *err);

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
