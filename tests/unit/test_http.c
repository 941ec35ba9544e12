/*
 * http.c: finding the route, methods, CORS, limits for all, the log, and
 * that a request leaves nothing behind.
 */
#include "base/base.h"
#include "http/context.h"
#include "tests/support/check.h"
#include "tests/support/http_client.h"

#include <malloc.h>

#define CHECK  "POST /verification/check\nCONTENT_TYPE=" FORM
#define GET    "GET /verification/get"
#define VERIFY "verify " FAKE_PID " " FAKE_CODE " any"

static struct client client;

static ptrdiff_t no_body(void *ctx, char *ptr, size_t n)
{
	(void)ctx;
	(void)ptr;
	(void)n;
	return 0;
}

static void an_unknown_path_is_404(void **state)
{
#define PID "0Ab3EfGhIjKlMnO" /* and one more */
	static const char *const paths[] = {
		" /nothing",
		" /"
		"/demo",
		" /demo/",
		" /Demo",
		" /demox",
		" /verification",
		" /verification/",
		" /verification/get/",
		" /verification/../demo",
		" /verification%2fget",
		" /verification/get\r",
		" /image/<pid>.png",
		" /image/.png",
		" /image/" PID "p",
		" /image/" PID "p.PNG",
		" /image/" PID "p.png/",
		" /image/" PID "p0.png",
		" /image/" PID ".png",
		" /image/" PID "-.png",
		" /image/0Ab3EfGhIjKlMn\xc3\xbc.png",
		" /image/0Ab3EfGhI/KlMnOp.png",
		" /image/0Ab3EfGhIjKlM%00.png",
		" /image//" PID "p.png",
		" /image/../../../etc/passwd",
		" /image/../../etc/passwd.png",
		" /image/../../../x/abcd.png"};
	static const struct exchange others[] = {
		{"POST /nothing", NULL, 404},
		{"HEAD /nothing", NULL, 404, ""},
		{"OPTIONS /nothing\nHTTP_ORIGIN=http://a", NULL, 404},
		{"BREW /nothing", NULL, 404},
	};
	char request[REQUEST_PATH_MAX_BYTES * 2];
	struct exchange row = {request, NULL, 404,
			       "{\"type\":\"about:blank\",\"title\":\"Not "
			       "Found\",\"status\":404,\"detail\":\"There is "
			       "nothing at this address.\"}"};

	client_set(&client, allow_origin, "*");
	for (size_t i = 0; i < CF_ARRAY_LEN(paths); i++) {
		(void)snprintf(request, sizeof(request), "GET%s", paths[i]);
		client_run(&client, &row, 1);
	}
	client_run_all(&client, others);
	(void)snprintf(request, sizeof(request), "GET /%0*d",
		       REQUEST_PATH_MAX_BYTES, 0);
	client_run(&client, &row, 1);
}

/* As loop.c calls http_serve: the body has arrived, and its length is known. */
static int status_of(const char *path, const char *length, int64_t n_body_bytes,
		     const char *fault)
{
	char path_line[100], length_line[100];
	char *envp[] = {(char *)(uintptr_t) "REQUEST_METHOD=GET", path_line,
			length_line, NULL};
	const struct http_input input = {envp, no_body, NULL, n_body_bytes,
					 fault};
	struct http_response res;

	(void)snprintf(path_line, sizeof(path_line), "PATH_INFO=%s", path);
	(void)snprintf(length_line, sizeof(length_line), "CONTENT_LENGTH=%s",
		       length);
	http_serve(client.http, &input, &res);
	return res.status;
}

static void a_wrong_length_or_a_fault_is_400_on_every_route(void **state)
{
	static const char *const paths[] = {"/verification/get", "/demo", IMAGE,
					    "/healthz", "/nothing"};
	static const struct {
		const char *length;
		int64_t n_body_bytes; /* -1: not known, it has not ended */
		const char *fault;
		int status; /* 0: not 400 */
	} cases[] = {
		{"5", 4, NULL, 400},	{"5", 6, NULL, 400},
		{"x", 0, NULL, 400},	{"", 1, NULL, 400},
		{"16385", 0, NULL, 413}, {"", 0, "Something is wrong.", 400},
		{"16384", 0, NULL, 400}, {"5", 5, NULL, 0},
		{"5", -1, NULL, 0},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(paths); i++) {
		for (size_t j = 0; j < CF_ARRAY_LEN(cases); j++) {
			int status = status_of(paths[i], cases[j].length,
					       cases[j].n_body_bytes,
					       cases[j].fault);

			if (cases[j].status)
				assert_int_equal(status, cases[j].status);
			else
				assert_int_not_equal(status, 400);
			assert_int_equal(client.challenge.calls[0] != '\0',
					 !cases[j].status && i < 4);
			client.challenge.calls[0] = '\0';
		}
	}
}

static void a_path_needs_no_slash_in_front(void **state)
{
	static const struct exchange rows[] = {
		{"GET healthz", NULL, 200, NULL, "health"},
		{"GET verification/get", NULL, 200, NULL, "issue *"},
	};

	client_run_all(&client, rows);
}

static void a_wrong_method_is_405_with_allow(void **state)
{
#define ALLOW(methods) GOOD, 405, NULL, NULL, "Allow: " methods
	static const struct exchange rows[] = {
		{"POST /verification/get", ALLOW("GET")},
		{"HEAD /verification/get", ALLOW("GET")},
		{"OPTIONS /verification/get", ALLOW("GET")},
		{"BREW /verification/get", ALLOW("GET")},
		{"get /verification/get", ALLOW("GET")},
		{" /verification/get", ALLOW("GET")},
		{"GET /verification/check", ALLOW("POST")},
		{"HEAD /verification/check", ALLOW("POST")},
		{"PUT /verification/check", ALLOW("POST")},
		{"POST " IMAGE, ALLOW("GET, HEAD")},
		{"DELETE " IMAGE, ALLOW("GET, HEAD")},
		{"PUT /demo", ALLOW("GET, HEAD, POST")},
		{"OPTIONS /demo", ALLOW("GET, HEAD, POST")},
		{"POST /healthz", ALLOW("GET, HEAD")},
		{"TRACE /healthz", ALLOW("GET, HEAD")},
		{"POST /metrics", ALLOW("GET, HEAD")},
	};

	client_run_all(&client, rows);
	assert_false(client.res.body_was_read);
}

static void a_query_too_long_is_400_everywhere(void **state)
{
	static const char *const requests[] = {GET, "GET " IMAGE, "GET /demo",
					       "GET /healthz",
					       "POST /verification/check"};
	static char text[2048];
	struct exchange row = {text, NULL, 400};

	for (size_t i = 0; i < CF_ARRAY_LEN(requests); i++) {
		row.answer = i < 4 ? "*is too long.\"}"
				   : "*is too long.\",\"success\":false,"
				     "\"error-codes\":[\"bad-request\"]}";
		(void)snprintf(text, sizeof(text), "%s?%0*d", requests[i],
			       REQUEST_QUERY_MAX_BYTES + 1, 0);
		client_run(&client, &row, 1);
	}
	memset(text, '&', sizeof(text));
	memcpy(text, GET "?", strlen(GET "?"));
	text[strlen(GET "?") + REQUEST_QUERY_MAX_BYTES] = '\0';
	row = (struct exchange){text, NULL, 200, NULL, "issue *"};
	client_run(&client, &row, 1);
}

static void demo_can_be_off(void **state)
{
	static const struct exchange rows[] = {
		{"GET /demo", NULL, 404},
		{"HEAD /demo", NULL, 404},
		{"POST /demo", NULL, 404},
		{"PUT /demo", NULL, 404},
	};

	client.settings.demo = 0;
	client_run_all(&client, rows);
}

/* CORS */

static void a_listed_origin_gets_cors_headers(void **state)
{
	static const struct {
		const char *list;
		const char *origin;
		const char *allowed;
	} cases[] = {
		{"", "http://a.example", ""},
		{"http://a.example", NULL, ""},
		{"http://a.example", "", ""},
		{"http://a.example", "http://a.example", "http://a.example"},
		{"http://b.example http://a.example", "http://a.example",
		 "http://a.example"},
		{"  http://b.example   http://a.example  ", "http://a.example",
		 "http://a.example"},
		{"http://a.example", "http://a.example.evil", ""},
		{"http://a.example", "http://a.exampl", ""},
		{"http://a.example", "https://a.example", ""},
		{"http://a.example", "http://A.example", ""},
		{"http://a.example http://b.example",
		 "http://a.example http://b.example", ""},
		{"*", "http://a.example", "*"},
		{"*", NULL, ""},
		{"http://a.example *", "http://a.example", "http://a.example"},
		{"http://a.example *", "http://b.example", "*"},
		{"*", "http://a\rX-Evil: 1", ""},
		{"http://a.example", "null", ""},
	};
	static const char *const requests[] = {GET, "GET " IMAGE, "GET /demo",
					       "GET /healthz"};

	for (size_t i = 0; i < 4 * CF_ARRAY_LEN(cases); i++) {
		const char *allowed = i % 4 < 2 ? cases[i / 4].allowed : "";
		const char *origin = cases[i / 4].origin;
		char request[128], header[128];
		struct exchange row = {request, NULL, 200, NULL, "*", header};

		client_set(&client, allow_origin, cases[i / 4].list);
		(void)snprintf(request, sizeof(request), "%s%s%s",
			       requests[i % 4], origin ? "\nHTTP_ORIGIN=" : "",
			       origin ? origin : "");
		(void)snprintf(header, sizeof(header),
			       "Access-Control-Allow-Origin: %s\nVary: %s",
			       allowed, allowed[0] ? "Origin" : "");
		client_run(&client, &row, 1);
	}
}

static void a_listed_origin_gets_a_preflight_answer(void **state)
{
#define FROM(site) "\nHTTP_ORIGIN=http://" site ".example"
#define PREFLIGHT(methods)                                        \
	NULL, 204, "", NULL,                                      \
		"Access-Control-Allow-Origin: http://a.example\n" \
		"Access-Control-Allow-Methods: " methods "\n"     \
		"Access-Control-Allow-Headers: Content-Type\n"    \
		"Access-Control-Max-Age: 600\n"                   \
		"Vary: Origin\nContent-Length: "
	static const struct exchange rows[] = {
		{"OPTIONS /verification/get" FROM("a"), PREFLIGHT("GET")},
		{"OPTIONS /verification/check" FROM("a"), PREFLIGHT("POST")},
		{"OPTIONS " IMAGE FROM("a"), PREFLIGHT("GET, HEAD")},
		{"OPTIONS /verification/get" FROM("b"), NULL, 405},
		/* which can read failures, too */
		{"POST /verification/check" FROM("a"), "x", 415, NULL, NULL,
		 "Access-Control-Allow-Origin: http://a.example"},
	};

	client_set(&client, allow_origin, "http://a.example");
	client_run_all(&client, rows);
}

static void pages_of_unlisted_sites_are_refused(void **state)
{
#define CROSS(mode, dest)                                             \
	"\nHTTP_SEC_FETCH_SITE=cross-site\nHTTP_SEC_FETCH_MODE=" mode \
	"\nHTTP_SEC_FETCH_DEST=" dest
#define SITE(site) "\nHTTP_SEC_FETCH_SITE=" site
#define USER(user) "\nHTTP_SEC_FETCH_USER=" user
#define PAGE	   "POST /demo\nCONTENT_TYPE=" FORM
#define EVIL	   "\nHTTP_ORIGIN=https://evil.example"
#define LISTED	   "\nHTTP_ORIGIN=https://a.example"
#define REFUSED	   403, NULL, NULL, "Access-Control-Allow-Origin: "
#define SERVED	   200, NULL
	static const struct exchange rows[] = {
		{GET CROSS("no-cors", "image"), NULL, REFUSED},
		{GET CROSS("cors", "empty") EVIL, NULL, REFUSED},
		{GET CROSS("navigate", "iframe"), NULL, REFUSED},
		{GET SITE("cross-site"), NULL, REFUSED},
		{GET CROSS("navigate", "document"), NULL, REFUSED},
		{"GET /demo" CROSS("no-cors", "image"), NULL, REFUSED},
		{"HEAD /demo" CROSS("no-cors", "empty"), NULL, REFUSED},
		{PAGE CROSS("navigate", "document") EVIL, GOOD, REFUSED},
		{PAGE CROSS("navigate", "document") "\nHTTP_ORIGIN=null", GOOD,
		 REFUSED},
		{CHECK CROSS("no-cors", "empty") EVIL, GOOD, REFUSED},
		{CHECK CROSS("navigate", "document") EVIL, GOOD, REFUSED},
		{CHECK CROSS("no-cors", "empty"), GOOD, REFUSED},
		/* a link to the demo page, which the visitor has followed */
		{"GET /demo" CROSS("navigate", "document") USER("?1"), NULL,
		 SERVED, "issue *"},
		/* by a script, in a window that a script opened, or in
		 * advance */
		{"GET /demo" CROSS("navigate", "document"), NULL, REFUSED},
		{"GET /demo" CROSS("navigate", "document") USER("?0"), NULL,
		 REFUSED},
		{PAGE CROSS("navigate", "document") USER("?1"), GOOD, REFUSED},
		/* routes that no site links to */
		{GET CROSS("navigate", "document") USER("?1"), NULL, REFUSED},
		/* sites in allow_origin */
		{GET CROSS("cors", "empty") LISTED, NULL, SERVED, "issue *"},
		{CHECK CROSS("cors", "empty") LISTED, GOOD, SERVED, VERIFY},
		{PAGE CROSS("navigate", "document") LISTED, GOOD, SERVED,
		 VERIFY ", issue *"},
		/* the site's own pages */
		{GET SITE("same-origin"), NULL, SERVED, "issue *"},
		{GET SITE("same-site"), NULL, SERVED, "issue *"},
		{GET SITE("none"), NULL, SERVED, "issue *"},
		{PAGE SITE("same-origin") EVIL, GOOD, SERVED, VERIFY ", *"},
		{CHECK SITE("same-site") EVIL, GOOD, SERVED, VERIFY},
		/* browsers without Fetch Metadata */
		{GET EVIL, NULL, SERVED, "issue *"},
		{GET SITE(""), NULL, SERVED, "issue *"},
		{CHECK EVIL, GOOD, SERVED, VERIFY},
		/* routes without a limit */
		{"GET " IMAGE CROSS("no-cors", "image"), NULL, SERVED, "*"},
		{"GET /healthz" CROSS("cors", "empty") EVIL, NULL, SERVED, "*"},
	};

	client_set(&client, allow_origin,
		   "https://a.example https://b.example");
	client_run_all(&client, rows);
}

/* The log */

static void a_request_is_a_line_at_info(void **state)
{
#define LOGS(x) NULL, "ts=* level=info event=request " x "\n"
#define MISSES	.fake.verdict = CHALLENGE_WRONG
	static const struct exchange rows[] = {
		{"GET " IMAGE, NULL, 200, NULL, "*",
		 LOGS("method=GET route=/image/<pid>.png status=200 "
		      "took_ms=*")},
		{"X\ry /a=b c", NULL, 404, NULL, NULL,
		 LOGS("method=other route=- status=404 took_ms=*")},
		{CHECK, GOOD, 200, NULL, "*",
		 LOGS("* verdict=wrong pid=0Ab3Ef"), MISSES},
		{CHECK, "pid=K7XQ=1&code=K7XQ", 200, NULL, "*",
		 LOGS("* verdict=wrong pid=-"), MISSES},
	};
	/* nothing is left of the last check */
	static const struct exchange no_verdict = {
		CHECK, "", 200, NULL, NULL, LOGS("*status=200 took_ms=*")};

	client.log.level = LOG_LEVEL_INFO;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		client_run(&client, &rows[i], 1);
		assert_null(strstr(client.logged, FAKE_PID));
		assert_null(strstr(client.logged, FAKE_CODE));
		assert_ptr_equal(strchr(client.logged, '\n'),
				 strrchr(client.logged, '\n'));
	}
	client_run(&client, &no_verdict, 1);
	assert_null(strstr(client.logged, "verdict="));
}

static void a_refusal_is_logged_only_at_debug(void **state)
{
	static const struct exchange at_debug = {
		"POST /verification/check\nCONTENT_TYPE=" JSON,
		"{\"code\":\"K7XQ\"",
		400,
		NULL,
		NULL,
		NULL,
		"*level=debug event=request status=bad-input *"};
	static const struct exchange at_warn[] = {
		{"GET /demo", NULL, 200, NULL, "*", NULL, ""},
		{"GET /x", NULL, 404, NULL, NULL, NULL, ""},
		{CHECK, "%", 400, NULL, NULL, NULL, ""},
	};

	client.log.level = LOG_LEVEL_DEBUG;
	client_run(&client, &at_debug, 1);
	assert_null(strstr(client.logged, FAKE_CODE));
	client.log.level = LOG_LEVEL_WARN;
	client_run_all(&client, at_warn);
}

/* Memory */

static void a_request_leaves_the_heap_as_it_found_it(void **state)
{
#define IN_JSON "POST /verification/check\nCONTENT_TYPE=" JSON
	static const struct exchange rows[] = {
		{GET, NULL, 200, NULL, "*"},
		{GET "?img=url\nSCRIPT_NAME=/captcha", NULL, 200, NULL, "*"},
		{"GET " IMAGE, NULL, 200, NULL, "*"},
		{CHECK, GOOD, 200, NULL, "*"},
		{IN_JSON, "{\"pid\":\"p\",\"code\":\"c\",\"x\":[{\"y\":1}]}",
		 200, NULL, "*"},
		{IN_JSON, "{\"pid\":\"p\",\"pid\":", 400},
		{"GET /demo", NULL, 200, NULL, "*"},
		{"GET /healthz", NULL, 200, NULL, "*"},
		{"GET /nothing", NULL, 404},
	};
	size_t before = 0;

	for (int round = 0; round < 50; round++) {
		client_run_all(&client, rows);
		if (round == 1)
			before = mallinfo2().uordblks;
	}
	/* a sanitizer's heap counts 0, and it looks for leaks itself */
	assert_int_equal(mallinfo2().uordblks, before);
}

static void a_failure_does_not_affect_the_next_request(void **state)
{
	static const struct exchange rows[] = {
		{GET, NULL, 500, NULL, "issue *",
		 .fake.png_bytes = 2 * POOL_IMAGE_MAX_BYTES + 1},
		{GET, NULL, 200, NULL, "issue *"},
	};

	client_run_all(&client, rows);
	http_free(NULL);
}

int main(void)
{
#define TEST(f)                                                    \
	cmocka_unit_test_prestate_setup_teardown(f, client_set_up, \
						 client_tear_down, &client)
	const struct CMUnitTest tests[] = {
		TEST(an_unknown_path_is_404),
		TEST(a_wrong_length_or_a_fault_is_400_on_every_route),
		TEST(a_path_needs_no_slash_in_front),
		TEST(a_wrong_method_is_405_with_allow),
		TEST(a_query_too_long_is_400_everywhere),
		TEST(demo_can_be_off),
		TEST(a_listed_origin_gets_cors_headers),
		TEST(a_listed_origin_gets_a_preflight_answer),
		TEST(pages_of_unlisted_sites_are_refused),
		TEST(a_request_is_a_line_at_info),
		TEST(a_refusal_is_logged_only_at_debug),
		TEST(a_request_leaves_the_heap_as_it_found_it),
		TEST(a_failure_does_not_affect_the_next_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
