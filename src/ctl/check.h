/*
 * The parts of `captchactl check` beside cmd_check.c.
 */
#ifndef CF_CTL_CHECK_H
#define CF_CTL_CHECK_H

#include "base/metrics.h"
#include "ctl/report.h"

/* Whether the user can use the directories, and the files in them. */
void ctl_check_dirs(struct report *report);

/* Whether systemd runs this machine, and has this unit enabled. */
bool ctl_is_enabled(const char *unit);

/* Whether systemd runs the service: its unit is enabled, with these
 * settings. */
bool ctl_has_unit(const struct report *report);

/* Whether the units of systemd run, where they are enabled. */
void ctl_check_service(struct report *report);

/* Which languages have banks of sounds. Needs a cache_dir. */
void ctl_check_audio(struct report *report);

/* Whether people who cannot see pictures can log in at sites for that, by
 * their names. */
void ctl_check_logins(struct report *report);

/* Whether something fills the pool of plain CGI. Needs a cache_dir. */
void ctl_check_cron(struct report *report, const struct metrics_view *view);

#endif
