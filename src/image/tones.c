/*
 * Tones: see tones.h. Colours are in the palette alone, so no colour and no
 * theme makes the picture larger.
 */
#include "base/base.h"
#include "image/tones.h"

enum {
	/* of 16 greys, how many are used at either end: people mind a faint
	 * contrast, and a recogniser does not */
	DARK_GREYS = 3,
	LIGHT_GREYS = 3,
};

/* The luminance that contrasts as much with black as with white. */
#define MIDDLE_LUMINANCE 0.179

/* x to the power of 2.4 for x in [0.09, 1]: x squared, times the fifth root
 * squared. By Newton's method, so as not to need libm. */
static double power_2_4(double x)
{
	double root = 1;

	for (int i = 0; i < 8; i++)
		root -= (root - x / (root * root * root * root)) / 5;
	return x * x * root * root;
}

static double linear(uint8_t sample)
{
	double x = sample / 255.0;

	return x <= 0.04045 ? x / 12.92 : power_2_4((x + 0.055) / 1.055);
}

static double luminance(const struct generator_colour *c)
{
	return 0.2126 * linear(c->r) + 0.7152 * linear(c->g) +
	       0.0722 * linear(c->b);
}

double tones_contrast(const struct generator_colour *a,
		      const struct generator_colour *b)
{
	double x = luminance(a) + 0.05, y = luminance(b) + 0.05;

	return x > y ? x / y : y / x;
}

/* The i-th grey from black or from white. */
static struct generator_colour grey(bool is_light, uint32_t i)
{
	uint8_t sample = (uint8_t)(17 * (is_light ? 15 - i : i));

	return (struct generator_colour){false, sample, sample, sample};
}

/* A grey that contrasts enough with the other colour, if that is set. Any dark
 * grey contrasts enough with any light one. */
static struct generator_colour draw_grey(bool is_light, uint32_t chance,
					 const struct generator_colour *other)
{
	uint32_t n = is_light ? LIGHT_GREYS : DARK_GREYS;
	struct generator_colour c = grey(is_light, chance % n);

	while (!other->is_auto && n > 1 &&
	       tones_contrast(&c, other) < TONES_CONTRAST_MIN)
		c = grey(is_light, chance % --n);
	return c;
}

static bool has_light_ink(const struct generator_options *o, bool chance)
{
	if (!o->ink.is_auto)
		return luminance(&o->ink) > MIDDLE_LUMINANCE;
	if (!o->paper.is_auto)
		return luminance(&o->paper) <= MIDDLE_LUMINANCE;
	if (o->theme == GENERATOR_THEME_AUTO)
		return chance;
	return o->theme == GENERATOR_THEME_DARK;
}

static uint8_t blend(int paper, int ink, size_t level)
{
	int full = CANVAS_LEVELS - 1, share = (int)level;

	return (uint8_t)((paper * (full - share) + ink * share + full / 2) /
			 full);
}

void tones_draw(struct canvas_colour palette[CANVAS_LEVELS],
		const struct generator_options *options, struct rng *rng)
{
	struct generator_colour ink = options->ink, paper = options->paper;
	bool light_ink = has_light_ink(options, rng_below(rng, 2));
	uint32_t for_ink = rng_below(rng, UINT32_MAX);
	uint32_t for_paper = rng_below(rng, UINT32_MAX);

	if (ink.is_auto)
		ink = draw_grey(light_ink, for_ink, &options->paper);
	if (paper.is_auto)
		paper = draw_grey(!light_ink, for_paper, &options->ink);
	for (size_t i = 0; i < CANVAS_LEVELS; i++) {
		palette[i].r = blend(paper.r, ink.r, i);
		palette[i].g = blend(paper.g, ink.g, i);
		palette[i].b = blend(paper.b, ink.b, i);
	}
}
