/*
 * Sheets: see sheet.h. Pixels and headings; reading and writing PNG is left
 * to png_sheet.c.
 */
#include "base/base.h"
#include "image/sheet.h"

#include <ctype.h>

#include "base/mem.h"
#include "image/font.h"
#include "image/glyph.h"
#include "image/outline.h"
#include "image/raster.h"

enum {
	GAP_PERMILLE = 90,    /* of the em, between two letters */
	BLANK_PERMILLE = 300, /* a blank */
	/* of ASCII, what is no blank */
	CHARS_BEGIN = '!',
	CHARS_END = '~' + 1,
};

enum cf_status sheet_init(struct sheet *sheet, int32_t width_px,
			  int32_t height_px, struct sheet_colour ground,
			  struct cf_error *err)
{
	assert(width_px > 0 && height_px > 0);
	*sheet = (struct sheet){width_px, height_px, NULL};
	if ((int64_t)width_px * height_px > SHEET_MAX_PIXELS)
		return cf_fail(err, CF_TOO_LARGE,
			       "a sheet of %dx%d has more than %d pixels",
			       width_px, height_px, SHEET_MAX_PIXELS);
	sheet->pixels = mem_alloc(MEM_GENERATOR, (size_t)height_px,
				  (size_t)width_px * 3);
	if (!sheet->pixels)
		return cf_fail(err, CF_NOMEM, "no memory for a sheet of %dx%d",
			       width_px, height_px);
	sheet_fill(sheet, 0, 0, width_px, height_px, ground);
	return CF_OK;
}

void sheet_release(struct sheet *sheet)
{
	mem_free(sheet->pixels);
	sheet->pixels = NULL;
}

static uint8_t *pixel_at(struct sheet *sheet, int32_t x, int32_t y)
{
	if (x < 0 || y < 0 || x >= sheet->width_px || y >= sheet->height_px)
		return NULL;
	return sheet->pixels +
	       ((size_t)y * (size_t)sheet->width_px + (size_t)x) * 3;
}

static uint8_t blend(uint8_t from, uint8_t to, int share)
{
	return (uint8_t)((from * (255 - share) + to * share + 127) / 255);
}

static void put(struct sheet *sheet, int32_t x, int32_t y,
		struct sheet_colour colour, int share)
{
	uint8_t *pixel = pixel_at(sheet, x, y);

	if (!pixel)
		return;
	pixel[0] = blend(pixel[0], colour.r, share);
	pixel[1] = blend(pixel[1], colour.g, share);
	pixel[2] = blend(pixel[2], colour.b, share);
}

void sheet_fill(struct sheet *sheet, int32_t x, int32_t y, int32_t width_px,
		int32_t height_px, struct sheet_colour colour)
{
	for (int32_t dy = 0; dy < height_px; dy++)
		for (int32_t dx = 0; dx < width_px; dx++)
			put(sheet, x + dx, y + dy, colour, 255);
}

/* Add a letter with its ink from x on, its base line at y; where its ink
 * ends. */
static int32_t add_letter(struct outline *out, const struct glyph *glyph,
			  int32_t x, int32_t y, int32_t em_px)
{
	size_t first = out->n_points;
	struct box box;

	for (size_t i = 0; i < glyph->n_points; i++)
		out->points[out->n_points++] = (struct point){
			glyph->points[i].x * em_px * ONE_PX / GLYPH_EM,
			glyph->points[i].y * em_px * ONE_PX / GLYPH_EM,
		};
	for (size_t i = 0; i < glyph->n_contours; i++)
		out->ends[out->n_contours++] =
			(uint32_t)(first + glyph->ends[i]);
	box = outline_bounds(out, first);
	outline_shift(out, first, x - box.x0, y);
	return x + box.x1 - box.x0;
}

/* All letters, the first at x = 0, on a base line two ems down, which leaves
 * room for any glyph of a sane font; where the ink ends. */
static int32_t add_text(struct outline *out, const struct glyphs *glyphs,
			const char *text, int32_t em_px)
{
	int32_t gap = em_px * ONE_PX * GAP_PERMILLE / 1000;
	int32_t x = 0;

	for (; *text; text++) {
		struct glyph glyph;

		if (*text == ' ' ||
		    !glyphs_get(glyphs, 0,
				(uint32_t)toupper((unsigned char)*text),
				&glyph)) {
			x += em_px * ONE_PX * BLANK_PERMILLE / 1000;
			continue;
		}
		x = add_letter(out, &glyph, x, 2 * em_px * ONE_PX, em_px) + gap;
	}
	return x;
}

/* Keep points inside the canvas they are drawn on. */
static void clamp(struct outline *out, int32_t width_px, int32_t height_px)
{
	for (size_t i = 0; i < out->n_points; i++) {
		struct point *p = &out->points[i];

		if (p->x > width_px * ONE_PX)
			p->x = width_px * ONE_PX;
		if (p->y < 0)
			p->y = 0;
		if (p->y > height_px * ONE_PX)
			p->y = height_px * ONE_PX;
	}
}

static enum cf_status write_glyphs(struct sheet *sheet, int32_t x, int32_t y,
				   const char *text, struct glyphs *glyphs,
				   int32_t em_px, struct sheet_colour colour,
				   struct cf_error *err)
{
	struct outline outline = OUTLINE_INIT;
	struct raster raster = RASTER_INIT;
	int32_t width_px, height_px = 3 * em_px;
	enum cf_status rc = CF_OK;

	if (!outline_init(&outline,
			  glyphs_max_points(glyphs) * strlen(text) + 1,
			  glyphs_max_contours(glyphs) * strlen(text) + 1)) {
		rc = cf_fail(err, CF_NOMEM, "no memory for a heading");
		goto out;
	}
	width_px = add_text(&outline, glyphs, text, em_px) / ONE_PX + 1;
	if (width_px > RASTER_SIDE_MAX_PX)
		width_px = RASTER_SIDE_MAX_PX;
	if (!raster_init(&raster, width_px, height_px)) {
		rc = cf_fail(err, CF_NOMEM, "no memory for a heading");
		goto out;
	}
	clamp(&outline, width_px, height_px);
	raster_add(&raster, &outline);
	raster_finish(&raster);
	for (int32_t row = 0; row < height_px; row++)
		for (int32_t col = 0; col < width_px; col++)
			put(sheet, x + col, y - 2 * em_px + row, colour,
			    raster.cover[(size_t)row * raster.stride +
					 (size_t)col]);
out:
	raster_release(&raster);
	outline_release(&outline);
	return rc;
}

/* The characters that are drawn, in order, each once; how many. */
static size_t list_capitals(const char *text,
			    uint32_t out[CHARS_END - CHARS_BEGIN])
{
	bool is_in[CHARS_END - CHARS_BEGIN] = {false};
	size_t n = 0;

	for (; *text; text++) {
		int c = toupper((unsigned char)*text);

		if (c >= CHARS_BEGIN && c < CHARS_END)
			is_in[c - CHARS_BEGIN] = true;
	}
	for (uint32_t i = 0; i < CF_ARRAY_LEN(is_in); i++)
		if (is_in[i])
			out[n++] = CHARS_BEGIN + i;
	return n;
}

enum cf_status sheet_write(struct sheet *sheet, int32_t x, int32_t y,
			   const char *text, const char *font, int32_t em_px,
			   struct sheet_colour colour, struct cf_error *err)
{
	uint32_t chars[CHARS_END - CHARS_BEGIN];
	struct glyph_set set = {chars, list_capitals(text, chars)};
	struct font_list face = {.n = 0};
	struct glyphs *glyphs = NULL;
	enum cf_status rc;

	assert(strlen(text) <= SHEET_TEXT_MAX);
	assert(em_px > 0 && em_px <= SHEET_TEXT_MAX_PX);
	if (!set.n)
		return CF_OK;
	rc = font_list_one(&face, font, err);
	if (!rc)
		rc = glyphs_load(&glyphs, &face, true, set, set, em_px, err);
	font_list_release(&face);
	if (!rc)
		rc = write_glyphs(sheet, x, y, text, glyphs, em_px, colour,
				  err);
	glyphs_free(glyphs);
	return rc;
}
