/*
 * net.c: one form for each address, blocks and their borders, and wrong lists.
 */
#include "base/base.h"
#include "base/net.h"
#include "tests/support/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct net_addr addr_of(const char *text)
{
	struct net_addr addr;

	if (!net_parse(str_from(text), &addr))
		fail_msg("\"%s\" is an address", text);
	return addr;
}

static void an_address_has_one_form(void **state)
{
	static const char *const rows[][2] = {
		{"2001:db8::1", "2001:0DB8:0:0:0:0:0:1"},
		{"192.0.2.1", "::ffff:192.0.2.1"},
		{"192.0.2.1", "::ffff:c000:201"},
		{"fe80::1%eth0", "fe80::1"},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct net_addr a = addr_of(rows[i][0]);
		struct net_addr b = addr_of(rows[i][1]);

		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void a_socket_has_the_address_it_is_written_with(void **state)
{
	struct sockaddr_storage from = {.ss_family = AF_UNIX};
	struct sockaddr_in *a4 = (struct sockaddr_in *)&from;
	struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)&from;
	struct net_addr v4 = addr_of("192.0.2.7"), v6 = addr_of("2001:db8::7");
	struct net_addr addr;

	assert_false(net_from_sockaddr(&from, &addr));
	from.ss_family = AF_INET;
	(void)inet_pton(AF_INET, "192.0.2.7", &a4->sin_addr);
	assert_true(net_from_sockaddr(&from, &addr));
	assert_memory_equal(&addr, &v4, sizeof(addr));
	from.ss_family = AF_INET6;
	(void)inet_pton(AF_INET6, "2001:db8::7", &a6->sin6_addr);
	assert_true(net_from_sockaddr(&from, &addr));
	assert_memory_equal(&addr, &v6, sizeof(addr));
}

static void other_texts_are_no_addresses(void **state)
{
	static const char *const texts[] = {
		"", " ", "x", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ",
		" 1.2.3.4", "1.2.3.4:80", "[::1]", ":", ":::", "1::2::3",
		"2001:db8", "2001:db8::g", "%", "%eth0", "unix:", "01.2.3.4",
		"1.2.3.4/32", "unknown", "_hidden",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111",
	};
	struct net_addr addr = addr_of("::1"), before = addr;

	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++)
		assert_false(net_parse(str_from(texts[i]), &addr));
	assert_memory_equal(&addr, &before, sizeof(addr));
	assert_false(net_parse((struct str)STR_INIT, &addr));
	assert_true(net_parse((struct str){"1.2.3.45", 7}, &addr));
	assert_int_equal(addr.bytes[15], 4); /* no byte past the end */
}

static void ipv4_and_loopback_are_recognised(void **state)
{
	static const struct {
		const char *text;
		bool is_ipv4, is_loopback;
	} rows[] = {
		{"127.0.0.1", true, true},
		{"127.255.255.255", true, true},
		{"::ffff:127.0.0.1", true, true},
		{"::1", false, true},
		{"126.0.0.1", true, false},
		{"128.0.0.1", true, false},
		{"0.0.0.1", true, false},
		{"::", false, false},
		{"::2", false, false},
		{"::127.0.0.1", false, false},
		{"1::1", false, false},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct net_addr addr = addr_of(rows[i].text);

		assert_int_equal(net_is_ipv4(&addr), rows[i].is_ipv4);
		assert_int_equal(net_is_loopback(&addr), rows[i].is_loopback);
	}
}

static void a_block_has_the_addresses_between_its_borders(void **state)
{
	static const struct {
		const char *list, *addr;
		bool has;
	} rows[] = {
		{"", "192.0.2.1", false},
		{" , ", "192.0.2.1", false},
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1/32", "192.0.2.0", false},
		{"192.0.2.0/31", "192.0.2.1", true},
		{"192.0.2.0/31", "192.0.2.2", false},
		{"10.0.0.0/8", "10.255.255.255", true},
		{"10.0.0.0/8", "11.0.0.0", false},
		{"10.0.0.0/8", "9.255.255.255", false},
		{"172.16.0.0/12", "172.31.255.255", true},
		{"172.16.0.0/12", "172.32.0.0", false},
		{"0.0.0.0/0", "255.255.255.255", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "192.0.2.1", true},
		{"::ffff:10.0.0.0/104", "10.1.2.3", true},
		{"2001:db8::/32", "2001:db8:ffff::1", true},
		{"2001:db8::/32", "2001:db9::", false},
		{"2001:db8::/33", "2001:db8:8000::", false},
		{"2001:db8::1/128", "2001:db8::1", true},
		{"::1", "127.0.0.1", false},
		{"192.0.2.1 ::1", "::1", true},
		{"192.0.2.1,  10.0.0.0/8,::1", "10.1.1.1", true},
	};

	struct cf_error err = CF_ERROR_INIT;
	struct net_list list;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		struct net_addr addr = addr_of(rows[i].addr);

		assert_ok(net_list_parse(&list, rows[i].list, &err), &err);
		if (net_list_has(&list, &addr) != rows[i].has)
			fail_msg("\"%s\" in \"%s\"", rows[i].addr,
				 rows[i].list);
	}
}

static void a_wrong_list_is_refused_with_its_fault(void **state)
{
	static const struct {
		const char *list, *why;
	} rows[] = {
		{"nginx", "\"nginx\" is no address: write 192.0.2.1"},
		{"::1 10.0.0", "\"10.0.0\" is no address"},
		{"/8", "\"/8\" is no address"},
		{"10.0.0.0/", "\"10.0.0.0/\": after the slash stands 0 to 32"},
		{"10.0.0.0/33", "stands 0 to 32"},
		{"10.0.0.0/-1", "stands 0 to 32"},
		{"10.0.0.0/+8", "stands 0 to 32"},
		{"10.0.0.0/255.0.0.0", "stands 0 to 32"},
		{"2001:db8::/129", "stands 0 to 128"},
		{"2001:db8::/0032", "stands 0 to 128"},
		{"10.1.0.0/8", "\"10.1.0.0/8\" has bits past /8: make them "
			       "zero"},
		{"2001:db8::1/64", "has bits past /64"},
	};
	char many[(NET_BLOCKS_MAX + 1) * 4 + 1] = "";
	struct net_list list;
	struct cf_error err;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		err = (struct cf_error)CF_ERROR_INIT;
		assert_status(net_list_parse(&list, rows[i].list, &err),
			      CF_CONFIG, &err);
		assert_has(err.text, rows[i].why);
	}
	for (size_t i = 0; i <= NET_BLOCKS_MAX; i++)
		memcpy(many + i * 4, "::1 ", 5);
	assert_status(net_list_parse(&list, many, &err), CF_CONFIG, &err);
	assert_has(err.text, "more than 64");
	assert_ok(net_list_parse(&list, many + 4, &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_one_form),
		cmocka_unit_test(other_texts_are_no_addresses),
		cmocka_unit_test(ipv4_and_loopback_are_recognised),
		cmocka_unit_test(a_block_has_the_addresses_between_its_borders),
		cmocka_unit_test(a_socket_has_the_address_it_is_written_with),
		cmocka_unit_test(a_wrong_list_is_refused_with_its_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
