/*
 * The pool: see pool.h. All paths are relative to one descriptor of the cache
 * directory, which stays open.
 *
 *	CACHE/tmp/		files that are being written
 *	CACHE/fill.lock		locked by the one process that fills
 *	CACHE/shelves.lock	a locked byte for each shelf that is in use
 *	CACHE/DAY/ready-MARK/	pictures that wait
 *	CACHE/DAY/ready-NAME-MARK/	those of a profile
 *	CACHE/DAY/live/		pictures of challenges
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/text.h"
#include "pool/cache.h"

#include <fcntl.h>
#include <sys/stat.h>

enum {
	/* after the directories were found empty, do not read them in each
	 * request */
	EMPTY_PAUSE_MS = 100,
};

struct pool *pool_new(const struct pool_options *options, struct clk clk)
{
	struct pool *pool = mem_alloc(MEM_POOL, 1, sizeof(*pool));

	if (!pool)
		return NULL;
	(void)snprintf(pool->dir, sizeof(pool->dir), "%s", options->dir);
	pool->max_bytes = options->max_bytes;
	pool->clk = clk;
	pool->root_fd = -1;
	pool->lock_fd = -1;
	pool->claims_fd = -1;
	pool->counted_live_mono_ms = INT64_MIN;
	pool->count_at_cap_mono_ms = INT64_MIN;
	pool_end_sweep(pool);
	return pool;
}

struct shelf *pool_own_shelf(struct pool *pool, const char *part)
{
	struct shelf *shelf = pool->shelves;

	while (shelf && strcmp(shelf->part, part) != 0)
		shelf = shelf->next;
	return shelf;
}

/* The mark comes last and has six digits. So another profile or another mark
 * always gives another name. */
struct shelf *pool_shelf(struct pool *pool, const char *profile, uint32_t mark,
			 int64_t size)
{
	char part[PART_BYTES];
	struct shelf *shelf;

	assert(strlen(profile) <= POOL_PROFILE_MAX_CHARS);
	(void)snprintf(part, sizeof(part), "ready-%.32s%s%06x", profile,
		       profile[0] ? "-" : "", (unsigned)mark & 0xffffff);
	shelf = pool_own_shelf(pool, part);
	if (shelf)
		return shelf;
	shelf = mem_alloc(MEM_POOL, 1, sizeof(*shelf));
	if (!shelf)
		return NULL;
	shelf->pool = pool;
	shelf->next = pool->shelves;
	pool->shelves = shelf;
	memcpy(shelf->part, part, sizeof(part));
	shelf->size = size;
	shelf->empty_until_mono_ms = INT64_MIN;
	shelf->picture_bytes = PICTURE_GUESS_BYTES;
	ready_init(&shelf->ready, shelf->part);
	return shelf;
}

static void close_root(struct pool *pool)
{
	pool_end_sweep(pool);
	for (struct shelf *shelf = pool->shelves; shelf; shelf = shelf->next) {
		ready_release(&shelf->ready);
		shelf->ready.days.n = shelf->ready.next_day = 0;
		shelf->ready_day[0] = '\0';
		shelf->is_claimed = false;
	}
	if (pool->claims_fd >= 0)
		(void)close(pool->claims_fd);
	pool->claims_fd = -1;
	if (pool->root_fd >= 0)
		(void)close(pool->root_fd);
	pool->root_fd = -1;
	pool->live_day[0] = '\0';
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	pool_fill_end(pool);
	close_root(pool);
	while (pool->shelves) {
		struct shelf *shelf = pool->shelves;

		pool->shelves = shelf->next;
		mem_free(shelf);
	}
	mem_free(pool);
}

/* --- directories ---------------------------------------------------------- */

enum cf_status pool_open_root(struct pool *pool, struct cf_error *err)
{
	if (pool->root_fd >= 0)
		return CF_OK;
	return file_open_made_dir(pool->dir, &pool->root_fd, err);
}

static enum cf_status make_dir(struct pool *pool, const char *name,
			       struct cf_error *err)
{
	if (mkdirat(pool->root_fd, name, 0700) && errno != EEXIST)
		return cf_fail(err, file_status(errno),
			       "cannot create directory %s/%s: %s", pool->dir,
			       name, strerror(errno));
	return CF_OK;
}

/* Make DAY and DAY/part, unless `known` says that they are there. If the cache
 * directory itself was removed, open or make a new one; in the sandbox that
 * fails, and the process ends (app_has_moved). */
static enum cf_status make_day(struct pool *pool, const char *day,
			       const char *part, char known[DAY_BYTES],
			       struct cf_error *err)
{
	char path[POOL_NAME_BYTES];
	enum cf_status rc = pool_open_root(pool, err);

	if (rc || !strcmp(known, day))
		return rc;
	(void)snprintf(path, sizeof(path), "%s/%s", day, part);
	rc = make_dir(pool, day, err);
	if (rc == CF_NOT_FOUND) {
		close_root(pool);
		rc = pool_open_root(pool, err);
		if (!rc)
			rc = make_dir(pool, day, err);
	}
	if (!rc)
		rc = make_dir(pool, path, err);
	if (!rc)
		memcpy(known, day, DAY_BYTES);
	return rc;
}

/* The day and the name of the live picture of pid. */
static void live_path(const struct pid *pid, char day[DAY_BYTES],
		      char path[POOL_NAME_BYTES])
{
	day_of(pid_unix_ms(pid), day);
	(void)snprintf(path, POOL_NAME_BYTES, "%s/live/%s.png", day, pid->text);
}

/* Write a file under a temporary name, then rename it to path. */
static enum cf_status write_into(struct pool *pool, const char *path,
				 const void *ptr, size_t len,
				 struct cf_error *err)
{
	char tmp[sizeof("tmp/") + 16] = "tmp/";
	struct cf_error why = CF_ERROR_INIT;
	enum cf_status rc;

	crypt_random_text(tmp + 4, 16, text_hex_digits, 16);
	tmp[4 + 16] = '\0';
	rc = file_create(pool->root_fd, tmp, ptr, len, &why);
	if (rc == CF_NOT_FOUND) {
		rc = make_dir(pool, "tmp", err);
		if (rc)
			return rc;
		rc = file_create(pool->root_fd, tmp, ptr, len, &why);
	}
	errno = why.sys_errno;
	if (rc)
		return cf_fail(err, rc, "%s: %s", pool->dir, why.text);
	if (renameat(pool->root_fd, tmp, pool->root_fd, path)) {
		rc = cf_fail(err, file_status(errno),
			     "cannot rename %s/%s to %s: %s", pool->dir, tmp,
			     path, strerror(errno));
		(void)unlinkat(pool->root_fd, tmp, 0);
	}
	return rc;
}

/* --- shelves in use ------------------------------------------------------- */

/* The byte of shelves.lock that stands for a shelf: FNV-1a. Two shelves may
 * share a byte: then both count as used while one of them is. */
static struct flock byte_of(const char *part, short type)
{
	uint32_t hash = 2166136261;

	for (; *part; part++)
		hash = (hash ^ (unsigned char)*part) * 16777619;
	return (struct flock){.l_type = type,
			      .l_whence = SEEK_SET,
			      .l_start = (off_t)hash,
			      .l_len = 1};
}

static bool open_claims(struct pool *pool)
{
	if (pool->claims_fd < 0)
		pool->claims_fd = openat(pool->root_fd, "shelves.lock",
					 O_RDWR | O_CREAT | O_CLOEXEC |
						 O_NOFOLLOW, 0600);
	return pool->claims_fd >= 0;
}

void shelf_claim(struct shelf *shelf)
{
	struct flock lock = byte_of(shelf->part, F_RDLCK);

	if (shelf->is_claimed)
		return;
	shelf->is_claimed = true;
	if (open_claims(shelf->pool))
		(void)fcntl(shelf->pool->claims_fd, F_OFD_SETLK, &lock);
}

bool pool_is_shelf(const char *part)
{
	return !strncmp(part, "ready", 5) && (!part[5] || part[5] == '-') &&
	       strlen(part) < PART_BYTES;
}

bool pool_is_left(struct pool *pool, const char *part)
{
	struct flock lock = byte_of(part, F_WRLCK);

	return pool_is_shelf(part) && !pool_own_shelf(pool, part) &&
	       open_claims(pool) &&
	       !fcntl(pool->claims_fd, F_OFD_GETLK, &lock) &&
	       lock.l_type == F_UNLCK;
}

/* --- taking and showing --------------------------------------------------- */

/* The next name to try; NULL when there is none. A round may miss pictures that
 * came after it began. So a call that begins with the rest of a round goes on
 * with a whole round. */
static const char *next_name(struct shelf *shelf, bool *is_whole,
			     const char **day)
{
	struct pool *pool = shelf->pool;
	struct ready *ready = &shelf->ready;
	const char *name;

	for (;; *is_whole = true) {
		char first_day[DAY_BYTES] = "";

		/* pictures of earlier days have waited too long */
		if (ready->next == ready->n)
			day_of(clk_unix_ms(&pool->clk) - READY_MAX_AGE_S * 1000,
			       first_day);
		name = ready_next(ready, pool->root_fd, first_day, day);
		if (name || *is_whole)
			return name;
	}
}

enum cf_status shelf_take(struct shelf *shelf, const struct pid *pid,
			  char *code, struct cf_error *err)
{
	struct pool *pool = shelf->pool;
	const struct ready *ready = &shelf->ready;
	char from[PATH_BYTES], to[POOL_NAME_BYTES], pid_day[DAY_BYTES];
	const char *name, *name_day;
	bool is_whole = !ready->days.n;
	enum cf_status rc;

	if (ready->next == ready->n &&
	    clk_mono_ms(&pool->clk) < shelf->empty_until_mono_ms)
		return CF_EMPTY;
	live_path(pid, pid_day, to);
	rc = make_day(pool, pid_day, "live", pool->live_day, err);
	if (rc)
		return rc;
	shelf_claim(shelf);
	while ((name = next_name(shelf, &is_whole, &name_day))) {
		if (!ready_parse(name, code))
			continue;
		(void)snprintf(from, sizeof(from), "%s/%s/%s", name_day,
			       shelf->part, name);
		if (!renameat(pool->root_fd, from, pool->root_fd, to))
			return CF_OK;
		if (errno != ENOENT)
			return cf_fail(err, file_status(errno),
				       "cannot rename %s/%s to %s: %s",
				       pool->dir, from, to, strerror(errno));
	}
	shelf->empty_until_mono_ms = clk_mono_ms(&pool->clk) + EMPTY_PAUSE_MS;
	return CF_EMPTY;
}

/* Write a picture to path, in the day's directory of live pictures or, with a
 * shelf, of the shelf. If the day was removed meanwhile, make it again. */
static enum cf_status put_picture(struct pool *pool, struct shelf *shelf,
				  const char *day, const char *path,
				  struct str png, struct cf_error *err)
{
	const char *part = shelf ? shelf->part : "live";
	char *known = shelf ? shelf->ready_day : pool->live_day;
	enum cf_status rc = CF_NOT_FOUND;

	for (int i = 0; i < 2 && rc == CF_NOT_FOUND; i++) {
		if (i)
			known[0] = '\0';
		rc = make_day(pool, day, part, known, err);
		if (rc)
			return rc;
		/* before the picture is there, and after make_day: it drops all
		 * claims when the cache directory was removed */
		if (shelf)
			shelf_claim(shelf);
		rc = write_into(pool, path, png.ptr, png.len, err);
	}
	return rc;
}

enum cf_status pool_put_live(struct pool *pool, const struct pid *pid,
			     const void *png, size_t len, struct cf_error *err)
{
	char day[DAY_BYTES], path[POOL_NAME_BYTES];
	enum cf_status rc;

	if (pool_is_full(pool))
		return cf_fail(err, CF_FULL, "%s holds more than "
			       "cache_max_bytes = %lld", pool->dir,
			       (long long)pool->max_bytes);
	live_path(pid, day, path);
	rc = put_picture(pool, NULL, day, path, (struct str){png, len}, err);
	if (!rc)
		amount_add(&pool->live, len);
	return rc;
}

enum cf_status pool_load_live(struct pool *pool, const struct pid *pid,
			      struct buf *out, struct cf_error *err)
{
	char day[DAY_BYTES], path[POOL_NAME_BYTES];
	enum cf_status rc = pool_open_root(pool, err);

	if (rc)
		return rc;
	live_path(pid, day, path);
	return file_load(pool->root_fd, path, out, err);
}

void pool_remove_live(struct pool *pool, const struct pid *pid)
{
	char day[DAY_BYTES], path[POOL_NAME_BYTES];

	if (pool_open_root(pool, NULL))
		return;
	live_path(pid, day, path);
	if (!unlinkat(pool->root_fd, path, 0))
		amount_remove(&pool->live, 1);
}

/* --- publishing ----------------------------------------------------------- */

enum cf_status shelf_publish(struct shelf *shelf, const void *png, size_t len,
			     const char *code, struct cf_error *err)
{
	struct pool *pool = shelf->pool;
	char day[DAY_BYTES], name[READY_NAME_BYTES], path[PATH_BYTES];
	enum cf_status rc;

	if (!code[0] || strlen(code) > POOL_CODE_MAX_BYTES)
		return cf_fail(err, CF_BUG, "pool: a code of %zu bytes",
			       strlen(code));
	day_of(clk_unix_ms(&pool->clk), day);
	ready_make(code, name);
	(void)snprintf(path, sizeof(path), "%s/%s/%s", day, shelf->part, name);
	rc = put_picture(pool, shelf, day, path, (struct str){png, len}, err);
	if (rc)
		return rc;
	amount_add(&pool->ready, len);
	shelf->empty_until_mono_ms = INT64_MIN;
	return CF_OK;
}

/* --- health --------------------------------------------------------------- */

/* CF_IO when DAY/part of today exists and is on another file system: no rename
 * can reach it. */
static enum cf_status check_part(struct pool *pool, const char *part,
				 struct cf_error *err)
{
	char day[DAY_BYTES], path[POOL_NAME_BYTES];
	struct stat root, st;

	day_of(clk_unix_ms(&pool->clk), day);
	(void)snprintf(path, sizeof(path), "%s/%s", day, part);
	if (fstat(pool->root_fd, &root) ||
	    fstatat(pool->root_fd, path, &st, AT_SYMLINK_NOFOLLOW) ||
	    root.st_dev == st.st_dev)
		return CF_OK;
	return cf_fail(err, CF_IO, "%s/%s is on another file system: no "
		       "picture can be moved there; unmount it", pool->dir,
		       path);
}

/* CF_OK when pictures can be moved between all directories of today. */
static enum cf_status check_parts(struct pool *pool, struct cf_error *err)
{
	enum cf_status rc = check_part(pool, "live", err);
	const struct shelf *shelf = pool->shelves;

	for (; !rc && shelf; shelf = shelf->next)
		rc = check_part(pool, shelf->part, err);
	return rc;
}

enum cf_status pool_probe(struct pool *pool, struct cf_error *err)
{
	char path[POOL_NAME_BYTES] = "tmp/probe-";
	enum cf_status rc = pool_open_root(pool, err);

	crypt_random_text(path + 10, 16, text_hex_digits, 16);
	path[10 + 16] = '\0';
	if (!rc)
		rc = write_into(pool, path, "probe", 5, err);
	if (rc == CF_NOT_FOUND) { /* the cache directory was removed */
		close_root(pool);
		rc = pool_open_root(pool, err);
		if (!rc)
			rc = write_into(pool, path, "probe", 5, err);
	}
	if (!rc) {
		(void)unlinkat(pool->root_fd, path, 0);
		rc = check_parts(pool, err);
	}
	return rc;
}
