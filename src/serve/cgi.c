/*
 * Plain CGI: see cgi.h.
 */
#include "base/base.h"
#include "serve/cgi.h"

#include "base/text.h"

#include <poll.h>
#include <signal.h>

static const char *get_env(char *const *envp, const char *name)
{
	size_t len = strlen(name);

	for (; *envp; envp++)
		if (!strncmp(*envp, name, len) && (*envp)[len] == '=')
			return *envp + len + 1;
	return NULL;
}

bool cgi_is_request(char *const *envp)
{
	return get_env(envp, "REQUEST_METHOD") != NULL;
}

/* Read standard input; *ctx counts what is left of CONTENT_LENGTH. The server
 * need not end the input there (RFC 3875, 4.2): a read beyond that does not
 * wait for more. */
static ptrdiff_t read_body(void *ctx, char *ptr, size_t n)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	int64_t *n_left = ctx;
	ssize_t got;

	if (*n_left <= 0 && poll(&fd, 1, 0) <= 0)
		return 0;
	if (*n_left > 0 && (uint64_t)*n_left < n)
		n = (size_t)*n_left;
	do {
		got = read(STDIN_FILENO, ptr, n);
	} while (got < 0 && errno == EINTR);
	if (got > 0)
		*n_left -= got;
	return got;
}

static bool write_all(struct str text)
{
	while (text.len) {
		ssize_t n = write(STDOUT_FILENO, text.ptr, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text.ptr += n;
		text.len -= (size_t)n;
	}
	return true;
}

/* Read and drop the rest of a refused body. Apache's mod_cgid uses one socket
 * for input and output: closing it with unread bytes would reset the
 * connection under the response. */
static void drain_input(void)
{
	enum { DRAIN_MAX_BYTES = 1024 * 1024, DRAIN_WAIT_MS = 100 };
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	char bytes[4096];
	size_t n_bytes = 0;

	while (n_bytes < DRAIN_MAX_BYTES && poll(&fd, 1, DRAIN_WAIT_MS) > 0) {
		ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

		if (got <= 0)
			return;
		n_bytes += (size_t)got;
	}
}

enum cf_status cgi_run(struct http *http, char *const *envp,
		       struct cf_error *err)
{
	int64_t n_left = text_parse_decimal(
		str_from(get_env(envp, "CONTENT_LENGTH")));
	const struct http_input input = {envp, read_body, &n_left, -1, NULL};
	struct http_response res;

	(void)signal(SIGPIPE, SIG_IGN);
	http_serve(http, &input, &res);
	if (!write_all(res.head) || !write_all(res.body))
		return cf_fail(err, CF_GONE, "the web server hung up: %s",
			       strerror(errno));
	if (!res.body_was_read)
		drain_input();
	return CF_OK;
}

void cgi_refuse(void)
{
	static const char text[] =
		"Status: 503 Service Unavailable\r\n"
		"Content-Type: application/problem+json\r\n"
		"Cache-Control: no-store\r\n"
		"Retry-After: 5\r\n\r\n"
		"{\"type\":\"about:blank\",\"title\":\"Service Unavailable\","
		"\"status\":503,\"detail\":\"The service cannot start.\"}\n";

	(void)write_all((struct str){text, sizeof(text) - 1});
}
