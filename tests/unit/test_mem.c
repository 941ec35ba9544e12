/*
 * mem.c: sizes that overflow are refused, and nothing else is.
 */
#include "base/base.h"
#include "base/mem.h"
#include "tests/support/check.h"

/* Not a constant for the compiler, which would warn of it. */
static volatile size_t huge = SIZE_MAX;

static void a_product_that_overflows_is_refused(void **state)
{
	void *ptr;

	(void)state;
	assert_null(mem_alloc(MEM_OTHER, huge, 2));
	assert_null(mem_alloc(MEM_OTHER, 2, huge));
	assert_null(mem_alloc(MEM_OTHER, huge / 2 + 1, 2));
	assert_null(mem_alloc(MEM_OTHER, huge / 4 + 1, 4));
	ptr = mem_alloc(MEM_OTHER, 4, 2);
	assert_non_null(ptr);
	memcpy(ptr, "kept it", 8);
	/* which in 64 bits would be 0, 2 and 4 */
	assert_null(mem_realloc(MEM_OTHER, ptr, huge / 2 + 1, 2));
	assert_null(mem_realloc(MEM_OTHER, ptr, huge / 2 + 2, 2));
	assert_null(mem_realloc(MEM_OTHER, ptr, huge / 4 + 2, 4));
	assert_string_equal(ptr, "kept it"); /* the old block is untouched */
	mem_free(ptr);
}

static void refusals_are_counted(void **state)
{
	uint64_t n = mem_n_refused();
	void *ptr = mem_alloc(MEM_OTHER, 1, 1);

	(void)state;
	assert_non_null(ptr);
	assert_int_equal(mem_n_refused(), n);
	assert_null(mem_alloc(MEM_OTHER, huge, 2));
	assert_int_equal(mem_n_refused(), n + 1);
	assert_null(mem_alloc(MEM_OTHER, huge / 4, 1)); /* by libc, or before */
	assert_int_equal(mem_n_refused(), n + 2);
	assert_null(mem_realloc(MEM_OTHER, ptr, huge, 2));
	assert_int_equal(mem_n_refused(), n + 3);
	assert_null(mem_realloc(MEM_OTHER, ptr, huge / 4, 1));
	assert_int_equal(mem_n_refused(), n + 4);
	mem_free(ptr);
}

static void what_is_allocated_is_zero(void **state)
{
	static const char zero[4096];
	char *ptr;

	(void)state;
	for (int i = 0; i < 10; i++) { /* also when memory is used again */
		ptr = mem_alloc(MEM_OTHER, 64, 64);
		assert_non_null(ptr);
		assert_memory_equal(ptr, zero, sizeof(zero));
		memset(ptr, 0x5a, sizeof(zero));
		mem_free(ptr);
	}
}

static void nothing_is_something_to_free(void **state)
{
	void *a, *b;

	(void)state;
	a = mem_alloc(MEM_OTHER, 0, 8);
	b = mem_alloc(MEM_OTHER, 8, 0);
	assert_non_null(a);
	assert_non_null(b);
	assert_ptr_not_equal(a, b);
	a = mem_realloc(MEM_OTHER, a, 0, 8);
	assert_non_null(a);
	mem_free(a);
	mem_free(b);
	mem_free(NULL);
}

static void growing_keeps_what_was_there(void **state)
{
	char *ptr = mem_realloc(MEM_OTHER, NULL, 3, 1);

	(void)state;
	assert_non_null(ptr);
	memcpy(ptr, "ab", 3);
	ptr = mem_realloc(MEM_OTHER, ptr, 100000, 3);
	assert_non_null(ptr);
	assert_string_equal(ptr, "ab");
	ptr = mem_realloc(MEM_OTHER, ptr, 1, 3);
	assert_non_null(ptr);
	assert_string_equal(ptr, "ab");
	mem_free(ptr);
}

static void a_copy_is_a_copy(void **state)
{
	char text[] = "text";
	char *copy = mem_strdup(MEM_OTHER, text), *empty;

	(void)state;
	assert_non_null(copy);
	text[0] = 'n';
	assert_string_equal(copy, "text");
	empty = mem_strdup(MEM_OTHER, "");
	assert_non_null(empty);
	assert_string_equal(empty, "");
	mem_free(copy);
	mem_free(empty);
}

static void what_is_live_is_counted_by_class(void **state)
{
	struct mem_use before = mem_use(MEM_POOL), use;
	void *a = mem_alloc(MEM_POOL, 3, 5), *b = mem_alloc(MEM_POOL, 1, 100);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(mem_size_bytes(a), 15);
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

static void a_block_keeps_its_number_and_gives_it_to_no_other(void **state)
{
	struct seen first = {0}, second = {0};
	char *a = mem_alloc(MEM_POOL, 1, 10), *b = mem_alloc(MEM_POOL, 1, 20);

	(void)state;
	mem_each(see, &first);
	assert_int_equal(first.n, 2); /* the newest first */
	assert_ptr_equal(first.blocks[0].ptr, b);
	assert_ptr_equal(first.blocks[1].ptr, a);
	assert_int_equal(first.blocks[1].n_bytes, 10);
	assert_true(first.blocks[0].id > first.blocks[1].id);
	mem_free(b);
	b = mem_alloc(MEM_POOL, 1, 20); /* likely at the same place */
	a = mem_realloc(MEM_POOL, a, 1, 1000000);
	mem_each(see, &second);
	assert_int_equal(second.n, 2);
	assert_true(second.blocks[0].id > first.blocks[0].id);
	assert_int_equal(second.blocks[1].id, first.blocks[1].id);
	assert_ptr_equal(second.blocks[1].ptr, a);
	mem_free(a);
	mem_free(b);
}

static void every_class_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < MEM_CLASS_COUNT; i++) {
		assert_non_null(mem_class_name((enum mem_class)i));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
				mem_class_name((enum mem_class)i),
				mem_class_name((enum mem_class)k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_product_that_overflows_is_refused),
		cmocka_unit_test(refusals_are_counted),
		cmocka_unit_test(what_is_allocated_is_zero),
		cmocka_unit_test(nothing_is_something_to_free),
		cmocka_unit_test(growing_keeps_what_was_there),
		cmocka_unit_test(a_copy_is_a_copy),
		cmocka_unit_test(what_is_live_is_counted_by_class),
		cmocka_unit_test(
			a_block_keeps_its_number_and_gives_it_to_no_other),
		cmocka_unit_test(every_class_has_a_name),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
