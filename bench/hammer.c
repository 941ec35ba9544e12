/*
 * hammer: a closed-loop HTTP/1.1 client for tests and measurements. Keeps
 * CONNECTIONS busy with requests over kept-alive connections and prints one
 * line of JSON: how many, how fast, which statuses, how many successes.
 *
 *	hammer [-c CONNECTIONS] [-n REQUESTS] [-r REPEAT] [-o FILE] [-p FILE]
 *		[-z] PORT PATH...
 *	hammer ... -b FILE PORT PATH
 *
 * Without -b it sends GET, to each PATH in turn. With -z it accepts gzip, as
 * browsers do. Of each answer the "pid", a tab and the base64 of its picture
 * go to FILE of -o, one a line, and the "pid" alone to FILE of -p, which takes
 * next to no time. With -b each line of FILE is the body of a POST (a form), in
 * turn. Of each success the body goes to FILE of -o. With -r each body is sent
 * REPEAT times at the same moment: all copies are written, each on its own
 * connection, before any answer is read.
 *
 * Talks to 127.0.0.1 only. Exit code 1 when a connection broke or an answer
 * was not HTTP.
 */
#include "base/base.h"
#include "conn.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <sys/epoll.h>

enum { CONNECTIONS_MAX = 256, STATUS_MAX = 600 };

struct connection {
	struct conn conn; /* first, so that epoll's data is both */
	bool is_busy;
	const char *body; /* of the request under way; NULL for GET */
};

struct bodies {
	char **line;
	size_t n;
};

struct run {
	in_port_t port;
	char **paths;
	int64_t n_paths;
	const char *encoding; /* a header line of each GET, or none */
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
	FILE *out;  /* of -o; NULL */
	FILE *pids; /* of -p; NULL */
};

static struct connection connections[CONNECTIONS_MAX];

/* Write the next request on c. */
static void send_next(struct run *run, struct connection *c, int epoll_fd)
{
	char text[4096];
	int n;

	if (c->conn.fd < 0)
		conn_open(&c->conn, run->port, epoll_fd);
	if (run->bodies.n) {
		size_t which = (size_t)(run->n_sent / run->repeat) %
			       run->bodies.n;
		const char *body = run->bodies.line[which];

		c->body = body;
		n = snprintf(text, sizeof(text),
			     "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
			     "Content-Type: application/x-www-form-urlencoded"
			     "\r\nContent-Length: %zu\r\n\r\n%s",
			     run->paths[0], strlen(body), body);
	} else {
		n = snprintf(text, sizeof(text),
			     "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n",
			     run->paths[run->n_sent % run->n_paths],
			     run->encoding);
	}
	c->is_busy = true;
	run->n_sent++;
	if (!conn_send(&c->conn, text, (size_t)n)) {
		/* the server closed a kept connection: once more, anew */
		conn_open(&c->conn, run->port, epoll_fd);
		if (!conn_send(&c->conn, text, (size_t)n))
			exit(1);
	}
}

static void take_answer(struct run *run, struct connection *c)
{
	const char *answer = c->conn.answer;
	const char *pid;

	run->n_status[conn_status(&c->conn)]++;
	run->bytes += (int64_t)c->conn.len;
	/* siteverify has a space */
	if (strstr(answer, "\"success\":true") ||
	    strstr(answer, "\"success\": true")) {
		run->n_success++;
		if (run->out && c->body)
			(void)fprintf(run->out, "%s\n", c->body);
	}
	pid = run->out || run->pids ? strstr(answer, "\"pid\":\"") : NULL;
	if (pid && run->pids)
		(void)fprintf(run->pids, "%.16s\n", pid + 7);
	if (pid && run->out) {
		const char *img = strstr(pid, ";base64,");
		int n = img ? (int)strcspn(img + 8, "\"") : 0;

		(void)fprintf(run->out, "%.16s\t%.*s\n", pid + 7, n,
			      img ? img + 8 : "");
	}
	run->latency_us[run->n_done++] =
		(uint32_t)((conn_now_ns() - c->conn.sent_ns) / 1000);
}

/* Read what has come; true when that was the end of the answer. */
static bool read_some(struct run *run, struct connection *c)
{
	switch (conn_read(&c->conn)) {
	case CONN_MORE:
		return false;
	case CONN_WHOLE:
		take_answer(run, c);
		break;
	case CONN_BROKEN:
		run->n_broken++;
		run->latency_us[run->n_done++] = 0;
		break;
	}
	c->is_busy = false;
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
	struct run run = {.n_requests = 1000, .repeat = 1, .encoding = ""};
	int n_connections = 16, option;
	const char *body_file = NULL;
	int64_t began;

	while ((option = getopt(argc, argv, "c:n:r:b:o:p:z")) != -1) {
		switch (option) {
		case 'c': n_connections = (int)strtol(optarg, NULL, 10); break;
		case 'n': run.n_requests = strtoll(optarg, NULL, 10); break;
		case 'r': run.repeat = strtoll(optarg, NULL, 10); break;
		case 'b': body_file = optarg; break;
		case 'o': run.out = fopen(optarg, "we"); break;
		case 'p': run.pids = fopen(optarg, "we"); break;
		case 'z': run.encoding = "Accept-Encoding: gzip\r\n"; break;
		default: return 2;
		}
	}
	run.n_paths = argc - optind - 1;
	if (run.n_paths < 1 || (body_file && run.n_paths > 1) ||
	    n_connections < 1 || n_connections > CONNECTIONS_MAX ||
	    run.repeat < 1 || run.repeat > CONNECTIONS_MAX ||
	    run.n_requests < 1) {
		(void)fprintf(stderr, "usage: hammer [-c CONNECTIONS] "
			      "[-n REQUESTS] [-r REPEAT] [-b BODIES] [-o FILE] "
			      "[-p PIDS] [-z] PORT PATH...\n");
		return 2;
	}
	run.port = htons((uint16_t)strtoul(argv[optind], NULL, 10));
	run.paths = argv + optind + 1;
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
		connections[i].conn.fd = -1;
	run.latency_us = calloc((size_t)run.n_requests + 1, sizeof(uint32_t));
	began = conn_now_ns();
	if (run.repeat > 1)
		run_volleys(&run);
	else
		run_stream(&run, n_connections);
	report(&run, (double)(conn_now_ns() - began) / 1e9);
	if (run.out)
		(void)fclose(run.out);
	if (run.pids)
		(void)fclose(run.pids);
	return run.n_broken ? 1 : 0;
}
