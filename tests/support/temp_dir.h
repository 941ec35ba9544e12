/*
 * A directory for a test, and files in it. A failure ends the test.
 *
 * temp_dir_make, any number of the others, temp_dir_remove.
 */
#ifndef CF_TESTS_TEMP_DIR_H
#define CF_TESTS_TEMP_DIR_H

#include "base/base.h"

enum { TEMP_PATH_BYTES = 400 };

/* Below TMPDIR, or /tmp; path is TEMP_PATH_BYTES long. */
void temp_dir_make(char *path);

/* Remove the directory with its content. */
void temp_dir_remove(const char *path);

/* Open a directory; the descriptor is the caller's to close. */
int temp_dir_open(const char *path);

/* dir/name, printf-like; borrowed until the fourth call from now. */
const char *temp_path(const char *dir, const char *fmt, ...) CF_PRINTF(2, 3);

/* Replace or create a file; NUL-terminated text. */
void temp_write(const char *path, const char *text);

/* The number of entries of a directory; -1 if there is no directory. */
int temp_count(const char *path);

/* The number of regular files in it and below it. */
int temp_count_files(const char *path);

/* A link that leads nowhere exists, too. */
bool temp_exists(const char *path);

void temp_set_mtime(const char *path, int64_t unix_ms);

#endif
