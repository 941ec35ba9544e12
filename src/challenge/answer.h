/*
 * Answers as people type them, made comparable; private to the challenge
 * layer.
 *
 * An answer is folded (utf8_fold): case, full-width and other compatibility
 * forms and the spelling of accents do not count; white space and what cannot
 * be seen, such as the zero-width characters that phones and copying put in,
 * go. Codes are folded already, and so were those of versions that knew ASCII
 * alone.
 *
 * Who reads Latin letters off a picture and has a Cyrillic or Greek keyboard
 * types what looks like them. So to a code that is all ASCII, the letters of
 * these alphabets whose capitals look like Latin capitals (and З like 3) count
 * as those. Each stands for one character, so that a guess is worth no more.
 * To any other code they are themselves: Cyrillic А is no Latin A.
 */
#ifndef CF_CHALLENGE_ANSWER_H
#define CF_CHALLENGE_ANSWER_H

#include "challenge/challenge.h"

/* Zero to the end, each; ready to compare. */
struct answer {
	char folded[STORE_CODE_MAX_BYTES];
	char latin[STORE_CODE_MAX_BYTES]; /* with look-alikes as ASCII */
};

/* An answer that is empty, not UTF-8, too long for a code or, before it is
 * folded, of more than UTF8_FOLD_MAX characters becomes one that nothing
 * equals. */
void answer_init(struct answer *answer, struct str typed);

/* Whether it is this code; takes as long whether or not it is. */
CF_MUST_CHECK
bool answer_is(const struct answer *answer, const char *code);

#endif
