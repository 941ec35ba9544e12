/*
 * The command line of captcha.fcgi: see arguments.h.
 */
#include "base/base.h"
#include "serve/arguments.h"

#include "serve/prefork.h"

#include <getopt.h>

extern char **environ;

enum { EXIT_USAGE = 64 };

static const char help[] =
	"Usage: captcha.fcgi [OPTION]...\n"
	"Serve captchas: run by a web server as FastCGI or CGI, or by itself.\n"
	"\n"
	"  -c, --config FILE       settings file (captcha.conf(5))\n"
	"  -s, --set KEY=VALUE     a setting; wins over environment and file\n"
	"  -l, --listen SOCKET     keep worker processes alive, and listen on\n"
	"                          unix:/path, 127.0.0.1:9000, [::1]:9000, or\n"
	"                          systemd for the socket that systemd passes\n"
	"  -w, --workers N         with --listen: processes (default: cores)\n"
	"      --no-sandbox        do not shut the process in: allow it other\n"
	"                          files, programs and outgoing connections\n"
	"      --listen-mode MODE  of a socket file, in octal (default 0660)\n"
	"      --check             only try whether the service could start\n"
	"  -h, --help              this text\n"
	"  -V, --version           the version\n"
	"\n"
	"Signals: TERM, INT and USR1 end it after the request under way; HUP\n"
	"makes a --listen master read its settings again.\n"
	"\n"
	"Exit codes: 0 ended by a signal, or served its CGI request; 1 could not\n"
	"start or go on; 64 wrong command line; 78 wrong settings.\n"
	"\n"
	"captchactl(1) looks after an installation.\n";

static bool parse_number(const char *text, int base, long min, long max,
			 long *out)
{
	char *end;

	*out = strtol(text, &end, base);
	return end != text && !*end && *out >= min && *out <= max;
}

static bool refuse(const char *option, const char *value, const char *rule,
		   int *code)
{
	(void)fprintf(stderr, "captcha.fcgi: %s %s: must be %s\n", option,
		      value, rule);
	*code = EXIT_USAGE;
	return false;
}

static long n_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > PREFORK_WORKERS_MAX ? PREFORK_WORKERS_MAX : n;
}

/* Read one option. Returns as arguments_parse. */
static bool set_option(struct arguments *arguments, int option, int *code)
{
	long n;

	switch (option) {
	case 'c':
		arguments->sources.config_path = optarg;
		return true;
	case 's':
		if (arguments->sources.n_sets == ARGUMENTS_SETS_MAX)
			return refuse("--set", optarg, "given less often",
				      code);
		arguments->sets[arguments->sources.n_sets++] = optarg;
		return true;
	case 'l':
		arguments->listen = optarg;
		return true;
	case 'w':
		if (!parse_number(optarg, 10, 1, PREFORK_WORKERS_MAX, &n))
			return refuse("--workers", optarg, "1 to 256", code);
		arguments->n_workers = (int)n;
		return true;
	case 'm':
		if (!parse_number(optarg, 8, 0, 0777, &n))
			return refuse("--listen-mode", optarg, "0 to 777",
				      code);
		arguments->listen_mode = (unsigned)n;
		return true;
	case 'n':
		arguments->sources.has_no_sandbox = true;
		return true;
	case 't':
		arguments->is_check = true;
		return true;
	case 'h':
		(void)fputs(help, stdout);
		*code = 0;
		return false;
	case 'V':
		(void)puts(PACKAGE_NAME " " PACKAGE_VERSION);
		*code = 0;
		return false;
	default:
		(void)fputs("Try captcha.fcgi --help.\n", stderr);
		*code = EXIT_USAGE;
		return false;
	}
}

bool arguments_parse(struct arguments *arguments, int argc, char **argv,
		     int *code)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'},
		{"set", required_argument, NULL, 's'},
		{"listen", required_argument, NULL, 'l'},
		{"workers", required_argument, NULL, 'w'},
		{"listen-mode", required_argument, NULL, 'm'},
		{"no-sandbox", no_argument, NULL, 'n'},
		{"check", no_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int option;

	*arguments = (struct arguments){.listen_mode = 0660};
	arguments->sources.envp = environ;
	arguments->sources.sets = arguments->sets;
	arguments->sources.program = "captcha.fcgi";
	/* RFC 3875, 4.4: under CGI the command line may be words of the query,
	 * not the operator's */
	if (getenv("REQUEST_METHOD"))
		return true;
	while ((option = getopt_long(argc, argv, "c:s:l:w:hV", longs, NULL)) !=
	       -1)
		if (!set_option(arguments, option, code))
			return false;
	if (!arguments->n_workers)
		arguments->n_workers = (int)n_cores();
	if (optind == argc)
		return true;
	(void)fprintf(stderr, "captcha.fcgi: %s: takes no arguments\n",
		      argv[optind]);
	*code = EXIT_USAGE;
	return false;
}

enum cf_status arguments_peers(struct net_list *list,
			       const struct net_list **peers,
			       struct cf_error *err)
{
	static const char name[] = "FCGI_WEB_SERVER_ADDRS";
	const char *text = getenv(name);
	struct cf_error why = CF_ERROR_INIT;

	*peers = text ? list : NULL;
	if (!text)
		return CF_OK;
	if (net_list_parse(list, text, &why))
		return cf_fail(err, CF_CONFIG, "environment, %s: %s", name,
			       why.text);
	if (!list->n)
		return cf_fail(err, CF_CONFIG,
			       "environment, %s is empty: name the addresses "
			       "of the web servers, or unset it", name);
	return CF_OK;
}

int arguments_explain(void)
{
	(void)fputs("captcha.fcgi: started by hand: a web server runs this as "
		    "FastCGI or CGI.\n"
		    "To run it by itself give --listen; to look after it use "
		    "captchactl.\n"
		    "Try captcha.fcgi --help.\n", stderr);
	return EXIT_USAGE;
}
