/*
 * From settings to options: see options.h.
 */
#include "base/base.h"
#include "app/options.h"
#include "sound/mix.h"

_Static_assert((int)STORE_PATH_BYTES >= (int)SETTINGS_PATH_BYTES &&
	       (int)STORE_PREFIX_BYTES >= (int)SETTINGS_WORD_BYTES &&
	       (int)POOL_DIR_BYTES >= (int)SETTINGS_PATH_BYTES &&
	       (int)CHALLENGE_PROFILES_MAX == 1 + (int)SETTINGS_PROFILES_MAX,
	       "the texts of settings fit into those of other layers");

_Static_assert((int)SETTINGS_SNR_MIN_DB == (int)MIX_SNR_MIN_DB &&
	       (int)SETTINGS_SNR_MAX_DB == (int)MIX_SNR_MAX_DB,
	       "the settings allow what can be mixed");

/* Paper kept free at each side of the word: a quarter of the least height. */
enum { MARGIN_PX = 6 };

struct store_options options_store(const struct settings *s)
{
	return (struct store_options){
		.kind = s->store == SETTINGS_STORE_REDIS ? STORE_REDIS
							 : STORE_SQLITE,
		.database = s->database,
		.redis_url = s->redis_url,
		.key_prefix = s->key_prefix,
		.timeout_ms = s->store_timeout_ms,
		.redis_wait_replicas = s->redis_wait_replicas,
		.breaker_dir = s->cache_dir,
		.has_attempts = s->attempts_max > 1,
	};
}

struct pool_options options_pool(const struct settings *s)
{
	return (struct pool_options){
		.dir = s->cache_dir,
		.max_bytes = s->cache_max_bytes,
	};
}

static struct generator_options
options_picture(const struct settings_profile *p)
{
	static const enum generator_theme themes[] = {
		[SETTINGS_THEME_AUTO] = GENERATOR_THEME_AUTO,
		[SETTINGS_THEME_LIGHT] = GENERATOR_THEME_LIGHT,
		[SETTINGS_THEME_DARK] = GENERATOR_THEME_DARK,
	};
	static const enum generator_difficulty difficulties[] = {
		[SETTINGS_EASY] = GENERATOR_EASY,
		[SETTINGS_NORMAL] = GENERATOR_NORMAL,
		[SETTINGS_HARD] = GENERATOR_HARD,
	};
	struct generator_options options = {
		.width_px = (int32_t)(p->width_px * p->scale),
		.height_px = (int32_t)(p->height_px * p->scale),
		.margin_px = (int32_t)(MARGIN_PX * p->scale),
		.offset_px = (int32_t)(p->offset_px * p->scale),
		.difficulty = difficulties[p->difficulty],
		.fonts = p->fonts,
		.theme = themes[p->theme],
	};
	bool is_right = generator_parse_colour(p->ink, &options.ink) &&
			generator_parse_colour(p->paper, &options.paper);

	assert(is_right); /* settings_load has checked their form */
	(void)is_right;
	return options;
}

struct profile_options options_profile(const struct settings_profile *p)
{
	static const enum puzzle_kind kinds[] = {
		[SETTINGS_KIND_TEXT] = PUZZLE_TEXT,
		[SETTINGS_KIND_ARITHMETIC] = PUZZLE_ARITHMETIC,
		[SETTINGS_KIND_WORDS] = PUZZLE_WORDS,
	};

	return (struct profile_options){
		.ttl_s = p->ttl_s,
		.attempts = p->attempts,
		.pool_size = p->pool_size,
		.kind = kinds[p->kind],
		.alphabet = p->alphabet,
		.length_min = p->length_min,
		.length_max = p->length_max,
		.words = p->words,
		.words_blocked = p->words_blocked,
		.word_count = p->word_count,
		.width_px = p->width_px,
		.height_px = p->height_px,
		.picture = options_picture(p),
		.pictures_hash = settings_hash_pictures(p),
	};
}

struct challenge_options options_challenge(const struct settings *s)
{
	return (struct challenge_options){
		.max_live = s->max_live,
		.has_shared_pictures = s->store == SETTINGS_STORE_REDIS,
		.snr_db = (int)s->audio_snr_db,
	};
}
