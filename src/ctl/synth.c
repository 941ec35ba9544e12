/*
 * Synthesisers: see synth.h, espeak-ng(1) and flite(1). They are run, and never
 * linked: espeak-ng has the GPL-3.
 */
#include "base/base.h"
#include "base/text.h"
#include "ctl/child.h"
#include "ctl/synth.h"

#define ESPEAK "espeak-ng"
#define FLITE  "flite"

enum {
	DIGITS = 10,
	SAY_MS = 10 * 1000,
	ARGUMENT_BYTES = 48,
	/* of espeak-ng, where 50 is a voice as it is */
	PITCH_MIN = 30,
	PITCH_MAX = 70,
	/* of flite, in hundredths. rms has only one pitch */
	STRETCH_MIN = 90,
	STRETCH_MAX = 120,
	SHIFT_MIN = 88,
	SHIFT_MAX = 115,
};

struct synth_lang {
	const char *tag;
	const char *voice; /* of espeak-ng */
	/* Words a minute, so that the longest digit and the shortest fit into
	 * a clip. */
	int speed_min, speed_max;
	const char *const *words; /* NULL: espeak-ng says figures well */
	bool has_flite;
};

static const char *const english[DIGITS] = {
	"zero", "one", "two",	"three", "four",
	"five", "six", "seven", "eight", "nine",
};

static const char *const arabic[DIGITS] = {
	"صفر", "1", "2", "3", "4", "5", "6", "7", "8", "9",
};

/* As on the telephone: the other words for 1 and 7, and for 4, end alike. */
static const char *const japanese[DIGITS] = {
	"ゼロ", "いち", "に",	"さん", "よん",
	"ご",	"ろく", "なな", "はち", "きゅう",
};

/* espeak-ng 1.51 says some figures with sounds that are not there. */
static const char *const russian[DIGITS] = {
	"ноль", "один",	 "два",	 "три",	   "четыре",
	"пять", "шесть", "семь", "восемь", "девять",
};

/* Of Chinese espeak-ng of Debian says only figures. */
static const struct synth_lang langs[] = {
	{"ar", "ar", 185, 235, arabic, false},
	{"de", "de", 130, 190, NULL, false},
	{"en", "en-us", 130, 190, english, true},
	{"es", "es", 130, 190, NULL, false},
	{"fr", "fr-fr", 115, 170, NULL, false},
	{"it", "it", 150, 205, NULL, false},
	{"ja", "ja", 125, 185, japanese, false},
	{"nl", "nl", 130, 190, NULL, false},
	{"pl", "pl", 150, 205, NULL, false},
	{"pt", "pt-br", 125, 185, NULL, false},
	{"ru", "ru", 110, 160, russian, false},
	{"zh", "cmn", 110, 155, NULL, false},
};

static const char *const flite_voices[] = {"kal16", "awb", "rms", "slt"};

/* Variants that differ in timbre, men and women in turn. A bank with other
 * voices has the first of them. */
static const char *const espeak_variants[] = {"m2", "f1", "m7",
					      "f5", "m4", "f3"};

_Static_assert(CF_ARRAY_LEN(flite_voices) < SYNTH_VOICES_MAX &&
		       CF_ARRAY_LEN(espeak_variants) <= SYNTH_VOICES_MAX,
	       "espeak-ng has a place beside flite");

const struct synth_lang *synth_lang_at(size_t i)
{
	return i < CF_ARRAY_LEN(langs) ? &langs[i] : NULL;
}

const struct synth_lang *synth_find(struct str tag)
{
	struct str first = text_cut(&tag, '-');

	for (size_t i = 0; i < CF_ARRAY_LEN(langs); i++)
		if (str_eq_nocase(first, langs[i].tag))
			return &langs[i];
	return NULL;
}

const char *synth_tag(const struct synth_lang *lang)
{
	return lang->tag;
}

const char *synth_packages(const struct synth_lang *lang)
{
	return lang->has_flite ? ESPEAK " or " FLITE : ESPEAK;
}

void synth_add_tags(struct buf *out)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(langs); i++)
		buf_addf(out, "%s%s", i ? " " : "", langs[i].tag);
}

static unsigned n_flite(const struct synth_lang *lang)
{
	return lang->has_flite && child_is_installed(FLITE)
		       ? CF_ARRAY_LEN(flite_voices)
		       : 0;
}

unsigned synth_n_voices(const struct synth_lang *lang)
{
	unsigned n = n_flite(lang);

	if (child_is_installed(ESPEAK))
		n += CF_ARRAY_LEN(espeak_variants);
	return n < SYNTH_VOICES_MAX ? n : SYNTH_VOICES_MAX;
}

static char *const no_environment[] = {NULL};

static unsigned between(struct rng *rng, int min, int max)
{
	return (unsigned)min + rng_below(rng, (uint32_t)(max - min + 1));
}

static enum cf_status say_by_flite(const struct synth_lang *lang,
				   unsigned voice, unsigned digit,
				   struct rng *rng, struct buf *wav,
				   struct cf_error *err)
{
	unsigned stretch = between(rng, STRETCH_MIN, STRETCH_MAX);
	unsigned shift = between(rng, SHIFT_MIN, SHIFT_MAX);
	char length[ARGUMENT_BYTES], pitch[ARGUMENT_BYTES];
	const char *const argv[] = {
		FLITE,	  "-voice",	 flite_voices[voice],
		"--setf", length,	 "--setf",
		pitch,	  "-t",		 lang->words[digit],
		"-o",	  "/dev/stdout", NULL};

	(void)snprintf(length, sizeof(length), "duration_stretch=%u.%02u",
		       stretch / 100, stretch % 100);
	(void)snprintf(pitch, sizeof(pitch), "f0_shift=%u.%02u", shift / 100,
		       shift % 100);
	return child_run(argv, no_environment, SAY_MS, wav, err);
}

static enum cf_status say_by_espeak(const struct synth_lang *lang,
				    const char *variant, unsigned digit,
				    struct rng *rng, struct buf *wav,
				    struct cf_error *err)
{
	char name[ARGUMENT_BYTES], speed[ARGUMENT_BYTES], pitch[ARGUMENT_BYTES];
	const char figure[] = {(char)('0' + digit), '\0'};
	const char *word = lang->words ? lang->words[digit] : figure;
	const char *const argv[] = {ESPEAK, "-v", name,	      "-s", speed, "-p",
				    pitch,  "-z", "--stdout", word, NULL};

	(void)snprintf(name, sizeof(name), "%s+%s", lang->voice, variant);
	(void)snprintf(speed, sizeof(speed), "%u",
		       between(rng, lang->speed_min, lang->speed_max));
	(void)snprintf(pitch, sizeof(pitch), "%u",
		       between(rng, PITCH_MIN, PITCH_MAX));
	return child_run(argv, no_environment, SAY_MS, wav, err);
}

enum cf_status synth_say(const struct synth_lang *lang, unsigned voice,
			 unsigned digit, struct rng *rng, struct buf *wav,
			 struct cf_error *err)
{
	unsigned first = n_flite(lang);

	return voice < first
		       ? say_by_flite(lang, voice, digit, rng, wav, err)
		       : say_by_espeak(lang, espeak_variants[voice - first],
				       digit, rng, wav, err);
}
