/*
 * captchactl audio: make banks of spoken digits, list them, and play or write
 * sounds of them.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "ctl/audio.h"
#include "ctl/banks.h"
#include "ctl/child.h"
#include "ctl/samples.h"
#include "ctl/user.h"

#include <fcntl.h>

extern char **environ;

enum {
	LIST_MAX_BYTES = 1024 * 1024,
	MOMENT_BYTES = 32,
	PLAY_MS = 60 * 1000,
	PLAYER_SAYS_MAX_BYTES = 64 * 1024,
};

/* --- list ----------------------------------------------------------------- */

struct list {
	struct buf out;
	bool is_json;
};

static void write_moment(int64_t unix_s, char out[MOMENT_BYTES])
{
	time_t when = (time_t)unix_s;
	struct tm tm;

	if (!gmtime_r(&when, &tm) ||
	    !strftime(out, MOMENT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm))
		(void)snprintf(out, MOMENT_BYTES, "%lld", (long long)unix_s);
}

/* night is NULL for the bank that is compiled in; bank for one that cannot be
 * used. */
static void add_bank(struct list *list, const char *lang, const char *night,
		     const struct bank *bank, const char *fault)
{
	struct buf *out = &list->out;
	char from[MOMENT_BYTES] = "";

	if (bank && night)
		write_moment(bank_from_unix_s(bank), from);
	if (list->is_json) {
		buf_open_json(out, NULL, '{');
		buf_add_json(out, "lang", str_from(lang));
		buf_add_json_bool(out, "built_in", !night);
		if (night)
			buf_add_json(out, "night", str_from(night));
		if (bank && night)
			buf_add_json_number(out, "from_unix_s",
					    bank_from_unix_s(bank));
		if (bank) {
			buf_add_json_number(out, "voices",
					    bank_n_voices(bank));
			buf_add_json_number(out, "takes", bank_n_takes(bank));
			buf_add_json_number(out, "bytes",
					    (int64_t)bank_bytes(bank));
		} else {
			buf_add_json(out, "fault", str_from(fault));
		}
		buf_close_json(out, '}');
		return;
	}
	buf_addf(out, "%-8s %-10s ", lang, night ? night : "built-in");
	if (bank)
		buf_addf(out, "%u voices, %u takes, %zu kB%s%s\n",
			 bank_n_voices(bank), bank_n_takes(bank),
			 bank_bytes(bank) / 1024, from[0] ? ", from " : "",
			 from);
	else
		buf_addf(out, "damaged: %s\n", fault);
}

static void list_one(void *ctx, const struct banks_entry *entry)
{
	struct cf_error err = CF_ERROR_INIT;
	struct bank *bank;

	/* one that is being made has no file yet */
	if (banks_load(entry, &bank, &err) == CF_NOT_FOUND)
		return;
	add_bank(ctx, entry->lang, entry->night, bank, err.text);
	bank_free(bank);
}

static enum cf_status list(struct app *app, const struct ctl_args *args,
			   struct cf_error *err)
{
	struct list list = {.is_json = args->json};
	const struct bank *own = bank_built_in();
	int fd;
	enum cf_status rc = banks_open(&app->settings, false, &fd, err);

	if (rc && rc != CF_NOT_FOUND)
		return rc;
	*err = (struct cf_error)CF_ERROR_INIT;
	buf_init(&list.out, LIST_MAX_BYTES);
	if (args->json)
		buf_open_json(&list.out, NULL, '[');
	if (own)
		add_bank(&list, bank_lang(own), NULL, own, NULL);
	if (fd >= 0) {
		banks_each(fd, list_one, &list);
		(void)close(fd);
	}
	if (args->json) {
		buf_close_json(&list.out, ']');
		buf_add_char(&list.out, '\n');
	}
	return ctl_print(&list.out, err);
}

/* --- play ----------------------------------------------------------------- */

/* Play a file by the first of these programs that is there. */
static enum cf_status play_file(const char *path, struct cf_error *err)
{
	static const char *const players[] = {"pw-play", "paplay", "aplay"};
	enum cf_status rc = CF_NOT_FOUND;
	struct buf said;

	buf_init(&said, PLAYER_SAYS_MAX_BYTES);
	for (size_t i = 0; i < CF_ARRAY_LEN(players); i++) {
		const char *const argv[] = {players[i], path, NULL};

		if (!child_is_installed(players[i]))
			continue;
		rc = child_run(argv, environ, PLAY_MS, &said, err);
		break;
	}
	buf_release(&said);
	return rc != CF_NOT_FOUND
		       ? rc
		       : cf_fail(err, rc, "neither pw-play nor paplay nor "
				 "aplay is installed: --out FILE.wav writes "
				 "a file instead");
}

static enum cf_status play_bytes(const struct buf *wav, struct cf_error *err)
{
	char path[] = "/tmp/captchactl-XXXXXX";
	int fd = mkstemp(path);
	enum cf_status rc;

	if (fd < 0)
		return cf_fail(err, CF_IO, "cannot make a file in /tmp: %s",
			       strerror(errno));
	(void)close(fd);
	rc = ctl_write_file(path, wav, err);
	if (!rc)
		rc = play_file(path, err);
	(void)unlink(path);
	return rc;
}

static enum cf_status check_text(const char *text, struct cf_error *err)
{
	if (text && (strlen(text) != MIX_DIGITS ||
		     strspn(text, "0123456789") != MIX_DIGITS))
		return cf_fail(err, CF_BAD_INPUT,
			       "--text %.40s: must be %d digits", text,
			       MIX_DIGITS);
	return CF_OK;
}

static enum cf_status play(struct app *app, const struct ctl_args *args,
			   struct cf_error *err)
{
	char digits[MIX_DIGITS + 1];
	struct ctl_sounds sounds;
	uint64_t seed = 0;
	struct buf wav;
	enum cf_status rc = check_text(args->text, err);

	if (!rc)
		rc = ctl_seed(args, &seed, err);
	if (rc)
		return rc;
	rc = ctl_sounds_open(&sounds, app, args, err);
	if (!rc) {
		buf_init(&wav, mix_bytes(sounds.bank));
		rc = ctl_sounds_draw(&sounds, seed, args->text, digits, &wav,
				     err);
		if (!rc)
			rc = args->out ? ctl_write_file(args->out, &wav, err)
				       : play_bytes(&wav, err);
		buf_release(&wav);
	}
	ctl_sounds_close(&sounds);
	if (!rc)
		(void)puts(digits);
	return rc;
}

/* --- render --------------------------------------------------------------- */

static enum cf_status render_one(void *ctx, int64_t i, uint64_t seed,
				 struct buf *wav,
				 char digits[SAMPLES_LABEL_BYTES],
				 struct cf_error *err)
{
	(void)i;
	return ctl_sounds_draw(ctx, seed, NULL, digits, wav, err);
}

static enum cf_status render(struct app *app, const struct ctl_args *args,
			     struct cf_error *err)
{
	struct ctl_sounds sounds;
	struct samples samples = {
		.doing = "mixing",
		.suffix = "wav",
		.make = render_one,
		.ctx = &sounds,
	};
	enum cf_status rc = samples_options(&samples, args, err);

	if (rc)
		return rc;
	rc = ctl_sounds_open(&sounds, app, args, err);
	if (!rc)
		rc = samples_open(&samples, args, err);
	if (!rc) {
		samples.max_bytes = mix_bytes(sounds.bank);
		rc = samples_write(&samples, err);
		samples_close(&samples);
	}
	ctl_sounds_close(&sounds);
	return rc;
}

/* --- the command ---------------------------------------------------------- */

static const struct ctl_action actions[] = {
	{"make", "li", NULL, ctl_audio_make},
	{"list", "j", NULL, list},
	{"play", "ltSo", NULL, play},
	{"render", "noSldb", NULL, render},
	{"listen", "oSldb", NULL, ctl_audio_listen},
};

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	const struct ctl_action *action;
	const struct passwd *user;
	bool has_files; /* of the service */
	enum cf_status rc = user_find(args->user, &user, err);

	if (!rc)
		rc = crypt_open(err);
	if (rc)
		return rc;
	action = ctl_find_action(args, actions, CF_ARRAY_LEN(actions), err);
	if (!action)
		return err->status;
	/* root writes where the command line says, and reads banks */
	has_files = action->run == list || action->run == ctl_audio_make;
	if (args->user || has_files)
		rc = user_act(&app->settings, args->user, err);
	return rc ? rc : action->run(app, args, err);
}

const struct ctl_command ctl_audio = {
	.name = "audio",
	.summary = "Make banks of spoken digits, list them, and play sounds",
	.help = "  make                 have digits said anew, for the "
		"challenges of a day\n"
		"    --lang TAG         this language; may repeat (default en "
		"and audio_languages)\n"
		"    --if-installed     without a program that says it, do "
		"nothing\n"
		"  list [--json]        all banks\n"
		"  play                 play a sound as visitors hear it, and "
		"print its digits\n"
		"    --lang TAG         in this language (default en)\n"
		"    --text DIGITS      these six digits, not six by chance\n"
		"    --seed S           the same seed gives the same sound\n"
		"    --out FILE         write this WAV file instead\n"
		"  render               write sounds into a directory, with "
		"their digits\n"
		"    --out DIR          where to: 00000.wav and on, and "
		"labels.tsv (file name,\n"
		"                       tab, digits); files of these names "
		"are replaced\n"
		"    --count N          how many (default 1)\n"
		"    --seed S           the same seed gives the same sounds\n"
		"    --lang TAG         in this language (default en)\n"
		"    --bank FILE        of this bank\n"
		"    --snr-db N         how much louder the digits are than "
		"the babble\n"
		"                       (default audio_snr_db)\n"
		"  listen               write a page that plays 20 sounds "
		"and scores who\n"
		"                       listens; options as for render\n"
		"    --out FILE         this page (default listen.html)\n",
	.options = "lijtSondb",
	.n_words_max = 1,
	.needs_app = false,
	.becomes_user = true,
	.run = run,
};
