/*
 * A whole visit in which one call fails: the first of its kind, then the
 * second, until a visit ends before the fault. Then the same with all calls
 * failing from that call on. Each response is right or 503. No code is
 * accepted twice, and no wrong code at all. The next visit goes well, and no
 * block of the heap or descriptor is left.
 *
 * Environment: CF_FAULT_STEP, the step between the allocations of a CGI process
 * that fail (7 if unset; 1 takes three times as long).
 */
#include "base/base.h"
#include "app/app.h"
#include "base/mem.h"
#include "http/http.h"
#include "tests/faults/fault.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <sqlite3.h>

enum {
	N_MAX = 100000, /* calls of a kind in one visit: surely fewer */
	PAUSES = 12,	/* fill the pool and sweep */
	BODY_BYTES = 200,
};

struct world {
	char dir[TEMP_PATH_BYTES];
	enum app_role role;
	struct fake_clk clk; /* stands: the second challenge is in a batch */
	struct app app;
	struct http *http; /* NULL: not open */
	int log_fd;
	/* the fault and the step of the visit, for the message of a failure */
	enum fault kind;
	int64_t nth;
	bool stays;
	const char *step;
};

/* The last visit. */
struct visit {
	char pid[PID_CHARS + 1]; /* "": none was given */
	char code[STORE_CODE_MAX_BYTES + 1];
	int n_successes;
	int n_refused; /* 503 */
};

static int real_stderr;

static void wrong(const struct world *w, const char *what, const char *more)
{
	(void)fault_disarm();
	(void)dup2(real_stderr, STDERR_FILENO);
	(void)printf("Bail out! %s, %s %lld%s, %s: %s %s\n",
		     w->role == APP_CGI ? "cgi" : "fastcgi",
		     fault_name(w->kind), (long long)w->nth,
		     w->stays ? " and all after it" : "", w->step, what, more);
	(void)fflush(stdout);
	_exit(1); /* the heap and the files would fail the next test */
}

static void must(const struct world *w, bool is_so, const char *what)
{
	if (!is_so)
		wrong(w, what, "");
}

/* --- the service ---------------------------------------------------------- */

/* Few letters of one face: else most faults would be in reading fonts. */
static void write_settings(const struct world *w)
{
	char text[4 * TEMP_PATH_BYTES];

	(void)snprintf(text, sizeof(text),
		       "store = sqlite:%s/db\n"
		       "cache_dir = %s/cache\n"
		       "attempts = 3\n"
		       "pool_size = 2\n"
		       "store_timeout_ms = 10\n"
		       "alphabet = AK\n"
		       "fonts = %s/tests/data/sans.ttf\n",
		       w->dir, w->dir, getenv("CF_SRCDIR"));
	temp_write(temp_path(w->dir, "conf"), text);
}

static enum cf_status open_service(struct world *w, struct cf_error *err)
{
	char config[TEMP_PATH_BYTES + 8];
	char *envp[] = {NULL};
	struct app_sources sources = {.config_path = config,
				      .envp = envp,
				      .program = "test"};
	enum cf_status rc;

	(void)snprintf(config, sizeof(config), "%s/conf", w->dir);
	w->http = NULL;
	rc = app_load(&w->app, &sources, err);
	w->app.clk = fake_clk_get(&w->clk);
	if (!rc)
		rc = app_open(&w->app, w->role, err);
	if (!rc) {
		w->http = http_new(&w->app.settings, w->app.challenge,
				   &w->app.log);
		if (!w->http)
			rc = cf_fail(err, CF_NOMEM, "no memory for requests");
	}
	if (rc)
		app_close(&w->app);
	return rc;
}

static void close_service(struct world *w)
{
	http_free(w->http);
	app_close(&w->app);
	w->http = NULL;
}

/* Whether a fault may have this status. A font that cannot be opened cannot be
 * used. */
static bool is_proper(enum fault kind, enum cf_status rc)
{
	return rc == CF_OK || rc == CF_NOMEM || rc == CF_IO || rc == CF_FULL ||
	       rc == CF_BUSY || (kind == FAULT_OPEN && rc == CF_FONT);
}

/* A FastCGI process opens once, and starts again when that failed. */
static void ensure_open(struct world *w)
{
	struct cf_error err = CF_ERROR_INIT;
	enum cf_status rc;

	if (w->http)
		return;
	rc = open_service(w, &err);
	if (!is_proper(w->kind, rc))
		wrong(w, cf_status_name(rc), err.text);
	must(w, !rc || err.text[0], "a start that failed has no reason");
}

/* --- requests ------------------------------------------------------------- */

struct body {
	const char *text;
	size_t n_read;
};

static ptrdiff_t read_body(void *ctx, char *ptr, size_t n)
{
	struct body *body = ctx;
	size_t left = strlen(body->text) - body->n_read;

	if (n > left)
		n = left;
	memcpy(ptr, body->text + body->n_read, n);
	body->n_read += n;
	return (ptrdiff_t)n;
}

/* Check that a 503 has a reason, also in the log. The first of a cause is
 * logged at once. With FAULT_WRITE the log may fail, too. */
static void check_reason(const struct world *w,
			 const struct http_response *res)
{
	must(w, res->why->status && res->why->text[0], "503 without a reason");
	must(w, w->kind == FAULT_WRITE || lseek(w->log_fd, 0, SEEK_END) > 0,
	     "503 without a reason in the log");
}

/* Returns the status; the body is appended to out. Without a process that
 * starts the web server answers 503. */
static int ask(struct world *w, const char *path, const char *query,
	       const char *json, struct buf *out)
{
	char entries[5][BODY_BYTES];
	char *envp[6] = {NULL};
	struct body body = {json ? json : "", 0};
	const struct http_input input = {envp, read_body, &body, -1, NULL};
	struct http_response res;

	buf_reset(out);
	ensure_open(w);
	if (!w->http)
		return 503;
	(void)snprintf(entries[0], BODY_BYTES, "REQUEST_METHOD=%s",
		       json ? "POST" : "GET");
	(void)snprintf(entries[1], BODY_BYTES, "PATH_INFO=%s", path);
	(void)snprintf(entries[2], BODY_BYTES, "QUERY_STRING=%s", query);
	(void)snprintf(entries[3], BODY_BYTES, "CONTENT_LENGTH=%zu",
		       strlen(body.text));
	(void)snprintf(entries[4], BODY_BYTES, "CONTENT_TYPE=application/json");
	for (size_t i = 0; i < CF_ARRAY_LEN(entries); i++)
		envp[i] = entries[i];
	http_serve(w->http, &input, &res);
	must(w, str_starts(res.head, "Status: "), "no head");
	must(w, res.status == 200 || res.status == 503,
	     "neither an answer nor 503");
	fault_hold(true);
	buf_add(out, res.body.ptr, res.body.len);
	buf_add_char(out, '\0');
	/* health has a reason for each part */
	if (res.status == 503 && strcmp(path, "/healthz"))
		check_reason(w, &res);
	fault_hold(false);
	if (w->role == APP_CGI)
		close_service(w);
	else
		for (int i = 0; i < PAUSES; i++)
			(void)challenge_pause(w->app.challenge);
	return res.status;
}

/* Read one value of the database, by a connection of its own. */
static void look_up(struct world *w, const char *sql, const char *pid,
		    char *out, size_t size)
{
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;

	fault_hold(true);
	out[0] = '\0';
	assert_int_equal(sqlite3_open_v2(temp_path(w->dir, "db"), &db,
					 SQLITE_OPEN_READWRITE, NULL), 0);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), 0);
	if (pid)
		(void)sqlite3_bind_text(st, 1, pid, -1, SQLITE_STATIC);
	if (sqlite3_step(st) == SQLITE_ROW)
		(void)snprintf(out, size, "%s", sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	assert_int_equal(sqlite3_close(db), 0);
	fault_hold(false);
}

static void check(struct world *w, struct visit *visit, const char *pid,
		  const char *code, struct buf *out)
{
	char json[BODY_BYTES];
	bool is_right = code[0] && !strcmp(code, visit->code);
	int status;

	(void)snprintf(json, sizeof(json), "{\"pid\":\"%s\",\"code\":\"%s\"}",
		       pid, code);
	status = ask(w, "/verification/check", "", json, out);
	if (status != 200) {
		visit->n_refused++;
		must(w, !strstr(out->ptr, "\"success\":true"),
		     "a success that is refused");
		return;
	}
	if (!strcmp(out->ptr, "{\"success\":true}")) {
		visit->n_successes++;
		must(w, is_right, "success for a wrong code");
		must(w, visit->n_successes == 1, "success twice");
	} else {
		must(w, str_starts((struct str){out->ptr, out->len},
				   "{\"success\":false,\"error-codes\":["),
		     "neither success nor failure");
		if (is_right && !visit->n_successes && !visit->n_refused)
			wrong(w, "no success for a right code:", out->ptr);
	}
}

static void visit_once(struct world *w, struct visit *visit)
{
	static const char before_pid[] = "{\"pid\":\"";
	struct buf out;
	char path[64];

	*visit = (struct visit){.pid = ""};
	fault_hold(true);
	buf_init(&out, 1024 * 1024);
	buf_add_char(&out, '\0'); /* ptr is never NULL */
	fault_hold(false);
	w->step = "issue a picture";
	if (ask(w, "/verification/get", "", NULL, &out) != 200)
		visit->n_refused++;
	else
		must(w, strstr(out.ptr, "base64,iVBOR") != NULL, "no picture");
	w->step = "issue an address";
	if (ask(w, "/verification/get", "img=url", NULL, &out) == 200) {
		must(w, !strncmp(out.ptr, before_pid, strlen(before_pid)),
		     "no pid");
		(void)snprintf(visit->pid, sizeof(visit->pid), "%.16s",
			       out.ptr + strlen(before_pid));
		look_up(w, "SELECT code FROM challenge WHERE pid = ?1",
			visit->pid, visit->code, sizeof(visit->code));
		must(w, visit->code[0], "a pid that the store has not");
		w->step = "show";
		(void)snprintf(path, sizeof(path), "/image/%s.png",
			       visit->pid);
		if (ask(w, path, "", NULL, &out) != 200)
			visit->n_refused++;
		else
			must(w, !memcmp(out.ptr, "\x89PNG", 4), "no picture");
		w->step = "hear";
		(void)snprintf(path, sizeof(path), "/audio/%s.wav",
			       visit->pid);
		if (bank_built_in() && ask(w, path, "", NULL, &out) != 200)
			visit->n_refused++;
		else if (bank_built_in())
			must(w, !memcmp(out.ptr, "RIFF", 4), "no sound");
		w->step = "check a wrong code";
		check(w, visit, visit->pid, "QQQQQQ", &out);
		w->step = "check a right code";
		check(w, visit, visit->pid, visit->code, &out);
		w->step = "check it again";
		check(w, visit, visit->pid, visit->code, &out);
	} else {
		visit->n_refused++;
	}
	w->step = "health";
	if (ask(w, "/healthz", "", NULL, &out) != 200)
		visit->n_refused++;
	buf_release(&out);
}

/* What cron does. */
static void clean(struct world *w)
{
	struct cf_error err = CF_ERROR_INIT;
	struct challenge_cleaned cleaned;
	enum cf_status rc;

	w->step = "clean";
	ensure_open(w);
	if (!w->http)
		return;
	rc = challenge_clean(w->app.challenge, &cleaned, &err);
	if (!is_proper(w->kind, rc))
		wrong(w, cf_status_name(rc), err.text);
	must(w, !rc || err.text[0], "a failure has no reason");
	if (w->role == APP_CGI)
		close_service(w);
}

/* --- one fault ------------------------------------------------------------ */

static void check_nothing_is_left(const struct world *w)
{
	/* free the blocks that the library keeps */
	(void)sqlite3_shutdown();
	for (int class = 0; class < MEM_CLASS_COUNT; class++)
		if (mem_use((enum mem_class)class).n_blocks)
			wrong(w, "blocks left of",
			      mem_class_name((enum mem_class)class));
}

static void remove_files(const struct world *w)
{
	static const char *const names[] = {"db", "db-wal", "db-shm"};

	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		(void)unlink(temp_path(w->dir, "%s", names[i]));
	if (temp_exists(temp_path(w->dir, "cache")))
		temp_dir_remove(temp_path(w->dir, "cache"));
}

/* A visit with a fault, and one after it; whether there was a fault. */
static bool try_one(struct world *w)
{
	int n_open = temp_count("/proc/self/fd");
	struct visit visit, next;
	struct buf out;
	int64_t n_faults;
	char text[64];

	fault_arm(w->kind, w->nth, w->stays);
	visit_once(w, &visit);
	clean(w);
	n_faults = fault_disarm();
	if (!n_faults)
		must(w, !visit.n_refused, "refused without a fault");
	w->step = "check the first once more";
	buf_init(&out, BODY_BYTES);
	if (visit.pid[0])
		check(w, &visit, visit.pid, visit.code, &out);
	buf_release(&out);
	visit_once(w, &next);
	w->step = "the visit after it";
	must(w, !next.n_refused && next.n_successes == 1, "is not as usual");
	look_up(w, "PRAGMA integrity_check", NULL, text, sizeof(text));
	must(w, !strcmp(text, "ok"), text);
	close_service(w);
	w->step = "the end";
	check_nothing_is_left(w);
	must(w, temp_count("/proc/self/fd") == n_open, "descriptors left open");
	remove_files(w);
	return n_faults > 0;
}

static void try_all(struct world *w)
{
	const char *text = getenv("CF_FAULT_STEP");
	int64_t n_runs = 0, step = 1;

	/* it reads its settings and opens its database for each request */
	if (w->role == APP_CGI && w->kind == FAULT_MEMORY)
		step = text ? strtoll(text, NULL, 10) : 7;

	for (w->nth = 1; w->nth < N_MAX && try_one(w); w->nth += step)
		n_runs++;
	/* a kind that never happens is no test */
	must(w, n_runs > 0 && w->nth < N_MAX, "no fault, or too many");
	(void)printf("# %s, %s%s: %lld\n",
		     w->role == APP_CGI ? "cgi" : "fastcgi",
		     fault_name(w->kind), w->stays ? " for good" : "",
		     (long long)n_runs);
}

/* The state says role and kind. */
static void survive(void **state)
{
	struct world w = *(const struct world *)*state;

	fake_clk_init(&w.clk);
	assert_non_null(getenv("CF_SRCDIR"));
	/* thousands of databases: not on the disk, if there is a way */
	if (!access("/dev/shm", W_OK))
		(void)setenv("TMPDIR", "/dev/shm", 0);
	temp_dir_make(w.dir);
	write_settings(&w);
	w.log_fd = open(temp_path(w.dir, "log"), O_RDWR | O_CREAT | O_APPEND,
			0600);
	assert_true(w.log_fd >= 0);
	real_stderr = dup(STDERR_FILENO);
	assert_true(dup2(w.log_fd, STDERR_FILENO) >= 0);
	try_all(&w);
	w.stays = true;
	try_all(&w);
	(void)dup2(real_stderr, STDERR_FILENO);
	(void)close(real_stderr);
	(void)close(w.log_fd);
	temp_dir_remove(w.dir);
}

#define PROCESS(its_role, role_name, its_kind, kind_name) \
	{.name = "a_" role_name "_process_survives_" kind_name, \
	 .test_func = survive, \
	 .initial_state = &(struct world){.role = its_role, .kind = its_kind}}
#define BOTH(kind, name) \
	PROCESS(APP_FASTCGI, "fastcgi", kind, name), \
		PROCESS(APP_CGI, "cgi", kind, name)

/* test_faults [PATTERN]: the tests with a name that matches. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		BOTH(FAULT_MEMORY, "no_memory"),
		BOTH(FAULT_OPEN, "no_descriptor"),
		BOTH(FAULT_MAKE, "no_directory"),
		BOTH(FAULT_WRITE, "no_room"),
		BOTH(FAULT_RENAME, "no_rename"),
		BOTH(FAULT_SYNC, "no_sync"),
		BOTH(FAULT_SQLITE_IO, "a_broken_database_disk"),
		BOTH(FAULT_SQLITE_FULL, "a_full_database_disk"),
		BOTH(FAULT_SQLITE_BUSY, "a_locked_database"),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
