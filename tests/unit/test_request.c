/*
 * request.c: CGI variables and a body, with limits.
 */
#include "base/base.h"
#include "http/request.h"
#include "tests/support/check.h"

enum {
	ARENA_BYTES = 4096,
	MAX_BODY = 1000
};

/* The request of variables "NAME=value", separated by line ends. They last
 * until the next call. */
static struct http_request request_of(const char *variables)
{
	static char text[4096];
	char *envp[8] = {(char *)(uintptr_t) "SERVER_NAME=x"};
	struct http_request req;
	char *rest = text;

	(void)snprintf(text, sizeof(text), "%s", variables);
	for (size_t n = 1; rest && n < CF_ARRAY_LEN(envp) - 1; n++)
		envp[n] = strsep(&rest, "\n");
	request_init(&req, envp);
	return req;
}

static void without_variables_a_request_is_empty(void **state)
{
	struct http_request req = request_of("");

	assert_int_equal(req.method, REQUEST_OTHER);
	assert_int_equal(req.path.len, 0);
	assert_int_equal(req.query.len, 0);
	assert_int_equal(req.type, REQUEST_TYPE_NONE);
	assert_int_equal(req.n_body_bytes, 0);
	assert_true(req.is_body_read);
	assert_false(req.is_prefix_bad);
}

static void methods_and_types_are_known_or_other(void **state)
{
#define METHOD(x, value, name)                                               \
	{                                                                    \
		"REQUEST_METHOD" x, REQUEST_##value, REQUEST_TYPE_NONE, name \
	}
#define TYPE(x, value)                                                  \
	{                                                               \
		"CONTENT_TYPE=" x, REQUEST_OTHER, REQUEST_TYPE_##value, \
			"other"                                         \
	}
	static const struct {
		const char *variable;
		enum request_method method;
		enum request_type type;
		const char *name;
	} cases[] = {
		METHOD("=GET", GET, "GET"),
		METHOD("=HEAD", HEAD, "HEAD"),
		METHOD("=POST", POST, "POST"),
		METHOD("=OPTIONS", OPTIONS, "OPTIONS"),
		METHOD("=get", OTHER, "other"),
		METHOD("=GETT", OTHER, "other"),
		METHOD("=DELETE", OTHER, "other"),
		METHOD("=", OTHER, "other"),
		METHOD("S=GET", OTHER, "other"),
		TYPE("", NONE),
		TYPE("application/json", JSON),
		TYPE("Application/JSON; charset=UTF-8", JSON),
		TYPE("application/json \t;x", JSON),
		TYPE("application/x-www-form-urlencoded", FORM),
		TYPE("application/x-www-form-urlencoded;charset=utf-8", FORM),
		TYPE("APPLICATION/X-WWW-FORM-URLENCODED", FORM),
		TYPE("application/jsonx", OTHER),
		TYPE("application/json+x", OTHER),
		TYPE("text/plain;application/json", OTHER),
		TYPE("multipart/form-data; boundary=x", MULTIPART),
		TYPE("Multipart/Form-Data", MULTIPART),
		TYPE("multipart/mixed; boundary=x", OTHER),
		TYPE(";", OTHER),
		TYPE(" ", OTHER),
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct http_request req = request_of(cases[i].variable);

		assert_int_equal(req.method, cases[i].method);
		assert_int_equal(req.type, cases[i].type);
		assert_string_equal(request_method_name(req.method),
				    cases[i].name);
	}
	assert_true(str_eq(request_of("CONTENT_TYPE=multipart/form-data ; "
				      "boundary=x")
				   .type_params,
			   "; boundary=x"));
	assert_int_equal(
		request_of("CONTENT_TYPE=application/json").type_params.len, 0);
}

static void slashes_are_cut_off_paths_and_prefixes(void **state)
{
	static const struct {
		const char *variable;
		const char *path, *prefix;
	} cases[] = {
		{"PATH_INFO=", "", ""},
		{"PATH_INFO=/", "", ""},
		{"PATH_INFO=/demo", "demo", ""},
		{"PATH_INFO=demo", "demo", ""},
		{"PATH_INFO=//demo", "/demo", ""},
		{"PATH_INFO=/a%2fb", "a%2fb", ""},
		{"PATH_INFO=/../x", "../x", ""},
		{"SCRIPT_NAME=", "", ""},
		{"SCRIPT_NAME=/a/b//", "", "a/b"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct http_request req = request_of(cases[i].variable);

		assert_true(str_eq(req.path, cases[i].path));
		assert_true(str_eq(req.prefix, cases[i].prefix));
	}
}

static void values_have_a_limit(void **state)
{
	for (int over = 0; over < 2; over++) {
		char text[2048];
		struct http_request req;

		(void)snprintf(text, sizeof(text),
			       "PATH_INFO=%0*d\nSCRIPT_NAME=%0*d\n"
			       "HTTP_ORIGIN=%0*d\nCONTENT_TYPE=%-*s",
			       REQUEST_PATH_MAX_BYTES + over, 0,
			       REQUEST_PREFIX_MAX_BYTES + over, 0,
			       REQUEST_ORIGIN_MAX_BYTES + over, 0,
			       REQUEST_TYPE_MAX_BYTES + over,
			       "application/json");
		req = request_of(text);
		assert_int_equal(req.path.len,
				 over ? 1 : REQUEST_PATH_MAX_BYTES);
		assert_int_equal(req.prefix.len,
				 over ? 0 : REQUEST_PREFIX_MAX_BYTES);
		assert_int_equal(req.is_prefix_bad, over);
		assert_int_equal(req.origin.len,
				 over ? 0 : REQUEST_ORIGIN_MAX_BYTES);
		assert_int_equal(req.type,
				 over ? REQUEST_TYPE_OTHER : REQUEST_TYPE_JSON);
	}
}

static void what_a_browser_prefers_has_a_limit(void **state)
{
	for (int over = 0; over < 2; over++) {
		char text[4096];
		struct http_request req;
		int n_list = REQUEST_LIST_MAX_BYTES + over;

		(void)snprintf(text, sizeof(text),
			       "HTTP_REFERER=%0*d\nHTTP_ACCEPT_LANGUAGE=%0*d\n"
			       "HTTP_ACCEPT_ENCODING=%0*d\n"
			       "HTTP_IF_NONE_MATCH=%0*d",
			       REQUEST_REFERER_MAX_BYTES + over, 0, n_list, 0,
			       n_list, 0, n_list, 0);
		req = request_of(text);
		assert_int_equal(req.referer.len,
				 over ? 0 : REQUEST_REFERER_MAX_BYTES);
		n_list = over ? 0 : REQUEST_LIST_MAX_BYTES;
		assert_int_equal(req.accept_language.len, n_list);
		assert_int_equal(req.accept_encoding.len, n_list);
		assert_int_equal(req.if_none_match.len, n_list);
	}
}

static void control_bytes_are_kept_out_of_headers(void **state)
{
	static const char bad[] = {'\r', '\t', '\x7f', '\x01'};

	for (size_t i = 0; i < sizeof(bad); i++) {
		struct http_request req;
		char text[64];

		(void)snprintf(text, sizeof(text),
			       "HTTP_ORIGIN=http://a%c\nSCRIPT_NAME=/a%c\n"
			       "HTTP_REFERER=http://a/%c",
			       bad[i], bad[i], bad[i]);
		req = request_of(text);
		assert_int_equal(req.origin.len, 0);
		assert_int_equal(req.referer.len, 0);
		assert_true(req.is_prefix_bad);
		assert_int_equal(req.prefix.len, 0);
	}
}

static void a_variable_with_two_values_is_ambiguous(void **state)
{
	static const struct {
		const char *variables;
		bool is_ambiguous, is_forwarded_twice;
	} cases[] = {
		{"SCRIPT_NAME=/a\nPATH_INFO=/b", false, false},
		/* fastcgi_params of nginx, and then the location's own line */
		{"SCRIPT_NAME=/a\nSCRIPT_NAME=/a", false, false},
		{"SCRIPT_NAME=/a\nSCRIPT_NAME=/c", true, false},
		{"REMOTE_ADDR=10.0.0.11\nREMOTE_ADDR=10.0.0.1", true, false},
		{"CONTENT_LENGTH=1\nCONTENT_LENGTH=2", true, false},
		{"CONTENT_TYPE=a/b\nCONTENT_TYPE=a/c", true, false},
		/* proxies write these line by line */
		{"HTTP_VIA=1.1 a\nHTTP_VIA=1.1 b", false, false},
		{"HTTP_ACCEPT_LANGUAGE=de\nHTTP_ACCEPT_LANGUAGE=en", false,
		 false},
		{"HTTP_FORWARDED=for=a\nHTTP_X_FORWARDED_FOR=a", false, false},
		{"HTTP_FORWARDED=for=a\nHTTP_FORWARDED=for=b", false, true},
		{"HTTP_FORWARDED=for=a\nHTTP_FORWARDED=for=a", false, true},
		{"HTTP_X_FORWARDED_FOR=a\nHTTP_X_FORWARDED_FOR=a", false, true},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct http_request req = request_of(cases[i].variables);

		assert_int_equal(req.is_ambiguous, cases[i].is_ambiguous);
		assert_int_equal(req.is_forwarded_twice,
				 cases[i].is_forwarded_twice);
	}
	/* the first value counts */
	assert_true(str_eq(request_of("PATH_INFO=/a\nPATH_INFO=/b").path, "a"));
}

static void only_variables_that_are_read_are_wanted(void **state)
{
	assert_true(request_wants(STR_LIT("PATH_INFO")));
	assert_true(request_wants(STR_LIT("CONTENT_LENGTH")));
	assert_false(request_wants(STR_LIT("PATH_INF")));
	assert_false(request_wants(STR_LIT("PATH_INFO=")));
	assert_false(request_wants(STR_LIT("HTTP_COOKIE")));
	assert_false(request_wants(STR_LIT("")));
}

struct source {
	const char *text;
	size_t chunk_bytes;
	bool is_gone;
	size_t n_asked; /* of all possible bytes */
};

static ptrdiff_t read_source(void *ctx, char *ptr, size_t n)
{
	struct source *s = ctx;
	size_t len = strlen(s->text);

	if (n > s->chunk_bytes)
		n = s->chunk_bytes;
	s->n_asked += n;
	if (n > len)
		n = len;
	if (!n)
		return s->is_gone ? -1 : 0;
	memcpy(ptr, s->text, n);
	s->text += n;
	return (ptrdiff_t)n;
}

static void a_body_is_read_whole_or_refused(void **state)
{
#define JSON "\nCONTENT_TYPE=application/json"
	static const struct {
		const char *variables;
		struct source source;
		enum cf_status rc;
		size_t n_asked_max;
	} cases[] = {
		{"CONTENT_LENGTH=5" JSON, {"abcde", 99, false, 0}, CF_OK, 7},
		{"CONTENT_LENGTH=5" JSON, {"abcde", 1, false, 0}, CF_OK, 7},
		{"CONTENT_LENGTH=0005" JSON, {"abcde", 3, false, 0}, CF_OK, 7},
		{"CONTENT_LENGTH=", {"", 9, false, 0}, CF_OK, 1},
		{"CONTENT_LENGTH=1000" JSON,
		 {"", 9, false, 0},
		 CF_BAD_INPUT,
		 9},
		{"CONTENT_LENGTH=5" JSON,
		 {"abcd", 9, false, 0},
		 CF_BAD_INPUT,
		 8},
		{"CONTENT_LENGTH=5" JSON, {"", 9, false, 0}, CF_BAD_INPUT, 6},
		{"CONTENT_LENGTH=5" JSON,
		 {"abcdef", 9, false, 0},
		 CF_BAD_INPUT,
		 6},
		{"CONTENT_LENGTH=5" JSON,
		 {"abcdefghijk", 1, false, 0},
		 CF_BAD_INPUT,
		 6},
		{"CONTENT_LENGTH=0", {"a", 9, false, 0}, CF_BAD_INPUT, 1},
		{"CONTENT_LENGTH=5" JSON, {"abc", 2, true, 0}, CF_GONE, 6},
		/* refused unread */
		{"CONTENT_LENGTH=1001" JSON,
		 {"", 9, false, 0},
		 CF_TOO_LARGE,
		 0},
		{"CONTENT_LENGTH=1001", {"", 9, false, 0}, CF_TOO_LARGE, 0},
		{"CONTENT_LENGTH=-1" JSON, {"", 9, false, 0}, CF_BAD_INPUT, 0},
		{"CONTENT_LENGTH=5", {"abcde", 9, false, 0}, CF_BAD_TYPE, 0},
		{"CONTENT_LENGTH=5\nCONTENT_TYPE=text/plain",
		 {"abcde", 9, false, 0},
		 CF_BAD_TYPE,
		 0},
	};
	struct arena *arena = arena_new(ARENA_BYTES);
	struct arena *small = arena_new(2);

	assert_non_null(arena);
	assert_non_null(small);
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct source source = cases[i].source;
		struct http_request req = request_of(cases[i].variables);
		enum cf_status rc =
			request_read_body(&req, MAX_BODY, arena, read_source,
					  &source, NULL);

		assert_int_equal(rc, cases[i].rc);
		assert_int_equal(req.is_body_read, rc == CF_OK);
		if (!rc)
			assert_true(str_eq(req.body, cases[i].source.text));
		assert_true(source.n_asked <= cases[i].n_asked_max);
		arena_reset(arena);
		/* without room in the arena */
		source.n_asked = 0;
		if (rc || !req.n_body_bytes)
			continue;
		assert_int_equal(request_read_body(&req, MAX_BODY, small,
						   read_source, &source, NULL),
				 CF_NOMEM);
		assert_int_equal(source.n_asked, 0);
	}
	arena_free(arena);
	arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_variables_a_request_is_empty),
		cmocka_unit_test(methods_and_types_are_known_or_other),
		cmocka_unit_test(slashes_are_cut_off_paths_and_prefixes),
		cmocka_unit_test(values_have_a_limit),
		cmocka_unit_test(what_a_browser_prefers_has_a_limit),
		cmocka_unit_test(control_bytes_are_kept_out_of_headers),
		cmocka_unit_test(a_variable_with_two_values_is_ambiguous),
		cmocka_unit_test(only_variables_that_are_read_are_wanted),
		cmocka_unit_test(a_body_is_read_whole_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
