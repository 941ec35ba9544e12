/*
 * Just enough of HTTP/1.1 (RFC 9112) for what web servers answer to our
 * requests: Content-Length, or chunks with nothing behind the last.
 */
#include "base/base.h"
#include "conn.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

int64_t conn_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void conn_open(struct conn *c, in_port_t port, int epoll_fd)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = port};
	struct epoll_event ev = {.events = EPOLLIN, .data = {.ptr = c}};
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (c->fd < 0 ||
	    connect(c->fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &ev)) {
		perror("connect");
		exit(1);
	}
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void close_conn(struct conn *c)
{
	(void)close(c->fd);
	c->fd = -1;
}

bool conn_send(struct conn *c, const char *request, size_t len)
{
	c->len = 0;
	c->sent_ns = conn_now_ns();
	while (len) {
		ssize_t n = send(c->fd, request, len, MSG_NOSIGNAL);

		if (n <= 0) {
			close_conn(c);
			return false;
		}
		request += n;
		len -= (size_t)n;
	}
	return true;
}

static bool is_whole(const struct conn *c)
{
	const char *end = memmem(c->answer, c->len, "\r\n\r\n", 4);
	const char *length;
	size_t head;

	if (!end)
		return false;
	head = (size_t)(end - c->answer) + 4;
	length = strcasestr(c->answer, "\r\nContent-Length:");
	if (!length || length > end) {
		const char *chunked = strcasestr(c->answer, "chunked");

		return chunked && chunked < end &&
		       memmem(end, c->len - head + 4, "\r\n0\r\n\r\n", 7);
	}
	return c->len >= head + strtoul(length + 17, NULL, 10);
}

enum conn_state conn_read(struct conn *c)
{
	ssize_t n = recv(c->fd, c->answer + c->len,
			 CONN_ANSWER_MAX - 1 - c->len, 0);

	if (n <= 0) {
		close_conn(c);
		return CONN_BROKEN;
	}
	c->len += (size_t)n;
	c->answer[c->len] = '\0';
	if (!is_whole(c))
		return CONN_MORE;
	if (strcasestr(c->answer, "Connection: close"))
		close_conn(c);
	return CONN_WHOLE;
}

int conn_status(const struct conn *c)
{
	long status = c->len > 12 ? strtol(c->answer + 9, NULL, 10) : 0;

	return status >= 100 && status < 600 ? (int)status : 0;
}
