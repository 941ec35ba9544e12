/*
 * response.c: status line, headers, problems.
 */
#include "base/base.h"
#include "http/request.h"
#include "http/response.h"

#include <setjmp.h>

#include <cmocka.h>

static struct response res;
static struct http_response out;

static int set_up(void **state)
{
	(void)state;
	response_init(&res);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	response_release(&res);
	return 0;
}

static void an_answer_is_head_and_body(void **state)
{
	(void)state;
	buf_add_str(&res.body, "hello");
	response_begin(&res, 200, "text/plain");
	response_add_header(&res, "X-Y", STR_LIT("z"));
	response_end(&res, &out, NULL);
	assert_int_equal(out.status, 200);
	assert_true(str_eq(out.head, "Status: 200 OK\r\n"
				     "Content-Type: text/plain\r\n"
				     "Cache-Control: no-store\r\n"
				     "X-Content-Type-Options: nosniff\r\n"
				     "X-Y: z\r\n"
				     "Content-Length: 5\r\n\r\n"));
	assert_true(str_eq(out.body, "hello"));
}

static void head_has_the_length_without_the_body(void **state)
{
	(void)state;
	res.is_head = true;
	buf_add_str(&res.body, "0123456789");
	response_begin(&res, 200, NULL);
	response_end(&res, &out, NULL);
	assert_true(str_ends(out.head, "Content-Length: 10\r\n\r\n"));
	assert_int_equal(out.body.len, 0);
}

static void each_status_has_its_http(void **state)
{
	static const int expected[CF_STATUS_COUNT] = {
		[CF_OK] = 200,	       [CF_EMPTY] = 500,
		[CF_NOT_FOUND] = 404,  [CF_BAD_INPUT] = 400,
		[CF_TOO_LARGE] = 413,  [CF_BAD_TYPE] = 415,
		[CF_CONFIG] = 503,     [CF_FONT] = 503,
		[CF_TOO_NEW] = 503,    [CF_CORRUPT] = 503,
		[CF_BUSY] = 503,       [CF_FULL] = 503,
		[CF_IO] = 503,	       [CF_NOMEM] = 503,
		[CF_GONE] = 400,       [CF_BUG] = 500,
		[CF_LIMITED] = 429,
	};

	(void)state;
	for (int i = 0; i < CF_STATUS_COUNT; i++) {
		char line[32];

		assert_int_equal(response_status((enum cf_status)i),
				 expected[i]);
		response_reset(&res);
		response_fail(&res, (enum cf_status)i, NULL);
		response_end(&res, &out, NULL);
		assert_int_equal(out.status, expected[i]);
		(void)snprintf(line, sizeof(line), "Status: %d ", expected[i]);
		assert_true(str_starts(out.head, line));
		assert_int_equal(strstr(out.head.ptr, "Retry-After: ") != NULL,
				 expected[i] == 503);
	}
	assert_int_equal(response_status(CF_STATUS_COUNT), 500);
}

static void who_is_limited_is_told_for_how_long(void **state)
{
	(void)state;
	res.retry_after_s = 17;
	response_fail(&res, CF_LIMITED, NULL);
	response_end(&res, &out, NULL);
	assert_true(str_starts(out.head, "Status: 429 Too Many Requests\r\n"));
	assert_non_null(strstr(out.head.ptr, "Retry-After: 17\r\n"));
	response_fail(&res, CF_BUSY, NULL);
	response_end(&res, &out, NULL);
	assert_non_null(strstr(out.head.ptr, "Retry-After: 1\r\n"));
	response_reset(&res);
	assert_int_equal(res.retry_after_s, 0);
}

static void a_problem_is_rfc_9457(void **state)
{
	(void)state;
	buf_add_str(&res.body, "half of a body");
	response_begin(&res, 200, "text/plain");
	response_fail(&res, CF_NOT_FOUND, NULL);
	response_end(&res, &out, NULL);
	assert_true(str_eq(out.body,
			   "{\"type\":\"about:blank\",\"title\":\"Not Found\","
			   "\"status\":404,\"detail\":\"There is nothing at "
			   "this address.\"}"));
	assert_non_null(strstr(out.head.ptr, "application/problem+json"));
	assert_null(strstr(out.head.ptr, "text/plain"));
}

static void members_are_added_to_problems_of_the_client_only(void **state)
{
	(void)state;
	res.error_code = "x";
	response_fail(&res, CF_BAD_TYPE, "D");
	response_end(&res, &out, NULL);
	assert_true(str_ends(out.body, "\"detail\":\"D\",\"success\":false,"
					"\"error-codes\":[\"x\"]}"));
	response_fail(&res, CF_BUSY, "D");
	response_end(&res, &out, NULL);
	assert_true(str_ends(out.body, "\"detail\":\"D\"}"));
}

static void a_wrong_method_is_told_the_right_ones(void **state)
{
	(void)state;
	response_fail_method(&res, STR_LIT("GET, HEAD"));
	response_end(&res, &out, NULL);
	assert_int_equal(out.status, 405);
	assert_non_null(strstr(out.head.ptr, "\r\nAllow: GET, HEAD\r\n"));
}

static void cors_headers_outlive_a_failure(void **state)
{
	(void)state;
	res.allow_origin = STR_LIT("http://a");
	response_begin(&res, 200, NULL);
	response_fail(&res, CF_IO, NULL);
	response_end(&res, &out, NULL);
	assert_non_null(strstr(out.head.ptr,
			       "Access-Control-Allow-Origin: http://a\r\n"
			       "Vary: Origin\r\n"));
}

static void a_body_too_long_is_500_and_whole(void **state)
{
	struct cf_error err = CF_ERROR_INIT;

	(void)state;
	assert_null(buf_room(&res.body, (size_t)RESPONSE_BODY_MAX_BYTES + 1));
	response_begin(&res, 200, "text/plain");
	response_end(&res, &out, &err);
	assert_int_equal(out.status, 500);
	assert_int_equal(err.status, CF_TOO_LARGE);
	assert_true(str_starts(out.head, "Status: 500 "));
	assert_true(str_ends(out.body, "}"));
}

static void a_head_too_long_is_500_and_whole(void **state)
{
	static char value[RESPONSE_HEAD_MAX_BYTES];

	(void)state;
	memset(value, 'x', sizeof(value));
	response_begin(&res, 200, NULL);
	response_add_header(&res, "X",
			    (struct str){value, sizeof(value)});
	response_end(&res, &out, NULL);
	assert_int_equal(out.status, 500);
	assert_true(str_ends(out.head, "\r\n\r\n"));
	assert_true(out.head.len < 500);
}

static void without_memory_there_is_still_an_answer(void **state)
{
	struct cf_error err = CF_ERROR_INIT;

	(void)state;
	/* as if no add could have memory ever again */
	res.head.max = 10;
	response_begin(&res, 200, NULL);
	response_end(&res, &out, &err);
	assert_int_equal(out.status, 503);
	assert_true(err.status != CF_OK);
	assert_true(str_starts(out.head, "Status: 503 "));
	assert_true(str_ends(out.head, "\r\n\r\n"));
	assert_int_equal(out.body.len, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_answer_is_head_and_body),
		TEST(head_has_the_length_without_the_body),
		TEST(each_status_has_its_http),
		TEST(who_is_limited_is_told_for_how_long),
		TEST(a_problem_is_rfc_9457),
		TEST(members_are_added_to_problems_of_the_client_only),
		TEST(a_wrong_method_is_told_the_right_ones),
		TEST(cors_headers_outlive_a_failure),
		TEST(a_body_too_long_is_500_and_whole),
		TEST(a_head_too_long_is_500_and_whole),
		TEST(without_memory_there_is_still_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
