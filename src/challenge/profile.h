/*
 * Profiles from inside: see challenge.h for what others may do with one.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_PROFILE_H
#define CF_CHALLENGE_PROFILE_H

#include "challenge/challenge.h"
#include "challenge/puzzle.h"

/* A challenge that is recorded, not yet handed out. */
struct reserved {
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1];
};

/* Those in [next, n) wait. */
struct reserve {
	struct reserved item[STORE_PUT_MAX];
	size_t n, next;
	size_t size; /* how many at once */
	bool has_pictures; /* files; else each is drawn when handed out */
	int64_t filled_mono_ms;
};

struct profile {
	char name[POOL_PROFILE_MAX_CHARS + 1];
	struct profile_options options;
	struct shelf *shelf; /* the pool's; NULL: only draws */
	struct puzzles *puzzles;
	struct generator *gen; /* NULL until profile_load */
	/* what challenge.c does with it */
	struct reserve reserve;
	bool is_fill_wanted;
	int64_t next_fill_mono_ms;
};

/* What tells pictures of these options, as this version draws them, from
 * others: the mark of their shelf. */
uint32_t profile_mark(uint64_t pictures_hash);

/* Draw the answer of a new challenge. See puzzles_answer. */
CF_MUST_CHECK
enum cf_status profile_make_code(struct profile *profile,
				 char code[STORE_CODE_MAX_BYTES + 1],
				 struct cf_error *err);

#endif
