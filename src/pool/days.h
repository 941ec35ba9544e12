/*
 * Directories named by day, "YYYY-MM-DD" in UTC; private to the pool layer.
 */
#ifndef CF_POOL_DAYS_H
#define CF_POOL_DAYS_H

#include "base/day.h"
#include "pool/pool.h"

enum { DAY_LIST_MAX = 32 };

/* Days in order, oldest first. */
struct days {
	char day[DAY_LIST_MAX][DAY_BYTES];
	size_t n;
};

/* The days from from_day on that have a directory below root_fd; the oldest
 * DAY_LIST_MAX of them if there are more. "" is before all days. */
CF_MUST_CHECK
enum cf_status days_list(int root_fd, const char *from_day,
			struct days *out, struct cf_error *err);

/* A walk over all days from from_day on, oldest first. Days may be removed
 * meanwhile. days_walk_init, then days_walk_next until NULL. */
struct days_walk {
	int root_fd;
	char from[DAY_BYTES + 1]; /* of the next list */
	struct days list;
	size_t next;
	bool is_last; /* no list follows this one */
};

void days_walk_init(struct days_walk *walk, int root_fd, const char *from_day);

/* The next day, borrowed until the next call. NULL at the end, and when the
 * directory cannot be read: then *rc is no longer CF_OK, and err is filled. */
CF_MUST_CHECK
const char *days_walk_next(struct days_walk *walk, enum cf_status *rc,
			  struct cf_error *err);

#endif
