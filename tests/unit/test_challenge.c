/*
 * The challenge layer, with a store in memory, a real pool in a temporary
 * directory, the real generator, and clocks that the test moves.
 */
#include "base/base.h"
#include "app/options.h"
#include "base/file.h"
#include "challenge/challenge.h"
#include "challenge/state.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/mem_store.h"
#include "tests/support/small_bank.h"
#include "tests/support/temp_dir.h"

#include <sys/stat.h>

#define TODAY "2026-11-23"

enum {
	N_PROFILES = 2
};

static char dir[TEMP_PATH_BYTES];
static struct settings settings, login_settings;
static struct log out_log;
static struct fake_clk clk;
static struct mem_store mem; /* large */
static struct store *store;
static struct pool *pool;
static struct sets *sets;
static struct profile *profiles[N_PROFILES];
static struct challenge *ch;
static size_t reserve_max; /* of challenge_parts */
static bool has_pauses;	   /* true as in FastCGI; at first false, as in CGI */
static struct buf png;	   /* of the last picture */
static int64_t wait_ms;	   /* what the last pause asked for */
static const struct str any;
static const struct pid unknown = {"0abcdefghijklmno"};
static struct cf_error err;

static void release(void)
{
	challenge_free(ch);
	sets_free(sets);
	store_close(store);
	for (size_t i = 0; i < N_PROFILES; i++)
		profile_free(profiles[i]);
	pool_free(pool);
}

/* Begin again as a new process, with the current settings. */
static void restart(void)
{
	static const char *const names[N_PROFILES] = {"", "login"};
	const struct settings *of[N_PROFILES] = {&settings, &login_settings};
	struct pool_options pool_options = options_pool(&settings);
	struct challenge_parts parts = {.options = options_challenge(&settings),
					.log = &out_log,
					.clk = fake_clk_get(&clk),
					.profiles = profiles,
					.n_profiles = N_PROFILES,
					.reserve_max = reserve_max,
					.has_pauses = has_pauses};

	release();
	store = parts.store = mem_store_open(&mem);
	sets = parts.sets = settings.audio ? sets_new(settings.cache_dir,
						      &out_log, parts.clk)
					   : NULL;
	pool = parts.pool = pool_new(&pool_options, fake_clk_get(&clk));
	assert_non_null(pool);
	for (size_t i = 0; i < N_PROFILES; i++) {
		struct profile_options options = options_profile(&of[i]->base);

		profiles[i] = profile_new(names[i], &options, pool);
		assert_non_null(profiles[i]);
	}
	ch = challenge_new(&parts);
	assert_non_null(ch);
}

static int set_up(void **state)
{
	assert_ok(crypt_open(&err), &err);
	temp_dir_make(dir);
	settings_init(&settings);
	settings.base.pool_size = 0; /* until a test wants some */
	has_pauses = false;
	reserve_max = 0;
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       temp_path(dir, "cache"));
	out_log = (struct log){.level = LOG_LEVEL_WARN};
	fake_clk_init(&clk);
	mem_store_init(&mem);
	err = (struct cf_error)CF_ERROR_INIT;
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	login_settings = settings;
	login_settings.base.kind = SETTINGS_KIND_ARITHMETIC;
	restart();
	return 0;
}

static int tear_down(void **state)
{
	release();
	ch = NULL;
	sets = NULL;
	store = NULL;
	pool = NULL;
	memset(profiles, 0, sizeof(profiles));
	buf_release(&png);
	temp_dir_remove(dir);
	return 0;
}

/* Begin a row of a test with nothing left of the last row. */
static void begin_row(void)
{
	mem.n = 0;
	memset(mem.n_calls, 0, sizeof(mem.n_calls));
	if (temp_exists(settings.cache_dir))
		temp_dir_remove(settings.cache_dir);
	restart();
}

static enum cf_status try_issue(const char *name, struct pid *pid,
				struct buf *out_png)
{
	struct challenge_issued out = {{"untouched"}, NULL};
	enum cf_status rc =
		challenge_issue(ch, str_from(name), &out, out_png, &err);

	assert_int_equal(!strcmp(out.pid.text, "untouched"), rc != CF_OK);
	if (!rc)
		assert_ptr_equal(out.profile,
				 challenge_profile(ch, str_from(name)));
	if (pid)
		*pid = out.pid;
	return rc;
}

static struct pid issue_of(const char *name)
{
	struct pid pid;

	assert_ok(try_issue(name, &pid, NULL), &err);
	return pid;
}

static struct pid issue(void)
{
	return issue_of("");
}

/* Issue a challenge with its picture, in png. */
static struct pid issue_png(const char *name)
{
	struct pid pid;

	buf_reset(&png);
	assert_ok(try_issue(name, &pid, &png), &err);
	return pid;
}

static enum cf_status show_in(const struct pid *pid, const char *theme)
{
	enum cf_status rc;

	buf_reset(&png);
	rc = challenge_picture(ch, pid, str_from(theme), &png, &err);
	if (rc)
		assert_int_equal(png.len, 0);
	return rc;
}

static enum cf_status show(const struct pid *pid)
{
	return show_in(pid, "");
}

static const char *code_of(const struct pid *pid)
{
	static char code[STORE_CODE_MAX_BYTES + 1];
	const struct store_entry *entry = mem_store_find(&mem, pid);

	assert_non_null(entry);
	(void)snprintf(code, sizeof(code), "%s", entry->code);
	return code;
}

static enum cf_status try(const struct pid *pid, struct str answer,
			  struct str profile, struct challenge_outcome *out)
{
	const struct challenge_attempt attempt = {
		answer, profile, CHALLENGE_BY_PICTURE | CHALLENGE_BY_SOUND};

	return challenge_verify(ch, pid, &attempt, out, &err);
}

static enum challenge_verdict verify(const struct pid *pid, const char *answer)
{
	struct challenge_outcome out = {.verdict = CHALLENGE_PASS};

	assert_ok(try(pid, str_from(answer), any, &out), &err);
	return out.verdict;
}

static void assert_passes(const struct pid *pid)
{
	assert_int_equal(verify(pid, code_of(pid)), CHALLENGE_PASS);
}

/* Issue and answer right, n times. */
static void use_up(int n)
{
	for (int i = 0; i < n; i++) {
		struct pid pid = issue();

		assert_passes(&pid);
	}
}

static int n_files(const char *path)
{
	int n = temp_count(path);

	return n < 0 ? 0 : n;
}

static int n_live(void)
{
	return n_files(temp_path(settings.cache_dir, TODAY "/live"));
}

static const char *shelf_dir(size_t i)
{
	const struct settings *s = i ? &login_settings : &settings;

	return temp_path(settings.cache_dir, TODAY "/ready-%s%06x",
			 i ? "login-" : "",
			 (unsigned)profile_mark(
				 settings_hash_pictures(&s->base)));
}

static int n_ready(void)
{
	return n_files(shelf_dir(0));
}

static void put_ready(size_t i, const char *text, const char *code)
{
	assert_ok(shelf_publish(profiles[i]->shelf, text, strlen(text), code,
				&err),
		  &err);
}

/* Publish n files whose bytes are their codes, not pictures. */
static void publish(int n)
{
	char code[STORE_CODE_MAX_BYTES + 1];

	for (int i = 0; i < n; i++) {
		assert_ok(profile_make_code(profiles[0], code, &err), &err);
		put_ready(0, code, code);
	}
}

static void assert_png(void)
{
	assert_true(png.len > 100 && !memcmp(png.ptr, "\x89PNG\r\n\x1a\n", 8));
}

/* Whether the picture is shown as the last time. */
static bool is_shown_again(const struct pid *pid)
{
	struct buf before;
	bool is_same;

	buf_init(&before, GENERATOR_PNG_MAX_BYTES);
	buf_add(&before, png.ptr, png.len);
	assert_ok(show(pid), &err);
	is_same =
		png.len == before.len && !memcmp(png.ptr, before.ptr, png.len);
	buf_release(&before);
	return is_same;
}

/* Pause until nothing is due. Returns the number of steps. */
static int pause_until_idle(void)
{
	int n = 0;

	do {
		wait_ms = challenge_pause(ch);
		assert_true(++n < 5000); /* else it would never end */
	} while (!wait_ms);
	return n;
}

/* Let seconds pass, with pauses. */
static void let_pass(int64_t s)
{
	for (; s > 0; s--) {
		(void)pause_until_idle();
		fake_clk_forward(&clk, 1000);
	}
}

/* --- verifying ------------------------------------------------------------ */

/* Answers: R the right one, W a wrong one, E an empty one. Verdicts: P pass,
 * W wrong, U unknown. */
static void answers_use_attempts_up(void **state)
{
	static const struct {
		int64_t attempts;
		const char *answers, *verdicts;
	} rows[] = {
		{1, "RRRR", "PUUU"}, {1, "WRW", "WUU"},	  {1, "E", "W"},
		{3, "WERW", "WWPU"}, {3, "WWWR", "WWWU"}, {5, "RR", "PU"},
	};
	static const char letters[] = {[CHALLENGE_UNKNOWN] = 'U',
				       [CHALLENGE_PASS] = 'P',
				       [CHALLENGE_WRONG] = 'W'};

	reserve_max = 1; /* so that the store has only issued challenges */
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		int64_t n_left = settings.base.attempts = rows[i].attempts;
		struct pid pid;
		char code[STORE_CODE_MAX_BYTES + 1];

		restart();
		pid = issue();
		(void)snprintf(code, sizeof(code), "%s", code_of(&pid));
		for (size_t k = 0; rows[i].answers[k]; k++) {
			char answer = rows[i].answers[k];
			enum challenge_verdict verdict =
				verify(&pid, answer == 'R'   ? code
					     : answer == 'W' ? "nope"
							     : "");

			assert_int_equal(letters[verdict], rows[i].verdicts[k]);
			n_left = verdict == CHALLENGE_WRONG ? n_left - 1 : 0;
			/* the picture is shown as long as it can be answered */
			assert_int_equal(n_live(), n_left > 0);
			assert_int_equal(mem.n, n_left > 0);
		}
	}
}

static void of_two_right_answers_at_once_one_passes(void **state)
{
	struct pid pid;

	settings.base.attempts = 3;
	restart();
	pid = issue();
	/* another process is first, between our take and our drop */
	mem.is_dropped_by_another = true;
	assert_int_equal(verify(&pid, code_of(&pid)), CHALLENGE_UNKNOWN);
}

/* challenge_answer tells the right code, or nothing, and changes nothing. */
static void assert_tells(const struct pid *pid, enum cf_status status)
{
	char code[STORE_CODE_MAX_BYTES + 1] = "untouched";
	size_t n = mem.n;

	assert_status(challenge_answer(ch, pid, code, &err), status, &err);
	assert_string_equal(code, status ? "" : code_of(pid));
	assert_int_equal(mem.n, n);
}

/* By the wall clock. The machine that issued may have a clock that is ahead. */
static void a_challenge_lives_for_ttl_s(void **state)
{
	const int64_t life_ms = settings.base.ttl_s * 1000;
	const struct {
		int64_t after_ms;
		bool is_wrong;
		enum cf_status shown;
		enum challenge_verdict verdict;
	} rows[] = {
		{life_ms - 1, false, CF_OK, CHALLENGE_PASS},
		{life_ms - 1, true, CF_OK, CHALLENGE_WRONG},
		{life_ms, false, CF_NOT_FOUND, CHALLENGE_EXPIRED},
		/* which tells nothing about the answer */
		{life_ms, true, CF_NOT_FOUND, CHALLENGE_EXPIRED},
		{-life_ms, false, CF_OK, CHALLENGE_PASS},
		{-life_ms - 10000, false, CF_NOT_FOUND, CHALLENGE_EXPIRED},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct pid pid;

		restart();
		pid = issue();
		clk.unix_ms += rows[i].after_ms;
		assert_status(show(&pid), rows[i].shown, &err);
		assert_tells(&pid, rows[i].shown);
		assert_int_equal(verify(&pid, rows[i].is_wrong ? "no"
							       : code_of(&pid)),
				 rows[i].verdict);
		assert_int_equal(mem.n, 0);
		assert_status(show(&pid), CF_NOT_FOUND, &err);
		assert_tells(&pid, CF_NOT_FOUND);
	}
}

static void a_store_that_fails_tells_no_answer(void **state)
{
	struct pid pid = issue();

	mem.fail[MEM_STORE_PEEK] = CF_IO;
	assert_tells(&pid, CF_IO);
	mem.fail[MEM_STORE_PEEK] = CF_OK;
	assert_tells(&pid, CF_OK);
	assert_passes(&pid);
}

static void a_pid_that_was_not_issued_costs_little(void **state)
{
	struct challenge_outcome out = {.verdict = CHALLENGE_PASS,
					.profile = profiles[0]};

	assert_ok(try(NULL, STR_LIT("x"), any, &out), &err);
	assert_int_equal(out.verdict, CHALLENGE_MALFORMED);
	assert_null(out.profile);
	assert_int_equal(mem_store_n_calls(&mem), 0);
	assert_int_equal(verify(&unknown, "x"), CHALLENGE_UNKNOWN);
	assert_int_equal(mem_store_n_calls(&mem), 1);
	assert_int_equal(mem.n_calls[MEM_STORE_TAKE], 1);
	assert_status(show(&unknown), CF_NOT_FOUND, &err);
}

static void verdicts_have_names(void **state)
{
	static const char *const names[] = {
		[CHALLENGE_UNKNOWN] = "unknown",
		[CHALLENGE_PASS] = "pass",
		[CHALLENGE_WRONG] = "wrong",
		[CHALLENGE_EXPIRED] = "expired",
		[CHALLENGE_MALFORMED] = "malformed",
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		assert_string_equal(challenge_verdict_name(
					    (enum challenge_verdict)i),
				    names[i]);
}

/* --- a store that fails --------------------------------------------------- */

static const enum cf_status failures[] = {CF_BUSY, CF_IO, CF_FULL, CF_CORRUPT};

static void no_failure_of_the_store_ever_passes(void **state)
{
	static const enum mem_store_call calls[] = {MEM_STORE_TAKE,
						    MEM_STORE_DROP};

	settings.base.attempts = 2; /* then a right answer has to drop it */
	restart();
	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(failures); i++) {
		enum cf_status *fail = &mem.fail[calls[i % 2]];
		struct challenge_outcome out = {.verdict = CHALLENGE_PASS,
					.profile = profiles[0]};
		struct pid pid = issue();

		*fail = failures[i / 2];
		assert_status(try(&pid, str_from(code_of(&pid)), any, &out),
			      *fail, &err);
		assert_int_equal(out.verdict, CHALLENGE_UNKNOWN);
		assert_null(out.profile);
		*fail = CF_OK;
	}
}

static void nothing_is_issued_while_the_store_fails(void **state)
{
	static const enum mem_store_call calls[] = {MEM_STORE_COUNT,
						    MEM_STORE_SECRET,
						    MEM_STORE_PUT,
						    MEM_STORE_PUT_PICTURE};

	settings.store = SETTINGS_STORE_REDIS;
	reserve_max = 1;
	for (size_t i = 0; i < 4 * CF_ARRAY_LEN(failures); i++) {
		enum cf_status *fail = &mem.fail[calls[i % 4]];

		restart();
		*fail = failures[i / 4];
		assert_status(try_issue("", NULL, NULL), *fail, &err);
		*fail = CF_OK;
		/* it goes on with the store, and leaves nothing behind */
		use_up(1);
		assert_int_equal(mem.n, 0);
		assert_int_equal(n_live(), 0);
		/* also when no visitor comes */
		mem.fail[MEM_STORE_PUT_PICTURE] = CF_IO;
		assert_status(try_issue("", NULL, NULL), CF_IO, &err);
		mem.fail[MEM_STORE_PUT_PICTURE] = CF_OK;
		fake_clk_forward(&clk, 1001);
		(void)pause_until_idle();
		assert_int_equal(mem.n, 0);
	}
}

static void a_challenge_that_cannot_be_shown_does_not_stay(void **state)
{
	settings.store = SETTINGS_STORE_REDIS;
	for (int i = 0; i < 4; i++) {
		has_pauses = i % 2;
		begin_row();
		publish(i / 2);
		mem.fail[MEM_STORE_PUT_PICTURE] = CF_IO;
		assert_status(try_issue("", NULL, NULL), CF_IO, &err);
		/* a process with pauses tries it again, or gives it back */
		assert_int_equal(mem.n, has_pauses);
		fake_clk_forward(&clk, 1001);
		if (has_pauses)
			(void)pause_until_idle();
		assert_int_equal(mem.n, 0);
		assert_int_equal(n_live(), 0);
	}
}

static void a_picture_taken_while_the_store_fails_is_removed(void **state)
{
	publish(2);
	mem.fail[MEM_STORE_PUT] = CF_BUSY;
	assert_status(try_issue("", NULL, NULL), CF_BUSY, &err);
	assert_int_equal(n_live(), 0);
	/* and the picture is given to no client */
	assert_int_equal(n_ready(), 1);
	mem.fail[MEM_STORE_PUT] = CF_OK;
	/* pictures of the pool need no secret */
	mem.fail[MEM_STORE_SECRET] = CF_IO;
	use_up(1);
}

/* --- pictures ------------------------------------------------------------- */

static void without_a_pool_a_picture_is_drawn(void **state)
{
	struct pid pid = issue_png("");

	assert_png();
	assert_int_equal(n_live(), 0); /* it has been sent */
	for (int i = 0; i < 10; i++)
		assert_true(is_shown_again(&pid));
	assert_passes(&pid); /* to show a picture uses no attempt */
	/* issued by its address: a client will request it */
	(void)issue();
	assert_int_equal(n_live(), 1);
}

static void a_picture_of_the_pool_goes_with_its_own_code(void **state)
{
	enum {
		N = 50
	};

	publish(N);
	for (int i = 0; i < N; i++) {
		struct pid pid;

		buf_reset(&png);
		buf_add_str(&png, "before ");
		assert_ok(try_issue("", &pid, i % 2 ? &png : NULL), &err);
		if (i % 2 == 0)
			assert_ok(challenge_picture(ch, &pid, STR_LIT(""),
						    &png, &err),
				  &err);
		assert_true(
			str_starts((struct str){png.ptr, png.len}, "before "));
		assert_string_equal(png.ptr + 7, code_of(&pid));
	}
	assert_int_equal(n_ready(), 0);
}

/* Whether a picture differs between light and dark pages. */
static bool has_themes(const struct pid *pid)
{
	static char light[1 << 16];
	size_t len;

	assert_ok(show_in(pid, "light"), &err);
	len = png.len;
	assert_true(len <= sizeof(light));
	memcpy(light, png.ptr, len);
	assert_ok(show_in(pid, "dark"), &err);
	return png.len != len || memcmp(light, png.ptr, len);
}

static void a_request_chooses_a_theme_if_no_setting_does(void **state)
{
	struct pid pid = issue();

	assert_true(has_themes(&pid));
	settings.base.theme = SETTINGS_THEME_DARK;
	restart();
	assert_false(has_themes(&pid));
	settings.base.theme = SETTINGS_THEME_AUTO;
	settings.base.ink = "#334e6b"; /* of a pair of ours */
	restart();
	assert_false(has_themes(&pid));
	settings.base.ink = "auto";
	settings.base.paper = "#ecf1f6";
	restart();
	assert_false(has_themes(&pid));
}

static void remove_live(const struct pid *pid)
{
	assert_int_equal(unlink(temp_path(settings.cache_dir,
					  TODAY "/live/%s.png", pid->text)),
			 0);
}

static void a_lost_picture_is_drawn_again_the_same_each_time(void **state)
{
	struct pid pid = issue();

	/* a drawn picture looks the same again, also in another process */
	assert_ok(show(&pid), &err);
	remove_live(&pid);
	assert_true(is_shown_again(&pid));
	restart();
	assert_true(is_shown_again(&pid));
	/* a picture of the pool had a random seed: the new picture stays the
	 * same from now on */
	publish(1);
	pid = issue();
	remove_live(&pid);
	assert_ok(show(&pid), &err);
	assert_png();
	assert_true(is_shown_again(&pid));
	/* and another installation draws another one */
	mem.has_secret = false;
	restart();
	assert_false(is_shown_again(&pid));
}

/* --- a cache that is broken ---------------------------------------------- */

static void break_cache(void)
{
	assert_ok(pool_probe(pool, &err), &err);
	temp_dir_remove(settings.cache_dir);
	temp_write(settings.cache_dir, "a file where the directory was");
	restart();
}

static void with_a_broken_cache_challenges_go_on(void **state)
{
	struct pid pid;
	const char *text;

	break_cache();
	capture_begin();
	pid = issue_png("");
	assert_png();
	assert_true(is_shown_again(&pid));
	assert_passes(&pid);
	/* one line in the log a minute */
	fake_clk_forward(&clk, 60000);
	for (int s = 0; s < 180; s++) {
		(void)issue();
		fake_clk_forward(&clk, 1000);
	}
	text = capture_end();
	assert_int_equal(capture_count(text, "level=warn event=pool"), 4);
	assert_has(text, settings.cache_dir);
	assert_int_equal(unlink(settings.cache_dir), 0);
	assert_ok(pool_probe(pool, &err), &err);
	publish(2);
	fake_clk_forward(&clk, 60000);
	capture_begin();
	(void)issue();
	(void)issue();
	text = capture_end();
	assert_int_equal(capture_count(text, "event=pool"), 1);
	assert_has(text, "works again");
	/* an empty pool is no trouble, nor is a file that is written */
	capture_begin();
	(void)issue();
	assert_int_equal(capture_count(capture_end(), "event=pool"), 0);
}

static void a_cache_that_fails_now_and_then_logs_once_a_minute(void **state)
{
	char big[4000];
	const char *text;

	/* taking works, filling meets the cap */
	settings.base.pool_size = 1000;
	settings.cache_max_bytes = 65536;
	restart();
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	for (int i = 0; i < 40; i++)
		put_ready(0, big, "acef");
	capture_begin();
	for (int s = 0; s < 120; s += 10) {
		(void)issue();
		let_pass(10);
	}
	text = capture_end();
	assert_has(text, "cache_max_bytes");
	assert_true(capture_count(text, "event=pool") <= 4);
}

/* --- the reserve ---------------------------------------------------------- */

/* Issue n at once. Returns the largest batch that was recorded. */
static size_t issue_many(int n, struct pid pids[])
{
	size_t n_largest = 0;

	for (int i = 0; i < n; i++) {
		mem.n_last_put = 0;
		pids[i] = issue();
		if (mem.n_last_put > n_largest)
			n_largest = mem.n_last_put;
		assert_non_null(mem_store_find(&mem, &pids[i]));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(pids[i].text, pids[k].text);
	}
	return n_largest;
}

static void under_load_many_challenges_are_recorded_at_once(void **state)
{
	static const struct {
		size_t max;
		int64_t ttl_s, step_ms; /* step_ms: between two challenges */
		size_t largest;
	} rows[] = {{0, 300, 0, CHALLENGE_RESERVE_MAX},
		    {0, 300, 10, CHALLENGE_RESERVE_MAX},
		    {8, 300, 0, 8},
		    {1, 300, 0, 1},
		    {0, 30, 0, CHALLENGE_RESERVE_MAX},
		    {0, 29, 0, 1},     /* lives that waiting would shorten */
		    {0, 300, 101, 1}}; /* at leisure */

	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(rows); i++) {
		enum {
			N = 100
		};
		size_t largest = 0, k = i / 2;
		struct pid pids[N];

		reserve_max = rows[k].max;
		settings.base.ttl_s = rows[k].ttl_s;
		begin_row();
		if (i % 2) /* else each is drawn when it is handed out */
			publish(N + CHALLENGE_RESERVE_MAX);
		for (int n = 0; n < N; n++) {
			size_t n_put = issue_many(1, &pids[n]);

			largest = n_put > largest ? n_put : largest;
			fake_clk_forward(&clk, rows[k].step_ms);
		}
		assert_int_equal(largest, rows[k].largest);
		assert_int_equal(n_live(), i % 2 ? mem.n : N);
		if (!rows[k].step_ms)
			assert_true(mem.n_calls[MEM_STORE_PUT] <=
				    N / (int)largest + 6);
		assert_in_range(mem.n, N, N + largest - 1);
		assert_int_equal(mem.n_calls[MEM_STORE_COUNT], 1);
		for (int n = 0; n < N && !rows[k].step_ms; n++)
			assert_passes(&pids[n]);
	}
}

static void reserved_challenges_are_given_back_after_a_second(void **state)
{
	struct pid pids[20];

	for (int has_pictures = 0; has_pictures < 2; has_pictures++) {
		begin_row();
		if (has_pictures)
			publish(100);
		(void)issue_many(20, pids);
		fake_clk_forward(&clk, 1000);
		(void)pause_until_idle();
		assert_true(mem.n > 20);
		/* challenge_pause tells when it is due */
		assert_int_equal(wait_ms, 1);
		fake_clk_forward(&clk, wait_ms);
		(void)pause_until_idle();
		assert_int_equal(mem.n, 20);
		assert_int_equal(n_live(), 20);
		for (int i = 0; i < 20; i++)
			assert_passes(&pids[i]);
	}
	/* and at the end */
	(void)issue_many(20, pids);
	assert_true(mem.n > 20);
	restart();
	assert_int_equal(mem.n, 20);
	assert_int_equal(n_live(), 20);
}

/* Too old, also without a pause in between; from before the clock was set; or
 * not given back since the store failed. */
static void stale_reserved_challenges_are_not_handed_out(void **state)
{
	static const struct {
		int64_t late_ms, jump_ms;
		bool is_paused;
	} rows[] = {{1001, 0, false},	  {30000, 0, false},
		    {0, 86400000, false}, {0, -86400000, false},
		    {0, 10000, false},	  {0, -10000, false},
		    {1001, 0, true},	  {0, 10000, true}};
	struct pid pid, pids[20];

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		begin_row();
		publish(100);
		(void)issue_many(20, pids);
		assert_true(mem.n > 20);
		fake_clk_forward(&clk, rows[i].late_ms);
		clk.unix_ms += rows[i].jump_ms;
		if (rows[i].is_paused) {
			mem.fail[MEM_STORE_DROP] = CF_BUSY;
			(void)pause_until_idle();
			mem.fail[MEM_STORE_DROP] = CF_OK;
		}
		pid = issue();
		assert_int_equal(mem_store_find(&mem, &pid)->created_unix_ms,
				 clk.unix_ms);
		assert_int_equal(pid_unix_ms(&pid), clk.unix_ms / 1000 * 1000);
	}
}

/* --- max_live ------------------------------------------------------------- */

static void no_more_than_max_live_challenges_are_issued(void **state)
{
	static const int64_t caps[] = {10, 11, 17, 50, 200};

	for (size_t i = 0; i < CF_ARRAY_LEN(caps); i++) {
		struct pid first = {""};
		enum cf_status rc;
		int n = 0, n_calls;

		settings.max_live = caps[i];
		begin_row();
		publish((int)caps[i] + 64);
		while (!(rc = try_issue("", n ? NULL : &first, NULL)) &&
		       n++ < caps[i])
			assert_true((int64_t)mem.n <= caps[i]);
		assert_status(rc, CF_FULL, &err);
		assert_has(err.text, "max_live");
		assert_int_equal(n, caps[i]);
		/* a full store is not counted each time */
		n_calls = mem_store_n_calls(&mem);
		for (int k = 0; k < 100; k++)
			assert_status(try_issue("", NULL, NULL), CF_FULL, &err);
		assert_int_equal(mem_store_n_calls(&mem), n_calls);
		assert_passes(&first);
		fake_clk_forward(&clk, 100);
		(void)issue(); /* into its place */
	}
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

	reserve_max = 1;
	for (size_t i = 0; i < CF_ARRAY_LEN(caps); i++) {
		settings.max_live = caps[i];
		begin_row();
		while (!is_crowded())
			(void)issue();
		/* it counts again before an eighth of the room is used */
		assert_in_range(mem.n, caps[i] * 4 / 5,
				caps[i] * 4 / 5 + caps[i] / 35 + 1);
		while (!try_issue("", NULL, NULL))
			assert_true(is_crowded());
		assert_int_equal(mem.n, caps[i]);
		assert_true(is_crowded());
		/* answers make room, and it is counted within a second, */
		mem.n = (size_t)caps[i] / 2;
		fake_clk_forward(&clk, 1000);
		assert_false(is_crowded());
	}
	while (!is_crowded())
		(void)issue();
	mem.n = 0; /* also while there is still room */
	fake_clk_forward(&clk, 999);
	assert_true(is_crowded());
	fake_clk_forward(&clk, 1);
	assert_false(is_crowded());
}

static void assert_crowd_uncounted(bool is)
{
	int n_calls = mem_store_n_calls(&mem);

	for (int i = 0; i < 100; i++)
		assert_int_equal(is_crowded(), is);
	assert_int_equal(mem_store_n_calls(&mem), n_calls);
}

static void a_crowd_is_not_counted_each_time(void **state)
{
	bool is = true;

	settings.max_live = 200;
	reserve_max = 1;
	restart();
	mem.fail[MEM_STORE_COUNT] = CF_BUSY;
	assert_status(challenge_is_crowded(ch, &is, &err), CF_BUSY, &err);
	assert_true(is); /* untouched */
	mem.fail[MEM_STORE_COUNT] = CF_OK;
	while (!is_crowded())
		(void)issue();
	assert_crowd_uncounted(true);
	while (!try_issue("", NULL, NULL))
		;
	assert_crowd_uncounted(true);
	settings.max_live = 100000; /* far from it */
	restart();
	assert_false(is_crowded());
	assert_crowd_uncounted(false);
}

static int count_in_ms(int64_t ms)
{
	int n_before = mem.n_calls[MEM_STORE_COUNT];

	for (; ms > 0; ms -= 10) {
		(void)try_issue("", NULL, NULL);
		(void)is_crowded();
		fake_clk_forward(&clk, 10);
	}
	return mem.n_calls[MEM_STORE_COUNT] - n_before;
}

static void a_store_that_counts_slowly_is_counted_seldom(void **state)
{
	settings.max_live = 100;
	restart();
	while (!try_issue("", NULL, NULL))
		;
	assert_in_range(count_in_ms(10000), 90, 110);
	mem.count_clk = &clk;
	mem.count_ms = 400;
	assert_in_range(count_in_ms(40000), 10, 13);
	mem.count_clk = NULL;
}

/* --- many machines -------------------------------------------------------- */

static void a_shared_picture_is_shown_by_any_machine(void **state)
{
	struct pid pooled, drawn;

	(void)issue(); /* one machine shares nothing */
	settings.store = SETTINGS_STORE_REDIS;
	reserve_max = 1;
	mem.n = 0;
	restart();
	(void)issue_png(""); /* nor a picture that is sent with its pid */
	assert_int_equal(mem.n_calls[MEM_STORE_PUT_PICTURE], 0);
	mem.n = 0;
	put_ready(0, "stand-in", "code1");
	pooled = issue();
	drawn = issue();
	assert_int_equal(mem.n_calls[MEM_STORE_PUT_PICTURE], 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(mem.pictures[i].expires_unix_ms,
				 mem.entry[i].expires_unix_ms);
	assert_ok(show(&drawn), &err);
	assert_int_equal(mem.n_calls[MEM_STORE_LOAD_PICTURE], 0);
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       temp_path(dir, "other")); /* of another machine */
	restart();
	assert_true(is_shown_again(&drawn));
	assert_ok(show(&pooled), &err);
	assert_string_equal(png.ptr, "stand-in");
	assert_int_equal(mem.n_calls[MEM_STORE_LOAD_PICTURE], 2);
	assert_int_equal(verify(&pooled, "code1"), CHALLENGE_PASS);
	assert_status(show(&pooled), CF_NOT_FOUND, &err);
	/* after a failure of the store no picture is drawn instead */
	mem.fail[MEM_STORE_LOAD_PICTURE] = CF_IO;
	assert_status(show(&drawn), CF_IO, &err);
}

/* --- filling and pauses --------------------------------------------------- */

static void pauses_fill_every_shelf_and_then_wait(void **state)
{
	settings.base.pool_size = 7;
	login_settings.base.pool_size = 3;
	restart();
	assert_true(pause_until_idle() >= 10); /* in small steps */
	assert_int_equal(n_ready(), 7);
	assert_int_equal(temp_count(shelf_dir(1)), 3);
	assert_true(wait_ms >= 1000);
	for (int i = 0; i < 3; i++) {
		struct pid pid = issue_png("");

		assert_png();
		assert_passes(&pid);
	}
	assert_int_equal(n_ready(), 4);
	fake_clk_forward(&clk, 2000);
	(void)pause_until_idle();
	assert_int_equal(n_ready(), 7);
	/* a shelf that another process has emptied is filled, too */
	temp_dir_remove(shelf_dir(0));
	let_pass(60);
	assert_int_equal(n_ready(), 7);
}

static void a_process_does_not_fill_while_another_does(void **state)
{
	struct pool_options options = options_pool(&settings);
	struct pool *other = pool_new(&options, fake_clk_get(&clk));
	int64_t n;

	settings.base.pool_size = 4;
	restart();
	assert_ok(shelf_fill_begin(pool_shelf(other, "", 1, 4), false, &n,
				   &err),
		  &err);
	assert_status(challenge_fill(ch, false, NULL, NULL, &n, &err), CF_BUSY,
		      &err);
	assert_int_equal(n, 0);
	(void)pause_until_idle();
	assert_int_equal(n_ready(), 0);
	pool_fill_end(other);
	fake_clk_forward(&clk, 2000);
	(void)pause_until_idle();
	assert_int_equal(n_ready(), 4);
	pool_free(other);
}

static void pauses_remove_only_expired_challenges(void **state)
{
	struct pid pids[30], pid;

	publish(30);
	(void)issue_many(30, pids);
	let_pass(settings.base.ttl_s - 1);
	for (int i = 0; i < 30; i++)
		assert_non_null(mem_store_find(&mem, &pids[i]));
	assert_true(n_live() >= 30);
	let_pass(60);
	assert_int_equal(mem.n, 0);
	assert_int_equal(n_live(), 0);
	/* no challenge is stale before the longest ttl_s of all profiles */
	settings.base.ttl_s = 10;
	restart();
	pid = issue_of("login");
	let_pass(200);
	assert_int_equal(n_live(), 1);
	assert_passes(&pid);
}

static void a_clock_that_was_ahead_leaves_nothing_behind(void **state)
{
	const int64_t ahead_ms = INT64_C(365) * 86400000;
	struct challenge_cleaned cleaned;

	for (int i = 0; i < 2; i++) {
		struct pid live = issue();

		clk.unix_ms += ahead_ms;
		publish(5);
		(void)issue();
		clk.unix_ms -= ahead_ms;
		if (i)
			assert_ok(challenge_clean(ch, &cleaned, &err), &err);
		else
			(void)pause_until_idle();
		assert_int_equal(mem.n, 1);
		assert_int_equal(temp_count(temp_path(settings.cache_dir,
						      "2027-11-23")),
				 -1);
		assert_passes(&live);
		fake_clk_forward(&clk, 60000);
	}
}

/* Before 2026 and after 2054 pids tell no time: nothing is swept for it. */
static void a_clock_that_no_pid_can_tell_loses_no_challenge(void **state)
{
	static const int64_t clocks_ms[] = {1000, INT64_C(2700000000000)};

	for (size_t i = 0; i < CF_ARRAY_LEN(clocks_ms); i++) {
		struct pid pid;

		clk.unix_ms = clocks_ms[i];
		restart();
		pid = issue();
		fake_clk_forward(&clk, 60000);
		(void)pause_until_idle();
		assert_passes(&pid);
	}
}

static void begin_with_pauses(int n_pictures)
{
	has_pauses = true;
	restart();
	(void)pause_until_idle(); /* sweeps, which come first */
	publish(n_pictures);
}

static void a_used_picture_waits_for_a_pause(void **state)
{
	struct pid pid;

	settings.base.attempts = 2;
	begin_with_pauses(10);
	pid = issue();
	assert_int_equal(verify(&pid, "nonsense"), CHALLENGE_WRONG);
	(void)pause_until_idle();
	assert_int_equal(n_live(), 1); /* one attempt is left */
	assert_int_equal(verify(&pid, "nonsense"), CHALLENGE_WRONG);
	use_up(9);
	assert_int_equal(n_live(), 10);
	assert_status(show(&pid), CF_NOT_FOUND, &err); /* its file is there */
	assert_int_equal(challenge_pause(ch), 0);
	assert_in_range(n_live(), 1, 9); /* in small steps */
	(void)pause_until_idle();
	assert_int_equal(n_live(), 0);
	use_up(1); /* and the last at the end */
	assert_int_equal(n_live(), 1);
	restart();
	assert_int_equal(n_live(), 0);
}

static void used_pictures_without_a_pause_are_bounded(void **state)
{
	enum {
		N = 300,
		N_WAITING = 256
	};
	struct pid pid;

	begin_with_pauses(N);
	use_up(N_WAITING - 1);
	assert_int_equal(n_live(), N_WAITING - 1);
	use_up(N - N_WAITING + 1);
	assert_int_equal(n_live(), N_WAITING);
	/* constant load: a step a second, and always a used picture to remove.
	 * Still expired challenges are swept in time. */
	pid = issue();
	fake_clk_forward(&clk, settings.base.ttl_s * 1000 + 10000);
	for (int i = 0; i < 20; i++) {
		use_up(8);
		(void)challenge_pause(ch);
		fake_clk_forward(&clk, 1000);
	}
	assert_null(mem_store_find(&mem, &pid));
}

static void pauses_never_spin_when_all_is_broken(void **state)
{
	int n_steps = 0;
	const char *text;

	settings.base.pool_size = 100;
	break_cache();
	mem_store_fail_all(&mem, CF_IO);
	capture_begin();
	for (int64_t ms = 0; ms < 120000; ms += wait_ms) {
		n_steps += pause_until_idle();
		fake_clk_forward(&clk, wait_ms);
	}
	text = capture_end();
	assert_true(n_steps < 300);
	assert_true(capture_count(text, "\n") < 40);
	mem_store_fail_all(&mem, CF_OK);
}

/* --- for the operator ----------------------------------------------------- */

struct progress_seen {
	int64_t n_calls, stop_at;
};

/* n_all grows when the turn of the second shelf comes. */
static bool on_progress(void *ctx, int64_t n_done, int64_t n_all)
{
	struct progress_seen *seen = ctx;

	if (n_done != 6)
		assert_int_equal(n_all, n_done < 6 ? 6 : 10);
	seen->n_calls++;
	return n_done != seen->stop_at;
}

static void filling_reports_progress_and_can_be_ended(void **state)
{
	struct progress_seen seen = {.stop_at = 2};
	int64_t n = -1;

	settings.base.pool_size = 6;
	login_settings.base.pool_size = 4;
	restart();
	assert_ok(challenge_fill(ch, false, on_progress, &seen, &n, &err),
		  &err);
	assert_int_equal(n, 2);
	assert_int_equal(seen.n_calls, 3);
	assert_int_equal(n_ready(), 2);
	temp_dir_remove(settings.cache_dir);
	restart();
	seen = (struct progress_seen){.stop_at = -1};
	assert_ok(challenge_fill(ch, false, on_progress, &seen, &n, &err),
		  &err);
	assert_int_equal(n, 10);
	assert_in_range(seen.n_calls, 10, 12);
	assert_int_equal(n_ready(), 6);
	assert_int_equal(temp_count(shelf_dir(1)), 4);
	assert_ok(challenge_fill(ch, false, NULL, NULL, &n, &err), &err);
	assert_int_equal(n, 0);
}

static void clean_removes_rows_and_pictures(void **state)
{
	enum {
		N = 9001
	};
	struct challenge_cleaned cleaned;
	struct pid pid, pids[40];

	publish(41);
	reserve_max = 1;
	restart();
	(void)issue_many(40, pids);
	fake_clk_forward(&clk, settings.base.ttl_s * 1000 + 10000);
	pid = issue();
	assert_ok(challenge_clean(ch, &cleaned, &err), &err);
	assert_int_equal(cleaned.n_rows, 40);
	assert_int_equal(cleaned.pool.n_live, 40);
	assert_int_equal(mem.n, 1);
	assert_int_equal(n_live(), 1);
	assert_int_equal(mem.n_calls[MEM_STORE_TIDY], 1);
	assert_passes(&pid);
	mem.fail[MEM_STORE_SWEEP] = CF_BUSY;
	assert_status(challenge_clean(ch, &cleaned, &err), CF_BUSY, &err);
	assert_int_equal(cleaned.n_rows, 0);
	mem.fail[MEM_STORE_SWEEP] = CF_OK;
	mem.fail[MEM_STORE_TIDY] = CF_BUSY; /* it tidies the next time */
	assert_ok(challenge_clean(ch, &cleaned, &err), &err);
	mem.fail[MEM_STORE_TIDY] = CF_IO;
	assert_status(challenge_clean(ch, &cleaned, &err), CF_IO, &err);
	mem.fail[MEM_STORE_TIDY] = CF_OK;
	/* thousands go in short steps */
	for (size_t i = 0; i < N; i++) {
		struct store_entry *e = &mem.entry[i];

		pid_make(&e->pid, clk.unix_ms - 86400000);
		e->code[0] = 'a';
		e->expires_unix_ms = clk.unix_ms - 1000;
	}
	mem.n = N;
	mem.n_calls[MEM_STORE_SWEEP] = 0;
	assert_ok(challenge_clean(ch, &cleaned, &err), &err);
	assert_int_equal(cleaned.n_rows, N);
	assert_true(mem.n_calls[MEM_STORE_SWEEP] > 3);
}

static void counts_and_health_cover_each_part(void **state)
{
	struct challenge_health health;
	struct challenge_counts counts;

	settings.max_live = 100;
	restart();
	put_ready(0, "x", "acef");
	put_ready(1, "x", "12");
	put_ready(1, "x", "13");
	(void)issue();
	assert_ok(challenge_count(ch, &counts, &err), &err);
	assert_int_equal(counts.n_live, 1);
	assert_int_equal(counts.max_live, 100);
	assert_int_equal(counts.n_ready[0], 0);
	assert_int_equal(counts.n_ready[1], 2);
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
	assert_status(challenge_count(ch, &counts, &err), CF_IO, &err);
}

/* --- profiles ------------------------------------------------------------- */

static void a_profile_is_found_by_its_name(void **state)
{
	static const struct {
		struct str name;
		int i; /* -1: there is none */
	} rows[] = {{{"", 0}, 0},	 {{"default", 7}, 0},
		    {{"login", 5}, 1},	 {{"login\0", 6}, -1},
		    {{"Login", 5}, -1},	 {{"logi", 4}, -1},
		    {{"login2", 6}, -1}, {{" login", 6}, -1}};
	struct challenge_issued out;

	for (size_t k = 0; k < CF_ARRAY_LEN(rows); k++) {
		const struct profile *found =
			challenge_profile(ch, rows[k].name);

		assert_ptr_equal(found,
				 rows[k].i < 0 ? NULL : profiles[rows[k].i]);
		assert_status(challenge_issue(ch, rows[k].name, &out, NULL,
					      &err),
			      found ? CF_OK : CF_NOT_FOUND, &err);
	}
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(challenge_profile_at(ch, i),
				 i < 2 ? profiles[i] : NULL);
}

static void a_challenge_follows_the_settings_of_its_profile(void **state)
{
	const struct store_entry *entry;
	struct pid pid;

	settings.base.attempts = 4;
	settings.base.ttl_s = 77;
	login_settings.base.attempts = 2;
	login_settings.base.ttl_s = 33;
	restart();
	for (int i = 0; i < 2; i++) {
		pid = issue_of(i ? "login" : "");
		entry = mem_store_find(&mem, &pid);
		assert_non_null(entry);
		assert_string_equal(entry->profile, i ? "login" : "");
		assert_int_equal(entry->attempts_left, i ? 2 : 4);
		assert_int_equal(entry->created_unix_ms, clk.unix_ms);
		assert_int_equal(entry->expires_unix_ms,
				 clk.unix_ms + (i ? 33000 : 77000));
		assert_int_equal(pid_unix_ms(&pid), clk.unix_ms);
	}
	assert_in_range(strtol(entry->code, NULL, 10), 1, 99);
	/* a check need not name the profile */
	assert_int_equal(verify(&pid, "x"), CHALLENGE_WRONG);
	assert_passes(&pid);
}

static void reserves_of_profiles_are_apart(void **state)
{
	struct pid pid;
	int n_login = 0;

	settings.base.pool_size = login_settings.base.pool_size = 40;
	restart();
	for (int i = 0; i < 40; i++) {
		put_ready(0, "x", "acef");
		put_ready(1, "x", "12");
	}
	for (int i = 0; i < 60; i++) {
		pid = issue_of(i % 2 ? "login" : "");
		assert_string_equal(code_of(&pid), i % 2 ? "12" : "acef");
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

/* A right answer to a challenge of the wrong profile, easier or harder, is
 * wrong. */
static void an_answer_counts_only_for_the_wanted_profile(void **state)
{
	static const struct {
		const char *of, *wanted; /* NULL: any */
		enum challenge_verdict verdict;
		int profile;  /* that the outcome names; -1 for none */
		bool is_gone; /* the settings no longer have it */
		bool is_late;
	} rows[] = {
		{"login", "login", CHALLENGE_PASS, 1, false, false},
		{"", "", CHALLENGE_PASS, 0, false, false},
		{"", "default", CHALLENGE_PASS, 0, false, false},
		{"login", NULL, CHALLENGE_PASS, 1, false, false},
		{"login", "", CHALLENGE_WRONG, 1, false, false},
		{"", "login", CHALLENGE_WRONG, 0, false, false},
		{"login", "", CHALLENGE_WRONG, -1, true, false},
		{"login", "login", CHALLENGE_WRONG, -1, true, false},
		{"login", "none", CHALLENGE_WRONG, -1, true, false},
		{"login", NULL, CHALLENGE_PASS, -1, true, false},
		{"login", NULL, CHALLENGE_EXPIRED, -1, false, true},
		{"login", NULL, CHALLENGE_EXPIRED, -1, true, true},
	};

	reserve_max = 1;
	restart();
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct challenge_outcome out = {.verdict = CHALLENGE_PASS,
					.profile = profiles[0]};
		struct pid pid = issue_of(rows[i].of);
		struct str wanted =
			rows[i].wanted ? str_from(rows[i].wanted) : any;
		struct str answer = str_from(code_of(&pid));

		if (rows[i].is_gone)
			(void)snprintf(mem.entry[0].profile,
				       sizeof(mem.entry[0].profile), "gone");
		if (rows[i].is_late)
			fake_clk_forward(&clk, settings.base.ttl_s * 1000);
		for (int again = 0; again < 2; again++) {
			int profile = again ? -1 : rows[i].profile;

			assert_ok(try(&pid, answer, wanted, &out), &err);
			/* when it is used up, the outcome names no profile */
			assert_int_equal(out.verdict, again ? CHALLENGE_UNKNOWN
							    : rows[i].verdict);
			assert_ptr_equal(out.profile,
					 profile < 0 ? NULL
						     : profiles[profile]);
		}
	}
}

static void a_lost_picture_is_drawn_with_its_own_profile(void **state)
{
	struct pid pid;

	login_settings.base.width_px = 90;
	restart();
	pid = issue_png("login");
	assert_png();
	assert_int_equal((unsigned char)png.ptr[19], 2 * 90); /* of IHDR */
	restart();
	assert_true(is_shown_again(&pid)); /* the same sum, too */
	/* a profile that the settings no longer have draws no picture, nor does
	 * another profile. The answer still counts. */
	(void)snprintf(mem.entry[0].profile, sizeof(mem.entry[0].profile),
		       "gone");
	assert_status(show(&pid), CF_NOT_FOUND, &err);
	assert_passes(&pid);
}

static void a_lost_picture_of_other_settings_is_gone(void **state)
{
	const struct settings before = settings;

	for (int i = 0; i < 2; i++) {
		struct pid pid;

		settings = before;
		settings.base.alphabet = "ACEF";
		restart();
		pid = issue_png("");
		if (i)
			settings.base.kind = SETTINGS_KIND_ARITHMETIC;
		else
			settings.base.alphabet = "23456789";
		restart();
		assert_status(show(&pid), CF_NOT_FOUND, &err);
		/* the answer still counts */
		assert_passes(&pid);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* --- sounds --------------------------------------------------------------- */

/* What the sound of a pid says. Borrowed until the next call. */
static const char *said_in(const struct pid *pid, const char *lang)
{
	static char digits[MIX_DIGITS + 1];

	assert_ok(sound_digits(ch, pid, str_from(lang), digits, &err), &err);
	return digits;
}

static const char *said(const struct pid *pid)
{
	return said_in(pid, "en");
}

/* Of the second pid a byte is above 249. */
static void digits_are_a_keyed_hash_of_the_pid(void **state)
{
	static const struct pid pid = {"1uUJxBsnThsgS6jB"};
	static const struct pid skips = {"0abcdefghijklm0f"};

	for (size_t i = 0; i < sizeof(mem.secret); i++)
		mem.secret[i] = (uint8_t)i;
	mem.has_secret = true;
	assert_string_equal(said(&pid), "899064");
	assert_string_equal(said(&skips), "527471");
	assert_string_not_equal(said(&unknown), "899064");
	/* HMAC of the same text and "de" or "pt" */
	assert_string_equal(said_in(&pid, "de"), "607811");
	assert_string_equal(said_in(&pid, "PT-BR"), "697366");
	mem.secret[31] = 0;
	restart();
	assert_string_not_equal(said(&pid), "899064");
}

/* Answer by the digits of the sound, in these ways. */
static struct challenge_outcome say(const struct pid *pid, unsigned ways)
{
	struct challenge_attempt attempt = {str_from(said(pid)), any, ways};
	struct challenge_outcome out;

	assert_ok(challenge_verify(ch, pid, &attempt, &out, &err), &err);
	return out;
}

static void a_challenge_passes_by_code_or_by_digits_once(void **state)
{
	enum { BOTH = CHALLENGE_BY_PICTURE | CHALLENGE_BY_SOUND };
	struct challenge_outcome out;
	struct pid pid = issue();
	char code[STORE_CODE_MAX_BYTES + 1];

	(void)snprintf(code, sizeof(code), "%s", code_of(&pid));
	out = say(&pid, BOTH);
	assert_int_equal(out.verdict, CHALLENGE_PASS);
	assert_true(out.is_by_sound);
	assert_ptr_equal(out.profile, profiles[0]);
	assert_int_equal(verify(&pid, code), CHALLENGE_UNKNOWN);
	out = say(&pid, BOTH);
	assert_int_equal(out.verdict, CHALLENGE_UNKNOWN);
	assert_false(out.is_by_sound);

	pid = issue();
	assert_ok(try(&pid, str_from(code_of(&pid)), any, &out), &err);
	assert_int_equal(out.verdict, CHALLENGE_PASS);
	assert_false(out.is_by_sound);
	assert_int_equal(say(&pid, BOTH).verdict, CHALLENGE_UNKNOWN);

	/* a code that happens to be the digits */
	pid = issue();
	memcpy(mem.entry[0].code, said(&pid), MIX_DIGITS + 1);
	out = say(&pid, BOTH);
	assert_int_equal(out.verdict, CHALLENGE_PASS);
	assert_false(out.is_by_sound);
}

static void a_way_that_is_not_allowed_is_a_wrong_answer(void **state)
{
	struct challenge_attempt attempt = {.ways = CHALLENGE_BY_SOUND};
	struct challenge_outcome out;
	struct pid pid = issue();

	out = say(&pid, CHALLENGE_BY_PICTURE);
	assert_int_equal(out.verdict, CHALLENGE_WRONG);
	assert_false(out.is_by_sound);
	pid = issue();
	attempt.answer = str_from(code_of(&pid));
	assert_ok(challenge_verify(ch, &pid, &attempt, &out, &err), &err);
	assert_int_equal(out.verdict, CHALLENGE_WRONG);
	pid = issue();
	assert_int_equal(say(&pid, CHALLENGE_BY_SOUND).verdict, CHALLENGE_PASS);
	/* without the setting */
	settings.audio = 0;
	restart();
	pid = issue();
	assert_int_equal(say(&pid, CHALLENGE_BY_SOUND).verdict,
			 CHALLENGE_WRONG);
}

static void digits_share_attempts_and_life_with_the_code(void **state)
{
	struct challenge_outcome out;
	struct pid pid, other;

	settings.base.attempts = 3;
	restart();
	pid = issue();
	other = issue();
	assert_int_equal(verify(&pid, "x"), CHALLENGE_WRONG);
	assert_int_equal(verify(&pid, said(&other)), CHALLENGE_WRONG);
	assert_int_equal(verify(&pid, said(&pid)), CHALLENGE_PASS);
	assert_int_equal(verify(&pid, said(&pid)), CHALLENGE_UNKNOWN);
	/* of another profile */
	assert_ok(try(&other, str_from(said(&other)), STR_LIT("login"), &out),
		  &err);
	assert_int_equal(out.verdict, CHALLENGE_WRONG);
	assert_false(out.is_by_sound);
	fake_clk_forward(&clk, settings.base.ttl_s * 1000);
	assert_int_equal(verify(&other, said(&other)), CHALLENGE_EXPIRED);
	/* a sum is not said, the digits are */
	pid = issue_of("login");
	assert_int_equal(verify(&pid, said(&pid)), CHALLENGE_PASS);
}

static void each_language_has_digits_of_its_own(void **state)
{
	struct pid pid;

	(void)snprintf(settings.audio_languages,
		       sizeof(settings.audio_languages), "de pt-BR");
	restart();
	pid = issue();
	assert_int_equal(verify(&pid, said_in(&pid, "fr")), CHALLENGE_WRONG);
	pid = issue();
	assert_int_equal(verify(&pid, said_in(&pid, "de")), CHALLENGE_PASS);
	assert_int_equal(verify(&pid, said(&pid)), CHALLENGE_UNKNOWN);
	pid = issue();
	assert_int_equal(verify(&pid, said_in(&pid, "pt-br")), CHALLENGE_PASS);
	pid = issue();
	assert_int_equal(verify(&pid, said(&pid)), CHALLENGE_PASS);
}

/* A bank that is left from settings with another language is not heard: its
 * digits would not pass. */
static void a_language_of_no_setting_is_english(void **state)
{
	struct challenge_sound sound;
	struct pid pid = issue();
	const char *night;
	struct buf bank;
	int fd;

	if (!bank_built_in())
		leave_test("the English bank");
	night = temp_path(settings.cache_dir, "audio/de/2026-11-22");
	assert_ok(file_make_dirs(night, 0700, &err), &err);
	buf_init(&bank, SMALL_BANK_MAX_BYTES);
	small_bank_add(&bank, "de", 0);
	fd = temp_dir_open(night);
	assert_ok(file_create(fd, SETS_FILE, bank.ptr, bank.len, &err), &err);
	(void)close(fd);
	buf_release(&bank);
	assert_ok(challenge_find_sound(ch, &pid, STR_LIT("de"), &sound, &err),
		  &err);
	assert_string_equal(bank_lang(sound.bank), "en");
	(void)snprintf(settings.audio_languages,
		       sizeof(settings.audio_languages), "fr de-AT");
	restart();
	assert_ok(challenge_find_sound(ch, &pid, STR_LIT("de"), &sound, &err),
		  &err);
	assert_string_equal(bank_lang(sound.bank), "de");
}

static void without_the_secret_no_attempt_is_used(void **state)
{
	struct challenge_outcome out;
	struct pid pid = issue();
	char digits[MIX_DIGITS + 1];

	(void)snprintf(digits, sizeof(digits), "%s", said(&pid));
	restart();
	mem.fail[MEM_STORE_SECRET] = CF_BUSY;
	assert_status(try(&pid, str_from(digits), any, &out), CF_BUSY, &err);
	assert_int_equal(out.verdict, CHALLENGE_UNKNOWN);
	assert_int_equal(mem.n_calls[MEM_STORE_TAKE], 0);
	mem.fail[MEM_STORE_SECRET] = CF_OK;
	assert_int_equal(verify(&pid, digits), CHALLENGE_PASS);
}

static enum cf_status find_sound(const struct pid *pid,
				 struct challenge_sound *out)
{
	return challenge_find_sound(ch, pid, STR_LIT("en"), out, &err);
}

/* Mix the sound of a pid into wav. */
static void hear(const struct pid *pid, struct challenge_sound *sound,
		 struct buf *wav)
{
	assert_ok(find_sound(pid, sound), &err);
	buf_reset(wav);
	assert_ok(challenge_mix_sound(ch, sound, wav, &err), &err);
	assert_int_equal(wav->len, sound->n_bytes);
	assert_int_equal(strlen(sound->mark), CHALLENGE_MARK_CHARS);
}

static void a_sound_is_the_same_for_its_pid_alone(void **state)
{
	struct pid pid = issue(), other = issue();
	struct challenge_sound first, again;
	struct buf wav, wav2;

	if (!bank_built_in())
		leave_test("the English bank");
	buf_init(&wav, 1024 * 1024);
	buf_init(&wav2, 1024 * 1024);
	hear(&pid, &first, &wav);
	restart();
	hear(&pid, &again, &wav2);
	assert_string_equal(first.mark, again.mark);
	assert_int_equal(wav.len, wav2.len);
	assert_memory_equal(wav.ptr, wav2.ptr, wav.len);
	assert_memory_equal(wav.ptr, "RIFF", 4);
	hear(&other, &again, &wav2);
	assert_string_not_equal(first.mark, again.mark);
	assert_int_equal(wav.len, wav2.len);
	assert_memory_not_equal(wav.ptr, wav2.ptr, wav.len);
	/* another babble, too: else the two would show it */
	settings.audio_snr_db = 1;
	restart();
	hear(&pid, &again, &wav2);
	assert_string_not_equal(first.mark, again.mark);
	assert_memory_not_equal(wav.ptr + 44, wav2.ptr + 44, 8000);
	buf_release(&wav);
	buf_release(&wav2);
}

static void a_sound_lives_as_long_as_its_challenge(void **state)
{
	struct challenge_sound sound;
	struct pid pid = issue(), other;

	if (!bank_built_in())
		leave_test("the English bank");
	assert_true(challenge_has_sound(ch, &pid, STR_LIT("xx")));
	fake_clk_forward(&clk, 1500);
	assert_ok(find_sound(&pid, &sound), &err);
	assert_int_equal(sound.left_s, settings.base.ttl_s - 2);
	/* Redis does not tell when a challenge ends */
	mem.entry[0].expires_unix_ms = INT64_MAX;
	assert_ok(find_sound(&pid, &sound), &err);
	assert_in_range(sound.left_s, settings.base.ttl_s - 3,
			settings.base.ttl_s - 2);
	assert_status(find_sound(&unknown, &sound), CF_NOT_FOUND, &err);
	assert_passes(&pid);
	assert_status(find_sound(&pid, &sound), CF_NOT_FOUND, &err);
	other = issue();
	mem.entry[0].note[0] = 't'; /* a token */
	assert_status(find_sound(&other, &sound), CF_NOT_FOUND, &err);
	mem.entry[0].note[0] = '\0';
	mem.fail[MEM_STORE_PEEK] = CF_IO;
	assert_status(find_sound(&other, &sound), CF_IO, &err);
	mem.fail[MEM_STORE_PEEK] = CF_OK;
	fake_clk_forward(&clk, settings.base.ttl_s * 1000);
	assert_status(find_sound(&other, &sound), CF_NOT_FOUND, &err);
	settings.audio = 0;
	restart();
	other = issue();
	assert_false(challenge_has_sound(ch, &other, STR_LIT("en")));
	assert_status(find_sound(&other, &sound), CF_NOT_FOUND, &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_use_attempts_up),
		TEST(of_two_right_answers_at_once_one_passes),
		TEST(a_challenge_lives_for_ttl_s),
		TEST(a_store_that_fails_tells_no_answer),
		TEST(a_pid_that_was_not_issued_costs_little),
		TEST(verdicts_have_names),
		TEST(no_failure_of_the_store_ever_passes),
		TEST(nothing_is_issued_while_the_store_fails),
		TEST(a_challenge_that_cannot_be_shown_does_not_stay),
		TEST(a_picture_taken_while_the_store_fails_is_removed),
		TEST(without_a_pool_a_picture_is_drawn),
		TEST(a_picture_of_the_pool_goes_with_its_own_code),
		TEST(a_request_chooses_a_theme_if_no_setting_does),
		TEST(a_lost_picture_is_drawn_again_the_same_each_time),
		TEST(with_a_broken_cache_challenges_go_on),
		TEST(a_cache_that_fails_now_and_then_logs_once_a_minute),
		TEST(under_load_many_challenges_are_recorded_at_once),
		TEST(reserved_challenges_are_given_back_after_a_second),
		TEST(stale_reserved_challenges_are_not_handed_out),
		TEST(no_more_than_max_live_challenges_are_issued),
		TEST(past_four_fifths_of_max_live_there_is_a_crowd),
		TEST(a_crowd_is_not_counted_each_time),
		TEST(a_store_that_counts_slowly_is_counted_seldom),
		TEST(a_shared_picture_is_shown_by_any_machine),
		TEST(pauses_fill_every_shelf_and_then_wait),
		TEST(a_process_does_not_fill_while_another_does),
		TEST(pauses_remove_only_expired_challenges),
		TEST(a_clock_that_was_ahead_leaves_nothing_behind),
		TEST(a_clock_that_no_pid_can_tell_loses_no_challenge),
		TEST(a_used_picture_waits_for_a_pause),
		TEST(used_pictures_without_a_pause_are_bounded),
		TEST(pauses_never_spin_when_all_is_broken),
		TEST(filling_reports_progress_and_can_be_ended),
		TEST(clean_removes_rows_and_pictures),
		TEST(counts_and_health_cover_each_part),
		TEST(a_profile_is_found_by_its_name),
		TEST(a_challenge_follows_the_settings_of_its_profile),
		TEST(reserves_of_profiles_are_apart),
		TEST(an_answer_counts_only_for_the_wanted_profile),
		TEST(a_lost_picture_is_drawn_with_its_own_profile),
		TEST(a_lost_picture_of_other_settings_is_gone),
		TEST(digits_are_a_keyed_hash_of_the_pid),
		TEST(a_challenge_passes_by_code_or_by_digits_once),
		TEST(a_way_that_is_not_allowed_is_a_wrong_answer),
		TEST(digits_share_attempts_and_life_with_the_code),
		TEST(each_language_has_digits_of_its_own),
		TEST(a_language_of_no_setting_is_english),
		TEST(without_the_secret_no_attempt_is_used),
		TEST(a_sound_is_the_same_for_its_pid_alone),
		TEST(a_sound_lives_as_long_as_its_challenge),
	};

	return cmocka_run_group_tests_name("challenge", tests, NULL, NULL);
}
