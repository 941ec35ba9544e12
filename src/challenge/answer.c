/*
 * Answers: see answer.h.
 */
#include "base/base.h"
#include "challenge/answer.h"

#include <ctype.h>

#include "base/crypt.h"
#include "base/utf8.h"

/* Folded letters of other alphabets, and the folded Latin letter that has the
 * same capital. A subset of Unicode's confusables.txt (UTS 39). */
static const struct {
	uint32_t from;
	char to;
} lookalikes[] = {
	/* А В Е З К М Н О Р С Т У Х Ѕ І Ј */
	{0x0430, 'a'}, {0x0432, 'b'}, {0x0435, 'e'}, {0x0437, '3'},
	{0x043a, 'k'}, {0x043c, 'm'}, {0x043d, 'h'}, {0x043e, 'o'},
	{0x0440, 'p'}, {0x0441, 'c'}, {0x0442, 't'}, {0x0443, 'y'},
	{0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'},
	/* Α Β Ε Ζ Η Ι Κ Μ Ν Ο Ρ Τ Υ Χ */
	{0x03b1, 'a'}, {0x03b2, 'b'}, {0x03b5, 'e'}, {0x03b6, 'z'},
	{0x03b7, 'h'}, {0x03b9, 'i'}, {0x03ba, 'k'}, {0x03bc, 'm'},
	{0x03bd, 'n'}, {0x03bf, 'o'}, {0x03c1, 'p'}, {0x03c4, 't'},
	{0x03c5, 'y'}, {0x03c7, 'x'},
};

/* Letters that people type for another letter, turned and bent as it is. */
static const struct {
	char typed, drawn;
} misread[] = {
	{'b', 'r'}, {'d', 'p'}, {'f', 'e'}, {'g', 'c'}, {'h', 'a'},
	{'i', 't'}, {'j', 't'}, {'k', 'x'}, {'l', 'z'}, {'n', 'm'},
	{'v', 'u'}, {'y', 'x'}, {'2', 'z'}, {'5', 's'}, {'8', 'b'},
};

/* A folded character as ASCII, if it has a look-alike there. */
static uint32_t latin_of(uint32_t c)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(lookalikes); i++)
		if (lookalikes[i].from == c)
			return (unsigned char)lookalikes[i].to;
	return c;
}

enum {
	ASCII = 0x80
};

/* Which characters an alphabet has for people: as they are compared. */
static void note_letters(const char *characters, bool has[ASCII])
{
	struct str rest = str_from(characters);
	size_t n_bytes;

	for (; rest.len; rest.ptr += n_bytes, rest.len -= n_bytes) {
		uint32_t c;

		n_bytes = utf8_first(rest, &c);
		if (!n_bytes)
			return;
		/* most alphabets are ASCII: folding it is quick here */
		c = c < ASCII ? (uint32_t)tolower((int)c)
			      : latin_of(utf8_letter(c));
		if (c < ASCII)
			has[c] = true;
	}
}

/* Put the letter that is drawn in the place of one that is typed for it. */
static void put_drawn(char *latin, size_t n, const char *characters)
{
	bool has[ASCII] = {false};

	note_letters(characters, has);
	for (size_t k = 0; k < CF_ARRAY_LEN(misread); k++) {
		if (has[(unsigned char)misread[k].typed] ||
		    !has[(unsigned char)misread[k].drawn])
			continue;
		for (size_t i = 0; i < n; i++)
			if (latin[i] == misread[k].typed)
				latin[i] = misread[k].drawn;
	}
}

void answer_init(struct answer *answer, struct str typed)
{
	struct str rest = {answer->folded, 0};
	char *to = answer->latin;
	ssize_t n;

	memset(answer, 0, sizeof(*answer));
	n = utf8_fold(typed, answer->folded, sizeof(answer->folded));
	/* zeroes are the padding: an answer may have none */
	if (n < 0 || memchr(answer->folded, 0, (size_t)n)) {
		memset(answer, 0, sizeof(*answer));
		return;
	}
	rest.len = (size_t)n;
	while (rest.len) {
		uint32_t c;
		size_t n_bytes = utf8_first(rest, &c);

		assert(n_bytes); /* utf8_fold wrote it */
		to += utf8_put(latin_of(c), to); /* never longer */
		rest.ptr += n_bytes;
		rest.len -= n_bytes;
	}
}

static bool is_ascii(const char *text, size_t n)
{
	unsigned char all = 0;

	for (size_t i = 0; i < n; i++)
		all |= (unsigned char)text[i];
	return all < 0x80;
}

bool answer_is(const struct answer *answer, const char *code,
	       const char *characters)
{
	char padded[STORE_CODE_MAX_BYTES] = {0};
	char typed[STORE_CODE_MAX_BYTES];
	size_t n = strlen(code);
	bool is_equal;

	if (!n || n > sizeof(padded))
		return false;
	memcpy(padded, code, n);
	memcpy(typed, is_ascii(code, n) ? answer->latin : answer->folded,
	       sizeof(typed));
	is_equal = crypt_equal(padded, typed, sizeof(padded));
	/* the code may be older than the alphabet */
	if (characters && is_ascii(code, n)) {
		put_drawn(typed, sizeof(typed), characters);
		is_equal |= crypt_equal(padded, typed, sizeof(padded));
	}
	crypt_zero(padded, sizeof(padded));
	crypt_zero(typed, sizeof(typed));
	return is_equal;
}

/* Hyphens that people type, and what programs make of them. */
static bool is_hyphen(uint32_t c)
{
	return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

bool answer_read_digits(const struct answer *answer, char *out, size_t n)
{
	struct str rest = {answer->folded,
			   strnlen(answer->folded, sizeof(answer->folded))};
	size_t n_read = 0, n_bytes;

	for (; rest.len; rest.ptr += n_bytes, rest.len -= n_bytes) {
		uint32_t c;
		int value;

		n_bytes = utf8_first(rest, &c);
		assert(n_bytes); /* utf8_fold wrote it */
		if (is_hyphen(c))
			continue;
		value = utf8_digit(c);
		if (value < 0 || n_read == n)
			return false;
		out[n_read++] = (char)('0' + value);
	}
	return n_read == n;
}
