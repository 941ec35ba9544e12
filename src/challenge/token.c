/*
 * Public identifiers: see token.h.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "challenge/token.h"

enum { TIME_CHARS = 5 };

static const char digits[] = "0123456789"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz";

#define BASE	       (sizeof(digits) - 1)
#define EPOCH_UNIX_S   INT64_C(1767225600) /* 2026-01-01T00:00:00Z */
#define TIME_END       INT64_C(916132832)  /* 62^5 seconds: in 2055 */

static void put_time(int64_t unix_ms, char *pid)
{
	int64_t s = unix_ms / 1000 - EPOCH_UNIX_S;

	if (s < 0)
		s = 0;
	if (s >= TIME_END)
		s = TIME_END - 1;
	for (int i = TIME_CHARS - 1; i >= 0; i--) {
		pid[i] = digits[s % (int64_t)BASE];
		s /= (int64_t)BASE;
	}
}

void token_make(int64_t now_unix_ms, char pid[CHALLENGE_PID_CHARS + 1])
{
	put_time(now_unix_ms, pid);
	crypt_random_text(pid + TIME_CHARS, CHALLENGE_PID_CHARS - TIME_CHARS,
			  digits, BASE);
	pid[CHALLENGE_PID_CHARS] = '\0';
}

void token_bound(int64_t unix_ms, char pid[CHALLENGE_PID_CHARS + 1])
{
	put_time(unix_ms, pid);
	memset(pid + TIME_CHARS, digits[0], CHALLENGE_PID_CHARS - TIME_CHARS);
	pid[CHALLENGE_PID_CHARS] = '\0';
}

bool token_parse(struct str text, char pid[CHALLENGE_PID_CHARS + 1])
{
	if (text.len != CHALLENGE_PID_CHARS)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!text.ptr[i] || !strchr(digits, text.ptr[i]))
			return false;
	memcpy(pid, text.ptr, text.len);
	pid[text.len] = '\0';
	return true;
}

int64_t token_unix_ms(const char *pid)
{
	int64_t s = 0;

	for (int i = 0; i < TIME_CHARS; i++) {
		const char *at = strchr(digits, pid[i]);

		assert(pid[i] && at);
		s = s * (int64_t)BASE + (at - digits);
	}
	return (s + EPOCH_UNIX_S) * 1000;
}
