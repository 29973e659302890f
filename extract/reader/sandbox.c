/* sandbox.c - see sandbox.h.
 *
 * Three fences, each of which would do against most: limits of resources, Landlock for
 * files, a filter of system calls.  A call that no honest reader makes (a socket, a
 * process, a file opened for writing) ends the worker, so that it is seen; others fail
 * with EPERM, since libraries try many a thing that they can do without.
 *
 * Memory is bounded by RLIMIT_DATA and not RLIMIT_AS, so that a large file may be mapped;
 * shared and executable mappings, which it does not count, are refused.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "extract/reader/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "extract/reader/sandbox_memory.h"
#include "extract/wire.h"

/* Character tables that poppler reads when a document needs them. */
static const char sandbox_data[] = "/usr/share/poppler";

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_ASAN 1
#endif
#ifndef SANDBOX_ASAN
#define SANDBOX_ASAN 0 /* its shadow memory is beyond any limit */
#endif

/* ---- limits ------------------------------------------------------------------------- */

static bool
sandbox_limit(int what, uint64_t n)
{
	struct rlimit now, l = { n, n };

	if (getrlimit((unsigned)what, &now) != 0)
		return false;
	if (now.rlim_max < n)
		l.rlim_cur = l.rlim_max = now.rlim_max;
	return setrlimit((unsigned)what, &l) == 0;
}

static bool
sandbox_limits(uint64_t memory)
{
	return (SANDBOX_ASAN || sandbox_limit(RLIMIT_DATA, memory)) && sandbox_limit(RLIMIT_FSIZE, 0) &&
	       sandbox_limit(RLIMIT_CORE, 0) && sandbox_limit(RLIMIT_NOFILE, 16) && sandbox_limit(RLIMIT_NPROC, 0) &&
	       sandbox_limit(RLIMIT_MEMLOCK, 0) && sandbox_limit(RLIMIT_MSGQUEUE, 0);
}

/* ---- files ---------------------------------------------------------------------------- */

/* All rights that the kernel's version of Landlock knows of. */
static uint64_t
landlock_rights(int abi)
{
	unsigned bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;

	return ((uint64_t)1 << bits) - 1;
}

/* False: there is no Landlock, or it cannot be used. */
static bool
sandbox_files(void)
{
	struct landlock_ruleset_attr attr = { 0 };
	struct landlock_path_beneath_attr below = { .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
								      LANDLOCK_ACCESS_FS_READ_DIR };
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION), rules;
	bool ok = true;

	if (abi < 1)
		return false;
	attr.handled_access_fs = landlock_rights(abi);
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);
	if (rules < 0)
		return false;
	below.parent_fd = open(sandbox_data, O_PATH | O_CLOEXEC);
	if (below.parent_fd >= 0) {
		ok = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0;
		close(below.parent_fd);
	}
	ok = ok && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	close(rules);
	return ok;
}

/* ---- system calls ----------------------------------------------------------------------- */

static const int sandbox_allowed[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(recvmsg),
	SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(sendto), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(lseek),
	SCMP_SYS(getdents64), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(getrandom), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction),
	SCMP_SYS(sigaltstack), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(getrusage), SCMP_SYS(sysinfo),
	SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(restart_syscall),
};

static const int sandbox_deadly[] = {
	SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept),
	SCMP_SYS(accept4), SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(clone),
	SCMP_SYS(clone3), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(kill),
	SCMP_SYS(tkill), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(pidfd_send_signal), SCMP_SYS(pidfd_getfd), SCMP_SYS(creat),
	SCMP_SYS(openat2), SCMP_SYS(truncate), SCMP_SYS(ftruncate), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
	SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir),
	SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(chmod), SCMP_SYS(fchmod),
	SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(mount), SCMP_SYS(bpf), SCMP_SYS(io_uring_setup),
	SCMP_SYS(memfd_create), SCMP_SYS(userfaultfd), SCMP_SYS(perf_event_open), SCMP_SYS(unshare), SCMP_SYS(setns),
};

static bool
filter_open(scmp_filter_ctx f, bool files)
{
	uint32_t reading = files ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EACCES);
	uint64_t harm = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;

	return seccomp_rule_add(f, reading, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, harm, 0)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, O_WRONLY, O_WRONLY)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, O_RDWR, O_RDWR)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(open), 0) == 0;
}

static bool
filter_memory(scmp_filter_ctx f)
{
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_SHARED | MAP_PRIVATE, MAP_PRIVATE)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

/* Argument `arg` is `value`.  (libseccomp's own macros leave a member out, which clang minds.) */
static struct scmp_arg_cmp
filter_is(unsigned arg, scmp_datum_t value)
{
	struct scmp_arg_cmp c = { .arg = arg, .op = SCMP_CMP_EQ, .datum_a = value };

	return c;
}

/* fstat as glibc makes it; reading limits; abort. */
static bool
filter_self(scmp_filter_ctx f)
{
	return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
				SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, filter_is(0, 0), filter_is(2, 0)) == 0 &&
	       seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, filter_is(0, (scmp_datum_t)getpid())) == 0;
}

static bool
sandbox_calls(bool files)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok = f != NULL;

	for (size_t i = 0; ok && i < countof(sandbox_allowed); i++)
		ok = seccomp_rule_add(f, SCMP_ACT_ALLOW, sandbox_allowed[i], 0) == 0;
	for (size_t i = 0; ok && i < countof(sandbox_deadly); i++)
		ok = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, sandbox_deadly[i], 0) == 0;
	ok = ok && seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 && filter_open(f, files) && filter_memory(f) &&
	     filter_self(f) && seccomp_load(f) == 0;
	seccomp_release(f);
	return ok;
}

/* ---- all of it --------------------------------------------------------------------------- */

/* A library that was refused memory has given up: say so by the exit status. */
static void
sandbox_gave_up(int signal_number)
{
	if (sandbox_memory_was_out())
		_exit(WIRE_EXIT_MEMORY);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void
sandbox_exits(void)
{
	if (sandbox_memory_was_out())
		_exit(WIRE_EXIT_MEMORY);
}

cdg_status
sandbox_close(uint64_t memory, bool *landlock, cdg_error *err)
{
	static const int signals[] = { SIGABRT, SIGTRAP };

	for (size_t i = 0; i < countof(signals); i++)
		signal(signals[i], sandbox_gave_up);
	atexit(sandbox_exits);
	if (close_range(3, ~0u, 0) != 0 && errno != ENOSYS)
		return err_errno(err, "close", "what was inherited");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(err, "give up", "privileges");
	if (!sandbox_limits(memory))
		return err_errno(err, "set", "limits");
	*landlock = sandbox_files();
	if (!sandbox_calls(*landlock))
		return err_set(err, CDG_E_IO, "the kernel takes no filter of system calls (seccomp)");
	return CDG_OK;
}
