/*
 * http.c: finding the route, methods, CORS, limits for all, the log, and
 * that a request leaves nothing behind.
 */
#include "base/base.h"
#include "http/context.h"
#include "tests/support/http_client.h"

#include <malloc.h>
#include <setjmp.h>

#include <cmocka.h>

static struct client client;

static void ask(const char *method, const char *path)
{
	client_ask(&client, &(struct client_request){.method = method,
						     .path = path});
}

static void allow_origin(const char *list)
{
	(void)snprintf(client.settings.allow_origin,
		       sizeof(client.settings.allow_origin), "%s", list);
}

static ptrdiff_t no_body(void *ctx, char *ptr, size_t n)
{
	(void)ctx;
	(void)ptr;
	(void)n;
	return 0;
}

static void an_unknown_path_is_404(void **state)
{
	static const char *const paths[] = {
		NULL,
		"",
		"/",
		"/nothing",
		"/verification",
		"/image/../../../etc/passwd",
		"/image/short.png",
		"/demo/",
		"/verification/get\n",
	};
	static const char *const methods[] = {"GET", "POST", "HEAD", "OPTIONS",
					      "BREW"};

	(void)state;
	allow_origin("*");
	for (size_t i = 0; i < CF_ARRAY_LEN(paths); i++) {
		for (size_t j = 0; j < CF_ARRAY_LEN(methods); j++) {
			ask(methods[j], paths[i]);
			assert_int_equal(client.res.status, 404);
		}
	}
	ask("GET", "/nothing");
	assert_true(client_body_is(
		&client, "{\"type\":\"about:blank\",\"title\":\"Not Found\","
			 "\"status\":404,\"detail\":\"There is nothing at this "
			 "address.\"}"));
	assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
}

/* Serve as loop.c does: the body has arrived, and its length is known. */
static int status_of(const char *method, const char *path, const char *length,
		     int64_t n_body_bytes, const char *fault)
{
	char texts[3][100];
	char *envp[] = {texts[0], texts[1], texts[2], NULL};
	const struct http_input input = {envp, no_body, NULL, n_body_bytes,
					 fault};
	struct http_response res;

	(void)snprintf(texts[0], sizeof(texts[0]), "REQUEST_METHOD=%s", method);
	(void)snprintf(texts[1], sizeof(texts[1]), "PATH_INFO=%s", path);
	(void)snprintf(texts[2], sizeof(texts[2]), "CONTENT_LENGTH=%s", length);
	if (!client.http)
		ask("GET", "/nothing"); /* which opens it */
	http_serve(client.http, &input, &res);
	return res.status;
}

static void a_wrong_length_is_400_on_every_route(void **state)
{
	static const char *const paths[] = {"/verification/get", "/demo", IMAGE,
					    "/healthz", "/nothing"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(paths); i++) {
		assert_int_equal(status_of("GET", paths[i], "5", 4, NULL), 400);
		assert_int_equal(status_of("GET", paths[i], "5", 6, NULL), 400);
		assert_int_equal(status_of("GET", paths[i], "x", 0, NULL), 400);
		assert_int_equal(status_of("GET", paths[i], "", 1, NULL), 400);
		assert_int_equal(status_of("GET", paths[i], "999999", 0, NULL),
				 413);
		assert_true(status_of("GET", paths[i], "5", 5, NULL) != 400);
		/* the length of a body that has not ended is not known */
		assert_true(status_of("GET", paths[i], "5", -1, NULL) != 400);
	}
	assert_int_equal(fake_challenge_n_calls(&client.challenge),
			 2 * 4); /* the lengths that were right */
}

static void a_fault_of_the_protocol_is_400(void **state)
{
	(void)state;
	assert_int_equal(status_of("GET", "/verification/get", "", 0,
				   "Something is wrong."), 400);
	assert_int_equal(status_of("GET", "/nothing", "", 0,
				   "Something is wrong."), 400);
	assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
}

static void a_path_needs_no_slash_in_front(void **state)
{
	(void)state;
	ask("GET", "healthz");
	assert_int_equal(client.res.status, 200);
	ask("GET", "verification/get");
	assert_int_equal(client.res.status, 200);
}

static void a_path_too_long_is_404(void **state)
{
	static char path[REQUEST_PATH_MAX_BYTES * 2];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	ask("GET", path);
	assert_int_equal(client.res.status, 404);
}

static void a_wrong_method_is_405_with_allow(void **state)
{
	static const struct {
		const char *method;
		const char *path;
		const char *allow;
	} cases[] = {
		{"POST", "/verification/get", "GET"},
		{"HEAD", "/verification/get", "GET"},
		{"OPTIONS", "/verification/get", "GET"},
		{"BREW", "/verification/get", "GET"},
		{"get", "/verification/get", "GET"},
		{"", "/verification/get", "GET"},
		{"GET", "/verification/check", "POST"},
		{"HEAD", "/verification/check", "POST"},
		{"PUT", "/verification/check", "POST"},
		{"POST", IMAGE, "GET, HEAD"},
		{"DELETE", IMAGE, "GET, HEAD"},
		{"PUT", "/demo", "GET, HEAD, POST"},
		{"OPTIONS", "/demo", "GET, HEAD, POST"},
		{"POST", "/healthz", "GET, HEAD"},
		{"TRACE", "/healthz", "GET, HEAD"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		client_ask(&client, &(struct client_request){
					    .method = cases[i].method,
					    .path = cases[i].path,
					    .type = FORM,
					    .body = GOOD,
				    });
		assert_int_equal(client.res.status, 405);
		assert_string_equal(client_header(&client, "Allow"),
				    cases[i].allow);
		assert_int_equal(client.n_reads, 0);
		assert_false(client.res.body_was_read);
		assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
	}
}

static void a_query_too_long_is_400_everywhere(void **state)
{
	static const char *const paths[] = {"/verification/get", IMAGE, "/demo",
					    "/healthz"};
	static char query[2048];

	(void)state;
	memset(query, 'a', sizeof(query));
	for (size_t i = 0; i < CF_ARRAY_LEN(paths); i++) {
		query[1025] = '\0';
		client_ask(&client, &(struct client_request){.method = "GET",
							     .path = paths[i],
							     .query = query});
		assert_int_equal(client.res.status, 400);
		assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
	}
	for (size_t n = 0; n < 1024; n++)
		query[n] = '&';
	query[1024] = '\0';
	client_ask(&client,
		   &(struct client_request){.method = "GET",
					    .path = "/verification/get",
					    .query = query});
	assert_int_equal(client.res.status, 200);
}

static void a_query_too_long_on_check_has_its_shape(void **state)
{
	static char query[2048];

	(void)state;
	memset(query, 'a', sizeof(query) - 1);
	client_ask(&client,
		   &(struct client_request){.method = "POST",
					    .path = "/verification/check",
					    .query = query,
					    .type = FORM,
					    .body = GOOD});
	assert_int_equal(client.res.status, 400);
	assert_true(client_body_has(&client,
				    "\"error-codes\":[\"bad-request\"]"));
	assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
}

static void demo_can_be_off(void **state)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT"};

	(void)state;
	client.settings.demo = 0;
	for (size_t i = 0; i < CF_ARRAY_LEN(methods); i++) {
		ask(methods[i], "/demo");
		assert_int_equal(client.res.status, 404);
	}
	assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
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
		{"  http://b.example   http://a.example  ",
		 "http://a.example", "http://a.example"},
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
		{"*", "http://a\r\nX-Evil: 1", ""},
		{"http://a.example", "null", ""},
	};
	static const char *const paths[] = {"/verification/get", IMAGE,
					    "/demo", "/healthz"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		for (size_t j = 0; j < CF_ARRAY_LEN(paths); j++) {
			const char *allowed = j < 2 ? cases[i].allowed : "";

			allow_origin(cases[i].list);
			client_ask(&client, &(struct client_request){
						    .method = "GET",
						    .path = paths[j],
						    .origin = cases[i].origin,
					    });
			assert_int_equal(client.res.status, 200);
			assert_string_equal(
				client_header(&client,
					      "Access-Control-Allow-Origin"),
				allowed);
			assert_string_equal(client_header(&client, "Vary"),
					    allowed[0] ? "Origin" : "");
		}
	}
}

static void a_listed_origin_can_read_failures(void **state)
{
	(void)state;
	allow_origin("http://a.example");
	client_ask(&client, &(struct client_request){
				    .method = "POST",
				    .path = "/verification/check",
				    .origin = "http://a.example",
				    .type = "text/plain",
				    .body = "x",
			    });
	assert_int_equal(client.res.status, 415);
	assert_string_equal(client_header(&client,
					  "Access-Control-Allow-Origin"),
			    "http://a.example");
}

static void a_listed_origin_gets_a_preflight_answer(void **state)
{
	static const struct {
		const char *path;
		const char *methods;
	} cases[] = {
		{"/verification/get", "GET"},
		{"/verification/check", "POST"},
		{IMAGE, "GET, HEAD"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct client_request req = {.method = "OPTIONS",
					     .path = cases[i].path,
					     .origin = "http://a.example"};

		allow_origin("http://a.example");
		client_ask(&client, &req);
		assert_int_equal(client.res.status, 204);
		assert_int_equal(client.res.body.len, 0);
		assert_string_equal(
			client_header(&client, "Access-Control-Allow-Origin"),
			"http://a.example");
		assert_string_equal(
			client_header(&client, "Access-Control-Allow-Methods"),
			cases[i].methods);
		assert_string_equal(
			client_header(&client, "Access-Control-Allow-Headers"),
			"Content-Type");
		assert_string_equal(
			client_header(&client, "Access-Control-Max-Age"),
			"600");
		assert_string_equal(client_header(&client, "Vary"), "Origin");
		assert_string_equal(client_header(&client, "Content-Length"),
				    "");
		req.origin = "http://b.example";
		client_ask(&client, &req);
		assert_int_equal(client.res.status, 405);
	}
	assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
}

static void pages_of_unlisted_sites_are_refused(void **state)
{
	static const struct {
		const char *method, *path, *site, *mode, *dest, *origin;
		int status;
	} cases[] = {
#define GET   "/verification/get"
#define CHECK "/verification/check"
#define EVIL  "https://evil.example"
#define LIST  "https://a.example"
		{"GET", GET, "cross-site", "no-cors", "image", NULL, 403},
		{"GET", GET, "cross-site", "cors", "empty", EVIL, 403},
		{"GET", GET, "cross-site", "navigate", "iframe", NULL, 403},
		{"GET", GET, "cross-site", NULL, NULL, NULL, 403},
		/* in a window that a script opened, or in advance */
		{"GET", "/demo", "cross-site", "navigate", "document", NULL,
		 403},
		{"GET", GET, "cross-site", "navigate", "document", NULL, 403},
		{"GET", "/demo", "cross-site", "no-cors", "image", NULL, 403},
		{"HEAD", "/demo", "cross-site", "no-cors", "empty", NULL, 403},
		{"POST", "/demo", "cross-site", "navigate", "document", EVIL,
		 403},
		{"POST", "/demo", "cross-site", "navigate", "document", "null",
		 403},
		{"POST", CHECK, "cross-site", "no-cors", "empty", EVIL, 403},
		{"POST", CHECK, "cross-site", "navigate", "document", EVIL,
		 403},
		{"POST", CHECK, "cross-site", "no-cors", "empty", NULL, 403},
		/* sites in allow_origin */
		{"GET", GET, "cross-site", "cors", "empty", LIST, 200},
		{"POST", CHECK, "cross-site", "cors", "empty", LIST, 200},
		{"POST", "/demo", "cross-site", "navigate", "document", LIST,
		 200},
		/* all that is the site's own */
		{"GET", GET, "same-origin", "cors", "empty", NULL, 200},
		{"GET", GET, "same-site", "no-cors", "image", NULL, 200},
		{"GET", GET, "none", "navigate", "document", NULL, 200},
		{"POST", "/demo", "same-origin", "navigate", "document", EVIL,
		 200},
		{"POST", CHECK, "same-site", "cors", "empty", EVIL, 200},
		/* browsers without Fetch Metadata */
		{"GET", GET, NULL, NULL, NULL, EVIL, 200},
		{"GET", GET, "", "no-cors", "image", NULL, 200},
		{"POST", CHECK, NULL, NULL, NULL, EVIL, 200},
		/* routes without a limit */
		{"GET", IMAGE, "cross-site", "no-cors", "image", NULL, 200},
		{"GET", "/healthz", "cross-site", "cors", "empty", EVIL, 200},
#undef GET
#undef CHECK
#undef EVIL
#undef LIST
	};

	(void)state;
	allow_origin("https://a.example https://b.example");
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		bool is_post = !strcmp(cases[i].method, "POST");

		client.challenge = (struct challenge){.status = CF_OK};
		client_ask(&client, &(struct client_request){
					    .method = cases[i].method,
					    .path = cases[i].path,
					    .fetch_site = cases[i].site,
					    .fetch_mode = cases[i].mode,
					    .fetch_dest = cases[i].dest,
					    .origin = cases[i].origin,
					    .type = is_post ? FORM : NULL,
					    .body = is_post ? GOOD : NULL,
				    });
		assert_int_equal(client.res.status, cases[i].status);
		if (client.res.status == 200)
			continue;
		assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
		assert_int_equal(client.n_reads, 0);
		assert_string_equal(client_header(&client, "Access-Control-"
							   "Allow-Origin"),
				    "");
	}
}

static int follow_link(const char *path, const char *user)
{
	client_ask(&client, &(struct client_request){
				    .method = "GET",
				    .path = path,
				    .fetch_site = "cross-site",
				    .fetch_mode = "navigate",
				    .fetch_dest = "document",
				    .fetch_user = user,
			    });
	return client.res.status;
}

static void a_link_to_the_demo_page_has_to_be_followed(void **state)
{
	(void)state;
	assert_int_equal(follow_link("/demo", "?1"), 200);
	/* by a script in a window that it opened, or in advance */
	assert_int_equal(follow_link("/demo", NULL), 403);
	assert_int_equal(follow_link("/demo", "?0"), 403);
	/* which no link leads to */
	assert_int_equal(follow_link("/verification/get", "?1"), 403);
}

/* The log */

static const char *log_of(const struct client_request *req)
{
	client_log_begin();
	client_ask(&client, req);
	return client_log_end();
}

static void a_request_is_a_line_at_info(void **state)
{
	const char *log;

	(void)state;
	client.log.level = LOG_LEVEL_INFO;
	log = log_of(&(struct client_request){.method = "GET", .path = IMAGE});
	assert_non_null(strstr(log, "level=info event=request method=GET "
				    "route=/image/<pid>.png status=200 "
				    "took_ms="));
	assert_null(strstr(log, FAKE_PID));
	log = log_of(&(struct client_request){.method = "X\ny",
					      .path = "/a=b c"});
	assert_non_null(
		strstr(log, "method=other route=- status=404 took_ms="));
	assert_ptr_equal(strchr(log, '\n'), log + strlen(log) - 1);
}

static void a_check_logs_verdict_and_a_short_pid(void **state)
{
	struct client_request req = {.method = "POST",
				     .path = "/verification/check",
				     .type = FORM,
				     .body = GOOD};
	const char *log;

	(void)state;
	client.log.level = LOG_LEVEL_DEBUG;
	client.challenge.verdict = CHALLENGE_WRONG;
	log = log_of(&req);
	assert_non_null(strstr(log, " verdict=wrong pid=0Ab3Ef\n"));
	assert_null(strstr(log, "K7XQ"));
	req.body = "pid=K7XQ=1&code=K7XQ";
	log = log_of(&req);
	assert_non_null(strstr(log, " verdict=wrong pid=-\n"));
	assert_null(strstr(log, "K7XQ"));
	/* the next line has none of it */
	req.body = "";
	log = log_of(&req);
	assert_null(strstr(log, "verdict="));
}

static void nothing_is_logged_below_info(void **state)
{
	(void)state;
	client.log.level = LOG_LEVEL_WARN;
	assert_string_equal(log_of(&(struct client_request){.method = "GET",
							    .path = "/demo"}),
			    "");
	assert_string_equal(log_of(&(struct client_request){.method = "GET",
							    .path = "/x"}),
			    "");
}

static void the_reason_of_a_400_is_logged_at_debug(void **state)
{
	struct client_request req = {.method = "POST",
				     .path = "/verification/check",
				     .type = "application/json",
				     .body = "{\"code\":\"K7XQ\""};
	const char *log;

	(void)state;
	client.log.level = LOG_LEVEL_DEBUG;
	log = log_of(&req);
	assert_non_null(strstr(log, "level=debug event=request "
				    "status=bad-input"));
	assert_null(strstr(log, "K7XQ"));
}

/* Memory */

static void a_request_leaves_the_heap_as_it_found_it(void **state)
{
	static const struct client_request reqs[] = {
		{.method = "GET", .path = "/verification/get"},
		{.method = "GET", .path = "/verification/get",
		 .query = "img=url", .prefix = "/captcha"},
		{.method = "GET", .path = IMAGE},
		{.method = "POST", .path = "/verification/check", .type = FORM,
		 .body = GOOD},
		{.method = "POST", .path = "/verification/check",
		 .type = "application/json",
		 .body = "{\"pid\":\"p\",\"code\":\"c\",\"x\":[{\"y\":1}]}"},
		{.method = "POST", .path = "/verification/check",
		 .type = "application/json", .body = "{\"pid\":\"p\",\"pid\":"},
		{.method = "GET", .path = "/demo"},
		{.method = "GET", .path = "/healthz"},
		{.method = "GET", .path = "/nothing"},
	};
	size_t before = 0;

	(void)state;
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < CF_ARRAY_LEN(reqs); i++)
			client_ask(&client, &reqs[i]);
		if (round == 1)
			before = mallinfo2().uordblks;
	}
	/* a sanitizer's heap counts 0, and it looks for leaks itself */
	assert_int_equal(mallinfo2().uordblks, before);
}

static void a_failure_does_not_affect_the_next_request(void **state)
{
	(void)state;
	client.challenge.png_bytes = POOL_IMAGE_MAX_BYTES + 1;
	client_log_begin();
	ask("GET", "/verification/get");
	(void)client_log_end();
	assert_int_equal(client.res.status, 500);
	client.challenge.png_bytes = 0;
	ask("GET", "/verification/get");
	assert_int_equal(client.res.status, 200);
}

static void free_accepts_null(void **state)
{
	(void)state;
	http_free(NULL);
}

int main(void)
{
#define TEST(f) \
	cmocka_unit_test_prestate_setup_teardown(f, client_set_up, \
						 client_tear_down, &client)
	const struct CMUnitTest tests[] = {
		TEST(an_unknown_path_is_404),
		TEST(a_wrong_length_is_400_on_every_route),
		TEST(a_fault_of_the_protocol_is_400),
		TEST(a_path_needs_no_slash_in_front),
		TEST(a_path_too_long_is_404),
		TEST(a_wrong_method_is_405_with_allow),
		TEST(a_query_too_long_is_400_everywhere),
		TEST(a_query_too_long_on_check_has_its_shape),
		TEST(demo_can_be_off),
		TEST(a_listed_origin_gets_cors_headers),
		TEST(a_listed_origin_can_read_failures),
		TEST(a_listed_origin_gets_a_preflight_answer),
		TEST(pages_of_unlisted_sites_are_refused),
		TEST(a_link_to_the_demo_page_has_to_be_followed),
		TEST(a_request_is_a_line_at_info),
		TEST(a_check_logs_verdict_and_a_short_pid),
		TEST(nothing_is_logged_below_info),
		TEST(the_reason_of_a_400_is_logged_at_debug),
		TEST(a_request_leaves_the_heap_as_it_found_it),
		TEST(a_failure_does_not_affect_the_next_request),
		TEST(free_accepts_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
