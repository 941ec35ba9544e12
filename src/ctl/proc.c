/*
 * Processes as /proc shows them: see proc.h.
 */
#include "base/base.h"
#include "base/file.h"
#include "ctl/proc.h"

#include <dirent.h>
#include <fcntl.h>

enum { PATH_BYTES = 64 };

bool proc_find(bool (*look)(const char *pid, void *ctx), void *ctx)
{
	const struct dirent *entry;
	DIR *dir = opendir("/proc");
	bool is_found = false;

	while (dir && !is_found && (entry = readdir(dir)))
		is_found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
			   look(entry->d_name, ctx);
	if (dir)
		(void)closedir(dir);
	return is_found;
}

bool proc_shows_others(void)
{
	return file_is_there("/proc/1/comm");
}

void proc_path(const char *pid, const char *file, char *path, size_t size)
{
	(void)snprintf(path, size, "/proc/%.20s/%s", pid, file);
}

bool proc_load(const char *pid, const char *file, struct buf *out)
{
	char path[PATH_BYTES];

	proc_path(pid, file, path, sizeof(path));
	return !file_load(AT_FDCWD, path, out, NULL) && out->len;
}

void proc_name(const char *pid, char name[PROC_NAME_BYTES])
{
	struct buf comm;

	buf_init(&comm, PROC_NAME_BYTES);
	name[0] = '\0';
	/* a line end before the last one is a part of the name */
	if (proc_load(pid, "comm", &comm))
		(void)snprintf(name, PROC_NAME_BYTES, "%.*s",
			       (int)comm.len - 1, comm.ptr);
	buf_release(&comm);
}
