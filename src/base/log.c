/*
 * The log: see log.h. A line is one write, so that the lines of processes do
 * not mix.
 */
#include "base/base.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#include <sys/stat.h>
#include <syslog.h>

static const struct {
	const char *name;
	int syslog_level;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", LOG_ERR},
	[LOG_LEVEL_WARN] = {"warn", LOG_WARNING},
	[LOG_LEVEL_INFO] = {"info", LOG_INFO},
	[LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
};

/* Whether standard error goes to systemd's journal: JOURNAL_STREAM has the
 * device and the inode of its socket (systemd.exec(5)). */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char name[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st))
		return false;
	(void)snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev,
		       (uintmax_t)st.st_ino);
	return !strcmp(name, stream);
}

void log_init(struct log *log, const char *ident, enum log_level level,
	      enum log_to to)
{
	log->level = level;
	log->to = to;
	log->is_journal = to == LOG_TO_STDERR && is_journal();
	log->ident = ident;
	if (to == LOG_TO_SYSLOG)
		openlog(ident, LOG_PID, LOG_DAEMON);
}

/* Copy text to out, printable; returns the length, at most size. */
static size_t escape(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		bool is_plain = *text >= 0x20 && *text < 0x7f;

		if (n + (is_plain ? 1 : 4) > size)
			break;
		if (is_plain) {
			out[n++] = *text;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		text_put_hex(out + n, *text);
		n += 2;
	}
	return n;
}

void log_event(const struct log *log, enum log_level level, const char *event,
	       const char *fmt, ...)
{
	char text[LOG_LINE_MAX_BYTES], line[LOG_LINE_MAX_BYTES];
	int saved_errno = errno;
	time_t now = time(NULL);
	struct tm tm;
	size_t n = 0;
	va_list ap;

	if (level > log->level)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (log->to == LOG_TO_STDERR && !log->is_journal &&
	    gmtime_r(&now, &tm))
		n = strftime(line, sizeof(line), "ts=%Y-%m-%dT%H:%M:%SZ ", &tm);
	if (log->to == LOG_TO_PERSON)
		n += (size_t)snprintf(line, sizeof(line), "%.64s: %.32s: ",
				      log->ident, event);
	else
		n += (size_t)snprintf(line + n, sizeof(line) - n,
				      "level=%s event=%.32s ",
				      levels[level].name, event);
	n += escape(line + n, sizeof(line) - n - 1, text);
	if (log->to == LOG_TO_SYSLOG) {
		line[n] = '\0';
		syslog(levels[level].syslog_level, "%s", line);
	} else {
		line[n++] = '\n';
		(void)!file_write(STDERR_FILENO, line, n);
	}
	errno = saved_errno;
}

void log_error(const struct log *log, enum log_level level, const char *event,
	       const struct cf_error *err)
{
	log_errors(log, level, event, 1, err);
}

void log_errors(const struct log *log, enum log_level level, const char *event,
		uint64_t n, const struct cf_error *err)
{
	char text[CF_ERROR_TEXT_BYTES], count[32] = "";

	if (log->to == LOG_TO_PERSON) {
		log_event(log, level, event, "%s", err->text);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s", err->text);
	for (char *c = text; *c; c++)
		if (*c == '"')
			*c = '\''; /* the line has quotes around it */
	if (n > 1)
		(void)snprintf(count, sizeof(count), " n=%llu",
			       (unsigned long long)n);
	log_event(log, level, event, "status=%s%s errno=%d text=\"%s\"",
		  cf_status_name(err->status), count, err->sys_errno, text);
}
