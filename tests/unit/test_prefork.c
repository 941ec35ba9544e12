/*
 * prefork.c: a master in a child process, whose workers do what the test says.
 * They tell of events through a pipe, in order. The clock stands still until
 * the test moves it, so no test depends on how long a thing takes. The linker
 * puts __wrap_fork() in the place of fork(), and so on.
 */
#include "base/base.h"
#include "base/text.h"
#include "serve/prefork.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/temp_dir.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { TOO_LONG_S = 60 };

pid_t __real_fork(void);
pid_t __wrap_fork(void);
int __real_listen(int fd, int backlog);
int __wrap_listen(int fd, int backlog);
int __real_chmod(const char *path, mode_t mode);
int __wrap_chmod(const char *path, mode_t mode);
pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);
int __real_sigtimedwait(const sigset_t *signals, siginfo_t *info,
			const struct timespec *timeout);
int __wrap_sigtimedwait(const sigset_t *signals, siginfo_t *info,
			const struct timespec *timeout);
void __wrap_notify_tell(const char *state, const char *status);

enum event_kind {
	CHECKED,
	STARTED,
	SERVING,
	BEATEN,
	TOLD,
	ENDED,
	REFUSED,
	RESTS,
	READY,
	N_KINDS
};

struct event {
	enum event_kind kind;
	pid_t pid;
};

/* What the test and the processes of the service share. */
static struct stage {
	struct fake_clk clk;
	_Atomic int n_forks_to_refuse;
	_Atomic int n_lives_to_fail; /* they end at once, with exit code 1 */
	_Atomic int check_fails;
	_Atomic int gate_is_shut; /* workers wait before they serve */
	_Atomic int n_waits;	  /* of the master, for a signal */
	_Atomic int n_at_check;	  /* of these, before the last check */
	_Atomic int is_resting;	  /* in a long wait: there is nothing to do */
	_Atomic int tells_rest;	  /* before a long wait */
	_Atomic int tells_ready;  /* what the master tells systemd */
	/* a new worker starts to serve in the master's next report */
	_Atomic int is_late;
	_Atomic int n_late; /* started, and do not serve yet */
} * stage;

enum { PIDS_MAX = 5 };

static int events[2], gate[2];
static int n_workers;
static pid_t master;
static pid_t pids[PIDS_MAX]; /* that the script has given a number */

static void tell(enum event_kind kind, pid_t pid)
{
	struct event event = {.kind = kind, .pid = pid};

	if (write(events[1], &event, sizeof(event)) != sizeof(event))
		_exit(99);
}

pid_t __wrap_fork(void)
{
	pid_t pid;

	if (stage && stage->n_forks_to_refuse > 0) {
		stage->n_forks_to_refuse--;
		tell(REFUSED, 0);
		errno = EAGAIN;
		return -1;
	}
	pid = __real_fork();
	if (pid > 0 && stage && stage->is_late)
		atomic_fetch_add(&stage->n_late, 1);
	return pid;
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	pid_t ended = __real_waitpid(pid, status, options);

	if (ended > 0)
		tell(ENDED, ended);
	return ended;
}

/* The end of a round: what started to serve since its beginning must not be
 * forgotten in the long wait that follows. */
void __wrap_notify_tell(const char *state, const char *status)
{
	(void)status;
	if (stage->tells_ready && state && !strcmp(state, "READY=1"))
		tell(READY, 0);
	if (!stage->n_late)
		return;
	if (write(gate[1], "", 1) != 1)
		_exit(99);
	while (stage->n_late)
		(void)sched_yield();
}

int __wrap_sigtimedwait(const sigset_t *signals, siginfo_t *info,
			const struct timespec *timeout)
{
	int signo;

	if (!stage)
		return __real_sigtimedwait(signals, info, timeout);
	if (stage->tells_rest && timeout->tv_sec)
		tell(RESTS, 0);
	stage->is_resting = timeout->tv_sec > 0;
	stage->n_waits++;
	signo = __real_sigtimedwait(signals, info, timeout);
	stage->is_resting = 0;
	return signo;
}

/* A worker. It waits for SIGTERM as loop_run() does, and beats at SIGUSR1. */
static int work(void *ctx, int listen_fd, struct prefork_worker *me)
{
	bool is_shut = stage->gate_is_shut; /* the test may open it soon */
	bool is_late = stage->is_late;
	sigset_t waited_for;
	char byte;
	int signo;

	(void)ctx;
	(void)listen_fd;
	tell(STARTED, getpid());
	if (atomic_fetch_sub(&stage->n_lives_to_fail, 1) > 0)
		return 1;
	atomic_store(&stage->n_lives_to_fail, 0);
	if (is_shut && read(gate[0], &byte, 1) != 1)
		return 99;
	tell(SERVING, getpid());
	prefork_serves(me);
	if (is_late)
		atomic_fetch_sub(&stage->n_late, 1);
	(void)sigemptyset(&waited_for);
	(void)sigaddset(&waited_for, SIGTERM);
	(void)sigaddset(&waited_for, SIGUSR1);
	while (sigwait(&waited_for, &signo) == 0 && signo == SIGUSR1) {
		prefork_beat(me);
		tell(BEATEN, getpid());
	}
	tell(TOLD, getpid());
	return 0;
}

static enum cf_status check(void *ctx, struct cf_error *err)
{
	bool fails = stage->check_fails; /* the test may change it soon */

	(void)ctx;
	stage->n_at_check = stage->n_waits;
	tell(CHECKED, 0);
	return fails ? cf_fail(err, CF_CONFIG, "by the test") : CF_OK;
}

/* --- the steps of a script ------------------------------------------------ */

static struct event read_event(void)
{
	struct event event = {.pid = 0};

	assert_int_equal(read(events[0], &event, sizeof(event)), sizeof(event));
	return event;
}

static void assert_next(enum event_kind kind)
{
	assert_int_equal(read_event().kind, kind);
}

static void start(int64_t n)
{
	struct log log;
	struct prefork prefork = {.listen_fd = -1,
				  .n_workers = n_workers,
				  .log = &log,
				  .work = work,
				  .check = check};
	struct cf_error err = CF_ERROR_INIT;

	(void)n;
	master = __real_fork();
	assert_true(master >= 0);
	if (master)
		return;
	(void)alarm(TOO_LONG_S);
	log_init(&log, "test", LOG_LEVEL_ERROR, LOG_TO_STDERR);
	prefork.clk = fake_clk_get(&stage->clk);
	_exit(prefork_run(&prefork, &err) ? 1 : 0);
}

/* After CHECKED: until the master has done what a SIGHUP asks for, so that what
 * the script does next comes later. */
static void await_round(void)
{
	while (stage->n_waits == stage->n_at_check)
		(void)sched_yield();
}

/* Start, and wait until all workers serve and the master has seen it. */
static void serve(int64_t n)
{
	start(n);
	for (int i = 0; i < n_workers;) {
		struct event event = read_event();

		if (event.kind == SERVING)
			pids[i++ + 1] = event.pid;
	}
	while (!stage->is_resting)
		(void)sched_yield();
}

static void pass_gate(int64_t n)
{
	(void)n;
	assert_int_equal(write(gate[1], "", 1), 1);
}

static void reload(int64_t n)
{
	(void)n;
	assert_int_equal(kill(master, SIGHUP), 0);
	while (read_event().kind != CHECKED)
		;
	await_round();
}

static void kill_worker(int64_t n)
{
	assert_int_equal(kill(pids[n], SIGKILL), 0);
}

/* SIGTERM to a worker, or to the master. */
static void terminate(int64_t n)
{
	assert_int_equal(kill(n ? pids[n] : master, SIGTERM), 0);
}

static void beat(int64_t n)
{
	assert_int_equal(kill(pids[n], SIGUSR1), 0);
	assert_next(BEATEN);
}

/* Let the master go round, by a signal that means nothing to these workers. */
static void wake(int64_t n)
{
	(void)n;
	assert_int_equal(kill(master, SIGUSR2), 0);
}

static void wait_for_master(int64_t n)
{
	int status;

	(void)n;
	assert_int_equal(__real_waitpid(master, &status, 0), master);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	master = 0;
}

static void end_master(int64_t n)
{
	terminate(0);
	wait_for_master(n);
}

/* Let the master go round twice: no worker starts. */
static void assert_quiet(int64_t n)
{
	(void)n;
	atomic_store(&stage->check_fails, 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(kill(master, SIGHUP), 0);
		assert_next(CHECKED);
		await_round();
	}
	atomic_store(&stage->check_fails, 0);
}

/* A worker starts after so many ms and not before, and fails. */
static void fail_after(int64_t ms)
{
	fake_clk_forward(&stage->clk, ms - 1);
	assert_quiet(0);
	atomic_store(&stage->n_lives_to_fail, 1);
	fake_clk_forward(&stage->clk, 1);
	assert_next(STARTED);
	assert_next(ENDED);
	assert_quiet(0);
}

static const struct {
	const char *word;
	void (*run)(int64_t n);
} steps[] = {
	{"start", start},
	{"serve", serve},
	{"fail-after", fail_after},
	{"pass", pass_gate},
	{"reload", reload},
	{"kill", kill_worker},
	{"term", terminate},
	{"beat", beat},
	{"wake", wake},
	{"wait", wait_for_master},
	{"stop", end_master},
	{"quiet", assert_quiet},
};

/* Set a number of the stage; false if there is no such number. */
static bool set_number(struct str word, int64_t n)
{
	const struct {
		const char *word;
		_Atomic int *number;
	} numbers[] = {
		{"fail", &stage->n_lives_to_fail},
		{"refuse", &stage->n_forks_to_refuse},
		{"shut", &stage->gate_is_shut},
		{"late", &stage->is_late},
		{"tell-rest", &stage->tells_rest},
		{"tell-ready", &stage->tells_ready},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(numbers); i++)
		if (str_eq(word, numbers[i].word)) {
			atomic_store(numbers[i].number, (int)n);
			return true;
		}
	return false;
}

static const char *const kinds[N_KINDS] = {"checked", "started", "serving",
					   "beaten",  "told",	 "ended",
					   "refused", "rests",	 "ready"};

/* Expect an event next, or with ~ later. With a number its process gets that
 * number, or must have it. False if there is no such event. */
static bool expect(struct str word, int64_t n)
{
	bool is_later = str_starts(word, "~");

	if (is_later)
		word = (struct str){word.ptr + 1, word.len - 1};
	for (int kind = 0; kind < N_KINDS; kind++) {
		struct event event;

		if (!str_eq(word, kinds[kind]))
			continue;
		do {
			event = read_event();
		} while (is_later && (int)event.kind != kind);
		assert_int_equal(event.kind, kind);
		if (n && pids[n])
			assert_int_equal(event.pid, pids[n]);
		if (n)
			pids[n] = event.pid;
		return true;
	}
	return false;
}

static void run_step(struct str step)
{
	struct str word = text_cut(&step, ':');
	int64_t n = text_parse_decimal(step);

	if (str_starts(word, "+")) {
		fake_clk_forward(&stage->clk,
				 text_parse_decimal(
					 (struct str){word.ptr + 1,
						      word.len - 1}));
		return;
	}
	for (size_t i = 0; i < CF_ARRAY_LEN(steps); i++)
		if (str_eq(word, steps[i].word)) {
			steps[i].run(n);
			return;
		}
	assert_true(set_number(word, n) || expect(word, n));
}

static void make_stage(void)
{
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(stage != MAP_FAILED);
	assert_int_equal(pipe(events) | pipe(gate), 0);
	fake_clk_init(&stage->clk);
	memset(pids, 0, sizeof(pids));
}

static void clear_stage(void)
{
	for (int i = 0; i < 2; i++) {
		(void)close(events[i]);
		(void)close(gate[i]);
	}
	(void)munmap(stage, sizeof(*stage));
	stage = NULL;
}

/* +N moves the clock by N ms. */
static const struct {
	const char *name;
	int n_workers;
	const char *script;
} scripts[] = {
	/* workers that die */
	{"workers start and end with their master", 3,
	 "serve stop ~told ~told ~told"},
	{"a worker that lived for a second is replaced at once", 2,
	 "serve +1000 kill:1 ended:1 started"},
	{"after a short life there is a pause", 1,
	 "serve +999 kill:1 ended quiet +249 quiet +1 started serving"},
	{"the pause grows to eight seconds when no worker lives", 1,
	 "fail:1 start checked started ended quiet fail-after:250 "
	 "fail-after:500 fail-after:1000 fail-after:2000 fail-after:4000 "
	 "fail-after:8000 fail-after:8000"},
	{"the pause is a second at most while another lives", 2,
	 "serve +1000 fail:1 kill:2 ended started ended quiet fail-after:250 "
	 "fail-after:500 fail-after:1000 fail-after:1000 fail-after:1000 "
	 "fail-after:1000 fail-after:1000"},
	{"a worker that fails does not delay another", 3,
	 "serve +1000 fail:1 kill:1 ended started ended quiet kill:2 ended "
	 "started serving"},
	{"after a long life there is no pause", 1,
	 "fail:1 start checked started ended quiet fail-after:250 +500 started "
	 "serving:1 +1000 kill:1 ended started"},
	{"a fork that fails is tried again", 1,
	 "refuse:2 start checked refused quiet +249 quiet +1 refused quiet "
	 "+499 quiet +1 started serving"},
	{"after a fork that failed all workers start", 3,
	 "refuse:1 start checked refused quiet +250 ~serving ~serving "
	 "~serving"},

	/* workers that hang */
	{"a worker without a sign of life for a minute is killed", 2,
	 "serve beat:1 beat:2 +15000 quiet +15000 quiet +15000 quiet +15000 "
	 "beat:1 quiet +14999 quiet +1 wake ended:2 started serving quiet"},
	{"a worker that beats once a minute lives", 1,
	 "serve beat:1 +15000 quiet +15000 quiet +15000 quiet +15000 beat:1 "
	 "quiet +15000 quiet +15000 quiet +15000 quiet +15000 beat:1 quiet"},
	{"a machine that stood still is no reason to kill", 2,
	 "serve beat:1 beat:2 +3600000 quiet +3600000 quiet +3600000 quiet"},
	{"a worker that does not serve yet is not watched", 1,
	 "shut:1 start checked started +15000 quiet +15000 quiet +15000 quiet "
	 "+15000 quiet +15000 quiet shut:0 pass serving"},

	/* SIGHUP */
	{"a reload replaces each worker once", 3,
	 "serve reload told ended started serving told ended started serving "
	 "told ended started serving quiet"},
	{"a reload that check refuses replaces no worker", 2, "serve quiet"},
	{"no worker is older than the second of two reloads", 3,
	 "serve shut:1 reload told ended started:4 reload shut:0 pass serving:4 "
	 "told:4 ended started serving told ended started serving told ended "
	 "started serving quiet"},
	{"a worker that serves late in a round does not delay a reload", 2,
	 "serve tell-rest:1 late:1 shut:1 reload told ended started serving "
	 "told ended started serving rests"},
	{"a death during a reload does not end it", 3,
	 "serve fail:1 reload told ended started ended quiet +250 ~serving "
	 "~serving ~serving quiet"},
	{"systemd is not kept waiting for a reload whose worker fails", 3,
	 "serve tell-ready:1 fail:1 reload told ended started ended ready "
	 "tell-ready:0 +250 ~serving ~serving ~serving quiet"},
	{"a worker that does not end is killed", 1,
	 "shut:1 start checked started:1 reload quiet +29999 quiet shut:0 +1 "
	 "ended:1 started serving"},
	{"a SIGTERM before a worker serves is kept until then", 1,
	 "shut:1 start checked started:1 term term:1 pass serving told:1 wait"},
};

static void workers_follow_their_master(void **state)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(scripts); i++) {
		struct str script = str_from(scripts[i].script);

		print_message("           %s\n", scripts[i].name);
		(void)alarm(TOO_LONG_S);
		n_workers = scripts[i].n_workers;
		make_stage();
		while (script.len)
			run_step(text_cut(&script, ' '));
		if (master)
			end_master(0);
		clear_stage();
		(void)alarm(0);
	}
}

/* --- the socket ----------------------------------------------------------- */

/* Open the socket of --listen and close it again. */
static enum cf_status listen_at(const char *address,
				const struct net_list *peers,
				struct cf_error *err)
{
	struct prefork_file file;
	int fd;
	enum cf_status rc;

	*err = (struct cf_error)CF_ERROR_INIT;
	rc = prefork_listen(address, 0600, peers, &fd, &file, err);
	if (!rc)
		(void)close(fd);
	else
		assert_int_equal(fd, -1);
	assert_null(file.path);
	return rc;
}

/* A free port. */
static int find_port(void)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	(void)close(fd);
	return ntohs(addr.sin_port);
}

#define NEEDS_PEERS "FCGI_WEB_SERVER_ADDRS"

static void addresses_are_checked(void **state)
{
	static const struct {
		const char *address;
		const char *peers;
		const char *why; /* NULL: it is taken, with a free port */
	} cases[] = {
		{"", NULL, "must be"},
		{"127.0.0.1", NULL, "must be"},
		{"127.0.0.1:", NULL, "must be"},
		{"127.0.0.1:0", NULL, "must be"},
		{"127.0.0.1:9x", NULL, "must be"},
		{":9000", NULL, "must be"},
		{"[::1]", NULL, "must be"},
		{"[::1]:65536", NULL, "must be"},
		{"::1:9000", NULL, "must be"},
		{"[::1:9000", NULL, "must be"},
		{"host:9000", NULL, "must be"},
		{"unix:", NULL, "must have"},
		{"0.0.0.0:9", NULL, NEEDS_PEERS},
		{"[::]:9", NULL, NEEDS_PEERS},
		{"192.0.2.1:9", NULL, NEEDS_PEERS},
		{"[2001:db8::1]:9", NULL, NEEDS_PEERS},
		{"[::ffff:192.0.2.1]:9", NULL, NEEDS_PEERS},
		{"0.0.0.0", "192.0.2.7", NULL},
		{"127.0.0.1", NULL, NULL},
		{"127.9.9.9", NULL, NULL},
	};
	struct net_list list;
	struct cf_error err;
	char address[64];

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		const char *peers = cases[i].peers;

		if (cases[i].why)
			(void)snprintf(address, sizeof(address), "%s",
				       cases[i].address);
		else
			(void)snprintf(address, sizeof(address), "%s:%d",
				       cases[i].address, find_port());
		if (peers)
			assert_ok(net_list_parse(&list, peers, &err), &err);
		assert_status(listen_at(address, peers ? &list : NULL, &err),
			      cases[i].why ? CF_CONFIG : CF_OK, &err);
		if (cases[i].why) {
			assert_has(err.text, address);
			assert_has(err.text, cases[i].why);
		}
	}
}

static char run_dir[TEMP_PATH_BYTES];
static char unix_address[TEMP_PATH_BYTES + 8];
static int n_listens;
static bool chmod_fails;

static int make_run_dir(void **state)
{
	n_listens = 0;
	chmod_fails = false;
	temp_dir_make(run_dir);
	(void)snprintf(unix_address, sizeof(unix_address), "unix:%s/s",
		       run_dir);
	return 0;
}

static int remove_run_dir(void **state)
{
	temp_dir_remove(run_dir);
	run_dir[0] = '\0';
	return 0;
}

static int listen_at_file(struct prefork_file *file)
{
	struct cf_error err = CF_ERROR_INIT;
	int fd;

	assert_ok(prefork_listen(unix_address, 0600, NULL, &fd, file, &err),
		  &err);
	return fd;
}

/* Whether another descriptor has locked the directory. */
static bool is_locked(void)
{
	int fd = open(run_dir, O_RDONLY | O_DIRECTORY);
	bool is_held = flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;

	(void)close(fd);
	return is_held;
}

int __wrap_listen(int fd, int backlog)
{
	if (run_dir[0] && !is_locked())
		return -1;
	n_listens++;
	return __real_listen(fd, backlog);
}

/* Until a socket file answers, it looks as if its master had died. */
static void no_other_master_starts_between_bind_and_listen(void **state)
{
	struct prefork_file file;
	struct cf_error err;
	int fd = listen_at_file(&file);

	assert_int_equal(n_listens, 1);
	assert_false(is_locked());
	assert_status(listen_at(unix_address, NULL, &err), CF_CONFIG, &err);
	assert_has(err.text, "another process listens there");
	(void)close(fd);
}

int __wrap_chmod(const char *path, mode_t mode)
{
	if (chmod_fails) {
		errno = EPERM;
		return -1;
	}
	return __real_chmod(path, mode);
}

static void a_socket_file_without_its_mode_is_removed(void **state)
{
	struct cf_error err;

	chmod_fails = true;
	assert_status(listen_at(unix_address, NULL, &err), CF_IO, &err);
	assert_has(err.text, "cannot set mode 600");
	assert_int_equal(temp_count(run_dir), 0);
}

static void a_socket_file_of_another_master_is_not_removed(void **state)
{
	struct prefork_file first, second;
	int fds[2];

	fds[0] = listen_at_file(&first);
	assert_int_equal(unlink(first.path), 0);
	fds[1] = listen_at_file(&second);
	prefork_remove(&first);
	assert_true(temp_exists(second.path));
	prefork_remove(&second);
	assert_false(temp_exists(second.path));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* In a child process, with the socket at the descriptor of systemd. */
static int listen_by_systemd(const char *host, const struct net_list *peers)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	struct cf_error err;
	int fd, status;
	char number[16];
	pid_t pid = __real_fork();

	assert_true(pid >= 0);
	if (pid) {
		assert_int_equal(__real_waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		return WEXITSTATUS(status);
	}
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (inet_pton(AF_INET, host, &addr.sin_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1) ||
	    dup2(fd, 3) != 3)
		_exit(99);
	(void)snprintf(number, sizeof(number), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", number, 1);
	(void)setenv("LISTEN_FDS", "1", 1);
	_exit((int)listen_at("systemd", peers, &err));
}

static void a_socket_of_systemd_is_checked_too(void **state)
{
	struct net_list list = {.n = 0};

	assert_int_equal(listen_by_systemd("127.0.0.1", NULL), CF_OK);
	assert_int_equal(listen_by_systemd("0.0.0.0", NULL), CF_CONFIG);
	assert_int_equal(listen_by_systemd("0.0.0.0", &list), CF_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_follow_their_master),
		cmocka_unit_test(addresses_are_checked),
		cmocka_unit_test_setup_teardown(
			no_other_master_starts_between_bind_and_listen,
			make_run_dir, remove_run_dir),
		cmocka_unit_test_setup_teardown(
			a_socket_file_without_its_mode_is_removed, make_run_dir,
			remove_run_dir),
		cmocka_unit_test_setup_teardown(
			a_socket_file_of_another_master_is_not_removed,
			make_run_dir, remove_run_dir),
		cmocka_unit_test(a_socket_of_systemd_is_checked_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
