/*
 * Variables into a request: its fields are the values of the variables, or the
 * marks of values that are too long or malformed. A route is found by its own
 * path alone. A body is read to its length and no further.
 *
 * An input is lines of variables, an empty line and the body.
 */
#include "base/base.h"
#include "http/route.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/variables.h"
#include "tests/support/form_check.h"

#include <strings.h>

enum {
	BODY_MAX_BYTES = 4096,
	CHUNK_BYTES = 7, /* given at once */
	ROUNDING_BYTES = 64
};

static struct str value_of(const struct variables *vars, const char *name)
{
	return str_from(variables_get(vars, name));
}

static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
			return true;
	return false;
}

static void check_path(struct str path, struct str value)
{
	if (value.len > REQUEST_PATH_MAX_BYTES) {
		FUZZ_CHECK(str_eq(path, "/"));
		return;
	}
	if (str_starts(value, "/")) {
		value.ptr++;
		value.len--;
	}
	FUZZ_CHECK(form_check_is_same(path, value));
}

static void check_prefix(const struct http_request *req, struct str value)
{
	struct str prefix = req->prefix;

	FUZZ_CHECK(
		req->is_prefix_bad ==
		(value.len > REQUEST_PREFIX_MAX_BYTES || has_control(value)));
	if (req->is_prefix_bad) {
		FUZZ_CHECK(!prefix.len);
		return;
	}
	FUZZ_CHECK(!str_starts(prefix, "/") && !str_ends(prefix, "/"));
	/* nothing but slashes was left out */
	while (value.len && !form_check_is_same(value, prefix) &&
	       str_starts(value, "/")) {
		value.ptr++;
		value.len--;
	}
	while (value.len > prefix.len && str_ends(value, "/"))
		value.len--;
	FUZZ_CHECK(form_check_is_same(prefix, value));
}

static void check_origin(struct str origin, struct str value)
{
	if (value.len > REQUEST_ORIGIN_MAX_BYTES || has_control(value))
		FUZZ_CHECK(!origin.len);
	else
		FUZZ_CHECK(form_check_is_same(origin, value));
}

/* The media type is the text before a ';', without white space at its end. */
static void check_type(enum request_type type, struct str value)
{
	static const char *const known[] = {
		[REQUEST_TYPE_FORM] = "application/x-www-form-urlencoded",
		[REQUEST_TYPE_MULTIPART] = "multipart/form-data",
		[REQUEST_TYPE_JSON] = "application/json",
	};
	enum request_type want =
		value.len ? REQUEST_TYPE_OTHER : REQUEST_TYPE_NONE;
	char name[REQUEST_TYPE_MAX_BYTES + 1];
	size_t n;

	(void)snprintf(name, sizeof(name), "%.*s", (int)value.len, value.ptr);
	n = strcspn(name, ";");
	while (n && strchr(" \t", name[n - 1]))
		n--;
	name[n] = '\0';
	for (unsigned i = REQUEST_TYPE_FORM; i < CF_ARRAY_LEN(known); i++)
		if (value.len <= REQUEST_TYPE_MAX_BYTES &&
		    !strcasecmp(name, known[i]))
			want = (enum request_type)i;
	FUZZ_CHECK(type == want);
}

static void check_length(const struct http_request *req, struct str value)
{
	int64_t want = value.len ? strtoll(value.ptr, NULL, 10) : 0;

	if (value.len && strspn(value.ptr, "0123456789") != value.len)
		want = -1;
	FUZZ_CHECK(req->n_body_bytes == want);
}

static void check_route(struct str path, bool has_demo)
{
	struct pid pid = {""};
	const struct route *route = route_find(path, has_demo, &pid);
	char want[REQUEST_PATH_MAX_BYTES + 1];
	const char *mark;
	char *file;

	if (!route)
		return;
	mark = strstr(route->pattern, "<pid>");
	FUZZ_CHECK(!mark == !pid.text[0]);
	if (mark)
		(void)snprintf(want, sizeof(want), "%.*s%s%s",
			       (int)(mark - route->pattern), route->pattern,
			       pid.text, mark + strlen("<pid>"));
	else
		(void)snprintf(want, sizeof(want), "%s", route->pattern);
	/* any name, at the end of the pattern */
	file = strstr(want, "<file>");
	if (file) {
		FUZZ_CHECK(!file[strlen("<file>")]);
		file[0] = '\0';
		FUZZ_CHECK(path.len > strlen(want + 1) &&
			   str_starts(path, want + 1));
	} else {
		FUZZ_CHECK(str_eq(path, want + 1)); /* without the slash */
	}
	FUZZ_CHECK(has_demo || !(route->flags & ROUTE_IS_DEMO));
	FUZZ_CHECK(route->acts[0].handle && route->allow[0]);
}

/* A body that is given a few bytes at a time. */
struct reading {
	struct str left;
	size_t n_asked_max; /* that may still be asked for */
};

static ptrdiff_t read_some(void *ctx, char *ptr, size_t n)
{
	struct reading *r = ctx;

	FUZZ_CHECK(n > 0 && n <= r->n_asked_max);
	if (n > CHUNK_BYTES)
		n = CHUNK_BYTES;
	if (n > r->left.len)
		n = r->left.len;
	memcpy(ptr, r->left.ptr, n);
	r->left.ptr += n;
	r->left.len -= n;
	r->n_asked_max -= n;
	return (ptrdiff_t)n;
}

static void check_body(struct http_request *req, struct str given)
{
	enum {
		ROOM_BYTES = BODY_MAX_BYTES + ROUNDING_BYTES
	};
	size_t n = (size_t)req->n_body_bytes;
	struct arena *arena = arena_new(ROOM_BYTES);
	bool is_wanted =
		req->n_body_bytes >= 0 && req->n_body_bytes <= BODY_MAX_BYTES;
	bool is_known = !n || req->type == REQUEST_TYPE_FORM ||
			req->type == REQUEST_TYPE_JSON ||
			req->type == REQUEST_TYPE_MULTIPART;
	struct reading reading = {given, is_wanted && is_known ? n + 1 : 0};
	enum cf_status rc;

	FUZZ_CHECK(arena);
	rc = request_read_body(req, BODY_MAX_BYTES, arena, read_some, &reading,
			       NULL);
	if (!is_wanted)
		FUZZ_CHECK(rc == (req->n_body_bytes < 0 ? CF_BAD_INPUT
							: CF_TOO_LARGE));
	else if (!is_known)
		FUZZ_CHECK(rc == CF_BAD_TYPE);
	else
		FUZZ_CHECK(rc == (given.len == n ? CF_OK : CF_BAD_INPUT));
	FUZZ_CHECK(req->is_body_read == !rc);
	FUZZ_CHECK(rc || form_check_is_same(req->body, given));
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = {(const char *)data, n};
	struct http_request req;
	struct variables vars;

	variables_read(&vars, &text);
	request_init(&req, vars.envp);
	check_path(req.path, value_of(&vars, "PATH_INFO"));
	FUZZ_CHECK(
		form_check_is_same(req.query, value_of(&vars, "QUERY_STRING")));
	check_prefix(&req, value_of(&vars, "SCRIPT_NAME"));
	check_origin(req.origin, value_of(&vars, "HTTP_ORIGIN"));
	check_type(req.type, value_of(&vars, "CONTENT_TYPE"));
	check_length(&req, value_of(&vars, "CONTENT_LENGTH"));
	if (req.method)
		FUZZ_CHECK(str_eq(value_of(&vars, "REQUEST_METHOD"),
				  request_method_name(req.method)));
	check_route(req.path, true);
	check_route(req.path, false);
	check_body(&req, text);
	variables_free(&vars);
	return 0;
}
