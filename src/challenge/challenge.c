/*
 * The rules: see challenge.h. What an answer is worth, how long a challenge
 * lives, when the pool is used and when a picture is drawn, and what is done
 * in the pauses.
 *
 * A picture is drawn for a pid when the pool has none, or when its file was
 * lost. Its seed is then a keyed hash of the pid, so that it looks the same
 * whenever it is drawn again, and nobody without the key can draw it.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "challenge/answer.h"
#include "challenge/challenge.h"
#include "challenge/profile.h"

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
	SWEEP_ROWS = 500,
	SWEEP_EVERY_MS = 10000,
	SWEEP_NAMES = 200,
	SWEEP_NAMES_EVERY_MS = 30000,
	FILL_RETRY_MS = 1000,
	FILL_TROUBLE_MS = 10000,
	COMPLAIN_EVERY_MS = 60000,
	/* how much older than its ttl a file or row is before others take
	 * it for stale: clocks and reserves differ by a little */
	STALE_SLACK_MS = 5000,
	/* what was issued so long after now is of a clock that was ahead */
	AHEAD_MAX_MS = 86400000,
	/* pictures that are used and not yet removed, and how many a pause
	 * removes: each may cost the file system 200 microseconds */
	USED_MAX = 256,
	USED_A_PAUSE = 4,
};

struct challenge {
	struct challenge_parts parts;
	struct buf png; /* for pictures that go to files alone */
	uint8_t secret[CRYPT_KEY_BYTES];
	bool has_secret;
	/* challenges that have ended and whose pictures are to be removed */
	struct pid used[USED_MAX];
	size_t n_used;
	/* max_live */
	int64_t n_until_count;
	int64_t full_until_mono_ms;
	bool is_crowded;
	int64_t crowded_until_mono_ms; /* then it may be so no more */
	/* what pauses do next, and when */
	size_t filling; /* of the profiles, the one filled last or now */
	int64_t n_to_fill; /* above 0: filling, and holding the lock */
	int64_t next_sweep_mono_ms;
	int64_t next_sweep_names_mono_ms;
	/* the last complaint about the pool */
	enum cf_status pool_status;
	int64_t complained_mono_ms;
};

static int64_t mono_ms(struct challenge *ch)
{
	return clk_mono_ms(&ch->parts.clk);
}

static void want_filling(struct profile *profile)
{
	profile->is_fill_wanted = profile->settings->pool_size > 0;
}

struct challenge *challenge_new(const struct challenge_parts *parts)
{
	struct challenge *ch = mem_alloc(MEM_CHALLENGE, 1, sizeof(*ch));

	if (!ch)
		return NULL;
	ch->parts = *parts;
	buf_init(&ch->png, GENERATOR_PNG_MAX_BYTES);
	for (size_t i = 0; i < parts->n_profiles; i++)
		want_filling(parts->profiles[i]);
	return ch;
}

struct profile *challenge_profile(struct challenge *ch, struct str name)
{
	if (!name.len || str_eq(name, SETTINGS_BASE_NAME))
		return ch->parts.profiles[0];
	for (size_t i = 1; i < ch->parts.n_profiles; i++)
		if (str_eq(name, ch->parts.profiles[i]->name))
			return ch->parts.profiles[i];
	return NULL;
}

/* Remove the picture of a challenge that has ended, later if that can be.
 * Nobody sees it meanwhile: to show a picture asks the store first. */
static void end_picture(struct challenge *ch, const struct pid *pid)
{
	if (!ch->parts.has_pauses || ch->n_used == USED_MAX)
		pool_remove_live(ch->parts.pool, pid);
	else
		ch->used[ch->n_used++] = *pid;
}

/* The latest first: a file that is not on the disk yet costs the least. */
static void remove_used(struct challenge *ch, size_t n)
{
	for (; n && ch->n_used; n--)
		pool_remove_live(ch->parts.pool, &ch->used[--ch->n_used]);
}

/* Remove a challenge that was not handed out. */
static enum cf_status drop_unseen(struct challenge *ch,
				  const struct reserve *reserve,
				  const struct pid *pid)
{
	if (reserve->has_pictures)
		pool_remove_live(ch->parts.pool, pid);
	return store_drop(ch->parts.store, pid, NULL);
}

/* What was not handed out in time: nobody knows these pids. */
static void give_back(struct challenge *ch, struct reserve *reserve)
{
	enum cf_status rc;

	for (size_t i = reserve->next; i < reserve->n; i++) {
		rc = drop_unseen(ch, reserve, &reserve->item[i].pid);
		if (rc && rc != CF_NOT_FOUND)
			break; /* the rest expires by itself */
	}
	crypt_zero(reserve->item, sizeof(reserve->item));
	reserve->n = reserve->next = 0;
}

/* Whether what waits has waited for too long, or the wall clock was set since:
 * it would have expired, or live too long. */
static bool is_old(struct challenge *ch, const struct reserve *reserve)
{
	int64_t age_ms;

	if (reserve->next == reserve->n)
		return false;
	if (mono_ms(ch) - reserve->filled_mono_ms > RESERVE_MAX_AGE_MS)
		return true;
	age_ms = clk_unix_ms(&ch->parts.clk) -
		 pid_unix_ms(&reserve->item[reserve->next].pid);
	return age_ms < -STALE_SLACK_MS || age_ms > STALE_SLACK_MS;
}

void challenge_free(struct challenge *ch)
{
	if (!ch)
		return;
	for (size_t i = 0; i < ch->parts.n_profiles; i++)
		give_back(ch, &ch->parts.profiles[i]->reserve);
	remove_used(ch, USED_MAX);
	if (ch->n_to_fill > 0)
		pool_fill_end(ch->parts.pool);
	buf_release(&ch->png);
	crypt_zero(ch->secret, sizeof(ch->secret));
	mem_free(ch);
}

/* Say that the pool does not work, or works again, without flooding the log:
 * requests go on without it. After a complaint nothing is said for a minute,
 * since a part of it may work while another does not. */
static void note_pool(struct challenge *ch, enum cf_status rc,
		      const struct cf_error *err)
{
	int64_t now = mono_ms(ch);

	if (rc == CF_EMPTY || rc == CF_BUSY || (!rc && !ch->pool_status))
		return;
	if (ch->pool_status &&
	    now - ch->complained_mono_ms < COMPLAIN_EVERY_MS)
		return;
	if (rc)
		log_error(ch->parts.log, LOG_LEVEL_WARN, "pool", err);
	else
		log_event(ch->parts.log, LOG_LEVEL_WARN, "pool",
			  "status=ok text=\"works again\"");
	ch->pool_status = rc;
	ch->complained_mono_ms = now;
}

/* --- drawing -------------------------------------------------------------- */

/* Append the picture that belongs to this pid and code. */
static enum cf_status draw_for(struct challenge *ch, struct profile *profile,
			       const struct pid *pid, const char *code,
			       struct buf *png, struct cf_error *err)
{
	uint64_t seed;

	if (!ch->has_secret) {
		enum cf_status rc = store_secret(ch->parts.store, ch->secret,
						 err);

		if (rc)
			return rc;
		ch->has_secret = true;
	}
	seed = crypt_hash64(ch->secret, pid->text, PID_CHARS);
	return profile_draw(profile, seed, code, png, err);
}

/* --- issuing -------------------------------------------------------------- */

/* How many challenges are so many that there is a crowd. */
static int64_t crowd_of(const struct challenge *ch)
{
	return ch->parts.settings->max_live / 100 * CHALLENGE_CROWDED_PERCENT +
	       ch->parts.settings->max_live % 100 * CHALLENGE_CROWDED_PERCENT /
		       100;
}

/* Look into the store, and say for how many challenges that will do. */
static enum cf_status count_live(struct challenge *ch, int64_t *room,
				 struct cf_error *err)
{
	int64_t max_live = ch->parts.settings->max_live;
	int64_t enough = max_live - COUNT_EVERY_MAX;
	enum cf_status rc;
	int64_t n;

	if (enough > crowd_of(ch))
		enough = crowd_of(ch);
	rc = store_count(ch->parts.store, enough, &n, err);
	if (rc)
		return rc;
	*room = max_live - n;
	ch->is_crowded = n > crowd_of(ch);
	ch->crowded_until_mono_ms = mono_ms(ch) + CROWDED_PAUSE_MS;
	ch->full_until_mono_ms = *room > 0 ? 0 : mono_ms(ch) + FULL_PAUSE_MS;
	/* other processes use the same room: look again long before its end */
	ch->n_until_count =
		*room / 8 < COUNT_EVERY_MAX ? *room / 8 : COUNT_EVERY_MAX;
	return CF_OK;
}

static bool is_known_full(struct challenge *ch)
{
	return ch->full_until_mono_ms && mono_ms(ch) < ch->full_until_mono_ms;
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
		       (long long)ch->parts.settings->max_live);
}

enum cf_status challenge_is_crowded(struct challenge *ch, bool *is_crowded,
				    struct cf_error *err)
{
	bool is_due =
		ch->is_crowded && mono_ms(ch) >= ch->crowded_until_mono_ms;
	enum cf_status rc = CF_OK;
	int64_t room;

	if ((ch->n_until_count <= 0 && !is_known_full(ch)) || is_due)
		rc = count_live(ch, &room, err);
	if (!rc)
		*is_crowded = ch->is_crowded;
	return rc;
}

static void fill_entry(const struct profile *profile, struct store_entry *entry,
		       const struct reserved *from, int64_t now_unix_ms)
{
	const struct settings *s = profile->settings;

	_Static_assert((int)STORE_PROFILE_MAX_BYTES ==
		       (int)POOL_PROFILE_MAX_CHARS, "a name fits everywhere");
	entry->pid = from->pid;
	memcpy(entry->code, from->code, sizeof(entry->code));
	entry->attempts_left = (int)s->attempts;
	entry->created_unix_ms = now_unix_ms;
	entry->expires_unix_ms = now_unix_ms + s->ttl_s * 1000;
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
	note_pool(ch, rc, &trouble);
	want_filling(profile);
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
	const struct settings *s = profile->settings;
	struct reserve *reserve = &profile->reserve;

	if (s->ttl_s < RESERVE_MIN_TTL_S)
		return 1;
	if (!reserve->size ||
	    now_mono_ms - reserve->filled_mono_ms > RESERVE_GROW_MS)
		reserve->size = 1;
	else if (reserve->size * 2 <= (size_t)s->reserve)
		reserve->size *= 2;
	if ((int64_t)reserve->size <= ch->n_until_count)
		return reserve->size;
	return ch->n_until_count > 0 ? (size_t)ch->n_until_count : 1;
}

/* Fill the empty reserve: pictures first, as far as the pool has them, then
 * one transaction for all. */
static enum cf_status fill_reserve(struct challenge *ch,
				   struct profile *profile,
				   struct cf_error *err)
{
	struct reserve *reserve = &profile->reserve;
	struct store_entry entries[STORE_PUT_MAX];
	int64_t now_mono_ms = mono_ms(ch);
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
		fill_entry(profile, &entries[i], &reserve->item[i],
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

/* The picture of a challenge: its file, or what another machine has shared, or
 * drawn again if it is lost.
 * profile  NULL: of one that is no more */
static enum cf_status load_picture(struct challenge *ch,
				   struct profile *profile,
				   const struct pid *pid, const char *code,
				   struct buf *png, struct cf_error *err)
{
	struct cf_error trouble = CF_ERROR_INIT;
	size_t begin = png->len;
	enum cf_status rc;

	rc = pool_load_live(ch->parts.pool, pid, png, &trouble);
	if (!rc)
		return CF_OK;
	if (rc != CF_NOT_FOUND)
		note_pool(ch, rc, &trouble);
	buf_truncate(png, begin);
	if (ch->parts.settings->share_pictures) {
		rc = store_load_picture(ch->parts.store, pid, png, err);
		if (rc != CF_NOT_FOUND)
			return rc;
	}
	if (!profile)
		return cf_fail(err, CF_NOT_FOUND,
			       "lost, and its profile is no more");
	return draw_for(ch, profile, pid, code, png, err);
}

/* Draw the picture of a challenge that is handed out now. One that is sent
 * with its pid is seldom asked for by it and can be drawn again: a file would
 * cost as much as half of the drawing. Otherwise a file is welcome, not
 * needed. */
static enum cf_status draw_picture(struct challenge *ch,
				   struct profile *profile,
				   const struct reserved *r, struct buf *png,
				   struct cf_error *err)
{
	struct cf_error trouble = CF_ERROR_INIT;
	enum cf_status rc;

	if (png)
		return draw_for(ch, profile, &r->pid, r->code, png, err);
	buf_reset(&ch->png);
	rc = draw_for(ch, profile, &r->pid, r->code, &ch->png, err);
	if (rc)
		return rc;
	note_pool(ch,
		  pool_put_live(ch->parts.pool, &r->pid, ch->png.ptr,
				ch->png.len, &trouble),
		  &trouble);
	return CF_OK;
}

/* Give the picture of a challenge that is handed out now to all machines.
 * has_file  otherwise it was drawn just now, and is in ch->png */
static enum cf_status share_picture(struct challenge *ch,
				    struct profile *profile,
				    const struct reserved *r, bool has_file,
				    struct cf_error *err)
{
	int64_t expires_unix_ms = clk_unix_ms(&ch->parts.clk) +
				  profile->settings->ttl_s * 1000;
	enum cf_status rc = CF_OK;

	if (has_file) {
		buf_reset(&ch->png);
		rc = load_picture(ch, profile, &r->pid, r->code, &ch->png, err);
	}
	return rc ? rc
		  : store_put_picture(ch->parts.store, &r->pid,
				      (struct str){ch->png.ptr, ch->png.len},
				      expires_unix_ms, err);
}

enum cf_status challenge_issue(struct challenge *ch, struct profile *profile,
			       struct pid *pid, struct buf *png,
			       struct cf_error *err)
{
	struct reserve *reserve = &profile->reserve;
	struct reserved *r;
	enum cf_status rc = CF_OK;

	if (is_old(ch, reserve))
		give_back(ch, reserve);
	if (reserve->next == reserve->n) {
		rc = fill_reserve(ch, profile, err);
		if (rc)
			return rc;
	}
	r = &reserve->item[reserve->next++];
	if (!reserve->has_pictures)
		rc = draw_picture(ch, profile, r, png, err);
	else if (png)
		rc = load_picture(ch, profile, &r->pid, r->code, png, err);
	if (!rc && !png && ch->parts.settings->share_pictures)
		rc = share_picture(ch, profile, r, reserve->has_pictures, err);
	if (!rc) {
		*pid = r->pid;
		metrics_add(METRIC_ISSUED, 1);
		metrics_add(reserve->has_pictures ? METRIC_POOL_HIT
						  : METRIC_POOL_MISS, 1);
	} else { /* nobody knows this pid; if it stays it expires by itself */
		(void)drop_unseen(ch, reserve, &r->pid);
	}
	crypt_zero(r->code, sizeof(r->code));
	return rc;
}

/* --- showing and verifying ------------------------------------------------ */

/* Whether its time is over. One that was issued after now has another clock
 * than this: if it is ahead by more than its life, that clock was set right
 * since, and without this it would live for as long as it was wrong. */
static bool is_over(struct challenge *ch, const struct store_entry *entry)
{
	int64_t now_unix_ms = clk_unix_ms(&ch->parts.clk);
	int64_t ahead_ms = entry->created_unix_ms - now_unix_ms -
			   STALE_SLACK_MS;

	return now_unix_ms >= entry->expires_unix_ms ||
	       (ahead_ms > 0 && ahead_ms > entry->expires_unix_ms -
						   entry->created_unix_ms);
}

enum cf_status challenge_picture(struct challenge *ch, const struct pid *pid,
				 struct buf *png, struct cf_error *err)
{
	struct store_entry entry;
	enum cf_status rc;

	rc = store_peek(ch->parts.store, pid, &entry, err);
	if (!rc && is_over(ch, &entry))
		rc = cf_fail(err, CF_NOT_FOUND, "expired");
	if (!rc)
		rc = load_picture(ch, challenge_profile(
					      ch, str_from(entry.profile)),
				  pid, entry.code, png, err);
	/* it was drawn when the profile had another alphabet, or length */
	if (rc == CF_BAD_INPUT)
		rc = cf_fail(err, CF_NOT_FOUND,
			     "lost, and was drawn by other settings");
	crypt_zero(&entry, sizeof(entry));
	return rc;
}

const char *challenge_verdict_name(enum challenge_verdict verdict)
{
	static const char *const names[] = {
		[CHALLENGE_UNKNOWN] = "unknown",
		[CHALLENGE_PASS] = "pass",
		[CHALLENGE_WRONG] = "wrong",
		[CHALLENGE_EXPIRED] = "expired",
		[CHALLENGE_MALFORMED] = "malformed",
	};

	assert((unsigned)verdict < CF_ARRAY_LEN(names));
	return names[verdict];
}

/* What a taken challenge says to an answer. A right one wins only if this
 * caller is the one who ends the challenge. */
static enum cf_status judge(struct challenge *ch, struct store_entry *entry,
			    struct str typed, const struct profile *wanted,
			    struct challenge_outcome *out, struct cf_error *err)
{
	const struct profile *of =
		challenge_profile(ch, str_from(entry->profile));
	struct answer answer;
	bool is_right;
	enum cf_status rc = CF_OK;

	answer_init(&answer, typed);
	is_right = answer_is(&answer, entry->code);
	crypt_zero(&answer, sizeof(answer));
	if (is_over(ch, entry)) {
		out->verdict = CHALLENGE_EXPIRED;
		return CF_OK;
	}
	if (!is_right || (wanted && of != wanted)) {
		*out = (struct challenge_outcome){CHALLENGE_WRONG, of};
		return CF_OK;
	}
	if (entry->attempts_left > 0) {
		rc = store_drop(ch->parts.store, &entry->pid, err);
		if (rc == CF_NOT_FOUND)
			return CF_OK; /* somebody else was first */
		entry->attempts_left = 0;
	}
	if (!rc)
		*out = (struct challenge_outcome){CHALLENGE_PASS, of};
	return rc;
}

static enum cf_status verify(struct challenge *ch, const struct pid *pid,
			     struct str answer, const struct profile *wanted,
			     struct challenge_outcome *out,
			     struct cf_error *err)
{
	struct store_entry entry;
	enum cf_status rc;

	*out = (struct challenge_outcome){CHALLENGE_UNKNOWN, NULL};
	if (!pid) {
		out->verdict = CHALLENGE_MALFORMED;
		return CF_OK;
	}
	rc = store_take(ch->parts.store, pid, &entry, err);
	if (rc)
		return rc == CF_NOT_FOUND ? CF_OK : rc;
	rc = judge(ch, &entry, answer, wanted, out, err);
	if (!entry.attempts_left)
		end_picture(ch, pid);
	crypt_zero(&entry, sizeof(entry));
	return rc;
}

enum cf_status challenge_verify(struct challenge *ch, const struct pid *pid,
				struct str answer, const struct profile *wanted,
				struct challenge_outcome *out,
				struct cf_error *err)
{
	static const enum metric metrics[] = {
		[CHALLENGE_UNKNOWN] = METRIC_CHECK_UNKNOWN,
		[CHALLENGE_PASS] = METRIC_CHECK_PASS,
		[CHALLENGE_WRONG] = METRIC_CHECK_WRONG,
		[CHALLENGE_EXPIRED] = METRIC_CHECK_EXPIRED,
		[CHALLENGE_MALFORMED] = METRIC_CHECK_MALFORMED,
	};
	enum cf_status rc = verify(ch, pid, answer, wanted, out, err);

	if (!rc)
		metrics_add(metrics[out->verdict], 1);
	return rc;
}

enum cf_status challenge_count(struct challenge *ch,
			       struct challenge_counts *out,
			       struct cf_error *err)
{
	enum cf_status rc;

	*out = (struct challenge_counts){
		.max_live = ch->parts.settings->max_live};
	rc = store_count(ch->parts.store, 0, &out->n_live, err);
	for (size_t i = 0; i < ch->parts.n_profiles && !rc; i++)
		rc = shelf_count(ch->parts.profiles[i]->shelf, &out->n_ready[i],
				 err);
	return rc;
}

const struct profile *challenge_profile_at(const struct challenge *ch,
					   size_t i)
{
	return i < ch->parts.n_profiles ? ch->parts.profiles[i] : NULL;
}

void challenge_check_health(struct challenge *ch, struct challenge_health *out)
{
	*out = (struct challenge_health){0};
	out->store = store_probe(ch->parts.store, &out->store_error);
	out->cache = pool_probe(ch->parts.pool, &out->cache_error);
}

/* --- filling, sweeping, pauses -------------------------------------------- */

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
		filling->is_ended = filling->progress &&
				    !filling->progress(filling->ctx,
						       filling->n_drawn,
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

/* What may still be live. */
static void get_live(struct challenge *ch, struct pool_live *out)
{
	int64_t unix_ms = clk_unix_ms(&ch->parts.clk);
	int64_t end_ms = unix_ms + AHEAD_MAX_MS;
	int64_t ttl_s = 0; /* the longest */

	for (size_t i = 0; i < ch->parts.n_profiles; i++) {
		const struct settings *s = ch->parts.profiles[i]->settings;

		if (s->ttl_s > ttl_s)
			ttl_s = s->ttl_s;
	}
	pid_bound(&out->first_pid, unix_ms - ttl_s * 1000 - STALE_SLACK_MS);
	pid_bound(&out->end_pid, end_ms);
	if (pid_unix_ms(&out->end_pid) / 1000 != end_ms / 1000)
		/* a clock that no pid can tell: nothing is ahead of it */
		memset(out->end_pid.text, 'z', PID_CHARS);
}

enum cf_status challenge_clean(struct challenge *ch,
			       struct challenge_cleaned *out,
			       struct cf_error *err)
{
	struct pool_live may_live;
	bool is_swept;
	size_t n;
	enum cf_status rc;

	*out = (struct challenge_cleaned){0};
	get_live(ch, &may_live);
	do {
		rc = store_sweep(ch->parts.store, &may_live.first_pid,
				 &may_live.end_pid, clk_unix_ms(&ch->parts.clk),
				 SWEEP_ROWS * 4, &n, err);
		out->n_rows += (int64_t)n;
	} while (!rc && n >= SWEEP_ROWS * 4);
	is_swept = !rc;
	if (!rc)
		rc = pool_clean(ch->parts.pool, &may_live, &out->pool, err);
	if (!rc)
		rc = store_tidy(ch->parts.store, true, err);
	return rc == CF_BUSY && is_swept ? CF_OK : rc; /* tidied next time */
}

/* The profile whose turn it is to be filled; NULL when none wants to be now.
 * The one that was filled last comes last. */
static struct profile *next_to_fill(struct challenge *ch, int64_t now)
{
	size_t n = ch->parts.n_profiles;

	for (size_t i = 1; i <= n; i++) {
		size_t at = (ch->filling + i) % n;
		struct profile *profile = ch->parts.profiles[at];

		if (profile->is_fill_wanted &&
		    now >= profile->next_fill_mono_ms) {
			ch->filling = at;
			return profile;
		}
	}
	return NULL;
}

/* A step of filling, if there is something to fill; true when there is more
 * to do at once. */
static bool pause_fill(struct challenge *ch, int64_t now)
{
	struct cf_error trouble = CF_ERROR_INIT;
	struct profile *profile = ch->parts.profiles[ch->filling];
	enum cf_status rc;

	if (ch->n_to_fill == 0) {
		profile = next_to_fill(ch, now);
		if (!profile)
			return false;
		rc = shelf_fill_begin(profile->shelf, false, &ch->n_to_fill,
				      &trouble);
		if (!rc && ch->n_to_fill == 0) {
			pool_fill_end(ch->parts.pool);
			profile->is_fill_wanted = false;
			profile->next_fill_mono_ms = now + FILL_RETRY_MS;
			note_pool(ch, CF_OK, NULL);
			return false;
		}
	} else {
		rc = fill_one(ch, profile, &trouble);
		if (!rc && --ch->n_to_fill == 0)
			pool_fill_end(ch->parts.pool); /* and count again */
	}
	if (rc) {
		if (ch->n_to_fill > 0)
			pool_fill_end(ch->parts.pool);
		ch->n_to_fill = 0;
		profile->next_fill_mono_ms =
			now + (rc == CF_BUSY ? FILL_RETRY_MS
					     : FILL_TROUBLE_MS);
	}
	note_pool(ch, rc, &trouble);
	return !rc;
}

/* A step of sweeping rows. */
static void pause_sweep(struct challenge *ch, int64_t now)
{
	struct cf_error trouble = CF_ERROR_INIT;
	struct pool_live may_live;
	enum cf_status rc;
	size_t n;

	get_live(ch, &may_live);
	rc = store_sweep(ch->parts.store, &may_live.first_pid,
			 &may_live.end_pid, clk_unix_ms(&ch->parts.clk),
			 SWEEP_ROWS, &n, &trouble);
	if (!rc)
		rc = store_tidy(ch->parts.store, false, &trouble);
	if (rc && rc != CF_BUSY)
		log_error(ch->parts.log, LOG_LEVEL_WARN, "sweep", &trouble);
	if (rc || n < SWEEP_ROWS)
		ch->next_sweep_mono_ms = now + SWEEP_EVERY_MS;
}

static int64_t min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the next step of what profiles want is due. */
static int64_t next_of_profiles(const struct challenge *ch)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < ch->parts.n_profiles; i++) {
		const struct profile *profile = ch->parts.profiles[i];
		const struct reserve *reserve = &profile->reserve;

		if (profile->is_fill_wanted)
			next = min_i64(next, profile->next_fill_mono_ms);
		if (reserve->next < reserve->n)
			next = min_i64(next, reserve->filled_mono_ms +
						     RESERVE_MAX_AGE_MS + 1);
	}
	return next;
}

int64_t challenge_pause(struct challenge *ch)
{
	struct profile *const *profiles = ch->parts.profiles;
	int64_t now = mono_ms(ch);
	int64_t next;

	for (size_t i = 0; i < ch->parts.n_profiles; i++)
		if (is_old(ch, &profiles[i]->reserve))
			give_back(ch, &profiles[i]->reserve);
	if (now >= ch->next_sweep_mono_ms) {
		pause_sweep(ch, now);
		return 0;
	}
	if (now >= ch->next_sweep_names_mono_ms) {
		struct pool_live may_live;

		get_live(ch, &may_live);
		if (pool_sweep(ch->parts.pool, &may_live, SWEEP_NAMES))
			ch->next_sweep_names_mono_ms =
				now + SWEEP_NAMES_EVERY_MS;
		/* others may have emptied the pool meanwhile */
		for (size_t i = 0; i < ch->parts.n_profiles; i++)
			want_filling(profiles[i]);
		return 0;
	}
	/* after the sweeps: under load that never lets up there is always
	 * one more of these, and requests remove what has no room here */
	if (ch->n_used) {
		remove_used(ch, USED_A_PAUSE);
		return 0;
	}
	if (pause_fill(ch, now))
		return 0;
	next = min_i64(ch->next_sweep_mono_ms, ch->next_sweep_names_mono_ms);
	next = min_i64(next, next_of_profiles(ch));
	return next > now ? next - now : 0;
}
