/*
 * Where things are in a bank; private to the sound layer. bank.h describes the
 * format.
 */
#ifndef CF_SOUND_BANK_FORMAT_H
#define CF_SOUND_BANK_FORMAT_H

#include "sound/bank.h"

enum {
	BANK_AT_MARK = 8,
	BANK_AT_FROM = 16,
	BANK_AT_LANG = 24,
	BANK_AT_VOICES = 32,
	BANK_AT_TAKES = 33,
	BANK_AT_SAMPLES = 36,
	BANK_HEADER_BYTES = 40,
	BANK_ROW_BYTES = 16,
	/* of each clip: 20 dB below the loudest */
	BANK_RMS = 3277,
	/* of a sound, in samples */
	BANK_LEAD_MIN = BANK_RATE_HZ / 2,
	BANK_LEAD_MAX = BANK_RATE_HZ * 9 / 10,
	BANK_GAP_MIN = BANK_RATE_HZ * 35 / 100,
	BANK_GAP_MAX = BANK_RATE_HZ * 75 / 100,
	BANK_TAIL_MIN = BANK_RATE_HZ * 3 / 10,
};

/* The samples of a sound with six clips of n_samples each, said slowly. */
static inline uint32_t bank_samples_for(uint32_t n_samples)
{
	return BANK_LEAD_MAX + 6 * (n_samples * 57 / 50 + 600) +
	       5 * BANK_GAP_MAX + BANK_TAIL_MIN;
}

_Static_assert(BANK_LEAD_MAX + 6 * (BANK_CLIP_MAX_SAMPLES * 57 / 50 + 600) +
		       5 * BANK_GAP_MAX + BANK_TAIL_MIN <=
	       BANK_SOUND_MAX_SAMPLES,
	       "six of the longest clips fit into a sound");
_Static_assert(BANK_AT_LANG + BANK_LANG_BYTES == BANK_AT_VOICES,
	       "the language fits");
_Static_assert(BANK_CLIP_MAX_SAMPLES <= BANK_PLACE, "a mark fits into u16");

struct bank {
	const uint8_t *bytes;
	size_t len;
	bool is_mapped;
};

/* The bank that is compiled in; empty in a build without one. */
extern const char bank_en[];
extern const size_t bank_en_len;

/* The hash that names a bank: of all that is heard. */
uint64_t bank_hash(const uint8_t *bytes, size_t len);

#endif
