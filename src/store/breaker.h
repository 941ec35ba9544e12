/*
 * A circuit breaker for servers, which all processes of the machine share, so
 * that a server that does not answer holds up one of them at a time, and each
 * time for the last time in a while; private to the store layer.
 *
 * After a failure a server is let alone for a pause: 100 ms at first, twice
 * as long after each further one, up to 5 s, less a random part. When it is
 * over, one process may try, and all others wait on, until that one says how
 * it went or has had time enough.
 *
 * Servers are told apart by a hash of their name. Two that meet in one place
 * lose what is known of one, no more.
 */
#ifndef CF_STORE_BREAKER_H
#define CF_STORE_BREAKER_H

#include "base/status.h"

enum { BREAKER_PAUSE_MIN_MS = 100, BREAKER_PAUSE_MAX_MS = 5000 };

struct breaker;

/* The one of all processes that name this directory; where that cannot be
 * had, one of this process's own. NULL: no memory. */
CF_MUST_CHECK
struct breaker *breaker_open(const char *dir);
void breaker_close(struct breaker *breaker); /* accepts NULL */

/*
 * Ask for leave to try a server.
 *
 * now_mono_ms  the clock that all processes of a machine share
 * trial_ms     how long a try takes at most
 * returns      0: do; otherwise for how many milliseconds nobody is to
 */
CF_MUST_CHECK
int64_t breaker_wait_ms(struct breaker *breaker, const char *server,
			int64_t now_mono_ms, int64_t trial_ms);

void breaker_failed(struct breaker *breaker, const char *server,
		    int64_t now_mono_ms);
void breaker_worked(struct breaker *breaker, const char *server);

#endif
