// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum drvmem_log_level current_level = DRVMEM_LOG_WARN;

void drvmem_log__set_level(enum drvmem_log_level level)
{
	current_level = level;
}

enum drvmem_log_level drvmem_log__level(void)
{
	return current_level;
}

void drvmem_vlog(enum drvmem_log_level level, const char *fmt, va_list ap)
{
	char line[1024];
	int saved = errno;
	size_t n;

	if (level > current_level)
		return;
	/* one write per line, so that lines of several processes do not mix */
	vsnprintf(line, sizeof(line) - 1, fmt, ap);
	n = strlen(line);
	if (!n || line[n - 1] != '\n')
		strcpy(line + n, "\n");
	fprintf(stderr, "drvmem: %s", line);
	errno = saved;
}

void drvmem_log(enum drvmem_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	drvmem_vlog(level, fmt, ap);
	va_end(ap);
}
