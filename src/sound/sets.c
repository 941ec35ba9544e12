/*
 * Sets: see sets.h.
 */
#include "base/base.h"
#include "sound/sets.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/day.h"
#include "base/file.h"

#define ENGLISH "en"

enum { COMPLAIN_EVERY_MS = 60 * 1000 };

/* A bank of a night. */
struct set {
	char night[DAY_BYTES];
	ino_t inode; /* another file of the same night is another bank */
	struct bank *bank;
};

/* The banks of a language, in order. */
struct lang {
	char tag[BANK_LANG_BYTES]; /* in lower case; "" at the end of all */
	int64_t next_look_mono_ms;
	int64_t next_complaint_mono_ms;
	struct set sets[SETS_KEPT];
	size_t n;
};

struct sets {
	const char *cache_dir;
	const struct log *log;
	struct clk clk;
	struct lang langs[SETS_LANGS_MAX];
};

struct sets *sets_new(const char *cache_dir, const struct log *log,
		      struct clk clk)
{
	struct sets *sets = mem_alloc(MEM_SOUND, 1, sizeof(*sets));

	if (sets) {
		sets->cache_dir = cache_dir;
		sets->log = log;
		sets->clk = clk;
	}
	return sets;
}

static void forget(struct lang *lang)
{
	for (size_t i = 0; i < lang->n; i++)
		bank_free(lang->sets[i].bank);
	lang->n = 0;
}

void sets_free(struct sets *sets)
{
	if (!sets)
		return;
	for (size_t i = 0; i < SETS_LANGS_MAX; i++)
		forget(&sets->langs[i]);
	mem_free(sets);
}

/* --- directories ---------------------------------------------------------- */

/* Keep the newest SETS_KEPT names, in order. */
static void note_night(struct lang *lang, const char *name)
{
	size_t i = lang->n;

	if (i == SETS_KEPT && strcmp(name, lang->sets[0].night) < 0)
		return;
	if (i == SETS_KEPT) {
		memmove(lang->sets, lang->sets + 1,
			(SETS_KEPT - 1) * sizeof(*lang->sets));
		i--;
	}
	for (; i > 0 && strcmp(name, lang->sets[i - 1].night) < 0; i--)
		lang->sets[i] = lang->sets[i - 1];
	lang->sets[i] = (struct set){.bank = NULL};
	memcpy(lang->sets[i].night, name, DAY_BYTES);
	lang->n += lang->n < SETS_KEPT;
}

bool sets_has_bank(int lang_fd, const char *night)
{
	char path[DAY_BYTES + sizeof("/" SETS_FILE)];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%.*s/" SETS_FILE,
		       (int)DAY_BYTES - 1, night);
	return !fstatat(lang_fd, path, &st, AT_SYMLINK_NOFOLLOW);
}

static void list_nights(int fd, struct lang *lang)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;

	if (!dir) {
		if (own >= 0)
			(void)close(own);
		return;
	}
	while ((entry = readdir(dir)))
		if (day_is(entry->d_name) && sets_has_bank(fd, entry->d_name))
			note_night(lang, entry->d_name);
	(void)closedir(dir);
}

/* Have the bank of a set: the one from before, or else its file. */
static enum cf_status load(struct set *set, struct lang *before, int lang_fd,
			   struct cf_error *err)
{
	enum cf_status rc;
	struct stat st;
	int fd;

	rc = file_open_dir(lang_fd, set->night, false, &fd, err);
	if (rc)
		return rc;
	if (fstatat(fd, SETS_FILE, &st, AT_SYMLINK_NOFOLLOW)) {
		rc = cf_fail(err, file_status(errno), "%s: %s", SETS_FILE,
			     strerror(errno));
	} else {
		set->inode = st.st_ino;
		for (size_t i = 0; i < before->n && !set->bank; i++) {
			struct set *old = &before->sets[i];

			if (old->inode != st.st_ino ||
			    strcmp(old->night, set->night) != 0)
				continue;
			set->bank = old->bank;
			old->bank = NULL;
		}
		if (!set->bank)
			rc = bank_map(fd, SETS_FILE, &set->bank, err);
	}
	(void)close(fd);
	return rc;
}

/* Read the directory of a language again. */
static void look(struct sets *sets, struct lang *lang, int lang_fd)
{
	int64_t now_mono_ms = clk_mono_ms(&sets->clk);
	struct lang before = *lang;
	size_t n = 0;

	lang->n = 0;
	list_nights(lang_fd, lang);
	for (size_t i = 0; i < lang->n; i++) {
		struct cf_error err = CF_ERROR_INIT, whole = CF_ERROR_INIT;
		struct set set = lang->sets[i];
		enum cf_status rc = load(&set, &before, lang_fd, &err);

		if (!rc) {
			lang->sets[n++] = set;
		} else if (rc != CF_NOT_FOUND && /* not being removed */
			   now_mono_ms >= before.next_complaint_mono_ms) {
			lang->next_complaint_mono_ms =
				now_mono_ms + COMPLAIN_EVERY_MS;
			errno = err.sys_errno;
			(void)cf_fail(&whole, rc,
				      "%s/" SETS_DIR "/%s/%s: %s; remove it, "
				      "or run captchactl audio make",
				      sets->cache_dir, lang->tag, set.night,
				      err.text);
			log_error(sets->log, LOG_LEVEL_WARN, "audio", &whole);
		}
	}
	lang->n = n;
	forget(&before);
}

/* The directory of a language; -1: there is none. Nothing is kept open: what is
 * removed and made again is found. */
static int open_lang(const struct sets *sets, const char *tag)
{
	const char *const names[] = {sets->cache_dir, SETS_DIR, tag};
	int fd = AT_FDCWD;

	for (size_t i = 0; i < CF_ARRAY_LEN(names); i++) {
		int above = fd;

		if (file_open_dir(above, names[i], false, &fd, NULL))
			fd = -1;
		if (above != AT_FDCWD)
			(void)close(above);
		if (fd < 0)
			break;
	}
	return fd;
}

/* The language of a tag with its banks; NULL: it has none. */
static struct lang *find_lang(struct sets *sets, const char *tag)
{
	int64_t now_mono_ms = clk_mono_ms(&sets->clk);
	struct lang *lang = sets->langs;
	int fd;

	while (lang < sets->langs + SETS_LANGS_MAX && lang->tag[0] &&
	       strcmp(lang->tag, tag) != 0)
		lang++;
	if (lang == sets->langs + SETS_LANGS_MAX)
		return NULL;
	if (lang->tag[0] && now_mono_ms < lang->next_look_mono_ms)
		return lang->n ? lang : NULL;
	fd = open_lang(sets, tag);
	if (fd < 0) {
		forget(lang);
		return NULL;
	}
	(void)snprintf(lang->tag, sizeof(lang->tag), "%s", tag);
	lang->next_look_mono_ms = now_mono_ms + SETS_LOOK_MS;
	look(sets, lang, fd);
	(void)close(fd);
	return lang->n ? lang : NULL;
}

/* --- choosing ------------------------------------------------------------- */

/* The bank of a language for pids of a moment. */
static const struct bank *choose(struct sets *sets, const char *tag,
				 int64_t unix_s)
{
	const struct lang *lang = find_lang(sets, tag);
	size_t i = lang ? lang->n : 0;

	while (i > 0 && bank_from_unix_s(lang->sets[i - 1].bank) > unix_s)
		i--;
	if (i)
		return lang->sets[i - 1].bank;
	if (!strcmp(tag, ENGLISH) && bank_built_in())
		return bank_built_in();
	return lang ? lang->sets[0].bank : NULL;
}

const struct bank *sets_find(struct sets *sets, struct str wanted,
			     const struct pid *pid)
{
	int64_t unix_s = pid_unix_ms(pid) / 1000;
	const struct bank *bank = NULL;
	char tag[BANK_LANG_BYTES];
	size_t n = 0;

	/* longer tags have their language in front, too */
	for (; n < wanted.len && n < sizeof(tag) - 1; n++) {
		unsigned char c = (unsigned char)wanted.ptr[n];

		if (!isalnum(c) && c != '-')
			break;
		tag[n] = (char)tolower(c);
	}
	tag[n] = '\0';
	if (n && n == wanted.len)
		bank = choose(sets, tag, unix_s);
	tag[strcspn(tag, "-")] = '\0';
	if (!bank && tag[0])
		bank = choose(sets, tag, unix_s);
	return bank ? bank : choose(sets, ENGLISH, unix_s);
}
