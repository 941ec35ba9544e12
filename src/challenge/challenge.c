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
#include "challenge/state.h"

enum {
	COMPLAIN_EVERY_MS = 60000,
};

int64_t challenge_mono_ms(struct challenge *ch)
{
	return clk_mono_ms(&ch->parts.clk);
}

struct challenge *challenge_new(const struct challenge_parts *parts)
{
	struct challenge *ch = mem_alloc(MEM_CHALLENGE, 1, sizeof(*ch));

	if (!ch)
		return NULL;
	ch->parts = *parts;
	if (!ch->parts.reserve_max)
		ch->parts.reserve_max = CHALLENGE_RESERVE_MAX;
	buf_init(&ch->png, GENERATOR_PNG_MAX_BYTES);
	for (size_t i = 0; i < parts->n_profiles; i++)
		upkeep_want_filling(parts->profiles[i]);
	return ch;
}

struct profile *challenge_profile(struct challenge *ch, struct str name)
{
	if (!name.len || str_eq(name, CHALLENGE_BASE_NAME))
		return ch->parts.profiles[0];
	for (size_t i = 1; i < ch->parts.n_profiles; i++)
		if (str_eq(name, ch->parts.profiles[i]->name))
			return ch->parts.profiles[i];
	return NULL;
}

void challenge_free(struct challenge *ch)
{
	if (!ch)
		return;
	for (size_t i = 0; i < ch->parts.n_profiles; i++)
		reserve_give_back(ch, &ch->parts.profiles[i]->reserve);
	upkeep_remove_used(ch, USED_MAX);
	if (ch->n_to_fill > 0)
		pool_fill_end(ch->parts.pool);
	buf_release(&ch->png);
	crypt_zero(ch->secret, sizeof(ch->secret));
	mem_free(ch);
}

/* Say that the pool does not work, or works again, without flooding the log:
 * requests go on without it. After a complaint nothing is said for a minute,
 * since a part of it may work while another does not. */
void challenge_note_pool(struct challenge *ch, enum cf_status rc,
		      const struct cf_error *err)
{
	int64_t now = challenge_mono_ms(ch);

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
		challenge_note_pool(ch, rc, &trouble);
	buf_truncate(png, begin);
	if (ch->parts.options.has_shared_pictures) {
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
	challenge_note_pool(ch,
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
				  profile->options.ttl_s * 1000;
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

/* --- issuing, showing and verifying --------------------------------------- */

enum cf_status challenge_issue(struct challenge *ch, struct profile *profile,
			       struct pid *pid, struct buf *png,
			       struct cf_error *err)
{
	struct reserve *reserve = &profile->reserve;
	struct reserved *r;
	enum cf_status rc = reserve_next(ch, profile, &r, err);

	if (rc)
		return rc;
	if (!reserve->has_pictures)
		rc = draw_picture(ch, profile, r, png, err);
	else if (png)
		rc = load_picture(ch, profile, &r->pid, r->code, png, err);
	if (!rc && !png && ch->parts.options.has_shared_pictures)
		rc = share_picture(ch, profile, r, reserve->has_pictures, err);
	if (!rc) {
		*pid = r->pid;
		metrics_add(METRIC_ISSUED, 1);
		metrics_add(reserve->has_pictures ? METRIC_POOL_HIT
						  : METRIC_POOL_MISS, 1);
	} else { /* nobody knows this pid; if it stays it expires by itself */
		(void)reserve_drop(ch, reserve, &r->pid);
	}
	crypt_zero(r->code, sizeof(r->code));
	return rc;
}

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
static enum cf_status decide(struct challenge *ch, struct store_entry *entry,
			     struct str typed, const struct profile *wanted,
			     struct challenge_outcome *out,
			     struct cf_error *err)
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
	rc = decide(ch, &entry, answer, wanted, out, err);
	if (!entry.attempts_left)
		upkeep_end_picture(ch, pid);
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
		.max_live = ch->parts.options.max_live};
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
