/*
 * How much one address may do: a token bucket for each, in memory of fixed
 * size that all processes of the service share (a file in cache_dir).
 *
 * limit_new, any number of limit_take and limit_give_back, limit_free.
 *
 * Of IPv6 whoever has one /64 often has 256 of them or 65,536. So the /56 and
 * the /48 have buckets, too, LIMIT_56_TIMES and LIMIT_48_TIMES as large and as
 * quick to fill as that of an address: a token is taken from all or from none.
 *
 * There are as many places as there are, whatever the number of addresses.
 * When they are all taken, the address whose bucket is most nearly full is
 * forgotten: it may then do a little more than it should, and nobody less.
 * Without the file, say in a cache_dir that is not there, nothing is limited,
 * and the log says so.
 */
#ifndef CF_HTTP_LIMIT_H
#define CF_HTTP_LIMIT_H

#include "base/clk.h"
#include "base/log.h"
#include "base/net.h"
#include "base/settings.h"
#include "http/notes.h"

enum limit_kind {
	LIMIT_ISSUE,  /* issue_per_minute, issue_burst */
	LIMIT_FAILED, /* failed_per_minute, failed_burst */
	LIMIT_KIND_COUNT,
	LIMIT_NONE = LIMIT_KIND_COUNT, /* counts nothing */
};

enum {
	/* addresses that are remembered, of a kind; as many /56 and /48 */
	LIMIT_PLACES = 131072,
	LIMIT_56_TIMES = 8,
	LIMIT_48_TIMES = 32,
	LIMIT_RETRY_MS = 60 * 1000, /* before the file is tried again */
};

#define LIMIT_FILE_NAME "limits"

struct limit;

/* All borrowed until limit_free. NULL when out of memory. Opens no file: that
 * is left to the first who is counted. */
CF_MUST_CHECK
struct limit *limit_new(const struct settings *settings, struct notes *notes,
			const struct log *log, struct clk clk);
void limit_free(struct limit *limit);

/*
 * Take one token of an address.
 *
 * addr     an IPv4 address, or the first half of one of IPv6 and zeros
 * returns  0, it was there; else how many milliseconds until there is one,
 *          and nothing was taken
 * promise  of one address, no more than burst and what has come since are
 *          given, over all processes, unless it was forgotten meanwhile.
 *          After a jump of the clock or a restart of the machine nobody waits
 *          longer than an empty bucket takes to fill.
 */
CF_MUST_CHECK
int64_t limit_take(struct limit *limit, enum limit_kind kind,
		   const struct net_addr *addr);

/*
 * Keep a token that was just taken only while no more than one in LIMIT_SHARE
 * of the burst is taken (one at least), also of the wider blocks: for when
 * there is little left to share out.
 *
 * returns  0, it is kept; else as limit_take, and it is given back
 */
enum {
	LIMIT_SHARE = 10
};
CF_MUST_CHECK
int64_t limit_keep_share(struct limit *limit, enum limit_kind kind,
			 const struct net_addr *addr);

/* Put one back that was taken for what then did not happen. */
void limit_give_back(struct limit *limit, enum limit_kind kind,
		     const struct net_addr *addr);

#endif
