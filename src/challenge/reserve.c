/*
 * Challenges that are recorded a batch at a time, and how many may wait for
 * answers: see state.h.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "challenge/state.h"

enum {
	/* what was reserved is handed out within this, or given back */
	RESERVE_MAX_AGE_MS = 1000,
	/* a reserve used up faster than this was too small */
	RESERVE_GROW_MS = 100,
	/* shorter lives are not shortened by waiting in a reserve */
	RESERVE_MIN_TTL_S = 30,
	/* challenges between two looks at max_live, at most */
	COUNT_EVERY_MAX = 4096,
	FULL_PAUSE_MS = 100,
	CROWDED_PAUSE_MS = 1000,
	/* and so many times as long as the last look took: that at millions of
	 * rows takes a good part of a second, in which nobody is served */
	COUNT_PAUSE_TIMES = 9,
};

enum cf_status reserve_drop(struct challenge *ch,
			    const struct reserve *reserve,
			    const struct pid *pid)
{
	if (reserve->has_pictures)
		pool_remove_live(ch->parts.pool, pid);
	return store_drop(ch->parts.store, pid, NULL);
}

void reserve_give_back(struct challenge *ch, struct reserve *reserve)
{
	enum cf_status rc;

	for (size_t i = reserve->next; i < reserve->n; i++) {
		rc = reserve_drop(ch, reserve, &reserve->item[i].pid);
		if (rc && rc != CF_NOT_FOUND)
			break; /* the rest expires by itself */
	}
	crypt_zero(reserve->item, sizeof(reserve->item));
	reserve->n = reserve->next = 0;
}

int64_t reserve_due_mono_ms(struct challenge *ch,
			    const struct reserve *reserve)
{
	int64_t age_ms;

	if (reserve->next == reserve->n)
		return INT64_MAX;
	age_ms = clk_unix_ms(&ch->parts.clk) -
		 pid_unix_ms(&reserve->item[reserve->next].pid);
	if (age_ms < -STALE_SLACK_MS || age_ms > STALE_SLACK_MS)
		return INT64_MIN; /* the wall clock was set */
	return reserve->filled_mono_ms + RESERVE_MAX_AGE_MS + 1;
}

/* How many challenges are so many that there is a crowd. */
static int64_t crowd_of(const struct challenge *ch)
{
	return ch->parts.options.max_live / 100 * CHALLENGE_CROWDED_PERCENT +
	       ch->parts.options.max_live % 100 * CHALLENGE_CROWDED_PERCENT /
		       100;
}

static int64_t max_i64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Look into the store, and say for how many challenges that will do. */
static enum cf_status count_live(struct challenge *ch, int64_t *room,
				 struct cf_error *err)
{
	int64_t max_live = ch->parts.options.max_live;
	int64_t enough = max_live - COUNT_EVERY_MAX;
	int64_t now = challenge_mono_ms(ch);
	int64_t n, pause_ms;
	enum cf_status rc;

	if (enough > crowd_of(ch))
		enough = crowd_of(ch);
	rc = store_count(ch->parts.store, enough, &n, err);
	if (rc)
		return rc;
	pause_ms = (challenge_mono_ms(ch) - now) * COUNT_PAUSE_TIMES;
	now = challenge_mono_ms(ch);
	*room = max_live - n;
	ch->is_crowded = n > crowd_of(ch);
	ch->crowded_until_mono_ms = now + max_i64(pause_ms, CROWDED_PAUSE_MS);
	ch->full_until_mono_ms =
		*room > 0 ? 0 : now + max_i64(pause_ms, FULL_PAUSE_MS);
	/* other processes use the same room: look again long before its end */
	ch->n_until_count =
		*room / 8 < COUNT_EVERY_MAX ? *room / 8 : COUNT_EVERY_MAX;
	return CF_OK;
}

static bool is_known_full(struct challenge *ch)
{
	return ch->full_until_mono_ms &&
	       challenge_mono_ms(ch) < ch->full_until_mono_ms;
}

static enum cf_status check_room(struct challenge *ch, struct cf_error *err)
{
	int64_t room = 0;
	enum cf_status rc;

	if (ch->n_until_count > 0)
		return CF_OK;
	if (!is_known_full(ch)) {
		rc = count_live(ch, &room, err);
		if (rc)
			return rc;
	}
	if (room > 0)
		return CF_OK;
	return cf_fail(err, CF_FULL,
		       "max_live = %lld challenges are "
		       "waiting for answers",
		       (long long)ch->parts.options.max_live);
}

enum cf_status challenge_is_crowded(struct challenge *ch, bool *is_crowded,
				    struct cf_error *err)
{
	bool is_due =
		ch->is_crowded &&
		challenge_mono_ms(ch) >= ch->crowded_until_mono_ms;
	enum cf_status rc = CF_OK;
	int64_t room;

	if ((ch->n_until_count <= 0 && !is_known_full(ch)) || is_due)
		rc = count_live(ch, &room, err);
	if (!rc)
		*is_crowded = ch->is_crowded;
	return rc;
}

static void make_entry(const struct profile *profile, struct store_entry *entry,
		       const struct reserved *from, int64_t now_unix_ms)
{
	const struct profile_options *o = &profile->options;

	_Static_assert((int)STORE_PROFILE_MAX_BYTES ==
		       (int)POOL_PROFILE_MAX_CHARS, "a name fits everywhere");
	entry->pid = from->pid;
	memcpy(entry->code, from->code, sizeof(entry->code));
	entry->attempts_left = (int)o->attempts;
	entry->created_unix_ms = now_unix_ms;
	entry->expires_unix_ms = now_unix_ms + o->ttl_s * 1000;
	memcpy(entry->profile, profile->name, sizeof(entry->profile));
}

/* Take up to n pictures from the pool and name them; how many there were. */
static size_t take_pictures(struct challenge *ch, struct profile *profile,
			    size_t n, int64_t now_unix_ms)
{
	struct cf_error trouble = CF_ERROR_INIT;
	enum cf_status rc = CF_OK;
	size_t i;

	for (i = 0; i < n; i++) {
		struct reserved *r = &profile->reserve.item[i];

		pid_make(&r->pid, now_unix_ms);
		rc = shelf_take(profile->shelf, &r->pid, r->code, &trouble);
		if (rc)
			break;
	}
	challenge_note_pool(ch, rc, &trouble);
	upkeep_want_filling(profile);
	return i;
}

/* Answers for n challenges whose pictures are drawn when they are handed out:
 * one transaction records them all. */
static enum cf_status make_answers(struct profile *profile, size_t n,
				   int64_t now_unix_ms, struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < n && !rc; i++) {
		struct reserved *r = &profile->reserve.item[i];

		pid_make(&r->pid, now_unix_ms);
		rc = profile_make_code(profile, r->code, err);
	}
	return rc;
}

/* How many to record at once: as many as lately went within a moment, and no
 * more than max_live has room for. */
static size_t next_reserve_size(const struct challenge *ch,
				struct profile *profile, int64_t now_mono_ms)
{
	const struct profile_options *o = &profile->options;
	struct reserve *reserve = &profile->reserve;

	if (o->ttl_s < RESERVE_MIN_TTL_S)
		return 1;
	if (!reserve->size ||
	    now_mono_ms - reserve->filled_mono_ms > RESERVE_GROW_MS)
		reserve->size = 1;
	else if (reserve->size * 2 <= ch->parts.reserve_max)
		reserve->size *= 2;
	if ((int64_t)reserve->size <= ch->n_until_count)
		return reserve->size;
	return ch->n_until_count > 0 ? (size_t)ch->n_until_count : 1;
}

/* Fill the empty reserve: pictures first, as far as the pool has them, then
 * one transaction for all. */
static enum cf_status record_batch(struct challenge *ch,
				   struct profile *profile,
				   struct cf_error *err)
{
	struct reserve *reserve = &profile->reserve;
	struct store_entry entries[STORE_PUT_MAX];
	int64_t now_mono_ms = challenge_mono_ms(ch);
	int64_t now_unix_ms = clk_unix_ms(&ch->parts.clk);
	enum cf_status rc;
	size_t n, size;

	rc = check_room(ch, err);
	if (rc)
		return rc;
	size = next_reserve_size(ch, profile, now_mono_ms);
	n = take_pictures(ch, profile, size, now_unix_ms);
	reserve->has_pictures = n > 0;
	if (!n) {
		n = size;
		rc = make_answers(profile, n, now_unix_ms, err);
		if (rc)
			return rc;
	}
	for (size_t i = 0; i < n; i++)
		make_entry(profile, &entries[i], &reserve->item[i],
			   now_unix_ms);
	rc = store_put(ch->parts.store, entries, n, err);
	crypt_zero(entries, n * sizeof(entries[0]));
	if (rc) {
		for (size_t i = 0; i < n && reserve->has_pictures; i++)
			pool_remove_live(ch->parts.pool, &reserve->item[i].pid);
		return rc;
	}
	reserve->n = n;
	reserve->next = 0;
	reserve->filled_mono_ms = now_mono_ms;
	ch->n_until_count -= (int64_t)n;
	return CF_OK;
}

enum cf_status reserve_next(struct challenge *ch, struct profile *profile,
			    struct reserved **out, struct cf_error *err)
{
	struct reserve *reserve = &profile->reserve;
	enum cf_status rc = CF_OK;

	if (reserve->next < reserve->n &&
	    challenge_mono_ms(ch) >= reserve_due_mono_ms(ch, reserve))
		reserve_give_back(ch, reserve);
	if (reserve->next == reserve->n)
		rc = record_batch(ch, profile, err);
	if (!rc)
		*out = &reserve->item[reserve->next++];
	return rc;
}
