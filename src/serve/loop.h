/*
 * The FastCGI process: accept connections, read many requests side by side,
 * answer them one after the other, and do other work in the pauses.
 *
 * Layer: serve uses base and http.
 */
#ifndef CF_SERVE_LOOP_H
#define CF_SERVE_LOOP_H

#include "base/log.h"
#include "base/net.h"
#include "http/http.h"

/* Deadlines of a connection, which is closed then. */
enum {
	/* to send a request: from its first byte on; the first request of a
	 * connection: from the connection on */
	LOOP_REQUEST_MS = 10 * 1000,
	/* to read an answer */
	LOOP_ANSWER_MS = 10 * 1000,
	/* to send the rest of a request that was answered before its end */
	LOOP_LINGER_MS = 5 * 1000,
	/* to send the rest of a request when the process is to end */
	LOOP_STOP_MS = 2 * 1000,
	/* to begin a last request when the process is to end */
	LOOP_LAST_MS = 100,
};

struct loop {
	int listen_fd; /* a listening socket; stays the caller's */
	struct http *http;
	const struct log *log;
	struct clk clk;
	/* Work between requests, in small steps; returns the milliseconds
	 * until the next step, 0 for at once. */
	int64_t (*pause)(void *ctx);
	void *pause_ctx;
	/* After SIGUSR2, between requests. */
	void (*look)(void *ctx);
	void *look_ctx;
	/* Web servers that may connect by TCP; NULL: only from this machine */
	const struct net_list *peers;
	/* A sign of life: before each request, and before each step of other
	 * work. NULL: nobody waits for it. */
	void (*beat)(void *ctx);
	void *beat_ctx;
};

/* Whether a descriptor is a listening socket: a web server gives a FastCGI
 * process one as standard input. */
CF_MUST_CHECK
bool loop_is_listening(int fd);

/*
 * Serve until SIGTERM, SIGINT or SIGUSR1. Then serve the requests that have
 * begun, for LOOP_STOP_MS at most. A connection without a request gets
 * LOOP_LAST_MS for a last one: the web server may have sent it before it knew
 * that this process ends, and does not send a POST again.
 *
 * returns  CF_OK after such a signal; CF_IO when the socket is unusable;
 *          CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status loop_run(const struct loop *loop, struct cf_error *err);

#endif
