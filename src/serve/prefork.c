/*
 * The process manager: see prefork.h. The master waits for signals and does
 * nothing else: no database, no picture, no request.
 */
#include "base/base.h"
#include "base/clk.h"
#include "base/file.h"
#include "base/mem.h"
#include "serve/loop.h"
#include "serve/prefork.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
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
	RETRY_OTHERS_MS = 1000, /* at most, while another worker lives */
	RETRY_MAX_MS = 8000,
	STOP_PATIENCE_MS = 5000,     /* then SIGKILL */
	REPLACE_PATIENCE_MS = 30000, /* then SIGKILL */
	LEAVE_MS = 2000,	 /* for those who hold the socket */
	LEAVE_TRIES = 40,
};

/* --- the socket ----------------------------------------------------------- */

/* Who can connect can forge each variable of a request, that of the visitor's
 * address too. So a socket that other machines can reach needs a list of those
 * that may. */
static enum cf_status check_reach(const struct sockaddr_storage *addr,
				  const char *address,
				  const struct net_list *peers,
				  struct cf_error *err)
{
	struct net_addr host;

	if (!net_from_sockaddr(addr, &host) || net_is_loopback(&host) || peers)
		return CF_OK;
	return cf_fail(err, CF_CONFIG,
		       "--listen %.60s: other machines can connect there: name "
		       "the addresses of the web servers in the environment "
		       "variable FCGI_WEB_SERVER_ADDRS, or listen on 127.0.0.1",
		       address);
}

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

/*
 * Lock the directory of a socket file: between bind() and listen() nobody
 * answers there, and another master would take the file for stale. Others may
 * hold such a lock as well, so it is not waited for without end; -1 when it was
 * not to be had.
 */
static int lock_parent(const char *path)
{
	const struct timespec nap = {0, LEAVE_MS / LEAVE_TRIES * 1000000L};
	char dir[PATH_MAX];
	int fd;

	file_parent(path, dir, sizeof(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB); i++) {
		if (i < 2 * LEAVE_TRIES) {
			(void)nanosleep(&nap, NULL);
			continue;
		}
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static enum cf_status bind_unix(const struct sockaddr_un *addr, unsigned mode,
				int *fd, struct cf_error *err)
{
	const char *path = addr->sun_path;
	enum cf_status rc = remove_stale(addr, err);

	if (rc)
		return rc;
	rc = bind_and_listen((const struct sockaddr *)addr, sizeof(*addr),
			     path, fd, err);
	if (!rc && chmod(path, mode)) {
		rc = cf_fail(err, CF_IO, "--listen unix:%s: cannot set mode "
			     "%o: %s", path, mode, strerror(errno));
		(void)close(*fd);
		(void)unlink(path);
		*fd = -1;
	}
	return rc;
}

static enum cf_status listen_unix(const char *path, unsigned mode, int *fd,
				  struct prefork_file *file,
				  struct cf_error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct stat st;
	enum cf_status rc;
	int lock_fd;

	if (!path[0] || strlen(path) >= sizeof(addr.sun_path))
		return cf_fail(err, CF_CONFIG,
			       "--listen unix:%.60s: the path must have 1 to "
			       "%zu bytes", path, sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	lock_fd = lock_parent(path);
	rc = bind_unix(&addr, mode, fd, err);
	if (!rc && !lstat(path, &st))
		*file = (struct prefork_file){path, st.st_dev, st.st_ino};
	if (lock_fd >= 0)
		(void)close(lock_fd);
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

/* "127.0.0.1:9000" or "[::1]:9000"; how many bytes of addr it takes, 0 when it
 * is neither. */
static socklen_t parse_inet(const char *address, struct sockaddr_storage *addr)
{
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
	struct sockaddr_in a4 = {.sin_family = AF_INET};
	const char *colon = strrchr(address, ':');
	char host[64];
	size_t len = colon ? (size_t)(colon - address) : 0;

	if (len == 0 || len >= sizeof(host))
		return 0;
	memcpy(host, address, len);
	host[len] = '\0';
	if (!parse_port(colon + 1, &a4.sin_port))
		return 0;
	if (inet_pton(AF_INET, host, &a4.sin_addr) == 1) {
		memcpy(addr, &a4, sizeof(a4));
		return sizeof(a4);
	}
	if (host[0] != '[' || host[len - 1] != ']')
		return 0;
	host[len - 1] = '\0';
	a6.sin6_port = a4.sin_port;
	if (inet_pton(AF_INET6, host + 1, &a6.sin6_addr) != 1)
		return 0;
	memcpy(addr, &a6, sizeof(a6));
	return sizeof(a6);
}

static enum cf_status listen_inet(const char *address,
				  const struct net_list *peers, int *fd,
				  struct cf_error *err)
{
	struct sockaddr_storage addr = {.ss_family = AF_UNSPEC};
	socklen_t len = parse_inet(address, &addr);
	enum cf_status rc;

	if (!len)
		return cf_fail(err, CF_CONFIG,
			       "--listen %.80s: must be unix:/path, "
			       "127.0.0.1:port, [::1]:port or systemd",
			       address);
	rc = check_reach(&addr, address, peers, err);
	return rc ? rc
		  : bind_and_listen((struct sockaddr *)&addr, len, address,
				    fd, err);
}

static enum cf_status listen_systemd(const struct net_list *peers, int *fd,
				     struct cf_error *err)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	enum cf_status rc;
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	if (!pid || !n || strtol(pid, NULL, 10) != (long)getpid() ||
	    strtol(n, NULL, 10) != 1 || !loop_is_listening(SYSTEMD_FD))
		return cf_fail(err, CF_CONFIG,
			       "--listen systemd: systemd passed no socket; "
			       "start the .socket unit, not the program");
	if (getsockname(SYSTEMD_FD, (struct sockaddr *)&addr, &len))
		return cf_fail(err, CF_IO, "--listen systemd: %s",
			       strerror(errno));
	rc = check_reach(&addr, "systemd", peers, err);
	if (rc)
		return rc;
	(void)fcntl(SYSTEMD_FD, F_SETFD, FD_CLOEXEC);
	*fd = SYSTEMD_FD;
	return CF_OK;
}

enum cf_status prefork_listen(const char *address, unsigned mode,
			      const struct net_list *peers, int *fd,
			      struct prefork_file *file, struct cf_error *err)
{
	*fd = -1;
	*file = (struct prefork_file){.path = NULL};
	if (!strcmp(address, "systemd"))
		return listen_systemd(peers, fd, err);
	if (strncmp(address, "unix:", 5))
		return listen_inet(address, peers, fd, err);
	return listen_unix(address + 5, mode, fd, file, err);
}

/* Whoever removed ours by hand may have started another service there. */
void prefork_remove(const struct prefork_file *file)
{
	struct stat st;

	if (file->path && !lstat(file->path, &st) && st.st_dev == file->dev &&
	    st.st_ino == file->ino)
		(void)unlink(file->path);
}

/* --- the workers ---------------------------------------------------------- */

/* After what failed, a pause before it is tried again. Zeroed, there is
 * none. */
struct pause {
	int64_t ms;
	int64_t since_mono_ms;
};

/* In memory that master and workers share. */
struct prefork_worker {
	_Atomic bool is_serving;
};

struct worker {
	pid_t pid; /* 0: none now */
	int64_t started_mono_ms;
	int64_t told_mono_ms; /* when it was told to end */
	bool is_told;	      /* to end, by the master */
	unsigned generation;  /* of the settings that it has read */
	struct pause pause;   /* after a short life */
};

struct master {
	const struct prefork *prefork;
	struct worker worker[PREFORK_WORKERS_MAX];
	struct prefork_worker *shared; /* of each worker */
	struct pause fork_pause; /* when the system refused a fork */
	unsigned generation;	 /* of the settings; SIGHUP makes a new one */
};

static int64_t now_ms(const struct master *m)
{
	return clk_mono_ms(&m->prefork->clk);
}

static int n_alive(const struct master *m)
{
	int n = 0;

	for (int i = 0; i < m->prefork->n_workers; i++)
		n += m->worker[i].pid != 0;
	return n;
}

static void lengthen(const struct master *m, struct pause *pause)
{
	pause->ms = pause->ms ? pause->ms * 2 : RETRY_MIN_MS;
	if (pause->ms > RETRY_MAX_MS)
		pause->ms = RETRY_MAX_MS;
	pause->since_mono_ms = now_ms(m);
}

/* A long pause is for a service that is down as a whole. While some of it
 * serves, the rest is wanted soon. */
static bool is_over(const struct master *m, const struct pause *pause)
{
	int64_t ms = pause->ms;

	if (ms > RETRY_OTHERS_MS && n_alive(m) > 0)
		ms = RETRY_OTHERS_MS;
	return now_ms(m) - pause->since_mono_ms >= ms;
}

/*
 * The signals that the master waits for stay blocked in a worker until
 * loop_run() hears them: one that comes while it opens its parts is kept for
 * that moment. So a worker never dies of the SIGTERM that it was sent.
 */
static void live(const struct master *m, struct prefork_worker *me,
		 pid_t parent)
{
	/* a master that was killed leaves no orphans behind */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);
	_exit(m->prefork->work(m->prefork->ctx, m->prefork->listen_fd, me));
}

void prefork_serves(struct prefork_worker *me)
{
	if (me)
		atomic_store(&me->is_serving, true);
}

static void start_worker(struct master *m, struct worker *w)
{
	struct prefork_worker *shared = &m->shared[w - m->worker];
	pid_t parent = getpid(), pid;
	int64_t now = now_ms(m);

	atomic_store(&shared->is_serving, false);
	pid = fork();
	if (pid == 0)
		live(m, shared, parent);
	if (pid < 0) {
		int sys_errno = errno;

		lengthen(m, &m->fork_pause);
		log_event(m->prefork->log, LOG_LEVEL_ERROR, "fork",
			  "errno=%d text=\"cannot start a worker: %s; trying "
			  "again\"", sys_errno, strerror(sys_errno));
		return;
	}
	m->fork_pause = (struct pause){0};
	w->pid = pid;
	w->started_mono_ms = now;
	w->is_told = false;
	w->generation = m->generation;
}

/* Start those whose pause is over. */
static void start_missing(struct master *m)
{
	for (int i = 0; i < m->prefork->n_workers; i++) {
		struct worker *w = &m->worker[i];

		if (!w->pid && is_over(m, &w->pause) &&
		    is_over(m, &m->fork_pause))
			start_worker(m, w);
	}
}

static void signal_workers(struct master *m, int signo)
{
	for (int i = 0; i < m->prefork->n_workers; i++)
		if (m->worker[i].pid)
			(void)kill(m->worker[i].pid, signo);
}

static bool is_as_told(const struct worker *w, int status)
{
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	       (w->is_told && WIFSIGNALED(status) &&
		WTERMSIG(status) == SIGTERM);
}

static void note_end(struct master *m, struct worker *w, int status,
		     bool is_stopping)
{
	if (!is_as_told(w, status) && !is_stopping)
		log_event(m->prefork->log, LOG_LEVEL_WARN, "worker-died",
			  "pid=%ld %s=%d text=\"starting another\"",
			  (long)w->pid,
			  WIFSIGNALED(status) ? "signal" : "exit",
			  WIFSIGNALED(status) ? WTERMSIG(status)
					      : WEXITSTATUS(status));
	if (!w->is_told && now_ms(m) - w->started_mono_ms < SHORT_LIFE_MS)
		lengthen(m, &w->pause);
	else
		w->pause = (struct pause){0};
	w->pid = 0;
}

/* Collect the dead. */
static void reap(struct master *m, bool is_stopping)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < m->prefork->n_workers; i++)
			if (m->worker[i].pid == pid)
				note_end(m, &m->worker[i], status,
					 is_stopping);
}

static bool is_serving(const struct master *m, int i)
{
	return m->worker[i].pid && atomic_load(&m->shared[i].is_serving);
}

/* Whether the i-th worker is between two lives. One that does not end in time
 * is killed. */
static bool is_ending(const struct master *m, int i)
{
	const struct worker *w = &m->worker[i];

	if (w->pid && w->is_told &&
	    now_ms(m) - w->told_mono_ms >= REPLACE_PATIENCE_MS)
		(void)kill(w->pid, SIGKILL);
	return !w->pid || w->is_told;
}

/* The worker to replace next; NULL when all are new, or when too many others
 * do not serve now. */
static struct worker *find_old(struct master *m)
{
	struct worker *old = NULL;
	bool all_serve = true;

	for (int i = 0; i < m->prefork->n_workers; i++) {
		struct worker *w = &m->worker[i];

		if (is_ending(m, i))
			return NULL;
		if (w->generation != m->generation &&
		    (!old || !is_serving(m, i)))
			old = w;
		all_serve = all_serve && is_serving(m, i);
	}
	/* one that does not serve yet is missed by nobody */
	return old && (all_serve || !is_serving(m, (int)(old - m->worker)))
		       ? old
		       : NULL;
}

/* SIGHUP: end one of those that have older settings; the one in its place
 * reads them anew. The next one comes when that serves, so that all others do
 * at any time. */
static void replace_next(struct master *m)
{
	struct worker *old = find_old(m);

	if (!old)
		return;
	old->is_told = true;
	old->told_mono_ms = now_ms(m);
	(void)kill(old->pid, SIGTERM);
}

static void on_hup(struct master *m)
{
	struct cf_error err = CF_ERROR_INIT;

	if (m->prefork->check(m->prefork->ctx, &err)) {
		log_error(m->prefork->log, LOG_LEVEL_ERROR, "reload-refused",
			  &err);
		return;
	}
	m->generation++;
	/* of deaths before: check says that a worker can start now */
	for (int i = 0; i < m->prefork->n_workers; i++)
		m->worker[i].pause = (struct pause){0};
}

static void stop_all(struct master *m, const sigset_t *signals)
{
	struct timespec tick = {.tv_nsec = 20 * 1000000};
	int64_t patience = now_ms(m) + STOP_PATIENCE_MS;

	signal_workers(m, SIGTERM);
	for (reap(m, true); n_alive(m); reap(m, true)) {
		if (now_ms(m) >= patience)
			signal_workers(m, SIGKILL);
		(void)sigtimedwait(signals, NULL, &tick);
	}
}

/* The next signal; -1 when some time has passed and a worker does not serve:
 * no signal tells of what follows from that. */
static int next_signal(const struct master *m, const sigset_t *signals)
{
	struct timespec tick = {.tv_nsec = 20 * 1000000};

	for (int i = 0; i < m->prefork->n_workers; i++)
		if (m->worker[i].is_told || !is_serving(m, i))
			return sigtimedwait(signals, NULL, &tick);
	return sigwaitinfo(signals, NULL);
}

static void serve(struct master *m, const sigset_t *signals)
{
	for (;;) {
		int signo;

		start_missing(m);
		replace_next(m);
		signo = next_signal(m, signals);
		if (signo == SIGTERM || signo == SIGINT || signo == SIGUSR1)
			return;
		if (signo == SIGHUP)
			on_hup(m);
		if (signo == SIGUSR2) /* theirs are the heaps to look at */
			signal_workers(m, SIGUSR2);
		reap(m, false);
	}
}

static enum cf_status start_master(struct master **out,
				   const struct prefork *prefork,
				   struct cf_error *err)
{
	size_t n_bytes = (size_t)prefork->n_workers *
			 sizeof(struct prefork_worker);
	struct master *m = mem_alloc(MEM_OTHER, 1, sizeof(*m));

	*out = m;
	if (!m)
		return cf_fail(err, CF_NOMEM, "no memory for workers");
	m->prefork = prefork;
	m->shared = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (m->shared != MAP_FAILED)
		return CF_OK;
	mem_free(m);
	return cf_fail(err, CF_NOMEM, "no memory for %d workers: %s",
		       prefork->n_workers, strerror(errno));
}

static void free_master(struct master *m)
{
	(void)munmap(m->shared, (size_t)m->prefork->n_workers *
					sizeof(*m->shared));
	mem_free(m);
}

enum cf_status prefork_run(const struct prefork *prefork, struct cf_error *err)
{
	static const int heard[] = {SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGCHLD,
				    SIGUSR2};
	struct master *m;
	sigset_t signals, inherited;
	enum cf_status rc = start_master(&m, prefork, err);

	if (rc)
		return rc;
	(void)sigemptyset(&signals);
	for (size_t i = 0; i < CF_ARRAY_LEN(heard); i++)
		(void)sigaddset(&signals, heard[i]);
	/* first, so that a signal during the check leaves no socket behind */
	(void)sigprocmask(SIG_BLOCK, &signals, &inherited);
	rc = prefork->check(prefork->ctx, err);
	if (!rc)
		serve(m, &signals);
	stop_all(m, &signals);
	(void)sigprocmask(SIG_SETMASK, &inherited, NULL);
	free_master(m);
	return rc;
}
