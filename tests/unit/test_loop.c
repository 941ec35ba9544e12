/*
 * loop.c: a process of its own serves connections that the test makes, one
 * unfinished, slow or greedy beside the other. Its clock stands still until
 * the test moves it. What it serves is made up here, in place of http.
 */
#include "base/base.h"
#include "serve/loop.h"
#include "tests/support/check.h"
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
	PATIENCE_MS = 10000, /* of the test, for what must come */
};

/* What the two processes share. */
static struct shared {
	_Atomic int64_t mono_ms;
	_Atomic int n_served;
	_Atomic int64_t n_body_bytes; /* of the last request */
} *shared;

static char dir[TEMP_PATH_BYTES];
static pid_t server;
static struct sockaddr_storage address;
static socklen_t address_len;

/* --- the server ----------------------------------------------------------- */

static char big[BIG_BYTES];

bool http_wants(struct str name)
{
	return name.len > 0;
}

size_t http_body_max_bytes(const struct http *http)
{
	(void)http;
	return BODY_MAX;
}

void http_serve(struct http *http, const struct http_input *in,
		struct http_response *res)
{
	char bytes[BODY_MAX + 1];

	(void)http;
	*res = (struct http_response){
		.status = 200,
		.head = STR_LIT("Status: 200 OK\r\n\r\n"),
		.body = STR_LIT("small"),
		.body_was_read = true,
	};
	for (char *const *e = in->envp; *e; e++)
		if (!strcmp(*e, "PATH_INFO=/big"))
			res->body = (struct str){big, sizeof(big)};
	while (in->read_fn(in->read_ctx, bytes, sizeof(bytes)) > 0)
		;
	atomic_store(&shared->n_body_bytes, in->n_body_bytes);
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

static void serve_in_child(int fd, const struct net_list *peers)
{
	struct cf_error err = CF_ERROR_INIT;
	struct log log;

	log_init(&log, "test_loop", LOG_LEVEL_ERROR, LOG_TO_STDERR);
	server = fork();
	assert_true(server >= 0);
	if (!server)
		_exit(loop_run(&(struct loop){fd, NULL, &log,
					      {mono_ms, mono_ms, NULL},
					      pause_step, NULL, look, NULL,
					      peers}, &err) != CF_OK);
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
				     &address_len), 0);
	serve_in_child(fd, peers);
}

static void share(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(shared != MAP_FAILED);
	shared->mono_ms = 1000 * 1000;
}

static int begin_test(void **state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	(void)state;
	temp_dir_make(dir);
	share();
	assert_true(snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket",
			     dir) < (int)sizeof(addr.sun_path));
	listen_at((struct sockaddr *)&addr, sizeof(addr), NULL);
	return 0;
}

static int end_test(void **state)
{
	(void)state;
	if (server > 0) {
		(void)kill(server, SIGKILL);
		(void)waitpid(server, NULL, 0);
	}
	server = 0;
	(void)munmap(shared, sizeof(*shared));
	temp_dir_remove(dir);
	return 0;
}

/* --- web servers ---------------------------------------------------------- */

static int new_conn(void)
{
	const struct timeval patience = {PATIENCE_MS / 1000, 0};
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

static const char *const small[] = {"REQUEST_METHOD=GET", "PATH_INFO=/small",
				    "CONTENT_LENGTH=0", NULL};
static const char *const large[] = {"REQUEST_METHOD=GET", "PATH_INFO=/big",
				    "CONTENT_LENGTH=0", NULL};

static void ask(int fd, bool is_kept, const char *const *variables)
{
	struct buf out;

	buf_init(&out, 64 * 1024);
	rec_request(&out, is_kept, variables, (struct str)STR_INIT);
	put(fd, out.ptr, out.len);
	buf_release(&out);
}

/* The beginning of a request; the rest of its bytes for put(). */
static void begin_to_ask(int fd, bool is_kept, struct buf *rest)
{
	buf_init(rest, 64 * 1024);
	rec_request(rest, is_kept, small, (struct str)STR_INIT);
	put(fd, rest->ptr, 20);
	memmove(rest->ptr, rest->ptr + 20, rest->len - 20);
	buf_truncate(rest, rest->len - 20);
}

/* Read one whole answer; how many bytes of it are the response's. */
static size_t answer_bytes(int fd)
{
	struct rec_answer answer = {.n_bytes = 0};
	struct buf got;
	size_t n_bytes = 0;

	buf_init(&got, 2 * BIG_BYTES);
	for (;;) {
		static char bytes[65536];
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n <= 0)
			break;
		buf_add(&got, bytes, (size_t)n);
		if (got.len > BIG_BYTES || got.len < 10000) {
			bool is_whole = rec_read(&answer, 1,
						 (struct str){got.ptr,
							      got.len});
			n_bytes = answer.text.len;
			buf_release(&answer.text);
			if (is_whole)
				break;
		}
	}
	assert_int_equal(answer.n_bytes, got.len);
	buf_release(&got);
	return n_bytes;
}

static void assert_answered(int fd)
{
	assert_int_equal(answer_bytes(fd),
			 strlen("Status: 200 OK\r\n\r\nsmall"));
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
	int fd = new_conn();

	ask(fd, false, small);
	assert_answered(fd);
	assert_ended(fd);
}

/* Move the clock of the server, and have it look at it. */
static void pass_ms(int64_t ms)
{
	atomic_fetch_add(&shared->mono_ms, ms);
	visit();
	visit(); /* what was late in the round of the first is gone now */
}

/* --- tests ---------------------------------------------------------------- */

static void serves_one_connection_after_another(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		visit();
	assert_int_equal(shared->n_served, 100);
}

static void a_kept_connection_serves_on(void **state)
{
	int fd = new_conn();

	(void)state;
	for (int i = 0; i < 100; i++) {
		ask(fd, true, small);
		assert_answered(fd);
	}
	pass_ms(LOOP_REQUEST_MS * 100); /* idle, it stays */
	ask(fd, false, small);
	assert_answered(fd);
	assert_ended(fd);
}

static void unfinished_requests_hold_up_nobody(void **state)
{
	int fds[CONN_MAX - 1];
	struct buf rest[CONN_MAX - 1];

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(fds); i++) {
		fds[i] = new_conn();
		begin_to_ask(fds[i], false, &rest[i]);
	}
	for (int i = 0; i < 100; i++)
		visit();
	for (size_t i = CF_ARRAY_LEN(fds); i-- > 0;) {
		put(fds[i], rest[i].ptr, rest[i].len);
		assert_answered(fds[i]);
		assert_ended(fds[i]);
		buf_release(&rest[i]);
	}
}

static void busy_connections_do_not_keep_newcomers_out(void **state)
{
	enum { N_BUSY = 8, ROUNDS_MAX = 5 };
	int busy[N_BUSY], fd;
	int n_rounds = 0;

	(void)state;
	for (int i = 0; i < N_BUSY; i++) {
		busy[i] = new_conn();
		ask(busy[i], true, small);
	}
	fd = new_conn();
	ask(fd, false, small);
	/* whenever the server looks, most of the busy ones are readable */
	for (; n_rounds < 1000 && is_open(fd); n_rounds++)
		for (int i = 0; i < N_BUSY; i++) {
			assert_answered(busy[i]);
			ask(busy[i], true, small);
		}
	assert_true(n_rounds <= ROUNDS_MAX);
	for (int i = 0; i < N_BUSY; i++)
		(void)close(busy[i]);
	(void)close(fd);
}

static void a_full_house_makes_room(void **state)
{
	int fds[CONN_MAX], kept = new_conn();
	struct buf rest;

	(void)state;
	ask(kept, true, small);
	assert_answered(kept);
	for (size_t i = 0; i < CF_ARRAY_LEN(fds); i++) {
		fds[i] = new_conn();
		begin_to_ask(fds[i], false, &rest);
		buf_release(&rest);
		atomic_fetch_add(&shared->mono_ms, 1);
		visit(); /* so that it has been read */
	}
	assert_ended(fds[0]); /* the oldest had to go */
	assert_true(is_open(fds[CONN_MAX - 1]));
	ask(kept, true, small); /* a web server's own did not */
	assert_answered(kept);
	for (size_t i = 1; i < CF_ARRAY_LEN(fds); i++)
		(void)close(fds[i]);
	(void)close(kept);
}

static void a_request_has_a_deadline(void **state)
{
	int slow = new_conn(), silent = new_conn(), kept = new_conn();
	struct buf rest;

	(void)state;
	ask(kept, true, small);
	assert_answered(kept);
	begin_to_ask(slow, false, &rest);
	pass_ms(0);
	/* a byte now and then does not help */
	for (size_t i = 0; i < 9; i++) {
		put(slow, rest.ptr + i, 1);
		pass_ms(LOOP_REQUEST_MS / 10);
		assert_true(is_open(slow));
	}
	assert_true(is_open(silent));
	buf_release(&rest);
	begin_to_ask(kept, true, &rest);
	pass_ms(LOOP_REQUEST_MS / 10);
	assert_ended(slow);
	assert_ended(silent);
	assert_true(is_open(kept)); /* its request began later */
	pass_ms(LOOP_REQUEST_MS);
	assert_ended(kept);
	buf_release(&rest);
}

static void a_large_answer_comes_in_parts(void **state)
{
	int fd = new_conn(), other = new_conn();

	(void)state;
	ask(fd, true, large);
	ask(other, false, large);
	visit(); /* meanwhile others are served */
	assert_int_equal(answer_bytes(fd),
			 strlen("Status: 200 OK\r\n\r\n") + BIG_BYTES);
	ask(fd, true, small);
	assert_answered(fd);
	assert_int_equal(answer_bytes(other),
			 strlen("Status: 200 OK\r\n\r\n") + BIG_BYTES);
	assert_ended(other);
	(void)close(fd);
}

static void an_answer_that_nobody_reads_has_a_deadline(void **state)
{
	int fd = new_conn();
	struct buf got;

	(void)state;
	ask(fd, true, small);
	assert_answered(fd);
	ask(fd, true, large);
	pass_ms(0);
	pass_ms(LOOP_ANSWER_MS);
	buf_init(&got, 2 * BIG_BYTES);
	for (;;) {
		char bytes[4096];
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n <= 0)
			break;
		buf_add(&got, bytes, (size_t)n);
	}
	assert_true(got.len < BIG_BYTES);
	buf_release(&got);
	(void)close(fd);
}

/* Send a request with a body of n bytes that would be requests, skip bytes
 * from their beginning. */
static void put_smuggler(int fd, size_t n, size_t skip)
{
	struct buf body, out, pairs;

	buf_init(&body, n + 4096);
	buf_init(&out, n + n / 8 + 8192);
	buf_init(&pairs, 1000);
	while (body.len < n + skip)
		rec_request(&body, true, small, (struct str)STR_INIT);
	rec_begin(&out, 1, REC_RESPONDER, true);
	rec_text(&pairs, "PATH_INFO", "/small");
	rec_params(&out, 1, &pairs);
	rec_stream(&out, REC_STDIN, 1, body.ptr + skip, n, 32 * 1024);
	assert_ok(buf_status(&out, NULL), NULL);
	put(fd, out.ptr, out.len);
	buf_release(&body);
	buf_release(&out);
	buf_release(&pairs);
}

static void bytes_of_a_body_are_never_a_request(void **state)
{
	(void)state;
	for (size_t skip = 0; skip < 8; skip++) {
		int fd = new_conn();

		atomic_store(&shared->n_served, 0);
		put_smuggler(fd, 100 * 1000, skip);
		assert_answered(fd);
		ask(fd, true, small); /* and the connection is as good as new */
		assert_answered(fd);
		assert_true(is_open(fd));
		assert_int_equal(shared->n_served, 2);
		assert_int_equal(shared->n_body_bytes, 0);
		(void)close(fd);
	}
}

static void a_body_beyond_limits_is_answered_and_closed(void **state)
{
	int fd = new_conn();

	(void)state;
	put_smuggler(fd, 5 * 1024 * 1024, 0);
	assert_answered(fd);
	assert_int_equal(shared->n_served, 1);
	assert_int_equal(shared->n_body_bytes, -1);
	ask(fd, true, small); /* is taken for more of the body */
	pass_ms(LOOP_LINGER_MS);
	assert_ended(fd);
	assert_int_equal(shared->n_served, 3); /* two of them by pass_ms */
}

static void what_is_no_fastcgi_is_cut_off_at_once(void **state)
{
	int fd = new_conn();

	(void)state;
	put(fd, "GET / HTTP/1.0\r\n\r\n", 18);
	assert_ended(fd);
	fd = new_conn();
	ask(fd, true, small);
	assert_answered(fd);
	put(fd, "\2\0\0\0\0\0\0\0", 8);
	assert_ended(fd);
	visit();
}

static void assert_stopped(void)
{
	int status;

	assert_int_equal(waitpid(server, &status, 0), server);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	server = 0;
}

/* The server closes a connection that is idle by its clock, some time after it
 * has heard the signal. */
static void await_end(int fd)
{
	while (is_open(fd)) {
		atomic_fetch_add(&shared->mono_ms, LOOP_LAST_MS / 2);
		(void)poll(NULL, 0, LOOP_LAST_MS / 2);
	}
	assert_ended(fd);
}

static void an_idle_server_leaves_soon(void **state)
{
	int kept = new_conn(), silent = new_conn();

	(void)state;
	ask(kept, true, small);
	assert_answered(kept);
	(void)kill(server, SIGTERM);
	await_end(kept);
	await_end(silent);
	assert_stopped();
}

static void what_is_on_its_way_is_served_at_the_end(void **state)
{
	int kept = new_conn(), fresh = new_conn();

	(void)state;
	ask(kept, true, small);
	assert_answered(kept);
	visit(); /* the fresh one was taken before */
	(void)kill(server, SIGTERM);
	(void)poll(NULL, 0, LOOP_LAST_MS); /* so that it hears it first */
	ask(kept, true, small);
	assert_answered(kept);
	ask(fresh, true, small);
	assert_answered(fresh);
	await_end(kept);
	await_end(fresh);
	assert_stopped();
}

static void what_has_begun_is_served_before_the_end(void **state)
{
	int fd = new_conn(), slow = new_conn();
	struct buf rest, other;

	(void)state;
	begin_to_ask(fd, true, &rest);
	begin_to_ask(slow, true, &other);
	visit();
	(void)kill(server, SIGTERM);
	put(fd, rest.ptr, rest.len);
	assert_answered(fd);
	await_end(fd); /* also a connection that was to be kept */
	atomic_fetch_add(&shared->mono_ms, LOOP_STOP_MS);
	put(slow, other.ptr, 1); /* which has it look at the clock */
	assert_stopped();
	assert_ended(slow);
	buf_release(&rest);
	buf_release(&other);
}

static struct net_list list_of(const char *text)
{
	struct net_list list;

	assert_ok(net_list_parse(&list, text, NULL), NULL);
	return list;
}

/* A server on TCP that these peers may use. */
static void listen_by_tcp(const struct net_list *peers)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listen_at((struct sockaddr *)&addr, sizeof(addr), peers);
}

static void by_tcp_come_those_who_are_listed(void **state)
{
	struct net_list others = list_of("192.0.2.1 10.0.0.0/8");
	struct net_list us = list_of("192.0.2.1 127.0.0.1");

	(void)state;
	(void)end_test(NULL);
	temp_dir_make(dir);
	share();
	listen_by_tcp(NULL);
	visit();
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	listen_by_tcp(&us);
	visit();
	(void)kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	listen_by_tcp(&others);
	assert_ended(new_conn());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)
	const struct CMUnitTest tests[] = {
		TEST(serves_one_connection_after_another),
		TEST(a_kept_connection_serves_on),
		TEST(unfinished_requests_hold_up_nobody),
		TEST(busy_connections_do_not_keep_newcomers_out),
		TEST(a_full_house_makes_room),
		TEST(a_request_has_a_deadline),
		TEST(a_large_answer_comes_in_parts),
		TEST(an_answer_that_nobody_reads_has_a_deadline),
		TEST(bytes_of_a_body_are_never_a_request),
		TEST(a_body_beyond_limits_is_answered_and_closed),
		TEST(what_is_no_fastcgi_is_cut_off_at_once),
		TEST(an_idle_server_leaves_soon),
		TEST(what_is_on_its_way_is_served_at_the_end),
		TEST(what_has_begun_is_served_before_the_end),
		TEST(by_tcp_come_those_who_are_listed),
	};

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
