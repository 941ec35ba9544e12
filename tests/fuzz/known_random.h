/*
 * A getrandom(2) that gives the same bytes for the same seed, so that an input
 * does the same each time.
 */
#ifndef CF_TESTS_FUZZ_KNOWN_RANDOM_H
#define CF_TESTS_FUZZ_KNOWN_RANDOM_H

#include "base/base.h"

void known_random_seed(uint64_t seed);

#endif
