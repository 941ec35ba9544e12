/*
 * Challenges: issue a picture, show it, verify the answer once. The rules are
 * here. This layer uses the store and the pool, which do not know each other.
 *
 * challenge_new, then any number of issue, picture, sound, verify, health, with
 * challenge_pause between requests when there is time, then challenge_free.
 *
 * Layer: challenge uses base, image, pool, sound and store.
 */
#ifndef CF_CHALLENGE_CHALLENGE_H
#define CF_CHALLENGE_CHALLENGE_H

#include "base/buf.h"
#include "base/clk.h"
#include "base/log.h"
#include "image/generator.h"
#include "pool/pool.h"
#include "sound/sets.h"
#include "store/store.h"

enum {
	/* under load, this many challenges are recorded in one transaction and
	 * handed out within a second */
	CHALLENGE_RESERVE_MAX = 16,
};

_Static_assert((int)CHALLENGE_RESERVE_MAX <= (int)STORE_PUT_MAX,
	       "one store_put records a whole reserve");

/*
 * A profile: a kind of question, and how its pictures are drawn. profile_new,
 * any number of draws, profile_free. Errors of a profile begin with its name.
 */
struct profile;

enum puzzle_kind { PUZZLE_TEXT, PUZZLE_ARITHMETIC, PUZZLE_WORDS };

/* Strings are borrowed until profile_free. */
struct profile_options {
	/* challenges */
	int64_t ttl_s;
	int64_t attempts;
	int64_t pool_size; /* pictures to keep waiting; 0: none */
	/* the question; of PUZZLE_TEXT: */
	enum puzzle_kind kind;
	const char *alphabet; /* as alphabet_characters takes it */
	int64_t length_min;
	int64_t length_max;
	/* of PUZZLE_WORDS: */
	const char *words; /* a file; "" for the built-in list */
	int64_t word_count;
	const char *words_blocked; /* a file; "" for none */
	/* the picture */
	int64_t width_px;
	int64_t height_px;
	struct generator_options picture; /* alphabet is the profile's */
	/* of all settings that change pictures or codes */
	uint64_t pictures_hash;
};

_Static_assert(sizeof(struct profile_options) < 2048, "options are small");

/*
 * A profile with nothing loaded; NULL when out of memory.
 *
 * name      as pool_shelf wants it; "" for the base
 * options   copied
 * pool      where its pictures wait, borrowed until profile_free; NULL for a
 *           profile that only draws
 */
CF_MUST_CHECK
struct profile *profile_new(const char *name,
			    const struct profile_options *options,
			    struct pool *pool);
void profile_free(struct profile *profile); /* accepts NULL */

/* Borrowed until profile_free. */
const char *profile_name(const struct profile *profile);
const struct profile_options *profile_options(const struct profile *profile);

/* NULL until the first load or draw. */
const struct generator *profile_generator(const struct profile *profile);

/*
 * Read the word lists and fonts of the options; a second call does nothing. A
 * draw before this call reads the lists, and only the fonts that its text needs
 * (generator_load).
 *
 * returns  CF_OK; CF_CONFIG, err naming the setting or file and what is wrong
 *          with it; what generator_load returns
 */
CF_MUST_CHECK
enum cf_status profile_load(struct profile *profile, struct cf_error *err);

/* Visit the font faces of its pictures. Returns what profile_load and
 * generator_inspect return. */
CF_MUST_CHECK
enum cf_status profile_inspect(struct profile *profile,
			       generator_face_fn *visit, void *ctx,
			       struct cf_error *err);

/* Append the picture whose right answer is `code`: the same for the same
 * seed. Returns what profile_load and generator_draw return. */
CF_MUST_CHECK
enum cf_status profile_draw(struct profile *profile, uint64_t seed,
			    const char *code, struct buf *png,
			    struct cf_error *err);

/* Append a picture of no challenge; the seed decides its answer too. */
CF_MUST_CHECK
enum cf_status profile_draw_sample(struct profile *profile, uint64_t seed,
				   char code[STORE_CODE_MAX_BYTES + 1],
				   struct buf *png, struct cf_error *err);

enum { CHALLENGE_PROFILES_MAX = 17 }; /* the base among them */

/* The name of the base for clients. */
#define CHALLENGE_BASE_NAME "default"

struct challenge_options {
	int64_t max_live;	  /* challenges that wait for answers */
	bool has_shared_pictures; /* machines show each other's pictures */
	int snr_db;		  /* of sounds */
};

/* What the layer works with; all borrowed until challenge_free. */
struct challenge_parts {
	struct challenge_options options;
	const struct log *log; /* recovered problems; callers log failures */
	struct clk clk;
	struct store *store;
	struct pool *pool;
	struct sets *sets; /* the voices; NULL: there is no sound */
	/* with shelves; the first is the base, all others have names */
	struct profile *const *profiles;
	size_t n_profiles;
	/* the most challenges recorded at once, up to CHALLENGE_RESERVE_MAX; 0
	 * for CHALLENGE_RESERVE_MAX */
	size_t reserve_max;
	/* the caller calls challenge_pause: work may wait for it */
	bool has_pauses;
};

struct challenge;

/* NULL when out of memory. */
CF_MUST_CHECK
struct challenge *challenge_new(const struct challenge_parts *parts);

/* Removes challenges that were reserved and not handed out, and pictures that
 * were used. Accepts NULL. */
void challenge_free(struct challenge *ch);

/* The profile of a name; the base for "" and CHALLENGE_BASE_NAME; NULL when
 * there is none. Borrowed until challenge_free. */
CF_MUST_CHECK
const struct profile *challenge_profile(struct challenge *ch, struct str name);

struct challenge_issued {
	struct pid pid;
	const struct profile *profile;
};

/*
 * Hand out a new challenge.
 *
 * profile  its name, as challenge_profile takes it
 * out      filled on CF_OK
 * png      the picture is appended; NULL when only its address is wanted
 * returns  CF_OK; CF_NOT_FOUND, no profile of this name; CF_BUSY or CF_IO, the
 *          store is out of reach; CF_FULL, max_live or the disk is reached;
 *          what generator_draw returns. On failure nothing was handed out.
 * promise  the picture of a pid is never that of another, and the store has
 *          the code before the pid is given
 */
CF_MUST_CHECK
enum cf_status challenge_issue(struct challenge *ch, struct str profile,
			       struct challenge_issued *out, struct buf *png,
			       struct cf_error *err);

/*
 * Whether more than CHALLENGE_CROWDED_PERCENT of max_live wait for answers:
 * then http gives each visitor only a share. Counts the store seldom, as
 * challenge_issue does.
 *
 * is_crowded  as of the last count; true is a second old at most; untouched on
 *             failure
 * returns     CF_OK; CF_BUSY or CF_IO, the store is out of reach
 */
enum {
	CHALLENGE_CROWDED_PERCENT = 80
};
CF_MUST_CHECK
enum cf_status challenge_is_crowded(struct challenge *ch, bool *is_crowded,
				    struct cf_error *err);

/*
 * The picture of a live challenge, the same however often it is asked for.
 *
 * theme    as for challenge_set_theme()
 * png      the picture is appended
 * returns  CF_OK; CF_NOT_FOUND for a pid that is unknown, used or expired, and
 *          for a lost picture of a profile that is no more or whose settings
 *          cannot draw it any more; as challenge_issue otherwise
 */
CF_MUST_CHECK
enum cf_status challenge_picture(struct challenge *ch, const struct pid *pid,
				 struct str theme, struct buf *png,
				 struct cf_error *err);

/*
 * Whether pictures of the profile follow the theme of the page that shows them:
 * not when the settings choose a theme or a colour. challenge_set_theme then
 * changes a picture for that page, and else leaves it as it is.
 *
 * theme    "light" or "dark"; any other text changes nothing
 */
CF_MUST_CHECK
bool challenge_has_themes(const struct profile *profile);
void challenge_set_theme(const struct profile *profile, char *png, size_t len,
			 struct str theme);

/*
 * Sounds: six digits for each challenge, which pass as its code does. They are
 * a keyed hash of the pid. So nothing is stored, and all processes that share
 * the store say the same digits.
 */

/* Whether a challenge can be heard in this language, or in English. */
CF_MUST_CHECK
bool challenge_has_sound(struct challenge *ch, const struct pid *pid,
			 struct str lang);

enum {
	CHALLENGE_DIGITS = 6,
	CHALLENGE_MARK_CHARS = 32,
};

/* The sound of a live challenge, not mixed yet. */
struct challenge_sound {
	struct pid pid;
	const struct bank *bank; /* borrowed until the next call for a sound */
	size_t n_bytes;
	/* names the bytes; the same for the same bytes, and secret before it
	 * is told */
	char mark[CHALLENGE_MARK_CHARS + 1];
	int64_t left_s; /* of the challenge's life, at most */
};

/*
 * Find the sound of a live challenge.
 *
 * lang     as sets_find takes it
 * returns  CF_OK; CF_NOT_FOUND for a pid that is unknown, used or expired, or
 *          without voices; CF_BUSY or CF_IO, the store is out of reach
 */
CF_MUST_CHECK
enum cf_status challenge_find_sound(struct challenge *ch, const struct pid *pid,
				    struct str lang,
				    struct challenge_sound *out,
				    struct cf_error *err);

/* Append the sound: n_bytes of a WAV file, the same each time. Returns what
 * mix_digits returns. */
CF_MUST_CHECK
enum cf_status challenge_mix_sound(struct challenge *ch,
				   const struct challenge_sound *sound,
				   struct buf *wav, struct cf_error *err);

enum challenge_verdict {
	CHALLENGE_UNKNOWN = 0, /* never issued, used or swept: not told apart */
	CHALLENGE_PASS,
	CHALLENGE_WRONG,
	CHALLENGE_EXPIRED, /* or issued by a clock that was far ahead */
	CHALLENGE_MALFORMED, /* no pid has this shape */
};

/* The verdict's name for logs. */
const char *challenge_verdict_name(enum challenge_verdict verdict);

/* How a challenge may be solved; bits. */
enum challenge_way {
	CHALLENGE_BY_PICTURE = 1,
	CHALLENGE_BY_SOUND = 2, /* where there is sound */
};

/* An answer to check. */
struct challenge_attempt {
	struct str answer;
	/* the name of the profile that the challenge must have; ptr NULL for
	 * any. Every answer to a challenge of another profile is wrong, and
	 * uses an attempt */
	struct str profile;
	unsigned ways; /* bits of enum challenge_way */
};

/* The result of a check. */
struct challenge_outcome {
	enum challenge_verdict verdict;
	/* Of the challenge, when the answer was right or wrong. NULL for a
	 * profile that is no more, and with another verdict: unknown and
	 * expired challenges look the same. */
	const struct profile *profile;
	bool is_by_sound; /* the digits passed, and not the code */
};

/*
 * Use an attempt of a challenge and say whether the answer is right.
 *
 * pid      NULL for a text that is no pid: CHALLENGE_MALFORMED
 * out      CHALLENGE_UNKNOWN on any failure
 * returns  CF_OK and an outcome; CF_BUSY or CF_IO when the store is out of
 *          reach, and then the challenge may or may not be used up
 * promise  CHALLENGE_PASS at most once for a pid, over all processes
 */
CF_MUST_CHECK
enum cf_status challenge_verify(struct challenge *ch, const struct pid *pid,
				const struct challenge_attempt *attempt,
				struct challenge_outcome *out,
				struct cf_error *err);

/* Derive a secret of the installation for one purpose: HMAC-SHA-256 of the
 * purpose, the same in all processes that share the store. */
CF_MUST_CHECK
enum cf_status challenge_derive(struct challenge *ch, const char *purpose,
				uint8_t out[CRYPT_SHA256_BYTES],
				struct cf_error *err);

/*
 * The right answer of a live challenge, for tests of a form. Nothing is used
 * up.
 *
 * code     folded, as utf8_fold does; the caller clears it. "" on failure
 * returns  CF_OK; CF_NOT_FOUND, err says whether the challenge has expired; as
 *          store_peek otherwise
 */
CF_MUST_CHECK
enum cf_status challenge_answer(struct challenge *ch, const struct pid *pid,
				char code[STORE_CODE_MAX_BYTES + 1],
				struct cf_error *err);

/* How many challenges wait for answers, and pictures of each profile for
 * challenges. */
struct challenge_counts {
	int64_t n_live;
	int64_t max_live;
	int64_t n_ready[CHALLENGE_PROFILES_MAX];
};

/* Reads the names of all waiting pictures. */
CF_MUST_CHECK
enum cf_status challenge_count(struct challenge *ch,
			       struct challenge_counts *out,
			       struct cf_error *err);

/* The i-th profile, the base being the first; NULL past the last. */
const struct profile *challenge_profile_at(const struct challenge *ch,
					   size_t i);

/* The state of both parts that challenges depend on. */
struct challenge_health {
	enum cf_status store; /* took a write and gave it back */
	enum cf_status cache; /* took a file */
	struct cf_error store_error;
	struct cf_error cache_error;
};

void challenge_check_health(struct challenge *ch,
			    struct challenge_health *out);

/*
 * Do a small step of upkeep, of about a millisecond: fill the pool, remove
 * challenges and pictures that were used or have expired, give back reserved
 * challenges.
 *
 * returns  after how many milliseconds to call again; 0: at once
 */
int64_t challenge_pause(struct challenge *ch);

/*
 * Fill the pool in one go, a profile after the other.
 *
 * wait      for another process that fills, instead of CF_BUSY
 * progress  called after each picture, and before the first with n_done 0;
 *           false ends the filling; n_all grows with each profile that is
 *           short of pictures; may be NULL
 * n_drawn   how many were added, also on failure
 */
typedef bool challenge_progress_fn(void *ctx, int64_t n_done, int64_t n_all);
CF_MUST_CHECK
enum cf_status challenge_fill(struct challenge *ch, bool wait,
			      challenge_progress_fn *progress, void *ctx,
			      int64_t *n_drawn, struct cf_error *err);

struct challenge_cleaned {
	int64_t n_rows; /* expired challenges */
	struct pool_cleaned pool;
};

/*
 * Remove all that has expired and give its space back. Safe while the service
 * runs, beside itself, and when it is killed.
 */
CF_MUST_CHECK
enum cf_status challenge_clean(struct challenge *ch,
			       struct challenge_cleaned *out,
			       struct cf_error *err);

#endif
