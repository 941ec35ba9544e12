/*
 * The process manager of the program, for web servers that have none (nginx):
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

struct prefork_worker; /* memory that a worker shares with its master */

struct prefork {
	int listen_fd;
	int n_workers; /* 1 to PREFORK_WORKERS_MAX */
	const struct log *log;
	struct clk clk;
	/* Be a worker, in a process of its own: call prefork_serves() once,
	 * and from then on prefork_beat() before each piece of work, of which
	 * none may take a minute. Returns the exit code. SIGTERM, SIGINT,
	 * SIGUSR1, SIGUSR2, SIGHUP and SIGCHLD are blocked until loop_run()
	 * waits for them. */
	int (*work)(void *ctx, int listen_fd, struct prefork_worker *me);
	/* Try whether a worker could start: before the first workers start,
	 * and before SIGHUP replaces them. */
	enum cf_status (*check)(void *ctx, struct cf_error *err);
	void *ctx;
};

/* A socket file. Its numbers tell it from a later file of the same path. */
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
 * peers    web servers that may connect to a TCP socket; NULL: only from this
 *          machine
 * fd       the caller's to close; -1 on failure
 * file     for prefork_remove; its path is borrowed from address
 * returns  CF_OK; CF_CONFIG for another form of address, a socket that another
 *          process listens on, or one that other machines can reach without
 *          peers; CF_IO
 */
CF_MUST_CHECK
enum cf_status prefork_listen(const char *address, unsigned mode,
			      const struct net_list *peers, int *fd,
			      struct prefork_file *file, struct cf_error *err);

/* Remove a socket file, unless another file has its path now. Call it before
 * the socket is closed: the number of the file may be given away then. */
void prefork_remove(const struct prefork_file *file);

/*
 * Keep n_workers alive until SIGTERM, SIGINT or SIGUSR1. Then end each after
 * its request, or after five seconds.
 *
 * SIGHUP calls check, and on CF_OK replaces all older workers one by one: the
 * next worker ends when the new worker serves. A worker that does not end in
 * thirty seconds is killed. After several SIGHUPs no worker is older than the
 * last CF_OK of check.
 *
 * A worker that dies is replaced, at once if it lived for a second. Otherwise
 * after a pause of its own, which grows to eight seconds, or to one second
 * while another worker lives. There is such a pause, too, when the system
 * refuses to start a process. A worker that shows no sign of life for a minute
 * is killed.
 *
 * Tells systemd (notify.h): READY=1 when a worker serves; RELOADING=1 at
 * SIGHUP, and READY=1 when a worker serves with the settings in force and no
 * older worker is left, or check has refused, or a new worker has failed;
 * STOPPING=1; WATCHDOG=1 as long as the master goes round; and as status how
 * many workers serve, and why check refused.
 */
CF_MUST_CHECK
enum cf_status prefork_run(const struct prefork *prefork,
			   struct cf_error *err);

/* Tell the master that this worker takes requests from now on. NULL: there is
 * no master. */
void prefork_serves(struct prefork_worker *me);

/* Tell the master that this worker lives. NULL: there is no master. */
void prefork_beat(struct prefork_worker *me);

#endif
