/*
 * The FastCGI loop over socket pairs, compared with fastcgi_model.c: which
 * requests are served, with which variables and body; what a web server reads
 * as answers; when a connection is closed. After all deadlines only idle
 * connections that have served are left.
 *
 * serve/loop.c is part of this file. Its system calls are replaced: time
 * stands still but for the input, connections come from the input, and http
 * checks what it is asked.
 *
 * An input that begins with a byte 1 is a stream of records, sent in pieces of
 * as many bytes as the last byte says. Any other input is lines: those of
 * tests/support/lines.h, and
 *
 *	c KIND		connect: u a file's socket, l loopback, 6 loopback by
 *			IPv6, f another machine, t one with little room
 *	m		a connection comes, and there is no descriptor for it
 *	@ N		go on with the connection N
 *	+ N		the next record has N bytes of padding
 *	= N		send in pieces of N bytes from now on; 0: all at once
 *	/ N		send N bytes of what is pending; 0: all of it
 *	w N		N milliseconds go by
 *	z N		answers have N bytes of body from now on
 *	y N		bodies are read N bytes at a time; 0: they are not read
 *	q, r		the web server stops reading, and reads again
 *	h, H		the web server closes, or shuts its side for writing
 *	s		the process is told to end
 */
#include "base/base.h"
#include "base/text.h"
#include "serve/fastcgi.h"
#include "serve/loop.h"
#include "tests/fuzz/fastcgi_model.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/fake_clk.h"
#include "tests/support/lines.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

static int our_accept(int fd, struct sockaddr *addr, socklen_t *len, int flags);
static ssize_t our_read(int fd, void *ptr, size_t n);
static int our_close(int fd);
static int our_shutdown(int fd, int how);
static int our_poll(struct pollfd *fds, nfds_t n, int timeout);
static int our_ppoll(struct pollfd *fds, nfds_t n,
		     const struct timespec *timeout, const sigset_t *mask);

/* few enough for an input to use all */
#define FASTCGI_CONNECTIONS_MAX	      4
#define accept4(fd, addr, len, flags) our_accept(fd, addr, len, flags)
#define read(fd, ptr, n)	      our_read(fd, ptr, n)
#define close(fd)		      our_close(fd)
#define shutdown(fd, how)	      our_shutdown(fd, how)
#define poll(fds, n, timeout)	      our_poll(fds, n, timeout)
#define ppoll(fds, n, timeout, mask)  our_ppoll(fds, n, timeout, mask)
#include "serve/loop.c"
#undef accept4
#undef read
#undef close
#undef shutdown
#undef poll
#undef ppoll

enum {
	PEERS_MAX = 8,
	BODY_MAX_BYTES = 100,
	/* of one input, by all peers: more than FASTCGI_SKIP_MAX_BYTES */
	SENT_MAX_BYTES = 1536 * 1024,
	ANSWERS_MAX_BYTES = 1536 * 1024,
	ANSWER_MAX_BYTES = 1024 * 1024,
	ROUNDS_MAX = 20000,
	/* beyond LOOP_REQUEST_MS, and then LOOP_LINGER_MS */
	LATE_MS = 11 * 1000 + 6 * 1000,
	PAUSE_MS = 60 * 1000,
};

/* A web server's connection. */
struct peer {
	int fd;	       /* -1: closed by the input */
	int server_fd; /* the loop's end; -1: closed by the loop */
	int family;    /* AF_INET with is_foreign: of another machine */
	bool is_foreign, has_little_room;
	bool is_reading, has_hung_up;
	bool is_shut;	       /* the loop has shut its side */
	bool has_lost;	       /* an answer is incomplete, and may be */
	bool has_rest;	       /* an answer was under way after last round */
	int64_t since_mono_ms; /* begin of the request, answer or lingering */
	struct buf pending;    /* to be sent */
	size_t n_sent;	       /* of pending */
	struct events got;
	size_t n_checked; /* of got */
	struct model model;
};

static struct server *server;
static struct loop loop;
static struct fake_clk clk;
static struct peer peers[PEERS_MAX];
static size_t n_peers;

/* set by lines */
static struct str script; /* the lines that are left */
static struct peer *now;  /* the peer that lines are about */
static size_t padding_bytes, piece_bytes, answer_bytes, body_step_bytes;
static struct peer *arriving;
static bool has_no_descriptor;

/* the state of the run */
static struct peer *sending; /* what is pending, in pieces */
static size_t n_to_send;
static bool is_stuck; /* nothing could be sent last time */
static size_t n_sent_bytes, n_answer_bytes, n_rounds;
static unsigned n_served;
static int64_t late_mono_ms; /* 0: the script goes on */
static bool may_evict;	     /* the loop may make room for a connection */
static bool is_finished;

/* --- in place of log.c and http.c ----------------------------------------- */

void log_event(const struct log *log, enum log_level level, const char *event,
	       const char *fmt, ...)
{
	(void)log;
	(void)level;
	(void)event;
	(void)fmt;
}

bool http_wants(struct str name)
{
	return !name.len || name.ptr[0] != 'x';
}

size_t http_body_max_bytes(const struct http *http)
{
	(void)http;
	return BODY_MAX_BYTES;
}

static struct peer *peer_of(int server_fd)
{
	size_t i = 0;

	while (i < n_peers && peers[i].server_fd != server_fd)
		i++;
	FUZZ_CHECK(i < n_peers);
	return &peers[i];
}

static struct peer *peer_of_request(const void *fastcgi)
{
	size_t i = 0;

	while (i < server->n && &server->conn[i]->fastcgi != fastcgi)
		i++;
	FUZZ_CHECK(i < server->n);
	return peer_of(server->conn[i]->fd);
}

static void check_body(const struct http_input *in, struct str want)
{
	char ptr[BODY_MAX_BYTES * 2];
	size_t n = body_step_bytes, n_read = 0;

	if (n > sizeof(ptr))
		n = sizeof(ptr);
	for (;;) {
		ptrdiff_t got = in->read_fn(in->read_ctx, ptr, n);

		FUZZ_CHECK(got >= 0 && (size_t)got <= n);
		if (!got)
			break;
		FUZZ_CHECK((size_t)got <= want.len - n_read &&
			   !memcmp(ptr, want.ptr + n_read, (size_t)got));
		n_read += (size_t)got;
	}
	FUZZ_CHECK(n_read == want.len);
}

void http_serve(struct http *http, const struct http_input *in,
		struct http_response *res)
{
	static char head[64];
	struct peer *peer = peer_of_request(in->read_ctx);
	size_t n_left = ANSWERS_MAX_BYTES - n_answer_bytes;
	size_t n = answer_bytes < n_left ? answer_bytes : n_left;

	(void)http;
	n_answer_bytes += n;
	n_served++;
	model_check_request(&peer->model, in);
	if (body_step_bytes)
		check_body(in, model_body(&peer->model));
	res->status = 200;
	res->head.ptr = head;
	res->head.len = (size_t)snprintf(head, sizeof(head),
					 "Status: 200 OK\r\nNumber: %u\r\n\r\n",
					 n_served);
	res->body = (struct str){lines_long() + n_served % 256, n};
	model_answer(&peer->model, res->head, res->body);
	peer->since_mono_ms = server->now_mono_ms;
}

/* --- in place of the system: accept, read, shutdown, close ---------------- */

static void set_address(const struct peer *peer, struct sockaddr *addr)
{
	struct sockaddr_in *a4 = (struct sockaddr_in *)(void *)addr;
	struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)(void *)addr;

	addr->sa_family = (sa_family_t)peer->family;
	if (peer->family == AF_INET)
		a4->sin_addr.s_addr =
			htonl(peer->is_foreign ? 0xc0000201 : 0x7f000001);
	else if (peer->family == AF_INET6)
		a6->sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
}

static int our_accept(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	struct peer *peer = arriving;
	const int little = 1;
	int fds[2];

	(void)fd;
	(void)len;
	FUZZ_CHECK(flags == (SOCK_CLOEXEC | SOCK_NONBLOCK));
	may_evict = has_no_descriptor || server->n == FASTCGI_CONNECTIONS_MAX;
	if (has_no_descriptor) {
		has_no_descriptor = false;
		errno = EMFILE;
		return -1;
	}
	arriving = NULL;
	FUZZ_CHECK(peer);
	FUZZ_CHECK(!socketpair(AF_UNIX, SOCK_STREAM | flags, 0, fds));
	if (peer->has_little_room)
		FUZZ_CHECK(!setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &little,
				       sizeof(little)));
	set_address(peer, addr);
	peer->server_fd = fds[0];
	peer->fd = fds[1];
	peer->since_mono_ms = server->now_mono_ms;
	return fds[0];
}

static ssize_t our_read(int fd, void *ptr, size_t n)
{
	struct peer *peer = peer_of(fd);
	struct model *m = &peer->model;
	bool was_idle = m->has_served && !model_is_under_way(m);
	ssize_t got = read(fd, ptr, n);

	may_evict = false;
	if (got <= 0 || m->state == MODEL_OVER)
		return got;
	model_take(m, (struct str){ptr, (size_t)got});
	if (was_idle)
		peer->since_mono_ms = server->now_mono_ms;
	return got;
}

static int our_shutdown(int fd, int how)
{
	struct peer *peer = peer_of(fd);

	FUZZ_CHECK(how == SHUT_WR && !peer->is_shut);
	FUZZ_CHECK(peer->model.state == MODEL_OVER && !peer->model.is_at_end);
	peer->is_shut = true;
	peer->since_mono_ms = server->now_mono_ms;
	return shutdown(fd, how);
}

static struct conn *conn_of(const struct peer *peer)
{
	for (size_t i = 0; i < server->n; i++)
		if (server->conn[i]->fd == peer->server_fd)
			return server->conn[i];
	return NULL;
}

/* Whether the deadline has come, at which the connection must be closed. */
static bool is_late(const struct peer *peer, bool has_rest)
{
	const struct model *m = &peer->model;
	int64_t ms = server->now_mono_ms - peer->since_mono_ms;

	if (has_rest)
		return ms >= LOOP_ANSWER_MS;
	if (m->state == MODEL_OVER)
		return peer->is_shut && ms >= LOOP_LINGER_MS;
	return ms >= LOOP_REQUEST_MS &&
	       (!m->has_served || model_is_under_way(m));
}

/* Whether the connection may be closed at this moment. */
static bool may_close(const struct peer *peer, bool has_rest)
{
	const struct model *m = &peer->model;

	if (is_finished || peer->has_hung_up || peer->is_foreign || may_evict)
		return true;
	/* it had no room for notes */
	if (!peer->is_reading && m->n_notes)
		return true;
	if (is_late(peer, has_rest))
		return true;
	if (has_rest)
		return false;
	return m->state == MODEL_BROKEN ||
	       (m->state == MODEL_OVER && m->is_at_end) ||
	       (m->state == MODEL_IDLE && server->is_stopping);
}

static int our_close(int fd)
{
	struct peer *peer = peer_of(fd);
	struct conn *conn = conn_of(peer);
	bool has_rest = conn && conn->rest.len;

	FUZZ_CHECK(!conn == peer->is_foreign);
	FUZZ_CHECK(may_close(peer, has_rest));
	if (has_rest || (!peer->is_reading && peer->model.n_notes))
		peer->has_lost = true;
	peer->server_fd = -1;
	return close(fd);
}

static int our_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	if (fds) /* has_more() */
		return poll(fds, n, timeout);
	FUZZ_CHECK(!fds && !n && timeout == LACK_PAUSE_MS && !server->n);
	return 0;
}

/* --- what a web server reads ---------------------------------------------- */

static void read_all(struct peer *peer)
{
	static char bytes[64 * 1024];
	ssize_t n;

	if (peer->fd < 0)
		return;
	while ((n = recv(peer->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		events_take(&peer->got, (struct str){bytes, (size_t)n});
	/* the stream ends when the loop has shut or closed it */
	FUZZ_CHECK((n < 0 && errno == EAGAIN) ==
		   (peer->server_fd >= 0 && !peer->is_shut));
}

/* What the peer got must be the begin of what the model wants, or all. */
static void check_got(struct peer *peer, bool is_all)
{
	const struct buf *got = &peer->got.text, *want = &peer->model.want.text;
	size_t n = peer->n_checked;

	FUZZ_CHECK(got->len <= want->len);
	if (got->len > n)
		FUZZ_CHECK(!memcmp(got->ptr + n, want->ptr + n, got->len - n));
	peer->n_checked = got->len;
	if (is_all && !peer->has_lost)
		FUZZ_CHECK(got->len == want->len && !peer->got.rest.len);
}

/* --- after each round ----------------------------------------------------- */

static void check_peer(struct peer *peer)
{
	const struct model *m = &peer->model;
	const struct conn *conn;

	if (peer->is_reading)
		read_all(peer);
	check_got(peer, false);
	if (peer->server_fd < 0)
		return;
	conn = conn_of(peer);
	FUZZ_CHECK(conn && !peer->is_foreign);
	FUZZ_CHECK(m->state != MODEL_READY && m->state != MODEL_BROKEN);
	/* a record that began behind the request has its time from here on */
	if (peer->has_rest && !conn->rest.len)
		peer->since_mono_ms = server->now_mono_ms;
	peer->has_rest = conn->rest.len > 0;
	/* a process that stops has one deadline for all: see finish() */
	FUZZ_CHECK(server->is_stopping || !is_late(peer, conn->rest.len));
	if (!conn->rest.len) {
		FUZZ_CHECK(peer->is_shut == (m->state == MODEL_OVER));
		if (peer->is_reading)
			check_got(peer, true);
	}
}

static void check_round(void)
{
	FUZZ_CHECK(++n_rounds < ROUNDS_MAX);
	FUZZ_CHECK(server->n <= FASTCGI_CONNECTIONS_MAX);
	may_evict = false;
	for (size_t i = 0; i < n_peers; i++)
		if (&peers[i] != arriving)
			check_peer(&peers[i]);
}

/* Only idle connections that have served may be left. */
static void check_late(void)
{
	for (size_t i = 0; i < n_peers; i++) {
		const struct model *m = &peers[i].model;

		if (peers[i].server_fd >= 0)
			FUZZ_CHECK(m->state == MODEL_IDLE && m->has_served &&
				   !model_is_under_way(m) &&
				   !peers[i].has_hung_up);
	}
}

/* --- lines ---------------------------------------------------------------- */

/* Add bytes to the pending ones, unless they are too many. */
static void put(const void *ptr, size_t n)
{
	if (n > SENT_MAX_BYTES - n_sent_bytes)
		return;
	n_sent_bytes += n;
	buf_add(&now->pending, ptr, n);
	FUZZ_CHECK(!buf_status(&now->pending, NULL));
}

/* A line that adds records. */
static void put_line(struct str line)
{
	struct buf records;

	buf_init(&records, 4 * LINES_LONG_BYTES);
	lines_add(&records, line, padding_bytes);
	FUZZ_CHECK(!buf_status(&records, NULL));
	if (records.len) {
		put(records.ptr, records.len);
		padding_bytes = 0;
	}
	buf_release(&records);
}

/* A line that sets something; false for another line. */
static bool set_line(char letter, struct str line)
{
	size_t n = lines_number(&line, SENT_MAX_BYTES);

	switch (letter) {
	case '@':
		if (n >= 1 && n <= n_peers)
			now = &peers[n - 1];
		return true;
	case '+':
		padding_bytes = n < 255 ? n : 255;
		return true;
	case '=':
		piece_bytes = n;
		return true;
	case 'z':
		answer_bytes = n < ANSWER_MAX_BYTES ? n : ANSWER_MAX_BYTES;
		return true;
	case 'y':
		body_step_bytes = n;
		return true;
	case 'q':
	case 'r':
		now->is_reading = letter == 'r';
		if (now->is_reading)
			read_all(now);
		return true;
	default:
		return false;
	}
}

/* --- steps ---------------------------------------------------------------- */

static int family_of(char kind)
{
	if (kind == '6')
		return AF_INET6;
	return kind == 'l' || kind == 'f' ? AF_INET : AF_UNIX;
}

static bool connect_peer(char kind)
{
	struct peer *peer = &peers[n_peers];

	if (n_peers == PEERS_MAX || stop_flag)
		return false;
	*peer = (struct peer){
		.fd = -1,
		.server_fd = -1,
		.family = family_of(kind),
		.is_foreign = kind == 'f',
		.has_little_room = kind == 't',
		.is_reading = true,
	};
	model_init(&peer->model, BODY_MAX_BYTES, http_wants);
	events_init(&peer->got, false);
	buf_init(&peer->pending, SENT_MAX_BYTES);
	n_peers++;
	now = arriving = peer;
	return true;
}

static void begin_sending(struct peer *peer, size_t n)
{
	size_t n_left = peer->pending.len - peer->n_sent;

	sending = peer;
	n_to_send = n && n < n_left ? n : n_left;
	is_stuck = false;
}

/* Drop what is pending if it was sent or cannot be. */
static void end_sending(bool is_given_up)
{
	if (is_given_up || sending->n_sent == sending->pending.len) {
		buf_reset(&sending->pending);
		sending->n_sent = 0;
	}
	sending = NULL;
}

/* Send the next piece; true when a round is due. */
static bool send_piece(void)
{
	/* bounds the number of pieces */
	size_t least = n_to_send / 256 + 1;
	size_t n = n_to_send;
	ssize_t sent = -1;

	if (piece_bytes && n > piece_bytes)
		n = piece_bytes > least ? piece_bytes : least;
	if (n && sending->fd >= 0)
		sent = send(sending->fd, sending->pending.ptr + sending->n_sent,
			    n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (!n || (sent < 0 && is_stuck)) {
		end_sending(n);
		return false;
	}
	is_stuck = sent < 0; /* until the loop reads */
	if (sent > 0) {
		n_to_send -= (size_t)sent;
		sending->n_sent += (size_t)sent;
	}
	return true;
}

static void hang_up(char letter)
{
	if (now->fd < 0)
		return;
	now->has_hung_up = true;
	if (letter == 'H') {
		(void)shutdown(now->fd, SHUT_WR);
		return;
	}
	now->has_lost = true;
	(void)close(now->fd);
	now->fd = -1;
}

/* Do a line; true when a round is due. */
static bool step_line(struct str whole)
{
	struct str line = {whole.ptr + 1, whole.len - 1};
	char letter = whole.ptr[0];

	if (letter == 'c')
		return connect_peer(lines_text(line).len ? *lines_text(line).ptr
							 : 'u');
	if (letter == '/') {
		begin_sending(now, lines_number(&line, SENT_MAX_BYTES));
		return false;
	}
	if (letter == 'w') {
		fake_clk_forward(&clk, (int64_t)lines_number(&line, LATE_MS));
		return true;
	}
	if (letter == 'h' || letter == 'H') {
		hang_up(letter);
		return true;
	}
	if (letter == 's') {
		stop_flag = 1;
		return true;
	}
	if (letter == 'm' && !stop_flag) {
		has_no_descriptor = true;
		return true;
	}
	if (!set_line(letter, line))
		put_line(whole);
	return false;
}

static bool step(void)
{
	struct str line = text_cut(&script, '\n');

	if (!line.len)
		return false;
	return step_line(line);
}

/* After the script: send what is pending, of any connection. */
static bool send_more(void)
{
	for (size_t i = 0; i < n_peers && !sending; i++)
		if (peers[i].pending.len)
			begin_sending(&peers[i], 0);
	return sending;
}

/* Go on to where a round is due; false when there is nothing left to do. */
static bool go_to_round(void)
{
	for (;;) {
		if (sending && send_piece())
			return true;
		if (sending)
			continue;
		if (!script.len)
			break;
		if (step())
			return true;
	}
	return send_more() && send_piece();
}

/* Let time go by as the loop waits. */
static void wait_late(const struct timespec *timeout)
{
	int64_t ms =
		(int64_t)timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000;

	if (!late_mono_ms)
		late_mono_ms = clk.mono_ms + LATE_MS;
	else if (stop_flag || clk.mono_ms + ms < late_mono_ms)
		fake_clk_forward(&clk, ms);
	else
		fake_clk_forward(&clk, late_mono_ms - clk.mono_ms);
}

static int our_ppoll(struct pollfd *fds, nfds_t n,
		     const struct timespec *timeout, const sigset_t *mask)
{
	bool was_stopping = stop_flag;
	int n_ready;

	(void)mask;
	check_round();
	if (late_mono_ms && clk.mono_ms == late_mono_ms && !stop_flag) {
		check_late();
		stop_flag = 1;
	} else if (!arriving && !go_to_round()) {
		wait_late(timeout);
	}
	if (stop_flag && !was_stopping) {
		errno = EINTR;
		return -1;
	}
	n_ready = poll(fds, n, 0);
	FUZZ_CHECK(n_ready >= 0);
	if (arriving || has_no_descriptor) {
		fds[0].revents = POLLIN;
		n_ready++;
	}
	return n_ready;
}

/* --- inputs --------------------------------------------------------------- */

static int64_t be_idle(void *ctx)
{
	(void)ctx;
	return PAUSE_MS;
}

static void open_once(void)
{
	static const struct log quiet = {.level = LOG_LEVEL_ERROR};

	(void)signal(SIGPIPE, SIG_IGN);
	fake_clk_init(&clk);
	loop = (struct loop){
		.listen_fd = -1,
		.log = &quiet,
		.clk = fake_clk_get(&clk),
		.pause = be_idle,
	};
	server = new_server(&loop);
	FUZZ_CHECK(server);
}

/* Make the server as new, but with memory that is not zero. */
static void start(struct str input)
{
	size_t n_bytes = fastcgi_memory_bytes(&server->setup);

	memset(server->memory, 'M', CONN_MAX * n_bytes);
	for (size_t i = 0; i < CONN_MAX; i++) {
		server->conn[i] = &server->conns[i];
		fastcgi_init(&server->conns[i].fastcgi, &server->setup,
			     server->memory + i * n_bytes);
	}
	memset(server->complain_mono_ms, 0, sizeof(server->complain_mono_ms));
	server->fds[0] = (struct pollfd){.fd = -1};
	server->is_stopping = false;
	fake_clk_init(&clk);
	server->now_mono_ms = clk.mono_ms;
	stop_flag = look_flag = 0;
	script = input;
	n_peers = 0;
	arriving = sending = NULL;
	padding_bytes = piece_bytes = answer_bytes = 0;
	body_step_bytes = BODY_MAX_BYTES * 2;
	has_no_descriptor = may_evict = is_finished = false;
	n_sent_bytes = n_answer_bytes = n_rounds = 0;
	n_served = 0;
	late_mono_ms = 0;
	(void)connect_peer('u');
}

/* The loop has ended. */
static void finish(void)
{
	int64_t late = server->stop_mono_ms - server->now_mono_ms;

	FUZZ_CHECK(server->is_stopping && (!server->n || late <= 0));
	is_finished = true;
	while (server->n)
		drop_connection(server, server->n - 1);
	for (size_t i = 0; i < n_peers; i++) {
		struct peer *peer = &peers[i];

		FUZZ_CHECK(peer->server_fd < 0);
		read_all(peer);
		check_got(peer, true);
		if (peer->fd >= 0)
			(void)close(peer->fd);
		model_release(&peer->model);
		events_release(&peer->got);
		buf_release(&peer->pending);
	}
}

static int64_t n_blocks(void)
{
	int64_t n = 0;

	for (int i = 0; i < MEM_CLASS_COUNT; i++)
		n += mem_use((enum mem_class)i).n_blocks;
	return n;
}

static int lowest_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	(void)close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str input = {(const char *)data, n};
	bool is_raw = n && data[0] == 1;
	int64_t n_blocks_before;
	sigset_t waiting;
	int fd;

	if (!server)
		open_once();
	n_blocks_before = n_blocks();
	fd = lowest_descriptor();
	start(is_raw ? (struct str)STR_INIT : input);
	if (is_raw) {
		piece_bytes = data[n - 1];
		put(data, n);
	}
	(void)sigemptyset(&waiting);
	FUZZ_CHECK(!run(server, &waiting, NULL));
	finish();
	FUZZ_CHECK(n_blocks() == n_blocks_before);
	FUZZ_CHECK(lowest_descriptor() == fd);
	return 0;
}
