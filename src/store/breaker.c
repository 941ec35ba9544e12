/*
 * The breaker: see breaker.h. What is known of a server is one word, changed
 * by comparing and swapping, so that a process that is killed leaves no lock:
 *
 *	tag of its name		20 bits
 *	nobody tries until	40 bits, milliseconds of the monotonic clock
 *	probe in progress	 1 bit; `until` is then its deadline
 *	failures in a row	 3 bits; 0: none, and the word says nothing
 */
#include "base/base.h"
#include "store/breaker.h"

#include "base/crypt.h"
#include "base/mem.h"
#include "base/shared.h"

enum {
	N_WORDS = 512,
	FAILURES_MAX = 7, /* from here on pauses are as long as can be */
	IS_TRIAL = 8,
	FLAG_BITS = 4,
	UNTIL_BITS = 40,
	/* none was set to end later than this from now: it is of the time
	 * before the machine started anew */
	UNTIL_MAX_MS = 120 * 1000,
};

#define MAGIC	   UINT64_C(0x314b414552424643) /* "CFBREAK1" */
#define UNTIL_MASK ((UINT64_C(1) << UNTIL_BITS) - 1)
#define TAG_SHIFT  (FLAG_BITS + UNTIL_BITS)

struct words {
	_Atomic uint64_t word[N_WORDS];
};

struct breaker {
	struct shared *shared; /* NULL: own is all there is */
	struct words *words;
	struct words own;
};

struct breaker *breaker_open(const char *dir)
{
	struct breaker *b = mem_alloc(MEM_STORE, 1, sizeof(*b));

	if (!b)
		return NULL;
	b->words = &b->own;
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
static uint64_t hash(const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t tag_of(uint64_t h)
{
	return h >> TAG_SHIFT;
}

static _Atomic uint64_t *word_of(struct breaker *b, uint64_t h)
{
	return &b->words->word[h % N_WORDS];
}

static uint64_t make_word(uint64_t h, int64_t until_mono_ms, unsigned flags)
{
	return tag_of(h) << TAG_SHIFT |
	       ((uint64_t)until_mono_ms & UNTIL_MASK) << FLAG_BITS | flags;
}

/* 0 also where the word is of another server. */
static unsigned n_failures(uint64_t word, uint64_t h)
{
	return word >> TAG_SHIFT == tag_of(h) ? word & FAILURES_MAX : 0;
}

/* How long it still says to wait; 0: not at all. */
static int64_t wait_of(uint64_t word, int64_t now_mono_ms)
{
	int64_t ms = (int64_t)(word >> FLAG_BITS & UNTIL_MASK) - now_mono_ms;

	return ms > 0 && ms <= UNTIL_MAX_MS ? ms : 0;
}

int64_t breaker_wait_ms(struct breaker *b, const char *server,
			int64_t now_mono_ms, int64_t trial_ms)
{
	uint64_t h = hash(server);
	uint64_t word = atomic_load(word_of(b, h));

	while (n_failures(word, h)) {
		int64_t wait_ms = wait_of(word, now_mono_ms);

		if (wait_ms)
			return wait_ms;
		/* the process whose exchange succeeds may try */
		if (atomic_compare_exchange_weak(
			    word_of(b, h), &word,
			    make_word(h, now_mono_ms + trial_ms,
				      n_failures(word, h) | IS_TRIAL)))
			return 0;
	}
	return 0;
}

/* Never the same twice, or all processes would come back at once. */
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
	uint64_t h = hash(server);
	uint64_t word = atomic_load(word_of(b, h));
	unsigned n = n_failures(word, h);

	/* connections of many processes fail at once: count one failure */
	if (n && !(word & IS_TRIAL) && wait_of(word, now_mono_ms))
		return;
	n += n < FAILURES_MAX;
	(void)atomic_compare_exchange_strong(
		word_of(b, h), &word,
		make_word(h, now_mono_ms + pause_ms(n), n));
}

void breaker_worked(struct breaker *b, const char *server)
{
	uint64_t h = hash(server);
	uint64_t word = atomic_load(word_of(b, h));

	if (n_failures(word, h))
		(void)atomic_compare_exchange_strong(word_of(b, h), &word, 0);
}
