/*
 * WAV files: RIFF/WAVE with PCM of 16 bits, mono.
 *
 * source: Multimedia Programming Interface and Data Specifications 1.0, IBM and
 * Microsoft, 1991
 */
#ifndef CF_SOUND_WAV_H
#define CF_SOUND_WAV_H

#include "base/buf.h"

enum {
	WAV_HEADER_BYTES = 44,
	WAV_RATE_MIN_HZ = 8000,
	WAV_RATE_MAX_HZ = 48000,
};

/* Write the header of n_samples at BANK_RATE_HZ. */
void wav_put_header(uint8_t out[WAV_HEADER_BYTES], uint32_t n_samples);

/* Samples of a file, little-endian, borrowed from it. */
struct wav {
	uint32_t rate_hz;
	const uint8_t *samples;
	size_t n_samples;
};

/* Find the samples. A size that passes the end of the file is that of a pipe:
 * its writer did not know it, and the samples reach to the end. Returns CF_OK;
 * CF_BAD_INPUT, err says what is wrong. */
CF_MUST_CHECK
enum cf_status wav_parse(struct str file, struct wav *out,
			 struct cf_error *err);

#endif
