/*
 * Settings files: any bytes are settings or refused, with the line. Accepted
 * values are in their ranges. Printed and read again they are the same. So are
 * the values of each profile. Sites have keys of their own, and no secret is
 * left in the clear.
 */
#include "base/base.h"
#include "conf/settings.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { PATH_BYTES = 64, PRINTED_MAX_BYTES = 1 << 20 };

/* A file in memory, and the path that opens it from its beginning. */
struct memory_file {
	int fd;
	char path[PATH_BYTES];
};

static struct memory_file input, empty;

static void make_file(struct memory_file *file)
{
	file->fd = memfd_create("settings", MFD_CLOEXEC);
	FUZZ_CHECK(file->fd >= 0);
	(void)snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d",
		       file->fd);
}

static void write_file(const struct memory_file *file, const void *ptr,
		       size_t n)
{
	FUZZ_CHECK(!ftruncate(file->fd, 0));
	FUZZ_CHECK(pwrite(file->fd, ptr, n, 0) == (ssize_t)n);
}

/* The error begins with "path:line: ", and the file has that line, unless the
 * file is too long. */
static void check_refusal(const struct cf_error *err, const uint8_t *data,
			  size_t n)
{
	size_t n_path = strlen(input.path);
	long n_lines = 1, line;
	char *end;

	for (size_t i = 0; i < n; i++)
		n_lines += data[i] == '\n';
	FUZZ_CHECK(err->status == CF_CONFIG);
	FUZZ_CHECK(!strncmp(err->text, input.path, n_path));
	if (n > SETTINGS_FILE_MAX_BYTES)
		return;
	FUZZ_CHECK(err->text[n_path] == ':');
	line = strtol(err->text + n_path + 1, &end, 10);
	FUZZ_CHECK(line >= 1 && line <= n_lines);
	FUZZ_CHECK(!strncmp(end, ": ", 2) && end[2]);
}

/* The values alone, as if all were defaults. */
static void print(struct settings settings, struct buf *out)
{
	settings.n_sections = 0;
	settings.n_sites = 0;
	memset(settings.from, 0, sizeof(settings.from));
	settings_print(&settings, out);
	FUZZ_CHECK(!buf_status(out, NULL));
}

/* Each line "key = value", tab, "# default" as "key=value"; how many. They
 * are made in place. */
static size_t make_sets(struct buf *printed, char *sets[SETTINGS_N_MAX])
{
	static const char tail[] = "\t# default";
	char *at = printed->ptr;
	size_t n = 0;

	while (*at) {
		char *end = strchr(at, '\n');
		char *equals = strstr(at, " = ");

		FUZZ_CHECK(end && equals && n < SETTINGS_N_MAX);
		*end = '\0';
		end -= strlen(tail);
		FUZZ_CHECK(end > equals && !strcmp(end, tail));
		*end = '\0';
		memmove(at + 2, at, (size_t)(equals - at));
		equals[2] = '=';
		sets[n++] = at + 2;
		at = end + strlen(tail) + 1;
	}
	return n;
}

static bool is_in(int64_t n, int64_t min, int64_t max)
{
	return n >= min && n <= max;
}

/* Check the ranges on which other code relies for sizes and indexes. */
static void check_ranges(const struct settings *settings)
{
	const struct settings_profile *p = &settings->base;

	FUZZ_CHECK(is_in(p->attempts, 1, 5));
	FUZZ_CHECK(is_in(p->width_px, 60, p->width_px) &&
		   p->width_px * p->scale <= SETTINGS_DRAWN_WIDTH_MAX_PX);
	FUZZ_CHECK(is_in(p->height_px, 24, p->height_px) &&
		   p->height_px * p->scale <= SETTINGS_DRAWN_HEIGHT_MAX_PX);
	FUZZ_CHECK(is_in(p->offset_px, 0, p->width_px));
	FUZZ_CHECK(is_in(p->length_min, 1, p->length_max) &&
		   is_in(p->length_max, 1, 12));
	FUZZ_CHECK(is_in(p->kind, 0, SETTINGS_KIND_WORDS));
	FUZZ_CHECK(is_in(p->difficulty, 0, SETTINGS_HARD));
	FUZZ_CHECK(is_in(p->theme, 0, SETTINGS_THEME_DARK));
	FUZZ_CHECK(is_in(settings->log_level, 0, LOG_LEVEL_DEBUG));
	FUZZ_CHECK(!alphabet_check(p->alphabet, NULL));
}

/* Print the settings and read them again: they are accepted, and the same. */
static void check_whole(const struct settings *settings)
{
	static struct settings again;
	struct cf_error err = CF_ERROR_INIT;
	char *sets[SETTINGS_N_MAX];
	struct buf first, second;
	enum cf_status rc;
	size_t n;

	buf_init(&first, PRINTED_MAX_BYTES);
	buf_init(&second, PRINTED_MAX_BYTES);
	print(*settings, &first);
	check_ranges(settings);
	n = make_sets(&first, sets);
	settings_init(&again);
	rc = settings_load(&again, empty.path, NULL, sets, n, &err);
	if (rc)
		(void)fprintf(stderr, "%s\n", err.text);
	FUZZ_CHECK(!rc && !again.n_sections);
	buf_reset(&first);
	print(*settings, &first);
	print(again, &second);
	FUZZ_CHECK(!strcmp(first.ptr, second.ptr));
	buf_release(&first);
	buf_release(&second);
	settings_release(&again);
}

static void check_sections(const struct settings *settings)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	FUZZ_CHECK(settings->n_sections <= SETTINGS_PROFILES_MAX);
	for (size_t i = 0; i < settings->n_sections; i++) {
		const struct settings_section *section = settings->sections[i];
		const char *name = section->name;
		struct settings whole = *settings;

		FUZZ_CHECK(name[0] && name[strspn(name, chars)] == '\0');
		FUZZ_CHECK(strlen(name) <= SETTINGS_PROFILE_MAX_CHARS);
		FUZZ_CHECK(strcmp(name, SETTINGS_BASE_NAME) != 0);
		for (size_t j = 0; j < i; j++) {
			FUZZ_CHECK(strcmp(name, settings->sections[j]->name) !=
				   0);
			FUZZ_CHECK(settings->sections[j]->line < section->line);
		}
		whole.base = section->profile;
		check_whole(&whole);
	}
}

static bool has_profile(const struct settings *settings, const char *name)
{
	if (!name[0] || !strcmp(name, SETTINGS_BASE_NAME))
		return true;
	for (size_t i = 0; i < settings->n_sections; i++)
		if (!strcmp(name, settings->sections[i]->name))
			return true;
	return false;
}

static void check_site(const struct settings *settings, size_t i)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	const struct settings_site *site = settings->sites[i];
	const char *name = site->name;

	FUZZ_CHECK(name[0] && name[strspn(name, chars)] == '\0');
	FUZZ_CHECK(strlen(name) <= SETTINGS_SITE_MAX_CHARS);
	FUZZ_CHECK(site->sitekey[0] &&
		   strlen(site->sitekey) <= SETTINGS_SITEKEY_MAX_CHARS);
	FUZZ_CHECK(!site->secret[0]); /* zeroed */
	FUZZ_CHECK(site->n_secrets <= SETTINGS_SECRETS_MAX);
	FUZZ_CHECK(site->n_secrets || settings->n_sites == 1);
	FUZZ_CHECK(is_in(site->token_ttl_s, 30, 600));
	FUZZ_CHECK(has_profile(settings, site->profile));
	for (size_t k = 0; k < i; k++) {
		FUZZ_CHECK(strcmp(name, settings->sites[k]->name) != 0);
		FUZZ_CHECK(strcmp(site->sitekey,
				  settings->sites[k]->sitekey) != 0);
	}
}

static void check_sites(const struct settings *settings)
{
	FUZZ_CHECK(settings->n_sites >= 1 &&
		   settings->n_sites <= SETTINGS_SITES_MAX);
	for (size_t i = 0; i < settings->n_sites; i++)
		check_site(settings, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct settings settings;
	struct cf_error err = CF_ERROR_INIT;
	int64_t n_blocks = mem_use(MEM_CONFIG).n_blocks;

	if (!input.path[0]) {
		make_file(&input);
		make_file(&empty);
	}
	write_file(&input, data, n);
	settings_init(&settings);
	if (settings_load(&settings, input.path, NULL, NULL, 0, &err)) {
		check_refusal(&err, data, n);
	} else {
		FUZZ_CHECK(!strcmp(settings.file, input.path));
		check_whole(&settings);
		check_sections(&settings);
		check_sites(&settings);
	}
	settings_release(&settings);
	FUZZ_CHECK(mem_use(MEM_CONFIG).n_blocks == n_blocks);
	return 0;
}
