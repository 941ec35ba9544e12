/*
 * The sections [site NAME], in the settings file, in sites_dir and in the
 * environment.
 *
 * Private to conf; settings.h has the result.
 */
#ifndef CF_CONF_SITES_H
#define CF_CONF_SITES_H

#include "conf/conf.h"
#include "conf/settings.h"

/* Add a site; *target is where the lines of its section go. */
CF_MUST_CHECK
enum cf_status sites_add(struct settings *settings, const char *name,
			 const char *file, int line, struct conf_target *target,
			 struct cf_error *err);

/* Read the files *.conf of sites_dir, in the order of their names. A directory
 * that is missing has none. */
CF_MUST_CHECK
enum cf_status sites_read_dir(struct settings *settings, struct cf_error *err);

/* Variables CAPTCHA_SITE_NAME_KEY; for others of envp nothing is done. */
#define SITES_ENV_PREFIX "CAPTCHA_SITE_"
CF_MUST_CHECK
enum cf_status sites_read_environment(struct settings *settings,
				      char *const *envp, struct cf_error *err);

/* Check all sites, hash their secrets and zero them. Add the site
 * SETTINGS_BASE_NAME when there is none. */
CF_MUST_CHECK
enum cf_status sites_finish(struct settings *settings, struct cf_error *err);

/* The sections with their own keys, as settings_print shows them. */
void sites_print(const struct settings *settings, struct buf *out);

/* The keys as the body of a manual page section. */
void sites_print_man(struct buf *out);

#endif
