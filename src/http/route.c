/*
 * The table of routes: a new route is a row and the file of its handler.
 * Paths compare byte for byte: the web server has decoded them (RFC 3875
 * section 4.1.5), and to decode them a second time would be wrong.
 */
#include "base/base.h"
#include "http/route.h"

#include "http/box.h"
#include "http/fallback.h"
#include "http/siteverify.h"

#define PID_MARK "<pid>"
#define FILE_MARK "<file>"
#define SEALED_MARK "<sealed pid>"

#define GET  REQUEST_GET
#define HEAD REQUEST_HEAD
#define POST REQUEST_POST

enum {
	BODY_MAX_BYTES = 4096,
	FIELD_MAX_BYTES = 256,
	QUERY_FIELDS = FIELD_IMG | FIELD_PROFILE | FIELD_THEME | FIELD_AUDIO,
	AUDIO_FIELDS = FIELD_HL | FIELD_LANGUAGE,
	DEMO_QUERY_FIELDS = FIELD_PROFILE | FIELD_K,
	BODY_FIELDS = FIELD_PID | FIELD_CODE | FIELD_PROFILE,
	DEMO_BODY_FIELDS = BODY_FIELDS | FIELD_TOKEN,
	VERIFY_FIELDS = FIELD_SECRET | FIELD_RESPONSE | FIELD_REMOTEIP |
			FIELD_SITEKEY | FIELD_IDEMPOTENCY_KEY,
	SITE_FIELDS = FIELD_HOST | FIELD_SITEKEY,
	BOX_FIELDS = FIELD_K | FIELD_O | FIELD_THEME,
	BOX_NEW_FIELDS = BOX_FIELDS | FIELD_MODE | FIELD_HL,
	BOX_ANSWER_FIELDS = BOX_NEW_FIELDS | FIELD_PID | FIELD_CODE |
			    FIELD_ACTION | FIELD_CDATA,
	FRAME_QUERY_FIELDS = FIELD_K | FIELD_O | FIELD_PART | FIELD_HL |
			     FIELD_THEME | FIELD_F,
	FALLBACK_QUERY_FIELDS = FIELD_K | FIELD_HL,
	FALLBACK_BODY_FIELDS = FIELD_O | FIELD_PID | FIELD_CODE,
};

/* A route for applications, which send fields in the query or the body. */
#define FOR_APPLICATIONS(fields, handler, limit) \
	.allow = "GET, POST", .query_fields = (fields), \
	.body_fields = (fields), \
	.query_max_bytes = SITEVERIFY_QUERY_MAX_BYTES, \
	.body_max_bytes = SITEVERIFY_BODY_MAX_BYTES, \
	.field_max_bytes = SITEVERIFY_FIELD_MAX_BYTES, \
	.acts = {{GET, (handler), (limit), false, false, NOTICE_NONE}, \
		 {POST, (handler), (limit), true, false, NOTICE_NONE}}
#define SITEVERIFY(of) \
	.flags = ROUTE_IS_SITEVERIFY, .flavour = (of), \
	FOR_APPLICATIONS(VERIFY_FIELDS, handle_siteverify, LIMIT_FAILED)

/* A file that browsers load. */
#define FOR_BROWSERS \
	.allow = "GET, HEAD", \
	.acts = {{GET | HEAD, handle_file, LIMIT_NONE, false, false, \
		  NOTICE_NONE}}

#define AUDIO \
	.allow = "GET, HEAD", .flags = ROUTE_HAS_CORS, \
	.query_fields = AUDIO_FIELDS, .field_max_bytes = FIELD_MAX_BYTES, \
	.acts = {{GET | HEAD, handle_audio, LIMIT_NONE, false, false, \
		  NOTICE_NONE}, \
		 {GET, handle_audio_body, LIMIT_AUDIO, false, false, \
		  NOTICE_NONE}}

static const struct route routes[] = {
	{
		.pattern = "/verification/get",
		.allow = "GET",
		.flags = ROUTE_HAS_CORS | ROUTE_REFUSES_STRANGERS,
		.query_fields = QUERY_FIELDS,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{GET, handle_get, LIMIT_ISSUE, false, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/verification/check",
		.allow = "POST",
		.flags = ROUTE_HAS_CORS | ROUTE_REFUSES_STRANGERS |
			 ROUTE_HAS_ERROR_CODES,
		.body_fields = BODY_FIELDS,
		.body_max_bytes = BODY_MAX_BYTES,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{POST, handle_check, LIMIT_FAILED, true, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/image/" PID_MARK ".png",
		.allow = "GET, HEAD",
		.flags = ROUTE_HAS_CORS,
		.query_fields = FIELD_THEME,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{GET | HEAD, handle_image, LIMIT_NONE, false, false,
			  NOTICE_NONE}},
	},
	{.pattern = "/audio/" PID_MARK ".wav", AUDIO},
	{.pattern = "/audio/" SEALED_MARK ".wav", AUDIO},
	{
		.pattern = "/demo",
		.apologise = demo_apologise,
		.allow = "GET, HEAD, POST",
		.flags = ROUTE_IS_DEMO | ROUTE_REFUSES_STRANGERS,
		.query_fields = DEMO_QUERY_FIELDS,
		.body_fields = DEMO_BODY_FIELDS,
		.body_max_bytes = BODY_MAX_BYTES,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{HEAD, handle_demo_head, LIMIT_NONE, false, false,
			  NOTICE_NONE},
			 {POST, handle_demo_check, LIMIT_FAILED, true, false,
			  NOTICE_UNAVAILABLE},
			 {GET | POST, handle_demo, LIMIT_ISSUE, false, false,
			  NOTICE_NO_PICTURE}},
	},
	{
		.pattern = "/",
		.allow = "GET, HEAD",
		.flags = ROUTE_IS_DEMO,
		.acts = {{GET | HEAD, handle_root, LIMIT_NONE, false, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/healthz",
		.allow = "GET, HEAD",
		.acts = {{GET | HEAD, handle_health, LIMIT_NONE, false, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/metrics",
		.allow = "GET, HEAD",
		.flags = ROUTE_IS_FOR_OPERATOR,
		.acts = {{GET | HEAD, handle_metrics, LIMIT_NONE, false, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/box/new",
		.allow = "POST",
		.flags = ROUTE_HAS_ERROR_CODES,
		.body_fields = BOX_NEW_FIELDS,
		.body_max_bytes = BODY_MAX_BYTES,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{POST, handle_box_page, LIMIT_NONE, true, false,
			  NOTICE_NONE},
			 {POST, handle_box_new, LIMIT_ISSUE, false, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/box/answer",
		.allow = "POST",
		.flags = ROUTE_HAS_ERROR_CODES,
		.body_fields = BOX_ANSWER_FIELDS,
		.body_max_bytes = BODY_MAX_BYTES,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{POST, handle_box_page, LIMIT_NONE, true, false,
			  NOTICE_NONE},
			 {POST, handle_box_answer, LIMIT_FAILED, false, false,
			  NOTICE_NONE},
			 {POST, handle_box_next, LIMIT_ISSUE, false, true,
			  NOTICE_NONE}},
	},
	{.pattern = "/widget.js", FOR_BROWSERS},
	{
		.pattern = "/recaptcha/api.js",
		.allow = "GET, HEAD",
		.acts = {{GET | HEAD, handle_recaptcha_file, LIMIT_NONE, false,
			  false, NOTICE_NONE}},
	},
	{.pattern = "/recaptcha/enterprise.js", FOR_BROWSERS},
	{.pattern = "/1/api.js", FOR_BROWSERS},
	{.pattern = "/hcaptcha/1/api.js", FOR_BROWSERS},
	{.pattern = "/turnstile/v0/api.js", FOR_BROWSERS},
	{.pattern = "/assets/" FILE_MARK, FOR_BROWSERS},
	{
		.pattern = "/frame",
		.allow = "GET, HEAD",
		.flags = ROUTE_IS_FRAME,
		.query_fields = FRAME_QUERY_FIELDS,
		.field_max_bytes = REQUEST_ORIGIN_MAX_BYTES,
		.acts = {{GET | HEAD, handle_frame, LIMIT_NONE, false, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/recaptcha/api/fallback",
		.apologise = fallback_apologise,
		.allow = "GET, POST",
		.flags = ROUTE_IS_FRAME,
		.query_fields = FALLBACK_QUERY_FIELDS,
		.body_fields = FALLBACK_BODY_FIELDS,
		.body_max_bytes = BODY_MAX_BYTES,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{POST, handle_fallback_check, LIMIT_FAILED, true,
			  false, NOTICE_UNAVAILABLE},
			 {GET | POST, handle_fallback, LIMIT_ISSUE, false, true,
			  NOTICE_NO_PICTURE}},
	},
	{.pattern = "/recaptcha/api/siteverify", SITEVERIFY(FLAVOUR_RECAPTCHA)},
	{.pattern = "/siteverify", SITEVERIFY(FLAVOUR_HCAPTCHA)},
	{.pattern = "/hcaptcha/siteverify", SITEVERIFY(FLAVOUR_HCAPTCHA)},
	{.pattern = "/turnstile/v0/siteverify", SITEVERIFY(FLAVOUR_TURNSTILE)},
	{
		.pattern = "/checksiteconfig",
		FOR_APPLICATIONS(SITE_FIELDS, handle_checksiteconfig,
				 LIMIT_NONE),
	},
};

bool route_has_method(const struct route *route, enum request_method method)
{
	for (size_t i = 0; i < ROUTE_ACTS_MAX; i++)
		if (route->acts[i].methods & (unsigned)method)
			return true;
	return false;
}

int64_t route_query_max_bytes(void)
{
	int64_t max_bytes = REQUEST_QUERY_MAX_BYTES;

	for (size_t i = 0; i < CF_ARRAY_LEN(routes); i++)
		if (routes[i].query_max_bytes > max_bytes)
			max_bytes = routes[i].query_max_bytes;
	return max_bytes;
}

int64_t route_body_max_bytes(void)
{
	int64_t max_bytes = 0;

	for (size_t i = 0; i < CF_ARRAY_LEN(routes); i++)
		if (routes[i].body_max_bytes > max_bytes)
			max_bytes = routes[i].body_max_bytes;
	return max_bytes;
}

/* Whether the path is that of a pattern with n characters in place of the
 * mark. */
static bool has_at(const char *pattern, const char *mark, size_t n,
		   struct str path)
{
	const char *at = strstr(pattern, mark);
	size_t n_before;

	if (!at)
		return false;
	n_before = (size_t)(at - pattern);
	at += strlen(mark);
	return path.len == n_before + n + strlen(at) &&
	       !memcmp(path.ptr, pattern, n_before) && str_ends(path, at);
}

/* pattern has a slash in front, path has none. */
static bool match(const char *pattern, struct str path, struct pid *pid)
{
	const char *mark = strstr(++pattern, PID_MARK);
	const char *file = strstr(pattern, FILE_MARK);

	if (file)
		return path.len > (size_t)(file - pattern) &&
		       !memcmp(path.ptr, pattern, (size_t)(file - pattern));
	if (mark)
		return has_at(pattern, PID_MARK, PID_CHARS, path) &&
		       pid_parse(pid, (struct str){path.ptr + (mark - pattern),
						   PID_CHARS});
	return str_eq(path, pattern) ||
	       has_at(pattern, SEALED_MARK, BOX_SEALED_CHARS, path);
}

const struct route *route_find(struct str path, bool has_demo, struct pid *pid)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(routes); i++) {
		if (!match(routes[i].pattern, path, pid))
			continue;
		if ((routes[i].flags & ROUTE_IS_DEMO) && !has_demo)
			return NULL;
		return &routes[i];
	}
	return NULL;
}
