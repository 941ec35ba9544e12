/*
 * utf8.c: what is UTF-8, what folds to what, and what is a letter.
 */
#include "base/base.h"
#include "base/utf8.h"
#include "tests/support/check.h"

/* The fold of len bytes as a C string; NULL when there is none. */
static const char *fold_bytes(const char *text, size_t len)
{
	static char out[1024 + 1];
	ssize_t n = utf8_fold((struct str){text, len}, out, sizeof(out) - 1);

	if (n < 0)
		return NULL;
	out[n] = '\0';
	return out;
}

static const char *fold(const char *text)
{
	return fold_bytes(text, strlen(text));
}

static void characters_come_out_as_they_went_in(void **state)
{
	static const uint32_t edges[] = {
		1,	0x7f,	0x80,	0x7ff,	 0x800,	  0xd7ff,
		0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(edges); i++) {
		char bytes[UTF8_MAX_BYTES];
		size_t n = utf8_put(edges[i], bytes);
		uint32_t c;

		assert_int_equal(utf8_first((struct str){bytes, n}, &c), n);
		assert_int_equal(c, edges[i]);
		/* cut short it is none */
		for (size_t len = 0; len < n; len++)
			assert_int_equal(
				utf8_first((struct str){bytes, len}, &c), 0);
	}
}

static void what_is_not_utf8_is_refused(void **state)
{
	static const char *const wrong[] = {
		"\x80",		    "\xbf",		"\xc0\x80",
		"\xc1\xbf",	    "\xe0\x80\x80",	"\xe0\x9f\xbf",
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
		"\xed\xbf\xbf",	    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80", "\xfe",		"\xff",
		"\xc3(",	    "\xe2\x82(",	"\xf0\x9f\x98(",
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(wrong); i++) {
		char text[16];
		uint32_t c;

		assert_int_equal(utf8_first(str_from(wrong[i]), &c), 0);
		assert_null(fold(wrong[i]));
		(void)snprintf(text, sizeof(text), "ab%sc", wrong[i]);
		assert_null(fold(text));
	}
}

static void spellings_of_one_text_fold_to_one(void **state)
{
	static const char *const rows[][2] = {
		{"ace3", "ace3"},
		{"ACE3", "ace3"},
		{"ＡＣＥ３", "ace3"},
		{"ａｃｅ３", "ace3"},
		{"\u00e9", "\u00e9"},
		{"e\u0301", "\u00e9"},
		{"E\u0301", "\u00e9"},
		{"\u03a3\u03c3\u03c2", "\u03c3\u03c3\u03c3"},
		{"\u212b", "\u00e5"},	       /* the Angstrom sign */
		{"\u2126", "\u03c9"},	       /* the Ohm sign */
		{"\u00b5", "\u03bc"},	       /* the micro sign */
		{"\u017f", "s"},
		{"\u00df", "ss"},
		{"\u1e9e", "ss"},
		{"\ufb01\ufb03", "fiffi"},
		{"\u0130", "i\u0307"},
		{"\u0131", "\u0131"},	       /* dotless i is no i */
		{"\u2460\u00b2", "12"},
		{"\u2122", "tm"},
		{"\u1100\u1161\u11a8", "\uac01"},
		{"\u3131", "\u1100"},
		{"\uf9d1", "\u516d"},
		{"\U0001d400", "a"},
		/* two accents in either order */
		{"a\u0323\u0307", "\u1ea1\u0307"},
		{"a\u0307\u0323", "\u1ea1\u0307"},
		/* alphabets stay apart */
		{"\u0410", "\u0430"},
		{"\u0391", "\u03b1"},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		char once[64];

		assert_string_equal(fold(rows[i][0]), rows[i][1]);
		(void)snprintf(once, sizeof(once), "%.60s",
			       fold(rows[i][0]));
		assert_string_equal(fold(once), once);
	}
}

static void what_is_not_seen_goes(void **state)
{
	static const uint32_t unseen[] = {
		' ',	'\t',	'\n',	'\v',	'\f',	'\r',	0x85,
		0xa0,	0xad,	0x034f, 0x061c, 0x1680, 0x180e, 0x2000,
		0x200a, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028,
		0x2029, 0x202a, 0x202e, 0x202f, 0x205f, 0x2060, 0x2066,
		0x2069, 0x3000, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xe0100,
		0xe0041};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(unseen); i++) {
		char c[UTF8_MAX_BYTES + 1], text[32];

		c[utf8_put(unseen[i], c)] = '\0';
		(void)snprintf(text, sizeof(text), "%sA%sb%s", c, c, c);
		if (strcmp(fold(text), "ab"))
			fail_msg("U+%04X stays", (unsigned)unseen[i]);
		assert_int_equal(utf8_letter(unseen[i]), 0);
	}
	assert_string_equal(fold(""), "");
	assert_string_equal(fold(" \u200b\u3000"), "");
}

static void a_nul_stays_where_it_is(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(utf8_fold((struct str){"a\0b", 3}, out, 8), 3);
	assert_memory_equal(out, "a\0b", 3);
	assert_int_equal(utf8_fold((struct str){NULL, 0}, out, 8), 0);
}

static void a_text_fits_to_the_byte_or_not_at_all(void **state)
{
	char text[3 * UTF8_FOLD_MAX + 8], out[3 * UTF8_FOLD_MAX];

	(void)state;
	memset(text, 'A', sizeof(text));
	assert_int_equal(utf8_fold((struct str){text, 10}, out, 10), 10);
	assert_int_equal(utf8_fold((struct str){text, 10}, out, 9), -1);
	assert_int_equal(utf8_fold((struct str){"\u00e9", 2}, out, 2), 2);
	assert_int_equal(utf8_fold((struct str){"\u00e9", 2}, out, 1), -1);
	assert_int_equal(utf8_fold((struct str){text, UTF8_FOLD_MAX}, out,
				   sizeof(out)),
			 UTF8_FOLD_MAX);
	assert_int_equal(utf8_fold((struct str){text, UTF8_FOLD_MAX + 1}, out,
				   sizeof(out)),
			 -1);
	/* one character that folds to 18 */
	for (size_t i = 0; i < UTF8_FOLD_MAX; i++)
		memcpy(text + 3 * i, "\ufdfa", 3);
	assert_int_equal(utf8_fold((struct str){text, (size_t)3 * 14}, out,
				   sizeof(out)),
			 14 * 30); /* without its three spaces */
	assert_int_equal(utf8_fold((struct str){text, (size_t)3 * 15}, out,
				   sizeof(out)),
			 -1);
}

/* In the order that is slowest to sort: the library takes time with the
 * square of their number, so their number has a limit. */
static void a_flood_of_accents_is_over_at_once(void **state)
{
	size_t max = 200000;
	char *text = malloc(max), out[4 * UTF8_FOLD_MAX];
	size_t len = 0;

	(void)state;
	assert_non_null(text);
	while (len + 2 <= max)
		len += utf8_put(len % 4 ? 0x0323 : 0x0301, text + len);
	assert_int_equal(utf8_fold((struct str){text, len}, out, sizeof(out)),
			 -1);
	assert_true(utf8_fold((struct str){text, (size_t)2 * UTF8_FOLD_MAX},
			      out, sizeof(out)) > 0);
	free(text);
}

static void a_letter_stands_alone(void **state)
{
	static const uint32_t letters[][2] = {
		{'A', 'a'},	  {'z', 'z'},	    {'7', '7'},
		{'+', '+'},	  {'=', '='},	    {0x00c9, 0x00e9},
		{0x0416, 0x0436}, {0x03a9, 0x03c9}, {0x03c2, 0x03c3},
		{0x4e00, 0x4e00}, {0xff21, 'a'},    {0xac00, 0xac00},
		{0x10d0, 0x10d0}, {0x00b2, '2'},    {0x1f600, 0x1f600},
	};
	static const uint32_t others[] = {
		0,	0x1b,	0x7f,	0xd800, 0xdfff, 0xfffe, 0x110000,
		0x0301, 0x20e3, 0x0903, /* combining */
		0x1161, 0x11a8, 0x314f, /* Hangul in parts */
		0x00df, 0xfb01, 0x0130, 0xfdfa, /* more than one */
		0x05d0, 0x0627, 0x0661, /* from right to left */
		0xe000, 0xf0000, 0x0378, UINT32_MAX,
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(letters); i++)
		assert_int_equal(utf8_letter(letters[i][0]), letters[i][1]);
	for (size_t i = 0; i < CF_ARRAY_LEN(others); i++)
		if (utf8_letter(others[i]))
			fail_msg("U+%04X is a letter", (unsigned)others[i]);
}

/* What the alphabet relies on: texts of letters fold letter by letter. */
static void letters_fold_one_by_one(void **state)
{
	char text[3 * UTF8_MAX_BYTES + 1], wanted[3 * UTF8_MAX_BYTES + 1];
	uint32_t last = 'e';

	(void)state;
	for (uint32_t c = 1; c < 0x20000; c++) {
		uint32_t letter = utf8_letter(c);
		size_t n = 0;

		if (!letter)
			continue;
		assert_int_equal(utf8_letter(letter), letter);
		assert_int_equal(utf8_letter(utf8_capital(letter)), letter);
		n = utf8_put(last, text);
		n += utf8_put(utf8_capital(letter), text + n);
		text[n] = '\0';
		n = utf8_put(last, wanted);
		n += utf8_put(letter, wanted + n);
		wanted[n] = '\0';
		if (strcmp(fold(text), wanted))
			fail_msg("U+%04X joins U+%04X", (unsigned)c,
				 (unsigned)last);
		last = letter;
	}
}

static void capitals_are_single_letters(void **state)
{
	static const uint32_t rows[][2] = {
		{'a', 'A'},	  {'3', '3'},	    {0xe9, 0xc9},
		{0x0436, 0x0416}, {0x03c3, 0x03a3}, {0x4e00, 0x4e00},
		{0x0131, 0x0131}, {0x10d0, 0x10d0}, {0xff, 0x178},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		assert_int_equal(utf8_capital(rows[i][0]), rows[i][1]);
}

static void characters_are_counted(void **state)
{
	(void)state;
	assert_int_equal(utf8_count(""), 0);
	assert_int_equal(utf8_count("aé山\U0001f600"), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_come_out_as_they_went_in),
		cmocka_unit_test(what_is_not_utf8_is_refused),
		cmocka_unit_test(spellings_of_one_text_fold_to_one),
		cmocka_unit_test(what_is_not_seen_goes),
		cmocka_unit_test(a_nul_stays_where_it_is),
		cmocka_unit_test(a_text_fits_to_the_byte_or_not_at_all),
		cmocka_unit_test(a_flood_of_accents_is_over_at_once),
		cmocka_unit_test(a_letter_stands_alone),
		cmocka_unit_test(letters_fold_one_by_one),
		cmocka_unit_test(capitals_are_single_letters),
		cmocka_unit_test(characters_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
