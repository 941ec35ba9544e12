/*
 * generator.c with all stages behind it: whole pictures of the pinned faces,
 * decoded again.
 */
#include "base/base.h"
#include "base/alphabet.h"
#include "base/rng.h"
#include "image/generator.h"
#include "image/look.h"
#include "image/png.h"
#include "tests/support/check.h"
#include "tests/support/picture.h"

#define ALPHABET "ACEFHKLMNPRTUWX39"
#define FULL	 "ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789"
#define MANY	 "ACEHЖФЯШΩΨΣ36+-=É"

enum {
	PALETTE = 3,
	MANY_PICTURES = 10000, /* CF_N_PICTURES in the environment: fewer, for
				  programs that run slowly */
	IDAT_AT = 33 + 12 + 3 * CANVAS_LEVELS /* after IHDR and PLTE */
};

static const struct generator_colour any = {.is_auto = true};

static char fonts[1100];
static char font_of_many[600]; /* has MANY, and all of Cyrillic */
static struct buf png;

static int set_up(void **state)
{
	size_t n;

	n = (size_t)snprintf(fonts, sizeof(fonts), "%s", data_path("sans.ttf"));
	(void)snprintf(fonts + n, sizeof(fonts) - n, ":%s",
		       data_path("serif-no-q.ttf"));
	(void)snprintf(font_of_many, sizeof(font_of_many), "%s",
		       data_path("alphabets.ttc"));
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	buf_release(&png);
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
		.ink = any,
		.paper = any,
	};
}

static struct generator_options of_many_alphabets(void)
{
	struct generator_options options = defaults();

	options.difficulty = GENERATOR_NORMAL;
	options.fonts = font_of_many;
	options.alphabet = MANY;
	return options;
}

static struct generator *make(const struct generator_options *options)
{
	struct generator *gen = generator_new(options);

	assert_non_null(gen);
	return gen;
}

/* The PNG, borrowed until the next one. */
static struct str draw(struct generator *gen, uint64_t seed, const char *text)
{
	struct cf_error err = CF_ERROR_INIT;

	buf_reset(&png);
	assert_ok(generator_draw(gen, seed, text, &png, &err), &err);
	return (struct str){png.ptr, png.len};
}

static struct picture draw_decoded(struct generator *gen, uint64_t seed,
				   const char *text)
{
	struct picture picture;

	assert_true(picture_decode(&picture, draw(gen, seed, text)));
	return picture;
}

static uint64_t hash_bytes(uint64_t hash, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ (uint8_t)bytes.ptr[i]) * UINT64_C(1099511628211);
	return hash;
}

static uint64_t draw_hash(struct generator *gen, uint64_t seed,
			  const char *text)
{
	return hash_bytes(1, draw(gen, seed, text));
}

/* --- the same each time -------------------------------------------------- */

/* n pictures of the alphabet, each with a text and a seed of its own. */
static uint64_t hash_pictures(const struct generator_options *options,
			      uint64_t n, uint64_t hash)
{
	uint32_t places[GENERATOR_TEXT_MAX];
	size_t n_letters = utf8_count(options->alphabet);
	char text[GENERATOR_TEXT_MAX_BYTES + 1];
	struct generator *gen = make(options);
	struct rng rng;

	rng_init(&rng, hash);
	for (uint64_t seed = 0; seed < n; seed++) {
		size_t len = 3 + rng_below(&rng, 5);

		for (size_t i = 0; i < len; i++)
			places[i] = rng_below(&rng, (uint32_t)n_letters);
		alphabet_spell(options->alphabet, places, len, text);
		hash = hash_bytes(hash, draw(gen, seed, text));
	}
	generator_free(gen);
	return hash;
}

/*
 * Any compiler, any optimisation and any machine must come to this. A change
 * of the look changes it: look at the pictures before you replace it.
 */
static void pinned_seeds_give_pinned_files(void **state)
{
	static const struct {
		int32_t width_px, height_px, margin_px, offset_px;
		uint64_t n;
	} rows[] = {
		{240, 80, 6, 0, 40},  {60, 24, 1, 0, 20},
		{333, 111, 10, 0, 14}, {1000, 500, 20, 0, 1},
		{240, 80, 6, 30, 10}, {61, 25, 0, 61, 5},
		{60, 500, 15, 0, 3},  {1000, 24, 1, 0, 3},
	};
	uint64_t hash = UINT64_C(14695981039346656037);

	for (int d = 0; d < GENERATOR_DIFFICULTY_COUNT; d++) {
		struct generator_options options = defaults();

		options.difficulty = (enum generator_difficulty)d;
		options.alphabet = FULL;
		for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
			options.width_px = rows[i].width_px;
			options.height_px = rows[i].height_px;
			options.margin_px = rows[i].margin_px;
			options.offset_px = rows[i].offset_px;
			options.theme = (enum generator_theme)(i % 3);
			hash = hash_pictures(&options, rows[i].n, hash);
		}
		options = of_many_alphabets();
		options.difficulty = (enum generator_difficulty)d;
		options.alphabet = alphabet_characters("cyrillic");
		hash = hash_pictures(&options, 20, hash);
		/* next to a set colour, floating point finds the grey */
		options.alphabet = "3456+-=";
		options.paper = (struct generator_colour){false, 70, 90, 40};
		hash = hash_pictures(&options, 5, hash);
		options.ink = (struct generator_colour){false, 250, 250, 99};
		hash = hash_pictures(&options, 5, hash);
	}
	assert_int_equal(hash, UINT64_C(0x920f25ca333013e));
}

static void spellings_of_one_text_give_one_picture(void **state)
{
	static const struct {
		const char *text, *other;
		bool is_same;
	} rows[] = {
		{"ЖЯΣÉ3", "ЖЯΣÉ3", true},   {"ЖЯΣÉ3", "жяσé3", true},
		{"ЖЯΣÉ3", "жяςÉ３", true},  {"ACEH", "acEh", true},
		{"ACEH", "ACE", false},	    {"ACEH", "ACHE", false},
	};
	struct generator_options o = of_many_alphabets();
	struct generator *gen = make(&o), *fresh = make(&o);

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		uint64_t hash = draw_hash(gen, 5, rows[i].text);

		/* what was drawn before has no influence */
		assert_int_equal(draw_hash(fresh, 5, rows[i].other) == hash,
				 rows[i].is_same);
		assert_int_not_equal(draw_hash(gen, 6, rows[i].text), hash);
	}
	generator_free(gen);
	generator_free(fresh);
}

/* The first draw reads the shapes of its text alone, the next draw the rest:
 * the pictures are the same either way. */
static void a_first_draw_is_like_any_other(void **state)
{
	static const char *const texts[] = {"ЖЖЖ", "ЖAC", "ΩΨΣ6", "ЖЖЖ"};
	struct generator_options o = of_many_alphabets();
	struct generator *once = make(&o), *loaded = make(&o);

	assert_ok(generator_load(loaded, NULL), NULL);
	for (uint64_t i = 0; i < CF_ARRAY_LEN(texts); i++)
		assert_int_equal(draw_hash(once, i, texts[i]),
				 draw_hash(loaded, i, texts[i]));
	generator_free(once);
	generator_free(loaded);
}

/* A face's serifs are not told by the letters that happen to be loaded. */
static void a_first_draw_of_any_letter_is_like_any_other(void **state)
{
	struct generator_options o = defaults();
	struct generator *loaded;

	o.difficulty = GENERATOR_NORMAL;
	o.alphabet = alphabet_characters("latin");
	o.fonts = "";
	loaded = make(&o);
	assert_ok(generator_load(loaded, NULL), NULL);
	for (const char *c = o.alphabet; *c; c++) {
		char text[] = {*c, *c, *c, *c, '\0'};
		struct generator *once = make(&o);

		assert_int_equal(draw_hash(once, 1, text),
				 draw_hash(loaded, 1, text));
		generator_free(once);
	}
	generator_free(loaded);
}

static void options_may_be_freed_after_new(void **state)
{
	struct generator_options *o = malloc(sizeof(*o));
	char *alphabet = strdup(ALPHABET), *paths = strdup(fonts);
	struct generator *gen;

	assert_non_null(o);
	*o = defaults();
	o->alphabet = alphabet;
	o->fonts = paths;
	gen = make(o);
	free(alphabet);
	free(paths);
	free(o);
	(void)draw(gen, 1, "ACE");
	generator_free(gen);
	generator_free(NULL);
}

static void drawing_leaves_the_heap_as_it_was(void **state)
{
	struct generator_options o = defaults();
	struct generator *gen = make(&o);
	size_t before;

	assert_non_null(buf_room(&png, 1 << 16));
	assert_ok(generator_load(gen, NULL), NULL);
	(void)draw(gen, 0, "ACEFHK");
	before = heap_bytes();
	for (uint64_t seed = 0; seed < 1000; seed++)
		(void)draw(gen, seed, "MWRAXK");
	assert_int_equal(heap_bytes(), before);
	generator_free(gen);
}

/* --- the content of a picture -------------------------------------------- */

static void check_frame(const struct generator_options *options, uint64_t seed,
			const char *text)
{
	struct generator *gen = make(options);
	struct picture picture = draw_decoded(gen, seed, text);

	assert_int_equal(picture.width_px, options->width_px);
	assert_int_equal(picture.height_px, options->height_px);
	assert_int_equal(picture.bits, 2);
	assert_int_equal(picture.type, PALETTE);
	assert_true(picture_has_border(&picture, options->margin_px));
	assert_true(picture_count_ink(&picture) > 4);
	picture_release(&picture);
	generator_free(gen);
}

static void ink_stays_inside_the_margins_at_any_size(void **state)
{
	static const int32_t sizes[][3] = {
		{60, 24, 0},	{60, 24, 6},	 {60, 500, 15},
		{1000, 24, 1},	{1000, 500, 0},	 {1000, 500, 125},
		{241, 81, 6},	{240, 80, 20},	 {61, 25, 2},
		{333, 111, 10}, {1000, 500, 10},
	};
	struct generator_options options = defaults();

	options.alphabet = FULL;
	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++) {
		options.width_px = sizes[i][0];
		options.height_px = sizes[i][1];
		options.margin_px = sizes[i][2];
		for (uint64_t seed = 0; seed < 12; seed++) {
			const int32_t offsets[] = {0, 1, options.width_px / 9};

			options.offset_px = offsets[seed % 3];
			check_frame(&options, seed, seed % 2 ? "W" : "ABC8W");
			check_frame(&options, seed, "MWMWMWMWMWMWMWMW");
		}
	}
}

static void every_length_and_character_can_be_drawn(void **state)
{
	static const char *const texts[] = {
		"ЖФЯШ", "ΩΨΣ", "3+6=", "ÉACE", "AЖΩ3-É", "ЖФЯШΩΨΣÉЖФЯШΩΨΣÉ"};
	struct generator_options options = defaults();
	char text[GENERATOR_TEXT_MAX + 1] = "";

	options.alphabet = FULL;
	for (size_t n = 1; n <= GENERATOR_TEXT_MAX; n++) {
		text[n - 1] = FULL[n * 2 % strlen(FULL)];
		check_frame(&options, n, text);
	}
	for (const char *c = FULL; *c; c++)
		check_frame(&options, 1, (const char[]){*c, '\0'});
	options = of_many_alphabets();
	options.difficulty = GENERATOR_EASY; /* no edges in the margin */
	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++)
		check_frame(&options, i, texts[i]);
}

/* A letter becomes as wide as others are, however slim its shape. */
static void the_slimmest_shape_far_out_is_drawn(void **state)
{
	static const int32_t sizes[][2] = {{240, 80}, {1000, 500}, {60, 24}};
	char path[600];

	(void)snprintf(path, sizeof(path), "%s", data_path("odd/slim.ttf"));
	for (int i = 0; i < 90; i++) {
		struct generator_options o = defaults();
		struct generator *gen;

		o.alphabet = "AB";
		o.fonts = path;
		o.width_px = sizes[i % 3][0];
		o.height_px = sizes[i % 3][1];
		o.difficulty = (enum generator_difficulty)(i / 3 % 3);
		gen = make(&o);
		(void)draw(gen, (uint64_t)i, "ABABAB");
		generator_free(gen);
	}
}

static uint64_t n_pictures(void)
{
	const char *fewer = getenv("CF_N_PICTURES");
	uint64_t n = fewer ? strtoull(fewer, NULL, 10) : MANY_PICTURES;

	assert_in_range(n, 1, MANY_PICTURES);
	return n;
}

/* 5 or 6 characters of an ASCII alphabet. */
static const char *draw_text(const char *alphabet, struct rng *rng)
{
	static char text[7];
	size_t len = 5 + rng_below(rng, 2);

	for (size_t k = 0; k < len; k++)
		text[k] = alphabet[rng_below(rng, (uint32_t)strlen(alphabet))];
	text[len] = '\0';
	return text;
}

/* A picture in two tones: 0 where the colour is nearer to that of the corner,
 * which is paper, else 1. */
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

/* How often n tones change. */
static int count_changes(const uint8_t *tones, int32_t n)
{
	int n_changes = 0;

	for (int32_t i = 1; i < n; i++)
		n_changes += tones[i] != tones[i - 1];
	return n_changes;
}

/*
 * Margins have no letters, only edges. A row changes tone at each edge; where
 * two edges meet, or one leaves the picture, changes are missing, and where an
 * edge hangs over, there are two more. How many rows of the margins have all
 * edges.
 */
static int check_margins(const uint8_t *tones, uint64_t seed)
{
	int n_edges = look_of(GENERATOR_NORMAL)->n_edges, n_full = 0;

	for (int32_t i = 0; i < 2 * 6; i++) {
		int32_t y = i < 6 ? i : 80 - 12 + i;
		int n_changes = count_changes(tones + y * 240, 240);

		if (n_changes > n_edges + 2)
			fail_msg("seed %d: row %d changes %d times", (int)seed,
				 y, n_changes);
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
	int64_t n_full = 0;

	options.difficulty = GENERATOR_NORMAL;
	options.alphabet = alphabet_characters("latin");
	gen = make(&options);
	rng_init(&rng, 1);
	for (uint64_t seed = 0; seed < n; seed++) {
		struct picture picture = draw_decoded(
			gen, seed, draw_text(options.alphabet, &rng));
		int32_t n_ink = 0;

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
	generator_free(gen);
}

/* Large, so that a gap of a hundredth of an em is some pixels wide. */
static void letters_come_close_but_do_not_touch(void **state)
{
	struct generator_options options = defaults();
	struct generator *gen;

	options.width_px = 960;
	options.height_px = 320;
	gen = make(&options);
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct picture picture = draw_decoded(gen, seed, "LTAFXH");

		/* a ragged corner may lose a pixel or two */
		assert_int_equal(picture_count_pieces(&picture, 10), 6);
		assert_in_range(picture_count_ink(&picture), 960 * 320 / 10,
				960 * 320 / 2);
		picture_release(&picture);
	}
	generator_free(gen);
}

static void set_colours_are_blended_from_paper_to_ink(void **state)
{
	struct generator_options options = defaults();
	struct generator *gen;
	struct picture picture;
	size_t n_ink = 0;

	assert_true(generator_parse_colour("#1040a0", &options.ink));
	assert_true(generator_parse_colour("#FFe0a0", &options.paper));
	gen = make(&options);
	picture = draw_decoded(gen, 5, "HLRAX");
	assert_memory_equal(picture.rgb, "\xff\xe0\xa0", 3);
	for (int32_t y = 0; y < 80; y++)
		for (int32_t x = 0; x < 240; x++) {
			const uint8_t *c = picture_at(&picture, x, y);

			assert_in_range(c[0], 0x10, 0xff);
			assert_in_range(c[1], 0x40, 0xe0);
			assert_int_equal(c[2], 0xa0);
			n_ink += !memcmp(c, "\x10\x40\xa0", 3);
		}
	assert_true(n_ink > 500);
	picture_release(&picture);
	generator_free(gen);
}

/* And bytes that are no picture stay as they are. */
static void a_picture_changes_into_that_of_the_other_theme(void **state)
{
	struct generator_options options = defaults();
	char other[] = "no picture, but as long as one without pixels is: "
		       "that has a signature, an IHDR, a PLTE, an IDAT and "
		       "an IEND";
	char before[sizeof(other)];

	options.difficulty = GENERATOR_NORMAL;
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct generator *dark, *light;
		uint64_t hash;

		options.theme = GENERATOR_THEME_DARK;
		dark = make(&options);
		hash = draw_hash(dark, seed, "HLRAX");
		options.theme = GENERATOR_THEME_LIGHT;
		light = make(&options);
		assert_int_not_equal(draw_hash(light, seed, "HLRAX"), hash);
		generator_set_theme(png.ptr, png.len, GENERATOR_THEME_DARK);
		assert_int_equal(hash_bytes(1, (struct str){png.ptr, png.len}),
				 hash);
		generator_free(dark);
		generator_free(light);
	}
	memcpy(before, other, sizeof(other));
	generator_set_theme(other, sizeof(other), GENERATOR_THEME_DARK);
	generator_set_theme(other, 10, GENERATOR_THEME_DARK);
	assert_memory_equal(other, before, sizeof(other));
}

/* --- the length of a file ------------------------------------------------ */

/* The chunks are where they always are, so their lengths are the same. */
static void check_chunks(struct str file, size_t step)
{
	assert_int_equal(file.len, step);
	assert_memory_equal(file.ptr + 8 + 4, "IHDR", 4);
	assert_memory_equal(file.ptr + 33 + 4, "PLTE", 4);
	assert_memory_equal(file.ptr + IDAT_AT + 4, "IDAT", 4);
	assert_int_equal((uint8_t)file.ptr[IDAT_AT + 1] << 16 |
				 (uint8_t)file.ptr[IDAT_AT + 2] << 8 |
				 (uint8_t)file.ptr[IDAT_AT + 3],
			 step - IDAT_AT - 12 - 12);
	assert_memory_equal(file.ptr + step - 12, "\0\0\0\0IEND", 8);
}

/*
 * The lengths of a file and of its chunks tell nothing of the text. WWWWWW has
 * the longest outlines: nearly every second hard picture of it takes more than
 * its step, and is drawn anew.
 */
static void lengths_say_nothing_of_the_text(void **state)
{
	static const int32_t sizes[][3] = {
		{240, 80, 3000}, {120, 40, 200}, {160, 60, 200},
		{200, 70, 200},	 {300, 100, 200}, {320, 80, 200},
		{480, 160, 200}, {1000, 500, 30}, {60, 24, 200},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++)
		for (int d = 0; d < GENERATOR_DIFFICULTY_COUNT; d++) {
			struct generator_options options = defaults();
			size_t step = png_step_bytes(sizes[i][0], sizes[i][1]);
			struct generator *gen;
			struct rng rng;

			options.width_px = sizes[i][0];
			options.height_px = sizes[i][1];
			options.difficulty = (enum generator_difficulty)d;
			gen = make(&options);
			rng_init(&rng, 1);
			for (int32_t k = 0; k < sizes[i][2]; k++) {
				const char *text = draw_text(ALPHABET, &rng);

				if (!i && k % 4 == 0)
					text = "WWWWWW";
				check_chunks(draw(gen, (uint64_t)k, text),
					     step);
			}
			generator_free(gen);
		}
}

/* --- refusals ------------------------------------------------------------ */

static void colours_are_parsed_strictly(void **state)
{
	static const char *const bad[] = {
		"",	  "#",	     "auto ",  "Auto",	  "#12345", "#1234567",
		"123456", "#12345g", "# 2345", "#+12345", "red",
	};
	struct generator_colour colour;

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

static void a_text_that_cannot_be_drawn_is_not_repeated(void **state)
{
	static const char *const texts[] = {
		"",	    "Б",    "AБ",   "A\xff", "A\xd0", "A C",
		"A\xcc\x81", "AC\n", "ACQ", "A\xc3\xa4", "ACB", "0",
		"AAAAAAAAAAAAAAAAA", "ЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖЖ"};
	struct generator_options o = of_many_alphabets();
	struct generator *gen = make(&o);

	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++) {
		struct cf_error err = CF_ERROR_INIT;

		buf_reset(&png);
		assert_status(generator_draw(gen, 1, texts[i], &png, &err),
			      CF_BAD_INPUT, &err);
		assert_int_equal(png.len, 0);
		if (strlen(texts[i]) > 1)
			assert_null(strstr(err.text, texts[i]));
	}
	(void)draw(gen, 1, "ACE"); /* and it goes on */
	generator_free(gen);
}

static void check_load_fails(const struct generator_options *options,
			     enum cf_status status, const char *named)
{
	struct cf_error err = CF_ERROR_INIT;
	struct generator *gen = make(options);

	for (int i = 0; i < 2; i++) { /* the second time alike */
		assert_status(generator_load(gen, &err), status, &err);
		assert_has(err.text, named);
		assert_int_equal(generator_n_faces(gen), 0);
	}
	generator_free(gen);
}

static void options_out_of_range_are_named(void **state)
{
#define FIELD(name) offsetof(struct generator_options, name)
	static const struct {
		size_t field;
		int32_t value;
		const char *named;
	} rows[] = {
		{FIELD(width_px), 59, "width is 59: 60 to 1000"},
		{FIELD(width_px), 1001, "width is 1001"},
		{FIELD(width_px), INT32_MAX, "width"},
		{FIELD(height_px), 23, "height is 23: 24 to 500"},
		{FIELD(height_px), 501, "height"},
		{FIELD(height_px), INT32_MIN, "height"},
		{FIELD(margin_px), -1, "margin"},
		{FIELD(margin_px), 21, "margin is 21: 0 to 20"},
		{FIELD(offset_px), -1, "offset"},
		{FIELD(offset_px), 241, "offset is 241: 0 to 240"},
		{FIELD(difficulty), 3, "difficulty is 3: 0 to 2"},
		{FIELD(theme), 3, "theme is 3: 0 to 2"},
	};
#undef FIELD

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct generator_options o = defaults();

		memcpy((char *)&o + rows[i].field, &rows[i].value,
		       sizeof(rows[i].value));
		check_load_fails(&o, CF_CONFIG, rows[i].named);
	}
}

static void bad_alphabets_and_colours_are_named(void **state)
{
	static const struct {
		const char *alphabet, *ink, *paper, *named; /* NULL: taken */
	} rows[] = {
		{"", "auto", "auto", "alphabet"},
		{"AB C", "auto", "auto", "3 (U+0020)"},
		{"AB\xc4", "auto", "auto", "byte 3 (0xC4)"},
		{"AB\xcc\x81", "auto", "auto", "3 (U+0301)"},
		{"A", "#777777", "#808080",
		 "ink #777777 on paper #808080 has a contrast of 1.13"},
		{"A", "#777777", "#ffffff", NULL}, /* 4.48 */
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct generator_options o = defaults();

		o.alphabet = rows[i].alphabet;
		assert_true(generator_parse_colour(rows[i].ink, &o.ink));
		assert_true(generator_parse_colour(rows[i].paper, &o.paper));
		if (rows[i].named)
			check_load_fails(&o, CF_CONFIG, rows[i].named);
		else
			check_frame(&o, 1, "A");
	}
}

static void unusable_fonts_are_named(void **state)
{
	static const struct {
		const char *alphabet;
		const char *font; /* of tests/data, or a path */
		const char *named;
	} rows[] = {
		{"A", "/nonexistent/a.ttf", "/nonexistent/a.ttf"},
		{"A", "sans.ttf:/nonexistent/dir", "/nonexistent/dir"},
		/* a directory without fonts */
		{"A", "/proc/self/fd",
		 "no .ttf, .otf or .ttc file in /proc/self/fd"},
		{"A", "README", "README"},
		{"A", ":::", "no file"},
		{"AQ", "serif-no-q.ttf",
		 "serif-no-q.ttf has no character 'Q' (U+0051): take"},
		{"AЖ", "sans.ttf", "sans.ttf has no character 'Ж' (U+0416)"},
		{"AB", "odd/point.ttf", "has no ink in 'A' (U+0041): take"},
		{"AB", "odd/line.ttf", "has no ink in 'A' (U+0041): take"},
		{"AB", "odd/speck.ttf", "has no ink in 'A' (U+0041): take"},
		{"AB", "odd/blank.ttf", "no shape for 'B' (U+0042)"},
		{"AB", "odd/far.ttf",
		 "ink far from where letters lie in 'A' (U+0041): take"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct generator_options o = defaults();
		bool is_path = rows[i].font[0] == '/' || rows[i].font[0] == ':';
		char path[600];

		o.alphabet = rows[i].alphabet;
		o.fonts = is_path ? rows[i].font : path;
		(void)snprintf(path, sizeof(path), "%s",
			       data_path(rows[i].font));
		check_load_fails(&o, CF_FONT, rows[i].named);
	}
}

static void a_full_buffer_is_too_large(void **state)
{
	struct generator_options o = defaults();
	struct generator *gen = make(&o);
	struct buf out;

	buf_init(&out, 500);
	assert_int_equal(generator_draw(gen, 1, "ACEFH", &out, NULL),
			 CF_TOO_LARGE);
	buf_release(&out);
	generator_free(gen);
}

/* --- lists of fonts ------------------------------------------------------ */

/* A line for each face. */
static void list_face(void *ctx, const struct generator_face *face)
{
	struct buf *out = ctx;
	const char *name = strrchr(face->path, '/');

	buf_addf(out, "%s '%s'", name ? name + 1 : face->path, face->family);
	for (size_t i = 0; i < face->n_lacks; i++)
		buf_addf(out, " lacks U+%04X", (unsigned)face->lacks[i]);
	buf_addf(out, "%s\n", face->trouble ? " cannot be read" : "");
}

static void check_faces(const char *list, const char *alphabet,
			const char *want)
{
	struct generator_options o = defaults();
	struct cf_error err = CF_ERROR_INIT;
	struct generator *gen;
	struct buf out;

	o.fonts = list;
	o.alphabet = alphabet;
	gen = make(&o);
	buf_init(&out, 1 << 16);
	assert_ok(generator_inspect(gen, list_face, &out, &err), &err);
	assert_string_equal(out.ptr, want);
	buf_release(&out);
	generator_free(gen);
}

static void faces_are_inspected_one_by_one(void **state)
{
	char names[3000];
	size_t n;

	n = (size_t)snprintf(names, sizeof(names), "%s:", font_of_many);
	n += (size_t)snprintf(names + n, sizeof(names) - n, "%s:",
			      data_path("serif-no-q.ttf"));
	(void)snprintf(names + n, sizeof(names) - n, "%s",
		       data_path("README"));
	check_faces(names, "AЖQ",
		    "alphabets.ttc 'DejaVu Sans'\n"
		    "serif-no-q.ttf 'captcha-fcgi test serif'"
		    " lacks U+0051 lacks U+0416\n"
		    "README '' cannot be read\n");
}

static void a_directory_gives_its_faces_in_order(void **state)
{
	char dir[600];

	(void)snprintf(dir, sizeof(dir), "%s", data_path(""));
	dir[strlen(dir) - 1] = '\0';
	check_faces(dir, "A",
		    "alphabets.ttc 'DejaVu Sans'\n"
		    "cubic.otf 'captcha-fcgi test cubic'\n"
		    "sans.ttf 'captcha-fcgi test sans'\n"
		    "serif-no-q.ttf 'captcha-fcgi test serif'\n");
}

static void lists_have_their_limits(void **state)
{
	struct generator_options o = defaults();
	struct generator *gen;
	struct buf list;

	buf_init(&list, 1 << 20);
	for (int i = 0; i < 64; i++)
		buf_addf(&list, "%s%s", i ? ":" : "", data_path("sans.ttf"));
	o.fonts = list.ptr;
	gen = make(&o);
	assert_ok(generator_load(gen, NULL), NULL);
	assert_int_equal(generator_n_faces(gen), 64);
	generator_free(gen);
	buf_addf(&list, ":%s", data_path("sans.ttf"));
	o.fonts = list.ptr;
	check_load_fails(&o, CF_FONT, "64");
	buf_reset(&list);
	for (int i = 0; i < 5000; i++)
		buf_add_char(&list, 'x');
	o.fonts = list.ptr;
	check_load_fails(&o, CF_FONT, "longer than");
	buf_release(&list);
}

static size_t count_built_in(const char *alphabet)
{
	struct generator_options o = defaults();
	struct generator *gen;
	size_t n;

	o.alphabet = alphabet;
	o.fonts = "";
	check_frame(&o, 1, "A");
	gen = make(&o);
	assert_ok(generator_load(gen, NULL), NULL);
	n = generator_n_faces(gen);
	generator_free(gen);
	return n;
}

/* Where nothing was installed for the program. */
static void built_in_faces_that_lack_a_letter_are_passed_over(void **state)
{
	size_t n_latin = count_built_in("ACE");

	assert_in_range(n_latin, 20, 64);
	assert_in_range(count_built_in("AΩЖ"), 8, n_latin - 1);
}

static void check_readable(void *ctx, const struct generator_face *face)
{
	(void)ctx;
	assert_int_equal(access(face->path, R_OK), 0);
}

/* Whether the machine has a font with É decides: it is loaded, or the message
 * says what to install. */
static void other_fonts_are_found_or_have_a_remedy(void **state)
{
	struct generator_options o = defaults();
	struct cf_error err = CF_ERROR_INIT;
	struct generator *gen;

	o.fonts = "";
	o.alphabet = "AÉ";
	gen = make(&o);
	if (generator_load(gen, &err)) {
		assert_int_equal(err.status, CF_FONT);
		assert_has(err.text, "fonts-dejavu-core");
		assert_has(err.text, "set `fonts`");
	} else {
		assert_in_range(generator_n_faces(gen), 1, 64);
		assert_ok(generator_inspect(gen, check_readable, NULL, &err),
			  &err);
	}
	generator_free(gen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pinned_seeds_give_pinned_files),
		cmocka_unit_test(spellings_of_one_text_give_one_picture),
		cmocka_unit_test(a_first_draw_is_like_any_other),
		cmocka_unit_test(a_first_draw_of_any_letter_is_like_any_other),
		cmocka_unit_test(options_may_be_freed_after_new),
		cmocka_unit_test(drawing_leaves_the_heap_as_it_was),
		cmocka_unit_test(ink_stays_inside_the_margins_at_any_size),
		cmocka_unit_test(every_length_and_character_can_be_drawn),
		cmocka_unit_test(the_slimmest_shape_far_out_is_drawn),
		cmocka_unit_test(each_of_many_pictures_keeps_the_rules),
		cmocka_unit_test(letters_come_close_but_do_not_touch),
		cmocka_unit_test(set_colours_are_blended_from_paper_to_ink),
		cmocka_unit_test(
			a_picture_changes_into_that_of_the_other_theme),
		cmocka_unit_test(lengths_say_nothing_of_the_text),
		cmocka_unit_test(colours_are_parsed_strictly),
		cmocka_unit_test(a_text_that_cannot_be_drawn_is_not_repeated),
		cmocka_unit_test(options_out_of_range_are_named),
		cmocka_unit_test(bad_alphabets_and_colours_are_named),
		cmocka_unit_test(unusable_fonts_are_named),
		cmocka_unit_test(a_full_buffer_is_too_large),
		cmocka_unit_test(faces_are_inspected_one_by_one),
		cmocka_unit_test(a_directory_gives_its_faces_in_order),
		cmocka_unit_test(lists_have_their_limits),
		cmocka_unit_test(
			built_in_faces_that_lack_a_letter_are_passed_over),
		cmocka_unit_test(other_fonts_are_found_or_have_a_remedy),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
