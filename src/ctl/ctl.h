/*
 * captchactl: a table of commands, one file each.
 *
 * Layer: ctl uses app and what app uses.
 */
#ifndef CF_CTL_CTL_H
#define CF_CTL_CTL_H

#include "app/app.h"

enum {
	CTL_SETS_MAX = 64,
	CTL_WORDS_MAX = 32,
	CTL_HOSTNAMES_MAX = 16,
	CTL_LANGS_MAX = 32,
	CTL_OPTIONS_MAX = 32,
};

/* The parsed command line. Strings are borrowed from argv, and NULL where an
 * option was not given. */
struct ctl_args {
	struct app_sources sources;
	char *sets[CTL_SETS_MAX];
	/* the letters of the command's own options that are given, see
	 * main.c; of more than fit only the first */
	char given[CTL_OPTIONS_MAX];
	const char *user;
	const char *count;
	const char *out;
	const char *seed;
	const char *text;
	const char *profile;
	const char *fail_on_growth;
	const char *sitekey;
	const char *snr_db;
	const char *bank;
	const char *langs[CTL_LANGS_MAX];
	size_t n_langs;
	const char *hostnames[CTL_HOSTNAMES_MAX];
	size_t n_hostnames;
	char *const *words; /* arguments that are no options */
	size_t n_words;
	bool json;
	bool wait;
	bool watch;
	bool sample;
	bool man;
	bool env;
	bool finish;
	bool secret;
	bool secret_stdin;
	bool production;
	bool if_installed;
	bool is_by_root; /* root has started the command */
};

/*
 * A command. run prints to standard output. The settings of app are loaded
 * and, if needs_app is true, its parts are open.
 *
 * run returns  CF_OK; or a status with err filled, which main prints:
 *              CF_BAD_INPUT for a wrong command line, CF_CONFIG for settings.
 *              A command that has printed the fault leaves err's text empty.
 */
struct ctl_command {
	const char *name;
	const char *summary; /* one line */
	const char *words;   /* its arguments in the usage; NULL: none */
	const char *help;    /* paragraphs after the usage */
	const char *options; /* the letters of its options, see main.c */
	size_t n_words_max;
	bool needs_app;
	bool becomes_user;   /* run itself calls user_act or user_become */
	bool is_anybodys;    /* uses no data of the service: without --user
				root stays root */
	bool leaves_sites;    /* of struct app_sources */
	enum cf_status (*run)(struct app *app, const struct ctl_args *args,
			      struct cf_error *err);
};

extern const struct ctl_command ctl_init, ctl_render, ctl_fill, ctl_clean,
	ctl_stats, ctl_config, ctl_check, ctl_fonts, ctl_site, ctl_heapdiff,
	ctl_answer, ctl_assets, ctl_audio;

/* What the first argument of a command may be, with options of its own. */
struct ctl_action {
	const char *name;
	const char *options; /* the letters of its options, see main.c */
	const char *named;   /* what its second argument names; NULL: none */
	enum cf_status (*run)(struct app *app, const struct ctl_args *args,
			      struct cf_error *err);
};

/* The action of a command line. NULL, and err is filled: there is none, or it
 * has the wrong options or arguments. */
CF_MUST_CHECK
const struct ctl_action *ctl_find_action(const struct ctl_args *args,
					 const struct ctl_action *actions,
					 size_t n, struct cf_error *err);

/* The long option of a letter. */
const char *ctl_option_name(char letter);

/* pool_size, summed over all profiles. */
int64_t ctl_pool_size(const struct settings *settings);

/* Print and release. main tells of a standard output that takes no more. */
CF_MUST_CHECK
enum cf_status ctl_print(struct buf *out, struct cf_error *err);

/* A whole number from an option; CF_BAD_INPUT names option, value and range. */
CF_MUST_CHECK
enum cf_status ctl_number(const char *option, const char *text, int64_t min,
			  int64_t max, int64_t *out, struct cf_error *err);

/* The seed of --seed, or a random seed. After crypt_open. */
CF_MUST_CHECK
enum cf_status ctl_seed(const struct ctl_args *args, uint64_t *seed,
			struct cf_error *err);

#endif
