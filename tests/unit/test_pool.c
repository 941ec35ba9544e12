/*
 * The pool: taking pictures once, live pictures, filling under a lock and a
 * cap, cleaning, and a cache that is missing, broken or read-only.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "conf/settings.h"
#include "pool/days.h"
#include "pool/pool.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/temp_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#define TODAY	  "2026-11-23"
#define YESTERDAY "2026-11-22"
#define PID	  "1uBMm00000000000" /* pid_of(TODAY, 0) */
#define LAST_PID  "zzzzzzzzzzzzzzzz"
#define MARK	  0x1a2b3c
#define DAY_MS	  INT64_C(86400000)

static char dir[TEMP_PATH_BYTES];
static struct settings settings;
static struct fake_clk clk;
static struct pool *pool;
static struct cf_error err;
static char code[POOL_CODE_MAX_BYTES + 1];
static struct buf png;

static const char *in_cache(const char *name)
{
	return temp_path(settings.cache_dir, "%s", name);
}

static struct pool *new_pool(void)
{
	const struct pool_options options = {
		.dir = settings.cache_dir,
		.max_bytes = settings.cache_max_bytes,
	};
	struct pool *p = pool_new(&options, fake_clk_get(&clk));

	assert_non_null(p);
	return p;
}

static struct shelf *base_of(struct pool *p)
{
	struct shelf *shelf = pool_shelf(p, "", MARK, settings.base.pool_size);

	assert_non_null(shelf);
	return shelf;
}

/* The functions of shelves, for the base's shelf. take fills `code`. */
static enum cf_status take(struct pool *p, const struct pid *pid)
{
	return shelf_take(base_of(p), pid, code, &err);
}

static enum cf_status put_ready(struct pool *p, const void *bytes, size_t len,
				const char *text)
{
	return shelf_publish(base_of(p), bytes, len, text, &err);
}

static enum cf_status begin(struct pool *p, bool wait, int64_t *n)
{
	return shelf_fill_begin(base_of(p), wait, n, &err);
}

/* How many pictures are missing on a shelf. */
static int64_t n_missing(struct shelf *shelf)
{
	int64_t n;

	assert_ok(shelf_fill_begin(shelf, false, &n, &err), &err);
	pool_fill_end(pool);
	return n;
}

static void renew_pool(void)
{
	pool_free(pool);
	pool = new_pool();
}

/* Another process takes each picture after its name was read and before its
 * size is. The linker puts this in the place of fstatat. */
static bool has_rival;
/* Show the directory of this name as one of another file system. */
static const char *mounted;
/* The names of these calls where files and times of 64 bits are not the usual
 * ones: features.h of glibc. */
#ifdef CF_TIME_BITS
#define __real_fstatat	__real___fstatat64_time64
#define __wrap_fstatat	__wrap___fstatat64_time64
#define __real_fstatvfs __real_fstatvfs64
#define __wrap_fstatvfs __wrap_fstatvfs64
#endif

int __real_fstatat(int dir_fd, const char *name, struct stat *st, int flags);
int __wrap_fstatat(int dir_fd, const char *name, struct stat *st, int flags);

int __wrap_fstatat(int dir_fd, const char *name, struct stat *st, int flags)
{
	int rc;

	if (has_rival)
		(void)unlinkat(dir_fd, name, 0);
	rc = __real_fstatat(dir_fd, name, st, flags);
	if (mounted && strstr(name, mounted))
		st->st_dev++;
	return rc;
}

/* A disk of so many blocks and files. Each file in the cache uses one of both.
 * 0 blocks: the machine's own disk. */
enum { BLOCK_BYTES = 1000 };
static unsigned n_blocks, n_inodes;
int __real_fstatvfs(int fd, struct statvfs *fs);
int __wrap_fstatvfs(int fd, struct statvfs *fs);

int __wrap_fstatvfs(int fd, struct statvfs *fs)
{
	unsigned n_used = (unsigned)temp_count_files(settings.cache_dir);
	int rc = __real_fstatvfs(fd, fs);

	if (n_blocks) {
		fs->f_frsize = BLOCK_BYTES;
		fs->f_bavail = n_blocks > n_used ? n_blocks - n_used : 0;
		fs->f_files = n_inodes;
		fs->f_favail = n_inodes > n_used ? n_inodes - n_used : 0;
	}
	return rc;
}

static int set_up(void **state)
{
	n_blocks = 0;
	has_rival = false;
	mounted = NULL;
	assert_ok(crypt_open(&err), &err);
	temp_dir_make(dir);
	settings_init(&settings);
	settings.base.pool_size = 10;
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       temp_path(dir, "above/cache"));
	fake_clk_init(&clk);
	err = (struct cf_error)CF_ERROR_INIT;
	pool = new_pool();
	buf_init(&png, 100);
	return 0;
}

static int tear_down(void **state)
{
	pool_free(pool);
	buf_release(&png);
	temp_dir_remove(dir);
	return 0;
}

/* Give the files of a directory the time of the fake clock. */
static void date_files(const char *name)
{
	char path[TEMP_PATH_BYTES + 256];
	struct dirent *entry;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s", in_cache(name));
	d = opendir(path);
	assert_non_null(d);
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.')
			temp_set_mtime(temp_path(path, "%s", entry->d_name),
				       clk.unix_ms);
	(void)closedir(d);
}

/* Publish n pictures with the codes "c<number>", from first on. Their files
 * have the time of the fake clock. */
static void publish(int first, int n)
{
	char text[16], day[DAY_BYTES], shelf[POOL_NAME_BYTES];

	for (int i = first; i < first + n; i++) {
		(void)snprintf(text, sizeof(text), "c%d", i);
		assert_ok(put_ready(pool, text, strlen(text), text), &err);
	}
	day_of(clk.unix_ms, day);
	(void)snprintf(shelf, sizeof(shelf), "%s/ready-1a2b3c", day);
	date_files(shelf);
}

/* The pid of a day and a number; borrowed until the fourth call after this. */
static const struct pid *pid_of(const char *day, int number)
{
	static struct pid pids[4];
	static size_t n;
	struct pid *pid = &pids[n++ % CF_ARRAY_LEN(pids)];
	struct tm tm = {0};

	assert_int_equal(sscanf(day, "%d-%d-%d", &tm.tm_year, &tm.tm_mon,
				&tm.tm_mday),
			 3);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	pid_bound(pid, (int64_t)timegm(&tm) * 1000);
	(void)snprintf(pid->text + 5, sizeof(pid->text) - 5, "%011u",
		       (unsigned)number);
	return pid;
}

/* All pids from this one on. */
static const struct pool_live *may_live(const struct pid *first_pid)
{
	static struct pool_live live = {.end_pid = {LAST_PID}};

	live.first_pid = *first_pid;
	return &live;
}

static void put_live(const char *day, int number)
{
	assert_ok(pool_put_live(pool, pid_of(day, number), "png", 3, &err),
		  &err);
}

static bool is_live(const struct pid *pid)
{
	char day[DAY_BYTES];

	day_of(pid_unix_ms(pid), day);
	return temp_exists(temp_path(settings.cache_dir, "%s/live/%s.png", day,
				     pid->text));
}

static int n_ready(void)
{
	return temp_count(in_cache(TODAY "/ready-1a2b3c"));
}

static struct pool_cleaned clean(const struct pid *first_pid)
{
	struct pool_cleaned cleaned;

	assert_ok(pool_clean(pool, may_live(first_pid), &cleaned, &err), &err);
	return cleaned;
}

/* Sweep to the end of a round. Returns the number of steps. */
static int sweep(struct pool *p, const struct pid *first_pid, int64_t step)
{
	int n = 1;

	while (!pool_sweep(p, may_live(first_pid), step))
		assert_true(++n < 100);
	return n;
}

static struct pool_stats count(void)
{
	struct pool_stats stats;

	assert_ok(pool_count(pool, &stats, &err), &err);
	return stats;
}

static enum cf_status load(const struct pid *pid)
{
	buf_reset(&png);
	return pool_load_live(pool, pid, &png, &err);
}

/* Wait for n children, which must succeed. */
static void await_children(int n)
{
	for (int i = 0; i < n; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

/* --- taking --------------------------------------------------------------- */

/* The name of a live picture has only its pid: no name but a waiting picture's
 * tells a code. */
static void take_makes_a_ready_picture_the_live_one_of_a_pid(void **state)
{
	static const char *const codes[] = {"k7xq", "hk3wa", "wwwwwwwwwwww"};

	assert_status(take(pool, pid_of(TODAY, 0)), CF_EMPTY, &err);
	assert_int_equal(temp_count(in_cache(TODAY "/live")), 0);
	for (int i = 0; i < (int)CF_ARRAY_LEN(codes); i++) {
		assert_ok(put_ready(pool, "\0PNG", 4, codes[i]), &err);
		assert_int_equal(n_ready(), 1);
		assert_ok(take(pool, pid_of(TODAY, i)), &err); /* at once */
		assert_string_equal(code, codes[i]);
		assert_true(is_live(pid_of(TODAY, i)));
		assert_int_equal(temp_count(in_cache(TODAY "/live")), i + 1);
		assert_int_equal(temp_count_files(in_cache(TODAY)), i + 1);
		assert_ok(load(pid_of(TODAY, i)), &err);
		assert_int_equal(png.len, 4);
		assert_memory_equal(png.ptr, "\0PNG", 4);
	}
	assert_true(temp_exists(in_cache(TODAY "/live/" PID ".png")));
}

static void pictures_that_came_during_a_round_are_found(void **state)
{
	publish(1, 2);
	assert_ok(take(pool, pid_of(TODAY, 1)), &err);
	fake_clk_forward(&clk, DAY_MS);
	publish(3, 1);
	assert_ok(take(pool, pid_of(TODAY, 2)), &err);
	assert_ok(take(pool, pid_of(TODAY, 3)), &err);
	assert_string_equal(code, "c3");
	assert_status(take(pool, pid_of(TODAY, 4)), CF_EMPTY, &err);
}

static void an_empty_pool_is_read_again_after_a_moment(void **state)
{
	struct pool *other = new_pool();

	assert_status(take(pool, pid_of(TODAY, 0)), CF_EMPTY, &err);
	assert_ok(put_ready(other, "x", 1, "abc"), &err);
	fake_clk_forward(&clk, 99);
	assert_status(take(pool, pid_of(TODAY, 0)), CF_EMPTY, &err);
	fake_clk_forward(&clk, 1);
	assert_ok(take(pool, pid_of(TODAY, 0)), &err);
	pool_free(other);
}

enum { N_TAKERS = 4, N_CONTESTED = 400 };

/* Take all pictures, and write their codes to a file. */
static int take_all(int me, int go_fd, const int first[2])
{
	FILE *out = fopen(temp_path(dir, "taken%d", me), "w");
	struct pool *mine = new_pool();
	enum cf_status rc;
	char c;

	while (read(go_fd, &c, 1) < 0)
		;
	for (int i = 0;; i++) {
		rc = take(mine, pid_of(TODAY, me * N_CONTESTED + i));
		if (rc)
			break;
		(void)fprintf(out, "%s\n", code);
		if (i)
			continue;
		/* let each process take one picture before any takes a second:
		 * on a busy machine one could be done before another begins */
		(void)close(first[1]);
		while (read(first[0], &c, 1) < 0)
			;
	}
	pool_free(mine);
	return fclose(out) || rc != CF_EMPTY;
}

static void each_picture_is_taken_once_over_all_processes(void **state)
{
	bool seen[N_CONTESTED] = {false};
	/* closed when all may begin, and when all have taken one */
	int go[2], first[2];
	int n, n_all = 0, n_busy = 0;

	publish(0, N_CONTESTED);
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(first), 0);
	(void)fflush(NULL);
	for (int i = 0; i < N_TAKERS; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			(void)close(go[1]);
			_exit(take_all(i, go[0], first));
		}
	}
	(void)close(go[0]);
	(void)close(go[1]);
	(void)close(first[0]);
	(void)close(first[1]);
	await_children(N_TAKERS);
	for (int i = 0; i < N_TAKERS; i++) {
		FILE *f = fopen(temp_path(dir, "taken%d", i), "r");
		int n_mine = 0;

		assert_non_null(f);
		for (; fscanf(f, " c%d", &n) == 1; n_mine++) {
			assert_in_range(n, 0, N_CONTESTED - 1);
			assert_false(seen[n]);
			seen[n] = true;
		}
		(void)fclose(f);
		n_all += n_mine;
		n_busy += n_mine > 0;
	}
	assert_int_equal(n_all, N_CONTESTED);
	assert_int_equal(n_busy, N_TAKERS); /* else it was no contest */
	assert_int_equal(n_ready(), 0);
	assert_int_equal(temp_count(in_cache(TODAY "/live")), N_CONTESTED);
}

/* The oldest day comes first. Days whose pictures have waited too long are
 * skipped. */
static void days_are_taken_in_their_order(void **state)
{
	publish(1, 2);
	fake_clk_forward(&clk, DAY_MS / 2 + 1);
	publish(3, 1);
	renew_pool();
	assert_ok(take(pool, pid_of("2026-11-24", 1)), &err);
	assert_string_not_equal(code, "c3");
	renew_pool();
	fake_clk_forward(&clk, DAY_MS);
	assert_ok(take(pool, pid_of("2026-11-24", 2)), &err);
	assert_string_equal(code, "c3");
	assert_status(take(pool, pid_of("2026-11-25", 3)), CF_EMPTY, &err);
	assert_int_equal(n_ready(), 1);
	/* the day of a live picture is that of its pid */
	assert_int_equal(temp_count(in_cache("2026-11-24/live")), 2);
}

static void other_files_are_never_taken_and_links_never_read(void **state)
{
	char secret[TEMP_PATH_BYTES];
	enum cf_status rc;

	publish(1, 1);
	temp_write(in_cache(TODAY "/ready-1a2b3c/0123456789abcdef-zz.png"),
		   "x");
	temp_write(in_cache(TODAY "/ready-1a2b3c/passwd"), "x");
	assert_ok(take(pool, pid_of(TODAY, 1)), &err);
	assert_string_equal(code, "c1");
	assert_status(take(pool, pid_of(TODAY, 2)), CF_EMPTY, &err);
	assert_int_equal(n_ready(), 2);
	(void)snprintf(secret, sizeof(secret), "%s", temp_path(dir, "secret"));
	temp_write(secret, "the operator's own");
	assert_int_equal(symlink(secret,
				 in_cache(TODAY "/ready-1a2b3c/"
						"0123456789abcdef-6162.png")),
			 0);
	renew_pool();
	rc = take(pool, pid_of(TODAY, 0));
	assert_true(rc == CF_OK || rc == CF_EMPTY);
	assert_int_not_equal(load(pid_of(TODAY, 0)), CF_OK);
	assert_int_equal(png.len, 0);
	assert_true(temp_exists(secret));
}

static void a_code_that_no_name_can_hold_is_refused(void **state)
{
	char longest[POOL_CODE_MAX_BYTES + 2];

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_status(put_ready(pool, "x", 1, longest), CF_BUG, &err);
	assert_status(put_ready(pool, "x", 1, ""), CF_BUG, &err);
	longest[POOL_CODE_MAX_BYTES] = '\0';
	assert_ok(put_ready(pool, "x", 1, longest), &err);
	assert_ok(take(pool, pid_of(TODAY, 0)), &err);
	assert_string_equal(code, longest);
}

/* --- live pictures -------------------------------------------------------- */

static void a_live_picture_is_put_read_and_removed(void **state)
{
	const struct pid *pid = pid_of(TODAY, 0);

	assert_status(load(pid), CF_NOT_FOUND, &err);
	assert_false(is_live(pid));
	assert_ok(pool_put_live(pool, pid, "123456", 6, &err), &err);
	buf_add_str(&png, "before ");
	assert_ok(pool_load_live(pool, pid, &png, &err), &err);
	assert_string_equal(png.ptr, "before 123456");
	pool_remove_live(pool, pid_of(YESTERDAY, 0)); /* no fault */
	assert_true(is_live(pid));
	buf_release(&png);
	buf_init(&png, 5);
	assert_status(load(pid), CF_TOO_LARGE, &err);
	pool_remove_live(pool, pid);
	assert_false(is_live(pid));
	pool_remove_live(pool, pid);
	assert_int_equal(temp_count(in_cache("tmp")), 0);
}

static void files_and_directories_are_for_their_owner_alone(void **state)
{
	static const struct {
		const char *name;
		mode_t mode;
	} rows[] = {{"", 0700},
		    {TODAY, 0700},
		    {TODAY "/ready-1a2b3c", 0700},
		    {TODAY "/live", 0700},
		    {"tmp", 0700},
		    {TODAY "/live/" PID ".png", 0600}};
	mode_t saved = umask(0);
	struct stat st;

	publish(1, 2);
	assert_ok(take(pool, pid_of(TODAY, 0)), &err);
	(void)umask(saved);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_int_equal(stat(in_cache(rows[i].name), &st), 0);
		assert_int_equal(st.st_mode & 07777, rows[i].mode);
	}
}

/* --- a cache that is broken ----------------------------------------------- */

static void a_cache_that_was_removed_is_made_anew(void **state)
{
	int64_t n;

	publish(1, 3);
	assert_ok(take(pool, pid_of(TODAY, 1)), &err);
	put_live(TODAY, 2);
	temp_dir_remove(settings.cache_dir);
	assert_status(take(pool, pid_of(TODAY, 3)), CF_EMPTY, &err);
	put_live(TODAY, 4);
	assert_ok(load(pid_of(TODAY, 4)), &err);
	temp_dir_remove(settings.cache_dir);
	publish(5, 1);
	assert_ok(take(pool, pid_of(TODAY, 5)), &err);
	assert_string_equal(code, "c5");
	temp_dir_remove(settings.cache_dir);
	assert_ok(pool_probe(pool, &err), &err);
	temp_dir_remove(settings.cache_dir);
	assert_status(load(pid_of(TODAY, 5)), CF_NOT_FOUND, &err);
	/* filling works again without a restart, if not at once */
	if (begin(pool, false, &n)) {
		put_live(TODAY, 1);
		assert_ok(begin(pool, false, &n), &err);
	}
	assert_int_equal(n, 10);
	publish(1, 1);
	pool_fill_end(pool);
	/* only one day, or only the directory for temporary files */
	temp_dir_remove(in_cache(TODAY));
	put_live(TODAY, 2);
	assert_true(is_live(pid_of(TODAY, 2)));
	temp_dir_remove(in_cache(TODAY));
	publish(4, 1);
	temp_dir_remove(in_cache("tmp"));
	publish(5, 1);
	assert_int_equal(n_ready(), 2);
}

/* 0 when each call that writes fails with CF_IO and the last names the cache;
 * else the number of the first call that does not fail so. */
static int first_unexpected(void)
{
	struct pool *p = new_pool();
	int64_t n;
	int i = 0;

	const enum cf_status rcs[] = {
		take(p, pid_of(TODAY, 0)),
		pool_put_live(p, pid_of(TODAY, 0), "x", 1, &err),
		put_ready(p, "x", 1, "c"),
		pool_probe(p, &err),
		begin(p, false, &n),
	};

	while (i < (int)CF_ARRAY_LEN(rcs) && rcs[i] == CF_IO)
		i++;
	pool_free(p);
	return i == CF_ARRAY_LEN(rcs) && strstr(err.text, settings.cache_dir)
		       ? 0
		       : i + 1;
}

static void a_file_in_place_of_the_cache_fails_every_call(void **state)
{
	struct pool_cleaned cleaned;
	struct pool_stats stats;

	assert_int_equal(mkdir(temp_path(dir, "above"), 0700), 0);
	temp_write(settings.cache_dir, "a file");
	assert_int_equal(first_unexpected(), 0);
	assert_status(pool_count(pool, &stats, &err), CF_IO, &err);
	assert_status(pool_clean(pool, may_live(pid_of(TODAY, 0)), &cleaned,
				 &err),
		      CF_IO, &err);
	assert_int_not_equal(load(pid_of(TODAY, 0)), CF_OK);
	pool_remove_live(pool, pid_of(TODAY, 0));
	assert_true(pool_sweep(pool, may_live(pid_of(TODAY, 0)), 10));
	/* without that file the pool works, without a restart */
	assert_int_equal(unlink(settings.cache_dir), 0);
	assert_ok(pool_probe(pool, &err), &err);
}

static void set_modes(mode_t mode)
{
	static const char *const names[] = {TODAY "/live",
					    TODAY "/ready-1a2b3c", TODAY,
					    "tmp", ""};

	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		assert_int_equal(chmod(in_cache(names[i]), mode), 0);
}

static void a_cache_that_is_not_writable_fails_and_says_so(void **state)
{
	publish(1, 2);
	assert_ok(take(pool, pid_of(TODAY, 1)), &err);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(chmod(temp_path(dir, "above"), 0755), 0);
	set_modes(0555);
	(void)fflush(NULL);
	if (!fork())
		_exit(geteuid() == 0 && seteuid(65534)
			      ? 99
			      : first_unexpected());
	await_children(1);
	set_modes(0700);
	/* nothing was lost */
	assert_ok(take(pool, pid_of(TODAY, 0)), &err);
}

static void probe_leaves_nothing_and_sees_other_file_systems(void **state)
{
	static const char *const parts[] = {TODAY "/live",
					    TODAY "/ready-1a2b3c"};

	assert_ok(pool_probe(pool, &err), &err);
	assert_int_equal(temp_count_files(settings.cache_dir), 0);
	publish(1, 2);
	assert_ok(take(pool, pid_of(TODAY, 0)), &err);
	assert_ok(pool_probe(pool, &err), &err);
	for (size_t i = 0; i < CF_ARRAY_LEN(parts); i++) {
		mounted = parts[i];
		assert_status(pool_probe(pool, &err), CF_IO, &err);
		assert_has(err.text, parts[i]);
		assert_has(err.text, "unmount it");
	}
}

/* --- filling -------------------------------------------------------------- */

static void filling_asks_for_missing_pictures(void **state)
{
	enum { N_READY = 20 }; /* more files than are read for their size */

	assert_int_equal(n_missing(base_of(pool)), 10);
	publish(1, 7);
	assert_int_equal(n_missing(base_of(pool)), 3);
	publish(8, 5); /* more than was asked for */
	assert_int_equal(n_missing(base_of(pool)), 0);
	/* pictures that another process takes during the count are missing,
	 * too */
	settings.base.pool_size = N_READY;
	renew_pool();
	publish(13, N_READY - 12);
	put_live(TODAY, 1);
	has_rival = true;
	assert_int_equal(n_missing(base_of(pool)), N_READY);
	has_rival = false;
	/* the size of missing files did not count as a picture's */
	publish(1, 1);
	assert_int_equal(n_missing(base_of(pool)), N_READY - 1);
}

static void one_process_fills_at_a_time(void **state)
{
	struct pool *other = new_pool();
	int status;
	int64_t n;
	pid_t pid;

	assert_ok(begin(pool, false, &n), &err);
	assert_status(begin(other, false, &n), CF_BUSY, &err);
	assert_int_equal(n, 0);
	pool_fill_end(other); /* it does not hold the lock */
	assert_status(begin(other, false, &n), CF_BUSY, &err);
	pool_fill_end(pool);
	assert_ok(begin(other, true, &n), &err);
	assert_status(begin(pool, false, &n), CF_BUSY, &err);
	pool_free(other); /* unlocks as well */
	assert_ok(begin(pool, false, &n), &err);
	pool_fill_end(pool);
	/* a process that dies while filling leaves no lock */
	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		renew_pool();
		if (!begin(pool, false, &n))
			(void)raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(n_missing(base_of(pool)), 10);
}

static void the_cap_ends_filling_and_keeping(void **state)
{
	enum { PICTURE = 4000, CAP = 65536, FIT = CAP / PICTURE };
	static char picture[PICTURE];
	int64_t n;

	settings.base.pool_size = 1000;
	settings.cache_max_bytes = CAP;
	renew_pool();
	/* by a guess of their size */
	assert_in_range(n_missing(base_of(pool)), 1, CAP / 1000);
	assert_ok(put_ready(pool, picture, PICTURE, "one"), &err);
	/* by the size of the pictures there */
	assert_int_equal(n_missing(base_of(pool)), FIT - 1);
	for (int i = 1; i < FIT; i++)
		assert_ok(put_ready(pool, picture, PICTURE, "more"), &err);
	assert_status(begin(pool, false, &n), CF_FULL, &err);
	assert_int_equal(n, 0);
	assert_has(err.text, "cache_max_bytes");
	/* the lock was released */
	assert_status(begin(pool, true, &n), CF_FULL, &err);
	for (n = 0; n < 5; n++)
		if (pool_put_live(pool, pid_of(TODAY, (int)n), picture, PICTURE,
				  &err))
			break;
	assert_in_range(n, 0, 2); /* as the average is rounded */
	assert_status(pool_put_live(pool, pid_of(TODAY, 9), picture, PICTURE,
				    &err),
		      CF_FULL, &err);
	assert_false(is_live(pid_of(TODAY, 9)));
}

/* Fill until no picture is missing or no room is left. Returns the number of
 * waiting pictures. */
static int64_t fill_up(void)
{
	enum cf_status rc;
	int64_t n;

	while (!(rc = begin(pool, false, &n)) && n) {
		publish(1, (int)n);
		pool_fill_end(pool);
	}
	pool_fill_end(pool);
	if (rc)
		assert_status(rc, CF_FULL, &err);
	assert_ok(shelf_count(base_of(pool), &n, &err), &err);
	return n;
}

static void half_of_the_disk_stays_free(void **state)
{
	settings.base.pool_size = 200;
	renew_pool();
	/* few files are free */
	n_blocks = 10000;
	n_inodes = 60;
	assert_in_range(fill_up(), 26, 30);
	assert_has(err.text, "pool_size = 200");
	/* few blocks are free, and the number of files has no limit */
	n_blocks = 120;
	n_inodes = 0;
	assert_in_range(fill_up(), 50, 60);
	/* a disk filled with other files */
	n_blocks = 50;
	assert_in_range(fill_up(), 50, 60);
	n_blocks = 100000;
	assert_int_equal(fill_up(), 200);
}

static void other_processes_make_room_below_the_cap(void **state)
{
	enum { PICTURE = 2000, CAP = 65536 };
	static const char picture[PICTURE];
	struct pool *other;
	int n_full = 0;

	settings.base.pool_size = 0; /* no process counts in order to fill */
	settings.cache_max_bytes = CAP;
	renew_pool();
	other = new_pool();
	for (int i = 0; i < 10 * CAP / PICTURE; i++) {
		assert_ok(pool_put_live(pool, pid_of(TODAY, i), picture,
					PICTURE, &err),
			  &err);
		pool_remove_live(other, pid_of(TODAY, i));
		fake_clk_forward(&clk, 100);
	}
	/* at the cap not every request counts all files */
	for (int i = 0; i < 50; i++) {
		if (!pool_put_live(pool, pid_of(TODAY, i), picture, PICTURE,
				   &err))
			continue;
		n_full++;
		pool_remove_live(other, pid_of(TODAY, i - n_full));
	}
	assert_in_range(n_full, 10, 20);
	fake_clk_forward(&clk, 2000);
	assert_ok(pool_put_live(pool, pid_of(TODAY, 0), picture, PICTURE, &err),
		  &err);
	pool_free(other);
}

/* Put n live pictures of len bytes, numbered from first on. */
static void put_many(struct pool *p, const char *day, int first, int n,
		     size_t len)
{
	static const char zeros[20000];

	for (int i = first; i < first + n; i++)
		assert_ok(pool_put_live(p, pid_of(day, i), zeros, len, &err),
			  &err);
}

static void a_round_of_sweeping_counts_live_pictures(void **state)
{
	enum { PICTURE = 20000, CAP = 65536 };
	static const char picture[PICTURE];
	struct pool *other;

	settings.cache_max_bytes = CAP;
	renew_pool();
	other = new_pool();
	put_many(pool, TODAY, 0, 4, PICTURE);
	put_many(other, TODAY, 0, 1, PICTURE);
	assert_status(pool_put_live(pool, pid_of(TODAY, 0), picture, PICTURE,
				    &err),
		      CF_FULL, &err);
	for (int i = 0; i < 4; i++)
		pool_remove_live(other, pid_of(TODAY, i));
	(void)sweep(pool, pid_of(TODAY, 0), 2);
	put_many(pool, TODAY, 5, 1, PICTURE);
	/* also pictures of other processes, on a day with none to remove */
	put_many(other, TODAY, 0, 5, 10);
	put_many(other, "2026-11-24", 10, 3, PICTURE);
	(void)sweep(pool, pid_of(TODAY, 0), 2);
	assert_status(pool_put_live(pool, pid_of(TODAY, 20), picture, PICTURE,
				    &err),
		      CF_FULL, &err);
	pool_free(other);
}

/* --- counting and cleaning ------------------------------------------------ */

static void counting_covers_all_pictures(void **state)
{
	struct pool_stats stats = count();

	assert_int_equal(stats.n_ready + stats.n_live + stats.n_days +
				 stats.bytes,
			 0);
	publish(10, 5); /* three bytes each */
	put_live(YESTERDAY, 1);
	assert_ok(take(pool, pid_of(TODAY, 0)), &err);
	stats = count();
	assert_int_equal(stats.n_ready, 4);
	assert_int_equal(stats.n_live, 2);
	assert_int_equal(stats.n_days, 2);
	assert_int_equal(stats.bytes, 6 * 3);
}

static void clean_removes_only_stale_files(void **state)
{
	const struct pid *live = pid_of("2026-11-25", 400);
	struct pool_cleaned cleaned;

	publish(1, 3); /* too old after two days */
	put_live(TODAY, 100);
	put_live(TODAY, 200);
	temp_write(in_cache("tmp/0011223344556677"), "of one who died");
	date_files("tmp");
	fake_clk_forward(&clk, 2 * DAY_MS);
	publish(4, 2);
	put_live("2026-11-25", 300);
	put_live("2026-11-25", 400);
	temp_write(in_cache("tmp/8899aabbccddeeff"), "being written");
	temp_set_mtime(in_cache("tmp/8899aabbccddeeff"), clk.unix_ms);
	live = pid_of("2026-11-25", 400);
	cleaned = clean(live);
	assert_int_equal(cleaned.n_ready, 3);
	assert_int_equal(cleaned.n_live, 3);
	assert_int_equal(cleaned.n_temporary, 1);
	assert_int_equal(cleaned.n_days, 1);
	assert_false(temp_exists(in_cache(TODAY)));
	assert_int_equal(temp_count(in_cache("2026-11-25/ready-1a2b3c")), 2);
	assert_int_equal(temp_count(in_cache("2026-11-25/live")), 1);
	assert_true(is_live(live));
	assert_true(temp_exists(in_cache("tmp/8899aabbccddeeff")));
	cleaned = clean(live);
	assert_int_equal(cleaned.n_ready + cleaned.n_live +
				 cleaned.n_temporary + cleaned.n_days,
			 0);
	/* the service goes on */
	assert_ok(take(pool, pid_of("2026-11-25", 0)), &err);
}

static void a_sweep_without_descriptors_fails_and_counts_nothing(void **state)
{
	enum { PICTURE = 20000, CAP = 65536 };
	static const char picture[PICTURE];
	struct pool_cleaned cleaned;
	struct rlimit limit, none;
	enum cf_status rc;

	settings.cache_max_bytes = CAP;
	renew_pool();
	put_many(pool, TODAY, 0, 4, PICTURE);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	(void)sweep(pool, pid_of(TODAY, 0), 10);
	rc = pool_clean(pool, may_live(pid_of(TODAY, 0)), &cleaned, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_status(rc, CF_IO, &err);
	assert_status(pool_put_live(pool, pid_of(TODAY, 9), picture, PICTURE,
				    &err),
		      CF_FULL, &err);
}

static void clean_goes_by_the_age_of_each_ready_picture(void **state)
{
	publish(1, 3);
	date_files(TODAY "/ready-1a2b3c");
	fake_clk_forward(&clk, DAY_MS - 1800 * 1000);
	publish(5, 1);
	assert_int_equal(clean(pid_of(TODAY, 0)).n_ready, 0);
	fake_clk_forward(&clk, 3600 * 1000);
	assert_int_equal(clean(pid_of(TODAY, 0)).n_ready, 3);
	assert_int_equal(temp_count(in_cache("2026-11-24/ready-1a2b3c")), 1);
}

static void clean_does_not_leave_the_cache_through_a_link(void **state)
{
	static const char *const names[] = {TODAY "/ready-1a2b3c",
					    TODAY "/live", "tmp"};
	char elsewhere[TEMP_PATH_BYTES];

	(void)snprintf(elsewhere, sizeof(elsewhere), "%s",
		       temp_path(dir, "elsewhere"));
	assert_int_equal(mkdir(elsewhere, 0700), 0);
	temp_write(temp_path(elsewhere, "precious"), "x");
	temp_set_mtime(temp_path(elsewhere, "precious"), 0);
	publish(1, 1);
	put_live(TODAY, 1);
	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++) {
		temp_dir_remove(in_cache(names[i]));
		assert_int_equal(symlink(elsewhere, in_cache(names[i])), 0);
	}
	assert_int_equal(symlink(elsewhere, in_cache("2026-11-01")), 0);
	fake_clk_forward(&clk, 9 * DAY_MS);
	(void)clean(pid_of("2026-12-02", INT_MAX));
	(void)sweep(pool, pid_of("2026-12-02", INT_MAX), 10);
	assert_true(temp_exists(temp_path(elsewhere, "precious")));
}

static void clean_may_run_twice_at_once(void **state)
{
	enum { N = 300 };

	publish(0, N);
	for (int i = 0; i < N; i++)
		put_live(TODAY, i);
	fake_clk_forward(&clk, 3 * DAY_MS);
	(void)fflush(NULL);
	for (int i = 0; i < 3; i++)
		if (!fork()) {
			renew_pool();
			(void)clean(pid_of("2026-11-26", INT_MAX));
			_exit(0);
		}
	await_children(3);
	assert_false(temp_exists(in_cache(TODAY)));
}

static void sweep_takes_small_steps_to_the_end_of_a_round(void **state)
{
	enum { N_STALE = 35, STEP = 10 };
	int n_steps = 0, n_left, n_before = N_STALE + 2;

	for (int i = 0; i < N_STALE; i++)
		put_live(i % 2 ? TODAY : YESTERDAY, i);
	put_live(TODAY, 500);
	put_live(TODAY, 600);
	for (bool is_end = false; !is_end; n_steps++) {
		is_end = pool_sweep(pool, may_live(pid_of(TODAY, 500)), STEP);
		n_left = temp_count_files(settings.cache_dir);
		assert_true(n_before - n_left <= STEP);
		n_before = n_left;
		assert_true(n_steps < 20);
	}
	assert_true(n_steps >= N_STALE / STEP);
	assert_int_equal(n_left, 2);
	assert_true(is_live(pid_of(TODAY, 500)));
	assert_true(is_live(pid_of(TODAY, 600)));
	/* the next round begins anew */
	put_live(YESTERDAY, 1);
	(void)sweep(pool, pid_of(TODAY, 500), STEP);
	assert_false(is_live(pid_of(YESTERDAY, 1)));
}

static void sweeping_keeps_the_pool_small_for_many_days(void **state)
{
	enum { N_DAYS = 100 };
	char day[DAY_BYTES];
	int64_t n;

	for (int i = 0; i < N_DAYS; i++) {
		/* a day of the service: fill, hand out, sweep */
		day_of(clk.unix_ms, day);
		n = n_missing(base_of(pool));
		assert_in_range(n, 1, settings.base.pool_size);
		publish(i * 10, (int)n);
		assert_ok(take(pool, pid_of(day, i)), &err);
		fake_clk_forward(&clk, DAY_MS);
		day_of(clk.unix_ms, day);
		(void)sweep(pool, pid_of(day, i + 1), 7);
		assert_true(temp_count(settings.cache_dir) < 8);
		assert_true(temp_count_files(settings.cache_dir) < 50);
	}
}

static void days_that_cannot_be_removed_hide_no_other_day(void **state)
{
	enum { N_DAYS = 100 };
	struct pool_cleaned cleaned;
	struct pool_stats stats;
	char today[DAY_BYTES];
	int64_t n;

	for (int i = 0; i < N_DAYS; i++) {
		publish(i * 10, 1);
		day_of(clk.unix_ms, today);
		temp_write(temp_path(settings.cache_dir, "%s/note", today),
			   "x");
		fake_clk_forward(&clk, DAY_MS);
	}
	assert_ok(shelf_count(base_of(pool), &n, &err), &err);
	assert_int_equal(n, N_DAYS);
	stats = count();
	assert_int_equal(stats.n_days, N_DAYS);
	assert_int_equal(stats.n_ready, N_DAYS);
	publish(5000, 4);
	renew_pool();
	/* with yesterday's */
	assert_int_equal(n_missing(base_of(pool)), settings.base.pool_size - 5);
	for (int i = 0; i < 5; i++)
		assert_ok(take(pool, pid_of(TODAY, i)), &err);
	day_of(clk.unix_ms, today);
	cleaned = clean(pid_of(today, 0));
	assert_int_equal(cleaned.n_ready, N_DAYS - 1);
	assert_int_equal(cleaned.n_days, 0);
	assert_true(temp_exists(in_cache(TODAY "/note")));
}

/* Put waiting and live pictures on a day. */
static void fill_day(int64_t unix_ms, int first_pid)
{
	char day[DAY_BYTES];
	int64_t now = clk.unix_ms;

	clk.unix_ms = unix_ms;
	day_of(unix_ms, day);
	publish(1, 2);
	put_live(day, first_pid);
	put_live(day, first_pid + 100);
	clk.unix_ms = now;
}

static void files_of_a_clock_that_was_ahead_are_removed(void **state)
{
	struct pool_live live = *may_live(pid_of(TODAY, 50));
	struct pool_cleaned cleaned;

	live.end_pid = *pid_of("2026-11-24", 150);
	for (int i = 0; i < 2; i++) {
		fill_day(clk.unix_ms, 100);
		fill_day(clk.unix_ms + DAY_MS, 100);
		fill_day(clk.unix_ms + 365 * DAY_MS, 300);
		temp_write(in_cache("tmp/0011223344556677"), "of next year");
		temp_set_mtime(in_cache("tmp/0011223344556677"),
			       clk.unix_ms + 365 * DAY_MS);
		if (i) {
			while (!pool_sweep(pool, &live, 3))
				;
		} else {
			assert_ok(pool_clean(pool, &live, &cleaned, &err),
				  &err);
			assert_int_equal(cleaned.n_ready, 2);
			assert_int_equal(cleaned.n_live, 3);
			assert_int_equal(cleaned.n_days, 1);
			assert_int_equal(cleaned.n_temporary, 1);
		}
		assert_false(temp_exists(in_cache("2027-11-23")));
		/* the clock of another machine may be ahead by a little */
		assert_int_equal(temp_count(in_cache("2026-11-24/live")), 1);
		assert_int_equal(temp_count(
					 in_cache("2026-11-24/ready-1a2b3c")),
				 2 + 2 * i);
	}
	assert_ok(take(pool, pid_of(TODAY, 0)), &err);
}

static void no_descriptor_leaks(void **state)
{
	int before, turn;

	for (turn = 0, before = 0; turn < 3; turn++) {
		if (turn == 1)
			before = temp_count("/proc/self/fd");
		publish(1, 300);
		for (int i = 0; i < 300; i++)
			assert_ok(take(pool, pid_of(TODAY, i)), &err);
		assert_status(take(pool, pid_of(TODAY, 0)), CF_EMPTY, &err);
		fake_clk_forward(&clk, 200);
		assert_ok(load(pid_of(TODAY, 5)), &err);
		(void)n_missing(base_of(pool));
		(void)count();
		assert_ok(pool_probe(pool, &err), &err);
		(void)sweep(pool, pid_of(TODAY, 100), 30);
		(void)clean(pid_of(TODAY, 99999));
		temp_dir_remove(settings.cache_dir);
		assert_ok(pool_probe(pool, &err), &err);
	}
	assert_int_equal(temp_count("/proc/self/fd"), before);
	pool_free(pool);
	pool = NULL;
	assert_true(temp_count("/proc/self/fd") < before);
	pool_free(NULL);
}

/* --- shelves of profiles -------------------------------------------------- */

/* n files on the shelf of a profile, each of some bytes. */
static void put_on(const char *profile, int n, size_t bytes)
{
	static const char zeros[70000];
	struct shelf *shelf = pool_shelf(pool, profile, MARK, 10);

	assert_non_null(shelf);
	for (int i = 0; i < n; i++)
		assert_ok(shelf_publish(shelf, zeros, bytes, profile, &err),
			  &err);
}

static void shelves_are_apart_and_live_pictures_together(void **state)
{
	struct shelf *login = pool_shelf(pool, "login", MARK, 3);
	char longest[POOL_PROFILE_MAX_CHARS + 1];
	struct shelf *shelf;

	assert_ptr_equal(login, pool_shelf(pool, "login", MARK, 3));
	assert_ptr_not_equal(login, base_of(pool));
	memset(longest, '-', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	put_on("login", 1, 5);
	put_on(longest, 1, 5);
	assert_int_equal(temp_count(in_cache(TODAY "/ready-login-1a2b3c")), 1);
	assert_false(temp_exists(in_cache(TODAY "/ready-1a2b3c")));
	assert_status(take(pool, pid_of(TODAY, 0)), CF_EMPTY, &err);
	assert_ok(shelf_take(login, pid_of(TODAY, 1), code, &err), &err);
	assert_string_equal(code, "login");
	assert_true(is_live(pid_of(TODAY, 1)));
	assert_status(shelf_take(login, pid_of(TODAY, 2), code, &err), CF_EMPTY,
		      &err);
	shelf = pool_shelf(pool, longest, MARK, 3);
	assert_ok(shelf_take(shelf, pid_of(TODAY, 3), code, &err), &err);
	assert_string_equal(code, longest);
}

static void each_shelf_is_filled_to_its_own_size(void **state)
{
	struct shelf *login = pool_shelf(pool, "login", MARK, 3);

	put_on("login", 1, 5);
	publish(1, 4);
	assert_int_equal(n_missing(login), 2);
	assert_int_equal(n_missing(base_of(pool)), 6);
}

static void the_cap_is_for_all_shelves_together(void **state)
{
	struct pool *other;
	int64_t n;

	settings.cache_max_bytes = 70000;
	renew_pool();
	/* also shelves that only another process uses */
	put_on("other", 3, 20000);
	assert_ok(pool_put_live(pool, pid_of(TODAY, 0), "x", 1, &err), &err);
	other = pool;
	pool = new_pool();
	put_on("login", 1, 4000);
	/* of 4000 bytes, in 70000 - 64001 */
	assert_int_equal(n_missing(pool_shelf(pool, "login", MARK, 10)), 1);
	put_on("login", 2, 4000);
	assert_status(begin(pool, false, &n),
		      CF_FULL, &err);
	assert_has(err.text, "cache_max_bytes = 70000");
	assert_status(pool_put_live(pool, pid_of(TODAY, 0), "x", 1, &err),
		      CF_FULL, &err);
	/* until the other process is gone */
	pool_free(other);
	assert_int_equal(n_missing(base_of(pool)), settings.base.pool_size);
	assert_false(temp_exists(in_cache(TODAY "/ready-other-1a2b3c")));
}

/* The shelf of the base under other settings of the picture. */
static struct shelf *other_base_of(struct pool *p)
{
	struct shelf *shelf =
		pool_shelf(p, "", 0xabcdef, settings.base.pool_size);

	assert_non_null(shelf);
	return shelf;
}

static void pictures_of_other_settings_are_not_handed_out(void **state)
{
	struct pool_stats stats;
	int64_t n;

	publish(1, 3);
	renew_pool();
	assert_status(shelf_take(other_base_of(pool), pid_of(TODAY, 0), code,
				 &err),
		      CF_EMPTY, &err);
	assert_int_equal(n_missing(other_base_of(pool)),
			 settings.base.pool_size);
	assert_ok(shelf_count(other_base_of(pool), &n, &err), &err);
	assert_int_equal(n, 0);
	stats = count();
	assert_int_equal(stats.n_ready, 0);
	assert_int_equal(stats.bytes, 3 * 2);
	/* a profile whose name looks like a mark has another shelf */
	assert_ptr_not_equal(pool_shelf(pool, "abcdef", 0xabcdef, 1),
			     other_base_of(pool));
}

static void remove_unused(bool by_clean)
{
	struct pool *old = pool;

	publish(1, 3);
	/* named as in a version without marks */
	assert_int_equal(mkdir(in_cache(TODAY "/ready-login"), 0700), 0);
	temp_write(in_cache(TODAY "/ready-login/0123456789abcdef-61.png"), "x");
	pool = new_pool();
	assert_ok(shelf_publish(other_base_of(pool), "x", 1, "new", &err),
		  &err);
	/* shelves of a live process stay */
	(void)sweep(pool, pid_of(TODAY, 0), 2);
	assert_false(temp_exists(in_cache(TODAY "/ready-login")));
	assert_int_equal(temp_count(in_cache(TODAY "/ready-1a2b3c")), 3);
	assert_int_equal(clean(pid_of(TODAY, 0)).n_ready, 0);
	assert_ok(shelf_take(base_of(old), pid_of(TODAY, 0), code, &err), &err);
	/* the old process leaves the new shelves, too */
	(void)sweep(old, pid_of(TODAY, 0), 2);
	assert_int_equal(temp_count(in_cache(TODAY "/ready-abcdef")), 1);
	pool_free(old);
	if (by_clean)
		assert_int_equal(clean(pid_of(TODAY, 0)).n_ready, 2);
	else
		(void)sweep(pool, pid_of(TODAY, 0), 2);
	assert_false(temp_exists(in_cache(TODAY "/ready-1a2b3c")));
	assert_int_equal(temp_count(in_cache(TODAY "/ready-abcdef")), 1);
	assert_ok(shelf_take(other_base_of(pool), pid_of(TODAY, 5), code, &err),
		  &err);
	assert_string_equal(code, "new");
}

static void an_unused_shelf_is_removed_however_new(void **state)
{
	remove_unused(false);
	temp_dir_remove(settings.cache_dir);
	renew_pool();
	remove_unused(true);
}

static void a_shelf_in_a_cache_made_anew_is_in_use(void **state)
{
	struct pool *user = pool;

	publish(1, 1);
	temp_dir_remove(settings.cache_dir);
	publish(2, 1);
	pool = new_pool();
	assert_int_equal(clean(pid_of(TODAY, 0)).n_ready, 0);
	assert_int_equal(n_ready(), 1);
	pool_free(user);
	assert_int_equal(clean(pid_of(TODAY, 0)).n_ready, 1);
}

static void counting_and_cleaning_cover_every_shelf(void **state)
{
	struct pool_cleaned cleaned;
	struct pool_stats stats;

	publish(1, 2);
	put_on("login", 3, 100);
	put_on("gone", 4, 100);
	date_files(TODAY "/ready-login-1a2b3c");
	date_files(TODAY "/ready-gone-1a2b3c");
	temp_write(in_cache(TODAY "/readymade"), "not ours");
	stats = count();
	assert_int_equal(stats.n_ready, 9);
	assert_int_equal(stats.bytes, 700 + 4);
	renew_pool();
	fake_clk_forward(&clk, 2 * DAY_MS);
	cleaned = clean(pid_of("2026-11-25", 1));
	assert_int_equal(cleaned.n_ready, 9);
	assert_int_equal(cleaned.n_days, 0);
	assert_false(temp_exists(in_cache(TODAY "/ready-gone-1a2b3c")));
	assert_true(temp_exists(in_cache(TODAY "/readymade")));
	assert_int_equal(unlink(in_cache(TODAY "/readymade")), 0);
	cleaned = clean(pid_of("2026-11-25", 1));
	assert_int_equal(cleaned.n_days, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(take_makes_a_ready_picture_the_live_one_of_a_pid),
		TEST(pictures_that_came_during_a_round_are_found),
		TEST(an_empty_pool_is_read_again_after_a_moment),
		TEST(each_picture_is_taken_once_over_all_processes),
		TEST(days_are_taken_in_their_order),
		TEST(other_files_are_never_taken_and_links_never_read),
		TEST(a_code_that_no_name_can_hold_is_refused),
		TEST(a_live_picture_is_put_read_and_removed),
		TEST(files_and_directories_are_for_their_owner_alone),
		TEST(a_cache_that_was_removed_is_made_anew),
		TEST(a_file_in_place_of_the_cache_fails_every_call),
		TEST(a_cache_that_is_not_writable_fails_and_says_so),
		TEST(probe_leaves_nothing_and_sees_other_file_systems),
		TEST(filling_asks_for_missing_pictures),
		TEST(one_process_fills_at_a_time),
		TEST(the_cap_ends_filling_and_keeping),
		TEST(half_of_the_disk_stays_free),
		TEST(other_processes_make_room_below_the_cap),
		TEST(a_round_of_sweeping_counts_live_pictures),
		TEST(counting_covers_all_pictures),
		TEST(clean_removes_only_stale_files),
		TEST(a_sweep_without_descriptors_fails_and_counts_nothing),
		TEST(clean_goes_by_the_age_of_each_ready_picture),
		TEST(clean_does_not_leave_the_cache_through_a_link),
		TEST(clean_may_run_twice_at_once),
		TEST(sweep_takes_small_steps_to_the_end_of_a_round),
		TEST(sweeping_keeps_the_pool_small_for_many_days),
		TEST(days_that_cannot_be_removed_hide_no_other_day),
		TEST(files_of_a_clock_that_was_ahead_are_removed),
		TEST(no_descriptor_leaks),
		TEST(shelves_are_apart_and_live_pictures_together),
		TEST(each_shelf_is_filled_to_its_own_size),
		TEST(the_cap_is_for_all_shelves_together),
		TEST(pictures_of_other_settings_are_not_handed_out),
		TEST(an_unused_shelf_is_removed_however_new),
		TEST(a_shelf_in_a_cache_made_anew_is_in_use),
		TEST(counting_and_cleaning_cover_every_shelf),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
