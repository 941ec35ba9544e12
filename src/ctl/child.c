/*
 * Programs that a command runs: see child.h and posix_spawn(3).
 */
#include "base/base.h"
#include "base/clk.h"
#include "base/text.h"
#include "ctl/child.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

enum {
	READ_BYTES = 16384,
	LINE_BYTES = 80, /* of arguments, in messages */
	NAP_NS = 2 * 1000 * 1000,
	NO_PROGRAM = 127, /* an exit code: there is no such program */
};

bool child_is_installed(const char *program)
{
	struct str dirs = str_from(getenv("PATH"));
	char path[PATH_MAX];

	while (dirs.len) {
		struct str dir = text_cut(&dirs, ':');

		(void)snprintf(path, sizeof(path), "%.*s/%s", (int)dir.len,
			       dir.ptr, program);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

/* The arguments, cut where they are long. */
static const char *line_of(const char *const *argv, char line[LINE_BYTES])
{
	size_t len = 0;

	for (; *argv && len < LINE_BYTES; argv++)
		len += (size_t)snprintf(line + len, LINE_BYTES - len, "%s%s",
					len ? " " : "", *argv);
	return line;
}

static enum cf_status spawn(const char *const *argv, char *const *envp,
			    int out_fd, pid_t *pid, struct cf_error *err)
{
	posix_spawn_file_actions_t files;
	int why = posix_spawn_file_actions_init(&files);

	if (why)
		return cf_fail(err, CF_NOMEM, "no memory for %s", argv[0]);
	why = posix_spawn_file_actions_addopen(&files, STDIN_FILENO,
					       "/dev/null", O_RDONLY, 0);
	if (!why)
		why = posix_spawn_file_actions_adddup2(&files, out_fd,
						       STDOUT_FILENO);
	if (!why)
		why = posix_spawn_file_actions_addopen(&files, STDERR_FILENO,
						       "/dev/null", O_WRONLY,
						       0);
	/* it takes char *const *, and changes nothing */
	if (!why)
		why = posix_spawnp(pid, argv[0], &files, NULL,
				   (char *const *)(uintptr_t)argv, envp);
	(void)posix_spawn_file_actions_destroy(&files);
	if (why == ENOENT)
		return cf_fail(err, CF_NOT_FOUND, "%s is not installed",
			       argv[0]);
	return why ? cf_fail(err, CF_IO, "cannot run %s: %s", argv[0],
			     strerror(why))
		   : CF_OK;
}

/* Read to the end of the output. */
static enum cf_status read_all(int fd, int64_t end_mono_ms, struct buf *out,
			       struct cf_error *err)
{
	struct clk clk = clk_system();
	char bytes[READ_BYTES];
	ssize_t n = 1;

	while (n) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int64_t left_ms = end_mono_ms - clk_mono_ms(&clk);
		enum cf_status rc;

		if (left_ms <= 0)
			return cf_fail(err, CF_IO, "takes too long");
		if (poll(&wait, 1, (int)left_ms) <= 0)
			continue;
		n = read(fd, bytes, sizeof(bytes));
		if (n < 0 && errno != EINTR)
			return cf_fail(err, CF_IO, "%s", strerror(errno));
		if (n > 0)
			buf_add(out, bytes, (size_t)n);
		rc = buf_status(out, err);
		if (rc)
			return rc;
	}
	return CF_OK;
}

/* Wait for its end; false when it does not end in time. */
static bool wait_for(pid_t pid, int64_t end_mono_ms, int *status)
{
	static const struct timespec nap = {0, NAP_NS};
	struct clk clk = clk_system();

	while (waitpid(pid, status, WNOHANG) != pid) {
		if (clk_mono_ms(&clk) >= end_mono_ms)
			return false;
		(void)nanosleep(&nap, NULL);
	}
	return true;
}

enum cf_status child_run(const char *const *argv, char *const *envp,
			 int timeout_ms, struct buf *out, struct cf_error *err)
{
	struct clk clk = clk_system();
	int64_t end_mono_ms = clk_mono_ms(&clk) + timeout_ms;
	struct cf_error why = CF_ERROR_INIT;
	char line[LINE_BYTES];
	int fds[2], status = 0;
	enum cf_status rc;
	pid_t pid;

	/* a parent may have left it ignored: then nobody could be waited for */
	(void)signal(SIGCHLD, SIG_DFL);
	if (pipe2(fds, O_CLOEXEC))
		return cf_fail(err, CF_IO, "no pipe for %s: %s", argv[0],
			       strerror(errno));
	rc = spawn(argv, envp, fds[1], &pid, err);
	(void)close(fds[1]);
	if (rc) {
		(void)close(fds[0]);
		return rc;
	}
	rc = read_all(fds[0], end_mono_ms, out, &why);
	(void)close(fds[0]);
	if (!rc && !wait_for(pid, end_mono_ms, &status))
		rc = cf_fail(&why, CF_IO, "does not end");
	if (rc) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
		return cf_fail(err, rc, "%s: %.60s", line_of(argv, line),
			       why.text);
	}
	if (WIFSIGNALED(status))
		return cf_fail(err, CF_IO, "%s: was ended by signal %d",
			       line_of(argv, line), WTERMSIG(status));
	/* posix_spawnp may tell so, too */
	if (WEXITSTATUS(status) == NO_PROGRAM)
		return cf_fail(err, CF_NOT_FOUND, "%s is not installed",
			       argv[0]);
	return WEXITSTATUS(status)
		       ? cf_fail(err, CF_IO, "%s: ended with exit code %d",
				 line_of(argv, line), WEXITSTATUS(status))
		       : CF_OK;
}
