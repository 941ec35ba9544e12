/*
 * Text that several formats share: hexadecimal and decimal digits, escapes of
 * URLs, and cutting at a character.
 */
#ifndef CF_BASE_TEXT_H
#define CF_BASE_TEXT_H

#include "base/buf.h"

/* The 64 characters of base64url (RFC 4648, section 5). They are also those of
 * sitekeys, secrets and tokens. */
#define TEXT_BASE64URL \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* The digits in lower case, NUL-terminated. */
extern const char text_hex_digits[17];

/* The value of a digit of either case; -1 for any other byte. */
int text_hex_value(char c);

/* Write a byte as two digits in lower case, without a NUL. */
void text_put_hex(char out[2], char byte);

/* Cut text at the first c, as strsep(3) does: returns the part before c, and
 * leaves the part behind c in *text. Without a c: all, and {NULL, 0}. */
struct str text_cut(struct str *text, char c);

/* The next word of a list with blanks between its words, and *list behind it.
 * Empty at the end. */
struct str text_next_word(const char **list);

/* Whether such a list has this word. */
CF_MUST_CHECK
bool text_has_word(const char *list, struct str word);

/* Whether a text can be the tag of a language (RFC 5646) that fits into 7
 * characters: letters, digits and -. */
enum { TEXT_TAG_MAX_CHARS = 7 };
CF_MUST_CHECK
bool text_is_tag(struct str text);

/* Cut off the first element of a list of HTTP such as "de;q=0.8, en" (RFC 9110
 * section 12.4.2): its name without blanks, and its weight in thousandths, 0
 * for a weight that cannot be read. */
struct str text_cut_weighed(struct str *list, int *weight);

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

/* Append text with %XX for each byte that a URL must not have (RFC 3986, 2),
 * and for each character of `also`. A % stays, unless it is in `also`. */
void text_add_url(struct buf *out, struct str text, const char *also);

/* Parse decimal digits: 0 for an empty text, INT64_MAX for a larger number, -1
 * for a text with any other byte. */
int64_t text_parse_decimal(struct str text);

#endif
