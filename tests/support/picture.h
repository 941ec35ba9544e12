/*
 * Pictures for tests: a PNG decoded by libpng's own reader, and what a test
 * wants to know about it.
 */
#ifndef CF_TESTS_SUPPORT_PICTURE_H
#define CF_TESTS_SUPPORT_PICTURE_H

#include "base/buf.h"

struct picture {
	int32_t width_px, height_px;
	int bits, type; /* of the IHDR chunk: PNG specification 11.2.1 */
	uint8_t *rgb;	/* three bytes a pixel, rows without gaps */
};

/* False when it is no PNG. picture_release() in any case. */
CF_MUST_CHECK
bool picture_decode(struct picture *out, struct str png);
void picture_release(struct picture *picture);

const uint8_t *picture_at(const struct picture *picture, int32_t x, int32_t y);

/* Whether all pixels less than width_px from a side are as the corner is. */
bool picture_has_border(const struct picture *picture, int32_t width_px);

/* How many pixels are not as the corner is. */
size_t picture_count_ink(const struct picture *picture);

/* How many pieces of `least` such pixels or more hang together, corners
 * included. */
size_t picture_count_pieces(const struct picture *picture, size_t least);

/* Bytes in use on the heap; 0 where a sanitizer keeps it to itself. */
size_t heap_bytes(void);

/* The path of a file of tests/data, borrowed until the next call. */
const char *data_path(const char *name);

#endif
