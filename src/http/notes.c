/*
 * Notes shared by all processes: see notes.h. They are atomic words, as in
 * limit.c; a zero means that nothing was noted.
 */
#include "base/base.h"
#include "http/notes.h"

#include "base/mem.h"
#include "base/shared.h"

#include <stdatomic.h>

#define MAGIC UINT64_C(0x3145544f4e544643) /* "CFTNOTE1" */

struct counters {
	_Atomic uint64_t logged_mono_ms;    /* 0: never */
	_Atomic uint64_t n[NOTES_COUNTERS]; /* since then */
};

/* The health in one word: when it was seen, and two bits. */
#define HEALTH_IS_KNOWN UINT64_C(1)
#define HEALTH_IS_WELL	UINT64_C(2)
enum {
	HEALTH_BITS = 2
};

struct table {
	_Atomic uint64_t health;
	struct counters counters[NOTES_COUNT];
};

struct notes {
	const char *dir;
	struct clk clk;
	struct shared *shared; /* NULL: not open */
	int64_t retry_mono_ms; /* not opened before this */
	struct table local;    /* used while shared is NULL */
};

struct notes *notes_new(const struct settings *settings, struct clk clk)
{
	struct notes *notes = mem_alloc(MEM_REQUEST, 1, sizeof(*notes));

	if (!notes)
		return NULL;
	notes->dir = settings->cache_dir;
	notes->clk = clk;
	return notes;
}

void notes_free(struct notes *notes)
{
	if (!notes)
		return;
	shared_close(notes->shared);
	mem_free(notes);
}

static struct table *table_of(struct notes *notes)
{
	int64_t now = clk_mono_ms(&notes->clk);

	if (!notes->shared && now >= notes->retry_mono_ms &&
	    shared_open_in(notes->dir, NOTES_FILE_NAME, sizeof(struct table),
			   MAGIC, &notes->shared, NULL))
		notes->retry_mono_ms = now + NOTES_RETRY_MS;
	return notes->shared ? shared_bytes(notes->shared) : &notes->local;
}

/* FNV-1a: the text is the program's own, so no client can choose it. */
enum note notes_of_failure(const struct cf_error *err)
{
	uint32_t hash = UINT32_C(0x811c9dc5);

	for (const char *c = err->text; *c; c++)
		if (*c < '0' || *c > '9')
			hash = (hash ^ (unsigned char)*c) * UINT32_C(0x1000193);
	return (enum note)((int)NOTE_FAILED + (int)err->status * NOTES_CAUSES +
			   (int)(hash % NOTES_CAUSES));
}

bool notes_add(struct notes *notes, enum note note, size_t counter,
	       uint64_t n[NOTES_COUNTERS])
{
	struct counters *counters = &table_of(notes)->counters[note];
	uint64_t logged = atomic_load(&counters->logged_mono_ms);
	uint64_t now = (uint64_t)clk_mono_ms(&notes->clk);

	assert((size_t)note < NOTES_COUNT && counter < NOTES_COUNTERS);
	(void)atomic_fetch_add(&counters->n[counter], 1);
	/* A time from before a reboot may lie in the future; the difference
	 * then wraps and is large. */
	if (logged && now - logged < NOTES_LOG_MS)
		return false;
	/* of several processes at once, one logs */
	if (!atomic_compare_exchange_strong(&counters->logged_mono_ms, &logged,
					    now))
		return false;
	for (size_t i = 0; i < NOTES_COUNTERS; i++)
		n[i] = atomic_exchange(&counters->n[i], 0);
	return true;
}

bool notes_get_health(struct notes *notes, bool *is_well)
{
	uint64_t word = atomic_load(&table_of(notes)->health);
	uint64_t seen = word >> HEALTH_BITS;

	/* a time in the future is from before a reboot, as above */
	if (!(word & HEALTH_IS_KNOWN) ||
	    (uint64_t)clk_mono_ms(&notes->clk) - seen >= NOTES_HEALTH_MS)
		return false;
	*is_well = word & HEALTH_IS_WELL;
	return true;
}

void notes_set_health(struct notes *notes, bool is_well)
{
	uint64_t now = (uint64_t)clk_mono_ms(&notes->clk);

	atomic_store(&table_of(notes)->health,
		     now << HEALTH_BITS | HEALTH_IS_KNOWN |
			     (is_well ? HEALTH_IS_WELL : 0));
}
