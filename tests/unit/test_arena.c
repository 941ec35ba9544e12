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

	(void)state;
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

static void what_does_not_fit_is_refused(void **state)
{
	struct arena *arena = arena_new(256);

	(void)state;
	assert_non_null(arena);
	assert_null(arena_alloc(arena, 257));
	assert_non_null(arena_alloc(arena, 200));
	assert_null(arena_alloc(arena, 100));
	assert_non_null(arena_alloc(arena, 48)); /* a refusal took nothing */
	assert_null(arena_alloc(arena, 1));
	arena_reset(arena);
	assert_non_null(arena_alloc(arena, 256));
	assert_null(arena_alloc(arena, 1));
	arena_free(arena);
}

static void rounding_up_never_passes_the_end(void **state)
{
	(void)state;
	for (size_t size = 1; size < 100; size++) {
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

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < 2 * _Alignof(max_align_t); i++)
		assert_null(arena_alloc(arena, SIZE_MAX - i));
	assert_null(arena_alloc(arena, SIZE_MAX / 2));
	assert_non_null(arena_alloc(arena, 64));
	arena_free(arena);
	for (size_t i = 0; i < 64; i++)
		assert_null(arena_new(SIZE_MAX - i));
}

static void memory_is_used_again_after_a_reset(void **state)
{
	struct arena *arena = arena_new(128);
	void *first;

	(void)state;
	assert_non_null(arena);
	first = arena_alloc(arena, 100);
	for (int i = 0; i < 1000; i++) {
		arena_reset(arena);
		assert_ptr_equal(arena_alloc(arena, 100), first);
	}
	arena_free(arena);
	arena_free(NULL);
}

static void an_arena_of_nothing_has_nothing(void **state)
{
	struct arena *arena = arena_new(0);

	(void)state;
	assert_non_null(arena);
	assert_null(arena_alloc(arena, 1));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_and_apart),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(rounding_up_never_passes_the_end),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(memory_is_used_again_after_a_reset),
		cmocka_unit_test(an_arena_of_nothing_has_nothing),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
