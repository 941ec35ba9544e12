/*
 * Removing stale pictures, at once or a little at a time: see pool.h.
 */
#include "base/base.h"
#include "base/file.h"
#include "pool/cache.h"

#include <fcntl.h>
#include <sys/stat.h>

enum {
	/* a temporary file that is older, or dated so far in the future, has
	 * lost its writer */
	TEMPORARY_MAX_AGE_S = 60,
	AHEAD_MAX_S = 86400,
};

/* Files that were last changed outside of these two times are stale. */
struct age {
	int64_t before_unix_s, after_unix_s;
	int64_t n; /* how many were removed */
};

static const struct age any_age = {.before_unix_s = INT64_MAX};

static void visit_old(void *ctx, int dir_fd, const char *name)
{
	struct age *age = ctx;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    ((int64_t)st.st_mtime >= age->before_unix_s &&
	     (int64_t)st.st_mtime <= age->after_unix_s))
		return;
	if (!unlinkat(dir_fd, name, 0))
		age->n++;
}

/* Remove shelves that are left over, with the pictures on them. */
struct left_walk {
	struct pool *pool;
	struct age age;
};

static void visit_left(void *ctx, int dir_fd, const char *name)
{
	struct left_walk *left = ctx;

	if (!pool_is_left(left->pool, name))
		return;
	dir_walk(dir_fd, name, visit_old, &left->age);
	(void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}

int64_t pool_remove_left(struct pool *pool)
{
	struct left_walk left = {pool, any_age};
	enum cf_status rc = CF_OK;
	struct days_walk days;
	const char *day;

	days_walk_init(&days, pool->root_fd, "");
	while ((day = days_walk_next(&days, &rc, NULL)))
		dir_walk(pool->root_fd, day, visit_left, &left);
	return left.age.n;
}

static void visit_part(void *ctx, int dir_fd, const char *name)
{
	(void)ctx;
	if (pool_is_shelf(name) || !strcmp(name, "live"))
		(void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}

/* Remove the empty directories of a day, and an empty day. */
static void remove_day(struct pool *pool, const char *day)
{
	dir_walk(pool->root_fd, day, visit_part, NULL);
	if (!unlinkat(pool->root_fd, day, AT_REMOVEDIR))
		pool->sweep.removed.n_days++;
}

/* Whether all challenges of this day have expired. */
static bool is_past(const char *day, const struct pool_live *may_live)
{
	char first_day[DAY_BYTES];

	day_of(pid_unix_ms(&may_live->first_pid), first_day);
	return strcmp(day, first_day) < 0;
}

/* Whether a clock that was ahead has made this day. No day is ahead of a clock
 * that is past the last second of pids. */
static bool is_ahead(const char *day, const struct pool_live *may_live)
{
	int64_t end_unix_ms = pid_unix_ms(&may_live->end_pid);
	char last_day[DAY_BYTES];

	day_of(end_unix_ms, last_day);
	return end_unix_ms < PID_LAST_UNIX_MS && strcmp(day, last_day) > 0;
}

/* Whether to remove all pictures on a shelf, however new. */
static bool is_all_stale(struct pool *pool, const char *part,
			 const struct pool_live *may_live)
{
	return pool_is_shelf(part) && (is_ahead(pool->sweep.day, may_live) ||
				       pool_is_left(pool, part));
}

/* Open the next part of the day: the live pictures, or a shelf that may have
 * stale pictures. False when the day is done. */
static bool open_next_part(struct pool *pool, const struct pool_live *may_live,
			   const char *old_day)
{
	struct sweep_place *place = &pool->sweep;
	const struct dirent *entry;

	while (!place->dir && (entry = readdir(place->day_dir))) {
		const char *part = entry->d_name;

		if (!pool_is_shelf(part) && strcmp(part, "live") != 0)
			continue;
		place->is_all_stale = is_all_stale(pool, part, may_live);
		if (pool_is_shelf(part) && !place->is_all_stale &&
		    strcmp(place->day, old_day) > 0)
			continue;
		memcpy(place->part, part, strlen(part) + 1); /* it fits */
		place->dir = dir_open(dirfd(place->day_dir), part);
	}
	return place->dir != NULL;
}

static void close_part(struct sweep_place *place)
{
	(void)closedir(place->dir);
	place->dir = NULL;
	if (place->is_all_stale)
		(void)unlinkat(dirfd(place->day_dir), place->part,
			       AT_REMOVEDIR);
}

/* End the day. Remove it if it is empty, unless it is one of the days in
 * use. */
static void close_day(struct pool *pool, const struct pool_live *may_live)
{
	struct sweep_place *place = &pool->sweep;

	if (place->day_dir)
		(void)closedir(place->day_dir);
	place->day_dir = NULL;
	if (place->day &&
	    (is_past(place->day, may_live) || is_ahead(place->day, may_live)))
		remove_day(pool, place->day);
}

/* Open the next directory of the round; false at its end, and when the days
 * cannot be read. */
static bool open_next_sweep(struct pool *pool, const struct pool_live *may_live,
			    const char *old_day, enum cf_status *rc,
			    struct cf_error *err)
{
	struct sweep_place *place = &pool->sweep;

	if (!place->day)
		days_walk_init(&place->days, pool->root_fd, "");
	while (!place->day_dir || !open_next_part(pool, may_live, old_day)) {
		close_day(pool, may_live);
		place->day = days_walk_next(&place->days, rc, err);
		if (!place->day)
			return false;
		place->day_dir = dir_open(pool->root_fd, place->day);
	}
	return true;
}

/* Remove or count one file of the open directory. */
static void sweep_file(struct pool *pool, const struct pool_live *may_live,
		       const char *name)
{
	struct sweep_place *place = &pool->sweep;
	int dir_fd = dirfd(place->dir);

	if (pool_is_shelf(place->part)) {
		int64_t now_s = clk_unix_ms(&pool->clk) / 1000;
		struct age age = {now_s - READY_MAX_AGE_S, INT64_MAX, 0};

		if (place->is_all_stale)
			age = any_age;
		visit_old(&age, dir_fd, name);
		place->removed.n_ready += age.n;
	} else if (strncmp(name, may_live->first_pid.text, PID_CHARS) >= 0 &&
		   strncmp(name, may_live->end_pid.text, PID_CHARS) < 0) {
		tally_visit(&place->live, dir_fd, name);
	} else if (!unlinkat(dir_fd, name, 0)) {
		place->removed.n_live++;
	}
}

void pool_end_sweep(struct pool *pool)
{
	if (pool->sweep.dir)
		(void)closedir(pool->sweep.dir);
	if (pool->sweep.day_dir)
		(void)closedir(pool->sweep.day_dir);
	pool->sweep = (struct sweep_place){.live = {.n_to_stat = SAMPLE_FILES}};
}

/* Sweep about max_names files; the next call goes on from there. True at the
 * end of a round; *rc is then CF_OK, or the round ended early. */
static bool sweep(struct pool *pool, const struct pool_live *may_live,
		  int64_t max_names, enum cf_status *rc, struct cf_error *err)
{
	char old_day[DAY_BYTES];
	struct dirent *entry;

	*rc = CF_OK;
	day_of(clk_unix_ms(&pool->clk) - READY_MAX_AGE_S * 1000, old_day);
	while (pool->sweep.dir ||
	       open_next_sweep(pool, may_live, old_day, rc, err)) {
		while (max_names-- > 0) {
			entry = readdir(pool->sweep.dir);
			if (!entry)
				break;
			if (entry->d_name[0] != '.')
				sweep_file(pool, may_live, entry->d_name);
		}
		if (max_names < 0)
			return false;
		close_part(&pool->sweep);
	}
	if (!*rc)
		pool_set_live(pool, &pool->sweep.live);
	return true;
}

bool pool_sweep(struct pool *pool, const struct pool_live *may_live,
		int64_t max_names)
{
	enum cf_status rc;

	if (pool_open_root(pool, NULL))
		return true;
	if (!sweep(pool, may_live, max_names, &rc, NULL))
		return false;
	pool_end_sweep(pool);
	return true;
}

enum cf_status pool_clean(struct pool *pool, const struct pool_live *may_live,
			  struct pool_cleaned *out, struct cf_error *err)
{
	int64_t now_s = clk_unix_ms(&pool->clk) / 1000;
	struct age temporary = {now_s - TEMPORARY_MAX_AGE_S,
				now_s + AHEAD_MAX_S, 0};
	enum cf_status rc;

	*out = (struct pool_cleaned){0};
	rc = pool_open_root(pool, err);
	if (rc)
		return rc;
	pool_end_sweep(pool);
	(void)sweep(pool, may_live, INT64_MAX, &rc, err);
	*out = pool->sweep.removed;
	pool_end_sweep(pool);
	dir_walk(pool->root_fd, "tmp", visit_old, &temporary);
	out->n_temporary = temporary.n;
	return rc;
}
