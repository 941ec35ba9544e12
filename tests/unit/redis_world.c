/*
 * See redis_world.h.
 */
#include "base/base.h"
#include "redis_world.h"
#include "base/metrics.h"
#include "store_contract.h"

#include <ctype.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/wait.h>

struct world world;

static void (*empty_servers)(void);
static struct {
	pid_t pid; /* of the script; 0: no servers */
	FILE *commands, *replies;
	char env[TEMP_PATH_BYTES]; /* file with ports, pids and the URL */
} topology;
static struct {
	redisContext *c;
	int port;
	struct buf text; /* of the last reply */
} other; /* another program's connection */

static void hang_up(void)
{
	redisFree(other.c);
	other.c = NULL;
}

/* --- the servers ---------------------------------------------------------- */

static void await_ready(void)
{
	char line[64] = "";

	if (!fgets(line, sizeof(line), topology.replies) ||
	    strcmp(line, "ready\n") != 0)
		fail_msg("the servers of %s are not ready", topology.env);
}

static void start_topology(const char *kind)
{
	const char *srcdir = getenv("CF_SRCDIR");
	const char *dir = temp_path(world.dir, "servers");
	char program[512];
	int to[2], from[2];

	(void)snprintf(program, sizeof(program), "%s/tests/redis/topology",
		       srcdir ? srcdir : ".");
	(void)snprintf(topology.env, sizeof(topology.env), "%s/env", dir);
	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	topology.pid = fork();
	assert_true(topology.pid >= 0);
	if (!topology.pid) {
		(void)dup2(to[0], STDIN_FILENO);
		(void)dup2(from[1], STDOUT_FILENO);
		(void)execl("/bin/sh", "sh", program, kind, dir, "--attached",
			    (char *)NULL);
		_exit(127);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	topology.commands = fdopen(to[1], "w");
	topology.replies = fdopen(from[0], "r");
	assert_true(topology.commands && topology.replies);
	await_ready();
}

static void stop_topology(void)
{
	(void)fclose(topology.commands); /* this ends the script */
	(void)waitpid(topology.pid, NULL, 0);
	(void)fclose(topology.replies);
}

/* The value of NAME=VALUE; borrowed until the next call. */
static const char *topology_value(const char *name)
{
	static char line[512];
	FILE *file = fopen(topology.env, "r");
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
		fail_msg("%s has no %s", topology.env, name);
	return value;
}

static int topology_number(const char *server, const char *what)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%s_%s", server, what);
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return (int)strtol(topology_value(name), NULL, 10);
}

int world_port(const char *server)
{
	return topology_number(server, "port");
}

pid_t world_pid(const char *server)
{
	return topology_number(server, "pid");
}

const char *world_server_url(void)
{
	return topology_value("URL");
}

void world_kill(const char *server)
{
	const struct timespec nap = {.tv_nsec = 1000000};
	bool is_dead;

	hang_up();
	assert_int_equal(kill(world_pid(server), SIGKILL), 0);
	do { /* it is not our child */
		redisContext *c = redisConnect("127.0.0.1", world_port(server));

		is_dead = !c || c->err;
		redisFree(c);
	} while (!is_dead && !nanosleep(&nap, NULL));
}

void world_restart(const char *server)
{
	(void)fprintf(topology.commands, "start %s\n", server);
	assert_int_equal(fflush(topology.commands), 0);
	await_ready();
}

/* --- another program ------------------------------------------------------ */

/* Add a reply to text, the items of a list with spaces between. */
static void add_reply(struct buf *text, const redisReply *reply)
{
	if (reply->type == REDIS_REPLY_INTEGER)
		buf_add_number(text, reply->integer);
	else if (reply->type != REDIS_REPLY_ARRAY)
		buf_add_str(text, reply->str ? reply->str : "");
	for (size_t i = 0; i < reply->elements; i++) {
		if (i)
			buf_add_char(text, ' ');
		add_reply(text, reply->element[i]);
	}
}

static const char *vask(int port, const char *format, va_list args)
{
	redisReply *reply;

	if (other.port != port)
		hang_up();
	if (!other.c)
		other.c = redisConnect("127.0.0.1", port);
	other.port = port;
	assert_non_null(other.c);
	reply = redisvCommand(other.c, format, args);
	if (!reply)
		fail_msg("port %d: %s: %s", port, format, other.c->errstr);
	buf_reset(&other.text);
	add_reply(&other.text, reply);
	buf_add_char(&other.text, '\0');
	freeReplyObject(reply);
	return other.text.ptr;
}

const char *world_ask(int port, const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = vask(port, format, args);
	va_end(args);
	return text;
}

long world_ask_number(int port, const char *format, ...)
{
	long n;
	va_list args;

	va_start(args, format);
	n = strtol(vask(port, format, args), NULL, 10);
	va_end(args);
	return n;
}

/* --- the store ------------------------------------------------------------ */

static void begin(void)
{
	world.err = (struct cf_error)CF_ERROR_INIT;
	fake_clk_init(&world.clock);
	world.options = (struct store_options){
		.kind = STORE_REDIS,
		.redis_url = world.url,
		.key_prefix = "",
		.timeout_ms = WORLD_TIMEOUT_MS,
		.breaker_dir = world.dir,
		.has_attempts = true,
	};
	(void)unlink(temp_path(world.dir, "breaker"));
	hang_up();
	if (!topology.pid)
		return;
	world_set_url("%s", world_server_url());
	empty_servers();
}

int world_set_up(void **state)
{
	(void)state;
	assert_ok(crypt_open(&world.err), &world.err);
	begin();
	return 0;
}

void world_set_url(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(world.url, sizeof(world.url), format, args);
	va_end(args);
}

enum cf_status world_try_open(enum store_use use, struct store **out)
{
	enum cf_status rc;
	void *impl;

	*out = NULL;
	rc = redis_store_open(&world.options, use, fake_clk_get(&world.clock),
			      &impl, &world.err);
	if (rc)
		return rc;
	*out = store_new(&redis_store_ops, impl);
	assert_non_null(*out);
	return CF_OK;
}

struct store *world_open(void)
{
	struct store *store;

	assert_ok(world_try_open(STORE_FOR_MANY, &store), &world.err);
	return store;
}

const struct store_contract_backend store_contract_backend = {
	.begin = begin, .open = world_open, .ends_expired = true,
	.has_pictures = true};

struct store_entry world_next_entry(void)
{
	static unsigned number = 1000;
	struct clk clk = fake_clk_get(&world.clock);

	return store_contract_entry(number++, clk_unix_ms(&clk));
}

struct store_entry world_put(struct store *store)
{
	struct store_entry entry = world_next_entry();

	assert_ok(store_put(store, &entry, 1, &world.err), &world.err);
	return entry;
}

enum cf_status world_take(struct store *store, const struct pid *pid)
{
	struct store_entry out;

	return store_take(store, pid, &out, &world.err);
}

struct store_entry world_put_at_last(struct store *store)
{
	struct store_entry entry;
	enum cf_status rc = CF_IO;

	for (int i = 0; rc && i < WORLD_TURNS_MAX; i++) {
		entry = world_next_entry();
		rc = store_put(store, &entry, 1, &world.err);
		if (rc != CF_IO && rc != CF_BUSY)
			break;
		world_pass_turn();
	}
	assert_ok(rc, &world.err);
	return entry;
}

void world_pass_turn(void)
{
	const struct timespec turn = {.tv_nsec = WORLD_TURN_MS * 1000000L};

	(void)nanosleep(&turn, NULL);
	fake_clk_forward(&world.clock, WORLD_TURN_MS);
}

uint64_t world_count(int metric)
{
	struct metrics_view view;

	metrics_read(&view, 0);
	return view.counts[metric];
}

/* --- all ------------------------------------------------------------------ */

static bool has_redis_server(void)
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

int world_run(const char *kind, void (*empty)(void),
	      const struct CMUnitTest *tests, size_t n)
{
	int n_failed;

	if (kind && !has_redis_server()) {
		(void)puts("1..0 # SKIP no redis-server");
		return 0;
	}
	empty_servers = empty;
	buf_init(&other.text, 1024 * 1024);
	temp_dir_make(world.dir);
	if (kind)
		start_topology(kind);
	n_failed = _cmocka_run_group_tests(kind ? kind : "liars", tests, n,
					   NULL, NULL);
	if (kind)
		stop_topology();
	hang_up();
	buf_release(&other.text);
	temp_dir_remove(world.dir);
	return n_failed;
}
