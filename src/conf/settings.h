/*
 * Settings: one table of keys gives the parser, `captchactl config`, the
 * sample file and the manual page.
 *
 * settings_init, settings_load, then const for the life of the process;
 * settings_profiles_release.
 *
 * A key is looked for on the command line (--set key=value), then in the
 * environment (CAPTCHA_KEY), then in the file, then in its default. An
 * unknown key or a value out of range is CF_CONFIG, and the error names the
 * place, the key, the value and the allowed range.
 *
 * After all keys of the base the file may have sections [profile NAME] with
 * those keys that a profile may have of its own. Environment and command line
 * set the base: a profile follows it in all that its section does not say.
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

/* Strings are NUL-terminated and fit; numbers are within their range.
 * The table in keys.c says what each one means. */
struct settings {
	/* where things are */
	char store_url[SETTINGS_PATH_BYTES];
	int64_t store_timeout_ms;
	char cache_dir[SETTINGS_PATH_BYTES];
	/* challenges */
	int64_t ttl_s;
	int64_t attempts;
	int64_t max_live;
	/* the pool */
	int64_t pool_size;
	int64_t cache_max_bytes;
	/* what is asked */
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
	const char *alphabet; /* alphabet_characters; of settings_profiles */
	char fonts[SETTINGS_LIST_BYTES];
	int64_t theme; /* enum settings_theme */
	char ink[SETTINGS_WORD_BYTES];
	char paper[SETTINGS_WORD_BYTES];
	/* HTTP */
	char allow_origin[SETTINGS_LIST_BYTES];
	char public_url[SETTINGS_PATH_BYTES];
	int64_t demo; /* 0 or 1 */
	/* what one address may do */
	int64_t issue_per_minute; /* 0: anything, as below */
	int64_t issue_burst;
	int64_t failed_per_minute;
	int64_t failed_burst;
	char trusted_proxies[SETTINGS_LIST_BYTES]; /* net_list_parse */
	/* for the operator */
	char metrics_allow[SETTINGS_LIST_BYTES]; /* likewise */
	int64_t log; /* enum log_to */
	int64_t log_level; /* enum log_level */
	/* no keys: the most attempts that the base or a profile gives; and
	 * what store_url says */
	int64_t attempts_max;
	int64_t store;			     /* enum settings_store */
	char database[SETTINGS_PATH_BYTES];  /* of SQLite; "" with Redis */
	char redis_url[SETTINGS_PATH_BYTES]; /* of Redis; "" with SQLite */
	char key_prefix[SETTINGS_WORD_BYTES];
	int64_t redis_wait_replicas;
};

enum { SETTINGS_N_MAX = 64 };

/* One section of the file. */
struct settings_profile {
	char name[SETTINGS_PROFILE_MAX_CHARS + 1]; /* of [a-z0-9_-] */
	struct settings settings; /* whole: the base's, but for its own */
	struct conf_origin from[SETTINGS_N_MAX]; /* by row of the table */
	int line; /* of the section */
};

/* In the order of the file. Zeroed, there are none. */
struct settings_profiles {
	struct settings_profile *list[SETTINGS_PROFILES_MAX];
	size_t n;
	struct conf_texts texts; /* of the base, too */
};

/* What the base is called where a name is needed; no section has it. */
#define SETTINGS_BASE_NAME "default"

/* What was loaded and where from. */
struct settings_origin {
	char file[SETTINGS_PATH_BYTES]; /* empty: no file was read */
	struct conf_origin from[SETTINGS_N_MAX]; /* by row of the table */
};

/* Every key at its default. */
void settings_init(struct settings *settings);

/*
 * Read file, environment and command line, in that order, over what is there.
 *
 * profiles  the file's sections, whole; empty on entry, and released by the
 *           caller also after a failure, once settings is no longer used
 * path      the settings file; NULL for CAPTCHA_CONFIG or else the built-in
 *           place, where a missing file is no fault
 * envp      "NAME=value" strings, NULL at the end; only CAPTCHA_* is looked at
 * sets      n_sets strings "key=value" of the command line
 * origin    filled for settings_print; may be NULL
 * returns   CF_OK; CF_CONFIG, err filled, and nothing is then to be used;
 *           CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status settings_load(struct settings *settings,
			     struct settings_profiles *profiles,
			     const char *path, char *const *envp,
			     char *const *sets, size_t n_sets,
			     struct settings_origin *origin,
			     struct cf_error *err);
void settings_profiles_release(struct settings_profiles *profiles);

/* Whether a key of the base was given anywhere, or has its default. */
bool settings_is_given(const struct settings_origin *origin, const char *name);

/*
 * A number that is another one when a setting is that tells what pictures look
 * like or say, or when a file that it names was changed. Of files it is the
 * length and the time of the last change that count, and of a directory those
 * of the directory itself: a CGI process that takes a picture out of the pool
 * reads neither words nor fonts, and is to find out what belongs to them.
 */
uint64_t settings_hash_pictures(const struct settings *settings);

/* "key = value", tab, where from: one line for each key; then each profile's
 * section with its own keys. *** stands for a password. */
void settings_print(const struct settings *settings,
		    const struct settings_profiles *profiles,
		    const struct settings_origin *origin, struct buf *out);

/* The sample file, with help, ranges and defaults as comments. */
void settings_print_sample(struct buf *out);

/* The keys as the body of a manual page section, in man(7) macros. */
void settings_print_man(struct buf *out);

#endif
