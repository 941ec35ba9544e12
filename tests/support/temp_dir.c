/*
 * See temp_dir.h.
 */
#include "base/base.h"
#include "tests/support/temp_dir.h"
#include "tests/support/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

void temp_dir_make(char *path)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(path, TEMP_PATH_BYTES, "%s/captcha-unit-XXXXXX",
		       tmp && tmp[0] ? tmp : "/tmp");
	assert_non_null(mkdtemp(path));
}

static int remove_entry(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void temp_dir_remove(const char *path)
{
	assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int temp_dir_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

const char *temp_path(const char *dir, const char *fmt, ...)
{
	static char paths[4][TEMP_PATH_BYTES + 256];
	static unsigned turn;
	char *path = paths[turn++ % 4];
	va_list ap;
	int n;

	n = snprintf(path, sizeof(paths[0]), "%s/", dir);
	assert_true(n > 0 && (size_t)n < sizeof(paths[0]));
	va_start(ap, fmt);
	(void)vsnprintf(path + n, sizeof(paths[0]) - (size_t)n, fmt, ap);
	va_end(ap);
	return path;
}

void temp_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

int temp_count(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int n = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	(void)closedir(dir);
	return n;
}

static int n_files;

static int count_file(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	n_files += type == FTW_F;
	return 0;
}

int temp_count_files(const char *path)
{
	n_files = 0;
	(void)nftw(path, count_file, 16, FTW_PHYS);
	return n_files;
}

bool temp_exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

void temp_set_mtime(const char *path, int64_t unix_ms)
{
	struct timespec times[2] = {{.tv_sec = (time_t)(unix_ms / 1000)},
				    {.tv_sec = (time_t)(unix_ms / 1000)}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW),
			 0);
}
