/*
 * redis.c among servers that lie: what sentinels, masters and servers of a
 * cluster say about themselves and each other makes no sense, or has no end.
 */
#include "base/base.h"
#include "conf/settings.h"
#include "store/redis.h"
#include "tests/support/check.h"
#include "tests/support/fake_clk.h"
#include "tests/support/temp_dir.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { TIMEOUT_MS = 5000, WORDS_BYTES = 8192, N_MANY = 1000 };

#define PID	 "0000000001AbCdEf"
#define CODE	 "$6\r\nk7mq3x\r\n"
#define MASTER	 "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"
#define FIVE(x)	 x x x x x
#define HOST_64	 FIVE("aaaaaaaaaaaa") "aaaa"

/* What one answers to commands of these names; NULL: as to others. */
struct lies {
	const char *sentinel, *role, *cluster;
	const char *other;
	const char *without_end; /* follows each answer again and again */
	bool hangs_up;		 /* after the first words */
};

/* On 127.0.0.1; it has a port before it has anything to say. */
struct liar {
	int fd;
	int port;
	pid_t pid; /* of a group of processes, one for each connection */
};

static char dir[TEMP_PATH_BYTES];
static struct settings settings;
static struct fake_clk clock_;
static struct cf_error err;
static struct liar liars[2];

/* --- liars ---------------------------------------------------------------- */

static bool say_all(int c, const char *text)
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

static bool answer(int c, const struct lies *lies, const char *name)
{
	const char *text = NULL;

	if (!strncmp(name, "SENTINEL", 8))
		text = lies->sentinel;
	else if (!strncmp(name, "ROLE", 4))
		text = lies->role;
	else if (!strncmp(name, "CLUSTER", 7))
		text = lies->cluster;
	if (!say_all(c, text ? text : lies->other ? lies->other : "+OK\r\n"))
		return false;
	while (lies->without_end)
		if (!say_all(c, lies->without_end))
			return false;
	return !lies->hangs_up;
}

/* Where the command at the beginning of words ends; *name is its first word.
 * NULL: not all of it is there yet. */
static char *end_of_command(char *words, char **name)
{
	long n = strtol(words + 1, NULL, 10);
	char *at = strstr(words, "\r\n");

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

static void talk(int c, const struct lies *lies)
{
	static char words[WORDS_BYTES];
	size_t len = 0;
	ssize_t n;

	while ((n = read(c, words + len, sizeof(words) - 1 - len)) > 0) {
		char *at = words, *next, *name;

		len += (size_t)n;
		words[len] = '\0';
		for (; *at && (next = end_of_command(at, &name)); at = next)
			if (!answer(c, lies, name))
				return;
		len -= (size_t)(at - words);
		memmove(words, at, len);
	}
}

static void serve(int fd, const struct lies *lies)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int c = accept(fd, NULL, NULL);

		if (c >= 0 && !fork()) {
			talk(c, lies);
			_exit(0);
		}
		(void)close(c);
	}
}

static void liar_listen(struct liar *liar)
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

static void liar_start(struct liar *liar, const struct lies *lies)
{
	liar->pid = fork();
	assert_true(liar->pid >= 0);
	if (!liar->pid) {
		/* also when the test is killed */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)setpgid(0, 0);
		serve(liar->fd, lies);
	}
	(void)setpgid(liar->pid, liar->pid);
}

static void liar_end(struct liar *liar)
{
	if (liar->pid) {
		(void)kill(-liar->pid, SIGKILL);
		(void)waitpid(liar->pid, NULL, 0);
	}
	if (liar->fd >= 0)
		(void)close(liar->fd);
	*liar = (struct liar){.fd = -1};
}

/* --- asking them ---------------------------------------------------------- */

static int set_up(void **state)
{
	(void)state;
	assert_ok(crypt_open(&err), &err);
	err = (struct cf_error)CF_ERROR_INIT;
	fake_clk_init(&clock_);
	settings_init(&settings);
	settings.store = SETTINGS_STORE_REDIS;
	settings.store_timeout_ms = TIMEOUT_MS;
	settings.attempts_max = 1;
	(void)snprintf(settings.cache_dir, sizeof(settings.cache_dir), "%s",
		       dir);
	for (size_t i = 0; i < CF_ARRAY_LEN(liars); i++)
		liar_listen(&liars[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(liars); i++)
		liar_end(&liars[i]);
	return 0;
}

/* Other liars than the last, who were let alone. */
static void begin_row(void)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(liars); i++) {
		liar_end(&liars[i]);
		liar_listen(&liars[i]);
	}
	(void)unlink(temp_path(dir, "breaker"));
}

/* Of the first liar; SCHEME may have a login behind it. */
static void set_url(const char *scheme, const char *rest)
{
	(void)snprintf(settings.redis_url, sizeof(settings.redis_url),
		       "%s127.0.0.1:%d%s", scheme, liars[0].port, rest);
}

static struct store *open_store(void)
{
	const struct store_options options = {
		.kind = STORE_REDIS,
		.redis_url = settings.redis_url,
		.key_prefix = settings.key_prefix,
		.timeout_ms = settings.store_timeout_ms,
		.redis_wait_replicas = settings.redis_wait_replicas,
		.breaker_dir = settings.cache_dir,
		.has_attempts = settings.attempts_max > 1,
	};
	struct store *store;
	void *impl;

	assert_ok(redis_store_open(&options, STORE_FOR_ONE,
				   fake_clk_get(&clock_), &impl, &err), &err);
	store = store_new(&redis_store_ops, impl);
	assert_non_null(store);
	return store;
}

/* One that can be put. */
static struct store_entry make_entry(void)
{
	return (struct store_entry){.pid = {PID},
				    .code = "k7mq3x",
				    .attempts_left = 1,
				    .created_unix_ms = FAKE_NOON_UNIX_MS,
				    .expires_unix_ms = INT64_MAX / 2};
}

static enum cf_status take(struct store *store)
{
	static const struct pid pid = {PID};
	struct store_entry out;

	return store_take(store, &pid, &out, &err);
}

/* Whatever is asked fails so, and again when they have been let alone. */
static void expect(enum cf_status rc)
{
	struct store *store = open_store();
	struct store_entry entry = make_entry();
	int64_t n;

	for (int turn = 0; turn < 2; turn++) {
		assert_status(take(store), rc, &err);
		fake_clk_forward(&clock_, 60000);
		assert_status(store_put(store, &entry, 1, &err), rc, &err);
		fake_clk_forward(&clock_, 60000);
		assert_status(store_count(store, 0, &n, &err), rc, &err);
		fake_clk_forward(&clock_, 60000);
	}
	store_close(store);
}

/* --- sentinels ------------------------------------------------------------ */

static void a_sentinel_that_makes_no_sense_names_nobody(void **state)
{
	static const struct {
		const char *answer;
		enum cf_status rc;
		const char *without_end;
		bool hangs_up;
	} rows[] = {
		{"*-1\r\n", CF_CONFIG, NULL, false},
		{"$-1\r\n", CF_CONFIG, NULL, false},
		{"*0\r\n", CF_CONFIG, NULL, false},
		{"*1\r\n$9\r\n127.0.0.1\r\n", CF_CONFIG, NULL, false},
		{"*3\r\n$9\r\n127.0.0.1\r\n$1\r\n1\r\n$1\r\n1\r\n", CF_CONFIG,
		 NULL, false},
		{"+OK\r\n", CF_CONFIG, NULL, false},
		{":2\r\n", CF_CONFIG, NULL, false},
		{"*2\r\n:1\r\n:1\r\n", CF_IO, NULL, false},
		{"*2\r\n$-1\r\n$-1\r\n", CF_IO, NULL, false},
		{"*2\r\n*0\r\n*1\r\n*1\r\n:1\r\n", CF_IO, NULL, false},
		{"*2\r\n$9\r\n127.0.0.1\r\n$0\r\n\r\n", CF_IO, NULL, false},
		{"*2\r\n$9\r\n127.0.0.1\r\n$1\r\n0\r\n", CF_IO, NULL, false},
		{"*2\r\n$9\r\n127.0.0.1\r\n$2\r\n-1\r\n", CF_IO, NULL, false},
		{"*2\r\n$9\r\n127.0.0.1\r\n$5\r\n65536\r\n", CF_IO, NULL,
		 false},
		{"*2\r\n$9\r\n127.0.0.1\r\n$20\r\n99999999999999999999\r\n",
		 CF_IO, NULL, false},
		{"*2\r\n$64\r\n" HOST_64 "\r\n$1\r\n1\r\n", CF_IO, NULL,
		 false},
		{"-ERR no such thing\r\n", CF_IO, NULL, false},
		{"-\r\n", CF_IO, NULL, false},
		{"*2\r\n$9\r\n127.0", CF_IO, NULL, true},
		{"*99999999999999999999\r\n", CF_IO, NULL, true},
		{"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"
		 ":1\r\n", CF_IO, NULL, true},
		{"*100000000\r\n", CF_IO, ":1\r\n:1\r\n:1\r\n", false},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct lies lies = {.sentinel = rows[i].answer,
				    .role = MASTER, .other = CODE,
				    .without_end = rows[i].without_end,
				    .hangs_up = rows[i].hangs_up};

		begin_row();
		liar_start(&liars[0], &lies);
		set_url("redis+sentinel://", "/captcha");
		expect(rows[i].rc);
	}
}

/* That of a second liar, or of the sentinel itself. */
static void name_port(char *out, size_t size, int port)
{
	char digits[8];

	(void)snprintf(digits, sizeof(digits), "%d", port);
	(void)snprintf(out, size, "*2\r\n$9\r\n127.0.0.1\r\n$%zu\r\n%s\r\n",
		       strlen(digits), digits);
}

static void who_does_not_say_master_is_none(void **state)
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
		char names[64];
		struct lies sentinel = {.sentinel = names};
		struct lies lies = {.role = rows[i / 2].role, .other = CODE,
				    .sentinel = names,
				    .hangs_up = rows[i / 2].hangs_up};

		begin_row();
		name_port(names, sizeof(names), liars[1].port);
		liar_start(&liars[0], &sentinel);
		liar_start(&liars[1], &lies);
		/* an answer to AUTH is none to ROLE */
		set_url(i % 2 ? "redis+sentinel://:hush@" : "redis+sentinel://",
			"/captcha");
		expect(CF_IO);
	}
}

static void a_list_is_no_welcome(void **state)
{
	struct lies lies = {.other = MASTER};

	(void)state;
	liar_start(&liars[0], &lies);
	set_url("redis://:hush@", "");
	expect(CF_IO);
}

static void a_sentinel_may_not_name_itself(void **state)
{
	char names[64];
	struct lies lies = {.sentinel = names,
			    .role = "*2\r\n$8\r\nsentinel\r\n*0\r\n",
			    .other = CODE};

	(void)state;
	name_port(names, sizeof(names), liars[0].port);
	liar_start(&liars[0], &lies);
	set_url("redis+sentinel://", "/captcha");
	expect(CF_IO);
}

/* Or it would be believed: it says that it is a master. */
static void a_sentinel_that_names_no_host_does_not_mean_its_own(void **state)
{
	char names[64];
	struct lies lies = {.sentinel = names, .role = MASTER, .other = CODE};

	(void)state;
	(void)snprintf(names, sizeof(names), "*2\r\n$0\r\n\r\n$5\r\n%05d\r\n",
		       liars[0].port);
	liar_start(&liars[0], &lies);
	set_url("redis+sentinel://", "/captcha");
	expect(CF_IO);
}

static void a_master_that_never_takes_writes_is_given_up(void **state)
{
	char names[64];
	struct lies sentinel = {.sentinel = names};
	struct lies lies = {.role = MASTER,
			    .other = "-READONLY You can't write\r\n"};

	(void)state;
	name_port(names, sizeof(names), liars[1].port);
	liar_start(&liars[0], &sentinel);
	liar_start(&liars[1], &lies);
	set_url("redis+sentinel://", "/captcha");
	expect(CF_IO);
}

/* --- clusters ------------------------------------------------------------- */

#define NODE "*2\r\n$9\r\n127.0.0.1\r\n:1\r\n"

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
		{"*1\r\n*3\r\n:0\r\n:16383\r\n:1\r\n", NULL, false},
		{"*1\r\n*3\r\n:0\r\n:16383\r\n*0\r\n", NULL, false},
		{"*1\r\n*3\r\n:0\r\n:16383\r\n*1\r\n$1\r\na\r\n", NULL, false},
		{"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n:1\r\n:0\r\n", NULL,
		 false},
		{"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n",
		 NULL, false},
		{"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$0\r\n\r\n:0\r\n", NULL,
		 false},
		{"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$1\r\na\r\n:65536\r\n",
		 NULL, false},
		{"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$64\r\n" HOST_64
		 "\r\n:1\r\n", NULL, false},
		{"*1\r\n*3\r\n:-1\r\n:16383\r\n" NODE, NULL, false},
		{"*1\r\n*3\r\n:0\r\n:16384\r\n" NODE, NULL, false},
		{"*1\r\n*3\r\n:2\r\n:1\r\n" NODE, NULL, false},
		{"*1\r\n*3\r\n:0\r\n:9223372036854775807\r\n" NODE, NULL,
		 false},
		{"*1\r\n*3\r\n:-9223372036854775808\r\n:0\r\n" NODE, NULL,
		 false},
		/* sense, but nobody is there, or has the slot */
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
		struct lies lies = {.cluster = rows[i].map, .other = CODE,
				    .without_end = rows[i].without_end,
				    .hangs_up = rows[i].hangs_up};

		begin_row();
		liar_start(&liars[0], &lies);
		set_url("redis+cluster://", "");
		expect(CF_IO);
	}
}

/* A map of all slots at one port. */
static void map_of(char *out, size_t size, int port)
{
	(void)snprintf(out, size, "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n"
		       "$9\r\n127.0.0.1\r\n:%d\r\n", port);
}

static void add_liar(int which)
{
	size_t len = strlen(settings.redis_url);

	(void)snprintf(settings.redis_url + len,
		       sizeof(settings.redis_url) - len, ",127.0.0.1:%d",
		       liars[which].port);
}

static void a_map_of_too_many_hides_nobody_who_knows_better(void **state)
{
	static char many[N_MANY * 64];
	char map[128];
	struct lies lies = {.cluster = many};
	struct lies truth = {.cluster = map, .other = CODE};
	struct store *store;
	size_t len;

	(void)state;
	len = (size_t)snprintf(many, sizeof(many), "*%d\r\n", N_MANY);
	for (int i = 0; i < N_MANY; i++)
		len += (size_t)snprintf(many + len, sizeof(many) - len,
					"*3\r\n:%d\r\n:%d\r\n*2\r\n"
					"$10\r\n127.9.%d.%02d\r\n:1\r\n",
					i, i, 1 + i / 90 % 9, 10 + i % 90);
	map_of(map, sizeof(map), liars[1].port);
	liar_start(&liars[0], &lies);
	liar_start(&liars[1], &truth);
	set_url("redis+cluster://", "");
	add_liar(1);
	store = open_store();
	assert_ok(take(store), &err);
	store_close(store);
	set_url("redis+cluster://", "");
	fake_clk_forward(&clock_, 60000);
	expect(CF_IO);
}

static void a_server_that_names_nobody_is_not_followed(void **state)
{
	static const char *const answers[] = {
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
	for (size_t i = 0; i < CF_ARRAY_LEN(answers); i++) {
		char map[128];
		struct lies lies = {.cluster = map, .other = answers[i]};

		begin_row();
		map_of(map, sizeof(map), liars[0].port);
		liar_start(&liars[0], &lies);
		set_url("redis+cluster://", "");
		expect(CF_IO);
	}
}

static void servers_that_name_each_other_are_given_up(void **state)
{
	static const char *const words[] = {"MOVED", "ASK"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(words); i++) {
		char maps[2][128], names[2][64];
		struct lies lies[2];

		begin_row();
		for (int k = 0; k < 2; k++) {
			map_of(maps[k], sizeof(maps[k]), liars[k].port);
			(void)snprintf(names[k], sizeof(names[k]),
				       "-%s 1 127.0.0.1:%d\r\n", words[i],
				       liars[!k].port);
			lies[k] = (struct lies){.cluster = maps[k],
						.other = names[k]};
			liar_start(&liars[k], &lies[k]);
		}
		set_url("redis+cluster://", "");
		expect(CF_IO);
		add_liar(1);
		fake_clk_forward(&clock_, 60000);
		expect(CF_IO);
	}
}

/* --- any server ----------------------------------------------------------- */

static void an_answer_too_many_is_nobodys(void **state)
{
	struct lies lies = {.other = "$-1\r\n" CODE};
	struct store *store;

	(void)state;
	liar_start(&liars[0], &lies);
	set_url("redis://", "");
	store = open_store();
	for (int i = 0; i < 3; i++)
		assert_status(take(store), CF_NOT_FOUND, &err);
	store_close(store);
}

/* Each announces more than can follow, and nothing follows. */
static void a_list_gets_no_room_for_what_it_only_announces(void **state)
{
	static const char *const answers[] = {
		"*2147483647\r\n", "*1000000000\r\n", "*262145\r\n",
		"*2\r\n*262143\r\n",
		/* and many of them within each other */
		"*260000\r\n*260000\r\n*260000\r\n*260000\r\n",
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(answers); i++) {
		struct lies lies = {.other = answers[i]};
		struct store *store;

		begin_row();
		liar_start(&liars[0], &lies);
		set_url("redis://", "");
		store = open_store();
		assert_status(take(store), CF_IO, &err);
		assert_has(err.text, "more parts than");
		store_close(store);
	}
}

static void what_is_not_ok_is_no_success(void **state)
{
	static const char *const answers[] = {"+\r\n", "+QUEUED\r\n",
					      "+OKAY\r\n"};
	struct store_entry entry = make_entry();

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(answers); i++) {
		struct lies lies = {.other = answers[i]};
		struct store *store;

		begin_row();
		liar_start(&liars[0], &lies);
		set_url("redis://", "");
		store = open_store();
		assert_status(store_put(store, &entry, 1, &err), CF_IO, &err);
		store_close(store);
	}
}

static void numbers_of_challenges_do_not_run_over(void **state)
{
	static const char *const answers[] = {":9223372036854775807\r\n",
					      ":-1\r\n"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(answers); i++) {
		char map[256];
		struct lies lies = {.cluster = map, .other = answers[i]};
		struct store *store;
		int64_t n;

		begin_row();
		(void)snprintf(map, sizeof(map), "*2\r\n*3\r\n:0\r\n:1\r\n"
			       "*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n"
			       "*3\r\n:2\r\n:16383\r\n"
			       "*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n",
			       liars[0].port, liars[1].port);
		liar_start(&liars[0], &lies);
		liar_start(&liars[1], &lies);
		set_url("redis+cluster://", "");
		store = open_store();
		assert_status(store_count(store, 0, &n, &err), CF_IO, &err);
		store_close(store);
	}
}

/* As servers do that do not know a command. */
static void what_an_error_repeats_of_a_question_is_not_told(void **state)
{
	struct lies lies = {.other = "-ERR unknown command 'AUTH', with args "
				     "beginning with: 'hush' \r\n"};
	struct store *store;

	(void)state;
	liar_start(&liars[0], &lies);
	set_url("redis://:hush@", "");
	store = open_store();
	assert_status(take(store), CF_CONFIG, &err);
	assert_has(err.text, "unknown command 'AUTH'");
	assert_null(strstr(err.text, "hush"));
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sentinel_that_makes_no_sense_names_nobody),
		TEST(who_does_not_say_master_is_none),
		TEST(a_list_is_no_welcome),
		TEST(a_sentinel_may_not_name_itself),
		TEST(a_sentinel_that_names_no_host_does_not_mean_its_own),
		TEST(a_master_that_never_takes_writes_is_given_up),
		TEST(a_map_that_makes_no_sense_leads_nowhere),
		TEST(a_map_of_too_many_hides_nobody_who_knows_better),
		TEST(a_server_that_names_nobody_is_not_followed),
		TEST(servers_that_name_each_other_are_given_up),
		TEST(an_answer_too_many_is_nobodys),
		TEST(a_list_gets_no_room_for_what_it_only_announces),
		TEST(what_is_not_ok_is_no_success),
		TEST(numbers_of_challenges_do_not_run_over),
		TEST(what_an_error_repeats_of_a_question_is_not_told),
	};
	int n_failed;

	temp_dir_make(dir);
	n_failed = cmocka_run_group_tests_name("redis liars", tests, NULL,
					       NULL);
	temp_dir_remove(dir);
	return n_failed;
}
