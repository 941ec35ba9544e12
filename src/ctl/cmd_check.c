/*
 * captchactl check: try the parts of an installation as the service uses them,
 * and print each fault with its remedy. Changes only what the service itself
 * changes.
 */
#include "base/base.h"
#include "app/options.h"
#include "app/sandbox.h"
#include "base/crypt.h"
#include "base/file.h"
#include "ctl/ctl.h"

#include <linux/magic.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

enum { FREE_MIN_BYTES = 32 * 1024 * 1024 };

/* Print a finding. remedy is NULL for a part in order, and "" for a fault whose
 * text has the remedy. */
static void CF_PRINTF(4, 5) say(int *n_wrong, const char *remedy,
				const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)printf("%-7s %-9s ", remedy ? "WRONG" : "ok", what);
	(void)vprintf(fmt, args);
	(void)putchar('\n');
	va_end(args);
	*n_wrong += remedy != NULL;
	if (remedy && remedy[0])
		(void)printf("                  → %s\n", remedy);
}

/* Draw a picture of a profile. */
static void check_drawing(struct profile *profile, int *n_wrong)
{
	struct cf_error err = CF_ERROR_INIT;
	const char *name = profile_name(profile);
	char code[STORE_CODE_MAX_BYTES + 1];
	enum cf_status rc;
	struct buf png;

	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	rc = profile_load(profile, &err);
	if (!rc)
		rc = profile_draw_sample(profile, 1, code, &png, &err);
	if (rc == CF_CONFIG)
		say(n_wrong, "", "pictures", "%s", err.text);
	else if (rc)
		say(n_wrong, "captchactl fonts lists what each font has",
		    "fonts", "%s", err.text);
	else
		say(n_wrong, NULL, "fonts",
		    "%s%s%s%zu faces; a picture has about %zu bytes",
		    name[0] ? "[profile " : "", name, name[0] ? "]: " : "",
		    generator_n_faces(profile_generator(profile)), png.len);
	buf_release(&png);
}

static void check_directory(const char *what, const char *path,
			    bool is_private, int *n_wrong)
{
	static const char init[] = "captchactl init --user USER, with the "
				   "user of the web server";
	char chmod[SETTINGS_PATH_BYTES + 16];
	unsigned long long free_bytes;
	const struct passwd *pw;
	struct statvfs fs;
	struct stat st;

	if (stat(path, &st) || statvfs(path, &fs)) {
		say(n_wrong, init, what, "%s: %s", path, strerror(errno));
		return;
	}
	free_bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
	pw = getpwuid(st.st_uid);
	(void)snprintf(chmod, sizeof(chmod), "chmod 700 %s", path);
	if (access(path, W_OK | X_OK))
		say(n_wrong, init, what, "%s: uid %ld cannot write there: %s",
		    path, (long)geteuid(), strerror(errno));
	else if (is_private && (st.st_mode & 077))
		say(n_wrong, chmod, what,
		    "%s has mode %04o: file names there hold codes", path,
		    (unsigned)st.st_mode & 07777);
	else if (free_bytes < FREE_MIN_BYTES)
		say(n_wrong, "make room, or name a directory on another file "
		    "system", what, "%s: %llu kB are left", path,
		    free_bytes / 1024);
	else
		say(n_wrong, NULL, what, "%s belongs to %s", path,
		    pw ? pw->pw_name : "a user without a name");
}

/* A picture lives for minutes: a disk writes it in vain. */
static void hint_at_memory(const char *cache_dir)
{
	struct statfs fs;

	/* the type of f_type depends on the processor */
	if (!statfs(cache_dir, &fs) && (uint32_t)fs.f_type != TMPFS_MAGIC &&
	    (uint32_t)fs.f_type != RAMFS_MAGIC)
		(void)puts("                  hint: on a disk; in memory "
			   "(tmpfs) checks are up to twice as fast");
}

static void check_store(struct app *app, int *n_wrong)
{
	const struct store_options options = options_store(&app->settings);
	const char *database = app->settings.database;
	bool is_local = app->settings.store == SETTINGS_STORE_SQLITE;
	const char *what = is_local ? "database" : "store";
	struct cf_error err = CF_ERROR_INIT;
	char remedy[2 * SETTINGS_PATH_BYTES], place[STORE_PLACE_BYTES];
	int64_t n = 0;
	enum cf_status rc;

	rc = store_open(&options, STORE_FOR_MANY, &app->store, &err);
	if (!rc)
		rc = store_probe(app->store, &err);
	if (!rc)
		rc = store_count(app->store, 0, &n, &err);
	if (is_local && rc == CF_CORRUPT)
		(void)snprintf(remedy, sizeof(remedy),
			       "mv %.200s /tmp/ (challenges of the last "
			       "minutes are in it, nothing else)", database);
	else if (is_local && rc == CF_BUSY)
		(void)snprintf(remedy, sizeof(remedy), "find who holds it: "
			       "fuser -v %s", database);
	else
		(void)snprintf(remedy, sizeof(remedy),
			       "see captchactl(1), %s",
			       is_local ? "DATABASE" : "REDIS");
	store_place(&options, place);
	if (rc)
		say(n_wrong, remedy, what, "%s", err.text);
	else
		say(n_wrong, NULL, what, "%s takes writes; %lld %s", place,
		    (long long)n, is_local ? "challenges" : "keys");
}

static void check_pool(struct app *app, int *n_wrong)
{
	struct cf_error err = CF_ERROR_INIT;
	struct pool_options options;
	struct pool_stats stats;
	int64_t max_bytes;
	enum cf_status rc;

	app_bound_cache(app);
	max_bytes = app->settings.cache_max_bytes;
	options = options_pool(&app->settings);
	app->pool = pool_new(&options, app->clk);
	if (!app->pool)
		return;
	rc = pool_probe(app->pool, &err);
	if (!rc)
		rc = pool_count(app->pool, &stats, &err);
	if (rc)
		say(n_wrong, "make room, or see to the rights of cache_dir",
		    "pool", "%s", err.text);
	else
		say(n_wrong,
		    stats.bytes < max_bytes ? NULL
					    : "run captchactl clean, or raise "
					      "cache_max_bytes",
		    "pool", "%lld of %lld pictures wait; %lld kB of %lld kB "
		    "are used", (long long)stats.n_ready,
		    (long long)ctl_pool_size(app),
		    (long long)stats.bytes / 1024, (long long)max_bytes / 1024);
}

/* The parts of a sandbox that are to be had. A missing part is no fault. */
static void check_sandbox(int *n_wrong)
{
	struct sandbox_parts parts;
	char landlock[32] = "this kernel has no Landlock";

	sandbox_ask(&parts);
	if (parts.landlock)
		(void)snprintf(landlock, sizeof(landlock), "Landlock %d",
			       parts.landlock);
	say(n_wrong, NULL, "sandbox", "system calls: %s; files: %s",
	    parts.has_filter ? "filtered" : parts.no_filter, landlock);
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	char dir[SETTINGS_PATH_BYTES];
	int n_wrong = 0;
	enum cf_status rc = crypt_open(err);

	(void)args;
	if (rc)
		return rc;
	say(&n_wrong, NULL, "settings", "%s",
	    app->settings.file[0] ? app->settings.file
				  : "no file; defaults and the environment");
	rc = app_make_profiles(app, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < app->n_profiles; i++)
		check_drawing(app->profiles[i], &n_wrong);
	check_sandbox(&n_wrong);
	file_parent(app->settings.database, dir, sizeof(dir));
	if (app->settings.store == SETTINGS_STORE_SQLITE)
		check_directory("data", dir, false, &n_wrong);
	check_directory("cache", app->settings.cache_dir, true, &n_wrong);
	hint_at_memory(app->settings.cache_dir);
	/* opening store and pool would make missing directories */
	if (!n_wrong) {
		check_store(app, &n_wrong);
		check_pool(app, &n_wrong);
	}
	if (!n_wrong)
		return CF_OK;
	(void)printf("%d %s wrong\n", n_wrong,
		     n_wrong == 1 ? "thing is" : "things are");
	return CF_IO;
}

const struct ctl_command ctl_check = {
	.name = "check",
	.summary = "Say what is wrong with an installation, and how to mend it",
	.help = "Run it as the user of the web server, or as root with --user.\n"
		"Exit code 0 when all is well.\n",
	.options = "",
	.needs_app = false,
	.run = run,
};
