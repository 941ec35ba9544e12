/*
 * The operations of a store in SQLite: see sqlite.h.
 *
 * Each change is one statement or one short transaction: processes meet in
 * SQLite's write lock and nowhere else, and a row count says which one won.
 *
 * source: sqlite.org/wal.html, sqlite.org/c3ref
 */
#include "base/base.h"
#include "base/file.h"
#include "store/sqlite_open.h"

#include <sys/stat.h>

enum {
	/* No row is smaller: key 16, code 1, two times 6, no profile, no note,
	 * and what SQLite adds to a cell of six columns. */
	ROW_MIN_BYTES = 37,
	/* Tidying checkpoints a WAL longer than this. */
	WAL_FRAMES_PAUSE = 500,
	LOOK_EVERY_MS = 1000,
};

static const char *const statements[ST_COUNT] = {
	[ST_BEGIN] = "BEGIN IMMEDIATE",
	[ST_COMMIT] = "COMMIT",
	[ST_ROLLBACK] = "ROLLBACK",
	[ST_PUT] = "INSERT INTO challenge VALUES (?1, ?2, ?3, ?4, ?5, "
		   "?6, ?7)",
	[ST_PEEK] = "SELECT code, attempts_left, created_unix_ms, "
		    "expires_unix_ms, profile, note FROM challenge "
		    "WHERE pid = ?1",
	[ST_TAKE_LAST] = "DELETE FROM challenge "
			 "WHERE pid = ?1 AND attempts_left <= 1",
	[ST_TAKE_ONE] =
		"UPDATE challenge SET attempts_left = attempts_left - 1 "
		"WHERE pid = ?1 AND attempts_left > 1 "
		"RETURNING attempts_left",
	[ST_DROP] = "DELETE FROM challenge WHERE pid = ?1",
	[ST_SWAP] = "UPDATE challenge SET code = ?3 "
		    "WHERE pid = ?1 AND code = ?2",
	[ST_SWAP_END] = "DELETE FROM challenge WHERE pid = ?1 AND code = ?2",
	/* the first expired row after ?3 others */
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
	/* the statements are right: a table or column is missing */
	return code == SQLITE_ERROR ? SQLITE_CORRUPT : code;
}

/* A statement and how many of its values are bound. The first failure stays in
 * code, so that step alone is checked. */
struct query {
	sqlite3_stmt *st;
	int code;
	int n_bound;
};

static struct query begin_query(struct sqlite_store *s, enum statement which)
{
	int code = sqlite_prepare(s, which);

	return (struct query){.st = s->st[which], .code = code};
}

/* The text must live until the query is reset. */
static void bind_text(struct query *q, const char *text)
{
	if (!q->code)
		q->code = sqlite3_bind_text(q->st, ++q->n_bound, text, -1,
					    SQLITE_STATIC);
}

static void bind_int(struct query *q, int64_t n)
{
	if (!q->code)
		q->code = sqlite3_bind_int64(q->st, ++q->n_bound, n);
}

/* SQLITE_ROW, SQLITE_DONE, or the failure. */
static int step(const struct query *q)
{
	return q->code ? q->code : sqlite3_step(q->st);
}

/* Step once and reset. Returns SQLITE_OK or the failure. */
static int run(const struct query *q)
{
	int code = step(q);

	(void)sqlite3_reset(q->st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int run_statement(struct sqlite_store *s, enum statement which)
{
	struct query q = begin_query(s, which);

	return run(&q);
}

void sqlite_roll_back(struct sqlite_store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		(void)run_statement(s, ST_ROLLBACK);
}

/* Commit if code says that all went well, otherwise roll back. */
static enum cf_status end_transaction(struct sqlite_store *s, int code,
				      const char *what, struct cf_error *err)
{
	enum cf_status rc;

	if (!code)
		code = run_statement(s, ST_COMMIT);
	if (!code)
		return CF_OK;
	rc = sqlite_fail(s, code, what, err);
	sqlite_roll_back(s);
	return rc;
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

/*
 * Close an exclusive lock, which would block the next CGI process, and a
 * transaction that is still open. Without memory ROLLBACK can fail, too. The
 * transaction would block all processes, and changes of later calls would be
 * lost with it: codes could be taken again. Closing rolls back without memory,
 * and the next call opens.
 */
static void op_end(void *impl)
{
	struct sqlite_store *s = impl;

	if (s->queue_fd >= 0 || (s->db && !sqlite3_get_autocommit(s->db)))
		sqlite_close_db(s);
}

static void op_close(void *impl)
{
	sqlite_close_db(impl);
	mem_free(impl);
}

static int put_row(struct sqlite_store *s, const struct store_entry *e)
{
	struct query q = begin_query(s, ST_PUT);

	bind_text(&q, e->pid.text);
	bind_text(&q, e->code);
	bind_int(&q, e->attempts_left);
	bind_int(&q, e->created_unix_ms);
	bind_int(&q, e->expires_unix_ms);
	bind_text(&q, e->profile);
	bind_text(&q, e->note);
	return run(&q);
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
		code = put_row(s, entries);
		return code ? sqlite_fail(s, code, "cannot record a challenge",
					  err)
			    : CF_OK;
	}
	code = run_statement(s, ST_BEGIN);
	for (size_t i = 0; !code && i < n; i++)
		code = put_row(s, &entries[i]);
	return end_transaction(s, code, "cannot record challenges", err);
}

static enum cf_status op_put(void *impl, const struct store_entry *entries,
			     size_t n, struct cf_error *err)
{
	enum cf_status rc = put(impl, entries, n, err);

	return sqlite_reopened(impl, rc) ? put(impl, entries, n, err) : rc;
}

static void copy_text(const struct query *q, int column, char *out, size_t size)
{
	const void *text = sqlite3_column_text(q->st, column);
	size_t n = (size_t)sqlite3_column_bytes(q->st, column);

	if (n > size - 1)
		n = size - 1;
	if (n)
		memcpy(out, text, n);
	out[n] = '\0';
}

static enum cf_status peek(struct sqlite_store *s, const struct pid *pid,
			   struct store_entry *out, struct cf_error *err)
{
	struct query q = begin_query(s, ST_PEEK);
	enum cf_status rc = CF_OK;
	int code;

	bind_text(&q, pid->text);
	code = step(&q);
	if (code == SQLITE_DONE) {
		rc = CF_NOT_FOUND;
	} else if (code != SQLITE_ROW) {
		rc = sqlite_fail(s, code, "cannot look a challenge up", err);
	} else {
		out->pid = *pid;
		copy_text(&q, 0, out->code, sizeof(out->code));
		out->attempts_left = sqlite3_column_int(q.st, 1);
		out->created_unix_ms = sqlite3_column_int64(q.st, 2);
		out->expires_unix_ms = sqlite3_column_int64(q.st, 3);
		copy_text(&q, 4, out->profile, sizeof(out->profile));
		copy_text(&q, 5, out->note, sizeof(out->note));
		if (!out->code[0])
			rc = cf_fail(err, CF_CORRUPT, "database %s: a "
				     "challenge without a code", s->path);
	}
	(void)sqlite3_reset(q.st);
	return rc;
}

static enum cf_status op_peek(void *impl, const struct pid *pid,
			      struct store_entry *out, struct cf_error *err)
{
	enum cf_status rc = peek(impl, pid, out, err);

	return sqlite_reopened(impl, rc) ? peek(impl, pid, out, err) : rc;
}

/* Run a query that changes one row; *left is the number that the statement
 * returns, if any. CF_NOT_FOUND: it changed none. */
static enum cf_status run_change(struct sqlite_store *s, const struct query *q,
				 int *left, struct cf_error *err)
{
	int code, n_before = 0;

	do {
		while ((code = step(q)) == SQLITE_ROW)
			*left = sqlite3_column_int(q->st, 0);
		(void)sqlite3_reset(q->st);
	} while (sqlite_make_room(s, code, n_before++));
	if (code != SQLITE_DONE)
		return sqlite_fail(s, code, "cannot take a challenge", err);
	return sqlite3_changes(s->db) == 1 ? CF_OK : CF_NOT_FOUND;
}

static enum cf_status change_row(struct sqlite_store *s, enum statement which,
				 const struct pid *pid, int *left,
				 struct cf_error *err)
{
	struct query q = begin_query(s, which);

	bind_text(&q, pid->text);
	return run_change(s, &q, left, err);
}

static enum cf_status take(struct sqlite_store *s, const struct pid *pid,
			   struct store_entry *out, struct cf_error *err)
{
	enum cf_status rc = peek(s, pid, out, err);

	if (rc)
		return rc; /* an unknown pid never takes the write lock */
	if (out->attempts_left > 1) {
		rc = change_row(s, ST_TAKE_ONE, pid, &out->attempts_left, err);
		if (rc != CF_NOT_FOUND)
			return rc;
		/* other processes used attempts since: the last is left */
	}
	out->attempts_left = 0;
	return change_row(s, ST_TAKE_LAST, pid, NULL, err);
}

static enum cf_status op_take(void *impl, const struct pid *pid,
			      struct store_entry *out, struct cf_error *err)
{
	enum cf_status rc = take(impl, pid, out, err);

	return sqlite_reopened(impl, rc) ? take(impl, pid, out, err) : rc;
}

static enum cf_status op_drop(void *impl, const struct pid *pid,
			      struct cf_error *err)
{
	enum cf_status rc = change_row(impl, ST_DROP, pid, NULL, err);

	return sqlite_reopened(impl, rc)
		       ? change_row(impl, ST_DROP, pid, NULL, err)
		       : rc;
}

static enum cf_status swap(struct sqlite_store *s, const struct pid *pid,
			   const char *code, const char *new_code,
			   struct cf_error *err)
{
	struct query q = begin_query(s, new_code ? ST_SWAP : ST_SWAP_END);

	bind_text(&q, pid->text);
	bind_text(&q, code);
	if (new_code)
		bind_text(&q, new_code);
	return run_change(s, &q, NULL, err);
}

static enum cf_status op_swap(void *impl, const struct pid *pid,
			      const char *code, const char *new_code,
			      struct cf_error *err)
{
	enum cf_status rc = swap(impl, pid, code, new_code, err);

	return sqlite_reopened(impl, rc) ? swap(impl, pid, code, new_code, err)
					 : rc;
}

static int run_sweep(struct sqlite_store *s, const struct query *q,
		     size_t *n_rows)
{
	int code = run(q);

	if (!code)
		*n_rows += (size_t)sqlite3_changes(s->db);
	return code;
}

/* Remove expired rows, max_rows at most. */
static int sweep_expired(struct sqlite_store *s, const struct pid *before_pid,
			 int64_t now_unix_ms, size_t max_rows, size_t *n_rows)
{
	struct pid bound = *before_pid;
	struct query q = begin_query(s, ST_SWEEP_BOUND);
	int code;

	bind_text(&q, before_pid->text);
	bind_int(&q, now_unix_ms);
	bind_int(&q, (int64_t)max_rows);
	code = step(&q);
	if (code == SQLITE_ROW)
		copy_text(&q, 0, bound.text, sizeof(bound.text));
	(void)sqlite3_reset(q.st);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return code;
	q = begin_query(s, ST_SWEEP);
	bind_text(&q, bound.text);
	bind_int(&q, now_unix_ms);
	return run_sweep(s, &q, n_rows);
}

static int sweep_ahead(struct sqlite_store *s, const struct pid *end_pid,
		       size_t max_rows, size_t *n_rows)
{
	struct query q = begin_query(s, ST_SWEEP_AHEAD);

	bind_text(&q, end_pid->text);
	bind_int(&q, (int64_t)max_rows);
	return run_sweep(s, &q, n_rows);
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
	struct sqlite_store *s = impl;
	struct query q = begin_query(s, ST_COUNT_ROWS);
	int code = step(&q);

	if (code == SQLITE_ROW)
		*n = sqlite3_column_int64(q.st, 0);
	(void)sqlite3_reset(q.st);
	return code == SQLITE_ROW ? CF_OK
				  : sqlite_fail(s, code, "cannot count", err);
}

/* *found: whether there is a secret of the right length. */
static int load_secret(struct sqlite_store *s, uint8_t key[CRYPT_KEY_BYTES],
		       bool *found)
{
	struct query q = begin_query(s, ST_SECRET_GET);
	int code = step(&q);

	*found = code == SQLITE_ROW &&
		 sqlite3_column_bytes(q.st, 0) == CRYPT_KEY_BYTES;
	if (*found)
		memcpy(key, sqlite3_column_blob(q.st, 0), CRYPT_KEY_BYTES);
	(void)sqlite3_reset(q.st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Make a secret, unless there is one. */
static int make_secret(struct sqlite_store *s)
{
	struct query q = begin_query(s, ST_SECRET_PUT);
	uint8_t fresh[CRYPT_KEY_BYTES];
	int code;

	crypt_random(fresh, sizeof(fresh));
	if (!q.code)
		q.code = sqlite3_bind_blob(q.st, 1, fresh, sizeof(fresh),
					   SQLITE_STATIC);
	code = run(&q);
	crypt_zero(fresh, sizeof(fresh));
	return code;
}

static enum cf_status op_secret(void *impl, uint8_t key[CRYPT_KEY_BYTES],
				struct cf_error *err)
{
	struct sqlite_store *s = impl;
	bool found;
	int code = load_secret(s, key, &found);

	if (!code && !found)
		code = make_secret(s);
	if (!code && !found)
		code = load_secret(s, key, &found);
	if (code)
		return sqlite_fail(s, code, "cannot keep the secret", err);
	if (!found)
		return cf_fail(err, CF_CORRUPT, "database %s: its secret is "
			       "damaged", s->path);
	return CF_OK;
}

static enum cf_status op_probe(void *impl, struct cf_error *err)
{
	/* within one transaction, so that no process ever sees it */
	static const struct store_entry probe = {
		{"0000000000000000"}, "probe", 1, 0, 0, "", ""};
	struct sqlite_store *s = impl;
	enum cf_status rc = sqlite_keep_spare(s, err);
	int code;

	if (rc)
		return rc;
	code = run_statement(s, ST_BEGIN);
	if (!code)
		code = put_row(s, &probe);
	if (!code) {
		struct query q = begin_query(s, ST_DROP);

		bind_text(&q, probe.pid.text);
		code = run(&q);
	}
	return end_transaction(s, code, "cannot write", err);
}

/* While another process checkpoints, SQLite does not call the busy handler
 * (sqlite.org/c3ref/wal_checkpoint_v2.html): wait here. */
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
	.swap = op_swap,
	.sweep = op_sweep,
	.count = op_count,
	.secret = op_secret,
	.probe = op_probe,
	.tidy = op_tidy,
	.close = op_close,
};
