/*
 * The sections [profile NAME] of the settings file: see sections.h.
 */
#include "base/base.h"
#include "conf/sections.h"

#include "base/mem.h"
#include "conf/keys.h"

static bool is_profile_name(struct str name)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	if (!name.len || name.len > SETTINGS_PROFILE_MAX_CHARS)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!name.ptr[i] || !strchr(chars, name.ptr[i]))
			return false;
	return !str_eq(name, SETTINGS_BASE_NAME);
}

/* How much of it a message repeats. */
static int shown(struct str text)
{
	return text.len < 40 ? (int)text.len : 40;
}

static enum cf_status check_key(const struct conf_target *target,
				const struct conf_key *key,
				struct cf_error *err)
{
	if (key->scope != SETTINGS_OF_SERVICE)
		return CF_OK;
	return cf_fail(err, CF_CONFIG,
		       "%s in [profile %s]: is the same for all profiles; it "
		       "stands before any section", key->name, target->name);
}

static enum cf_status add_profile(struct settings_profiles *all,
				  struct str name, int line,
				  struct conf_target *target,
				  struct cf_error *err)
{
	struct settings_profile *profile;

	for (size_t i = 0; i < all->n; i++)
		if (str_eq(name, all->list[i]->name))
			return cf_fail(err, CF_CONFIG,
				       "[profile %s] stands on line %d already",
				       all->list[i]->name, all->list[i]->line);
	if (all->n == SETTINGS_PROFILES_MAX)
		return cf_fail(err, CF_CONFIG, "more than %d profiles",
			       SETTINGS_PROFILES_MAX);
	profile = mem_alloc(MEM_CONFIG, 1, sizeof(*profile));
	if (!profile)
		return cf_fail(err, CF_NOMEM, "no memory for a profile");
	memcpy(profile->name, name.ptr, name.len);
	profile->line = line;
	all->list[all->n++] = profile;
	*target = (struct conf_target){&settings_table, &profile->settings,
				       profile->from, &all->texts, check_key,
				       profile->name};
	return CF_OK;
}

enum cf_status sections_begin(void *profiles, struct str text, int line,
			      struct conf_target *target, struct cf_error *err)
{
	static const char word[] = "profile";
	struct str name = text;

	if (str_starts(text, word))
		name = (struct str){text.ptr + strlen(word),
				    text.len - strlen(word)};
	if (name.ptr == text.ptr || (*name.ptr != ' ' && *name.ptr != '\t'))
		return cf_fail(err, CF_CONFIG,
			       "section [%.*s]: unknown; there are sections "
			       "[profile NAME]", shown(text), text.ptr);
	name = str_trim(name);
	if (!is_profile_name(name))
		return cf_fail(err, CF_CONFIG,
			       "[profile %.*s]: a name has 1 to %d of a-z, 0-9, "
			       "_ and -, and is not " SETTINGS_BASE_NAME,
			       shown(name), name.ptr,
			       SETTINGS_PROFILE_MAX_CHARS);
	return add_profile(profiles, name, line, target, err);
}

void sections_complete(struct settings_profile *profile,
		       const struct settings *base)
{
	for (size_t i = 0; i < settings_table.n; i++)
		if (!profile->from[i].line)
			conf_copy(&settings_table.keys[i], &profile->settings,
				  base);
}

void sections_print(const struct settings_profile *profile, const char *file,
		    struct buf *out)
{
	buf_addf(out, "\n[profile %s]\n", profile->name);
	for (size_t i = 0; i < settings_table.n; i++) {
		if (!profile->from[i].line)
			continue;
		conf_print_value(&settings_table.keys[i], &profile->settings,
				 out);
		buf_addf(out, "\t# %s\n", file);
	}
}

void settings_profiles_release(struct settings_profiles *profiles)
{
	while (profiles->n)
		mem_free(profiles->list[--profiles->n]);
	conf_texts_release(&profiles->texts);
}
