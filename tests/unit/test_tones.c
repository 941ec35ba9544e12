/*
 * tones.c: ink contrasts with paper, and both follow theme and colours.
 */
#include "base/base.h"
#include "image/tones.h"
#include "tests/support/check.h"

static struct generator_colour colour(const char *text)
{
	struct generator_colour c;

	assert_true(generator_parse_colour(text, &c));
	return c;
}

static double contrast(const char *a, const char *b)
{
	struct generator_colour x = colour(a), y = colour(b);

	return tones_contrast(&x, &y);
}

static double contrast_of(const struct canvas_colour *a,
			  const struct canvas_colour *b)
{
	struct generator_colour x = {false, a->r, a->g, a->b};
	struct generator_colour y = {false, b->r, b->g, b->b};

	return tones_contrast(&x, &y);
}

/* The values are those of WCAG's formula with pow(), to four digits. */
static void contrast_is_that_of_wcag(void **state)
{
	static const struct {
		const char *a, *b;
		double want;
	} known[] = {
		{"#000000", "#ffffff", 21.0},	{"#ffffff", "#000000", 21.0},
		{"#777777", "#ffffff", 4.4781}, {"#ff0000", "#ffffff", 3.9985},
		{"#0000ff", "#ffffff", 8.5925}, {"#123456", "#123456", 1.0},
		{"#010203", "#0a0b0c", 1.0542},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(known); i++) {
		double got = contrast(known[i].a, known[i].b);
		double off = got - known[i].want;

		if (off < -0.0001 || off > 0.0001)
			fail_msg("%s on %s: %f", known[i].a, known[i].b, got);
	}
}

/* Beside a set colour the criterion is that of WCAG; two tones of the program
 * have that of text, and neither is black or white. */
static void random_colours_contrast_enough(void **state)
{
	struct canvas_colour palette[CANVAS_LEVELS];
	const struct canvas_colour *ink = &palette[CANVAS_LEVELS - 1];
	struct rng rng;

	rng_init(&rng, 1);
	for (int i = 0; i < 3000; i++) {
		struct generator_options o = {
			.theme = (enum generator_theme)(i % 3),
			.ink = {.is_auto = true},
			.paper = {.is_auto = true},
		};
		struct generator_colour any = {
			false, (uint8_t)rng_below(&rng, 256),
			(uint8_t)rng_below(&rng, 256),
			(uint8_t)rng_below(&rng, 256)};

		if (i % 2 && i % 4 == 1)
			o.ink = any;
		else if (i % 2)
			o.paper = any;
		tones_draw(palette, &o, &rng);
		assert_true(contrast_of(&palette[0], ink) >=
			    (i % 2 ? TONES_CONTRAST_MIN : 4.5));
		if (i % 2)
			continue;
		assert_in_range(palette[0].r, 0x10, 0xfc);
		assert_in_range(ink->r, 0x10, 0xfc);
	}
}

/* How many different ones of these are light, or dark. */
static int count(const struct canvas_colour *colours, int n, bool is_light)
{
	int n_found = 0;

	for (int i = 0; i < n; i++) {
		bool is_new = (colours[i].g > 127) == is_light;

		for (int k = 0; k < i && is_new; k++)
			is_new = memcmp(&colours[i], &colours[k],
					sizeof(*colours));
		n_found += is_new;
	}
	return n_found;
}

/* Easy pictures have no edges: their ink is dark on a light page, and light on
 * a dark one. */
static void tones_are_of_a_dozen_hues_as_the_theme_says(void **state)
{
	enum { N = 400, HUES = 12 };
	static const struct {
		enum generator_theme theme;
		enum generator_difficulty difficulty;
		int n_light, n_dark; /* papers */
	} rows[] = {
		{GENERATOR_THEME_AUTO, GENERATOR_EASY, HUES, 0},
		{GENERATOR_THEME_LIGHT, GENERATOR_EASY, HUES, 0},
		{GENERATOR_THEME_DARK, GENERATOR_EASY, 0, HUES},
		{GENERATOR_THEME_LIGHT, GENERATOR_NORMAL, HUES, HUES},
		{GENERATOR_THEME_DARK, GENERATOR_HARD, HUES, HUES},
	};
	struct canvas_colour palette[CANVAS_LEVELS], inks[N], papers[N];
	struct rng rng;

	rng_init(&rng, 2);
	for (size_t k = 0; k < CF_ARRAY_LEN(rows); k++) {
		struct generator_options o = {
			.theme = rows[k].theme,
			.difficulty = rows[k].difficulty,
			.ink = {.is_auto = true},
			.paper = {.is_auto = true},
		};

		for (int i = 0; i < N; i++) {
			tones_draw(palette, &o, &rng);
			papers[i] = palette[0];
			inks[i] = palette[CANVAS_LEVELS - 1];
		}
		assert_int_equal(count(papers, N, true), rows[k].n_light);
		assert_int_equal(count(papers, N, false), rows[k].n_dark);
		assert_int_equal(count(inks, N, true), rows[k].n_dark);
		assert_int_equal(count(inks, N, false), rows[k].n_light);
	}
}

static void a_palette_changes_into_that_of_the_other_theme(void **state)
{
	static const enum generator_theme themes[] = {GENERATOR_THEME_LIGHT,
						      GENERATOR_THEME_DARK};
	struct canvas_colour palette[2][CANVAS_LEVELS];
	struct canvas_colour changed[CANVAS_LEVELS];

	for (uint64_t seed = 0; seed < 200; seed++) {
		struct generator_options o = {
			.difficulty = GENERATOR_NORMAL,
			.ink = {.is_auto = true},
			.paper = {.is_auto = true},
		};

		for (size_t i = 0; i < 2; i++) {
			struct rng rng;

			o.theme = themes[i];
			rng_init(&rng, seed);
			tones_draw(palette[i], &o, &rng);
		}
		for (size_t i = 0; i < 4; i++) {
			memcpy(changed, palette[i / 2], sizeof(changed));
			assert_true(tones_change(changed, themes[i % 2]));
			assert_memory_equal(changed, palette[i % 2],
					    sizeof(changed));
		}
	}
}

static void a_set_colour_does_not_change(void **state)
{
	struct generator_options o = {.ink = colour("#102030"),
				      .paper = {.is_auto = true}};
	struct canvas_colour palette[CANVAS_LEVELS], before[CANVAS_LEVELS];
	struct rng rng;

	rng_init(&rng, 1);
	tones_draw(palette, &o, &rng);
	memcpy(before, palette, sizeof(before));
	assert_false(tones_change(palette, GENERATOR_THEME_DARK));
	assert_memory_equal(palette, before, sizeof(before));
}

/* A set colour takes as much from the rng as a colour left to chance. */
static void a_set_colour_wins_over_the_theme(void **state)
{
	static const char *const inks[] = {"auto", "#102030", "#102030"};
	static const char *const papers[] = {"auto", "auto", "#fedcba"};
	struct canvas_colour palette[CANVAS_LEVELS];
	uint64_t next[3];

	for (size_t i = 0; i < CF_ARRAY_LEN(next); i++) {
		struct generator_options o = {.theme = GENERATOR_THEME_DARK,
					      .ink = colour(inks[i]),
					      .paper = colour(papers[i])};
		struct rng rng;

		rng_init(&rng, 3);
		tones_draw(palette, &o, &rng);
		next[i] = rng_u64(&rng);
		assert_int_equal(next[i], next[0]);
		if (i == 1)
			assert_true(palette[0].r >= 11 * 17);
		if (i == 2)
			assert_memory_equal(&palette[0], "\xfe\xdc\xba", 3);
		if (i > 0)
			assert_memory_equal(&palette[CANVAS_LEVELS - 1],
					    "\x10\x20\x30", 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contrast_is_that_of_wcag),
		cmocka_unit_test(random_colours_contrast_enough),
		cmocka_unit_test(tones_are_of_a_dozen_hues_as_the_theme_says),
		cmocka_unit_test(
			a_palette_changes_into_that_of_the_other_theme),
		cmocka_unit_test(a_set_colour_does_not_change),
		cmocka_unit_test(a_set_colour_wins_over_the_theme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
