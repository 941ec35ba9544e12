/*
 * X-Forwarded-For and Forwarded: whatever a client sends in them, the visitor
 * is the address that the proxy adds at the end, or else the proxy. Headers of
 * a machine that is no proxy do not count. Forged headers exempt no visitor.
 *
 * An input is lines of variables: REMOTE_ADDR, HTTP_X_FORWARDED_FOR and
 * HTTP_FORWARDED.
 */
#include "base/base.h"
#include "http/visitor.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/variables.h"

#define PROXIES "127.0.0.1 10.0.0.0/8 2001:db8:aaaa::/48"
#define PROXY	"10.0.0.1"
#define CLIENT	"203.0.113.7"

enum { HEADER_MAX_BYTES = 64 * 1024, HALF_BYTES = NET_ADDR_BYTES / 2 };

/* Texts that a proxy adds for CLIENT, some with another proxy behind it. */
static const char *const x_tails[] = {
	"," CLIENT, ", " CLIENT ":4711", ", " CLIENT ", 10.9.9.9, ,",
};
static const char *const rfc_tails[] = {
	",for=" CLIENT, ", for=\"" CLIENT ":80\";proto=https;by=" PROXY,
	", for=" CLIENT ";by=\"_a\\\",b\\\\\"",
	", by=" PROXY ";FOR=" CLIENT ", for=\"[2001:db8:aaaa::1]\"",
};

static struct net_list proxies;

static struct net_addr addr_of(const char *text)
{
	struct net_addr addr;

	FUZZ_CHECK(net_parse(str_from(text), &addr));
	return addr;
}

static bool is(const struct visitor *visitor, const char *text)
{
	struct net_addr addr = addr_of(text);

	return !memcmp(&visitor->key, &addr, sizeof(addr));
}

static bool is_same(const struct visitor *a, const struct visitor *b)
{
	return !memcmp(&a->key, &b->key, sizeof(a->key));
}

/* A copy in memory of just its size, so that a sanitizer sees reads past it. */
static struct str copy_of(struct str text)
{
	char *copy = malloc(text.len ? text.len : 1);

	FUZZ_CHECK(copy);
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	return (struct str){copy, text.len};
}

/* For any request. */
static void check_any(struct http_request req)
{
	static const uint8_t zeros[HALF_BYTES];
	struct str x = copy_of(req.x_forwarded_for);
	struct str rfc = copy_of(req.forwarded);
	struct visitor remote, visitor;
	struct net_addr addr;

	req.x_forwarded_for = req.forwarded = (struct str)STR_INIT;
	remote = visitor_find(&req, &proxies);
	req.x_forwarded_for = x;
	req.forwarded = rfc;
	visitor = visitor_find(&req, &proxies);
	FUZZ_CHECK(!visitor.is_exempt || net_is_loopback(&visitor.addr));
	FUZZ_CHECK(!visitor.is_exempt || !visitor.hidden);
	FUZZ_CHECK(net_is_ipv4(&visitor.key) ||
		   !memcmp(visitor.key.bytes + HALF_BYTES, zeros, HALF_BYTES));
	if (net_parse(req.remote, &addr) && !net_list_has(&proxies, &addr)) {
		FUZZ_CHECK(is_same(&visitor, &remote));
		FUZZ_CHECK(!visitor.is_exempt ||
			   (!x.len && !rfc.len && !req.is_passed_on));
	}
	if (!x.len && !rfc.len)
		FUZZ_CHECK(is_same(&visitor, &remote) &&
			   visitor.is_exempt == remote.is_exempt);
	free((void *)(uintptr_t)x.ptr);
	free((void *)(uintptr_t)rfc.ptr);
}

/* The visitor behind a proxy is CLIENT or, in case of doubt, PROXY. It is never
 * an address that the client sent. wanted: NULL for either */
static void check_client(const struct http_request *req, const char *wanted)
{
	struct visitor visitor = visitor_find(req, &proxies);

	FUZZ_CHECK(!visitor.is_exempt);
	if (wanted)
		FUZZ_CHECK(is(&visitor, wanted));
	else
		FUZZ_CHECK(is(&visitor, CLIENT) || is(&visitor, PROXY));
}

/* A proxy adds to the header that it knows, and passes the other one on. */
static void check_tail(struct http_request *req, struct str *known,
		       struct str *other, const char *tail)
{
	struct str sent = *known, passed_on = *other;
	bool is_clear = !req->is_forwarded_twice;
	struct buf text;

	buf_init(&text, HEADER_MAX_BYTES);
	buf_add(&text, sent.ptr, sent.len);
	buf_add_str(&text, tail);
	FUZZ_CHECK(!buf_status(&text, NULL));
	*known = (struct str){text.ptr, text.len};
	check_client(req, NULL);
	*other = (struct str)STR_INIT;
	is_clear &= text.len <= REQUEST_FORWARDED_MAX_BYTES;
	check_client(req, is_clear ? CLIENT : PROXY);
	*known = sent;
	*other = passed_on;
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = {(const char *)data, n};
	struct http_request req;
	struct variables vars;

	if (!proxies.n)
		FUZZ_CHECK(!net_list_parse(&proxies, PROXIES, NULL));
	variables_read(&vars, &text);
	request_init(&req, vars.envp);
	check_any(req);
	req.remote = STR_LIT(PROXY);
	for (size_t i = 0; i < CF_ARRAY_LEN(x_tails); i++)
		check_tail(&req, &req.x_forwarded_for, &req.forwarded,
			   x_tails[i]);
	for (size_t i = 0; i < CF_ARRAY_LEN(rfc_tails); i++)
		check_tail(&req, &req.forwarded, &req.x_forwarded_for,
			   rfc_tails[i]);
	variables_free(&vars);
	return 0;
}
