/*
 * Writing sites: see site_file.h.
 */
#include "base/base.h"
#include "conf/site_file.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/sites.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define SECRET "secret"

enum {
	NAP_NS = 50 * 1000 * 1000,
	NAPS = 100 /* five seconds in all */
};

void site_file_entry(const uint8_t hash[SETTINGS_SECRET_HASH_BYTES],
		     char out[SITE_FILE_ENTRY_CHARS + 1])
{
	char *at = out + strlen(SITES_HASH_PREFIX);

	memcpy(out, SITES_HASH_PREFIX, strlen(SITES_HASH_PREFIX));
	for (size_t i = 0; i < SETTINGS_SECRET_HASH_BYTES; i++, at += 2)
		text_put_hex(at, (char)hash[i]);
	*at = '\0';
}

static bool is_implicit(const struct settings *settings)
{
	return settings->n_sites == 1 && !settings->sites[0]->n_secrets;
}

enum cf_status site_file_check(struct settings *settings, const char *name,
			       const struct site_value *values, size_t n,
			       struct cf_error *err)
{
	const struct conf_origin origin = {CONF_FROM_COMMAND_LINE, 0};
	struct conf_target target;
	enum cf_status rc;

	if (is_implicit(settings))
		mem_free(settings->sites[--settings->n_sites]);
	rc = site_add(settings, name, NULL, 0, &target, err);
	for (size_t i = 0; i < n && !rc; i++)
		rc = conf_set(&target, str_from(values[i].key), values[i].value,
			      origin, err);
	if (!rc)
		rc = site_check(settings, settings->n_sites - 1, err);
	if (rc != CF_CONFIG)
		return rc;
	err->status = CF_BAD_INPUT; /* the fault is the command line's */
	return CF_BAD_INPUT;
}

size_t site_file_hashes(
	const struct settings_site *site,
	uint8_t hashes[SETTINGS_SECRETS_MAX][SETTINGS_SECRET_HASH_BYTES])
{
	const char *rest = site->secret;
	struct str entry;
	size_t n = 0;

	while (n < SETTINGS_SECRETS_MAX && (entry = text_next_word(&rest)).len)
		n += !site_hash_secret(site, entry, hashes[n], NULL);
	return n;
}

bool site_file_is_environment(const struct settings_site *site)
{
	return !site->file ||
	       site_secret_origin(site)->source == CONF_FROM_ENVIRONMENT;
}

/* --- files ---------------------------------------------------------------- */

/* What a file gets. */
struct rights {
	mode_t mode;
	uid_t owner; /* -1: the writer's */
	gid_t group;
};

static enum cf_status fail(const char *what, const char *dir, const char *name,
			   struct cf_error *err)
{
	return cf_fail(err, CF_IO, "cannot %s %s/%s: %s", what, dir, name,
		       strerror(errno));
}

/* Write a temporary file, and move it to its name. is_new: unless the name is
 * taken. */
static enum cf_status write_file(int dir_fd, const char *dir, const char *name,
				 const struct buf *text,
				 const struct rights *rights, bool is_new,
				 struct cf_error *err)
{
	char temporary[SETTINGS_PATH_BYTES];
	bool is_done;
	int fd;

	(void)snprintf(temporary, sizeof(temporary), ".%.200s.%ld", name,
		       (long)getpid());
	fd = openat(dir_fd, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail("create", dir, temporary, err);
	is_done = !fchown(fd, rights->owner, rights->group) &&
		  !fchmod(fd, rights->mode) &&
		  file_write(fd, text->ptr, text->len) && !fsync(fd);
	is_done = !close(fd) && is_done;
	if (is_done && is_new)
		is_done = !linkat(dir_fd, temporary, dir_fd, name, 0);
	else if (is_done)
		is_done = !renameat(dir_fd, temporary, dir_fd, name);
	if (!is_done)
		(void)fail("write", dir, name, err);
	if (!is_done || is_new)
		(void)unlinkat(dir_fd, temporary, 0);
	return is_done ? CF_OK : CF_IO;
}

/* Open sites_dir, and make it first where it is missing. */
static enum cf_status open_dir(const char *dir, int *fd, struct cf_error *err)
{
	struct stat st;
	enum cf_status rc = CF_OK;

	if (!dir[0])
		return cf_fail(err, CF_IO,
			       "sites_dir is empty: name a "
			       "directory, or write the section into the "
			       "settings file");
	if (stat(dir, &st)) {
		rc = file_make_dirs(dir, 0755, err);
		/* its files have rights of their own */
		if (!rc && chmod(dir, 0755))
			rc = fail("set the mode of", dir, ".", err);
	}
	return rc ? rc : file_open_dir(AT_FDCWD, dir, false, fd, err);
}

enum cf_status site_file_write(const struct settings *settings,
			       const char *name,
			       const struct site_value *values, size_t n,
			       gid_t group, struct cf_error *err)
{
	const struct rights rights = {0640, (uid_t)-1, group};
	char file[SETTINGS_SITE_MAX_CHARS + sizeof(".conf")];
	struct buf text;
	enum cf_status rc;
	int fd;

	rc = open_dir(settings->sites_dir, &fd, err);
	if (rc)
		return rc;
	buf_init(&text, CONF_FILE_MAX_BYTES);
	buf_addf(&text, "[site %s]\n", name);
	for (size_t i = 0; i < n; i++)
		buf_addf(&text, "%s = %s\n", values[i].key, values[i].value);
	(void)snprintf(file, sizeof(file), "%s.conf", name);
	rc = buf_status(&text, err);
	if (!rc)
		rc = write_file(fd, settings->sites_dir, file, &text, &rights,
				true, err);
	buf_release(&text);
	(void)close(fd);
	return rc;
}

/* --- changing a section --------------------------------------------------- */

/* A file that has a section, and its text. */
struct edited {
	char dir[SETTINGS_PATH_BYTES + 256 + 1];
	const char *name;
	int dir_fd;
	struct rights rights;
	struct buf text;
};

/* Let one program at a time change the files of a directory. The lock ends with
 * the descriptor. Others may hold it for good, who can open the directory. */
static enum cf_status lock_dir(int fd, const char *dir, struct cf_error *err)
{
	static const struct timespec nap = {0, NAP_NS};

	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB); i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail("lock", dir, ".", err);
		if (i == NAPS)
			return cf_fail(err, CF_BUSY,
				       "%s: another program holds the lock",
				       dir);
		(void)nanosleep(&nap, NULL);
	}
	return CF_OK;
}

static enum cf_status edit_begin(struct edited *edited, const char *path,
				 struct cf_error *err)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	enum cf_status rc;

	file_parent(path, edited->dir, sizeof(edited->dir));
	edited->name = slash ? slash + 1 : path;
	buf_init(&edited->text, CONF_FILE_MAX_BYTES);
	rc = file_open_dir(AT_FDCWD, edited->dir, false, &edited->dir_fd, err);
	if (!rc)
		rc = lock_dir(edited->dir_fd, edited->dir, err);
	if (rc)
		return rc;
	if (fstatat(edited->dir_fd, edited->name, &st, AT_SYMLINK_NOFOLLOW))
		rc = fail("read", edited->dir, edited->name, err);
	else if (!S_ISREG(st.st_mode))
		rc = cf_fail(err, CF_IO,
			     "%s is no regular file: change the "
			     "file that it leads to",
			     path);
	else
		rc = file_load(edited->dir_fd, edited->name, &edited->text,
			       err);
	if (!rc)
		edited->rights = (struct rights){st.st_mode & 07777, st.st_uid,
						 st.st_gid};
	return rc;
}

static void edit_end(struct edited *edited)
{
	if (edited->dir_fd >= 0)
		(void)close(edited->dir_fd);
	buf_release(&edited->text);
}

/* Where a line begins, counted from 1; the end of the text for later lines. */
static size_t line_start(const struct buf *text, int line)
{
	size_t at = 0;

	while (--line > 0 && at < text->len) {
		const char *end = memchr(text->ptr + at, '\n', text->len - at);

		at = end ? (size_t)(end - text->ptr) + 1 : text->len;
	}
	return at;
}

/* The first character of a line that is no space; '\0' for an empty line. */
static char first_char(const struct buf *text, size_t at)
{
	while (at < text->len &&
	       (text->ptr[at] == ' ' || text->ptr[at] == '\t'))
		at++;
	return at < text->len && text->ptr[at] != '\n' && text->ptr[at] != '\r'
		       ? text->ptr[at]
		       : '\0';
}

static struct str line_at(const struct buf *text, int line)
{
	size_t at = line_start(text, line), end = line_start(text, line + 1);

	return at < end ? (struct str){text->ptr + at, end - at}
			: (struct str)STR_INIT;
}

/* The first line behind a section. */
static int section_end(const struct buf *text, const struct settings_site *site)
{
	int line = site->line + 1;

	while (line_start(text, line) < text->len &&
	       first_char(text, line_start(text, line)) != '[')
		line++;
	return line;
}

/* Whether the section begins where it did when the settings were read. */
static bool has_section(const struct buf *text,
			const struct settings_site *site)
{
	struct str line = str_trim(line_at(text, site->line));
	struct str head = str_trim(text_cut(&line, ']'));
	size_t n = strlen(site->name);

	return str_starts(head, "[") && str_ends(head, site->name) &&
	       strchr(" \t", head.ptr[head.len - n - 1]);
}

/* Whether it has the secret, or none, that it had then. */
static bool has_secret(const struct buf *text, const struct settings_site *site)
{
	int line = site_secret_origin(site)->line;
	struct str value;

	if (line) {
		value = line_at(text, line);
		(void)text_cut(&value, '=');
		value = str_trim(text_cut(&value, ';'));
		return str_eq(value, site->secret);
	}
	for (line = section_end(text, site) - 1; line > site->line; line--)
		if (str_starts(str_trim(line_at(text, line)), SECRET))
			return false;
	return true;
}

static enum cf_status refuse_changed(const struct edited *edited,
				     struct cf_error *err)
{
	return cf_fail(err, CF_BUSY, "%s/%s has changed meanwhile, and this "
		       "changed nothing: try again", edited->dir, edited->name);
}

/* Put a new text in the place of some lines, and write the file. */
static enum cf_status replace(struct edited *edited, size_t from, size_t to,
			      const char *lines, struct cf_error *err)
{
	const struct buf *old = &edited->text;
	struct buf text;
	enum cf_status rc;

	buf_init(&text, CONF_FILE_MAX_BYTES);
	buf_add(&text, old->ptr, from);
	if (from && old->ptr[from - 1] != '\n' && *lines)
		buf_add_char(&text, '\n');
	buf_add_str(&text, lines);
	buf_add(&text, old->ptr + to, old->len - to);
	rc = buf_status(&text, err);
	if (!rc)
		rc = write_file(edited->dir_fd, edited->dir, edited->name,
				&text, &edited->rights, false, err);
	buf_release(&text);
	return rc;
}

enum cf_status site_file_set_secret(const struct settings_site *site,
				    const char *value, struct cf_error *err)
{
	struct edited edited = {.dir_fd = -1};
	int line = site_secret_origin(site)->line;
	struct buf text;
	enum cf_status rc = edit_begin(&edited, site->file, err);

	buf_init(&text, SETTINGS_LIST_BYTES);
	buf_addf(&text, SECRET " = %s\n", value);
	if (!rc)
		rc = buf_status(&text, err);
	if (!rc && (!has_section(&edited.text, site) ||
		    !has_secret(&edited.text, site)))
		rc = refuse_changed(&edited, err);
	if (!rc) {
		/* without a line of its own it follows that of the section */
		int first = line ? line : site->line + 1;

		rc = replace(&edited, line_start(&edited.text, first),
			     line_start(&edited.text, first + (line != 0)),
			     text.ptr, err);
	}
	buf_release(&text);
	edit_end(&edited);
	return rc;
}

/* Whether nothing but comments stands outside of these lines. */
static bool has_rest(const struct buf *text, size_t from, size_t to)
{
	size_t at = 0;

	for (int line = 1; at < text->len; at = line_start(text, ++line)) {
		char first = first_char(text, at);

		if ((at < from || at >= to) && first && first != '#' &&
		    first != ';')
			return true;
	}
	return false;
}

enum cf_status site_file_remove(const struct settings *settings,
				const struct settings_site *site,
				struct cf_error *err)
{
	struct edited edited = {.dir_fd = -1};
	const struct buf *text = &edited.text;
	enum cf_status rc = edit_begin(&edited, site->file, err);
	size_t from, to;

	if (!rc && !has_section(text, site))
		rc = refuse_changed(&edited, err);
	if (rc)
		goto out;
	from = line_start(text, site->line);
	to = line_start(text, section_end(text, site));
	if (strcmp(edited.dir, settings->sites_dir) != 0 ||
	    has_rest(text, from, to))
		rc = replace(&edited, from, to, "", err);
	else if (unlinkat(edited.dir_fd, edited.name, 0))
		rc = fail("remove", edited.dir, edited.name, err);
out:
	edit_end(&edited);
	return rc;
}
