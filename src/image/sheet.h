/*
 * Sheets: pictures side by side with headings, in full colour, as one PNG.
 * For people who choose settings; the service never makes one.
 *
 * sheet_init, any number of drawing calls, sheet_to_png, sheet_release.
 *
 * Layer: image; png_sheet.c alone knows libpng here.
 */
#ifndef CF_IMAGE_SHEET_H
#define CF_IMAGE_SHEET_H

#include "base/buf.h"
#include "base/status.h"

enum {
	SHEET_MAX_PIXELS = 32 * 1024 * 1024,
	SHEET_PNG_MAX_BYTES = 128 * 1024 * 1024,
	SHEET_TEXT_MAX = 64,
	SHEET_TEXT_MAX_PX = 200, /* of a heading's em */
};

struct sheet_colour {
	uint8_t r, g, b;
};

/* height_px rows of width_px pixels of three bytes, red first. */
struct sheet {
	int32_t width_px, height_px;
	uint8_t *pixels;
};

/*
 * All of one colour.
 * returns  CF_OK; CF_TOO_LARGE past SHEET_MAX_PIXELS, err with the numbers;
 *          CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status sheet_init(struct sheet *sheet, int32_t width_px,
			  int32_t height_px, struct sheet_colour ground,
			  struct cf_error *err);
void sheet_release(struct sheet *sheet); /* accepts a zeroed one */

/* A filled rectangle; what is outside of the sheet is left out. */
void sheet_fill(struct sheet *sheet, int32_t x, int32_t y, int32_t width_px,
		int32_t height_px, struct sheet_colour colour);

/* Put a PNG with its top left corner at (x, y); what is outside is left out.
 * CF_BAD_INPUT when it is none; CF_NOMEM. */
CF_MUST_CHECK
enum cf_status sheet_add_png(struct sheet *sheet, int32_t x, int32_t y,
			     struct str png, struct cf_error *err);

/*
 * Write a line in capitals, as the font has them, neither turned nor bent.
 *
 * x, y     where its left end is, and its base line
 * text     printable ASCII, at most SHEET_TEXT_MAX characters; blanks are gaps
 * font     path of a font file, or the name of a built-in face
 * em_px    1 to SHEET_TEXT_MAX_PX
 * returns  CF_OK; CF_FONT, the font cannot be read or lacks a character, and
 *          nothing was written; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status sheet_write(struct sheet *sheet, int32_t x, int32_t y,
			   const char *text, const char *font, int32_t em_px,
			   struct sheet_colour colour, struct cf_error *err);

/* Append the sheet as a PNG of 24 bits a pixel. CF_NOMEM; CF_TOO_LARGE past
 * out's maximum. */
CF_MUST_CHECK
enum cf_status sheet_to_png(const struct sheet *sheet, struct buf *out,
			    struct cf_error *err);

#endif
