/*
 * The keys of the service and of its profiles: see settings.h.
 */
#include "base/base.h"
#include "conf/keys.h"

#include "base/server_url.h"

#ifndef CF_LOCALSTATEDIR
#define CF_LOCALSTATEDIR "/var"
#endif
#ifndef CF_RUNSTATEDIR
#define CF_RUNSTATEDIR "/run"
#endif

static const char *const words_kind[] = {"text", "arithmetic", "words", NULL};
static const char *const words_difficulty[] = {"easy", "normal", "hard", NULL};
static const char *const words_theme[] = {"auto", "light", "dark", NULL};
static const char *const words_log[] = {"stderr", "syslog", NULL};
static const char *const words_level[] = {"error", "warn", "info", "debug",
					  NULL};

/* A path may have an @ in it, an address of Redis a password before one. */
static void show_store(const char *value, char *out, size_t size)
{
	if (!strncmp(value, "sqlite:", 7))
		(void)snprintf(out, size, "%s", value);
	else
		server_url_show(value, out, size);
}

#define AT(field)      offsetof(struct settings, field)
/* A key of the service; a key that a profile may have of its own; the same of
 * a key that decides what a picture looks like or says: pictures drawn with
 * another value of it are not handed out. */
#define OF_SERVICE SETTINGS_OF_SERVICE, NULL
#define OF_PROFILE SETTINGS_OF_PROFILE, "profiles may differ"
#define OF_PICTURE SETTINGS_OF_PICTURE, "profiles may differ"

#define NUMBER(field)   CONF_NUMBER, AT(field)
#define PAIR(field)     CONF_PAIR, AT(field)
#define SWITCH(field)   CONF_SWITCH, AT(field), 0, 1
#define TEXT(field)     CONF_TEXT, AT(field), 0, \
			sizeof(((struct settings *)0)->field) - 1
#define WORD(field, w)  CONF_WORD, AT(field), 0, (int64_t)CF_ARRAY_LEN(w) - 2

static const struct conf_key keys[] = {
	{"store", OF_SERVICE, TEXT(store_url),
	 "sqlite:" CF_LOCALSTATEDIR "/lib/captcha-fcgi/captcha.db",
	 .show = show_store,
	 .help = "where challenges are kept: sqlite:PATH, a database in a "
		 "directory that must be writable; or Redis 6.2, as "
		 "redis://:PASSWORD@HOST:PORT/DB, unix:///PATH?db=DB, "
		 "redis+sentinel://HOST,.../NAME or redis+cluster://HOST,..."},
	{"store_timeout_ms", OF_SERVICE, NUMBER(store_timeout_ms), 10, 60000,
	 "1500", .unit = "milliseconds",
	 .help = "how long to wait for the store before answering 503"},
	{"cache_dir", OF_SERVICE, TEXT(cache_dir),
	 CF_RUNSTATEDIR "/captcha-fcgi-cache",
	 .help = "where pictures are kept, in a directory for each day (UTC); "
		 "best in memory (tmpfs), since they live for minutes"},
	{"ttl_s", OF_PROFILE, NUMBER(ttl_s), 1, 86400, "300", .unit = "seconds",
	 .help = "how long a challenge can be answered"},
	{"attempts", OF_PROFILE, NUMBER(attempts), 1, 5, "1",
	 .help = "how many answers a challenge takes before it is used up"},
	{"max_live", OF_SERVICE, NUMBER(max_live), 10, 100000000, "2000000",
	 .unit = "challenges",
	 .help = "more unanswered challenges than this are not issued (503)"},
	{"pool_size", OF_PROFILE, NUMBER(pool_size), 0, 1000000, "1000",
	 .unit = "pictures",
	 .help = "how many pictures are drawn ahead; 0 draws each one in its "
		 "request"},
	{"cache_max_bytes", OF_SERVICE, NUMBER(cache_max_bytes), 65536,
	 INT64_C(1099511627776), "268435456", .unit = "bytes",
	 .help = "more than this is not kept under cache_dir; pictures are "
		 "then drawn in their requests; if it is not given, a quarter "
		 "of the file system when that is less"},
	{"kind", OF_PICTURE, WORD(kind, words_kind), "text",
	 .words = words_kind,
	 .help = "what is asked: text, a code of the alphabet; arithmetic, a "
		 "sum as 47+5=? to be worked out; or words from a list"},
	{"words", OF_PICTURE, TEXT(words), "",
	 .help = "the list for kind words, one word of 3 to 12 letters a line; "
		 "other lines are passed over; at least 1000 words"},
	{"word_count", OF_PICTURE, NUMBER(word_count), 1, 2, "1",
	 .unit = "words",
	 .help = "how many words one picture shows, joined; of two, each has "
		 "at most 6 letters"},
	{"words_blocked", OF_PICTURE, TEXT(words_blocked), "",
	 .help = "a file of spellings that no code of kind text or words has "
		 "in it, one of 2 to 16 letters and digits of any script a "
		 "line"},
	{"width", OF_PICTURE, NUMBER(width_px), 60, SETTINGS_DRAWN_WIDTH_MAX_PX,
	 "240", .unit = "pixels",
	 .help = "width of a picture"},
	{"height", OF_PICTURE, NUMBER(height_px), 24,
	 SETTINGS_DRAWN_HEIGHT_MAX_PX, "80", .unit = "pixels",
	 .help = "height of a picture"},
	{"spacing", OF_PICTURE, NUMBER(offset_px), 0, 400, "0",
	 .unit = "pixels",
	 .help = "from the left side of a letter to that of the next; 0 sets "
		 "letters as close as their ink allows"},
	{"difficulty", OF_PICTURE, WORD(difficulty, words_difficulty), "normal",
	 .words = words_difficulty,
	 .help = "how much letters are bent, turned and mingled with their "
		 "ground; captcha.conf(5) has what people and programs made of "
		 "each"},
	{"scale", OF_PICTURE, NUMBER(scale), 1, 3, "1", .unit = "times",
	 .help = "pixels for each of these, each way: with 2 a picture is "
		 "sharp on dense screens where a page shows it at width and "
		 "height"},
	{"length", OF_PICTURE, PAIR(length_min), 1, 12, "6",
	 .unit = "characters", .between = '-',
	 .help = "how long a code is; 5-7 draws a length for each"},
	{"alphabet", OF_PICTURE, CONF_CHARS, AT(alphabet), ALPHABET_MIN,
	 ALPHABET_MAX, "latin", .words = alphabet_names,
	 .help = "the characters of a code: the name of a set that leaves out "
		 "those that are taken for one another, or letters and digits "
		 "of any script, each once"},
	{"fonts", OF_PICTURE, TEXT(fonts), "",
	 .help = "font files or directories of them, separated by colons; "
		 "empty takes the built-in ones, or for what these lack those "
		 "of the system"},
	{"theme", OF_PICTURE, WORD(theme, words_theme), "auto",
	 .words = words_theme,
	 .help = "dark letters on a light ground (light), light letters on a "
		 "dark one (dark), or either by chance (auto)"},
	{"ink", OF_PICTURE, TEXT(ink), "auto",
	 .help = "colour of the letters as #rrggbb; auto draws a grey that "
		 "goes with the theme, or with a set paper"},
	{"paper", OF_PICTURE, TEXT(paper), "auto",
	 .help = "colour of the ground as #rrggbb; auto draws a grey that is "
		 "the opposite of the ink. Both set must have a contrast of 3 "
		 "or more"},
	{"allow_origin", OF_SERVICE, TEXT(allow_origin), "",
	 .help = "origins whose pages may call the service from a browser "
		 "(CORS), separated by spaces, or *"},
	{"public_url", OF_SERVICE, TEXT(public_url), "",
	 .help = "what stands before /image/... in addresses of pictures; "
		 "empty takes the path the web server tells"},
	{"demo", OF_SERVICE, SWITCH(demo), "yes",
	 .help = "serve the demo page"},
	{"issue_limit", OF_SERVICE, PAIR(issue_per_minute), 0, 10000, "60/120",
	 .between = '/',
	 .help = "how many challenges one address (IPv4, or a /64 of IPv6) "
		 "gets a minute in the long run, and at once after a pause; "
		 "more are refused (429). 0 sets no limit"},
	{"failed_limit", OF_SERVICE, PAIR(failed_per_minute), 0, 10000, "20/60",
	 .between = '/',
	 .help = "how many checks of one address may fail, likewise; more are "
		 "refused unseen (429)"},
	{"trusted_proxies", OF_SERVICE, TEXT(trusted_proxies), "",
	 .help = "addresses and blocks, as 10.0.0.0/8, separated by spaces, "
		 "whose X-Forwarded-For or Forwarded header tells the "
		 "visitor's address; of others these headers are not looked "
		 "at"},
	{"metrics_allow", OF_SERVICE, TEXT(metrics_allow), "",
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
_Static_assert(IS_PAIR(length_min, length_max) &&
		       IS_PAIR(issue_per_minute, issue_burst) &&
		       IS_PAIR(failed_per_minute, failed_burst),
	       "a pair is two fields, one behind the other");
_Static_assert(CF_ARRAY_LEN(keys) <= SETTINGS_N_MAX, "raise SETTINGS_N_MAX");


const struct conf_table settings_table = {keys, CF_ARRAY_LEN(keys)};
