/*
 * synth.c: the table of languages and, where they are installed, the programs
 * that say digits.
 */
#include "base/base.h"
#include "base/text.h"
#include "ctl/child.h"
#include "ctl/synth.h"
#include "sound/clip.h"
#include "tests/support/check.h"

static void each_language_is_found_by_its_tag(void **state)
{
	const struct synth_lang *lang;
	struct buf tags;
	size_t n = 0;

	for (; (lang = synth_lang_at(n)); n++) {
		struct str tag = str_from(synth_tag(lang));

		assert_true(text_is_tag(tag));
		assert_ptr_equal(synth_find(tag), lang);
	}
	assert_int_equal(n, 12);
	buf_init(&tags, 100);
	synth_add_tags(&tags);
	assert_string_equal(tags.ptr, "ar de en es fr it ja nl pl pt ru zh");
	buf_release(&tags);
}

static void the_first_part_of_a_tag_decides(void **state)
{
	static const struct {
		const char *tag, *found;
	} rows[] = {
		{"pt-BR", "pt"}, {"ZH-tw", "zh"}, {"De", "de"}, {"sv", NULL},
		{"", NULL},	 {"d", NULL},	  {"deu", NULL},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		const struct synth_lang *lang =
			synth_find(str_from(rows[i].tag));

		if (rows[i].found)
			assert_string_equal(synth_tag(lang), rows[i].found);
		else
			assert_null(lang);
	}
}

/* Each language has its digits said, each by another voice. */
static void what_is_said_makes_clips(void **state)
{
	const struct synth_lang *lang;

	if (!child_is_installed("espeak-ng"))
		leave_test("espeak-ng");
	for (size_t i = 0; (lang = synth_lang_at(i)); i++) {
		unsigned n_voices = synth_n_voices(lang);
		struct maker *maker = maker_new(synth_tag(lang), 1, 1);
		struct cf_error err = CF_ERROR_INIT;
		struct buf wav;
		struct rng rng;

		assert_non_null(maker);
		assert_true(n_voices >= 4);
		rng_init(&rng, i);
		buf_init(&wav, SYNTH_WAV_MAX_BYTES);
		for (unsigned digit = 0; digit < BANK_DIGITS; digit++) {
			buf_reset(&wav);
			assert_ok(synth_say(lang, digit % n_voices, digit, &rng,
					    &wav, &err), &err);
			/* a take may be too long, and is then said again */
			if (maker_add(maker, (struct str){wav.ptr, wav.len},
				      &err) != CF_OK) {
				assert_has(err.text, "are possible");
				err = (struct cf_error)CF_ERROR_INIT;
			}
		}
		buf_release(&wav);
		maker_free(maker);
	}
}

static void takes_differ_and_a_seed_gives_the_same(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	struct buf takes[3];

	if (!child_is_installed("espeak-ng"))
		leave_test("espeak-ng");
	for (size_t i = 0; i < CF_ARRAY_LEN(takes); i++) {
		struct rng rng;

		rng_init(&rng, i / 2);
		buf_init(&takes[i], SYNTH_WAV_MAX_BYTES);
		assert_ok(synth_say(synth_find(STR_LIT("de")), 0, 7, &rng,
				    &takes[i], &err), &err);
	}
	assert_int_equal(takes[0].len, takes[1].len);
	assert_memory_equal(takes[0].ptr, takes[1].ptr, takes[0].len);
	assert_true(takes[0].len != takes[2].len ||
		    memcmp(takes[0].ptr, takes[2].ptr, takes[0].len) != 0);
	for (size_t i = 0; i < CF_ARRAY_LEN(takes); i++)
		buf_release(&takes[i]);
}

static void without_programs_there_are_no_voices(void **state)
{
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_int_equal(synth_n_voices(synth_find(STR_LIT("en"))), 0);
	assert_string_equal(synth_packages(synth_find(STR_LIT("en"))),
			    "espeak-ng or flite");
	assert_string_equal(synth_packages(synth_find(STR_LIT("de"))),
			    "espeak-ng");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_language_is_found_by_its_tag),
		cmocka_unit_test(the_first_part_of_a_tag_decides),
		cmocka_unit_test(what_is_said_makes_clips),
		cmocka_unit_test(takes_differ_and_a_seed_gives_the_same),
		cmocka_unit_test(without_programs_there_are_no_voices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
