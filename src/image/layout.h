/*
 * Placing letters: each gets a face, a form, a size, a slant and a turn of its
 * own and is moved up to the one before it until their ink nearly touches;
 * the word is then fitted into its room.
 *
 * layout_word, then whatever bends the word, then layout_fit.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_LAYOUT_H
#define CF_IMAGE_LAYOUT_H

#include "base/rng.h"
#include "image/glyph.h"
#include "image/outline.h"

/* Where the ink may be, in parts of ONE_PX, and how large the letters are. */
struct layout {
	struct box room;      /* at least one pixel each way */
	int32_t font_size_px; /* 0: as large as the room allows */
};

/* The em to draw n letters in, in parts of ONE_PX; at least ONE_PX. */
int32_t layout_em(const struct layout *layout, size_t n);

/*
 * Add the letters of a word to out, side by side around y = 0.
 *
 * text     n characters, upper case, each in the glyphs
 * em       size of the letters, layout_em
 * out      has room for them: n times the largest glyph
 */
void layout_word(const struct glyphs *glyphs, const char *text, size_t n,
		 int32_t em, struct rng *rng, struct outline *out);

/*
 * Move and stretch all of the outline into the room, at a place and, without
 * a font size, a scale left to chance; never outside it, whatever was there.
 */
void layout_fit(const struct layout *layout, struct rng *rng,
		struct outline *out);

#endif
