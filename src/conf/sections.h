/*
 * The sections of the settings file. There are [profile NAME], with keys of
 * the table of keys.h.
 */
#ifndef CF_CONF_SECTIONS_H
#define CF_CONF_SECTIONS_H

#include "conf/conf.h"
#include "conf/settings.h"

/* conf_file.begin_section: adds a profile to the struct settings_profiles
 * that is its context. */
CF_MUST_CHECK
enum cf_status sections_begin(void *profiles, struct str text, int line,
			      struct conf_target *target,
			      struct cf_error *err);

/* Copies the base's values to where the section has none of its own. */
void sections_complete(struct settings_profile *profile,
		       const struct settings *base);

/* The section with its own keys, as settings_print shows them. */
void sections_print(const struct settings_profile *profile, const char *file,
		    struct buf *out);

#endif
