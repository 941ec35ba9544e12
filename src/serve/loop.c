/*
 * The FastCGI loop: see loop.h. libfcgi speaks the protocol; accepting and
 * waiting are done here, for three reasons. A signal must never fall between
 * a check and a wait: all are blocked but within ppoll. A connection on which
 * nothing comes must not hold up the next one: it is read only when it is
 * readable. And connections that a server keeps open (nginx with
 * fastcgi_keep_conn) are served side by side.
 *
 * source: FastCGI specification 1.0; libfcgi 2.4, fcgiapp.h
 */
#include "base/base.h"
#include "serve/loop.h"

#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
	CONN_MAX = 32, /* connections held at once */
	/* nobody waits after so long without a request */
	QUIET_MS = 3,
	/* with no pause at all, a step is taken all the same */
	PAUSE_LATEST_MS = 1000,
	/* a web server that is silent within a request for so long is gone */
	IO_TIMEOUT_S = 10,
	/* of those who cannot be accepted */
	LACK_PAUSE_MS = 20,
	COMPLAIN_EVERY_MS = 60000,
};

/* Mutable and global, since signals have no argument. */
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

/* Invariant: the first n of conn are open; fds[0] is the listening socket
 * and fds[i + 1] that of conn[i]. */
struct connections {
	FCGX_Request conn[CONN_MAX];
	int64_t used_mono_ms[CONN_MAX];
	struct pollfd fds[CONN_MAX + 1];
	size_t n;
	int64_t complain_mono_ms; /* not before this */
};

bool loop_is_listening(int fd)
{
	int is_listening = 0;
	socklen_t len = sizeof(is_listening);

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening,
			   &len) && is_listening;
}

/* Block the signals that the loop looks out for; *waiting is the mask for
 * ppoll. */
static void set_signals(sigset_t *waiting)
{
	static const int heard[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
	struct sigaction act = {.sa_handler = on_stop}; /* no SA_RESTART */
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t blocked;

	(void)sigemptyset(&act.sa_mask);
	(void)sigemptyset(&ignore.sa_mask);
	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < CF_ARRAY_LEN(heard); i++) {
		act.sa_handler = heard[i] == SIGUSR2 ? on_look : on_stop;
		(void)sigaddset(&blocked, heard[i]);
		(void)sigaction(heard[i], &act, NULL);
	}
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	(void)sigprocmask(SIG_BLOCK, &blocked, waiting);
	for (size_t i = 0; i < CF_ARRAY_LEN(heard); i++)
		(void)sigdelset(waiting, heard[i]);
}

static void drop_connection(struct connections *c, size_t i)
{
	if (c->conn[i].ipcFd >= 0)
		(void)close(c->conn[i].ipcFd);
	c->n--;
	c->conn[i] = c->conn[c->n];
	c->used_mono_ms[i] = c->used_mono_ms[c->n];
	c->fds[i + 1] = c->fds[c->n + 1];
}

static void drop_oldest(struct connections *c)
{
	size_t oldest = 0;

	for (size_t i = 1; i < c->n; i++)
		if (c->used_mono_ms[i] < c->used_mono_ms[oldest])
			oldest = i;
	drop_connection(c, oldest);
}

/*
 * Without a descriptor or memory for it a connection goes on waiting, and
 * ppoll would tell of it again at once. One that is held may be idle; when
 * there is none, others have what is missing, and some time has to pass.
 */
static void make_room(const struct loop *loop, struct connections *c)
{
	int sys_errno = errno;
	int64_t now = clk_mono_ms(&loop->clk);

	if (now >= c->complain_mono_ms) {
		log_event(loop->log, LOG_LEVEL_WARN, "accept",
			  "status=io errno=%d text=\"%s\"", sys_errno,
			  strerror(sys_errno));
		c->complain_mono_ms = now + COMPLAIN_EVERY_MS;
	}
	if (c->n)
		drop_oldest(c);
	else
		(void)poll(NULL, 0, LACK_PAUSE_MS);
}

static void accept_one(const struct loop *loop, struct connections *c)
{
	static const struct timeval timeout = {.tv_sec = IO_TIMEOUT_S};
	int fd = accept4(loop->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	FCGX_Request *conn;

	if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
		       errno == ENOBUFS || errno == ENOMEM))
		make_room(loop, c);
	if (fd < 0)
		return; /* another process had it, or the peer has left */
	if (c->n == CONN_MAX)
		drop_oldest(c);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
			 sizeof(timeout));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout,
			 sizeof(timeout));
	conn = &c->conn[c->n];
	/* no listening socket: libfcgi is not to accept by itself */
	(void)FCGX_InitRequest(conn, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	conn->ipcFd = fd;
	conn->keepConnection = 1; /* of the request before the first */
	c->used_mono_ms[c->n] = clk_mono_ms(&loop->clk);
	c->fds[c->n + 1] = (struct pollfd){.fd = fd, .events = POLLIN};
	c->n++;
}

static ptrdiff_t read_body(void *ctx, char *ptr, size_t n)
{
	FCGX_Request *conn = ctx;
	int got;

	got = FCGX_GetStr(ptr, n > INT16_MAX ? INT16_MAX : (int)n, conn->in);
	if (got == 0 && FCGX_GetError(conn->in))
		return -1;
	return got;
}

static void put(FCGX_Request *conn, struct str text)
{
	while (text.len) {
		int n = text.len > INT16_MAX ? INT16_MAX : (int)text.len;

		if (FCGX_PutStr(text.ptr, n, conn->out) != n)
			return; /* the peer is gone; the close will tell */
		text.ptr += n;
		text.len -= (size_t)n;
	}
}

/* Read what is left of a request: true when its end has come. */
static bool drain(FCGX_Request *conn)
{
	enum { DRAIN_MAX_BYTES = 128 * 1024 };
	char bytes[4096];
	int n, n_bytes = 0;

	while (n_bytes < DRAIN_MAX_BYTES &&
	       (n = FCGX_GetStr(bytes, sizeof(bytes), conn->in)) > 0)
		n_bytes += n;
	return n_bytes < DRAIN_MAX_BYTES && !FCGX_GetError(conn->in);
}

/* Read and answer the request that conn[i] has. */
static void serve(const struct loop *loop, struct connections *c, size_t i)
{
	FCGX_Request *conn = &c->conn[i];
	struct http_response res;
	char extra;

	if (FCGX_Accept_r(conn)) {
		conn->ipcFd = -1; /* closed, or never ours again */
		drop_connection(c, i);
		return;
	}
	http_serve(loop->http, conn->envp, read_body, conn, &res);
	put(conn, res.head);
	put(conn, res.body);
	/* With the request read to its end there is nothing to linger for:
	 * close at once instead of waiting for the server to do so. The end is
	 * a record of its own, also after no body: a server that still writes
	 * it when we close would take the request for failed. */
	if (res.body_was_read && FCGX_GetStr(&extra, 1, conn->in) == 0)
		FCGX_Detach(conn);
	/* The next request of a kept connection begins where this one ends.
	 * Bytes of a body must never be read as its beginning. */
	else if (conn->keepConnection && !drain(conn))
		conn->keepConnection = 0;
	FCGX_Finish_r(conn);
	if (conn->ipcFd < 0) {
		drop_connection(c, i);
		return;
	}
	conn->detached = 0;
	c->used_mono_ms[i] = clk_mono_ms(&loop->clk);
}

/* Serve all that can be read; whether there was any. */
static bool serve_readable(const struct loop *loop, struct connections *c)
{
	bool any = false;

	for (size_t i = c->n; i-- > 0 && !stop_flag;) {
		if (!c->fds[i + 1].revents)
			continue;
		c->fds[i + 1].revents = 0;
		serve(loop, c, i);
		any = true;
	}
	return any;
}

static enum cf_status wait_and_serve(const struct loop *loop,
				     struct connections *c,
				     const sigset_t *waiting,
				     struct cf_error *err)
{
	int64_t paused = clk_mono_ms(&loop->clk);
	int64_t due = paused; /* of the next step in a pause */

	while (!stop_flag) {
		int64_t now = clk_mono_ms(&loop->clk);
		int64_t wait = due > now ? due - now : 0;
		struct timespec timeout = {.tv_sec = (time_t)(wait / 1000),
					   .tv_nsec = wait % 1000 * 1000000};
		int n = ppoll(c->fds, c->n + 1, &timeout, waiting);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return cf_fail(err, CF_IO, "ppoll: %s",
				       strerror(errno));
		if (look_flag) {
			look_flag = 0;
			loop->look(loop->look_ctx);
		}
		if (n < 0)
			continue;
		if (c->fds[0].revents & (POLLERR | POLLNVAL))
			return cf_fail(err, CF_IO,
				       "the listening socket is unusable");
		now = clk_mono_ms(&loop->clk);
		if (n == 0 || now - paused >= PAUSE_LATEST_MS) {
			due = now + loop->pause(loop->pause_ctx);
			paused = now;
		}
		if (n == 0)
			continue;
		if (serve_readable(loop, c))
			due = clk_mono_ms(&loop->clk) + QUIET_MS;
		else if (c->fds[0].revents)
			accept_one(loop, c);
	}
	return CF_OK;
}

enum cf_status loop_run(const struct loop *loop, struct cf_error *err)
{
	struct connections *c;
	sigset_t waiting;
	enum cf_status rc;
	int flags = fcntl(loop->listen_fd, F_GETFL);

	if (FCGX_Init())
		return cf_fail(err, CF_IO, "libfcgi does not start");
	/* Processes share the socket: who comes late must not block. */
	if (flags < 0 ||
	    fcntl(loop->listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return cf_fail(err, CF_IO, "descriptor %d is not a socket: %s",
			       loop->listen_fd, strerror(errno));
	c = mem_alloc(MEM_OTHER, 1, sizeof(*c));
	if (!c)
		return cf_fail(err, CF_NOMEM, "no memory for connections");
	c->fds[0] = (struct pollfd){.fd = loop->listen_fd, .events = POLLIN};
	set_signals(&waiting);
	rc = wait_and_serve(loop, c, &waiting, err);
	while (c->n)
		drop_connection(c, c->n - 1);
	mem_free(c);
	return rc;
}
