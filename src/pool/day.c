/*
 * Day directories: see day.h. Names in this form sort as the days do, so
 * comparing strings compares days.
 */
#include "base/base.h"
#include "base/file.h"
#include "pool/day.h"

#include <ctype.h>
#include <dirent.h>

void pool_day(int64_t unix_ms, char day[POOL_DAY_BYTES])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || tm.tm_year < 0 || tm.tm_year > 8099 ||
	    !strftime(day, POOL_DAY_BYTES, "%Y-%m-%d", &tm))
		memcpy(day, "1970-01-01", POOL_DAY_BYTES);
}

bool day_is(const char *name)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(form); i++) {
		if (form[i] == 'd' ? !isdigit((unsigned char)name[i])
				   : name[i] != form[i])
			return false;
	}
	return true;
}

/* Put name into its place; the youngest falls out of a full list. */
static void insert(struct day_list *list, const char *name)
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
	memcpy(list->day[at], name, POOL_DAY_BYTES);
}

enum cf_status day_list(int root_fd, struct day_list *out,
			struct cf_error *err)
{
	struct dirent *entry;
	enum cf_status rc;
	DIR *dir;
	int fd;

	out->n = 0;
	rc = file_open_dir(root_fd, ".", false, &fd, err);
	if (rc)
		return rc;
	dir = fdopendir(fd);
	if (!dir) {
		rc = cf_fail(err, CF_NOMEM, "cannot read the cache directory");
		(void)close(fd);
		return rc;
	}
	while ((entry = readdir(dir)))
		if (day_is(entry->d_name))
			insert(out, entry->d_name);
	(void)closedir(dir);
	return CF_OK;
}
