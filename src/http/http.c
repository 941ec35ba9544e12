/*
 * One request from variables to response: parse, find the route, refuse by its
 * data, do its acts, write the response, log.
 */
#include "base/base.h"
#include "http/http.h"

#include "base/metrics.h"
#include "http/audio.h"
#include "http/context.h"
#include "http/cors.h"
#include "http/files.h"
#include "http/json.h"
#include "http/page.h"
#include "http/route.h"
#include "http/siteverify.h"
#include "http/sites.h"

/* Room for a body, its decoded fields, and those of a query, each rounded up;
 * see request_read_body and struct form. */
static size_t arena_bytes(void)
{
	enum {
		ROUNDING_BYTES = 256
	};

	return (size_t)route_body_max_bytes() * 2 +
	       (size_t)route_query_max_bytes() + ROUNDING_BYTES;
}

struct http *http_new(const struct settings *settings,
		      struct challenge *challenge, const struct log *log)
{
	struct http *http = mem_alloc(MEM_REQUEST, 1, sizeof(*http));

	if (!http)
		return NULL;
	http->settings = settings;
	http->ctx.challenge = challenge;
	http->ctx.log = log;
	http->ctx.public_url = settings->public_url;
	http_write_issued(&http->ctx);
	response_init(&http->res);
	/* in light and in dark */
	buf_init(&http->png, 2 * (size_t)POOL_IMAGE_MAX_BYTES);
	http->arena = arena_new(arena_bytes());
	http->ctx.clk = clk_system();
	http->ctx.has_test_keys = settings->test_keys;
	http->ctx.sites = sites_new(settings, challenge);
	http->ctx.notes = notes_new(settings, clk_system());
	http->limit = limit_new(settings, http->ctx.notes, log, clk_system());
	/* already validated; on error trust no address */
	if (net_list_parse(&http->proxies, settings->trusted_proxies, NULL))
		http->proxies.n = 0;
	if (net_list_parse(&http->metrics_allow, settings->metrics_allow, NULL))
		http->metrics_allow.n = 0;
	if (!http->arena || !http->ctx.notes || !http->ctx.sites ||
	    !http->limit) {
		http_free(http);
		return NULL;
	}
	http_json_open();
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	response_release(&http->res);
	buf_release(&http->png);
	limit_free(http->limit);
	notes_free(http->ctx.notes);
	sites_free(http->ctx.sites);
	arena_free(http->arena);
	mem_free(http);
}

static void write_reply(struct http *http)
{
	const struct reply *reply = &http->reply;

	if (reply->file) {
		files_write(&http->res, &http->req, reply->file);
		return;
	}
	if (reply->allow_origin.len)
		http->res.allow_origin = reply->allow_origin;
	if (reply->sound_status) {
		audio_write(&http->res, reply);
		return;
	}
	response_begin(&http->res,
		       reply->is_redirect ? 302
		       : reply->is_refused ? 403
					  : response_status(reply->status),
		       reply->type);
	if (reply->is_redirect)
		response_add_header(&http->res, "Location",
				    (struct str){reply->body->ptr,
						 reply->body->len});
	if (reply->add_headers)
		reply->add_headers(&http->res, reply);
	else if (reply->nonce[0])
		page_add_headers(&http->res, reply->nonce);
	response_add_retry(&http->res, reply->status);
	http->res.has_no_length = reply->has_no_length;
}

/* Answer with a failure, in the words of the route. NULL: there is no route. */
static void fail(struct http *http, const struct route *route,
		 enum cf_status rc, const char *detail)
{
	if (route && (route->flags & ROUTE_IS_SITEVERIFY)) {
		siteverify_refuse(&http->reply, rc);
		write_reply(http);
	} else {
		response_fail(&http->res, rc, detail);
	}
}

/* Refuse a request that is malformed for any route; true when refused. */
static bool refuse_malformed(struct http *http, const struct route *route,
			     const struct http_input *in, struct cf_error *err)
{
	const struct http_request *req = &http->req;
	const char *fault = in->fault;
	enum cf_status rc = CF_BAD_INPUT;

	if (!fault && req->is_ambiguous)
		fault = "The web server gave a variable twice, with two "
			"values.";
	if (!fault && in->n_body_bytes >= 0 &&
	    in->n_body_bytes != req->n_body_bytes) {
		fault = "The body is not as long as Content-Length says.";
		if (req->n_body_bytes > route_body_max_bytes())
			rc = CF_TOO_LARGE;
	}
	if (!fault)
		return false;
	rc = cf_fail(err, rc, "%s", fault);
	fail(http, route, rc, fault);
	return true;
}

/* When the store is crowded, one address gets a small share of its limit, so
 * that a few addresses cannot lock the others out. */
static enum cf_status keep_share(struct http *http, int64_t *wait_ms,
				 struct cf_error *err)
{
	bool is_crowded = false;
	enum cf_status rc =
		challenge_is_crowded(http->ctx.challenge, &is_crowded, err);

	if (!rc && is_crowded)
		*wait_ms = limit_keep_share(http->limit, LIMIT_ISSUE,
					    &http->visitor.key);
	if (rc)
		limit_refund(http->limit, LIMIT_ISSUE, &http->visitor.key);
	return http_own_fault(rc);
}

/* CF_LIMITED when the visitor has used up this limit. */
static enum cf_status spend_credit(struct http *http, enum limit_kind kind,
				   struct cf_error *err)
{
	enum {
		SECOND_MS = 1000
	};
	enum cf_status rc = CF_OK;
	int64_t wait_ms;

	if (kind == LIMIT_NONE || http->is_exempt)
		return CF_OK;
	wait_ms = limit_spend(http->limit, kind, &http->visitor.key);
	if (!wait_ms && kind == LIMIT_ISSUE)
		rc = keep_share(http, &wait_ms, err);
	if (rc || !wait_ms)
		return rc;
	http->res.retry_after_s = (wait_ms + SECOND_MS - 1) / SECOND_MS;
	return cf_fail(err, CF_LIMITED, "a visitor is over a limit");
}

/* Refund the credit when no challenge was issued, or no check failed. Keep it
 * when the store is full, so that requests stay limited. */
static void settle_credit(struct http *http, enum limit_kind kind,
			  enum cf_status rc)
{
	bool is_unissued = rc ? rc != CF_FULL : http->reply.is_unissued;
	bool is_free = kind == LIMIT_ISSUE ? is_unissued
		       : rc		   ? response_status(rc) >= 500
					   : http->reply.is_free;

	if (kind != LIMIT_NONE && is_free && !http->is_exempt)
		limit_refund(http->limit, kind, &http->visitor.key);
}

static enum cf_status read_body(struct http *http, const struct route *route,
				const struct http_input *in,
				struct cf_error *err)
{
	enum cf_status rc =
		request_read_body(&http->req, route->body_max_bytes,
				  http->arena, in->read_fn, in->read_ctx, err);

	return rc ? rc
		  : fields_read_body(&http->call.body, &http->req,
				     route->body_fields, &http->reader, err);
}

/* Refuse by a problem, or by a page if the act has a sentence for it. */
static void refuse(struct http *http, const struct route *route,
		   enum notice sorry, enum cf_status rc, struct cf_error *err)
{
	struct reply *reply = &http->reply;
	bool is_limited = rc == CF_LIMITED;

	if (!err->status)
		err->status = rc;
	if (reply->allow_origin.len)
		http->res.allow_origin = reply->allow_origin;
	if (sorry != NOTICE_NONE &&
	    (is_limited || response_status(rc) >= 500)) {
		bool is_second = reply->notices[0] != NOTICE_NONE;

		reply->notices[is_second] = is_limited ? NOTICE_LIMITED : sorry;
		reply->status = rc;
		buf_reset(reply->body);
		route->apologise(&http->ctx, &http->call, reply);
		write_reply(http);
		return;
	}
	if (reply->error_code)
		http->res.error_code = reply->error_code;
	if (is_limited && http->res.error_code)
		http->res.error_code = notice_words(NOTICE_LIMITED)->code;
	fail(http, route, rc, reply->detail);
}

/* siteverify spends a credit for a wrong secret alone, and only then: visitors
 * and applications behind one address may fail as they like, and a right secret
 * counts on. */
static enum cf_status do_act(struct http *http, const struct route *route,
			     const struct act *act, const struct http_input *in,
			     struct cf_error *err)
{
	bool is_late = route->flags & ROUTE_IS_SITEVERIFY;
	enum limit_kind limit =
		http->reply.is_unlimited ? LIMIT_NONE : act->limit;
	enum cf_status rc = is_late ? CF_OK : spend_credit(http, limit, err);

	if (rc)
		return rc;
	/* of visitors; an application calls siteverify for none */
	if (act->limit == LIMIT_FAILED && !is_late)
		metrics_add(http->visitor.is_exempt ? METRIC_CHECK_EXEMPT
						    : METRIC_CHECK_COUNTED, 1);
	if (act->reads_body)
		rc = read_body(http, route, in, err);
	if (!rc)
		rc = act->handle(&http->ctx, &http->call, &http->reply, err);
	if (!is_late)
		settle_credit(http, limit, rc);
	else if (!rc && !http->reply.is_free)
		rc = spend_credit(http, act->limit, err);
	return rc;
}

static void do_acts(struct http *http, const struct route *route,
		    const struct http_input *in, struct cf_error *err)
{
	enum notice sorry = NOTICE_NONE;
	enum cf_status rc;

	http->reader = (struct fields_reader){.challenge = http->ctx.challenge,
					      .arena = http->arena,
					      .field_max_bytes =
						      route->field_max_bytes,
					      .detail = &http->reply.detail};
	rc = fields_read_query(&http->call.query, http->req.query,
			       route->query_fields, &http->reader, err);
	for (size_t i = 0; !rc && i < ROUTE_ACTS_MAX; i++) {
		const struct act *act = &route->acts[i];

		if (!(act->methods & (unsigned)http->req.method) ||
		    (act->is_after_failure && http->reply.is_pass))
			continue;
		sorry = act->sorry;
		rc = do_act(http, route, act, in, err);
	}
	if (rc)
		refuse(http, route, sorry, rc, err);
	else
		write_reply(http);
}

/* Refuse a request that the route does not want, unread; true when refused. */
static bool refuse_unwanted(struct http *http, const struct route *route,
			    struct cf_error *err)
{
	const struct http_request *req = &http->req;

	if ((route->flags & ROUTE_REFUSES_STRANGERS) &&
	    cors_is_stranger(req, http->settings->allow_origin,
			     route->flags & ROUTE_IS_DEMO)) {
		(void)cf_fail(err, CF_BAD_INPUT,
			      "by a page of a site that allow_origin does not "
			      "list");
		response_refuse(&http->res, 403,
				"A page of another site made this request, and "
				"the setting allow_origin does not list that "
				"site.");
		return true;
	}
	if ((route->flags & ROUTE_IS_FRAME) && req->is_cross_site &&
	    (!req->is_navigation || req->method != REQUEST_GET)) {
		(void)cf_fail(err, CF_BAD_INPUT, "by a page of another site");
		response_refuse(&http->res, 403,
				"Pages of other sites may only show this page "
				"in a frame, or link to it.");
		return true;
	}
	/* no page has a secret, but it could use up what its visitors may do */
	if ((route->flags & ROUTE_IS_SITEVERIFY) && req->is_cross_site) {
		(void)cf_fail(err, CF_BAD_INPUT, "by a page of another site");
		fail(http, route, CF_BAD_INPUT, NULL);
		return true;
	}
	if (req->query.len > (size_t)(route->query_max_bytes
					      ? route->query_max_bytes
					      : REQUEST_QUERY_MAX_BYTES)) {
		(void)cf_fail(err, CF_BAD_INPUT, "a query of %zu bytes",
			      req->query.len);
		fail(http, route, CF_BAD_INPUT,
		     "The query string is too long.");
		return true;
	}
	if ((route->flags & ROUTE_IS_FOR_OPERATOR) && !http->call.is_operator) {
		response_refuse(&http->res, 403,
				"Metrics are for this machine and for "
				"addresses in metrics_allow.");
		return true;
	}
	return false;
}

static void answer(struct http *http, const struct route *route,
		   const struct http_input *in, struct cf_error *err)
{
	bool has_codes = route && (route->flags & ROUTE_HAS_ERROR_CODES);
	const char *error_code =
		has_codes ? notice_words(NOTICE_MALFORMED)->code : NULL;
	const struct http_request *req = &http->req;
	struct response *res = &http->res;

	res->error_code = error_code;
	if (refuse_malformed(http, route, in, err))
		return;
	res->error_code = NULL;
	if (!route) {
		response_fail(res, CF_NOT_FOUND, NULL);
		return;
	}
	if (route->flags & ROUTE_HAS_CORS)
		res->allow_origin =
			cors_allowed(http->settings->allow_origin, req->origin);
	if (req->method == REQUEST_OPTIONS && res->allow_origin.len) {
		cors_answer_preflight(res, route->allow);
		return;
	}
	if (!route_has_method(route, req->method)) {
		response_refuse(res, 405,
				"This address does not have this method.");
		response_add_header(res, "Allow", str_from(route->allow));
		return;
	}
	res->error_code = error_code;
	if (!refuse_unwanted(http, route, err))
		do_acts(http, route, in, err);
}

/* Log failures of the service, one line a minute for each cause: a flood of
 * failing requests would fill the disk. */
static void log_failure(const struct http *http, int status,
			const struct cf_error *err)
{
	uint64_t n[NOTES_COUNTERS];

	if (status < 500)
		log_error(http->ctx.log, LOG_LEVEL_DEBUG, "request", err);
	else if (notes_add(http->ctx.notes, notes_of_failure(err), 0, n))
		log_errors(http->ctx.log, LOG_LEVEL_ERROR, "request", n[0],
			   err);
}

/* Warn that all visitors of a proxy share one limit. */
static void note_proxy(struct http *http)
{
	bool is_trusted = http->visitor.hidden == VISITOR_PROXY_SAYS_NOTHING;
	uint64_t n[NOTES_COUNTERS];

	if (!notes_add(http->ctx.notes, NOTE_PROXY, 0, n))
		return;
	log_event(
		http->ctx.log, LOG_LEVEL_WARN, "proxy", "n=%llu text=\"%s\"",
		(unsigned long long)n[0],
		is_trusted
			? "requests by a proxy of this machine that does not "
			  "name its visitors, who share one limit: let it "
			  "send X-Forwarded-For"
			: "requests by a proxy of this machine that is not in "
			  "trusted_proxies, so its visitors share one limit: "
			  "add 127.0.0.1 ::1 to trusted_proxies, and let the "
			  "proxy send X-Forwarded-For");
}

static void log_request(const struct http *http, const struct route *route,
			int64_t took_ms)
{
	const struct reply *reply = &http->reply;
	bool is_siteverify = route && (route->flags & ROUTE_IS_SITEVERIFY);
	char check[64] = "";

	/* a token of another machine's database looks like a used token */
	if (reply->verdict && is_siteverify)
		(void)snprintf(check, sizeof(check), " verdict=%s%s",
			       reply->verdict,
			       !strcmp(reply->verdict, "used") &&
					       !http->settings->redis_url[0]
				       ? " store=sqlite"
				       : "");
	else if (reply->verdict)
		(void)snprintf(check, sizeof(check), " verdict=%s pid=%s%s",
			       reply->verdict, reply->verified_pid,
			       reply->is_by_sound ? " mode=audio" : "");
	log_event(http->ctx.log, LOG_LEVEL_INFO, "request",
		  "method=%s route=%s status=%d took_ms=%lld%s",
		  request_method_name(http->req.method),
		  route ? route->pattern : "-", http->res.status,
		  (long long)took_ms, check);
}

static enum metric metric_of(int status)
{
	switch (status / 100) {
	case 2:
		return METRIC_ANSWER_2XX;
	case 4:
		return METRIC_ANSWER_4XX;
	case 5:
		return METRIC_ANSWER_5XX;
	default:
		return METRIC_ANSWER_OTHER;
	}
}

bool http_wants(struct str name)
{
	return request_wants(name);
}

size_t http_body_max_bytes(const struct http *http)
{
	(void)http;
	return (size_t)route_body_max_bytes();
}

/* An operator's request is from this machine or from metrics_allow. Visitors
 * that a proxy does not name have the proxy's address: they are no
 * operators. */
static bool is_operator(const struct http *http)
{
	const struct visitor *visitor = &http->visitor;

	return visitor->is_exempt ||
	       (visitor->is_known &&
		net_list_has(&http->metrics_allow, &visitor->addr));
}

/* An application's own server is often a proxy, too. */
static bool is_exempt(const struct http *http, const struct route *route)
{
	return http->visitor.is_exempt ||
	       (route && (route->flags & ROUTE_IS_SITEVERIFY) &&
		net_list_has(&http->proxies, &http->visitor.addr));
}

/* Prepare for a new request; returns its route. */
static const struct route *begin(struct http *http, const struct http_input *in)
{
	const struct route *route;

	arena_reset(http->arena);
	response_reset(&http->res);
	buf_reset(&http->png);
	request_init(&http->req, in->envp);
	http->res.is_head = http->req.method == REQUEST_HEAD;
	http->visitor = visitor_find(&http->req, &http->proxies);
	if (http->visitor.hidden)
		note_proxy(http);
	http->call = (struct call){.req = &http->req,
				   .visitor = &http->visitor.addr,
				   .is_operator = is_operator(http)};
	http->reply = (struct reply){.body = &http->res.body,
				     .png = &http->png,
				     .notices = {NOTICE_NONE, NOTICE_NONE}};
	route = route_find(http->req.path, http->settings->demo,
			   &http->call.pid);
	http->is_exempt = is_exempt(http, route);
	if (route)
		http->call.flavour = route->flavour;
	return route;
}

void http_serve(struct http *http, const struct http_input *in,
		struct http_response *res)
{
	bool is_logged = http->ctx.log->level >= LOG_LEVEL_INFO;
	struct cf_error *err = &http->err;
	const struct route *route;
	int64_t begun = metrics_begin();
	int64_t took_us;

	*err = (struct cf_error)CF_ERROR_INIT;
	route = begin(http, in);
	answer(http, route, in, err);
	response_end(&http->res, res, err);
	res->why = err;
	res->body_was_read = http->req.is_body_read;
	took_us = metrics_end(METRIC_TIME_REQUEST, begun);
	metrics_add(metric_of(res->status), 1);
	if (err->status)
		log_failure(http, res->status, err);
	if (is_logged)
		log_request(http, route, took_us / 1000);
}
