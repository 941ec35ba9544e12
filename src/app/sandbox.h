/*
 * The sandbox: a process gives up the rights that serving does not need, for
 * good and for its children too.
 *
 *	no_new_privs	no program can give the process other rights
 *	Landlock	only files below a few directories, and no TCP but the
 *			open sockets (Linux 6.7)
 *	seccomp		only the system calls of a list
 *
 * A refused call fails with EPERM, or by Landlock with EACCES, and the process
 * handles the error like that of a full disk. A kernel that audits logs the
 * calls that the filter refuses (seccomp(2), SECCOMP_FILTER_FLAG_LOG).
 *
 * Enter when all is open and loaded. Builds with sanitizers have no sandbox,
 * since sanitizers need more of the system.
 */
#ifndef CF_APP_SANDBOX_H
#define CF_APP_SANDBOX_H

#include "base/status.h"

/*
 * Guard the memory before it has codes, with or without a sandbox: the process
 * and its children leave no core dump, other processes of their user cannot
 * read their memory (prctl(2), PR_SET_DUMPABLE), and no program can give them
 * other rights. In a build with sanitizers memory stays readable, for the
 * search for leaks.
 */
void sandbox_guard_memory(void);

/* The rights that the process keeps. */
struct sandbox {
	/* Below these directories files and directories may be read, made,
	 * written, moved and removed. A missing directory is passed over. */
	const char *const *dirs;
	size_t n_dirs;
	bool may_syslog;  /* syslog(3): datagrams to a local socket */
	bool may_connect; /* outgoing connections, TCP and local */
};

/* The parts of a sandbox. */
struct sandbox_parts {
	int landlock; /* the version of Landlock's interface; 0: none */
	bool has_filter;
	const char *no_filter; /* why the kernel or this program has none */
};

/* The parts that the kernel and this program have. Landlock before Linux 5.19
 * does not count: it lets no file be moved to another directory. The filter has
 * a list for machines of 64 bits. */
void sandbox_ask(struct sandbox_parts *parts);

/*
 * Enter the sandbox.
 *
 * parts    the parts in force from now on, also after a failure
 * returns  CF_OK, also where the kernel has no Landlock, or the program no
 *          list for the machine; CF_IO when another part is not in force
 */
CF_MUST_CHECK
enum cf_status sandbox_enter(const struct sandbox *sandbox,
			     struct sandbox_parts *parts,
			     struct cf_error *err);

#endif
