/*
 * settings.c: the table against itself, where values come from, and files
 * as people and their editors write them.
 */
#include "base/base.h"
#include "conf/settings.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <sys/stat.h>

enum { FITS = 198 }; /* bytes of a line that inih can take */

static char dir[TEMP_PATH_BYTES];
static char path[TEMP_PATH_BYTES];
static struct settings settings;
static struct settings_profiles profiles;
static struct settings_origin origin;
static struct cf_error err;

static int set_up(void **state)
{
	(void)state;
	temp_dir_make(dir);
	(void)snprintf(path, sizeof(path), "%s", temp_path(dir, "c.conf"));
	settings_init(&settings);
	err = (struct cf_error)CF_ERROR_INIT;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	settings_profiles_release(&profiles);
	temp_dir_remove(dir);
	return 0;
}

/* Load what is given; NULL for none of it. */
static enum cf_status load(const char *text, const char *env, const char *set)
{
	char env_copy[4096], set_copy[2 * ALPHABET_MAX_BYTES];
	char *envp[2] = {NULL, NULL};
	char *sets[1] = {set_copy};

	if (env) {
		(void)snprintf(env_copy, sizeof(env_copy), "%s", env);
		envp[0] = env_copy;
	}
	if (set)
		(void)snprintf(set_copy, sizeof(set_copy), "%s", set);
	temp_write(path, text ? text : "");
	settings_init(&settings);
	settings_profiles_release(&profiles);
	err = (struct cf_error)CF_ERROR_INIT;
	return settings_load(&settings, &profiles, path, envp, sets,
			     set ? 1 : 0, &origin, &err);
}

static void assert_file_refused(const char *text, int line, const char *why)
{
	char place[TEMP_PATH_BYTES + 32];

	assert_status(load(text, NULL, NULL), CF_CONFIG, &err);
	(void)snprintf(place, sizeof(place), "%s:%d: ", path, line);
	assert_has(err.text, place);
	assert_has(err.text, why);
}

static void assert_set_refused(const char *set, const char *why)
{
	assert_status(load(NULL, NULL, set), CF_CONFIG, &err);
	assert_has(err.text, why);
}

/* A key as the sample shows it. */
struct shown {
	char key[64];
	char fallback[256];
	char text[1024]; /* the comment below it, in one line */
	const char *range; /* what stands in parentheses at its end */
};

static void visit_shown(struct shown *shown,
			void (*visit)(const struct shown *shown))
{
	assert_true(shown->text[0]);
	shown->range = strrchr(shown->text, '(');
	shown->range = shown->range ? shown->range + 1 : "";
	visit(shown);
	*shown = (struct shown){.key = ""};
}

/* Call visit for each key of the sample; how many there are. */
static int for_each_shown(void (*visit)(const struct shown *shown))
{
	struct shown shown = {.key = ""};
	struct buf sample;
	char *line, *rest;
	int n = 0;

	buf_init(&sample, 64 * 1024);
	settings_print_sample(&sample);
	assert_ok(buf_status(&sample, &err), &err);
	for (rest = sample.ptr; (line = strtok_r(rest, "\n", &rest));) {
		size_t len = strlen(shown.text);

		if (line[0] != '#')
			fail_msg("not a comment: %s", line);
		if (!strncmp(line, "#     ", 6) && shown.key[0]) {
			(void)snprintf(shown.text + len,
				       sizeof(shown.text) - len, " %s",
				       line + 6);
			continue;
		}
		if (shown.key[0])
			visit_shown(&shown, visit);
		if (line[1] == ' ')
			continue;
		assert_true(sscanf(line, "#%63s = %255[^\n]", shown.key,
				   shown.fallback) >= 1);
		n++;
	}
	buf_release(&sample);
	return n;
}

/* --- the table ------------------------------------------------------------ */

static void check_default(const struct shown *shown)
{
	char set[512];

	(void)snprintf(set, sizeof(set), "%s=%s", shown->key, shown->fallback);
	assert_ok(load(NULL, NULL, set), &err);
}

static void every_default_is_in_its_own_range(void **state)
{
	(void)state;
	assert_true(for_each_shown(check_default) > 30);
	assert_ok(load("", NULL, NULL), &err);
}

static void check_number(const struct shown *shown)
{
	static const char *const never[] = {
		"",	 "x",	 "5x",	  "1.5",    "0x10", " 5", "5 ",
		"1e3",	 "--5",	 "5kk",	  "5 k",    "k",    "1m", "1g",
		"99999999999999999999",	    "9223372036854775807k",
		"-9223372036854775808G",
	};
	long long min, max;
	char set[160];
	enum cf_status rc;

	if (sscanf(shown->range, "%lld to %lld", &min, &max) != 2 ||
	    strstr(shown->range, "at most"))
		return;
	for (int beyond = 0; beyond < 2; beyond++) {
		(void)snprintf(set, sizeof(set), "%s=%lld", shown->key,
			       beyond ? max + 1 : min - 1);
		assert_set_refused(set, shown->key);
		(void)snprintf(set, sizeof(set), "\"%lld\": must be %lld to "
			       "%lld", beyond ? max + 1 : min - 1, min, max);
		assert_has(err.text, set);
		/* the bounds themselves are taken, though they may not go with
		 * the defaults of other keys */
		(void)snprintf(set, sizeof(set), "%s=%lld", shown->key,
			       beyond ? max : min);
		rc = load(NULL, NULL, set);
		assert_true(rc == CF_OK || !strstr(err.text, "must be"));
	}
	for (size_t i = 0; i < CF_ARRAY_LEN(never); i++) {
		(void)snprintf(set, sizeof(set), "%s=%s", shown->key, never[i]);
		assert_set_refused(set, "must be");
	}
}

static void a_number_out_of_range_names_key_value_and_range(void **state)
{
	(void)state;
	(void)for_each_shown(check_number);
}

static void numbers_take_suffixes_of_1024(void **state)
{
	static const struct {
		const char *set;
		int64_t bytes;
	} rows[] = {
		{"cache_max_bytes=64k", 65536},
		{"cache_max_bytes=64K", 65536},
		{"cache_max_bytes=3M", 3 * 1048576},
		{"cache_max_bytes=1G", 1073741824},
		{"cache_max_bytes=1024G", INT64_C(1099511627776)},
		{"cache_max_bytes=65536", 65536},
		{"cache_max_bytes=0065536", 65536},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_ok(load(NULL, NULL, rows[i].set), &err);
		assert_int_equal(settings.cache_max_bytes, rows[i].bytes);
	}
	assert_set_refused("cache_max_bytes=1025G", "must be");
	assert_set_refused("cache_max_bytes=63k", "must be");
}

static void switches_take_words(void **state)
{
	static const char *const yes[] = {"yes", "on", "true", "1", "YES"};
	static const char *const no[] = {"no", "off", "false", "0", "Off"};
	char set[32];

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(yes); i++) {
		(void)snprintf(set, sizeof(set), "demo=%s", yes[i]);
		assert_ok(load(NULL, NULL, set), &err);
		assert_int_equal(settings.demo, 1);
		(void)snprintf(set, sizeof(set), "demo=%s", no[i]);
		assert_ok(load(NULL, NULL, set), &err);
		assert_int_equal(settings.demo, 0);
	}
	assert_set_refused("demo=2", "demo = \"2\": must be yes or no");
	assert_set_refused("demo=", "must be yes or no");
	assert_ok(load(NULL, NULL, "log_level=DEBUG"), &err);
	assert_int_equal(settings.log_level, LOG_LEVEL_DEBUG);
	assert_set_refused("log_level=loud",
			   "must be error, warn, info, debug");
}

static void the_words_of_an_enum_are_in_its_order(void **state)
{
	(void)state;
	assert_ok(load(NULL, NULL, "log=stderr"), &err);
	assert_int_equal(settings.log, LOG_TO_STDERR);
	assert_ok(load(NULL, NULL, "log=syslog"), &err);
	assert_int_equal(settings.log, LOG_TO_SYSLOG);
	assert_ok(load(NULL, NULL, "log_level=error"), &err);
	assert_int_equal(settings.log_level, LOG_LEVEL_ERROR);
	assert_ok(load(NULL, NULL, "theme=auto"), &err);
	assert_int_equal(settings.theme, SETTINGS_THEME_AUTO);
	assert_ok(load(NULL, NULL, "theme=light"), &err);
	assert_int_equal(settings.theme, SETTINGS_THEME_LIGHT);
	assert_ok(load(NULL, NULL, "theme=dark"), &err);
	assert_int_equal(settings.theme, SETTINGS_THEME_DARK);
}

/* --- where values come from ----------------------------------------------- */

static void the_command_line_wins_over_environment_over_file(void **state)
{
	(void)state;
	assert_ok(load("", NULL, NULL), &err);
	assert_int_equal(settings.ttl_s, 300);
	assert_ok(load("ttl_s = 11\n", NULL, NULL), &err);
	assert_int_equal(settings.ttl_s, 11);
	assert_ok(load("ttl_s = 11\n", "CAPTCHA_TTL_S=22", NULL), &err);
	assert_int_equal(settings.ttl_s, 22);
	assert_ok(load("ttl_s = 11\n", "CAPTCHA_TTL_S=22", "ttl_s=33"), &err);
	assert_int_equal(settings.ttl_s, 33);
	assert_ok(load("ttl_s = 11\n", NULL, "ttl_s=33"), &err);
	assert_int_equal(settings.ttl_s, 33);
}

static void printing_tells_where_each_value_came_from(void **state)
{
	char line[TEMP_PATH_BYTES + 64];
	struct buf out;

	(void)state;
	assert_ok(load("ttl_s = 11\nlength=4-5\n", "CAPTCHA_TTL_S=22",
		       "demo=no"), &err);
	buf_init(&out, 64 * 1024);
	settings_print(&settings, &profiles, &origin, &out);
	assert_ok(buf_status(&out, &err), &err);
	assert_has(out.ptr, "ttl_s = 22\t# environment\n");
	assert_has(out.ptr, "demo = no\t# command line\n");
	assert_has(out.ptr, "attempts = 1\t# default\n");
	(void)snprintf(line, sizeof(line), "length = 4-5\t# %s\n", path);
	assert_has(out.ptr, line);
	buf_release(&out);
}

static void a_password_is_not_printed(void **state)
{
	char set[SETTINGS_PATH_BYTES + 64];
	struct buf out;

	(void)state;
	assert_ok(load("store = redis://me:hush@h/2\n", NULL, NULL), &err);
	assert_string_equal(settings.redis_url, "redis://me:hush@h/2");
	buf_init(&out, 64 * 1024);
	settings_print(&settings, &profiles, &origin, &out);
	assert_ok(buf_status(&out, &err), &err);
	assert_has(out.ptr, "store = redis://me:***@h/2\t# ");
	assert_null(strstr(out.ptr, "hush"));
	buf_release(&out);
	assert_file_refused("\nstore = redis://:hush@:1\n", 2,
			    "store: no host");
	assert_null(strstr(err.text, "hush"));
	(void)snprintf(set, sizeof(set), "store=redis://:hush@%0*d",
		       SETTINGS_PATH_BYTES, 1);
	assert_set_refused(set, "must be at most 511 characters");
	assert_null(strstr(err.text, "hush"));
}

static void store_names_a_file_or_a_server(void **state)
{
	(void)state;
	assert_ok(load(NULL, NULL, NULL), &err);
	assert_int_equal(settings.store, SETTINGS_STORE_SQLITE);
	assert_true(str_ends(str_from(settings.database), "/captcha.db"));
	assert_ok(load(NULL, NULL, "store=sqlite:/a@b/c.db"), &err);
	assert_string_equal(settings.database, "/a@b/c.db");
	assert_string_equal(settings.redis_url, "");
	assert_ok(load(NULL, NULL, "store=unix:///s?db=3&prefix=a:&wait=2"),
		  &err);
	assert_int_equal(settings.store, SETTINGS_STORE_REDIS);
	assert_string_equal(settings.key_prefix, "a:");
	assert_int_equal(settings.redis_wait_replicas, 2);
	assert_string_equal(settings.database, "");
	assert_ok(load("[profile a]\n", NULL, "store=redis://h?prefix=p"),
		  &err);
	assert_string_equal(profiles.list[0]->settings.key_prefix, "p");
	assert_set_refused("store=sqlite:", "names no file");
	assert_set_refused("store=sqlite", "store: must be sqlite:PATH, ");
	assert_set_refused("store=", "store: must be sqlite:PATH, ");
}

static void the_most_attempts_are_those_of_any_profile(void **state)
{
	(void)state;
	assert_int_equal(settings.attempts_max, 1);
	assert_ok(load("attempts = 2\n", NULL, NULL), &err);
	assert_int_equal(settings.attempts_max, 2);
	assert_ok(load("[profile a]\nattempts = 4\n[profile b]\n", NULL, NULL),
		  &err);
	assert_int_equal(settings.attempts_max, 4);
	assert_ok(load("[profile a]\nattempts = 1\n", NULL, "attempts=3"),
		  &err);
	assert_int_equal(settings.attempts_max, 3);
}

static void the_environment_may_name_the_file(void **state)
{
	char config[TEMP_PATH_BYTES + 32];
	char *envp[] = {(char[]){"PATH=/bin"}, config, NULL};

	(void)state;
	temp_write(path, "ttl_s = 44\n");
	(void)snprintf(config, sizeof(config), "CAPTCHA_CONFIG=%s", path);
	assert_ok(settings_load(&settings, &profiles, NULL, envp, NULL, 0,
				&origin, &err), &err);
	assert_int_equal(settings.ttl_s, 44);
	assert_string_equal(origin.file, path);
	/* what is named must be there */
	(void)unlink(path);
	assert_status(settings_load(&settings, &profiles, NULL, envp, NULL, 0,
				    NULL, &err), CF_CONFIG, &err);
	assert_has(err.text, path);
}

static void other_variables_are_not_looked_at(void **state)
{
	(void)state;
	assert_ok(load("", "XCAPTCHA_TTL_S=no", NULL), &err);
	assert_ok(load("", "CAPTCHA=no", NULL), &err);
	assert_ok(load("", "captcha_ttl_s=no", NULL), &err);
	assert_int_equal(settings.ttl_s, 300);
}

static void an_unknown_key_is_refused_wherever_it_stands(void **state)
{
	(void)state;
	assert_file_refused("\n# x\nttl = 5\n", 3, "unknown key \"ttl\"");
	assert_file_refused("ttl_s_ = 5\n", 1, "unknown key \"ttl_s_\"");
	assert_status(load("", "CAPTCHA_TTL=5", NULL), CF_CONFIG, &err);
	assert_has(err.text, "unknown setting CAPTCHA_TTL;");
	assert_set_refused("ttl=5", "unknown key");
	assert_set_refused("=5", "unknown key");
	assert_set_refused("ttl_s", "is not key=value");
	assert_set_refused("", "is not key=value");
	/* its value may be a password */
	assert_status(load("", "CAPTCHA_REDIS=redis://:hush@h", NULL),
		      CF_CONFIG, &err);
	assert_null(strstr(err.text, "hush"));
	assert_set_refused("redis=redis://:hush@h", "--set redis: unknown key");
	assert_null(strstr(err.text, "hush"));
}

static void a_bad_value_names_where_it_stands(void **state)
{
	(void)state;
	assert_file_refused("demo = yes\nttl_s = 0\n", 2,
			    ": ttl_s = \"0\": must be 1 to 86400 seconds");
	assert_status(load("", "CAPTCHA_TTL_S=0", NULL), CF_CONFIG, &err);
	assert_has(err.text, "environment: ttl_s = \"0\": must be 1 to 86400");
	assert_set_refused("ttl_s=0", "--set: ttl_s = \"0\": must be 1 to");
}

/* --- files ---------------------------------------------------------------- */

static void keys_are_read_in_any_case_and_with_any_blanks(void **state)
{
	(void)state;
	assert_ok(load("TTL_S=7\n\tattempts\t=\t2  \n   spacing : 9\n",
		       NULL, NULL), &err);
	assert_int_equal(settings.ttl_s, 7);
	assert_int_equal(settings.attempts, 2);
	assert_int_equal(settings.offset_px, 9);
}

static void an_indented_line_is_no_part_of_the_one_before(void **state)
{
	(void)state;
	assert_ok(load("fonts = /a\n   cache_dir = /b\n", NULL, NULL), &err);
	assert_string_equal(settings.fonts, "/a");
	assert_string_equal(settings.cache_dir, "/b");
	assert_file_refused("fonts = /a:\n   /b\n", 2,
			    "is not \"key = value\"");
}

static void comments_are_left_out(void **state)
{
	(void)state;
	assert_ok(load("# ttl_s = 0\n; ttl_s = 0\n  # ttl_s = 0\n"
		       "ttl_s = 8 ; eight\nink = #00ff00\n", NULL, NULL),
		  &err);
	assert_int_equal(settings.ttl_s, 8);
	assert_string_equal(settings.ink, "#00ff00");
}

static void files_of_other_systems_are_read(void **state)
{
	(void)state;
	assert_ok(load("ttl_s = 8\r\nfonts = /a b\r\n\r\n# x\r\n", NULL, NULL),
		  &err);
	assert_int_equal(settings.ttl_s, 8);
	assert_string_equal(settings.fonts, "/a b");
	assert_ok(load("\xef\xbb\xbfttl_s = 9\n", NULL, NULL), &err);
	assert_int_equal(settings.ttl_s, 9);
	assert_ok(load("ttl_s = 10", NULL, NULL), &err); /* no newline */
	assert_int_equal(settings.ttl_s, 10);
	assert_file_refused("ttl_s = 10\nttl = 1", 2, "unknown key");
}

static void of_one_key_twice_the_last_counts(void **state)
{
	(void)state;
	assert_ok(load("ttl_s = 8\nttl_s = 9\n", NULL, NULL), &err);
	assert_int_equal(settings.ttl_s, 9);
}

/* --- pictures ------------------------------------------------------------- */

static uint64_t hash_with(const char *set)
{
	assert_ok(load(NULL, NULL, set), &err);
	return settings_hash_pictures(&settings);
}

static void what_a_picture_depends_on_gives_another_hash(void **state)
{
	static const char *const sets[] = {
		"kind=arithmetic", "words=/nonexistent", "word_count=2",
		"words_blocked=/nonexistent", "width=241", "height=81",
		"spacing=10", "difficulty=hard",
		"scale=2", "length=5-6", "length=7",
		"alphabet=digits", "fonts=/nonexistent", "theme=dark",
		"ink=#000000", "paper=#ffffff",
	};
	static const char *const others[] = {
		"ttl_s=10", "attempts=2", "pool_size=5", "max_live=10",
		"log_level=info", "demo=no",
	};
	uint64_t hashes[CF_ARRAY_LEN(sets)], plain = hash_with(NULL);

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(sets); i++) {
		hashes[i] = hash_with(sets[i]);
		assert_true(hashes[i] != plain);
		for (size_t j = 0; j < i; j++)
			assert_true(hashes[i] != hashes[j]);
		assert_true(hashes[i] == hash_with(sets[i]));
	}
	for (size_t i = 0; i < CF_ARRAY_LEN(others); i++)
		assert_true(hash_with(others[i]) == plain);
}

static void so_does_a_file_that_was_changed(void **state)
{
	const char *list = temp_path(dir, "list"), *font = temp_path(dir, "f");
	uint64_t before;

	(void)state;
	settings.kind = SETTINGS_KIND_WORDS;
	(void)snprintf(settings.words_blocked, sizeof(settings.words_blocked),
		       "%s", list);
	(void)snprintf(settings.words, sizeof(settings.words), "%s", list);
	(void)snprintf(settings.fonts, sizeof(settings.fonts), "/nowhere:%s",
		       font);
	before = settings_hash_pictures(&settings);
	temp_write(list, "rude\n");
	assert_true(settings_hash_pictures(&settings) != before);
	temp_set_mtime(list, 1000);
	before = settings_hash_pictures(&settings);
	temp_write(list, "rude\nugly\n"); /* longer */
	temp_set_mtime(list, 1000);
	assert_true(settings_hash_pictures(&settings) != before);
	before = settings_hash_pictures(&settings);
	temp_set_mtime(list, 2000);
	assert_true(settings_hash_pictures(&settings) != before);
	before = settings_hash_pictures(&settings);
	temp_write(font, "a font");
	assert_true(settings_hash_pictures(&settings) != before);
}

/* --- profiles ------------------------------------------------------------- */

static void a_profile_has_its_own_and_the_rest_of_the_base(void **state)
{
	const struct settings *login, *plain;

	(void)state;
	assert_ok(load("ttl_s = 99\nwidth = 300\nink = #010203\n"
		       "[profile login]\nkind = arithmetic\nwidth = 200\n"
		       " [ profile\tplain-2_x ] ; comment\r\n"
		       "[profile last]\npool_size = 0\n",
		       "CAPTCHA_HEIGHT=90", "width=400"), &err);
	assert_int_equal(profiles.n, 3);
	assert_string_equal(profiles.list[0]->name, "login");
	assert_string_equal(profiles.list[1]->name, "plain-2_x");
	assert_string_equal(profiles.list[2]->name, "last");
	login = &profiles.list[0]->settings;
	plain = &profiles.list[1]->settings;
	/* the base is as if there were no sections */
	assert_int_equal(settings.kind, SETTINGS_KIND_TEXT);
	assert_int_equal(settings.width_px, 400);
	assert_int_equal(settings.pool_size, 1000);
	/* what stands in a section is nearer than what sets the base */
	assert_int_equal(login->kind, SETTINGS_KIND_ARITHMETIC);
	assert_int_equal(login->width_px, 200);
	/* and all else follows the base, wherever that was set */
	assert_int_equal(login->ttl_s, 99);
	assert_int_equal(login->height_px, 90);
	assert_string_equal(login->ink, "#010203");
	assert_memory_equal(plain, &settings, sizeof(settings));
	assert_int_equal(profiles.list[2]->settings.pool_size, 0);
	assert_int_equal(profiles.list[2]->settings.width_px, 400);
}

static void what_is_of_the_whole_service_is_no_profile_s(void **state)
{
	static const char *const keys[] = {
		"store", "store_timeout_ms", "cache_dir", "max_live",
		"cache_max_bytes", "issue_limit", "failed_limit",
		"allow_origin", "public_url",
		"demo", "log", "log_level",
	};
	static const char *const own[] = {
		"kind = words", "words = /w", "words_blocked = /b",
		"word_count = 2", "ttl_s = 9", "attempts = 2",
		"pool_size = 1", "width = 100", "height = 50",
		"spacing = 9", "length = 3-9",
		"alphabet = AB", "fonts = /f", "ink = #000000",
		"paper = #ffffff", "scale = 2",
		"theme = dark",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(keys); i++) {
		(void)snprintf(text, sizeof(text), "[profile x]\n%s = 1\n",
			       keys[i]);
		assert_file_refused(text, 2, "is the same for all profiles");
	}
	for (size_t i = 0; i < CF_ARRAY_LEN(own); i++) {
		(void)snprintf(text, sizeof(text),
			       "words = /base\n[profile x]\n%s\n", own[i]);
		assert_ok(load(text, NULL, NULL), &err);
		assert_memory_not_equal(&profiles.list[0]->settings, &settings,
					sizeof(settings));
	}
}

static void sections_that_are_no_profiles_are_refused(void **state)
{
	char text[512] = "";

	(void)state;
	assert_file_refused("[captcha]\nttl_s = 9\n", 1, "section [captcha]");
	assert_file_refused("[]\n", 1, "section []");
	assert_file_refused("[profile]\n", 1, "section [profile]");
	assert_file_refused("[profiles x]\n", 1, "section [profiles x]");
	assert_file_refused("[profile ]\n", 1, "[profile ]: a name has");
	assert_file_refused("[profile Login]\n", 1, "[profile Login]: a name");
	assert_file_refused("[profile a b]\n", 1, "a name has 1 to 32");
	assert_file_refused("[profile default]\n", 1, "is not default");
	assert_file_refused("[profile 12345678901234567890123456789012x]\n", 1,
			    "a name has 1 to 32");
	assert_ok(load("[profile 12345678901234567890123456789012]\n", NULL,
		       NULL), &err);
	assert_file_refused("ttl_s = 9\n[x\n", 2, "is not \"[profile NAME]\"");
	assert_file_refused("[profile x] y\n", 1, "is not \"[profile NAME]\"");
	assert_file_refused("[profile x]\n\n[profile y]\n[profile x]\n", 4,
			    "[profile x] stands on line 1 already");
	/* one too many */
	for (int i = 0; i < SETTINGS_PROFILES_MAX; i++)
		(void)snprintf(text + strlen(text), 20, "[profile p%d]\n", i);
	assert_ok(load(text, NULL, NULL), &err);
	assert_int_equal(profiles.n, SETTINGS_PROFILES_MAX);
	(void)snprintf(text + strlen(text), 20, "[profile more]\n");
	assert_file_refused(text, SETTINGS_PROFILES_MAX + 1,
			    "more than 16 profiles");
	assert_status(load(NULL, "CAPTCHA_PROFILE=x", NULL), CF_CONFIG, &err);
}

static void a_profile_is_checked_as_a_whole_and_named(void **state)
{
	(void)state;
	assert_file_refused("[profile x]\nwidth = 10\n", 2, "width = \"10\"");
	assert_file_refused("[profile x]\nwidht = 100\n", 2, "widht");
	assert_status(load("[profile x]\nlength = 9-8\n", NULL, NULL),
		      CF_CONFIG, &err);
	assert_has(err.text, ":2: [profile x]: length = 9-8: the shorter");
	assert_status(load("[profile x]\nkind = words\n", NULL, NULL),
		      CF_CONFIG, &err);
	assert_has(err.text, "[profile x]: kind = words: `words` is empty");
	/* together with what the base has */
	assert_ok(load("words = /w\n[profile x]\nkind = words\n", NULL, NULL),
		  &err);
	assert_status(load("[profile x]\nspacing = 90\n", NULL, "width=80"),
		      CF_CONFIG, &err);
	assert_has(err.text, ":2: [profile x]: spacing = 90");
	/* a key of its own that is not named, against one of the base */
	assert_status(load("spacing = 70\n\n[profile x]\n\nwidth = 60\n", NULL,
			   NULL), CF_CONFIG, &err);
	assert_has(err.text, ":5: [profile x]: spacing = 70");
	assert_status(load("[profile x]\nink = auto\nalphabet = ABCA\n", NULL,
			   NULL), CF_CONFIG, &err);
	assert_has(err.text, ":3: [profile x]: alphabet: character 4");
	assert_status(load("[profile x]\nscale = 3\nwidth = 400\n", NULL,
			   NULL), CF_CONFIG, &err);
	assert_has(err.text, ":2: [profile x]: width = 400 with scale = 3");
}

static void printing_ends_with_the_profiles(void **state)
{
	char wanted[3 * TEMP_PATH_BYTES + 128];
	struct buf out;

	(void)state;
	buf_init(&out, 64 * 1024);
	assert_ok(load("[profile a]\nwidth = 99\n[profile b]\nkind = text\n"
		       "theme = dark\n", NULL, NULL), &err);
	settings_print(&settings, &profiles, &origin, &out);
	(void)snprintf(wanted, sizeof(wanted),
		       "\n[profile a]\nwidth = 99\t# %s\n"
		       "\n[profile b]\nkind = text\t# %s\n"
		       "theme = dark\t# %s\n", path, path, path);
	assert_true(str_ends((struct str){out.ptr, out.len}, wanted));
	buf_release(&out);
}

static void the_first_of_several_faults_is_the_one_told(void **state)
{
	(void)state;
	assert_file_refused("demo\nttl_s = 0\n", 1, "is not \"key = value\"");
	assert_file_refused("ttl_s = 0\ndemo\n", 1, "ttl_s");
	assert_file_refused("ttl_s = 0\nattempts = 0\n", 1, "ttl_s");
	assert_file_refused("demo = yes\ndemo\n", 2, "is not \"key = value\"");
}

static char *repeat(char c, size_t n)
{
	static char text[2 * SETTINGS_FILE_MAX_BYTES + 1];

	assert_true(n < sizeof(text));
	memset(text, c, n);
	text[n] = '\0';
	return text;
}

/* Borrowed until the next call. */
static const char *format(const char *fmt, ...) CF_PRINTF(1, 2);
static const char *format(const char *fmt, ...)
{
	static char text[8192];
	va_list ap;

	va_start(ap, fmt);
	assert_true(vsnprintf(text, sizeof(text), fmt, ap) <
		    (int)sizeof(text));
	va_end(ap);
	return text;
}

static void the_longest_line_is_read_whole(void **state)
{
	const char *value = repeat('a', FITS - strlen("fonts = "));
	const char *text;

	(void)state;
	text = format("fonts = %s\nttl_s = 5\n", value);
	assert_ok(load(text, NULL, NULL), &err);
	assert_string_equal(settings.fonts, value);
	assert_int_equal(settings.ttl_s, 5);
	text = format("fonts = %s", value);
	assert_ok(load(text, NULL, NULL), &err);
	assert_string_equal(settings.fonts, value);
}

static void a_longer_line_is_refused_and_never_cut(void **state)
{
	static const size_t lengths[] = {FITS + 1, FITS + 2, FITS + 3, 2 * FITS,
					 1000, 5000};
	const char *text;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(lengths); i++) {
		text = format("demo = no\nfonts = %s\n",
			       repeat('a', lengths[i] - strlen("fonts = ")));
		assert_file_refused(text, 2, "more than 198 bytes");
		assert_has(err.text, "CAPTCHA_");
		assert_true(!settings.fonts[0]);
	}
	/* whose rest would be a good line */
	text = format("fonts = %sttl_s = 5\n",
		       repeat('a', FITS + 1 - strlen("fonts = ")));
	assert_file_refused(text, 1, "more than 198 bytes");
	assert_int_equal(settings.ttl_s, 300);
}

static void a_comment_may_be_of_any_length(void **state)
{
	const char *text;

	(void)state;
	for (size_t n = FITS - 3; n < 1000; n += n < FITS + 3 ? 1 : 200) {
		text = format("#%sttl_s = 5\nttl_s = 6\n",
			       repeat(' ', n));
		assert_ok(load(text, NULL, NULL), &err);
		assert_int_equal(settings.ttl_s, 6);
	}
	text = format("  ; %s\nttl_s = 7\nx\n",
		       repeat('=', 900));
	assert_file_refused(text, 3, "is not");
}

static void the_environment_takes_what_a_line_does_not(void **state)
{
	const char *env;

	(void)state;
	env = format("CAPTCHA_FONTS=%s",
		       repeat('a', SETTINGS_LIST_BYTES - 1));
	assert_ok(load("", env, NULL), &err);
	assert_int_equal(strlen(settings.fonts), SETTINGS_LIST_BYTES - 1);
	env = format("CAPTCHA_FONTS=%s",
		       repeat('a', SETTINGS_LIST_BYTES));
	assert_status(load("", env, NULL), CF_CONFIG, &err);
	assert_has(err.text, "at most 1023 characters");
}

static void a_file_past_the_limit_is_refused(void **state)
{
	char *text = repeat('\n', SETTINGS_FILE_MAX_BYTES);

	(void)state;
	assert_ok(load(text, NULL, NULL), &err);
	text = repeat('#', SETTINGS_FILE_MAX_BYTES);
	assert_ok(load(text, NULL, NULL), &err);
	text = repeat('#', SETTINGS_FILE_MAX_BYTES + 1);
	assert_file_refused(text, 1, "longer than 65536 bytes");
	text = repeat('#', 2 * SETTINGS_FILE_MAX_BYTES);
	assert_file_refused(text, 1, "longer than 65536 bytes");
}

static void what_is_no_text_is_refused(void **state)
{
	FILE *f;

	(void)state;
	assert_ok(load("", NULL, NULL), &err);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite("demo = no\nfonts = a\0b\n", 1, 22, f), 22);
	assert_int_equal(fclose(f), 0);
	assert_status(settings_load(&settings, &profiles, path, NULL, NULL, 0,
				    NULL, &err), CF_CONFIG, &err);
	assert_has(err.text, ":2: a NUL byte");
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
	(void)state;
	assert_status(settings_load(&settings, &profiles, path, NULL, NULL, 0,
				    NULL, &err), CF_CONFIG, &err);
	assert_has(err.text, path);
	assert_has(err.text, "No such file");
	assert_status(settings_load(&settings, &profiles, dir, NULL, NULL, 0,
				    NULL, &err), CF_CONFIG, &err);
	assert_has(err.text, dir);
	assert_has(err.text, "Is a directory");
}

/* Each key is as `config` shows the defaults, but for where it comes from. */
static void assert_all_defaults(void)
{
	static const struct settings_profiles none;
	static const struct settings_origin unset;
	struct settings defaults;
	struct buf out[2];

	settings_init(&defaults);
	for (int i = 0; i < 2; i++) {
		buf_init(&out[i], 64 * 1024);
		settings_print(i ? &settings : &defaults, &none, &unset,
			       &out[i]);
		assert_ok(buf_status(&out[i], &err), &err);
	}
	assert_string_equal(out[0].ptr, out[1].ptr);
	buf_release(&out[0]);
	buf_release(&out[1]);
}

static FILE *sample_file;

static void write_shown(const struct shown *shown)
{
	(void)fprintf(sample_file, "%s = %s\n", shown->key, shown->fallback);
}

static void the_sample_parses_and_is_the_defaults(void **state)
{
	struct buf sample;

	(void)state;
	buf_init(&sample, 64 * 1024);
	settings_print_sample(&sample);
	assert_ok(load(sample.ptr, NULL, NULL), &err);
	assert_all_defaults();
	buf_release(&sample);
	/* and with each # taken away */
	sample_file = fopen(path, "w");
	assert_non_null(sample_file);
	assert_true(for_each_shown(write_shown) > 30);
	assert_int_equal(fclose(sample_file), 0);
	memset(&settings, 0, sizeof(settings));
	assert_ok(settings_load(&settings, &profiles, path, NULL, NULL, 0,
				&origin, &err), &err);
	assert_all_defaults();
}

static struct buf man;

static void find_in_man(const struct shown *shown)
{
	char macro[128];

	(void)snprintf(macro, sizeof(macro), ".BR %s ", shown->key);
	assert_has(man.ptr, macro);
}

static void the_manual_has_every_key(void **state)
{
	(void)state;
	buf_init(&man, 64 * 1024);
	settings_print_man(&man);
	(void)for_each_shown(find_in_man);
	buf_release(&man);
}

/* --- rules between keys, and shapes ------------------------------------- */

static void rules_between_keys_are_checked(void **state)
{
	(void)state;
	assert_set_refused("length=7-6", "length = 7-6: the shorter one");
	assert_set_refused("length=13", "must be 1 to 12 characters, or two");
	assert_set_refused("length=1-13", "must be 1 to 12 characters, or");
	assert_set_refused("length=-5", "must be 1 to 12 characters, or");
	assert_set_refused("length=5-", "must be 1 to 12 characters, or");
	assert_status(load("\n\nink = red\n", NULL, NULL), CF_CONFIG, &err);
	assert_has(err.text, "c.conf:3: ink = \"red\"");
	assert_status(load("ink = auto\n", NULL, "ink=red"), CF_CONFIG, &err);
	assert_true(!strncmp(err.text, "ink = ", 6));
	assert_set_refused("spacing=241", "spacing = 241 is above width = 240");
	assert_ok(load(NULL, NULL, "spacing=240"), &err);
	assert_ok(load("width = 500\nheight = 250\n", NULL, "scale=2"), &err);
	assert_status(load("width = 501\n", NULL, "scale=2"), CF_CONFIG, &err);
	assert_has(err.text, "width = 501 with scale = 2 makes 1002 pixels: "
			     "at most 1000");
	assert_status(load("height = 167\n", NULL, "scale=3"), CF_CONFIG,
		      &err);
	assert_has(err.text, "height = 167 with scale = 3 makes 501");
	assert_set_refused("cache_dir=", "cache_dir is empty");
}

static void proxies_are_addresses_and_blocks(void **state)
{
	(void)state;
	assert_ok(load(NULL, NULL, "trusted_proxies="), &err);
	assert_ok(load(NULL, NULL, "trusted_proxies=127.0.0.1 ::1"), &err);
	assert_ok(load("trusted_proxies = 10.0.0.0/8, fd00::/8\n", NULL, NULL),
		  &err);
	assert_string_equal(settings.trusted_proxies, "10.0.0.0/8, fd00::/8");
	assert_set_refused("trusted_proxies=::1 nginx",
			   "trusted_proxies: \"nginx\" is no address: write");
	assert_set_refused("trusted_proxies=10.1.0.0/8", "bits past /8 zero");
	assert_file_refused("\ntrusted_proxies = 10.0.0.0/33\n", 2,
			    "after the slash stands 0 to 32");
}

static void limits_may_be_off_and_bursts_may_not(void **state)
{
	(void)state;
	assert_ok(load(NULL, NULL, "issue_limit=0"), &err);
	assert_int_equal(settings.issue_per_minute, 0);
	assert_ok(load(NULL, NULL, "issue_limit=7"), &err);
	assert_int_equal(settings.issue_burst, 7);
	assert_ok(load(NULL, NULL, "failed_limit=1/2"), &err);
	assert_int_equal(settings.failed_per_minute, 1);
	assert_int_equal(settings.failed_burst, 2);
	assert_set_refused("issue_limit=-1", "0 to 10000, or two numbers");
	assert_set_refused("issue_limit=5/0", "issue_limit = 5/0 lets nobody");
	assert_set_refused("failed_limit=5/0", "failed_limit = 5/0 lets");
	assert_status(load("[profile x]\nissue_limit = 9\n", NULL, NULL),
		      CF_CONFIG, &err);
	assert_has(err.text, "is the same for all profiles");
}

static void an_alphabet_has_a_name_or_many_characters(void **state)
{
	static const char prefix[] = "alphabet=";
	char *set = malloc(sizeof(prefix) + ALPHABET_MAX_BYTES + 8);
	size_t len = sizeof(prefix) - 1;

	(void)state;
	assert_non_null(set);
	assert_ok(load(NULL, NULL, "alphabet=chinese"), &err);
	assert_string_equal(settings.alphabet, "chinese");
	assert_ok(load(NULL, NULL, "alphabet=山水ЖΩé"), &err);
	assert_string_equal(settings.alphabet, "山水ЖΩé");
	memcpy(set, prefix, sizeof(prefix));
	for (uint32_t i = 0; i < ALPHABET_MAX; i++) /* of four bytes each */
		len += utf8_put(0x20000 + i, set + len);
	set[len] = '\0';
	assert_ok(load(NULL, NULL, set), &err);
	(void)snprintf(set + len, 8, "A");
	assert_set_refused(set, "or 2 to 4096 characters");
	free(set);
}

static void an_alphabet_has_each_letter_once(void **state)
{
	(void)state;
	assert_ok(load(NULL, NULL, "alphabet=AB"), &err);
	assert_ok(load(NULL, NULL, "alphabet=abcdefghijklmnopqrstuvwxyz"
				   "0123456789"), &err);
	assert_set_refused("alphabet=A", "or 2 to");
	assert_set_refused("alphabet=", "or 2 to");
	assert_set_refused("alphabet=ABCA", "'A' (U+0041), stands twice");
	assert_set_refused("alphabet=ABCa", "stands twice");
	assert_set_refused("alphabet=AB C", "U+0020");
	assert_set_refused("alphabet=AB-", "no letter or digit");
	assert_set_refused("alphabet=A\xc3", "not UTF-8");
}

static void a_colour_is_auto_or_six_hex_digits(void **state)
{
	static const char *const good[] = {"ink=auto", "ink=#000000",
					   "paper=#FFffFF"};
	static const char *const bad[] = {
		"ink=", "ink=#", "ink=red", "ink=#12345", "ink=#1234567",
		"ink=123456", "ink=#12345g", "ink=AUTO", "ink= #123456",
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(good); i++)
		assert_ok(load(NULL, NULL, good[i]), &err);
	for (size_t i = 0; i < CF_ARRAY_LEN(bad); i++)
		assert_set_refused(bad[i], "ink = ");
	assert_set_refused("paper=blue", "paper = \"blue\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_default_is_in_its_own_range),
		TEST(a_number_out_of_range_names_key_value_and_range),
		TEST(numbers_take_suffixes_of_1024),
		TEST(switches_take_words),
		TEST(the_words_of_an_enum_are_in_its_order),
		TEST(the_command_line_wins_over_environment_over_file),
		TEST(printing_tells_where_each_value_came_from),
		TEST(a_password_is_not_printed),
		TEST(store_names_a_file_or_a_server),
		TEST(the_most_attempts_are_those_of_any_profile),
		TEST(the_environment_may_name_the_file),
		TEST(other_variables_are_not_looked_at),
		TEST(an_unknown_key_is_refused_wherever_it_stands),
		TEST(a_bad_value_names_where_it_stands),
		TEST(keys_are_read_in_any_case_and_with_any_blanks),
		TEST(an_indented_line_is_no_part_of_the_one_before),
		TEST(comments_are_left_out),
		TEST(files_of_other_systems_are_read),
		TEST(of_one_key_twice_the_last_counts),
		TEST(what_a_picture_depends_on_gives_another_hash),
		TEST(so_does_a_file_that_was_changed),
		TEST(a_profile_has_its_own_and_the_rest_of_the_base),
		TEST(what_is_of_the_whole_service_is_no_profile_s),
		TEST(sections_that_are_no_profiles_are_refused),
		TEST(a_profile_is_checked_as_a_whole_and_named),
		TEST(printing_ends_with_the_profiles),
		TEST(the_first_of_several_faults_is_the_one_told),
		TEST(the_longest_line_is_read_whole),
		TEST(a_longer_line_is_refused_and_never_cut),
		TEST(a_comment_may_be_of_any_length),
		TEST(the_environment_takes_what_a_line_does_not),
		TEST(a_file_past_the_limit_is_refused),
		TEST(what_is_no_text_is_refused),
		TEST(a_file_that_cannot_be_read_is_named),
		TEST(the_sample_parses_and_is_the_defaults),
		TEST(the_manual_has_every_key),
		TEST(rules_between_keys_are_checked),
		TEST(proxies_are_addresses_and_blocks),
		TEST(limits_may_be_off_and_bursts_may_not),
		TEST(an_alphabet_has_a_name_or_many_characters),
		TEST(an_alphabet_has_each_letter_once),
		TEST(a_colour_is_auto_or_six_hex_digits),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
