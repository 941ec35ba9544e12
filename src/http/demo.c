/*
 * The demo page: a template with {{marks}}, embedded at build time. Whatever
 * stands for a mark is escaped; the sentences are here once, for the page
 * without JavaScript and, as data- attributes, for its script.
 */
#include "base/base.h"
#include "base/base64.h"
#include "http/demo.h"

#include "base/crypt.h"

extern const char demo_html[]; /* made from demo.html by script/embed */
extern const size_t demo_html_len;

/* A picture of one clear pixel. */
#define NO_PICTURE \
	"data:image/gif;base64," \
	"R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

static const struct sentence {
	const char *word;
	const char *text;
} sentences[] = {
	{DEMO_PASS, "That is right."},
	{"wrong", "That is not what the picture said."},
	{"expired-or-used", "That picture has expired or was answered before."},
	{"missing-code", "Type the answer, then press Check."},
	{"missing-pid", "The answer came without its picture."},
	{"bad-request", "The answer could not be read."},
	{DEMO_UNAVAILABLE,
	 "The answer could not be checked just now. Try again in a moment."},
	{DEMO_LIMITED,
	 "Too many requests came from your address. Wait a minute, then try "
	 "again."},
	{DEMO_NEW_PICTURE, "Here is a new one."},
	{DEMO_NO_PICTURE,
	 "There is no picture to show just now. Try again in a moment."},
};

const char *demo_sentence(const char *word)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(sentences); i++)
		if (!strcmp(sentences[i].word, word))
			return sentences[i].text;
	return demo_sentence(DEMO_UNAVAILABLE);
}

static void put_pid(struct buf *out, const struct demo_page *page)
{
	buf_add_html(out, page->pid);
}

static void put_img(struct buf *out, const struct demo_page *page)
{
	if (!page->png.len) {
		buf_add_str(out, NO_PICTURE);
		return;
	}
	buf_add_str(out, "data:image/png;base64,");
	base64_add(out, page->png.ptr, page->png.len);
}

static void put_width(struct buf *out, const struct demo_page *page)
{
	buf_addf(out, "%lld", (long long)page->width_px);
}

static void put_height(struct buf *out, const struct demo_page *page)
{
	buf_addf(out, "%lld", (long long)page->height_px);
}

/* What the page asks for, in words. */
static const struct wording {
	const char *lead, *alt, *label, *hint;
} wordings[] = {
	[PUZZLE_TEXT] = {"Type the characters in the picture.",
				"Captcha: distorted characters to type",
				"Characters",
				"Upper or lower case, both work."},
	[PUZZLE_ARITHMETIC] = {"Work out the sum in the picture.",
				      "Captcha: a distorted sum to work out",
				      "Result",
				      "A number, in digits."},
	[PUZZLE_WORDS] = {"Type what you read in the picture.",
				 "Captcha: a distorted word to type",
				 "Word",
				 "Upper or lower case, both work."},
};

static const struct wording *wording_of(const struct demo_page *page)
{
	assert((unsigned)page->kind < CF_ARRAY_LEN(wordings));
	return &wordings[page->kind];
}

static void put_lead(struct buf *out, const struct demo_page *page)
{
	buf_add_html(out, str_from(wording_of(page)->lead));
}

static void put_alt(struct buf *out, const struct demo_page *page)
{
	buf_add_html(out, str_from(wording_of(page)->alt));
}

static void put_label(struct buf *out, const struct demo_page *page)
{
	buf_add_html(out, str_from(wording_of(page)->label));
}

static void put_hint(struct buf *out, const struct demo_page *page)
{
	buf_add_html(out, str_from(wording_of(page)->hint));
}

/* What an address ends with so that it asks for the same profile. */
static void put_query(struct buf *out, const struct demo_page *page)
{
	if (!page->profile[0])
		return;
	buf_add_str(out, "?profile=");
	buf_add_html(out, str_from(page->profile));
}

/* The same as a field of a form whose method is get. */
static void put_profile_field(struct buf *out, const struct demo_page *page)
{
	if (!page->profile[0])
		return;
	buf_add_str(out, "<input type=\"hidden\" name=\"profile\" value=\"");
	buf_add_html(out, str_from(page->profile));
	buf_add_str(out, "\">");
}

static void put_nonce(struct buf *out, const struct demo_page *page)
{
	buf_add_html(out, str_from(page->nonce));
}

static void put_message(struct buf *out, const struct demo_page *page)
{
	for (size_t i = 0; i < DEMO_MESSAGES_MAX && page->says[i]; i++) {
		if (i)
			buf_add_char(out, ' ');
		buf_add_html(out, str_from(demo_sentence(page->says[i])));
	}
}

static void put_message_class(struct buf *out, const struct demo_page *page)
{
	const char *word = page->says[0];

	if (word)
		buf_add_str(out, strcmp(word, DEMO_PASS) ? "bad" : "good");
	else
		buf_add_str(out, "none");
}

/* All sentences, for the script. */
static void put_sentences(struct buf *out, const struct demo_page *page)
{
	(void)page;
	for (size_t i = 0; i < CF_ARRAY_LEN(sentences); i++) {
		buf_addf(out, "%sdata-%s=\"", i ? " " : "", sentences[i].word);
		buf_add_html(out, str_from(sentences[i].text));
		buf_add_char(out, '"');
	}
}

static const struct mark {
	const char *name;
	void (*put)(struct buf *out, const struct demo_page *page);
} marks[] = {
	{"pid", put_pid},
	{"img", put_img},
	{"width", put_width},
	{"height", put_height},
	{"lead", put_lead},
	{"alt", put_alt},
	{"label", put_label},
	{"hint", put_hint},
	{"query", put_query},
	{"profile_field", put_profile_field},
	{"nonce", put_nonce},
	{"message", put_message},
	{"message_class", put_message_class},
	{"sentences", put_sentences},
};

static const struct mark *find_mark(struct str name)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(marks); i++)
		if (str_eq(name, marks[i].name))
			return &marks[i];
	return NULL;
}

void demo_render(struct buf *out, const struct demo_page *page)
{
	const char *at = demo_html;

	for (;;) {
		const char *open = strstr(at, "{{");
		const char *close = open ? strstr(open, "}}") : NULL;
		const struct mark *mark;

		if (!close)
			break;
		buf_add(out, at, (size_t)(open - at));
		mark = find_mark((struct str){open + 2,
					      (size_t)(close - open) - 2});
		assert(mark); /* the template has a mark of its own */
		if (mark)
			mark->put(out, page);
		at = close + 2;
	}
	buf_add(out, at, (size_t)(demo_html + demo_html_len - at));
}
