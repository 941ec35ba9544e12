/*
 * Inputs of fuzz targets that are lines, each a letter and what it is about.
 * Numbers are decimal, with a blank before each.
 */
#ifndef CF_TESTS_FUZZ_LINES_H
#define CF_TESTS_FUZZ_LINES_H

#include "base/buf.h"

/* Cut the number off the front of a line; a number above max is max. */
size_t lines_number(struct str *line, size_t max);

/* The rest of a line, without the blank before it. */
struct str lines_text(struct str line);

enum { LINES_LONG_BYTES = 2 * 1024 * 1024 };

/* LINES_LONG_BYTES bytes for long names, values and bodies. */
const char *lines_long(void);

/*
 * A variable, which is written as
 *
 *	n NAME=VALUE
 *	N NAME=VALUE	with lengths of four bytes
 *	L N M		with a name of N bytes and a value of M
 */
struct lines_variable {
	struct str name, value;
	bool has_long_lengths;
};
struct lines_variable lines_variable(char letter, struct str line);

#endif
