/*
 * Settings: see settings.h. The table comes first; all else walks it.
 * The only code that knows inih.
 */
#include "base/base.h"
#include "conf/settings.h"

#include "base/net.h"
#include "base/redis_url.h"

#include <ctype.h>
#include <ini.h>
#include <strings.h>
#include <sys/stat.h>

#ifndef CF_SYSCONFDIR
#define CF_SYSCONFDIR "/etc"
#endif
#ifndef CF_LOCALSTATEDIR
#define CF_LOCALSTATEDIR "/var"
#endif
#ifndef CF_RUNSTATEDIR
#define CF_RUNSTATEDIR "/run"
#endif

#define DEFAULT_FILE CF_SYSCONFDIR "/captcha-fcgi/captcha.conf"
#define ENV_PREFIX   "CAPTCHA_"
#define ENV_FILE     "CAPTCHA_CONFIG"

enum type {
	TYPE_INT,
	TYPE_BOOL,
	TYPE_ENUM,
	TYPE_TEXT,
	TYPE_URL, /* a text that may have a password in it */
	TYPE_ALPHABET,
};

/* Whether a profile may have a value of its own, and whether that tells what
 * its pictures look like or say. */
enum scope { OF_SERVICE, OF_PROFILE, OF_PICTURE };

struct key {
	const char *name;
	enum scope scope;
	enum type type;
	size_t offset;	      /* in struct settings */
	int64_t min, max;     /* of the number, or of the text's length */
	const char *fallback; /* the default, as it would be written */
	const char *unit;     /* of a number; NULL for none */
	const char *const *words; /* of an enum or alphabet, NULL at the end */
	const char *help;
};

static const char *const words_store[] = {"sqlite", "redis", NULL};
static const char *const words_kind[] = {"text", "arithmetic", "words", NULL};
static const char *const words_difficulty[] = {"easy", "normal", "hard", NULL};
static const char *const words_theme[] = {"auto", "light", "dark", NULL};
static const char *const words_log[] = {"stderr", "syslog", NULL};
static const char *const words_level[] = {"error", "warn", "info", "debug",
					  NULL};

#define AT(field)      offsetof(struct settings, field)
#define NUMBER(field)  OF_SERVICE, ANY_NUMBER(field)
#define TEXT(field)    OF_SERVICE, ANY_TEXT(field)
#define WORD(field, w) OF_SERVICE, ANY_WORD(field, w)
/* The same for keys that profiles may have. */
#define OWN_NUMBER(field) OF_PROFILE, ANY_NUMBER(field)
/* The same for those that tell what pictures look like or say: what was drawn
 * with another value is not handed out. */
#define PICTURE_NUMBER(field)  OF_PICTURE, ANY_NUMBER(field)
#define PICTURE_TEXT(field)    OF_PICTURE, ANY_TEXT(field)
#define PICTURE_WORD(field, w) OF_PICTURE, ANY_WORD(field, w)

#define ANY_NUMBER(field) TYPE_INT, AT(field)
#define ANY_TEXT(field)   TYPE_TEXT, AT(field), 0, \
			  sizeof(((struct settings *)0)->field) - 1
#define ANY_WORD(field, w) TYPE_ENUM, AT(field), 0, \
			   (int64_t)CF_ARRAY_LEN(w) - 2

static const struct key keys[] = {
	{"store", WORD(store, words_store), "sqlite", NULL, words_store,
	 "where challenges are kept"},
	{"database", TEXT(database),
	 CF_LOCALSTATEDIR "/lib/captcha-fcgi/captcha.db", NULL, NULL,
	 "the SQLite database; its directory must be writable, since two files "
	 "beside it belong to it"},
	{"redis_url", OF_SERVICE, TYPE_URL, AT(redis_url), 0,
	 SETTINGS_PATH_BYTES - 1, "redis://127.0.0.1:6379/0", NULL, NULL,
	 "Redis 6.2 or later, as redis://[[USER]:PASSWORD@]HOST[:PORT][/DB] or "
	 "unix://[[USER]:PASSWORD@]/PATH[?db=DB]; by sentinels as "
	 "redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT],.../NAME[/DB], NAME being "
	 "that of the master; a cluster as "
	 "redis+cluster://[[USER]:PASSWORD@]HOST[:PORT],...; without key_prefix, "
	 "a database of its own: visitors name its keys"},
	{"key_prefix", TEXT(key_prefix), "", NULL, NULL,
	 "what stands before a pid in the names of keys in Redis"},
	{"redis_timeout_ms", NUMBER(redis_timeout_ms), 10, 60000, "1000",
	 "milliseconds", NULL,
	 "how long to wait for a connection to Redis, and for an answer, "
	 "before answering 503"},
	{"redis_wait_replicas", NUMBER(redis_wait_replicas), 0, 100, "0",
	 "replicas", NULL,
	 "a check counts once so many replicas of Redis know that its challenge "
	 "is used up, so that it does not come back after a failover; if they do "
	 "not say so within half of redis_timeout_ms, the answer is 503"},
	{"share_pictures", OF_SERVICE, TYPE_BOOL, AT(share_pictures), 0, 1, "no",
	 NULL, NULL,
	 "keep pictures that are issued by their address (img=url) in Redis as "
	 "well, so that any machine shows them; they count for max_live"},
	{"cache_dir", TEXT(cache_dir), CF_RUNSTATEDIR "/captcha-fcgi-cache",
	 NULL, NULL,
	 "where pictures are kept, in a directory for each day (UTC); best in "
	 "memory (tmpfs), since they live for minutes"},
	{"ttl_s", OWN_NUMBER(ttl_s), 1, 86400, "300", "seconds", NULL,
	 "how long a challenge can be answered"},
	{"attempts", OWN_NUMBER(attempts), 1, 5, "1", NULL, NULL,
	 "how many answers a challenge takes before it is used up"},
	{"max_live", NUMBER(max_live), 10, 100000000, "2000000", "challenges",
	 NULL, "more unanswered challenges than this are not issued (503)"},
	{"reserve", NUMBER(reserve), 1, 64, "16", "challenges", NULL,
	 "under load, a process records up to this many challenges in one "
	 "transaction and hands them out within a second"},
	{"busy_timeout_ms", NUMBER(busy_timeout_ms), 0, 60000, "1500",
	 "milliseconds", NULL,
	 "how long to wait for a database that another process has locked "
	 "before answering 503"},
	{"pool_size", OWN_NUMBER(pool_size), 0, 1000000, "1000", "pictures",
	 NULL,
	 "how many pictures are drawn ahead; 0 draws each one in its request"},
	{"pool_max_age_s", NUMBER(pool_max_age_s), 60, 2592000, "86400",
	 "seconds", NULL,
	 "a picture that waited longer than this is thrown away unserved"},
	{"cache_max_bytes", NUMBER(cache_max_bytes), 65536,
	 INT64_C(1099511627776), "268435456", "bytes", NULL,
	 "more than this is not kept under cache_dir; pictures are then drawn "
	 "in their requests; if it is not given, a quarter of the file system "
	 "when that is less"},
	{"kind", PICTURE_WORD(kind, words_kind), "text", NULL, words_kind,
	 "what is asked: text, a code of the alphabet; arithmetic, a sum as "
	 "47+5=? to be worked out; or words from a list"},
	{"words", PICTURE_TEXT(words), "", NULL, NULL,
	 "the list for kind words, one word of 3 to 12 letters a line; other "
	 "lines are passed over; at least 1000 words"},
	{"word_count", PICTURE_NUMBER(word_count), 1, 2, "1", "words", NULL,
	 "how many words one picture shows, joined; of two, each has at most 6 "
	 "letters"},
	{"words_blocked", PICTURE_TEXT(words_blocked), "", NULL, NULL,
	 "a file of spellings that no code of kind text or words has in it, one "
	 "of 2 to 16 letters and digits of any script a line"},
	{"width", PICTURE_NUMBER(width_px), 60, SETTINGS_DRAWN_WIDTH_MAX_PX,
	 "240", "pixels", NULL,
	 "width of a picture"},
	{"height", PICTURE_NUMBER(height_px), 24, SETTINGS_DRAWN_HEIGHT_MAX_PX,
	 "80", "pixels", NULL,
	 "height of a picture"},
	{"margin", PICTURE_NUMBER(margin_px), 0, 100, "6", "pixels", NULL,
	 "paper kept free at each side of the word"},
	{"font_size", PICTURE_NUMBER(font_size_px), 0, 400, "0", "pixels", NULL,
	 "size of the letters; 0 fits them to the height"},
	{"offset", PICTURE_NUMBER(offset_px), 0, 400, "0", "pixels", NULL,
	 "from the left side of a letter to that of the next; 0 sets letters as "
	 "close as their ink allows"},
	{"difficulty", PICTURE_WORD(difficulty, words_difficulty), "normal",
	 NULL, words_difficulty,
	 "how much letters are bent, turned and mingled with their ground; "
	 "captcha.conf(5) has what people and programs made of each"},
	{"line", OF_PICTURE, TYPE_BOOL, AT(line), 0, 1, "no", NULL, NULL,
	 "draw a thin line across the letters, in their own colour"},
	{"scale", PICTURE_NUMBER(scale), 1, 3, "1", "times", NULL,
	 "pixels for each of these, each way: with 2 a picture is sharp on "
	 "dense screens where a page shows it at width and height"},
	{"length_min", PICTURE_NUMBER(length_min), 1, 12, "6",
	 "characters", NULL, "the shortest code"},
	{"length_max", PICTURE_NUMBER(length_max), 1, 12, "6",
	 "characters", NULL, "the longest code"},
	{"alphabet", OF_PICTURE, TYPE_ALPHABET, AT(alphabet), ALPHABET_MIN,
	 ALPHABET_MAX, "latin", NULL, alphabet_names,
	 "the characters of a code: the name of a set that leaves out those "
	 "that are taken for one another, or letters and digits of any script, "
	 "each once"},
	{"fonts", PICTURE_TEXT(fonts), "", NULL, NULL,
	 "font files or directories of them, separated by colons; empty takes "
	 "the built-in ones, or for what these lack those of the system"},
	{"theme", PICTURE_WORD(theme, words_theme), "auto", NULL, words_theme,
	 "dark letters on a light ground (light), light letters on a dark one "
	 "(dark), or either by chance (auto)"},
	{"ink", PICTURE_TEXT(ink), "auto", NULL, NULL,
	 "colour of the letters as #rrggbb; auto draws a grey that goes with "
	 "the theme, or with a set paper"},
	{"paper", PICTURE_TEXT(paper), "auto", NULL, NULL,
	 "colour of the ground as #rrggbb; auto draws a grey that is the "
	 "opposite of the ink. Both set must have a contrast of 3 or more"},
	{"quality", PICTURE_NUMBER(quality), 0, 9, "1", NULL, NULL,
	 "PNG compression: 1 is quickest; 0 (none) and 2 to 9 (smallest) are "
	 "those of zlib"},
	{"max_body_bytes", NUMBER(max_body_bytes), 256, 1048576, "4096",
	 "bytes", NULL, "a longer request body is refused (413)"},
	{"max_query_bytes", NUMBER(max_query_bytes), 64, 65536, "1024",
	 "bytes", NULL, "a longer query string is refused (400)"},
	{"max_field_bytes", NUMBER(max_field_bytes), 32, 65536, "256",
	 "bytes", NULL, "a longer value of a form field is refused (400)"},
	{"allow_origin", TEXT(allow_origin), "", NULL, NULL,
	 "origins whose pages may call the service from a browser (CORS), "
	 "separated by spaces, or *"},
	{"public_url", TEXT(public_url), "", NULL, NULL,
	 "what stands before /image/... in addresses of pictures; empty takes "
	 "the path the web server tells"},
	{"demo", OF_SERVICE, TYPE_BOOL, AT(demo), 0, 1, "yes", NULL, NULL,
	 "serve the demo page"},
	{"issue_per_minute", NUMBER(issue_per_minute), 0, 6000, "60",
	 "challenges", NULL,
	 "how many challenges one address (IPv4, or a /64 of IPv6) gets in the "
	 "long run; more are refused (429). 0 sets no limit"},
	{"issue_burst", NUMBER(issue_burst), 1, 10000, "120", "challenges",
	 NULL, "how many it gets at once after a time without any"},
	{"failed_per_minute", NUMBER(failed_per_minute), 0, 6000, "20",
	 "checks", NULL,
	 "how many checks of one address may fail in the long run; more are "
	 "refused unseen (429). 0 sets no limit"},
	{"failed_burst", NUMBER(failed_burst), 1, 10000, "60", "checks", NULL,
	 "how many may fail at once after a time without any"},
	{"trusted_proxies", TEXT(trusted_proxies), "", NULL, NULL,
	 "addresses and blocks, as 10.0.0.0/8, separated by spaces, whose "
	 "X-Forwarded-For or Forwarded header tells the visitor's address; of "
	 "others these headers are not looked at"},
	{"metrics_allow", TEXT(metrics_allow), "", NULL, NULL,
	 "addresses and blocks, separated by spaces, that may read /metrics "
	 "and the details of /healthz; this machine always may"},
	{"sandbox", OF_SERVICE, TYPE_BOOL, AT(sandbox), 0, 1, "yes", NULL, NULL,
	 "give up under FastCGI what serving does not need: other files, "
	 "programs, outgoing connections; captchactl check says what the "
	 "kernel has of it"},
	{"snapshot_dir", TEXT(snapshot_dir), "", NULL, NULL,
	 "where SIGUSR2 writes heap snapshots; empty takes the directory of the "
	 "database, or with Redis cache_dir"},
	{"log", WORD(log, words_log), "stderr", NULL, words_log,
	 "where the log goes"},
	{"log_level", WORD(log_level, words_level), "warn", NULL, words_level,
	 "error, warn, info (one line a request) or debug"},
};

_Static_assert(CF_ARRAY_LEN(keys) <= SETTINGS_N_MAX, "raise SETTINGS_N_MAX");

static int64_t *number_of(struct settings *s, const struct key *key)
{
	return (int64_t *)(void *)((char *)s + key->offset);
}

static char *text_of(struct settings *s, const struct key *key)
{
	return (char *)s + key->offset;
}

static const struct key *find_key(const char *name, size_t len)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++)
		if (strlen(keys[i].name) == len &&
		    !strncasecmp(keys[i].name, name, len))
			return &keys[i];
	return NULL;
}

static void add_range(struct buf *out, const struct key *key)
{
	switch (key->type) {
	case TYPE_INT:
		buf_addf(out, "%lld to %lld", (long long)key->min,
			 (long long)key->max);
		if (key->unit)
			buf_addf(out, " %s", key->unit);
		break;
	case TYPE_BOOL:
		buf_add_str(out, "yes or no");
		break;
	case TYPE_ENUM:
		for (size_t i = 0; key->words[i]; i++)
			buf_addf(out, "%s%s", i ? ", " : "", key->words[i]);
		break;
	case TYPE_ALPHABET:
		for (size_t i = 0; key->words[i]; i++)
			buf_addf(out, "%s, ", key->words[i]);
		buf_addf(out, "or %lld to %lld characters",
			 (long long)key->min, (long long)key->max);
		break;
	case TYPE_TEXT:
	case TYPE_URL:
		if (key->min)
			buf_addf(out, "%lld to %lld characters",
				 (long long)key->min, (long long)key->max);
		else
			buf_addf(out, "at most %lld characters",
				 (long long)key->max);
		break;
	}
}

/* CF_CONFIG with place, key, value and range. */
static enum cf_status refuse(const char *place, const struct key *key,
			     const char *value, struct cf_error *err)
{
	struct buf range;
	enum cf_status rc;

	buf_init(&range, 256);
	add_range(&range, key);
	if (key->type == TYPE_URL)
		value = "..."; /* a password could stand anywhere in it */
	rc = cf_fail(err, CF_CONFIG, "%s: %s = \"%.60s\": must be %s", place,
		     key->name, value, range.ptr ? range.ptr : "in its range");
	buf_release(&range);
	return rc;
}

/* A whole number; k, M and G multiply by 1024. */
static bool parse_int(const char *value, int64_t *out)
{
	char *end;
	long long n;
	int shift = 0;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (end == value || errno || isspace((unsigned char)value[0]))
		return false;
	if (*end == 'k' || *end == 'K')
		shift = 10;
	else if (*end == 'M')
		shift = 20;
	else if (*end == 'G')
		shift = 30;
	if (shift)
		end++;
	return !*end && !__builtin_mul_overflow(n, INT64_C(1) << shift, out);
}

static bool parse_bool(const char *value, int64_t *out)
{
	static const char *const no_yes[2][4] = {{"no", "off", "false", "0"},
						 {"yes", "on", "true", "1"}};

	for (int v = 0; v < 2; v++)
		for (size_t i = 0; i < 4; i++)
			if (!strcasecmp(value, no_yes[v][i])) {
				*out = v;
				return true;
			}
	return false;
}

static enum cf_status set_value(struct settings *s, const struct key *key,
				const char *value, const char *place,
				struct cf_error *err)
{
	size_t len = strlen(value);
	int64_t n;

	switch (key->type) {
	case TYPE_INT:
		if (!parse_int(value, &n) || n < key->min || n > key->max)
			return refuse(place, key, value, err);
		*number_of(s, key) = n;
		return CF_OK;
	case TYPE_BOOL:
		if (!parse_bool(value, &n))
			return refuse(place, key, value, err);
		*number_of(s, key) = n;
		return CF_OK;
	case TYPE_ENUM:
		for (n = 0; key->words[n]; n++)
			if (!strcasecmp(value, key->words[n])) {
				*number_of(s, key) = n;
				return CF_OK;
			}
		return refuse(place, key, value, err);
	case TYPE_TEXT:
	case TYPE_URL:
		if ((int64_t)len < key->min || (int64_t)len > key->max)
			return refuse(place, key, value, err);
		memcpy(text_of(s, key), value, len + 1);
		return CF_OK;
	case TYPE_ALPHABET:
		if (len > ALPHABET_MAX_BYTES ||
		    (int64_t)utf8_count(value) < key->min ||
		    (int64_t)utf8_count(value) > key->max)
			return refuse(place, key, value, err);
		memcpy(text_of(s, key), value, len + 1);
		return CF_OK;
	}
	return cf_fail(err, CF_BUG, "setting %s has no type", key->name);
}

void settings_init(struct settings *settings)
{
	*settings = (struct settings){0};
	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++) {
		enum cf_status rc = set_value(settings, &keys[i],
					      keys[i].fallback, "default",
					      NULL);

		assert(rc == CF_OK); /* the table contradicts itself */
		(void)rc;
	}
	settings->attempts_max = settings->attempts;
}

static void note_source(struct settings_origin *origin, const struct key *key,
			enum settings_source source)
{
	origin->source[key - keys] = source;
}

/* The file. */

struct file_reading {
	struct settings *settings;
	struct settings_profiles *profiles;
	struct settings_profile *profile; /* of the section; NULL: the base */
	struct settings_origin *origin;
	struct cf_error *err; /* of the first line that is refused */
	FILE *file;
	int line; /* that was read last */
	size_t n_bytes;
};

static enum cf_status set_own(struct file_reading *r, const struct key *key,
			      const char *value)
{
	if (key->scope == OF_SERVICE)
		return cf_fail(r->err, CF_CONFIG,
			       "%s in [profile %s]: is the same for all "
			       "profiles; it stands before any section",
			       key->name, r->profile->name);
	r->profile->own_line[key - keys] = r->line;
	return set_value(&r->profile->settings, key, value, "", r->err);
}

static int on_pair(void *user, const char *section, const char *name,
		   const char *value)
{
	struct file_reading *r = user;
	const struct key *key = find_key(name, strlen(name));

	if (section[0] && !r->profile) {
		(void)cf_fail(r->err, CF_CONFIG,
			      "section [%.40s] begins on the first line",
			      section);
		return 0;
	}
	if (!key) {
		(void)cf_fail(r->err, CF_CONFIG,
			      "unknown key \"%.60s\"; `captchactl config` lists "
			      "them", name);
		return 0;
	}
	if (r->profile)
		return !set_own(r, key, value);
	if (set_value(r->settings, key, value, "", r->err))
		return 0;
	note_source(r->origin, key, SETTINGS_FROM_FILE);
	r->origin->line[key - keys] = r->line;
	return 1;
}

static bool is_profile_name(struct str name)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	if (!name.len || name.len > SETTINGS_PROFILE_MAX_CHARS)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!name.ptr[i] || !strchr(chars, name.ptr[i]))
			return false;
	return !str_eq(name, SETTINGS_BASE_NAME);
}

static enum cf_status add_profile(struct file_reading *r, struct str name)
{
	struct settings_profiles *all = r->profiles;
	struct settings_profile *profile;

	for (size_t i = 0; i < all->n; i++)
		if (str_eq(name, all->list[i]->name))
			return cf_fail(r->err, CF_CONFIG,
				       "[profile %s] stands on line %d already",
				       all->list[i]->name, all->list[i]->line);
	if (all->n == SETTINGS_PROFILES_MAX)
		return cf_fail(r->err, CF_CONFIG, "more than %d profiles",
			       SETTINGS_PROFILES_MAX);
	profile = mem_alloc(MEM_CONFIG, 1, sizeof(*profile));
	if (!profile)
		return cf_fail(r->err, CF_NOMEM, "no memory for a profile");
	memcpy(profile->name, name.ptr, name.len);
	profile->line = r->line;
	all->list[all->n++] = r->profile = profile;
	return CF_OK;
}

/* How much of it a message repeats. */
static int shown(struct str text)
{
	return text.len < 40 ? (int)text.len : 40;
}

/* A line "[profile NAME]"; inih would cut a long one. */
static enum cf_status begin_section(struct file_reading *r, const char *line)
{
	static const char word[] = "profile";
	const char *end = strchr(line, ']');
	struct str rest = str_trim(str_from(end ? end + 1 : NULL));
	struct str section, name;

	if (!end || (rest.len && *rest.ptr != '#' && *rest.ptr != ';'))
		return cf_fail(r->err, CF_CONFIG, "is not \"[profile NAME]\"");
	section = str_trim((struct str){line + 1, (size_t)(end - line) - 1});
	name = section;
	if (str_starts(section, word))
		name = (struct str){section.ptr + strlen(word),
				    section.len - strlen(word)};
	if (name.ptr == section.ptr || (*name.ptr != ' ' && *name.ptr != '\t'))
		return cf_fail(r->err, CF_CONFIG,
			       "section [%.*s]: unknown; there are sections "
			       "[profile NAME]", shown(section), section.ptr);
	name = str_trim(name);
	if (!is_profile_name(name))
		return cf_fail(r->err, CF_CONFIG,
			       "[profile %.*s]: a name has 1 to %d of a-z, 0-9, "
			       "_ and -, and is not " SETTINGS_BASE_NAME,
			       shown(name), name.ptr,
			       SETTINGS_PROFILE_MAX_CHARS);
	return add_profile(r, name);
}

/*
 * One line for inih, as fgets would give it. Left to itself inih would cut a
 * long line and take its rest for another one, and would take an indented
 * line for more of the value before it. So the first is refused here, unless
 * it is a comment, and of the second the indent is left out.
 */
static char *read_line(char *out, int size, void *stream)
{
	struct file_reading *r = stream;
	size_t max = (size_t)size - 2; /* room for the newline and a NUL */
	size_t n = 0, n_all = 0;
	int c = EOF;

	if (r->err->status)
		return NULL; /* one complaint at a time */
	r->line++;
	while ((c = getc(r->file)) != EOF && c != '\n') {
		n_all++;
		if (!c || r->n_bytes++ == SETTINGS_FILE_MAX_BYTES) {
			(void)cf_fail(r->err, CF_CONFIG,
				      c ? "the file is longer than %d bytes"
					: "a NUL byte: is this a text?",
				      SETTINGS_FILE_MAX_BYTES);
			return NULL;
		}
		if (n < max && (n || (c != ' ' && c != '\t')))
			out[n++] = (char)c;
		else if (n)
			n = max + 1; /* it does not fit */
		if (n > max && out[0] != '#' && out[0] != ';') {
			(void)cf_fail(r->err, CF_CONFIG,
				      "a line of more than %zu bytes; give a "
				      "longer value in the environment, as "
				      ENV_PREFIX "<KEY>", max);
			return NULL;
		}
		if (n > max)
			n = max;
	}
	if (ferror(r->file))
		(void)cf_fail(r->err, CF_CONFIG, "cannot read: %s",
			      strerror(errno));
	if (ferror(r->file) || (c == EOF && !n_all))
		return NULL;
	out[n] = '\0';
	if (out[0] == '[' && begin_section(r, out))
		return NULL;
	out[n++] = '\n';
	out[n] = '\0';
	return out;
}

/* Why a file cannot be opened: its name and rights are the operator's, what
 * the process or the machine lacks is no setting. */
static enum cf_status open_status(int sys_errno)
{
	switch (sys_errno) {
	case EMFILE:
	case ENFILE:
	case EIO:
		return CF_IO;
	case ENOMEM:
		return CF_NOMEM;
	default:
		return CF_CONFIG;
	}
}

static enum cf_status load_file(struct settings *settings,
				struct settings_profiles *profiles,
				const char *path, bool optional,
				struct settings_origin *origin,
				struct cf_error *err)
{
	struct cf_error first = CF_ERROR_INIT;
	struct file_reading r = {.settings = settings,
				 .profiles = profiles,
				 .origin = origin,
				 .err = &first};
	const char *text;
	int line;

	r.file = fopen(path, "re");
	if (!r.file && errno == ENOENT && optional)
		return CF_OK;
	if (!r.file)
		return cf_fail(err, open_status(errno), "cannot open settings "
			       "file %s: %s", path, strerror(errno));
	line = ini_parse_stream(read_line, &r, on_pair, &r);
	(void)fclose(r.file);
	if (line < 0 || first.status == CF_NOMEM)
		return cf_fail(err, CF_NOMEM, "no memory to read %s", path);
	if (line || first.status) {
		/* inih goes on after a line it does not understand */
		text = !line || line == r.line ? first.text : "";
		if (!text[0])
			text = "is not \"key = value\"";
		if (!strncmp(text, ": ", 2)) /* refuse() with no place */
			text += 2;
		return cf_fail(err, CF_CONFIG, "%s:%d: %s", path,
			       line ? line : r.line, text);
	}
	(void)snprintf(origin->file, sizeof(origin->file), "%s", path);
	return CF_OK;
}

/* The environment and the command line. */

static enum cf_status load_environment(struct settings *settings,
				       char *const *envp,
				       struct settings_origin *origin,
				       struct cf_error *err)
{
	for (; envp && *envp; envp++) {
		const char *name = *envp + strlen(ENV_PREFIX);
		const char *eq = strchr(*envp, '=');
		const struct key *key;
		enum cf_status rc;

		if (strncmp(*envp, ENV_PREFIX, strlen(ENV_PREFIX)) || !eq ||
		    !strncmp(*envp, ENV_FILE "=", strlen(ENV_FILE "=")))
			continue;
		key = find_key(name, (size_t)(eq - name));
		if (!key)
			return cf_fail(err, CF_CONFIG,
				       "environment: unknown setting %.*s; "
				       "`captchactl config` lists them",
				       (int)(eq - *envp < 60 ? eq - *envp : 60),
				       *envp);
		rc = set_value(settings, key, eq + 1, "environment", err);
		if (rc)
			return rc;
		note_source(origin, key, SETTINGS_FROM_ENVIRONMENT);
	}
	return CF_OK;
}

static enum cf_status load_sets(struct settings *settings, char *const *sets,
				size_t n_sets, struct settings_origin *origin,
				struct cf_error *err)
{
	for (size_t i = 0; i < n_sets; i++) {
		const char *eq = strchr(sets[i], '=');
		const struct key *key =
			eq ? find_key(sets[i], (size_t)(eq - sets[i])) : NULL;
		enum cf_status rc;

		if (!eq)
			return cf_fail(err, CF_CONFIG,
				       "--set %.60s: is not key=value",
				       sets[i]);
		if (!key)
			return cf_fail(err, CF_CONFIG,
				       "--set %.*s: unknown key; `captchactl "
				       "config` lists them",
				       (int)(eq - sets[i] < 60 ? eq - sets[i]
							       : 60), sets[i]);
		rc = set_value(settings, key, eq + 1, "--set", err);
		if (rc)
			return rc;
		note_source(origin, key, SETTINGS_FROM_COMMAND_LINE);
	}
	return CF_OK;
}

/* Rules between keys and about the shape of texts. */

/* The settings of the base or of a profile, and where they come from. */
struct whole {
	const struct settings *settings;
	const struct settings_origin *origin;
	const struct settings_profile *profile; /* NULL: the base */
};

/* Where the key stands in the file; 0 when it does not come from there or, in
 * a profile, is the base's. */
static int line_of(const struct whole *whole, const char *name)
{
	size_t row = (size_t)(find_key(name, strlen(name)) - keys);

	if (whole->profile)
		return whole->profile->own_line[row];
	return whole->origin->source[row] == SETTINGS_FROM_FILE
		       ? whole->origin->line[row]
		       : 0;
}

/* CF_CONFIG with the line of the file where the key stands or, if that is not
 * from the file, the other key that it goes ill with. What is wrong with a
 * profile alone comes of its section. */
static enum cf_status CF_PRINTF(5, 6)
refuse_whole(const struct whole *whole, const char *name, const char *other,
	     struct cf_error *err, const char *fmt, ...)
{
	const struct settings_profile *profile = whole->profile;
	int line = line_of(whole, name);
	char text[CF_ERROR_TEXT_BYTES];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!line)
		line = line_of(whole, other);
	if (profile)
		return cf_fail(err, CF_CONFIG, "%s:%d: [profile %s]: %s",
			       whole->origin->file,
			       line ? line : profile->line, profile->name,
			       text);
	if (line)
		return cf_fail(err, CF_CONFIG, "%s:%d: %s",
			       whole->origin->file, line, text);
	return cf_fail(err, CF_CONFIG, "%s", text);
}

static enum cf_status check_alphabet(const struct whole *whole,
				     struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;

	if (!alphabet_check(whole->settings->alphabet, &why))
		return CF_OK;
	if (why.status == CF_NOMEM)
		return cf_fail(err, CF_NOMEM, "%s", why.text);
	return refuse_whole(whole, "alphabet", "alphabet", err, "%s",
			    why.text);
}

static enum cf_status check_colour(const struct whole *whole, const char *key,
				   const char *value, struct cf_error *err)
{
	if (!strcmp(value, "auto"))
		return CF_OK;
	if (value[0] == '#' && strlen(value) == 7 &&
	    strspn(value + 1, "0123456789abcdefABCDEF") == 6)
		return CF_OK;
	return refuse_whole(whole, key, key, err,
			    "%s = \"%.60s\": must be auto or #rrggbb", key,
			    value);
}

static enum cf_status check_addresses(const struct whole *whole,
				      const char *key, const char *value,
				      struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;
	struct net_list list;

	if (!net_list_parse(&list, value, &why))
		return CF_OK;
	return refuse_whole(whole, key, key, err, "%s: %s", key, why.text);
}

/* The limit of a side, which drawing has, holds for what is drawn. */
static enum cf_status check_side(const struct whole *whole, const char *key,
				 int64_t side_px, int64_t max_px,
				 struct cf_error *err)
{
	int64_t scale = whole->settings->scale;

	if (side_px * scale <= max_px)
		return CF_OK;
	return refuse_whole(whole, "scale", key, err,
			    "%s = %lld with scale = %lld makes %lld pixels: at "
			    "most %lld", key, (long long)side_px,
			    (long long)scale, (long long)(side_px * scale),
			    (long long)max_px);
}

static enum cf_status check_sizes(const struct whole *whole,
				  struct cf_error *err)
{
	const struct settings *s = whole->settings;
	enum cf_status rc;

	if (s->margin_px * 4 > s->width_px || s->margin_px * 4 > s->height_px)
		return refuse_whole(whole, "margin", "height", err,
				    "margin = %lld leaves too little of a "
				    "picture of %lldx%lld: at most a quarter "
				    "of each side", (long long)s->margin_px,
				    (long long)s->width_px,
				    (long long)s->height_px);
	if (s->font_size_px > s->height_px)
		return refuse_whole(whole, "font_size", "height", err,
				    "font_size = %lld is above height = %lld",
				    (long long)s->font_size_px,
				    (long long)s->height_px);
	if (s->offset_px > s->width_px)
		return refuse_whole(whole, "offset", "width", err,
				    "offset = %lld is above width = %lld",
				    (long long)s->offset_px,
				    (long long)s->width_px);
	rc = check_side(whole, "width", s->width_px,
			SETTINGS_DRAWN_WIDTH_MAX_PX, err);
	return rc ? rc
		  : check_side(whole, "height", s->height_px,
			       SETTINGS_DRAWN_HEIGHT_MAX_PX, err);
}

static enum cf_status check_redis(const struct whole *whole,
				  struct cf_error *err)
{
	const char *prefix = whole->settings->key_prefix;
	struct cf_error why = CF_ERROR_INIT;
	struct redis_url url;

	if (redis_url_parse(&url, whole->settings->redis_url, &why))
		return refuse_whole(whole, "redis_url", "store", err,
				    "redis_url: %s", why.text);
	if (whole->settings->share_pictures &&
	    whole->settings->store != SETTINGS_STORE_REDIS)
		return refuse_whole(whole, "share_pictures", "store", err,
				    "share_pictures = yes: needs store = "
				    "redis; on one machine all processes have "
				    "the pictures in cache_dir");
	if (whole->settings->share_pictures && strpbrk(prefix, "{}"))
		return refuse_whole(whole, "key_prefix", "share_pictures", err,
				    "key_prefix has a brace in it: not with "
				    "share_pictures = yes");
	for (; *prefix; prefix++)
		if (*prefix > 0 && *prefix <= ' ')
			return refuse_whole(whole, "key_prefix", "store", err,
					    "key_prefix has a space or a "
					    "control character in it");
	return CF_OK;
}

static enum cf_status check_whole(const struct whole *whole,
				  struct cf_error *err)
{
	const struct settings *s = whole->settings;
	enum cf_status rc;

	if (s->length_min > s->length_max)
		return refuse_whole(whole, "length_min", "length_max", err,
				    "length_min = %lld is above length_max = "
				    "%lld", (long long)s->length_min,
				    (long long)s->length_max);
	if (s->store == SETTINGS_STORE_SQLITE && !s->database[0])
		return refuse_whole(whole, "database", "database", err,
				    "database is empty: name a file");
	if (!s->cache_dir[0])
		return refuse_whole(whole, "cache_dir", "cache_dir", err,
				    "cache_dir is empty: name a directory");
	if (s->kind == SETTINGS_KIND_WORDS && !s->words[0])
		return refuse_whole(whole, "kind", "words", err,
				    "kind = words: `words` is empty: name a "
				    "file of words");
	rc = check_addresses(whole, "trusted_proxies", s->trusted_proxies,
			     err);
	if (!rc)
		rc = check_addresses(whole, "metrics_allow", s->metrics_allow,
				     err);
	if (!rc)
		rc = check_redis(whole, err);
	if (!rc)
		rc = check_sizes(whole, err);
	if (!rc)
		rc = check_alphabet(whole, err);
	if (!rc)
		rc = check_colour(whole, "ink", s->ink, err);
	return rc ? rc : check_colour(whole, "paper", s->paper, err);
}

static const char *env_file(char *const *envp)
{
	for (; envp && *envp; envp++)
		if (!strncmp(*envp, ENV_FILE "=", strlen(ENV_FILE "=")))
			return *envp + strlen(ENV_FILE "=");
	return NULL;
}

/* How many bytes a value has in struct settings. */
static size_t size_of(const struct key *key)
{
	switch (key->type) {
	case TYPE_TEXT:
	case TYPE_URL:
		return (size_t)key->max + 1;
	case TYPE_ALPHABET:
		return ALPHABET_MAX_BYTES + 1;
	case TYPE_INT:
	case TYPE_BOOL:
	case TYPE_ENUM:
		break;
	}
	return sizeof(int64_t);
}

/* Give a profile the base's values where it has none of its own. */
static void complete(struct settings_profile *profile,
		     const struct settings *base)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++)
		if (!profile->own_line[i])
			memcpy((char *)&profile->settings + keys[i].offset,
			       (const char *)base + keys[i].offset,
			       size_of(&keys[i]));
}

/* Check the base, and each profile once it is whole. */
static enum cf_status check_all(struct settings *settings,
				struct settings_profiles *profiles,
				const struct settings_origin *origin,
				struct cf_error *err)
{
	struct whole base = {settings, origin, NULL};
	enum cf_status rc = check_whole(&base, err);

	settings->attempts_max = settings->attempts;
	for (size_t i = 0; !rc && i < profiles->n; i++) {
		struct settings_profile *profile = profiles->list[i];
		struct whole whole = {&profile->settings, origin, profile};

		complete(profile, settings);
		rc = check_whole(&whole, err);
		if (profile->settings.attempts > settings->attempts_max)
			settings->attempts_max = profile->settings.attempts;
	}
	for (size_t i = 0; i < profiles->n; i++)
		profiles->list[i]->settings.attempts_max =
			settings->attempts_max;
	return rc;
}

void settings_profiles_release(struct settings_profiles *profiles)
{
	while (profiles->n)
		mem_free(profiles->list[--profiles->n]);
}

enum cf_status settings_load(struct settings *settings,
			     struct settings_profiles *profiles,
			     const char *path, char *const *envp,
			     char *const *sets, size_t n_sets,
			     struct settings_origin *origin,
			     struct cf_error *err)
{
	struct settings_origin unwanted;
	bool optional = false;
	enum cf_status rc;

	if (!origin)
		origin = &unwanted;
	*origin = (struct settings_origin){0};
	if (!path)
		path = env_file(envp);
	if (!path) {
		path = DEFAULT_FILE;
		optional = true;
	}
	rc = load_file(settings, profiles, path, optional, origin, err);
	if (rc)
		return rc;
	rc = load_environment(settings, envp, origin, err);
	if (rc)
		return rc;
	rc = load_sets(settings, sets, n_sets, origin, err);
	return rc ? rc : check_all(settings, profiles, origin, err);
}

/* Printing. */

static void add_value(struct buf *out, const struct settings *settings,
		      const struct key *key)
{
	struct settings *s = (struct settings *)(uintptr_t)settings;
	char shown[SETTINGS_PATH_BYTES + sizeof("***")];

	switch (key->type) {
	case TYPE_INT:
		buf_addf(out, "%lld", (long long)*number_of(s, key));
		break;
	case TYPE_BOOL:
		buf_add_str(out, *number_of(s, key) ? "yes" : "no");
		break;
	case TYPE_ENUM:
		buf_add_str(out, key->words[*number_of(s, key)]);
		break;
	case TYPE_URL:
		redis_url_show(text_of(s, key), shown, sizeof(shown));
		buf_add_str(out, shown);
		break;
	case TYPE_TEXT:
	case TYPE_ALPHABET:
		buf_add_str(out, text_of(s, key));
		break;
	}
}

static void print_profile(const struct settings_profile *profile,
			  const struct settings_origin *origin,
			  struct buf *out)
{
	buf_addf(out, "\n[profile %s]\n", profile->name);
	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++) {
		if (!profile->own_line[i])
			continue;
		buf_addf(out, "%s = ", keys[i].name);
		add_value(out, &profile->settings, &keys[i]);
		buf_addf(out, "\t# %s\n", origin->file);
	}
}

void settings_print(const struct settings *settings,
		    const struct settings_profiles *profiles,
		    const struct settings_origin *origin, struct buf *out)
{
	static const char *const names[] = {
		[SETTINGS_FROM_DEFAULT] = "default",
		[SETTINGS_FROM_ENVIRONMENT] = "environment",
		[SETTINGS_FROM_COMMAND_LINE] = "command line",
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++) {
		enum settings_source from = origin->source[i];

		buf_addf(out, "%s = ", keys[i].name);
		add_value(out, settings, &keys[i]);
		buf_addf(out, "\t# %s\n",
			 from == SETTINGS_FROM_FILE ? origin->file
						    : names[from]);
	}
	for (size_t i = 0; i < profiles->n; i++)
		print_profile(profiles->list[i], origin, out);
}

bool settings_is_given(const struct settings_origin *origin, const char *name)
{
	size_t i = 0;

	while (strcmp(keys[i].name, name)) {
		i++;
		assert(i < CF_ARRAY_LEN(keys));
	}
	return origin->source[i] != SETTINGS_FROM_DEFAULT;
}

/* What a reader is told about a key in parentheses. */
static void add_remarks(struct buf *out, const struct key *key)
{
	buf_add_char(out, '(');
	add_range(out, key);
	buf_add_str(out, key->scope != OF_SERVICE ? "; profiles may differ)"
						  : ")");
}

void settings_print_sample(struct buf *out)
{
	buf_add_str(out,
		    "# Settings of captcha-fcgi: captcha.conf(5).\n"
		    "# Each line shows a default; take the # away to change "
		    "it. Each key can also be\n"
		    "# set as CAPTCHA_<KEY> in the environment, which wins.\n");
	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++) {
		const struct key *key = &keys[i];

		buf_addf(out, "\n# %s\n# ", key->help);
		add_remarks(out, key);
		buf_addf(out, "\n#%s = %s\n", key->name, key->fallback);
	}
	buf_add_str(out,
		    "\n# After all of these, profiles: other pictures for those "
		    "who ask for them with\n"
		    "# ?profile=NAME. What a section does not say is as above.\n"
		    "# [profile login]\n"
		    "# kind = arithmetic\n"
		    "# ttl_s = 120\n");
}

/* The text with man(7)'s own characters made harmless. */
static void add_man_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '-' || *text == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *text == '\\' ? 'e' : *text);
	}
}

/* FNV-1a, of 64 bits: Fowler, Noll, Vo, Eastlake: RFC 9923. */
static uint64_t hash_bytes(uint64_t hash, const void *ptr, size_t len)
{
	const unsigned char *bytes = ptr;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

/* Files of a list with colons between them: when each was changed last, and
 * how long it is. */
static uint64_t hash_files(uint64_t hash, const char *list)
{
	char path[SETTINGS_LIST_BYTES];

	while (*list) {
		size_t len = strcspn(list, ":");
		int64_t facts[3] = {0};
		struct stat st;

		memcpy(path, list, len);
		path[len] = '\0';
		if (!stat(path, &st)) {
			facts[0] = st.st_size;
			facts[1] = st.st_mtim.tv_sec;
			facts[2] = st.st_mtim.tv_nsec;
		}
		hash = hash_bytes(hash, facts, sizeof(facts));
		list += len + (list[len] == ':');
	}
	return hash;
}

uint64_t settings_hash_pictures(const struct settings *settings)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++) {
		const struct key *key = &keys[i];
		const char *value = (const char *)settings + key->offset;

		if (key->scope != OF_PICTURE)
			continue;
		hash = hash_bytes(hash, value,
				  key->type == TYPE_TEXT ||
						  key->type == TYPE_ALPHABET
					  ? strlen(value) + 1
					  : sizeof(int64_t));
	}
	hash = hash_files(hash, settings->words_blocked);
	hash = hash_files(hash, settings->fonts);
	if (settings->kind == SETTINGS_KIND_WORDS)
		hash = hash_files(hash, settings->words);
	return hash;
}

void settings_print_man(struct buf *out)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++) {
		const struct key *key = &keys[i];

		buf_addf(out, ".TP\n.BR %s \" = ", key->name);
		add_man_text(out, key->fallback);
		buf_add_str(out, "\"\n");
		add_man_text(out, key->help);
		buf_add_str(out, ".\n");
		add_remarks(out, key);
		buf_add_char(out, '\n');
	}
}
