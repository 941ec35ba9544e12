/*
 * Limits for each address: buckets of credits in memory of fixed size, which
 * all processes of the service share (a file in cache_dir). A request spends a
 * credit; credits arrive at a steady rate, up to the burst.
 *
 * limit_new, any number of limit_spend and limit_refund, limit_free.
 *
 * A visitor with one /64 of IPv6 often has 256 or 65,536 of them. So a /56 and
 * a /48 have buckets, too, LIMIT_56_TIMES and LIMIT_48_TIMES as large and as
 * quick to fill as that of an address. A credit is spent in all or in none.
 *
 * The number of slots is fixed. When all are in use, the address whose bucket
 * is most nearly full is dropped. That address may then slightly exceed its
 * limit, and no address gets less than its limit. Without the file, for example
 * in a missing cache_dir, nothing is limited, and the log says so.
 */
#ifndef CF_HTTP_LIMIT_H
#define CF_HTTP_LIMIT_H

#include "base/clk.h"
#include "base/log.h"
#include "base/net.h"
#include "conf/settings.h"
#include "http/notes.h"

enum limit_kind {
	LIMIT_ISSUE,  /* issue_per_minute, issue_burst */
	LIMIT_FAILED, /* failed_per_minute, failed_burst */
	LIMIT_AUDIO,  /* audio_per_minute, audio_burst */
	LIMIT_KIND_COUNT,
	LIMIT_NONE = LIMIT_KIND_COUNT, /* counts nothing */
};

enum {
	/* for addresses, of each kind; as many for /56 and for /48 */
	LIMIT_SLOTS = 131072,
	LIMIT_56_TIMES = 8,
	LIMIT_48_TIMES = 32,
	LIMIT_SHARE = 10,	    /* of limit_keep_share */
	LIMIT_RETRY_MS = 60 * 1000, /* before the file is tried again */
};

#define LIMIT_FILE_NAME "limits"

struct limit;

/* All borrowed until limit_free. NULL when out of memory. The first
 * limit_spend opens the file. */
CF_MUST_CHECK
struct limit *limit_new(const struct settings *settings, struct notes *notes,
			const struct log *log, struct clk clk);
void limit_free(struct limit *limit);

/*
 * Spend one credit of an address.
 *
 * addr     an IPv4 address, or the first half of an IPv6 address and zeros
 * returns  0 when a credit was spent; else the milliseconds until there is
 *          one, and nothing was spent
 * promise  over all processes, an address spends at most its burst and the
 *          credits that arrived since, unless its slot was displaced meanwhile.
 *          After a jump of the clock or a reboot no address waits longer than
 *          an empty bucket takes to fill.
 */
CF_MUST_CHECK
int64_t limit_spend(struct limit *limit, enum limit_kind kind,
		    const struct net_addr *addr);

/*
 * Refund the credit just spent when the address has spent more than one in
 * LIMIT_SHARE of its burst (and more than one credit), or a wider block has.
 * For when the store has little room left.
 *
 * returns  0 when the credit stays spent; else as limit_spend
 */
CF_MUST_CHECK
int64_t limit_keep_share(struct limit *limit, enum limit_kind kind,
			 const struct net_addr *addr);

/* Return a credit that was spent for nothing. */
void limit_refund(struct limit *limit, enum limit_kind kind,
		  const struct net_addr *addr);

#endif
