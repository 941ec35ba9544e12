/*
 * Making banks: from what a synthesiser says to clips, and from clips to a
 * bank. Only captchactl and the build use this.
 */
#ifndef CF_SOUND_CLIP_H
#define CF_SOUND_CLIP_H

#include "sound/bank.h"

/*
 * maker_new; maker_add for each clip by voice, digit and take, which are
 * n_voices * BANK_DIGITS * n_takes; maker_end; maker_free.
 */
struct maker;

CF_MUST_CHECK
struct maker *maker_new(const char *lang, unsigned n_voices, unsigned n_takes);
void maker_free(struct maker *maker); /* accepts NULL */

/*
 * Add the next clip: cut silence off its ends, bring it to BANK_RATE_HZ and to
 * one loudness, and find its marks.
 *
 * wav      a RIFF/WAVE file with PCM of 16 bits, mono, 8,000 to 48,000 Hz;
 *          sizes in its header may be wrong, as in a pipe
 * returns  CF_OK; CF_BAD_INPUT, err says what is wrong with it, for example
 *          that it is silent; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status maker_add(struct maker *maker, struct str wav,
			 struct cf_error *err);

/* Append the bank. from_unix_s: see bank.h. Returns CF_OK; CF_BAD_INPUT, clips
 * are missing; CF_TOO_LARGE past BANK_MAX_BYTES; CF_NOMEM. */
CF_MUST_CHECK
enum cf_status maker_end(struct maker *maker, int64_t from_unix_s,
			 struct buf *out, struct cf_error *err);

#endif
