/*
 * captcha.fcgi: the service. With --listen it is its own process manager.
 * Otherwise it speaks FastCGI when standard input is a listening socket, and
 * CGI when the environment has a request.
 */
#include "base/base.h"
#include "app/app.h"
#include "app/sandbox.h"
#include "base/file.h"
#include "base/metrics.h"
#include "serve/arguments.h"
#include "serve/cgi.h"
#include "serve/loop.h"
#include "serve/notify.h"
#include "serve/prefork.h"

#include <signal.h>
#include <sys/stat.h>

/* A process that serves many requests. */
struct service {
	struct app app;
	struct prefork_worker *me; /* NULL: there is no master */
};

/*
 * Do the work between requests. When the directories were made anew, the
 * sandbox keeps this process out of them. With a master the process ends, and
 * the master starts another, which can enter them. Without a master it goes on.
 */
static int64_t pause_step(void *ctx)
{
	struct service *service = ctx;
	struct app *app = &service->app;

	if (app_has_moved(app) && service->me)
		(void)raise(SIGTERM);
	metrics_heartbeat(clk_unix_ms(&app->clk));
	return challenge_pause(app->challenge);
}

static void show_life(void *ctx)
{
	prefork_beat(((struct service *)ctx)->me);
}

static void write_snapshot(void *ctx)
{
	app_snapshot(&((struct service *)ctx)->app);
}

/* The exit code for a failure, of sysexits.h. */
static int exit_code(const struct cf_error *err)
{
	return err->status == CF_CONFIG ? 78 : err->status == CF_GONE ? 0 : 1;
}

/* Log why the program ends; returns its exit code. */
static int end(const struct app *app, const struct cf_error *err)
{
	log_error(&app->log, LOG_LEVEL_ERROR, "stopped", err);
	return exit_code(err);
}

static enum cf_status open_service(struct app *app, struct http **http,
				   const struct app_sources *sources,
				   enum app_role role, struct cf_error *err)
{
	enum cf_status rc = app_load(app, sources, err);

	*http = NULL;
	if (!rc)
		rc = app_open(app, role, err);
	if (rc)
		return rc;
	*http = http_new(&app->settings, app->challenge, &app->log);
	if (!*http)
		return cf_fail(err, CF_NOMEM, "no memory for requests");
	return CF_OK;
}

/* CGI: serve one request. Free nothing: the kernel frees all at exit. */
static int serve_one(const struct app_sources *sources)
{
	struct cf_error err = CF_ERROR_INIT;
	struct app app;
	struct http *http;
	enum cf_status rc = open_service(&app, &http, sources, APP_CGI, &err);

	if (rc)
		cgi_refuse();
	else
		rc = cgi_run(http, sources->envp, &err);
	return rc ? end(&app, &err) : 0;
}

/* FastCGI: serve requests until a signal. me is NULL without a master. */
static int serve_many(void *ctx, int listen_fd, struct prefork_worker *me)
{
	struct service service = {.me = me};
	struct app *app = &service.app;
	struct cf_error err = CF_ERROR_INIT;
	const struct net_list *peers;
	struct net_list list;
	struct http *http;
	enum cf_status rc = open_service(app, &http, ctx, APP_FASTCGI, &err);

	if (!rc)
		rc = arguments_peers(&list, &peers, &err);
	if (!rc) {
		if (!me)
			app_warn(app);
		metrics_add(METRIC_STARTS, 1);
		metrics_heartbeat(clk_unix_ms(&app->clk));
		app_shut_in(app);
		prefork_serves(me);
		rc = loop_run(&(struct loop){listen_fd, http, &app->log,
					     app->clk, pause_step, &service,
					     write_snapshot, &service, peers,
					     show_life, &service},
			      &err);
	}
	http_free(http);
	app_close(app);
	return rc ? end(app, &err) : 0;
}

/* Try to open the parts that serve_many() needs. */
static enum cf_status try_open(const struct app_sources *sources,
			       bool must_write, struct cf_error *err)
{
	struct app app;
	enum cf_status rc = app_load(&app, sources, err);

	if (!rc)
		rc = app_open(&app, APP_FASTCGI, err);
	if (!rc && must_write)
		rc = app_try_write(&app, err);
	if (!rc)
		app_warn(&app);
	app_close(&app);
	return rc;
}

static enum cf_status check(void *ctx, struct cf_error *err)
{
	return try_open(ctx, false, err);
}

static int run_master(struct arguments *arguments)
{
	struct prefork prefork = {.listen_fd = -1,
				  .n_workers = arguments->n_workers,
				  .work = serve_many,
				  .check = check,
				  .ctx = &arguments->sources};
	struct cf_error err = CF_ERROR_INIT;
	const struct net_list *peers = NULL;
	struct prefork_file file = {.path = NULL};
	struct net_list list;
	struct app app;
	enum cf_status rc = app_load(&app, &arguments->sources, &err);

	prefork.log = &app.log;
	prefork.clk = app.clk;
	if (!rc)
		rc = arguments_peers(&list, &peers, &err);
	if (!rc)
		rc = prefork_listen(arguments->listen, arguments->listen_mode,
				    peers, &prefork.listen_fd, &file, &err);
	if (!rc)
		rc = prefork_run(&prefork, &err);
	prefork_remove(&file);
	if (rc)
		notify_tell(NULL, err.text);
	app_close(&app);
	return rc ? end(&app, &err) : 0;
}

/* Root would make files that the service cannot open, and would follow links of
 * the service's user. */
static enum cf_status refuse_root(const char *dir, struct cf_error *err)
{
	struct stat st;

	if (geteuid() != 0 || stat(dir, &st) || st.st_uid == 0)
		return CF_OK;
	return cf_fail(err, CF_IO,
		       "%s belongs to uid %ld: run --check as that user, not "
		       "as root",
		       dir, (long)st.st_uid);
}

/* For --check, which is run by hand. */
static enum cf_status check_user(const struct app_sources *sources,
				 struct cf_error *err)
{
	struct app app;
	const struct settings *s = &app.settings;
	char data[SETTINGS_PATH_BYTES];
	enum cf_status rc = app_load(&app, sources, err);

	if (!rc && s->store == SETTINGS_STORE_SQLITE) {
		file_parent(s->database, data, sizeof(data));
		rc = refuse_root(data, err);
	}
	if (!rc)
		rc = refuse_root(s->cache_dir, err);
	app_close(&app);
	return rc;
}

/* --check: try whether the service could start. */
static int try_settings(struct arguments *arguments)
{
	struct cf_error err = CF_ERROR_INIT;
	const struct net_list *peers;
	struct net_list list;
	enum cf_status rc = arguments_peers(&list, &peers, &err);

	if (!rc)
		rc = check_user(&arguments->sources, &err);
	if (!rc)
		rc = try_open(&arguments->sources, true, &err);
	if (rc) /* for a person, also with log = syslog */
		(void)fprintf(stderr, "captcha.fcgi: %s\n", err.text);
	return rc ? exit_code(&err) : 0;
}

/*
 * Block SIGHUP and SIGUSR2, which kill by default, from the start. They wait
 * until the master or the loop takes them. So a reload while the service starts
 * is not lost either.
 */
static void block_signals(void)
{
	sigset_t blocked;

	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGHUP);
	(void)sigaddset(&blocked, SIGUSR2);
	(void)sigprocmask(SIG_BLOCK, &blocked, NULL);
}

int main(int argc, char **argv)
{
	struct arguments arguments;
	int code;

	block_signals();
	sandbox_guard_memory();
	if (!arguments_parse(&arguments, argc, argv, &code))
		return code;
	(void)umask(077);
	if (arguments.is_check)
		return try_settings(&arguments);
	if (arguments.listen)
		return run_master(&arguments);
	if (loop_is_listening(STDIN_FILENO))
		return serve_many(&arguments.sources, STDIN_FILENO, NULL);
	if (cgi_is_request(arguments.sources.envp))
		_exit(serve_one(&arguments.sources));
	return arguments_explain();
}
