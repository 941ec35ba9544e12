/*
 * Tones: see tones.h. Colours are in the palette alone, so no colour and no
 * theme makes the picture larger.
 */
#include "base/base.h"
#include "image/tones.h"

#include "image/look.h"

/*
 * Dark and light of one hue, for light pages and for dark ones: soft on the
 * page, with a contrast of 6.3 or more. On a dark page the light tone glares
 * less. A recogniser sees greys, so colours are for people alone.
 */
static const uint32_t hues[][2][2] = {
	{{0x334e6b, 0xecf1f6}, {0x1f2f42, 0xb4c6d9}}, /* blue */
	{{0x1f5873, 0xe6f1f6}, {0x14333f, 0xaac8d4}}, /* sea */
	{{0x2b595e, 0xe7f1ef}, {0x1b3638, 0xadcac6}}, /* teal */
	{{0x3b5a41, 0xecf3ea}, {0x22352a, 0xb5cbb4}}, /* leaf */
	{{0x54582c, 0xf2f3e3}, {0x32351e, 0xcccda6}}, /* olive */
	{{0x5c503c, 0xf5f1e6}, {0x383125, 0xd3c9b1}}, /* sand */
	{{0x844733, 0xfaefe8}, {0x4a2b22, 0xe0bfae}}, /* clay */
	{{0x833f45, 0xfaedec}, {0x4a272b, 0xdfbaba}}, /* brick */
	{{0x743e5c, 0xf7ecf2}, {0x442838, 0xd5b6c6}}, /* plum */
	{{0x534884, 0xeeecf7}, {0x302b4d, 0xc3bcdc}}, /* violet */
	{{0x3d4c84, 0xebeef8}, {0x252e4f, 0xb8c0de}}, /* indigo */
	{{0x434c56, 0xf0f2f4}, {0x2a3038, 0xc0c7cf}}, /* slate */
};

static struct generator_colour colour_of(uint32_t rgb)
{
	return (struct generator_colour){false, (uint8_t)(rgb >> 16),
					 (uint8_t)(rgb >> 8), (uint8_t)rgb};
}

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

/* Where edges let ink and paper change places anyway, chance decides which of
 * them is dark: it makes a picture more to learn from. */
static bool has_light_ink(const struct generator_options *o, bool chance)
{
	if (!o->ink.is_auto)
		return luminance(&o->ink) > MIDDLE_LUMINANCE;
	if (!o->paper.is_auto)
		return luminance(&o->paper) <= MIDDLE_LUMINANCE;
	if (look_of(o->difficulty)->n_edges && chance)
		return o->theme != GENERATOR_THEME_DARK;
	return o->theme == GENERATOR_THEME_DARK;
}

static uint8_t blend(int paper, int ink, size_t level)
{
	int full = CANVAS_LEVELS - 1, share = (int)level;

	return (uint8_t)((paper * (full - share) + ink * share + full / 2) /
			 full);
}

static void fill(struct canvas_colour palette[CANVAS_LEVELS],
		 const struct generator_colour *paper,
		 const struct generator_colour *ink)
{
	for (size_t i = 0; i < CANVAS_LEVELS; i++) {
		palette[i].r = blend(paper->r, ink->r, i);
		palette[i].g = blend(paper->g, ink->g, i);
		palette[i].b = blend(paper->b, ink->b, i);
	}
}

void tones_draw(struct canvas_colour palette[CANVAS_LEVELS],
		const struct generator_options *options, struct rng *rng)
{
	bool is_light = has_light_ink(options, rng_below(rng, 2));
	const uint32_t *tones = hues[rng_below(rng, CF_ARRAY_LEN(hues))]
				    [options->theme == GENERATOR_THEME_DARK];
	struct generator_colour ink = colour_of(tones[is_light]);
	struct generator_colour paper = colour_of(tones[!is_light]);

	if (!options->ink.is_auto)
		paper = beside(&options->ink, &paper, !is_light);
	if (!options->paper.is_auto)
		ink = beside(&options->paper, &ink, is_light);
	if (!options->ink.is_auto)
		ink = options->ink;
	if (!options->paper.is_auto)
		paper = options->paper;
	fill(palette, &paper, &ink);
}

static bool is_colour(const struct canvas_colour *c, uint32_t rgb)
{
	return ((uint32_t)c->r << 16 | (uint32_t)c->g << 8 | c->b) == rgb;
}

bool tones_change(struct canvas_colour palette[CANVAS_LEVELS],
		  enum generator_theme theme)
{
	const struct canvas_colour *last = &palette[CANVAS_LEVELS - 1];

	bool to_dark = theme == GENERATOR_THEME_DARK;

	for (size_t i = 0; i < CF_ARRAY_LEN(hues) * 4; i++) {
		const uint32_t(*hue)[2] = hues[i / 4];
		bool is_dark = i / 2 % 2, is_light_ink = i % 2;
		bool to_light_ink = is_light_ink != (is_dark != to_dark);
		struct generator_colour paper, ink;

		if (!is_colour(palette, hue[is_dark][!is_light_ink]) ||
		    !is_colour(last, hue[is_dark][is_light_ink]))
			continue;
		paper = colour_of(hue[to_dark][!to_light_ink]);
		ink = colour_of(hue[to_dark][to_light_ink]);
		fill(palette, &paper, &ink);
		return true;
	}
	return false;
}
