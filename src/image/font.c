/*
 * Fonts: see font.h. Looks for names only, without fontconfig, which costs
 * more start-up time than all the drawing of a CGI process; whether a file is
 * a font is found out by glyph.c. The bytes of built-in faces are not touched
 * here: a process that draws nothing never reads them from the disk.
 */
#include "base/base.h"
#include "image/font.h"

#include <dirent.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { CYRILLIC_MAX = 0x052f }; /* Latin and Greek stand before it */

#ifndef CF_DATADIR
#define CF_DATADIR "/usr/share"
#endif

/* Our own directory: when it holds fonts, they are the ones. */
static const char own_dir[] = CF_DATADIR "/captcha-fcgi/fonts";

static const char built_in[] = "built-in:"; /* before the name of a face */

/* Debian, Arch, Fedora, Alpine and openSUSE, FreeBSD, and what an operator
 * put there himself. */
static const char *const alphabetic_dirs[] = {
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
	NULL,
};

/* Bold faces first: thin strokes do not survive bending at this size. */
static const char *const alphabetic_names[] = {
	"DejaVuSans-Bold.ttf",	   "DejaVuSerif-Bold.ttf",
	"DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf",
	"LiberationSans-Bold.ttf", "LiberationSerif-Bold.ttf",
	"LiberationMono-Bold.ttf", "FreeSerifBold.ttf",
	"FreeSansBold.ttf",	   "FreeMonoBold.ttf",
	NULL,
};

static const char *const han_dirs[] = {
	"/usr/share/fonts/opentype/noto",
	"/usr/share/fonts/truetype/wqy",
	"/usr/share/fonts/truetype/droid",
	"/usr/share/fonts/noto-cjk",
	"/usr/share/fonts/google-noto-sans-cjk-fonts",
	"/usr/share/fonts/google-noto-serif-cjk-fonts",
	"/usr/share/fonts/google-noto-cjk",
	"/usr/share/fonts/noto",
	"/usr/share/fonts/wenquanyi/wqy-microhei",
	"/usr/share/fonts/wqy-microhei",
	"/usr/share/fonts/wqy-zenhei-fonts",
	"/usr/share/fonts/truetype",
	"/usr/share/fonts/TTF",
	"/usr/local/share/fonts/noto",
	"/usr/local/share/fonts/wqy",
	"/usr/local/share/fonts",
	NULL,
};

/* Sturdy ones; of faces that are one family under two names, one. */
static const char *const han_names[] = {
	"NotoSansCJK-Bold.ttc", "NotoSerifCJK-Bold.ttc",
	"wqy-zenhei.ttc",	"wqy-microhei.ttc",
	"DroidSansFallbackFull.ttf", NULL,
};

static enum cf_status list_add(struct font_list *list, const char *name,
			       struct cf_error *err)
{
	if (list->n == FONT_FACES_MAX)
		return cf_fail(err, CF_FONT,
			       "more than %d font files, the last one %s: name "
			       "fewer in `fonts`",
			       FONT_FACES_MAX, name);
	list->fonts[list->n] =
		(struct font){.name = mem_strdup(MEM_FONT, name)};
	if (!list->fonts[list->n].name)
		return cf_fail(err, CF_NOMEM, "no memory for a font path");
	list->n++;
	return CF_OK;
}

void font_list_drop(struct font_list *list, size_t i)
{
	assert(i < list->n);
	mem_free(list->fonts[i].name);
	list->n--;
	for (; i < list->n; i++)
		list->fonts[i] = list->fonts[i + 1];
}

void font_list_release(struct font_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		mem_free(list->fonts[i].name);
	list->n = 0;
}

static bool has_font_ending(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && (!strcasecmp(name + len - 4, ".ttf") ||
			   !strcasecmp(name + len - 4, ".otf") ||
			   !strcasecmp(name + len - 4, ".ttc"));
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct font *)a)->name,
		      ((const struct font *)b)->name);
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
	qsort(list->fonts + first, list->n - first, sizeof(*list->fonts),
	      compare_names);
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
			       "fonts: no .ttf, .otf or .ttc file in %s", path);
	return rc;
}

enum cf_status font_list_named(struct font_list *list, const char *fonts,
			       struct cf_error *err)
{
	char path[FONT_PATH_BYTES];
	enum cf_status rc = CF_OK;
	size_t len;

	assert(!list->n);
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

/* Each of the names, in the first of the directories that has it. */
static enum cf_status find_usual(struct font_list *list,
				 const char *const *dirs,
				 const char *const *names,
				 struct cf_error *err)
{
	char path[FONT_PATH_BYTES];
	enum cf_status rc = CF_OK;

	for (size_t i = 0; names[i] && list->n < FONT_DEFAULT_FACES; i++) {
		for (size_t k = 0; dirs[k]; k++) {
			if (!join(path, dirs[k], names[i]) ||
			    access(path, R_OK))
				continue;
			rc = list_add(list, path, err);
			if (rc)
				return rc;
			break; /* the same face of another place is no gain */
		}
	}
	return CF_OK;
}

static enum cf_status add_embedded(struct font_list *list,
				   const struct font_embedded *from,
				   struct cf_error *err)
{
	char name[FONT_PATH_BYTES];
	enum cf_status rc;

	(void)snprintf(name, sizeof(name), "%s%s", built_in, from->name);
	rc = list_add(list, name, err);
	if (rc)
		return rc;
	list->fonts[list->n - 1].bytes = from->bytes;
	list->fonts[list->n - 1].len = from->len;
	return CF_OK;
}

static enum cf_status add_all_embedded(struct font_list *list,
				       struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < font_embedded_len && !rc; i++)
		rc = add_embedded(list, &font_embedded[i], err);
	return rc;
}

enum cf_status font_list_find(struct font_list *out, enum font_place place,
			      struct cf_error *err)
{
	assert(!out->n);
	switch (place) {
	case FONT_OWN:
		if (!is_dir(own_dir) || access(own_dir, R_OK))
			return CF_OK;
		return list_add_dir(out, own_dir, err);
	case FONT_BUILT_IN:
		return add_all_embedded(out, err);
	case FONT_ALPHABETIC:
		return find_usual(out, alphabetic_dirs, alphabetic_names, err);
	case FONT_HAN:
		return find_usual(out, han_dirs, han_names, err);
	}
	return cf_fail(err, CF_BUG, "fonts: place %d is unknown", (int)place);
}

struct font_char font_name_char(uint32_t c)
{
	struct font_char out;
	char bytes[UTF8_MAX_BYTES + 1];

	bytes[utf8_put(c, bytes)] = '\0';
	(void)snprintf(out.text, sizeof(out.text), "'%s' (U+%04X)", bytes,
		       (unsigned)c);
	return out;
}

enum cf_status font_none_has(uint32_t c, struct cf_error *err)
{
	return cf_fail(err, CF_FONT,
		       "no font found that has all of the alphabet, such as "
		       "%s: looked in %s, /usr/share/fonts and "
		       "/usr/local/share/fonts; %s or set `fonts`",
		       font_name_char(c).text, own_dir,
		       utf8_is_han(c)	   ? "install fonts-wqy-microhei"
		       : c <= CYRILLIC_MAX ? "install fonts-dejavu-core"
					   : "install one that has");
}
