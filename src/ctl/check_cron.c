/*
 * captchactl check: whether something runs `captchactl fill` each minute. Plain
 * CGI needs it. FastCGI processes fill the pool by themselves.
 *
 * The stamp of fill is what is known for sure. Where it is old, the rest says
 * why: cron(8) reads /etc/cron.d, and systemd the link of an enabled timer. A
 * crontab of a user is not looked at.
 */
#include "base/base.h"
#include "base/file.h"
#include "ctl/check.h"
#include "ctl/proc.h"
#include "ctl/stamp.h"

#include <fcntl.h>
#include <sys/stat.h>

#define CRONTAB "/etc/cron.d/captcha-fcgi"

enum {
	FILL_LATE_S = 600, /* it runs each minute */
	AGE_BYTES = 48,
	CRONTAB_MAX_BYTES = 65536,
};

/* PROC_PID_INIT_INO of Linux: the processes of the machine, not those of a
 * container. */
#define MACHINE_PID_INO 0xeffffffcU

enum seen {
	SEEN_NO,
	SEEN_YES,
	SEEN_UNKNOWN
};

static void age_text(int64_t age_s, char out[AGE_BYTES])
{
	static const struct {
		int64_t s;
		const char *name;
	} units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}};

	if (age_s < 0) {
		(void)snprintf(out, AGE_BYTES, "not since cache_dir was made");
		return;
	}
	for (size_t i = 0; i < CF_ARRAY_LEN(units); i++)
		if (age_s >= 2 * units[i].s) {
			(void)snprintf(out, AGE_BYTES, "%lld %s ago",
				       (long long)(age_s / units[i].s),
				       units[i].name);
			return;
		}
	(void)snprintf(out, AGE_BYTES, "%lld s ago", (long long)age_s);
}

/* Whether a process has the name of a cron daemon. */
static bool is_cron(const char *pid, void *ctx)
{
	static const char *const names[] = {"cron", "crond", "fcron"};
	char name[PROC_NAME_BYTES];
	bool is_one = false;

	(void)ctx;
	proc_name(pid, name);
	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++)
		is_one |= !strcmp(name, names[i]);
	return is_one;
}

static enum seen see_cron(void)
{
	if (proc_find(is_cron, NULL))
		return SEEN_YES;
	return proc_shows_others() ? SEEN_NO : SEEN_UNKNOWN;
}

static bool is_in_container(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino != MACHINE_PID_INO;
}

static bool is_cron_installed(void)
{
	return file_is_there("/usr/sbin/cron") ||
	       file_is_there("/usr/sbin/crond");
}

/* Whether a line of the crontab runs fill. That of the Debian package only
 * cleans. A crontab that cannot be read counts as one that does. */
static bool has_fill(void)
{
	struct buf text;
	const char *line;
	bool is_one = false;

	if (!file_is_there(CRONTAB))
		return false;
	buf_init(&text, CRONTAB_MAX_BYTES);
	if (file_load(AT_FDCWD, CRONTAB, &text, NULL))
		is_one = true;
	for (line = text.ptr; line && !is_one; line = strchr(line, '\n')) {
		const char *fill;

		line += *line == '\n';
		fill = strstr(line, "captchactl fill");
		is_one = line[0] != '#' && fill &&
			 fill < line + strcspn(line, "\n");
	}
	buf_release(&text);
	return is_one;
}

/* Why nothing fills the pool, and the remedy. */
static enum cause find_why(const char **why)
{
	enum seen cron = see_cron();

	if (ctl_is_enabled("captcha-fill.timer")) {
		*why = "captcha-fill.timer is enabled: journalctl -u "
		       "captcha-fill tells more";
		return CAUSE_TOLD;
	}
	if (!has_fill()) {
		*why = "neither " CRONTAB " nor captcha-fill.timer runs "
		       "captchactl fill";
		return CAUSE_NO_CRONTAB;
	}
	if (cron == SEEN_YES) {
		*why = "cron runs, and " CRONTAB " is there";
		return CAUSE_CRON_FAILS;
	}
	*why = cron == SEEN_UNKNOWN ? CRONTAB
		       " is there; whether a cron daemon runs cannot "
		       "be seen without /proc"
	       : is_in_container()
		       ? CRONTAB " is there, but no cron daemon runs in this "
				 "container"
		       : CRONTAB " is there, but no cron daemon runs";
	return is_cron_installed() ? CAUSE_CRON_STOPPED : CAUSE_NO_CRON;
}

/* The pool is due to be filled. Plain CGI is slow then. Without a process of
 * the service it is not known whether plain CGI is in use. */
static void report_late(struct report *report, bool is_cgi, const char *filled,
			const char *cleaned)
{
	const char *why;
	enum cause cause = find_why(&why);

	if (is_cgi) {
		report_warn(report, cause, NULL, "cron",
			    "plain CGI draws pictures while visitors wait; "
			    "pool last filled: %s; %s", filled, why);
		return;
	}
	report_ok("cron", "no process of the service runs; pool last filled: "
		  "%s; last cleaned: %s", filled, cleaned);
	/* the Debian package fills by the service */
	if (cause == CAUSE_NO_CRONTAB && file_is_there(CRONTAB))
		return;
	if (cause != CAUSE_CRON_FAILS && cause != CAUSE_TOLD &&
	    !report->is_stopped)
		report_hint(report, cause, "%s: plain CGI needs it", why);
}

void ctl_check_cron(struct report *report, const struct metrics_view *view)
{
	const struct settings *s = report->settings;
	int64_t filled_s = stamp_age_s(s, STAMP_FILL);
	char filled[AGE_BYTES], cleaned[AGE_BYTES];

	age_text(filled_s, filled);
	age_text(stamp_age_s(s, STAMP_CLEAN), cleaned);
	if (view->n_processes)
		report_ok("cron", "FastCGI fills the pool and cleans, "
			  "processes: %lld; cron last cleaned: %s",
			  (long long)view->n_processes, cleaned);
	else if (!ctl_pool_size(s))
		report_ok("cron", "pool_size = 0: nothing to fill; last "
			  "cleaned: %s", cleaned);
	else if (filled_s >= 0 && filled_s <= FILL_LATE_S)
		report_ok("cron", "pool last filled: %s; last cleaned: %s",
			  filled, cleaned);
	else
		report_late(report, !view->counts[METRIC_STARTS] &&
				    view->counts[METRIC_ISSUED],
			    filled, cleaned);
}
