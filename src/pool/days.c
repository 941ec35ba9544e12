/*
 * Day directories: see days.h. Names of days sort as the days do, so comparing
 * strings compares days.
 */
#include "base/base.h"
#include "base/file.h"
#include "pool/days.h"

#include <dirent.h>

/* Insert a name in order. A full list loses its latest day. */
static void insert(struct days *list, const char *name)
{
	size_t at = list->n;

	while (at > 0 && strcmp(list->day[at - 1], name) > 0)
		at--;
	if (at == DAY_LIST_MAX)
		return;
	if (list->n < DAY_LIST_MAX)
		list->n++;
	memmove(list->day[at + 1], list->day[at],
		(list->n - 1 - at) * sizeof(list->day[0]));
	memcpy(list->day[at], name, DAY_BYTES);
}

enum cf_status days_list(int root_fd, const char *from_day,
			struct days *out, struct cf_error *err)
{
	_Alignas(8) char block[1024];
	enum cf_status rc;
	ssize_t len;
	int fd;

	out->n = 0;
	rc = file_open_dir(root_fd, ".", false, &fd, err);
	if (rc)
		return rc;
	while ((len = getdents64(fd, block, sizeof(block))) > 0)
		for (ssize_t at = 0; at < len;) {
			const struct dirent64 *entry =
				(const void *)(block + at);

			if (day_is(entry->d_name) &&
			    strcmp(entry->d_name, from_day) >= 0)
				insert(out, entry->d_name);
			at += entry->d_reclen;
		}
	(void)close(fd);
	if (len < 0)
		return cf_fail(err, CF_IO, "cannot read the cache directory: "
			       "%s", strerror(errno));
	return CF_OK;
}

void days_walk_init(struct days_walk *walk, int root_fd, const char *from_day)
{
	*walk = (struct days_walk){.root_fd = root_fd};
	(void)snprintf(walk->from, sizeof(walk->from), "%s", from_day);
}

const char *days_walk_next(struct days_walk *walk, enum cf_status *rc,
			  struct cf_error *err)
{
	if (walk->next == walk->list.n) {
		if (walk->is_last)
			return NULL;
		*rc = days_list(walk->root_fd, walk->from, &walk->list, err);
		walk->next = 0;
		walk->is_last = *rc || walk->list.n < DAY_LIST_MAX;
		if (*rc || !walk->list.n)
			return NULL;
		/* sorts right after the last day */
		(void)snprintf(walk->from, sizeof(walk->from), "%s!",
			       walk->list.day[walk->list.n - 1]);
	}
	return walk->list.day[walk->next++];
}
