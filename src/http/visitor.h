/*
 * The address of the visitor, for limits: the address of the connection or,
 * when a trusted proxy made the connection, the address that the proxy names.
 */
#ifndef CF_HTTP_VISITOR_H
#define CF_HTTP_VISITOR_H

#include "base/net.h"
#include "http/request.h"

struct visitor {
	struct net_addr addr;
	/* for limits: an IPv4 address, or the first 64 bits of an IPv6
	 * address, since a visitor has all addresses of a /64 (RFC 6177) */
	struct net_addr key;
	bool is_exempt; /* a program on this machine, not behind a proxy */
	/* no header shows that addr is a proxy of other clients */
	bool is_known;
	/* the request came through a proxy on this machine, and no trusted
	 * proxy names its visitor */
	enum visitor_hidden {
		VISITOR_SEEN, /* not hidden */
		VISITOR_PROXY_NOT_TRUSTED,
		VISITOR_PROXY_SAYS_NOTHING,
	} hidden;
};

/*
 * proxies  addresses whose X-Forwarded-For or Forwarded (RFC 7239) counts
 *
 * The headers are read from the right: each proxy appends the address of its
 * client, so entries that a visitor made up are further left. An entry counts
 * if a trusted proxy wrote it. The first address that is no trusted proxy is
 * the visitor. If an entry is no address ("unknown", "_hidden"), or the header
 * is over REQUEST_FORWARDED_MAX_BYTES, the proxy that wrote it is the visitor.
 *
 * A proxy sets one of the two headers, and passes the other on as its client
 * sent it. If both are present and disagree, one of them is made up, and the
 * proxy is the visitor. The same holds for a header that is present twice:
 * nginx before 1.23 passes repeated lines on in this way. Other servers do it
 * with X_Forwarded_For, which is the same variable (RFC 3875, 4.1.18).
 *
 * A request from this machine is exempt when no header shows a proxy
 * (X-Forwarded-For, Forwarded, Via, X-Real-IP), or when a trusted proxy names
 * this machine. Otherwise every visitor of a proxy on this machine would be
 * exempt.
 *
 * A missing REMOTE_ADDR, or "unix:" (nginx), is a local socket and counts as
 * ::1.
 */
struct visitor visitor_find(const struct http_request *req,
			    const struct net_list *proxies);

#endif
