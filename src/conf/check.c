/*
 * The rules between keys of a profile: see check.h.
 */
#include "base/base.h"
#include "conf/check.h"

#include "conf/keys.h"

static enum cf_status check_words(const struct settings_profile *p,
				  struct cf_error *err)
{
	if (p->kind != SETTINGS_KIND_WORDS || p->words[0])
		return CF_OK;
	return cf_fail(err, CF_CONFIG, "kind = words: `words` is empty: name "
		       "a file of words");
}

static enum cf_status check_spacing(const struct settings_profile *p,
				    struct cf_error *err)
{
	if (p->offset_px <= p->width_px)
		return CF_OK;
	return cf_fail(err, CF_CONFIG, "spacing = %lld is above width = %lld",
		       (long long)p->offset_px, (long long)p->width_px);
}

/* The limit of a side holds for the picture as it is drawn. */
static enum cf_status check_side(const char *name, int64_t side_px,
				 int64_t scale, int64_t max_px,
				 struct cf_error *err)
{
	if (side_px * scale <= max_px)
		return CF_OK;
	return cf_fail(err, CF_CONFIG, "%s = %lld with scale = %lld makes "
		       "%lld pixels: at most %lld", name, (long long)side_px,
		       (long long)scale, (long long)(side_px * scale),
		       (long long)max_px);
}

static enum cf_status check_width(const struct settings_profile *p,
				  struct cf_error *err)
{
	return check_side("width", p->width_px, p->scale,
			  SETTINGS_DRAWN_WIDTH_MAX_PX, err);
}

static enum cf_status check_height(const struct settings_profile *p,
				   struct cf_error *err)
{
	return check_side("height", p->height_px, p->scale,
			  SETTINGS_DRAWN_HEIGHT_MAX_PX, err);
}

static const struct {
	const char *keys[2];
	enum cf_status (*check)(const struct settings_profile *profile,
				struct cf_error *err);
} rules[] = {
	{{"kind", "words"}, check_words},
	{{"spacing", "width"}, check_spacing},
	{{"scale", "width"}, check_width},
	{{"scale", "height"}, check_height},
};

/* The line of the first of two keys that the file sets; 0 for neither. */
static int line_of(const struct conf_origin *from, const char *const keys[2])
{
	int line = 0;

	for (size_t i = 0; i < 2 && !line; i++) {
		const struct conf_key *key = conf_find(&settings_table, keys[i],
						       strlen(keys[i]));

		assert(key);
		line = from[key - settings_table.keys].line;
	}
	return line;
}

/* The fault of a rule, with the place of its keys. */
static enum cf_status refuse(const struct settings *settings,
			     const struct settings_section *section,
			     const char *const keys[2],
			     const struct cf_error *why, struct cf_error *err)
{
	int line = line_of(section ? section->from : settings->from, keys);

	if (section)
		return cf_fail(err, why->status, "%s:%d: [profile %s]: %s",
			       settings->file, line ? line : section->line,
			       section->name, why->text);
	if (line)
		return cf_fail(err, why->status, "%s:%d: %s", settings->file,
			       line, why->text);
	return cf_fail(err, why->status, "%s", why->text);
}

enum cf_status check_profile(const struct settings *settings,
			     const struct settings_section *section,
			     struct cf_error *err)
{
	const struct settings_profile *profile =
		section ? &section->profile : &settings->base;
	struct cf_error why = CF_ERROR_INIT;

	for (size_t i = 0; i < CF_ARRAY_LEN(rules); i++)
		if (rules[i].check(profile, &why))
			return refuse(settings, section, rules[i].keys, &why,
				      err);
	return CF_OK;
}
