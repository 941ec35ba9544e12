/*
 * sandbox.c: the calls that a sandbox refuses, and those that it allows. Each
 * case enters a sandbox in a child, since no process can leave one. Refusals
 * of a part that the kernel does not have are not tested.
 */
#include "base/base.h"
#include "app/sandbox.h"
#include "base/file.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static char inside[TEMP_PATH_BYTES], outside[TEMP_PATH_BYTES];
static const bool has_list = sizeof(void *) == 8;
static struct sandbox_parts offer;
static int listener, client, unused; /* TCP */
static int log_socket;
static pid_t parent;
static struct sockaddr_in address;
static struct sockaddr_un log_address = {.sun_family = AF_UNIX};

static int set_up(void **state)
{
	socklen_t len = sizeof(address);

	parent = getpid();
	sandbox_ask(&offer);
	temp_dir_make(inside);
	temp_dir_make(outside);
	temp_write(temp_path(inside, "file"), "mine");
	temp_write(temp_path(outside, "file"), "not mine");
	address = (struct sockaddr_in){.sin_family = AF_INET};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	client = socket(AF_INET, SOCK_STREAM, 0);
	unused = socket(AF_INET, SOCK_STREAM, 0);
	log_socket = socket(AF_UNIX, SOCK_DGRAM, 0);
	(void)snprintf(log_address.sun_path, sizeof(log_address.sun_path), "%s",
		       temp_path(outside, "log"));
	assert_int_equal(bind(log_socket, (void *)&log_address,
			      sizeof(log_address)), 0);
	return bind(listener, (void *)&address, len) || listen(listener, 4) ||
	       getsockname(listener, (void *)&address, &len) ||
	       connect(client, (void *)&address, len);
}

static int tear_down(void **state)
{
	(void)close(listener);
	(void)close(client);
	(void)close(unused);
	(void)close(log_socket);
	temp_dir_remove(inside);
	temp_dir_remove(outside);
	return 0;
}

/* Enter a sandbox with the directory `inside` and call act, in a child; returns
 * the child's status. act returns a fault or NULL. */
static int act_in_child(struct sandbox keep, const char *(*act)(void))
{
	const char *const dirs[] = {inside, "/not/there"};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct cf_error err = CF_ERROR_INIT;
		struct sandbox_parts parts;
		const char *wrong = NULL;

		keep.dirs = dirs;
		keep.n_dirs = CF_ARRAY_LEN(dirs);
		if (sandbox_enter(&keep, &parts, &err) &&
		    (offer.has_filter || !has_list))
			wrong = err.text;
		else if (parts.landlock != offer.landlock ||
			 parts.has_filter != offer.has_filter)
			wrong = "a part that the kernel offers is missing";
		else
			wrong = act();
		if (wrong)
			print_error("%s (errno %d)\n", wrong, errno);
		_exit(wrong ? 1 : 0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Whether a call was refused by a part, if the kernel has that part. The filter
 * comes first, and each part has an errno of its own. */
static bool is_refused(bool is_there, int sys_errno, long rc)
{
	return !is_there || (rc < 0 && errno == sys_errno);
}
#define BY_FILTER(rc)	is_refused(offer.has_filter, EPERM, (rc))
#define BY_LANDLOCK(rc) is_refused(offer.landlock, EACCES, (rc))

static const char *use_directories(void)
{
	char bytes[4];
	int fd, dir_fd = open(inside, O_RDONLY | O_DIRECTORY);

	if (dir_fd < 0 || mkdirat(dir_fd, "a", 0700) ||
	    mkdirat(dir_fd, "b", 0700))
		return "a directory cannot be made";
	fd = open(temp_path(inside, "a/x"), O_RDWR | O_CREAT, 0600);
	if (fd < 0 || write(fd, "1234", 4) != 4 || fdatasync(fd) ||
	    ftruncate(fd, 2) || pread(fd, bytes, 4, 0) != 2 || close(fd))
		return "a file cannot be written and read";
	if (renameat(dir_fd, "a/x", dir_fd, "b/y"))
		return "a file cannot be moved to another directory";
	fd = open(temp_path(inside, "b/y"), O_RDWR | O_TRUNC);
	if (fd < 0 || close(fd) || temp_count(temp_path(inside, "b")) != 1)
		return "the moved file cannot be opened";
	if (unlinkat(dir_fd, "b/y", 0) || unlinkat(dir_fd, "b", AT_REMOVEDIR))
		return "a file and a directory cannot be removed";
	return NULL;
}

static const char *use_other_files(void)
{
	if (!BY_LANDLOCK(open("/etc/passwd", O_RDONLY)))
		return "/etc/passwd is opened";
	if (!BY_LANDLOCK(open(temp_path(outside, "file"), O_RDONLY)))
		return "a file is read";
	if (!BY_LANDLOCK(open(temp_path(outside, "file"), O_WRONLY)))
		return "a file is written";
	if (!BY_LANDLOCK(open(temp_path(outside, "new"), O_WRONLY | O_CREAT,
			      0600)))
		return "a file is made";
	if (!BY_LANDLOCK(open(temp_path(inside, "../%s/file",
					strrchr(outside, '/') + 1), O_RDONLY)))
		return "a file is opened by way of ..";
	if (!BY_LANDLOCK(open(outside, O_RDONLY | O_DIRECTORY)))
		return "a directory is listed";
	if (!BY_LANDLOCK(unlink(temp_path(outside, "file"))))
		return "a file is removed";
	if (!BY_FILTER(symlink("/etc", temp_path(inside, "link"))))
		return "a link is made";
	if (!BY_FILTER(chmod(temp_path(outside, "file"), 0777)))
		return "rights are changed";
	if (!BY_FILTER(chdir("/")))
		return "another directory is entered";
	return NULL;
}

static const char *use_processes(void)
{
	pid_t pid;

	if (!BY_FILTER(execl("/bin/true", "true", (char *)NULL)))
		return "a program is started";
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (!BY_FILTER(pid))
		return "a process is made";
	/* by default of no effect */
	if (!BY_FILTER(kill(parent, SIGURG)))
		return "another process is signalled";
	if (kill(parent, 0))
		return "kill(pid, 0) is refused";
	if (!BY_FILTER(ptrace(PTRACE_ATTACH, parent, NULL, NULL)))
		return "another process is traced";
	/* MAP_FAILED is -1 */
	if (!BY_FILTER((long)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)))
		return "executable memory is made";
	if (!BY_FILTER(setuid(0)))
		return "the user is changed";
	return NULL;
}

static const char *use_sockets(void)
{
	if (accept4(listener, NULL, NULL, SOCK_CLOEXEC) < 0)
		return "a socket from before accepts no connection";
	if (!BY_FILTER(socket(AF_INET, SOCK_STREAM, 0)) ||
	    !BY_FILTER(socket(AF_INET6, SOCK_STREAM, 0)) ||
	    !BY_FILTER(socket(AF_INET, SOCK_DGRAM, 0)) ||
	    !BY_FILTER(socket(AF_UNIX, SOCK_STREAM, 0)) ||
	    !BY_FILTER(socket(AF_UNIX, SOCK_DGRAM, 0)))
		return "a socket is made";
	if (!BY_FILTER(connect(unused, (void *)&address, sizeof(address))))
		return "a socket is connected";
	return NULL;
}

static const char *use_syslog(void)
{
	int from = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (from < 0 ||
	    connect(from, (void *)&log_address, sizeof(log_address)) ||
	    send(from, "line", 4, MSG_NOSIGNAL) != 4)
		return "syslog cannot be reached";
	if (!BY_FILTER(socket(AF_UNIX, SOCK_STREAM, 0)) ||
	    !BY_FILTER(socket(AF_INET, SOCK_DGRAM, 0)) ||
	    !BY_FILTER(socket(AF_INET, SOCK_STREAM, 0)))
		return "another socket is made";
	return NULL;
}

static const char *use_connections(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (void *)&address, sizeof(address)))
		return "a socket cannot be connected";
	if (!BY_FILTER(execl("/bin/true", "true", (char *)NULL)))
		return "a program is started";
	return NULL;
}

static void calls_are_allowed_and_refused(void **state)
{
	static const struct {
		struct sandbox keep;
		const char *(*act)(void);
	} cases[] = {
		{{0}, use_directories},
		{{0}, use_other_files},
		{{0}, use_processes},
		{{0}, use_sockets},
		{{.may_syslog = true}, use_syslog},
		{{.may_connect = true}, use_connections},
		{{.may_connect = true, .may_syslog = true}, use_connections},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++)
		assert_int_equal(act_in_child(cases[i].keep, cases[i].act), 0);
}

static const char *die(void)
{
	abort();
}

/* A failed assertion ends the process with its signal, and not in a loop. */
static void abort_ends_the_process(void **state)
{
	int status;

	status = act_in_child((struct sandbox){0}, die);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static int to_child[2], from_child[2];

static const char *wait_for_parent(void)
{
	char byte = 0;

	if (write(from_child[1], &byte, 1) != 1 ||
	    read(to_child[0], &byte, 1) != 1)
		return "the pipe";
	return NULL;
}

static void proc_shows_the_parts(void **state)
{
	const char *const dirs[] = {inside};
	const struct sandbox keep = {dirs, 1, false, false};
	char byte = 0, path[64];
	struct buf text;
	pid_t pid;
	int status;

	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(from_child), 0);
	pid = fork();
	if (pid == 0) {
		struct sandbox_parts parts;

		(void)!sandbox_enter(&keep, &parts, NULL);
		_exit(wait_for_parent() != NULL);
	}
	assert_int_equal(read(from_child[0], &byte, 1), 1);
	(void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	buf_init(&text, 16384);
	assert_ok(file_load(AT_FDCWD, path, &text, NULL), NULL);
	assert_int_equal(write(to_child[1], &byte, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	buf_add(&text, "", 1);
#ifdef CF_NO_SANITIZER
	assert_has(text.ptr, "NoNewPrivs:\t1\n");
	assert_true(offer.has_filter == !!strstr(text.ptr, "Seccomp:\t2\n"));
#else
	assert_has(text.ptr, "NoNewPrivs:\t0\n");
	assert_has(text.ptr, "Seccomp:\t0\n");
	assert_false(offer.has_filter || offer.landlock);
#endif
	assert_true(offer.has_filter == !offer.no_filter);
	if (!has_list)
		assert_has(offer.no_filter, "the program has no list for ");
	buf_release(&text);
	for (int i = 0; i < 2; i++) {
		(void)close(to_child[i]);
		(void)close(from_child[i]);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(calls_are_allowed_and_refused),
		CASE(abort_ends_the_process),
		CASE(proc_shows_the_parts),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
