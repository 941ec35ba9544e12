/*
 * prefork.c: a master in a child process, whose workers do what the case
 * says. They tell of what happens by a pipe, in order, and the clock stands
 * still until the case moves it: no case depends on how long a thing takes.
 * The linker puts __wrap_fork() in the place of fork(), and so on.
 */
#include "base/base.h"
#include "serve/prefork.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/temp_dir.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { TOO_LONG_S = 60 };

pid_t __real_fork(void);
pid_t __wrap_fork(void);
int __real_listen(int fd, int backlog);
int __wrap_listen(int fd, int backlog);
pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);

enum what {
	CHECKED,
	STARTED,
	SERVING,
	TOLD,
	ENDED,
	FORK_REFUSED,
};

struct event {
	enum what what;
	pid_t pid;
};

/* What the case and the processes of the service share. */
static struct stage {
	struct fake_clk clk;
	_Atomic int n_forks_to_refuse;
	_Atomic int n_lives_to_fail; /* they end at once, with exit code 1 */
	_Atomic int check_fails;
	_Atomic int gate_is_shut; /* workers stay in the opening of parts */
} *stage;

static int events[2], gate[2];
static pid_t master;

static void tell(enum what what, pid_t pid)
{
	struct event event = {.what = what, .pid = pid};

	if (write(events[1], &event, sizeof(event)) != sizeof(event))
		_exit(99);
}

pid_t __wrap_fork(void)
{
	if (stage && stage->n_forks_to_refuse > 0) {
		stage->n_forks_to_refuse--;
		tell(FORK_REFUSED, 0);
		errno = EAGAIN;
		return -1;
	}
	return __real_fork();
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	pid_t ended = __real_waitpid(pid, status, options);

	if (ended > 0)
		tell(ENDED, ended);
	return ended;
}

/* A worker: it opens its parts, then it hears SIGTERM as loop_run() does. */
static int work(void *ctx, int listen_fd, struct prefork_worker *me)
{
	bool is_shut = stage->gate_is_shut; /* before the case goes on */
	sigset_t heard;
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
	(void)sigemptyset(&heard);
	(void)sigaddset(&heard, SIGTERM);
	(void)sigwait(&heard, &signo);
	tell(TOLD, getpid());
	return 0;
}

static enum cf_status check(void *ctx, struct cf_error *err)
{
	bool fails = stage->check_fails; /* before the case goes on */

	(void)ctx;
	tell(CHECKED, 0);
	return fails ? cf_fail(err, CF_CONFIG, "by the case") : CF_OK;
}

/* --- the case ------------------------------------------------------------- */

static pid_t next(enum what what)
{
	struct event event = {.pid = 0};

	assert_int_equal(read(events[0], &event, sizeof(event)),
			 sizeof(event));
	assert_int_equal(event.what, what);
	return event.pid;
}

/* The next event of this kind, whatever comes before it. */
static pid_t await(enum what what)
{
	struct event event = {.pid = 0};

	do {
		assert_int_equal(read(events[0], &event, sizeof(event)),
				 sizeof(event));
	} while (event.what != what);
	return event.pid;
}

static void start(int n_workers)
{
	struct log log;
	struct prefork prefork = {.listen_fd = -1,
				  .n_workers = n_workers,
				  .log = &log,
				  .work = work,
				  .check = check};
	struct cf_error err = CF_ERROR_INIT;

	master = __real_fork();
	assert_true(master >= 0);
	if (master)
		return;
	(void)alarm(TOO_LONG_S);
	log_init(&log, "test", LOG_LEVEL_ERROR, LOG_TO_STDERR);
	prefork.clk = fake_clk_get(&stage->clk);
	_exit(prefork_run(&prefork, &err) ? 1 : 0);
}

/* The first workers serve: their numbers. */
static void start_serving(int n_workers, pid_t *pids)
{
	start(n_workers);
	for (int i = 0; i < n_workers; i++)
		pids[i] = await(SERVING);
}

static void forward(int64_t ms)
{
	fake_clk_forward(&stage->clk, ms);
}

static void hup(void)
{
	assert_int_equal(kill(master, SIGHUP), 0);
	(void)await(CHECKED);
}

/* The master looks at everything at least once, and no worker starts. */
static void nothing_starts(void)
{
	atomic_store(&stage->check_fails, 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(kill(master, SIGHUP), 0);
		(void)next(CHECKED);
	}
	atomic_store(&stage->check_fails, 0);
}

/* A worker ends now, and the master has seen to what follows from that. */
static void ends(pid_t pid)
{
	if (pid)
		(void)kill(pid, SIGKILL);
	(void)next(ENDED);
}

static void stop(void)
{
	int status;

	assert_int_equal(kill(master, SIGTERM), 0);
	assert_int_equal(__real_waitpid(master, &status, 0), master);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int set_up(void **state)
{
	(void)state;
	(void)alarm(TOO_LONG_S);
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stage == MAP_FAILED || pipe(events) || pipe(gate))
		return -1;
	fake_clk_init(&stage->clk);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)alarm(0);
	for (int i = 0; i < 2; i++) {
		(void)close(events[i]);
		(void)close(gate[i]);
	}
	return munmap(stage, sizeof(*stage));
}

/* --- workers that die ----------------------------------------------------- */

static void workers_start_and_end_with_their_master(void **state)
{
	pid_t pids[3];

	(void)state;
	start_serving(3, pids);
	stop();
	for (int i = 0; i < 3; i++)
		(void)await(TOLD);
}

static void a_worker_that_lived_is_replaced_at_once(void **state)
{
	pid_t pids[2];

	(void)state;
	start_serving(2, pids);
	forward(1000);
	ends(pids[0]);
	assert_int_not_equal(next(STARTED), pids[0]);
	stop();
}

static void a_short_life_calls_for_a_pause(void **state)
{
	pid_t pid;

	(void)state;
	start_serving(1, &pid);
	forward(999);
	ends(pid);
	nothing_starts();
	forward(249);
	nothing_starts();
	forward(1);
	(void)next(STARTED);
	(void)next(SERVING);
	stop();
}

/* A worker starts and ends at once. */
static void life_fails(void)
{
	(void)next(STARTED);
	(void)next(ENDED);
	nothing_starts();
}

/* After a pause of this length, and not before. */
static void fail_again(int64_t pause_ms)
{
	forward(pause_ms - 1);
	nothing_starts();
	atomic_store(&stage->n_lives_to_fail, 1);
	forward(1);
	life_fails();
}

static void the_pause_grows_to_eight_seconds_when_none_lives(void **state)
{
	(void)state;
	atomic_store(&stage->n_lives_to_fail, 1);
	start(1);
	(void)next(CHECKED);
	life_fails();
	for (int64_t ms = 250; ms < 8000; ms *= 2)
		fail_again(ms);
	fail_again(8000);
	fail_again(8000);
	stop();
}

static void the_pause_is_a_second_at_most_while_another_lives(void **state)
{
	pid_t pids[2];

	(void)state;
	start_serving(2, pids);
	forward(1000);
	atomic_store(&stage->n_lives_to_fail, 1);
	ends(pids[1]);
	life_fails();
	fail_again(250);
	fail_again(500);
	for (int i = 0; i < 5; i++)
		fail_again(1000);
	stop();
}

static void a_worker_that_fails_holds_up_no_other(void **state)
{
	pid_t pids[3];

	(void)state;
	start_serving(3, pids);
	forward(1000);
	atomic_store(&stage->n_lives_to_fail, 1);
	ends(pids[0]);
	life_fails();
	ends(pids[1]);
	(void)next(STARTED);
	(void)next(SERVING);
	stop();
}

static void after_a_long_life_the_pause_is_forgotten(void **state)
{
	pid_t pid;

	(void)state;
	atomic_store(&stage->n_lives_to_fail, 1);
	start(1);
	(void)next(CHECKED);
	life_fails();
	fail_again(250);
	forward(500);
	(void)next(STARTED);
	pid = next(SERVING);
	forward(1000);
	ends(pid);
	(void)next(STARTED);
	stop();
}

static void a_fork_that_fails_is_tried_again(void **state)
{
	(void)state;
	atomic_store(&stage->n_forks_to_refuse, 2);
	start(1);
	(void)next(CHECKED);
	(void)next(FORK_REFUSED);
	nothing_starts();
	forward(249);
	nothing_starts();
	forward(1);
	(void)next(FORK_REFUSED);
	nothing_starts();
	forward(499);
	nothing_starts();
	forward(1);
	(void)next(STARTED);
	(void)next(SERVING);
	stop();
}

static void a_fork_that_fails_is_tried_for_the_others_after_the_pause(
	void **state)
{
	(void)state;
	atomic_store(&stage->n_forks_to_refuse, 1);
	start(3);
	(void)next(CHECKED);
	(void)next(FORK_REFUSED);
	nothing_starts();
	forward(250);
	for (int i = 0; i < 3; i++)
		(void)await(SERVING);
	stop();
}

static void is_replaced(void)
{
	(void)next(TOLD);
	(void)next(ENDED);
	(void)next(STARTED);
	(void)next(SERVING);
}

/* --- SIGHUP --------------------------------------------------------------- */

static void a_reload_replaces_each_worker_once(void **state)
{
	pid_t pids[3];

	(void)state;
	start_serving(3, pids);
	hup();
	for (int i = 0; i < 3; i++)
		is_replaced();
	nothing_starts();
	stop();
}

static void settings_that_are_wrong_replace_nobody(void **state)
{
	pid_t pids[2];

	(void)state;
	start_serving(2, pids);
	nothing_starts();
	stop();
}

/* The successor of the first worker is opening its parts, with settings that
 * the second SIGHUP makes old. */
static void no_worker_is_older_than_the_second_of_two_reloads(void **state)
{
	static const char bytes[2];
	pid_t pids[3], early;

	(void)state;
	start_serving(3, pids);
	atomic_store(&stage->gate_is_shut, 1);
	hup();
	(void)next(TOLD);
	(void)next(ENDED);
	early = next(STARTED);
	hup();
	atomic_store(&stage->gate_is_shut, 0);
	assert_int_equal(write(gate[1], bytes, 1), 1);
	assert_int_equal(next(SERVING), early);
	assert_int_equal(next(TOLD), early);
	(void)next(ENDED);
	(void)next(STARTED);
	(void)next(SERVING);
	for (int i = 1; i < 3; i++)
		is_replaced();
	nothing_starts();
	stop();
}

static void a_death_during_a_reload_does_not_end_it(void **state)
{
	pid_t pids[3];

	(void)state;
	start_serving(3, pids);
	atomic_store(&stage->n_lives_to_fail, 1);
	hup();
	(void)next(TOLD);
	(void)next(ENDED);
	life_fails();
	forward(250);
	for (int i = 0; i < 3; i++)
		(void)await(SERVING);
	nothing_starts();
	stop();
}

static void a_worker_that_does_not_end_is_killed(void **state)
{
	pid_t stuck;

	(void)state;
	atomic_store(&stage->gate_is_shut, 1);
	start(1);
	(void)next(CHECKED);
	stuck = next(STARTED);
	hup();
	nothing_starts();
	forward(29999);
	nothing_starts();
	atomic_store(&stage->gate_is_shut, 0);
	forward(1);
	assert_int_equal(next(ENDED), stuck);
	(void)next(STARTED);
	(void)next(SERVING);
	stop();
}

/* It would die of SIGTERM if its signals were not blocked. */
static void a_worker_that_opens_its_parts_hears_of_the_end_later(void **state)
{
	static const char byte;
	pid_t pid;
	int status;

	(void)state;
	atomic_store(&stage->gate_is_shut, 1);
	start(1);
	(void)next(CHECKED);
	pid = next(STARTED);
	assert_int_equal(kill(master, SIGTERM), 0);
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(write(gate[1], &byte, 1), 1);
	(void)next(SERVING);
	(void)next(TOLD);
	assert_int_equal(__real_waitpid(master, &status, 0), master);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* --- the socket ----------------------------------------------------------- */

/* What comes of --listen; nothing listens then. */
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

/* A port that is free now. */
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

static void an_address_that_is_none_is_refused(void **state)
{
	static const char *const addresses[] = {
		"",	    "127.0.0.1",  "127.0.0.1:",	 "127.0.0.1:0",
		":9000",    "[::1]",	  "[::1]:65536", "::1:9000",
		"[::1:9000", "host:9000", "127.0.0.1:9x", "unix:"};
	struct cf_error err;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(addresses); i++) {
		assert_status(listen_at(addresses[i], NULL, &err), CF_CONFIG,
			      &err);
		assert_has(err.text, "must ");
	}
}

static void other_machines_need_a_list_of_those_that_may_connect(void **state)
{
	static const char *const hosts[] = {"0.0.0.0", "[::]", "192.0.2.1",
					    "[2001:db8::1]",
					    "[::ffff:192.0.2.1]"};
	struct net_list list;
	struct cf_error err;
	char address[64];

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(hosts); i++) {
		(void)snprintf(address, sizeof(address), "%s:9", hosts[i]);
		assert_status(listen_at(address, NULL, &err), CF_CONFIG, &err);
		assert_has(err.text, address);
		assert_has(err.text, "FCGI_WEB_SERVER_ADDRS");
	}
	assert_ok(net_list_parse(&list, "192.0.2.7", &err), &err);
	(void)snprintf(address, sizeof(address), "0.0.0.0:%d", find_port());
	assert_ok(listen_at(address, &list, &err), &err);
}

static void this_machine_needs_none(void **state)
{
	struct cf_error err;
	char address[64];

	(void)state;
	(void)snprintf(address, sizeof(address), "127.0.0.1:%d", find_port());
	assert_ok(listen_at(address, NULL, &err), &err);
	(void)snprintf(address, sizeof(address), "127.9.9.9:%d", find_port());
	assert_ok(listen_at(address, NULL, &err), &err);
}

static char run_dir[TEMP_PATH_BYTES];
static int n_listens;

/* Whether the directory is locked, by another descriptor. */
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

/* Until a socket file answers, it looks as if its master were gone. */
static void nobody_else_starts_between_bind_and_listen(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	char address[TEMP_PATH_BYTES + 8];
	struct prefork_file file;
	int fd;

	(void)state;
	n_listens = 0;
	temp_dir_make(run_dir);
	(void)snprintf(address, sizeof(address), "unix:%s/s", run_dir);
	assert_ok(prefork_listen(address, 0600, NULL, &fd, &file, &err), &err);
	assert_int_equal(n_listens, 1);
	assert_false(is_locked());
	assert_status(listen_at(address, NULL, &err), CF_CONFIG, &err);
	assert_has(err.text, "another process listens there");
	(void)close(fd);
	temp_dir_remove(run_dir);
	run_dir[0] = '\0';
}

static void a_socket_file_of_another_is_not_removed(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	char address[TEMP_PATH_BYTES + 8];
	struct prefork_file first, second;
	int first_fd, second_fd;

	(void)state;
	temp_dir_make(run_dir);
	(void)snprintf(address, sizeof(address), "unix:%s/s", run_dir);
	assert_ok(prefork_listen(address, 0600, NULL, &first_fd, &first, &err),
		  &err);
	assert_int_equal(unlink(first.path), 0);
	assert_ok(prefork_listen(address, 0600, NULL, &second_fd, &second,
				 &err), &err);
	prefork_remove(&first);
	assert_int_equal(access(second.path, F_OK), 0);
	prefork_remove(&second);
	assert_int_equal(access(second.path, F_OK), -1);
	(void)close(first_fd);
	(void)close(second_fd);
	temp_dir_remove(run_dir);
	run_dir[0] = '\0';
}

/* In a child, with the socket at the descriptor that systemd gives it at. */
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
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 1) || dup2(fd, 3) != 3)
		_exit(99);
	(void)snprintf(number, sizeof(number), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", number, 1);
	(void)setenv("LISTEN_FDS", "1", 1);
	_exit((int)listen_at("systemd", peers, &err));
}

static void the_socket_of_systemd_is_no_exception(void **state)
{
	struct net_list list = {.n = 0};

	(void)state;
	assert_int_equal(listen_by_systemd("127.0.0.1", NULL), CF_OK);
	assert_int_equal(listen_by_systemd("0.0.0.0", NULL), CF_CONFIG);
	assert_int_equal(listen_by_systemd("0.0.0.0", &list), CF_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(workers_start_and_end_with_their_master),
		TEST(a_worker_that_lived_is_replaced_at_once),
		TEST(a_short_life_calls_for_a_pause),
		TEST(the_pause_grows_to_eight_seconds_when_none_lives),
		TEST(the_pause_is_a_second_at_most_while_another_lives),
		TEST(a_worker_that_fails_holds_up_no_other),
		TEST(after_a_long_life_the_pause_is_forgotten),
		TEST(a_fork_that_fails_is_tried_again),
		TEST(a_fork_that_fails_is_tried_for_the_others_after_the_pause),
		TEST(a_reload_replaces_each_worker_once),
		TEST(settings_that_are_wrong_replace_nobody),
		TEST(no_worker_is_older_than_the_second_of_two_reloads),
		TEST(a_death_during_a_reload_does_not_end_it),
		TEST(a_worker_that_does_not_end_is_killed),
		TEST(a_worker_that_opens_its_parts_hears_of_the_end_later),
		cmocka_unit_test(an_address_that_is_none_is_refused),
		cmocka_unit_test(
			other_machines_need_a_list_of_those_that_may_connect),
		cmocka_unit_test(this_machine_needs_none),
		cmocka_unit_test(nobody_else_starts_between_bind_and_listen),
		cmocka_unit_test(a_socket_file_of_another_is_not_removed),
		cmocka_unit_test(the_socket_of_systemd_is_no_exception),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
