/*
 * Fields by name: see fields.h. How a query or body is split into fields is
 * left to form.c, json.c and multipart.c.
 */
#include "base/base.h"
#include "http/fields.h"

#include "http/form.h"
#include "http/json.h"
#include "http/multipart.h"

static const struct {
	enum field bit;
	const char *name;
	size_t offset; /* of its value in struct fields */
	bool takes_integer;
} table[] = {
	{FIELD_IMG, "img", offsetof(struct fields, img), false},
	{FIELD_PID, "pid", offsetof(struct fields, pid), false},
	/* programs send a code of digits as a number */
	{FIELD_CODE, "code", offsetof(struct fields, code), true},
	{FIELD_PROFILE, "profile", offsetof(struct fields, profile), false},
	{FIELD_SECRET, "secret", offsetof(struct fields, secret), false},
	{FIELD_RESPONSE, "response", offsetof(struct fields, response), false},
	{FIELD_REMOTEIP, "remoteip", offsetof(struct fields, remoteip), false},
	{FIELD_SITEKEY, "sitekey", offsetof(struct fields, sitekey), false},
	{FIELD_IDEMPOTENCY_KEY, "idempotency_key",
	 offsetof(struct fields, idempotency_key), false},
	{FIELD_HOST, "host", offsetof(struct fields, host), false},
	{FIELD_K, "k", offsetof(struct fields, k), false},
	{FIELD_O, "o", offsetof(struct fields, o), false},
	{FIELD_ACTION, "action", offsetof(struct fields, action), false},
	{FIELD_CDATA, "cdata", offsetof(struct fields, cdata), false},
	{FIELD_PART, "part", offsetof(struct fields, part), false},
	{FIELD_HL, "hl", offsetof(struct fields, hl), false},
	{FIELD_TOKEN, "captcha-response", offsetof(struct fields, token),
	 false},
	{FIELD_THEME, "theme", offsetof(struct fields, theme), false},
	{FIELD_F, "f", offsetof(struct fields, f), false},
	{FIELD_AUDIO, "audio", offsetof(struct fields, audio), false},
	{FIELD_LANGUAGE, "language", offsetof(struct fields, language), false},
	{FIELD_MODE, "mode", offsetof(struct fields, mode), false},
};

static bool is_theme(struct str text)
{
	return str_eq(text, "light") || str_eq(text, "dark") ||
	       str_eq(text, "auto");
}

static bool has_right_type(const struct form_field *field, bool takes_integer)
{
	return field->type == FORM_TEXT ||
	       (takes_integer && field->type == FORM_INTEGER);
}

static enum cf_status check_values(struct fields *fields,
				   const struct fields_reader *with,
				   struct cf_error *err)
{
	const struct profile *profile;

	fields->wants_address = str_eq(fields->img, "url");
	if (fields->img.ptr && !fields->wants_address &&
	    !str_eq(fields->img, "data"))
		return cf_fail(err, CF_BAD_INPUT, "img is not data or url");
	fields->wants_audio = str_eq(fields->audio, "1");
	if (fields->audio.ptr && !fields->wants_audio &&
	    !str_eq(fields->audio, "0")) {
		*with->detail = "audio is 0 or 1.";
		return cf_fail(err, CF_BAD_INPUT, "audio is not 0 or 1");
	}
	if (fields->theme.ptr && !is_theme(fields->theme)) {
		*with->detail = "theme is light, dark or auto.";
		return cf_fail(err, CF_BAD_INPUT, "an unknown theme");
	}
	if (!fields->profile.ptr)
		return CF_OK;
	profile = challenge_profile(with->challenge, fields->profile);
	if (profile) {
		fields->profile = str_from(profile_name(profile));
		return CF_OK;
	}
	/* An unknown name is a mistake in the program that sends it: refuse
	 * before a challenge is used up. */
	*with->detail = "The service has no profile of this name.";
	return cf_fail(err, CF_BAD_INPUT, "an unknown profile");
}

static enum cf_status read_values(struct fields *fields,
				  const struct form *form, unsigned takes,
				  const struct fields_reader *with,
				  struct cf_error *err)
{
	*fields = (struct fields){.wants_address = false};
	for (size_t i = 0; i < CF_ARRAY_LEN(table); i++) {
		const struct form_field *field;
		size_t n = takes & (unsigned)table[i].bit
				   ? form_find(form, table[i].name, &field)
				   : 0;

		if (!n)
			continue;
		if (n > 1)
			return cf_fail(err, CF_BAD_INPUT, "%s is there twice",
				       table[i].name);
		if (!has_right_type(field, table[i].takes_integer)) {
			*with->detail = "A member has the wrong type. Send "
					"strings; only code may be a whole "
					"number.";
			return cf_fail(err, CF_BAD_INPUT, "%s is not a string",
				       table[i].name);
		}
		memcpy((char *)fields + table[i].offset, &field->value,
		       sizeof(field->value));
	}
	return check_values(fields, with, err);
}

enum cf_status fields_read_query(struct fields *fields, struct str query,
				 unsigned takes,
				 const struct fields_reader *with,
				 struct cf_error *err)
{
	struct form form;
	enum cf_status rc = CF_OK;

	form_init(&form, with->arena, with->field_max_bytes);
	if (takes)
		rc = form_parse(&form, query, err);
	return rc ? rc : read_values(fields, &form, takes, with, err);
}

static enum cf_status parse_body(struct form *form,
				 const struct http_request *req,
				 struct cf_error *err)
{
	struct str boundary;
	enum cf_status rc;

	switch (req->type) {
	case REQUEST_TYPE_JSON:
		return http_json_parse(form, req->body, err);
	case REQUEST_TYPE_MULTIPART:
		rc = multipart_boundary(req->type_params, &boundary, err);
		return rc ? rc
			  : multipart_parse(form, req->body, boundary, err);
	case REQUEST_TYPE_FORM:
	case REQUEST_TYPE_NONE: /* the body is empty, also of the next */
	case REQUEST_TYPE_OTHER:
	default:
		return form_parse(form, req->body, err);
	}
}

enum cf_status fields_read_body(struct fields *fields,
				const struct http_request *req, unsigned takes,
				const struct fields_reader *with,
				struct cf_error *err)
{
	struct form form;
	enum cf_status rc;

	form_init(&form, with->arena, with->field_max_bytes);
	rc = parse_body(&form, req, err);
	*with->detail = form.detail;
	if (!rc && form_has_repeat(&form))
		rc = cf_fail(err, CF_BAD_INPUT, "a field is there twice");
	return rc ? rc : read_values(fields, &form, takes, with, err);
}
