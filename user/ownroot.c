// SPDX-License-Identifier: GPL-2.0-or-later
#include "ownroot.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/log.h"

/* What is mounted last at this process's "/" is the tmpfs that dist/early/start names so. */
static bool is_own_root(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	bool own = false;

	while (f && getline(&line, &size, f) > 0) {
		char at[4];

		/* ID, parent, device, root, mount point; a longer one is cut to what is not "/" */
		if (sscanf(line, "%*s %*s %*s %*s %3s", at) == 1 && !strcmp(at, "/"))
			own = strstr(line, " - tmpfs drvmem ");
	}
	return own;
}

void drvmem_ownroot__leave(void)
{
	int e;

	if (!is_own_root()) {
		drvmem_log_warn("--leave-root: '/' is no tmpfs by the name drvmem; it stays mounted");
		return;
	}
	if (!umount2("/", MNT_DETACH))
		return;
	e = errno;
	drvmem_log_warn("--leave-root: cannot unmount the root directory of this process: %s", strerror(e));
}
