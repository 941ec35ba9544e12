/*
 * Lines of an input as CGI variables.
 */
#ifndef CF_TESTS_FUZZ_VARIABLES_H
#define CF_TESTS_FUZZ_VARIABLES_H

#include "base/buf.h"

enum { VARIABLES_MAX = 16 };

struct variables {
	char *envp[VARIABLES_MAX + 1]; /* NULL at the end */
	size_t n;
};

/* Take the lines in front of text, as far as there is room for them, and the
 * empty line after them. Each is in memory of just its size, so that a
 * sanitizer sees reads past it. */
void variables_read(struct variables *vars, struct str *text);
void variables_free(struct variables *vars);

/* One more, if there is room. */
void variables_add(struct variables *vars, struct str line);

/* The value of the first one of this name; NULL when there is none. */
const char *variables_get(const struct variables *vars, const char *name);

#endif
