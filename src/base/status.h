/*
 * The one list of outcomes, and the error that travels with a bad one.
 *
 * A function that can fail returns enum cf_status and takes a struct cf_error
 * last. Who knows the fact fills it with cf_fail(); those above pass it on and
 * do not log: the loop and the two main files do.
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
	CF_LIMITED,	/* one client asks too much; later it may again */
	CF_BUSY,	/* somebody else holds it; try again later */
	CF_FULL,	/* a cap or the disk is reached */
	CF_IO,		/* the system refused; sys_errno says what */
	CF_NOMEM,	/* out of memory: one request fails, not the process */
	CF_GONE,	/* the peer hung up; nobody to tell */
	CF_BUG,		/* this program is wrong; the text says where */
	CF_STATUS_COUNT
};

#define CF_ERROR_TEXT_BYTES 240

/*
 * status is CF_OK and text empty until somebody fails. The text names the
 * thing, the value and, where one is known, the remedy; it may hold paths, so
 * it goes to logs and terminals and never into an HTTP answer.
 */
struct cf_error {
	enum cf_status status;
	int sys_errno;
	char text[CF_ERROR_TEXT_BYTES];
};

#define CF_ERROR_INIT {CF_OK, 0, ""}

/*
 * Fill err and return status, so that `return cf_fail(...)` is one line.
 * Keeps the errno of the moment in sys_errno, or 0 where it cannot be the
 * cause: the status is none of the system's, or says full or out of memory
 * and errno does not. err may be NULL.
 * The text is cut at its end if it is too long: reporting cannot fail.
 */
enum cf_status cf_fail(struct cf_error *err, enum cf_status status,
		       const char *fmt, ...) CF_PRINTF(3, 4);

/* The status's name for logs, as "not-found". Never NULL. */
const char *cf_status_name(enum cf_status status);

#endif
