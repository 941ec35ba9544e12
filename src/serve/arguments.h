/*
 * The command line of captcha.fcgi.
 */
#ifndef CF_SERVE_ARGUMENTS_H
#define CF_SERVE_ARGUMENTS_H

#include "app/app.h"
#include "base/net.h"

enum { ARGUMENTS_SETS_MAX = 64 };

/* Strings are borrowed from argv. */
struct arguments {
	struct app_sources sources;
	const char *listen; /* NULL: the web server passes the socket */
	unsigned listen_mode;
	int n_workers;
	bool is_check; /* only try whether the service could start */
	char *sets[ARGUMENTS_SETS_MAX];
};

/* Parse the command line. false: help or an error message was printed, and the
 * program has to exit with *code. */
CF_MUST_CHECK
bool arguments_parse(struct arguments *arguments, int argc, char **argv,
		     int *code);

/*
 * Read which web servers may connect to a TCP socket from the environment
 * variable FCGI_WEB_SERVER_ADDRS: addresses or blocks, separated by commas.
 *
 * peers    list; NULL without the variable: only this machine may
 * returns  CF_OK; CF_CONFIG when an entry is wrong or the list is empty
 * source   FastCGI specification 1.0, 3.2
 */
CF_MUST_CHECK
enum cf_status arguments_peers(struct net_list *list,
			       const struct net_list **peers,
			       struct cf_error *err);

/* Tell a person who started the program by hand how to use it; returns the
 * exit code. */
int arguments_explain(void);

#endif
