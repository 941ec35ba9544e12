/*
 * The keys of the service and of its profiles, and the rules for one key: see
 * settings.h.
 */
#include "base/base.h"
#include "conf/keys.h"

#include "base/alphabet.h"
#include "base/net.h"
#include "base/server_url.h"
#include "base/text.h"

#ifndef CF_SYSCONFDIR
#define CF_SYSCONFDIR "/etc"
#endif
#ifndef CF_LOCALSTATEDIR
#define CF_LOCALSTATEDIR "/var"
#endif
#ifndef CF_RUNSTATEDIR
#define CF_RUNSTATEDIR "/run"
#endif

#define SQLITE "sqlite:"

static const char *const words_kind[] = {"text", "arithmetic", "words", NULL};
static const char *const words_difficulty[] = {"easy", "normal", "hard", NULL};
static const char *const words_theme[] = {"auto", "light", "dark", NULL};
static const char *const words_log[] = {"stderr", "syslog", NULL};
static const char *const words_level[] = {"error", "warn", "info", "debug",
					  NULL};

/* Hide the password of an address of Redis. Show a path as it is: an @ in it
 * ends no password. */
static void show_store(const char *value, char *out, size_t size)
{
	if (!strncmp(value, SQLITE, strlen(SQLITE)))
		(void)snprintf(out, size, "%s", value);
	else
		server_url_show(value, out, size);
}

/* --- rules for one key -------------------------------------------------- */

static enum cf_status check_store(const struct conf_key *key, const void *field,
				  struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;
	struct server_url url;

	if (!strcmp(field, SQLITE))
		return cf_fail(err, CF_CONFIG, "%s = " SQLITE " names no "
			       "file: write " SQLITE "PATH", key->name);
	if (strncmp(field, SQLITE, strlen(SQLITE)) != 0 &&
	    server_url_parse(&url, field, &why))
		return cf_fail(err, CF_CONFIG, "%s: %s", key->name, why.text);
	return CF_OK;
}

static enum cf_status check_path(const struct conf_key *key, const void *field,
				 struct cf_error *err)
{
	if (*(const char *)field)
		return CF_OK;
	return cf_fail(err, CF_CONFIG, "%s is empty: name a directory",
		       key->name);
}

static enum cf_status check_length(const struct conf_key *key,
				   const void *field, struct cf_error *err)
{
	const int64_t *n = field;

	if (n[0] <= n[1])
		return CF_OK;
	return cf_fail(err, CF_CONFIG,
		       "%s = %lld-%lld: the shorter one comes first",
		       key->name, (long long)n[0], (long long)n[1]);
}

static enum cf_status check_alphabet(const struct conf_key *key,
				     const void *field, struct cf_error *err)
{
	(void)key; /* alphabet_check names the key */
	return alphabet_check(*(const char *const *)field, err);
}

static enum cf_status check_colour(const struct conf_key *key,
				   const void *field, struct cf_error *err)
{
	const char *value = *(const char *const *)field;

	if (!strcmp(value, "auto") ||
	    (value[0] == '#' && strlen(value) == 7 &&
	     strspn(value + 1, "0123456789abcdefABCDEF") == 6))
		return CF_OK;
	return cf_fail(err, CF_CONFIG,
		       "%s = \"%.60s\": must be auto or #rrggbb", key->name,
		       value);
}

/* A limit that is on must let a visitor in. */
static enum cf_status check_limit(const struct conf_key *key,
				  const void *field, struct cf_error *err)
{
	const int64_t *n = field;

	if (!n[0] || n[1])
		return CF_OK;
	return cf_fail(err, CF_CONFIG,
		       "%s = %lld/0 lets nobody in: 0 alone sets no limit",
		       key->name, (long long)n[0]);
}

static enum cf_status check_addresses(const struct conf_key *key,
				      const void *field, struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;
	struct net_list list;

	if (!net_list_parse(&list, field, &why))
		return CF_OK;
	return cf_fail(err, CF_CONFIG, "%s: %s", key->name, why.text);
}

static enum cf_status check_tags(const struct conf_key *key, const void *field,
				 struct cf_error *err)
{
	const char *rest = field;
	struct str tag;

	while ((tag = text_next_word(&rest)).len)
		if (!text_is_tag(tag))
			return cf_fail(err, CF_CONFIG,
				       "%s: \"%.*s\" is no tag of a language: "
				       "write letters, digits and -, at most %d",
				       key->name,
				       tag.len < 60 ? (int)tag.len : 60,
				       tag.ptr, TEXT_TAG_MAX_CHARS);
	return CF_OK;
}

/* --- the table ---------------------------------------------------------- */

/* The offset of a field. A key of profiles has the same offset in struct
 * settings_profile, with which struct settings begins. */
#define AT(field)   offsetof(struct settings, field)
#define SIZE(field) sizeof(((struct settings *)0)->field)
_Static_assert(AT(base) == 0, "a key has one offset in both structs");

/*
 * OF_SERVICE  all profiles share the value
 * OF_PROFILE  each profile may set the key
 * OF_PICTURE  the same, and the value decides what pictures look like or say:
 *             pictures drawn with another value are not handed out
 */
#define OF_SERVICE SETTINGS_OF_SERVICE, NULL
#define OF_PROFILE SETTINGS_OF_PROFILE, "profiles may differ"
#define OF_PICTURE SETTINGS_OF_PICTURE, "profiles may differ"

#define NUMBER(field) CONF_NUMBER, AT(field)
#define PAIR(field)   CONF_PAIR, AT(field)
#define SWITCH(field) CONF_SWITCH, AT(field), 0, 1
#define TEXT(field)   CONF_TEXT, AT(field), 0, SIZE(field) - 1
#define LONG_TEXT(field, bytes) CONF_LONG_TEXT, AT(field), 0, (bytes) - 1
#define WORD(field, w) CONF_WORD, AT(field), 0, (int64_t)CF_ARRAY_LEN(w) - 2

static const struct conf_key keys[] = {
	{"store", OF_SERVICE, TEXT(store_url),
	 SQLITE CF_LOCALSTATEDIR "/lib/captcha-fcgi/captcha.db",
	 .show = show_store, .check = check_store,
	 .help = "where challenges are kept: sqlite:PATH, a database in a "
		 "directory that must be writable; or Redis 6.2, as "
		 "redis://:PASSWORD@HOST:PORT/DB, unix:///PATH?db=DB, "
		 "redis+sentinel://HOST,.../NAME or redis+cluster://HOST,..."},
	{"store_timeout_ms", OF_SERVICE, NUMBER(store_timeout_ms), 10, 30000,
	 "1500", .unit = "milliseconds",
	 .help = "how long to wait for the store before answering 503"},
	{"cache_dir", OF_SERVICE, TEXT(cache_dir),
	 CF_RUNSTATEDIR "/captcha-fcgi-cache", .check = check_path,
	 .help = "where pictures are kept, in a directory for each day (UTC); "
		 "best in memory (tmpfs), since they live for minutes"},
	{"ttl_s", OF_PROFILE, NUMBER(base.ttl_s), 1, 86400, "300",
	 .unit = "seconds",
	 .help = "how long a challenge can be answered"},
	{"attempts", OF_PROFILE, NUMBER(base.attempts), 1, 5, "1",
	 .help = "how many answers a challenge takes before it is used up"},
	{"max_live", OF_SERVICE, NUMBER(max_live), 10, 100000000, "2000000",
	 .unit = "challenges",
	 .help = "how many unanswered challenges there may be; beyond that "
		 "none is issued (503)"},
	{"pool_size", OF_PROFILE, NUMBER(base.pool_size), 0, 1000000, "1000",
	 .unit = "pictures",
	 .help = "how many pictures are drawn ahead; 0 draws each picture in "
		 "its request"},
	{"cache_max_bytes", OF_SERVICE, NUMBER(cache_max_bytes), 65536,
	 INT64_C(1099511627776), "268435456", .unit = "bytes",
	 .help = "how much pictures may take under cache_dir; beyond that "
		 "they are drawn in their requests. If it is not given, at "
		 "most a quarter of the file system"},
	{"kind", OF_PICTURE, WORD(base.kind, words_kind), "text",
	 .words = words_kind,
	 .help = "what a picture asks for: text, a code of the alphabet; "
		 "arithmetic, the result of a sum such as 47+5=?; words, "
		 "words of a list"},
	{"words", OF_PICTURE, TEXT(base.words), "",
	 .help = "a file for kind = words, with at least 1000 words of 3 to "
		 "12 letters, one a line; other lines are ignored"},
	{"word_count", OF_PICTURE, NUMBER(base.word_count), 1, 2, "1",
	 .unit = "words",
	 .help = "how many words a picture shows, without a space; with 2 "
		 "each word has at most 6 letters"},
	{"words_blocked", OF_PICTURE, TEXT(base.words_blocked), "",
	 .help = "a file of words that no code of kind text or words "
		 "contains, of 2 to 16 letters and digits of any script, one "
		 "a line"},
	{"width", OF_PICTURE, NUMBER(base.width_px), 60,
	 SETTINGS_DRAWN_WIDTH_MAX_PX, "240", .unit = "pixels",
	 .help = "width of a picture"},
	{"height", OF_PICTURE, NUMBER(base.height_px), 24,
	 SETTINGS_DRAWN_HEIGHT_MAX_PX, "80", .unit = "pixels",
	 .help = "height of a picture"},
	{"spacing", OF_PICTURE, NUMBER(base.offset_px), 0, 400, "0",
	 .unit = "pixels",
	 .help = "from the left side of a letter to that of the next; 0 sets "
		 "letters as close as their ink allows"},
	{"difficulty", OF_PICTURE, WORD(base.difficulty, words_difficulty),
	 "normal", .words = words_difficulty,
	 .help = "how much letters are bent, turned and blended with the "
		 "background"},
	{"scale", OF_PICTURE, NUMBER(base.scale), 1, 3, "2", .unit = "times",
	 .help = "how many dots are drawn for a pixel of width or height. With "
		 "2 a picture is sharp on dense screens, as all phones have; "
		 "with 1 its file is less than half as long"},
	{"length", OF_PICTURE, PAIR(base.length_min), 1, 12, "6",
	 .unit = "characters", .between = '-', .check = check_length,
	 .help = "how long a code is; 5-7 draws a length for each"},
	{"alphabet", OF_PICTURE, CONF_CHARS, AT(base.alphabet), ALPHABET_MIN,
	 ALPHABET_MAX, "latin", .words = alphabet_names,
	 .check = check_alphabet,
	 .help = "the characters of a code: the name of a set without "
		 "characters that look alike, or letters and digits of any "
		 "script, each once"},
	{"fonts", OF_PICTURE, LONG_TEXT(base.fonts, SETTINGS_LIST_BYTES), "",
	 .help = "font files or directories of fonts, separated by colons; "
		 "empty: the built-in fonts, and fonts of the system for "
		 "letters that these lack"},
	{"theme", OF_PICTURE, WORD(base.theme, words_theme), "auto",
	 .words = words_theme,
	 .help = "colours for a light page (light), for a dark page (dark), or "
		 "for the page that a request names (auto; a light one when it "
		 "names none)"},
	{"ink", OF_PICTURE, LONG_TEXT(base.ink, SETTINGS_WORD_BYTES), "auto",
	 .check = check_colour,
	 .help = "colour of the letters as #rrggbb; auto chooses a tone that "
		 "suits the theme, or the colour of the paper"},
	{"paper", OF_PICTURE, LONG_TEXT(base.paper, SETTINGS_WORD_BYTES),
	 "auto", .check = check_colour,
	 .help = "colour of the background as #rrggbb; auto chooses a tone "
		 "that suits the theme, or the colour of the ink. Two "
		 "colours need a contrast of 3 or more"},
	{"allow_origin", OF_SERVICE, TEXT(allow_origin), "",
	 .help = "origins whose pages may call the service from a browser "
		 "(CORS), separated by spaces, or *"},
	{"public_url", OF_SERVICE, TEXT(public_url), "",
	 .help = "the beginning of addresses of pictures, before /image/...; "
		 "empty: the path that the web server gives"},
	{"demo", OF_SERVICE, SWITCH(demo), "yes",
	 .help = "serve the demo page"},
	{"sites_dir", OF_SERVICE, TEXT(sites_dir),
	 CF_SYSCONFDIR "/captcha-fcgi/sites.d",
	 .help = "a directory of files *.conf with sections [site NAME]; "
		 "captchactl site writes them"},
	{"test_keys", OF_SERVICE, SWITCH(test_keys), "no",
	 .help = "let the public test keys of reCAPTCHA, hCaptcha and "
		 "Turnstile pass everybody; never for visitors"},
	{"issue_limit", OF_SERVICE, PAIR(issue_per_minute), 0, 10000, "60/120",
	 .between = '/', .check = check_limit,
	 .help = "how many challenges one address (IPv4, or a /64 of IPv6) "
		 "gets a minute in the long run, and at once after a pause; "
		 "more are refused (429). 0 sets no limit"},
	{"failed_limit", OF_SERVICE, PAIR(failed_per_minute), 0, 10000, "20/60",
	 .between = '/', .check = check_limit,
	 .help = "how many checks of one address may fail a minute in the "
		 "long run, and at once after a pause; further checks are "
		 "refused unread (429). 0 sets no limit"},
	{"audio", OF_SERVICE, SWITCH(audio), "yes",
	 .help = "say six digits to visitors who cannot see the picture; "
		 "they pass in place of its code"},
	{"audio_snr_db", OF_SERVICE, NUMBER(audio_snr_db),
	 SETTINGS_SNR_MIN_DB, SETTINGS_SNR_MAX_DB, "0",
	 .unit = "decibels",
	 .help = "how much louder the digits are than the babble below them; "
		 "more is easier for people and for programs"},
	{"audio_languages", OF_SERVICE, TEXT(audio_languages), "en",
	 .check = check_tags,
	 .help = "languages whose voices \"captchactl audio make\" renews, as "
		 "tags such as de or pt-BR, separated by spaces"},
	{"audio_limit", OF_SERVICE, PAIR(audio_per_minute), 0, 10000, "20/40",
	 .between = '/', .check = check_limit,
	 .help = "how many sounds one address gets a minute in the long run, "
		 "and at once after a pause; more are refused (429). 0 sets "
		 "no limit"},
	{"trusted_proxies", OF_SERVICE, TEXT(trusted_proxies), "",
	 .check = check_addresses,
	 .help = "proxies, as addresses and blocks such as 10.0.0.0/8, "
		 "separated by spaces: their X-Forwarded-For or Forwarded "
		 "header has the visitor's address; from other clients these "
		 "headers are ignored"},
	{"metrics_allow", OF_SERVICE, TEXT(metrics_allow), "",
	 .check = check_addresses,
	 .help = "addresses and blocks, separated by spaces, that may read "
		 "/metrics and the details of /healthz; this machine always "
		 "may"},
	{"log", OF_SERVICE, WORD(log, words_log), "stderr", .words = words_log,
	 .help = "where the log goes"},
	{"log_level", OF_SERVICE, WORD(log_level, words_level), "warn",
	 .words = words_level,
	 .help = "error, warn, info (one line a request) or debug"},
};

#define IS_PAIR(a, b) (AT(b) == AT(a) + sizeof(int64_t))
_Static_assert(IS_PAIR(base.length_min, base.length_max) &&
		       IS_PAIR(issue_per_minute, issue_burst) &&
		       IS_PAIR(failed_per_minute, failed_burst) &&
		       IS_PAIR(audio_per_minute, audio_burst),
	       "a pair is two fields, one behind the other");
_Static_assert(CF_ARRAY_LEN(keys) <= SETTINGS_N_MAX, "raise SETTINGS_N_MAX");

const struct conf_table settings_table = {keys, CF_ARRAY_LEN(keys)};
