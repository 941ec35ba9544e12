/*
 * The FastCGI process: accept, serve one request at a time, and use the
 * pauses.
 *
 * Layer: serve uses base and http; loop.c alone knows libfcgi.
 */
#ifndef CF_SERVE_LOOP_H
#define CF_SERVE_LOOP_H

#include "base/log.h"
#include "http/http.h"

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
};

/* Whether a descriptor is a listening socket: what a web server gives a
 * FastCGI process as standard input. */
CF_MUST_CHECK
bool loop_is_listening(int fd);

/*
 * Serve until SIGTERM, SIGINT or SIGUSR1; the request under way is finished
 * first. An idle process leaves at once.
 *
 * returns  CF_OK after such a signal; CF_IO when the socket is unusable
 */
CF_MUST_CHECK
enum cf_status loop_run(const struct loop *loop, struct cf_error *err);

#endif
