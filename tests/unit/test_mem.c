/*
 * mem.c: sizes that overflow are refused and counted; blocks have a class, a
 * size and a number.
 */
#include "base/base.h"
#include "base/mem.h"
#include "tests/support/check.h"

/* Not a constant for the compiler, which would warn of it. */
static volatile size_t huge = SIZE_MAX;

static void sizes_that_overflow_are_refused_and_counted(void **state)
{
	const size_t sizes[][2] = {
		{huge, 2},
		{2, huge},
		/* products that in 64 bits are 0, 0, 2 and 4 */
		{huge / 2 + 1, 2},
		{huge / 4 + 1, 4},
		{huge / 2 + 2, 2},
		{huge / 4 + 2, 4},
		/* without room for the head, or for libc */
		{huge, 1},
		{huge - 20, 1},
		{huge / 2, 1},
	};
	void *ptr = mem_alloc(MEM_OTHER, 4, 2);
	uint64_t n = mem_n_refused();

	assert_non_null(ptr);
	memcpy(ptr, "kept it", 8);
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		assert_null(mem_alloc(MEM_OTHER, sizes[i][0], sizes[i][1]));
		assert_int_equal(mem_n_refused(), ++n);
		assert_null(mem_realloc(MEM_OTHER, ptr, sizes[i][0],
					sizes[i][1]));
		assert_int_equal(mem_n_refused(), ++n);
	}
	assert_string_equal(ptr, "kept it");
	mem_free(ptr);
	mem_free(NULL);
}

static void memory_that_libc_does_not_have_is_refused_and_counted(void **state)
{
	size_t half = huge / 2 - 64;
	/* with 32 bits a process may have one half of all addresses, not two */
	void *first = mem_alloc(MEM_OTHER, half, 1);
	void *ptr = mem_alloc(MEM_OTHER, 4, 2);
	uint64_t n = mem_n_refused();

	assert_non_null(ptr);
	assert_null(mem_alloc(MEM_OTHER, half, 1));
	assert_int_equal(mem_n_refused(), n + 1);
	assert_null(mem_realloc(MEM_OTHER, ptr, half, 1));
	assert_int_equal(mem_n_refused(), n + 2);
	mem_free(ptr);
	mem_free(first);
}

static void new_memory_is_zero(void **state)
{
	static const char zero[4096];

	for (int i = 0; i < 10; i++) { /* also when memory is used again */
		char *ptr = mem_alloc(MEM_OTHER, 64, 64);

		assert_non_null(ptr);
		assert_memory_equal(ptr, zero, sizeof(zero));
		memset(ptr, 0x5a, sizeof(zero));
		mem_free(ptr);
	}
}

static void a_block_of_no_bytes_can_be_freed(void **state)
{
	void *a = mem_alloc(MEM_OTHER, 0, 8), *b = mem_alloc(MEM_OTHER, 8, 0);

	assert_non_null(a);
	assert_non_null(b);
	assert_ptr_not_equal(a, b);
	a = mem_realloc(MEM_OTHER, a, 0, 8);
	assert_non_null(a);
	mem_free(a);
	mem_free(b);
}

static void a_block_keeps_its_bytes_when_it_grows(void **state)
{
	static const size_t sizes[] = {3, 300000, 3};
	char text[] = "ab", *copy = mem_strdup(MEM_OTHER, text), *ptr = NULL;

	assert_non_null(copy);
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		ptr = mem_realloc(MEM_OTHER, ptr, sizes[i], 1);
		assert_non_null(ptr);
		if (!i)
			memcpy(ptr, text, 3);
		assert_string_equal(ptr, "ab");
		assert_int_equal(mem_size_bytes(ptr), sizes[i]);
	}
	text[0] = 'n';
	assert_string_equal(copy, "ab");
	mem_free(copy);
	mem_free(ptr);
}

static void live_blocks_are_counted_by_class(void **state)
{
	struct mem_use before = mem_use(MEM_POOL), use;
	void *a = mem_alloc(MEM_POOL, 3, 5), *b = mem_alloc(MEM_POOL, 1, 100);

	assert_non_null(a);
	assert_non_null(b);
	use = mem_use(MEM_POOL);
	assert_int_equal(use.n_blocks - before.n_blocks, 2);
	assert_int_equal(use.n_bytes - before.n_bytes, 115);
	assert_int_equal(mem_use(MEM_STORE).n_blocks, 0);
	b = mem_realloc(MEM_POOL, b, 1, 100000);
	assert_non_null(b);
	assert_int_equal(mem_use(MEM_POOL).n_bytes - before.n_bytes, 100015);
	mem_free(a);
	mem_free(b);
	use = mem_use(MEM_POOL);
	assert_memory_equal(&use, &before, sizeof(use));
}

struct seen {
	size_t n;
	struct mem_block blocks[8];
};

static void see(void *ctx, const struct mem_block *block)
{
	struct seen *seen = ctx;

	if (block->class == MEM_POOL && seen->n < CF_ARRAY_LEN(seen->blocks))
		seen->blocks[seen->n++] = *block;
}

static void a_number_is_of_one_block_for_good(void **state)
{
	struct seen first = {0}, second = {0};
	char *a = mem_alloc(MEM_POOL, 1, 10), *b = mem_alloc(MEM_POOL, 1, 20);

	mem_each(see, &first);
	assert_int_equal(first.n, 2); /* the newest first */
	assert_ptr_equal(first.blocks[0].ptr, b);
	assert_ptr_equal(first.blocks[1].ptr, a);
	assert_int_equal(first.blocks[1].n_bytes, 10);
	assert_true(first.blocks[0].id > first.blocks[1].id);
	mem_free(b);
	b = mem_alloc(MEM_POOL, 1, 20); /* likely at the same address */
	a = mem_realloc(MEM_POOL, a, 1, 1000000);
	mem_each(see, &second);
	assert_int_equal(second.n, 2);
	assert_true(second.blocks[0].id > first.blocks[0].id);
	assert_int_equal(second.blocks[1].id, first.blocks[1].id);
	assert_ptr_equal(second.blocks[1].ptr, a);
	mem_free(a);
	mem_free(b);
}

static void each_class_has_its_name(void **state)
{
	static const char *const names[MEM_CLASS_COUNT] = {
		"generator", "font",   "challenge", "pool",   "sound",
		"store",     "request", "buffer",   "config", "sqlite",
		"freetype",  "json",   "other",
	};

	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		assert_string_equal(mem_class_name((enum mem_class)i),
				    names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_that_overflow_are_refused_and_counted),
		cmocka_unit_test(
			memory_that_libc_does_not_have_is_refused_and_counted),
		cmocka_unit_test(new_memory_is_zero),
		cmocka_unit_test(a_block_of_no_bytes_can_be_freed),
		cmocka_unit_test(a_block_keeps_its_bytes_when_it_grows),
		cmocka_unit_test(live_blocks_are_counted_by_class),
		cmocka_unit_test(a_number_is_of_one_block_for_good),
		cmocka_unit_test(each_class_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
