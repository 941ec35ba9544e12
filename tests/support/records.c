/*
 * Records: see records.h.
 */
#include "base/base.h"
#include "tests/support/records.h"

void rec_add(struct buf *out, int type, unsigned id, const void *content,
	     size_t n, size_t n_padding)
{
	const unsigned char head[8] = {
		1,
		(unsigned char)type,
		(unsigned char)(id >> 8),
		(unsigned char)id,
		(unsigned char)(n >> 8),
		(unsigned char)n,
		(unsigned char)n_padding,
		0,
	};

	/* as a record it would be the begin of a request */
	static const char padding[255] = "\1\1\0\1\0\0\0\0";

	assert(n <= REC_CONTENT_MAX_BYTES && n_padding <= sizeof(padding));
	buf_add(out, head, sizeof(head));
	if (n)
		buf_add(out, content, n);
	buf_add(out, padding, n_padding);
}

void rec_begin(struct buf *out, unsigned id, unsigned role, bool is_kept)
{
	const unsigned char body[8] = {(unsigned char)(role >> 8),
				       (unsigned char)role, is_kept};

	rec_add(out, REC_BEGIN, id, body, sizeof(body), 0);
}

static void add_length(struct buf *out, size_t n, bool is_long)
{
	if (n > 127 || is_long) {
		buf_add_char(out, (char)(0x80 | n >> 24));
		buf_add_char(out, (char)(n >> 16));
		buf_add_char(out, (char)(n >> 8));
	}
	buf_add_char(out, (char)n);
}

void rec_pair(struct buf *out, struct str name, struct str value, bool is_long)
{
	add_length(out, name.len, is_long);
	add_length(out, value.len, is_long);
	if (name.len)
		buf_add(out, name.ptr, name.len);
	if (value.len)
		buf_add(out, value.ptr, value.len);
}

void rec_pieces(struct buf *out, int type, unsigned id, const void *ptr,
		size_t n, size_t n_most, size_t n_padding)
{
	const char *bytes = ptr;

	do {
		size_t part = n < n_most ? n : n_most;

		rec_add(out, type, id, bytes, part, n_padding);
		bytes += part;
		n -= part;
	} while (n);
}

void rec_stream(struct buf *out, int type, unsigned id, const void *ptr,
		size_t n, size_t n_most)
{
	if (n)
		rec_pieces(out, type, id, ptr, n, n_most, 4);
	rec_add(out, type, id, NULL, 0, 0);
}
