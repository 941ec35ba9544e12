/*
 * The drawing generator: fast, seeded, the same on every machine. It never
 * yields a code or a pid; those come from crypt.h.
 *
 * source: xoshiro256** by D. Blackman and S. Vigna, seeded by splitmix64
 */
#ifndef CF_BASE_RNG_H
#define CF_BASE_RNG_H

#include "base/base.h"

struct rng {
	uint64_t s[4];
};

void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_u64(struct rng *rng);

/* A whole number in [0, bound), bound > 0; the bias is below 2^-32. */
uint32_t rng_below(struct rng *rng, uint32_t bound);

#endif
