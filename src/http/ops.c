/*
 * For operators: GET /healthz, and GET /metrics in the text format of
 * Prometheus, version 0.0.4.
 */
#include "base/base.h"
#include "http/context.h"

#include "base/clk.h"
#include "base/metrics.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* GET /healthz */

static void log_part(const struct context *ctx, enum note note,
		     enum cf_status status, const struct cf_error *err)
{
	uint64_t n[NOTES_COUNTERS];

	if (status && notes_add(ctx->notes, note, 0, n))
		log_errors(ctx->log, LOG_LEVEL_WARN, "health", n[0], err);
}

/* Write to the store and to the cache, and log failures. */
static bool check_health(const struct context *ctx,
			 struct challenge_health *health)
{
	bool is_well;

	challenge_check_health(ctx->challenge, health);
	log_part(ctx, NOTE_STORE_ILL, health->store, &health->store_error);
	log_part(ctx, NOTE_CACHE_ILL, health->cache, &health->cache_error);
	is_well = !health->store && !health->cache;
	notes_set_health(ctx->notes, is_well);
	return is_well;
}

/* Check for each request of an operator. Other clients may be many: they get
 * the result of a moment ago, without details. */
enum cf_status handle_health(const struct context *ctx, const struct call *call,
			     struct reply *reply, struct cf_error *err)
{
	struct challenge_health health = {.store = CF_BUG, .cache = CF_BUG};
	struct buf *body = reply->body;
	bool is_well;

	(void)err; /* each part is logged here, as a warning */
	if (call->is_operator || !notes_get_health(ctx->notes, &is_well))
		is_well = check_health(ctx, &health);
	reply->type = "application/json";
	reply->status = is_well ? CF_OK : CF_IO;
	buf_open_json(body, NULL, '{');
	buf_add_json_bool(body, "ok", is_well);
	if (call->is_operator) {
		buf_add_json(body, "store",
			     str_from(cf_status_name(health.store)));
		buf_add_json(body, "cache",
			     str_from(cf_status_name(health.cache)));
	}
	buf_close_json(body, '}');
	buf_add_char(body, '\n');
	return CF_OK;
}

/* GET /metrics */

/* Rows of one family are adjacent; the first has its help. */
struct row {
	const char *family, *labels, *help;
	enum metric metric;
};

static const struct row rows[] = {
	{"captcha_challenges_issued_total", "", "Challenges handed out.",
	 METRIC_ISSUED},
	{"captcha_pool_pictures_total", "{result=\"hit\"}",
	 "Challenges with a picture of the pool, and with a drawn picture.",
	 METRIC_POOL_HIT},
	{"captcha_pool_pictures_total", "{result=\"miss\"}", NULL,
	 METRIC_POOL_MISS},
	{"captcha_store_errors_total", "",
	 "Calls of the store that failed, also by being busy.",
	 METRIC_STORE_ERROR},
	{"captcha_store_untried_total", "",
	 "Of these, calls that failed at once since Redis was out of reach.",
	 METRIC_STORE_UNTRIED},
	{"captcha_store_connects_total", "", "Connections made to Redis.",
	 METRIC_STORE_CONNECT},
	{"captcha_responses_total", "{class=\"2xx\"}",
	 "Answers by class of status.", METRIC_ANSWER_2XX},
	{"captcha_responses_total", "{class=\"4xx\"}", NULL, METRIC_ANSWER_4XX},
	{"captcha_responses_total", "{class=\"5xx\"}", NULL, METRIC_ANSWER_5XX},
	{"captcha_responses_total", "{class=\"other\"}", NULL,
	 METRIC_ANSWER_OTHER},
	{"captcha_limited_total", "{what=\"issue\"}",
	 "Requests refused because one address had too many.",
	 METRIC_LIMITED_ISSUE},
	{"captcha_limited_total", "{what=\"check\"}", NULL,
	 METRIC_LIMITED_CHECK},
	{"captcha_limited_total", "{what=\"audio\"}", NULL,
	 METRIC_LIMITED_AUDIO},
	{"captcha_audio_total", "", "Sounds mixed, whole or for a part.",
	 METRIC_SOUND},
	{"captcha_checks_by_audio_total", "",
	 "Checks that passed by the digits of a sound.",
	 METRIC_CHECK_BY_SOUND},
	{"captcha_process_starts_total", "", "Starts of processes that serve.",
	 METRIC_STARTS},
	{"captcha_checks_total", "{verdict=\"unknown\"}", "Checks by verdict.",
	 METRIC_CHECK_UNKNOWN},
	{"captcha_checks_total", "{verdict=\"pass\"}", NULL, METRIC_CHECK_PASS},
	{"captcha_checks_total", "{verdict=\"wrong\"}", NULL,
	 METRIC_CHECK_WRONG},
	{"captcha_checks_total", "{verdict=\"expired\"}", NULL,
	 METRIC_CHECK_EXPIRED},
	{"captcha_checks_total", "{verdict=\"malformed\"}", NULL,
	 METRIC_CHECK_MALFORMED},
	{"captcha_check_requests_total", "{limit=\"exempt\"}",
	 "Checks by programs of this machine, which no limit counts, and by "
	 "visitors.",
	 METRIC_CHECK_EXEMPT},
	{"captcha_check_requests_total", "{limit=\"counted\"}", NULL,
	 METRIC_CHECK_COUNTED},
	{"captcha_tokens_total", "", "Tokens issued for right answers.",
	 METRIC_TOKEN},
	{"captcha_siteverify_total", "{verdict=\"pass\"}",
	 "Answers of siteverify by verdict.", METRIC_VERIFY_PASS},
	{"captcha_siteverify_total", "{verdict=\"malformed\"}", NULL,
	 METRIC_VERIFY_MALFORMED},
	{"captcha_siteverify_total", "{verdict=\"secret\"}", NULL,
	 METRIC_VERIFY_SECRET},
	{"captcha_siteverify_total", "{verdict=\"invalid\"}", NULL,
	 METRIC_VERIFY_INVALID},
	{"captcha_siteverify_total", "{verdict=\"expired\"}", NULL,
	 METRIC_VERIFY_EXPIRED},
	{"captcha_siteverify_total", "{verdict=\"used\"}", NULL,
	 METRIC_VERIFY_USED},
	{"captcha_siteverify_total", "{verdict=\"error\"}", NULL,
	 METRIC_VERIFY_ERROR},
	{"captcha_secret_uses_total", "{place=\"1\"}",
	 "Uses of secrets by their place in the list of a site.",
	 METRIC_SECRET_1},
	{"captcha_secret_uses_total", "{place=\"2\"}", NULL,
	 METRIC_SECRET_2},
	{"captcha_secret_uses_total", "{place=\"3\"}", NULL,
	 METRIC_SECRET_3},
	{"captcha_secret_uses_total", "{place=\"4\"}", NULL,
	 METRIC_SECRET_4},
};

static const struct {
	const char *family, *help;
} times[METRIC_TIME_COUNT] = {
	[METRIC_TIME_REQUEST] = {"captcha_request_duration_seconds",
				 "From a request to its answer."},
	[METRIC_TIME_DRAW] = {"captcha_draw_duration_seconds",
			      "Drawing of a picture."},
	[METRIC_TIME_STORE] = {"captcha_store_duration_seconds",
			       "A call of the store."},
};

static void add_head(struct buf *out, const char *family, const char *type,
		     const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", family, help, family,
		 type);
}

static void add_counters(struct buf *out, const struct metrics_view *view)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];

		if (row->help)
			add_head(out, row->family, "counter", row->help);
		buf_addf(out, "%s%s %llu\n", row->family, row->labels,
			 (unsigned long long)view->counts[row->metric]);
	}
}

static void add_seconds(struct buf *out, uint64_t us)
{
	buf_addf(out, "%llu.%06llu", (unsigned long long)(us / 1000000),
		 (unsigned long long)(us % 1000000));
}

static void add_histogram(struct buf *out, const char *family,
			  const struct metrics_histogram *from)
{
	uint64_t n = 0;

	for (size_t i = 0; i < METRIC_BUCKETS; i++) {
		int64_t bound_us = metrics_bucket_us(i);

		n += from->n[i];
		buf_addf(out, "%s_bucket{le=\"", family);
		if (bound_us == INT64_MAX)
			buf_add_str(out, "+Inf");
		else
			add_seconds(out, (uint64_t)bound_us);
		buf_addf(out, "\"} %llu\n", (unsigned long long)n);
	}
	buf_addf(out, "%s_sum ", family);
	add_seconds(out, from->sum_us);
	buf_addf(out, "\n%s_count %llu\n", family, (unsigned long long)n);
}

static void add_gauge(struct buf *out, const char *name, const char *help,
		      int64_t value)
{
	add_head(out, name, "gauge", help);
	buf_addf(out, "%s %lld\n", name, (long long)value);
}

static void add_memory(struct buf *out, const struct metrics_view *view)
{
	static const char family[] = "captcha_memory_bytes";

	add_head(out, family, "gauge",
		 "Memory that live processes have allocated, by class.");
	for (size_t i = 0; i < MEM_CLASS_COUNT; i++)
		buf_addf(out, "%s{class=\"%s\"} %lld\n", family,
			 mem_class_name((enum mem_class)i),
			 (long long)view->bytes[i]);
}

static void add_ready(struct buf *out, const struct challenge *challenge,
		      const struct challenge_counts *counts)
{
	static const char family[] = "captcha_pool_ready";
	const struct profile *profile;

	add_head(out, family, "gauge", "Pictures that wait in the pool.");
	for (size_t i = 0; (profile = challenge_profile_at(challenge, i)); i++)
		buf_addf(out, "%s{profile=\"%s\"} %lld\n", family,
			 http_profile_name(profile),
			 (long long)counts->n_ready[i]);
}

enum cf_status handle_metrics(const struct context *ctx,
			      const struct call *call, struct reply *reply,
			      struct cf_error *err)
{
	struct challenge_counts counts;
	struct buf *body = reply->body;
	struct clk clk = clk_system();
	int64_t now_unix_ms = clk_unix_ms(&clk);
	struct metrics_view view;

	(void)call;
	metrics_heartbeat(now_unix_ms);
	metrics_read(&view, now_unix_ms);
	reply->type = METRICS_TYPE;
	add_counters(body, &view);
	for (size_t i = 0; i < METRIC_TIME_COUNT; i++) {
		add_head(body, times[i].family, "histogram", times[i].help);
		add_histogram(body, times[i].family, &view.times[i]);
	}
	/* Leave out a count that fails: the other counters help to find the
	 * cause. */
	if (!challenge_count(ctx->challenge, &counts, err)) {
		add_gauge(body, "captcha_challenges_live",
			  "Challenges in the store.", counts.n_live);
		add_gauge(body, "captcha_challenges_live_max",
			  "The setting max_live.", counts.max_live);
		add_ready(body, ctx->challenge, &counts);
	}
	add_gauge(body, "captcha_processes", "Live processes that serve.",
		  view.n_processes);
	add_memory(body, &view);
	add_head(body, "captcha_build_info", "gauge", "The version.");
	buf_addf(body, "captcha_build_info{version=\"%s\"} 1\n",
		 PACKAGE_VERSION);
	return CF_OK;
}
