/*
 * The calls that fail: see fault.h. Each stands in for the one in its name.
 */
#include "base/base.h"
#include "tests/faults/fault.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

static enum fault armed_kind = FAULT_COUNT;
static int64_t n_until;
static int64_t n_failed;
static bool does_stay;
static bool is_on_hold;

const char *fault_name(enum fault kind)
{
	static const char *const names[FAULT_COUNT] = {
		[FAULT_MEMORY] = "memory",
		[FAULT_OPEN] = "open",
		[FAULT_MAKE] = "make",
		[FAULT_WRITE] = "write",
		[FAULT_RENAME] = "rename",
		[FAULT_SYNC] = "sync",
		[FAULT_SQLITE_IO] = "sqlite-io",
		[FAULT_SQLITE_FULL] = "sqlite-full",
		[FAULT_SQLITE_BUSY] = "sqlite-busy",
	};

	return names[kind];
}

void fault_arm(enum fault kind, int64_t nth, bool stays)
{
	armed_kind = kind;
	n_until = nth;
	n_failed = 0;
	does_stay = stays;
	is_on_hold = false;
}

int64_t fault_disarm(void)
{
	armed_kind = FAULT_COUNT;
	return n_failed;
}

void fault_hold(bool is_held)
{
	is_on_hold = is_held;
}

bool fault_hits(enum fault kind)
{
	if (kind != armed_kind || is_on_hold || (n_failed && !does_stay))
		return false;
	if (n_until > 1) {
		n_until--;
		return false;
	}
	n_failed++;
	return true;
}

static bool fails(enum fault kind, int code)
{
	if (!fault_hits(kind))
		return false;
	errno = code;
	return true;
}

/* Names of the linker, which no header has. */
void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t n);
void *__wrap_realloc(void *ptr, size_t n);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, mode_t mode);
int __real_openat(int dir_fd, const char *path, int flags, ...);
int __wrap_openat(int dir_fd, const char *path, int flags, mode_t mode);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_mkdirat(int dir_fd, const char *path, mode_t mode);
int __wrap_mkdirat(int dir_fd, const char *path, mode_t mode);
ssize_t __real_write(int fd, const void *ptr, size_t n);
ssize_t __wrap_write(int fd, const void *ptr, size_t n);
int __real_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to);
int __real_sqlite3_open_v2(const char *path, sqlite3 **db, int flags,
			   const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags,
			   const char *vfs);

void *__wrap_malloc(size_t n)
{
	return fails(FAULT_MEMORY, ENOMEM) ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails(FAULT_MEMORY, ENOMEM) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *ptr, size_t n)
{
	return fails(FAULT_MEMORY, ENOMEM) ? NULL : __real_realloc(ptr, n);
}

/* Without O_CREAT there is no mode, and what stands in its place is not
 * looked at. */
int __wrap_open(const char *path, int flags, mode_t mode)
{
	return fails(FAULT_OPEN, EMFILE) ? -1 : __real_open(path, flags, mode);
}

int __wrap_openat(int dir_fd, const char *path, int flags, mode_t mode)
{
	if (fails(FAULT_OPEN, EMFILE))
		return -1;
	return __real_openat(dir_fd, path, flags, mode);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	return fails(FAULT_OPEN, EMFILE) ? NULL : __real_fopen(path, mode);
}

DIR *__wrap_fdopendir(int fd)
{
	return fails(FAULT_OPEN, EMFILE) ? NULL : __real_fdopendir(fd);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	return fails(FAULT_MAKE, ENOSPC) ? -1 : __real_mkdir(path, mode);
}

int __wrap_mkdirat(int dir_fd, const char *path, mode_t mode)
{
	if (fails(FAULT_MAKE, ENOSPC))
		return -1;
	return __real_mkdirat(dir_fd, path, mode);
}

ssize_t __wrap_write(int fd, const void *ptr, size_t n)
{
	return fails(FAULT_WRITE, ENOSPC) ? -1 : __real_write(fd, ptr, n);
}

int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	if (fails(FAULT_RENAME, EIO))
		return -1;
	return __real_renameat(from_fd, from, to_fd, to);
}

/* The first moment at which SQLite has been configured. */
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags,
			   const char *vfs)
{
	*db = NULL;
	vfs = fault_vfs();
	return vfs ? __real_sqlite3_open_v2(path, db, flags, vfs)
		   : SQLITE_NOMEM;
}
