/*
 * The parts of `captchactl audio`.
 */
#ifndef CF_CTL_AUDIO_H
#define CF_CTL_AUDIO_H

#include "ctl/ctl.h"
#include "sound/mix.h"
#include "sound/sets.h"

/* Where sounds of a command come from. */
struct ctl_sounds {
	const struct bank *bank; /* borrowed until ctl_sounds_close */
	int snr_db;
	struct bank *file;
	struct sets *sets;
};

/* Find the bank of --bank, or the one that visitors hear now in the one
 * --lang, by default in English; and read --snr-db. */
CF_MUST_CHECK
enum cf_status ctl_sounds_open(struct ctl_sounds *sounds, const struct app *app,
			       const struct ctl_args *args,
			       struct cf_error *err);
void ctl_sounds_close(struct ctl_sounds *sounds);

/* Append the sound of a seed. Its digits are `text` or, with NULL, of the
 * seed. */
CF_MUST_CHECK
enum cf_status ctl_sounds_draw(const struct ctl_sounds *sounds, uint64_t seed,
			       const char *text, char digits[MIX_DIGITS + 1],
			       struct buf *wav, struct cf_error *err);

/* Write a file of the command line; one of this name is replaced. */
CF_MUST_CHECK
enum cf_status ctl_write_file(const char *path, const struct buf *content,
			      struct cf_error *err);

/* Actions. */
CF_MUST_CHECK
enum cf_status ctl_audio_make(struct app *app, const struct ctl_args *args,
			      struct cf_error *err);
CF_MUST_CHECK
enum cf_status ctl_audio_listen(struct app *app, const struct ctl_args *args,
				struct cf_error *err);

#endif
