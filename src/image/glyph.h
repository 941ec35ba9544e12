/*
 * Letter shapes, read from fonts once and kept as outlines of straight pieces.
 * Afterwards no file is open and FreeType is gone from memory.
 *
 * glyphs_load, any number of glyphs_get, glyphs_free.
 *
 * Layer: private to image; glyph.c alone knows FreeType.
 */
#ifndef CF_IMAGE_GLYPH_H
#define CF_IMAGE_GLYPH_H

#include "image/font.h"

enum {
	GLYPH_EM_BITS = 12,
	GLYPH_EM = 1 << GLYPH_EM_BITS, /* coordinates count in parts of it */
	GLYPH_NORMAL_BITS = 6,
	GLYPH_NORMAL = 1 << GLYPH_NORMAL_BITS,
	GLYPH_POINTS_MAX = 2048 /* of one glyph */
};

/* nx, ny: the way out of the ink at this point, of length GLYPH_NORMAL, by
 * which strokes are made thicker. */
struct glyph_point {
	int16_t x, y; /* y down, 0 on the base line */
	int8_t nx, ny;
};

/* A shape, borrowed from its struct glyphs; contour i ends before point
 * ends[i] and is closed. */
struct glyph {
	const struct glyph_point *points;
	const uint16_t *ends;
	uint16_t n_points, n_contours; /* both at least 1 */
	uint16_t stroke; /* how thick its strokes are, about; at least 1 */
};

/* Characters in the form in which they are drawn, sorted, each once. */
struct glyph_set {
	const uint32_t *chars;
	size_t n;
};

struct glyphs;

/*
 * Read the shapes of characters from all fonts.
 *
 * faces     of a file with several faces the first is used
 * is_named  whether a face that lacks a character, or has one without ink or
 *           far from where letters lie, is refused; otherwise it is taken off
 *           the list
 * alphabet  what every face must have
 * wanted    the part of it whose shapes are read; some Latin letters
 *           also in lower case (glyphs_get)
 * em_px     the largest em that will be drawn: how finely curves are cut
 * out       face i is that of font i; the caller owns it, glyphs_free(); NULL
 *           on failure
 * returns   CF_OK; CF_FONT, err naming the font and what is wrong with it or
 *           which character it lacks or cannot show; CF_NOT_FOUND, no face is
 *           left on the list; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status glyphs_load(struct glyphs **out, struct font_list *faces,
			   bool is_named, struct glyph_set alphabet,
			   struct glyph_set wanted, int32_t em_px,
			   struct cf_error *err);
void glyphs_free(struct glyphs *glyphs); /* accepts NULL */

/* What a font is, and what it has of an alphabet. */
enum { GLYPH_NAME_BYTES = 128, GLYPH_LACKS_MAX = 8 };
struct glyph_face {
	char family[GLYPH_NAME_BYTES], style[GLYPH_NAME_BYTES];
	size_t n_lacks;
	uint32_t lacks[GLYPH_LACKS_MAX]; /* the first of them */
};

/* Look at a font without reading shapes. CF_OK; CF_FONT; CF_NOMEM. */
CF_MUST_CHECK
enum cf_status glyphs_inspect(const struct font *font,
			      struct glyph_set alphabet, struct glyph_face *out,
			      struct cf_error *err);

size_t glyphs_n_faces(const struct glyphs *glyphs);

/* The largest n_points and n_contours of any glyph. */
size_t glyphs_max_points(const struct glyphs *glyphs);
size_t glyphs_max_contours(const struct glyphs *glyphs);

/*
 * The shape of c in a face; false when it was not read. Each character that
 * was wanted is there. A lower-case form is there where people read the two
 * forms as one letter and it cannot be taken for another: a of two storeys, e
 * and m, as far as the face has them.
 */
CF_MUST_CHECK
bool glyphs_get(const struct glyphs *glyphs, size_t face, uint32_t c,
		struct glyph *out);

#endif
