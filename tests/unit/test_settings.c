/*
 * Settings: files as people and their editors write them, the order of the
 * sources, and the message of each refusal.
 */
#include "base/base.h"
#include "conf/keys.h"
#include "conf/settings.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

static char dir[TEMP_PATH_BYTES];
static char path[TEMP_PATH_BYTES];
static struct settings settings;
static struct cf_error err;

static int set_up(void **state)
{
	temp_dir_make(dir);
	(void)snprintf(path, sizeof(path), "%s", temp_path(dir, "c.conf"));
	settings_init(&settings);
	return 0;
}

static int tear_down(void **state)
{
	settings_release(&settings);
	assert_int_equal(mem_use(MEM_BUFFER).n_blocks, 0);
	assert_int_equal(mem_use(MEM_CONFIG).n_blocks, 0);
	temp_dir_remove(dir);
	return 0;
}

static enum cf_status load_from(const char *file, char *const *envp,
				char *const *sets, size_t n_sets)
{
	settings_release(&settings);
	settings_init(&settings);
	err = (struct cf_error)CF_ERROR_INIT;
	return settings_load(&settings, file, envp, sets, n_sets, &err);
}

static enum cf_status load_path(const char *file, char *const *envp)
{
	return load_from(file, envp, NULL, 0);
}

/* The settings of a test by their place; NULL for none there. */
struct given {
	const char *file, *env, *set;
};
#define BY_FILE(text) {.file = (text)}
#define BY_ENV(text)  {.env = (text)}
#define BY_SET(text)  {.set = (text)}

static enum cf_status load(struct given given)
{
	char *env = given.env ? strdup(given.env) : NULL;
	char *set = given.set ? strdup(given.set) : NULL;
	char *envp[] = {env, NULL};
	enum cf_status rc;

	temp_write(path, given.file ? given.file : "");
	rc = load_from(path, envp, &set, set ? 1 : 0);
	free(env);
	free(set);
	return rc;
}

/* Borrowed until the eighth call from now. */
static char *format(const char *fmt, ...) CF_PRINTF(1, 2);
static char *format(const char *fmt, ...)
{
	static char texts[8][8192];
	static unsigned n;
	char *text = texts[n++ % 8];
	va_list ap;

	va_start(ap, fmt);
	assert_true(vsnprintf(text, sizeof(texts[0]), fmt, ap) <
		    (int)sizeof(texts[0]));
	va_end(ap);
	return text;
}

/* c, n times; borrowed until the next call. */
static char *repeat(char c, size_t n)
{
	static char text[2 * SETTINGS_FILE_MAX_BYTES + 1];

	assert_true(n < sizeof(text));
	memset(text, c, n);
	text[n] = '\0';
	return text;
}

/* What settings_print writes; the caller releases it. */
static void print(const struct settings *s, struct buf *out)
{
	buf_init(out, 64 * 1024);
	settings_print(s, out);
	assert_ok(buf_status(out, &err), &err);
}

/* --- what is read ------------------------------------------------------- */

#define AT(field) offsetof(struct settings, field)

static void numbers_are_read(void **state)
{
	static const struct {
		struct given given;
		size_t at;
		int64_t wanted;
	} rows[] = {
		/* the command line wins over environment over file */
		{BY_FILE(""), AT(base.ttl_s), 300},
		{BY_FILE("ttl_s = 11\n"), AT(base.ttl_s), 11},
		{{"ttl_s = 11\n", "CAPTCHA_TTL_S=22", NULL}, AT(base.ttl_s),
		 22},
		{{"ttl_s = 11\n", "CAPTCHA_TTL_S=22", "ttl_s=33"},
		 AT(base.ttl_s), 33},
		{{"ttl_s = 11\n", NULL, "ttl_s=33"}, AT(base.ttl_s), 33},
		{BY_FILE("ttl_s = 8\nttl_s = 9\n"), AT(base.ttl_s), 9},
		/* variables of other programs */
		{BY_ENV("XCAPTCHA_TTL_S=no"), AT(base.ttl_s), 300},
		{BY_ENV("CAPTCHA=no"), AT(base.ttl_s), 300},
		{BY_ENV("captcha_ttl_s=no"), AT(base.ttl_s), 300},
		{BY_ENV("CAPTCHA_TTL_S"), AT(base.ttl_s), 300},
		/* any case, blanks and line ends */
		{BY_FILE("TTL_S=7\n"), AT(base.ttl_s), 7},
		{BY_FILE("\tattempts\t=\t2  \n"), AT(base.attempts), 2},
		{BY_FILE("   spacing : 9\n"), AT(base.offset_px), 9},
		{BY_FILE("\r\n# x\r\nttl_s = 8\r\n"), AT(base.ttl_s), 8},
		{BY_FILE("\xef\xbb\xbfttl_s = 9\n"), AT(base.ttl_s), 9},
		{BY_FILE("ttl_s = 10"), AT(base.ttl_s), 10},
		/* comments */
		{BY_FILE("# ttl_s = 0\n; ttl_s = 0\n  # ttl_s = 0\n"),
		 AT(base.ttl_s), 300},
		{BY_FILE("ttl_s = 8 ; eight ; 9\n"), AT(base.ttl_s), 8},
		/* suffixes */
		{BY_SET("cache_max_bytes=64k"), AT(cache_max_bytes), 65536},
		{BY_SET("cache_max_bytes=64K"), AT(cache_max_bytes), 65536},
		{BY_SET("cache_max_bytes=3M"), AT(cache_max_bytes),
		 3 * 1048576},
		{BY_SET("cache_max_bytes=1G"), AT(cache_max_bytes), 1073741824},
		{BY_SET("cache_max_bytes=1024G"), AT(cache_max_bytes),
		 INT64_C(1099511627776)},
		{BY_SET("cache_max_bytes=0065536"), AT(cache_max_bytes), 65536},
		/* pairs */
		{BY_SET("length=5-7"), AT(base.length_min), 5},
		{BY_SET("length=5-7"), AT(base.length_max), 7},
		{BY_SET("issue_limit=0"), AT(issue_per_minute), 0},
		{BY_SET("issue_limit=7"), AT(issue_burst), 7},
		{BY_SET("failed_limit=1/2"), AT(failed_per_minute), 1},
		{BY_SET("failed_limit=1/2"), AT(failed_burst), 2},
		{BY_SET("audio_limit=3/4"), AT(audio_per_minute), 3},
		{BY_SET("audio_limit=3/4"), AT(audio_burst), 4},
		{BY_SET("audio_snr_db=-10"), AT(audio_snr_db), -10},
		/* words */
		{BY_SET("audio=no"), AT(audio), 0},
		{BY_SET("demo=yes"), AT(demo), 1},
		{BY_SET("demo=on"), AT(demo), 1},
		{BY_SET("demo=true"), AT(demo), 1},
		{BY_SET("demo=1"), AT(demo), 1},
		{BY_SET("demo=YES"), AT(demo), 1},
		{BY_SET("demo=no"), AT(demo), 0},
		{BY_SET("demo=Off"), AT(demo), 0},
		{BY_SET("demo=false"), AT(demo), 0},
		{BY_SET("demo=0"), AT(demo), 0},
		{BY_SET("log=stderr"), AT(log), LOG_TO_STDERR},
		{BY_SET("log=syslog"), AT(log), LOG_TO_SYSLOG},
		{BY_SET("log_level=error"), AT(log_level), LOG_LEVEL_ERROR},
		{BY_SET("log_level=DEBUG"), AT(log_level), LOG_LEVEL_DEBUG},
		{BY_SET("theme=auto"), AT(base.theme), SETTINGS_THEME_AUTO},
		{BY_SET("theme=light"), AT(base.theme), SETTINGS_THEME_LIGHT},
		{BY_SET("theme=dark"), AT(base.theme), SETTINGS_THEME_DARK},
		{BY_SET("difficulty=hard"), AT(base.difficulty), SETTINGS_HARD},
		{BY_SET("kind=arithmetic"), AT(base.kind),
		 SETTINGS_KIND_ARITHMETIC},
		/* rules between keys that hold */
		{BY_SET("spacing=240"), AT(base.offset_px), 240},
		{{"width = 500\nheight = 250\n", NULL, "scale=2"},
		 AT(base.scale), 2},
		/* the parts of an address of a store */
		{BY_FILE(""), AT(store), SETTINGS_STORE_SQLITE},
		{BY_SET("store=redis://h"), AT(store), SETTINGS_STORE_REDIS},
		{BY_SET("store=unix:///s?db=3&wait=2"),
		 AT(redis_wait_replicas), 2},
		/* the most attempts of the base and the profiles */
		{BY_FILE(""), AT(attempts_max), 1},
		{BY_FILE("attempts = 2\n"), AT(attempts_max), 2},
		{BY_FILE("[profile a]\nattempts = 4\n[profile b]\n"),
		 AT(attempts_max), 4},
		{{"[profile a]\nattempts = 1\n", NULL, "attempts=3"},
		 AT(attempts_max), 3},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		int64_t value;

		assert_ok(load(rows[i].given), &err);
		memcpy(&value, (const char *)&settings + rows[i].at,
		       sizeof(value));
		if (value != rows[i].wanted)
			fail_msg("row %zu: %lld", i, (long long)value);
	}
}

static void texts_are_read_and_printed_with_their_origin(void **state)
{
	static const struct {
		struct given given;
		const char *wanted; /* %s is the path of the file */
	} rows[] = {
		{BY_FILE(""), "attempts = 1\t# default\n"},
		{BY_ENV("CAPTCHA_TTL_S=22"), "ttl_s = 22\t# environment\n"},
		{BY_SET("demo=no"), "demo = no\t# command line\n"},
		{BY_SET("length=4-4"), "length = 4\t# command line\n"},
		{BY_FILE("length=4-5\n"), "length = 4-5\t# %s\n"},
		{BY_FILE("fonts = /a b\r\n"), "fonts = /a b\t# %s\n"},
		{BY_FILE("fonts = /a;b\n"), "fonts = /a;b\t# %s\n"},
		{BY_FILE("fonts =\n"), "fonts = \t# %s\n"},
		{BY_FILE("ink = #00ff00\n"), "ink = #00ff00\t# %s\n"},
		{BY_SET("ink=auto"), "ink = auto\t#"},
		{BY_SET("paper=#FFffFF"), "paper = #FFffFF\t#"},
		/* an indented line is a line of its own */
		{BY_FILE("fonts = /a\n   cache_dir = /b\n"),
		 "cache_dir = /b\t# %s\n"},
		{BY_FILE("fonts = /a\n   cache_dir = /b\n"),
		 "fonts = /a\t# %s\n"},
		{BY_SET("alphabet=chinese"), "alphabet = chinese\t#"},
		{BY_SET("alphabet=山水ЖΩé"), "alphabet = 山水ЖΩé\t#"},
		{BY_SET("alphabet=AB"), "alphabet = AB\t#"},
		{BY_SET("alphabet=abcdefghijklmnopqrstuvwxyz0123456789"),
		 "alphabet = abcdefghijklmnopqrstuvwxyz0123456789\t#"},
		{BY_SET("trusted_proxies="), "trusted_proxies = \t#"},
		{BY_SET("trusted_proxies=127.0.0.1 ::1"),
		 "trusted_proxies = 127.0.0.1 ::1\t#"},
		{BY_FILE("trusted_proxies = 10.0.0.0/8, fd00::/8\n"),
		 "trusted_proxies = 10.0.0.0/8, fd00::/8\t# %s\n"},
		{BY_SET("audio_languages=en  pt-BR"),
		 "audio_languages = en  pt-BR\t#"},
		{BY_FILE("store = redis://me:hush@h/2\n"),
		 "store = redis://me:***@h/2\t# %s\n"},
		/* sections come last */
		{BY_FILE("[profile a]\nwidth = 99\n"),
		 "\n[profile a]\nwidth = 99\t# %s\n"},
		{BY_FILE("[profile a]\n[profile b]\nkind = text\nscale = 2\n"),
		 "\n[profile a]\n\n[profile b]\nkind = text\t# "},
	};
	struct buf out;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		char *wanted = strdup(rows[i].wanted), *at;

		assert_ok(load(rows[i].given), &err);
		print(&settings, &out);
		at = strstr(wanted, "%s");
		if (at)
			*at = '\0';
		assert_has(out.ptr, wanted);
		if (at)
			assert_has(strstr(out.ptr, wanted),
				   format("%s%s%s", wanted, path, at + 2));
		assert_null(strstr(out.ptr, "hush"));
		buf_release(&out);
		free(wanted);
	}
}

static void store_names_a_file_or_a_server(void **state)
{
	static const struct {
		const char *set, *database, *url, *prefix;
	} rows[] = {
		{"store=sqlite:/a@b/c.db", "/a@b/c.db", "", ""},
		{"store=redis://h", "", "redis://h", ""},
		{"store=unix:///s?prefix=a:", "", "unix:///s?prefix=a:", "a:"},
	};

	assert_true(str_ends(str_from(settings.database), "/captcha.db"));
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_ok(load((struct given)BY_SET(rows[i].set)), &err);
		assert_string_equal(settings.database, rows[i].database);
		assert_string_equal(settings.redis_url, rows[i].url);
		assert_string_equal(settings.key_prefix, rows[i].prefix);
	}
}

static void the_environment_may_name_the_file(void **state)
{
	char *envp[] = {(char[]){"PATH=/bin"}, NULL, NULL};

	temp_write(path, "ttl_s = 44\n");
	envp[1] = format("CAPTCHA_CONFIG=%s", path);
	assert_ok(load_path(NULL, envp), &err);
	assert_int_equal(settings.base.ttl_s, 44);
	assert_string_equal(settings.file, path);
	/* without a name the file may be missing */
	assert_ok(load_path(NULL, NULL), &err);
	assert_true(!settings.file[0] || temp_exists(settings.file));
	/* a named file must be there */
	(void)unlink(path);
	assert_status(load_path(NULL, envp), CF_CONFIG, &err);
	assert_has(err.text, path);
}

/* --- what is refused ---------------------------------------------------- */

static void the_message_names_the_place_and_the_rule(void **state)
{
	static const struct {
		struct given given;
		const char *wanted; /* ":..." stands for "PATH:..." */
	} rows[] = {
		/* keys */
		{BY_FILE("\n# x\nttl = 5\n"), ":3: unknown key \"ttl\""},
		{BY_FILE("ttl_s_ = 5\n"), ":1: unknown key \"ttl_s_\""},
		{BY_FILE("ttl_s = 10\nttl = 1"), ":2: unknown key"},
		{BY_FILE("= 5\n"), ":1: unknown key \"\""},
		{BY_ENV("CAPTCHA_TTL=5"),
		 "environment: unknown key \"CAPTCHA_TTL\""},
		{BY_ENV("CAPTCHA_PROFILE=x"), "unknown key"},
		{BY_SET("ttl=5"), "--set: unknown key \"ttl\""},
		{BY_SET("=5"), "--set: unknown key \"\""},
		{BY_SET("ttl_s"), "--set: ttl_s: is not key=value"},
		{BY_SET(""), "is not key=value"},
		/* values */
		{BY_FILE("demo = yes\nttl_s = 0\n"),
		 ":2: ttl_s = \"0\": must be 1 to 86400 seconds"},
		{BY_ENV("CAPTCHA_TTL_S=0"),
		 "environment: ttl_s = \"0\": must be 1 to 86400"},
		{BY_SET("ttl_s=0"), "--set: ttl_s = \"0\": must be 1 to"},
		{BY_SET("cache_max_bytes=1025G"), "must be"},
		{BY_SET("cache_max_bytes=63k"), "must be"},
		{BY_SET("demo=2"), "demo = \"2\": must be yes or no"},
		{BY_SET("demo="), "must be yes or no"},
		{BY_SET("log_level=loud"), "must be error, warn, info, debug"},
		{BY_SET("length=13"),
		 "must be 1 to 12 characters, or two numbers with - between"},
		{BY_SET("length=1-13"), "must be 1 to 12 characters, or"},
		{BY_SET("length=-5"), "must be 1 to 12 characters, or"},
		{BY_SET("length=5-"), "must be 1 to 12 characters, or"},
		{BY_SET("length=7-6"), "length = 7-6: the shorter one"},
		{BY_SET("issue_limit=-1"), "0 to 10000, or two numbers"},
		{BY_SET("issue_limit=5/0"), "issue_limit = 5/0 lets nob"},
		{BY_SET("failed_limit=5/0"), "failed_limit = 5/0 lets"},
		{BY_SET("audio_limit=5/0"), "audio_limit = 5/0 lets"},
		{BY_SET("audio_snr_db=-11"), "must be -10 to 60 decibels"},
		{BY_SET("audio_languages=en,de"),
		 "audio_languages: \"en,de\" is no tag of a language"},
		{BY_SET("audio_languages=en de_AT"), "\"de_AT\" is no tag"},
		{BY_SET("audio_languages=zh-Hant2"), "\"zh-Hant2\" is no"},
		{BY_SET("cache_dir="), "cache_dir is empty"},
		{BY_SET("store=sqlite:"), "names no file"},
		{BY_SET("store=sqlite"), "store: must be sqlite:PATH, "},
		{BY_SET("store="), "store: must be sqlite:PATH, "},
		{BY_SET("trusted_proxies=::1 nginx"),
		 "trusted_proxies: \"nginx\" is no address: write"},
		{BY_SET("metrics_allow=10.1.0.0/8"),
		 "metrics_allow: \"10.1.0.0/8\""},
		{BY_FILE("\ntrusted_proxies = 10.0.0.0/33\n"),
		 ":2: trusted_proxies: \"10.0.0.0/33\""},
		{BY_SET("alphabet=A"), "latin, "},
		{BY_SET("alphabet="), ", or 2 to 4096 characters"},
		{BY_SET("alphabet=ABCA"), "'A' (U+0041), stands twice"},
		{BY_SET("alphabet=ABCa"), "stands twice"},
		{BY_SET("alphabet=AB C"), "U+0020"},
		{BY_SET("alphabet=AB-"), "no letter or digit"},
		{BY_SET("alphabet=A\xc3"), "not UTF-8"},
		{BY_FILE("\n\nink = red\n"),
		 ":3: ink = \"red\": must be auto or #rrggbb"},
		{{"ink = auto\n", NULL, "ink=red"}, "--set: ink = \"red\""},
		{BY_SET("ink="), "ink = \"\""},
		{BY_SET("ink=#"), "ink = \"#\""},
		{BY_SET("ink=#12345"), "ink = "},
		{BY_SET("ink=#1234567"), "ink = "},
		{BY_SET("ink=1234567"), "ink = "},
		{BY_SET("ink=#12345g"), "ink = "},
		{BY_SET("ink=AUTO"), "ink = "},
		{BY_SET("ink= #123456"), "ink = "},
		{BY_SET("paper=blue"), "paper = \"blue\""},
		/* a password is in no message */
		{BY_ENV("CAPTCHA_REDIS=redis://:hush@h"),
		 "unknown key \"CAPTCHA_REDIS\""},
		{BY_SET("redis=redis://:hush@h"), "unknown key \"redis\""},
		{BY_FILE("\nstore = redis://:hush@:1\n"), ":2: store: no host"},
		/* rules between keys */
		{BY_SET("spacing=241"), "spacing = 241 is above width = 240"},
		{{"width = 501\n", NULL, "scale=2"},
		 ":1: width = 501 with scale = 2 makes 1002 pixels: at most "
		 "1000"},
		{{"height = 167\n", NULL, "scale=3"},
		 ":1: height = 167 with scale = 3 makes 501"},
		{BY_SET("kind=words"), "kind = words: `words` is empty"},
		/* the environment does not excuse a wrong value of the file */
		{{"cache_dir =\n", "CAPTCHA_CACHE_DIR=/c", NULL},
		 ":1: cache_dir is empty"},
		/* lines; the first wrong one is named */
		{BY_FILE("demo\nttl_s = 0\n"), ":1: is not \"key = value\""},
		{BY_FILE("ttl_s = 0\ndemo\n"), ":1: ttl_s"},
		{BY_FILE("ttl_s = 0\nattempts = 0\n"), ":1: ttl_s"},
		{BY_FILE("demo = yes\ndemo\n"), ":2: is not \"key = val"},
		{BY_FILE("fonts = /a:\n   /b\n"), ":2: is not \"key = "},
		{BY_FILE("ttl_s ; = 5\n"), ":1: is not \"key = value\""},
		/* sections */
		{BY_FILE("[captcha]\nttl_s = 9\n"),
		 ":1: section [captcha]: unknown"},
		{BY_FILE("[]\n"), ":1: section []"},
		{BY_FILE("[profile]\n"), ":1: [profile ]: a name has"},
		{BY_FILE("[profile ]\n"), ":1: [profile ]: a name has"},
		{BY_FILE("[profiles x]\n"), ":1: section [profiles x]"},
		{BY_FILE("[profile Login]\n"), ":1: [profile Login]: a name"},
		{BY_FILE("[profile a b]\n"), ":1: [profile a b]: a name"},
		{BY_FILE("[profile default]\n"), "is not default"},
		{BY_FILE("[profile 12345678901234567890123456789012x]\n"),
		 "a name has 1 to 32"},
		{BY_FILE("ttl_s = 9\n[x\n"), ":2: is not \"[profile NAME"},
		{BY_FILE("[profile x] y\n"), ":1: is not \"[profile NAME"},
		{BY_FILE("[profile x]\n\n[profile y]\n[profile x]\n"),
		 ":4: [profile x] stands on line 1 already"},
		/* a profile is checked with the values of the base */
		{BY_FILE("[profile x]\nwidth = 10\n"), ":2: width = \"10\""},
		{BY_FILE("[profile x]\nwidht = 100\n"), ":2: unknown key"},
		{BY_FILE("[profile x]\nlength = 9-8\n"),
		 ":2: length = 9-8: the shorter"},
		{BY_FILE("[profile x]\nkind = words\n"),
		 ":2: [profile x]: kind = words: `words` is empty"},
		{{"[profile x]\nspacing = 90\n", NULL, "width=80"},
		 ":2: [profile x]: spacing = 90 is above width = 80"},
		{BY_FILE("spacing = 70\n\n[profile x]\n\nwidth = 60\n"),
		 ":5: [profile x]: spacing = 70"},
		{BY_FILE("[profile x]\nink = auto\nalphabet = ABCA\n"),
		 ":3: alphabet: character 4"},
		{BY_FILE("[profile x]\nscale = 3\nwidth = 400\n"),
		 ":2: [profile x]: width = 400 with scale = 3"},
		{BY_FILE("words = /w\nkind = words\n[profile x]\nwords =\n"),
		 ":4: [profile x]: kind = words"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_status(load(rows[i].given), CF_CONFIG, &err);
		assert_has(err.text, rows[i].wanted[0] == ':'
					     ? format("%s%s", path,
						      rows[i].wanted)
					     : rows[i].wanted);
		assert_null(strstr(err.text, "hush"));
	}
}

static void a_text_has_a_length_limit(void **state)
{
	const struct {
		struct given given;
		const char *wanted; /* of the message; NULL: accepted */
	} rows[] = {
		{BY_ENV(format("CAPTCHA_FONTS=%s", repeat('a', 1023))), NULL},
		{BY_ENV(format("CAPTCHA_FONTS=%s", repeat('a', 1024))),
		 "at most 1023 characters"},
		{BY_FILE(format("fonts=%s\n", repeat('a', 1023))), NULL},
		{BY_FILE(format("\nfonts=%s\n", repeat('a', 1024))),
		 ":2: fonts = "},
		{BY_SET(format("store=redis://:hush@%s", repeat('1', 500))),
		 "must be at most 511 characters"},
		{BY_SET(format("length=%s1-2", repeat('0', 60))),
		 "must be 1 to 12"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_status(load(rows[i].given),
			      rows[i].wanted ? CF_CONFIG : CF_OK, &err);
		assert_has(err.text, rows[i].wanted ? rows[i].wanted : "");
		assert_null(strstr(err.text, "hush"));
	}
}

static void an_alphabet_has_at_most_4096_characters(void **state)
{
	static char set[sizeof("alphabet=") + ALPHABET_MAX_BYTES + 4];
	size_t len = strlen("alphabet=");

	memcpy(set, "alphabet=", len);
	for (uint32_t i = 0; i < ALPHABET_MAX; i++) /* of four bytes each */
		len += utf8_put(0x20000 + i, set + len);
	assert_ok(load((struct given)BY_SET(set)), &err);
	set[len] = 'A';
	assert_status(load((struct given)BY_SET(set)), CF_CONFIG, &err);
	assert_has(err.text, "or 2 to 4096 characters");
}

static void a_file_has_a_length_limit(void **state)
{
	for (size_t n = SETTINGS_FILE_MAX_BYTES; n; n = n > 9 ? n / 4 : 0) {
		assert_ok(load((struct given){.file = repeat('#', n)}), &err);
		assert_ok(load((struct given){.file = repeat('\n', n)}), &err);
	}
	for (size_t n = 1; n <= SETTINGS_FILE_MAX_BYTES; n *= 256) {
		char *text = repeat('#', SETTINGS_FILE_MAX_BYTES + n);

		assert_status(load((struct given)BY_FILE(text)), CF_CONFIG,
			      &err);
		assert_has(err.text, path);
		assert_has(err.text, "longer than 65536 bytes");
	}
}

static void a_file_that_is_no_text_is_refused(void **state)
{
	static const char bytes[] = "demo = no\nfonts = a\0b\n";
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, sizeof(bytes), f), sizeof(bytes));
	assert_int_equal(fclose(f), 0);
	assert_status(load_path(path, NULL), CF_CONFIG, &err);
	assert_has(err.text, ":2: a NUL byte");
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
	assert_status(load_path(path, NULL), CF_CONFIG, &err);
	assert_has(err.text, path);
	assert_has(err.text, "No such file");
	assert_status(load_path(dir, NULL), CF_CONFIG, &err);
	assert_has(err.text, dir);
	assert_has(err.text, "Is a directory");
}

/* --- each key of the table ---------------------------------------------- */

/* All values are as settings_init sets them. */
static void assert_defaults(void)
{
	struct settings defaults;
	struct buf wanted, out;

	settings_init(&defaults);
	memset(settings.from, 0, sizeof(settings.from));
	print(&defaults, &wanted);
	print(&settings, &out);
	assert_string_equal(out.ptr, wanted.ptr);
	buf_release(&wanted);
	buf_release(&out);
}

static void each_default_may_be_given(void **state)
{
	for (size_t i = 0; i < settings_table.n; i++) {
		const struct conf_key *key = &settings_table.keys[i];
		const char *set = format("%s=%s", key->name, key->fallback);

		assert_ok(load((struct given)BY_SET(set)), &err);
		assert_defaults();
	}
}

static void the_sample_has_each_key_with_its_default(void **state)
{
	struct buf sample;
	size_t n = 0;

	buf_init(&sample, 64 * 1024);
	settings_print_sample(&sample);
	assert_ok(buf_status(&sample, &err), &err);
	assert_ok(load((struct given)BY_FILE(sample.ptr)), &err);
	assert_defaults();
	/* and without the # before a key */
	for (char *line = sample.ptr; *line; line += strcspn(line, "\n") + 1) {
		assert_true(line[0] == '#' || line[0] == '\n');
		if (line[0] == '#' && line[1] != ' ') {
			line[0] = ' ';
			n++;
		}
	}
	assert_int_equal(n, settings_table.n);
	assert_ok(load((struct given)BY_FILE(sample.ptr)), &err);
	for (size_t i = 0; i < settings_table.n; i++)
		assert_int_equal(settings.from[i].source, CONF_FROM_FILE);
	assert_defaults();
	buf_release(&sample);
}

/* A small table with each form of a printed key. */
static void sample_and_manual_have_range_and_remark(void **state)
{
	static const char *const words[] = {"a", "b-c", NULL};
	static const struct conf_key keys[] = {
		{.name = "n", .type = CONF_NUMBER, .min = -1, .max = 9,
		 .fallback = "-1", .unit = "s", .remark = "remark",
		 .help = "a help that fills a line of 79 columns with its "
			 "range"},
		{.name = "w", .type = CONF_WORD, .words = words,
		 .fallback = "b-c",
		 .help = "a help whose range ends in column 80, so that it "
			 "takes two lines."},
		{.name = "t", .type = CONF_TEXT, .max = 5, .fallback = "",
		 .help = "te\\xt", .remark = "profiles"},
		{.name = "c", .type = CONF_CHARS, .min = 2, .max = 5,
		 .words = words, .fallback = "a", .help = "chars"},
	};
	static const struct conf_table table = {keys, CF_ARRAY_LEN(keys)};
	struct buf out;

	buf_init(&out, 4096);
	conf_print_sample(&table, &out);
	assert_string_equal(
		out.ptr,
		"#n = -1\n"
		"#     a help that fills a line of 79 columns with its range "
		"(-1 to 9 s; remark)\n"
		"#w = b-c\n"
		"#     a help whose range ends in column 80, so that it takes "
		"two lines. (a,\n#     b-c)\n"
		"#t = \n#     te\\xt (profiles)\n"
		"#c = a\n#     chars (a, b-c, or 2 to 5 characters)\n");
	buf_reset(&out);
	conf_print_man(&table, &out);
	assert_string_equal(
		out.ptr,
		".TP\n.BR n \" = \\-1\"\n"
		"a help that fills a line of 79 columns with its range.\n"
		"(-1 to 9 s; remark)\n"
		".TP\n.BR w \" = b\\-c\"\n"
		"a help whose range ends in column 80, so that it takes two "
		"lines..\n"
		"(a, b-c)\n"
		".TP\n.BR t \" = \"\nte\\ext.\n"
		"(at most 5 characters; profiles)\n"
		".TP\n.BR c \" = a\"\nchars.\n"
		"(a, b-c, or 2 to 5 characters)\n");
	buf_release(&out);
}

/* A number beyond a bound is refused with the range. The bound itself is in
 * the range, even if a rule between keys refuses it. */
static void check_bound(const struct conf_key *key, int64_t bound, int step)
{
	struct given given = {.set = format("%s=%lld", key->name,
					    (long long)bound)};
	enum cf_status rc = load(given);

	assert_true(rc == CF_OK || !strstr(err.text, "must be"));
	given.set = format("%s=%lld", key->name, (long long)bound + step);
	assert_status(load(given), CF_CONFIG, &err);
	assert_has(err.text,
		   format("%s = \"%lld\": must be %lld to %lld", key->name,
			  (long long)bound + step, (long long)key->min,
			  (long long)key->max));
}

static void each_number_has_its_range(void **state)
{
	static const char *const never[] = {
		"",	 "x",	 "5x",	  "1.5",    "0x10", " 5", "5 ",
		"1e3",	 "--5",	 "5kk",	  "5 k",    "k",    "1m", "1g",
		"99999999999999999999",	    "9223372036854775807k",
		"-9223372036854775808G",
	};

	for (size_t i = 0; i < settings_table.n; i++) {
		const struct conf_key *key = &settings_table.keys[i];

		if (key->type != CONF_NUMBER)
			continue;
		check_bound(key, key->min, -1);
		check_bound(key, key->max, +1);
		for (size_t j = 0; j < CF_ARRAY_LEN(never); j++) {
			const char *set = format("%s=%s", key->name, never[j]);

			assert_status(load((struct given)BY_SET(set)),
				      CF_CONFIG, &err);
			assert_has(err.text, "must be");
		}
	}
}

/* A value that is not the default. */
static const char *another_value(const struct conf_key *key)
{
	switch (key->type) {
	case CONF_NUMBER:
		return format("%lld",
			      (long long)key->min +
				      (atoll(key->fallback) == key->min));
	case CONF_PAIR:
		return format("%lld", (long long)key->min);
	case CONF_SWITCH:
		return strcmp(key->fallback, "yes") ? "yes" : "no";
	case CONF_WORD:
	case CONF_CHARS:
		return key->words[!strcmp(key->words[0], key->fallback)];
	case CONF_TEXT:
	case CONF_LONG_TEXT:
		break;
	}
	return "#123456";
}

static void a_profile_may_set_its_keys_and_no_others(void **state)
{
	for (size_t i = 0; i < settings_table.n; i++) {
		const struct conf_key *key = &settings_table.keys[i];
		const char *file = format("[profile x]\n%s = %s\n", key->name,
					  another_value(key));

		if (key->scope == SETTINGS_OF_SERVICE) {
			assert_status(load((struct given)BY_FILE(file)),
				      CF_CONFIG, &err);
			assert_has(err.text, format("%s:2: %s is the same for "
						    "all profiles", path,
						    key->name));
			continue;
		}
		assert_ok(load((struct given)BY_FILE(file)), &err);
		assert_memory_not_equal(&settings.sections[0]->profile,
					&settings.base, sizeof(settings.base));
		memset(settings.from, 0, sizeof(settings.from));
		settings_release(&settings); /* of the section */
		assert_defaults();
	}
}

static void a_profile_follows_the_base_in_other_keys(void **state)
{
	static const struct given given = {
		"ttl_s = 99\nwidth = 300\nink = #010203\nwords = /a/list\n"
		"[profile login]\nkind = arithmetic\nwidth = 200\n"
		" [ profile\tplain-2_x ] ; comment\r\n"
		"[profile 12345678901234567890123456789012]\npool_size = 0\n",
		"CAPTCHA_HEIGHT=90", "width=400"};
	const struct settings_profile *login;

	assert_ok(load(given), &err);
	assert_int_equal(settings.n_sections, 3);
	assert_string_equal(settings.sections[0]->name, "login");
	assert_string_equal(settings.sections[1]->name, "plain-2_x");
	assert_string_equal(settings.sections[2]->name,
			    "12345678901234567890123456789012");
	/* the base is as if there were no sections */
	assert_int_equal(settings.base.kind, SETTINGS_KIND_TEXT);
	assert_int_equal(settings.base.width_px, 400);
	assert_int_equal(settings.base.pool_size, 1000);
	/* a section wins over what sets the base */
	login = &settings.sections[0]->profile;
	assert_int_equal(login->kind, SETTINGS_KIND_ARITHMETIC);
	assert_int_equal(login->width_px, 200);
	assert_int_equal(login->ttl_s, 99);
	assert_int_equal(login->height_px, 90);
	assert_string_equal(login->ink, "#010203");
	assert_memory_equal(&settings.sections[1]->profile, &settings.base,
			    sizeof(settings.base));
	assert_int_equal(settings.sections[2]->profile.pool_size, 0);
}

static void there_are_at_most_16_profiles(void **state)
{
	char text[512] = "words = /w\n";

	for (int i = 0; i < SETTINGS_PROFILES_MAX; i++)
		(void)snprintf(text + strlen(text), 20, "[profile p%d]\n", i);
	(void)snprintf(text + strlen(text), 20, "kind = words\n");
	assert_ok(load((struct given)BY_FILE(text)), &err);
	assert_int_equal(settings.n_sections, SETTINGS_PROFILES_MAX);
	(void)snprintf(text + strlen(text), 20, "[profile more]\n");
	assert_status(load((struct given)BY_FILE(text)), CF_CONFIG, &err);
	assert_has(err.text, ":19: more than 16 profiles");
}

/* --- which pictures fit ------------------------------------------------- */

static uint64_t hash_with(const char *set)
{
	assert_ok(load((struct given)BY_SET(set)), &err);
	return settings_hash_pictures(&settings.base);
}

static void each_setting_of_pictures_gives_another_hash(void **state)
{
	uint64_t hashes[SETTINGS_N_MAX], plain = hash_with(NULL);
	size_t n = 0;

	for (size_t i = 0; i < settings_table.n; i++) {
		const struct conf_key *key = &settings_table.keys[i];
		char set[64];

		if (key->scope == SETTINGS_OF_SERVICE)
			continue;
		(void)snprintf(set, sizeof(set), "%s=%s", key->name,
			       another_value(key));
		hashes[n] = hash_with(set);
		assert_int_equal(hashes[n] == plain,
				 key->scope == SETTINGS_OF_PROFILE);
		assert_true(hashes[n] == hash_with(set));
		if (key->scope == SETTINGS_OF_PROFILE)
			continue;
		for (size_t j = 0; j < n; j++)
			assert_true(hashes[n] != hashes[j]);
		n++;
	}
	assert_true(n > 10);
	assert_true(hash_with("length=5-6") != hash_with("length=5-7"));
}

static void a_changed_file_gives_another_hash(void **state)
{
	static const char *const keys[] = {
		"words_blocked = ", "kind = words\nwords = ", "fonts = ",
		"fonts = /nowhere:",
	};
	static const struct {
		const char *text;
		int64_t mtime;
	} changes[] = {
		{"rude\n", 1000},
		{"rude\nugly\n", 1000}, /* longer */
		{"rude\nugly\n", 2000},
	};
	const char *file = temp_path(dir, "file");
	char text[TEMP_PATH_BYTES + 64];

	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++) {
		uint64_t before, after;

		(void)unlink(file);
		(void)snprintf(text, sizeof(text), "%s%s\n", keys[i], file);
		assert_ok(load((struct given)BY_FILE(text)), &err);
		before = settings_hash_pictures(&settings.base);
		for (size_t j = 0; j < CF_ARRAY_LEN(changes); j++) {
			temp_write(file, changes[j].text);
			temp_set_mtime(file, changes[j].mtime);
			after = settings_hash_pictures(&settings.base);
			if (after == before)
				fail_msg("%s, change %zu", keys[i], j);
			before = after;
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_read),
		TEST(texts_are_read_and_printed_with_their_origin),
		TEST(store_names_a_file_or_a_server),
		TEST(the_environment_may_name_the_file),
		TEST(the_message_names_the_place_and_the_rule),
		TEST(a_text_has_a_length_limit),
		TEST(an_alphabet_has_at_most_4096_characters),
		TEST(a_file_has_a_length_limit),
		TEST(a_file_that_is_no_text_is_refused),
		TEST(a_file_that_cannot_be_read_is_named),
		TEST(each_default_may_be_given),
		TEST(the_sample_has_each_key_with_its_default),
		TEST(sample_and_manual_have_range_and_remark),
		TEST(each_number_has_its_range),
		TEST(a_profile_may_set_its_keys_and_no_others),
		TEST(a_profile_follows_the_base_in_other_keys),
		TEST(there_are_at_most_16_profiles),
		TEST(each_setting_of_pictures_gives_another_hash),
		TEST(a_changed_file_gives_another_hash),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
