/*
 * The sections of the settings file: [profile NAME], with keys of the table of
 * keys.h, and [site NAME], for sites.h.
 */
#ifndef CF_CONF_SECTIONS_H
#define CF_CONF_SECTIONS_H

#include "conf/conf.h"
#include "conf/settings.h"

/* The name in "KIND NAME"; NULL: the section is of another kind. */
const char *sections_name(const char *text, const char *kind);

/* conf_file.begin_section, with a struct settings as its context: adds a
 * section to it. */
CF_MUST_CHECK
enum cf_status sections_begin(void *settings, const char *text, int line,
			      struct conf_target *target,
			      struct cf_error *err);

/* Give the profile of a section the values of the base for keys that the
 * section does not name. */
void sections_complete(struct settings_section *section,
		       const struct settings_profile *base);

/* The section with its own keys, as settings_print shows them. */
void sections_print(const struct settings_section *section, const char *file,
		    struct buf *out);

#endif
