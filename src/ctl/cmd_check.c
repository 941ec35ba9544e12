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
#include "base/net.h"
#include "ctl/check.h"
#include "ctl/proc.h"

#include <fcntl.h>

enum {
	/* fewer checks tell nothing */
	CHECKS_ENOUGH = 100,
	/* of 100 checks; the rest are those of the operator's own tests */
	EXEMPT_PERCENT = 95,
};

/* Draw a picture of a profile. */
static void check_drawing(struct profile *profile, struct report *report)
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
		report_wrong(report, CAUSE_PICTURES, NULL, "pictures", "%s",
			     err.text);
	else if (rc)
		report_wrong(report, CAUSE_FONT, NULL, "fonts", "%s", err.text);
	else
		report_ok("fonts",
			  "%s%s%s%zu faces; a picture has about %zu bytes",
			  name[0] ? "[profile " : "", name,
			  name[0] ? "]: " : "",
			  generator_n_faces(profile_generator(profile)),
			  png.len);
	buf_release(&png);
}

/* --- the store ------------------------------------------------------------ */

/* The remedy of a fault of Redis by a word of its text, which is that of Redis
 * or of store/redis_link.c. */
static const char *redis_remedy(const char *text)
{
	static const struct {
		const char *word, *remedy;
	} rows[] = {
		{"NOAUTH", "give the password: store = "
			   "redis://:PASSWORD@HOST"},
		{"WRONGPASS", "correct the user and the password in store: "
			      "redis://USER:PASSWORD@HOST"},
		{"NOPERM", "let this user of Redis run GET SET GETDEL DEL "
			   "DBSIZE SELECT EVAL EVALSHA WAIT on its keys "
			   "(ACL SETUSER)"},
		{"READONLY", "name the master in store, or sentinels: "
			     "redis+sentinel://"},
		{"OOM", "raise maxmemory of Redis: redis-cli CONFIG SET "
			"maxmemory, and in redis.conf"},
		{"host not found", "correct the name of the host in store, or "
				   "see to DNS"},
		{"refused", "start Redis: systemctl start redis-server; or "
			    "correct store"},
		{"No such file", "start Redis: systemctl start redis-server; "
				 "or correct store"},
		{"not tried", "a process found Redis out of reach just now: "
			      "see that it runs, and try again"},
		{"no answer", "see that Redis runs and that no firewall is "
			      "before it; or raise store_timeout_ms"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		if (strstr(text, rows[i].word))
			return rows[i].remedy;
	return "see captchactl(1), REDIS";
}

static enum cause database_cause(const struct cf_error *err)
{
	static const struct {
		enum cf_status status;
		enum cause cause;
	} rows[] = {
		{CF_CORRUPT, CAUSE_CORRUPT},	 {CF_TOO_NEW, CAUSE_TOO_NEW},
		{CF_BUSY, CAUSE_BUSY},		 {CF_FULL, CAUSE_ROOM},
		{CF_CONFIG, CAUSE_UNKNOWN_PATH},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		if (rows[i].status == err->status)
			return rows[i].cause;
	return err->sys_errno == EROFS ? CAUSE_READ_ONLY : CAUSE_DATABASE;
}

/*
 * The process that may write to the database now; 0 when it is not known, such
 * as in another PID namespace. Closing the files ends the locks of this process
 * (fcntl(2)): do not use the store afterwards.
 *
 * source: sqlite.org/walformat.html, 2.3.1; sqlite.org/lockingv3.html
 */
static pid_t find_writer(const char *database)
{
	static const struct {
		const char *suffix;
		off_t byte;
	} locks[] = {{"-shm", 120}, {"", 0x40000001}};
	char path[SETTINGS_PATH_BYTES + 8];
	pid_t pid = 0;

	for (size_t i = 0; i < CF_ARRAY_LEN(locks) && pid <= 0; i++) {
		struct flock lock = {.l_type = F_WRLCK,
				     .l_whence = SEEK_SET,
				     .l_start = locks[i].byte,
				     .l_len = 1};
		int fd;

		(void)snprintf(path, sizeof(path), "%s%s", database,
			       locks[i].suffix);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0 && !fcntl(fd, F_GETLK, &lock) &&
		    lock.l_type != F_UNLCK)
			pid = lock.l_pid;
		if (fd >= 0)
			(void)close(fd);
	}
	return pid > 0 ? pid : 0;
}

/* Another process holds the database. */
static void report_busy(struct report *report, const struct cf_error *err)
{
	const char *database = report->settings->database;
	pid_t pid = find_writer(database);
	char number[32], name[PROC_NAME_BYTES], remedy[64];

	if (!pid) {
		report_wrong(report, CAUSE_BUSY, database, "database", "%s",
			     err->text);
		return;
	}
	(void)snprintf(number, sizeof(number), "%ld", (long)pid);
	(void)snprintf(remedy, sizeof(remedy), "kill %s", number);
	proc_name(number, name);
	report_advise(report, remedy, "database", "%s: process %s (%s)",
		      err->text, number, name);
}

static void check_store(struct app *app, struct report *report)
{
	const struct store_options options = options_store(&app->settings);
	const char *database = app->settings.database;
	bool is_local = app->settings.store == SETTINGS_STORE_SQLITE;
	const char *what = is_local ? "database" : "store";
	struct cf_error err = CF_ERROR_INIT;
	char place[STORE_PLACE_BYTES];
	int64_t n = 0;
	enum cf_status rc;

	rc = store_open(&options, STORE_FOR_MANY, &app->store, &err);
	if (!rc)
		rc = store_probe(app->store, &err);
	if (!rc)
		rc = store_count(app->store, 0, &n, &err);
	store_place(&options, place);
	if (!rc)
		report_ok(what, "%s takes writes; %lld %s", place, (long long)n,
			  is_local ? "challenges" : "keys");
	else if (is_local && rc == CF_BUSY)
		report_busy(report, &err);
	else if (is_local)
		report_wrong(report, database_cause(&err), database, what, "%s",
			     err.text);
	else
		report_advise(report, redis_remedy(err.text), what, "%s",
			      err.text);
}

/* --- the pool ------------------------------------------------------------- */

static enum cause pool_cause(const struct cf_error *err)
{
	if (err->status == CF_FULL)
		return CAUSE_ROOM;
	/* the text of these says what to do */
	return err->sys_errno ? CAUSE_POOL : CAUSE_TOLD;
}

static void check_pool(struct app *app, struct report *report)
{
	int64_t max_bytes = app->settings.cache_max_bytes;
	struct cf_error err = CF_ERROR_INIT;
	struct pool_stats stats;
	enum cf_status rc = pool_probe(app->pool, &err);

	if (!rc)
		rc = pool_count(app->pool, &stats, &err);
	if (rc)
		report_wrong(report, pool_cause(&err), app->settings.cache_dir,
			     "pool", "%s", err.text);
	else if (stats.bytes >= max_bytes)
		report_wrong(report, CAUSE_CACHE_FULL, NULL, "pool",
			     "pictures have %lld kB, and cache_max_bytes = "
			     "%lld is reached: no more are drawn ahead",
			     (long long)stats.bytes / 1024,
			     (long long)max_bytes);
	else
		report_ok("pool",
			  "%lld of %lld pictures wait; %lld kB of %lld kB are "
			  "used",
			  (long long)stats.n_ready,
			  (long long)ctl_pool_size(&app->settings),
			  (long long)stats.bytes / 1024,
			  (long long)max_bytes / 1024);
}

/* --- limits --------------------------------------------------------------- */

/* Whether a program of this machine is trusted to name its visitors. */
static bool is_local_trusted(const struct settings *s)
{
	struct net_addr local;
	struct net_list list;

	return net_parse(str_from("127.0.0.1"), &local) &&
	       !net_list_parse(&list, s->trusted_proxies, NULL) &&
	       net_list_has(&list, &local);
}

/*
 * Checks by programs of this machine have no limit. A form whose program does
 * not name its visitors thus gives a robot as many guesses as it likes.
 */
static void check_visitors(const struct settings *s,
			   const struct metrics_view *view,
			   struct report *report)
{
	uint64_t exempt = view->counts[METRIC_CHECK_EXEMPT];
	uint64_t all = exempt + view->counts[METRIC_CHECK_COUNTED];

	if (!s->failed_per_minute)
		report_ok("limits", "failed_limit = 0: no check is "
				    "limited");
	else if (!all)
		report_ok("limits", "no checks since cache_dir was "
				    "made");
	else if (all < CHECKS_ENOUGH || exempt * 100 < all * EXEMPT_PERCENT)
		report_ok("limits",
			  "%llu of %llu checks since cache_dir was made came "
			  "from this machine, without a limit",
			  (unsigned long long)exempt, (unsigned long long)all);
	else
		report_warn(report,
			    is_local_trusted(s) ? CAUSE_NOT_FORWARDED
						: CAUSE_NOT_TRUSTED,
			    NULL, "limits",
			    "%llu of %llu checks since cache_dir was made "
			    "came from this machine for no visitor it names, "
			    "so no limit counts the guesses of a robot",
			    (unsigned long long)exempt,
			    (unsigned long long)all);
}

/* The counters of all processes. A process without them counts for itself
 * alone, as the service does. */
static void read_metrics(struct app *app, struct metrics_view *view)
{
	int fd;

	if (!file_open_dir(AT_FDCWD, app->settings.cache_dir, false, &fd,
			   NULL)) {
		(void)!metrics_open(fd, NULL);
		(void)close(fd);
	}
	metrics_read(view, clk_unix_ms(&app->clk));
	metrics_close();
}

/* --- sites ---------------------------------------------------------------- */

static void check_sites(bool is_production, struct report *report)
{
	static const char fault[] = "test_keys = yes: the public test keys of "
				    "the vendors pass everybody";

	ctl_check_logins(report);
	if (!report->settings->test_keys)
		return;
	if (is_production)
		report_advise(report, "set test_keys = no", "sites", "%s",
			      fault);
	else
		report_warn(report, CAUSE_TOLD, NULL, "sites",
			    "%s; set test_keys = no for visitors", fault);
}

/* --- the command ---------------------------------------------------------- */

/* The parts of a sandbox that are to be had. A missing part is no fault. */
static void check_sandbox(void)
{
	struct sandbox_parts parts;
	char landlock[32] = "this kernel has no Landlock";

	sandbox_ask(&parts);
	if (parts.landlock)
		(void)snprintf(landlock, sizeof(landlock), "Landlock %d",
			       parts.landlock);
	report_ok("sandbox", "system calls: %s; files: %s",
		  parts.has_filter ? "filtered" : parts.no_filter, landlock);
}

/* The pool opens cache_dir later, and counts the pictures of these profiles. */
static enum cf_status make_profiles(struct app *app, struct cf_error *err)
{
	struct pool_options options;

	app_bound_cache(app);
	options = options_pool(&app->settings);
	app->pool = pool_new(&options, app->clk);
	return app->pool ? app_make_profiles(app, err)
			 : cf_fail(err, CF_NOMEM, "no memory for the pool");
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	const struct settings *s = &app->settings;
	struct metrics_view view;
	struct report report;
	bool is_usable;
	enum cf_status rc = crypt_open(err);

	sandbox_guard_memory(); /* app_open does so for other commands */
	if (!rc)
		rc = report_init(&report, s, args, err);
	if (rc)
		return rc;
	report_ok("settings", "%s",
		  s->file[0] ? s->file
			     : "no file; defaults and the "
			       "environment");
	rc = make_profiles(app, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < app->n_profiles; i++)
		check_drawing(app->profiles[i], &report);
	check_sites(args->production, &report);
	check_sandbox();
	ctl_check_dirs(&report);
	is_usable = !report.n_wrong;
	ctl_check_service(&report);
	/* opening store and pool would make missing directories */
	if (is_usable) {
		read_metrics(app, &view);
		check_store(app, &report);
		check_pool(app, &report);
		ctl_check_audio(&report);
		ctl_check_cron(&report, &view);
		check_visitors(s, &view, &report);
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
	.help = "  --production         test_keys = yes is WRONG, not WARN\n\n"
		"WRONG  the service cannot do its work; → is the remedy\n"
		"WARN   it works, but not as it should; → is the remedy\n"
		"hint   no fault\n\n"
		"Run it as root, or as the user of the service. Root acts as "
		"the user of the\nrunning service, else as the owner of "
		"cache_dir. Exit code 1 when something is\nWRONG.\n",
	.options = "P",
	.needs_app = false,
	.becomes_user = true, /* only root sees all files to give away */
	.run = run,
};
