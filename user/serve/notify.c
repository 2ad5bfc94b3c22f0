// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/opt.h"

static uint64_t env_u64(const char *name)
{
	const char *text = getenv(name);
	uint64_t v;

	return text && !drvmem_parse_u64(text, &v) ? v : 0;
}

void drvmem_notify__open(struct drvmem_notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	uint64_t pid = env_u64("WATCHDOG_PID");
	socklen_t len;

	n->fd = -1;
	n->watchdog_ns = 0;
	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(un.sun_path))
		return;
	strcpy(un.sun_path, path);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (*path == '@')
		un.sun_path[0] = '\0';
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->fd >= 0 && connect(n->fd, (struct sockaddr *)&un, len))
		drvmem_notify__close(n);
	if (n->fd >= 0 && (!pid || pid == (uint64_t)getpid()))
		n->watchdog_ns = env_u64("WATCHDOG_USEC") * 1000;
}

void drvmem_notify__close(struct drvmem_notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

void drvmem_notify(const struct drvmem_notify *n, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (n->fd < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (send(n->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return;		/* said in the header */
}

uint32_t drvmem_notify__listen_fds(void)
{
	uint64_t n = env_u64("LISTEN_FDS");

	if (env_u64("LISTEN_PID") != (uint64_t)getpid())
		n = 0;
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	return n > 64 ? 64 : (uint32_t)n;
}
