/*
 * GET and POST /recaptcha/api/fallback: see fallback.h. The page asks with a
 * form, and shows the token for a right answer, which the visitor copies into
 * the page around the frame. reCAPTCHA's helpers print such a frame.
 *
 * The host of the page around is that of Referer. Later requests of the frame
 * have the frame itself as Referer, so its forms carry the origin on. A page
 * that sends no Referer is known to be of the service's own host, or unknown.
 * An unknown page of another site gets a picture when the visitor presses the
 * button, and not before.
 *
 * reCAPTCHA's helper for Ruby, with a language, asks for the page at an address
 * such as api.js?hl=de/fallback?k=KEY: handle_recaptcha_file leads to it.
 */
#include "base/base.h"
#include "http/fallback.h"

#include "assets/lang.h"
#include "base/text.h"
#include "http/audio.h"
#include "http/box.h"
#include "http/page.h"
#include "http/sites.h"

extern const char fallback_html[]; /* made from fallback.html */
extern const size_t fallback_html_len;

/* A policy has at most 3 bytes for each name beside those of hostnames. */
_Static_assert(SETTINGS_LIST_BYTES + 3 * SETTINGS_LIST_BYTES / 2 + 1024 <
		       RESPONSE_HEAD_MAX_BYTES,
	       "a head has room for all hostnames");

/* A picture of one clear pixel. */
#define NO_PICTURE    \
	"data:image/" \
	"gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

#define TEXT PAGE_TEXT_OF

/* In place of the origin of a page of the service's own. */
#define OWN "same"

/* From the page to the service's address, where the web server may have the
 * prefix that it likes. */
#define UP "../.."

enum {
	AUDIO_MAX_BYTES = 512, /* of an address */
	WAIT_S = 60, /* what a limited visitor is told */
	SOURCES_MAX_BYTES = 2048, /* of frame-ancestors, with schemes */
};

/* The text for a notice, and whether it blames the answer. */
static const struct saying {
	enum lang_text text;
	bool is_invalid;
} sayings[NOTICE_COUNT] = {
	[NOTICE_WRONG] = {LANG_WRONG, true},
	[NOTICE_EXPIRED] = {LANG_EXPIRED, true},
	[NOTICE_UNKNOWN] = {LANG_EXPIRED, true},
	[NOTICE_MALFORMED] = {LANG_EXPIRED, true},
	[NOTICE_MISSING_PID] = {LANG_EXPIRED, true},
	[NOTICE_MISSING_CODE] = {LANG_EMPTY, true},
	[NOTICE_UNAVAILABLE] = {LANG_DOWN, false},
	[NOTICE_NO_PICTURE] = {LANG_DOWN, false},
	[NOTICE_LIMITED] = {LANG_LIMITED, false},
};

/* What the page shows, beside the texts of its language. */
struct view {
	const struct lang *lang;
	const struct profile_options *options; /* NULL: no challenge */
	struct str dark;		       /* see http_add_dark() */
	const struct box_challenge *challenge; /* with options */
	struct str audio; /* the address of its sound */
	const char *token;
	enum lang_text trouble; /* LANG_TEXTS for none */
	struct str name;	/* in place of {n} */
	enum notice notice;	/* of an answer */
};

/* --- the page around ------------------------------------------------------ */

/* The bytes of a source for each name and both schemes. */
static size_t long_bytes(const char *hostnames)
{
	struct str name;
	size_t n = 0;

	while ((name = text_next_word(&hostnames)).len)
		n += 2 * name.len + strlen(" http://:* https://:*");
	return n;
}

/* Without a scheme a source has that of the service, or https. So very many
 * names fit into the head of a response, but a page by http around a service by
 * https does not match. */
static void add_sources(struct response *res, const char *hostnames)
{
	bool has_schemes = long_bytes(hostnames) <= SOURCES_MAX_BYTES;
	struct str name;

	while ((name = text_next_word(&hostnames)).len) {
		const char *at = name.ptr;
		int n = (int)name.len;

		if (str_eq(name, "any"))
			buf_add_str(&res->head, " *");
		else if (str_eq(name, "same"))
			buf_add_str(&res->head, " 'self'");
		else if (memchr(at, ':', (size_t)n))
			buf_addf(&res->head, " %.*s", n, at);
		else if (!has_schemes)
			buf_addf(&res->head, " %.*s:*", n, at);
		else
			buf_addf(&res->head, " http://%.*s:* https://%.*s:*", n,
				 at, n, at);
	}
}

static void add_headers(struct response *res, const struct reply *reply)
{
	struct str origin = reply->page_origin;

	buf_addf(&res->head,
		 "Content-Security-Policy: default-src 'none'; img-src data:; "
		 "media-src 'self'; style-src 'nonce-%s'; form-action 'self'; base-uri 'none'; "
		 "frame-ancestors",
		 reply->nonce);
	if (!reply->site || reply->is_refused)
		buf_add_str(&res->head, " *"); /* nothing to steal */
	else if (str_eq(origin, OWN))
		buf_add_str(&res->head, " 'self'");
	else if (origin.len)
		buf_addf(&res->head, " %.*s", (int)origin.len, origin.ptr);
	else
		add_sources(res, reply->site->hostnames);
	buf_add_str(&res->head, "\r\nReferrer-Policy: same-origin\r\n");
}

/* Find site and host; false when the page may not show its challenges. */
static bool find_page(const struct context *ctx, const struct call *call,
		      struct reply *reply)
{
	struct str claim = call->body.o.ptr ? call->body.o : call->req->referer;
	bool is_own = call->body.o.ptr
			      ? str_eq(claim, OWN)
			      : !claim.len && call->req->is_same_origin;

	reply->add_headers = add_headers;
	reply->site = sites_find_key(ctx->sites, call->query.k);
	reply->page_origin = box_origin_of(claim);
	reply->page_host = box_host_of(reply->page_origin);
	if (!reply->site)
		return false;
	if (reply->page_host.len)
		return sites_allow_host(reply->site, reply->page_host,
					call->req->host);
	if (is_own &&
	    sites_allow_host(reply->site, call->req->host, call->req->host)) {
		reply->page_origin = STR_LIT(OWN);
		reply->page_host = call->req->host;
	}
	return true; /* host unknown: frame-ancestors decides */
}

/* --- the page ------------------------------------------------------------- */

static struct str theme_of(const struct reply *reply)
{
	return sites_theme(reply->site, (struct str)STR_INIT);
}

static bool is_auto(struct str theme)
{
	return str_eq(theme, "auto");
}

/* The media of a page in dark colours. */
static const char *media_of(struct str theme)
{
	if (is_auto(theme))
		return "(prefers-color-scheme: dark)";
	return str_eq(theme, "dark") ? "all" : "not all";
}

static void add_page(struct reply *reply, const struct view *view)
{
	const char *const *text = view->lang->text;
	const struct profile_options *o = view->options;
	const struct box_challenge *challenge = view->challenge;
	bool has_picture = o && challenge->has_picture;
	bool has_sound = o && challenge->has_sound;
	const struct saying *saying = &sayings[view->notice % NOTICE_COUNT];
	bool has_notice = view->notice < NOTICE_COUNT;
	bool is_number = !has_picture || o->kind == PUZZLE_ARITHMETIC;
	const char *label = o ? text[LANG_LABEL_TEXT + (int)o->kind] : "";
	const char *heard = text[LANG_LABEL_DIGITS];
	char trouble[PAGE_NAMED_BYTES], alt[PAGE_NAMED_BYTES];
	const struct page_mark marks[] = {
		TEXT("nonce", reply->nonce),
		{"schemes", PAGE_TEXT,
		 .value = is_auto(theme_of(reply)) ? STR_LIT("light dark")
						   : theme_of(reply)},
		TEXT("dark_media", media_of(theme_of(reply))),
		TEXT("lang", view->lang->tag),
		TEXT("dir", text[LANG_DIR]),
		TEXT("title", text[LANG_TITLE]),
		TEXT("alt", page_name(alt, text[LANG_ALT],
				      str_from(text[has_sound ? LANG_LISTEN
							      : LANG_NEW]))),
		TEXT("label", has_picture ? label : heard),
		TEXT("heard", heard),
		TEXT("heard_class", has_picture && has_sound ? "" : "none"),
		TEXT("listen", text[LANG_LISTEN]),
		TEXT("hint",
		     text[is_number ? LANG_HINT_NUMBER : LANG_HINT_CASE]),
		TEXT("inputmode", is_number ? "numeric" : "text"),
		TEXT("check", text[LANG_CHECK]),
		TEXT("new", text[LANG_NEW]),
		TEXT("solved", text[LANG_SOLVED]),
		TEXT("copy", text[LANG_COPY]),
		TEXT("pid", o ? challenge->sealed : ""),
		TEXT("token", view->token),
		TEXT("message", has_notice ? text[saying->text] : ""),
		TEXT("is_invalid",
		     has_notice && saying->is_invalid ? "true" : "false"),
		TEXT("trouble",
		     view->trouble < LANG_TEXTS
			     ? page_name(trouble, text[view->trouble],
					 view->name)
			     : ""),
		TEXT("form_class", o ? "ask" : "none"),
		TEXT("new_class",
		     view->token[0] || reply->is_refused ? "none" : "again"),
		TEXT("token_class", view->token[0] ? "done" : "none"),
		{"o", PAGE_TEXT, .value = reply->page_origin},
		TEXT("picture_class", has_picture || !has_sound ? "" : "none"),
		TEXT("audio_class", has_sound ? "" : "none"),
		{"audio", PAGE_TEXT, .value = view->audio},
		{"width", PAGE_NUMBER, .number = has_picture ? o->width_px : 1},
		{"height", PAGE_NUMBER,
		 .number = has_picture ? o->height_px : 1},
		{"dark", PAGE_DARK, .value = view->dark},
		has_picture
			? (struct page_mark){"img", PAGE_PNG,
					     .value = {reply->png->ptr,
						       reply->png->len -
							       view->dark.len}}
			: (struct page_mark)TEXT("img", NO_PICTURE),
	};

	page_render(reply->body, (struct str){fallback_html, fallback_html_len},
		    marks, CF_ARRAY_LEN(marks));
}

static void render(struct reply *reply, const struct view *view)
{
	page_make_nonce(reply->nonce);
	reply->type = "text/html; charset=utf-8";
	add_page(reply, view);
}

/* After find_page. */
static struct view view_for(const struct call *call, const struct reply *reply)
{
	return (struct view){
		.lang = lang_choose(sites_language(reply->site, call->query.hl),
				    call->req->accept_language),
		.token = "",
		.trouble = LANG_TEXTS,
		.notice = NOTICE_NONE,
	};
}

/* Tell the owner of the page around what is wrong. */
static void refuse(const struct call *call, struct reply *reply)
{
	struct view view = view_for(call, reply);

	view.trouble = reply->site ? LANG_HOST : LANG_KEY;
	view.name = reply->site ? reply->page_host : call->query.k;
	reply->is_refused = reply->is_unissued = true;
	render(reply, &view);
}

/* Whether the page around is of another site, and does not say of which, nor
 * did the visitor follow a link there. It could load many such frames where
 * nobody sees them, and use up what its visitor may do. */
static bool is_stranger(const struct call *call, const struct reply *reply)
{
	return call->req->is_cross_site && !call->req->is_followed_link &&
	       !reply->page_host.len;
}

void fallback_apologise(const struct context *ctx, const struct call *call,
			struct reply *reply)
{
	bool has_two = reply->notices[1] != NOTICE_NONE;
	struct view view;

	if (!reply->add_headers)
		(void)find_page(ctx, call, reply);
	view = view_for(call, reply);
	view.trouble = sayings[reply->notices[has_two]].text;
	(void)snprintf(reply->wait, sizeof(reply->wait), "%d", WAIT_S);
	view.name = str_from(reply->wait);
	render(reply, &view);
}

enum cf_status handle_fallback_check(const struct context *ctx,
				     const struct call *call,
				     struct reply *reply, struct cf_error *err)
{
	char token[TOKEN_CHARS + 1];
	struct view view;
	enum cf_status rc;

	reply->is_free = true;
	/* without a pid: the button for another picture */
	if (!find_page(ctx, call, reply) || !call->body.pid.ptr)
		return CF_OK;
	rc = box_check(ctx, call, reply, err);
	if (rc || !reply->is_pass)
		return rc;
	rc = box_give_token(ctx, call, reply, token, err);
	if (rc)
		return rc;
	view = view_for(call, reply);
	view.token = token;
	render(reply, &view);
	return CF_OK;
}

/* Show a challenge, its picture in the colours of the page. */
static void add_challenge(struct reply *reply, struct view *view,
			  const struct box_challenge *challenge)
{
	const struct profile *profile = challenge->issued.profile;
	struct buf *png = reply->png;

	view->options = profile_options(profile);
	view->challenge = challenge;
	if (!challenge->has_picture)
		return;
	if (is_auto(theme_of(reply)))
		view->dark = http_add_dark(profile, png);
	else
		challenge_set_theme(profile, png->ptr, png->len,
				    theme_of(reply));
}

enum cf_status handle_fallback(const struct context *ctx,
			       const struct call *call, struct reply *reply,
			       struct cf_error *err)
{
	struct box_challenge challenge;
	struct view view;
	struct buf audio;
	enum cf_status rc;

	if (!find_page(ctx, call, reply)) {
		refuse(call, reply);
		return CF_OK;
	}
	view = view_for(call, reply);
	if (is_stranger(call, reply)) { /* a picture comes by the button */
		reply->is_unissued = true;
		render(reply, &view);
		return CF_OK;
	}
	rc = box_issue(ctx, reply, str_from(view.lang->tag), &challenge, err);
	if (rc)
		return rc;
	add_challenge(reply, &view, &challenge);
	view.notice = reply->notices[0];
	buf_init(&audio, AUDIO_MAX_BYTES);
	if (challenge.has_sound) {
		buf_add_str(&audio, UP);
		audio_add_path(&audio, challenge.heard,
			       str_from(view.lang->tag));
	}
	view.audio = (struct str){audio.ptr, audio.len};
	rc = buf_status(&audio, err);
	render(reply, &view);
	buf_release(&audio);
	return rc;
}

/* The characters of a word that an address can have as it is. */
static struct str word_at(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && *at && strchr(TEXT_BASE64URL, *at))
		at++;
	return (struct str){from, (size_t)(at - from)};
}

enum cf_status handle_recaptcha_file(const struct context *ctx,
				     const struct call *call,
				     struct reply *reply, struct cf_error *err)
{
	static const char mark[] = "/fallback?k=";
	struct str query = call->req->query, key, language;
	const char *end = query.ptr + query.len;
	const char *at = str_starts(query, "hl=")
				 ? memmem(query.ptr, query.len, mark,
					  strlen(mark))
				 : NULL;
	enum cf_status rc;

	if (!at)
		return handle_file(ctx, call, reply, err);
	rc = http_check_prefix(ctx, call, err);
	if (rc)
		return rc;
	key = word_at(at + strlen(mark), end);
	language = word_at(query.ptr + strlen("hl="), at);
	http_add_address(ctx, call, reply->body);
	buf_addf(reply->body, "/recaptcha/api/fallback?k=%.*s&hl=%.*s",
		 (int)key.len, key.ptr, (int)language.len, language.ptr);
	reply->type = "text/plain; charset=utf-8";
	reply->is_redirect = true;
	return CF_OK;
}
