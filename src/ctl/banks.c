/*
 * The banks of sounds in cache_dir: see banks.h.
 */
#include "base/base.h"
#include "base/day.h"
#include "base/file.h"
#include "base/text.h"
#include "ctl/banks.h"

#include <dirent.h>
#include <fcntl.h>

enum cf_status banks_open(const struct settings *settings, bool make, int *fd,
			  struct cf_error *err)
{
	struct cf_error why = CF_ERROR_INIT;
	int cache_fd;
	enum cf_status rc;

	*fd = -1;
	rc = file_open_dir(AT_FDCWD, settings->cache_dir, make, &cache_fd, err);
	if (rc)
		return rc;
	rc = file_open_dir(cache_fd, SETS_DIR, make, fd, &why);
	(void)close(cache_fd);
	if (rc) {
		bool is_other = why.sys_errno == ENOTDIR ||
				why.sys_errno == ELOOP;

		errno = why.sys_errno;
		rc = cf_fail(err, rc, "cache_dir %s: %s%s",
			     settings->cache_dir, why.text,
			     is_other ? "; it must be a directory, and no "
					"symbolic link" : "");
	}
	return rc;
}

struct names {
	char name[BANKS_NAMES_MAX][DAY_BYTES];
	size_t n;
};

_Static_assert((int)DAY_BYTES > (int)TEXT_TAG_MAX_CHARS, "a tag fits");

static bool is_tag(const char *name)
{
	return text_is_tag(str_from(name));
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The wanted names in a directory, in order. */
static void list_names(int fd, bool (*is_wanted)(const char *name),
		       struct names *names)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;

	names->n = 0;
	while (dir && names->n < BANKS_NAMES_MAX && (entry = readdir(dir)))
		if (is_wanted(entry->d_name))
			memcpy(names->name[names->n++], entry->d_name,
			       strlen(entry->d_name) + 1);
	qsort(names->name, names->n, DAY_BYTES, compare_names);
	if (dir)
		(void)closedir(dir);
	else if (own >= 0)
		(void)close(own);
}

static void visit_lang(int root_fd, const char *lang, banks_fn *visit,
		       void *ctx)
{
	struct banks_entry entry = {.root_fd = root_fd, .lang = lang};
	struct names nights;
	bool has_bank;

	if (file_open_dir(root_fd, lang, false, &entry.lang_fd, NULL))
		return;
	list_names(entry.lang_fd, day_is, &nights);
	while (nights.n) {
		entry.night = nights.name[--nights.n];
		has_bank = sets_has_bank(entry.lang_fd, entry.night);
		visit(ctx, &entry);
		entry.n_newer += has_bank;
	}
	(void)close(entry.lang_fd);
}

void banks_each(int root_fd, banks_fn *visit, void *ctx)
{
	struct names langs;

	list_names(root_fd, is_tag, &langs);
	for (size_t i = 0; i < langs.n; i++)
		visit_lang(root_fd, langs.name[i], visit, ctx);
}

enum cf_status banks_load(const struct banks_entry *entry, struct bank **out,
			  struct cf_error *err)
{
	int fd;
	enum cf_status rc = file_open_dir(entry->lang_fd, entry->night, false,
					  &fd, err);

	*out = NULL;
	if (rc)
		return rc;
	rc = bank_map(fd, SETS_FILE, out, err);
	(void)close(fd);
	if (rc || bank_is_whole(*out))
		return rc;
	bank_free(*out);
	*out = NULL;
	return cf_fail(err, CF_CORRUPT, "the bank is damaged");
}
