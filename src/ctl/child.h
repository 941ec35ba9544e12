/*
 * Programs that a command runs.
 */
#ifndef CF_CTL_CHILD_H
#define CF_CTL_CHILD_H

#include "base/buf.h"

/* Whether PATH has a program of this name. */
CF_MUST_CHECK
bool child_is_installed(const char *program);

/*
 * Run a program without a shell, and wait for it. Its standard input is empty,
 * and what it says on standard error is lost.
 *
 * argv        the program, which PATH has, and its arguments; ends with NULL
 * envp        all of its environment
 * timeout_ms  then it is killed
 * out         its output is appended; past the maximum it is killed
 * returns     CF_OK, it ended with exit code 0; CF_NOT_FOUND, PATH has no such
 *             program; CF_TOO_LARGE; CF_IO, it failed or was killed; CF_NOMEM.
 *             err has its arguments
 */
CF_MUST_CHECK
enum cf_status child_run(const char *const *argv, char *const *envp,
			 int timeout_ms, struct buf *out, struct cf_error *err);

#endif
