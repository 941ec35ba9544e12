/*
 * The sandbox: a process gives up, for good and for its children too, what
 * serving does not need.
 *
 *	no_new_privs	no program gives it other rights, not that it may
 *			start any
 *	Landlock	of all files, those below a few directories alone; no
 *			TCP but the socket it has (Linux 6.7)
 *	a filter	of system calls, those of a list alone, by seccomp
 *
 * What is refused fails with EPERM, or EACCES by Landlock, and the process
 * goes on: its errors are handled, as those of a full disk are. Where the
 * kernel audits, its log has what the filter refused (seccomp(2),
 * SECCOMP_FILTER_FLAG_LOG).
 *
 * Enter when all is open and loaded. Builds with sanitizers have none of it:
 * those need more of the system than the program does.
 */
#ifndef CF_APP_SANDBOX_H
#define CF_APP_SANDBOX_H

#include "base/status.h"

/*
 * What every process does before it has codes in memory, whatever the settings
 * say: it leaves no core dump, other processes of its user cannot look into
 * its memory (prctl(2), PR_SET_DUMPABLE), and no program gives it other
 * rights. Its children have that from it. A build with sanitizers can be
 * looked into, since the search for leaks does that.
 */
void sandbox_guard_memory(void);

/* What is kept. */
struct sandbox {
	/* Directories: files and directories below them are read, made,
	 * written, moved and removed. One that is not there is passed over. */
	const char *const *dirs;
	size_t n_dirs;
	bool may_syslog;  /* syslog(3): datagrams to a local socket */
	bool may_connect; /* outgoing connections, TCP and local */
};

/* What there is of it. */
struct sandbox_parts {
	int landlock; /* the version of its interface; 0: none */
	bool has_filter;
};

/* What the kernel has for this program. Landlock of Linux before 5.19 is none:
 * it lets no file be moved to another directory. */
void sandbox_ask(struct sandbox_parts *parts);

/*
 * Enter it.
 *
 * parts    what is in force from now on, also on failure
 * returns  CF_OK, also where the kernel has no Landlock; CF_IO when something
 *          else was not to be had, err filled
 */
CF_MUST_CHECK
enum cf_status sandbox_enter(const struct sandbox *sandbox,
			     struct sandbox_parts *parts,
			     struct cf_error *err);

#endif
