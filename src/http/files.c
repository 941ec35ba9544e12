/*
 * Files for browsers: see files.h. The bytes depend on the version of the
 * program alone.
 */
#include "base/base.h"
#include "http/files.h"

#include "base/text.h"
#include "http/context.h"

/* Pages name the element without a version: an update reaches them in minutes.
 * The address of a versioned file changes with its bytes. */
#define CACHE_SHORT "public, max-age=300, stale-while-revalidate=86400"
#define CACHE_LONG  "public, max-age=31536000, immutable"

enum {
	MARK_BYTES = 32 /* of an ETag, with quotes */
};

enum cf_status handle_file(const struct context *ctx, const struct call *call,
			   struct reply *reply, struct cf_error *err)
{
	(void)ctx;
	reply->file = assets_find(call->req->path);
	if (!reply->file)
		return cf_fail(err, CF_NOT_FOUND, "no such file");
	return CF_OK;
}

/* Accept-Encoding: RFC 9110 section 12.5.3. */
static bool accepts_gzip(struct str list)
{
	while (list.len) {
		int weight;
		struct str coding = text_cut_weighed(&list, &weight);

		if (str_eq_nocase(coding, "gzip"))
			return weight > 0;
	}
	return false;
}

bool files_have_mark(struct str list, const char *mark)
{
	while (list.len) {
		struct str tag = str_trim(text_cut(&list, ','));

		if (str_starts(tag, "W/"))
			tag = (struct str){tag.ptr + 2, tag.len - 2};
		if (str_eq(tag, mark) || str_eq(tag, "*"))
			return true;
	}
	return false;
}

void files_write(struct response *res, const struct http_request *req,
		 const struct assets_file *file)
{
	bool is_gzip = accepts_gzip(req->accept_encoding);
	struct str bytes = is_gzip ? file->gzip : file->plain;
	char mark[MARK_BYTES];
	bool is_same;

	(void)snprintf(mark, sizeof(mark), "\"%s%s\"", file->mark,
		       is_gzip ? "-gzip" : "");
	is_same = files_have_mark(req->if_none_match, mark);
	res->cache = file->is_versioned ? CACHE_LONG : CACHE_SHORT;
	response_begin(res, is_same ? 304 : 200, is_same ? NULL : file->type);
	response_add_header(res, "ETag", str_from(mark));
	response_add_header(res, "Vary", STR_LIT("Accept-Encoding"));
	response_add_header(res, "Access-Control-Allow-Origin", STR_LIT("*"));
	response_add_header(res, "Cross-Origin-Resource-Policy",
			    STR_LIT("cross-origin"));
	res->has_no_length = is_same;
	if (is_same)
		return;
	if (is_gzip)
		response_add_header(res, "Content-Encoding", STR_LIT("gzip"));
	buf_add(&res->body, bytes.ptr, bytes.len);
}
