/*
 * Fields by name: see fields.h. How a query or body is split into fields is
 * left to form.c, json.c and multipart.c.
 */
#include "base/base.h"
#include "http/fields.h"

#include "http/form.h"
#include "http/json.h"
#include "http/multipart.h"

static enum cf_status take_img(struct fields *fields, struct str value,
			       struct fields_reader *with, struct cf_error *err)
{
	(void)with;
	fields->wants_address = str_eq(value, "url");
	if (!fields->wants_address && !str_eq(value, "data"))
		return cf_fail(err, CF_BAD_INPUT, "img is not data or url");
	return CF_OK;
}

static enum cf_status take_pid(struct fields *fields, struct str value,
			       struct fields_reader *with, struct cf_error *err)
{
	(void)with;
	(void)err;
	fields->pid = value;
	return CF_OK;
}

static enum cf_status take_code(struct fields *fields, struct str value,
				struct fields_reader *with,
				struct cf_error *err)
{
	(void)with;
	(void)err;
	fields->code = value;
	return CF_OK;
}

/* An unknown name is a mistake in the program that sends it: refuse before a
 * challenge is used up. */
static enum cf_status take_profile(struct fields *fields, struct str value,
				   struct fields_reader *with,
				   struct cf_error *err)
{
	const struct profile *found = challenge_profile(with->challenge, value);

	if (found) {
		fields->profile = str_from(profile_name(found));
		return CF_OK;
	}
	with->detail = "The service has no profile of this name.";
	return cf_fail(err, CF_BAD_INPUT, "an unknown profile");
}

static const struct {
	enum field bit;
	const char *name;
	enum cf_status (*take)(struct fields *fields, struct str value,
			       struct fields_reader *with,
			       struct cf_error *err);
} table[] = {
	{FIELD_IMG, "img", take_img},
	{FIELD_PID, "pid", take_pid},
	{FIELD_CODE, "code", take_code},
	{FIELD_PROFILE, "profile", take_profile},
};

static enum cf_status take_fields(struct fields *fields,
				  const struct form *form,
				  struct fields_reader *with,
				  struct cf_error *err)
{
	*fields = (struct fields){.wants_address = false};
	for (size_t i = 0; i < CF_ARRAY_LEN(table); i++) {
		const struct form_field *field;
		enum cf_status rc;
		size_t n;

		if (!(with->takes & (unsigned)table[i].bit))
			continue;
		n = form_find(form, table[i].name, &field);
		if (!n)
			continue;
		if (n > 1)
			return cf_fail(err, CF_BAD_INPUT, "%s is there twice",
				       table[i].name);
		if (!field->is_text)
			return cf_fail(err, CF_BAD_INPUT, "%s is not a string",
				       table[i].name);
		rc = table[i].take(fields, field->value, with, err);
		if (rc)
			return rc;
	}
	return CF_OK;
}

enum cf_status fields_read_query(struct fields *fields, struct str query,
				 struct fields_reader *with,
				 struct cf_error *err)
{
	struct form form;
	enum cf_status rc = form_parse(&form, query, with->arena,
				       with->field_max_bytes, err);

	return rc ? rc : take_fields(fields, &form, with, err);
}

static enum cf_status parse_body(struct form *form,
				 const struct http_request *req,
				 struct fields_reader *with,
				 struct cf_error *err)
{
	struct str boundary;
	enum cf_status rc;

	switch (req->type) {
	case REQUEST_TYPE_JSON:
		return http_json_parse(form, req->body, with->arena,
				       with->field_max_bytes, err);
	case REQUEST_TYPE_MULTIPART:
		rc = multipart_boundary(req->type_params, &boundary, err);
		return rc ? rc
			  : multipart_parse(form, req->body, boundary,
					    with->arena, with->field_max_bytes,
					    &with->detail, err);
	case REQUEST_TYPE_FORM:
	case REQUEST_TYPE_NONE: /* its body is empty, as with the next */
	case REQUEST_TYPE_OTHER:
	default:
		return form_parse(form, req->body, with->arena,
				  with->field_max_bytes, err);
	}
}

enum cf_status fields_read_body(struct fields *fields,
				const struct http_request *req,
				struct fields_reader *with,
				struct cf_error *err)
{
	struct form form;
	enum cf_status rc = parse_body(&form, req, with, err);

	if (!rc && form_has_repeat(&form))
		rc = cf_fail(err, CF_BAD_INPUT, "a field is there twice");
	return rc ? rc : take_fields(fields, &form, with, err);
}
