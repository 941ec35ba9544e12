/*
 * Drawing a letter: chance decides its face, form, thickness, size, slant and
 * turn, and whether it is drawn whole or as an outline.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_LETTER_H
#define CF_IMAGE_LETTER_H

#include "image/glyph.h"
#include "image/linear.h"
#include "image/look.h"
#include "image/outline.h"

/*
 * A drawn letter, with what letter_add_inside needs. Lengths of the inside and
 * ways out are parts of GLYPH_EM.
 *
 * map        from parts of GLYPH_EM to those of ONE_PX, times GLYPH_EM
 * box        of its outside, around the origin
 * inside_x   what is added to the strokes of the inside on either side: to
 * inside_y   stems, and to bars
 * inside_dx  how far the inside is out of place
 * inside_dy
 * way_out    how much further out each point of the glyph is
 */
struct letter {
	const struct glyph *glyph;
	struct linear map;
	struct box box;
	bool is_hole, is_hollow;
	int32_t inside_x, inside_y, inside_dx, inside_dy;
	int16_t way_out[GLYPH_POINTS_MAX];
};

/*
 * Add a letter to an outline, around the origin, without the inside of a hollow
 * letter.
 *
 * character  one of the glyphs in the form in which it is drawn
 * is_hole    its contours run the other way round, so that in a filled band it
 *            is left out
 * bent       the map of the warp at the letter's place. A pose that the warp
 *            would take too far from upright is drawn anew
 * em         at least ONE_PX
 * out        has room for the largest glyph
 */
void letter_add(const struct look *look, const struct glyphs *glyphs,
		uint32_t character, bool is_hole, struct linear bent,
		int32_t em, struct rng *rng, struct outline *out,
		struct letter *letter);

/* Add the inside of a letter that has moved by dx and dy, if it is hollow. It
 * changes no place, so it is drawn only for a letter that is kept: it is within
 * the outside, but for sharp corners, which are cut off at the box. out has
 * room for the largest glyph. */
void letter_add_inside(const struct letter *letter, int32_t dx, int32_t dy,
		       struct outline *out);

/* How far from upright the character may be in a picture. */
struct linear_limits letter_limits(const struct look *look, uint32_t character);

/* Whether a letter with that map will be upright enough in a word that is
 * squeezed as most are: within the limits by something to spare. */
CF_MUST_CHECK
bool letter_is_plain(const struct look *look, uint32_t character,
		     struct linear map);

/* The signs of a sum, which are flat or slim by nature. */
static inline bool letter_is_sign(uint32_t c)
{
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') &&
	       !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
}

#endif
