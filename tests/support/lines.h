/*
 * FastCGI records written as lines of text: a letter, then numbers and text,
 * each after a blank. Numbers are decimal.
 *
 *	b ID FLAGS ROLE	FCGI_BEGIN_REQUEST; 1 and 1 if left out
 *	n ID NAME=VALUE	FCGI_PARAMS with one pair
 *	N ID NAME=VALUE	the same, with lengths of four bytes
 *	L ID N M	the same, of a name of N bytes and a value of M
 *	P, p ID TEXT	FCGI_PARAMS with the bytes of TEXT, which may be empty
 *	d, e ID TEXT	FCGI_STDIN, likewise
 *	D ID N		the same, with N bytes
 *	o ID NAME=VALUE	a whole request: b, n, p and e
 *	a ID		FCGI_ABORT_REQUEST
 *	g NAMES		FCGI_GET_VALUES
 *	t TYPE ID TEXT	any record
 *	x TEXT		these bytes
 */
#ifndef CF_TESTS_LINES_H
#define CF_TESTS_LINES_H

#include "base/buf.h"

/* Cut the number off the front of a line; a number above max is max. */
size_t lines_number(struct str *line, size_t max);

/* The rest of a line, without the blank before it. */
struct str lines_text(struct str line);

/* The bytes of L and D, as many as there may be: "ABC...WABC...". */
enum { LINES_LONG_BYTES = 2 * 1024 * 1024 };
const char *lines_long(void);

/* The pair of a line n, N or L without its letter and ID. */
struct lines_pair {
	struct str name, value;
	bool has_long_lengths;
};
struct lines_pair lines_pair(char letter, struct str line);

/* Add the records of a line, the first with so much padding. A line with
 * another letter adds none. */
void lines_add(struct buf *out, struct str line, size_t n_padding);

#endif
