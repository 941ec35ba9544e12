/*
 * Puzzles: what a picture shows and which answer is right, for each kind of
 * challenge. The answer is drawn first, and the text to draw follows from it
 * and a seed, so that a lost picture can be drawn again from the answer in the
 * store.
 *
 *	kind		answer		text
 *	text		"hk3wa"		"hk3wa"
 *	arithmetic	"52"		"47+5=?"
 *	words		"riverlamp"	"riverlamp"
 *
 * puzzles_new, puzzles_load (or the first puzzles_answer does it), any number
 * of calls, puzzles_free.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_PUZZLE_H
#define CF_CHALLENGE_PUZZLE_H

#include "base/rng.h"
#include "challenge/challenge.h"

enum {
	PUZZLE_TEXT_BYTES = STORE_CODE_MAX_BYTES + 1,
	/* answers of arithmetic are 1 to this, equally likely */
	PUZZLE_SUM_MAX = 99,
	/* of two words together; each has at most half */
	PUZZLE_PAIR_CHARS = 12,
	/* the least percentage of codes that words_blocked must leave */
	PUZZLE_FREE_MIN_PERCENT = 10,
};

/* n whole numbers in [0, bound), each independent and equally likely. */
struct puzzle_random {
	void (*draw)(void *ctx, uint32_t *out, size_t n, uint32_t bound);
	void *ctx;
};

/* From the kernel: the only source for codes that visitors get. */
extern const struct puzzle_random puzzle_random_secret;

/* Repeatable numbers; borrows rng. */
struct puzzle_random puzzle_random_seeded(struct rng *rng);

struct puzzles;

/* Borrows the options until puzzles_free. Reads no file yet. NULL when out
 * of memory. */
CF_MUST_CHECK
struct puzzles *puzzles_new(const struct profile_options *options);
void puzzles_free(struct puzzles *puzzles); /* accepts NULL */

/*
 * Read the files that the options name; a second call does nothing.
 *
 * returns  CF_OK; CF_CONFIG, err naming the file or the setting and what is
 *          wrong with it; CF_NOMEM. After a failure a later call tries again.
 */
CF_MUST_CHECK
enum cf_status puzzles_load(struct puzzles *puzzles, struct cf_error *err);

/* The characters that texts are made of, in UTF-8; borrowed until free. */
const char *puzzles_alphabet(const struct puzzles *puzzles);

/*
 * Draw the answer of a new puzzle: folded (utf8_fold), NUL-terminated.
 *
 * returns  CF_OK; what puzzles_load returns
 */
CF_MUST_CHECK
enum cf_status puzzles_answer(struct puzzles *puzzles,
			      const struct puzzle_random *random,
			      char answer[STORE_CODE_MAX_BYTES + 1],
			      struct cf_error *err);

/* The text that asks for this answer; the same for the same seed. An answer
 * that the kind does not have (the setting was changed) is its own text. */
void puzzles_text(const struct puzzles *puzzles, const char *answer,
		  uint64_t seed, char text[PUZZLE_TEXT_BYTES]);

#endif
