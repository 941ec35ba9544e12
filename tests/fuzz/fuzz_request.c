/*
 * Whole requests: variables and a body through http and challenge, over a
 * store in memory and no cache, so that each picture is drawn. Every response
 * is well formed and of a known status. The log has no codes and no pids. A
 * challenge is passed by its code alone, and once. After any requests the next
 * one is served.
 *
 * A token passes with the secret of its site, once or by one idempotency key.
 *
 * An input is any number of requests with a line "--" between them. Each is
 * lines of variables, an empty line and the body. $pid and $code stand for
 * the newest challenge and its answer, $miss for a wrong answer, $token and
 * $secret for a token and the secret of its site. Among the variables, the
 * line "late" lets an hour pass, "gone" ends the connection after the body,
 * "broken" puts the store out of reach, and "limited" lets a visitor that is
 * not exempt be over all limits.
 *
 * Codes, pids and tokens are drawn from a hash of the input, so that an input
 * has them only by these names.
 */
#include "base/base.h"
#include "app/options.h"
#include "base/crypt.h"
#include "base/utf8.h"
#include "challenge/challenge.h"
#include "challenge/profile.h"
#include "challenge/token.h"
#include "http/form.h"
#include "http/context.h"
#include "http/json.h"
#include "http/route.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/known_random.h"
#include "tests/fuzz/variables.h"
#include "tests/support/fake_clk.h"
#include "tests/support/http_answer.h"
#include "tests/support/mem_store.h"
#include "tests/support/strict_png.h"

#define FORM "application/x-www-form-urlencoded"

enum {
	REQUEST_MAX_BYTES = 64 * 1024,
	REQUESTS_MAX = 16, /* of one input */
	HOUR_MS = 3600 * 1000,
	N_PROFILES = 2,
	TOKEN_TTL_S = 300,
	JSON_FIELD_MAX_BYTES = RESPONSE_BODY_MAX_BYTES,
};

static struct settings settings[N_PROFILES];
static struct profile *profiles[N_PROFILES];
static struct pool *pool;
static struct store *store;
static struct mem_store mem;
static struct fake_clk clk;
static const struct log full_log = {.level = LOG_LEVEL_DEBUG};
static struct arena *arena; /* for answers */
static struct challenge *ch;
static struct sets *sets;
static struct http *http;

/* The newest challenge, as it was put into the store. */
static struct store_entry newest;
static bool has_passed;

/* A site with every right, and a token of it. */
#define SECRET "secret-of-the-site-0123456789"
static struct settings_site site;
static char token[TOKEN_CHARS + 1];
static int64_t token_ends_unix_ms;
static bool is_redeemed;

/* A request, its marks replaced. */
struct asked {
	struct buf text;
	struct variables vars;
	struct str body;
	bool has_pid, has_code, has_token, has_secret; /* the marks */
	bool is_gone, is_broken, is_limited;
	size_t n_given;
	size_t n_asked_max; /* bytes that may still be asked for */
};

/* --- the log, in place of log.c ------------------------------------------- */

/* Sums are small numbers, which may be in a text by chance. */
static bool can_be_guessed(void)
{
	return newest.profile[0];
}

static void check_logged(const char *text)
{
	FUZZ_CHECK(!strstr(text, newest.pid.text));
	FUZZ_CHECK(can_be_guessed() || !strstr(text, newest.code));
	FUZZ_CHECK(!strstr(text, SECRET) && !strstr(text, token));
}

void log_event(const struct log *log, enum log_level level, const char *event,
	       const char *fmt, ...)
{
	char text[LOG_LINE_MAX_BYTES];
	va_list args;

	(void)log;
	(void)level;
	(void)event;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	check_logged(text);
}

void log_error(const struct log *log, enum log_level level, const char *event,
	       const struct cf_error *err)
{
	(void)log;
	(void)level;
	(void)event;
	FUZZ_CHECK(err->status);
	check_logged(err->text);
}

void log_errors(const struct log *log, enum log_level level, const char *event,
		uint64_t n, const struct cf_error *err)
{
	FUZZ_CHECK(n > 0);
	log_error(log, level, event, err);
}

/* --- limits, in place of limit.c ------------------------------------------ */

enum { WAIT_MS = 1500 };

static bool is_limited;
static int n_tokens[LIMIT_KIND_COUNT]; /* taken and not given back */

struct limit {
	char unused;
};

struct limit *limit_new(const struct settings *from, struct notes *notes,
			const struct log *log, struct clk clock)
{
	static struct limit limit;

	(void)from;
	(void)notes;
	(void)log;
	(void)clock;
	return &limit;
}

void limit_free(struct limit *limit)
{
	(void)limit;
}

int64_t limit_spend(struct limit *limit, enum limit_kind kind,
		    const struct net_addr *addr)
{
	(void)limit;
	(void)addr;
	if (is_limited)
		return WAIT_MS;
	n_tokens[kind]++;
	return 0;
}

int64_t limit_keep_share(struct limit *limit, enum limit_kind kind,
			 const struct net_addr *addr)
{
	(void)limit;
	(void)kind;
	(void)addr;
	return 0;
}

void limit_refund(struct limit *limit, enum limit_kind kind,
		  const struct net_addr *addr)
{
	(void)limit;
	(void)addr;
	n_tokens[kind]--;
}

/* --- a process of the service --------------------------------------------- */

/* Draw small pictures, which is quick. Use a directory that cannot be made, so
 * that a result depends on the input alone. */
static void open_once(void)
{
	struct pool_options pool_options;
	static const char *const names[N_PROFILES] = {"", "login"};
	static struct settings_site *sites[] = {&site};

	FUZZ_CHECK(!crypt_open(NULL));
	settings_init_site(&site);
	site.name[0] = site.sitekey[0] = 's';
	site.n_secrets = 1;
	site.hostnames = "any";
	site.token_ttl_s = TOKEN_TTL_S;
	settings_init(&settings[0]);
	settings[0].base.width_px = 60;
	settings[0].base.height_px = 24;
	settings[0].base.attempts = 2;
	/* so long that no code is a word of an answer */
	settings[0].base.length_min = settings[0].base.length_max = 8;
	(void)snprintf(settings[0].cache_dir, sizeof(settings[0].cache_dir),
		       "/dev/null/cache");
	(void)snprintf(settings[0].allow_origin,
		       sizeof(settings[0].allow_origin),
		       "https://a.example https://b.example");
	(void)snprintf(settings[0].trusted_proxies,
		       sizeof(settings[0].trusted_proxies), "10.0.0.0/8");
	(void)snprintf(settings[0].metrics_allow,
		       sizeof(settings[0].metrics_allow), "192.0.2.0/24");
	crypt_sha256(SECRET, strlen(SECRET), site.secrets[0]);
	settings[0].sites = sites;
	settings[0].n_sites = 1;
	settings[1] = settings[0];
	settings[1].base.kind = SETTINGS_KIND_ARITHMETIC;
	fake_clk_init(&clk);
	pool_options = options_pool(&settings[0]);
	pool = pool_new(&pool_options, fake_clk_get(&clk));
	FUZZ_CHECK(pool);
	for (size_t i = 0; i < N_PROFILES; i++) {
		struct profile_options options =
			options_profile(&settings[i].base);

		profiles[i] = profile_new(names[i], &options, pool);
		FUZZ_CHECK(profiles[i] && !profile_load(profiles[i], NULL));
	}
	store = mem_store_open(&mem);
	sets = sets_new(settings[0].cache_dir, &full_log, fake_clk_get(&clk));
	FUZZ_CHECK(sets);
	arena = arena_new(4 * (size_t)RESPONSE_BODY_MAX_BYTES);
	FUZZ_CHECK(arena);
}

static void start(void)
{
	struct challenge_parts parts = {
		.options = options_challenge(&settings[0]),
		.reserve_max = 1,
		.log = &full_log,
		.clk = fake_clk_get(&clk),
		.store = store,
		.pool = pool,
		.sets = sets,
		.profiles = profiles,
		.n_profiles = N_PROFILES,
	};

	fake_clk_init(&clk);
	mem.n = 0;
	mem.has_secret = false;
	ch = challenge_new(&parts);
	FUZZ_CHECK(ch);
	http = http_new(&settings[0], ch, &full_log);
	FUZZ_CHECK(http);
}

static void stop(void)
{
	http_free(http);
	challenge_free(ch);
}

/* A challenge that no request asked for. */
static void add_challenge(void)
{
	newest = (struct store_entry){
		.attempts_left = (int)settings[0].base.attempts,
		.created_unix_ms = clk.unix_ms,
		.expires_unix_ms = clk.unix_ms + settings[0].base.ttl_s * 1000,
	};
	pid_make(&newest.pid, clk.unix_ms);
	FUZZ_CHECK(!profile_make_code(profiles[0], newest.code, NULL));
	FUZZ_CHECK(!store_put(store, &newest, 1, NULL));
	has_passed = false;
}

/* A token that no request asked for. */
static void add_token(void)
{
	struct token_facts facts = {.site = "s", .hostname = "h"};

	FUZZ_CHECK(!token_issue(ch, &facts, (struct str)STR_INIT, TOKEN_TTL_S,
				token, NULL));
	token_ends_unix_ms = clk.unix_ms + TOKEN_TTL_S * 1000;
	is_redeemed = false;
}

/* --- asking --------------------------------------------------------------- */

static void add_miss(struct buf *out)
{
	buf_add_str(out, newest.code);
	out->ptr[out->len - 1] = out->ptr[out->len - 1] == '7' ? '8' : '7';
}

static void replace_marks(struct asked *asked, struct str text)
{
	const struct {
		const char *mark, *value;
		bool *has;
	} marks[] = {
		{"$pid", newest.pid.text, &asked->has_pid},
		{"$code", newest.code, &asked->has_code},
		{"$token", token, &asked->has_token},
		{"$secret", SECRET, &asked->has_secret},
	};

	buf_init(&asked->text, REQUEST_MAX_BYTES);
	while (text.len) {
		size_t n = 1, i = 0;

		while (i < CF_ARRAY_LEN(marks) &&
		       !str_starts(text, marks[i].mark))
			i++;
		if (i < CF_ARRAY_LEN(marks)) {
			n = strlen(marks[i].mark);
			buf_add_str(&asked->text, marks[i].value);
			*marks[i].has = true;
		} else if (str_starts(text, "$miss")) {
			n = strlen("$miss");
			add_miss(&asked->text);
		} else {
			buf_add_char(&asked->text, text.ptr[0]);
		}
		text.ptr += n;
		text.len -= n;
	}
}

static bool has_line(const struct variables *vars, const char *line)
{
	for (size_t i = 0; i < vars->n; i++)
		if (!strcmp(vars->envp[i], line))
			return true;
	return false;
}

static ptrdiff_t give(void *ctx, char *ptr, size_t n)
{
	struct asked *asked = ctx;
	size_t left = asked->body.len - asked->n_given;

	FUZZ_CHECK(n > 0 && n <= asked->n_asked_max);
	if (n > left)
		n = left;
	if (!n)
		return asked->is_gone ? -1 : 0;
	memcpy(ptr, asked->body.ptr + asked->n_given, n);
	asked->n_given += n;
	asked->n_asked_max -= n;
	return (ptrdiff_t)n;
}

/* CONTENT_LENGTH, unless the request has one, and how much may be read. */
static void set_length(struct asked *asked)
{
	const char *length;
	char line[48];
	int n;

	n = snprintf(line, sizeof(line), "CONTENT_LENGTH=%zu",
		     asked->body.len);
	if (!variables_get(&asked->vars, "CONTENT_LENGTH"))
		variables_add(&asked->vars, (struct str){line, (size_t)n});
	length = variables_get(&asked->vars, "CONTENT_LENGTH");
	asked->n_asked_max = 1;
	if (length) {
		long long want = strtoll(length, NULL, 10);

		/* past the limit, not at all */
		if (want > route_body_max_bytes())
			asked->n_asked_max = 0;
		else if (want > 0)
			asked->n_asked_max += (size_t)want;
	}
}

/* --- responses ------------------------------------------------------------ */

static bool is_siteverify(void)
{
	static const char *const paths[] = {
		"siteverify", "hcaptcha/siteverify",
		"recaptcha/api/siteverify", "turnstile/v0/siteverify"};

	for (size_t i = 0; i < CF_ARRAY_LEN(paths); i++)
		if (str_eq(http->req.path, paths[i]))
			return true;
	return false;
}

static void check_status(const struct http_response *res,
			 const struct asked *asked)
{
	static const int known[] = {200, 204, 206, 302, 304,
				    400, 404, 405, 413, 415, 416};

	if (res->status == 403)
		FUZZ_CHECK(str_eq(http->req.path, "metrics") ||
			   (http->req.is_cross_site && !http->reply.verdict));
	if (res->status == 429) {
		FUZZ_CHECK(asked->is_limited && !http->visitor.is_exempt);
		FUZZ_CHECK(str_eq(http_answer_header(res, "Retry-After"), "2"));
	}
	if (res->status == 403 || res->status == 429)
		return;
	for (size_t i = 0; i < CF_ARRAY_LEN(known); i++)
		if (res->status == known[i])
			return;
	/* there is no cache, which only healthz minds */
	FUZZ_CHECK(res->status == 503 &&
		   (asked->is_broken || str_eq(http->req.path, "healthz")));
}

static void check_json(const struct http_response *res)
{
	struct form form;

	arena_reset(arena);
	form_init(&form, arena, JSON_FIELD_MAX_BYTES);
	FUZZ_CHECK(!http_json_parse(&form, res->body, NULL));
}

static void check_body(const struct http_response *res)
{
	struct str type = http_answer_header(res, "Content-Type");
	struct str location = http_answer_header(res, "Location");
	struct strict_png png;

	if (!res->body.len)
		return;
	if (str_eq(type, "application/json") ||
	    str_eq(type, "application/json; charset=utf-8")) {
		check_json(res);
	} else if (str_eq(type, "application/problem+json")) {
		check_json(res);
		FUZZ_CHECK(res->status >= 400);
		FUZZ_CHECK(can_be_guessed() ||
			   !http_answer_has(res->body, newest.code));
	} else if (str_eq(type, "image/png")) {
		FUZZ_CHECK(!strict_png_read(&png, res->body));
		FUZZ_CHECK(png.width_px == settings[0].base.width_px *
						   settings[0].base.scale);
		strict_png_release(&png);
	} else if (str_eq(type, "audio/wav")) {
		struct str range = http_answer_header(res, "Content-Range");

		FUZZ_CHECK((res->status == 206) == !!range.len);
		FUZZ_CHECK(range.len || str_starts(res->body, "RIFF"));
	} else if (res->status == 302) {
		FUZZ_CHECK(!http->req.path.len && settings[0].demo);
		FUZZ_CHECK(str_starts(res->body, "/"));
		FUZZ_CHECK(!str_starts(res->body, "//"));
		FUZZ_CHECK(str_ends(res->body, "/demo"));
		FUZZ_CHECK(location.len == res->body.len &&
			   !memcmp(location.ptr, res->body.ptr, location.len));
	} else if (str_eq(http->req.path, "metrics")) {
		FUZZ_CHECK(str_starts(type, "text/plain; "));
		FUZZ_CHECK(str_ends(res->body, "\n"));
	} else {
		FUZZ_CHECK(str_eq(type, "text/html; charset=utf-8"));
		FUZZ_CHECK(!http_answer_has(res->body, "{{"));
		FUZZ_CHECK(str_ends(res->body, "</html>\n"));
	}
	FUZZ_CHECK(res->status < 400 || res->status == 503 ||
		   str_eq(type, "application/problem+json") ||
		   (res->status == 429 &&
		    (str_eq(http->req.path, "demo") || is_siteverify())));
}

static void check_origin(const struct http_response *res,
			 const struct variables *vars)
{
	struct str origin = http_answer_header(res, "Access-Control-Allow-Origin");

	if (!origin.len)
		return;
	FUZZ_CHECK(str_eq(origin, "https://a.example") ||
		   str_eq(origin, "https://b.example"));
	FUZZ_CHECK(str_eq(origin, variables_get(vars, "HTTP_ORIGIN")));
	FUZZ_CHECK(str_eq(http_answer_header(res, "Vary"), "Origin"));
}

/* A token passes with the secret of its site, and again by an idempotency key
 * alone. */
static void check_token(const struct asked *asked,
			const struct http_response *res)
{
	bool is_pass = str_starts(res->body, "{\"success\": true");

	FUZZ_CHECK(res->status == 200 || res->status == 405 ||
		   (res->status == 429 && asked->is_limited));
	FUZZ_CHECK(is_pass || res->status == 405 ||
		   http->req.method == REQUEST_HEAD ||
		   str_starts(res->body, "{\"success\": false, "
					 "\"error-codes\": [\""));
	FUZZ_CHECK(!is_pass || res->status == 200);
	if (!is_pass)
		return;
	FUZZ_CHECK(asked->has_token && asked->has_secret && !asked->is_broken);
	FUZZ_CHECK(clk.unix_ms < token_ends_unix_ms);
	FUZZ_CHECK(!is_redeemed || memmem(asked->text.ptr, asked->text.len,
					  "key", strlen("key")));
	is_redeemed = true;
}

/* A check passes by the code of a challenge that is neither passed nor
 * expired, and the response says "success":true for no other check. */
static void check_verdict(const struct asked *asked,
			  const struct http_response *res)
{
	bool is_pass = http->reply.verdict && !strcmp(http->reply.verdict, "pass");

	if (is_siteverify()) {
		check_token(asked, res);
		return;
	}
	if (str_eq(http->req.path, "verification/check"))
		FUZZ_CHECK(str_starts(res->body, "{\"success\":true,"
						 "\"profile\":\"") == is_pass);
	else
		FUZZ_CHECK(!is_pass || str_eq(http->req.path, "demo"));
	if (asked->is_broken) /* a text that is no pid needs no store */
		FUZZ_CHECK(!http->reply.verdict ||
			   !strcmp(http->reply.verdict, "malformed"));
	if (!is_pass)
		return;
	FUZZ_CHECK(asked->has_pid && !has_passed);
	FUZZ_CHECK(asked->has_code || can_be_guessed());
	FUZZ_CHECK(clk.unix_ms < newest.expires_unix_ms);
	FUZZ_CHECK(!mem_store_find(&mem, &newest.pid));
	has_passed = true;
}

/* What was counted before a request. */
struct counted {
	int n_puts, n_takes, n_failed;
};

static struct counted count(void)
{
	return (struct counted){mem.n_calls[MEM_STORE_PUT],
				mem.n_calls[MEM_STORE_TAKE],
				n_tokens[LIMIT_FAILED]};
}

/* A visitor over a limit gets no challenge, and its answers are not compared.
 * A check costs a token unless it passes or the service fails. */
static void check_limits(const struct asked *asked,
			 const struct counted *before)
{
	int n_failed = n_tokens[LIMIT_FAILED] - before->n_failed;
	bool is_pass = http->reply.verdict && !strcmp(http->reply.verdict, "pass");

	FUZZ_CHECK(n_failed == 0 || n_failed == 1);
	FUZZ_CHECK(!n_failed || !is_pass);
	if (str_eq(http->req.path, "verification/check"))
		FUZZ_CHECK(!n_failed || http->res.status < 500);
	FUZZ_CHECK(!n_failed || !http->visitor.is_exempt);
	if (http->reply.verdict && !is_pass && !is_siteverify())
		FUZZ_CHECK(n_failed || http->visitor.is_exempt);
	if (!asked->is_limited || http->visitor.is_exempt)
		return;
	FUZZ_CHECK(mem.n_calls[MEM_STORE_PUT] == before->n_puts);
	FUZZ_CHECK(mem.n_calls[MEM_STORE_TAKE] == before->n_takes);
	FUZZ_CHECK(!n_failed && (!http->reply.verdict || is_siteverify()));
}

/* A challenge that a request has issued is the newest. */
static void note_issue(int n_puts_before, bool is_broken)
{
	if (mem.n_calls[MEM_STORE_PUT] == n_puts_before || is_broken)
		return;
	FUZZ_CHECK(mem.n_last_put == 1 && mem.n > 0);
	newest = mem.entry[mem.n - 1];
	FUZZ_CHECK(newest.code[0]);
	has_passed = false;
}

/* --- inputs --------------------------------------------------------------- */

static void serve(struct asked *asked, struct http_response *res)
{
	const struct http_input input = {asked->vars.envp, give, asked, -1,
					 NULL};
	struct counted before = count();

	set_length(asked);
	is_limited = asked->is_limited;
	mem_store_fail_all(&mem, asked->is_broken ? CF_IO : CF_OK);
	http_serve(http, &input, res);
	mem_store_fail_all(&mem, CF_OK);
	check_limits(asked, &before);
	FUZZ_CHECK(!http_answer_fault(res, http->req.method == REQUEST_HEAD));
	check_status(res, asked);
	check_origin(res, &asked->vars);
	check_verdict(asked, res);
	check_body(res);
	note_issue(before.n_puts, asked->is_broken);
}

static void ask(struct str text, struct http_response *res)
{
	struct asked asked = {.is_gone = false};
	struct str rest;

	replace_marks(&asked, text);
	rest = (struct str){asked.text.ptr, asked.text.len};
	variables_read(&asked.vars, &rest);
	asked.body = rest;
	asked.is_gone = has_line(&asked.vars, "gone");
	asked.is_broken = has_line(&asked.vars, "broken");
	asked.is_limited = has_line(&asked.vars, "limited");
	if (has_line(&asked.vars, "late"))
		fake_clk_forward(&clk, HOUR_MS);
	serve(&asked, res);
	variables_free(&asked.vars);
	buf_release(&asked.text);
}

/* A check as a form's page sends it. */
static void answer(const char *code, const char *want)
{
	struct http_response res;
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "REQUEST_METHOD=POST\nPATH_INFO=/verification/check\n"
		       "CONTENT_TYPE=" FORM "\n\npid=$pid&code=%s", code);
	ask(str_from(text), &res);
	FUZZ_CHECK(res.status == 200 && str_eq(res.body, want));
}

/* After any requests. */
static void check_that_it_works(void)
{
	static const char right[] = "{\"success\":true,"
				    "\"profile\":\"default\"}";
	static const char wrong[] = "{\"success\":false,"
				    "\"error-codes\":[\"wrong\"],"
				    "\"profile\":\"default\"}";
	static const char used[] = "{\"success\":false,"
				   "\"error-codes\":[\"expired-or-used\"]}";

	add_challenge();
	answer("$code", right);
	answer("$code", used);
	add_challenge();
	answer("$miss", wrong);
	answer("$code", right);
	add_challenge();
	answer("$miss", wrong);
	answer("$miss", wrong);
	answer("$code", used);
}

static int64_t n_blocks(void)
{
	int64_t n = 0;

	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		n += mem_use((enum mem_class)i).n_blocks;
	return n;
}

static uint64_t hash(const uint8_t *data, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < n; i++)
		h = (h ^ data[i]) * UINT64_C(0x100000001b3);
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char between[] = "\n--\n";
	struct str rest = {(const char *)data, n};
	struct http_response res;
	int64_t n_blocks_before;

	if (!arena)
		open_once();
	n_blocks_before = n_blocks();
	known_random_seed(hash(data, n));
	start();
	add_token();
	add_challenge();
	for (int i = 0; i < REQUESTS_MAX && rest.len; i++) {
		const char *end = memmem(rest.ptr, rest.len, between,
					 strlen(between));
		size_t len = end ? (size_t)(end - rest.ptr) : rest.len;

		ask((struct str){rest.ptr, len}, &res);
		len += end ? strlen(between) : 0;
		rest.ptr += len;
		rest.len -= len;
	}
	check_that_it_works();
	stop();
	FUZZ_CHECK(n_blocks() == n_blocks_before);
	return 0;
}
