/*
 * The siteverify family: see siteverify.h. The order of checks is that of the
 * table of causes.
 */
#include "base/base.h"
#include "http/siteverify.h"

#include "base/metrics.h"
#include "base/net.h"
#include "challenge/token.h"
#include "conf/test_keys.h"
#include "http/context.h"
#include "http/sites.h"

#include <time.h>

/* What may be wrong, in the order in which it is looked for. */
enum cause {
	CAUSE_NONE,
	CAUSE_UNREADABLE,
	CAUSE_NO_SECRET,
	CAUSE_NO_RESPONSE,
	CAUSE_WRONG_SECRET,
	CAUSE_WRONG_SITEKEY,
	CAUSE_WRONG_TOKEN,
	CAUSE_NO_REMOTEIP,
	CAUSE_WRONG_REMOTEIP,
	CAUSE_EXPIRED,
	CAUSE_USED,
	CAUSE_TEST_TOKEN,
	CAUSE_OUT_OF_ORDER,
	CAUSES
};

/* Each cause in the words of each dialect. */
static const char *const codes[CAUSES][FLAVOURS] = {
#define ALL(code) {code, code, code}
#define BUT_HCAPTCHA(code, hcaptcha)                                       \
	{[FLAVOUR_RECAPTCHA] = code, [FLAVOUR_HCAPTCHA] = hcaptcha,        \
	 [FLAVOUR_TURNSTILE] = code}
	[CAUSE_UNREADABLE] = ALL("bad-request"),
	[CAUSE_NO_SECRET] = ALL("missing-input-secret"),
	[CAUSE_NO_RESPONSE] = ALL("missing-input-response"),
	[CAUSE_WRONG_SECRET] = ALL("invalid-input-secret"),
	[CAUSE_WRONG_SITEKEY] = BUT_HCAPTCHA("invalid-input-response",
					     "sitekey-secret-mismatch"),
	[CAUSE_WRONG_TOKEN] = ALL("invalid-input-response"),
	[CAUSE_NO_REMOTEIP] = BUT_HCAPTCHA("invalid-input-response",
					   "missing-remoteip"),
	[CAUSE_WRONG_REMOTEIP] = BUT_HCAPTCHA("invalid-input-response",
					      "invalid-remoteip"),
	[CAUSE_EXPIRED] = BUT_HCAPTCHA("timeout-or-duplicate",
				       "expired-input-response"),
	[CAUSE_USED] = BUT_HCAPTCHA("timeout-or-duplicate",
				    "already-seen-response"),
	[CAUSE_TEST_TOKEN] = BUT_HCAPTCHA("invalid-input-response",
					  "not-using-dummy-passcode"),
	[CAUSE_OUT_OF_ORDER] = ALL("internal-error"),
};

/* Each cause as the log and /metrics have it. */
static const struct {
	const char *name;
	enum metric metric;
} verdicts[CAUSES] = {
#define MALFORMED {"malformed", METRIC_VERIFY_MALFORMED}
#define INVALID	  {"invalid", METRIC_VERIFY_INVALID}
	[CAUSE_NONE] = {"pass", METRIC_VERIFY_PASS},
	[CAUSE_UNREADABLE] = MALFORMED,
	[CAUSE_NO_SECRET] = MALFORMED,
	[CAUSE_NO_RESPONSE] = MALFORMED,
	[CAUSE_WRONG_SECRET] = {"secret", METRIC_VERIFY_SECRET},
	[CAUSE_WRONG_SITEKEY] = INVALID,
	[CAUSE_WRONG_TOKEN] = INVALID,
	[CAUSE_NO_REMOTEIP] = INVALID,
	[CAUSE_WRONG_REMOTEIP] = INVALID,
	[CAUSE_EXPIRED] = {"expired", METRIC_VERIFY_EXPIRED},
	[CAUSE_USED] = {"used", METRIC_VERIFY_USED},
	[CAUSE_TEST_TOKEN] = INVALID,
	[CAUSE_OUT_OF_ORDER] = {"error", METRIC_VERIFY_ERROR},
};

_Static_assert((int)METRIC_SECRET_1 + (int)SETTINGS_SECRETS_MAX - 1 ==
		       (int)METRIC_SECRET_4,
	       "each place of a secret has a counter");

/* The parameters, from the body where it has them, else from the query. */
struct question {
	struct str secret, response, remoteip, sitekey, idempotency_key;
};

static struct str either(struct str body, struct str query)
{
	return body.ptr ? body : query;
}

static struct question read_question(const struct call *call)
{
	const struct fields *b = &call->body, *q = &call->query;

	return (struct question){
		.secret = either(b->secret, q->secret),
		/* visitors copy tokens by hand */
		.response = str_trim(either(b->response, q->response)),
		.remoteip = either(b->remoteip, q->remoteip),
		.sitekey = either(b->sitekey, q->sitekey),
		.idempotency_key =
			either(b->idempotency_key, q->idempotency_key),
	};
}

/* --- answers -------------------------------------------------------------- */

static const char json_type[] = "application/json; charset=utf-8";

static void count(struct reply *reply, enum cause cause)
{
	reply->verdict = verdicts[cause].name;
	metrics_add(verdicts[cause].metric, 1);
}

static void write_codes(struct reply *reply, enum flavour flavour,
			enum cause first, enum cause second)
{
	buf_addf(reply->body, "{\"success\": false, \"error-codes\": [\"%s\"",
		 codes[first][flavour]);
	if (second)
		buf_addf(reply->body, ", \"%s\"", codes[second][flavour]);
	buf_add_str(reply->body, "]}\n");
	reply->type = json_type;
}

static void write_failure(struct reply *reply, enum flavour flavour,
			  enum cause first, enum cause second)
{
	count(reply, first);
	write_codes(reply, flavour, first, second);
}

void siteverify_refuse(struct reply *reply, enum cf_status rc)
{
	bool is_limited = rc == CF_LIMITED;
	enum cause cause = is_limited || response_status(rc) >= 500
				   ? CAUSE_OUT_OF_ORDER
				   : CAUSE_UNREADABLE;

	buf_reset(reply->body);
	if (!is_limited) /* else it counts as the wrong secret that it is */
		count(reply, cause);
	write_codes(reply, FLAVOUR_RECAPTCHA, cause, CAUSE_NONE);
	reply->status = is_limited ? CF_LIMITED : CF_OK;
}

/* The moment of solving, as each vendor writes it. */
static void add_time(struct buf *body, enum flavour flavour, int64_t unix_ms)
{
	time_t seconds = (time_t)(unix_ms / 1000);
	char text[sizeof("2026-11-29T06:40:00")];
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	if (!strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		text[0] = '\0'; /* a year of five digits */
	buf_addf(body, ", \"challenge_ts\": \"%s", text);
	if (flavour != FLAVOUR_RECAPTCHA)
		buf_addf(body, ".%03d%s", (int)(unix_ms % 1000),
			 flavour == FLAVOUR_HCAPTCHA ? "000" : "");
	buf_add_str(body, "Z\"");
}

/* The texts have no character that JSON escapes: see struct token_facts. */
static void write_success(struct reply *reply, enum flavour flavour,
			  const struct token_facts *facts, const char *sitekey,
			  const char *score)
{
	struct buf *body = reply->body;
	bool is_turnstile = flavour == FLAVOUR_TURNSTILE;

	count(reply, CAUSE_NONE);
	buf_add_str(body, "{\"success\": true");
	if (is_turnstile)
		buf_add_str(body, ", \"error-codes\": []");
	add_time(body, flavour, facts->solved_unix_ms);
	if (facts->hostname[0])
		buf_addf(body, ", \"hostname\": \"%s\"", facts->hostname);
	if (flavour == FLAVOUR_HCAPTCHA)
		buf_addf(body, ", \"sitekey\": \"%s\"", sitekey);
	if (is_turnstile ||
	    (flavour == FLAVOUR_RECAPTCHA && facts->action[0]))
		buf_addf(body, ", \"action\": \"%s\"", facts->action);
	if (is_turnstile)
		buf_addf(body, ", \"cdata\": \"%s\", \"metadata\": "
			 "{\"interactive\": %s}", facts->cdata,
			 facts->mode == TOKEN_POW ? "false" : "true");
	else if (score[0])
		buf_addf(body, ", \"score\": %s", score);
	buf_add_str(body, "}\n");
	reply->type = json_type;
}

/* --- verifying ------------------------------------------------------------ */

static void answer_test(const struct context *ctx, const struct question *q,
			const struct test_keys *test, enum flavour flavour,
			struct reply *reply)
{
	struct token_facts facts = {.solved_unix_ms =
					    clk_unix_ms(&ctx->clk)};

	if (test->outcome == TEST_IS_USED) {
		write_failure(reply, flavour, CAUSE_USED, CAUSE_NONE);
	} else if (test->outcome == TEST_IS_WRONG ||
		   (test->token && !str_eq(q->response, test->token))) {
		write_failure(reply, flavour, CAUSE_WRONG_TOKEN, CAUSE_NONE);
	} else {
		(void)snprintf(facts.hostname, sizeof(facts.hostname), "%s",
			       test->hostname);
		write_success(reply, flavour, &facts, test->sitekey, "");
	}
}

struct str siteverify_network(const struct net_addr *addr)
{
	return (struct str){(const char *)addr->bytes,
			    net_is_ipv4(addr) ? 15 : 8};
}

static enum cause cause_of(enum token_verdict verdict, bool has_network)
{
	switch (verdict) {
	case TOKEN_VALID:
		return CAUSE_NONE;
	case TOKEN_USED:
		return CAUSE_USED;
	case TOKEN_EXPIRED:
		return CAUSE_EXPIRED;
	case TOKEN_OTHER_NETWORK:
		return has_network ? CAUSE_WRONG_REMOTEIP : CAUSE_NO_REMOTEIP;
	case TOKEN_INVALID:
	default:
		return CAUSE_WRONG_TOKEN;
	}
}

static bool is_printable(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e)
			return false;
	return true;
}

static enum cf_status redeem(const struct context *ctx,
			     const struct question *q,
			     const struct settings_site *site,
			     struct token_facts *facts, enum cause *cause,
			     struct cf_error *err)
{
	struct token_request request = {
		.token = q->response,
		.site = site->name,
		.ttl_s = site->token_ttl_s,
		.idempotency_key = q->idempotency_key,
		.has_network = site->checks_remoteip,
	};
	enum token_verdict verdict;
	struct net_addr addr;
	enum cf_status rc;

	if (request.has_network && net_parse(q->remoteip, &addr))
		request.network = siteverify_network(&addr);
	rc = token_redeem(ctx->challenge, &request, facts, &verdict, err);
	if (rc)
		return rc;
	*cause = cause_of(verdict, request.network.len);
	return CF_OK;
}

/* What is wrong before the token is looked at. */
static enum cause find_fault(const struct question *q, enum flavour flavour,
			     const struct settings_site *site)
{
	static const struct str names[FLAVOURS] = {
		[FLAVOUR_RECAPTCHA] = {"recaptcha", 9},
		[FLAVOUR_HCAPTCHA] = {"hcaptcha", 8},
		[FLAVOUR_TURNSTILE] = {"turnstile", 9},
	};

	if (!sites_has_flavour(site, names[flavour]) ||
	    (q->sitekey.len && !str_eq(q->sitekey, site->sitekey)))
		return CAUSE_WRONG_SITEKEY;
	if (q->response.len > SITEVERIFY_TOKEN_MAX_BYTES)
		return CAUSE_WRONG_TOKEN;
	if (test_keys_have_token(q->response))
		return CAUSE_TEST_TOKEN;
	return CAUSE_NONE;
}

static enum cf_status verify(const struct context *ctx,
			     const struct question *q, enum flavour flavour,
			     struct reply *reply, struct cf_error *err)
{
	const struct settings_site *site;
	struct token_facts facts;
	enum cause cause;
	size_t place;
	enum cf_status rc = sites_find_secret(ctx->sites, q->secret, &site,
					      &place, err);

	if (rc == CF_NOT_FOUND) {
		reply->is_free = false;
		write_failure(reply, flavour, CAUSE_WRONG_SECRET, CAUSE_NONE);
		return CF_OK;
	}
	if (rc)
		return http_own_fault(rc);
	metrics_add((enum metric)(METRIC_SECRET_1 + place), 1);
	cause = find_fault(q, flavour, site);
	if (!cause)
		rc = redeem(ctx, q, site, &facts, &cause, err);
	if (rc)
		return http_own_fault(rc);
	if (cause)
		write_failure(reply, flavour, cause, CAUSE_NONE);
	else
		write_success(reply, flavour, &facts, site->sitekey,
			      site->score);
	return CF_OK;
}

enum cf_status handle_siteverify(const struct context *ctx,
				 const struct call *call, struct reply *reply,
				 struct cf_error *err)
{
	struct question q = read_question(call);
	enum flavour flavour = call->flavour;
	const struct test_keys *test;

	reply->is_free = true;
	if (q.idempotency_key.len > SITEVERIFY_KEY_MAX_BYTES ||
	    !is_printable(q.idempotency_key))
		return cf_fail(err, CF_BAD_INPUT, "an idempotency_key that is "
			       "too long, or not printable");
	if (!q.secret.len || !q.response.len) {
		bool has_neither = !q.secret.len && !q.response.len;

		write_failure(reply, flavour,
			      q.secret.len ? CAUSE_NO_RESPONSE
					   : CAUSE_NO_SECRET,
			      has_neither ? CAUSE_NO_RESPONSE : CAUSE_NONE);
		return CF_OK;
	}
	test = ctx->has_test_keys ? test_keys_find(q.secret) : NULL;
	if (!test)
		return verify(ctx, &q, flavour, reply, err);
	answer_test(ctx, &q, test, flavour, reply);
	return CF_OK;
}

/* /checksiteconfig: the settings page of a plugin asks whether it may. */
enum cf_status handle_checksiteconfig(const struct context *ctx,
				      const struct call *call,
				      struct reply *reply, struct cf_error *err)
{
	struct str host = either(call->body.host, call->query.host);
	struct str sitekey = either(call->body.sitekey, call->query.sitekey);
	const struct settings_site *site =
		sites_find_for(ctx->sites, sitekey, STR_LIT("hcaptcha"));

	(void)err;
	reply->type = json_type;
	if (!site)
		buf_add_str(reply->body, "{\"pass\": false, \"error\": "
			    "\"Invalid sitekey.\"}\n");
	else if (!sites_allow_host(site, host, call->req->host))
		buf_add_str(reply->body, "{\"pass\": false, \"error\": "
			    "\"Invalid hostname.\"}\n");
	else
		buf_add_str(reply->body,
			    "{\"pass\": true, \"features\": {}}\n");
	return CF_OK;
}
