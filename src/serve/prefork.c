/*
 * The process manager: see prefork.h. The master waits for signals and does
 * nothing else: no database, no picture, no request.
 */
#include "base/base.h"
#include "base/clk.h"
#include "base/mem.h"
#include "serve/loop.h"
#include "serve/prefork.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

enum {
	BACKLOG = 1024,
	SYSTEMD_FD = 3, /* SD_LISTEN_FDS_START */
	SHORT_LIFE_MS = 1000,
	RETRY_MIN_MS = 250,
	RETRY_MAX_MS = 8000,
	STOP_PATIENCE_MS = 5000, /* then SIGKILL */
	LEAVE_MS = 2000,	 /* for those who hold the socket */
	LEAVE_TRIES = 40,
};

/* --- the socket ----------------------------------------------------------- */

static enum cf_status bind_and_listen(const struct sockaddr *addr,
				      socklen_t len, const char *address,
				      int *fd, struct cf_error *err)
{
	int on = 1;

	*fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return cf_fail(err, CF_IO, "--listen %s: %s", address,
			       strerror(errno));
	if (addr->sa_family != AF_UNIX)
		(void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on,
				 sizeof(on));
	if (bind(*fd, addr, len) || listen(*fd, BACKLOG)) {
		enum cf_status rc = cf_fail(err, CF_IO,
					    "--listen %s: cannot listen: %s",
					    address, strerror(errno));

		(void)close(*fd);
		*fd = -1;
		return rc;
	}
	return CF_OK;
}

static bool is_answered(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_connected = fd >= 0 && !connect(fd, (const void *)addr,
						sizeof(*addr));

	if (fd >= 0)
		(void)close(fd);
	return is_connected;
}

/* Remove a socket file that nobody listens on any more. The workers of a
 * master that was killed are given a moment to leave. */
static enum cf_status remove_stale(const struct sockaddr_un *addr,
				   struct cf_error *err)
{
	const struct timespec nap = {0, LEAVE_MS / LEAVE_TRIES * 1000000L};
	struct stat st;

	if (lstat(addr->sun_path, &st))
		return CF_OK;
	if (!S_ISSOCK(st.st_mode))
		return cf_fail(err, CF_CONFIG,
			       "--listen unix:%s: there is a file of this name "
			       "that is not a socket", addr->sun_path);
	for (int i = 0; is_answered(addr); i++) {
		if (i == LEAVE_TRIES)
			return cf_fail(err, CF_CONFIG,
				       "--listen unix:%s: another process "
				       "listens there; stop it first",
				       addr->sun_path);
		(void)nanosleep(&nap, NULL);
	}
	(void)unlink(addr->sun_path);
	return CF_OK;
}

static enum cf_status listen_unix(const char *path, unsigned mode, int *fd,
				  struct cf_error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	enum cf_status rc;

	if (!path[0] || strlen(path) >= sizeof(addr.sun_path))
		return cf_fail(err, CF_CONFIG,
			       "--listen unix:%.60s: the path must have 1 to "
			       "%zu bytes", path, sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	rc = remove_stale(&addr, err);
	if (rc)
		return rc;
	rc = bind_and_listen((struct sockaddr *)&addr, sizeof(addr), path, fd,
			     err);
	if (!rc && chmod(path, mode)) {
		rc = cf_fail(err, CF_IO, "--listen unix:%s: cannot set mode "
			     "%o: %s", path, mode, strerror(errno));
		(void)close(*fd);
		(void)unlink(path);
		*fd = -1;
	}
	return rc;
}

static bool parse_port(const char *text, in_port_t *port)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > 65535)
		return false;
	*port = htons((uint16_t)n);
	return true;
}

static enum cf_status listen_inet(const char *address, int *fd,
				  struct cf_error *err)
{
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
	struct sockaddr_in a4 = {.sin_family = AF_INET};
	const char *colon = strrchr(address, ':');
	char host[64];
	size_t len = colon ? (size_t)(colon - address) : 0;

	if (len > 0 && len < sizeof(host)) {
		memcpy(host, address, len);
		host[len] = '\0';
		if (parse_port(colon + 1, &a4.sin_port) &&
		    inet_pton(AF_INET, host, &a4.sin_addr) == 1)
			return bind_and_listen((struct sockaddr *)&a4,
					       sizeof(a4), address, fd, err);
		if (host[0] == '[' && host[len - 1] == ']') {
			host[len - 1] = '\0';
			if (parse_port(colon + 1, &a6.sin6_port) &&
			    inet_pton(AF_INET6, host + 1, &a6.sin6_addr) == 1)
				return bind_and_listen(
					(struct sockaddr *)&a6, sizeof(a6),
					address, fd, err);
		}
	}
	return cf_fail(err, CF_CONFIG, "--listen %.80s: must be unix:/path, "
		       "127.0.0.1:port, [::1]:port or systemd", address);
}

static enum cf_status listen_systemd(int *fd, struct cf_error *err)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	if (!pid || !n || strtol(pid, NULL, 10) != (long)getpid() ||
	    strtol(n, NULL, 10) != 1 || !loop_is_listening(SYSTEMD_FD))
		return cf_fail(err, CF_CONFIG,
			       "--listen systemd: systemd passed no socket; "
			       "start the .socket unit, not the program");
	(void)fcntl(SYSTEMD_FD, F_SETFD, FD_CLOEXEC);
	*fd = SYSTEMD_FD;
	return CF_OK;
}

enum cf_status prefork_listen(const char *address, unsigned mode, int *fd,
			      const char **path, struct cf_error *err)
{
	enum cf_status rc;

	*fd = -1;
	*path = NULL;
	if (!strcmp(address, "systemd"))
		return listen_systemd(fd, err);
	if (strncmp(address, "unix:", 5))
		return listen_inet(address, fd, err);
	rc = listen_unix(address + 5, mode, fd, err);
	if (!rc)
		*path = address + 5;
	return rc;
}

/* --- the workers ---------------------------------------------------------- */

struct worker {
	pid_t pid; /* 0: none now */
	int64_t started_mono_ms;
};

struct master {
	const struct prefork *prefork;
	struct clk clk;
	struct worker worker[PREFORK_WORKERS_MAX];
	int64_t retry_ms;	 /* the pause after a short life; 0 for none */
	int64_t retry_mono_ms;	 /* no start before this */
	int next_to_replace;	 /* of SIGHUP; -1: none */
	sigset_t inherited_mask; /* what a worker gets back */
};

static void start_worker(struct master *m, struct worker *w)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0) {
		log_event(m->prefork->log, LOG_LEVEL_ERROR, "fork",
			  "text=\"%s\"", strerror(errno));
		m->retry_mono_ms = clk_mono_ms(&m->clk) + RETRY_MAX_MS;
		return;
	}
	if (pid == 0) {
		/* a master that was killed leaves no orphans behind */
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		(void)sigprocmask(SIG_SETMASK, &m->inherited_mask, NULL);
		if (getppid() != parent)
			_exit(0);
		_exit(m->prefork->work(m->prefork->ctx,
				       m->prefork->listen_fd));
	}
	w->pid = pid;
	w->started_mono_ms = clk_mono_ms(&m->clk);
}

static int start_missing(struct master *m)
{
	int n_missing = 0;

	for (int i = 0; i < m->prefork->n_workers; i++) {
		if (m->worker[i].pid)
			continue;
		if (clk_mono_ms(&m->clk) < m->retry_mono_ms)
			n_missing++;
		else
			start_worker(m, &m->worker[i]);
	}
	return n_missing;
}

static void signal_workers(struct master *m, int signo)
{
	for (int i = 0; i < m->prefork->n_workers; i++)
		if (m->worker[i].pid)
			(void)kill(m->worker[i].pid, signo);
}

static void note_end(struct master *m, struct worker *w, int status,
		     bool is_stopping)
{
	int64_t now = clk_mono_ms(&m->clk);
	bool is_clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (!is_clean && !is_stopping)
		log_event(m->prefork->log, LOG_LEVEL_WARN, "worker-died",
			  "pid=%ld %s=%d text=\"starting another\"",
			  (long)w->pid,
			  WIFSIGNALED(status) ? "signal" : "exit",
			  WIFSIGNALED(status) ? WTERMSIG(status)
					      : WEXITSTATUS(status));
	if (!is_clean && now - w->started_mono_ms < SHORT_LIFE_MS) {
		m->retry_ms = m->retry_ms ? m->retry_ms * 2 : RETRY_MIN_MS;
		if (m->retry_ms > RETRY_MAX_MS)
			m->retry_ms = RETRY_MAX_MS;
		m->retry_mono_ms = now + m->retry_ms;
	} else {
		m->retry_ms = 0;
	}
	w->pid = 0;
}

/* Collect the dead; how many are left. */
static int reap(struct master *m, bool is_stopping)
{
	int n_left = 0, status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < m->prefork->n_workers; i++)
			if (m->worker[i].pid == pid)
				note_end(m, &m->worker[i], status,
					 is_stopping);
	for (int i = 0; i < m->prefork->n_workers; i++)
		n_left += m->worker[i].pid != 0;
	return n_left;
}

/* SIGHUP: end the next worker that started before it; the one in its place
 * reads the settings anew. One at a time, so that some always serve. */
static void replace_next(struct master *m)
{
	if (m->next_to_replace < 0 || m->retry_ms)
		return;
	for (int i = 0; i < m->prefork->n_workers; i++)
		if (!m->worker[i].pid)
			return; /* wait for its successor */
	if (m->next_to_replace == m->prefork->n_workers) {
		m->next_to_replace = -1;
		return;
	}
	(void)kill(m->worker[m->next_to_replace++].pid, SIGTERM);
}

static void on_hup(struct master *m)
{
	struct cf_error err = CF_ERROR_INIT;

	if (m->prefork->check(m->prefork->ctx, &err)) {
		log_error(m->prefork->log, LOG_LEVEL_ERROR, "reload-refused",
			  &err);
		return;
	}
	m->next_to_replace = 0;
	m->retry_ms = 0; /* of a death before: check says one can start */
	replace_next(m);
}

static void stop_all(struct master *m, const sigset_t *signals)
{
	struct timespec tick = {.tv_nsec = 20 * 1000000};
	int64_t patience = clk_mono_ms(&m->clk) + STOP_PATIENCE_MS;

	signal_workers(m, SIGTERM);
	while (reap(m, true)) {
		if (clk_mono_ms(&m->clk) >= patience)
			signal_workers(m, SIGKILL);
		(void)sigtimedwait(signals, NULL, &tick);
	}
}

enum cf_status prefork_run(const struct prefork *prefork, struct cf_error *err)
{
	static const int heard[] = {SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGCHLD,
				    SIGUSR2};
	struct timespec tick = {.tv_nsec = 100 * 1000000};
	struct master *m;
	sigset_t signals;
	enum cf_status rc;

	m = mem_alloc(MEM_OTHER, 1, sizeof(*m));
	if (!m)
		return cf_fail(err, CF_NOMEM, "no memory for workers");
	m->prefork = prefork;
	m->clk = clk_system();
	m->next_to_replace = -1;
	(void)sigemptyset(&signals);
	for (size_t i = 0; i < CF_ARRAY_LEN(heard); i++)
		(void)sigaddset(&signals, heard[i]);
	/* first, so that a signal during the check leaves no socket behind */
	(void)sigprocmask(SIG_BLOCK, &signals, &m->inherited_mask);
	rc = prefork->check(prefork->ctx, err);
	while (!rc) {
		int n_missing = start_missing(m);
		int signo = n_missing ? sigtimedwait(&signals, NULL, &tick)
				      : sigwaitinfo(&signals, NULL);

		if (signo == SIGTERM || signo == SIGINT || signo == SIGUSR1)
			break;
		if (signo == SIGHUP)
			on_hup(m);
		if (signo == SIGUSR2) /* theirs are the heaps to look at */
			signal_workers(m, SIGUSR2);
		(void)reap(m, false);
		(void)start_missing(m);
		replace_next(m);
	}
	stop_all(m, &signals);
	(void)sigprocmask(SIG_SETMASK, &m->inherited_mask, NULL);
	mem_free(m);
	return rc;
}
