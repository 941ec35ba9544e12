/*
 * GET, HEAD and POST /demo: cgi-bin/demo/demo.html, embedded at build time,
 * with a challenge in it. The sentences are in the page twice: one is shown,
 * and its script finds all of them in data- attributes.
 */
#include "base/base.h"
#include "http/context.h"

#include "base/crypt.h"
#include "http/page.h"

extern const char demo_html[]; /* made from demo.html by script/embed */
extern const size_t demo_html_len;

static const char html_type[] = "text/html; charset=utf-8";

/* A picture of one clear pixel. */
#define NO_PICTURE               \
	"data:image/gif;base64," \
	"R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

enum {
	MARKS_MAX = 16 + NOTICE_COUNT,
	NUMBER_BYTES = 24,
	TEXT_BYTES = 256 /* of a message, and of a field with a profile */
};

/* How the page asks, for each kind of challenge. */
static const struct wording {
	const char *lead, *alt, *label, *hint;
} wordings[] = {
	[PUZZLE_TEXT] = {"Type the characters in the picture.",
				"Captcha: distorted characters to type",
				"Characters",
				"Upper or lower case, both work."},
	[PUZZLE_ARITHMETIC] = {"Work out the sum in the picture.",
				      "Captcha: a distorted sum to work out",
				      "Result", "A number, in digits."},
	[PUZZLE_WORDS] = {"Type what you read in the picture.",
				 "Captcha: a distorted word to type", "Word",
				 "Upper or lower case, both work."},
};

struct marks {
	struct page_mark mark[MARKS_MAX];
	size_t n;
	char width[NUMBER_BYTES], height[NUMBER_BYTES];
	char query[TEXT_BYTES], field[TEXT_BYTES], message[TEXT_BYTES];
};

static void add_mark(struct marks *marks, const char *name, struct str value,
		     enum page_kind kind)
{
	assert(marks->n < MARKS_MAX);
	marks->mark[marks->n++] = (struct page_mark){name, value, kind};
}

static void add_text(struct marks *marks, const char *name, const char *text)
{
	add_mark(marks, name, str_from(text), PAGE_TEXT);
}

static void add_picture(struct marks *marks,
			const struct profile_options *options, struct str png)
{
	(void)snprintf(marks->width, sizeof(marks->width), "%lld",
		       (long long)options->width_px);
	(void)snprintf(marks->height, sizeof(marks->height), "%lld",
		       (long long)options->height_px);
	add_text(marks, "width", marks->width);
	add_text(marks, "height", marks->height);
	if (png.len)
		add_mark(marks, "img", png, PAGE_PNG);
	else
		add_text(marks, "img", NO_PICTURE);
}

static void add_wording(struct marks *marks, enum puzzle_kind kind)
{
	const struct wording *wording;

	assert((unsigned)kind < CF_ARRAY_LEN(wordings));
	wording = &wordings[kind];
	add_text(marks, "lead", wording->lead);
	add_text(marks, "alt", wording->alt);
	add_text(marks, "label", wording->label);
	add_text(marks, "hint", wording->hint);
}

/* Let both forms of the page stay with the profile. The settings allow no
 * character in its name that HTML or an address escapes. */
static void add_profile(struct marks *marks, const char *name)
{
	if (name[0]) {
		(void)snprintf(marks->query, sizeof(marks->query),
			       "?profile=%s", name);
		(void)snprintf(marks->field, sizeof(marks->field),
			       "<input type=\"hidden\" name=\"profile\" "
			       "value=\"%s\">",
			       name);
	}
	add_text(marks, "query", marks->query);
	add_mark(marks, "profile_field", str_from(marks->field), PAGE_HTML);
}

static void add_message(struct marks *marks, const enum notice notices[2])
{
	bool has_one = notices[0] != NOTICE_NONE;
	bool has_two = has_one && notices[1] != NOTICE_NONE;

	if (has_one)
		(void)snprintf(marks->message, sizeof(marks->message), "%s%s%s",
			       notice_words(notices[0])->sentence,
			       has_two ? " " : "",
			       has_two ? notice_words(notices[1])->sentence
				       : "");
	add_text(marks, "message", marks->message);
	add_text(marks, "message_class",
		 !has_one		     ? "none"
		 : notices[0] == NOTICE_PASS ? "good"
					     : "bad");
	for (int i = 0; i < NOTICE_COUNT; i++)
		add_text(marks, notice_words((enum notice)i)->code,
			 notice_words((enum notice)i)->sentence);
}

static void render(struct reply *reply, const struct profile *profile,
		   const char *pid)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789";
	const struct profile_options *options = profile_options(profile);
	struct marks marks = {.n = 0};
	struct str png = {reply->png->ptr, pid[0] ? reply->png->len : 0};

	reply->type = html_type;
	crypt_random_text(reply->nonce, HTTP_NONCE_CHARS, alphabet,
			  sizeof(alphabet) - 1);
	add_text(&marks, "nonce", reply->nonce);
	add_text(&marks, "pid", pid);
	add_picture(&marks, options, png);
	add_wording(&marks, options->kind);
	add_profile(&marks, profile_name(profile));
	add_message(&marks, reply->notices);
	page_render(reply->body, (struct str){demo_html, demo_html_len},
		    marks.mark, marks.n);
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

/* Tell the type alone: a page that is not shown needs no picture. */
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

	reply->notices[1] = NOTICE_NONE; /* the next act says more */
	return rc;
}
