/*
 * The heap. The program and its libraries allocate here, each block for a
 * class of things, so that the heap can be counted, shown and made to fail.
 * All blocks are in a list with class, size and number; heap/snapshot.h writes
 * the list to a file.
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
	MEM_SOUND,
	MEM_STORE,
	MEM_REQUEST,
	MEM_BUFFER,
	MEM_CONFIG,
	MEM_SQLITE, /* from here on: of libraries */
	MEM_FREETYPE,
	MEM_JSON,
	MEM_OTHER,
	MEM_CLASS_COUNT
};

/* For example "generator". */
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

/* The number of refusals so far. Some libraries ignore a NULL, or report
 * another cause. */
uint64_t mem_n_refused(void);

/* The live blocks of a class. */
struct mem_use {
	int64_t n_blocks;
	int64_t n_bytes; /* as asked for */
};

struct mem_use mem_use(enum mem_class class);

/* Live bytes of the C library's heap, with those of libraries that do not
 * allocate here. */
int64_t mem_libc_bytes(void);

/* A live block. */
struct mem_block {
	const void *ptr;
	size_t n_bytes;
	int64_t n_extra_bytes; /* for heads and alignment */
	uint64_t id; /* from 1 on; never used again in this process */
	enum mem_class class;
};

/* Each live block, the newest first. visit neither allocates nor frees. */
typedef void mem_visit_fn(void *ctx, const struct mem_block *block);
void mem_each(mem_visit_fn *visit, void *ctx);

#endif
