/*
 * arena.c: aligned pieces of one block, never more than it has.
 */
#include "base/base.h"
#include "base/arena.h"
#include "tests/support/check.h"

static void pieces_are_aligned_and_apart(void **state)
{
	struct arena *arena = arena_new(10000);
	char *last_end = NULL;

	assert_non_null(arena);
	for (size_t n = 1; n < 100; n++) {
		char *ptr = arena_alloc(arena, n);

		assert_non_null(ptr);
		assert_int_equal((uintptr_t)ptr % _Alignof(max_align_t), 0);
		if (last_end)
			assert_true(ptr >= last_end);
		memset(ptr, (int)n, n);
		last_end = ptr + n;
	}
	arena_free(arena);
}

static void the_block_is_the_limit_until_a_reset(void **state)
{
	static const struct {
		size_t n;
		bool fits;
	} rows[] = {{257, false}, {201, true}, /* 208 by any alignment */
		    {100, false}, {48, true},  {1, false}, {0, true}};
	struct arena *arena = arena_new(256);
	void *first, *ptr;

	assert_non_null(arena);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		ptr = arena_alloc(arena, rows[i].n);
		assert_int_equal(ptr != NULL, rows[i].fits);
	}
	arena_reset(arena);
	first = arena_alloc(arena, 256);
	assert_non_null(first);
	assert_null(arena_alloc(arena, 1));
	arena_reset(arena);
	assert_ptr_equal(arena_alloc(arena, 100), first);
	arena_free(arena);
	arena_free(NULL);
}

static void rounding_up_never_passes_the_end(void **state)
{
	for (size_t size = 0; size < 100; size++) {
		struct arena *arena = arena_new(size);
		size_t n = 0;
		char *ptr;

		assert_non_null(arena);
		ptr = arena_alloc(arena, size); /* which rounded may not fit */
		if (ptr)
			memset(ptr, 'x', size);
		while ((ptr = arena_alloc(arena, 1))) {
			*ptr = 'x';
			assert_true(++n < size);
		}
		arena_free(arena);
	}
}

static void sizes_that_overflow_are_refused(void **state)
{
	struct arena *arena = arena_new(64);

	assert_non_null(arena);
	for (size_t i = 0; i < 64; i++) {
		assert_null(arena_alloc(arena, SIZE_MAX - i));
		assert_null(arena_new(SIZE_MAX - i));
	}
	assert_null(arena_alloc(arena, SIZE_MAX / 2));
	assert_non_null(arena_alloc(arena, 64));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_and_apart),
		cmocka_unit_test(the_block_is_the_limit_until_a_reset),
		cmocka_unit_test(rounding_up_never_passes_the_end),
		cmocka_unit_test(sizes_that_overflow_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
