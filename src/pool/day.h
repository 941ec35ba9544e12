/*
 * Directories named by day, "YYYY-MM-DD" in UTC; private to the pool layer.
 */
#ifndef CF_POOL_DAY_H
#define CF_POOL_DAY_H

#include "pool/pool.h"

enum { DAY_LIST_MAX = 32 };

/* Days in order, oldest first. */
struct day_list {
	char day[DAY_LIST_MAX][POOL_DAY_BYTES];
	size_t n;
};

/* Whether name has the form of a day. */
CF_MUST_CHECK
bool day_is(const char *name);

/* The days from from_day on that have a directory below root_fd; the oldest
 * DAY_LIST_MAX of them if there are more. "" is before all days. */
CF_MUST_CHECK
enum cf_status day_list(int root_fd, const char *from_day,
			struct day_list *out, struct cf_error *err);

#endif
