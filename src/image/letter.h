/*
 * One letter: a face, a form, a thickness, a size, a slant and a turn of its
 * own.
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
 * bent     what will become of shapes at its place. What the look leaves to
 *          chance is drawn anew where the letter would then be too far from
 *          upright
 * em       at least ONE_PX
 * out      has room for the largest glyph
 * returns  the map from parts of GLYPH_EM to those of ONE_PX, times GLYPH_EM,
 *          that the letter was drawn with
 */
struct linear letter_add(const struct look *look, const struct glyphs *glyphs,
			 uint32_t letter, struct linear bent, int32_t em,
			 struct rng *rng, struct outline *out);

/* Signs of a sum are flat or slim by nature. */
static inline bool letter_is_sign(uint32_t c)
{
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') &&
	       !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
}

#endif
