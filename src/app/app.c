/*
 * Opening and closing the parts of a process: see app.h.
 */
#include "base/base.h"
#include "app/app.h"
#include "app/options.h"
#include "app/sandbox.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/metrics.h"
#include "base/text.h"
#include "heap/snapshot.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { LOOK_EVERY_MS = 1000 }; /* for directories that were made anew */

enum cf_status app_load(struct app *app, const struct app_sources *sources,
			struct cf_error *err)
{
	enum cf_status rc;

	*app = (struct app){.clk = clk_system(),
			    .has_no_sandbox = sources->has_no_sandbox};
	log_init(&app->log, sources->program, LOG_LEVEL_WARN, LOG_TO_STDERR);
	settings_init(&app->settings);
	app->settings.leaves_sites = sources->leaves_sites;
	rc = settings_load(&app->settings, sources->config_path, sources->envp,
			   sources->sets, sources->n_sets, err);
	if (rc)
		return rc;
	log_init(&app->log, sources->program,
		 (enum log_level)app->settings.log_level,
		 sources->is_for_person ? LOG_TO_PERSON
					: (enum log_to)app->settings.log);
	return CF_OK;
}

void app_bound_cache(struct app *app)
{
	char dir[SETTINGS_PATH_BYTES], below[SETTINGS_PATH_BYTES];
	struct statvfs fs;
	uint64_t quarter;

	if (settings_is_given(&app->settings, "cache_max_bytes"))
		return;
	(void)snprintf(dir, sizeof(dir), "%s", app->settings.cache_dir);
	/* the parent stands for a directory that is still to be made */
	while (statvfs(dir, &fs)) {
		memcpy(below, dir, sizeof(below));
		file_parent(below, dir, sizeof(dir));
		if (!strcmp(dir, below))
			return;
	}
	quarter = (uint64_t)fs.f_blocks * fs.f_frsize / 4;
	if (quarter && quarter < (uint64_t)app->settings.cache_max_bytes)
		app->settings.cache_max_bytes = (int64_t)quarter;
}

enum cf_status app_make_profiles(struct app *app, struct cf_error *err)
{
	const struct settings *s = &app->settings;

	for (size_t i = 0; i <= s->n_sections; i++) {
		const struct settings_section *section =
			i ? s->sections[i - 1] : NULL;
		struct profile_options options =
			options_profile(section ? &section->profile : &s->base);

		app->profiles[i] = profile_new(section ? section->name : "",
					       &options, app->pool);
		if (!app->profiles[i])
			return cf_fail(err, CF_NOMEM,
				       "no memory for profiles");
		app->n_profiles++;
	}
	return CF_OK;
}

/* Load all profiles now, so that a fault stops the start. */
static enum cf_status load_profiles(struct app *app, struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < app->n_profiles && !rc; i++)
		rc = profile_load(app->profiles[i], err);
	return rc;
}

/* Share counters with other processes; without the file this process counts
 * alone. */
static void open_metrics(struct app *app)
{
	struct cf_error err = CF_ERROR_INIT, why = CF_ERROR_INIT;
	int fd;
	enum cf_status rc = file_open_made_dir(app->settings.cache_dir, &fd,
					       &err);

	if (!rc) {
		rc = metrics_open(fd, &err);
		(void)close(fd);
	}
	if (!rc)
		return;
	errno = err.sys_errno;
	(void)cf_fail(&why, rc, "%.160s: %s", app->settings.cache_dir,
		      err.text);
	log_error(&app->log, LOG_LEVEL_WARN, "metrics", &why);
}

static enum cf_status open_parts(struct app *app, enum app_role role,
				 struct cf_error *err)
{
	struct challenge_parts parts = {
		.options = options_challenge(&app->settings),
		.log = &app->log,
		.clk = app->clk,
		.has_pauses = role == APP_FASTCGI,
	};
	struct store_options store_options = options_store(&app->settings);
	struct pool_options pool_options;
	enum cf_status rc = crypt_open(err);

	if (rc)
		return rc;
	app_bound_cache(app);
	pool_options = options_pool(&app->settings);
	app->pool = pool_new(&pool_options, app->clk);
	if (!app->pool)
		return cf_fail(err, CF_NOMEM, "no memory for the pool");
	rc = app_make_profiles(app, err);
	if (!rc && role == APP_FASTCGI)
		rc = load_profiles(app, err);
	if (rc)
		return rc;
	rc = store_open(&store_options,
			role == APP_CGI ? STORE_FOR_ONE : STORE_FOR_MANY,
			&app->store, err);
	if (rc)
		return rc;
	if (app->settings.audio) {
		app->sets = sets_new(app->settings.cache_dir, &app->log,
				     app->clk);
		if (!app->sets)
			return cf_fail(err, CF_NOMEM, "no memory for sounds");
	}
	parts.store = app->store;
	parts.sets = app->sets;
	parts.pool = app->pool;
	parts.profiles = app->profiles;
	parts.n_profiles = app->n_profiles;
	open_metrics(app);
	app->challenge = challenge_new(&parts);
	if (!app->challenge)
		return cf_fail(err, CF_NOMEM, "no memory for challenges");
	return CF_OK;
}

enum cf_status app_open(struct app *app, enum app_role role,
			struct cf_error *err)
{
	enum cf_status rc;

	sandbox_guard_memory();
	rc = open_parts(app, role, err);
	if (rc)
		app_close(app);
	return rc;
}

void app_warn(const struct app *app)
{
	const struct settings *s = &app->settings;

	if (s->test_keys)
		log_event(&app->log, LOG_LEVEL_WARN, "sites",
			  "text=\"test_keys = yes: the public test keys of "
			  "the vendors pass everybody\"");
	for (size_t i = 0; i < s->n_sites; i++) {
		const struct settings_site *site = s->sites[i];

		if (site->is_exposed)
			log_event(&app->log, LOG_LEVEL_WARN, "sites",
				  "site=%s text=\"%s is readable by others and "
				  "has the secret in the clear: chmod 640, or "
				  "keep sha256:... there\"",
				  site->name, site->file);
		if (text_has_word(site->hostnames, STR_LIT("any")))
			log_event(&app->log, LOG_LEVEL_WARN, "sites",
				  "site=%s text=\"hostnames = any: any page may "
				  "use this sitekey\"", site->name);
	}
}

enum cf_status app_try_write(const struct app *app, struct cf_error *err)
{
	struct challenge_health health;

	challenge_check_health(app->challenge, &health);
	if (app->settings.store == SETTINGS_STORE_SQLITE &&
	    health.store == CF_IO)
		return cf_fail(err, CF_IO, "%s", health.store_error.text);
	if (health.cache == CF_IO && health.cache_error.sys_errno == EROFS)
		return cf_fail(err, CF_IO, "%s", health.cache_error.text);
	return CF_OK;
}

/* The directory of the database, behind a symbolic link: SQLite writes the
 * journal beside the file itself. */
static void database_dir(const struct app *app, char dir[PATH_MAX])
{
	char file[PATH_MAX];

	file_parent(realpath(app->settings.database, file)
			    ? file
			    : app->settings.database,
		    dir, PATH_MAX);
}

/* cache_dir or, while cache_dir is missing, its parent: the pool makes it
 * there later. Never the root directory, since everything is below it. */
static void pool_dir(const struct app *app, char dir[SETTINGS_PATH_BYTES])
{
	const char *cache_dir = app->settings.cache_dir;
	struct stat st;

	file_parent(cache_dir, dir, SETTINGS_PATH_BYTES);
	if ((!stat(cache_dir, &st) && S_ISDIR(st.st_mode)) || !strcmp(dir, "/"))
		(void)snprintf(dir, SETTINGS_PATH_BYTES, "%s", cache_dir);
}

static void keep_dir(struct app *app, const char *path)
{
	struct app_dir *dir = &app->dirs[app->n_dirs];

	dir->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd < 0)
		return;
	(void)snprintf(dir->path, sizeof(dir->path), "%s", path);
	app->n_dirs++;
}

bool app_has_moved(struct app *app)
{
	int64_t now = clk_mono_ms(&app->clk);
	bool has_moved = false;

	if (!app->n_dirs || now - app->looked_mono_ms < LOOK_EVERY_MS)
		return false;
	app->looked_mono_ms = now;
	for (size_t i = 0; i < app->n_dirs && !has_moved; i++) {
		const struct app_dir *dir = &app->dirs[i];
		struct stat held, there;

		/* a directory that is missing may come back */
		has_moved = !fstat(dir->fd, &held) &&
			    !stat(dir->path, &there) &&
			    (held.st_dev != there.st_dev ||
			     held.st_ino != there.st_ino);
		if (has_moved && !app->has_logged_moved)
			log_event(&app->log, LOG_LEVEL_WARN, "moved",
				  "dir=\"%s\" text=\"was removed and made "
				  "anew: a process that has shut itself in "
				  "cannot enter it and has to be started "
				  "again\"", dir->path);
	}
	app->has_logged_moved |= has_moved;
	return has_moved;
}

/* Where heap snapshots are written. */
static void snapshot_dir(const struct app *app, char dir[SETTINGS_PATH_BYTES])
{
	const struct settings *s = &app->settings;

	if (s->store == SETTINGS_STORE_SQLITE)
		file_parent(s->database, dir, SETTINGS_PATH_BYTES);
	else
		(void)snprintf(dir, SETTINGS_PATH_BYTES, "%s", s->cache_dir);
}

void app_shut_in(struct app *app)
{
	char data[PATH_MAX], pool[SETTINGS_PATH_BYTES];
	char snapshots[SETTINGS_PATH_BYTES];
	const char *const dirs[APP_DIRS_MAX] = {pool, snapshots, data};
	bool is_local = app->settings.store == SETTINGS_STORE_SQLITE;
	const struct sandbox sandbox = {
		.dirs = dirs,
		.n_dirs = CF_ARRAY_LEN(dirs) - !is_local,
		.may_syslog = app->log.to == LOG_TO_SYSLOG,
		.may_connect = !is_local,
	};
	struct cf_error err = CF_ERROR_INIT;
	struct sandbox_parts parts;

	if (app->has_no_sandbox)
		return;
	if (is_local)
		database_dir(app, data);
	pool_dir(app, pool);
	snapshot_dir(app, snapshots);
	for (size_t i = 0; i < sandbox.n_dirs; i++)
		keep_dir(app, dirs[i]);
	if (sandbox_enter(&sandbox, &parts, &err))
		log_error(&app->log, LOG_LEVEL_WARN, "sandbox", &err);
	log_event(&app->log, LOG_LEVEL_INFO, "sandbox", "filter=%s landlock=%d",
		  parts.has_filter ? "yes" : "no", parts.landlock);
	if (parts.no_filter)
		log_event(&app->log, LOG_LEVEL_INFO, "sandbox", "text=\"%s\"",
			  parts.no_filter);
}

void app_snapshot(const struct app *app)
{
	char dir[SETTINGS_PATH_BYTES];
	struct cf_error err = CF_ERROR_INIT;
	char name[SNAPSHOT_NAME_BYTES];
	enum cf_status rc;
	int fd;

	snapshot_dir(app, dir);
	rc = file_open_dir(AT_FDCWD, dir, false, &fd, &err);
	if (!rc) {
		rc = snapshot_write(fd, clk_unix_ms(&app->clk), name, &err);
		(void)close(fd);
	}
	if (rc)
		log_error(&app->log, LOG_LEVEL_ERROR, "snapshot", &err);
	else
		log_event(&app->log, LOG_LEVEL_WARN, "snapshot",
			  "file=\"%s/%s\"", dir, name);
}

void app_close(struct app *app)
{
	while (app->n_dirs)
		(void)close(app->dirs[--app->n_dirs].fd);
	challenge_free(app->challenge);
	sets_free(app->sets);
	store_close(app->store);
	while (app->n_profiles)
		profile_free(app->profiles[--app->n_profiles]);
	pool_free(app->pool);
	settings_release(&app->settings);
	metrics_close();
	app->challenge = NULL;
	app->sets = NULL;
	app->store = NULL;
	app->pool = NULL;
}
