/*
 * See known_random.h.
 */
#include "base/base.h"
#include "tests/fuzz/known_random.h"

#include "base/rng.h"

#include <sys/random.h>

static struct rng rng = {{1, 2, 3, 4}};

void known_random_seed(uint64_t seed)
{
	rng_init(&rng, seed);
}

/* In place of the C library's. */
ssize_t getrandom(void *ptr, size_t n, unsigned flags)
{
	uint8_t *to = ptr;

	(void)flags;
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)rng_u64(&rng);
	return (ssize_t)n;
}
