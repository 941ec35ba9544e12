/*
 * font.c: lists of fonts, and the faces that come with the program.
 */
#include "base/base.h"
#include "image/font.h"
#include "image/generator.h"
#include "image/glyph.h"
#include "tests/support/picture.h"

#include <setjmp.h>
#include <sys/stat.h>

#include <cmocka.h>

/* All that a challenge may ask of every face; sorted. */
static const char needed[] = "+-0123456789=?ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz";

enum {
	EM_PX = 500,	       /* the highest picture */
	ALL_MAX_BYTES = 320000 /* what they add to the program */
};

static struct glyph_set needed_set(void)
{
	static uint32_t chars[sizeof(needed) - 1];

	for (size_t i = 0; i < CF_ARRAY_LEN(chars); i++)
		chars[i] = (uint32_t)needed[i];
	return (struct glyph_set){chars, CF_ARRAY_LEN(chars)};
}

static struct font_list built_in(void)
{
	struct font_list list = {.n = 0};

	assert_int_equal(font_list_find(&list, FONT_BUILT_IN, NULL), CF_OK);
	assert_int_equal(list.n, font_embedded_len);
	return list;
}

static void built_in_faces_have_names_in_order(void **state)
{
	struct font_list list = built_in();
	size_t n_bytes = 0;

	(void)state;
	assert_in_range(list.n, 20, FONT_FACES_MAX);
	for (size_t i = 0; i < list.n; i++) {
		assert_memory_equal(list.fonts[i].name, "built-in:face-", 14);
		assert_non_null(list.fonts[i].bytes);
		n_bytes += list.fonts[i].len;
		if (i)
			assert_true(strcmp(list.fonts[i - 1].name,
					   list.fonts[i].name) < 0);
	}
	assert_in_range(n_bytes, list.n * 1000, ALL_MAX_BYTES);
	font_list_release(&list);
}

/* Their own names: those of the originals are reserved. */
static void built_in_faces_are_called_by_a_number(void **state)
{
	struct font_list list = built_in();

	(void)state;
	for (size_t i = 0; i < list.n; i++) {
		struct glyph_face face;
		char name[40];

		(void)snprintf(name, sizeof(name), "Captcha Face %02zu", i + 1);
		assert_int_equal(glyphs_inspect(&list.fonts[i], needed_set(),
						&face, NULL),
				 CF_OK);
		assert_string_equal(face.family, name);
		assert_true(*face.style);
		assert_int_equal(face.n_lacks, 0);
	}
	font_list_release(&list);
}

static void every_built_in_shape_is_sound(void **state)
{
	struct font_list list = built_in();
	struct glyph_set all = needed_set();
	struct cf_error err = CF_ERROR_INIT;
	struct glyphs *glyphs;
	struct glyph glyph;

	(void)state;
	assert_int_equal(glyphs_load(&glyphs, &list, true, all, all, EM_PX,
				     &err),
			 CF_OK);
	assert_int_equal(glyphs_n_faces(glyphs), font_embedded_len);
	for (size_t face = 0; face < list.n; face++)
		for (size_t i = 0; i < all.n; i++)
			/* an a may be left out: see glyph.h */
			assert_true(all.chars[i] == 'a' ||
				    glyphs_get(glyphs, face, all.chars[i],
					       &glyph));
	glyphs_free(glyphs);
	font_list_release(&list);
}

static void one_may_be_taken_off_a_list(void **state)
{
	struct font_list list = built_in();
	size_t n = list.n;
	char *second = strdup(list.fonts[1].name);
	const char *bytes = list.fonts[1].bytes;

	(void)state;
	font_list_drop(&list, 0);
	assert_int_equal(list.n, n - 1);
	assert_string_equal(list.fonts[0].name, second);
	assert_ptr_equal(list.fonts[0].bytes, bytes);
	free(second);
	font_list_release(&list);
	assert_int_equal(list.n, 0);
	font_list_release(&list);
}

static void a_name_finds_its_face_again(void **state)
{
	struct font_list list = built_in(), one = {.n = 0};

	(void)state;
	assert_int_equal(font_list_one(&one, list.fonts[2].name, NULL), CF_OK);
	assert_int_equal(one.n, 1);
	assert_ptr_equal(one.fonts[0].bytes, list.fonts[2].bytes);
	assert_int_equal(one.fonts[0].len, list.fonts[2].len);
	assert_string_equal(one.fonts[0].name, list.fonts[2].name);
	font_list_release(&one);
	assert_int_equal(font_list_one(&one, "/a.ttf", NULL), CF_OK);
	assert_null(one.fonts[0].bytes);
	font_list_release(&one);
	font_list_release(&list);
}

static void a_file_has_no_bytes(void **state)
{
	struct font_list list = {.n = 0};

	(void)state;
	assert_int_equal(font_list_named(&list, data_path("sans.ttf"), NULL),
			 CF_OK);
	assert_int_equal(list.n, 1);
	assert_null(list.fonts[0].bytes);
	assert_string_equal(list.fonts[0].name, data_path("sans.ttf"));
	font_list_release(&list);
}

static const char *const own_dirs[] = {CF_DATADIR, CF_DATADIR "/captcha-fcgi",
				       CF_DATADIR "/captcha-fcgi/fonts"};
static const char own_font[] = CF_DATADIR "/captcha-fcgi/fonts/a.ttf";

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

	assert_non_null(gen);
	assert_int_equal(generator_load(gen, NULL), CF_OK);
	assert_string_equal(generator_face_path(gen, 0), path);
	generator_free(gen);
}

static int remove_own_fonts(void **state)
{
	(void)state;
	(void)unlink(own_font);
	for (size_t i = CF_ARRAY_LEN(own_dirs); i-- > 0;)
		(void)rmdir(own_dirs[i]);
	return 0;
}

static void installed_fonts_come_before_the_built_in_ones(void **state)
{
	char *font = realpath(data_path("serif-no-q.ttf"), NULL);

	(void)state;
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
		cmocka_unit_test(built_in_faces_have_names_in_order),
		cmocka_unit_test(built_in_faces_are_called_by_a_number),
		cmocka_unit_test(every_built_in_shape_is_sound),
		cmocka_unit_test(one_may_be_taken_off_a_list),
		cmocka_unit_test(a_name_finds_its_face_again),
		cmocka_unit_test(a_file_has_no_bytes),
		cmocka_unit_test_teardown(
			installed_fonts_come_before_the_built_in_ones,
			remove_own_fonts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
