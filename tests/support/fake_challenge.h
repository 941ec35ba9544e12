/*
 * A challenge layer that does as the test says and writes down what it was
 * asked. Linked in place of libchallenge.a, for tests of http alone.
 */
#ifndef CF_TESTS_FAKE_CHALLENGE_H
#define CF_TESTS_FAKE_CHALLENGE_H

#include "challenge/challenge.h"

enum { FAKE_TEXT_BYTES = 8192 };

#define FAKE_PID "0Ab3EfGhIjKlMnOp"
/* Not a picture, but begins like one; base64 iVBORw0KGgoA. */
#define FAKE_PNG      "\x89PNG\r\n\x1a\n\0"
#define FAKE_PNG_BASE64 "iVBORw0KGgoA"
enum { FAKE_PNG_BYTES = sizeof(FAKE_PNG) - 1 };

/* What there is beside the base. */
#define FAKE_PROFILE "login"
enum {
	FAKE_TTL_S = 300,
	FAKE_LOGIN_TTL_S = 120
};

struct challenge {
	/* what to answer; zeroed: all goes well, verdict UNKNOWN */
	enum cf_status status;
	enum challenge_verdict verdict;
	bool is_login; /* what is checked is of FAKE_PROFILE, not the base */
	bool of_none;  /* of a profile that is no more */
	bool has_base_alone; /* no other is told of, though it is found */
	size_t png_bytes; /* this many bytes instead of FAKE_PNG */
	struct challenge_health health;
	bool is_crowded;
	/* what was asked */
	int n_issue;
	int n_picture;
	int n_verify;
	int n_health;
	char profile[64]; /* of the last issue */
	bool had_png;  /* in the last issue or picture */
	struct pid pid; /* "" for a text that is no pid */
	char answer[FAKE_TEXT_BYTES];
	size_t answer_len;
	const char *wanted; /* profile of the last verify; NULL for any */
};

int fake_challenge_n_calls(const struct challenge *ch);

#endif
