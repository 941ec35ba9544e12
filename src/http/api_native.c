/*
 * The API of this program: issue a challenge, show its picture, check an
 * answer. The rules of challenges are the challenge layer's.
 */
#include "base/base.h"
#include "http/context.h"

#include "base/base64.h"
#include "base/text.h"
#include "http/audio.h"
#include "http/route.h"

static const char json_type[] = "application/json";

enum cf_status http_own_fault(enum cf_status rc)
{
	return rc && response_status(rc) < 500 ? CF_BUG : rc;
}

const char *http_profile_name(const struct profile *profile)
{
	const char *name = profile_name(profile);

	return name[0] ? name : SETTINGS_BASE_NAME;
}

/* GET /verification/get */

enum cf_status http_check_prefix(const struct context *ctx,
				 const struct call *call, struct cf_error *err)
{
	if (!call->req->is_prefix_bad || ctx->public_url[0])
		return CF_OK;
	return cf_fail(err, CF_BAD_INPUT,
		       "SCRIPT_NAME is too long or has control bytes");
}

/* The web server has decoded the prefix, so a '%', '?' or '#' in it is part
 * of a name. No byte that text_add_url lets pass needs an escape in JSON. */
void http_add_address(const struct context *ctx, const struct call *call,
		      struct buf *body)
{
	struct str base = str_from(ctx->public_url);

	while (str_ends(base, "/"))
		base.len--;
	if (base.len) {
		text_add_url(body, base, "");
	} else if (call->req->prefix.len) {
		buf_add_char(body, '/');
		text_add_url(body, call->req->prefix, "%?#");
	}
}

static const char *const kinds[] = {
	[PUZZLE_TEXT] = "text",
	[PUZZLE_ARITHMETIC] = "arithmetic",
	[PUZZLE_WORDS] = "words",
};

void http_write_issued(struct context *ctx)
{
	const struct profile *profile;

	for (size_t i = 0; (profile = challenge_profile_at(ctx->challenge, i));
	     i++) {
		const struct profile_options *o = profile_options(profile);
		int n = snprintf(ctx->issued[i], HTTP_ISSUED_BYTES,
				 ",\"expires_in\":%lld,\"width\":%lld,"
				 "\"height\":%lld,\"kind\":\"%s\"}",
				 (long long)o->ttl_s, (long long)o->width_px,
				 (long long)o->height_px, kinds[o->kind]);

		assert(n > 0 && n < HTTP_ISSUED_BYTES);
		(void)n;
	}
}

void http_add_issued(const struct context *ctx, const struct profile *profile,
		     struct buf *body)
{
	size_t i = 0;

	while (challenge_profile_at(ctx->challenge, i) != profile)
		i++;
	buf_add_str(body, ctx->issued[i]);
}

struct str http_add_dark(const struct profile *profile, struct buf *png)
{
	size_t len = png->len;
	char *dark = challenge_has_themes(profile) ? buf_room(png, len) : NULL;

	if (!dark)
		return (struct str){"", 0};
	memcpy(dark, png->ptr, len);
	buf_grow(png, len);
	challenge_set_theme(profile, png->ptr, len, STR_LIT("light"));
	challenge_set_theme(profile, dark, len, STR_LIT("dark"));
	return (struct str){dark, len};
}

void http_add_picture(struct buf *body, const struct buf *png)
{
	buf_add_str(body, "data:image/png;base64,");
	base64_add(body, png->ptr, png->len);
}

enum cf_status handle_get(const struct context *ctx, const struct call *call,
			  struct reply *reply, struct cf_error *err)
{
	bool wants_address = call->query.wants_address;
	bool wants_audio = call->query.wants_audio;
	struct buf *body = reply->body;
	struct challenge_issued issued;
	enum cf_status rc = wants_address || wants_audio
				    ? http_check_prefix(ctx, call, err)
				    : CF_OK;

	if (rc)
		return rc;
	rc = challenge_issue(ctx->challenge, call->query.profile, &issued,
			     wants_address ? NULL : reply->png, err);
	if (!rc)
		rc = buf_status(reply->png, err);
	if (rc)
		return http_own_fault(rc);
	reply->type = json_type;
	buf_open_json(body, NULL, '{');
	buf_add_json(body, "pid", str_from(issued.pid.text));
	buf_open_json(body, "img", '"');
	if (wants_address) {
		http_add_address(ctx, call, body);
		buf_add_str(body, "/image/");
		buf_add_str(body, issued.pid.text);
		buf_add_str(body, ".png");
		if (str_eq(call->query.theme, "dark") &&
		    challenge_has_themes(issued.profile))
			buf_add_str(body, "?theme=dark");
	} else {
		challenge_set_theme(issued.profile, reply->png->ptr,
				    reply->png->len, call->query.theme);
		http_add_picture(body, reply->png);
	}
	buf_close_json(body, '"');
	if (wants_audio && challenge_has_sound(ctx->challenge, &issued.pid,
					       (struct str)STR_INIT)) {
		buf_open_json(body, "audio", '"');
		http_add_address(ctx, call, body);
		audio_add_path(body, issued.pid.text, (struct str)STR_INIT);
		buf_close_json(body, '"');
	}
	http_add_issued(ctx, issued.profile, body);
	return CF_OK;
}

/* GET /image/<pid>.png */

enum cf_status handle_image(const struct context *ctx, const struct call *call,
			    struct reply *reply, struct cf_error *err)
{
	enum cf_status rc =
		challenge_picture(ctx->challenge, &call->pid, call->query.theme,
				  reply->body, err);

	reply->type = "image/png";
	return rc == CF_NOT_FOUND ? rc : http_own_fault(rc);
}

/* POST /verification/check */

static void note_verdict(struct reply *reply, enum challenge_verdict verdict,
			 const struct pid *pid)
{
	/* a malformed pid may be an answer: do not log it */
	(void)snprintf(reply->verified_pid, sizeof(reply->verified_pid), "%.*s",
		       HTTP_PID_LOGGED_CHARS, pid ? pid->text : "-");
	reply->verdict = challenge_verdict_name(verdict);
	reply->is_pass = reply->is_free = verdict == CHALLENGE_PASS;
	reply->notices[0] = (enum notice)verdict;
}

enum cf_status http_check(const struct context *ctx, const struct fields *body,
			  unsigned ways, struct reply *reply,
			  const struct profile **profile, struct cf_error *err)
{
	struct challenge_attempt attempt = {body->code, body->profile, ways};
	struct challenge_outcome outcome;
	const struct pid *pid;
	struct pid parsed;
	enum cf_status rc;
	size_t n = 0;

	*profile = NULL;
	if (!body->pid.len)
		reply->notices[n++] = NOTICE_MISSING_PID;
	if (!body->code.len)
		reply->notices[n++] = NOTICE_MISSING_CODE;
	if (n)
		return CF_OK;
	pid = pid_parse(&parsed, body->pid) ? &parsed : NULL;
	rc = challenge_verify(ctx->challenge, pid, &attempt, &outcome, err);
	if (rc)
		return http_own_fault(rc);
	note_verdict(reply, outcome.verdict, pid);
	reply->is_by_sound = outcome.is_by_sound;
	/* without profiles, name the base only to clients that sent a name */
	if (body->profile.ptr || challenge_profile_at(ctx->challenge, 1))
		*profile = outcome.profile;
	return CF_OK;
}

void http_add_error_codes(struct buf *body, const enum notice notices[2])
{
	buf_open_json(body, "error-codes", '[');
	for (size_t i = 0; i < 2 && notices[i] != NOTICE_NONE; i++)
		buf_add_json(body, NULL,
			     str_from(notice_words(notices[i])->code));
	buf_close_json(body, ']');
}

enum cf_status handle_check(const struct context *ctx, const struct call *call,
			    struct reply *reply, struct cf_error *err)
{
	const struct profile *profile;
	struct buf *body = reply->body;
	enum cf_status rc = http_check(ctx, &call->body, HTTP_ANY_WAY, reply,
				       &profile, err);

	if (rc)
		return rc;
	reply->type = json_type;
	buf_open_json(body, NULL, '{');
	buf_add_json_bool(body, "success", reply->is_pass);
	if (!reply->is_pass)
		http_add_error_codes(body, reply->notices);
	if (profile)
		buf_add_json(body, "profile",
			     str_from(http_profile_name(profile)));
	buf_close_json(body, '}');
	return CF_OK;
}
