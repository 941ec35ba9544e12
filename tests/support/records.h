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

/* One name-value pair. Its lengths have four bytes where one is too short, or
 * with is_long. */
void rec_pair(struct buf *out, struct str name, struct str value,
	      bool is_long);
/* The same from strings. */
void rec_text(struct buf *out, const char *name, const char *value);

/* The stream FCGI_PARAMS of these pairs. */
void rec_params(struct buf *out, unsigned id, const struct buf *pairs);

/* n bytes in records of at most n_most; an empty one if n is 0. */
void rec_pieces(struct buf *out, int type, unsigned id, const void *ptr,
		size_t n, size_t n_most, size_t n_padding);

/* A stream of bytes in records of at most n_most bytes, and its end. */
void rec_stream(struct buf *out, int type, unsigned id, const void *ptr,
		size_t n, size_t n_most);

/* A whole request: "NAME=value" strings up to NULL, and a body. */
void rec_request(struct buf *out, bool is_kept, const char *const *variables,
		 struct str body);

/* What an application answered to one request. */
struct rec_answer {
	size_t n_bytes; /* of all its records; 0 when they are not all there */
	struct buf text; /* the FCGI_STDOUT stream */
	int status; /* of FCGI_END_REQUEST */
	int n_others; /* records of no request, before it */
};

/* Read one answer of request id. False when it is not all there, or is no
 * FastCGI. Released by the caller in any case. */
bool rec_read(struct rec_answer *answer, unsigned id, struct str bytes);

#endif
