/*
 * challenge.c: the rules, with a store in memory, a real pool in a directory
 * of its own, the real generator and clocks that the test moves.
 */
#include "base/base.h"
#include "app/options.h"
#include "challenge/challenge.h"
#include "challenge/profile.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/mem_store.h"
#include "tests/support/temp_dir.h"

#include <sys/stat.h>

#define TODAY "2026-11-23"

static char dir[TEMP_PATH_BYTES];
static struct settings settings;
static struct log out_log;
static struct fake_clk clk;
static struct mem_store mem; /* large */
static struct store *store;
static struct pool *pool;
static struct settings login_settings;
static struct profile *profiles[2];
static struct profile *profile, *login; /* the same: the base, and another */
static struct challenge *ch;
static size_t reserve_max; /* of challenge_parts */
static bool has_pauses; /* as FastCGI; plain CGI until a test says so */
static const struct str any;
static const struct pid unknown = {"0abcdefghijklmno"};
static struct cf_error err;

/* Begin again with the settings as they are now, as a new process does. */
static void restart(void)
{
	struct challenge_parts parts = {.options = options_challenge(&settings),
					.log = &out_log,
					.clk = fake_clk_get(&clk),
					.reserve_max = reserve_max,
					.has_pauses = has_pauses};
	struct profile_options options;
	struct pool_options pool_options;

	challenge_free(ch);
	store_close(store);
	profile_free(login);
	profile_free(profile);
	pool_free(pool);
	store = parts.store = mem_store_open(&mem);
	pool_options = options_pool(&settings);
	pool = parts.pool = pool_new(&pool_options, fake_clk_get(&clk));
	assert_non_null(pool);
	options = options_profile(&settings);
	profile = profile_new("", &options, pool);
	assert_non_null(profile);
	options = options_profile(&login_settings);
	login = profile_new("login", &options, pool);
	assert_non_null(login);
	profiles[0] = profile;
	profiles[1] = login;
	parts.profiles = profiles;
	parts.n_profiles = 2;
	ch = challenge_new(&parts);
	assert_non_null(ch);
}

static int set_up(void **state)
{
	(void)state;
	assert_ok(crypt_open(&err), &err);
	temp_dir_make(dir);
	settings_init(&settings);
	settings.pool_size = 0; /* until a test wants some */
	has_pauses = false;
	reserve_max = 0;
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       temp_path(dir, "cache"));
	out_log = (struct log){LOG_LEVEL_WARN, LOG_TO_STDERR};
	fake_clk_init(&clk);
	mem_store_init(&mem);
	err = (struct cf_error)CF_ERROR_INIT;
	ch = NULL;
	store = NULL;
	pool = NULL;
	profile = login = NULL;
	login_settings = settings;
	login_settings.kind = SETTINGS_KIND_ARITHMETIC;
	restart();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	challenge_free(ch);
	store_close(store);
	profile_free(login);
	profile_free(profile);
	pool_free(pool);
	temp_dir_remove(dir);
	return 0;
}

static const char *shelf_dir(const char *name, const struct settings *s)
{
	return temp_path(settings.cache_dir, TODAY "/ready-%s%06x", name,
			 (unsigned)profile_mark(settings_hash_pictures(s)));
}

static struct shelf *base_of(struct pool *p)
{
	uint64_t hash = settings_hash_pictures(&settings);
	struct shelf *shelf = pool_shelf(p, "", profile_mark(hash),
					 settings.pool_size);

	assert_non_null(shelf);
	return shelf;
}

static enum cf_status put_ready(const void *png, size_t len, const char *code)
{
	return shelf_publish(base_of(pool), png, len, code, &err);
}

static enum cf_status issue_of(const char *name, struct pid *pid,
			       struct buf *png)
{
	struct challenge_issued out = {*pid, NULL};
	enum cf_status rc = challenge_issue(ch, str_from(name), &out, png,
					    &err);

	*pid = out.pid;
	return rc;
}

static enum cf_status issue_png(struct pid *pid, struct buf *png)
{
	return issue_of("", pid, png);
}

static void issue(struct pid *pid)
{
	assert_ok(issue_png(pid, NULL), &err);
}

static const char *code_of(const struct pid *pid)
{
	const struct store_entry *entry = mem_store_find(&mem, pid);

	assert_non_null(entry);
	return entry->code;
}

static enum cf_status picture(const struct pid *pid, struct buf *png)
{
	return challenge_picture(ch, pid, png, &err);
}

static enum challenge_verdict verify(const struct pid *pid, const char *answer)
{
	struct challenge_outcome out = {CHALLENGE_PASS, NULL};

	assert_ok(challenge_verify(ch, pid, str_from(answer), any, &out, &err),
		  &err);
	return out.verdict;
}

/* verify with the right answer */
static enum challenge_verdict verify_right(const struct pid *pid)
{
	char code[STORE_CODE_MAX_BYTES + 1];

	(void)snprintf(code, sizeof(code), "%s", code_of(pid));
	return verify(pid, code);
}

static int n_live(void)
{
	int n = temp_count(temp_path(settings.cache_dir, TODAY "/live"));

	return n < 0 ? 0 : n;
}

static int n_ready(void)
{
	int n = temp_count(shelf_dir("", &settings));

	return n < 0 ? 0 : n;
}

static void make_code(char code[STORE_CODE_MAX_BYTES + 1])
{
	assert_ok(profile_make_code(profile, code, &err), &err);
}

/* n pictures that are no pictures: the text of each is its code. */
static void publish(int n)
{
	char code[STORE_CODE_MAX_BYTES + 1];

	for (int i = 0; i < n; i++) {
		make_code(code);
		assert_ok(put_ready(code, strlen(code), code),
			  &err);
	}
}

static bool is_png(const struct buf *png)
{
	return png->len > 100 && !memcmp(png->ptr, "\x89PNG\r\n\x1a\n", 8);
}

static void remove_live(const struct pid *pid)
{
	assert_int_equal(unlink(temp_path(settings.cache_dir,
					  TODAY "/live/%s.png", pid->text)),
			 0);
}

/* Steps until there is time; how many. */
static int pause_until_idle(int64_t *wait_ms)
{
	int n = 0;

	do {
		*wait_ms = challenge_pause(ch);
		assert_true(++n < 5000); /* or it would spin for ever */
	} while (!*wait_ms);
	return n;
}

/* --- verifying ------------------------------------------------------------ */

static void a_right_answer_passes_once(void **state)
{
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1];

	(void)state;
	issue(&pid);
	assert_int_equal(n_live(), 1);
	(void)snprintf(code, sizeof(code), "%s", code_of(&pid));
	assert_int_equal(verify(&pid, code), CHALLENGE_PASS);
	assert_int_equal(mem.n, 0);
	assert_int_equal(n_live(), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(verify(&pid, code), CHALLENGE_UNKNOWN);
}

static void a_wrong_answer_uses_a_challenge_up(void **state)
{
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1];

	(void)state;
	issue(&pid);
	(void)snprintf(code, sizeof(code), "%s", code_of(&pid));
	assert_int_equal(verify(&pid, "nope"), CHALLENGE_WRONG);
	assert_int_equal(verify(&pid, code), CHALLENGE_UNKNOWN);
	assert_int_equal(mem.n, 0);
	assert_int_equal(n_live(), 0);
}

static void case_and_blanks_of_an_answer_do_not_count(void **state)
{
	struct pid pid;
	char typed[2 * STORE_CODE_MAX_BYTES + 3];
	size_t n = 0;

	(void)state;
	issue(&pid);
	typed[n++] = ' ';
	for (const char *c = code_of(&pid); *c; c++) {
		typed[n++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A')
						    : *c;
		typed[n++] = '\t';
	}
	typed[n] = '\0';
	assert_int_equal(verify(&pid, typed), CHALLENGE_PASS);
}

static void three_attempts_are_three_answers(void **state)
{
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1];

	(void)state;
	settings.attempts = 3;
	reserve_max = 1; /* so that what is in the store was issued */
	restart();
	issue(&pid);
	assert_int_equal(verify(&pid, "no"), CHALLENGE_WRONG);
	assert_int_equal(n_live(), 1); /* it can still be looked at */
	assert_int_equal(verify(&pid, ""), CHALLENGE_WRONG);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	assert_int_equal(n_live(), 0);
	assert_int_equal(verify(&pid, "no"), CHALLENGE_UNKNOWN);

	issue(&pid);
	(void)snprintf(code, sizeof(code), "%s", code_of(&pid));
	for (int i = 0; i < 3; i++)
		assert_int_equal(verify(&pid, "no"), CHALLENGE_WRONG);
	assert_int_equal(verify(&pid, code), CHALLENGE_UNKNOWN);
	assert_int_equal(n_live(), 0);
	assert_int_equal(mem.n, 0);
}

static void a_pass_ends_the_attempts_that_are_left(void **state)
{
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1];

	(void)state;
	settings.attempts = 5;
	restart();
	issue(&pid);
	(void)snprintf(code, sizeof(code), "%s", code_of(&pid));
	assert_int_equal(verify(&pid, code), CHALLENGE_PASS);
	assert_int_equal(verify(&pid, code), CHALLENGE_UNKNOWN);
	assert_int_equal(mem.n, 0);
	assert_int_equal(n_live(), 0);
}

static void of_two_right_answers_at_once_one_passes(void **state)
{
	struct pid pid;

	(void)state;
	settings.attempts = 3;
	restart();
	issue(&pid);
	mem.is_dropped_by_another = true; /* between our take and our drop */
	assert_int_equal(verify_right(&pid), CHALLENGE_UNKNOWN);
}

static void an_answer_is_too_late_at_the_millisecond_of_expiry(void **state)
{
	struct pid pid;

	(void)state;
	issue(&pid);
	fake_clk_forward(&clk, settings.ttl_s * 1000 - 1);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	issue(&pid);
	fake_clk_forward(&clk, settings.ttl_s * 1000);
	assert_int_equal(verify_right(&pid), CHALLENGE_EXPIRED);
	assert_int_equal(mem.n, 0);
	/* also a wrong one: that tells nothing about it */
	issue(&pid);
	fake_clk_forward(&clk, settings.ttl_s * 1000);
	assert_int_equal(verify(&pid, "no"), CHALLENGE_EXPIRED);
}

static void what_is_no_pid_never_reaches_the_store(void **state)
{
	struct challenge_outcome out = {CHALLENGE_PASS, profile};

	(void)state;
	assert_ok(challenge_verify(ch, NULL, STR_LIT("x"), any, &out, &err),
		  &err);
	assert_int_equal(out.verdict, CHALLENGE_MALFORMED);
	assert_null(out.profile);
	assert_int_equal(mem_store_n_calls(&mem), 0);
}

static void an_unknown_pid_is_only_looked_for(void **state)
{
	(void)state;
	assert_int_equal(verify(&unknown, "x"), CHALLENGE_UNKNOWN);
	assert_int_equal(mem_store_n_calls(&mem), 1);
	assert_int_equal(mem.n_calls[MEM_STORE_TAKE], 1);
}

static void verdicts_have_names(void **state)
{
	(void)state;
	assert_string_equal(challenge_verdict_name(CHALLENGE_UNKNOWN),
			    "unknown");
	assert_string_equal(challenge_verdict_name(CHALLENGE_PASS), "pass");
	assert_string_equal(challenge_verdict_name(CHALLENGE_WRONG), "wrong");
	assert_string_equal(challenge_verdict_name(CHALLENGE_EXPIRED),
			    "expired");
	assert_string_equal(challenge_verdict_name(CHALLENGE_MALFORMED),
			    "malformed");
}

/* --- a store that fails --------------------------------------------------- */

static const enum cf_status failures[] = {CF_BUSY, CF_IO, CF_FULL, CF_CORRUPT};

static void no_failure_of_the_store_ever_passes(void **state)
{
	static const enum mem_store_call calls[] = {MEM_STORE_TAKE,
						    MEM_STORE_DROP};
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1];
	struct challenge_outcome out;

	(void)state;
	settings.attempts = 2; /* so that a right answer has to drop it */
	restart();
	for (size_t c = 0; c < CF_ARRAY_LEN(calls); c++) {
		for (size_t i = 0; i < CF_ARRAY_LEN(failures); i++) {
			issue(&pid);
			(void)snprintf(code, sizeof(code), "%s", code_of(&pid));
			mem.fail[calls[c]] = failures[i];
			out = (struct challenge_outcome){CHALLENGE_PASS,
							 profile};
			assert_status(challenge_verify(ch, &pid, str_from(code),
						       any, &out, &err),
				      failures[i], &err);
			assert_int_equal(out.verdict, CHALLENGE_UNKNOWN);
			assert_null(out.profile);
			mem.fail[calls[c]] = CF_OK;
		}
	}
}

static void a_store_that_fails_hands_nothing_out(void **state)
{
	static const enum mem_store_call calls[] = {
		MEM_STORE_COUNT, MEM_STORE_SECRET, MEM_STORE_PUT};
	struct pid pid = {"untouched"};
	struct buf png;

	(void)state;
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	for (size_t c = 0; c < CF_ARRAY_LEN(calls); c++) {
		for (size_t i = 0; i < CF_ARRAY_LEN(failures); i++) {
			restart();
			mem.fail[calls[c]] = failures[i];
			assert_status(issue_png(&pid, &png), failures[i], &err);
			assert_string_equal(pid.text, "untouched");
			mem.fail[calls[c]] = CF_OK;
			/* it goes on when the store does, and nothing stays */
			issue(&pid);
			assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
			assert_int_equal(mem.n, 0);
			assert_int_equal(n_live(), 0);
			(void)snprintf(pid.text, sizeof(pid.text), "untouched");
		}
	}
	buf_release(&png);
}

static void a_store_that_fails_burns_a_picture_of_the_pool(void **state)
{
	struct pid pid = {"untouched"};

	(void)state;
	publish(2);
	mem.fail[MEM_STORE_PUT] = CF_BUSY;
	assert_status(issue_png(&pid, NULL), CF_BUSY, &err);
	assert_string_equal(pid.text, "untouched");
	assert_int_equal(n_live(), 0);
	assert_int_equal(n_ready(), 1); /* and never given to anybody */
	mem.fail[MEM_STORE_PUT] = CF_OK;
	issue(&pid);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
}

static void the_pool_serves_without_the_secret(void **state)
{
	struct pid pid;

	(void)state;
	publish(1);
	mem.fail[MEM_STORE_SECRET] = CF_IO;
	issue(&pid);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
}

/* --- pictures ------------------------------------------------------------- */

static void without_a_pool_a_picture_is_drawn(void **state)
{
	struct pid pid;
	struct buf png, again;

	(void)state;
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	buf_init(&again, GENERATOR_PNG_MAX_BYTES);
	assert_ok(issue_png(&pid, &png), &err);
	assert_true(is_png(&png));
	assert_int_equal(n_live(), 0); /* it has been sent */
	for (int i = 0; i < 2; i++) {
		buf_reset(&again);
		assert_ok(picture(&pid, &again), &err);
		assert_int_equal(again.len, png.len);
		assert_memory_equal(again.ptr, png.ptr, png.len);
	}
	issue(&pid); /* by its address: it will be asked for */
	assert_int_equal(n_live(), 1);
	buf_release(&png);
	buf_release(&again);
}

static void a_picture_of_the_pool_goes_with_its_own_code(void **state)
{
	enum { N = 50 };
	struct pid pid;
	struct buf png;

	(void)state;
	publish(N);
	buf_init(&png, 1000);
	for (int i = 0; i < N; i++) {
		buf_reset(&png);
		assert_ok(issue_png(&pid, i % 2 ? &png : NULL), &err);
		if (i % 2 == 0)
			assert_ok(picture(&pid, &png), &err);
		assert_string_equal(png.ptr, code_of(&pid));
	}
	assert_int_equal(n_ready(), 0);
	buf_release(&png);
}

static void a_picture_is_appended(void **state)
{
	struct pid pid;
	struct buf png;

	(void)state;
	publish(1);
	buf_init(&png, 1000);
	buf_add_str(&png, "before ");
	assert_ok(issue_png(&pid, &png), &err);
	assert_true(str_starts((struct str){png.ptr, png.len}, "before "));
	assert_string_equal(png.ptr + 7, code_of(&pid));
	buf_release(&png);
}

static void a_lost_picture_is_drawn_again_the_same_each_time(void **state)
{
	struct pid pid;
	struct buf png[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		buf_init(&png[i], GENERATOR_PNG_MAX_BYTES);
	/* one that was drawn comes back as it was */
	issue(&pid);
	assert_ok(picture(&pid, &png[0]), &err);
	remove_live(&pid);
	for (int i = 1; i < 3; i++) {
		assert_ok(picture(&pid, &png[i]), &err);
		assert_int_equal(png[i].len, png[0].len);
		assert_memory_equal(png[i].ptr, png[0].ptr, png[0].len);
		buf_reset(&png[i]);
		restart(); /* also by another process */
	}
	/* one of the pool was drawn by chance: still one picture from now on */
	publish(1);
	issue(&pid);
	remove_live(&pid);
	for (int i = 1; i < 3; i++)
		assert_ok(picture(&pid, &png[i]), &err);
	assert_true(is_png(&png[1]));
	assert_int_equal(png[1].len, png[2].len);
	assert_memory_equal(png[1].ptr, png[2].ptr, png[1].len);
	for (int i = 0; i < 3; i++)
		buf_release(&png[i]);
}

static void another_installation_draws_another_picture(void **state)
{
	struct pid pid;
	struct buf a, b;

	(void)state;
	buf_init(&a, GENERATOR_PNG_MAX_BYTES);
	buf_init(&b, GENERATOR_PNG_MAX_BYTES);
	assert_ok(issue_png(&pid, &a), &err);
	mem.has_secret = false;
	restart();
	assert_ok(picture(&pid, &b), &err);
	assert_true(a.len != b.len || memcmp(a.ptr, b.ptr, a.len) != 0);
	buf_release(&a);
	buf_release(&b);
}

static void a_picture_is_shown_until_used_or_expired(void **state)
{
	struct pid pid;
	struct buf png;

	(void)state;
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	assert_status(picture(&unknown, &png), CF_NOT_FOUND, &err);
	issue(&pid);
	fake_clk_forward(&clk, settings.ttl_s * 1000 - 1);
	assert_ok(picture(&pid, &png), &err);
	fake_clk_forward(&clk, 1);
	buf_reset(&png);
	assert_status(picture(&pid, &png), CF_NOT_FOUND, &err);
	assert_int_equal(png.len, 0);
	issue(&pid);
	assert_int_equal(verify(&pid, "no"), CHALLENGE_WRONG);
	assert_status(picture(&pid, &png), CF_NOT_FOUND, &err);
	assert_int_equal(png.len, 0);
	buf_release(&png);
}

static void looking_at_a_picture_uses_nothing_up(void **state)
{
	struct pid pid;
	struct buf png;

	(void)state;
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	issue(&pid);
	for (int i = 0; i < 10; i++) {
		buf_reset(&png);
		assert_ok(picture(&pid, &png), &err);
	}
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	buf_release(&png);
}

static void a_picture_of_midnight_is_found_the_day_after(void **state)
{
	struct pid pid;
	struct buf png;

	(void)state;
	publish(1);
	clk.unix_ms = INT64_C(1795478399999); /* the day's last millisecond */
	issue(&pid);
	clk.unix_ms += 2;
	buf_init(&png, 1000);
	assert_ok(picture(&pid, &png), &err);
	assert_string_equal(png.ptr, code_of(&pid));
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	assert_int_equal(n_live(), 0);
	buf_release(&png);
}

/* --- a cache that is broken ---------------------------------------------- */

static void break_cache(void)
{
	temp_dir_remove(settings.cache_dir);
	temp_write(settings.cache_dir, "a file where the directory was");
	restart();
}

static void with_a_broken_cache_challenges_go_on(void **state)
{
	struct pid pid;
	struct buf png, again;

	(void)state;
	assert_ok(pool_probe(pool, &err), &err);
	break_cache();
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	buf_init(&again, GENERATOR_PNG_MAX_BYTES);
	capture_begin();
	assert_ok(issue_png(&pid, &png), &err);
	assert_ok(picture(&pid, &again), &err);
	assert_int_equal(capture_count(capture_end(), "event=pool"), 1);
	assert_true(is_png(&png));
	assert_int_equal(png.len, again.len);
	assert_memory_equal(png.ptr, again.ptr, png.len);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	buf_release(&png);
	buf_release(&again);
}

static void a_broken_cache_is_told_once_a_minute(void **state)
{
	struct pid pid;
	const char *text;

	(void)state;
	assert_ok(pool_probe(pool, &err), &err);
	break_cache();
	capture_begin();
	for (int s = 0; s < 180; s++) {
		issue(&pid);
		fake_clk_forward(&clk, 1000);
	}
	text = capture_end();
	assert_int_equal(capture_count(text, "level=warn event=pool"), 3);
	assert_has(text, settings.cache_dir);
	assert_int_equal(unlink(settings.cache_dir), 0);
	assert_ok(pool_probe(pool, &err), &err);
	publish(2);
	fake_clk_forward(&clk, 60000);
	capture_begin();
	issue(&pid);
	issue(&pid);
	text = capture_end();
	assert_int_equal(capture_count(text, "event=pool"), 1);
	assert_has(text, "works again");
}

static void a_cache_that_now_works_and_now_does_not_is_no_flood(void **state)
{
	struct pid pid;
	int64_t wait_ms;
	const char *text;

	(void)state;
	/* taking works, filling meets the cap */
	settings.pool_size = 1000;
	settings.cache_max_bytes = 65536;
	restart();
	for (int i = 0; i < 40; i++) {
		char big[4000];

		memset(big, 'x', sizeof(big));
		assert_ok(put_ready(big, sizeof(big), "acef"),
			  &err);
	}
	capture_begin();
	for (int s = 0; s < 120; s++) {
		if (s % 10 == 0)
			issue(&pid);
		(void)pause_until_idle(&wait_ms);
		fake_clk_forward(&clk, 1000);
	}
	text = capture_end();
	assert_has(text, "cache_max_bytes");
	assert_true(capture_count(text, "event=pool") <= 4);
}

/* --- reserving ------------------------------------------------------------ */

/* Issue n at once; the largest batch that was recorded. */
static size_t issue_many(int n, struct pid pids[])
{
	size_t n_largest = 0;

	for (int i = 0; i < n; i++) {
		mem.n_last_put = 0;
		issue(&pids[i]);
		if (mem.n_last_put > n_largest)
			n_largest = mem.n_last_put;
		assert_non_null(mem_store_find(&mem, &pids[i]));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(pids[i].text, pids[k].text);
	}
	return n_largest;
}

static void under_load_many_are_recorded_at_once(void **state)
{
	static struct pid pids[200];

	(void)state;
	publish(250);
	assert_int_equal(issue_many(200, pids), CHALLENGE_RESERVE_MAX);
	assert_true(mem.n_calls[MEM_STORE_PUT] < 200 / 16 + 6);
	assert_true(mem.n >= 200 && mem.n < 200 + CHALLENGE_RESERVE_MAX);
	for (int i = 0; i < 200; i++)
		assert_int_equal(verify_right(&pids[i]), CHALLENGE_PASS);
}

static void without_a_pool_many_are_recorded_at_once_too(void **state)
{
	static struct pid pids[200];
	int64_t wait_ms;

	(void)state;
	assert_int_equal(issue_many(200, pids), CHALLENGE_RESERVE_MAX);
	assert_true(mem.n_calls[MEM_STORE_PUT] < 200 / 16 + 6);
	assert_int_equal(n_live(), 200); /* of the rest none is drawn */
	settings.pool_size = 0;
	fake_clk_forward(&clk, 1001);
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(mem.n, 200);
	for (int i = 0; i < 200; i++)
		assert_int_equal(verify_right(&pids[i]), CHALLENGE_PASS);
	assert_int_equal(n_live(), 0);
}

static void at_leisure_one_is_recorded_at_a_time(void **state)
{
	struct pid pid;

	(void)state;
	publish(20);
	for (int i = 0; i < 10; i++) {
		issue(&pid);
		assert_int_equal(mem.n_last_put, 1);
		fake_clk_forward(&clk, 101);
	}
	assert_int_equal(mem.n, 10);
}

static void the_reserve_has_a_bound(void **state)
{
	static struct pid pids[300];

	(void)state;
	publish(900);
	reserve_max = 1;
	restart();
	assert_int_equal(issue_many(50, pids), 1);
	reserve_max = 8;
	restart();
	assert_int_equal(issue_many(300, pids), 8);
}

static void short_lives_are_not_reserved(void **state)
{
	static struct pid pids[30];

	(void)state;
	publish(60);
	settings.ttl_s = 29;
	restart();
	assert_int_equal(issue_many(30, pids), 1);
}

static void what_is_reserved_is_given_back_after_a_second(void **state)
{
	static struct pid pids[20];
	int64_t wait_ms;

	(void)state;
	publish(100);
	(void)issue_many(20, pids);
	assert_true(mem.n > 20);
	assert_int_equal(n_live(), mem.n);
	fake_clk_forward(&clk, 1000);
	(void)pause_until_idle(&wait_ms);
	assert_true(mem.n > 20);
	assert_int_equal(wait_ms, 1); /* it knows when to come again */
	fake_clk_forward(&clk, wait_ms);
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(mem.n, 20);
	assert_int_equal(n_live(), 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(verify_right(&pids[i]), CHALLENGE_PASS);
}

static void what_was_reserved_longer_is_never_handed_out(void **state)
{
	static struct pid pids[20];
	struct pid pid;

	(void)state;
	publish(100);
	for (int64_t late_ms = 1001; late_ms < 100000; late_ms *= 3) {
		(void)issue_many(20, pids);
		fake_clk_forward(&clk, late_ms);
		issue(&pid); /* with no pause in between */
		assert_int_equal(mem_store_find(&mem, &pid)->created_unix_ms,
				 clk.unix_ms);
		assert_int_equal(pid_unix_ms(&pid), clk.unix_ms / 1000 * 1000);
		mem.n = 0;
		restart();
		publish(20);
	}
}

static void what_was_reserved_before_the_clock_was_set_is_given_back(
	void **state)
{
	static const int64_t jumps_ms[] = {86400000, -86400000, 10000, -10000};
	static struct pid pids[20];
	struct pid pid;

	(void)state;
	publish(200);
	for (size_t i = 0; i < CF_ARRAY_LEN(jumps_ms); i++) {
		(void)issue_many(20, pids);
		assert_true(mem.n > 20);
		clk.unix_ms += jumps_ms[i];
		issue(&pid);
		assert_int_equal(mem_store_find(&mem, &pid)->created_unix_ms,
				 clk.unix_ms);
		mem.n = 0;
		restart();
	}
}

static void what_was_reserved_is_given_back_at_the_end(void **state)
{
	static struct pid pids[20];

	(void)state;
	publish(100);
	(void)issue_many(20, pids);
	assert_true(mem.n > 20);
	restart();
	assert_int_equal(mem.n, 20);
	assert_int_equal(n_live(), 20);
}

static void a_store_that_fails_at_giving_back_is_no_harm(void **state)
{
	static struct pid pids[20];
	struct pid pid;
	int64_t wait_ms;

	(void)state;
	publish(100);
	(void)issue_many(20, pids);
	mem.fail[MEM_STORE_DROP] = CF_BUSY;
	fake_clk_forward(&clk, 1001);
	(void)pause_until_idle(&wait_ms);
	mem.fail[MEM_STORE_DROP] = CF_OK;
	issue(&pid); /* none of those */
	assert_int_equal(mem_store_find(&mem, &pid)->created_unix_ms,
			 clk.unix_ms);
}

/* --- max_live ------------------------------------------------------------- */

static void no_more_than_max_live_are_issued(void **state)
{
	static const int64_t caps[] = {10, 11, 17, 50, 200};
	struct pid pid, first = {""};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(caps); i++) {
		enum cf_status rc;
		int n = 0;

		mem.n = 0;
		settings.max_live = caps[i];
		restart();
		publish((int)caps[i] + 64);
		while (!(rc = issue_png(&pid, NULL)) && n <= caps[i]) {
			if (!n++)
				first = pid;
			assert_true((int64_t)mem.n <= caps[i]);
		}
		assert_status(rc, CF_FULL, &err);
		assert_has(err.text, "max_live");
		assert_int_equal(n, caps[i]);
		assert_int_equal(verify_right(&first), CHALLENGE_PASS);
		fake_clk_forward(&clk, 100);
		issue(&pid); /* into its place */
	}
}

static void a_full_store_is_not_asked_each_time(void **state)
{
	struct pid pid;
	int n_before;

	(void)state;
	settings.max_live = 10;
	restart();
	publish(20);
	while (!issue_png(&pid, NULL))
		;
	n_before = mem_store_n_calls(&mem);
	for (int i = 0; i < 100; i++)
		assert_status(issue_png(&pid, NULL), CF_FULL, &err);
	assert_int_equal(mem_store_n_calls(&mem), n_before);
}

static bool is_crowded(void)
{
	bool is = false;

	assert_ok(challenge_is_crowded(ch, &is, &err), &err);
	return is;
}

static void past_four_fifths_of_max_live_there_is_a_crowd(void **state)
{
	static const int64_t caps[] = {10, 50, 199, 1000};
	struct pid pid;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(caps); i++) {
		mem.n = 0;
		settings.max_live = caps[i];
		reserve_max = 1;
		restart();
		while (!is_crowded())
			issue(&pid);
		/* it looks again before an eighth of the room is gone */
		assert_in_range(mem.n, caps[i] * 4 / 5,
				caps[i] * 4 / 5 + caps[i] / 35 + 1);
		while (!issue_png(&pid, NULL))
			assert_true(is_crowded());
		assert_int_equal(mem.n, caps[i]);
		assert_true(is_crowded());
		/* answers make room, which is seen within a second */
		mem.n = (size_t)caps[i] / 2;
		fake_clk_forward(&clk, 1000);
		assert_false(is_crowded());
	}
}

/* Also while nobody who is left out makes it count. */
static void a_crowd_that_has_gone_is_seen_within_a_second(void **state)
{
	struct pid pid;

	(void)state;
	settings.max_live = 1000;
	reserve_max = 1;
	restart();
	while (!is_crowded())
		issue(&pid);
	mem.n = 0;
	fake_clk_forward(&clk, 999);
	assert_true(is_crowded());
	fake_clk_forward(&clk, 1);
	assert_false(is_crowded());
}

static void a_crowd_is_not_counted_each_time(void **state)
{
	struct pid pid;
	int n_before;

	(void)state;
	settings.max_live = 200;
	reserve_max = 1;
	restart();
	while (!is_crowded())
		issue(&pid);
	n_before = mem_store_n_calls(&mem);
	for (int i = 0; i < 100; i++)
		assert_true(is_crowded());
	assert_int_equal(mem_store_n_calls(&mem), n_before);
	/* nor when it is full, nor far from it */
	while (!issue_png(&pid, NULL))
		;
	n_before = mem_store_n_calls(&mem);
	for (int i = 0; i < 100; i++)
		assert_true(is_crowded());
	assert_int_equal(mem_store_n_calls(&mem), n_before);
	settings.max_live = 100000;
	restart();
	n_before = mem_store_n_calls(&mem);
	for (int i = 0; i < 100; i++)
		assert_false(is_crowded());
	assert_in_range(mem_store_n_calls(&mem), n_before, n_before + 1);
}

static int count_in_ms(int64_t ms)
{
	int n_before = mem.n_calls[MEM_STORE_COUNT];
	struct pid pid;

	for (; ms > 0; ms -= 10) {
		(void)issue_png(&pid, NULL);
		(void)is_crowded();
		fake_clk_forward(&clk, 10);
	}
	return mem.n_calls[MEM_STORE_COUNT] - n_before;
}

static void a_store_that_counts_slowly_is_asked_seldom(void **state)
{
	struct pid pid;

	(void)state;
	settings.max_live = 100;
	restart();
	while (!issue_png(&pid, NULL))
		;
	assert_in_range(count_in_ms(10000), 90, 110);
	mem.count_clk = &clk;
	mem.count_ms = 400;
	assert_in_range(count_in_ms(40000), 10, 13);
	mem.count_clk = NULL;
}

static void a_store_that_fails_tells_of_no_crowd(void **state)
{
	bool is = true;

	(void)state;
	mem.fail[MEM_STORE_COUNT] = CF_BUSY;
	assert_status(challenge_is_crowded(ch, &is, &err), CF_BUSY, &err);
	assert_true(is);
}

static void far_from_max_live_counting_is_rare(void **state)
{
	static struct pid pids[300];

	(void)state;
	publish(320);
	(void)issue_many(300, pids);
	assert_int_equal(mem.n_calls[MEM_STORE_COUNT], 1);
}

/* --- many machines -------------------------------------------------------- */

static void go_to_another_machine(const char *name)
{
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       temp_path(dir, "%s", name));
	restart();
}

static enum cf_status show(const struct pid *pid, struct buf *png)
{
	buf_reset(png);
	return picture(pid, png);
}

static void a_shared_picture_is_shown_by_any_machine(void **state)
{
	struct pid pooled, drawn;
	struct buf png, other;

	(void)state;
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	buf_init(&other, GENERATOR_PNG_MAX_BYTES);
	settings.store = SETTINGS_STORE_REDIS;
	reserve_max = 1;
	restart();
	assert_ok(put_ready("stand-in", 8, "code1"), &err);
	issue(&pooled);
	issue(&drawn);
	assert_int_equal(mem.n_calls[MEM_STORE_PUT_PICTURE], 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(mem.pictures[i].expires_unix_ms,
				 mem.entry[i].expires_unix_ms);
	buf_reset(&png);
	assert_ok(picture(&drawn, &png), &err);
	assert_int_equal(mem.n_calls[MEM_STORE_LOAD_PICTURE], 0);
	go_to_another_machine("other");
	assert_ok(show(&drawn, &other), &err);
	assert_int_equal(other.len, png.len);
	assert_memory_equal(other.ptr, png.ptr, png.len);
	assert_ok(show(&pooled, &other), &err);
	assert_string_equal(other.ptr, "stand-in");
	assert_int_equal(mem.n_calls[MEM_STORE_LOAD_PICTURE], 2);
	assert_int_equal(verify(&pooled, "code1"), CHALLENGE_PASS);
	assert_status(show(&pooled, &other), CF_NOT_FOUND, &err);
	/* what cannot be asked for is not drawn instead */
	mem.fail[MEM_STORE_LOAD_PICTURE] = CF_IO;
	assert_status(show(&drawn, &other), CF_IO, &err);
	buf_release(&png);
	buf_release(&other);
}

static void what_cannot_be_shared_is_not_handed_out(void **state)
{
	struct pid pid;

	(void)state;
	settings.store = SETTINGS_STORE_REDIS;
	reserve_max = 1;
	restart();
	mem.fail[MEM_STORE_PUT_PICTURE] = CF_IO;
	assert_status(issue_png(&pid, NULL), CF_IO, &err);
	restart(); /* gives back what was recorded */
	assert_int_equal(mem.n, 0);
}

/* They went out with their pids. */
static void pictures_in_the_answer_are_not_shared(void **state)
{
	struct pid pid;
	struct buf png;

	(void)state;
	settings.store = SETTINGS_STORE_REDIS;
	restart();
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	assert_ok(issue_png(&pid, &png), &err);
	assert_int_equal(mem.n_calls[MEM_STORE_PUT_PICTURE], 0);
	buf_release(&png);
	settings.store = SETTINGS_STORE_SQLITE;
	restart();
	issue(&pid);
	assert_int_equal(mem.n_calls[MEM_STORE_PUT_PICTURE], 0);
}

/* --- codes ---------------------------------------------------------------- */

static void each_character_and_length_of_a_code_is_as_likely(void **state)
{
	enum { N_CHARS = 200000 };
	char code[STORE_CODE_MAX_BYTES + 1], alphabet[64];
	int n_of[128] = {0}, n_lengths[16] = {0}, n = 0, n_codes = 0;
	const char *characters = alphabet_characters(settings.alphabet);
	size_t n_letters = strlen(characters);
	double expected = (double)N_CHARS / (double)n_letters, chi = 0;

	(void)state;
	settings.length_min = 5;
	restart();
	for (size_t i = 0; i <= n_letters; i++)
		alphabet[i] = (char)(characters[i] >= 'A' ? characters[i] + 32
							  : characters[i]);
	while (n < N_CHARS) {
		make_code(code);
		n_lengths[strlen(code)]++;
		n_codes++;
		for (const char *c = code; *c && n < N_CHARS; c++, n++) {
			assert_non_null(strchr(alphabet, *c));
			n_of[(unsigned char)*c]++;
		}
	}
	for (size_t i = 0; i < n_letters; i++) {
		double d = n_of[(unsigned char)alphabet[i]] - expected;

		chi += d * d / expected;
	}
	/* 16 degrees of freedom: above 75 once in 10^9 times */
	if (chi > 75)
		fail_msg("chi squared is %f", chi);
	assert_in_range(n_lengths[5], n_codes * 48 / 100, n_codes * 52 / 100);
	assert_int_equal(n_lengths[5] + n_lengths[6], n_codes);
}

static void codes_follow_the_settings(void **state)
{
	char code[STORE_CODE_MAX_BYTES + 1];

	(void)state;
	settings.length_min = settings.length_max = 12;
	settings.alphabet = "Zz9";
	restart();
	for (int i = 0; i < 100; i++) {
		make_code(code);
		assert_int_equal(strlen(code), 12);
		assert_int_equal(strspn(code, "z9"), 12);
	}
	settings.length_min = 1;
	restart();
	for (int i = 0; i < 100; i++) {
		make_code(code);
		assert_in_range(strlen(code), 1, 12);
	}
	/* the longest: four bytes for each character */
	settings.alphabet = "\U00020000\U00020001";
	settings.length_min = 12;
	restart();
	make_code(code);
	assert_int_equal(utf8_count(code), 12);
	assert_int_equal(strlen(code), 48);
}

static void an_entry_is_as_the_settings_say(void **state)
{
	const struct store_entry *entry;
	struct pid pid;

	(void)state;
	settings.attempts = 4;
	settings.ttl_s = 77;
	restart();
	issue(&pid);
	entry = mem_store_find(&mem, &pid);
	assert_non_null(entry);
	assert_int_equal(entry->attempts_left, 4);
	assert_int_equal(entry->created_unix_ms, clk.unix_ms);
	assert_int_equal(entry->expires_unix_ms, clk.unix_ms + 77000);
	assert_int_equal(pid_unix_ms(&pid), clk.unix_ms);
}

/* --- filling, sweeping, pauses -------------------------------------------- */

static void a_pause_fills_the_pool_and_then_waits(void **state)
{
	struct pid pid;
	int64_t wait_ms;
	struct buf png;

	(void)state;
	settings.pool_size = 7;
	restart();
	assert_true(pause_until_idle(&wait_ms) >= 7); /* in small steps */
	assert_int_equal(n_ready(), 7);
	assert_true(wait_ms >= 1000);
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	for (int i = 0; i < 3; i++) {
		buf_reset(&png);
		assert_ok(issue_png(&pid, &png), &err);
		assert_true(is_png(&png));
		assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	}
	assert_int_equal(n_ready(), 4);
	fake_clk_forward(&clk, 2000);
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(n_ready(), 7);
	buf_release(&png);
}

static void a_pool_that_others_emptied_is_filled_again(void **state)
{
	int64_t wait_ms;

	(void)state;
	settings.pool_size = 3;
	restart();
	(void)pause_until_idle(&wait_ms);
	temp_dir_remove(shelf_dir("", &settings));
	for (int s = 0; s < 60; s++) {
		fake_clk_forward(&clk, 1000);
		(void)pause_until_idle(&wait_ms);
	}
	assert_int_equal(n_ready(), 3);
}

static void a_pause_removes_what_has_expired(void **state)
{
	static struct pid pids[50];
	int64_t wait_ms;

	(void)state;
	publish(50);
	(void)issue_many(50, pids);
	fake_clk_forward(&clk, settings.ttl_s * 1000 + 10000);
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(mem.n, 0);
	assert_int_equal(n_live(), 0);
}

static void a_clock_that_was_ahead_leaves_nothing_behind(void **state)
{
	const int64_t ahead_ms = INT64_C(365) * 86400000;
	struct pid pid, live;
	struct challenge_cleaned cleaned;
	int64_t wait_ms;

	(void)state;
	for (int i = 0; i < 2; i++) {
		issue(&live);
		clk.unix_ms += ahead_ms;
		publish(5);
		issue(&pid);
		clk.unix_ms -= ahead_ms;
		if (i)
			assert_ok(challenge_clean(ch, &cleaned, &err), &err);
		else
			(void)pause_until_idle(&wait_ms);
		assert_int_equal(mem.n, 1);
		assert_int_equal(temp_count(temp_path(settings.cache_dir,
						      "2027-11-23")), -1);
		assert_int_equal(verify_right(&live), CHALLENGE_PASS);
		fake_clk_forward(&clk, 60000);
	}
}

static void a_challenge_from_after_its_life_from_now_has_expired(void **state)
{
	int64_t life_ms = settings.ttl_s * 1000;
	struct pid pid;
	struct buf png;

	(void)state;
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	issue(&pid);
	clk.unix_ms -= life_ms; /* of a machine whose clock is ahead of ours */
	assert_ok(picture(&pid, &png), &err);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	issue(&pid);
	clk.unix_ms -= life_ms + 10000;
	assert_status(picture(&pid, &png), CF_NOT_FOUND, &err);
	assert_int_equal(verify_right(&pid), CHALLENGE_EXPIRED);
	buf_release(&png);
}

/* Before 2026 and after 2054 pids tell no time: nothing is swept for it. */
static void a_clock_that_no_pid_can_tell_loses_no_challenge(void **state)
{
	static const int64_t clocks_ms[] = {1000, INT64_C(2700000000000)};
	struct pid pid;
	int64_t wait_ms;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(clocks_ms); i++) {
		clk.unix_ms = clocks_ms[i];
		restart();
		issue(&pid);
		fake_clk_forward(&clk, 60000);
		(void)pause_until_idle(&wait_ms);
		assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	}
}

/* Issue n and answer them right; their pictures are no longer wanted. */
static void use_up(int n)
{
	struct pid pid;

	for (int i = 0; i < n; i++) {
		issue(&pid);
		assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	}
}

static void where_there_are_pauses_a_used_picture_waits_for_one(void **state)
{
	struct pid pid;
	int64_t wait_ms;
	struct buf png;

	(void)state;
	has_pauses = true;
	restart();
	(void)pause_until_idle(&wait_ms); /* sweeps, which come first */
	publish(10);
	issue(&pid);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	use_up(9);
	assert_int_equal(n_live(), 10);
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	assert_status(picture(&pid, &png), CF_NOT_FOUND,
		      &err); /* though its file is there */
	buf_release(&png);
	assert_int_equal(challenge_pause(ch), 0);
	assert_in_range(n_live(), 1, 9); /* in small steps */
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(n_live(), 0);
}

static void a_wrong_answer_too_ends_a_picture_in_a_pause(void **state)
{
	struct pid pid;
	int64_t wait_ms;

	(void)state;
	has_pauses = true;
	settings.attempts = 2;
	restart();
	publish(1);
	issue(&pid);
	assert_int_equal(verify(&pid, "nonsense"), CHALLENGE_WRONG);
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(n_live(), 1); /* there is one more attempt */
	assert_int_equal(verify(&pid, "nonsense"), CHALLENGE_WRONG);
	assert_int_equal(n_live(), 1);
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(n_live(), 0);
}

static void used_pictures_without_a_pause_are_bounded(void **state)
{
	enum { N = 300, N_WAITING = 256 };

	(void)state;
	has_pauses = true;
	restart();
	publish(N);
	use_up(N_WAITING - 1);
	assert_int_equal(n_live(), N_WAITING - 1);
	use_up(N - N_WAITING + 1);
	assert_int_equal(n_live(), N_WAITING);
}

static void used_pictures_do_not_outlive_the_process(void **state)
{
	(void)state;
	has_pauses = true;
	restart();
	publish(40);
	use_up(40);
	assert_int_equal(n_live(), 40);
	restart();
	assert_int_equal(n_live(), 0);
}

static void used_pictures_keep_nothing_else_from_its_turn(void **state)
{
	struct pid pid;

	(void)state;
	has_pauses = true;
	restart();
	publish(200);
	issue(&pid);
	fake_clk_forward(&clk, settings.ttl_s * 1000 + 10000);
	/* load that never lets up: a step a second, and more to remove */
	for (int i = 0; i < 20; i++) {
		use_up(8);
		(void)challenge_pause(ch);
		fake_clk_forward(&clk, 1000);
	}
	assert_null(mem_store_find(&mem, &pid)); /* expired, and swept */
}

static void a_pause_leaves_what_is_live(void **state)
{
	static struct pid pids[30];
	int64_t wait_ms;

	(void)state;
	publish(30);
	(void)issue_many(30, pids);
	for (int64_t s = 0; s < settings.ttl_s; s += 7) {
		(void)pause_until_idle(&wait_ms);
		fake_clk_forward(&clk, 7000);
		if (s + 7 < settings.ttl_s)
			for (int i = 0; i < 30; i++)
				assert_non_null(mem_store_find(&mem, &pids[i]));
	}
}

static void pauses_never_spin_when_all_is_broken(void **state)
{
	int64_t wait_ms;
	int n_steps = 0;
	const char *text;

	(void)state;
	assert_ok(pool_probe(pool, &err), &err);
	settings.pool_size = 100;
	break_cache();
	mem_store_fail_all(&mem, CF_IO);
	capture_begin();
	for (int64_t ms = 0; ms < 120000; ms += wait_ms) {
		n_steps += pause_until_idle(&wait_ms);
		fake_clk_forward(&clk, wait_ms);
	}
	text = capture_end();
	assert_true(n_steps < 300);
	assert_true(capture_count(text, "\n") < 40);
	mem_store_fail_all(&mem, CF_OK);
}

struct progress_seen {
	int n_calls;
	int64_t last;
	int64_t stop_at;
};

static bool on_progress(void *ctx, int64_t n_done, int64_t n_all)
{
	struct progress_seen *seen = ctx;

	assert_int_equal(n_all, 6);
	assert_int_equal(n_done, seen->n_calls++);
	seen->last = n_done;
	return n_done != seen->stop_at;
}

static void filling_tells_how_far_it_is(void **state)
{
	struct progress_seen seen = {.stop_at = -1};
	int64_t n = -1;

	(void)state;
	settings.pool_size = 6;
	restart();
	assert_ok(challenge_fill(ch, false, on_progress, &seen, &n, &err),
		  &err);
	assert_int_equal(n, 6);
	assert_int_equal(seen.n_calls, 7);
	assert_int_equal(n_ready(), 6);
	assert_ok(challenge_fill(ch, false, NULL, NULL, &n, &err), &err);
	assert_int_equal(n, 0);
}

static void filling_can_be_ended(void **state)
{
	struct progress_seen seen = {.stop_at = 2};
	int64_t n = -1;

	(void)state;
	settings.pool_size = 6;
	restart();
	assert_ok(challenge_fill(ch, false, on_progress, &seen, &n, &err),
		  &err);
	assert_int_equal(n, 2);
	assert_int_equal(n_ready(), 2);
}

static void who_comes_second_does_not_fill(void **state)
{
	struct pool_options options = options_pool(&settings);
	struct pool *other = pool_new(&options, fake_clk_get(&clk));
	int64_t n, wait_ms;

	(void)state;
	settings.pool_size = 4;
	restart();
	assert_ok(shelf_fill_begin(base_of(other), false, &n, &err), &err);
	assert_status(challenge_fill(ch, false, NULL, NULL, &n, &err), CF_BUSY,
		      &err);
	assert_int_equal(n, 0);
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(n_ready(), 0);
	pool_fill_end(other);
	fake_clk_forward(&clk, 2000);
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(n_ready(), 4);
	pool_free(other);
}

static void clean_removes_rows_and_pictures(void **state)
{
	static struct pid pids[40];
	struct challenge_cleaned cleaned;
	struct pid pid;

	(void)state;
	publish(41);
	reserve_max = 1;
	restart();
	(void)issue_many(40, pids);
	fake_clk_forward(&clk, settings.ttl_s * 1000 + 10000);
	issue(&pid);
	assert_ok(challenge_clean(ch, &cleaned, &err), &err);
	assert_int_equal(cleaned.n_rows, 40);
	assert_int_equal(cleaned.pool.n_live, 40);
	assert_int_equal(mem.n, 1);
	assert_int_equal(n_live(), 1);
	assert_int_equal(mem.n_calls[MEM_STORE_TIDY], 1);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	mem.fail[MEM_STORE_SWEEP] = CF_BUSY;
	assert_status(challenge_clean(ch, &cleaned, &err), CF_BUSY, &err);
	assert_int_equal(cleaned.n_rows, 0);
}

static void clean_takes_thousands_in_short_steps(void **state)
{
	enum { N = 9001 };
	struct challenge_cleaned cleaned;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		struct store_entry *e = &mem.entry[i];

		pid_make(&e->pid, clk.unix_ms - 86400000);
		e->code[0] = 'a';
		e->expires_unix_ms = clk.unix_ms - 1000;
	}
	mem.n = N;
	assert_ok(challenge_clean(ch, &cleaned, &err), &err);
	assert_int_equal(cleaned.n_rows, N);
	assert_int_equal(mem.n, 0);
	assert_true(mem.n_calls[MEM_STORE_SWEEP] > 3);
}

static void health_tells_each_part(void **state)
{
	struct challenge_health health;

	(void)state;
	challenge_check_health(ch, &health);
	assert_int_equal(health.store, CF_OK);
	assert_int_equal(health.cache, CF_OK);
	mem.fail[MEM_STORE_PROBE] = CF_CORRUPT;
	challenge_check_health(ch, &health);
	assert_int_equal(health.store, CF_CORRUPT);
	assert_has(health.store_error.text, "told to fail");
	assert_int_equal(health.cache, CF_OK);
	mem.fail[MEM_STORE_PROBE] = CF_OK;
	break_cache();
	challenge_check_health(ch, &health);
	assert_int_equal(health.store, CF_OK);
	assert_int_equal(health.cache, CF_IO);
	assert_has(health.cache_error.text, settings.cache_dir);
}

/* --- profiles ------------------------------------------------------------- */

static void issue_login(struct pid *pid)
{
	assert_ok(issue_of("login", pid, NULL), &err);
}

static void a_profile_is_found_by_its_name(void **state)
{
	static const char *const none[] = {"Login", "logi", "login2", " login"};

	(void)state;
	assert_ptr_equal(challenge_profile(ch, STR_LIT("")), profile);
	assert_ptr_equal(challenge_profile(ch, STR_LIT("default")), profile);
	assert_ptr_equal(challenge_profile(ch, STR_LIT("login")), login);
	assert_null(challenge_profile(ch, STR_LIT("login\0")));
	for (size_t i = 0; i < CF_ARRAY_LEN(none); i++)
		assert_null(challenge_profile(ch, str_from(none[i])));
}

static void a_profile_s_challenge_is_as_its_settings_say(void **state)
{
	const struct store_entry *entry;
	struct pid pid;

	(void)state;
	login_settings.attempts = 2;
	login_settings.ttl_s = 33;
	restart();
	issue_login(&pid);
	entry = mem_store_find(&mem, &pid);
	assert_non_null(entry);
	assert_string_equal(entry->profile, "login");
	assert_int_equal(entry->attempts_left, 2);
	assert_int_equal(entry->expires_unix_ms, clk.unix_ms + 33000);
	assert_in_range(strtol(entry->code, NULL, 10), 1, 99);
	/* whoever checks need not know it */
	assert_int_equal(verify(&pid, "x"), CHALLENGE_WRONG);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	issue(&pid);
	assert_string_equal(mem_store_find(&mem, &pid)->profile, "");
}

static void reserves_of_profiles_are_apart(void **state)
{
	struct pid pid;
	int n_login = 0;

	(void)state;
	settings.pool_size = login_settings.pool_size = 40;
	restart();
	for (int i = 0; i < 40; i++) {
		assert_ok(put_ready("x", 1, "acef"), &err);
		assert_ok(shelf_publish(login->shelf, "x", 1, "12", &err),
			  &err);
	}
	for (int i = 0; i < 30; i++) {
		issue(&pid);
		assert_string_equal(code_of(&pid), "acef");
		issue_login(&pid);
		assert_string_equal(code_of(&pid), "12");
	}
	/* both grew to more than one at a time */
	assert_true(mem.n_calls[MEM_STORE_PUT] < 20);
	fake_clk_forward(&clk, 1001);
	(void)challenge_pause(ch);
	for (size_t i = 0; i < mem.n; i++)
		n_login += !strcmp(mem.entry[i].profile, "login");
	assert_int_equal(n_login, 30);
	assert_int_equal(mem.n, 60);
}

/* The right answer to a new challenge of one profile, where `wanted` is asked
 * for. */
static struct challenge_outcome answer_as(struct profile *of,
					  const struct profile *wanted)
{
	struct challenge_outcome out = {CHALLENGE_UNKNOWN, NULL};
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1];

	assert_ok(issue_of(profile_name(of), &pid, NULL), &err);
	(void)snprintf(code, sizeof(code), "%s", code_of(&pid));
	assert_ok(challenge_verify(ch, &pid, str_from(code),
				   wanted ? str_from(profile_name(wanted))
					  : any, &out,
				   &err),
		  &err);
	assert_null(mem_store_find(&mem, &pid)); /* used up either way */
	return out;
}

static void an_answer_counts_for_the_profile_that_is_wanted(void **state)
{
	struct challenge_outcome out;

	(void)state;
	out = answer_as(login, login);
	assert_int_equal(out.verdict, CHALLENGE_PASS);
	assert_ptr_equal(out.profile, login);
	out = answer_as(profile, profile);
	assert_int_equal(out.verdict, CHALLENGE_PASS);
	assert_ptr_equal(out.profile, profile);
	out = answer_as(login, NULL);
	assert_int_equal(out.verdict, CHALLENGE_PASS);
	assert_ptr_equal(out.profile, login);
	/* the easier one does not do for the other, nor the other way round */
	out = answer_as(login, profile);
	assert_int_equal(out.verdict, CHALLENGE_WRONG);
	assert_ptr_equal(out.profile, login);
	out = answer_as(profile, login);
	assert_int_equal(out.verdict, CHALLENGE_WRONG);
	assert_ptr_equal(out.profile, profile);
}

static void an_outcome_names_no_profile_it_has_not(void **state)
{
	struct challenge_outcome out = {CHALLENGE_PASS, profile};
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1];

	(void)state;
	for (int is_late = 0; is_late < 2; is_late++) {
		assert_ok(issue_of("login", &pid, NULL), &err);
		(void)snprintf(code, sizeof(code), "%s", code_of(&pid));
		/* of a profile that was taken out of the settings */
		(void)snprintf(mem.entry[0].profile,
			       sizeof(mem.entry[0].profile), "gone");
		if (is_late)
			fake_clk_forward(&clk, settings.ttl_s * 1000);
		assert_ok(challenge_verify(ch, &pid, str_from(code),
					   is_late ? any : STR_LIT(""), &out,
					   &err),
			  &err);
		assert_int_equal(out.verdict,
				 is_late ? CHALLENGE_EXPIRED : CHALLENGE_WRONG);
		assert_null(out.profile);
	}
	/* used and expired look the same */
	assert_ok(challenge_verify(ch, &pid, str_from(code), any, &out, &err),
		  &err);
	assert_int_equal(out.verdict, CHALLENGE_UNKNOWN);
	assert_null(out.profile);
}

static void a_lost_picture_is_drawn_with_its_own_profile(void **state)
{
	struct buf png, again;
	struct pid pid;

	(void)state;
	login_settings.width_px = 120;
	restart();
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	buf_init(&again, GENERATOR_PNG_MAX_BYTES);
	assert_ok(issue_of("login", &pid, &png), &err);
	assert_true(is_png(&png));
	assert_int_equal((unsigned char)png.ptr[19], 120); /* of IHDR */
	restart();
	assert_ok(picture(&pid, &again), &err);
	/* the same sum, too */
	assert_int_equal(again.len, png.len);
	assert_memory_equal(again.ptr, png.ptr, png.len);
	/* of a profile that was taken out of the settings there is none, and
	 * no other one in its place; the answer still counts */
	(void)snprintf(mem.entry[0].profile, sizeof(mem.entry[0].profile),
		       "gone");
	assert_status(picture(&pid, &again), CF_NOT_FOUND, &err);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	buf_release(&png);
	buf_release(&again);
}

static void a_lost_picture_of_other_settings_is_gone(void **state)
{
	static const struct {
		const char *alphabet;
		int64_t kind;
	} cases[] = {{"23456789", SETTINGS_KIND_TEXT},
		     {"", SETTINGS_KIND_ARITHMETIC}};
	const struct settings before = settings;
	struct pid pid;
	struct buf png;

	(void)state;
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		settings = before;
		settings.alphabet = "ACEF";
		restart();
		assert_ok(issue_png(&pid, &png), &err);
		settings.alphabet = cases[i].alphabet[0] ? cases[i].alphabet
							: before.alphabet;
		settings.kind = cases[i].kind;
		restart();
		buf_reset(&png);
		assert_status(picture(&pid, &png), CF_NOT_FOUND, &err);
		assert_int_equal(png.len, 0);
		/* the answer still counts */
		assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
	}
	buf_release(&png);
}

static void every_profile_is_filled_in_pauses(void **state)
{
	int64_t wait_ms;

	(void)state;
	settings.pool_size = 3;
	login_settings.pool_size = 5;
	restart();
	(void)pause_until_idle(&wait_ms);
	assert_int_equal(n_ready(), 3);
	assert_int_equal(temp_count(shelf_dir("login-", &login_settings)), 5);
	assert_true(wait_ms > 1000);
}

static void every_profile_is_filled_in_one_go(void **state)
{
	int64_t n;

	(void)state;
	settings.pool_size = 2;
	login_settings.pool_size = 4;
	restart();
	assert_ok(challenge_fill(ch, false, NULL, NULL, &n, &err), &err);
	assert_int_equal(n, 6);
	assert_int_equal(n_ready(), 2);
	assert_int_equal(temp_count(shelf_dir("login-", &login_settings)), 4);
}

static void nothing_is_stale_before_the_longest_ttl(void **state)
{
	struct challenge_cleaned cleaned;
	struct pid pid;

	(void)state;
	settings.ttl_s = 10;
	login_settings.ttl_s = 600;
	restart();
	issue_login(&pid);
	fake_clk_forward(&clk, 500000);
	assert_ok(challenge_clean(ch, &cleaned, &err), &err);
	assert_int_equal(cleaned.pool.n_live, 0);
	assert_int_equal(n_live(), 1);
	assert_int_equal(verify_right(&pid), CHALLENGE_PASS);
}

static void free_accepts_null(void **state)
{
	(void)state;
	challenge_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_right_answer_passes_once),
		TEST(a_wrong_answer_uses_a_challenge_up),
		TEST(case_and_blanks_of_an_answer_do_not_count),
		TEST(three_attempts_are_three_answers),
		TEST(a_pass_ends_the_attempts_that_are_left),
		TEST(of_two_right_answers_at_once_one_passes),
		TEST(an_answer_is_too_late_at_the_millisecond_of_expiry),
		TEST(what_is_no_pid_never_reaches_the_store),
		TEST(an_unknown_pid_is_only_looked_for),
		TEST(verdicts_have_names),
		TEST(no_failure_of_the_store_ever_passes),
		TEST(a_store_that_fails_hands_nothing_out),
		TEST(a_store_that_fails_burns_a_picture_of_the_pool),
		TEST(the_pool_serves_without_the_secret),
		TEST(without_a_pool_a_picture_is_drawn),
		TEST(a_picture_of_the_pool_goes_with_its_own_code),
		TEST(a_picture_is_appended),
		TEST(a_lost_picture_is_drawn_again_the_same_each_time),
		TEST(another_installation_draws_another_picture),
		TEST(a_picture_is_shown_until_used_or_expired),
		TEST(looking_at_a_picture_uses_nothing_up),
		TEST(a_picture_of_midnight_is_found_the_day_after),
		TEST(with_a_broken_cache_challenges_go_on),
		TEST(a_broken_cache_is_told_once_a_minute),
		TEST(a_cache_that_now_works_and_now_does_not_is_no_flood),
		TEST(under_load_many_are_recorded_at_once),
		TEST(without_a_pool_many_are_recorded_at_once_too),
		TEST(at_leisure_one_is_recorded_at_a_time),
		TEST(the_reserve_has_a_bound),
		TEST(short_lives_are_not_reserved),
		TEST(what_is_reserved_is_given_back_after_a_second),
		TEST(what_was_reserved_longer_is_never_handed_out),
		TEST(what_was_reserved_before_the_clock_was_set_is_given_back),
		TEST(what_was_reserved_is_given_back_at_the_end),
		TEST(a_store_that_fails_at_giving_back_is_no_harm),
		TEST(no_more_than_max_live_are_issued),
		TEST(a_full_store_is_not_asked_each_time),
		TEST(past_four_fifths_of_max_live_there_is_a_crowd),
		TEST(a_crowd_that_has_gone_is_seen_within_a_second),
		TEST(a_crowd_is_not_counted_each_time),
		TEST(a_store_that_counts_slowly_is_asked_seldom),
		TEST(a_store_that_fails_tells_of_no_crowd),
		TEST(far_from_max_live_counting_is_rare),
		TEST(a_shared_picture_is_shown_by_any_machine),
		TEST(what_cannot_be_shared_is_not_handed_out),
		TEST(pictures_in_the_answer_are_not_shared),
		TEST(each_character_and_length_of_a_code_is_as_likely),
		TEST(codes_follow_the_settings),
		TEST(an_entry_is_as_the_settings_say),
		TEST(a_pause_fills_the_pool_and_then_waits),
		TEST(a_pool_that_others_emptied_is_filled_again),
		TEST(a_pause_removes_what_has_expired),
		TEST(a_clock_that_was_ahead_leaves_nothing_behind),
		TEST(a_challenge_from_after_its_life_from_now_has_expired),
		TEST(a_clock_that_no_pid_can_tell_loses_no_challenge),
		TEST(where_there_are_pauses_a_used_picture_waits_for_one),
		TEST(a_wrong_answer_too_ends_a_picture_in_a_pause),
		TEST(used_pictures_without_a_pause_are_bounded),
		TEST(used_pictures_do_not_outlive_the_process),
		TEST(used_pictures_keep_nothing_else_from_its_turn),
		TEST(a_pause_leaves_what_is_live),
		TEST(pauses_never_spin_when_all_is_broken),
		TEST(filling_tells_how_far_it_is),
		TEST(filling_can_be_ended),
		TEST(who_comes_second_does_not_fill),
		TEST(clean_removes_rows_and_pictures),
		TEST(clean_takes_thousands_in_short_steps),
		TEST(health_tells_each_part),
		TEST(a_profile_is_found_by_its_name),
		TEST(a_profile_s_challenge_is_as_its_settings_say),
		TEST(reserves_of_profiles_are_apart),
		TEST(an_answer_counts_for_the_profile_that_is_wanted),
		TEST(an_outcome_names_no_profile_it_has_not),
		TEST(a_lost_picture_is_drawn_with_its_own_profile),
		TEST(a_lost_picture_of_other_settings_is_gone),
		TEST(every_profile_is_filled_in_pauses),
		TEST(every_profile_is_filled_in_one_go),
		TEST(nothing_is_stale_before_the_longest_ttl),
		TEST(free_accepts_null),
	};

	return cmocka_run_group_tests_name("challenge", tests, NULL, NULL);
}
