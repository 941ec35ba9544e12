/*
 * Memory that all processes of the service share: a mapped file of fixed size.
 * A process may die at any time, so there are no locks in it: it changes by
 * atomic operations alone, and is valid after each of them.
 */
#ifndef CF_BASE_SHARED_H
#define CF_BASE_SHARED_H

#include "base/status.h"

#include <stdatomic.h>

struct shared;

/*
 * Map a file; create it with zeroes if there is none. A file of another kind or
 * size, for example of another version, is replaced; processes that have the
 * old one mapped go on with it. The blocks of the file are allocated, so that a
 * disk that fills up later kills no process.
 *
 * magic    names the content and its form
 * returns  CF_OK, and *out is the caller's to close; CF_FULL, CF_IO or
 *          CF_NOMEM, and *out is NULL
 */
CF_MUST_CHECK
enum cf_status shared_open(int dir_fd, const char *name, size_t n_bytes,
			   uint64_t magic, struct shared **out,
			   struct cf_error *err);

/* The same in the directory at a path, which is created if missing. */
CF_MUST_CHECK
enum cf_status shared_open_in(const char *dir, const char *name, size_t n_bytes,
			      uint64_t magic, struct shared **out,
			      struct cf_error *err);

/* Otherwise the compiler's library would lock. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 &&
	       sizeof(_Atomic uint64_t) == sizeof(uint64_t),
	       "needs atomic words of 64 bits");

/* The n_bytes, aligned to 64; borrowed until shared_close. */
void *shared_bytes(struct shared *shared);

void shared_close(struct shared *shared); /* accepts NULL */

#endif
