/*
 * The rules between keys of a profile. Rules for one key are in keys.c.
 */
#ifndef CF_CONF_CHECK_H
#define CF_CONF_CHECK_H

#include "conf/settings.h"

/* Check a section whose values are complete, or the base with NULL. CF_CONFIG
 * names the broken rule, and the line of the file where one of its keys
 * stands. */
CF_MUST_CHECK
enum cf_status check_profile(const struct settings *settings,
			     const struct settings_section *section,
			     struct cf_error *err);

#endif
