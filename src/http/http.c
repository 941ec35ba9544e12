/*
 * One request from variables to response: parse, find the route, let its
 * handler answer, log. What is asked for by another site's page (CORS, the
 * Fetch Standard) is judged here.
 */
#include "base/base.h"
#include "http/http.h"

#include "base/metrics.h"
#include "http/context.h"
#include "http/json.h"
#include "http/route.h"

/* The body and what is decoded from it, and the same of the query, each
 * rounded up; see request_read_body, form_parse and multipart_parse. */
static size_t arena_bytes(const struct settings *s)
{
	enum { ROUNDING_BYTES = 256 };

	return (size_t)s->max_body_bytes * 2 + (size_t)s->max_query_bytes +
	       ROUNDING_BYTES;
}

struct http *http_new(const struct settings *settings,
		      struct challenge *challenge, const struct log *log)
{
	struct http *http = mem_alloc(MEM_REQUEST, 1, sizeof(*http));

	if (!http)
		return NULL;
	http->settings = settings;
	http->challenge = challenge;
	http->log = log;
	response_init(&http->res);
	buf_init(&http->png, POOL_IMAGE_MAX_BYTES);
	http->arena = arena_new(arena_bytes(settings));
	http->notes = notes_new(settings, clk_system());
	http->limit = limit_new(settings, http->notes, log, clk_system());
	/* the settings were checked; of none, nobody is trusted */
	if (net_list_parse(&http->proxies, settings->trusted_proxies, NULL))
		http->proxies.n = 0;
	if (net_list_parse(&http->metrics_allow, settings->metrics_allow, NULL))
		http->metrics_allow.n = 0;
	if (!http->arena || !http->notes || !http->limit) {
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
	notes_free(http->notes);
	arena_free(http->arena);
	mem_free(http);
}

/* The entry of allow_origin that lets this origin in; empty for none. What
 * is returned is the setting's bytes, not the client's. */
static struct str allowed_origin(const char *list, struct str origin)
{
	if (!origin.len)
		return (struct str)STR_INIT;
	while (*list) {
		struct str entry = {list, strcspn(list, " ")};

		list += entry.len;
		list += strspn(list, " ");
		if (str_eq(entry, "*") ||
		    (entry.len == origin.len &&
		     !memcmp(entry.ptr, origin.ptr, origin.len)))
			return entry;
	}
	return (struct str)STR_INIT;
}

/*
 * Whether a page of another site, which allow_origin does not list, has the
 * visitor's browser ask: it could use up what the visitor may do, though it
 * reads no answer. A link to follow is none of that: the visitor sees it, and
 * each takes the page away that it was on. Older browsers do not tell.
 */
static bool is_made_by_a_stranger(const struct http *http,
				  const struct route *route)
{
	const struct http_request *req = &http->req;
	bool is_link = req->is_for_a_page &&
		       (req->method & (REQUEST_GET | REQUEST_HEAD));

	return (route->flags & ROUTE_COUNTS) && req->is_cross_site &&
	       !is_link &&
	       !allowed_origin(http->settings->allow_origin, req->origin).len;
}

/* What a browser asks before it lets a page of another site call. */
static void answer_preflight(struct http *http, const struct route *route)
{
	response_begin(&http->res, 204, NULL);
	response_add_header(&http->res, "Access-Control-Allow-Methods",
			    str_from(route->allow));
	response_add_header(&http->res, "Access-Control-Allow-Headers",
			    STR_LIT("Content-Type"));
	response_add_header(&http->res, "Access-Control-Max-Age",
			    STR_LIT("600"));
	http->res.has_no_length = true;
}

/* Refuse what is malformed whatever its route does; true when it was. */
static bool refuse_malformed(struct http *http, const struct http_input *in,
			     struct cf_error *err)
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
		if (req->n_body_bytes > http->settings->max_body_bytes)
			rc = CF_TOO_LARGE;
	}
	if (!fault)
		return false;
	rc = cf_fail(err, rc, "%s", fault);
	response_fail(&http->res, rc, fault);
	return true;
}

static void answer(struct http *http, const struct route *route,
		   const struct http_input *in, struct cf_error *err)
{
	const struct http_request *req = &http->req;
	struct response *res = &http->res;

	if (route)
		res->problem_members = route->problem_members;
	if (refuse_malformed(http, in, err))
		return;
	res->problem_members = NULL;
	if (!route) {
		response_fail(res, CF_NOT_FOUND, NULL);
		return;
	}
	if (route->flags & ROUTE_HAS_CORS)
		res->allow_origin = allowed_origin(http->settings->allow_origin,
						   req->origin);
	if (req->method == REQUEST_OPTIONS && res->allow_origin.len) {
		answer_preflight(http, route);
		return;
	}
	if (!(route->methods & (unsigned)req->method)) {
		response_fail_method(res, str_from(route->allow));
		return;
	}
	res->problem_members = route->problem_members;
	if (is_made_by_a_stranger(http, route)) {
		(void)cf_fail(err, CF_BAD_INPUT,
			      "by a page of a site that allow_origin does not "
			      "list");
		response_fail_forbidden(res, "A page of another site asks. "
					     "The setting allow_origin does "
					     "not list it.");
		return;
	}
	if (req->query.len > (size_t)http->settings->max_query_bytes) {
		(void)cf_fail(err, CF_BAD_INPUT, "a query of %zu bytes",
			      req->query.len);
		response_fail(res, CF_BAD_INPUT,
			      "The query string is too long.");
		return;
	}
	route->handle(http, err);
}

/* What is no fault of the client is logged, but not once for each: a flood of
 * requests that fail would fill the disk. */
static void log_failure(const struct http *http, int status,
			const struct cf_error *err)
{
	uint64_t n[NOTES_COUNTERS];

	if (status < 500)
		log_error(http->log, LOG_LEVEL_DEBUG, "request", err);
	else if (notes_add(http->notes, notes_of_failure(err), 0, n))
		log_errors(http->log, LOG_LEVEL_ERROR, "request", n[0], err);
}

/* Say that all visitors share one limit, which is seldom what is wanted. */
static void note_proxy(struct http *http)
{
	bool is_trusted = http->visitor.hidden == VISITOR_PROXY_SAYS_NOTHING;
	uint64_t n[NOTES_COUNTERS];

	if (!notes_add(http->notes, NOTE_PROXY, 0, n))
		return;
	log_event(
		http->log, LOG_LEVEL_WARN, "proxy", "n=%llu text=\"%s\"",
		(unsigned long long)n[0],
		is_trusted
			? "requests by a proxy of this machine that does not "
			  "name its visitors, who share one limit: let it "
			  "send X-Forwarded-For"
			: "requests by a proxy of this machine that is not in "
			  "trusted_proxies, so its visitors share one limit: "
			  "add 127.0.0.1 ::1 there, and let it send "
			  "X-Forwarded-For");
}

static void log_request(const struct http *http, const struct route *route,
			int64_t took_ms)
{
	const char *method = request_method_name(http->req.method);
	const char *pattern = route ? route->pattern : "-";

	if (http->verdict)
		log_event(http->log, LOG_LEVEL_INFO, "request",
			  "method=%s route=%s status=%d took_ms=%lld "
			  "verdict=%s pid=%s",
			  method, pattern, http->res.status,
			  (long long)took_ms, http->verdict,
			  http->verified_pid);
	else
		log_event(http->log, LOG_LEVEL_INFO, "request",
			  "method=%s route=%s status=%d took_ms=%lld", method,
			  pattern, http->res.status, (long long)took_ms);
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
	return (size_t)http->settings->max_body_bytes;
}

void http_serve(struct http *http, const struct http_input *in,
		struct http_response *res)
{
	bool is_logged = http->log->level >= LOG_LEVEL_INFO;
	struct cf_error *err = &http->err;
	const struct route *route;
	int64_t begun = metrics_begin();
	int64_t took_us;

	*err = (struct cf_error)CF_ERROR_INIT;
	arena_reset(http->arena);
	response_reset(&http->res);
	buf_reset(&http->png);
	http->verdict = NULL;
	http->read_fn = in->read_fn;
	http->read_ctx = in->read_ctx;
	request_init(&http->req, in->envp);
	http->visitor = visitor_find(&http->req, &http->proxies);
	if (http->visitor.hidden)
		note_proxy(http);
	http->res.is_head = http->req.method == REQUEST_HEAD;
	route = route_find(http->req.path, http->settings->demo, &http->pid);
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
