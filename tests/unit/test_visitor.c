/*
 * visitor.c: headers of proxies, and headers that clients make up.
 */
#include "base/base.h"
#include "http/visitor.h"
#include "tests/support/check.h"

#define PROXIES "127.0.0.1 10.0.0.0/8 2001:db8:aaaa::/48"

static struct net_list proxies;

static int set_up(void **state)
{
	return net_list_parse(&proxies, PROXIES, NULL) != CF_OK;
}

/* REMOTE_ADDR, X-Forwarded-For and Forwarded, and the visitor found. */
struct row {
	const char *remote, *x, *rfc;
	const char *visitor;
};

static void check_row(const struct row *row, bool is_twice)
{
	struct http_request req = {
		.remote = str_from(row->remote),
		.x_forwarded_for = str_from(row->x),
		.forwarded = str_from(row->rfc),
		.is_forwarded_twice = is_twice,
	};
	struct visitor visitor = visitor_find(&req, &proxies);
	struct net_addr addr;

	assert_true(net_parse(str_from(row->visitor), &addr));
	if (memcmp(&visitor.key, &addr, sizeof(addr)) || visitor.is_exempt)
		fail_msg("%s, \"%.200s\", \"%.200s\" is not %s%s", row->remote,
			 row->x ? row->x : "", row->rfc ? row->rfc : "",
			 row->visitor, visitor.is_exempt ? ", but exempt" : "");
}

static void a_visitor_is_the_connection_or_named_by_a_proxy(void **state)
{
	static const struct row rows[] = {
		/* an IPv4 address, or 64 bits of an IPv6 address */
		{"192.0.2.1", NULL, NULL, "192.0.2.1"},
		{"::ffff:192.0.2.1", NULL, NULL, "192.0.2.1"},
		{"2001:db8:1:2:3:4:5:6", NULL, NULL, "2001:db8:1:2::"},
		{"2001:db8:1:2::9%eth0", NULL, NULL, "2001:db8:1:2::"},
		{"localhost", NULL, NULL, "::"},
		/* trusted proxies */
		{"127.0.0.1", "192.0.2.1", NULL, "192.0.2.1"},
		{"10.1.2.3", "192.0.2.1", NULL, "192.0.2.1"},
		{"2001:db8:aaaa::7", "192.0.2.1", NULL, "192.0.2.1"},
		{"10.1.2.3", NULL, NULL, "10.1.2.3"},
		/* others */
		{"11.0.0.1", "192.0.2.1", NULL, "11.0.0.1"},
		{"11.0.0.1", NULL, "for=192.0.2.1", "11.0.0.1"},
		{"11.0.0.1", "127.0.0.1", NULL, "11.0.0.1"},
		{"11.0.0.1", NULL, "for=\"[::1]\"", "11.0.0.1"},
		{"10.0.0.1", "127.0.0.1, 192.0.2.1", NULL, "192.0.2.1"},
		/* both headers have to agree: the proxy sets one of them, and
		 * the client may have sent the other */
		{"10.0.0.1", "192.0.2.1", "for=192.0.2.1", "192.0.2.1"},
		{"10.0.0.1", "192.0.2.1, 10.0.0.9", "for=192.0.2.1",
		 "192.0.2.1"},
		{"10.0.0.1", "192.0.2.1", "for=192.0.2.2", "10.0.0.1"},
		{"10.0.0.1", "192.0.2.1", "unknown", "10.0.0.1"},
		{"127.0.0.1", "192.0.2.1", "for=127.0.0.1", "127.0.0.1"},
		{"11.0.0.1", "192.0.2.1", "for=192.0.2.2", "11.0.0.1"},
		/* no address: the proxy is not exempt */
		{"127.0.0.1", "unknown", NULL, "127.0.0.1"},
		{"127.0.0.1", NULL, "for=_x", "127.0.0.1"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++)
		check_row(&rows[i], false);
}

static void a_header_sent_twice_does_not_count(void **state)
{
	static const char *const remotes[] = {"10.0.0.1", "127.0.0.1",
					      "192.0.2.2", "127.9.9.9"};

	for (size_t i = 0; i < CF_ARRAY_LEN(remotes); i++) {
		struct row row = {remotes[i], "192.0.2.1", NULL, remotes[i]};

		check_row(&row, true);
	}
}

/* Visitors that are exempt, known, or hidden. */
static void a_proxy_of_this_machine_exempts_no_visitor(void **state)
{
#define SEEN	    false, VISITOR_SEEN
#define NOT_TRUSTED VISITOR_PROXY_NOT_TRUSTED
#define EXEMPT	    true, true
#define KNOWN	    false, true
#define UNKNOWN	    false, false
	static const struct {
		const char *remote, *x, *rfc;
		bool is_passed_on;
		enum visitor_hidden hidden;
		bool is_exempt, is_known;
	} cases[] = {
		/* this machine itself */
		{NULL, NULL, NULL, SEEN, EXEMPT},
		{"", NULL, NULL, SEEN, EXEMPT},
		{"unix:", NULL, NULL, SEEN, EXEMPT},
		{"127.0.0.1", NULL, NULL, SEEN, EXEMPT},
		{"127.9.9.9", NULL, NULL, SEEN, EXEMPT},
		{"::1", NULL, NULL, SEEN, EXEMPT},
		{"::ffff:127.0.0.1", NULL, NULL, SEEN, EXEMPT},
		{"127.0.0.1", " , ,", NULL, SEEN, EXEMPT},
		/* a trusted proxy, 127.0.0.1, names this machine */
		{"127.0.0.1", "127.0.0.1", NULL, SEEN, EXEMPT},
		{"127.0.0.1", "127.0.0.1", NULL, true, VISITOR_SEEN, EXEMPT},
		{"127.0.0.1", NULL, "for=127.0.0.1", true, VISITOR_SEEN,
		 EXEMPT},
		/* a trusted proxy names no visitor */
		{"127.0.0.1", NULL, NULL, true, VISITOR_PROXY_SAYS_NOTHING,
		 UNKNOWN},
		/* the proxy is not trusted */
		{"127.9.9.9", "192.0.2.1", NULL, false, NOT_TRUSTED, UNKNOWN},
		{"127.9.9.9", "127.0.0.1", NULL, false, NOT_TRUSTED, UNKNOWN},
		{"::1", NULL, "for=192.0.2.1", false, NOT_TRUSTED, UNKNOWN},
		{"unix:", "192.0.2.1", NULL, false, NOT_TRUSTED, UNKNOWN},
		{"", "unknown", NULL, false, NOT_TRUSTED, UNKNOWN},
		{"127.9.9.9", NULL, NULL, true, NOT_TRUSTED, UNKNOWN},
		{NULL, NULL, NULL, true, NOT_TRUSTED, UNKNOWN},
		/* other machines */
		{"192.0.2.1", NULL, NULL, SEEN, KNOWN},
		{"10.0.0.1", NULL, NULL, SEEN, KNOWN},
		{"10.0.0.1", "192.0.2.1", NULL, SEEN, KNOWN},
		{"10.0.0.1", NULL, "for=192.0.2.1", SEEN, KNOWN},
		{"127.0.0.1", "192.0.2.1", NULL, SEEN, KNOWN},
		/* the headers do not agree, or name no address */
		{"10.0.0.1", "192.0.2.1", "for=x", SEEN, UNKNOWN},
		{"10.0.0.1", "192.0.2.1", "for=192.0.2.2", SEEN, UNKNOWN},
		{"10.0.0.1", "unknown", NULL, SEEN, UNKNOWN},
		/* maybe a proxy, but not a trusted proxy */
		{"192.0.2.1", "192.0.2.2", NULL, SEEN, UNKNOWN},
		{"192.0.2.1", "127.0.0.1", NULL, SEEN, UNKNOWN},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct http_request req = {
			.remote = str_from(cases[i].remote),
			.x_forwarded_for = str_from(cases[i].x),
			.forwarded = str_from(cases[i].rfc),
			.is_passed_on = cases[i].is_passed_on,
		};
		struct visitor visitor = visitor_find(&req, &proxies);

		assert_int_equal(visitor.hidden, cases[i].hidden);
		assert_int_equal(visitor.is_exempt, cases[i].is_exempt);
		assert_int_equal(visitor.is_known, cases[i].is_known);
		if (visitor.hidden || visitor.is_exempt)
			assert_true(net_is_loopback(&visitor.addr));
	}
}

/* By 10.0.0.1. */
static void headers_are_read_from_the_right(void **state)
{
	static const struct {
		const char *header;
		const char *visitor;
	} by_x[] =
		{
			{"192.0.2.1", "192.0.2.1"},
			{"  192.0.2.1\t", "192.0.2.1"},
			{"192.0.2.1:4711", "192.0.2.1"},
			{"2001:db8::5", "2001:db8::"},
			{"2001:db8:1:1::5", "2001:db8:1:1::"},
			{"[2001:db8::5]", "2001:db8::"},
			{"[2001:db8::5]:4711", "2001:db8::"},
			{"::ffff:192.0.2.1", "192.0.2.1"},
			/* proxies in a row, after entries that the client made
			 * up */
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
			/* not an address: the proxy that wrote it is the
			 * visitor */
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
		},
	  by_rfc[] = {
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
		  {"proto=https; for=192.0.2.60 ; host=example.org",
		   "192.0.2.60"},
		  {"for=192.0.2.60;", "192.0.2.60"},
		  /* marks within quotes do not count */
		  {"for=192.0.2.60;host=\"a,b;for=192.0.2.1\"", "192.0.2.60"},
		  {"for=192.0.2.60;host=\"a\\\",for=192.0.2.1\"", "192.0.2.60"},
		  {"for=192.0.2.60;host=\"a\\\\\"", "192.0.2.60"},
		  /* a quote that the client opened does not swallow the proxy's
		   * entry */
		  {"for=\"x, for=192.0.2.60", "192.0.2.60"},
		  {"for=\"x\\, for=\"192.0.2.60\"", "192.0.2.60"},
		  {"for=192.0.2.1;x=\", for=192.0.2.60;by=10.0.0.1",
		   "192.0.2.60"},
		  {"for=127.0.0.1, for=192.0.2.60, for=10.0.0.4", "192.0.2.60"},
		  {", for=192.0.2.60,,", "192.0.2.60"},
		  /* no visitor is named */
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

	for (size_t i = 0; i < CF_ARRAY_LEN(by_x); i++)
		check_row(&(struct row){"10.0.0.1", by_x[i].header, NULL,
					by_x[i].visitor},
			  false);
	for (size_t i = 0; i < CF_ARRAY_LEN(by_rfc); i++)
		check_row(&(struct row){"10.0.0.1", NULL, by_rfc[i].header,
					by_rfc[i].visitor},
			  false);
}

static void a_header_counts_up_to_its_limit(void **state)
{
	static char header[100 * 1024 + 1];
	const struct row rows[] = {
		{"127.0.0.1", header, NULL, "127.0.0.1"},
		{"127.0.0.1", NULL, header, "127.0.0.1"},
		{"127.9.9.9", header, header, "127.9.9.9"},
	};

	for (int over = 0; over < 2; over++) {
		(void)snprintf(header, sizeof(header), "%*s",
			       REQUEST_FORWARDED_MAX_BYTES + over, "192.0.2.1");
		check_row(&(struct row){"10.0.0.1", header, NULL,
					over ? "10.0.0.1" : "192.0.2.1"},
			  false);
	}
	for (int i = 0; i < 6; i++) {
		memset(header, i % 2 ? 'a' : ',', sizeof(header) - 1);
		check_row(&rows[i / 2], false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_visitor_is_the_connection_or_named_by_a_proxy),
		cmocka_unit_test(a_header_sent_twice_does_not_count),
		cmocka_unit_test(a_proxy_of_this_machine_exempts_no_visitor),
		cmocka_unit_test(headers_are_read_from_the_right),
		cmocka_unit_test(a_header_counts_up_to_its_limit),
	};

	return cmocka_run_group_tests_name("visitor", tests, set_up, NULL);
}
