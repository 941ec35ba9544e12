/*
 * A challenge layer that does as the test says and writes down its calls.
 * Linked in place of libchallenge.a, for tests of http alone.
 */
#ifndef CF_TESTS_FAKE_CHALLENGE_H
#define CF_TESTS_FAKE_CHALLENGE_H

#include "challenge/challenge.h"

#define FAKE_PID "0Ab3EfGhIjKlMnOp"
/* Not a picture, but begins like one; base64 iVBORw0KGgoA. */
#define FAKE_PNG	"\x89PNG\r\n\x1a\n\0"
#define FAKE_PNG_BASE64 "iVBORw0KGgoA"
enum {
	FAKE_PNG_BYTES = sizeof(FAKE_PNG) - 1
};

/* The profile beside the base, which is called "default". */
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
	bool of_none;  /* the profile of what is checked is no more */
	bool has_base_alone; /* FAKE_PROFILE is found, but not counted */
	size_t png_bytes;    /* this many bytes instead of FAKE_PNG */
	struct challenge_health health;
	bool is_crowded;
	/*
	 * The calls, with ", " between them:
	 * "issue PROFILE" or "issue PROFILE png", "picture PID", "health",
	 * "verify PID ANSWER PROFILE": of a text that is no pid "-", of any
	 * profile "any", bytes that are not printable as \xNN.
	 */
	char calls[512];
};

#endif
