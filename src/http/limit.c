/*
 * Buckets of credits: see limit.h. A bucket stores the time at which it is
 * full again (the generic cell rate algorithm, ITU-T I.371, with its
 * theoretical arrival time). So a bucket is one number without upkeep, and a
 * full bucket equals an absent bucket.
 *
 * Wider blocks of IPv6 have the same buckets on a faster clock: more credits
 * arrive in the same time, and no credit is lost to rounding.
 *
 * The time and a tag of the address share one word, changed by
 * compare-and-swap: a killed process leaves no lock behind. The words of one
 * cache line are a set. A hash with a secret key assigns an address to a set,
 * so a client cannot choose which address it displaces.
 */
#include "base/base.h"
#include "http/limit.h"

#include "base/crypt.h"
#include "base/metrics.h"
#include "base/shared.h"

#include <stdalign.h>
#include <stdatomic.h>

enum {
	N_WAYS = 8,
	N_SETS = LIMIT_SLOTS / N_WAYS,
	FULL_BITS = 40, /* the fastest clock wraps after a year */
	MINUTE_MS = 60 * 1000,
};

/* The blocks of addresses that have buckets. */
enum {
	WIDTH_ADDRESS,
	WIDTH_56,
	WIDTH_48,
	WIDTH_COUNT
};

static const struct width {
	size_t n_bytes;	     /* of the address, from its beginning */
	uint64_t ticks_a_ms; /* of its clock; also its size factor */
} widths[WIDTH_COUNT] = {
	[WIDTH_ADDRESS] = {NET_ADDR_BYTES, 1},
	[WIDTH_56] = {56 / 8, LIMIT_56_TIMES},
	[WIDTH_48] = {48 / 8, LIMIT_48_TIMES},
};

#define FULL_MASK ((UINT64_C(1) << FULL_BITS) - 1)
#define MAGIC	  UINT64_C(0x324c494d49544643) /* "CFTIMIL2" */

/* In a file of zeroes all buckets are full. */
struct table {
	/* 0 until the first process makes the key */
	_Atomic uint64_t key[CRYPT_TABLE_KEY_BYTES / sizeof(uint64_t)];
	alignas(64) _Atomic uint64_t
		word[LIMIT_KIND_COUNT][WIDTH_COUNT][N_SETS][N_WAYS];
};

struct rate {
	uint64_t credit_ms; /* between two credits; 0: no limit */
	uint64_t burst;
};

struct limit {
	const char *dir;
	struct notes *notes;
	const struct log *log;
	struct clk clk;
	struct rate rates[LIMIT_KIND_COUNT];
	struct shared *shared; /* NULL: not open */
	struct table *table;
	uint8_t key[CRYPT_TABLE_KEY_BYTES];
	int64_t retry_mono_ms; /* not opened before this */
};

static struct rate rate_of(int64_t per_minute, int64_t burst)
{
	struct rate rate = {0, (uint64_t)burst};

	if (per_minute)
		rate.credit_ms =
			(uint64_t)((MINUTE_MS + per_minute / 2) / per_minute);
	return rate;
}

struct limit *limit_new(const struct settings *settings, struct notes *notes,
			const struct log *log, struct clk clk)
{
	struct limit *limit = mem_alloc(MEM_REQUEST, 1, sizeof(*limit));

	if (!limit)
		return NULL;
	limit->dir = settings->cache_dir;
	limit->notes = notes;
	limit->log = log;
	limit->clk = clk;
	limit->rates[LIMIT_ISSUE] = rate_of(settings->issue_per_minute,
					    settings->issue_burst);
	limit->rates[LIMIT_FAILED] = rate_of(settings->failed_per_minute,
					     settings->failed_burst);
	limit->rates[LIMIT_AUDIO] = rate_of(settings->audio_per_minute,
					    settings->audio_burst);
	return limit;
}

void limit_free(struct limit *limit)
{
	if (!limit)
		return;
	shared_close(limit->shared);
	mem_free(limit);
}

/* Word by word, all processes use the key that the first process made. */
static void get_key(struct limit *limit)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(limit->table->key); i++) {
		uint64_t word = 0, fresh;

		crypt_random(&fresh, sizeof(fresh));
		fresh |= 1;
		if (atomic_compare_exchange_strong(&limit->table->key[i], &word,
						   fresh))
			word = fresh;
		memcpy(limit->key + i * sizeof(word), &word, sizeof(word));
	}
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
	if (shared_open_in(limit->dir, LIMIT_FILE_NAME, sizeof(struct table),
			   MAGIC, &limit->shared, &err)) {
		limit->retry_mono_ms = now + LIMIT_RETRY_MS;
		log_error(limit->log, LOG_LEVEL_WARN, "no-limits", &err);
		return false;
	}
	limit->table = shared_bytes(limit->shared);
	get_key(limit);
	return true;
}

/* A bucket, and its contents when it was last read. Times are in ticks of the
 * clock of its width; a credit has as many ticks at each width. */
struct bucket {
	_Atomic uint64_t *set;
	uint64_t tag;
	uint64_t ticks_a_ms;
	uint64_t credit;
	uint64_t size; /* time to fill it from empty */

	_Atomic uint64_t *slot; /* the bucket's, or the slot to displace */
	uint64_t word;		/* in the slot */
	uint64_t now;
	uint64_t spent; /* time until it is full */
};

static struct bucket bucket_of(const struct limit *limit, enum limit_kind kind,
			       size_t width, const struct net_addr *addr)
{
	const struct rate *rate = &limit->rates[kind];
	uint64_t ticks_a_ms = widths[width].ticks_a_ms, hash;
	struct net_addr block = {{0}};

	memcpy(block.bytes, addr->bytes, widths[width].n_bytes);
	hash = crypt_table_hash64(limit->key, block.bytes, sizeof(block.bytes));
	return (struct bucket){
		.set = limit->table->word[kind][width][hash % N_SETS],
		.tag = hash & ~FULL_MASK,
		.ticks_a_ms = ticks_a_ms,
		.credit = rate->credit_ms,
		.size = rate->credit_ms * rate->burst * ticks_a_ms,
	};
}

/* The number of buckets that an address has. */
static size_t n_buckets(const struct net_addr *addr)
{
	return net_is_ipv4(addr) ? 1 : WIDTH_COUNT;
}

/*
 * Find the bucket's slot in its set. If it has none, choose the slot of the
 * bucket that will be full first. All processes choose the same slot. So when
 * two processes add an address at once, one of them fails and reads again.
 */
static void read_bucket(const struct limit *limit, struct bucket *bucket)
{
	uint64_t words[N_WAYS], least = UINT64_MAX;

	/* Read the words before the clock: then no time in them is further
	 * ahead of the clock than a whole bucket. */
	for (size_t i = 0; i < N_WAYS; i++)
		words[i] = atomic_load(&bucket->set[i]);
	bucket->now = (uint64_t)clk_mono_ms(&limit->clk) * bucket->ticks_a_ms;
	for (size_t i = 0; i < N_WAYS; i++) {
		bool has_tag = (words[i] & ~FULL_MASK) == bucket->tag;
		uint64_t left = (words[i] - bucket->now) & FULL_MASK;

		/* a time further ahead than a whole bucket is past, on a clock
		 * that wraps, or from before a reboot */
		if (left > bucket->size)
			left = 0;
		if (!has_tag && left >= least)
			continue;
		bucket->slot = &bucket->set[i];
		bucket->word = words[i];
		bucket->spent = has_tag ? left : 0;
		least = left;
		if (has_tag)
			break;
	}
}

/* False when another process has changed the slot since read_bucket. */
static bool write_bucket(const struct bucket *bucket, uint64_t spent)
{
	uint64_t word = bucket->word;
	uint64_t full = (bucket->now + spent) & FULL_MASK;

	return atomic_compare_exchange_strong(bucket->slot, &word,
					      bucket->tag | full);
}

/* Milliseconds until no more than max is spent. */
static int64_t wait_of(const struct bucket *bucket, uint64_t spent,
		       uint64_t max)
{
	if (spent <= max)
		return 0;
	return (int64_t)((spent - max + bucket->ticks_a_ms - 1) /
			 bucket->ticks_a_ms);
}

/* Spend a credit of one bucket; returns as limit_spend. */
static int64_t spend(const struct limit *limit, struct bucket *bucket)
{
	int64_t wait_ms;

	do {
		read_bucket(limit, bucket);
		wait_ms = wait_of(bucket, bucket->spent + bucket->credit,
				  bucket->size);
	} while (!wait_ms &&
		 !write_bucket(bucket, bucket->spent + bucket->credit));
	return wait_ms;
}

static void refund(const struct limit *limit, struct bucket *bucket)
{
	uint64_t spent;

	do {
		read_bucket(limit, bucket);
		if (!bucket->spent)
			return; /* full by now, or displaced */
		spent = bucket->spent > bucket->credit
				? bucket->spent - bucket->credit
				: 0;
	} while (!write_bucket(bucket, spent));
}

/* Count a refusal, and log one line a minute for all processes, without
 * addresses. */
static void note_refusal(struct limit *limit, enum limit_kind kind)
{
	static const enum metric metrics[LIMIT_KIND_COUNT] = {
		[LIMIT_ISSUE] = METRIC_LIMITED_ISSUE,
		[LIMIT_FAILED] = METRIC_LIMITED_CHECK,
		[LIMIT_AUDIO] = METRIC_LIMITED_AUDIO,
	};
	uint64_t n[NOTES_COUNTERS];

	_Static_assert((int)LIMIT_KIND_COUNT <= (int)NOTES_COUNTERS,
		       "a counter for each kind");
	metrics_add(metrics[kind], 1);
	if (!notes_add(limit->notes, NOTE_LIMITED, kind, n))
		return;
	log_event(limit->log, LOG_LEVEL_WARN, "limited",
		  "issue=%llu failed=%llu audio=%llu text=\"refused since the last such "
		  "line; if all came through one proxy, name it in "
		  "trusted_proxies\"",
		  (unsigned long long)n[LIMIT_ISSUE],
		  (unsigned long long)n[LIMIT_FAILED],
		  (unsigned long long)n[LIMIT_AUDIO]);
}

int64_t limit_spend(struct limit *limit, enum limit_kind kind,
		    const struct net_addr *addr)
{
	struct bucket buckets[WIDTH_COUNT];
	int64_t wait_ms = 0;
	size_t n = 0;

	if (!limit->rates[kind].credit_ms || !is_open(limit))
		return 0;
	for (; n < n_buckets(addr); n++) {
		buckets[n] = bucket_of(limit, kind, n, addr);
		wait_ms = spend(limit, &buckets[n]);
		if (wait_ms)
			break;
	}
	if (!wait_ms)
		return 0;
	while (n--)
		refund(limit, &buckets[n]);
	note_refusal(limit, kind);
	return wait_ms;
}

int64_t limit_keep_share(struct limit *limit, enum limit_kind kind,
			 const struct net_addr *addr)
{
	int64_t wait_ms = 0;

	if (!limit->rates[kind].credit_ms || !limit->shared)
		return 0;
	for (size_t i = 0; i < n_buckets(addr) && !wait_ms; i++) {
		struct bucket bucket = bucket_of(limit, kind, i, addr);
		uint64_t share = bucket.size / LIMIT_SHARE;

		if (share < bucket.credit)
			share = bucket.credit;
		read_bucket(limit, &bucket);
		wait_ms = wait_of(&bucket, bucket.spent, share);
	}
	if (!wait_ms)
		return 0;
	limit_refund(limit, kind, addr);
	note_refusal(limit, kind);
	return wait_ms;
}

void limit_refund(struct limit *limit, enum limit_kind kind,
		  const struct net_addr *addr)
{
	if (!limit->rates[kind].credit_ms || !limit->shared)
		return;
	for (size_t i = 0; i < n_buckets(addr); i++) {
		struct bucket bucket = bucket_of(limit, kind, i, addr);

		refund(limit, &bucket);
	}
}
