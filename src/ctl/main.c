/*
 * captchactl: main() finds the command, reads its options, opens the parts that
 * it needs, and turns its status into an exit code.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "ctl/ctl.h"
#include "ctl/report.h"
#include "ctl/user.h"

#include <getopt.h>
#include <sys/stat.h>

extern char **environ;

/* sysexits.h */
enum { EXIT_USAGE = 64, EXIT_TRY_AGAIN = 75, EXIT_SETTINGS = 78 };

enum {
	CARRY_ON = -1,	 /* no exit code */
	NAME_BYTES = 32, /* of program and command */
	ADVICE_MAX_BYTES = 8192,
};

static const struct ctl_command *const commands[] = {
	&ctl_init,  &ctl_check,	 &ctl_config, &ctl_fill,
	&ctl_clean, &ctl_render, &ctl_stats,
	&ctl_fonts, &ctl_audio,	 &ctl_answer, &ctl_site, &ctl_heapdiff,
	&ctl_assets,
};

static const struct option longs[] = {
	{"config", required_argument, NULL, 'c'},
	{"set", required_argument, NULL, 's'},
	{"user", required_argument, NULL, 'u'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{"count", required_argument, NULL, 'n'},
	{"out", required_argument, NULL, 'o'},
	{"seed", required_argument, NULL, 'S'},
	{"text", required_argument, NULL, 't'},
	{"profile", required_argument, NULL, 'p'},
	{"json", no_argument, NULL, 'j'},
	{"wait", no_argument, NULL, 'W'},
	{"watch", no_argument, NULL, 'H'},
	{"sample", no_argument, NULL, 'E'},
	{"man", no_argument, NULL, 'M'},
	{"fail-on-growth", required_argument, NULL, 'G'},
	{"sitekey", required_argument, NULL, 'k'},
	{"hostname", required_argument, NULL, 'N'},
	{"secret-stdin", no_argument, NULL, 'I'},
	{"secret", no_argument, NULL, 'x'},
	{"env", no_argument, NULL, 'e'},
	{"finish", no_argument, NULL, 'F'},
	{"production", no_argument, NULL, 'P'},
	{"lang", required_argument, NULL, 'l'},
	{"snr-db", required_argument, NULL, 'd'},
	{"bank", required_argument, NULL, 'b'},
	{"if-installed", no_argument, NULL, 'i'},
	{NULL, 0, NULL, 0},
};

static const char common_help[] =
	"\n"
	"Options of every command:\n"
	"  -c, --config FILE    settings file (captcha.conf(5))\n"
	"  -s, --set KEY=VALUE  a setting; wins over environment and file\n"
	"  -u, --user NAME      act as this user (root only); without it, root\n"
	"                       acts as the owner of cache_dir and database\n"
	"  -h, --help           this text\n"
	"  -V, --version        the version\n"
	"\n"
	"Exit codes: 0 done, 1 failed, 64 wrong command line, 75 the database "
	"is busy,\n78 wrong settings.\n";

static int print_help(void)
{
	(void)puts("Usage: captchactl COMMAND [OPTION]...\n"
		   "Look after an installation of captcha-fcgi.\n");
	for (size_t i = 0; i < CF_ARRAY_LEN(commands); i++)
		(void)printf("  %-10s %s\n", commands[i]->name,
			     commands[i]->summary);
	(void)fputs(common_help, stdout);
	(void)puts("\n`captchactl COMMAND --help` tells more.");
	return 0;
}

static int print_command_help(const struct ctl_command *command)
{
	(void)printf("Usage: captchactl %s [OPTION]...%s%s\n%s.\n\n%s",
		     command->name, command->words ? " " : "",
		     command->words ? command->words : "", command->summary,
		     command->help);
	(void)fputs(common_help, stdout);
	return 0;
}

static int print_version(void)
{
	(void)puts(PACKAGE_NAME " " PACKAGE_VERSION);
	return 0;
}

static int exit_code(enum cf_status status)
{
	if (status == CF_BUSY)
		return EXIT_TRY_AGAIN;
	if (status == CF_BAD_INPUT)
		return EXIT_USAGE;
	if (status == CF_CONFIG)
		return EXIT_SETTINGS;
	return status != CF_OK;
}

const char *ctl_option_name(char letter)
{
	const struct option *option = longs;

	while (option->val != letter)
		option++;
	return option->name;
}

enum cf_status ctl_print(struct buf *out, struct cf_error *err)
{
	enum cf_status rc = buf_status(out, err);

	if (!rc)
		(void)fwrite(out->ptr, 1, out->len, stdout);
	buf_release(out);
	return rc;
}

int64_t ctl_pool_size(const struct settings *settings)
{
	int64_t n = settings->base.pool_size;

	for (size_t i = 0; i < settings->n_sections; i++)
		n += settings->sections[i]->profile.pool_size;
	return n;
}

static int try_help(const char *command)
{
	(void)fprintf(stderr, "Try captchactl %s%s--help.\n", command,
		      command[0] ? " " : "");
	return EXIT_USAGE;
}

/* Print why a command line is wrong; returns the exit code. */
static int CF_PRINTF(2, 3)
	refuse(const struct ctl_command *command, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)fprintf(stderr, "captchactl %s: ", command->name);
	(void)vfprintf(stderr, fmt, args);
	(void)fputc('\n', stderr);
	va_end(args);
	return try_help(command->name);
}

/* Returns an exit code when the program is to end, else CARRY_ON. */
static int parse(struct ctl_args *args, const struct ctl_command *command,
		 int argc, char **argv)
{
	size_t n_given = 0;
	int option;

	while ((option = getopt_long(argc, argv, "c:s:u:hV", longs, NULL)) !=
	       -1) {
		if (!strchr("csuhV?", option) &&
		    !strchr(command->options, option))
			return refuse(command, "takes no option %s",
				      argv[optind - 1]);
		if (strchr(command->options, option) &&
		    n_given < sizeof(args->given) - 1)
			args->given[n_given++] = (char)option;
		switch (option) {
		case 'c': args->sources.config_path = optarg; break;
		case 's':
			if (args->sources.n_sets == CTL_SETS_MAX)
				return refuse(command,
					      "more than %d times --set",
					      CTL_SETS_MAX);
			args->sets[args->sources.n_sets++] = optarg;
			break;
		case 'u': args->user = optarg; break;
		case 'n': args->count = optarg; break;
		case 'o': args->out = optarg; break;
		case 'S': args->seed = optarg; break;
		case 't': args->text = optarg; break;
		case 'p': args->profile = optarg; break;
		case 'j': args->json = true; break;
		case 'W': args->wait = true; break;
		case 'H': args->watch = true; break;
		case 'E': args->sample = true; break;
		case 'M': args->man = true; break;
		case 'G': args->fail_on_growth = optarg; break;
		case 'k': args->sitekey = optarg; break;
		case 'N':
			if (args->n_hostnames == CTL_HOSTNAMES_MAX)
				return refuse(command,
					      "more than %d times --hostname",
					      CTL_HOSTNAMES_MAX);
			args->hostnames[args->n_hostnames++] = optarg;
			break;
		case 'I': args->secret_stdin = true; break;
		case 'x': args->secret = true; break;
		case 'e': args->env = true; break;
		case 'F': args->finish = true; break;
		case 'P': args->production = true; break;
		case 'l':
			if (args->n_langs == CTL_LANGS_MAX)
				return refuse(command,
					      "more than %d times --lang",
					      CTL_LANGS_MAX);
			args->langs[args->n_langs++] = optarg;
			break;
		case 'd': args->snr_db = optarg; break;
		case 'b': args->bank = optarg; break;
		case 'i': args->if_installed = true; break;
		case 'h': return print_command_help(command);
		case 'V': return print_version();
		default: return try_help(command->name);
		}
	}
	args->words = argv + optind;
	args->n_words = (size_t)(argc - optind);
	if (args->n_words > command->n_words_max)
		return refuse(command, "%s: takes no %sarguments",
			      args->words[command->n_words_max],
			      command->n_words_max ? "more " : "");
	return CARRY_ON;
}

/* Print why a command failed. Where root acts as another user, whom the system
 * refuses something, say as whom, and what finds the cause. */
static void print_error(const struct ctl_command *command,
			const struct ctl_args *args, const struct cf_error *err)
{
	struct buf advice;

	buf_init(&advice, ADVICE_MAX_BYTES);
	if (err->sys_errno == EACCES && args->is_by_root && geteuid() != 0 &&
	    !command->is_anybodys) {
		char user[USER_NAME_BYTES];

		buf_add_str(&advice, ", as ");
		buf_add_str(&advice, user_name(geteuid(), user));
		buf_add_str(&advice,
			    args->user ? "" : ", the owner of cache_dir; give "
					      "--user root if the service "
					      "runs as root");
		buf_add_str(&advice, " → captchactl check --user ");
		buf_add_str(&advice, user);
		report_add_options(&advice, &args->sources);
	}
	(void)fprintf(stderr, "captchactl %s: %s%s\n", command->name,
		      err->text, advice.len ? advice.ptr : "");
	buf_release(&advice);
}

static int run(const struct ctl_command *command, struct ctl_args *args)
{
	struct cf_error err = CF_ERROR_INIT;
	struct app app;
	enum cf_status rc;

	args->sources.leaves_sites = command->leaves_sites;
	rc = app_load(&app, &args->sources, &err);
	if (!rc && !command->becomes_user &&
	    (args->user || !command->is_anybodys))
		rc = user_act(&app.settings, args->user, &err);
	if (!rc && command->needs_app)
		rc = app_open(&app, APP_TOOL, &err);
	if (!rc)
		rc = command->run(&app, args, &err);
	app_close(&app);
	if (rc && err.text[0])
		print_error(command, args, &err);
	if ((fflush(stdout) || ferror(stdout)) && !rc) {
		(void)fprintf(stderr, "captchactl %s: cannot write all to "
			      "standard output: is its disk full?\n",
			      command->name);
		return 1;
	}
	return exit_code(rc);
}

static const struct ctl_command *find_command(const char *name)
{
	for (size_t i = 0; i < CF_ARRAY_LEN(commands); i++)
		if (!strcmp(name, commands[i]->name))
			return commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	struct ctl_args args = {.sources = {.envp = environ,
					    .program = "captchactl",
					    .is_for_person = true}};
	const char *name = argc < 2 ? "" : argv[1];
	char full_name[NAME_BYTES];
	const struct ctl_command *command = find_command(name);
	int code;

	args.sources.sets = args.sets;
	args.is_by_root = geteuid() == 0;
	(void)umask(077);
	if (argc < 2) {
		(void)print_help();
		return EXIT_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") ||
	    !strcmp(name, "help"))
		return print_help();
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		return print_version();
	if (!command) {
		(void)fprintf(stderr, "captchactl: %s: no such command\n",
			      name);
		return try_help("");
	}
	/* getopt_long(3) begins its messages with it */
	(void)snprintf(full_name, sizeof(full_name), "captchactl %s", name);
	argv[1] = full_name;
	code = parse(&args, command, argc - 1, argv + 1);
	return code == CARRY_ON ? run(command, &args) : code;
}
