/*
 * generator.c, with layout.c and font.c behind it: whole pictures of the
 * pinned faces, decoded again.
 */
#include "base/base.h"
#include "base/alphabet.h"
#include "base/rng.h"
#include "image/generator.h"
#include "image/look.h"
#include "image/png.h"
#include "tests/support/picture.h"

#include <setjmp.h>
#include <sys/stat.h>

#include <cmocka.h>

#define ALPHABET "ACEFHKLMNPRTUWX39"
#define FULL	 "ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789"

enum {
	PALETTE = 3,
	MANY_PICTURES = 10000, /* CF_N_PICTURES in the environment: fewer, for
				  programs that run slowly */
	IDAT_AT = 33 + 12 + 3 * CANVAS_LEVELS /* after IHDR and PLTE */
};

static char fonts[1100];

static int set_up(void **state)
{
	size_t n;

	(void)state;
	n = (size_t)snprintf(fonts, sizeof(fonts), "%s", data_path("sans.ttf"));
	(void)snprintf(fonts + n, sizeof(fonts) - n, ":%s",
		       data_path("serif-no-q.ttf"));
	return 0;
}

static struct generator_options defaults(void)
{
	return (struct generator_options){
		.width_px = 240,
		.height_px = 80,
		.margin_px = 6,
		.alphabet = ALPHABET,
		.fonts = fonts,
		.ink = {.is_auto = true},
		.paper = {.is_auto = true},
	};
}

static struct generator *make(const struct generator_options *options)
{
	struct generator *gen = generator_new(options);

	assert_non_null(gen);
	return gen;
}

static void draw(struct generator *gen, uint64_t seed, const char *text,
		 struct buf *out)
{
	struct cf_error err = CF_ERROR_INIT;

	buf_reset(out);
	if (generator_draw(gen, seed, text, out, &err))
		fail_msg("%s", err.text);
}

static struct picture draw_decoded(struct generator *gen, uint64_t seed,
				   const char *text)
{
	struct picture picture;
	struct buf out;

	buf_init(&out, GENERATOR_PNG_MAX_BYTES);
	draw(gen, seed, text, &out);
	assert_true(picture_decode(&picture, (struct str){out.ptr, out.len}));
	buf_release(&out);
	return picture;
}

static struct picture draw_once(const struct generator_options *options,
				uint64_t seed, const char *text)
{
	struct generator *gen = make(options);
	struct picture picture = draw_decoded(gen, seed, text);

	generator_free(gen);
	return picture;
}

static void same_seed_and_text_give_same_bytes(void **state)
{
	struct generator_options options = defaults();
	struct generator *one = make(&options), *two = make(&options);
	struct buf a, b;

	(void)state;
	buf_init(&a, GENERATOR_PNG_MAX_BYTES);
	buf_init(&b, GENERATOR_PNG_MAX_BYTES);
	draw(one, 999, "ACE", &a); /* what came before has no influence */
	for (uint64_t seed = 0; seed < 50; seed++) {
		draw(one, seed, "ACEFHK", &a);
		draw(two, seed, "ACEFHK", &b);
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.ptr, b.ptr, a.len);
	}
	buf_release(&a);
	buf_release(&b);
	generator_free(one);
	generator_free(two);
}

static void another_seed_or_text_gives_another_picture(void **state)
{
	struct generator_options options = defaults();
	struct generator *gen = make(&options);
	struct picture a = draw_decoded(gen, 1, "ACEFHK");
	struct picture b = draw_decoded(gen, 2, "ACEFHK");
	struct picture c = draw_decoded(gen, 1, "ACEFHL");

	(void)state;
	assert_int_not_equal(picture_hash(&a), picture_hash(&b));
	assert_int_not_equal(picture_hash(&a), picture_hash(&c));
	picture_release(&a);
	picture_release(&b);
	picture_release(&c);
	generator_free(gen);
}

static void case_of_the_text_makes_no_difference(void **state)
{
	struct generator_options options = defaults();
	struct generator *gen = make(&options);
	struct picture a = draw_decoded(gen, 1, "PRTUWX");
	struct picture b = draw_decoded(gen, 1, "prTuwx");

	(void)state;
	assert_int_equal(picture_hash(&a), picture_hash(&b));
	picture_release(&a);
	picture_release(&b);
	generator_free(gen);
}

/*
 * Any compiler and machine must come to these. A change of the look changes
 * them; then look at the pictures before the numbers are replaced.
 */
static void pinned_seeds_give_pinned_canvases(void **state)
{
	static const struct {
		int32_t width_px, height_px;
		enum generator_difficulty difficulty;
		uint64_t seed, hash;
		const char *text;
	} pinned[] = {
		{240, 80, GENERATOR_NORMAL, 1,
		 UINT64_C(0x72b9ae5872dbc3e4), "ACEFH"},
		{240, 80, GENERATOR_EASY, 2,
		 UINT64_C(0x4fa142774d978088), "KLMNPR"},
		{240, 80, GENERATOR_HARD, 3,
		 UINT64_C(0xb88d51919ce7bb64), "TUWX39"},
		{1000, 500, GENERATOR_NORMAL, 4,
		 UINT64_C(0xbaad03ee84c6c3e0), "ACEFHK"},
		{60, 24, GENERATOR_NORMAL, 5,
		 UINT64_C(0x26e6aafcbc0ab2d1), "39AC"},
	};
	struct generator_options options = defaults();

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(pinned); i++) {
		struct picture picture;

		options.width_px = pinned[i].width_px;
		options.height_px = pinned[i].height_px;
		options.difficulty = pinned[i].difficulty;
		picture = draw_once(&options, pinned[i].seed, pinned[i].text);
		assert_int_equal(picture_hash(&picture), pinned[i].hash);
		picture_release(&picture);
	}
}

static uint64_t hash_bytes(uint64_t hash, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ (uint8_t)bytes.ptr[i]) * UINT64_C(1099511628211);
	return hash;
}

/* n pictures of the alphabet, each with a text and a seed of its own. */
static uint64_t hash_pictures(const struct generator_options *options,
			      uint64_t n, uint64_t hash)
{
	uint32_t places[GENERATOR_TEXT_MAX];
	size_t n_letters = utf8_count(options->alphabet);
	char text[GENERATOR_TEXT_MAX_BYTES + 1];
	struct generator *gen = make(options);
	struct buf out;
	struct rng rng;

	buf_init(&out, GENERATOR_PNG_MAX_BYTES);
	rng_init(&rng, hash);
	for (uint64_t seed = 0; seed < n; seed++) {
		size_t len = 3 + rng_below(&rng, 5);

		for (size_t i = 0; i < len; i++)
			places[i] = rng_below(&rng, (uint32_t)n_letters);
		alphabet_spell(options->alphabet, places, len, text);
		draw(gen, seed, text, &out);
		hash = hash_bytes(hash, (struct str){out.ptr, out.len});
	}
	buf_release(&out);
	generator_free(gen);
	return hash;
}

/* Files, not only canvases, for 300 seeds: any compiler and any optimisation
 * must come to this. As above, look at the pictures before it is replaced. */
static void pinned_seeds_give_pinned_files(void **state)
{
	static const int32_t sizes[][3] = {
		{240, 80, 6}, {60, 24, 1}, {333, 111, 10}, {1000, 500, 20},
	};
	static const uint64_t n[] = {40, 20, 14, 1};
	static char many[1100];
	uint64_t hash = UINT64_C(14695981039346656037);
	struct generator_options options = defaults();

	(void)state;
	(void)snprintf(many, sizeof(many), "%s", data_path("alphabets.ttc"));
	for (int d = 0; d < GENERATOR_DIFFICULTY_COUNT; d++) {
		options.difficulty = (enum generator_difficulty)d;
		options.fonts = fonts;
		options.alphabet = FULL;
		for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
			options.width_px = sizes[i][0];
			options.height_px = sizes[i][1];
			options.margin_px = sizes[i][2];
			hash = hash_pictures(&options, n[i], hash);
		}
		options.width_px = 240;
		options.height_px = 80;
		options.margin_px = 6;
		options.fonts = many;
		options.alphabet = alphabet_characters("cyrillic");
		hash = hash_pictures(&options, 20, hash);
		/* with a colour go greys found in floating point */
		options.alphabet = "3456+-=";
		options.paper = (struct generator_colour){false, 70, 90, 40};
		hash = hash_pictures(&options, 5, hash);
		options.paper.is_auto = true;
	}
	assert_int_equal(hash, UINT64_C(0xf668cf4dffbaa3b3));
}

static void check_frame(const struct generator_options *options, uint64_t seed,
			const char *text)
{
	struct picture picture = draw_once(options, seed, text);

	assert_int_equal(picture.width_px, options->width_px);
	assert_int_equal(picture.height_px, options->height_px);
	assert_int_equal(picture.bits, 4);
	assert_true(picture_has_border(&picture, options->margin_px));
	assert_true(picture_count_ink(&picture) > 10);
	picture_release(&picture);
}

static void ink_stays_inside_the_margins_at_any_size(void **state)
{
	static const int32_t sizes[][3] = {
		{60, 24, 1},	{60, 24, 6},	 {60, 500, 15},
		{1000, 24, 1},	{1000, 500, 1},	 {1000, 500, 125},
		{241, 81, 6},	{240, 80, 20},	 {61, 25, 2},
		{333, 111, 10}, {1000, 500, 10},
	};
	struct generator_options options = defaults();

	(void)state;
	options.alphabet = FULL;
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		options.width_px = sizes[i][0];
		options.height_px = sizes[i][1];
		options.margin_px = sizes[i][2];
		for (uint64_t seed = 0; seed < 12; seed++) {
			check_frame(&options, seed, seed % 2 ? "W" : "ABC8W");
			check_frame(&options, seed, "MWMWMWMWMWMWMWMW");
		}
	}
}

static void a_margin_of_0_may_be_drawn_in(void **state)
{
	struct generator_options options = defaults();
	struct generator *gen;

	(void)state;
	options.margin_px = 0;
	gen = make(&options);
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct picture picture = draw_decoded(gen, seed, "WMWMWM");

		assert_int_equal(picture.width_px, 240);
		picture_release(&picture);
	}
	generator_free(gen);
}

static void ink_fills_most_of_the_room(void **state)
{
	struct generator_options options = defaults();
	struct generator *gen = make(&options);

	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct picture picture = draw_decoded(gen, seed, "HLRAXK");

		assert_in_range(picture_count_ink(&picture), 240 * 80 / 10,
				240 * 80 / 2);
		picture_release(&picture);
	}
	generator_free(gen);
}

/* --- ten thousand pictures ------------------------------------------------ */

static uint64_t n_pictures(void)
{
	const char *fewer = getenv("CF_N_PICTURES");
	uint64_t n = fewer ? strtoull(fewer, NULL, 10) : MANY_PICTURES;

	assert_in_range(n, 1, MANY_PICTURES);
	return n;
}

/* A picture in two tones: 0 for what is nearer to the colour of its corner,
 * which is paper, 1 for ink. */
static void two_tones(const struct picture *picture, uint8_t *out)
{
	int32_t n = picture->width_px * picture->height_px;
	int most = 0;

	for (int32_t i = 0; i < n; i++) {
		int off = abs(picture->rgb[3 * i] - picture->rgb[0]);

		most = off > most ? off : most;
	}
	for (int32_t i = 0; i < n; i++)
		out[i] = 2 * abs(picture->rgb[3 * i] - picture->rgb[0]) > most;
}

/* How often n tones change, each `step` after the one before. */
static int count_changes(const uint8_t *tones, int32_t n, int32_t step)
{
	int n_changes = 0;

	for (int32_t i = 1; i < n; i++)
		n_changes += tones[i * step] != tones[(i - 1) * step];
	return n_changes;
}

/*
 * In a margin there are no letters, only edges: rows change where one crosses
 * them, as often as there are edges, or less by two where two of them meet;
 * columns do not change at all. How many rows have all edges.
 */
static int check_margins(const uint8_t *tones, uint64_t seed)
{
	int n_edges = look_of(GENERATOR_NORMAL)->n_edges, n_full = 0;

	for (int32_t i = 0; i < 2 * 6; i++) {
		int32_t x = i < 6 ? i : 240 - 12 + i;
		int32_t y = i < 6 ? i : 80 - 12 + i;
		int n_changes = count_changes(tones + y * 240, 240, 1);

		if (n_changes > n_edges || n_changes % 2 != n_edges % 2)
			fail_msg("seed %d: row %d changes %d times", (int)seed,
				 y, n_changes);
		if (count_changes(tones + x, 80, 240))
			fail_msg("seed %d: column %d changes", (int)seed, x);
		n_full += n_changes == n_edges;
	}
	return n_full;
}

/* As the service draws them by default, but for the faces. */
static void each_of_many_pictures_keeps_the_rules(void **state)
{
	static uint8_t tones[240 * 80];
	struct generator_options options = defaults();
	uint64_t n = n_pictures();
	struct generator *gen;
	struct rng rng;
	struct buf out;
	int64_t n_full = 0;

	(void)state;
	options.difficulty = GENERATOR_NORMAL;
	options.alphabet = alphabet_characters("latin");
	gen = make(&options);
	buf_init(&out, GENERATOR_PNG_MAX_BYTES);
	rng_init(&rng, 1);
	for (uint64_t seed = 0; seed < n; seed++) {
		struct picture picture;
		int32_t n_ink = 0;
		char text[7] = "";

		for (size_t k = 0; k < 5 + seed % 2; k++)
			text[k] = options.alphabet[rng_below(
				&rng, (uint32_t)strlen(options.alphabet))];
		draw(gen, seed, text, &out);
		assert_int_equal(out.len, 2048);
		assert_true(picture_decode(&picture,
					   (struct str){out.ptr, out.len}));
		two_tones(&picture, tones);
		n_full += check_margins(tones, seed);
		for (int32_t i = 0; i < 240 * 80; i++)
			n_ink += tones[i];
		/* turned by edges, so there may be more ink than paper */
		assert_in_range(n_ink, 240 * 80 / 5, 240 * 80 * 4 / 5);
		picture_release(&picture);
	}
	/* edges seldom meet in a margin */
	assert_in_range(n_full * 100, (int64_t)n * 2 * 6 * 99,
			(int64_t)n * 2 * 6 * 100);
	buf_release(&out);
	generator_free(gen);
}

static void every_length_and_character_can_be_drawn(void **state)
{
	struct generator_options options = defaults();
	char text[GENERATOR_TEXT_MAX + 1] = "";
	const char *all = FULL;

	(void)state;
	options.alphabet = all;
	for (size_t n = 1; n <= GENERATOR_TEXT_MAX; n++) {
		text[n - 1] = all[n * 2 % strlen(all)];
		check_frame(&options, n, text);
	}
	for (const char *c = all; *c; c++)
		check_frame(&options, 1, (const char[]){*c, '\0'});
}

/* Large, so that a gap of a hundredth of an em is some pixels wide. */
static void letters_come_close_but_do_not_touch(void **state)
{
	struct generator_options options = defaults();
	size_t n_apart = 0;
	struct generator *gen;

	(void)state;
	options.width_px = 960;
	options.height_px = 320;
	gen = make(&options);
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct picture picture = draw_decoded(gen, seed, "LTAFXH");

		/* a ragged corner may lose a pixel or two */
		n_apart += picture_count_pieces(&picture, 10) == 6;
		picture_release(&picture);
	}
	assert_int_equal(n_apart, 60);
	generator_free(gen);
}

static void greys_are_dark_on_light_or_light_on_dark(void **state)
{
	struct generator_options options = defaults();
	struct generator *gen = make(&options);
	int n_light = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct picture picture = draw_decoded(gen, seed, "HLRAX");
		uint8_t paper = picture.rgb[0], ink = paper;
		bool is_light = paper >= 128;
		size_t n = (size_t)240 * 80 * 3;

		assert_int_equal(picture.type, PALETTE);
		for (size_t i = 0; i < n; i++)
			if (is_light ? picture.rgb[i] < ink
				     : picture.rgb[i] > ink)
				ink = picture.rgb[i];
		assert_true(abs(paper - ink) >= 7 * 17);
		n_light += is_light;
		picture_release(&picture);
	}
	assert_in_range(n_light, 60, 140);
	generator_free(gen);
}

static bool is_between(uint8_t value, uint8_t a, uint8_t b)
{
	return a < b ? value >= a && value <= b : value >= b && value <= a;
}

static void set_colours_are_blended_from_paper_to_ink(void **state)
{
	struct generator_options options = defaults();
	struct picture grey = draw_once(&options, 5, "HLRAX");
	struct picture picture;
	size_t n_ink = 0;

	(void)state;
	assert_true(generator_parse_colour("#1040a0", &options.ink));
	assert_true(generator_parse_colour("#FFe0a0", &options.paper));
	picture = draw_once(&options, 5, "HLRAX");
	assert_int_equal(picture.type, PALETTE);
	assert_int_equal(picture.bits, 4);
	assert_memory_equal(picture.rgb, "\xff\xe0\xa0", 3);
	for (int32_t y = 0; y < 80; y++)
		for (int32_t x = 0; x < 240; x++) {
			const uint8_t *c = picture_at(&picture, x, y);

			assert_true(is_between(c[0], 0xff, 0x10));
			assert_true(is_between(c[1], 0xe0, 0x40));
			assert_int_equal(c[2], 0xa0);
			n_ink += !memcmp(c, "\x10\x40\xa0", 3);
		}
	assert_true(n_ink > 500);
	/* the shapes are those of the grey picture */
	assert_in_range(picture_count_ink(&picture), picture_count_ink(&grey),
			picture_count_ink(&grey) * 11 / 10);
	picture_release(&grey);
	picture_release(&picture);
}

static void a_colour_left_to_chance_is_the_opposite(void **state)
{
	struct generator_options options = defaults();

	(void)state;
	assert_true(generator_parse_colour("#203040", &options.paper));
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct picture picture = draw_once(&options, seed, "HLRAX");
		size_t n_light = 0;

		for (size_t i = 0; i < (size_t)240 * 80; i++)
			n_light += picture.rgb[3 * i] >= 0xbb;
		assert_memory_equal(picture.rgb, "\x20\x30\x40", 3);
		assert_true(n_light > 500);
		picture_release(&picture);
	}
}

static void a_theme_says_which_is_dark(void **state)
{
	struct generator_options options = defaults();

	(void)state;
	for (uint64_t seed = 0; seed < 40; seed++) {
		bool is_dark = seed % 2;
		struct picture picture;

		options.theme = is_dark ? GENERATOR_THEME_DARK
					: GENERATOR_THEME_LIGHT;
		picture = draw_once(&options, seed, "HLRAX");
		assert_int_equal(picture.rgb[0] < 128, is_dark);
		picture_release(&picture);
	}
}

/* The longest of a picture's pictures and the shortest take as much, so size
 * and chunks of a file tell nothing of what is drawn. */
static void check_sizes(const struct generator_options *options,
			uint64_t n_pictures)
{
	size_t step = png_step_bytes(options->width_px, options->height_px);
	struct generator *gen = make(options);
	struct buf out;
	struct rng rng;

	buf_init(&out, GENERATOR_PNG_MAX_BYTES);
	rng_init(&rng, 1);
	for (uint64_t seed = 0; seed < n_pictures; seed++) {
		char text[7] = "";

		for (size_t k = 0; k < 5 + seed % 2; k++)
			text[k] = ALPHABET[rng_below(&rng,
						     sizeof(ALPHABET) - 1)];
		draw(gen, seed, text, &out);
		assert_int_equal(out.len, step);
		/* the fourth chunk's place, and with it the third's length */
		assert_memory_equal(out.ptr + 8 + 4, "IHDR", 4);
		assert_memory_equal(out.ptr + 33 + 4, "PLTE", 4);
		assert_memory_equal(out.ptr + IDAT_AT + 4, "IDAT", 4);
		assert_int_equal((uint8_t)out.ptr[IDAT_AT + 2] << 8 |
					 (uint8_t)out.ptr[IDAT_AT + 3],
				 step - IDAT_AT - 12 - 12);
		assert_memory_equal(out.ptr + step - 12, "\0\0\0\0IEND", 8);
	}
	buf_release(&out);
	generator_free(gen);
}

/* Of the text with the longest outlines nearly every second hard picture takes
 * more than its step, and is drawn anew until it does not. */
static void the_largest_text_takes_no_more_than_others(void **state)
{
	struct generator_options options = defaults();
	struct generator *gen;
	struct buf out;

	(void)state;
	options.difficulty = GENERATOR_HARD;
	gen = make(&options);
	buf_init(&out, GENERATOR_PNG_MAX_BYTES);
	for (uint64_t seed = 0; seed < 1000; seed++) {
		draw(gen, seed, "WWWWWW", &out);
		assert_int_equal(out.len, png_step_bytes(240, 80));
	}
	buf_release(&out);
	generator_free(gen);
}

static void sizes_say_nothing_of_the_text(void **state)
{
	static const int32_t sizes[][2] = {
		{120, 40}, {160, 60}, {200, 70}, {300, 100}, {320, 80},
		{480, 160}, {1000, 500}, {60, 24},
	};
	struct generator_options options = defaults();

	(void)state;
	check_sizes(&options, 3000);
	options.difficulty = GENERATOR_NORMAL;
	check_sizes(&options, 3000);
	options.difficulty = GENERATOR_HARD;
	check_sizes(&options, 3000);
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		options.width_px = sizes[i][0];
		options.height_px = sizes[i][1];
		check_sizes(&options, 200);
	}
}

static void colours_are_parsed_strictly(void **state)
{
	static const char *const bad[] = {
		"",	  "#",	     "auto ",  "Auto",	  "#12345", "#1234567",
		"123456", "#12345g", "# 2345", "#+12345", "red",
	};
	struct generator_colour colour;

	(void)state;
	assert_true(generator_parse_colour("auto", &colour));
	assert_true(colour.is_auto);
	assert_true(generator_parse_colour("#0aFf99", &colour));
	assert_false(colour.is_auto);
	assert_int_equal(colour.r, 0x0a);
	assert_int_equal(colour.g, 0xff);
	assert_int_equal(colour.b, 0x99);
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++)
		assert_false(generator_parse_colour(bad[i], &colour));
}

static void bad_texts_are_refused_and_not_repeated(void **state)
{
	static const char *const bad[] = {
		"",	"ACEFHKLMNPRTUWX39", "ACQ", "AC E",
		"AC\n", "A\xc3\xa4",	     "ACB", "0",
	};
	struct generator_options options = defaults();
	struct generator *gen = make(&options);
	struct buf out;

	(void)state;
	buf_init(&out, GENERATOR_PNG_MAX_BYTES);
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++) {
		struct cf_error err = CF_ERROR_INIT;

		assert_int_equal(generator_draw(gen, 1, bad[i], &out, &err),
				 CF_BAD_INPUT);
		assert_int_equal(out.len, 0);
		if (strlen(bad[i]) > 2)
			assert_null(strstr(err.text, bad[i]));
	}
	draw(gen, 1, "ACE", &out); /* and it goes on */
	buf_release(&out);
	generator_free(gen);
}

static void check_load_fails(const struct generator_options *options,
			     enum cf_status status, const char *named)
{
	struct cf_error err = CF_ERROR_INIT;
	struct generator *gen = make(options);

	for (int i = 0; i < 2; i++) { /* the second time alike */
		assert_int_equal(generator_load(gen, &err), status);
		assert_int_equal(err.status, status);
		if (!strstr(err.text, named))
			fail_msg("\"%s\" lacks \"%s\"", err.text, named);
		assert_int_equal(generator_n_faces(gen), 0);
	}
	generator_free(gen);
}

static void colours_too_alike_are_named(void **state)
{
	struct generator_options o = defaults();
	struct generator *gen;

	(void)state;
	assert_true(generator_parse_colour("#777777", &o.ink));
	assert_true(generator_parse_colour("#808080", &o.paper));
	check_load_fails(&o, CF_CONFIG,
			 "ink #777777 on paper #808080 has a contrast of 1.13");
	assert_true(generator_parse_colour("#ffffff", &o.paper));
	gen = make(&o); /* 4.48 */
	assert_int_equal(generator_load(gen, NULL), CF_OK);
	generator_free(gen);
}

static void options_out_of_range_are_named(void **state)
{
	struct generator_options o;

	(void)state;
#define CHECK(field, value, named)                      \
	do {                                            \
		o = defaults();                         \
		o.field = value;                        \
		check_load_fails(&o, CF_CONFIG, named); \
	} while (0)
	CHECK(width_px, 59, "59x80");
	CHECK(width_px, 1001, "1001x80");
	CHECK(width_px, INT32_MAX, "width");
	CHECK(height_px, 23, "240x23");
	CHECK(height_px, 501, "height");
	CHECK(height_px, INT32_MIN, "height");
	CHECK(margin_px, -1, "margin");
	CHECK(margin_px, 21, "margin");
	CHECK(theme, (enum generator_theme)3, "theme 3: 0 to 2");
	CHECK(alphabet, "", "alphabet");
	CHECK(alphabet, "AB C", "3 (U+0020)");
	CHECK(alphabet, "AB\xc4", "byte 3 (0xC4)");
	CHECK(alphabet, "AB\xcc\x81", "3 (U+0301)");
#undef CHECK
}

static void unusable_fonts_are_named(void **state)
{
	struct generator_options o = defaults();
	char text[1200];

	(void)state;
	o.fonts = "/nonexistent/a.ttf";
	check_load_fails(&o, CF_FONT, "/nonexistent/a.ttf");
	(void)snprintf(text, sizeof(text), "%s:/nonexistent/dir", fonts);
	o.fonts = text;
	check_load_fails(&o, CF_FONT, "/nonexistent/dir");
	o.fonts = "/proc/self/fd"; /* a directory without fonts */
	check_load_fails(&o, CF_FONT, "no .ttf, .otf or .ttc file in /proc/self/fd");
	o.fonts = data_path("README");
	check_load_fails(&o, CF_FONT, "README");
	o.fonts = ":::";
	check_load_fails(&o, CF_FONT, "no file");
	o = defaults();
	o.alphabet = "AQ";
	check_load_fails(&o, CF_FONT,
			 "serif-no-q.ttf has no character 'Q' (U+0051): take");
	o.alphabet = "AЖ";
	check_load_fails(&o, CF_FONT, "sans.ttf has no character 'Ж' (U+0416)");
}

static void a_shape_that_shows_no_letter_is_refused(void **state)
{
	static const struct {
		const char *font, *why;
	} odd[] = {
		{"odd/point.ttf", "'A' (U+0041) has no ink: take"},
		{"odd/line.ttf", "'A' (U+0041) has no ink: take"},
		{"odd/speck.ttf", "'A' (U+0041) has no ink: take"},
		{"odd/blank.ttf", "no shape for 'B' (U+0042)"},
		{"odd/far.ttf", "'A' (U+0041) lies far from"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(odd); i++) {
		struct generator_options o = defaults();
		char path[600];

		o.alphabet = "AB";
		o.fonts = path;
		(void)snprintf(path, sizeof(path), "%s",
			       data_path(odd[i].font));
		check_load_fails(&o, CF_FONT, odd[i].why);
		check_load_fails(&o, CF_FONT, odd[i].font);
	}
}

/* A letter is made as wide as others are, from whatever it is. */
static void the_slimmest_shape_far_out_is_drawn(void **state)
{
	static const int32_t sizes[][2] = {{240, 80}, {1000, 500}, {60, 24}};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		struct generator_options o = defaults();
		char path[600];

		(void)snprintf(path, sizeof(path), "%s",
			       data_path("odd/slim.ttf"));
		o.alphabet = "AB";
		o.fonts = path;
		o.width_px = sizes[i][0];
		o.height_px = sizes[i][1];
		for (int d = 0; d < GENERATOR_DIFFICULTY_COUNT; d++) {
			o.difficulty = (enum generator_difficulty)d;
			for (uint64_t seed = 0; seed < 10; seed++) {
				struct picture picture =
					draw_once(&o, seed, "ABABAB");

				picture_release(&picture);
			}
		}
	}
}

static void a_path_longer_than_any_is_refused(void **state)
{
	struct generator_options o = defaults();
	char *text = malloc(5001);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 5000);
	text[5000] = '\0';
	o.fonts = text;
	check_load_fails(&o, CF_FONT, "longer than");
	free(text);
}

static void too_many_faces_are_refused(void **state)
{
	struct generator_options o = defaults();
	struct buf list;
	struct cf_error err = CF_ERROR_INIT;
	struct generator *gen;

	(void)state;
	buf_init(&list, 1 << 20);
	for (int i = 0; i < 64; i++)
		buf_addf(&list, "%s%s", i ? ":" : "", data_path("sans.ttf"));
	o.fonts = list.ptr;
	gen = make(&o);
	assert_int_equal(generator_load(gen, &err), CF_OK);
	assert_int_equal(generator_n_faces(gen), 64);
	generator_free(gen);
	buf_addf(&list, ":%s", data_path("sans.ttf"));
	o.fonts = list.ptr;
	check_load_fails(&o, CF_FONT, "64");
	buf_release(&list);
}

static void a_directory_gives_its_faces_in_order(void **state)
{
	struct generator_options o = defaults();
	struct cf_error err = CF_ERROR_INIT;
	char dir[600];
	struct generator *gen;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s", data_path(""));
	dir[strlen(dir) - 1] = '\0';
	o.fonts = dir;
	gen = make(&o);
	assert_int_equal(generator_load(gen, &err), CF_OK);
	assert_int_equal(generator_n_faces(gen), 4);
	assert_string_equal(generator_face_path(gen, 0),
			    data_path("alphabets.ttc"));
	assert_string_equal(generator_face_path(gen, 1),
			    data_path("cubic.otf"));
	assert_string_equal(generator_face_path(gen, 2), data_path("sans.ttf"));
	assert_string_equal(generator_face_path(gen, 3),
			    data_path("serif-no-q.ttf"));
	generator_free(gen);
}

/* Where nothing was installed for the program. */
static void without_fonts_the_built_in_faces_draw(void **state)
{
	struct generator_options o = defaults();
	struct picture picture;
	struct generator *gen;

	(void)state;
	o.fonts = "";
	gen = make(&o);
	picture = draw_decoded(gen, 1, "ACE");
	assert_true(picture_count_ink(&picture) > 240 * 80 / 20);
	picture_release(&picture);
	assert_int_equal(generator_load(gen, NULL), CF_OK);
	assert_in_range(generator_n_faces(gen), 20, 64);
	for (size_t i = 0; i < generator_n_faces(gen); i++)
		assert_memory_equal(generator_face_path(gen, i),
				    "built-in:face-", 14);
	generator_free(gen);
}

static void built_in_faces_that_lack_a_letter_are_passed_over(void **state)
{
	struct generator_options o = defaults();
	size_t n_latin, n_greek;
	struct generator *gen;

	(void)state;
	o.fonts = "";
	gen = make(&o);
	assert_int_equal(generator_load(gen, NULL), CF_OK);
	n_latin = generator_n_faces(gen);
	generator_free(gen);
	o.alphabet = "AΩЖ";
	gen = make(&o);
	assert_int_equal(generator_load(gen, NULL), CF_OK);
	n_greek = generator_n_faces(gen);
	generator_free(gen);
	assert_in_range(n_greek, 8, n_latin - 1);
}

/* What is installed decides; either way the outcome is a clear one. */
static void what_is_not_built_in_is_found_or_has_a_remedy(void **state)
{
	struct generator_options o = defaults();
	struct cf_error err = CF_ERROR_INIT;
	struct generator *gen;

	(void)state;
	o.fonts = "";
	o.alphabet = "AÉ";
	gen = make(&o);
	if (generator_load(gen, &err)) {
		assert_int_equal(err.status, CF_FONT);
		assert_non_null(strstr(err.text, "fonts-dejavu-core"));
		assert_non_null(strstr(err.text, "set `fonts`"));
	} else {
		assert_in_range(generator_n_faces(gen), 1, 64);
		for (size_t i = 0; i < generator_n_faces(gen); i++)
			assert_int_equal(access(generator_face_path(gen, i),
						R_OK),
					 0);
	}
	generator_free(gen);
}

static struct generator_options of_many_alphabets(void)
{
	static char path[1100];
	struct generator_options o = defaults();

	(void)snprintf(path, sizeof(path), "%s", data_path("alphabets.ttc"));
	o.fonts = path;
	o.alphabet = "ACEHЖФЯШΩΨΣ36+-=É";
	return o;
}

static void letters_of_any_script_are_drawn(void **state)
{
	static const char *const texts[] = {
		"ЖФЯШ", "ΩΨΣ", "3+6=", "ÉACE", "ACEH", "AЖΩ3-É",
		"ЖФЯШΩΨΣÉЖФЯШΩΨΣÉ"};
	struct generator_options o = of_many_alphabets();
	struct generator *gen = make(&o);

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++) {
		struct picture picture = draw_decoded(gen, i, texts[i]);

		assert_true(picture_count_ink(&picture) > 240 * 80 / 20);
		picture_release(&picture);
	}
	generator_free(gen);
}

static void spellings_of_one_text_give_one_picture(void **state)
{
	static const char *const spellings[] = {"ЖЯΣÉ3", "жяσé3", "жЯςÉ３"};
	struct generator_options o = of_many_alphabets();
	struct generator *gen = make(&o);
	uint64_t first = 0;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(spellings); i++) {
		struct picture picture = draw_decoded(gen, 5, spellings[i]);

		if (!i)
			first = picture_hash(&picture);
		assert_int_equal(picture_hash(&picture), first);
		picture_release(&picture);
	}
	generator_free(gen);
}

static void a_text_outside_the_alphabet_is_refused_unnamed(void **state)
{
	static const char *const texts[] = {
		"",	 "Б",	  "AБ",	  "A\xff", "A\xd0", "A C", "A\xcc\x81",
		"AAAAAAAAAAAAAAAAA", "ЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖ"};
	struct generator_options o = of_many_alphabets();
	struct generator *gen = make(&o);
	struct buf out;

	(void)state;
	buf_init(&out, GENERATOR_PNG_MAX_BYTES);
	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++) {
		struct cf_error err = CF_ERROR_INIT;

		assert_int_equal(generator_draw(gen, 1, texts[i], &out, &err),
				 CF_BAD_INPUT);
		if (strlen(texts[i]) > 1)
			assert_null(strstr(err.text, texts[i]));
	}
	buf_release(&out);
	generator_free(gen);
}

/* The first draw reads the shapes of its text alone, the next one the rest:
 * the same pictures, whichever way. */
static void a_first_draw_is_like_any_other(void **state)
{
	struct generator_options o = of_many_alphabets();
	struct generator *once = make(&o), *loaded = make(&o);

	(void)state;
	assert_int_equal(generator_load(loaded, NULL), CF_OK);
	for (uint64_t seed = 0; seed < 4; seed++) {
		static const char *const texts[] = {"ЖЖЖ", "ЖAC", "ΩΨΣ6",
						    "ЖЖЖ"};
		struct picture a = draw_decoded(once, seed, texts[seed]);
		struct picture b = draw_decoded(loaded, seed, texts[seed]);

		assert_int_equal(picture_hash(&a), picture_hash(&b));
		picture_release(&a);
		picture_release(&b);
	}
	generator_free(once);
	generator_free(loaded);
}

struct inspected {
	size_t n, n_lacks;
	uint32_t lacks;
	bool has_trouble;
};

static void note_face(void *ctx, const struct generator_face *face)
{
	struct inspected *seen = ctx;

	assert_true(!seen->n == !!strstr(face->family, "DejaVu Sans"));
	seen->n++;
	seen->n_lacks += face->n_lacks;
	if (face->n_lacks)
		seen->lacks = face->lacks[0];
	seen->has_trouble |= face->trouble != NULL;
}

static void faces_are_inspected_one_by_one(void **state)
{
	struct generator_options o = of_many_alphabets();
	char names[3000];
	struct inspected seen = {0};
	struct generator *gen;
	size_t n;

	(void)state;
	o.alphabet = "AЖQ";
	n = (size_t)snprintf(names, sizeof(names), "%s:", o.fonts);
	n += (size_t)snprintf(names + n, sizeof(names) - n, "%s:",
			      data_path("serif-no-q.ttf"));
	(void)snprintf(names + n, sizeof(names) - n, "%s",
		       data_path("README"));
	o.fonts = names;
	gen = make(&o);
	assert_int_equal(generator_inspect(gen, note_face, &seen, NULL),
			 CF_OK);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.n_lacks, 2);
	assert_int_equal(seen.lacks, 'Q');
	assert_true(seen.has_trouble);
	generator_free(gen);
}

static void options_may_go_once_new_has_returned(void **state)
{
	struct generator_options *o = malloc(sizeof(*o));
	char *alphabet = strdup(ALPHABET), *paths = strdup(fonts);
	struct generator *gen;
	struct picture picture;

	(void)state;
	assert_non_null(o);
	*o = defaults();
	o->alphabet = alphabet;
	o->fonts = paths;
	gen = make(o);
	free(alphabet);
	free(paths);
	free(o);
	picture = draw_decoded(gen, 1, "ACE");
	picture_release(&picture);
	generator_free(gen);
	generator_free(NULL);
}

static void a_full_buffer_is_too_large(void **state)
{
	struct generator_options o = defaults();
	struct generator *gen = make(&o);
	struct buf out;

	(void)state;
	buf_init(&out, 500);
	assert_int_equal(generator_draw(gen, 1, "ACEFH", &out, NULL),
			 CF_TOO_LARGE);
	buf_release(&out);
	generator_free(gen);
}

static void the_largest_picture_fits_its_maximum(void **state)
{
	struct generator_options o = defaults();

	(void)state;
	o.width_px = 1000;
	o.height_px = 500;
	check_frame(&o, 1, "MWMWMWMWMWMW");
}

static void drawing_leaves_the_heap_as_it_was(void **state)
{
	struct generator_options o = defaults();
	struct generator *gen = make(&o);
	struct buf out;
	size_t before;

	(void)state;
	buf_init(&out, GENERATOR_PNG_MAX_BYTES);
	assert_non_null(buf_room(&out, 1 << 16));
	assert_int_equal(generator_load(gen, NULL), CF_OK);
	draw(gen, 0, "ACEFHK", &out);
	before = heap_bytes();
	for (uint64_t seed = 0; seed < 1000; seed++)
		draw(gen, seed, "MWRAXK", &out);
	assert_int_equal(heap_bytes(), before);
	buf_release(&out);
	generator_free(gen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_seed_and_text_give_same_bytes),
		cmocka_unit_test(another_seed_or_text_gives_another_picture),
		cmocka_unit_test(case_of_the_text_makes_no_difference),
		cmocka_unit_test(pinned_seeds_give_pinned_canvases),
		cmocka_unit_test(pinned_seeds_give_pinned_files),
		cmocka_unit_test(ink_stays_inside_the_margins_at_any_size),
		cmocka_unit_test(a_margin_of_0_may_be_drawn_in),
		cmocka_unit_test(ink_fills_most_of_the_room),
		cmocka_unit_test(each_of_many_pictures_keeps_the_rules),
		cmocka_unit_test(every_length_and_character_can_be_drawn),
		cmocka_unit_test(letters_come_close_but_do_not_touch),
		cmocka_unit_test(greys_are_dark_on_light_or_light_on_dark),
		cmocka_unit_test(set_colours_are_blended_from_paper_to_ink),
		cmocka_unit_test(a_colour_left_to_chance_is_the_opposite),
		cmocka_unit_test(colours_are_parsed_strictly),
		cmocka_unit_test(bad_texts_are_refused_and_not_repeated),
		cmocka_unit_test(a_theme_says_which_is_dark),
		cmocka_unit_test(sizes_say_nothing_of_the_text),
		cmocka_unit_test(the_largest_text_takes_no_more_than_others),
		cmocka_unit_test(colours_too_alike_are_named),
		cmocka_unit_test(options_out_of_range_are_named),
		cmocka_unit_test(unusable_fonts_are_named),
		cmocka_unit_test(a_shape_that_shows_no_letter_is_refused),
		cmocka_unit_test(unusable_fonts_are_named),
		cmocka_unit_test(the_slimmest_shape_far_out_is_drawn),
		cmocka_unit_test(unusable_fonts_are_named),
		cmocka_unit_test(a_path_longer_than_any_is_refused),
		cmocka_unit_test(too_many_faces_are_refused),
		cmocka_unit_test(a_directory_gives_its_faces_in_order),
		cmocka_unit_test(without_fonts_the_built_in_faces_draw),
		cmocka_unit_test(
			built_in_faces_that_lack_a_letter_are_passed_over),
		cmocka_unit_test(what_is_not_built_in_is_found_or_has_a_remedy),
		cmocka_unit_test(options_may_go_once_new_has_returned),
		cmocka_unit_test(a_full_buffer_is_too_large),
		cmocka_unit_test(the_largest_picture_fits_its_maximum),
		cmocka_unit_test(letters_of_any_script_are_drawn),
		cmocka_unit_test(spellings_of_one_text_give_one_picture),
		cmocka_unit_test(
			a_text_outside_the_alphabet_is_refused_unnamed),
		cmocka_unit_test(a_first_draw_is_like_any_other),
		cmocka_unit_test(faces_are_inspected_one_by_one),
		cmocka_unit_test(drawing_leaves_the_heap_as_it_was),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
