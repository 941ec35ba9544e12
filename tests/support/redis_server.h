/*
 * A Redis server of a test's own: on a socket in a directory, with no port, and
 * nothing kept. Failures end the test.
 */
#ifndef CF_TESTS_REDIS_SERVER_H
#define CF_TESTS_REDIS_SERVER_H

#include "base/base.h"

struct redis_server {
	pid_t pid;	/* 0: it does not run */
	int log_fd;	/* where it writes to */
	char path[108]; /* of its socket */
};

/* Whether there is a program to start. */
bool redis_server_is_there(void);

/* Start it and wait until it takes connections. */
void redis_server_start(struct redis_server *server, const char *dir);

/* As a crash; accepts one that does not run. */
void redis_server_kill(struct redis_server *server);

#endif
