// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/devowner.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void drvmem_devowner__link(int dirfd, const char *name, char *buf, size_t size)
{
	char text[PATH_MAX];
	const char *last;
	ssize_t n = readlinkat(dirfd, name, text, sizeof(text) - 1);

	buf[0] = '\0';
	if (n <= 0)
		return;
	text[n] = '\0';
	last = strrchr(text, '/');
	last = last ? last + 1 : text;
	if (strlen(last) < size)
		memcpy(buf, last, strlen(last) + 1);
}

/*
 * Drivers that are built in may have a module link too (drivers/base/module.c:
 * module_add_driver()); only what was loaded has an initstate.
 */
void drvmem_devowner__read(int dirfd, struct drvmem_devowner *ret)
{
	memset(ret, 0, sizeof(*ret));
	drvmem_devowner__link(dirfd, "driver", ret->driver, sizeof(ret->driver));
	if (!ret->driver[0])
		return;
	drvmem_devowner__link(dirfd, "driver/module", ret->module, sizeof(ret->module));
	if (!ret->module[0] || faccessat(dirfd, "driver/module/initstate", F_OK, 0))
		snprintf(ret->module, sizeof(ret->module), "kernel");
}
