/*
 * A client's connection over HTTP/1.1 to 127.0.0.1: a request is sent, and its
 * answer read until it is whole. Shared by hammer.c and soak.c.
 *
 * conn_open when fd is -1, conn_send, conn_read until it says something else
 * than CONN_MORE, and again from conn_send on.
 */
#ifndef CF_BENCH_CONN_H
#define CF_BENCH_CONN_H

#include "base/base.h"

#include <netinet/in.h>

enum { CONN_ANSWER_MAX = 256 * 1024 };

struct conn {
	int fd; /* -1: not connected */
	int64_t sent_ns;
	size_t len;
	char answer[CONN_ANSWER_MAX]; /* NUL-terminated */
};

enum conn_state { CONN_MORE, CONN_WHOLE, CONN_BROKEN };

/* The monotonic clock. */
int64_t conn_now_ns(void);

/* Connect, and let epoll_fd report what comes, with c as its data. Ends the
 * program when nobody listens. */
void conn_open(struct conn *c, in_port_t port, int epoll_fd);

/* Send a request and begin its answer; false when the peer has closed. */
bool conn_send(struct conn *c, const char *request, size_t len);

/* Read what has come. The connection is closed after CONN_BROKEN, and after
 * CONN_WHOLE if the answer says so. */
enum conn_state conn_read(struct conn *c);

/* Of a whole answer; 0 when it has none. */
int conn_status(const struct conn *c);

#endif
