/*
 * Answers as people type them, made comparable; private to the challenge
 * layer.
 */
#ifndef CF_CHALLENGE_ANSWER_H
#define CF_CHALLENGE_ANSWER_H

#include "challenge/challenge.h"

/* Lower-case, without white space, zero to the end; ready to compare. */
struct answer {
	char bytes[STORE_CODE_MAX_BYTES];
};

/* An answer that is too long or empty becomes one that nothing equals. */
void answer_init(struct answer *answer, struct str typed);

/* Whether it is this code; takes as long whether or not it is. */
CF_MUST_CHECK
bool answer_is(const struct answer *answer, const char *code);

#endif
