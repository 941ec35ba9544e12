/*
 * Deflate: bytes as a zlib stream, quickly, by runs alone.
 *
 * One block with a Huffman code that was trained on captcha pictures
 * (deflate_table.c), of literals and of matches at distance 1. Any bytes can
 * be written; those of pictures come out about as small as from zlib's Z_RLE.
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
 * How a run of equal bytes is written: that many times the literal, then
 * n_bits of a match of all the others, its length, extra bits and distance.
 */
struct deflate_run {
	uint32_t bits; /* the first one lowest */
	uint8_t n_bits;
	uint8_t n_literals;
};

/*
 * The table. deflate_literals has each byte written once, twice and three
 * times: the number of bits in the lowest DEFLATE_N_BITS, the bits themselves
 * above. deflate_runs goes by the length of a run, 1 to DEFLATE_RUN_MAX. The
 * head is how a stream begins, up to the first byte; the end is that of the
 * block. A code has at most DEFLATE_CODE_MAX_BITS.
 */
extern const uint64_t deflate_literals[256][3];
extern const struct deflate_run deflate_runs[DEFLATE_RUN_MAX + 1];
extern const uint64_t deflate_end; /* as an entry of deflate_literals */
extern const size_t deflate_head_bits;
extern const uint8_t deflate_head[];

/* The room that deflate_write() wants for n bytes and that step. */
size_t deflate_max_bytes(size_t n, size_t step);

/*
 * Write the stream of n bytes, and fill it up.
 *
 * out      room of deflate_max_bytes(n, step), all of which may be written
 * bytes    n of them, 1 to DEFLATE_INPUT_MAX_BYTES
 * step     1 to DEFLATE_STEP_MAX_BYTES
 * beside   bytes that are not of the stream: it gets empty blocks at its end
 *          until stream and these together are a multiple of step, the least
 *          that such blocks can make
 * returns  the length of the stream
 */
CF_MUST_CHECK
size_t deflate_write(uint8_t *out, const uint8_t *bytes, size_t n, size_t step,
		     size_t beside);

#endif
