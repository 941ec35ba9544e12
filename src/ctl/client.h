/*
 * An HTTP client for the operator's own service on the operator's own machine:
 * http only, a connection for each request, no redirects.
 *
 * client_parse, then any number of client_send.
 *
 * Layer: private to ctl.
 */
#ifndef CF_CTL_CLIENT_H
#define CF_CTL_CLIENT_H

#include "base/buf.h"

enum {
	CLIENT_URL_BYTES = 512,
	CLIENT_ANSWER_MAX_BYTES = 1024 * 1024,
	CLIENT_TIMEOUT_S = 30,
};

/* Where requests go: http://HOST[:PORT][PATH]. */
struct client {
	char host[CLIENT_URL_BYTES]; /* without brackets */
	char port[8];
	char path[CLIENT_URL_BYTES]; /* without a slash at its end */
};

/* CF_BAD_INPUT names what is wrong with the address. */
CF_MUST_CHECK
enum cf_status client_parse(const char *url, struct client *out,
			    struct cf_error *err);

/*
 * A request to the path and what is appended to it.
 *
 * form     sent as a form by POST; NULL for a GET
 * body     emptied, then filled with the answer's
 * status   of the answer
 * returns  CF_OK when there was an answer, whatever it was; CF_GONE when
 *          nobody answers there; CF_BAD_INPUT for what is not HTTP
 */
CF_MUST_CHECK
enum cf_status client_send(const struct client *client, const char *tail,
			   const char *form, struct buf *body, int *status,
			   struct cf_error *err);

#endif
