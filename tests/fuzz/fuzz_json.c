/*
 * JSON bodies: any bytes are fields or refused. Fields are UTF-8 without NUL,
 * each name once, and nothing is left on the heap.
 */
#include "base/base.h"
#include "base/utf8.h"
#include "http/json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/form_check.h"

static void check_text(struct str text)
{
	while (text.len) {
		uint32_t c;
		size_t n = utf8_first(text, &c);

		FUZZ_CHECK(n && c);
		text.ptr += n;
		text.len -= n;
	}
}

/* The text is one object and nothing more, no deeper than allowed. */
static void check_nesting(struct str text)
{
	bool in_string = false;
	int depth = 0;

	text = str_trim(text);
	FUZZ_CHECK(str_starts(text, "{"));
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		FUZZ_CHECK(depth <= REQUEST_JSON_DEPTH_MAX);
		FUZZ_CHECK((depth == 0) == (i == text.len - 1));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool is_open;
	struct str text = {(const char *)data, n};
	struct form form;
	enum cf_status rc;

	if (!is_open)
		http_json_open();
	is_open = true;
	rc = form_check_parse(&form_json, &form, text);
	FUZZ_CHECK(!rc || rc == CF_BAD_INPUT);
	FUZZ_CHECK(mem_use(MEM_JSON).n_blocks == 0);
	if (rc)
		return 0;
	FUZZ_CHECK(!form_check_fault(&form_json, &form, text));
	FUZZ_CHECK(!form_has_repeat(&form));
	check_nesting(text);
	for (size_t i = 0; i < form.n_fields; i++) {
		check_text(form.fields[i].name);
		check_text(form.fields[i].value);
	}
	return 0;
}
