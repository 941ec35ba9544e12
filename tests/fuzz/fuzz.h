/*
 * A fuzz target: one function, which clang's fuzzer or replay.c calls. It
 * returns 0, and aborts on a fault.
 */
#ifndef CF_TESTS_FUZZ_FUZZ_H
#define CF_TESTS_FUZZ_FUZZ_H

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define FUZZ_CHECK(what)                                                  \
	do {                                                              \
		if (!(what)) {                                            \
			(void)fprintf(stderr, "%s:%d: false: %s\n",      \
				      __FILE__, __LINE__, #what);         \
			abort();                                          \
		}                                                         \
	} while (0)

#endif
