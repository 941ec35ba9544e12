/*
 * shared.c: processes see what the others write, and it outlives them. A file
 * of another kind is replaced, not changed: processes may have it mapped.
 */
#include "base/base.h"
#include "base/shared.h"
#include "tests/support/check.h"
#include "tests/support/processes.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { N_BYTES = 5000, N_ADDS = 10000 };

static const uint64_t magic = 0x1234;
static char dir[TEMP_PATH_BYTES];
static int dir_fd;
static struct cf_error err;

static int set_up(void **state)
{
	temp_dir_make(dir);
	dir_fd = temp_dir_open(dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)close(dir_fd);
	temp_dir_remove(dir);
	return 0;
}

static enum cf_status try(uint64_t its_magic, size_t n_bytes,
			  struct shared **shared)
{
	err = (struct cf_error)CF_ERROR_INIT;
	return shared_open(dir_fd, "it", n_bytes, its_magic, shared, &err);
}

static struct shared *map(void)
{
	struct shared *shared;

	assert_ok(try(magic, N_BYTES, &shared), &err);
	return shared;
}

static void a_new_file_has_zeroes_and_is_0600(void **state)
{
	struct shared *shared = map();
	const char *bytes = shared_bytes(shared);
	struct stat st;

	assert_int_equal((uintptr_t)bytes % 64, 0);
	for (size_t i = 0; i < N_BYTES; i++)
		assert_int_equal(bytes[i], 0);
	assert_int_equal(fstatat(dir_fd, "it", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(st.st_blocks * 512 >= N_BYTES); /* no holes */
	shared_close(shared);
	shared_close(NULL);
}

static void bytes_are_seen_by_all_and_stay(void **state)
{
	struct shared *one = map(), *two = map();
	char *a = shared_bytes(one), *b = shared_bytes(two);

	a[N_BYTES - 1] = 'x';
	assert_int_equal(b[N_BYTES - 1], 'x');
	shared_close(one);
	shared_close(two);
	one = map();
	assert_int_equal(((char *)shared_bytes(one))[N_BYTES - 1], 'x');
	shared_close(one);
}

static int count_and_die(int i)
{
	struct shared *shared = map();
	atomic_uint *count = shared_bytes(shared);

	for (int k = 0; k < N_ADDS; k++)
		(void)atomic_fetch_add(count, 1);
	return kill(getpid(), SIGKILL) + i;
}

static void processes_that_begin_at_once_meet_in_one_file(void **state)
{
	enum { N_PROCESSES = 8 };
	struct shared *shared;

	(void)processes_run(N_PROCESSES, count_and_die);
	shared = map();
	assert_int_equal(*(atomic_uint *)shared_bytes(shared),
			 N_PROCESSES * N_ADDS);
	shared_close(shared);
}

static void a_file_of_another_kind_or_size_is_replaced(void **state)
{
	static char junk[64 + N_BYTES];
	struct shared *old = map(), *shared;
	char *old_byte = shared_bytes(old);

	*old_byte = 'x';
	assert_ok(try(magic + 1, N_BYTES, &shared), &err);
	assert_int_equal(*(char *)shared_bytes(shared), 0);
	assert_int_equal(*old_byte, 'x');
	shared_close(shared);
	shared_close(old);
	assert_ok(try(magic + 1, N_BYTES * 2, &shared), &err);
	shared_close(shared);
	memset(junk, 0x55, sizeof(junk));
	for (size_t len = 0; len <= sizeof(junk); len += 633) {
		int fd = openat(dir_fd, "it", O_WRONLY | O_TRUNC);

		/* the last time the size is right */
		if (len + 633 > sizeof(junk))
			len = sizeof(junk);
		assert_int_equal(write(fd, junk, len), len);
		(void)close(fd);
		shared = map();
		assert_int_equal(*(char *)shared_bytes(shared), 0);
		shared_close(shared);
	}
}

static void a_file_that_cannot_be_opened_is_named(void **state)
{
	struct shared *shared = (struct shared *)dir;

	assert_int_equal(mkdirat(dir_fd, "it", 0700), 0);
	assert_status(try(magic, N_BYTES, &shared), CF_IO, &err);
	assert_null(shared);
	assert_has(err.text, " it:");
	assert_int_equal(unlinkat(dir_fd, "it", AT_REMOVEDIR), 0);
	assert_int_equal(symlinkat("elsewhere", dir_fd, "it"), 0);
	assert_status(try(magic, N_BYTES, &shared), CF_IO, &err);
	assert_status(shared_open_in(temp_path(dir, "it/below"), "it", N_BYTES,
				     magic, &shared, &err), CF_NOT_FOUND, &err);
	assert_null(shared);
}

static void a_full_disk_leaves_no_file(void **state)
{
	struct rlimit before, small;
	struct shared *shared;

	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_status(try(magic, N_BYTES, &shared), CF_FULL, &err);
	assert_int_equal(temp_count(dir), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	shared_close(map());
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_has_zeroes_and_is_0600),
		TEST(bytes_are_seen_by_all_and_stay),
		TEST(processes_that_begin_at_once_meet_in_one_file),
		TEST(a_file_of_another_kind_or_size_is_replaced),
		TEST(a_file_that_cannot_be_opened_is_named),
		TEST(a_full_disk_leaves_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
