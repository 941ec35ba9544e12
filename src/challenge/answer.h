/*
 * Answers as people type them, made comparable; private to the challenge
 * layer.
 *
 * An answer is folded (utf8_fold): case, compatibility forms such as full-width
 * letters, and the spelling of accents do not count. White space and invisible
 * characters, which phones and copying put in, are dropped. Codes are folded
 * already.
 *
 * A visitor with a Cyrillic or Greek keyboard types letters that look like the
 * Latin letters of a picture. So where a code is all ASCII, letters of these
 * alphabets count as Latin letters with the same capital (and З as 3). Each
 * stands for one character, so a guess is worth no more. For any other code
 * Cyrillic А is no Latin A.
 *
 * A letter that an alphabet leaves out because it looks like one that it has
 * counts as that one: no code has it, so a guess is worth no more.
 */
#ifndef CF_CHALLENGE_ANSWER_H
#define CF_CHALLENGE_ANSWER_H

#include "challenge/challenge.h"

/* Both are padded with zeroes, ready to compare. */
struct answer {
	char folded[STORE_CODE_MAX_BYTES];
	char latin[STORE_CODE_MAX_BYTES]; /* with look-alikes as ASCII */
};

/* No code equals an answer that is empty, not UTF-8, too long for a code, or of
 * more than UTF8_FOLD_MAX characters before it is folded. */
void answer_init(struct answer *answer, struct str typed);

/*
 * Whether the answer is this code; takes the same time if it is not.
 *
 * characters  those of which the code was drawn; NULL when it may have any
 */
CF_MUST_CHECK
bool answer_is(const struct answer *answer, const char *code,
	       const char *characters);

/*
 * The digits of an answer: those of any script count by their values, and
 * hyphens and dashes between them are dropped.
 *
 * out      n characters 0 to 9, not NUL-terminated
 * returns  false: the answer is not of n digits alone, and out has any bytes
 */
CF_MUST_CHECK
bool answer_read_digits(const struct answer *answer, char *out, size_t n);

#endif
