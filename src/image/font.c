/*
 * Font files: see font.h. Looks for names only, without fontconfig, which
 * costs more start-up time than all the drawing of a CGI process; whether a
 * file is a font is found out by glyph.c.
 */
#include "base/base.h"
#include "image/font.h"

#include <dirent.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"

#ifndef CF_DATADIR
#define CF_DATADIR "/usr/share"
#endif

/* Our own directory: when it holds fonts, they are the ones. */
static const char own_dir[] = CF_DATADIR "/captcha-fcgi/fonts";

/* Debian, Arch, Fedora, Alpine and openSUSE, FreeBSD, and what an operator
 * put there himself. */
static const char *const usual_dirs[] = {
	"/usr/share/fonts/truetype/dejavu",
	"/usr/share/fonts/truetype/liberation2",
	"/usr/share/fonts/truetype/liberation",
	"/usr/share/fonts/truetype/freefont",
	"/usr/share/fonts/truetype",
	"/usr/share/fonts/TTF",
	"/usr/share/fonts/liberation",
	"/usr/share/fonts/dejavu",
	"/usr/share/fonts/dejavu-sans-fonts",
	"/usr/share/fonts/dejavu-serif-fonts",
	"/usr/share/fonts/dejavu-sans-mono-fonts",
	"/usr/share/fonts/liberation-sans",
	"/usr/share/fonts/liberation-serif",
	"/usr/share/fonts/liberation-mono",
	"/usr/share/fonts/gnu-free",
	"/usr/local/share/fonts/dejavu",
	"/usr/local/share/fonts/TTF",
	"/usr/local/share/fonts",
};

/* Bold faces first: thin strokes do not survive bending at this size. */
static const char *const usual_names[] = {
	"DejaVuSans-Bold.ttf",	   "DejaVuSerif-Bold.ttf",
	"DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf",
	"LiberationSans-Bold.ttf", "LiberationSerif-Bold.ttf",
	"LiberationMono-Bold.ttf", "FreeSerifBold.ttf",
	"FreeSansBold.ttf",	   "FreeMonoBold.ttf",
};

static enum cf_status list_add(struct font_list *list, const char *path,
			       struct cf_error *err)
{
	if (list->n == FONT_FACES_MAX)
		return cf_fail(err, CF_FONT,
			       "more than %d font files, the last one %s: name "
			       "fewer in `fonts`",
			       FONT_FACES_MAX, path);
	list->paths[list->n] = mem_strdup(MEM_FONT, path);
	if (!list->paths[list->n])
		return cf_fail(err, CF_NOMEM, "no memory for a font path");
	list->n++;
	return CF_OK;
}

void font_list_release(struct font_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		mem_free(list->paths[i]);
	list->n = 0;
}

static bool has_font_ending(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && (!strcasecmp(name + len - 4, ".ttf") ||
			   !strcasecmp(name + len - 4, ".otf"));
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool join(char path[FONT_PATH_BYTES], const char *dir, const char *name)
{
	int n = snprintf(path, FONT_PATH_BYTES, "%s/%s", dir, name);

	return n > 0 && n < FONT_PATH_BYTES;
}

/* Append the fonts of a directory, sorted; none is no fault. */
static enum cf_status list_add_dir(struct font_list *list, const char *dir,
				   struct cf_error *err)
{
	char path[FONT_PATH_BYTES];
	enum cf_status rc = CF_OK;
	size_t first = list->n;
	const struct dirent *entry;
	DIR *stream = opendir(dir);

	if (!stream)
		return cf_fail(err, CF_FONT, "fonts: open directory %s: %s",
			       dir, strerror(errno));
	while (!rc && (entry = readdir(stream))) {
		if (entry->d_name[0] == '.' || !has_font_ending(entry->d_name))
			continue;
		if (!join(path, dir, entry->d_name))
			rc = cf_fail(err, CF_FONT,
				     "fonts: a path below %s is "
				     "longer than %d bytes",
				     dir, FONT_PATH_BYTES - 1);
		else
			rc = list_add(list, path, err);
	}
	closedir(stream);
	qsort(list->paths + first, list->n - first, sizeof(*list->paths),
	      compare_paths);
	return rc;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* One entry of the setting. */
static enum cf_status list_add_named(struct font_list *list, const char *path,
				     struct cf_error *err)
{
	size_t before = list->n;
	enum cf_status rc;

	if (access(path, R_OK))
		return cf_fail(err, CF_FONT, "fonts: %s: %s", path,
			       strerror(errno));
	if (!is_dir(path))
		return list_add(list, path, err);
	rc = list_add_dir(list, path, err);
	if (!rc && list->n == before)
		return cf_fail(err, CF_FONT,
			       "fonts: no .ttf or .otf file in %s", path);
	return rc;
}

static enum cf_status find_named(struct font_list *list, const char *fonts,
				 struct cf_error *err)
{
	char path[FONT_PATH_BYTES];
	enum cf_status rc = CF_OK;
	size_t len;

	for (; !rc && *fonts; fonts += len + (fonts[len] == ':')) {
		len = strcspn(fonts, ":");
		if (len >= sizeof(path))
			return cf_fail(err, CF_FONT,
				       "fonts: a path is longer "
				       "than %d bytes",
				       FONT_PATH_BYTES - 1);
		if (!len)
			continue;
		memcpy(path, fonts, len);
		path[len] = '\0';
		rc = list_add_named(list, path, err);
	}
	if (!rc && !list->n)
		return cf_fail(err, CF_FONT, "fonts: names no file");
	return rc;
}

static enum cf_status find_usual(struct font_list *list, struct cf_error *err)
{
	char path[FONT_PATH_BYTES];
	enum cf_status rc = CF_OK;

	if (is_dir(own_dir) && !access(own_dir, R_OK))
		rc = list_add_dir(list, own_dir, err);
	if (rc || list->n)
		return rc;
	for (size_t i = 0; i < CF_ARRAY_LEN(usual_names); i++) {
		for (size_t k = 0; k < CF_ARRAY_LEN(usual_dirs); k++) {
			if (!join(path, usual_dirs[k], usual_names[i]) ||
			    access(path, R_OK))
				continue;
			rc = list_add(list, path, err);
			if (rc || list->n == FONT_DEFAULT_FACES)
				return rc;
			break; /* the same face of another place is no gain */
		}
	}
	if (list->n)
		return CF_OK;
	return cf_fail(err, CF_FONT,
		       "no font found: looked in %s, /usr/share/fonts/{"
		       "truetype/*,TTF,dejavu,liberation} and "
		       "/usr/local/share/fonts for %s and the like; install "
		       "fonts-dejavu-core or set `fonts`",
		       own_dir, usual_names[0]);
}

enum cf_status font_list_find(struct font_list *out, const char *fonts,
			      struct cf_error *err)
{
	assert(!out->n);
	return *fonts ? find_named(out, fonts, err) : find_usual(out, err);
}
