/*
 * Upkeep: in small steps while no visitor waits, and in one go when an
 * operator asks. See state.h and challenge.h.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "challenge/state.h"

enum {
	SWEEP_ROWS = 500,
	SWEEP_EVERY_MS = 10000,
	SWEEP_NAMES = 200,
	SWEEP_NAMES_EVERY_MS = 30000,
	FILL_RETRY_MS = 1000,
	FILL_TROUBLE_MS = 10000,
	/* a challenge issued this long after now is of a clock that was
	 * ahead */
	AHEAD_MAX_MS = 86400000,
	/* used pictures that a pause removes: each may cost the file system
	 * 200 microseconds */
	USED_A_PAUSE = 4,
};

void upkeep_give_back(struct stock *stock)
{
	const struct challenge_parts *parts = &stock->ch->parts;
	struct reserve *reserve = &stock->reserve;

	for (size_t i = reserve->next; i < reserve->n; i++) {
		const struct pid *pid = &reserve->item[i].pid;
		enum cf_status rc;

		if (reserve->has_pictures)
			pool_remove_live(parts->pool, pid);
		rc = store_drop(parts->store, pid, NULL);
		if (rc && rc != CF_NOT_FOUND)
			break; /* the rest expires by itself */
	}
	reserve_clear(reserve);
}

void upkeep_end_picture(struct challenge *ch, const struct pid *pid)
{
	if (!ch->parts.has_pauses || ch->n_used == USED_MAX)
		pool_remove_live(ch->parts.pool, pid);
	else
		ch->used[ch->n_used++] = *pid;
}

/* The latest first: a file that is not yet on the disk costs the least. */
void upkeep_remove_used(struct challenge *ch, size_t n)
{
	for (; n && ch->n_used; n--)
		pool_remove_live(ch->parts.pool, &ch->used[--ch->n_used]);
}

/* Draw one picture for a shelf. */
static enum cf_status fill_one(struct challenge *ch, struct profile *profile,
			       struct cf_error *err)
{
	char code[STORE_CODE_MAX_BYTES + 1];
	uint64_t seed;
	enum cf_status rc;

	crypt_random(&seed, sizeof(seed));
	buf_reset(&ch->png);
	rc = profile_make_code(profile, code, err);
	if (!rc)
		rc = profile_draw(profile, seed, code, &ch->png, err);
	if (!rc)
		rc = shelf_publish(profile->shelf, ch->png.ptr, ch->png.len,
				   code, err);
	crypt_zero(code, sizeof(code));
	return rc;
}

/* Progress of challenge_fill. */
struct filling {
	bool wait;
	challenge_progress_fn *progress;
	void *ctx;
	int64_t n_drawn, n_all;
	bool is_ended;
};

static enum cf_status fill_shelf(struct challenge *ch, struct profile *profile,
				 struct filling *filling, struct cf_error *err)
{
	int64_t n_missing;
	enum cf_status rc = shelf_fill_begin(profile->shelf, filling->wait,
					     &n_missing, err);

	if (rc)
		return rc;
	filling->n_all += n_missing;
	while (!rc && n_missing) {
		filling->is_ended =
			filling->progress &&
			!filling->progress(filling->ctx, filling->n_drawn,
					   filling->n_all);
		if (filling->is_ended || filling->n_drawn >= filling->n_all)
			break;
		rc = fill_one(ch, profile, err);
		if (!rc)
			filling->n_drawn++;
	}
	pool_fill_end(ch->parts.pool);
	return rc;
}

enum cf_status challenge_fill(struct challenge *ch, bool wait,
			      challenge_progress_fn *progress, void *ctx,
			      int64_t *n_drawn, struct cf_error *err)
{
	struct filling filling = {wait, progress, ctx, 0, 0, false};
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < ch->parts.n_profiles && !rc; i++)
		if (!filling.is_ended)
			rc = fill_shelf(ch, ch->parts.profiles[i], &filling,
					err);
	*n_drawn = filling.n_drawn;
	return rc;
}

/* Which pids may be of live challenges. */
static void get_live(const struct challenge *ch, const struct moment *now,
		     struct pool_live *out)
{
	int64_t end_ms = now->unix_ms + AHEAD_MAX_MS;
	int64_t ttl_s = 0; /* the longest */

	for (size_t i = 0; i < ch->parts.n_profiles; i++) {
		const struct profile *profile = ch->parts.profiles[i];

		if (profile->options.ttl_s > ttl_s)
			ttl_s = profile->options.ttl_s;
	}
	pid_bound(&out->first_pid,
		  now->unix_ms - ttl_s * 1000 - STALE_SLACK_MS);
	pid_bound(&out->end_pid, end_ms);
	if (pid_unix_ms(&out->end_pid) / 1000 != end_ms / 1000)
		/* past the last second of pids: nothing is ahead of it */
		memset(out->end_pid.text, 'z', PID_CHARS);
}

/* Remove about max_rows challenges that have expired; n of them. */
static enum cf_status sweep_rows(struct challenge *ch, size_t max_rows,
				 const struct moment *now, size_t *n,
				 struct cf_error *err)
{
	struct pool_live may_live;

	get_live(ch, now, &may_live);
	return store_sweep(ch->parts.store, &may_live.first_pid,
			   &may_live.end_pid, now->unix_ms, max_rows, n, err);
}

enum cf_status challenge_clean(struct challenge *ch,
			       struct challenge_cleaned *out,
			       struct cf_error *err)
{
	struct moment now = challenge_now(ch);
	struct pool_live may_live;
	bool is_swept;
	size_t n;
	enum cf_status rc;

	*out = (struct challenge_cleaned){0};
	do {
		rc = sweep_rows(ch, SWEEP_ROWS * 4, &now, &n, err);
		out->n_rows += (int64_t)n;
	} while (!rc && n >= SWEEP_ROWS * 4);
	is_swept = !rc;
	get_live(ch, &now, &may_live);
	if (!rc)
		rc = pool_clean(ch->parts.pool, &may_live, &out->pool, err);
	if (!rc)
		rc = store_tidy(ch->parts.store, true, err);
	return rc == CF_BUSY && is_swept ? CF_OK : rc; /* tidied next time */
}

/* --- steps in pauses ------------------------------------------------------ */

static int64_t due_reserves(const struct challenge *ch,
			    const struct moment *now)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < ch->parts.n_profiles; i++)
		due = min_i64(due,
			      reserve_due_mono_ms(&ch->stocks[i].reserve, now));
	return due;
}

static void step_reserves(struct challenge *ch, const struct moment *now)
{
	for (size_t i = 0; i < ch->parts.n_profiles; i++)
		if (reserve_is_stale(&ch->stocks[i].reserve, now))
			upkeep_give_back(&ch->stocks[i]);
}

/* Remove rows that have expired. */
static void step_rows(struct challenge *ch, const struct moment *now)
{
	struct cf_error trouble = CF_ERROR_INIT;
	enum cf_status rc;
	size_t n;

	rc = sweep_rows(ch, SWEEP_ROWS, now, &n, &trouble);
	if (!rc)
		rc = store_tidy(ch->parts.store, false, &trouble);
	if (rc && rc != CF_BUSY)
		log_error(ch->parts.log, LOG_LEVEL_WARN, "sweep", &trouble);
	if (rc || n < SWEEP_ROWS)
		ch->next_sweep_mono_ms = now->mono_ms + SWEEP_EVERY_MS;
}

/* Remove pictures that are stale. */
static void step_files(struct challenge *ch, const struct moment *now)
{
	struct pool_live may_live;

	get_live(ch, now, &may_live);
	if (pool_sweep(ch->parts.pool, &may_live, SWEEP_NAMES))
		ch->next_sweep_names_mono_ms =
			now->mono_ms + SWEEP_NAMES_EVERY_MS;
	/* other processes may have emptied the pool meanwhile */
	for (size_t i = 0; i < ch->parts.n_profiles; i++)
		stock_want_filling(&ch->stocks[i]);
}

static void step_used(struct challenge *ch, const struct moment *now)
{
	(void)now;
	upkeep_remove_used(ch, USED_A_PAUSE);
}

static int64_t due_fill(const struct challenge *ch, const struct moment *now)
{
	int64_t due = ch->n_to_fill > 0 ? now->mono_ms : INT64_MAX;

	for (size_t i = 0; i < ch->parts.n_profiles; i++)
		if (ch->stocks[i].is_fill_wanted)
			due = min_i64(due, ch->stocks[i].next_fill_mono_ms);
	return due;
}

/* The stock to fill next: due_fill has found one. The stock that was filled
 * last comes last. */
static struct stock *next_to_fill(struct challenge *ch,
				  const struct moment *now)
{
	size_t n = ch->parts.n_profiles, i;

	for (i = 1; i < n; i++) {
		const struct stock *stock = &ch->stocks[(ch->filling + i) % n];

		if (stock->is_fill_wanted &&
		    now->mono_ms >= stock->next_fill_mono_ms)
			break;
	}
	ch->filling = (ch->filling + i) % n;
	return &ch->stocks[ch->filling];
}

/* Begin to fill the next shelf. */
static enum cf_status begin_fill(struct challenge *ch, const struct moment *now,
				 struct cf_error *err)
{
	struct stock *stock = next_to_fill(ch, now);
	enum cf_status rc = shelf_fill_begin(stock->profile->shelf, false,
					     &ch->n_to_fill, err);

	if (!rc && ch->n_to_fill == 0) {
		pool_fill_end(ch->parts.pool);
		stock->is_fill_wanted = false;
		stock->next_fill_mono_ms = now->mono_ms + FILL_RETRY_MS;
	}
	return rc;
}

/* Begin to fill a shelf, or draw one picture for it. */
static void step_fill(struct challenge *ch, const struct moment *now)
{
	struct cf_error trouble = CF_ERROR_INIT;
	struct stock *stock = &ch->stocks[ch->filling];
	enum cf_status rc;

	if (ch->n_to_fill == 0) {
		rc = begin_fill(ch, now, &trouble);
		stock = &ch->stocks[ch->filling];
	} else {
		rc = fill_one(ch, stock->profile, &trouble);
		if (rc || --ch->n_to_fill == 0)
			/* the next step counts again */
			pool_fill_end(ch->parts.pool);
	}
	if (rc) {
		ch->n_to_fill = 0;
		stock->next_fill_mono_ms =
			now->mono_ms +
			(rc == CF_BUSY ? FILL_RETRY_MS : FILL_TROUBLE_MS);
	}
	trouble.status = rc;
	challenge_note_pool(ch, now, &trouble);
}

int64_t challenge_pause(struct challenge *ch)
{
	struct moment now = challenge_now(ch);
	/* Run the first step that is due. Used pictures come after the sweeps:
	 * under constant load there is always one more. When their list is
	 * full, requests remove them. */
	const struct {
		int64_t due_mono_ms;
		void (*run)(struct challenge *ch, const struct moment *now);
	} steps[] = {
		{due_reserves(ch, &now), step_reserves},
		{ch->next_sweep_mono_ms, step_rows},
		{ch->next_sweep_names_mono_ms, step_files},
		{ch->n_used ? now.mono_ms : INT64_MAX, step_used},
		{due_fill(ch, &now), step_fill},
	};
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < CF_ARRAY_LEN(steps); i++) {
		if (steps[i].due_mono_ms <= now.mono_ms) {
			steps[i].run(ch, &now);
			return 0;
		}
		next = min_i64(next, steps[i].due_mono_ms);
	}
	return next - now.mono_ms;
}
