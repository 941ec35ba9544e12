/*
 * Addresses and blocks of them: see net.h. The notation of an address is that
 * of inet_pton(3), of a block that of RFC 4632, section 3.1.
 */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define SEPARATORS " \t,"

enum { MAPPED_BITS = 96 }; /* of the block ::ffff:0:0/96 */

static const uint8_t mapped[MAPPED_BITS / 8] = {
	[10] = 0xff,
	[11] = 0xff,
};

static void set_ipv4(struct net_addr *addr, const void *v4)
{
	memcpy(addr->bytes, mapped, sizeof(mapped));
	memcpy(addr->bytes + sizeof(mapped), v4, sizeof(struct in_addr));
}

bool net_parse(struct str text, struct net_addr *addr)
{
	struct str without_zone = text_cut(&text, '%');
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr v6;
	struct in_addr v4;

	if (!without_zone.len || without_zone.len >= sizeof(copy))
		return false;
	memcpy(copy, without_zone.ptr, without_zone.len);
	copy[without_zone.len] = '\0';
	if (inet_pton(AF_INET, copy, &v4) == 1) {
		set_ipv4(addr, &v4);
		return true;
	}
	if (inet_pton(AF_INET6, copy, &v6) != 1)
		return false;
	memcpy(addr->bytes, &v6, NET_ADDR_BYTES);
	return true;
}

bool net_from_sockaddr(const struct sockaddr_storage *from,
		       struct net_addr *addr)
{
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)from;

	if (from->ss_family == AF_INET)
		set_ipv4(addr, &a4->sin_addr);
	else if (from->ss_family == AF_INET6)
		memcpy(addr->bytes, &a6->sin6_addr, NET_ADDR_BYTES);
	else
		return false;
	return true;
}

bool net_is_ipv4(const struct net_addr *addr)
{
	return !memcmp(addr->bytes, mapped, sizeof(mapped));
}

bool net_is_loopback(const struct net_addr *addr)
{
	static const struct net_addr v6 = {{[NET_ADDR_BYTES - 1] = 1}};

	if (net_is_ipv4(addr))
		return addr->bytes[sizeof(mapped)] == 127;
	return !memcmp(addr, &v6, sizeof(v6));
}

/* Bit i of an address, the first being the highest. */
static unsigned bit_of(const struct net_addr *addr, unsigned i)
{
	return (unsigned)addr->bytes[i / 8] >> (7 - i % 8) & 1u;
}

static bool has_bits_past(const struct net_block *block)
{
	for (unsigned i = block->n_bits; i < NET_ADDR_BYTES * 8; i++)
		if (bit_of(&block->addr, i))
			return true;
	return false;
}

static enum cf_status parse_block(struct str text, struct net_block *block,
				  struct cf_error *err)
{
	struct str bits = text, addr = text_cut(&bits, '/');
	int n_quoted = text.len < 60 ? (int)text.len : 60;
	unsigned n_before = 0, max = NET_ADDR_BYTES * 8;
	int64_t n_bits = max;

	if (!net_parse(addr, &block->addr))
		return cf_fail(err, CF_CONFIG,
			       "\"%.*s\" is no address: write 192.0.2.1, "
			       "10.0.0.0/8, 2001:db8::1 or 2001:db8::/32",
			       n_quoted, text.ptr);
	if (bits.ptr) {
		/* 10.0.0.0/8 counts from the first bit of IPv4 */
		if (!memchr(addr.ptr, ':', addr.len))
			n_before = MAPPED_BITS;
		max -= n_before;
		n_bits = bits.len && bits.len <= 3 ? text_parse_decimal(bits)
						   : -1;
	}
	if (n_bits < 0 || n_bits > max)
		return cf_fail(err, CF_CONFIG,
			       "\"%.*s\": after the slash stands 0 to %u",
			       n_quoted, text.ptr, max);
	block->n_bits = (unsigned)n_bits + n_before;
	if (has_bits_past(block))
		return cf_fail(err, CF_CONFIG,
			       "\"%.*s\" has bits past /%d: make them zero",
			       n_quoted, text.ptr, (int)n_bits);
	return CF_OK;
}

enum cf_status net_list_parse(struct net_list *list, const char *text,
			      struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	list->n = 0;
	for (text += strspn(text, SEPARATORS); !rc && *text;
	     text += strspn(text, SEPARATORS)) {
		struct str block = {text, strcspn(text, SEPARATORS)};

		if (list->n == NET_BLOCKS_MAX)
			return cf_fail(err, CF_CONFIG,
				       "more than %d addresses and blocks",
				       NET_BLOCKS_MAX);
		rc = parse_block(block, &list->blocks[list->n++], err);
		text += block.len;
	}
	return rc;
}

static bool is_in(const struct net_block *block, const struct net_addr *addr)
{
	for (unsigned i = 0; i < block->n_bits; i++)
		if (bit_of(&block->addr, i) != bit_of(addr, i))
			return false;
	return true;
}

bool net_list_has(const struct net_list *list, const struct net_addr *addr)
{
	for (size_t i = 0; i < list->n; i++)
		if (is_in(&list->blocks[i], addr))
			return true;
	return false;
}
