/*
 * Files: see file.h.
 */
#include "base/base.h"
#include "base/file.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

enum { FILE_READ_BYTES = 4096 };

enum cf_status file_status(int sys_errno)
{
	switch (sys_errno) {
	case ENOENT:
		return CF_NOT_FOUND;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return CF_FULL;
	case ENOMEM:
		return CF_NOMEM;
	default:
		return CF_IO;
	}
}

void file_parent(const char *path, char *dir, size_t size)
{
	char *slash;

	(void)snprintf(dir, size, "%s", path);
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0'; /* the root keeps its name */
	else
		(void)snprintf(dir, size, ".");
}

bool file_is_there(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

enum cf_status file_make_dirs(const char *path, mode_t parents_mode,
			      struct cf_error *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (!len || len >= sizeof(part))
		return cf_fail(err, CF_CONFIG, "directory name of %zu bytes",
			       len);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, path[i] ? parents_mode : 0700) &&
		    errno != EEXIST)
			return cf_fail(err, file_status(errno),
				       "cannot create directory %s: %s", part,
				       strerror(errno));
	}
	return CF_OK;
}

enum cf_status file_open_dir(int dir_fd, const char *name, bool make, int *fd,
			     struct cf_error *err)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	if (dir_fd != AT_FDCWD)
		flags |= O_NOFOLLOW;
	*fd = openat(dir_fd, name, flags);
	if (*fd < 0 && errno == ENOENT && make) {
		if (mkdirat(dir_fd, name, 0700) && errno != EEXIST)
			return cf_fail(err, file_status(errno),
				       "cannot create directory %s: %s", name,
				       strerror(errno));
		*fd = openat(dir_fd, name, flags);
	}
	if (*fd < 0)
		return cf_fail(err, file_status(errno),
			       "cannot open directory %s: %s", name,
			       strerror(errno));
	return CF_OK;
}

enum cf_status file_open_made_dir(const char *path, int *fd,
				  struct cf_error *err)
{
	struct cf_error why;
	enum cf_status rc = file_open_dir(AT_FDCWD, path, false, fd, &why);

	if (rc && rc != CF_NOT_FOUND && err)
		*err = why;
	if (rc != CF_NOT_FOUND)
		return rc;
	rc = file_make_dirs(path, 0700, err);
	return rc ? rc : file_open_dir(AT_FDCWD, path, false, fd, err);
}

enum cf_status file_load(int dir_fd, const char *name, struct buf *out,
			 struct cf_error *err)
{
	char bytes[FILE_READ_BYTES];
	enum cf_status rc;
	ssize_t n;
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return cf_fail(err, file_status(errno), "cannot open %s: %s",
			       name, strerror(errno));
	do {
		n = read(fd, bytes, sizeof(bytes));
		if (n >= 0)
			buf_add(out, bytes, (size_t)n);
		/* a short read of a regular file is its end */
	} while ((n < 0 && errno == EINTR) ||
		 (n == sizeof(bytes) && !out->failed));
	if (n < 0)
		rc = cf_fail(err, CF_IO, "cannot read %s: %s", name,
			     strerror(errno));
	else if (out->failed == CF_TOO_LARGE)
		rc = cf_fail(err, CF_TOO_LARGE, "%s is longer than %zu bytes",
			     name, out->max);
	else
		rc = buf_status(out, err);
	(void)close(fd);
	return rc;
}

bool file_write(int fd, const void *ptr, size_t len)
{
	const char *from = ptr;

	while (len) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (!n)
			errno = ENOSPC;
		if (n <= 0)
			return false;
		from += n;
		len -= (size_t)n;
	}
	return true;
}

enum cf_status file_create(int dir_fd, const char *name, const void *ptr,
			   size_t len, struct cf_error *err)
{
	int fd = openat(dir_fd, name,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			0600);
	int sys_errno = 0;

	if (fd < 0)
		return cf_fail(err, file_status(errno), "cannot create %s: %s",
			       name, strerror(errno));
	if (!file_write(fd, ptr, len))
		sys_errno = errno;
	if (close(fd) && !sys_errno)
		sys_errno = errno;
	if (!sys_errno)
		return CF_OK;
	(void)unlinkat(dir_fd, name, 0);
	errno = sys_errno;
	return cf_fail(err, file_status(errno), "cannot write %s: %s", name,
		       strerror(errno));
}
