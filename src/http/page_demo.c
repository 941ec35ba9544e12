/*
 * GET, HEAD and POST /demo: cgi-bin/demo/demo.html, embedded at build time,
 * with a challenge in it. The page has the element of a site; where no element
 * is defined, and for a profile, it has a plain form. The short address of the
 * service leads to it.
 */
#include "base/base.h"
#include "http/context.h"

#include "challenge/token.h"
#include "http/audio.h"
#include "http/page.h"
#include "http/sites.h"

extern const char demo_html[]; /* made from demo.html by script/embed */
extern const size_t demo_html_len;

static const char html_type[] = "text/html; charset=utf-8";

/* A picture of one clear pixel. */
#define NO_PICTURE               \
	"data:image/gif;base64," \
	"R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

enum {
	TEXT_BYTES = 256, /* of a message, a query, and a field with a name */
	CHOICES_BYTES = 64 * 1024
};

/* The words of the page, for each kind of challenge. */
static const struct wording {
	const char *lead, *alt, *label, *hint;
} wordings[] = {
	[PUZZLE_TEXT] = {"Type the characters in the picture.",
			 "Captcha: distorted characters to type", "Characters",
			 "Upper or lower case, both work."},
	[PUZZLE_ARITHMETIC] = {"Work out the sum in the picture.",
			       "Captcha: a distorted sum to work out", "Result",
			       "A number, in digits."},
	[PUZZLE_WORDS] = {"Type what you read in the picture.",
			  "Captcha: a distorted word to type", "Word",
			  "Upper or lower case, both work."},
};

struct texts {
	char query[TEXT_BYTES], field[TEXT_BYTES], message[TEXT_BYTES];
	char box[TEXT_BYTES];
	const char *message_class, *sitekey;
	bool is_invalid; /* the message blames the answer */
	struct buf base, choices;
	struct buf audio; /* the address of the sound; empty: there is none */
	struct str dark; /* see http_add_dark() */
};

/* --- which site, which profile -------------------------------------------- */

static bool is_shown(const struct call *call, const struct settings_site *site)
{
	return site && sites_allow_host(site, call->req->host, call->req->host);
}

/* The site of the query, or else the first whose challenges this page may show;
 * NULL for none, and when the query names a profile. */
static const struct settings_site *pick_site(const struct context *ctx,
					     const struct call *call)
{
	const struct settings_site *site =
		sites_find_key(ctx->sites, call->query.k);

	if (call->query.profile.ptr)
		return NULL;
	for (size_t i = 0; !is_shown(call, site); i++) {
		site = sites_at(ctx->sites, i);
		if (!site)
			return NULL;
	}
	return site;
}

static void add_choice(struct buf *out, const char *field, const char *value,
		       const char *name, bool is_chosen)
{
	if (is_chosen)
		buf_addf(out, " <b>%s</b>", name);
	else
		buf_addf(out, " <a href=\"?%s=%s\">%s</a>", field, value, name);
}

/* Links to the other sites, and to pictures of the other profiles. */
static void add_choices(const struct context *ctx, const struct call *call,
			const struct settings_site *chosen,
			const struct profile *profile, struct buf *out)
{
	const struct settings_site *site;
	const struct profile *other;

	if (sites_at(ctx->sites, 1))
		buf_add_str(out, "Site:");
	for (size_t i = 0;
	     sites_at(ctx->sites, 1) && (site = sites_at(ctx->sites, i)); i++)
		if (is_shown(call, site))
			add_choice(out, "k", site->sitekey, site->name,
				   site == chosen);
	if (!challenge_profile_at(ctx->challenge, 1))
		return;
	buf_add_str(out, out->len ? "<br>Profile:" : "Profile:");
	for (size_t i = 0; (other = challenge_profile_at(ctx->challenge, i));
	     i++)
		add_choice(out, "profile", http_profile_name(other),
			   http_profile_name(other),
			   !chosen && other == profile);
}

/* --- the page ------------------------------------------------------------- */

/* Let both forms of the page keep the choice. Names and sitekeys need no
 * escapes in HTML or in an address: the settings see to that. */
static void write_choice(struct texts *texts, const struct call *call,
			 const struct settings_site *site, const char *profile)
{
	const char *field = site ? "k" : "profile";
	const char *value = site ? site->sitekey : profile;

	texts->sitekey = site ? site->sitekey : "SITEKEY";
	if (site)
		(void)snprintf(texts->box, TEXT_BYTES,
			       "<captcha-box sitekey=\"%s\" required>",
			       site->sitekey);
	if (!value[0] || (site && !call->query.k.len))
		return;
	(void)snprintf(texts->query, TEXT_BYTES, "?%s=%s", field, value);
	(void)snprintf(texts->field, TEXT_BYTES,
		       "<input type=\"hidden\" name=\"%s\" value=\"%s\">",
		       field, value);
}

static void write_message(struct texts *texts, const enum notice notices[2])
{
	bool has_two = notices[1] != NOTICE_NONE;

	texts->message_class = "none";
	if (notices[0] == NOTICE_NONE)
		return;
	(void)snprintf(texts->message, TEXT_BYTES, "%s%s%s",
		       notice_words(notices[0])->sentence, has_two ? " " : "",
		       has_two ? notice_words(notices[1])->sentence : "");
	texts->message_class = notices[0] == NOTICE_PASS ? "good" : "bad";
	texts->is_invalid =
		(notices[0] <= NOTICE_MALFORMED && notices[0] != NOTICE_PASS) ||
		notices[0] == NOTICE_MISSING_CODE;
}

static struct page_mark text_mark(const char *name, const char *text)
{
	return (struct page_mark){.name = name, .value = str_from(text)};
}

static void add_page(const struct reply *reply, const struct texts *texts,
		     const struct profile_options *options, const char *pid)
{
	const struct wording *wording = &wordings[options->kind];
	struct str png = {reply->png->ptr, reply->png->len - texts->dark.len};
	const struct page_mark marks[] = {
		text_mark("nonce", reply->nonce),
		text_mark("pid", pid),
		{"width", PAGE_NUMBER, .number = options->width_px},
		{"height", PAGE_NUMBER, .number = options->height_px},
		{"dark", PAGE_DARK, .value = texts->dark},
		pid[0] ? (struct page_mark){"img", PAGE_PNG, .value = png}
		       : text_mark("img", NO_PICTURE),
		text_mark("lead", wording->lead),
		text_mark("alt", wording->alt),
		text_mark("label", wording->label),
		text_mark("hint", wording->hint),
		{"audio", PAGE_TEXT,
		 .value = {texts->audio.ptr, texts->audio.len}},
		text_mark("audio_class", texts->audio.len ? "" : "none"),
		text_mark("query", texts->query),
		text_mark("k", texts->sitekey),
		{"box", PAGE_HTML, .value = str_from(texts->box)},
		{"box_end", PAGE_HTML,
		 .value = str_from(texts->box[0] ? "</captcha-box>" : "")},
		{"profile_field", PAGE_HTML,
		 .value = str_from(texts->box[0] ? "" : texts->field)},
		{"fresh_fields", PAGE_HTML, .value = str_from(texts->field)},
		{"choices", PAGE_HTML,
		 .value = {texts->choices.ptr, texts->choices.len}},
		{"base", PAGE_TEXT,
		 .value = {texts->base.ptr, texts->base.len}},
		text_mark("message", texts->message),
		text_mark("message_class", texts->message_class),
		text_mark("is_invalid", texts->is_invalid ? "true" : "false"),
	};

	page_render(reply->body, (struct str){demo_html, demo_html_len}, marks,
		    CF_ARRAY_LEN(marks));
}

/* pid  NULL for a page without a picture */
static void render(const struct context *ctx, const struct call *call,
		   struct reply *reply, const struct profile *profile,
		   const struct pid *pid)
{
	static const struct str english = {"en", 2};
	const struct settings_site *site = pick_site(ctx, call);
	struct texts texts = {.query = ""};

	reply->type = html_type;
	page_make_nonce(reply->nonce);
	buf_init(&texts.base, TEXT_BYTES * 8);
	buf_init(&texts.choices, CHOICES_BYTES);
	buf_init(&texts.audio, TEXT_BYTES * 9);
	http_add_address(ctx, call, &texts.base);
	add_choices(ctx, call, site, profile, &texts.choices);
	write_choice(&texts, call, site,
		     call->query.profile.ptr ? http_profile_name(profile) : "");
	write_message(&texts, reply->notices);
	if (pid)
		texts.dark = http_add_dark(profile, reply->png);
	if (pid && challenge_has_sound(ctx->challenge, pid, english)) {
		http_add_address(ctx, call, &texts.audio);
		audio_add_path(&texts.audio, pid->text, english);
	}
	add_page(reply, &texts, profile_options(profile), pid ? pid->text : "");
	buf_release(&texts.base);
	buf_release(&texts.choices);
	buf_release(&texts.audio);
}

enum cf_status handle_demo(const struct context *ctx, const struct call *call,
			   struct reply *reply, struct cf_error *err)
{
	struct challenge_issued issued;
	enum cf_status rc = challenge_issue(ctx->challenge, call->query.profile,
					    &issued, reply->png, err);

	if (!rc)
		rc = buf_status(reply->png, err);
	if (rc)
		return http_own_fault(rc);
	if (reply->notices[0] != NOTICE_NONE)
		reply->notices[1] = NOTICE_NEW_PICTURE;
	render(ctx, call, reply, issued.profile, &issued.pid);
	return CF_OK;
}

void demo_apologise(const struct context *ctx, const struct call *call,
		    struct reply *reply)
{
	render(ctx, call, reply,
	       challenge_profile(ctx->challenge, call->query.profile), NULL);
}

/* Only the type: a HEAD request needs no picture. */
enum cf_status handle_demo_head(const struct context *ctx,
				const struct call *call, struct reply *reply,
				struct cf_error *err)
{
	(void)ctx;
	(void)call;
	(void)err;
	reply->type = html_type;
	reply->has_no_length = true;
	return CF_OK;
}

/* The form has a token of the element: redeem it, as an application has it
 * verified. */
static enum cf_status check_token(const struct context *ctx,
				  const struct call *call, struct reply *reply,
				  struct cf_error *err)
{
	static const enum notice notices[] = {
		[TOKEN_INVALID] = NOTICE_MALFORMED,
		[TOKEN_VALID] = NOTICE_PASS,
		[TOKEN_USED] = NOTICE_EXPIRED,
		[TOKEN_EXPIRED] = NOTICE_EXPIRED,
		[TOKEN_OTHER_NETWORK] = NOTICE_MALFORMED,
	};
	const struct settings_site *site = pick_site(ctx, call);
	struct token_request request = {.token = call->body.token};
	enum token_verdict verdict = TOKEN_INVALID;
	struct token_facts facts;
	enum cf_status rc = CF_OK;

	if (site) {
		request.site = site->name;
		request.ttl_s = site->token_ttl_s;
		rc = token_redeem(ctx->challenge, &request, &facts, &verdict,
				  err);
	}
	if (rc)
		return http_own_fault(rc);
	reply->verdict = verdict == TOKEN_VALID ? "valid" : "refused";
	(void)snprintf(reply->verified_pid, sizeof(reply->verified_pid), "-");
	reply->notices[0] = notices[verdict];
	reply->is_pass = reply->is_free = verdict == TOKEN_VALID;
	return CF_OK;
}

enum cf_status handle_demo_check(const struct context *ctx,
				 const struct call *call, struct reply *reply,
				 struct cf_error *err)
{
	const struct profile *profile;
	enum cf_status rc;

	if (call->body.token.len)
		return check_token(ctx, call, reply, err);
	rc = http_check(ctx, &call->body, HTTP_ANY_WAY, reply, &profile, err);
	/* room for the notice of the next act */
	reply->notices[1] = NOTICE_NONE;
	return rc;
}

enum cf_status handle_root(const struct context *ctx, const struct call *call,
			   struct reply *reply, struct cf_error *err)
{
	enum cf_status rc = http_check_prefix(ctx, call, err);

	if (rc)
		return rc;
	http_add_address(ctx, call, reply->body);
	buf_add_str(reply->body, "/demo");
	reply->type = "text/plain; charset=utf-8";
	reply->is_redirect = true;
	return CF_OK;
}
