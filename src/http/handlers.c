/*
 * Handlers: a request in, a call of the challenge layer, a response out. No
 * rules here about challenges; none about HTTP's own form either, which are
 * in request.c and response.c.
 */
#include "base/base.h"
#include "base/base64.h"
#include "http/handlers.h"

#include "base/crypt.h"
#include "http/demo.h"
#include "http/form.h"
#include "http/json.h"
#include "http/multipart.h"
#include "http/route.h"

/* What the challenge layer could not do is no fault of the client. */
static enum cf_status ours(enum cf_status rc)
{
	return rc && response_status(rc) < 500 ? CF_BUG : rc;
}

/* detail  as response_fail has it */
static void fail_with(struct http *http, enum cf_status rc, const char *detail,
		      struct cf_error *err)
{
	if (!err->status)
		err->status = rc;
	response_fail(&http->res, rc, detail);
}

static void fail(struct http *http, enum cf_status rc, struct cf_error *err)
{
	fail_with(http, rc, NULL, err);
}

bool http_is_for_operator(const struct http *http)
{
	const struct visitor *visitor = &http->visitor;

	/* behind a proxy that is not trusted everybody has its address, so a
	 * list that has it says nothing */
	return visitor->is_exempt ||
	       (!visitor->hidden &&
		net_list_has(&http->metrics_allow, &visitor->addr));
}

const char *http_profile_name(const struct profile *profile)
{
	const char *name = profile_name(profile);

	return name[0] ? name : SETTINGS_BASE_NAME;
}

/* Where there is little room left, an address gets little of it, so that
 * those who fill it up lock the others out later, if at all. */
static enum cf_status keep_share(struct http *http, int64_t *wait_ms,
				 struct cf_error *err)
{
	bool is_crowded = false;
	enum cf_status rc =
		challenge_is_crowded(http->challenge, &is_crowded, err);

	if (!rc && is_crowded)
		*wait_ms = limit_keep_share(http->limit, LIMIT_ISSUE,
					    &http->visitor.key);
	if (rc)
		limit_give_back(http->limit, LIMIT_ISSUE, &http->visitor.key);
	return rc;
}

/* CF_LIMITED when the visitor has done as much of this as one may for now. */
static enum cf_status take(struct http *http, enum limit_kind kind,
			   struct cf_error *err)
{
	enum { SECOND_MS = 1000 };
	enum cf_status rc = CF_OK;
	int64_t wait_ms;

	if (http->visitor.is_exempt)
		return CF_OK;
	wait_ms = limit_take(http->limit, kind, &http->visitor.key);
	if (!wait_ms && kind == LIMIT_ISSUE)
		rc = keep_share(http, &wait_ms, err);
	if (rc || !wait_ms)
		return rc;
	http->res.retry_after_s = (wait_ms + SECOND_MS - 1) / SECOND_MS;
	return cf_fail(err, CF_LIMITED, "a visitor is over a limit");
}

static void give_back(struct http *http, enum limit_kind kind)
{
	if (!http->visitor.is_exempt)
		limit_give_back(http->limit, kind, &http->visitor.key);
}

/* What a query asks for. */
struct wanted {
	struct profile *profile; /* NULL: one that there is not */
	bool is_address;	 /* of the picture, instead of its bytes */
};

/* A field of the query; NULL when it is not there. */
static enum cf_status query_field(const struct form *form, const char *name,
				  const struct form_field **field,
				  struct cf_error *err)
{
	size_t n = form_find(form, name, field);

	if (!n)
		*field = NULL;
	return n < 2 ? CF_OK : cf_fail(err, CF_BAD_INPUT, "%s is there twice",
				       name);
}

#define NO_PROFILE "The service has no profile of this name."

static enum cf_status read_query(struct http *http, struct wanted *wanted,
				 struct cf_error *err)
{
	const struct form_field *img, *profile;
	struct form form;
	enum cf_status rc;

	wanted->is_address = false;
	wanted->profile = challenge_profile(http->challenge, STR_LIT(""));
	if (!http->req.query.len)
		return CF_OK;
	rc = form_parse(&form, http->req.query, http->arena,
			http->settings->max_field_bytes, err);
	if (!rc)
		rc = query_field(&form, "img", &img, err);
	if (!rc)
		rc = query_field(&form, "profile", &profile, err);
	if (rc)
		return rc;
	if (profile)
		wanted->profile = challenge_profile(http->challenge,
						    profile->value);
	wanted->is_address = img && str_eq(img->value, "url");
	if (img && !wanted->is_address && !str_eq(img->value, "data"))
		return cf_fail(err, CF_BAD_INPUT, "img is not data or url");
	return CF_OK;
}

/* Read the query; false when that has already been answered. */
static bool begin_query(struct http *http, struct wanted *wanted,
			struct cf_error *err)
{
	enum cf_status rc = read_query(http, wanted, err);

	if (rc) {
		fail(http, rc, err);
		return false;
	}
	if (!wanted->profile) {
		(void)cf_fail(err, CF_BAD_INPUT, "an unknown profile");
		response_fail(&http->res, CF_BAD_INPUT, NO_PROFILE);
		return false;
	}
	return true;
}

/* A new challenge, its picture in http->png if that is wanted. */
static enum cf_status issue(struct http *http, struct profile *profile,
			    struct pid *pid, bool wants_picture,
			    struct cf_error *err)
{
	enum cf_status rc = take(http, LIMIT_ISSUE, err);

	if (rc)
		return rc == CF_LIMITED ? rc : ours(rc);
	rc = challenge_issue(http->challenge, profile, pid,
			     wants_picture ? &http->png : NULL, err);
	if (!rc)
		rc = buf_status(&http->png, err);
	/* where there is no room, to ask is what is to be limited */
	if (rc && rc != CF_FULL)
		give_back(http, LIMIT_ISSUE);
	return ours(rc);
}

/* GET /verification/get */

/* What RFC 3986 leaves out of addresses, as %XX. Of a path, which the web
 * server has decoded, also what would end it. None of the bytes that pass
 * needs an escape in JSON. */
static void add_address(struct buf *out, struct str text, bool is_path)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char *const never = "\"<>\\^`{|}";
	static const char *const in_path = "%?#";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c > 0x20 && c < 0x7f && !strchr(never, c) &&
		    !(is_path && strchr(in_path, c))) {
			buf_add_char(out, (char)c);
			continue;
		}
		buf_add_char(out, '%');
		buf_add_char(out, hex[c >> 4]);
		buf_add_char(out, hex[c & 15]);
	}
}

static void add_picture_address(struct http *http, const struct pid *pid)
{
	struct str public_url = str_from(http->settings->public_url);
	struct buf *body = &http->res.body;

	while (str_ends(public_url, "/"))
		public_url.len--;
	if (public_url.len) {
		add_address(body, public_url, false);
	} else if (http->req.prefix.len) {
		buf_add_char(body, '/');
		add_address(body, http->req.prefix, true);
	}
	buf_add_str(body, "/image/");
	buf_add_str(body, pid->text);
	buf_add_str(body, ".png");
}

void handle_get(struct http *http, struct cf_error *err)
{
	struct buf *body = &http->res.body;
	struct pid pid;
	struct wanted wanted;
	enum cf_status rc;

	if (!begin_query(http, &wanted, err))
		return;
	if (wanted.is_address && http->req.is_prefix_bad &&
	    !http->settings->public_url[0]) {
		rc = cf_fail(err, CF_BAD_INPUT,
			     "SCRIPT_NAME is too long or has control bytes");
		fail(http, rc, err);
		return;
	}
	rc = issue(http, wanted.profile, &pid, !wanted.is_address, err);
	if (rc) {
		fail(http, rc, err);
		return;
	}
	response_begin(&http->res, 200, "application/json");
	buf_add_str(body, "{\"pid\":\"");
	buf_add_str(body, pid.text);
	buf_add_str(body, "\",\"img\":\"");
	if (wanted.is_address) {
		add_picture_address(http, &pid);
	} else {
		buf_add_str(body, "data:image/png;base64,");
		base64_add(body, http->png.ptr, http->png.len);
	}
	buf_addf(body, "\",\"expires_in\":%lld}",
		 (long long)profile_options(wanted.profile)->ttl_s);
}

/* GET /image/<pid>.png */

void handle_image(struct http *http, struct cf_error *err)
{
	enum cf_status rc = challenge_picture(http->challenge, &http->pid,
					      &http->res.body, err);

	if (rc) {
		fail(http, rc == CF_NOT_FOUND ? rc : ours(rc), err);
		return;
	}
	response_begin(&http->res, 200, "image/png");
}

/* POST /verification/check */

/* As CHECK_MEMBERS of the route, with a code of its own: it is worth trying
 * the same answer again. */
#define LIMITED_MEMBERS \
	",\"success\":false,\"error-codes\":[\"too-many-requests\"]"

/* What a check came to: it passed, or the error codes say why not. */
struct checked {
	bool is_pass;
	size_t n_codes;
	const char *codes[2];
	const struct profile *profile; /* to be told; NULL for none */
	const char *detail; /* of a failure; NULL for that of its status */
};

/* What a check asks. */
struct question {
	struct str pid, code;
	const struct profile *profile; /* NULL: of any will do */
};

/* The fields of a body that has been read. */
static enum cf_status parse_body(struct http *http, struct form *form,
				 struct checked *out, struct cf_error *err)
{
	int64_t max_bytes = http->settings->max_field_bytes;
	struct http_request *req = &http->req;
	struct str boundary;
	enum cf_status rc;

	switch (req->type) {
	case REQUEST_TYPE_JSON:
		return http_json_parse(form, req->body, http->arena, max_bytes,
				       err);
	case REQUEST_TYPE_MULTIPART:
		rc = multipart_boundary(req->type_params, &boundary, err);
		if (!rc)
			rc = multipart_parse(form, req->body, boundary,
					     http->arena, max_bytes,
					     &out->detail, err);
		break;
	case REQUEST_TYPE_FORM:
	case REQUEST_TYPE_NONE: /* and no body, as with the next */
	case REQUEST_TYPE_OTHER:
	default:
		rc = form_parse(form, req->body, http->arena, max_bytes, err);
		break;
	}
	if (!rc && form_has_repeat(form))
		rc = cf_fail(err, CF_BAD_INPUT, "a field is there twice");
	return rc;
}

static enum cf_status read_fields(struct http *http, struct form *form,
				  struct checked *out, struct cf_error *err)
{
	struct http_request *req = &http->req;
	enum cf_status rc;

	rc = request_check_length(req, http->settings->max_body_bytes, err);
	if (rc)
		return rc;
	if (req->n_body_bytes &&
	    (req->type == REQUEST_TYPE_NONE || req->type == REQUEST_TYPE_OTHER))
		return cf_fail(err, CF_BAD_TYPE,
			       "a body that is neither a form nor JSON");
	rc = request_read_body(req, http->arena, http->read_fn, http->read_ctx,
			       err);
	return rc ? rc : parse_body(http, form, out, err);
}

/* Empty when it is missing. */
static enum cf_status text_field(const struct form *form, const char *name,
				 struct str *value, struct cf_error *err)
{
	const struct form_field *field;

	*value = (struct str)STR_INIT;
	if (!form_find(form, name, &field))
		return CF_OK;
	if (!field->is_text)
		return cf_fail(err, CF_BAD_INPUT, "%s is not a string", name);
	*value = field->value;
	return CF_OK;
}

/* The profile that the challenge has to be of. A name that there is not is a
 * mistake in the program that sends it: an error, before the challenge is
 * used up, and not one more wrong answer. */
static enum cf_status profile_field(struct http *http, const struct form *form,
				    const struct profile **profile,
				    struct checked *out, struct cf_error *err)
{
	const struct form_field *field;
	struct str name;
	enum cf_status rc;

	*profile = NULL;
	if (!form_find(form, "profile", &field))
		return CF_OK;
	rc = text_field(form, "profile", &name, err);
	if (rc)
		return rc;
	*profile = challenge_profile(http->challenge, name);
	if (*profile)
		return CF_OK;
	out->detail = NO_PROFILE;
	return cf_fail(err, CF_BAD_INPUT, "an unknown profile");
}

static enum cf_status read_question(struct http *http,
				    struct question *question,
				    struct checked *out, struct cf_error *err)
{
	struct form form;
	enum cf_status rc = read_fields(http, &form, out, err);

	if (!rc)
		rc = text_field(&form, "pid", &question->pid, err);
	if (!rc)
		rc = text_field(&form, "code", &question->code, err);
	if (!rc)
		rc = profile_field(http, &form, &question->profile, out, err);
	return rc;
}

static const char *error_code(enum challenge_verdict verdict)
{
	switch (verdict) {
	case CHALLENGE_WRONG:
		return "wrong";
	case CHALLENGE_UNKNOWN:
	case CHALLENGE_EXPIRED:
		return "expired-or-used";
	case CHALLENGE_MALFORMED:
	case CHALLENGE_PASS: /* not asked for */
		break;
	}
	return "bad-request";
}

static void note_verdict(struct http *http, enum challenge_verdict verdict,
			 const struct pid *pid)
{
	/* a text that is no pid may be anything, even a code */
	(void)snprintf(http->verified_pid, sizeof(http->verified_pid), "%.*s",
		       HTTP_PID_LOGGED_CHARS, pid ? pid->text : "-");
	http->verdict = challenge_verdict_name(verdict);
}

/* A service without profiles answers as if there were no such thing, unless
 * it is asked. */
static bool tells_profile(struct http *http, const struct question *question)
{
	return question->profile || challenge_profile_at(http->challenge, 1);
}

/* Read the body and check what it has; CF_OK when there is an outcome. */
static enum cf_status check_body(struct http *http, struct checked *out,
				 struct cf_error *err)
{
	struct challenge_outcome outcome;
	const struct pid *pid;
	struct pid parsed;
	struct question question;
	enum cf_status rc;

	rc = read_question(http, &question, out, err);
	if (rc)
		return rc;
	if (!question.pid.len)
		out->codes[out->n_codes++] = "missing-pid";
	if (!question.code.len)
		out->codes[out->n_codes++] = "missing-code";
	if (out->n_codes)
		return CF_OK;
	pid = pid_parse(&parsed, question.pid) ? &parsed : NULL;
	rc = challenge_verify(http->challenge, pid, question.code,
			      question.profile, &outcome, err);
	if (rc)
		return ours(rc);
	note_verdict(http, outcome.verdict, pid);
	out->is_pass = outcome.verdict == CHALLENGE_PASS;
	if (!out->is_pass)
		out->codes[out->n_codes++] = error_code(outcome.verdict);
	if (tells_profile(http, &question))
		out->profile = outcome.profile;
	return CF_OK;
}

/* The same, unless too many checks of this visitor have failed: then the
 * answer is not looked at, and the challenge is as it was. A token is taken
 * before, or several checks at once would all get by on the last one. */
static enum cf_status check(struct http *http, struct checked *out,
			    struct cf_error *err)
{
	enum cf_status rc = take(http, LIMIT_FAILED, err);

	*out = (struct checked){.is_pass = false};
	if (rc)
		return rc;
	rc = check_body(http, out, err);
	if (rc ? response_status(rc) >= 500 : out->is_pass)
		give_back(http, LIMIT_FAILED);
	return rc;
}

static void add_error_codes(struct buf *body, const struct checked *checked)
{
	buf_add_str(body, ",\"error-codes\":[");
	for (size_t i = 0; i < checked->n_codes; i++) {
		buf_add_str(body, i ? ",\"" : "\"");
		buf_add_str(body, checked->codes[i]);
		buf_add_char(body, '"');
	}
	buf_add_char(body, ']');
}

void handle_check(struct http *http, struct cf_error *err)
{
	struct buf *body = &http->res.body;
	struct checked checked;
	enum cf_status rc;

	rc = check(http, &checked, err);
	if (rc == CF_LIMITED)
		http->res.problem_members = LIMITED_MEMBERS;
	if (rc) {
		fail_with(http, rc, checked.detail, err);
		return;
	}
	response_begin(&http->res, 200, "application/json");
	buf_add_str(body, checked.is_pass ? "{\"success\":true"
					  : "{\"success\":false");
	if (!checked.is_pass)
		add_error_codes(body, &checked);
	if (checked.profile) {
		/* the settings allow no character in it that JSON escapes */
		buf_add_str(body, ",\"profile\":\"");
		buf_add_str(body, http_profile_name(checked.profile));
		buf_add_char(body, '"');
	}
	buf_add_char(body, '}');
}

/* GET and POST /demo */

enum { NONCE_CHARS = 24 }; /* 142 bits */

static void begin_demo(struct http *http, enum cf_status rc, const char *nonce)
{
	char policy[512];
	int n;

	n = snprintf(policy, sizeof(policy),
		     "default-src 'none'; img-src 'self' data:; "
		     "style-src 'nonce-%s'; script-src 'nonce-%s'; "
		     "connect-src 'self'; form-action 'self'; "
		     "frame-ancestors 'none'; base-uri 'none'",
		     nonce, nonce);
	assert(n > 0 && (size_t)n < sizeof(policy));
	response_begin(&http->res, response_status(rc),
		       "text/html; charset=utf-8");
	response_add_header(&http->res, "Content-Security-Policy",
			    (struct str){policy, (size_t)n});
	response_add_header(&http->res, "Referrer-Policy",
			    STR_LIT("same-origin"));
	response_add_retry(&http->res, rc);
}

/* The page, with the message of says (NULL for none) and a new challenge if
 * rc is CF_OK. */
static void show_demo(struct http *http, struct profile *profile,
		      enum cf_status rc, const char *says,
		      struct cf_error *err)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789";
	struct pid pid;
	char nonce[NONCE_CHARS + 1] = "";
	struct demo_page page = {
		.width_px = profile_options(profile)->width_px,
		.height_px = profile_options(profile)->height_px,
		.kind = profile_options(profile)->kind,
		.profile = profile_name(profile),
		.nonce = nonce,
		.says = {says},
	};

	if (!rc) {
		rc = issue(http, profile, &pid, true, err);
		if (!rc) {
			page.pid = str_from(pid.text);
			page.png = (struct str){http->png.ptr, http->png.len};
			if (says)
				page.says[1] = DEMO_NEW_PICTURE;
		} else {
			page.says[says ? 1 : 0] = rc == CF_LIMITED
							  ? DEMO_LIMITED
							  : DEMO_NO_PICTURE;
			if (!err->status)
				err->status = rc;
		}
	}
	crypt_random_text(nonce, NONCE_CHARS, alphabet, sizeof(alphabet) - 1);
	begin_demo(http, rc, nonce);
	demo_render(&http->res.body, &page);
}

void handle_demo(struct http *http, struct cf_error *err)
{
	struct checked checked;
	struct wanted wanted;
	enum cf_status rc;

	if (!begin_query(http, &wanted, err))
		return;
	if (http->req.method == REQUEST_HEAD) {
		/* no picture is spent on a page that is not shown */
		response_begin(&http->res, 200, "text/html; charset=utf-8");
		http->res.has_no_length = true;
		return;
	}
	if (http->req.method == REQUEST_GET) {
		show_demo(http, wanted.profile, CF_OK, NULL, err);
		return;
	}
	rc = check(http, &checked, err);
	if (rc == CF_LIMITED)
		show_demo(http, wanted.profile, rc, DEMO_LIMITED, err);
	else if (rc && response_status(rc) < 500)
		/* which no browser sends from the page */
		fail_with(http, rc, checked.detail, err);
	else if (rc)
		show_demo(http, wanted.profile, rc, DEMO_UNAVAILABLE, err);
	else
		show_demo(http, wanted.profile, CF_OK,
			  checked.is_pass ? DEMO_PASS : checked.codes[0], err);
}

/* GET /healthz */

static void log_part(const struct http *http, enum note note,
		     enum cf_status status, const struct cf_error *err)
{
	uint64_t n[NOTES_COUNTERS];

	if (status && notes_add(http->notes, note, 0, n))
		log_errors(http->log, LOG_LEVEL_WARN, "health", n[0], err);
}

/* Write to the store and to the cache, and say what came of it. */
static bool look_at_health(struct http *http, struct challenge_health *health)
{
	bool is_well;

	challenge_check_health(http->challenge, health);
	log_part(http, NOTE_STORE_ILL, health->store, &health->store_error);
	log_part(http, NOTE_CACHE_ILL, health->cache, &health->cache_error);
	is_well = !health->store && !health->cache;
	notes_set_health(http->notes, is_well);
	return is_well;
}

/* Whoever operates the service is told what it is like now, in detail.
 * Others, who may be many, write nothing while somebody knows. */
void handle_health(struct http *http, struct cf_error *err)
{
	struct challenge_health health = {.store = CF_BUG, .cache = CF_BUG};
	bool has_details = http_is_for_operator(http);
	struct buf *body = &http->res.body;
	bool is_well;

	(void)err; /* each part is logged here, as a warning */
	if (has_details || !notes_get_health(http->notes, &is_well))
		is_well = look_at_health(http, &health);
	response_begin(&http->res, is_well ? 200 : 503, "application/json");
	if (!is_well)
		response_add_retry(&http->res, CF_IO);
	buf_addf(body, "{\"ok\":%s", is_well ? "true" : "false");
	if (has_details)
		buf_addf(body, ",\"store\":\"%s\",\"cache\":\"%s\"",
			 cf_status_name(health.store),
			 cf_status_name(health.cache));
	buf_add_str(body, "}\n");
}
