/*
 * Memory that lives as long as one request.
 *
 * arena_new, any number of arena_alloc, arena_reset after each response,
 * arena_free. The block is allocated once and never grows: the memory of a
 * request is bounded, and the heap does not change.
 */
#ifndef CF_BASE_ARENA_H
#define CF_BASE_ARENA_H

#include "base/buf.h"

struct arena;

/* NULL when out of memory. */
CF_MUST_CHECK
struct arena *arena_new(size_t size_bytes);
void arena_free(struct arena *arena);

/* n bytes, not zeroed, aligned for any type, borrowed until the next reset.
 * NULL when the arena is used up: answer 413 or 503, do not exit. */
CF_MUST_CHECK
void *arena_alloc(struct arena *arena, size_t n_bytes);

void arena_reset(struct arena *arena);

#endif
