/*
 * An HTTP client: see client.h. It speaks HTTP/1.0, in which an answer ends
 * with its connection and comes in one piece (RFC 1945 section 7.2.2).
 */
#include "base/base.h"
#include "ctl/client.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { REQUEST_MAX_BYTES = 4096, CHUNK_BYTES = 16384 };

/* Copy what is before end; false when it does not fit or is empty. */
static bool copy(char *out, size_t size, const char *text, const char *end)
{
	size_t len = (size_t)(end - text);

	if (!len || len >= size)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

enum cf_status client_parse(const char *url, struct client *out,
			    struct cf_error *err)
{
	static const char scheme[] = "http://";
	const char *host = url + strlen(scheme), *end, *path, *port;
	bool is_right = false;

	if (!strncmp(url, scheme, strlen(scheme))) {
		bool has_brackets = *host == '[';

		path = host + strcspn(host, "/?#");
		end = has_brackets ? strchr(host, ']')
				   : host + strcspn(host, ":/?#");
		port = end + has_brackets;
		is_right = end && end < path + 1 && *path != '?' &&
			   *path != '#' &&
			   copy(out->host, sizeof(out->host),
				host + has_brackets, end);
		if (is_right && *port == ':')
			is_right = copy(out->port, sizeof(out->port), port + 1,
					path);
		else if (is_right)
			(void)snprintf(out->port, sizeof(out->port), "80");
		end = path + strlen(path);
		while (end > path && end[-1] == '/')
			end--;
		out->path[0] = '\0';
		if (is_right && end > path)
			is_right = copy(out->path, sizeof(out->path), path,
					end);
	}
	if (is_right)
		return CF_OK;
	return cf_fail(err, CF_BAD_INPUT,
		       "--url %.80s: must be http://HOST[:PORT][/PATH]", url);
}

static enum cf_status open_socket(const struct client *client, int *fd,
				  struct cf_error *err)
{
	const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
	const struct timeval timeout = {.tv_sec = CLIENT_TIMEOUT_S};
	struct addrinfo *all;
	int bad = getaddrinfo(client->host, client->port, &wanted, &all);

	*fd = -1;
	if (bad)
		return cf_fail(err, CF_GONE, "%s:%s: %s", client->host,
			       client->port, gai_strerror(bad));
	for (struct addrinfo *a = all; a && *fd < 0; a = a->ai_next) {
		*fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (*fd < 0)
			continue;
		(void)setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
				 sizeof(timeout));
		(void)setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &timeout,
				 sizeof(timeout));
		if (connect(*fd, a->ai_addr, a->ai_addrlen)) {
			(void)close(*fd);
			*fd = -1;
		}
	}
	freeaddrinfo(all);
	if (*fd >= 0)
		return CF_OK;
	return cf_fail(err, CF_GONE, "nobody answers at %s:%s: %s",
		       client->host, client->port, strerror(errno));
}

static bool send_all(int fd, const char *ptr, size_t len)
{
	while (len) {
		ssize_t n = send(fd, ptr, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		ptr += n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_all(int fd, struct buf *out)
{
	for (;;) {
		char *room = buf_room(out, CHUNK_BYTES);
		ssize_t n = room ? recv(fd, room, CHUNK_BYTES, 0) : -1;

		if (n < 0 && room && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		buf_grow(out, (size_t)n);
	}
}

/* Leave the body alone. */
static bool split(struct buf *answer, int *status)
{
	static const char blank[] = "\r\n\r\n";
	const char *end = answer->len ? strstr(answer->ptr, blank) : NULL;
	char *digits;

	if (!end || strncmp(answer->ptr, "HTTP/1.", 7) ||
	    strlen(answer->ptr) < strlen("HTTP/1.0 200"))
		return false;
	*status = (int)strtol(answer->ptr + strlen("HTTP/1.0 "), &digits, 10);
	end += strlen(blank);
	memmove(answer->ptr, end,
		answer->len - (size_t)(end - answer->ptr));
	buf_truncate(answer, answer->len - (size_t)(end - answer->ptr));
	return *status >= 100 && *status < 600;
}

enum cf_status client_send(const struct client *client, const char *tail,
			   const char *form, struct buf *body, int *status,
			   struct cf_error *err)
{
	char request[REQUEST_MAX_BYTES];
	enum cf_status rc;
	bool is_whole;
	int fd, n;

	n = snprintf(request, sizeof(request),
		     "%s %s%s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n",
		     form ? "POST" : "GET", client->path, tail, client->host);
	if (form && n > 0 && (size_t)n < sizeof(request))
		n += snprintf(request + n, sizeof(request) - (size_t)n,
			      "Content-Type: application/x-www-form-urlencoded"
			      "\r\nContent-Length: %zu\r\n\r\n%s",
			      strlen(form), form);
	else if (n > 0 && (size_t)n < sizeof(request))
		n += snprintf(request + n, sizeof(request) - (size_t)n, "\r\n");
	if (n <= 0 || (size_t)n >= sizeof(request))
		return cf_fail(err, CF_BAD_INPUT, "a request of %d bytes", n);
	rc = open_socket(client, &fd, err);
	if (rc)
		return rc;
	buf_reset(body);
	is_whole = send_all(fd, request, (size_t)n) && read_all(fd, body);
	(void)close(fd);
	if (!is_whole)
		return cf_fail(err, CF_GONE, "%s:%s ended a request early",
			       client->host, client->port);
	if (!split(body, status))
		return cf_fail(err, CF_BAD_INPUT, "%s:%s does not speak HTTP",
			       client->host, client->port);
	return CF_OK;
}
