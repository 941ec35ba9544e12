/*
 * The parts of a process, built in order and freed in reverse: settings →
 * log → pool → profile → store → voices → challenge.
 *
 * app_load, app_open, use the parts, app_close. Open after fork: a database
 * connection belongs to one process.
 *
 * Layer: app uses base, conf, heap, image, pool, sound, store and challenge.
 */
#ifndef CF_APP_APP_H
#define CF_APP_APP_H

#include "conf/settings.h"
#include "challenge/challenge.h"

#include <limits.h>

enum app_role {
	APP_FASTCGI, /* many requests: loads fonts before the first */
	APP_CGI,     /* one request: loads what that request needs */
	APP_TOOL,    /* an operator's command */
};

enum { APP_DIRS_MAX = 3 };

/* A directory that the sandbox lets the process into. Held open, so that no
 * other directory gets its inode number when it is removed. */
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
	struct sets *sets; /* NULL without sound */
	struct challenge *challenge;
	struct app_dir dirs[APP_DIRS_MAX]; /* of the sandbox */
	size_t n_dirs;
	int64_t looked_mono_ms; /* when app_has_moved compared them last */
	bool has_logged_moved;
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
	bool leaves_sites;   /* for settings_finish_sites */
	bool is_for_person;  /* the log is for the reader of a terminal */
};

/* Whether the parts of an open app take a write: CF_IO when a directory is
 * read-only, as one that the unit of systemd does not allow. A full disk or a
 * lock is no fault here, nor is Redis out of reach. */
CF_MUST_CHECK
enum cf_status app_try_write(const struct app *app, struct cf_error *err);

/* Load settings and open the log. app_close follows, also after a failure. */
CF_MUST_CHECK
enum cf_status app_load(struct app *app, const struct app_sources *sources,
			struct cf_error *err);

/* Unless cache_max_bytes was given, make it at most a quarter of the file
 * system: files take up to twice the bytes that are counted, and other
 * programs use the rest. Part of app_open, for commands that open the pool
 * alone. */
void app_bound_cache(struct app *app);

/* Make the profiles of the settings. Part of app_open, for commands that only
 * draw. */
CF_MUST_CHECK
enum cf_status app_make_profiles(struct app *app, struct cf_error *err);

/*
 * Open the rest, after app_load. It guards the memory, which has codes from
 * then on: see sandbox_guard_memory(). After a failure all parts are closed
 * again.
 */
CF_MUST_CHECK
enum cf_status app_open(struct app *app, enum app_role role,
			struct cf_error *err);

/* Log what the settings of sites allow and an operator may not mean: once for a
 * start of the service. Processes that a web server starts log it each. */
void app_warn(const struct app *app);

/*
 * Enter the sandbox, after app_open, unless the sources say not to. The
 * process keeps the directories of the database, of pictures and of heap
 * snapshots as they are now, its open files, connections to Redis if that is
 * the store, and syslog if the log goes there. Logs what is in force, and goes
 * on where the kernel has no sandbox.
 */
void app_shut_in(struct app *app);

/*
 * Whether a directory of the sandbox was removed and made anew. Only a new
 * process has access to the new directory: end if one follows. Compares once a
 * second, and logs the first difference.
 */
CF_MUST_CHECK
bool app_has_moved(struct app *app);

/* Write a heap snapshot beside the database, or with Redis into cache_dir, and
 * log its name or the error. */
void app_snapshot(const struct app *app);

/* Accepts a zeroed app. */
void app_close(struct app *app);

#endif
