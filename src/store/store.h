/*
 * The store: the record of challenges, in SQLite or Redis. It knows no files of
 * pictures and no rules.
 *
 * store_open, any number of calls, store_close. A store belongs to the
 * process that opened it: open after fork.
 *
 * Each change is one atomic step of the back end, over all processes.
 * CF_BUSY, CF_IO, CF_FULL and CF_CORRUPT mean the same in every call: held by
 * somebody else for too long, out of reach, no room, damaged.
 *
 * A back end may end challenges itself when they expire, as Redis does. What
 * has expired is then not found, and there is nothing to sweep; of what it
 * gives, which has not, created_unix_ms is 0 and expires_unix_ms INT64_MAX.
 *
 * Layer: store uses base; sqlite.c and sqlite_open.c alone know
 * SQLite, redis_link.c hiredis.
 */
#ifndef CF_STORE_STORE_H
#define CF_STORE_STORE_H

#include "base/buf.h"
#include "base/crypt.h"
#include "base/pid.h"

enum {
	STORE_CODE_MAX_BYTES = 64,
	STORE_PROFILE_MAX_BYTES = 32,
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
	char profile[STORE_PROFILE_MAX_BYTES + 1]; /* "" for the base */
};

struct store;

/* What a back end does; the rules of each slot are those of the function
 * with its name below, arguments already checked. */
struct store_ops {
	/* Before and after each of the others but at_most and close. NULL:
	 * nothing to do. */
	enum cf_status (*begin)(void *impl, struct cf_error *err);
	void (*end)(void *impl);
	/* An upper bound of the number of challenges, found at next to no
	 * cost. NULL: only count can tell. */
	int64_t (*at_most)(void *impl);
	enum cf_status (*put)(void *impl, const struct store_entry *entries,
			      size_t n, struct cf_error *err);
	enum cf_status (*peek)(void *impl, const struct pid *pid,
			       struct store_entry *out, struct cf_error *err);
	enum cf_status (*take)(void *impl, const struct pid *pid,
			       struct store_entry *out, struct cf_error *err);
	enum cf_status (*drop)(void *impl, const struct pid *pid,
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

/* What for. A process that serves many opens the store at once and puts
 * housekeeping off until it has time. One that serves a single request opens
 * it only for the moment it is needed, so that the next one can; for it
 * store_open always succeeds, and the first call tells. */
enum store_use { STORE_FOR_MANY, STORE_FOR_ONE };

enum store_kind { STORE_SQLITE, STORE_REDIS };

/* Borrowed until store_close. */
struct store_options {
	enum store_kind kind;
	int64_t timeout_ms; /* of one call, and of a wait for others */
	/* SQLite */
	const char *database;
	/* Redis */
	const char *redis_url;
	const char *key_prefix; /* less than STORE_PREFIX_BYTES */
	int64_t redis_wait_replicas; /* that are to know of an end */
	const char *breaker_dir;     /* where processes tell of a dead server */
	bool has_attempts;	     /* challenges may have more than one */
};

/*
 * Open the back end that the options name, creating what is missing. A server
 * that is out of reach may come back: that is for the calls to tell.
 *
 * returns  CF_OK, *out is the caller's; CF_TOO_NEW, a later version wrote it;
 *          CF_CONFIG, what the options name cannot be used; CF_CORRUPT;
 *          CF_BUSY; CF_IO; CF_NOMEM. *out is NULL on failure.
 */
CF_MUST_CHECK
enum cf_status store_open(const struct store_options *options,
			  enum store_use use, struct store **out,
			  struct cf_error *err);

/* Where challenges are, for people to read, without a password. */
enum { STORE_PLACE_BYTES = STORE_PATH_BYTES + 16 };
void store_place(const struct store_options *options,
		 char out[STORE_PLACE_BYTES]);

/* A store over any back end; takes impl over, also on failure. NULL when out
 * of memory. */
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

/* Look without touching. CF_NOT_FOUND when there is none; expiry is the
 * caller's to judge. */
CF_MUST_CHECK
enum cf_status store_peek(struct store *store, const struct pid *pid,
			  struct store_entry *out, struct cf_error *err);

/*
 * Consume one attempt, in one step with reading the challenge. out has the
 * attempts that are left after this one; at 0 the challenge is gone.
 * returns  CF_OK; CF_NOT_FOUND, and then nothing was written
 */
CF_MUST_CHECK
enum cf_status store_take(struct store *store, const struct pid *pid,
			  struct store_entry *out, struct cf_error *err);

/* Remove it. CF_OK to the one caller who did, CF_NOT_FOUND to others. */
CF_MUST_CHECK
enum cf_status store_drop(struct store *store, const struct pid *pid,
			  struct cf_error *err);

/*
 * Keep the picture of a challenge beside it, for other machines, until the
 * challenge ends or expires. Only where the back end has more than one machine;
 * CF_BUG elsewhere.
 */
CF_MUST_CHECK
enum cf_status store_put_picture(struct store *store, const struct pid *pid,
				 struct str png, int64_t expires_unix_ms,
				 struct cf_error *err);

/* Append it to png; CF_NOT_FOUND when there is none. */
CF_MUST_CHECK
enum cf_status store_load_picture(struct store *store, const struct pid *pid,
				  struct buf *png, struct cf_error *err);

/*
 * Remove up to about max_rows challenges that are both older than before_pid
 * in pid order and expired, or that sort from end_pid on: those a clock that
 * was ahead has issued. Short transactions; others get in between calls.
 *
 * n_rows   how many were removed; fewer than max_rows: there are no more now
 */
CF_MUST_CHECK
enum cf_status store_sweep(struct store *store, const struct pid *before_pid,
			   const struct pid *end_pid, int64_t now_unix_ms,
			   size_t max_rows, size_t *n_rows,
			   struct cf_error *err);

/* How many challenges there are. If that is surely below `enough`, an upper
 * bound that is cheaper to find may be given instead; enough 0 asks for the
 * exact number. Redis counts whatever is in its database. */
CF_MUST_CHECK
enum cf_status store_count(struct store *store, int64_t enough, int64_t *n,
			   struct cf_error *err);

/* The installation's secret: made once, the same for all processes. */
CF_MUST_CHECK
enum cf_status store_secret(struct store *store, uint8_t key[CRYPT_KEY_BYTES],
			    struct cf_error *err);

/* Write something and take it back: CF_OK when a challenge could be
 * recorded. */
CF_MUST_CHECK
enum cf_status store_probe(struct store *store, struct cf_error *err);

/* Housekeeping that may take some milliseconds (SQLite: checkpoint the WAL).
 * is_thorough  wait for others and give all space back; CF_BUSY when they do
 *              not let go. Otherwise what can be done at once. */
CF_MUST_CHECK
enum cf_status store_tidy(struct store *store, bool is_thorough,
			  struct cf_error *err);

#endif
