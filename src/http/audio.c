/*
 * GET and HEAD /audio/<pid>.wav: see audio.h. A page of a site gets no pid, but
 * an address with a pid that is sealed for this route alone. Only a site with
 * sound gives such an address, so whoever has it may hear the sound. A pid that
 * is sealed for a site, to answer it there, is of no use here.
 *
 * A sound is found first, and mixed only if its bytes are sent. The first act
 * spends no credit: it is for requests without a body, and for a player that
 * goes on in a sound.
 */
#include "base/base.h"
#include "http/audio.h"

#include "base/text.h"
#include "http/box.h"
#include "http/files.h"

#define FOLDER "audio/"

enum {
	/* a player goes on from here: two seconds, behind the first digit. From
	 * nearer to the beginning the whole sound would cost nothing */
	GOES_ON_BYTES = 64044,
};

void audio_add_path(struct buf *body, const char *id, struct str language)
{
	buf_addf(body, "/" FOLDER "%s.wav", id);
	if (text_is_tag(language))
		buf_addf(body, "?hl=%.*s", (int)language.len, language.ptr);
}

/* The pid of the address; CF_NOT_FOUND when it was not sealed for it. */
static enum cf_status find_pid(const struct context *ctx,
			       const struct call *call, struct reply *reply,
			       struct pid *pid, struct cf_error *err)
{
	struct str sealed = {call->req->path.ptr + strlen(FOLDER),
			     BOX_SEALED_CHARS};
	enum cf_status rc;
	bool is_sealed;

	*pid = call->pid;
	if (pid->text[0])
		return CF_OK;
	rc = box_unseal(ctx, AUDIO_SEAL, sealed, pid, &is_sealed, err);
	if (rc)
		return rc;
	if (!is_sealed)
		return cf_fail(err, CF_NOT_FOUND, "not sealed for a sound");
	reply->allow_origin = call->req->origin;
	return CF_OK;
}

/* What is sent of the sound. */
static void choose_part(const struct call *call, struct reply *reply)
{
	const struct http_request *req = call->req;
	const struct challenge_sound *sound = &reply->sound;
	bool is_get = req->method == REQUEST_GET;

	(void)snprintf(reply->mark, sizeof(reply->mark), "\"%s\"", sound->mark);
	reply->range = range_find(is_get ? req->range : (struct str)STR_INIT,
				  req->if_range, reply->mark, sound->n_bytes);
	if (files_have_mark(req->if_none_match, reply->mark))
		reply->sound_status = 304;
	else if (reply->range.kind == RANGE_BEYOND)
		reply->sound_status = 416;
	else
		reply->sound_status = reply->range.kind == RANGE_PART ? 206
								      : 200;
	reply->is_unlimited = reply->sound_status == 304 ||
			      reply->range.kind == RANGE_BEYOND ||
			      reply->range.first >= GOES_ON_BYTES;
}

enum cf_status handle_audio(const struct context *ctx, const struct call *call,
			    struct reply *reply, struct cf_error *err)
{
	struct str language = call->query.hl.len ? call->query.hl
						 : call->query.language;
	struct pid pid;
	enum cf_status rc = find_pid(ctx, call, reply, &pid, err);

	if (!rc)
		rc = challenge_find_sound(ctx->challenge, &pid, language,
					  &reply->sound, err);
	if (!rc)
		choose_part(call, reply);
	return rc == CF_NOT_FOUND ? rc : http_own_fault(rc);
}

enum cf_status handle_audio_body(const struct context *ctx,
				 const struct call *call, struct reply *reply,
				 struct cf_error *err)
{
	const struct range *range = &reply->range;
	struct buf *body = reply->body;
	enum cf_status rc;

	(void)call;
	if (reply->sound_status >= 300)
		return CF_OK;
	rc = challenge_mix_sound(ctx->challenge, &reply->sound, body, err);
	if (rc)
		return http_own_fault(rc);
	memmove(body->ptr, body->ptr + range->first, range->n_bytes);
	buf_truncate(body, range->n_bytes);
	return CF_OK;
}

void audio_write(struct response *res, const struct reply *reply)
{
	const struct range *range = &reply->range;
	size_t n_bytes = reply->sound.n_bytes;
	int status = reply->sound_status;
	char cache[64], part[80];

	if (status == 416) {
		response_refuse(res, status, "The sound has no such bytes.");
		(void)snprintf(part, sizeof(part), "bytes */%zu", n_bytes);
		response_add_header(res, "Content-Range", str_from(part));
		return;
	}
	(void)snprintf(cache, sizeof(cache),
		       "private, no-transform, max-age=%lld",
		       (long long)reply->sound.left_s);
	res->cache = cache;
	response_begin(res, status, status == 304 ? NULL : "audio/wav");
	res->cache = NULL;
	response_add_header(res, "ETag", str_from(reply->mark));
	response_add_header(res, "Accept-Ranges", STR_LIT("bytes"));
	response_add_header(res, "Cross-Origin-Resource-Policy",
			    STR_LIT("cross-origin"));
	res->has_no_length = status == 304;
	if (res->is_head)
		res->n_left_out = n_bytes;
	if (status != 206)
		return;
	(void)snprintf(part, sizeof(part), "bytes %zu-%zu/%zu", range->first,
		       range->first + range->n_bytes - 1, n_bytes);
	response_add_header(res, "Content-Range", str_from(part));
}
