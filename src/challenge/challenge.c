/*
 * The rules for challenges that were issued: how long they live, and which
 * answers pass. See challenge.h.
 */
#include "base/base.h"
#include "base/alphabet.h"
#include "base/crypt.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "challenge/answer.h"
#include "challenge/state.h"

enum {
	COMPLAIN_EVERY_MS = 60000,
};

struct moment challenge_now(const struct challenge *ch)
{
	return (struct moment){clk_unix_ms(&ch->parts.clk),
			       clk_mono_ms(&ch->parts.clk)};
}

enum cf_status challenge_need_secret(struct challenge *ch, struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	if (!ch->has_secret)
		rc = store_secret(ch->parts.store, ch->secret, err);
	ch->has_secret |= !rc;
	return rc;
}

enum cf_status challenge_derive(struct challenge *ch, const char *purpose,
				uint8_t out[CRYPT_SHA256_BYTES],
				struct cf_error *err)
{
	enum cf_status rc = challenge_need_secret(ch, err);

	if (!rc)
		crypt_hmac_sha256(ch->secret, purpose, strlen(purpose), out);
	return rc;
}

struct challenge *challenge_new(const struct challenge_parts *parts)
{
	struct challenge *ch = mem_alloc(MEM_CHALLENGE, 1, sizeof(*ch));

	assert(parts->reserve_max <= CHALLENGE_RESERVE_MAX);
	if (!ch)
		return NULL;
	ch->parts = *parts;
	if (!ch->parts.reserve_max)
		ch->parts.reserve_max = CHALLENGE_RESERVE_MAX;
	buf_init(&ch->png, GENERATOR_PNG_MAX_BYTES);
	room_init(&ch->room, parts->options.max_live);
	ch->stocks = mem_alloc(MEM_CHALLENGE, parts->n_profiles,
			       sizeof(*ch->stocks));
	if (!ch->stocks) {
		mem_free(ch);
		return NULL;
	}
	for (size_t i = 0; i < parts->n_profiles; i++) {
		ch->stocks[i].ch = ch;
		ch->stocks[i].profile = parts->profiles[i];
		stock_want_filling(&ch->stocks[i]);
	}
	return ch;
}

void challenge_free(struct challenge *ch)
{
	if (!ch)
		return;
	for (size_t i = 0; i < ch->parts.n_profiles; i++)
		upkeep_give_back(&ch->stocks[i]);
	upkeep_remove_used(ch, USED_MAX);
	if (ch->n_to_fill > 0)
		pool_fill_end(ch->parts.pool);
	buf_release(&ch->png);
	crypt_zero(ch->secret, sizeof(ch->secret));
	mem_free(ch->stocks);
	mem_free(ch);
}

enum cf_status challenge_stock(struct challenge *ch, struct str name,
			       struct stock **out, struct cf_error *err)
{
	size_t n = ch->parts.n_profiles, i = 0;

	if (name.len && !str_eq(name, CHALLENGE_BASE_NAME))
		for (i = 1; i < n; i++)
			if (str_eq(name, ch->stocks[i].profile->name))
				break;
	if (i == n)
		return cf_fail(err, CF_NOT_FOUND, "no profile of this name");
	*out = &ch->stocks[i];
	return CF_OK;
}

const struct profile *challenge_profile(struct challenge *ch, struct str name)
{
	struct stock *stock;

	return challenge_stock(ch, name, &stock, NULL) ? NULL : stock->profile;
}

void challenge_note_pool(struct challenge *ch, const struct moment *now,
			 const struct cf_error *pool_err)
{
	enum cf_status rc = pool_err->status;

	if (rc == CF_EMPTY || rc == CF_BUSY || (!rc && !ch->pool_status))
		return;
	if (ch->pool_status &&
	    now->mono_ms - ch->complained_mono_ms < COMPLAIN_EVERY_MS)
		return;
	if (rc)
		log_error(ch->parts.log, LOG_LEVEL_WARN, "pool", pool_err);
	else
		log_event(ch->parts.log, LOG_LEVEL_WARN, "pool",
			  "status=ok text=\"works again\"");
	ch->pool_status = rc;
	ch->complained_mono_ms = now->mono_ms;
}

/* --- showing and verifying ------------------------------------------------ */

bool challenge_is_over(const struct store_entry *entry, int64_t now_unix_ms)
{
	int64_t ahead_ms =
		entry->created_unix_ms - now_unix_ms - STALE_SLACK_MS;

	return now_unix_ms >= entry->expires_unix_ms ||
	       (ahead_ms > 0 &&
		ahead_ms > entry->expires_unix_ms - entry->created_unix_ms);
}

enum cf_status challenge_peek(struct challenge *ch, const struct pid *pid,
			      int64_t now_unix_ms, struct store_entry *out,
			      struct cf_error *err)
{
	enum cf_status rc = store_peek(ch->parts.store, pid, out, err);

	if (!rc && (challenge_is_over(out, now_unix_ms) || out->note[0]))
		rc = cf_fail(err, CF_NOT_FOUND, "expired, or a token");
	return rc;
}

enum cf_status challenge_picture(struct challenge *ch, const struct pid *pid,
				 struct str theme, struct buf *png,
				 struct cf_error *err)
{
	size_t begin = png->len;
	struct moment now = challenge_now(ch);
	struct store_entry entry;
	struct cf_error pool_err;
	struct stock *stock;
	enum cf_status rc = challenge_peek(ch, pid, now.unix_ms, &entry, err);

	pool_err.status = CF_EMPTY;
	if (!rc) {
		bool is_of_none = challenge_stock(ch, str_from(entry.profile),
						  &stock, NULL);

		rc = picture_load(ch, is_of_none ? NULL : stock->profile, pid,
				  entry.code, png, &pool_err, err);
		if (!rc && !is_of_none)
			challenge_set_theme(stock->profile, png->ptr + begin,
					    png->len - begin, theme);
	}
	/* recorded when the profile had another alphabet or length */
	if (rc == CF_BAD_INPUT)
		rc = cf_fail(err, CF_NOT_FOUND,
			     "lost, and was drawn by other settings");
	challenge_note_pool(ch, &now, &pool_err);
	crypt_zero(&entry, sizeof(entry));
	return rc;
}

enum cf_status challenge_answer(struct challenge *ch, const struct pid *pid,
				char code[STORE_CODE_MAX_BYTES + 1],
				struct cf_error *err)
{
	struct store_entry entry;
	enum cf_status rc = store_peek(ch->parts.store, pid, &entry, err);

	code[0] = '\0';
	if (rc == CF_NOT_FOUND)
		return cf_fail(err, rc, "there is no such challenge: answered, "
			       "expired, or of another store");
	if (rc)
		return rc;
	if (challenge_is_over(&entry, clk_unix_ms(&ch->parts.clk)))
		rc = cf_fail(err, CF_NOT_FOUND, "the challenge has expired");
	else if (entry.note[0])
		rc = cf_fail(err, CF_NOT_FOUND, "this is a token, no challenge");
	else
		memcpy(code, entry.code, sizeof(entry.code));
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

/* The characters of a text; NULL for another kind, or for a lost profile. */
static const char *characters_of(const struct profile *profile)
{
	const struct profile_options *options =
		profile ? profile_options(profile) : NULL;

	return options && options->kind == PUZZLE_TEXT
		       ? alphabet_characters(options->alphabet)
		       : NULL;
}

/* An answer, made comparable. */
struct typed {
	struct answer answer;
	bool has_digits; /* as many as a sound says, and they may pass */
	char digits[MIX_DIGITS];
	char right[MIX_DIGITS]; /* what the sound says */
};

/* Before an attempt is used: the store may fail to give the secret. */
static enum cf_status read_typed(struct challenge *ch, const struct pid *pid,
				 const struct challenge_attempt *attempt,
				 struct typed *typed, struct cf_error *err)
{
	bool may_sound = ch->parts.sets && attempt->ways & CHALLENGE_BY_SOUND;

	answer_init(&typed->answer, attempt->answer);
	typed->has_digits =
		may_sound && answer_read_digits(&typed->answer, typed->digits,
						MIX_DIGITS);
	return typed->has_digits ? sound_digits(ch, pid, typed->right, err)
				 : CF_OK;
}

/* Judge an answer. */
static void judge(const struct store_entry *entry,
		  const struct profile *profile, const struct typed *typed,
		  unsigned ways, int64_t now_unix_ms,
		  struct challenge_outcome *out)
{
	bool is_code = answer_is(&typed->answer, entry->code,
				 characters_of(profile));
	bool is_said = typed->has_digits &&
		       crypt_equal(typed->digits, typed->right, MIX_DIGITS);

	is_code &= !!(ways & CHALLENGE_BY_PICTURE);
	out->is_by_sound = is_said && !is_code;
	if (challenge_is_over(entry, now_unix_ms))
		out->verdict = CHALLENGE_EXPIRED;
	else
		out->verdict = is_code || is_said ? CHALLENGE_PASS
						  : CHALLENGE_WRONG;
}

/* End a challenge that was answered right, unless its last attempt has ended
 * it. The answer passes only if this call ends the challenge. */
static enum cf_status end(struct challenge *ch, struct store_entry *entry,
			  enum challenge_verdict *verdict, struct cf_error *err)
{
	enum cf_status rc;

	if (!entry->attempts_left)
		return CF_OK;
	rc = store_drop(ch->parts.store, &entry->pid, err);
	if (rc)
		*verdict = CHALLENGE_UNKNOWN;
	if (rc == CF_NOT_FOUND)
		return CF_OK; /* another answer was first */
	entry->attempts_left = 0;
	return rc;
}

/* The verdict on an answer that has used an attempt. */
static enum cf_status settle(struct challenge *ch, struct store_entry *entry,
			     const struct challenge_attempt *attempt,
			     const struct typed *typed,
			     struct challenge_outcome *out,
			     struct cf_error *err)
{
	const struct profile *of =
		challenge_profile(ch, str_from(entry->profile));
	enum cf_status rc = CF_OK;

	judge(entry, of, typed, attempt->ways, clk_unix_ms(&ch->parts.clk),
	      out);
	if (out->verdict == CHALLENGE_PASS && attempt->profile.ptr &&
	    (!of || challenge_profile(ch, attempt->profile) != of))
		out->verdict = CHALLENGE_WRONG;
	if (out->verdict == CHALLENGE_PASS)
		rc = end(ch, entry, &out->verdict, err);
	out->is_by_sound &= out->verdict == CHALLENGE_PASS;
	if (out->verdict == CHALLENGE_PASS || out->verdict == CHALLENGE_WRONG)
		out->profile = of;
	if (!entry->attempts_left)
		upkeep_end_picture(ch, &entry->pid);
	return rc;
}

static enum cf_status verify(struct challenge *ch, const struct pid *pid,
			     const struct challenge_attempt *attempt,
			     struct challenge_outcome *out,
			     struct cf_error *err)
{
	struct store_entry entry;
	struct typed typed;
	enum cf_status rc;

	*out = (struct challenge_outcome){.verdict = CHALLENGE_UNKNOWN};
	if (!pid) {
		out->verdict = CHALLENGE_MALFORMED;
		return CF_OK;
	}
	rc = read_typed(ch, pid, attempt, &typed, err);
	if (!rc)
		rc = store_take(ch->parts.store, pid, &entry, err);
	/* the holder of a token can compute its code */
	if (!rc && !entry.note[0])
		rc = settle(ch, &entry, attempt, &typed, out, err);
	if (rc == CF_NOT_FOUND)
		rc = CF_OK;
	crypt_zero(&typed, sizeof(typed));
	crypt_zero(&entry, sizeof(entry));
	return rc;
}

enum cf_status challenge_verify(struct challenge *ch, const struct pid *pid,
				const struct challenge_attempt *attempt,
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
	enum cf_status rc = verify(ch, pid, attempt, out, err);

	if (!rc)
		metrics_add(metrics[out->verdict], 1);
	metrics_add(METRIC_CHECK_BY_SOUND, out->is_by_sound);
	return rc;
}

enum cf_status challenge_is_crowded(struct challenge *ch, bool *is_crowded,
				    struct cf_error *err)
{
	return room_is_crowded(&ch->room, ch->parts.store, &ch->parts.clk,
			       is_crowded, err);
}

enum cf_status challenge_count(struct challenge *ch,
			       struct challenge_counts *out,
			       struct cf_error *err)
{
	enum cf_status rc;

	*out = (struct challenge_counts){.max_live =
						 ch->parts.options.max_live};
	rc = store_count(ch->parts.store, 0, &out->n_live, err);
	for (size_t i = 0; i < ch->parts.n_profiles && !rc; i++)
		rc = shelf_count(ch->parts.profiles[i]->shelf, &out->n_ready[i],
				 err);
	return rc;
}

const struct profile *challenge_profile_at(const struct challenge *ch, size_t i)
{
	return i < ch->parts.n_profiles ? ch->parts.profiles[i] : NULL;
}

void challenge_check_health(struct challenge *ch, struct challenge_health *out)
{
	*out = (struct challenge_health){0};
	out->store = store_probe(ch->parts.store, &out->store_error);
	out->cache = pool_probe(ch->parts.pool, &out->cache_error);
}
