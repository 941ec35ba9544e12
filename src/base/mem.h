/*
 * The heap. Every allocation of ours goes through here, named by the class
 * of thing it is for, so that one place can count, limit or refuse.
 *
 * All sizes are checked for overflow; a refusal is NULL, never an exit.
 */
#ifndef CF_BASE_MEM_H
#define CF_BASE_MEM_H

#include "base/base.h"

enum mem_class {
	MEM_GENERATOR,
	MEM_FONT,
	MEM_CHALLENGE,
	MEM_POOL,
	MEM_STORE,
	MEM_REQUEST,
	MEM_BUFFER,
	MEM_CONFIG,
	MEM_OTHER,
	MEM_CLASS_COUNT
};

/* n objects of size bytes, zeroed. NULL when out of memory or n * size
 * overflows. n or size 0 gives a unique pointer that may be freed. */
CF_MUST_CHECK
void *mem_alloc(enum mem_class class, size_t n, size_t size);

/* Grow or shrink ptr (NULL: allocate) to n * size bytes; new bytes are not
 * zeroed. On NULL the old block is untouched. */
CF_MUST_CHECK
void *mem_realloc(enum mem_class class, void *ptr, size_t n, size_t size);

/* A NUL-terminated copy; NULL when out of memory. */
CF_MUST_CHECK
char *mem_strdup(enum mem_class class, const char *s);

/* Accepts NULL. */
void mem_free(void *ptr);

#endif
