/*
 * Whose rights root takes on: see user.h and path_resolution(7).
 *
 * A path is walked by name, from the root directory. Where nobody but root can
 * change the directories, nobody can put a link there meanwhile. Below the
 * first directory that another user can change, root makes nothing. The walk
 * goes on there only to find whether a second user can change the path.
 */
#include "base/base.h"
#include "base/file.h"
#include "ctl/user.h"

#include <grp.h>
#include <limits.h>
#include <sys/stat.h>

enum { LINKS_MAX = 40 }; /* as the kernel's: path_resolution(7) */

const char *user_name(uid_t uid, char out[USER_NAME_BYTES])
{
	const struct passwd *pw = getpwuid(uid);

	if (pw)
		(void)snprintf(out, USER_NAME_BYTES, "%s", pw->pw_name);
	else
		(void)snprintf(out, USER_NAME_BYTES, "uid %ld", (long)uid);
	return out;
}

bool user_is_roots(const char *path)
{
	struct stat st;

	return !stat(path, &st) && st.st_uid == 0;
}

enum cf_status user_find(const char *name, const struct passwd **out,
			 struct cf_error *err)
{
	*out = name ? getpwnam(name) : NULL;
	if (!name)
		return CF_OK;
	if (!*out)
		return cf_fail(err, CF_BAD_INPUT,
			       "--user %s: there is no such user", name);
	if (geteuid() != 0 && (*out)->pw_uid != geteuid())
		return cf_fail(err, CF_BAD_INPUT,
			       "--user %s: only root can act for others",
			       name);
	return CF_OK;
}

enum cf_status user_become(const struct passwd *user, struct cf_error *err)
{
	if (geteuid() != 0 || user->pw_uid == 0)
		return CF_OK;
	if (initgroups(user->pw_name, user->pw_gid) ||
	    setgid(user->pw_gid) || setuid(user->pw_uid))
		return cf_fail(err, CF_IO, "cannot act as user %s: %s",
			       user->pw_name, strerror(errno));
	return CF_OK;
}

/* --- the way to a directory ----------------------------------------------- */

/* How far a path was walked, and the users who can change it. */
struct way {
	const char *setting;
	char done[PATH_MAX]; /* a directory, and no link; "" is the root */
	char rest[PATH_MAX]; /* what is still to be walked */
	int n_links;
	uid_t owner;	     /* the one user beside root; 0: nobody */
	char open[PATH_MAX]; /* a directory that more users can change, or "" */
};

static enum cf_status way_fail(const struct way *way, const char *path,
			       struct cf_error *err)
{
	return cf_fail(err, file_status(errno), "%s: %s: %s", way->setting,
		       path, strerror(errno));
}

/* Put a path in front of the rest. */
static enum cf_status prepend(struct way *way, const char *path,
			      struct cf_error *err)
{
	char rest[PATH_MAX];

	if (snprintf(rest, sizeof(rest), "%s/%s", path, way->rest) >=
	    (int)sizeof(rest))
		return cf_fail(err, CF_CONFIG, "%s: too long a path",
			       way->setting);
	memcpy(way->rest, rest, sizeof(rest));
	if (path[0] == '/')
		way->done[0] = '\0';
	return CF_OK;
}

/* Take the next name from the rest. entry is its path, "" at the end. */
static enum cf_status next_entry(struct way *way, char entry[PATH_MAX],
				 struct cf_error *err)
{
	const char *name = way->rest + strspn(way->rest, "/");
	size_t len = strcspn(name, "/");

	entry[0] = '\0';
	if (len && snprintf(entry, PATH_MAX, "%s/%.*s", way->done, (int)len,
			    name) >= PATH_MAX)
		return cf_fail(err, CF_CONFIG, "%s: too long a path",
			       way->setting);
	memmove(way->rest, name + len, strlen(name + len) + 1);
	return CF_OK;
}

static bool is_roots(const struct way *way)
{
	return way->owner == 0 && !way->open[0];
}

static void note_open(struct way *way)
{
	if (!way->open[0])
		(void)snprintf(way->open, sizeof(way->open), "%s",
			       way->done[0] ? way->done : "/");
}

static void note_owner(struct way *way, uid_t owner)
{
	if (owner == 0)
		return;
	if (way->owner && way->owner != owner)
		note_open(way);
	way->owner = owner;
}

/*
 * Note the users who can replace an entry of a directory: its owner, and those
 * who may write there. With the sticky bit these can only replace their own
 * entries.
 *
 * entry  NULL: there is none
 */
static void note_directory(struct way *way, const struct stat *dir,
			   const struct stat *entry)
{
	bool is_open = dir->st_mode & (S_IWGRP | S_IWOTH);

	note_owner(way, dir->st_uid);
	if (is_open && dir->st_mode & S_ISVTX && entry)
		note_owner(way, entry->st_uid);
	else if (is_open)
		note_open(way);
}

/* Go on where a link leads, if nobody but root can have put it there. */
static enum cf_status follow(struct way *way, const char *link,
			     struct cf_error *err)
{
	char to[PATH_MAX];
	ssize_t n;

	if (!is_roots(way))
		return cf_fail(err, CF_CONFIG,
			       "%s: %s is a symbolic link that others than "
			       "root can change: remove it, or name where it "
			       "leads in the settings", way->setting, link);
	n = readlink(link, to, sizeof(to) - 1);
	if (n >= 0 && ++way->n_links > LINKS_MAX) {
		errno = ELOOP;
		n = -1;
	}
	if (n < 0)
		return way_fail(way, link, err);
	to[n] = '\0';
	return prepend(way, to, err);
}

/* Walk as far as there are directories. entry is the path of the first name
 * that is not there, "" at the end of the path. */
static enum cf_status walk(struct way *way, char entry[PATH_MAX],
			   struct cf_error *err)
{
	struct stat dir, st;
	enum cf_status rc = next_entry(way, entry, err);

	while (!rc) {
		bool is_there = entry[0] && !lstat(entry, &st);

		if (entry[0] && !is_there && errno != ENOENT)
			return way_fail(way, entry, err);
		if (lstat(way->done[0] ? way->done : "/", &dir))
			return way_fail(way, way->done, err);
		note_directory(way, &dir, is_there ? &st : NULL);
		if (!is_there)
			return CF_OK;
		errno = ENOTDIR;
		if (S_ISLNK(st.st_mode))
			rc = follow(way, entry, err);
		else if (S_ISDIR(st.st_mode))
			memcpy(way->done, entry, sizeof(way->done));
		else
			rc = way_fail(way, entry, err);
		if (!rc)
			rc = next_entry(way, entry, err);
	}
	return rc;
}

/* Walk a path from the root directory. */
static enum cf_status walk_path(struct way *way, const char *setting,
				const char *path, char entry[PATH_MAX],
				struct cf_error *err)
{
	char here[PATH_MAX];
	enum cf_status rc;

	*way = (struct way){.setting = setting};
	rc = prepend(way, path, err);
	if (!rc && path[0] != '/') {
		if (!getcwd(here, sizeof(here)))
			return way_fail(way, path, err);
		rc = prepend(way, here, err);
	}
	return rc ? rc : walk(way, entry, err);
}

/* --- whose rights --------------------------------------------------------- */

/* Set *owner to the owner of the directory of a setting, unless only root can
 * change the way to it. */
static enum cf_status find_owner(const char *setting, const char *path,
				 uid_t *owner, struct cf_error *err)
{
	char entry[PATH_MAX], names[2][USER_NAME_BYTES];
	struct way way;
	enum cf_status rc = walk_path(&way, setting, path, entry, err);

	if (rc)
		return rc;
	if (way.open[0])
		return cf_fail(err, CF_CONFIG,
			       "%s: others than root and one user can change "
			       "%s: give --user, as whom to act", setting,
			       way.open);
	if (way.owner && *owner && way.owner != *owner)
		return cf_fail(err, CF_CONFIG,
			       "%s belongs to %s, the other directory to %s: "
			       "give --user, as whom to act", setting,
			       user_name(way.owner, names[0]),
			       user_name(*owner, names[1]));
	if (way.owner)
		*owner = way.owner;
	return CF_OK;
}

enum cf_status user_of_dirs(const struct settings *settings,
			    const struct passwd **out, struct cf_error *err)
{
	char dir[SETTINGS_PATH_BYTES];
	uid_t owner = 0;
	enum cf_status rc;

	*out = NULL;
	rc = find_owner("cache_dir", settings->cache_dir, &owner, err);
	if (!rc && settings->store == SETTINGS_STORE_SQLITE) {
		file_parent(settings->database, dir, sizeof(dir));
		rc = find_owner("database", dir, &owner, err);
	}
	if (rc || owner == 0)
		return rc;
	*out = getpwuid(owner);
	if (!*out)
		return cf_fail(err, CF_CONFIG,
			       "cache_dir or database belongs to uid %ld, "
			       "which has no name: give --user", (long)owner);
	return CF_OK;
}

enum cf_status user_act(const struct settings *settings, const char *name,
			struct cf_error *err)
{
	const struct passwd *user;
	enum cf_status rc = user_find(name, &user, err);

	if (!rc && !user && geteuid() == 0)
		rc = user_of_dirs(settings, &user, err);
	return !rc && user ? user_become(user, err) : rc;
}

enum cf_status user_make_dir(const char *setting, const char *path,
			     const struct passwd *user, bool *is_made,
			     struct cf_error *err)
{
	char entry[PATH_MAX];
	struct way way;
	enum cf_status rc = walk_path(&way, setting, path, entry, err);

	*is_made = false;
	if (!rc && !is_roots(&way) && !user)
		return cf_fail(err, CF_CONFIG, "%s: others than root can "
			       "change %s: give --user, who is to own it",
			       setting, way.done[0] ? way.done : "/");
	while (!rc && entry[0] && is_roots(&way)) {
		bool is_last = !way.rest[strspn(way.rest, "/")];

		if (mkdir(entry, is_last ? 0700 : 0755) ||
		    (is_last && user &&
		     lchown(entry, user->pw_uid, user->pw_gid)))
			return way_fail(&way, entry, err);
		*is_made = is_last;
		memcpy(way.done, entry, sizeof(way.done));
		rc = next_entry(&way, entry, err);
	}
	return rc;
}
