/*
 * How many challenges may wait for answers (max_live), and whether nearly as
 * many do. The store is counted seldom: at the least after an eighth of the
 * room that the last count found, since other processes use that room too.
 *
 * room_init, then any number of room_check, room_use and room_is_crowded.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_ROOM_H
#define CF_CHALLENGE_ROOM_H

#include "challenge/challenge.h"

struct room {
	int64_t max_live;
	int64_t n_until_count; /* challenges to record before the next count */
	int64_t full_until_mono_ms; /* 0: not known to be full */
	bool is_crowded;
	int64_t crowded_until_mono_ms; /* then to be counted again */
};

void room_init(struct room *room, int64_t max_live);

/*
 * See whether there is room for a challenge.
 *
 * n        in: how many are wanted; out: for how many there is room, 1 or more
 * returns  CF_OK; CF_FULL; what store_count returns
 */
CF_MUST_CHECK
enum cf_status room_check(struct room *room, struct store *store,
			  const struct clk *clk, size_t *n,
			  struct cf_error *err);

/* n challenges were recorded. */
void room_use(struct room *room, size_t n);

/* See challenge_is_crowded. */
CF_MUST_CHECK
enum cf_status room_is_crowded(struct room *room, struct store *store,
			       const struct clk *clk, bool *is_crowded,
			       struct cf_error *err);

#endif
