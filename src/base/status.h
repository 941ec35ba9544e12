/*
 * The list of all outcomes, and the error that describes a bad one.
 *
 * A function that can fail returns enum cf_status and takes a struct cf_error
 * last. The function that finds the fault fills it with cf_fail(). Its callers
 * pass it on and do not log; the loop and the two main files log.
 */
#ifndef CF_BASE_STATUS_H
#define CF_BASE_STATUS_H

#include "base/base.h"

/* One value per cause a caller can act on; the table in http/response.c has a
 * row for each. */
enum cf_status {
	CF_OK = 0,
	CF_EMPTY,	/* nothing there now; no fault */
	CF_NOT_FOUND,	/* no such thing; no fault */
	CF_BAD_INPUT,	/* bytes from outside that break their format */
	CF_TOO_LARGE,	/* bytes from outside beyond a named limit */
	CF_BAD_TYPE,	/* a media type this program does not read */
	CF_CONFIG,	/* a setting that cannot be; stops the start */
	CF_FONT,	/* no usable face; stops the start */
	CF_TOO_NEW,	/* a database from a later version; stops the start */
	CF_CORRUPT,	/* stored data that contradicts itself */
	CF_LIMITED,	/* a client is over its limit; it may try later */
	CF_BUSY,	/* another process holds it; try again later */
	CF_FULL,	/* a cap or the disk is reached */
	CF_IO,		/* the system refused; sys_errno says what */
	CF_NOMEM,	/* out of memory: one request fails, not the process */
	CF_GONE,	/* the peer closed the connection */
	CF_BUG,		/* this program is wrong; the text says where */
	CF_STATUS_COUNT
};

#define CF_ERROR_TEXT_BYTES 240

/*
 * Before a failure, status is CF_OK and text is empty. The text names the
 * thing, the value and, if known, the remedy. It may hold paths, so it goes to
 * logs and terminals and never into an HTTP response.
 */
struct cf_error {
	enum cf_status status;
	int sys_errno;
	char text[CF_ERROR_TEXT_BYTES];
};

#define CF_ERROR_INIT {CF_OK, 0, ""}

/*
 * Fill err, which may be NULL, and return status. sys_errno is errno, or 0
 * when errno cannot be the cause: the system does not cause this status, or
 * the status is CF_FULL or CF_NOMEM and errno is another. A text that is too
 * long is cut at its end.
 */
enum cf_status cf_fail(struct cf_error *err, enum cf_status status,
		       const char *fmt, ...) CF_PRINTF(3, 4);

/* The name for logs, for example "not-found". Never NULL. */
const char *cf_status_name(enum cf_status status);

#endif
