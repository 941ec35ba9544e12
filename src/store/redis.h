/*
 * The Redis back end; private to the store layer.
 *
 * A challenge is one key, so that each change is one command:
 *
 *	key	prefix and the pid
 *	value	the code; where there is more to say, a space and the attempts
 *		that are left, and for a profile a space and its name
 *	expiry	Redis's own
 *
 * and the picture of a challenge that was issued by its address:
 *
 *	key	"{", the key of the challenge, and "}.png"
 *	value	the PNG
 *	expiry	Redis's own; it is removed when the challenge ends
 *
 * With one attempt and no profile that is "SET pid code PX ttl NX", which
 * others read with GET; and what others wrote with SETEX is a challenge like
 * any. No code has a space in it.
 *
 * Names of other keys have a character that no pid has: of the secret,
 * prefix "captcha-fcgi:secret"; for a moment, prefix
 * "captcha-fcgi:probe:" and random digits.
 *
 * A call is one exchange, once a connection is there; the first script since a
 * server began takes two, and so does the end of a picture with the last of
 * several attempts. Whoever is told nothing is told CF_IO, and what was asked
 * may have been done: a challenge may be gone, and is never given twice.
 */
#ifndef CF_STORE_REDIS_H
#define CF_STORE_REDIS_H

#include "base/clk.h"
#include "store/store.h"

/*
 * As store_open; *impl goes with redis_store_ops. A host's name is looked up
 * here, once, and by STORE_FOR_ONE when it connects.
 *
 * returns  CF_OK, also when the server is out of reach: then each call is
 *          CF_IO, at once but for those that try again; CF_CONFIG, it refuses
 *          the password or the database; CF_IO, the host has no address;
 *          CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status redis_store_open(const struct store_options *options,
				enum store_use use, struct clk clk,
				void **impl, struct cf_error *err);

extern const struct store_ops redis_store_ops;

#endif
