/*
 * FastCGI records as a web server writes them, well formed or not.
 */
#ifndef CF_TESTS_RECORDS_H
#define CF_TESTS_RECORDS_H

#include "base/buf.h"

/* Types, roles and statuses: FastCGI Specification, 8. */
enum {
	REC_BEGIN = 1,
	REC_ABORT = 2,
	REC_END = 3,
	REC_PARAMS = 4,
	REC_STDIN = 5,
	REC_STDOUT = 6,
	REC_DATA = 8,
	REC_GET_VALUES = 9,
	REC_VALUES = 10,
	REC_UNKNOWN = 11,
	REC_CONTENT_MAX_BYTES = 65535,
	REC_RESPONDER = 1,
	REC_AUTHORIZER = 2,
	REC_FILTER = 3,
};

/* One record; content may be NULL when n is 0. */
void rec_add(struct buf *out, int type, unsigned id, const void *content,
	     size_t n, size_t n_padding);
void rec_begin(struct buf *out, unsigned id, unsigned role, bool is_kept);

/* One name-value pair. A length has four bytes if one byte is too short, or
 * with is_long. */
void rec_pair(struct buf *out, struct str name, struct str value,
	      bool is_long);

/* n bytes in records of at most n_most; an empty one if n is 0. */
void rec_pieces(struct buf *out, int type, unsigned id, const void *ptr,
		size_t n, size_t n_most, size_t n_padding);

/* A stream of bytes in records of at most n_most bytes, and its end. */
void rec_stream(struct buf *out, int type, unsigned id, const void *ptr,
		size_t n, size_t n_most);

#endif
