/*
 * What the processes of the service tell each other beside limits: of what
 * the log has had a line lately, so that a flood does not fill it, and how
 * well the service was a moment ago, so that not all who ask make it look. In
 * memory of fixed size that all of them share (a file in cache_dir).
 *
 * notes_new, any number of the others, notes_free.
 *
 * Without the file, say in a cache_dir that is not there, each process is by
 * itself; what is wrong with the directory others say.
 */
#ifndef CF_HTTP_NOTES_H
#define CF_HTTP_NOTES_H

#include "base/clk.h"
#include "conf/settings.h"
#include "base/status.h"

/* What is counted, and told of once in NOTES_TELL_MS. */
enum note {
	NOTE_LIMITED, /* counters: enum limit_kind */
	NOTE_PROXY,
	NOTE_STORE_ILL, /* seen by /healthz */
	NOTE_CACHE_ILL,
	NOTE_FAILED, /* from here on, requests: notes_of_failure */
};

enum {
	NOTES_CAUSES = 64, /* of a status that are told apart */
	NOTES_COUNT = (int)NOTE_FAILED + (int)CF_STATUS_COUNT * NOTES_CAUSES,
	NOTES_COUNTERS = 2, /* of a note */
	NOTES_TELL_MS = 60 * 1000, /* between two lines in the log */
	NOTES_RETRY_MS = 60 * 1000, /* before the file is tried again */
	NOTES_HEALTH_MS = 1000,	    /* for which health is remembered */
};

#define NOTES_FILE_NAME "notes"

struct notes;

/* settings is borrowed until notes_free. NULL when out of memory. Opens no
 * file: that is left to the first who has something to note. */
CF_MUST_CHECK
struct notes *notes_new(const struct settings *settings, struct clk clk);
void notes_free(struct notes *notes); /* accepts NULL */

/* The note of requests that fail for this reason: by its status and what it
 * says, numbers apart. Seldom two reasons have the same. */
enum note notes_of_failure(const struct cf_error *err);

/*
 * Count an event.
 *
 * counter  which of the note's, below NOTES_COUNTERS
 * n        where a line is due, all counters since the last; else untouched
 * returns  whether a line is due: over all processes, one is in NOTES_TELL_MS,
 *          and the first at once
 */
CF_MUST_CHECK
bool notes_add(struct notes *notes, enum note note, size_t counter,
	       uint64_t n[NOTES_COUNTERS]);

/* Whether a process has seen in the last NOTES_HEALTH_MS how well the service
 * is; then *is_well is what it saw, else untouched. */
CF_MUST_CHECK
bool notes_get_health(struct notes *notes, bool *is_well);

/* That is what this process has just seen. */
void notes_set_health(struct notes *notes, bool is_well);

#endif
