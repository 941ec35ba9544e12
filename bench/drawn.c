/*
 * Pictures for measurements: see drawn.h.
 */
#include "base/base.h"
#include "bench/drawn.h"

#include "base/rng.h"
#include "image/generator.h"

#include <zlib.h>

#define ALPHABET "ABCEMNPRSTUWXZ"

static uint32_t get_u32(const char *at)
{
	const uint8_t *p = (const uint8_t *)at;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* The scanlines of a PNG. */
static bool unpack(const struct buf *png, uint8_t out[DRAWN_BYTES])
{
	z_stream z = {.next_out = out, .avail_out = DRAWN_BYTES};
	int rc = inflateInit(&z);

	for (size_t at = 8; !rc && at + 12 <= png->len;) {
		uint32_t len = get_u32(png->ptr + at);

		if (!memcmp(png->ptr + at + 4, "IDAT", 4)) {
			z.next_in = (uint8_t *)png->ptr + at + 8;
			z.avail_in = len;
			rc = inflate(&z, Z_NO_FLUSH);
		}
		at += len + 12;
	}
	(void)inflateEnd(&z);
	return rc == Z_STREAM_END && !z.avail_out;
}

static enum cf_status draw(struct generator *gen, uint64_t seed, size_t n,
			   uint8_t *out, struct cf_error *err)
{
	enum cf_status rc = CF_OK;
	struct buf png;
	struct rng rng;

	rng_init(&rng, seed);
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	for (size_t i = 0; i < n && !rc; i++) {
		char text[7] = "";

		for (size_t k = 0; k < 5 + i % 2; k++)
			text[k] = ALPHABET[rng_below(&rng,
						     sizeof(ALPHABET) - 1)];
		buf_reset(&png);
		rc = generator_draw(gen, rng_u64(&rng), text, &png, err);
		if (!rc && !unpack(&png, out + i * DRAWN_BYTES))
			rc = cf_fail(err, CF_BUG, "a picture has not the size "
				     "it should have");
	}
	buf_release(&png);
	return rc;
}

uint8_t *drawn_make(const char *fonts, uint64_t seed, size_t n,
		    struct cf_error *err)
{
	struct generator_options options = {
		.width_px = DRAWN_WIDTH_PX,
		.height_px = DRAWN_HEIGHT_PX,
		.margin_px = 12,
		.difficulty = GENERATOR_NORMAL,
		.alphabet = ALPHABET,
		.fonts = fonts,
		.ink = {.is_auto = true},
		.paper = {.is_auto = true},
	};
	struct generator *gen = generator_new(&options);
	uint8_t *all = calloc(n, DRAWN_BYTES);
	enum cf_status rc;

	rc = gen && all ? draw(gen, seed, n, all, err)
			: cf_fail(err, CF_NOMEM, "no memory");
	generator_free(gen);
	if (!rc)
		return all;
	free(all);
	return NULL;
}
