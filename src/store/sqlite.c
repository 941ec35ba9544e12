/*
 * Challenges in SQLite: WAL mode, one connection and a set of prepared
 * statements for the life of the process. The only code that knows SQLite.
 *
 * Each change is one statement or one short transaction, so that processes
 * meet in SQLite's write lock and nowhere else, and a row count says who won.
 *
 * source: sqlite.org/wal.html, sqlite.org/c3ref
 */
#include "base/base.h"
#include "base/clk.h"
#include "base/file.h"
#include "store/sqlite.h"

#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>

enum {
	SCHEMA_VERSION = 2,
	/* No row is smaller: key 16, code 1, two times 6, no profile, and what
	 * SQLite adds to a cell of six columns. */
	ROW_MIN_BYTES = 37,
	/* Few pages: keys arrive in order, so the edge of the tree is what is
	 * used, and memory stays level from the first minute on. */
	CACHE_KB = 128,
	/* Checkpoint within a request only past this. The first region of the
	 * WAL index holds 4062 frames: staying in it keeps memory level. */
	WAL_FRAMES_MANY = 4000,
	/* A process that serves one request may have to read the WAL left by
	 * those before it. */
	WAL_FRAMES_ONE = 64,
	LOOK_EVERY_MS = 1000,
	/* Checkpoint in a pause past this. */
	WAL_FRAMES_PAUSE = 500,
	/* A WAL of processes that serve one request, and as much again for
	 * what it adds to the database. */
	SPARE_BYTES = 2 * WAL_FRAMES_ONE * 1024,
	SPARE_TRIES = 3, /* others may take what was given back */
};

/* A commit writes whole pages, and a start reads those of the WAL: small ones
 * are best. Both are kept in the file. */
#define NEW_FILE_PRAGMAS "PRAGMA page_size = 1024;PRAGMA journal_mode = WAL;"

extern const char schema_0001[], schema_0002[];

static const char *const migrations[SCHEMA_VERSION] = {schema_0001,
							schema_0002};

enum statement {
	ST_BEGIN,
	ST_COMMIT,
	ST_ROLLBACK,
	ST_PUT,
	ST_PEEK,
	ST_TAKE_LAST,
	ST_TAKE_ONE,
	ST_DROP,
	ST_SWEEP_EDGE,
	ST_SWEEP,
	ST_SWEEP_AHEAD,
	ST_COUNT_ROWS,
	ST_SECRET_GET,
	ST_SECRET_PUT,
	ST_COUNT
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
	[ST_TAKE_ONE] = "UPDATE challenge SET attempts_left = attempts_left - 1 "
			"WHERE pid = ?1 AND attempts_left > 1 "
			"RETURNING attempts_left",
	[ST_DROP] = "DELETE FROM challenge WHERE pid = ?1",
	/* the pid that max_rows expired rows lie before, if so many do */
	[ST_SWEEP_EDGE] = "SELECT pid FROM challenge "
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

struct sqlite_store {
	sqlite3 *db;
	sqlite3_stmt *st[ST_COUNT]; /* prepared at first use */
	char path[SETTINGS_PATH_BYTES];
	enum store_use use;
	struct clk clk;
	int64_t busy_timeout_ms;
	int64_t wait_began_mono_ms;
	int64_t looked_mono_ms; /* whether the file is still in its place */
	int n_wal_frames; /* after our last commit */
	bool is_hurried;  /* give up rather than wait for a lock */
	int queue_fd;	  /* locked while we are alone; -1: we are not */
};

/* --- waiting, errors, statements ----------------------------------------- */

/*
 * Wait for a lock. SQLite's own handler sleeps whole milliseconds and starves
 * under load; the lock is held for some twenty microseconds, so give way a
 * few times first, then sleep a little, longer each time and never the same.
 */
static int on_busy(void *user, int n_before)
{
	struct sqlite_store *s = user;
	struct timespec nap = {0, 0};

	if (s->is_hurried)
		return 0;
	if (n_before == 0)
		s->wait_began_mono_ms = clk_mono_ms(&s->clk);
	if (n_before < 8) {
		(void)sched_yield();
		return 1;
	}
	if (clk_mono_ms(&s->clk) - s->wait_began_mono_ms >= s->busy_timeout_ms)
		return 0;
	nap.tv_nsec = 20000L * (n_before < 100 ? n_before : 100);
	nap.tv_nsec += (long)(((uintptr_t)&nap ^ (uintptr_t)getpid()) % 64) *
		       500;
	(void)nanosleep(&nap, NULL);
	return 1;
}

static enum cf_status status_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return CF_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL: /* no lock to be had in ten seconds */
		return CF_BUSY;
	case SQLITE_FULL:
		return CF_FULL;
	case SQLITE_NOMEM:
		return CF_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return CF_CORRUPT;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISUSE:
	case SQLITE_ERROR:
		return CF_BUG;
	default:
		return CF_IO;
	}
}

/* The error of the call that just failed on this connection. */
static enum cf_status fail(struct sqlite_store *s, int code, const char *what,
			   struct cf_error *err)
{
	enum cf_status rc = status_of(code);
	const char *advice = "";

	if (code == SQLITE_IOERR_SHORT_READ)
		advice = "; its -wal file was removed: stop all processes that "
			 "have it open, then start again";
	else if (rc == CF_CORRUPT)
		advice = "; move it aside, and a new one is made: only "
			 "challenges of the last minutes are in it";
	else if (rc == CF_BUSY)
		advice = "; another process holds its lock";
	errno = sqlite3_system_errno(s->db);
	return cf_fail(err, rc ? rc : CF_IO, "database %s: %s: %s%s", s->path,
		       what, s->db ? sqlite3_errmsg(s->db)
				   : sqlite3_errstr(code), advice);
}

static int prepare(struct sqlite_store *s, enum statement which)
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
	int code = prepare(s, which);

	if (code)
		return code;
	code = sqlite3_step(s->st[which]);
	(void)sqlite3_reset(s->st[which]);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int bind_pid(struct sqlite_store *s, enum statement which,
		    const struct pid *pid)
{
	int code = prepare(s, which);

	if (code)
		return code;
	return sqlite3_bind_text(s->st[which], 1, pid->text, PID_CHARS,
				 SQLITE_STATIC);
}

/* One row of one integer. */
static int get_int(struct sqlite_store *s, enum statement which, int64_t *n)
{
	int code = prepare(s, which);

	if (code)
		return code;
	code = sqlite3_step(s->st[which]);
	if (code == SQLITE_ROW)
		*n = sqlite3_column_int64(s->st[which], 0);
	(void)sqlite3_reset(s->st[which]);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* End a transaction after a failure; the failure is what matters. */
static void roll_back(struct sqlite_store *s)
{
	if (!sqlite3_get_autocommit(s->db))
		(void)run(s, ST_ROLLBACK);
}

/* --- a full disk ---------------------------------------------------------- */

/*
 * To remove a row takes room, too: a file beside the database keeps some. It
 * is given back when a removal finds none, and nothing is added until it is
 * there again; so answers are still taken when no challenge can be issued.
 */
static void spare_path(const struct sqlite_store *s,
		       char path[SETTINGS_PATH_BYTES + sizeof("-spare")])
{
	(void)snprintf(path, SETTINGS_PATH_BYTES + sizeof("-spare"), "%s-spare",
		       s->path);
}

/* Where it cannot be kept for another reason than a lack of room, a full disk
 * stops answers too, and nothing else is lost. */
static enum cf_status keep_spare(const struct sqlite_store *s,
				 struct cf_error *err)
{
	char path[SETTINGS_PATH_BYTES + sizeof("-spare")];
	struct stat st;
	int fd, code;

	spare_path(s, path);
	if (!stat(path, &st) && st.st_size >= SPARE_BYTES)
		return CF_OK;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	code = fd < 0 ? errno : posix_fallocate(fd, 0, SPARE_BYTES);
	if (fd >= 0)
		(void)close(fd);
	if (file_status(code) != CF_FULL)
		return CF_OK;
	(void)unlink(path);
	errno = code;
	return cf_fail(err, CF_FULL, "database %s: the disk is full: what is "
		       "left is for answers to challenges", s->path);
}

/* Whether to run a removal again after it ended with this code. */
static bool make_room(struct sqlite_store *s, int code, int n_before)
{
	char path[SETTINGS_PATH_BYTES + sizeof("-spare")];

	if (status_of(code) != CF_FULL || n_before >= SPARE_TRIES)
		return false;
	spare_path(s, path);
	(void)unlink(path);
	/* and the WAL may begin anew in the place that it has */
	s->is_hurried = true;
	(void)sqlite3_wal_checkpoint_v2(s->db, NULL,
					s->use == STORE_FOR_ONE
						? SQLITE_CHECKPOINT_TRUNCATE
						: SQLITE_CHECKPOINT_PASSIVE,
					NULL, NULL);
	s->is_hurried = false;
	return true;
}

/* --- opening -------------------------------------------------------------- */

static int on_commit(void *user, sqlite3 *db, const char *name, int n_frames)
{
	struct sqlite_store *s = user;
	int limit = s->use == STORE_FOR_ONE ? WAL_FRAMES_ONE : WAL_FRAMES_MANY;

	s->n_wal_frames = n_frames;
	if (n_frames < limit)
		return SQLITE_OK;
	/* The commit stands whatever becomes of this. How far a checkpoint has
	 * come is forgotten with the last process, so those that live for one
	 * request begin the file anew; if others are in the way, they will. */
	s->is_hurried = s->use == STORE_FOR_ONE;
	(void)sqlite3_wal_checkpoint_v2(db, name,
					s->use == STORE_FOR_ONE
						? SQLITE_CHECKPOINT_TRUNCATE
						: SQLITE_CHECKPOINT_PASSIVE,
					NULL, NULL);
	s->is_hurried = false;
	return SQLITE_OK;
}

static enum cf_status exec(struct sqlite_store *s, const char *sql,
			   struct cf_error *err)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return code ? fail(s, code, "cannot set up", err) : CF_OK;
}

static enum cf_status get_version(struct sqlite_store *s, int64_t *version,
				  struct cf_error *err)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st,
				      NULL);

	if (!code)
		code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*version = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	if (code != SQLITE_ROW)
		return fail(s, code, "cannot read", err);
	if (*version > SCHEMA_VERSION)
		return cf_fail(err, CF_TOO_NEW,
			       "database %s has version %lld, this program "
			       "knows up to %d: run the newer program, or name "
			       "another database", s->path,
			       (long long)*version, SCHEMA_VERSION);
	return CF_OK;
}

/* Apply what the database lacks, all of it or nothing. */
static enum cf_status migrate(struct sqlite_store *s, struct cf_error *err)
{
	char sql[64];
	int64_t version;
	enum cf_status rc;

	rc = exec(s, "BEGIN IMMEDIATE", err);
	if (rc)
		return rc;
	/* somebody else may have been first */
	rc = get_version(s, &version, err);
	for (; !rc && version < SCHEMA_VERSION; version++)
		rc = exec(s, migrations[version], err);
	if (!rc) {
		(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %d",
			       SCHEMA_VERSION);
		rc = exec(s, sql, err);
	}
	if (!rc)
		rc = exec(s, "COMMIT", err);
	if (rc)
		roll_back(s);
	return rc;
}

/* A file that is there and is not ours must not be taken for empty. */
static enum cf_status check_file(struct sqlite_store *s, bool *is_new,
				 struct cf_error *err)
{
	struct stat st;

	*is_new = false;
	if (stat(s->path, &st)) {
		if (errno != ENOENT)
			return cf_fail(err, CF_IO, "database %s: %s", s->path,
				       strerror(errno));
		*is_new = true;
		return CF_OK;
	}
	if (!S_ISREG(st.st_mode))
		return cf_fail(err, CF_CONFIG, "database %s is not a file",
			       s->path);
	*is_new = st.st_size == 0;
	return CF_OK;
}

static void *on_malloc(int size)
{
	return mem_realloc(MEM_SQLITE, NULL, (size_t)size, 1);
}

static void *on_realloc(void *ptr, int size)
{
	return mem_realloc(MEM_SQLITE, ptr, (size_t)size, 1);
}

static int on_size(void *ptr)
{
	return (int)mem_size_bytes(ptr);
}

static int on_roundup(int size)
{
	return (size + 7) & ~7;
}

static int on_init(void *ctx)
{
	(void)ctx;
	return SQLITE_OK;
}

static void on_shutdown(void *ctx)
{
	(void)ctx;
}

static const sqlite3_mem_methods memory = {on_malloc, mem_free, on_realloc,
					   on_size, on_roundup, on_init,
					   on_shutdown, NULL};

static enum cf_status connect_db(struct sqlite_store *s, struct cf_error *err)
{
	int code;

	/* One thread: no mutexes; no statistics: nobody asks for them. Refused
	 * without harm when a store was opened before in this process. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
	code = sqlite3_open_v2(s->path, &s->db,
			       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				       SQLITE_OPEN_NOMUTEX, NULL);
	if (code) {
		char dir[SETTINGS_PATH_BYTES];

		file_parent(s->path, dir, sizeof(dir));
		errno = s->db ? sqlite3_system_errno(s->db) : 0;
		return cf_fail(err, status_of(code),
			       "database %s: cannot open: %s; the directory %s "
			       "must exist and be writable for uid %ld",
			       s->path, s->db ? sqlite3_errmsg(s->db)
					      : sqlite3_errstr(code),
			       dir, (long)geteuid());
	}
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_handler(s->db, on_busy, s);
	(void)sqlite3_wal_hook(s->db, on_commit, s);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
				NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return CF_OK;
}

static void leave_queue(struct sqlite_store *s)
{
	if (s->queue_fd >= 0)
		(void)close(s->queue_fd);
	s->queue_fd = -1;
}

static void close_db(struct sqlite_store *s)
{
	for (size_t i = 0; i < ST_COUNT; i++) {
		(void)sqlite3_finalize(s->st[i]);
		s->st[i] = NULL;
	}
	(void)sqlite3_close_v2(s->db);
	s->db = NULL;
	leave_queue(s);
}

/*
 * The lock of those who want to be alone, on the directory; queue_fd stays -1
 * where there is none to be had. flock(2) itself would wait without end for
 * a process that was stopped, so it is asked again and again, as SQLite is.
 */
static enum cf_status enter_queue(struct sqlite_store *s, struct cf_error *err)
{
	char dir[SETTINGS_PATH_BYTES];
	int n_before = 0;

	file_parent(s->path, dir, sizeof(dir));
	s->queue_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (s->queue_fd >= 0 && flock(s->queue_fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			leave_queue(s); /* a file system without flock */
		} else if (!on_busy(s, n_before++)) {
			leave_queue(s);
			return cf_fail(err, CF_BUSY, "database %s: another "
				       "process holds its lock on %s for longer "
				       "than busy_timeout_ms = %lld", s->path,
				       dir, (long long)s->busy_timeout_ms);
		}
	}
	return CF_OK;
}

/*
 * A process that is alone in the database may keep the index of the WAL on
 * its heap; to make the index file anew is what costs most in a short life.
 * So those that live for one request queue for being alone, at a lock on the
 * directory. Where a long-lived process is, the index is there already, and
 * nobody queues.
 */
static bool open_alone(struct sqlite_store *s, const char *pragmas)
{
	bool is_open;

	s->is_hurried = true;
	is_open = !sqlite3_exec(s->db, "PRAGMA locking_mode = EXCLUSIVE", NULL,
				NULL, NULL) &&
		  !sqlite3_exec(s->db, pragmas, NULL, NULL, NULL);
	s->is_hurried = false;
	if (is_open)
		return true;
	(void)sqlite3_exec(s->db, "PRAGMA locking_mode = NORMAL", NULL, NULL,
			   NULL);
	leave_queue(s);
	return false;
}

/* Of those who make a new file a WAL at once, all but one are told BUSY
 * without a question to the busy handler (sqlite.org/c3ref/busy_handler.html,
 * on deadlock), so it is asked here. */
static enum cf_status set_pragmas(struct sqlite_store *s, bool is_new,
				  struct cf_error *err)
{
	char pragmas[160];
	int code, n_before = 0;

	(void)snprintf(pragmas, sizeof(pragmas),
		       "%sPRAGMA synchronous = NORMAL;PRAGMA cache_size = -%d;",
		       is_new ? NEW_FILE_PRAGMAS : "", CACHE_KB);
	if (s->use == STORE_FOR_ONE && !is_new) {
		enum cf_status rc = enter_queue(s, err);

		if (rc || (s->queue_fd >= 0 && open_alone(s, pragmas)))
			return rc;
	}
	do {
		code = sqlite3_exec(s->db, pragmas, NULL, NULL, NULL);
	} while (status_of(code) == CF_BUSY && on_busy(s, n_before++));
	return code ? fail(s, code, "cannot set up", err) : CF_OK;
}

/* Whether its tables are those of its version. A process that serves one
 * request finds out with what it needs. */
static enum cf_status check_tables(struct sqlite_store *s, struct cf_error *err)
{
	for (size_t i = 0; s->use == STORE_FOR_MANY && i < ST_COUNT; i++) {
		int code = prepare(s, (enum statement)i);

		if (code)
			return fail(s, code, "cannot be used", err);
	}
	return CF_OK;
}

static enum cf_status open_db(struct sqlite_store *s, struct cf_error *err)
{
	int64_t version;
	enum cf_status rc;
	bool is_new;

	rc = check_file(s, &is_new, err);
	if (!rc)
		rc = connect_db(s, err);
	if (!rc)
		rc = set_pragmas(s, is_new, err);
	if (!rc)
		rc = get_version(s, &version, err);
	if (!rc && version < SCHEMA_VERSION)
		rc = migrate(s, err);
	if (!rc)
		rc = check_tables(s, err);
	if (rc)
		close_db(s);
	else if (s->use == STORE_FOR_MANY)
		/* before the pool is filled; with a full disk answers can
		 * still be taken */
		(void)!keep_spare(s, NULL);
	return rc;
}

enum cf_status sqlite_store_open(const struct settings *settings,
				 enum store_use use, void **impl,
				 struct cf_error *err)
{
	struct sqlite_store *s = mem_alloc(MEM_STORE, 1, sizeof(*s));
	enum cf_status rc = CF_OK;

	*impl = NULL;
	if (!s)
		return cf_fail(err, CF_NOMEM, "no memory for the store");
	(void)snprintf(s->path, sizeof(s->path), "%s", settings->database);
	s->use = use;
	s->clk = clk_system();
	s->queue_fd = -1;
	s->busy_timeout_ms = settings->busy_timeout_ms;
	if (use == STORE_FOR_MANY)
		rc = open_db(s, err);
	if (rc)
		mem_free(s);
	else
		*impl = s;
	return rc;
}

/* --- the operations ------------------------------------------------------- */

/* Whether the file is no longer the one at its path. Others would open
 * another one, so this process has to do the same. In another directory a
 * process that has shut itself in may not, and ends for it (app_has_moved). */
static bool has_moved(struct sqlite_store *s)
{
	int is_moved = 0;

	s->looked_mono_ms = clk_mono_ms(&s->clk);
	(void)sqlite3_file_control(s->db, NULL, SQLITE_FCNTL_HAS_MOVED,
				   &is_moved);
	return is_moved;
}

static enum cf_status op_begin(void *impl, struct cf_error *err)
{
	struct sqlite_store *s = impl;

	if (s->db &&
	    clk_mono_ms(&s->clk) - s->looked_mono_ms >= LOOK_EVERY_MS &&
	    has_moved(s))
		close_db(s);
	return s->db ? CF_OK : open_db(s, err);
}

/*
 * Whether to do once more what ended with rc: another file was put in the
 * place of the database since it was looked at last, and is open now. The
 * index of the WAL, which has its name by the path, is then that of the new
 * file, by which the old one makes no sense; nothing was done to either.
 */
static bool is_again(struct sqlite_store *s, enum cf_status rc)
{
	if ((rc != CF_BUG && rc != CF_CORRUPT && rc != CF_IO) || !has_moved(s))
		return false;
	close_db(s);
	return !open_db(s, NULL);
}

/* Who is alone is in the way of the next in the queue. */
static void op_end(void *impl)
{
	struct sqlite_store *s = impl;

	if (s->queue_fd >= 0)
		close_db(s);
}

static void op_close(void *impl)
{
	close_db(impl);
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
	enum cf_status rc = keep_spare(s, err);
	int code;

	if (rc)
		return rc;
	if (n == 1) {
		code = put_one(s, entries);
		return code ? fail(s, code, "cannot record a challenge", err)
			    : CF_OK;
	}
	code = run(s, ST_BEGIN);
	for (size_t i = 0; !code && i < n; i++)
		code = put_one(s, &entries[i]);
	if (!code)
		code = run(s, ST_COMMIT);
	if (code) {
		rc = fail(s, code, "cannot record challenges", err);
		roll_back(s);
	}
	return rc;
}

static enum cf_status op_put(void *impl, const struct store_entry *entries,
			     size_t n, struct cf_error *err)
{
	enum cf_status rc = put(impl, entries, n, err);

	return is_again(impl, rc) ? put(impl, entries, n, err) : rc;
}

static enum cf_status peek(struct sqlite_store *s, const struct pid *pid,
			   struct store_entry *out, struct cf_error *err)
{
	int code = bind_pid(s, ST_PEEK, pid);
	sqlite3_stmt *st = s->st[ST_PEEK];
	const unsigned char *text, *profile;
	enum cf_status rc = CF_OK;

	if (code)
		return fail(s, code, "cannot look a challenge up", err);
	code = sqlite3_step(st);
	if (code == SQLITE_DONE) {
		rc = CF_NOT_FOUND;
	} else if (code != SQLITE_ROW) {
		rc = fail(s, code, "cannot look a challenge up", err);
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

	return is_again(impl, rc) ? peek(impl, pid, out, err) : rc;
}

/* CF_OK when the statement changed a row, CF_NOT_FOUND when it did not. */
static enum cf_status change_row(struct sqlite_store *s, enum statement which,
				 const struct pid *pid, struct cf_error *err)
{
	int code = bind_pid(s, which, pid), n_before = 0;

	if (!code) {
		do {
			code = run(s, which);
		} while (make_room(s, code, n_before++));
	}
	if (code)
		return fail(s, code, "cannot take a challenge", err);
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
		return fail(s, code, "cannot take a challenge", err);
	do {
		found = false;
		while ((code = sqlite3_step(st)) == SQLITE_ROW) {
			*left = sqlite3_column_int(st, 0);
			found = true;
		}
		(void)sqlite3_reset(st);
	} while (make_room(s, code, n_before++));
	if (code != SQLITE_DONE)
		return fail(s, code, "cannot take a challenge", err);
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

	return is_again(impl, rc) ? take(impl, pid, out, err) : rc;
}

static enum cf_status op_drop(void *impl, const struct pid *pid,
			      struct cf_error *err)
{
	enum cf_status rc = change_row(impl, ST_DROP, pid, err);

	return is_again(impl, rc) ? change_row(impl, ST_DROP, pid, err) : rc;
}

/* Remove what has expired, up to the pid that max_rows such rows lie before. */
static int sweep_expired(struct sqlite_store *s, const struct pid *before_pid,
			 int64_t now_unix_ms, size_t max_rows, size_t *n_rows)
{
	struct pid edge = *before_pid;
	const unsigned char *text = NULL;
	int code = bind_pid(s, ST_SWEEP_EDGE, before_pid);

	if (!code)
		code = sqlite3_bind_int64(s->st[ST_SWEEP_EDGE], 2, now_unix_ms);
	if (!code)
		code = sqlite3_bind_int64(s->st[ST_SWEEP_EDGE], 3,
					  (sqlite3_int64)max_rows);
	if (code)
		return code;
	code = sqlite3_step(s->st[ST_SWEEP_EDGE]);
	if (code == SQLITE_ROW)
		text = sqlite3_column_text(s->st[ST_SWEEP_EDGE], 0);
	if (text)
		(void)!pid_parse(&edge, str_from((const char *)text));
	(void)sqlite3_reset(s->st[ST_SWEEP_EDGE]);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return code;
	code = bind_pid(s, ST_SWEEP, &edge);
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
	return code ? fail(s, code, "cannot sweep", err) : CF_OK;
}

static int64_t op_at_most(void *impl)
{
	struct sqlite_store *s = impl;
	char wal[SETTINGS_PATH_BYTES + sizeof("-wal")];
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

	return code ? fail(impl, code, "cannot count", err) : CF_OK;
}

static enum cf_status op_secret(void *impl, uint8_t key[CRYPT_KEY_BYTES],
				struct cf_error *err)
{
	struct sqlite_store *s = impl;
	uint8_t fresh[CRYPT_KEY_BYTES];
	bool found = false;
	int code = SQLITE_OK;

	for (int turn = 0; turn < 2 && !found && !code; turn++) {
		code = prepare(s, ST_SECRET_GET);
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
		code = prepare(s, ST_SECRET_PUT);
		if (!code)
			code = sqlite3_bind_blob(s->st[ST_SECRET_PUT], 1, fresh,
						 sizeof(fresh), SQLITE_STATIC);
		if (!code)
			code = run(s, ST_SECRET_PUT);
		crypt_zero(fresh, sizeof(fresh));
	}
	if (code)
		return fail(s, code, "cannot keep the secret", err);
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
	enum cf_status rc = keep_spare(s, err);
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
		rc = fail(s, code, "cannot write", err);
		roll_back(s);
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
	} while (status_of(code) == CF_BUSY &&
		 mode != SQLITE_CHECKPOINT_PASSIVE && on_busy(s, n_before++));
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
	if (code && (is_thorough || status_of(code) != CF_BUSY))
		return fail(s, code, "cannot checkpoint", err);
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
