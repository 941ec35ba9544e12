/*
 * The calls that fail: see fault.h.
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

/* The linker leads calls of `name` to __wrap_name, and calls of __real_name to
 * the library. */
#define FAIL(kind, code, failure, type, name, params, args) \
	type __real_##name params; \
	type __wrap_##name params; \
	type __wrap_##name params \
	{ \
		return fails(kind, code) ? (failure) : __real_##name args; \
	}

FAIL(FAULT_MEMORY, ENOMEM, NULL, void *, malloc, (size_t n), (n))
FAIL(FAULT_MEMORY, ENOMEM, NULL, void *, calloc, (size_t n, size_t size),
     (n, size))
FAIL(FAULT_MEMORY, ENOMEM, NULL, void *, realloc, (void *ptr, size_t n),
     (ptr, n))
/* Without O_CREAT the mode is not read. */
FAIL(FAULT_OPEN, EMFILE, -1, int, open,
     (const char *path, int flags, mode_t mode), (path, flags, mode))
FAIL(FAULT_OPEN, EMFILE, -1, int, openat,
     (int dir_fd, const char *path, int flags, mode_t mode),
     (dir_fd, path, flags, mode))
FAIL(FAULT_OPEN, EMFILE, NULL, FILE *, fopen,
     (const char *path, const char *mode), (path, mode))
FAIL(FAULT_OPEN, EMFILE, NULL, DIR *, fdopendir, (int fd), (fd))
FAIL(FAULT_MAKE, ENOSPC, -1, int, mkdir, (const char *path, mode_t mode),
     (path, mode))
FAIL(FAULT_MAKE, ENOSPC, -1, int, mkdirat,
     (int dir_fd, const char *path, mode_t mode), (dir_fd, path, mode))
FAIL(FAULT_WRITE, ENOSPC, -1, ssize_t, write,
     (int fd, const void *ptr, size_t n), (fd, ptr, n))
FAIL(FAULT_RENAME, EIO, -1, int, renameat,
     (int from_fd, const char *from, int to_fd, const char *to),
     (from_fd, from, to_fd, to))

int __real_sqlite3_open_v2(const char *path, sqlite3 **db, int flags,
			   const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags,
			   const char *vfs);

/* Register the VFS here: the first moment at which SQLite is configured. */
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags,
			   const char *vfs)
{
	*db = NULL;
	vfs = fault_vfs();
	return vfs ? __real_sqlite3_open_v2(path, db, flags, vfs)
		   : SQLITE_NOMEM;
}
