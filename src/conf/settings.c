/*
 * Settings: see settings.h. keys.c has the table, conf.c reads and prints it.
 */
#include "base/base.h"
#include "conf/settings.h"

#include "base/mem.h"
#include "base/server_url.h"
#include "conf/check.h"
#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/sections.h"
#include "conf/sites.h"

#include <sys/stat.h>

#ifndef CF_SYSCONFDIR
#define CF_SYSCONFDIR "/etc"
#endif

#define DEFAULT_FILE CF_SYSCONFDIR "/captcha-fcgi/captcha.conf"
#define ENV_PREFIX   "CAPTCHA_"
#define ENV_FILE     "CAPTCHA_CONFIG"

/* Set the fields that store_url stands for. The table has checked it. */
static void read_store(struct settings *s)
{
	static const char sqlite[] = "sqlite:";
	struct server_url url;

	if (!strncmp(s->store_url, sqlite, strlen(sqlite))) {
		s->store = SETTINGS_STORE_SQLITE;
		(void)snprintf(s->database, sizeof(s->database), "%s",
			       s->store_url + strlen(sqlite));
	} else if (!server_url_parse(&url, s->store_url, NULL)) {
		s->store = SETTINGS_STORE_REDIS;
		memcpy(s->redis_url, s->store_url, sizeof(s->redis_url));
		(void)snprintf(s->key_prefix, sizeof(s->key_prefix), "%s",
			       url.prefix);
		s->redis_wait_replicas = url.n_wait;
		s->database[0] = '\0';
	}
}

void settings_init(struct settings *settings)
{
	*settings = (struct settings){0};
	conf_init(&settings_table, settings);
	settings->attempts_max = settings->base.attempts;
	read_store(settings);
}

const char *settings_named_file(const char *path, char *const *envp)
{
	for (; !path && envp && *envp; envp++)
		if (!strncmp(*envp, ENV_FILE "=", strlen(ENV_FILE "=")))
			path = *envp + strlen(ENV_FILE "=");
	return path;
}

struct settings_site *settings_find_site(const struct settings *settings,
					 const char *name)
{
	for (size_t i = 0; i < settings->n_sites; i++)
		if (!strcmp(settings->sites[i]->name, name))
			return settings->sites[i];
	return NULL;
}

/* Complete the sections, and check all profiles. */
static enum cf_status finish(struct settings *settings, struct cf_error *err)
{
	enum cf_status rc = check_profile(settings, NULL, err);

	read_store(settings);
	settings->attempts_max = settings->base.attempts;
	for (size_t i = 0; i < settings->n_sections && !rc; i++) {
		struct settings_section *section = settings->sections[i];

		sections_complete(section, &settings->base);
		rc = check_profile(settings, section, err);
		if (section->profile.attempts > settings->attempts_max)
			settings->attempts_max = section->profile.attempts;
	}
	if (rc || settings->leaves_sites)
		return rc;
	return settings_finish_sites(settings, err);
}

enum cf_status settings_load(struct settings *settings, const char *path,
			     char *const *envp, char *const *sets,
			     size_t n_sets, struct cf_error *err)
{
	const char *named = settings_named_file(path, envp);
	static const char *const elsewhere[] = {ENV_FILE "=", SITES_ENV_PREFIX,
						NULL};
	const struct conf_file file = {
		.path = named ? named : DEFAULT_FILE,
		.is_optional = !named,
		.target = {&settings_table, settings, settings->from,
			   &settings->texts, NULL},
		.begin_section = sections_begin,
		.ctx = settings,
	};
	bool is_read;
	enum cf_status rc;

	(void)snprintf(settings->file, sizeof(settings->file), "%s", file.path);
	rc = conf_read_file(&file, &is_read, err);
	if (!rc && !is_read)
		settings->file[0] = '\0';
	if (!rc)
		rc = conf_read_environment(&file.target, envp, ENV_PREFIX,
					   elsewhere, err);
	if (!rc)
		rc = conf_read_sets(&file.target, sets, n_sets, err);
	if (!rc)
		rc = site_read_dir(settings, err);
	if (!rc)
		rc = site_read_environment(settings, envp, err);
	return rc ? rc : finish(settings, err);
}

void settings_release(struct settings *settings)
{
	while (settings->n_sites)
		mem_free(settings->sites[--settings->n_sites]);
	mem_free(settings->sites);
	settings->sites = NULL;
	while (settings->n_sections)
		mem_free(settings->sections[--settings->n_sections]);
	conf_texts_release(&settings->texts);
}

bool settings_is_given(const struct settings *settings, const char *name)
{
	const struct conf_key *key = conf_find(&settings_table, name,
					       strlen(name));

	assert(key);
	return settings->from[key - settings_table.keys].source !=
	       CONF_FROM_DEFAULT;
}

void settings_print(const struct settings *settings, struct buf *out)
{
	const char *const names[] = {
		[CONF_FROM_DEFAULT] = "default",
		[CONF_FROM_FILE] = settings->file,
		[CONF_FROM_ENVIRONMENT] = "environment",
		[CONF_FROM_COMMAND_LINE] = "command line",
	};

	for (size_t i = 0; i < settings_table.n; i++) {
		conf_print_value(&settings_table.keys[i], settings, out);
		buf_addf(out, "\t# %s\n", names[settings->from[i].source]);
	}
	for (size_t i = 0; i < settings->n_sections; i++)
		sections_print(settings->sections[i], settings->file, out);
	site_print(settings, out);
}

void settings_print_sample(struct buf *out)
{
	buf_add_str(out,
		    "# Settings of captcha-fcgi. Each line shows a default. "
		    "captcha.conf(5) describes\n"
		    "# the keys and their ranges. The environment variable "
		    "CAPTCHA_<KEY> wins over the\n# file.\n\n");
	conf_print_sample(&settings_table, out);
	buf_add_str(out,
		    "\n# Profiles come last: other challenges, for "
		    "?profile=NAME. A key that a section\n"
		    "# does not set has the value above.\n"
		    "# [profile login]\n"
		    "# kind = arithmetic\n"
		    "# ttl_s = 120\n"
		    "\n# Sites are applications that show challenges and have "
		    "answers verified.\n# \"captchactl site add\" writes such a "
		    "section into a file of sites_dir.\n"
		    "# [site forum]\n"
		    "# sitekey = 7f0c2a54-forum\n"
		    "# secret = sha256:...\n"
		    "# hostnames = forum.example.org\n");
}

void settings_print_man(struct buf *out)
{
	conf_print_man(&settings_table, out);
	buf_add_str(out, ".SS Keys of sites\n");
	site_print_man(out);
}

/* Hash length and time of change of each file of a colon-separated list. */
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

uint64_t settings_hash_pictures(const struct settings_profile *profile)
{
	uint64_t hash = CONF_HASH_INIT;

	for (size_t i = 0; i < settings_table.n; i++)
		if (settings_table.keys[i].scope == SETTINGS_OF_PICTURE)
			hash = conf_hash_value(hash, &settings_table.keys[i],
					       profile);
	hash = hash_files(hash, profile->words_blocked);
	hash = hash_files(hash, profile->fonts);
	if (profile->kind == SETTINGS_KIND_WORDS)
		hash = hash_files(hash, profile->words);
	return hash;
}
