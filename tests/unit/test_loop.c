/*
 * loop.c: a child process serves connections that the test makes. Some are
 * unfinished, slow or greedy. The clock of the process stands still until the
 * test moves it. The test has functions of its own in place of http.
 *
 * tests/fuzz/fuzz_fastcgi.c covers bodies beyond limits, streams that are no
 * FastCGI and answers that are not read.
 */
#include "base/base.h"
#include "base/text.h"
#include "serve/loop.h"
#include "tests/support/check.h"
#include "tests/support/lines.h"
#include "tests/support/records.h"
#include "tests/support/temp_dir.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

enum {
	CONN_MAX = 128, /* FASTCGI_CONNECTIONS_MAX */
	BODY_MAX = 1000,
	BIG_BYTES = 1024 * 1024,
	PATIENCE_S = 10, /* of the test, for an answer */
};

/* In memory that test and server share. */
static struct shared {
	_Atomic int64_t mono_ms;
	_Atomic int n_served;
	_Atomic bool is_at_gate, gate_is_open; /* of the request /gate */
	_Atomic int n_beats, n_unbeaten; /* requests without a beat before */
} * shared;

static char dir[TEMP_PATH_BYTES];
static pid_t server;
static struct sockaddr_storage address;
static socklen_t address_len;

/* --- the server ----------------------------------------------------------- */

static const char response_head[] = "Status: 200 OK\r\n\r\n";

bool http_wants(struct str name)
{
	return name.len > 0;
}

size_t http_body_max_bytes(const struct http *http)
{
	(void)http;
	return BODY_MAX;
}

static void wait_at_gate(void)
{
	atomic_store(&shared->is_at_gate, true);
	while (!atomic_load(&shared->gate_is_open))
		(void)poll(NULL, 0, 1);
}

void http_serve(struct http *http, const struct http_input *in,
		struct http_response *res)
{
	static char big[BIG_BYTES];
	char bytes[BODY_MAX + 1];

	(void)http;
	if (!atomic_exchange(&shared->n_beats, 0))
		atomic_fetch_add(&shared->n_unbeaten, 1);
	*res = (struct http_response){
		.status = 200,
		.head = str_from(response_head),
		.body = STR_LIT("small"),
		.body_was_read = true,
	};
	for (char *const *e = in->envp; *e; e++) {
		if (!strcmp(*e, "PATH_INFO=/big"))
			res->body = (struct str){big, sizeof(big)};
		if (!strcmp(*e, "PATH_INFO=/gate"))
			wait_at_gate();
	}
	while (in->read_fn(in->read_ctx, bytes, sizeof(bytes)) > 0)
		;
	atomic_fetch_add(&shared->n_served, 1);
}

static int64_t mono_ms(void *ctx)
{
	(void)ctx;
	return atomic_load(&shared->mono_ms);
}

static int64_t pause_step(void *ctx)
{
	(void)ctx;
	return 1000 * 1000;
}

static void look(void *ctx)
{
	(void)ctx;
}

static void beat(void *ctx)
{
	(void)ctx;
	atomic_fetch_add(&shared->n_beats, 1);
}

static void serve_in_child(int fd, const struct net_list *peers)
{
	struct cf_error err = CF_ERROR_INIT;
	struct log log;

	log_init(&log, "test_loop", LOG_LEVEL_ERROR, LOG_TO_STDERR);
	server = fork();
	assert_true(server >= 0);
	if (!server)
		_exit(loop_run(&(struct loop){fd,
					      NULL,
					      &log,
					      {mono_ms, mono_ms, NULL},
					      pause_step,
					      NULL,
					      look,
					      NULL,
					      peers,
					      beat,
					      NULL},
			       &err) != CF_OK);
	(void)close(fd);
}

static void listen_at(const struct sockaddr *addr, socklen_t len,
		      const struct net_list *peers)
{
	int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, addr, len), 0);
	assert_int_equal(listen(fd, 1024), 0);
	address_len = sizeof(address);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address,
				     &address_len),
			 0);
	serve_in_child(fd, peers);
}

static int begin_test(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	temp_dir_make(dir);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	shared->mono_ms = 1000 * 1000;
	assert_true(snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket",
			     dir) < (int)sizeof(addr.sun_path));
	listen_at((struct sockaddr *)&addr, sizeof(addr), NULL);
	return 0;
}

static void stop_server(void)
{
	if (server > 0) {
		(void)kill(server, SIGKILL);
		(void)waitpid(server, NULL, 0);
	}
	server = 0;
}

static int end_test(void **state)
{
	stop_server();
	(void)munmap(shared, sizeof(*shared));
	temp_dir_remove(dir);
	return 0;
}

/* --- web servers ---------------------------------------------------------- */

/* Records, as lines of tests/support/lines.h */
#define BEGIN	   "b 1\nn 1 PATH_INFO=/small"
#define BEGIN_LAST "b 1 0\nn 1 PATH_INFO=/small"
#define END	   "p 1\ne 1"
#define SMALL	   "o 1 PATH_INFO=/small"
#define BIG	   "o 1 PATH_INFO=/big"
#define LAST	   BEGIN_LAST "\n" END

static int new_conn(void)
{
	const struct timeval patience = {PATIENCE_S, 0};
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, address_len),
			 0);
	return fd;
}

static void put(int fd, const void *ptr, size_t n)
{
	const char *bytes = ptr;

	while (n) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		assert_true(sent > 0);
		bytes += sent;
		n -= (size_t)sent;
	}
}

static void put_lines(int fd, const char *lines)
{
	struct str text = str_from(lines);
	struct buf out;

	buf_init(&out, 64 * 1024);
	while (text.len)
		lines_add(&out, text_cut(&text, '\n'), 0);
	put(fd, out.ptr, out.len);
	buf_release(&out);
}

/* A new connection that has sent this. */
static int conn_with(const char *lines)
{
	int fd = new_conn();

	put_lines(fd, lines);
	return fd;
}

/* Read one whole answer; the bytes of the response. */
static size_t answer_bytes(int fd)
{
	size_t n_bytes = 0;

	for (;;) {
		static char content[REC_CONTENT_MAX_BYTES + 255];
		uint8_t head[8];
		size_t n;

		assert_int_equal(recv(fd, head, 8, MSG_WAITALL), 8);
		n = (size_t)(head[4] << 8 | head[5]);
		if (n + head[6])
			assert_int_equal(recv(fd, content, n + head[6],
					      MSG_WAITALL),
					 n + head[6]);
		if (head[1] == REC_END)
			return n_bytes;
		n_bytes += n;
	}
}

static void assert_answered(int fd)
{
	assert_int_equal(answer_bytes(fd),
			 strlen(response_head) + strlen("small"));
}

static void assert_ended(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
	(void)close(fd);
}

static bool is_open(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void visit(void)
{
	int fd = conn_with(LAST);

	assert_answered(fd);
	assert_ended(fd);
}

/* A connection that has served and is idle. */
static int idle_conn(void)
{
	int fd = conn_with(SMALL);

	assert_answered(fd);
	return fd;
}

/* Move the clock of the server, and let it look at the clock. */
static void pass_ms(int64_t ms)
{
	atomic_fetch_add(&shared->mono_ms, ms);
	visit();
	visit(); /* after the first, late connections are closed */
}

/* --- tests ---------------------------------------------------------------- */

static void serves_one_connection_after_another(void **state)
{
	for (int i = 0; i < 100; i++)
		visit();
	assert_int_equal(shared->n_served, 100);
}

static void a_kept_connection_serves_on(void **state)
{
	int fd = new_conn();

	for (int i = 0; i < 100; i++) {
		put_lines(fd, SMALL);
		assert_answered(fd);
	}
	pass_ms(LOOP_REQUEST_MS * 100); /* idle, it stays */
	put_lines(fd, LAST);
	assert_answered(fd);
	assert_ended(fd);
}

/* Each may wait for the store, and the master counts the time between beats. */
static void a_beat_comes_before_each_request_of_a_round(void **state)
{
	int fds[8], at_gate;

	for (size_t i = 0; i < CF_ARRAY_LEN(fds); i++)
		fds[i] = idle_conn();
	at_gate = conn_with("o 1 PATH_INFO=/gate");
	while (!atomic_load(&shared->is_at_gate))
		(void)poll(NULL, 0, 1);
	for (size_t i = 0; i < CF_ARRAY_LEN(fds); i++)
		put_lines(fds[i], SMALL);
	atomic_store(&shared->gate_is_open, true);
	for (size_t i = 0; i < CF_ARRAY_LEN(fds); i++) {
		assert_answered(fds[i]);
		(void)close(fds[i]);
	}
	(void)close(at_gate);
	assert_int_equal(shared->n_unbeaten, 0);
}

static void unfinished_requests_do_not_delay_others(void **state)
{
	int fds[CONN_MAX - 1];

	for (size_t i = 0; i < CF_ARRAY_LEN(fds); i++)
		fds[i] = conn_with(BEGIN_LAST);
	for (int i = 0; i < 100; i++)
		visit();
	for (size_t i = CF_ARRAY_LEN(fds); i-- > 0;) {
		put_lines(fds[i], END);
		assert_answered(fds[i]);
		assert_ended(fds[i]);
	}
}

static void busy_connections_do_not_keep_new_ones_out(void **state)
{
	enum { N_BUSY = 8, ROUNDS_MAX = 5 };
	int busy[N_BUSY], fd;
	int n_rounds = 0;

	for (int i = 0; i < N_BUSY; i++)
		busy[i] = conn_with(SMALL);
	fd = conn_with(LAST);
	/* in each round of the server most busy connections are readable */
	for (; n_rounds < 1000 && is_open(fd); n_rounds++)
		for (int i = 0; i < N_BUSY; i++) {
			assert_answered(busy[i]);
			put_lines(busy[i], SMALL);
		}
	assert_true(n_rounds <= ROUNDS_MAX);
	for (int i = 0; i < N_BUSY; i++)
		(void)close(busy[i]);
	(void)close(fd);
}

static void a_connection_too_many_ends_the_oldest_request(void **state)
{
	int fds[CONN_MAX], kept = idle_conn();

	for (size_t i = 0; i < CF_ARRAY_LEN(fds); i++) {
		fds[i] = conn_with(BEGIN);
		atomic_fetch_add(&shared->mono_ms, 1);
		visit(); /* so that the server has read it */
	}
	assert_ended(fds[0]);
	assert_true(is_open(fds[CONN_MAX - 1]));
	put_lines(kept, SMALL); /* has served, and stays */
	assert_answered(kept);
	for (size_t i = 1; i < CF_ARRAY_LEN(fds); i++)
		(void)close(fds[i]);
	(void)close(kept);
}

static void a_request_has_a_deadline(void **state)
{
	int kept = idle_conn(), slow = conn_with(BEGIN), silent = new_conn();

	pass_ms(0);
	/* more bytes do not help */
	for (size_t i = 0; i < 9; i++) {
		put(slow, &"\1\4\0\1\0\0\0\0\1"[i], 1);
		pass_ms(LOOP_REQUEST_MS / 10);
		assert_true(is_open(slow));
	}
	assert_true(is_open(silent));
	put_lines(kept, BEGIN);
	pass_ms(LOOP_REQUEST_MS / 10);
	assert_ended(slow);
	assert_ended(silent);
	assert_true(is_open(kept)); /* its request began later */
	pass_ms(LOOP_REQUEST_MS);
	assert_ended(kept);
}

static void a_large_answer_comes_in_parts(void **state)
{
	int fds[2] = {conn_with(BIG), conn_with(BIG)};

	visit(); /* meanwhile another request is served */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(answer_bytes(fds[i]),
				 strlen(response_head) + BIG_BYTES);
		put_lines(fds[i], SMALL);
		assert_answered(fds[i]);
		(void)close(fds[i]);
	}
}

static void assert_stopped(void)
{
	int status;

	assert_int_equal(waitpid(server, &status, 0), server);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	server = 0;
}

/* After a signal the server closes an idle connection some time later, by its
 * clock. */
static void await_end(int fd)
{
	while (is_open(fd)) {
		atomic_fetch_add(&shared->mono_ms, LOOP_LAST_MS / 2);
		(void)poll(NULL, 0, LOOP_LAST_MS / 2);
	}
	assert_ended(fd);
}

static void an_idle_server_ends_soon(void **state)
{
	int kept = idle_conn(), silent = new_conn();

	(void)kill(server, SIGTERM);
	await_end(kept);
	await_end(silent);
	assert_stopped();
}

static void a_request_on_its_way_is_served_at_the_end(void **state)
{
	int fds[2] = {idle_conn(), new_conn()};

	visit(); /* so that the new one is accepted */
	(void)kill(server, SIGTERM);
	(void)poll(NULL, 0, LOOP_LAST_MS); /* so that the signal comes first */
	for (int i = 0; i < 2; i++) {
		put_lines(fds[i], SMALL);
		assert_answered(fds[i]);
	}
	await_end(fds[0]);
	await_end(fds[1]);
	assert_stopped();
}

static void a_request_behind_another_is_served_at_the_end(void **state)
{
	int fd = idle_conn();

	(void)kill(server, SIGTERM);
	(void)poll(NULL, 0, LOOP_LAST_MS); /* so that the signal comes first */
	put_lines(fd, "o 1 PATH_INFO=/gate");
	while (!atomic_load(&shared->is_at_gate))
		(void)poll(NULL, 0, 1);
	put_lines(fd, SMALL);
	atomic_store(&shared->gate_is_open, true);
	assert_answered(fd);
	assert_answered(fd);
	await_end(fd);
	assert_stopped();
}

static void a_request_that_has_begun_is_served_before_the_end(void **state)
{
	int fd = conn_with(BEGIN), slow = conn_with(BEGIN);

	visit();
	(void)kill(server, SIGTERM);
	put_lines(fd, END);
	assert_answered(fd);
	await_end(fd); /* although FCGI_KEEP_CONN was set */
	atomic_fetch_add(&shared->mono_ms, LOOP_STOP_MS);
	/* wakes the server, unless it saw the time by itself */
	(void)send(slow, "\1", 1, MSG_NOSIGNAL);
	assert_stopped();
	assert_ended(slow);
}

static void listed_web_servers_may_connect_by_tcp(void **state)
{
	static const struct {
		const char *peers; /* NULL: no list */
		bool may_connect;
	} cases[] = {
		{NULL, true},
		{"192.0.2.1 127.0.0.1", true},
		{"192.0.2.1 10.0.0.0/8", false},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct sockaddr_in addr = {.sin_family = AF_INET};
		const char *peers = cases[i].peers;
		struct net_list list;

		if (peers)
			assert_ok(net_list_parse(&list, peers, NULL), NULL);
		addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		stop_server();
		listen_at((struct sockaddr *)&addr, sizeof(addr),
			  peers ? &list : NULL);
		if (cases[i].may_connect)
			visit();
		else
			assert_ended(new_conn());
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)
	const struct CMUnitTest tests[] = {
		TEST(serves_one_connection_after_another),
		TEST(a_kept_connection_serves_on),
		TEST(a_beat_comes_before_each_request_of_a_round),
		TEST(unfinished_requests_do_not_delay_others),
		TEST(busy_connections_do_not_keep_new_ones_out),
		TEST(a_connection_too_many_ends_the_oldest_request),
		TEST(a_request_has_a_deadline),
		TEST(a_large_answer_comes_in_parts),
		TEST(an_idle_server_ends_soon),
		TEST(a_request_on_its_way_is_served_at_the_end),
		TEST(a_request_behind_another_is_served_at_the_end),
		TEST(a_request_that_has_begun_is_served_before_the_end),
		TEST(listed_web_servers_may_connect_by_tcp),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
