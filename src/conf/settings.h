/*
 * Settings: one table of keys gives the parser, `captchactl config`, the
 * sample file and the manual page.
 *
 * settings_init, settings_load, then const for the life of the process;
 * settings_release.
 *
 * A key is looked for on the command line (--set key=value), then in the
 * environment (CAPTCHA_KEY), then in the file, then in its default. An
 * unknown key or a value out of range is CF_CONFIG, and the error names the
 * place, the key, the value and the allowed range.
 *
 * After all keys of the base the file may have sections [profile NAME] with
 * keys of struct settings_profile. Environment and command line set the base.
 * A profile has the values of the base where its section does not name the
 * key.
 *
 * Sections [site NAME], with keys of struct settings_site, stand in the same
 * file or in files *.conf of sites_dir. The environment sets their keys by
 * CAPTCHA_SITE_NAME_KEY. Without any there is one site, SETTINGS_BASE_NAME.
 */
#ifndef CF_CONF_SETTINGS_H
#define CF_CONF_SETTINGS_H

#include "base/alphabet.h"
#include "base/buf.h"
#include "base/log.h"
#include "conf/conf.h"

enum {
	SETTINGS_PATH_BYTES = 512,
	SETTINGS_LIST_BYTES = 1024,
	SETTINGS_WORD_BYTES = 128,
	/* of a picture as it is drawn */
	SETTINGS_DRAWN_WIDTH_MAX_PX = 1000,
	SETTINGS_DRAWN_HEIGHT_MAX_PX = 500,
	SETTINGS_FILE_MAX_BYTES = CONF_FILE_MAX_BYTES,
	SETTINGS_PROFILES_MAX = 16,
	SETTINGS_PROFILE_MAX_CHARS = 32,
	SETTINGS_N_MAX = 64, /* keys */
	SETTINGS_SITES_MAX = 1024,
	SETTINGS_SITE_MAX_CHARS = 32,
	SETTINGS_SITEKEY_MAX_CHARS = 64,
	SETTINGS_SECRETS_MAX = 4, /* of a site */
	SETTINGS_SECRET_MIN_CHARS = 20,
	SETTINGS_SECRET_MAX_CHARS = 128,
	SETTINGS_SECRET_HASH_BYTES = 32, /* SHA-256 */
	SETTINGS_SITE_KEYS_MAX = 16,
	SETTINGS_SNR_MIN_DB = -10, /* of sounds */
	SETTINGS_SNR_MAX_DB = 60,
};

enum settings_store { SETTINGS_STORE_SQLITE, SETTINGS_STORE_REDIS };

enum settings_kind {
	SETTINGS_KIND_TEXT,
	SETTINGS_KIND_ARITHMETIC,
	SETTINGS_KIND_WORDS,
};

enum settings_difficulty {
	SETTINGS_EASY,
	SETTINGS_NORMAL,
	SETTINGS_HARD,
};

enum settings_theme {
	SETTINGS_THEME_AUTO,
	SETTINGS_THEME_LIGHT,
	SETTINGS_THEME_DARK,
};

/* In both structs strings are NUL-terminated and fit, and numbers are within
 * their range. The table in keys.c says what each one means. */

/* What each profile may set for itself. */
struct settings_profile {
	/* challenges */
	int64_t ttl_s;
	int64_t attempts;
	int64_t pool_size;
	/* the question */
	int64_t kind; /* enum settings_kind */
	char words[SETTINGS_PATH_BYTES];
	char words_blocked[SETTINGS_PATH_BYTES];
	int64_t word_count;
	/* pictures */
	int64_t width_px; /* as shown; drawn with `scale` times as many */
	int64_t height_px;
	int64_t offset_px;
	int64_t difficulty; /* enum settings_difficulty */
	int64_t scale;
	int64_t length_min;
	int64_t length_max;
	const char *alphabet; /* alphabet_characters */
	const char *fonts;
	int64_t theme; /* enum settings_theme */
	const char *ink;
	const char *paper;
};

/* A section of the file. */
struct settings_section {
	char name[SETTINGS_PROFILE_MAX_CHARS + 1]; /* of [a-z0-9_-] */
	int line;
	struct settings_profile profile;
	struct conf_origin from[SETTINGS_N_MAX]; /* by row of the table */
};

/* A site: an application that shows challenges and has answers verified. */
struct settings_site {
	char name[SETTINGS_SITE_MAX_CHARS + 1]; /* of [a-z0-9-] */
	const char *file; /* where its section stands; NULL: no section */
	int line;
	char sitekey[SETTINGS_SITEKEY_MAX_CHARS + 1];
	const char *secret; /* as given; zeroes after settings_load */
	uint8_t secrets[SETTINGS_SECRETS_MAX][SETTINGS_SECRET_HASH_BYTES];
	size_t n_secrets; /* the newest first; 0: derived by the service */
	/* the secret is in the clear in a file that other users may read */
	bool is_exposed;
	const char *hostnames;
	const char *embedders; /* origins */
	char profile[SETTINGS_PROFILE_MAX_CHARS + 1]; /* "": the base */
	const char *modes;    /* words of picture, audio; the first is shown */
	const char *flavours; /* words of recaptcha, hcaptcha, turnstile */
	const char *language; /* a tag, or auto */
	const char *theme;    /* auto, light or dark */
	int64_t token_ttl_s;
	const char *score; /* a decimal number as it is sent; "": none */
	int64_t checks_remoteip; /* 0 or 1 */
	struct conf_origin from[SETTINGS_SITE_KEYS_MAX];
};

struct settings {
	struct settings_profile base;
	/* where things are */
	char store_url[SETTINGS_PATH_BYTES];
	int64_t store_timeout_ms;
	char cache_dir[SETTINGS_PATH_BYTES];
	int64_t max_live;
	int64_t cache_max_bytes;
	/* HTTP */
	char allow_origin[SETTINGS_LIST_BYTES];
	char public_url[SETTINGS_PATH_BYTES];
	int64_t demo; /* 0 or 1 */
	char sites_dir[SETTINGS_PATH_BYTES];
	int64_t test_keys; /* 0 or 1 */
	/* sound */
	int64_t audio; /* 0 or 1 */
	int64_t audio_snr_db;
	char audio_languages[SETTINGS_WORD_BYTES]; /* tags */
	/* what one address may do; 0 a minute sets no limit */
	int64_t issue_per_minute;
	int64_t issue_burst;
	int64_t failed_per_minute;
	int64_t failed_burst;
	int64_t audio_per_minute;
	int64_t audio_burst;
	char trusted_proxies[SETTINGS_LIST_BYTES]; /* net_list_parse */
	/* for the operator */
	char metrics_allow[SETTINGS_LIST_BYTES]; /* net_list_parse */
	int64_t log;				 /* enum log_to */
	int64_t log_level;			 /* enum log_level */
	/* not keys: the most attempts of base and profiles, and the parts of
	 * store_url */
	int64_t attempts_max;
	int64_t store;			     /* enum settings_store */
	char database[SETTINGS_PATH_BYTES];  /* of SQLite; "" with Redis */
	char redis_url[SETTINGS_PATH_BYTES]; /* of Redis; "" with SQLite */
	char key_prefix[SETTINGS_WORD_BYTES];
	int64_t redis_wait_replicas;
	/* what was loaded */
	char file[SETTINGS_PATH_BYTES];		 /* "": no file was read */
	struct conf_origin from[SETTINGS_N_MAX]; /* by row of the table */
	struct settings_section *sections[SETTINGS_PROFILES_MAX];
	size_t n_sections;
	struct settings_site **sites;
	size_t n_sites; /* 1 or more after settings_load */
	struct conf_texts texts;
	/* Set it between settings_init and settings_load: sites are read, and
	 * settings_finish_sites is yet to be called. */
	bool leaves_sites;
};

_Static_assert(sizeof(struct settings_profile) < 2048,
	       "sixteen profiles stay small");

/* The name of the base. No profile's section may have this name. */
#define SETTINGS_BASE_NAME "default"

/* Set every key to its default. Needs no settings_release. */
void settings_init(struct settings *settings);

/*
 * Read file, environment and command line, in that order, over the defaults
 * of settings_init.
 *
 * path      the settings file; NULL for CAPTCHA_CONFIG or else the built-in
 *           place, where a missing file is no fault
 * envp      "NAME=value" strings, NULL at the end; only CAPTCHA_* is looked at
 * sets      n_sets strings "key=value" of the command line
 * returns   CF_OK; CF_CONFIG, err filled; CF_NOMEM, CF_IO. After a failure
 *           settings is only to be released.
 */
CF_MUST_CHECK
enum cf_status settings_load(struct settings *settings, const char *path,
			     char *const *envp, char *const *sets,
			     size_t n_sets, struct cf_error *err);

/* Check the sites, hash their secrets, and add the site of an installation that
 * has none. Part of settings_load, unless leaves_sites is set. */
CF_MUST_CHECK
enum cf_status settings_finish_sites(struct settings *settings,
				     struct cf_error *err);

/* Set the keys of a site to their defaults. Needs no release. */
void settings_init_site(struct settings_site *site);

/* The site of this name; NULL: there is none. */
struct settings_site *settings_find_site(const struct settings *settings,
					 const char *name);

/* The file that settings_load reads with these arguments; NULL for the built-in
 * place. Borrowed from them. */
const char *settings_named_file(const char *path, char *const *envp);

/* Free the sections, and the texts of all profiles. */
void settings_release(struct settings *settings);

/* Whether file, environment or command line set a key of the base. */
bool settings_is_given(const struct settings *settings, const char *name);

/*
 * A hash of all settings that decide what pictures look like or say, and of
 * the length and time of change of the files and directories that these
 * settings name. A CGI process that takes a picture out of the pool knows by
 * the hash whether the picture is of its settings, and reads no such file.
 */
uint64_t settings_hash_pictures(const struct settings_profile *profile);

/* Print each key as "key = value", a tab and the source of the value. The
 * sections follow, with the keys that they set. *** stands for a password. */
void settings_print(const struct settings *settings, struct buf *out);

/* Print the section of a site, with *** for its secret. */
void settings_print_site(const struct settings_site *site, struct buf *out);

/* The sample file, with help, ranges and defaults as comments. */
void settings_print_sample(struct buf *out);

/* The keys as the body of a manual page section, in man(7) macros; those of
 * sites follow. */
void settings_print_man(struct buf *out);

#endif
