/*
 * file.c: below a held directory, never through a link. A failed call leaves
 * no file and no descriptor.
 */
#include "base/base.h"
#include "base/file.h"
#include "tests/support/check.h"
#include "tests/support/processes.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char dir[TEMP_PATH_BYTES];
static int dir_fd, n_open;
static struct cf_error err;
static struct buf buf;

static int set_up(void **state)
{
	temp_dir_make(dir);
	dir_fd = temp_dir_open(dir);
	buf_init(&buf, 20000);
	n_open = temp_count("/proc/self/fd");
	return 0;
}

static int tear_down(void **state)
{
	assert_int_equal(temp_count("/proc/self/fd"), n_open);
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

static void loading_appends_a_file(void **state)
{
	static char large[15000];

	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (char)(i * 31);
	assert_ok(file_create(dir_fd, "large", large, sizeof(large), &err),
		  &err);
	assert_ok(file_create(dir_fd, "empty", NULL, 0, &err), &err);
	assert_ok(file_load(dir_fd, "empty", &buf, &err), &err);
	assert_string_equal(buf.ptr, "");
	buf_add_str(&buf, "hello");
	assert_ok(file_load(dir_fd, "large", &buf, &err), &err);
	assert_int_equal(buf.len, 5 + sizeof(large));
	assert_memory_equal(buf.ptr, "hello", 5);
	assert_memory_equal(buf.ptr + 5, large, sizeof(large));
}

static void files_are_for_their_owner_alone(void **state)
{
	mode_t saved = umask(0);
	int fd;

	assert_ok(file_create(dir_fd, "f", "x", 1, &err), &err);
	assert_ok(file_open_dir(dir_fd, "d", true, &fd, &err), &err);
	(void)close(fd);
	assert_ok(file_make_dirs(temp_path(dir, "a/b/c"), 0750, &err), &err);
	err = (struct cf_error)CF_ERROR_INIT;
	assert_ok(file_open_made_dir(temp_path(dir, "m/n"), &fd, &err), &err);
	assert_string_equal(err.text, ""); /* a missing directory is no fault */
	(void)close(fd);
	(void)umask(saved);
	assert_int_equal(mode_of("f"), 0600);
	assert_int_equal(mode_of("d"), 0700);
	assert_int_equal(mode_of("a"), 0750);
	assert_int_equal(mode_of("a/b/c"), 0700);
	assert_int_equal(mode_of("m"), 0700);
	assert_int_equal(mode_of("m/n"), 0700);
}

static void a_file_is_never_overwritten(void **state)
{
	assert_ok(file_create(dir_fd, "f", "old", 3, &err), &err);
	assert_status(file_create(dir_fd, "f", "new", 3, &err), CF_IO, &err);
	assert_int_equal(err.sys_errno, EEXIST);
	assert_ok(file_load(dir_fd, "f", &buf, &err), &err);
	assert_string_equal(buf.ptr, "old");
}

static void a_file_past_the_limit_is_too_large(void **state)
{
	static char bytes[9000];

	for (size_t max = 0; max < 9000; max += 4095 + max % 2) {
		const char *fits = temp_path(dir, "fits%zu", max);
		const char *more = temp_path(dir, "more%zu", max);

		assert_ok(file_create(dir_fd, fits, bytes, max, &err), &err);
		buf_release(&buf);
		buf_init(&buf, max);
		assert_ok(file_load(dir_fd, fits, &buf, &err), &err);
		assert_int_equal(buf.len, max);
		assert_ok(file_create(dir_fd, more, bytes, max + 1, &err),
			  &err);
		buf_reset(&buf);
		assert_status(file_load(dir_fd, more, &buf, &err),
			      CF_TOO_LARGE, &err);
		assert_has(err.text, more);
	}
}

enum call {
	LOAD,
	CREATE,
	OPEN_DIR,
	OPEN_OR_MAKE_DIR,
	MAKE_DIRS,
};

static enum cf_status try(enum call call, const char *name)
{
	enum cf_status rc = CF_OK;
	int fd = 99;

	switch (call) {
	case LOAD:
		return file_load(dir_fd, name, &buf, &err);
	case CREATE:
		return file_create(dir_fd, name, "x", 1, &err);
	case MAKE_DIRS:
		return file_make_dirs(temp_path(dir, "%s", name), 0700, &err);
	case OPEN_DIR:
	case OPEN_OR_MAKE_DIR:
	default:
		rc = file_open_dir(dir_fd, name, call == OPEN_OR_MAKE_DIR, &fd,
				   &err);
		assert_int_equal(fd < 0, rc != CF_OK);
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
}

static void wrong_files_are_refused(void **state)
{
	static char long_name[5000];
	const struct {
		enum call call;
		const char *name;
		enum cf_status status;
		const char *why;
	} rows[] = {
		{LOAD, "none", CF_NOT_FOUND, "none"},
		{CREATE, "none/f", CF_NOT_FOUND, "none/f"},
		{OPEN_DIR, "none", CF_NOT_FOUND, "none"},
		{OPEN_OR_MAKE_DIR, "none/d", CF_NOT_FOUND, "none/d"},
		/* no link is followed */
		{LOAD, "link", CF_IO, "link"},
		{CREATE, "link", CF_IO, "link"},
		{CREATE, "dangling", CF_IO, "dangling"},
		{OPEN_DIR, "dirlink", CF_IO, "dirlink"},
		{OPEN_OR_MAKE_DIR, "dirlink", CF_IO, "dirlink"},
		/* of another kind */
		{LOAD, "dir", CF_IO, "dir"},
		{OPEN_OR_MAKE_DIR, "file", CF_IO, "Not a directory"},
		{MAKE_DIRS, "file/below", CF_IO, "/file/below"},
		{CREATE, long_name, CF_IO, "cannot create aaa"},
		{LOAD, long_name, CF_IO, "cannot open aaa"},
	};

	memset(long_name, 'a', sizeof(long_name) - 1);
	assert_ok(file_create(dir_fd, "file", "secret", 6, &err), &err);
	assert_int_equal(mkdir(temp_path(dir, "dir"), 0700), 0);
	assert_int_equal(symlink("file", temp_path(dir, "link")), 0);
	assert_int_equal(symlink("nowhere", temp_path(dir, "dangling")), 0);
	assert_int_equal(symlink("dir", temp_path(dir, "dirlink")), 0);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_status(try(rows[i].call, rows[i].name), rows[i].status,
			      &err);
		assert_has(err.text, rows[i].why);
	}
	assert_status(file_make_dirs(long_name, 0700, &err), CF_CONFIG, &err);
	assert_status(file_make_dirs("", 0700, &err), CF_CONFIG, &err);
	assert_int_equal(buf.len, 0);
	assert_int_equal(temp_count(dir), 5);
	assert_ok(file_load(dir_fd, "file", &buf, &err), &err);
	assert_string_equal(buf.ptr, "secret");
}

static void directories_are_made_with_their_parents(void **state)
{
	static const char *const paths[] = {"a//b/c/", "a/b/c", "a/b/d"};
	int fd;

	for (size_t i = 0; i < CF_ARRAY_LEN(paths); i++)
		assert_ok(try(MAKE_DIRS, paths[i]), &err);
	for (int i = 0; i < 2; i++)
		assert_ok(try(OPEN_OR_MAKE_DIR, "a/b/e"), &err);
	assert_ok(try(OPEN_DIR, "a/b/c"), &err);
	assert_int_equal(temp_count(temp_path(dir, "a/b")), 3);
	assert_ok(file_make_dirs("/", 0700, &err), &err);
	/* by its path an operator may name a link */
	assert_int_equal(symlink("a", temp_path(dir, "link")), 0);
	assert_ok(file_open_made_dir(temp_path(dir, "link"), &fd, &err), &err);
	(void)close(fd);
}

static void a_path_has_a_parent(void **state)
{
	static const char *const rows[][2] = {
		{"/var/lib/x.db", "/var/lib"}, {"/x.db", "/"},
		{"data/x.db", "data"},	       {"x.db", "."},
		{"./x.db", "."},	       /* cut before it is split: */
		{"/var/long-long-long/x", "/var"},
	};
	char parent[16];

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		file_parent(rows[i][0], parent, sizeof(parent));
		assert_string_equal(parent, rows[i][1]);
	}
}

/* Where files have at most 100 bytes. */
static int write_past_a_limit(int i)
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

static void a_failed_write_leaves_no_file(void **state)
{
	assert_int_equal(processes_run(1, write_past_a_limit), 0);
	assert_false(temp_exists(temp_path(dir, "f")));
	assert_true(temp_exists(temp_path(dir, "g")));
}

static void an_errno_has_its_status(void **state)
{
	static const struct {
		int sys_errno;
		enum cf_status status;
	} rows[] = {
		{ENOENT, CF_NOT_FOUND}, {ENOSPC, CF_FULL}, {EDQUOT, CF_FULL},
		{EFBIG, CF_FULL},	{ENOMEM, CF_NOMEM}, {EACCES, CF_IO},
		{EROFS, CF_IO},		{ENOTDIR, CF_IO},   {0, CF_IO},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		assert_int_equal(file_status(rows[i].sys_errno),
				 rows[i].status);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loading_appends_a_file),
		TEST(files_are_for_their_owner_alone),
		TEST(a_file_is_never_overwritten),
		TEST(a_file_past_the_limit_is_too_large),
		TEST(wrong_files_are_refused),
		TEST(directories_are_made_with_their_parents),
		TEST(a_path_has_a_parent),
		TEST(a_failed_write_leaves_no_file),
		TEST(an_errno_has_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
