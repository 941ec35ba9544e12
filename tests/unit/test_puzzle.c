/*
 * puzzle.c: answers are spread evenly, sums are right, and blocked spellings
 * never come up.
 */
#include "base/base.h"
#include "app/options.h"
#include "base/crypt.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "challenge/puzzle.h"
#include "challenge/words.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

enum { N_WORDS = 1040 };

static char dir[TEMP_PATH_BYTES];
static struct settings settings;
static struct profile_options options;
static struct puzzles *puzzles;
static struct cf_error err;

static void renew(void)
{
	puzzles_free(puzzles);
	options = options_profile(&settings.base);
	puzzles = puzzles_new(&options);
	assert_non_null(puzzles);
}

static void set_kind(int64_t kind)
{
	settings.base.kind = kind;
	renew();
}

static int set_up(void **state)
{
	assert_ok(crypt_open(&err), &err);
	temp_dir_make(dir);
	settings_init(&settings);
	puzzles = NULL;
	renew();
	return 0;
}

static int tear_down(void **state)
{
	puzzles_free(puzzles);
	temp_dir_remove(dir);
	return 0;
}

static void put_file(char setting[SETTINGS_PATH_BYTES], const char *name,
		     const char *text)
{
	(void)snprintf(setting, SETTINGS_PATH_BYTES, "%s",
		       temp_path(dir, "%s", name));
	temp_write(setting, text);
}

/* Word i of N_WORDS: four letters, two of them the number i in base 26. */
static void word_of(int i, char word[8])
{
	(void)snprintf(word, 8, "x%cy%cz%c", 'a' + i / 676, 'a' + i / 26 % 26,
		       'a' + i % 26);
}

/* n words, each with an end of line. */
static const char *many_words(int n, const char *end)
{
	static char text[N_WORDS * 16];
	size_t len = 0;
	char word[8];

	for (int i = 0; i < n; i++) {
		word_of(i, word);
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s%s", word, end);
	}
	return text;
}

static const char *answer_of(struct rng *rng)
{
	static char answer[STORE_CODE_MAX_BYTES + 1];
	struct puzzle_random random = puzzle_random_seeded(rng);

	assert_ok(puzzles_answer(puzzles, &random, answer, &err), &err);
	return answer;
}

/* A number for each of many seeds, not many numbers of one seed. */
static const char *answer_of_seed(uint64_t seed)
{
	struct rng rng;

	rng_init(&rng, seed);
	return answer_of(&rng);
}

/* The sum of squares of n counts against their mean, over the mean. */
static double chi_squared(const int *counts, int n)
{
	double chi = 0, each;
	int64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += counts[i];
	each = (double)sum / n;
	for (int i = 0; i < n; i++)
		chi += (counts[i] - each) * (counts[i] - each) / each;
	return chi;
}

/* --- text ----------------------------------------------------------------- */

static void codes_of_text_are_equally_likely(void **state)
{
	enum { N = 160000 };
	int counts[16] = {0};

	settings.base.length_min = settings.base.length_max = 2;
	settings.base.alphabet = "AbC4";
	renew();
	for (uint64_t i = 0; i < N; i++) {
		const char *answer = answer_of_seed(i);
		const char *a, *b, *all = "abc4";

		assert_int_equal(strlen(answer), 2);
		a = strchr(all, answer[0]);
		b = strchr(all, answer[1]);
		assert_non_null(a);
		assert_non_null(b);
		counts[(a - all) * 4 + (b - all)]++;
	}
	/* 15 degrees of freedom: above 73 once in 10^9 times */
	assert_true(chi_squared(counts, 16) < 73);
}

/* What codes of the default settings are made of, counted. */
enum { N_LATIN = 14, LENGTH = 6 };
struct spread {
	int at_place[LENGTH][N_LATIN];
	/* neighbours: places 0 and 1, 2 and 3, 4 and 5; and 1 and 2, 3 and 4:
	 * pairs that share no character, so that counts are independent */
	int pairs[2][N_LATIN * N_LATIN];
};

static void count_code(struct spread *spread, const char *code)
{
	static const char latin[] = "abcemnprstuwxz";
	long before = 0;

	assert_int_equal(strlen(code), LENGTH);
	for (size_t i = 0; i < LENGTH; i++) {
		const char *at = strchr(latin, code[i]);

		assert_non_null(at);
		spread->at_place[i][at - latin]++;
		if (i)
			spread->pairs[(i - 1) % 2][before * N_LATIN +
						   (at - latin)]++;
		before = at - latin;
	}
}

/* Each limit is passed by even codes once in 10^6 times. */
static void check_spread(const struct spread *spread)
{
	double places = 0;

	for (size_t i = 0; i < LENGTH; i++)
		places += chi_squared(spread->at_place[i], N_LATIN);
	assert_true(places < 152.4); /* 6 * 13 degrees */
	for (size_t i = 0; i < 2; i++) /* 14 * 14 - 1 degrees */
		assert_true(chi_squared(spread->pairs[i], N_LATIN * N_LATIN) <
			    303.8);
}

/* From seeds, with the same result each time, and from the kernel, as for
 * visitors: there chance fails this test four times in 10^6. */
static void default_codes_are_even_in_all_their_parts(void **state)
{
	enum { N = 200000 };
	static struct spread seeded, secret;
	char answer[STORE_CODE_MAX_BYTES + 1];

	memset(&seeded, 0, sizeof(seeded));
	memset(&secret, 0, sizeof(secret));
	for (uint64_t i = 0; i < N; i++) {
		count_code(&seeded, answer_of_seed(i));
		assert_ok(puzzles_answer(puzzles, &puzzle_random_secret,
					 answer, &err), &err);
		count_code(&secret, answer);
	}
	check_spread(&seeded);
	check_spread(&secret);
}

static void blocked_spellings_are_left_out_and_the_rest_stays_even(void **state)
{
	enum { N = 90000 };
	int counts[9] = {0}; /* of aa, ac, ..., without ab and ba */
	static const char *const rest[] = {"aa", "ac", "bb", "bc",
					   "ca", "cb", "cc"};

	settings.base.length_min = settings.base.length_max = 2;
	settings.base.alphabet = "ABC";
	put_file(settings.base.words_blocked, "blocked", "# a rude pair\nAB\n\nba");
	renew();
	for (uint64_t i = 0; i < N; i++) {
		const char *answer = answer_of_seed(i);
		size_t k = 0;

		while (k < CF_ARRAY_LEN(rest) && strcmp(answer, rest[k]) != 0)
			k++;
		assert_in_range(k, 0, CF_ARRAY_LEN(rest) - 1);
		counts[k]++;
	}
	/* 6 degrees of freedom: above 55 once in 10^9 times */
	assert_true(chi_squared(counts, 7) < 55);
}

/* A character of four bytes, n times. */
#define HAN_4  "\U00020000\U00020000\U00020000\U00020000"
#define HAN_16 HAN_4 HAN_4 HAN_4 HAN_4

/* A blocked spelling may be anywhere in a code, in either case and of any
 * script. */
static void blocked_spellings_are_in_no_code(void **state)
{
	static const struct {
		const char *alphabet, *list, *blocked[3];
	} rows[] = {
		{"AB", "bb\r\n", {"bb", "bb", "bb"}},
		/* full-width, and of the greatest length */
		{"ЖДÉ", "ЖЖ\n  дд\r\n\uff21\uff22\nÉÉ\n" HAN_16 "\n",
		 {"жж", "дд", "éé"}},
	};

	settings.base.length_min = settings.base.length_max = 4;
	for (size_t k = 0; k < CF_ARRAY_LEN(rows); k++) {
		settings.base.alphabet = rows[k].alphabet;
		put_file(settings.base.words_blocked, "blocked", rows[k].list);
		renew();
		for (uint64_t i = 0; i < 2000; i++)
			for (size_t n = 0; n < 3; n++)
				assert_null(strstr(answer_of_seed(i),
						   rows[k].blocked[n]));
	}
}

static void codes_have_the_lengths_of_the_settings(void **state)
{
	static const struct {
		const char *alphabet, *folded;
		int min, max;
	} rows[] = {
		{"Zz9", "z9", 12, 12},
		{"Zz9", "z9", 1, 12},
		{"ACE", "ace", 5, 6},
		/* the longest: four bytes for each character */
		{"\U00020000\U00020001", "\U00020000\U00020001", 12, 12},
	};

	for (size_t k = 0; k < CF_ARRAY_LEN(rows); k++) {
		enum { N = 12000 };
		int n_of[13] = {0}, n_lengths = rows[k].max - rows[k].min + 1;

		settings.base.alphabet = rows[k].alphabet;
		settings.base.length_min = rows[k].min;
		settings.base.length_max = rows[k].max;
		renew();
		for (uint64_t i = 0; i < N; i++) {
			const char *answer = answer_of_seed(i);

			assert_int_equal(strspn(answer, rows[k].folded),
					 strlen(answer));
			n_of[utf8_count(answer)]++;
		}
		for (int n = rows[k].min; n <= rows[k].max; n++)
			assert_in_range(n_of[n], N / n_lengths * 8 / 10,
					N / n_lengths * 12 / 10);
	}
}

static void a_list_that_blocks_nearly_all_is_refused(void **state)
{
	settings.base.length_min = settings.base.length_max = 8;
	settings.base.alphabet = "AB";
	put_file(settings.base.words_blocked, "blocked", "bb\naa\n");
	renew();
	assert_status(puzzles_load(puzzles, &err), CF_CONFIG, &err);
	assert_has(err.text, "words_blocked");
	assert_has(err.text, "10 in 100");
}

/* --- arithmetic ----------------------------------------------------------- */

/* The result of a text such as "47+5=?"; its form is checked. */
static int work_out(const char *text)
{
	int large, small, end = 0;
	char operator;

	assert_int_equal(sscanf(text, "%d%c%d=?%n", &large, &operator, &small,
				&end), 3);
	assert_int_equal((size_t)end, strlen(text));
	assert_in_range(large, 10, 99);
	assert_in_range(small, 1, 9);
	assert_non_null(strchr("+-", operator));
	return operator == '+' ? large + small : large - small;
}

static void every_sum_is_right_and_every_operand_comes_up(void **state)
{
	static bool was_drawn[2][100][10];
	char answer[8], text[PUZZLE_TEXT_BYTES];
	int n = 0;

	memset(was_drawn, 0, sizeof(was_drawn));
	set_kind(SETTINGS_KIND_ARITHMETIC);
	for (int i = 1; i <= PUZZLE_SUM_MAX; i++)
		for (uint64_t seed = 0; seed < 500; seed++) {
			(void)snprintf(answer, sizeof(answer), "%d", i);
			puzzles_text(puzzles, answer, seed, text);
			assert_int_equal(work_out(text), i);
			assert_int_equal(strspn(text,
						puzzles_alphabet(puzzles)),
					 strlen(text));
			was_drawn[text[2] == '+'][strtol(text, NULL, 10)]
				 [text[3] - '0'] = true;
		}
	for (int plus = 0; plus < 2; plus++)
		for (int large = 10; large <= 99; large++)
			for (int small = 1; small <= 9; small++) {
				int result = plus ? large + small
						  : large - small;

				n++;
				assert_int_equal(was_drawn[plus][large][small],
						 result <= PUZZLE_SUM_MAX);
			}
	assert_int_equal(n, 2 * 90 * 9);
}

static void the_same_seed_asks_the_same_sum(void **state)
{
	char a[PUZZLE_TEXT_BYTES], b[PUZZLE_TEXT_BYTES];
	int n_other = 0;

	set_kind(SETTINGS_KIND_ARITHMETIC);
	for (uint64_t seed = 0; seed < 100; seed++) {
		puzzles_text(puzzles, "50", seed, a);
		puzzles_text(puzzles, "50", seed, b);
		assert_string_equal(a, b);
		puzzles_text(puzzles, "50", seed + 1, b);
		n_other += strcmp(a, b) != 0;
	}
	assert_true(n_other > 80);
}

static void answers_of_sums_are_equally_likely(void **state)
{
	enum { N = 297000 };
	int counts[PUZZLE_SUM_MAX] = {0};

	set_kind(SETTINGS_KIND_ARITHMETIC);
	for (uint64_t i = 0; i < N; i++) {
		long n = strtol(answer_of_seed(i), NULL, 10);

		assert_in_range(n, 1, PUZZLE_SUM_MAX);
		counts[n - 1]++;
	}
	/* 98 degrees of freedom: above 200 once in 10^8 times */
	assert_true(chi_squared(counts, PUZZLE_SUM_MAX) < 200);
}

static void an_answer_that_is_no_sum_is_its_own_text(void **state)
{
	static const char *const other[] = {"0", "07", "100", "1a", "hk3wa"};
	char text[PUZZLE_TEXT_BYTES];

	set_kind(SETTINGS_KIND_ARITHMETIC);
	for (size_t i = 0; i < CF_ARRAY_LEN(other); i++) {
		puzzles_text(puzzles, other[i], 1, text);
		assert_string_equal(text, other[i]);
	}
	set_kind(SETTINGS_KIND_TEXT);
	puzzles_text(puzzles, "52", 1, text);
	assert_string_equal(text, "52");
}

/* --- words ---------------------------------------------------------------- */

static void words_are_equally_likely(void **state)
{
	enum { N = 208000 };
	static int counts[N_WORDS];

	memset(counts, 0, sizeof(counts));
	set_kind(SETTINGS_KIND_WORDS);
	put_file(settings.base.words, "words", many_words(N_WORDS, "\r\n"));
	renew();
	for (uint64_t i = 0; i < N; i++) {
		const char *word = answer_of_seed(i);

		assert_int_equal(strlen(word), 6);
		counts[(word[1] - 'a') * 676 + (word[3] - 'a') * 26 + word[5] -
		       'a']++;
	}
	/* 1039 degrees of freedom: above 1330 once in 10^8 times */
	assert_true(chi_squared(counts, N_WORDS) < 1330);
}

static void two_words_are_joined_and_blocked_across_their_seam(void **state)
{
	char seam[64];
	struct rng rng;
	int n_a = 0;

	set_kind(SETTINGS_KIND_WORDS);
	settings.base.word_count = 2;
	put_file(settings.base.words, "words", many_words(N_WORDS, "\n"));
	(void)snprintf(seam, sizeof(seam), "zaxa\n"); /* in no word alone */
	put_file(settings.base.words_blocked, "blocked", seam);
	renew();
	rng_init(&rng, 1);
	for (int i = 0; i < 5000; i++) {
		const char *answer = answer_of(&rng);

		assert_int_equal(strlen(answer), 12);
		assert_null(strstr(answer, "zaxa"));
		n_a += answer[5] == 'a';
	}
	assert_true(n_a > 0); /* words that end like this are still there */
}

static void lines_that_are_no_words_are_skipped(void **state)
{
	static char text[40000];
	struct words *words;

	(void)snprintf(text, sizeof(text),
		       "# comment\r\n\r\n  Padded\t \nab\nthirteenchars\n"
		       "it's\nna\xc3\xafve\nw0rd\n%0500d\nPADDED\nBADly\n%s"
		       "last", 7, many_words(1000, "\n"));
	put_file(settings.base.words, "words", text);
	put_file(settings.base.words_blocked, "blocked", "bad\nbadly\n");
	{
		struct words *blocked;

		assert_ok(blocked_load(&blocked, settings.base.words_blocked,
				       &err),
			  &err);
		/* a spelling that begins with another spelling is not needed */
		assert_int_equal(words_n(blocked), 1);
		assert_ok(words_load(&words, settings.base.words,
				     WORD_MAX_CHARS, blocked, &err),
			  &err);
		words_free(blocked);
	}
	assert_int_equal(words_n(words), 1002); /* and padded, and last */
	assert_string_equal(words_get(words, 0), "last");
	assert_string_equal(words_get(words, 1), "padded");
	words_free(words);
}

static void longer_words_are_left_out_of_pairs(void **state)
{
	static char text[40000];
	struct words *words;

	(void)snprintf(text, sizeof(text), "seventh\n%s",
		       many_words(1000, "\n"));
	put_file(settings.base.words, "words", text);
	assert_ok(words_load(&words, settings.base.words, PUZZLE_PAIR_CHARS / 2,
			     NULL, &err), &err);
	assert_int_equal(words_n(words), 1000);
	words_free(words);
}

static void refuses(const char *part)
{
	renew();
	err.text[0] = '\0';
	assert_status(puzzles_load(puzzles, &err), CF_CONFIG, &err);
	assert_has(err.text, part);
}

static void accepts(void)
{
	renew();
	assert_ok(puzzles_load(puzzles, &err), &err);
}

static void bad_lists_are_refused_with_the_reason(void **state)
{
	static char large[WORDS_FILE_MAX_BYTES + 2];

	set_kind(SETTINGS_KIND_WORDS);
	(void)snprintf(settings.base.words, sizeof(settings.base.words), "%s",
		       temp_path(dir, "none"));
	refuses("cannot open");
	(void)snprintf(settings.base.words, sizeof(settings.base.words), "%s",
		       dir);
	refuses("not a file");
	put_file(settings.base.words, "words", "");
	refuses("empty");
	put_file(settings.base.words, "words", many_words(999, "\n"));
	refuses("999 are words");
	/* the thousandth word, in the file that was refused before */
	put_file(settings.base.words, "words", many_words(999, "\nsame\n"));
	assert_ok(puzzles_load(puzzles, &err), &err);
	memset(large, '#', sizeof(large) - 1);
	put_file(settings.base.words, "words", large);
	refuses("longer than");
	large[WORDS_FILE_MAX_BYTES] = '\0'; /* of the greatest length */
	put_file(settings.base.words, "words", large);
	refuses("0 are words");
}

static void too_many_words_are_refused(void **state)
{
	char *text = malloc(5 * (WORDS_MAX + 1) + 2);
	size_t n = 0;

	assert_non_null(text);
	for (int i = 0; i <= WORDS_MAX; i++)
		n += (size_t)snprintf(text + n, 6, "%c%c%c%c\n",
				      'a' + i / 17576, 'a' + i / 676 % 26,
				      'a' + i / 26 % 26, 'a' + i % 26);
	set_kind(SETTINGS_KIND_WORDS);
	put_file(settings.base.words, "words", text);
	refuses("more than 100000");
	text[n - 5] = '\0';
	put_file(settings.base.words, "words", text);
	accepts();
	free(text);
}

static void bad_block_lists_are_refused_with_their_line(void **state)
{
	static const char *const rows[][2] = {
		{"good\n\nx\n", "blocked:3: not 2 to 16"},
		{"good\nno blank\n", "blocked:2:"},
		{"seventeenletters1\n", "blocked:1:"},
		{HAN_16 "\U00020000\n", "blocked:1:"},
		{"good\na\xc3\n", "blocked:2:"}, /* half a letter */
		{"good\na\u0301e\n", "blocked:2:"}, /* an accent by itself */
		{"\u05d0\u05d1\n", "blocked:1:"}, /* from right to left */
	};
	static char text[BLOCKED_MAX * 7 + 16];
	size_t n = 0;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		put_file(settings.base.words_blocked, "blocked", rows[i][0]);
		refuses(rows[i][1]);
	}
	for (int i = 0; i <= BLOCKED_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "q%05d\n", i);
	put_file(settings.base.words_blocked, "blocked", text);
	refuses("more than 10000");
	text[n - 7] = '\0';
	put_file(settings.base.words_blocked, "blocked", text);
	accepts();
	/* ignored for sums */
	put_file(settings.base.words_blocked, "blocked", "x\n");
	set_kind(SETTINGS_KIND_ARITHMETIC);
	accepts();
}

static void visitors_get_answers_from_the_kernel(void **state)
{
	char a[STORE_CODE_MAX_BYTES + 1], b[STORE_CODE_MAX_BYTES + 1];

	settings.base.length_min = settings.base.length_max = 12;
	assert_ok(puzzles_answer(puzzles, &puzzle_random_secret, a, &err),
		  &err);
	assert_ok(puzzles_answer(puzzles, &puzzle_random_secret, b, &err),
		  &err);
	assert_string_not_equal(a, b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(codes_of_text_are_equally_likely),
		TEST(default_codes_are_even_in_all_their_parts),
		TEST(blocked_spellings_are_left_out_and_the_rest_stays_even),
		TEST(blocked_spellings_are_in_no_code),
		TEST(codes_have_the_lengths_of_the_settings),
		TEST(a_list_that_blocks_nearly_all_is_refused),
		TEST(every_sum_is_right_and_every_operand_comes_up),
		TEST(the_same_seed_asks_the_same_sum),
		TEST(answers_of_sums_are_equally_likely),
		TEST(an_answer_that_is_no_sum_is_its_own_text),
		TEST(words_are_equally_likely),
		TEST(two_words_are_joined_and_blocked_across_their_seam),
		TEST(lines_that_are_no_words_are_skipped),
		TEST(longer_words_are_left_out_of_pairs),
		TEST(bad_lists_are_refused_with_the_reason),
		TEST(too_many_words_are_refused),
		TEST(bad_block_lists_are_refused_with_their_line),
		TEST(visitors_get_answers_from_the_kernel),
	};

	return cmocka_run_group_tests_name("puzzle", tests, NULL, NULL);
}
