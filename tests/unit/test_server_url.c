/*
 * server_url.c: addresses are read, wrong addresses are refused, and passwords
 * are hidden.
 */
#include "base/base.h"
#include "base/server_url.h"
#include "tests/support/check.h"

#define SERVER(h, p, u, w, d)                                                  \
	{.kind = SERVER_URL_SERVER, .hosts = {{h, p}}, .n_hosts = 1,           \
	 .user = u, .password = w, .db = d}
#define SOCKET(p, u, w, d)                                                     \
	{.kind = SERVER_URL_SOCKET, .path = p, .user = u, .password = w,       \
	 .db = d}

static void an_address_is_read_whole(void **state)
{
	static const struct {
		const char *text;
		struct server_url url;
	} rows[] = {
		{"redis://127.0.0.1", SERVER("127.0.0.1", 6379, "", "", 0)},
		{"redis://localhost/", SERVER("localhost", 6379, "", "", 0)},
		{"redis://h:6380/15", SERVER("h", 6380, "", "", 15)},
		{"redis://:secret@h/1", SERVER("h", 6379, "", "secret", 1)},
		{"redis://u:p:q@h:1", SERVER("h", 1, "u", "p:q", 0)},
		{"redis://u%40x:%2F%40%3a%25@h",
		 SERVER("h", 6379, "u@x", "/@:%", 0)},
		{"redis://:@h", SERVER("h", 6379, "", "", 0)},
		{"redis://[::1]:65535/9999",
		 SERVER("::1", 65535, "", "", 9999)},
		{"redis://[fd00::2]", SERVER("fd00::2", 6379, "", "", 0)},
		{"unix:///run/redis.sock",
		 SOCKET("/run/redis.sock", "", "", 0)},
		{"unix:///a@b?db=3", SOCKET("/a@b", "", "", 3)},
		{"unix://u:p@/r.sock?db=2", SOCKET("/r.sock", "u", "p", 2)},
		{"redis+sentinel://a/main",
		 {.kind = SERVER_URL_SENTINEL, .hosts = {{"a", 26379}},
		  .n_hosts = 1, .name = "main"}},
		{"redis+sentinel://u:p@a:1,[::1]:2,c/my%2Fmain/3",
		 {.kind = SERVER_URL_SENTINEL,
		  .hosts = {{"a", 1}, {"::1", 2}, {"c", 26379}}, .n_hosts = 3,
		  .name = "my/main", .user = "u", .password = "p", .db = 3}},
		{"redis+cluster://a", {.kind = SERVER_URL_CLUSTER,
				       .hosts = {{"a", 6379}}, .n_hosts = 1}},
		{"redis+cluster://:p@a:7000,b",
		 {.kind = SERVER_URL_CLUSTER,
		  .hosts = {{"a", 7000}, {"b", 6379}}, .n_hosts = 2,
		  .password = "p"}},
	};
	struct cf_error err = CF_ERROR_INIT;
	struct server_url url;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		memset(&url, 0x5a, sizeof(url));
		assert_ok(server_url_parse(&url, rows[i].text, &err), &err);
		assert_int_equal(url.kind, rows[i].url.kind);
		assert_string_equal(url.path, rows[i].url.path);
		assert_string_equal(url.name, rows[i].url.name);
		assert_int_equal(url.n_hosts, rows[i].url.n_hosts);
		for (size_t k = 0; k < url.n_hosts; k++) {
			assert_string_equal(url.hosts[k].host,
					    rows[i].url.hosts[k].host);
			assert_int_equal(url.hosts[k].port,
					 rows[i].url.hosts[k].port);
		}
		assert_string_equal(url.user, rows[i].url.user);
		assert_string_equal(url.password, rows[i].url.password);
		assert_int_equal(url.db, rows[i].url.db);
	}
}

static void any_address_may_end_in_prefix_and_wait(void **state)
{
	static const char *const texts[] = {
		"redis://h:1/3?prefix=a%3A&wait=2", "redis://h?wait=2&prefix=a:",
		"unix:///s?db=3&prefix=a:&wait=2",
		"redis+sentinel://h,i/main?prefix=a:&wait=2",
		"redis+cluster://h,i?prefix=a:&wait=2",
	};
	struct server_url url;

	for (size_t i = 0; i < CF_ARRAY_LEN(texts); i++) {
		assert_int_equal(server_url_parse(&url, texts[i], NULL), CF_OK);
		assert_string_equal(url.prefix, "a:");
		assert_int_equal(url.n_wait, 2);
	}
	assert_int_equal(server_url_parse(&url, "redis://h", NULL), CF_OK);
	assert_string_equal(url.prefix, "");
	assert_int_equal(url.n_wait, 0);
}

static void refusals_do_not_repeat_the_password(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "must be sqlite:PATH, redis://"},
		{"redis", "must be sqlite:PATH, redis://"},
		{"http://:hush@h", "must be sqlite:PATH, redis://"},
		{"rediss://:hush@h", "stunnel"},
		{"redis://", "no host"},
		{"redis://:hush@", "no host"},
		{"redis://:hush@:1", "no host"},
		{"redis://[]", "no host"},
		{"redis://hush@h", "USER:PASSWORD@"},
		{"redis://hush:@h", "empty password"},
		{"redis://:hush/1@h", "@ as %40"},
		{"redis://u:1/hush@h", "@ as %40"},
		{"redis://u:x@hush@h", "@ as %40"},
		{"redis+sentinel://u:1/hush@h/main", "@ as %40"},
		{"redis+cluster://u:1/hush@h", "@ as %40"},
		{"redis://u:hush%@h", "%XX"},
		{"redis://u:hush%4@h", "%XX"},
		{"redis://u:hush%4g@h", "%XX"},
		{"redis://u:hush%00@h", "%XX"},
		{"redis://u%:hush@h", "%XX"},
		{"redis://:hush@h:", "port"},
		{"redis://:hush@h:0", "port"},
		{"redis://:hush@h:65536", "port"},
		{"redis://:hush@h:1x", "port"},
		{"redis://[::1]6379", "port"},
		{"redis://:hush@h/x", "database"},
		{"redis://:hush@h/10000", "database"},
		{"redis://:hush@h/1/2", "database"},
		{"redis://:hush@h/-1", "database"},
		{"redis://:hush@h/000000", "database"},
		{"unix://", "path"},
		{"unix://run/redis.sock", "path"},
		{"unix:///r?hush=1", "behind ? may stand"},
		{"unix:///r?db=1&hush=1", "behind ? may stand"},
		{"redis://:hush@h?db=1", "behind ? may stand"},
		{"redis://:hush@h?wait=101", "behind ? may stand"},
		{"redis://:hush@h?wait=", "behind ? may stand"},
		{"redis://:hush@h?prefix=a%20b", "prefix= has a space"},
		{"redis://:hush@h?prefix={a}", "or a brace"},
		{"redis://:hush@h?prefix=%4", "%XX"},
		{"unix:///r?db=hush", "database"},
		{"redis+sentinel://:hush@h", "/NAME"},
		{"redis+sentinel://:hush@h/", "/NAME"},
		{"redis+sentinel://:hush@h//1", "/NAME"},
		{"redis+sentinel://:hush@h/main/x", "database"},
		{"redis+sentinel://:hush@h,/main", "no host"},
		{"redis+sentinel://:hush@,h/main", "no host"},
		{"redis+sentinel://:hush@/main", "no host"},
		{"redis+sentinel://:hush@h:0,i/main", "port"},
		{"redis+cluster://", "no host"},
		{"redis+cluster://:hush@h/1", "one database"},
		{"redis+cluster://:hush@1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,"
		 "17", "more than 16 hosts"},
		{"redis+magic://:hush@h", "redis+cluster://"},
	};
	struct cf_error err = CF_ERROR_INIT;
	struct server_url url;

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		assert_status(server_url_parse(&url, rows[i].text, &err),
			      CF_CONFIG, &err);
		assert_has(err.text, rows[i].why);
		assert_null(strstr(err.text, "hush"));
	}
}

static void each_part_has_a_limit(void **state)
{
	struct cf_error err = CF_ERROR_INIT;
	char text[600], part[400];
	struct server_url url;

	for (int beyond = 0; beyond < 2; beyond++) {
		enum cf_status wanted = beyond ? CF_CONFIG : CF_OK;
		int n = SERVER_URL_WORD_BYTES - 1 + beyond;

		memset(part, 'x', sizeof(part));
		(void)snprintf(text, sizeof(text), "redis://%.*s:p@h", n, part);
		assert_status(server_url_parse(&url, text, &err), wanted, &err);
		(void)snprintf(text, sizeof(text), "redis://:%.*s@h", n, part);
		assert_status(server_url_parse(&url, text, &err), wanted, &err);
		n = SERVER_URL_HOST_BYTES - 1 + beyond;
		(void)snprintf(text, sizeof(text), "redis://%.*s", n, part);
		assert_status(server_url_parse(&url, text, &err), wanted, &err);
		n = SERVER_URL_PATH_BYTES - 2 + beyond;
		(void)snprintf(text, sizeof(text), "unix:///%.*s", n, part);
		assert_status(server_url_parse(&url, text, &err), wanted, &err);
	}
}

static void a_password_is_never_shown(void **state)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{"redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"},
		{"redis://:hush@h/1", "redis://:***@h/1"},
		{"redis://user:hush@h:1", "redis://user:***@h:1"},
		{"redis://user:hu:sh@h", "redis://user:***@h"},
		{"redis://hush@h", "redis://***@h"},
		{"redis://:hu/sh@h", "redis://:***@h"},
		{"redis://u:hu@sh@h", "redis://u:***@h"},
		{"redis:/u:hush@h", "redis:***@h"},
		{":hush@h", ":***@h"},
		{"hush@h", "***@h"},
		{"hush@h://", "***@h://"},
		{"redis+sentinel://u:1/hush@h/name",
		 "redis+sentinel://u:***@h/name"},
		{"unix://u:hush@/r?db=1", "unix://u:***@/r?db=1"},
		/* these have no password, or an @ behind it */
		{"unix:///r@h", "unix:///r@h"},
		{"unix://:hush@/r@h", "unix://:***@/r@h"},
		{"redis://h/1?prefix=a@b", "redis://h/1?prefix=a@b"},
		{"", ""},
	};
	char shown[64];

	for (size_t i = 0; i < CF_ARRAY_LEN(rows); i++) {
		server_url_show(rows[i].text, shown, sizeof(shown));
		assert_string_equal(shown, rows[i].shown);
	}
	server_url_show("redis://:hush@h", shown, 10);
	assert_string_equal(shown, "redis://:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_read_whole),
		cmocka_unit_test(any_address_may_end_in_prefix_and_wait),
		cmocka_unit_test(refusals_do_not_repeat_the_password),
		cmocka_unit_test(each_part_has_a_limit),
		cmocka_unit_test(a_password_is_never_shown),
	};

	return cmocka_run_group_tests_name("server_url", tests, NULL, NULL);
}
