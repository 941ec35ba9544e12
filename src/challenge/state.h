/*
 * A challenge layer from inside: what its files share.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_STATE_H
#define CF_CHALLENGE_STATE_H

#include "challenge/profile.h"
#include "challenge/reserve.h"
#include "challenge/room.h"

enum {
	USED_MAX = 256, /* pictures that are used and not yet removed */
};

/* A profile, and what waits to be handed out of it. */
struct stock {
	struct challenge *ch;
	struct profile *profile;
	struct reserve reserve;
	bool is_fill_wanted; /* a picture was taken from the pool */
	int64_t next_fill_mono_ms;
};

/* Fill its shelf in a pause, if pictures are to wait there. */
static inline void stock_want_filling(struct stock *stock)
{
	stock->is_fill_wanted = stock->profile->options.pool_size > 0;
}

struct challenge {
	struct challenge_parts parts;
	struct stock *stocks; /* as many as profiles */
	struct room room;
	struct buf png; /* for pictures that go to files or the store alone */
	uint8_t secret[CRYPT_KEY_BYTES];
	bool has_secret;
	/* challenges that have ended and whose pictures are to be removed */
	struct pid used[USED_MAX];
	size_t n_used;
	/* what pauses do next, and when */
	size_t filling;	   /* of the stocks, the one filled last or now */
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

/* Append the picture that is drawn for a pid and its code: always the same. */
CF_MUST_CHECK
enum cf_status picture_draw(struct challenge *ch, struct profile *profile,
			    const struct pid *pid, const char *code,
			    struct buf *png, struct cf_error *err);

/*
 * Append the picture of a challenge: its file, or what another machine has
 * shared, or drawn again if it is lost.
 *
 * profile   NULL: of one that is no more
 * pool_err  filled when the pool does not work
 */
CF_MUST_CHECK
enum cf_status picture_load(struct challenge *ch, struct profile *profile,
			    const struct pid *pid, const char *code,
			    struct buf *png, struct cf_error *pool_err,
			    struct cf_error *err);

/* --- upkeep.c ------------------------------------------------------------- */

/* Remove from store and pool what was reserved: nobody knows these pids. */
void upkeep_give_back(struct stock *stock);

/* Remove the picture of a challenge that has ended, later if that can be.
 * No visitor sees it meanwhile: to show a picture asks the store first. */
void upkeep_end_picture(struct challenge *ch, const struct pid *pid);

/* Remove up to n of those. */
void upkeep_remove_used(struct challenge *ch, size_t n);

#endif
