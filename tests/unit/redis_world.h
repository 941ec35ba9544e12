/*
 * Shared by the tests of the Redis store: servers from tests/redis/topology, a
 * store on them that runs store_contract.h, and the connection of another
 * program. A failure here ends the test.
 */
#ifndef CF_TESTS_REDIS_WORLD_H
#define CF_TESTS_REDIS_WORLD_H

#include "base/base.h"
#include "store/redis.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/temp_dir.h"

enum { WORLD_TIMEOUT_MS = 5000, WORLD_TURN_MS = 50, WORLD_TURNS_MAX = 1200 };

/* Options, clock and error are new for each test: one server address, five
 * attempts, no breaker that has tripped. */
extern struct world {
	char dir[TEMP_PATH_BYTES];
	char url[STORE_PATH_BYTES]; /* of the options */
	struct store_options options;
	struct fake_clk clock;
	struct cf_error err;
} world;

/*
 * Run the tests in a directory of their own.
 *
 * kind   of tests/redis/topology: the servers run meanwhile, or all tests are
 *        skipped without redis-server. NULL: no servers
 * empty  removes all keys; before each test of a kind
 */
int world_run(const char *kind, void (*empty)(void),
	      const struct CMUnitTest *tests, size_t n);
int world_set_up(void **state);

/* --- the store ------------------------------------------------------------ */

void world_set_url(const char *format, ...) CF_PRINTF(1, 2);

CF_MUST_CHECK
enum cf_status world_try_open(enum store_use use, struct store **out);
struct store *world_open(void);

/* An entry with a pid that no other test has put, and a store_put of it. */
struct store_entry world_next_entry(void);
struct store_entry world_put(struct store *store);
enum cf_status world_take(struct store *store, const struct pid *pid);

/* Put until it succeeds. Failures may be CF_IO or CF_BUSY. */
struct store_entry world_put_at_last(struct store *store);

/* Let real time pass, and that of the store. */
void world_pass_turn(void);

/* A counter of base/metrics.h. */
uint64_t world_count(int metric);

/* --- the servers ---------------------------------------------------------- */

/* The port, the pid and the URL of the topology's servers. */
int world_port(const char *server);
pid_t world_pid(const char *server);
const char *world_server_url(void);

/* Kill a server, as a crash does; and start it again. */
void world_kill(const char *server);
void world_restart(const char *server);

/* The reply to a command as text, items of lists with spaces between. Borrowed
 * until the next call. The connection stays open while the port is the same. */
const char *world_ask(int port, const char *format, ...);
/* The same as a number. */
long world_ask_number(int port, const char *format, ...);

#endif
