/*
 * Memory that all processes of the service share: a file of fixed size,
 * mapped. It outlives any of them, so there are no locks in it: what is
 * written there is changed by atomic operations alone, and is right after each
 * of them.
 */
#ifndef CF_BASE_SHARED_H
#define CF_BASE_SHARED_H

#include "base/status.h"

#include <stdatomic.h>

struct shared;

/*
 * Map the file, made with zeroes if there is none. One of another kind or
 * size, say of another version, is replaced: processes that have the old one
 * keep it to themselves. Its blocks are allocated, so that a disk that fills
 * up later kills nobody.
 *
 * magic    says what is in it, and in which form
 * returns  CF_OK, and *out is the caller's to close; CF_FULL, CF_IO or
 *          CF_NOMEM, and *out is NULL
 */
CF_MUST_CHECK
enum cf_status shared_open(int dir_fd, const char *name, size_t n_bytes,
			   uint64_t magic, struct shared **out,
			   struct cf_error *err);

/* The same in the directory at a path, which is made if it is missing. */
CF_MUST_CHECK
enum cf_status shared_open_in(const char *dir, const char *name, size_t n_bytes,
			      uint64_t magic, struct shared **out,
			      struct cf_error *err);

/* Or a process that dies could leave a lock of the compiler's library. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 &&
	       sizeof(_Atomic uint64_t) == sizeof(uint64_t),
	       "needs atomic words of 64 bits");

/* n_bytes of them, aligned to 64. Until shared_close. */
void *shared_bytes(struct shared *shared);

void shared_close(struct shared *shared); /* accepts NULL */

#endif
