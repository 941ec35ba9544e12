/*
 * Challenges in a page of a site, and the token for a right answer. A page gets
 * no pid, but a pid sealed for its site: so a challenge of one site is answered
 * there alone, and never by /verification/check, nor the other way round.
 */
#include "base/base.h"
#include "http/box.h"

#include "assets/lang.h"
#include "base/text.h"
#include "conf/test_keys.h"
#include "http/audio.h"
#include "http/sites.h"
#include "http/siteverify.h"

#include <ctype.h>

static const char json_type[] = "application/json";

#define ORIGIN_CHARS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_[]"

/* --- the page ------------------------------------------------------------- */

struct str box_host_of(struct str origin)
{
	const char *at =
		origin.len ? memmem(origin.ptr, origin.len, "://", 3) : NULL;

	if (!at)
		return (struct str)STR_INIT;
	at += 3;
	return (struct str){at, origin.len - (size_t)(at - origin.ptr)};
}

struct str box_origin_of(struct str address)
{
	struct str host = box_host_of(address);
	size_t n = 0;

	if (!host.len || !(str_starts(address, "https://") ||
			   str_starts(address, "http://")))
		return (struct str)STR_INIT;
	while (n < host.len && host.ptr[n] && strchr(ORIGIN_CHARS, host.ptr[n]))
		n++;
	if (n < host.len && host.ptr[n] != '/')
		return (struct str)STR_INIT;
	return (struct str){address.ptr, (size_t)(host.ptr - address.ptr) + n};
}

/* Whether a page of the service makes the request. */
static bool is_by_own_page(const struct http_request *req)
{
	struct str host = box_host_of(req->origin);

	return req->is_same_origin ||
	       (host.len && host.len == req->host.len &&
		!strncasecmp(host.ptr, req->host.ptr, host.len));
}

/* The host of the page that asks: by the browser's Origin, else as the page
 * says, else the service's own. A frame of the service names the page around,
 * and the browser shows it in no other. */
static struct str page_host(const struct call *call)
{
	const struct http_request *req = call->req;

	if (req->origin.len && !(call->body.o.len && is_by_own_page(req)))
		return box_host_of(req->origin);
	if (call->body.o.len)
		return box_host_of(call->body.o);
	return req->host;
}

static enum cf_status refuse(struct reply *reply, const char *error_code,
			     const char *detail, struct cf_error *err)
{
	reply->error_code = error_code;
	reply->detail = detail;
	return cf_fail(err, CF_BAD_INPUT, "%s", detail);
}

/* Find the site, and whether the page may show its challenges. */
enum cf_status handle_box_page(const struct context *ctx,
			       const struct call *call, struct reply *reply,
			       struct cf_error *err)
{
	reply->site = sites_find_key(ctx->sites, call->body.k);
	reply->page_host = page_host(call);
	if (!reply->site)
		return refuse(reply, "unknown-sitekey",
			      "The service has no site with this sitekey.",
			      err);
	if (!sites_allow_host(reply->site, reply->page_host, call->req->host))
		return refuse(reply, "unknown-host",
			      "The host of the page is not among the hostnames "
			      "of the site.",
			      err);
	reply->allow_origin = call->req->origin;
	return CF_OK;
}

/* --- issuing -------------------------------------------------------------- */

enum cf_status box_issue(const struct context *ctx, struct reply *reply,
			 struct str language, struct box_challenge *out,
			 struct cf_error *err)
{
	const struct settings_site *site = reply->site;
	const uint8_t *key;
	enum cf_status rc = sites_box_key(ctx->sites, &key, err);

	if (!rc)
		rc = challenge_issue(ctx->challenge, str_from(site->profile),
				     &out->issued, reply->png, err);
	if (!rc)
		rc = buf_status(reply->png, err);
	if (rc)
		return http_own_fault(rc);
	crypt_seal(key, site->name, out->issued.pid.text, PID_CHARS,
		   out->sealed);
	out->has_picture = text_has_word(site->modes, STR_LIT("picture"));
	out->has_sound = text_has_word(site->modes, STR_LIT("audio")) &&
			 challenge_has_sound(ctx->challenge, &out->issued.pid,
					     language);
	if (out->has_sound)
		crypt_seal(key, AUDIO_SEAL, out->issued.pid.text, PID_CHARS,
			   out->heard);
	if (!out->has_picture && !out->has_sound)
		return cf_fail(err, CF_CONFIG, "[site %s]: modes = audio, and "
			       "there are no voices: make some by captchactl "
			       "audio make, or add picture", site->name);
	return CF_OK;
}

enum cf_status box_unseal(const struct context *ctx, const char *purpose,
			  struct str sealed, struct pid *pid, bool *is_sealed,
			  struct cf_error *err)
{
	char text[PID_CHARS];
	const uint8_t *key;
	enum cf_status rc = sites_box_key(ctx->sites, &key, err);

	*is_sealed = !rc &&
		     crypt_unseal(key, purpose, sealed.ptr, sealed.len, text,
				  sizeof(text)) &&
		     pid_parse(pid, (struct str){text, sizeof(text)});
	return http_own_fault(rc);
}

static void add_token(struct reply *reply, const char *token)
{
	struct buf *body = reply->body;

	buf_open_json(body, NULL, '{');
	buf_add_json_bool(body, "success", true);
	buf_add_json(body, "token", str_from(token));
	buf_add_json_number(body, "expires_in", reply->site->token_ttl_s);
	buf_close_json(body, '}');
}

/* The mode that is shown first: the page's, or else the first of the site's
 * that there is. */
static const char *mode_of(const struct call *call,
			   const struct settings_site *site,
			   const struct box_challenge *challenge)
{
	const char *modes = site->modes;
	struct str mode = call->body.mode;

	if (!str_eq(mode, "picture") && !str_eq(mode, "audio"))
		mode = text_next_word(&modes);
	if (str_eq(mode, "audio") ? challenge->has_sound
				  : !challenge->has_picture)
		return "audio";
	return "picture";
}

/* How many characters the answer has, where all have as many. */
static void add_length(struct buf *body, const char *mode,
		       const struct profile *profile)
{
	const struct profile_options *o = profile_options(profile);

	if (!strcmp(mode, "audio"))
		buf_add_json_number(body, "length", CHALLENGE_DIGITS);
	else if (o->kind == PUZZLE_TEXT && o->length_min == o->length_max)
		buf_add_json_number(body, "length", o->length_min);
}

static enum cf_status add_challenge(const struct context *ctx,
				    const struct call *call,
				    struct reply *reply, struct cf_error *err)
{
	struct buf *body = reply->body, *png = reply->png;
	struct box_challenge challenge;
	const struct profile *profile;
	const struct lang *language;
	const char *mode;
	enum cf_status rc;

	language = lang_choose(sites_language(reply->site, call->body.hl),
			       call->req->accept_language);
	rc = box_issue(ctx, reply, str_from(language->tag), &challenge, err);
	if (rc)
		return rc;
	profile = challenge.issued.profile;
	mode = mode_of(call, reply->site, &challenge);
	reply->type = json_type;
	buf_add_json(body, "pid", str_from(challenge.sealed));
	buf_add_json(body, "mode", str_from(mode));
	if (challenge.has_picture) {
		buf_open_json(body, "img", '"');
		challenge_set_theme(profile, png->ptr, png->len,
				    sites_theme(reply->site, call->body.theme));
		http_add_picture(body, png);
		buf_close_json(body, '"');
	}
	if (challenge.has_sound) {
		buf_open_json(body, "audio", '"');
		http_add_address(ctx, call, body);
		audio_add_path(body, challenge.heard, call->body.hl);
		buf_close_json(body, '"');
	}
	add_length(body, mode, profile);
	http_add_issued(ctx, profile, body);
	return CF_OK;
}

static const struct test_keys *find_test(const struct context *ctx,
					 struct str sitekey)
{
	return ctx->has_test_keys ? test_keys_find_sitekey(sitekey) : NULL;
}

const char *box_test_token(const struct context *ctx, struct str sitekey)
{
	const struct test_keys *test = find_test(ctx, sitekey);

	if (!test || test->outcome != TEST_PASSES)
		return NULL;
	return test->token ? test->token : "test-token";
}

enum cf_status handle_box_new(const struct context *ctx,
			      const struct call *call, struct reply *reply,
			      struct cf_error *err)
{
	const struct test_keys *test = find_test(ctx, call->body.k);
	const char *token = box_test_token(ctx, call->body.k);

	if (test && test->outcome == TEST_IS_WRONG)
		return refuse(reply, "test-key-fails",
			      "This public test key always fails.", err);
	if (token) { /* there is no challenge */
		reply->is_unissued = true;
		reply->type = json_type;
		add_token(reply, token);
		return CF_OK;
	}
	buf_open_json(reply->body, NULL, '{');
	return add_challenge(ctx, call, reply, err);
}

/* After a failed answer, whose object is still open. */
enum cf_status handle_box_next(const struct context *ctx,
			       const struct call *call, struct reply *reply,
			       struct cf_error *err)
{
	enum cf_status rc;

	buf_open_json(reply->body, "next", '{');
	rc = add_challenge(ctx, call, reply, err);
	buf_close_json(reply->body, '}');
	return rc;
}

/* --- answering ------------------------------------------------------------ */

static bool is_word(struct str text, const char *also, size_t max_bytes)
{
	if (text.len > max_bytes)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!text.ptr[i] || (!strchr(TEXT_BASE64URL, text.ptr[i]) &&
				     !strchr(also, text.ptr[i])))
			return false;
	return true;
}

static void copy(struct str text, char *out, size_t size)
{
	if (text.len >= size)
		text.len = 0;
	if (text.len)
		memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
}

/* The host in lower case without a port; empty when no name has its bytes. */
static void copy_host(struct str host, char out[TOKEN_HOST_MAX_BYTES + 1])
{
	copy(sites_bare_host(host), out, TOKEN_HOST_MAX_BYTES + 1);
	for (char *c = out; *c; c++) {
		*c = (char)tolower((unsigned char)*c);
		if (!strchr(TEXT_BASE64URL ".:[]", *c)) {
			out[0] = '\0';
			return;
		}
	}
}

enum cf_status box_give_token(const struct context *ctx,
			      const struct call *call, struct reply *reply,
			      char token[TOKEN_CHARS + 1], struct cf_error *err)
{
	struct token_facts facts = {
		.mode = reply->is_by_sound ? TOKEN_AUDIO : TOKEN_PICTURE};

	copy(str_from(reply->site->name), facts.site, sizeof(facts.site));
	copy_host(reply->page_host, facts.hostname);
	copy(call->body.action, facts.action, sizeof(facts.action));
	copy(call->body.cdata, facts.cdata, sizeof(facts.cdata));
	return http_own_fault(token_issue(ctx->challenge, &facts,
					  siteverify_network(call->visitor),
					  reply->site->token_ttl_s, token,
					  err));
}

static enum cf_status answer_pass(const struct context *ctx,
				  const struct call *call, struct reply *reply,
				  struct cf_error *err)
{
	char token[TOKEN_CHARS + 1];
	enum cf_status rc = box_give_token(ctx, call, reply, token, err);

	if (!rc)
		add_token(reply, token);
	return rc;
}

enum cf_status box_check(const struct context *ctx, const struct call *call,
			 struct reply *reply, struct cf_error *err)
{
	const char *modes = reply->site->modes;
	unsigned ways = 0;
	struct fields body = call->body;
	const struct profile *profile;
	bool is_sealed;
	struct pid pid;
	enum cf_status rc = box_unseal(ctx, reply->site->name, body.pid, &pid,
				       &is_sealed, err);

	if (rc)
		return rc;
	/* without the seal of the site no text is a pid */
	if (is_sealed)
		body.pid = (struct str){pid.text, PID_CHARS};
	else if (body.pid.len)
		body.pid = STR_LIT("-");
	if (text_has_word(modes, STR_LIT("picture")))
		ways |= CHALLENGE_BY_PICTURE;
	if (text_has_word(modes, STR_LIT("audio")))
		ways |= CHALLENGE_BY_SOUND;
	return http_check(ctx, &body, ways, reply, &profile, err);
}

enum cf_status handle_box_answer(const struct context *ctx,
				 const struct call *call, struct reply *reply,
				 struct cf_error *err)
{
	const struct fields *body = &call->body;
	enum cf_status rc;

	if (!is_word(body->action, "/", TOKEN_ACTION_MAX_BYTES) ||
	    !is_word(body->cdata, "", TOKEN_CDATA_MAX_BYTES))
		return refuse(reply, NULL,
			      "action and cdata have letters, "
			      "digits, _ and -, an action also /, and at most "
			      "32 and 255 of them.",
			      err);
	rc = box_check(ctx, call, reply, err);
	if (rc)
		return rc;
	reply->type = json_type;
	if (reply->is_pass)
		return answer_pass(ctx, call, reply, err);
	buf_open_json(reply->body, NULL, '{');
	buf_add_json_bool(reply->body, "success", false);
	http_add_error_codes(reply->body, reply->notices);
	return CF_OK;
}
