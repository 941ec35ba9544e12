/*
 * Capture standard error, for tests of the log.
 */
#ifndef CF_TESTS_CAPTURE_H
#define CF_TESTS_CAPTURE_H

#include "base/base.h"

void capture_begin(void);

/* The text since capture_begin; borrowed until the next call. */
const char *capture_end(void);

/* How often text contains part. */
int capture_count(const char *text, const char *part);

#endif
