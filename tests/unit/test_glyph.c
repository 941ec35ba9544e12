/*
 * glyph.c: shapes of the pinned faces, and what is said of unusable ones.
 */
#include "base/base.h"
#include "base/mem.h"
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

/* The characters of an ASCII text as a set. */
static struct glyph_set set_of(const char *alphabet)
{
	static uint32_t chars[128];
	struct glyph_set set = {chars, 0};

	for (uint32_t c = 1; c < 128; c++)
		if (strchr(alphabet, (int)c))
			chars[set.n++] = c;
	return set;
}

/* The first n paths, for font_list_release. */
static struct font_list list_of(size_t n)
{
	struct font_list list = {.n = 0};

	for (; list.n < n; list.n++)
		list.fonts[list.n].name = mem_strdup(MEM_FONT, paths[list.n]);
	return list;
}

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
	struct font_list list = list_of(CF_ARRAY_LEN(paths));
	struct glyphs *glyphs;

	assert_int_equal(glyphs_load(&glyphs, &list, true, set_of(alphabet),
				     set_of(alphabet), EM_PX, &err),
			 CF_OK);
	assert_non_null(glyphs);
	font_list_release(&list);
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

			assert_true(glyphs_get(glyphs, face, (uint32_t)*c, &g));
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

			assert_true(glyphs_get(glyphs, face, (uint32_t)*c, &g));
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
	struct glyphs *glyphs = load("AEHKLMNPRBC9");
	struct glyph g;

	(void)state;
	for (const char *c = "AEHKLMNPRBC9ae"; *c; c++)
		assert_true(glyphs_get(glyphs, 0, (uint32_t)*c, &g));
	for (const char *c = "hklnrpbcUu0 \x7f"; *c; c++)
		assert_false(glyphs_get(glyphs, 0, (uint32_t)*c, &g));
	assert_false(glyphs_get(glyphs, 0, 0xe4, &g));
	assert_false(glyphs_get(glyphs, 0, 0, &g));
	assert_false(glyphs_get(glyphs, 0, UINT32_MAX, &g));
	glyphs_free(glyphs);
}

/* The faces of tests/data have few letters in lower case; these have all. */
static void faces_that_come_with_it_have_the_forms_too(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	struct font_list list = {.n = 0};
	struct glyphs *glyphs;
	struct glyph g;

	(void)state;
	list.fonts[list.n++].name = mem_strdup(
		MEM_FONT, data_path("../../fonts/face-01.ttf"));
	assert_int_equal(glyphs_load(&glyphs, &list, true, set_of("AEHMNRTU"),
				     set_of("AEHMNRTU"), EM_PX, &err),
			 CF_OK);
	for (const char *c = "aem"; *c; c++)
		assert_true(glyphs_get(glyphs, 0, (uint32_t)*c, &g));
	for (const char *c = "hnrtu"; *c; c++)
		assert_false(glyphs_get(glyphs, 0, (uint32_t)*c, &g));
	glyphs_free(glyphs);
	font_list_release(&list);
}

/* Of face-05 and face-11 (an italic and a heavy one) a is taken for o or u; in
 * face-07, which is upright, the counter is large too, but has a roof. */
static void an_a_of_one_storey_is_left_out(void **state)
{
	static const struct {
		const char *file;
		bool has_a;
	} faces[] = {{"../../fonts/face-05.ttf", false},
		     {"../../fonts/face-07.ttf", true},
		     {"../../fonts/face-11.ttf", false}};
	struct cf_error err = CF_ERROR_INIT;
	struct font_list list = {.n = 0};
	struct glyphs *glyphs;
	struct glyph g;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(faces); i++)
		list.fonts[list.n++].name =
			mem_strdup(MEM_FONT, data_path(faces[i].file));
	assert_int_equal(glyphs_load(&glyphs, &list, true, set_of("AEM"),
				     set_of("AEM"), EM_PX, &err),
			 CF_OK);
	for (size_t i = 0; i < CF_ARRAY_LEN(faces); i++) {
		assert_int_equal(glyphs_get(glyphs, i, 'a', &g),
				 faces[i].has_a);
		assert_true(glyphs_get(glyphs, i, 'e', &g));
		assert_true(glyphs_get(glyphs, i, 'A', &g));
	}
	glyphs_free(glyphs);
	font_list_release(&list);
}

/* An I without serifs is one stroke, and an L two that are about as thick. */
static void strokes_are_as_thick_as_they_are_said_to_be(void **state)
{
	struct glyphs *glyphs = load("IL");
	struct glyph i, l;
	int32_t x0 = INT32_MAX, x1 = INT32_MIN;

	(void)state;
	assert_true(glyphs_get(glyphs, 0, 'I', &i));
	assert_true(glyphs_get(glyphs, 0, 'L', &l));
	for (size_t k = 0; k < i.n_points; k++) {
		x0 = i.points[k].x < x0 ? i.points[k].x : x0;
		x1 = i.points[k].x > x1 ? i.points[k].x : x1;
	}
	/* its ends are sides, too: a stroke five times as long as thick */
	assert_in_range(i.stroke, (x1 - x0) * 75 / 100, x1 - x0);
	assert_in_range(l.stroke, i.stroke * 85 / 100, i.stroke * 115 / 100);
	glyphs_free(glyphs);
}

/* Fill a shape of a face, 40 px to the em. */
static void fill(struct raster *raster, const struct glyphs *glyphs,
		 size_t face, char letter)
{
	struct outline outline;
	struct glyph g;

	assert_true(glyphs_get(glyphs, face, (uint32_t)letter, &g));
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
	struct font_list list = list_of(2);
	struct glyphs *glyphs;

	(void)state;
	assert_int_equal(glyphs_load(&glyphs, &list, true, set_of("ABQ"),
				     set_of("AB"), EM_PX, &err),
			 CF_FONT);
	assert_null(glyphs);
	assert_non_null(strstr(err.text, "serif-no-q.ttf"));
	assert_non_null(strstr(err.text, "'Q' (U+0051)"));
	font_list_release(&list);
}

static void a_found_face_that_lacks_one_is_left_out(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	struct font_list list = list_of(3);
	struct glyphs *glyphs;
	struct glyph g;

	(void)state;
	assert_int_equal(glyphs_load(&glyphs, &list, false, set_of("ABQ"),
				     set_of("AB"), EM_PX, &err),
			 CF_OK);
	assert_int_equal(glyphs_n_faces(glyphs), 2);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.fonts[0].name, paths[0]);
	assert_string_equal(list.fonts[1].name, paths[2]);
	assert_true(glyphs_get(glyphs, 0, 'B', &g));
	assert_false(glyphs_get(glyphs, 0, 'Q', &g)); /* was not wanted */
	glyphs_free(glyphs);
	assert_int_equal(glyphs_load(&glyphs, &list, false, set_of("A~"),
				     set_of("A"), EM_PX, &err),
			 CF_NOT_FOUND);
	assert_null(glyphs);
	assert_int_equal(list.n, 0);
	font_list_release(&list);
}

/* The whole of a file. */
static char *read_all(const char *path, size_t *len)
{
	char *bytes = malloc(1 << 20);
	FILE *f = fopen(path, "rb");

	assert_non_null(bytes);
	assert_non_null(f);
	*len = fread(bytes, 1, 1 << 20, f);
	assert_in_range(*len, 1, (1 << 20) - 1);
	(void)fclose(f);
	return bytes;
}

static void bytes_in_memory_give_the_shapes_of_their_file(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	struct font_list list = list_of(2);
	struct font *font = &list.fonts[1];
	struct glyphs *glyphs;
	size_t len;
	char *bytes = read_all(paths[0], &len);

	(void)state;
	mem_free(font->name);
	*font = (struct font){mem_strdup(MEM_FONT, "built-in:x"), bytes, len};
	assert_int_equal(glyphs_load(&glyphs, &list, true, set_of("AB"),
				     set_of("AB"), EM_PX, &err),
			 CF_OK);
	free(bytes); /* nothing of it is needed any more */
	for (const char *c = "AB"; *c; c++) {
		struct glyph a, b;

		assert_true(glyphs_get(glyphs, 0, (uint32_t)*c, &a));
		assert_true(glyphs_get(glyphs, 1, (uint32_t)*c, &b));
		assert_int_equal(a.n_points, b.n_points);
		assert_memory_equal(a.points, b.points,
				    a.n_points * sizeof(*a.points));
	}
	glyphs_free(glyphs);
	font_list_release(&list);
}

static void broken_bytes_in_memory_are_named(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	struct font_list list = list_of(1);
	struct glyphs *glyphs;
	size_t len;
	char *bytes = read_all(paths[0], &len);

	(void)state;
	mem_free(list.fonts[0].name);
	list.fonts[0] = (struct font){mem_strdup(MEM_FONT, "built-in:x"), bytes,
				      100};
	assert_int_equal(glyphs_load(&glyphs, &list, true, set_of("AB"),
				     set_of("AB"), EM_PX, &err),
			 CF_FONT);
	assert_non_null(strstr(err.text, "font built-in:x cannot be read"));
	free(bytes);
	font_list_release(&list);
}

static void what_is_no_font_is_named(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	struct font_list list = {
		{{.name = mem_strdup(MEM_FONT, data_path("README"))}}, 1};
	struct glyphs *glyphs;

	(void)state;
	assert_int_equal(glyphs_load(&glyphs, &list, true, set_of("A"),
				     set_of("A"), EM_PX, &err),
			 CF_FONT);
	assert_null(glyphs);
	assert_non_null(strstr(err.text, "README"));
	font_list_release(&list);
}

/* The allocator keeps what FreeType frees in caches of its own, so the heap
 * settles late; what is lost in each round would be 32 bytes or more. */
static void loading_and_freeing_leaves_the_heap_as_it_was(void **state)
{
	enum {
		/* a block lost in each is 32 bytes or more; what malloc
		 * keeps for later may be some thousands in all */
		ROUNDS = 600
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
		cmocka_unit_test(faces_that_come_with_it_have_the_forms_too),
		cmocka_unit_test(an_a_of_one_storey_is_left_out),
		cmocka_unit_test(strokes_are_as_thick_as_they_are_said_to_be),
		cmocka_unit_test(
			cubic_and_quadratic_faces_give_the_same_shapes),
		cmocka_unit_test(a_lacking_character_is_named_with_its_file),
		cmocka_unit_test(a_found_face_that_lacks_one_is_left_out),
		cmocka_unit_test(bytes_in_memory_give_the_shapes_of_their_file),
		cmocka_unit_test(broken_bytes_in_memory_are_named),
		cmocka_unit_test(what_is_no_font_is_named),
		cmocka_unit_test(loading_and_freeing_leaves_the_heap_as_it_was),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
