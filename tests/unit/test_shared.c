/*
 * shared.c: what one process writes all others see, whoever dies; a file that
 * is not what it should be is replaced, never changed under those who have it.
 */
#include "base/base.h"
#include "base/shared.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { N_BYTES = 5000 };

static const uint64_t magic = 0x1234;
static char dir[TEMP_PATH_BYTES];
static int dir_fd;
static struct cf_error err;

static int set_up(void **state)
{
	(void)state;
	temp_dir_make(dir);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = (struct cf_error)CF_ERROR_INIT;
	return dir_fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)close(dir_fd);
	temp_dir_remove(dir);
	return 0;
}

static struct shared *map(void)
{
	struct shared *shared;

	assert_ok(shared_open(dir_fd, "it", N_BYTES, magic, &shared, &err),
		  &err);
	return shared;
}

/* Make the file these bytes. */
static void write_file(const char *bytes, size_t len)
{
	int fd = openat(dir_fd, "it", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	(void)close(fd);
}

static void it_begins_with_zeroes_and_is_0600(void **state)
{
	struct shared *shared = map();
	const char *bytes = shared_bytes(shared);
	struct stat st;

	(void)state;
	assert_int_equal((uintptr_t)bytes % 64, 0);
	for (size_t i = 0; i < N_BYTES; i++)
		assert_int_equal(bytes[i], 0);
	assert_int_equal(fstatat(dir_fd, "it", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(st.st_blocks * 512 >= N_BYTES); /* no holes */
	shared_close(shared);
}

static void what_is_written_stays(void **state)
{
	struct shared *one = map(), *two = map();
	char *a = shared_bytes(one), *b = shared_bytes(two);

	(void)state;
	a[N_BYTES - 1] = 'x';
	assert_int_equal(b[N_BYTES - 1], 'x');
	shared_close(one);
	shared_close(two);
	one = map();
	assert_int_equal(((char *)shared_bytes(one))[N_BYTES - 1], 'x');
	shared_close(one);
}

/* All at once, from nothing: they have to come to one file. */
static void many_processes_meet_in_one_file(void **state)
{
	enum { N_PROCESSES = 8, N_ADDS = 10000 };
	struct shared *shared;
	atomic_uint *count;

	(void)state;
	for (int i = 0; i < N_PROCESSES; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid)
			continue;
		shared = map();
		count = shared_bytes(shared);
		for (int k = 0; k < N_ADDS; k++)
			(void)atomic_fetch_add(count, 1);
		(void)kill(getpid(), SIGKILL); /* nothing is lost by that */
	}
	for (int i = 0; i < N_PROCESSES; i++)
		assert_true(wait(NULL) > 0);
	shared = map();
	count = shared_bytes(shared);
	assert_int_equal(*count, N_PROCESSES * N_ADDS);
	shared_close(shared);
}

static void another_kind_or_size_is_replaced(void **state)
{
	static char junk[64 + N_BYTES];
	struct shared *old = map(), *shared;

	(void)state;
	*(char *)shared_bytes(old) = 'x';
	assert_ok(shared_open(dir_fd, "it", N_BYTES, magic + 1, &shared, &err),
		  &err);
	assert_int_equal(*(char *)shared_bytes(shared), 0);
	assert_int_equal(*(char *)shared_bytes(old), 'x'); /* not touched */
	shared_close(shared);
	shared_close(old);
	assert_ok(shared_open(dir_fd, "it", N_BYTES * 2, magic + 1, &shared,
			      &err), &err);
	shared_close(shared);
	for (size_t len = 0; len <= sizeof(junk); len += 633) {
		memset(junk, 0x55, sizeof(junk));
		write_file(junk, len);
		shared = map();
		assert_int_equal(*(char *)shared_bytes(shared), 0);
		shared_close(shared);
	}
	write_file(junk, sizeof(junk));
	shared = map();
	assert_int_equal(*(char *)shared_bytes(shared), 0);
	shared_close(shared);
}

static void what_cannot_be_opened_says_why(void **state)
{
	struct shared *shared = (struct shared *)dir;

	(void)state;
	assert_int_equal(mkdirat(dir_fd, "it", 0700), 0);
	assert_status(shared_open(dir_fd, "it", N_BYTES, magic, &shared, &err),
		      CF_IO, &err);
	assert_null(shared);
	assert_non_null(strstr(err.text, "it"));
	assert_int_equal(unlinkat(dir_fd, "it", AT_REMOVEDIR), 0);
	err = (struct cf_error)CF_ERROR_INIT;
	assert_int_equal(symlinkat("elsewhere", dir_fd, "it"), 0);
	assert_status(shared_open(dir_fd, "it", N_BYTES, magic, &shared, &err),
		      CF_IO, &err);
	assert_int_equal(unlinkat(dir_fd, "it", 0), 0);
}

static void without_room_there_is_none_and_later_there_is(void **state)
{
	struct rlimit before, small;
	struct shared *shared;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_status(shared_open(dir_fd, "it", N_BYTES, magic, &shared, &err),
		      CF_FULL, &err);
	assert_int_equal(faccessat(dir_fd, "it", F_OK, 0), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	err = (struct cf_error)CF_ERROR_INIT;
	shared = map();
	shared_close(shared);
}

static void close_accepts_null(void **state)
{
	(void)state;
	shared_close(NULL);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_begins_with_zeroes_and_is_0600),
		TEST(what_is_written_stays),
		TEST(many_processes_meet_in_one_file),
		TEST(another_kind_or_size_is_replaced),
		TEST(what_cannot_be_opened_says_why),
		TEST(without_room_there_is_none_and_later_there_is),
		TEST(close_accepts_null),
	};

	return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}
