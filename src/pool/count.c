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
	/* at the cap: the pause after a count, and how many times as long as
	 * the count the pause is at least */
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

DIR *dir_open(int dir_fd, const char *path)
{
	DIR *dir;
	int fd;

	if (file_open_dir(dir_fd, path, false, &fd, NULL))
		return NULL;
	dir = fdopendir(fd);
	if (!dir)
		(void)close(fd);
	return dir;
}

void dir_walk(int dir_fd, const char *path, visit_fn *visit, void *ctx)
{
	DIR *dir = dir_open(dir_fd, path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			visit(ctx, dirfd(dir), entry->d_name);
	(void)closedir(dir);
}

void pool_walk_part(struct pool *pool, const char *day, const char *part,
		    visit_fn *visit, void *ctx)
{
	char path[POOL_NAME_BYTES];

	(void)snprintf(path, sizeof(path), "%s/%s", day, part);
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

/* The amount of all files, by the average of those whose size was read. It has
 * at least a byte a file, so that callers can divide by the average. */
static struct amount amount_of(const struct tally *tally)
{
	struct amount amount = {tally->n, tally->bytes};

	if (tally->n_stat < tally->n)
		amount.bytes = (tally->bytes / tally->n_stat + 1) * tally->n;
	if (amount.bytes < amount.n)
		amount.bytes = amount.n;
	return amount;
}

void pool_set_live(struct pool *pool, const struct tally *tally)
{
	pool->live = amount_of(tally);
	pool->counted_live_mono_ms = clk_mono_ms(&pool->clk);
}

/* A count of pictures: its options and its results. */
struct census {
	const char *part; /* the own shelf; NULL: all shelves of the pool */
	/* per directory, files whose size is read; 1 or more */
	int64_t n_to_stat;
	bool with_live;
	char live_from_day[DAY_BYTES]; /* earlier days are skipped */
	char ready_from_day[DAY_BYTES];
	/* results */
	struct amount own, all; /* on shelves */
	struct amount live;
	int64_t n_days;
};

/* The argument of visit_shelf. */
struct shelf_walk {
	struct pool *pool;
	struct census *out;
};

static void visit_shelf(void *ctx, int dir_fd, const char *name)
{
	struct shelf_walk *walk = ctx;
	struct census *out = walk->out;
	struct tally tally = {.n_to_stat = out->n_to_stat};
	struct amount amount;
	bool is_own;

	if (!pool_is_shelf(name))
		return;
	dir_walk(dir_fd, name, tally_visit, &tally);
	amount = amount_of(&tally);
	out->all.n += amount.n;
	out->all.bytes += amount.bytes;
	is_own = out->part ? !strcmp(name, out->part)
			   : pool_own_shelf(walk->pool, name) != NULL;
	if (is_own) {
		out->own.n += amount.n;
		out->own.bytes += amount.bytes;
	}
}

static enum cf_status take_census(struct pool *pool, struct census *out,
				  struct cf_error *err)
{
	struct tally live = {.n_to_stat = out->n_to_stat};
	struct shelf_walk walk = {pool, out};
	enum cf_status rc = CF_OK;
	struct days_walk days;
	const char *day;

	days_walk_init(&days, pool->root_fd, out->live_from_day);
	while ((day = days_walk_next(&days, &rc, err))) {
		if (strcmp(day, out->ready_from_day) >= 0)
			dir_walk(pool->root_fd, day, visit_shelf, &walk);
		if (out->with_live)
			pool_walk_part(pool, day, "live", tally_visit, &live);
		out->n_days++;
	}
	out->live = amount_of(&live);
	return rc;
}

enum cf_status pool_count_pictures(struct pool *pool, const char *part,
				   bool with_live, struct amount *own,
				   struct cf_error *err)
{
	struct census census = {.part = part,
				.n_to_stat = SAMPLE_FILES,
				.with_live = with_live};
	int64_t now_ms = clk_unix_ms(&pool->clk);
	enum cf_status rc;

	day_of(now_ms - LIVE_MAX_AGE_S * 1000, census.live_from_day);
	day_of(now_ms - READY_MAX_AGE_S * 1000, census.ready_from_day);
	rc = take_census(pool, &census, err);
	if (rc)
		return rc;
	*own = census.own;
	pool->ready = census.all;
	if (with_live) {
		pool->live = census.live;
		pool->counted_live_mono_ms = clk_mono_ms(&pool->clk);
	}
	return CF_OK;
}

bool pool_is_full(struct pool *pool)
{
	struct amount own;
	int64_t begun_mono_ms, took_ms;

	if (pool->live.bytes + pool->ready.bytes <= pool->max_bytes)
		return false;
	begun_mono_ms = clk_mono_ms(&pool->clk);
	if (begun_mono_ms < pool->count_at_cap_mono_ms)
		return true;
	if (!pool_open_root(pool, NULL))
		(void)!pool_count_pictures(pool, "", true, &own, NULL);
	took_ms = clk_mono_ms(&pool->clk) - begun_mono_ms;
	pool->count_at_cap_mono_ms =
		begun_mono_ms + COUNT_AT_CAP_MS + took_ms * COUNT_AT_CAP_PART;
	return pool->live.bytes + pool->ready.bytes > pool->max_bytes;
}

enum cf_status pool_count(struct pool *pool, struct pool_stats *out,
			  struct cf_error *err)
{
	struct census census = {.n_to_stat = INT64_MAX, .with_live = true};
	enum cf_status rc = pool_open_root(pool, err);

	if (!rc)
		rc = take_census(pool, &census, err);
	*out = (struct pool_stats){
		.n_ready = census.own.n,
		.n_live = census.live.n,
		.n_days = census.n_days,
		.bytes = census.all.bytes + census.live.bytes,
	};
	return rc;
}

enum cf_status shelf_count(struct shelf *shelf, int64_t *n,
			   struct cf_error *err)
{
	struct pool *pool = shelf->pool;
	struct tally tally = {0};
	struct days_walk days;
	const char *day;
	enum cf_status rc = pool_open_root(pool, err);

	*n = 0;
	if (rc)
		return rc;
	days_walk_init(&days, pool->root_fd, "");
	while ((day = days_walk_next(&days, &rc, err)))
		pool_walk_part(pool, day, shelf->part, tally_visit, &tally);
	*n = tally.n;
	return rc;
}
