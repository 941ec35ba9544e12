/*
 * The reader of src/serve against libfcgi's: of requests that are well formed
 * both see the same variables in the same order and the same body, and send
 * the same records, but for how they are cut and padded.
 *
 * The streams keep out of libfcgi's faults: an FCGI_GET_VALUES has one name, a
 * record that is not for the request comes only within it and has content, an
 * unknown management record has none, and there is no padding behind an
 * FCGI_BEGIN_REQUEST and an empty record. They keep within our limits.
 *
 * An input is requests with a line "--" between them, sent one after the
 * other on one connection. Lines are a letter and what it is about; numbers
 * are decimal:
 *
 *	i ID		the request's number
 *	k FLAG		0: the connection is not kept, so that this request is
 *			the last
 *	n NAME=VALUE	a variable
 *	N NAME=VALUE	the same, with lengths of four bytes
 *	L N M		the same, of a name of N bytes and a value of M
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
#include "serve/fastcgi.h"
#include "tests/fuzz/fastcgi_events.h"
#include "tests/fuzz/fuzz.h"

#include <fcgiapp.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
	BODY_MAX_BYTES = 20000,
	/* a request that has come so far goes on in large records */
	STREAM_MAX_BYTES = 48 * 1024,
	PIECES_MAX = 64, /* of it, so that a socket holds them */
	ROOM_BYTES = 200 * 1024,
	PIECE_MAX_BYTES = 8192, /* what libfcgi reads at once */
	ANSWER_MAX_BYTES = 60000,
	STRAYS_MAX = FASTCGI_STRAYS_MAX - 2,
	UNKNOWN_MAX = 4, /* of an input: libfcgi leaks some bytes for each */
	READ_TIMEOUT_S = 10, /* if the two wait for each other */
	BEGIN = 1,
	PARAMS = 4,
	STDIN = 5,
	GET_VALUES = 9,
};

/* A request, as it is put together. */
static struct request {
	struct buf stream;
	unsigned id;
	bool is_kept, has_begun, has_variables;
	size_t record_bytes, padding_bytes, piece_bytes, answer_bytes;
	struct buf part; /* of a stream, and in no record yet */
	size_t n_variables, n_variable_bytes, n_kept, n_body;
} req;
static size_t n_strays;	      /* since the last request began */
static bool has_asked_values; /* likewise */
static size_t n_unknown;

/* What one of the readers has seen of a request. */
struct seen {
	struct buf variables; /* with NULs between */
	struct buf body;
};

static struct fastcgi_setup setup;
static struct fastcgi ours;
static FCGX_Request theirs;
static int web_fd; /* the other end of libfcgi's connection */
static struct events our_events, their_events;
static char pattern[ANSWER_MAX_BYTES + STREAM_MAX_BYTES];

static bool want_all(struct str name)
{
	(void)name;
	return true;
}

/* --- records -------------------------------------------------------------- */

static void put(unsigned type, unsigned id, const void *ptr, size_t n,
		size_t padding_bytes)
{
	static const char padding[256] = "\1\1\0\1\0\0\0\0";
	uint8_t head[8] = {1,		(uint8_t)type,	   (uint8_t)(id >> 8),
			   (uint8_t)id, (uint8_t)(n >> 8), (uint8_t)n};

	if (req.stream.len > STREAM_MAX_BYTES)
		padding_bytes = 0;
	head[6] = (uint8_t)padding_bytes;
	FUZZ_CHECK(n <= 0xffff);
	buf_add(&req.stream, head, sizeof(head));
	buf_add(&req.stream, ptr, n);
	buf_add(&req.stream, padding, padding_bytes);
	FUZZ_CHECK(!buf_status(&req.stream, NULL));
}

static void put_begin(unsigned id, bool is_kept)
{
	const uint8_t content[8] = {0, 1, is_kept};

	put(BEGIN, id, content, sizeof(content), 0);
}

static void begin(void)
{
	if (req.has_begun)
		return;
	put_begin(req.id, req.is_kept);
	req.has_begun = true;
	n_strays = 0;
	has_asked_values = false;
}

/* Put what there is of the stream that is being sent into records of the
 * chosen size; the rest too when all is set. */
static void put_part(bool all)
{
	unsigned type = req.has_variables ? STDIN : PARAMS;
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

static void add_part(const void *ptr, size_t n)
{
	buf_add(&req.part, ptr, n);
	FUZZ_CHECK(!buf_status(&req.part, NULL));
	put_part(false);
}

static void end_variables(void)
{
	begin();
	if (req.has_variables)
		return;
	put_part(true);
	put(PARAMS, req.id, "", 0, 0);
	req.has_variables = true;
}

static void end_request(void)
{
	end_variables();
	put_part(true);
	put(STDIN, req.id, "", 0, 0);
}

/* --- what lines add ------------------------------------------------------- */

static size_t put_length(uint8_t *to, size_t n, bool is_long)
{
	to[0] = (uint8_t)n;
	if (!is_long && n < 128)
		return 1;
	to[0] = (uint8_t)(0x80 | n >> 24);
	to[1] = (uint8_t)(n >> 16);
	to[2] = (uint8_t)(n >> 8);
	to[3] = (uint8_t)n;
	return 4;
}

static bool has_nul(struct str text)
{
	return text.len && memchr(text.ptr, '\0', text.len);
}

static void add_variable(struct str name, struct str value, bool is_long)
{
	uint8_t lengths[8];
	size_t n = put_length(lengths, name.len, is_long);

	n += put_length(lengths + n, value.len, is_long);
	if (req.has_variables || has_nul(name) || has_nul(value) ||
	    name.len > FASTCGI_NAME_MAX_BYTES ||
	    req.n_variables == FASTCGI_VARIABLES_MAX ||
	    name.len + value.len + 2 > FASTCGI_KEPT_MAX_BYTES - req.n_kept)
		return;
	begin();
	req.n_variables++;
	req.n_kept += name.len + value.len + 2;
	add_part(lengths, n);
	add_part(name.ptr, name.len);
	add_part(value.ptr, value.len);
}

static void add_line(struct str text, bool is_long)
{
	const char *sign = text.len ? memchr(text.ptr, '=', text.len) : NULL;
	size_t n = sign ? (size_t)(sign - text.ptr) : text.len;
	size_t n_sign = sign ? 1 : 0;

	add_variable((struct str){text.ptr, n},
		     (struct str){text.ptr + n + n_sign, text.len - n - n_sign},
		     is_long);
}

static void add_body(const char *ptr, size_t n)
{
	if (n > BODY_MAX_BYTES - req.n_body)
		n = BODY_MAX_BYTES - req.n_body;
	end_variables();
	req.n_body += n;
	add_part(ptr, n);
}

static void ask_values(struct str name)
{
	char pair[2 + 127];

	if (has_asked_values || n_strays == STRAYS_MAX || has_nul(name) ||
	    name.len > 127 || (name.len && memchr(name.ptr, '=', name.len)))
		return;
	has_asked_values = true;
	n_strays++;
	pair[0] = (char)name.len;
	pair[1] = 0;
	if (name.len)
		memcpy(pair + 2, name.ptr, name.len);
	put(GET_VALUES, 0, pair, 2 + name.len, req.padding_bytes);
}

static void put_management(unsigned type)
{
	if (type == BEGIN || type == GET_VALUES || n_strays == STRAYS_MAX ||
	    n_unknown == UNKNOWN_MAX)
		return;
	n_strays++;
	n_unknown++;
	put(type, 0, "", 0, req.padding_bytes);
}

static void put_stray(unsigned type, unsigned id, struct str text)
{
	if (!id || id == req.id || n_strays == STRAYS_MAX || type == BEGIN ||
	    !text.len)
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
	put_begin(id, true);
}

/* --- lines ---------------------------------------------------------------- */

/* The number in front of a line; more than max is max. */
static size_t cut_number(struct str *line, size_t max)
{
	size_t n = 0;

	while (line->len && *line->ptr == ' ') {
		line->ptr++;
		line->len--;
	}
	while (line->len && *line->ptr >= '0' && *line->ptr <= '9') {
		n = n * 10 + (size_t)(*line->ptr - '0');
		n = n < max ? n : max;
		line->ptr++;
		line->len--;
	}
	return n;
}

/* What is behind the blank. */
static struct str text_of(struct str line)
{
	if (line.len && *line.ptr == ' ')
		return (struct str){line.ptr + 1, line.len - 1};
	return line;
}

/* Lines that set something; false when this is none. */
static bool set_line(char letter, struct str line)
{
	size_t n = cut_number(&line, 0xffff);

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
	struct str text = text_of(line);
	size_t n, m;

	if (set_line(letter, line))
		return;
	switch (letter) {
	case 'n':
	case 'N':
		add_line(text, letter == 'N');
		break;
	case 'L':
		n = cut_number(&line, STREAM_MAX_BYTES);
		m = cut_number(&line, STREAM_MAX_BYTES);
		add_variable((struct str){pattern, n}, (struct str){pattern, m},
			     false);
		break;
	case 'd':
		add_body(text.ptr, text.len);
		break;
	case 'D':
		add_body(pattern, cut_number(&line, STREAM_MAX_BYTES));
		break;
	case 'g':
		ask_values(text);
		break;
	case 'u':
		put_management((unsigned)cut_number(&line, 255));
		break;
	case 's':
		n = cut_number(&line, 255);
		m = cut_number(&line, 0xffff);
		put_stray((unsigned)n, (unsigned)m, text_of(line));
		break;
	case 'b':
		put_other_begin((unsigned)cut_number(&line, 0xffff));
		break;
	default:
		break;
	}
}

static struct str cut_line(struct str *text)
{
	const char *end = memchr(text->ptr, '\n', text->len);
	struct str line = {text->ptr,
			   end ? (size_t)(end - text->ptr) : text->len};
	size_t n = line.len + (end ? 1 : 0);

	text->ptr += n;
	text->len -= n;
	return line;
}

/* Put the next request of the input together. */
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
		struct str line = cut_line(input);

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
		       (struct str){pattern, req.answer_bytes}, &answer);
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

/* Each piece is a packet, which libfcgi reads as one. */
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
	take_from_theirs(); /* or there is no room for more packets */
	(void)FCGX_PutStr(seen->body.ptr, (int)seen->body.len, theirs.out);
	(void)FCGX_PutStr(pattern, (int)req.answer_bytes, theirs.out);
	(void)FCGX_Detach(&theirs); /* or it waits for the web server's end */
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

/* libfcgi does not free all of an unknown management record; a search for
 * leaks after each input would take most of the time. */
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
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (char)('A' + i % 23);
}

/* A connection that libfcgi takes for a kept one, so that it does not
 * accept any. */
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
