/*
 * siteverify: an application has a token verified, in the dialect of
 * reCAPTCHA, hCaptcha or Turnstile.
 *
 * The status is 200 also for a failure: clients take any other for an
 * exception. Answers have one space behind each colon and comma, since a client
 * compares the text.
 */
#ifndef CF_HTTP_SITEVERIFY_H
#define CF_HTTP_SITEVERIFY_H

#include "base/net.h"

struct reply;

/* The limits of these routes. */
enum {
	SITEVERIFY_QUERY_MAX_BYTES = 8192,
	SITEVERIFY_BODY_MAX_BYTES = 16384,
	SITEVERIFY_FIELD_MAX_BYTES = 4096,
	SITEVERIFY_TOKEN_MAX_BYTES = 2048,
	SITEVERIFY_KEY_MAX_BYTES = 128, /* of an idempotency key */
};

/* Fill the reply for a request that failed with rc before or in its handler:
 * bad-request, or internal-error when it is no fault of the client. */
void siteverify_refuse(struct reply *reply, enum cf_status rc);

/* The bytes of an address that name its network: a /24 of IPv4, a /64 of IPv6.
 * Borrowed from addr. */
struct str siteverify_network(const struct net_addr *addr);

#endif
