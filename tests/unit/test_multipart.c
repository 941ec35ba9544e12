/*
 * multipart.c: parsing of bodies as browsers and curl send them.
 */
#include "base/base.h"
#include "http/multipart.h"

#include "tests/support/form_check.h"

#include <setjmp.h>

#include <cmocka.h>

static const char *detail;
static const char *boundary_text = "B";

static enum cf_status parse_parts(struct form *form, struct str text,
				  struct arena *arena, int64_t max_field_bytes,
				  struct cf_error *err)
{
	return multipart_parse(form, text, str_from(boundary_text), arena,
			       max_field_bytes, &detail, err);
}

static int set_up(void **state)
{
	(void)state;
	boundary_text = "B";
	form_check_open(parse_parts);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	form_check_close();
	return 0;
}

static enum cf_status parse(struct form *form, const char *text)
{
	return form_check_parse(form, str_from(text));
}

static void assert_field(const struct form *form, size_t i, const char *name,
			 const char *value)
{
	assert_true(i < form->n_fields);
	assert_true(str_eq(form->fields[i].name, name));
	assert_true(str_eq(form->fields[i].value, value));
	assert_true(form->fields[i].is_text);
}

#define DISPOSITION "Content-Disposition: form-data; "

/* Bytes recorded from curl, Node.js and .NET. */
static void bodies_of_common_clients_are_read(void **state)
{
	static const struct {
		const char *params, *body;
	} cases[] = {
#define CURL "------------------------f3f189465be999d9"
		{"; boundary=" CURL,
		 "--" CURL "\r\n" DISPOSITION "name=\"pid\"\r\n\r\n"
		 "0Ab3EfGhIjKlMnOp\r\n"
		 "--" CURL "\r\n" DISPOSITION "name=\"code\"\r\n\r\n"
		 "hxseta\r\n"
		 "--" CURL "\r\n" DISPOSITION "name=\"a%22b\\c\"\r\n\r\n"
		 "x\r\n--" CURL "--\r\n"},
#undef CURL
#define UNDICI "----formdata-undici-022121860093"
		{"; boundary=" UNDICI,
		 "--" UNDICI "\r\n" DISPOSITION "name=\"pid\"\r\n\r\n"
		 "0Ab3EfGhIjKlMnOp\r\n"
		 "--" UNDICI "\r\n" DISPOSITION "name=\"code\"\r\n\r\n"
		 "hxseta\r\n"
		 "--" UNDICI "\r\n" DISPOSITION "name=\"a%22b\\c\"\r\n\r\n"
		 "x\r\n--" UNDICI "--\r\n"},
#undef UNDICI
#define DOTNET "b0ac9ad2-4fa9-44e6-a2d0-0ae0c4d0a7a2"
		{"; boundary=\"" DOTNET "\"",
		 "--" DOTNET "\r\nContent-Type: text/plain; charset=utf-8\r\n"
		 DISPOSITION "name=pid\r\n\r\n"
		 "0Ab3EfGhIjKlMnOp\r\n"
		 "--" DOTNET "\r\nContent-Type: text/plain; charset=utf-8\r\n"
		 DISPOSITION "name=code\r\n\r\n"
		 "hxseta\r\n"
		 "--" DOTNET "\r\n" DISPOSITION "name=\"a%22b\\c\"\r\n"
		 "Content-Transfer-Encoding: 8bit\r\n\r\n"
		 "x\r\n--" DOTNET "--"},
#undef DOTNET
	};
	struct str boundary;
	char text[128];
	struct form form;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		assert_int_equal(multipart_boundary(str_from(cases[i].params),
						    &boundary, NULL), CF_OK);
		(void)snprintf(text, sizeof(text), "%.*s", (int)boundary.len,
			       boundary.ptr);
		boundary_text = text;
		assert_int_equal(parse(&form, cases[i].body), CF_OK);
		assert_int_equal(form.n_fields, 3);
		assert_field(&form, 0, "pid", "0Ab3EfGhIjKlMnOp");
		assert_field(&form, 1, "code", "hxseta");
		assert_field(&form, 2, "a\"b\\c", "x");
	}
}

#define PART(name, value) "--B\r\n" DISPOSITION name "\r\n\r\n" value "\r\n"
#define END		  "--B--\r\n"

static void parts_are_fields(void **state)
{
	static const struct form_case cases[] = {
		{"--B--\r\n", 0, NULL, NULL}, /* an empty FormData */
		{"--B--", 0, NULL, NULL},
		{PART("name=\"a\"", "b") END, 1, "a", "b"},
		{PART("name=\"a\"", "") END, 1, "a", ""},
		{PART("name=\"\"", "b") END, 1, "", "b"},
		{PART("name=a", "b") PART("name=c", "d") END, 2, "c", "d"},
		{PART("NAME=\"a\"", "b") END, 1, "a", "b"},
		{PART("x=y;name=\"a\" ; z=\"\"", "b") END, 1, "a", "b"},
		{PART("name=\"a\";", "b") END, 1, "a", "b"},
		{"--B\r\nCONTENT-DISPOSITION:FORM-DATA;name=a\r\n\r\nb\r\n" END,
		 1, "a", "b"},
		{"--B\r\n" DISPOSITION "name=a\r\nX-Y: z\r\n"
		 "Content-Transfer-Encoding: BINARY \r\n\r\nb\r\n" END,
		 1, "a", "b"},
		/* names */
		{PART("name=\"%22%0d%0A\"", "") END, 1, "\"\r\n", ""},
		{PART("name=\"%41%2%\"", "") END, 1, "%41%2%", ""},
		{PART("name=\"a\\\"", "") END, 1, "a\\", ""},
		{PART("name=%22", "") END, 1, "%22", ""},
		{PART("name=\"a; filename=b\"", "") END, 1, "a; filename=b",
		 ""},
		{PART("name=\"\xc3\xbc\"", "\xff") END, 1, "\xc3\xbc", "\xff"},
		/* what looks like an end and is none */
		{PART("name=a", "\r\n") END, 1, "a", "\r\n"},
		{PART("name=a", "--A") END, 1, "a", "--A"},
		{PART("name=a", "x--B") END, 1, "a", "x--B"},
		{PART("name=a", "\n--B\n") END, 1, "a", "\n--B\n"},
		{PART("name=a", "\r\n--b\r\n-B\r\r\n--") END, 1, "a",
		 "\r\n--b\r\n-B\r\r\n--"},
		{PART("name=a", "\r\n\r\nname=b") END, 1, "a",
		 "\r\n\r\nname=b"},
		/* before, behind, and padding */
		{"hello\r\n-\r\n--A\r\n" PART("name=a", "b") END, 1, "a", "b"},
		{"\r\n" PART("name=a", "b") END, 1, "a", "b"},
		{" " PART("name=a", "b") END, 0, NULL, NULL},
		{PART("name=a", "b") END PART("name=c", "d") END, 1, "a", "b"},
		{PART("name=a", "b") END "--B", 1, "a", "b"},
		{"--B \t\r\n" DISPOSITION "name=a\r\n\r\nb\r\n--B-- ", 1, "a",
		 "b"},
	};

	(void)state;
	form_check_accepts(cases, CF_ARRAY_LEN(cases));
	assert_null(detail);
}

static void malformed_bodies_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"a=b",
		"--",
		"--B",
		"--B\r\n",
		"--B-",
		"--B--x",
		"--B--\rx",
		"--Bx\r\n" DISPOSITION "name=a\r\n\r\nb\r\n" END,
		"--b--\r\n",
		"\n--B--\r\n",
		/* no end */
		PART("name=a", "b"),
		PART("name=a", "b") "--B",
		PART("name=a", "b") "--B-",
		PART("name=a", "b") "--B\r\n",
		PART("name=a", "b") "--A--\r\n",
		"--B\r\n" DISPOSITION "name=a\r\n\r\n--B--\r\n",
		PART("name=a", "\r\n--Bb") END,
		PART("name=a", "--B\nb") END,
		PART("name=a", "--B--") END,
		/* heads */
		"--B\r\n\r\nb\r\n" END,
		"--B\r\n--B--\r\n",
		"--B\r\n--B: x\r\n" DISPOSITION "name=a\r\n\r\nb\r\n" END,
		"--B\r\n" DISPOSITION "name=a\r\n" END,
		"--B\r\n" DISPOSITION "name=a\n\nb\r\n" END,
		"--B\r\n" DISPOSITION "\r\n name=a\r\n\r\nb\r\n" END,
		"--B\r\n" DISPOSITION "name=\"a\r\nb\"\r\n\r\nb\r\n" END,
		"--B\r\nContent-Type: text/plain\r\n\r\nb\r\n" END,
		"--B\r\nContent-Disposition : form-data; name=a\r\n\r\nb\r\n"
		END,
		"--B\r\nContent-Disposition\r\n\r\nb\r\n" END,
		"--B\r\n: x\r\n" DISPOSITION "name=a\r\n\r\nb\r\n" END,
		"--B\r\nContent-Disposition: attachment; name=a\r\n\r\nb\r\n"
		END,
		"--B\r\nContent-Disposition: form-data\r\n\r\nb\r\n" END,
		"--B\r\nContent-Disposition: form-data name=a\r\n\r\nb\r\n" END,
		PART("name*=UTF-8''a", "b") END,
		PART("name=", "b") END,
		PART("name", "b") END,
		PART("name = a", "b") END,
		PART("name=\"a", "b") END,
		PART("name=\"a\"b", "b") END,
		PART("name=\"a\" x", "b") END,
		PART("name=a; name=a", "b") END,
		PART("name=a\r\n" DISPOSITION "name=a", "b") END,
		PART("name=a\x01", "b") END,
		PART("name=\"a\x7f\"", "b") END,
		PART("name=a\r\nContent-Transfer-Encoding: base64", "b") END,
		PART("name=a\r\nContent-Transfer-Encoding: quoted-printable",
		     "b") END,
		PART("name=a\r\nContent-Transfer-Encoding:", "b") END,
	};

	(void)state;
	form_check_refuses(cases, CF_ARRAY_LEN(cases));
	assert_null(detail);
}

static void a_file_is_refused_with_a_reason(void **state)
{
	static const char *const cases[] = {
		PART("name=\"a\"; filename=\"b.txt\"\r\nContent-Type: x/y",
		     "c") END,
		PART("filename=\"\"; name=\"a\"", "c") END,
		PART("name=\"a\"; FileName*=UTF-8''b", "c") END,
		PART("filename=b", "c") END,
		PART("name=a", "b") PART("name=c; filename=d", "e") END,
	};
	struct form form;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		assert_int_equal(parse(&form, cases[i]), CF_BAD_INPUT);
		assert_string_equal(detail, "A part of the form is a file. "
					    "Send text fields alone.");
	}
}

static void values_are_any_bytes(void **state)
{
	static const char text[] = PART("name=a", "\0\r\n\0--B") END;
	static const char nul_in_head[] =
		"--B\r\n" DISPOSITION "name=\"a\0\"\r\n\r\nb\r\n" END;
	struct form form;

	(void)state;
	assert_int_equal(form_check_parse(&form, STR_LIT(text)), CF_OK);
	assert_int_equal(form.fields[0].value.len, 7);
	assert_memory_equal(form.fields[0].value.ptr, "\0\r\n\0--B", 7);
	assert_int_equal(form_check_parse(&form, STR_LIT(nul_in_head)),
			 CF_BAD_INPUT);
}

static void write_parts(char *text, size_t size, size_t n_fields,
			int name_bytes, int value_bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < n_fields; i++)
		n += (size_t)snprintf(text + n, size - n,
				      PART("name=\"%0*zu\"", "%0*d"),
				      name_bytes, i, value_bytes, 0);
	(void)snprintf(text + n, size - n, "%s", END);
}

static void limits_are_kept(void **state)
{
	(void)state;
	form_check_limits(write_parts);
}

static void a_head_has_a_longest_length(void **state)
{
	static const char around[] = DISPOSITION "name=a\r\nX: \r\n\r\n";
	char text[REQUEST_PART_HEAD_MAX_BYTES * 2];
	struct form form;

	(void)state;
	for (int over = 0; over < 2; over++) {
		int n = REQUEST_PART_HEAD_MAX_BYTES -
			(int)strlen(around) + over;

		(void)snprintf(text, sizeof(text), PART("name=a\r\nX: %0*d",
							"b") END, n, 0);
		assert_int_equal(parse(&form, text),
				 over ? CF_BAD_INPUT : CF_OK);
	}
}

#define TEN "0123456789"

static void the_boundary_is_found_among_the_parameters(void **state)
{
	static const struct {
		const char *params;
		const char *boundary; /* NULL: refused */
	} cases[] = {
		{"; boundary=B", "B"},
		{";boundary=B", "B"},
		{"  ;\t boundary=B ", "B"},
		{"; BOUNDARY=B;", "B"},
		{"; charset=utf-8; boundary=\"B\"; x=y", "B"},
		{"; boundary=\"a b:c\"", "a b:c"},
		{"; boundary=\"'()+_,-./:=?\"", "'()+_,-./:=?"},
		{"; boundary=" TEN TEN TEN TEN TEN TEN TEN,
		 TEN TEN TEN TEN TEN TEN TEN},
		{"; boundary=" TEN TEN TEN TEN TEN TEN TEN "0", NULL},
		{"", NULL},
		{";", NULL},
		{"; charset=utf-8", NULL},
		{"; xboundary=B", NULL},
		{"; boundary", NULL},
		{"; boundary=", NULL},
		{"; boundary=\"\"", NULL},
		{"; boundary = B", NULL},
		{"; boundary=\"B", NULL},
		{"; boundary=\"B \"", NULL},
		{"; boundary=\"B\"x", NULL},
		{"; boundary=B x", NULL},
		{"; boundary=a/b", NULL},
		{"; boundary=\"a\\\"b\"", NULL},
		{"; boundary=\"a\r\nb\"", NULL},
		{"; boundary=a*b", NULL},
		{"; boundary=\"\xc3\xbc\"", NULL},
		{"; boundary=B; boundary=B", NULL},
		{"; boundary=B, x", NULL},
		{"boundary=B", NULL},
	};
	struct str boundary;

	(void)state;
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		enum cf_status rc = multipart_boundary(
			str_from(cases[i].params), &boundary, NULL);

		assert_int_equal(rc, cases[i].boundary ? CF_OK : CF_BAD_INPUT);
		if (!rc)
			assert_true(str_eq(boundary, cases[i].boundary));
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(bodies_of_common_clients_are_read),
		TEST(parts_are_fields),
		TEST(malformed_bodies_are_refused),
		TEST(a_file_is_refused_with_a_reason),
		TEST(values_are_any_bytes),
		TEST(limits_are_kept),
		TEST(a_head_has_a_longest_length),
		TEST(the_boundary_is_found_among_the_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
