/*
 * Answers: see answer.h. ASCII only; each code is lower-case already.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "challenge/answer.h"

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void answer_init(struct answer *answer, struct str typed)
{
	size_t n = 0;

	memset(answer->bytes, 0, sizeof(answer->bytes));
	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.ptr[i];

		if (is_space(c))
			continue;
		if (n == sizeof(answer->bytes) || !c) {
			/* no code begins with a NUL */
			memset(answer->bytes, 0, sizeof(answer->bytes));
			return;
		}
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		answer->bytes[n++] = c;
	}
}

bool answer_is(const struct answer *answer, const char *code)
{
	char padded[sizeof(answer->bytes)] = {0};
	size_t n = strlen(code);
	bool is_equal;

	if (!n || n > sizeof(padded))
		return false;
	memcpy(padded, code, n);
	is_equal = crypt_equal(padded, answer->bytes, sizeof(padded));
	crypt_zero(padded, sizeof(padded));
	return is_equal;
}
