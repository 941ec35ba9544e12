/*
 * The sections [site NAME], in the settings file, in sites_dir and in the
 * environment.
 *
 * Private to conf; settings.h has the result, and settings_finish_sites() and
 * settings_print_site().
 */
#ifndef CF_CONF_SITES_H
#define CF_CONF_SITES_H

#include "conf/conf.h"
#include "conf/settings.h"

/* In front of the hash of a secret. */
#define SITES_HASH_PREFIX "sha256:"

/* Add a site; *target is where the lines of its section go. */
CF_MUST_CHECK
enum cf_status site_add(struct settings *settings, const char *name,
			const char *file, int line, struct conf_target *target,
			struct cf_error *err);

/* Read the files *.conf of sites_dir, in the order of their names. A directory
 * that is missing has none. */
CF_MUST_CHECK
enum cf_status site_read_dir(struct settings *settings, struct cf_error *err);

/* Variables CAPTCHA_SITE_NAME_KEY; for others of envp nothing is done. */
#define SITES_ENV_PREFIX "CAPTCHA_SITE_"
CF_MUST_CHECK
enum cf_status site_read_environment(struct settings *settings,
				     char *const *envp, struct cf_error *err);

/* Check a site beside those before it, hash its secrets and zero them. */
CF_MUST_CHECK
enum cf_status site_check(const struct settings *settings, size_t i,
			  struct cf_error *err);

/* The hash of one entry of `secret`, of any form. */
CF_MUST_CHECK
enum cf_status site_hash_secret(const struct settings_site *site,
				struct str entry,
				uint8_t hash[SETTINGS_SECRET_HASH_BYTES],
				struct cf_error *err);

/* Where `secret` was given. */
const struct conf_origin *site_secret_origin(const struct settings_site *site);

/* The sections with their own keys, as settings_print shows them. */
void site_print(const struct settings *settings, struct buf *out);

/* The keys as the body of a manual page section. */
void site_print_man(struct buf *out);

#endif
