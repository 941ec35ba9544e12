/*
 * Unicode: UTF-8 in and out, one form for all spellings of a text, and which
 * characters a picture can show. A library does the Unicode work; its version
 * decides which characters there are. Nothing here allocates.
 *
 * Letters: a character of a code has one form in which it is kept and
 * compared (utf8_letter: case folded, NFKC) and one in which it is drawn
 * (utf8_capital).
 *
 * The only code that knows utf8proc.
 */
#ifndef CF_BASE_UTF8_H
#define CF_BASE_UTF8_H

#include "base/buf.h"

enum {
	UTF8_MAX_BYTES = 4,  /* of one character */
	UTF8_FOLD_MAX = 256, /* characters utf8_fold works with at once */
};

/*
 * The first character of a text.
 *
 * returns  its length, 1 to UTF8_MAX_BYTES; 0 when the text is empty or does
 *          not begin with UTF-8 as RFC 3629 has it: nothing overlong, no
 *          surrogates, nothing above U+10FFFF
 */
CF_MUST_CHECK
size_t utf8_first(struct str text, uint32_t *c);

/* Write a character, at most UTF8_MAX_BYTES, not NUL-terminated; the number
 * of bytes. c is one that utf8_first gives. */
size_t utf8_put(uint32_t c, char *out);

/* How many characters a NUL-terminated text has, if it is UTF-8. */
size_t utf8_count(const char *text);

/*
 * The text with all that people cannot see or do not mean to tell apart made
 * one: NFKC_Casefold (Unicode 3.13: compatibility forms such as full-width
 * letters, case, the order of accents; zero-width and other default-ignorable
 * characters go), and then without white space. Lower-case ASCII stays as it
 * is. Folding what was folded changes nothing.
 *
 * out      max bytes, not NUL-terminated
 * returns  the length; -1 when text is not UTF-8, comes to more than
 *          UTF8_FOLD_MAX characters on its way, or does not fit
 */
CF_MUST_CHECK
ssize_t utf8_fold(struct str text, char *out, size_t max);

/*
 * The letter that a character is, so that texts of letters fold to the same
 * letters, one by one.
 *
 * returns  the letter; 0 for what is none: not assigned or for private use,
 *          control, white space, combining with what is before it, folded
 *          to nothing or to more than one, or written from right to left
 */
CF_MUST_CHECK
uint32_t utf8_letter(uint32_t c);

/* How a letter is drawn: the upper-case form of one that has a single one,
 * else itself. */
uint32_t utf8_capital(uint32_t letter);

/* Whether it is a letter or digit of any script, and not a sign. */
bool utf8_is_alnum(uint32_t c);

/* Whether it is a Han ideograph, which Latin fonts lack. */
bool utf8_is_han(uint32_t c);

#endif
