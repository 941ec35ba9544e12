/*
 * Plain CGI (RFC 3875): one request from the environment and standard input,
 * one response to standard output.
 */
#ifndef CF_SERVE_CGI_H
#define CF_SERVE_CGI_H

#include "http/http.h"

/* Whether this process was started as CGI. */
CF_MUST_CHECK
bool cgi_is_request(char *const *envp);

/* returns  CF_OK; CF_GONE when the response could not be written */
CF_MUST_CHECK
enum cf_status cgi_run(struct http *http, char *const *envp,
		       struct cf_error *err);

/* Answer 503: the service cannot start. The cause is in the log only. */
void cgi_refuse(void);

#endif
