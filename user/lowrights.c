// SPDX-License-Identifier: GPL-2.0-or-later
#include "lowrights.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stop.h"
#include "serve/sandbox.h"

#ifndef CAP_PERFMON
#define CAP_PERFMON	38
#define CAP_BPF		39
#endif

#define BIT(c)		(1ull << (c))
#define TRY_SECONDS	5u	/* six of them: less than a watchdog waits */

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
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || drvmem_sandbox__keep(set) || prctl(PR_SET_PDEATHSIG, SIGKILL))
			_exit(1);
		_exit(!works(arg));
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
		if (drvmem_stop__signal())
			kill(pid, SIGKILL);
	}
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

int drvmem_lowrights__drop(bool (*works)(void *arg), void *arg, uint64_t *ret_kept)
{
	uint64_t have = drvmem_sandbox__capabilities();
	/* to make the next web process nobody, and to end one that hangs: only root has and needs them */
	uint64_t own = geteuid() ? 0 : have & (BIT(CAP_SETUID) | BIT(CAP_SETGID) | BIT(CAP_KILL));
	size_t i;
	int e;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (drvmem_stop__signal())
			return -EINTR;
		if ((sets[i] & have) != sets[i] || !works_with(sets[i] | own, works, arg))
			continue;
		e = drvmem_sandbox__keep(sets[i] | own);
		if (!e)
			*ret_kept = drvmem_sandbox__capabilities();
		return e;
	}
	return -EPERM;
}
