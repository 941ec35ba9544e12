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
	enum cf_status rc = file_open_dir(AT_FDCWD, path, false, fd, err);

	if (rc != CF_NOT_FOUND)
		return rc;
	rc = file_make_dirs(path, 0700, err);
	return rc ? rc : file_open_dir(AT_FDCWD, path, false, fd, err);
}

enum cf_status file_load(int dir_fd, const char *name, struct buf *out,
			 struct cf_error *err)
{
	enum cf_status rc = CF_OK;
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return cf_fail(err, file_status(errno), "cannot open %s: %s",
			       name, strerror(errno));
	for (;;) {
		size_t room = out->max - out->len;
		char *to;
		ssize_t n;

		/* one byte more than fits tells a file that is too long */
		if (room > FILE_READ_BYTES)
			room = FILE_READ_BYTES;
		to = buf_room(out, room);
		if (!to) {
			rc = buf_status(out, err);
			break;
		}
		if (!room) {
			char extra;

			n = read(fd, &extra, 1);
		} else {
			n = read(fd, to, room);
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = cf_fail(err, CF_IO, "cannot read %s: %s", name,
				     strerror(errno));
			break;
		}
		if (n > 0 && !room) {
			rc = cf_fail(err, CF_TOO_LARGE,
				     "%s is longer than %zu bytes", name,
				     out->max);
			break;
		}
		if (n == 0)
			break;
		buf_grow(out, (size_t)n);
		if ((size_t)n < room)
			break; /* a regular file: a short read is its end */
	}
	(void)close(fd);
	return rc;
}

enum cf_status file_create(int dir_fd, const char *name, const void *ptr,
			   size_t len, struct cf_error *err)
{
	const char *from = ptr;
	int fd = openat(dir_fd, name,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			0600);

	if (fd < 0)
		return cf_fail(err, file_status(errno), "cannot create %s: %s",
			       name, strerror(errno));
	while (len) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			enum cf_status rc = n ? file_status(errno) : CF_FULL;

			rc = cf_fail(err, rc, "cannot write %s: %s", name,
				     n ? strerror(errno) : "no progress");
			(void)close(fd);
			(void)unlinkat(dir_fd, name, 0);
			return rc;
		}
		from += n;
		len -= (size_t)n;
	}
	if (close(fd)) {
		enum cf_status rc =
			cf_fail(err, file_status(errno), "cannot close %s: %s",
				name, strerror(errno));

		(void)unlinkat(dir_fd, name, 0);
		return rc;
	}
	return CF_OK;
}
