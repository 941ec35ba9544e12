/*
 * Settings: see settings.h. The table is in keys.c, what reads and prints it
 * in conf.c.
 */
#include "base/base.h"
#include "conf/settings.h"

#include "base/server_url.h"
#include "conf/check.h"
#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/sections.h"

#include <sys/stat.h>

#ifndef CF_SYSCONFDIR
#define CF_SYSCONFDIR "/etc"
#endif

#define DEFAULT_FILE CF_SYSCONFDIR "/captcha-fcgi/captcha.conf"
#define ENV_PREFIX   "CAPTCHA_"
#define ENV_FILE     "CAPTCHA_CONFIG"

/* The fields that store_url says; check_whole refuses what is wrong. */
static void read_store(struct settings *s)
{
	static const char sqlite[] = "sqlite:";
	struct server_url url;

	s->store = SETTINGS_STORE_REDIS;
	s->database[0] = s->redis_url[0] = s->key_prefix[0] = '\0';
	s->redis_wait_replicas = 0;
	if (!strncmp(s->store_url, sqlite, strlen(sqlite))) {
		s->store = SETTINGS_STORE_SQLITE;
		memcpy(s->database, s->store_url + strlen(sqlite),
		       strlen(s->store_url + strlen(sqlite)) + 1);
		return;
	}
	memcpy(s->redis_url, s->store_url, strlen(s->store_url) + 1);
	if (server_url_parse(&url, s->redis_url, NULL))
		return;
	(void)snprintf(s->key_prefix, sizeof(s->key_prefix), "%s", url.prefix);
	s->redis_wait_replicas = url.n_wait;
}

void settings_init(struct settings *settings)
{
	*settings = (struct settings){0};
	conf_init(&settings_table, settings);
	settings->attempts_max = settings->attempts;
	read_store(settings);
}

static const char *env_file(char *const *envp)
{
	for (; envp && *envp; envp++)
		if (!strncmp(*envp, ENV_FILE "=", strlen(ENV_FILE "=")))
			return *envp + strlen(ENV_FILE "=");
	return NULL;
}

/* Check the base, and each profile once it is whole. */
static enum cf_status check_all(struct settings *settings,
				struct settings_profiles *profiles,
				const struct settings_origin *origin,
				struct cf_error *err)
{
	struct whole base = {settings, origin, NULL};
	enum cf_status rc;

	read_store(settings);
	rc = check_whole(&base, err);

	settings->attempts_max = settings->attempts;
	for (size_t i = 0; !rc && i < profiles->n; i++) {
		struct settings_profile *profile = profiles->list[i];
		struct whole whole = {&profile->settings, origin, profile};

		sections_complete(profile, settings);
		read_store(&profile->settings);
		rc = check_whole(&whole, err);
		if (profile->settings.attempts > settings->attempts_max)
			settings->attempts_max = profile->settings.attempts;
	}
	for (size_t i = 0; i < profiles->n; i++)
		profiles->list[i]->settings.attempts_max =
			settings->attempts_max;
	return rc;
}

enum cf_status settings_load(struct settings *settings,
			     struct settings_profiles *profiles,
			     const char *path, char *const *envp,
			     char *const *sets, size_t n_sets,
			     struct settings_origin *origin,
			     struct cf_error *err)
{
	struct settings_origin unwanted;
	struct conf_file file = {.begin_section = sections_begin,
				 .ctx = profiles};
	bool is_read;
	enum cf_status rc;

	if (!origin)
		origin = &unwanted;
	*origin = (struct settings_origin){0};
	file.target = (struct conf_target){&settings_table, settings,
					   origin->from, &profiles->texts, NULL,
					   NULL};
	file.path = path ? path : env_file(envp);
	file.is_optional = !file.path;
	if (!file.path)
		file.path = DEFAULT_FILE;
	rc = conf_read_file(&file, &is_read, err);
	if (rc)
		return rc;
	if (is_read)
		(void)snprintf(origin->file, sizeof(origin->file), "%s",
			       file.path);
	rc = conf_read_environment(&file.target, envp, ENV_PREFIX,
				   ENV_FILE "=", err);
	if (!rc)
		rc = conf_read_sets(&file.target, sets, n_sets, err);
	return rc ? rc : check_all(settings, profiles, origin, err);
}

bool settings_is_given(const struct settings_origin *origin, const char *name)
{
	const struct conf_key *key = conf_find(&settings_table, name,
					       strlen(name));

	assert(key);
	return origin->from[key - settings_table.keys].source !=
	       CONF_FROM_DEFAULT;
}

void settings_print(const struct settings *settings,
		    const struct settings_profiles *profiles,
		    const struct settings_origin *origin, struct buf *out)
{
	static const char *const names[] = {
		[CONF_FROM_DEFAULT] = "default",
		[CONF_FROM_ENVIRONMENT] = "environment",
		[CONF_FROM_COMMAND_LINE] = "command line",
	};

	for (size_t i = 0; i < settings_table.n; i++) {
		enum conf_source from = origin->from[i].source;

		conf_print_value(&settings_table.keys[i], settings, out);
		buf_addf(out, "\t# %s\n",
			 from == CONF_FROM_FILE ? origin->file : names[from]);
	}
	for (size_t i = 0; i < profiles->n; i++)
		sections_print(profiles->list[i], origin->file, out);
}

void settings_print_sample(struct buf *out)
{
	buf_add_str(out,
		    "# Settings of captcha-fcgi. Each line shows a default; "
		    "captcha.conf(5) has what\n"
		    "# each means, and its range. In the environment a key is "
		    "CAPTCHA_<KEY>, which wins.\n\n");
	conf_print_sample(&settings_table, out);
	buf_add_str(out,
		    "\n# Last come profiles, other challenges for "
		    "?profile=NAME. What a section does not\n"
		    "# say is as above.\n"
		    "# [profile login]\n"
		    "# kind = arithmetic\n"
		    "# ttl_s = 120\n");
}

void settings_print_man(struct buf *out)
{
	conf_print_man(&settings_table, out);
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
		hash = conf_hash_bytes(hash, facts, sizeof(facts));
		list += len + (list[len] == ':');
	}
	return hash;
}

uint64_t settings_hash_pictures(const struct settings *settings)
{
	uint64_t hash = CONF_HASH_INIT;

	for (size_t i = 0; i < settings_table.n; i++)
		if (settings_table.keys[i].scope == SETTINGS_OF_PICTURE)
			hash = conf_hash_value(hash, &settings_table.keys[i],
					       settings);
	hash = hash_files(hash, settings->words_blocked);
	hash = hash_files(hash, settings->fonts);
	if (settings->kind == SETTINGS_KIND_WORDS)
		hash = hash_files(hash, settings->words);
	return hash;
}
