/*
 * Growing bytes with a maximum: see buf.h. The memory doubles, so that n adds
 * cost O(n).
 */
#include "base/base.h"
#include "base/buf.h"

#include "base/text.h"

#include <strings.h>

enum { BUF_FIRST_BYTES = 256 };

struct str str_from(const char *s)
{
	return (struct str){s, s ? strlen(s) : 0};
}

bool str_eq(struct str a, const char *b)
{
	return a.len == strlen(b) && (!a.len || !memcmp(a.ptr, b, a.len));
}

bool str_eq_nocase(struct str a, const char *b)
{
	return a.len == strlen(b) && (!a.len || !strncasecmp(a.ptr, b, a.len));
}

bool str_starts(struct str a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.len >= n && (!n || !memcmp(a.ptr, prefix, n));
}

bool str_ends(struct str a, const char *suffix)
{
	size_t n = strlen(suffix);

	return a.len >= n && (!n || !memcmp(a.ptr + a.len - n, suffix, n));
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str a)
{
	while (a.len && is_space(a.ptr[0])) {
		a.ptr++;
		a.len--;
	}
	while (a.len && is_space(a.ptr[a.len - 1]))
		a.len--;
	return a;
}

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){.max = max};
}

void buf_release(struct buf *buf)
{
	size_t max = buf->max;

	mem_free(buf->ptr);
	buf_init(buf, max);
}

void buf_truncate(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	buf->len = len;
	buf->failed = CF_OK;
	if (buf->cap)
		buf->ptr[len] = '\0';
}

void buf_reset(struct buf *buf)
{
	buf_truncate(buf, 0);
}

char *buf_room(struct buf *buf, size_t n)
{
	size_t need, cap = buf->cap ? buf->cap : BUF_FIRST_BYTES;
	char *ptr;

	assert(buf->len < buf->cap || !buf->len);
	if (buf->failed)
		return NULL;
	if (n > buf->max || buf->len > buf->max - n) {
		buf->failed = CF_TOO_LARGE;
		return NULL;
	}
	need = buf->len + n + 1; /* the NUL is not content */
	if (buf->ptr && need <= buf->cap)
		return buf->ptr + buf->len;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	ptr = mem_realloc(MEM_BUFFER, buf->ptr, cap, 1);
	if (!ptr) {
		buf->failed = CF_NOMEM;
		return NULL;
	}
	buf->ptr = ptr;
	buf->cap = cap;
	return buf->ptr + buf->len;
}

void buf_grow(struct buf *buf, size_t n)
{
	assert(buf->ptr && n < buf->cap - buf->len);
	buf->len += n;
	buf->ptr[buf->len] = '\0';
}

void buf_add(struct buf *buf, const void *ptr, size_t len)
{
	char *to = buf_room(buf, len);

	if (!to)
		return;
	if (len)
		memcpy(to, ptr, len);
	buf_grow(buf, len);
}

void buf_add_str(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void buf_add_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_addf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		buf->failed = CF_NOMEM;
		return;
	}
	to = buf_room(buf, (size_t)n);
	if (!to)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf_grow(buf, (size_t)n);
}

void buf_add_html(struct buf *buf, struct str text)
{
	static const char special[] = "&<>\"'";
	static const char *const escapes[] = {"&amp;", "&lt;", "&gt;", "&quot;",
					      "&#39;"};

	for (size_t i = 0; i < text.len; i++) {
		const char *at =
			memchr(special, text.ptr[i], sizeof(special) - 1);

		if (at)
			buf_add_str(buf, escapes[at - special]);
		else
			buf_add_char(buf, text.ptr[i]);
	}
}

void buf_add_number(struct buf *buf, int64_t n)
{
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (n < 0)
		digits[--at] = '-';
	buf_add(buf, digits + at, sizeof(digits) - at);
}

static bool needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

static void add_json_text(struct buf *buf, struct str text)
{
	size_t begin = 0; /* of a run that needs no escape */

	buf_add_char(buf, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (!needs_escape(c))
			continue;
		buf_add(buf, text.ptr + begin, i - begin);
		begin = i + 1;
		if (c < 0x20)
			buf_addf(buf, "\\u%04x", c);
		else
			buf_addf(buf, "\\%c", c);
	}
	if (begin < text.len)
		buf_add(buf, text.ptr + begin, text.len - begin);
	buf_add_char(buf, '"');
}

/* Add the name, and before it a comma unless a bracket was just opened. */
static void begin_json(struct buf *buf, const char *name)
{
	if (buf->len && !strchr("{[", buf->ptr[buf->len - 1]))
		buf_add_char(buf, ',');
	if (name) {
		add_json_text(buf, str_from(name));
		buf_add_char(buf, ':');
	}
}

void buf_open_json(struct buf *buf, const char *name, char bracket)
{
	begin_json(buf, name);
	buf_add_char(buf, bracket);
}

void buf_close_json(struct buf *buf, char bracket)
{
	buf_add_char(buf, bracket);
}

void buf_add_json(struct buf *buf, const char *name, struct str text)
{
	begin_json(buf, name);
	add_json_text(buf, text);
}

void buf_add_json_number(struct buf *buf, const char *name, int64_t n)
{
	begin_json(buf, name);
	buf_add_number(buf, n);
}

void buf_add_json_bool(struct buf *buf, const char *name, bool is_true)
{
	begin_json(buf, name);
	buf_add_str(buf, is_true ? "true" : "false");
}

enum cf_status buf_status(const struct buf *buf, struct cf_error *err)
{
	if (buf->failed == CF_TOO_LARGE)
		return cf_fail(err, CF_TOO_LARGE,
			       "more than %zu bytes for a buffer", buf->max);
	if (buf->failed)
		return cf_fail(err, buf->failed, "no memory for a buffer");
	return CF_OK;
}
