/*
 * What `captchactl check` prints: a line for each finding, and the remedy of
 * each fault. The table of causes in report.c has the remedies. Control
 * characters, which names of files may have, are printed as "?".
 */
#ifndef CF_CTL_REPORT_H
#define CF_CTL_REPORT_H

#include "ctl/ctl.h"
#include "ctl/service.h"

/* Causes of faults, each with its own remedy. */
enum cause {
	CAUSE_TOLD, /* the text of the finding has the remedy */
	/* directories and files */
	CAUSE_MISSING,
	CAUSE_NO_DIRECTORY,
	CAUSE_DATA_OWNER,
	CAUSE_CACHE_OWNER,
	CAUSE_MODE,
	CAUSE_PRIVATE,
	CAUSE_STRANGER, /* the caller is neither root nor the service's user */
	CAUSE_ROOTS,	/* root can write everywhere */
	CAUSE_SHUT,	/* the user cannot enter a directory above */
	CAUSE_SHUT_TO_OWNER, /* root acts as the owner of cache_dir */
	CAUSE_READ_ONLY,
	CAUSE_ROOM, /* there is none */
	CAUSE_DATA_ROOM,
	CAUSE_CACHE_ROOM,
	CAUSE_UNKNOWN_PATH,
	/* pictures */
	CAUSE_PICTURES,
	CAUSE_FONT,
	CAUSE_CACHE_FULL,
	CAUSE_POOL,
	/* the database */
	CAUSE_CORRUPT,
	CAUSE_TOO_NEW,
	CAUSE_BUSY,
	CAUSE_DATABASE,
	/* systemd */
	CAUSE_STOPPED,
	/* cron */
	CAUSE_NO_CRON,
	CAUSE_CRON_STOPPED,
	CAUSE_NO_CRONTAB,
	CAUSE_CRON_FAILS,
	/* sound */
	CAUSE_NO_SYNTH,
	CAUSE_SYNTH_LANG,
	CAUSE_NO_BANK,
	CAUSE_BANK,
	CAUSE_NO_SOUND, /* at a site for logging in */
	/* limits */
	CAUSE_NOT_FORWARDED,
	CAUSE_NOT_TRUSTED,
	CAUSE_COUNT
};

enum {
	REPORT_FILES = 4, /* of a database */
	REPORT_PATH_BYTES = SETTINGS_PATH_BYTES + 8,
};

struct report {
	const struct settings *settings;
	const struct ctl_args *args;
	char user[64]; /* as whom the service runs, as far as known */
	/* files of the database that are there: see report_database_file */
	bool has_file[REPORT_FILES];
	struct service service;
	bool is_stopped; /* its units are enabled, and do not run */
	int n_wrong;
};

/*
 * Look for the files of the database and the processes of the service. From
 * then on root acts as the user of such a process, or as user_act says where
 * --user is given or no process is found. The process of another user than root
 * decides: for root's, user_act does. Where root stays root, report->user is a
 * user whom such a service has on Debian.
 */
CF_MUST_CHECK
enum cf_status report_init(struct report *report,
			   const struct settings *settings,
			   const struct ctl_args *args, struct cf_error *err);

/* The path of file i of the database; the first is the database itself. */
void report_database_file(const struct settings *settings, size_t i,
			  char path[REPORT_PATH_BYTES]);

/* A part that is in order. */
void report_ok(const char *what, const char *fmt, ...) CF_PRINTF(2, 3);

/* A line below the last finding, with the remedy of its cause. */
void report_hint(struct report *report, enum cause cause, const char *fmt, ...)
	CF_PRINTF(3, 4);

/*
 * A fault, with the remedy of its cause.
 *
 * path  of the file or directory, for the remedy; may be NULL
 */
void report_wrong(struct report *report, enum cause cause, const char *path,
		  const char *what, const char *fmt, ...) CF_PRINTF(5, 6);

/* As report_wrong, for what works but is not as it should be: no fault. */
void report_warn(struct report *report, enum cause cause, const char *path,
		 const char *what, const char *fmt, ...) CF_PRINTF(5, 6);

/* A fault whose remedy is no row of the table. */
void report_advise(struct report *report, const char *remedy, const char *what,
		   const char *fmt, ...) CF_PRINTF(4, 5);

/* Append the options that say where the settings are, each after a space. */
void report_add_options(struct buf *out, const struct app_sources *sources);

#endif
