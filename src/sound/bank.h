/*
 * Banks: the spoken digits of one language, from which sounds are mixed.
 *
 * A bank is a block of bytes that is never changed: compiled in, or a file that
 * is mapped read-only, so that all processes share its memory. It has n_voices
 * voices, and of each voice n_takes takes of each digit: clips of
 * BANK_RATE_HZ samples a second.
 *
 * The marks of a clip are places in it, in order: the pulses of the voice where
 * the clip is voiced, else places about BANK_UNVOICED_STEP samples apart. A
 * mixer cuts the clip there to change its speed and pitch.
 *
 * Format, all numbers little-endian:
 *   bytes  0..7   BANK_MAGIC
 *          8..15  a hash of the bytes from 24 on, which names the bank: so
 *                 machines that made it at other times mix the same sounds
 *         16..23  unix seconds from which pids use the bank
 *         24..31  language, e.g. "pt-BR", filled with NULs
 *         32      n_voices
 *         33      n_takes
 *         34..35  0
 *         36..39  samples of a sound, the same for all codes
 *   then for each clip, by voice, digit and take: u32 offset of its samples
 *   from the beginning of the bank, u32 n_samples, u32 offset of its marks, u32
 *   n_marks; then the data: samples i16, marks u16, of which the
 *   highest bit says that the clip is voiced there.
 *
 * A file may be damaged or another program's: bank_from_bytes checks each
 * offset, number and mark, and nothing is checked afterwards. It does not check
 * the hash, which takes longer than mixing a sound: wrong samples harm nobody.
 *
 * Layer: sound uses base.
 */
#ifndef CF_SOUND_BANK_H
#define CF_SOUND_BANK_H

#include "base/buf.h"

#define BANK_MAGIC "cfbank1\n"

enum {
	BANK_RATE_HZ = 16000,
	BANK_DIGITS = 10,
	BANK_LANG_BYTES = 8, /* with a NUL at its end */
	BANK_VOICES_MAX = 16,
	BANK_TAKES_MAX = 16,
	BANK_CLIP_MIN_SAMPLES = 1600,
	BANK_CLIP_MAX_SAMPLES = 11200,
	BANK_UNVOICED_STEP = 96,
	BANK_MARKS_MIN = 3,
	/* between two marks */
	BANK_STEP_MIN = 24,
	BANK_STEP_MAX = 400,
	BANK_MAX_BYTES = 4 * 1024 * 1024,
	BANK_SOUND_MIN_SAMPLES = 5 * BANK_RATE_HZ,
	/* 320,000 bytes with the header of 44 */
	BANK_SOUND_MAX_SAMPLES = (320000 - 44) / 2,
};

#define BANK_VOICED 0x8000u /* of a mark */
#define BANK_PLACE  0x7fffu

struct bank;

/* One clip. Borrowed until bank_free. Read samples and marks by bank_i16 and
 * bank_u16: they are little-endian. */
struct bank_clip {
	const uint8_t *samples;
	const uint8_t *marks;
	uint32_t n_samples;
	uint32_t n_marks;
};

static inline unsigned bank_u16(const uint8_t *bytes, uint32_t i)
{
	uint16_t value;

	memcpy(&value, bytes + 2 * (size_t)i, sizeof(value));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	value = (uint16_t)(value << 8 | value >> 8);
#endif
	return value;
}

static inline void bank_put_i16(uint8_t *bytes, uint32_t i, int16_t sample)
{
	uint16_t value = (uint16_t)sample;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	value = (uint16_t)(value << 8 | value >> 8);
#endif
	memcpy(bytes + 2 * (size_t)i, &value, sizeof(value));
}

static inline int bank_i16(const uint8_t *bytes, uint32_t i)
{
	return (int16_t)bank_u16(bytes, i);
}

/*
 * A bank over bytes that stay where they are until bank_free.
 *
 * returns  CF_OK; CF_CORRUPT, err says what is wrong; CF_NOMEM. *out is NULL on
 *          failure
 */
CF_MUST_CHECK
enum cf_status bank_from_bytes(const void *bytes, size_t len, struct bank **out,
			       struct cf_error *err);

/* Map the file `name` below dir_fd. Returns what bank_from_bytes returns;
 * CF_NOT_FOUND, CF_IO. */
CF_MUST_CHECK
enum cf_status bank_map(int dir_fd, const char *name, struct bank **out,
			struct cf_error *err);

/* The English bank that is compiled in; NULL in a build without one. It lives
 * as long as the process. */
const struct bank *bank_built_in(void);

void bank_free(struct bank *bank); /* accepts NULL */

const char *bank_lang(const struct bank *bank);
/* Names the contents. */
uint64_t bank_mark(const struct bank *bank);
int64_t bank_from_unix_s(const struct bank *bank);
unsigned bank_n_voices(const struct bank *bank);
unsigned bank_n_takes(const struct bank *bank);
size_t bank_bytes(const struct bank *bank);
/* Whether the hash is that of the contents. */
CF_MUST_CHECK
bool bank_is_whole(const struct bank *bank);
/* Of each sound of this bank. */
uint32_t bank_sound_samples(const struct bank *bank);
/* digit 0..9 */
struct bank_clip bank_clip(const struct bank *bank, unsigned voice,
			   unsigned digit, unsigned take);

#endif
