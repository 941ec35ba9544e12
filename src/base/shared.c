/*
 * Memory that processes share: see shared.h.
 */
#include "base/base.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/shared.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* In front of the bytes, which begin at a cache line. */
struct head {
	uint64_t magic;
	uint64_t n_bytes; /* of the file */
	uint64_t unused[6];
};

_Static_assert(sizeof(struct head) == 64, "a cache line");

struct shared {
	struct head *head;
	size_t n_bytes; /* of the file */
};

enum { TRIES_MAX = 100 }; /* each time another process replaced the file */

static enum cf_status fail(struct cf_error *err, int sys_errno,
			   const char *what, const char *name)
{
	return cf_fail(err, file_status(sys_errno), "cannot %s %s: %s", what,
		       name, strerror(sys_errno));
}

/* CF_EMPTY when the file has another kind or size. */
static enum cf_status map(int fd, const char *name, uint64_t magic,
			  struct shared *shared, struct cf_error *err)
{
	struct stat st;
	void *at;

	if (fstat(fd, &st))
		return fail(err, errno, "look at", name);
	if (!S_ISREG(st.st_mode) || st.st_size != (off_t)shared->n_bytes)
		return CF_EMPTY;
	at = mmap(NULL, shared->n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		  fd, 0);
	if (at == MAP_FAILED)
		return fail(err, errno, "map", name);
	shared->head = at;
	if (shared->head->magic == magic &&
	    shared->head->n_bytes == shared->n_bytes)
		return CF_OK;
	(void)munmap(at, shared->n_bytes);
	shared->head = NULL;
	return CF_EMPTY;
}

/* Give an empty file its bytes. The head comes last: map refuses the file of a
 * process that died before. */
static enum cf_status fill(int fd, const char *name, uint64_t magic,
			   const struct shared *shared, struct cf_error *err)
{
	struct head head = {.magic = magic, .n_bytes = shared->n_bytes};
	int sys_errno = posix_fallocate(fd, 0, (off_t)shared->n_bytes);

	if (!sys_errno && pwrite(fd, &head, sizeof(head), 0) !=
				  (ssize_t)sizeof(head))
		sys_errno = errno ? errno : EIO;
	return sys_errno ? fail(err, sys_errno, "write", name) : CF_OK;
}

/* Whether the name still belongs to the file. */
static bool is_named(int dir_fd, const char *name, const struct stat *st)
{
	struct stat now;

	return !fstatat(dir_fd, name, &now, AT_SYMLINK_NOFOLLOW) &&
	       now.st_dev == st->st_dev && now.st_ino == st->st_ino;
}

/* Fill an empty file. Remove a file of another kind, unchanged: processes may
 * have it mapped. CF_EMPTY when the file of that name is now another. */
static enum cf_status make(int dir_fd, int fd, const char *name,
			   uint64_t magic, struct shared *shared,
			   struct cf_error *err)
{
	struct stat st;
	enum cf_status rc;

	if (flock(fd, LOCK_EX))
		return fail(err, errno, "lock", name);
	if (fstat(fd, &st))
		return fail(err, errno, "look at", name);
	if (!is_named(dir_fd, name, &st))
		return CF_EMPTY;
	if (st.st_size == 0) {
		rc = fill(fd, name, magic, shared, err);
		if (rc)
			(void)unlinkat(dir_fd, name, 0);
		return rc ? rc : map(fd, name, magic, shared, err);
	}
	rc = map(fd, name, magic, shared, err);
	if (rc == CF_EMPTY && unlinkat(dir_fd, name, 0))
		return fail(err, errno, "replace", name);
	return rc;
}

enum cf_status shared_open(int dir_fd, const char *name, size_t n_bytes,
			   uint64_t magic, struct shared **out,
			   struct cf_error *err)
{
	struct shared *shared = mem_alloc(MEM_OTHER, 1, sizeof(*shared));
	enum cf_status rc = CF_EMPTY;

	*out = NULL;
	if (!shared)
		return cf_fail(err, CF_NOMEM, "no memory for %s", name);
	shared->n_bytes = sizeof(struct head) + n_bytes;
	for (int i = 0; rc == CF_EMPTY && i < TRIES_MAX; i++) {
		int fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_CLOEXEC |
					      O_NOFOLLOW, 0600);

		if (fd < 0) {
			rc = fail(err, errno, "open", name);
			break;
		}
		rc = map(fd, name, magic, shared, err);
		if (rc == CF_EMPTY)
			rc = make(dir_fd, fd, name, magic, shared, err);
		/* closing is not enough: the mapping keeps the lock */
		(void)flock(fd, LOCK_UN);
		(void)close(fd);
	}
	if (rc == CF_EMPTY)
		rc = cf_fail(err, CF_IO, "%s is replaced again and again",
			     name);
	if (rc) {
		mem_free(shared);
		return rc;
	}
	*out = shared;
	return CF_OK;
}

enum cf_status shared_open_in(const char *dir, const char *name, size_t n_bytes,
			      uint64_t magic, struct shared **out,
			      struct cf_error *err)
{
	int fd;
	enum cf_status rc = file_open_made_dir(dir, &fd, err);

	*out = NULL;
	if (rc)
		return rc;
	rc = shared_open(fd, name, n_bytes, magic, out, err);
	(void)close(fd);
	return rc;
}

void *shared_bytes(struct shared *shared)
{
	return shared->head + 1;
}

void shared_close(struct shared *shared)
{
	if (!shared)
		return;
	(void)munmap(shared->head, shared->n_bytes);
	mem_free(shared);
}
