/*
 * A SQLite database: WAL mode, one connection and a set of prepared statements
 * for the life of the process. sqlite.c and sqlite_open.c share it; only they
 * know SQLite.
 */
#ifndef CF_STORE_SQLITE_OPEN_H
#define CF_STORE_SQLITE_OPEN_H

#include "base/clk.h"
#include "store/sqlite.h"

#include <sqlite3.h>

enum {
	/* A process that serves one request checkpoints past this: the next one
	 * reads the whole WAL. */
	WAL_FRAMES_ONE = 64,
};

enum statement {
	ST_BEGIN,
	ST_COMMIT,
	ST_ROLLBACK,
	ST_PUT,
	ST_PEEK,
	ST_TAKE_LAST,
	ST_TAKE_ONE,
	ST_DROP,
	ST_SWAP,
	ST_SWAP_END,
	ST_SWEEP_BOUND,
	ST_SWEEP,
	ST_SWEEP_AHEAD,
	ST_COUNT_ROWS,
	ST_SECRET_GET,
	ST_SECRET_PUT,
	ST_COUNT
};

struct sqlite_store {
	sqlite3 *db;
	sqlite3_stmt *st[ST_COUNT]; /* prepared at first use */
	char path[STORE_PATH_BYTES];
	enum store_use use;
	struct clk clk;
	int64_t busy_timeout_ms;
	int64_t wait_began_mono_ms;
	int64_t looked_mono_ms; /* when sqlite_has_moved was last called */
	int n_wal_frames; /* after our last commit */
	bool is_hurried;  /* give up rather than wait for a lock */
	int queue_fd;	  /* locked while alone in the database; or -1 */
};

/* --- sqlite_open.c -------------------------------------------------------- */

/*
 * Open the file at s->path, and bring its schema up to date. The caller has
 * set path, use, clk and busy_timeout_ms.
 *
 * returns  as store_open; closed again on failure
 */
CF_MUST_CHECK
enum cf_status sqlite_open_db(struct sqlite_store *s, struct cf_error *err);
void sqlite_close_db(struct sqlite_store *s);

/* Whether another file has the path now: other processes open that file. */
CF_MUST_CHECK
bool sqlite_has_moved(struct sqlite_store *s);

/* Whether to do again what ended with rc: the database was replaced since it
 * was opened, and the new one is open now. */
CF_MUST_CHECK
bool sqlite_reopened(struct sqlite_store *s, enum cf_status rc);

/* Wait for a lock after n_before waits; 0: long enough. A
 * sqlite3_busy_handler. */
int sqlite_wait(void *user, int n_before);

/* The status of a result code; CF_OK also of SQLITE_ROW and SQLITE_DONE. */
enum cf_status sqlite_status(int code);

/* The error of the call that just failed on this connection. */
enum cf_status sqlite_fail(struct sqlite_store *s, int code, const char *what,
			   struct cf_error *err);

/* Keep room for removals in a file beside the database. CF_FULL: there is
 * none. */
CF_MUST_CHECK
enum cf_status sqlite_keep_spare(const struct sqlite_store *s,
				 struct cf_error *err);

/* Whether to run a removal again that ended with this code after n_before runs
 * before: the disk was full, and the room kept for removals is free now. */
CF_MUST_CHECK
bool sqlite_make_room(struct sqlite_store *s, int code, int n_before);

/* --- sqlite.c ------------------------------------------------------------- */

/* Prepare a statement, unless it is prepared. */
CF_MUST_CHECK
int sqlite_prepare(struct sqlite_store *s, enum statement which);

/* Roll a transaction back, if there is one. That may fail without memory: then
 * sqlite_close_db is the way to end it. */
void sqlite_roll_back(struct sqlite_store *s);

#endif
