/*
 * Sites: see sites.h.
 */
#include "base/base.h"
#include "conf/sites.h"

#include "base/crypt.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/sections.h"
#include "conf/test_keys.h"

#include <ctype.h>
#include <dirent.h>
#include <sys/stat.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define HASH_PREFIX SITES_HASH_PREFIX

/* --- the table ------------------------------------------------------------ */

static void hide(const char *value, char *out, size_t size)
{
	(void)snprintf(out, size, "%s", *value ? "***" : "");
}

#define AT(field)   offsetof(struct settings_site, field)
#define SIZE(field) sizeof(((struct settings_site *)0)->field)
#define TEXT(field) CONF_TEXT, AT(field), 0, SIZE(field) - 1
#define LONG_TEXT(field, bytes) CONF_LONG_TEXT, AT(field), 0, (bytes) - 1

enum site_key {
	KEY_SITEKEY,
	KEY_SECRET,
	KEY_HOSTNAMES,
	KEY_EMBEDDERS,
	KEY_PROFILE,
	KEY_MODES,
	KEY_FLAVOURS,
	KEY_LANGUAGE,
	KEY_THEME,
	KEY_TOKEN_TTL_S,
	KEY_SCORE,
	KEY_CHECK_REMOTEIP,
	KEYS
};

static const struct conf_key keys[KEYS] = {
	[KEY_SITEKEY] = {"sitekey", 0, NULL, TEXT(sitekey), "",
		.help = "the public key that a page shows; 1 to 64 letters, "
			"digits, _ and -, of one site only"},
	[KEY_SECRET] = {"secret", 0, NULL, LONG_TEXT(secret,
						     SETTINGS_LIST_BYTES), "",
		.show = hide,
		.help = "what the application sends with a token: sha256: and "
			"64 hexadecimal digits, or the secret itself, of 20 to "
			"128 letters, digits, _ and -. Up to four, separated "
			"by spaces, the newest first"},
	[KEY_HOSTNAMES] = {"hostnames", 0, NULL,
		LONG_TEXT(hostnames, SETTINGS_LIST_BYTES), "same",
		.help = "hosts whose pages may show this site's challenges, "
			"separated by spaces: a name, *.name for all names "
			"below it, same for the host of the service, or any"},
	[KEY_EMBEDDERS] = {"embedders", 0, NULL,
		LONG_TEXT(embedders, SETTINGS_LIST_BYTES), "",
		.help = "origins of pages that show such a page in a frame of "
			"their own, as https://portal.example.org, separated "
			"by spaces"},
	[KEY_PROFILE] = {"profile", 0, NULL, TEXT(profile), "",
		.help = "the profile of its challenges; empty: the base"},
	[KEY_MODES] = {"modes", 0, NULL, LONG_TEXT(modes, 64), "picture audio",
		.help = "what a visitor may solve, separated by spaces: "
			"picture, audio or both; the first is shown first"},
	[KEY_FLAVOURS] = {"flavours", 0, NULL, LONG_TEXT(flavours, 64),
		"recaptcha hcaptcha turnstile",
		.help = "the vendors whose pages and calls are answered for "
			"this site, separated by spaces: recaptcha, hcaptcha, "
			"turnstile. The service's own element always works"},
	[KEY_LANGUAGE] = {"language", 0, NULL, LONG_TEXT(language, 8), "auto",
		.help = "the language of texts and sounds where a page names "
			"none, as a tag such as de or pt-BR; auto: that of the "
			"visitor's browser"},
	[KEY_THEME] = {"theme", 0, NULL, LONG_TEXT(theme, 8), "auto",
		.help = "light or dark, where a page names neither; auto: as "
			"the visitor's system is"},
	[KEY_TOKEN_TTL_S] = {"token_ttl_s", 0, NULL, CONF_NUMBER,
		AT(token_ttl_s), 30, 600, "300", .unit = "seconds",
		.help = "how long a token counts after the challenge was "
			"solved"},
	[KEY_SCORE] = {"score", 0, NULL, LONG_TEXT(score, 8), "",
		.help = "0.0 to 1.0, sent as score to clients made for "
			"version 3 of reCAPTCHA; empty: none is sent"},
	[KEY_CHECK_REMOTEIP] = {"check_remoteip", 0, NULL, CONF_SWITCH,
		AT(checks_remoteip), 0, 1, "no",
		.help = "refuse a token whose remoteip is in another network "
			"than the visitor that solved the challenge (/24 of "
			"IPv4, /64 of IPv6)"},
};
_Static_assert(CF_ARRAY_LEN(keys) <= SETTINGS_SITE_KEYS_MAX,
	       "raise SETTINGS_SITE_KEYS_MAX");

static const struct conf_table table = {keys, KEYS};

/* --- reading -------------------------------------------------------------- */

static bool is_site_name(const char *name)
{
	size_t len = strlen(name);

	return len && len <= SETTINGS_SITE_MAX_CHARS &&
	       strspn(name, NAME_CHARS) == len && name[0] != '-' &&
	       name[len - 1] != '-';
}

static struct conf_target target_of(struct settings *settings,
				    struct settings_site *site)
{
	return (struct conf_target){&table, site, site->from, &settings->texts,
				    NULL};
}

void settings_init_site(struct settings_site *site)
{
	conf_init(&table, site);
}

/* Room for one site more. Doubles from time to time. */
static bool grow(struct settings *settings)
{
	size_t n = settings->n_sites;
	void *more;

	if (n & (n - 1) || n == SETTINGS_SITES_MAX)
		return true;
	more = mem_realloc(MEM_CONFIG, settings->sites, n ? 2 * n : 1,
			   sizeof(struct settings_site *));
	if (more)
		settings->sites = more;
	return more;
}

enum cf_status site_add(struct settings *settings, const char *name,
			const char *file, int line, struct conf_target *target,
			struct cf_error *err)
{
	struct settings_site *site = settings_find_site(settings, name);

	if (!is_site_name(name))
		return cf_fail(err, CF_CONFIG, "[site %.40s]: a name has 1 to "
			       "%d of a-z, 0-9 and -, with no - at its ends",
			       name, SETTINGS_SITE_MAX_CHARS);
	if (site)
		return cf_fail(err, CF_CONFIG, "[site %s] stands in %s:%d "
			       "already", name, site->file, site->line);
	if (settings->n_sites == SETTINGS_SITES_MAX)
		return cf_fail(err, CF_CONFIG, "more than %d sites",
			       SETTINGS_SITES_MAX);
	site = grow(settings) ? mem_alloc(MEM_CONFIG, 1, sizeof(*site)) : NULL;
	if (!site)
		return cf_fail(err, CF_NOMEM, "no memory for a site");
	settings_init_site(site);
	memcpy(site->name, name, strlen(name) + 1);
	site->file = file;
	site->line = line;
	settings->sites[settings->n_sites++] = site;
	*target = target_of(settings, site);
	return CF_OK;
}

struct dir_file {
	struct settings *settings;
	const char *path;
};

static enum cf_status begin_section(void *ctx, const char *text, int line,
				    struct conf_target *target,
				    struct cf_error *err)
{
	const struct dir_file *file = ctx;
	const char *name = sections_name(text, "site");

	if (!name)
		return cf_fail(err, CF_CONFIG, "section [%.40s]: a file of "
			       "sites_dir has sections [site NAME] only", text);
	return site_add(file->settings, name, file->path, line, target, err);
}

static enum cf_status refuse_key(const struct conf_key *key,
				 struct cf_error *err)
{
	return cf_fail(err, CF_CONFIG, "%s stands before any section: a file "
		       "of sites_dir has sections [site NAME] only", key->name);
}

static enum cf_status read_site_file(struct settings *settings,
				     const char *path, struct cf_error *err)
{
	/* keys before a section are refused before a value is written */
	static struct settings_site none;
	struct dir_file ctx = {settings, path};
	const struct conf_file file = {
		.path = path,
		.target = {&table, &none, none.from, NULL, refuse_key},
		.begin_section = begin_section,
		.ctx = &ctx,
	};
	struct stat st;
	bool is_read;

	/* to open a FIFO would wait, and signals with it */
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return cf_fail(err, CF_CONFIG, "%s: a file of sites_dir must be "
			       "a regular file", path);
	return conf_read_file(&file, &is_read, err);
}

static int is_conf_name(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot && !strcmp(dot, ".conf");
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

enum cf_status site_read_dir(struct settings *settings, struct cf_error *err)
{
	const char *dir = settings->sites_dir;
	enum cf_status rc = CF_OK;
	struct dirent **names;
	int n;

	if (!dir[0])
		return CF_OK;
	n = scandir(dir, &names, is_conf_name, compare_names);
	if (n < 0 && (errno == ENOENT || errno == ENOTDIR))
		return CF_OK;
	if (n < 0)
		return cf_fail(err, CF_CONFIG, "sites_dir %s: %s", dir,
			       strerror(errno));
	for (int i = 0; i < n; i++) {
		char path[SETTINGS_PATH_BYTES + 256 + 1];
		const char *kept;

		(void)snprintf(path, sizeof(path), "%s/%s", dir,
			       names[i]->d_name);
		kept = rc ? NULL : conf_texts_add(&settings->texts, path);
		if (!rc && !kept)
			rc = cf_fail(err, CF_NOMEM, "no memory for a site");
		if (!rc)
			rc = read_site_file(settings, kept, err);
		free(names[i]);
	}
	free(names);
	return rc;
}

/* --- the environment ------------------------------------------------------ */

/* The key whose name, after a _, ends this name, and how many bytes of the name
 * stand before; NULL: there is no such key. */
static const struct conf_key *key_at_end(struct str name, size_t *n_before)
{
	for (size_t i = 0; i < KEYS; i++) {
		size_t n = strlen(keys[i].name);

		if (name.len < n + 2 || name.ptr[name.len - n - 1] != '_')
			continue;
		*n_before = name.len - n - 1;
		if (conf_find(&table, name.ptr + *n_before + 1, n) == &keys[i])
			return &keys[i];
	}
	return NULL;
}

/* A site's name from that of a variable: FORUM_EN is forum-en. */
static bool read_env_name(struct str from,
			  char name[SETTINGS_SITE_MAX_CHARS + 1])
{
	if (!from.len || from.len > SETTINGS_SITE_MAX_CHARS)
		return false;
	for (size_t i = 0; i < from.len; i++)
		name[i] = from.ptr[i] == '_'
				  ? '-'
				  : (char)tolower((unsigned char)from.ptr[i]);
	name[from.len] = '\0';
	return is_site_name(name);
}

static enum cf_status set_by_env(struct settings *settings, struct str variable,
				 const char *value, struct cf_error *err)
{
	const struct conf_origin origin = {CONF_FROM_ENVIRONMENT, 0};
	char name[SETTINGS_SITE_MAX_CHARS + 1];
	const struct conf_key *key;
	struct conf_target target;
	struct settings_site *site;
	enum cf_status rc = CF_OK;
	size_t n_before = 0;

	key = key_at_end(variable, &n_before);
	if (!key || !read_env_name((struct str){variable.ptr, n_before}, name))
		return cf_fail(err, CF_CONFIG, "environment: " SITES_ENV_PREFIX
			       "%.*s: must be " SITES_ENV_PREFIX "<NAME>_<KEY>; "
			       "captcha.conf(5) lists the keys of sites",
			       variable.len < 60 ? (int)variable.len : 60,
			       variable.ptr);
	site = settings_find_site(settings, name);
	if (site)
		target = target_of(settings, site);
	else
		rc = site_add(settings, name, NULL, 0, &target, err);
	return rc ? rc
		  : conf_set(&target, str_from(key->name), value, origin, err);
}

/* The value of NAME_SECRET_FILE is a file, whose first line is the secret. */
static enum cf_status read_secret_file(const char *path,
				       char line[SETTINGS_LIST_BYTES],
				       struct cf_error *err)
{
	FILE *stream = fopen(path, "re");

	if (!stream)
		return cf_fail(err, CF_CONFIG, "environment: secret file "
			       "%.200s: %s", path, strerror(errno));
	if (!fgets(line, SETTINGS_LIST_BYTES, stream))
		line[0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	(void)fclose(stream);
	if (!line[0])
		return cf_fail(err, CF_CONFIG, "environment: secret file "
			       "%.200s: has no secret in its first line", path);
	return CF_OK;
}

enum cf_status site_read_environment(struct settings *settings,
				     char *const *envp, struct cf_error *err)
{
	static const char file_mark[] = "_FILE";
	size_t n_prefix = strlen(SITES_ENV_PREFIX);
	char line[SETTINGS_LIST_BYTES];
	enum cf_status rc = CF_OK;

	for (; envp && *envp && !rc; envp++) {
		const char *equals = strchr(*envp, '=');
		struct str name = {*envp + n_prefix, 0};
		const char *value;

		if (strncmp(*envp, SITES_ENV_PREFIX, n_prefix) != 0 || !equals)
			continue;
		name.len = (size_t)(equals - name.ptr);
		value = equals + 1;
		if (str_ends(name, "_SECRET_FILE")) {
			rc = read_secret_file(value, line, err);
			name.len -= strlen(file_mark);
			value = line;
		}
		if (!rc)
			rc = set_by_env(settings, name, value, err);
	}
	crypt_zero(line, sizeof(line));
	return rc;
}

/* --- checking ------------------------------------------------------------- */

/* A fault of a site, with its place. */
static enum cf_status refuse(const struct settings_site *site,
			     enum site_key key, struct cf_error *err,
			     const char *fmt, ...)
	CF_PRINTF(4, 5);
static enum cf_status refuse(const struct settings_site *site,
			     enum site_key key, struct cf_error *err,
			     const char *fmt, ...)
{
	int line = site->from[key].line ? site->from[key].line : site->line;
	char text[160];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (site->file)
		return cf_fail(err, CF_CONFIG, "%s:%d: [site %s]: %s",
			       site->file, line, site->name, text);
	return cf_fail(err, CF_CONFIG, "%s[site %s]: %s",
		       site->from[key].source == CONF_FROM_COMMAND_LINE
			       ? ""
			       : "environment: ",
		       site->name, text);
}

static bool read_hash(struct str hex, uint8_t hash[SETTINGS_SECRET_HASH_BYTES])
{
	if (hex.len != 2 * SETTINGS_SECRET_HASH_BYTES)
		return false;
	for (size_t i = 0; i < SETTINGS_SECRET_HASH_BYTES; i++) {
		int high = text_hex_value(hex.ptr[2 * i]);
		int low = text_hex_value(hex.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		hash[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

enum cf_status site_hash_secret(const struct settings_site *site,
				struct str entry,
				uint8_t hash[SETTINGS_SECRET_HASH_BYTES],
				struct cf_error *err)
{
	size_t n_prefix = strlen(HASH_PREFIX);

	if (test_keys_find_sitekey(str_from(site->sitekey)) ||
	    test_keys_find(entry))
		return refuse(site, KEY_SECRET, err, "this key pair passes "
			      "everybody; it is for test_keys = yes");
	if (str_starts(entry, HASH_PREFIX)) {
		struct str hex = {entry.ptr + n_prefix, entry.len - n_prefix};

		return read_hash(hex, hash)
			       ? CF_OK
			       : refuse(site, KEY_SECRET, err, "secret: behind "
					HASH_PREFIX " stand 64 hexadecimal "
					"digits");
	}
	if (entry.len < SETTINGS_SECRET_MIN_CHARS)
		return refuse(site, KEY_SECRET, err, "secret has %zu "
			      "characters, %d or more are needed; \"captchactl "
			      "site rotate %s\" makes one", entry.len,
			      SETTINGS_SECRET_MIN_CHARS, site->name);
	if (entry.len > SETTINGS_SECRET_MAX_CHARS ||
	    strspn(entry.ptr, TEXT_BASE64URL) < entry.len)
		return refuse(site, KEY_SECRET, err, "secret has at most %d of "
			      "A-Z, a-z, 0-9, _ and -",
			      SETTINGS_SECRET_MAX_CHARS);
	crypt_sha256(entry.ptr, entry.len, hash);
	return CF_OK;
}

const struct conf_origin *site_secret_origin(const struct settings_site *site)
{
	return &site->from[KEY_SECRET];
}

/* Hash the secrets, and zero what was given. */
static enum cf_status hash_secrets(struct settings_site *site,
				   struct cf_error *err)
{
	const char *rest = site->secret;
	enum cf_status rc = CF_OK;
	struct str entry;
	struct stat st;

	while (!rc && (entry = text_next_word(&rest)).len) {
		if (site->n_secrets == SETTINGS_SECRETS_MAX)
			return refuse(site, KEY_SECRET, err, "more than %d "
				      "secrets", SETTINGS_SECRETS_MAX);
		rc = site_hash_secret(site, entry,
				      site->secrets[site->n_secrets++], err);
		site->is_exposed |= site->from[KEY_SECRET].line &&
				    !str_starts(entry, HASH_PREFIX);
	}
	if (!rc && !site->n_secrets)
		rc = refuse(site, KEY_SECRET, err, "secret is missing; "
			    "\"captchactl site rotate %s\" makes one",
			    site->name);
	if (site->is_exposed)
		site->is_exposed = site->file && !stat(site->file, &st) &&
				   (st.st_mode & S_IROTH);
	return rc;
}

static bool has_secret(const struct settings_site *site, const uint8_t *hash)
{
	for (size_t i = 0; i < site->n_secrets; i++)
		if (!memcmp(site->secrets[i], hash, SETTINGS_SECRET_HASH_BYTES))
			return true;
	return false;
}

/* siteverify finds the site by its secret: of two sites with one secret, one
 * would never have a token verified. */
static enum cf_status check_secrets(const struct settings *settings, size_t i,
				    struct cf_error *err)
{
	const struct settings_site *site = settings->sites[i];

	for (size_t k = 0; k < i; k++)
		for (size_t n = 0; n < site->n_secrets; n++)
			if (has_secret(settings->sites[k], site->secrets[n]))
				return refuse(site, KEY_SECRET, err, "secret "
					      "is that of [site %s] too; each "
					      "site needs its own",
					      settings->sites[k]->name);
	return CF_OK;
}

static enum cf_status check_sitekey(const struct settings *settings, size_t i,
				    struct cf_error *err)
{
	const struct settings_site *site = settings->sites[i];
	const char *sitekey = site->sitekey;

	if (!*sitekey || sitekey[strspn(sitekey, TEXT_BASE64URL)])
		return refuse(site, KEY_SITEKEY, err, "sitekey = \"%s\": must "
			      "be 1 to %d of A-Z, a-z, 0-9, _ and -", sitekey,
			      SETTINGS_SITEKEY_MAX_CHARS);
	for (size_t k = 0; k < i; k++)
		if (!strcmp(sitekey, settings->sites[k]->sitekey))
			return refuse(site, KEY_SITEKEY, err, "sitekey is that "
				      "of [site %s] too; each site needs its "
				      "own", settings->sites[k]->name);
	return CF_OK;
}

static enum cf_status check_hostnames(const struct settings_site *site,
				      struct cf_error *err)
{
	const char *rest = site->hostnames;
	struct str host;

	while ((host = text_next_word(&rest)).len) {
		size_t n_star = str_starts(host, "*.") ? 2 : 0;
		size_t n = strspn(host.ptr + n_star, NAME_CHARS ".:[]");

		if (host.len == n_star || n_star + n < host.len)
			return refuse(site, KEY_HOSTNAMES, err, "hostnames: "
				      "\"%.*s\" is no name in lower case, "
				      "*.name, same or any",
				      host.len < 80 ? (int)host.len : 80,
				      host.ptr);
	}
	return CF_OK;
}

static enum cf_status check_embedders(const struct settings_site *site,
				      struct cf_error *err)
{
	const char *rest = site->embedders;
	struct str origin;

	while ((origin = text_next_word(&rest)).len) {
		size_t n_scheme = str_starts(origin, "https://")  ? 8
				  : str_starts(origin, "http://") ? 7
								  : 0;
		size_t n = strspn(origin.ptr + n_scheme, NAME_CHARS ".:[]");

		if (!n_scheme || !n || n_scheme + n < origin.len)
			return refuse(site, KEY_EMBEDDERS, err, "embedders: "
				      "\"%.*s\" is no origin: https:// and a "
				      "name in lower case, with nothing behind "
				      "it",
				      origin.len < 80 ? (int)origin.len : 80,
				      origin.ptr);
	}
	return CF_OK;
}

/* Whether a list has words of another list alone, and none of them twice. */
static bool has_only(const char *list, const char *allowed)
{
	struct str word;

	while ((word = text_next_word(&list)).len)
		if (!text_has_word(allowed, word) || text_has_word(list, word))
			return false;
	return true;
}

static enum cf_status check_modes(const struct settings *settings,
				  const struct settings_site *site,
				  struct cf_error *err)
{
	bool has_picture = text_has_word(site->modes, STR_LIT("picture"));
	bool has_audio = text_has_word(site->modes, STR_LIT("audio"));

	if (text_has_word(site->modes, STR_LIT("pow")))
		return refuse(site, KEY_MODES, err, "modes = %s: pow is not "
			      "there yet; picture and audio are", site->modes);
	if (!(has_picture || has_audio) ||
	    !has_only(site->modes, "picture audio"))
		return refuse(site, KEY_MODES, err, "modes = \"%s\": must be "
			      "picture, audio or both", site->modes);
	if (!has_picture && !settings->audio)
		return refuse(site, KEY_MODES, err, "modes = audio, and the "
			      "service has audio = no: nobody could pass; add "
			      "picture, or set audio = yes");
	return CF_OK;
}

/* The keys of texts, languages and colours. */
static enum cf_status check_looks(const struct settings_site *site,
				  struct cf_error *err)
{
	if (!has_only(site->flavours, "recaptcha hcaptcha turnstile"))
		return refuse(site, KEY_FLAVOURS, err, "flavours = \"%s\": "
			      "must be words of recaptcha, hcaptcha and "
			      "turnstile", site->flavours);
	if (!text_is_tag(str_from(site->language)))
		return refuse(site, KEY_LANGUAGE, err, "language = \"%s\": must "
			      "be auto, or the tag of a language: letters, "
			      "digits and -, at most %d", site->language,
			      TEXT_TAG_MAX_CHARS);
	if (!text_has_word("auto light dark", str_from(site->theme)))
		return refuse(site, KEY_THEME, err, "theme = \"%s\": must be "
			      "auto, light or dark", site->theme);
	return CF_OK;
}

/* Empty, 0, 1, or a decimal number between, as JSON has it. */
static bool is_score(const char *text)
{
	const char *digits = text[0] == '0' ? "0123456789" : "0";

	if (!text[0])
		return true;
	if (text[0] != '0' && text[0] != '1')
		return false;
	if (!text[1])
		return true;
	return text[1] == '.' && text[2] && !text[2 + strspn(text + 2, digits)];
}

/* Zero the secrets as they were given. The text is a copy that settings own. */
static void zero_secrets(const struct settings_site *site)
{
	crypt_zero((char *)(uintptr_t)site->secret, strlen(site->secret));
}

enum cf_status site_check(const struct settings *settings, size_t i,
			  struct cf_error *err)
{
	struct settings_site *site = settings->sites[i];
	enum cf_status rc = check_sitekey(settings, i, err);
	bool is_profile = !site->profile[0] ||
			  !strcmp(site->profile, SETTINGS_BASE_NAME);

	if (!rc)
		rc = check_hostnames(site, err);
	if (!rc)
		rc = check_embedders(site, err);
	if (!rc)
		rc = check_modes(settings, site, err);
	if (!rc)
		rc = check_looks(site, err);
	for (size_t k = 0; k < settings->n_sections; k++)
		is_profile |= !strcmp(site->profile,
				      settings->sections[k]->name);
	if (!rc && !is_profile)
		rc = refuse(site, KEY_PROFILE, err, "profile = \"%s\": there "
			    "is no section [profile %s]", site->profile,
			    site->profile);
	if (!rc && !is_score(site->score))
		rc = refuse(site, KEY_SCORE, err, "score = \"%s\": must be 0.0 "
			    "to 1.0", site->score);
	if (!rc)
		rc = hash_secrets(site, err);
	zero_secrets(site);
	if (!rc)
		rc = check_secrets(settings, i, err);
	return rc;
}

/* The site of an installation that has named none. */
static enum cf_status add_default(struct settings *settings,
				  struct cf_error *err)
{
	struct conf_target target;
	enum cf_status rc = site_add(settings, SETTINGS_BASE_NAME, NULL, 0,
				     &target, err);

	if (!rc)
		memcpy(settings->sites[0]->sitekey, SETTINGS_BASE_NAME,
		       sizeof(SETTINGS_BASE_NAME));
	return rc;
}

enum cf_status settings_finish_sites(struct settings *settings,
				     struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	if (!settings->n_sites)
		return add_default(settings, err);
	for (size_t i = 0; i < settings->n_sites; i++)
		if (!rc)
			rc = site_check(settings, i, err);
		else
			zero_secrets(settings->sites[i]);
	return rc;
}

/* --- printing ------------------------------------------------------------- */

void settings_print_site(const struct settings_site *site, struct buf *out)
{
	buf_addf(out, "[site %s]\n", site->name);
	for (size_t i = 0; i < KEYS; i++) {
		bool is_secret = i == KEY_SECRET;

		if (site->from[i].source == CONF_FROM_DEFAULT)
			continue;
		if (is_secret) /* zeroed by now */
			buf_addf(out, "secret = ***");
		else
			conf_print_value(&keys[i], site, out);
		buf_addf(out, "\t# %s\n", site->from[i].line ? site->file
							     : "environment");
	}
}

void site_print(const struct settings *settings, struct buf *out)
{
	for (size_t i = 0; i < settings->n_sites; i++)
		if (settings->sites[i]->n_secrets) {
			buf_add_char(out, '\n');
			settings_print_site(settings->sites[i], out);
		}
}

void site_print_man(struct buf *out)
{
	conf_print_man(&table, out);
}
