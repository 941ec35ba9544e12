/*
 * limit.c: buckets run dry and fill, processes share them, and a million
 * addresses take no more memory than one.
 */
#include "base/base.h"
#include "http/limit.h"
#include "base/crypt.h"
#include "base/metrics.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/temp_dir.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { BURST = 5, TOKEN_MS = 1000, MANY = 1000 * 1000 };

static char dir[TEMP_PATH_BYTES];
static struct settings settings;
static struct log out_log;
static struct fake_clk fake;
static struct notes *notes;
static struct limit *limit;

static struct limit *new_limit(void)
{
	struct limit *new =
		limit_new(&settings, notes, &out_log, fake_clk_get(&fake));

	assert_non_null(new);
	return new;
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypt_open(NULL), CF_OK);
	temp_dir_make(dir);
	settings_init(&settings);
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       dir);
	settings.issue_per_minute = settings.failed_per_minute = 60;
	settings.issue_burst = settings.failed_burst = BURST;
	out_log.level = LOG_LEVEL_ERROR;
	fake_clk_init(&fake);
	notes = notes_new(&settings, fake_clk_get(&fake));
	assert_non_null(notes);
	limit = new_limit();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	limit_free(limit);
	notes_free(notes);
	temp_dir_remove(dir);
	return 0;
}

/* The n-th address of many. */
static struct net_addr addr_of(uint32_t n)
{
	struct net_addr addr = {{0x20, 0x01, 0x0d, 0xb8}};

	memcpy(addr.bytes + 4, &n, sizeof(n));
	return addr;
}

static int64_t take(uint32_t n)
{
	struct net_addr addr = addr_of(n);

	return limit_spend(limit, LIMIT_ISSUE, &addr);
}

static void take_all(uint32_t n)
{
	for (int i = 0; i < BURST; i++)
		assert_int_equal(take(n), 0);
}

static void a_burst_is_given_and_then_one_at_a_time(void **state)
{
	(void)state;
	take_all(1);
	assert_int_equal(take(1), TOKEN_MS);
	assert_int_equal(take(1), TOKEN_MS); /* asking costs nothing */
	fake_clk_forward(&fake, TOKEN_MS - 1);
	assert_int_equal(take(1), 1);
	fake_clk_forward(&fake, 1);
	assert_int_equal(take(1), 0);
	assert_int_equal(take(1), TOKEN_MS);
	fake_clk_forward(&fake, 2 * TOKEN_MS);
	assert_int_equal(take(1), 0);
	assert_int_equal(take(1), 0);
	assert_int_equal(take(1), TOKEN_MS);
}

static void a_rest_gives_a_burst_and_no_more(void **state)
{
	(void)state;
	take_all(1);
	fake_clk_forward(&fake, BURST * TOKEN_MS - 1);
	for (int i = 1; i < BURST; i++)
		assert_int_equal(take(1), 0);
	assert_int_equal(take(1), 1);
	fake_clk_forward(&fake, INT64_C(1000) * 86400 * 365);
	take_all(1);
	assert_int_equal(take(1), TOKEN_MS);
}

static void addresses_and_kinds_have_buckets_of_their_own(void **state)
{
	struct net_addr one = addr_of(1);

	(void)state;
	take_all(1);
	assert_int_not_equal(take(1), 0);
	take_all(2);
	for (int i = 0; i < BURST; i++)
		assert_int_equal(limit_spend(limit, LIMIT_FAILED, &one), 0);
	assert_int_equal(limit_spend(limit, LIMIT_FAILED, &one), TOKEN_MS);
	assert_int_not_equal(take(2), 0);
}

/* 2001:db8:0:N::, in a /48 of its own for each 65,536 of them and in a /56
 * for each 256 */
static int64_t take_64(uint32_t n)
{
	struct net_addr addr = {{0x20, 0x01, 0x0d, 0xb8, (uint8_t)(n >> 24),
				 (uint8_t)(n >> 16), (uint8_t)(n >> 8),
				 (uint8_t)n}};

	return limit_spend(limit, LIMIT_ISSUE, &addr);
}

/* How many tokens the n /64s from here on get, if each wants too many. */
static int take_of_all(uint32_t first, uint32_t n)
{
	int n_taken = 0;

	for (uint32_t i = first; i < first + n; i++)
		for (int k = 0; k < BURST + 2; k++)
			n_taken += !take_64(i);
	return n_taken;
}

static void a_56_and_a_48_get_a_multiple_of_a_64(void **state)
{
	(void)state;
	assert_int_equal(take_of_all(0, 1), BURST);
	assert_int_equal(take_of_all(1, 255), (LIMIT_56_TIMES - 1) * BURST);
	/* another /56 of the same /48 */
	assert_int_equal(take_of_all(256, 256), LIMIT_56_TIMES * BURST);
	assert_int_equal(take_of_all(512, 65536 - 512),
			 (LIMIT_48_TIMES - 2 * LIMIT_56_TIMES) * BURST);
	/* and others are others */
	assert_int_equal(take_of_all(65536, 1), BURST);
	assert_int_equal(take_of_all(UINT32_C(1) << 24, 256),
			 LIMIT_56_TIMES * BURST);
}

static void a_wide_block_fills_as_much_quicker(void **state)
{
	(void)state;
	(void)take_of_all(0, 256);
	fake_clk_forward(&fake, TOKEN_MS);
	assert_int_equal(take_of_all(0, 256), LIMIT_56_TIMES);
	(void)take_of_all(256, 65536 - 256);
	assert_int_equal(take_64(65535), 32); /* 1000 / 32, rounded up */
	fake_clk_forward(&fake, TOKEN_MS);
	assert_int_equal(take_of_all(256, 65536 - 256), LIMIT_48_TIMES);
}

/* A token is of all three or of none. */
static void a_refusal_by_a_wide_block_takes_nothing(void **state)
{
	(void)state;
	(void)take_of_all(0, 256);
	for (int i = 0; i < 100; i++) /* one that had none */
		assert_int_not_equal(take_64(200), 0);
	fake_clk_forward(&fake, TOKEN_MS); /* for its /56, not for it */
	for (int i = 0; i < BURST; i++)
		assert_int_equal(take_64(200), 0);
	assert_int_equal(take_64(200), TOKEN_MS);
	/* nor has the /48 lost any: what the /56 had, BURST of the /64 too */
	assert_int_equal(take_of_all(256, 65536 - 256),
			 (LIMIT_48_TIMES - LIMIT_56_TIMES) * BURST +
				 LIMIT_48_TIMES - BURST);
}

static void what_is_given_back_is_given_back_to_all(void **state)
{
	struct net_addr addr = {{0x20, 0x01, 0x0d, 0xb8}};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(take_64(0), 0);
		limit_refund(limit, LIMIT_ISSUE, &addr);
	}
	assert_int_equal(take_of_all(0, 256), LIMIT_56_TIMES * BURST);
}

static void ipv4_has_no_wide_blocks(void **state)
{
	struct net_addr addr;
	char text[32];

	(void)state;
	for (int i = 0; i < 256; i++) {
		(void)snprintf(text, sizeof(text), "192.0.2.%d", i);
		assert_true(net_parse(str_from(text), &addr));
		for (int k = 0; k < BURST; k++)
			assert_int_equal(limit_spend(limit, LIMIT_ISSUE, &addr),
					 0);
		assert_int_equal(limit_spend(limit, LIMIT_ISSUE, &addr),
				 TOKEN_MS);
	}
}

/* Takes as handlers do when there is little left. */
static int64_t take_share(uint32_t n)
{
	struct net_addr addr = {{0x20, 0x01, 0x0d, 0xb8, (uint8_t)(n >> 24),
				 (uint8_t)(n >> 16), (uint8_t)(n >> 8),
				 (uint8_t)n}};
	int64_t wait_ms = limit_spend(limit, LIMIT_ISSUE, &addr);

	return wait_ms ? wait_ms : limit_keep_share(limit, LIMIT_ISSUE, &addr);
}

static void a_share_is_a_tenth_of_a_burst(void **state)
{
	int n = 0;

	(void)state;
	settings.issue_burst = 30;
	limit_free(limit);
	limit = new_limit();
	for (int i = 0; i < 3; i++)
		assert_int_equal(take_share(1), 0);
	for (int i = 0; i < 100; i++) /* which cost nothing */
		assert_int_equal(take_share(1), TOKEN_MS);
	fake_clk_forward(&fake, TOKEN_MS);
	assert_int_equal(take_share(1), 0);
	assert_int_equal(take_share(1), TOKEN_MS);
	/* all of it is there when there is no crowd */
	for (int i = 0; i < 27; i++)
		assert_int_equal(take_64(1), 0);
	assert_int_not_equal(take_64(1), 0);
	/* likewise a /56, and a /48 */
	for (uint32_t i = 256; i < 512; i++)
		for (int k = 0; k < 5; k++)
			n += !take_share(i);
	assert_int_equal(n, LIMIT_56_TIMES * 3);
	fake_clk_forward(&fake, INT64_C(1000) * 86400);
	n = 0;
	for (uint32_t i = 0; i < 65536; i++)
		n += !take_share(i);
	assert_int_equal(n, LIMIT_48_TIMES * 3);
}

static void a_share_is_one_at_least(void **state)
{
	(void)state;
	settings.issue_burst = 1;
	limit_free(limit);
	limit = new_limit();
	assert_int_equal(take_share(1), 0);
	assert_int_not_equal(take_share(1), 0);
	fake_clk_forward(&fake, TOKEN_MS);
	assert_int_equal(take_share(1), 0);
}

/* The time in a word has fewer bits than the clock. */
static void a_machine_may_be_up_for_years(void **state)
{
	(void)state;
	fake.mono_ms = (INT64_C(1) << 35) - 500; /* of the /48, goes round */
	(void)take_of_all(0, 65536);
	assert_int_not_equal(take_64(65535), 0);
	fake_clk_forward(&fake, TOKEN_MS);
	assert_int_equal(take_of_all(0, 65536), LIMIT_48_TIMES);
	fake.mono_ms = (INT64_C(1) << 40) - 500; /* of an address */
	assert_int_equal(take_of_all(0, 1), BURST);
	fake_clk_forward(&fake, TOKEN_MS);
	assert_int_equal(take_of_all(0, 1), 1);
}

static void each_kind_has_its_rate(void **state)
{
	struct net_addr one = addr_of(1);

	(void)state;
	limit_free(limit);
	settings.failed_per_minute = 7; /* which does not divide a minute */
	settings.failed_burst = 1;
	limit = new_limit();
	assert_int_equal(limit_spend(limit, LIMIT_FAILED, &one), 0);
	assert_int_equal(limit_spend(limit, LIMIT_FAILED, &one), 8571);
	take_all(1);
}

static void what_is_given_back_can_be_taken(void **state)
{
	struct net_addr one = addr_of(1);

	(void)state;
	limit_refund(limit, LIMIT_ISSUE, &one); /* before all else */
	take_all(1);
	limit_refund(limit, LIMIT_ISSUE, &one);
	assert_int_equal(take(1), 0);
	assert_int_equal(take(1), TOKEN_MS);
	fake_clk_forward(&fake, BURST * TOKEN_MS);
	assert_int_equal(take(1), 0);
	fake_clk_forward(&fake, TOKEN_MS / 2);
	limit_refund(limit, LIMIT_ISSUE, &one); /* half has come since */
	limit_refund(limit, LIMIT_ISSUE, &one); /* one that was not taken */
	take_all(1);
	assert_int_equal(take(1), TOKEN_MS);
}

static void zero_sets_no_limit_and_makes_no_file(void **state)
{
	(void)state;
	limit_free(limit);
	settings.issue_per_minute = 0;
	limit = new_limit();
	for (int i = 0; i < 100 * BURST; i++)
		assert_int_equal(take(1), 0);
	assert_false(temp_exists(temp_path(dir, LIMIT_FILE_NAME)));
}

static void buckets_outlive_the_process(void **state)
{
	(void)state;
	take_all(1);
	limit_free(limit);
	limit = new_limit();
	assert_int_equal(take(1), TOKEN_MS);
}

static void a_clock_that_jumps_locks_nobody_out(void **state)
{
	(void)state;
	take_all(1);
	fake.mono_ms = 10; /* another run of the machine */
	take_all(1);
	assert_int_equal(take(1), TOKEN_MS);
	/* one that comes to about the same time is not told from this one */
	fake_clk_forward(&fake, 100 * TOKEN_MS);
	assert_int_equal(take(1), 0);
	fake.mono_ms -= 3 * TOKEN_MS;
	assert_int_equal(take(1), 0);
	assert_in_range(take(1), 1, BURST * TOKEN_MS);
	fake_clk_forward(&fake, BURST * TOKEN_MS);
	take_all(1);
}

/* --- processes ------------------------------------------------------------ */

enum { PROCESSES = 8, ROUNDS = 2000, ADDRESSES = 3 };

/* A process of its own: how many tokens of each address it got. */
static void be_a_process(int start_fd, int *n_got)
{
	struct limit *own = new_limit();
	char byte;

	(void)!read(start_fd, &byte, 1); /* all begin at once: end of file */
	for (uint32_t i = 0; i < ROUNDS * ADDRESSES; i++) {
		struct net_addr addr = addr_of(i % ADDRESSES);

		n_got[i % ADDRESSES] +=
			!limit_spend(own, LIMIT_ISSUE, &addr);
		if (i % 7 == 0 && n_got[i % ADDRESSES] > 0) {
			limit_refund(own, LIMIT_ISSUE, &addr);
			n_got[i % ADDRESSES]--;
		}
	}
	limit_free(own);
	_exit(0);
}

static void processes_together_get_what_one_may(void **state)
{
	int(*n_got)[ADDRESSES];
	int fds[2], status;

	(void)state;
	n_got = mmap(NULL, PROCESSES * sizeof(*n_got), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(n_got != MAP_FAILED);
	settings.issue_burst = 500;
	assert_int_equal(pipe(fds), 0);
	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			(void)close(fds[1]);
			be_a_process(fds[0], n_got[i]);
		}
	}
	(void)close(fds[0]);
	(void)close(fds[1]);
	for (int i = 0; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	for (int a = 0; a < ADDRESSES; a++) {
		int n = 0;

		for (int i = 0; i < PROCESSES; i++)
			n += n_got[i][a];
		/* at the end all have asked in vain, or given some back */
		assert_in_range(n, 500 - PROCESSES, 500);
	}
	(void)munmap(n_got, PROCESSES * sizeof(*n_got));
}

/* --- a million addresses -------------------------------------------------- */

static long resident_bytes(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 0;
	if (fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	(void)fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

static void a_million_addresses_take_no_more_memory(void **state)
{
	const char *file = temp_path(dir, LIMIT_FILE_NAME);
	struct stat before, after;
	size_t heap;
	long resident;

	(void)state;
	settings.issue_burst = 120;
	limit_free(limit);
	limit = new_limit();
	assert_int_equal(take(0), 0);
	assert_int_equal(stat(file, &before), 0);
	assert_in_range(before.st_size, 2 * 3 * LIMIT_SLOTS * 8,
			2 * 3 * LIMIT_SLOTS * 8 + 4096);
	while (!take(0)) /* one has more than enough */
		;
	resident = resident_bytes();
	heap = mallinfo2().uordblks;
	for (uint32_t i = 1; i <= MANY; i++) {
		assert_int_equal(take(i), 0); /* nobody gets less for it */
		if (i % 1000 == 0)
			fake_clk_forward(&fake, 1);
		if (i % 10000 == 0) /* a second is not over */
			assert_int_equal(take(0) > 0, i < MANY);
	}
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_int_equal(after.st_blocks, before.st_blocks);
	assert_int_equal(mallinfo2().uordblks, heap);
	/* the table itself, of which pages are seen for the first time */
	assert_in_range(resident_bytes(), 0, resident + 8 * 1024 * 1024);
	print_message("# %d addresses: file %lld bytes, resident %+ld\n", MANY,
		      (long long)after.st_size, resident_bytes() - resident);
}

static void who_comes_often_is_remembered_among_many(void **state)
{
	int n_forgotten = 0;

	(void)state;
	for (uint32_t i = 0; i < LIMIT_SLOTS / 4; i++)
		take_all(i);
	for (uint32_t i = 0; i < LIMIT_SLOTS / 4; i++)
		n_forgotten += !take(i);
	/* more than eight of a set, when there are two on the average */
	assert_in_range(n_forgotten, 0, LIMIT_SLOTS / 4 / 100);
}

/* --- what the log says ---------------------------------------------------- */

static void refusals_are_counted(void **state)
{
	struct net_addr one = addr_of(1);
	struct metrics_view before, after;

	(void)state;
	metrics_read(&before, 0);
	take_all(1);
	for (int i = 0; i < 3; i++)
		assert_int_not_equal(take(1), 0);
	for (int i = 0; i < BURST + 2; i++)
		(void)!limit_spend(limit, LIMIT_FAILED, &one);
	metrics_read(&after, 0);
	assert_int_equal(after.counts[METRIC_LIMITED_ISSUE] -
			 before.counts[METRIC_LIMITED_ISSUE], 3);
	assert_int_equal(after.counts[METRIC_LIMITED_CHECK] -
			 before.counts[METRIC_LIMITED_CHECK], 2);
}

static void refusals_are_told_once_a_minute(void **state)
{
	const char *text;

	(void)state;
	out_log.level = LOG_LEVEL_WARN;
	take_all(1);
	capture_begin();
	for (int i = 0; i < 1000; i++)
		assert_int_not_equal(take(1), 0);
	limit_free(limit); /* another process tells no more */
	notes_free(notes);
	notes = notes_new(&settings, fake_clk_get(&fake));
	assert_non_null(notes);
	limit = new_limit();
	assert_int_not_equal(take(1), 0);
	text = capture_end();
	assert_int_equal(capture_count(text, "event=limited"), 1);
	assert_has(text, "level=warn event=limited issue=1 failed=0 ");
	fake_clk_forward(&fake, NOTES_LOG_MS);
	take_all(1);
	capture_begin();
	assert_int_not_equal(take(1), 0);
	assert_has(capture_end(), "event=limited issue=1001 failed=0 ");
	fake.mono_ms = 10; /* another run of the machine */
	take_all(1);
	capture_begin();
	assert_int_not_equal(take(1), 0);
	assert_has(capture_end(), "event=limited issue=1 failed=0 ");
}

static void without_a_directory_nothing_is_limited(void **state)
{
	const char *text;

	(void)state;
	out_log.level = LOG_LEVEL_WARN;
	limit_free(limit);
	temp_write(temp_path(dir, "file"), "");
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir),
		       "%s/file/cache", dir);
	limit = new_limit();
	capture_begin();
	for (int i = 0; i < 100 * BURST; i++)
		assert_int_equal(take(1), 0);
	text = capture_end();
	assert_int_equal(capture_count(text, "event=no-limits"), 1);
	assert_has(text, "/file/cache");
	/* which is mended while it runs */
	out_log.level = LOG_LEVEL_ERROR;
	assert_int_equal(unlink(temp_path(dir, "file")), 0);
	take_all(1);
	assert_int_equal(take(1), 0);
	fake_clk_forward(&fake, LIMIT_RETRY_MS);
	take_all(1);
	assert_int_equal(take(1), TOKEN_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_burst_is_given_and_then_one_at_a_time),
		TEST(a_rest_gives_a_burst_and_no_more),
		TEST(addresses_and_kinds_have_buckets_of_their_own),
		TEST(a_56_and_a_48_get_a_multiple_of_a_64),
		TEST(a_wide_block_fills_as_much_quicker),
		TEST(a_refusal_by_a_wide_block_takes_nothing),
		TEST(what_is_given_back_is_given_back_to_all),
		TEST(ipv4_has_no_wide_blocks),
		TEST(a_share_is_a_tenth_of_a_burst),
		TEST(a_share_is_one_at_least),
		TEST(a_machine_may_be_up_for_years),
		TEST(each_kind_has_its_rate),
		TEST(what_is_given_back_can_be_taken),
		TEST(zero_sets_no_limit_and_makes_no_file),
		TEST(buckets_outlive_the_process),
		TEST(a_clock_that_jumps_locks_nobody_out),
		TEST(processes_together_get_what_one_may),
		TEST(a_million_addresses_take_no_more_memory),
		TEST(who_comes_often_is_remembered_among_many),
		TEST(refusals_are_counted),
		TEST(refusals_are_told_once_a_minute),
		TEST(without_a_directory_nothing_is_limited),
	};

	return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
