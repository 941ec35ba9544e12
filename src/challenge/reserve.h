/*
 * A reserve: challenges of one profile that are recorded in the store and not
 * yet handed out, so that under load many are recorded in one transaction.
 * This is data alone: issue.c fills a reserve and empties it.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_RESERVE_H
#define CF_CHALLENGE_RESERVE_H

#include "challenge/challenge.h"

enum {
	/* how far clocks and reserves may differ before a challenge or its
	 * file counts as stale */
	STALE_SLACK_MS = 5000,
};

/* Both clocks, read at the start of a request or of a pause. */
struct moment {
	int64_t unix_ms, mono_ms;
};

struct reserved {
	struct pid pid;
	char code[STORE_CODE_MAX_BYTES + 1];
};

/* Items in [next, n) are not handed out yet. A zeroed reserve is empty. */
struct reserve {
	struct reserved item[CHALLENGE_RESERVE_MAX];
	size_t n, next;
	size_t size;	   /* how many were recorded at once */
	bool has_pictures; /* in files; else each is drawn when handed out */
	struct moment filled;
};

CF_MUST_CHECK
static inline bool reserve_is_empty(const struct reserve *reserve)
{
	return reserve->next == reserve->n;
}

/* Whether a reserve is too old to hand out: after RESERVE_MAX_AGE_MS, and at
 * once when the wall clock was set, since its challenges would expire too early
 * or too late. False when it is empty. */
CF_MUST_CHECK
bool reserve_is_stale(const struct reserve *reserve, const struct moment *now);

/* When the reserve becomes stale; INT64_MAX when it is empty. */
int64_t reserve_due_mono_ms(const struct reserve *reserve,
			    const struct moment *now);

/* How many challenges with this life to record next, 1 to max: twice as many as
 * last time, if those were handed out within RESERVE_GROW_MS. */
size_t reserve_next_size(const struct reserve *reserve, int64_t ttl_s,
			 size_t max, const struct moment *now);

/* Empty the reserve, and zero its codes. */
void reserve_clear(struct reserve *reserve);

#endif
