/*
 * Counters and histograms of all processes of the service, in memory that they
 * share (base/shared.h): counts outlive the processes. A live process adds its
 * heap by a heartbeat.
 *
 * Like the heap, a process has one set of counters. Until metrics_open, and
 * when it failed, the process counts for itself alone.
 */
#ifndef CF_BASE_METRICS_H
#define CF_BASE_METRICS_H

#include "base/mem.h"
#include "base/status.h"

/* Counters; they only grow. */
enum metric {
	METRIC_ISSUED,
	METRIC_CHECK_PASS, /* checks, by verdict */
	METRIC_CHECK_WRONG,
	METRIC_CHECK_EXPIRED,
	METRIC_CHECK_UNKNOWN,
	METRIC_CHECK_MALFORMED,
	METRIC_CHECK_EXEMPT,  /* checks, by whether a limit counts them: */
	METRIC_CHECK_COUNTED, /* http/visitor.h; not those refused by it */
	METRIC_CHECK_BY_SOUND, /* of METRIC_CHECK_PASS, by the digits */
	METRIC_SOUND,	       /* sounds mixed */
	METRIC_POOL_HIT,  /* the picture was drawn ahead */
	METRIC_POOL_MISS, /* the request had to draw it */
	METRIC_STORE_ERROR,
	METRIC_STORE_UNTRIED, /* of these, calls while the breaker was open */
	METRIC_STORE_CONNECT, /* connections to the server of the store */
	METRIC_ANSWER_OTHER,  /* responses, by class of status */
	METRIC_ANSWER_2XX,
	METRIC_ANSWER_4XX,
	METRIC_ANSWER_5XX,
	METRIC_LIMITED_ISSUE, /* requests refused by http/limit.h */
	METRIC_LIMITED_CHECK,
	METRIC_LIMITED_AUDIO,
	METRIC_STARTS, /* of processes that serve many requests */
	METRIC_TOKEN,  /* tokens issued */
	METRIC_VERIFY_PASS, /* answers of siteverify, by verdict */
	METRIC_VERIFY_MALFORMED,
	METRIC_VERIFY_SECRET,
	METRIC_VERIFY_INVALID,
	METRIC_VERIFY_EXPIRED,
	METRIC_VERIFY_USED,
	METRIC_VERIFY_ERROR,
	METRIC_SECRET_1, /* uses of a site's secrets, by place in its list */
	METRIC_SECRET_2,
	METRIC_SECRET_3,
	METRIC_SECRET_4,
	METRIC_COUNT
};

/* Durations, each with a histogram. */
enum metric_time {
	METRIC_TIME_REQUEST,
	METRIC_TIME_DRAW,
	METRIC_TIME_STORE, /* a call of the store */
	METRIC_TIME_COUNT
};

enum {
	METRIC_BUCKETS = 16, /* the last has no upper bound */
	METRIC_PROCESSES_MAX = 128,
	METRIC_STALE_S = 60, /* a process without a heartbeat is dead */
};

/* The upper bound of a bucket, inclusive; INT64_MAX for the last. */
int64_t metrics_bucket_us(size_t bucket);

/* Map the counters of all processes with this directory. */
CF_MUST_CHECK
enum cf_status metrics_open(int dir_fd, struct cf_error *err);

/* From here on the process counts for itself alone. */
void metrics_close(void);

void metrics_add(enum metric metric, uint64_t n);

/* The time in nanoseconds, for metrics_end. */
int64_t metrics_begin(void);

/* Count the time since metrics_begin; returns it in microseconds. */
int64_t metrics_end(enum metric_time what, int64_t begin);

/* Note that this process lives, and how much heap it has, at least every
 * METRIC_STALE_S / 2. A child is another process, and so is one with the same
 * number in another container. */
void metrics_heartbeat(int64_t now_unix_ms);

struct metrics_histogram {
	uint64_t n[METRIC_BUCKETS]; /* of each bucket alone */
	uint64_t sum_us;
};

struct metrics_view {
	uint64_t counts[METRIC_COUNT];
	struct metrics_histogram times[METRIC_TIME_COUNT];
	int64_t n_processes;		/* live, with a heartbeat */
	int64_t bytes[MEM_CLASS_COUNT]; /* of the heaps of these */
};

void metrics_read(struct metrics_view *out, int64_t now_unix_ms);

#endif
