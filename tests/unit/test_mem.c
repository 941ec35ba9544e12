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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_product_that_overflows_is_refused),
		cmocka_unit_test(what_is_allocated_is_zero),
		cmocka_unit_test(nothing_is_something_to_free),
		cmocka_unit_test(growing_keeps_what_was_there),
		cmocka_unit_test(a_copy_is_a_copy),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
