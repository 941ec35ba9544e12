/*
 * Profiles from inside: challenge.h has the functions for other layers.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_PROFILE_H
#define CF_CHALLENGE_PROFILE_H

#include "challenge/challenge.h"
#include "challenge/puzzle.h"

struct profile {
	char name[POOL_PROFILE_MAX_CHARS + 1];
	struct profile_options options;
	struct shelf *shelf; /* the pool's; NULL: only draws */
	struct puzzles *puzzles;
	struct generator *gen; /* NULL until profile_load */
};

/* The mark of a shelf: another when the options, or this version of the
 * generator, draw other pictures. */
uint32_t profile_mark(uint64_t pictures_hash);

/* Draw the answer of a new challenge. See puzzles_answer. */
CF_MUST_CHECK
enum cf_status profile_make_code(struct profile *profile,
				 char code[STORE_CODE_MAX_BYTES + 1],
				 struct cf_error *err);

#endif
