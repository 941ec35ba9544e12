/*
 * The FastCGI process: accept, read many requests side by side, answer one at
 * a time, and use the pauses.
 *
 * Layer: serve uses base and http.
 */
#ifndef CF_SERVE_LOOP_H
#define CF_SERVE_LOOP_H

#include "base/log.h"
#include "base/net.h"
#include "http/http.h"

/* Every limit in time. A connection that goes beyond one is closed. */
enum {
	/* for all of a request: from its first byte, or from the connection if
	 * it is the first there */
	LOOP_REQUEST_MS = 10 * 1000,
	/* for the web server to take an answer */
	LOOP_ANSWER_MS = 10 * 1000,
	/* for the rest of a request that was answered before its end */
	LOOP_LINGER_MS = 5 * 1000,
	/* for requests that have begun when the process is to end */
	LOOP_STOP_MS = 2 * 1000,
	/* for requests that the web server is sending at that moment */
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
	/* What SIGUSR2 asks for, between requests. */
	void (*look)(void *ctx);
	void *look_ctx;
	/* Web servers that may connect by TCP; NULL: those of this machine. */
	const struct net_list *peers;
};

/* Whether a descriptor is a listening socket: what a web server gives a
 * FastCGI process as standard input. */
CF_MUST_CHECK
bool loop_is_listening(int fd);

/*
 * Serve until SIGTERM, SIGINT or SIGUSR1. Requests that have begun are served
 * then, for LOOP_STOP_MS at most. A connection on which none has begun is
 * given LOOP_LAST_MS for a last one: the web server may have sent it before it
 * can know that this process ends, and it sends no POST twice.
 *
 * returns  CF_OK after such a signal; CF_IO when the socket is unusable;
 *          CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status loop_run(const struct loop *loop, struct cf_error *err);

#endif
