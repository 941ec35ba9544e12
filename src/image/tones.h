/*
 * Tones: the colours of the levels of a canvas, from paper to ink.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_TONES_H
#define CF_IMAGE_TONES_H

#include "base/rng.h"
#include "image/generator.h"
#include "image/png.h"

/* The least contrast of ink and paper: WCAG 2.2, criterion 1.4.11. */
#define TONES_CONTRAST_MIN 3.0

/*
 * The palette of one picture: level 0 is paper, CANVAS_LEVELS - 1 is ink.
 *
 * options  difficulty, theme, ink and paper. Colours left to chance are a dark
 *          and a light of one hue, those of light pages unless the theme is
 *          dark. The ink is dark on a light page, and light on a dark one, or
 *          the other way round where there are edges. A set colour wins; the
 *          other is then dark beside a light one, and light beside a dark one
 * promise  ink and paper contrast by TONES_CONTRAST_MIN or more, unless both
 *          are set; by 4.5 or more, and neither is black or white, when none
 *          is set. The draws from rng do not depend on the options
 */
void tones_draw(struct canvas_colour palette[CANVAS_LEVELS],
		const struct generator_options *options, struct rng *rng);

/* Change a palette of tones_draw into that of the same picture for a dark page,
 * or for a light one. False, and it stays as it is, when a colour was set. */
bool tones_change(struct canvas_colour palette[CANVAS_LEVELS],
		  enum generator_theme theme);

/*
 * How much two set colours differ in lightness: 1 (not at all) to 21 (black and
 * white).
 *
 * source   WCAG 2.2, definitions of contrast ratio and relative luminance
 */
double tones_contrast(const struct generator_colour *a,
		      const struct generator_colour *b);

#endif
