/*
 * Room for challenges: at most max_live may wait for answers, and near that
 * number it is crowded. The store is counted seldom. The next count comes
 * when an eighth of the room is used, or sooner: other processes use it, too.
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
	int64_t crowded_until_mono_ms; /* count again from then on */
};

void room_init(struct room *room, int64_t max_live);

/*
 * See whether there is room for a challenge.
 *
 * n        in: challenges wanted; out: challenges to record, 1 or more
 * returns  CF_OK; CF_FULL; what store_count returns
 */
CF_MUST_CHECK
enum cf_status room_check(struct room *room, struct store *store,
			  const struct clk *clk, size_t *n,
			  struct cf_error *err);

/* Account for n challenges that were recorded. */
void room_use(struct room *room, size_t n);

/* See challenge_is_crowded. */
CF_MUST_CHECK
enum cf_status room_is_crowded(struct room *room, struct store *store,
			       const struct clk *clk, bool *is_crowded,
			       struct cf_error *err);

#endif
