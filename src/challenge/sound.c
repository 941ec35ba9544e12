/*
 * Sounds of challenges: see challenge.h. All that is secret in a sound comes
 * from the installation's secret and the pid. The babble also depends on the
 * bank and on its loudness: two sounds of a pid with the same babble would
 * show what is below it.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/metrics.h"
#include "base/text.h"
#include "challenge/state.h"

#include <ctype.h>
#include <strings.h>

#define ENGLISH	       "en"
#define DIGITS_PURPOSE "captcha-audio-v1"
#define SEED_PURPOSE   "captcha-audio-seed-v1"
#define MARK_PURPOSE   "captcha-audio-mark-v1"

enum {
	HASH_MAX_BYTES = 64, /* that are hashed */
	DIGIT_MAX = 250,     /* below it each digit is equally likely */
};

_Static_assert((int)MIX_DIGITS == (int)CHALLENGE_DIGITS,
	       "a sound says as many digits as an answer has");
_Static_assert((int)MIX_SEED_BYTES == (int)CRYPT_SHA256_BYTES,
	       "a seed is a hash");
_Static_assert((int)CHALLENGE_MARK_CHARS <= 2 * (int)CRYPT_SHA256_BYTES,
	       "a hash is long enough for a mark");
_Static_assert(sizeof(SEED_PURPOSE) + PID_CHARS + BANK_LANG_BYTES + 1 <
		       HASH_MAX_BYTES,
	       "what is hashed fits");

/* HMAC-SHA-256 of the purpose, the pid and n more bytes. */
static enum cf_status hash(struct challenge *ch, const char *purpose,
			   const struct pid *pid, const void *more, size_t n,
			   uint8_t out[CRYPT_SHA256_BYTES],
			   struct cf_error *err)
{
	size_t n_purpose = strlen(purpose);
	char text[HASH_MAX_BYTES];
	enum cf_status rc = challenge_need_secret(ch, err);

	if (rc)
		return rc;
	memcpy(text, purpose, n_purpose);
	memcpy(text + n_purpose, pid->text, PID_CHARS);
	memcpy(text + n_purpose + PID_CHARS, more, n);
	crypt_hmac_sha256(ch->secret, text, n_purpose + PID_CHARS + n, out);
	return CF_OK;
}

/* The language of a tag: "pt" of "pt-BR". */
static struct str language_of(struct str tag)
{
	return text_cut(&tag, '-');
}

enum cf_status sound_digits(struct challenge *ch, const struct pid *pid,
			    struct str lang, char out[MIX_DIGITS],
			    struct cf_error *err)
{
	uint8_t bytes[CRYPT_SHA256_BYTES], more[BANK_LANG_BYTES + 1];
	enum cf_status rc = CF_OK;
	size_t n = 0, n_lang;

	lang = language_of(lang);
	n_lang = str_eq_nocase(lang, ENGLISH) ? 0 : lang.len;
	assert(n_lang < BANK_LANG_BYTES);
	for (size_t i = 0; i < n_lang; i++)
		more[i] = (uint8_t)tolower((unsigned char)lang.ptr[i]);
	for (uint8_t round = 0; n < MIX_DIGITS && !rc; round++) {
		more[n_lang] = round;
		rc = hash(ch, DIGITS_PURPOSE, pid, more, n_lang + (round > 0),
			  bytes, err);
		for (size_t i = 0; !rc && i < sizeof(bytes); i++)
			if (bytes[i] < DIGIT_MAX && n < MIX_DIGITS)
				out[n++] = (char)('0' + bytes[i] % 10);
	}
	crypt_zero(bytes, sizeof(bytes));
	return rc;
}

/* The next language of sounds: English, then those of the options. False at
 * their end. */
static bool next_language(const char **rest, struct str *tag)
{
	*tag = tag->ptr ? text_next_word(rest) : STR_LIT(ENGLISH);
	return tag->len;
}

enum cf_status sound_codes(struct challenge *ch, const struct pid *pid,
			   struct sound_codes *out, struct cf_error *err)
{
	const char *rest = ch->parts.options.languages;
	enum cf_status rc = CF_OK;
	struct str tag = STR_INIT;

	for (out->n = 0; out->n < SETS_LANGS_MAX && !rc; out->n++) {
		if (!next_language(&rest, &tag))
			break;
		rc = sound_digits(ch, pid, tag, out->digits[out->n], err);
	}
	return rc;
}

/* A hash of all that the bytes of a sound depend on. */
static enum cf_status hash_sound(struct challenge *ch, const char *purpose,
				 const struct pid *pid,
				 const struct bank *bank,
				 uint8_t out[CRYPT_SHA256_BYTES],
				 struct cf_error *err)
{
	uint64_t mark = bank_mark(bank);
	uint8_t more[sizeof(mark) + 1];

	/* the same on machines of any order of bytes */
	for (size_t i = 0; i < sizeof(mark); i++)
		more[i] = (uint8_t)(mark >> 8 * i);
	more[sizeof(mark)] = (uint8_t)ch->parts.options.snr_db;
	return hash(ch, purpose, pid, more, sizeof(more), out, err);
}

static const struct bank *find_bank(struct challenge *ch,
				    const struct pid *pid, struct str lang)
{
	const char *rest = ch->parts.options.languages;
	struct str tag = STR_INIT, said;
	const struct bank *bank;

	if (!ch->parts.sets)
		return NULL;
	bank = sets_find(ch->parts.sets, lang, pid);
	said = language_of(str_from(bank ? bank_lang(bank) : NULL));
	for (size_t i = 0; bank && i < SETS_LANGS_MAX; i++) {
		if (!next_language(&rest, &tag))
			break;
		tag = language_of(tag);
		if (tag.len == said.len &&
		    !strncasecmp(tag.ptr, said.ptr, said.len))
			return bank;
	}
	/* its digits would not pass: it is left from other settings */
	return sets_find(ch->parts.sets, STR_LIT(ENGLISH), pid);
}

bool challenge_has_sound(struct challenge *ch, const struct pid *pid,
			 struct str lang)
{
	return find_bank(ch, pid, lang);
}

/* When a challenge ends. Redis does not tell: then it is by the settings. */
static int64_t end_unix_ms(struct challenge *ch,
			   const struct store_entry *entry)
{
	const struct profile *profile =
		challenge_profile(ch, str_from(entry->profile));

	if (entry->expires_unix_ms != INT64_MAX)
		return entry->expires_unix_ms;
	return profile ? pid_unix_ms(&entry->pid) +
				 profile_options(profile)->ttl_s * 1000
		       : 0;
}

enum cf_status challenge_find_sound(struct challenge *ch, const struct pid *pid,
				    struct str lang,
				    struct challenge_sound *out,
				    struct cf_error *err)
{
	int64_t now_unix_ms = clk_unix_ms(&ch->parts.clk), left_ms;
	uint8_t bytes[CRYPT_SHA256_BYTES];
	struct store_entry entry;
	enum cf_status rc;

	out->pid = *pid;
	out->bank = find_bank(ch, pid, lang);
	if (!out->bank)
		return cf_fail(err, CF_NOT_FOUND, "there is no sound");
	rc = challenge_peek(ch, pid, now_unix_ms, &entry, err);
	if (!rc)
		rc = hash_sound(ch, MARK_PURPOSE, pid, out->bank, bytes, err);
	if (!rc) {
		for (size_t i = 0; i < CHALLENGE_MARK_CHARS / 2; i++)
			text_put_hex(out->mark + 2 * i, (char)bytes[i]);
		out->mark[CHALLENGE_MARK_CHARS] = '\0';
		out->n_bytes = mix_bytes(out->bank);
		left_ms = end_unix_ms(ch, &entry) - now_unix_ms;
		out->left_s = left_ms > 0 ? left_ms / 1000 : 0;
	}
	crypt_zero(&entry, sizeof(entry));
	return rc;
}

enum cf_status challenge_mix_sound(struct challenge *ch,
				   const struct challenge_sound *sound,
				   struct buf *wav, struct cf_error *err)
{
	uint8_t seed[MIX_SEED_BYTES];
	char digits[MIX_DIGITS];
	enum cf_status rc =
		sound_digits(ch, &sound->pid, str_from(bank_lang(sound->bank)),
			     digits, err);

	if (!rc)
		rc = hash_sound(ch, SEED_PURPOSE, &sound->pid, sound->bank,
				seed, err);
	if (!rc)
		rc = mix_digits(sound->bank, seed, digits,
				ch->parts.options.snr_db, wav, err);
	crypt_zero(digits, sizeof(digits));
	crypt_zero(seed, sizeof(seed));
	metrics_add(METRIC_SOUND, !rc);
	return rc;
}
