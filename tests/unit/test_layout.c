/*
 * layout.c: letters keep their order, stand where an offset says, stay inside
 * the room, and a squeezed or leaning letter counts as not legible.
 */
#include "base/base.h"
#include "base/alphabet.h"
#include "image/layout.h"
#include "image/warp.h"
#include "tests/support/check.h"
#include "tests/support/shapes.h"

enum {
	SEEDS = 2000,
};

static const char all[] = "ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789";

static struct glyphs *glyphs;
static struct outline outline, edges;
static struct warp warp; /* of the word drawn last */
static const struct warp still; /* moves nothing */

static int set_up(void **state)
{
	size_t max_points;

	glyphs = shapes_load(all, "sans.ttf serif-no-q.ttf");
	max_points = 2 * glyphs_max_points(glyphs) * LAYOUT_LETTERS_MAX;
	return outline_init(&outline, max_points) &&
			       outline_init(&edges, LAYOUT_EDGE_POINTS *
							    LAYOUT_LETTERS_MAX +
							    2)
		       ? 0 : -1;
}

static int tear_down(void **state)
{
	outline_release(&outline);
	outline_release(&edges);
	glyphs_free(glyphs);
	return 0;
}

static struct box room_of(int32_t width_px, int32_t height_px,
			  int32_t margin_px)
{
	return (struct box){margin_px * ONE_PX, margin_px * ONE_PX,
			    (width_px - margin_px) * ONE_PX,
			    (height_px - margin_px) * ONE_PX};
}

/* The layout of the default picture. */
static struct layout layout_of(enum generator_difficulty difficulty)
{
	return (struct layout){.look = look_of(difficulty),
			       .room = room_of(240, 80, 6)};
}

/* n random letters of the default alphabet. */
static void draw_text(struct rng *rng, uint32_t *text, size_t n)
{
	const char *latin = alphabet_characters("latin");

	for (size_t i = 0; i < n; i++)
		text[i] = (uint32_t)latin[rng_below(rng,
						    (uint32_t)strlen(latin))];
}

static void draw_word_of(const struct glyphs *shapes,
			 const struct layout *layout, const struct warp *by,
			 const uint32_t *text, size_t n, struct rng *rng,
			 struct word *word)
{
	outline.n_points = outline.n_contours = 0;
	edges.n_points = edges.n_contours = 0;
	*word = (struct word){.outline = &outline, .edges = &edges};
	layout_word(layout, shapes, by, text, n, rng, word);
	assert_int_equal(word->n, n);
	assert_int_equal(word->ends[n - 1], outline.n_points);
}

static void draw_word(const struct layout *layout, const uint32_t *text,
		      size_t n, struct rng *rng, struct word *word)
{
	warp_init(&warp, layout->look, rng, layout_em(layout, n));
	draw_word_of(glyphs, layout, &warp, text, n, rng, word);
}

/* Twice its middle. */
static int32_t middle_of(const struct word *word, size_t i)
{
	struct box box = layout_letter(word, i);

	return box.x0 + box.x1;
}

/* Whether letters follow each other from left to right. */
static bool is_in_order(const struct word *word)
{
	for (size_t i = 1; i < word->n; i++)
		if (middle_of(word, i) <= middle_of(word, i - 1))
			return false;
	return true;
}

static bool is_inside(const struct word *word, struct box room)
{
	for (size_t i = 0; i < word->n; i++) {
		struct box box = layout_letter(word, i);

		if (box.x0 < room.x0 || box.x1 > room.x1 || box.y0 < room.y0 ||
		    box.y1 > room.y1)
			return false;
	}
	return true;
}

/* The x of an edge at a height: its points go down in even steps. */
static int32_t edge_at(size_t edge, int32_t y)
{
	const struct point *p = edges.points + edge * LAYOUT_EDGE_POINTS;
	size_t i = 0;

	while (i + 2 < LAYOUT_EDGE_POINTS && p[i + 1].y < y)
		i++;
	return p[i].x + (int32_t)((int64_t)(p[i + 1].x - p[i].x) *
				  (y - p[i].y) / (p[i + 1].y - p[i].y));
}

/* Whether no point of a letter lies beyond the edge at its left or right. */
static bool is_clear(const struct word *word, size_t edge, size_t first,
		     size_t end, int32_t side)
{
	for (size_t i = first; i < end; i++) {
		struct point p = word->outline->points[i];

		if ((p.x - edge_at(edge, p.y)) * side < 0)
			return false;
	}
	return true;
}

static void edges_pass_between_letters(void **state)
{
	struct layout layout = layout_of(GENERATOR_HARD);

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		uint32_t text[6];
		struct word word;
		struct rng rng;
		size_t edge = 0;

		rng_init(&rng, seed);
		draw_text(&rng, text, 6);
		layout.edges = seed % 32;
		draw_word(&layout, text, 6, &rng, &word);
		for (size_t i = 0; i < 5; i++) {
			size_t end = word.ends[i];

			if (!(layout.edges >> i & 1))
				continue;
			assert_true(is_clear(&word, edge, 0, end, -1));
			assert_true(is_clear(&word, edge, end, word.ends[i + 1],
					     1));
			edge++;
		}
		assert_int_equal(edges.n_contours, edge);
		assert_int_equal(edges.n_points, edge * LAYOUT_EDGE_POINTS);
	}
}

/* Words of the default picture. Two of five are legible as they are placed
 * first. */
static void words_keep_order_and_room_and_are_mostly_legible(void **state)
{
	for (int d = 0; d < GENERATOR_DIFFICULTY_COUNT; d++) {
		struct layout layout = layout_of((enum generator_difficulty)d);
		int n_legible = 0;

		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			size_t n = 5 + seed % 2;
			uint32_t text[LAYOUT_LETTERS_MAX];
			struct word word;
			struct rng rng;

			rng_init(&rng, seed);
			draw_text(&rng, text, n);
			draw_word(&layout, text, n, &rng, &word);
			assert_true(is_in_order(&word));
			warp_bend(&warp, &outline);
			layout_fit(&layout, &rng, &word);
			assert_true(is_in_order(&word));
			assert_true(is_inside(&word, layout.room));
			n_legible += layout_is_legible(&layout, &word);
		}
		assert_in_range(n_legible, SEEDS * 2 / 5, SEEDS);
	}
}

static void any_room_and_offset_hold_the_word(void **state)
{
	static const int32_t sizes[][3] = {
		{60, 24, 6},	{60, 24, 0},	 {60, 500, 15},
		{1000, 24, 6},	{1000, 500, 10}, {1000, 500, 125},
		{2, 2, 0},	{1, 1, 0},
	};
	static const int32_t offsets_px[] = {0, 1, 40, 1000};

	for (size_t i = 0; i < CF_ARRAY_LEN(sizes); i++)
		for (uint64_t seed = 0; seed < 320; seed++) {
			size_t n = 1 + seed % LAYOUT_LETTERS_MAX;
			struct layout layout = layout_of(
				(enum generator_difficulty)(seed % 3));
			uint32_t text[LAYOUT_LETTERS_MAX];
			struct word word;
			struct rng rng;

			layout.room = room_of(sizes[i][0], sizes[i][1],
					      sizes[i][2]);
			layout.offset_px = offsets_px[seed % 4];
			rng_init(&rng, seed);
			draw_text(&rng, text, n);
			draw_word(&layout, text, n, &rng, &word);
			warp_bend(&warp, &outline);
			layout_fit(&layout, &rng, &word);
			assert_true(is_inside(&word, layout.room));
		}
}

/* A letter below an overhang begins past three quarters of the letter before,
 * and a fifth of its width lies past nine tenths of that letter. */
static void no_letter_hides_under_another(void **state)
{
	static const char *const texts[] = {"TATATA", "FAFAFA", "PLPJPA",
					    "LTLTLT", "7A7A7A", "AVAVAV"};
	struct layout layout = layout_of(GENERATOR_HARD);

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		const char *ascii = texts[seed % CF_ARRAY_LEN(texts)];
		uint32_t text[6];
		struct word word;
		struct rng rng;

		for (size_t i = 0; i < 6; i++)
			text[i] = (uint32_t)ascii[i];
		rng_init(&rng, seed);
		draw_word(&layout, text, 6, &rng, &word);
		for (size_t i = 1; i < 6; i++) {
			struct box a = layout_letter(&word, i - 1);
			struct box b = layout_letter(&word, i);
			int32_t wide = a.x1 - a.x0;

			/* two parts of a pixel are for rounding */
			assert_true(b.x0 + 2 >= a.x0 + wide * 75 / 100);
			assert_true(b.x0 + (b.x1 - b.x0) / 5 + 2 >=
				    a.x0 + wide * 9 / 10);
		}
	}
}

/* And a word that fits into the room is moved, not stretched. */
static void an_offset_sets_where_letters_begin(void **state)
{
	static const int32_t offsets_px[] = {1, 10, 25, 40, 240};

	for (uint64_t seed = 0; seed < 250; seed++) {
		struct layout layout = layout_of(GENERATOR_HARD);
		struct box before[6];
		uint32_t text[6];
		struct word word;
		struct rng rng;

		layout.offset_px = offsets_px[seed % 5];
		rng_init(&rng, seed);
		draw_text(&rng, text, 6);
		draw_word(&layout, text, 6, &rng, &word);
		for (size_t i = 0; i < 6; i++) {
			before[i] = layout_letter(&word, i);
			assert_int_equal(before[i].x0, (int32_t)i *
					 layout.offset_px * ONE_PX);
		}
		layout.room = room_of(2000, 240, 6);
		layout_fit(&layout, &rng, &word);
		for (size_t i = 0; i < 6; i++) {
			struct box box = layout_letter(&word, i);

			assert_int_equal(box.x1 - box.x0,
					 before[i].x1 - before[i].x0);
			assert_int_equal(box.y1 - box.y0,
					 before[i].y1 - before[i].y0);
		}
	}
}

/* A letter that its face draws slim or flat would pass for a part of its
 * neighbour. A stretched sign would pass for another sign. */
static void slim_letters_are_widened_and_signs_are_not(void **state)
{
	static const uint32_t text[] = {'I', '-', '1', '=', 'E', '+'};
	struct glyphs *shapes = shapes_load("IE1+-=", "alphabets.ttc");
	struct layout layout = layout_of(GENERATOR_NORMAL);
	int32_t em = layout_em(&layout, 6);

	for (uint64_t seed = 0; seed < 300; seed++) {
		struct word word;
		struct rng rng;

		rng_init(&rng, seed);
		draw_word_of(shapes, &layout, &still, text, 6, &rng, &word);
		for (size_t i = 0; i < 6; i++) {
			struct box box = layout_letter(&word, i);
			/* rounding takes some parts of a pixel */
			int32_t width = box.x1 - box.x0 + 4;
			int32_t height = box.y1 - box.y0 + 4;

			if (i % 2 == 0) {
				assert_true(width >= em * 45 / 100);
				assert_true(height >= em * 48 / 100);
			}
			/* turned, a minus may be some 0.3 em high */
			if (text[i] == '-')
				assert_true(height < em * 46 / 100);
		}
	}
	glyphs_free(shapes);
}

/* --- legible ------------------------------------------------------------- */

/* A word whose letters are boxes, side by side, width_px and height_px each. */
static void box_word(struct word *word, const uint32_t *text,
		     const int32_t (*sizes_px)[2])
{
	int32_t x = 6;

	outline.n_points = outline.n_contours = 0;
	*word = (struct word){.outline = &outline, .text = text, .n = 4};
	for (size_t i = 0; i < 4; i++) {
		int32_t w = sizes_px[i][0], h = sizes_px[i][1];
		const struct point corners[] = {
			{x * ONE_PX, 6 * ONE_PX},
			{(x + w) * ONE_PX, 6 * ONE_PX},
			{(x + w) * ONE_PX, (6 + h) * ONE_PX},
			{x * ONE_PX, (6 + h) * ONE_PX},
		};

		memcpy(outline.points + outline.n_points, corners,
		       sizeof(corners));
		outline.n_points += 4;
		word->ends[i] = outline.n_points;
		word->maps[i] = (struct linear){GLYPH_EM, 0, 0, GLYPH_EM};
		x += w;
	}
}

/*
 * In a room of 228x68 each of four letters has 57 px: 64 % of it are 36.48,
 * and 40 % of the height 27.2. Signs may be slim and flat.
 */
static void squeezed_or_leaning_letters_are_not_legible(void **state)
{
	static const struct {
		uint32_t text[4];
		int32_t sizes_px[4][2];
		bool is_legible;
	} rows[] = {
		{{'A', 'B', 'C', 'W'},
		 {{50, 60}, {50, 60}, {50, 60}, {50, 60}}, true},
		{{'A', 'B', 'C', 'W'},
		 {{37, 29}, {37, 29}, {37, 29}, {37, 29}}, true},
		{{'A', 'B', 'C', 'W'},
		 {{36, 60}, {50, 60}, {50, 60}, {50, 60}}, false},
		{{'A', 'B', 'C', 'W'},
		 {{50, 60}, {50, 60}, {50, 60}, {36, 60}}, false},
		{{'A', 'B', 'C', 'W'},
		 {{50, 27}, {50, 60}, {50, 60}, {50, 60}}, false},
		{{'A', 'B', 'C', 'W'},
		 {{50, 60}, {50, 60}, {50, 60}, {50, 27}}, false},
		{{'4', '-', '=', '+'},
		 {{50, 60}, {10, 3}, {12, 8}, {9, 9}}, true},
		{{'4', 'I', 0x0416, '7'},
		 {{50, 60}, {10, 3}, {12, 8}, {9, 9}}, false},
	};
	struct layout layout = layout_of(GENERATOR_NORMAL);
	struct word word;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		box_word(&word, rows[i].text, rows[i].sizes_px);
		if (layout_is_legible(&layout, &word) != rows[i].is_legible)
			fail_msg("row %zu", i);
	}
	for (size_t i = 0; i < 4; i++) {
		box_word(&word, rows[0].text, rows[0].sizes_px);
		word.maps[i].xy = GLYPH_EM;
		assert_false(layout_is_legible(&layout, &word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			words_keep_order_and_room_and_are_mostly_legible),
		cmocka_unit_test(edges_pass_between_letters),
		cmocka_unit_test(any_room_and_offset_hold_the_word),
		cmocka_unit_test(no_letter_hides_under_another),
		cmocka_unit_test(an_offset_sets_where_letters_begin),
		cmocka_unit_test(slim_letters_are_widened_and_signs_are_not),
		cmocka_unit_test(squeezed_or_leaning_letters_are_not_legible),
	};

	return cmocka_run_group_tests_name("layout", tests, set_up, tear_down);
}
