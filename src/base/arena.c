/*
 * One block and a mark: see arena.h.
 */
#include "base/base.h"
#include "base/arena.h"

struct arena {
	size_t used;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

struct arena *arena_new(size_t size_bytes)
{
	struct arena *arena;

	if (size_bytes > SIZE_MAX - sizeof(*arena))
		return NULL;
	arena = mem_realloc(MEM_REQUEST, NULL, 1, sizeof(*arena) + size_bytes);
	if (!arena)
		return NULL;
	arena->used = 0;
	arena->size = size_bytes;
	return arena;
}

void arena_free(struct arena *arena)
{
	mem_free(arena);
}

void *arena_alloc(struct arena *arena, size_t n_bytes)
{
	const size_t align = _Alignof(max_align_t);
	size_t rounded;
	void *ptr;

	if (n_bytes > SIZE_MAX - align)
		return NULL;
	rounded = (n_bytes + align - 1) / align * align;
	if (rounded > arena->size - arena->used)
		return NULL;
	ptr = arena->bytes + arena->used;
	arena->used += rounded;
	return ptr;
}

void arena_reset(struct arena *arena)
{
	arena->used = 0;
}
