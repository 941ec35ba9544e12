/*
 * The log: one line per event, key=value, to standard error or syslog.
 *
 *	ts=2026-11-23T02:00:00Z level=warn event=pool-full text="..."
 *
 * Bytes that are not printable ASCII are written as \xNN, so a client cannot
 * forge a line. Callers never log answers or whole pids.
 */
#ifndef CF_BASE_LOG_H
#define CF_BASE_LOG_H

#include "base/status.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

enum log_to {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG,
	LOG_TO_PERSON, /* standard error, as "ident: event: text" */
};

enum { LOG_LINE_MAX_BYTES = 1024 }; /* longer lines are cut */

/* Cheap to copy. Lines above `level` are dropped before they are formatted. */
struct log {
	enum log_level level;
	enum log_to to;
	bool is_journal; /* where to leads: it has the time of each line */
	const char *ident; /* of log_init */
};

/* ident is borrowed for good; give a literal. */
void log_init(struct log *log, const char *ident, enum log_level level,
	      enum log_to to);

void log_event(const struct log *log, enum log_level level, const char *event,
	       const char *fmt, ...) CF_PRINTF(4, 5);

/* Log a failure, with its status, errno and text. */
void log_error(const struct log *log, enum log_level level, const char *event,
	       const struct cf_error *err);

/* Log n failures of one kind by the last of them. */
void log_errors(const struct log *log, enum log_level level, const char *event,
		uint64_t n, const struct cf_error *err);

#endif
