/*
 * Base64: see base64.h. Three bytes make four characters.
 */
#include "base/base.h"
#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz"
			     "0123456789+/";

static void encode_three(const uint8_t *in, char *out)
{
	uint32_t bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

	out[0] = digits[bits >> 18];
	out[1] = digits[bits >> 12 & 63];
	out[2] = digits[bits >> 6 & 63];
	out[3] = digits[bits & 63];
}

void base64_add(struct buf *out, const void *ptr, size_t len)
{
	const uint8_t *in = ptr;
	size_t n_groups = len / 3, n_rest = len % 3;
	char *to;

	if (len > SIZE_MAX / 4) {
		out->failed = CF_TOO_LARGE;
		return;
	}
	to = buf_room(out, (len + 2) / 3 * 4);
	if (!to)
		return;
	for (size_t i = 0; i < n_groups; i++)
		encode_three(in + 3 * i, to + 4 * i);
	if (n_rest) {
		uint8_t last[3] = {0, 0, 0};
		char *end = to + 4 * n_groups;

		memcpy(last, in + 3 * n_groups, n_rest);
		encode_three(last, end);
		end[3] = '=';
		if (n_rest == 1)
			end[2] = '=';
	}
	buf_grow(out, (len + 2) / 3 * 4);
}
