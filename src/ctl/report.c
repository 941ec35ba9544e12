/*
 * Findings and remedies: see report.h. A remedy that is a command can be run as
 * it is printed, with the options that this command was given.
 */
#include "base/base.h"
#include "base/file.h"
#include "ctl/check.h"
#include "ctl/report.h"
#include "ctl/user.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <pwd.h>
#include <sys/stat.h>

enum {
	REMEDY_MAX_BYTES = 8192,
	/* files of the database that have data; the last one only keeps room
	 * for a full disk */
	DATA_FILES = REPORT_FILES - 1,
	LINE_BYTES = 3 * PATH_MAX,
};

static const char *const suffixes[REPORT_FILES] = {"", "-wal", "-shm",
						   "-spare"};

#define LET_NAME                                                              \
	"let the form's program send X-Forwarded-For with the visitor's "     \
	"address (http.md, In a form), and a web server before the service, " \
	"too (nginx: proxy_set_header X-Forwarded-For "                       \
	"$proxy_add_x_forwarded_for)"
#define TRY_NAMING                                                      \
	"; a try from this machine itself has no limit either: name a " \
	"visitor, curl -H 'X-Forwarded-For: 198.51.100.7'"

/*
 * {path}     the path of the finding
 * {mount}    where the file system of the path is mounted
 * {user}     the service's user
 * {options}  --config and --set, as they were given
 * {data}     the directory of the database
 * {files}    its files, each after a space
 * {database} those that a new database replaces
 * {file}     the settings file
 * {restart}  " && systemctl restart captcha-fcgi" where systemd runs the
 *            service: in its namespace a directory that is made anew is
 *            read-only until then
 */
static const struct remedy {
	bool needs_root;
	const char *text;
} remedies[CAUSE_COUNT] = {
	[CAUSE_TOLD] = {false, NULL},
	[CAUSE_MISSING] = {true, "captchactl init --user {user}{options}"
				 "{restart}"},
	[CAUSE_NO_DIRECTORY] = {true, "mv {path} {path}.aside && captchactl "
				      "init --user {user}{options}{restart}"},
	/* -h: the owner of a directory can put a link there in the meantime */
	[CAUSE_DATA_OWNER] = {true, "chown -h {user}: {data}{files}"},
	[CAUSE_CACHE_OWNER] = {true, "chown -hR {user}: {path}"},
	[CAUSE_MODE] = {false, "chmod u+rwX {path}"},
	[CAUSE_PRIVATE] = {false, "chmod 700 {path}"},
	[CAUSE_STRANGER] = {true, "captchactl check{options}"},
	[CAUSE_ROOTS] = {true, "captchactl check --user {user}{options}"},
	[CAUSE_SHUT] = {true, "chmod o+x {path}"},
	[CAUSE_SHUT_TO_OWNER] = {true, "captchactl check --user "
				       "root{options}, if the service runs as "
				       "root; else chmod o+x {path}"},
	[CAUSE_READ_ONLY] = {true, "mount -o remount,rw {mount}"},
	[CAUSE_ROOM] = {false, "remove files below {mount}, or name a "
			       "directory on another file system in {file}"},
	[CAUSE_DATA_ROOM] = {false, "make {mount} larger, or remove other "
				    "files there"},
	[CAUSE_CACHE_ROOM] = {false, "make {mount} larger, remove other files "
				     "there, or lower cache_max_bytes in "
				     "{file}"},
	[CAUSE_UNKNOWN_PATH] = {false, "name another directory in {file}"},
	[CAUSE_PICTURES] = {false, "correct words, words_blocked, ink or paper "
				   "in {file}; captchactl config shows the "
				   "values"},
	[CAUSE_FONT] = {false, "name a font file in the setting fonts, or "
			       "leave the setting out; captchactl fonts lists "
			       "what each font has"},
	[CAUSE_CACHE_FULL] = {false, "raise cache_max_bytes in {file}"},
	[CAUSE_POOL] = {true, "mv {path} {path}.aside && captchactl init "
			      "--user {user}{options}{restart}"},
	[CAUSE_CORRUPT] = {false, "rm -f{database}"},
	[CAUSE_TOO_NEW] = {false, "rm -f{database}"},
	[CAUSE_BUSY] = {false, "end the process that fuser -v {path} names "
			       "(apt-get install psmisc)"},
	[CAUSE_DATABASE] = {false, "see captchactl(1), DATABASE"},
	[CAUSE_STOPPED] = {true, "systemctl start captcha-fcgi"},
	[CAUSE_NO_CRON] = {true, "apt-get install cron"},
	[CAUSE_CRON_STOPPED] = {true, "service cron start"},
	[CAUSE_NO_CRONTAB] = {true, "systemctl enable --now captcha-fill.timer "
				    "captcha-clean.timer; without systemd, "
				    "copy cron/captcha-fcgi of the source to "
				    "/etc/cron.d"},
	[CAUSE_CRON_FAILS] = {true, "run the line of fill in "
				    "/etc/cron.d/captcha-fcgi by hand, and "
				    "look at its user and its error"},
	[CAUSE_NO_SYNTH] = {true, "apt-get install espeak-ng && captchactl "
				  "audio make{options}"},
	[CAUSE_SYNTH_LANG] = {false, "take it out of audio_languages in "
				     "{file}; captchactl(1), audio make, lists "
				     "the languages"},
	[CAUSE_NO_BANK] = {true, "captchactl audio make{options}"},
	[CAUSE_BANK] = {true, "rm -r {path} && captchactl audio "
			      "make{options}"},
	[CAUSE_NO_SOUND] = {false, "set audio = yes, and modes = picture "
				   "audio at the site"},
	[CAUSE_NOT_FORWARDED] = {false, LET_NAME TRY_NAMING},
	[CAUSE_NOT_TRUSTED] = {false, "set trusted_proxies = 127.0.0.1 ::1 in "
				      "{file}, and " LET_NAME TRY_NAMING},
};

/* --- the words of a remedy ------------------------------------------------ */

/* Append a word as a shell reads it. */
static void add_quoted(struct buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+=:@%,";

	if (word[0] && word[strspn(word, plain)] == '\0') {
		buf_add_str(out, word);
		return;
	}
	buf_add_char(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_add_str(out, "'\\''");
		else
			buf_add_char(out, *word);
	}
	buf_add_char(out, '\'');
}

void report_add_options(struct buf *out, const struct app_sources *sources)
{
	if (sources->config_path) {
		buf_add_str(out, " --config ");
		add_quoted(out, sources->config_path);
	}
	for (size_t i = 0; i < sources->n_sets; i++) {
		buf_add_str(out, " --set ");
		add_quoted(out, sources->sets[i]);
	}
}

/* Append the first n files of the database, each after a space. */
static void add_files(struct buf *out, const struct report *report, size_t n)
{
	char path[REPORT_PATH_BYTES];

	for (size_t i = 0; i < n; i++) {
		if (!report->has_file[i])
			continue;
		report_database_file(report->settings, i, path);
		buf_add_char(out, ' ');
		add_quoted(out, path);
	}
}

/* Whether something is mounted at a directory. Kernels before 5.8 know it only
 * where the file systems differ. */
static bool is_mount(const char *dir, const char *parent)
{
	struct stat here, above;
	struct statx st;

	if (!statx(AT_FDCWD, dir, 0, 0, &st) &&
	    st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	return !stat(dir, &here) && !stat(parent, &above) &&
	       here.st_dev != above.st_dev;
}

/* Append the directory at which the file system of a path is mounted. */
static void add_mount(struct buf *out, const char *path)
{
	char dir[PATH_MAX], parent[PATH_MAX];

	if (!realpath(path, dir))
		(void)snprintf(dir, sizeof(dir), "%s", path);
	file_parent(dir, parent, sizeof(parent));
	while (strcmp(dir, "/") && strcmp(dir, ".") && !is_mount(dir, parent)) {
		memcpy(dir, parent, sizeof(dir));
		file_parent(dir, parent, sizeof(parent));
	}
	add_quoted(out, dir);
}

static void add_fact(struct buf *out, const struct report *report,
		     const char *path, const char *name, size_t len)
{
	const struct settings *s = report->settings;
	const struct str fact = {name, len};
	char data[SETTINGS_PATH_BYTES];

	file_parent(s->database, data, sizeof(data));
	if (str_eq(fact, "path"))
		add_quoted(out, path);
	else if (str_eq(fact, "mount"))
		add_mount(out, path);
	else if (str_eq(fact, "user"))
		buf_add_str(out, report->user);
	else if (str_eq(fact, "options"))
		report_add_options(out, &report->args->sources);
	else if (str_eq(fact, "restart"))
		buf_add_str(out, ctl_has_unit(report)
					 ? " && systemctl restart captcha-fcgi"
					 : "");
	else if (str_eq(fact, "files"))
		add_files(out, report, REPORT_FILES);
	else if (str_eq(fact, "database"))
		add_files(out, report, DATA_FILES);
	else if (str_eq(fact, "data"))
		add_quoted(out, data);
	else
		buf_add_str(out, s->file[0] ? s->file : "the settings");
}

/* The length of the control character at the begin of UTF-8, 0 for another. */
static size_t control_bytes(const char *text)
{
	unsigned char c = (unsigned char)text[0];

	if (c < 0x20 || c == 0x7f)
		return c != '\0';
	return c == 0xc2 && (unsigned char)text[1] >= 0x80 &&
			       (unsigned char)text[1] < 0xa0
		       ? 2
		       : 0;
}

static bool has_control(const char *text)
{
	while (*text && !control_bytes(text))
		text++;
	return *text != '\0';
}

/* Print text with a '?' for each control character. Another user may have given
 * a file its name, and a line end in it would begin a finding or a remedy. */
static void CF_PRINTF(1, 0) put_text(const char *fmt, va_list args)
{
	char text[LINE_BYTES];

	(void)vsnprintf(text, sizeof(text), fmt, args);
	for (const char *c = text; *c; c++) {
		size_t n = control_bytes(c);

		(void)putchar(n ? '?' : *c);
		c += n ? n - 1 : 0;
	}
	(void)putchar('\n');
}

/* What to print of a remedy. */
static const char *remedy_text(const struct buf *remedy)
{
	if (remedy->failed || !remedy->ptr)
		return "(too long to print)";
	if (has_control(remedy->ptr))
		return "rename it: its name has control characters";
	return remedy->ptr;
}

/* Print the remedy of a cause. */
static void print_remedy(const struct report *report, enum cause cause,
			 const char *path)
{
	const char *text = remedies[cause].text;
	struct buf out;

	if (!text)
		return;
	buf_init(&out, REMEDY_MAX_BYTES);
	while (*text) {
		size_t len = strcspn(text, "{");

		buf_add(&out, text, len);
		text += len;
		if (!*text)
			break;
		text++;
		len = strcspn(text, "}");
		add_fact(&out, report, path, text, len);
		text += len + 1;
	}
	(void)printf("                  → %s%s\n",
		     remedies[cause].needs_root && !report->args->is_by_root
			     ? "as root: "
			     : "",
		     remedy_text(&out));
	buf_release(&out);
}

/* --- findings ------------------------------------------------------------- */

void report_database_file(const struct settings *settings, size_t i,
			  char path[REPORT_PATH_BYTES])
{
	(void)snprintf(path, REPORT_PATH_BYTES, "%s%s", settings->database,
		       suffixes[i]);
}

static const struct passwd *find_user(const struct ctl_args *args)
{
	static const char *const usual[] = {"_captcha-fcgi", "www-data"};
	const struct passwd *pw = NULL;

	for (size_t i = 0;
	     i < CF_ARRAY_LEN(usual) && !pw && geteuid() == 0 && !args->user;
	     i++)
		pw = getpwnam(usual[i]);
	return pw ? pw : getpwuid(geteuid());
}

/* Act as the service that runs. */
static enum cf_status act(const struct report *report, struct cf_error *err)
{
	const struct service *service = &report->service;
	const struct passwd *pw = NULL;

	if (!report->args->user && service->has_user && service->uid != 0)
		pw = getpwuid(service->uid);
	return pw ? user_become(pw, err)
		  : user_act(report->settings, report->args->user, err);
}

enum cf_status report_init(struct report *report,
			   const struct settings *settings,
			   const struct ctl_args *args, struct cf_error *err)
{
	char path[REPORT_PATH_BYTES];
	const struct passwd *pw;
	enum cf_status rc;

	*report = (struct report){.settings = settings, .args = args};
	for (size_t i = 0; i < REPORT_FILES; i++) {
		report_database_file(settings, i, path);
		report->has_file[i] = file_is_there(path);
	}
	service_find(settings, &report->service);
	rc = act(report, err);
	if (rc)
		return rc;
	pw = find_user(args);
	if (pw)
		(void)snprintf(report->user, sizeof(report->user), "%s",
			       pw->pw_name);
	else
		(void)snprintf(report->user, sizeof(report->user), "%ld",
			       (long)geteuid());
	return CF_OK;
}

static void CF_PRINTF(3, 0) print_line(const char *state, const char *what,
				       const char *fmt, va_list args)
{
	(void)printf("%-7s %-9s ", state, what);
	put_text(fmt, args);
}

void report_ok(const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line("ok", what, fmt, args);
	va_end(args);
}

void report_hint(struct report *report, enum cause cause, const char *fmt, ...)
{
	va_list args;

	(void)fputs("                  hint: ", stdout);
	va_start(args, fmt);
	put_text(fmt, args);
	va_end(args);
	print_remedy(report, cause, NULL);
}

void report_wrong(struct report *report, enum cause cause, const char *path,
		  const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line("WRONG", what, fmt, args);
	va_end(args);
	report->n_wrong++;
	print_remedy(report, cause, path);
}

void report_warn(struct report *report, enum cause cause, const char *path,
		 const char *what, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line("WARN", what, fmt, args);
	va_end(args);
	print_remedy(report, cause, path);
}

void report_advise(struct report *report, const char *remedy, const char *what,
		   const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line("WRONG", what, fmt, args);
	va_end(args);
	report->n_wrong++;
	(void)printf("                  → %s\n", remedy);
}
