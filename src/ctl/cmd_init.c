/*
 * captchactl init: make the directories and the database, as the user of the
 * service.
 */
#include "base/base.h"
#include "base/file.h"
#include "ctl/ctl.h"

#include <pwd.h>
#include <sys/stat.h>

/* Make a directory and give it to uid and gid, if it is new. */
static enum cf_status make_for(const char *path, uid_t uid, gid_t gid,
			       struct cf_error *err)
{
	struct stat st;
	enum cf_status rc;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return CF_OK;
	rc = file_make_dirs(path, 0755, err);
	if (rc)
		return rc;
	if (chown(path, uid, gid))
		return cf_fail(err, CF_IO, "cannot give %s to uid %ld: %s",
			       path, (long)uid, strerror(errno));
	(void)printf("made %s\n", path);
	return CF_OK;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	const struct settings *s = &app->settings;
	bool is_local = s->store == SETTINGS_STORE_SQLITE;
	char dir[SETTINGS_PATH_BYTES], place[STORE_PLACE_BYTES];
	const struct passwd *pw = NULL;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	enum cf_status rc;

	if (args->user) {
		pw = getpwnam(args->user);
		if (!pw || (geteuid() != 0 && pw->pw_uid != geteuid()))
			return cf_fail(err, CF_BAD_INPUT, "--user %s: %s",
				       args->user,
				       pw ? "only root can make things for "
					    "others" : "there is no such user");
		uid = pw->pw_uid;
		gid = pw->pw_gid;
	}
	file_parent(s->database, dir, sizeof(dir));
	/* parents may be walked through by the service's user */
	(void)umask(022);
	rc = is_local ? make_for(dir, uid, gid, err) : CF_OK;
	if (!rc)
		rc = make_for(s->cache_dir, uid, gid, err);
	(void)umask(077);
	if (rc)
		return rc;
	if (chmod(s->cache_dir, 0700) && errno != EPERM)
		return cf_fail(err, CF_IO, "cannot set the mode of %s: %s",
			       s->cache_dir, strerror(errno));
	if (geteuid() == 0 && uid != 0 && (setgid(gid) || setuid(uid)))
		return cf_fail(err, CF_IO, "cannot act as user %s: %s",
			       args->user, strerror(errno));
	rc = app_open(app, APP_TOOL, err);
	if (rc)
		return rc;
	rc = store_probe(app->store, err);
	if (!rc)
		rc = pool_probe(app->pool, err);
	if (rc)
		return rc;
	store_place(s, place);
	(void)printf("%s %s is ready\ncache %s is ready\n",
		     is_local ? "database" : "store", place, s->cache_dir);
	if (uid == 0)
		(void)printf("note: %s to root; if the web server runs as "
			     "another user,\nremove %s and give --user "
			     "(www-data on Debian)\n",
			     is_local ? "both belong" : "the cache belongs",
			     is_local ? "them" : "it");
	return CF_OK;
}

const struct ctl_command ctl_init = {
	.name = "init",
	.summary = "Make the database and the cache directory",
	.help = "Creates what is missing, for the user that --user names, and "
		"leaves the rest\nas it is. Safe to repeat.\n",
	.options = "",
	.needs_app = false,
	.run = run,
};
