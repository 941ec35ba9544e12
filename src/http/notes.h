/*
 * Notes that all processes of the service share, in memory of fixed size (a
 * file in cache_dir): which events were logged lately, so that a flood does
 * not fill the log, and the latest health, so that not every request for it
 * writes to the store.
 *
 * Without the file, for example in a missing cache_dir, each process keeps
 * notes of its own. limit.c and the pool log what is wrong with the directory.
 */
#ifndef CF_HTTP_NOTES_H
#define CF_HTTP_NOTES_H

#include "base/clk.h"
#include "base/status.h"
#include "conf/settings.h"

/* Events that are counted, and logged once in NOTES_LOG_MS. */
enum note {
	NOTE_LIMITED, /* counters: enum limit_kind */
	NOTE_PROXY,
	NOTE_STORE_ILL, /* seen by /healthz */
	NOTE_CACHE_ILL,
	NOTE_FAILED, /* the first of many: notes_of_failure */
};

enum {
	NOTES_CAUSES = 64, /* notes for failures of one status */
	NOTES_COUNT = (int)NOTE_FAILED + (int)CF_STATUS_COUNT * NOTES_CAUSES,
	NOTES_COUNTERS = 3,	    /* of a note */
	NOTES_LOG_MS = 60 * 1000,   /* between two log lines of a note */
	NOTES_RETRY_MS = 60 * 1000, /* before the file is tried again */
	NOTES_HEALTH_MS = 1000,	    /* after that the health is checked again */
};

#define NOTES_FILE_NAME "notes"

struct notes;

/* settings is borrowed until notes_free. NULL when out of memory. The first
 * note opens the file. */
CF_MUST_CHECK
struct notes *notes_new(const struct settings *settings, struct clk clk);
void notes_free(struct notes *notes); /* accepts NULL */

/* The note of a failure: by its status and a hash of its text without digits.
 * Two causes seldom share a note. */
enum note notes_of_failure(const struct cf_error *err);

/*
 * Count an event.
 *
 * counter  a counter of the note, below NOTES_COUNTERS
 * n        when a line is due: all counters since the last line; else untouched
 * returns  whether a line is due: at the first event, then once in
 *          NOTES_LOG_MS, over all processes
 */
CF_MUST_CHECK
bool notes_add(struct notes *notes, enum note note, size_t counter,
	       uint64_t n[NOTES_COUNTERS]);

/* The health that some process saw in the last NOTES_HEALTH_MS. False, and
 * *is_well is untouched, when no process did. */
CF_MUST_CHECK
bool notes_get_health(struct notes *notes, bool *is_well);

void notes_set_health(struct notes *notes, bool is_well);

#endif
