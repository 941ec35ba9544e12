/*
 * The challenge layer from inside, for all its files.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_STATE_H
#define CF_CHALLENGE_STATE_H

#include "challenge/profile.h"
#include "challenge/reserve.h"
#include "challenge/room.h"
#include "sound/mix.h"

enum {
	USED_MAX = 256, /* pictures that are used and not yet removed */
};

static inline int64_t min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* A profile, and its recorded challenges. */
struct stock {
	struct challenge *ch;
	struct profile *profile;
	struct reserve reserve;
	bool is_fill_wanted; /* a picture was taken from the pool */
	int64_t next_fill_mono_ms;
};

/* Let a pause fill the shelf, if the settings want pictures there. */
static inline void stock_want_filling(struct stock *stock)
{
	stock->is_fill_wanted = stock->profile->options.pool_size > 0;
}

struct challenge {
	struct challenge_parts parts;
	struct stock *stocks; /* as many as profiles */
	struct room room;
	struct buf png; /* for pictures that are not sent to a client */
	uint8_t secret[CRYPT_KEY_BYTES];
	bool has_secret;
	/* challenges that have ended and whose pictures are to be removed */
	struct pid used[USED_MAX];
	size_t n_used;
	/* what pauses do next, and when */
	size_t filling;	   /* the stock that is filled, or was filled last */
	int64_t n_to_fill; /* above 0: filling, and holding the lock */
	int64_t next_sweep_mono_ms;
	int64_t next_sweep_names_mono_ms;
	/* the last complaint about the pool */
	enum cf_status pool_status;
	int64_t complained_mono_ms;
};

/* --- challenge.c ---------------------------------------------------------- */

struct moment challenge_now(const struct challenge *ch);

/* The stock of a profile by its name. CF_NOT_FOUND when there is none. */
CF_MUST_CHECK
enum cf_status challenge_stock(struct challenge *ch, struct str name,
			       struct stock **out, struct cf_error *err);

/* Have ch->secret filled. */
CF_MUST_CHECK
enum cf_status challenge_need_secret(struct challenge *ch,
				     struct cf_error *err);

/*
 * Whether an entry has expired. An entry from the future was made by a clock
 * that was ahead. If it is ahead by more than its whole life, that clock was
 * set right since. Without this rule it would live until the wrong time comes.
 */
CF_MUST_CHECK
bool challenge_is_over(const struct store_entry *entry, int64_t now_unix_ms);

/* Read a challenge that lives; CF_NOT_FOUND for any other pid, also for a
 * token. */
CF_MUST_CHECK
enum cf_status challenge_peek(struct challenge *ch, const struct pid *pid,
			      int64_t now_unix_ms, struct store_entry *out,
			      struct cf_error *err);

/*
 * Log that the pool does not work, or works again, without flooding the log:
 * challenges go on without it. After a complaint the next one comes a minute
 * later, since a part of the pool may work while another does not.
 *
 * pool_err  its status is CF_EMPTY while the pool was not asked
 */
void challenge_note_pool(struct challenge *ch, const struct moment *now,
			 const struct cf_error *pool_err);

/* --- picture.c ------------------------------------------------------------ */

/* Append the picture that is drawn for a pid and its code: the same each
 * time. */
CF_MUST_CHECK
enum cf_status picture_draw(struct challenge *ch, struct profile *profile,
			    const struct pid *pid, const char *code,
			    struct buf *png, struct cf_error *err);

/*
 * Append the picture of a challenge: from its file, or else as another machine
 * has shared it, or else drawn again.
 *
 * profile   NULL when the settings no longer have it
 * pool_err  filled when the pool does not work
 */
CF_MUST_CHECK
enum cf_status picture_load(struct challenge *ch, struct profile *profile,
			    const struct pid *pid, const char *code,
			    struct buf *png, struct cf_error *pool_err,
			    struct cf_error *err);

/* --- sound.c -------------------------------------------------------------- */

/*
 * The digits that the sound of a pid says: bytes of HMAC-SHA-256 under the
 * installation's secret of "captcha-audio-v1" and the pid, those below 250,
 * modulo 10, the first MIX_DIGITS. Another language than English follows the
 * pid, in lower case. If the hash has too few such bytes, those of the next
 * follow: of the same text and a byte 1, then 2, and so on.
 *
 * lang  a tag such as "de" or "pt-BR", of which the first part counts; up to 7
 *       characters
 * out   not NUL-terminated; the caller clears it
 */
CF_MUST_CHECK
enum cf_status sound_digits(struct challenge *ch, const struct pid *pid,
			    struct str lang, char out[MIX_DIGITS],
			    struct cf_error *err);

/* The digits of a pid in all languages, English first: n of them. */
struct sound_codes {
	char digits[SETS_LANGS_MAX][MIX_DIGITS];
	size_t n;
};

CF_MUST_CHECK
enum cf_status sound_codes(struct challenge *ch, const struct pid *pid,
			   struct sound_codes *out, struct cf_error *err);

/* --- upkeep.c ------------------------------------------------------------- */

/* Remove the reserved challenges from store and pool. No client knows their
 * pids. */
void upkeep_give_back(struct stock *stock);

/* Remove the picture of a challenge that has ended, if possible in a pause. No
 * visitor sees it meanwhile, since challenge_picture asks the store first. */
void upkeep_end_picture(struct challenge *ch, const struct pid *pid);

/* Remove up to n pictures that wait for a pause. */
void upkeep_remove_used(struct challenge *ch, size_t n);

#endif
