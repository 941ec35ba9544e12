/*
 * Pieces of text that several formats share: hexadecimal digits, escapes of
 * URLs, and cutting at a character.
 */
#ifndef CF_BASE_TEXT_H
#define CF_BASE_TEXT_H

#include "base/buf.h"

/* The digits in lower case, NUL-terminated. */
extern const char text_hex_digits[17];

/* The value of a digit of either case; -1 for any other byte. */
int text_hex_value(char c);

/* Write a byte as two digits in lower case, without a NUL. */
void text_put_hex(char out[2], char byte);

/*
 * Cut text at the first c, as strsep(3) does.
 *
 * text     afterwards what stands behind that c; {NULL, 0} when there is no c
 * returns  what stands before that c; all of text when there is no c
 */
struct str text_cut(struct str *text, char c);

/*
 * Decode the %XX of a URL.
 *
 * plus_is_space  as in application/x-www-form-urlencoded
 * out            max bytes, not NUL-terminated; text.len are always enough
 * returns        the length; -1 when a % is not followed by two digits, or
 *                when the decoded text has more than max bytes
 */
CF_MUST_CHECK
ssize_t text_decode_url(struct str text, bool plus_is_space, char *out,
			size_t max);

/* Append text with %XX for each byte that may not stand in a URL (RFC 3986,
 * 2), and for each character of `also`. A % stays, unless it is in `also`. */
void text_add_url(struct buf *out, struct str text, const char *also);

/* The number that decimal digits write: 0 for no digits at all, INT64_MAX for
 * a number that is larger, -1 when any other byte is among them. */
int64_t text_parse_decimal(struct str text);

#endif
