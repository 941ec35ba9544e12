/*
 * A strict reader: see strict_png.h. Section numbers are those of RFC 1951,
 * or, with "PNG", of the PNG specification, third edition.
 */
#include "base/base.h"
#include "tests/support/strict_png.h"

enum {
	CODE_BITS_MAX = 15,
	N_SYMBOLS_MAX = 288,
	END = 256
};

struct reader {
	const uint8_t *in;
	size_t n_in, bit;
	uint8_t *out;
	size_t n_out, at;
	const char *wrong; /* the first thing that was */
};

/* 3.2.2: how many codes of each length, and symbols in the order of codes */
struct code {
	int n_of[CODE_BITS_MAX + 1];
	int symbols[N_SYMBOLS_MAX];
};

static void fail(struct reader *r, const char *wrong)
{
	if (!r->wrong)
		r->wrong = wrong;
}

static unsigned get_bits(struct reader *r, unsigned n)
{
	unsigned v = 0;

	for (unsigned i = 0; i < n; i++, r->bit++) {
		if (r->bit / 8 >= r->n_in) {
			fail(r, "the stream ends too soon");
			return 0;
		}
		v |= ((unsigned)r->in[r->bit / 8] >> r->bit % 8 & 1) << i;
	}
	return v;
}

static void put_byte(struct reader *r, uint8_t byte)
{
	if (r->at == r->n_out)
		fail(r, "more bytes than there should be");
	else
		r->out[r->at++] = byte;
}

static void make_code(struct reader *r, struct code *code, const int *lengths,
		      int n, bool one_is_enough)
{
	int left = 1, at = 0;

	memset(code, 0, sizeof(*code));
	for (int length = 1; length <= CODE_BITS_MAX; length++) {
		for (int i = 0; i < n; i++)
			if (lengths[i] == length) {
				code->symbols[at++] = i;
				code->n_of[length]++;
			}
		left = left * 2 - code->n_of[length];
		if (left < 0) {
			fail(r, "a code has too many symbols");
			return;
		}
	}
	if (left && !(one_is_enough && at == 1 && code->n_of[1] == 1))
		fail(r, "a code is not complete");
}

static int get_symbol(struct reader *r, const struct code *code)
{
	int v = 0, first = 0, at = 0;

	for (int length = 1; length <= CODE_BITS_MAX && !r->wrong; length++) {
		v = v * 2 + (int)get_bits(r, 1);
		first *= 2;
		if (v - first < code->n_of[length])
			return code->symbols[at + v - first];
		first += code->n_of[length];
		at += code->n_of[length];
	}
	fail(r, "bits that are no code");
	return END;
}

/* 3.2.5, by arithmetic: a new extra bit every four lengths, two distances. */
static size_t get_length(struct reader *r, int symbol)
{
	unsigned i = (unsigned)symbol - 257, extra = i < 8 ? 0 : i / 4 - 1;

	if (symbol == 285)
		return 258;
	if (symbol > 285)
		fail(r, "a length symbol that must not occur");
	return 3 + (i < 8 ? i : (4 + i % 4) << extra) + get_bits(r, extra);
}

static size_t get_distance(struct reader *r, int symbol)
{
	unsigned i = (unsigned)symbol, extra = i < 4 ? 0 : i / 2 - 1;

	if (symbol > 29)
		fail(r, "a distance symbol that must not occur");
	return 1 + (i < 4 ? i : (2 + i % 2) << extra) + get_bits(r, extra);
}

static void read_symbols(struct reader *r, const struct code *literal,
			 const struct code *distance)
{
	while (!r->wrong) {
		int symbol = get_symbol(r, literal);
		size_t length, back;

		if (symbol == END)
			return;
		if (symbol < END) {
			put_byte(r, (uint8_t)symbol);
			continue;
		}
		length = get_length(r, symbol);
		back = get_distance(r, get_symbol(r, distance));
		if (back > r->at) {
			fail(r, "a distance before the first byte");
			return;
		}
		for (; length && !r->wrong; length--)
			put_byte(r, r->out[r->at - back]);
	}
}

static void read_stored(struct reader *r)
{
	unsigned length;

	while (r->bit % 8)
		if (get_bits(r, 1))
			fail(r, "a bit set before a stored block");
	length = get_bits(r, 16);
	if ((get_bits(r, 16) ^ length) != 0xffff)
		fail(r, "LEN and NLEN of a stored block differ");
	for (; length && !r->wrong; length--)
		put_byte(r, (uint8_t)get_bits(r, 8));
}

static void read_fixed(struct reader *r)
{
	struct code literal, distance;
	int lengths[N_SYMBOLS_MAX];

	for (int i = 0; i < N_SYMBOLS_MAX; i++)
		lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	make_code(r, &literal, lengths, N_SYMBOLS_MAX, false);
	for (int i = 0; i < 32; i++)
		lengths[i] = 5;
	make_code(r, &distance, lengths, 32, false);
	read_symbols(r, &literal, &distance);
}

/* 3.2.7 */
static void read_dynamic(struct reader *r)
{
	static const int order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
				    11, 4,  12, 3, 13, 2, 14, 1, 15};
	int lengths[N_SYMBOLS_MAX + 32] = {0};
	int n_literals = (int)get_bits(r, 5) + 257;
	int n_distances = (int)get_bits(r, 5) + 1;
	int n_orders = (int)get_bits(r, 4) + 4, n = n_literals + n_distances;
	struct code code, distance;

	if (n_literals > 286 || n_distances > 30) {
		fail(r, "more symbols than there are");
		return;
	}
	for (int i = 0; i < n_orders; i++)
		lengths[order[i]] = (int)get_bits(r, 3);
	make_code(r, &code, lengths, (int)CF_ARRAY_LEN(order), false);
	for (int i = 0; i < n && !r->wrong;) {
		int symbol = get_symbol(r, &code), again = 1, length = symbol;

		if (symbol == 16) {
			if (!i)
				fail(r, "a repeat of nothing");
			length = i ? lengths[i - 1] : 0;
			again = 3 + (int)get_bits(r, 2);
		} else if (symbol > 16) {
			length = 0;
			again = symbol == 17 ? 3 + (int)get_bits(r, 3)
					     : 11 + (int)get_bits(r, 7);
		}
		for (; again && !r->wrong; again--) {
			if (i == n)
				fail(r, "more code lengths than symbols");
			else
				lengths[i++] = length;
		}
	}
	if (r->wrong)
		return;
	make_code(r, &code, lengths, n_literals, false);
	make_code(r, &distance, lengths + n_literals, n_distances, true);
	read_symbols(r, &code, &distance);
}

static uint32_t adler32_of(const uint8_t *bytes, size_t n)
{
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < n; i++) {
		a = (a + bytes[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

static uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

const char *strict_inflate(uint8_t *out, size_t n, struct str stream)
{
	struct reader r = {.in = (const uint8_t *)stream.ptr,
			   .n_in = stream.len, .out = out, .n_out = n};
	unsigned method = get_bits(&r, 8), flags = get_bits(&r, 8);
	bool is_last = false;

	if (method != 0x78 || (method * 256 + flags) % 31 || flags & 0x20)
		return "not the head of a zlib stream";
	while (!is_last && !r.wrong) {
		is_last = get_bits(&r, 1);
		switch (get_bits(&r, 2)) {
		case 0:
			read_stored(&r);
			break;
		case 1:
			read_fixed(&r);
			break;
		case 2:
			read_dynamic(&r);
			break;
		default:
			fail(&r, "a block of no type");
		}
	}
	if (r.wrong)
		return r.wrong;
	if (r.at != n)
		return "fewer bytes than there should be";
	if (r.n_in - (r.bit + 7) / 8 != 4)
		return "not four bytes after the last block";
	return get_u32(r.in + r.n_in - 4) == adler32_of(out, n)
		       ? NULL : "the Adler-32 is wrong";
}

static uint32_t crc32_of(const uint8_t *bytes, size_t n)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < n; i++) {
		crc ^= bytes[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static const char *read_scanlines(struct strict_png *out, struct str stream)
{
	size_t width = (size_t)out->width_px, height = (size_t)out->height_px;
	size_t stride = 1 + (width + 1) / 2;
	uint8_t *lines = malloc(stride * height);
	const char *wrong = "no memory";

	out->samples = malloc(width * height);
	if (lines && out->samples)
		wrong = strict_inflate(lines, stride * height, stream);
	for (size_t y = 0; y < height && !wrong; y++) {
		const uint8_t *line = lines + y * stride;

		if (line[0])
			wrong = "a filter that is not None";
		for (size_t x = 0; x < width; x++)
			out->samples[y * width + x] =
				line[1 + x / 2] >> (x % 2 ? 0 : 4) & 15;
	}
	free(lines);
	return wrong;
}

/* PNG 11.2.1 */
static const char *read_header(struct strict_png *out, const uint8_t *data)
{
	if (get_u32(data) - 1 >= 1000 || get_u32(data + 4) - 1 >= 1000)
		return "a side that is not 1 to 1000";
	out->width_px = (int32_t)get_u32(data);
	out->height_px = (int32_t)get_u32(data + 4);
	return memcmp(data + 8, "\4\3\0\0", 5) ? "not a 4-bit palette picture"
					       : NULL;
}

const char *strict_png_read(struct strict_png *out, struct str png)
{
	static const char *const names[] = {"IHDR", "PLTE", "IDAT", "IEND"};
	static const size_t lengths[] = {13, 3 * CANVAS_LEVELS, SIZE_MAX,
					 0};
	const uint8_t *at = (const uint8_t *)png.ptr + 8;
	const uint8_t *end = (const uint8_t *)png.ptr + png.len;
	const char *wrong = NULL;

	memset(out, 0, sizeof(*out));
	if (png.len < 8 || memcmp(png.ptr, "\x89PNG\r\n\x1a\n", 8))
		return "not the signature of a PNG";
	for (size_t i = 0; i < CF_ARRAY_LEN(names) && !wrong; i++) {
		size_t left = (size_t)(end - at), n;

		if (left < 12)
			return "a chunk is cut";
		n = get_u32(at);
		if (n > left - 12 || memcmp(at + 4, names[i], 4) ||
		    (n != lengths[i] && lengths[i] != SIZE_MAX))
			return "not the chunk that should be here";
		if (crc32_of(at + 4, n + 4) != get_u32(at + 8 + n))
			return "the CRC of a chunk is wrong";
		if (i == 0)
			wrong = read_header(out, at + 8);
		else if (i == 1)
			memcpy(out->palette, at + 8, sizeof(out->palette));
		else if (i == 2)
			wrong = read_scanlines(
				out, (struct str){(const char *)at + 8, n});
		if (i == 2)
			out->n_idat_bytes = n;
		at += n + 12;
	}
	if (!wrong && at != end)
		wrong = "bytes after the last chunk";
	return wrong;
}

void strict_png_release(struct strict_png *png)
{
	free(png->samples);
	png->samples = NULL;
}
