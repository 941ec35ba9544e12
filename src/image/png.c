/*
 * PNG: see png.h. The container is written here, its data in deflate.c.
 * Section numbers are those of the PNG specification, third edition.
 */
#include "base/base.h"
#include "image/png.h"

#include <zlib.h>

#include "image/deflate.h"

enum {
	SIGNATURE_BYTES = 8,
	/* of a chunk, 5.3, before its data and after it */
	CHUNK_HEAD_BYTES = 8,
	CHUNK_CRC_BYTES = 4,
	CHUNK_BYTES = CHUNK_HEAD_BYTES + CHUNK_CRC_BYTES,
	HEADER_BYTES = 13,
	PALETTE_BYTES = CANVAS_LEVELS * 3,
	PALETTE_AT = SIGNATURE_BYTES + CHUNK_BYTES + HEADER_BYTES,
	TYPE_PALETTE = 3,
	/* all but the data of IDAT */
	BESIDE_BYTES = SIGNATURE_BYTES + CHUNK_BYTES + HEADER_BYTES +
		       CHUNK_BYTES + PALETTE_BYTES + CHUNK_BYTES + CHUNK_BYTES,
};

static uint8_t *put_u32(uint8_t *at, size_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (uint8_t)(value >> shift);
	return at;
}

/* Write a chunk around its n bytes of data, which are in place. */
static uint8_t *put_chunk(uint8_t *at, const char *name, size_t n)
{
	uint8_t *name_at = put_u32(at, n);

	memcpy(name_at, name, 4);
	return put_u32(name_at + 4 + n, crc32(0, name_at, (uInt)(4 + n)));
}

/* 11.2.1: no compression, filter or interlace method but the first. */
static uint8_t *put_header(uint8_t *at, const struct canvas *canvas)
{
	uint8_t *data = at + CHUNK_HEAD_BYTES;

	data = put_u32(data, (size_t)canvas->width_px);
	data = put_u32(data, (size_t)canvas->height_px);
	memcpy(data, (const uint8_t[]){CANVAS_BITS, TYPE_PALETTE, 0, 0, 0}, 5);
	return put_chunk(at, "IHDR", HEADER_BYTES);
}

static uint8_t *put_palette(uint8_t *at,
			    const struct canvas_colour palette[CANVAS_LEVELS])
{
	uint8_t *data = at + CHUNK_HEAD_BYTES;

	for (size_t i = 0; i < CANVAS_LEVELS; i++) {
		*data++ = palette[i].r;
		*data++ = palette[i].g;
		*data++ = palette[i].b;
	}
	return put_chunk(at, "PLTE", PALETTE_BYTES);
}

bool png_get_palette(const void *png, size_t len,
		     struct canvas_colour palette[CANVAS_LEVELS])
{
	static const uint8_t head[] = {0,   0,	 0,   PALETTE_BYTES,
				       'P', 'L', 'T', 'E'};
	const uint8_t *at = (const uint8_t *)png + PALETTE_AT;

	if (len < BESIDE_BYTES || memcmp(at, head, sizeof(head)) != 0)
		return false;
	at += sizeof(head);
	for (size_t i = 0; i < CANVAS_LEVELS; i++, at += 3)
		palette[i] = (struct canvas_colour){at[0], at[1], at[2]};
	return true;
}

void png_set_palette(void *png,
		     const struct canvas_colour palette[CANVAS_LEVELS])
{
	(void)put_palette((uint8_t *)png + PALETTE_AT, palette);
}

size_t canvas_png_max_bytes(int32_t width_px, int32_t height_px)
{
	return BESIDE_BYTES +
	       deflate_max_bytes((size_t)height_px * canvas_stride(width_px),
				 png_step_bytes(width_px, height_px));
}

enum cf_status canvas_to_png(const struct canvas *canvas,
			     const struct canvas_colour palette[CANVAS_LEVELS],
			     struct buf *out, struct cf_error *err)
{
	int32_t width_px = canvas->width_px, height_px = canvas->height_px;
	char *room =
		buf_room(out, canvas_png_max_bytes(width_px, height_px));
	uint8_t *start = (uint8_t *)room, *at = start;
	size_t n;

	assert(width_px > 0 && height_px > 0);
	assert(canvas->stride == canvas_stride(width_px));
	if (!room)
		return buf_status(out, err);
	memcpy(at, "\x89PNG\r\n\x1a\n", SIGNATURE_BYTES);
	at = put_header(at + SIGNATURE_BYTES, canvas);
	at = put_palette(at, palette);
	n = deflate_write(at + CHUNK_HEAD_BYTES, canvas->rows,
			  (size_t)height_px * canvas->stride,
			  png_step_bytes(width_px, height_px), BESIDE_BYTES);
	at = put_chunk(at, "IDAT", n);
	at = put_chunk(at, "IEND", 0);
	buf_grow(out, (size_t)(at - start));
	return CF_OK;
}
