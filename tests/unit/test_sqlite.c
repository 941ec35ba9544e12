/*
 * sqlite.c: the contract of a store, and what is SQLite's own: opening what
 * is damaged, newer, locked, missing or opened by many at once.
 */
#include "base/base.h"
#include "conf/settings.h"
#include "store_contract.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOW INT64_C(1795435200000)

static char dir[TEMP_PATH_BYTES];
static struct settings settings;
static const struct pid unknown = {"0000000001AbCdEf"};
static struct cf_error err;

static void begin(void)
{
	temp_dir_make(dir);
	err = (struct cf_error)CF_ERROR_INIT;
	settings_init(&settings);
	settings.store_timeout_ms = 0;
	(void)snprintf(settings.database, sizeof(settings.database), "%s",
		       temp_path(dir, "captcha.db"));
}

static enum cf_status open_as(enum store_use use, struct store **out,
			      struct cf_error *why)
{
	const struct store_options options = {
		.database = settings.database,
		.timeout_ms = settings.store_timeout_ms,
	};

	return store_open(&options, use, out, why);
}

static struct store *open_store(void)
{
	struct store *store;

	assert_ok(open_as(STORE_FOR_MANY, &store, &err), &err);
	assert_non_null(store);
	return store;
}

static void end(void)
{
	temp_dir_remove(dir);
}

const struct store_contract_backend store_contract_backend = {
	.begin = begin, .open = open_store, .end = end};

static int set_up(void **state)
{
	(void)state;
	assert_ok(crypt_open(&err), &err);
	begin();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	end();
	return 0;
}

/* The database by another connection, as another program has it. */
static sqlite3 *connect_raw(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(settings.database, &db), SQLITE_OK);
	return db;
}

static void exec_raw(sqlite3 *db, const char *sql)
{
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* The first column of the first row, borrowed until the next call. */
static const char *ask_raw(sqlite3 *db, const char *sql)
{
	static char text[4096];
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	(void)snprintf(text, sizeof(text), "%s",
		       (const char *)sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	return text;
}

static void assert_not_opened(enum cf_status wanted)
{
	struct store *store = (struct store *)&settings;

	assert_status(open_as(STORE_FOR_MANY, &store, &err),
		      wanted, &err);
	assert_null(store);
}

/* --- opening -------------------------------------------------------------- */

static void a_new_database_is_a_wal_with_the_schema_in_order(void **state)
{
	struct store *store = open_store();
	sqlite3 *db = connect_raw();

	(void)state;
	assert_string_equal(ask_raw(db, "PRAGMA journal_mode"), "wal");
	assert_string_equal(ask_raw(db, "PRAGMA user_version"), "2");
	assert_string_equal(ask_raw(db, "PRAGMA page_size"), "1024");
	assert_has(ask_raw(db, "SELECT sql FROM sqlite_master "
			       "WHERE name = 'challenge'"),
		   "WITHOUT ROWID, STRICT");
	assert_string_equal(ask_raw(db, "SELECT count(*) FROM sqlite_master "
					"WHERE type = 'index' AND "
					"tbl_name = 'challenge' AND sql "
					"IS NOT NULL"), "0");
	(void)sqlite3_close(db);
	store_close(store);
}

static void room_for_answers_is_kept_before_the_first_challenge(void **state)
{
	char spare[TEMP_PATH_BYTES];
	struct store *store;

	(void)state;
	(void)snprintf(spare, sizeof(spare), "%s",
		       temp_path(dir, "captcha.db-spare"));
	store = open_store();
	assert_true(temp_exists(spare));
	assert_int_equal(unlink(spare), 0);
	assert_ok(store_probe(store, &err), &err);
	assert_true(temp_exists(spare));
	store_close(store);
}

static void rows_lie_in_the_order_of_their_pids(void **state)
{
	static const unsigned numbers[] = {7, 3, 9, 1, 5};
	struct store *store = open_store();
	sqlite3 *db = connect_raw();

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(numbers); i++) {
		struct store_entry e = store_contract_entry(numbers[i], NOW);

		assert_ok(store_put(store, &e, 1, &err), &err);
	}
	assert_string_equal(ask_raw(db, "SELECT group_concat(code, ' ') FROM "
					"(SELECT code FROM challenge)"),
			    "code1 code3 code5 code7 code9");
	/* digits, upper case, lower case: a range of the key is a range of
	 * time only in ASCII order */
	assert_string_equal(ask_raw(db, "SELECT '9' < 'A' AND 'Z' < 'a'"),
			    "1");
	(void)sqlite3_close(db);
	store_close(store);
}

static void files_are_for_their_owner_alone(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	mode_t saved = umask(077); /* as both main programs set it */
	struct store *store = open_store();
	struct stat st;

	(void)state;
	(void)umask(saved);
	assert_ok(store_probe(store, &err), &err);
	for (size_t i = 0; i < CF_ARRAY_LEN(suffixes); i++) {
		assert_int_equal(stat(temp_path(dir, "captcha.db%s",
						suffixes[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	store_close(store);
}

static void a_later_version_is_refused_by_name(void **state)
{
	sqlite3 *db;

	(void)state;
	store_close(open_store());
	db = connect_raw();
	exec_raw(db, "PRAGMA user_version = 3");
	(void)sqlite3_close(db);
	assert_not_opened(CF_TOO_NEW);
	assert_has(err.text, settings.database);
	assert_has(err.text, "version 3");
	assert_has(err.text, "up to 2");
}

static void a_version_without_its_tables_is_corrupt(void **state)
{
	sqlite3 *db = connect_raw();
	struct store_entry out;
	struct store *store;

	(void)state;
	exec_raw(db, "CREATE TABLE other (a); PRAGMA user_version = 2");
	(void)sqlite3_close(db);
	assert_not_opened(CF_CORRUPT);
	assert_has(err.text, "move it aside");
	/* and where a request is the first to find out */
	assert_ok(open_as(STORE_FOR_ONE, &store, &err), &err);
	assert_status(store_peek(store, &unknown, &out, &err), CF_CORRUPT,
		      &err);
	store_close(store);
}

static void a_removed_wal_is_named_with_a_remedy(void **state)
{
	struct store_entry entry = store_contract_entry(1, NOW);
	struct store *store = open_store();

	(void)state;
	assert_ok(store_put(store, &entry, 1, &err), &err);
	assert_int_equal(unlink(temp_path(dir, "captcha.db-wal")), 0);
	assert_not_opened(CF_IO);
	assert_has(err.text, "-wal");
	assert_has(err.text, "stop all processes");
	store_close(store);
}

/* As an operator restores one: another file gets its name, beside a -wal that
 * had all there was in the old file. Whoever opens it empties that. */
static void replace_database(void)
{
	char path[SETTINGS_PATH_BYTES];
	struct store_entry entry = store_contract_entry(2, NOW);
	struct store *store;

	memcpy(path, settings.database, sizeof(path));
	(void)snprintf(settings.database, sizeof(settings.database), "%s",
		       temp_path(dir, "new.db"));
	store = open_store();
	assert_ok(store_put(store, &entry, 1, &err), &err);
	assert_ok(store_tidy(store, true, &err), &err);
	store_close(store);
	assert_int_equal(rename(settings.database, path), 0);
	memcpy(settings.database, path, sizeof(path));
	store = open_store();
	assert_ok(store_tidy(store, true, &err), &err);
	store_close(store);
}

static void a_database_that_was_replaced_fails_no_request(void **state)
{
	struct store_entry old = store_contract_entry(1, NOW);
	struct store_entry more = store_contract_entry(3, NOW);
	struct store_entry out;
	enum cf_status rc = CF_OK;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct store *store;

		(void)unlink(settings.database);
		(void)unlink(temp_path(dir, "captcha.db-wal"));
		(void)unlink(temp_path(dir, "captcha.db-shm"));
		store = open_store();
		assert_ok(store_put(store, &old, 1, &err), &err);
		replace_database();
		if (i == 0)
			rc = store_peek(store, &old.pid, &out, &err);
		else if (i == 1)
			rc = store_take(store, &old.pid, &out, &err);
		else if (i == 2)
			rc = store_drop(store, &old.pid, &err);
		else
			rc = store_put(store, &more, 1, &err);
		if (rc != CF_NOT_FOUND)
			assert_ok(rc, &err);
		assert_status(store_peek(store, &more.pid, &out, &err),
			      i == 3 ? CF_OK : CF_NOT_FOUND, &err);
		store_close(store);
	}
}

/* What SQLite asks the system for locks with, and how it waits. */
static int no_lock(int fd, int command, ...)
{
	(void)fd;
	(void)command;
	errno = ENOLCK;
	return -1;
}

static int no_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

static void a_system_without_locks_is_busy(void **state)
{
	struct store *store = open_store();
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	int (*sleep_as_before)(sqlite3_vfs *, int) = vfs->xSleep;
	struct store_entry out;
	enum cf_status rc;

	(void)state;
	assert_status(store_peek(store, &unknown, &out, &err), CF_NOT_FOUND,
		      &err);
	vfs->xSleep = no_sleep;
	assert_int_equal(vfs->xSetSystemCall(vfs, "fcntl",
					     (sqlite3_syscall_ptr)no_lock), 0);
	rc = store_peek(store, &unknown, &out, &err);
	assert_int_equal(vfs->xSetSystemCall(vfs, "fcntl", NULL), 0);
	vfs->xSleep = sleep_as_before;
	assert_status(rc, CF_BUSY, &err);
	assert_status(store_peek(store, &unknown, &out, &err), CF_NOT_FOUND,
		      &err);
	store_close(store);
}

static void an_older_database_is_brought_up_and_keeps_its_rows(void **state)
{
	struct store_entry e = store_contract_entry(1, NOW), out;
	struct store *store = open_store();
	sqlite3 *db;

	(void)state;
	assert_ok(store_put(store, &e, 1, &err), &err);
	store_close(store);
	db = connect_raw();
	exec_raw(db, "ALTER TABLE challenge DROP COLUMN profile");
	exec_raw(db, "PRAGMA user_version = 1");
	(void)sqlite3_close(db);
	store = open_store();
	assert_ok(store_take(store, &e.pid, &out, &err), &err);
	assert_string_equal(out.code, e.code);
	assert_string_equal(out.profile, "");
	store_close(store);
	db = connect_raw();
	assert_string_equal(ask_raw(db, "PRAGMA user_version"), "2");
	(void)sqlite3_close(db);
}

static void what_is_no_database_is_refused_and_left_alone(void **state)
{
	static const char list[] =
		"This is somebody's shopping list, and long enough to be taken "
		"for the header of a database: bread, butter, milk, eggs, "
		"cheese, apples, pears.\n";
	struct stat st;

	(void)state;
	temp_write(settings.database, list);
	assert_not_opened(CF_CORRUPT);
	assert_has(err.text, settings.database);
	assert_has(err.text, "move it aside");
	assert_int_equal(stat(settings.database, &st), 0);
	assert_int_equal(st.st_size, sizeof(list) - 1);
}

static void a_damaged_page_is_corrupt_not_unknown(void **state)
{
	struct store *store = open_store();
	struct store_entry e, out;
	char junk[16 * 1024]; /* all but the first pages */
	sqlite3 *db;
	FILE *f;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		e = store_contract_entry(i, NOW);
		assert_ok(store_put(store, &e, 1, &err), &err);
	}
	store_close(store);
	db = connect_raw();
	exec_raw(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	(void)sqlite3_close(db);
	memset(junk, 0xa5, sizeof(junk));
	f = fopen(settings.database, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, 3 * 1024, SEEK_SET), 0);
	assert_int_equal(fwrite(junk, 1, sizeof(junk), f), sizeof(junk));
	assert_int_equal(fclose(f), 0);
	store = open_store();
	assert_status(store_take(store, &e.pid, &out, &err), CF_CORRUPT, &err);
	store_close(store);
}

static void a_database_that_was_removed_is_made_anew(void **state)
{
	struct store *store = open_store();
	struct store_entry e = store_contract_entry(1, NOW), out;
	struct store *other;

	(void)state;
	assert_int_equal(unlink(settings.database), 0);
	assert_ok(store_put(store, &e, 1, &err), &err);
	other = open_store(); /* finds what the first has put */
	assert_ok(store_take(other, &e.pid, &out, &err), &err);
	store_close(other);
	store_close(store);
}

static void a_code_that_is_not_there_is_corrupt(void **state)
{
	struct store *store = open_store();
	struct store_entry e = store_contract_entry(1, NOW), out;
	sqlite3 *db = connect_raw();

	(void)state;
	assert_ok(store_put(store, &e, 1, &err), &err);
	exec_raw(db, "UPDATE challenge SET code = ''");
	/* an empty answer must not pass */
	assert_status(store_take(store, &e.pid, &out, &err), CF_CORRUPT, &err);
	(void)sqlite3_close(db);
	store_close(store);
}

static void a_missing_directory_is_named(void **state)
{
	(void)state;
	(void)snprintf(settings.database, sizeof(settings.database), "%s",
		       temp_path(dir, "no-such/captcha.db"));
	assert_not_opened(CF_IO);
	assert_has(err.text, temp_path(dir, "no-such must exist"));
}

static void a_directory_is_no_database(void **state)
{
	(void)state;
	assert_int_equal(mkdir(settings.database, 0700), 0);
	assert_not_opened(CF_CONFIG);
	assert_has(err.text, "is not a file");
}

static void an_empty_file_becomes_a_database(void **state)
{
	struct store *store;

	(void)state;
	temp_write(settings.database, "");
	store = open_store();
	assert_ok(store_probe(store, &err), &err);
	store_close(store);
}

/* --- locks ---------------------------------------------------------------- */

static void a_lock_held_by_another_is_busy_and_passes(void **state)
{
	static const char *const locks[] = {"BEGIN IMMEDIATE",
					    "BEGIN EXCLUSIVE"};
	struct store *store = open_store();
	struct store_entry e = store_contract_entry(1, NOW), out;
	sqlite3 *db = connect_raw();
	uint8_t key[CRYPT_KEY_BYTES];
	size_t n;

	(void)state;
	assert_ok(store_put(store, &e, 1, &err), &err);
	for (size_t i = 0; i < CF_ARRAY_LEN(locks); i++) {
		struct store_entry more[2] = {store_contract_entry(7, NOW),
					      store_contract_entry(8, NOW)};

		exec_raw(db, locks[i]);
		assert_status(store_put(store, more, 1, &err), CF_BUSY, &err);
		assert_has(err.text, "holds its lock");
		assert_status(store_put(store, more, 2, &err), CF_BUSY, &err);
		assert_status(store_take(store, &e.pid, &out, &err), CF_BUSY,
			      &err);
		assert_status(store_drop(store, &e.pid, &err), CF_BUSY, &err);
		assert_status(store_sweep(store, &more[0].pid, &more[1].pid,
					  NOW * 2, 10, &n, &err),
			      CF_BUSY, &err);
		assert_status(store_probe(store, &err), CF_BUSY, &err);
		if (i == 0)
			assert_status(store_secret(store, key, &err), CF_BUSY,
				      &err);
		/* reading goes on, and what is unknown needs no lock */
		assert_ok(store_peek(store, &e.pid, &out, &err), &err);
		assert_status(store_take(store, &more[0].pid, &out, &err),
			      CF_NOT_FOUND, &err);
		exec_raw(db, "COMMIT");
		assert_ok(store_probe(store, &err), &err);
		assert_ok(store_secret(store, key, &err), &err);
	}
	assert_ok(store_take(store, &e.pid, &out, &err), &err);
	(void)sqlite3_close(db);
	store_close(store);
}

static void a_locked_database_can_be_opened(void **state)
{
	struct store *store;
	sqlite3 *db;

	(void)state;
	store_close(open_store());
	db = connect_raw();
	exec_raw(db, "BEGIN EXCLUSIVE");
	store = open_store();
	assert_status(store_probe(store, &err), CF_BUSY, &err);
	exec_raw(db, "COMMIT");
	assert_ok(store_probe(store, &err), &err);
	store_close(store);
	(void)sqlite3_close(db);
}

static void a_queue_that_does_not_move_is_busy_and_passes(void **state)
{
	struct store_entry e = store_contract_entry(1, NOW);
	struct store *store;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	store_close(open_store()); /* what is new is never queued for */
	assert_ok(open_as(STORE_FOR_ONE, &store, &err), &err);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	for (int ms = 0; ms <= 5; ms += 5) {
		settings.store_timeout_ms = ms;
		store_close(store);
		assert_ok(open_as(STORE_FOR_ONE, &store, &err),
			  &err);
		assert_status(store_put(store, &e, 1, &err), CF_BUSY, &err);
		assert_has(err.text, "holds its lock on ");
		assert_has(err.text, ms ? "store_timeout_ms = 5"
					: "store_timeout_ms = 0");
	}
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_ok(store_put(store, &e, 1, &err), &err);
	store_close(store);
	(void)close(fd);
}

static void who_leaves_the_queue_lets_the_next_in(void **state)
{
	struct store_entry e = store_contract_entry(1, NOW);
	struct store *stores[2];

	(void)state;
	store_close(open_store());
	for (size_t i = 0; i < 2; i++)
		assert_ok(open_as(STORE_FOR_ONE, &stores[i],
				     &err), &err);
	for (unsigned i = 0; i < 6; i++) {
		e = store_contract_entry(i, NOW);
		assert_ok(store_put(stores[i % 2], &e, 1, &err), &err);
	}
	for (size_t i = 0; i < 2; i++)
		store_close(stores[i]);
}

static void tidy_waits_for_readers_only_when_thorough(void **state)
{
	struct store *store = open_store();
	struct store_entry e = store_contract_entry(1, NOW);
	struct stat st;
	sqlite3 *db = connect_raw();

	(void)state;
	assert_ok(store_put(store, &e, 1, &err), &err);
	exec_raw(db, "BEGIN");
	(void)ask_raw(db, "SELECT count(*) FROM challenge");
	e = store_contract_entry(2, NOW);
	assert_ok(store_put(store, &e, 1, &err), &err);
	assert_ok(store_tidy(store, false, &err), &err);
	assert_status(store_tidy(store, true, &err), CF_BUSY, &err);
	exec_raw(db, "COMMIT");
	assert_ok(store_tidy(store, true, &err), &err);
	assert_int_equal(stat(temp_path(dir, "captcha.db-wal"), &st), 0);
	assert_int_equal(st.st_size, 0);
	(void)sqlite3_close(db);
	store_close(store);
}

/* --- many processes ------------------------------------------------------- */

/* Run work in n children at once; the sum of their exit codes, each below
 * 255. A child that dies ends the test. */
static int in_children(int n, int (*work)(int i))
{
	int go[2], sum = 0, status;

	assert_int_equal(pipe(go), 0);
	(void)fflush(NULL);
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();
		char c;

		assert_true(pid >= 0);
		if (pid)
			continue;
		(void)close(go[1]);
		while (read(go[0], &c, 1) < 0)
			;
		_exit(work(i));
	}
	(void)close(go[0]);
	(void)close(go[1]); /* they all start now */
	for (int i = 0; i < n; i++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		assert_int_not_equal(WEXITSTATUS(status), 255);
		sum += WEXITSTATUS(status);
	}
	return sum;
}

static int open_put_close(int i)
{
	struct store_entry e = store_contract_entry((unsigned)i, NOW);
	struct store *store;
	struct cf_error trouble = CF_ERROR_INIT;
	enum cf_status rc;

	rc = open_as(STORE_FOR_MANY, &store, &trouble);
	if (!rc)
		rc = store_put(store, &e, 1, &trouble);
	if (rc)
		(void)fprintf(stderr, "child %d: %s\n", i, trouble.text);
	store_close(rc ? NULL : store);
	return rc ? 1 : 0;
}

static void eight_may_make_the_same_database_at_once(void **state)
{
	enum { N_CHILDREN = 8, N_ROUNDS = 20 };
	struct store *store;
	int64_t n;

	(void)state;
	settings.store_timeout_ms = 20000;
	for (int round = 0; round < N_ROUNDS; round++) {
		(void)snprintf(settings.database, sizeof(settings.database),
			       "%s", temp_path(dir, "round%d.db", round));
		assert_int_equal(in_children(N_CHILDREN, open_put_close), 0);
		store = open_store();
		assert_ok(store_count(store, 0, &n, &err), &err);
		assert_int_equal(n, N_CHILDREN);
		store_close(store);
	}
}

enum { N_CONTESTED = 120 };

static int take_all(int i)
{
	struct store_entry out;
	struct store *store;
	int n_won = 0;

	(void)i;
	if (open_as(STORE_FOR_ONE, &store, NULL))
		return 255;
	for (unsigned k = 0; k < N_CONTESTED; k++) {
		struct store_entry e = store_contract_entry(k, NOW);
		enum cf_status rc = store_take(store, &e.pid, &out, NULL);

		if (rc && rc != CF_NOT_FOUND)
			return 255;
		n_won += !rc;
	}
	store_close(store);
	return n_won;
}

static void put_contested(int attempts)
{
	struct store *store = open_store();

	for (unsigned k = 0; k < N_CONTESTED; k++) {
		struct store_entry e = store_contract_entry(k, NOW);

		e.attempts_left = attempts;
		assert_ok(store_put(store, &e, 1, &err), &err);
	}
	store_close(store);
}

static void a_challenge_is_taken_once_over_all_processes(void **state)
{
	(void)state;
	settings.store_timeout_ms = 20000;
	put_contested(1);
	assert_int_equal(in_children(4, take_all), N_CONTESTED);
}

static void attempts_are_counted_over_all_processes(void **state)
{
	(void)state;
	settings.store_timeout_ms = 20000;
	put_contested(3); /* four processes, three attempts */
	assert_int_equal(in_children(4, take_all), 3 * N_CONTESTED);
}

static int get_secret_byte(int i)
{
	uint8_t key[CRYPT_KEY_BYTES];
	struct store *store;
	sqlite3 *db;
	char sql[128];
	int code;

	if (open_as(STORE_FOR_MANY, &store, NULL) ||
	    store_secret(store, key, NULL))
		return 255;
	store_close(store);
	/* tell the parent by a row of its own */
	(void)snprintf(sql, sizeof(sql),
		       "INSERT INTO secret VALUES ('%d', x'%02x%02x%02x%02x')",
		       i, key[0], key[1], key[2], key[31]);
	if (sqlite3_open(settings.database, &db))
		return 255;
	(void)sqlite3_busy_timeout(db, 20000);
	code = sqlite3_exec(db, sql, NULL, NULL, NULL);
	(void)sqlite3_close(db);
	return code ? 255 : 0;
}

static void the_secret_is_one_over_all_processes(void **state)
{
	sqlite3 *db;

	(void)state;
	settings.store_timeout_ms = 20000;
	store_close(open_store());
	assert_int_equal(in_children(6, get_secret_byte), 0);
	db = connect_raw();
	assert_string_equal(ask_raw(db, "SELECT count(DISTINCT value) FROM "
					"secret WHERE name <> 'picture'"), "1");
	assert_string_equal(ask_raw(db, "SELECT count(*) FROM secret"), "7");
	(void)sqlite3_close(db);
}

static void a_damaged_secret_is_corrupt(void **state)
{
	struct store *store = open_store();
	uint8_t key[CRYPT_KEY_BYTES];
	sqlite3 *db = connect_raw();

	(void)state;
	exec_raw(db, "INSERT INTO secret VALUES ('picture', x'00')");
	assert_status(store_secret(store, key, &err), CF_CORRUPT, &err);
	(void)sqlite3_close(db);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		TEST(a_new_database_is_a_wal_with_the_schema_in_order),
		TEST(room_for_answers_is_kept_before_the_first_challenge),
		TEST(rows_lie_in_the_order_of_their_pids),
		TEST(files_are_for_their_owner_alone),
		TEST(a_later_version_is_refused_by_name),
		TEST(a_version_without_its_tables_is_corrupt),
		TEST(a_removed_wal_is_named_with_a_remedy),
		TEST(a_database_that_was_replaced_fails_no_request),
		TEST(a_system_without_locks_is_busy),
		TEST(an_older_database_is_brought_up_and_keeps_its_rows),
		TEST(what_is_no_database_is_refused_and_left_alone),
		TEST(a_damaged_page_is_corrupt_not_unknown),
		TEST(a_database_that_was_removed_is_made_anew),
		TEST(a_code_that_is_not_there_is_corrupt),
		TEST(a_missing_directory_is_named),
		TEST(a_directory_is_no_database),
		TEST(an_empty_file_becomes_a_database),
		TEST(a_lock_held_by_another_is_busy_and_passes),
		TEST(a_locked_database_can_be_opened),
		TEST(a_queue_that_does_not_move_is_busy_and_passes),
		TEST(who_leaves_the_queue_lets_the_next_in),
		TEST(tidy_waits_for_readers_only_when_thorough),
		TEST(eight_may_make_the_same_database_at_once),
		TEST(a_challenge_is_taken_once_over_all_processes),
		TEST(attempts_are_counted_over_all_processes),
		TEST(the_secret_is_one_over_all_processes),
		TEST(a_damaged_secret_is_corrupt),
	};

	return cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
}
