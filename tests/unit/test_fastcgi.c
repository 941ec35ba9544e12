/*
 * fastcgi.c: records that a web server may send become requests, in pieces of
 * any size. All other records end in a refusal or a closed connection.
 */
#include "base/base.h"
#include "base/text.h"
#include "serve/fastcgi.h"
#include "tests/support/check.h"
#include "tests/support/lines.h"
#include "tests/support/records.h"

enum { BODY_MAX = 100, LONG_BYTES = 40 };

static struct fastcgi conn;
static char *memory;

/* Leave out X_... and names of two bytes. */
static bool wants(struct str name)
{
	return !str_starts(name, "X_") && name.len != 2;
}

static const struct fastcgi_setup setup = {BODY_MAX, wants};

static int begin_test(void **state)
{
	memory = malloc(fastcgi_memory_bytes(&setup));
	if (!memory)
		return -1;
	memset(memory, 'M', fastcgi_memory_bytes(&setup));
	fastcgi_init(&conn, &setup, memory);
	fastcgi_open(&conn);
	return 0;
}

static int end_test(void **state)
{
	free(memory);
	return 0;
}

/* --- what the records lead to --------------------------------------------- */

/* A short text, or the length of a long one. */
static void tell_text(struct buf *out, struct str text)
{
	if (text.len > LONG_BYTES)
		buf_addf(out, "<%zu>", text.len);
	else
		buf_add(out, text.ptr, text.len);
}

/* "(end ID STATUS)", "(unknown TYPE)" or "(values PAIRS)" for each note. */
static void tell_notes(struct buf *out)
{
	static const uint8_t zeros[255];

	for (size_t at = 0; at < conn.n_notes;) {
		const uint8_t *head = conn.notes + at, *content = head + 8;
		size_t n = (size_t)(head[4] << 8 | head[5]);

		assert_int_equal(head[0], 1);
		if (head[1] == REC_END)
			buf_addf(out, "(end %d %d)", head[2] << 8 | head[3],
				 content[4]);
		else if (head[1] == REC_UNKNOWN)
			buf_addf(out, "(unknown %d)", content[0]);
		else
			buf_addf(out, "(values %.*s)", (int)n,
				 (const char *)content);
		assert_int_equal((n + head[6]) % 8, 0);
		assert_memory_equal(content + n, zeros, head[6]);
		at += 8 + n + head[6];
	}
}

/* "[VARIABLES] BODY N", or "refused: WHY". */
static void tell_request(struct buf *out)
{
	char *envp[FASTCGI_VARIABLES_MAX + 1], body[BODY_MAX + 2];
	ptrdiff_t n = fastcgi_read_body(&conn, body, sizeof(body));

	if (conn.fault) {
		buf_addf(out, "refused: %s", conn.fault);
		return;
	}
	fastcgi_variables(&conn, envp);
	buf_add_char(out, '[');
	for (char **e = envp; *e; e++) {
		struct str text = str_from(*e);

		buf_add_str(out, e == envp ? "" : " ");
		tell_text(out, text_cut(&text, '='));
		buf_add_char(out, '=');
		tell_text(out, text);
	}
	buf_add_str(out, "] ");
	tell_text(out, (struct str){body, (size_t)n});
	buf_addf(out, " %lld", (long long)fastcgi_body_bytes(&conn));
}

/* Answer with this text, and check the records of the answer. */
static void answer(const char *text)
{
	struct fastcgi_answer out;
	struct buf sent;
	size_t n_text = 0;
	int last = 0, status = -1;

	fastcgi_answer(&conn, str_from(text), (struct str)STR_INIT, &out);
	buf_init(&sent, 4 * 1024 * 1024);
	for (int i = 0; i < out.n_iov; i++)
		buf_add(&sent, out.iov[i].iov_base, out.iov[i].iov_len);
	assert_int_equal(sent.len, out.n_bytes);
	assert_memory_equal(sent.ptr, conn.notes, conn.n_notes);
	for (size_t at = conn.n_notes, n; at < sent.len; at += 8 + n) {
		const uint8_t *head = (const uint8_t *)sent.ptr + at;

		n = (size_t)(head[4] << 8 | head[5]);
		assert_int_equal(head[0], 1);
		assert_int_equal(head[2] << 8 | head[3], conn.id);
		assert_int_equal(head[6], 0);
		last = head[1];
		if (last == REC_END)
			status = head[12];
		if (last != REC_STDOUT)
			continue;
		assert_true(n_text + n <= strlen(text));
		assert_memory_equal(head + 8, text + n_text, n);
		n_text += n;
	}
	assert_int_equal(n_text, strlen(text));
	assert_int_equal(last, REC_END);
	assert_int_equal(status, 0); /* FCGI_REQUEST_COMPLETE */
	buf_release(&sent);
	conn.n_notes = 0;
}

static const char *const states[] = {"idle", "reading", "ready", "lingering",
				     "broken"};

/* What the records have led to. A request that is ready is answered. */
static void tell(struct buf *out)
{
	bool is_idle;

	tell_notes(out);
	if (conn.state == FASTCGI_READY) {
		tell_request(out);
		answer("Status: 200 OK\r\n\r\n");
		buf_add_str(out, ", ");
	}
	conn.n_notes = 0;
	buf_add_str(out, states[conn.state]);
	is_idle = conn.state == FASTCGI_IDLE;
	buf_add_str(out, is_idle && fastcgi_is_under_way(&conn) ? "..." : "");
	assert_true(is_idle || fastcgi_is_under_way(&conn));
	if (conn.state == FASTCGI_LINGERING && !fastcgi_is_responder(&conn))
		buf_add_str(out, ", no role");
	buf_add_char(out, '\n');
}

/* --- records and what they become ----------------------------------------- */

/* Lines of tests/support/lines.h, and:
 *
 *	+ N	the next record has N bytes of padding
 *	* N M	the next M lines come N times
 *
 * At an empty line all is sent, and the result gets one more line. */
#define IN(text)                         \
	{                                \
		(text), sizeof(text) - 1 \
	}

static const struct {
	const char *name;
	struct str in;
	const char *wanted;
} cases[] = {
	{"a request has its variables and its body",
	 IN("b 1 0\nn 1 A=b\nn 1 C=\np 1\nd 1 hello\ne 1"),
	 "[A=b C=] hello 5, lingering\n"},
	{"a kept connection has one request after the other",
	 IN("b 1\nn 1 A=b\np 1\nd 1 hello\ne 1\n\no 1 C=d\n\no 2 E=f"),
	 "[A=b] hello 5, idle\n[C=d]  0, idle\n[E=f]  0, idle\n"},
	{"a head that has begun is under way", IN("x \1\1"), "idle...\n"},
	{"a request that has begun waits", IN("b 1\nn 1 A=b"), "reading\n"},
	{"variables that are not wanted are left out",
	 IN("b 1\nn 1 X_A=b\nL 1 2 30000\nn 1 A=b\nn 1 X_C=d\np 1\ne 1"),
	 "[A=b]  0, idle\n"},
	{"variables with a name that is too long are left out",
	 IN("b 1\nL 1 65 1\nL 1 64 1\np 1\ne 1"), "[<64>=A]  0, idle\n"},
	{"lengths may have four bytes",
	 IN("b 1\nN 1 A=b\nN 1 =\nn 1 C=\np 1\ne 1"), "[A=b = C=]  0, idle\n"},
	{"padding is passed over",
	 IN("+ 9\nb 1\n+ 255\nn 1 A=b\n+ 255\np 1\n+ 7\nd 1 x\n+ 255\ne 1"),
	 "[A=b] x 1, idle\n"},

	/* ends */
	{"a body that is too long is kept up to one byte more",
	 IN("b 1\np 1\nD 1 70\nD 1 230\ne 1"), "[] <101> 300, idle\n"},
	{"a body beyond all limits ends the connection",
	 IN("b 1\np 1\nD 1 1300000\ne 1\no 1 A=b\n\no 1 A=b"),
	 "[] <101> -1, lingering\nlingering\n"},
	{"variables beyond all limits end the connection",
	 IN("b 1\nL 1 1 1300000\np 1\ne 1"),
	 "refused: The headers of the request are too long., lingering\n"},
	{"an aborted request is not served, and its end is unknown",
	 IN("b 1\np 1\na 1\n\no 1 A=b"), "(end 1 0)lingering\nlingering\n"},
	{"an abort after the end leaves the connection as it was",
	 IN("o 1 A=b\na 1\n\no 1 C=d"), "(end 1 0)idle\n[C=d]  0, idle\n"},
	{"aborts in one piece are bounded", IN("* 1000 2\no 1 A=b\na 1"), NULL},
	{"an authorizer is refused", IN("b 1 1 2\np 1\ne 1"),
	 "(end 1 3)lingering, no role\n"},
	{"a filter is refused", IN("b 1 1 3\np 1\ne 1"),
	 "(end 1 3)lingering, no role\n"},
	{"role 0 is refused", IN("b 1 1 0"), "(end 1 3)lingering, no role\n"},
	{"role 257 is refused", IN("b 1 1 257"),
	 "(end 1 3)lingering, no role\n"},

	/* management records, and records of other requests */
	{"values are told once",
	 IN("+ 3\ng FCGI_MAX_CONNS FCGI_NO_SUCH_VALUE_AT_ALL FCGI_MAX_CONNS\n"
	    "g FCGI_MAX_CONNS\n\no 1 A=b\n\ng FCGI_MAX_CONN FCGI_MPXS_CONNS"),
	 "(values \16\3FCGI_MAX_CONNS128)idle\n[A=b]  0, idle\n"
	 "(values \17\1FCGI_MPXS_CONNS0)idle\n"},
	{"values that were cut off do not spoil the next connection",
	 IN("g FCGI_MAX_CONNS\n\no 1 A=b\n\nx \1\11\0\0\0\2\0\0\16"),
	 "(values \16\3FCGI_MAX_CONNS128)idle\n[A=b]  0, idle\nidle...\n"},
	{"a value may have a value", IN("t 9 0 \15\3FCGI_MAX_REQSabc"),
	 "(values \15\3FCGI_MAX_REQS128)idle\n"},
	{"management does not disturb a request",
	 IN("b 1\nP 1 \11\2PAT\ng FCGI_MPXS_CONNS FCGI_MAX_REQS\nt 77 0 abc\n"
	    "P 1 H_INFO/x\np 1\ne 1"),
	 "(values \15\3FCGI_MAX_REQS128\17\1FCGI_MPXS_CONNS0)(unknown 77)"
	 "[PATH_INFO=/x]  0, idle\n"},
	{"32 records of another request are ignored",
	 IN("b 1\n* 32 1\nP 7 x\n\np 1\ne 1"), "reading\n[]  0, idle\n"},
	{"33 variables are too many", IN("b 1\n* 33 1\nP 7 x"), "broken\n"},
	{"33 bodies are too many", IN("b 1\n* 33 1\nd 7 x"), "broken\n"},
	{"33 aborts are too many", IN("b 1\n* 33 1\na 7"), "broken\n"},
	{"33 records of data are too many", IN("b 1\n* 33 1\nt 8 1 x"),
	 "broken\n"},
	{"33 records without a request are too many", IN("* 33 1\nt 99 7 x"),
	 "broken\n"},
	{"33 management records are too many", IN("* 32 1\ng X\n\ng X"),
	 "(values )idle\nbroken\n"},
	{"a second request at once is refused",
	 IN("b 1\nb 2\nn 2 A=b\np 1\ne 1"), "(end 2 1)[]  0, idle\n"},
	{"records after a request are ignored",
	 IN("o 1 A=b\nd 1 x\nP 1 x\n\no 1 C=d"),
	 "[A=b]  0, idle\n[C=d]  0, idle\n"},

	/* variables that are refused */
	{"= in a name", IN("b 1\nP 1 \3\1A=bc\np 1\ne 1\n\no 1 A=c"),
	 "refused: A variable of the request has a malformed name., idle\n"
	 "[A=c]  0, idle\n"},
	{"NUL in a name", IN("b 1\nn 1 A\0=c\np 1\ne 1"),
	 "refused: A variable of the request has a malformed name., idle\n"},
	{"NUL in a name that is left out", IN("b 1\nn 1 X_\0=c\np 1\ne 1"),
	 "refused: A variable of the request has a malformed name., idle\n"},
	{"NUL in a value", IN("b 1\nn 1 A=c\0\np 1\ne 1"),
	 "refused: A variable of the request has a NUL byte., idle\n"},
	{"NUL in a value that is left out",
	 IN("b 1\nn 1 X_A=c\0\nn 1 B=d\np 1\ne 1"), "[B=d]  0, idle\n"},
	{"names and values of 64 KiB fit", IN("b 1\nL 1 2 65534\np 1\ne 1"),
	 "[]  0, idle\n"},
	{"64 KiB and a byte do not", IN("b 1\nL 1 2 65534\nn 1 A=\np 1\ne 1"),
	 "refused: The headers of the request are too long., idle\n"},
	{"512 variables fit", IN("b 1\n* 512 1\nn 1 X_A=\np 1\ne 1"),
	 "[]  0, idle\n"},
	{"513 variables do not", IN("b 1\n* 513 1\nn 1 X_A=\np 1\ne 1"),
	 "refused: The request has too many headers., idle\n"},
	{"16 KiB of variables are kept", IN("b 1\nL 1 1 16381\np 1\ne 1"),
	 "[A=<16381>]  0, idle\n"},
	{"16 KiB and a byte are not", IN("b 1\nL 1 1 16382\np 1\ne 1"),
	 "refused: The headers of the request are too long., idle\n"},
	{"nor are many variables", IN("b 1\n* 200 1\nL 1 3 100\np 1\ne 1"),
	 "refused: The headers of the request are too long., idle\n"},

	/* lengths that lie */
	{"4 GB", IN("b 1\nP 1 \xff\xff\xff\xfe\xff\xff\xff\xfe\np 1"),
	 "broken\n"},
	{"4 GB and 1", IN("b 1\nP 1 \xff\xff\xff\xff\1\np 1"), "broken\n"},
	{"half of a length", IN("b 1\nP 1 \xc0\0\0\0\xc0\0\0\np 1"),
	 "broken\n"},
	{"one length", IN("b 1\nP 1 \1\np 1"), "broken\n"},
	{"no name", IN("b 1\nP 1 \1\1\np 1"), "broken\n"},
	{"no value", IN("b 1\nP 1 \1\1z\np 1"), "broken\n"},
	{"begin of a length", IN("b 1\nP 1 \x80\1\np 1"), "broken\n"},
	{"half of a length of values", IN("t 9 0 \xff\xff"), "broken\n"},

	/* no FastCGI, or not in this order */
	{"HTTP", IN("x GET / HTTP/1.0\r"), "broken\n"},
	{"version 2", IN("x \2\1\0\1\0\10\0\0\0\1\1\0\0\0\0\0"), "broken\n"},
	{"a begin of 7 bytes", IN("t 1 1 \0\1\0\0\0\0\0"), "broken\n"},
	{"the same begin again", IN("b 1\nb 1"), "broken\n"},
	{"a body before the variables", IN("b 1\nd 1 x"), "broken\n"},
	{"variables after their end", IN("b 1\np 1\np 1"), "broken\n"},
	{"a request before the answer", IN("o 1 A=b\no 1 C=d\n\no 1 A=b"),
	 "broken\nbroken\n"},
};

/* Cut the lines of one segment off the text, and make their records. */
static void make_segment(struct str *text, struct buf *records)
{
	size_t n_times = 1, n_lines = 0, n_padding = 0;
	size_t begin = 0;

	while (text->len && *text->ptr != '\n') {
		struct str line = text_cut(text, '\n');
		char letter = line.ptr[0];
		struct str rest = {line.ptr + 1, line.len - 1};

		if (letter == '+') {
			n_padding = lines_number(&rest, 255);
		} else if (letter == '*') {
			n_times = lines_number(&rest, 1000);
			n_lines = lines_number(&rest, 2);
			begin = records->len;
		} else {
			lines_add(records, line, n_padding);
			n_padding = 0;
		}
		if (letter != '*' && n_lines && !--n_lines) {
			size_t n = records->len - begin;
			char *copy = malloc(n);

			assert_non_null(copy);
			memcpy(copy, records->ptr + begin, n);
			while (--n_times)
				buf_add(records, copy, n);
			free(copy);
		}
	}
	if (text->len)
		(void)text_cut(text, '\n');
	assert_ok(buf_status(records, NULL), NULL);
}

/* Send a text in pieces of step bytes, and tell the results. */
static void run(struct str text, size_t step, struct buf *told)
{
	struct buf records;

	buf_init(&records, 4 * 1024 * 1024);
	fastcgi_open(&conn);
	while (text.len) {
		buf_reset(&records);
		make_segment(&text, &records);
		for (size_t at = 0; at < records.len; at += step) {
			size_t n = records.len - at;

			fastcgi_feed(&conn, records.ptr + at,
				     n < step ? n : step);
		}
		tell(told);
	}
	buf_release(&records);
}

static void records_become_requests(void **state)
{
	static const size_t steps[] = {SIZE_MAX / 2, 1,	 2,   3, 5, 7, 8, 9,
				       16,	     33, 4096};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++)
		for (size_t k = 0; k < CF_ARRAY_LEN(steps); k++) {
			struct buf told;

			buf_init(&told, 4096);
			run(cases[i].in, steps[k], &told);
			if (!cases[i].wanted) {
				assert_int_equal(conn.state, FASTCGI_BROKEN);
			} else if (strcmp(told.ptr, cases[i].wanted)) {
				print_error("%s, in pieces of %zu:\n%s",
					    cases[i].name, steps[k], told.ptr);
				assert_string_equal(told.ptr, cases[i].wanted);
			}
			buf_release(&told);
		}
}

static void a_long_answer_is_cut_into_records(void **state)
{
	static char text[FASTCGI_ANSWER_MAX_BYTES + 1];
	static const size_t sizes[] = {0, FASTCGI_RECORD_MAX_BYTES - 1,
				       FASTCGI_RECORD_MAX_BYTES,
				       FASTCGI_RECORD_MAX_BYTES + 1,
				       FASTCGI_ANSWER_MAX_BYTES};

	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		struct buf request;

		memset(text, 'a', sizes[i]);
		text[sizes[i]] = '\0';
		buf_init(&request, 1000);
		lines_add(&request, STR_LIT("o 258 A=b"), 0);
		fastcgi_feed(&conn, request.ptr, request.len);
		answer(text);
		buf_release(&request);
	}
}

/* Records within a body are read as bytes of it, wherever the body is cut. */
static void a_body_of_records_is_a_body(void **state)
{
	struct buf body, in;

	buf_init(&body, 1024 * 1024);
	buf_init(&in, 1024 * 1024);
	for (int i = 0; i < 1000; i++)
		lines_add(&body, STR_LIT("o 1 A=b"), 0);
	for (size_t skip = 0; skip < 8; skip++) {
		buf_reset(&in);
		lines_add(&in, STR_LIT("b 1"), 0);
		lines_add(&in, STR_LIT("p 1"), 0);
		rec_stream(&in, REC_STDIN, 1, body.ptr + skip, body.len - skip,
			   32 * 1024);
		for (size_t at = 0; at < in.len; at += 8192) {
			size_t n = in.len - at;

			assert_true(conn.state != FASTCGI_READY);
			fastcgi_feed(&conn, in.ptr + at, n < 8192 ? n : 8192);
		}
		assert_int_equal(conn.state, FASTCGI_READY);
		assert_int_equal(fastcgi_body_bytes(&conn), body.len - skip);
		answer("413");
		assert_int_equal(conn.state, FASTCGI_IDLE);
	}
	buf_release(&body);
	buf_release(&in);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)
	const struct CMUnitTest tests[] = {
		TEST(records_become_requests),
		TEST(a_long_answer_is_cut_into_records),
		TEST(a_body_of_records_is_a_body),
	};

	return cmocka_run_group_tests_name("fastcgi", tests, NULL, NULL);
}
