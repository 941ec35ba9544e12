/*
 * Pages: a template in which {{name}} stands for a value.
 */
#ifndef CF_HTTP_PAGE_H
#define CF_HTTP_PAGE_H

#include "base/buf.h"
#include "http/response.h"

struct page_mark {
	const char *name;
	enum page_kind {
		PAGE_TEXT, /* is escaped */
		PAGE_HTML, /* the program's own */
		PAGE_PNG,  /* a picture: becomes an address with its bytes */
		PAGE_DARK, /* likewise, within an element for dark pages */
		PAGE_NUMBER,
	} kind;
	struct str value;
	int64_t number; /* of PAGE_NUMBER, which has no value */
};

/* A row of struct page_mark for a C string. */
#define PAGE_TEXT_OF(mark, text_of_it)                         \
	{                                                      \
		mark, PAGE_TEXT, .value = str_from(text_of_it) \
	}

enum {
	PAGE_NAMED_BYTES = 320
};

/* The text with the name in place of {n}, in out if it has such a mark; cut if
 * it does not fit. */
const char *page_name(char out[PAGE_NAMED_BYTES], const char *text,
		      struct str name);

/* Append the page. Every mark of the template has to be among the marks. A
 * failure shows in buf_status(out). */
void page_render(struct buf *out, struct str page,
		 const struct page_mark *marks, size_t n_marks);

/* Write the word by which a page lets its own style and script run. */
enum {
	HTTP_NONCE_CHARS = 24 /* 142 bits */
};
void page_make_nonce(char out[HTTP_NONCE_CHARS + 1]);

/* Add the headers that let only style and script with this nonce run. */
void page_add_headers(struct response *res, const char *nonce);

#endif
