/*
 * A small bank: see small_bank.h. Each clip is a saw of its own pitch. The
 * first half is voiced.
 */
#include "base/base.h"
#include "tests/support/small_bank.h"

#include "sound/bank_format.h"

enum {
	CLIPS = SMALL_BANK_VOICES * BANK_DIGITS * SMALL_BANK_TAKES,
	MARK_STEP = 80,
	MARKS = SMALL_BANK_CLIP_SAMPLES / MARK_STEP,
	CLIP_BYTES = 2 * (SMALL_BANK_CLIP_SAMPLES + MARKS),
	DATA_AT = BANK_HEADER_BYTES + CLIPS * BANK_ROW_BYTES,
};

static void add(struct buf *out, uint64_t value, int n_bytes)
{
	for (int i = 0; i < n_bytes; i++)
		buf_add_char(out, (char)(value >> 8 * i & 0xff));
}

void small_bank_add(struct buf *out, const char *lang, int64_t from_unix_s)
{
	size_t begin = out->len;
	uint64_t mark;

	buf_add_str(out, BANK_MAGIC);
	add(out, 0, 8);
	add(out, (uint64_t)from_unix_s, 8);
	for (size_t i = 0; i < BANK_LANG_BYTES; i++)
		buf_add_char(out, i < strlen(lang) ? lang[i] : '\0');
	add(out, SMALL_BANK_VOICES, 1);
	add(out, SMALL_BANK_TAKES, 1);
	add(out, 0, 2);
	add(out, bank_samples_for(SMALL_BANK_CLIP_SAMPLES), 4);
	for (unsigned i = 0; i < CLIPS; i++) {
		add(out, DATA_AT + i * CLIP_BYTES, 4);
		add(out, SMALL_BANK_CLIP_SAMPLES, 4);
		add(out, DATA_AT + i * CLIP_BYTES + 2 * SMALL_BANK_CLIP_SAMPLES,
		    4);
		add(out, MARKS, 4);
	}
	for (int i = 0; i < CLIPS; i++) {
		int period = 40 + 7 * i;

		for (int k = 0; k < SMALL_BANK_CLIP_SAMPLES; k++)
			add(out,
			    (uint64_t)(k % period * 11000 / period - 5500),
			    2);
		for (int k = 0; k < MARKS; k++)
			add(out,
			    (uint64_t)(k * MARK_STEP) |
				    (k < MARKS / 2 ? BANK_VOICED : 0),
			    2);
	}
	mark = bank_hash((const uint8_t *)out->ptr + begin, out->len - begin);
	for (size_t i = 0; i < 8; i++)
		out->ptr[begin + BANK_AT_MARK + i] = (char)(mark >> 8 * i);
}
