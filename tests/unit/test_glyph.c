/*
 * glyph.c: shapes of the pinned faces, and faces that are left out.
 */
#include "base/base.h"
#include "base/mem.h"
#include "image/raster.h"
#include "tests/support/check.h"
#include "tests/support/picture.h"
#include "tests/support/shapes.h"

#define FACES "sans.ttf serif-no-q.ttf cubic.otf"

enum {
	EM_PX = 80,
	N_FACES = 3
};

static const char all[] = "ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789";

static const struct glyph *get(const struct glyphs *glyphs, size_t face,
			       char letter)
{
	const struct glyph *glyph = glyphs_get(glyphs, face, (uint32_t)letter);

	assert_non_null(glyph);
	return glyph;
}

/* Contours follow each other, and no piece is too long to bend. */
static void check_sound(const struct glyph *g, size_t max_points)
{
	size_t first = 0;

	assert_in_range(g->n_points, 3, max_points);
	assert_in_range(g->n_contours, 1, g->n_points);
	for (size_t i = 0; i < g->n_contours; i++) {
		struct glyph_point a = g->points[g->ends[i] - 1];

		assert_true(g->ends[i] > first);
		for (; first < g->ends[i]; first++) {
			struct glyph_point b = g->points[first];

			assert_true(abs(a.x - b.x) <= GLYPH_EM / 6);
			assert_true(abs(a.y - b.y) <= GLYPH_EM / 6);
			a = b;
		}
	}
	assert_int_equal(first, g->n_points);
}

static void every_character_has_a_sound_shape(void **state)
{
	struct glyphs *glyphs = shapes_load(all, FACES);

	assert_int_equal(glyphs_n_faces(glyphs), N_FACES);
	for (size_t face = 0; face < N_FACES; face++)
		for (const char *c = all; *c; c++)
			check_sound(get(glyphs, face, *c),
				    glyphs_max_points(glyphs));
	glyphs_free(glyphs);
}

/*
 * The faces of tests/data have few letters in lower case; those of fonts/ have
 * all. Of face-05 and face-11 (an italic and a heavy one) a is taken for o or
 * u. In face-07, which is upright, the counter is large too, but has a roof.
 */
static void only_safe_lower_case_forms_are_there(void **state)
{
	static const struct {
		const char *file, *wanted, *there, *not_there;
	} rows[] = {
		{"sans.ttf", "AEHKLMNPRBC9", "AEHKLMNPRBC9ae",
		 "hklnrpbcUu0 \x7f"},
		{"../../fonts/face-01.ttf", "AEHMNRTU", "AEHMNRTUaem", "hnrtu"},
		{"../../fonts/face-05.ttf", "AEM", "AEMem", "a"},
		{"../../fonts/face-07.ttf", "AEM", "AEMaem", ""},
		{"../../fonts/face-11.ttf", "AEM", "AEMem", "a"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct glyphs *glyphs =
			shapes_load(rows[i].wanted, rows[i].file);

		for (const char *c = rows[i].there; *c; c++)
			(void)get(glyphs, 0, *c);
		for (const char *c = rows[i].not_there; *c; c++)
			assert_null(glyphs_get(glyphs, 0, (uint32_t)*c));
		assert_null(glyphs_get(glyphs, 0, 0xe4));
		assert_null(glyphs_get(glyphs, 0, 0));
		assert_null(glyphs_get(glyphs, 0, UINT32_MAX));
		glyphs_free(glyphs);
	}
}

/* An I without serifs is one stroke, and an L two that are about as thick. */
static void a_shape_has_the_thickness_of_its_strokes(void **state)
{
	struct glyphs *glyphs = shapes_load("IL", "sans.ttf");
	const struct glyph *i = get(glyphs, 0, 'I'), *l = get(glyphs, 0, 'L');
	int32_t x0 = INT32_MAX, x1 = INT32_MIN;

	for (size_t k = 0; k < i->n_points; k++) {
		x0 = i->points[k].x < x0 ? i->points[k].x : x0;
		x1 = i->points[k].x > x1 ? i->points[k].x : x1;
	}
	/* its ends are sides, too: a stroke five times as long as thick */
	assert_in_range(i->stroke, (x1 - x0) * 75 / 100, x1 - x0);
	assert_in_range(l->stroke, i->stroke * 85 / 100, i->stroke * 115 / 100);
	/* and hairs are as thick, where no strokes are thinner */
	assert_in_range(i->hair, x1 - x0 - 2, x1 - x0);
	glyphs_free(glyphs);
}

/* The bars of face-02, a serif, are a third as thick as its stems. */
static void a_shape_has_the_thickness_of_its_hairs(void **state)
{
	struct glyphs *glyphs = shapes_load("H", "../../fonts/face-02.ttf");
	const struct glyph *h = get(glyphs, 0, 'H');

	(void)state;
	assert_in_range(h->hair, GLYPH_EM * 55 / 1000, GLYPH_EM * 65 / 1000);
	assert_true(h->hair * 2 < h->stroke * 11 / 10);
	glyphs_free(glyphs);
}

/* Of faces with and without serifs; P, R and H show it. */
static void faces_with_serifs_are_told(void **state)
{
	static const struct {
		const char *file;
		bool has_serifs;
	} rows[] = {
		{"../../fonts/face-01.ttf", false},
		{"../../fonts/face-02.ttf", true},
		{"../../fonts/face-05.ttf", false},
		{"../../fonts/face-11.ttf", true},
		{"../../fonts/face-16.ttf", false},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct glyphs *glyphs = shapes_load("HPRX", rows[i].file);

		assert_int_equal(get(glyphs, 0, 'R')->has_serifs,
				 rows[i].has_serifs);
		assert_int_equal(get(glyphs, 0, 'X')->has_serifs,
				 rows[i].has_serifs);
		glyphs_free(glyphs);
	}
}

/* In face-10 the 1 has the serifs of an I. The signs of face-08 are wedges and
 * a star. In face-14 a 0 has a slash, in face-19 a dot. */
static void shapes_that_people_misread_are_odd(void **state)
{
	static const struct {
		const char *file, *odd, *plain;
	} rows[] = {
		{"../../fonts/face-01.ttf", "", "017+-=?"},
		{"../../fonts/face-08.ttf", "+-=", "017?"},
		{"../../fonts/face-10.ttf", "1", "07+-=?"},
		{"../../fonts/face-14.ttf", "0", "17+-=?"},
		{"../../fonts/face-19.ttf", "0", "17+-=?"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct glyphs *glyphs = shapes_load("017+-=?", rows[i].file);

		for (const char *c = rows[i].odd; *c; c++)
			assert_true(get(glyphs, 0, *c)->is_odd);
		for (const char *c = rows[i].plain; *c; c++)
			assert_false(get(glyphs, 0, *c)->is_odd);
		glyphs_free(glyphs);
	}
}

/* Fill a shape of a face, 40 px to the em. */
static void fill(struct raster *raster, const struct glyphs *glyphs,
		 size_t face, char letter)
{
	const struct glyph *g = get(glyphs, face, letter);
	struct outline outline;

	assert_true(outline_init(&outline, g->n_points));
	for (size_t i = 0; i < g->n_points; i++)
		outline.points[outline.n_points++] =
			(struct point){g->points[i].x * 40 / 16 + 10 * ONE_PX,
				       g->points[i].y * 40 / 16 + 45 * ONE_PX};
	for (size_t i = 0; i < g->n_contours; i++)
		outline.ends[outline.n_contours++] = g->ends[i];
	raster_add(raster, &outline);
	outline_release(&outline);
}

/* Faces 0 and 2 have the same shapes, and both run the same way round: added up
 * they do not cancel out. */
static void cubic_and_quadratic_faces_give_the_same_shapes(void **state)
{
	struct glyphs *glyphs = shapes_load(all, FACES);
	struct raster one, both;

	assert_true(raster_init(&one, 64, 64));
	assert_true(raster_init(&both, 64, 64));
	for (const char *c = all; *c; c++) {
		size_t n_ink = 0;

		fill(&one, glyphs, 0, *c);
		raster_finish(&one);
		fill(&both, glyphs, 2, *c);
		raster_finish(&both);
		for (size_t i = 0; i < 64 * 64; i++)
			assert_true(abs(one.cover[i] - both.cover[i]) < 40);
		fill(&both, glyphs, 0, *c);
		fill(&both, glyphs, 2, *c);
		raster_finish(&both);
		for (size_t i = 0; i < 64 * 64; i++) {
			n_ink += one.cover[i] == 255;
			if (one.cover[i] == 255)
				assert_int_equal(both.cover[i], 255);
		}
		assert_true(n_ink > 40);
	}
	raster_release(&one);
	raster_release(&both);
	glyphs_free(glyphs);
}

static void a_found_face_that_lacks_a_letter_is_dropped(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	struct font_list list = shapes_list(FACES);
	uint32_t wanted_chars[] = {'A', 'B'};
	struct glyph_set wanted = {wanted_chars, 2};
	struct glyphs *glyphs;

	assert_ok(glyphs_load(&glyphs, &list, false, shapes_set("ABQ"), wanted,
			      EM_PX, &err),
		  &err);
	assert_string_equal(err.text, ""); /* nothing failed */
	assert_int_equal(glyphs_n_faces(glyphs), 2);
	assert_int_equal(list.n, 2);
	assert_has(list.fonts[0].name, "sans.ttf");
	assert_has(list.fonts[1].name, "cubic.otf");
	(void)get(glyphs, 0, 'B');
	assert_null(glyphs_get(glyphs, 0, 'Q')); /* was not wanted */
	glyphs_free(glyphs);
	assert_status(glyphs_load(&glyphs, &list, false, shapes_set("A~"),
				  wanted, EM_PX, NULL),
		      CF_NOT_FOUND, NULL);
	assert_null(glyphs);
	assert_int_equal(list.n, 0);
}

static void a_font_in_memory_is_read_or_named(void **state)
{
	static char bytes[1 << 20];
	struct cf_error err = CF_ERROR_INIT;
	struct font_list list = shapes_list("sans.ttf sans.ttf");
	struct font *font = &list.fonts[1];
	struct glyph_set set = shapes_set("AB");
	FILE *f = fopen(font->name, "rb");
	struct glyphs *glyphs;

	assert_non_null(f);
	mem_free(font->name);
	*font = (struct font){mem_strdup(MEM_FONT, "built-in:x"), bytes,
			      fread(bytes, 1, sizeof(bytes), f)};
	(void)fclose(f);
	assert_ok(glyphs_load(&glyphs, &list, true, set, set, EM_PX, &err),
		  &err);
	for (const char *c = "AB"; *c; c++) {
		const struct glyph *a = get(glyphs, 0, *c);
		const struct glyph *b = get(glyphs, 1, *c);

		assert_int_equal(a->n_points, b->n_points);
		assert_memory_equal(a->points, b->points,
				    a->n_points * sizeof(*a->points));
	}
	glyphs_free(glyphs);
	font->len = 100;
	assert_status(glyphs_load(&glyphs, &list, true, set, set, EM_PX, &err),
		      CF_FONT, &err);
	assert_has(err.text, "font built-in:x cannot be read");
	font_list_release(&list);
}

/* The allocator keeps what FreeType frees in caches of its own, so the heap
 * settles late. What is lost in each round would be 32 bytes or more. */
static void loading_and_freeing_leaves_the_heap_as_it_was(void **state)
{
	enum {
		ROUNDS = 600
	};
	size_t before;

	for (int i = 0; i < ROUNDS; i++)
		glyphs_free(shapes_load("ABCDE", FACES));
	before = heap_bytes();
	for (int i = 0; i < ROUNDS; i++)
		glyphs_free(shapes_load("ABCDE", FACES));
	assert_true(heap_bytes() <= before + ROUNDS * 16);
	glyphs_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_has_a_sound_shape),
		cmocka_unit_test(only_safe_lower_case_forms_are_there),
		cmocka_unit_test(a_shape_has_the_thickness_of_its_strokes),
		cmocka_unit_test(a_shape_has_the_thickness_of_its_hairs),
		cmocka_unit_test(faces_with_serifs_are_told),
		cmocka_unit_test(shapes_that_people_misread_are_odd),
		cmocka_unit_test(
			cubic_and_quadratic_faces_give_the_same_shapes),
		cmocka_unit_test(a_found_face_that_lacks_a_letter_is_dropped),
		cmocka_unit_test(a_font_in_memory_is_read_or_named),
		cmocka_unit_test(loading_and_freeing_leaves_the_heap_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
