/*
 * Public identifiers: see pid.h.
 */
#include "base/base.h"
#include "base/pid.h"

#include "base/crypt.h"

enum { TIME_CHARS = 5 };

static const char digits[] = "0123456789"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz";

#define BASE	     (sizeof(digits) - 1)
#define EPOCH_UNIX_S INT64_C(1767225600) /* 2026-01-01T00:00:00Z */
#define TIME_END     INT64_C(916132832)	 /* 62^5 seconds: in 2055 */

static void put_time(struct pid *pid, int64_t unix_ms)
{
	int64_t s = unix_ms / 1000 - EPOCH_UNIX_S;

	if (s < 0)
		s = 0;
	if (s >= TIME_END)
		s = TIME_END - 1;
	for (int i = TIME_CHARS - 1; i >= 0; i--) {
		pid->text[i] = digits[s % (int64_t)BASE];
		s /= (int64_t)BASE;
	}
}

void pid_make(struct pid *pid, int64_t now_unix_ms)
{
	put_time(pid, now_unix_ms);
	crypt_random_text(pid->text + TIME_CHARS, PID_CHARS - TIME_CHARS,
			  digits, BASE);
	pid->text[PID_CHARS] = '\0';
}

void pid_bound(struct pid *pid, int64_t unix_ms)
{
	put_time(pid, unix_ms);
	memset(pid->text + TIME_CHARS, digits[0], PID_CHARS - TIME_CHARS);
	pid->text[PID_CHARS] = '\0';
}

bool pid_parse(struct pid *pid, struct str text)
{
	if (text.len != PID_CHARS)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!text.ptr[i] || !strchr(digits, text.ptr[i]))
			return false;
	memcpy(pid->text, text.ptr, text.len);
	pid->text[text.len] = '\0';
	return true;
}

int64_t pid_unix_ms(const struct pid *pid)
{
	int64_t s = 0;

	for (int i = 0; i < TIME_CHARS; i++) {
		const char *at = strchr(digits, pid->text[i]);

		assert(pid->text[i] && at);
		s = s * (int64_t)BASE + (at - digits);
	}
	return (s + EPOCH_UNIX_S) * 1000;
}
