/*
 * captchactl init: make the directories and the database, and give them to the
 * service's user.
 */
#include "base/base.h"
#include "app/options.h"
#include "base/file.h"
#include "ctl/ctl.h"
#include "ctl/user.h"

#include <sys/stat.h>

/* Make the part of a path that nobody but root can change. */
static enum cf_status make_as_root(const char *setting, const char *path,
				   const struct passwd *user,
				   struct cf_error *err)
{
	bool is_made;
	enum cf_status rc = user_make_dir(setting, path, user, &is_made, err);

	if (!rc && is_made)
		(void)printf("made %s\n", path);
	return rc;
}

static enum cf_status make(const char *path, struct cf_error *err)
{
	struct stat st;
	enum cf_status rc;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return CF_OK;
	rc = file_make_dirs(path, 0755, err);
	if (!rc)
		(void)printf("made %s\n", path);
	return rc;
}

/* Make the directories, and become the user. */
static enum cf_status make_dirs(const struct settings *s,
				const struct passwd *user,
				struct cf_error *err)
{
	char data[SETTINGS_PATH_BYTES];
	const char *const dirs[][2] = {{"database", data},
				       {"cache_dir", s->cache_dir}};
	size_t first = s->store == SETTINGS_STORE_SQLITE ? 0 : 1;
	enum cf_status rc = CF_OK;

	file_parent(s->database, data, sizeof(data));
	for (size_t i = first; i < 2 && !rc && geteuid() == 0; i++)
		rc = make_as_root(dirs[i][0], dirs[i][1], user, err);
	if (!rc && user)
		rc = user_become(user, err);
	for (size_t i = first; i < 2 && !rc; i++)
		rc = make(dirs[i][1], err);
	if (!rc && chmod(s->cache_dir, 0700) && errno != EPERM)
		rc = cf_fail(err, CF_IO, "cannot set the mode of %s: %s",
			     s->cache_dir, strerror(errno));
	return rc;
}

/* Say that a part is ready, and whose it is on the disk. */
static void print_ready(const char *what, const char *path, bool is_file)
{
	char name[USER_NAME_BYTES];
	struct stat st;

	(void)printf("%s %s is ready", what, path);
	if (is_file && !stat(path, &st))
		(void)printf(", and belongs to %s",
			     user_name(st.st_uid, name));
	(void)putchar('\n');
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	const struct settings *s = &app->settings;
	bool is_local = s->store == SETTINGS_STORE_SQLITE;
	const struct store_options options = options_store(s);
	char place[STORE_PLACE_BYTES];
	const struct passwd *user;
	enum cf_status rc = user_find(args->user, &user, err);

	/* repeated without --user: for the user of the first time */
	if (!rc && !user && geteuid() == 0)
		rc = user_of_dirs(s, &user, err);
	/* the service's user may enter the parents */
	(void)umask(022);
	if (!rc)
		rc = make_dirs(s, user, err);
	(void)umask(077);
	if (rc)
		return rc;
	rc = app_open(app, APP_TOOL, err);
	if (rc)
		return rc;
	rc = store_probe(app->store, err);
	if (!rc)
		rc = pool_probe(app->pool, err);
	if (rc)
		return rc;
	store_place(&options, place);
	print_ready(is_local ? "database" : "store", place, is_local);
	print_ready("cache", s->cache_dir, true);
	if ((is_local && user_is_roots(place)) || user_is_roots(s->cache_dir))
		(void)puts("note: a service that does not run as root cannot "
			   "use what belongs to root:\n"
			   "captchactl check --user NAME says how to give it to "
			   "that user");
	return CF_OK;
}

const struct ctl_command ctl_init = {
	.name = "init",
	.summary = "Make the database and the cache directory",
	.help = "Creates what is missing, for the user that --user names, and "
		"leaves the rest\nas it is. Safe to repeat: without --user "
		"it is for the user whom the\ndirectories belong to.\n",
	.options = "",
	.needs_app = false,
	.becomes_user = true, /* only root can make some directories */
	.run = run,
};
