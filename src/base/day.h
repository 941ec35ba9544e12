/*
 * Names of days, "YYYY-MM-DD" in UTC: they sort as the days do.
 */
#ifndef CF_BASE_DAY_H
#define CF_BASE_DAY_H

#include "base/base.h"

enum { DAY_BYTES = sizeof("2026-11-23") };

/* "YYYY-MM-DD" of a moment, UTC. */
void day_of(int64_t unix_ms, char day[DAY_BYTES]);

/* Whether name has the form of a day. */
CF_MUST_CHECK
bool day_is(const char *name);

#endif
