/*
 * Addresses and blocks of them: see net.h. The notation of an address is that
 * of inet_pton(3), of a block that of RFC 4632, section 3.1.
 */
#include "base/base.h"
#include "base/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define SEPARATORS " \t,"

enum { MAPPED_BITS = 96 }; /* of the block ::ffff:0:0/96 */

static const uint8_t mapped[MAPPED_BITS / 8] = {
	[10] = 0xff,
	[11] = 0xff,
};

bool net_parse(struct str text, struct net_addr *addr)
{
	const char *zone = text.len ? memchr(text.ptr, '%', text.len) : NULL;
	size_t len = zone ? (size_t)(zone - text.ptr) : text.len;
	char copy[INET6_ADDRSTRLEN];
	struct net_addr v6;
	uint8_t v4[4];

	if (!len || len >= sizeof(copy))
		return false;
	memcpy(copy, text.ptr, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, v4) == 1) {
		memcpy(addr->bytes, mapped, sizeof(mapped));
		memcpy(addr->bytes + sizeof(mapped), v4, sizeof(v4));
		return true;
	}
	if (inet_pton(AF_INET6, copy, v6.bytes) != 1)
		return false;
	*addr = v6;
	return true;
}

bool net_from_sockaddr(const struct sockaddr_storage *from,
		       struct net_addr *addr)
{
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)from;

	if (from->ss_family == AF_INET) {
		memcpy(addr->bytes, mapped, sizeof(mapped));
		memcpy(addr->bytes + sizeof(mapped), &a4->sin_addr, 4);
		return true;
	}
	if (from->ss_family != AF_INET6)
		return false;
	memcpy(addr->bytes, &a6->sin6_addr, NET_ADDR_BYTES);
	return true;
}

bool net_is_ipv4(const struct net_addr *addr)
{
	return !memcmp(addr->bytes, mapped, sizeof(mapped));
}

bool net_is_loopback(const struct net_addr *addr)
{
	static const struct net_addr one = {{[NET_ADDR_BYTES - 1] = 1}};

	if (net_is_ipv4(addr))
		return addr->bytes[sizeof(mapped)] == 127;
	return !memcmp(addr, &one, sizeof(one));
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

/* A whole number up to max, of digits alone. */
static bool parse_bits(struct str text, unsigned max, unsigned *n)
{
	*n = 0;
	if (!text.len || text.len > 3)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		*n = *n * 10 + (unsigned)(text.ptr[i] - '0');
	}
	return *n <= max;
}

static enum cf_status parse_block(struct str text, struct net_block *block,
				  struct cf_error *err)
{
	const char *slash = memchr(text.ptr, '/', text.len);
	struct str addr = text, bits = STR_LIT("128");
	unsigned n_before = 0;

	if (slash) {
		addr.len = (size_t)(slash - text.ptr);
		bits = (struct str){slash + 1, text.len - addr.len - 1};
	}
	if (!net_parse(addr, &block->addr))
		return cf_fail(err, CF_CONFIG,
			       "\"%.*s\" is no address: write 192.0.2.1, "
			       "10.0.0.0/8, 2001:db8::1 or 2001:db8::/32",
			       (int)(text.len < 60 ? text.len : 60), text.ptr);
	/* of what is written, not of what stands for it */
	if (slash && !memchr(addr.ptr, ':', addr.len))
		n_before = MAPPED_BITS;
	if (!parse_bits(bits, NET_ADDR_BYTES * 8 - n_before, &block->n_bits))
		return cf_fail(err, CF_CONFIG,
			       "\"%.*s\": after the slash stands 0 to %u",
			       (int)(text.len < 60 ? text.len : 60), text.ptr,
			       NET_ADDR_BYTES * 8 - n_before);
	block->n_bits += n_before;
	if (has_bits_past(block))
		return cf_fail(err, CF_CONFIG,
			       "\"%.*s\" is not where a block of this size "
			       "begins: make the bits past /%.*s zero",
			       (int)(text.len < 60 ? text.len : 60), text.ptr,
			       (int)bits.len, bits.ptr);
	return CF_OK;
}

enum cf_status net_list_parse(struct net_list *list, const char *text,
			      struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	list->n = 0;
	for (text += strspn(text, SEPARATORS); !rc && *text;
	     text += strspn(text, SEPARATORS)) {
		struct str one = {text, strcspn(text, SEPARATORS)};

		if (list->n == NET_BLOCKS_MAX)
			return cf_fail(err, CF_CONFIG,
				       "more than %d addresses and blocks",
				       NET_BLOCKS_MAX);
		rc = parse_block(one, &list->blocks[list->n++], err);
		text += one.len;
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
