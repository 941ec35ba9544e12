/*
 * sqlite.c: the contract of a store, and databases that are damaged, newer,
 * locked, missing or opened by many processes at once.
 */
#include "base/base.h"
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
static char database[TEMP_PATH_BYTES];
static int64_t timeout_ms;
static struct cf_error err;

static void set_database(const char *name)
{
	(void)snprintf(database, sizeof(database), "%s", temp_path(dir, "%s",
								   name));
}

static void begin(void)
{
	temp_dir_make(dir);
	err = (struct cf_error)CF_ERROR_INIT;
	timeout_ms = 0;
	set_database("captcha.db");
}

static enum cf_status open_as(enum store_use use, struct store **out)
{
	const struct store_options options = {.database = database,
					      .timeout_ms = timeout_ms};

	return store_open(&options, use, out, &err);
}

static struct store *open_store(void)
{
	struct store *store;

	assert_ok(open_as(STORE_FOR_MANY, &store), &err);
	assert_non_null(store);
	return store;
}

static struct store *open_for_one(void)
{
	struct store *store;

	assert_ok(open_as(STORE_FOR_ONE, &store), &err);
	return store;
}

static void end(void)
{
	temp_dir_remove(dir);
}

const struct store_contract_backend store_contract_backend = {
	.begin = begin, .open = open_store, .end = end};

static enum cf_status call(struct store *store, enum store_call which)
{
	return store_contract_call(store, which, &err);
}

static struct store_entry put(struct store *store, unsigned number)
{
	struct store_entry entry = store_contract_entry(number, NOW);

	assert_ok(store_put(store, &entry, 1, &err), &err);
	return entry;
}

static int set_up(void **state)
{
	assert_ok(crypt_open(&err), &err);
	begin();
	return 0;
}

static int tear_down(void **state)
{
	end();
	return 0;
}

/* The database by the connection of another program. */
static sqlite3 *connect_raw(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(database, &db), SQLITE_OK);
	return db;
}

static void exec_raw(sqlite3 *db, const char *sql)
{
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* The same by a connection of its own. */
static void change(const char *sql)
{
	sqlite3 *db = connect_raw();

	exec_raw(db, sql);
	(void)sqlite3_close(db);
}

/* Run SQL; the first column of its first row must be this. */
static void assert_sql(sqlite3 *db, const char *sql, const char *wanted)
{
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(st, 0), wanted);
	(void)sqlite3_finalize(st);
}

/* --- opening -------------------------------------------------------------- */

static void a_new_database_is_a_wal_with_the_schema_in_order(void **state)
{
	static const struct {
		const char *sql, *value;
	} rows[] = {
		{"PRAGMA journal_mode", "wal"},
		{"PRAGMA user_version", "3"},
		{"PRAGMA page_size", "1024"},
		{"SELECT sql LIKE '%WITHOUT ROWID, STRICT' FROM sqlite_master "
		 "WHERE name = 'challenge'", "1"},
		{"SELECT count(*) FROM sqlite_master WHERE type = 'index' "
		 "AND tbl_name = 'challenge' AND sql IS NOT NULL", "0"},
		/* rows lie in the order of pids, and pids in ASCII order */
		{"SELECT group_concat(code, ' ') FROM "
		 "(SELECT code FROM challenge)",
		 "code1 code3 code5 code7 code9"},
		{"SELECT '9' < 'A' AND 'Z' < 'a'", "1"},
	};
	static const unsigned numbers[] = {7, 3, 9, 1, 5};
	struct store *store = open_store();
	sqlite3 *db = connect_raw();

	for (size_t i = 0; i < CF_ARRAY_LEN(numbers); i++)
		(void)put(store, numbers[i]);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		assert_sql(db, rows[i].sql, rows[i].value);
	(void)sqlite3_close(db);
	store_close(store);
}

static void room_for_answers_is_kept_before_the_first_challenge(void **state)
{
	const char *spare = temp_path(dir, "captcha.db-spare");
	struct store *store = open_store();

	assert_true(temp_exists(spare));
	assert_int_equal(unlink(spare), 0);
	assert_ok(store_probe(store, &err), &err);
	assert_true(temp_exists(spare));
	store_close(store);
}

static void files_are_for_their_owner_alone(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	mode_t saved = umask(077); /* as both main programs set it */
	struct store *store = open_store();
	struct stat st;

	(void)umask(saved);
	assert_ok(store_probe(store, &err), &err);
	for (size_t i = 0; i < CF_ARRAY_LEN(suffixes); i++) {
		assert_int_equal(stat(temp_path(dir, "captcha.db%s",
						suffixes[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	store_close(store);
}

static const char shopping_list[] =
	"This is somebody's shopping list, and long enough to be taken for the "
	"header of a database: bread, butter, milk, eggs, cheese, apples, "
	"pears.\n";

static void a_file_that_is_no_usable_database_stops_the_start(void **state)
{
	static const struct {
		const char *name;
		enum cf_status rc;
		const char *text; /* of the error */
		bool is_ours;
		const char *sql, *content;
	} rows[] = {
		{"newer.db", CF_TOO_NEW, "version 4, this program knows up to 3",
		 true, "PRAGMA user_version = 4", NULL},
		{"lacking.db", CF_CORRUPT, "move it aside", false,
		 "CREATE TABLE other (a); PRAGMA user_version = 3", NULL},
		{"list.db", CF_CORRUPT, "move it aside", false, NULL,
		 shopping_list},
		{"", CF_CONFIG, "is not a file", false, NULL, NULL},
		{"none/a.db", CF_IO, "none must exist", false, NULL, NULL},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct store *store = (struct store *)dir;

		set_database(rows[i].name);
		if (rows[i].is_ours)
			store_close(open_store());
		if (rows[i].sql)
			change(rows[i].sql);
		if (rows[i].content)
			temp_write(database, rows[i].content);
		assert_status(open_as(STORE_FOR_MANY, &store), rows[i].rc,
			      &err);
		assert_null(store);
		assert_has(err.text, database);
		assert_has(err.text, rows[i].text);
		/* a process that serves one request fails at its first call */
		store = open_for_one();
		assert_status(call(store, STORE_CALL_PEEK), rows[i].rc, &err);
		store_close(store);
	}
}

static void a_file_that_is_no_database_is_left_alone(void **state)
{
	struct store *store;
	struct stat st;

	temp_write(database, shopping_list);
	assert_status(open_as(STORE_FOR_MANY, &store), CF_CORRUPT, &err);
	assert_int_equal(stat(database, &st), 0);
	assert_int_equal(st.st_size, sizeof(shopping_list) - 1);
}

static void a_removed_wal_is_named_with_a_remedy(void **state)
{
	struct store *store = open_store(), *other;

	(void)put(store, 1);
	assert_int_equal(unlink(temp_path(dir, "captcha.db-wal")), 0);
	assert_status(open_as(STORE_FOR_MANY, &other), CF_IO, &err);
	assert_null(other);
	assert_has(err.text, "-wal");
	assert_has(err.text, "stop all processes");
	store_close(store);
}

/* Give another file the path, as an operator does to restore a backup. The -wal
 * beside it belongs to the old file. The next process empties it. */
static void replace_database(void)
{
	struct store *store;

	set_database("new.db");
	store = open_store();
	(void)put(store, 2);
	assert_ok(store_tidy(store, true, &err), &err);
	store_close(store);
	assert_int_equal(rename(database, temp_path(dir, "captcha.db")), 0);
	set_database("captcha.db");
	store = open_store();
	assert_ok(store_tidy(store, true, &err), &err);
	store_close(store);
}

static void a_database_that_was_replaced_fails_no_request(void **state)
{
	static const enum store_call calls[] = {
		STORE_CALL_PEEK, STORE_CALL_TAKE, STORE_CALL_DROP,
		STORE_CALL_PUT,
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(calls); i++) {
		bool is_put = calls[i] == STORE_CALL_PUT;
		struct store *store;
		enum cf_status rc;

		(void)unlink(database);
		(void)unlink(temp_path(dir, "captcha.db-wal"));
		(void)unlink(temp_path(dir, "captcha.db-shm"));
		store = open_store();
		(void)put(store, is_put ? 3 : 1);
		replace_database();
		rc = call(store, calls[i]);
		if (rc != CF_NOT_FOUND)
			assert_ok(rc, &err);
		if (is_put)
			assert_ok(call(store, STORE_CALL_PEEK), &err);
		store_close(store);
	}
}

/* The connection that the store opened last. */
static sqlite3 *connection;

static int keep_connection(sqlite3 *db)
{
	connection = db;
	return SQLITE_OK;
}

/* A sqlite3_set_authorizer: refuse the end of a transaction, either way. */
static int refuse_end(void *ctx, int action, const char *first,
		      const char *second, const char *name, const char *caller)
{
	return action == SQLITE_TRANSACTION && strcmp(first, "BEGIN")
		       ? SQLITE_DENY
		       : SQLITE_OK;
}

/*
 * As without memory to prepare ROLLBACK. In a transaction left open a code
 * would be taken, and be there again after the roll-back.
 */
static void a_failing_roll_back_leaves_no_transaction(void **state)
{
	const struct store_entry entries[] = {store_contract_entry(2, NOW),
					      store_contract_entry(3, NOW)};
	struct store_entry last = store_contract_entry(1, NOW), out;
	struct store *store;
	sqlite3 *db;

	assert_int_equal(sqlite3_auto_extension(
				 (void (*)(void))keep_connection),
			 SQLITE_OK);
	store = open_store();
	sqlite3_reset_auto_extension();
	last.attempts_left = 1;
	assert_ok(store_put(store, &last, 1, &err), &err);
	assert_int_equal(sqlite3_set_authorizer(connection, refuse_end, NULL),
			 SQLITE_OK);
	assert_int_not_equal(store_put(store, entries, 2, &err), CF_OK);
	/* other processes go on, and so does this process */
	db = connect_raw();
	exec_raw(db, "BEGIN IMMEDIATE; COMMIT");
	(void)sqlite3_close(db);
	assert_ok(store_take(store, &last.pid, &out, &err), &err);
	assert_ok(store_put(store, entries, 2, &err), &err);
	assert_status(store_take(store, &last.pid, &out, &err), CF_NOT_FOUND,
		      &err);
	assert_ok(store_take(store, &entries[0].pid, &out, &err), &err);
	store_close(store);
}

/* In place of fcntl(2) and of SQLite's sleep. */
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
	enum cf_status rc;

	assert_status(call(store, STORE_CALL_PEEK), CF_NOT_FOUND, &err);
	vfs->xSleep = no_sleep;
	assert_int_equal(vfs->xSetSystemCall(vfs, "fcntl",
					     (sqlite3_syscall_ptr)no_lock), 0);
	rc = call(store, STORE_CALL_PEEK);
	assert_int_equal(vfs->xSetSystemCall(vfs, "fcntl", NULL), 0);
	vfs->xSleep = sleep_as_before;
	assert_status(rc, CF_BUSY, &err);
	assert_status(call(store, STORE_CALL_PEEK), CF_NOT_FOUND, &err);
	store_close(store);
}

static void an_older_database_is_brought_up_and_keeps_its_rows(void **state)
{
	struct store *store = open_store();
	struct store_entry entry = put(store, 1), out;
	sqlite3 *db;

	store_close(store);
	change("ALTER TABLE challenge DROP COLUMN note;"
	       "ALTER TABLE challenge DROP COLUMN profile;"
	       "PRAGMA user_version = 1");
	store = open_store();
	assert_ok(store_take(store, &entry.pid, &out, &err), &err);
	assert_string_equal(out.code, entry.code);
	assert_string_equal(out.profile, "");
	assert_string_equal(out.note, "");
	store_close(store);
	db = connect_raw();
	assert_sql(db, "PRAGMA user_version", "3");
	(void)sqlite3_close(db);
}

static void a_damaged_page_is_corrupt_not_unknown(void **state)
{
	struct store *store = open_store();
	char junk[16 * 1024]; /* all but the first pages */
	FILE *f;

	for (unsigned i = 0; i < 200; i++)
		(void)put(store, i);
	store_close(store);
	change("PRAGMA wal_checkpoint(TRUNCATE)");
	memset(junk, 0xa5, sizeof(junk));
	f = fopen(database, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, 3 * 1024, SEEK_SET), 0);
	assert_int_equal(fwrite(junk, 1, sizeof(junk), f), sizeof(junk));
	assert_int_equal(fclose(f), 0);
	store = open_store();
	assert_status(store_take(store, &(struct pid){"0000000199AbCdEf"},
				 &(struct store_entry){.code = ""}, &err),
		      CF_CORRUPT, &err);
	store_close(store);
}

static void damaged_values_are_corrupt(void **state)
{
	struct store *store = open_store();

	(void)put(store, 1);
	/* an empty answer must not pass */
	change("UPDATE challenge SET code = ''");
	assert_status(call(store, STORE_CALL_TAKE), CF_CORRUPT, &err);
	change("INSERT INTO secret VALUES ('picture', x'00')");
	assert_status(call(store, STORE_CALL_SECRET), CF_CORRUPT, &err);
	store_close(store);
}

static void a_database_that_was_removed_is_made_anew(void **state)
{
	struct store *store = open_store(), *other;

	assert_int_equal(unlink(database), 0);
	(void)put(store, 1);
	other = open_store();
	assert_ok(call(other, STORE_CALL_TAKE), &err);
	store_close(other);
	store_close(store);
}

static void an_empty_file_becomes_a_database(void **state)
{
	struct store *store;
	sqlite3 *db;

	temp_write(database, "");
	store = open_store();
	assert_ok(store_probe(store, &err), &err);
	db = connect_raw();
	assert_sql(db, "PRAGMA journal_mode", "wal");
	(void)sqlite3_close(db);
	store_close(store);
}

/* --- locks ---------------------------------------------------------------- */

static void a_lock_held_by_another_is_busy_and_passes(void **state)
{
	static const char *const locks[] = {"BEGIN IMMEDIATE",
					    "BEGIN EXCLUSIVE"};
	static const enum store_call writes[] = {
		STORE_CALL_PUT, STORE_CALL_TAKE, STORE_CALL_DROP,
		STORE_CALL_SWEEP, STORE_CALL_PROBE, STORE_CALL_SECRET,
	};
	static const struct pid unknown = {"0000000007AbCdEf"};
	struct store *store = open_store();
	sqlite3 *db = connect_raw();

	(void)put(store, 1);
	for (size_t i = 0; i < CF_ARRAY_LEN(locks); i++) {
		struct store_entry more[2] = {store_contract_entry(7, NOW),
					      store_contract_entry(8, NOW)};
		/* once there is a secret, a call only reads it */
		size_t n = CF_ARRAY_LEN(writes) - i;

		exec_raw(db, locks[i]);
		for (size_t k = 0; k < n; k++) {
			assert_status(call(store, writes[k]), CF_BUSY, &err);
			assert_has(err.text, "holds its lock");
		}
		assert_status(store_put(store, more, 2, &err), CF_BUSY, &err);
		/* reading goes on, and an unknown pid needs no lock */
		assert_ok(call(store, STORE_CALL_PEEK), &err);
		assert_status(store_take(store, &unknown, more, &err),
			      CF_NOT_FOUND, &err);
		exec_raw(db, "COMMIT");
		assert_ok(store_probe(store, &err), &err);
		assert_ok(call(store, STORE_CALL_SECRET), &err);
	}
	assert_ok(call(store, STORE_CALL_TAKE), &err);
	(void)sqlite3_close(db);
	store_close(store);
}

static void a_locked_database_can_be_opened(void **state)
{
	struct store *store;
	sqlite3 *db;

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
	struct store *store;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	store_close(open_store()); /* no process queues for a new file */
	assert_int_equal(flock(fd, LOCK_EX), 0);
	for (timeout_ms = 0; timeout_ms <= 5; timeout_ms += 5) {
		store = open_for_one();
		assert_status(call(store, STORE_CALL_PUT), CF_BUSY, &err);
		assert_has(err.text, "holds its lock on ");
		assert_has(err.text, timeout_ms ? "store_timeout_ms = 5"
						: "store_timeout_ms = 0");
		store_close(store);
	}
	store = open_for_one();
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_ok(call(store, STORE_CALL_PUT), &err);
	store_close(store);
	(void)close(fd);
}

static void each_call_lets_the_next_process_in(void **state)
{
	struct store *stores[2];

	store_close(open_store());
	for (size_t i = 0; i < 2; i++)
		stores[i] = open_for_one();
	for (unsigned i = 0; i < 6; i++)
		(void)put(stores[i % 2], i);
	for (size_t i = 0; i < 2; i++)
		store_close(stores[i]);
}

static void tidy_waits_for_readers_only_when_thorough(void **state)
{
	struct store *store = open_store();
	sqlite3 *db = connect_raw();
	struct stat st;

	(void)put(store, 1);
	exec_raw(db, "BEGIN");
	assert_sql(db, "SELECT count(*) FROM challenge", "1");
	(void)put(store, 2);
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

enum { N_CONTESTED = 120, CHILD_FAILED = 255 };

/* Run work in n children at once; the sum of their exit codes. A child that
 * fails or dies ends the test. */
static int in_children(int n, int (*work)(int i))
{
	int go[2], sum = 0, status;

	timeout_ms = 20000;
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
		assert_int_not_equal(WEXITSTATUS(status), CHILD_FAILED);
		sum += WEXITSTATUS(status);
	}
	return sum;
}

static int open_put_close(int i)
{
	struct store_entry e = store_contract_entry((unsigned)i, NOW);
	struct store *store;

	if (open_as(STORE_FOR_MANY, &store) ||
	    store_put(store, &e, 1, &err)) {
		(void)fprintf(stderr, "child %d: %s\n", i, err.text);
		return CHILD_FAILED;
	}
	store_close(store);
	return 0;
}

static void eight_processes_make_the_same_database_at_once(void **state)
{
	enum { N_CHILDREN = 8, N_ROUNDS = 20 };
	struct store *store;
	int64_t n;

	for (int round = 0; round < N_ROUNDS; round++) {
		set_database(temp_path("", "round%d.db", round) + 1);
		(void)in_children(N_CHILDREN, open_put_close);
		store = open_store();
		assert_ok(store_count(store, 0, &n, &err), &err);
		assert_int_equal(n, N_CHILDREN);
		store_close(store);
	}
}

static int take_all(int i)
{
	struct store_entry out;
	struct store *store;
	int n_won = 0;

	(void)i;
	if (open_as(STORE_FOR_ONE, &store))
		return CHILD_FAILED;
	for (unsigned k = 0; k < N_CONTESTED; k++) {
		struct store_entry e = store_contract_entry(k, NOW);
		enum cf_status rc = store_take(store, &e.pid, &out, NULL);

		if (rc && rc != CF_NOT_FOUND)
			return CHILD_FAILED;
		n_won += !rc;
	}
	store_close(store);
	return n_won;
}

static void attempts_are_counted_over_all_processes(void **state)
{
	for (int attempts = 1; attempts <= 3; attempts += 2) {
		struct store *store = open_store();

		for (unsigned k = 0; k < N_CONTESTED; k++) {
			struct store_entry e = store_contract_entry(k, NOW);

			e.attempts_left = attempts;
			assert_ok(store_put(store, &e, 1, &err), &err);
		}
		store_close(store);
		assert_int_equal(in_children(4, take_all),
				 attempts * N_CONTESTED);
	}
}

/* A part of the secret, as small as an exit code. */
static int secret_digit(int i)
{
	uint8_t key[CRYPT_KEY_BYTES];
	struct store *store;

	(void)i;
	if (open_as(STORE_FOR_MANY, &store) || store_secret(store, key, NULL))
		return CHILD_FAILED;
	store_close(store);
	return key[CRYPT_KEY_BYTES - 1] % 251;
}

static void the_secret_is_the_same_for_all_processes(void **state)
{
	store_close(open_store());
	assert_int_equal(in_children(6, secret_digit), 6 * secret_digit(0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT_TESTS
		TEST(a_new_database_is_a_wal_with_the_schema_in_order),
		TEST(room_for_answers_is_kept_before_the_first_challenge),
		TEST(files_are_for_their_owner_alone),
		TEST(a_file_that_is_no_usable_database_stops_the_start),
		TEST(a_file_that_is_no_database_is_left_alone),
		TEST(a_removed_wal_is_named_with_a_remedy),
		TEST(a_database_that_was_replaced_fails_no_request),
		TEST(a_failing_roll_back_leaves_no_transaction),
		TEST(a_system_without_locks_is_busy),
		TEST(an_older_database_is_brought_up_and_keeps_its_rows),
		TEST(a_damaged_page_is_corrupt_not_unknown),
		TEST(damaged_values_are_corrupt),
		TEST(a_database_that_was_removed_is_made_anew),
		TEST(an_empty_file_becomes_a_database),
		TEST(a_lock_held_by_another_is_busy_and_passes),
		TEST(a_locked_database_can_be_opened),
		TEST(a_queue_that_does_not_move_is_busy_and_passes),
		TEST(each_call_lets_the_next_process_in),
		TEST(tidy_waits_for_readers_only_when_thorough),
		TEST(eight_processes_make_the_same_database_at_once),
		TEST(attempts_are_counted_over_all_processes),
		TEST(the_secret_is_the_same_for_all_processes),
	};

	return cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
}
