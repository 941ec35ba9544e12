/*
 * Public identifiers of challenges: 16 characters of 0-9A-Za-z, which is
 * ASCII order. Five count the seconds from 2026-01-01T00:00:00Z in base 62,
 * eleven are random (65 bits): in order of time, and never guessable.
 *
 * Only the functions below make a struct pid. So its text is safe in file names
 * and keys without another check.
 */
#ifndef CF_BASE_PID_H
#define CF_BASE_PID_H

#include "base/buf.h"

enum { PID_CHARS = 16 };

struct pid {
	char text[PID_CHARS + 1]; /* NUL-terminated */
};

/* A new pid of this moment. */
void pid_make(struct pid *pid, int64_t now_unix_ms);

/* The first pid of that second: all earlier pids sort before it. */
void pid_bound(struct pid *pid, int64_t unix_ms);

/* False for a text that is no pid; *pid is then untouched. */
CF_MUST_CHECK
bool pid_parse(struct pid *pid, struct str text);

/* When the pid was made, to the second. A clock before 2026 makes pids of the
 * first second, and one after 2055 makes pids of PID_LAST_UNIX_MS. */
#define PID_LAST_UNIX_MS (INT64_C(1767225600000) + INT64_C(916132831) * 1000)
int64_t pid_unix_ms(const struct pid *pid);

#endif
