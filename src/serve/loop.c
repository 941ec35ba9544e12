/*
 * The FastCGI loop: see loop.h. It accepts, waits, reads and writes; fastcgi.c
 * knows what the bytes mean.
 *
 * A signal must not come between a check and a wait, so signals are blocked
 * except in ppoll. Only ppoll blocks: a web server that sends or reads slowly
 * delays its own request only. Each round accepts one connection, so that busy
 * connections do not keep new ones out.
 */
#include "base/base.h"
#include "serve/loop.h"

#include "serve/fastcgi.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

enum {
	CONN_MAX = FASTCGI_CONNECTIONS_MAX,
	READ_BYTES = 64 * 1024,
	/* to drop of a request that was answered before its end */
	LINGER_MAX_BYTES = 256 * 1024 * 1024,
	/* without a request for so long, do a step of other work */
	QUIET_MS = 3,
	/* after so long, do a step in any case */
	PAUSE_LATEST_MS = 1000,
	/* sleep this long when accept() is out of descriptors */
	LACK_PAUSE_MS = 20,
	COMPLAIN_EVERY_MS = 60000,
};

/* Mutable and global: a signal handler has no other argument. */
static volatile sig_atomic_t stop_flag;
static volatile sig_atomic_t look_flag;

static void on_stop(int signo)
{
	(void)signo;
	stop_flag = 1;
}

static void on_look(int signo)
{
	(void)signo;
	look_flag = 1;
}

struct conn {
	struct fastcgi fastcgi;
	int fd;
	bool has_served; /* a request, ever */
	int64_t used_mono_ms; /* its begin, or the end of the last request */
	int64_t deadline_mono_ms; /* INT64_MAX: none */
	int64_t n_lingered; /* bytes dropped after the answer */
	struct buf rest; /* of an answer: it did not fit into the socket */
	size_t n_sent; /* of rest */
};

/* What an operator must know: logged at most once a minute. */
enum complaint {
	NO_ACCEPT,
	NO_PEER,
	TOO_SLOW,
	NO_ROLE,
	COMPLAINT_COUNT
};

/* Invariant: the first n of conn are open, the others free; fds[0] is the
 * listening socket and fds[i + 1] that of conn[i]. */
struct server {
	const struct loop *loop;
	struct conn *conn[CONN_MAX];
	struct pollfd fds[CONN_MAX + 1];
	size_t n;
	int64_t now_mono_ms; /* at the begin of this round */
	bool is_stopping;
	int64_t stop_mono_ms; /* the latest end, while it stops */
	int64_t complain_mono_ms[COMPLAINT_COUNT]; /* the earliest next time */
	/* one piece of memory each for all connections */
	struct fastcgi_setup setup;
	struct conn *conns;
	char *memory;
	char *envp[FASTCGI_VARIABLES_MAX + 1];
	struct fastcgi_answer answer;
	char bytes[READ_BYTES]; /* what was read last, of any connection */
};

bool loop_is_listening(int fd)
{
	int is_listening = 0;
	socklen_t len = sizeof(is_listening);

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening,
			   &len) && is_listening;
}

/* Block the signals that the loop handles; *waiting is the mask for ppoll. */
static void set_signals(sigset_t *waiting)
{
	static const int handled[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
	struct sigaction act = {.sa_handler = on_stop}; /* no SA_RESTART */
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t blocked;

	(void)sigemptyset(&act.sa_mask);
	(void)sigemptyset(&ignore.sa_mask);
	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < CF_ARRAY_LEN(handled); i++) {
		act.sa_handler = handled[i] == SIGUSR2 ? on_look : on_stop;
		(void)sigaddset(&blocked, handled[i]);
		(void)sigaction(handled[i], &act, NULL);
	}
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigprocmask(SIG_BLOCK, &blocked, waiting);
	for (size_t i = 0; i < CF_ARRAY_LEN(handled); i++)
		(void)sigdelset(waiting, handled[i]);
}

static void complain(struct server *s, enum complaint what, const char *text)
{
	static const char *const events[COMPLAINT_COUNT] = {
		[NO_ACCEPT] = "accept",
		[NO_PEER] = "peer",
		[TOO_SLOW] = "slow",
		[NO_ROLE] = "role",
	};

	if (s->now_mono_ms < s->complain_mono_ms[what])
		return;
	log_event(s->loop->log, LOG_LEVEL_WARN, events[what], "text=\"%s\"",
		  text);
	s->complain_mono_ms[what] = s->now_mono_ms + COMPLAIN_EVERY_MS;
}

/* --- connections ---------------------------------------------------------- */

static void drop_connection(struct server *s, size_t i)
{
	struct conn *conn = s->conn[i];

	(void)close(conn->fd);
	buf_release(&conn->rest);
	s->n--;
	s->conn[i] = s->conn[s->n];
	s->conn[s->n] = conn;
	s->fds[i + 1] = s->fds[s->n + 1];
}

/* Make room for a new connection: close the oldest of those that have not
 * served, or else the one that served longest ago. */
static void drop_oldest(struct server *s)
{
	size_t oldest = 0;

	for (size_t i = 1; i < s->n; i++) {
		const struct conn *a = s->conn[i], *b = s->conn[oldest];

		if (a->has_served != b->has_served
			    ? b->has_served
			    : a->used_mono_ms < b->used_mono_ms)
			oldest = i;
	}
	drop_connection(s, oldest);
}

/* There is no descriptor or memory for a waiting connection, and ppoll would
 * report it again at once. If we hold no connection to drop, other processes
 * hold the descriptors: wait. */
static void make_room(struct server *s)
{
	complain(s, NO_ACCEPT, strerror(errno));
	if (s->n)
		drop_oldest(s);
	else
		(void)poll(NULL, 0, LACK_PAUSE_MS);
}

/* Whether this peer may connect. For a socket file its mode decides. */
static bool is_welcome(const struct loop *loop,
		       const struct sockaddr_storage *addr)
{
	struct net_addr peer;

	if (!net_from_sockaddr(addr, &peer))
		return true;
	return loop->peers ? net_list_has(loop->peers, &peer)
			   : net_is_loopback(&peer);
}

/* Accept one connection; false when there is none. */
static bool accept_one(struct server *s)
{
	struct sockaddr_storage addr = {.ss_family = AF_UNIX};
	socklen_t len = sizeof(addr);
	struct conn *conn;
	int fd = accept4(s->loop->listen_fd, (struct sockaddr *)&addr, &len,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
		       errno == ENOBUFS || errno == ENOMEM))
		make_room(s);
	if (fd < 0)
		return false; /* another process had it, or the peer has left */
	if (!is_welcome(s->loop, &addr)) {
		complain(s, NO_PEER, "refused a connection from another "
			 "machine; list its web server in "
			 "FCGI_WEB_SERVER_ADDRS");
		(void)close(fd);
		return false;
	}
	if (s->n == CONN_MAX)
		drop_oldest(s);
	conn = s->conn[s->n];
	fastcgi_open(&conn->fastcgi);
	conn->fd = fd;
	conn->has_served = false;
	conn->used_mono_ms = s->now_mono_ms;
	conn->deadline_mono_ms = s->now_mono_ms + LOOP_REQUEST_MS;
	conn->n_lingered = 0;
	conn->n_sent = 0;
	s->fds[s->n + 1] = (struct pollfd){.fd = fd, .events = POLLIN};
	s->n++;
	return true;
}

/* Set the deadline of a connection that waits for bytes. A request keeps the
 * deadline that it got at its first byte. */
static void set_deadline(const struct server *s, struct conn *conn)
{
	bool is_under_way = fastcgi_is_under_way(&conn->fastcgi);

	if (s->is_stopping)
		conn->deadline_mono_ms = is_under_way
						 ? s->stop_mono_ms
						 : s->now_mono_ms +
							   LOOP_LAST_MS;
	else if (!is_under_way && conn->has_served)
		conn->deadline_mono_ms = INT64_MAX;
	else if (conn->deadline_mono_ms == INT64_MAX)
		conn->deadline_mono_ms = s->now_mono_ms + LOOP_REQUEST_MS;
}

/* --- answers -------------------------------------------------------------- */

/* Whether there are bytes or an end to read. */
static bool has_more(const struct conn *conn)
{
	struct pollfd fd = {.fd = conn->fd, .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

/* Whether to close a connection after its answer. If the next request is there,
 * it would be lost. */
static bool is_last(const struct server *s, const struct conn *conn)
{
	return s->is_stopping && !fastcgi_is_under_way(&conn->fastcgi) &&
	       !has_more(conn);
}

/* The answer of conn[i] is sent, or there is none: go on or close. */
static void go_on(struct server *s, size_t i)
{
	struct conn *conn = s->conn[i];

	s->fds[i + 1].events = POLLIN;
	buf_release(&conn->rest);
	conn->n_sent = 0;
	conn->has_served = true;
	conn->used_mono_ms = s->now_mono_ms;
	conn->deadline_mono_ms = INT64_MAX;
	set_deadline(s, conn);
	if (conn->fastcgi.state == FASTCGI_IDLE && !is_last(s, conn))
		return;
	/* a request that was read to its end needs no lingering */
	if (conn->fastcgi.state == FASTCGI_IDLE || conn->fastcgi.is_at_end) {
		drop_connection(s, i);
		return;
	}
	(void)shutdown(conn->fd, SHUT_WR);
	conn->deadline_mono_ms = s->now_mono_ms + LOOP_LINGER_MS;
}

/* Keep the rest of an answer that did not fit into the socket. */
static void keep_rest(struct server *s, size_t i, size_t n_sent)
{
	const struct fastcgi_answer *answer = &s->answer;
	struct conn *conn = s->conn[i];

	buf_init(&conn->rest, answer->n_bytes);
	for (int k = 0; k < answer->n_iov; k++) {
		struct iovec iov = answer->iov[k];
		size_t n = n_sent < iov.iov_len ? n_sent : iov.iov_len;

		n_sent -= n;
		buf_add(&conn->rest, (const char *)iov.iov_base + n,
			iov.iov_len - n);
	}
	if (buf_status(&conn->rest, NULL)) {
		drop_connection(s, i);
		return;
	}
	conn->deadline_mono_ms = s->now_mono_ms + LOOP_ANSWER_MS;
	s->fds[i + 1].events = POLLOUT;
}

static void send_answer(struct server *s, size_t i)
{
	const struct fastcgi_answer *answer = &s->answer;
	ssize_t n;

	do {
		n = writev(s->conn[i]->fd, answer->iov, answer->n_iov);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		drop_connection(s, i); /* the peer is gone */
	else if (n >= 0 && (size_t)n == answer->n_bytes)
		go_on(s, i);
	else
		keep_rest(s, i, n < 0 ? 0 : (size_t)n);
}

static void send_rest(struct server *s, size_t i)
{
	struct conn *conn = s->conn[i];
	ssize_t n = write(conn->fd, conn->rest.ptr + conn->n_sent,
			  conn->rest.len - conn->n_sent);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) {
		drop_connection(s, i);
		return;
	}
	conn->n_sent += (size_t)n;
	if (conn->n_sent == conn->rest.len)
		go_on(s, i);
}

static void beat(const struct loop *loop)
{
	if (loop->beat)
		loop->beat(loop->beat_ctx);
}

/* Serve the request of conn[i]. */
static void serve(struct server *s, size_t i)
{
	struct fastcgi *fastcgi = &s->conn[i]->fastcgi;
	struct http_input input = {
		.envp = s->envp,
		.read_fn = fastcgi_read_body,
		.read_ctx = fastcgi,
		.n_body_bytes = fastcgi_body_bytes(fastcgi),
		.fault = fastcgi->fault,
	};
	struct http_response res;

	/* in each: a round has many, which may all wait for the store */
	beat(s->loop);
	fastcgi_variables(fastcgi, s->envp);
	http_serve(s->loop->http, &input, &res);
	fastcgi_answer(fastcgi, res.head, res.body, &s->answer);
	fastcgi->n_notes = 0;
	send_answer(s, i);
}

/* --- requests ------------------------------------------------------------- */

/* Send the notes. They are a few bytes: a peer without room for them does not
 * read. */
static bool send_notes(struct conn *conn)
{
	size_t n = conn->fastcgi.n_notes;

	conn->fastcgi.n_notes = 0;
	return !n || write(conn->fd, conn->fastcgi.notes, n) == (ssize_t)n;
}

/* Do what the state of conn[i] asks for, after bytes were read. */
static void act_on(struct server *s, size_t i)
{
	struct conn *conn = s->conn[i];
	struct fastcgi *fastcgi = &conn->fastcgi;

	if (fastcgi->state == FASTCGI_READY) {
		serve(s, i);
		return;
	}
	if (!send_notes(conn) || fastcgi->state == FASTCGI_BROKEN) {
		drop_connection(s, i);
		return;
	}
	if (fastcgi->state == FASTCGI_LINGERING) {
		if (!fastcgi_is_responder(fastcgi))
			complain(s, NO_ROLE, "refused a request: the web "
				 "server runs the service as an authorizer or "
				 "filter; it is a responder only");
		go_on(s, i);
		return;
	}
	set_deadline(s, conn);
}

/* Drop n bytes of a request that was answered before its end. */
static void linger(struct server *s, size_t i, size_t n)
{
	struct conn *conn = s->conn[i];

	conn->n_lingered += (int64_t)n;
	if (conn->n_lingered > LINGER_MAX_BYTES)
		drop_connection(s, i);
}

static void read_some(struct server *s, size_t i)
{
	struct conn *conn = s->conn[i];
	ssize_t n = read(conn->fd, s->bytes, sizeof(s->bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		drop_connection(s, i);
	} else if (conn->fastcgi.state == FASTCGI_LINGERING) {
		linger(s, i, (size_t)n);
	} else {
		fastcgi_feed(&conn->fastcgi, s->bytes, (size_t)n);
		act_on(s, i);
	}
}

/* Read and write where ppoll allows it; true if it did anywhere. */
static bool serve_ready(struct server *s)
{
	bool any = false;

	for (size_t i = s->n; i-- > 0;) {
		if (!s->fds[i + 1].revents)
			continue;
		s->fds[i + 1].revents = 0;
		if (s->fds[i + 1].events == POLLOUT)
			send_rest(s, i);
		else
			read_some(s, i);
		any = true;
	}
	return any;
}

static bool is_busy(const struct server *s, size_t i)
{
	return s->fds[i + 1].events == POLLOUT ||
	       fastcgi_is_under_way(&s->conn[i]->fastcgi);
}

static void drop_late(struct server *s)
{
	for (size_t i = s->n; i-- > 0;) {
		if (s->conn[i]->deadline_mono_ms > s->now_mono_ms)
			continue;
		if (s->is_stopping && !is_busy(s, i) && has_more(s->conn[i]))
			continue; /* a request has come in time */
		if (s->conn[i]->fastcgi.state == FASTCGI_READING)
			complain(s, TOO_SLOW, "closed a connection whose "
				 "request did not come to its end in time; a "
				 "slow client, if the web server passes bodies "
				 "on as they come");
		drop_connection(s, i);
	}
}

/* Accept no more connections, and let the requests end that have begun. On an
 * idle connection a last request may be on its way: close it after the answer,
 * or LOOP_LAST_MS without a request. */
static void begin_stop(struct server *s)
{
	s->is_stopping = true;
	s->stop_mono_ms = s->now_mono_ms + LOOP_STOP_MS;
	s->fds[0].fd = -1;
	for (size_t i = 0; i < s->n; i++)
		if (!is_busy(s, i))
			set_deadline(s, s->conn[i]);
}

/* The latest time to wake up. */
static int64_t next_wake(const struct server *s, int64_t due)
{
	if (s->is_stopping && s->stop_mono_ms < due)
		due = s->stop_mono_ms;
	for (size_t i = 0; i < s->n; i++)
		if (s->conn[i]->deadline_mono_ms < due)
			due = s->conn[i]->deadline_mono_ms;
	return due;
}

/* --- the loop ------------------------------------------------------------- */

static int wait_for_work(struct server *s, int64_t due,
			 const sigset_t *waiting)
{
	int64_t wait = next_wake(s, due) - clk_mono_ms(&s->loop->clk);
	struct timespec timeout = {0, 0};
	int n;

	if (wait > 0) {
		timeout.tv_sec = (time_t)(wait / 1000);
		timeout.tv_nsec = (long)(wait % 1000 * 1000000);
	}
	n = ppoll(s->fds, s->n + 1, &timeout, waiting);
	s->now_mono_ms = clk_mono_ms(&s->loop->clk);
	return n;
}

static void handle_signals(struct server *s)
{
	if (look_flag) {
		look_flag = 0;
		s->loop->look(s->loop->look_ctx);
	}
	if (stop_flag && !s->is_stopping)
		begin_stop(s);
}

static enum cf_status run(struct server *s, const sigset_t *waiting,
			  struct cf_error *err)
{
	const struct loop *loop = s->loop;
	int64_t paused = clk_mono_ms(&loop->clk);
	int64_t due = paused; /* the next step of other work */

	while (!s->is_stopping || s->n) {
		int n = wait_for_work(s, due, waiting);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return cf_fail(err, CF_IO, "ppoll: %s",
				       strerror(errno));
		handle_signals(s);
		if (s->is_stopping && s->now_mono_ms >= s->stop_mono_ms)
			break;
		if (n < 0)
			continue;
		if (s->fds[0].revents & (POLLERR | POLLNVAL))
			return cf_fail(err, CF_IO,
				       "the listening socket is unusable");
		if ((n == 0 && s->now_mono_ms >= due) ||
		    s->now_mono_ms - paused >= PAUSE_LATEST_MS) {
			beat(loop);
			due = s->now_mono_ms + loop->pause(loop->pause_ctx);
			paused = s->now_mono_ms;
		}
		if (s->fds[0].revents && !s->is_stopping && accept_one(s))
			s->fds[s->n].revents = POLLIN; /* read it at once */
		s->fds[0].revents = 0;
		if (serve_ready(s))
			due = clk_mono_ms(&loop->clk) + QUIET_MS;
		/* after reading: bytes in a socket came in time, though the
		 * process was stalled */
		drop_late(s);
	}
	return CF_OK;
}

static void free_server(struct server *s)
{
	if (!s)
		return;
	while (s->n)
		drop_connection(s, s->n - 1);
	mem_free(s->memory);
	mem_free(s->conns);
	mem_free(s);
}

static struct server *new_server(const struct loop *loop)
{
	struct server *s = mem_alloc(MEM_REQUEST, 1, sizeof(*s));
	size_t n_bytes;

	if (!s)
		return NULL;
	s->loop = loop;
	s->setup.body_max_bytes = http_body_max_bytes(loop->http);
	s->setup.wants = http_wants;
	n_bytes = fastcgi_memory_bytes(&s->setup);
	/* zeroed memory of this size takes room only when it is used */
	s->conns = mem_alloc(MEM_REQUEST, CONN_MAX, sizeof(*s->conns));
	s->memory = mem_alloc(MEM_REQUEST, CONN_MAX, n_bytes);
	if (!s->conns || !s->memory) {
		free_server(s);
		return NULL;
	}
	for (size_t i = 0; i < CONN_MAX; i++) {
		s->conn[i] = &s->conns[i];
		fastcgi_init(&s->conn[i]->fastcgi, &s->setup,
			     s->memory + i * n_bytes);
	}
	s->fds[0] = (struct pollfd){.fd = loop->listen_fd, .events = POLLIN};
	return s;
}

enum cf_status loop_run(const struct loop *loop, struct cf_error *err)
{
	struct server *s;
	sigset_t waiting;
	enum cf_status rc;
	int flags = fcntl(loop->listen_fd, F_GETFL);

	/* processes share the socket: accept() must not block */
	if (flags < 0 ||
	    fcntl(loop->listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return cf_fail(err, CF_IO, "descriptor %d is not a socket: %s",
			       loop->listen_fd, strerror(errno));
	s = new_server(loop);
	if (!s)
		return cf_fail(err, CF_NOMEM, "no memory for connections");
	set_signals(&waiting);
	rc = run(s, &waiting, err);
	free_server(s);
	return rc;
}
