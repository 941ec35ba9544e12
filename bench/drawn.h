/*
 * Uncompressed pictures of the default look, for measurements and training.
 */
#ifndef CF_BENCH_DRAWN_H
#define CF_BENCH_DRAWN_H

#include "base/status.h"

enum {
	DRAWN_WIDTH_PX = 480,
	DRAWN_HEIGHT_PX = 160,
	/* of a picture: each row is a byte 0 and two bits a pixel */
	DRAWN_BYTES = DRAWN_HEIGHT_PX * (1 + DRAWN_WIDTH_PX / 4),
};

/*
 * Draw n of them, DRAWN_BYTES each, one after another.
 *
 * fonts    as in captcha.conf(5)
 * returns  owned by the caller, free(3); NULL on failure, err says why
 */
CF_MUST_CHECK
uint8_t *drawn_make(const char *fonts, uint64_t seed, size_t n,
		    struct cf_error *err);

#endif
