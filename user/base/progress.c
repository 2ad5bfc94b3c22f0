// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

void drvmem_progress__begin(struct drvmem_progress *p, int fd, const char *verb, const char *object)
{
	const char *slash = strrchr(object, '/');

	*p = (struct drvmem_progress){ .fd = isatty(fd) ? fd : -1, .due_ns = drvmem_now_ns() + DRVMEM_PROGRESS_WAIT_NS };
	snprintf(p->what, sizeof(p->what), "drvmem: %s %.60s", verb, slash ? slash + 1 : object);
}

static void put(struct drvmem_progress *p, const char *text)
{
	if (write(p->fd, text, strlen(text)) < 0)
		p->fd = -1;	/* the terminal is gone: nobody to tell */
}

void drvmem_progress__step(struct drvmem_progress *p, uint64_t done, uint64_t total)
{
	char text[256], far[48] = "";
	uint64_t now;

	if (!p || p->fd < 0)
		return;
	p->done = done;
	p->total = total;
	now = drvmem_now_ns();
	if (now < p->due_ns)
		return;
	p->due_ns = now + DRVMEM_PROGRESS_STEP_NS;
	p->shown = true;
	if (total)
		snprintf(far, sizeof(far), ", %" PRIu64 " of %" PRIu64, done, total);
	snprintf(text, sizeof(text), "\r%s%s \033[K", p->what, far);
	put(p, text);
}

void drvmem_progress__tick(struct drvmem_progress *p)
{
	if (p)
		drvmem_progress__step(p, p->done, p->total);
}

void drvmem_progress__clear(struct drvmem_progress *p)
{
	if (p && p->shown && p->fd >= 0)
		put(p, "\r\033[K");
	if (p)
		p->shown = false;
}

void drvmem_progress__end(struct drvmem_progress *p)
{
	drvmem_progress__clear(p);
	if (p)
		p->fd = -1;
}
