/*
 * Mixing: see mix.h. All in whole numbers, so that each machine mixes the same
 * bytes. A factor is a number of 1/65536 (Q16).
 *
 * A digit is cut at its marks into grains of two periods each, which overlap.
 * Put down closer together they sound higher; put down twice or left out they
 * sound slower or quicker; read quicker they sound like a smaller head. All
 * three are changed, each by itself, and the first two glide within a digit. So
 * no digit of a sound is the clip of the bank, nor any even change of it.
 *
 * The babble is clips of all voices played backwards, each at a speed that
 * wanders. At an even speed, a clip that is known could be found in the babble
 * and taken away.
 */
#include "base/base.h"
#include "sound/mix.h"

#include "base/rng.h"
#include "sound/bank_format.h"
#include "sound/wav.h"

#define ONE 65536 /* Q16 */

enum {
	/* of a digit */
	SPEED_MIN = 57672,  /* 0.88 */
	SPEED_MAX = 73400,  /* 1.12 */
	SPEED_GLIDE = 3932, /* 0.06 */
	PITCH_MIN = 58386,  /* two semitones */
	PITCH_MAX = 73562,
	PITCH_GLIDE = 2621, /* 0.04 */
	HEAD_MIN = 61604,   /* 0.94 */
	HEAD_MAX = 69468,   /* 1.06 */
	GAIN_MIN = 55142,   /* one decibel and a half */
	GAIN_MAX = 77889,
	/* of the babble */
	STREAMS_MIN = 2,
	STREAMS_MAX = 3,
	STREAM_SPEED_MIN = 52429, /* 0.8 */
	STREAM_SPEED_MAX = 81920, /* 1.25 */
	STREAM_DRIFT = 2621,	  /* 0.04 a block */
	/* of the noise, below the babble by twelve decibels */
	NOISE_PART = 16462,
	NOISE_WHITE_RMS = 9459, /* of whole numbers of 15 bits */
	/* of a pass of first order; 0.1 to 0.8 */
	POLE_MIN = 6554,
	POLE_MAX = 52429,
	/* the form of a grain */
	FORM_STEPS = 256,
	/* samples that are mixed at a time */
	BLOCK = 1024,
};

_Static_assert(BLOCK % 16 == 0, "a block takes whole numbers of noise");

/* Clips backwards, one after the other. */
struct stream {
	struct bank_clip clip;
	int32_t at, step; /* Q16 */
	int32_t gain;	  /* Q14 */
};

/* Noise between two passes of first order, at a quarter of the rate, with
 * straight lines between. */
struct noise {
	struct rng rng;
	int32_t high, low;	     /* what both let through */
	int32_t high_pole, low_pole; /* Q15 */
	int32_t gain;		     /* Q16 */
	int32_t last;
};

/* What is being mixed. */
struct mix {
	const struct bank *bank;
	struct rng rng;
	uint8_t *out; /* samples, little-endian */
	int32_t n;    /* of them */
	struct stream streams[STREAMS_MAX];
	int n_streams;
	struct noise noise;
};

static int32_t pick(struct rng *rng, int32_t min, int32_t max)
{
	return min + (int32_t)rng_below(rng, (uint32_t)(max - min) + 1);
}

static int32_t times(int32_t a, int32_t q16)
{
	return (int32_t)(((int64_t)a * q16) >> 16);
}

/* The same for a sample and a factor of Q14 below 4, in 32 bits. */
static inline int32_t scale(int32_t sample, int32_t q14)
{
	return (sample * q14) >> 14;
}

/* A sum that is too loud is the loudest. */
static inline int16_t loud(int32_t sum)
{
	return (int16_t)(sum > INT16_MAX   ? INT16_MAX
			 : sum < INT16_MIN ? INT16_MIN
					   : sum);
}

/* A sample between two. `at` is Q16, from 0 to below n_samples - 1. */
static inline int32_t sample(const uint8_t *samples, int32_t at)
{
	uint32_t i = (uint32_t)at >> 16;
	int32_t part = (int32_t)((uint32_t)at & (ONE - 1)) >> 2;
	int32_t a = bank_i16(samples, i);
	int32_t b = bank_i16(samples, i + 1);

	return a + (((b - a) * part) >> 14);
}

/* --- the babble ----------------------------------------------------------- */

/* A factor for so many decibels less. */
static int32_t quieter(int snr_db)
{
	const int64_t down = 58409, up = 73533; /* one decibel */
	int64_t q16 = ONE;

	for (; snr_db > 0; snr_db--)
		q16 = q16 * down / ONE;
	for (; snr_db < 0; snr_db++)
		q16 = q16 * up / ONE;
	return (int32_t)q16;
}

static uint32_t root(uint64_t n)
{
	uint64_t r = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
		if ((r + bit) * (r + bit) <= n)
			r += bit;
	return (uint32_t)r;
}

static void begin_clip(struct mix *mix, struct stream *stream, int32_t gain)
{
	unsigned voice = rng_below(&mix->rng, bank_n_voices(mix->bank));
	unsigned digit = rng_below(&mix->rng, BANK_DIGITS);
	unsigned take = rng_below(&mix->rng, bank_n_takes(mix->bank));

	stream->clip = bank_clip(mix->bank, voice, digit, take);
	stream->at = (int32_t)(stream->clip.n_samples - 1) * ONE - 1;
	stream->step = pick(&mix->rng, STREAM_SPEED_MIN, STREAM_SPEED_MAX);
	stream->gain = times(gain, pick(&mix->rng, GAIN_MIN, GAIN_MAX)) / 4;
}

static void add_stream(struct mix *mix, struct stream *stream, int32_t gain,
		       int32_t *sums, int32_t n)
{
	int32_t step = stream->step +
		       pick(&mix->rng, -STREAM_DRIFT, STREAM_DRIFT);

	stream->step = step < STREAM_SPEED_MIN	 ? STREAM_SPEED_MIN
		       : step > STREAM_SPEED_MAX ? STREAM_SPEED_MAX
						 : step;
	for (int32_t i = 0; i < n;) {
		const uint8_t *samples = stream->clip.samples;
		int32_t at = stream->at, by = stream->step;
		int32_t left = at / by + 1;
		int32_t end = left < n - i ? i + left : n;

		/* The nearest sample will do: its error is 19 dB below the
		 * babble. */
#pragma GCC unroll 8
		for (; i < end; i++, at -= by)
			sums[i] += scale(bank_i16(samples, (uint32_t)at >> 16),
					 stream->gain);
		stream->at = at;
		if (at < 0)
			begin_clip(mix, stream, gain);
	}
}

/* Prepare noise of one loudness, whatever its band is. */
static void begin_noise(struct mix *mix, int32_t rms)
{
	struct noise *noise = &mix->noise;
	int32_t a = pick(&mix->rng, POLE_MIN, POLE_MAX);
	int32_t b = pick(&mix->rng, POLE_MIN / 2, a / 2);
	/* of white noise of power 1, Q32 */
	uint64_t power = ((uint64_t)a << 32) / (uint32_t)(2 * ONE - a) +
			 ((uint64_t)b << 32) / (uint32_t)(2 * ONE - b) -
			 ((uint64_t)a * (uint64_t)b << 17) /
				 (uint64_t)(a + b - times(a, b));

	*noise = (struct noise){
		.high_pole = a / 2,
		.low_pole = b / 2,
		.gain = (int32_t)((int64_t)rms * ONE / NOISE_WHITE_RMS * ONE /
				  root(power)),
	};
	/* whoever finds out the noise does not know the rest */
	rng_init(&noise->rng, rng_u64(&mix->rng));
}

/* A whole block, so that the compiler knows how often its loops go round. */
static void add_noise(struct noise *noise, int32_t sums[BLOCK])
{
	int32_t high = noise->high, low = noise->low, last = noise->last;
	int32_t high_pole = noise->high_pole, low_pole = noise->low_pole;
	int32_t gain = noise->gain;

	for (int32_t i = 0; i < BLOCK;) {
		uint64_t bits = rng_u64(&noise->rng);

#pragma GCC unroll 4
		for (int k = 0; k < 4; k++, i += 4, bits >>= 16) {
			int32_t white = (int32_t)(bits & 0x7fff) - 0x4000;
			int32_t value;

			high += ((white - high) * high_pole) >> 15;
			low += ((white - low) * low_pole) >> 15;
			value = times(high - low, gain);
			sums[i] += (3 * last + value) >> 2;
			sums[i + 1] += (last + value) >> 1;
			sums[i + 2] += (last + 3 * value) >> 2;
			sums[i + 3] += value;
			last = value;
		}
	}
	noise->high = high;
	noise->low = low;
	noise->last = last;
}

static void put_block(uint8_t *out, const int32_t sums[BLOCK], int32_t n)
{
	uint8_t block[2 * BLOCK];

	for (int32_t i = 0; i < BLOCK; i++)
		bank_put_i16(block, (uint32_t)i, loud(sums[i]));
	memcpy(out, block, 2 * (size_t)n);
}

static void mix_babble(struct mix *mix, int snr_db)
{
	int32_t gain = quieter(snr_db), of_each;

	mix->n_streams = pick(&mix->rng, STREAMS_MIN, STREAMS_MAX);
	of_each = (int32_t)(((int64_t)gain << 24) /
			    root((uint64_t)mix->n_streams << 48));
	for (int k = 0; k < mix->n_streams; k++) {
		begin_clip(mix, &mix->streams[k], of_each);
		/* within a clip */
		mix->streams[k].at -= pick(&mix->rng, 0, mix->streams[k].at);
	}
	begin_noise(mix, times(BANK_RMS, times(gain, NOISE_PART)));
	for (int32_t at = 0; at < mix->n; at += BLOCK) {
		int32_t sums[BLOCK] = {0};
		int32_t n = mix->n - at < BLOCK ? mix->n - at : BLOCK;

		for (int k = 0; k < mix->n_streams; k++)
			add_stream(mix, &mix->streams[k], of_each, sums, n);
		add_noise(&mix->noise, sums);
		put_block(mix->out + 2 * (ptrdiff_t)at, sums, n);
	}
}

/* --- a digit -------------------------------------------------------------- */

/* How a digit is said. Q16. */
struct said {
	int32_t speed, speed_glide;
	int32_t pitch, pitch_glide;
	int32_t head;
	int32_t form[FORM_STEPS + 1]; /* Q14; rises from 0 to the gain */
};

/* A factor that glides from one end of a clip to the other. */
static int32_t glide(int32_t middle, int32_t by, int32_t at, int32_t n)
{
	return middle + (int32_t)((int64_t)by * (2 * at - n) / n);
}

/* A side of a grain, from its middle outwards: `width` samples of the clip, to
 * the left or to the right. */
static void add_side(struct mix *mix, const struct bank_clip *clip,
		     const struct said *said, int32_t middle, int32_t width,
		     int32_t place, bool is_left)
{
	/* in a register, whatever is written */
	const uint8_t *samples = clip->samples;
	uint8_t *to;
	int32_t n = (int32_t)((int64_t)width * ONE / said->head);
	int32_t fall = FORM_STEPS * ONE / n;
	int32_t way = is_left ? -1 : 1;
	/* the middle is of the right side */
	int32_t i = is_left, step = way * said->head;
	int32_t at = middle * ONE + i * step;
	int32_t form = FORM_STEPS * ONE - i * fall;
	int32_t rest = is_left ? at
			       : (int32_t)(clip->n_samples - 1) * ONE - 1 - at;

	if (rest < 0 || (is_left ? place - n < 0 : place + n > mix->n))
		return;
	rest = i + rest / said->head + 1; /* behind it the clip ends */
	n = n < rest ? n : rest;
	to = mix->out + 2 * (ptrdiff_t)(place + i * way);
#pragma GCC unroll 4
	for (; i < n; i++, at += step, form -= fall, to += 2 * way) {
		int32_t value = scale(sample(samples, at),
				      said->form[(uint32_t)form >> 16]);

		bank_put_i16(to, 0, loud(value + bank_i16(to, 0)));
	}
}

/* Say a clip from `place` on. Returns after how many samples it ends. */
static int32_t add_digit(struct mix *mix, const struct bank_clip *clip,
			 const struct said *said, int32_t place)
{
	int32_t n = (int32_t)clip->n_samples;
	int64_t at = 0; /* in the clip, Q16 */
	int32_t to = 0; /* from place on */
	uint32_t k = 1;

	while (at < (int64_t)n * ONE) {
		int32_t now = (int32_t)(at / ONE);
		unsigned mark, before, after;
		int32_t step;

		while (k + 2 < clip->n_marks &&
		       (int32_t)(bank_u16(clip->marks, k + 1) & BANK_PLACE) <=
			       now)
			k++;
		mark = bank_u16(clip->marks, k);
		before = bank_u16(clip->marks, k - 1) & BANK_PLACE;
		after = bank_u16(clip->marks, k + 1) & BANK_PLACE;
		step = (int32_t)(after - (mark & BANK_PLACE));
		add_side(mix, clip, said, (int32_t)(mark & BANK_PLACE),
			 (int32_t)((mark & BANK_PLACE) - before), place + to,
			 true);
		add_side(mix, clip, said, (int32_t)(mark & BANK_PLACE), step,
			 place + to, false);
		step = mark & BANK_VOICED
			       ? (int32_t)((int64_t)step * ONE /
					   glide(said->pitch,
						 said->pitch_glide, now, n))
			       : times(step, pick(&mix->rng, 62259, 68813));
		to += step;
		at += (int64_t)step *
		      glide(said->speed, said->speed_glide, now, n);
	}
	return to;
}

static int32_t say(struct mix *mix, char digit, int32_t place)
{
	struct rng *rng = &mix->rng;
	unsigned voice = rng_below(rng, bank_n_voices(mix->bank));
	unsigned take = rng_below(rng, bank_n_takes(mix->bank));
	struct bank_clip clip =
		bank_clip(mix->bank, voice, (unsigned)(digit - '0'), take);
	struct said said;
	int32_t gain;

	said.speed = pick(rng, SPEED_MIN, SPEED_MAX);
	said.speed_glide = pick(rng, -SPEED_GLIDE, SPEED_GLIDE);
	said.pitch = pick(rng, PITCH_MIN, PITCH_MAX);
	said.pitch_glide = pick(rng, -PITCH_GLIDE, PITCH_GLIDE);
	said.head = pick(rng, HEAD_MIN, HEAD_MAX);
	gain = pick(rng, GAIN_MIN, GAIN_MAX) / 4;
	for (int32_t t = 0; t <= FORM_STEPS; t++)
		said.form[t] =
			scale(t * t * (3 * FORM_STEPS - 2 * t) >> 10, gain);
	return add_digit(mix, &clip, &said, place);
}

/* --- a sound -------------------------------------------------------------- */

static void mix_all(struct mix *mix, const char digits[MIX_DIGITS], int snr_db)
{
	int32_t place;

	mix_babble(mix, snr_db);
	place = pick(&mix->rng, BANK_LEAD_MIN, BANK_LEAD_MAX);
	for (int i = 0; i < MIX_DIGITS; i++) {
		place += say(mix, digits[i], place);
		place += pick(&mix->rng, BANK_GAP_MIN, BANK_GAP_MAX);
	}
}

size_t mix_bytes(const struct bank *bank)
{
	return MIX_HEADER_BYTES + 2 * (size_t)bank_sound_samples(bank);
}

enum cf_status mix_digits(const struct bank *bank,
			  const uint8_t seed[MIX_SEED_BYTES],
			  const char digits[MIX_DIGITS], int snr_db,
			  struct buf *wav, struct cf_error *err)
{
	struct mix mix = {.bank = bank, .n = (int32_t)bank_sound_samples(bank)};
	size_t len = mix_bytes(bank);
	char *out = buf_room(wav, len);

	assert(snr_db >= MIX_SNR_MIN_DB && snr_db <= MIX_SNR_MAX_DB);
	if (!out)
		return buf_status(wav, err);
	for (size_t i = 0; i < CF_ARRAY_LEN(mix.rng.s); i++)
		for (size_t k = 0; k < sizeof(mix.rng.s[i]); k++)
			mix.rng.s[i] |= (uint64_t)seed[8 * i + k] << 8 * k;
	wav_put_header((uint8_t *)out, bank_sound_samples(bank));
	mix.out = (uint8_t *)out + MIX_HEADER_BYTES;
	mix_all(&mix, digits, snr_db);
	buf_grow(wav, len);
	return CF_OK;
}
