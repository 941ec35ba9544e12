/*
 * Settings: one table of keys gives the parser, `captchactl config`, the
 * sample file and the manual page.
 *
 * settings_init, settings_load, then const for the life of the process.
 *
 * A key is looked for on the command line (--set key=value), then in the
 * environment (CAPTCHA_KEY), then in the file, then in its default. An
 * unknown key or a value out of range is CF_CONFIG, and the error names the
 * place, the key, the value and the allowed range.
 */
#ifndef CF_BASE_SETTINGS_H
#define CF_BASE_SETTINGS_H

#include "base/buf.h"
#include "base/log.h"

enum {
	SETTINGS_PATH_BYTES = 512,
	SETTINGS_LIST_BYTES = 1024,
	SETTINGS_WORD_BYTES = 128,
	SETTINGS_FILE_MAX_BYTES = 64 * 1024,
};

enum settings_store { SETTINGS_STORE_SQLITE };

enum settings_sendfile {
	SETTINGS_SENDFILE_OFF,
	SETTINGS_SENDFILE_X_SENDFILE,
	SETTINGS_SENDFILE_X_ACCEL,
};

/* Strings are NUL-terminated and fit; numbers are within their range.
 * The table in settings.c says what each one means. */
struct settings {
	/* where things are */
	int64_t store; /* enum settings_store */
	char database[SETTINGS_PATH_BYTES];
	char cache_dir[SETTINGS_PATH_BYTES];
	/* challenges */
	int64_t ttl_s;
	int64_t attempts;
	int64_t max_live;
	int64_t reserve;
	int64_t busy_timeout_ms;
	/* the pool */
	int64_t pool_size;
	int64_t pool_max_age_s;
	int64_t cache_max_bytes;
	/* pictures */
	int64_t width_px;
	int64_t height_px;
	int64_t margin_px;
	int64_t font_size_px;
	int64_t length_min;
	int64_t length_max;
	char alphabet[SETTINGS_WORD_BYTES];
	char fonts[SETTINGS_LIST_BYTES];
	char ink[SETTINGS_WORD_BYTES];
	char paper[SETTINGS_WORD_BYTES];
	int64_t quality;
	/* HTTP */
	int64_t max_body_bytes;
	int64_t max_query_bytes;
	int64_t max_field_bytes;
	char allow_origin[SETTINGS_LIST_BYTES];
	char public_url[SETTINGS_PATH_BYTES];
	int64_t sendfile; /* enum settings_sendfile */
	char sendfile_prefix[SETTINGS_PATH_BYTES];
	int64_t demo; /* 0 or 1 */
	/* the log */
	int64_t log; /* enum log_to */
	int64_t log_level; /* enum log_level */
};

enum settings_source {
	SETTINGS_FROM_DEFAULT,
	SETTINGS_FROM_FILE,
	SETTINGS_FROM_ENVIRONMENT,
	SETTINGS_FROM_COMMAND_LINE,
};

enum { SETTINGS_N_MAX = 64 };

/* What was loaded and where from. */
struct settings_origin {
	char file[SETTINGS_PATH_BYTES]; /* empty: no file was read */
	enum settings_source source[SETTINGS_N_MAX]; /* by row of the table */
};

/* Every key at its default. */
void settings_init(struct settings *settings);

/*
 * Read file, environment and command line, in that order, over what is there.
 *
 * path    the settings file; NULL for CAPTCHA_CONFIG or else the built-in
 *         place, where a missing file is no fault
 * envp    "NAME=value" strings, NULL at the end; only CAPTCHA_* is looked at
 * sets    n_sets strings "key=value" of the command line
 * origin  filled for settings_print; may be NULL
 * returns CF_OK or CF_CONFIG, err filled; settings is then not to be used
 */
CF_MUST_CHECK
enum cf_status settings_load(struct settings *settings, const char *path,
			     char *const *envp, char *const *sets,
			     size_t n_sets, struct settings_origin *origin,
			     struct cf_error *err);

/* "key = value", tab, where from: one line for each key. */
void settings_print(const struct settings *settings,
		    const struct settings_origin *origin, struct buf *out);

/* The sample file, with help, ranges and defaults as comments. */
void settings_print_sample(struct buf *out);

/* The keys as the body of a manual page section, in man(7) macros. */
void settings_print_man(struct buf *out);

#endif
