/*
 * See http_client.h.
 */
#include "base/base.h"
#include "tests/support/http_client.h"

#include "base/crypt.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"

#include <strings.h>

enum {
	VARIABLES_MAX = 20,
	LINE_BYTES = 4096
};

struct reading {
	struct client *client;
	struct str body;
	bool is_asked_for_nothing;
};

void client_init(struct client *client)
{
	assert_ok(crypt_open(NULL), NULL);
	memset(client, 0, sizeof(*client));
	settings_init(&client->settings);
	/* nobody can make this directory: no test shares limits with another */
	client_set(client, cache_dir, "/dev/null/captcha-fcgi");
	client->log.level = LOG_LEVEL_ERROR;
	client_restart(client);
}

void client_restart(struct client *client)
{
	http_free(client->http);
	client->http =
		http_new(&client->settings, &client->challenge, &client->log);
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
	struct client *client = r->client;
	size_t left = r->body.len - client->n_read;

	client->n_reads++;
	r->is_asked_for_nothing |= !n;
	if (client->chunk_bytes && n > client->chunk_bytes)
		n = client->chunk_bytes;
	if (n > left)
		n = left;
	if (!n)
		return client->is_gone ? -1 : 0;
	memcpy(ptr, r->body.ptr + client->n_read, n);
	client->n_read += n;
	return (ptrdiff_t)n;
}

/* --- the request ---------------------------------------------------------- */

/* In memory of just its size: a sanitizer sees an overread. */
static void add_variable(char **envp, const char *name, const char *value,
			 size_t n_value)
{
	size_t size = strlen(name) + n_value + 1;
	size_t n = 0;

	while (envp[n])
		n++;
	assert_true(n < VARIABLES_MAX);
	envp[n] = malloc(size);
	assert_non_null(envp[n]);
	(void)snprintf(envp[n], size, "%s%.*s", name, (int)n_value, value);
}

static void add_length(char **envp, const char *body)
{
	char length[24];
	int n = snprintf(length, sizeof(length), "%zu", strlen(body));

	for (; *envp; envp++)
		if (!strncmp(*envp, "CONTENT_LENGTH=", 15))
			return;
	add_variable(envp, "CONTENT_LENGTH=", length, (size_t)n);
}

static void add_variables(char **envp, const char *request)
{
	size_t n = strcspn(request, " \n");

	add_variable(envp, "SERVER_SOFTWARE=", "none", 4);
	add_variable(envp, "REQUEST_METHOD=", request, n);
	request += n;
	if (*request == ' ') {
		n = strcspn(++request, "?\n");
		add_variable(envp, "PATH_INFO=", request, n);
		request += n;
	}
	if (*request == '?') {
		n = strcspn(++request, "\n");
		add_variable(envp, "QUERY_STRING=", request, n);
		request += n;
	}
	while (*request == '\n') {
		n = strcspn(++request, "\n");
		add_variable(envp, "", request, n);
		request += n;
	}
}

/* --- the response --------------------------------------------------------- */

static bool has_bytes(struct str text, const char *bytes)
{
	return text.len && memmem(text.ptr, text.len, bytes, strlen(bytes));
}

static void check_head(struct str head, int status)
{
	char line[32];

	(void)snprintf(line, sizeof(line), "Status: %d ", status);
	assert_true(str_starts(head, line));
	assert_true(str_ends(head, "\r\n\r\n"));
	for (size_t i = 0; i < head.len; i++) {
		char c = head.ptr[i];

		assert_true((c >= ' ' && c < 0x7f) || c == '\r' || c == '\n');
		if (c == '\n')
			assert_true(i && head.ptr[i - 1] == '\r');
		/* an empty line ends the head, and only it */
		if (c == '\n' && i + 3 < head.len)
			assert_true(head.ptr[i + 1] != '\r');
	}
	assert_false(has_bytes(head, CLIENT_SECRET));
}

static void check_length(const struct client *client, bool is_head)
{
	const char *length = client_header(client, "Content-Length");
	char want[32];

	(void)snprintf(want, sizeof(want), "%zu", client->res.body.len);
	if (is_head)
		assert_int_equal(client->res.body.len, 0);
	else if (length[0])
		assert_string_equal(length, want);
}

/* A refusal is a problem, tells nothing that came from the client or the
 * inside, and reads no body that it does not want. */
static void check_refusal(const struct client *client, bool is_demo)
{
	static const char *const secrets[] = {
		CLIENT_SECRET, FAKE_CODE, FAKE_PID, "captcha_", "zz", "ogin",
	};
	const struct http_response *res = &client->res;
	bool is_page = is_demo && (res->status == 429 || res->status >= 500);

	assert_string_equal(client_header(client, "Content-Type"),
			    is_page ? "text/html; charset=utf-8"
				    : "application/problem+json");
	if (res->status == 429)
		assert_in_range(strtol(client_header(client, "Retry-After"),
				       NULL, 10),
				1, 60);
	if (is_page)
		return;
	if (res->status == 403 || res->status == 405 || res->status == 413 ||
	    res->status == 429)
		assert_int_equal(client->n_reads, 0);
	for (size_t i = 0; i < CF_ARRAY_LEN(secrets); i++)
		assert_false(has_bytes(res->body, secrets[i]));
}

static void check_response(const struct client *client, const char *request)
{
	const struct http_response *res = &client->res;

	check_head(res->head, res->status);
	check_length(client, !strncmp(request, "HEAD", 4));
	assert_string_equal(client_header(client, "Cache-Control"), "no-store");
	assert_string_equal(client_header(client, "X-Content-Type-Options"),
			    "nosniff");
	assert_false(has_bytes(res->body, CLIENT_SECRET));
	if (res->status >= 400 &&
	    !(res->status == 503 && strstr(request, " /healthz")))
		check_refusal(client, strstr(request, " /demo") != NULL);
}

void client_ask(struct client *client, const char *request, const char *body)
{
	char *envp[VARIABLES_MAX + 1] = {NULL};
	struct reading reading = {client, str_from(body), false};
	const struct http_input input = {envp, read_body, &reading, -1, NULL};

	add_variables(envp, request);
	if (body)
		add_length(envp, body);
	client->challenge.calls[0] = '\0';
	client->n_read = 0;
	client->n_reads = 0;
	memset(&client->res, 0, sizeof(client->res));
	capture_begin();
	http_serve(client->http, &input, &client->res);
	client->logged = capture_end();
	for (char **e = envp; *e; e++)
		free(*e);
	assert_false(reading.is_asked_for_nothing);
	check_response(client, request);
}

const char *client_header(const struct client *client, const char *name)
{
	static char value[LINE_BYTES];
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

/* --- exchanges ------------------------------------------------------------ */

static bool is_like(const char *text, const char *pattern)
{
	if (*pattern == '*')
		return is_like(text, pattern + 1) ||
		       (*text && is_like(text + 1, pattern));
	if (*pattern != *text)
		return false;
	return !*text || is_like(text + 1, pattern + 1);
}

static bool has_headers(const struct client *client, const char *lines)
{
	while (*lines) {
		size_t n = strcspn(lines, "\n");
		size_t n_name = strcspn(lines, ":");
		char name[64], value[LINE_BYTES];

		(void)snprintf(name, sizeof(name), "%.*s", (int)n_name, lines);
		(void)snprintf(value, sizeof(value), "%.*s",
			       (int)(n - n_name - 2), lines + n_name + 2);
		if (strcmp(client_header(client, name), value) != 0)
			return false;
		lines += n + (lines[n] == '\n');
	}
	return true;
}

static void run_row(struct client *client, const struct exchange *row)
{
	const struct http_response *res = &client->res;
	const char *calls = row->calls ? row->calls : "";
	const char *body;

	client->challenge = row->fake;
	client_ask(client, row->request, row->body);
	body = res->body.len ? res->body.ptr : "";
	if (res->status != row->status ||
	    !is_like(client->challenge.calls, calls) ||
	    (row->header && !has_headers(client, row->header)) ||
	    (row->logged && !is_like(client->logged, row->logged)) ||
	    (row->answer && !is_like(body, row->answer)))
		fail_msg("%s\n%s\n\nis not %d after \"%s\", with %s\n%s\n\n"
			 "but, after \"%s\":\n%.*s%.300s\n%s",
			 row->request, row->body ? row->body : "", row->status,
			 calls, row->header ? row->header : "",
			 row->answer ? row->answer : "",
			 client->challenge.calls, (int)res->head.len,
			 res->head.ptr, body, client->logged);
}

void client_run(struct client *client, const struct exchange *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < (rows[i].times ? rows[i].times : 1); k++)
			run_row(client, &rows[i]);
}
