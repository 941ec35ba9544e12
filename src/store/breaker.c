/*
 * The breaker: see breaker.h. The state of a server is one word, changed by
 * compare-and-swap, so that a killed process leaves no lock:
 *
 *	tag: of the server's hash	20 bits
 *	until: no try before		40 bits, milliseconds of the monotonic
 *					clock
 *	a process tries; `until` is
 *	its deadline			 1 bit
 *	failures in a row		 3 bits; 0: no failure is known
 */
#include "base/base.h"
#include "store/breaker.h"

#include "base/crypt.h"
#include "base/mem.h"
#include "base/shared.h"

enum {
	N_WORDS = 512,
	FAILURES_MAX = 7, /* from here on pauses are the longest */
	IS_TRIED = 8,
	FLAG_BITS = 4,
	UNTIL_BITS = 40,
	/* a time further ahead than this is from before a reboot */
	UNTIL_MAX_MS = 120 * 1000,
};

#define MAGIC	   UINT64_C(0x314b414552424643) /* "CFBREAK1" */
#define UNTIL_MASK ((UINT64_C(1) << UNTIL_BITS) - 1)
#define TAG_MASK   (UINT64_MAX << (FLAG_BITS + UNTIL_BITS))

struct words {
	_Atomic uint64_t word[N_WORDS];
};

struct breaker {
	struct shared *shared;
	struct words *words; /* of shared, or else local */
	struct words local;
};

struct breaker *breaker_open(const char *dir)
{
	struct breaker *b = mem_alloc(MEM_STORE, 1, sizeof(*b));

	if (!b)
		return NULL;
	b->words = &b->local;
	if (!shared_open_in(dir, "breaker", sizeof(*b->words), MAGIC,
			    &b->shared, NULL))
		b->words = shared_bytes(b->shared);
	return b;
}

void breaker_close(struct breaker *b)
{
	if (!b)
		return;
	shared_close(b->shared);
	mem_free(b);
}

/* FNV-1a: names are the operator's own. */
static uint64_t hash_of(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t make_word(uint64_t hash, int64_t until_mono_ms, unsigned flags)
{
	return (hash & TAG_MASK) |
	       ((uint64_t)until_mono_ms & UNTIL_MASK) << FLAG_BITS | flags;
}

/* 0 also for the word of another server. */
static unsigned n_failures(uint64_t word, uint64_t hash)
{
	return (word ^ hash) & TAG_MASK ? 0 : word & FAILURES_MAX;
}

/* Milliseconds to wait; 0 when the time is past. */
static int64_t wait_of(uint64_t word, int64_t now_mono_ms)
{
	int64_t ms = (int64_t)(word >> FLAG_BITS & UNTIL_MASK) - now_mono_ms;

	return ms > 0 && ms <= UNTIL_MAX_MS ? ms : 0;
}

int64_t breaker_wait_ms(struct breaker *b, const char *server,
			int64_t now_mono_ms, int64_t trial_ms)
{
	uint64_t hash = hash_of(server);
	_Atomic uint64_t *at = &b->words->word[hash % N_WORDS];
	uint64_t word = atomic_load(at);

	while (n_failures(word, hash)) {
		int64_t wait_ms = wait_of(word, now_mono_ms);

		if (wait_ms)
			return wait_ms;
		/* the process whose exchange succeeds may try */
		if (atomic_compare_exchange_weak(
			    at, &word,
			    make_word(hash, now_mono_ms + trial_ms,
				      n_failures(word, hash) | IS_TRIED)))
			return 0;
	}
	return 0;
}

/* Half of it is random, or all processes would come back at once. */
static int64_t pause_ms(unsigned n_failures)
{
	int64_t ms = (int64_t)BREAKER_PAUSE_MIN_MS << (n_failures - 1);
	uint16_t chance;

	if (ms > BREAKER_PAUSE_MAX_MS)
		ms = BREAKER_PAUSE_MAX_MS;
	crypt_random(&chance, sizeof(chance));
	return ms / 2 + ms / 2 * chance / UINT16_MAX;
}

void breaker_failed(struct breaker *b, const char *server, int64_t now_mono_ms)
{
	uint64_t hash = hash_of(server);
	_Atomic uint64_t *at = &b->words->word[hash % N_WORDS];
	uint64_t word = atomic_load(at);
	unsigned n = n_failures(word, hash);

	/* connections of many processes fail at once: count one failure */
	if (n && !(word & IS_TRIED) && wait_of(word, now_mono_ms))
		return;
	n += n < FAILURES_MAX;
	(void)atomic_compare_exchange_strong(
		at, &word, make_word(hash, now_mono_ms + pause_ms(n), n));
}

void breaker_worked(struct breaker *b, const char *server)
{
	uint64_t hash = hash_of(server);
	_Atomic uint64_t *at = &b->words->word[hash % N_WORDS];
	uint64_t word = atomic_load(at);

	if (n_failures(word, hash))
		(void)atomic_compare_exchange_strong(at, &word, 0);
}
