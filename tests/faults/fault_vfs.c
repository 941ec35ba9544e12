/*
 * SQLite's files with faults: a VFS around its own. Unlocking and closing a
 * file, and asking for its traits, never fail.
 *
 * source: sqlite.org/c3ref/io_methods.html, sqlite.org/vfs.html
 */
#include "base/base.h"
#include "tests/faults/fault.h"

#include <sqlite3.h>

/* SQLite allocates room for the real file behind it. */
struct file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs vfs;

/* A method of the real file. */
#define REAL(file)		((struct file *)(file))->real
#define REAL_CALL(file, m, ...) REAL(file)->pMethods->m(REAL(file), __VA_ARGS__)

static bool fails(enum fault kind, int sys_errno)
{
	if (!fault_hits(kind))
		return false;
	errno = sys_errno;
	return true;
}

static int do_close(sqlite3_file *file)
{
	sqlite3_file *real = REAL(file);

	return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int do_read(sqlite3_file *file, void *ptr, int n, sqlite3_int64 at)
{
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_READ;
	return REAL_CALL(file, xRead, ptr, n, at);
}

static int do_write(sqlite3_file *file, const void *ptr, int n,
		    sqlite3_int64 at)
{
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_WRITE;
	if (fails(FAULT_SQLITE_FULL, ENOSPC)) {
		/* half of it had room */
		(void)REAL_CALL(file, xWrite, ptr, n / 2, at);
		return SQLITE_FULL;
	}
	return REAL_CALL(file, xWrite, ptr, n, at);
}

static int do_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_TRUNCATE;
	return REAL_CALL(file, xTruncate, size);
}

/* Without a power failure the disk need not be synced. */
static int do_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return fails(FAULT_SYNC, EIO) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int do_size(sqlite3_file *file, sqlite3_int64 *size)
{
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_FSTAT;
	return REAL_CALL(file, xFileSize, size);
}

static int do_lock(sqlite3_file *file, int level)
{
	if (fails(FAULT_SQLITE_BUSY, EAGAIN))
		return SQLITE_BUSY;
	if (fails(FAULT_SQLITE_IO, ENOLCK))
		return SQLITE_IOERR_LOCK;
	return REAL_CALL(file, xLock, level);
}

static int do_unlock(sqlite3_file *file, int level)
{
	return REAL_CALL(file, xUnlock, level);
}

static int do_check_lock(sqlite3_file *file, int *is_locked)
{
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_CHECKRESERVEDLOCK;
	return REAL_CALL(file, xCheckReservedLock, is_locked);
}

static int do_control(sqlite3_file *file, int op, void *arg)
{
	return REAL_CALL(file, xFileControl, op, arg);
}

static int do_sector(sqlite3_file *file)
{
	return REAL(file)->pMethods->xSectorSize(REAL(file));
}

static int do_traits(sqlite3_file *file)
{
	return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file));
}

static int do_shm_map(sqlite3_file *file, int i, int n, int extend,
		      void volatile **ptr)
{
	*ptr = NULL;
	if (extend && fails(FAULT_SQLITE_FULL, ENOSPC))
		return SQLITE_IOERR_SHMSIZE;
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_SHMMAP;
	return REAL_CALL(file, xShmMap, i, n, extend, ptr);
}

static int do_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	if ((flags & SQLITE_SHM_LOCK) && fails(FAULT_SQLITE_BUSY, EAGAIN))
		return SQLITE_BUSY;
	if ((flags & SQLITE_SHM_LOCK) && fails(FAULT_SQLITE_IO, ENOLCK))
		return SQLITE_IOERR_SHMLOCK;
	return REAL_CALL(file, xShmLock, offset, n, flags);
}

static void do_shm_barrier(sqlite3_file *file)
{
	REAL(file)->pMethods->xShmBarrier(REAL(file));
}

static int do_shm_unmap(sqlite3_file *file, int with_delete)
{
	return REAL_CALL(file, xShmUnmap, with_delete);
}

/* Version 2: without mapped files, which the store does not use. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = do_close,
	.xRead = do_read,
	.xWrite = do_write,
	.xTruncate = do_truncate,
	.xSync = do_sync,
	.xFileSize = do_size,
	.xLock = do_lock,
	.xUnlock = do_unlock,
	.xCheckReservedLock = do_check_lock,
	.xFileControl = do_control,
	.xSectorSize = do_sector,
	.xDeviceCharacteristics = do_traits,
	.xShmMap = do_shm_map,
	.xShmLock = do_shm_lock,
	.xShmBarrier = do_shm_barrier,
	.xShmUnmap = do_shm_unmap,
};

static int do_open(sqlite3_vfs *self, const char *path, sqlite3_file *file,
		   int flags, int *out_flags)
{
	struct file *f = (struct file *)file;
	int code;

	(void)self;
	f->base.pMethods = NULL;
	f->real = (sqlite3_file *)(f + 1);
	f->real->pMethods = NULL;
	if (fails(FAULT_SQLITE_IO, EMFILE))
		return SQLITE_CANTOPEN;
	code = real_vfs->xOpen(real_vfs, path, f->real, flags, out_flags);
	if (!code)
		f->base.pMethods = &methods;
	return code;
}

static int do_delete(sqlite3_vfs *self, const char *path, int sync)
{
	(void)self;
	(void)sync;
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_DELETE;
	return real_vfs->xDelete(real_vfs, path, 0);
}

static int do_access(sqlite3_vfs *self, const char *path, int flags, int *out)
{
	(void)self;
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_ACCESS;
	return real_vfs->xAccess(real_vfs, path, flags, out);
}

static int do_full_path(sqlite3_vfs *self, const char *path, int size,
			char *out)
{
	(void)self;
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_CANTOPEN_FULLPATH;
	return real_vfs->xFullPathname(real_vfs, path, size, out);
}

/* No other process holds a lock. */
static int do_sleep(sqlite3_vfs *self, int us)
{
	(void)self;
	return us;
}

/* Register again after SQLite was shut down. */
const char *fault_vfs(void)
{
	if (sqlite3_initialize())
		return NULL;
	if (sqlite3_vfs_find("fault"))
		return vfs.zName;
	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "fault";
	vfs.pNext = NULL;
	vfs.szOsFile += (int)sizeof(struct file);
	vfs.xOpen = do_open;
	vfs.xDelete = do_delete;
	vfs.xAccess = do_access;
	vfs.xFullPathname = do_full_path;
	vfs.xSleep = do_sleep;
	return sqlite3_vfs_register(&vfs, 0) ? NULL : vfs.zName;
}
