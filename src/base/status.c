/*
 * Statuses and errors: see status.h. Nothing here allocates.
 */
#include "base/base.h"
#include "base/status.h"

/* Whether errno can be why. Otherwise it is left over from something else,
 * and in a log it would lead astray. */
static bool can_be_why(enum cf_status status, int sys_errno)
{
	switch (status) {
	case CF_FULL:
		return sys_errno == ENOSPC || sys_errno == EDQUOT ||
		       sys_errno == EFBIG;
	case CF_NOMEM:
		return sys_errno == ENOMEM;
	case CF_BAD_INPUT:
	case CF_TOO_LARGE:
	case CF_BAD_TYPE:
	case CF_FONT:
	case CF_TOO_NEW:
	case CF_LIMITED:
	case CF_BUG:
		return false;
	case CF_OK:
	case CF_EMPTY:
	case CF_NOT_FOUND:
	case CF_CONFIG:
	case CF_CORRUPT:
	case CF_BUSY:
	case CF_IO:
	case CF_GONE:
	case CF_STATUS_COUNT:
	default:
		return true;
	}
}

enum cf_status cf_fail(struct cf_error *err, enum cf_status status,
		       const char *fmt, ...)
{
	int saved_errno = errno;
	va_list ap;

	if (!err)
		return status;
	err->status = status;
	err->sys_errno = can_be_why(status, saved_errno) ? saved_errno : 0;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	errno = saved_errno;
	return status;
}

const char *cf_status_name(enum cf_status status)
{
	static const char *const names[CF_STATUS_COUNT] = {
		[CF_OK] = "ok",
		[CF_EMPTY] = "empty",
		[CF_NOT_FOUND] = "not-found",
		[CF_BAD_INPUT] = "bad-input",
		[CF_TOO_LARGE] = "too-large",
		[CF_BAD_TYPE] = "bad-type",
		[CF_CONFIG] = "config",
		[CF_FONT] = "font",
		[CF_TOO_NEW] = "too-new",
		[CF_CORRUPT] = "corrupt",
		[CF_LIMITED] = "limited",
		[CF_BUSY] = "busy",
		[CF_FULL] = "full",
		[CF_IO] = "io",
		[CF_NOMEM] = "no-memory",
		[CF_GONE] = "peer-gone",
		[CF_BUG] = "bug",
	};

	if ((unsigned)status >= CF_STATUS_COUNT || !names[status])
		return "unknown";
	return names[status];
}
