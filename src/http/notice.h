/*
 * What to tell a client about a check: a code in the API, and a sentence on a
 * page. The verdicts of the challenge layer come first.
 */
#ifndef CF_HTTP_NOTICE_H
#define CF_HTTP_NOTICE_H

#include "challenge/challenge.h"

enum notice {
	NOTICE_UNKNOWN = CHALLENGE_UNKNOWN,
	NOTICE_PASS = CHALLENGE_PASS,
	NOTICE_WRONG = CHALLENGE_WRONG,
	NOTICE_EXPIRED = CHALLENGE_EXPIRED,
	NOTICE_MALFORMED = CHALLENGE_MALFORMED,
	NOTICE_MISSING_PID,
	NOTICE_MISSING_CODE,
	NOTICE_UNAVAILABLE,
	NOTICE_LIMITED,
	NOTICE_NEW_PICTURE,
	NOTICE_NO_PICTURE,
	NOTICE_COUNT,
	NOTICE_NONE = NOTICE_COUNT
};

/* The code is the same for unknown and for expired challenges: clients must not
 * tell them apart. */
struct notice_words {
	const char *code;
	const char *sentence;
};

const struct notice_words *notice_words(enum notice notice);

#endif
