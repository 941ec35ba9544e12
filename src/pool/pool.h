/*
 * The pool: pictures drawn ahead, each handed out once, and the pictures of
 * live challenges. They are files, so that any number of processes share them:
 *
 *	CACHE/2026-11-23/ready-1a2b3c/<nonce>-<code in hex>.png	waiting
 *	CACHE/2026-11-23/ready-login-5d6e7f/<nonce>-<code>.png	the same, of
 *								profile login
 *	CACHE/2026-11-23/live/<pid>.png				handed out
 *
 * To take a picture is to rename it, which only one process can do. Pictures
 * wait on shelves. The name of a shelf has its profile and a mark of six
 * digits: settings that draw other pictures have another mark, so that no
 * process hands out a picture of other settings than its own. Live pictures,
 * the cap and the cleaning are of all shelves together.
 *
 * A process holds a lock for each shelf it uses, so that old and new processes
 * keep theirs during a reload. A shelf that no process uses is left over, and
 * its pictures are removed, however new. On a file system without locks they
 * are removed by their age.
 *
 * pool_new, pool_shelf, any number of calls, pool_free. Days are UTC,
 * "YYYY-MM-DD"; a live picture is in the directory of the day of its pid.
 *
 * Layer: pool uses base and image.
 */
#ifndef CF_POOL_POOL_H
#define CF_POOL_POOL_H

#include "base/buf.h"
#include "base/clk.h"
#include "base/pid.h"
#include "image/generator.h"

enum {
	POOL_CODE_MAX_BYTES = 64,
	POOL_PROFILE_MAX_CHARS = 32,
	POOL_DIR_BYTES = 512,
	POOL_NAME_BYTES = 64, /* "2026-11-23/live/<pid>.png" and a NUL */
	POOL_IMAGE_MAX_BYTES = GENERATOR_PNG_MAX_BYTES,
};

struct pool;

struct pool_options {
	const char *dir; /* the cache; borrowed by pool_new until it returns */
	int64_t max_bytes; /* of all pictures */
};

/* Opens nothing: other calls open the directory, and try again after a failure.
 * NULL when out of memory. */
CF_MUST_CHECK
struct pool *pool_new(const struct pool_options *options, struct clk clk);
void pool_free(struct pool *pool);

/*
 * The shelf of a profile.
 *
 * profile  [a-z0-9_-], at most POOL_PROFILE_MAX_CHARS; "" for the base
 * mark     equal for settings that draw equal pictures; 24 bits of it count
 * size     how many pictures shelf_fill_begin lets wait there
 * returns  the same shelf for the same name and mark, valid until pool_free;
 *          NULL when out of memory
 */
struct shelf;
CF_MUST_CHECK
struct shelf *pool_shelf(struct pool *pool, const char *profile, uint32_t mark,
			 int64_t size);

/*
 * Take one ready picture, for good, and make it the live picture of pid.
 *
 * code     filled with the picture's text, in POOL_CODE_MAX_BYTES + 1 bytes
 * returns  CF_OK; CF_EMPTY, no fault: draw one instead; CF_IO, CF_FULL
 * promise  a picture taken once is never taken again, by any process, even
 *          if this one dies before showing it
 * source   rename(2) is atomic within one file system (POSIX.1-2008)
 */
CF_MUST_CHECK
enum cf_status shelf_take(struct shelf *shelf, const struct pid *pid,
			  char *code, struct cf_error *err);

/* Make a picture that was drawn for pid its live picture. CF_FULL when there is
 * more than max_bytes. This process keeps an account, and counts all files
 * before it refuses. */
CF_MUST_CHECK
enum cf_status pool_put_live(struct pool *pool, const struct pid *pid,
			     const void *png, size_t len, struct cf_error *err);

/* Append the live picture of pid to out; CF_NOT_FOUND when it is lost. */
CF_MUST_CHECK
enum cf_status pool_load_live(struct pool *pool, const struct pid *pid,
			      struct buf *out, struct cf_error *err);

/* Remove the live picture of pid, if there is one. */
void pool_remove_live(struct pool *pool, const struct pid *pid);

/*
 * Filling. One process and one shelf at a time: shelf_fill_begin, any number
 * of shelf_publish, pool_fill_end.
 *
 * wait       wait for another process that fills; else CF_BUSY
 * n_missing  how many pictures to draw: as many as the shelf lacks, and no
 *            more than max_bytes and half of the disk have room for, by the
 *            average size of the shelf's pictures. Where max_bytes is short,
 *            shelves that are left over are removed
 * returns    CF_OK, and the caller fills; CF_BUSY, another process does;
 *            CF_FULL, max_bytes or half of the disk is reached; CF_IO
 */
CF_MUST_CHECK
enum cf_status shelf_fill_begin(struct shelf *shelf, bool wait,
				int64_t *n_missing, struct cf_error *err);
void pool_fill_end(struct pool *pool);

/* Put a picture on the shelf, under today. Other processes see the whole file
 * or none. */
CF_MUST_CHECK
enum cf_status shelf_publish(struct shelf *shelf, const void *png, size_t len,
			     const char *code, struct cf_error *err);

struct pool_stats {
	int64_t n_ready; /* on the pool's own shelves */
	int64_t n_live;
	int64_t n_days;
	int64_t bytes; /* of all files */
};

/* Walks all directories and looks at each file: for the operator. */
CF_MUST_CHECK
enum cf_status pool_count(struct pool *pool, struct pool_stats *out,
			  struct cf_error *err);

/* Count the pictures that wait on a shelf: reads its directories, no file. */
CF_MUST_CHECK
enum cf_status shelf_count(struct shelf *shelf, int64_t *n,
			   struct cf_error *err);

struct pool_cleaned {
	int64_t n_ready; /* waited too long, or on shelves left over */
	int64_t n_live;	 /* of challenges that have expired */
	int64_t n_temporary;
	int64_t n_days;
};

/* The pids that may be of live challenges sort from first_pid on and before
 * end_pid. Others have expired, or are of a clock that was ahead. */
struct pool_live {
	struct pid first_pid, end_pid;
};

/*
 * Remove stale pictures and files. Safe beside any call of any process, also
 * beside itself, and when it is killed.
 */
CF_MUST_CHECK
enum cf_status pool_clean(struct pool *pool, const struct pool_live *may_live,
			  struct pool_cleaned *out, struct cf_error *err);

/*
 * A part of what pool_clean does, for the pauses of the service: look at about
 * max_names pictures, and remove stale pictures and empty days. The next call
 * goes on from there. A whole round also counts the live pictures.
 *
 * returns  true at the end of a round, or when the cache is out of reach
 */
bool pool_sweep(struct pool *pool, const struct pool_live *may_live,
		int64_t max_names);

/* Write a file and remove it: CF_OK when the cache works. */
CF_MUST_CHECK
enum cf_status pool_probe(struct pool *pool, struct cf_error *err);

#endif
