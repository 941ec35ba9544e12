/*
 * captchactl check: languages without a bank of sounds, and sites at which
 * people who cannot see pictures cannot log in.
 */
#include "base/base.h"
#include "base/day.h"
#include "base/text.h"
#include "ctl/banks.h"
#include "ctl/check.h"
#include "ctl/synth.h"

enum {
	LANGS_MAX_BYTES = 512,
	LATE_S = 2 * 86400, /* banks are made each night */
};

/* The banks of a language. */
struct found {
	struct report *report;
	const char *lang;
	char newest[DAY_BYTES]; /* "": none can be used */
	bool is_damaged;
};

static void look(void *ctx, const struct banks_entry *entry)
{
	struct found *found = ctx;
	struct cf_error err = CF_ERROR_INIT;
	char path[REPORT_PATH_BYTES + 64];
	struct bank *bank;
	enum cf_status rc;

	if (strcmp(entry->lang, found->lang) != 0)
		return;
	rc = banks_load(entry, &bank, &err);
	bank_free(bank);
	(void)snprintf(path, sizeof(path), "%s/" SETS_DIR "/%s/%s",
		       found->report->settings->cache_dir, entry->lang,
		       entry->night);
	if (!rc && !found->newest[0])
		memcpy(found->newest, entry->night, DAY_BYTES);
	if (!rc || rc == CF_NOT_FOUND) /* it is being made */
		return;
	found->is_damaged = true;
	report_warn(found->report, CAUSE_BANK, path, "sound", "%s: %s", path,
		    err.text);
}

static bool has_built_in(const char *lang)
{
	return bank_built_in() && !strcmp(lang, bank_lang(bank_built_in()));
}

/* A language has no bank but, perhaps, the one that is compiled in. */
static void report_none(struct report *report, const struct synth_lang *lang)
{
	enum cause cause = synth_n_voices(lang) ? CAUSE_NO_BANK
						: CAUSE_NO_SYNTH;
	const char *tag = synth_tag(lang);

	if (!has_built_in(tag)) {
		report_warn(report, cause, NULL, "sound",
			    "there is no bank of %s: visitors hear English",
			    tag);
		return;
	}
	report_ok("sound", "%s: only the bank of the program is in use", tag);
	report_hint(report, cause, "everybody has this bank, also a program "
		    "that looks for its clips in a sound; banks of this "
		    "installation are stronger");
}

static void check_lang(struct report *report, int root_fd,
		       const struct synth_lang *lang)
{
	struct found found = {.report = report, .lang = synth_tag(lang)};
	char late[DAY_BYTES];

	day_of(((int64_t)time(NULL) - LATE_S) * 1000, late);
	if (root_fd >= 0)
		banks_each(root_fd, look, &found);
	if (!found.newest[0]) {
		if (!found.is_damaged)
			report_none(report, lang);
	} else if (strcmp(found.newest, late) < 0) {
		report_warn(report, CAUSE_NO_BANK, NULL, "sound",
			    "%s: the newest bank is of %s, and cron makes none "
			    "each night", found.lang, found.newest);
	} else {
		report_ok("sound", "%s: bank of %s", found.lang, found.newest);
	}
}

void ctl_check_audio(struct report *report)
{
	const char *rest = report->settings->audio_languages;
	struct cf_error err = CF_ERROR_INIT;
	char path[REPORT_PATH_BYTES + 64];
	enum cf_status rc;
	struct str tag;
	int fd;

	if (!report->settings->audio) {
		report_ok("sound", "audio = no");
		return;
	}
	rc = banks_open(report->settings, false, &fd, &err);
	if (rc && rc != CF_NOT_FOUND) {
		(void)snprintf(path, sizeof(path), "%s/" SETS_DIR,
			       report->settings->cache_dir);
		report_warn(report, CAUSE_BANK, path, "sound", "%s", err.text);
		return;
	}
	/* English, too: everybody may hear it */
	if (!text_has_word(rest, STR_LIT("en")))
		check_lang(report, fd, synth_find(STR_LIT("en")));
	while ((tag = text_next_word(&rest)).len) {
		const struct synth_lang *lang = synth_find(tag);

		if (lang)
			check_lang(report, fd, lang);
		else
			report_warn(report, CAUSE_SYNTH_LANG, NULL, "sound",
				    "audio_languages: no program says %.*s "
				    "well", (int)tag.len, tag.ptr);
	}
	if (fd >= 0)
		(void)close(fd);
}

static bool is_for_login(const char *name)
{
	return strstr(name, "login") || strstr(name, "signin");
}

/* WCAG 2.2, 1.1.1 and 3.3.8 */
void ctl_check_logins(struct report *report)
{
	const struct settings *s = report->settings;

	for (size_t i = 0; i < s->n_sites; i++) {
		const struct settings_site *site = s->sites[i];

		if (!is_for_login(site->name))
			continue;
		if (!s->audio ||
		    !text_has_word(site->modes, STR_LIT("audio"))) {
			report_warn(report, CAUSE_NO_SOUND, NULL, "sites",
				    "[site %s]: without sound and proof of "
				    "work people who cannot see the picture "
				    "cannot log in", site->name);
			continue;
		}
		report_ok("sites", "[site %s] has sound", site->name);
		report_hint(report, CAUSE_TOLD,
			    "WCAG 2.2, 3.3.8 wants a way to log in without "
			    "typing what is seen or heard. This version has "
			    "none: offer one beside the challenge, such as a "
			    "link by mail");
	}
}
