/*
 * captchactl check: the directories of the service and the files in them, and
 * why the service's user cannot use one.
 */
#include "base/base.h"
#include "base/file.h"
#include "ctl/check.h"
#include "ctl/user.h"
#include "sound/sets.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

enum {
	/* of a WAL of 4000 pages (store/sqlite_open.c), as many that it adds
	 * to the database, and the spare file */
	DATABASE_BYTES = 8 * 1024 * 1024,
	/* a disk with this much room is not nearly full */
	PICTURES_MAX_BYTES = 32 * 1024 * 1024,
	STAT_BLOCK_BYTES = 512, /* stat(2) */
	DEPTH_MAX = 4,		/* cache_dir/DAY/part/picture */
};

/* A directory that a setting names. */
struct place {
	const char *what;
	const char *path;
	const char *content;
	enum cause owner_cause; /* of files with the wrong owner */
	enum cause room_cause;	/* of little room */
	bool is_private;
	int64_t needed_bytes; /* in all */
	int64_t used_bytes;   /* of these, by files that are there */
};

/* Whether the caller is neither root nor the owner, and so may be another user
 * than the service's. A directory of root is wrong for any service. */
static bool is_stranger(const struct report *report, uid_t owner)
{
	return !report->args->is_by_root && owner != 0 && owner != geteuid();
}

/* Whether root acts as the owner of the directories, though perhaps the service
 * runs as root. */
static bool is_owner_unasked(const struct report *report)
{
	const struct service *service = &report->service;

	return report->args->is_by_root && !report->args->user &&
	       !(service->has_user && service->uid != 0);
}

/* The first directory of a path that the user cannot enter. */
static bool find_shut(const char *path, char shut[PATH_MAX])
{
	size_t len = strlen(path);

	for (size_t i = 1; i < len && i < PATH_MAX; i++) {
		if (path[i] != '/')
			continue;
		memcpy(shut, path, i);
		shut[i] = '\0';
		if (access(shut, X_OK) && errno == EACCES)
			return true;
	}
	return false;
}

/* A directory above does not let the user in. */
static void report_shut(struct report *report, const struct place *place)
{
	char shut[PATH_MAX], owner[USER_NAME_BYTES];
	struct stat st;

	if (!find_shut(place->path, shut) || stat(shut, &st))
		report_wrong(report, CAUSE_UNKNOWN_PATH, place->path,
			     place->what, "%s: %s", place->path,
			     strerror(EACCES));
	else if (is_stranger(report, st.st_uid))
		report_wrong(report, CAUSE_STRANGER, shut, place->what,
			     "%s belongs to %s, and you are %s: run this as "
			     "root or as %s",
			     shut, user_name(st.st_uid, owner), report->user,
			     owner);
	else
		report_wrong(report,
			     is_owner_unasked(report) ? CAUSE_SHUT_TO_OWNER
						      : CAUSE_SHUT,
			     shut, place->what,
			     "%s: %s cannot enter %s, which has mode %04o: "
			     "open it, or name another directory",
			     place->path, report->user, shut,
			     (unsigned)st.st_mode & 07777);
}

/* stat(2) has failed. */
static void report_no_stat(struct report *report, const struct place *place)
{
	int why = errno;

	if (why == EACCES)
		report_shut(report, place);
	else
		report_wrong(report,
			     why == ENOENT ? CAUSE_MISSING : CAUSE_UNKNOWN_PATH,
			     place->path, place->what, "%s: %s", place->path,
			     strerror(why));
}

/* The user cannot write to a file or directory; errno says why. */
static void report_no_access(struct report *report, const struct place *place,
			     const char *path, const struct stat *st)
{
	int why = errno;
	char owner[USER_NAME_BYTES];

	(void)user_name(st->st_uid, owner);
	if (why == EROFS)
		report_wrong(report, CAUSE_READ_ONLY, path, place->what,
			     "%s is on a read-only file system: mount it for "
			     "writing, or name another directory",
			     path);
	else if (why != EACCES && why != EPERM)
		report_wrong(report, CAUSE_UNKNOWN_PATH, path, place->what,
			     "%s: %s", path, strerror(why));
	else if (st->st_uid == geteuid())
		report_wrong(report, CAUSE_MODE, path, place->what,
			     "%s belongs to %s, which its mode %04o does not "
			     "let write",
			     path, owner, (unsigned)st->st_mode & 07777);
	else if (is_stranger(report, st->st_uid))
		report_wrong(report, CAUSE_STRANGER, path, place->what,
			     "%s belongs to %s, and you are %s: run this as "
			     "root or as %s",
			     path, owner, report->user, owner);
	else
		report_wrong(report, place->owner_cause, place->path,
			     place->what,
			     "%s belongs to %s, so the service cannot write "
			     "there as %s",
			     path, owner, report->user);
}

static bool check_entries(struct report *report, struct place *place,
			  const char *dir, int depth);

/* Report a file or directory that the user cannot change, or the first such
 * entry of the directory. False when there was one. */
static bool check_entry(struct report *report, struct place *place,
			const char *path, int depth)
{
	struct stat st;

	/* gone meanwhile, or a link, which the service does not follow */
	if (lstat(path, &st) || S_ISLNK(st.st_mode))
		return true;
	place->used_bytes += (int64_t)st.st_blocks * STAT_BLOCK_BYTES;
	if (access(path,
		   S_ISDIR(st.st_mode) ? R_OK | W_OK | X_OK : R_OK | W_OK)) {
		if (errno == ENOENT)
			return true;
		report_no_access(report, place, path, &st);
		return false;
	}
	return !S_ISDIR(st.st_mode) || depth == DEPTH_MAX ||
	       check_entries(report, place, path, depth + 1);
}

static bool check_entries(struct report *report, struct place *place,
			  const char *dir, int depth)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	bool is_well = true;
	DIR *stream = opendir(dir);
	int64_t used_bytes;

	while (stream && is_well && (entry = readdir(stream))) {
		/* the last one is root's, where cache_dir is a mount of ext4 */
		if (!strcmp(entry->d_name, ".") ||
		    !strcmp(entry->d_name, "..") ||
		    !strcmp(entry->d_name, "lost+found"))
			continue;
		used_bytes = place->used_bytes;
		if (snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name) <
		    (int)sizeof(path))
			is_well = check_entry(report, place, path, depth);
		/* banks of sounds take no room from pictures */
		if (depth == 1 && !strcmp(entry->d_name, SETS_DIR))
			place->used_bytes = used_bytes;
	}
	if (stream)
		(void)closedir(stream);
	return is_well;
}

/* Only the database's own files: the directory may have others. */
static bool check_database_files(struct report *report, struct place *place)
{
	char path[REPORT_PATH_BYTES];

	for (size_t i = 0; i < REPORT_FILES; i++) {
		report_database_file(report->settings, i, path);
		if (!check_entry(report, place, path, DEPTH_MAX))
			return false;
		/* the database itself takes no part of the room that a
		 * change needs */
		if (i == 0)
			place->used_bytes = 0;
	}
	return true;
}

static bool check_files(struct report *report, struct place *place)
{
	return place->is_private ? check_entries(report, place, place->path, 1)
				 : check_database_files(report, place);
}

static void check_room(struct report *report, const struct place *place,
		       const struct stat *st)
{
	char owner[USER_NAME_BYTES];
	int64_t free_bytes, missing_bytes;
	struct statvfs fs;

	if (statvfs(place->path, &fs)) {
		report_wrong(report, CAUSE_UNKNOWN_PATH, place->path,
			     place->what, "%s: %s", place->path,
			     strerror(errno));
		return;
	}
	free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	missing_bytes = place->needed_bytes - place->used_bytes;
	if (!fs.f_bavail)
		report_wrong(report, CAUSE_ROOM, place->path, place->what,
			     "%s: the file system is full", place->path);
	else if (free_bytes < missing_bytes)
		report_warn(report, place->room_cause, place->path, place->what,
			    "%s: %lld kB are left of the %lld kB that the %s "
			    "may still take",
			    place->path, (long long)free_bytes / 1024,
			    (long long)missing_bytes / 1024, place->content);
	else
		report_ok(place->what, "%s belongs to %s", place->path,
			  user_name(st->st_uid, owner));
}

static void check_place(struct report *report, struct place *place)
{
	struct stat st;

	if (stat(place->path, &st))
		report_no_stat(report, place);
	else if (!S_ISDIR(st.st_mode))
		report_wrong(report, CAUSE_NO_DIRECTORY, place->path,
			     place->what, "%s is no directory", place->path);
	else if (access(place->path, R_OK | W_OK | X_OK))
		report_no_access(report, place, place->path, &st);
	else if (place->is_private && (st.st_mode & 077))
		report_wrong(report, CAUSE_PRIVATE, place->path, place->what,
			     "%s has mode %04o: file names there hold codes",
			     place->path, (unsigned)st.st_mode & 07777);
	else if (check_files(report, place))
		check_room(report, place, &st);
}

/* A picture lives for minutes: a disk writes it in vain. */
static void hint_at_memory(struct report *report)
{
	struct statfs fs;

	/* the type of f_type depends on the processor */
	if (!statfs(report->settings->cache_dir, &fs) &&
	    (uint32_t)fs.f_type != TMPFS_MAGIC &&
	    (uint32_t)fs.f_type != RAMFS_MAGIC)
		report_hint(report, CAUSE_TOLD,
			    "on a disk; in memory (tmpfs) "
			    "checks are up to twice as fast");
}

void ctl_check_dirs(struct report *report)
{
	const struct settings *s = report->settings;
	char data[SETTINGS_PATH_BYTES] = "";
	struct place places[] = {
		{"data", data, "database", CAUSE_DATA_OWNER, CAUSE_DATA_ROOM,
		 false, DATABASE_BYTES, 0},
		{"cache", s->cache_dir, "pictures", CAUSE_CACHE_OWNER,
		 CAUSE_CACHE_ROOM, true, PICTURES_MAX_BYTES, 0},
	};

	/* pictures take up to twice the bytes that are counted */
	if (2 * s->cache_max_bytes < PICTURES_MAX_BYTES)
		places[1].needed_bytes = 2 * s->cache_max_bytes;

	if (s->store == SETTINGS_STORE_SQLITE) {
		file_parent(s->database, data, sizeof(data));
		check_place(report, &places[0]);
	}
	check_place(report, &places[1]);
	hint_at_memory(report);
	/* root finds no fault with them, since root can write everywhere */
	if (geteuid() == 0 && !report->args->user &&
	    (user_is_roots(data) || user_is_roots(s->cache_dir)))
		report_hint(report, CAUSE_ROOTS,
			    "a service that does not run "
			    "as root cannot write to directories of root; "
			    "look as its user would:");
}
