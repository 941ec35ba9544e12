/*
 * Letter shapes, read from font files once and kept as outlines of straight
 * pieces. Afterwards no file is open and FreeType is gone from memory.
 *
 * glyphs_load, any number of glyphs_get, glyphs_free.
 *
 * Layer: private to image; glyph.c alone knows FreeType.
 */
#ifndef CF_IMAGE_GLYPH_H
#define CF_IMAGE_GLYPH_H

#include "base/status.h"

enum {
	GLYPH_EM_BITS = 12,
	GLYPH_EM = 1 << GLYPH_EM_BITS, /* coordinates count in parts of it */
	GLYPH_POINTS_MAX = 2048	       /* of one glyph */
};

struct glyph_point {
	int16_t x, y; /* y down, 0 on the base line */
};

/* A shape, borrowed from its struct glyphs; contour i ends before point
 * ends[i] and is closed. */
struct glyph {
	const struct glyph_point *points;
	const uint16_t *ends;
	uint16_t n_points, n_contours; /* both at least 1 */
};

struct glyphs;

/*
 * Read the shapes of all characters from all files.
 *
 * alphabet  ASCII letters and digits; the upper-case form of each is read,
 *           and the lower-case form of those that have one (glyphs_get)
 * em_px     the largest em that will be drawn: how finely curves are cut
 * out       the caller owns it, glyphs_free(); NULL on failure
 * returns   CF_OK; CF_FONT, err naming the file and what is wrong with it or
 *           which character it lacks; CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status glyphs_load(struct glyphs **out, char *const *paths, size_t n,
			   const char *alphabet, int32_t em_px,
			   struct cf_error *err);
void glyphs_free(struct glyphs *glyphs); /* accepts NULL */

size_t glyphs_n_faces(const struct glyphs *glyphs);

/* The largest n_points and n_contours of any glyph. */
size_t glyphs_max_points(const struct glyphs *glyphs);
size_t glyphs_max_contours(const struct glyphs *glyphs);

/*
 * The shape of c in a face; false when it was not read. Upper-case forms and
 * digits are there for each character of the alphabet. A lower-case form is
 * there where people read the two forms as one letter and it cannot be taken
 * for another: a, e, h, k, as far as the face has them.
 */
CF_MUST_CHECK
bool glyphs_get(const struct glyphs *glyphs, size_t face, char c,
		struct glyph *out);

#endif
