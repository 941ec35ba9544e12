/*
 * With -Wl,--wrap=free: one free() in EVERY does nothing. So the leak tests
 * show that they can fail.
 */
#include "base/base.h"

enum { EVERY = 16 };

void __real_free(void *ptr);
void __wrap_free(void *ptr);

void __wrap_free(void *ptr)
{
	static unsigned n;

	if (++n % EVERY)
		__real_free(ptr);
}
