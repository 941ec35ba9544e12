/*
 * captchactl check: look at an installation as the service would, say what
 * is wrong and how to put it right. It changes nothing that the service would
 * not change by itself.
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

struct report {
	int n_wrong;
};

static void say(struct report *report, bool is_right, const char *what,
		const char *text, const char *remedy)
{
	(void)printf("%-7s %-9s %s\n", is_right ? "ok" : "WRONG", what, text);
	if (is_right)
		return;
	report->n_wrong++;
	if (remedy)
		(void)printf("                  → %s\n", remedy);
}

/* What could be better, and is no fault. */
static void hint(const char *text)
{
	(void)printf("                  hint: %s\n", text);
}

/* Draw a picture of a profile. */
static void check_drawing(struct profile *profile, struct report *report)
{
	struct cf_error err = CF_ERROR_INIT;
	char text[160], code[STORE_CODE_MAX_BYTES + 1];
	const char *name = profile_name(profile);
	enum cf_status rc;
	struct buf png;

	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	rc = profile_load(profile, &err);
	if (!rc)
		rc = profile_draw_sample(profile, 1, code, &png, &err);
	if (!rc)
		(void)snprintf(text, sizeof(text),
			       "%s%s%s%zu faces; a picture has about %zu bytes",
			       name[0] ? "[profile " : "", name,
			       name[0] ? "]: " : "",
			       generator_n_faces(profile_generator(profile)),
			       png.len);
	say(report, !rc, rc == CF_CONFIG ? "pictures" : "fonts",
	    rc ? err.text : text,
	    rc == CF_CONFIG ? NULL
			    : "captchactl fonts lists what each font has");
	buf_release(&png);
}

static void check_directory(const char *what, const char *path,
			    bool is_private, struct report *report)
{
	char text[SETTINGS_PATH_BYTES + 128], remedy[2 * SETTINGS_PATH_BYTES];
	const struct passwd *pw;
	struct statvfs fs;
	struct stat st;

	(void)snprintf(remedy, sizeof(remedy),
		       "captchactl init --user USER, with the user of the web "
		       "server");
	if (stat(path, &st)) {
		(void)snprintf(text, sizeof(text), "%s: %s", path,
			       strerror(errno));
		say(report, false, what, text, remedy);
		return;
	}
	pw = getpwuid(st.st_uid);
	if (access(path, W_OK | X_OK)) {
		(void)snprintf(text, sizeof(text),
			       "%s: uid %ld cannot write there: %s", path,
			       (long)geteuid(), strerror(errno));
		say(report, false, what, text, remedy);
		return;
	}
	if (is_private && (st.st_mode & 077)) {
		(void)snprintf(text, sizeof(text),
			       "%s has mode %04o: file names there hold codes",
			       path, (unsigned)st.st_mode & 07777);
		(void)snprintf(remedy, sizeof(remedy), "chmod 700 %s", path);
		say(report, false, what, text, remedy);
		return;
	}
	if (!statvfs(path, &fs) &&
	    (uint64_t)fs.f_bavail * fs.f_frsize < 32 * 1024 * 1024) {
		(void)snprintf(text, sizeof(text), "%s: %llu kB are left", path,
			       (unsigned long long)fs.f_bavail *
				       fs.f_frsize / 1024);
		say(report, false, what, text,
		    "make room, or name a directory on another file system");
		return;
	}
	(void)snprintf(text, sizeof(text), "%s belongs to %s", path,
		       pw ? pw->pw_name : "a user without a name");
	say(report, true, what, text, NULL);
}

/* Pictures live for minutes: what a disk does for them is for nothing. */
static void look_for_memory(const char *cache_dir)
{
	struct statfs fs;

	if (!statfs(cache_dir, &fs) && fs.f_type != TMPFS_MAGIC &&
	    fs.f_type != RAMFS_MAGIC)
		hint("on a disk; in memory (tmpfs) checks are up to twice as "
		     "fast");
}

static void check_store(struct app *app, struct report *report)
{
	bool is_local = app->settings.store == SETTINGS_STORE_SQLITE;
	const char *what = is_local ? "database" : "store";
	struct cf_error err = CF_ERROR_INIT;
	char text[STORE_PLACE_BYTES + 128], remedy[2 * SETTINGS_PATH_BYTES];
	const struct store_options options = options_store(&app->settings);
	char place[STORE_PLACE_BYTES];
	int64_t n = 0;
	enum cf_status rc;

	rc = store_open(&options, STORE_FOR_MANY, &app->store, &err);
	if (!rc)
		rc = store_probe(app->store, &err);
	if (!rc)
		rc = store_count(app->store, 0, &n, &err);
	(void)snprintf(remedy, sizeof(remedy), "see captchactl(1), DATABASE");
	if (!is_local)
		(void)snprintf(remedy, sizeof(remedy),
			       "see captchactl(1), REDIS");
	else if (rc == CF_CORRUPT)
		(void)snprintf(remedy, sizeof(remedy),
			       "mv %.200s /tmp/ (challenges of the last "
			       "minutes are in it, nothing else)",
			       app->settings.database);
	else if (rc == CF_BUSY)
		(void)snprintf(remedy, sizeof(remedy), "find who holds it: "
			       "fuser -v %s", app->settings.database);
	if (rc) {
		say(report, false, what, err.text, remedy);
		return;
	}
	store_place(&options, place);
	(void)snprintf(text, sizeof(text), "%s takes writes; %lld %s", place,
		       (long long)n, is_local ? "challenges" : "keys");
	say(report, true, what, text, NULL);
}

static void check_pool(struct app *app, struct report *report)
{
	struct cf_error err = CF_ERROR_INIT;
	struct pool_options options;
	struct pool_stats stats;
	char text[160];
	enum cf_status rc;

	app_bound_cache(app);
	options = options_pool(&app->settings);
	app->pool = pool_new(&options, app->clk);
	if (!app->pool)
		return;
	rc = pool_probe(app->pool, &err);
	if (!rc)
		rc = pool_count(app->pool, &stats, &err);
	if (rc) {
		say(report, false, "pool", err.text,
		    "make room, or see to the rights of cache_dir");
		return;
	}
	(void)snprintf(text, sizeof(text),
		       "%lld of %lld pictures wait; %lld kB of %lld kB are used",
		       (long long)stats.n_ready,
		       (long long)ctl_pool_size(app),
		       (long long)stats.bytes / 1024,
		       (long long)app->settings.cache_max_bytes / 1024);
	say(report, stats.bytes < app->settings.cache_max_bytes, "pool", text,
	    "run captchactl clean, or raise cache_max_bytes");
}

/* What the service's sandbox would be here. Having less of it is no fault. */
static void check_sandbox(struct report *report)
{
	struct sandbox_parts parts;
	char landlock[32] = "this kernel has no Landlock", text[160];

	sandbox_ask(&parts);
	if (parts.landlock)
		(void)snprintf(landlock, sizeof(landlock), "Landlock %d",
			       parts.landlock);
	(void)snprintf(text, sizeof(text), "system calls: %s; files: %s",
		       parts.has_filter ? "filtered"
					: "this kernel has no filter",
		       landlock);
	say(report, true, "sandbox", text, NULL);
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	char dir[SETTINGS_PATH_BYTES];
	struct report report = {0};
	enum cf_status rc = crypt_open(err);

	(void)args;
	if (rc)
		return rc;
	say(&report, true, "settings",
	    app->settings.file[0] ? app->settings.file
				  : "no file; defaults and the environment",
	    NULL);
	rc = app_make_profiles(app, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < app->n_profiles; i++)
		check_drawing(app->profiles[i], &report);
	check_sandbox(&report);
	file_parent(app->settings.database, dir, sizeof(dir));
	if (app->settings.store == SETTINGS_STORE_SQLITE)
		check_directory("data", dir, false, &report);
	check_directory("cache", app->settings.cache_dir, true, &report);
	look_for_memory(app->settings.cache_dir);
	/* what does not exist is not made by looking at it */
	if (!report.n_wrong) {
		check_store(app, &report);
		check_pool(app, &report);
	}
	if (!report.n_wrong)
		return CF_OK;
	(void)printf("%d %s wrong\n", report.n_wrong,
		     report.n_wrong == 1 ? "thing is" : "things are");
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
