/*
 * file.c: below a held directory, never through a link, and nothing left
 * behind by what failed.
 */
#include "base/base.h"
#include "base/file.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char dir[TEMP_PATH_BYTES];
static int dir_fd;
static struct cf_error err;
static struct buf buf;

static int set_up(void **state)
{
	(void)state;
	temp_dir_make(dir);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	buf_init(&buf, 20000);
	return dir_fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&buf);
	(void)close(dir_fd);
	temp_dir_remove(dir);
	return 0;
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static void what_is_created_is_loaded_again(void **state)
{
	static char large[15000];

	(void)state;
	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (char)(i * 31);
	assert_ok(file_create(dir_fd, "large", large, sizeof(large), &err),
		  &err);
	assert_ok(file_create(dir_fd, "empty", NULL, 0, &err), &err);
	assert_ok(file_load(dir_fd, "large", &buf, &err), &err);
	assert_int_equal(buf.len, sizeof(large));
	assert_memory_equal(buf.ptr, large, sizeof(large));
	buf_reset(&buf);
	assert_ok(file_load(dir_fd, "empty", &buf, &err), &err);
	assert_int_equal(buf.len, 0);
}

static void loading_appends(void **state)
{
	(void)state;
	assert_ok(file_create(dir_fd, "f", "world", 5, &err), &err);
	buf_add_str(&buf, "hello ");
	assert_ok(file_load(dir_fd, "f", &buf, &err), &err);
	assert_string_equal(buf.ptr, "hello world");
}

static void files_are_for_their_owner_alone(void **state)
{
	mode_t saved = umask(0);
	int fd;

	(void)state;
	assert_ok(file_create(dir_fd, "f", "x", 1, &err), &err);
	assert_ok(file_open_dir(dir_fd, "d", true, &fd, &err), &err);
	assert_ok(file_make_dirs(temp_path(dir, "a/b/c"), 0700, &err), &err);
	(void)umask(saved);
	(void)close(fd);
	assert_int_equal(mode_of("f"), 0600);
	assert_int_equal(mode_of("d"), 0700);
	assert_int_equal(mode_of("a"), 0700);
	assert_int_equal(mode_of("a/b/c"), 0700);
}

static void a_file_that_is_there_is_never_overwritten(void **state)
{
	(void)state;
	assert_ok(file_create(dir_fd, "f", "old", 3, &err), &err);
	assert_status(file_create(dir_fd, "f", "new", 3, &err), CF_IO, &err);
	assert_int_equal(err.sys_errno, EEXIST);
	assert_ok(file_load(dir_fd, "f", &buf, &err), &err);
	assert_string_equal(buf.ptr, "old");
}

static void a_file_past_the_limit_is_too_large(void **state)
{
	static char bytes[9000];

	(void)state;
	for (size_t max = 0; max < 9000; max += 4095 + max % 2) {
		char name[32];

		(void)snprintf(name, sizeof(name), "fits%zu", max);
		assert_ok(file_create(dir_fd, name, bytes, max, &err), &err);
		buf_release(&buf);
		buf_init(&buf, max);
		assert_ok(file_load(dir_fd, name, &buf, &err), &err);
		assert_int_equal(buf.len, max);
		(void)snprintf(name, sizeof(name), "more%zu", max);
		assert_ok(file_create(dir_fd, name, bytes, max + 1, &err),
			  &err);
		buf_reset(&buf);
		assert_status(file_load(dir_fd, name, &buf, &err),
			      CF_TOO_LARGE, &err);
		assert_has(err.text, name);
	}
}

static void no_file_is_not_found(void **state)
{
	int fd = 99;

	(void)state;
	assert_status(file_load(dir_fd, "none", &buf, &err), CF_NOT_FOUND,
		      &err);
	assert_status(file_create(dir_fd, "none/f", "x", 1, &err),
		      CF_NOT_FOUND, &err);
	assert_status(file_open_dir(dir_fd, "none", false, &fd, &err),
		      CF_NOT_FOUND, &err);
	assert_int_equal(fd, -1);
	assert_int_equal(buf.len, 0);
}

static void links_are_not_followed_below_a_directory(void **state)
{
	int fd;

	(void)state;
	assert_ok(file_create(dir_fd, "target", "secret", 6, &err), &err);
	assert_int_equal(mkdir(temp_path(dir, "real"), 0700), 0);
	assert_int_equal(symlink("target", temp_path(dir, "link")), 0);
	assert_int_equal(symlink("nowhere", temp_path(dir, "dangling")), 0);
	assert_int_equal(symlink("real", temp_path(dir, "dirlink")), 0);
	assert_status(file_load(dir_fd, "link", &buf, &err), CF_IO, &err);
	assert_int_equal(buf.len, 0);
	assert_status(file_create(dir_fd, "link", "x", 1, &err), CF_IO, &err);
	assert_status(file_create(dir_fd, "dangling", "x", 1, &err), CF_IO,
		      &err);
	assert_false(temp_exists(temp_path(dir, "nowhere")));
	assert_status(file_open_dir(dir_fd, "dirlink", false, &fd, &err),
		      CF_IO, &err);
	assert_status(file_open_dir(dir_fd, "dirlink", true, &fd, &err), CF_IO,
		      &err);
	/* by path, the operator's own link is the operator's choice */
	assert_ok(file_open_dir(AT_FDCWD, temp_path(dir, "dirlink"), false,
				&fd, &err), &err);
	(void)close(fd);
	assert_ok(file_load(dir_fd, "target", &buf, &err), &err);
	assert_string_equal(buf.ptr, "secret");
}

static void something_of_another_kind_is_refused(void **state)
{
	int fd = 99;

	(void)state;
	assert_int_equal(mkdir(temp_path(dir, "d"), 0700), 0);
	assert_ok(file_create(dir_fd, "f", "x", 1, &err), &err);
	assert_status(file_load(dir_fd, "d", &buf, &err), CF_IO, &err);
	assert_status(file_open_dir(dir_fd, "f", true, &fd, &err), CF_IO, &err);
	assert_int_equal(fd, -1);
	assert_has(err.text, "Not a directory");
	assert_status(file_make_dirs(temp_path(dir, "f/below"), 0700, &err),
		      CF_IO, &err);
	assert_has(err.text, "/f/below");
}

static void directories_are_made_with_their_parents(void **state)
{
	int fd;

	(void)state;
	assert_ok(file_make_dirs(temp_path(dir, "a//b/c/"), 0700, &err), &err);
	assert_true(temp_exists(temp_path(dir, "a/b/c")));
	assert_ok(file_make_dirs(temp_path(dir, "a/b/c"), 0700, &err), &err);
	assert_ok(file_make_dirs(temp_path(dir, "a/b/d"), 0700, &err), &err);
	assert_ok(file_open_dir(dir_fd, "a/b/e", true, &fd, &err), &err);
	(void)close(fd);
	assert_int_equal(temp_count(temp_path(dir, "a/b")), 3);
	assert_ok(file_make_dirs("/", 0700, &err), &err);
}

static void a_parent_is_what_a_name_is_in(void **state)
{
	static const char *const cases[][2] = {
		{"/var/lib/x.db", "/var/lib"}, {"/x.db", "/"},
		{"data/x.db", "data"},	       {"x.db", "."},
		{"./x.db", "."},
	};
	char parent[16];

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		file_parent(cases[i][0], parent, sizeof(parent));
		assert_string_equal(parent, cases[i][1]);
	}
	file_parent("/var/long-long-long/x", parent, sizeof(parent));
	assert_string_equal(parent, "/var"); /* cut, then taken apart */
}

static void names_that_are_too_long_or_empty_are_refused(void **state)
{
	static char name[10000];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	assert_status(file_make_dirs(name, 0700, &err), CF_CONFIG, &err);
	assert_status(file_make_dirs("", 0700, &err), CF_CONFIG, &err);
	assert_int_not_equal(file_create(dir_fd, name, "x", 1, &err), CF_OK);
	assert_int_not_equal(file_load(dir_fd, name, &buf, &err), CF_OK);
}

/* A child that may write no more than a few bytes to a file. */
static int write_past_a_limit(void)
{
	struct rlimit limit = {100, 100};
	static char bytes[300];

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit))
		return 1;
	if (file_create(dir_fd, "f", bytes, sizeof(bytes), &err) != CF_FULL)
		return 2;
	if (err.sys_errno != EFBIG || !strstr(err.text, "f"))
		return 3;
	return file_create(dir_fd, "g", bytes, 50, &err) != CF_OK;
}

static void a_write_that_fails_leaves_nothing_behind(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(write_past_a_limit());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_false(temp_exists(temp_path(dir, "f")));
	assert_true(temp_exists(temp_path(dir, "g")));
}

static void an_errno_has_its_status(void **state)
{
	(void)state;
	assert_int_equal(file_status(ENOENT), CF_NOT_FOUND);
	assert_int_equal(file_status(ENOSPC), CF_FULL);
	assert_int_equal(file_status(EDQUOT), CF_FULL);
	assert_int_equal(file_status(EFBIG), CF_FULL);
	assert_int_equal(file_status(ENOMEM), CF_NOMEM);
	assert_int_equal(file_status(EACCES), CF_IO);
	assert_int_equal(file_status(EROFS), CF_IO);
	assert_int_equal(file_status(ENOTDIR), CF_IO);
	assert_int_equal(file_status(0), CF_IO);
}

static void no_descriptor_is_lost(void **state)
{
	int before = temp_count("/proc/self/fd"), fd;

	(void)state;
	assert_ok(file_create(dir_fd, "f", "xyz", 3, &err), &err);
	assert_int_not_equal(file_create(dir_fd, "f", "x", 1, &err), CF_OK);
	assert_ok(file_load(dir_fd, "f", &buf, &err), &err);
	buf_release(&buf);
	buf_init(&buf, 2);
	assert_int_not_equal(file_load(dir_fd, "f", &buf, &err), CF_OK);
	assert_int_not_equal(file_open_dir(dir_fd, "f", true, &fd, &err),
			     CF_OK);
	assert_int_equal(temp_count("/proc/self/fd"), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_created_is_loaded_again),
		TEST(loading_appends),
		TEST(files_are_for_their_owner_alone),
		TEST(a_file_that_is_there_is_never_overwritten),
		TEST(a_file_past_the_limit_is_too_large),
		TEST(no_file_is_not_found),
		TEST(links_are_not_followed_below_a_directory),
		TEST(something_of_another_kind_is_refused),
		TEST(directories_are_made_with_their_parents),
		TEST(a_parent_is_what_a_name_is_in),
		TEST(names_that_are_too_long_or_empty_are_refused),
		TEST(a_write_that_fails_leaves_nothing_behind),
		TEST(an_errno_has_its_status),
		TEST(no_descriptor_is_lost),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
