/*
 * Opening a database: see sqlite_open.h. Waiting for locks, the schema, a full
 * disk, and a file that was replaced.
 *
 * source: sqlite.org/wal.html, sqlite.org/c3ref
 */
#include "base/base.h"
#include "base/file.h"
#include "store/sqlite_open.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>

enum {
	SCHEMA_VERSION = 3,
	/* Few pages: keys arrive in order, so only the end of the tree is used,
	 * and memory stays level from the first minute on. */
	CACHE_KB = 128,
	/* A request checkpoints only past this. The first region of the WAL
	 * index holds 4062 frames: staying in it keeps memory level. */
	WAL_FRAMES_MANY = 4000,
	/* A WAL of processes that serve one request, and as much again for
	 * the pages that it adds to the database. */
	SPARE_BYTES = 2 * WAL_FRAMES_ONE * 1024,
	SPARE_TRIES = 3, /* another process may take the room */
};

/* A commit writes whole pages, and a start reads the pages of the WAL: small
 * pages are best. The file keeps both settings. */
#define NEW_FILE_PRAGMAS "PRAGMA page_size = 1024;PRAGMA journal_mode = WAL;"

extern const char schema_0001[], schema_0002[], schema_0003[];

static const char *const migrations[SCHEMA_VERSION] = {
	schema_0001, schema_0002, schema_0003};

/* --- waiting, errors, statements ----------------------------------------- */

/* SQLite's own handler sleeps whole milliseconds and starves under load. The
 * lock is held for some twenty microseconds: yield a few times first, then
 * sleep, longer each time and never the same. */
int sqlite_wait(void *user, int n_before)
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

enum cf_status sqlite_status(int code)
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

enum cf_status sqlite_fail(struct sqlite_store *s, int code, const char *what,
			   struct cf_error *err)
{
	enum cf_status rc = sqlite_status(code);
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

/* --- a full disk ---------------------------------------------------------- */

/*
 * Removing a row takes room, too. A file beside the database keeps some, and is
 * deleted when a removal finds none. No row is added until the file is there
 * again: a full disk stops new challenges, but not answers.
 */
static void spare_path(const struct sqlite_store *s,
		       char path[STORE_PATH_BYTES + sizeof("-spare")])
{
	(void)snprintf(path, STORE_PATH_BYTES + sizeof("-spare"), "%s-spare",
		       s->path);
}

/* Ignore any failure but lack of room: without the file a full disk stops
 * answers, too, and nothing else is lost. */
enum cf_status sqlite_keep_spare(const struct sqlite_store *s,
				 struct cf_error *err)
{
	char path[STORE_PATH_BYTES + sizeof("-spare")];
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
	return cf_fail(err, CF_FULL, "database %s: the disk is full: the room "
		       "left is for answers to challenges", s->path);
}

/* Checkpoint as far as the locks of other processes let us. When the last
 * process closes the database, SQLite forgets how far that was. So a process
 * that serves one request empties the WAL. */
static void checkpoint(struct sqlite_store *s)
{
	s->is_hurried = true;
	(void)sqlite3_wal_checkpoint_v2(s->db, NULL,
					s->use == STORE_FOR_ONE
						? SQLITE_CHECKPOINT_TRUNCATE
						: SQLITE_CHECKPOINT_PASSIVE,
					NULL, NULL);
	s->is_hurried = false;
}

bool sqlite_make_room(struct sqlite_store *s, int code, int n_before)
{
	char path[STORE_PATH_BYTES + sizeof("-spare")];

	if (sqlite_status(code) != CF_FULL || n_before >= SPARE_TRIES)
		return false;
	spare_path(s, path);
	(void)unlink(path);
	checkpoint(s); /* so that the WAL starts again and takes no room */
	return true;
}

/* --- opening -------------------------------------------------------------- */

/* A sqlite3_wal_hook. The commit stands, whatever becomes of a checkpoint. */
static int on_commit(void *user, sqlite3 *db, const char *name, int n_frames)
{
	struct sqlite_store *s = user;

	(void)db;
	(void)name;
	s->n_wal_frames = n_frames;
	if (n_frames >= (s->use == STORE_FOR_ONE ? WAL_FRAMES_ONE
						 : WAL_FRAMES_MANY))
		checkpoint(s);
	return SQLITE_OK;
}

static enum cf_status exec(struct sqlite_store *s, const char *sql,
			   struct cf_error *err)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return code ? sqlite_fail(s, code, "cannot set up", err) : CF_OK;
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
		return sqlite_fail(s, code, "cannot read", err);
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
	/* another process may have been first */
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
		sqlite_roll_back(s);
	return rc;
}

/* *is_new: there is no database yet. */
static enum cf_status check_file(struct sqlite_store *s, bool *is_new,
				 struct cf_error *err)
{
	struct stat st = {.st_size = 0};
	bool is_there = !stat(s->path, &st);

	*is_new = st.st_size == 0;
	if (!is_there && errno != ENOENT)
		return cf_fail(err, CF_IO, "database %s: %s", s->path,
			       strerror(errno));
	if (is_there && !S_ISREG(st.st_mode))
		return cf_fail(err, CF_CONFIG, "database %s is not a file",
			       s->path);
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

	/* One thread needs no mutexes, and nothing reads statistics. SQLite
	 * refuses these when this process has opened a store before. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
	code = sqlite3_open_v2(s->path, &s->db,
			       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				       SQLITE_OPEN_NOMUTEX, NULL);
	if (code) {
		char dir[STORE_PATH_BYTES];

		file_parent(s->path, dir, sizeof(dir));
		errno = s->db ? sqlite3_system_errno(s->db) : 0;
		return cf_fail(err, sqlite_status(code),
			       "database %s: cannot open: %s; the directory %s "
			       "must exist and be writable for uid %ld",
			       s->path, s->db ? sqlite3_errmsg(s->db)
					      : sqlite3_errstr(code),
			       dir, (long)geteuid());
	}
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_handler(s->db, sqlite_wait, s);
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

void sqlite_close_db(struct sqlite_store *s)
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
 * Lock the directory, to be alone in the database; queue_fd stays -1 on a file
 * system without such locks. Waiting within flock(2) would be without end
 * for a process that was stopped, so ask again and again, as SQLite does.
 */
static enum cf_status enter_queue(struct sqlite_store *s, struct cf_error *err)
{
	char dir[STORE_PATH_BYTES];
	int n_before = 0;

	file_parent(s->path, dir, sizeof(dir));
	s->queue_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (s->queue_fd >= 0 && flock(s->queue_fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			leave_queue(s);
		} else if (!sqlite_wait(s, n_before++)) {
			leave_queue(s);
			return cf_fail(err, CF_BUSY, "database %s: another "
				       "process holds its lock on %s for longer "
				       "than store_timeout_ms = %lld", s->path,
				       dir, (long long)s->busy_timeout_ms);
		}
	}
	return CF_OK;
}

/*
 * A process that is alone in the database may keep the index of the WAL on
 * its heap. Making the index file takes most of a short life. So processes
 * that serve one request queue for being alone, at a lock on the directory.
 * Where a long-lived process runs, the index file is there, and no process
 * queues.
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

/* When several processes make a new file a WAL at once, all but one get BUSY
 * without a call of the busy handler (sqlite.org/c3ref/busy_handler.html, on
 * deadlock): wait here. */
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
	} while (sqlite_status(code) == CF_BUSY && sqlite_wait(s, n_before++));
	return code ? sqlite_fail(s, code, "cannot set up", err) : CF_OK;
}

/* Whether the tables are those of this version. A process that serves one
 * request finds out when it needs them. */
static enum cf_status check_tables(struct sqlite_store *s, struct cf_error *err)
{
	for (size_t i = 0; s->use == STORE_FOR_MANY && i < ST_COUNT; i++) {
		int code = sqlite_prepare(s, (enum statement)i);

		if (code)
			return sqlite_fail(s, code, "cannot be used", err);
	}
	return CF_OK;
}

enum cf_status sqlite_open_db(struct sqlite_store *s, struct cf_error *err)
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
		sqlite_close_db(s);
	else if (s->use == STORE_FOR_MANY)
		/* before pictures fill the disk */
		(void)!sqlite_keep_spare(s, NULL);
	return rc;
}

enum cf_status sqlite_store_open(const struct store_options *options,
				 enum store_use use, void **impl,
				 struct cf_error *err)
{
	struct sqlite_store *s = mem_alloc(MEM_STORE, 1, sizeof(*s));
	enum cf_status rc = CF_OK;

	*impl = NULL;
	if (!s)
		return cf_fail(err, CF_NOMEM, "no memory for the store");
	(void)snprintf(s->path, sizeof(s->path), "%s", options->database);
	s->use = use;
	s->clk = clk_system();
	s->queue_fd = -1;
	s->busy_timeout_ms = options->timeout_ms;
	if (use == STORE_FOR_MANY)
		rc = sqlite_open_db(s, err);
	if (rc)
		mem_free(s);
	else
		*impl = s;
	return rc;
}

/* A process that has shut itself in cannot open a database in a directory that
 * is new, and ends (app_has_moved). */
bool sqlite_has_moved(struct sqlite_store *s)
{
	int is_moved = 0;

	s->looked_mono_ms = clk_mono_ms(&s->clk);
	(void)sqlite3_file_control(s->db, NULL, SQLITE_FCNTL_HAS_MOVED,
				   &is_moved);
	return is_moved;
}

/*
 * The index of the WAL has its name by the path. After a replacement it is the
 * index of the new file, and the old file makes no sense by it. Nothing was
 * done to either file.
 */
bool sqlite_reopened(struct sqlite_store *s, enum cf_status rc)
{
	if ((rc != CF_BUG && rc != CF_CORRUPT && rc != CF_IO) ||
	    !sqlite_has_moved(s))
		return false;
	sqlite_close_db(s);
	return !sqlite_open_db(s, NULL);
}
