/*
 * Sections [site NAME] as captchactl writes them: a file of sites_dir for a new
 * site, and changes of a section where it stands.
 *
 * Settings are loaded with leaves_sites. A file is replaced by rename(2), so a
 * process that starts meanwhile reads the old file or the new file.
 */
#ifndef CF_CONF_SITE_FILE_H
#define CF_CONF_SITE_FILE_H

#include "conf/settings.h"

enum {
	SITE_FILE_ENTRY_CHARS = 7 + 2 * SETTINGS_SECRET_HASH_BYTES
};

struct site_value {
	const char *key, *value;
};

/* "sha256:" and the hash of a secret, NUL-terminated. */
void site_file_entry(const uint8_t hash[SETTINGS_SECRET_HASH_BYTES],
		     char out[SITE_FILE_ENTRY_CHARS + 1]);

/*
 * Check a new site beside those of the settings, after
 * settings_finish_sites(). The implicit site makes room for it.
 *
 * returns  CF_OK; CF_BAD_INPUT, err names what is wrong; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status site_file_check(struct settings *settings, const char *name,
			       const struct site_value *values, size_t n,
			       struct cf_error *err);

/*
 * Write sites_dir/NAME.conf, 0640, and sites_dir if it is missing.
 *
 * group    of the file; (gid_t)-1 leaves it
 * returns  CF_OK; CF_IO, also when a file of this name is there
 */
CF_MUST_CHECK
enum cf_status site_file_write(const struct settings *settings,
			       const char *name,
			       const struct site_value *values, size_t n,
			       gid_t group, struct cf_error *err);

/*
 * Put the entries of `secret` that are in order into hashes, the newest first,
 * before settings_finish_sites(). Entries that the service refuses are left
 * out.
 *
 * returns  how many
 */
size_t site_file_hashes(
	const struct settings_site *site,
	uint8_t hashes[SETTINGS_SECRETS_MAX][SETTINGS_SECRET_HASH_BYTES]);

/* Whether the environment, and no file, has the secret. */
bool site_file_is_environment(const struct settings_site *site);

/*
 * Replace the line `secret` of a section, or add it. The file keeps its owner,
 * its group and its mode.
 *
 * returns  CF_OK; CF_BUSY, the file is not as it was when the settings were
 *          read, or another program holds the lock of its directory; CF_IO
 */
CF_MUST_CHECK
enum cf_status site_file_set_secret(const struct settings_site *site,
				    const char *value, struct cf_error *err);

/* Remove a section, and its file if nothing but comments is left in a file of
 * sites_dir. Returns what site_file_set_secret() does. */
CF_MUST_CHECK
enum cf_status site_file_remove(const struct settings *settings,
				const struct settings_site *site,
				struct cf_error *err);

#endif
