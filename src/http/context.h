/*
 * The arguments and results of handlers.
 *
 * http.c parses a request by the data of its route (route.h), spends the credit
 * of its limit, and calls the handler. The handler asks the challenge layer,
 * appends a body, and says in a struct reply how to answer. http.c writes the
 * response and the log.
 */
#ifndef CF_HTTP_CONTEXT_H
#define CF_HTTP_CONTEXT_H

#include "assets/assets.h"
#include "base/arena.h"
#include "base/clk.h"
#include "base/pid.h"
#include "http/fields.h"
#include "http/limit.h"
#include "http/notes.h"
#include "http/notice.h"
#include "http/page.h"
#include "http/range.h"
#include "http/response.h"
#include "http/visitor.h"

enum {
	HTTP_PID_LOGGED_CHARS = 6,
	HTTP_ISSUED_BYTES = 160,
};

/* The vendors whose words a client speaks. */
enum flavour {
	FLAVOUR_RECAPTCHA,
	FLAVOUR_HCAPTCHA,
	FLAVOUR_TURNSTILE,
	FLAVOURS
};

/* Outlives a request. */
struct context {
	struct challenge *challenge;
	const struct log *log;
	struct notes *notes;
	const char *public_url; /* the setting */
	struct clk clk;
	struct sites *sites;
	bool has_test_keys; /* the setting */
	/* of each profile: the end of the answer that issues a challenge. It
	 * never changes, so http_write_issued writes it once. */
	char issued[CHALLENGE_PROFILES_MAX][HTTP_ISSUED_BYTES];
};

/* A request, parsed as its route says. */
struct call {
	struct pid pid;	     /* from the path, where the route has one */
	enum flavour flavour; /* the route's */
	const struct net_addr *visitor;
	bool is_operator;    /* from this machine, or from metrics_allow */
	const struct http_request *req;
	struct fields query;
	struct fields body;
};

/* How to answer. After a failure only detail and notices are used. */
struct reply {
	struct buf *body; /* handlers append to it */
	struct buf *png;  /* empty at first; for pictures within the body */
	const char *type; /* Content-Type */
	enum cf_status status; /* its HTTP status and Retry-After are sent */
	bool has_no_length;    /* send no Content-Length */
	bool is_redirect; /* the body is an address: send the client there */
	/* a fixed sentence that tells the client the fault; NULL: the sentence
	 * of the status */
	const char *detail;
	const char *error_code; /* with detail; NULL: that of the route */
	struct str allow_origin; /* for CORS; empty: as the route says */
	/* of a route for boxes: the site, and the host of the page */
	const struct settings_site *site;
	struct str page_host;
	/* of the page that is shown in a frame: adds its headers; is_refused:
	 * 403, and there is no challenge */
	void (*add_headers)(struct response *res, const struct reply *reply);
	bool is_refused;
	struct str page_origin; /* of the page around; empty: not known */
	char wait[8];
	const struct assets_file *file; /* send it; the body is its bytes */
	/* send this sound, or what the range says of it, with this status; 0:
	 * there is none */
	int sound_status;
	struct challenge_sound sound;
	struct range range;
	char mark[CHALLENGE_MARK_CHARS + 3]; /* its ETag */
	/* the acts that follow spend no credit */
	bool is_unlimited;
	/* of a page: lets its own style and script run; else "" */
	char nonce[HTTP_NONCE_CHARS + 1];
	/* sentences for a page; NOTICE_NONE where there is none */
	enum notice notices[2];
	/* of a check, for the log; NULL and "" when nothing was verified */
	bool is_pass;
	bool is_by_sound; /* and passed by its digits */
	/* of an act with LIMIT_FAILED: refund the credit */
	bool is_free;
	/* of an act with LIMIT_ISSUE: it issued no challenge, so the same */
	bool is_unissued;
	const char *verdict;
	char verified_pid[HTTP_PID_LOGGED_CHARS + 1];
};

/*
 * err      filled when something failed: http.c logs it
 * returns  CF_OK when the reply is complete; else the status to refuse with
 */
typedef enum cf_status http_handler_fn(const struct context *ctx,
				       const struct call *call,
				       struct reply *reply,
				       struct cf_error *err);

/* Append a page that shows the reply's notices and no picture. */
typedef void http_apology_fn(const struct context *ctx,
			     const struct call *call, struct reply *reply);

http_handler_fn handle_get, handle_image, handle_check; /* api_native.c */
http_handler_fn handle_demo, handle_demo_head, handle_demo_check;
http_handler_fn handle_root;		       /* page_demo.c */
http_handler_fn handle_health, handle_metrics; /* ops.c */
http_handler_fn handle_file; /* files.c */
http_handler_fn handle_audio, handle_audio_body; /* audio.c */
http_handler_fn handle_siteverify, handle_checksiteconfig; /* siteverify.c */
http_handler_fn handle_box_page, handle_box_new, handle_box_answer,
	handle_box_next; /* box.c */
http_handler_fn handle_fallback, handle_fallback_check,
	handle_recaptcha_file; /* fallback.c */
http_handler_fn handle_frame;				/* frame.c */

/* Append the rest of an issued challenge, from a comma to the closing brace. */
void http_add_issued(const struct context *ctx, const struct profile *profile,
		     struct buf *body);

/* Make the picture that png has one for light pages, and add the same picture
 * for dark pages behind it. Empty without themes, or without memory. */
struct str http_add_dark(const struct profile *profile, struct buf *png);

/* Append a picture as a data: address. */
void http_add_picture(struct buf *body, const struct buf *png);

/* Append the member "error-codes". */
void http_add_error_codes(struct buf *body, const enum notice notices[2]);

/* Write ctx->issued for the profiles of ctx->challenge. */
void http_write_issued(struct context *ctx);

/* Append the demo page that shows the reply's notices and no picture. */
http_apology_fn demo_apologise;

/* The name of a profile, of the base too, as clients see it. */
const char *http_profile_name(const struct profile *profile);

/* CF_BAD_INPUT when addresses cannot be told: the web server gave a bad prefix,
 * and public_url does not replace it. */
CF_MUST_CHECK
enum cf_status http_check_prefix(const struct context *ctx,
				 const struct call *call, struct cf_error *err);

/* Append the address at which clients find the service, without a slash at its
 * end. After http_check_prefix. */
void http_add_address(const struct context *ctx, const struct call *call,
		      struct buf *body);

/* The status of a response when the challenge layer failed with rc: never one
 * that blames the client. */
enum cf_status http_own_fault(enum cf_status rc);

/* Check the answer of the body's fields, and put the outcome into notices,
 * is_pass, is_by_sound, verdict and verified_pid. *profile is the challenge's;
 * NULL when clients are not told. ways: bits of enum challenge_way */
enum { HTTP_ANY_WAY = CHALLENGE_BY_PICTURE | CHALLENGE_BY_SOUND };
CF_MUST_CHECK
enum cf_status http_check(const struct context *ctx, const struct fields *body,
			  unsigned ways, struct reply *reply,
			  const struct profile **profile, struct cf_error *err);

/* The second group is of the request that is served. */
struct http {
	const struct settings *settings;
	struct context ctx;
	struct arena *arena;
	struct limit *limit;
	struct net_list proxies;
	struct net_list metrics_allow;
	struct buf png;

	struct http_request req;
	struct visitor visitor;
	struct fields_reader reader;
	bool is_exempt; /* from limits */
	struct call call;
	struct reply reply;
	struct response res;
	struct cf_error err;
};

#endif
