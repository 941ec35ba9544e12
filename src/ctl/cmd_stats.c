/*
 * captchactl stats: print the sizes of store and pool; with --watch, print a
 * line of counters a second, summed over all processes.
 */
#include "base/base.h"
#include "base/metrics.h"
#include "ctl/ctl.h"

#include <sys/stat.h>

struct row {
	const char *name, *text;
	int64_t value;
};

/* A JSON object, but for its closing bracket. */
static void print_json(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)printf("%c\"%s\":%lld", i ? ',' : '{', rows[i].name,
			     (long long)rows[i].value);
}

/* The bytes of a file of the database; 0 when there is none. */
static int64_t size_of(const struct settings *s, const char *suffix)
{
	char name[SETTINGS_PATH_BYTES + 8];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s%s", s->database, suffix);
	return s->store != SETTINGS_STORE_SQLITE || stat(name, &st)
		       ? 0
		       : (int64_t)st.st_size;
}

static enum cf_status show(struct app *app, const struct ctl_args *args,
			   struct cf_error *err)
{
	const struct settings *s = &app->settings;
	struct pool_stats pool;
	int64_t n_live;
	enum cf_status rc;

	rc = store_count(app->store, 0, &n_live, err);
	if (!rc)
		rc = pool_count(app->pool, &pool, err);
	if (rc)
		return rc;
	const struct row rows[] = {
		{"live_challenges", "challenges in the store", n_live},
		{"max_live", "their limit", s->max_live},
		{"ready_pictures", "pictures that wait in the pool",
		 pool.n_ready},
		{"pool_size", "pictures that should wait", ctl_pool_size(s)},
		{"live_pictures", "pictures of challenges", pool.n_live},
		{"cache_bytes", "bytes of all pictures", pool.bytes},
		{"cache_max_bytes", "their limit", s->cache_max_bytes},
		{"cache_days", "day directories", pool.n_days},
		{"database_bytes", "bytes of the database", size_of(s, "")},
		{"wal_bytes", "bytes of its write-ahead log",
		 size_of(s, "-wal")},
	};

	if (args->json) {
		print_json(rows, CF_ARRAY_LEN(rows));
		(void)puts("}");
		return CF_OK;
	}
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		(void)printf("%-16s %12lld  %s\n", rows[i].name,
			     (long long)rows[i].value, rows[i].text);
	return CF_OK;
}

/* The counters for a line of --watch, and those of the line before. */
struct watched {
	struct metrics_view now, before;
	struct challenge_counts counts;
};

static int64_t since(const struct watched *w, enum metric metric)
{
	return (int64_t)(w->now.counts[metric] - w->before.counts[metric]);
}

/*
 * A percentile of the times of requests since the line before.
 *
 * share    of the requests, in thousandths
 * returns  the upper bound of the percentile's bucket; 0 without requests, -1
 *          past the last bound
 */
static double took_ms(const struct watched *w, uint64_t share)
{
	const uint64_t *now = w->now.times[METRIC_TIME_REQUEST].n;
	const uint64_t *before = w->before.times[METRIC_TIME_REQUEST].n;
	uint64_t all = 0, n = 0;

	for (size_t i = 0; i < METRIC_BUCKETS; i++)
		all += now[i] - before[i];
	if (!all)
		return 0;
	for (size_t i = 0; i + 1 < METRIC_BUCKETS; i++) {
		n += now[i] - before[i];
		if (n * 1000 >= all * share)
			return (double)metrics_bucket_us(i) / 1000;
	}
	return -1;
}

static void print_watched(const struct watched *w, bool is_json, bool has_head)
{
	int64_t n_ready = 0, n_bytes = 0;

	for (size_t i = 0; i < CF_ARRAY_LEN(w->counts.n_ready); i++)
		n_ready += w->counts.n_ready[i];
	for (size_t i = 0; i < MEM_CLASS_COUNT; i++)
		n_bytes += w->now.bytes[i];
	const struct row columns[] = {
		{"issued", "issued", since(w, METRIC_ISSUED)},
		{"drawn_meanwhile", "drawn", since(w, METRIC_POOL_MISS)},
		{"passed", "passed", since(w, METRIC_CHECK_PASS)},
		{"failed", "failed", since(w, METRIC_CHECK_WRONG) +
				     since(w, METRIC_CHECK_EXPIRED) +
				     since(w, METRIC_CHECK_UNKNOWN) +
				     since(w, METRIC_CHECK_MALFORMED)},
		{"limited", "limited", since(w, METRIC_LIMITED_ISSUE) +
				       since(w, METRIC_LIMITED_CHECK)},
		{"answers_5xx", "5xx", since(w, METRIC_ANSWER_5XX)},
		{"store_errors", "errors", since(w, METRIC_STORE_ERROR)},
		{"live_challenges", "live", w->counts.n_live},
		{"ready_pictures", "ready", n_ready},
		{"processes", "procs", w->now.n_processes},
		{"memory_kb", "kB", n_bytes / 1024},
	};

	if (is_json) {
		print_json(columns, CF_ARRAY_LEN(columns));
		(void)printf(",\"p50_ms\":%.2f,\"p99_ms\":%.2f}\n",
			     took_ms(w, 500), took_ms(w, 990));
		return;
	}
	if (has_head) {
		for (size_t i = 0; i < CF_ARRAY_LEN(columns); i++)
			(void)printf("%7s ", columns[i].text);
		(void)puts(" p50ms  p99ms");
	}
	for (size_t i = 0; i < CF_ARRAY_LEN(columns); i++)
		(void)printf("%7lld ", (long long)columns[i].value);
	(void)printf("%6.2f %6.2f\n", took_ms(w, 500), took_ms(w, 990));
}

static enum cf_status watch(struct app *app, const struct ctl_args *args,
			    struct cf_error *err)
{
	enum { HEAD_EVERY = 20 };
	static const struct timespec second = {1, 0};
	int64_t n = INT64_MAX;
	struct watched w;
	enum cf_status rc = CF_OK;

	if (args->count)
		rc = ctl_number("--count", args->count, 1, INT64_MAX, &n, err);
	metrics_read(&w.now, clk_unix_ms(&app->clk));
	for (int64_t i = 0; i < n && !rc && !ferror(stdout); i++) {
		w.before = w.now;
		(void)nanosleep(&second, NULL);
		metrics_read(&w.now, clk_unix_ms(&app->clk));
		rc = challenge_count(app->challenge, &w.counts, err);
		if (!rc)
			print_watched(&w, args->json, i % HEAD_EVERY == 0);
		(void)fflush(stdout);
	}
	return rc;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	return args->watch ? watch(app, args, err) : show(app, args, err);
}

const struct ctl_command ctl_stats = {
	.name = "stats",
	.summary = "Count challenges, pictures and bytes",
	.help = "  --json               one line of JSON\n"
		"  --watch              a line each second: its requests, of all "
		"processes\n"
		"  --count N            with --watch: end after N lines\n\n"
		"p50ms and p99ms: half of the requests, and 99 of 100, took no "
		"longer.\n-1: longer than the last bound.\n",
	.options = "jHn",
	.needs_app = true,
	.run = run,
};
