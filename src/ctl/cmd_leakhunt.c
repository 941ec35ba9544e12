/*
 * captchactl leakhunt: a burst of visits, a heap snapshot, a burst, a snapshot
 * and so on, and which class has more objects after each burst. A visit asks
 * for a challenge and answers it wrongly, until it is used up: nothing of it
 * is left in a service that does not leak.
 *
 * source: the hunt that found the leak of the service this one replaces;
 * doc/leak-hunt.md
 */
#include "base/base.h"
#include "ctl/ctl.h"

#include <dirent.h>
#include <signal.h>

#include "base/file.h"
#include "base/snapshot.h"
#include "ctl/client.h"
#include "ctl/heap.h"
#include "ctl/progress.h"

#define GET_ROUTE   "/verification/get"
#define CHECK_ROUTE "/verification/check"

enum {
	BURSTS_MAX = 100,
	REQUESTS_MAX = 1000000,
	PATIENCE_MS = 30000, /* for a snapshot */
	NAP_MS = 20,
	/* What grows by chance grows by less than this in every burst. */
	REQUESTS_PER_OBJECT = 10,
	BYTES_PER_REQUEST = 16,
	PATH_BYTES = SETTINGS_PATH_BYTES + 256,
};

struct hunt {
	const struct settings *settings;
	struct client client;
	const char *dir; /* of snapshots */
	pid_t pid;
	int64_t n_requests;
	struct buf body;
	char last[256]; /* the newest snapshot's name; "" for none */
};

/* --- a burst -------------------------------------------------------------- */

/* The pid of an answer; false when there is none. */
static bool find_pid(const struct buf *body, char pid[CHALLENGE_PID_CHARS + 1])
{
	static const char before[] = "\"pid\":\"";
	const char *at = body->len ? strstr(body->ptr, before) : NULL;

	if (!at || strlen(at) < strlen(before) + CHALLENGE_PID_CHARS)
		return false;
	memcpy(pid, at + strlen(before), CHALLENGE_PID_CHARS);
	pid[CHALLENGE_PID_CHARS] = '\0';
	return true;
}

static enum cf_status visit(struct hunt *hunt, struct cf_error *err)
{
	char pid[CHALLENGE_PID_CHARS + 1], form[64];
	enum cf_status rc;
	int status;

	rc = client_send(&hunt->client, GET_ROUTE, NULL, &hunt->body, &status,
			 err);
	if (rc)
		return rc;
	if (status != 200 || !find_pid(&hunt->body, pid))
		return cf_fail(err, CF_IO, "GET %s%s: %d, and no pid",
			       hunt->client.path, GET_ROUTE, status);
	(void)snprintf(form, sizeof(form), "pid=%s&code=-", pid);
	for (int64_t i = 0; i < hunt->settings->attempts && !rc; i++)
		rc = client_send(&hunt->client, CHECK_ROUTE, form,
				 &hunt->body, &status, err);
	if (!rc && status != 200)
		rc = cf_fail(err, CF_IO, "POST %s%s: %d", hunt->client.path,
			     CHECK_ROUTE, status);
	return rc;
}

static enum cf_status burst(struct hunt *hunt, struct cf_error *err)
{
	struct progress progress;
	enum cf_status rc = CF_OK;

	progress_init(&progress, "visits");
	for (int64_t i = 0; i < hunt->n_requests && !rc; i++) {
		progress_show(&progress, i, hunt->n_requests);
		rc = visit(hunt, err);
	}
	progress_end(&progress);
	return rc;
}

/* --- a snapshot ----------------------------------------------------------- */

/* Whether a process would die of SIGUSR2: the signals it catches are in a mask
 * of proc(5). */
static bool catches(pid_t pid, int signo)
{
	char path[64], line[256];
	unsigned long long mask = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "SigCgt:", 7))
			mask = strtoull(line + 7, NULL, 16);
	if (file)
		(void)fclose(file);
	return mask >> (signo - 1) & 1;
}

/* Note the newest snapshot of the process, if it is newer than the last one;
 * whether it is. */
static bool find_newer(struct hunt *hunt)
{
	char prefix[64];
	const struct dirent *entry;
	DIR *dir = opendir(hunt->dir);
	bool is_newer = false;

	(void)snprintf(prefix, sizeof(prefix), "captcha-%ld-",
		       (long)hunt->pid);
	while (dir && (entry = readdir(dir))) {
		struct str name = str_from(entry->d_name);

		if (str_starts(name, prefix) &&
		    str_ends(name, ".heapsnapshot") &&
		    strcmp(entry->d_name, hunt->last) > 0) {
			(void)snprintf(hunt->last, sizeof(hunt->last), "%s",
				       entry->d_name);
			is_newer = true;
		}
	}
	if (dir)
		(void)closedir(dir);
	return is_newer;
}

static enum cf_status take_snapshot(struct hunt *hunt, struct heap **out,
				    struct cf_error *err)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000000L};
	char path[PATH_BYTES];

	if (!catches(hunt->pid, SIGUSR2) || kill(hunt->pid, SIGUSR2))
		return cf_fail(err, CF_BAD_INPUT,
			       "--pid %ld: no process of captcha.fcgi that "
			       "this user may signal", (long)hunt->pid);
	for (int waited = 0; !find_newer(hunt); waited += NAP_MS) {
		if (waited >= PATIENCE_MS)
			return cf_fail(err, CF_IO,
				       "process %ld has written no snapshot "
				       "into %s: is that its snapshot_dir? Its "
				       "log tells", (long)hunt->pid, hunt->dir);
		(void)nanosleep(&nap, NULL);
	}
	(void)snprintf(path, sizeof(path), "%s/%s", hunt->dir, hunt->last);
	(void)printf("%s\n", path);
	return heap_load(path, out, err);
}

/* --- the verdict ---------------------------------------------------------- */

/* What a class has done over the bursts so far. */
struct suspect {
	char class[64];
	bool has_objects;  /* more of its own after each burst */
	bool has_bytes;
	int64_t n_own, n_bytes;
};

struct suspects {
	struct suspect *list;
	size_t n;
};

static enum cf_status note_first(struct suspects *all,
				 const struct heap_diff *diff,
				 struct cf_error *err)
{
	all->list = mem_alloc(MEM_OTHER, diff->n, sizeof(*all->list));
	if (!all->list)
		return cf_fail(err, CF_NOMEM, "no memory for classes");
	for (size_t i = 0; i < diff->n; i++) {
		struct suspect *s = &all->list[all->n];

		*s = (struct suspect){.has_objects = true, .has_bytes = true};
		(void)snprintf(s->class, sizeof(s->class), "%s",
			       diff->changes[i].class);
		all->n++;
	}
	return CF_OK;
}

static void note_burst(struct suspects *all, const struct heap_diff *diff,
		       int64_t n_requests)
{
	for (size_t i = 0; i < all->n; i++) {
		struct suspect *s = &all->list[i];
		const struct heap_change *change =
			heap_diff_of(diff, s->class);
		int64_t n_own = change ? change->n_own : 0;
		int64_t n_bytes = change ? change->n_bytes : 0;

		if (n_own < 1 || n_own * REQUESTS_PER_OBJECT < n_requests)
			s->has_objects = false;
		/* of its own blocks: with new ones, others may be the cause */
		if (n_bytes < n_requests * BYTES_PER_REQUEST ||
		    (change && heap_delta(change) > 0))
			s->has_bytes = false;
		s->n_own += n_own;
		s->n_bytes += n_bytes;
	}
}

/* What the C library needs grows with what it gives out. */
static bool is_overhead(const struct suspect *s)
{
	return !strcmp(s->class, SNAPSHOT_HEADS) ||
	       !strcmp(s->class, SNAPSHOT_UNSEEN);
}

/* Say of a class how it grows; whether it does. */
static bool accuse(const struct suspect *s, int64_t n_bursts,
		   int64_t n_requests)
{
	double n_visits = (double)(n_bursts * n_requests);

	if (!s->has_objects && !s->has_bytes)
		return false;
	(void)printf("%s grows: ", s->class);
	if (s->has_objects)
		(void)printf("%+.1f objects and ", (double)s->n_own / n_visits);
	(void)printf("%+.0f bytes a visit, in each of %lld bursts of %lld\n",
		     (double)s->n_bytes / n_visits, (long long)n_bursts,
		     (long long)n_requests);
	return true;
}

static bool report(const struct suspects *all, int64_t n_bursts,
		   int64_t n_requests)
{
	bool any = false;

	for (size_t i = 0; i < all->n; i++)
		if (!is_overhead(&all->list[i]))
			any = accuse(&all->list[i], n_bursts, n_requests) ||
			      any;
	for (size_t i = 0; i < all->n && !any; i++)
		any = accuse(&all->list[i], n_bursts, n_requests);
	if (!any)
		(void)printf("nothing grows in all of %lld bursts of %lld "
			     "visits\n", (long long)n_bursts,
			     (long long)n_requests);
	return any;
}

/* Warm up, then burst and compare; *grows tells. */
static enum cf_status hunt_all(struct hunt *hunt, int64_t n_bursts,
			       bool *grows, struct cf_error *err)
{
	struct heap *before = NULL, *after = NULL;
	struct suspects all = {0};
	enum cf_status rc = burst(hunt, err);

	if (!rc)
		rc = take_snapshot(hunt, &before, err);
	for (int64_t i = 0; i < n_bursts && !rc; i++) {
		struct heap_diff diff = {0};

		rc = burst(hunt, err);
		if (!rc)
			rc = take_snapshot(hunt, &after, err);
		if (!rc)
			rc = heap_compare(before, after, &diff, err);
		if (!rc && i == 0)
			rc = note_first(&all, &diff, err);
		if (!rc)
			note_burst(&all, &diff, hunt->n_requests);
		heap_diff_release(&diff);
		heap_free(before);
		before = after;
		after = NULL;
	}
	heap_free(before);
	if (!rc)
		*grows = report(&all, n_bursts, hunt->n_requests);
	mem_free(all.list);
	return rc;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	char parent[SETTINGS_PATH_BYTES];
	int64_t pid, n_bursts = 4;
	struct hunt hunt = {.settings = &app->settings, .n_requests = 500};
	bool grows = false;
	enum cf_status rc;
	char *route;

	if (!args->url || !args->pid)
		return cf_fail(err, CF_BAD_INPUT, "--url and --pid say which "
			       "service and which process of it");
	rc = ctl_number("--pid", args->pid, 1, INT32_MAX, &pid, err);
	if (!rc && args->bursts)
		rc = ctl_number("--bursts", args->bursts, 2, BURSTS_MAX,
				&n_bursts, err);
	if (!rc && args->requests)
		rc = ctl_number("--requests", args->requests, 1, REQUESTS_MAX,
				&hunt.n_requests, err);
	if (!rc)
		rc = client_parse(args->url, &hunt.client, err);
	if (rc)
		return rc;
	route = strstr(hunt.client.path, GET_ROUTE);
	if (route && !strcmp(route, GET_ROUTE))
		*route = '\0';
	hunt.pid = (pid_t)pid;
	app_snapshot_dir(app, parent);
	hunt.dir = parent;
	buf_init(&hunt.body, CLIENT_ANSWER_MAX_BYTES);
	(void)find_newer(&hunt);
	rc = hunt_all(&hunt, n_bursts, &grows, err);
	buf_release(&hunt.body);
	return rc ? rc : grows ? CF_FULL : CF_OK;
}

const struct ctl_command ctl_leakhunt = {
	.name = "leakhunt",
	.summary = "Find what grows in a process that serves, by heap snapshots",
	.help = "  --url U              the service, as http://127.0.0.1/captcha\n"
		"  --pid P              a process of it; it should be the only "
		"one that\n"
		"                       serves this address\n"
		"  --bursts N           after one to warm up (default 4)\n"
		"  --requests N         visits in each (default 500)\n"
		"\n"
		"Exits 1 if something grows. The snapshots stay in snapshot_dir.\n",
	.options = "UPBR",
	.is_anybodys = true,
	.run = run,
};
