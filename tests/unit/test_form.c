/*
 * form.c, json.c and multipart.c: which texts are which fields, and which are
 * refused.
 */
#include "base/base.h"
#include "http/json.h"
#include "http/multipart.h"
#include "tests/support/check.h"
#include "tests/support/form_check.h"

struct form_case {
	const char *text;
	size_t n_fields;
	/* of the last field; value NULL: it has no text */
	const char *name, *value;
};

/* multipart, with the boundary "B" */
#define DISPOSITION	  "Content-Disposition: form-data; "
#define PART(name, value) "--B\r\n" DISPOSITION name "\r\n\r\n" value "\r\n"
#define END		  "--B--\r\n"

static int set_up(void **state)
{
	http_json_open();
	return 0;
}

/* --- texts that are fields ------------------------------------------------ */

static const struct form_case form_cases[] = {
	{"", 0, NULL, NULL},
	{"&", 0, NULL, NULL},
	{"&&&", 0, NULL, NULL},
	{"a=b", 1, "a", "b"},
	{"a=", 1, "a", ""},
	{"a", 1, "a", ""},
	{"=b", 1, "", "b"},
	{"=", 1, "", ""},
	{"a=b=c", 1, "a", "b=c"},
	{"a=b&c=d", 2, "c", "d"},
	{"&&a=b&", 1, "a", "b"},
	{"a=x+y", 1, "a", "x y"},
	{"a=x%2By", 1, "a", "x+y"},
	{"a=%c3%BC", 1, "a", "\xc3\xbc"},
	{"%61=%26%3d", 1, "a", "&="},
	{"a=%2525", 1, "a", "%25"},
	{"a=../../etc/passwd", 1, "a", "../../etc/passwd"},
	{"a=\xff\x01", 1, "a", "\xff\x01"},
};

static const struct form_case json_cases[] = {
	{"{}", 0, NULL, NULL},
	{" {\"pid\":\"p\"}\r\n", 1, "pid", "p"},
	{"{\"a\":1, \"code\" : \"\\u00fc\\\"\\n\"}", 2, "code", "\xc3\xbc\"\n"},
	{"{\"n\":1.0}", 1, "n", NULL},
	{"{\"n\":1e2}", 1, "n", NULL},
	{"{\"n\":1E+25}", 1, "n", NULL},
	{"{\"n\":true}", 1, "n", NULL},
	{"{\"o\":{\"x\":[]}}", 1, "o", NULL},
	{"{\"z\":null}", 1, "z", NULL},
	/* brackets in a string do not nest */
	{"{\"a\":\"[[[[[[[[[[[[\\\"[[[[\"}", 1, "a", "[[[[[[[[[[[[\"[[[["},
};

static const struct form_case integer_cases[] = {
	{"{\"n\":1}", 1, "n", "1"},
	{"{\"n\":0}", 1, "n", "0"},
	{"{\"n\":-0}", 1, "n", "0"},
	{"{\"n\":-52}", 1, "n", "-52"},
	{"{\"n\":9223372036854775807}", 1, "n", "9223372036854775807"},
	{"{\"n\":-9223372036854775808}", 1, "n", "-9223372036854775808"},
};

static const struct form_case part_cases[] = {
	{"--B--\r\n", 0, NULL, NULL}, /* an empty FormData */
	{"--B--", 0, NULL, NULL},
	{PART("name=\"a\"", "b") END, 1, "a", "b"},
	{PART("name=\"a\"", "") END, 1, "a", ""},
	{PART("name=\"\"", "b") END, 1, "", "b"},
	{PART("name=a", "b") PART("name=c", "d") END, 2, "c", "d"},
	{PART("NAME=\"a\"", "b") END, 1, "a", "b"},
	{PART("x=y;name=\"a\" ; z=\"\"", "b") END, 1, "a", "b"},
	{PART("name=\"a\";", "b") END, 1, "a", "b"},
	{"--B\r\nCONTENT-DISPOSITION:FORM-DATA;name=a\r\n\r\nb\r\n" END, 1, "a",
	 "b"},
	{"--B\r\n" DISPOSITION "name=a\r\nX-Y: z\r\n"
	 "Content-Transfer-Encoding: BINARY \r\n\r\nb\r\n" END,
	 1, "a", "b"},
	/* names */
	{PART("name=\"%22%0d%0A\"", "") END, 1, "\"\r\n", ""},
	{PART("name=\"%41%2%\"", "") END, 1, "%41%2%", ""},
	{PART("name=\"a\\\"", "") END, 1, "a\\", ""},
	{PART("name=%22", "") END, 1, "%22", ""},
	{PART("name=\"a; filename=b\"", "") END, 1, "a; filename=b", ""},
	{PART("name=\"\xc3\xbc\"", "\xff") END, 1, "\xc3\xbc", "\xff"},
	/* values that look like an end and are none */
	{PART("name=a", "\r\n") END, 1, "a", "\r\n"},
	{PART("name=a", "--A") END, 1, "a", "--A"},
	{PART("name=a", "x--B") END, 1, "a", "x--B"},
	{PART("name=a", "\n--B\n") END, 1, "a", "\n--B\n"},
	{PART("name=a", "\r\n--b\r\n-B\r\r\n--") END, 1, "a",
	 "\r\n--b\r\n-B\r\r\n--"},
	{PART("name=a", "\r\n\r\nname=b") END, 1, "a", "\r\n\r\nname=b"},
	/* text before and after the parts, and padding */
	{"hello\r\n-\r\n--A\r\n" PART("name=a", "b") END, 1, "a", "b"},
	{"\r\n" PART("name=a", "b") END, 1, "a", "b"},
	{" " PART("name=a", "b") END, 0, NULL, NULL},
	{PART("name=a", "b") END PART("name=c", "d") END, 1, "a", "b"},
	{PART("name=a", "b") END "--B", 1, "a", "b"},
	{"--B \t\r\n" DISPOSITION "name=a\r\n\r\nb\r\n--B-- ", 1, "a", "b"},
};

/* type  of the last field, if it has a text */
static void check_case(const struct form_format *format,
		       const struct form_case *want, enum form_type type)
{
	struct str text = str_from(want->text);
	const struct form_field *last;
	const char *fault;
	struct form form;

	if (form_check_parse(format, &form, text))
		fail_msg("%s is refused", want->text);
	assert_null(form.detail);
	assert_int_equal(form.n_fields, want->n_fields);
	if (form.n_fields) {
		last = &form.fields[form.n_fields - 1];
		assert_true(str_eq(last->name, want->name));
		assert_int_equal(last->type, want->value ? type : FORM_OTHER);
		if (want->value)
			assert_true(str_eq(last->value, want->value));
	}
	fault = form_check_fault(format, &form, text);
	if (fault)
		fail_msg("%s: %s", want->text, fault);
}

static void texts_become_fields(void **state)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(form_cases); i++)
		check_case(&form_urlencoded, &form_cases[i], FORM_TEXT);
	for (size_t i = 0; i < CF_ARRAY_LEN(json_cases); i++)
		check_case(&form_json, &json_cases[i], FORM_TEXT);
	for (size_t i = 0; i < CF_ARRAY_LEN(integer_cases); i++)
		check_case(&form_json, &integer_cases[i], FORM_INTEGER);
	for (size_t i = 0; i < CF_ARRAY_LEN(part_cases); i++)
		check_case(&form_multipart, &part_cases[i], FORM_TEXT);
}

/* --- texts that are refused ----------------------------------------------- */

static const char *const bad_forms[] = {
	"a=%", "a=%4", "a=%zz", "a=%4g", "a=%g4", "%=a", "%4=a", "a=%&b=",
	"a=%%%", "a=%-1", "a=% 1", "a=%0x", "a=%+1", "%%=a", "a&b%", "a=b&c=%2",
	"a=%u0041",
};

static const char *const bad_json[] = {
	"",
	" ",
	"{",
	"[]",
	"\"pid\"",
	"1",
	"null",
	"[{\"pid\":\"p\"}]",
	"{\"pid\":\"p\"} x",
	"{\"pid\":\"p\"}{}",
	"{\"pid\":\"p\"},",
	"{\"pid\":\"p\"",
	"{\"pid\":\"p\",}",
	"{'pid':'p'}",
	"pid=p&code=c",
	"{\"pid\":\"p\",\"pid\":\"q\"}",
	"{\"pid\":\"p\",\"p\\u0069d\":\"q\"}",
	"{\"o\":{\"a\":1,\"a\":2}}",
	"{\"pid\":\"a\\u0000b\"}",
	"{\"a\\u0000b\":\"p\"}",
	"{\"pid\":\"\\ud800\"}",
	"{\"pid\":\"\xff\"}",
	"{\"pid\":\"a\nb\"}",
	"\xef\xbb\xbf{}",
	"{\"code\":007}",
	"{\"code\":+1}",
	"{\"code\":.5}",
	"{\"code\":0x1f}",
	"{\"code\":-}",
};

static const char *const bad_parts[] = {
	"", "a=b", "--", "--B", "--B\r\n", "--B-", "--B--x", "--B--\rx",
	"--Bx\r\n" DISPOSITION "name=a\r\n\r\nb\r\n" END, "--b--\r\n",
	"\n--B--\r\n",
	/* no end */
	PART("name=a", "b"), PART("name=a", "b") "--B",
	PART("name=a", "b") "--B-", PART("name=a", "b") "--B\r\n",
	PART("name=a", "b") "--A--\r\n",
	"--B\r\n" DISPOSITION "name=a\r\n\r\n--B--\r\n",
	PART("name=a", "\r\n--Bb") END, PART("name=a", "--B\nb") END,
	PART("name=a", "--B--") END,
	/* heads */
	"--B\r\n\r\nb\r\n" END, "--B\r\n--B--\r\n",
	"--B\r\n--B: x\r\n" DISPOSITION "name=a\r\n\r\nb\r\n" END,
	"--B\r\n" DISPOSITION "name=a\r\n" END,
	"--B\r\n" DISPOSITION "name=a\n\nb\r\n" END,
	"--B\r\n" DISPOSITION "\r\n name=a\r\n\r\nb\r\n" END,
	"--B\r\n" DISPOSITION "name=\"a\r\nb\"\r\n\r\nb\r\n" END,
	"--B\r\nContent-Type: text/plain\r\n\r\nb\r\n" END,
	"--B\r\nContent-Disposition : form-data; name=a\r\n\r\nb\r\n" END,
	"--B\r\nContent-Disposition\r\n\r\nb\r\n" END,
	"--B\r\n: x\r\n" DISPOSITION "name=a\r\n\r\nb\r\n" END,
	"--B\r\nContent-Disposition: attachment; name=a\r\n\r\nb\r\n" END,
	"--B\r\nContent-Disposition: form-data\r\n\r\nb\r\n" END,
	"--B\r\nContent-Disposition: form-data name=a\r\n\r\nb\r\n" END,
	PART("name*=UTF-8''a", "b") END, PART("name=", "b") END,
	PART("name", "b") END, PART("name = a", "b") END,
	PART("name=\"", "b") END, PART("name=\"a", "b") END,
	PART("name=\"a\"b", "b") END,
	PART("name=\"a\" x", "b") END, PART("name=a; name=a", "b") END,
	PART("name=a\r\n" DISPOSITION "x=y", "b") END,
	PART("name=a\x01", "b") END, PART("name=\"a\x7f\"", "b") END,
	PART("name=a\r\nContent-Transfer-Encoding: base64", "b") END,
	PART("name=a\r\nContent-Transfer-Encoding: quoted-printable", "b") END,
	PART("name=a\r\nContent-Transfer-Encoding:", "b") END,
};

static void check_refused(const struct form_format *format,
			  const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct form form;

		if (form_check_parse(format, &form, str_from(texts[i])) !=
		    CF_BAD_INPUT)
			fail_msg("%s is not refused", texts[i]);
		assert_null(form.detail);
	}
}

static void malformed_texts_are_refused(void **state)
{
	check_refused(&form_urlencoded, bad_forms, CF_ARRAY_LEN(bad_forms));
	check_refused(&form_json, bad_json, CF_ARRAY_LEN(bad_json));
	check_refused(&form_multipart, bad_parts, CF_ARRAY_LEN(bad_parts));
}

static void check_refused_for(const char *reason,
			      const struct form_format *format,
			      const char *const texts[], size_t n)
{
	struct form form;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(form_check_parse(format, &form,
						  str_from(texts[i])),
				 CF_BAD_INPUT);
		assert_string_equal(form.detail, reason);
	}
}

static void a_number_that_is_too_large_is_refused_with_a_reason(void **state)
{
	static const char *const texts[] = {
		"{\"code\":1e999}",
		"{\"code\":9223372036854775808}",
		"{\"code\":-9223372036854775809}",
	};

	check_refused_for("A number is too large. Send it as a string.",
			  &form_json, texts, CF_ARRAY_LEN(texts));
}

static void a_file_is_refused_with_a_reason(void **state)
{
	static const char *const texts[] = {
		PART("name=\"a\"; filename=\"b.txt\"\r\nContent-Type: x/y", "c")
			END,
		PART("filename=\"\"; name=\"a\"", "c") END,
		PART("name=\"a\"; FileName*=UTF-8''b", "c") END,
		PART("filename=b", "c") END,
		PART("name=a", "b") PART("name=c; filename=d", "e") END,
	};

	check_refused_for("A part of the form is a file. Send text fields "
			  "alone.", &form_multipart, texts,
			  CF_ARRAY_LEN(texts));
}

/* A value with a NUL. Length 0: the text is refused. */
static void only_forms_may_have_a_nul(void **state)
{
	static const struct {
		const struct form_format *format;
		struct str text, value;
	} cases[] = {
#define TEXT(x) {x, sizeof(x) - 1}
		{&form_urlencoded, TEXT("a=x%00y"), TEXT("x\0y")},
		{&form_urlencoded, TEXT("a=x\0y"), TEXT("x\0y")},
		{&form_multipart, TEXT(PART("name=a", "\0\r\n\0--B") END),
		 TEXT("\0\r\n\0--B")},
		{&form_multipart, TEXT(PART("name=\"a\0\"", "b") END),
		 STR_INIT},
		{&form_json, TEXT("{\"a\":\"b\0c\"}"), STR_INIT},
		{&form_json, TEXT("{}\0"), STR_INIT},
		{&form_json, TEXT("\0{}"), STR_INIT},
#undef TEXT
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct form form;
		enum cf_status rc =
			form_check_parse(cases[i].format, &form, cases[i].text);

		assert_int_equal(rc, cases[i].value.len ? CF_OK : CF_BAD_INPUT);
		if (!rc)
			assert_true(form_check_is_same(form.fields[0].value,
						       cases[i].value));
	}
}

/* --- limits --------------------------------------------------------------- */

/* n fields, whose names differ, as the format writes them. */
static void write_fields(const struct form_format *format, struct buf *out,
			 size_t n, int name_bytes, int value_bytes)
{
	static char names[REQUEST_FIELDS_MAX + 1][64], value[64];
	struct form_field fields[REQUEST_FIELDS_MAX + 1];

	(void)snprintf(value, sizeof(value), "%0*d", value_bytes, 0);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%0*zu", name_bytes,
			       i);
		fields[i] = (struct form_field){str_from(names[i]),
						str_from(value), FORM_TEXT};
	}
	format->write(out, fields, n);
}

static void fields_have_limits(void **state)
{
	enum {
		MAX = FORM_CHECK_FIELD_BYTES,
		ARENA_BYTES = 8
	};
	static const struct form_format *const formats[] = {&form_urlencoded,
							    &form_json,
							    &form_multipart};
	static const struct {
		size_t n_fields;
		int name_bytes, value_bytes;
		enum cf_status rc;
	} cases[] = {
		{1, MAX, MAX, CF_OK},
		{1, MAX + 1, 1, CF_BAD_INPUT},
		{1, 1, MAX + 1, CF_BAD_INPUT},
		{REQUEST_FIELDS_MAX, 2, 1, CF_OK},
		{REQUEST_FIELDS_MAX + 1, 2, 1, CF_BAD_INPUT},
	};
	struct arena *arena = arena_new(ARENA_BYTES);

	assert_non_null(arena);
	for (size_t i = 0; i < 3 * CF_ARRAY_LEN(cases); i++) {
		const struct form_format *format = formats[i % 3];
		struct form form;
		struct str text;
		struct buf out;

		buf_init(&out, 1 << 16);
		write_fields(format, &out, cases[i / 3].n_fields,
			     cases[i / 3].name_bytes, cases[i / 3].value_bytes);
		assert_ok(buf_status(&out, NULL), NULL);
		text = (struct str){out.ptr, out.len};
		assert_int_equal(form_check_parse(format, &form, text),
				 cases[i / 3].rc);
		if (!cases[i / 3].rc)
			assert_int_equal(form.n_fields, cases[i / 3].n_fields);
		/* without room in the arena */
		form_init(&form, arena, MAX);
		assert_int_equal(format->parse(&form, text, NULL), CF_NOMEM);
		buf_release(&out);
	}
	arena_free(arena);
}

/* {"a":[[...1...]]}, depth brackets in all */
static void json_has_a_limit_of_depth(void **state)
{
	static const struct {
		int depth;
		enum cf_status rc;
	} cases[] = {
		{REQUEST_JSON_DEPTH_MAX, CF_OK},
		{REQUEST_JSON_DEPTH_MAX + 1, CF_BAD_INPUT},
		{5000, CF_BAD_INPUT},
	};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		size_t n = (size_t)cases[i].depth - 1;
		static char text[20000];
		struct form form;

		memcpy(text, "{\"a\":", 5);
		memset(text + 5, '[', n);
		text[5 + n] = '1';
		memset(text + 6 + n, ']', n);
		memcpy(text + 6 + 2 * n, "}", 2);
		assert_int_equal(form_check_parse(&form_json, &form,
						  str_from(text)),
				 cases[i].rc);
	}
}

static void the_head_of_a_part_has_a_limit(void **state)
{
	static const char around[] = DISPOSITION "name=a\r\nX: \r\n\r\n";
	char text[REQUEST_PART_HEAD_MAX_BYTES * 2];
	struct form form;

	for (int over = 0; over < 2; over++) {
		int n = REQUEST_PART_HEAD_MAX_BYTES - (int)strlen(around) +
			over;

		(void)snprintf(text, sizeof(text),
			       PART("name=a\r\nX: %0*d", "b") END, n, 0);
		assert_int_equal(form_check_parse(&form_multipart, &form,
						  str_from(text)),
				 over ? CF_BAD_INPUT : CF_OK);
	}
}

/* --- one format alone ----------------------------------------------------- */

static void find_counts_and_gives_the_first(void **state)
{
	const struct form_field *field;
	struct form form;

	assert_ok(form_check_parse(&form_urlencoded, &form,
				   STR_LIT("a=1&b=2&a=3&aa=4")),
		  NULL);
	assert_int_equal(form_find(&form, "a", &field), 2);
	assert_true(str_eq(field->value, "1"));
	assert_int_equal(form_find(&form, "b", &field), 1);
	assert_int_equal(form_find(&form, "A", &field), 0);
	assert_null(field);
}

static void repeated_names_are_found_after_decoding(void **state)
{
	static const struct {
		const char *text;
		bool has_repeat;
	} cases[] = {{"a=1&b=2", false}, {"a=1&a=1", true}, {"a=1&%61=2", true},
		     {"a&b&c&b", true},	 {"=1&=2", true},   {"a&A", false},
		     {"a", false},	 {"", false}};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct form form;

		assert_ok(form_check_parse(&form_urlencoded, &form,
					   str_from(cases[i].text)),
			  NULL);
		assert_int_equal(form_has_repeat(&form), cases[i].has_repeat);
	}
}

static void the_error_does_not_repeat_an_answer(void **state)
{
	struct arena *arena = arena_new(1024);
	struct cf_error err = CF_ERROR_INIT;
	struct form form;

	form_init(&form, arena, FORM_CHECK_FIELD_BYTES);
	assert_int_equal(http_json_parse(&form, STR_LIT("{\"code\":K7XQ}"),
					 &err),
			 CF_BAD_INPUT);
	assert_null(strstr(err.text, "K7XQ"));
	arena_free(arena);
}

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
		 "--" DOTNET
		 "\r\nContent-Type: text/plain; charset=utf-8\r\n" DISPOSITION
		 "name=pid\r\n\r\n"
		 "0Ab3EfGhIjKlMnOp\r\n"
		 "--" DOTNET
		 "\r\nContent-Type: text/plain; charset=utf-8\r\n" DISPOSITION
		 "name=code\r\n\r\n"
		 "hxseta\r\n"
		 "--" DOTNET "\r\n" DISPOSITION "name=\"a%22b\\c\"\r\n"
		 "Content-Transfer-Encoding: 8bit\r\n\r\n"
		 "x\r\n--" DOTNET "--"},
#undef DOTNET
	};
	static const char *const want[][2] = {{"pid", "0Ab3EfGhIjKlMnOp"},
					      {"code", "hxseta"},
					      {"a\"b\\c", "x"}};

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		struct form form;

		assert_ok(multipart_boundary(str_from(cases[i].params),
					     &form_boundary, NULL),
			  NULL);
		assert_ok(form_check_parse(&form_multipart, &form,
					   str_from(cases[i].body)),
			  NULL);
		assert_int_equal(form.n_fields, 3);
		for (size_t k = 0; k < 3; k++) {
			assert_true(str_eq(form.fields[k].name, want[k][0]));
			assert_true(str_eq(form.fields[k].value, want[k][1]));
		}
	}
	form_boundary = STR_LIT("B");
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

	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		enum cf_status rc =
			multipart_boundary(str_from(cases[i].params), &boundary,
					   NULL);

		assert_int_equal(rc, cases[i].boundary ? CF_OK : CF_BAD_INPUT);
		if (!rc)
			assert_true(str_eq(boundary, cases[i].boundary));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_become_fields),
		cmocka_unit_test(malformed_texts_are_refused),
		cmocka_unit_test(
			a_number_that_is_too_large_is_refused_with_a_reason),
		cmocka_unit_test(a_file_is_refused_with_a_reason),
		cmocka_unit_test(only_forms_may_have_a_nul),
		cmocka_unit_test(fields_have_limits),
		cmocka_unit_test(json_has_a_limit_of_depth),
		cmocka_unit_test(the_head_of_a_part_has_a_limit),
		cmocka_unit_test(find_counts_and_gives_the_first),
		cmocka_unit_test(repeated_names_are_found_after_decoding),
		cmocka_unit_test(the_error_does_not_repeat_an_answer),
		cmocka_unit_test(bodies_of_common_clients_are_read),
		cmocka_unit_test(the_boundary_is_found_among_the_parameters),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
