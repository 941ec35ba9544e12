/*
 * The parts of a process, built in order and freed in reverse: settings →
 * log → generator → pool → store → challenge. The one place where objects
 * are wired together.
 *
 * app_open, use the parts, app_close. Open after fork: a database connection
 * belongs to one process.
 *
 * Layer: app uses base, image, pool, store and challenge.
 */
#ifndef CF_APP_APP_H
#define CF_APP_APP_H

#include "base/settings.h"
#include "challenge/challenge.h"

enum app_role {
	APP_FASTCGI, /* serves many: fonts are loaded before the first */
	APP_CGI,     /* serves one: loads what that one needs */
	APP_TOOL,    /* an operator's command */
};

/* Fields are for reading. All are NULL or empty before app_open and after
 * app_close. */
struct app {
	struct settings settings;
	struct settings_origin origin;
	struct log log;
	struct clk clk;
	struct generator *gen;
	struct pool *pool;
	struct store *store;
	struct challenge *challenge;
};

/* Where settings come from; all borrowed. See settings_load. */
struct app_sources {
	const char *config_path;
	char *const *envp;
	char *const *sets;
	size_t n_sets;
	const char *program; /* a literal: the name in syslog */
};

/* Settings and log alone; enough for commands that touch no data. */
CF_MUST_CHECK
enum cf_status app_load(struct app *app, const struct app_sources *sources,
			struct cf_error *err);

/* A generator with the options that the settings say; NULL when out of
 * memory. The caller's to free. */
CF_MUST_CHECK
struct generator *app_new_generator(const struct settings *settings);

/*
 * The rest, after app_load. On failure everything is closed again and err
 * says what stands in the way.
 */
CF_MUST_CHECK
enum cf_status app_open(struct app *app, enum app_role role,
			struct cf_error *err);

/* Accepts a zeroed app. */
void app_close(struct app *app);

#endif
