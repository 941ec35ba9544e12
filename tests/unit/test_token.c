/*
 * token.c, with a store in memory and a clock that the test moves: a token is
 * redeemed once, only by its own site, and only while it lives.
 */
#include "base/base.h"
#include "app/options.h"
#include "challenge/token.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/mem_store.h"
#include "tests/support/temp_dir.h"

#define FORUM "forum"

enum { TTL_S = 300 };

static char dir[TEMP_PATH_BYTES];
static struct settings settings;
static struct log out_log;
static struct fake_clk clk;
static struct mem_store mem; /* large */
static struct store *store;
static struct pool *pool;
static struct profile *profile;
static struct challenge *ch;
static struct cf_error err;
static char token[TOKEN_CHARS + 1];

static int set_up(void **state)
{
	struct pool_options pool_options;
	struct profile_options options;
	struct challenge_parts parts = {.log = &out_log, .profiles = &profile,
					.n_profiles = 1};

	err = (struct cf_error)CF_ERROR_INIT;
	assert_ok(crypt_open(&err), &err);
	temp_dir_make(dir);
	settings_init(&settings);
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       temp_path(dir, "cache"));
	fake_clk_init(&clk);
	mem_store_init(&mem);
	pool_options = options_pool(&settings);
	options = options_profile(&settings.base);
	parts.options = options_challenge(&settings);
	parts.clk = fake_clk_get(&clk);
	parts.store = store = mem_store_open(&mem);
	parts.pool = pool = pool_new(&pool_options, parts.clk);
	profile = profile_new("", &options, pool);
	ch = challenge_new(&parts);
	assert_non_null(ch);
	return 0;
}

static int tear_down(void **state)
{
	challenge_free(ch);
	store_close(store);
	profile_free(profile);
	pool_free(pool);
	temp_dir_remove(dir);
	return 0;
}

static struct token_facts facts_of(const char *site)
{
	struct token_facts facts = {.hostname = "forum.example.org",
				    .action = "login", .cdata = "c-1"};

	(void)snprintf(facts.site, sizeof(facts.site), "%s", site);
	return facts;
}

static void issue(void)
{
	struct token_facts facts = facts_of(FORUM);

	assert_ok(token_issue(ch, &facts, STR_LIT("net"), TTL_S, token, &err),
		  &err);
}

static struct token_request request(void)
{
	return (struct token_request){.token = str_from(token), .site = FORUM,
				      .ttl_s = TTL_S};
}

static void assert_verdict(const struct token_request *asked,
			   enum token_verdict wanted)
{
	struct token_facts facts;
	enum token_verdict verdict;

	assert_ok(token_redeem(ch, asked, &facts, &verdict, &err), &err);
	assert_int_equal(verdict, wanted);
}

static void a_token_is_redeemed_once_with_its_facts(void **state)
{
	struct token_request asked = request();
	struct token_facts want = facts_of(FORUM), got;
	enum token_verdict verdict;

	want.mode = TOKEN_AUDIO;
	assert_ok(token_issue(ch, &want, STR_LIT(""), TTL_S, token, &err),
		  &err);
	assert_int_equal(strlen(token), TOKEN_CHARS);
	assert_int_equal(strncmp(token, "C1_", 3), 0);
	asked.token = str_from(token);
	assert_ok(token_redeem(ch, &asked, &got, &verdict, &err), &err);
	assert_int_equal(verdict, TOKEN_VALID);
	assert_string_equal(got.site, FORUM);
	assert_string_equal(got.hostname, want.hostname);
	assert_string_equal(got.action, "login");
	assert_string_equal(got.cdata, "c-1");
	assert_int_equal(got.mode, TOKEN_AUDIO);
	assert_int_equal(got.solved_unix_ms, want.solved_unix_ms);
	assert_verdict(&asked, TOKEN_USED);
	assert_int_equal(mem.n, 0);
}

static void texts_may_be_empty_or_of_full_length(void **state)
{
	struct token_facts facts = facts_of(FORUM), got;
	struct token_request asked = request();
	enum token_verdict verdict;

	for (int i = 0; i < 2; i++) {
		memset(facts.hostname, i ? 'h' : 0, TOKEN_HOST_MAX_BYTES);
		memset(facts.action, i ? 'a' : 0, TOKEN_ACTION_MAX_BYTES);
		memset(facts.cdata, i ? 'c' : 0, TOKEN_CDATA_MAX_BYTES);
		memset(facts.site, 's', TOKEN_SITE_MAX_BYTES);
		assert_ok(token_issue(ch, &facts, STR_LIT(""), TTL_S, token,
				      &err), &err);
		asked.token = str_from(token);
		asked.site = facts.site;
		assert_ok(token_redeem(ch, &asked, &got, &verdict, &err), &err);
		assert_int_equal(verdict, TOKEN_VALID);
		assert_string_equal(got.hostname, facts.hostname);
		assert_string_equal(got.action, facts.action);
		assert_string_equal(got.cdata, facts.cdata);
	}
}

static void another_site_or_another_text_uses_nothing_up(void **state)
{
	struct token_request asked;
	char wrong[TOKEN_CHARS + 2];

	issue();
	asked = request();
	asked.site = "shop";
	assert_verdict(&asked, TOKEN_INVALID);
	asked.site = FORUM;
	for (size_t i = 0; i < TOKEN_CHARS; i++) {
		memcpy(wrong, token, sizeof(token));
		wrong[i] = wrong[i] == '+' ? '*' : '+';
		asked.token = str_from(wrong);
		assert_verdict(&asked, TOKEN_INVALID);
	}
	for (size_t n = 0; n <= TOKEN_CHARS + 1; n++) {
		memset(wrong, 'A', sizeof(wrong));
		memcpy(wrong, token, n < TOKEN_CHARS ? n : TOKEN_CHARS);
		asked.token = (struct str){wrong, n};
		if (n != TOKEN_CHARS)
			assert_verdict(&asked, TOKEN_INVALID);
	}
	/* the right tid with another proof */
	memcpy(wrong, token, sizeof(token));
	wrong[TOKEN_CHARS - 1] = wrong[TOKEN_CHARS - 1] == 'A' ? 'B' : 'A';
	asked.token = str_from(wrong);
	assert_verdict(&asked, TOKEN_INVALID);
	asked = request();
	assert_verdict(&asked, TOKEN_VALID);
}

static void a_token_expires(void **state)
{
	struct token_request asked;

	issue();
	asked = request();
	fake_clk_forward(&clk, TTL_S * 1000);
	assert_verdict(&asked, TOKEN_EXPIRED);
	mem.n = 0; /* swept */
	fake_clk_forward(&clk, 1001);
	assert_verdict(&asked, TOKEN_EXPIRED);
	fake_clk_forward(&clk, -2000);
	assert_verdict(&asked, TOKEN_USED); /* within its life */
}

static void an_idempotency_key_redeems_again(void **state)
{
	struct token_request asked;

	issue();
	asked = request();
	asked.idempotency_key = STR_LIT("8d4");
	assert_verdict(&asked, TOKEN_VALID);
	assert_verdict(&asked, TOKEN_VALID);
	asked.idempotency_key = STR_LIT("8d5");
	assert_verdict(&asked, TOKEN_USED);
	asked.idempotency_key = STR_LIT("");
	assert_verdict(&asked, TOKEN_USED);
	asked.idempotency_key = STR_LIT("8d4");
	assert_verdict(&asked, TOKEN_VALID);
	fake_clk_forward(&clk, TTL_S * 1000);
	assert_verdict(&asked, TOKEN_EXPIRED);
}

static void a_network_is_compared_when_asked(void **state)
{
	struct token_request asked;

	issue();
	asked = request();
	asked.has_network = true;
	assert_verdict(&asked, TOKEN_OTHER_NETWORK);
	asked.network = STR_LIT("other");
	assert_verdict(&asked, TOKEN_OTHER_NETWORK);
	asked.network = STR_LIT("net");
	assert_verdict(&asked, TOKEN_VALID);
}

/* The code of an entry of the store is no token, and no answer. */
static void the_store_does_not_tell_how_to_redeem(void **state)
{
	struct challenge_attempt attempt = {.ways = CHALLENGE_BY_PICTURE |
						    CHALLENGE_BY_SOUND};
	struct challenge_outcome outcome;
	struct buf png;
	struct pid tid;

	issue();
	assert_null(strstr(mem.entry[0].code, token + TOKEN_CHARS - 43));
	assert_null(strstr(mem.entry[0].note, token + TOKEN_CHARS - 43));
	assert_true(pid_parse(&tid, (struct str){token + 3, PID_CHARS}));
	buf_init(&png, 100000);
	assert_status(challenge_picture(ch, &tid, STR_LIT(""), &png, &err),
		      CF_NOT_FOUND,
		      &err);
	buf_release(&png);
	attempt.answer = str_from(mem.entry[0].code);
	assert_ok(challenge_verify(ch, &tid, &attempt, &outcome, &err), &err);
	assert_int_equal(outcome.verdict, CHALLENGE_UNKNOWN);
}

static void a_challenge_is_no_token(void **state)
{
	struct token_request asked = request();
	struct challenge_issued issued;
	struct buf png;

	buf_init(&png, 100000);
	assert_ok(challenge_issue(ch, STR_LIT(""), &issued, &png, &err), &err);
	buf_release(&png);
	(void)snprintf(token, sizeof(token), "C1_%s_%s", issued.pid.text,
		       "AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
	asked.token = str_from(token);
	assert_verdict(&asked, TOKEN_INVALID);
	assert_non_null(mem_store_find(&mem, &issued.pid));
}

static void failures_of_the_store_are_passed_on(void **state)
{
	static const enum mem_store_call calls[] = {MEM_STORE_PEEK,
						    MEM_STORE_SWAP};
	struct token_facts facts = facts_of(FORUM);
	enum token_verdict verdict;
	struct token_request asked;

	mem.fail[MEM_STORE_PUT] = CF_IO;
	assert_status(token_issue(ch, &facts, STR_LIT(""), TTL_S, token, &err),
		      CF_IO, &err);
	assert_int_equal(token[0], 0);
	mem.fail[MEM_STORE_PUT] = CF_OK;
	issue();
	asked = request();
	for (size_t i = 0; i < CF_ARRAY_LEN(calls); i++) {
		mem.fail[calls[i]] = CF_BUSY;
		assert_status(token_redeem(ch, &asked, &facts, &verdict, &err),
			      CF_BUSY, &err);
		assert_int_equal(verdict, TOKEN_INVALID);
		mem.fail[calls[i]] = CF_OK;
	}
	assert_verdict(&asked, TOKEN_VALID);
}

static void tokens_count_for_max_live(void **state)
{
	struct token_facts facts = facts_of(FORUM);
	enum cf_status rc = CF_OK;
	int n = 0;

	challenge_free(ch);
	{
		struct challenge_parts parts = {
			.options = {.max_live = 10}, .log = &out_log,
			.clk = fake_clk_get(&clk), .store = store,
			.pool = pool, .profiles = &profile, .n_profiles = 1};

		ch = challenge_new(&parts);
	}
	while (!rc && n < 20) {
		rc = token_issue(ch, &facts, STR_LIT(""), TTL_S, token, &err);
		n += !rc;
	}
	assert_status(rc, CF_FULL, &err);
	assert_int_equal(n, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_redeemed_once_with_its_facts),
		TEST(texts_may_be_empty_or_of_full_length),
		TEST(another_site_or_another_text_uses_nothing_up),
		TEST(a_token_expires),
		TEST(an_idempotency_key_redeems_again),
		TEST(a_network_is_compared_when_asked),
		TEST(the_store_does_not_tell_how_to_redeem),
		TEST(a_challenge_is_no_token),
		TEST(failures_of_the_store_are_passed_on),
		TEST(tokens_count_for_max_live),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
