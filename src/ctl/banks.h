/*
 * The banks of sounds in cache_dir: see sound/sets.h for where they are.
 */
#ifndef CF_CTL_BANKS_H
#define CF_CTL_BANKS_H

#include "conf/settings.h"
#include "sound/sets.h"

/* Of languages, and of nights of each; no more are looked at. */
enum { BANKS_NAMES_MAX = 64 };

/* The directory of all banks. With make, it is made. CF_NOT_FOUND: there is
 * none; CF_IO with EACCES: the caller may not enter it. The caller closes *fd,
 * which is -1 on failure. */
CF_MUST_CHECK
enum cf_status banks_open(const struct settings *settings, bool make, int *fd,
			  struct cf_error *err);

/* A bank of a night. */
struct banks_entry {
	int root_fd;
	int lang_fd;
	const char *lang;
	const char *night;
	size_t n_newer; /* banks of its language */
};

/* Visit all banks, language by language, each from the newest to the oldest. A
 * visit may remove the bank. */
typedef void banks_fn(void *ctx, const struct banks_entry *entry);
void banks_each(int root_fd, banks_fn *visit, void *ctx);

/* Map a bank, and see that it is whole. Returns what bank_map returns. */
CF_MUST_CHECK
enum cf_status banks_load(const struct banks_entry *entry, struct bank **out,
			  struct cf_error *err);

#endif
