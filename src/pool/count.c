/*
 * How many pictures there are and how many bytes they take: for the cap, for
 * filling and for the operator. See cache.h and pool.h.
 */
#include "base/base.h"
#include "base/file.h"
#include "pool/cache.h"

#include <fcntl.h>
#include <sys/stat.h>

enum {
	/* at the cap all pictures are counted no oftener than this, and for
	 * no more than this part of the time */
	COUNT_AT_CAP_MS = 1000,
	COUNT_AT_CAP_PART = 20,
	/* the longest ttl_s, and a day for clocks that differ */
	LIVE_MAX_AGE_S = 2 * 86400,
};

void amount_add(struct amount *amount, size_t len)
{
	amount->n++;
	amount->bytes += (int64_t)len;
}

void amount_remove(struct amount *amount, int64_t n)
{
	if (n > amount->n)
		n = amount->n;
	if (n) {
		amount->bytes -= amount->bytes / amount->n * n;
		amount->n -= n;
	}
}

void dir_walk(int dir_fd, const char *path, visit_fn *visit, void *ctx)
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

	if (pool_is_shelf(name))
		dir_walk(dir_fd, name, inner->visit, inner->ctx);
}

void pool_walk_shelves(struct pool *pool, const char *day, visit_fn *visit,
			 void *ctx)
{
	struct shelf_walk inner = {visit, ctx};

	dir_walk(pool->root_fd, day, visit_shelf, &inner);
}

void pool_walk_live(struct pool *pool, const char *day, visit_fn *visit,
		      void *ctx)
{
	char path[POOL_NAME_BYTES];

	(void)snprintf(path, sizeof(path), "%s/live", day);
	dir_walk(pool->root_fd, path, visit, ctx);
}

void tally_visit(void *ctx, int dir_fd, const char *name)
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

void pool_set_live(struct pool *pool, const struct tally *tally)
{
	pool->live = amount_of(tally);
	pool->counted_live_mono_ms = clk_mono_ms(&pool->clk);
}

static void visit_count_shelf(void *ctx, int dir_fd, const char *name)
{
	struct tally tally = {.n_to_stat = SAMPLE_FILES};
	struct count *count = ctx;
	struct amount amount;

	if (!pool_is_shelf(name))
		return;
	dir_walk(dir_fd, name, tally_visit, &tally);
	amount = amount_of(&tally);
	count->all.n += amount.n;
	count->all.bytes += amount.bytes;
	if (strcmp(name, count->part) != 0)
		return;
	count->own.n += amount.n;
	count->own.bytes += amount.bytes;
}

enum cf_status pool_count_pictures(struct pool *pool, struct count *ready,
				     bool with_live, struct cf_error *err)
{
	struct tally live = {.n_to_stat = SAMPLE_FILES};
	char first_day[POOL_DAY_BYTES];
	enum cf_status rc = CF_OK;
	struct day_walk days;
	const char *day;

	day_of(clk_unix_ms(&pool->clk) - LIVE_MAX_AGE_S * 1000, first_day);
	day_walk_init(&days, pool->root_fd, first_day);
	day_of(clk_unix_ms(&pool->clk) - READY_MAX_AGE_S * 1000, first_day);
	while ((day = day_walk_next(&days, &rc, err))) {
		if (strcmp(day, first_day) >= 0)
			dir_walk(pool->root_fd, day, visit_count_shelf, ready);
		if (with_live)
			pool_walk_live(pool, day, tally_visit, &live);
	}
	if (rc)
		return rc;
	pool->ready = ready->all;
	if (with_live)
		pool_set_live(pool, &live);
	return CF_OK;
}

bool pool_is_full(struct pool *pool)
{
	struct count ready = {.part = ""};
	int64_t begun_mono_ms, took_ms;

	if (pool->live.bytes + pool->ready.bytes <= pool->max_bytes)
		return false;
	begun_mono_ms = clk_mono_ms(&pool->clk);
	if (begun_mono_ms < pool->count_at_cap_mono_ms)
		return true;
	if (!pool_open_root(pool, NULL))
		(void)!pool_count_pictures(pool, &ready, true, NULL);
	took_ms = clk_mono_ms(&pool->clk) - begun_mono_ms;
	pool->count_at_cap_mono_ms = begun_mono_ms + COUNT_AT_CAP_MS +
				     took_ms * COUNT_AT_CAP_PART;
	return pool->live.bytes + pool->ready.bytes > pool->max_bytes;
}

/* Counting of shelves, those of the pool's own apart. */
struct stats_walk {
	struct pool *pool;
	struct tally own, others;
};

static void visit_stats(void *ctx, int dir_fd, const char *name)
{
	struct stats_walk *stats = ctx;

	if (pool_is_shelf(name))
		dir_walk(dir_fd, name, tally_visit,
		     pool_own_shelf(stats->pool, name) ? &stats->own
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
	rc = pool_open_root(pool, err);
	if (rc)
		return rc;
	day_walk_init(&days, pool->root_fd, "");
	while ((day = day_walk_next(&days, &rc, err))) {
		dir_walk(pool->root_fd, day, visit_stats, &ready);
		pool_walk_live(pool, day, tally_visit, &live);
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
		dir_walk(dir_fd, name, tally_visit, &own->tally);
}

enum cf_status shelf_count(struct shelf *shelf, int64_t *n,
			   struct cf_error *err)
{
	struct shelf_tally own = {.part = shelf->part};
	struct pool *pool = shelf->pool;
	struct day_walk days;
	const char *day;
	enum cf_status rc = pool_open_root(pool, err);

	*n = 0;
	if (rc)
		return rc;
	day_walk_init(&days, pool->root_fd, "");
	while ((day = day_walk_next(&days, &rc, err)))
		dir_walk(pool->root_fd, day, visit_own_shelf, &own);
	*n = own.tally.n;
	return rc;
}
