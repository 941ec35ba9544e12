/*
 * captchactl audio make: have each language said anew, and write the banks of
 * this night.
 *
 * Speeds and pitches of the takes come from the installation's key, the
 * language and the night. So machines that share a store make the same banks.
 * Who knows the programs does not know the takes.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/day.h"
#include "base/file.h"
#include "base/text.h"
#include "ctl/audio.h"
#include "ctl/banks.h"
#include "ctl/progress.h"
#include "ctl/synth.h"
#include "sound/clip.h"

#include <fcntl.h>
#include <sys/file.h>

#define PURPOSE	 "captcha-audio-takes-v1"
#define NEW_FILE "bank.new"

enum {
	TAKES = 3,
	/* of a take, at other speeds: rms says one nine of two too slowly */
	TRIES = 24,
	DIGITS = BANK_DIGITS,
	DAY_S = 86400,
	/* Machines that cron starts at the same time change to the new bank at
	 * the same time. */
	SOON_S = 5 * 60,
	QUARTER_S = 15 * 60,
};

struct make {
	struct app *app;
	const struct ctl_args *args;
	int root_fd;
	int64_t now_s;
	char night[DAY_BYTES];
};

/* --- languages ------------------------------------------------------------ */

struct wanted {
	const struct synth_lang *langs[SETS_LANGS_MAX]; /* none twice */
	size_t n;
};

static bool wants(const struct wanted *wanted, const char *tag)
{
	for (size_t i = 0; i < wanted->n; i++)
		if (!strcmp(synth_tag(wanted->langs[i]), tag))
			return true;
	return false;
}

static enum cf_status want(struct wanted *wanted, const char *from,
			   enum cf_status status, struct str tag,
			   struct cf_error *err)
{
	const struct synth_lang *lang = synth_find(tag);
	struct buf tags;

	if (lang) {
		if (!wants(wanted, synth_tag(lang)))
			wanted->langs[wanted->n++] = lang;
		return CF_OK;
	}
	buf_init(&tags, 256);
	synth_add_tags(&tags);
	(void)cf_fail(err, status, "%s: no program says %.*s well; there are %s",
		      from, tag.len < 20 ? (int)tag.len : 20, tag.ptr,
		      tags.len ? tags.ptr : "");
	buf_release(&tags);
	return status;
}

/* English, which everybody may hear, and those of the setting. */
static enum cf_status want_setting(struct wanted *wanted,
				   const struct settings *settings,
				   struct cf_error *err)
{
	const char *rest = settings->audio_languages;
	enum cf_status rc = want(wanted, "", CF_CONFIG, STR_LIT("en"), err);
	struct str tag;

	while (!rc && (tag = text_next_word(&rest)).len)
		rc = want(wanted, "audio_languages", CF_CONFIG, tag, err);
	return rc;
}

static enum cf_status want_options(struct wanted *wanted,
				   const struct ctl_args *args,
				   struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < args->n_langs && !rc; i++)
		rc = want(wanted, "--lang", CF_BAD_INPUT,
			  str_from(args->langs[i]), err);
	return rc;
}

static bool is_any_installed(const struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->n; i++)
		if (synth_n_voices(wanted->langs[i]))
			return true;
	return false;
}

/* --- a bank --------------------------------------------------------------- */

/* Say a digit and add the clip. A take that is too short or too long is said
 * again, at another speed. */
static enum cf_status add_take(struct maker *maker,
			       const struct synth_lang *lang, unsigned voice,
			       unsigned digit, struct rng *rng,
			       struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;
	enum cf_status rc = CF_BAD_INPUT;
	struct buf wav;

	buf_init(&wav, SYNTH_WAV_MAX_BYTES);
	for (int i = 0; i < TRIES && rc == CF_BAD_INPUT; i++) {
		why = (struct cf_error)CF_ERROR_INIT;
		buf_reset(&wav);
		rc = synth_say(lang, voice, digit, rng, &wav, &why);
		if (!rc)
			rc = maker_add(maker, (struct str){wav.ptr, wav.len},
				       &why);
	}
	buf_release(&wav);
	if (rc == CF_BAD_INPUT) /* of the program, not of the command line */
		rc = CF_CORRUPT;
	return rc ? cf_fail(err, rc, "%u, said by voice %u: %.120s", digit,
			    voice + 1, why.text)
		  : CF_OK;
}

static enum cf_status say_all(struct maker *maker,
			      const struct synth_lang *lang, unsigned n_voices,
			      struct rng *rng, struct cf_error *err)
{
	unsigned n = n_voices * DIGITS * TAKES;
	struct progress progress;
	enum cf_status rc = CF_OK;
	char doing[32];

	(void)snprintf(doing, sizeof(doing), "saying digits of %s",
		       synth_tag(lang));
	progress_init(&progress, doing);
	for (unsigned i = 0; i < n && !rc; i++) {
		rc = add_take(maker, lang, i / TAKES / DIGITS,
			      i / TAKES % DIGITS, rng, err);
		progress_show(&progress, i + 1, n);
	}
	progress_end(&progress);
	return rc;
}

/* The takes of a night. */
static enum cf_status seed_rng(const struct make *make,
			       const struct synth_lang *lang, struct rng *rng,
			       struct cf_error *err)
{
	uint8_t key[CRYPT_SHA256_BYTES];
	uint64_t seed = 0;
	char purpose[64];
	enum cf_status rc;

	(void)snprintf(purpose, sizeof(purpose), PURPOSE " %s %s",
		       synth_tag(lang), make->night);
	rc = challenge_derive(make->app->challenge, purpose, key, err);
	for (size_t i = 0; i < sizeof(seed); i++)
		seed = seed << 8 | key[i];
	crypt_zero(key, sizeof(key));
	rng_init(rng, seed);
	return rc;
}

/* From when on challenges use a bank that is made now. Where making took long,
 * no challenge may have used another one meanwhile. */
static int64_t from_unix_s(const struct make *make)
{
	int64_t soon_s = make->now_s + SOON_S;
	int64_t now_s = clk_unix_ms(&make->app->clk) / 1000;

	if (soon_s < now_s)
		soon_s = now_s;
	return (soon_s + QUARTER_S - 1) / QUARTER_S * QUARTER_S;
}

static enum cf_status make_bank(const struct make *make,
				const struct synth_lang *lang,
				unsigned n_voices, bool is_first,
				struct buf *bank, struct cf_error *err)
{
	struct maker *maker;
	struct rng rng;
	enum cf_status rc = seed_rng(make, lang, &rng, err);

	if (rc)
		return rc;
	maker = maker_new(synth_tag(lang), n_voices, TAKES);
	if (!maker)
		return cf_fail(err, CF_NOMEM, "no memory for a bank");
	rc = say_all(maker, lang, n_voices, &rng, err);
	if (!rc)
		rc = maker_end(maker,
			       is_first ? make->now_s : from_unix_s(make),
			       bank, err);
	maker_free(maker);
	return rc;
}

/* --- files ---------------------------------------------------------------- */

static enum cf_status put_file(int night_fd, const struct buf *bank,
			       struct cf_error *err)
{
	enum cf_status rc;
	int fd;

	/* of a process that was killed */
	(void)unlinkat(night_fd, NEW_FILE, 0);
	rc = file_create(night_fd, NEW_FILE, bank->ptr, bank->len, err);
	if (rc)
		return rc;
	fd = openat(night_fd, NEW_FILE, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fsync(fd) ||
	    renameat(night_fd, NEW_FILE, night_fd, SETS_FILE))
		rc = cf_fail(err, file_status(errno), "cannot write %s: %s",
			     SETS_FILE, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static enum cf_status put_bank(const struct make *make, const char *lang,
			       const struct buf *bank, struct cf_error *err)
{
	int lang_fd, night_fd;
	enum cf_status rc = file_open_dir(make->root_fd, lang, true, &lang_fd,
					  err);

	if (rc)
		return rc;
	rc = file_open_dir(lang_fd, make->night, true, &night_fd, err);
	if (rc) {
		(void)close(lang_fd);
		return rc;
	}
	rc = put_file(night_fd, bank, err);
	(void)close(night_fd);
	if (rc)
		(void)unlinkat(lang_fd, make->night, AT_REMOVEDIR);
	(void)close(lang_fd);
	return rc;
}

/* What there is of a language. */
struct found {
	const char *lang, *night;
	bool is_made; /* of this night */
	bool has_other;
};

static void look(void *ctx, const struct banks_entry *entry)
{
	struct found *found = ctx;
	struct cf_error err = CF_ERROR_INIT;
	struct bank *bank;

	if (strcmp(entry->lang, found->lang) != 0 ||
	    banks_load(entry, &bank, &err))
		return;
	bank_free(bank);
	if (strcmp(entry->night, found->night) != 0)
		found->has_other = true;
	else
		found->is_made = true;
}

static void remove_night(const struct banks_entry *entry)
{
	int fd;

	if (!file_open_dir(entry->lang_fd, entry->night, false, &fd, NULL)) {
		(void)unlinkat(fd, SETS_FILE, 0);
		(void)unlinkat(fd, NEW_FILE, 0);
		(void)close(fd);
	}
	(void)unlinkat(entry->lang_fd, entry->night, AT_REMOVEDIR);
	/* unless it has other nights */
	(void)unlinkat(entry->root_fd, entry->lang, AT_REMOVEDIR);
}

/* What is kept: the newest nights of languages that are set, or are made
 * now. */
struct keep {
	struct wanted wanted;
	char yesterday[DAY_BYTES], tomorrow[DAY_BYTES];
	size_t n_ahead; /* nights of this language by a clock that was ahead */
};

static bool is_damaged(const struct banks_entry *entry)
{
	struct bank *bank;
	enum cf_status rc = banks_load(entry, &bank, NULL);

	bank_free(bank);
	return rc == CF_CORRUPT;
}

static void sweep(void *ctx, const struct banks_entry *entry)
{
	struct keep *keep = ctx;
	bool is_ahead = strcmp(entry->night, keep->tomorrow) > 0;
	bool is_old = strcmp(entry->night, keep->yesterday) < 0;

	keep->n_ahead = is_ahead + (entry->n_newer ? keep->n_ahead : 0);
	if (is_ahead || entry->n_newer - keep->n_ahead >= SETS_KEPT ||
	    (is_old && !wants(&keep->wanted, entry->lang)) ||
	    is_damaged(entry))
		remove_night(entry);
}

static enum cf_status remove_old(const struct make *make,
				 const struct wanted *made,
				 struct cf_error *err)
{
	struct keep keep = {.wanted = *made};
	enum cf_status rc = want_setting(&keep.wanted, &make->app->settings,
					 err);

	if (rc)
		return rc;
	day_of((make->now_s - DAY_S) * 1000, keep.yesterday);
	day_of((make->now_s + DAY_S) * 1000, keep.tomorrow);
	banks_each(make->root_fd, sweep, &keep);
	return CF_OK;
}

/* --- the action ----------------------------------------------------------- */

static enum cf_status make_lang(const struct make *make,
				const struct synth_lang *lang,
				struct cf_error *err)
{
	const char *tag = synth_tag(lang);
	struct found found = {.lang = tag, .night = make->night};
	unsigned n_voices = synth_n_voices(lang);
	bool is_first;
	struct buf bank;
	enum cf_status rc;

	if (!n_voices && make->args->if_installed)
		return CF_OK;
	if (!n_voices)
		return cf_fail(err, CF_NOT_FOUND,
			       "no program says it: install %s",
			       synth_packages(lang));
	banks_each(make->root_fd, look, &found);
	if (found.is_made) {
		(void)printf("%s: made already today\n", tag);
		return CF_OK;
	}
	/* without an earlier bank all challenges use it at once */
	is_first = !found.has_other &&
		   !(bank_built_in() &&
		     !strcmp(tag, bank_lang(bank_built_in())));
	buf_init(&bank, BANK_MAX_BYTES);
	rc = make_bank(make, lang, n_voices, is_first, &bank, err);
	if (!rc)
		rc = put_bank(make, tag, &bank, err);
	if (!rc)
		(void)printf("%s: %u voices, %d takes, %zu kB\n", tag, n_voices,
			     TAKES, bank.len / 1024);
	buf_release(&bank);
	return rc;
}

/* Make all languages, also those behind one that fails. */
static enum cf_status make_all(struct make *make, const struct wanted *wanted,
			       struct cf_error *err)
{
	struct wanted set = {.n = 0};
	enum cf_status rc, swept;

	rc = want_setting(&set, &make->app->settings, err);
	if (rc)
		return rc;
	if (flock(make->root_fd, LOCK_EX | LOCK_NB)) {
		/* no fault: the other process does the work */
		(void)printf("another process makes banks\n");
		return CF_OK;
	}
	make->now_s = clk_unix_ms(&make->app->clk) / 1000;
	day_of(make->now_s * 1000, make->night);
	for (size_t i = 0; i < wanted->n; i++) {
		const char *tag = synth_tag(wanted->langs[i]);
		struct cf_error why = CF_ERROR_INIT;
		enum cf_status failed = make_lang(make, wanted->langs[i], &why);

		if (failed) {
			(void)fprintf(stderr, "captchactl audio: %s: %s\n",
				      tag, why.text);
			rc = failed;
		} else if (!wants(&set, tag)) {
			(void)printf("%s: nobody hears it until "
				     "audio_languages in the settings has it\n",
				     tag);
		}
	}
	swept = remove_old(make, wanted, err);
	return rc ? rc : swept;
}

enum cf_status ctl_audio_make(struct app *app, const struct ctl_args *args,
			      struct cf_error *err)
{
	struct make make = {.app = app, .args = args};
	struct wanted wanted = {.n = 0};
	enum cf_status rc = args->n_langs
				    ? want_options(&wanted, args, err)
				    : want_setting(&wanted, &app->settings,
						   err);

	if (rc || (args->if_installed && (!app->settings.audio ||
					  !is_any_installed(&wanted))))
		return rc;
	rc = app_open(app, APP_TOOL, err);
	if (!rc)
		rc = banks_open(&app->settings, true, &make.root_fd, err);
	if (rc)
		return rc;
	rc = make_all(&make, &wanted, err);
	(void)close(make.root_fd);
	return rc;
}
