/*
 * Tones: what the levels of a canvas look like, from paper to ink.
 *
 * Layer: private to image.
 */
#ifndef CF_IMAGE_TONES_H
#define CF_IMAGE_TONES_H

#include "base/rng.h"
#include "image/generator.h"
#include "image/png.h"

/* What ink and paper that are both set must reach: WCAG 2.2, criterion 1.4.11,
 * for what has to be seen to be understood. */
#define TONES_CONTRAST_MIN 3.0

/*
 * The palette of one picture: level 0 is paper, CANVAS_LEVELS - 1 is ink.
 *
 * options  theme, ink and paper; a set colour stands, whatever the theme. What
 *          is left to chance is a grey on the other side of a set colour, or
 *          of what the theme says
 * promise  ink and paper contrast by TONES_CONTRAST_MIN or more, unless both
 *          are set; the same draws from rng whatever the options
 */
void tones_draw(struct canvas_colour palette[CANVAS_LEVELS],
		const struct generator_options *options, struct rng *rng);

/*
 * How much two colours differ in lightness: 1 (not at all) to 21 (black and
 * white). Neither is to be is_auto.
 *
 * source   WCAG 2.2, definitions of contrast ratio and relative luminance
 */
double tones_contrast(const struct generator_colour *a,
		      const struct generator_colour *b);

#endif
