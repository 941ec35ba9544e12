/*
 * src/serve beside libfcgi: of well-formed requests both read the same
 * variables in the same order and the same body, and both send the same
 * records, which may be cut and padded in other ways.
 *
 * The streams avoid the faults of libfcgi: an FCGI_GET_VALUES has one name, a
 * record for another request comes only within the request and has content, an
 * unknown management record has none, and there is no padding after an
 * FCGI_BEGIN_REQUEST or an empty record. They also stay within our limits.
 *
 * An input is requests with a line "--" between them, sent one after the
 * other on one connection. Their lines:
 *
 *	i ID		the request's number
 *	k FLAG		0: the connection is not kept; this is the last request
 *	n, N, L		a variable, as in tests/support/lines.h but without ID
 *	d TEXT		more of the body: TEXT
 *	D N		the same, N bytes
 *	r N		records have N bytes of content from now on
 *	+ N		and N bytes of padding
 *	g NAME		FCGI_GET_VALUES
 *	u TYPE		a management record of another type
 *	s TYPE ID TEXT	a record for another request
 *	b ID		the begin of another request
 *	/ N		the request is sent in pieces of N bytes
 *	z N		it is answered with N bytes
 */
#include "base/base.h"
#include "base/text.h"
#include "serve/fastcgi.h"
#include "tests/fuzz/fastcgi_events.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/lines.h"
#include "tests/support/records.h"

#include <fcgiapp.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
	BODY_MAX_BYTES = 20000,
	/* beyond this a request goes on in large records without padding */
	STREAM_MAX_BYTES = 48 * 1024,
	PIECES_MAX = 64, /* of a request, so that a socket holds them */
	ROOM_BYTES = 200 * 1024,
	PIECE_MAX_BYTES = 8192, /* what libfcgi reads at once */
	ANSWER_MAX_BYTES = 60000,
	STRAYS_MAX = FASTCGI_STRAYS_MAX - 2,
	UNKNOWN_MAX = 4, /* of an input: libfcgi leaks some bytes for each */
	READ_TIMEOUT_S = 10, /* if the two wait for each other */
};

/* The request that is made. */
static struct request {
	struct buf stream;
	unsigned id;
	bool is_kept, has_begun, has_variables;
	size_t record_bytes, padding_bytes, piece_bytes, answer_bytes;
	struct buf part; /* of a stream, in no record yet */
	size_t n_variables, n_variable_bytes, n_kept, n_body;
} req;
static size_t n_strays;	      /* since the last request began */
static bool has_asked_values; /* likewise */
static size_t n_unknown;      /* of the input */

/* What a reader has read of a request. */
struct seen {
	struct buf variables; /* with NULs between */
	struct buf body;
};

static struct fastcgi_setup setup;
static struct fastcgi ours;
static FCGX_Request theirs;
static int web_fd; /* the other end of libfcgi's connection */
static struct events our_events, their_events;

static bool want_all(struct str name)
{
	(void)name;
	return true;
}

/* --- records -------------------------------------------------------------- */

static void put(unsigned type, unsigned id, const void *ptr, size_t n,
		size_t padding_bytes)
{
	rec_add(&req.stream, (int)type, id, ptr, n,
		req.stream.len > STREAM_MAX_BYTES ? 0 : padding_bytes);
	FUZZ_CHECK(!buf_status(&req.stream, NULL));
}

static void begin(void)
{
	if (req.has_begun)
		return;
	rec_begin(&req.stream, req.id, REC_RESPONDER, req.is_kept);
	req.has_begun = true;
	n_strays = 0;
	has_asked_values = false;
}

/* Put the part of the stream into records of the chosen size; with all also
 * the rest. */
static void put_part(bool all)
{
	unsigned type = req.has_variables ? REC_STDIN : REC_PARAMS;
	size_t at = 0, n;

	while ((n = req.part.len - at) >= req.record_bytes || (all && n)) {
		n = n < req.record_bytes ? n : req.record_bytes;
		if (req.stream.len > STREAM_MAX_BYTES)
			n = req.part.len - at;
		put(type, req.id, req.part.ptr + at, n, req.padding_bytes);
		at += n;
	}
	if (!at)
		return;
	memmove(req.part.ptr, req.part.ptr + at, req.part.len - at);
	buf_truncate(&req.part, req.part.len - at);
}

static void end_variables(void)
{
	begin();
	if (req.has_variables)
		return;
	put_part(true);
	put(REC_PARAMS, req.id, "", 0, 0);
	req.has_variables = true;
}

static void end_request(void)
{
	end_variables();
	put_part(true);
	put(REC_STDIN, req.id, "", 0, 0);
}

/* --- what lines add ------------------------------------------------------- */

static bool has_nul(struct str text)
{
	return text.len && memchr(text.ptr, '\0', text.len);
}

static void add_variable(const struct lines_pair *pair)
{
	size_t n = pair->name.len + pair->value.len + 2;

	if (req.has_variables || has_nul(pair->name) || has_nul(pair->value) ||
	    pair->name.len > FASTCGI_NAME_MAX_BYTES ||
	    req.n_variables == FASTCGI_VARIABLES_MAX ||
	    n > FASTCGI_KEPT_MAX_BYTES - req.n_kept)
		return;
	begin();
	req.n_variables++;
	req.n_kept += n;
	rec_pair(&req.part, pair->name, pair->value, pair->has_long_lengths);
	FUZZ_CHECK(!buf_status(&req.part, NULL));
	put_part(false);
}

static void add_body(const char *ptr, size_t n)
{
	if (n > BODY_MAX_BYTES - req.n_body)
		n = BODY_MAX_BYTES - req.n_body;
	end_variables();
	req.n_body += n;
	buf_add(&req.part, ptr, n);
	FUZZ_CHECK(!buf_status(&req.part, NULL));
	put_part(false);
}

static void ask_values(struct str name)
{
	struct buf pair;

	if (has_asked_values || n_strays == STRAYS_MAX || has_nul(name) ||
	    name.len > 127 || (name.len && memchr(name.ptr, '=', name.len)))
		return;
	has_asked_values = true;
	n_strays++;
	buf_init(&pair, 2 + 127);
	rec_pair(&pair, name, (struct str)STR_INIT, false);
	put(REC_GET_VALUES, 0, pair.ptr, pair.len, req.padding_bytes);
	buf_release(&pair);
}

static void put_management(unsigned type)
{
	if (type == REC_BEGIN || type == REC_GET_VALUES ||
	    n_strays == STRAYS_MAX || n_unknown == UNKNOWN_MAX)
		return;
	n_strays++;
	n_unknown++;
	put(type, 0, "", 0, req.padding_bytes);
}

static void put_stray(unsigned type, unsigned id, struct str text)
{
	if (!id || id == req.id || n_strays == STRAYS_MAX ||
	    type == REC_BEGIN || !text.len)
		return;
	begin();
	n_strays++;
	put(type, id, text.ptr, text.len < 1000 ? text.len : 1000,
	    req.padding_bytes);
}

static void put_other_begin(unsigned id)
{
	if (!id || id == req.id || n_strays == STRAYS_MAX)
		return;
	begin();
	n_strays++;
	rec_begin(&req.stream, id, REC_RESPONDER, true);
}

/* --- lines ---------------------------------------------------------------- */

/* A line that sets something; false for another line. */
static bool set_line(char letter, struct str line)
{
	size_t n = lines_number(&line, 0xffff);

	switch (letter) {
	case 'i':
		if (!req.has_begun && n && n <= 0xffff)
			req.id = (unsigned)n;
		return true;
	case 'k':
		if (!req.has_begun)
			req.is_kept = n;
		return true;
	case 'r':
		req.record_bytes = n && n <= 0xffff ? n : 0xffff;
		return true;
	case '+':
		req.padding_bytes = n < 255 ? n : 255;
		return true;
	case '/':
		req.piece_bytes = n;
		return true;
	case 'z':
		req.answer_bytes = n < ANSWER_MAX_BYTES ? n : ANSWER_MAX_BYTES;
		return true;
	default:
		return false;
	}
}

static void do_line(char letter, struct str line)
{
	struct str text = lines_text(line);
	struct lines_pair pair;
	unsigned n, id;

	if (set_line(letter, line))
		return;
	switch (letter) {
	case 'n':
	case 'N':
	case 'L':
		pair = lines_pair(letter, line);
		add_variable(&pair);
		break;
	case 'd':
		add_body(text.ptr, text.len);
		break;
	case 'D':
		add_body(lines_long(), lines_number(&line, STREAM_MAX_BYTES));
		break;
	case 'g':
		ask_values(text);
		break;
	case 'u':
		put_management((unsigned)lines_number(&line, 255));
		break;
	case 's':
		n = (unsigned)lines_number(&line, 255);
		id = (unsigned)lines_number(&line, 0xffff);
		put_stray(n, id, lines_text(line));
		break;
	case 'b':
		put_other_begin((unsigned)lines_number(&line, 0xffff));
		break;
	default:
		break;
	}
}

/* Make the next request of the input. */
static void make_request(struct str *input)
{
	req = (struct request){
		.id = 1,
		.is_kept = true,
		.record_bytes = 0xffff,
	};
	buf_init(&req.stream, 4 * STREAM_MAX_BYTES);
	buf_init(&req.part, STREAM_MAX_BYTES);
	while (input->len && req.stream.len < STREAM_MAX_BYTES) {
		struct str line = text_cut(input, '\n');

		if (str_eq(line, "--"))
			break;
		if (line.len)
			do_line(line.ptr[0],
				(struct str){line.ptr + 1, line.len - 1});
	}
	end_request();
}

/* --- the two readers ------------------------------------------------------ */

static void see_init(struct seen *seen)
{
	buf_init(&seen->variables, 2 * STREAM_MAX_BYTES);
	buf_init(&seen->body, 2 * BODY_MAX_BYTES);
}

static void see(struct seen *seen, char *const *envp)
{
	for (; *envp; envp++)
		buf_add(&seen->variables, *envp, strlen(*envp) + 1);
}

static void see_release(struct seen *seen)
{
	buf_release(&seen->variables);
	buf_release(&seen->body);
}

static size_t piece_bytes(void)
{
	size_t least = req.stream.len / PIECES_MAX + 1;
	size_t n = req.piece_bytes ? req.piece_bytes : PIECE_MAX_BYTES;

	n = n > least ? n : least;
	FUZZ_CHECK(least <= PIECE_MAX_BYTES);
	return n < PIECE_MAX_BYTES ? n : PIECE_MAX_BYTES;
}

static void answer_ours(const struct seen *seen)
{
	static struct fastcgi_answer answer;

	fastcgi_answer(&ours, (struct str){seen->body.ptr, seen->body.len},
		       (struct str){lines_long(), req.answer_bytes}, &answer);
	ours.n_notes = 0;
	for (int i = 0; i < answer.n_iov; i++)
		events_take(&our_events, (struct str){answer.iov[i].iov_base,
						      answer.iov[i].iov_len});
	FUZZ_CHECK(ours.state ==
		   (req.is_kept ? FASTCGI_IDLE : FASTCGI_LINGERING));
}

static void read_ours(struct seen *seen)
{
	static char *envp[FASTCGI_VARIABLES_MAX + 1];
	char bytes[1000];
	ptrdiff_t n;

	for (size_t at = 0; at < req.stream.len;) {
		size_t n_left = req.stream.len - at;
		size_t n_piece = piece_bytes();

		n_piece = n_piece < n_left ? n_piece : n_left;
		fastcgi_feed(&ours, req.stream.ptr + at, n_piece);
		at += n_piece;
		FUZZ_CHECK(ours.state == FASTCGI_READY || at < req.stream.len);
		if (ours.state == FASTCGI_READY)
			break;
		events_take(&our_events,
			    (struct str){(char *)ours.notes, ours.n_notes});
		ours.n_notes = 0;
	}
	FUZZ_CHECK(!ours.fault);
	FUZZ_CHECK(fastcgi_body_bytes(&ours) == (int64_t)req.n_body);
	fastcgi_variables(&ours, envp);
	see(seen, envp);
	while ((n = fastcgi_read_body(&ours, bytes, sizeof(bytes))) > 0)
		buf_add(&seen->body, bytes, (size_t)n);
	answer_ours(seen);
}

/* Each piece is a packet, which libfcgi reads at once. */
static void send_to_theirs(void)
{
	for (size_t at = 0; at < req.stream.len;) {
		size_t n_left = req.stream.len - at, n = piece_bytes();

		n = n < n_left ? n : n_left;
		FUZZ_CHECK(send(web_fd, req.stream.ptr + at, n, MSG_DONTWAIT) ==
			   (ssize_t)n);
		at += n;
	}
}

static void take_from_theirs(void)
{
	static char bytes[64 * 1024];
	ssize_t n;

	while ((n = recv(web_fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		events_take(&their_events, (struct str){bytes, (size_t)n});
}

static void read_theirs(struct seen *seen)
{
	char bytes[1000];
	int n;

	send_to_theirs();
	FUZZ_CHECK(!FCGX_Accept_r(&theirs));
	FUZZ_CHECK(!strcmp(theirs.envp[0], "FCGI_ROLE=RESPONDER"));
	see(seen, theirs.envp + 1);
	while ((n = FCGX_GetStr(bytes, sizeof(bytes), theirs.in)) > 0)
		buf_add(&seen->body, bytes, (size_t)n);
	FUZZ_CHECK(!FCGX_GetError(theirs.in));
	take_from_theirs(); /* makes room for more packets */
	(void)FCGX_PutStr(seen->body.ptr, (int)seen->body.len, theirs.out);
	(void)FCGX_PutStr(lines_long(), (int)req.answer_bytes, theirs.out);
	(void)FCGX_Detach(&theirs); /* else it waits for the peer to close */
	FCGX_Finish_r(&theirs);
	FUZZ_CHECK((theirs.ipcFd >= 0) == req.is_kept);
	take_from_theirs();
}

static void check_same(const struct buf *a, const struct buf *b)
{
	FUZZ_CHECK(!buf_status(a, NULL) && !buf_status(b, NULL));
	FUZZ_CHECK(a->len == b->len &&
		   (!a->len || !memcmp(a->ptr, b->ptr, a->len)));
}

static void compare(void)
{
	struct seen our_seen, their_seen;

	see_init(&our_seen);
	see_init(&their_seen);
	read_ours(&our_seen);
	read_theirs(&their_seen);
	check_same(&our_seen.variables, &their_seen.variables);
	check_same(&our_seen.body, &their_seen.body);
	FUZZ_CHECK(our_seen.body.len == req.n_body);
	check_same(&our_events.text, &their_events.text);
	FUZZ_CHECK(!our_events.rest.len && !their_events.rest.len);
	see_release(&our_seen);
	see_release(&their_seen);
}

/* --- inputs --------------------------------------------------------------- */

/* libfcgi leaks some bytes of an unknown management record. A search for leaks
 * after each input would take most of the time, too. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static void open_once(void)
{
	setup = (struct fastcgi_setup){BODY_MAX_BYTES, want_all};
	fastcgi_init(&ours, &setup, malloc(fastcgi_memory_bytes(&setup)));
	FUZZ_CHECK(ours.kept);
	FUZZ_CHECK(!FCGX_Init());
}

/* Make a connection that libfcgi takes for a kept one: so it accepts none. */
static void start(void)
{
	const struct timeval timeout = {.tv_sec = READ_TIMEOUT_S};
	const int room = ROOM_BYTES;
	int fds[2];

	memset(ours.kept, 'M', fastcgi_memory_bytes(&setup));
	fastcgi_open(&ours);
	FUZZ_CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds));
	FUZZ_CHECK(!setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &timeout,
			       sizeof(timeout)));
	FUZZ_CHECK(!setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room,
			       sizeof(room)));
	FUZZ_CHECK(!FCGX_InitRequest(&theirs, -1, 0));
	theirs.ipcFd = fds[0];
	theirs.keepConnection = 1;
	web_fd = fds[1];
	events_init(&our_events, true);
	events_init(&their_events, true);
	n_strays = n_unknown = 0;
	has_asked_values = false;
}

static void stop(void)
{
	(void)FCGX_Detach(&theirs);
	if (theirs.ipcFd >= 0)
		FCGX_Free(&theirs, 1);
	(void)close(web_fd);
	events_release(&our_events);
	events_release(&their_events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str input = {(const char *)data, n};
	bool is_kept;

	if (!ours.kept)
		open_once();
	start();
	do {
		make_request(&input);
		compare();
		is_kept = req.is_kept;
		buf_release(&req.stream);
		buf_release(&req.part);
	} while (is_kept && input.len);
	stop();
	return 0;
}
