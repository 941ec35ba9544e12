/*
 * A strict reader: see strict_png.h. Section numbers are those of the PNG
 * specification, third edition.
 */
#include "base/base.h"
#include "tests/support/strict_png.h"

#include <zlib.h>

static uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

const char *strict_inflate(uint8_t *out, size_t n, struct str stream)
{
	uLongf n_out = n;
	uLong n_in = stream.len;

	if (uncompress2(out, &n_out, (const Bytef *)stream.ptr, &n_in) != Z_OK)
		return "no zlib stream, or more bytes than there should be";
	if (n_out != n)
		return "fewer bytes than there should be";
	return n_in == stream.len ? NULL : "bytes after the stream";
}

static const char *read_scanlines(struct strict_png *out, struct str stream)
{
	size_t width = (size_t)out->width_px, height = (size_t)out->height_px;
	size_t stride = 1 + (width + 3) / 4;
	uint8_t *lines = malloc(stride * height);
	const char *wrong = "no memory";

	out->samples = malloc(width * height);
	if (lines && out->samples)
		wrong = strict_inflate(lines, stride * height, stream);
	for (size_t y = 0; y < height && !wrong; y++) {
		const uint8_t *line = lines + y * stride;

		if (line[0])
			wrong = "a filter that is not None";
		for (size_t x = 0; x < width; x++)
			out->samples[y * width + x] =
				line[1 + x / 4] >> (6 - 2 * (x % 4)) & 3;
	}
	free(lines);
	return wrong;
}

/* 11.2.1 */
static const char *read_header(struct strict_png *out, const uint8_t *data)
{
	if (get_u32(data) - 1 >= 1000 || get_u32(data + 4) - 1 >= 1000)
		return "a side that is not 1 to 1000";
	out->width_px = (int32_t)get_u32(data);
	out->height_px = (int32_t)get_u32(data + 4);
	return memcmp(data + 8, "\2\3\0\0", 5) ? "not a 2-bit palette picture"
					       : NULL;
}

const char *strict_png_read(struct strict_png *out, struct str png)
{
	static const char *const names[] = {"IHDR", "PLTE", "IDAT", "IEND"};
	static const size_t lengths[] = {13, 3 * CANVAS_LEVELS, SIZE_MAX,
					 0};
	const uint8_t *at = (const uint8_t *)png.ptr + 8;
	const uint8_t *end = (const uint8_t *)png.ptr + png.len;
	const char *wrong = NULL;

	memset(out, 0, sizeof(*out));
	if (png.len < 8 || memcmp(png.ptr, "\x89PNG\r\n\x1a\n", 8))
		return "not the signature of a PNG";
	for (size_t i = 0; i < CF_ARRAY_LEN(names) && !wrong; i++) {
		size_t left = (size_t)(end - at), n;

		if (left < 12)
			return "a chunk is cut";
		n = get_u32(at);
		if (n > left - 12 || memcmp(at + 4, names[i], 4) ||
		    (n != lengths[i] && lengths[i] != SIZE_MAX))
			return "not the chunk that should be here";
		if (crc32(0, at + 4, (uInt)n + 4) != get_u32(at + 8 + n))
			return "the CRC of a chunk is wrong";
		if (i == 0)
			wrong = read_header(out, at + 8);
		else if (i == 1)
			memcpy(out->palette, at + 8, sizeof(out->palette));
		else if (i == 2)
			wrong = read_scanlines(
				out, (struct str){(const char *)at + 8, n});
		at += n + 12;
	}
	if (!wrong && at != end)
		wrong = "bytes after the last chunk";
	return wrong;
}

void strict_png_release(struct strict_png *png)
{
	free(png->samples);
	png->samples = NULL;
}
