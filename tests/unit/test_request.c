/*
 * request.c: CGI variables and a body, with limits.
 */
#include "base/base.h"
#include "http/request.h"

#include <setjmp.h>

#include <cmocka.h>

enum { ARENA_BYTES = 4096, MAX_BODY = 1000 };

static void init(struct http_request *req, const char *variable)
{
	char *envp[] = {(char *)(uintptr_t)"SERVER_NAME=x",
			(char *)(uintptr_t)variable, NULL};

	request_init(req, envp);
}

static void nothing_set_is_an_empty_request(void **state)
{
	struct http_request req;
	char *envp[] = {NULL};

	(void)state;
	request_init(&req, envp);
	assert_int_equal(req.method, REQUEST_OTHER);
	assert_int_equal(req.path.len, 0);
	assert_int_equal(req.query.len, 0);
	assert_int_equal(req.type, REQUEST_TYPE_NONE);
	assert_int_equal(req.n_body_bytes, 0);
	assert_true(req.is_body_read);
	assert_false(req.is_prefix_bad);
}

static void method_is_known_or_other(void **state)
{
	static const struct {
		const char *variable;
		enum request_method method;
		const char *name;
	} cases[] = {
		{"REQUEST_METHOD=GET", REQUEST_GET, "GET"},
		{"REQUEST_METHOD=HEAD", REQUEST_HEAD, "HEAD"},
		{"REQUEST_METHOD=POST", REQUEST_POST, "POST"},
		{"REQUEST_METHOD=OPTIONS", REQUEST_OPTIONS, "OPTIONS"},
		{"REQUEST_METHOD=get", REQUEST_OTHER, "other"},
		{"REQUEST_METHOD=GETT", REQUEST_OTHER, "other"},
		{"REQUEST_METHOD=DELETE", REQUEST_OTHER, "other"},
		{"REQUEST_METHOD=", REQUEST_OTHER, "other"},
		{"REQUEST_METHODS=GET", REQUEST_OTHER, "other"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct http_request req;

		init(&req, cases[i].variable);
		assert_int_equal(req.method, cases[i].method);
		assert_string_equal(request_method_name(req.method),
				    cases[i].name);
	}
}

static void the_first_of_two_values_counts(void **state)
{
	struct http_request req;
	char *envp[] = {(char *)(uintptr_t)"PATH_INFO=/a",
			(char *)(uintptr_t)"PATH_INFO=/b", NULL};

	(void)state;
	request_init(&req, envp);
	assert_true(str_eq(req.path, "a"));
	assert_false(req.is_forwarded_twice);
}

static void a_repeated_proxy_header_is_noted(void **state)
{
	static const char *const names[] = {"HTTP_X_FORWARDED_FOR=a",
					    "HTTP_FORWARDED=for=a"};
	struct http_request req;
	char *envp[3] = {NULL};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++) {
		envp[0] = (char *)(uintptr_t)names[i];
		envp[1] = (char *)(uintptr_t)names[1 - i];
		request_init(&req, envp);
		assert_false(req.is_forwarded_twice);
		envp[1] = envp[0];
		request_init(&req, envp);
		assert_true(req.is_forwarded_twice);
	}
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
		{"SCRIPT_NAME=/", "", ""},
		{"SCRIPT_NAME=/captcha", "", "captcha"},
		{"SCRIPT_NAME=/captcha/", "", "captcha"},
		{"SCRIPT_NAME=//evil.example/", "", "evil.example"},
		{"SCRIPT_NAME=/a/b//", "", "a/b"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct http_request req;

		init(&req, cases[i].variable);
		assert_true(str_eq(req.path, cases[i].path));
		assert_true(str_eq(req.prefix, cases[i].prefix));
	}
}

/* "NAME=" and n times c, on the heap. */
static char *long_variable(const char *name, char c, size_t n)
{
	size_t n_name = strlen(name);
	char *text = malloc(n_name + 1 + n + 1);

	assert_non_null(text);
	memcpy(text, name, n_name);
	text[n_name] = '=';
	memset(text + n_name + 1, c, n);
	text[n_name + 1 + n] = '\0';
	return text;
}

static void values_at_their_limit_pass_and_beyond_it_do_not(void **state)
{
	for (size_t over = 0; over < 2; over++) {
		char *path = long_variable("PATH_INFO", 'a',
					   REQUEST_PATH_MAX_BYTES + over);
		char *prefix = long_variable("SCRIPT_NAME", 'b',
					     REQUEST_PREFIX_MAX_BYTES + over);
		char *origin = long_variable("HTTP_ORIGIN", 'c',
					     REQUEST_ORIGIN_MAX_BYTES + over);
		char *envp[] = {path, prefix, origin, NULL};
		struct http_request req;

		(void)state;
		request_init(&req, envp);
		assert_int_equal(req.path.len,
				 over ? 0 : REQUEST_PATH_MAX_BYTES);
		assert_int_equal(req.prefix.len,
				 over ? 0 : REQUEST_PREFIX_MAX_BYTES);
		assert_int_equal(req.is_prefix_bad, over);
		assert_int_equal(req.origin.len,
				 over ? 0 : REQUEST_ORIGIN_MAX_BYTES);
		free(path);
		free(prefix);
		free(origin);
	}
}

static void control_bytes_are_kept_out_of_headers(void **state)
{
	static const char *const bad[] = {"\r\nX: y", "\n", "\t", "\x7f",
					  "\x01"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++) {
		struct http_request req;
		char text[64];

		(void)snprintf(text, sizeof(text), "HTTP_ORIGIN=http://a%s",
			       bad[i]);
		init(&req, text);
		assert_int_equal(req.origin.len, 0);
		(void)snprintf(text, sizeof(text), "SCRIPT_NAME=/a%s", bad[i]);
		init(&req, text);
		assert_true(req.is_prefix_bad);
		assert_int_equal(req.prefix.len, 0);
	}
}

/* Two variables, "NAME=value", in one request. */
static struct http_request two(const char *first, const char *second)
{
	char texts[2][64];
	char *const envp[] = {texts[0], texts[1], NULL};
	struct http_request req;

	(void)snprintf(texts[0], sizeof(texts[0]), "%s", first);
	(void)snprintf(texts[1], sizeof(texts[1]), "%s", second);
	request_init(&req, envp);
	return req;
}

static void a_variable_with_two_values_is_ambiguous(void **state)
{
	(void)state;
	assert_false(two("SCRIPT_NAME=/a", "PATH_INFO=/b").is_ambiguous);
	/* fastcgi_params of nginx, and then the location's own line */
	assert_false(two("SCRIPT_NAME=/a", "SCRIPT_NAME=/a").is_ambiguous);
	assert_true(two("SCRIPT_NAME=/a", "SCRIPT_NAME=/c").is_ambiguous);
	assert_true(two("REMOTE_ADDR=10.0.0.11", "REMOTE_ADDR=10.0.0.1")
			    .is_ambiguous);
	/* proxies write these line by line */
	assert_false(two("HTTP_FORWARDED=for=a", "HTTP_FORWARDED=for=b")
			     .is_ambiguous);
	assert_true(two("HTTP_FORWARDED=for=a", "HTTP_FORWARDED=for=b")
			    .is_forwarded_twice);
	assert_false(two("HTTP_VIA=1.1 a", "HTTP_VIA=1.1 b").is_ambiguous);
}

static void only_variables_that_are_read_are_wanted(void **state)
{
	(void)state;
	assert_true(request_wants(STR_LIT("PATH_INFO")));
	assert_true(request_wants(STR_LIT("CONTENT_LENGTH")));
	assert_false(request_wants(STR_LIT("PATH_INF")));
	assert_false(request_wants(STR_LIT("PATH_INFO=")));
	assert_false(request_wants(STR_LIT("HTTP_COOKIE")));
	assert_false(request_wants(STR_LIT("")));
}

static void a_type_is_read_without_its_parameters(void **state)
{
	static const struct {
		const char *variable;
		enum request_type type;
	} cases[] = {
		{"CONTENT_TYPE=", REQUEST_TYPE_NONE},
		{"CONTENT_TYPE=application/json", REQUEST_TYPE_JSON},
		{"CONTENT_TYPE=Application/JSON; charset=UTF-8",
		 REQUEST_TYPE_JSON},
		{"CONTENT_TYPE=application/json \t;x", REQUEST_TYPE_JSON},
		{"CONTENT_TYPE=application/x-www-form-urlencoded",
		 REQUEST_TYPE_FORM},
		{"CONTENT_TYPE=application/x-www-form-urlencoded;charset=utf-8",
		 REQUEST_TYPE_FORM},
		{"CONTENT_TYPE=APPLICATION/X-WWW-FORM-URLENCODED",
		 REQUEST_TYPE_FORM},
		{"CONTENT_TYPE=application/jsonx", REQUEST_TYPE_OTHER},
		{"CONTENT_TYPE=application/json+x", REQUEST_TYPE_OTHER},
		{"CONTENT_TYPE=text/plain;application/json",
		 REQUEST_TYPE_OTHER},
		{"CONTENT_TYPE=multipart/form-data; boundary=x",
		 REQUEST_TYPE_MULTIPART},
		{"CONTENT_TYPE=Multipart/Form-Data", REQUEST_TYPE_MULTIPART},
		{"CONTENT_TYPE=multipart/mixed; boundary=x",
		 REQUEST_TYPE_OTHER},
		{"CONTENT_TYPE=;", REQUEST_TYPE_OTHER},
		{"CONTENT_TYPE= ", REQUEST_TYPE_OTHER},
	};
	char *text = long_variable("CONTENT_TYPE", ';', REQUEST_TYPE_MAX_BYTES);
	struct http_request req;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		init(&req, cases[i].variable);
		assert_int_equal(req.type, cases[i].type);
	}
	init(&req, "CONTENT_TYPE=multipart/form-data ; boundary=x");
	assert_true(str_eq(req.type_params, "; boundary=x"));
	init(&req, "CONTENT_TYPE=application/json");
	assert_int_equal(req.type_params.len, 0);
	memcpy(text + strlen("CONTENT_TYPE="), "application/json", 16);
	init(&req, text);
	assert_int_equal(req.type, REQUEST_TYPE_JSON);
	free(text);
	text = long_variable("CONTENT_TYPE", ';', REQUEST_TYPE_MAX_BYTES + 1);
	memcpy(text + strlen("CONTENT_TYPE="), "application/json", 16);
	init(&req, text);
	assert_int_equal(req.type, REQUEST_TYPE_OTHER);
	free(text);
}

static void a_length_is_checked(void **state)
{
	static const struct {
		const char *variable;
		int64_t n;
		enum cf_status rc;
	} cases[] = {
		{"CONTENT_LENGTH=", 0, CF_OK},
		{"CONTENT_LENGTH=0", 0, CF_OK},
		{"CONTENT_LENGTH=0012", 12, CF_OK},
		{"CONTENT_LENGTH=1000", MAX_BODY, CF_OK},
		{"CONTENT_LENGTH=1001", MAX_BODY + 1, CF_TOO_LARGE},
		{"CONTENT_LENGTH=-1", -1, CF_BAD_INPUT},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct http_request req;

		init(&req, cases[i].variable);
		assert_int_equal(req.n_body_bytes, cases[i].n);
		assert_int_equal(request_check_length(&req, MAX_BODY, NULL),
				 cases[i].rc);
	}
}

struct source {
	const char *text;
	size_t chunk;
	bool is_gone;
	size_t n_asked; /* the most there could have been read */
};

static ptrdiff_t read_source(void *ctx, char *ptr, size_t n)
{
	struct source *s = ctx;
	size_t len = strlen(s->text);

	s->n_asked += n < s->chunk ? n : s->chunk;
	if (n > s->chunk)
		n = s->chunk;
	if (n > len)
		n = len;
	if (!n)
		return s->is_gone ? -1 : 0;
	memcpy(ptr, s->text, n);
	s->text += n;
	return (ptrdiff_t)n;
}

static void body_must_be_as_long_as_it_says(void **state)
{
	static const struct {
		const char *variable;
		struct source source;
		enum cf_status rc;
	} cases[] = {
		{"CONTENT_LENGTH=5", {"abcde", 99, false, 0}, CF_OK},
		{"CONTENT_LENGTH=5", {"abcde", 1, false, 0}, CF_OK},
		{"CONTENT_LENGTH=5", {"abcde", 3, false, 0}, CF_OK},
		{"CONTENT_LENGTH=", {"", 9, false, 0}, CF_OK},
		{"CONTENT_LENGTH=5", {"abcd", 9, false, 0}, CF_BAD_INPUT},
		{"CONTENT_LENGTH=5", {"", 9, false, 0}, CF_BAD_INPUT},
		{"CONTENT_LENGTH=5", {"abcdef", 9, false, 0}, CF_BAD_INPUT},
		{"CONTENT_LENGTH=5", {"abcdefghijk", 1, false, 0},
		 CF_BAD_INPUT},
		{"CONTENT_LENGTH=0", {"a", 9, false, 0}, CF_BAD_INPUT},
		{"CONTENT_LENGTH=5", {"abc", 2, true, 0}, CF_GONE},
	};
	struct arena *arena = arena_new(ARENA_BYTES);

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct source source = cases[i].source;
		struct http_request req;

		init(&req, cases[i].variable);
		assert_int_equal(request_read_body(&req, arena, read_source,
						   &source, NULL),
				 cases[i].rc);
		assert_int_equal(req.is_body_read, cases[i].rc == CF_OK);
		if (!cases[i].rc)
			assert_true(str_eq(req.body, cases[i].source.text));
		assert_true(cases[i].source.chunk < 9 ||
			    source.n_asked <=
				    (size_t)req.n_body_bytes * 2 + 2);
		arena_reset(arena);
	}
	arena_free(arena);
}

static void body_without_room_is_no_memory(void **state)
{
	struct arena *arena = arena_new(16);
	struct source source = {"", 1, false, 0};
	struct http_request req;

	(void)state;
	assert_non_null(arena);
	init(&req, "CONTENT_LENGTH=500");
	assert_int_equal(request_read_body(&req, arena, read_source, &source,
					   NULL),
			 CF_NOMEM);
	assert_int_equal(source.n_asked, 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_set_is_an_empty_request),
		cmocka_unit_test(method_is_known_or_other),
		cmocka_unit_test(the_first_of_two_values_counts),
		cmocka_unit_test(a_repeated_proxy_header_is_noted),
		cmocka_unit_test(slashes_are_cut_off_paths_and_prefixes),
		cmocka_unit_test(
			values_at_their_limit_pass_and_beyond_it_do_not),
		cmocka_unit_test(control_bytes_are_kept_out_of_headers),
		cmocka_unit_test(a_variable_with_two_values_is_ambiguous),
		cmocka_unit_test(only_variables_that_are_read_are_wanted),
		cmocka_unit_test(a_type_is_read_without_its_parameters),
		cmocka_unit_test(a_length_is_checked),
		cmocka_unit_test(body_must_be_as_long_as_it_says),
		cmocka_unit_test(body_without_room_is_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
