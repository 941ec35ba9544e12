/*
 * Unicode: see utf8.h. utf8proc decodes, folds, decomposes and composes; what
 * is a letter is decided here, by its tables.
 */
#include "base/base.h"
#include "base/utf8.h"

#include <sys/types.h>
#include <utf8proc.h>

/* NFKC_Casefold, but for composing. */
static const utf8proc_option_t fold_options = UTF8PROC_STABLE |
	UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
	UTF8PROC_IGNORE;

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
	utf8proc_category_t category = utf8proc_category(c);

	return category == UTF8PROC_CATEGORY_ZS ||
	       category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP || (c >= '\t' && c <= '\r') ||
	       c == 0x85;
}

ssize_t utf8_fold(struct str text, char *out, size_t max)
{
	utf8proc_int32_t chars[UTF8_FOLD_MAX];
	utf8proc_ssize_t n;
	size_t len = 0;

	/* without a buffer that has room it does not look at the order of
	 * accents, which takes time with the square of their number */
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

/* Whether it can be part of what stands before it: accents, and the vowels
 * and finals of Hangul, which compose into syllables. */
static bool is_joining(const utf8proc_property_t *property)
{
	switch (property->category) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return true;
	default:
		return property->combining_class ||
		       property->boundclass == UTF8PROC_BOUNDCLASS_V ||
		       property->boundclass == UTF8PROC_BOUNDCLASS_T;
	}
}

static bool is_visible(const utf8proc_property_t *property)
{
	switch (property->category) {
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return false;
	default:
		return !property->ignorable;
	}
}

static bool is_leftward(const utf8proc_property_t *property)
{
	return property->bidi_class == UTF8PROC_BIDI_CLASS_R ||
	       property->bidi_class == UTF8PROC_BIDI_CLASS_AL ||
	       property->bidi_class == UTF8PROC_BIDI_CLASS_AN;
}

uint32_t utf8_letter(uint32_t c)
{
	const utf8proc_property_t *property;
	char bytes[UTF8_MAX_BYTES], folded[UTF8_MAX_BYTES];
	ssize_t n;

	if (!utf8proc_codepoint_valid((utf8proc_int32_t)c))
		return 0;
	n = utf8_fold((struct str){bytes, utf8_put(c, bytes)}, folded,
		      sizeof(folded));
	if (n <= 0 ||
	    utf8_first((struct str){folded, (size_t)n}, &c) != (size_t)n)
		return 0;
	property = utf8proc_get_property((utf8proc_int32_t)c);
	if (!is_visible(property) || is_joining(property) ||
	    is_leftward(property))
		return 0;
	return c;
}

uint32_t utf8_capital(uint32_t letter)
{
	/* where the two differ (Georgian), the title case is the one that
	 * fonts have */
	uint32_t capital =
		(uint32_t)utf8proc_totitle((utf8proc_int32_t)letter);

	return utf8_letter(capital) == letter ? capital : letter;
}

bool utf8_is_alnum(uint32_t c)
{
	utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);

	return category >= UTF8PROC_CATEGORY_LU &&
	       category <= UTF8PROC_CATEGORY_NO &&
	       category != UTF8PROC_CATEGORY_MN &&
	       category != UTF8PROC_CATEGORY_MC &&
	       category != UTF8PROC_CATEGORY_ME;
}

bool utf8_is_han(uint32_t c)
{
	return (c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0x20000 && c <= 0x3ffff);
}
