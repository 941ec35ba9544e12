/*
 * See redis_server.h.
 */
#include "base/base.h"
#include "tests/support/redis_server.h"
#include "tests/support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

bool redis_server_is_there(void)
{
	const char *path = getenv("PATH");
	char dirs[4096], name[4200];
	char *rest = dirs, *dir;

	(void)snprintf(dirs, sizeof(dirs), "%s", path ? path : "");
	while ((dir = strtok_r(rest, ":", &rest))) {
		(void)snprintf(name, sizeof(name), "%s/redis-server", dir);
		if (!access(name, X_OK))
			return true;
	}
	return false;
}

static void become_server(const char *dir, const char *path, int log_fd)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it outlives no test */
	(void)dup2(log_fd, STDOUT_FILENO);
	(void)dup2(log_fd, STDERR_FILENO);
	(void)execlp("redis-server", "redis-server", "--port", "0",
		     "--unixsocket", path, "--dir", dir, "--save", "",
		     "--appendonly", "no", "--daemonize", "no", (char *)NULL);
	_exit(127);
}

void redis_server_start(struct redis_server *server, const char *dir)
{
	char log[16384] = "";
	size_t n = 0;
	ssize_t got = 1;
	int fd[2];

	(void)snprintf(server->path, sizeof(server->path), "%s/redis.sock",
		       dir);
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (!server->pid)
		become_server(dir, server->path, fd[1]);
	(void)close(fd[1]);
	server->log_fd = fd[0];
	while (!strstr(log, "eady to accept connections") && got > 0 &&
	       n < sizeof(log) - 1) {
		got = read(fd[0], log + n, sizeof(log) - 1 - n);
		n += got > 0 ? (size_t)got : 0;
	}
	if (got <= 0)
		fail_msg("redis-server did not start: %s", log);
}

void redis_server_kill(struct redis_server *server)
{
	if (!server->pid)
		return;
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
	(void)close(server->log_fd);
	server->pid = 0;
}
