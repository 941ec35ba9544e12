/*
 * Pictures of challenges: loaded or drawn. A picture is drawn for a pid when
 * the pool has none, or when its file was lost. Its seed is then a keyed hash
 * of the pid. So it looks the same whenever it is drawn again, and nobody
 * without the key can draw it.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "challenge/state.h"

static enum cf_status seed_of(struct challenge *ch, const struct pid *pid,
			      uint64_t *seed, struct cf_error *err)
{
	enum cf_status rc = challenge_need_secret(ch, err);

	if (!rc)
		*seed = crypt_hash64(ch->secret, pid->text, PID_CHARS);
	return rc;
}

enum cf_status picture_draw(struct challenge *ch, struct profile *profile,
			    const struct pid *pid, const char *code,
			    struct buf *png, struct cf_error *err)
{
	uint64_t seed;
	enum cf_status rc = seed_of(ch, pid, &seed, err);

	return rc ? rc : profile_draw(profile, seed, code, png, err);
}

enum cf_status picture_load(struct challenge *ch, struct profile *profile,
			    const struct pid *pid, const char *code,
			    struct buf *png, struct cf_error *pool_err,
			    struct cf_error *err)
{
	struct cf_error trouble = CF_ERROR_INIT;
	size_t begin = png->len;
	enum cf_status rc = pool_load_live(ch->parts.pool, pid, png, &trouble);

	if (!rc)
		return CF_OK;
	if (rc != CF_NOT_FOUND)
		*pool_err = trouble;
	buf_truncate(png, begin);
	if (ch->parts.options.has_shared_pictures) {
		rc = store_load_picture(ch->parts.store, pid, png, err);
		if (rc != CF_NOT_FOUND)
			return rc;
	}
	if (!profile)
		return cf_fail(err, CF_NOT_FOUND,
			       "lost, and its profile is no more");
	return picture_draw(ch, profile, pid, code, png, err);
}

bool challenge_has_themes(const struct profile *profile)
{
	const struct generator_options *picture = &profile->options.picture;

	return picture->theme == GENERATOR_THEME_AUTO &&
	       picture->ink.is_auto && picture->paper.is_auto;
}

void challenge_set_theme(const struct profile *profile, char *png, size_t len,
			 struct str theme)
{
	if (!challenge_has_themes(profile))
		return;
	if (str_eq(theme, "light"))
		generator_set_theme(png, len, GENERATOR_THEME_LIGHT);
	if (str_eq(theme, "dark"))
		generator_set_theme(png, len, GENERATOR_THEME_DARK);
}
