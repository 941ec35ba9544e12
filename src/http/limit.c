/*
 * Token buckets as times: see limit.h. Instead of its tokens a bucket has the
 * moment at which it is full again (the generic cell rate algorithm, ITU-T
 * I.371, with its theoretical arrival time). So it is one number that needs
 * no upkeep, and a bucket that is full is the same as none.
 *
 * That number and a tag of the address are one word, changed by comparing and
 * swapping: no locks, which a killed process could leave behind. Words stand
 * in sets of a cache line. An address can be in any place of one set, by a
 * hash whose key nobody outside knows, so nobody can choose whom to displace.
 */
#include "base/base.h"
#include "http/limit.h"

#include "base/crypt.h"
#include "base/file.h"
#include "base/metrics.h"
#include "base/shared.h"

#include <stdalign.h>
#include <stdatomic.h>

enum {
	N_WAYS = 8,
	N_SETS = LIMIT_PLACES / N_WAYS,
	FULL_BITS = 40, /* of the time; 34 years of milliseconds */
	MINUTE_MS = 60 * 1000,
};

#define FULL_MASK ((UINT64_C(1) << FULL_BITS) - 1)
#define MAGIC	  UINT64_C(0x324c494d49544643) /* "CFTIMIL2" */

/* Zeroed, every bucket was full long ago. */
struct shared_limits {
	/* made by whoever finds it missing: no word of it is ever 0 */
	_Atomic uint64_t key[CRYPT_TABLE_KEY_BYTES / sizeof(uint64_t)];
	alignas(64) _Atomic uint64_t word[LIMIT_KIND_COUNT][N_SETS][N_WAYS];
};

/* Or a process that dies could leave a lock of the compiler's library. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 &&
	       sizeof(_Atomic uint64_t) == sizeof(uint64_t),
	       "needs atomic words of 64 bits");

struct rate {
	uint64_t token_ms; /* until the next one comes; 0: no limit */
	uint64_t bucket_ms; /* until an empty bucket is full */
};

struct limit {
	const struct settings *settings;
	struct notes *notes;
	const struct log *log;
	struct clk clk;
	struct rate rates[LIMIT_KIND_COUNT];
	struct shared *shared; /* NULL: not open */
	struct shared_limits *at;
	uint8_t key[CRYPT_TABLE_KEY_BYTES];
	int64_t retry_mono_ms; /* not opened before this */
};

static struct rate rate_of(int64_t per_minute, int64_t burst)
{
	struct rate rate = {0, 0};

	if (per_minute)
		rate.token_ms = (uint64_t)((MINUTE_MS + per_minute / 2) /
					   per_minute);
	rate.bucket_ms = rate.token_ms * (uint64_t)burst;
	return rate;
}

struct limit *limit_new(const struct settings *settings, struct notes *notes,
			const struct log *log, struct clk clk)
{
	struct limit *limit = mem_alloc(MEM_REQUEST, 1, sizeof(*limit));

	if (!limit)
		return NULL;
	limit->settings = settings;
	limit->notes = notes;
	limit->log = log;
	limit->clk = clk;
	limit->rates[LIMIT_ISSUE] = rate_of(settings->issue_per_minute,
					    settings->issue_burst);
	limit->rates[LIMIT_FAILED] = rate_of(settings->failed_per_minute,
					     settings->failed_burst);
	return limit;
}

void limit_free(struct limit *limit)
{
	if (!limit)
		return;
	shared_close(limit->shared);
	mem_free(limit);
}

/* All processes have the key of the one that was first, word by word. */
static void get_key(struct limit *limit)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(limit->at->key); i++) {
		uint64_t word = 0, fresh;

		crypt_random(&fresh, sizeof(fresh));
		fresh |= 1;
		if (atomic_compare_exchange_strong(&limit->at->key[i], &word,
						   fresh))
			word = fresh;
		memcpy(limit->key + i * sizeof(word), &word, sizeof(word));
	}
}

static enum cf_status open_shared(struct limit *limit, struct cf_error *err)
{
	enum cf_status rc;
	int fd;

	rc = file_open_made_dir(limit->settings->cache_dir, &fd, err);
	if (rc)
		return rc;
	rc = shared_open(fd, LIMIT_FILE_NAME, sizeof(struct shared_limits),
			 MAGIC, &limit->shared, err);
	(void)close(fd);
	if (rc)
		return rc;
	limit->at = shared_bytes(limit->shared);
	get_key(limit);
	return CF_OK;
}

static bool is_open(struct limit *limit)
{
	struct cf_error err = CF_ERROR_INIT;
	int64_t now;

	if (limit->shared)
		return true;
	now = clk_mono_ms(&limit->clk);
	if (now < limit->retry_mono_ms)
		return false;
	if (!open_shared(limit, &err))
		return true;
	limit->retry_mono_ms = now + LIMIT_RETRY_MS;
	log_error(limit->log, LOG_LEVEL_WARN, "no-limits", &err);
	return false;
}

/* A bucket, as one look at its set shows it. */
struct look {
	_Atomic uint64_t *place;
	uint64_t word; /* in it; of somebody else if the address has none */
	uint64_t tag;  /* of the address */
	uint64_t now_mono_ms;
	uint64_t full_mono_ms; /* when its bucket will be; now, if it is */
};

/*
 * The address's place in the set, or the one to give it: that with the
 * earliest time, which all processes choose alike. So two that bring in an
 * address at once choose the same place, and one of them looks again.
 */
static struct look look_at(struct limit *limit, enum limit_kind kind,
			   const struct net_addr *addr)
{
	uint64_t hash = crypt_table_hash64(limit->key, addr->bytes,
					   sizeof(addr->bytes));
	_Atomic uint64_t *set = limit->at->word[kind][hash % N_SETS];
	struct look look = {.tag = hash & ~FULL_MASK};
	uint64_t words[N_WAYS], earliest = UINT64_MAX;

	/* before the clock is read: then no time of others can be further
	 * ahead of it than a whole bucket, and one that is comes from another
	 * run of the machine */
	for (size_t i = 0; i < N_WAYS; i++)
		words[i] = atomic_load(&set[i]);
	look.now_mono_ms = (uint64_t)clk_mono_ms(&limit->clk);
	look.full_mono_ms = look.now_mono_ms;
	for (size_t i = 0; i < N_WAYS; i++) {
		uint64_t full = words[i] & FULL_MASK;

		if (full > look.now_mono_ms + limit->rates[kind].bucket_ms)
			full = 0;
		if ((words[i] & ~FULL_MASK) == look.tag) {
			look.place = &set[i];
			look.word = words[i];
			if (full > look.now_mono_ms)
				look.full_mono_ms = full;
			return look;
		}
		if (full < earliest) {
			earliest = full;
			look.place = &set[i];
			look.word = words[i];
		}
	}
	return look;
}

/* Whether that is still so, and then the bucket is full at another time. */
static bool replace(const struct look *look, uint64_t full_mono_ms)
{
	uint64_t word = look->word;

	assert(full_mono_ms <= FULL_MASK);
	return atomic_compare_exchange_strong(look->place, &word,
					      look->tag | full_mono_ms);
}

/* Count a refusal, and log one line a minute, of all processes. Addresses are
 * not logged. */
static void note_refusal(struct limit *limit, enum limit_kind kind)
{
	uint64_t n[NOTES_COUNTERS];

	_Static_assert((int)LIMIT_KIND_COUNT <= (int)NOTES_COUNTERS,
		       "a counter for each kind");
	metrics_add(kind == LIMIT_ISSUE ? METRIC_LIMITED_ISSUE
					: METRIC_LIMITED_CHECK, 1);
	if (!notes_add(limit->notes, NOTE_LIMITED, kind, n))
		return;
	log_event(limit->log, LOG_LEVEL_WARN, "limited",
		  "issue=%llu failed=%llu text=\"refused since the last such "
		  "line; were they of one proxy, name it in "
		  "trusted_proxies\"",
		  (unsigned long long)n[LIMIT_ISSUE],
		  (unsigned long long)n[LIMIT_FAILED]);
}

int64_t limit_take(struct limit *limit, enum limit_kind kind,
		   const struct net_addr *addr)
{
	struct rate rate = limit->rates[kind];
	struct look look;
	uint64_t wait_ms; /* from now until it is full, one token less */

	if (!rate.token_ms || !is_open(limit))
		return 0;
	do {
		look = look_at(limit, kind, addr);
		wait_ms = look.full_mono_ms - look.now_mono_ms + rate.token_ms;
		if (wait_ms > rate.bucket_ms) {
			note_refusal(limit, kind);
			return (int64_t)(wait_ms - rate.bucket_ms);
		}
	} while (!replace(&look, look.now_mono_ms + wait_ms));
	return 0;
}

void limit_give_back(struct limit *limit, enum limit_kind kind,
		     const struct net_addr *addr)
{
	uint64_t token_ms = limit->rates[kind].token_ms;
	struct look look;
	uint64_t wait_ms;

	if (!token_ms || !limit->shared)
		return;
	do {
		look = look_at(limit, kind, addr);
		wait_ms = look.full_mono_ms - look.now_mono_ms;
		if (!wait_ms)
			return; /* full meanwhile, or forgotten */
		wait_ms = wait_ms > token_ms ? wait_ms - token_ms : 0;
	} while (!replace(&look, look.now_mono_ms + wait_ms));
}
