/*
 * Parse CGI variables and a body into a struct http_request: RFC 3875 sections
 * 4.1 and 4.2. The fields of query and body are left to fields.c.
 */
#include "base/base.h"
#include "http/request.h"

#include "base/text.h"

enum variable {
	VAR_METHOD,
	VAR_PATH,
	VAR_QUERY,
	VAR_PREFIX,
	VAR_HOST,
	VAR_SERVER_NAME,
	VAR_ORIGIN,
	VAR_FETCH_SITE,
	VAR_FETCH_MODE,
	VAR_FETCH_DEST,
	VAR_FETCH_USER,
	VAR_REMOTE,
	VAR_X_FORWARDED_FOR,
	VAR_FORWARDED,
	VAR_VIA,
	VAR_X_REAL_IP,
	VAR_TYPE,
	VAR_LENGTH,
	/* what a browser prefers; of several lines the first counts */
	VAR_REFERER,
	VAR_ACCEPT_LANGUAGE,
	VAR_ACCEPT_ENCODING,
	VAR_IF_NONE_MATCH,
	VAR_RANGE,
	VAR_IF_RANGE,
	VAR_COUNT
};

#define NAME(s) {s "=", sizeof(s)}

static const struct str variables[VAR_COUNT] = {
	[VAR_METHOD] = NAME("REQUEST_METHOD"),
	[VAR_PATH] = NAME("PATH_INFO"),
	[VAR_QUERY] = NAME("QUERY_STRING"),
	[VAR_PREFIX] = NAME("SCRIPT_NAME"),
	[VAR_HOST] = NAME("HTTP_HOST"),
	[VAR_SERVER_NAME] = NAME("SERVER_NAME"),
	[VAR_ORIGIN] = NAME("HTTP_ORIGIN"),
	[VAR_FETCH_SITE] = NAME("HTTP_SEC_FETCH_SITE"),
	[VAR_FETCH_MODE] = NAME("HTTP_SEC_FETCH_MODE"),
	[VAR_FETCH_DEST] = NAME("HTTP_SEC_FETCH_DEST"),
	[VAR_FETCH_USER] = NAME("HTTP_SEC_FETCH_USER"),
	[VAR_REMOTE] = NAME("REMOTE_ADDR"),
	[VAR_X_FORWARDED_FOR] = NAME("HTTP_X_FORWARDED_FOR"),
	[VAR_FORWARDED] = NAME("HTTP_FORWARDED"),
	[VAR_VIA] = NAME("HTTP_VIA"),
	[VAR_X_REAL_IP] = NAME("HTTP_X_REAL_IP"),
	[VAR_REFERER] = NAME("HTTP_REFERER"),
	[VAR_ACCEPT_LANGUAGE] = NAME("HTTP_ACCEPT_LANGUAGE"),
	[VAR_ACCEPT_ENCODING] = NAME("HTTP_ACCEPT_ENCODING"),
	[VAR_IF_NONE_MATCH] = NAME("HTTP_IF_NONE_MATCH"),
	[VAR_RANGE] = NAME("HTTP_RANGE"),
	[VAR_IF_RANGE] = NAME("HTTP_IF_RANGE"),
	[VAR_TYPE] = NAME("CONTENT_TYPE"),
	[VAR_LENGTH] = NAME("CONTENT_LENGTH"),
};

static const struct {
	const char *name;
	enum request_method method;
} methods[] = {
	{"GET", REQUEST_GET},
	{"POST", REQUEST_POST},
	{"HEAD", REQUEST_HEAD},
	{"OPTIONS", REQUEST_OPTIONS},
};

static const struct {
	const char *name;
	enum request_type type;
} types[] = {
	{"application/x-www-form-urlencoded", REQUEST_TYPE_FORM},
	{"multipart/form-data", REQUEST_TYPE_MULTIPART},
	{"application/json", REQUEST_TYPE_JSON},
};

const char *request_method_name(enum request_method method)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(methods); i++)
		if (methods[i].method == method)
			return methods[i].name;
	return "other";
}

bool request_wants(struct str name)
{
	for (size_t i = 0; i < VAR_COUNT; i++)
		if (name.len + 1 == variables[i].len &&
		    !memcmp(name.ptr, variables[i].ptr, name.len))
			return true;
	return false;
}

/*
 * A variable may be present twice with the same value: nginx sends those of
 * fastcgi_params, and then those of the location. Two values are ambiguous.
 * Headers of proxies have a rule of their own: nginx before 1.23 passes each
 * line of a header on as a variable.
 */
static void find_variables(struct http_request *req,
			   struct str found[VAR_COUNT], char *const *envp)
{
	for (; *envp; envp++) {
		for (size_t i = 0; i < VAR_COUNT; i++) {
			struct str name = variables[i];

			if (strncmp(*envp, name.ptr, name.len))
				continue;
			if (!found[i].ptr)
				found[i] = str_from(*envp + name.len);
			else if (i == VAR_X_FORWARDED_FOR || i == VAR_FORWARDED)
				req->is_forwarded_twice = true;
			else if (i != VAR_VIA && i < VAR_REFERER &&
				 !str_eq(found[i], *envp + name.len))
				req->is_ambiguous = true;
			break;
		}
	}
}

static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c < 0x20 || c == 0x7f)
			return true;
	}
	return false;
}

static enum request_method parse_method(struct str text)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(methods); i++)
		if (str_eq(text, methods[i].name))
			return methods[i].method;
	return REQUEST_OTHER;
}

/* The media type (RFC 9110 section 8.3.1), and its parameters unread. */
static enum request_type parse_type(struct str text, struct str *params)
{
	struct str rest = text, type;

	*params = (struct str)STR_INIT;
	if (!text.len)
		return REQUEST_TYPE_NONE;
	if (text.len > REQUEST_TYPE_MAX_BYTES)
		return REQUEST_TYPE_OTHER;
	type = text_cut(&rest, ';');
	if (type.len < text.len)
		*params =
			(struct str){type.ptr + type.len, text.len - type.len};
	while (str_ends(type, " ") || str_ends(type, "\t"))
		type.len--;
	for (size_t i = 0; i < CF_ARRAY_LEN(types); i++)
		if (str_eq_nocase(type, types[i].name))
			return types[i].type;
	return REQUEST_TYPE_OTHER;
}

static struct str skip_slash(struct str text)
{
	return (struct str){text.ptr + 1, text.len - 1};
}

/* lighttpd and nginx may omit the leading slash. */
static struct str parse_path(struct str text)
{
	if (text.len > REQUEST_PATH_MAX_BYTES)
		return STR_LIT("/"); /* no route has this path */
	return str_starts(text, "/") ? skip_slash(text) : text;
}

static struct str parse_prefix(struct str text)
{
	while (str_starts(text, "/"))
		text = skip_slash(text);
	while (str_ends(text, "/"))
		text.len--;
	return text;
}

/* A header that may be ignored: empty when it is too long. */
static struct str short_list(struct str text)
{
	return text.len <= REQUEST_LIST_MAX_BYTES ? text
						  : (struct str)STR_INIT;
}

void request_init(struct http_request *req, char *const *envp)
{
	struct str found[VAR_COUNT] = {STR_INIT};

	*req = (struct http_request){.method = REQUEST_OTHER};
	find_variables(req, found, envp);
	req->method = parse_method(found[VAR_METHOD]);
	req->path = parse_path(found[VAR_PATH]);
	req->query = found[VAR_QUERY];
	req->is_cross_site = str_eq(found[VAR_FETCH_SITE], "cross-site");
	req->is_navigation = str_eq(found[VAR_FETCH_MODE], "navigate");
	req->is_followed_link = req->is_navigation &&
				str_eq(found[VAR_FETCH_DEST], "document") &&
				str_eq(found[VAR_FETCH_USER], "?1");
	req->remote = found[VAR_REMOTE];
	req->x_forwarded_for = found[VAR_X_FORWARDED_FOR];
	req->forwarded = found[VAR_FORWARDED];
	req->is_passed_on = found[VAR_VIA].len || found[VAR_X_REAL_IP].len;
	req->type = parse_type(found[VAR_TYPE], &req->type_params);
	req->n_body_bytes = text_parse_decimal(found[VAR_LENGTH]);
	req->is_prefix_bad = found[VAR_PREFIX].len > REQUEST_PREFIX_MAX_BYTES ||
			     has_control(found[VAR_PREFIX]);
	if (!req->is_prefix_bad)
		req->prefix = parse_prefix(found[VAR_PREFIX]);
	if (found[VAR_ORIGIN].len <= REQUEST_ORIGIN_MAX_BYTES &&
	    !has_control(found[VAR_ORIGIN]))
		req->origin = found[VAR_ORIGIN];
	if (found[VAR_REFERER].len <= REQUEST_REFERER_MAX_BYTES &&
	    !has_control(found[VAR_REFERER]))
		req->referer = found[VAR_REFERER];
	req->is_same_origin = str_eq(found[VAR_FETCH_SITE], "same-origin");
	req->accept_language = short_list(found[VAR_ACCEPT_LANGUAGE]);
	req->accept_encoding = short_list(found[VAR_ACCEPT_ENCODING]);
	req->if_none_match = short_list(found[VAR_IF_NONE_MATCH]);
	req->range = found[VAR_RANGE];
	req->if_range = found[VAR_IF_RANGE];
	req->host = found[VAR_HOST].len ? found[VAR_HOST]
					: found[VAR_SERVER_NAME];
	if (req->host.len > REQUEST_HOST_MAX_BYTES || has_control(req->host))
		req->host = (struct str)STR_INIT;
	req->is_body_read = !req->n_body_bytes;
}

static enum cf_status check_body(const struct http_request *req,
				 int64_t max_bytes, struct cf_error *err)
{
	bool is_known = req->type != REQUEST_TYPE_NONE &&
			req->type != REQUEST_TYPE_OTHER;

	if (req->n_body_bytes < 0)
		return cf_fail(err, CF_BAD_INPUT,
			       "CONTENT_LENGTH is not a decimal number");
	if (req->n_body_bytes > max_bytes)
		return cf_fail(err, CF_TOO_LARGE,
			       "a body of %lld bytes; this route takes %lld",
			       (long long)req->n_body_bytes,
			       (long long)max_bytes);
	if (req->n_body_bytes && !is_known)
		return cf_fail(err, CF_BAD_TYPE,
			       "a body that is neither a form nor JSON");
	return CF_OK;
}

enum cf_status request_read_body(struct http_request *req, int64_t max_bytes,
				 struct arena *arena, http_read_fn *read_fn,
				 void *read_ctx, struct cf_error *err)
{
	enum cf_status rc = check_body(req, max_bytes, err);
	size_t want, got = 0;
	char *bytes;

	if (rc)
		return rc;
	req->is_body_read = false;
	/* Ask for one byte more, to notice a body that is too long. */
	want = (size_t)req->n_body_bytes + 1;
	bytes = arena_alloc(arena, want);
	if (!bytes)
		return cf_fail(err, CF_NOMEM, "no room for a body of %zu bytes",
			       want - 1);
	while (got < want) {
		ptrdiff_t n = read_fn(read_ctx, bytes + got, want - got);

		if (n < 0)
			return cf_fail(err, CF_GONE,
				       "the peer closed the connection after "
				       "%zu of %zu bytes of the body",
				       got, want - 1);
		if (!n)
			break;
		got += (size_t)n;
	}
	if (got != want - 1)
		return cf_fail(err, CF_BAD_INPUT,
			       "the body is %s than CONTENT_LENGTH = %zu",
			       got < want ? "shorter" : "longer", want - 1);
	req->body = (struct str){bytes, got};
	req->is_body_read = true;
	return CF_OK;
}
