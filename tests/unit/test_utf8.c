/*
 * utf8.c: valid UTF-8, folds of texts, and letters.
 */
#include "base/base.h"
#include "base/utf8.h"
#include "tests/support/check.h"

/* The fold as a C string; NULL when there is none. */
static const char *fold(const char *text)
{
	static char out[1024 + 1];
	ssize_t n = utf8_fold(str_from(text), out, sizeof(out) - 1);

	if (n < 0)
		return NULL;
	out[n] = '\0';
	return out;
}

static void characters_are_read_as_they_were_written(void **state)
{
	static const uint32_t edges[] = {
		1,	0x7f,	0x80,	0x7ff,	 0x800,	  0xd7ff,
		0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff};

	for (size_t i = 0; i < CF_ARRAY_LEN(edges); i++) {
		char bytes[UTF8_MAX_BYTES];
		size_t n = utf8_put(edges[i], bytes);
		uint32_t c;

		assert_int_equal(utf8_first((struct str){bytes, n}, &c), n);
		assert_int_equal(c, edges[i]);
		for (size_t len = 0; len < n; len++)
			assert_int_equal(
				utf8_first((struct str){bytes, len}, &c), 0);
	}
	assert_int_equal(utf8_count(""), 0);
	assert_int_equal(utf8_count("aé山\U0001f600"), 4);
}

static void other_bytes_are_refused(void **state)
{
	static const char *const wrong[] = {
		"\x80",		    "\xbf",		"\xc0\x80",
		"\xc1\xbf",	    "\xe0\x80\x80",	"\xe0\x9f\xbf",
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
		"\xed\xbf\xbf",	    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80", "\xfe",		"\xff",
		"\xc3(",	    "\xe2\x82(",	"\xf0\x9f\x98(",
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(wrong); i++) {
		char text[16];
		uint32_t c;

		assert_int_equal(utf8_first(str_from(wrong[i]), &c), 0);
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

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		char once[64];

		assert_string_equal(fold(rows[i][0]), rows[i][1]);
		(void)snprintf(once, sizeof(once), "%.60s",
			       fold(rows[i][0]));
		assert_string_equal(fold(once), once);
	}
}

static void unseen_characters_are_removed(void **state)
{
	static const uint32_t unseen[] = {
		' ',	'\t',	'\n',	'\v',	'\f',	'\r',	0x85,
		0xa0,	0xad,	0x034f, 0x061c, 0x1680, 0x180e, 0x2000,
		0x200a, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2028,
		0x2029, 0x202a, 0x202e, 0x202f, 0x205f, 0x2060, 0x2066,
		0x2069, 0x3000, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xe0100,
		0xe0041};

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

static void a_text_fits_to_the_byte_or_not_at_all(void **state)
{
	enum { F = UTF8_FOLD_MAX };
	static char many_a[F + 1], ligatures[3 * 15], out[3 * F];
	const struct {
		struct str text;
		size_t max;
		ssize_t n;
	} rows[] = {
		{{NULL, 0}, 8, 0},
		{{"a\0b", 3}, 8, 3}, /* NUL is a character */
		{{many_a, 10}, 10, 10},
		{{many_a, 10}, 9, -1},
		{{"\u00e9", 2}, 2, 2},
		{{"\u00e9", 2}, 1, -1},
		{{many_a, F}, sizeof(out), F},
		{{many_a, F + 1}, sizeof(out), -1},
		/* each folds to 18 characters, of which 3 are spaces */
		{{ligatures, 3 * 14}, sizeof(out), 14 * 30},
		{{ligatures, 3 * 15}, sizeof(out), -1},
	};

	memset(many_a, 'A', sizeof(many_a));
	for (size_t i = 0; i < 15; i++)
		memcpy(ligatures + 3 * i, "\ufdfa", 3);
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		assert_int_equal(utf8_fold(rows[i].text, out, rows[i].max),
				 rows[i].n);
}

/* In the order that is slowest to sort: utf8proc takes time with the square of
 * their number. */
static void a_flood_of_accents_is_refused_at_once(void **state)
{
	size_t max = 200000;
	char *text = malloc(max), out[4 * UTF8_FOLD_MAX];
	size_t len = 0;

	assert_non_null(text);
	while (len + 2 <= max)
		len += utf8_put(len % 4 ? 0x0323 : 0x0301, text + len);
	assert_int_equal(utf8_fold((struct str){text, len}, out, sizeof(out)),
			 -1);
	assert_true(utf8_fold((struct str){text, (size_t)2 * UTF8_FOLD_MAX},
			      out, sizeof(out)) > 0);
	free(text);
}

static void a_character_has_a_letter_and_its_capital(void **state)
{
	static const uint32_t rows[][3] = {
		{'A', 'a', 'A'},	   {'z', 'z', 'Z'},
		{'7', '7', '7'},	   {'+', '+', '+'},
		{'=', '=', '='},	   {0xc9, 0xe9, 0xc9},
		{0xff, 0xff, 0x178},	   {0x131, 0x131, 0x131},
		{0x416, 0x436, 0x416},	   {0x3a9, 0x3c9, 0x3a9},
		{0x3c2, 0x3c3, 0x3a3},	   {0x4e00, 0x4e00, 0x4e00},
		{0xff21, 'a', 'A'},	   {0xac00, 0xac00, 0xac00},
		{0x10d0, 0x10d0, 0x10d0},  {0xb2, '2', '2'},
		{0x1f600, 0x1f600, 0x1f600},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_int_equal(utf8_letter(rows[i][0]), rows[i][1]);
		assert_int_equal(utf8_capital(rows[i][1]), rows[i][2]);
	}
}

static void other_characters_are_no_letters(void **state)
{
	static const uint32_t others[] = {
		0,	0x1b,	0x7f,	0xd800, 0xdfff, 0xfffe, 0x110000,
		0x0301, 0x20e3, 0x0903, /* combining */
		0x1161, 0x11a8, 0x314f, /* Hangul in parts */
		0x00df, 0xfb01, 0x0130, 0xfdfa, /* more than one */
		0x05d0, 0x0627, 0x0661, /* from right to left */
		0xe000, 0xf0000, 0x0378, UINT32_MAX,
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(others); i++)
		if (utf8_letter(others[i]))
			fail_msg("U+%04X is a letter", (unsigned)others[i]);
}

static void letters_and_digits_are_no_signs(void **state)
{
	static const struct {
		uint32_t c;
		bool is_alnum, is_han;
	} rows[] = {
		{'a', true, false},	{0x1c5, true, false}, /* Lt */
		{0x2b0, true, false},	{'7', true, false},
		{0x2160, true, false},	{0xb2, true, false},
		{0x5d0, true, false},	{0x4e00, true, true},
		{0x3400, true, true},	{0x9fff, true, true},
		{0xf900, true, true},	{0x20000, true, true},
		{0x33ff, false, false}, {0xa000, true, false},
		{0x301, false, false},	{0x903, false, false},
		{0x20e3, false, false}, {'_', false, false},
		{'+', false, false},	{' ', false, false},
		{0x378, false, false},	{0x1f600, false, false},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		if (utf8_is_alnum(rows[i].c) != rows[i].is_alnum ||
		    utf8_is_han(rows[i].c) != rows[i].is_han)
			fail_msg("U+%04X", (unsigned)rows[i].c);
	}
}

/* alphabet.c relies on it. */
static void letters_fold_one_by_one(void **state)
{
	char text[3 * UTF8_MAX_BYTES + 1], wanted[3 * UTF8_MAX_BYTES + 1];
	uint32_t last = 'e';

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

static void digits_of_each_script_have_their_values(void **state)
{
	static const struct {
		uint32_t zero; /* nine digits follow it */
		const char *script;
	} rows[] = {
		{'0', "ASCII"},		  {0x0660, "Arabic-Indic"},
		{0x06f0, "Persian"},	  {0x0966, "Devanagari"},
		{0x09e6, "Bengali"},	  {0x0e50, "Thai"},
		{0x0f20, "Tibetan"},	  {0x1040, "Myanmar"},
		{0x17e0, "Khmer"},	  {0xff10, "full-width"},
		{0x1d7ce, "bold"},	  {0x1d7d8, "double-struck"},
		{0x1d7f6, "monospace"},
	};
	static const uint32_t others[] = {0,	  '/',	  ':',	   'O',
					  0x00b2, 0x0969 + 7, 0x2460,  0x4e00,
					  0x066a, 0xffff, 0x10ffff};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		for (int n = 0; n < 10; n++)
			if (utf8_digit(rows[i].zero + (uint32_t)n) != n)
				fail_msg("%s %d", rows[i].script, n);
	for (size_t i = 0; i < CF_ARRAY_LEN(others); i++)
		assert_int_equal(utf8_digit(others[i]), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_read_as_they_were_written),
		cmocka_unit_test(other_bytes_are_refused),
		cmocka_unit_test(spellings_of_one_text_fold_to_one),
		cmocka_unit_test(unseen_characters_are_removed),
		cmocka_unit_test(a_text_fits_to_the_byte_or_not_at_all),
		cmocka_unit_test(a_flood_of_accents_is_refused_at_once),
		cmocka_unit_test(a_character_has_a_letter_and_its_capital),
		cmocka_unit_test(other_characters_are_no_letters),
		cmocka_unit_test(letters_and_digits_are_no_signs),
		cmocka_unit_test(letters_fold_one_by_one),
		cmocka_unit_test(digits_of_each_script_have_their_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
