/*
 * WAV files: see wav.h.
 */
#include "base/base.h"
#include "sound/wav.h"

#include "sound/bank.h"

enum {
	CHUNK_BYTES = 8, /* name and size */
	RIFF_BYTES = CHUNK_BYTES + 4,
	FORMAT_BYTES = 16,
	PCM = 1,
};

static void put(uint8_t *out, uint32_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get(const char *at, size_t n)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++)
		value |= (uint32_t)(uint8_t)at[i] << 8 * i;
	return value;
}

void wav_put_header(uint8_t out[WAV_HEADER_BYTES], uint32_t n_samples)
{
	memcpy(out, "RIFF....WAVEfmt ", 16);
	put(out + 4, WAV_HEADER_BYTES - CHUNK_BYTES + 2 * n_samples, 4);
	put(out + 16, FORMAT_BYTES, 4);
	put(out + 20, PCM, 2);
	put(out + 22, 1, 2); /* channel */
	put(out + 24, BANK_RATE_HZ, 4);
	put(out + 28, 2 * BANK_RATE_HZ, 4); /* bytes a second */
	put(out + 32, 2, 2);		    /* bytes a sample */
	put(out + 34, 16, 2);		    /* bits */
	memcpy(out + 36, "data", 4);
	put(out + 40, 2 * n_samples, 4);
}

enum cf_status wav_parse(struct str file, struct wav *out, struct cf_error *err)
{
	const char *format = NULL;
	size_t at = RIFF_BYTES;

	if (file.len < RIFF_BYTES || memcmp(file.ptr, "RIFF", 4) != 0 ||
	    memcmp(file.ptr + 8, "WAVE", 4) != 0)
		return cf_fail(err, CF_BAD_INPUT, "this is no WAV file");
	while (file.len - at >= CHUNK_BYTES) {
		const char *chunk = file.ptr + at;
		size_t left = file.len - at - CHUNK_BYTES;
		size_t size = get(chunk + 4, 4);

		if (!memcmp(chunk, "fmt ", 4) && size >= FORMAT_BYTES &&
		    left >= FORMAT_BYTES)
			format = chunk + CHUNK_BYTES;
		if (!memcmp(chunk, "data", 4)) {
			if (!format || get(format, 2) != PCM ||
			    get(format + 2, 2) != 1 ||
			    get(format + 14, 2) != 16)
				break;
			out->rate_hz = get(format + 4, 4);
			out->samples = (const uint8_t *)chunk + CHUNK_BYTES;
			out->n_samples = (size < left ? size : left) / 2;
			if (out->rate_hz < WAV_RATE_MIN_HZ ||
			    out->rate_hz > WAV_RATE_MAX_HZ)
				break;
			return CF_OK;
		}
		if (size + (size & 1) > left)
			break;
		at += CHUNK_BYTES + size + (size & 1);
	}
	return cf_fail(err, CF_BAD_INPUT,
		       "this WAV file is not PCM of 16 bits, mono, with %d to "
		       "%d samples a second",
		       WAV_RATE_MIN_HZ, WAV_RATE_MAX_HZ);
}
