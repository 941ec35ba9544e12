/*
 * Placing letters: each gets a face, a form, a size, a slant and a turn of its
 * own and is moved up to the one before it until their ink nearly touches;
 * the word is then fitted into its room.
 *
 * layout_word, warp_bend, layout_fit.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_LAYOUT_H
#define CF_IMAGE_LAYOUT_H

#include "image/glyph.h"
#include "image/look.h"
#include "image/outline.h"
#include "image/warp.h"

enum { LAYOUT_LETTERS_MAX = GENERATOR_TEXT_MAX };

/* Where the ink may be, in parts of ONE_PX. */
struct layout {
	const struct look *look;
	struct box room;      /* at least one pixel each way */
	uint32_t edges;	      /* bit i: an edge will pass letters i and i + 1 */
	int32_t offset_px;    /* from the left side of a letter to that of the
				 next; 0: as close as their ink allows */
};

/* The letters of an outline: letter i is text[i], its points end before
 * ends[i], and maps[i] takes it, near its middle, from GLYPH_EM upright ones to
 * what is in the outline, once that is bent, or fitted too. */
struct word {
	struct outline *outline;
	const uint32_t *text;
	size_t n;
	size_t ends[LAYOUT_LETTERS_MAX];
	struct linear maps[LAYOUT_LETTERS_MAX];
};

/* The em to draw n letters in, in parts of ONE_PX; at least ONE_PX. */
int32_t layout_em(const struct layout *layout, size_t n);

/*
 * Add the letters of a word to its outline, side by side around y = 0. What
 * the look leaves to chance is drawn anew where a letter would come out too far
 * from upright.
 *
 * warp     what will bend the word
 * text     n characters as they are drawn, each in the glyphs; borrowed as
 *          long as the word
 * out      its outline is set and empty, and has room: n times the largest
 *          glyph
 */
void layout_word(const struct layout *layout, const struct glyphs *glyphs,
		 const struct warp *warp, const uint32_t *text, size_t n,
		 struct rng *rng, struct word *out);

/*
 * Move and stretch all of the word into the room, at a place and, without
 * an offset, a scale left to chance; never outside it, whatever
 * was there.
 */
void layout_fit(const struct layout *layout, struct rng *rng,
		struct word *word);

/* The box of a letter. */
struct box layout_letter(const struct word *word, size_t i);

/* Whether no letter came out squeezed or too far from upright: for a fitted
 * word. */
CF_MUST_CHECK
bool layout_is_legible(const struct layout *layout, const struct word *word);

#endif
