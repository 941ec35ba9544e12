/*
 * Processes as /proc shows them: proc(5). Where it is mounted with hidepid, or
 * not at all, processes of other users are not seen.
 */
#ifndef CF_CTL_PROC_H
#define CF_CTL_PROC_H

#include "base/buf.h"

enum { PROC_NAME_BYTES = 16 }; /* TASK_COMM_LEN of Linux, with the NUL */

/* Call look with the number of each process, until it returns true. Returns
 * whether it did. */
bool proc_find(bool (*look)(const char *pid, void *ctx), void *ctx);

/* Whether processes of other users are seen. */
bool proc_shows_others(void);

/* Write /proc/PID/file to path, cut to size bytes with the NUL. */
void proc_path(const char *pid, const char *file, char *path, size_t size);

/* Append a file of a process to out. False when there is nothing in it, or when
 * the process is gone, or this process may not read the file. */
CF_MUST_CHECK
bool proc_load(const char *pid, const char *file, struct buf *out);

/* The name of the program, cut to 15 bytes; "" when it is not known. A process
 * can give itself any name. */
void proc_name(const char *pid, char name[PROC_NAME_BYTES]);

#endif
