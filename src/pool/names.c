/*
 * Names of ready pictures: see names.h. Directories are read on from where
 * reading stopped, so that a large pool costs no more per picture than a
 * small one.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/text.h"
#include "pool/names.h"

#include <dirent.h>

void names_init(struct names *names, const char *part)
{
	uint64_t seed;

	names->part = part;
	names->n = names->next = 0;
	names->dir_fd = -1;
	names->days.n = names->next_day = 0;
	crypt_random(&seed, sizeof(seed));
	rng_init(&names->rng, seed);
}

void names_release(struct names *names)
{
	if (names->dir_fd >= 0)
		(void)close(names->dir_fd);
	names->dir_fd = -1;
	names->n = names->next = 0;
}

bool names_parse(const char *name, char *code)
{
	size_t len;

	if (strspn(name, text_hex_digits) != NAMES_NONCE_CHARS ||
	    name[NAMES_NONCE_CHARS] != '-')
		return false;
	name += NAMES_NONCE_CHARS + 1;
	len = strspn(name, text_hex_digits);
	if (!len || len % 2 || len > 2 * POOL_CODE_MAX_BYTES ||
	    strcmp(name + len, ".png") != 0)
		return false;
	for (size_t i = 0; i < len; i += 2)
		*code++ = (char)(text_hex_value(name[i]) << 4 |
				 text_hex_value(name[i + 1]));
	*code = '\0';
	return !memchr(code - len / 2, '\0', len / 2);
}

bool names_is_ready(const char *name)
{
	char code[POOL_CODE_MAX_BYTES + 1];

	return names_parse(name, code);
}

void names_make(const char *code, char name[NAMES_NAME_BYTES])
{
	size_t n = NAMES_NONCE_CHARS;

	crypt_random_text(name, n, text_hex_digits, 16);
	name[n++] = '-';
	for (; *code && n + 7 <= NAMES_NAME_BYTES; code++, n += 2)
		text_put_hex(name + n, *code);
	memcpy(name + n, ".png", sizeof(".png"));
}

static void shuffle(struct names *names)
{
	for (size_t i = names->n; i > 1; i--) {
		size_t j = rng_below(&names->rng, (uint32_t)i);
		const char *tmp = names->name[j];

		names->name[j] = names->name[i - 1];
		names->name[i - 1] = tmp;
	}
}

/*
 * Begin somewhere in the directory, each process somewhere else: they seldom
 * meet, and the blocks at its front, which others have emptied, are not read
 * again and again. Where a file system knows no such place, the first read
 * finds the end, and reading begins at the front.
 */
static void seek_midway(struct names *names)
{
	off_t place = (off_t)(rng_u64(&names->rng) >> 2);

	names->is_midway = lseek(names->dir_fd, place, SEEK_SET) == place;
}

/* Open the next day that has a directory of ready pictures. */
static bool open_next_day(struct names *names, int root_fd,
			  const char *from_day)
{
	while (names->next_day < names->days.n) {
		const char *day = names->days.day[names->next_day++];
		char path[POOL_NAME_BYTES];

		if (strcmp(day, from_day) < 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", day, names->part);
		if (file_open_dir(root_fd, path, false, &names->dir_fd, NULL))
			continue;
		memcpy(names->day, day, sizeof(names->day));
		seek_midway(names);
		return true;
	}
	return false;
}

/* Read the next block of the directory; at its end close it. */
static void read_names(struct names *names)
{
	ssize_t len = getdents64(names->dir_fd, names->block,
				 sizeof(names->block));

	names->n = names->next = 0;
	for (ssize_t at = 0; at < len && names->n < NAMES_MAX;) {
		const struct dirent64 *entry =
			(const void *)(names->block + at);

		if (names_is_ready(entry->d_name))
			names->name[names->n++] = entry->d_name;
		at += entry->d_reclen;
	}
	if (len <= 0 && names->is_midway) {
		names->is_midway = false;
		(void)lseek(names->dir_fd, 0, SEEK_SET);
	} else if (len <= 0) {
		(void)close(names->dir_fd);
		names->dir_fd = -1;
	}
	shuffle(names);
}

const char *names_next(struct names *names, int root_fd, const char *from_day,
		       const char **day)
{
	while (names->next == names->n) {
		if (names->dir_fd < 0 &&
		    !open_next_day(names, root_fd, from_day)) {
			if (names->days.n) { /* the end of this round */
				names->days.n = names->next_day = 0;
				return NULL;
			}
			names->next_day = 0;
			if (day_list(root_fd, from_day, &names->days, NULL) ||
			    !names->days.n)
				return NULL;
			continue;
		}
		read_names(names);
	}
	*day = names->day;
	return names->name[names->next++];
}
