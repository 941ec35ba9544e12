/*
 * The process manager: see prefork.h. The master opens no database, draws no
 * picture and reads no request.
 */
#include "base/base.h"
#include "base/clk.h"
#include "base/file.h"
#include "base/text.h"
#include "serve/loop.h"
#include "serve/notify.h"
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
	NAP_MS = 50,
	STALE_NAPS = 40, /* for workers that still hold the socket */
	LOCK_NAPS = 80,
	TICK_MS = 20,
	SHORT_LIFE_MS = 1000,
	RETRY_MIN_MS = 250,
	RETRY_OTHERS_MS = 1000, /* at most, while another worker lives */
	RETRY_MAX_MS = 8000,
	STOP_PATIENCE_MS = 5000,     /* then SIGKILL */
	REPLACE_PATIENCE_MS = 30000, /* then SIGKILL */
	WATCH_MS = 15000,
	SILENT_WATCHES = 4, /* then SIGKILL */
};

/* --- the socket ----------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_un path;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

/* A client of the socket can forge each variable of a request, also the
 * address of the visitor. So a socket that other machines can reach needs a
 * list of web servers. */
static enum cf_status check_reach(const union address *addr, const char *text,
				  const struct net_list *peers,
				  struct cf_error *err)
{
	struct net_addr host;

	if (!net_from_sockaddr(&addr->storage, &host) ||
	    net_is_loopback(&host) || peers)
		return CF_OK;
	return cf_fail(err, CF_CONFIG,
		       "--listen %.60s: other machines can connect there: name "
		       "the addresses of the web servers in the environment "
		       "variable FCGI_WEB_SERVER_ADDRS, or listen on 127.0.0.1",
		       text);
}

static enum cf_status bind_and_listen(const union address *addr, socklen_t len,
				      const char *text, int *fd,
				      struct cf_error *err)
{
	int on = 1;

	*fd = socket(addr->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return cf_fail(err, CF_IO, "--listen %s: %s", text,
			       strerror(errno));
	if (addr->any.sa_family != AF_UNIX)
		(void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on,
				 sizeof(on));
	if (bind(*fd, &addr->any, len) || listen(*fd, BACKLOG))
		return cf_fail(err, CF_IO, "--listen %s: cannot listen: %s",
			       text, strerror(errno));
	return CF_OK;
}

static bool is_answered(const union address *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_connected =
		fd >= 0 && !connect(fd, &addr->any, sizeof(addr->path));

	if (fd >= 0)
		(void)close(fd);
	return is_connected;
}

static void take_nap(void)
{
	(void)nanosleep(&(struct timespec){0, NAP_MS * 1000000L}, NULL);
}

/* Remove a socket file that no process listens on. The workers of a master
 * that was killed get some time to end. */
static enum cf_status remove_stale(const union address *addr,
				   struct cf_error *err)
{
	const char *path = addr->path.sun_path;
	struct stat st;

	if (lstat(path, &st))
		return CF_OK;
	if (!S_ISSOCK(st.st_mode))
		return cf_fail(err, CF_CONFIG,
			       "--listen unix:%s: there is a file of this name "
			       "that is not a socket",
			       path);
	for (int i = 0; is_answered(addr); i++) {
		if (i == STALE_NAPS)
			return cf_fail(err, CF_CONFIG,
				       "--listen unix:%s: another process "
				       "listens there; stop it first",
				       path);
		take_nap();
	}
	(void)unlink(path);
	return CF_OK;
}

/*
 * Lock the directory of a socket file: between bind() and listen() the socket
 * does not answer, and another master would remove the file as stale. Other
 * programs may hold such a lock for long, so the wait has an end.
 *
 * returns  a descriptor that holds the lock; -1 without the lock
 */
static int lock_parent(const char *path)
{
	char dir[PATH_MAX];
	int fd;

	file_parent(path, dir, sizeof(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB); i++) {
		if (i < LOCK_NAPS) {
			take_nap();
			continue;
		}
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static enum cf_status listen_unix(const char *path, unsigned mode, int *fd,
				  struct prefork_file *file,
				  struct cf_error *err)
{
	union address addr = {.path = {.sun_family = AF_UNIX}};
	size_t max = sizeof(addr.path.sun_path);
	struct stat st;
	enum cf_status rc;
	int lock_fd;

	if (!path[0] || strlen(path) >= max)
		return cf_fail(err, CF_CONFIG,
			       "--listen unix:%.60s: the path must have 1 to "
			       "%zu bytes",
			       path, max - 1);
	memcpy(addr.path.sun_path, path, strlen(path) + 1);
	lock_fd = lock_parent(path);
	rc = remove_stale(&addr, err);
	if (!rc)
		rc = bind_and_listen(&addr, sizeof(addr.path), path, fd, err);
	if (!rc && (chmod(path, mode) || lstat(path, &st))) {
		rc = cf_fail(err, CF_IO,
			     "--listen unix:%s: cannot set mode "
			     "%o: %s",
			     path, mode, strerror(errno));
		(void)unlink(path);
	}
	if (!rc)
		*file = (struct prefork_file){path, st.st_dev, st.st_ino};
	if (lock_fd >= 0)
		(void)close(lock_fd);
	return rc;
}

/* Read "127.0.0.1:9000" or "[::1]:9000".
 * returns  how many bytes of addr are used; 0 for another text */
static socklen_t parse_inet(const char *text, union address *addr)
{
	const char *colon = strrchr(text, ':');
	int64_t port = colon ? text_parse_decimal(str_from(colon + 1)) : 0;
	size_t len = colon ? (size_t)(colon - text) : 0;
	char host[64] = "";

	if (port < 1 || port > 65535 || !len || len >= sizeof(host))
		return 0;
	memcpy(host, text, len);
	if (inet_pton(AF_INET, host, &addr->v4.sin_addr) == 1) {
		addr->v4.sin_family = AF_INET;
		addr->v4.sin_port = htons((uint16_t)port);
		return sizeof(addr->v4);
	}
	if (host[0] != '[' || host[len - 1] != ']')
		return 0;
	host[len - 1] = '\0';
	addr->v6.sin6_family = AF_INET6;
	addr->v6.sin6_port = htons((uint16_t)port);
	return inet_pton(AF_INET6, host + 1, &addr->v6.sin6_addr) == 1
		       ? sizeof(addr->v6)
		       : 0;
}

static enum cf_status listen_inet(const char *text,
				  const struct net_list *peers, int *fd,
				  struct cf_error *err)
{
	union address addr = {.storage = {.ss_family = AF_UNSPEC}};
	socklen_t len = parse_inet(text, &addr);
	enum cf_status rc;

	if (!len)
		return cf_fail(err, CF_CONFIG,
			       "--listen %.80s: must be unix:/path, "
			       "127.0.0.1:port, [::1]:port or systemd",
			       text);
	rc = check_reach(&addr, text, peers, err);
	return rc ? rc : bind_and_listen(&addr, len, text, fd, err);
}

static enum cf_status listen_systemd(const struct net_list *peers, int *fd,
				     struct cf_error *err)
{
	union address addr;
	socklen_t len = sizeof(addr);
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	if (!pid || !n || strtol(pid, NULL, 10) != (long)getpid() ||
	    strtol(n, NULL, 10) != 1 || !loop_is_listening(SYSTEMD_FD))
		return cf_fail(err, CF_CONFIG,
			       "--listen systemd: systemd passed no socket; "
			       "start the .socket unit, not the program");
	*fd = SYSTEMD_FD;
	(void)fcntl(SYSTEMD_FD, F_SETFD, FD_CLOEXEC);
	if (getsockname(SYSTEMD_FD, &addr.any, &len))
		return cf_fail(err, CF_IO, "--listen systemd: %s",
			       strerror(errno));
	return check_reach(&addr, "systemd", peers, err);
}

enum cf_status prefork_listen(const char *address, unsigned mode,
			      const struct net_list *peers, int *fd,
			      struct prefork_file *file, struct cf_error *err)
{
	enum cf_status rc;

	*fd = -1;
	*file = (struct prefork_file){.path = NULL};
	if (!strcmp(address, "systemd"))
		rc = listen_systemd(peers, fd, err);
	else if (!strncmp(address, "unix:", 5))
		rc = listen_unix(address + 5, mode, fd, file, err);
	else
		rc = listen_inet(address, peers, fd, err);
	if (rc && *fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
	return rc;
}

void prefork_remove(const struct prefork_file *file)
{
	struct stat st;

	if (file->path && !lstat(file->path, &st) && st.st_dev == file->dev &&
	    st.st_ino == file->ino)
		(void)unlink(file->path);
}

/* --- the workers ---------------------------------------------------------- */

/* The time between a failure and the next try. Zeroed: none. */
struct pause {
	int64_t ms;
	int64_t since_mono_ms;
};

/* In memory that master and workers share. */
struct prefork_worker {
	_Atomic bool is_serving;
	_Atomic unsigned n_beats;
};

struct worker {
	pid_t pid; /* 0: none now */
	struct prefork_worker *shared;
	bool is_serving; /* as seen by look() */
	int64_t started_mono_ms;
	bool is_told; /* to end, by the master */
	int64_t told_mono_ms;
	unsigned generation; /* of the settings that it has read */
	struct pause pause;  /* after a short life */
	unsigned n_beats;    /* at the last watch */
	int n_silent;	     /* watches without a beat */
};

struct master {
	const struct prefork *prefork;
	struct worker worker[PREFORK_WORKERS_MAX];
	struct pause fork_pause; /* when the system refused a fork */
	unsigned generation;	 /* of the settings; SIGHUP makes a new one */
	int64_t watched_mono_ms;
	struct cf_error refused; /* why the last SIGHUP changed nothing */
	/* told to systemd */
	bool is_ready;
	char status[CF_ERROR_TEXT_BYTES + 64];
	int64_t watchdog_ms; /* 0: it does not watch */
	int64_t watchdog_mono_ms;
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

/* A long pause is for a service that is down as a whole. */
static bool is_over(const struct master *m, const struct pause *pause)
{
	int64_t ms = pause->ms;

	if (ms > RETRY_OTHERS_MS && n_alive(m) > 0)
		ms = RETRY_OTHERS_MS;
	return now_ms(m) - pause->since_mono_ms >= ms;
}

/*
 * Be a worker. The signals that the master waits for stay blocked until
 * loop_run() installs its handlers: a SIGTERM that comes earlier is pending
 * until then, and does not kill.
 */
static void live(const struct prefork *prefork, struct prefork_worker *me,
		 pid_t parent)
{
	/* end with a master that is killed */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);
	_exit(prefork->work(prefork->ctx, prefork->listen_fd, me));
}

void prefork_serves(struct prefork_worker *me)
{
	if (me)
		atomic_store(&me->is_serving, true);
}

void prefork_beat(struct prefork_worker *me)
{
	if (me)
		atomic_fetch_add(&me->n_beats, 1);
}

static void start_worker(struct master *m, struct worker *w)
{
	pid_t parent = getpid(), pid;
	int64_t now = now_ms(m);

	atomic_store(&w->shared->is_serving, false);
	pid = fork();
	if (pid == 0)
		live(m->prefork, w->shared, parent);
	if (pid < 0) {
		int sys_errno = errno;

		lengthen(m, &m->fork_pause);
		log_event(m->prefork->log, LOG_LEVEL_ERROR, "fork",
			  "errno=%d text=\"cannot start a worker: %s; trying "
			  "again\"",
			  sys_errno, strerror(sys_errno));
		return;
	}
	m->fork_pause = (struct pause){0};
	w->pid = pid;
	w->is_serving = false;
	w->started_mono_ms = now;
	w->is_told = false;
	w->n_silent = 0;
	w->generation = m->generation;
}

/* Start the missing workers whose pause is over. */
static void start_missing(struct master *m)
{
	for (int i = 0; i < m->prefork->n_workers; i++) {
		struct worker *w = &m->worker[i];

		if (!w->pid && is_over(m, &w->pause) &&
		    is_over(m, &m->fork_pause))
			start_worker(m, w);
	}
}

static void signal_workers(const struct master *m, int signo)
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

static void note_end(const struct master *m, struct worker *w, int status,
		     bool is_stopping)
{
	bool was_killed = WIFSIGNALED(status);

	if (!is_as_told(w, status) && !is_stopping)
		log_event(m->prefork->log, LOG_LEVEL_WARN, "worker-died",
			  "pid=%ld %s=%d text=\"starting another\"",
			  (long)w->pid, was_killed ? "signal" : "exit",
			  was_killed ? WTERMSIG(status) : WEXITSTATUS(status));
	if (!w->is_told && now_ms(m) - w->started_mono_ms < SHORT_LIFE_MS)
		lengthen(m, &w->pause);
	else
		w->pause = (struct pause){0};
	w->pid = 0;
}

static void reap(struct master *m, bool is_stopping)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < m->prefork->n_workers; i++)
			if (m->worker[i].pid == pid)
				note_end(m, &m->worker[i], status, is_stopping);
}

/* See once a round which workers serve. A worker that serves later in the round
 * is for the next round: all parts of a round must see the same, or the master
 * would wait without having acted on it. */
static void look(struct master *m)
{
	for (int i = 0; i < m->prefork->n_workers; i++)
		m->worker[i].is_serving =
			atomic_load(&m->worker[i].shared->is_serving);
}

static bool is_serving(const struct worker *w)
{
	return w->pid && w->is_serving;
}

/* The next worker to end because its settings are old: a worker that does not
 * serve yet, or any worker while all serve. NULL: no worker may end now. */
static struct worker *find_old(struct master *m)
{
	struct worker *old = NULL;
	bool all_serve = true;

	for (int i = 0; i < m->prefork->n_workers; i++) {
		struct worker *w = &m->worker[i];

		if (!w->pid || w->is_told)
			return NULL;
		if (w->generation != m->generation && (!old || !is_serving(w)))
			old = w;
		all_serve = all_serve && is_serving(w);
	}
	return old && (all_serve || !is_serving(old)) ? old : NULL;
}

/* After SIGHUP: end one worker with old settings. Its successor reads the new
 * settings. The next worker ends when the successor serves. */
static void replace_next(struct master *m)
{
	struct worker *old = find_old(m);

	if (!old)
		return;
	old->is_told = true;
	old->told_mono_ms = now_ms(m);
	(void)kill(old->pid, SIGTERM);
}

static void kill_late(const struct master *m)
{
	for (int i = 0; i < m->prefork->n_workers; i++) {
		const struct worker *w = &m->worker[i];

		if (w->pid && w->is_told &&
		    now_ms(m) - w->told_mono_ms >= REPLACE_PATIENCE_MS)
			(void)kill(w->pid, SIGKILL);
	}
}

/*
 * Kill each worker that serves and has not beaten in several watches. Watches
 * are counted, not time: a machine that stood still has had at most one, and
 * its workers get time to beat.
 */
static void watch(struct master *m)
{
	if (now_ms(m) - m->watched_mono_ms < WATCH_MS)
		return;
	m->watched_mono_ms = now_ms(m);
	for (int i = 0; i < m->prefork->n_workers; i++) {
		struct worker *w = &m->worker[i];
		unsigned n_beats = atomic_load(&w->shared->n_beats);

		w->n_silent = is_serving(w) && n_beats == w->n_beats
				      ? w->n_silent + 1
				      : 0;
		w->n_beats = n_beats;
		if (w->n_silent < SILENT_WATCHES)
			continue;
		if (w->n_silent == SILENT_WATCHES)
			log_event(m->prefork->log, LOG_LEVEL_ERROR,
				  "worker-hangs",
				  "pid=%ld text=\"no sign of life for %d s: "
				  "killing it\"",
				  (long)w->pid,
				  WATCH_MS / 1000 * SILENT_WATCHES);
		(void)kill(w->pid, SIGKILL);
	}
}

static void on_hup(struct master *m)
{
	struct cf_error *err = &m->refused;

	notify_reloading();
	m->is_ready = false;
	*err = (struct cf_error)CF_ERROR_INIT;
	if (m->prefork->check(m->prefork->ctx, err)) {
		log_error(m->prefork->log, LOG_LEVEL_ERROR, "reload-refused",
			  err);
		return;
	}
	m->generation++;
	/* check says that a worker can start now */
	for (int i = 0; i < m->prefork->n_workers; i++)
		m->worker[i].pause = (struct pause){0};
}

/* The next signal; -1 when there is none for so long. */
static int wait_signal(const sigset_t *signals, int64_t ms)
{
	const struct timespec timeout = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000 * 1000000),
	};

	return sigtimedwait(signals, NULL, &timeout);
}

static void stop_all(struct master *m, const sigset_t *signals)
{
	int64_t patience = now_ms(m) + STOP_PATIENCE_MS;

	signal_workers(m, SIGTERM);
	for (reap(m, true); n_alive(m); reap(m, true)) {
		if (now_ms(m) >= patience)
			signal_workers(m, SIGKILL);
		(void)wait_signal(signals, TICK_MS);
	}
}

/* The next signal; -1 when it is time to look at the workers. While a worker
 * does not serve yet or is to end, that is after a tick: no signal tells when
 * it serves, or when its time to end is over. */
static int next_signal(const struct master *m, const sigset_t *signals)
{
	int64_t ms = WATCH_MS;

	if (m->watchdog_ms && m->watchdog_ms < ms)
		ms = m->watchdog_ms;
	for (int i = 0; i < m->prefork->n_workers; i++)
		if (m->worker[i].is_told || !is_serving(&m->worker[i]))
			ms = TICK_MS;
	return wait_signal(signals, ms);
}

/* Tell systemd how many workers serve. It is ready when a worker has the
 * settings in force, and none has older settings. It is ready, too, when a new
 * worker fails: systemd would take no command before the reload is over. */
static void report(struct master *m)
{
	const char *why = m->refused.text; /* older settings are in force */
	char status[sizeof(m->status)];
	int n_serving = 0, n_old = 0;
	bool is_ready, one_fails = n_alive(m) < m->prefork->n_workers;

	for (int i = 0; i < m->prefork->n_workers; i++) {
		const struct worker *w = &m->worker[i];

		n_serving += is_serving(w);
		n_old += w->pid && w->generation != m->generation;
	}
	is_ready = m->is_ready || (n_serving > 0 && (n_old == 0 || one_fails));
	if (!why[0] && n_old && one_fails)
		why = "a new worker fails, see the log";
	(void)snprintf(status, sizeof(status), "%d of %d workers serve%s%s",
		       n_serving, m->prefork->n_workers,
		       why[0] ? ", with older settings: " : "", why);
	if (is_ready != m->is_ready || strcmp(status, m->status))
		notify_tell(is_ready && !m->is_ready ? "READY=1" : NULL,
			    status);
	m->is_ready = is_ready;
	memcpy(m->status, status, sizeof(status));
}

/* Tell systemd's watchdog that this master lives. */
static void calm_watchdog(struct master *m)
{
	if (!m->watchdog_ms || now_ms(m) - m->watchdog_mono_ms < m->watchdog_ms)
		return;
	m->watchdog_mono_ms = now_ms(m);
	notify_tell("WATCHDOG=1", NULL);
}

static void serve(struct master *m, const sigset_t *signals)
{
	for (;;) {
		int signo;

		look(m);
		start_missing(m);
		kill_late(m);
		watch(m);
		replace_next(m);
		report(m);
		calm_watchdog(m);
		signo = next_signal(m, signals);
		if (signo == SIGTERM || signo == SIGINT || signo == SIGUSR1)
			return;
		if (signo == SIGHUP)
			on_hup(m);
		if (signo == SIGUSR2) /* workers write heap snapshots */
			signal_workers(m, SIGUSR2);
		reap(m, false);
	}
}

enum cf_status prefork_run(const struct prefork *prefork, struct cf_error *err)
{
	static const int waited_for[] = {SIGTERM, SIGINT,  SIGUSR1,
					 SIGHUP,  SIGCHLD, SIGUSR2};
	size_t n_bytes =
		(size_t)prefork->n_workers * sizeof(struct prefork_worker);
	struct prefork_worker *shared =
		mmap(NULL, n_bytes, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct master m = {.prefork = prefork,
			   .refused = CF_ERROR_INIT,
			   .watchdog_ms = notify_watchdog_ms(),
			   .watched_mono_ms = clk_mono_ms(&prefork->clk)};
	sigset_t signals, inherited;
	enum cf_status rc;

	if (shared == MAP_FAILED)
		return cf_fail(err, CF_NOMEM, "no memory for %d workers: %s",
			       prefork->n_workers, strerror(errno));
	for (int i = 0; i < prefork->n_workers; i++)
		m.worker[i].shared = &shared[i];
	(void)sigemptyset(&signals);
	for (size_t i = 0; i < CF_ARRAY_LEN(waited_for); i++)
		(void)sigaddset(&signals, waited_for[i]);
	/* before check: a signal then must not leave a socket file behind */
	(void)sigprocmask(SIG_BLOCK, &signals, &inherited);
	rc = prefork->check(prefork->ctx, err);
	if (!rc) {
		serve(&m, &signals);
		notify_tell("STOPPING=1", "");
	}
	stop_all(&m, &signals);
	(void)sigprocmask(SIG_SETMASK, &inherited, NULL);
	(void)munmap(shared, n_bytes);
	return rc;
}
