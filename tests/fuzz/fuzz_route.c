/*
 * Variables into a request: whatever they are, its fields are what the
 * variables say or what stands for too long and malformed ones, a route is
 * found by its own path alone, and a body is read to its length and not on.
 *
 * An input is lines of variables, an empty line and the body.
 */
#include "base/base.h"
#include "http/form.h"
#include "http/route.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/variables.h"

#include <strings.h>

enum {
	BODY_MAX_BYTES = 4096,
	FIELD_MAX_BYTES = 256,
	CHUNK_BYTES = 7, /* given at once */
	ROUNDING_BYTES = 64
};

static struct str value_of(const struct variables *vars, const char *name)
{
	return str_from(variables_get(vars, name));
}

static bool is_same(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
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
		FUZZ_CHECK(!path.len);
		return;
	}
	if (str_starts(value, "/")) {
		value.ptr++;
		value.len--;
	}
	FUZZ_CHECK(is_same(path, value));
}

static void check_prefix(const struct http_request *req, struct str value)
{
	struct str prefix = req->prefix;

	FUZZ_CHECK(req->is_prefix_bad ==
		   (value.len > REQUEST_PREFIX_MAX_BYTES ||
		    has_control(value)));
	if (req->is_prefix_bad) {
		FUZZ_CHECK(!prefix.len);
		return;
	}
	FUZZ_CHECK(!str_starts(prefix, "/") && !str_ends(prefix, "/"));
	/* nothing but slashes was left out */
	while (value.len && !is_same(value, prefix) &&
	       str_starts(value, "/")) {
		value.ptr++;
		value.len--;
	}
	while (value.len > prefix.len && str_ends(value, "/"))
		value.len--;
	FUZZ_CHECK(is_same(prefix, value));
}

static void check_origin(struct str origin, struct str value)
{
	if (value.len > REQUEST_ORIGIN_MAX_BYTES || has_control(value))
		FUZZ_CHECK(!origin.len);
	else
		FUZZ_CHECK(is_same(origin, value));
}

/* The media type is what is before a ';', white space at its end left out. */
static void check_type(enum request_type type, struct str value)
{
	enum request_type want = REQUEST_TYPE_OTHER;
	const char *end = value.len ? memchr(value.ptr, ';', value.len) : NULL;
	bool is_long = value.len > REQUEST_TYPE_MAX_BYTES;

	FUZZ_CHECK((type == REQUEST_TYPE_NONE) == !value.len);
	if (!value.len)
		return;
	if (end)
		value.len = (size_t)(end - value.ptr);
	while (str_ends(value, " ") || str_ends(value, "\t"))
		value.len--;
	if (!is_long && value.len == 16 &&
	    !strncasecmp(value.ptr, "application/json", value.len))
		want = REQUEST_TYPE_JSON;
	if (!is_long && value.len == 33 &&
	    !strncasecmp(value.ptr, "application/x-www-form-urlencoded",
			 value.len))
		want = REQUEST_TYPE_FORM;
	FUZZ_CHECK(type == want);
}

static void check_length(const struct http_request *req, struct str value)
{
	struct cf_error err = CF_ERROR_INIT;
	enum cf_status rc = request_check_length(req, BODY_MAX_BYTES, &err);
	bool is_number = !value.len ||
			 strspn(value.ptr, "0123456789") == value.len;

	if (!is_number)
		FUZZ_CHECK(req->n_body_bytes == -1 && rc == CF_BAD_INPUT);
	else if (value.len)
		FUZZ_CHECK(req->n_body_bytes == strtoll(value.ptr, NULL, 10));
	else
		FUZZ_CHECK(!req->n_body_bytes);
	if (is_number)
		FUZZ_CHECK(rc == (req->n_body_bytes > BODY_MAX_BYTES
					  ? CF_TOO_LARGE
					  : CF_OK));
}

static void check_route(struct str path, bool has_demo)
{
	struct pid pid = {""};
	const struct route *route = route_find(path, has_demo, &pid);
	char want[REQUEST_PATH_MAX_BYTES + 1];
	const char *mark;

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
	FUZZ_CHECK(str_eq(path, want + 1)); /* without the slash */
	FUZZ_CHECK(has_demo || strcmp(route->pattern, "/demo") != 0);
	FUZZ_CHECK(route->acts[0].handle && route->allow[0]);
}

static void check_pid(struct str text)
{
	static const char chars[] = "0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz";
	struct pid pid;

	FUZZ_CHECK(pid_parse(&pid, text) ==
		   (text.len == PID_CHARS &&
		    strspn(text.ptr, chars) >= PID_CHARS));
}

static void check_query(struct str query)
{
	struct arena *arena = arena_new(query.len + ROUNDING_BYTES);
	const struct form_field *field;
	struct form form;

	FUZZ_CHECK(arena);
	if (!form_parse(&form, query, arena, FIELD_MAX_BYTES, NULL)) {
		size_t n = form_find(&form, "profile", &field);

		FUZZ_CHECK(!n == !field && n <= form.n_fields);
	}
	arena_free(arena);
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
	size_t n = (size_t)req->n_body_bytes;
	struct arena *arena = arena_new(n + ROUNDING_BYTES);
	struct reading reading = {given, n + 1};
	enum cf_status rc;

	FUZZ_CHECK(arena);
	rc = request_read_body(req, arena, read_some, &reading, NULL);
	FUZZ_CHECK(rc == (given.len == n ? CF_OK : CF_BAD_INPUT));
	FUZZ_CHECK(req->is_body_read == !rc);
	FUZZ_CHECK(rc || is_same(req->body, given));
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
	FUZZ_CHECK(is_same(req.query, value_of(&vars, "QUERY_STRING")));
	check_prefix(&req, value_of(&vars, "SCRIPT_NAME"));
	check_origin(req.origin, value_of(&vars, "HTTP_ORIGIN"));
	check_type(req.type, value_of(&vars, "CONTENT_TYPE"));
	check_length(&req, value_of(&vars, "CONTENT_LENGTH"));
	if (req.method)
		FUZZ_CHECK(str_eq(value_of(&vars, "REQUEST_METHOD"),
				  request_method_name(req.method)));
	check_route(req.path, true);
	check_route(req.path, false);
	check_pid(req.query);
	check_query(req.query);
	if (!request_check_length(&req, BODY_MAX_BYTES, NULL))
		check_body(&req, text);
	variables_free(&vars);
	return 0;
}
