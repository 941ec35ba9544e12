/*
 * Addresses of Redis: see redis_url.h.
 */
#include "base/base.h"
#include "base/redis_url.h"

#include "base/buf.h"

#define TCP  "redis://"
#define UNIX "unix://"

enum { PORT_DEFAULT = 6379, PORT_MAX = 65535 };

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

static enum cf_status read_login(struct redis_url *out, struct str login,
				 struct cf_error *err)
{
	struct str user = cut(&login, ':');

	if (!login.len)
		return cf_fail(err, CF_CONFIG, "a user without a password: "
			       "write USER:PASSWORD@ or :PASSWORD@");
	if (!decode(user, out->user, sizeof(out->user)) ||
	    !decode(skip(login, 1), out->password, sizeof(out->password)))
		return cf_fail(err, CF_CONFIG, "user or password is longer than "
			       "%d bytes, or has a %% that is not %%XX",
			       REDIS_URL_WORD_BYTES - 1);
	return CF_OK;
}

static enum cf_status read_db(struct redis_url *out, struct str db,
			      struct cf_error *err)
{
	if (db.len && !read_number(db, REDIS_URL_DB_MAX, &out->db))
		return cf_fail(err, CF_CONFIG, "the database is a number up to "
			       "%d", REDIS_URL_DB_MAX);
	return CF_OK;
}

static enum cf_status read_socket(struct redis_url *out, struct str rest,
				  struct cf_error *err)
{
	struct str path = cut(&rest, '?');

	if (!path.len || path.ptr[0] != '/' || path.len >= sizeof(out->path))
		return cf_fail(err, CF_CONFIG, "a socket is a path from / on of "
			       "at most %d bytes", REDIS_URL_PATH_BYTES - 1);
	memcpy(out->path, path.ptr, path.len);
	if (rest.len && !str_starts(rest, "?db="))
		return cf_fail(err, CF_CONFIG, "after the path only ?db=NUMBER "
			       "may stand");
	return read_db(out, rest.len ? skip(rest, 4) : rest, err);
}

static enum cf_status read_host(struct redis_url *out, struct str rest,
				struct cf_error *err)
{
	struct str place = cut(&rest, '/');
	struct str host = place;

	if (place.len && place.ptr[0] == '[') {
		place = skip(place, 1);
		host = cut(&place, ']');
		if (place.len)
			place = skip(place, 1);
	} else {
		host = cut(&place, ':');
	}
	if (!host.len || host.len >= sizeof(out->host))
		return cf_fail(err, CF_CONFIG, "no host in it");
	memcpy(out->host, host.ptr, host.len);
	out->port = PORT_DEFAULT;
	if (place.len &&
	    (place.ptr[0] != ':' ||
	     !read_number(skip(place, 1), PORT_MAX, &out->port) || !out->port))
		return cf_fail(err, CF_CONFIG, "a port is a number from 1 to "
			       "%d", PORT_MAX);
	return read_db(out, rest.len ? skip(rest, 1) : rest, err);
}

enum cf_status redis_url_parse(struct redis_url *out, const char *text,
			       struct cf_error *err)
{
	struct str rest = str_from(text), head, tail;
	bool is_socket = str_starts(rest, UNIX);
	enum cf_status rc;

	*out = (struct redis_url){.port = 0};
	if (str_starts(rest, "rediss://"))
		return cf_fail(err, CF_CONFIG, "TLS is not spoken: name a "
			       "tunnel on this machine, as by stunnel");
	if (!is_socket && !str_starts(rest, TCP))
		return cf_fail(err, CF_CONFIG, "must be redis://[[USER]:PASSWORD@]"
			       "HOST[:PORT][/DB] or unix:///PATH[?db=DB]");
	rest = skip(rest, strlen(is_socket ? UNIX : TCP));
	tail = rest;
	head = cut(&tail, '/');
	if (head.len && memchr(head.ptr, '@', head.len)) {
		rc = read_login(out, cut(&rest, '@'), err);
		if (rc)
			return rc;
		rest = skip(rest, 1);
	}
	return is_socket ? read_socket(out, rest, err)
			 : read_host(out, rest, err);
}

void redis_url_show(const char *text, char *out, size_t size)
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
