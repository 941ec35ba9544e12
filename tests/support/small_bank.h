/*
 * A small bank of sounds, the same on every machine: for tests that need no
 * voice.
 */
#ifndef CF_TESTS_SMALL_BANK_H
#define CF_TESTS_SMALL_BANK_H

#include "base/buf.h"

enum {
	SMALL_BANK_VOICES = 2,
	SMALL_BANK_TAKES = 1,
	SMALL_BANK_CLIP_SAMPLES = 2000,
	SMALL_BANK_MAX_BYTES = 128 * 1024,
};

/* Append it. lang has up to 7 characters. */
void small_bank_add(struct buf *out, const char *lang, int64_t from_unix_s);

#endif
