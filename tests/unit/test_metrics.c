/*
 * metrics.c: processes count together, counts outlive them, and the live
 * processes are known.
 */
#include "base/base.h"
#include "base/metrics.h"
#include "tests/support/check.h"
#include "tests/support/processes.h"
#include "tests/support/temp_dir.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

enum { N_ADDS = 5000 };

static const int64_t now_ms = 1800000000000;
static char dir[TEMP_PATH_BYTES];
static int dir_fd;
static struct metrics_view view;

static void map(void)
{
	struct cf_error err = CF_ERROR_INIT;

	assert_ok(metrics_open(dir_fd, &err), &err);
}

static int set_up(void **state)
{
	temp_dir_make(dir);
	dir_fd = temp_dir_open(dir);
	map();
	return 0;
}

static int tear_down(void **state)
{
	metrics_close();
	(void)close(dir_fd);
	temp_dir_remove(dir);
	return 0;
}

static void look(int64_t later_s)
{
	metrics_read(&view, now_ms + later_s * 1000);
}

static void a_process_without_a_file_counts_for_itself(void **state)
{
	uint64_t before;

	metrics_close();
	look(0);
	before = view.counts[METRIC_ISSUED];
	metrics_add(METRIC_ISSUED, 3);
	look(0);
	assert_int_equal(view.counts[METRIC_ISSUED], before + 3);
	map();
	look(0);
	assert_int_equal(view.counts[METRIC_ISSUED], 0);
}

static int count_and_die(int i)
{
	map();
	metrics_heartbeat(now_ms);
	for (int k = 0; k < N_ADDS; k++) {
		metrics_add(METRIC_CHECK_PASS, 1);
		(void)metrics_end(METRIC_TIME_DRAW, metrics_begin());
	}
	return kill(getpid(), SIGKILL) + i;
}

static void counts_outlive_processes(void **state)
{
	enum { N_PROCESSES = 6 };

	metrics_close();
	(void)processes_run(N_PROCESSES, count_and_die);
	for (int i = 0; i < 2; i++) {
		uint64_t n = 0;

		map();
		look(0);
		for (size_t k = 0; k < METRIC_BUCKETS; k++)
			n += view.times[METRIC_TIME_DRAW].n[k];
		assert_int_equal(n, N_PROCESSES * N_ADDS);
		assert_int_equal(view.counts[METRIC_CHECK_PASS], n);
		assert_int_equal(view.counts[METRIC_CHECK_WRONG], 0);
		assert_int_equal(view.n_processes, 0);
	}
}

static void a_time_goes_into_its_bucket(void **state)
{
	static const struct timespec wait = {0, 3000000};
	const struct metrics_histogram *times = &view.times[METRIC_TIME_STORE];
	uint64_t n = 0;
	int64_t begun, took_us;

	begun = metrics_begin();
	(void)nanosleep(&wait, NULL);
	took_us = metrics_end(METRIC_TIME_STORE, begun);
	assert_true(took_us >= 3000);
	look(0);
	for (size_t i = 0; i < METRIC_BUCKETS; i++) {
		bool is_here = took_us <= metrics_bucket_us(i) &&
			       (!i || took_us > metrics_bucket_us(i - 1));

		assert_int_equal(times->n[i], is_here);
		n += times->n[i];
	}
	assert_int_equal(n, 1);
	assert_int_equal(times->sum_us, took_us);
	assert_int_equal(view.times[METRIC_TIME_REQUEST].sum_us, 0);
}

static void a_live_process_counts_with_its_heap(void **state)
{
	static const struct {
		int64_t later_s;
		int64_t n_processes;
	} rows[] = {
		{0, 1},
		{METRIC_STALE_S, 1},
		{METRIC_STALE_S + 1, 0},
		{-METRIC_STALE_S, 1}, /* the clock was set back */
		{-METRIC_STALE_S - 1, 0},
	};
	void *block = mem_alloc(MEM_POOL, 1, 100000);
	int64_t before;

	metrics_heartbeat(now_ms);
	look(0);
	before = view.bytes[MEM_POOL];
	assert_true(before >= 100000);
	mem_free(block);
	metrics_heartbeat(now_ms);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		look(rows[i].later_s);
		assert_int_equal(view.n_processes, rows[i].n_processes);
		assert_int_equal(view.bytes[MEM_POOL],
				 rows[i].n_processes * (before - 100000));
	}
	metrics_heartbeat(now_ms + METRIC_STALE_S * 1000);
	look(2 * METRIC_STALE_S);
	assert_int_equal(view.n_processes, 1);
	metrics_close();
	map();
	look(0);
	assert_int_equal(view.n_processes, 0);
}

static int count_a_start(int i)
{
	metrics_heartbeat(now_ms);
	metrics_add(METRIC_STARTS, 1);
	return 0;
}

/* Entries of dead processes are used again. A process that finds none counts,
 * but is not among the live. */
static void more_processes_than_entries_all_count(void **state)
{
	enum { N = METRIC_PROCESSES_MAX + 3 };

	for (int round = 1; round <= 2; round++) {
		(void)processes_start(N, count_a_start);
		look(0);
		processes_end();
		assert_int_equal(view.n_processes, METRIC_PROCESSES_MAX);
		assert_int_equal(view.counts[METRIC_STARTS], N * round);
	}
}

/* As process 1 of a new PID namespace, as in a container. */
static int beat_in_a_namespace(int i)
{
	pid_t pid;

	if (unshare(CLONE_NEWPID) && unshare(CLONE_NEWUSER | CLONE_NEWPID))
		return 1;
	pid = fork();
	if (pid)
		_exit(pid < 0 || waitpid(pid, NULL, 0) != pid);
	assert_int_equal(getpid(), 1);
	metrics_heartbeat(now_ms);
	return 0;
}

static void a_number_in_two_containers_is_two_processes(void **state)
{
	int n_refused = processes_start(2, beat_in_a_namespace);

	look(0);
	processes_end();
	if (n_refused)
		leave_test("the right to make a namespace");
	assert_int_equal(view.n_processes, 2);
	/* for this process only heartbeats show that they are dead */
	look(METRIC_STALE_S + 1);
	assert_int_equal(view.n_processes, 0);
}

static int beat_beside_the_parent(int i)
{
	metrics_heartbeat(now_ms);
	look(0);
	return view.n_processes == 2 ? 0 : 1 + i;
}

/* Its copy of the parent's entry is not its own. */
static void a_child_is_another_process(void **state)
{
	metrics_heartbeat(now_ms);
	assert_int_equal(processes_run(1, beat_beside_the_parent), 0);
	look(0);
	assert_int_equal(view.n_processes, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_process_without_a_file_counts_for_itself),
		TEST(counts_outlive_processes),
		TEST(a_time_goes_into_its_bucket),
		TEST(a_live_process_counts_with_its_heap),
		TEST(more_processes_than_entries_all_count),
		TEST(a_number_in_two_containers_is_two_processes),
		TEST(a_child_is_another_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
