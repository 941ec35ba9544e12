/*
 * Profiles: see challenge.h. The options become a source of puzzles and a
 * generator that can draw their texts.
 */
#include "base/base.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "challenge/profile.h"

uint32_t profile_mark(uint64_t pictures_hash)
{
	uint64_t hash = pictures_hash + GENERATOR_VERSION;

	hash ^= hash >> 32;
	return (uint32_t)(hash ^ hash >> 24) & 0xffffff;
}

struct profile *profile_new(const char *name,
			    const struct profile_options *options,
			    struct pool *pool)
{
	struct profile *profile = mem_alloc(MEM_CHALLENGE, 1, sizeof(*profile));
	uint32_t mark = profile_mark(options->pictures_hash);

	if (!profile)
		return NULL;
	(void)snprintf(profile->name, sizeof(profile->name), "%s", name);
	profile->options = *options;
	profile->puzzles = puzzles_new(&profile->options);
	if (pool)
		profile->shelf = pool_shelf(pool, name, mark,
					    options->pool_size);
	if (profile->puzzles && (!pool || profile->shelf))
		return profile;
	profile_free(profile);
	return NULL;
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	puzzles_free(profile->puzzles);
	generator_free(profile->gen);
	mem_free(profile);
}

const char *profile_name(const struct profile *profile)
{
	return profile->name;
}

const struct profile_options *profile_options(const struct profile *profile)
{
	return &profile->options;
}

const struct generator *profile_generator(const struct profile *profile)
{
	return profile->gen;
}

static struct generator *new_generator(const struct profile *profile)
{
	struct generator_options options = profile->options.picture;

	options.alphabet = puzzles_alphabet(profile->puzzles);
	return generator_new(&options);
}

/* Begin the text of a failure with the profile's name; the base has none. */
static enum cf_status name_error(const struct profile *profile,
				 enum cf_status rc, struct cf_error *err)
{
	struct cf_error why;

	if (!rc || !err || !profile->name[0])
		return rc;
	why = *err;
	return cf_fail(err, rc, "[profile %s]: %s", profile->name, why.text);
}

/* Load the word lists, and make a generator without fonts. */
static enum cf_status prepare(struct profile *profile, struct cf_error *err)
{
	enum cf_status rc = puzzles_load(profile->puzzles, err);

	if (rc)
		return rc;
	if (!profile->gen)
		profile->gen = new_generator(profile);
	if (!profile->gen)
		return cf_fail(err, CF_NOMEM, "no memory for the generator");
	return CF_OK;
}

enum cf_status profile_load(struct profile *profile, struct cf_error *err)
{
	enum cf_status rc = prepare(profile, err);

	if (!rc)
		rc = generator_load(profile->gen, err);
	return name_error(profile, rc, err);
}

enum cf_status profile_inspect(struct profile *profile,
			       generator_face_fn *visit, void *ctx,
			       struct cf_error *err)
{
	enum cf_status rc = prepare(profile, err);

	if (!rc)
		rc = generator_inspect(profile->gen, visit, ctx, err);
	return name_error(profile, rc, err);
}

enum cf_status profile_draw(struct profile *profile, uint64_t seed,
			    const char *code, struct buf *png,
			    struct cf_error *err)
{
	int64_t begun = metrics_begin();
	char text[PUZZLE_TEXT_BYTES];
	enum cf_status rc = prepare(profile, err);

	if (!rc) {
		puzzles_text(profile->puzzles, code, seed, text);
		rc = generator_draw(profile->gen, seed, text, png, err);
	}
	if (!rc)
		(void)metrics_end(METRIC_TIME_DRAW, begun);
	return name_error(profile, rc, err);
}

enum cf_status profile_make_code(struct profile *profile,
				 char code[STORE_CODE_MAX_BYTES + 1],
				 struct cf_error *err)
{
	enum cf_status rc = puzzles_answer(profile->puzzles,
					   &puzzle_random_secret, code, err);

	return name_error(profile, rc, err);
}

enum cf_status profile_draw_sample(struct profile *profile, uint64_t seed,
				   char code[STORE_CODE_MAX_BYTES + 1],
				   struct buf *png, struct cf_error *err)
{
	struct rng rng;
	struct puzzle_random random = puzzle_random_seeded(&rng);
	enum cf_status rc;

	rng_init(&rng, seed);
	rc = puzzles_answer(profile->puzzles, &random, code, err);
	return rc ? name_error(profile, rc, err)
		  : profile_draw(profile, rng_u64(&rng), code, png, err);
}
