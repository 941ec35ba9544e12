/*
 * Letter shapes, read from fonts once and kept as outlines of straight pieces.
 * After loading no file is open and FreeType is gone from memory.
 *
 * glyphs_load, any number of glyphs_get, glyphs_free.
 *
 * Layer: private to image; glyph.c alone knows FreeType.
 */
#ifndef CF_IMAGE_GLYPH_H
#define CF_IMAGE_GLYPH_H

#include "image/font.h"
#include "image/generator.h"

enum {
	GLYPH_EM_BITS = 12,
	GLYPH_EM = 1 << GLYPH_EM_BITS, /* coordinates count in parts of it */
	GLYPH_NORMAL_BITS = 6,
	GLYPH_NORMAL = 1 << GLYPH_NORMAL_BITS,
	GLYPH_POINTS_MAX = 2048 /* of one glyph */
};

/* nx, ny: the direction out of the ink at this point, of length GLYPH_NORMAL.
 * Along it strokes become thicker. */
struct glyph_point {
	int16_t x, y; /* y down, 0 on the base line */
	int8_t nx, ny;
};

/* A shape. Contour i ends before point ends[i] and is closed. */
struct glyph {
	struct glyph_point *points;
	uint16_t *ends;
	uint16_t n_points, n_contours; /* both at least 1 */
	uint16_t stroke; /* thickness of its strokes, about; at least 1 */
	uint16_t hair;	 /* thickness of its thinner strokes, about */
	bool is_odd;	 /* people take it for another character */
	bool has_serifs; /* its face has, as its E, P and R show */
};

/* Characters in the form in which they are drawn, sorted, each once. */
struct glyph_set {
	uint32_t *chars;
	size_t n;
};

/* Sort any characters, and drop repeated ones. */
void glyph_set_sort(struct glyph_set *set);

/* The place of a character in chars; NULL when it is not there. */
const uint32_t *glyph_set_find(struct glyph_set set, uint32_t c);

struct glyphs;

/*
 * Read the shapes of characters from all fonts.
 *
 * faces     of a file with several faces the first is used
 * is_named  true: refuse a font that is unreadable, lacks a character, or
 *           draws one without ink or far from where letters lie. False: take
 *           such a font off the list
 * alphabet  what every face must have
 * wanted    characters of the alphabet whose shapes are read, some Latin
 *           letters also in lower case (glyphs_get)
 * em_px     the largest em that will be drawn; decides how finely curves are
 *           cut
 * out       face i is that of font i; the caller owns it, glyphs_free(); NULL
 *           on failure
 * returns   CF_OK; CF_FONT, err names the font and its fault; CF_NOT_FOUND, no
 *           face is left on the list; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status glyphs_load(struct glyphs **out, struct font_list *faces,
			   bool is_named, struct glyph_set alphabet,
			   struct glyph_set wanted, int32_t em_px,
			   struct cf_error *err);
void glyphs_free(struct glyphs *glyphs); /* accepts NULL */

/*
 * Look at a font without reading shapes.
 *
 * out      family, style and lacks are filled; empty on entry
 * returns  CF_OK; CF_FONT; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status glyphs_inspect(const struct font *font,
			      struct glyph_set alphabet,
			      struct generator_face *out, struct cf_error *err);

size_t glyphs_n_faces(const struct glyphs *glyphs);

/* The largest n_points of any glyph; none has more contours. */
size_t glyphs_max_points(const struct glyphs *glyphs);

/*
 * The shape of c in a face, borrowed until glyphs_free; NULL when it was not
 * read. Each wanted character is there. A lower-case form is there where
 * people read both forms as the same letter and take it for no other: an a of
 * two storeys, e and m, as far as the face has them. is_odd is set for 0, 1
 * and signs alone.
 */
const struct glyph *glyphs_get(const struct glyphs *glyphs, size_t face,
			       uint32_t c);

#endif
