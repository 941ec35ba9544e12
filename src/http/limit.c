/*
 * Token buckets: see limit.h. A bucket does not store its tokens but the time
 * at which it is full again (the generic cell rate algorithm, ITU-T I.371, with
 * its theoretical arrival time). So a bucket is one number without upkeep, and
 * a full bucket equals an absent bucket.
 *
 * Wider blocks of IPv6 have the same buckets on a faster clock: more tokens
 * arrive in the same time, and no token is lost to rounding.
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
	N_SETS = LIMIT_PLACES / N_WAYS,
	/* of a time, which wraps after a year of the fastest clock */
	FULL_BITS = 40,
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

/* Zeroed, every bucket was full long ago. */
struct shared_limits {
	/* made by the first process; no word of a made key is 0 */
	_Atomic uint64_t key[CRYPT_TABLE_KEY_BYTES / sizeof(uint64_t)];
	alignas(64) _Atomic uint64_t
		word[LIMIT_KIND_COUNT][WIDTH_COUNT][N_SETS][N_WAYS];
};

/* In ticks of the clock of a width; a token has the same length at each. */
struct rate {
	uint64_t token;	 /* between two tokens; 0: no limit */
	uint64_t bucket; /* to fill an empty bucket of an address */
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
		rate.token =
			(uint64_t)((MINUTE_MS + per_minute / 2) / per_minute);
	rate.bucket = rate.token * (uint64_t)burst;
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

/* Word by word, all processes use the key that the first process made. */
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
	enum cf_status rc = shared_open_in(limit->settings->cache_dir,
					   LIMIT_FILE_NAME,
					   sizeof(struct shared_limits), MAGIC,
					   &limit->shared, err);

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

/* Names a bucket. */
struct which {
	enum limit_kind kind;
	const struct width *width;
	uint64_t hash;
};

/* What one reading of its set says about a bucket. */
struct look {
	_Atomic uint64_t *place;
	uint64_t word; /* there; of another address if this one has none */
	uint64_t tag;  /* of the address */
	uint64_t now;  /* in ticks */
	uint64_t left; /* ticks until it is full */
};

static struct which which_of(struct limit *limit, enum limit_kind kind,
			     size_t width, const struct net_addr *addr)
{
	struct net_addr part = {{0}};

	memcpy(part.bytes, addr->bytes, widths[width].n_bytes);
	return (struct which){kind, &widths[width],
			      crypt_table_hash64(limit->key, part.bytes,
						 sizeof(part.bytes))};
}

/* The number of buckets that an address counts in. */
static size_t n_widths(const struct net_addr *addr)
{
	return net_is_ipv4(addr) ? 1 : WIDTH_COUNT;
}

static uint64_t bucket_of(const struct limit *limit, const struct which *which)
{
	return limit->rates[which->kind].bucket * which->width->ticks_a_ms;
}

/* Ticks until the bucket of a word is full. A time further ahead than a whole
 * bucket is past, on a clock that wraps, or from before a reboot: 0. */
static uint64_t left_of(uint64_t word, uint64_t now, uint64_t bucket)
{
	uint64_t left = (word - now) & FULL_MASK;

	return left > bucket ? 0 : left;
}

/*
 * Find the address's place in the set, or else the place to give it: that of
 * the bucket that will be full first. All processes choose the same place. So
 * when two processes add an address at once, one of them fails and looks again.
 */
static struct look look_at(struct limit *limit, const struct which *which)
{
	_Atomic uint64_t *set =
		limit->at->word[which->kind][which->width - widths]
			       [which->hash % N_SETS];
	struct look look = {.tag = which->hash & ~FULL_MASK};
	uint64_t bucket = bucket_of(limit, which);
	uint64_t words[N_WAYS], least = UINT64_MAX;

	/* Read the words before the clock: then no time can be further ahead
	 * of it than a whole bucket. */
	for (size_t i = 0; i < N_WAYS; i++)
		words[i] = atomic_load(&set[i]);
	look.now =
		(uint64_t)clk_mono_ms(&limit->clk) * which->width->ticks_a_ms;
	for (size_t i = 0; i < N_WAYS; i++) {
		uint64_t left = left_of(words[i], look.now, bucket);
		bool is_it = (words[i] & ~FULL_MASK) == look.tag;

		if (!is_it && left >= least)
			continue;
		look.place = &set[i];
		look.word = words[i];
		look.left = is_it ? left : 0;
		least = left;
		if (is_it)
			break;
	}
	return look;
}

/* Set the time at which the bucket is full; false when its word has changed
 * since the look. */
static bool replace(const struct look *look, uint64_t left)
{
	uint64_t word = look->word;

	return atomic_compare_exchange_strong(look->place, &word,
					      look->tag | ((look->now + left) &
							   FULL_MASK));
}

/* Take a token of one bucket; returns as limit_take. */
static int64_t take_of(struct limit *limit, const struct which *which)
{
	uint64_t ticks_a_ms = which->width->ticks_a_ms;
	uint64_t bucket = bucket_of(limit, which);
	struct look look;
	uint64_t left; /* with one token less */

	do {
		look = look_at(limit, which);
		left = look.left + limit->rates[which->kind].token;
		if (left > bucket)
			return (int64_t)((left - bucket + ticks_a_ms - 1) /
					 ticks_a_ms);
	} while (!replace(&look, left));
	return 0;
}

static void give_back_to(struct limit *limit, const struct which *which)
{
	uint64_t token = limit->rates[which->kind].token;
	struct look look;

	do {
		look = look_at(limit, which);
		if (!look.left)
			return; /* full by now, or displaced */
	} while (!replace(&look, look.left > token ? look.left - token : 0));
}

/* Count a refusal, and log one line a minute for all processes, without
 * addresses. */
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
		  "line; if all came through one proxy, name it in "
		  "trusted_proxies\"",
		  (unsigned long long)n[LIMIT_ISSUE],
		  (unsigned long long)n[LIMIT_FAILED]);
}

int64_t limit_take(struct limit *limit, enum limit_kind kind,
		   const struct net_addr *addr)
{
	struct which which[WIDTH_COUNT];
	int64_t wait_ms = 0;
	size_t n = 0;

	if (!limit->rates[kind].token || !is_open(limit))
		return 0;
	for (; n < n_widths(addr); n++) {
		which[n] = which_of(limit, kind, n, addr);
		wait_ms = take_of(limit, &which[n]);
		if (wait_ms)
			break;
	}
	if (!wait_ms)
		return 0;
	while (n--)
		give_back_to(limit, &which[n]);
	note_refusal(limit, kind);
	return wait_ms;
}

/* Milliseconds until at most the share of a bucket is taken. */
static int64_t over_share(struct limit *limit, const struct which *which)
{
	uint64_t ticks_a_ms = which->width->ticks_a_ms;
	uint64_t token = limit->rates[which->kind].token;
	uint64_t share = bucket_of(limit, which) / LIMIT_SHARE;
	struct look look = look_at(limit, which);

	if (share < token)
		share = token;
	if (look.left <= share)
		return 0;
	return (int64_t)((look.left - share + ticks_a_ms - 1) / ticks_a_ms);
}

int64_t limit_keep_share(struct limit *limit, enum limit_kind kind,
			 const struct net_addr *addr)
{
	int64_t wait_ms = 0;

	if (!limit->rates[kind].token || !limit->shared)
		return 0;
	for (size_t i = 0; i < n_widths(addr) && !wait_ms; i++) {
		struct which which = which_of(limit, kind, i, addr);

		wait_ms = over_share(limit, &which);
	}
	if (!wait_ms)
		return 0;
	limit_give_back(limit, kind, addr);
	note_refusal(limit, kind);
	return wait_ms;
}

void limit_give_back(struct limit *limit, enum limit_kind kind,
		     const struct net_addr *addr)
{
	if (!limit->rates[kind].token || !limit->shared)
		return;
	for (size_t i = 0; i < n_widths(addr); i++) {
		struct which which = which_of(limit, kind, i, addr);

		give_back_to(limit, &which);
	}
}
