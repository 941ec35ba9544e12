/*
 * See http_client.h.
 */
#include "base/base.h"
#include "tests/support/http_client.h"

#include "base/crypt.h"

#include <setjmp.h>

#include <cmocka.h>

#include <strings.h>

enum {
	N_VARIABLES = 20,
	HEADER_BYTES = 2048,
	LOG_BYTES = 16384
};

struct reading {
	struct client *client;
	const struct client_request *req;
	size_t n_bytes;
};

void client_init(struct client *client)
{
	assert_int_equal(crypt_open(NULL), CF_OK);
	memset(client, 0, sizeof(*client));
	settings_init(&client->settings);
	/* one that nobody can make: no test shares anything with another */
	(void)snprintf(client->settings.cache_dir,
		       sizeof(client->settings.cache_dir),
		       "/dev/null/captcha-fcgi");
	client->log.level = LOG_LEVEL_ERROR;
	client->http = http_new(&client->settings, &client->challenge,
				&client->log);
	assert_non_null(client->http);
}

void client_release(struct client *client)
{
	http_free(client->http);
}

int client_set_up(void **state)
{
	client_init(*state);
	return 0;
}

int client_tear_down(void **state)
{
	client_release(*state);
	return 0;
}

static ptrdiff_t read_body(void *ctx, char *ptr, size_t n)
{
	struct reading *r = ctx;
	size_t left = r->n_bytes - r->client->n_read;

	r->client->n_reads++;
	assert_true(n > 0);
	if (r->req->chunk_bytes && n > r->req->chunk_bytes)
		n = r->req->chunk_bytes;
	if (n > left)
		n = left;
	if (!n)
		return r->req->is_gone ? -1 : 0;
	memcpy(ptr, r->req->body + r->client->n_read, n);
	r->client->n_read += n;
	return (ptrdiff_t)n;
}

static void add_variable(char **envp, const char *name, const char *value)
{
	size_t size = strlen(name) + 1 + (value ? strlen(value) : 0) + 1;

	if (!value)
		return;
	while (*envp)
		envp++;
	*envp = malloc(size); /* just its size: a sanitizer sees overreads */
	assert_non_null(*envp);
	(void)snprintf(*envp, size, "%s=%s", name, value);
}

static bool has_bytes(struct str text, const char *bytes)
{
	size_t n = strlen(bytes);

	for (size_t i = 0; i + n <= text.len; i++)
		if (!memcmp(text.ptr + i, bytes, n))
			return true;
	return false;
}

static void check_answer(struct client *client,
			 const struct client_request *req)
{
	const struct http_response *res = &client->res;
	char line[32];
	const char *length;

	(void)snprintf(line, sizeof(line), "Status: %d ", res->status);
	assert_true(str_starts(res->head, line));
	assert_true(str_ends(res->head, "\r\n\r\n"));
	for (size_t i = 0; i < res->head.len; i++) {
		char c = res->head.ptr[i];

		assert_true((c >= ' ' && c < 0x7f) || c == '\r' || c == '\n');
		if (c == '\n')
			assert_true(i && res->head.ptr[i - 1] == '\r');
		/* an empty line ends the head, and only it */
		if (c == '\n' && i + 3 < res->head.len)
			assert_true(res->head.ptr[i + 1] != '\r');
	}
	length = client_header(client, "Content-Length");
	if (length[0] && strcmp(req->method, "HEAD")) {
		(void)snprintf(line, sizeof(line), "%zu", res->body.len);
		assert_string_equal(length, line);
	}
	if (!strcmp(req->method, "HEAD"))
		assert_int_equal(res->body.len, 0);
	assert_string_equal(client_header(client, "Cache-Control"), "no-store");
	assert_false(has_bytes(res->head, CLIENT_SECRET));
	assert_false(has_bytes(res->body, CLIENT_SECRET));
	if (res->status == 429 && !strcmp(req->path, "/demo"))
		assert_string_equal(client_header(client, "Content-Type"),
				    "text/html; charset=utf-8");
	else if (res->status >= 400 && res->status < 500)
		assert_string_equal(client_header(client, "Content-Type"),
				    "application/problem+json");
}

void client_ask(struct client *client, const struct client_request *req)
{
	char *envp[N_VARIABLES + 1] = {NULL};
	struct reading reading = {client, req, req->body_bytes};
	const struct http_input input = {envp, read_body, &reading, -1, NULL};
	char length[32];

	if (!reading.n_bytes && req->body)
		reading.n_bytes = strlen(req->body);
	(void)snprintf(length, sizeof(length), "%zu", reading.n_bytes);
	add_variable(envp, "GATEWAY_INTERFACE", "CGI/1.1");
	add_variable(envp, "REQUEST_METHOD", req->method);
	add_variable(envp, "PATH_INFO", req->path);
	add_variable(envp, "QUERY_STRING", req->query);
	add_variable(envp, "SCRIPT_NAME", req->prefix);
	add_variable(envp, "HTTP_ORIGIN", req->origin);
	add_variable(envp, "HTTP_SEC_FETCH_SITE", req->fetch_site);
	add_variable(envp, "HTTP_SEC_FETCH_MODE", req->fetch_mode);
	add_variable(envp, "HTTP_SEC_FETCH_DEST", req->fetch_dest);
	add_variable(envp, "HTTP_SEC_FETCH_USER", req->fetch_user);
	add_variable(envp, "REMOTE_ADDR", req->remote);
	add_variable(envp, "HTTP_X_FORWARDED_FOR", req->x_forwarded_for);
	add_variable(envp, "HTTP_VIA", req->via);
	add_variable(envp, "HTTP_X_REAL_IP", req->x_real_ip);
	add_variable(envp, "CONTENT_TYPE", req->type);
	add_variable(envp, "CONTENT_LENGTH",
		     req->length ? req->length
				 : (req->body ? length : NULL));
	client->n_read = 0;
	client->n_reads = 0;
	memset(&client->res, 0, sizeof(client->res));
	http_serve(client->http, &input, &client->res);
	for (char **e = envp; *e; e++)
		free(*e);
	check_answer(client, req);
}

const char *client_header(const struct client *client, const char *name)
{
	static char value[HEADER_BYTES];
	const char *at = client->res.head.ptr;
	const char *end = at + client->res.head.len;
	size_t n_name = strlen(name);

	value[0] = '\0';
	while (at < end) {
		const char *eol = memchr(at, '\r', (size_t)(end - at));
		size_t n = (size_t)(eol - at);

		if (n > n_name + 1 && !strncasecmp(at, name, n_name) &&
		    at[n_name] == ':') {
			assert_int_equal(value[0], 0); /* once */
			(void)snprintf(value, sizeof(value), "%.*s",
				       (int)(n - n_name - 2), at + n_name + 2);
		}
		at = eol + 2;
	}
	return value;
}

bool client_body_has(const struct client *client, const char *text)
{
	return has_bytes(client->res.body, text);
}

bool client_body_is(const struct client *client, const char *text)
{
	return str_eq(client->res.body, text);
}

/* Standard error, put aside and into a file. */
static int saved_stderr = -1;
static FILE *log_file;

void client_log_begin(void)
{
	saved_stderr = dup(STDERR_FILENO);
	log_file = tmpfile();
	assert_non_null(log_file);
	assert_true(dup2(fileno(log_file), STDERR_FILENO) >= 0);
}

const char *client_log_end(void)
{
	static char text[LOG_BYTES];
	ssize_t n;

	assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
	(void)close(saved_stderr);
	n = pread(fileno(log_file), text, sizeof(text) - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	(void)fclose(log_file);
	return text;
}
