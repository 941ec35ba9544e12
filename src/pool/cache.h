/*
 * The cache directory from inside: what pool.c, count.c, fill.c and sweep.c
 * share.
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
	PICTURE_GUESS_BYTES = 2500, /* until one was seen */
	SAMPLE_FILES = 16,	    /* looked at for their average size */
	PART_BYTES = sizeof("ready--1a2b3c") + POOL_PROFILE_MAX_CHARS,
	PATH_BYTES = POOL_DAY_BYTES + 1 + PART_BYTES + READY_NAME_BYTES,
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
	struct ready ready;
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

/* pool_sweep stops in the middle of a directory: this is where. */
struct sweep_place {
	DIR *dir;		  /* NULL: between directories */
	char day[POOL_DAY_BYTES]; /* "" at the start of a round */
	char part[PART_BYTES];	  /* of that day; "" before its first */
	bool is_all_stale;	  /* no file of this directory is of use */
	struct tally live;	  /* the live pictures that this round left */
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
	/* a day whose directory is known to be there; "" for none */
	char live_day[POOL_DAY_BYTES];
	/* for the cap: what was last counted */
	struct amount live;
	struct amount ready;	      /* on all shelves */
	int64_t counted_live_mono_ms; /* INT64_MIN: never */
	int64_t count_at_cap_mono_ms; /* not before */
	struct sweep_place sweep;
};

/* --- pool.c --------------------------------------------------------------- */

CF_MUST_CHECK
enum cf_status pool_open_root(struct pool *pool, struct cf_error *err);

/* The pool's own shelf of this name; NULL when it has none. */
CF_MUST_CHECK
struct shelf *pool_own_shelf(struct pool *pool, const char *part);

/* Tell others that this process uses the shelf. Without that its pictures may
 * be removed, and are drawn when they are wanted. The root is open. */
void shelf_claim(struct shelf *shelf);

/* Whether a directory of a day is a shelf, of whatever profile. */
CF_MUST_CHECK
bool pool_is_shelf(const char *part);

/* Whether it is a shelf that no process uses, as far as locks can tell. */
CF_MUST_CHECK
bool pool_is_left(struct pool *pool, const char *part);

/* --- count.c -------------------------------------------------------------- */

void amount_add(struct amount *amount, size_t len);

/* Take n files of the average size from amount, as far as it has them. */
void amount_remove(struct amount *amount, int64_t n);

/* Visit what is in a directory. One that is not there has nothing. */
typedef void visit_fn(void *ctx, int dir_fd, const char *name);
void dir_walk(int dir_fd, const char *path, visit_fn *visit, void *ctx);

/* Visit the files of a day on one shelf, or its "live" pictures. */
void pool_walk_part(struct pool *pool, const char *day, const char *part,
		    visit_fn *visit, void *ctx);

/* Count a file; ctx is a struct tally. */
void tally_visit(void *ctx, int dir_fd, const char *name);

/* The live pictures were counted just now. */
void pool_set_live(struct pool *pool, const struct tally *tally);

/* Count for the cap what waits, and perhaps what is live, on days that may
 * have some. own: on the shelf called part. */
CF_MUST_CHECK
enum cf_status pool_count_pictures(struct pool *pool, const char *part,
				   bool with_live, struct amount *own,
				   struct cf_error *err);

/* Whether there is more than cache_max_bytes. Other processes put and remove
 * pictures too, so all are counted before the answer is yes. */
CF_MUST_CHECK
bool pool_is_full(struct pool *pool);

/* --- sweep.c -------------------------------------------------------------- */

/* Remove shelves that no process uses, on all days; how many pictures. */
int64_t pool_remove_left(struct pool *pool);

/* Begin a new round of pool_sweep. */
void pool_end_sweep(struct pool *pool);

#endif
