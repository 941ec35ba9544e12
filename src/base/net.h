/*
 * Addresses of the Internet, and blocks of them. An IPv4 address is kept as
 * the IPv6 address ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). So a visitor has one
 * address in whichever form a web server writes it.
 */
#ifndef CF_BASE_NET_H
#define CF_BASE_NET_H

#include "base/buf.h"

enum {
	NET_ADDR_BYTES = 16,
	NET_BLOCKS_MAX = 64, /* of a list */
};

/* In network order. */
struct net_addr {
	uint8_t bytes[NET_ADDR_BYTES];
};

/* Parse "192.0.2.1" or "2001:db8::1"; a zone ("%eth0") is ignored. False, and
 * *addr is untouched, for any other text. */
CF_MUST_CHECK
bool net_parse(struct str text, struct net_addr *addr);

/* The address of a socket. False, and *addr is untouched, when it is no
 * Internet socket. */
struct sockaddr_storage;
CF_MUST_CHECK
bool net_from_sockaddr(const struct sockaddr_storage *from,
		       struct net_addr *addr);

bool net_is_ipv4(const struct net_addr *addr);

/* 127.0.0.0/8 or ::1 */
bool net_is_loopback(const struct net_addr *addr);

struct net_block {
	struct net_addr addr;
	unsigned n_bits; /* of addr that count, 0 to 128 */
};

/* Empty when zeroed. */
struct net_list {
	struct net_block blocks[NET_BLOCKS_MAX];
	size_t n;
};

/* Parse addresses and blocks ("10.0.0.0/8") separated by spaces or commas.
 * CF_CONFIG, and the list is undefined, for a wrong one; err says how to write
 * it. */
CF_MUST_CHECK
enum cf_status net_list_parse(struct net_list *list, const char *text,
			      struct cf_error *err);

bool net_list_has(const struct net_list *list, const struct net_addr *addr);

#endif
