/*
 * Deflate: see deflate.h. Section numbers are those of RFC 1951.
 *
 * Half of a picture's runs are one byte long, at the edges of letters, and
 * nobody can guess which. So nothing branches on the length of a run: where
 * runs end is a mask of 64 bytes, and a table has what is written for each
 * length.
 */
#include "base/base.h"
#include "image/deflate.h"

#include <endian.h>

#if defined(__SSE2__) && !defined(CF_DEFLATE_PORTABLE)
#include <emmintrin.h>
#define HAS_SSE2 1
#endif

enum {
	N_BITS_MASK = (1 << DEFLATE_N_BITS) - 1,
	FIXED_BITS = 10, /* of an empty block with the fixed code, 3.2.6 */
	STORED_BYTES = 5, /* of an empty stored block, 3.2.4, and of those */
	STORED_TAIL_BYTES = 4, /* are LEN and NLEN */
	ADLER_BASE = 65521,
	ADLER_BYTES = 4,
	HEAD_MAX_BYTES = 320, /* 287 lengths of 7 bits and what is before */
	/* at most, before the stored blocks that make a multiple of five */
	FILL_BYTES = 8 * STORED_BYTES,
};

_Static_assert(7 + 3 * DEFLATE_CODE_MAX_BITS <= 64 &&
		       7 + 2 * DEFLATE_CODE_MAX_BITS + 5 + 1 <= 64,
	       "a run of three, or a literal, a match and its distance");

/* Bits on their way out, the first one lowest; fewer than 8 between calls. */
struct bits {
	uint8_t *at;
	uint64_t held;
	unsigned n;
};

/* The sums of RFC 1950, 8.2, b twice, and modulo only at the end. */
struct adler {
	uint64_t a, b2;
};

static inline void put_u64(uint8_t *at, uint64_t v)
{
	v = htole64(v);
	memcpy(at, &v, sizeof(v));
}

/* Put n bits and let whole bytes leave. */
static inline void put_bits(struct bits *to, uint64_t bits, unsigned n)
{
	to->held |= bits << to->n;
	to->n += n;
	put_u64(to->at, to->held);
	to->at += to->n / 8;
	to->held >>= to->n & ~7u;
	to->n &= 7;
}

static inline void put_run(struct bits *to, uint8_t byte, size_t length)
{
	const struct deflate_run *run = &deflate_runs[length];
	uint64_t literals = deflate_literals[byte][run->n_literals - 1];
	unsigned n = literals & N_BITS_MASK;

	put_bits(to, literals >> DEFLATE_N_BITS | (uint64_t)run->bits << n,
		 n + run->n_bits);
}

/* A run of any length. */
static inline void put_bytes(struct bits *to, uint8_t byte, size_t length)
{
	for (; length > DEFLATE_RUN_MAX; length -= DEFLATE_RUN_MAX)
		put_run(to, byte, DEFLATE_RUN_MAX);
	put_run(to, byte, length);
}

/* From here on, and for n bytes, each is `more` greater than it would be. */
static inline void add_more(struct adler *adler, uint64_t more, uint64_t n)
{
	adler->a += more * n;
	adler->b2 += more * n * (n + 1);
}

#ifdef HAS_SSE2
/* As below. */
static inline uint64_t changes(const uint8_t *p)
{
	uint64_t same = 0;

#pragma GCC unroll 4
	for (int i = 0; i < 64; i += 16) {
		__m128i like = _mm_cmpeq_epi8(
			_mm_loadu_si128((const void *)(p + i)),
			_mm_loadu_si128((const void *)(p + i - 1)));

		same |= (uint64_t)(uint32_t)_mm_movemask_epi8(like) << i;
	}
	return ~same;
}
#else
static inline uint64_t get_u64(const uint8_t *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return le64toh(v);
}

/* Bit i tells whether p[i] is another byte than p[i - 1], for 64 bytes. */
static inline uint64_t changes(const uint8_t *p)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t mask = 0;

#pragma GCC unroll 8
	for (int i = 0; i < 64; i += 8) {
		uint64_t v = get_u64(p + i) ^ get_u64(p + i - 1);

		/* the highest bit of each byte that is not 0; then the
		 * product has these eight side by side */
		v = (((v & low) + low) | v) & ~low;
		mask |= (v * UINT64_C(0x0002040810204081) >> 56) << i;
	}
	return mask;
}
#endif

static void put_block(struct bits *to, struct adler *adler,
		      const uint8_t *bytes, const uint8_t *end)
{
	const uint8_t *start = bytes, *p = bytes + 1; /* start of a run */
	struct bits out = *to; /* in registers */
	struct adler sum = {1, 2 * (uint64_t)(end - bytes)};

	add_more(&sum, *start, (uint64_t)(end - start));
	for (; end - p >= 64; p += 64)
		for (uint64_t mask = changes(p); mask; mask &= mask - 1) {
			const uint8_t *next =
				p + (unsigned)__builtin_ctzll(mask);

			put_bytes(&out, *start, (size_t)(next - start));
			add_more(&sum, (uint64_t)*next - *start,
				 (uint64_t)(end - next));
			start = next;
		}
	for (; p < end; p++)
		if (*p != *start) {
			put_bytes(&out, *start, (size_t)(p - start));
			add_more(&sum, (uint64_t)*p - *start,
				 (uint64_t)(end - p));
			start = p;
		}
	put_bytes(&out, *start, (size_t)(end - start));
	put_bits(&out, deflate_end >> DEFLATE_N_BITS,
		 deflate_end & N_BITS_MASK);
	*to = out;
	*adler = sum;
}

static void put_empty_fixed(struct bits *to, size_t n_times)
{
	for (; n_times; n_times--)
		put_bits(to, 2, FIXED_BITS);
}

/* The last of the stream or not; it ends on a byte. */
static void put_empty_stored(struct bits *to, bool is_last)
{
	put_bits(to, is_last, 3);
	to->at += to->n > 0;
	to->n = 0;
	to->held = 0;
	memcpy(to->at, "\0\0\xff\xff", STORED_TAIL_BYTES);
	to->at += STORED_TAIL_BYTES;
}

/* The byte after an empty stored block that begins at that bit. */
static size_t after_stored(size_t bit)
{
	return (bit + 3 + 7) / 8 + STORED_TAIL_BYTES;
}

/*
 * Fill up to n_bytes, with f empty fixed blocks, stored ones, g fixed ones and
 * a last stored one; false when this f and g do not come out.
 */
static bool fill_with(struct bits *to, const uint8_t *start, size_t n_bytes,
		      size_t f, size_t g)
{
	size_t bit = (size_t)(to->at - start) * 8 + to->n;
	size_t at = after_stored(bit + f * FIXED_BITS);
	size_t left;

	at = after_stored(at * 8 + g * FIXED_BITS);
	if (at > n_bytes || (n_bytes - at) % STORED_BYTES)
		return false;
	left = n_bytes - at;
	put_empty_fixed(to, f);
	put_empty_stored(to, false);
	for (; left; left -= STORED_BYTES) {
		memcpy(to->at, "\0\0\0\xff\xff", STORED_BYTES);
		to->at += STORED_BYTES;
	}
	put_empty_fixed(to, g);
	put_empty_stored(to, true);
	return true;
}

/*
 * A stored block takes five bytes. A fixed one takes ten bits, so it moves the
 * stored one behind it by one byte or two: none to three of them reach four of
 * the five remainders, as does each other place for them. Two places reach all.
 */
static void fill_up(struct bits *to, const uint8_t *start, size_t step,
		    size_t beside)
{
	size_t least = (size_t)(to->at - start) + beside;
	size_t n_bytes = (least + step - 1) / step * step - beside;

	for (;; n_bytes += step)
		for (size_t way = 0; way < 16; way++)
			if (fill_with(to, start, n_bytes, way % 4, way / 4))
				return;
}

size_t deflate_max_bytes(size_t n, size_t step)
{
	return HEAD_MAX_BYTES + (n + 1) * DEFLATE_CODE_MAX_BITS / 8 +
	       FILL_BYTES + step + ADLER_BYTES + sizeof(uint64_t);
}

size_t deflate_write(uint8_t *out, const uint8_t *bytes, size_t n, size_t step,
		     size_t beside)
{
	struct bits to = {.at = out + deflate_head_bits / 8};
	struct adler adler;
	uint64_t a, b;

	assert(n && n <= DEFLATE_INPUT_MAX_BYTES);
	assert(step && step <= DEFLATE_STEP_MAX_BYTES);
	memcpy(out, deflate_head, deflate_head_bits / 8);
	put_bits(&to, deflate_head[deflate_head_bits / 8],
		 deflate_head_bits % 8);
	put_block(&to, &adler, bytes, bytes + n);
	fill_up(&to, out, step, beside + ADLER_BYTES);
	a = adler.a % ADLER_BASE;
	b = adler.b2 / 2 % ADLER_BASE;
	memcpy(to.at, (const uint8_t[]){(uint8_t)(b >> 8), (uint8_t)b,
					(uint8_t)(a >> 8), (uint8_t)a},
	       ADLER_BYTES);
	return (size_t)(to.at - out) + ADLER_BYTES;
}
