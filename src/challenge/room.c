/*
 * Room for challenges: see room.h.
 */
#include "base/base.h"
#include "challenge/state.h"

enum {
	/* challenges between two counts, at most */
	COUNT_EVERY_MAX = 4096,
	FULL_PAUSE_MS = 100,
	CROWDED_PAUSE_MS = 1000,
	/* a pause is at least this many times as long as the last count: to
	 * count millions of rows takes a good part of a second, and no request
	 * is served meanwhile */
	COUNT_PAUSE_TIMES = 9,
};

void room_init(struct room *room, int64_t max_live)
{
	*room = (struct room){.max_live = max_live};
}

/* With more challenges than this it is crowded. */
static int64_t crowd_of(int64_t max_live)
{
	return max_live / 100 * CHALLENGE_CROWDED_PERCENT +
	       max_live % 100 * CHALLENGE_CROWDED_PERCENT / 100;
}

static int64_t max_i64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Count the challenges. Below n_least, n may be an upper bound. */
static enum cf_status count_live(struct room *room, struct store *store,
				 const struct clk *clk, struct cf_error *err)
{
	int64_t crowd = crowd_of(room->max_live);
	int64_t n_least = min_i64(crowd, room->max_live - COUNT_EVERY_MAX);
	int64_t begun = clk_mono_ms(clk), now, n_free, pause_ms, n;
	enum cf_status rc = store_count(store, n_least, &n, err);

	if (rc)
		return rc;
	now = clk_mono_ms(clk);
	pause_ms = (now - begun) * COUNT_PAUSE_TIMES;
	n_free = room->max_live - n;
	room->is_crowded = n > crowd;
	room->crowded_until_mono_ms = now + max_i64(pause_ms, CROWDED_PAUSE_MS);
	room->full_until_mono_ms =
		n_free > 0 ? 0 : now + max_i64(pause_ms, FULL_PAUSE_MS);
	room->n_until_count = min_i64(n_free / 8, COUNT_EVERY_MAX);
	return CF_OK;
}

static bool is_known_full(const struct room *room, const struct clk *clk)
{
	return room->full_until_mono_ms &&
	       clk_mono_ms(clk) < room->full_until_mono_ms;
}

enum cf_status room_check(struct room *room, struct store *store,
			  const struct clk *clk, size_t *n,
			  struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	if (room->n_until_count <= 0 && !is_known_full(room, clk))
		rc = count_live(room, store, clk, err);
	if (rc)
		return rc;
	if (room->full_until_mono_ms)
		return cf_fail(err, CF_FULL,
			       "max_live = %lld challenges are "
			       "waiting for answers",
			       (long long)room->max_live);
	if ((int64_t)*n > room->n_until_count)
		*n = room->n_until_count > 0 ? (size_t)room->n_until_count : 1;
	return CF_OK;
}

void room_use(struct room *room, size_t n)
{
	room->n_until_count -= (int64_t)n;
}

enum cf_status room_is_crowded(struct room *room, struct store *store,
			       const struct clk *clk, bool *is_crowded,
			       struct cf_error *err)
{
	bool is_due = room->is_crowded &&
		      clk_mono_ms(clk) >= room->crowded_until_mono_ms;
	enum cf_status rc = CF_OK;

	if ((room->n_until_count <= 0 && !is_known_full(room, clk)) || is_due)
		rc = count_live(room, store, clk, err);
	if (!rc)
		*is_crowded = room->is_crowded;
	return rc;
}
