/*
 * api_native.c, page_demo.c, frame.c and ops.c: what each route answers, over a
 * fake challenge layer.
 */
#include "base/base.h"
#include "base/metrics.h"
#include "http/context.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/http_client.h"
#include "tests/support/temp_dir.h"

/* requests */
#define GET	   "GET /verification/get"
#define CHECK(x)   "POST /verification/check\nCONTENT_TYPE=" x
#define PAGE(x)	   "POST /demo\nCONTENT_TYPE=" x
#define METRICS(x) "GET /metrics\nREMOTE_ADDR=" x
#define HEALTH(x)  "GET /healthz\nREMOTE_ADDR=" x
#define FOR(x)	   "\nHTTP_X_FORWARDED_FOR=" x

/* bodies */
#define PARTS	"multipart/form-data; boundary=B"
#define PART(x) "--B\r\nContent-Disposition: form-data; name=" x "\r\n"
#define GOOD_PARTS \
	PART("\"pid\"\r\n\r\np") PART("\"code\"\r\n\r\nc") "--B--\r\n"

/* responses */
#define PASSED	      "{\"success\":true"
#define FAILED(codes) "{\"success\":false,\"error-codes\":[" codes "]"
#define MALFORMED     "*\"success\":false,\"error-codes\":[\"bad-request\"]}"
#define MEMBER_TYPE                                                      \
	"A member has the wrong type. Send strings; only code may be a " \
	"whole number."
#define NO_PROFILE    "*has no profile of this name.\"*"

/* the end of an answer that issues a challenge */
#define OF_BASE                                                    \
	"\"expires_in\":300,\"width\":240,\"height\":80,\"kind\":" \
	"\"text\"}"
#define OF_LOGIN                                                    \
	"\"expires_in\":120,\"width\":320,\"height\":100,\"kind\":" \
	"\"arithmetic\"}"

/* calls of the challenge layer */
#define ISSUE  "issue default png"
#define VERIFY "verify " FAKE_PID " " FAKE_CODE " any"

/* the challenge layer */
#define PASSES	    .fake.verdict = CHALLENGE_PASS
#define IS_WRONG    .fake.verdict = CHALLENGE_WRONG
#define STORE_IS(x) .fake.status = CF_##x

static struct client client;

/* GET /verification/get */

static void get_gives_a_pid_and_a_picture(void **state)
{
#define PICTURE(end)                \
	200, "{\"pid\":\"" FAKE_PID \
	     "\",\"img\":\"data:image/png;base64," FAKE_PNG_BASE64 "\"," end
#define BASE  PICTURE(OF_BASE), ISSUE, "Content-Type: " JSON
#define LOGIN PICTURE(OF_LOGIN), "issue login png"
	static const struct exchange rows[] = {
		{GET, NULL, BASE},
		{GET "?", NULL, BASE},
		{GET "?img=data", NULL, BASE},
		{GET "?x=1&img=data&x=2", NULL, BASE},
		{GET "?&", NULL, BASE},
		{GET "?img2", NULL, BASE},
		{GET "?profile=", NULL, BASE},
		{GET "?profile=login", NULL, LOGIN},
		{GET "?profile=%6Cogin", NULL, LOGIN},
	};

	client_run_all(&client, rows);
}

static void get_can_give_an_address(void **state)
{
	static const struct {
		const char *public_url;
		const char *prefix;
		const char *address; /* before /image/ */
	} cases[] = {
		{"", "", ""},
		{"", "\nSCRIPT_NAME=", ""},
		{"", "\nSCRIPT_NAME=/", ""},
		{"", "\nSCRIPT_NAME=/captcha", "/captcha"},
		{"", "\nSCRIPT_NAME=/captcha/", "/captcha"},
		{"", "\nSCRIPT_NAME=/cgi-bin/captcha.fcgi",
		 "/cgi-bin/captcha.fcgi"},
		{"", "\nSCRIPT_NAME=//evil.example", "/evil.example"},
		{"", "\nSCRIPT_NAME=/a b/\"\\%?#\xc3\xbc",
		 "/a%20b/%22%5C%25%3F%23%C3%BC"},
		{"https://x.example/c", "\nSCRIPT_NAME=/captcha",
		 "https://x.example/c"},
		{"https://x.example/c/", "\nSCRIPT_NAME=/captcha",
		 "https://x.example/c"},
		{"https://x.example/?p=%41\"#", "\nSCRIPT_NAME=/\r",
		 "https://x.example/?p=%41%22#"},
	};
	static const struct exchange login_and_bad_prefix[] = {
		{GET "?img=url&profile=login", NULL, 200, "*.png\"," OF_LOGIN,
		 "issue login"},
		{GET "?img=url\nSCRIPT_NAME=/a\rX: y", NULL, 400},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		char request[128], answer[256];
		struct exchange row = {request, NULL, 200, answer,
				       "issue default"};

		client_set(&client, public_url, cases[i].public_url);
		(void)snprintf(request, sizeof(request), "%s?img=url%s", GET,
			       cases[i].prefix);
		(void)snprintf(answer, sizeof(answer),
			       "{\"pid\":\"%s\",\"img\":"
			       "\"%s/image/%s.png\"," OF_BASE,
			       FAKE_PID, cases[i].address, FAKE_PID);
		client_run(&client, &row, 1);
	}
	client_set(&client, public_url, "");
	client_run_all(&client, login_and_bad_prefix);
}

#define SHOW "picture " FAKE_PID, "Content-Type: "

/* The profile login has a theme of its own. */
static void a_picture_follows_the_theme_of_the_page(void **state)
{
#define DATA(theme, base64) \
	{GET "?theme=" theme, NULL, 200, "*base64," base64 "\"," OF_BASE, ISSUE}
#define URL(theme, end) \
	{GET "?img=url&theme=" theme, NULL, 200, \
	 "*" FAKE_PID ".png" end "\"," OF_BASE, "issue default"}
	static const struct exchange rows[] = {
		DATA("dark", "iVBORw0KGgpE"),
		DATA("light", "iVBORw0KGgpM"),
		DATA("auto", FAKE_PNG_BASE64),
		URL("dark", "?theme=dark"),
		URL("light", ""),
		URL("auto", ""),
		{GET "?theme=dark&profile=login", NULL, 200,
		 "*base64," FAKE_PNG_BASE64 "\"," OF_LOGIN, "issue login png"},
		{GET "?img=url&theme=dark&profile=login", NULL, 200,
		 "*" FAKE_PID ".png\"," OF_LOGIN, "issue login"},
		{"GET /demo?profile=login", NULL, 200,
		 "*<picture><img id=\"captcha\" "
		 "src=\"data:image/png;base64," FAKE_PNG_BASE64 "\" *",
		 "issue login png"},
		{GET "?theme=black", NULL, 400,
		 "*theme is light, dark or auto.\"}"},
		{GET "?theme=", NULL, 400, "*"},
		{"GET " IMAGE "?theme=black", NULL, 400, "*"},
		{"GET " IMAGE "?theme=light", NULL, 200, NULL,
		 SHOW "image/png"},
		{"GET " IMAGE "?theme=dark", NULL, 200, NULL, SHOW "image/png"},
	};

	client_run_all(&client, rows);
	assert_int_equal(client.res.body.len, FAKE_PNG_BYTES);
	assert_int_equal(client.res.body.ptr[FAKE_PNG_BYTES - 1], 'D');
}

static void get_refuses_a_bad_query(void **state)
{
	static const char *const bad[] = {"img",
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
					  "a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q"};
	static const char *const unknown[] = {"Login", "loginx", "log%00in",
					      "%ff",   "<b>zz",	 "..%2Fzz"};
	char request[128];
	struct exchange row = {request, NULL, 400, "*is malformed.\"}"};

	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++) {
		(void)snprintf(request, sizeof(request), "%s?%s", GET, bad[i]);
		client_run(&client, &row, 1);
	}
	row.answer = NO_PROFILE;
	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(unknown); i++) {
		(void)snprintf(request, sizeof(request), "%s?profile=%s",
			       i % 2 ? "GET /demo" : GET, unknown[i / 2]);
		client_run(&client, &row, 1);
	}
}

static void each_failure_has_its_status_and_is_logged(void **state)
{
#define LOGGED(x) "*level=error event=request status=" x " *" CLIENT_SECRET "*"
#define FAILS(http, wait, name, status)                                   \
	GET, NULL, http, NULL, ISSUE, "Retry-After: " wait, LOGGED(name), \
		STORE_IS(status)
	static const struct exchange rows[] = {
		{FAILS(503, "1", "busy", BUSY)},
		{FAILS(503, "5", "full", FULL)},
		{FAILS(503, "5", "io", IO)},
		{FAILS(503, "5", "no-memory", NOMEM)},
		{FAILS(503, "5", "corrupt", CORRUPT)},
		{FAILS(503, "5", "font", FONT)},
		{FAILS(500, "", "bug", BUG)},
		{FAILS(500, "", "empty", EMPTY)},
		/* of the challenge layer, so not the client's fault */
		{FAILS(500, "", "bad-input", BAD_INPUT)},
		{FAILS(500, "", "too-large", TOO_LARGE)},
		{FAILS(500, "", "not-found", NOT_FOUND)},
		/* again within a minute, on any route */
		{GET, NULL, 503, NULL, ISSUE, NULL, "", STORE_IS(BUSY)},
		{"GET " IMAGE, NULL, 503, NULL, "*", NULL, "", STORE_IS(FULL)},
		{"GET /demo", NULL, 503, NULL, "*", NULL, "", STORE_IS(BUSY),
		 .times = 100},
	};

	client_run_all(&client, rows);
}

static void get_sends_the_largest_picture(void **state)
{
	client.challenge.png_bytes = POOL_IMAGE_MAX_BYTES;
	client_ask(&client, GET, NULL);
	assert_int_equal(client.res.status, 200);
	assert_true(client.res.body.len > POOL_IMAGE_MAX_BYTES / 3 * 4);
	assert_true(str_ends(client.res.body, "\"," OF_BASE));
}

/* GET /image/<pid>.png */

static void image_is_a_picture_or_404(void **state)
{
	static const struct exchange rows[] = {
		{"GET " IMAGE, NULL, 404, NULL, SHOW "application/problem+json",
		 STORE_IS(NOT_FOUND)},
		{"GET " IMAGE, NULL, 503, NULL, "*", STORE_IS(IO)},
		{"GET " IMAGE, NULL, 500, NULL, "*", STORE_IS(TOO_LARGE)},
		{"HEAD " IMAGE, NULL, 200, "",
		 SHOW "image/png\nContent-Length: 9"},
		{"GET " IMAGE, NULL, 200, NULL, SHOW "image/png"},
	};

	client_run_all(&client, rows);
	assert_int_equal(client.res.body.len, FAKE_PNG_BYTES);
	assert_memory_equal(client.res.body.ptr, FAKE_PNG, FAKE_PNG_BYTES);
}

/* GET /audio/<pid>.wav */

#define WAV	    "/audio/" FAKE_PID ".wav"
#define RANGE(x)    "GET " WAV "\nHTTP_RANGE=" x
#define MARK	    "\"" FAKE_MARK "\""
#define FOUND	    "sound " FAKE_PID " -"
#define MIXED	    FOUND ", mix " FAKE_PID
#define WAV_HEAD    "Content-Type: audio/wav\nAccept-Ranges: bytes\nETag: " MARK
#define ALL	    WAV_HEAD "\nContent-Length: 256044\nContent-Range: "
#define SOME(range, n) \
	WAV_HEAD "\nContent-Length: " n "\nContent-Range: bytes " range "/256044"

/* Whether the body of the last response is the sound from `first` on. */
static void check_bytes(size_t first, size_t n)
{
	assert_int_equal(client.res.body.len, n);
	for (size_t i = 0; i < n; i++)
		if (client.res.body.ptr[i] != (char)(first + i))
			fail_msg("another byte at %zu", i);
}

static void a_sound_has_the_range_that_is_asked_for(void **state)
{
	static const struct {
		const char *range;
		const char *header;
		size_t first, n;
	} rows[] = {
		{"", ALL, 0, FAKE_SOUND_BYTES},
		{"items=0-1", ALL, 0, FAKE_SOUND_BYTES},
		{"bytes=5-2", ALL, 0, FAKE_SOUND_BYTES},
		{"bytes=0-1,5-6", ALL, 0, FAKE_SOUND_BYTES},
		{"bytes=0-1\nHTTP_IF_RANGE=\"x\"", ALL, 0, FAKE_SOUND_BYTES},
		{"bytes=0-1", SOME("0-1", "2"), 0, 2},
		{"bytes=0-1\nHTTP_IF_RANGE=" MARK, SOME("0-1", "2"), 0, 2},
		{"bytes=0-", SOME("0-256043", "256044"), 0, FAKE_SOUND_BYTES},
		{"bytes=256000-", SOME("256000-256043", "44"), 256000, 44},
		{"bytes=70001-70003", SOME("70001-70003", "3"), 70001, 3},
		{"bytes=-44", SOME("256000-256043", "44"), 256000, 44},
		{"bytes=0-999999", SOME("0-256043", "256044"), 0,
		 FAKE_SOUND_BYTES},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		char request[256];
		struct exchange row = {request, NULL, 200, NULL, MIXED,
				       rows[i].header};

		(void)snprintf(request, sizeof(request), "%s%s", RANGE(""),
			       rows[i].range);
		row.status = strcmp(rows[i].header, ALL) ? 206 : 200;
		client_run(&client, &row, 1);
		check_bytes(rows[i].first, rows[i].n);
	}
}

static void a_sound_is_mixed_only_if_its_bytes_are_sent(void **state)
{
	static const struct exchange rows[] = {
		{"HEAD " WAV, NULL, 200, "", FOUND, ALL},
		{"HEAD " WAV "\nHTTP_RANGE=bytes=0-1", NULL, 200, "", FOUND,
		 ALL},
		{RANGE("bytes=256044-"), NULL, 416, NULL, FOUND,
		 "Content-Range: bytes */256044"},
		{RANGE("bytes=-0"), NULL, 416, NULL, FOUND,
		 "Content-Range: bytes */256044"},
		{"GET " WAV "\nHTTP_IF_NONE_MATCH=\"x\", W/" MARK, NULL, 304,
		 "", FOUND, "ETag: " MARK "\nContent-Length: \nContent-Type: "},
		{RANGE("bytes=0-1\nHTTP_IF_NONE_MATCH=" MARK), NULL, 304, "",
		 FOUND},
		{"GET " WAV "\nHTTP_IF_NONE_MATCH=\"x\"", NULL, 200, NULL,
		 MIXED},
	};

	client_run_all(&client, rows);
}

static void a_sound_has_a_language(void **state)
{
#define IN(lang) "sound " FAKE_PID " " lang ", mix " FAKE_PID
	static const struct exchange rows[] = {
		{"GET " WAV "?hl=de", NULL, 200, NULL, IN("de")},
		{"GET " WAV "?language=pt-BR", NULL, 200, NULL, IN("pt-BR")},
		{"GET " WAV "?language=en&hl=de", NULL, 200, NULL, IN("de")},
		{"GET " WAV "?hl=", NULL, 200, NULL, IN("-")},
		{"GET " WAV "?hl=de&hl=en", NULL, 400},
	};

	client_run_all(&client, rows);
}

static void a_sound_that_cannot_be_is_refused(void **state)
{
	static const struct exchange rows[] = {
		{"GET " WAV, NULL, 404, NULL, FOUND, STORE_IS(NOT_FOUND)},
		{"GET " WAV, NULL, 503, NULL, FOUND, STORE_IS(BUSY)},
		{"GET " WAV, NULL, 503, NULL, MIXED,
		 .fake.mix_status = CF_NOMEM},
		{"GET " WAV, NULL, 500, NULL, MIXED,
		 .fake.mix_status = CF_TOO_LARGE},
		{"POST " WAV, "", 405},
		{"GET /audio/" FAKE_PID, NULL, 404},
		{"GET /audio/" FAKE_PID ".mp3", NULL, 404},
		{"GET /audio/x" FAKE_PID ".wav", NULL, 404},
		{"GET /audio/.wav", NULL, 404},
		{"GET /audio/" FAKE_PID ".wav/", NULL, 404},
	};

	client_run_all(&client, rows);
}

static void get_can_give_the_address_of_a_sound(void **state)
{
#define SOUND .fake.has_sound = true
	static const struct exchange rows[] = {
		{GET "?img=url&audio=1\nSCRIPT_NAME=/captcha", NULL, 200,
		 "*.png\",\"audio\":\"/captcha/audio/" FAKE_PID
		 ".wav\"," OF_BASE,
		 "issue default", SOUND},
		{GET "?audio=1\nSCRIPT_NAME=/c", NULL, 200,
		 "*\"audio\":\"/c/audio/" FAKE_PID ".wav\"," OF_BASE, ISSUE,
		 SOUND},
		{GET "?audio=0", NULL, BASE, SOUND},
		{GET, NULL, BASE, SOUND},
		/* without voices, or with audio = no */
		{GET "?audio=1", NULL, BASE},
		{GET "?audio=yes", NULL, 400, "*audio is 0 or 1.\"}"},
		{GET "?audio=1\nSCRIPT_NAME=/a\rX: y", NULL, 400, .fake = {
			.has_sound = true}},
	};

	client_run_all(&client, rows);
}

static void digits_pass_as_a_code_does(void **state)
{
	static const struct exchange row = {
		CHECK(FORM), "pid=" FAKE_PID "&code=" FAKE_DIGITS, 200,
		PASSED "*", "verify " FAKE_PID " " FAKE_DIGITS " any",
		NULL, "*verdict=pass pid=" "0Ab3Ef" " mode=audio*", PASSES};

	client.log.level = LOG_LEVEL_INFO;
	client_run(&client, &row, 1);
	client.log.level = LOG_LEVEL_ERROR;
}

/* POST /verification/check */

static void check_tells_the_verdict(void **state)
{
#define ALONE(x) .fake.verdict = CHALLENGE_##x, .fake.has_base_alone = true
#define TELLS(x) 200, x, VERIFY, "Content-Type: " JSON
#define USED	 FAILED("\"expired-or-used\"")
	static const struct exchange rows[] = {
		{CHECK(FORM), GOOD, TELLS(PASSED "}"), ALONE(PASS)},
		{CHECK(FORM), GOOD, TELLS(FAILED("\"wrong\"") "}"),
		 ALONE(WRONG)},
		{CHECK(FORM), GOOD, TELLS(USED "}"), ALONE(UNKNOWN)},
		{CHECK(FORM), GOOD, TELLS(USED "}"), ALONE(EXPIRED)},
		{CHECK(FORM), GOOD, TELLS(FAILED("\"bad-request\"") "}"),
		 ALONE(MALFORMED)},
	};

	client_run_all(&client, rows);
	assert_true(client.res.body_was_read);
}

static void check_names_the_profile_if_there_are_several(void **state)
{
#define IN_BASE	 ",\"profile\":\"default\"}"
#define IN_LOGIN ",\"profile\":\"login\"}"
	static const struct exchange rows[] = {
		{CHECK(FORM), GOOD "&profile=default", 200, PASSED IN_BASE,
		 "verify * default", ALONE(PASS)},
		{CHECK(FORM), GOOD, 200, PASSED IN_BASE, "verify * any",
		 .fake.verdict = CHALLENGE_PASS},
		{CHECK(FORM), GOOD, 200, PASSED IN_LOGIN, "verify * any",
		 .fake = {CF_OK, CHALLENGE_PASS, .is_login = true}},
		{CHECK(FORM), GOOD, 200, FAILED("\"wrong\"") IN_LOGIN,
		 "verify * any",
		 .fake = {CF_OK, CHALLENGE_WRONG, .is_login = true}},
		{CHECK(FORM), GOOD, 200, FAILED("\"wrong\"") "}",
		 "verify * any",
		 .fake = {CF_OK, CHALLENGE_WRONG, .of_none = true}},
		{CHECK(FORM), GOOD, 200, USED "}", "verify * any",
		 .fake = {CF_OK, CHALLENGE_EXPIRED, .is_login = true}},
		{CHECK(FORM), GOOD "&profile=login", 200, USED "}",
		 "verify * login",
		 .fake = {CF_OK, CHALLENGE_UNKNOWN, .is_login = true}},
		{CHECK(FORM), "pid=p&profile=login", 200,
		 FAILED("\"missing-code\"") "}", NULL,
		 .fake.verdict = CHALLENGE_PASS},
	};

	client_run_all(&client, rows);
}

static void check_and_demo_use_the_profile_of_the_body(void **state)
{
	static const struct {
		const char *type, *body, *calls;
		const char *detail; /* of a 400; NULL: it is 200 */
	} cases[] = {
#define PID_CODE   "{\"pid\":\"p\",\"code\":\"c\",\"profile\":"
#define UNKNOWN	   NULL, "The service has no profile of this name."
#define WRONG_TYPE NULL, MEMBER_TYPE
		{FORM, GOOD "&Profile=login", "verify * any*", NULL},
		{FORM, GOOD "&profile=login", "verify * login*", NULL},
		{FORM, "profile=%6Cogin&" GOOD, "verify * login*", NULL},
		{FORM, GOOD "&profile=default", "verify * default*", NULL},
		{FORM, GOOD "&profile=", "verify * default*", NULL},
		{FORM, GOOD "&profile", "verify * default*", NULL},
		{JSON, PID_CODE "\"login\"}", "verify - c login*", NULL},
		{JSON, PID_CODE "\"\"}", "verify - c default*", NULL},
		/* these use no attempt */
		{FORM, GOOD "&profile=Login", UNKNOWN},
		{FORM, GOOD "&profile=loginx", UNKNOWN},
		{FORM, GOOD "&profile=log%00in", UNKNOWN},
		{FORM, GOOD "&profile=%3Cb%3Ezz", UNKNOWN},
		{JSON, PID_CODE "\"zz\"}", UNKNOWN},
		{JSON, PID_CODE "null}", WRONG_TYPE},
		{JSON, PID_CODE "[\"login\"]}", WRONG_TYPE},
		{FORM, GOOD "&profile=login&profile=login", NULL,
		 "The request is malformed."},
	};

	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(cases); i++) {
		const char *detail = cases[i / 2].detail;
		char request[128], answer[128];
		struct exchange row = {
			request, cases[i / 2].body,  detail ? 400 : 200,
			answer,	 cases[i / 2].calls, PASSES};

		(void)snprintf(request, sizeof(request), "%s%s",
			       i % 2 ? PAGE("") : CHECK(""), cases[i / 2].type);
		(void)snprintf(answer, sizeof(answer), "*%s%s",
			       detail ? detail : "",
			       !detail ? "*"
			       : i % 2 ? "\"}"
				       : "\",\"success\":false,\"error-codes\":"
					 "[\"bad-request\"]}");
		client_run(&client, &row, 1);
	}
}

static void check_passes_pid_and_code_on_unchanged(void **state)
{
#define GIVES(x) 200, NULL, "verify " x " any"
	static const struct exchange rows[] = {
		{CHECK(FORM), GOOD, GIVES(FAKE_PID " K7XQ")},
		{CHECK(FORM "; charset=UTF-8"), GOOD, GIVES(FAKE_PID " K7XQ")},
		{CHECK("Application/X-WWW-Form-UrlEncoded"), GOOD,
		 GIVES(FAKE_PID " K7XQ")},
		{CHECK(FORM), "code=a+b%2B&x=y&pid=p", GIVES("- a\\x20b+")},
		{CHECK(FORM), "pid=p&code=a%00b", GIVES("- a\\x00b")},
		{CHECK(FORM), "pid=" FAKE_PID "%00&code=c", GIVES("- c")},
		{CHECK(FORM), "pid=..%2F..%2Fetc&code=c", GIVES("- c")},
		{CHECK(FORM), "pid=%C3%BC%F0%9F%98%80&code=c", GIVES("- c")},
		{CHECK(PARTS), GOOD_PARTS, GIVES("- c")},
		{CHECK("Multipart/Form-Data; charset=utf-8; boundary=\"B\""),
		 "\r\n" GOOD_PARTS, GIVES("- c")},
		{CHECK(PARTS),
		 PART("code\r\n\r\na+b%20\r\n")
			 PART("pid\r\n\r\n" FAKE_PID) "--B--",
		 GIVES(FAKE_PID " a+b%20\\x0d\\x0a")},
		{CHECK(JSON), "{\"pid\":\"" FAKE_PID "\",\"code\":\"c\"}",
		 GIVES(FAKE_PID " c")},
		{CHECK(JSON ";charset=utf-8"),
		 "{\"code\":\"\\u00fc\",\"pid\":\"p\",\"x\":{\"y\":[1]}}",
		 GIVES("- \\xc3\\xbc")},
		{CHECK("APPLICATION/JSON"), "{\"pid\":\"p\",\"code\":\" \"}",
		 GIVES("- \\x20")},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":1234}", GIVES("- 1234")},
		{CHECK(JSON), "{\"code\": 0 ,\"pid\":\"p\"}", GIVES("- 0")},
	};

	client_run_all(&client, rows);
	client.chunk_bytes = 1;
	client_run(&client, rows, 1);
}

static void check_refuses_bad_input(void **state)
{
#define NO_PID	  "\"missing-pid\""
#define NO_CODE	  "\"missing-code\""
#define LACKS(x)  200, FAILED(x) "}"
#define BAD(n)	  n, MALFORMED
#define LENGTH(x) CHECK(FORM) "\nCONTENT_LENGTH=" x, GOOD
	static const struct exchange rows[] = {
		{CHECK(FORM), "", LACKS(NO_PID "," NO_CODE)},
		{CHECK(FORM), NULL, LACKS(NO_PID "," NO_CODE)},
		{"POST /verification/check", NULL, LACKS(NO_PID "," NO_CODE)},
		{CHECK(FORM), "code=c", LACKS(NO_PID)},
		{CHECK(FORM), "pid=&code=c", LACKS(NO_PID)},
		{CHECK(FORM), "PID=p&code=c", LACKS(NO_PID)},
		{CHECK(FORM), "pid=p", LACKS(NO_CODE)},
		{CHECK(FORM), "pid=p&code", LACKS(NO_CODE)},
		{CHECK(FORM), "pid=p&code=", LACKS(NO_CODE)},
		{CHECK(FORM), "{\"pid\":\"p\",\"code\":\"c\"}",
		 LACKS(NO_PID "," NO_CODE)},
		{CHECK(JSON), "{}", LACKS(NO_PID "," NO_CODE)},
		{CHECK(JSON), "{\"pid\":\"\",\"code\":\"c\"}", LACKS(NO_PID)},
		{CHECK(PARTS), "--B--\r\n", LACKS(NO_PID "," NO_CODE)},
		{CHECK(PARTS), PART("pid\r\n\r\np") "--B--", LACKS(NO_CODE)},
		/* forms */
		{CHECK(FORM), "pid=p&code=%4", BAD(400)},
		{CHECK(FORM), "pid=p&code=c&pid=p", BAD(400)},
		{CHECK(FORM), "pid=p&code=c&x&x", BAD(400)},
		{CHECK(FORM), "pid=p&code=c&1&2&3&4&5&6&7&8&9&a&b&c&d&e&f",
		 BAD(400)},
		/* JSON */
		{CHECK(JSON), "", BAD(400)},
		{CHECK(JSON), NULL, BAD(400)},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":007}", BAD(400)},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":1.0}", 400,
		 "*\"detail\":\"" MEMBER_TYPE "\"" MALFORMED},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":1e2}", 400,
		 "*" MEMBER_TYPE MALFORMED},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":1e999}", 400,
		 "*A number is too large. Send it as a string.\"" MALFORMED},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":true}", 400,
		 "*" MEMBER_TYPE MALFORMED},
		{CHECK(JSON), "{\"pid\":1,\"code\":\"c\"}", BAD(400)},
		{CHECK(JSON), "{\"pid\":[\"p\"],\"code\":\"c\"}", BAD(400)},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":null}", BAD(400)},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":{\"a\":\"b\"}}",
		 BAD(400)},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":\"c\",\"code\":\"d\"}",
		 BAD(400)},
		/* several parts */
		{CHECK(PARTS), NULL, BAD(400)},
		{CHECK(PARTS), PART("pid\r\n\r\np") GOOD_PARTS, BAD(400)},
		{CHECK("multipart/form-data"), GOOD_PARTS, BAD(400)},
		{CHECK("multipart/form-data; boundary=x"), GOOD_PARTS,
		 BAD(400)},
		{CHECK(PARTS), PART("x; filename=y\r\n\r\n") GOOD_PARTS, 400,
		 "*\"A part of the form is a file. Send text fields alone.\","
		 "\"success\":false,\"error-codes\":[\"bad-request\"]}"},
		/* lengths */
		{LENGTH("5"), BAD(400)},
		{LENGTH("0"), BAD(400)},
		{LENGTH(""), BAD(400)},
		{LENGTH("-1"), BAD(400)},
		{LENGTH("4097"), BAD(413)},
		{LENGTH("99999999999999999999999999"), BAD(413)},
		{CHECK("text/plain\nCONTENT_LENGTH=4097"), GOOD, BAD(413)},
		/* a page of another site */
		{CHECK(FORM) "\nHTTP_SEC_FETCH_SITE=cross-site", GOOD,
		 BAD(403)},
		/* media types */
		{"POST /verification/check", GOOD, BAD(415)},
		{CHECK("text/plain"), GOOD, BAD(415)},
	};
	static const struct exchange gone = {CHECK(FORM "\nCONTENT_LENGTH=400"),
					     GOOD, BAD(400)};

	client_run_all(&client, rows);
	client.is_gone = true;
	client_run(&client, &gone, 1);
	assert_false(client.res.body_was_read);
}

/* Each is followed by a run of one character, up to a limit and one past it. */
static void values_and_bodies_have_a_limit(void **state)
{
	enum {
		VALUE_MAX = 256,
		BODY_MAX = 4096
	};
	static const struct {
		const char *request, *before;
		char c;
		size_t max;
		const char *behind;
		int status; /* past the limit */
	} cases[] = {
		{CHECK(FORM), "pid=p&code=", '0', VALUE_MAX, "", 400},
		{CHECK(FORM), "code=c&pid=", '0', VALUE_MAX, "", 400},
		{CHECK(JSON), "{\"pid\":\"p\",\"code\":\"", '0', VALUE_MAX,
		 "\"}", 400},
		/* empty parts are skipped */
		{CHECK(FORM), "pid=p&code=c", '&', BODY_MAX - 12, "", 413},
	};

	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(cases); i++) {
		size_t n = cases[i / 2].max + i % 2;
		size_t n_before = strlen(cases[i / 2].before);
		char body[BODY_MAX + 128];

		memcpy(body, cases[i / 2].before, n_before);
		memset(body + n_before, cases[i / 2].c, n);
		(void)snprintf(body + n_before + n, 8, "%s",
			       cases[i / 2].behind);
		client.challenge.verdict = CHALLENGE_PASS;
		client_ask(&client, cases[i / 2].request, body);
		assert_int_equal(client.res.status,
				 i % 2 ? cases[i / 2].status : 200);
		assert_int_equal(client.n_read,
				 client.res.status == 413 ? 0 : strlen(body));
		assert_int_equal(client.res.body_was_read, client.n_read > 0);
		assert_int_equal(client.challenge.calls[0] == '\0', i % 2);
	}
}

static void check_never_passes_when_the_store_fails(void **state)
{
	static const struct exchange busy = {
		CHECK(FORM),
		GOOD,
		503,
		"{\"type\":\"about:blank\",\"title\":\"Service Unavailable\","
		"\"status\":503,\"detail\":\"The service is busy. Try "
		"again.\"}",
		VERIFY,
		STORE_IS(BUSY)};

	client_run(&client, &busy, 1);
	for (int i = 1; i < CF_STATUS_COUNT; i++) {
		client.challenge =
			(struct challenge){.status = (enum cf_status)i,
					   .verdict = CHALLENGE_PASS};
		client_ask(&client, CHECK(FORM), GOOD);
		assert_true(client.res.status >= 500);
		assert_false(client_body_has(&client, "true"));
	}
}

/* /healthz */

#define WELL "{\"ok\":true,\"store\":\"ok\",\"cache\":\"ok\"}\n"

static void failing_parts_are_named_and_logged(void **state)
{
#define CACHE_IS_FULL \
	.cache = CF_FULL, .cache_error = { CF_FULL, 0, CLIENT_SECRET }
	static const struct exchange rows[] = {
		{"GET /healthz", NULL, 200, WELL, "health", NULL, ""},
		{"HEAD /healthz", NULL, 200, "", "health"},
		{"GET /healthz", NULL, 503,
		 "{\"ok\":false,\"store\":\"ok\",\"cache\":\"full\"}\n",
		 "health", "Retry-After: 5",
		 "* level=warn event=health status=full *" CLIENT_SECRET "*\n",
		 .fake = {.health = {CACHE_IS_FULL}}},
		{"GET /healthz", NULL, 503,
		 "{\"ok\":false,\"store\":\"busy\",\"cache\":\"full\"}\n",
		 "health",
		 .fake = {.health = {.store = CF_BUSY, CACHE_IS_FULL}}},
	};

	client.log.level = LOG_LEVEL_WARN;
	client_run_all(&client, rows);
}

/* A clock that stands still keeps all requests within a second. */
static void only_operators_get_details_of_health(void **state)
{
#define IS_BUSY .fake.health.store = CF_BUSY
#define BUSY	"{\"ok\":false,\"store\":\"busy\",\"cache\":\"ok\"}\n"
	static const struct exchange before[] = {
		{HEALTH("192.0.2.1"), NULL, 200, "{\"ok\":true}\n", "health"},
		{HEALTH("192.0.2.1"), NULL, 200, "{\"ok\":true}\n", NULL,
		 IS_BUSY, .times = 100},
	};
	static const struct exchange a_second_later[] = {
		/* a visitor behind a proxy */
		{HEALTH("127.0.0.1") FOR("192.0.2.1"), NULL, 503,
		 "{\"ok\":false}\n", "health", IS_BUSY},
		{HEALTH("127.0.0.1") FOR("192.0.2.1"), NULL, 503,
		 "{\"ok\":false}\n", NULL, "Retry-After: 5", .times = 100},
		{HEALTH("127.0.0.1"), NULL, 503, BUSY, "health", IS_BUSY},
		{HEALTH("::1"), NULL, 200, WELL, "health"},
		/* others get the result of the operator's request */
		{HEALTH("192.0.2.1"), NULL, 200, "{\"ok\":true}\n"},
	};
	struct fake_clk fake;

	fake_clk_init(&fake);
	notes_free(client.http->ctx.notes);
	client.http->ctx.notes =
		notes_new(&client.settings, fake_clk_get(&fake));
	assert_non_null(client.http->ctx.notes);
	client_run_all(&client, before);
	fake_clk_forward(&fake, NOTES_HEALTH_MS);
	client_run_all(&client, a_second_later);
}

/* /metrics */

static void metrics_are_text_for_prometheus(void **state)
{
	static const char *const verdicts[] = {"unknown", "pass", "wrong",
					       "expired", "malformed"};
	static const enum metric metrics[] = {METRIC_CHECK_UNKNOWN,
					      METRIC_CHECK_PASS,
					      METRIC_CHECK_WRONG,
					      METRIC_CHECK_EXPIRED,
					      METRIC_CHECK_MALFORMED};
	static const struct exchange rows[] = {
		/* a failing count is left out */
		{METRICS("127.0.0.1"), NULL, 200,
		 "*\ncaptcha_store_errors_total *\ncaptcha_processes *", NULL,
		 NULL, STORE_IS(BUSY)},
		{METRICS("127.0.0.1"), NULL, 200,
		 "# HELP *\ncaptcha_responses_total{class=\"2xx\"} *"
		 "\n# TYPE captcha_checks_total counter\n"
		 "captcha_checks_total{verdict=\"*"
		 "\n# TYPE captcha_check_requests_total counter\n"
		 "captcha_check_requests_total{limit=\"exempt\"} *\n"
		 "captcha_check_requests_total{limit=\"counted\"} *\n*"
		 "\ncaptcha_request_duration_seconds_bucket{le=\"+Inf\"} *"
		 "\ncaptcha_request_duration_seconds_sum *.*"
		 "\ncaptcha_request_duration_seconds_count *"
		 "\ncaptcha_challenges_live 11\n*"
		 "\ncaptcha_challenges_live_max 12\n*"
		 "\ncaptcha_pool_ready{profile=\"default\"} 13\n"
		 "captcha_pool_ready{profile=\"login\"} 14\n*"
		 "\ncaptcha_memory_bytes{class=\"sqlite\"} *"
		 "\ncaptcha_build_info{version=\"" PACKAGE_VERSION "\"} 1\n",
		 NULL,
		 "Content-Type: text/plain; version=0.0.4; "
		 "charset=utf-8"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(metrics); i++)
		metrics_add(metrics[i], 101 + i);
	client_run_all(&client, rows);
	for (size_t i = 0; i < CF_ARRAY_LEN(verdicts); i++) {
		char line[80];

		(void)snprintf(line, sizeof(line),
			       "\ncaptcha_checks_total{verdict=\"%s\"} %zu\n",
			       verdicts[i], 101 + i);
		assert_true(client_body_has(&client, line));
	}
	client_run(&client, rows, 1);
	assert_false(client_body_has(&client, "captcha_challenges_live"));
}

static void only_operators_get_metrics(void **state)
{
	static const struct {
		const char *proxies, *allow, *request;
		int status;
	} cases[] = {
#define BY METRICS
		{"", "", BY("127.0.0.1"), 200},
		{"", "", BY("::1"), 200},
		{"", "", BY("192.0.2.1"), 403},
		{"", "", BY("192.0.2.1") FOR("127.0.0.1"), 403},
		/* behind a proxy of this machine that is not trusted */
		{"", "", BY("127.0.0.1") FOR("192.0.2.1"), 403},
		{"", "", BY("127.0.0.1") FOR("127.0.0.1"), 403},
		{"127.0.0.1", "", BY("127.0.0.1") FOR("192.0.2.1"), 403},
		{"127.0.0.1", "", BY("127.0.0.1") FOR("127.0.0.1"), 200},
		{"", "192.0.2.0/24", BY("192.0.2.1"), 200},
		{"", "192.0.2.0/24", BY("192.0.3.1"), 403},
		{"", "2001:db8::7", BY("2001:db8::7"), 200},
		{"", "2001:db8::7", BY("2001:db8::8"), 403},
		{"127.0.0.1", "192.0.2.0/24", BY("127.0.0.1") FOR("192.0.2.9"),
		 200},
		{"", "192.0.2.0/24", BY("127.0.0.1") FOR("192.0.2.9"), 403},
		/* a proxy in metrics_allow, and visitors behind it */
		{"10.0.0.5", "10.0.0.0/8", BY("10.0.0.5"), 200},
		{"10.0.0.5", "10.0.0.0/8", BY("10.0.0.5") FOR("10.0.0.7"), 200},
		{"10.0.0.5", "10.0.0.0/8", BY("10.0.0.5") FOR("192.0.2.9"),
		 403},
		{"10.0.0.5", "10.0.0.0/8", BY("10.0.0.5") FOR("unknown"), 403},
		{"127.0.0.1", "127.0.0.1", BY("127.0.0.1") FOR("unknown"), 403},
#undef BY
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct exchange row = {cases[i].request, NULL, cases[i].status};

		client_set(&client, trusted_proxies, cases[i].proxies);
		client_set(&client, metrics_allow, cases[i].allow);
		client_restart(&client);
		client_run(&client, &row, 1);
	}
}

/* /demo */

#define HTML "Content-Type: text/html; charset=utf-8"

/* Between the first `before` and the next `after` of the body; borrowed
 * until the next call. */
static const char *between(const char *before, char after)
{
	static char text[128];
	const char *at = strstr(client.res.body.ptr, before);
	const char *end;

	assert_non_null(at);
	at += strlen(before);
	end = strchr(at, after);
	assert_non_null(end);
	(void)snprintf(text, sizeof(text), "%.*s", (int)(end - at), at);
	return text;
}

static void demo_is_a_page_with_a_form(void **state)
{
	static const struct exchange rows[] = {
		{"HEAD /demo", NULL, 200, "", NULL, HTML "\nContent-Length: "},
		{"GET /demo", NULL, 200,
		 "<!DOCTYPE html>*method=\"post\" action=\"\" "
		 "autocomplete=\"off\">*id=\"result\" class=\"none\"*"
		 "<picture><source media=\"(prefers-color-scheme: dark)\" "
		 "srcset=\"data:image/png;base64,iVBORw0KGgpE\">"
		 "<img id=\"captcha\" "
		 "src=\"data:image/png;base64,iVBORw0KGgpM\" width=\"240\" height=\"80\" alt=\"*"
		 "<button id=\"again\"*"
		 "<input type=\"hidden\" name=\"pid\" value=\"" FAKE_PID "\">*"
		 "<input id=\"code\" name=\"code\"*autocomplete=\"off\"*"
		 "autocapitalize=\"off\"*spellcheck=\"false\"*"
		 "aria-invalid=\"false\"*<button id=\"check\"*"
		 "</html>\n",
		 ISSUE, HTML},
	};
	/* attributes that no nonce allows, and addresses that depend on the
	 * prefix */
	static const char *const lacks[] = {"{{",	 "name=\"profile\"",
					    " style=\"", " onclick=",
					    "/captcha/", "src=\"/",
					    "href=\"/",	 "http://",
					    "https://"};

	client_run_all(&client, rows);
	for (size_t i = 0; i < CF_ARRAY_LEN(lacks); i++)
		assert_false(client_body_has(&client, lacks[i]));
}

static void the_short_address_leads_to_the_demo(void **state)
{
#define SHORT(x)    "GET /\nSCRIPT_NAME=" x, NULL
#define LEADS_TO(x) 302, x, NULL, "Location: " x
	static const struct exchange rows[] = {
		{SHORT("/captcha"), LEADS_TO("/captcha/demo")},
		{SHORT("/captcha/"), LEADS_TO("/captcha/demo")},
		{"GET \nSCRIPT_NAME=/captcha", NULL, LEADS_TO("/captcha/demo")},
		{"GET\nSCRIPT_NAME=/captcha", NULL, LEADS_TO("/captcha/demo")},
		{"GET /", NULL, LEADS_TO("/demo")},
		{SHORT("//evil.example"), LEADS_TO("/evil.example/demo")},
		{SHORT("/a b\"%"), LEADS_TO("/a%20b%22%25/demo")},
		{"HEAD /\nSCRIPT_NAME=/captcha", NULL, 302, "", NULL,
		 "Location: /captcha/demo"},
		{"POST /\nCONTENT_TYPE=" FORM, GOOD, 405, NULL, NULL,
		 "Allow: GET, HEAD"},
		{SHORT("/a\rX: y"), 400, NULL, NULL, "Location: "},
	};
	static const struct exchange with_public_url[] = {
		{SHORT("/captcha"), LEADS_TO("https://x.example/c/demo")},
		{SHORT("/a\rX: y"), LEADS_TO("https://x.example/c/demo")},
	};
	static const struct exchange without_demo[] = {
		{SHORT("/captcha"), 404, NULL, NULL, "Location: "},
		{"GET /demo", NULL, 404},
	};
	char path[300];
	struct exchange too_long = {path, NULL, 404};

	client_run_all(&client, rows);
	(void)snprintf(path, sizeof(path), "GET /%0*d", REQUEST_PATH_MAX_BYTES,
		       0);
	client_run(&client, &too_long, 1);
	client_set(&client, public_url, "https://x.example/c/");
	client_run_all(&client, with_public_url);
	client.settings.demo = 0;
	client_run_all(&client, without_demo);
}

static void demo_allows_only_its_own_script_and_style(void **state)
{
	char first[64], policy[512];

	client_ask(&client, "GET /demo", NULL);
	(void)snprintf(first, sizeof(first), "%s",
		       between("<script nonce=\"", '"'));
	assert_true(strlen(first) >= 22);
	assert_string_equal(first, between("<style nonce=\"", '"'));
	(void)snprintf(policy, sizeof(policy),
		       "default-src 'none'; img-src 'self' data:; "
		       "style-src 'nonce-%s'; script-src 'nonce-%s'; "
		       "connect-src 'self'; media-src 'self'; "
		       "form-action 'self'; "
		       "frame-ancestors 'none'; base-uri 'none'",
		       first, first);
	assert_true(
		client_has_header(&client, "Content-Security-Policy", policy));
	assert_true(
		client_has_header(&client, "Referrer-Policy", "same-origin"));
	client_ask(&client, "GET /demo", NULL);
	assert_string_not_equal(first, between("<script nonce=\"", '"'));
}

static void demo_shows_the_verdict_and_a_new_picture(void **state)
{
#define SAYS(class, text) \
	"*id=\"result\" class=\"" class "\" role=\"status\"*>" text "</p>*"
#define SHOWS(class, text) 200, SAYS(class, text " Here is a new one.")
#define NEW(x)		   VERIFY ", " ISSUE, .fake.verdict = CHALLENGE_##x
#define EXPIRED		   "That picture has expired or was answered before."
	static const struct exchange rows[] = {
		{PAGE(FORM), GOOD, SHOWS("good", "That is right."), NEW(PASS)},
		{PAGE(FORM), GOOD,
		 SHOWS("bad", "That is not what the picture said."),
		 NEW(WRONG)},
		{PAGE(FORM), GOOD, SHOWS("bad", EXPIRED), NEW(UNKNOWN)},
		{PAGE(FORM), GOOD, SHOWS("bad", EXPIRED), NEW(EXPIRED)},
		{PAGE(FORM), GOOD,
		 SHOWS("bad", "The answer could not be read."), NEW(MALFORMED)},
		{PAGE(PARTS), GOOD_PARTS, SHOWS("good", "That is right."),
		 "verify - c any, " ISSUE, PASSES},
		{PAGE(FORM), "pid=p&code=",
		 SHOWS("bad", "Type the answer first."), ISSUE},
		{PAGE(FORM), "code=c",
		 SHOWS("bad", "The answer came without its picture."), ISSUE},
		{PAGE(FORM), "",
		 SHOWS("bad", "The answer came without its picture."), ISSUE},
		/* the picture or the check fails */
		{"GET /demo", NULL, 503,
		 SAYS("bad", "There is no picture to show just now. Try "
			     "again in a moment.") "value=\"\">*",
		 ISSUE, HTML "\nRetry-After: 1", STORE_IS(BUSY)},
		{PAGE(FORM), GOOD, 503,
		 SAYS("bad", "The answer could not be checked just now. Try "
			     "again in a moment."),
		 VERIFY, HTML, STORE_IS(BUSY)},
		/* refused as by check */
		{PAGE(FORM), "pid=p&code=%", 400},
		{PAGE(FORM), "pid=p&pid=p", 400},
		{PAGE(PARTS), PART("x; filename=y\r\n\r\n") GOOD_PARTS, 400,
		 "*A part of the form is a file.*"},
		{PAGE("text/plain"), GOOD, 415},
	};

	client_run_all(&client, rows);
}

static void demo_marks_the_field_when_the_answer_is_at_fault(void **state)
{
#define FIELD(is_invalid) 200, "*aria-invalid=\"" is_invalid "\"*"
	static const struct exchange rows[] = {
		{"GET /demo", NULL, FIELD("false"), ISSUE},
		{PAGE(FORM), GOOD, FIELD("false"), NEW(PASS)},
		{PAGE(FORM), GOOD, FIELD("true"), NEW(WRONG)},
		{PAGE(FORM), GOOD, FIELD("true"), NEW(UNKNOWN)},
		{PAGE(FORM), GOOD, FIELD("true"), NEW(EXPIRED)},
		{PAGE(FORM), GOOD, FIELD("true"), NEW(MALFORMED)},
		{PAGE(FORM), "pid=p", FIELD("true"), ISSUE},
		{PAGE(FORM), "code=c", FIELD("false"), ISSUE},
		{PAGE(FORM), GOOD, 503, "*aria-invalid=\"false\"*", VERIFY,
		 STORE_IS(BUSY)},
	};

	client_run_all(&client, rows);
}

static void demo_keeps_its_profile(void **state)
{
#define LOGIN_PAGE                                         \
	200, "*method=\"post\" action=\"?profile=login\"*" \
	     "width=\"320\" height=\"100\"*"               \
	     "<input type=\"hidden\" name=\"profile\" value=\"login\">*"
	static const struct exchange rows[] = {
		{"GET /demo?profile=login", NULL, LOGIN_PAGE,
		 "issue login png"},
		{"POST /demo?profile=login\nCONTENT_TYPE=" FORM, GOOD,
		 LOGIN_PAGE, VERIFY ", issue login png"},
	};

	client_run_all(&client, rows);
}

/* Limits. One credit a minute and a burst of two: so the third request is
 * refused, if the test takes less than a minute. */

#define V1	    "\nREMOTE_ADDR=192.0.2.1"
#define V2	    "\nREMOTE_ADDR=192.0.2.2"
#define PLEASE_WAIT "Too many requests came from your address. "

static char cache_dir[TEMP_PATH_BYTES];

static int set_up_limits(void **state)
{
	struct settings *settings = &client.settings;

	client_init(&client);
	temp_dir_make(cache_dir);
	client_set(&client, cache_dir, cache_dir);
	client_set(&client, trusted_proxies, "127.0.0.1");
	settings->issue_per_minute = settings->failed_per_minute = 1;
	settings->issue_burst = settings->failed_burst = 2;
	settings->audio_per_minute = 1;
	settings->audio_burst = 2;
	client_restart(&client);
	return 0;
}

static int tear_down_limits(void **state)
{
	client_release(&client);
	temp_dir_remove(cache_dir);
	return 0;
}

static void challenges_of_a_visitor_are_limited(void **state)
{
	static const struct exchange rows[] = {
		/* a failed issue costs no credit, nor does a page of another
		 * site */
		{GET V1 "\nHTTP_SEC_FETCH_SITE=cross-site", NULL, 403,
		 .times = 5},
		{GET V1, NULL, 503, NULL, ISSUE, STORE_IS(BUSY), .times = 5},
		{GET V1, NULL, 200, NULL, ISSUE, .times = 2},
		{GET V1, NULL, 429,
		 "{\"type\":\"about:blank\",\"title\":\"Too Many Requests\","
		 "\"status\":429,\"detail\":\"" PLEASE_WAIT "Try again "
		 "later.\"}"},
		{GET V2, NULL, 200, NULL, ISSUE},
		{"GET " IMAGE V1, NULL, 200, NULL, "picture *"},
		{CHECK(FORM) V1, GOOD, 200, PASSED "*", VERIFY, PASSES},
	};

	client_run_all(&client, rows);
}

/* A player goes on in a sound, and asks whether it has it still. */
static void sounds_of_a_visitor_are_limited(void **state)
{
	static const struct exchange rows[] = {
		{"HEAD " WAV V1, NULL, 200, "", FOUND, .times = 5},
		{RANGE("bytes=1-") V1, NULL, 206, NULL, MIXED, .times = 5},
		{RANGE("bytes=-44") V1, NULL, 206, NULL, MIXED, .times = 5},
		{RANGE("bytes=256044-") V1, NULL, 416, NULL, FOUND,
		 .times = 5},
		{"GET " WAV "\nHTTP_IF_NONE_MATCH=" MARK V1, NULL, 304, "",
		 FOUND, .times = 5},
		{"GET " WAV V1, NULL, 404, NULL, FOUND, STORE_IS(NOT_FOUND),
		 .times = 5},
		{"GET " WAV V1, NULL, 503, NULL, MIXED,
		 .fake.mix_status = CF_NOMEM, .times = 5},
		{RANGE("bytes=0-1") V1, NULL, 206, NULL, MIXED},
		{"GET " WAV V1, NULL, 200, NULL, MIXED},
		{"GET " WAV V1, NULL, 429,
		 "*\"detail\":\"" PLEASE_WAIT "Try again later.\"}", FOUND},
		{RANGE("bytes=0-") V1, NULL, 429, NULL, FOUND},
		{RANGE("bytes=-256044") V1, NULL, 429, NULL, FOUND},
		{RANGE("bytes=1-") V1, NULL, 206, NULL, MIXED},
		{"GET " WAV V2, NULL, 200, NULL, MIXED},
		{GET V1, NULL, 200, NULL, ISSUE},
	};

	client_run_all(&client, rows);
}

static void in_a_crowded_store_a_visitor_gets_a_tenth(void **state)
{
#define CROWDED .fake.is_crowded = true
	static const struct exchange rows[] = {
		{GET V1, NULL, 200, NULL, ISSUE, CROWDED, .times = 2},
		{GET V1, NULL, 429, NULL, NULL, CROWDED, .times = 25},
		{"GET /demo" V1, NULL, 429, NULL, NULL, CROWDED, .times = 25},
		{GET V2, NULL, 200, NULL, ISSUE, CROWDED},
		{CHECK(FORM) V1, GOOD, 200, PASSED "*", VERIFY, PASSES},
		{GET V1, NULL, 200, NULL, ISSUE, .times = 18},
		{GET V1, NULL, 429},
	};

	client.settings.issue_burst = 20;
	client_restart(&client);
	client_run_all(&client, rows);
}

static void a_request_to_a_full_store_costs_a_credit(void **state)
{
	static const struct exchange rows[] = {
		{GET V1, NULL, 503, NULL, ISSUE, STORE_IS(FULL), .times = 2},
		{GET V1, NULL, 429},
	};

	client_run_all(&client, rows);
}

static void this_machine_has_no_limit(void **state)
{
	static const struct exchange rows[] = {
		{GET, NULL, 200, NULL, ISSUE, .times = 10},
		{GET "\nREMOTE_ADDR=127.0.0.1", NULL, 200, NULL, ISSUE,
		 .times = 10},
		{GET "\nREMOTE_ADDR=::1", NULL, 200, NULL, ISSUE, .times = 10},
		{CHECK(FORM), GOOD, 200, NULL, VERIFY, .times = 10},
	};

	client_run_all(&client, rows);
	assert_int_equal(temp_count(cache_dir), 0); /* it needs no file */
}

static void a_proxy_names_the_visitor(void **state)
{
#define PROXY "\nREMOTE_ADDR=127.0.0.1"
	static const struct exchange rows[] = {
		{GET PROXY FOR("192.0.2.1"), NULL, 200, NULL, ISSUE,
		 .times = 2},
		/* the visitor made up the first address */
		{GET PROXY FOR("198.51.100.1, 192.0.2.1"), NULL, 429},
		{GET PROXY FOR("192.0.2.2"), NULL, 200, NULL, ISSUE},
	};
	static const struct exchange says_nothing[] = {
		{GET PROXY "\nHTTP_X_REAL_IP=192.0.2.1", NULL, 200, NULL, ISSUE,
		 NULL, "* let it send X-Forwarded-For\"\n"},
		{GET PROXY "\nHTTP_X_REAL_IP=192.0.2.1", NULL, 200, NULL, ISSUE,
		 NULL, ""},
		{GET PROXY "\nHTTP_X_REAL_IP=192.0.2.1", NULL, 429},
		{GET PROXY, NULL, 200, NULL, ISSUE},
	};

	client.log.level = LOG_LEVEL_WARN;
	client_run_all(&client, rows);
	client_run_all(&client, says_nothing);
	assert_null(strstr(client.logged, "trusted_proxies"));
}

static void a_proxy_of_this_machine_shares_one_limit(void **state)
{
#define NOT_TRUSTED "\nREMOTE_ADDR=127.9.9.9"
	static const struct exchange rows[] = {
		{GET NOT_TRUSTED FOR("192.0.2.1"), NULL, 200, NULL, ISSUE, NULL,
		 "* level=warn event=proxy n=1 text=\"requests by a proxy of "
		 "this machine that is not in trusted_proxies, *"},
		{GET NOT_TRUSTED "\nHTTP_VIA=1.1 cache", NULL, 200, NULL, ISSUE,
		 NULL, ""},
		{GET NOT_TRUSTED "\nHTTP_X_REAL_IP=192.0.2.2", NULL, 429},
		{GET NOT_TRUSTED FOR("192.0.2.1"), NULL, 429},
		{GET NOT_TRUSTED "\nHTTP_VIA=1.1 cache", NULL, 429},
	};

	client.log.level = LOG_LEVEL_WARN;
	client_run_all(&client, rows);
}

static void failed_checks_of_a_visitor_are_limited(void **state)
{
	static const char *const failing[] = {"", "pid=" FAKE_PID, "x=%zz",
					      "pid=&code=", GOOD};
	static const struct exchange others[] = {
		{GET V1, NULL, 200, NULL, ISSUE},
		/* a check by a page of another site costs no credit */
		{CHECK(FORM) "\nREMOTE_ADDR=192.0.2.9"
			     "\nHTTP_SEC_FETCH_SITE=cross-site",
		 GOOD, 403, .times = 10},
		/* passes and failures of the store cost no credit */
		{CHECK(FORM) "\nREMOTE_ADDR=192.0.2.9", GOOD, 200, NULL, VERIFY,
		 PASSES, .times = 10},
		{CHECK(FORM) "\nREMOTE_ADDR=192.0.2.9", GOOD, 503, NULL, VERIFY,
		 STORE_IS(BUSY), .times = 10},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(failing); i++) {
		char request[128];
		struct exchange row = {request, GOOD, 429,
				       "*\"success\":false,\"error-codes\":"
				       "[\"too-many-requests\"]}",
				       .fake.verdict = CHALLENGE_PASS};

		(void)snprintf(request, sizeof(request), "%s.%zu",
			       CHECK(FORM) "\nREMOTE_ADDR=192.0.2", i);
		for (int k = 0; k < 2; k++) {
			client.challenge.verdict = CHALLENGE_WRONG;
			client_ask(&client, request, failing[i]);
			assert_int_not_equal(client.res.status, 429);
		}
		client_run(&client, &row, 1);
	}
	client_run_all(&client, others);
}

static void demo_shows_a_limit_beside_a_verdict(void **state)
{
#define WAIT_A_MINUTE PLEASE_WAIT "Wait a minute, then try again."
	static const struct exchange rows[] = {
		{PAGE(FORM) V1, GOOD, 200, NULL, VERIFY ", " ISSUE, IS_WRONG,
		 .times = 2},
		{PAGE(FORM) V1, GOOD, 429, SAYS("bad", WAIT_A_MINUTE), NULL,
		 IS_WRONG},
		{"GET /demo" V1, NULL, 429, SAYS("bad", WAIT_A_MINUTE)},
		{"HEAD /demo" V1, NULL, 200},
		{"GET /demo" V2, NULL, 200, NULL, ISSUE, .times = 2},
		{PAGE(FORM) V2, GOOD, 429,
		 SAYS("good", "That is right. " WAIT_A_MINUTE), VERIFY, PASSES},
	};

	client_run_all(&client, rows);
}

static void a_429_has_its_cors_headers(void **state)
{
#define ALLOWED "\nHTTP_ORIGIN=https://a.example", NULL
#define ANY	"Access-Control-Allow-Origin: *"
	static const struct exchange rows[] = {
		{GET V1, NULL, 200, NULL, ISSUE, .times = 2},
		{"OPTIONS /verification/get" V1 ALLOWED, 204, .times = 10},
		{GET V1 ALLOWED, 429, NULL, NULL, ANY},
	};

	client_set(&client, allow_origin, "*");
	client_run_all(&client, rows);
}

/* GET /frame */

static struct settings_site forum;

static int set_up_site(void **state)
{
	static struct settings_site *sites[] = {&forum};

	*state = &client;
	client_init(&client);
	settings_init_site(&forum);
	(void)snprintf(forum.name, sizeof(forum.name), "forum");
	(void)snprintf(forum.sitekey, sizeof(forum.sitekey), "forum-key");
	forum.hostnames = "forum.example.org *.example.net";
	client.settings.sites = sites;
	client.settings.n_sites = 1;
	client_restart(&client);
	return 0;
}

static int tear_down_site(void **state)
{
	client.settings.n_sites = 0;
	return client_tear_down(state);
}

#define FORUM		  "https://forum.example.org"
#define OF_FORUM(body) \
	"POST /box/new\nCONTENT_TYPE=" FORM "\nSCRIPT_NAME=/c", \
		"k=forum-key&o=" FORUM body
#define AN_IMG	 "\"img\":\"data:image/png;base64,*\","
#define AN_AUDIO(hl) "\"audio\":\"/c/audio/*.wav" hl "\","
#define THE_END	 OF_BASE, "issue default png"

/* The length of a code is not told where codes differ in it. */
static void a_site_says_what_may_be_solved(void **state)
{
	static const struct {
		const char *modes;
		struct exchange row;
	} rows[] = {
		{"picture audio",
		 {OF_FORUM(""), 200,
		  "{\"pid\":\"*\",\"mode\":\"picture\"," AN_IMG AN_AUDIO("")
			  "\"length\":6," THE_END, SOUND}},
		{"audio picture",
		 {OF_FORUM("&hl=pt-BR"), 200,
		  "*\"mode\":\"audio\"," AN_IMG AN_AUDIO("?hl=pt-BR")
			  "\"length\":6," THE_END, SOUND}},
		{"picture audio",
		 {OF_FORUM("&mode=audio&hl=ko"), 200,
		  "*\"mode\":\"audio\"," AN_IMG AN_AUDIO("?hl=ko")
			  "\"length\":6," THE_END, SOUND}},
		{"audio picture",
		 {OF_FORUM("&mode=picture"), 200,
		  "*\"mode\":\"picture\"," AN_IMG AN_AUDIO("") "*", "issue default png",
		  SOUND}},
		/* a mode that the site lacks, or that is none */
		{"picture",
		 {OF_FORUM("&mode=audio"), 200,
		  "*\"mode\":\"picture\"," AN_IMG "\"length\":6," THE_END,
		  SOUND}},
		{"audio",
		 {OF_FORUM("&mode=picture"), 200,
		  "*\"mode\":\"audio\"," AN_AUDIO("") "\"length\":6," THE_END,
		  SOUND}},
		{"picture audio",
		 {OF_FORUM("&mode=pow"), 200, "*\"mode\":\"picture\",*", "issue default png",
		  SOUND}},
		/* without voices */
		{"audio picture",
		 {OF_FORUM(""), 200,
		  "*\"mode\":\"picture\"," AN_IMG "\"length\":6," THE_END}},
		{"audio", {OF_FORUM(""), 503, NULL, "issue default png"}},
		/* a language that no address can have */
		{"picture audio",
		 {OF_FORUM("&hl=%22x"), 200, "*" AN_AUDIO("") "*",
		  "issue default png", SOUND}},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		forum.modes = rows[i].modes;
		client_run(&client, &rows[i].row, 1);
	}
}

#define FRAME(part, k, o) "GET /frame?part=" part "&k=" k "&o=" o
#define POLICY(around)                                                      \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; "  \
	"style-src 'self'; img-src 'self' data:; media-src 'self'; "        \
	"connect-src 'self'; worker-src 'self'; form-action 'self'; "       \
	"base-uri 'none'" around "\n"
#define FRAME_HEADERS                                                       \
	"Referrer-Policy: no-referrer\nX-Content-Type-Options: nosniff\n"  \
	"Cross-Origin-Resource-Policy: cross-origin\n"                      \
	"Cross-Origin-Embedder-Policy: require-corp\n"                      \
	"Cache-Control: no-store\nX-Frame-Options: \nSet-Cookie: \n" \
	"Access-Control-Allow-Origin: \n"                                   \
	"Content-Type: text/html; charset=utf-8"
#define SHOWN(origin) NULL, POLICY("; frame-ancestors " origin) FRAME_HEADERS
#define REFUSED_AS(code, text)                                              \
	NULL, 403,                                                          \
	"*data-code=\"" code "\"*role=\"checkbox\"*hidden>*" text "*",     \
	NULL, POLICY("") FRAME_HEADERS

static void frame_names_the_page_around_in_its_policy(void **state)
{
	static const struct exchange rows[] = {
		{FRAME("box", "forum-key", FORUM), NULL, 200,
		 "*data-part=\"box\" data-origin=\"" FORUM "\" data-code=\"\"*",
		 SHOWN(FORUM)},
		{FRAME("challenge", "forum-key", FORUM), NULL, 200,
		 "*<captcha-box sitekey=\"forum-key\" origin=\"" FORUM
		 "\" theme=\"auto\" once>*", SHOWN(FORUM)},
		{FRAME("box", "forum-key", "http://a.example.net:8080"), NULL,
		 200, NULL, SHOWN("http://a.example.net:8080")},
		{FRAME("box", "forum-key", "https%3A%2F%2Fforum.example.org"),
		 NULL, 200, NULL, SHOWN(FORUM)},
		/* what is behind an origin gets nowhere */
		{FRAME("box", "forum-key", FORUM "/x;y"), NULL, 200,
		 "*data-origin=\"" FORUM "\"*", SHOWN(FORUM)},
		{"HEAD /frame?part=box&k=forum-key&o=" FORUM, NULL, 200, "",
		 SHOWN(FORUM)},
	};

	static const struct exchange nested[] = {
		{FRAME("box", "forum-key", FORUM), NULL, 200, NULL,
		 SHOWN(FORUM " https://portal.example http://x.example:81")},
	};

	client_run_all(&client, rows);
	forum.embedders = "https://portal.example http://x.example:81";
	client_run_all(&client, nested);
	forum.embedders = "";
}

static void frame_refuses_other_pages_and_says_why(void **state)
{
	static const struct exchange rows[] = {
		{FRAME("box", "forum-key", "https://evil.example"),
		 REFUSED_AS("unknown-host", "not for pages of evil.example.")},
		{FRAME("challenge", "forum-key", "https://evil.example"),
		 REFUSED_AS("unknown-host", "not for pages of evil.example.")},
		{FRAME("box", "nobody", FORUM),
		 REFUSED_AS("unknown-sitekey", "has the sitekey “nobody”.")},
		{FRAME("box", "%3Cb%3E", FORUM),
		 REFUSED_AS("unknown-sitekey", "“&lt;b&gt;”")},
		{FRAME("box", "forum-key", "null"),
		 REFUSED_AS("unknown-host", "not for pages of null.")},
		{FRAME("box", "forum-key", ""),
		 REFUSED_AS("unknown-host", "not for pages of")},
		{"GET /frame?part=box&k=forum-key",
		 REFUSED_AS("unknown-host", "not for pages of")},
		{FRAME("box", "forum-key", FORUM "%3B%20x"),
		 REFUSED_AS("unknown-host", "not for pages of")},
		{FRAME("box", "forum-key", FORUM "%0D%0AX:y"),
		 REFUSED_AS("unknown-host", "not for pages of")},
		{FRAME("box", "forum-key", "ftp://forum.example.org"),
		 REFUSED_AS("unknown-host", "not for pages of")},
		{"GET /frame?part=box",
		 REFUSED_AS("unknown-sitekey", "sitekey “”")},
	};

	client_run_all(&client, rows);
}

static void frame_refuses_what_is_no_frame(void **state)
{
#define NO_PART "*\"detail\":\"part is box or challenge.\"}"
#define CROSS(mode) \
	"\nHTTP_SEC_FETCH_SITE=cross-site\nHTTP_SEC_FETCH_MODE=" mode
	static const struct exchange rows[] = {
		{FRAME("", "forum-key", FORUM), NULL, 400, NO_PART},
		{FRAME("Box", "forum-key", FORUM), NULL, 400, NO_PART},
		{"GET /frame?k=forum-key&o=" FORUM, NULL, 400, NO_PART},
		{FRAME("box", "forum-key", FORUM "&k=x"), NULL, 400},
		{"POST /frame", NULL, 405},
		{FRAME("box", "forum-key", FORUM) CROSS("navigate"), NULL, 200},
		{FRAME("box", "forum-key", FORUM) CROSS("no-cors"), NULL, 403,
		 "*only show this page in a frame*"},
	};

	client_run_all(&client, rows);
}

static void frame_has_its_language_theme_and_texts(void **state)
{
	static const struct exchange rows[] = {
		{FRAME("box", "forum-key", FORUM "&hl=de&theme=dark"), NULL,
		 200, "*lang=\"de\" dir=\"ltr\" class=\"dark\">*"
		 "Ich bin ein Mensch*"},
		{FRAME("box", "forum-key", FORUM "&theme=auto")
		 "\nHTTP_ACCEPT_LANGUAGE=ar", NULL, 200,
		 "*lang=\"ar\" dir=\"rtl\" class=\"auto\">*"},
		{FRAME("challenge", "forum-key", FORUM "&hl=fr&theme=light"),
		 NULL, 200, "*class=\"challenge light\">*lang=\"fr\">{\"dir\":"
		 "\"ltr\",\"label_text\":*theme=\"light\" once>*"},
	};

	client_run_all(&client, rows);
}

static void test_keys_are_known_if_the_setting_says_so(void **state)
{
#define RECAPTCHA_KEY "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"
#define ASKED(k)      "POST /box/new\nCONTENT_TYPE=" FORM, "o=" FORUM "&k=" k
#define TOKEN(x) \
	"{\"success\":true,\"token\":\"" x "\",\"expires_in\":300}"
	static const struct exchange unknown[] = {
		{ASKED(RECAPTCHA_KEY), 400, "*\"unknown-sitekey\"]}"},
		{FRAME("box", RECAPTCHA_KEY, FORUM), NULL, 403},
		{FRAME("box", "forum-key", FORUM), NULL, 200,
		 "*<p class=\"tests\"></p>*"},
	};
	static const struct exchange known[] = {
		{ASKED(RECAPTCHA_KEY), 200, TOKEN("test-token")},
		{ASKED("10000000-ffff-ffff-ffff-000000000001"), 200,
		 TOKEN("10000000-aaaa-bbbb-cccc-000000000001")},
		{ASKED("1x00000000000000000000AA"), 200,
		 TOKEN("XXXX.DUMMY.TOKEN.XXXX")},
		{ASKED("2x00000000000000000000AB"), 400,
		 "*\"test-key-fails\"]}"},
		{FRAME("box", RECAPTCHA_KEY, "https://any.example"), NULL, 200,
		 "*<p class=\"tests\">For tests only</p>*"},
		{FRAME("challenge", "forum-key", FORUM), NULL, 200,
		 "*<p class=\"tests\">For tests only</p>*"},
	};

	client_run_all(&client, unknown);
	client.settings.test_keys = true;
	client_restart(&client);
	client_run_all(&client, known);
}

/* recaptcha_tags of Ruby, with a language, makes such an address. */
static void api_js_leads_to_the_page_without_scripts(void **state)
{
#define API "GET /recaptcha/api.js?hl="
	static const struct exchange rows[] = {
		{API "de/fallback?k=forum-key\nSCRIPT_NAME=/captcha", NULL, 302,
		 NULL, NULL, "Location: /captcha/recaptcha/api/fallback"
		 "?k=forum-key&hl=de"},
		{API "/fallback?k=forum-key", NULL, 302, NULL, NULL,
		 "Location: /recaptcha/api/fallback?k=forum-key&hl="},
		{API "a\rX:y/fallback?k=b\r%0AX:y", NULL, 302, NULL, NULL,
		 "Location: /recaptcha/api/fallback?k=b&hl=a"},
	};

	client_run_all(&client, rows);
}

/* A frame of ours has our origin, and names the page around. */
static void a_frame_of_ours_asks_for_the_page_around(void **state)
{
#define OWN "\nHTTP_HOST=captcha.example:81\nHTTP_ORIGIN=http://"
#define ASKS(from) "POST /box/new\nCONTENT_TYPE=" FORM OWN from
	static const struct exchange rows[] = {
		{ASKS("captcha.example:81"), "k=nobody&o=" FORUM, 400,
		 "*\"unknown-sitekey\"]}"},
		{ASKS("captcha.example:81"), "k=forum-key&o=http://x.example",
		 400, "*\"unknown-host\"]}"},
		{ASKS("captcha.example:81"), "k=forum-key", 400,
		 "*\"unknown-host\"]}"},
		{ASKS("captcha.example"), "k=forum-key&o=" FORUM, 400,
		 "*\"unknown-host\"]}"},
		{ASKS("evil.example"), "k=forum-key&o=" FORUM, 400,
		 "*\"unknown-host\"]}"},
		{ASKS("evil.example"), "k=forum-key&o=http://captcha.example:81",
		 400, "*\"unknown-host\"]}"},
		{ASKS("captcha.example:81"), "k=forum-key&o=" FORUM, 200, NULL,
		 "*"},
		/* a proxy has changed Host */
		{ASKS("elsewhere.example\nHTTP_SEC_FETCH_SITE=same-origin"),
		 "k=forum-key&o=" FORUM, 200, NULL, "*"},
	};

	client_run_all(&client, rows);
}

int main(void)
{
#define TEST(f)                                                    \
	cmocka_unit_test_prestate_setup_teardown(f, client_set_up, \
						 client_tear_down, &client)
#define LIMITED(f) \
	cmocka_unit_test_setup_teardown(f, set_up_limits, tear_down_limits)
#define OF_SITE(f) \
	cmocka_unit_test_setup_teardown(f, set_up_site, tear_down_site)
	const struct CMUnitTest tests[] = {
		TEST(get_gives_a_pid_and_a_picture),
		TEST(get_can_give_an_address),
		TEST(a_picture_follows_the_theme_of_the_page),
		TEST(get_refuses_a_bad_query),
		TEST(each_failure_has_its_status_and_is_logged),
		TEST(get_sends_the_largest_picture),
		TEST(image_is_a_picture_or_404),
		TEST(a_sound_has_the_range_that_is_asked_for),
		TEST(a_sound_is_mixed_only_if_its_bytes_are_sent),
		TEST(a_sound_has_a_language),
		TEST(a_sound_that_cannot_be_is_refused),
		TEST(get_can_give_the_address_of_a_sound),
		TEST(digits_pass_as_a_code_does),
		TEST(check_tells_the_verdict),
		TEST(check_names_the_profile_if_there_are_several),
		TEST(check_and_demo_use_the_profile_of_the_body),
		TEST(check_passes_pid_and_code_on_unchanged),
		TEST(check_refuses_bad_input),
		TEST(values_and_bodies_have_a_limit),
		TEST(check_never_passes_when_the_store_fails),
		TEST(failing_parts_are_named_and_logged),
		TEST(only_operators_get_details_of_health),
		TEST(metrics_are_text_for_prometheus),
		TEST(only_operators_get_metrics),
		TEST(demo_is_a_page_with_a_form),
		TEST(the_short_address_leads_to_the_demo),
		TEST(demo_allows_only_its_own_script_and_style),
		TEST(demo_shows_the_verdict_and_a_new_picture),
		TEST(demo_marks_the_field_when_the_answer_is_at_fault),
		TEST(demo_keeps_its_profile),
		LIMITED(challenges_of_a_visitor_are_limited),
		LIMITED(sounds_of_a_visitor_are_limited),
		LIMITED(in_a_crowded_store_a_visitor_gets_a_tenth),
		LIMITED(a_request_to_a_full_store_costs_a_credit),
		LIMITED(this_machine_has_no_limit),
		LIMITED(a_proxy_names_the_visitor),
		LIMITED(a_proxy_of_this_machine_shares_one_limit),
		LIMITED(failed_checks_of_a_visitor_are_limited),
		LIMITED(demo_shows_a_limit_beside_a_verdict),
		LIMITED(a_429_has_its_cors_headers),
		OF_SITE(a_site_says_what_may_be_solved),
		OF_SITE(frame_names_the_page_around_in_its_policy),
		OF_SITE(frame_refuses_other_pages_and_says_why),
		OF_SITE(frame_refuses_what_is_no_frame),
		OF_SITE(frame_has_its_language_theme_and_texts),
		OF_SITE(test_keys_are_known_if_the_setting_says_so),
		OF_SITE(a_frame_of_ours_asks_for_the_page_around),
		OF_SITE(api_js_leads_to_the_page_without_scripts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
