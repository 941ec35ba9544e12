/*
 * hammer: a closed-loop HTTP/1.1 client for tests and measurements. Keeps
 * CONNECTIONS busy with requests over kept-alive connections and prints one
 * line of JSON: how many, how fast, which statuses, how many successes.
 *
 *	hammer [-c CONNECTIONS] [-n REQUESTS] [-r REPEAT] [-o FILE] PORT PATH
 *	hammer ... -b FILE PORT PATH
 *
 * Without -b it sends GET; of each answer the "pid", a tab and the base64 of
 * its picture go to FILE of -o, one a line. With -b each line of FILE is the
 * body of a POST (a form), in turn. Of each success the body goes to FILE of
 * -o. With -r each body is sent REPEAT times at the same moment: all copies
 * are written, each on its own connection, before any answer is read.
 *
 * Talks to 127.0.0.1 only. Exit code 1 when a connection broke or an answer
 * was not HTTP.
 */
#include "base/base.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { CONNECTIONS_MAX = 256, ANSWER_MAX = 256 * 1024, STATUS_MAX = 600 };

struct connection {
	int fd; /* -1: to be connected at the next request */
	bool is_busy;
	size_t len;
	int64_t sent_ns;
	const char *body; /* of the request under way; NULL for GET */
	char answer[ANSWER_MAX];
};

struct bodies {
	char **line;
	size_t n;
};

struct run {
	in_port_t port;
	const char *path;
	struct bodies bodies; /* n 0: GET */
	int64_t n_requests;
	int64_t n_sent;
	int64_t n_done;
	int64_t repeat;
	int64_t n_success;
	int64_t n_broken;
	int64_t n_status[STATUS_MAX];
	int64_t bytes;
	uint32_t *latency_us;
	FILE *out;
};

static struct connection connections[CONNECTIONS_MAX];

static int64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int open_connection(in_port_t port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = port};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		perror("hammer: connect");
		exit(1);
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static bool write_all(int fd, const char *ptr, size_t len)
{
	while (len) {
		ssize_t n = send(fd, ptr, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		ptr += n;
		len -= (size_t)n;
	}
	return true;
}

/* Write the next request on c. */
static void send_next(struct run *run, struct connection *c, int epoll_fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data = {.ptr = c}};
	char text[4096];
	int n;

	if (c->fd < 0) {
		c->fd = open_connection(run->port);
		(void)epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &ev);
	}
	if (run->bodies.n) {
		size_t which = (size_t)(run->n_sent / run->repeat) %
			       run->bodies.n;
		const char *body = run->bodies.line[which];

		c->body = body;
		n = snprintf(text, sizeof(text),
			     "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
			     "Content-Type: application/x-www-form-urlencoded"
			     "\r\nContent-Length: %zu\r\n\r\n%s",
			     run->path, strlen(body), body);
	} else {
		n = snprintf(text, sizeof(text),
			     "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
			     run->path);
	}
	c->len = 0;
	c->is_busy = true;
	c->sent_ns = now_ns();
	run->n_sent++;
	if (!write_all(c->fd, text, (size_t)n)) {
		/* the server closed a kept connection: once more, anew */
		(void)close(c->fd);
		c->fd = open_connection(run->port);
		(void)epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &ev);
		if (!write_all(c->fd, text, (size_t)n))
			exit(1);
	}
}

/* The length of the whole answer, 0 while more must come. */
static size_t answer_length(const struct connection *c)
{
	const char *end = memmem(c->answer, c->len, "\r\n\r\n", 4);
	const char *length;
	size_t head;

	if (!end)
		return 0;
	head = (size_t)(end - c->answer) + 4;
	length = strcasestr(c->answer, "\r\nContent-Length:");
	if (!length || length > end) {
		const char *chunked = strcasestr(c->answer, "chunked");

		if (chunked && chunked < end &&
		    memmem(end, c->len - head + 4, "\r\n0\r\n\r\n", 7))
			return c->len;
		return 0;
	}
	head += strtoul(length + 17, NULL, 10);
	return c->len >= head ? head : 0;
}

static void take_answer(struct run *run, struct connection *c)
{
	long status = strtol(c->answer + 9, NULL, 10);
	const char *pid;

	run->n_status[status > 0 && status < STATUS_MAX ? status : 0]++;
	run->bytes += (int64_t)c->len;
	if (strstr(c->answer, "\"success\":true")) {
		run->n_success++;
		if (run->out && c->body)
			(void)fprintf(run->out, "%s\n", c->body);
	}
	pid = run->out ? strstr(c->answer, "\"pid\":\"") : NULL;
	if (pid) {
		const char *img = strstr(pid, ";base64,");
		int n = img ? (int)strcspn(img + 8, "\"") : 0;

		(void)fprintf(run->out, "%.16s\t%.*s\n", pid + 7, n,
			      img ? img + 8 : "");
	}
	run->latency_us[run->n_done++] =
		(uint32_t)((now_ns() - c->sent_ns) / 1000);
	c->is_busy = false;
	if (strcasestr(c->answer, "Connection: close")) {
		(void)close(c->fd);
		c->fd = -1;
	}
}

/* Read what has come; true when the answer is whole. */
static bool read_some(struct run *run, struct connection *c)
{
	ssize_t n = recv(c->fd, c->answer + c->len, ANSWER_MAX - 1 - c->len, 0);

	if (n <= 0) {
		run->n_broken++;
		run->latency_us[run->n_done++] = 0;
		(void)close(c->fd);
		c->fd = -1;
		c->is_busy = false;
		return true;
	}
	c->len += (size_t)n;
	c->answer[c->len] = '\0';
	if (!answer_length(c))
		return false;
	take_answer(run, c);
	return true;
}

/* Keep every connection busy. */
static void run_stream(struct run *run, int n_connections)
{
	struct epoll_event events[CONNECTIONS_MAX];
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	for (int i = 0; i < n_connections && run->n_sent < run->n_requests; i++)
		send_next(run, &connections[i], epoll_fd);
	while (run->n_done < run->n_requests) {
		int n = epoll_wait(epoll_fd, events, CONNECTIONS_MAX, 30000);

		if (n <= 0) {
			(void)fprintf(stderr, "hammer: no answer in 30 s\n");
			exit(1);
		}
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			if (read_some(run, c) &&
			    run->n_sent < run->n_requests)
				send_next(run, c, epoll_fd);
		}
	}
	(void)close(epoll_fd);
}

/* Send `repeat` copies of a body at once, read all answers, go on. */
static void run_volleys(struct run *run)
{
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	while (run->n_done < run->n_requests) {
		for (int64_t i = 0; i < run->repeat; i++)
			send_next(run, &connections[i], epoll_fd);
		for (int64_t i = 0; i < run->repeat; i++)
			while (connections[i].is_busy)
				(void)read_some(run, &connections[i]);
	}
	(void)close(epoll_fd);
}

static void load_bodies(struct bodies *bodies, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0, room = 0;
	ssize_t len;

	if (!f) {
		perror(path);
		exit(1);
	}
	while ((len = getline(&line, &size, f)) > 0) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (bodies->n == room) {
			room = room ? room * 2 : 1024;
			bodies->line = realloc(bodies->line,
					       room * sizeof(char *));
		}
		bodies->line[bodies->n++] = strdup(line);
	}
	free(line);
	(void)fclose(f);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void report(struct run *run, double seconds)
{
	const char *comma = "";

	qsort(run->latency_us, (size_t)run->n_done, sizeof(uint32_t), compare);
	(void)printf("{\"requests\":%lld,\"seconds\":%.3f,\"per_second\":%.1f,"
		     "\"p50_us\":%u,\"p99_us\":%u,\"bytes\":%lld,"
		     "\"success\":%lld,\"broken\":%lld,\"status\":{",
		     (long long)run->n_done, seconds,
		     (double)run->n_done / seconds,
		     run->latency_us[run->n_done / 2],
		     run->latency_us[run->n_done * 99 / 100],
		     (long long)run->bytes, (long long)run->n_success,
		     (long long)run->n_broken);
	for (int i = 0; i < STATUS_MAX; i++)
		if (run->n_status[i]) {
			(void)printf("%s\"%d\":%lld", comma, i,
				     (long long)run->n_status[i]);
			comma = ",";
		}
	(void)printf("}}\n");
}

int main(int argc, char **argv)
{
	struct run run = {.n_requests = 1000, .repeat = 1};
	int n_connections = 16, option;
	const char *body_file = NULL;
	int64_t began;

	while ((option = getopt(argc, argv, "c:n:r:b:o:")) != -1) {
		switch (option) {
		case 'c': n_connections = (int)strtol(optarg, NULL, 10); break;
		case 'n': run.n_requests = strtoll(optarg, NULL, 10); break;
		case 'r': run.repeat = strtoll(optarg, NULL, 10); break;
		case 'b': body_file = optarg; break;
		case 'o': run.out = fopen(optarg, "we"); break;
		default: return 2;
		}
	}
	if (argc - optind != 2 || n_connections < 1 ||
	    n_connections > CONNECTIONS_MAX || run.repeat < 1 ||
	    run.repeat > CONNECTIONS_MAX || run.n_requests < 1) {
		(void)fprintf(stderr, "usage: hammer [-c CONNECTIONS] "
			      "[-n REQUESTS] [-r REPEAT] [-b BODIES] [-o PIDS] "
			      "PORT PATH\n");
		return 2;
	}
	run.port = htons((uint16_t)strtoul(argv[optind], NULL, 10));
	run.path = argv[optind + 1];
	if (body_file) {
		load_bodies(&run.bodies, body_file);
		if (!run.bodies.n) {
			(void)fprintf(stderr, "hammer: %s is empty\n",
				      body_file);
			return 2;
		}
		run.n_requests = (int64_t)run.bodies.n * run.repeat;
	}
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		connections[i].fd = -1;
	run.latency_us = calloc((size_t)run.n_requests + 1, sizeof(uint32_t));
	began = now_ns();
	if (run.repeat > 1)
		run_volleys(&run);
	else
		run_stream(&run, n_connections);
	report(&run, (double)(now_ns() - began) / 1e9);
	if (run.out)
		(void)fclose(run.out);
	return run.n_broken ? 1 : 0;
}
