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

	/* whoever reads padding as a record sees the begin of a request */
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

void rec_text(struct buf *out, const char *name, const char *value)
{
	rec_pair(out, str_from(name), str_from(value), false);
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

void rec_params(struct buf *out, unsigned id, const struct buf *pairs)
{
	rec_stream(out, REC_PARAMS, id, pairs->ptr, pairs->len,
		   REC_CONTENT_MAX_BYTES);
}

void rec_request(struct buf *out, bool is_kept, const char *const *variables,
		 struct str body)
{
	struct buf pairs;

	buf_init(&pairs, 1024 * 1024);
	for (; *variables; variables++) {
		const char *equals = strchr(*variables, '=');

		assert(equals);
		rec_pair(&pairs,
			 (struct str){*variables,
				      (size_t)(equals - *variables)},
			 str_from(equals + 1), false);
	}
	rec_begin(out, 1, REC_RESPONDER, is_kept);
	rec_params(out, 1, &pairs);
	rec_stream(out, REC_STDIN, 1, body.ptr, body.len, 32 * 1024);
	buf_release(&pairs);
}

bool rec_read(struct rec_answer *answer, unsigned id, struct str bytes)
{
	size_t at = 0;

	*answer = (struct rec_answer){.status = -1};
	buf_init(&answer->text, 4 * 1024 * 1024);
	while (bytes.len - at >= 8) {
		const unsigned char *head = (const void *)(bytes.ptr + at);
		unsigned is_for = (unsigned)(head[2] << 8 | head[3]);
		size_t n = (size_t)(head[4] << 8 | head[5]);

		if (head[0] != 1 || bytes.len - at - 8 < n + head[6])
			return false;
		if (is_for != id)
			answer->n_others++;
		else if (head[1] == REC_STDOUT)
			buf_add(&answer->text, head + 8, n);
		at += 8 + n + head[6];
		if (is_for == id && head[1] == REC_END && n == 8) {
			answer->status = head[12];
			answer->n_bytes = at;
			return true;
		}
	}
	return false;
}
