/*
 * Puzzles: see puzzle.h. One function for each kind draws its answer; only
 * arithmetic has texts that differ from their answers.
 */
#include "base/base.h"
#include "base/alphabet.h"
#include "base/crypt.h"
#include "base/mem.h"
#include "challenge/puzzle.h"
#include "challenge/words.h"

enum {
	/* a blocked code is drawn again; with the smallest share of free codes,
	 * 500 in a row are blocked once in 10^22 */
	TRIES_MAX = 500,
	TRIAL_CODES = 2000, /* to measure that share */
	/* the smaller operand has one digit, the larger one two */
	SMALL_MAX = 9,
	LARGE_MIN = 10,
	LARGE_MAX = 99,
};

/* Invariant: words is not NULL when is_loaded and the kind is words. */
struct puzzles {
	const struct profile_options *options;
	struct words *words;
	struct words *blocked; /* NULL: none */
	bool is_loaded;
};

static void draw_secret(void *ctx, uint32_t *out, size_t n, uint32_t bound)
{
	(void)ctx;
	crypt_uniforms(out, n, bound);
}

const struct puzzle_random puzzle_random_secret = {draw_secret, NULL};

static void draw_seeded(void *ctx, uint32_t *out, size_t n, uint32_t bound)
{
	for (size_t i = 0; i < n; i++)
		out[i] = rng_below(ctx, bound);
}

struct puzzle_random puzzle_random_seeded(struct rng *rng)
{
	return (struct puzzle_random){draw_seeded, rng};
}

struct puzzles *puzzles_new(const struct profile_options *options)
{
	struct puzzles *puzzles =
		mem_alloc(MEM_CHALLENGE, 1, sizeof(*puzzles));

	if (puzzles)
		puzzles->options = options;
	return puzzles;
}

static void unload(struct puzzles *puzzles)
{
	words_free(puzzles->words);
	words_free(puzzles->blocked);
	puzzles->words = puzzles->blocked = NULL;
	puzzles->is_loaded = false;
}

void puzzles_free(struct puzzles *puzzles)
{
	if (!puzzles)
		return;
	unload(puzzles);
	mem_free(puzzles);
}

static uint32_t below(const struct puzzle_random *random, size_t bound)
{
	uint32_t n;

	random->draw(random->ctx, &n, 1, (uint32_t)bound);
	return n;
}

/* --- answers -------------------------------------------------------------- */

static void draw_text(const struct puzzles *puzzles,
		      const struct puzzle_random *random, char *answer)
{
	const struct profile_options *o = puzzles->options;
	const char *characters = alphabet_characters(o->alphabet);
	size_t len = (size_t)o->length_min +
		     below(random, (size_t)(o->length_max - o->length_min + 1));
	uint32_t places[STORE_CODE_MAX_BYTES / UTF8_MAX_BYTES];

	assert(len <= CF_ARRAY_LEN(places));
	random->draw(random->ctx, places, len,
		     (uint32_t)utf8_count(characters));
	alphabet_spell(characters, places, len, answer);
	crypt_zero(places, sizeof(places));
}

static void draw_words(const struct puzzles *puzzles,
		       const struct puzzle_random *random, char *answer)
{
	size_t n = words_n(puzzles->words);

	answer[0] = '\0';
	for (int64_t i = 0; i < puzzles->options->word_count; i++) {
		size_t len = strlen(answer);

		(void)snprintf(answer + len, STORE_CODE_MAX_BYTES + 1 - len,
			       "%s",
			       words_get(puzzles->words, below(random, n)));
	}
}

static void draw_sum(const struct puzzle_random *random, char *answer)
{
	(void)snprintf(answer, STORE_CODE_MAX_BYTES + 1, "%u",
		       below(random, PUZZLE_SUM_MAX) + 1);
}

static void draw_answer(const struct puzzles *puzzles,
			const struct puzzle_random *random, char *answer)
{
	switch (puzzles->options->kind) {
	case PUZZLE_TEXT:
		draw_text(puzzles, random, answer);
		return;
	case PUZZLE_ARITHMETIC:
		draw_sum(random, answer);
		return;
	case PUZZLE_WORDS:
		draw_words(puzzles, random, answer);
		return;
	}
	assert(false); /* a kind that is not drawn */
}

enum cf_status puzzles_answer(struct puzzles *puzzles,
			      const struct puzzle_random *random,
			      char answer[STORE_CODE_MAX_BYTES + 1],
			      struct cf_error *err)
{
	enum cf_status rc = puzzles_load(puzzles, err);

	for (int i = 0; !rc && i < TRIES_MAX; i++) {
		draw_answer(puzzles, random, answer);
		if (!words_block(puzzles->blocked, answer))
			return CF_OK;
	}
	answer[0] = '\0';
	return rc ? rc : cf_fail(err, CF_BUG, "no code is free of "
				 "words_blocked");
}

/* --- texts ---------------------------------------------------------------- */

struct sum {
	int large, small;
	char operator;
};

/* The sums with this answer: plus and minus, with a small operand of 1 and up.
 * No other operators: a turned plus looks like a times sign, and a turned minus
 * like a slash. */
static size_t list_sums(int answer, struct sum sums[2 * SMALL_MAX])
{
	size_t n = 0;

	for (int small = 1; small <= SMALL_MAX; small++) {
		int summand = answer - small, minuend = answer + small;

		if (summand >= LARGE_MIN && summand <= LARGE_MAX)
			sums[n++] = (struct sum){summand, small, '+'};
		if (minuend >= LARGE_MIN && minuend <= LARGE_MAX)
			sums[n++] = (struct sum){minuend, small, '-'};
	}
	return n;
}

/* The number of an answer of arithmetic; 0 for another text. */
static int parse_sum(const char *answer)
{
	size_t n = strspn(answer, "0123456789");

	if (!n || n > 2 || answer[n] || answer[0] == '0')
		return 0;
	return n == 1 ? answer[0] - '0'
		      : (answer[0] - '0') * 10 + answer[1] - '0';
}

void puzzles_text(const struct puzzles *puzzles, const char *answer,
		  uint64_t seed, char text[PUZZLE_TEXT_BYTES])
{
	struct sum sums[2 * SMALL_MAX];
	const struct sum *sum;
	struct rng rng;
	int number = 0;

	if (puzzles->options->kind == PUZZLE_ARITHMETIC)
		number = parse_sum(answer);
	if (!number) {
		(void)snprintf(text, PUZZLE_TEXT_BYTES, "%s", answer);
		return;
	}
	/* other numbers than those that draw the picture */
	rng_init(&rng, seed ^ UINT64_C(0x70757a7a6c65));
	sum = &sums[rng_below(&rng, (uint32_t)list_sums(number, sums))];
	(void)snprintf(text, PUZZLE_TEXT_BYTES, "%d%c%d=?", sum->large,
		       sum->operator, sum->small);
}

const char *puzzles_alphabet(const struct puzzles *puzzles)
{
	switch (puzzles->options->kind) {
	case PUZZLE_TEXT:
		break;
	case PUZZLE_ARITHMETIC:
		return "0123456789+-=?";
	case PUZZLE_WORDS:
		return "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	}
	return alphabet_characters(puzzles->options->alphabet);
}

/* --- loading -------------------------------------------------------------- */

/* Refuse a block list that leaves too few codes. */
static enum cf_status try_blocked(const struct puzzles *puzzles,
				  struct cf_error *err)
{
	char answer[STORE_CODE_MAX_BYTES + 1];
	struct rng rng;
	struct puzzle_random random = puzzle_random_seeded(&rng);
	int n_free = 0;

	rng_init(&rng, 1);
	for (int i = 0; i < TRIAL_CODES; i++) {
		draw_answer(puzzles, &random, answer);
		n_free += !words_block(puzzles->blocked, answer);
	}
	if (n_free * 100 >= TRIAL_CODES * PUZZLE_FREE_MIN_PERCENT)
		return CF_OK;
	return cf_fail(err, CF_CONFIG,
		       "words_blocked = %.100s: %d of %d codes have none of "
		       "these in them: at least %d in 100 must",
		       puzzles->options->words_blocked, n_free, TRIAL_CODES,
		       PUZZLE_FREE_MIN_PERCENT);
}

enum cf_status puzzles_load(struct puzzles *puzzles, struct cf_error *err)
{
	const struct profile_options *o = puzzles->options;
	enum puzzle_kind kind = puzzles->options->kind;
	enum cf_status rc = CF_OK;

	if (puzzles->is_loaded)
		return CF_OK;
	if (o->words_blocked[0] && kind != PUZZLE_ARITHMETIC)
		rc = blocked_load(&puzzles->blocked, o->words_blocked, err);
	if (!rc && kind == PUZZLE_WORDS)
		rc = words_load(&puzzles->words, o->words,
				o->word_count > 1 ? PUZZLE_PAIR_CHARS / 2
						  : WORD_MAX_CHARS,
				puzzles->blocked, err);
	if (!rc && puzzles->blocked)
		rc = try_blocked(puzzles, err);
	if (rc)
		unload(puzzles);
	puzzles->is_loaded = !rc;
	return rc;
}
