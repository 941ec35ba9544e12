/*
 * limit.c: buckets run dry and fill, processes share them, and a million
 * addresses need as much memory as one.
 */
#include "base/base.h"
#include "http/limit.h"
#include "base/crypt.h"
#include "base/metrics.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/processes.h"
#include "tests/support/temp_dir.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { BURST = 5, CREDIT_MS = 1000, MANY = 1000 * 1000 };

static char dir[TEMP_PATH_BYTES];
static struct settings settings;
static struct log out_log;
static struct fake_clk fake;
static struct notes *notes;
static struct limit *limit;

/* Begin again as a new process, with the current settings. */
static void restart(void)
{
	limit_free(limit);
	notes_free(notes);
	notes = notes_new(&settings, fake_clk_get(&fake));
	assert_non_null(notes);
	limit = limit_new(&settings, notes, &out_log, fake_clk_get(&fake));
	assert_non_null(limit);
}

static int set_up(void **state)
{
	assert_int_equal(crypt_open(NULL), CF_OK);
	temp_dir_make(dir);
	settings_init(&settings);
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       dir);
	settings.issue_per_minute = settings.failed_per_minute = 60;
	settings.issue_burst = settings.failed_burst = BURST;
	out_log.level = LOG_LEVEL_ERROR;
	fake_clk_init(&fake);
	restart();
	return 0;
}

static int tear_down(void **state)
{
	limit_free(limit);
	notes_free(notes);
	limit = NULL;
	notes = NULL;
	temp_dir_remove(dir);
	return 0;
}

/* The n-th of many addresses with blocks of their own. */
static struct net_addr apart(uint32_t n)
{
	return (struct net_addr){{0x20, 0x01, 0x0d, 0xb8, (uint8_t)n,
				  (uint8_t)(n >> 8), (uint8_t)(n >> 16),
				  (uint8_t)(n >> 24)}};
}

/* 2001:db8:0:n::, of which 256 have a /56 and 65,536 a /48. */
static struct net_addr beside(uint32_t n)
{
	return (struct net_addr){{0x20, 0x01, 0x0d, 0xb8, (uint8_t)(n >> 24),
				  (uint8_t)(n >> 16), (uint8_t)(n >> 8),
				  (uint8_t)n}};
}

static int64_t spend(struct net_addr addr)
{
	return limit_spend(limit, LIMIT_ISSUE, &addr);
}

static void refund(struct net_addr addr)
{
	limit_refund(limit, LIMIT_ISSUE, &addr);
}

static void assert_gets_of(enum limit_kind kind, struct net_addr addr, int n,
			   int64_t wait_ms)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(limit_spend(limit, kind, &addr), 0);
	for (int i = 0; i < 3; i++) /* a refusal costs nothing */
		assert_int_equal(limit_spend(limit, kind, &addr), wait_ms);
}

/* The address gets n credits, and would have to wait for the next. */
static void assert_gets(struct net_addr addr, int n, int64_t wait_ms)
{
	assert_gets_of(LIMIT_ISSUE, addr, n, wait_ms);
}

static void credits_arrive_one_by_one_up_to_the_burst(void **state)
{
	static const struct {
		int64_t later_ms;
		int n;
		int64_t wait_ms;
	} rows[] = {
		{0, BURST, CREDIT_MS},
		{CREDIT_MS - 1, 0, 1},
		{1, 1, CREDIT_MS},
		{2 * CREDIT_MS, 2, CREDIT_MS},
		{BURST * CREDIT_MS - 1, BURST - 1, 1},
		{INT64_C(1000) * 86400 * 365, BURST, CREDIT_MS},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		fake_clk_forward(&fake, rows[i].later_ms);
		assert_gets(apart(1), rows[i].n, rows[i].wait_ms);
		restart(); /* a bucket outlives the process */
	}
}

static void addresses_and_kinds_have_buckets_of_their_own(void **state)
{
	/* a rate that does not divide a minute */
	settings.failed_per_minute = 7;
	settings.failed_burst = 1;
	restart();
	assert_gets(apart(1), BURST, CREDIT_MS);
	assert_gets(apart(2), BURST, CREDIT_MS);
	assert_gets_of(LIMIT_FAILED, apart(1), 1, 8571);
}

static void ipv4_has_no_wide_blocks(void **state)
{
	struct net_addr addr;
	char text[32];

	for (int i = 0; i < 256; i++) {
		(void)snprintf(text, sizeof(text), "192.0.2.%d", i);
		assert_true(net_parse(str_from(text), &addr));
		assert_gets(addr, BURST, CREDIT_MS);
	}
}

/* Each of the n /64s from `first` on asks for more than its burst. Returns the
 * credits that they get together. */
static int spend_beside(uint32_t first, uint32_t n)
{
	int n_spent = 0;

	for (uint32_t i = first; i < first + n; i++)
		for (int k = 0; k < BURST + 2; k++)
			n_spent += !spend(beside(i));
	return n_spent;
}

static void wide_blocks_get_a_multiple_of_a_64(void **state)
{
	static const struct {
		int64_t later_ms;
		uint32_t first, n;
		int n_spent;
	} rows[] = {
		{0, 0, 1, BURST},
		{0, 1, 255, (LIMIT_56_TIMES - 1) * BURST},
		/* another /56 of the same /48, and the rest of it */
		{0, 256, 256, LIMIT_56_TIMES * BURST},
		{0, 512, 65536 - 512,
		 (LIMIT_48_TIMES - 2 * LIMIT_56_TIMES) * BURST},
		/* another /48 */
		{0, 65536, 1, BURST},
		{0, UINT32_C(1) << 24, 256, LIMIT_56_TIMES * BURST},
		/* they fill quicker by the same factor */
		{CREDIT_MS, 0, 256, LIMIT_56_TIMES},
		{0, 256, 65536 - 256, LIMIT_48_TIMES - LIMIT_56_TIMES},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		fake_clk_forward(&fake, rows[i].later_ms);
		assert_int_equal(spend_beside(rows[i].first, rows[i].n),
				 rows[i].n_spent);
	}
	assert_int_equal(spend(beside(65535)), 32); /* 1000 / 32, rounded up */
}

/* A credit is spent in all three buckets or in none. */
static void a_refusal_by_a_wide_block_spends_nothing(void **state)
{
	(void)spend_beside(0, 256);
	for (int i = 0; i < 100; i++) /* the bucket of this /64 is full */
		assert_int_not_equal(spend(beside(200)), 0);
	fake_clk_forward(&fake, CREDIT_MS); /* its /56 gets 8 credits */
	assert_gets(beside(200), BURST, CREDIT_MS);
	/* the /48 has lost only the credits of the /56, BURST of them to the
	 * /64 */
	assert_int_equal(spend_beside(256, 65536 - 256),
			 (LIMIT_48_TIMES - LIMIT_56_TIMES) * BURST +
				 LIMIT_48_TIMES - BURST);
}

static void a_refund_is_to_all_buckets(void **state)
{
	refund(beside(0)); /* before the file is open */
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(spend(beside(0)), 0);
		refund(beside(0));
	}
	assert_int_equal(spend_beside(0, 256), LIMIT_56_TIMES * BURST);
	refund(beside(0));
	assert_gets(beside(0), 1, CREDIT_MS);
	/* refunds never exceed the burst */
	fake_clk_forward(&fake, BURST * CREDIT_MS);
	assert_int_equal(spend(beside(0)), 0);
	fake_clk_forward(&fake, CREDIT_MS / 2);
	refund(beside(0));
	refund(beside(0));
	assert_gets(beside(0), BURST, CREDIT_MS);
}

/* Spend as http.c does when the store is crowded. */
static int64_t spend_share(uint32_t n)
{
	struct net_addr addr = beside(n);
	int64_t wait_ms = limit_spend(limit, LIMIT_ISSUE, &addr);

	return wait_ms ? wait_ms : limit_keep_share(limit, LIMIT_ISSUE, &addr);
}

static void a_share_is_a_tenth_of_a_burst(void **state)
{
	int n = 0;

	settings.issue_burst = 30;
	restart();
	for (int i = 0; i < 3; i++)
		assert_int_equal(spend_share(1), 0);
	for (int i = 0; i < 100; i++) /* refusals cost nothing */
		assert_int_equal(spend_share(1), CREDIT_MS);
	fake_clk_forward(&fake, CREDIT_MS);
	assert_int_equal(spend_share(1), 0);
	assert_int_equal(spend_share(1), CREDIT_MS);
	/* with room in the store the rest of the burst is left */
	assert_gets(beside(1), 27, CREDIT_MS);
	/* likewise a /56, and a /48 */
	for (uint32_t i = 256; i < 512; i++)
		for (int k = 0; k < 5; k++)
			n += !spend_share(i);
	assert_int_equal(n, LIMIT_56_TIMES * 3);
	fake_clk_forward(&fake, INT64_C(1000) * 86400);
	n = 0;
	for (uint32_t i = 0; i < 65536; i++)
		n += !spend_share(i);
	assert_int_equal(n, LIMIT_48_TIMES * 3);
}

static void a_share_is_at_least_one_credit(void **state)
{
	settings.issue_burst = 1;
	restart();
	assert_int_equal(spend_share(1), 0);
	assert_int_not_equal(spend_share(1), 0);
	fake_clk_forward(&fake, CREDIT_MS);
	assert_int_equal(spend_share(1), 0);
}

static void a_refusal_beyond_the_share_is_logged(void **state)
{
	const struct net_addr addr = beside(1);

	out_log.level = LOG_LEVEL_WARN;
	restart();
	for (int i = 0; i < 2; i++)
		assert_int_equal(limit_spend(limit, LIMIT_ISSUE, &addr), 0);
	capture_begin();
	assert_int_not_equal(limit_keep_share(limit, LIMIT_ISSUE, &addr), 0);
	assert_has(capture_end(), "event=limited issue=1 failed=0 ");
}

/* The time in a word has fewer bits than the clock. */
static void a_machine_may_be_up_for_years(void **state)
{
	fake.mono_ms = (INT64_C(1) << 35) - 500; /* of the /48, wraps */
	(void)spend_beside(0, 65536);
	assert_int_not_equal(spend(beside(65535)), 0);
	fake_clk_forward(&fake, CREDIT_MS);
	assert_int_equal(spend_beside(0, 65536), LIMIT_48_TIMES);
	fake.mono_ms = (INT64_C(1) << 40) - 500; /* of an address */
	assert_int_equal(spend_beside(0, 1), BURST);
	fake_clk_forward(&fake, CREDIT_MS);
	assert_int_equal(spend_beside(0, 1), 1);
}

static void a_rate_of_zero_sets_no_limit_and_makes_no_file(void **state)
{
	settings.issue_per_minute = 0;
	restart();
	assert_gets(apart(1), 100 * BURST, 0);
	assert_int_equal(limit_keep_share(limit, LIMIT_ISSUE,
					  &(struct net_addr){{0}}), 0);
	assert_int_equal(temp_count(dir), 0);
}

static void after_a_jump_of_the_clock_no_address_is_locked_out(void **state)
{
	assert_gets(apart(1), BURST, CREDIT_MS);
	fake.mono_ms = 10; /* after a reboot */
	assert_gets(apart(1), BURST, CREDIT_MS);
	/* a time from before the reboot that comes close counts as new */
	fake_clk_forward(&fake, 100 * CREDIT_MS);
	assert_int_equal(spend(apart(1)), 0);
	fake.mono_ms -= 3 * CREDIT_MS;
	assert_int_equal(spend(apart(1)), 0);
	assert_in_range(spend(apart(1)), 1, BURST * CREDIT_MS);
	fake_clk_forward(&fake, BURST * CREDIT_MS);
	assert_gets(apart(1), BURST, CREDIT_MS);
}

/* --- processes ------------------------------------------------------------ */

enum { PROCESSES = 8, ROUNDS = 2000, ADDRESSES = 3 };

/* The credits that each process got, of each address. */
static int (*n_got)[ADDRESSES];

static int spend_and_refund(int process)
{
	int *got = n_got[process];

	limit = NULL;
	notes = NULL;
	restart();
	for (uint32_t i = 0; i < ROUNDS * ADDRESSES; i++) {
		int *n = &got[i % ADDRESSES];

		*n += !spend(apart(i % ADDRESSES));
		if (i % 7 == 0 && *n > 0) {
			refund(apart(i % ADDRESSES));
			--*n;
		}
	}
	return 0;
}

static void processes_together_get_one_burst(void **state)
{
	size_t n_bytes = PROCESSES * sizeof(*n_got);

	n_got = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(n_got != MAP_FAILED);
	settings.issue_burst = 500;
	(void)processes_run(PROCESSES, spend_and_refund);
	for (int a = 0; a < ADDRESSES; a++) {
		int n = 0;

		for (int i = 0; i < PROCESSES; i++)
			n += n_got[i][a];
		/* each may have refunded one at its end */
		assert_in_range(n, 500 - PROCESSES, 500);
	}
	(void)munmap(n_got, n_bytes);
}

/* --- a million addresses -------------------------------------------------- */

static long resident_bytes(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
	(void)fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

static void a_million_addresses_need_no_more_memory(void **state)
{
	const char *file = temp_path(dir, LIMIT_FILE_NAME);
	struct stat before, after;
	size_t heap;
	long resident;

	settings.issue_burst = 120;
	restart();
	assert_gets(apart(0), 120, CREDIT_MS);
	assert_int_equal(stat(file, &before), 0);
	assert_in_range(before.st_size, LIMIT_KIND_COUNT * 3 * LIMIT_SLOTS * 8,
			LIMIT_KIND_COUNT * 3 * LIMIT_SLOTS * 8 + 4096);
	resident = resident_bytes();
	heap = mallinfo2().uordblks;
	for (uint32_t i = 1; i <= MANY; i++) {
		assert_int_equal(spend(apart(i)), 0); /* no address gets less */
		if (i % 1000 == 0)
			fake_clk_forward(&fake, 1);
		if (i % 10000 == 0) /* the busiest is not displaced */
			assert_int_equal(spend(apart(0)) > 0, i < MANY);
	}
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_int_equal(after.st_blocks, before.st_blocks);
	assert_int_equal(mallinfo2().uordblks, heap);
	/* pages of the table are used for the first time */
	assert_in_range(resident_bytes(), 0, resident + 8 * 1024 * 1024);
	print_message("# %d addresses: file %lld bytes, resident %+ld\n", MANY,
		      (long long)after.st_size, resident_bytes() - resident);
}

static void few_busy_addresses_are_displaced(void **state)
{
	int n_displaced = 0;

	for (uint32_t i = 0; i < LIMIT_SLOTS / 4; i++)
		assert_gets(apart(i), BURST, CREDIT_MS);
	for (uint32_t i = 0; i < LIMIT_SLOTS / 4; i++)
		n_displaced += !spend(apart(i));
	/* more than eight in a set, with two on the average */
	assert_in_range(n_displaced, 0, LIMIT_SLOTS / 4 / 100);
}

/* --- the log -------------------------------------------------------------- */

static void refusals_are_counted(void **state)
{
	struct metrics_view before, after;

	metrics_read(&before, 0);
	assert_gets(apart(1), BURST, CREDIT_MS);
	assert_gets_of(LIMIT_FAILED, apart(1), BURST, CREDIT_MS);
	assert_int_not_equal(spend(apart(1)), 0);
	metrics_read(&after, 0);
	assert_int_equal(after.counts[METRIC_LIMITED_ISSUE] -
			 before.counts[METRIC_LIMITED_ISSUE], 4);
	assert_int_equal(after.counts[METRIC_LIMITED_CHECK] -
			 before.counts[METRIC_LIMITED_CHECK], 3);
}

static void refusals_are_logged_once_a_minute(void **state)
{
	static const struct {
		int64_t mono_ms;
		const char *line;
	} rows[] = {
		{5000000, "level=warn event=limited issue=1 failed=0 "},
		{5000000 + NOTES_LOG_MS, "event=limited issue=999 failed=3 "},
		{10 /* after a reboot */, "event=limited issue=999 failed=3 "},
	};
	const char *text;

	out_log.level = LOG_LEVEL_WARN;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		fake.mono_ms = rows[i].mono_ms;
		for (int k = 0; k < BURST; k++)
			assert_int_equal(spend(apart(1)), 0);
		capture_begin();
		for (int k = 0; k < 998; k++)
			assert_int_not_equal(spend(apart(1)), 0);
		assert_gets_of(LIMIT_FAILED, apart(1), BURST, CREDIT_MS);
		restart(); /* another process does not log it again */
		assert_int_not_equal(spend(apart(1)), 0);
		text = capture_end();
		assert_int_equal(capture_count(text, "event=limited"), 1);
		assert_has(text, rows[i].line);
	}
}

static void without_a_directory_nothing_is_limited(void **state)
{
	const char *text;

	out_log.level = LOG_LEVEL_WARN;
	temp_write(temp_path(dir, "file"), "");
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir),
		       "%s/file/cache", dir);
	restart();
	capture_begin();
	assert_gets(apart(1), 100 * BURST, 0);
	text = capture_end();
	assert_int_equal(capture_count(text, "event=no-limits"), 1);
	assert_has(text, "/file/cache");
	/* the directory is repaired */
	out_log.level = LOG_LEVEL_ERROR;
	assert_int_equal(unlink(temp_path(dir, "file")), 0);
	assert_gets(apart(1), BURST, 0);
	fake_clk_forward(&fake, LIMIT_RETRY_MS);
	assert_gets(apart(1), BURST, CREDIT_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(credits_arrive_one_by_one_up_to_the_burst),
		TEST(addresses_and_kinds_have_buckets_of_their_own),
		TEST(ipv4_has_no_wide_blocks),
		TEST(wide_blocks_get_a_multiple_of_a_64),
		TEST(a_refusal_by_a_wide_block_spends_nothing),
		TEST(a_refund_is_to_all_buckets),
		TEST(a_share_is_a_tenth_of_a_burst),
		TEST(a_share_is_at_least_one_credit),
		TEST(a_refusal_beyond_the_share_is_logged),
		TEST(a_machine_may_be_up_for_years),
		TEST(a_rate_of_zero_sets_no_limit_and_makes_no_file),
		TEST(after_a_jump_of_the_clock_no_address_is_locked_out),
		TEST(processes_together_get_one_burst),
		TEST(a_million_addresses_need_no_more_memory),
		TEST(few_busy_addresses_are_displaced),
		TEST(refusals_are_counted),
		TEST(refusals_are_logged_once_a_minute),
		TEST(without_a_directory_nothing_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
