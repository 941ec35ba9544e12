/*
 * forgetful.so: preloaded, it makes one free() in EVERY do nothing. The leak
 * tests prove with it that they can fail.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

enum { EVERY = 16 };

void free(void *ptr)
{
	static void (*real)(void *);
	static unsigned n;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "free");
	if (++n % EVERY)
		real(ptr);
}
