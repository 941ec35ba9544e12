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
 * bent     the map of the warp at the letter's place. A pose that the warp
 *          would take too far from upright is drawn anew
 * em       at least ONE_PX
 * out      has room for the largest glyph twice
 * returns  the letter's map, from parts of GLYPH_EM to those of ONE_PX, times
 *          GLYPH_EM
 */
struct linear letter_add(const struct look *look, const struct glyphs *glyphs,
			 uint32_t letter, struct linear bent, int32_t em,
			 struct rng *rng, struct outline *out);

/* The signs of a sum, which are flat or slim by nature. */
static inline bool letter_is_sign(uint32_t c)
{
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') &&
	       !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
}

#endif
