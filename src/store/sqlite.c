/*
 * What a store does, in SQLite: see sqlite.h. The database is opened and
 * closed in sqlite_open.c.
 *
 * Each change is one statement or one short transaction, so that processes
 * meet in SQLite's write lock and nowhere else, and a row count says who won.
 *
 * source: sqlite.org/wal.html, sqlite.org/c3ref
 */
#include "base/base.h"
#include "base/file.h"
#include "store/sqlite_open.h"

#include <sys/stat.h>

enum {
	/* No row is smaller: key 16, code 1, two times 6, no profile, and what
	 * SQLite adds to a cell of six columns. */
	ROW_MIN_BYTES = 37,
	/* Checkpoint in a pause past this. */
	WAL_FRAMES_PAUSE = 500,
	LOOK_EVERY_MS = 1000,
};

static const char *const statements[ST_COUNT] = {
	[ST_BEGIN] = "BEGIN IMMEDIATE",
	[ST_COMMIT] = "COMMIT",
	[ST_ROLLBACK] = "ROLLBACK",
	[ST_PUT] = "INSERT INTO challenge VALUES (?1, ?2, ?3, ?4, ?5, "
		   "?6)",
	[ST_PEEK] = "SELECT code, attempts_left, created_unix_ms, "
		    "expires_unix_ms, profile FROM challenge WHERE pid = ?1",
	[ST_TAKE_LAST] = "DELETE FROM challenge "
			 "WHERE pid = ?1 AND attempts_left <= 1",
	[ST_TAKE_ONE] =
		"UPDATE challenge SET attempts_left = attempts_left - 1 "
		"WHERE pid = ?1 AND attempts_left > 1 "
		"RETURNING attempts_left",
	[ST_DROP] = "DELETE FROM challenge WHERE pid = ?1",
	/* the pid that max_rows expired rows lie before, if so many do */
	[ST_SWEEP_BOUND] = "SELECT pid FROM challenge "
			   "WHERE pid < ?1 AND expires_unix_ms <= ?2 "
			   "ORDER BY pid LIMIT 1 OFFSET ?3",
	[ST_SWEEP] = "DELETE FROM challenge "
		     "WHERE pid < ?1 AND expires_unix_ms <= ?2",
	[ST_SWEEP_AHEAD] = "DELETE FROM challenge WHERE pid IN "
			   "(SELECT pid FROM challenge WHERE pid >= ?1 "
			   "ORDER BY pid DESC LIMIT ?2)",
	[ST_COUNT_ROWS] = "SELECT count(*) FROM challenge",
	[ST_SECRET_GET] = "SELECT value FROM secret WHERE name = 'picture'",
	[ST_SECRET_PUT] = "INSERT OR IGNORE INTO secret VALUES ('picture', ?1)",
};

int sqlite_prepare(struct sqlite_store *s, enum statement which)
{
	int code;

	if (s->st[which])
		return SQLITE_OK;
	code = sqlite3_prepare_v3(s->db, statements[which], -1,
				  SQLITE_PREPARE_PERSISTENT, &s->st[which],
				  NULL);
	/* they never change, so what they name is not there */
	return code == SQLITE_ERROR ? SQLITE_CORRUPT : code;
}

/* Step a statement that gives no rows, and make it ready for the next use. */
static int run(struct sqlite_store *s, enum statement which)
{
	int code = sqlite_prepare(s, which);

	if (code)
		return code;
	code = sqlite3_step(s->st[which]);
	(void)sqlite3_reset(s->st[which]);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int bind_pid(struct sqlite_store *s, enum statement which,
		    const struct pid *pid)
{
	int code = sqlite_prepare(s, which);

	if (code)
		return code;
	return sqlite3_bind_text(s->st[which], 1, pid->text, PID_CHARS,
				 SQLITE_STATIC);
}

/* One row of one integer. */
static int get_int(struct sqlite_store *s, enum statement which, int64_t *n)
{
	int code = sqlite_prepare(s, which);

	if (code)
		return code;
	code = sqlite3_step(s->st[which]);
	if (code == SQLITE_ROW)
		*n = sqlite3_column_int64(s->st[which], 0);
	(void)sqlite3_reset(s->st[which]);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

void sqlite_roll_back(struct sqlite_store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		(void)run(s, ST_ROLLBACK);
}

/* --- the operations ------------------------------------------------------- */

static enum cf_status op_begin(void *impl, struct cf_error *err)
{
	struct sqlite_store *s = impl;

	if (s->db &&
	    clk_mono_ms(&s->clk) - s->looked_mono_ms >= LOOK_EVERY_MS &&
	    sqlite_has_moved(s))
		sqlite_close_db(s);
	return s->db ? CF_OK : sqlite_open_db(s, err);
}
/* Close: an exclusive lock would block the next CGI process. */
static void op_end(void *impl)
{
	struct sqlite_store *s = impl;

	if (s->queue_fd >= 0)
		sqlite_close_db(s);
}

static void op_close(void *impl)
{
	sqlite_close_db(impl);
	mem_free(impl);
}

static int put_one(struct sqlite_store *s, const struct store_entry *e)
{
	int code = bind_pid(s, ST_PUT, &e->pid);
	sqlite3_stmt *st = s->st[ST_PUT];

	if (code)
		return code;
	if ((code = sqlite3_bind_text(st, 2, e->code, -1, SQLITE_STATIC)) ||
	    (code = sqlite3_bind_int(st, 3, e->attempts_left)) ||
	    (code = sqlite3_bind_int64(st, 4, e->created_unix_ms)) ||
	    (code = sqlite3_bind_int64(st, 5, e->expires_unix_ms)) ||
	    (code = sqlite3_bind_text(st, 6, e->profile, -1, SQLITE_STATIC)))
		return code;
	return run(s, ST_PUT);
}

static enum cf_status put(struct sqlite_store *s,
			  const struct store_entry *entries, size_t n,
			  struct cf_error *err)
{
	enum cf_status rc = sqlite_keep_spare(s, err);
	int code;

	if (rc)
		return rc;
	if (n == 1) {
		code = put_one(s, entries);
		return code ? sqlite_fail(s, code, "cannot record a challenge",
					  err)
			    : CF_OK;
	}
	code = run(s, ST_BEGIN);
	for (size_t i = 0; !code && i < n; i++)
		code = put_one(s, &entries[i]);
	if (!code)
		code = run(s, ST_COMMIT);
	if (code) {
		rc = sqlite_fail(s, code, "cannot record challenges", err);
		sqlite_roll_back(s);
	}
	return rc;
}

static enum cf_status op_put(void *impl, const struct store_entry *entries,
			     size_t n, struct cf_error *err)
{
	enum cf_status rc = put(impl, entries, n, err);

	return sqlite_is_again(impl, rc) ? put(impl, entries, n, err) : rc;
}

static enum cf_status peek(struct sqlite_store *s, const struct pid *pid,
			   struct store_entry *out, struct cf_error *err)
{
	int code = bind_pid(s, ST_PEEK, pid);
	sqlite3_stmt *st = s->st[ST_PEEK];
	const unsigned char *text, *profile;
	enum cf_status rc = CF_OK;

	if (code)
		return sqlite_fail(s, code, "cannot look a challenge up", err);
	code = sqlite3_step(st);
	if (code == SQLITE_DONE) {
		rc = CF_NOT_FOUND;
	} else if (code != SQLITE_ROW) {
		rc = sqlite_fail(s, code, "cannot look a challenge up", err);
	} else {
		out->pid = *pid;
		text = sqlite3_column_text(st, 0);
		(void)snprintf(out->code, sizeof(out->code), "%s",
			       text ? (const char *)text : "");
		out->attempts_left = sqlite3_column_int(st, 1);
		out->created_unix_ms = sqlite3_column_int64(st, 2);
		out->expires_unix_ms = sqlite3_column_int64(st, 3);
		profile = sqlite3_column_text(st, 4);
		(void)snprintf(out->profile, sizeof(out->profile), "%s",
			       profile ? (const char *)profile : "");
		if (!text || !text[0])
			rc = cf_fail(err, CF_CORRUPT, "database %s: a "
				     "challenge without a code", s->path);
	}
	(void)sqlite3_reset(st);
	return rc;
}

static enum cf_status op_peek(void *impl, const struct pid *pid,
			      struct store_entry *out, struct cf_error *err)
{
	enum cf_status rc = peek(impl, pid, out, err);

	return sqlite_is_again(impl, rc) ? peek(impl, pid, out, err) : rc;
}

/* CF_OK when the statement changed a row, CF_NOT_FOUND when it did not. */
static enum cf_status change_row(struct sqlite_store *s, enum statement which,
				 const struct pid *pid, struct cf_error *err)
{
	int code = bind_pid(s, which, pid), n_before = 0;

	if (!code) {
		do {
			code = run(s, which);
		} while (sqlite_make_room(s, code, n_before++));
	}
	if (code)
		return sqlite_fail(s, code, "cannot take a challenge", err);
	return sqlite3_changes(s->db) == 1 ? CF_OK : CF_NOT_FOUND;
}

/* Use one of several attempts; *left is what remains. */
static enum cf_status take_one(struct sqlite_store *s, const struct pid *pid,
			       int *left, struct cf_error *err)
{
	int code = bind_pid(s, ST_TAKE_ONE, pid), n_before = 0;
	sqlite3_stmt *st = s->st[ST_TAKE_ONE];
	bool found;

	if (code)
		return sqlite_fail(s, code, "cannot take a challenge", err);
	do {
		found = false;
		while ((code = sqlite3_step(st)) == SQLITE_ROW) {
			*left = sqlite3_column_int(st, 0);
			found = true;
		}
		(void)sqlite3_reset(st);
	} while (sqlite_make_room(s, code, n_before++));
	if (code != SQLITE_DONE)
		return sqlite_fail(s, code, "cannot take a challenge", err);
	return found ? CF_OK : CF_NOT_FOUND;
}

static enum cf_status take(struct sqlite_store *s, const struct pid *pid,
			   struct store_entry *out, struct cf_error *err)
{
	enum cf_status rc = peek(s, pid, out, err);

	if (rc)
		return rc; /* an unknown pid never takes the write lock */
	if (out->attempts_left > 1) {
		rc = take_one(s, pid, &out->attempts_left, err);
		if (rc != CF_NOT_FOUND)
			return rc;
		/* others used attempts since we looked: the last is left */
	}
	out->attempts_left = 0;
	return change_row(s, ST_TAKE_LAST, pid, err);
}

static enum cf_status op_take(void *impl, const struct pid *pid,
			      struct store_entry *out, struct cf_error *err)
{
	enum cf_status rc = take(impl, pid, out, err);

	return sqlite_is_again(impl, rc) ? take(impl, pid, out, err) : rc;
}

static enum cf_status op_drop(void *impl, const struct pid *pid,
			      struct cf_error *err)
{
	enum cf_status rc = change_row(impl, ST_DROP, pid, err);

	return sqlite_is_again(impl, rc) ? change_row(impl, ST_DROP, pid, err)
					 : rc;
}

/* Remove what has expired, up to the pid that max_rows such rows lie before. */
static int sweep_expired(struct sqlite_store *s, const struct pid *before_pid,
			 int64_t now_unix_ms, size_t max_rows, size_t *n_rows)
{
	struct pid bound = *before_pid;
	const unsigned char *text = NULL;
	int code = bind_pid(s, ST_SWEEP_BOUND, before_pid);

	if (!code)
		code = sqlite3_bind_int64(s->st[ST_SWEEP_BOUND], 2,
					  now_unix_ms);
	if (!code)
		code = sqlite3_bind_int64(s->st[ST_SWEEP_BOUND], 3,
					  (sqlite3_int64)max_rows);
	if (code)
		return code;
	code = sqlite3_step(s->st[ST_SWEEP_BOUND]);
	if (code == SQLITE_ROW)
		text = sqlite3_column_text(s->st[ST_SWEEP_BOUND], 0);
	if (text)
		(void)!pid_parse(&bound, str_from((const char *)text));
	(void)sqlite3_reset(s->st[ST_SWEEP_BOUND]);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return code;
	code = bind_pid(s, ST_SWEEP, &bound);
	if (!code)
		code = sqlite3_bind_int64(s->st[ST_SWEEP], 2, now_unix_ms);
	if (!code)
		code = run(s, ST_SWEEP);
	if (!code)
		*n_rows += (size_t)sqlite3_changes(s->db);
	return code;
}

static int sweep_ahead(struct sqlite_store *s, const struct pid *end_pid,
		       size_t max_rows, size_t *n_rows)
{
	int code = bind_pid(s, ST_SWEEP_AHEAD, end_pid);

	if (!code)
		code = sqlite3_bind_int64(s->st[ST_SWEEP_AHEAD], 2,
					  (sqlite3_int64)max_rows);
	if (!code)
		code = run(s, ST_SWEEP_AHEAD);
	if (!code)
		*n_rows += (size_t)sqlite3_changes(s->db);
	return code;
}

static enum cf_status op_sweep(void *impl, const struct pid *before_pid,
			       const struct pid *end_pid, int64_t now_unix_ms,
			       size_t max_rows, size_t *n_rows,
			       struct cf_error *err)
{
	struct sqlite_store *s = impl;
	int code = sweep_expired(s, before_pid, now_unix_ms, max_rows, n_rows);

	if (!code && *n_rows < max_rows)
		code = sweep_ahead(s, end_pid, max_rows, n_rows);
	return code ? sqlite_fail(s, code, "cannot sweep", err) : CF_OK;
}

static int64_t op_at_most(void *impl)
{
	struct sqlite_store *s = impl;
	char wal[STORE_PATH_BYTES + sizeof("-wal")];
	struct stat db_stat, wal_stat;
	int64_t n_bytes;

	if (stat(s->path, &db_stat))
		return errno == ENOENT ? 0 : INT64_MAX;
	n_bytes = db_stat.st_size;
	(void)snprintf(wal, sizeof(wal), "%s-wal", s->path);
	if (!stat(wal, &wal_stat))
		n_bytes += wal_stat.st_size;
	return n_bytes / ROW_MIN_BYTES;
}

static enum cf_status op_count(void *impl, int64_t *n, struct cf_error *err)
{
	int code = get_int(impl, ST_COUNT_ROWS, n);

	return code ? sqlite_fail(impl, code, "cannot count", err) : CF_OK;
}

static enum cf_status op_secret(void *impl, uint8_t key[CRYPT_KEY_BYTES],
				struct cf_error *err)
{
	struct sqlite_store *s = impl;
	uint8_t fresh[CRYPT_KEY_BYTES];
	bool found = false;
	int code = SQLITE_OK;

	for (int turn = 0; turn < 2 && !found && !code; turn++) {
		code = sqlite_prepare(s, ST_SECRET_GET);
		if (code)
			break;
		if (sqlite3_step(s->st[ST_SECRET_GET]) == SQLITE_ROW &&
		    sqlite3_column_bytes(s->st[ST_SECRET_GET], 0) ==
			    CRYPT_KEY_BYTES) {
			memcpy(key, sqlite3_column_blob(s->st[ST_SECRET_GET],
							0),
			       CRYPT_KEY_BYTES);
			found = true;
		}
		code = sqlite3_reset(s->st[ST_SECRET_GET]);
		if (found || code || turn)
			break;
		crypt_random(fresh, sizeof(fresh));
		code = sqlite_prepare(s, ST_SECRET_PUT);
		if (!code)
			code = sqlite3_bind_blob(s->st[ST_SECRET_PUT], 1, fresh,
						 sizeof(fresh), SQLITE_STATIC);
		if (!code)
			code = run(s, ST_SECRET_PUT);
		crypt_zero(fresh, sizeof(fresh));
	}
	if (code)
		return sqlite_fail(s, code, "cannot keep the secret", err);
	if (!found)
		return cf_fail(err, CF_CORRUPT, "database %s: its secret is "
			       "damaged", s->path);
	return CF_OK;
}

static enum cf_status op_probe(void *impl, struct cf_error *err)
{
	/* within one transaction, so nobody ever sees it */
	static const struct store_entry probe = {
		{"0000000000000000"}, "probe", 1, 0, 0, ""};
	struct sqlite_store *s = impl;
	enum cf_status rc = sqlite_keep_spare(s, err);
	int code;

	if (rc)
		return rc;
	code = run(s, ST_BEGIN);
	if (!code)
		code = put_one(s, &probe);
	if (!code)
		code = bind_pid(s, ST_DROP, &probe.pid);
	if (!code)
		code = run(s, ST_DROP);
	if (!code)
		code = run(s, ST_COMMIT);
	if (code) {
		rc = sqlite_fail(s, code, "cannot write", err);
		sqlite_roll_back(s);
	}
	return rc;
}

/* The busy handler is not asked while another process checkpoints
 * (sqlite.org/c3ref/wal_checkpoint_v2.html), so it is asked here. */
static int checkpoint(struct sqlite_store *s, int mode)
{
	int code, n_before = 0;

	do {
		code = sqlite3_wal_checkpoint_v2(s->db, NULL, mode, NULL, NULL);
	} while (sqlite_status(code) == CF_BUSY &&
		 mode != SQLITE_CHECKPOINT_PASSIVE &&
		 sqlite_wait(s, n_before++));
	return code;
}

static enum cf_status op_tidy(void *impl, bool is_thorough,
			      struct cf_error *err)
{
	struct sqlite_store *s = impl;
	int code;

	if (!is_thorough && s->n_wal_frames < WAL_FRAMES_PAUSE)
		return CF_OK;
	code = checkpoint(s, is_thorough ? SQLITE_CHECKPOINT_TRUNCATE
					 : SQLITE_CHECKPOINT_PASSIVE);
	s->n_wal_frames = 0;
	if (code && (is_thorough || sqlite_status(code) != CF_BUSY))
		return sqlite_fail(s, code, "cannot checkpoint", err);
	return CF_OK;
}

const struct store_ops sqlite_store_ops = {
	.begin = op_begin,
	.end = op_end,
	.at_most = op_at_most,
	.put = op_put,
	.peek = op_peek,
	.take = op_take,
	.drop = op_drop,
	.sweep = op_sweep,
	.count = op_count,
	.secret = op_secret,
	.probe = op_probe,
	.tidy = op_tidy,
	.close = op_close,
};
