/*
 * Parsing addresses of Redis: see server_url.h.
 */
#include "base/base.h"
#include "base/server_url.h"

#include "base/crypt.h"
#include "base/text.h"

static const struct {
	const char *scheme;
	int port; /* when the address has none */
} kinds[] = {
	[SERVER_URL_SERVER] = {"redis://", 6379},
	[SERVER_URL_SOCKET] = {"unix://", 0},
	[SERVER_URL_SENTINEL] = {"redis+sentinel://", 26379},
	[SERVER_URL_CLUSTER] = {"redis+cluster://", 6379},
};

enum { PORT_MAX = 65535 };

/* Decode %XX. False: a % without two digits, a NUL, or too long for out. */
static bool decode(struct str text, char *out, size_t size)
{
	ssize_t n = text_decode_url(text, false, out, size - 1);

	if (n < 0 || memchr(out, 0, (size_t)n))
		return false;
	out[n] = '\0';
	return true;
}

static bool read_number(struct str text, int max, int *out)
{
	int64_t n = text_parse_decimal(text);

	if (!text.len || text.len > 5 || n < 0 || n > max)
		return false;
	*out = (int)n;
	return true;
}

/* [USER]:PASSWORD */
static enum cf_status read_login(struct server_url *out, struct str login,
				 struct cf_error *err)
{
	struct str user = text_cut(&login, ':');

	if (!login.ptr)
		return cf_fail(err, CF_CONFIG, "a user without a password: "
			       "write USER:PASSWORD@ or :PASSWORD@");
	if (user.len && !login.len)
		return cf_fail(err, CF_CONFIG, "a user with an empty password");
	if (!decode(user, out->user, sizeof(out->user)) ||
	    !decode(login, out->password, sizeof(out->password)))
		return cf_fail(err, CF_CONFIG, "user or password is longer than "
			       "%d bytes, or has a %% that is not %%XX",
			       SERVER_URL_WORD_BYTES - 1);
	return CF_OK;
}

static enum cf_status read_db(struct server_url *out, struct str db,
			      struct cf_error *err)
{
	if (db.len && !read_number(db, SERVER_URL_DB_MAX, &out->db))
		return cf_fail(err, CF_CONFIG, "the database is a number up to "
			       "%d", SERVER_URL_DB_MAX);
	return CF_OK;
}

static enum cf_status read_prefix(struct server_url *out, struct str text,
				  struct cf_error *err)
{
	if (!decode(text, out->prefix, sizeof(out->prefix)))
		return cf_fail(err, CF_CONFIG, "prefix= is longer than %d "
			       "bytes, or has a %% that is not %%XX",
			       SERVER_URL_PREFIX_BYTES - 1);
	for (const char *at = out->prefix; *at; at++)
		if ((*at > 0 && *at <= ' ') || *at == '{' || *at == '}')
			return cf_fail(err, CF_CONFIG, "prefix= has a space, a "
				       "control character or a brace in it");
	return CF_OK;
}

/* KEY=VALUE[&KEY=VALUE]...; the ptr of query is NULL when there is no "?". */
static enum cf_status read_query(struct server_url *out, struct str query,
				 struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	while (query.ptr && !rc) {
		struct str value = text_cut(&query, '&');
		struct str key = text_cut(&value, '=');

		if (value.ptr && str_eq(key, "prefix"))
			rc = read_prefix(out, value, err);
		else if (value.ptr && str_eq(key, "db") &&
			 out->kind == SERVER_URL_SOCKET)
			rc = read_db(out, value, err);
		else if (!str_eq(key, "wait") ||
			 !read_number(value, SERVER_URL_WAIT_MAX, &out->n_wait))
			rc = cf_fail(err, CF_CONFIG, "behind ? may stand "
				     "prefix=TEXT, wait=0 to %d and, of a "
				     "socket, db=NUMBER, with & between",
				     SERVER_URL_WAIT_MAX);
	}
	return rc;
}

static enum cf_status read_socket(struct server_url *out, struct str path,
				  struct cf_error *err)
{
	if (!path.len || path.ptr[0] != '/' || path.len >= sizeof(out->path))
		return cf_fail(err, CF_CONFIG, "a socket has an absolute path of "
			       "at most %d bytes", SERVER_URL_PATH_BYTES - 1);
	memcpy(out->path, path.ptr, path.len);
	return CF_OK;
}

/* HOST[:PORT] or "[" HOST "]" [:PORT] */
static enum cf_status read_host(struct server_url *out, struct str port,
				struct cf_error *err)
{
	struct server_url_host *to = &out->hosts[out->n_hosts];
	struct str host, behind_bracket = STR_INIT;

	if (out->n_hosts == SERVER_URL_HOSTS_MAX)
		return cf_fail(err, CF_CONFIG, "more than %d hosts",
			       SERVER_URL_HOSTS_MAX);
	if (str_starts(port, "[")) {
		(void)text_cut(&port, '[');
		host = text_cut(&port, ']');
		behind_bracket = text_cut(&port, ':');
	} else {
		host = text_cut(&port, ':');
	}
	if (!host.len || host.len >= sizeof(to->host))
		return cf_fail(err, CF_CONFIG, "no host, or a host of more "
			       "than %d bytes", SERVER_URL_HOST_BYTES - 1);
	memcpy(to->host, host.ptr, host.len);
	to->port = kinds[out->kind].port;
	if (behind_bracket.len ||
	    (port.ptr &&
	     (!read_number(port, PORT_MAX, &to->port) || !to->port)))
		return cf_fail(err, CF_CONFIG, "a port is a number from 1 to "
			       "%d", PORT_MAX);
	out->n_hosts++;
	return CF_OK;
}

/* HOST, or of sentinels and clusters HOST[,HOST]... */
static enum cf_status read_hosts(struct server_url *out, struct str list,
				 struct cf_error *err)
{
	enum cf_status rc;

	if (out->kind == SERVER_URL_SERVER)
		return read_host(out, list, err);
	do {
		rc = read_host(out, text_cut(&list, ','), err);
	} while (!rc && list.ptr);
	return rc;
}

/* HOSTS[/NAME][/DB] */
static enum cf_status read_network(struct server_url *out, struct str rest,
				   struct cf_error *err)
{
	enum cf_status rc;

	/* this may be the end of a password, and the host a part of it */
	if (rest.len && memchr(rest.ptr, '@', rest.len))
		return cf_fail(err, CF_CONFIG, "an @ after the login: write @ "
			       "as %%40 and / as %%2F in a user, a password or "
			       "a name");
	rc = read_hosts(out, text_cut(&rest, '/'), err);
	if (!rc && out->kind == SERVER_URL_SENTINEL) {
		struct str name = text_cut(&rest, '/');

		if (!name.len || !decode(name, out->name, sizeof(out->name)))
			rc = cf_fail(err, CF_CONFIG, "redis+sentinel:// ends "
				     "in the name that the sentinels know the "
				     "server by: /NAME or /NAME/DB");
	}
	if (!rc && out->kind == SERVER_URL_CLUSTER && rest.len)
		rc = cf_fail(err, CF_CONFIG, "a cluster has one database: "
			     "nothing may stand behind the hosts");
	return rc ? rc : read_db(out, rest, err);
}

static bool read_scheme(struct server_url *out, struct str *rest)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(kinds); i++)
		if (str_starts(*rest, kinds[i].scheme)) {
			out->kind = (enum server_url_kind)i;
			rest->ptr += strlen(kinds[i].scheme);
			rest->len -= strlen(kinds[i].scheme);
			return true;
		}
	return false;
}

enum cf_status server_url_parse(struct server_url *out, const char *text,
				struct cf_error *err)
{
	struct str rest = str_from(text), head, slash;
	enum cf_status rc = CF_OK;

	*out = (struct server_url){.n_hosts = 0};
	if (str_starts(rest, "rediss://"))
		return cf_fail(err, CF_CONFIG, "there is no TLS: name a "
			       "tunnel on this machine, such as stunnel");
	if (!read_scheme(out, &rest))
		return cf_fail(err, CF_CONFIG, "must be sqlite:PATH, "
			       "redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], "
			       "unix:///PATH[?db=DB], "
			       "redis+sentinel://HOST,.../NAME[/DB] or "
			       "redis+cluster://HOST,...");
	slash = rest;
	head = text_cut(&slash, '/');
	if (head.len && memchr(head.ptr, '@', head.len))
		rc = read_login(out, text_cut(&rest, '@'), err);
	if (rc)
		return rc;
	head = text_cut(&rest, '?');
	rc = out->kind == SERVER_URL_SOCKET ? read_socket(out, head, err)
					   : read_network(out, head, err);
	return rc ? rc : read_query(out, rest, err);
}

void server_url_show(const char *text, char *out, size_t size)
{
	struct server_url url;
	bool is_right = !server_url_parse(&url, text, NULL);
	/* in a wrong address any @ may be the end of a password */
	const char *at = is_right ? strchr(text, '@') : strrchr(text, '@');
	const char *login = strstr(text, "://");
	const char *colon;

	if (is_right && !url.password[0])
		at = NULL;
	crypt_zero(&url, sizeof(url));
	login = login && at && login < at ? login + 3 : text;
	colon = at ? memchr(login, ':', (size_t)(at - login)) : NULL;
	if (!at)
		(void)snprintf(out, size, "%s", text);
	else
		(void)snprintf(out, size, "%.*s***%s",
			       (int)((colon ? colon + 1 : login) - text), text,
			       at);
}
