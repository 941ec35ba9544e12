/*
 * Names of ready pictures: see ready.h. Reading goes on where it stopped: so a
 * picture of a large pool costs no more than a picture of a small one.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/text.h"
#include "pool/ready.h"

#include <dirent.h>

void ready_init(struct ready *ready, const char *part)
{
	uint64_t seed;

	ready->part = part;
	ready->n = ready->next = 0;
	ready->dir_fd = -1;
	ready->days.n = ready->next_day = 0;
	crypt_random(&seed, sizeof(seed));
	rng_init(&ready->rng, seed);
}

void ready_release(struct ready *ready)
{
	if (ready->dir_fd >= 0)
		(void)close(ready->dir_fd);
	ready->dir_fd = -1;
	ready->n = ready->next = 0;
}

bool ready_parse(const char *name, char *code)
{
	size_t len;

	if (strspn(name, text_hex_digits) != READY_NONCE_CHARS ||
	    name[READY_NONCE_CHARS] != '-')
		return false;
	name += READY_NONCE_CHARS + 1;
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

bool ready_is_name(const char *name)
{
	char code[POOL_CODE_MAX_BYTES + 1];

	return ready_parse(name, code);
}

void ready_make(const char *code, char name[READY_NAME_BYTES])
{
	size_t n = READY_NONCE_CHARS;

	crypt_random_text(name, n, text_hex_digits, 16);
	name[n++] = '-';
	for (; *code && n + 7 <= READY_NAME_BYTES; code++, n += 2)
		text_put_hex(name + n, *code);
	memcpy(name + n, ".png", sizeof(".png"));
}

static void shuffle(struct ready *ready)
{
	for (size_t i = ready->n; i > 1; i--) {
		size_t j = rng_below(&ready->rng, (uint32_t)i);
		const char *tmp = ready->name[j];

		ready->name[j] = ready->name[i - 1];
		ready->name[i - 1] = tmp;
	}
}

/*
 * Begin at a random place of the directory: then processes seldom meet, and the
 * blocks at its front, which other processes have emptied, are not read again
 * and again. On a file system that knows no such place the first read finds the
 * end, and reading begins at the front.
 */
static void seek_midway(struct ready *ready)
{
	off_t place = (off_t)(rng_u64(&ready->rng) >> 2);

	ready->is_midway = lseek(ready->dir_fd, place, SEEK_SET) == place;
}

/* Open the next day that has a directory of ready pictures. */
static bool open_next_day(struct ready *ready, int root_fd,
			  const char *from_day)
{
	while (ready->next_day < ready->days.n) {
		const char *day = ready->days.day[ready->next_day++];
		char path[POOL_NAME_BYTES];

		if (strcmp(day, from_day) < 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", day, ready->part);
		if (file_open_dir(root_fd, path, false, &ready->dir_fd, NULL))
			continue;
		memcpy(ready->day, day, sizeof(ready->day));
		seek_midway(ready);
		return true;
	}
	return false;
}

/* Read the next block of the directory; at its end close it. */
static void read_names(struct ready *ready)
{
	ssize_t len = getdents64(ready->dir_fd, ready->block,
				 sizeof(ready->block));

	ready->n = ready->next = 0;
	for (ssize_t at = 0; at < len && ready->n < READY_MAX;) {
		const struct dirent64 *entry =
			(const void *)(ready->block + at);

		if (ready_is_name(entry->d_name))
			ready->name[ready->n++] = entry->d_name;
		at += entry->d_reclen;
	}
	if (len <= 0 && ready->is_midway) {
		ready->is_midway = false;
		(void)lseek(ready->dir_fd, 0, SEEK_SET);
	} else if (len <= 0) {
		(void)close(ready->dir_fd);
		ready->dir_fd = -1;
	}
	shuffle(ready);
}

const char *ready_next(struct ready *ready, int root_fd, const char *from_day,
		       const char **day)
{
	while (ready->next == ready->n) {
		if (ready->dir_fd < 0 &&
		    !open_next_day(ready, root_fd, from_day)) {
			if (ready->days.n) { /* the end of this round */
				ready->days.n = ready->next_day = 0;
				return NULL;
			}
			ready->next_day = 0;
			if (days_list(root_fd, from_day, &ready->days, NULL) ||
			    !ready->days.n)
				return NULL;
			continue;
		}
		read_names(ready);
	}
	*day = ready->day;
	return ready->name[ready->next++];
}
