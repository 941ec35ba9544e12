/*
 * The command line of captcha.fcgi.
 */
#ifndef CF_OPTIONS_H
#define CF_OPTIONS_H

#include "app/app.h"

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

/* Tell somebody who started the program by hand what it is for; the exit
 * code. */
int options_explain(void);

#endif
