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
 * Add a letter to an outline, around the origin.
 *
 * letter   a character of the glyphs in the form in which it is drawn
 * is_hole  its contours run the other way round, so that in a filled band it
 *          is left out
 * bent     the map of the warp at the letter's place. A pose that the warp
 *          would take too far from upright is drawn anew
 * em       at least ONE_PX
 * out      has room for the largest glyph twice
 * returns  the letter's map, from parts of GLYPH_EM to those of ONE_PX, times
 *          GLYPH_EM
 */
struct linear letter_add(const struct look *look, const struct glyphs *glyphs,
			 uint32_t letter, bool is_hole, struct linear bent,
			 int32_t em, struct rng *rng, struct outline *out);

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
