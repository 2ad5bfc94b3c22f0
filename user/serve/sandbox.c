// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define NOBODY	65534u

/* What looks for leaks at the end reads /proc and traces us: builds for it (make asan) are for tests, and without a filter. */
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

static int fail(struct drvmem_err *err, int e, const char *what)
{
	return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot give up %s (%s)", what, drvmem_errno_name(e));
}

uint64_t drvmem_sandbox__capabilities(void)
{
	cap_t c = cap_get_proc();
	cap_flag_value_t on;
	uint64_t mask = 0;
	int i;

	if (!c)
		return 0;
	for (i = 0; i < 64 && !cap_get_flag(c, (cap_value_t)i, CAP_PERMITTED, &on); i++)
		if (on == CAP_SET)
			mask |= 1ull << i;
	cap_free(c);
	return mask;
}

/* What exec could bring back. Needs CAP_SETPCAP, which only root has: no_new_privs holds without. */
static void drop_bounding(uint64_t mask)
{
	int i;

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (i = 0; i < 64; i++)
		if (!(mask & 1ull << i))
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
}

int drvmem_sandbox__keep(uint64_t mask)
{
	cap_t c = cap_init();
	cap_value_t v;
	int i, e = 0;

	if (!c)
		return -ENOMEM;
	mask &= drvmem_sandbox__capabilities();
	drop_bounding(mask);
	for (i = 0; i < 64; i++) {
		v = (cap_value_t)i;
		if (!(mask & 1ull << i))
			continue;
		if (cap_set_flag(c, CAP_PERMITTED, 1, &v, CAP_SET) || cap_set_flag(c, CAP_EFFECTIVE, 1, &v, CAP_SET))
			e = -errno;
	}
	if (!e && cap_set_proc(c))
		e = -errno;
	cap_free(c);
	return e;
}

const char *drvmem_sandbox__names(uint64_t mask, char *buf, uint32_t size)
{
	size_t n = 0;
	char *name;
	int i;

	snprintf(buf, size, "none");
	for (i = 0; i < 64; i++) {
		if (!(mask & 1ull << i))
			continue;
		name = cap_to_name((cap_value_t)i);
		if (!name)
			continue;
		n += (size_t)snprintf(buf + n, n < size ? size - n : 0, "%s%s", n ? ", " : "", name);
		cap_free(name);
		if (n >= size)
			break;
	}
	return buf;
}

/* A root that keeps its name could still write what belongs to root. */
static int become_nobody(struct drvmem_err *err)
{
	if (geteuid() && getuid())
		return 0;
	if (setgroups(0, NULL) && errno != EPERM)
		return fail(err, -errno, "its groups");
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)) {
		/* no CAP_SETUID: a container that gives four capabilities to uid 0; what follows holds all the same */
		if (errno == EPERM || errno == EINVAL)
			return 0;
		return fail(err, -errno, "its user");
	}
	return 0;
}

int drvmem_sandbox__no_rights(struct drvmem_err *err)
{
	const struct rlimit none = { 0, 0 };
	int e;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail(err, -errno, "new privileges");
	drop_bounding(0);	/* while it may: with its user goes the right to */
	e = become_nobody(err);
	if (e)
		return e;
	e = drvmem_sandbox__keep(0);
	if (e)
		return fail(err, e, "its capabilities");
	if ((!SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) || setrlimit(RLIMIT_CORE, &none))
		return fail(err, -errno, "core dumps");
	return 0;
}

/* What libmicrohttpd, GnuTLS, zlib and malloc ask for on sockets and memory that are there already. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
	SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(shutdown),
	SCMP_SYS(close), SCMP_SYS(fcntl), SCMP_SYS(fstat), SCMP_SYS(lseek), SCMP_SYS(setsockopt),
	SCMP_SYS(getsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(sendfile),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(eventfd2), SCMP_SYS(pipe2), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday),
	SCMP_SYS(time), SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getrusage),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall), SCMP_SYS(alarm), SCMP_SYS(setitimer), SCMP_SYS(sched_yield), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* What only somebody who took the process over would try. */
static const int deadly[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(bpf), SCMP_SYS(perf_event_open),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(mount), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(setuid), SCMP_SYS(setresuid),
};

int drvmem_sandbox__filter(struct drvmem_err *err)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	size_t i;
	int e = f ? 0 : -ENOMEM;

	if (SANITIZED) {
		seccomp_release(f);
		return 0;
	}

	for (i = 0; !e && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (allowed[i] != __NR_SCMP_ERROR)
			e = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0);
	for (i = 0; !e && i < sizeof(deadly) / sizeof(deadly[0]); i++)
		e = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
	/* the status of what is open, of no path */
	if (!e)
		e = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
				     SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
	/* memory, but none that can be run */
	if (!e)
		e = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!e)
		e = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!e)
		e = seccomp_load(f);
	if (f)
		seccomp_release(f);
	if (!e)
		return 0;
	drvmem_err__set(err, e, DRVMEM_EXIT_CANNOT_RUN, "cannot set a filter of system calls (%s)", drvmem_errno_name(e));
	drvmem_err__remedy(err, "the kernel needs CONFIG_SECCOMP_FILTER, and a container must let its processes set filters");
	return e;
}
