/*
 * A directory of a test's own, and a few things to do with files in it.
 * Failures end the test.
 *
 * temp_dir_make, the others, temp_dir_remove.
 */
#ifndef CF_TESTS_TEMP_DIR_H
#define CF_TESTS_TEMP_DIR_H

#include "base/base.h"

enum { TEMP_PATH_BYTES = 400 };

/* Below TMPDIR, or /tmp; path is TEMP_PATH_BYTES long. */
void temp_dir_make(char *path);

/* With all that is in it. */
void temp_dir_remove(const char *path);

/* dir/name, printf-like; borrowed until the fourth call from now. */
const char *temp_path(const char *dir, const char *fmt, ...) CF_PRINTF(2, 3);

/* Replace or create; NUL-terminated text. */
void temp_write(const char *path, const char *text);

/* How many entries a directory has, -1 if it is not there. */
int temp_count(const char *path);

/* How many regular files there are in it and below it. */
int temp_count_files(const char *path);

/* Whether there is something of this name. */
bool temp_exists(const char *path);

/* Set the time of the last change. */
void temp_set_mtime(const char *path, int64_t unix_ms);

#endif
