/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recording in many files, one after the other: what they are called, when the next one is due, which go. Command
 * layer. NAME-20260101T120000Z.drvmem: UTC, so that they sort by time.
 */
#ifndef DRVMEM_ROTATING_H
#define DRVMEM_ROTATING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct drvmem_rotating_opts {
	uint64_t every_ns;	/* of a file; 0 = not by time */
	uint64_t size_bytes;	/* of a file; 0 = not by size */
	uint64_t keep;		/* files of this name, the one that is written among them; 0 = all */
};

struct drvmem_rotating {
	const struct drvmem_rotating_opts *o;
	const char *name;	/* as asked for: with or without .drvmem */
	char path[4096];	/* of the present file */
	uint64_t due_ns, began_unix;
};

bool drvmem_rotating__on(const struct drvmem_rotating_opts *o);
/* The first file, or the next one, from now on: r->path. -ENAMETOOLONG with err. */
DRVMEM_MUST_CHECK int drvmem_rotating__next(struct drvmem_rotating *r, struct drvmem_err *err);
/* Whether the next one is due; bytes: of the present one. Never twice in one second of the clock, nor onto a file. */
bool drvmem_rotating__due(const struct drvmem_rotating *r, uint64_t bytes);
/* The oldest files go that are too many. What cannot be deleted is told and stays. */
void drvmem_rotating__tidy(const struct drvmem_rotating *r);

#endif /* DRVMEM_ROTATING_H */
