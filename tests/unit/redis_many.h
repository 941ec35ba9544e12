/*
 * What the tests of the Redis store over many servers have in common: the
 * servers, a store on them that takes the contract of store_contract.h, and
 * another program's view.
 */
#ifndef CF_TESTS_REDIS_MANY_H
#define CF_TESTS_REDIS_MANY_H

#include "base/base.h"
#include "conf/settings.h"
#include "store/redis.h"
#include "tests/support/fake_clk.h"
#include "tests/support/redis_topology.h"
#include "tests/support/temp_dir.h"
#include "tests/support/check.h"

#include <hiredis/hiredis.h>

enum { MANY_TURN_MS = 50, MANY_TURNS_MAX = 1200 };

/* Of this program; settings and clock are as new for each test. */
extern struct many {
	char dir[TEMP_PATH_BYTES];
	struct redis_topology topology;
	struct settings settings;
	struct fake_clk clock;
	struct cf_error err;
} many;

/* Start the servers, run all tests, end the servers; or skip them all.
 * kind   of tests/redis/topology
 * empty  leaves no key in them; before each test */
int many_run(const char *kind, void (*empty)(void),
	     const struct CMUnitTest *tests, size_t n);

int many_set_up(void **state);

redisContext *many_connect(int port);

/* What a server says, as text; of a list its first. Borrowed until the next
 * call. */
const char *many_ask(int port, const char *format, ...);

/* Let time pass, for the servers and for the store. */
void many_pass_turn(void);

enum cf_status many_try_open(enum store_use use, struct store **out);
struct store *many_open(void);

/* Each of another number, so that no put finds its pid there. */
struct store_entry many_next_entry(void);

struct store_entry many_put(struct store *store);
enum cf_status many_take(struct store *store, const struct pid *pid);

/* Put until it succeeds; how often it did not. Trouble is CF_IO or CF_BUSY,
 * nothing else. */
int many_put_at_last(struct store *store, struct store_entry *entry);

#endif
