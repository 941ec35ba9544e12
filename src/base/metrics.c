/*
 * Counters: see metrics.h. Each changes by one atomic addition; no order
 * between two counters is promised.
 */
#include "base/base.h"
#include "base/metrics.h"

#include "base/shared.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/random.h>
#include <sys/stat.h>

/*
 * The name of a process has its number, its PID namespace and random bits:
 * numbers are used again, and containers over one cache_dir have the same
 * numbers. The name is one word, so that a process claims or frees an entry by
 * one operation.
 */
enum {
	PID_BITS = 22, /* PID_MAX_LIMIT of Linux */
	SPACE_BITS = 21,
};

/* A live process; name 0: free. Only the process with this name writes the
 * other fields. */
struct process {
	_Atomic uint64_t name;
	_Atomic int64_t seen_unix_s;
	_Atomic int64_t bytes[MEM_CLASS_COUNT];
};

struct histogram {
	_Atomic uint64_t n[METRIC_BUCKETS];
	_Atomic uint64_t sum_us;
};

struct table {
	_Atomic uint64_t counts[METRIC_COUNT];
	struct histogram times[METRIC_TIME_COUNT];
	struct process processes[METRIC_PROCESSES_MAX];
};

/* Another version has other counters: shared.c compares the size, too. */
#define MAGIC UINT64_C(0x32737463616d6663)

#define FILE_NAME "metrics"

static struct table local; /* before metrics_open */
static struct table *table = &local;
static struct shared *shared;
static struct process *me;
static uint64_t my_name; /* 0: not known yet */

static const int64_t bounds_us[METRIC_BUCKETS] = {
	50,    100,   250,    500,    1000,   2500,    5000,	10000,
	25000, 50000, 100000, 250000, 500000, 1000000, 2500000, INT64_MAX};

int64_t metrics_bucket_us(size_t bucket)
{
	assert(bucket < METRIC_BUCKETS);
	return bounds_us[bucket];
}

enum cf_status metrics_open(int dir_fd, struct cf_error *err)
{
	enum cf_status rc;

	metrics_close();
	rc = shared_open(dir_fd, FILE_NAME, sizeof(*table), MAGIC, &shared,
			 err);
	if (!rc)
		table = shared_bytes(shared);
	return rc;
}

void metrics_close(void)
{
	if (me && atomic_load(&me->name) == my_name)
		atomic_store(&me->name, 0);
	me = NULL;
	table = &local;
	shared_close(shared);
	shared = NULL;
}

static void add(_Atomic uint64_t *count, uint64_t n)
{
	(void)atomic_fetch_add_explicit(count, n, memory_order_relaxed);
}

void metrics_add(enum metric metric, uint64_t n)
{
	assert(metric < METRIC_COUNT);
	add(&table->counts[metric], n);
}

int64_t metrics_begin(void)
{
	struct timespec ts = {0, 0};

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t metrics_end(enum metric_time what, int64_t begin)
{
	struct histogram *times = &table->times[what];
	int64_t took_us = (metrics_begin() - begin) / 1000;
	size_t bucket = 0;

	assert(what < METRIC_TIME_COUNT);
	while (took_us > bounds_us[bucket])
		bucket++;
	add(&times->n[bucket], 1);
	add(&times->sum_us, (uint64_t)took_us);
	return took_us;
}

static uint64_t bits(uint64_t value, unsigned n)
{
	return value & ((UINT64_C(1) << n) - 1);
}

static pid_t pid_of(uint64_t name)
{
	return (pid_t)bits(name, PID_BITS);
}

static uint64_t space_of(uint64_t name)
{
	return bits(name >> PID_BITS, SPACE_BITS);
}

/* A child has another name than its parent. Without /proc all processes count
 * as of one namespace: pid_namespaces(7). */
static uint64_t name_of_me(void)
{
	struct stat space = {.st_ino = 0};
	uint64_t chance = 0;

	if (my_name && pid_of(my_name) == getpid())
		return my_name;
	(void)stat("/proc/self/ns/pid", &space);
	(void)!getrandom(&chance, sizeof(chance), GRND_NONBLOCK);
	my_name = chance << (PID_BITS + SPACE_BITS) |
		  bits(space.st_ino, SPACE_BITS) << PID_BITS |
		  (uint64_t)getpid();
	me = NULL;
	return my_name;
}

/* Whether a process is gone. In another PID namespace only its heartbeat can
 * tell. */
static bool is_gone(const struct process *process, int64_t now_s)
{
	uint64_t name = atomic_load(&process->name);
	int64_t age_s = now_s - atomic_load(&process->seen_unix_s);

	return !name || age_s > METRIC_STALE_S || age_s < -METRIC_STALE_S ||
	       (space_of(name) == space_of(name_of_me()) &&
		kill(pid_of(name), 0) && errno == ESRCH);
}

/* Claim the entry of a process that is gone; NULL when all processes live. */
static struct process *claim_entry(int64_t now_s)
{
	uint64_t name = name_of_me();

	for (size_t i = 0; i < METRIC_PROCESSES_MAX; i++) {
		struct process *process = &table->processes[i];
		uint64_t before = atomic_load(&process->name);

		if (!is_gone(process, now_s))
			continue;
		/* before the name: another process must not find the name
		 * with a time that is long past */
		atomic_store(&process->seen_unix_s, now_s);
		if (atomic_compare_exchange_strong(&process->name, &before,
						   name))
			return process;
	}
	return NULL;
}

void metrics_heartbeat(int64_t now_unix_ms)
{
	int64_t now_s = now_unix_ms / 1000;

	/* after a long stop another process may have claimed the entry */
	if (!me || atomic_load(&me->name) != name_of_me())
		me = claim_entry(now_s);
	if (!me)
		return;
	atomic_store(&me->seen_unix_s, now_s);
	for (size_t i = 0; i < MEM_CLASS_COUNT; i++)
		atomic_store_explicit(&me->bytes[i],
				      mem_use((enum mem_class)i).n_bytes,
				      memory_order_relaxed);
}

static uint64_t value(const _Atomic uint64_t *count)
{
	return atomic_load_explicit(count, memory_order_relaxed);
}

void metrics_read(struct metrics_view *out, int64_t now_unix_ms)
{
	*out = (struct metrics_view){.n_processes = 0};
	for (size_t i = 0; i < METRIC_COUNT; i++)
		out->counts[i] = value(&table->counts[i]);
	for (size_t i = 0; i < METRIC_TIME_COUNT; i++) {
		for (size_t k = 0; k < METRIC_BUCKETS; k++)
			out->times[i].n[k] = value(&table->times[i].n[k]);
		out->times[i].sum_us = value(&table->times[i].sum_us);
	}
	for (size_t i = 0; i < METRIC_PROCESSES_MAX; i++) {
		const struct process *process = &table->processes[i];

		if (is_gone(process, now_unix_ms / 1000))
			continue;
		out->n_processes++;
		for (size_t k = 0; k < MEM_CLASS_COUNT; k++)
			out->bytes[k] += atomic_load(&process->bytes[k]);
	}
}
