/*
 * captchactl: a table of commands, one file each.
 *
 * Layer: ctl uses app and what app uses.
 */
#ifndef CF_CTL_CTL_H
#define CF_CTL_CTL_H

#include "app/app.h"

enum { CTL_SETS_MAX = 64, CTL_WORDS_MAX = 32 };

/* What the command line said; strings are borrowed from argv, NULL where an
 * option was not given. */
struct ctl_args {
	struct app_sources sources;
	char *sets[CTL_SETS_MAX];
	const char *user;
	const char *count;
	const char *out;
	const char *seed;
	const char *text;
	const char *profile;
	const char *fail_on_growth;
	char *const *words; /* that are no options */
	size_t n_words;
	bool json;
	bool wait;
	bool watch;
	bool sample;
	bool man;
};

/*
 * A command. The settings are loaded in app and, unless needs_app is false,
 * the parts are open. What it prints goes to standard output.
 *
 * returns  CF_OK; or a status with err filled, which main prints: CF_BAD_INPUT
 *          for what the command line says, CF_CONFIG for settings. A command
 *          that has said itself what is wrong leaves err's text empty.
 */
struct ctl_command {
	const char *name;
	const char *summary; /* one line */
	const char *help;    /* paragraphs after the usage */
	const char *options; /* letters of those it takes, see main.c */
	size_t n_words_max;  /* that it takes beside options */
	bool needs_app;
	bool is_anybodys;    /* of no data of the service's: without --user,
				root stays root */
	enum cf_status (*run)(struct app *app, const struct ctl_args *args,
			      struct cf_error *err);
};

extern const struct ctl_command ctl_init, ctl_render, ctl_fill, ctl_clean,
	ctl_stats, ctl_config, ctl_check, ctl_fonts, ctl_heapdiff;

/* How many pictures the pool should have, those of all profiles together. */
int64_t ctl_pool_size(const struct app *app);

/* A whole number from an option; CF_BAD_INPUT names option, value and range. */
CF_MUST_CHECK
enum cf_status ctl_number(const char *option, const char *text, int64_t min,
			  int64_t max, int64_t *out, struct cf_error *err);

#endif
