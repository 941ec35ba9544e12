/*
 * The cache directory from inside, for pool.c, count.c, fill.c and sweep.c.
 *
 * Private to the pool layer.
 */
#ifndef CF_POOL_CACHE_H
#define CF_POOL_CACHE_H

#include "pool/ready.h"

#include <dirent.h>

enum {
	/* a picture that waited longer is thrown away unserved */
	READY_MAX_AGE_S = 86400,
	PICTURE_GUESS_BYTES = 4832, /* of a picture, while none is known */
	SAMPLE_FILES = 16,	    /* whose sizes give the average */
	PART_BYTES = sizeof("ready--1a2b3c") + POOL_PROFILE_MAX_CHARS,
	PATH_BYTES = DAY_BYTES + 1 + PART_BYTES + READY_NAME_BYTES,
};

_Static_assert((int)DAY_BYTES + (int)PART_BYTES <= (int)POOL_NAME_BYTES,
	       "the directory of a shelf is a name, too");

/* Where pictures of one profile wait. */
struct shelf {
	struct pool *pool;
	struct shelf *next;
	char part[PART_BYTES]; /* its name in each day's directory */
	int64_t size;
	int64_t picture_bytes; /* average */
	bool is_claimed; /* or locking has failed */
	struct ready ready;
	int64_t empty_until_mono_ms;
	/* a day whose directory exists, as far as known; "" for none */
	char ready_day[DAY_BYTES];
};

/* A number of files, and about how many bytes they have. */
struct amount {
	int64_t n, bytes;
};

/* A count of files, with the sizes of the first `n_to_stat`. A file that is
 * gone by the time of its fstatat is not counted. So n_stat > 0 where n > 0 and
 * n_to_stat > 0. */
struct tally {
	int64_t n;
	int64_t n_to_stat;
	int64_t n_stat;
	int64_t bytes;
};

/* Where pool_sweep goes on. pool_end_sweep sets it to the start of a round. */
struct sweep_place {
	struct days_walk days;
	const char *day; /* in days; NULL at the start of a round */
	DIR *day_dir;
	DIR *dir; /* of a part of the day; NULL: between parts */
	char part[PART_BYTES];
	bool is_all_stale; /* remove all files of this part */
	struct tally live; /* live pictures that this round kept */
	struct pool_cleaned removed;
};

struct pool {
	char dir[POOL_DIR_BYTES];
	int64_t max_bytes;
	struct clk clk;
	int root_fd;   /* -1: not open */
	int lock_fd;   /* -1: not filling */
	int claims_fd; /* -1: not open */
	struct shelf *shelves;
	/* a day whose directory exists, as far as known; "" for none */
	char live_day[DAY_BYTES];
	/* for the cap: the last count, and changes by this process since */
	struct amount live;
	struct amount ready;	      /* on all shelves */
	int64_t counted_live_mono_ms; /* INT64_MIN: never */
	int64_t count_at_cap_mono_ms; /* count again from then on */
	struct sweep_place sweep;
};

/* --- pool.c --------------------------------------------------------------- */

CF_MUST_CHECK
enum cf_status pool_open_root(struct pool *pool, struct cf_error *err);

/* The pool's own shelf of this name; NULL when it has none. */
CF_MUST_CHECK
struct shelf *pool_own_shelf(struct pool *pool, const char *part);

/* Lock the shelf as used by this process, so that others do not remove its
 * pictures. The root is open. */
void shelf_claim(struct shelf *shelf);

/* Whether a directory of a day has the name of a shelf. */
CF_MUST_CHECK
bool pool_is_shelf(const char *part);

/* Whether it is a shelf that this pool does not have, and that no process has
 * locked. */
CF_MUST_CHECK
bool pool_is_left(struct pool *pool, const char *part);

/* --- count.c -------------------------------------------------------------- */

void amount_add(struct amount *amount, size_t len);

/* Subtract n files of the average size, or all files if there are fewer. */
void amount_remove(struct amount *amount, int64_t n);

/* Open a directory. NULL on failure, and for a link. */
CF_MUST_CHECK
DIR *dir_open(int dir_fd, const char *path);

/* Visit the names in a directory; none when it cannot be opened. */
typedef void visit_fn(void *ctx, int dir_fd, const char *name);
void dir_walk(int dir_fd, const char *path, visit_fn *visit, void *ctx);

/* Visit the files in DAY/part: on a shelf, or in "live". */
void pool_walk_part(struct pool *pool, const char *day, const char *part,
		    visit_fn *visit, void *ctx);

/* Count a file; ctx is a struct tally. */
void tally_visit(void *ctx, int dir_fd, const char *name);

/* Set the amount of live pictures to a count made just now. */
void pool_set_live(struct pool *pool, const struct tally *tally);

/* Count waiting pictures for the cap, and live pictures if with_live. own: the
 * amount on the shelf called part. */
CF_MUST_CHECK
enum cf_status pool_count_pictures(struct pool *pool, const char *part,
				   bool with_live, struct amount *own,
				   struct cf_error *err);

/* Whether there is more than max_bytes. Other processes put and remove pictures
 * too, so all are counted before the answer is yes. */
CF_MUST_CHECK
bool pool_is_full(struct pool *pool);

/* --- sweep.c -------------------------------------------------------------- */

/* Remove shelves that no process uses, on all days. Returns the number of
 * removed pictures. */
int64_t pool_remove_left(struct pool *pool);

/* Begin a new round of pool_sweep. */
void pool_end_sweep(struct pool *pool);

#endif
