/*
 * Find the visitor: see visitor.h. X-Forwarded-For as proxies write it, with
 * or without a port; Forwarded as in RFC 7239, sections 4 and 6.
 */
#include "base/base.h"
#include "http/visitor.h"

#include "base/text.h"

enum {
	IPV6_KEY_BYTES = 8
};

/* Whether ptr[i] is a quote without a backslash that escapes it (RFC 9110,
 * 5.6.4). */
static bool is_quote(struct str text, size_t i)
{
	size_t n_backslashes = 0;

	if (text.ptr[i] != '"')
		return false;
	while (n_backslashes < i && text.ptr[i - n_backslashes - 1] == '\\')
		n_backslashes++;
	return n_backslashes % 2 == 0;
}

/* Cut text at its last mark outside of quotes, and return the part after the
 * mark. Without a mark return all of text. */
static struct str take_last(struct str *text, char mark)
{
	bool is_quoted = false;
	size_t at = text->len;
	struct str last;

	while (at) {
		if (is_quote(*text, at - 1))
			is_quoted = !is_quoted;
		else if (text->ptr[at - 1] == mark && !is_quoted)
			break;
		at--;
	}
	last = (struct str){text->ptr + at, text->len - at};
	text->len = at ? at - 1 : 0;
	return str_trim(last);
}

/* Whether text is a port, or a proxy's name for a port (RFC 7239, 6). */
static bool is_port(struct str text)
{
	if (!text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		      (c >= 'a' && c <= 'z') || strchr("._-", c)))
			return false;
	}
	return true;
}

/* Parse "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]" or
 * "[2001:db8::1]:80". For any other text return false and leave *addr. */
static bool parse_node(struct str text, struct net_addr *addr)
{
	struct str rest = text, host;

	if (net_parse(text, addr))
		return true;
	if (!str_starts(text, "[")) {
		host = text_cut(&rest, ':');
		return is_port(rest) && net_parse(host, addr);
	}
	(void)text_cut(&rest, '[');
	host = text_cut(&rest, ']');
	if (!rest.ptr)
		return false;
	if (rest.len && (text_cut(&rest, ':').len || !is_port(rest)))
		return false;
	return net_parse(host, addr);
}

/* The value of "for" in an element of Forwarded, without quotes; empty when the
 * element has no "for". */
static struct str get_for(struct str element)
{
	while (element.len) {
		struct str pair = take_last(&element, ';');

		if (pair.len < 4 ||
		    !str_eq_nocase((struct str){pair.ptr, 4}, "for="))
			continue;
		pair.ptr += 4;
		pair.len -= 4;
		if (pair.len >= 2 && str_starts(pair, "\"") &&
		    str_ends(pair, "\"")) {
			pair.ptr++;
			pair.len -= 2;
		}
		return pair;
	}
	return (struct str)STR_INIT;
}

/* While addr is a trusted proxy, replace it by the client that the proxy names.
 * Return false when a proxy names its client by no address. */
static bool follow(struct str header, bool is_forwarded,
		   const struct net_list *proxies, struct net_addr *addr)
{
	while (header.len && net_list_has(proxies, addr)) {
		struct str node;

		if (header.len > REQUEST_FORWARDED_MAX_BYTES)
			return false;
		node = take_last(&header, ',');
		if (!node.len)
			continue; /* an empty element: RFC 9110, 5.6.1 */
		if (is_forwarded)
			node = get_for(node);
		if (!parse_node(node, addr))
			return false;
	}
	return true;
}

static struct net_addr remote_addr(const struct http_request *req)
{
	static const struct net_addr local = {{[NET_ADDR_BYTES - 1] = 1}};
	struct net_addr addr = {{0}};

	if (!req->remote.len || str_starts(req->remote, "unix:"))
		return local;
	/* Unparsable REMOTE_ADDR: all such requests share the zero address. */
	(void)!net_parse(req->remote, &addr);
	return addr;
}

static bool is_named(const struct http_request *req)
{
	return req->x_forwarded_for.len || req->forwarded.len;
}

/* Why the visitor behind an address of this machine is not known. */
static enum visitor_hidden find_hidden(const struct http_request *req,
				       bool is_proxy_trusted)
{
	if (is_named(req))
		return is_proxy_trusted ? VISITOR_SEEN
					: VISITOR_PROXY_NOT_TRUSTED;
	if (!req->is_passed_on)
		return VISITOR_SEEN;
	return is_proxy_trusted ? VISITOR_PROXY_SAYS_NOTHING
				: VISITOR_PROXY_NOT_TRUSTED;
}

struct visitor visitor_find(const struct http_request *req,
			    const struct net_list *proxies)
{
	struct net_addr remote = remote_addr(req);
	struct net_addr by_x = remote, by_rfc = remote;
	bool is_sure_by_x = follow(req->x_forwarded_for, false, proxies, &by_x);
	bool is_sure_by_rfc = follow(req->forwarded, true, proxies, &by_rfc);
	struct visitor visitor = {.key = by_x};
	bool is_proxy_trusted = net_list_has(proxies, &remote);
	bool is_sure = is_sure_by_x && is_sure_by_rfc;

	if (req->is_forwarded_twice && is_proxy_trusted) {
		visitor.key = remote;
		is_sure = false;
	} else if (!req->x_forwarded_for.len) {
		visitor.key = by_rfc;
	} else if (req->forwarded.len &&
		   memcmp(&by_x, &by_rfc, sizeof(by_x)) != 0) {
		visitor.key = remote;
		is_sure = false;
	}
	visitor.addr = visitor.key;
	if (net_is_loopback(&visitor.key))
		visitor.hidden = find_hidden(req, is_proxy_trusted);
	visitor.is_known = is_sure && (is_named(req) ? is_proxy_trusted
						     : !req->is_passed_on);
	visitor.is_exempt =
		is_sure && net_is_loopback(&visitor.key) && !visitor.hidden;
	if (!net_is_ipv4(&visitor.key))
		memset(visitor.key.bytes + IPV6_KEY_BYTES, 0,
		       NET_ADDR_BYTES - IPV6_KEY_BYTES);
	return visitor;
}
