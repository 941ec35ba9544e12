/*
 * The sandbox: see sandbox.h, landlock(7) and the kernel's
 * userspace-api/landlock. Landlock has no library.
 */
#include "base/base.h"
#include "app/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* For headers that are older than the kernel. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP	(1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif

/* The first version of Landlock's interface with each right. */
enum {
	LANDLOCK_WITH_REFER = 2,
	LANDLOCK_WITH_TRUNCATE = 3,
	LANDLOCK_WITH_NET = 4,
	LANDLOCK_WITH_IOCTL_DEV = 5,
};

/* struct landlock_ruleset_attr, as of LANDLOCK_WITH_NET */
struct ruleset {
	uint64_t handled_fs;
	uint64_t handled_net;
};

#ifdef CF_NO_SANITIZER
static const bool is_built_in = true;
#else
static const bool is_built_in = false;
#endif

/* Other calls do the same on machines of 32 bits. */
static const bool has_list = sizeof(void *) == 8;
#if defined(__i386__)
#define MACHINE "i386"
#elif defined(__arm__)
#define MACHINE "arm"
#else
#define MACHINE "this machine"
#endif

static const int allowed[] = {
	/* files, of SQLite, the pool and snapshots */
	SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(read), SCMP_SYS(write),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(writev),
	SCMP_SYS(lseek), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
	SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(fcntl), SCMP_SYS(flock),
	SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
	SCMP_SYS(fstatfs),
	SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
	SCMP_SYS(getdents64), SCMP_SYS(mkdir), SCMP_SYS(mkdirat),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rmdir),
	SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
	SCMP_SYS(fchmod), SCMP_SYS(fchown), SCMP_SYS(geteuid),
	/* requests */
	SCMP_SYS(accept4), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(setsockopt), SCMP_SYS(shutdown),
	/* memory; allow_some has mmap and mprotect */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(sysinfo), /* qsort(3) asks how much memory there is */
	/* clocks, where the vDSO makes a call; waiting; random bytes */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(sched_yield),
	SCMP_SYS(getrandom),
	/* signals, the end, and abort(3) */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(futex), SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* For syslog(3), beside socket. */
static const int allowed_syslog[] = {SCMP_SYS(connect), SCMP_SYS(sendto)};

/* For outgoing connections, and for syslog. */
static const int allowed_connect[] = {
	SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(sendto),
	SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
	SCMP_SYS(getsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
};

/* A core_pattern that is a program gets a core dump whatever the limit of its
 * size is (core(5)), so the limit alone is not enough. */
void sandbox_guard_memory(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	if (is_built_in)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void sandbox_ask(struct sandbox_parts *parts)
{
	const uint32_t action = SECCOMP_RET_ERRNO;

	*parts = (struct sandbox_parts){0};
	if (!is_built_in) {
		parts->no_filter = "a build with sanitizers has no filter";
		return;
	}
	parts->landlock = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
				       LANDLOCK_CREATE_RULESET_VERSION);
	if (parts->landlock < LANDLOCK_WITH_REFER)
		parts->landlock = 0;
	if (!has_list)
		parts->no_filter = "the program has no list for " MACHINE;
	else if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action))
		parts->no_filter = "this kernel has no filter";
	else
		parts->no_filter = NULL;
	parts->has_filter = !parts->no_filter;
}

/* --- Landlock ------------------------------------------------------------- */

static uint64_t below_dirs(int version)
{
	uint64_t rights = LANDLOCK_ACCESS_FS_READ_FILE |
			  LANDLOCK_ACCESS_FS_READ_DIR |
			  LANDLOCK_ACCESS_FS_WRITE_FILE |
			  LANDLOCK_ACCESS_FS_MAKE_REG |
			  LANDLOCK_ACCESS_FS_MAKE_DIR |
			  LANDLOCK_ACCESS_FS_REMOVE_FILE |
			  LANDLOCK_ACCESS_FS_REMOVE_DIR |
			  LANDLOCK_ACCESS_FS_REFER;

	if (version >= LANDLOCK_WITH_TRUNCATE)
		rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
	return rights;
}

/* The rights that need a rule from now on: all that this version knows. */
static struct ruleset handled(const struct sandbox *sandbox, int version)
{
	/* all bits up to REFER, and later ones by version */
	struct ruleset set = {(LANDLOCK_ACCESS_FS_REFER << 1) - 1, 0};

	if (version >= LANDLOCK_WITH_TRUNCATE)
		set.handled_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (version >= LANDLOCK_WITH_IOCTL_DEV)
		set.handled_fs |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	if (version >= LANDLOCK_WITH_NET && !sandbox->may_connect)
		set.handled_net = LANDLOCK_ACCESS_NET_BIND_TCP |
				  LANDLOCK_ACCESS_NET_CONNECT_TCP;
	return set;
}

static bool allow_dir(int rules_fd, const char *dir, uint64_t rights)
{
	struct landlock_path_beneath_attr below = {.allowed_access = rights};
	bool is_done;

	below.parent_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (below.parent_fd < 0)
		return true; /* a missing directory is passed over */
	is_done = !syscall(SYS_landlock_add_rule, rules_fd,
			   LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	(void)close(below.parent_fd);
	return is_done;
}

static enum cf_status enter_landlock(const struct sandbox *sandbox,
				     int version, struct cf_error *err)
{
	struct ruleset set = handled(sandbox, version);
	int fd = (int)syscall(SYS_landlock_create_ruleset, &set, sizeof(set),
			      0);
	bool is_done = fd >= 0;
	enum cf_status rc = CF_OK;

	for (size_t i = 0; is_done && i < sandbox->n_dirs; i++)
		is_done = allow_dir(fd, sandbox->dirs[i], below_dirs(version));
	if (!is_done || syscall(SYS_landlock_restrict_self, fd, 0))
		rc = cf_fail(err, CF_IO, "Landlock: %s", strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* --- the filter ----------------------------------------------------------- */

/* These functions return 0 or a negative errno. */

static int allow_all(scmp_filter_ctx filter, const int *calls, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return rc;
}

/* Allow calls with certain arguments. The 0 at the end of a SCMP_CMP_EQ is for
 * clang, which misses it. */
static int allow_some(scmp_filter_ctx filter)
{
	const struct {
		int call;
		struct scmp_arg_cmp arg;
	} rules[] = {
		/* no memory becomes executable after the start */
		{SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
		{SCMP_SYS(mprotect),
		 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
		/* abort(3) signals the process itself */
		{SCMP_SYS(tgkill),
		 SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0)},
		/* metrics.c asks whether another process lives */
		{SCMP_SYS(kill), SCMP_A1(SCMP_CMP_EQ, 0, 0)},
	};
	int rc = 0;

	for (size_t i = 0; i < CF_ARRAY_LEN(rules) && !rc; i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, rules[i].call, 1,
				      rules[i].arg);
	return rc;
}

static int allow_syslog(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(
		filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
		SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0),
		SCMP_A1(SCMP_CMP_MASKED_EQ,
			~(scmp_datum_t)(SOCK_CLOEXEC | SOCK_NONBLOCK),
			SOCK_DGRAM));

	return rc ? rc
		  : allow_all(filter, allowed_syslog,
			      CF_ARRAY_LEN(allowed_syslog));
}

static enum cf_status enter_filter(const struct sandbox *sandbox,
				   struct cf_error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = filter ? 0 : -ENOMEM;

	if (!rc)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	/* keep speculative execution: no untrusted code runs here */
	if (!rc)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	if (!rc)
		rc = allow_all(filter, allowed, CF_ARRAY_LEN(allowed));
	if (!rc)
		rc = allow_some(filter);
	if (!rc && sandbox->may_connect)
		rc = allow_all(filter, allowed_connect,
			       CF_ARRAY_LEN(allowed_connect));
	else if (!rc && sandbox->may_syslog)
		rc = allow_syslog(filter);
	if (!rc)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc)
		return cf_fail(err, CF_IO, "filter of system calls: %s",
			       strerror(-rc));
	return CF_OK;
}

/* --- both ----------------------------------------------------------------- */

enum cf_status sandbox_enter(const struct sandbox *sandbox,
			     struct sandbox_parts *parts, struct cf_error *err)
{
	struct sandbox_parts offer;

	sandbox_ask(&offer);
	*parts = (struct sandbox_parts){.no_filter = offer.no_filter};
	if (!is_built_in)
		return CF_OK;
	tzset(); /* reads a file that libc would else read later */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return cf_fail(err, CF_IO, "no_new_privs: %s",
			       strerror(errno));
	if (offer.landlock && !enter_landlock(sandbox, offer.landlock, err))
		parts->landlock = offer.landlock;
	if (has_list && !offer.has_filter) {
		errno = ENOSYS;
		return cf_fail(err, CF_IO, "this kernel has no filter of "
			       "system calls (seccomp) for the program");
	}
	if (has_list)
		parts->has_filter = !enter_filter(sandbox, err);
	return parts->has_filter == offer.has_filter &&
			       parts->landlock == offer.landlock
		       ? CF_OK
		       : CF_IO;
}
