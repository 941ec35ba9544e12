/*
 * Pictures for tests: a PNG decoded by libpng's own reader, and measures of it.
 */
#ifndef CF_TESTS_SUPPORT_PICTURE_H
#define CF_TESTS_SUPPORT_PICTURE_H

#include "base/buf.h"

struct picture {
	int32_t width_px, height_px;
	int bits, type; /* of the IHDR chunk: PNG specification 11.2.1 */
	uint8_t *rgb;	/* three bytes a pixel, rows without gaps */
};

/* False when png is no PNG. picture_release() in any case. */
CF_MUST_CHECK
bool picture_decode(struct picture *out, struct str png);
void picture_release(struct picture *picture);

const uint8_t *picture_at(const struct picture *picture, int32_t x, int32_t y);

/* Whether all pixels near a side (less than width_px) have the corner's
 * colour. */
bool picture_has_border(const struct picture *picture, int32_t width_px);

/* How many pixels have not the corner's colour. */
size_t picture_count_ink(const struct picture *picture);

/* How many connected pieces these pixels form, of `least` pixels or more.
 * Pixels that share a corner are connected. */
size_t picture_count_pieces(const struct picture *picture, size_t least);

/* Bytes in use on the heap; 0 where a sanitizer keeps it to itself. */
size_t heap_bytes(void);

/* The path of a file of tests/data, borrowed until the next call. */
const char *data_path(const char *name);

#endif
