/*
 * api_native.c, page_demo.c and ops.c: what each route answers, over a fake
 * challenge layer.
 */
#include "base/base.h"
#include "http/context.h"
#include "tests/support/fake_clk.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>

#include <cmocka.h>

#define JSON  "application/json"
/* of several parts */
#define PARTS	"multipart/form-data; boundary=B"
#define PART(x) "--B\r\nContent-Disposition: form-data; name=" x "\r\n"
#define GOOD_PARTS \
	PART("\"pid\"\r\n\r\np") PART("\"code\"\r\n\r\nc") "--B--\r\n"

enum { LONG_BYTES = 1024 * 1024 };

static struct client client;

static void get(const char *path, const char *query)
{
	client_ask(&client, &(struct client_request){
				    .method = "GET",
				    .path = path,
				    .query = query,
				    .prefix = "/captcha",
			    });
}

static void post(const char *path, const char *type, const char *body)
{
	client_ask(&client, &(struct client_request){
				    .method = "POST",
				    .path = path,
				    .type = type,
				    .body = body,
			    });
}

/* A challenge layer that goes wrong in this way; no calls yet. */
static void reset_challenge(enum cf_status status)
{
	client.challenge = (struct challenge){.status = status};
}

/* GET /verification/get */

static void get_gives_pid_and_picture(void **state)
{
	static const char *const queries[] = {NULL, "", "img=data", "x=1",
					      "x=1&img=data&x=2", "&", "img2"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(queries); i++) {
		reset_challenge(CF_OK);
		get("/verification/get", queries[i]);
		assert_int_equal(client.res.status, 200);
		assert_true(client_body_is(&client,
					   "{\"pid\":\"" FAKE_PID
					   "\",\"img\":\"data:"
					   "image/png;base64," FAKE_PNG_BASE64
					   "\",\"expires_in\":300}"));
		assert_string_equal(client_header(&client, "Content-Type"),
				    "application/json");
		assert_int_equal(client.challenge.n_issue, 1);
		assert_int_equal(fake_challenge_n_calls(&client.challenge), 1);
	}
}

static void get_can_give_an_address(void **state)
{
	static const struct {
		const char *public_url;
		const char *prefix;
		const char *img; /* before /image/ */
	} cases[] = {
		{"", NULL, ""},
		{"", "", ""},
		{"", "/", ""},
		{"", "/captcha", "/captcha"},
		{"", "/captcha/", "/captcha"},
		{"", "/cgi-bin/captcha.fcgi", "/cgi-bin/captcha.fcgi"},
		{"", "//evil.example", "/evil.example"},
		{"", "/a b/\"\\%?#\xc3\xbc", "/a%20b/%22%5C%25%3F%23%C3%BC"},
		{"https://x.example/c", "/captcha", "https://x.example/c"},
		{"https://x.example/c/", "/captcha", "https://x.example/c"},
		{"https://x.example/?p=%41\"#", "/\r\n",
		 "https://x.example/?p=%41%22#"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		char body[256];

		reset_challenge(CF_OK);
		(void)snprintf(client.settings.public_url,
			       sizeof(client.settings.public_url), "%s",
			       cases[i].public_url);
		client_ask(&client, &(struct client_request){
					    .method = "GET",
					    .path = "/verification/get",
					    .query = "img=url",
					    .prefix = cases[i].prefix,
				    });
		assert_int_equal(client.res.status, 200);
		(void)snprintf(body, sizeof(body),
			       "{\"pid\":\"%s\",\"img\":\"%s/image/%s.png\","
			       "\"expires_in\":300}",
			       FAKE_PID, cases[i].img, FAKE_PID);
		assert_true(client_body_is(&client, body));
		assert_false(client.challenge.had_png);
	}
}

static void get_uses_the_profile_of_the_query(void **state)
{
	static const struct {
		const char *query, *profile;
	} cases[] = {
		{NULL, ""}, {"img=url", ""}, {"profile=", ""},
		{"profile=login", FAKE_PROFILE},
		{"img=url&profile=%6Cogin", FAKE_PROFILE},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		reset_challenge(CF_OK);
		get("/verification/get", cases[i].query);
		assert_int_equal(client.res.status, 200);
		assert_string_equal(client.challenge.profile,
				    cases[i].profile);
		/* and so does what it says of it */
		assert_true(str_ends(client.res.body,
				     cases[i].profile[0]
					     ? "\"expires_in\":120}"
					     : "\"expires_in\":300}"));
	}
}

static void an_unknown_profile_is_400_without_its_name(void **state)
{
	static const char *const names[] = {"Login", "loginx", "log%00in",
					    "%ff", "<b>zz", "..%2Fzz"};

	(void)state;
	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(names); i++) {
		char query[64];

		reset_challenge(CF_OK);
		(void)snprintf(query, sizeof(query), "profile=%s",
			       names[i / 2]);
		get(i % 2 ? "/demo" : "/verification/get", query);
		assert_int_equal(client.res.status, 400);
		assert_string_equal(client_header(&client, "Content-Type"),
				    "application/problem+json");
		assert_true(client_body_has(&client, "no profile of this "
						     "name"));
		assert_false(client_body_has(&client, "zz"));
		assert_false(client_body_has(&client, "ogin"));
		assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
	}
}

static void get_refuses_a_bad_query(void **state)
{
	static const char *const queries[] = {
		"img",
		"img=",
		"img=jpeg",
		"img=URL",
		"img=url%00",
		"img=url&img=url",
		"img=url&%69mg=data",
		"profile=login&profile=login",
		"img=%",
		"img=%4",
		"img=%zz",
		"x=%",
		"a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q",
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(queries); i++) {
		get("/verification/get", queries[i]);
		assert_int_equal(client.res.status, 400);
		assert_false(client_body_has(&client, "error-codes"));
		assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
	}
}

static void get_with_a_bad_prefix_gives_no_address(void **state)
{
	(void)state;
	client_ask(&client, &(struct client_request){
				    .method = "GET",
				    .path = "/verification/get",
				    .query = "img=url",
				    .prefix = "/a\r\nX: y",
			    });
	assert_int_equal(client.res.status, 400);
	assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
}

static void get_maps_each_failure_to_a_status(void **state)
{
	static const struct {
		enum cf_status status;
		int http;
		const char *retry;
	} cases[] = {
		{CF_BUSY, 503, "1"},	 {CF_FULL, 503, "5"},
		{CF_IO, 503, "5"},	 {CF_NOMEM, 503, "5"},
		{CF_CORRUPT, 503, "5"},	 {CF_FONT, 503, "5"},
		{CF_BUG, 500, ""},	 {CF_EMPTY, 500, ""},
		/* of the inside, so not the client's fault */
		{CF_BAD_INPUT, 500, ""}, {CF_TOO_LARGE, 500, ""},
		{CF_NOT_FOUND, 500, ""},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		const char *log;

		reset_challenge(cases[i].status);
		client_log_begin();
		get("/verification/get", NULL);
		log = client_log_end();
		assert_int_equal(client.res.status, cases[i].http);
		assert_string_equal(client_header(&client, "Retry-After"),
				    cases[i].retry);
		assert_false(client_body_has(&client, FAKE_PID));
		assert_non_null(strstr(log, "level=error event=request "));
		assert_non_null(strstr(log, cf_status_name(cases[i].status)));
		assert_non_null(strstr(log, CLIENT_SECRET));
	}
}

/* How often part stands in text. */
static int n_of(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void repeated_failures_log_one_line_a_cause(void **state)
{
	static const char *const paths[] = {"/verification/get", "/demo",
					    IMAGE};
	const char *log;

	(void)state;
	client_log_begin();
	for (int i = 0; i < 300; i++) {
		reset_challenge(i % 2 ? CF_FULL : CF_BUSY);
		get(paths[i % 3], NULL);
		assert_int_equal(client.res.status, 503);
	}
	log = client_log_end();
	assert_int_equal(n_of(log, "\n"), 2);
	assert_int_equal(n_of(log, "level=error event=request status=busy "),
			 1);
	assert_int_equal(n_of(log,
			      "level=error event=request status=full errno=0 "),
			 1);
}

static void get_sends_the_largest_picture(void **state)
{
	(void)state;
	client.challenge.png_bytes = POOL_IMAGE_MAX_BYTES;
	get("/verification/get", NULL);
	assert_int_equal(client.res.status, 200);
	assert_true(client.res.body.len > POOL_IMAGE_MAX_BYTES / 3 * 4);
	assert_true(str_ends(client.res.body, "\",\"expires_in\":300}"));
}

/* GET /image/<pid>.png */

static void image_gives_the_picture(void **state)
{
	(void)state;
	get(IMAGE, NULL);
	assert_int_equal(client.res.status, 200);
	assert_string_equal(client_header(&client, "Content-Type"),
			    "image/png");
	assert_string_equal(client_header(&client, "X-Content-Type-Options"),
			    "nosniff");
	assert_int_equal(client.res.body.len, FAKE_PNG_BYTES);
	assert_memory_equal(client.res.body.ptr, FAKE_PNG, FAKE_PNG_BYTES);
	assert_string_equal(client.challenge.pid.text, FAKE_PID);
}

static void image_head_has_its_length(void **state)
{
	char length[16];

	(void)state;
	client_ask(&client, &(struct client_request){.method = "HEAD",
						     .path = IMAGE});
	assert_int_equal(client.res.status, 200);
	(void)snprintf(length, sizeof(length), "%d", FAKE_PNG_BYTES);
	assert_string_equal(client_header(&client, "Content-Length"), length);
}

static void image_that_is_gone_is_404(void **state)
{
	(void)state;
	reset_challenge(CF_NOT_FOUND);
	get(IMAGE, NULL);
	assert_int_equal(client.res.status, 404);
	client_log_begin();
	reset_challenge(CF_IO);
	get(IMAGE, NULL);
	assert_int_equal(client.res.status, 503);
	reset_challenge(CF_TOO_LARGE);
	get(IMAGE, NULL);
	assert_int_equal(client.res.status, 500);
	(void)client_log_end();
}

/* POST /verification/check */

static void check_tells_the_verdict(void **state)
{
	static const struct {
		enum challenge_verdict verdict;
		const char *body;
	} cases[] = {
		{CHALLENGE_PASS, "{\"success\":true}"},
		{CHALLENGE_WRONG,
		 "{\"success\":false,\"error-codes\":[\"wrong\"]}"},
		{CHALLENGE_UNKNOWN,
		 "{\"success\":false,\"error-codes\":[\"expired-or-used\"]}"},
		{CHALLENGE_EXPIRED,
		 "{\"success\":false,\"error-codes\":[\"expired-or-used\"]}"},
		{CHALLENGE_MALFORMED,
		 "{\"success\":false,\"error-codes\":[\"bad-request\"]}"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		client.challenge.verdict = cases[i].verdict;
		client.challenge.has_base_alone = true;
		post("/verification/check", FORM, GOOD);
		assert_int_equal(client.res.status, 200);
		assert_true(client_body_is(&client, cases[i].body));
		assert_true(client.res.body_was_read);
		assert_string_equal(client_header(&client, "Content-Type"),
				    JSON);
	}
}

/* The answer where one profile is asked for and the challenge is of another,
 * or of the same. */
static void check_uses_the_profile_of_the_body(void **state)
{
	static const struct {
		const char *type, *body;
		const char *wanted; /* NULL: any */
	} cases[] = {
		{FORM, GOOD, NULL},
		{FORM, GOOD "&Profile=login", NULL},
		{FORM, GOOD "&profile=login", "login"},
		{FORM, "profile=%6Cogin&" GOOD, "login"},
		{FORM, GOOD "&profile=default", ""},
		{FORM, GOOD "&profile=", ""},
		{FORM, GOOD "&profile", ""},
		{JSON, "{\"pid\":\"p\",\"code\":\"c\",\"profile\":\"login\"}",
		 "login"},
		{JSON, "{\"pid\":\"p\",\"code\":\"c\",\"profile\":\"\"}", ""},
	};

	(void)state;
	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(cases); i++) {
		const char *wanted = cases[i / 2].wanted;

		reset_challenge(CF_OK);
		post(i % 2 ? "/demo" : "/verification/check", cases[i / 2].type,
		     cases[i / 2].body);
		assert_int_equal(client.res.status, 200);
		assert_int_equal(client.challenge.n_verify, 1);
		if (!wanted)
			assert_null(client.challenge.wanted);
		else
			assert_string_equal(client.challenge.wanted, wanted);
	}
}

static void an_unknown_profile_uses_no_attempt(void **state)
{
	static const struct {
		const char *type, *body;
		bool is_told;
	} cases[] = {
		{FORM, GOOD "&profile=Login", true},
		{FORM, GOOD "&profile=loginx", true},
		{FORM, GOOD "&profile=log%00in", true},
		{FORM, GOOD "&profile=%3Cb%3Ezz", true},
		{JSON, "{\"pid\":\"p\",\"code\":\"c\",\"profile\":\"zz\"}",
		 true},
		{JSON, "{\"pid\":\"p\",\"code\":\"c\",\"profile\":null}",
		 false},
		{JSON, "{\"pid\":\"p\",\"code\":\"c\",\"profile\":[\"login\"]}",
		 false},
		{FORM, GOOD "&profile=login&profile=login", false},
	};

	(void)state;
	client.challenge.verdict = CHALLENGE_PASS;
	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(cases); i++) {
		post(i % 2 ? "/demo" : "/verification/check", cases[i / 2].type,
		     cases[i / 2].body);
		assert_int_equal(client.res.status, 400);
		assert_int_equal(client_body_has(&client, "no profile of this "
							  "name"),
				 cases[i / 2].is_told);
		assert_int_equal(client_body_has(&client, "\"error-codes\":"
							  "[\"bad-request\"]}"),
				 !(i % 2));
		assert_false(client_body_has(&client, "zz"));
		assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
	}
}

static void check_names_the_profile_if_there_are_several(void **state)
{
	static const struct {
		const char *body;
		bool has_base_alone, is_login, of_none;
		enum challenge_verdict verdict;
		const char *answer;
	} cases[] = {
#define PASS  "{\"success\":true"
#define WRONG "{\"success\":false,\"error-codes\":[\"wrong\"]"
#define USED  "{\"success\":false,\"error-codes\":[\"expired-or-used\"]"
		{GOOD, true, false, false, CHALLENGE_PASS, PASS "}"},
		{GOOD, true, false, false, CHALLENGE_WRONG, WRONG "}"},
		{GOOD "&profile=default", true, false, false, CHALLENGE_PASS,
		 PASS ",\"profile\":\"default\"}"},
		{GOOD, false, false, false, CHALLENGE_PASS,
		 PASS ",\"profile\":\"default\"}"},
		{GOOD, false, true, false, CHALLENGE_PASS,
		 PASS ",\"profile\":\"login\"}"},
		{GOOD, false, true, false, CHALLENGE_WRONG,
		 WRONG ",\"profile\":\"login\"}"},
		{GOOD, false, true, true, CHALLENGE_WRONG, WRONG "}"},
		{GOOD, false, true, false, CHALLENGE_EXPIRED, USED "}"},
		{GOOD "&profile=login", false, true, false, CHALLENGE_UNKNOWN,
		 USED "}"},
		{"pid=p&profile=login", false, true, false, CHALLENGE_PASS,
		 "{\"success\":false,\"error-codes\":[\"missing-code\"]}"},
#undef PASS
#undef WRONG
#undef USED
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		reset_challenge(CF_OK);
		client.challenge.has_base_alone = cases[i].has_base_alone;
		client.challenge.is_login = cases[i].is_login;
		client.challenge.of_none = cases[i].of_none;
		client.challenge.verdict = cases[i].verdict;
		post("/verification/check", FORM, cases[i].body);
		assert_int_equal(client.res.status, 200);
		assert_true(client_body_is(&client, cases[i].answer));
	}
}

static void check_passes_pid_and_code_on_unchanged(void **state)
{
	static const struct {
		const char *type;
		const char *body;
		struct str pid;
		struct str code;
	} cases[] = {
		{FORM, GOOD, {FAKE_PID, 16}, {FAKE_CODE, 4}},
		{FORM "; charset=UTF-8", GOOD, {FAKE_PID, 16}, {FAKE_CODE, 4}},
		{"Application/X-WWW-Form-UrlEncoded",
		 GOOD,
		 {FAKE_PID, 16},
		 {FAKE_CODE, 4}},
		{FORM, "code=a+b%2B&x=y&pid=p", {"p", 1}, {"a b+", 4}},
		{FORM, "pid=p&code=a%00b", {"p", 1}, {"a\0b", 3}},
		{FORM, "pid=p%00q&code=c", {"p\0q", 3}, {"c", 1}},
		{FORM, "pid=..%2F..%2Fetc&code=c", {"../../etc", 9}, {"c", 1}},
		{FORM,
		 "pid=%C3%BC%F0%9F%98%80&code=c",
		 {"\xc3\xbc\xf0\x9f\x98\x80", 6},
		 {"c", 1}},
		{PARTS, GOOD_PARTS, {"p", 1}, {"c", 1}},
		{"Multipart/Form-Data; charset=utf-8; boundary=\"B\"",
		 "\r\n" GOOD_PARTS,
		 {"p", 1},
		 {"c", 1}},
		{PARTS,
		 PART("code\r\n\r\na+b%20\r\n") PART("pid\r\n\r\np") "--B--",
		 {"p", 1},
		 {"a+b%20\r\n", 8}},
		{JSON, "{\"pid\":\"p\",\"code\":\"c\"}", {"p", 1}, {"c", 1}},
		{JSON ";charset=utf-8",
		 "{\"code\":\"\\u00fc\",\"pid\":\"p\",\"x\":{\"y\":[1]}}",
		 {"p", 1},
		 {"\xc3\xbc", 2}},
		{"APPLICATION/JSON",
		 "{\"pid\":\"p\",\"code\":\" \"}",
		 {"p", 1},
		 {" ", 1}},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		const struct challenge *ch = &client.challenge;
		struct pid wanted = {""};

		reset_challenge(CF_OK);
		post("/verification/check", cases[i].type, cases[i].body);
		assert_int_equal(client.res.status, 200);
		assert_int_equal(ch->n_verify, 1);
		assert_int_equal(fake_challenge_n_calls(ch), 1);
		(void)!pid_parse(&wanted, cases[i].pid);
		assert_string_equal(ch->pid.text, wanted.text);
		assert_int_equal(ch->answer_len, cases[i].code.len);
		assert_memory_equal(ch->answer, cases[i].code.ptr,
				    ch->answer_len);
	}
}

/* All of these are refused before the challenge layer hears of them. */
static void check_refuses_bad_input(void **state)
{
	static const struct {
		const char *type;
		const char *length; /* NULL: that of the body */
		const char *body;
		int status;
		const char *fragment;
	} cases[] = {
#define MISSING(x) 200, "{\"success\":false,\"error-codes\":[" x "]}"
#define BAD(n) n, "\"success\":false,\"error-codes\":[\"bad-request\"]}"
		{FORM, NULL, "", MISSING("\"missing-pid\",\"missing-code\"")},
		{FORM, NULL, NULL, MISSING("\"missing-pid\",\"missing-code\"")},
		{NULL, NULL, NULL, MISSING("\"missing-pid\",\"missing-code\"")},
		{FORM, NULL, "code=c", MISSING("\"missing-pid\"")},
		{FORM, NULL, "pid=&code=c", MISSING("\"missing-pid\"")},
		{FORM, NULL, "PID=p&code=c", MISSING("\"missing-pid\"")},
		{FORM, NULL, "pid=p", MISSING("\"missing-code\"")},
		{FORM, NULL, "pid=p&code", MISSING("\"missing-code\"")},
		{FORM, NULL, "pid=p&code=", MISSING("\"missing-code\"")},
		{FORM, NULL, "{\"pid\":\"p\",\"code\":\"c\"}",
		 MISSING("\"missing-pid\",\"missing-code\"")},
		{JSON, NULL, "{}", MISSING("\"missing-pid\",\"missing-code\"")},
		{JSON, NULL, "{\"pid\":\"\",\"code\":\"c\"}",
		 MISSING("\"missing-pid\"")},
		/* escapes */
		{FORM, NULL, "pid=p&code=%", BAD(400)},
		{FORM, NULL, "pid=p&code=%4", BAD(400)},
		{FORM, NULL, "pid=p&code=%zz", BAD(400)},
		{FORM, NULL, "pid=%&code=c", BAD(400)},
		{FORM, NULL, "pid=p&code=c&%", BAD(400)},
		/* fields */
		{FORM, NULL, "pid=p&code=c&pid=p", BAD(400)},
		{FORM, NULL, "pid=p&code=c&code=d", BAD(400)},
		{FORM, NULL, "pid=p&code=c&x&x", BAD(400)},
		{FORM, NULL, "pid=p&code=c&1&2&3&4&5&6&7&8&9&a&b&c&d&e&f",
		 BAD(400)},
		/* JSON */
		{JSON, NULL, "", BAD(400)},
		{JSON, NULL, NULL, BAD(400)},
		{JSON, NULL, GOOD, BAD(400)},
		{JSON, NULL, "[\"p\",\"c\"]", BAD(400)},
		{JSON, NULL, "\"p\"", BAD(400)},
		{JSON, NULL, "null", BAD(400)},
		{JSON, NULL, "{\"pid\":\"p\",\"code\":1234}", BAD(400)},
		{JSON, NULL, "{\"pid\":1,\"code\":\"c\"}", BAD(400)},
		{JSON, NULL, "{\"pid\":[\"p\"],\"code\":\"c\"}", BAD(400)},
		{JSON, NULL, "{\"pid\":\"p\",\"code\":null}", BAD(400)},
		{JSON, NULL, "{\"pid\":\"p\",\"code\":true}", BAD(400)},
		{JSON, NULL, "{\"pid\":\"p\",\"code\":{\"a\":\"b\"}}",
		 BAD(400)},
		{JSON, NULL, "{\"pid\":\"p\",\"code\":\"c\"}x", BAD(400)},
		{JSON, NULL, "{\"pid\":\"p\",\"code\":\"c\",\"code\":\"d\"}",
		 BAD(400)},
		{JSON, NULL, "{\"pid\":\"p\",\"code\":\"\\u0000\"}", BAD(400)},
		{JSON, NULL,
		 "{\"pid\":\"p\",\"code\":\"c\",\"x\":[[[[[[[[0]"
		 "]]]]]]]}",
		 BAD(400)},
		/* several parts */
		{PARTS, NULL, "--B--\r\n",
		 MISSING("\"missing-pid\",\"missing-code\"")},
		{PARTS, NULL, PART("pid\r\n\r\np") "--B--",
		 MISSING("\"missing-code\"")},
		{PARTS, NULL, NULL, BAD(400)},
		{PARTS, NULL, GOOD, BAD(400)},
		{PARTS, NULL, PART("pid\r\n\r\np") GOOD_PARTS, BAD(400)},
		{PARTS "; boundary=B", NULL, GOOD_PARTS, BAD(400)},
		{"multipart/form-data", NULL, GOOD_PARTS, BAD(400)},
		{"multipart/form-data; boundary=x", NULL, GOOD_PARTS, BAD(400)},
		{PARTS, NULL, PART("x; filename=y\r\n\r\n") GOOD_PARTS, 400,
		 "A part of the form is a file. Send text fields alone.\","
		 "\"success\":false,\"error-codes\":[\"bad-request\"]}"},
		{PARTS, "4097", GOOD_PARTS, BAD(413)},
		/* lengths */
		{FORM, "5", GOOD, BAD(400)},
		{FORM, "4000", GOOD, BAD(400)},
		{FORM, "0", GOOD, BAD(400)},
		{FORM, "", GOOD, BAD(400)},
		{FORM, "-1", GOOD, BAD(400)},
		{FORM, "x", GOOD, BAD(400)},
		{FORM, "+29", GOOD, BAD(400)},
		{FORM, " 29", GOOD, BAD(400)},
		{FORM, "29.0", GOOD, BAD(400)},
		{FORM, "4097", GOOD, BAD(413)},
		{FORM, "1048576", GOOD, BAD(413)},
		{FORM, "99999999999999999999999999", GOOD, BAD(413)},
		{NULL, "4097", GOOD, BAD(413)},
		/* media types */
		{NULL, NULL, GOOD, BAD(415)},
		{"", NULL, GOOD, BAD(415)},
		{"text/plain", NULL, GOOD, BAD(415)},
		{"multipart/mixed; boundary=B", NULL, GOOD_PARTS, BAD(415)},
		{"application/jsonp", NULL, "{}", BAD(415)},
		{"application/problem+json", NULL, "{}", BAD(415)},
		{"text/x; application/json", NULL, "{}", BAD(415)},
#undef MISSING
#undef BAD
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		client.challenge.verdict = CHALLENGE_PASS;
		client_ask(&client, &(struct client_request){
					    .method = "POST",
					    .path = "/verification/check",
					    .type = cases[i].type,
					    .length = cases[i].length,
					    .body = cases[i].body,
				    });
		assert_int_equal(client.res.status, cases[i].status);
		assert_true(client_body_has(&client, cases[i].fragment));
		assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
	}
}

static void check_takes_values_up_to_their_limit(void **state)
{
	static char body[2 * 256 + 64];

	(void)state;
	for (int over = 0; over < 2; over++) {
		reset_challenge(CF_OK);
		(void)snprintf(body, sizeof(body), "pid=p&code=%0*d",
			       256 + over, 0);
		post("/verification/check", FORM, body);
		assert_int_equal(client.res.status, over ? 400 : 200);
		assert_int_equal(client.challenge.n_verify, !over);
		reset_challenge(CF_OK);
		(void)snprintf(body, sizeof(body), "code=c&pid=%0*d",
			       256 + over, 0);
		post("/verification/check", FORM, body);
		assert_int_equal(client.res.status, over ? 400 : 200);
		assert_int_equal(client.challenge.n_verify, !over);
		reset_challenge(CF_OK);
		(void)snprintf(body, sizeof(body),
			       "{\"pid\":\"p\",\"code\":\"%0*d\"}", 256 + over,
			       0);
		post("/verification/check", JSON, body);
		assert_int_equal(client.res.status, over ? 400 : 200);
		assert_int_equal(client.challenge.n_verify, !over);
	}
}

static void check_takes_a_body_up_to_its_limit(void **state)
{
	static char body[4096 + 2];

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		reset_challenge(CF_OK);
		memset(body, '&', 4096 + over); /* empty parts are skipped */
		memcpy(body, "pid=p&code=c", strlen("pid=p&code=c"));
		post("/verification/check", FORM, body);
		assert_int_equal(client.res.status, over ? 413 : 200);
		assert_int_equal(client.n_read, over ? 0 : 4096);
		assert_int_equal(client.challenge.n_verify, !over);
	}
}

static void a_megabyte_of_pid_is_not_read(void **state)
{
	char *body = malloc(LONG_BYTES + 1);

	(void)state;
	assert_non_null(body);
	memset(body, 'a', LONG_BYTES);
	memcpy(body, "code=c&pid=", strlen("code=c&pid="));
	body[LONG_BYTES] = '\0';
	post("/verification/check", FORM, body);
	assert_int_equal(client.res.status, 413);
	assert_false(client.res.body_was_read);
	assert_int_equal(client.n_reads, 0);
	assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
	free(body);
}

static void a_body_may_come_in_pieces(void **state)
{
	(void)state;
	client_ask(&client, &(struct client_request){
				    .method = "POST",
				    .path = "/verification/check",
				    .type = FORM,
				    .body = GOOD,
				    .chunk_bytes = 1,
			    });
	assert_int_equal(client.res.status, 200);
	assert_int_equal(client.challenge.n_verify, 1);
	assert_memory_equal(client.challenge.answer, FAKE_CODE, 4);
}

static void a_client_that_disconnects_uses_no_attempt(void **state)
{
	(void)state;
	client_ask(&client, &(struct client_request){
				    .method = "POST",
				    .path = "/verification/check",
				    .type = FORM,
				    .length = "400",
				    .body = GOOD,
				    .is_gone = true,
			    });
	assert_int_equal(client.res.status, 400);
	assert_false(client.res.body_was_read);
	assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
}

static void check_never_passes_when_the_store_fails(void **state)
{
	(void)state;
	for (int i = 1; i < CF_STATUS_COUNT; i++) {
		reset_challenge((enum cf_status)i);
		client.challenge.verdict = CHALLENGE_PASS;
		client_log_begin();
		post("/verification/check", FORM, GOOD);
		(void)client_log_end();
		assert_true(client.res.status >= 500);
		assert_false(client_body_has(&client, "true"));
	}
}

/* /healthz */

static void health_is_a_line_of_json(void **state)
{
	(void)state;
	get("/healthz", NULL);
	assert_int_equal(client.res.status, 200);
	assert_true(client_body_is(
		&client, "{\"ok\":true,\"store\":\"ok\",\"cache\":\"ok\"}\n"));
	client_ask(&client, &(struct client_request){.method = "HEAD",
						     .path = "/healthz"});
	assert_int_equal(client.res.status, 200);
	assert_int_equal(client.challenge.n_health, 2);
}

static void failing_parts_are_named_and_logged(void **state)
{
	const char *log;

	(void)state;
	client.log.level = LOG_LEVEL_WARN;
	client.challenge.health.cache =
		cf_fail(&client.challenge.health.cache_error, CF_FULL,
			CLIENT_SECRET);
	client_log_begin();
	get("/healthz", NULL);
	log = client_log_end();
	assert_int_equal(client.res.status, 503);
	assert_string_equal(client_header(&client, "Retry-After"), "5");
	assert_true(client_body_is(
		&client,
		"{\"ok\":false,\"store\":\"ok\",\"cache\":\"full\"}\n"));
	assert_non_null(strstr(log, "level=warn event=health status=full"));
	assert_non_null(strstr(log, CLIENT_SECRET));
	assert_null(strstr(log, "level=error"));
	client.challenge.health.store = CF_BUSY;
	client_log_begin();
	get("/healthz", NULL);
	(void)client_log_end();
	assert_true(client_body_is(
		&client,
		"{\"ok\":false,\"store\":\"busy\",\"cache\":\"full\"}\n"));
}

static void health_for(const char *remote, const char *forwarded_for)
{
	client_ask(&client,
		   &(struct client_request){.method = "GET",
					    .path = "/healthz",
					    .remote = remote,
					    .x_forwarded_for = forwarded_for});
}

/* A clock that stands still: all is within the same second. */
static void only_operators_get_details_of_health(void **state)
{
	struct fake_clk fake;

	(void)state;
	fake_clk_init(&fake);
	notes_free(client.http->ctx.notes);
	client.http->ctx.notes =
		notes_new(&client.settings, fake_clk_get(&fake));
	assert_non_null(client.http->ctx.notes);
	for (int i = 0; i < 100; i++) {
		health_for("192.0.2.1", NULL);
		assert_int_equal(client.res.status, 200);
		assert_true(client_body_is(&client, "{\"ok\":true}\n"));
	}
	assert_int_equal(client.challenge.n_health, 1); /* and writes once */
	fake_clk_forward(&fake, NOTES_HEALTH_MS);
	client.challenge.health.store = CF_BUSY;
	client_log_begin();
	for (int i = 0; i < 100; i++) {
		health_for("127.0.0.1", "192.0.2.1"); /* by a proxy */
		assert_int_equal(client.res.status, 503);
		assert_string_equal(client_header(&client, "Retry-After"), "5");
		assert_true(client_body_is(&client, "{\"ok\":false}\n"));
	}
	assert_int_equal(client.challenge.n_health, 2);
	/* this machine is told of now */
	health_for("127.0.0.1", NULL);
	(void)client_log_end();
	assert_true(client_body_is(
		&client,
		"{\"ok\":false,\"store\":\"busy\",\"cache\":\"ok\"}\n"));
	client.challenge.health.store = CF_OK;
	health_for("::1", NULL);
	assert_true(client_body_is(
		&client, "{\"ok\":true,\"store\":\"ok\",\"cache\":\"ok\"}\n"));
	health_for("192.0.2.1", NULL); /* and what it saw, others know */
	assert_true(client_body_is(&client, "{\"ok\":true}\n"));
	assert_int_equal(client.challenge.n_health, 4);
}

/* /metrics */

/* Ask as the client at this address, with this X-Forwarded-For or without. */
static int metrics_for(const char *remote, const char *forwarded_for)
{
	client_ask(&client, &(struct client_request){
				    .method = "GET",
				    .path = "/metrics",
				    .remote = remote,
				    .x_forwarded_for = forwarded_for});
	return client.res.status;
}

static void metrics_are_text_for_prometheus(void **state)
{
	(void)state;
	assert_int_equal(metrics_for("127.0.0.1", NULL), 200);
	assert_string_equal(client_header(&client, "Content-Type"),
			    "text/plain; version=0.0.4; charset=utf-8");
	assert_true(client_body_has(&client,
				    "\n# TYPE captcha_checks_total counter\n"
				    "captcha_checks_total{verdict=\""));
	assert_true(client_body_has(
		&client, "\ncaptcha_checks_total{verdict=\"pass\"} "));
	assert_true(client_body_has(&client,
				    "\ncaptcha_challenges_live 11\n"));
	assert_true(client_body_has(
		&client, "\ncaptcha_pool_ready{profile=\"default\"} 13\n"
			 "captcha_pool_ready{profile=\"login\"} 14\n"));
	assert_true(client_body_has(&client, "_bucket{le=\"+Inf\"} "));
	assert_true(client_body_has(&client,
				    "captcha_memory_bytes{class=\"sqlite\"}"));
}

static void each_verdict_has_a_counter(void **state)
{
	static const struct {
		const char *name;
		enum metric metric;
	} cases[] = {
		{"pass", METRIC_CHECK_PASS},
		{"wrong", METRIC_CHECK_WRONG},
		{"expired", METRIC_CHECK_EXPIRED},
		{"unknown", METRIC_CHECK_UNKNOWN},
		{"malformed", METRIC_CHECK_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++)
		metrics_add(cases[i].metric, 101 + i);
	assert_int_equal(metrics_for("127.0.0.1", NULL), 200);
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		char line[80];

		(void)snprintf(line, sizeof(line),
			       "\ncaptcha_checks_total{verdict=\"%s\"} %zu\n",
			       cases[i].name, 101 + i);
		assert_true(client_body_has(&client, line));
	}
}

static void metrics_work_without_the_store(void **state)
{
	(void)state;
	reset_challenge(CF_BUSY);
	client_log_begin();
	assert_int_equal(metrics_for("127.0.0.1", NULL), 200);
	(void)client_log_end();
	assert_true(client_body_has(&client, "captcha_store_errors_total"));
	assert_false(client_body_has(&client, "captcha_challenges_live"));
	assert_false(client_body_has(&client, CLIENT_SECRET));
}

static void only_operators_get_metrics(void **state)
{
	static const struct {
		const char *proxies, *allow, *remote, *forwarded_for;
		int status;
	} cases[] = {
		{"", "", "127.0.0.1", NULL, 200},
		{"", "", "::1", NULL, 200},
		{"", "", "unix:", NULL, 200},
		{"", "", "192.0.2.1", NULL, 403},
		{"", "", "192.0.2.1", "127.0.0.1", 403},
		{"", "", "what", NULL, 403},
		/* behind a proxy of this machine that is not trusted */
		{"", "", "127.0.0.1", "192.0.2.1", 403},
		{"", "", "127.0.0.1", "127.0.0.1", 403},
		{"192.0.2.9", "", "127.0.0.1", "192.0.2.1", 403},
		{"127.0.0.1", "", "127.0.0.1", "192.0.2.1", 403},
		{"127.0.0.1", "", "127.0.0.1", "127.0.0.1", 200},
		{"127.0.0.1", "", "127.0.0.1", NULL, 200},
		{"", "192.0.2.0/24", "192.0.2.1", NULL, 200},
		{"", "192.0.2.0/24", "192.0.3.1", NULL, 403},
		{"", "2001:db8::7", "2001:db8::7", NULL, 200},
		{"", "2001:db8::7", "2001:db8::8", NULL, 403},
		{"127.0.0.1", "192.0.2.0/24", "127.0.0.1", "192.0.2.9", 200},
		{"", "192.0.2.0/24", "127.0.0.1", "192.0.2.9", 403},
		{"", "127.0.0.0/8", "127.0.0.1", "192.0.2.9", 403},
		/* what tells nothing makes nobody a proxy of the list */
		{"10.0.0.5", "10.0.0.0/8", "10.0.0.5", NULL, 200},
		{"10.0.0.5", "10.0.0.0/8", "10.0.0.5", "10.0.0.7", 200},
		{"10.0.0.5", "10.0.0.0/8", "10.0.0.5", "192.0.2.9", 403},
		{"10.0.0.5", "10.0.0.0/8", "10.0.0.5", "unknown", 403},
		{"127.0.0.1", "127.0.0.1", "127.0.0.1", "unknown", 403},
		{"", "10.0.0.0/8", "10.0.0.5", "192.0.2.9", 403},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		(void)snprintf(client.settings.trusted_proxies,
			       sizeof(client.settings.trusted_proxies), "%s",
			       cases[i].proxies);
		(void)snprintf(client.settings.metrics_allow,
			       sizeof(client.settings.metrics_allow), "%s",
			       cases[i].allow);
		http_free(client.http);
		client.http = http_new(&client.settings, &client.challenge,
				       &client.log);
		assert_non_null(client.http);
		assert_int_equal(metrics_for(cases[i].remote,
					     cases[i].forwarded_for),
				 cases[i].status);
		if (cases[i].status == 403)
			assert_false(client_body_has(&client, "captcha_"));
	}
}

/* /demo */

/* Between the first `before` and the next `after` of the body; borrowed
 * until the next call. */
static const char *between(const char *before, char after)
{
	static char text[2048];
	const char *at = strstr(client.res.body.ptr, before);
	size_t n = 0;

	assert_non_null(at);
	for (at += strlen(before); *at && *at != after; at++) {
		assert_true(n + 1 < sizeof(text));
		text[n++] = *at;
	}
	text[n] = '\0';
	return text;
}

static void demo_is_a_page_with_a_form(void **state)
{
	static const char *const parts[] = {
		"<!DOCTYPE html>",
		"<img id=\"captcha\" src=\"data:image/png;base64,"
		FAKE_PNG_BASE64 "\" width=\"240\" height=\"80\" alt=\"",
		"<input type=\"hidden\" name=\"pid\" value=\"" FAKE_PID "\">",
		"method=\"post\" action=\"\"",
		"<input id=\"code\" name=\"code\"",
		"<button id=\"check\"",
		"<button id=\"again\"",
		"id=\"result\" class=\"none\"",
		"aria-live=",
		"autocomplete=\"off\"",
		"autocapitalize=\"characters\"",
		"spellcheck=\"false\"",
		"</html>",
	};

	(void)state;
	get("/demo", NULL);
	assert_int_equal(client.res.status, 200);
	assert_string_equal(client_header(&client, "Content-Type"),
			    "text/html; charset=utf-8");
	for (size_t i = 0; i < CF_ARRAY_LEN(parts); i++)
		assert_true(client_body_has(&client, parts[i]));
	assert_false(client_body_has(&client, "{{"));
	assert_int_equal(client.challenge.n_issue, 1);
}

static void demo_allows_only_its_own_script_and_style(void **state)
{
	char first[64], policy[512];

	(void)state;
	get("/demo", NULL);
	(void)snprintf(first, sizeof(first), "%s",
		       between("<script nonce=\"", '"'));
	assert_true(strlen(first) >= 22);
	assert_string_equal(first, between("<style nonce=\"", '"'));
	(void)snprintf(policy, sizeof(policy),
		       "default-src 'none'; img-src 'self' data:; "
		       "style-src 'nonce-%s'; script-src 'nonce-%s'; "
		       "connect-src 'self'; form-action 'self'; "
		       "frame-ancestors 'none'; base-uri 'none'",
		       first, first);
	assert_string_equal(client_header(&client, "Content-Security-Policy"),
			    policy);
	get("/demo", NULL);
	assert_string_not_equal(first, between("<script nonce=\"", '"'));
	/* neither of which a nonce would let run */
	assert_false(client_body_has(&client, " style=\""));
	assert_false(client_body_has(&client, " onclick="));
}

static void demo_works_under_any_prefix(void **state)
{
	(void)state;
	get("/demo", NULL);
	assert_true(client_body_has(&client, "\"verification/get\""));
	assert_true(client_body_has(&client, "\"verification/check\""));
	assert_false(client_body_has(&client, "/captcha"));
	assert_false(client_body_has(&client, "src=\"/"));
	assert_false(client_body_has(&client, "href=\"/"));
	assert_false(client_body_has(&client, "http://"));
	assert_false(client_body_has(&client, "https://"));
}

/* What stands in #result, without the attributes. */
static const char *result_text(void)
{
	const char *text = strrchr(between("id=\"result\"", '<'), '>');

	assert_non_null(text);
	return text + 1;
}

static const char *sentence(enum notice notice)
{
	return notice_words(notice)->sentence;
}

static void demo_shows_the_verdict_and_a_new_picture(void **state)
{
	static const struct {
		enum challenge_verdict verdict;
		const char *body;
		const char *class;
		enum notice notice;
		int n_verify;
	} cases[] = {
		{CHALLENGE_PASS, GOOD, "good", NOTICE_PASS, 1},
		{CHALLENGE_PASS, GOOD_PARTS, "good", NOTICE_PASS, 1},
		{CHALLENGE_WRONG, GOOD, "bad", NOTICE_WRONG, 1},
		{CHALLENGE_UNKNOWN, GOOD, "bad", NOTICE_EXPIRED, 1},
		{CHALLENGE_MALFORMED, GOOD, "bad", NOTICE_MALFORMED, 1},
		{CHALLENGE_PASS, "pid=p&code=", "bad", NOTICE_MISSING_CODE, 0},
		{CHALLENGE_PASS, "code=c", "bad", NOTICE_MISSING_PID, 0},
		{CHALLENGE_PASS, "", "bad", NOTICE_MISSING_PID, 0},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		char text[256];

		reset_challenge(CF_OK);
		client.challenge.verdict = cases[i].verdict;
		post("/demo", strcmp(cases[i].body, GOOD_PARTS) ? FORM : PARTS,
		     cases[i].body);
		assert_int_equal(client.res.status, 200);
		assert_string_equal(between("id=\"result\" class=\"", '"'),
				    cases[i].class);
		(void)snprintf(text, sizeof(text), "%s %s",
			       sentence(cases[i].notice),
			       sentence(NOTICE_NEW_PICTURE));
		assert_string_equal(result_text(), text);
		assert_true(client_body_has(&client, FAKE_PID));
		assert_int_equal(client.challenge.n_verify, cases[i].n_verify);
		assert_int_equal(client.challenge.n_issue, 1);
	}
}

static void demo_stays_with_its_profile(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		reset_challenge(CF_OK);
		client_ask(&client, &(struct client_request){
					    .method = i ? "POST" : "GET",
					    .path = "/demo",
					    .query = "profile=" FAKE_PROFILE,
					    .type = i ? FORM : NULL,
					    .body = i ? GOOD : NULL,
				    });
		assert_int_equal(client.res.status, 200);
		assert_string_equal(client.challenge.profile, FAKE_PROFILE);
		assert_true(client_body_has(&client, "width=\"320\" "
						     "height=\"100\""));
		assert_string_equal(between("method=\"post\" action=\"", '"'),
				    "?profile=" FAKE_PROFILE);
		assert_true(client_body_has(&client,
					    "<input type=\"hidden\" "
					    "name=\"profile\" "
					    "value=\"" FAKE_PROFILE "\">"));
	}
	get("/demo", NULL);
	assert_string_equal(between("method=\"post\" action=\"", '"'), "");
	assert_false(client_body_has(&client, "name=\"profile\""));
}

static void demo_renders_when_there_is_no_picture(void **state)
{
	(void)state;
	reset_challenge(CF_BUSY);
	client_log_begin();
	get("/demo", NULL);
	(void)client_log_end();
	assert_int_equal(client.res.status, 503);
	assert_string_equal(client_header(&client, "Retry-After"), "1");
	assert_string_equal(client_header(&client, "Content-Type"),
			    "text/html; charset=utf-8");
	assert_string_equal(result_text(), sentence(NOTICE_NO_PICTURE));
	assert_false(client_body_has(&client, FAKE_PID));
	assert_true(client_body_has(&client, "value=\"\""));

	client_log_begin();
	post("/demo", FORM, GOOD);
	(void)client_log_end();
	assert_int_equal(client.res.status, 503);
	assert_string_equal(result_text(), sentence(NOTICE_UNAVAILABLE));
	assert_int_equal(client.challenge.n_issue, 1);
}

static void demo_refuses_bad_input_like_check(void **state)
{
	static const struct {
		const char *type;
		const char *body;
		int status;
	} cases[] = {
		{FORM, "pid=p&code=%", 400},
		{FORM, "pid=p&pid=p", 400},
		{PARTS, PART("x; filename=y\r\n\r\n") GOOD_PARTS, 400},
		{"text/plain", GOOD, 415},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		post("/demo", cases[i].type, cases[i].body);
		assert_int_equal(client.res.status, cases[i].status);
		assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
	}
}

static void demo_head_spends_no_picture(void **state)
{
	(void)state;
	client_ask(&client, &(struct client_request){.method = "HEAD",
						     .path = "/demo"});
	assert_int_equal(client.res.status, 200);
	assert_string_equal(client_header(&client, "Content-Type"),
			    "text/html; charset=utf-8");
	assert_int_equal(fake_challenge_n_calls(&client.challenge), 0);
}

/* Limits. A minute for a token and two at once, so that the third is refused
 * however long the test takes, short of a minute. */

static char cache_dir[TEMP_PATH_BYTES];

static int set_up_limits(void **state)
{
	struct settings *settings = &client.settings;

	(void)state;
	client_init(&client);
	http_free(client.http);
	temp_dir_make(cache_dir);
	(void)snprintf(settings->cache_dir, sizeof(settings->cache_dir), "%s",
		       cache_dir);
	(void)snprintf(settings->trusted_proxies,
		       sizeof(settings->trusted_proxies), "127.0.0.1");
	settings->issue_per_minute = settings->failed_per_minute = 1;
	settings->issue_burst = settings->failed_burst = 2;
	client.http = http_new(settings, &client.challenge, &client.log);
	assert_non_null(client.http);
	return 0;
}

static int tear_down_limits(void **state)
{
	(void)state;
	client_release(&client);
	temp_dir_remove(cache_dir);
	return 0;
}

static void get_as(const char *remote, const char *path)
{
	client_ask(&client, &(struct client_request){
				    .method = "GET",
				    .path = path,
				    .remote = remote,
			    });
}

static void post_as(const char *remote, const char *path, const char *body)
{
	client_ask(&client, &(struct client_request){
				    .method = "POST",
				    .path = path,
				    .type = FORM,
				    .body = body,
				    .remote = remote,
			    });
}

static void assert_limited(void)
{
	assert_int_equal(client.res.status, 429);
	assert_in_range(strtol(client_header(&client, "Retry-After"), NULL,
			       10), 1, 60);
}

static void challenges_of_a_visitor_are_limited(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		get_as("192.0.2.1", "/verification/get");
		assert_int_equal(client.res.status, 200);
	}
	get_as("192.0.2.1", "/verification/get");
	assert_limited();
	assert_true(client_body_is(
		&client, "{\"type\":\"about:blank\",\"title\":\"Too Many "
			 "Requests\",\"status\":429,\"detail\":\"Too many "
			 "requests came from your address. Try again "
			 "later.\"}"));
	assert_int_equal(client.challenge.n_issue, 2);
	get_as("192.0.2.2", "/verification/get");
	assert_int_equal(client.res.status, 200);
	/* the rest is as it was */
	get_as("192.0.2.1", IMAGE);
	assert_int_equal(client.res.status, 200);
	client.challenge.verdict = CHALLENGE_PASS;
	client.challenge.has_base_alone = true;
	post_as("192.0.2.1", "/verification/check", GOOD);
	assert_true(client_body_is(&client, "{\"success\":true}"));
}

static void a_failed_issue_costs_no_token(void **state)
{
	(void)state;
	reset_challenge(CF_BUSY);
	client_log_begin();
	for (int i = 0; i < 5; i++) {
		get_as("192.0.2.1", "/verification/get");
		assert_int_equal(client.res.status, 503);
	}
	(void)client_log_end();
	reset_challenge(CF_OK);
	for (int i = 0; i < 2; i++) {
		get_as("192.0.2.1", "/verification/get");
		assert_int_equal(client.res.status, 200);
	}
	get_as("192.0.2.1", "/verification/get");
	assert_limited();
}

static void a_crowded_store_leaves_a_visitor_a_tenth(void **state)
{
	(void)state;
	client.settings.issue_burst = 20;
	http_free(client.http);
	client.http =
		http_new(&client.settings, &client.challenge, &client.log);
	assert_non_null(client.http);
	client.challenge.is_crowded = true;
	for (int i = 0; i < 2; i++) {
		get_as("192.0.2.1", "/verification/get");
		assert_int_equal(client.res.status, 200);
	}
	for (int i = 0; i < 50; i++) {
		get_as("192.0.2.1", i % 2 ? "/demo" : "/verification/get");
		assert_limited();
	}
	assert_int_equal(client.challenge.n_issue, 2);
	/* others get theirs, and checks are as they were */
	get_as("192.0.2.2", "/verification/get");
	assert_int_equal(client.res.status, 200);
	client.challenge.verdict = CHALLENGE_PASS;
	post_as("192.0.2.1", "/verification/check", GOOD);
	assert_int_equal(client.res.status, 200);
	client.challenge.is_crowded = false;
	for (int i = 0; i < 18; i++) {
		get_as("192.0.2.1", "/verification/get");
		assert_int_equal(client.res.status, 200);
	}
	get_as("192.0.2.1", "/verification/get");
	assert_limited();
}

static void asking_a_full_store_costs_a_token(void **state)
{
	(void)state;
	reset_challenge(CF_FULL);
	client_log_begin();
	for (int i = 0; i < 2; i++) {
		get_as("192.0.2.1", "/verification/get");
		assert_int_equal(client.res.status, 503);
	}
	get_as("192.0.2.1", "/verification/get");
	(void)client_log_end();
	assert_limited();
}

static void this_machine_has_no_limit(void **state)
{
	static const char *const remotes[] = {NULL, "127.0.0.1", "::1"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(remotes); i++)
		for (int k = 0; k < 10; k++) {
			get_as(remotes[i], "/verification/get");
			assert_int_equal(client.res.status, 200);
			post_as(remotes[i], "/verification/check", GOOD);
			assert_int_equal(client.res.status, 200);
		}
	/* and opens no file for it */
	assert_int_equal(temp_count(cache_dir), 0);
}

static void a_proxy_names_the_visitor(void **state)
{
	struct client_request req = {.method = "GET",
				     .path = "/verification/get",
				     .remote = "127.0.0.1",
				     .x_forwarded_for = "192.0.2.1"};

	(void)state;
	client_ask(&client, &req);
	client_ask(&client, &req);
	assert_int_equal(client.res.status, 200);
	req.x_forwarded_for = "198.51.100.1, 192.0.2.1"; /* made up */
	client_ask(&client, &req);
	assert_limited();
	req.x_forwarded_for = "192.0.2.2";
	client_ask(&client, &req);
	assert_int_equal(client.res.status, 200);
}

static void a_proxy_of_this_machine_shares_one_limit(void **state)
{
	const struct client_request reqs[] = {
		{.x_forwarded_for = "192.0.2.1"},
		{.via = "1.1 cache"},
		{.x_real_ip = "192.0.2.2"},
	};
	const char *log;

	(void)state;
	client.log.level = LOG_LEVEL_WARN;
	client_log_begin();
	for (int i = 0; i < 6; i++) {
		struct client_request req = reqs[i % 3];

		req.method = "GET";
		req.path = "/verification/get";
		req.remote = "127.9.9.9"; /* which is not trusted */
		client_ask(&client, &req);
		assert_int_equal(client.res.status, i < 2 ? 200 : 429);
	}
	log = client_log_end();
	/* once, with what to do */
	assert_non_null(strstr(log,
			       "level=warn event=proxy n=1 text=\"requests "
			       "by a proxy of this machine that is not in "
			       "trusted_proxies"));
	assert_null(strstr(strstr(log, "event=proxy") + 1, "event=proxy"));
	assert_null(strstr(log, "192.0.2"));
}

static void a_proxy_that_names_no_visitor_is_logged(void **state)
{
	const char *log;

	(void)state;
	client.log.level = LOG_LEVEL_WARN;
	client_log_begin();
	for (int i = 0; i < 2; i++)
		client_ask(&client, &(struct client_request){
					    .method = "GET",
					    .path = "/verification/get",
					    .remote = "127.0.0.1",
					    .x_real_ip = "192.0.2.1",
				    });
	log = client_log_end();
	assert_int_equal(client.res.status, 200);
	assert_non_null(strstr(log, "let it send X-Forwarded-For"));
	assert_null(strstr(log, "trusted_proxies"));
	get_as("127.0.0.1", "/verification/get"); /* for itself */
	assert_int_equal(client.res.status, 200);
}

static void failed_checks_of_a_visitor_are_limited(void **state)
{
	static const char *const failing[] = {"", "pid=" FAKE_PID, "x=%zz",
					      "pid=&code=", GOOD};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(failing); i++) {
		char remote[32];

		(void)snprintf(remote, sizeof(remote), "192.0.2.%zu", i);
		client.challenge.verdict = CHALLENGE_WRONG;
		post_as(remote, "/verification/check", failing[i]);
		post_as(remote, "/verification/check", failing[i]);
		assert_int_not_equal(client.res.status, 429);
		client.challenge.n_verify = 0;
		client.challenge.verdict = CHALLENGE_PASS;
		post_as(remote, "/verification/check", GOOD);
		assert_limited();
		/* not even looked at */
		assert_int_equal(client.challenge.n_verify, 0);
		assert_int_equal(client.n_reads, 0);
		assert_true(client_body_has(&client,
					    "\"success\":false,\"error-codes\":"
					    "[\"too-many-requests\"]}"));
	}
	get_as("192.0.2.1", "/verification/get");
	assert_int_equal(client.res.status, 200);
}

static void passes_and_store_failures_cost_no_token(void **state)
{
	(void)state;
	client_log_begin();
	for (int i = 0; i < 10; i++) {
		client.challenge.status = CF_OK;
		client.challenge.verdict = CHALLENGE_PASS;
		post_as("192.0.2.1", "/verification/check", GOOD);
		assert_int_equal(client.res.status, 200);
		client.challenge.status = CF_BUSY;
		post_as("192.0.2.1", "/verification/check", GOOD);
		assert_int_equal(client.res.status, 503);
	}
	(void)client_log_end();
}

static void the_demo_page_is_limited_and_says_so(void **state)
{
	(void)state;
	client.challenge.verdict = CHALLENGE_WRONG;
	post_as("192.0.2.1", "/demo", GOOD);
	post_as("192.0.2.1", "/demo", GOOD);
	assert_int_equal(client.res.status, 200);
	post_as("192.0.2.1", "/demo", GOOD);
	assert_limited();
	assert_true(client_body_has(&client, "role=\"status\""));
	assert_true(client_body_has(&client,
				    ">Too many requests came from your "
				    "address. Wait a minute, then try again.<"));
	assert_int_equal(client.challenge.n_verify, 2);
	get_as("192.0.2.1", "/demo");
	assert_limited();
	assert_true(client_body_has(&client, ">Too many requests came from"));
	client_ask(&client, &(struct client_request){.method = "HEAD",
						     .path = "/demo",
						     .remote = "192.0.2.1"});
	assert_int_equal(client.res.status, 200);
}

static void a_verdict_is_shown_beside_a_limit(void **state)
{
	(void)state;
	get_as("192.0.2.1", "/demo");
	get_as("192.0.2.1", "/demo");
	client.challenge.verdict = CHALLENGE_PASS;
	post_as("192.0.2.1", "/demo", GOOD);
	assert_limited();
	assert_true(client_body_has(&client, ">That is right. Too many "
					     "requests came from your "));
	assert_true(client_body_has(&client, "id=\"result\" class=\"good\""));
	assert_int_equal(client.challenge.n_verify, 1);
	assert_int_equal(client.challenge.n_issue, 2);
}

static void a_429_has_its_cors_headers(void **state)
{
	struct client_request req = {.method = "OPTIONS",
				     .path = "/verification/get",
				     .origin = "https://a.example",
				     .remote = "192.0.2.1"};

	(void)state;
	(void)snprintf(client.settings.allow_origin,
		       sizeof(client.settings.allow_origin), "*");
	for (int i = 0; i < 3; i++)
		get_as("192.0.2.1", "/verification/get");
	assert_limited();
	for (int i = 0; i < 10; i++) {
		client_ask(&client, &req);
		assert_int_equal(client.res.status, 204);
	}
	req.method = "GET";
	client_ask(&client, &req);
	assert_limited();
	assert_string_equal(client_header(&client,
					  "Access-Control-Allow-Origin"), "*");
}

int main(void)
{
#define TEST(f) \
	cmocka_unit_test_prestate_setup_teardown(f, client_set_up, \
						 client_tear_down, &client)
#define LIMITED(f) cmocka_unit_test_setup_teardown(f, set_up_limits, \
						   tear_down_limits)
	const struct CMUnitTest tests[] = {
		TEST(get_gives_pid_and_picture),
		TEST(get_can_give_an_address),
		TEST(get_uses_the_profile_of_the_query),
		TEST(an_unknown_profile_is_400_without_its_name),
		TEST(get_refuses_a_bad_query),
		TEST(get_with_a_bad_prefix_gives_no_address),
		TEST(get_maps_each_failure_to_a_status),
		TEST(repeated_failures_log_one_line_a_cause),
		TEST(get_sends_the_largest_picture),
		TEST(image_gives_the_picture),
		TEST(image_head_has_its_length),
		TEST(image_that_is_gone_is_404),
		TEST(check_tells_the_verdict),
		TEST(check_uses_the_profile_of_the_body),
		TEST(an_unknown_profile_uses_no_attempt),
		TEST(check_names_the_profile_if_there_are_several),
		TEST(check_passes_pid_and_code_on_unchanged),
		TEST(check_refuses_bad_input),
		TEST(check_takes_values_up_to_their_limit),
		TEST(check_takes_a_body_up_to_its_limit),
		TEST(a_megabyte_of_pid_is_not_read),
		TEST(a_body_may_come_in_pieces),
		TEST(a_client_that_disconnects_uses_no_attempt),
		TEST(check_never_passes_when_the_store_fails),
		TEST(health_is_a_line_of_json),
		TEST(failing_parts_are_named_and_logged),
		TEST(only_operators_get_details_of_health),
		TEST(metrics_are_text_for_prometheus),
		TEST(each_verdict_has_a_counter),
		TEST(metrics_work_without_the_store),
		TEST(only_operators_get_metrics),
		TEST(demo_is_a_page_with_a_form),
		TEST(demo_allows_only_its_own_script_and_style),
		TEST(demo_works_under_any_prefix),
		TEST(demo_shows_the_verdict_and_a_new_picture),
		TEST(demo_stays_with_its_profile),
		TEST(demo_renders_when_there_is_no_picture),
		TEST(demo_refuses_bad_input_like_check),
		TEST(demo_head_spends_no_picture),
		LIMITED(challenges_of_a_visitor_are_limited),
		LIMITED(a_failed_issue_costs_no_token),
		LIMITED(a_crowded_store_leaves_a_visitor_a_tenth),
		LIMITED(asking_a_full_store_costs_a_token),
		LIMITED(this_machine_has_no_limit),
		LIMITED(a_proxy_names_the_visitor),
		LIMITED(a_proxy_of_this_machine_shares_one_limit),
		LIMITED(a_proxy_that_names_no_visitor_is_logged),
		LIMITED(failed_checks_of_a_visitor_are_limited),
		LIMITED(passes_and_store_failures_cost_no_token),
		LIMITED(the_demo_page_is_limited_and_says_so),
		LIMITED(a_verdict_is_shown_beside_a_limit),
		LIMITED(a_429_has_its_cors_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
