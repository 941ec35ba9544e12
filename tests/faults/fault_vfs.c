/*
 * SQLite's files with faults: a VFS around its own one. To let a lock go, to
 * close and to say what a file is never fails.
 *
 * source: sqlite.org/c3ref/io_methods.html, sqlite.org/vfs.html
 */
#include "base/base.h"
#include "tests/faults/fault.h"

#include <sqlite3.h>

/* The real file follows it. */
struct file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct file *)file)->real;
}

static bool fails(enum fault kind, int sys_errno)
{
	if (!fault_hits(kind))
		return false;
	errno = sys_errno;
	return true;
}

static int do_close(sqlite3_file *file)
{
	sqlite3_file *real = real_of(file);

	return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int do_read(sqlite3_file *file, void *ptr, int n, sqlite3_int64 at)
{
	sqlite3_file *real = real_of(file);

	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_READ;
	return real->pMethods->xRead(real, ptr, n, at);
}

static int do_write(sqlite3_file *file, const void *ptr, int n,
		    sqlite3_int64 at)
{
	sqlite3_file *real = real_of(file);

	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_WRITE;
	if (fails(FAULT_SQLITE_FULL, ENOSPC)) {
		/* half of it had room */
		(void)real->pMethods->xWrite(real, ptr, n / 2, at);
		return SQLITE_FULL;
	}
	return real->pMethods->xWrite(real, ptr, n, at);
}

static int do_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	sqlite3_file *real = real_of(file);

	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_TRUNCATE;
	return real->pMethods->xTruncate(real, size);
}

/* The power does not fail meanwhile, so the disk is spared. */
static int do_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return fails(FAULT_SYNC, EIO) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int do_size(sqlite3_file *file, sqlite3_int64 *size)
{
	sqlite3_file *real = real_of(file);

	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_FSTAT;
	return real->pMethods->xFileSize(real, size);
}

static int do_lock(sqlite3_file *file, int level)
{
	sqlite3_file *real = real_of(file);

	if (fails(FAULT_SQLITE_BUSY, EAGAIN))
		return SQLITE_BUSY;
	if (fails(FAULT_SQLITE_IO, ENOLCK))
		return SQLITE_IOERR_LOCK;
	return real->pMethods->xLock(real, level);
}

static int do_unlock(sqlite3_file *file, int level)
{
	sqlite3_file *real = real_of(file);

	return real->pMethods->xUnlock(real, level);
}

static int do_check_lock(sqlite3_file *file, int *is_locked)
{
	sqlite3_file *real = real_of(file);

	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_CHECKRESERVEDLOCK;
	return real->pMethods->xCheckReservedLock(real, is_locked);
}

static int do_control(sqlite3_file *file, int op, void *arg)
{
	sqlite3_file *real = real_of(file);

	return real->pMethods->xFileControl(real, op, arg);
}

static int do_sector(sqlite3_file *file)
{
	sqlite3_file *real = real_of(file);

	return real->pMethods->xSectorSize(real);
}

static int do_traits(sqlite3_file *file)
{
	sqlite3_file *real = real_of(file);

	return real->pMethods->xDeviceCharacteristics(real);
}

static int do_shm_map(sqlite3_file *file, int i, int n, int extend,
		      void volatile **ptr)
{
	sqlite3_file *real = real_of(file);

	*ptr = NULL;
	if (extend && fails(FAULT_SQLITE_FULL, ENOSPC))
		return SQLITE_IOERR_SHMSIZE;
	if (fails(FAULT_SQLITE_IO, EIO))
		return SQLITE_IOERR_SHMMAP;
	return real->pMethods->xShmMap(real, i, n, extend, ptr);
}

static int do_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	sqlite3_file *real = real_of(file);

	if ((flags & SQLITE_SHM_LOCK) && fails(FAULT_SQLITE_BUSY, EAGAIN))
		return SQLITE_BUSY;
	if ((flags & SQLITE_SHM_LOCK) && fails(FAULT_SQLITE_IO, ENOLCK))
		return SQLITE_IOERR_SHMLOCK;
	return real->pMethods->xShmLock(real, offset, n, flags);
}

static void do_shm_barrier(sqlite3_file *file)
{
	sqlite3_file *real = real_of(file);

	real->pMethods->xShmBarrier(real);
}

static int do_shm_unmap(sqlite3_file *file, int with_delete)
{
	sqlite3_file *real = real_of(file);

	return real->pMethods->xShmUnmap(real, with_delete);
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

/* Nobody else is there to wait for. */
static int do_sleep(sqlite3_vfs *self, int us)
{
	(void)self;
	return us;
}

/* SQLite forgets what is registered when it is shut down. */
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
