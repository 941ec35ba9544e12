/*
 * Templates: see page.h.
 */
#include "base/base.h"
#include "http/page.h"

#include "base/base64.h"
#include "base/crypt.h"

static void add_png(struct buf *out, struct str png)
{
	buf_add_str(out, "data:image/png;base64,");
	base64_add(out, png.ptr, png.len);
}

static void add_value(struct buf *out, const struct page_mark *mark)
{
	switch (mark->kind) {
	case PAGE_HTML:
		buf_add(out, mark->value.ptr, mark->value.len);
		break;
	case PAGE_PNG:
		add_png(out, mark->value);
		break;
	case PAGE_DARK:
		if (!mark->value.len)
			break;
		buf_add_str(out, "<source media=\"(prefers-color-scheme: dark)"
				 "\" srcset=\"");
		add_png(out, mark->value);
		buf_add_str(out, "\">");
		break;
	case PAGE_NUMBER:
		buf_add_number(out, mark->number);
		break;
	case PAGE_TEXT:
	default:
		buf_add_html(out, mark->value);
		break;
	}
}

static void add_named(struct buf *out, struct str name,
		      const struct page_mark *marks, size_t n_marks)
{
	size_t i = 0;

	while (i < n_marks && !str_eq(name, marks[i].name))
		i++;
	assert(i < n_marks); /* the template is the program's own */
	if (i < n_marks)
		add_value(out, &marks[i]);
}

void page_render(struct buf *out, struct str page,
		 const struct page_mark *marks, size_t n_marks)
{
	while (page.len) {
		const char *open = memmem(page.ptr, page.len, "{{", 2);
		size_t n = open ? (size_t)(open - page.ptr) : page.len;
		const char *close = memmem(page.ptr + n, page.len - n, "}}", 2);

		if (!open || !close) {
			buf_add(out, page.ptr, page.len);
			return;
		}
		buf_add(out, page.ptr, n);
		add_named(out,
			  (struct str){open + 2, (size_t)(close - open) - 2},
			  marks, n_marks);
		n = (size_t)(close - page.ptr) + 2;
		page.ptr += n;
		page.len -= n;
	}
}

const char *page_name(char out[PAGE_NAMED_BYTES], const char *text,
		      struct str name)
{
	const char *mark = strstr(text, "{n}");

	if (!mark)
		return text;
	(void)snprintf(out, PAGE_NAMED_BYTES, "%.*s%.*s%s",
		       (int)(mark - text), text,
		       name.len > 128 ? 128 : (int)name.len, name.ptr,
		       mark + strlen("{n}"));
	return out;
}

void page_make_nonce(char out[HTTP_NONCE_CHARS + 1])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789";

	crypt_random_text(out, HTTP_NONCE_CHARS, alphabet,
			  sizeof(alphabet) - 1);
	out[HTTP_NONCE_CHARS] = '\0';
}

void page_add_headers(struct response *res, const char *nonce)
{
	char policy[512];
	int n = snprintf(policy, sizeof(policy),
			 "default-src 'none'; img-src 'self' data:; "
			 "style-src 'nonce-%s'; script-src 'nonce-%s'; "
			 "connect-src 'self'; media-src 'self'; "
			 "form-action 'self'; "
			 "frame-ancestors 'none'; base-uri 'none'",
			 nonce, nonce);

	assert(n > 0 && (size_t)n < sizeof(policy));
	response_add_header(res, "Content-Security-Policy",
			    (struct str){policy, (size_t)n});
	response_add_header(res, "Referrer-Policy", STR_LIT("same-origin"));
}
