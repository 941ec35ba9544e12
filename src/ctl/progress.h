/*
 * A line of progress on a terminal; nothing in a pipe.
 */
#ifndef CF_CTL_PROGRESS_H
#define CF_CTL_PROGRESS_H

#include "base/base.h"

struct progress {
	const char *what;
	bool is_shown;
	int64_t shown_mono_ms;
};

void progress_init(struct progress *progress, const char *what);
void progress_show(struct progress *progress, int64_t n_done, int64_t n_all);
/* Wipe the line, before something else is printed. */
void progress_end(struct progress *progress);

#endif
