/*
 * Unicode: see utf8.h. utf8proc decodes, folds, decomposes and composes. The
 * functions here decide by its tables which characters are letters.
 */
#include "base/base.h"
#include "base/utf8.h"

#include <utf8proc.h>

/* Of NFKC_Casefold all but the composing. */
static const utf8proc_option_t fold_options = UTF8PROC_STABLE |
	UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
	UTF8PROC_IGNORE;

/* Sets of general categories, a bit for each. */
#define IN(category) (1u << UTF8PROC_CATEGORY_##category)
enum {
	SPACES = IN(ZS) | IN(ZL) | IN(ZP),
	INVISIBLE = SPACES | IN(CN) | IN(CC) | IN(CF) | IN(CS) | IN(CO),
	MARKS = IN(MN) | IN(MC) | IN(ME),
	ALNUMS = IN(LU) | IN(LL) | IN(LT) | IN(LM) | IN(LO) | IN(ND) | IN(NL) |
		 IN(NO),
};

static bool is_of(utf8proc_int32_t c, unsigned categories)
{
	return categories >> utf8proc_category(c) & 1;
}

size_t utf8_first(struct str text, uint32_t *c)
{
	utf8proc_int32_t found;
	utf8proc_ssize_t n;

	*c = 0;
	if (!text.len)
		return 0;
	n = utf8proc_iterate((const utf8proc_uint8_t *)text.ptr,
			     text.len < UTF8_MAX_BYTES ? (ssize_t)text.len
						       : UTF8_MAX_BYTES,
			     &found);
	if (n <= 0)
		return 0;
	*c = (uint32_t)found;
	return (size_t)n;
}

size_t utf8_put(uint32_t c, char *out)
{
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)c,
					    (utf8proc_uint8_t *)out);
}

size_t utf8_count(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* White_Space of the Unicode character database. */
static bool is_space(utf8proc_int32_t c)
{
	return is_of(c, SPACES) || (c >= '\t' && c <= '\r') || c == 0x85;
}

ssize_t utf8_fold(struct str text, char *out, size_t max)
{
	utf8proc_int32_t chars[UTF8_FOLD_MAX];
	utf8proc_ssize_t n;
	size_t len = 0;

	/* utf8proc sorts accents in time with the square of their number, but
	 * not when the text is longer than the buffer */
	n = utf8proc_decompose((const utf8proc_uint8_t *)text.ptr,
			       (utf8proc_ssize_t)text.len, chars,
			       UTF8_FOLD_MAX, fold_options);
	if (n < 0 || n > UTF8_FOLD_MAX)
		return -1;
	n = utf8proc_normalize_utf32(chars, n,
				     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	for (utf8proc_ssize_t i = 0; i < n; i++) {
		char bytes[UTF8_MAX_BYTES];
		size_t n_bytes;

		if (is_space(chars[i]))
			continue;
		n_bytes = utf8_put((uint32_t)chars[i], bytes);
		if (n_bytes > max - len)
			return -1;
		memcpy(out + len, bytes, n_bytes);
		len += n_bytes;
	}
	return n < 0 ? -1 : (ssize_t)len;
}

/* Whether the character can join the one before it: accents, and the vowels
 * and finals of Hangul, which compose into syllables. */
static bool is_joining(utf8proc_int32_t c)
{
	const utf8proc_property_t *property = utf8proc_get_property(c);

	return is_of(c, MARKS) || property->combining_class ||
	       property->boundclass == UTF8PROC_BOUNDCLASS_V ||
	       property->boundclass == UTF8PROC_BOUNDCLASS_T;
}

static bool is_leftward(utf8proc_int32_t c)
{
	utf8proc_propval_t class = utf8proc_get_property(c)->bidi_class;

	return class == UTF8PROC_BIDI_CLASS_R ||
	       class == UTF8PROC_BIDI_CLASS_AL ||
	       class == UTF8PROC_BIDI_CLASS_AN;
}

uint32_t utf8_letter(uint32_t c)
{
	char bytes[UTF8_MAX_BYTES], folded[UTF8_MAX_BYTES];
	utf8proc_int32_t letter;
	ssize_t n;

	if (!utf8proc_codepoint_valid((utf8proc_int32_t)c))
		return 0;
	n = utf8_fold((struct str){bytes, utf8_put(c, bytes)}, folded,
		      sizeof(folded));
	if (n <= 0 ||
	    utf8_first((struct str){folded, (size_t)n}, &c) != (size_t)n)
		return 0;
	letter = (utf8proc_int32_t)c;
	if (is_of(letter, INVISIBLE) ||
	    utf8proc_get_property(letter)->ignorable || is_joining(letter) ||
	    is_leftward(letter))
		return 0;
	return c;
}

uint32_t utf8_capital(uint32_t letter)
{
	/* title case: Georgian fonts lack the upper case */
	uint32_t capital = (uint32_t)utf8proc_totitle((utf8proc_int32_t)letter);

	return utf8_letter(capital) == letter ? capital : letter;
}

bool utf8_is_alnum(uint32_t c)
{
	return is_of((utf8proc_int32_t)c, ALNUMS);
}

/* Unicode promises that decimal digits stand in runs of ten, from zero on
 * (section 4.6). Runs may touch. */
int utf8_digit(uint32_t c)
{
	utf8proc_int32_t zero = (utf8proc_int32_t)c;

	if (!is_of(zero, IN(ND)))
		return -1;
	while (is_of(zero - 1, IN(ND)))
		zero--;
	return ((utf8proc_int32_t)c - zero) % 10;
}

bool utf8_is_han(uint32_t c)
{
	return (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0x20000 && c <= 0x3ffff);
}
