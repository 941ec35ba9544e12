/*
 * When a command of cron has run last: the time of change of an empty file in
 * cache_dir.
 */
#ifndef CF_CTL_STAMP_H
#define CF_CTL_STAMP_H

#include "conf/settings.h"

#define STAMP_FILL  "last-fill"
#define STAMP_CLEAN "last-clean"

/* Note that a command has done its work. Without the stamp only `captchactl
 * check` knows less, so a failure is ignored. */
void stamp_set(const struct settings *settings, const char *name);

/* How long ago that was; -1 for never, as far as cache_dir knows. */
int64_t stamp_age_s(const struct settings *settings, const char *name);

#endif
