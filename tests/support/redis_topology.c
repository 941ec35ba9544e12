/*
 * See redis_topology.h.
 */
#include "base/base.h"
#include "tests/support/redis_topology.h"
#include "tests/support/check.h"

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static void await_ready(struct redis_topology *topology)
{
	char line[64] = "";

	if (!fgets(line, sizeof(line), topology->says) ||
	    strcmp(line, "ready\n") != 0)
		fail_msg("the servers of %s are not ready", topology->env);
}

void redis_topology_start(struct redis_topology *topology, const char *kind,
			  const char *dir)
{
	const char *srcdir = getenv("CF_SRCDIR");
	char program[512];
	int to[2], from[2];

	(void)snprintf(program, sizeof(program), "%s/tests/redis/topology",
		       srcdir ? srcdir : ".");
	(void)snprintf(topology->env, sizeof(topology->env), "%s/env", dir);
	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	topology->pid = fork();
	assert_true(topology->pid >= 0);
	if (!topology->pid) {
		(void)dup2(to[0], STDIN_FILENO);
		(void)dup2(from[1], STDOUT_FILENO);
		(void)execl("/bin/sh", "sh", program, kind, dir, "--attached",
			    (char *)NULL);
		_exit(127);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	topology->commands = fdopen(to[1], "w");
	topology->says = fdopen(from[0], "r");
	assert_non_null(topology->commands);
	assert_non_null(topology->says);
	await_ready(topology);
}

void redis_topology_stop(struct redis_topology *topology)
{
	if (!topology->pid)
		return;
	(void)fclose(topology->commands); /* and it ends */
	(void)waitpid(topology->pid, NULL, 0);
	(void)fclose(topology->says);
	topology->pid = 0;
}

const char *redis_topology_get(struct redis_topology *topology,
			       const char *name)
{
	static char line[TOPOLOGY_VALUE_BYTES];
	FILE *file = fopen(topology->env, "r");
	size_t n = strlen(name);
	const char *value = NULL;

	assert_non_null(file);
	while (!value && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, name, n) && line[n] == '=')
			value = line + n + 1;
	}
	(void)fclose(file);
	if (!value)
		fail_msg("%s has no %s", topology->env, name);
	return value;
}

int redis_topology_number(struct redis_topology *topology, const char *server,
			  const char *what)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%s_%s", server, what);
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return (int)strtol(redis_topology_get(topology, name), NULL, 10);
}

void redis_topology_kill(struct redis_topology *topology, const char *server)
{
	assert_int_equal(kill(redis_topology_number(topology, server, "pid"),
			      SIGKILL), 0);
}

void redis_topology_restart(struct redis_topology *topology,
			    const char *server)
{
	(void)fprintf(topology->commands, "start %s\n", server);
	assert_int_equal(fflush(topology->commands), 0);
	await_ready(topology);
}
