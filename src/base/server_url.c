/*
 * Addresses of Redis: see server_url.h.
 */
#include "base/base.h"
#include "base/server_url.h"

#include "base/buf.h"

static const struct {
	const char *scheme;
	int port; /* where none is given */
} kinds[] = {
	[SERVER_URL_SERVER] = {"redis://", 6379},
	[SERVER_URL_SOCKET] = {"unix://", 0},
	[SERVER_URL_SENTINEL] = {"redis+sentinel://", 26379},
	[SERVER_URL_CLUSTER] = {"redis+cluster://", 6379},
};

enum { PORT_MAX = 65535 };

static int hex_digit(char c)
{
	static const char hex[] = "0123456789abcdef";
	const char *at = c ? strchr(hex, c | 0x20) : NULL;

	return at ? (int)(at - hex) : -1;
}

/* With its %XX decoded; false when it is too long, or has a NUL. */
static bool decode(struct str text, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		int c = (unsigned char)text.ptr[i];

		if (c == '%') {
			int high = i + 2 < text.len
					   ? hex_digit(text.ptr[i + 1])
					   : -1;
			int low = high < 0 ? -1 : hex_digit(text.ptr[i + 2]);

			if (low < 0)
				return false;
			c = high * 16 + low;
			i += 2;
		}
		if (!c || n + 1 >= size)
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return true;
}

/* All of it, in decimal. */
static bool read_number(struct str text, int max, int *out)
{
	int n = 0;

	if (!text.len || text.len > 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		n = n * 10 + (text.ptr[i] - '0');
	}
	*out = n;
	return n <= max;
}

/* What stands before the first c; the rest, from c on, stays in text. Without
 * a c, that is all. */
static struct str cut(struct str *text, char c)
{
	const char *at = text->len ? memchr(text->ptr, c, text->len) : NULL;
	struct str head = *text;

	if (at)
		head.len = (size_t)(at - text->ptr);
	text->ptr += head.len;
	text->len -= head.len;
	return head;
}

static struct str skip(struct str text, size_t n)
{
	return (struct str){text.ptr + n, text.len - n};
}

static enum cf_status read_login(struct server_url *out, struct str login,
				 struct cf_error *err)
{
	struct str user = cut(&login, ':');

	if (!login.len)
		return cf_fail(err, CF_CONFIG, "a user without a password: "
			       "write USER:PASSWORD@ or :PASSWORD@");
	if (user.len && login.len == 1)
		return cf_fail(err, CF_CONFIG, "a user with an empty password");
	if (!decode(user, out->user, sizeof(out->user)) ||
	    !decode(skip(login, 1), out->password, sizeof(out->password)))
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

/* "?key=value&key=value", or nothing. */
static enum cf_status read_query(struct server_url *out, struct str query,
				 struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	while (query.len && !rc) {
		struct str pair;

		query = skip(query, 1);
		pair = cut(&query, '&');
		if (str_starts(pair, "prefix="))
			rc = read_prefix(out, skip(pair, 7), err);
		else if (str_starts(pair, "wait=") &&
			 read_number(skip(pair, 5), SERVER_URL_WAIT_MAX,
				     &out->n_wait))
			continue;
		else if (str_starts(pair, "db=") &&
			 out->kind == SERVER_URL_SOCKET)
			rc = read_db(out, skip(pair, 3), err);
		else
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
		return cf_fail(err, CF_CONFIG, "a socket is a path from / on of "
			       "at most %d bytes", SERVER_URL_PATH_BYTES - 1);
	memcpy(out->path, path.ptr, path.len);
	return CF_OK;
}

/* HOST[:PORT] or [HOST]:PORT */
static enum cf_status read_host(struct server_url *out, struct str place,
				struct cf_error *err)
{
	struct server_url_host *to = &out->hosts[out->n_hosts];
	struct str host = place;

	if (out->n_hosts == SERVER_URL_HOSTS_MAX)
		return cf_fail(err, CF_CONFIG, "more than %d hosts",
			       SERVER_URL_HOSTS_MAX);
	if (place.len && place.ptr[0] == '[') {
		place = skip(place, 1);
		host = cut(&place, ']');
		if (place.len)
			place = skip(place, 1);
	} else {
		host = cut(&place, ':');
	}
	if (!host.len || host.len >= sizeof(to->host))
		return cf_fail(err, CF_CONFIG, "no host in it");
	memcpy(to->host, host.ptr, host.len);
	to->port = kinds[out->kind].port;
	if (place.len && (place.ptr[0] != ':' ||
			  !read_number(skip(place, 1), PORT_MAX, &to->port) ||
			  !to->port))
		return cf_fail(err, CF_CONFIG, "a port is a number from 1 to "
			       "%d", PORT_MAX);
	out->n_hosts++;
	return CF_OK;
}

/* Of a server one host, otherwise some, with commas between. */
static enum cf_status read_hosts(struct server_url *out, struct str list,
				 struct cf_error *err)
{
	enum cf_status rc;

	if (out->kind == SERVER_URL_SERVER)
		return read_host(out, list, err);
	do {
		rc = read_host(out, cut(&list, ','), err);
		if (!list.len)
			break;
		list = skip(list, 1);
	} while (!rc);
	return rc;
}

/* "/NAME", without its slash. */
static enum cf_status read_name(struct server_url *out, struct str name,
				struct cf_error *err)
{
	if (!name.len || !decode(name, out->name, sizeof(out->name)))
		return cf_fail(err, CF_CONFIG, "redis+sentinel:// ends in the "
			       "name that the sentinels know the server by: "
			       "/NAME or /NAME/DB");
	return CF_OK;
}

/* HOSTS[/NAME][/DB] */
static enum cf_status read_network(struct server_url *out, struct str rest,
				   struct cf_error *err)
{
	enum cf_status rc = read_hosts(out, cut(&rest, '/'), err);

	if (rc)
		return rc;
	rest = rest.len ? skip(rest, 1) : rest;
	if (out->kind == SERVER_URL_SENTINEL) {
		rc = read_name(out, cut(&rest, '/'), err);
		rest = rest.len ? skip(rest, 1) : rest;
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
			*rest = skip(*rest, strlen(kinds[i].scheme));
			return true;
		}
	return false;
}

enum cf_status server_url_parse(struct server_url *out, const char *text,
				struct cf_error *err)
{
	struct str rest = str_from(text), head, tail;
	enum cf_status rc;

	*out = (struct server_url){.n_hosts = 0};
	if (str_starts(rest, "rediss://"))
		return cf_fail(err, CF_CONFIG, "TLS is not spoken: name a "
			       "tunnel on this machine, as by stunnel");
	if (!read_scheme(out, &rest))
		return cf_fail(err, CF_CONFIG, "must be sqlite:PATH, "
			       "redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], "
			       "unix:///PATH[?db=DB], "
			       "redis+sentinel://HOST,.../NAME[/DB] or "
			       "redis+cluster://HOST,...");
	tail = rest;
	head = cut(&tail, '/');
	if (head.len && memchr(head.ptr, '@', head.len)) {
		rc = read_login(out, cut(&rest, '@'), err);
		if (rc)
			return rc;
		rest = skip(rest, 1);
	}
	head = cut(&rest, '?');
	rc = out->kind == SERVER_URL_SOCKET ? read_socket(out, head, err)
					   : read_network(out, head, err);
	return rc ? rc : read_query(out, rest, err);
}

void server_url_show(const char *text, char *out, size_t size)
{
	const char *at = strrchr(text, '@');
	const char *login = strstr(text, "://");
	const char *colon;

	login = login && at && login < at ? login + 3 : text;
	colon = at ? memchr(login, ':', (size_t)(at - login)) : NULL;
	if (!at)
		(void)snprintf(out, size, "%s", text);
	else
		(void)snprintf(out, size, "%.*s***%s",
			       (int)((colon ? colon + 1 : login) - text), text,
			       at);
}
