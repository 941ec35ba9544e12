/*
 * A circuit breaker for servers, which all processes of the machine share:
 * only one process at a time waits for a dead server. Private to the store
 * layer.
 *
 * After a failure no process tries the server for a pause: 100 ms at first,
 * twice as long after each further failure, up to 5 s, less a random part.
 * After the pause one process may try. All others wait until that process
 * reports, or until its deadline.
 *
 * Servers are told apart by a hash of their name. When two hashes meet in one
 * word, the breaker forgets one of the two servers.
 */
#ifndef CF_STORE_BREAKER_H
#define CF_STORE_BREAKER_H

#include "base/status.h"

enum { BREAKER_PAUSE_MIN_MS = 100, BREAKER_PAUSE_MAX_MS = 5000 };

struct breaker;

/* The breaker of all processes with this directory; of this process alone when
 * the file cannot be opened. NULL when out of memory. */
CF_MUST_CHECK
struct breaker *breaker_open(const char *dir);
void breaker_close(struct breaker *breaker); /* accepts NULL */

/*
 * Whether this process may try a server now.
 *
 * now_mono_ms  the clock that all processes of a machine share
 * trial_ms     how long a try takes at most
 * returns      0 if so; else for how many milliseconds no process may
 */
CF_MUST_CHECK
int64_t breaker_wait_ms(struct breaker *breaker, const char *server,
			int64_t now_mono_ms, int64_t trial_ms);

void breaker_failed(struct breaker *breaker, const char *server,
		    int64_t now_mono_ms);
void breaker_worked(struct breaker *breaker, const char *server);

#endif
