/*
 * Deflate: bytes as a zlib stream, quickly, by runs alone.
 *
 * The stream has one block of literals and matches at distance 1. Its Huffman
 * code was trained on captcha pictures (deflate_table.c). Any bytes can be
 * written; pictures become about as small as with zlib's Z_RLE.
 *
 * Layer: private to image.
 *
 * source: RFC 1950 (zlib) and RFC 1951 (deflate)
 */
#ifndef CF_IMAGE_DEFLATE_H
#define CF_IMAGE_DEFLATE_H

#include "base/base.h"

enum {
	DEFLATE_INPUT_MAX_BYTES = 1 << 24,
	DEFLATE_STEP_MAX_BYTES = 1 << 20,
	/* of the table */
	DEFLATE_MATCH_MIN = 3,
	DEFLATE_MATCH_MAX = 258,
	DEFLATE_RUN_MAX = 1 + DEFLATE_MATCH_MAX,
	DEFLATE_CODE_MAX_BITS = 12,
	DEFLATE_N_BITS = 8, /* of an entry of deflate_literals */
};

/*
 * How a run of equal bytes is written: n_literals times the literal, then
 * n_bits of a match for the rest: its length, extra bits and distance.
 */
struct deflate_run {
	uint32_t bits; /* the first one lowest */
	uint8_t n_bits;
	uint8_t n_literals;
};

/*
 * The table. deflate_literals has each byte written once, twice and three
 * times: the number of bits in the lowest DEFLATE_N_BITS, above them the bits.
 * deflate_runs is indexed by the length of a run, 1 to DEFLATE_RUN_MAX. The
 * head is the stream up to the first literal. The end closes the block. A code
 * has at most DEFLATE_CODE_MAX_BITS.
 */
extern const uint64_t deflate_literals[256][3];
extern const struct deflate_run deflate_runs[DEFLATE_RUN_MAX + 1];
extern const uint64_t deflate_end; /* as an entry of deflate_literals */
extern const size_t deflate_head_bits;
extern const uint8_t deflate_head[];

/* The room that deflate_write() needs for n bytes and this step. */
size_t deflate_max_bytes(size_t n, size_t step);

/*
 * Write the stream of n bytes, and fill it up.
 *
 * out      room of deflate_max_bytes(n, step), all of which may be written
 * n        1 to DEFLATE_INPUT_MAX_BYTES
 * step     1 to DEFLATE_STEP_MAX_BYTES
 * beside   bytes that the caller adds to the stream. Empty blocks at the end of
 *          the stream make the sum a multiple of step: the least multiple that
 *          such blocks can make
 * returns  the length of the stream
 */
CF_MUST_CHECK
size_t deflate_write(uint8_t *out, const uint8_t *bytes, size_t n, size_t step,
		     size_t beside);

#endif
