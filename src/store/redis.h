/*
 * The Redis back end; private to the store layer.
 *
 * A challenge is one key, so that each change is one command:
 *
 *	key	prefix and pid
 *	value	CODE, CODE ATTEMPTS, CODE ATTEMPTS PROFILE, or with a note
 *		CODE ATTEMPTS PROFILE NOTE, where the profile "" is "."
 *	expiry	Redis's own
 *
 * CODE alone has one attempt, and no profile or note: "SET pid code PX ttl NX"
 * makes it, and another program can read it with GET, or make it with SETEX. No
 * code has a space in it. The picture of a challenge issued by its address:
 *
 *	key	"{", the key of the challenge, and "}.png"
 *	value	the PNG
 *	expiry	Redis's own; the end of the challenge removes it
 *
 * Other keys have a character that no pid has: prefix "captcha-fcgi:secret",
 * and for a moment prefix "captcha-fcgi:probe:" and random digits.
 *
 * A call is one exchange, once there is a connection. The first script after a
 * start of the server takes two exchanges. So does the last of several
 * attempts, which removes the picture. After CF_IO a command may have been done
 * or not: a challenge may be gone, and is never given twice.
 */
#ifndef CF_STORE_REDIS_H
#define CF_STORE_REDIS_H

#include "base/clk.h"
#include "store/store.h"

/* As store_open, and CF_IO when no host has an address; *impl goes with
 * redis_store_ops. An unreachable server is CF_OK: each call is then CF_IO, at
 * once while the breaker forbids to try. */
CF_MUST_CHECK
enum cf_status redis_store_open(const struct store_options *options,
				enum store_use use, struct clk clk,
				void **impl, struct cf_error *err);

extern const struct store_ops redis_store_ops;

#endif
