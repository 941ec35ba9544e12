/*
 * The heap: see mem.h. Leaves the work to libc; checks the arithmetic.
 */
#include "base/base.h"
#include "base/mem.h"

void *mem_alloc(enum mem_class class, size_t n, size_t size)
{
	(void)class;
	if (!n || !size)
		n = size = 1;
	return calloc(n, size);
}

void *mem_realloc(enum mem_class class, void *ptr, size_t n, size_t size)
{
	size_t total;

	(void)class;
	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return realloc(ptr, total ? total : 1);
}

char *mem_strdup(enum mem_class class, const char *s)
{
	size_t len = strlen(s) + 1;
	char *copy = mem_alloc(class, len, 1);

	if (copy)
		memcpy(copy, s, len);
	return copy;
}

void mem_free(void *ptr)
{
	free(ptr);
}
