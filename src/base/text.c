/*
 * Hexadecimal digits, escapes of URLs and cutting: see text.h.
 */
#include "base/base.h"
#include "base/text.h"

const char text_hex_digits[17] = "0123456789abcdef";

int text_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void text_put_hex(char out[2], char byte)
{
	out[0] = text_hex_digits[(unsigned char)byte >> 4];
	out[1] = text_hex_digits[(unsigned char)byte & 15];
}

struct str text_cut(struct str *text, char c)
{
	struct str head = *text;
	const char *at = text->len ? memchr(text->ptr, c, text->len) : NULL;

	*text = (struct str)STR_INIT;
	if (at) {
		*text = (struct str){at + 1,
				     head.len - (size_t)(at - head.ptr) - 1};
		head.len = (size_t)(at - head.ptr);
	}
	return head;
}

struct str text_next_word(const char **list)
{
	struct str word = {*list + strspn(*list, " \t"), 0};

	word.len = strcspn(word.ptr, " \t");
	*list = word.ptr + word.len;
	return word;
}

bool text_has_word(const char *list, struct str word)
{
	struct str next;

	while ((next = text_next_word(&list)).len)
		if (next.len == word.len &&
		    !memcmp(next.ptr, word.ptr, word.len))
			return true;
	return false;
}

bool text_is_tag(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '_' || !text.ptr[i] ||
		    !strchr(TEXT_BASE64URL, text.ptr[i]))
			return false;
	return text.len && text.len <= TEXT_TAG_MAX_CHARS;
}

/* The weight that parameters give, in thousandths. */
static int weight_of(struct str params)
{
	struct str q = str_trim(params);
	int weight = 0, place = 1000;

	if (!str_starts(q, "q="))
		return place;
	for (size_t i = 2; i < q.len && place; i++) {
		if (q.ptr[i] == '.')
			continue;
		if (q.ptr[i] < '0' || q.ptr[i] > '9')
			return 0;
		weight += (q.ptr[i] - '0') * place;
		place /= 10;
	}
	return weight;
}

struct str text_cut_weighed(struct str *list, int *weight)
{
	struct str params = text_cut(list, ',');
	struct str name = text_cut(&params, ';');

	*weight = weight_of(params);
	return str_trim(name);
}

ssize_t text_decode_url(struct str text, bool plus_is_space, char *out,
			size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '+' && plus_is_space) {
			c = ' ';
		} else if (c == '%') {
			int high, low;

			if (text.len - i < 3)
				return -1;
			high = text_hex_value(text.ptr[i + 1]);
			low = text_hex_value(text.ptr[i + 2]);
			if (high < 0 || low < 0)
				return -1;
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (n == max)
			return -1;
		out[n++] = c;
	}
	return (ssize_t)n;
}

void text_add_url(struct buf *out, struct str text, const char *also)
{
	static const char never[] = "\"<>\\^`{|}";
	static const char digits[] = "0123456789ABCDEF"; /* RFC 3986, 2.1 */

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c > 0x20 && c < 0x7f && !strchr(never, c) &&
		    !strchr(also, c)) {
			buf_add_char(out, (char)c);
			continue;
		}
		buf_add_char(out, '%');
		buf_add_char(out, digits[c >> 4]);
		buf_add_char(out, digits[c & 15]);
	}
}

int64_t text_parse_decimal(struct str text)
{
	int64_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		int digit = text.ptr[i] - '0';

		if (digit < 0 || digit > 9)
			return -1;
		if (n > (INT64_MAX - digit) / 10)
			n = INT64_MAX; /* still look at the other digits */
		else
			n = n * 10 + digit;
	}
	return n;
}
