/*
 * Sets: the banks that a process has at hand, by language and night.
 *
 * Banks are files cache_dir/audio/<lang>/<YYYY-MM-DD>/bank, which captchactl
 * makes; <lang> is in lower case. The English bank that is compiled in comes
 * before all others. A pid uses the newest bank of its language that began
 * before the pid was made, so that its sound stays the same. Without such a
 * bank it uses the oldest of the language.
 *
 * sets_new, any number of sets_find, sets_free. Directories are read again
 * after SETS_LOOK_MS at the earliest. A bank is mapped while it is used. So
 * replace its file by another (rename), and never write into it.
 */
#ifndef CF_SOUND_SETS_H
#define CF_SOUND_SETS_H

#include "base/clk.h"
#include "base/log.h"
#include "base/pid.h"
#include "sound/bank.h"

#define SETS_DIR  "audio" /* below cache_dir */
#define SETS_FILE "bank"

enum {
	SETS_LANGS_MAX = 32,
	SETS_KEPT = 3, /* of each language; older ones are removed */
	SETS_LOOK_MS = 10 * 1000,
};

struct sets;

/* cache_dir and log are borrowed until sets_free. NULL when out of memory. */
CF_MUST_CHECK
struct sets *sets_new(const char *cache_dir, const struct log *log,
		      struct clk clk);
void sets_free(struct sets *sets); /* accepts NULL */

/*
 * The bank for a pid.
 *
 * lang     a tag such as "de" or "pt-BR", in any case: the exact tag, else its
 *          first part, else English
 * returns  NULL: there is none, not even an English one. Borrowed until the
 *          next call of sets_find
 */
CF_MUST_CHECK
const struct bank *sets_find(struct sets *sets, struct str lang,
			     const struct pid *pid);

/* Whether a night has a bank, be it damaged: a full disk leaves empty nights,
 * which do not count. */
CF_MUST_CHECK
bool sets_has_bank(int lang_fd, const char *night);

#endif
