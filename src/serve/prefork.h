/*
 * The program's own process manager, for web servers that have none (nginx):
 * a master holds the socket and keeps N workers alive.
 */
#ifndef CF_SERVE_PREFORK_H
#define CF_SERVE_PREFORK_H

#include "base/log.h"
#include "base/status.h"

enum { PREFORK_WORKERS_MAX = 256 };

struct prefork {
	int listen_fd;
	int n_workers; /* 1 to PREFORK_WORKERS_MAX */
	const struct log *log;
	/* The life of a worker, in its own process; returns the exit code. */
	int (*work)(void *ctx, int listen_fd);
	/* Whether a worker could start now; asked before SIGHUP replaces the
	 * workers, and before the first ones. err is filled when not. */
	enum cf_status (*check)(void *ctx, struct cf_error *err);
	void *ctx;
};

/*
 * Open the socket to listen on.
 *
 * address  "unix:/path", "127.0.0.1:9000", "[::1]:9000", or "systemd" for
 *          the socket that systemd passes (LISTEN_FDS, sd_listen_fds(3))
 * mode     of a socket file
 * fd       the caller's to close; -1 on failure
 * path     the socket file to remove at the end, borrowed from address; NULL
 *          when there is none
 * returns  CF_OK; CF_CONFIG for an address of no such form or a socket that
 *          somebody listens on; CF_IO
 */
CF_MUST_CHECK
enum cf_status prefork_listen(const char *address, unsigned mode, int *fd,
			      const char **path, struct cf_error *err);

/*
 * Keep n_workers alive until SIGTERM, SIGINT or SIGUSR1; then end them, each
 * after its request. SIGHUP replaces the workers one by one, if check says
 * that new ones can start. A worker that dies is replaced; one that dies at
 * once, after a pause that grows to eight seconds.
 */
CF_MUST_CHECK
enum cf_status prefork_run(const struct prefork *prefork,
			   struct cf_error *err);

#endif
