/*
 * Whose request it is, as far as limits care: an address, taken from the
 * connection or, where that comes from a trusted proxy, from what the proxy
 * says of its own client.
 */
#ifndef CF_HTTP_VISITOR_H
#define CF_HTTP_VISITOR_H

#include "base/net.h"
#include "http/request.h"

struct visitor {
	struct net_addr addr; /* the whole of it */
	/* An IPv4 address, or the first half of an IPv6 address: who has one
	 * of the other half has all of them (RFC 6177). */
	struct net_addr key;
	bool is_exempt; /* of this machine, and asks for itself */
	/* Nothing tells that addr is a proxy's, and that it asks for somebody
	 * else. */
	bool is_known;
	/* It came from this machine, but a proxy has passed it on and nobody
	 * trusted says for whom. */
	enum visitor_hidden {
		VISITOR_SEEN, /* no such thing */
		VISITOR_PROXY_NOT_TRUSTED,
		VISITOR_PROXY_SAYS_NOTHING,
	} hidden;
};

/*
 * proxies  whose X-Forwarded-For or Forwarded (RFC 7239) counts
 *
 * The headers are read from the right: each proxy adds whom it saw at that
 * end, so what a client made up is further left. An entry counts as long as
 * the one who wrote it is trusted; the first address that is not is the
 * visitor. Where an entry is no address ("unknown", "_hidden"), or the header
 * is over REQUEST_FORWARDED_MAX_BYTES, it is the proxy that wrote it.
 *
 * A proxy sets one of the two headers, and passes the other on as its client
 * sent it. When both are there and do not agree, one of them is made up, and
 * the visitor is the proxy. Likewise when one of them is there twice: nginx
 * before 1.23 does so with the lines of a header, but others with headers of
 * another name, since X_Forwarded_For is the same variable (RFC 3875, 4.1.18).
 *
 * A request of this machine is for itself when no header tells of a proxy
 * (X-Forwarded-For, Forwarded, Via, X-Real-IP), or when a trusted one names
 * this machine. Else whoever a proxy on this machine serves, that is
 * everybody, would be exempt.
 *
 * No REMOTE_ADDR, or "unix:" (nginx), is a local socket and taken for ::1.
 */
struct visitor visitor_find(const struct http_request *req,
			    const struct net_list *proxies);

#endif
