/*
 * Many Redis servers of a test's own: tests/redis/topology. Failures end the
 * test; the servers end with it.
 */
#ifndef CF_TESTS_REDIS_TOPOLOGY_H
#define CF_TESTS_REDIS_TOPOLOGY_H

#include "base/base.h"

enum { TOPOLOGY_VALUE_BYTES = 512 };

struct redis_topology {
	pid_t pid; /* 0: it does not run */
	FILE *commands, *says;
	char env[512]; /* the name of the file */
};

/* kind: "sentinel" or "cluster"; they keep their files in dir. */
void redis_topology_start(struct redis_topology *topology, const char *kind,
			  const char *dir);
void redis_topology_stop(struct redis_topology *topology);

/* Of what it says of its servers, as "URL" or "MASTER_PID"; borrowed until the
 * next call. */
const char *redis_topology_get(struct redis_topology *topology,
			       const char *name);

/* A port or a pid of the server of that name, in capital letters. */
int redis_topology_number(struct redis_topology *topology, const char *server,
			  const char *what);

/* Kill a server, as a crash; and start it again. Names in small letters. */
void redis_topology_kill(struct redis_topology *topology, const char *server);
void redis_topology_restart(struct redis_topology *topology,
			    const char *server);

#endif
