/*
 * Pictures for tests: see picture.h.
 */
#include "base/base.h"
#include "tests/support/picture.h"

#include <malloc.h>

#include <png.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_OWN_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_OWN_HEAP 1
#endif
#endif

bool picture_decode(struct picture *out, struct str png)
{
	png_image image = {.version = PNG_IMAGE_VERSION};

	memset(out, 0, sizeof(*out));
	if (png.len < 33)
		return false;
	out->bits = png.ptr[24];
	out->type = png.ptr[25];
	if (!png_image_begin_read_from_memory(&image, png.ptr, png.len))
		return false;
	image.format = PNG_FORMAT_RGB;
	out->width_px = (int32_t)image.width;
	out->height_px = (int32_t)image.height;
	out->rgb = malloc(PNG_IMAGE_SIZE(image));
	if (!out->rgb) {
		png_image_free(&image);
		return false;
	}
	return png_image_finish_read(&image, NULL, out->rgb, 0, NULL) != 0;
}

void picture_release(struct picture *picture)
{
	free(picture->rgb);
	picture->rgb = NULL;
}

const uint8_t *picture_at(const struct picture *picture, int32_t x, int32_t y)
{
	return picture->rgb +
	       3 * ((size_t)y * (size_t)picture->width_px + (size_t)x);
}

static bool is_ink(const struct picture *picture, int32_t x, int32_t y)
{
	return memcmp(picture_at(picture, x, y), picture->rgb, 3) != 0;
}

bool picture_has_border(const struct picture *picture, int32_t width_px)
{
	for (int32_t y = 0; y < picture->height_px; y++)
		for (int32_t x = 0; x < picture->width_px; x++) {
			bool is_inside = x >= width_px && y >= width_px &&
					 x < picture->width_px - width_px &&
					 y < picture->height_px - width_px;

			if (!is_inside && is_ink(picture, x, y))
				return false;
		}
	return true;
}

size_t picture_count_ink(const struct picture *picture)
{
	size_t n = 0;

	for (int32_t y = 0; y < picture->height_px; y++)
		for (int32_t x = 0; x < picture->width_px; x++)
			n += is_ink(picture, x, y);
	return n;
}

/* Mark the piece around (x, y) as seen, and count its pixels. `todo` has room
 * for all pixels. */
static size_t fill(const struct picture *picture, uint8_t *seen, int32_t *todo,
		 int32_t x, int32_t y)
{
	int32_t w = picture->width_px, h = picture->height_px;
	size_t n = 0, size = 0;

	todo[n++] = y * w + x;
	seen[y * w + x] = 1;
	while (n) {
		int32_t at = todo[--n];

		size++;
		for (int k = 0; k < 9; k++) {
			x = at % w + k % 3 - 1;
			y = at / w + k / 3 - 1;
			if (x < 0 || y < 0 || x >= w || y >= h ||
			    seen[y * w + x] || !is_ink(picture, x, y))
				continue;
			seen[y * w + x] = 1;
			todo[n++] = y * w + x;
		}
	}
	return size;
}

size_t picture_count_pieces(const struct picture *picture, size_t least)
{
	size_t area = (size_t)picture->width_px * (size_t)picture->height_px;
	uint8_t *seen = calloc(area, 1);
	int32_t *todo = calloc(area, sizeof(*todo));
	size_t n = 0;

	if (!seen || !todo)
		abort();
	for (int32_t y = 0; y < picture->height_px; y++)
		for (int32_t x = 0; x < picture->width_px; x++)
			if (is_ink(picture, x, y) &&
			    !seen[y * picture->width_px + x])
				n += fill(picture, seen, todo, x, y) >= least;
	free(seen);
	free(todo);
	return n;
}

size_t heap_bytes(void)
{
#ifdef HAS_OWN_HEAP
	return 0;
#else
	return mallinfo2().uordblks + mallinfo2().hblkhd;
#endif
}

const char *data_path(const char *name)
{
	static char path[512];
	const char *root = getenv("srcdir"); /* as automake's tests have it */

	(void)snprintf(path, sizeof(path), "%s/tests/data/%s",
		       root ? root : ".", name);
	return path;
}
