/*
 * One table: path, methods, handler. Paths compare byte for byte: the web
 * server has decoded them (RFC 3875 section 4.1.5), and nothing here does it
 * a second time.
 */
#include "base/base.h"
#include "http/route.h"

#define PID_MARK "<pid>"

/* So that whoever checks a code needs to know one shape. */
#define CHECK_MEMBERS ",\"success\":false,\"error-codes\":[\"bad-request\"]"

#define GET  REQUEST_GET
#define HEAD REQUEST_HEAD
#define POST REQUEST_POST

static const struct route routes[] = {
	{"/verification/get", "GET", GET, ROUTE_HAS_CORS | ROUTE_COUNTS,
	 handle_get, NULL},
	{"/verification/check", "POST", POST, ROUTE_HAS_CORS | ROUTE_COUNTS,
	 handle_check, CHECK_MEMBERS},
	{"/image/" PID_MARK ".png", "GET, HEAD", GET | HEAD, ROUTE_HAS_CORS,
	 handle_image, NULL},
	{"/demo", "GET, HEAD, POST", GET | HEAD | POST,
	 ROUTE_IS_DEMO | ROUTE_COUNTS, handle_demo, NULL},
	{"/healthz", "GET, HEAD", GET | HEAD, 0, handle_health, NULL},
	{"/metrics", "GET, HEAD", GET | HEAD, 0, handle_metrics, NULL},
};

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
