/*
 * Statuses and errors: see status.h. Nothing here allocates.
 */
#include "base/base.h"
#include "base/status.h"

static const struct {
	const char *name;
	bool has_errno; /* the system may be the cause */
} rows[CF_STATUS_COUNT] = {
	[CF_OK] = {"ok", true},
	[CF_EMPTY] = {"empty", true},
	[CF_NOT_FOUND] = {"not-found", true},
	[CF_BAD_INPUT] = {"bad-input", false},
	[CF_TOO_LARGE] = {"too-large", false},
	[CF_BAD_TYPE] = {"bad-type", false},
	[CF_CONFIG] = {"config", true},
	[CF_FONT] = {"font", false},
	[CF_TOO_NEW] = {"too-new", false},
	[CF_CORRUPT] = {"corrupt", true},
	[CF_LIMITED] = {"limited", false},
	[CF_BUSY] = {"busy", true},
	[CF_FULL] = {"full", true},
	[CF_IO] = {"io", true},
	[CF_NOMEM] = {"no-memory", true},
	[CF_GONE] = {"peer-gone", true},
	[CF_BUG] = {"bug", false},
};

/* Whether errno can be the cause. An errno of an earlier call would mislead in
 * the log. */
static bool is_cause(int sys_errno, enum cf_status status)
{
	if (status == CF_FULL)
		return sys_errno == ENOSPC || sys_errno == EDQUOT ||
		       sys_errno == EFBIG;
	if (status == CF_NOMEM)
		return sys_errno == ENOMEM;
	return rows[status].has_errno;
}

enum cf_status cf_fail(struct cf_error *err, enum cf_status status,
		       const char *fmt, ...)
{
	int saved_errno = errno;
	va_list ap;

	if (!err)
		return status;
	err->status = status;
	err->sys_errno = is_cause(saved_errno, status) ? saved_errno : 0;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	errno = saved_errno;
	return status;
}

const char *cf_status_name(enum cf_status status)
{
	return (unsigned)status < CF_STATUS_COUNT ? rows[status].name
						  : "unknown";
}
