/*
 * What goes to standard error meanwhile, for tests of what is logged.
 */
#ifndef CF_TESTS_CAPTURE_H
#define CF_TESTS_CAPTURE_H

#include "base/base.h"

void capture_begin(void);

/* What was written since begin, NUL-terminated; borrowed until the next
 * call. */
const char *capture_end(void);

/* How often part stands in text. */
int capture_count(const char *text, const char *part);

#endif
