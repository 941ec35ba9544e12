/*
 * glyph.c: shapes of the pinned faces, and what is said of unusable ones.
 */
#include "base/base.h"
#include "image/glyph.h"
#include "image/raster.h"
#include "tests/support/picture.h"

#include <setjmp.h>

#include <cmocka.h>

enum {
	EM_PX = 80
};

static const char all[] = "ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789";

static char *paths[3];

static int set_up(void **state)
{
	static const char *const names[] = {"sans.ttf", "serif-no-q.ttf",
					    "cubic.otf"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(paths); i++)
		paths[i] = strdup(data_path(names[i]));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(paths); i++)
		free(paths[i]);
	return 0;
}

static struct glyphs *load(const char *alphabet)
{
	struct cf_error err = CF_ERROR_INIT;
	struct glyphs *glyphs;

	assert_int_equal(glyphs_load(&glyphs, paths, CF_ARRAY_LEN(paths),
				     alphabet, EM_PX, &err),
			 CF_OK);
	assert_non_null(glyphs);
	return glyphs;
}

static void every_character_has_a_sound_shape(void **state)
{
	struct glyphs *glyphs = load(all);

	(void)state;
	assert_int_equal(glyphs_n_faces(glyphs), CF_ARRAY_LEN(paths));
	for (size_t face = 0; face < CF_ARRAY_LEN(paths); face++)
		for (const char *c = all; *c; c++) {
			struct glyph g;
			uint16_t before = 0;

			assert_true(glyphs_get(glyphs, face, *c, &g));
			assert_in_range(g.n_points, 3,
					glyphs_max_points(glyphs));
			assert_in_range(g.n_contours, 1,
					glyphs_max_contours(glyphs));
			for (size_t i = 0; i < g.n_contours; i++) {
				assert_true(g.ends[i] > before);
				before = g.ends[i];
			}
			assert_int_equal(before, g.n_points);
		}
	glyphs_free(glyphs);
}

static void no_piece_is_too_long_to_bend(void **state)
{
	struct glyphs *glyphs = load(all);

	(void)state;
	for (size_t face = 0; face < CF_ARRAY_LEN(paths); face++)
		for (const char *c = all; *c; c++) {
			struct glyph g;
			size_t first = 0;

			assert_true(glyphs_get(glyphs, face, *c, &g));
			for (size_t i = 0; i < g.n_contours; i++) {
				struct glyph_point a = g.points[g.ends[i] - 1];

				for (; first < g.ends[i]; first++) {
					struct glyph_point b = g.points[first];

					assert_true(abs(a.x - b.x) <=
						    GLYPH_EM / 6);
					assert_true(abs(a.y - b.y) <=
						    GLYPH_EM / 6);
					a = b;
				}
			}
		}
	glyphs_free(glyphs);
}

static void only_safe_lower_case_forms_are_there(void **state)
{
	struct glyphs *glyphs = load("AEHKLPabc9");
	struct glyph g;

	(void)state;
	for (const char *c = "AEHKLPBC9aehk"; *c; c++)
		assert_true(glyphs_get(glyphs, 0, *c, &g));
	for (const char *c = "lpbcMm0 \x7f"; *c; c++)
		assert_false(glyphs_get(glyphs, 0, *c, &g));
	assert_false(glyphs_get(glyphs, 0, '\xe4', &g));
	glyphs_free(glyphs);
}

/* Fill a shape of a face, 40 px to the em. */
static void fill(struct raster *raster, const struct glyphs *glyphs,
		 size_t face, char c)
{
	struct outline outline;
	struct glyph g;

	assert_true(glyphs_get(glyphs, face, c, &g));
	assert_true(outline_init(&outline, g.n_points, g.n_contours));
	for (size_t i = 0; i < g.n_points; i++)
		outline.points[outline.n_points++] =
			(struct point){g.points[i].x * 40 / 16 + 10 * ONE_PX,
				       g.points[i].y * 40 / 16 + 45 * ONE_PX};
	for (size_t i = 0; i < g.n_contours; i++)
		outline.ends[outline.n_contours++] = g.ends[i];
	raster_add(raster, &outline);
	outline_release(&outline);
}

/* Faces 0 and 2 have the same shapes; added up they must not cancel out, so
 * they run the same way round as well. */
static void cubic_and_quadratic_faces_give_the_same_shapes(void **state)
{
	struct glyphs *glyphs = load(all);
	struct raster one, both;

	(void)state;
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

static void a_lacking_character_is_named_with_its_file(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	struct glyphs *glyphs;

	(void)state;
	assert_int_equal(glyphs_load(&glyphs, paths, 2, "ABQ", EM_PX, &err),
			 CF_FONT);
	assert_null(glyphs);
	assert_non_null(strstr(err.text, "serif-no-q.ttf"));
	assert_non_null(strstr(err.text, "'Q'"));
}

static void what_is_no_font_is_named(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	char *path = strdup(data_path("README"));
	struct glyphs *glyphs;

	(void)state;
	assert_int_equal(glyphs_load(&glyphs, &path, 1, "A", EM_PX, &err),
			 CF_FONT);
	assert_null(glyphs);
	assert_non_null(strstr(err.text, "README"));
	free(path);
}

/* The allocator keeps what FreeType frees in caches of its own, so the heap
 * settles late; what is lost in each round would be 32 bytes or more. */
static void loading_and_freeing_leaves_the_heap_as_it_was(void **state)
{
	enum {
		ROUNDS = 300
	};
	size_t before;

	(void)state;
	for (int i = 0; i < ROUNDS; i++)
		glyphs_free(load("ABCDE"));
	before = heap_bytes();
	for (int i = 0; i < ROUNDS; i++)
		glyphs_free(load("ABCDE"));
	assert_true(heap_bytes() <= before + ROUNDS * 16);
	glyphs_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_has_a_sound_shape),
		cmocka_unit_test(no_piece_is_too_long_to_bend),
		cmocka_unit_test(only_safe_lower_case_forms_are_there),
		cmocka_unit_test(
			cubic_and_quadratic_faces_give_the_same_shapes),
		cmocka_unit_test(a_lacking_character_is_named_with_its_file),
		cmocka_unit_test(what_is_no_font_is_named),
		cmocka_unit_test(loading_and_freeing_leaves_the_heap_as_it_was),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
