/*
 * metrics.c: all processes count into one place; nothing is lost or counted
 * twice, whoever dies.
 */
#include "base/base.h"
#include "base/metrics.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static const int64_t now_ms = 1800000000000;
static char dir[TEMP_PATH_BYTES];
static int dir_fd;
static struct metrics_view view;

static int set_up(void **state)
{
	(void)state;
	temp_dir_make(dir);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	metrics_close();
	(void)close(dir_fd);
	temp_dir_remove(dir);
	return 0;
}

static void map(void)
{
	struct cf_error err = CF_ERROR_INIT;

	assert_ok(metrics_open(dir_fd, &err), &err);
}

static void look(int64_t later_s)
{
	metrics_read(&view, now_ms + later_s * 1000);
}

static void without_a_file_it_counts_for_itself(void **state)
{
	uint64_t before;

	(void)state;
	look(0);
	before = view.counts[METRIC_ISSUED];
	metrics_add(METRIC_ISSUED, 3);
	look(0);
	assert_int_equal(view.counts[METRIC_ISSUED], before + 3);
	map();
	look(0);
	assert_int_equal(view.counts[METRIC_ISSUED], 0);
}

static void counts_outlive_processes(void **state)
{
	enum { N_PROCESSES = 6, N_ADDS = 5000 };

	(void)state;
	for (int i = 0; i < N_PROCESSES; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid)
			continue;
		map();
		metrics_heartbeat(now_ms);
		for (int k = 0; k < N_ADDS; k++) {
			int64_t begun = metrics_begin();

			metrics_add(METRIC_CHECK_PASS, 1);
			(void)metrics_end(METRIC_TIME_DRAW, begun);
		}
		(void)kill(getpid(), SIGKILL);
	}
	for (int i = 0; i < N_PROCESSES; i++)
		assert_true(wait(NULL) > 0);
	map();
	look(0);
	assert_int_equal(view.counts[METRIC_CHECK_PASS],
			 N_PROCESSES * N_ADDS);
	assert_int_equal(view.counts[METRIC_CHECK_WRONG], 0);
	for (size_t i = 1; i < METRIC_BUCKETS; i++)
		view.times[METRIC_TIME_DRAW].n[0] +=
			view.times[METRIC_TIME_DRAW].n[i];
	assert_int_equal(view.times[METRIC_TIME_DRAW].n[0],
			 N_PROCESSES * N_ADDS);
	/* and nobody is taken for alive */
	assert_int_equal(view.n_processes, 0);
	metrics_close();
	map();
	look(0);
	assert_int_equal(view.counts[METRIC_CHECK_PASS],
			 N_PROCESSES * N_ADDS);
}

static void a_time_goes_into_its_bucket(void **state)
{
	static const struct timespec wait = {0, 3000000};
	const struct metrics_histogram *times = &view.times[METRIC_TIME_STORE];
	uint64_t n = 0;
	int64_t begun, took_us;

	(void)state;
	map();
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

static void a_process_tells_what_it_has(void **state)
{
	void *block = mem_alloc(MEM_POOL, 1, 100000);
	int64_t before;

	(void)state;
	map();
	metrics_heartbeat(now_ms);
	metrics_heartbeat(now_ms); /* once all the same */
	look(0);
	assert_int_equal(view.n_processes, 1);
	before = view.bytes[MEM_POOL];
	assert_true(before >= 100000);
	mem_free(block);
	metrics_heartbeat(now_ms);
	look(0);
	assert_int_equal(view.bytes[MEM_POOL], before - 100000);
	/* silence, or a clock that was turned back, is taken for an end */
	look(METRIC_STALE_S);
	assert_int_equal(view.n_processes, 1);
	look(METRIC_STALE_S + 1);
	assert_int_equal(view.n_processes, 0);
	look(-METRIC_STALE_S - 1);
	assert_int_equal(view.n_processes, 0);
	metrics_close();
	map();
	look(0);
	assert_int_equal(view.n_processes, 0);
}

/* Places of the dead are used again; when all are taken by the living, the
 * rest count, and are not seen. */
static void there_is_room_for_many(void **state)
{
	enum { N = METRIC_PROCESSES_MAX + 3 };
	int told[2], wait_for[2];
	char byte;

	(void)state;
	map();
	for (int round = 0; round < 2; round++) {
		assert_int_equal(pipe(told), 0);
		assert_int_equal(pipe(wait_for), 0);
		for (int i = 0; i < N; i++) {
			pid_t pid = fork();

			assert_true(pid >= 0);
			if (pid)
				continue;
			(void)close(wait_for[1]);
			metrics_heartbeat(now_ms);
			metrics_add(METRIC_STARTS, 1);
			if (write(told[1], "x", 1) == 1)
				(void)!read(wait_for[0], &byte, 1);
			_exit(0);
		}
		for (int i = 0; i < N; i++)
			assert_int_equal(read(told[0], &byte, 1), 1);
		look(0);
		assert_int_equal(view.n_processes, METRIC_PROCESSES_MAX);
		assert_int_equal(view.counts[METRIC_STARTS], N * (round + 1));
		(void)close(wait_for[1]);
		for (int i = 0; i < N; i++)
			assert_true(wait(NULL) > 0);
		(void)close(wait_for[0]);
		(void)close(told[0]);
		(void)close(told[1]);
	}
}

/* The first process of a PID namespace of its own, as in a container: it tells
 * of itself and stays until the pipe is closed. */
static void be_first(int told, int wait_for)
{
	char byte;
	pid_t pid;

	if (unshare(CLONE_NEWPID) &&
	    unshare(CLONE_NEWUSER | CLONE_NEWPID)) {
		(void)!write(told, "-", 1);
		_exit(0);
	}
	pid = fork();
	if (pid == 0) {
		assert_int_equal(getpid(), 1);
		metrics_heartbeat(now_ms);
		if (write(told, "x", 1) == 1)
			(void)!read(wait_for, &byte, 1);
		_exit(0);
	}
	(void)close(told);
	_exit(pid < 0 || waitpid(pid, NULL, 0) != pid);
}

static void the_same_number_in_two_containers_is_two_processes(void **state)
{
	int told[2], wait_for[2];
	char byte = '-';

	(void)state;
	map();
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(wait_for), 0);
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			(void)close(wait_for[1]);
			be_first(told[1], wait_for[0]);
		}
		assert_int_equal(read(told[0], &byte, 1), 1);
		if (byte == '-')
			break;
	}
	look(0);
	(void)close(wait_for[1]);
	while (wait(NULL) > 0)
		;
	(void)close(wait_for[0]);
	(void)close(told[0]);
	(void)close(told[1]);
	if (byte == '-')
		skip(); /* no namespaces for this user here */
	assert_int_equal(view.n_processes, 2);
	/* they left without a word: only time tells from here */
	look(METRIC_STALE_S + 1);
	assert_int_equal(view.n_processes, 0);
}

/* It would be seen as the one before by its number alone. */
static void a_child_is_another_process(void **state)
{
	pid_t pid;
	int status;

	(void)state;
	map();
	metrics_heartbeat(now_ms);
	pid = fork();
	if (pid == 0) {
		metrics_heartbeat(now_ms);
		look(0);
		_exit(view.n_processes != 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	look(0); /* it died without a word, and is seen to be gone */
	assert_int_equal(view.n_processes, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_file_it_counts_for_itself),
		TEST(counts_outlive_processes),
		TEST(a_time_goes_into_its_bucket),
		TEST(a_process_tells_what_it_has),
		TEST(there_is_room_for_many),
		TEST(the_same_number_in_two_containers_is_two_processes),
		TEST(a_child_is_another_process),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
