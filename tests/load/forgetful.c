/*
 * Linked with -Wl,--wrap=free, this makes one free() in EVERY do nothing. The
 * leak tests prove with it that they can fail.
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
