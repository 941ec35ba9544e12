/*
 * The table of routes: a new route is a row and the file of its handler.
 * Paths compare byte for byte: the web server has decoded them (RFC 3875
 * section 4.1.5), and to decode them a second time would be wrong.
 */
#include "base/base.h"
#include "http/route.h"

#define PID_MARK "<pid>"

#define GET  REQUEST_GET
#define HEAD REQUEST_HEAD
#define POST REQUEST_POST

enum {
	BODY_MAX_BYTES = 4096,
	FIELD_MAX_BYTES = 256,
	QUERY_FIELDS = FIELD_IMG | FIELD_PROFILE,
	BODY_FIELDS = FIELD_PID | FIELD_CODE | FIELD_PROFILE,
};

static const struct route routes[] = {
	{
		.pattern = "/verification/get",
		.allow = "GET",
		.flags = ROUTE_HAS_CORS | ROUTE_REFUSES_STRANGERS,
		.query_fields = QUERY_FIELDS,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{GET, handle_get, LIMIT_ISSUE, false, NOTICE_NONE}},
	},
	{
		.pattern = "/verification/check",
		.allow = "POST",
		.flags = ROUTE_HAS_CORS | ROUTE_REFUSES_STRANGERS |
			 ROUTE_HAS_ERROR_CODES,
		.body_fields = BODY_FIELDS,
		.body_max_bytes = BODY_MAX_BYTES,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{POST, handle_check, LIMIT_FAILED, true, NOTICE_NONE}},
	},
	{
		.pattern = "/image/" PID_MARK ".png",
		.allow = "GET, HEAD",
		.flags = ROUTE_HAS_CORS,
		.acts = {{GET | HEAD, handle_image, LIMIT_NONE, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/demo",
		.allow = "GET, HEAD, POST",
		.flags = ROUTE_IS_DEMO | ROUTE_REFUSES_STRANGERS,
		.query_fields = QUERY_FIELDS,
		.body_fields = BODY_FIELDS,
		.body_max_bytes = BODY_MAX_BYTES,
		.field_max_bytes = FIELD_MAX_BYTES,
		.acts = {{HEAD, handle_demo_head, LIMIT_NONE, false,
			  NOTICE_NONE},
			 {POST, handle_demo_check, LIMIT_FAILED, true,
			  NOTICE_UNAVAILABLE},
			 {GET | POST, handle_demo, LIMIT_ISSUE, false,
			  NOTICE_NO_PICTURE}},
	},
	{
		.pattern = "/",
		.allow = "GET, HEAD",
		.flags = ROUTE_IS_DEMO,
		.acts = {{GET | HEAD, handle_root, LIMIT_NONE, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/healthz",
		.allow = "GET, HEAD",
		.acts = {{GET | HEAD, handle_health, LIMIT_NONE, false,
			  NOTICE_NONE}},
	},
	{
		.pattern = "/metrics",
		.allow = "GET, HEAD",
		.flags = ROUTE_IS_FOR_OPERATOR,
		.acts = {{GET | HEAD, handle_metrics, LIMIT_NONE, false,
			  NOTICE_NONE}},
	},
};

bool route_has_method(const struct route *route, enum request_method method)
{
	for (size_t i = 0; i < ROUTE_ACTS_MAX; i++)
		if (route->acts[i].methods & (unsigned)method)
			return true;
	return false;
}

int64_t route_body_max_bytes(void)
{
	int64_t max_bytes = 0;

	for (size_t i = 0; i < CF_ARRAY_LEN(routes); i++)
		if (routes[i].body_max_bytes > max_bytes)
			max_bytes = routes[i].body_max_bytes;
	return max_bytes;
}

/* pattern has a slash in front, path has none. */
static bool match(const char *pattern, struct str path, struct pid *pid)
{
	const char *mark = strstr(pattern, PID_MARK);
	const char *tail;
	size_t n_before;

	pattern++;
	if (!mark)
		return str_eq(path, pattern);
	tail = mark + strlen(PID_MARK);
	n_before = (size_t)(mark - pattern);
	if (path.len != n_before + PID_CHARS + strlen(tail) ||
	    memcmp(path.ptr, pattern, n_before) != 0 || !str_ends(path, tail))
		return false;
	return pid_parse(pid, (struct str){path.ptr + n_before, PID_CHARS});
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
