/*
 * The pool: see pool.h. Every name here is below one held descriptor of the
 * cache directory.
 *
 *	CACHE/tmp/		files that are being written
 *	CACHE/fill.lock		held by the one process that fills
 *	CACHE/shelves.lock	a locked byte for each shelf that is in use
 *	CACHE/DAY/ready-MARK/	pictures that wait
 *	CACHE/DAY/ready-NAME-MARK/	those of a profile
 *	CACHE/DAY/live/		pictures of challenges
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/text.h"
#include "pool/day.h"
#include "pool/names.h"
#include "pool/pool.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum {
	/* after the directories were found empty, do not read them in each
	 * request */
	EMPTY_PAUSE_MS = 100,
	/* live pictures are counted to fill no oftener than this */
	COUNT_LIVE_MS = 30000,
	/* at the cap all pictures are counted no oftener than this, and for
	 * no more than this part of the time */
	COUNT_AT_CAP_MS = 1000,
	COUNT_AT_CAP_PART = 20,
	/* the longest ttl_s, and a day for clocks that differ */
	LIVE_MAX_AGE_S = 2 * 86400,
	/* a file is written at once: an older one has lost its writer, and so
	 * has one of a time that is yet to come */
	TEMPORARY_MAX_AGE_S = 60,
	AHEAD_MAX_S = 86400,
	PICTURE_GUESS_BYTES = 2500, /* until one was seen */
	SAMPLE_FILES = 16,	    /* looked at for their average size */
	PART_BYTES = sizeof("ready--1a2b3c") + POOL_PROFILE_MAX_CHARS,
	PATH_BYTES = POOL_DAY_BYTES + 1 + PART_BYTES + NAMES_NAME_BYTES,
};

_Static_assert((int)POOL_DAY_BYTES + (int)PART_BYTES <= (int)POOL_NAME_BYTES,
	       "the directory of a shelf is a name, too");

/* Where pictures of one profile wait. */
struct shelf {
	struct pool *pool;
	struct shelf *next;
	char part[PART_BYTES]; /* its name in each day's directory */
	int64_t size;
	int64_t picture_bytes; /* average */
	bool is_claimed; /* or that was tried in vain */
	struct names names;
	int64_t empty_until_mono_ms;
	/* a day whose directory is known to be there; "" for none */
	char ready_day[POOL_DAY_BYTES];
};

/* So many files, of about so many bytes together. */
struct amount {
	int64_t n, bytes;
};

/*
 * Count, and look at the size of the first `n_to_stat` files. A file that
 * another process took since its name was read is not counted. So where there
 * is a file and one was to be looked at, one was: n_stat > 0.
 */
struct tally {
	int64_t n;
	int64_t n_to_stat;
	int64_t n_stat;
	int64_t bytes;
};

struct pool {
	char dir[SETTINGS_PATH_BYTES];
	int64_t max_age_s;
	int64_t max_bytes;
	struct clk clk;
	int root_fd; /* -1: not open */
	int lock_fd; /* -1: not filling */
	int claims_fd; /* -1: not open */
	struct shelf *shelves;
	/* a day whose directory is known to be there; "" for none */
	char live_day[POOL_DAY_BYTES];
	/* for the cap: what was last counted */
	struct amount live;
	struct amount ready; /* on all shelves */
	int64_t counted_live_mono_ms; /* INT64_MIN: never */
	int64_t count_at_cap_mono_ms; /* not before */
	/* the round of pool_sweep that is under way */
	DIR *sweep_dir; /* NULL: between days */
	char sweep_day[POOL_DAY_BYTES];	/* "" at the start of a round */
	char sweep_part[PART_BYTES]; /* of that day; "" before its first */
	bool is_sweep_all; /* nothing on this shelf is of use */
	struct tally sweep_live; /* the live pictures that it left */
};

struct pool *pool_new(const struct settings *settings, struct clk clk)
{
	struct pool *pool = mem_alloc(MEM_POOL, 1, sizeof(*pool));

	if (!pool)
		return NULL;
	(void)snprintf(pool->dir, sizeof(pool->dir), "%s",
		       settings->cache_dir);
	pool->max_age_s = settings->pool_max_age_s;
	pool->max_bytes = settings->cache_max_bytes;
	pool->clk = clk;
	pool->root_fd = -1;
	pool->lock_fd = -1;
	pool->claims_fd = -1;
	pool->counted_live_mono_ms = INT64_MIN;
	pool->count_at_cap_mono_ms = INT64_MIN;
	pool->sweep_live = (struct tally){.n_to_stat = SAMPLE_FILES};
	return pool;
}

/* The pool's own shelf of this name; NULL when it has none. */
static struct shelf *own_shelf(struct pool *pool, const char *part)
{
	struct shelf *shelf = pool->shelves;

	while (shelf && strcmp(shelf->part, part) != 0)
		shelf = shelf->next;
	return shelf;
}

/* The mark stands last, and has six digits: so two names are never the same,
 * whatever profiles are called. */
struct shelf *pool_shelf(struct pool *pool, const char *profile, uint32_t mark,
			 int64_t size)
{
	char part[PART_BYTES];
	struct shelf *shelf;

	assert(strlen(profile) <= POOL_PROFILE_MAX_CHARS);
	(void)snprintf(part, sizeof(part), "ready-%.32s%s%06x", profile,
		       profile[0] ? "-" : "", (unsigned)mark & 0xffffff);
	shelf = own_shelf(pool, part);
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
	names_init(&shelf->names, shelf->part);
	return shelf;
}

static void close_root(struct pool *pool)
{
	if (pool->sweep_dir)
		(void)closedir(pool->sweep_dir);
	pool->sweep_dir = NULL;
	pool->sweep_day[0] = '\0';
	pool->sweep_live = (struct tally){.n_to_stat = SAMPLE_FILES};
	for (struct shelf *shelf = pool->shelves; shelf; shelf = shelf->next) {
		names_release(&shelf->names);
		shelf->names.days.n = shelf->names.next_day = 0;
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

static enum cf_status open_root(struct pool *pool, struct cf_error *err)
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

/* Make DAY and DAY/part, unless `known` says that they are there. If the
 * cache directory itself was removed under us, find or make the new one; a
 * process that has shut itself in may not, and ends for it (app_has_moved). */
static enum cf_status make_day(struct pool *pool, const char *day,
			       const char *part, char known[POOL_DAY_BYTES],
			       struct cf_error *err)
{
	char path[POOL_NAME_BYTES];
	enum cf_status rc = open_root(pool, err);

	if (rc || !strcmp(known, day))
		return rc;
	(void)snprintf(path, sizeof(path), "%s/%s", day, part);
	rc = make_dir(pool, day, err);
	if (rc == CF_NOT_FOUND) {
		close_root(pool);
		rc = open_root(pool, err);
		if (!rc)
			rc = make_dir(pool, day, err);
	}
	if (!rc)
		rc = make_dir(pool, path, err);
	if (!rc)
		memcpy(known, day, POOL_DAY_BYTES);
	return rc;
}

/* The day and the name of the live picture of pid. */
static void live_path(const struct pid *pid, char day[POOL_DAY_BYTES],
		      char path[POOL_NAME_BYTES])
{
	day_of(pid_unix_ms(pid), day);
	(void)snprintf(path, POOL_NAME_BYTES, "%s/live/%s.png", day, pid->text);
}

/* Write a file under a temporary name, then give it its own. */
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

/* The byte of shelves.lock that stands for a shelf: FNV-1a. That of two may be
 * the same; then the one counts as used while the other is. */
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

/* Tell others that this process uses the shelf. Without that its pictures may
 * be removed, and are drawn when they are wanted. The root is open. */
static void claim(struct shelf *shelf)
{
	struct flock lock = byte_of(shelf->part, F_RDLCK);

	if (shelf->is_claimed)
		return;
	shelf->is_claimed = true;
	if (open_claims(shelf->pool))
		(void)fcntl(shelf->pool->claims_fd, F_OFD_SETLK, &lock);
}

/* Whether a directory of a day is a shelf, of whatever profile. */
static bool is_shelf(const char *part)
{
	return !strncmp(part, "ready", 5) && (!part[5] || part[5] == '-') &&
	       strlen(part) < PART_BYTES;
}

/* Whether it is a shelf that nobody uses, as far as locks can tell. */
static bool is_left(struct pool *pool, const char *part)
{
	struct flock lock = byte_of(part, F_WRLCK);

	return is_shelf(part) && !own_shelf(pool, part) && open_claims(pool) &&
	       !fcntl(pool->claims_fd, F_OFD_GETLK, &lock) &&
	       lock.l_type == F_UNLCK;
}

/* --- amounts -------------------------------------------------------------- */

static void add_file(struct amount *amount, size_t len)
{
	amount->n++;
	amount->bytes += (int64_t)len;
}

/* Files of about the average size, as far as there were any. */
static void remove_files(struct amount *amount, int64_t n)
{
	if (n > amount->n)
		n = amount->n;
	if (n) {
		amount->bytes -= amount->bytes / amount->n * n;
		amount->n -= n;
	}
}

/* What walk() tells of each file of a day: its directory, open, and name. */
typedef void visit_fn(void *ctx, int dir_fd, const char *name);

/* Visit what is in a directory. One that is not there has nothing. */
static void walk(int dir_fd, const char *path, visit_fn *visit, void *ctx)
{
	struct dirent *entry;
	DIR *dir;
	int fd;

	if (file_open_dir(dir_fd, path, false, &fd, NULL))
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			visit(ctx, fd, entry->d_name);
	(void)closedir(dir);
}

/* Visit the files on all shelves of a day. */
struct shelf_walk {
	visit_fn *visit;
	void *ctx;
};

static void visit_shelf(void *ctx, int dir_fd, const char *name)
{
	const struct shelf_walk *inner = ctx;

	if (is_shelf(name))
		walk(dir_fd, name, inner->visit, inner->ctx);
}

static void walk_shelves(struct pool *pool, const char *day, visit_fn *visit,
			 void *ctx)
{
	struct shelf_walk inner = {visit, ctx};

	walk(pool->root_fd, day, visit_shelf, &inner);
}

static void walk_live(struct pool *pool, const char *day, visit_fn *visit,
		      void *ctx)
{
	char path[POOL_NAME_BYTES];

	(void)snprintf(path, sizeof(path), "%s/live", day);
	walk(pool->root_fd, path, visit, ctx);
}

static void visit_count(void *ctx, int dir_fd, const char *name)
{
	struct tally *tally = ctx;
	struct stat st;

	if (tally->n_stat < tally->n_to_stat) {
		if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW))
			return;
		tally->n_stat++;
		tally->bytes += st.st_size;
	}
	tally->n++;
}

/* All files of a tally, as far as those that were looked at tell: each has a
 * byte or more, so that their average is one to divide by. */
static struct amount amount_of(const struct tally *tally)
{
	struct amount amount = {tally->n, 0};

	if (tally->n_stat)
		amount.bytes = (tally->bytes / tally->n_stat + 1) * tally->n;
	assert(amount.bytes >= amount.n);
	return amount;
}

static void set_live(struct pool *pool, const struct tally *tally)
{
	pool->live = amount_of(tally);
	pool->counted_live_mono_ms = clk_mono_ms(&pool->clk);
}

/* Counting of shelves, with what is on one of them. */
struct count {
	const char *part;
	struct amount own, all;
};

static void visit_count_shelf(void *ctx, int dir_fd, const char *name)
{
	struct tally tally = {.n_to_stat = SAMPLE_FILES};
	struct count *count = ctx;
	struct amount amount;

	if (!is_shelf(name))
		return;
	walk(dir_fd, name, visit_count, &tally);
	amount = amount_of(&tally);
	count->all.n += amount.n;
	count->all.bytes += amount.bytes;
	if (strcmp(name, count->part) != 0)
		return;
	count->own.n += amount.n;
	count->own.bytes += amount.bytes;
}

/* Count what waits, and perhaps what is live, on days that may have some. */
static enum cf_status count_pictures(struct pool *pool, struct count *ready,
				     bool with_live, struct cf_error *err)
{
	struct tally live = {.n_to_stat = SAMPLE_FILES};
	int64_t age_s = pool->max_age_s > LIVE_MAX_AGE_S ? pool->max_age_s
							 : LIVE_MAX_AGE_S;
	char first_day[POOL_DAY_BYTES];
	enum cf_status rc = CF_OK;
	struct day_walk days;
	const char *day;

	day_of(clk_unix_ms(&pool->clk) - age_s * 1000, first_day);
	day_walk_init(&days, pool->root_fd, first_day);
	day_of(clk_unix_ms(&pool->clk) - pool->max_age_s * 1000, first_day);
	while ((day = day_walk_next(&days, &rc, err))) {
		if (strcmp(day, first_day) >= 0)
			walk(pool->root_fd, day, visit_count_shelf, ready);
		if (with_live)
			walk_live(pool, day, visit_count, &live);
	}
	if (rc)
		return rc;
	pool->ready = ready->all;
	if (with_live)
		set_live(pool, &live);
	return CF_OK;
}

/*
 * Whether the cap is reached. What others put and remove is not in the own
 * account: others may have removed all that this process has put. So all is
 * counted before the answer is yes.
 */
static bool is_full(struct pool *pool)
{
	struct count ready = {.part = ""};
	int64_t begun_mono_ms, took_ms;

	if (pool->live.bytes + pool->ready.bytes <= pool->max_bytes)
		return false;
	begun_mono_ms = clk_mono_ms(&pool->clk);
	if (begun_mono_ms < pool->count_at_cap_mono_ms)
		return true;
	if (!open_root(pool, NULL))
		(void)!count_pictures(pool, &ready, true, NULL);
	took_ms = clk_mono_ms(&pool->clk) - begun_mono_ms;
	pool->count_at_cap_mono_ms = begun_mono_ms + COUNT_AT_CAP_MS +
				     took_ms * COUNT_AT_CAP_PART;
	return pool->live.bytes + pool->ready.bytes > pool->max_bytes;
}

/* --- taking and showing --------------------------------------------------- */

enum cf_status shelf_take(struct shelf *shelf, const struct pid *pid,
			  char *code, struct cf_error *err)
{
	struct pool *pool = shelf->pool;
	struct names *names = &shelf->names;
	int64_t now_mono_ms = 0;
	char from[PATH_BYTES], to[POOL_NAME_BYTES];
	char pid_day[POOL_DAY_BYTES], first_day[POOL_DAY_BYTES] = "";
	const char *name, *name_day;
	bool is_anew = !names->days.n; /* a round begins in this call */
	enum cf_status rc;

	if (names->next == names->n) {
		now_mono_ms = clk_mono_ms(&pool->clk);
		if (now_mono_ms < shelf->empty_until_mono_ms)
			return CF_EMPTY;
	}
	live_path(pid, pid_day, to);
	rc = make_day(pool, pid_day, "live", pool->live_day, err);
	if (rc)
		return rc;
	claim(shelf);
	for (;;) {
		/* pictures of days before this one have waited too long */
		if (names->next == names->n)
			day_of(clk_unix_ms(&pool->clk) - pool->max_age_s * 1000,
			       first_day);
		name = names_next(names, pool->root_fd, first_day, &name_day);
		if (!name && is_anew)
			break;
		if (!name) { /* what came since the round began is not in it */
			is_anew = true;
			continue;
		}
		if (!names_parse(name, code))
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
	if (!now_mono_ms)
		now_mono_ms = clk_mono_ms(&pool->clk);
	shelf->empty_until_mono_ms = now_mono_ms + EMPTY_PAUSE_MS;
	return CF_EMPTY;
}

enum cf_status pool_put_live(struct pool *pool, const struct pid *pid,
			     const void *png, size_t len, struct cf_error *err)
{
	char day[POOL_DAY_BYTES], path[POOL_NAME_BYTES];
	enum cf_status rc;

	if (is_full(pool))
		return cf_fail(err, CF_FULL, "%s holds more than "
			       "cache_max_bytes = %lld", pool->dir,
			       (long long)pool->max_bytes);
	live_path(pid, day, path);
	rc = make_day(pool, day, "live", pool->live_day, err);
	if (!rc)
		rc = write_into(pool, path, png, len, err);
	if (rc == CF_NOT_FOUND) { /* the day was removed under us */
		pool->live_day[0] = '\0';
		rc = make_day(pool, day, "live", pool->live_day, err);
		if (!rc)
			rc = write_into(pool, path, png, len, err);
	}
	if (!rc)
		add_file(&pool->live, len);
	return rc;
}

enum cf_status pool_load_live(struct pool *pool, const struct pid *pid,
			      struct buf *out, struct cf_error *err)
{
	char day[POOL_DAY_BYTES], path[POOL_NAME_BYTES];
	enum cf_status rc = open_root(pool, err);

	if (rc)
		return rc;
	live_path(pid, day, path);
	return file_load(pool->root_fd, path, out, err);
}

void pool_remove_live(struct pool *pool, const struct pid *pid)
{
	char day[POOL_DAY_BYTES], path[POOL_NAME_BYTES];

	if (open_root(pool, NULL))
		return;
	live_path(pid, day, path);
	if (!unlinkat(pool->root_fd, path, 0))
		remove_files(&pool->live, 1);
}

/* --- what is left over ---------------------------------------------------- */

/* Remove files by age or by name. */
struct sweep {
	/* stale is what was changed last before, or after */
	int64_t before_unix_s, after_unix_s;
	/* or what is not for these */
	const struct pool_live *may_live;
	int64_t n;
	struct tally *left; /* of those by name; NULL: not counted */
};

static void visit_old(void *ctx, int dir_fd, const char *name)
{
	struct sweep *sweep = ctx;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    ((int64_t)st.st_mtime >= sweep->before_unix_s &&
	     (int64_t)st.st_mtime <= sweep->after_unix_s))
		return;
	if (!unlinkat(dir_fd, name, 0))
		sweep->n++;
}

/* Remove what is on shelves that are left over, and them. */
struct left_walk {
	struct pool *pool;
	struct sweep all;
};

static void visit_left(void *ctx, int dir_fd, const char *name)
{
	struct left_walk *left = ctx;

	if (!is_left(left->pool, name))
		return;
	walk(dir_fd, name, visit_old, &left->all);
	(void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}

/* On all days; how many pictures that were. */
static int64_t remove_left(struct pool *pool)
{
	struct left_walk left = {pool, {.before_unix_s = INT64_MAX,
					.after_unix_s = INT64_MAX}};
	enum cf_status rc = CF_OK;
	struct day_walk days;
	const char *day;

	day_walk_init(&days, pool->root_fd, "");
	while ((day = day_walk_next(&days, &rc, NULL)))
		walk(pool->root_fd, day, visit_left, &left);
	return left.all.n;
}

/* --- filling -------------------------------------------------------------- */

enum cf_status shelf_publish(struct shelf *shelf, const void *png, size_t len,
			     const char *code, struct cf_error *err)
{
	struct pool *pool = shelf->pool;
	char day[POOL_DAY_BYTES], name[NAMES_NAME_BYTES], path[PATH_BYTES];
	enum cf_status rc;

	if (!code[0] || strlen(code) > POOL_CODE_MAX_BYTES)
		return cf_fail(err, CF_BUG, "pool: a code of %zu bytes",
			       strlen(code));
	day_of(clk_unix_ms(&pool->clk), day);
	names_make(code, name);
	(void)snprintf(path, sizeof(path), "%s/%s/%s", day, shelf->part, name);
	rc = make_day(pool, day, shelf->part, shelf->ready_day, err);
	if (!rc) {
		claim(shelf);
		rc = write_into(pool, path, png, len, err);
	}
	if (rc == CF_NOT_FOUND) {
		shelf->ready_day[0] = '\0';
		rc = make_day(pool, day, shelf->part, shelf->ready_day, err);
		if (!rc)
			rc = write_into(pool, path, png, len, err);
	}
	if (rc)
		return rc;
	add_file(&pool->ready, len);
	shelf->empty_until_mono_ms = INT64_MIN;
	return CF_OK;
}

/* Count what waits, and now and then what is live, for shelf_fill_begin. */
static enum cf_status count_for_fill(struct shelf *shelf, int64_t *n_own,
				     struct cf_error *err)
{
	struct pool *pool = shelf->pool;
	struct count ready = {.part = shelf->part};
	bool with_live = pool->counted_live_mono_ms == INT64_MIN ||
			 clk_mono_ms(&pool->clk) - pool->counted_live_mono_ms >=
				 COUNT_LIVE_MS;
	enum cf_status rc = count_pictures(pool, &ready, with_live, err);

	if (!rc && ready.own.n)
		shelf->picture_bytes = ready.own.bytes / ready.own.n;
	*n_own = ready.own.n;
	return rc;
}

/* So many more pictures of its average size have room below the cap. */
static int64_t room_for(const struct shelf *shelf)
{
	const struct pool *pool = shelf->pool;

	return (pool->max_bytes - pool->ready.bytes - pool->live.bytes) /
	       shelf->picture_bytes;
}

/*
 * So many more until those that wait have half of what the disk has for them
 * and for all else: the record of challenges, without which none of them can
 * be handed out, may lie there, too.
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
	/* some file systems have as many files as there is room for */
	n_files = fs.f_files ? (int64_t)fs.f_favail : n_free;
	if (n_files < n_free)
		n_free = n_files;
	return (n_free - n_ready) / 2;
}

static enum cf_status fail_at_cap(const struct pool *pool, struct cf_error *err)
{
	return cf_fail(err, CF_FULL, "%s: %lld pictures of about %lld bytes "
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
	    remove_left(pool) > 0)
		rc = count_for_fill(shelf, &n_own, err);
	if (rc || shelf->size <= n_own)
		return rc;
	room = room_for(shelf);
	if (room <= 0)
		return fail_at_cap(pool, err);
	disk_room = room_on_disk(shelf);
	if (disk_room <= 0)
		return cf_fail(err, CF_FULL, "%s: %lld pictures wait, which is "
			       "half of what its disk has room for: make room, "
			       "or lower pool_size = %lld", pool->dir,
			       (long long)pool->ready.n,
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
		pool->lock_fd = openat(pool->root_fd, "fill.lock",
				       O_RDWR | O_CREAT | O_CLOEXEC |
					       O_NOFOLLOW, 0600);
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
	enum cf_status rc = open_root(pool, err);

	*n_missing = 0;
	if (rc)
		return rc;
	rc = lock_fill(pool, wait, err);
	if (!rc) {
		claim(shelf);
		rc = count_missing(shelf, n_missing, err);
	}
	if (rc)
		pool_fill_end(pool);
	return rc;
}

void pool_fill_end(struct pool *pool)
{
	if (pool->lock_fd >= 0)
		(void)close(pool->lock_fd); /* and the lock is gone */
	pool->lock_fd = -1;
}

/* --- counting, cleaning, health ------------------------------------------- */

/* Counting of shelves, those of the pool's own apart. */
struct stats_walk {
	struct pool *pool;
	struct tally own, others;
};

static void visit_stats(void *ctx, int dir_fd, const char *name)
{
	struct stats_walk *stats = ctx;

	if (is_shelf(name))
		walk(dir_fd, name, visit_count,
		     own_shelf(stats->pool, name) ? &stats->own
						  : &stats->others);
}

enum cf_status pool_count(struct pool *pool, struct pool_stats *out,
			  struct cf_error *err)
{
	struct stats_walk ready = {pool, {.n_to_stat = INT64_MAX}, {0}};
	struct tally live = {.n_to_stat = INT64_MAX};
	struct day_walk days;
	const char *day;
	enum cf_status rc;

	ready.others = ready.own;
	*out = (struct pool_stats){0};
	rc = open_root(pool, err);
	if (rc)
		return rc;
	day_walk_init(&days, pool->root_fd, "");
	while ((day = day_walk_next(&days, &rc, err))) {
		walk(pool->root_fd, day, visit_stats, &ready);
		walk_live(pool, day, visit_count, &live);
		out->n_days++;
	}
	out->n_ready = ready.own.n;
	out->n_live = live.n;
	out->bytes = ready.own.bytes + ready.others.bytes + live.bytes;
	return rc;
}

/* Counting of one shelf. */
struct shelf_tally {
	const char *part;
	struct tally tally;
};

static void visit_own_shelf(void *ctx, int dir_fd, const char *name)
{
	struct shelf_tally *own = ctx;

	if (!strcmp(name, own->part))
		walk(dir_fd, name, visit_count, &own->tally);
}

enum cf_status shelf_count(struct shelf *shelf, int64_t *n,
			   struct cf_error *err)
{
	struct shelf_tally own = {.part = shelf->part};
	struct pool *pool = shelf->pool;
	struct day_walk days;
	const char *day;
	enum cf_status rc = open_root(pool, err);

	*n = 0;
	if (rc)
		return rc;
	day_walk_init(&days, pool->root_fd, "");
	while ((day = day_walk_next(&days, &rc, err)))
		walk(pool->root_fd, day, visit_own_shelf, &own);
	*n = own.tally.n;
	return rc;
}

static void visit_live(void *ctx, int dir_fd, const char *name)
{
	struct sweep *sweep = ctx;

	if (strncmp(name, sweep->may_live->first_pid.text, PID_CHARS) < 0 ||
	    strncmp(name, sweep->may_live->end_pid.text, PID_CHARS) >= 0) {
		if (!unlinkat(dir_fd, name, 0))
			sweep->n++;
	} else if (sweep->left) {
		visit_count(sweep->left, dir_fd, name);
	}
}

static void visit_part(void *ctx, int dir_fd, const char *name)
{
	(void)ctx;
	if (is_shelf(name) || !strcmp(name, "live"))
		(void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}

/* Remove the directories of a day; those that are not empty stay. */
static bool remove_day(struct pool *pool, const char *day)
{
	walk(pool->root_fd, day, visit_part, NULL);
	return !unlinkat(pool->root_fd, day, AT_REMOVEDIR);
}

/* Whether no challenge of this day lives any more. */
static bool is_past(const char *day, const struct pool_live *may_live)
{
	char first_day[POOL_DAY_BYTES];

	day_of(pid_unix_ms(&may_live->first_pid), first_day);
	return strcmp(day, first_day) < 0;
}

/* Whether a clock that was ahead has made this day. No day is ahead of a clock
 * that is past the last second of pids. */
static bool is_ahead(const char *day, const struct pool_live *may_live)
{
	int64_t end_unix_ms = pid_unix_ms(&may_live->end_pid);
	char last_day[POOL_DAY_BYTES];

	day_of(end_unix_ms, last_day);
	return end_unix_ms < PID_LAST_UNIX_MS && strcmp(day, last_day) > 0;
}

enum cf_status pool_clean(struct pool *pool, const struct pool_live *may_live,
			  struct pool_cleaned *out, struct cf_error *err)
{
	int64_t now_s = clk_unix_ms(&pool->clk) / 1000;
	struct sweep ready = {.before_unix_s = now_s - pool->max_age_s,
			      .after_unix_s = INT64_MAX};
	struct sweep all = {.before_unix_s = INT64_MAX};
	struct sweep temporary = {.before_unix_s = now_s - TEMPORARY_MAX_AGE_S,
				  .after_unix_s = now_s + AHEAD_MAX_S};
	struct sweep live = {.may_live = may_live};
	char old_day[POOL_DAY_BYTES];
	struct day_walk days;
	const char *day;
	enum cf_status rc;

	*out = (struct pool_cleaned){0};
	rc = open_root(pool, err);
	if (rc)
		return rc;
	out->n_ready = remove_left(pool);
	day_of(ready.before_unix_s * 1000, old_day);
	day_walk_init(&days, pool->root_fd, "");
	while ((day = day_walk_next(&days, &rc, err))) {
		if (is_ahead(day, may_live))
			walk_shelves(pool, day, visit_old, &all);
		/* what was made on a later day is not too old */
		else if (strcmp(day, old_day) <= 0)
			walk_shelves(pool, day, visit_old, &ready);
		walk_live(pool, day, visit_live, &live);
		if ((is_past(day, may_live) || is_ahead(day, may_live)) &&
		    remove_day(pool, day))
			out->n_days++;
	}
	walk(pool->root_fd, "tmp", visit_old, &temporary);
	out->n_ready += ready.n + all.n;
	out->n_live = live.n;
	out->n_temporary = temporary.n;
	remove_files(&pool->live, live.n);
	return rc;
}

/* The part of a day that follows one in the order of names: "live" is the
 * first, then the shelves. */
struct next_part {
	const char *after;
	char found[PART_BYTES]; /* "": none */
};

static void visit_next_part(void *ctx, int dir_fd, const char *name)
{
	struct next_part *next = ctx;

	(void)dir_fd;
	if ((!is_shelf(name) && strcmp(name, "live") != 0) ||
	    strcmp(name, next->after) <= 0)
		return;
	if (!next->found[0] || strcmp(name, next->found) < 0)
		memcpy(next->found, name, strlen(name) + 1); /* it fits */
}

static bool open_sweep(struct pool *pool)
{
	char path[POOL_NAME_BYTES];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", pool->sweep_day,
		       pool->sweep_part);
	if (file_open_dir(pool->root_fd, path, false, &fd, NULL))
		return false;
	pool->sweep_dir = fdopendir(fd);
	if (!pool->sweep_dir)
		(void)close(fd);
	return pool->sweep_dir != NULL;
}

static void close_sweep(struct pool *pool)
{
	char path[POOL_NAME_BYTES];

	(void)closedir(pool->sweep_dir);
	pool->sweep_dir = NULL;
	if (!pool->is_sweep_all)
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", pool->sweep_day,
		       pool->sweep_part);
	(void)unlinkat(pool->root_fd, path, AT_REMOVEDIR);
}

/* Whether nothing on a shelf is of use, whatever its age. */
static bool is_all_stale(struct pool *pool, const char *part,
			 const struct pool_live *may_live)
{
	return is_shelf(part) && (is_ahead(pool->sweep_day, may_live) ||
				  is_left(pool, part));
}

/* Open the next part of the day: the live pictures, and shelves if all or some
 * of what is on them may be stale. False when the day is done. */
static bool open_next_part(struct pool *pool, const struct pool_live *may_live,
			   const char *old_day)
{
	for (;;) {
		struct next_part next = {pool->sweep_part, ""};

		walk(pool->root_fd, pool->sweep_day, visit_next_part, &next);
		memcpy(pool->sweep_part, next.found, sizeof(next.found));
		if (!next.found[0])
			return false;
		pool->is_sweep_all = is_all_stale(pool, next.found, may_live);
		if (is_shelf(next.found) && !pool->is_sweep_all &&
		    strcmp(pool->sweep_day, old_day) > 0)
			continue;
		if (open_sweep(pool))
			return true;
	}
}

/* Open the next directory of the round. A day that is done and empty goes, if
 * nothing is put there now. */
static bool open_next_sweep(struct pool *pool, const struct pool_live *may_live,
			    const char *old_day)
{
	struct day_list days;
	size_t i;

	for (;;) {
		if (pool->sweep_day[0] &&
		    open_next_part(pool, may_live, old_day))
			return true;
		if (pool->sweep_day[0] &&
		    (is_past(pool->sweep_day, may_live) ||
		     is_ahead(pool->sweep_day, may_live)))
			(void)remove_day(pool, pool->sweep_day);
		if (day_list(pool->root_fd, pool->sweep_day, &days, NULL))
			return false;
		for (i = 0; i < days.n; i++)
			if (strcmp(days.day[i], pool->sweep_day) > 0)
				break;
		if (i == days.n)
			return false;
		memcpy(pool->sweep_day, days.day[i], POOL_DAY_BYTES);
		pool->sweep_part[0] = '\0';
	}
}

/* Look at one file of the directory that is open. */
static void sweep_file(struct pool *pool, const struct pool_live *may_live,
		       const char *name)
{
	int64_t now_s = clk_unix_ms(&pool->clk) / 1000;
	struct sweep live = {.may_live = may_live, .left = &pool->sweep_live};
	struct sweep ready = {.before_unix_s =
				      pool->is_sweep_all
					      ? INT64_MAX
					      : now_s - pool->max_age_s,
			      .after_unix_s = INT64_MAX};

	if (is_shelf(pool->sweep_part))
		visit_old(&ready, dirfd(pool->sweep_dir), name);
	else
		visit_live(&live, dirfd(pool->sweep_dir), name);
}

bool pool_sweep(struct pool *pool, const struct pool_live *may_live,
		int64_t max_names)
{
	char old_day[POOL_DAY_BYTES];
	struct dirent *entry;

	if (open_root(pool, NULL))
		return true;
	day_of(clk_unix_ms(&pool->clk) - pool->max_age_s * 1000, old_day);
	while (pool->sweep_dir || open_next_sweep(pool, may_live, old_day)) {
		while (max_names-- > 0) {
			entry = readdir(pool->sweep_dir);
			if (!entry)
				break;
			if (entry->d_name[0] != '.')
				sweep_file(pool, may_live, entry->d_name);
		}
		if (max_names < 0)
			return false;
		close_sweep(pool);
	}
	pool->sweep_day[0] = '\0';
	set_live(pool, &pool->sweep_live);
	pool->sweep_live = (struct tally){.n_to_stat = SAMPLE_FILES};
	return true;
}

/* Whether a directory of today can be reached by rename, as far as it is
 * there. */
static enum cf_status check_part(struct pool *pool, const char *part,
				 struct cf_error *err)
{
	char day[POOL_DAY_BYTES], path[POOL_NAME_BYTES];
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
	enum cf_status rc = open_root(pool, err);

	crypt_random_text(path + 10, 16, text_hex_digits, 16);
	path[10 + 16] = '\0';
	if (!rc)
		rc = write_into(pool, path, "probe", 5, err);
	if (rc == CF_NOT_FOUND) { /* the cache directory was removed */
		close_root(pool);
		rc = open_root(pool, err);
		if (!rc)
			rc = write_into(pool, path, "probe", 5, err);
	}
	if (!rc) {
		(void)unlinkat(pool->root_fd, path, 0);
		rc = check_parts(pool, err);
	}
	return rc;
}
