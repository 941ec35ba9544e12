/*
 * route.c: the table of paths and methods.
 */
#include "base/base.h"
#include "http/route.h"

#include <setjmp.h>

#include <cmocka.h>

#define PID "0Ab3EfGhIjKlMnOp"

static void paths_lead_to_their_routes(void **state)
{
	static const struct {
		const char *path;
		const char *pattern; /* NULL: no route */
		const char *pid;
	} cases[] = {
		{"verification/get", "/verification/get", ""},
		{"verification/check", "/verification/check", ""},
		{"image/" PID ".png", "/image/<pid>.png", PID},
		{"demo", "/demo", ""},
		{"healthz", "/healthz", ""},
		{"", NULL, ""},
		{"/demo", NULL, ""},
		{"demo/", NULL, ""},
		{"Demo", NULL, ""},
		{"demox", NULL, ""},
		{"verification", NULL, ""},
		{"verification/", NULL, ""},
		{"verification/get/", NULL, ""},
		{"verification/../demo", NULL, ""},
		{"verification%2fget", NULL, ""},
		{"image/<pid>.png", NULL, ""},
		{"image/.png", NULL, ""},
		{"image/" PID, NULL, ""},
		{"image/" PID ".PNG", NULL, ""},
		{"image/" PID ".png/", NULL, ""},
		{"image/" PID "0.png", NULL, ""},
		{"image/../../etc/passwd.png", NULL, ""},
		{"image/../../../x/abcd.png", NULL, ""},
		{"image/0Ab3EfGhIjKlMnO.png", NULL, ""},
		{"image/0Ab3EfGhIjKlMnO-.png", NULL, ""},
		{"image/0Ab3EfGhIjKlMn\xc3\xbc.png", NULL, ""},
		{"image/0Ab3EfGhI/KlMnOp.png", NULL, ""},
		{"image/0Ab3EfGhIjKlM%00.png", NULL, ""},
		{"image//" PID ".png", NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct pid pid = {""};
		const struct route *route =
			route_find(str_from(cases[i].path), true, &pid);

		if (!cases[i].pattern)
			assert_null(route);
		else
			assert_string_equal(route->pattern, cases[i].pattern);
		if (cases[i].pattern)
			assert_string_equal(pid.text, cases[i].pid);
	}
}

static void demo_is_there_only_when_it_is_on(void **state)
{
	struct pid pid = {""};

	(void)state;
	assert_null(route_find(STR_LIT("demo"), false, &pid));
	assert_non_null(route_find(STR_LIT("healthz"), false, &pid));
}

static void allow_names_the_methods(void **state)
{
	static const struct {
		const char *path;
		const char *allow;
		unsigned methods;
	} cases[] = {
		{"verification/get", "GET", REQUEST_GET},
		{"verification/check", "POST", REQUEST_POST},
		{"image/" PID ".png", "GET, HEAD", REQUEST_GET | REQUEST_HEAD},
		{"demo", "GET, HEAD, POST",
		 REQUEST_GET | REQUEST_HEAD | REQUEST_POST},
		{"healthz", "GET, HEAD", REQUEST_GET | REQUEST_HEAD},
	};

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct pid pid = {""};
		const struct route *route =
			route_find(str_from(cases[i].path), true, &pid);

		assert_string_equal(route->allow, cases[i].allow);
		for (unsigned bit = 1; bit <= REQUEST_OPTIONS; bit *= 2)
			assert_int_equal(
				route_has_method(route,
						 (enum request_method)bit),
				(cases[i].methods & bit) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_lead_to_their_routes),
		cmocka_unit_test(demo_is_there_only_when_it_is_on),
		cmocka_unit_test(allow_names_the_methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
