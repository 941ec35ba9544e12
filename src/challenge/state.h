/*
 * A challenge layer from inside: what challenge.c, reserve.c and upkeep.c
 * share.
 *
 * Private to the challenge layer.
 */
#ifndef CF_CHALLENGE_STATE_H
#define CF_CHALLENGE_STATE_H

#include "challenge/profile.h"

enum {
	/* how much older than its ttl a file or row is before others take
	 * it for stale: clocks and reserves differ by a little */
	STALE_SLACK_MS = 5000,
	USED_MAX = 256, /* pictures that are used and not yet removed */
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

/* --- challenge.c ---------------------------------------------------------- */

int64_t challenge_mono_ms(struct challenge *ch);

/* Log that the pool does not work, or works again, without flooding the log:
 * requests go on without it. After a complaint the next one comes a minute
 * later, since a part of the pool may work while another does not. */
void challenge_note_pool(struct challenge *ch, enum cf_status rc,
			 const struct cf_error *err);

/* --- reserve.c ------------------------------------------------------------ */

/*
 * The next challenge of a profile, recorded and with its picture if
 * reserve->has_pictures. Records a new batch when there is none that may still
 * be handed out.
 *
 * out      borrowed until the next call
 * returns  as challenge_issue
 */
CF_MUST_CHECK
enum cf_status reserve_next(struct challenge *ch, struct profile *profile,
			    struct reserved **out, struct cf_error *err);

/* Remove one challenge that was not handed out: its pid is unknown. */
enum cf_status reserve_drop(struct challenge *ch,
			    const struct reserve *reserve,
			    const struct pid *pid);

/* Remove all that was not handed out: nobody knows these pids. */
void reserve_give_back(struct challenge *ch, struct reserve *reserve);

/* When the reserve is to be given back: after RESERVE_MAX_AGE_MS, and at once
 * when the wall clock was set, since its challenges would have expired or
 * would live too long. INT64_MAX when it is empty. */
int64_t reserve_due_mono_ms(struct challenge *ch,
			    const struct reserve *reserve);

/* --- upkeep.c ------------------------------------------------------------- */

/* A picture was taken: fill the shelf in a pause. */
void upkeep_want_filling(struct profile *profile);

/* Remove the picture of a challenge that has ended, later if that can be.
 * No visitor sees it meanwhile: to show a picture asks the store first. */
void upkeep_end_picture(struct challenge *ch, const struct pid *pid);

/* Remove up to n of those. */
void upkeep_remove_used(struct challenge *ch, size_t n);

#endif
