/*
 * A challenge layer that returns what the test sets, and records its calls.
 * Linked in place of libchallenge.a, for tests of http only.
 */
#ifndef CF_TESTS_FAKE_CHALLENGE_H
#define CF_TESTS_FAKE_CHALLENGE_H

#include "challenge/challenge.h"
#include "challenge/token.h"

#define FAKE_PID "0Ab3EfGhIjKlMnOp"
/* The beginning of a PNG; base64 iVBORw0KGgoA. */
#define FAKE_PNG	"\x89PNG\r\n\x1a\n\0"
#define FAKE_PNG_BASE64 "iVBORw0KGgoA"
enum {
	FAKE_PNG_BYTES = sizeof(FAKE_PNG) - 1
};

/* A sound, and the digits that pass. */
#define FAKE_MARK   "0123456789abcdef0123456789abcdef"
#define FAKE_DIGITS "899064"
enum {
	FAKE_SOUND_BYTES = 256044,
	FAKE_LEFT_S = 250
};

#define FAKE_TOKEN "C1_0Ab3EfGhIjKlMnOp_token"

/* The profile beside the base, which is called "default". */
#define FAKE_PROFILE "login"
enum {
	FAKE_TTL_S = 300,
	FAKE_LOGIN_TTL_S = 120
};

struct challenge {
	/* what to return; zeroed: CF_OK, verdict UNKNOWN */
	enum cf_status status;
	enum challenge_verdict verdict;
	bool is_login; /* checked challenges have FAKE_PROFILE, not the base */
	bool of_none;  /* checked challenges have a profile that is no more */
	bool has_base_alone; /* FAKE_PROFILE is found, but not counted */
	size_t png_bytes;    /* this many bytes instead of FAKE_PNG */
	struct challenge_health health;
	bool is_crowded;
	bool has_sound;
	enum cf_status mix_status; /* of mixing alone */
	enum token_verdict token_verdict; /* of FAKE_TOKEN */
	/*
	 * The calls, with ", " between them:
	 * "token SITE HOST", "token SITE HOST audio", "redeem SITE",
	 * "sound PID LANGUAGE", or "sound PID -", "mix PID",
	 * "issue PROFILE" or "issue PROFILE png", "picture PID", "health",
	 * "verify PID ANSWER PROFILE": of a text that is no pid "-", of any
	 * profile "any", bytes that are not printable as \xNN; with " by picture"
	 * or " by sound" behind when there is one way.
	 */
	char calls[512];
};

#endif
