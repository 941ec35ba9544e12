/*
 * A strict reader of PNG and of zlib streams, for tests. It refuses whatever
 * png.h does not promise: another chunk, a byte too many, a wrong checksum.
 */
#ifndef CF_TESTS_SUPPORT_STRICT_PNG_H
#define CF_TESTS_SUPPORT_STRICT_PNG_H

#include "image/png.h"

struct strict_png {
	int32_t width_px, height_px;
	uint8_t palette[CANVAS_LEVELS][3];
	uint8_t *samples; /* one a byte, rows without gaps */
};

/* Returns NULL, or what is wrong. strict_png_release() in any case. */
CF_MUST_CHECK
const char *strict_png_read(struct strict_png *out, struct str png);
void strict_png_release(struct strict_png *png);

/* Read a zlib stream of exactly n bytes into out. NULL, or what is wrong. */
CF_MUST_CHECK
const char *strict_inflate(uint8_t *out, size_t n, struct str stream);

#endif
