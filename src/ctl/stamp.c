/*
 * Stamps: see stamp.h.
 */
#include "base/base.h"
#include "ctl/stamp.h"

#include <fcntl.h>
#include <sys/stat.h>

enum {
	PATH_BYTES = SETTINGS_PATH_BYTES + 32
};

static void get_path(const struct settings *settings, const char *name,
		     char path[PATH_BYTES])
{
	(void)snprintf(path, PATH_BYTES, "%s/%s", settings->cache_dir, name);
}

void stamp_set(const struct settings *settings, const char *name)
{
	char path[PATH_BYTES];
	int fd;

	get_path(settings, name, path);
	/* O_NONBLOCK: a pipe in its place would let the command wait */
	fd = open(path,
		  O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		  0600);
	if (fd < 0)
		return;
	(void)!futimens(fd, NULL);
	(void)close(fd);
}

int64_t stamp_age_s(const struct settings *settings, const char *name)
{
	int64_t now_s = (int64_t)time(NULL);
	char path[PATH_BYTES];
	struct stat st;

	get_path(settings, name, path);
	if (lstat(path, &st))
		return -1;
	return (int64_t)st.st_mtime < now_s ? now_s - (int64_t)st.st_mtime : 0;
}
