/*
 * Status line, headers and problems: RFC 3875 section 6, RFC 9110, RFC 9457.
 * Handlers write the bodies of successful responses.
 */
#include "base/base.h"
#include "http/response.h"

#include "http/request.h"

/* The only table from a status to HTTP. A sentence tells the client what to do,
 * and shows no internals. */
static const struct outcome {
	int http;
	int retry_after_s; /* 0: no Retry-After */
	const char *detail;
} outcomes[CF_STATUS_COUNT] = {
	[CF_OK] = {200, 0, "The request succeeded."},
	[CF_EMPTY] = {500, 0, "The service failed."},
	[CF_NOT_FOUND] = {404, 0, "There is nothing at this address."},
	[CF_BAD_INPUT] = {400, 0, "The request is malformed."},
	[CF_TOO_LARGE] = {413, 0, "The body of the request is too long."},
	[CF_BAD_TYPE] = {415, 0,
			 "Send application/x-www-form-urlencoded, "
			 "multipart/form-data or application/json."},
	[CF_LIMITED] = {429, 0,
			"Too many requests came from your address. Try again "
			"later."},
	[CF_CONFIG] = {503, 5, "The service is out of order for now."},
	[CF_FONT] = {503, 5, "The service is out of order for now."},
	[CF_TOO_NEW] = {503, 5, "The service is out of order for now."},
	[CF_CORRUPT] = {503, 5, "The service is out of order for now."},
	[CF_BUSY] = {503, 1, "The service is busy. Try again."},
	[CF_FULL] = {503, 5, "The service has no room. Try again later."},
	[CF_IO] = {503, 5, "The service is out of order for now."},
	[CF_NOMEM] = {503, 5, "The service has no room. Try again later."},
	[CF_GONE] = {400, 0, "The body of the request is incomplete."},
	[CF_BUG] = {500, 0, "The service failed."},
};

static const struct title {
	int http;
	const char *text;
} titles[] = {
	{200, "OK"},
	{204, "No Content"},
	{206, "Partial Content"},
	{302, "Found"},
	{304, "Not Modified"},
	{400, "Bad Request"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{413, "Content Too Large"},
	{415, "Unsupported Media Type"},
	{416, "Range Not Satisfiable"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{503, "Service Unavailable"},
};

/* The response when no memory is left for a head. */
#define LAST_RESORT \
	"Status: 503 Service Unavailable\r\n" \
	"Retry-After: 5\r\n" \
	"Cache-Control: no-store\r\n" \
	"Content-Length: 0\r\n\r\n"

static const char *title_of(int status)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(titles); i++)
		if (titles[i].http == status)
			return titles[i].text;
	assert(false); /* a status without a title */
	return "";
}

static const struct outcome *outcome_of(enum cf_status status)
{
	if ((unsigned)status >= CF_STATUS_COUNT || !outcomes[status].http)
		status = CF_BUG;
	return &outcomes[status];
}

int response_status(enum cf_status status)
{
	return outcome_of(status)->http;
}

void response_init(struct response *res)
{
	*res = (struct response){.status = 0};
	buf_init(&res->head, RESPONSE_HEAD_MAX_BYTES);
	buf_init(&res->body, RESPONSE_BODY_MAX_BYTES);
}

void response_release(struct response *res)
{
	buf_release(&res->head);
	buf_release(&res->body);
}

void response_reset(struct response *res)
{
	buf_reset(&res->head);
	if (res->body.cap > RESPONSE_KEPT_BYTES)
		buf_release(&res->body);
	buf_reset(&res->body);
	res->status = 0;
	res->is_head = false;
	res->allow_origin = (struct str)STR_INIT;
	res->retry_after_s = 0;
	res->error_code = NULL;
	res->has_no_length = false;
	res->n_left_out = 0;
	res->cache = NULL;
}

void response_add_header(struct response *res, const char *name,
			 struct str value)
{
	buf_add_str(&res->head, name);
	buf_add(&res->head, ": ", 2);
	buf_add(&res->head, value.ptr, value.len);
	buf_add(&res->head, "\r\n", 2);
}

void response_begin(struct response *res, int status, const char *type)
{
	const char *cache = res->cache ? res->cache : "no-store";

	res->status = status;
	res->has_no_length = false;
	res->n_left_out = 0;
	buf_reset(&res->head);
	buf_add_str(&res->head, "Status: ");
	buf_add_number(&res->head, status);
	buf_add_char(&res->head, ' ');
	buf_add_str(&res->head, title_of(status));
	buf_add(&res->head, "\r\n", 2);
	if (type)
		response_add_header(res, "Content-Type", str_from(type));
	response_add_header(res, "Cache-Control", str_from(cache));
	response_add_header(res, "X-Content-Type-Options", STR_LIT("nosniff"));
	if (res->allow_origin.len) {
		response_add_header(res, "Access-Control-Allow-Origin",
				    res->allow_origin);
		response_add_header(res, "Vary", STR_LIT("Origin"));
	}
}

void response_refuse(struct response *res, int status, const char *detail)
{
	struct buf *body = &res->body;

	response_begin(res, status, "application/problem+json");
	buf_reset(body);
	buf_open_json(body, NULL, '{');
	buf_add_json(body, "type", STR_LIT("about:blank"));
	buf_add_json(body, "title", str_from(title_of(status)));
	buf_add_json_number(body, "status", status);
	buf_add_json(body, "detail", str_from(detail));
	if (res->error_code && status < 500) {
		buf_add_json_bool(body, "success", false);
		buf_open_json(body, "error-codes", '[');
		buf_add_json(body, NULL, str_from(res->error_code));
		buf_close_json(body, ']');
	}
	buf_close_json(body, '}');
}

void response_fail(struct response *res, enum cf_status status,
		   const char *detail)
{
	const struct outcome *outcome = outcome_of(status);

	response_refuse(res, outcome->http, detail ? detail : outcome->detail);
	response_add_retry(res, status);
}

void response_add_retry(struct response *res, enum cf_status status)
{
	int64_t seconds = status == CF_LIMITED
				  ? res->retry_after_s
				  : outcome_of(status)->retry_after_s;

	if (!seconds)
		return;
	buf_add_str(&res->head, "Retry-After: ");
	buf_add_number(&res->head, seconds);
	buf_add(&res->head, "\r\n", 2);
}

static void close_head(struct response *res)
{
	if (!res->has_no_length) {
		buf_add_str(&res->head, "Content-Length: ");
		buf_add_number(&res->head,
			       (int64_t)(res->body.len + res->n_left_out));
		buf_add(&res->head, "\r\n", 2);
	}
	buf_add(&res->head, "\r\n", 2);
}

static enum cf_status check_buffers(const struct response *res,
				    struct cf_error *err)
{
	enum cf_status rc = buf_status(&res->head, err);

	return rc ? rc : buf_status(&res->body, err);
}

void response_end(struct response *res, struct http_response *out,
		  struct cf_error *err)
{
	enum cf_status rc;

	close_head(res);
	rc = check_buffers(res, err);
	if (rc) {
		/* the origin may have made the head too long */
		res->cache = NULL;
		res->allow_origin = (struct str)STR_INIT;
		response_fail(res, rc == CF_NOMEM ? CF_NOMEM : CF_BUG, NULL);
		close_head(res);
		rc = check_buffers(res, err);
	}
	if (rc) {
		res->status = 503;
		out->head = STR_LIT(LAST_RESORT);
		out->body = (struct str)STR_INIT;
	} else {
		out->head = (struct str){res->head.ptr, res->head.len};
		out->body = (struct str){res->body.ptr, res->body.len};
	}
	if (res->is_head)
		out->body.len = 0;
	out->status = res->status;
}
