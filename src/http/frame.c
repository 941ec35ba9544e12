/*
 * GET /frame: the pages that api.js shows in frames of a page of a site. The
 * box has a button, and no challenge is made for it. The challenge has the
 * element.
 *
 * The page around is the origin that the query names. The browser shows the
 * frame in no other page, since the policy names this origin, too. So the name
 * is true where a visitor sees the frame.
 */
#include "base/base.h"
#include "assets/lang.h"
#include "base/text.h"
#include "http/box.h"
#include "http/page.h"
#include "http/sites.h"

/* made from frame_box.html and frame_challenge.html */
extern const char frame_box_html[], frame_challenge_html[];
extern const size_t frame_box_html_len, frame_challenge_html_len;

static void add_headers(struct response *res, const struct reply *reply)
{
	const char *embedders = reply->site ? reply->site->embedders : "";
	struct str around = reply->page_origin;

	buf_add_str(
		&res->head,
		"Content-Security-Policy: default-src 'none'; "
		"script-src 'self'; style-src 'self'; img-src 'self' data:; "
		"media-src 'self'; connect-src 'self'; worker-src 'self'; "
		"form-action 'self'; base-uri 'none'");
	/* a refusal has nothing to steal, and no source stands for a page in a
	 * sandbox */
	if (!reply->is_refused)
		buf_addf(&res->head, "; frame-ancestors %.*s%s%s",
			 (int)around.len, around.ptr, embedders[0] ? " " : "",
			 embedders);
	buf_add_str(&res->head, "\r\n");
	response_add_header(res, "Referrer-Policy", STR_LIT("no-referrer"));
	response_add_header(res, "Cross-Origin-Resource-Policy",
			    STR_LIT("cross-origin"));
	response_add_header(res, "Cross-Origin-Embedder-Policy",
			    STR_LIT("require-corp"));
}

/* Why the page around may not show this frame; NULL: it may. */
static const char *find_fault(const struct context *ctx,
			      const struct call *call, struct reply *reply)
{
	reply->site = sites_find_for(ctx->sites, call->query.k, call->query.f);
	reply->page_origin = box_origin_of(call->query.o);
	reply->page_host = box_host_of(reply->page_origin);
	if (!reply->site)
		return "unknown-sitekey";
	return sites_allow_host(reply->site, reply->page_host, call->req->host)
		       ? NULL
		       : "unknown-host";
}

/* The texts of the element in this language, as it loads them elsewhere. */
static struct str texts_of(const struct lang *lang)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%s.json", lang->tag);
	return assets_versioned(name)->plain;
}

/* What the owner of the page around is told. */
static const char *explain(const struct call *call, const struct reply *reply,
			   const struct lang *lang,
			   char out[PAGE_NAMED_BYTES])
{
	struct str host = reply->page_host.len ? reply->page_host
					       : call->query.o;

	return reply->site ? page_name(out, lang->text[LANG_HOST], host)
			   : page_name(out, lang->text[LANG_KEY],
				       call->query.k);
}

enum cf_status handle_frame(const struct context *ctx, const struct call *call,
			    struct reply *reply, struct cf_error *err)
{
	const char *fault = find_fault(ctx, call, reply);
	const struct lang *lang =
		lang_choose(sites_language(reply->site, call->query.hl),
			    call->req->accept_language);
	const char *const *text = lang->text;
	bool is_challenge = str_eq(call->query.part, "challenge");
	char trouble[PAGE_NAMED_BYTES];
	const struct page_mark marks[] = {
		PAGE_TEXT_OF("lang", lang->tag),
		PAGE_TEXT_OF("dir", text[LANG_DIR]),
		PAGE_TEXT_OF("title", text[LANG_TITLE]),
		PAGE_TEXT_OF("human", text[LANG_HUMAN]),
		PAGE_TEXT_OF("solved", text[LANG_SOLVED]),
		PAGE_TEXT_OF("solved_hint", text[LANG_SOLVED_HINT]),
		PAGE_TEXT_OF("again", text[LANG_AGAIN]),
		PAGE_TEXT_OF("late", text[LANG_LATE]),
		PAGE_TEXT_OF("retry", text[LANG_RETRY]),
		PAGE_TEXT_OF("limited", text[LANG_LIMITED]),
		PAGE_TEXT_OF("down", text[LANG_DOWN]),
		PAGE_TEXT_OF("close", text[LANG_CLOSE]),
		PAGE_TEXT_OF("tests",
			     ctx->has_test_keys ? text[LANG_TESTS] : ""),
		{"theme", PAGE_TEXT,
		 .value = sites_theme(reply->site, call->query.theme)},
		PAGE_TEXT_OF("css", assets_versioned("frame.css")->path),
		PAGE_TEXT_OF("js", assets_versioned("frame.js")->path),
		PAGE_TEXT_OF("code", fault ? fault : ""),
		PAGE_TEXT_OF("hidden", fault ? "hidden" : ""),
		PAGE_TEXT_OF("trouble", fault ? explain(call, reply, lang,
							trouble)
					      : ""),
		{"texts", PAGE_HTML, .value = texts_of(lang)},
		{"k", PAGE_TEXT, .value = call->query.k},
		{"o", PAGE_TEXT, .value = fault ? call->query.o
						: reply->page_origin},
	};
	struct str page =
		is_challenge && !fault
			? (struct str){frame_challenge_html,
				       frame_challenge_html_len}
			: (struct str){frame_box_html, frame_box_html_len};

	if (!is_challenge && !str_eq(call->query.part, "box")) {
		reply->detail = "part is box or challenge.";
		return cf_fail(err, CF_BAD_INPUT, "an unknown part of a frame");
	}
	reply->add_headers = add_headers;
	reply->is_refused = fault;
	reply->type = "text/html; charset=utf-8";
	page_render(reply->body, page, marks, CF_ARRAY_LEN(marks));
	return CF_OK;
}
