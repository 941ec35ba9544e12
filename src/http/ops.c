/*
 * GET /metrics: what base/metrics.h counts, and what waits now, in the text
 * format of Prometheus, version 0.0.4. For this machine and for whom
 * metrics_allow names.
 */
#include "base/base.h"
#include "base/metrics.h"
#include "http/context.h"

#include "base/clk.h"

#define TYPE "text/plain; version=0.0.4; charset=utf-8"

/* A family's rows stand together; help is of its first. */
struct row {
	const char *family, *labels, *help;
	enum metric metric;
};

static const struct row rows[] = {
	{"captcha_challenges_issued_total", "", "Challenges handed out.",
	 METRIC_ISSUED},
	{"captcha_checks_total", "{verdict=\"pass\"}",
	 "Checks by what they came to.", METRIC_CHECK_PASS},
	{"captcha_checks_total", "{verdict=\"wrong\"}", NULL,
	 METRIC_CHECK_WRONG},
	{"captcha_checks_total", "{verdict=\"expired\"}", NULL,
	 METRIC_CHECK_EXPIRED},
	{"captcha_checks_total", "{verdict=\"unknown\"}", NULL,
	 METRIC_CHECK_UNKNOWN},
	{"captcha_checks_total", "{verdict=\"malformed\"}", NULL,
	 METRIC_CHECK_MALFORMED},
	{"captcha_pool_pictures_total", "{result=\"hit\"}",
	 "Challenges whose picture was waiting, and those it was drawn for.",
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
	{"captcha_responses_total", "{class=\"4xx\"}", NULL,
	 METRIC_ANSWER_4XX},
	{"captcha_responses_total", "{class=\"5xx\"}", NULL,
	 METRIC_ANSWER_5XX},
	{"captcha_responses_total", "{class=\"other\"}", NULL,
	 METRIC_ANSWER_OTHER},
	{"captcha_limited_total", "{what=\"issue\"}",
	 "Requests refused because one address had too many.",
	 METRIC_LIMITED_ISSUE},
	{"captcha_limited_total", "{what=\"check\"}", NULL,
	 METRIC_LIMITED_CHECK},
	{"captcha_process_starts_total", "",
	 "Starts of processes that serve.", METRIC_STARTS},
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
		 "What live processes have allocated, by class.");
	for (size_t i = 0; i < MEM_CLASS_COUNT; i++)
		buf_addf(out, "%s{class=\"%s\"} %lld\n", family,
			 mem_class_name((enum mem_class)i),
			 (long long)view->bytes[i]);
}

static void add_ready(struct http *http, const struct challenge_counts *counts)
{
	static const char family[] = "captcha_pool_ready";
	const struct profile *profile;

	add_head(&http->res.body, family, "gauge",
		 "Pictures that wait in the pool.");
	for (size_t i = 0; (profile = challenge_profile_at(http->challenge, i));
	     i++) {
		buf_addf(&http->res.body, "%s{profile=\"%s\"} %lld\n", family,
			 http_profile_name(profile),
			 (long long)counts->n_ready[i]);
	}
}

void handle_metrics(struct http *http, struct cf_error *err)
{
	struct challenge_counts counts;
	struct buf *body = &http->res.body;
	struct clk clk = clk_system();
	int64_t now_unix_ms = clk_unix_ms(&clk);
	struct metrics_view view;

	if (!http_is_for_operator(http)) {
		response_fail_forbidden(&http->res, "Metrics are for this "
					"machine and for whom metrics_allow "
					"names.");
		return;
	}
	metrics_tell(now_unix_ms);
	metrics_read(&view, now_unix_ms);
	response_begin(&http->res, 200, TYPE);
	add_counters(body, &view);
	for (size_t i = 0; i < METRIC_TIME_COUNT; i++) {
		add_head(body, times[i].family, "histogram", times[i].help);
		add_histogram(body, times[i].family, &view.times[i]);
	}
	/* what cannot be counted is left out: a scrape that fails would hide
	 * the counters that say why */
	if (!challenge_count(http->challenge, &counts, err)) {
		add_gauge(body, "captcha_challenges_live",
			  "Challenges in the store.", counts.n_live);
		add_gauge(body, "captcha_challenges_live_max",
			  "The setting max_live.", counts.max_live);
		add_ready(http, &counts);
	}
	add_gauge(body, "captcha_processes",
		  "Live processes that serve.", view.n_processes);
	add_memory(body, &view);
	add_head(body, "captcha_build_info", "gauge", "The version.");
	buf_addf(body, "captcha_build_info{version=\"%s\"} 1\n",
		 PACKAGE_VERSION);
}
