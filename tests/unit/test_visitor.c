/*
 * visitor.c: what proxies may say and what clients make up.
 */
#include "base/base.h"
#include "http/visitor.h"
#include "tests/support/check.h"

#define PROXIES "127.0.0.1 10.0.0.0/8 2001:db8:aaaa::/48"

static struct net_list proxies;

static int set_up(void **state)
{
	(void)state;
	return net_list_parse(&proxies, PROXIES, NULL) != CF_OK;
}

static struct visitor find(const char *remote, const char *x, const char *rfc)
{
	struct http_request req = {
		.remote = str_from(remote),
		.x_forwarded_for = str_from(x),
		.forwarded = str_from(rfc),
	};

	return visitor_find(&req, &proxies);
}

/* The visitor is of this address, and counted. */
static void assert_is(struct visitor visitor, const char *wanted,
		      const char *of)
{
	struct net_addr addr;

	assert_true(net_parse(str_from(wanted), &addr));
	if (memcmp(&visitor.key, &addr, sizeof(addr)) || visitor.is_exempt)
		fail_msg("not %s%s: %.200s", wanted,
			 visitor.is_exempt ? ", but exempt" : "", of);
}

static void a_visitor_is_an_ipv4_address_or_an_ipv6_64(void **state)
{
	(void)state;
	assert_is(find("192.0.2.1", NULL, NULL), "192.0.2.1", "");
	assert_is(find("::ffff:192.0.2.1", NULL, NULL), "192.0.2.1", "");
	assert_is(find("2001:db8:1:2:3:4:5:6", NULL, NULL), "2001:db8:1:2::",
		  "");
	assert_is(find("2001:db8:1:2::9%eth0", NULL, NULL), "2001:db8:1:2::",
		  "");
	assert_is(find("localhost", NULL, NULL), "::", "");
}

static void this_machine_is_exempt(void **state)
{
	static const char *const remotes[] = {NULL, "", "unix:", "127.0.0.1",
					      "127.9.9.9", "::1",
					      "::ffff:127.0.0.1"};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(remotes); i++)
		assert_true(find(remotes[i], NULL, NULL).is_exempt);
	assert_true(find("127.0.0.1", "127.0.0.1", NULL).is_exempt);
	assert_true(find("127.0.0.1", " , ,", NULL).is_exempt);
}

static void a_proxy_of_this_machine_exempts_nobody_else(void **state)
{
	static const struct {
		const char *remote, *x, *rfc;
		bool is_passed_on;
		enum visitor_hidden hidden;
	} cases[] = {
		/* 127.9.9.9, ::1 and a socket are not trusted */
		{"127.9.9.9", "192.0.2.1", NULL, false,
		 VISITOR_PROXY_NOT_TRUSTED},
		{"127.9.9.9", "127.0.0.1", NULL, false,
		 VISITOR_PROXY_NOT_TRUSTED},
		{"::1", NULL, "for=192.0.2.1", false,
		 VISITOR_PROXY_NOT_TRUSTED},
		{"unix:", "192.0.2.1", NULL, false, VISITOR_PROXY_NOT_TRUSTED},
		{"", "unknown", NULL, false, VISITOR_PROXY_NOT_TRUSTED},
		{"127.9.9.9", NULL, NULL, true, VISITOR_PROXY_NOT_TRUSTED},
		{NULL, NULL, NULL, true, VISITOR_PROXY_NOT_TRUSTED},
		/* 127.0.0.1 is, and does not say whom it serves */
		{"127.0.0.1", NULL, NULL, true, VISITOR_PROXY_SAYS_NOTHING},
		/* it does */
		{"127.0.0.1", "127.0.0.1", NULL, true, VISITOR_SEEN},
		{"127.0.0.1", NULL, "for=127.0.0.1", true, VISITOR_SEEN},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct http_request req = {
			.remote = str_from(cases[i].remote),
			.x_forwarded_for = str_from(cases[i].x),
			.forwarded = str_from(cases[i].rfc),
			.is_passed_on = cases[i].is_passed_on,
		};
		struct visitor visitor = visitor_find(&req, &proxies);

		assert_int_equal(visitor.hidden, cases[i].hidden);
		assert_int_equal(visitor.is_exempt, !cases[i].hidden);
		assert_int_equal(visitor.is_known, !cases[i].hidden);
		assert_true(net_is_loopback(&visitor.addr));
	}
	/* others are who they are, whatever a header says */
	assert_int_equal(find("192.0.2.1", "127.0.0.1", NULL).hidden,
			 VISITOR_SEEN);
	assert_int_equal(find("127.0.0.1", "192.0.2.1", NULL).hidden,
			 VISITOR_SEEN);
}

static void a_proxy_that_was_told_nothing_is_not_known(void **state)
{
	(void)state;
	assert_true(find("192.0.2.1", NULL, NULL).is_known);
	assert_true(find("10.0.0.1", NULL, NULL).is_known);
	assert_true(find("10.0.0.1", "192.0.2.1", NULL).is_known);
	assert_true(find("10.0.0.1", NULL, "for=192.0.2.1").is_known);
	/* the headers do not agree, or tell no address */
	assert_false(find("10.0.0.1", "192.0.2.1", "for=x").is_known);
	assert_false(find("10.0.0.1", "192.0.2.1", "for=192.0.2.2").is_known);
	assert_false(find("10.0.0.1", "unknown", NULL).is_known);
	/* a proxy, and not a trusted one */
	assert_false(find("192.0.2.1", "192.0.2.2", NULL).is_known);
}

static void only_a_proxy_names_another(void **state)
{
	(void)state;
	assert_is(find("127.0.0.1", "192.0.2.1", NULL), "192.0.2.1", "");
	assert_is(find("10.1.2.3", "192.0.2.1", NULL), "192.0.2.1", "");
	assert_is(find("2001:db8:aaaa::7", "192.0.2.1", NULL), "192.0.2.1",
		  "");
	assert_is(find("10.1.2.3", NULL, NULL), "10.1.2.3", "");
	assert_is(find("11.0.0.1", "192.0.2.1", NULL), "11.0.0.1", "");
	assert_is(find("11.0.0.1", NULL, "for=192.0.2.1"), "11.0.0.1", "");
	/* nor is anybody exempt by saying so */
	assert_is(find("11.0.0.1", "127.0.0.1", NULL), "11.0.0.1", "");
	assert_is(find("11.0.0.1", NULL, "for=\"[::1]\""), "11.0.0.1", "");
	assert_is(find("10.0.0.1", "127.0.0.1, 192.0.2.1", NULL), "192.0.2.1",
		  "");
}

static const struct {
	const char *header;
	const char *wanted; /* asked by 10.0.0.1 */
} x_rows[] = {
	{"192.0.2.1", "192.0.2.1"},
	{"  192.0.2.1\t", "192.0.2.1"},
	{"192.0.2.1:4711", "192.0.2.1"},
	{"2001:db8::5", "2001:db8::"},
	{"2001:db8:1:1::5", "2001:db8:1:1::"},
	{"[2001:db8::5]", "2001:db8::"},
	{"[2001:db8::5]:4711", "2001:db8::"},
	{"::ffff:192.0.2.1", "192.0.2.1"},
	/* proxies in a row, and what the client made up before them */
	{"192.0.2.1, 10.0.0.9, 10.0.0.8", "192.0.2.1"},
	{"198.51.100.7, 192.0.2.1, 10.0.0.9", "192.0.2.1"},
	{"198.51.100.7,192.0.2.1,10.0.0.9:80", "192.0.2.1"},
	{"10.0.0.7, 192.0.2.1", "192.0.2.1"},
	{"127.0.0.1, 192.0.2.1", "192.0.2.1"},
	{"\x01\xff<script>, 192.0.2.1", "192.0.2.1"},
	{"\", 192.0.2.1", "192.0.2.1"},
	{"\"\\, 192.0.2.1", "192.0.2.1"},
	/* empty elements */
	{",,192.0.2.1,, ,", "192.0.2.1"},
	/* nothing but proxies */
	{"10.0.0.7, 10.0.0.9", "10.0.0.7"},
	{"", "10.0.0.1"},
	/* not an address: the one who wrote it */
	{"unknown", "10.0.0.1"},
	{"192.0.2.1, unknown, 10.0.0.9", "10.0.0.9"},
	{"192.0.2.1, _hidden", "10.0.0.1"},
	{"192.0.2.1 192.0.2.2", "10.0.0.1"},
	{"192.0.2.1:", "10.0.0.1"},
	{"192.0.2.1:80:80", "10.0.0.1"},
	{"192.0.2.1:8 0", "10.0.0.1"},
	{"[2001:db8::5", "10.0.0.1"},
	{"[2001:db8::5]x", "10.0.0.1"},
	{"[2001:db8::5]:", "10.0.0.1"},
	{"[]", "10.0.0.1"},
	{"[", "10.0.0.1"},
	{":80", "10.0.0.1"},
	{"for=192.0.2.1", "10.0.0.1"},
	{"256.0.2.1", "10.0.0.1"},
};

static void x_forwarded_for_is_read_from_the_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(x_rows); i++)
		assert_is(find("10.0.0.1", x_rows[i].header, NULL),
			  x_rows[i].wanted, x_rows[i].header);
}

static const struct {
	const char *header;
	const char *wanted;
} rfc_rows[] = {
	/* RFC 7239, sections 4, 6 and 7 */
	{"for=\"_gazonk\"", "10.0.0.1"},
	{"For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::"},
	{"for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"},
	{"for=192.0.2.43, for=198.51.100.17", "198.51.100.17"},
	{"for=_hidden, for=_SEVKISEK", "10.0.0.1"},
	{"for=unknown", "10.0.0.1"},
	{"for=\"192.0.2.43:47011\"", "192.0.2.43"},
	{"for=\"192.0.2.43:_port\"", "192.0.2.43"},
	{"for=192.0.2.43,for=\"[2001:db8:cafe::17]\",for=10.0.0.2",
	 "2001:db8:cafe::"},
	{"by=203.0.113.43;FOR=192.0.2.60", "192.0.2.60"},
	{"proto=https; for=192.0.2.60 ; host=example.org", "192.0.2.60"},
	{"for=192.0.2.60;", "192.0.2.60"},
	/* marks within quotes are none */
	{"for=192.0.2.60;host=\"a,b;for=192.0.2.1\"", "192.0.2.60"},
	{"for=192.0.2.60;host=\"a\\\",for=192.0.2.1\"", "192.0.2.60"},
	{"for=192.0.2.60;host=\"a\\\\\"", "192.0.2.60"},
	/* what a client began cannot reach into what the proxy added */
	{"for=\"x, for=192.0.2.60", "192.0.2.60"},
	{"for=\"x\\, for=\"192.0.2.60\"", "192.0.2.60"},
	{"for=192.0.2.1;x=\", for=192.0.2.60;by=10.0.0.1", "192.0.2.60"},
	{"for=127.0.0.1, for=192.0.2.60, for=10.0.0.4", "192.0.2.60"},
	{", for=192.0.2.60,,", "192.0.2.60"},
	/* nobody is named */
	{"", "10.0.0.1"},
	{"by=203.0.113.43", "10.0.0.1"},
	{"for=192.0.2.1, proto=http", "10.0.0.1"},
	{"for", "10.0.0.1"},
	{"for=", "10.0.0.1"},
	{"for=\"\"", "10.0.0.1"},
	{"for=\"", "10.0.0.1"},
	{"for=\"192.0.2.1", "10.0.0.1"},
	{"192.0.2.1", "10.0.0.1"},
	{"xfor=192.0.2.1", "10.0.0.1"},
	{";;;", "10.0.0.1"},
};

static void forwarded_is_read_from_the_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(rfc_rows); i++)
		assert_is(find("10.0.0.1", NULL, rfc_rows[i].header),
			  rfc_rows[i].wanted, rfc_rows[i].header);
}

static void two_headers_must_agree(void **state)
{
	(void)state;
	assert_is(find("10.0.0.1", "192.0.2.1", "for=192.0.2.1"), "192.0.2.1",
		  "");
	assert_is(find("10.0.0.1", "192.0.2.1, 10.0.0.9", "for=192.0.2.1"),
		  "192.0.2.1", "");
	/* or whoever sends the one that the proxy does not set would choose */
	assert_is(find("10.0.0.1", "192.0.2.1", "for=192.0.2.2"), "10.0.0.1",
		  "");
	assert_is(find("10.0.0.1", "192.0.2.1", "unknown"), "10.0.0.1", "");
	assert_is(find("127.0.0.1", "192.0.2.1", "for=127.0.0.1"),
		  "127.0.0.1", "made up, so not exempt");
	assert_is(find("11.0.0.1", "192.0.2.1", "for=192.0.2.2"), "11.0.0.1",
		  "");
}

static void a_header_that_comes_twice_is_not_believed(void **state)
{
	struct http_request req = {
		.x_forwarded_for = STR_LIT("192.0.2.1"),
		.is_forwarded_twice = true,
	};

	(void)state;
	req.remote = STR_LIT("10.0.0.1");
	assert_is(visitor_find(&req, &proxies), "10.0.0.1", "");
	req.remote = STR_LIT("127.0.0.1");
	assert_is(visitor_find(&req, &proxies), "127.0.0.1", "");
	req.remote = STR_LIT("192.0.2.2");
	assert_is(visitor_find(&req, &proxies), "192.0.2.2", "");
	req.remote = STR_LIT("127.9.9.9");
	assert_is(visitor_find(&req, &proxies), "127.9.9.9", "");
}

static void what_is_no_address_exempts_nobody(void **state)
{
	static char header[100 * 1024 + 1];

	(void)state;
	assert_is(find("127.0.0.1", "unknown", NULL), "127.0.0.1", "");
	assert_is(find("127.0.0.1", NULL, "for=_x"), "127.0.0.1", "");
	memset(header, 'a', sizeof(header) - 1);
	assert_is(find("127.0.0.1", header, NULL), "127.0.0.1", "100 KB");
	assert_is(find("127.0.0.1", NULL, header), "127.0.0.1", "100 KB");
	memset(header, ',', sizeof(header) - 1);
	assert_is(find("127.0.0.1", header, NULL), "127.0.0.1", "100 KB");
	assert_is(find("127.9.9.9", header, header), "127.9.9.9", "100 KB");
}

static void a_header_counts_up_to_its_limit(void **state)
{
	char header[REQUEST_FORWARDED_MAX_BYTES + 2];

	(void)state;
	(void)snprintf(header, sizeof(header), "%*s",
		       REQUEST_FORWARDED_MAX_BYTES, "192.0.2.1");
	assert_is(find("10.0.0.1", header, NULL), "192.0.2.1", "as long");
	(void)snprintf(header, sizeof(header), "%*s",
		       REQUEST_FORWARDED_MAX_BYTES + 1, "192.0.2.1");
	assert_is(find("10.0.0.1", header, NULL), "10.0.0.1", "too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_visitor_is_an_ipv4_address_or_an_ipv6_64),
		cmocka_unit_test(this_machine_is_exempt),
		cmocka_unit_test(a_proxy_of_this_machine_exempts_nobody_else),
		cmocka_unit_test(a_proxy_that_was_told_nothing_is_not_known),
		cmocka_unit_test(only_a_proxy_names_another),
		cmocka_unit_test(x_forwarded_for_is_read_from_the_right),
		cmocka_unit_test(forwarded_is_read_from_the_right),
		cmocka_unit_test(two_headers_must_agree),
		cmocka_unit_test(a_header_that_comes_twice_is_not_believed),
		cmocka_unit_test(what_is_no_address_exempts_nobody),
		cmocka_unit_test(a_header_counts_up_to_its_limit),
	};

	return cmocka_run_group_tests_name("visitor", tests, set_up, NULL);
}
