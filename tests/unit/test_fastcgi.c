/*
 * fastcgi.c: what a web server may send becomes a request, whatever the
 * pieces that it comes in; what it may not send becomes nothing.
 */
#include "base/base.h"
#include "serve/fastcgi.h"
#include "tests/support/check.h"
#include "tests/support/records.h"

enum { BODY_MAX = 100, ID = 1 };

static struct fastcgi conn;
static char *memory;
static struct buf in;	 /* what the web server sends */
static struct buf pairs; /* of its FCGI_PARAMS */

/* All but X_..., as the service leaves out what it does not read. */
static bool wants(struct str name)
{
	return !str_starts(name, "X_");
}

static const struct fastcgi_setup setup = {BODY_MAX, wants};

static int begin_test(void **state)
{
	(void)state;
	memory = malloc(fastcgi_memory_bytes(&setup));
	assert_non_null(memory);
	fastcgi_init(&conn, &setup, memory);
	fastcgi_open(&conn);
	buf_init(&in, 64 * 1024 * 1024);
	buf_init(&pairs, 4 * 1024 * 1024);
	return 0;
}

static int end_test(void **state)
{
	(void)state;
	buf_release(&in);
	buf_release(&pairs);
	free(memory);
	return 0;
}

static void feed(void)
{
	assert_ok(buf_status(&in, NULL), NULL);
	fastcgi_feed(&conn, in.ptr, in.len);
	buf_reset(&in);
}

#define assert_state(wanted) assert_int_equal(conn.state, (wanted))

static void assert_variables(const char *const *wanted)
{
	char *envp[FASTCGI_VARIABLES_MAX + 1];
	size_t i = 0;

	fastcgi_variables(&conn, envp);
	for (; wanted[i]; i++) {
		assert_non_null(envp[i]);
		assert_string_equal(envp[i], wanted[i]);
	}
	assert_null(envp[i]);
}

#define assert_one_variable(text) \
	assert_variables((const char *const[]){text, NULL})
#define assert_no_variables() assert_variables((const char *const[]){NULL})

static void assert_body(const char *wanted)
{
	char bytes[BODY_MAX + 1];
	size_t n = (size_t)fastcgi_read_body(&conn, bytes, sizeof(bytes));

	assert_int_equal(n, strlen(wanted));
	assert_memory_equal(bytes, wanted, n);
}

/* Answer with text; what was sent, for one request. */
static void answer(const char *text, int status)
{
	struct fastcgi_answer out;
	struct rec_answer read;
	struct buf sent;

	fastcgi_answer(&conn, str_from(text), (struct str)STR_INIT, &out);
	conn.n_notes = 0;
	buf_init(&sent, 4 * 1024 * 1024);
	for (int i = 0; i < out.n_iov; i++)
		buf_add(&sent, out.iov[i].iov_base, out.iov[i].iov_len);
	assert_int_equal(sent.len, out.n_bytes);
	assert_true(rec_read(&read, ID, (struct str){sent.ptr, sent.len}));
	assert_int_equal(read.n_bytes, sent.len);
	assert_int_equal(read.status, status);
	assert_int_equal(read.text.len, strlen(text));
	if (read.text.len)
		assert_memory_equal(read.text.ptr, text, read.text.len);
	buf_release(&read.text);
	buf_release(&sent);
}

static const char *const get[] = {"REQUEST_METHOD=GET", "PATH_INFO=/x", NULL};
static const char *const post[] = {"REQUEST_METHOD=POST", "CONTENT_LENGTH=5",
				   NULL};

static void request(bool is_kept, const char *const *variables,
		    const char *body)
{
	rec_request(&in, is_kept, variables, str_from(body));
}

/* --- well formed ---------------------------------------------------------- */

static void a_request_has_its_variables_and_body(void **state)
{
	(void)state;
	request(false, post, "hello");
	feed();
	assert_state(FASTCGI_READY);
	assert_variables(post);
	assert_body("hello");
	assert_int_equal(fastcgi_body_bytes(&conn), 5);
	assert_null(conn.fault);
	answer("Status: 200 OK\r\n\r\n", 0);
	assert_state(FASTCGI_LINGERING);
}

static void the_pieces_do_not_matter(void **state)
{
	struct buf whole;

	(void)state;
	buf_init(&whole, 64 * 1024);
	request(true, post, "hello");
	buf_add(&whole, in.ptr, in.len);
	for (size_t step = 1; step < whole.len; step++) {
		for (size_t at = 0; at < whole.len; at += step) {
			size_t n = whole.len - at;

			assert_true(conn.state == FASTCGI_IDLE ||
				    conn.state == FASTCGI_READING);
			fastcgi_feed(&conn, whole.ptr + at,
				     n < step ? n : step);
		}
		assert_state(FASTCGI_READY);
		assert_variables(post);
		assert_body("hello");
		answer("Status: 200 OK\r\n\r\n", 0);
		assert_state(FASTCGI_IDLE);
	}
	buf_release(&whole);
}

static void a_kept_connection_has_one_request_after_the_other(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		request(true, post, "hello");
		feed();
		assert_state(FASTCGI_READY);
		answer("a", 0);
		assert_state(FASTCGI_IDLE);
		assert_false(fastcgi_is_under_way(&conn));
		request(true, get, "");
		feed();
		assert_state(FASTCGI_READY);
		assert_variables(get); /* and none of the request before */
		assert_body("");
		answer("b", 0);
	}
}

static void what_is_not_wanted_is_left_out(void **state)
{
	char *cookie = calloc(1, 30001);

	(void)state;
	assert_non_null(cookie);
	memset(cookie, 'c', 30000);
	rec_begin(&in, ID, REC_RESPONDER, false);
	rec_text(&pairs, "X_COOKIE", cookie);
	rec_text(&pairs, "PATH_INFO", "/x");
	rec_text(&pairs, "X_OTHER", "y");
	rec_params(&in, ID, &pairs);
	rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
	feed();
	assert_state(FASTCGI_READY);
	assert_null(conn.fault);
	assert_one_variable("PATH_INFO=/x");
	free(cookie);
}

static void lengths_may_have_four_bytes(void **state)
{
	(void)state;
	rec_begin(&in, ID, REC_RESPONDER, false);
	rec_pair(&pairs, STR_LIT("A"), STR_LIT("b"), true);
	rec_pair(&pairs, STR_LIT(""), STR_LIT(""), true);
	rec_pair(&pairs, STR_LIT("C"), STR_LIT(""), false);
	rec_params(&in, ID, &pairs);
	rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
	feed();
	assert_state(FASTCGI_READY);
	assert_variables((const char *const[]){"A=b", "=", "C=", NULL});
}

static void padding_is_passed_over(void **state)
{
	(void)state;
	rec_begin(&in, ID, REC_RESPONDER, true);
	rec_text(&pairs, "A", "b");
	rec_add(&in, REC_PARAMS, ID, pairs.ptr, pairs.len, 255);
	rec_add(&in, REC_PARAMS, ID, NULL, 0, 255);
	rec_add(&in, REC_STDIN, ID, "body", 4, 7);
	rec_add(&in, REC_STDIN, ID, NULL, 0, 255);
	feed();
	assert_state(FASTCGI_READY);
	assert_one_variable("A=b");
	assert_body("body");
	answer("", 0);
	assert_state(FASTCGI_IDLE);
	assert_false(fastcgi_is_under_way(&conn));
}

static void a_long_answer_is_cut_into_records(void **state)
{
	static char text[FASTCGI_ANSWER_MAX_BYTES + 1];
	static const size_t sizes[] = {FASTCGI_RECORD_MAX_BYTES - 1,
				       FASTCGI_RECORD_MAX_BYTES,
				       FASTCGI_RECORD_MAX_BYTES + 1,
				       FASTCGI_ANSWER_MAX_BYTES};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		memset(text, 'a', sizes[i]);
		text[sizes[i]] = '\0';
		request(true, get, "");
		feed();
		answer(text, 0);
	}
}

/* --- ends ----------------------------------------------------------------- */

static void a_body_that_is_too_long_is_read_to_its_end(void **state)
{
	static char body[BODY_MAX * 3];
	char bytes[BODY_MAX + 2];

	(void)state;
	rec_begin(&in, ID, REC_RESPONDER, true);
	rec_params(&in, ID, &pairs);
	rec_stream(&in, REC_STDIN, ID, body, sizeof(body), 70);
	feed();
	assert_state(FASTCGI_READY);
	/* one byte shows that there was more */
	assert_int_equal(fastcgi_read_body(&conn, bytes, sizeof(bytes)),
			 BODY_MAX + 1);
	assert_int_equal(fastcgi_body_bytes(&conn), sizeof(body));
	answer("413", 0);
	assert_state(FASTCGI_IDLE);
}

static void a_body_beyond_all_limits_ends_the_connection(void **state)
{
	static char body[65535];

	(void)state;
	rec_begin(&in, ID, REC_RESPONDER, true);
	rec_params(&in, ID, &pairs);
	while (in.len < FASTCGI_SKIP_MAX_BYTES + 3 * sizeof(body))
		rec_add(&in, REC_STDIN, ID, body, sizeof(body), 0);
	rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
	request(true, get, ""); /* is not seen */
	feed();
	assert_state(FASTCGI_READY);
	assert_int_equal(fastcgi_body_bytes(&conn), -1);
	answer("413", 0);
	assert_state(FASTCGI_LINGERING);
	request(true, get, "");
	feed();
	assert_state(FASTCGI_LINGERING);
}

static void an_aborted_request_is_not_served(void **state)
{
	(void)state;
	rec_begin(&in, ID, REC_RESPONDER, true);
	rec_params(&in, ID, &pairs);
	rec_add(&in, REC_ABORT, ID, NULL, 0, 0);
	feed();
	assert_state(FASTCGI_LINGERING); /* its end was not read */
	assert_int_equal(conn.n_notes, 16);
	assert_int_equal(conn.notes[1], REC_END);

	fastcgi_open(&conn);
	request(true, get, "");
	rec_add(&in, REC_ABORT, ID, NULL, 0, 0);
	feed();
	assert_state(FASTCGI_IDLE);
	assert_int_equal(conn.n_notes, 16);
}

static void aborts_in_one_piece_are_bounded(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		request(true, get, "");
		rec_add(&in, REC_ABORT, ID, NULL, 0, 0);
	}
	feed();
	assert_state(FASTCGI_BROKEN);
	assert_true(conn.n_notes <= sizeof(conn.notes));
}

static void other_roles_are_refused(void **state)
{
	static const unsigned roles[] = {REC_AUTHORIZER, REC_FILTER, 0, 9, 257};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(roles); i++) {
		fastcgi_open(&conn);
		rec_begin(&in, ID, roles[i], true);
		rec_params(&in, ID, &pairs);
		rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
		feed();
		assert_state(FASTCGI_LINGERING);
		assert_int_equal(conn.role, roles[i]);
		assert_int_equal(conn.n_notes, 16);
		assert_int_equal(conn.notes[1], REC_END);
		assert_int_equal(conn.notes[12], 3); /* FCGI_UNKNOWN_ROLE */
	}
}

/* --- management records --------------------------------------------------- */

static void get_values_is_told_once(void **state)
{
	static const uint8_t wanted[] = {
		1,   REC_VALUES, 0,   0,   0,	19,  5,	  0,   14,  3,	 'F',
		'C', 'G',	 'I', '_', 'M', 'A', 'X', '_', 'C', 'O', 'N',
		'N', 'S',	 '1', '2', '8', 0,   0,	  0,   0,   0};

	(void)state;
	rec_text(&pairs, "FCGI_MAX_CONNS", "");
	rec_text(&pairs, "FCGI_NO_SUCH_VALUE_AT_ALL", "");
	rec_text(&pairs, "FCGI_MAX_CONNS", "x");
	rec_add(&in, REC_GET_VALUES, 0, pairs.ptr, pairs.len, 3);
	rec_add(&in, REC_GET_VALUES, 0, pairs.ptr, pairs.len, 0);
	feed();
	assert_state(FASTCGI_IDLE);
	assert_int_equal(conn.n_notes, sizeof(wanted));
	assert_memory_equal(conn.notes, wanted, sizeof(wanted));
}

static void management_does_not_disturb_a_request(void **state)
{
	struct buf names;

	(void)state;
	buf_init(&names, 1000);
	rec_text(&names, "FCGI_MPXS_CONNS", "");
	rec_text(&names, "FCGI_MAX_REQS", "");
	rec_text(&pairs, "PATH_INFO", "/x");
	rec_begin(&in, ID, REC_RESPONDER, true);
	rec_add(&in, REC_PARAMS, ID, pairs.ptr, 5, 0);
	rec_add(&in, REC_GET_VALUES, 0, names.ptr, names.len, 0);
	rec_add(&in, 77, 0, "abc", 3, 0);
	rec_add(&in, REC_PARAMS, ID, pairs.ptr + 5, pairs.len - 5, 0);
	rec_add(&in, REC_PARAMS, ID, NULL, 0, 0);
	rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
	feed();
	assert_state(FASTCGI_READY);
	assert_one_variable("PATH_INFO=/x");
	assert_true(conn.n_notes > 16);
	assert_int_equal(conn.notes[conn.n_notes - 16 + 1], REC_UNKNOWN);
	assert_int_equal(conn.notes[conn.n_notes - 8], 77);
	answer("a", 0);
	buf_release(&names);
}

static void records_of_no_request_are_bounded(void **state)
{
	static const int types[] = {REC_PARAMS, REC_STDIN, REC_ABORT, REC_DATA,
				    99};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(types); i++) {
		fastcgi_open(&conn);
		rec_begin(&in, ID, REC_RESPONDER, true);
		for (int k = 0; k < FASTCGI_STRAYS_MAX; k++)
			rec_add(&in, types[i], 7, "abc", 3, 0);
		feed();
		assert_state(FASTCGI_READING);
		rec_add(&in, types[i], 7, "abc", 3, 0);
		feed();
		assert_state(FASTCGI_BROKEN);
	}
}

static void a_second_request_at_once_is_told_so(void **state)
{
	(void)state;
	rec_begin(&in, ID, REC_RESPONDER, true);
	rec_begin(&in, 2, REC_RESPONDER, true);
	rec_params(&in, ID, &pairs);
	rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
	feed();
	assert_state(FASTCGI_READY);
	assert_int_equal(conn.n_notes, 16);
	assert_int_equal(conn.notes[3], 2);
	assert_int_equal(conn.notes[12], 1); /* FCGI_CANT_MPX_CONN */
	answer("a", 0);
}

/* --- refused -------------------------------------------------------------- */

/* A request of these pairs is answered, with a fault, and leaves the
 * connection as it should be. */
static void assert_refused(const char *why)
{
	rec_begin(&in, ID, REC_RESPONDER, true);
	rec_params(&in, ID, &pairs);
	rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
	feed();
	assert_state(FASTCGI_READY);
	assert_non_null(conn.fault);
	assert_has(conn.fault, why);
	answer("400", 0);
	assert_state(FASTCGI_IDLE);
	buf_reset(&pairs);
}

static void bytes_that_change_a_variable_are_refused(void **state)
{
	(void)state;
	rec_pair(&pairs, STR_LIT("A=b"), STR_LIT("c"), false);
	assert_refused("malformed name");
	rec_pair(&pairs, STR_LIT("A\0"), STR_LIT("c"), false);
	assert_refused("malformed name");
	rec_pair(&pairs, STR_LIT("X_\0"), STR_LIT("c"), false);
	assert_refused("malformed name");
	rec_pair(&pairs, STR_LIT("A"), STR_LIT("c\0"), false);
	assert_refused("NUL");
	rec_text(&pairs, "A", "c"); /* nothing of it stays */
	rec_begin(&in, ID, REC_RESPONDER, true);
	rec_params(&in, ID, &pairs);
	rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
	feed();
	assert_null(conn.fault);
	assert_one_variable("A=c");
}

static void too_much_of_variables_is_refused(void **state)
{
	char *long_value = calloc(1, 70001);
	char name[FASTCGI_NAME_MAX_BYTES + 2] = {0};

	(void)state;
	assert_non_null(long_value);
	memset(long_value, 'v', 70000);
	rec_text(&pairs, "X_LONG", long_value);
	assert_refused("too long");
	rec_text(&pairs, "LONG", long_value + 70000 - FASTCGI_KEPT_MAX_BYTES);
	assert_refused("too long");
	for (int i = 0; i <= FASTCGI_VARIABLES_MAX; i++)
		rec_text(&pairs, "X_MANY", "");
	assert_refused("too many");
	for (int i = 0; i < 100; i++)
		rec_text(&pairs, "ABC", long_value + 70000 - 100);
	assert_refused("too long");
	/* a long name is none that is kept, and no fault */
	memset(name, 'n', FASTCGI_NAME_MAX_BYTES + 1);
	rec_text(&pairs, name, "v");
	rec_begin(&in, ID, REC_RESPONDER, true);
	rec_params(&in, ID, &pairs);
	rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
	feed();
	assert_null(conn.fault);
	assert_no_variables();
	free(long_value);
}

static void exactly_what_fits_is_kept(void **state)
{
	char *value = calloc(1, FASTCGI_KEPT_MAX_BYTES);

	(void)state;
	assert_non_null(value);
	memset(value, 'v', FASTCGI_KEPT_MAX_BYTES - 3);
	for (int more = 0; more < 2; more++) {
		buf_reset(&pairs);
		rec_text(&pairs, "A", value);
		rec_begin(&in, ID, REC_RESPONDER, true);
		rec_params(&in, ID, &pairs);
		rec_add(&in, REC_STDIN, ID, NULL, 0, 0);
		feed();
		assert_state(FASTCGI_READY);
		assert_int_equal(conn.fault != NULL, more);
		answer("a", 0);
		value[FASTCGI_KEPT_MAX_BYTES - 3] = 'v';
	}
	free(value);
}

static void lengths_that_lie_are_cut_off(void **state)
{
	static const char *const lies[] = {
		"\xff\xff\xff\xfe\xff\xff\xff\xfe",
		"\xff\xff\xff\xff\x01",
		"\xc0\0\0\0\xc0\0\0",
		"\x01",
		"\x01\x01",
		"\x01\x01z",
		"\x80\x01",
	};
	static const size_t sizes[] = {8, 5, 7, 1, 2, 3, 2};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(lies); i++) {
		fastcgi_open(&conn);
		rec_begin(&in, ID, REC_RESPONDER, true);
		rec_add(&in, REC_PARAMS, ID, lies[i], sizes[i], 0);
		rec_add(&in, REC_PARAMS, ID, NULL, 0, 0);
		feed();
		assert_state(FASTCGI_BROKEN);
	}
}

/* --- no FastCGI ----------------------------------------------------------- */

static void assert_broken(void)
{
	feed();
	assert_state(FASTCGI_BROKEN);
	request(true, get, "");
	feed();
	assert_state(FASTCGI_BROKEN);
	fastcgi_open(&conn);
}

static void what_is_no_fastcgi_is_cut_off(void **state)
{
	(void)state;
	buf_add_str(&in, "GET / HTTP/1.0\r\n\r\n");
	assert_broken();
	request(true, get, "");
	in.ptr[0] = 2; /* the version */
	assert_broken();
	rec_add(&in, REC_BEGIN, ID, "\0\1\0\0\0\0\0", 7, 0);
	assert_broken();
	rec_begin(&in, ID, REC_RESPONDER, true); /* the same id again */
	rec_begin(&in, ID, REC_RESPONDER, true);
	assert_broken();
	rec_begin(&in, ID, REC_RESPONDER, true); /* a body before variables */
	rec_add(&in, REC_STDIN, ID, "x", 1, 0);
	assert_broken();
	rec_begin(&in, ID, REC_RESPONDER, true); /* variables after their end */
	rec_params(&in, ID, &pairs);
	rec_params(&in, ID, &pairs);
	assert_broken();
	request(true, get, ""); /* a request before the answer to another */
	request(true, get, "");
	assert_broken();
	rec_add(&in, REC_GET_VALUES, 0, "\xff\xff", 2, 0); /* half a pair */
	assert_broken();
}

/* Whether they come in one piece with it or later. */
static void records_behind_a_request_are_of_none(void **state)
{
	(void)state;
	for (int later = 0; later < 2; later++) {
		request(true, get, "");
		if (later)
			feed();
		rec_add(&in, REC_STDIN, ID, "x", 1, 0);
		rec_add(&in, REC_PARAMS, ID, "x", 1, 0);
		feed();
		assert_state(FASTCGI_READY);
		assert_body("");
		assert_int_equal(fastcgi_body_bytes(&conn), 0);
		answer("a", 0);
		assert_state(FASTCGI_IDLE);
	}
}

/* The bytes of a body are never records, wherever they are cut. */
static void a_body_of_records_is_a_body(void **state)
{
	struct buf body;

	(void)state;
	buf_init(&body, 1024 * 1024);
	for (int i = 0; i < 1000; i++)
		rec_request(&body, true, get, (struct str)STR_INIT);
	for (size_t skip = 0; skip < 8; skip++) {
		rec_begin(&in, ID, REC_RESPONDER, true);
		rec_params(&in, ID, &pairs);
		rec_stream(&in, REC_STDIN, ID, body.ptr + skip,
			   body.len - skip, 32 * 1024);
		while (in.len > 8) {
			size_t n = in.len < 8192 ? in.len : 8192;

			assert_true(conn.state != FASTCGI_READY);
			fastcgi_feed(&conn, in.ptr, n);
			memmove(in.ptr, in.ptr + n, in.len - n);
			buf_truncate(&in, in.len - n);
		}
		feed();
		assert_state(FASTCGI_READY);
		assert_no_variables();
		assert_int_equal(fastcgi_body_bytes(&conn), body.len - skip);
		answer("413", 0);
		assert_state(FASTCGI_IDLE);
	}
	buf_release(&body);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)
	const struct CMUnitTest tests[] = {
		TEST(a_request_has_its_variables_and_body),
		TEST(the_pieces_do_not_matter),
		TEST(a_kept_connection_has_one_request_after_the_other),
		TEST(what_is_not_wanted_is_left_out),
		TEST(lengths_may_have_four_bytes),
		TEST(padding_is_passed_over),
		TEST(a_long_answer_is_cut_into_records),
		TEST(a_body_that_is_too_long_is_read_to_its_end),
		TEST(a_body_beyond_all_limits_ends_the_connection),
		TEST(an_aborted_request_is_not_served),
		TEST(aborts_in_one_piece_are_bounded),
		TEST(other_roles_are_refused),
		TEST(get_values_is_told_once),
		TEST(management_does_not_disturb_a_request),
		TEST(records_of_no_request_are_bounded),
		TEST(a_second_request_at_once_is_told_so),
		TEST(bytes_that_change_a_variable_are_refused),
		TEST(too_much_of_variables_is_refused),
		TEST(exactly_what_fits_is_kept),
		TEST(lengths_that_lie_are_cut_off),
		TEST(what_is_no_fastcgi_is_cut_off),
		TEST(records_behind_a_request_are_of_none),
		TEST(a_body_of_records_is_a_body),
	};

	return cmocka_run_group_tests_name("fastcgi", tests, NULL, NULL);
}
