/*
 * The parts of a process, built in order and freed in reverse: settings →
 * log → pool → profile → store → challenge. The one place where objects
 * are wired together.
 *
 * app_open, use the parts, app_close. Open after fork: a database connection
 * belongs to one process.
 *
 * Layer: app uses base, conf, heap, image, pool, store and challenge.
 */
#ifndef CF_APP_APP_H
#define CF_APP_APP_H

#include "conf/settings.h"
#include "challenge/challenge.h"

#include <limits.h>

enum app_role {
	APP_FASTCGI, /* serves many: fonts are loaded before the first */
	APP_CGI,     /* serves one: loads what that one needs */
	APP_TOOL,    /* an operator's command */
};

enum { APP_DIRS_MAX = 3 };

/* A directory that the sandbox lets a process into, held open: so its number
 * stays its own, also when it is removed. */
struct app_dir {
	char path[PATH_MAX];
	int fd;
};

/* Fields are for reading. All but the settings are NULL or empty before
 * app_open and after app_close. */
struct app {
	struct settings settings;
	struct log log;
	struct clk clk;
	struct pool *pool;
	/* the base, then the profiles of the settings */
	struct profile *profiles[1 + SETTINGS_PROFILES_MAX];
	size_t n_profiles;
	struct store *store;
	struct challenge *challenge;
	/* of a process that has shut itself in: where, and when it was seen
	 * last that they are in their places */
	struct app_dir dirs[APP_DIRS_MAX];
	size_t n_dirs;
	int64_t looked_mono_ms;
	bool has_said_moved;
	bool has_no_sandbox;
};

/* Where settings come from; all borrowed. See settings_load. */
struct app_sources {
	const char *config_path;
	char *const *envp;
	char *const *sets;
	size_t n_sets;
	const char *program; /* a literal: the name in syslog */
	bool has_no_sandbox; /* app_shut_in does nothing */
};

/* Settings and log alone; enough for commands that touch no data. In any case
 * app_close is to follow. */
CF_MUST_CHECK
enum cf_status app_load(struct app *app, const struct app_sources *sources,
			struct cf_error *err);

/*
 * Unless cache_max_bytes was given, make it a quarter of the file system where
 * that is less: the files take up to twice the bytes that are counted, and the
 * rest is for others. app_open does it, for those who look at the pool only.
 */
void app_bound_cache(struct app *app);

/* The profiles of the settings; app_open does it, for those who draw only. */
CF_MUST_CHECK
enum cf_status app_make_profiles(struct app *app, struct cf_error *err);

/*
 * The rest, after app_load. From here on there are codes in memory: see
 * sandbox_guard_memory(). On failure everything is closed again and err
 * says what stands in the way.
 */
CF_MUST_CHECK
enum cf_status app_open(struct app *app, enum app_role role,
			struct cf_error *err);

/*
 * Enter the sandbox, unless the sources say not to. The process keeps the
 * directories of the database, of pictures and of heap snapshots, as they are
 * now, what it has open, connections to Redis if that is the store, and syslog
 * where the log goes there. After app_open. Whatever comes of it is logged: a
 * kernel that has none of it stops nobody.
 */
void app_shut_in(struct app *app);

/*
 * Whether a directory that the process has shut itself in with was removed, and
 * another one is in its place. Nothing but another process comes into that: end
 * where one follows. Looks once in a second, and is logged the first time.
 */
CF_MUST_CHECK
bool app_has_moved(struct app *app);

/* Where heap snapshots are written: beside the database, or with Redis in
 * cache_dir. Needs the settings alone. */
void app_snapshot_dir(const struct app *app, char dir[SETTINGS_PATH_BYTES]);

/* Write a heap snapshot to where the settings say, and log its name, or why
 * there is none. */
void app_snapshot(const struct app *app);

/* Accepts a zeroed app. */
void app_close(struct app *app);

#endif
