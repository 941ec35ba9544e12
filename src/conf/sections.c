/*
 * The sections [profile NAME] of the settings file: see sections.h.
 */
#include "base/base.h"
#include "conf/sections.h"

#include "base/mem.h"
#include "conf/keys.h"
#include "conf/sites.h"

static bool is_profile_name(const char *name)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t len = strlen(name);

	return len && len <= SETTINGS_PROFILE_MAX_CHARS &&
	       strspn(name, chars) == len &&
	       strcmp(name, SETTINGS_BASE_NAME) != 0;
}

static enum cf_status check_key(const struct conf_key *key,
				struct cf_error *err)
{
	if (key->scope != SETTINGS_OF_SERVICE)
		return CF_OK;
	return cf_fail(err, CF_CONFIG,
		       "%s is the same for all profiles: write it before any "
		       "section", key->name);
}

static enum cf_status add_section(struct settings *settings, const char *name,
				  int line, struct conf_target *target,
				  struct cf_error *err)
{
	struct settings_section *section;

	for (size_t i = 0; i < settings->n_sections; i++)
		if (!strcmp(name, settings->sections[i]->name))
			return cf_fail(err, CF_CONFIG,
				       "[profile %s] stands on line %d already",
				       name, settings->sections[i]->line);
	if (settings->n_sections == SETTINGS_PROFILES_MAX)
		return cf_fail(err, CF_CONFIG, "more than %d profiles",
			       SETTINGS_PROFILES_MAX);
	section = mem_alloc(MEM_CONFIG, 1, sizeof(*section));
	if (!section)
		return cf_fail(err, CF_NOMEM, "no memory for a profile");
	memcpy(section->name, name, strlen(name) + 1);
	section->line = line;
	settings->sections[settings->n_sections++] = section;
	*target = (struct conf_target){&settings_table, &section->profile,
				       section->from, &settings->texts,
				       check_key};
	return CF_OK;
}

const char *sections_name(const char *text, const char *kind)
{
	size_t n = strlen(kind);

	if (strncmp(text, kind, n) != 0 || !strchr(" \t", text[n]))
		return NULL;
	return text + n + strspn(text + n, " \t");
}

enum cf_status sections_begin(void *ctx, const char *text, int line,
			      struct conf_target *target, struct cf_error *err)
{
	struct settings *settings = ctx;
	const char *name = sections_name(text, "site");

	if (name)
		return site_add(settings, name, settings->file, line, target,
				err);
	name = sections_name(text, "profile");
	if (!name)
		return cf_fail(err, CF_CONFIG,
			       "section [%.40s]: unknown; there are sections "
			       "[profile NAME] and [site NAME]", text);
	if (!is_profile_name(name))
		return cf_fail(err, CF_CONFIG,
			       "[profile %.40s]: a name has 1 to %d of a-z, "
			       "0-9, _ and -, and is not " SETTINGS_BASE_NAME,
			       name, SETTINGS_PROFILE_MAX_CHARS);
	return add_section(settings, name, line, target, err);
}

void sections_complete(struct settings_section *section,
		       const struct settings_profile *base)
{
	for (size_t i = 0; i < settings_table.n; i++)
		if (settings_table.keys[i].scope != SETTINGS_OF_SERVICE &&
		    !section->from[i].line)
			conf_copy(&settings_table.keys[i], &section->profile,
				  base);
}

void sections_print(const struct settings_section *section, const char *file,
		    struct buf *out)
{
	buf_addf(out, "\n[profile %s]\n", section->name);
	for (size_t i = 0; i < settings_table.n; i++) {
		if (!section->from[i].line)
			continue;
		conf_print_value(&settings_table.keys[i], &section->profile,
				 out);
		buf_addf(out, "\t# %s\n", file);
	}
}
