/*
 * Counters: see metrics.h. Each is changed by one atomic addition; no order
 * between two of them is promised or needed.
 */
#include "base/base.h"
#include "base/metrics.h"

#include "base/shared.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/random.h>
#include <sys/stat.h>

/*
 * Which process it is: its number, where that number counts, and chance, since
 * numbers are given again. Containers over one cache_dir have the same numbers.
 * In one word, so that it is taken and given back at once.
 */
enum {
	PID_BITS = 22, /* PID_MAX_LIMIT of Linux */
	SPACE_BITS = 21,
};

/* A live process. who 0: free. Only its own process writes the rest. */
struct teller {
	_Atomic uint64_t who;
	_Atomic int64_t told_unix_s;
	_Atomic int64_t bytes[MEM_CLASS_COUNT];
};

struct histogram {
	_Atomic uint64_t n[METRIC_BUCKETS];
	_Atomic uint64_t sum_us;
};

struct board {
	_Atomic uint64_t counts[METRIC_COUNT];
	struct histogram times[METRIC_TIME_COUNT];
	struct teller tellers[METRIC_PROCESSES_MAX];
};

/* In front of the number of the layout, so that another version's counters
 * are never read as these: its size is checked too. */
#define MAGIC UINT64_C(0x32737463616d6663)

#define FILE_NAME "metrics"

static struct board own; /* before metrics_open */
static struct board *board = &own;
static struct shared *shared;
static struct teller *me;
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
	rc = shared_open(dir_fd, FILE_NAME, sizeof(*board), MAGIC, &shared,
			 err);
	if (!rc)
		board = shared_bytes(shared);
	return rc;
}

void metrics_close(void)
{
	if (me && atomic_load(&me->who) == my_name)
		atomic_store(&me->who, 0);
	me = NULL;
	board = &own;
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
	add(&board->counts[metric], n);
}

int64_t metrics_begin(void)
{
	struct timespec ts = {0, 0};

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t metrics_end(enum metric_time what, int64_t begin)
{
	struct histogram *times = &board->times[what];
	int64_t took_us = (metrics_begin() - begin) / 1000;
	size_t bucket = 0;

	assert(what < METRIC_TIME_COUNT);
	while (took_us > bounds_us[bucket])
		bucket++;
	add(&times->n[bucket], 1);
	add(&times->sum_us, (uint64_t)took_us);
	return took_us;
}

static pid_t pid_of(uint64_t who)
{
	return (pid_t)(who & ((UINT64_C(1) << PID_BITS) - 1));
}

static uint64_t space_of(uint64_t who)
{
	return who >> PID_BITS & ((UINT64_C(1) << SPACE_BITS) - 1);
}

/* The number of the PID namespace: pid_namespaces(7). Where /proc is not to be
 * had all are taken for one. */
static uint64_t own_space(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) ? 0 : (uint64_t)st.st_ino;
}

/* A child has another name than its parent. */
static uint64_t own_name(void)
{
	uint64_t chance = 0;

	if (my_name && pid_of(my_name) == getpid())
		return my_name;
	(void)!getrandom(&chance, sizeof(chance), GRND_NONBLOCK);
	my_name = own_space() << PID_BITS;
	my_name &= (UINT64_C(1) << (PID_BITS + SPACE_BITS)) - 1;
	my_name |= chance << (PID_BITS + SPACE_BITS);
	my_name |= (uint64_t)getpid();
	me = NULL;
	return my_name;
}

/* Whether a process that told of itself is gone. Of one in another container
 * only time can tell. */
static bool is_gone(const struct teller *teller, int64_t now_s)
{
	uint64_t who = atomic_load(&teller->who);
	int64_t ago_s = now_s - atomic_load(&teller->told_unix_s);

	return !who || ago_s > METRIC_STALE_S || ago_s < -METRIC_STALE_S ||
	       (space_of(who) == space_of(own_name()) &&
		kill(pid_of(who), 0) && errno == ESRCH);
}

/* A place to tell at; NULL when all are taken. */
static struct teller *find_place(int64_t now_s)
{
	uint64_t name = own_name();

	for (size_t i = 0; i < METRIC_PROCESSES_MAX; i++) {
		struct teller *teller = &board->tellers[i];
		uint64_t before = atomic_load(&teller->who);

		if (!is_gone(teller, now_s))
			continue;
		/* first, or another would find a place that is long stale */
		atomic_store(&teller->told_unix_s, now_s);
		if (atomic_compare_exchange_strong(&teller->who, &before, name))
			return teller;
	}
	return NULL;
}

void metrics_tell(int64_t now_unix_ms)
{
	int64_t now_s = now_unix_ms / 1000;

	/* others may have taken it meanwhile, after a long stop */
	if (!me || atomic_load(&me->who) != own_name())
		me = find_place(now_s);
	if (!me)
		return;
	atomic_store(&me->told_unix_s, now_s);
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
		out->counts[i] = value(&board->counts[i]);
	for (size_t i = 0; i < METRIC_TIME_COUNT; i++) {
		for (size_t k = 0; k < METRIC_BUCKETS; k++)
			out->times[i].n[k] = value(&board->times[i].n[k]);
		out->times[i].sum_us = value(&board->times[i].sum_us);
	}
	for (size_t i = 0; i < METRIC_PROCESSES_MAX; i++) {
		const struct teller *teller = &board->tellers[i];

		if (is_gone(teller, now_unix_ms / 1000))
			continue;
		out->n_processes++;
		for (size_t k = 0; k < MEM_CLASS_COUNT; k++)
			out->bytes[k] += atomic_load(&teller->bytes[k]);
	}
}
