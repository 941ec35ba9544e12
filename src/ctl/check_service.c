/*
 * captchactl check: whether systemd's units of the service, where they are
 * enabled, run.
 */
#include "base/base.h"
#include "base/file.h"
#include "ctl/check.h"

#include <dirent.h>
#include <fcntl.h>

#define SYSTEMD	   "/run/systemd/system" /* sd_booted(3) */
#define UNITS	   "/etc/systemd/system"
#define UNITS_FILE "/etc/captcha-fcgi/captcha.conf" /* of deploy/systemd */
#define SOCKET	   "/run/captcha-fcgi/captcha.sock"

enum { SOCKETS_BYTES = 4 * 1024 * 1024 };

/* The units of the service, in the order in which they are named. */
static const char *const units[] = {"captcha-fcgi.service",
				    "captcha-fcgi.socket"};

/* A directory of the units has a link to each unit that is enabled. */
bool ctl_is_enabled(const char *unit)
{
	char path[sizeof(UNITS) + 320];
	const struct dirent *entry;
	DIR *dir = file_is_there(SYSTEMD) ? opendir(UNITS) : NULL;
	bool is_one = false;

	while (dir && !is_one && (entry = readdir(dir))) {
		if (!str_ends(str_from(entry->d_name), ".wants"))
			continue;
		(void)snprintf(path, sizeof(path), UNITS "/%.255s/%s",
			       entry->d_name, unit);
		is_one = file_is_there(path);
	}
	if (dir)
		(void)closedir(dir);
	return is_one;
}

/* Whether systemd holds the socket: the first visit then starts the service.
 * True where it cannot be known. */
static bool is_listening(void)
{
	struct buf sockets;
	bool is_one;

	buf_init(&sockets, SOCKETS_BYTES);
	is_one = file_load(AT_FDCWD, "/proc/net/unix", &sockets, NULL) ||
		 !sockets.len || strstr(sockets.ptr, " " SOCKET "\n");
	buf_release(&sockets);
	return is_one;
}

/* Whether the settings are those that the units name, or the built-in file. */
static bool are_of_units(const struct report *report)
{
	return !strcmp(report->settings->file, UNITS_FILE) ||
	       (!report->args->sources.config_path &&
		!getenv("CAPTCHA_CONFIG"));
}

bool ctl_has_unit(const struct report *report)
{
	return are_of_units(report) && ctl_is_enabled(units[0]);
}

void ctl_check_service(struct report *report)
{
	size_t i = 0;

	if (report->service.n_processes || !are_of_units(report))
		return;
	while (i < CF_ARRAY_LEN(units) && !ctl_is_enabled(units[i]))
		i++;
	if (i == CF_ARRAY_LEN(units) || is_listening())
		return;
	report_wrong(report, CAUSE_STOPPED, NULL, "service",
		     "%s is enabled and does not run", units[i]);
	report->is_stopped = true;
}
