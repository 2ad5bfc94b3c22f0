// SPDX-License-Identifier: GPL-2.0-or-later
#include "lowrights.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/sandbox.h"

#ifndef CAP_PERFMON
#define CAP_PERFMON	38
#define CAP_BPF		39
#endif

#define BIT(c)		(1ull << (c))
#define TRY_SECONDS	20u

/* Names of modules that come later need kallsyms, some counts files of root; BPF before 5.19 asks at every look. */
static const uint64_t sets[] = {
	0,
	BIT(CAP_SYSLOG),
	BIT(CAP_DAC_READ_SEARCH),
	BIT(CAP_SYSLOG) | BIT(CAP_DAC_READ_SEARCH),
	BIT(CAP_SYSLOG) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_BPF),
	BIT(CAP_SYSLOG) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_BPF) | BIT(CAP_PERFMON),
};

static bool works_with(uint64_t set, bool (*works)(void *arg), void *arg)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return false;
	if (!pid) {
		/* a try that hangs is one that does not work */
		signal(SIGALRM, SIG_DFL);
		alarm(TRY_SECONDS);
		_exit(drvmem_sandbox__keep(set) || !works(arg));
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

int drvmem_lowrights__drop(bool (*works)(void *arg), void *arg, uint64_t *ret_kept)
{
	uint64_t have = drvmem_sandbox__capabilities();
	size_t i;
	int e;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if ((sets[i] & have) != sets[i] || !works_with(sets[i], works, arg))
			continue;
		e = drvmem_sandbox__keep(sets[i]);
		if (!e)
			*ret_kept = drvmem_sandbox__capabilities();
		return e;
	}
	return -EPERM;
}
