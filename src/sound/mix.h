/*
 * Sounds: six digits over babble, as a WAV file.
 *
 * source: compat.md section 5; the digits are cut and put together again by
 * TD-PSOLA (E. Moulines and F. Charpentier, 1990)
 */
#ifndef CF_SOUND_MIX_H
#define CF_SOUND_MIX_H

#include "sound/bank.h"

enum {
	MIX_DIGITS = 6,
	MIX_SEED_BYTES = 32,
	MIX_HEADER_BYTES = 44,
	MIX_SNR_MIN_DB = -10,
	MIX_SNR_MAX_DB = 60,
};

/* The length of each sound of a bank, with the header. */
size_t mix_bytes(const struct bank *bank);

/*
 * Append the sound of `digits`, MIX_DIGITS of 0..9: the same bytes for the same
 * arguments, on every machine. RIFF/WAVE, PCM, 16 bits, mono, BANK_RATE_HZ.
 *
 * seed    secret: whoever knows it can take the babble away
 * snr_db  the digits over the babble
 * returns CF_OK; CF_NOMEM or CF_TOO_LARGE of the buffer
 */
CF_MUST_CHECK
enum cf_status mix_digits(const struct bank *bank,
			  const uint8_t seed[MIX_SEED_BYTES],
			  const char digits[MIX_DIGITS], int snr_db,
			  struct buf *wav, struct cf_error *err);

#endif
