/*
 * What one request works on, and the handlers of the routes.
 */
#ifndef CF_HTTP_HANDLERS_H
#define CF_HTTP_HANDLERS_H

#include "base/arena.h"
#include "base/log.h"
#include "http/http.h"
#include "http/limit.h"
#include "http/notes.h"
#include "http/request.h"
#include "http/response.h"
#include "http/visitor.h"

enum { HTTP_PID_LOGGED_CHARS = 6 };

/* The first group lasts; the rest is of the request being served. */
struct http {
	const struct settings *settings;
	struct challenge *challenge;
	const struct log *log;
	struct arena *arena;
	struct notes *notes;
	struct limit *limit;
	struct net_list proxies;
	struct net_list metrics_allow;
	struct buf png;

	struct http_request req;
	struct visitor visitor;
	struct response res;
	struct cf_error err;
	http_read_fn *read_fn;
	void *read_ctx;
	struct pid pid; /* of the path, where the route has one */
	/* For the log; empty when nothing was verified. */
	const char *verdict;
	char verified_pid[HTTP_PID_LOGGED_CHARS + 1];
};

/*
 * A handler looks at http->req, makes http->res up to response_end, and
 * leaves err filled when it answers 400 or more because of something that
 * failed: the caller logs it.
 */
typedef void http_handler_fn(struct http *http, struct cf_error *err);

http_handler_fn handle_get;
http_handler_fn handle_image;
http_handler_fn handle_check;
http_handler_fn handle_demo;
http_handler_fn handle_health;
http_handler_fn handle_metrics; /* metrics.c */

/* Whether the request is of this machine itself, or of whom metrics_allow
 * names: they are told what others are not. */
bool http_is_for_operator(const struct http *http);

/* A profile's name as clients see it; of the base, too. */
const char *http_profile_name(const struct profile *profile);

#endif
