/*
 * Sounds for people and measurements, not for visitors: see audio.h.
 */
#include "base/base.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/text.h"
#include "ctl/audio.h"

#include <fcntl.h>

/* The bank that visitors hear now. */
static enum cf_status find_bank(struct ctl_sounds *sounds,
				const struct app *app, const char *lang,
				struct cf_error *err)
{
	struct str tag = str_from(lang);
	struct pid now;

	if (!text_is_tag(tag))
		return cf_fail(err, CF_BAD_INPUT,
			       "--lang %.20s: must be a language such as de",
			       lang);
	sounds->sets = sets_new(app->settings.cache_dir, &app->log, app->clk);
	if (!sounds->sets)
		return cf_fail(err, CF_NOMEM, "no memory for banks");
	pid_make(&now, clk_unix_ms(&app->clk));
	sounds->bank = sets_find(sounds->sets, tag, &now);
	/* visitors hear "pt" for "pt-BR", and English where there is nothing */
	if (sounds->bank) {
		const char *found = bank_lang(sounds->bank);

		if (str_starts(tag, found) &&
		    strchr("-", lang[strlen(found)]))
			return CF_OK;
	}
	return cf_fail(err, CF_NOT_FOUND, "there is no bank of %.20s; "
		       "\"captchactl audio make --lang %.20s\" makes one",
		       lang, lang);
}

enum cf_status ctl_sounds_open(struct ctl_sounds *sounds, const struct app *app,
			       const struct ctl_args *args,
			       struct cf_error *err)
{
	int64_t snr_db = app->settings.audio_snr_db;
	struct cf_error why = CF_ERROR_INIT;
	enum cf_status rc = CF_OK;

	*sounds = (struct ctl_sounds){.bank = NULL};
	if (args->n_langs > 1)
		return cf_fail(err, CF_BAD_INPUT, "more than one --lang");
	if (args->bank && args->n_langs)
		return cf_fail(err, CF_BAD_INPUT,
			       "--bank has its language: leave --lang out");
	if (args->snr_db)
		rc = ctl_number("--snr-db", args->snr_db, MIX_SNR_MIN_DB,
				MIX_SNR_MAX_DB, &snr_db, err);
	if (rc)
		return rc;
	sounds->snr_db = (int)snr_db;
	if (!args->bank)
		return find_bank(sounds, app, args->n_langs ? args->langs[0]
							    : "en", err);
	rc = bank_map(AT_FDCWD, args->bank, &sounds->file, &why);
	sounds->bank = sounds->file;
	if (rc && strstr(why.text, args->bank))
		return cf_fail(err, rc, "--bank: %s", why.text);
	return rc ? cf_fail(err, rc, "--bank %.80s: %.70s", args->bank,
			    why.text)
		  : CF_OK;
}

void ctl_sounds_close(struct ctl_sounds *sounds)
{
	bank_free(sounds->file);
	sets_free(sounds->sets);
}

enum cf_status ctl_sounds_draw(const struct ctl_sounds *sounds, uint64_t seed,
			       const char *text, char digits[MIX_DIGITS + 1],
			       struct buf *wav, struct cf_error *err)
{
	uint64_t mix_seed[MIX_SEED_BYTES / sizeof(uint64_t)];
	struct rng rng;

	rng_init(&rng, seed);
	for (size_t i = 0; i < CF_ARRAY_LEN(mix_seed); i++)
		mix_seed[i] = rng_u64(&rng);
	for (size_t i = 0; i < MIX_DIGITS; i++)
		digits[i] = text ? text[i] : (char)('0' + rng_below(&rng, 10));
	digits[MIX_DIGITS] = '\0';
	return mix_digits(sounds->bank, (const uint8_t *)mix_seed, digits,
			  sounds->snr_db, wav, err);
}

enum cf_status ctl_write_file(const char *path, const struct buf *content,
			      struct cf_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool is_written = fd >= 0 &&
			  file_write(fd, content->ptr, content->len);

	if ((fd >= 0 && close(fd)) || !is_written)
		return cf_fail(err, CF_IO, "cannot write %s: %s", path,
			       strerror(errno));
	return CF_OK;
}
