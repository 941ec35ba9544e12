/*
 * GET, HEAD and POST /demo: cgi-bin/demo/demo.html, embedded at build time,
 * with a challenge in it. The page shows one sentence; its script finds all
 * sentences in data- attributes. The short address of the service leads to it.
 */
#include "base/base.h"
#include "http/context.h"

#include "http/page.h"

extern const char demo_html[]; /* made from demo.html by script/embed */
extern const size_t demo_html_len;

static const char html_type[] = "text/html; charset=utf-8";

/* A picture of one clear pixel. */
#define NO_PICTURE               \
	"data:image/gif;base64," \
	"R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

enum {
	MARKS = 15,	 /* beside the sentences */
	TEXT_BYTES = 256 /* of a message, a query, and a field with a profile */
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
	const char *message_class;
	bool is_invalid; /* the message blames the answer */
};

/* Let both forms of the page name the profile. Its name needs no escapes in
 * HTML or in an address: the settings see to that. */
static void write_profile(struct texts *texts, const char *name)
{
	if (!name[0])
		return;
	(void)snprintf(texts->query, TEXT_BYTES, "?profile=%s", name);
	(void)snprintf(texts->field, TEXT_BYTES,
		       "<input type=\"hidden\" name=\"profile\" value=\"%s\">",
		       name);
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
	struct str png = {reply->png->ptr, reply->png->len};
	struct page_mark marks[MARKS + NOTICE_COUNT] = {
		text_mark("nonce", reply->nonce),
		text_mark("pid", pid),
		{"width", PAGE_NUMBER, .number = options->width_px},
		{"height", PAGE_NUMBER, .number = options->height_px},
		pid[0] ? (struct page_mark){"img", PAGE_PNG, .value = png}
		       : text_mark("img", NO_PICTURE),
		text_mark("lead", wording->lead),
		text_mark("alt", wording->alt),
		text_mark("label", wording->label),
		text_mark("hint", wording->hint),
		text_mark("query", texts->query),
		{"profile_field", PAGE_HTML, .value = str_from(texts->field)},
		text_mark("message", texts->message),
		text_mark("message_class", texts->message_class),
		text_mark("is_invalid", texts->is_invalid ? "true" : "false"),
		{"expires_in", PAGE_NUMBER, .number = options->ttl_s},
	};

	for (int i = 0; i < NOTICE_COUNT; i++)
		marks[MARKS + i] =
			text_mark(notice_words((enum notice)i)->code,
				  notice_words((enum notice)i)->sentence);
	page_render(reply->body, (struct str){demo_html, demo_html_len}, marks,
		    CF_ARRAY_LEN(marks));
}

/* pid  "" for a page without a picture */
static void render(struct reply *reply, const struct profile *profile,
		   const char *pid)
{
	struct texts texts = {.query = ""};

	reply->type = html_type;
	page_make_nonce(reply->nonce);
	write_profile(&texts, profile_name(profile));
	write_message(&texts, reply->notices);
	add_page(reply, &texts, profile_options(profile), pid);
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
	render(reply, issued.profile, issued.pid.text);
	return CF_OK;
}

void demo_apologise(const struct context *ctx, const struct call *call,
		    struct reply *reply)
{
	render(reply, challenge_profile(ctx->challenge, call->query.profile),
	       "");
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

enum cf_status handle_demo_check(const struct context *ctx,
				 const struct call *call, struct reply *reply,
				 struct cf_error *err)
{
	const struct profile *profile;
	enum cf_status rc = http_check(ctx, &call->body, reply, &profile, err);

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
