/*
 * The store: the record of challenges, in SQLite or Redis. It knows no files of
 * pictures and no rules.
 *
 * store_open, any number of calls, store_close. A store belongs to the
 * process that opened it: open after fork.
 *
 * Each change is one atomic step over all processes. Each call may return
 * CF_BUSY: another process held a lock for too long; CF_IO: out of reach;
 * CF_FULL: no room; CF_CORRUPT: damaged; CF_NOMEM.
 *
 * Redis itself ends challenges when they expire, and gives no times:
 * created_unix_ms is then 0, and expires_unix_ms INT64_MAX.
 *
 * Layer: store uses base. Only sqlite.c and sqlite_open.c know SQLite, only
 * redis_link.c hiredis.
 */
#ifndef CF_STORE_STORE_H
#define CF_STORE_STORE_H

#include "base/buf.h"
#include "base/crypt.h"
#include "base/pid.h"

enum {
	STORE_CODE_MAX_BYTES = 64,
	STORE_PROFILE_MAX_BYTES = 32,
	STORE_NOTE_MAX_BYTES = 640,
	STORE_PUT_MAX = 64, /* entries of one store_put */
	STORE_PICTURE_MAX_BYTES = 512 * 1024,
	STORE_PATH_BYTES = 512, /* of a database or an address of Redis */
	STORE_PREFIX_BYTES = 128,
};

/* One challenge. */
struct store_entry {
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1]; /* folded: utf8_fold */
	int attempts_left;		     /* 1 or more */
	int64_t created_unix_ms;
	int64_t expires_unix_ms;
	char profile[STORE_PROFILE_MAX_BYTES + 1]; /* "": none */
	/* UTF-8 without control characters, for whoever put the entry; "":
	 * none */
	char note[STORE_NOTE_MAX_BYTES + 1];
};

struct store;

/* The functions of a back end. Each keeps the contract of the function of its
 * name below, which has checked the arguments. */
struct store_ops {
	/* before and after each call but at_most and close; may be NULL */
	enum cf_status (*begin)(void *impl, struct cf_error *err);
	void (*end)(void *impl);
	/* an upper bound of the number of challenges, at next to no cost;
	 * NULL: only count can tell */
	int64_t (*at_most)(void *impl);
	enum cf_status (*put)(void *impl, const struct store_entry *entries,
			      size_t n, struct cf_error *err);
	enum cf_status (*peek)(void *impl, const struct pid *pid,
			       struct store_entry *out, struct cf_error *err);
	enum cf_status (*take)(void *impl, const struct pid *pid,
			       struct store_entry *out, struct cf_error *err);
	enum cf_status (*drop)(void *impl, const struct pid *pid,
			       struct cf_error *err);
	enum cf_status (*swap)(void *impl, const struct pid *pid,
			       const char *code, const char *new_code,
			       struct cf_error *err);
	/* NULL: all processes share the files of pictures anyway */
	enum cf_status (*put_picture)(void *impl, const struct pid *pid,
				      struct str png, int64_t expires_unix_ms,
				      struct cf_error *err);
	enum cf_status (*load_picture)(void *impl, const struct pid *pid,
				       struct buf *png, struct cf_error *err);
	/* NULL: the back end itself removes what has expired */
	enum cf_status (*sweep)(void *impl, const struct pid *before_pid,
				const struct pid *end_pid, int64_t now_unix_ms,
				size_t max_rows, size_t *n_rows,
				struct cf_error *err);
	enum cf_status (*count)(void *impl, int64_t *n, struct cf_error *err);
	enum cf_status (*secret)(void *impl, uint8_t key[CRYPT_KEY_BYTES],
				 struct cf_error *err);
	enum cf_status (*probe)(void *impl, struct cf_error *err);
	/* NULL: nothing to do */
	enum cf_status (*tidy)(void *impl, bool is_thorough,
			       struct cf_error *err);
	void (*close)(void *impl);
};

/*
 * STORE_FOR_MANY, for a process that serves many requests: store_open opens the
 * back end, and housekeeping waits for a pause. STORE_FOR_ONE, for a process
 * that serves one request: store_open tries nothing, the first call opens the
 * back end, and a call closes it when the next process would have to wait.
 */
enum store_use { STORE_FOR_MANY, STORE_FOR_ONE };

enum store_kind { STORE_SQLITE, STORE_REDIS };

/* Borrowed until store_close. */
struct store_options {
	enum store_kind kind;
	int64_t timeout_ms; /* of one call, and of waiting for a lock */
	/* SQLite */
	const char *database;
	/* Redis */
	const char *redis_url;
	const char *key_prefix; /* less than STORE_PREFIX_BYTES */
	int64_t redis_wait_replicas; /* that must know when a challenge ends */
	const char *breaker_dir;     /* of breaker_open */
	bool has_attempts;	     /* challenges may have several */
};

/*
 * Open the back end that the options name, creating what is missing. CF_OK also
 * when Redis is out of reach: it may come back.
 *
 * returns  CF_OK, *out is the caller's; CF_TOO_NEW, a later version wrote it;
 *          CF_CONFIG, what the options name cannot be used; CF_CORRUPT;
 *          CF_BUSY; CF_IO; CF_NOMEM. *out is NULL on failure.
 */
CF_MUST_CHECK
enum cf_status store_open(const struct store_options *options,
			  enum store_use use, struct store **out,
			  struct cf_error *err);

/* The database or the address of Redis for messages, without a password. */
enum { STORE_PLACE_BYTES = STORE_PATH_BYTES + 16 };
void store_place(const struct store_options *options,
		 char out[STORE_PLACE_BYTES]);

/* A store over any back end. It owns impl, which is closed on failure, too.
 * NULL: no memory. */
CF_MUST_CHECK
struct store *store_new(const struct store_ops *ops, void *impl);

/* Accepts NULL. */
void store_close(struct store *store);

/*
 * Record n challenges (1 to STORE_PUT_MAX), all or none.
 * returns  CF_OK; CF_BUG when a pid is there already or an entry breaks its
 *          invariants
 */
CF_MUST_CHECK
enum cf_status store_put(struct store *store,
			 const struct store_entry *entries, size_t n,
			 struct cf_error *err);

/* Read a challenge and change nothing. CF_NOT_FOUND: there is none. The caller
 * checks whether it has expired. */
CF_MUST_CHECK
enum cf_status store_peek(struct store *store, const struct pid *pid,
			  struct store_entry *out, struct cf_error *err);

/*
 * Read a challenge and use one attempt, in one step. out->attempts_left is
 * what remains; at 0 the challenge is gone.
 * returns  CF_OK; CF_NOT_FOUND, and then nothing was written
 */
CF_MUST_CHECK
enum cf_status store_take(struct store *store, const struct pid *pid,
			  struct store_entry *out, struct cf_error *err);

/* Remove a challenge. Of several callers one gets CF_OK, all others
 * CF_NOT_FOUND. */
CF_MUST_CHECK
enum cf_status store_drop(struct store *store, const struct pid *pid,
			  struct cf_error *err);

/*
 * Give a challenge another code, or end it, if it has this code still, in one
 * step. Attempts, times and note stay. Of several callers with the same code
 * one gets CF_OK.
 *
 * code      1 to STORE_CODE_MAX_BYTES, no space
 * new_code  the same; NULL: end the challenge
 * returns   CF_OK; CF_NOT_FOUND: there is no such challenge, or it has another
 *           code, and then nothing was written
 */
CF_MUST_CHECK
enum cf_status store_swap(struct store *store, const struct pid *pid,
			  const char *code, const char *new_code,
			  struct cf_error *err);

/*
 * Keep the picture of a challenge for other machines, until the challenge ends
 * or expires. CF_BUG with SQLite, which is for one machine.
 */
CF_MUST_CHECK
enum cf_status store_put_picture(struct store *store, const struct pid *pid,
				 struct str png, int64_t expires_unix_ms,
				 struct cf_error *err);

/* Append the picture to png. CF_NOT_FOUND: there is none. */
CF_MUST_CHECK
enum cf_status store_load_picture(struct store *store, const struct pid *pid,
				  struct buf *png, struct cf_error *err);

/*
 * Remove up to about max_rows challenges: those before before_pid that have
 * expired, and those from end_pid on, which a clock that was ahead has issued.
 *
 * n_rows   how many were removed; fewer than max_rows: no more are left
 */
CF_MUST_CHECK
enum cf_status store_sweep(struct store *store, const struct pid *before_pid,
			   const struct pid *end_pid, int64_t now_unix_ms,
			   size_t max_rows, size_t *n_rows,
			   struct cf_error *err);

/* The number of challenges, or an upper bound of it that is below enough: that
 * costs less. Redis counts all keys of its database. */
CF_MUST_CHECK
enum cf_status store_count(struct store *store, int64_t enough, int64_t *n,
			   struct cf_error *err);

/* The installation's secret: made once, the same for all processes. */
CF_MUST_CHECK
enum cf_status store_secret(struct store *store, uint8_t key[CRYPT_KEY_BYTES],
			    struct cf_error *err);

/* Record a challenge and remove it, unseen by other processes. CF_OK: a
 * challenge could be recorded now. */
CF_MUST_CHECK
enum cf_status store_probe(struct store *store, struct cf_error *err);

/* Housekeeping of some milliseconds: SQLite checkpoints its WAL.
 * is_thorough  wait for other processes, and give all space back; otherwise
 *              do what can be done at once */
CF_MUST_CHECK
enum cf_status store_tidy(struct store *store, bool is_thorough,
			  struct cf_error *err);

#endif
