/*
 * Limits for each address: token buckets in memory of fixed size, which all
 * processes of the service share (a file in cache_dir).
 *
 * limit_new, any number of limit_take and limit_give_back, limit_free.
 *
 * A visitor with one /64 of IPv6 often has 256 or 65,536 of them. So a /56 and
 * a /48 have buckets, too, LIMIT_56_TIMES and LIMIT_48_TIMES as large and as
 * quick to fill as that of an address. A token is taken from all or from none.
 *
 * The number of places is fixed. When all are taken, the address whose bucket
 * is most nearly full is dropped: it may then do slightly more than its limit,
 * and no address may do less. Without the file, for example in a missing
 * cache_dir, nothing is limited, and the log says so.
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
	LIMIT_KIND_COUNT,
	LIMIT_NONE = LIMIT_KIND_COUNT, /* counts nothing */
};

enum {
	/* for addresses, of each kind; as many for /56 and for /48 */
	LIMIT_PLACES = 131072,
	LIMIT_56_TIMES = 8,
	LIMIT_48_TIMES = 32,
	LIMIT_RETRY_MS = 60 * 1000, /* before the file is tried again */
};

#define LIMIT_FILE_NAME "limits"

struct limit;

/* All borrowed until limit_free. NULL when out of memory. The first limit_take
 * opens the file. */
CF_MUST_CHECK
struct limit *limit_new(const struct settings *settings, struct notes *notes,
			const struct log *log, struct clk clk);
void limit_free(struct limit *limit);

/*
 * Take one token of an address.
 *
 * addr     an IPv4 address, or the first half of an IPv6 address and zeros
 * returns  0 when a token was taken; else the milliseconds until there is one,
 *          and nothing was taken
 * promise  over all processes, an address gets at most burst tokens and those
 *          that arrived since, unless its place was given away meanwhile.
 *          After a jump of the clock or a reboot no address waits longer than
 *          an empty bucket takes to fill.
 */
CF_MUST_CHECK
int64_t limit_take(struct limit *limit, enum limit_kind kind,
		   const struct net_addr *addr);

/*
 * Keep the token just taken only while the address has taken at most one in
 * LIMIT_SHARE of its burst (at least one), and the wider blocks likewise. For
 * when the store has little room left.
 *
 * returns  0 when the token is kept; else as limit_take, and it is given back
 */
enum {
	LIMIT_SHARE = 10
};
CF_MUST_CHECK
int64_t limit_keep_share(struct limit *limit, enum limit_kind kind,
			 const struct net_addr *addr);

/* Give a token back that was taken and not used. */
void limit_give_back(struct limit *limit, enum limit_kind kind,
		     const struct net_addr *addr);

#endif
