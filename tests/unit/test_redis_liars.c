/*
 * redis.c with servers that lie: replies of sentinels, masters and servers of a
 * cluster make no sense, or have no end.
 */
#include "base/base.h"
#include "redis_world.h"
#include "store/redis_client.h"
#include "store_contract.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { COMMANDS_BYTES = 8192, N_MANY = 1000 };

#define CODE	"$6\r\nk7mq3x\r\n"
#define MASTER	"*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
#define HOST_16 "aaaaaaaaaaaaaaaa"
#define HOST_64 HOST_16 HOST_16 HOST_16 HOST_16

/* A liar's replies to commands of these names, and to all other commands. */
struct lies {
	const char *sentinel, *role, *cluster; /* NULL: as other */
	const char *other;	 /* NULL: OK */
	const char *without_end; /* follows the first reply for ever */
	bool hangs_up;		 /* after the first reply */
	bool is_late; /* replies to a command when the next one comes */
};

/* On 127.0.0.1. It has a port before it has its lies, which name ports. */
static struct liar {
	int fd;
	int port;
	pid_t pid; /* of a group of processes, one for each connection */
} liars[2];

/* --- liars ---------------------------------------------------------------- */

static bool send_text(int c, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(c, text, len);

		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

static bool reply(int c, const struct lies *lies, const char *name)
{
	static bool has_command; /* of this connection's process */
	const char *text = NULL;

	if (!strncmp(name, "SENTINEL", 8))
		text = lies->sentinel;
	else if (!strncmp(name, "ROLE", 4))
		text = lies->role;
	else if (!strncmp(name, "CLUSTER", 7))
		text = lies->cluster;
	else if (lies->is_late && !has_command)
		return has_command = true;
	if (!text)
		text = lies->other ? lies->other : "+OK\r\n";
	if (!send_text(c, text))
		return false;
	while (lies->without_end)
		if (!send_text(c, lies->without_end))
			return false;
	return !lies->hangs_up;
}

/* The end of the command at the beginning of text; *name is its first word.
 * NULL: not all of it is there yet. */
static char *end_of_command(char *text, char **name)
{
	long n = strtol(text + 1, NULL, 10);
	char *at = strstr(text, "\r\n");

	*name = NULL;
	for (; at && n; n--) {
		long len = strtol(at + 3, NULL, 10);

		at = strstr(at + 2, "\r\n");
		if (!at || strlen(at) < (size_t)len + 4)
			return NULL;
		*name = *name ? *name : at + 2;
		at += 2 + len;
	}
	return at ? at + 2 : NULL;
}

static void serve_connection(int c, const struct lies *lies)
{
	static char text[COMMANDS_BYTES];
	size_t len = 0;
	ssize_t n;

	while ((n = read(c, text + len, sizeof(text) - 1 - len)) > 0) {
		char *at = text, *next, *name;

		len += (size_t)n;
		text[len] = '\0';
		for (; *at && (next = end_of_command(at, &name)); at = next)
			if (!reply(c, lies, name))
				return;
		len -= (size_t)(at - text);
		memmove(text, at, len);
	}
}

static void serve(int fd, const struct lies *lies)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int c = accept(fd, NULL, NULL);

		if (c >= 0 && !fork()) {
			serve_connection(c, lies);
			_exit(0);
		}
		(void)close(c);
	}
}

static void begin_listening(struct liar *liar)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	liar->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(liar->fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(liar->fd, 64), 0);
	assert_int_equal(getsockname(liar->fd, (struct sockaddr *)&at, &len),
			 0);
	liar->port = ntohs(at.sin_port);
}

static void start(int i, struct lies lies)
{
	liars[i].pid = fork();
	assert_true(liars[i].pid >= 0);
	if (!liars[i].pid) {
		/* also when the test is killed */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)setpgid(0, 0);
		serve(liars[i].fd, &lies);
	}
	(void)setpgid(liars[i].pid, liars[i].pid);
}

static int end_liars(void **state)
{
	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(liars); i++) {
		if (liars[i].pid) {
			(void)kill(-liars[i].pid, SIGKILL);
			(void)waitpid(liars[i].pid, NULL, 0);
		}
		if (liars[i].fd)
			(void)close(liars[i].fd);
		liars[i] = (struct liar){.fd = 0};
	}
	return 0;
}

/* New liars, on other ports, which no breaker knows. */
static void begin_row(void)
{
	(void)end_liars(NULL);
	for (size_t i = 0; i < CF_ARRAY_LEN(liars); i++)
		begin_listening(&liars[i]);
	(void)unlink(temp_path(world.dir, "breaker"));
}

static int set_up(void **state)
{
	(void)world_set_up(state);
	world.options.has_attempts = false;
	begin_row();
	return 0;
}

/* --- asking them ---------------------------------------------------------- */

/* The URL of the first liar. A login may follow the scheme. */
static void set_url(const char *scheme, const char *rest)
{
	world_set_url("%s127.0.0.1:%d%s", scheme, liars[0].port, rest);
}

static struct store *open_store(void)
{
	struct store *store;

	assert_ok(world_try_open(STORE_FOR_ONE, &store), &world.err);
	return store;
}

static enum cf_status call(struct store *store, enum store_call which)
{
	return store_contract_call(store, which, &world.err);
}

/* Calls fail with rc, and again when the breaker allows a try. */
static void expect(enum cf_status rc)
{
	static const enum store_call calls[] = {STORE_CALL_TAKE, STORE_CALL_PUT,
						STORE_CALL_COUNT};
	struct store *store = open_store();

	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(calls); i++) {
		assert_status(call(store, calls[i % CF_ARRAY_LEN(calls)]), rc,
			      &world.err);
		fake_clk_forward(&world.clock, 60000);
	}
	store_close(store);
}

/* --- sentinels ------------------------------------------------------------ */

#define LOCAL	 "$9\r\n127.0.0.1\r\n"
#define LEVELS_6 "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"

static void a_sentinel_that_makes_no_sense_names_no_master(void **state)
{
	static const struct {
		const char *reply;
		enum cf_status rc;
		const char *without_end;
		bool hangs_up;
	} rows[] = {
		{"*-1\r\n", CF_CONFIG, NULL, false},
		{"$-1\r\n", CF_CONFIG, NULL, false},
		{"*0\r\n", CF_CONFIG, NULL, false},
		{"*1\r\n" LOCAL, CF_CONFIG, NULL, false},
		{"*3\r\n" LOCAL "$1\r\n1\r\n$1\r\n1\r\n", CF_CONFIG, NULL,
		 false},
		{"+OK\r\n", CF_CONFIG, NULL, false},
		{":2\r\n", CF_CONFIG, NULL, false},
		{"*2\r\n:1\r\n:1\r\n", CF_IO, NULL, false},
		{"*2\r\n$-1\r\n$-1\r\n", CF_IO, NULL, false},
		{"*2\r\n*0\r\n*1\r\n*1\r\n:1\r\n", CF_IO, NULL, false},
		{"*2\r\n" LOCAL "$0\r\n\r\n", CF_IO, NULL, false},
		{"*2\r\n" LOCAL "$1\r\n0\r\n", CF_IO, NULL, false},
		{"*2\r\n" LOCAL "$2\r\n-1\r\n", CF_IO, NULL, false},
		{"*2\r\n" LOCAL "$5\r\n65536\r\n", CF_IO, NULL, false},
		{"*2\r\n" LOCAL "$20\r\n99999999999999999999\r\n", CF_IO, NULL,
		 false},
		{"*2\r\n$64\r\n" HOST_64 "\r\n$1\r\n1\r\n", CF_IO, NULL,
		 false},
		{"-ERR no such thing\r\n", CF_IO, NULL, false},
		{"-\r\n", CF_IO, NULL, false},
		{"*2\r\n$9\r\n127.0", CF_IO, NULL, true},
		{"*99999999999999999999\r\n", CF_IO, NULL, true},
		{LEVELS_6 ":1\r\n", CF_CONFIG, NULL, false},
		{LEVELS_6 "*1\r\n:1\r\n", CF_IO, NULL, false},
		{LEVELS_6 LEVELS_6 ":1\r\n", CF_IO, NULL, true},
		{"*1\r\n", CF_IO, "*1\r\n", false},
		{"*100000000\r\n", CF_IO, ":1\r\n:1\r\n:1\r\n", false},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		begin_row();
		start(0, (struct lies){.sentinel = rows[i].reply,
				       .role = MASTER, .other = CODE,
				       .without_end = rows[i].without_end,
				       .hangs_up = rows[i].hangs_up});
		set_url("redis+sentinel://", "/captcha");
		expect(rows[i].rc);
	}
}

/* What a sentinel replies to name a liar as the master. */
static const char *naming(int liar)
{
	static char text[64];

	(void)snprintf(text, sizeof(text), "*2\r\n" LOCAL "$5\r\n%05d\r\n",
		       liars[liar].port);
	return text;
}

static void a_master_must_have_that_role(void **state)
{
	static const struct {
		const char *role;
		bool hangs_up;
	} rows[] = {
		{"+OK\r\n", false},
		{"+master\r\n", false},
		{"$6\r\nmaster\r\n", false},
		{"$-1\r\n", false},
		{":1\r\n", false},
		{"*-1\r\n", false},
		{"*0\r\n", false},
		{"*1\r\n:1\r\n", false},
		{"*1\r\n$-1\r\n", false},
		{"*1\r\n*1\r\n$6\r\nmaster\r\n", false},
		{"*1\r\n$5\r\nslave\r\n", false},
		{"*1\r\n$7\r\nmasters\r\n", false},
		{"-ERR\r\n", false},
		{"*1\r\n$6\r\nmas", true},
	};

	(void)state;
	for (size_t i = 0; i < 2 * CF_ARRAY_LEN(rows); i++) {
		begin_row();
		start(0, (struct lies){.sentinel = naming(1)});
		start(1, (struct lies){.role = rows[i / 2].role, .other = CODE,
				       .hangs_up = rows[i / 2].hangs_up});
		/* the reply to AUTH is not that to ROLE */
		set_url(i % 2 ? "redis+sentinel://:hush@" : "redis+sentinel://",
			"/captcha");
		expect(CF_IO);
	}
}

static void a_sentinel_that_names_itself_is_not_believed(void **state)
{
	char nameless[64];

	(void)state;
	start(0, (struct lies){.sentinel = naming(0),
			       .role = "*2\r\n$8\r\nsentinel\r\n*0\r\n",
			       .other = CODE});
	set_url("redis+sentinel://", "/captcha");
	expect(CF_IO);
	/* an address without a host would be its own */
	begin_row();
	(void)snprintf(nameless, sizeof(nameless),
		       "*2\r\n$0\r\n\r\n$5\r\n%05d\r\n", liars[0].port);
	start(0, (struct lies){.sentinel = nameless, .role = MASTER,
			       .other = CODE});
	set_url("redis+sentinel://", "/captcha");
	expect(CF_IO);
}

static void a_master_that_never_takes_writes_is_given_up(void **state)
{
	(void)state;
	start(0, (struct lies){.sentinel = naming(1)});
	start(1, (struct lies){.role = MASTER,
			       .other = "-READONLY You can't write\r\n"});
	set_url("redis+sentinel://", "/captcha");
	expect(CF_IO);
}

/* --- clusters ------------------------------------------------------------- */

#define ALL  "*1\r\n*3\r\n:0\r\n:16383\r\n"
#define NODE "*2\r\n" LOCAL ":1\r\n"

static void a_map_that_makes_no_sense_leads_nowhere(void **state)
{
	static const struct {
		const char *map;
		const char *without_end;
		bool hangs_up;
	} rows[] = {
		{"*0\r\n", NULL, false},
		{"*-1\r\n", NULL, false},
		{"$-1\r\n", NULL, false},
		{"+OK\r\n", NULL, false},
		{":1\r\n", NULL, false},
		{"$4\r\nmap!\r\n", NULL, false},
		{"*1\r\n:1\r\n", NULL, false},
		{"*1\r\n*0\r\n", NULL, false},
		{"*1\r\n*2\r\n:0\r\n:16383\r\n", NULL, false},
		{ALL ":1\r\n", NULL, false},
		{ALL "*0\r\n", NULL, false},
		{ALL "*1\r\n$1\r\na\r\n", NULL, false},
		{ALL "*2\r\n:1\r\n:0\r\n", NULL, false},
		{ALL "*2\r\n$1\r\na\r\n$1\r\n1\r\n", NULL, false},
		{ALL "*2\r\n$0\r\n\r\n:0\r\n", NULL, false},
		{ALL "*2\r\n$1\r\na\r\n:65536\r\n", NULL, false},
		{ALL "*2\r\n$64\r\n" HOST_64 "\r\n:1\r\n", NULL, false},
		{"*1\r\n*3\r\n:-1\r\n:16383\r\n" NODE, NULL, false},
		{"*1\r\n*3\r\n:0\r\n:16384\r\n" NODE, NULL, false},
		{"*1\r\n*3\r\n:2\r\n:1\r\n" NODE, NULL, false},
		{"*1\r\n*3\r\n:0\r\n:9223372036854775807\r\n" NODE, NULL,
		 false},
		{"*1\r\n*3\r\n:-9223372036854775808\r\n:0\r\n" NODE, NULL,
		 false},
		/* sense, but no server is there, or has the slot */
		{"*2\r\n*3\r\n:0\r\n:16383\r\n" NODE
		 "*3\r\n:5\r\n:16000\r\n" NODE, NULL, false},
		{"*1\r\n*3\r\n:0\r\n:0\r\n" NODE, NULL, false},
		{"-ERR no map\r\n", NULL, false},
		{"*1\r\n*3\r\n:0\r\n:163", NULL, true},
		{"*100000000\r\n", ":1\r\n:1\r\n:1\r\n", false},
		{"*16384\r\n", "*3\r\n:0\r\n:16383\r\n" NODE, false},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		begin_row();
		start(0, (struct lies){.cluster = rows[i].map, .other = CODE,
				       .without_end = rows[i].without_end,
				       .hangs_up = rows[i].hangs_up});
		set_url("redis+cluster://", "");
		expect(CF_IO);
	}
}

/* A map that gives all slots to a liar. */
static const char *map_of(int liar)
{
	static char text[2][128];

	(void)snprintf(text[liar], sizeof(text[liar]),
		       ALL "*2\r\n" LOCAL ":%d\r\n", liars[liar].port);
	return text[liar];
}

/* The URL of both liars. */
static void set_url_of_both(void)
{
	world_set_url("redis+cluster://127.0.0.1:%d,127.0.0.1:%d",
		      liars[0].port, liars[1].port);
}

static void a_map_of_too_many_servers_leaves_room_for_a_better(void **state)
{
	static char many[N_MANY * 64];
	struct store *store;
	size_t len;

	(void)state;
	len = (size_t)snprintf(many, sizeof(many), "*%d\r\n", N_MANY);
	for (int i = 0; i < N_MANY; i++)
		len += (size_t)snprintf(many + len, sizeof(many) - len,
					"*3\r\n:%d\r\n:%d\r\n*2\r\n"
					"$10\r\n127.9.%d.%02d\r\n:1\r\n",
					i, i, 1 + i / 90 % 9, 10 + i % 90);
	start(0, (struct lies){.cluster = many});
	start(1, (struct lies){.cluster = map_of(1), .other = CODE});
	set_url_of_both();
	store = open_store();
	assert_ok(call(store, STORE_CALL_TAKE), &world.err);
	store_close(store);
	set_url("redis+cluster://", "");
	fake_clk_forward(&world.clock, 60000);
	expect(CF_IO);
}

static void a_redirection_to_no_server_is_not_followed(void **state)
{
	static const char *const replies[] = {
		"-MOVED\r\n",
		"-MOVED \r\n",
		"-MOVED x\r\n",
		"-MOVED 1\r\n",
		"-MOVED 1 :\r\n",
		"-MOVED 1 :0\r\n",
		"-MOVED 1 x:\r\n",
		"-MOVED 1 127.0.0.1:99999\r\n",
		"-MOVED 1 127.0.0.1:-1\r\n",
		"-MOVED 1 127.0.0.1:99999999999999999999\r\n",
		"-MOVED 1 " HOST_64 ":1\r\n",
		"-MOVED :1 127.0.0.1\r\n",
		"-MOVED 16384 127.0.0.1:1\r\n",
		"-ASK\r\n",
		"-ASK x\r\n",
		"-ASK 1 :\r\n",
		"-ASK 1 127.0.0.1:99999\r\n",
		"-ASK 1 127.0.0.1:1\r\n",
		"-TRYAGAINx\r\n",
		"-CLUSTERDOWN The cluster is down\r\n",
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(replies); i++) {
		begin_row();
		start(0, (struct lies){.cluster = map_of(0),
				       .other = replies[i]});
		set_url("redis+cluster://", "");
		expect(CF_IO);
	}
}

static void servers_that_name_each_other_are_given_up(void **state)
{
	static const char *const words[] = {"MOVED", "ASK"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(words); i++) {
		char text[64];

		begin_row();
		for (int k = 0; k < 2; k++) {
			(void)snprintf(text, sizeof(text),
				       "-%s 1 127.0.0.1:%d\r\n", words[i],
				       liars[!k].port);
			start(k, (struct lies){.cluster = map_of(k),
					       .other = text});
		}
		set_url("redis+cluster://", "");
		expect(CF_IO);
		set_url_of_both();
		fake_clk_forward(&world.clock, 60000);
		expect(CF_IO);
	}
}

/* A map that gives the lower half of the slots to the first liar, and the upper
 * half to the second. */
static const char *map_of_both(void)
{
	static char text[256];

	(void)snprintf(text, sizeof(text),
		       "*2\r\n*3\r\n:0\r\n:8191\r\n*2\r\n" LOCAL ":%d\r\n"
		       "*3\r\n:8192\r\n:16383\r\n*2\r\n" LOCAL ":%d\r\n",
		       liars[0].port, liars[1].port);
	return text;
}

/* One server fails an exchange before the other has replied. */
static void a_late_reply_is_not_taken_for_that_of_another_command(void **state)
{
	struct store_entry entries[2] = {world_next_entry(),
					 world_next_entry()};
	struct store_entry out;
	struct store *store;

	(void)state;
	while (redis_slot(entries[0].pid.text) > 8191)
		entries[0] = world_next_entry();
	while (redis_slot(entries[1].pid.text) <= 8191)
		entries[1] = world_next_entry();
	start(0, (struct lies){.cluster = map_of_both(),
			       .other = "",
			       .hangs_up = true});
	start(1, (struct lies){.other = CODE, .is_late = true});
	set_url("redis+cluster://", "");
	world.options.timeout_ms = WORLD_TIMEOUT_MS / 10;
	store = open_store();
	assert_status(store_put(store, entries, 2, &world.err), CF_IO,
		      &world.err);
	assert_status(store_peek(store, &entries[1].pid, &out, &world.err),
		      CF_IO, &world.err);
	assert_has(world.err.text, "no answer within");
	store_close(store);
}

static void a_sum_of_counts_does_not_overflow(void **state)
{
	static const char *const replies[] = {":9223372036854775807\r\n",
					      ":-1\r\n"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(replies); i++) {
		char map[256];
		struct store *store;

		begin_row();
		(void)snprintf(map, sizeof(map),
			       "*2\r\n*3\r\n:0\r\n:1\r\n*2\r\n" LOCAL ":%d\r\n"
			       "*3\r\n:2\r\n:16383\r\n*2\r\n" LOCAL ":%d\r\n",
			       liars[0].port, liars[1].port);
		for (int k = 0; k < 2; k++)
			start(k, (struct lies){.cluster = map,
					       .other = replies[i]});
		set_url("redis+cluster://", "");
		store = open_store();
		assert_status(call(store, STORE_CALL_COUNT), CF_IO, &world.err);
		store_close(store);
	}
}

/* --- any server ----------------------------------------------------------- */

static void a_reply_that_makes_no_sense_is_a_failure(void **state)
{
	enum {
		FIT_OK = 1 << STORE_CALL_PUT | 1 << STORE_CALL_PUT_PICTURE,
		FIT_1 = 1 << STORE_CALL_COUNT | 1 << STORE_CALL_DROP |
			1 << STORE_CALL_SWAP,
		NO_COMMAND = 1 << STORE_CALL_SWEEP | 1 << STORE_CALL_TIDY,
	};
	static char x[65536 + 1];
	static const struct {
		struct lies lies;
		int fits; /* replies to these calls */
	} rows[] = {
		{{.other = "", .hangs_up = true}, 0},
		{{.other = "x", .hangs_up = true}, 0},
		{{.other = "x\r\n"}, 0},
		{{.other = "$6\r\nk7m", .hangs_up = true}, 0},
		{{.other = "*1\r\n$6\r\nk7mq3x\r\n"}, 0},
		{{.other = "*0\r\n"}, 0},
		{{.other = "$1190000\r\n", .without_end = x}, 0},
		{{.other = "+QUEUED\r\n"}, 0},
		{{.other = "+\r\n"}, 0},
		{{.other = "+OKAY\r\n"}, 0},
		{{.other = "+OK\r\n"}, FIT_OK},
		{{.other = ":1\r\n"}, FIT_1},
	};

	(void)state;
	memset(x, 'x', sizeof(x) - 1);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct store *store;

		begin_row();
		start(0, rows[i].lies);
		set_url("redis://", "");
		world.options.has_attempts = i % 2;
		store = open_store();
		for (int which = 0; which < STORE_CALLS; which++) {
			if ((rows[i].fits | NO_COMMAND) & 1 << which)
				continue;
			assert_status(call(store, (enum store_call)which),
				      CF_IO, &world.err);
			fake_clk_forward(&world.clock, 60000);
		}
		store_close(store);
	}
}

static void a_list_is_no_welcome(void **state)
{
	(void)state;
	start(0, (struct lies){.other = MASTER});
	set_url("redis://:hush@", "");
	expect(CF_IO);
	assert_has(world.err.text, "does not fit the introduction");
}

static void a_reply_too_many_is_dropped(void **state)
{
	struct store *store;

	(void)state;
	start(0, (struct lies){.other = "$-1\r\n" CODE});
	set_url("redis://", "");
	store = open_store();
	/* peek is one command, so that a second reply is one too many */
	for (int i = 0; i < 3; i++)
		assert_status(call(store, STORE_CALL_PEEK), CF_NOT_FOUND,
			      &world.err);
	store_close(store);
}

/* Each announces more items than can follow, and none follows. */
static void a_list_gets_no_memory_for_items_only_announced(void **state)
{
	static const char *const replies[] = {
		"*2147483647\r\n", "*1000000000\r\n", "*262145\r\n",
		"*2\r\n*262143\r\n",
		"*260000\r\n*260000\r\n*260000\r\n*260000\r\n",
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(replies); i++) {
		struct store *store;

		begin_row();
		start(0, (struct lies){.other = replies[i]});
		set_url("redis://", "");
		store = open_store();
		assert_status(call(store, STORE_CALL_TAKE), CF_IO, &world.err);
		assert_has(world.err.text, "more parts than");
		store_close(store);
	}
}

/* A server that does not know a command repeats its arguments. */
static void an_error_that_repeats_the_password_is_cut(void **state)
{
	struct store *store;

	(void)state;
	start(0, (struct lies){.other = "-ERR unknown command 'AUTH', with args "
					"beginning with: 'hush' \r\n"});
	set_url("redis://:hush@", "");
	store = open_store();
	assert_status(call(store, STORE_CALL_TAKE), CF_CONFIG, &world.err);
	assert_has(world.err.text, "unknown command 'AUTH'");
	assert_null(strstr(world.err.text, "hush"));
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, end_liars)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sentinel_that_makes_no_sense_names_no_master),
		TEST(a_master_must_have_that_role),
		TEST(a_sentinel_that_names_itself_is_not_believed),
		TEST(a_master_that_never_takes_writes_is_given_up),
		TEST(a_map_that_makes_no_sense_leads_nowhere),
		TEST(a_map_of_too_many_servers_leaves_room_for_a_better),
		TEST(a_redirection_to_no_server_is_not_followed),
		TEST(servers_that_name_each_other_are_given_up),
		TEST(a_late_reply_is_not_taken_for_that_of_another_command),
		TEST(a_sum_of_counts_does_not_overflow),
		TEST(a_reply_that_makes_no_sense_is_a_failure),
		TEST(a_list_is_no_welcome),
		TEST(a_reply_too_many_is_dropped),
		TEST(a_list_gets_no_memory_for_items_only_announced),
		TEST(an_error_that_repeats_the_password_is_cut),
	};

	return world_run(NULL, NULL, tests, CF_ARRAY_LEN(tests));
}
