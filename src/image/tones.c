/*
 * Tones: see tones.h. Colours are in the palette alone, so no colour and no
 * theme makes the picture larger.
 */
#include "base/base.h"
#include "image/tones.h"

/* Dark and light of one hue: soft on any page, with a contrast of 5.8 or more.
 * A recogniser sees greys, so colours are for people alone. */
static const struct generator_colour pairs[][2] = {
	{{false, 0x33, 0x4e, 0x6b}, {false, 0xec, 0xf1, 0xf6}}, /* blue */
	{{false, 0x1f, 0x58, 0x73}, {false, 0xe6, 0xf1, 0xf6}}, /* sea */
	{{false, 0x2b, 0x59, 0x5e}, {false, 0xe7, 0xf1, 0xef}}, /* teal */
	{{false, 0x3b, 0x5a, 0x41}, {false, 0xec, 0xf3, 0xea}}, /* leaf */
	{{false, 0x54, 0x58, 0x2c}, {false, 0xf2, 0xf3, 0xe3}}, /* olive */
	{{false, 0x5c, 0x50, 0x3c}, {false, 0xf5, 0xf1, 0xe6}}, /* sand */
	{{false, 0x84, 0x47, 0x33}, {false, 0xfa, 0xef, 0xe8}}, /* clay */
	{{false, 0x83, 0x3f, 0x45}, {false, 0xfa, 0xed, 0xec}}, /* brick */
	{{false, 0x74, 0x3e, 0x5c}, {false, 0xf7, 0xec, 0xf2}}, /* plum */
	{{false, 0x53, 0x48, 0x84}, {false, 0xee, 0xec, 0xf7}}, /* violet */
	{{false, 0x3d, 0x4c, 0x84}, {false, 0xeb, 0xee, 0xf8}}, /* indigo */
	{{false, 0x43, 0x4c, 0x56}, {false, 0xf0, 0xf2, 0xf4}}, /* slate */
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

/* Beside a set colour: a tone, or where that contrasts too little, black or
 * white. */
static struct generator_colour beside(const struct generator_colour *set,
				      const struct generator_colour *tone,
				      bool is_light)
{
	uint8_t most = is_light ? 0xff : 0;

	if (tones_contrast(set, tone) >= TONES_CONTRAST_MIN)
		return *tone;
	return (struct generator_colour){false, most, most, most};
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
	bool light_ink = has_light_ink(options, rng_below(rng, 2));
	const struct generator_colour *pair =
		pairs[rng_below(rng, CF_ARRAY_LEN(pairs))];
	struct generator_colour ink = options->ink, paper = options->paper;

	if (ink.is_auto)
		ink = paper.is_auto ? pair[light_ink]
				    : beside(&paper, &pair[light_ink],
					     light_ink);
	if (paper.is_auto)
		paper = options->ink.is_auto ? pair[!light_ink]
					     : beside(&ink, &pair[!light_ink],
						      !light_ink);
	for (size_t i = 0; i < CANVAS_LEVELS; i++) {
		palette[i].r = blend(paper.r, ink.r, i);
		palette[i].g = blend(paper.g, ink.g, i);
		palette[i].b = blend(paper.b, ink.b, i);
	}
}
