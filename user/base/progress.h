/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line on stderr for work that takes longer than a second: what is done, and how far it is. Only where stderr is
 * a terminal; the line is gone when the work is done. One at a time in a process.
 */
#ifndef DRVMEM_BASE_PROGRESS_H
#define DRVMEM_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct drvmem_progress {
	char what[128];		/* "drvmem: reading night.drvmem" */
	int fd;			/* of the terminal; -1 = there is none */
	uint64_t due_ns;	/* the next time the line is written */
	uint64_t done, total;	/* as told last */
	bool shown;
};

#define DRVMEM_PROGRESS_WAIT_NS		1000000000ull
#define DRVMEM_PROGRESS_STEP_NS		200000000ull

/* fd: stderr, in general. Nothing is written yet. */
void drvmem_progress__begin(struct drvmem_progress *p, int fd, const char *verb, const char *object);
/* done of total steps; total 0 = nobody knows. Cheap enough to be called for each step; p may be NULL. */
void drvmem_progress__step(struct drvmem_progress *p, uint64_t done, uint64_t total);
/* Still at the same step. */
void drvmem_progress__tick(struct drvmem_progress *p);
/* The line goes for now, the work goes on. */
void drvmem_progress__clear(struct drvmem_progress *p);
/* The line goes; p may be NULL, and used again after another __begin(). */
void drvmem_progress__end(struct drvmem_progress *p);

#endif /* DRVMEM_BASE_PROGRESS_H */
