/*
 * Unicode: reading and writing UTF-8, one form for all spellings of a text,
 * and the characters that a picture can show. The version of utf8proc decides
 * which characters there are. Nothing here allocates.
 *
 * A character of a code is kept and compared in one form (utf8_letter: case
 * folded, NFKC) and drawn in another (utf8_capital).
 *
 * The only code that knows utf8proc.
 */
#ifndef CF_BASE_UTF8_H
#define CF_BASE_UTF8_H

#include "base/buf.h"

enum {
	UTF8_MAX_BYTES = 4,	    /* of one character */
	UTF8_CHARACTERS = 0x110000, /* of Unicode */
	UTF8_FOLD_MAX = 256,	    /* characters that utf8_fold holds */
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

/* Write c, which utf8_first gave, without a NUL. Returns the number of bytes,
 * at most UTF8_MAX_BYTES. */
size_t utf8_put(uint32_t c, char *out);

/* The number of characters of a NUL-terminated text in valid UTF-8. */
size_t utf8_count(const char *text);

/*
 * The form that all spellings of a text share: NFKC_Casefold (Unicode 3.13:
 * compatibility forms such as full-width letters, case, the order of accents;
 * zero-width and other default-ignorable characters are removed), and then no
 * white space. Lower-case ASCII stays as it is. The fold of a fold is the same.
 *
 * out      max bytes, not NUL-terminated
 * returns  the length; -1 when text is not UTF-8, has at some step more than
 *          UTF8_FOLD_MAX characters, or does not fit
 */
CF_MUST_CHECK
ssize_t utf8_fold(struct str text, char *out, size_t max);

/*
 * The letter that a character folds to. A text of letters folds letter by
 * letter.
 *
 * returns  the letter; 0 for a character that is not assigned or for private
 *          use, a control, white space, one that combines with the character
 *          before it or folds to none or several, or one that is written from
 *          right to left
 */
CF_MUST_CHECK
uint32_t utf8_letter(uint32_t c);

/* The form in which a letter is drawn: its upper case if that is a single
 * letter, else the letter itself. */
uint32_t utf8_capital(uint32_t letter);

/* Whether c is a letter or digit of any script, and not a sign. */
bool utf8_is_alnum(uint32_t c);

/* The value of a decimal digit of any script, 0 to 9; -1 for another
 * character. */
int utf8_digit(uint32_t c);

/* Whether c is a Han ideograph, which Latin fonts lack. */
bool utf8_is_han(uint32_t c);

#endif
