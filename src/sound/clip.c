/*
 * Making banks: see clip.h. The marks are set where the wave is most like the
 * wave a period before, so that grains meet in phase.
 */
#include "base/base.h"
#include "sound/clip.h"

#include <math.h>

#include "sound/bank_format.h"
#include "sound/wav.h"

enum {
	RESAMPLE_TAPS = 24, /* on each side */
	FRAME = BANK_RATE_HZ / 200, /* 5 ms */
	MARGIN_FRAMES = 3,	    /* kept before and after the word */
	FADE = BANK_RATE_HZ / 200,
	/* 400 and 62 Hz */
	PERIOD_MIN = 40,
	PERIOD_MAX = 258,
	PITCH_WINDOW = 400,
	RAW_MAX_SAMPLES = 5 * WAV_RATE_MAX_HZ,
	ROWS_MAX = BANK_VOICES_MAX * BANK_DIGITS * BANK_TAKES_MAX,
};

#define PI		3.14159265358979323846
#define SILENCE		0.012 /* of the loudest frame */
#define VOICED_LIKENESS 0.6
#define PEAK_MAX	32000.0

struct row {
	uint32_t at, n_samples, marks_at, n_marks;
};

struct maker {
	char lang[BANK_LANG_BYTES];
	unsigned n_voices, n_takes;
	struct row *rows; /* offsets from the first byte of data */
	size_t n_rows;
	struct buf data;
	uint32_t longest;
	double *raw, *wave; /* the clip at work */
	size_t n;	    /* samples of wave */
};

static size_t n_wanted(const struct maker *maker)
{
	return (size_t)maker->n_voices * BANK_DIGITS * maker->n_takes;
}

struct maker *maker_new(const char *lang, unsigned n_voices, unsigned n_takes)
{
	struct maker *maker = mem_alloc(MEM_SOUND, 1, sizeof(*maker));

	assert(n_voices && n_voices <= BANK_VOICES_MAX && n_takes &&
	       n_takes <= BANK_TAKES_MAX && strlen(lang) < BANK_LANG_BYTES);
	if (!maker)
		return NULL;
	(void)snprintf(maker->lang, sizeof(maker->lang), "%s", lang);
	maker->n_voices = n_voices;
	maker->n_takes = n_takes;
	buf_init(&maker->data, BANK_MAX_BYTES);
	maker->rows = mem_alloc(MEM_SOUND, ROWS_MAX, sizeof(*maker->rows));
	maker->raw = mem_alloc(MEM_SOUND, RAW_MAX_SAMPLES, sizeof(double));
	/* at 8,000 Hz a raw clip has half as many samples */
	maker->wave = mem_alloc(MEM_SOUND, 2 * RAW_MAX_SAMPLES, sizeof(double));
	if (!maker->rows || !maker->raw || !maker->wave) {
		maker_free(maker);
		return NULL;
	}
	return maker;
}

void maker_free(struct maker *maker)
{
	if (!maker)
		return;
	buf_release(&maker->data);
	mem_free(maker->rows);
	mem_free(maker->raw);
	mem_free(maker->wave);
	mem_free(maker);
}

/* --- the wave ------------------------------------------------------------- */

static double sinc(double x)
{
	return fabs(x) < 1e-9 ? 1.0 : sin(PI * x) / (PI * x);
}

/* Bring n_raw samples to BANK_RATE_HZ, by a windowed sinc. */
static void resample(struct maker *maker, size_t n_raw, uint32_t rate_hz)
{
	double ratio = (double)rate_hz / (double)BANK_RATE_HZ;
	double band = ratio > 1.0 ? 0.96 / ratio : 1.0;
	double taps = RESAMPLE_TAPS, reach = taps / band;

	maker->n = (size_t)((double)n_raw / ratio);
	for (size_t i = 0; i < maker->n; i++) {
		double middle = (double)i * ratio, sum = 0.0;
		int64_t from = (int64_t)ceil(middle - reach);
		int64_t to = (int64_t)floor(middle + reach);

		for (int64_t k = from < 0 ? 0 : from;
		     k <= to && k < (int64_t)n_raw; k++) {
			double x = ((double)k - middle) * band;

			sum += maker->raw[k] * sinc(x) * band *
			       (0.5 + 0.5 * cos(PI * x / taps));
		}
		maker->wave[i] = sum;
	}
}

static double rms(const double *wave, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += wave[i] * wave[i];
	return n ? sqrt(sum / (double)n) : 0.0;
}

/* Cut silence off both ends; false: there is nothing else. */
static bool trim(struct maker *maker)
{
	size_t n_frames = maker->n / FRAME, first = n_frames, last = 0;
	double loudest = 0.0;

	for (size_t f = 0; f < n_frames; f++)
		loudest = fmax(loudest, rms(maker->wave + f * FRAME, FRAME));
	if (loudest < 16.0)
		return false;
	for (size_t f = 0; f < n_frames; f++) {
		if (rms(maker->wave + f * FRAME, FRAME) < SILENCE * loudest)
			continue;
		first = first < f ? first : f;
		last = f;
	}
	first = first > MARGIN_FRAMES ? first - MARGIN_FRAMES : 0;
	last = last + MARGIN_FRAMES < n_frames ? last + MARGIN_FRAMES
					       : n_frames - 1;
	maker->n = (last + 1 - first) * FRAME;
	memmove(maker->wave, maker->wave + first * FRAME,
		maker->n * sizeof(double));
	for (size_t i = 0; i < FADE && i < maker->n; i++) {
		double part = (double)i / (double)FADE;

		maker->wave[i] *= part;
		maker->wave[maker->n - 1 - i] *= part;
	}
	return true;
}

/* Make each clip equally loud, unless a peak would be cut. */
static void level(struct maker *maker)
{
	double gain = (double)BANK_RMS / rms(maker->wave, maker->n), peak = 0.0;

	for (size_t i = 0; i < maker->n; i++)
		peak = fmax(peak, fabs(maker->wave[i]));
	gain = fmin(gain, PEAK_MAX / peak);
	for (size_t i = 0; i < maker->n; i++)
		maker->wave[i] *= gain;
}

/* --- marks ---------------------------------------------------------------- */

/* How like the wave at `a` is to that at `b`: -1 to 1. 0 near the ends. */
static double likeness(const struct maker *maker, int64_t a, int64_t b,
		       int64_t width)
{
	double ab = 0.0, aa = 1e-9, bb = 1e-9;
	int64_t from = -width / 2;

	if (a + from < 0 || b + from + width > (int64_t)maker->n)
		return 0.0;
	for (int64_t i = from; i < from + width; i++) {
		ab += maker->wave[a + i] * maker->wave[b + i];
		aa += maker->wave[a + i] * maker->wave[a + i];
		bb += maker->wave[b + i] * maker->wave[b + i];
	}
	return ab / sqrt(aa * bb);
}

/* The period at a place: the shortest that is nearly as like as the best. 0
 * where there is none. */
static int64_t period_at(const struct maker *maker, int64_t at)
{
	double all[PERIOD_MAX + 1], best = 0.0;

	if (at + PERIOD_MAX >= (int64_t)maker->n ||
	    rms(maker->wave + at, PERIOD_MAX) < (double)BANK_RMS * 0.1)
		return 0;
	for (int64_t p = PERIOD_MIN; p <= PERIOD_MAX; p++) {
		all[p] = likeness(maker, at, at + p, PITCH_WINDOW);
		best = fmax(best, all[p]);
	}
	if (best < VOICED_LIKENESS)
		return 0;
	for (int64_t p = PERIOD_MIN + 1; p < PERIOD_MAX; p++)
		if (all[p] > 0.9 * best && all[p] >= all[p - 1] &&
		    all[p] >= all[p + 1])
			return p;
	return 0;
}

/* The loudest place within a period. */
static int64_t pulse_near(const struct maker *maker, int64_t at, int64_t period)
{
	int64_t best = at;

	for (int64_t i = at; i < at + period && i < (int64_t)maker->n; i++)
		if (fabs(maker->wave[i]) > fabs(maker->wave[best]))
			best = i;
	return best;
}

/* The place about a period later whose wave is most like that at `at`. */
static int64_t next_pulse(const struct maker *maker, int64_t at, int64_t period)
{
	int64_t best = period;
	double best_likeness = -2.0;

	for (int64_t p = period * 4 / 5; p <= period * 6 / 5; p++) {
		double like = likeness(maker, at, at + p, period);

		if (like > best_likeness) {
			best_likeness = like;
			best = p;
		}
	}
	return at + best;
}

static void add_u16(struct buf *buf, unsigned value)
{
	buf_add_char(buf, (char)(value & 0xff));
	buf_add_char(buf, (char)(value >> 8 & 0xff));
}

/* Append the marks of the clip at work. Returns how many. */
static uint32_t add_marks(struct maker *maker)
{
	bool was_voiced = false;
	int64_t at = 0, next;
	uint32_t n = 0;

	for (;; at = next) {
		int64_t period = period_at(maker, at);
		bool is_voiced = period && was_voiced;

		next = at + BANK_UNVOICED_STEP;
		if (is_voiced)
			next = next_pulse(maker, at, period);
		else if (period)
			next = pulse_near(maker, at + period / 2, period);
		add_u16(&maker->data,
			(unsigned)at | (is_voiced ? BANK_VOICED : 0));
		n++;
		was_voiced = period > 0;
		if (next < at + BANK_STEP_MIN)
			next = at + BANK_STEP_MIN;
		if (next >= (int64_t)maker->n)
			return n;
	}
}

/* --- a bank --------------------------------------------------------------- */

enum cf_status maker_add(struct maker *maker, struct str file,
			 struct cf_error *err)
{
	enum cf_status rc;
	struct row *row;
	struct wav wav;

	if (maker->n_rows == n_wanted(maker))
		return cf_fail(err, CF_BAD_INPUT, "there are too many clips");
	rc = wav_parse(file, &wav, err);
	if (rc)
		return rc;
	if (wav.n_samples > RAW_MAX_SAMPLES)
		return cf_fail(err, CF_BAD_INPUT, "a digit takes more than 5 "
			       "seconds");
	for (size_t i = 0; i < wav.n_samples; i++)
		maker->raw[i] = bank_i16(wav.samples, (uint32_t)i);
	resample(maker, wav.n_samples, wav.rate_hz);
	if (!trim(maker))
		return cf_fail(err, CF_BAD_INPUT, "a digit is silent");
	if (maker->n < BANK_CLIP_MIN_SAMPLES ||
	    maker->n > BANK_CLIP_MAX_SAMPLES)
		return cf_fail(err, CF_BAD_INPUT,
			       "a digit takes %zu ms: %d to %d are possible",
			       maker->n * 1000 / BANK_RATE_HZ,
			       BANK_CLIP_MIN_SAMPLES * 1000 / BANK_RATE_HZ,
			       BANK_CLIP_MAX_SAMPLES * 1000 / BANK_RATE_HZ);
	level(maker);
	row = &maker->rows[maker->n_rows++];
	row->at = (uint32_t)maker->data.len;
	row->n_samples = (uint32_t)maker->n;
	for (size_t i = 0; i < maker->n; i++)
		add_u16(&maker->data,
			(unsigned)(int)lround(maker->wave[i]) & 0xffff);
	row->marks_at = (uint32_t)maker->data.len;
	row->n_marks = add_marks(maker);
	if (row->n_samples > maker->longest)
		maker->longest = row->n_samples;
	return buf_status(&maker->data, err);
}

static void add_number(struct buf *buf, uint64_t value, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++)
		buf_add_char(buf, (char)(value >> 8 * i & 0xff));
}

enum cf_status maker_end(struct maker *maker, int64_t from_unix_s,
			 struct buf *out, struct cf_error *err)
{
	uint32_t data_at =
		BANK_HEADER_BYTES + (uint32_t)maker->n_rows * BANK_ROW_BYTES;
	size_t begin = out->len;
	enum cf_status rc;
	uint64_t mark;

	if (maker->n_rows != n_wanted(maker))
		return cf_fail(err, CF_BAD_INPUT, "there are %zu clips of %zu",
			       maker->n_rows, n_wanted(maker));
	buf_add_str(out, BANK_MAGIC);
	add_number(out, 0, BANK_AT_FROM - BANK_AT_MARK);
	add_number(out, (uint64_t)from_unix_s, BANK_AT_LANG - BANK_AT_FROM);
	buf_add(out, maker->lang, sizeof(maker->lang));
	add_number(out, maker->n_voices, 1);
	add_number(out, maker->n_takes, 1);
	add_number(out, 0, 2);
	add_number(out, bank_samples_for(maker->longest), 4);
	for (size_t i = 0; i < maker->n_rows; i++) {
		const struct row *row = &maker->rows[i];

		add_number(out, data_at + row->at, 4);
		add_number(out, row->n_samples, 4);
		add_number(out, data_at + row->marks_at, 4);
		add_number(out, row->n_marks, 4);
	}
	buf_add(out, maker->data.ptr, maker->data.len);
	rc = buf_status(out, err);
	if (rc)
		return rc;
	if (out->len - begin > BANK_MAX_BYTES)
		return cf_fail(err, CF_TOO_LARGE, "the bank is too large");
	mark = bank_hash((uint8_t *)out->ptr + begin, out->len - begin);
	for (size_t i = 0; i < 8; i++)
		out->ptr[begin + BANK_AT_MARK + i] = (char)(mark >> 8 * i);
	return CF_OK;
}
