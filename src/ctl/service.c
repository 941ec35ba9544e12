/*
 * Processes of the service: see service.h and proc(5). The settings of a
 * process are read again from its command line and its environment. The files
 * of a process belong to root where it lets nobody look into its memory, so its
 * user is read from /proc/PID/status.
 */
#include "base/base.h"
#include "base/file.h"
#include "ctl/proc.h"
#include "ctl/service.h"

#include <fcntl.h>
#include <sys/stat.h>

enum {
	WORDS_MAX = 512, /* of a command line or an environment */
	WORDS_BYTES = 128 * 1024,
	STATUS_BYTES = 16 * 1024,
	PATH_BYTES = 64,
	NUMBER_BYTES = 32, /* of a file with one number */
};

/* Words that a NUL ends each, with a NULL behind the last one. */
struct words {
	struct buf text;
	char *at[WORDS_MAX + 1];
	size_t n;
};

static bool load_words(const char *pid, const char *name, struct words *out)
{
	size_t i = 0;

	out->n = 0;
	buf_init(&out->text, WORDS_BYTES);
	if (!proc_load(pid, name, &out->text))
		return false;
	while (i < out->text.len && out->n < WORDS_MAX) {
		out->at[out->n++] = out->text.ptr + i;
		i += strlen(out->text.ptr + i) + 1;
	}
	out->at[out->n] = NULL;
	return i >= out->text.len;
}

/* The value of word *i, if the word is this option; else NULL. The value may be
 * the next word: then *i is moved there. */
static char *value_of(const struct words *words, size_t *i, char letter,
		      const char *name)
{
	char *word = words->at[*i];
	size_t len = strlen(name);

	if (word[0] != '-')
		return NULL;
	if (word[1] == letter && word[2])
		return word + 2;
	if (!strncmp(word, name, len) && word[len] == '=')
		return word + len + 1;
	if ((word[1] != letter || word[2]) && strcmp(word, name))
		return NULL;
	return *i + 1 < words->n ? words->at[++*i] : NULL;
}

/* Read the settings that a process has. The process of any user may name a pipe
 * or a device: what is named is looked at without opening it, and that same
 * file is read. */
static enum cf_status read_settings(struct settings *out, const char *named,
				    const struct words *env, char *const *sets,
				    size_t n_sets)
{
	char path[PATH_BYTES];
	enum cf_status rc = CF_CONFIG;
	struct stat st;
	int fd;

	if (!named || !strcmp(named, "/dev/null"))
		return settings_load(out, named, env->at, sets, n_sets, NULL);
	fd = open(named, O_PATH | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		rc = settings_load(out, path, env->at, sets, n_sets, NULL);
	}
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* Whether a command line and an environment name these directories. */
static bool names_dirs(const struct words *line, const struct words *env,
		       const struct settings *wanted)
{
	struct settings s;
	char *sets[WORDS_MAX];
	const char *config = NULL;
	size_t n_sets = 0;
	bool is_same;

	for (size_t i = 1; i < line->n; i++) {
		char *value = value_of(line, &i, 'c', "--config");

		if (value)
			config = value;
		else if ((value = value_of(line, &i, 's', "--set")))
			sets[n_sets++] = value;
	}
	settings_init(&s);
	is_same = !read_settings(&s, settings_named_file(config, env->at), env,
				 sets, n_sets) &&
		  !strcmp(s.cache_dir, wanted->cache_dir) &&
		  !strcmp(s.database, wanted->database);
	settings_release(&s);
	return is_same;
}

static bool has_dirs(const char *pid, const struct settings *wanted)
{
	struct words line, env;
	bool is_read = load_words(pid, "cmdline", &line);
	bool is_same;

	/* an empty environment is a file of no bytes */
	(void)load_words(pid, "environ", &env);
	is_same = is_read && names_dirs(&line, &env, wanted);
	buf_release(&line.text);
	buf_release(&env.text);
	return is_same;
}

static bool is_service(const char *pid)
{
	char name[PROC_NAME_BYTES];

	proc_name(pid, name);
	return !strcmp(name, "captcha.fcgi");
}

/* The effective user of a process that is no zombie. */
static bool find_uid(const char *pid, uid_t *uid)
{
	unsigned long real, effective;
	const char *line;
	struct buf text;
	bool is_found;

	buf_init(&text, STATUS_BYTES);
	is_found = proc_load(pid, "status", &text) &&
		   !strstr(text.ptr, "\nState:\tZ") &&
		   (line = strstr(text.ptr, "\nUid:")) &&
		   sscanf(line, "\nUid: %lu %lu", &real, &effective) == 2;
	if (is_found)
		*uid = (uid_t)effective;
	buf_release(&text);
	return is_found;
}

/* Only root can tell for the process of another user. */
static bool has_other_root(const char *pid)
{
	char path[PATH_BYTES];
	struct stat mine, other;

	proc_path(pid, "root", path, sizeof(path));
	return !stat("/", &mine) && !stat(path, &other) &&
	       (mine.st_dev != other.st_dev || mine.st_ino != other.st_ino);
}

/* Whether the user of a process is the one who logged in to start it. A daemon
 * has no such user, or that of an administrator (pam_loginuid(8)). */
static bool is_of_login(const char *pid, uid_t uid)
{
	struct buf text;
	bool is_one;

	buf_init(&text, NUMBER_BYTES);
	is_one = proc_load(pid, "loginuid", &text) &&
		 strtoul(text.ptr, NULL, 10) == uid;
	buf_release(&text);
	return is_one;
}

struct search {
	const struct settings *settings;
	struct service *out;
};

/* Always false: all processes are looked at. */
static bool look_at(const char *pid, void *ctx)
{
	const struct search *search = ctx;
	struct service *out = search->out;
	uid_t uid;

	if (!is_service(pid) || has_other_root(pid) || !find_uid(pid, &uid))
		return false;
	out->n_processes++;
	if ((out->has_user && (uid == 0 || uid == out->uid)) ||
	    (uid != 0 && is_of_login(pid, uid)) ||
	    !has_dirs(pid, search->settings))
		return false;
	out->has_more_users |= out->has_user && out->uid != 0;
	out->has_user = true;
	out->uid = uid;
	return false;
}

void service_find(const struct settings *settings, struct service *out)
{
	struct search search = {settings, out};

	*out = (struct service){.n_processes = 0};
	(void)proc_find(look_at, &search);
	out->has_user &= !out->has_more_users;
	if (!out->n_processes && !proc_shows_others())
		out->n_processes = -1;
}
