/*
 * The one table of codes and sentences: see notice.h.
 */
#include "base/base.h"
#include "http/notice.h"

#define USED "That picture has expired or was answered before."

static const struct notice_words table[NOTICE_COUNT] = {
	[NOTICE_PASS] = {"pass", "That is right."},
	[NOTICE_WRONG] = {"wrong", "That is not what the picture said."},
	[NOTICE_EXPIRED] = {"expired-or-used", USED},
	[NOTICE_UNKNOWN] = {"expired-or-used", USED},
	[NOTICE_MALFORMED] = {"bad-request", "The answer could not be read."},
	[NOTICE_MISSING_PID] = {"missing-pid",
				"The answer came without its picture."},
	[NOTICE_MISSING_CODE] = {"missing-code",
				 "Type the answer first."},
	[NOTICE_UNAVAILABLE] = {"unavailable",
				"The answer could not be checked just now. "
				"Try again in a moment."},
	[NOTICE_LIMITED] = {"too-many-requests",
			    "Too many requests came from your address. Wait a "
			    "minute, then try again."},
	[NOTICE_NEW_PICTURE] = {"new-picture", "Here is a new one."},
	[NOTICE_NO_PICTURE] = {"no-picture",
			       "There is no picture to show just now. Try "
			       "again in a moment."},
};

const struct notice_words *notice_words(enum notice notice)
{
	assert((unsigned)notice < NOTICE_COUNT);
	return &table[notice];
}
