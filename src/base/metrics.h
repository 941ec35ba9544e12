/*
 * What the service has done, counted over all its processes: counters and
 * histograms in memory that they share (base/shared.h), so that they outlive
 * each of them and nothing is counted twice; and what each live process says
 * of itself.
 *
 * Like the heap, there is one of these in a process. Until metrics_open, and
 * where that failed, it counts for itself alone.
 */
#ifndef CF_BASE_METRICS_H
#define CF_BASE_METRICS_H

#include "base/mem.h"
#include "base/status.h"

/* Counters; they only grow. */
enum metric {
	METRIC_ISSUED,
	METRIC_CHECK_PASS, /* checks that came to a verdict */
	METRIC_CHECK_WRONG,
	METRIC_CHECK_EXPIRED,
	METRIC_CHECK_UNKNOWN,
	METRIC_CHECK_MALFORMED,
	METRIC_POOL_HIT, /* a picture that waited was handed out */
	METRIC_POOL_MISS, /* one had to be drawn meanwhile */
	METRIC_STORE_ERROR,
	METRIC_STORE_UNTRIED, /* of these, while it was out of reach */
	METRIC_STORE_CONNECT, /* to a server that keeps it */
	METRIC_ANSWER_OTHER, /* of requests, by class of status */
	METRIC_ANSWER_2XX,
	METRIC_ANSWER_4XX,
	METRIC_ANSWER_5XX,
	METRIC_LIMITED_ISSUE, /* refused, of one client too many */
	METRIC_LIMITED_CHECK,
	METRIC_STARTS, /* of processes that serve many requests */
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
	METRIC_STALE_S = 60, /* who says nothing for so long is not counted */
};

/* The upper bound of a bucket, inclusive; of the last, INT64_MAX. */
int64_t metrics_bucket_us(size_t bucket);

/* Map the counters of all processes below this directory. */
CF_MUST_CHECK
enum cf_status metrics_open(int dir_fd, struct cf_error *err);

/* Counts go on, for this process alone. */
void metrics_close(void);

void metrics_add(enum metric metric, uint64_t n);

/* A moment to measure from; and note how long it took since then, which is
 * returned in microseconds. */
int64_t metrics_begin(void);
int64_t metrics_end(enum metric_time what, int64_t begin);

/* Say that this process is alive (a child is another one, and so is one with
 * the same number in another container), and how much it has of each class:
 * now and then, at least every METRIC_STALE_S / 2. */
void metrics_tell(int64_t now_unix_ms);

struct metrics_histogram {
	uint64_t n[METRIC_BUCKETS]; /* of each bucket alone */
	uint64_t sum_us;
};

struct metrics_view {
	uint64_t counts[METRIC_COUNT];
	struct metrics_histogram times[METRIC_TIME_COUNT];
	int64_t n_processes; /* live ones that serve many requests */
	int64_t bytes[MEM_CLASS_COUNT]; /* of those, together */
};

void metrics_read(struct metrics_view *out, int64_t now_unix_ms);

#endif
