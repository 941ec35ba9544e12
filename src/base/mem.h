/*
 * The heap. Every allocation of ours and of the libraries goes through here,
 * named by the class of thing it is for, so that one place can count, show or
 * refuse. Each block is in a list with its class, size and a number of its
 * own; heap/snapshot.h writes that list down.
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
	MEM_SQLITE,   /* from here on what libraries ask for */
	MEM_FREETYPE,
	MEM_JSON,
	MEM_OTHER,
	MEM_CLASS_COUNT
};

/* The class's name, as "generator". Never NULL. */
const char *mem_class_name(enum mem_class class);

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

/* The bytes that were asked for. */
size_t mem_size_bytes(const void *ptr);

/* How often NULL was given, ever. Some libraries go on after it, or say that
 * something else is wrong. */
uint64_t mem_n_refused(void);

/* What is live of a class. */
struct mem_use {
	int64_t n_blocks;
	int64_t n_bytes; /* as asked for */
};

struct mem_use mem_use(enum mem_class class);

/* What the C library has given out, to us and to libraries that ask it
 * themselves. 0 where it does not count. */
int64_t mem_libc_bytes(void);

/* A live block. */
struct mem_block {
	const void *ptr;
	size_t n_bytes;
	int64_t n_extra_bytes; /* what it takes beyond that */
	uint64_t id; /* of no other block of this process, ever; from 1 on */
	enum mem_class class;
};

/* Each live block, the newest first. visit neither allocates nor frees. */
typedef void mem_visit_fn(void *ctx, const struct mem_block *block);
void mem_each(mem_visit_fn *visit, void *ctx);

#endif
