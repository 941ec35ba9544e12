/*
 * Sheets as PNG, and pictures onto sheets: see sheet.h. Uses the simplified
 * interface of libpng, which has no setjmp to get wrong and need not be quick
 * here.
 *
 * source: libpng-manual.txt, "The simplified API"
 */
#include "base/base.h"
#include "image/sheet.h"

#include <png.h>

#include "base/mem.h"

enum cf_status sheet_add_png(struct sheet *sheet, int32_t x, int32_t y,
			     struct str png, struct cf_error *err)
{
	png_image image = {.version = PNG_IMAGE_VERSION};
	enum cf_status rc = CF_OK;
	uint8_t *pixels = NULL;

	if (!png_image_begin_read_from_memory(&image, png.ptr, png.len))
		return cf_fail(err, CF_BAD_INPUT, "libpng: %s", image.message);
	image.format = PNG_FORMAT_RGB;
	pixels = mem_alloc(MEM_GENERATOR, image.height,
			   (size_t)image.width * 3);
	if (!pixels) {
		png_image_free(&image);
		return cf_fail(err, CF_NOMEM, "no memory for a picture");
	}
	if (!png_image_finish_read(&image, NULL, pixels, 0, NULL))
		rc = cf_fail(err, CF_BAD_INPUT, "libpng: %s", image.message);
	for (uint32_t i = 0; !rc && i < image.width * image.height; i++)
		sheet_fill(sheet, x + (int32_t)(i % image.width),
			   y + (int32_t)(i / image.width), 1, 1,
			   (struct sheet_colour){pixels[i * 3],
						 pixels[i * 3 + 1],
						 pixels[i * 3 + 2]});
	mem_free(pixels);
	return rc;
}

enum cf_status sheet_to_png(const struct sheet *sheet, struct buf *out,
			    struct cf_error *err)
{
	png_image image = {
		.version = PNG_IMAGE_VERSION,
		.width = (png_uint_32)sheet->width_px,
		.height = (png_uint_32)sheet->height_px,
		.format = PNG_FORMAT_RGB,
	};
	png_alloc_size_t len = PNG_IMAGE_PNG_SIZE_MAX(image);
	char *room = buf_room(out, len);

	if (!room)
		return buf_status(out, err);
	if (!png_image_write_to_memory(&image, room, &len, 0, sheet->pixels, 0,
				       NULL))
		return cf_fail(err, CF_NOMEM, "libpng: %s", image.message);
	buf_grow(out, len);
	return CF_OK;
}
