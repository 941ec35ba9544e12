/*
 * Parse a JSON object into fields with jansson: see json.h. Strings are copied
 * to the arena, and jansson's own objects are freed before the return.
 */
#include "base/base.h"
#include "http/json.h"

#include "base/crypt.h"
#include "base/mem.h"

#include <jansson.h>

static void *on_malloc(size_t size)
{
	return mem_realloc(MEM_JSON, NULL, size, 1);
}

void http_json_open(void)
{
	size_t seed;

	json_set_alloc_funcs(on_malloc, mem_free);
	crypt_random(&seed, sizeof(seed));
	json_object_seed(seed | 1); /* 0 would read /dev/urandom */
}

/*
 * jansson nests 2048 deep; the bodies of this API are flat. Brackets inside
 * strings do not count. In a text that is not JSON the count may be wrong: the
 * parser refuses such a text afterwards.
 */
static bool is_too_deep(struct str text)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > REQUEST_JSON_DEPTH_MAX)
				return true;
		} else if ((c == ']' || c == '}') && depth) {
			depth--;
		}
	}
	return false;
}

static struct str copy(char **to, const char *ptr, size_t len)
{
	struct str r = {*to, len};

	if (len)
		memcpy(*to, ptr, len);
	*to += len;
	return r;
}

/* JSON has no leading zeros, so an integer is written back as it was; a code
 * has no sign, so "-0" may become "0". */
static struct form_field value_of(json_t *value, char **to)
{
	struct form_field field = {.type = FORM_OTHER};
	char digits[24];
	int n;

	if (json_is_string(value)) {
		field.type = FORM_TEXT;
		field.value = copy(to, json_string_value(value),
				   json_string_length(value));
	} else if (json_is_integer(value)) {
		n = snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
			     json_integer_value(value));
		assert(n > 0 && (size_t)n < sizeof(digits));
		field.type = FORM_INTEGER;
		field.value = copy(to, digits, (size_t)n);
	}
	return field;
}

static enum cf_status add_members(struct form *form, json_t *object, char *to,
				  struct cf_error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		struct form_field field = value_of(value, &to);
		enum cf_status rc;

		field.name = copy(&to, name, strlen(name));
		rc = form_add(form, field, err);
		if (rc)
			return rc;
	}
	return CF_OK;
}

enum cf_status http_json_parse(struct form *form, struct str text,
			       struct cf_error *err)
{
	uint64_t n_refused = mem_n_refused();
	json_error_t error;
	json_t *object;
	enum cf_status rc;
	char *to;

	if (!text.len || is_too_deep(text))
		return cf_fail(err, CF_BAD_INPUT,
			       "JSON is empty or nested deeper than %d",
			       REQUEST_JSON_DEPTH_MAX);
	/* A string or an integer is never longer than its JSON. */
	to = arena_alloc(form->arena, text.len);
	if (!to)
		return cf_fail(err, CF_NOMEM, "no room for %zu bytes of fields",
			       text.len);
	object = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
	/* Out of memory jansson may drop a byte, and then reports no error or
	 * a wrong one. */
	if (mem_n_refused() != n_refused) {
		json_decref(object); /* accepts NULL */
		return cf_fail(err, CF_NOMEM, "no memory to read JSON");
	}
	if (!object && json_error_code(&error) == json_error_numeric_overflow)
		form->detail = "A number is too large. Send it as a string.";
	/* leave jansson's own text out: it may contain the answer */
	if (!object)
		return cf_fail(err, CF_BAD_INPUT, "JSON is wrong at byte %d",
			       error.position);
	if (json_is_object(object))
		rc = add_members(form, object, to, err);
	else
		rc = cf_fail(err, CF_BAD_INPUT, "JSON is not an object");
	json_decref(object);
	return rc;
}
