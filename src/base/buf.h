/*
 * Bytes: struct str borrows them, struct buf owns and grows them.
 *
 * buf_init, any number of buf_add*, buf_status once, use ptr and len,
 * buf_reset to start again, buf_release. An add that would pass the maximum
 * or finds no memory poisons the buffer: later adds do nothing, and buf_status
 * reports the failure. So a chain of adds is checked once, at its end.
 */
#ifndef CF_BASE_BUF_H
#define CF_BASE_BUF_H

#include "base/mem.h"
#include "base/status.h"

/* Borrowed bytes, not NUL-terminated. ptr may be NULL when len is 0. */
struct str {
	const char *ptr;
	size_t len;
};

#define STR_INIT   {NULL, 0}
/* A string literal as struct str. */
#define STR_LIT(s) ((struct str){(s), sizeof(s) - 1})

struct str str_from(const char *s); /* NULL gives the empty str */
bool str_eq(struct str a, const char *b);
bool str_eq_nocase(struct str a, const char *b); /* ASCII letters only */
bool str_starts(struct str a, const char *prefix);
bool str_ends(struct str a, const char *suffix);
struct str str_trim(struct str a); /* without ASCII white space at its ends */

/*
 * Invariant: len <= max; ptr is non-NULL when cap > 0, and then len < cap and
 * ptr[len] is NUL, so a text may be used as a C string.
 */
struct buf {
	char *ptr;
	size_t len;
	size_t cap;
	size_t max;
	enum cf_status failed; /* CF_OK, CF_TOO_LARGE or CF_NOMEM */
};

/* No allocation yet. max counts the bytes of content. */
void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf);

/* Keep the first len bytes, len <= buf->len, or none. Both clear a failure and
 * keep the memory. */
void buf_truncate(struct buf *buf, size_t len);
void buf_reset(struct buf *buf);

void buf_add(struct buf *buf, const void *ptr, size_t len);
void buf_add_str(struct buf *buf, const char *s);
void buf_add_char(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *fmt, ...) CF_PRINTF(2, 3);

/*
 * Room for n more bytes: the caller writes at most n and adds them by
 * buf_grow. NULL, and the buffer is poisoned, without room. Borrowed until the
 * next add.
 */
CF_MUST_CHECK
char *buf_room(struct buf *buf, size_t n);
void buf_grow(struct buf *buf, size_t n);

/* Text or attribute value of HTML, escaped. */
void buf_add_html(struct buf *buf, struct str text);

/* A decimal number; faster than buf_addf. */
void buf_add_number(struct buf *buf, int64_t n);

/*
 * JSON (RFC 8259), one member or element at a time, with commas. name is NULL
 * for the outermost value and in an array. Text is UTF-8, and is escaped.
 *
 * buf_open_json begins an object '{', an array '[' or a string '"', and
 * buf_close_json ends it with '}', ']' or '"'. In an open string the caller
 * adds only bytes that need no escape.
 */
void buf_open_json(struct buf *buf, const char *name, char bracket);
void buf_close_json(struct buf *buf, char bracket);
void buf_add_json(struct buf *buf, const char *name, struct str text);
void buf_add_json_number(struct buf *buf, const char *name, int64_t n);
void buf_add_json_bool(struct buf *buf, const char *name, bool is_true);

/* CF_OK, or the failure of an add since the last reset. */
CF_MUST_CHECK
enum cf_status buf_status(const struct buf *buf, struct cf_error *err);

#endif
