/*
 * The program's own process manager, for web servers that have none (nginx):
 * a master holds the socket and keeps N workers alive.
 */
#ifndef CF_SERVE_PREFORK_H
#define CF_SERVE_PREFORK_H

#include "base/clk.h"
#include "base/log.h"
#include "base/net.h"
#include "base/status.h"

#include <sys/types.h>

enum { PREFORK_WORKERS_MAX = 256 };

struct prefork_worker; /* what a worker has in common with its master */

struct prefork {
	int listen_fd;
	int n_workers; /* 1 to PREFORK_WORKERS_MAX */
	const struct log *log;
	struct clk clk;
	/* The life of a worker, in its own process; returns the exit code. It
	 * calls prefork_serves() once. SIGTERM, SIGINT, SIGUSR1, SIGUSR2,
	 * SIGHUP and SIGCHLD are blocked in it, and wait for loop_run(). */
	int (*work)(void *ctx, int listen_fd, struct prefork_worker *me);
	/* Whether a worker could start now; asked before SIGHUP replaces the
	 * workers, and before the first ones. err is filled when not. */
	enum cf_status (*check)(void *ctx, struct cf_error *err);
	void *ctx;
};

/* A socket file: its path alone may be that of another one later. */
struct prefork_file {
	const char *path; /* NULL: none */
	dev_t dev;
	ino_t ino;
};

/*
 * Open the socket to listen on.
 *
 * address  "unix:/path", "127.0.0.1:9000", "[::1]:9000", or "systemd" for
 *          the socket that systemd passes (LISTEN_FDS, sd_listen_fds(3))
 * mode     of a socket file
 * peers    the web servers that may connect to a TCP socket; NULL: those of
 *          this machine
 * fd       the caller's to close; -1 on failure
 * file     the socket file for prefork_remove; its path is borrowed from
 *          address
 * returns  CF_OK; CF_CONFIG for an address of no such form, a socket that
 *          somebody listens on, or one that other machines can reach without
 *          peers being given; CF_IO
 */
CF_MUST_CHECK
enum cf_status prefork_listen(const char *address, unsigned mode,
			      const struct net_list *peers, int *fd,
			      struct prefork_file *file, struct cf_error *err);

/* Remove a socket file, unless another stands in its place. Before its socket
 * is closed: until then its number is no other file's. */
void prefork_remove(const struct prefork_file *file);

/*
 * Keep n_workers alive until SIGTERM, SIGINT or SIGUSR1; then end them, each
 * after its request, or after five seconds.
 *
 * SIGHUP replaces the workers that were started before it, if check says that
 * new ones can start: one by one, the next when the new one serves. One that
 * does not end in thirty seconds is killed. However many SIGHUPs come, in the
 * end no worker is older than the last that check allowed.
 *
 * A worker that dies is replaced. If it lived for less than a second there is
 * a pause before, which is its own: it grows to eight seconds, and is one
 * second at most while another worker lives. Likewise when the system refuses
 * to start a process.
 */
CF_MUST_CHECK
enum cf_status prefork_run(const struct prefork *prefork,
			   struct cf_error *err);

/* Say that this worker takes requests from now on. NULL in a process that has
 * no master. */
void prefork_serves(struct prefork_worker *me);

#endif
