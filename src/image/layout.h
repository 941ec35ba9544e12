/*
 * Placing letters: each letter moves left until its ink nearly touches that of
 * the letter before, or an edge between the two. Then the word and its edges
 * are bent, and fitted into their room.
 *
 * layout_word, warp_bend for letters and edges, layout_fit, layout_close_edges.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_LAYOUT_H
#define CF_IMAGE_LAYOUT_H

#include "image/glyph.h"
#include "image/look.h"
#include "image/outline.h"
#include "image/warp.h"

enum {
	LAYOUT_LETTERS_MAX = GENERATOR_TEXT_MAX,
	LAYOUT_EDGE_POINTS = 69
};

/* Where the ink may be, in parts of ONE_PX. */
struct layout {
	const struct look *look;
	struct box room;      /* at least one pixel each way */
	uint32_t edges;	      /* bit i: an edge passes letters i and i + 1 */
	int32_t offset_px;    /* as in struct generator_options */
	bool gives_up; /* end a word at a letter that cannot become legible */
};

/*
 * The letters of an outline. Letter i is text[i], and its points end before
 * ends[i]. maps[i] is the map from the upright letter, in parts of GLYPH_EM, to
 * the bent letter in the outline, near its middle.
 */
struct word {
	struct outline *outline;
	const uint32_t *text;
	size_t n;
	size_t ends[LAYOUT_LETTERS_MAX];
	struct linear maps[LAYOUT_LETTERS_MAX];
	struct outline *edges; /* a line of LAYOUT_EDGE_POINTS for each, from
				  the left one on, and from above to below */
};

/* The em to draw n letters in, in parts of ONE_PX; at least ONE_PX. */
int32_t layout_em(const struct layout *layout, size_t n);

/*
 * Add the letters of a word to its outline, side by side around y = 0, and the
 * edges between them to its edges. No edge meets ink, unless an offset says
 * where letters go. Turned letters are holes (letter.h). False when it gave the
 * word up: no way to fit it would have made it legible.
 *
 * warp     will bend the word
 * text     n characters as they are drawn, each in the glyphs; borrowed as
 *          long as the word
 * out      with an empty outline that has room for 2n times the largest glyph,
 *          and empty edges that have room for LAYOUT_EDGE_POINTS for each bit
 *          of layout->edges, and two points more
 */
bool layout_word(const struct layout *layout, const struct glyphs *glyphs,
		 const struct warp *warp, const uint32_t *text, size_t n,
		 struct rng *rng, struct word *out);

/*
 * Move and stretch the word to a place in the room that chance decides.
 * Without an offset chance decides the scale too. All letters are then inside
 * the room, wherever they were. The edges move along.
 */
void layout_fit(const struct layout *layout, struct rng *rng,
		struct word *word);

/* Whether ink and paper have changed places where letter i is: an odd number of
 * edges lies left of it. */
static inline bool layout_is_turned(const struct layout *layout, size_t i)
{
	uint32_t left = layout->edges & ((UINT32_C(1) << i) - 1);

	return __builtin_parity(left);
}

/*
 * Close the lines of a fitted word's edges to bands, in which ink and paper
 * change places: from each first edge to the second, and from a last one
 * without a second to the right side of the canvas. They end at its top and
 * foot.
 */
void layout_close_edges(struct outline *edges, int32_t width_px,
			int32_t height_px);

/* The box of a letter. */
struct box layout_letter(const struct word *word, size_t i);

/* Whether no letter of a fitted word is squeezed, and none and no sign is too
 * far from upright. */
CF_MUST_CHECK
bool layout_is_legible(const struct layout *layout, const struct word *word);

#endif
