/*
 * The command line of captcha.fcgi.
 */
#ifndef CF_SERVE_OPTIONS_H
#define CF_SERVE_OPTIONS_H

#include "app/app.h"
#include "base/net.h"

enum { OPTIONS_SETS_MAX = 64 };

/* Strings are borrowed from argv. */
struct options {
	struct app_sources sources;
	const char *listen; /* NULL: the web server gives the socket */
	unsigned listen_mode;
	int n_workers;
	char *sets[OPTIONS_SETS_MAX];
};

/* false when the program is to end with *code: help was printed, or the
 * command line was wrong and that was said. */
CF_MUST_CHECK
bool options_parse(struct options *options, int argc, char **argv, int *code);

/*
 * The web servers that may connect to a TCP socket, as the environment variable
 * FCGI_WEB_SERVER_ADDRS names them: addresses, or blocks of them, separated by
 * commas.
 *
 * peers    list, or NULL when there is no such variable: those of this machine
 * returns  CF_OK; CF_CONFIG when an entry is wrong or there is none
 * source   FastCGI specification 1.0, 3.2
 */
CF_MUST_CHECK
enum cf_status options_peers(struct net_list *list,
			     const struct net_list **peers,
			     struct cf_error *err);

/* Tell somebody who started the program by hand what it is for; the exit
 * code. */
int options_explain(void);

#endif
