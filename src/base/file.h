/*
 * Files and directories, always below a held directory descriptor, never
 * through a symbolic link. Files are 0600, directories 0700.
 */
#ifndef CF_BASE_FILE_H
#define CF_BASE_FILE_H

#include "base/buf.h"

/* The status for an errno: CF_NOT_FOUND, CF_FULL, CF_NOMEM or CF_IO. */
enum cf_status file_status(int sys_errno);

/* The directory of path's last component: "." for a name alone. Cut to size
 * bytes, with the NUL. */
void file_parent(const char *path, char *dir, size_t size);

/* Whether there is something of this path. A symbolic link may lead nowhere. */
bool file_is_there(const char *path);

/* Create the directory path, 0700, and its missing parents, with parents_mode
 * less the umask. No fault if it is there. */
CF_MUST_CHECK
enum cf_status file_make_dirs(const char *path, mode_t parents_mode,
			      struct cf_error *err);

/* Open a directory, below dir_fd or, with AT_FDCWD, by its path. With make,
 * it is created 0700 if missing. *fd is the caller's to close; -1 on failure.
 * A last component that is a symbolic link is refused below a dir_fd and
 * followed by path: where the cache lies is the operator's choice. */
CF_MUST_CHECK
enum cf_status file_open_dir(int dir_fd, const char *name, bool make, int *fd,
			     struct cf_error *err);

/* Open a directory by its path; create it with its parents if missing. */
CF_MUST_CHECK
enum cf_status file_open_made_dir(const char *path, int *fd,
				  struct cf_error *err);

/* Append the whole file to out. CF_TOO_LARGE past out's maximum, which then
 * holds a part of the file; CF_NOT_FOUND if there is none. */
CF_MUST_CHECK
enum cf_status file_load(int dir_fd, const char *name, struct buf *out,
			 struct cf_error *err);

/* Write all the bytes to an open file. False on failure, errno says why. */
CF_MUST_CHECK
bool file_write(int fd, const void *ptr, size_t len);

/* Create name, which must not exist, with these bytes. On failure no file is
 * left. No fsync. CF_FULL when the disk is. */
CF_MUST_CHECK
enum cf_status file_create(int dir_fd, const char *name, const void *ptr,
			   size_t len, struct cf_error *err);

#endif
