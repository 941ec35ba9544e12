/*
 * response.c: the status line, and responses that cannot be sent. Problems are
 * tested in test_handlers.c.
 */
#include "base/base.h"
#include "http/request.h"
#include "http/response.h"
#include "tests/support/check.h"

static struct response res;
static struct http_response out;

static int set_up(void **state)
{
	response_init(&res);
	return 0;
}

static int tear_down(void **state)
{
	response_release(&res);
	return 0;
}

static void an_answer_is_head_and_body(void **state)
{
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

static void each_status_has_a_status_of_http(void **state)
{
	static const struct {
		int http;
		const char *retry;
	} expected[CF_STATUS_COUNT] = {
		[CF_OK] = {200, ""},	    [CF_EMPTY] = {500, ""},
		[CF_NOT_FOUND] = {404, ""}, [CF_BAD_INPUT] = {400, ""},
		[CF_TOO_LARGE] = {413, ""}, [CF_BAD_TYPE] = {415, ""},
		[CF_LIMITED] = {429, "17"}, [CF_CONFIG] = {503, "5"},
		[CF_FONT] = {503, "5"},	    [CF_TOO_NEW] = {503, "5"},
		[CF_CORRUPT] = {503, "5"},  [CF_BUSY] = {503, "1"},
		[CF_FULL] = {503, "5"},	    [CF_IO] = {503, "5"},
		[CF_NOMEM] = {503, "5"},    [CF_GONE] = {400, ""},
		[CF_BUG] = {500, ""},
	};

	for (int i = 0; i < CF_STATUS_COUNT; i++) {
		enum cf_status status = (enum cf_status)i;
		char line[32];

		assert_int_equal(response_status(status), expected[i].http);
		response_reset(&res);
		res.retry_after_s = 17; /* only for CF_LIMITED */
		response_fail(&res, status, NULL);
		response_end(&res, &out, NULL);
		assert_int_equal(out.status, expected[i].http);
		(void)snprintf(line, sizeof(line), "Status: %d ",
			       expected[i].http);
		assert_true(str_starts(out.head, line));
		(void)snprintf(line, sizeof(line), "Retry-After: %s\r\n",
			       expected[i].retry);
		assert_int_equal(strstr(out.head.ptr, line) != NULL,
				 expected[i].retry[0] != '\0');
	}
	assert_int_equal(response_status(CF_STATUS_COUNT), 500);
}

static void a_body_too_long_becomes_a_whole_500(void **state)
{
	struct cf_error err = CF_ERROR_INIT;

	assert_null(buf_room(&res.body, (size_t)RESPONSE_BODY_MAX_BYTES + 1));
	response_begin(&res, 200, "text/plain");
	response_end(&res, &out, &err);
	assert_int_equal(out.status, 500);
	assert_int_equal(err.status, CF_TOO_LARGE);
	assert_true(str_starts(out.head, "Status: 500 "));
	assert_true(str_ends(out.body, "}"));
}

static void a_head_too_long_becomes_a_whole_500(void **state)
{
	static char value[RESPONSE_HEAD_MAX_BYTES];

	memset(value, 'x', sizeof(value));
	response_begin(&res, 200, NULL);
	response_add_header(&res, "X", (struct str){value, sizeof(value)});
	response_end(&res, &out, NULL);
	assert_int_equal(out.status, 500);
	assert_true(str_ends(out.head, "\r\n\r\n"));
	assert_true(out.head.len < 500);
}

/* A process that has sent a sound is as small as before. */
static void memory_of_a_long_body_is_given_back(void **state)
{
	static const struct {
		size_t n_bytes;
		bool is_kept;
	} rows[] = {{1000, true}, {320000, false}, {1000, true}};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_non_null(buf_room(&res.body, rows[i].n_bytes));
		response_reset(&res);
		assert_int_equal(mem_use(MEM_BUFFER).n_blocks,
				 rows[i].is_kept);
	}
}

static void without_memory_there_is_still_a_response(void **state)
{
	struct cf_error err = CF_ERROR_INIT;

	/* as if no memory were left for any add */
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
		TEST(each_status_has_a_status_of_http),
		TEST(a_body_too_long_becomes_a_whole_500),
		TEST(a_head_too_long_becomes_a_whole_500),
		TEST(memory_of_a_long_body_is_given_back),
		TEST(without_memory_there_is_still_a_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
