/*
 * See processes.h. A process waits at a pipe until its other end is closed.
 */
#include "base/base.h"
#include "tests/support/processes.h"
#include "tests/support/check.h"

#include <sys/wait.h>

static int end[2];

int processes_start(int n, int (*run)(int i))
{
	int begin[2], results[2], sum = 0;
	char byte;

	(void)fflush(NULL);
	assert_int_equal(pipe(begin), 0);
	assert_int_equal(pipe(results), 0);
	assert_int_equal(pipe(end), 0);
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid)
			continue;
		(void)close(begin[1]);
		(void)close(end[1]);
		(void)!read(begin[0], &byte, 1);
		byte = (char)run(i);
		(void)!write(results[1], &byte, 1);
		(void)!read(end[0], &byte, 1);
		_exit(0);
	}
	(void)close(begin[0]);
	(void)close(begin[1]);
	(void)close(results[1]);
	(void)close(end[0]);
	while (n-- && read(results[0], &byte, 1) == 1)
		sum += byte;
	(void)close(results[0]);
	return sum;
}

void processes_end(void)
{
	(void)close(end[1]);
	while (wait(NULL) > 0)
		;
}

int processes_run(int n, int (*run)(int i))
{
	int sum = processes_start(n, run);

	processes_end();
	return sum;
}
