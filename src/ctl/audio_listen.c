/*
 * captchactl audio listen: write a page that plays sounds to a person, takes
 * what the person types, and says how much of it is right.
 */
#include "base/base.h"
#include "base/base64.h"
#include "base/day.h"
#include "base/rng.h"
#include "ctl/audio.h"

#define FILE_NAME "listen.html"
#define MARK	  "{{data}}"

enum {
	SOUNDS = 20,
	/* base64 makes four bytes of three */
	DATA_MAX_BYTES = 2 * SOUNDS * BANK_SOUND_MAX_SAMPLES * 2,
};

extern const char listen_html[]; /* made from listen.html */
extern const size_t listen_html_len;

/* Add a sound with its digits. */
static enum cf_status add_sound(struct buf *data,
				const struct ctl_sounds *sounds, uint64_t seed,
				struct cf_error *err)
{
	char digits[MIX_DIGITS + 1];
	struct buf wav;
	enum cf_status rc;

	buf_init(&wav, mix_bytes(sounds->bank));
	rc = ctl_sounds_draw(sounds, seed, NULL, digits, &wav, err);
	if (!rc) {
		buf_open_json(data, NULL, '{');
		buf_add_json(data, "digits", str_from(digits));
		buf_open_json(data, "wav", '"');
		base64_add(data, wav.ptr, wav.len);
		buf_close_json(data, '"');
		buf_close_json(data, '}');
	}
	buf_release(&wav);
	return rc;
}

static enum cf_status add_data(struct buf *data, const struct app *app,
			       const struct ctl_sounds *sounds, uint64_t seed,
			       struct cf_error *err)
{
	enum cf_status rc = CF_OK;
	char day[DAY_BYTES], mark[24];
	struct rng rng;

	day_of(clk_unix_ms(&app->clk), day);
	(void)snprintf(mark, sizeof(mark), "%016llx",
		       (unsigned long long)bank_mark(sounds->bank));
	buf_open_json(data, NULL, '{');
	buf_add_json(data, "date", str_from(day));
	buf_add_json(data, "lang", str_from(bank_lang(sounds->bank)));
	buf_add_json(data, "bank", str_from(mark));
	buf_add_json_number(data, "snr_db", sounds->snr_db);
	buf_open_json(data, "sounds", '[');
	rng_init(&rng, seed);
	for (int i = 0; i < SOUNDS && !rc; i++)
		rc = add_sound(data, sounds, rng_u64(&rng), err);
	buf_close_json(data, ']');
	buf_close_json(data, '}');
	return rc;
}

static enum cf_status write_page(const struct buf *data, const char *path,
				 struct cf_error *err)
{
	const char *mark = strstr(listen_html, MARK);
	const char *behind = mark + sizeof(MARK) - 1;
	struct buf page;
	enum cf_status rc;

	buf_init(&page, DATA_MAX_BYTES + listen_html_len);
	buf_add(&page, listen_html, (size_t)(mark - listen_html));
	buf_add(&page, data->ptr, data->len);
	buf_add_str(&page, behind);
	rc = buf_status(&page, err);
	if (!rc)
		rc = ctl_write_file(path, &page, err);
	buf_release(&page);
	return rc;
}

enum cf_status ctl_audio_listen(struct app *app, const struct ctl_args *args,
				struct cf_error *err)
{
	const char *path = args->out ? args->out : FILE_NAME;
	struct ctl_sounds sounds;
	struct buf data;
	uint64_t seed;
	enum cf_status rc = ctl_seed(args, &seed, err);

	if (rc)
		return rc;
	rc = ctl_sounds_open(&sounds, app, args, err);
	buf_init(&data, DATA_MAX_BYTES);
	if (!rc)
		rc = add_data(&data, app, &sounds, seed, err);
	if (!rc)
		rc = buf_status(&data, err);
	if (!rc)
		rc = write_page(&data, path, err);
	buf_release(&data);
	ctl_sounds_close(&sounds);
	if (!rc)
		(void)printf("wrote %s: open it in a browser\n", path);
	return rc;
}
