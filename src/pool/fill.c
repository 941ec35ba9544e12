/*
 * Filling shelves, under a lock, a cap and the room on the disk: see pool.h.
 */
#include "base/base.h"
#include "base/file.h"
#include "pool/cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>

enum {
	/* between two counts of live pictures before filling */
	COUNT_LIVE_MS = 30000,
};

/* Count waiting pictures, and every COUNT_LIVE_MS live ones too. */
static enum cf_status count_for_fill(struct shelf *shelf, int64_t *n_own,
				     struct cf_error *err)
{
	struct pool *pool = shelf->pool;
	struct amount own = {0, 0};
	bool with_live = pool->counted_live_mono_ms == INT64_MIN ||
			 clk_mono_ms(&pool->clk) - pool->counted_live_mono_ms >=
				 COUNT_LIVE_MS;
	enum cf_status rc =
		pool_count_pictures(pool, shelf->part, with_live, &own, err);

	if (own.n)
		shelf->picture_bytes = own.bytes / own.n;
	*n_own = own.n;
	return rc;
}

/* How many more pictures of the shelf's average size fit below the cap. */
static int64_t room_for(const struct shelf *shelf)
{
	const struct pool *pool = shelf->pool;

	return (pool->max_bytes - pool->ready.bytes - pool->live.bytes) /
	       shelf->picture_bytes;
}

/*
 * How many more pictures may wait until they take as much of the disk as they
 * leave free. The database may lie on that disk, too, and without it no picture
 * can be handed out.
 */
static int64_t room_on_disk(const struct shelf *shelf)
{
	int64_t n_ready = shelf->pool->ready.n, n_free, n_files;
	int64_t block_bytes, n_blocks;
	struct statvfs fs;

	if (fstatvfs(shelf->pool->root_fd, &fs) || !fs.f_frsize)
		return INT64_MAX;
	block_bytes = (int64_t)fs.f_frsize;
	n_blocks = (shelf->picture_bytes + block_bytes - 1) / block_bytes;
	n_free = (int64_t)fs.f_bavail / n_blocks;
	/* 0: the file system does not limit the number of files */
	n_files = fs.f_files ? (int64_t)fs.f_favail : n_free;
	if (n_files < n_free)
		n_free = n_files;
	return (n_free - n_ready) / 2;
}

static enum cf_status fail_at_cap(const struct pool *pool, struct cf_error *err)
{
	return cf_fail(err, CF_FULL,
		       "%s: %lld pictures of about %lld bytes "
		       "together, and the next reaches cache_max_bytes = %lld",
		       pool->dir, (long long)(pool->ready.n + pool->live.n),
		       (long long)(pool->ready.bytes + pool->live.bytes),
		       (long long)pool->max_bytes);
}

/* How many pictures to draw, and CF_FULL where there is room for none. */
static enum cf_status count_missing(struct shelf *shelf, int64_t *n_missing,
				    struct cf_error *err)
{
	struct pool *pool = shelf->pool;
	int64_t room, disk_room, n_own;
	enum cf_status rc = count_for_fill(shelf, &n_own, err);

	if (!rc && shelf->size - n_own > room_for(shelf) &&
	    pool_remove_left(pool) > 0)
		rc = count_for_fill(shelf, &n_own, err);
	if (rc || shelf->size <= n_own)
		return rc;
	room = room_for(shelf);
	if (room <= 0)
		return fail_at_cap(pool, err);
	disk_room = room_on_disk(shelf);
	if (disk_room <= 0)
		return cf_fail(err, CF_FULL,
			       "%s: %lld pictures wait, which is "
			       "half of what its disk has room for: make room, "
			       "or lower pool_size = %lld",
			       pool->dir, (long long)pool->ready.n,
			       (long long)shelf->size);
	*n_missing = shelf->size - n_own;
	if (*n_missing > room)
		*n_missing = room;
	if (*n_missing > disk_room)
		*n_missing = disk_room;
	return CF_OK;
}

static enum cf_status lock_fill(struct pool *pool, bool wait,
				struct cf_error *err)
{
	if (pool->lock_fd < 0)
		pool->lock_fd =
			openat(pool->root_fd, "fill.lock",
			       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (pool->lock_fd < 0)
		return cf_fail(err, file_status(errno),
			       "cannot open %s/fill.lock: %s", pool->dir,
			       strerror(errno));
	while (flock(pool->lock_fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB))
		if (errno != EINTR)
			return cf_fail(err,
				       errno == EWOULDBLOCK ? CF_BUSY : CF_IO,
				       "%s/fill.lock: %s", pool->dir,
				       strerror(errno));
	return CF_OK;
}

enum cf_status shelf_fill_begin(struct shelf *shelf, bool wait,
				int64_t *n_missing, struct cf_error *err)
{
	struct pool *pool = shelf->pool;
	enum cf_status rc = pool_open_root(pool, err);

	*n_missing = 0;
	if (rc)
		return rc;
	rc = lock_fill(pool, wait, err);
	if (!rc) {
		shelf_claim(shelf);
		rc = count_missing(shelf, n_missing, err);
	}
	if (rc)
		pool_fill_end(pool);
	return rc;
}

void pool_fill_end(struct pool *pool)
{
	if (pool->lock_fd >= 0)
		(void)close(pool->lock_fd); /* which unlocks it */
	pool->lock_fd = -1;
}
