/*
 * See http_client.h.
 */
#include "base/base.h"
#include "tests/support/http_client.h"

#include "base/crypt.h"
#include "base/text.h"
#include "tests/support/capture.h"
#include "tests/support/check.h"
#include "tests/support/http_answer.h"

enum {
	VARIABLES_MAX = 20,
	VALUE_BYTES = 512
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
	/* no process can make this directory: so tests share no limits */
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

/* In memory of its exact size: so a sanitizer finds an overread. */
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

/* A refusal is a problem, or a page of the demo. A problem repeats no bytes of
 * the client or of an error, and most come without reading the body. */
static void check_refusal(const struct client *client, bool is_demo)
{
	/* the last two are parts of profile names that tests ask for */
	static const char *const secrets[] = {
		CLIENT_SECRET, FAKE_CODE, FAKE_PID, "captcha_", "zz", "ogin",
	};
	const struct http_response *res = &client->res;
	bool is_page = is_demo && (res->status == 429 || res->status >= 500);
	struct str wait = http_answer_header(res, "Retry-After");

	assert_true(client_has_header(client, "Content-Type",
				      is_page ? "text/html; charset=utf-8"
					      : "application/problem+json"));
	if (res->status == 429)
		assert_in_range(text_parse_decimal(wait), 1, 60);
	if (is_page)
		return;
	if (res->status == 403 || res->status == 405 || res->status == 413 ||
	    res->status == 429)
		assert_int_equal(client->n_reads, 0);
	for (size_t i = 0; i < CF_ARRAY_LEN(secrets); i++)
		assert_false(http_answer_has(res->body, secrets[i]));
}

static void check_response(const struct client *client, const char *request)
{
	const struct http_response *res = &client->res;
	const char *fault =
		http_answer_fault(res, !strncmp(request, "HEAD", 4));

	if (fault)
		fail_msg("%s: %s", request, fault);
	assert_true(client_has_header(
		client, "Cache-Control",
		strstr(request, " /audio/") && res->status < 400
			? "private, no-transform, max-age=250"
			: "no-store"));
	assert_true(
		client_has_header(client, "X-Content-Type-Options", "nosniff"));
	assert_false(http_answer_has(res->head, CLIENT_SECRET));
	assert_false(http_answer_has(res->body, CLIENT_SECRET));
	/* health has a form of its own, and a refused frame names its page */
	if (res->status >= 400 &&
	    !(res->status == 503 && strstr(request, " /healthz")) &&
	    !(res->status == 403 && strstr(request, " /frame")))
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

bool client_has_header(const struct client *client, const char *name,
		       const char *value)
{
	return str_eq(http_answer_header(&client->res, name), value);
}

bool client_body_has(const struct client *client, const char *text)
{
	return http_answer_has(client->res.body, text);
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
	struct str text = str_from(lines);

	while (text.len) {
		struct str want = text_cut(&text, '\n');
		struct str name = text_cut(&want, ':');
		char header[64], value[VALUE_BYTES];

		(void)snprintf(header, sizeof(header), "%.*s", (int)name.len,
			       name.ptr);
		(void)snprintf(value, sizeof(value), "%.*s", (int)want.len - 1,
			       want.ptr + 1);
		if (!client_has_header(client, header, value))
			return false;
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
