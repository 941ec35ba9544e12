/*
 * Whose rights root takes on: see user.h. A path is walked from the root
 * directory, by descriptors, never through a link: path_resolution(7). Each
 * directory on it can be changed by its owner, and by others as its mode says.
 */
#include "base/base.h"
#include "base/file.h"
#include "ctl/user.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sys/stat.h>

enum { LINKS_MAX = 40 }; /* as the kernel's: path_resolution(7) */

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

/*
 * How far a path was walked, and who can change what it leads to. Invariant:
 * done names the directory that fd is.
 */
struct way {
	const char *setting;
	int fd;
	char done[PATH_MAX];
	char rest[PATH_MAX]; /* what is still to be walked */
	uid_t owner;	     /* beside root; 0 while there is nobody */
	bool is_anybodys;    /* more than root and one other can change it */
	char at[PATH_MAX];   /* the directory that made it so */
	int n_links;
};

static enum cf_status way_fail(const struct way *way, const char *name,
			       struct cf_error *err)
{
	return cf_fail(err, file_status(errno), "%s: %s/%s: %s", way->setting,
		       way->done, name, strerror(errno));
}

/* From the root directory, along the text. */
static enum cf_status way_begin(struct way *way, const char *text,
				struct cf_error *err)
{
	char rest[PATH_MAX];

	if (snprintf(rest, sizeof(rest), "%s/%s", text, way->rest) >=
	    (int)sizeof(rest))
		return cf_fail(err, CF_CONFIG, "%s: too long a path",
			       way->setting);
	memcpy(way->rest, rest, sizeof(rest));
	if (text[0] != '/')
		return CF_OK; /* a link that goes on from where it is */
	if (way->fd >= 0)
		(void)close(way->fd);
	way->done[0] = '\0';
	way->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return way->fd < 0 ? way_fail(way, "", err) : CF_OK;
}

static void way_end(struct way *way)
{
	if (way->fd >= 0)
		(void)close(way->fd);
	way->fd = -1;
}

/* Take the next name from the rest; it is empty at the end of the path. */
static enum cf_status way_next(struct way *way, char name[NAME_MAX + 1],
			       struct cf_error *err)
{
	const char *from = way->rest + strspn(way->rest, "/");
	size_t len = strcspn(from, "/");

	if (len > NAME_MAX)
		return cf_fail(err, CF_CONFIG, "%s: %.40s...: too long a name",
			       way->setting, from);
	memcpy(name, from, len);
	name[len] = '\0';
	memmove(way->rest, from + len, strlen(from + len) + 1);
	return CF_OK;
}

/* That this user can change it. */
static void note_owner(struct way *way, uid_t owner)
{
	bool is_another = way->owner && way->owner != owner;

	if (owner == 0)
		return;
	if (is_another && !way->is_anybodys) {
		way->is_anybodys = true;
		memcpy(way->at, way->done, sizeof(way->at));
	}
	way->owner = owner;
}

/*
 * Who can put something else in the place of an entry of this directory: the
 * owner of the directory, and who may write there. With the sticky bit these
 * can only replace what is theirs.
 */
static void note_directory(struct way *way, const struct stat *dir,
			   const struct stat *entry)
{
	bool is_open = dir->st_mode & (S_IWGRP | S_IWOTH);

	note_owner(way, dir->st_uid);
	if (is_open && dir->st_mode & S_ISVTX && entry) {
		note_owner(way, entry->st_uid);
	} else if (is_open && !way->is_anybodys) {
		way->is_anybodys = true;
		memcpy(way->at, way->done, sizeof(way->at));
	}
}

static bool is_roots(const struct way *way)
{
	return way->owner == 0 && !way->is_anybodys;
}

/* Go on where a link leads, if nobody but root can have put it there. */
static enum cf_status follow(struct way *way, const char *name,
			     struct cf_error *err)
{
	char to[PATH_MAX];
	ssize_t n;

	if (!is_roots(way))
		return cf_fail(err, CF_CONFIG,
			       "%s: %s/%s is a symbolic link that others than "
			       "root can change: remove it, or name where it "
			       "leads in the settings", way->setting,
			       way->done, name);
	n = readlinkat(way->fd, name, to, sizeof(to) - 1);
	if (n < 0)
		return way_fail(way, name, err);
	to[n] = '\0';
	if (++way->n_links > LINKS_MAX) {
		errno = ELOOP;
		return way_fail(way, name, err);
	}
	return way_begin(way, to, err);
}

/* Step into a directory. */
static enum cf_status enter(struct way *way, const char *name,
			    struct cf_error *err)
{
	int fd = openat(way->fd, name,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	size_t len = strlen(way->done);

	if (fd < 0)
		return way_fail(way, name, err);
	(void)close(way->fd);
	way->fd = fd;
	(void)snprintf(way->done + len, sizeof(way->done) - len, "/%s", name);
	return CF_OK;
}

/*
 * Walk as far as there are directories.
 *
 * name     the first that is not there; empty at the end of the path
 */
static enum cf_status walk(struct way *way, char name[NAME_MAX + 1],
			   struct cf_error *err)
{
	struct stat dir, entry;
	enum cf_status rc = way_next(way, name, err);

	while (!rc) {
		bool is_there = name[0] && !fstatat(way->fd, name, &entry,
						    AT_SYMLINK_NOFOLLOW);

		if (name[0] && !is_there && errno != ENOENT)
			return way_fail(way, name, err);
		if (fstat(way->fd, &dir))
			return way_fail(way, "", err);
		note_directory(way, &dir, is_there ? &entry : NULL);
		if (!is_there)
			return CF_OK;
		rc = S_ISLNK(entry.st_mode) ? follow(way, name, err)
					    : enter(way, name, err);
		if (!rc)
			rc = way_next(way, name, err);
	}
	return rc;
}

static enum cf_status way_init(struct way *way, const char *setting,
			       const char *path, struct cf_error *err)
{
	char here[PATH_MAX];

	*way = (struct way){.setting = setting, .fd = -1};
	if (path[0] == '/')
		return way_begin(way, path, err);
	(void)snprintf(way->rest, sizeof(way->rest), "%s", path);
	if (!getcwd(here, sizeof(here)))
		return cf_fail(err, CF_IO, "%s: %s: no directory to begin at",
			       setting, path);
	return way_begin(way, here, err);
}

/* --- whose rights --------------------------------------------------------- */

/* Who owns the directory of a setting: *owner stays as it is where only root
 * can change the way to it. */
static enum cf_status find_owner(const char *setting, const char *path,
				 uid_t *owner, struct cf_error *err)
{
	char name[NAME_MAX + 1];
	struct way way;
	enum cf_status rc = way_init(&way, setting, path, err);

	if (!rc)
		rc = walk(&way, name, err);
	way_end(&way);
	if (rc)
		return rc;
	if (way.is_anybodys)
		return cf_fail(err, CF_CONFIG,
			       "%s: others than root and one user can change "
			       "%s: give --user, as whom to act", setting,
			       way.at[0] ? way.at : "/");
	if (way.owner && *owner && way.owner != *owner)
		return cf_fail(err, CF_CONFIG,
			       "%s belongs to uid %ld, the other directory to "
			       "uid %ld: give --user, as whom to act", setting,
			       (long)way.owner, (long)*owner);
	if (way.owner)
		*owner = way.owner;
	return CF_OK;
}

static enum cf_status act_as_owner(const struct settings *settings,
				   struct cf_error *err)
{
	const struct passwd *user;
	char dir[SETTINGS_PATH_BYTES];
	uid_t owner = 0;
	enum cf_status rc;

	rc = find_owner("cache_dir", settings->cache_dir, &owner, err);
	if (!rc && settings->store == SETTINGS_STORE_SQLITE) {
		file_parent(settings->database, dir, sizeof(dir));
		rc = find_owner("database", dir, &owner, err);
	}
	if (rc || owner == 0)
		return rc;
	user = getpwuid(owner);
	if (!user)
		return cf_fail(err, CF_CONFIG,
			       "cache_dir or database belongs to uid %ld, "
			       "which has no name: give --user", (long)owner);
	return user_become(user, err);
}

enum cf_status user_act(const struct settings *settings, const char *name,
			struct cf_error *err)
{
	const struct passwd *user;
	enum cf_status rc = user_find(name, &user, err);

	if (rc)
		return rc;
	if (user)
		return user_become(user, err);
	return geteuid() == 0 ? act_as_owner(settings, err) : CF_OK;
}

/* --- making --------------------------------------------------------------- */

/* Make what is missing, while nobody but root can change where. */
static enum cf_status make_rest(struct way *way, char name[NAME_MAX + 1],
				const struct passwd *user, bool *is_made,
				struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	while (!rc && name[0] && is_roots(way)) {
		bool is_last = !way->rest[strspn(way->rest, "/")];

		if (mkdirat(way->fd, name, is_last ? 0700 : 0755))
			return way_fail(way, name, err);
		rc = enter(way, name, err);
		if (!rc && is_last && user &&
		    fchownat(way->fd, "", user->pw_uid, user->pw_gid,
			     AT_EMPTY_PATH))
			rc = way_fail(way, "", err);
		if (!rc && is_last)
			*is_made = true;
		if (!rc)
			rc = way_next(way, name, err);
	}
	return rc;
}

enum cf_status user_make_dir(const char *setting, const char *path,
			     const struct passwd *user, bool *is_made,
			     struct cf_error *err)
{
	char name[NAME_MAX + 1];
	struct way way;
	enum cf_status rc = way_init(&way, setting, path, err);

	*is_made = false;
	if (!rc)
		rc = walk(&way, name, err);
	if (!rc && !is_roots(&way) && !user)
		rc = cf_fail(err, CF_CONFIG, "%s: others than root can change "
			     "%s: give --user, whose it is to be", setting,
			     way.done[0] ? way.done : "/");
	if (!rc)
		rc = make_rest(&way, name, user, is_made, err);
	way_end(&way);
	return rc;
}
