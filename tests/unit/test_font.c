/*
 * font.c: the faces that come with the program, and which fonts are found.
 */
#include "base/base.h"
#include "image/font.h"
#include "image/generator.h"
#include "tests/support/check.h"
#include "tests/support/picture.h"
#include "tests/support/shapes.h"

#include <sys/stat.h>

/* The characters that each face must have, since a challenge may use them. */
static const char needed[] = "+-0123456789=?ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz";

enum {
	EM_PX = 500,	       /* the highest picture */
	ALL_MAX_BYTES = 320000 /* what they add to the program */
};

/* The originals' names are reserved, so each has a name of its own. */
static void built_in_faces_have_names_and_sound_shapes(void **state)
{
	struct glyph_set all = shapes_set(needed);
	struct font_list list = {.n = 0};
	struct cf_error err = CF_ERROR_INIT;
	struct glyphs *glyphs;
	size_t n_bytes = 0;

	assert_ok(font_list_find(&list, FONT_BUILT_IN, &err), &err);
	assert_int_equal(list.n, font_embedded_len);
	assert_in_range(list.n, 20, FONT_FACES_MAX);
	assert_ok(glyphs_load(&glyphs, &list, true, all, all, EM_PX, &err),
		  &err);
	assert_int_equal(glyphs_n_faces(glyphs), list.n);
	for (size_t i = 0; i < list.n; i++) {
		struct generator_face face = {.n_lacks = 0};
		char file[40], family[40];

		(void)snprintf(file, sizeof(file), "built-in:face-%02zu.ttf",
			       i + 1);
		(void)snprintf(family, sizeof(family), "Captcha Face %02zu",
			       i + 1);
		assert_string_equal(list.fonts[i].name, file);
		assert_ok(glyphs_inspect(&list.fonts[i], all, &face, &err),
			  &err);
		assert_string_equal(face.family, family);
		assert_true(*face.style);
		assert_int_equal(face.n_lacks, 0);
		for (size_t k = 0; k < all.n; k++)
			assert_non_null(glyphs_get(glyphs, i, all.chars[k]));
		n_bytes += list.fonts[i].len;
	}
	assert_in_range(n_bytes, list.n * 1000, ALL_MAX_BYTES);
	glyphs_free(glyphs);
	font_list_release(&list);
}

static const char *const own_dirs[] = {CF_DATADIR, CF_DATADIR "/captcha-fcgi",
				       CF_DATADIR "/captcha-fcgi/fonts"};
static const char own_font[] = CF_DATADIR "/captcha-fcgi/fonts/a.ttf";

static void note_first(void *ctx, const struct generator_face *face)
{
	char *first = ctx;

	if (!*first)
		(void)snprintf(first, FONT_PATH_BYTES, "%s", face->path);
}

/* The path of the first face for an alphabet, when no font is named. */
static void check_first_face(const char *alphabet, const char *path)
{
	struct generator_options o = {
		.width_px = 240,
		.height_px = 80,
		.alphabet = alphabet,
		.fonts = "",
		.ink.is_auto = true,
		.paper.is_auto = true,
	};
	struct generator *gen = generator_new(&o);
	char first[FONT_PATH_BYTES] = "";

	assert_non_null(gen);
	assert_ok(generator_inspect(gen, note_first, first, NULL), NULL);
	assert_string_equal(first, path);
	generator_free(gen);
}

static int remove_own_fonts(void **state)
{
	(void)unlink(own_font);
	for (size_t i = CF_ARRAY_LEN(own_dirs); i-- > 0;)
		(void)rmdir(own_dirs[i]);
	return 0;
}

static void installed_fonts_come_before_the_built_in_ones(void **state)
{
	char *font = realpath(data_path("serif-no-q.ttf"), NULL);

	assert_non_null(font);
	(void)remove_own_fonts(NULL);
	check_first_face("ACE", "built-in:face-01.ttf");
	for (size_t i = 0; i < CF_ARRAY_LEN(own_dirs); i++)
		assert_int_equal(mkdir(own_dirs[i], 0700), 0);
	check_first_face("ACE", "built-in:face-01.ttf");
	assert_int_equal(symlink(font, own_font), 0);
	free(font);
	check_first_face("ACE", own_font);
	check_first_face("ACQ", "built-in:face-01.ttf"); /* it lacks Q */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in_faces_have_names_and_sound_shapes),
		cmocka_unit_test_teardown(
			installed_fonts_come_before_the_built_in_ones,
			remove_own_fonts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
