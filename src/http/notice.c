/*
 * The one table of codes and sentences: see notice.h.
 */
#include "base/base.h"
#include "http/notice.h"

static const struct notice_words table[NOTICE_COUNT] = {
	[NOTICE_PASS] = {"pass", "That is right.", METRIC_CHECK_PASS},
	[NOTICE_WRONG] = {"wrong", "That is not what the picture said.",
			  METRIC_CHECK_WRONG},
	[NOTICE_EXPIRED] = {"expired-or-used",
			    "That picture has expired or was answered before.",
			    METRIC_CHECK_EXPIRED},
	[NOTICE_UNKNOWN] = {"expired-or-used",
			    "That picture has expired or was answered before.",
			    METRIC_CHECK_UNKNOWN},
	[NOTICE_MALFORMED] = {"bad-request", "The answer could not be read.",
			      METRIC_CHECK_MALFORMED},
	[NOTICE_MISSING_PID] = {.code = "missing-pid",
				.sentence = "The answer came without its "
					    "picture."},
	[NOTICE_MISSING_CODE] = {.code = "missing-code",
				 .sentence = "Type the answer, then press "
					     "Check."},
	[NOTICE_UNAVAILABLE] = {.code = "unavailable",
				.sentence = "The answer could not be checked "
					    "just now. Try again in a "
					    "moment."},
	[NOTICE_LIMITED] = {.code = "too-many-requests",
			    .sentence = "Too many requests came from your "
					"address. Wait a minute, then try "
					"again."},
	[NOTICE_NEW_PICTURE] = {.code = "new-picture",
				.sentence = "Here is a new one."},
	[NOTICE_NO_PICTURE] = {.code = "no-picture",
			       .sentence = "There is no picture to show just "
					   "now. Try again in a moment."},
};

const struct notice_words *notice_words(enum notice notice)
{
	assert((unsigned)notice < NOTICE_COUNT);
	return &table[notice];
}
