/*
 * The log: see log.h. A line is put together on the stack and written with
 * one call, so that lines of several processes do not mix.
 */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"

#include <syslog.h>

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

static const int syslog_levels[] = {
	[LOG_LEVEL_ERROR] = LOG_ERR,
	[LOG_LEVEL_WARN] = LOG_WARNING,
	[LOG_LEVEL_INFO] = LOG_INFO,
	[LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

void log_init(struct log *log, const char *ident, enum log_level level,
	      enum log_to to)
{
	log->level = level;
	log->to = to;
	if (to == LOG_TO_SYSLOG)
		openlog(ident, LOG_PID, LOG_DAEMON);
}

/* Copy text to out, printable; returns the length, at most size. */
static size_t escape(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c < 0x7f) {
			if (n + 1 > size)
				break;
			out[n++] = (char)c;
		} else {
			if (n + 4 > size)
				break;
			out[n++] = '\\';
			out[n++] = 'x';
			text_put_hex(out + n, *text);
			n += 2;
		}
	}
	return n;
}

static void write_line(const char *ptr, size_t len)
{
	while (len) {
		ssize_t n = write(STDERR_FILENO, ptr, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* nowhere left to say so */
		ptr += n;
		len -= (size_t)n;
	}
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
	if (log->to == LOG_TO_STDERR && gmtime_r(&now, &tm))
		n = strftime(line, sizeof(line), "ts=%Y-%m-%dT%H:%M:%SZ ", &tm);
	n += (size_t)snprintf(line + n, sizeof(line) - n,
			      "level=%s event=%.32s ", level_names[level],
			      event);
	n += escape(line + n, sizeof(line) - n - 1, text);
	if (log->to == LOG_TO_SYSLOG) {
		line[n] = '\0';
		syslog(syslog_levels[level], "%s", line);
	} else {
		line[n++] = '\n';
		write_line(line, n);
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

	(void)snprintf(text, sizeof(text), "%s", err->text);
	for (char *c = text; *c; c++)
		if (*c == '"')
			*c = '\''; /* the quotes around it are the line's */
	if (n > 1)
		(void)snprintf(count, sizeof(count), " n=%llu",
			       (unsigned long long)n);
	log_event(log, level, event, "status=%s%s errno=%d text=\"%s\"",
		  cf_status_name(err->status), count, err->sys_errno, text);
}
