/*
 * captchactl site: make, show and remove the sites of the settings, and give
 * them new secrets. A secret is shown when it is made, and only its SHA-256 is
 * kept.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/text.h"
#include "challenge/token.h"
#include "conf/site_file.h"
#include "ctl/ctl.h"
#include "ctl/user.h"

#include <ctype.h>
#include <sys/stat.h>

enum {
	SECRET_CHARS = TOKEN_SECRET_CHARS,
	KEY_MARK_CHARS = 8, /* random characters in front of a sitekey */
	LINE_BYTES = SETTINGS_SECRET_MAX_CHARS + 3,
};

static void print_reload(void)
{
	(void)puts("\nThe service reads this at its next start or reload "
		   "(SIGHUP).");
}

/* What a page and an application need. secret is NULL when it is not known. */
static void print_use(FILE *to, const struct settings *s, const char *sitekey,
		      const char *secret)
{
	const char *url = s->public_url[0] ? s->public_url : "/captcha";

	(void)fprintf(to,
		      "\nIn the page:\n"
		      "  <script src=\"%s/widget.js\" defer></script>\n"
		      "  <captcha-box sitekey=\"%s\" required></captcha-box>\n",
		      url, sitekey);
	if (secret)
		(void)fprintf(to,
			      "Try the secret; "
			      "\"invalid-input-response\" says that it is "
			      "right:\n  echo 'secret=%s&response=x' |\n"
			      "    curl -d @- %s%s/siteverify\n",
			      secret, s->public_url[0] ? "" : "https://HOST",
			      url);
}

static void make_secret(char secret[SECRET_CHARS + 1])
{
	crypt_random_text(secret, SECRET_CHARS, TEXT_BASE64URL,
			  strlen(TEXT_BASE64URL));
	secret[SECRET_CHARS] = '\0';
}

static void print_secret(FILE *to, const char *secret)
{
	(void)fprintf(to,
		      "secret  %s\n"
		      "        (shown this once: only its SHA-256 is kept)\n",
		      secret);
}

static struct settings_site *find(const struct settings *s, const char *name,
				  struct cf_error *err)
{
	struct settings_site *site = settings_find_site(s, name);

	if (!site && !s->n_sites && !strcmp(name, SETTINGS_BASE_NAME))
		(void)cf_fail(err, CF_NOT_FOUND,
			      "[site " SETTINGS_BASE_NAME "] is built in, and "
			      "has no section; \"captchactl site add "
			      SETTINGS_BASE_NAME "\" makes one");
	else if (!site)
		(void)cf_fail(err, CF_NOT_FOUND,
			      "there is no [site %.40s]; "
			      "\"captchactl site list\" lists them",
			      name);
	return site;
}

/*
 * Whose rights change files of a directory: those of root only where no other
 * user can change the way to it, else those of --user. Makes the directory
 * where it is missing.
 */
static enum cf_status guard(const struct ctl_args *args, const char *dir,
			    struct cf_error *err)
{
	const struct passwd *user;
	bool is_made = false;
	enum cf_status rc;

	(void)umask(022); /* files have modes of their own */
	if (geteuid() != 0 || !dir[0])
		return CF_OK;
	rc = user_make_dir("sites_dir", dir, NULL, &is_made, err);
	if (rc == CF_CONFIG && args->user) {
		rc = user_find(args->user, &user, err);
		if (!rc)
			rc = user_become(user, err);
	}
	if (!rc && is_made && chmod(dir, 0755))
		rc = cf_fail(err, CF_IO, "cannot set the mode of %s: %s", dir,
			     strerror(errno));
	return rc;
}

static enum cf_status guard_file(const struct ctl_args *args, const char *path,
				 struct cf_error *err)
{
	char dir[SETTINGS_PATH_BYTES + 256 + 1];

	file_parent(path, dir, sizeof(dir));
	return guard(args, dir, err);
}

/* Load the settings again, to find what is still wrong with them. */
static enum cf_status check_again(const struct ctl_args *args,
				  struct cf_error *err)
{
	struct app_sources sources = args->sources;
	struct cf_error why = CF_ERROR_INIT;
	struct app app;
	enum cf_status rc;

	sources.leaves_sites = false;
	rc = app_load(&app, &sources, &why);
	app_close(&app);
	return rc ? cf_fail(err, rc, "done, but the settings have a fault: %s",
			    why.text)
		  : CF_OK;
}

/* --- variables ------------------------------------------------------------ */

static void print_variable(const char *name, const struct site_value *value)
{
	(void)fputs("CAPTCHA_SITE_", stdout);
	for (const char *at = name; *at; at++)
		(void)putchar(*at == '-' ? '_' : toupper((unsigned char)*at));
	(void)putchar('_');
	for (const char *at = value->key; *at; at++)
		(void)putchar(toupper((unsigned char)*at));
	(void)printf("=%s\n", value->value);
}

/* --- add ------------------------------------------------------------------ */

static enum cf_status read_secret(char secret[LINE_BYTES], struct cf_error *err)
{
	if (!fgets(secret, LINE_BYTES, stdin))
		return cf_fail(err, CF_BAD_INPUT,
			       "--secret-stdin: standard input is empty");
	secret[strcspn(secret, "\r\n")] = '\0';
	/* a section may have several, and hashes; hashed once more, a hash
	 * would be a secret that nobody sends */
	if (secret[strspn(secret, TEXT_BASE64URL)])
		return cf_fail(err, CF_BAD_INPUT,
			       "--secret-stdin: must be one secret, as the "
			       "application sends it: A-Z, a-z, 0-9, _ and -. "
			       "Write a hash, or several, into a file of "
			       "sites_dir");
	return CF_OK;
}

static enum cf_status join_hostnames(const struct ctl_args *args, char *out,
				     size_t size, struct cf_error *err)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < args->n_hostnames; i++) {
		len += (size_t)snprintf(out + len, size - len, "%s%s",
					i ? " " : "", args->hostnames[i]);
		if (len >= size)
			return cf_fail(err, CF_BAD_INPUT,
				       "--hostname: more "
				       "than %zu characters in all",
				       size - 1);
	}
	return CF_OK;
}

/* The group of the service, so that it can read the file. */
static enum cf_status find_group(const struct app *app,
				 const struct ctl_args *args, gid_t *group,
				 struct cf_error *err)
{
	const struct passwd *user;
	struct stat st;
	enum cf_status rc = user_find(args->user, &user, err);

	*group = (gid_t)-1;
	if (rc || geteuid() != 0)
		return rc;
	if (user)
		*group = user->pw_gid;
	else if (!stat(app->settings.cache_dir, &st))
		*group = st.st_gid;
	else
		return cf_fail(err, CF_IO,
			       "cache_dir %s: %s: give --user, as "
			       "whom the service runs",
			       app->settings.cache_dir, strerror(errno));
	return CF_OK;
}

static void print_added(const struct app *app, const struct ctl_args *args,
			const char *sitekey, const char *secret)
{
	FILE *to = args->env ? stderr : stdout;
	const struct settings *s = &app->settings;

	if (!args->env)
		(void)printf("wrote   %s/%s.conf\n", s->sites_dir,
			     args->words[1]);
	(void)fprintf(to, "sitekey %s\n", sitekey);
	if (!args->secret_stdin)
		print_secret(to, secret);
	print_use(to, s, sitekey, args->secret_stdin ? NULL : secret);
	if (!args->env)
		print_reload();
}

/* Check and write; the last of the values is the secret, and becomes entry, its
 * hash. */
static enum cf_status put(struct app *app, const struct ctl_args *args,
			  struct site_value *values, size_t n,
			  char entry[SITE_FILE_ENTRY_CHARS + 1],
			  struct cf_error *err)
{
	struct site_value *secret = &values[n - 1];
	const char *name = args->words[1], *given = secret->value;
	uint8_t hash[CRYPT_SHA256_BYTES];
	struct settings *s = &app->settings;
	bool is_first = !s->sites[0]->n_secrets;
	gid_t group;
	enum cf_status rc = site_file_check(s, name, values, n, err);

	if (rc)
		return rc;
	crypt_sha256(given, strlen(given), hash);
	site_file_entry(hash, entry);
	secret->value = entry;
	if (args->env) {
		for (size_t i = 0; i < n; i++)
			print_variable(name, &values[i]);
	} else {
		rc = find_group(app, args, &group, err);
		if (!rc)
			rc = guard(args, s->sites_dir, err);
		if (!rc)
			rc = site_file_write(s, name, values, n, group, err);
	}
	if (rc)
		return rc;
	print_added(app, args, values[0].value, given);
	if (is_first)
		(void)fprintf(args->env ? stderr : stdout,
			      "note: [site %s] is gone: it exists only while "
			      "there is no other site\n",
			      SETTINGS_BASE_NAME);
	return CF_OK;
}

static bool is_taken(const struct settings *s, const struct ctl_args *args,
		     struct cf_error *err)
{
	const struct settings_site *site =
		settings_find_site(s, args->words[1]);

	if (site && site->n_secrets)
		(void)cf_fail(err, CF_IO, "[site %s] is there already, in %s",
			      site->name,
			      site->file ? site->file : "the environment");
	for (size_t i = 0; args->sitekey && i < s->n_sites; i++)
		if (s->sites[i]->n_secrets &&
		    !strcmp(args->sitekey, s->sites[i]->sitekey))
			(void)cf_fail(err, CF_IO,
				      "--sitekey %s is that of "
				      "[site %s]; each site needs its own",
				      args->sitekey, s->sites[i]->name);
	return err->status != CF_OK;
}

static enum cf_status add(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	struct settings *s = &app->settings;
	char sitekey[KEY_MARK_CHARS + 1 + SETTINGS_SITE_MAX_CHARS + 1];
	char hostnames[SETTINGS_LIST_BYTES];
	char secret[LINE_BYTES], entry[SITE_FILE_ENTRY_CHARS + 1];
	struct site_value values[4];
	size_t n = 0;
	enum cf_status rc = settings_finish_sites(s, err);

	if (!rc)
		rc = join_hostnames(args, hostnames, sizeof(hostnames), err);
	if (!rc && is_taken(s, args, err))
		rc = err->status;
	if (!rc && args->secret_stdin)
		rc = read_secret(secret, err);
	if (rc)
		return rc;
	if (!args->secret_stdin)
		make_secret(secret);
	crypt_random_text(sitekey, KEY_MARK_CHARS, "0123456789abcdef", 16);
	(void)snprintf(sitekey + KEY_MARK_CHARS,
		       sizeof(sitekey) - KEY_MARK_CHARS, "-%s", args->words[1]);
	values[n++] =
		(struct site_value){"sitekey",
				    args->sitekey ? args->sitekey : sitekey};
	if (args->n_hostnames)
		values[n++] = (struct site_value){"hostnames", hostnames};
	if (args->profile)
		values[n++] = (struct site_value){"profile", args->profile};
	values[n++] = (struct site_value){"secret", secret};
	rc = put(app, args, values, n, entry, err);
	crypt_zero(secret, sizeof(secret));
	return rc;
}

/* --- list and show -------------------------------------------------------- */

static const char *place_of(const struct settings_site *site)
{
	return site->file	 ? site->file
	       : site->n_secrets ? "environment"
				 : "built-in";
}

static void add_site_json(struct buf *out, const struct settings_site *site)
{
	buf_open_json(out, NULL, '{');
	buf_add_json(out, "name", str_from(site->name));
	buf_add_json(out, "sitekey", str_from(site->sitekey));
	buf_add_json_number(out, "secrets", (int64_t)site->n_secrets);
	buf_add_json(out, "hostnames", str_from(site->hostnames));
	buf_add_json(out, "profile",
		     str_from(site->profile[0] ? site->profile
					       : SETTINGS_BASE_NAME));
	buf_add_json(out, "place", str_from(place_of(site)));
	buf_close_json(out, '}');
}

static enum cf_status list(struct app *app, const struct ctl_args *args,
			   struct cf_error *err)
{
	const struct settings *s = &app->settings;
	enum cf_status rc = settings_finish_sites(&app->settings, err);
	struct buf out;

	if (rc)
		return rc;
	buf_init(&out, 4 * 1024 * 1024);
	if (args->json)
		buf_open_json(&out, NULL, '[');
	for (size_t i = 0; i < s->n_sites; i++)
		if (args->json)
			add_site_json(&out, s->sites[i]);
		else
			buf_addf(&out, "%-20s %-30s %s  %s\n",
				 s->sites[i]->name, s->sites[i]->sitekey,
				 s->sites[i]->hostnames, place_of(s->sites[i]));
	if (args->json) {
		buf_close_json(&out, ']');
		buf_add_char(&out, '\n');
	}
	return ctl_print(&out, err);
}

/* The secret of the site of an installation that has named none. */
static enum cf_status show_secret(struct app *app, const struct ctl_args *args,
				  const struct settings_site *site,
				  struct cf_error *err)
{
	char secret[TOKEN_SECRET_CHARS + 1];
	enum cf_status rc;

	if (site->n_secrets)
		return cf_fail(err, CF_NOT_FOUND,
			       "only the SHA-256 of the "
			       "secret of [site %s] is kept; \"captchactl site "
			       "rotate %s\" makes a new one",
			       site->name, site->name);
	rc = user_act(&app->settings, args->user, err);
	if (!rc)
		rc = app_open(app, APP_TOOL, err);
	if (!rc)
		rc = token_derive_secret(app->challenge, secret, err);
	if (!rc)
		(void)puts(secret);
	crypt_zero(secret, sizeof(secret));
	return rc;
}

static enum cf_status show(struct app *app, const struct ctl_args *args,
			   struct cf_error *err)
{
	enum cf_status rc = settings_finish_sites(&app->settings, err);
	const struct settings_site *site =
		rc ? NULL : find(&app->settings, args->words[1], err);
	struct buf out;

	if (!site)
		return err->status;
	if (args->secret)
		return show_secret(app, args, site, err);
	buf_init(&out, 64 * 1024);
	settings_print_site(site, &out);
	rc = ctl_print(&out, err);
	if (rc)
		return rc;
	print_use(stdout, &app->settings, site->sitekey, NULL);
	if (!site->n_secrets)
		(void)printf("Its secret: captchactl site show %s --secret\n",
			     site->name);
	return CF_OK;
}

/* --- rotate --------------------------------------------------------------- */

/* The new value of `secret`: a new secret in front of the old ones or, to
 * finish, the newest alone. */
static enum cf_status make_value(const struct settings_site *site,
				 const char *secret, struct buf *value,
				 struct cf_error *err)
{
	uint8_t hashes[SETTINGS_SECRETS_MAX][SETTINGS_SECRET_HASH_BYTES];
	char entry[SITE_FILE_ENTRY_CHARS + 1];
	size_t n = site_file_hashes(site, hashes);
	uint8_t hash[CRYPT_SHA256_BYTES];

	if (!secret && !n)
		return cf_fail(err, CF_IO,
			       "[site %s] has no secret; "
			       "\"captchactl site rotate %s\" makes one",
			       site->name, site->name);
	if (secret && n == SETTINGS_SECRETS_MAX)
		return cf_fail(err, CF_IO,
			       "[site %s] has %d secrets, and no "
			       "more can count; \"captchactl site rotate %s "
			       "--finish\" drops all but the newest",
			       site->name, SETTINGS_SECRETS_MAX, site->name);
	if (secret) {
		crypt_sha256(secret, strlen(secret), hash);
		site_file_entry(hash, entry);
		buf_add_str(value, entry);
	}
	for (size_t i = 0; i < (secret ? n : 1); i++) {
		site_file_entry(hashes[i], entry);
		buf_addf(value, "%s%s", value->len ? " " : "", entry);
	}
	buf_add_char(value, '\0');
	return buf_status(value, err);
}

static enum cf_status change_secret(const struct ctl_args *args,
				    const struct settings_site *site,
				    const char *secret, struct cf_error *err)
{
	struct buf value;
	enum cf_status rc;

	if (site_file_is_environment(site) && !args->env)
		return cf_fail(err, CF_IO,
			       "the environment has the secret of "
			       "[site %s]: \"captchactl site rotate %s%s "
			       "--env\" prints its new value",
			       site->name, site->name,
			       secret ? "" : " --finish");
	buf_init(&value, SETTINGS_LIST_BYTES);
	rc = make_value(site, secret, &value, err);
	if (!rc && args->env)
		print_variable(site->name,
			       &(struct site_value){"secret", value.ptr});
	else if (!rc)
		rc = guard_file(args, site->file, err);
	if (!rc && !args->env)
		rc = site_file_set_secret(site, value.ptr, err);
	buf_release(&value);
	return rc;
}

static enum cf_status rotate(struct app *app, const struct ctl_args *args,
			     struct cf_error *err)
{
	const struct settings_site *site =
		find(&app->settings, args->words[1], err);
	FILE *to = args->env ? stderr : stdout;
	char secret[SECRET_CHARS + 1];
	enum cf_status rc;

	if (!site)
		return err->status;
	make_secret(secret);
	rc = change_secret(args, site, args->finish ? NULL : secret, err);
	if (!rc && args->finish && !args->env)
		(void)printf("only the newest secret of [site %s] is left\n",
			     site->name);
	if (!rc && !args->finish) {
		print_secret(to, secret);
		print_use(to, &app->settings, site->sitekey, secret);
		(void)fprintf(to,
			      "Old secrets count until \"captchactl site "
			      "rotate %s --finish\".\n",
			      site->name);
	}
	crypt_zero(secret, sizeof(secret));
	if (rc || args->env)
		return rc;
	print_reload();
	return check_again(args, err);
}

/* --- remove --------------------------------------------------------------- */

static enum cf_status remove_site(struct app *app, const struct ctl_args *args,
				  struct cf_error *err)
{
	const struct settings_site *site =
		find(&app->settings, args->words[1], err);
	enum cf_status rc;

	if (!site)
		return err->status;
	if (!site->file)
		return cf_fail(err, CF_IO,
			       "the environment makes [site %s]: "
			       "remove its variables CAPTCHA_SITE_...",
			       site->name);
	rc = guard_file(args, site->file, err);
	if (!rc)
		rc = site_file_remove(&app->settings, site, err);
	if (rc)
		return rc;
	(void)printf("removed [site %s] from %s\n", site->name, site->file);
	if (app->settings.n_sites == 1)
		(void)printf("note: without any site there is [site %s] "
			     "again\n",
			     SETTINGS_BASE_NAME);
	print_reload();
	return check_again(args, err);
}

/* --- the command ---------------------------------------------------------- */

static const struct ctl_action actions[] = {
	{"add", "NpkIe", "site", add},	   {"list", "j", NULL, list},
	{"show", "x", "site", show},	   {"rotate", "Fe", "site", rotate},
	{"remove", "", "site", remove_site},
};

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	const struct ctl_action *action;
	const struct passwd *user;
	enum cf_status rc = user_find(args->user, &user, err);

	if (!rc)
		rc = crypt_open(err);
	if (rc)
		return rc;
	action = ctl_find_action(args, actions, CF_ARRAY_LEN(actions), err);
	return action ? action->run(app, args, err) : err->status;
}

const struct ctl_command ctl_site = {
	.name = "site",
	.summary = "Make, list and remove sites, and give them new secrets",
	.help = "  add NAME             make a site: a file of sites_dir, and "
		"a secret\n"
		"    --hostname HOST    whose pages may show its challenges; "
		"may repeat\n"
		"    --profile NAME     the profile of its challenges\n"
		"    --sitekey KEY      keep the sitekey that a page has\n"
		"    --secret-stdin     keep the secret that an application "
		"has\n"
		"    --env              print variables, and write no file\n"
		"  list [--json]        the sites\n"
		"  show NAME            the section of a site\n"
		"    --secret           the secret of the site \"default\"\n"
		"  rotate NAME          make a new secret; old ones count on\n"
		"    --finish           drop all secrets but the newest\n"
		"    --env              print the variable, and write no file\n"
		"  remove NAME          remove a site\n",
	.options = "NpkIejxF",
	.n_words_max = 2,
	.needs_app = false,
	.is_anybodys = true,
	.becomes_user = true, /* root writes, and the user opens */
	.leaves_sites = true,
	.run = run,
};
